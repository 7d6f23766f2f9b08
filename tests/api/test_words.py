"""Vietnamese speaks Vietnamese wherever a person reads, and English English: no code, no name of a member, decimals with a comma.
The texts of the C source and of the SQL are looked at here as they stand; contract.py looks at every answer of every test."""
import csv
import io
import re

import openpyxl
import pytest

from service import ROOT
from test_export_lists import LISTS, XLSX, Tables
from test_contract import ROUTES
from words import CODES, LABELS, raw_codes

LITERAL = r'"(?:[^"\\\n]|\\.)*"'
LITERALS = rf"{LITERAL}(?:\s*{LITERAL})*"
VIETNAMESE = re.compile("[À-ÖØ-öø-ỹđĐ]")


@pytest.mark.parametrize("text, raw", [
    ("Đơn vị là ELIGIBLE.", ["ELIGIBLE"]), ("Nhóm SO_BAN_NGANH", ["SO_BAN_NGANH"]), ("hãy nêu legal_basis.", ["legal_basis"]),
    ("Chỉ số 92.50 điểm", ["92.50"]), ('Phải là một trong: "DRAFT" (Dự thảo).', []), ("Mã như H10.58 hoặc 000.00.04.H10", []),
    ("Chỉ số 92,50; tiền 7.020.000 đồng; khoản III.1.a", []), ("hãy thử bằng POST /v1/what-if.", []), ("QĐ-UBND, THIDUA_SECRET_KEY", [])])
def test_what_a_raw_code_is(text, raw):
    assert raw_codes(text) == raw


def said(literals):
    return "".join(re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), part[1:-1]) for part in re.findall(LITERAL, literals))


