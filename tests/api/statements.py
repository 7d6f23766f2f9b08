"""The SQL that the program carries, as the build wrote it into C files beside the program."""
import pathlib
import re

from service import PROGRAM

LITERAL = r'"((?:[^"\\\n]|\\.)*)"'
STATEMENT = re.compile(rf'\.name = "(?P<name>[a-z][a-z0-9_]*)",[^\n]*\.sql =(?P<lines>(?:\s*{LITERAL.replace("((", "(?:(")})+)')


def statements():
    """name → SQL with $1, $2 …"""
    found = {}
    for file in sorted(pathlib.Path(PROGRAM).parent.rglob("*.c")):
        for match in STATEMENT.finditer(file.read_text(encoding="utf-8")):
            quoted = "".join(re.findall(LITERAL, match["lines"]))
            found[match["name"]] = re.sub(r"\\(.)", lambda escape: {"n": "\n"}.get(escape[1], escape[1]), quoted)
    return found
