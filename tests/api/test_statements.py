"""Every named statement, as PostgreSQL describes it, has the parameters and columns that its head declares.

The functions that tools/embed_statements.py makes of a head read columns by their place, so a head that says something
else than its SQL would hand over the wrong column.
"""
import pathlib
import re
import subprocess
import sys

import pytest

from service import PSQL
from statements import statements

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import embed_statements  # noqa: E402

FILES = [path for path in sorted((ROOT / "src").glob("*/*.sql")) if not path.stem.endswith("_functions")]
NUMBERS = {"smallint", "integer", "bigint"}
# What a type in a head may be in PostgreSQL. A text may be read of anything that has one form as a text.
COLUMNS = {"bool": {"boolean"}, "int": NUMBERS, "bytes": {"bytea"}}
PARAMETERS = {"bool": {"boolean", "text"}, "int": NUMBERS | {"text"}, "bytes": {"bytea"}}


def psql(service, script):
    return subprocess.run([PSQL, "-h", str(service.var / "socket"), "-U", "thidua_owner", "-d", "thidua", "-AtXq", "-v", "ON_ERROR_STOP=1"],
                          input=script, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()


def described(service, code):
    """[(name, type)] of the columns, and the types of the parameters."""
    lines = psql(service, f"{code}\n\\gdesc\n\\echo ===\nPREPARE described AS {code};\n"
                          "SELECT unnest(parameter_types) FROM pg_prepared_statements WHERE name = 'described';")
    end = lines.index("===")
    columns = [tuple(line.split("|", 1)) for line in lines[:end] if "|" in line]
    return columns, lines[end + 1:]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_heads_say_what_the_database_says(service, path):
    faults = []
    for statement in embed_statements.statements(path):
        code = statement.code.removeprefix(embed_statements.OPENS)
        if code != statement.code:  # PostgreSQL wants a type for every parameter, and these are asked about by the answer alone
            rest = ", ".join(f"${n}::text" for n in range(1, len(statement.parameters) + 1) if not re.search(rf"\${n}\b", code)) or "NULL"
            code = f"SELECT walked.* FROM ({code}) walked WHERE num_nulls({rest}) >= 0"
        if statement.is_a("copy") or code.startswith(("FETCH", "CLOSE", "DECLARE")):
            continue  # these cannot be described
        columns, parameters = described(service, code)
        names, declared = [name for name, _ in columns], [name for name, _ in statement.columns]
        if statement.is_a("read") and len(names) == len(declared):
            names = declared  # the columns of a read are known by their place
        if names != declared:
            faults.append(f"{statement.name}: declares {declared}, gives {names}")
            continue
        for (name, kind), (_, found) in zip(statement.columns, columns):
            if found.split("(")[0] not in COLUMNS.get(kind, {found}) - ({"bytea"} if kind == "text" else set()):
                faults.append(f"{statement.name}: the column {name} is declared {kind} and is {found}")
            elif statement.binary and kind not in ("bytes", "text"):
                faults.append(f"{statement.name}: beside bytes, {name} must be a text")
            elif statement.binary and kind == "text" and found != "text":
                faults.append(f"{statement.name}: in the binary format {name} is read as a text, and is {found}")
        for (name, kind, _), found in zip(statement.parameters, parameters, strict=True):
            if found not in PARAMETERS.get(kind, {found}) or (kind != "bytes" and found == "bytea"):
                faults.append(f"{statement.name}: the parameter {name} is declared {kind} and is {found}")
    assert not faults, "\n".join(faults)


def test_whose_own_units_are_is_asked_once():
    """Which units are the caller's own follows from a walk through the tree. IN (SELECT …) may walk it for every row that it is compared with."""
    asked = [statement for path in FILES for statement in embed_statements.statements(path) if "own_units(" in statement.code]
    assert {"contestant_stake", "quota_stake"} <= {statement.name for statement in asked}
    assert not [statement.name for statement in asked if statement.code.count("own_units(") != statement.code.count("= ANY (ARRAY(SELECT own_units(")]


def test_a_wrong_head_is_found(service, tmp_path):
    path = tmp_path / "wrong.sql"
    path.write_text("-- name: swapped one () -> version, id\nSELECT 1 AS id, 2 AS version\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="swapped: declares"):
        test_heads_say_what_the_database_says(service, path)


def test_a_round_is_planned_once(service, campaign):
    """Functions in SQL that read tables would be planned for each read anew, which took most of its time; all readers of a round read it
    again after a commit. The statement itself may be planned for its values."""
    read = statements()["round_get"]
    ask = f"EXECUTE read('{campaign.rsplit('/', 1)[1]}', 2024, 0, NULL);\n"
    done = subprocess.run([PSQL, "-h", str(service.var / "socket"), "-U", "postgres", "-d", "thidua", "-AtXq", "-v", "ON_ERROR_STOP=1"],
                          input=f"PREPARE read AS {read};\n{ask * 10}SET client_min_messages = log; SET log_planner_stats = on;\n{ask}",
                          capture_output=True, text=True, timeout=60, check=True)
    assert len(done.stdout.splitlines()) == 11 and done.stderr.count("PLANNER STATISTICS") <= 1
