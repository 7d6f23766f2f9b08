"""What people read holds words and no codes. A code or a member's name that a caller has to write stands in quotes."""
import functools
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

LABELS = {}
for name, code, vi, en in re.findall(r'^LABEL\("(\w+)", "([^"]+)", "([^"]+)", "([^"]+)"\)', (ROOT / "src/base/pure/label.def").read_text(), re.M):
    LABELS.setdefault(name, {})[code] = {"vi": vi, "en": en}
CODES = {code for codes in LABELS.values() for code in codes if re.fullmatch("[A-Z_]{4,}", code)}

# What stands in quotes is written as it is; so are addresses of this API, names of settings, and headers.
QUOTED = re.compile(r'"[^"]*"|\b(?:GET|PUT|POST|PATCH|DELETE) [^ ,;]+|/v1/[^ ,;]*|\bTHIDUA_[A-Z_]+|https?:[^ ]*')
CODE = re.compile(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b|\b(?:" + "|".join(sorted(CODES)) + r")\b")
MEMBER = re.compile(r"(?<![\w./-])[a-z]+(?:_[a-z]+)+(?![\w-])")
# A title in capitals, as a sheet has: every word of it looks like a code.
HEADLINE = re.compile(r"[A-Z]+(?: (?:[A-Z]+|%s))+")
# 92.50: one point, one or two digits behind it; not a part of a longer name such as 000.00.04.H10 or III.1.2.
DECIMAL = re.compile(r"(?<![\w.,/-])\d+\.\d{1,2}(?![\w./-])")


@functools.lru_cache(10_000)  # answers say the same again and again
def raw_codes(text, language="vi"):
    """The codes, names of members and, in Vietnamese, decimals with a point that a text shows to people."""
    if HEADLINE.fullmatch(text):
        return []
    plain = QUOTED.sub(" ", text)
    return CODE.findall(plain) + MEMBER.findall(plain) + (DECIMAL.findall(plain) if language == "vi" else [])


def texts_of(value):
    """Every text in two languages of an answer, wherever it stands."""
    if isinstance(value, dict):
        for language in ("vi", "en"):
            if value.keys() >= {"vi", "en"} and isinstance(value[language], str):
                yield language, value[language]
        value = list(value.values())
    for member in value if isinstance(value, list) else []:
        yield from texts_of(member)


def texts_of_problem(problem, language):
    yield language, problem["title"]
    for part in (problem, *problem.get("errors", [])):
        if "detail" in part:
            yield language, part["detail"]
