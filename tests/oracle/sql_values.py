"""Values as SQL."""
SQL_TYPES = {"boolean": "boolean", "text": "text", "integer": "numeric", "decimal": "numeric", "date": "date", "instant": "timestamptz"}
LOCAL = "AT TIME ZONE INTERVAL '+07:00'"
FIRST, LAST = "DATE '0001-01-01'", "DATE '9999-12-31'"


def literal(value, kind):
    if value is None:
        return f"NULL::{SQL_TYPES[kind]}"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "'" + text.replace("'", "''") + f"'::{SQL_TYPES[kind]}"