def sources(*endings):
    for folder in ("src", "include"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings and path.name != "label.def":
                yield path


def source_pairs():
    """(place, Vietnamese, English): each Vietnamese literal with the literal after the comma behind it."""
    for path in sources(".c", ".h", ".def"):
        text = re.sub(r"(?m)^\s*//.*$|(?<=[;,{}]) // .*$", "", path.read_text())
        for name, meant in re.findall(rf"#define (\w+) ({LITERALS})\n", text):
            text = re.sub(rf"\b{name}\b", lambda _: meant, re.sub(rf"#define {name} .*\n", "", text))
        text = re.sub(r"\bPRI[a-z]\d+\b|\bJSON_INTEGER_FORMAT\b", '"0"', text)
        for vi in re.finditer(LITERALS, text):
            if VIETNAMESE.search(said(vi[0])):
                en = re.match(rf"\s*,\s*({LITERALS})", text[vi.end():])
                yield f"{path.relative_to(ROOT)}: {said(vi[0])[:60]}", said(vi[0]), said(en[1]) if en else None


PAIRS = list(source_pairs())


def test_no_text_of_the_source_shows_a_code():
    assert len(PAIRS) > 500
    shown = [(place, raw_codes(vi), raw_codes(en or "", "en")) for place, vi, en in PAIRS if raw_codes(vi) or raw_codes(en or "", "en")]
    assert not shown


def test_texts_are_in_both_languages():
    """say(request, vi, en), the rows of tables, the columns of lists."""
    alone = {vi for place, vi, en in PAIRS if not en and not vi.startswith("thidua: ") and not OF_PAPERS.match(place)} - ENGLISH_WITH_NAMES - CHOSEN_BY_CODE
    assert not alone, "a Vietnamese text without its English one"


# A paper is in Vietnamese alone (NĐ 30/2020, art. 1 and Phụ lục I).
OF_PAPERS = re.compile(r"src/paper/|src/campaigns/wording\.c|src/rounds/yearly/|src/\w+/(\w+_)?papers?(_\w+)?\.c:")
# English sentences with a Vietnamese word in them: each is the English half of a pair.
ENGLISH_WITH_NAMES = {en for _, _, en in PAIRS if en}
# Where the code asks for the language and writes the English text elsewhere.
CHOSEN_BY_CODE = {"có", "không", "; chênh lệch: ", "%s: %s. Thực tế: %s; yêu cầu: %s%s%s.%s%s",
                  "Kết quả từng tiêu chí, theo điều khoản", "Đ", "đ"}


def test_no_text_of_the_sql_shows_a_code():
    for path in sources(".sql"):
        text = re.sub(r"COMMENT ON .*?';\n", "", re.sub(r"--[^\n]*", "", path.read_text()), flags=re.S)
        for literal in re.findall(r"'((?:[^']|'')*)'", text):
            assert not VIETNAMESE.search(literal) or not raw_codes(literal), (path, literal)


# ---- tables ----

@pytest.fixture(scope="module")
def tables(service, clients):
    return Tables(service, clients)


# A cell that is one of these holds what a person or a plan wrote, an id or a hash; what is JSON's stays JSON's.
def is_identifier(cell):
    return re.fullmatch(r"[0-9a-f-]{32,64}|/v1/.*|https?://.*", cell)


def codes_in(cell, column, language):
    """A code is one wherever it is a whole part of a cell; members' names never stand there."""
    parts = re.split(r"; |: ", cell)
    words = column.get("codes") or ""
    known = {code for name in words.split("+") if name for code in LABELS[name]} | CODES
    return [part for part in parts if part.removeprefix("thidua.") in known] + [c for c in raw_codes(cell, language) if not is_identifier(cell)]


def cells(tables, key, media, language):
    client = tables.client(key)
    spoken = client.headers["Accept-Language"]
    client.headers["Accept-Language"] = language
    try:
        answer = tables.table(key, media)
    finally:
        client.headers["Accept-Language"] = spoken
    assert answer.status_code == 200, answer.text
    if media == XLSX:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        return [["" if c.value is None else c.value for c in row] for row in sheet.iter_rows()]
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("media", ["text/csv", XLSX], ids=["csv", "xlsx"])
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("key", LISTS, ids=lambda key: key[1])
def test_tables_show_words(key, language, media, tables):
    columns = ROUTES[key]["columns"]
    heading, *rows = cells(tables, key, media, language)
    assert heading == [column[language] for column in columns] and rows
    for row in rows:
        for column, cell in zip(columns, row):
            if not isinstance(cell, str) or column["member"] in WRITTEN or column["type"] == "instant":
                continue
            if column["type"] == "decimal":  # a spreadsheet shows numbers as its reader's country writes them
                assert media == XLSX or all(
                    re.fullmatch(r"-?\d+(,\d+)?|" if language == "vi" else r"-?\d+(\.\d+)?|", part) for part in cell.split("; "))
                continue
            assert not codes_in(cell, column, language), f"{column['member']}: {cell}"


# What people and operators wrote: the code of a campaign, the name of a criteria set, of a key, of a unit, a title.
WRITTEN = {"campaign", "code", "data.campaign", "campaigns[]", "name", "rule_set.name", "criteria_set.name", "subject", "resource", "frame",
           "actor.name", "owner.name", "by", "created_by", "recorded_by", "signed_by", "issued_by", "clause", "person_name", "title", "summary", "label", "unit", "unit_label",
           "legal_basis", "source_document", "cluster"}


def test_every_column_of_codes_names_its_vocabulary():
    """A member that openapi.yaml gives an enum is a code: its column says which words stand for it."""
    from test_export_lists import item_schema
    from contract import resolve
    checked = 0
    for key in LISTS:
        for column in ROUTES[key]["columns"]:
            codes = (column["codes"] or "").split("+")
            head, many, rest = column["member"].partition("[]")
            for place, part in enumerate((rest.lstrip(".") if many else head).split("+")):
                schema = item_schema(key)
                for name in [*head.split("."), "[]", *(part.split(".") if part else [])] if many else part.split("."):
                    schema = resolve(schema)
                    schema = next((resolve(s) for s in schema.get("anyOf", []) if resolve(s).get("type") != "null"), schema)
                    schema = schema.get("items", {}) if name == "[]" else schema.get("properties", {}).get(name, {})
                enum = resolve(schema).get("enum")
                if enum:
                    words = codes[place] if place < len(codes) else ""
                    assert words and {e.removeprefix("thidua.") for e in enum if e} <= set(LABELS[words]), (key, column)
                    checked += 1
    assert checked > 25
