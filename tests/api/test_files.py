"""POST /v1/imports takes files as spreadsheets write them: Excel (Vietnamese and English), LibreOffice, Google Sheets, CSV and XLSX."""
import codecs
import csv
import datetime
import io
import re
import time
import uuid
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from conftest import PLAN, make_campaign, make_unit
from service import SANITIZED, Client, problem

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NODES = [{"code": "1", "text_vi": "Một", "kind": "NORMAL", "maximum": "99"}]


def code():
    return f"H{uuid.uuid4().int % 90 + 10}.{uuid.uuid4().int % 900 + 100}.{uuid.uuid4().int % 900 + 100}"


def send(client, data, kind="units", media="text/csv", **params):
    params = {"confirm_duplicate": "true", **params} if kind == "units" else params
    return client.post("/v1/imports", params={"kind": kind, **params}, headers={"Content-Type": media},
                       data=data.encode() if isinstance(data, str) else data)


def faults(response):
    return {(e["pointer"], e["code"]) for e in problem(response, 422, "invalid")["errors"]}


def only_fault(response):
    errors = problem(response, 422, "invalid")["errors"]
    assert len(errors) == 1, errors
    return errors[0]


def written(service):
    return service.psql("SELECT (SELECT count(*) FROM units), (SELECT count(*) FROM scorecards), (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE')")


def book(rows, title="Sheet1", change=lambda workbook: None):
    workbook = openpyxl.Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    change(workbook)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


# ---- CSV: what spreadsheets write ----

def rows_of(text, separator=",", end="\r\n"):
    """Lines written with | between cells, of which a separator in a cell is quoted."""
    cell = lambda c: f'"{c}"' if separator in c else c
    return end.join(separator.join(cell(c) for c in line.split("|")) for line in text.split("\n"))


NEUTRAL = "name|kind|valid_from|agency_code|legal_basis\nPhòng Nội vụ thử|OTHER|2024-01-15|{0}|QĐ 1; khoản 2\nPhòng Y tế thử|OTHER|2024-01-15|{1}|"
VIETNAMESE = "Tên|Loại|Từ ngày|Mã định danh|Căn cứ\nPhòng Nội vụ thử|Khác|15/01/2024|{0}|QĐ 1; khoản 2\nPhòng Y tế thử|Khác|15/01/2024|{1}|"
ENGLISH = "Name|Kind|From|Agency code|Legal basis\nPhòng Nội vụ thử|Other|15/01/2024|{0}|QĐ 1; khoản 2\nPhòng Y tế thử|other|2024-01-15|{1}|"

