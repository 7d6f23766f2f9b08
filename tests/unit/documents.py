#!/usr/bin/python3
"""What CONTRIBUTING.md, README.md, examples/README.md and docs/*.md name is there: each path, each test, and each function, table or member.
In docs/security.md each risk of the list names a test.

Usage: documents.py SOURCE_ROOT
"""
import pathlib
import re
import sys

DOCUMENTS = ["CONTRIBUTING.md", "README.md", "examples/README.md", "docs/behaviour.md", "docs/operation.md", "docs/plans.md", "docs/security.md"]
FOLDERS = ["src", "include", "migrations", "packaging", "tests", "tools"]
TEXTS = {".c", ".h", ".def", ".sql", ".py", ".build", ".yaml"}
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")
PATH = re.compile(r"[\w.-]+(/[\w.-]+)*/?")
TEST = re.compile(r"^(?:def|static void) (test_\w+)\(", re.M)
RISK = re.compile(r"^\| (API\d+) .*\|(.*)\|$", re.M)
RISKS = [f"API{number}" for number in range(1, 11)]
NAME = re.compile(r"([a-z][a-z0-9]*_[a-z0-9_]+|[a-z][a-z0-9]*(?=\())(\(.*\))?")


def untested(table, tests):
    """Risks that are missing from the table, or whose last column names no test that there is."""
    named = {risk: set(re.findall(r"\btest_\w+", cell)) & tests for risk, cell in RISK.findall(table)}
    return [f"docs/security.md: {risk} names no test" for risk in RISKS if not named.get(risk)]


def main():
    root = pathlib.Path(sys.argv[1])
    files = [path for folder in FOLDERS for path in (root / folder).rglob("*") if "node_modules" not in path.parts]
    words, tests = set(), set()
    for path in [*files, root / "openapi.yaml", *root.glob("demo/*")]:
        if path.is_file() and path.suffix in TEXTS:
            text = path.read_text(encoding="utf-8")
            words.update(re.findall(r"\w+", text))
            tests.update(TEST.findall(text))
    names_of_files = {path.name for path in [*files, *root.iterdir()]}
    tests.update(name.removesuffix(".py") for name in names_of_files if name.startswith("test_"))
    faults = untested((root / "docs/security.md").read_text(encoding="utf-8"), tests)
    for document in DOCUMENTS:
        text = re.sub(r"^```.*?^```", "", (root / document).read_text(encoding="utf-8"), flags=re.S | re.M)
        for target in LINK.findall(text):
            if not ((root / document).parent / target).exists():
                faults.append(f"{document}: there is no {target}")
        for quoted in QUOTED.findall(text):
            name = NAME.fullmatch(quoted)
            if name and name[1] not in (tests if name[1].startswith("test_") else words):
                faults.append(f"{document}: nothing is called {quoted}")
            elif not name and PATH.fullmatch(quoted) and quoted.split("/")[0] in FOLDERS and not (root / quoted).exists():
                faults.append(f"{document}: there is no {quoted}")
            elif re.fullmatch(r"[a-z_]+\.(c|h|py|sql|sh|def)", quoted) and quoted not in names_of_files:
                faults.append(f"{document}: there is no file {quoted}")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
