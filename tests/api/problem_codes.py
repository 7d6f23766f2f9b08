"""The fixed words of refusals as the source has them: what openapi.yaml lists is held against it.

A code stands as a literal in a call of violate() or of a function that has a parameter `code`, in a table of constraints or of bars,
in a table whose rows begin with one, or is a word of a vocabulary: a fault of a rule set, an overall result, a place."""
import re

from contract import DOCUMENT
from service import ROOT

LITERAL = r'"((?:[^"\\]|\\.)*)"'
# Tables of (code, …) that are no constraints or bars: where, and the array's name.
TABLES = [("src/rounds/quota.c", "quota_words"), ("src/http/input/rows_words.c", "words"), ("src/rounds/registers.c", "faults"), ("src/imports/units.c", "reasons"), ("src/imports/items.c", "reasons")]
# Functions that take a code and put it into the problem.
TAKERS = {"violate", "violate_unit", "wrong", "unreadable", "malformed", "row_fault"}


def sources():
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        yield path, re.sub(r"(?m)//.*$", "", path.read_text(encoding="utf-8"))


def arguments(text, at):
    """What stands between the bracket at that place and its end, by commas."""
    depth, found, begin, quoted = 0, [], at + 1, False
    while True:
        letter = text[at]
        if quoted:
            at += letter == "\\"
            quoted = letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "([{":
            depth += 1
        elif letter in ")]}" or letter == "," and depth == 1:
            depth -= letter != ","
            if depth == 0 or letter == ",":
                found.append(text[begin:at].strip())
                begin = at + 1
            if depth == 0:
                return found
        at += 1


def takers():
    """Function → which of its arguments is a code."""
    found = {}
    for _, text in sources():
        for match in re.finditer(rf"\b({'|'.join(TAKERS)})\(([^(){{}};]*const char \*code\b[^(){{}};]*)\)", text):
            names = [re.search(r"(\w+)\s*$", part).group(1) for part in match[2].split(",")]
            found[match[1]] = names.index("code")
    assert found.keys() == TAKERS
    return found


def array(text, name):
    body = text.index("{", re.search(rf"\b{name}\[\]\s*=", text).end())
    return arguments(text, body)


def words_of(name):
    return {word for word in DOCUMENT["components"]["schemas"][name]["enum"] if word}


PROBLEMS = re.findall(r'(?m)^PROBLEM\((\w+), (\d+), "([^"]+)"', (ROOT / "src/http/problem.def").read_text(encoding="utf-8"))


def problem_types(of=lambda status: True):
    return [f"urn:thidua:problem:{kind}" for _, status, kind in PROBLEMS if of(int(status))]


def problems_of_nobody():
    """Those that no code refuses with."""
    given = {name for _, text in sources() for name in re.findall(r"\bPROBLEM_(\w+)", text)}
    return [name for name, *_ in PROBLEMS if name not in given]


def codes():
    """(the codes, what stands in the place of one and is neither a literal nor of a known vocabulary)"""
    found, other, taking = set(), [], takers()
    # Handed on from a parameter or from one of the tables here.
    known = {"code", "const char *code", "rule->constraint", "quota_words[word].why", "bar->why", "fault->why", "words[fault].code", "fault->code", "violation.code",
             "wrong[i].reason", "named->reason"}
    vocabularies = {"unit->overall": ("Overall", "ELIGIBLE"), "status": ("StandingStatus", "SECURE"), "barred->decided": ("StandingStatus", "SECURE")}
    for path, text in sources():
        for match in re.finditer(rf"\b({'|'.join(taking)})\(", text):
            given = arguments(text, match.end() - 1)
            place = given[taking[match[1]]] if taking[match[1]] < len(given) else ""
            if place in vocabularies:
                name, good = vocabularies[place]  # which is no reason to refuse
                found |= words_of(name) - {good}
            elif re.fullmatch(rf"{LITERAL}|[^\"]*\?\s*{LITERAL}\s*:\s*{LITERAL}", place, re.S):
                found |= set(re.findall(LITERAL, place))
            elif place.endswith("problem_type(refused->kind)"):  # of one write among many, which has no fault of its own to name
                found |= set(re.findall(LITERAL, place)) | {
                    kind.rsplit(":", 1)[1] for kind in problem_types({403, 404, 409, 412, 422, 428}.__contains__) if "idempotency" not in kind}
            elif place not in known:
                other.append((path.name, match[0], place))
        found |= set(re.findall(rf"\.code = {LITERAL}", text))
        for table in re.finditer(r"struct (constraint_problem|unit_bar) \w+\[\]\s*=", text):
            for row in arguments(text, text.index("{", table.end())):
                cells = arguments(row, 0) if row.startswith("{") else []
                if len(cells) > 2 and (table[1] == "unit_bar" or cells[2] != "NULL"):
                    found |= set(re.findall(LITERAL, cells[0]))
    texts = dict(sources())
    for file, name in TABLES:
        for row in filter(None, array(texts[ROOT / file], name)):
            found |= set(re.findall(LITERAL, arguments(row, row.index("{"))[0]))
    faults = (ROOT / "include/thidua/rule_fault.def").read_text(encoding="utf-8")
    found |= set(re.findall(r"(?m)^RULE_FAULT\((\w+)", faults))
    return found - {""}, other  # of what has a code of another meaning, which it does not have yet
