#!/usr/bin/env python3
"""Turn .sql files into C: named statements and numbered migrations, so that the program carries all of its SQL.

A statement begins with a line `-- name: NAME [quick] [binary]` and ends where the next one begins:
  quick   also prepared on the loops' own connections (reads answered by the quick lane);
  binary  its result columns travel in PostgreSQL's binary format.
"""
import hashlib
import pathlib
import re
import sys

HEADER = re.compile(r"^-- name: ([a-z][a-z0-9_]*)((?: quick| binary)*)$", re.M)


def c_string(text):
    lines = text.split("\n")
    quoted = ['    "%s\\n"' % line.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?") for line in lines]
    return "\n".join(quoted)


def statements(paths):
    for path in paths:
        text = path.read_text(encoding="utf-8")
        marks = list(HEADER.finditer(text))
        if not marks:
            sys.exit(f"{path}: no '-- name:' line")
        for mark, following in zip(marks, marks[1:] + [None]):
            body = text[mark.end():following.start() if following else None].strip().rstrip(";")
            code = "\n".join(line for line in body.split("\n") if not line.lstrip().startswith("--"))
            numbers = [int(n) for n in re.findall(r"\$(\d+)", code)]
            count = max(numbers, default=0)
            if set(numbers) != set(range(1, count + 1)):
                sys.exit(f"{path}: {mark[1]}: parameters are not $1…${count} without gaps")
            yield mark[1], code, count, "quick" in mark[2], "binary" in mark[2]


def write_statements(out, header, paths):
    found = list(statements(paths))
    names = [name for name, *_ in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"statement names used twice: {sorted(twice)}")
    with open(header, "w", encoding="utf-8") as file:
        file.write("// Generated from the .sql files by tools/embed_sql.py.\n#ifndef THIDUA_STATEMENTS_H\n"
                   "#define THIDUA_STATEMENTS_H\n#include \"database/statement.h\"\n")
        file.writelines(f"extern const struct statement {name};\n" for name in names)
        file.write("extern const struct statement *const all_statements[];\nextern const int all_statements_count;\n")
        file.write("#endif\n")
    with open(out, "w", encoding="utf-8") as file:
        file.write('#include "statements.h"\n')
        for name, code, count, quick, binary in found:
            file.write(f"const struct statement {name} = {{.name = \"{name}\", .parameters = {count}, "
                       f".quick = {str(quick).lower()}, .binary = {str(binary).lower()}, .sql =\n{c_string(code)}}};\n")
        file.write("const struct statement *const all_statements[] = {\n")
        file.writelines(f"    &{name},\n" for name in names)
        file.write(f"}};\nconst int all_statements_count = {len(names)};\n")


def write_migrations(out, paths):
    with open(out, "w", encoding="utf-8") as file:
        file.write('#include "database/migrate.h"\nconst struct migration all_migrations[] = {\n')
        before = 0
        for path in sorted(paths):
            text = path.read_text(encoding="utf-8")
            number = int(path.name.split("_")[0])
            if number <= before:
                sys.exit(f"{path}: a migration number above {before:04d} expected")
            before = number
            digest = hashlib.sha256(text.encode()).hexdigest()
            file.write(f'{{.number = {number}, .name = "{path.stem}", .sha256 = "{digest}", .sql =\n{c_string(text)}}},\n')
        file.write(f"}};\nconst int all_migrations_count = {len(paths)};\n")


if __name__ == "__main__":
    kind, out, *rest = sys.argv[1:]
    if kind == "statements":
        write_statements(out, rest[0], [pathlib.Path(p) for p in rest[1:]])
    else:
        write_migrations(out, [pathlib.Path(p) for p in rest])
