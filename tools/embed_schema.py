#!/usr/bin/env python3
"""Turn the files of the schema into C, so that the program carries them: numbered files, and files of functions in the order given.

    embed_schema.py OUTPUT NUMBERED… -- FUNCTIONS…

CONTRIBUTING.md ("The schema") says what belongs into which; what can be checked of that without a database is checked here.
"""
import collections
import hashlib
import pathlib
import re
import sys

# What may stand at the left margin of a file of functions, and so begin a statement. Bodies are indented, or are one of the last four.
# A constraint trigger has no OR REPLACE: its DROP stands above it.
STATEMENT = re.compile(r"CREATE (OR REPLACE (FUNCTION|VIEW|TRIGGER)|CONSTRAINT TRIGGER) |COMMENT ON (FUNCTION|VIEW|TRIGGER) |REVOKE |"
                       r"DROP (FUNCTION|VIEW|TRIGGER) IF EXISTS |DO \$\$|RETURNS |LANGUAGE |\$\$|BEGIN$|DECLARE$|END \$\$;|EXCEPTION ")
DEFINED = re.compile(r"^CREATE (?:OR REPLACE )?(?:FUNCTION|VIEW) (\w+)", re.M)


def c_string(text):
    lines = text.split("\n")
    return "\n".join('    "%s\\n"' % line.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?") for line in lines)


def c_table(name, files):
    rows = "".join(f'    {{.key = "{key}", .name = "{path.stem}", .sha256 = "{hashlib.sha256(text.encode()).hexdigest()}", .sql =\n'
                   f"{c_string(text)}}},\n" for key, path, text in files)
    return f"static const struct schema_file {name}[] = {{\n{rows}}};\n"


def numbered_files(paths):
    """(number, path, text), in order."""
    files = [(int(path.name.split("_")[0]), path, path.read_text(encoding="utf-8")) for path in sorted(paths)]
    numbers = [number for number, *_ in files]
    if numbers[0] < 1 or any(a >= b for a, b in zip(numbers, numbers[1:])):
        sys.exit(f"numbers of migrations must rise from 1: {numbers}")
    return files


def functions_files(paths):
    """(name, path, text), in the order given."""
    files = [(path.stem, path, path.read_text(encoding="utf-8")) for path in paths]
    for _, path, text in files:
        if not path.name.endswith("_functions.sql"):
            sys.exit(f"{path}: a file of functions is called …_functions.sql")
        for number, line in enumerate(text.split("\n"), 1):
            if line and not line[0].isspace() and not line.startswith("--") and not STATEMENT.match(line):
                sys.exit(f"{path}:{number}: a file of functions may be applied again at any time: "
                         "CREATE OR REPLACE, COMMENT ON, REVOKE and DROP … IF EXISTS only, of functions, views and triggers")
    return files


def check_one_definition(numbered, functions):
    """A name is defined once. Only a later numbered file may replace what an earlier one defines."""
    defined = collections.Counter(name for _, _, text in functions for name in DEFINED.findall(text))
    defined.update({name for _, _, text in numbered for name in DEFINED.findall(text)})
    twice = sorted(name for name, count in defined.items() if count > 1)
    if twice:
        sys.exit(f"defined more than once: {', '.join(twice)}")


def main(out, *rest):
    split = rest.index("--")
    numbered = numbered_files([pathlib.Path(path) for path in rest[:split]])
    functions = functions_files([pathlib.Path(path) for path in rest[split + 1:]])
    check_one_definition(numbered, functions)
    whole = hashlib.sha256("".join(text for _, _, text in numbered + functions).encode()).hexdigest()
    pathlib.Path(out).write_text('// Generated from the .sql files by tools/embed_schema.py.\n#include "database/migrate.h"\n'
                                 + c_table("migrations", numbered) + c_table("functions", functions)
                                 + "const struct schema program_schema = {\n"
                                 + f"    .migrations = migrations, .migrations_count = {len(numbered)},\n"
                                 + f"    .functions = functions, .functions_count = {len(functions)},\n"
                                 + f'    .sha256 = "{whole}",\n}};\n', encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