FILES = {
    "RFC 4180": (NEUTRAL, lambda t: rows_of(t).encode()),
    "Excel, CSV UTF-8": (NEUTRAL, lambda t: codecs.BOM_UTF8 + (rows_of(t) + "\r\n").encode()),
    "Excel where commas are decimal": (VIETNAMESE, lambda t: codecs.BOM_UTF8 + (rows_of(t, ";") + "\r\n").encode()),
    "Excel, Unicode text": (VIETNAMESE, lambda t: codecs.BOM_UTF16_LE + (rows_of(t, "\t") + "\r\n").encode("utf-16-le")),
    "UTF-16 BE": (VIETNAMESE, lambda t: codecs.BOM_UTF16_BE + rows_of(t, ";").encode("utf-16-be")),
    "a stated separator": (ENGLISH, lambda t: ("sep=;\r\n" + rows_of(t, ";")).encode()),
    "a stated separator that is none of the usual": (ENGLISH, lambda t: ("SEP=|\n" + t).encode()),
    "a stated separator in quotation marks": (ENGLISH, lambda t: ('"sep=\t"\r\n' + rows_of(t, "\t")).encode()),
    "Google Sheets, TSV": (NEUTRAL, lambda t: rows_of(t, "\t", "\n").encode()),
    "LibreOffice, all texts quoted": (NEUTRAL, lambda t: "\n".join(",".join(f'"{c}"' for c in line.split("|")) for line in t.split("\n")).encode()),
    "Excel for Mac of old": (NEUTRAL, lambda t: rows_of(t, ",", "\r").encode()),
    "empty rows and columns": (VIETNAMESE, lambda t: ("\r\n;;;;;;;\r\n" + "\r\n;;;;;;\r\n".join(line + ";;;" for line in rows_of(t, ";").split("\r\n"))
                                                      + "\r\n;;;;;;;;\r\n ; ;;\r\n\r\n").encode()),
    "short rows": (NEUTRAL, lambda t: rows_of(t).rstrip(",").encode()),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_taken_as_a_spreadsheet_writes_it(clients, name):
    text, write = FILES[name]
    a, b = code(), code()
    answer = send(clients["admin"], write(text.format(a, b)))
    assert answer.status_code == 201, answer.text
    ids = answer.json()["ids"]["AGENCY"]
    first, second = (clients["anyone"].get(f"/v1/units/{ids[c]}").json() for c in (a, b))
    assert (first["name"], first["kind"], first["valid_from"], first["legal_basis"]) == ("Phòng Nội vụ thử", "OTHER", "2024-01-15", "QĐ 1; khoản 2")
    assert (second["name"], second.get("legal_basis")) == ("Phòng Y tế thử", None)


GROUPS = [(g["code"], g[language]) for g in PLAN["groups"] for language in ("vi", "en")]


@pytest.mark.parametrize("group, words", GROUPS)
def test_a_group_may_be_named_as_the_plan_does(clients, unit, campaign, round_2024, group, words):
    kind = next(g["unit_kinds"][0] for g in PLAN["groups"] if g["code"] == group)
    own = unit(kind=kind)["id"]
    made = send(clients["home_affairs"], f'unit_id,group,on_assessed_list,advises_par,source_document\n{own},"{words}",có,có,12/QĐ-SNV\n', "contestants",
                campaign=campaign.rsplit("/", 1)[1], year=2024)
    assert made.status_code == 201, made.text
    assert clients["home_affairs"].get(f"{round_2024}/contestants/{own}").json()["group"] == group


def test_a_heading_may_contain_what_separates_elsewhere(clients, unit, campaign, round_2024):
    """\"Cụm, khối\" is a heading of the exported register. Which character separates is read from the headings, never from data."""
    own = unit()["id"]
    text = f"Mã đơn vị;Nhóm;Cụm, khối;Được chấm chỉ số;Văn bản nguồn\r\n{own};Sở, ban, ngành;Khối 1, 2, 3, 4, 5, 6;có;1,2,3,4,5,6,7,8\r\n"
    assert send(clients["home_affairs"], text, "contestants", campaign=campaign.rsplit("/", 1)[1], year=2024).status_code == 201
    entered = clients["home_affairs"].get(f"{round_2024}/contestants/{own}").json()
    assert (entered["group"], entered["cluster"], entered["on_assessed_list"]) == ("SO_BAN_NGANH", "Khối 1, 2, 3, 4, 5, 6", True)


@pytest.mark.parametrize("lines, expected", [
    ("{h}\n\n,,\nA,OTHER,bad", {("/rows/4/valid_from", "date")}),
    ("\n\n{h}\nA,OTHER,bad", {("/rows/4/valid_from", "date")}),
    ("sep=,\n{h}\nA,OTHER,bad", {("/rows/2/valid_from", "date")}),
    ('{h}\n"A\n\nB",OTHER,2024-01-01\nA,OTHER,bad', {("/rows/2/name", "line_break"), ("/rows/3/valid_from", "date")}),
    ("{h},,,\nA,OTHER,2024-01-01,,,x", {("/rows/2", "columns")}),
    ("name,,kind,valid_from\nA,x,OTHER,2024-01-01\nA,y,OTHER,bad", {("/header/1", "unnamed")}),
    ("name,kin,kind,valid_from\nA,x,OTHER,2024-01-01", {("/header/1", "unknown")}),  # it has a heading, a wrong one
    ("{h},kin\nA,OTHER,2024-01-01,x", {("/header/3", "unknown")}),
    ("{h}\nA, B,OTHER,2024-01-01", {("/rows/2", "columns")}),  # and nothing of the cells that are shifted by it
])
def test_rows_and_columns_are_those_that_the_spreadsheet_shows(clients, lines, expected):
    assert faults(send(clients["admin"], lines.format(h="name,kind,valid_from"))) == expected


def zip_of(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


HEAD, LINE = "name,kind,valid_from\n", "Sở Nội vụ,OTHER,bad\n"
NO_TABLE = {
    "Windows-1258": (HEAD + "Sở Nội vụ,OTHER,bad").replace("ở", "ơ\u0309").replace("ộ", "ô\u0323").replace("ụ", "u\u0323").encode("cp1258"),
    "Windows-1252": (HEAD + "Café,OTHER,bad").encode("cp1252"),
    "UTF-16 LE without its mark": (HEAD + LINE).encode("utf-16-le"),
    "UTF-16 BE without its mark": (HEAD + LINE).encode("utf-16-be"),
    "UTF-16 that breaks off": codecs.BOM_UTF16_LE + (HEAD + LINE).encode("utf-16-le")[:-1],
    "UTF-16 with half a character": codecs.BOM_UTF16_LE + HEAD.encode("utf-16-le") + b"\x00\xd8" + LINE.encode("utf-16-le"),
    "UTF-32": (HEAD + LINE).encode("utf-32"),
    "a workbook": book([["name"]]),
    "HTML under the name of a spreadsheet": b"<html><table><tr><td>name</td></tr></table></html>",
    "XML of Excel 2003": b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>",
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
    "a PDF": b"%PDF-1.7\n",
    "a compressed file": b"\x1f\x8b\x08\x00" + bytes(64),
}


@pytest.mark.parametrize("name", NO_TABLE)
def test_a_file_that_is_no_csv_is_refused_as_a_file(service, clients, name):
    """One sentence with its way out, in both languages, and nothing of any cell."""
    keys = {language: service.key("admin") for language in ("vi", "en")}
    before = written(service)
    for language, way_out in (("vi", "hãy|Hãy"), ("en", "send|save")):
        keys[language].headers["Accept-Language"] = language
        fault = only_fault(send(keys[language], NO_TABLE[name]))
        assert (fault["pointer"], fault["code"] in ("encoding", "file_type")) == ("", True)
        assert re.search(way_out, fault["detail"]), fault
    assert written(service) == before


# ---- decimals, days, yes and no ----

@pytest.fixture
def scores(service, clients, unit):
    parent = unit()["id"]
    own = unit(kind="PROVINCIAL_SUBUNIT", parent_id=parent)["id"]
    frame = f"t-{parent[:8]}"
    assert clients["home_affairs"].put(f"/v1/score-frames/{frame}/2024", json={"tier": "SO", "nodes": NODES}).status_code == 201
    return service.key("unit", parent), own, frame


def points_of(scores, text, head="unit_id;frame;code;self_points"):
    client, own, frame = scores
    return send(client, f"{head}\r\n{own};{frame};1;{text}\r\n", "self_scores", year=2024, dry_run="true")


@pytest.mark.parametrize("text", ["64.35", "64,35", "64,3", "64", " 64,35\u00a0", "0,5", "0.50"])
@pytest.mark.parametrize("head", ["unit_id;frame;code;self_points", "Mã đơn vị;Bộ tiêu chí;Mã tiêu chí;Điểm tự chấm"])
def test_a_decimal_may_have_a_point_or_a_comma(scores, text, head):
    assert points_of(scores, text, head).status_code == 200


@pytest.mark.parametrize("text", ["1.234", "1,234", "12.345", "64,350", "1.23x", "6435%", "1e2", "64,,35", "1.23.4", "6.4,35", "64,35,1", "+64", "64 35"])
def test_a_decimal_fault_says_which_form_is_wanted(scores, text):
    """Digits in threes may be grouped or decimals: it is not guessed which."""
    for language, wanted in (("vi", "hàng nghìn"), ("en", "thousands")):
        scores[0].headers["Accept-Language"] = language
        fault = only_fault(points_of(scores, text))
        assert (fault["pointer"], fault["code"]) == ("/rows/2/self_points", "decimal")
        assert wanted in fault["detail"], fault


@pytest.mark.parametrize("text", ["1.234,5", "1,234.5", "1.234.567"])
def test_groups_that_can_be_nothing_else_are_read(scores, text):
    assert only_fault(points_of(scores, text))["code"] in ("decimal", "range"), "it is more than the maximum"


def day_in(clients, text, heading="valid_from", other="name,kind"):
    own = code()
    answer = send(clients["admin"], f"{other},{heading},agency_code\nA,OTHER,{text},{own}\n")
    if answer.status_code != 201:
        fault = only_fault(answer)
        assert fault["pointer"] == "/rows/2/valid_from"
        return fault
    return clients["anyone"].get(f"/v1/units/{answer.json()['ids']['AGENCY'][own]}").json()["valid_from"]


@pytest.mark.parametrize("heading, text, expected", [
    ("valid_from", "2024-12-31", "2024-12-31"), ("valid_from", "31/12/2024", "2024-12-31"), ("valid_from", "31.12.2024", "2024-12-31"),
    ("valid_from", "31-12-2024", "2024-12-31"), ("valid_from", "2024/12/31", "2024-12-31"), ("valid_from", "5/5/2024", "2024-05-05"),
    ("Từ ngày", "03/04/2024", "2024-04-03"), ("Từ ngày", "3/4/2024", "2024-04-03"), ("Từ ngày", "31/12/2024", "2024-12-31"),
    ("valid_from", "03/04/2024", None), ("From", "03/04/2024", None), ("valid_from", "12/31/2024", None), ("Từ ngày", "12/31/2024", None),
    ("valid_from", "31/12/24", None), ("valid_from", "30/02/2024", None), ("valid_from", "31/12-2024", None), ("valid_from", "45657", None),
    ("valid_from", "Dec 31, 2024", None)])
def test_a_day_is_taken_in_forms_that_mean_one_day(clients, heading, text, expected):
    """Day before month under Vietnamese headings; under others, where a spreadsheet may write the month first, only if that is the same."""
    shown = day_in(clients, f'"{text}"', heading)
    if expected:
        assert shown == expected
    else:
        assert shown["code"] == "date" and "YYYY-MM-DD" in shown["detail"]


@pytest.mark.parametrize("text, expected", [("TRUE", True), ("có", True), ("CÓ", True), ("Yes", True), ("ĐÚNG", True), ("không", False), ("no", False),
                                            ("FALSE", False), ("sai", False), ("co\u0301", True)])
def test_yes_and_no_in_both_languages(clients, unit, campaign, round_2024, text, expected):
    own = unit()["id"]
    made = send(clients["home_affairs"], f"unit_id,group,on_assessed_list\n{own},SO_BAN_NGANH,{text}", "contestants",
                campaign=campaign.rsplit("/", 1)[1], year=2024)
    assert made.status_code == 201, made.text
    assert clients["home_affairs"].get(f"{round_2024}/contestants/{own}").json()["on_assessed_list"] is expected


# ---- the bound on faults ----

def test_how_many_faults_are_not_named_is_said_and_the_first_rows_are_named(clients):
    bad = [f"A,KING,2024-01-01,H1{i % 10}.{i:03d}" for i in range(300)]
    answer = problem(send(clients["admin"], "name,kind,valid_from,agency_code\n" + "\n".join(["B,OTHER,2024-01-01,BAD"] + bad)), 422, "invalid")
    assert [e["pointer"] for e in answer["errors"]] == ["/rows/2/agency_code"] + [f"/rows/{i}/kind" for i in range(3, 66)]
    assert "237" in answer["detail"]
    wrong_head = problem(send(clients["admin"], "name,kind,colour\n" + "\n".join(["A,KING,red"] * 100)), 422, "invalid")
    assert {(e["pointer"], e["code"]) for e in wrong_head["errors"]} == {("/header/2", "unknown"), ("/header/valid_from", "required")}


@pytest.mark.parametrize("language, words", [("vi", ("cột C", '"name" (Tên)', '"valid_from" (Từ ngày)', '"parent_gso_code" (Mã GSO cấp trên)')),
                                             ("en", ("column C", '"name" (Name)', '"valid_from" (From)', '"parent_gso_code" (Parent GSO code)'))])
def test_a_heading_that_is_not_known_is_answered_with_those_that_are_in_the_words_of_lists(clients, language, words):
    """Who heads columns in Vietnamese is not told of members' names alone, and sees which column it was, as a spreadsheet letters them."""
    answer = clients["admin"].post("/v1/imports", params={"kind": "units"}, data=b"name,kind,colour\nA,OTHER,red",
                                   headers={"Content-Type": "text/csv", "Accept-Language": language})
    (told,) = [e["detail"] for e in problem(answer, 422, "invalid")["errors"] if e["code"] == "unknown"]
    assert all(word in told for word in words), told


# ---- XLSX ----

HEADS = ["name", "kind", "valid_from", "agency_code", "legal_basis"]


def unit_of(clients, answer, own):
    assert answer.status_code == 201, answer.text
    return clients["anyone"].get(f"/v1/units/{answer.json()['ids']['AGENCY'][own]}").json()


def test_a_workbook_goes_the_way_of_csv(clients):
    """Dates are dates of either calendar, texts are shared, in place or rich; empty rows, columns and sheets are none."""
    for calendar in (None, CALENDAR_MAC_1904):
        def change(workbook):
            if calendar:
                workbook.epoch = calendar
            workbook.create_sheet("Sheet2")
            hidden = workbook.create_sheet("Danh mục")
            hidden.append(["OTHER"])
            hidden.sheet_state = "hidden"
            sheet = workbook.active
            sheet["J30"].font = openpyxl.styles.Font(bold=True)  # a cell that has only a look
        a, b = code(), code()
        rows = [[None], ["Tên", "Loại", "Từ ngày", "Mã định danh", "Căn cứ"], ["Phòng Nội vụ thử", "Khác", datetime.date(2024, 1, 15), a, "=\"QĐ \"&1"],
                [], ["Phòng Y tế thử", "OTHER", "15/01/2024", b, None]]
        rows[2][4] = "QĐ 1"
        answer = send(clients["admin"], book(rows, "Trang tính", change), media=XLSX)
        assert [unit_of(clients, answer, c)["valid_from"] for c in (a, b)] == ["2024-01-15"] * 2
        assert unit_of(clients, answer, a)["name"] == "Phòng Nội vụ thử"


def parts(sheet, shared="", styles="<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='165'/><xf numFmtId='166'/></cellXfs>", name="Sheet1",
          before=""):
    """A workbook written by hand, so that it can be what no library writes."""
    main, rel = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    formats = "<numFmts><numFmt numFmtId='165' formatCode='00000'/><numFmt numFmtId='166' formatCode='[$-42A]dd\\\\/mm\\\\/yyyy'/></numFmts>".replace("\\\\", "\\")
    return zip_of(**{
        "_rels/.rels": f"<Relationships xmlns='{package}'><Relationship Id='r' Type='{rel}/officeDocument' Target='/xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<x:workbook xmlns:x='{main}' xmlns:r='{rel}'><x:sheets><x:sheet name='{name}' sheetId='1' r:id='rId1'/></x:sheets></x:workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{package}'><Relationship Id='rId1' Type='{rel}/worksheet' Target='worksheets/sheet1.xml'/>"
                                      f"<Relationship Id='rId2' Type='{rel}/sharedStrings' Target='strings.xml'/>"
                                      f"<Relationship Id='rId3' Type='{rel}/styles' Target='styles.xml'/></Relationships>",
        "xl/strings.xml": f"<sst xmlns='{main}'>{shared}</sst>",
        "xl/styles.xml": f"<styleSheet xmlns='{main}'>{formats}{styles}</styleSheet>",
        "xl/worksheets/sheet1.xml": f"{before}<worksheet xmlns='{main}'><sheetData>{sheet}</sheetData></worksheet>"})


def inline(*texts):
    return "".join(f"<c t='inlineStr'><is><t>{t}</t></is></c>" for t in texts)


def score_book(scores, cell, **more):
    return parts(f"<row r='1'>{inline('unit_id', 'frame', 'code', 'self_points', 'self_proof')}</row>"
                 f"<row r='7'>{inline(scores[1], scores[2])}<c r='C7' t='str'><f>1</f><v>1</v></c>{cell}</row>", **more)


@pytest.mark.parametrize("cell, stored", [
    ("<c r='D7'><v>64.349999999999994</v></c>", "64.35"), ("<c r='D7'><v>0.30000000000000004</v></c>", "0.30"), ("<c r='D7'><v>64</v></c>", "64.00"),
    ("<c r='D7'><v>6.435E1</v></c>", "64.35"), ("<c r='D7' t='str'><v>64,35</v></c>", "64.35"), ("<c r='D7'><f>A1</f><v>1.5</v></c>", "1.50"),
    ("<c r='D7' t='n' s='9999'><v>2</v></c>", "2.00"), ("<c r='D7' t='s'><v>0</v></c>", "64.35"), ("<c r='D7'/>", None)])
def test_numbers_are_those_that_the_spreadsheet_shows(service, scores, cell, stored):
    client, own, frame = scores
    made = send(client, score_book(scores, cell, shared="<si><r><t>64</t></r><r><rPr><b/></rPr><t>,35</t></r><rPh><t>doc</t></rPh></si>"), "self_scores",
                media=XLSX, year=2024)
    assert made.status_code == 201, made.text
    assert client.get(f"/v1/scores/{own}/2024").json()["leaves"][0]["self_points"] == stored


@pytest.mark.parametrize("cell, code, said", [
    ("<c r='D7' t='e'><v>#DIV/0!</v></c>", "error_value", "#DIV/0!"), ("<c r='D7'><f>1+1</f></c>", "formula", "formula"),
    ("<c r='D7'><f>1+1</f><v></v></c>", "formula", "formula"), ("<c r='D7' t='b'><v>1</v></c>", "decimal", "64.35"),
    ("<c r='D7' s='1'><v>45657</v></c>", "decimal", "64.35"), ("<c r='D7'><v>64.351</v></c>", "decimal", "64.35"),
    ("<c r='D7'><v>1E+300</v></c>", "decimal", "64.35"), ("<c r='D7' t='str'><v>1.234</v></c>", "decimal", "1.234"),
    ("<c r='E7' s='3'><v>45657</v></c>", "date_in_text", "2024-12-31")])
def test_faults_name_sheet_and_cell(service, scores, cell, code, said):
    place = re.search("[DE]7", cell)[0]
    for name, shown in (("Sheet1", "Sheet1"), ("Trang tính 1", "'Trang tính 1'"), ("Bảng", "Bảng")):
        fault = only_fault(send(scores[0], score_book(scores, cell, name=name), "self_scores", media=XLSX, year=2024))
        assert (fault["code"], fault["cell"]) == (code, f"{shown}!{place}") and said in fault["detail"], fault
        assert fault["pointer"] == ("/rows/7/self_points" if place == "D7" else "/rows/7/self_proof")


def test_codes_keep_the_zeros_that_are_shown(clients):
    """A column with the format 00000 shows 00123 for the number 123."""
    sheet = f"<row>{inline('name', 'kind', 'valid_from', 'gso_code')}</row><row>{inline('A', 'OTHER', '2024-01-01')}<c s='2'><v>123</v></c></row>"
    answer = send(clients["admin"], parts(sheet), media=XLSX, dry_run="true")
    assert answer.status_code == 200 or faults(answer) == {("/rows/2/gso_code", "taken")}, answer.text
    assert faults(send(clients["admin"], parts(sheet.replace("s='2'", "").replace(">123<", ">7<")), media=XLSX, dry_run="true")) == {("/rows/2/gso_code", "form")}


def test_texts_say_what_xml_cannot(clients):
    """ECMA-376 part 1, 22.9.2.19."""
    own = code()
    sheet = f"<row>{inline(*HEADS)}</row><row>{inline('_x0041__x005F_x0041_', 'OTHER', '2024-01-01', own, 'a_x000A_b')}</row>"
    shown = unit_of(clients, send(clients["admin"], parts(sheet), media=XLSX), own)
    assert (shown["name"], shown["legal_basis"]) == ("A_x0041_", "a\nb")


def several(workbook):
    workbook.create_sheet("Sheet2").append(["name"])


def encrypted_flag(data):
    return data.replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01").replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")


GOOD_SHEET = f"<row>{inline(*HEADS)}</row><row>{inline('A', 'OTHER', '2024-01-01', '', '')}</row>"
BOMB = "<!DOCTYPE worksheet [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
NO_WORKBOOK = {
    "CSV": (b"name,kind\n", "file_type"), "an old workbook": (b"\xd0\xcf\x11\xe0" + bytes(600), "file_type"),
    "OpenDocument": (zip_of(mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": "<x/>"}), "file_type"),
    "another archive": (zip_of(**{"word/document.xml": "<x/>"}), "workbook"), "what breaks off": (parts(GOOD_SHEET)[:-30], "workbook"),
    "broken XML": (parts("<row><c></row>"), "workbook"), "a document type": (parts(GOOD_SHEET, before=BOMB), "workbook"),
    "an outside entity": (parts(GOOD_SHEET, before="<!DOCTYPE w SYSTEM 'file:///etc/passwd'>"), "workbook"),
    "rows out of order": (parts(f"<row r='5'>{inline(*HEADS)}</row><row r='2'/>"), "workbook"),
    "cells out of order": (parts("<row><c r='C1'/><c r='B1'/></row>"), "workbook"),
    "a text that is not there": (parts("<row><c t='s'><v>7</v></c></row>"), "workbook"),
    "a number that is none": (parts("<row><c><v>0x10</v></c></row>"), "workbook"),
    "what unpacks to too much": (parts(GOOD_SHEET + "<row/>" * 2_000_000), "too_large"),
    "too many parts": (zip_of(**{f"a/{i}": "" for i in range(1001)}), "too_large"),
    "elements in elements": (parts("<row>" + "<a>" * 100 + "</a>" * 100 + "</row>"), "too_large"),
    "texts repeated": (parts("".join(f"<row>{inline('x' * 30000)}</row>" for _ in range(1500))), "too_large"),
    "a text shared by many cells": (parts("".join("<row><c t='s'><v>0</v></c></row>" for _ in range(1500)), f"<si><t>{'x' * 30000}</t></si>"), "too_large"),
    "blanks shared by many cells": (parts("<row>" + "<c t='s'><v>0</v></c>" * 1500 + "</row>", f"<si><t>{' ' * 30000}</t></si>"), "too_large"),
    "several sheets": (book([["name"]], change=several), "sheets"), "a password": (encrypted_flag(parts(GOOD_SHEET)), "workbook"),
    "nothing": (b"PK\x05\x06" + bytes(18), "workbook"),
}


@pytest.mark.parametrize("name", NO_WORKBOOK)
def test_a_file_that_is_no_workbook_is_refused_as_a_file(service, clients, name):
    data, code = NO_WORKBOOK[name]
    before = written(service)
    fault = only_fault(send(clients["admin"], data, media=XLSX))
    assert (fault["pointer"], fault["code"], "cell" in fault) == ("", code, False), fault
    assert written(service) == before


@pytest.mark.plain
def test_a_cell_that_can_be_no_word_is_told_so_at_once(clients):
    """Whatever its length and its marks: words are compared whatever their case and composition, which is work."""
    for cell in ("x" * 4_000_000, "a" + "\u0301" * 100000 + "\u0323" * 100000):
        began = time.monotonic()
        assert faults(send(clients["admin"], f"name,kind,valid_from\nA,{cell},2024-01-01\n")) == {("/rows/2/kind", "choice")}
        assert time.monotonic() - began < (30 if SANITIZED else 5)  # the square of such a number took minutes


def test_a_workbook_has_the_bounds_of_a_file_of_rows(clients):
    rows = f"<row>{inline(*HEADS)}</row>" + f"<row>{inline('A', 'OTHER', '2024-01-01')}</row>" * 10001
    assert faults(send(clients["admin"], parts(rows), media=XLSX)) == {("/rows", "count")}
    far = f"<row>{inline(*HEADS)}</row><row r='9'>{inline('A', 'OTHER', '2024-01-01')}<c r='XFD9' t='str'><v>x</v></c></row>"
    answer = problem(send(clients["admin"], parts(far), media=XLSX), 422, "invalid")
    assert [(e["pointer"], e["code"], e["cell"]) for e in answer["errors"]] == [("/rows/9", "columns", "Sheet1!9:9")]
    headed = problem(send(clients["admin"], book([["colour", "name"], ["x", "y"]]), media=XLSX), 422, "invalid")
    assert ("/header/0", "Sheet1!A1") in {(e["pointer"], e.get("cell")) for e in headed["errors"]}
    assert faults(send(clients["admin"], book([]), media=XLSX)) == {("/rows", "count")}


# ---- an exported list is imported again ----

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BEGIN = st.sampled_from(["", "=", "+", "-", "@", "'", "'=", "''-", "'a", "'\t", "\t=", "＝", "'＋", "\n=", "_x0041_", "\"", "1,5", "TRUE", "sep=;", "-1.50"])
WORD = st.text(st.characters(whitelist_categories=("L", "N", "P", "S", "M", "Zs"), blacklist_characters=TURNING + "\ufffd"), max_size=12)
TEXT = st.builds("{}{}{}".format, BEGIN, st.sampled_from(["Đ", "a", ";x", ",x", "\"x", "1"]), WORD)
LINE = TEXT.map(lambda text: text.replace("\t", " ")).filter(lambda text: text.strip() == text)
LANGUAGE, MEDIA = st.sampled_from(["vi", "en"]), st.sampled_from(["text/csv", XLSX])


def exported(client, path, language, media, **params):
    answer = client.get(path, params=params, headers={"Accept": media, "Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return answer.content


def table_of(data, media):
    """Rows of an export, for comparison without the columns that say when something was written down."""
    if media == XLSX:
        rows = [[c.value for c in row] for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows()]
    else:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    kept = [i for i, heading in enumerate(rows[0]) if heading not in ("Ghi lúc", "Recorded at", "Đổi lúc", "Changed at", "Mã", "Id")]
    return [[row[i] for i in kept] for row in rows]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(language=LANGUAGE, media=MEDIA, cells=st.lists(st.tuples(LINE, LINE, st.booleans(), st.booleans()), min_size=1, max_size=4))
def test_a_register_survives_export_and_import(service, clients, language, media, cells):
    home, codes = clients["home_affairs"], []
    for _ in range(2):
        codes.append(make_campaign(service).rsplit("/", 1)[1])
    for cluster, document, advises, assessed in cells:
        own = make_unit(clients["admin"])["id"]
        put = home.put(f"/v1/campaigns/{codes[0]}/rounds/2024/contestants/{own}", json={
            "group": "SO_BAN_NGANH", "cluster": cluster, "source_document": document, "advises_par": advises, "on_assessed_list": assessed})
        assert put.status_code == 201, put.text
    first = exported(home, f"/v1/campaigns/{codes[0]}/rounds/2024/contestants", language, media)
    made = send(home, first, "contestants", media, campaign=codes[1], year=2024)
    assert made.status_code == 201, (made.text, first)
    again = exported(home, f"/v1/campaigns/{codes[1]}/rounds/2024/contestants", language, media)
    assert table_of(again, media) == table_of(first, media)
    for row in home.get(f"/v1/campaigns/{codes[0]}/rounds/2024/contestants").json()["items"]:
        twin = home.get(f"/v1/campaigns/{codes[1]}/rounds/2024/contestants/{row['unit_id']}").json()
        assert {k: twin[k] for k in ("group", "cluster", "source_document")} == {k: row[k] for k in ("group", "cluster", "source_document")}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(language=LANGUAGE, media=MEDIA, kind=st.sampled_from(["INITIATIVE", "SOLUTION", "NEW_PRACTICE"]), title=LINE,
       summary=st.builds("{}\n{}".format, TEXT, TEXT), ends=st.booleans())
def test_initiatives_survive_export_and_import(service, clients, language, media, kind, title, summary, ends):
    own = make_unit(clients["admin"])["id"]
    client, auditor = service.key("unit", own), clients["auditor"]
    made = client.post("/v1/initiatives", json={"unit_id": own, "title": title, "summary": summary, "kind": kind, "applied_from": "2024-03-04",
                                                "applied_to": "2024-11-12" if ends else None})
    assert made.status_code == 201, made.text
    first = exported(auditor, "/v1/initiatives", language, media, unit_id=own)
    there = send(client, first, "initiatives", media)
    assert [e["code"] for e in problem(there, 422, "invalid")["errors"]] == ["exists"], there.text
    assert client.merge(made.headers["Location"], {"applied_from": "2024-03-03"}, made.headers["ETag"]).status_code == 200
    again = send(client, first, "initiatives", media)
    assert again.status_code == 201, (again.text, first)
    rows = table_of(exported(auditor, "/v1/initiatives", language, media, unit_id=own), media)
    assert table_of(first, media)[1] in rows and len(rows) == 3
    shown = auditor.get("/v1/initiatives", params={"unit_id": own}).json()["items"]
    assert len({(i["title"], i["summary"], i["kind"], i["applied_to"]) for i in shown}) == 1


def test_units_survive_export_and_import(clients, fresh_service):
    """To the byte, ids too: so do lists that name units by them."""
    admin, mark = clients["admin"], uuid.uuid4().hex[:8]
    top = make_unit(admin, name=f"Tỉnh {mark}", kind="PROVINCE", codes=[{"scheme": "AGENCY", "value": code()}])
    for kind, name, extra in (("PROVINCIAL_BODY", f"-Sở {mark}", {"legal_basis": "=NQ 1"}), ("OTHER", f"'=Sở; \"{mark}\"", {"valid_to": "2099-03-04"}),
                              ("COMMUNE", f"Xã, {mark}", {"codes": [{"scheme": "GSO", "value": str(uuid.uuid4().int % 90000 + 10000)}, {"scheme": "AGENCY", "value": code()}]})):
        make_unit(admin, name=name, kind=kind, parent_id=top["id"], valid_from="2024-03-04", **extra)
    for language in ("vi", "en"):
        for media in ("text/csv", XLSX):
            first = exported(admin, "/v1/units", language, media, q=mark)
            fresh_service.psql("TRUNCATE unit_codes, unit_periods, units CASCADE")  # and the keys
            other = Client(fresh_service.base, fresh_service.first_key())
            made = send(other, first, media=media, confirm_duplicate="false")
            assert made.status_code == 201, (made.text, first)
            again = exported(other, "/v1/units", language, media, q=mark)
            assert table_of(again, media) == table_of(first, media) and len(table_of(first, media)) == 5
            assert again == first or media == XLSX
            assert {e["code"] for e in problem(send(other, first, media=media), 422, "invalid")["errors"]} >= {"exists"}
