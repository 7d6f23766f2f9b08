"""Every list of the service as a table: whole, for the same callers, in CSV and XLSX. Made from the route table, so that a new list
cannot be forgotten."""
import csv
import datetime
import io
import re
import uuid

import openpyxl
import pytest

from award_tools import AwardRound, number, today
from contract import OPERATIONS, closed, resolve
from conftest import make_campaign, make_unit
from service import ROOT, problem, wait_until
from test_authorisation import World
from test_contract import ROUTES
from words import LABELS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VIETNAM = datetime.timezone(datetime.timedelta(hours=7))


def answer_schema(key):
    content = resolve(OPERATIONS[key]["responses"]["200"]).get("content", {})
    return closed(content["application/json"]["schema"]) if "application/json" in content else {}


def item_schema(key):
    return resolve(answer_schema(key).get("properties", {}).get("items", {}).get("items", {}))


# What is there as a paper is no table: its list is the paper's.
LISTS = sorted(key for key in ROUTES if key[0] == "GET" and "items" in answer_schema(key).get("properties", {})
               and "application/pdf" not in resolve(OPERATIONS[key]["responses"]["200"])["content"])
each_list = pytest.mark.parametrize("key", LISTS, ids=lambda key: key[1])


def test_there_are_lists():
    assert len(LISTS) >= 24


@each_list
def test_a_list_has_columns_that_its_items_have(key):
    """And both languages, and no heading twice: a table is read by its headings."""
    columns = ROUTES[key]["columns"]
    assert columns, f"{key[1]} answers a list: give its route `columns`"
    for language in ("vi", "en"):
        headings = [column[language] for column in columns]
        assert all(headings) and len(headings) == len(set(headings))
    inner = ROUTES[key]["rows_of"]
    for column in columns:
        prefix = ""
        for part in column["member"].split("+"):
            schema, whole = item_schema(key), prefix + part
            if inner and whole.startswith(f"{inner}."):
                whole = whole.replace(inner, f"{inner}[]", 1)
            prefix = whole[:whole.rindex("[]") + 2] + "." if "[]" in whole else ""  # what follows is of the innermost list
            for name in re.split(r"\.", whole.replace("[]", ".[]")):
                schema = resolve(schema)
                schema = next((resolve(s) for s in schema.get("anyOf", []) if resolve(s).get("type") != "null"), schema)
                if not name:
                    continue
                free = schema.get("additionalProperties")
                known = schema.get("items") if name == "[]" else schema.get("properties", {}).get({"@": "vi"}.get(name, name), free)
                assert known, f"{column['member']}: {name} is not in {schema}"
                schema = known if isinstance(known, dict) else {}


def stems(text):
    return {word.rstrip("s") for word in re.findall("[a-z]+", text.lower())}


# Their heading has more words of another member.
CALLED_OTHERWISE = {("/v1/units", "Unit"), ("/v1/campaigns/{code}/rounds/{year}/findings", "Rank of all contents")}


@each_list
def test_each_column_is_headed_by_what_stands_in_it(key):
    """By its words: no other member of the table has more of them. And no member stands twice."""
    members = [column["member"] for column in ROUTES[key]["columns"]]
    assert len(members) == len(set(members))
    for column in ROUTES[key]["columns"]:
        words = stems(column["en"])
        best = max(members, key=lambda member: len(words & stems(member)))
        assert len(words & stems(column["member"])) == len(words & stems(best)) or (key[1], column["en"]) in CALLED_OTHERWISE, (column, best)


# ---- what they answer ----

class Tables(World):
    """One thing of every kind; and a round that has come to a published decision."""

    def __init__(self, service, clients):
        super().__init__(service, clients)
        done = self.award_round = AwardRound(service, clients, 3)
        self.done(done.home.post(f"{done.round}/tie-decisions", json={
            "units": done.units[:2], "method": "LOT", "reason": "Bốc thăm", "document": "15/BB-HĐTĐKT"}))
        self.done(done.unit_client.put(f"{done.round}/reports/{done.parent}", json={
            "document_number": "1/BC-UBND", "document_date": "2024-12-01", "summary": "Tóm tắt"}))
        self.done(done.home.post(f"{done.round}/registers", json={"declarations": [
            {"register": self.values["register"], "unit_id": done.units[0], "complete": True, "complete_through": today(), "source": "Sổ"}]}))
        decision = done.draft(done.units[:2])
        self.done(done.sign(decision, number()))
        done.publish(decision)
        quota = f"{done.round}/quota"
        self.done(done.home.put(quota, headers=done.etag(quota), json={
            "allocation": [{"group": "UNIT_UNDER_SO", "cluster": "Cụm 1", "slots": 2}], "reason": "Phân bổ"}))
        name = f"Đơn vị {uuid.uuid4().hex[:8]}"
        old = make_unit(clients["admin"], name=name)["id"]
        make_unit(clients["admin"], name=name, valid_from="2024-07-01", succeeds={"kind": "RENAME", "legal_basis": "NQ 1", "predecessors": [old]})
        evaluation = done.evaluate()
        self.done(done.override(evaluation, done.units[2], "SECURE"))
        assert service.command("load", str(ROOT / "campaigns/law/VN-public-holidays.json")).returncode == 0
        service.psql("INSERT INTO webhook_deliveries (webhook_id, seq, state, attempts, first_attempt_at, last_attempt_at, status, error) VALUES "
                     f"('{self.ids['webhooks']}', 1, 'PARKED', 3, now(), now(), 500, 'STATUS')")
        self.values["code"] = done.campaign.rsplit("/", 1)[1]
        self.ids |= {"evaluations": evaluation, "units": old}
        self.params = {"/v1/journal": {"campaign": self.values["code"]}, "/v1/events": {"campaign": self.values["code"]},
                       "/v1/units": {"q": name}, "/v1/scores": {"year": 2024}}
        head = lambda: self.auditor.get("/v1/journal/head").json()
        wait_until(lambda: head()["unsealed"] == 0)

    def path(self, template):
        path = super().path(template)
        return path.replace(self.ids["units"], self.award_round.units[0]) if template.endswith("/record") else path

    def client(self, key):
        """One who may: of the offices first, for they see most. A webhook is its owner's."""
        if key[1].startswith("/v1/webhooks"):
            return self.callers["owner"]
        roles = ROUTES[key]["roles"]
        return self.callers[next(r for r in ("auditor", "home_affairs", "admin", "anyone") if r in roles or "anyone" in roles)]

    def items(self, key):
        items, params = [], {**self.params.get(key[1], {}), **({"limit": 200} if "limit" in ROUTES[key]["query"] else {})}
        while True:
            page = self.client(key).get(self.path(key[1]), params=params).json()
            items += page["items"]
            if not page.get("next"):
                return spread(key, items)
            params["cursor"] = page["next"]

    def table(self, key, media, client=None, **more):
        return (client or self.client(key)).get(self.path(key[1]), params={**self.params.get(key[1], {}), **more}, headers={"Accept": media})


@pytest.fixture(scope="module")
def tables(service, clients):
    return Tables(service, clients)


def spread(key, items):
    """The rows of a table: the items, or each element of a list of theirs in its place."""
    inner = ROUTES[key]["rows_of"]
    return [{**item, inner: element} for item in items for element in item[inner]] if inner else items


def scalar(value, names):
    for name in names.split(".") if names else []:
        value = (value or {}).get({"@": "en"}.get(name, name))
    if isinstance(value, (dict, list)):
        return None
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def shown(value, codes, place=0):
    """A code in words, by the vocabulary that the column names for this part."""
    names = (codes or "").split("+")
    known = LABELS.get(names[place] if place < len(names) else "", {})
    return known[value.removeprefix("thidua.")]["en"] if isinstance(value, str) and value.removeprefix("thidua.") in known else value


def values(one, parts, codes):
    """Of an item of a list: what each part names; a list inside it takes the parts that are left."""
    for at, part in enumerate(parts):
        if "[]" in part:
            left = "+".join((codes or "").split("+")[at:])
            yield cell(one, {"member": "+".join(parts[at:]), "codes": left})
            return
        yield shown(scalar(one, part), codes, at)


def cell(item, column):
    """What stands in the column: written from route.h, not from the C."""
    head, many, rest = column["member"].partition("[]")
    if not many:
        return shown(scalar(item, head), column["codes"])
    for name in head.split("."):
        item = (item or {}).get(name)
    texts = [": ".join(str(v) for v in values(one, rest.lstrip(".").split("+"), column["codes"]) if v is not None) for one in item or []]
    return "; ".join(text for text in texts if text)


def rows_of(response):
    assert response.status_code == 200 and response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present", response.text
    assert response.content.startswith(b"\xef\xbb\xbf") and response.content.endswith(b"\r\n")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def sheet_of(response):
    assert (response.status_code, response.headers["Content-Type"]) == (200, XLSX), response.text
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert len(book.worksheets) == 1
    return book.worksheets[0]


def cells_of(key, items):
    plain = lambda text: "'" + text if re.match(r"'*[=+\-@\t\r]", text) else text
    return [["" if (c := cell(item, column)) is None else str(c) if column["type"] == "decimal" else plain(str(c)) for column in ROUTES[key]["columns"]]
            for item in items]


@each_list
def test_a_list_comes_whole_as_csv(key, tables):
    items, columns = tables.items(key), ROUTES[key]["columns"]
    assert items, f"nothing to show of {key[1]}"
    rows = rows_of(tables.table(key, "text/csv"))
    assert rows[0] == [column["en"] for column in columns]
    expected = cells_of(key, items)
    assert rows[1:] == expected
    used = {column["en"] for column, *cells in zip(columns, *expected) if any(cells)}
    assert len(used) > len(columns) // 3, "the columns show something"


def test_cells_that_a_list_gives_are_those_of_its_items(tables, clients):
    """Of units in every order: with codes, below another, found by a name that they had, and ended with somebody in their place."""
    key, mark = ("GET", "/v1/units"), uuid.uuid4().hex[:8]
    above = make_unit(clients["admin"], name=f"Huyện {mark}", kind="DISTRICT")
    places = uuid.uuid4().int
    codes = [{"scheme": "GSO", "value": str(places % 90000 + 10000)}, {"scheme": "AGENCY", "value": f"H{places % 90 + 10}.{places // 90 % 900 + 100}.{places // 81000 % 900 + 100}"}]
    ending, _ = (make_unit(clients["admin"], name=f'"{name}", xã {mark}', kind="COMMUNE", parent_id=above["id"], codes=own) for name, own in (("A", codes), ("B", [])))
    make_unit(clients["admin"], name="Nơi đến", valid_from="2024-07-01", succeeds={"kind": "MERGE", "legal_basis": "NQ 1", "predecessors": [ending["id"]]})
    for order in ("label", "-label", "valid_from", "-valid_from"):
        for query in ({"q": mark}, {"kind": "COMMUNE", "on": "2024-01-01"}):
            params, items = {"sort": order, "limit": 200, **query}, []
            while params:
                page = clients["auditor"].get(key[1], params=params).json()
                items += page["items"]
                params = page["next"] and {**params, "cursor": page["next"]}
            assert rows_of(clients["auditor"].get(key[1], params={"sort": order, **query}, headers={"Accept": "text/csv"}))[1:] == cells_of(key, items)
            assert [item["name"] for item in items if item.get("holders_now")] == ([ending["name"]] if "q" in query else [])


@each_list
def test_a_list_comes_whole_as_xlsx(key, tables):
    """Dates are dates, numbers numbers, decimals shown with the digits that JSON has, everything else exactly its text."""
    items, columns = tables.items(key), ROUTES[key]["columns"]
    answer = tables.table(key, XLSX)
    assert re.fullmatch(r'attachment; filename="[a-z-]+\.xlsx"', answer.headers["Content-Disposition"])
    sheet = sheet_of(answer)
    # ISO/IEC 29500, ST_Xstring: a text that looks like an escape has its underscore escaped. openpyxl hands that on.
    plain = lambda value: value.replace("_x005F_", "_") if isinstance(value, str) else value
    rows = [[plain(c.value) for c in row] for row in sheet.iter_rows()]
    assert rows[0] == [column["en"] for column in columns] and len(rows) == len(items) + 1
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref.startswith("A1:")
    for item, row, places in zip(items, rows[1:], list(sheet.iter_rows())[1:]):
        for column, shown, place in zip(columns, row, places):
            value = cell(item, column)
            if value in (None, ""):
                assert shown is None
            elif column["type"] == "date":
                assert shown == datetime.datetime.fromisoformat(value)
            elif column["type"] == "instant":
                at = datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(VIETNAM).replace(tzinfo=None)
                assert abs(shown - at) < datetime.timedelta(seconds=1), (shown, value)
            elif column["type"] == "decimal" and "; " in value:
                assert shown == value
            elif column["type"] == "decimal":
                assert shown == float(value) and place.data_type == "n", "the double nearest to it"
                assert place.number_format == re.sub(r"^-?\d+", "0", re.sub(r"\d", "0", value)), "and its decimals"
            else:
                own = isinstance(value, str) and re.match(r"'+[=+\-@\t\r]", value)  # of the text: an import takes one such off
                assert (shown, type(shown)) == (f"'{value}" if own else value, type(value)), column
    assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)


@each_list
def test_a_table_is_for_the_callers_of_the_list(key, tables):
    for name, client in tables.callers.items():
        as_json = client.get(tables.path(key[1]), params=tables.params.get(key[1], {}))
        for media in ("text/csv", XLSX):
            answer = tables.table(key, media, client)
            assert answer.status_code == as_json.status_code, (name, media, answer.text)
            if answer.status_code != 200:
                assert answer.json()["type"] == as_json.json()["type"]
                continue
            if media == "text/csv" and not as_json.json().get("next"):
                assert len(rows_of(answer)) == len(spread(key, as_json.json()["items"])) + 1, f"{name} sees as much of it"


def test_headings_are_vietnamese_unless_english_is_asked_for(service, tables):
    key = "GET", "/v1/units"
    vietnamese = service.anonymous("vi")
    assert rows_of(tables.table(key, "text/csv", vietnamese))[0] == [c["vi"] for c in ROUTES[key]["columns"]]
    assert [c.value for c in next(sheet_of(tables.table(key, XLSX, vietnamese)).iter_rows())] == [c["vi"] for c in ROUTES[key]["columns"]]


@pytest.mark.parametrize("accept, media", [
    (None, "application/json"), ("*/*", "application/json"), ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
    ("image/png", None), ("text/csv", "text/csv"), ("TEXT/CSV; charset=utf-8", "text/csv"), ("text/*", "text/csv"),
    ("application/json;q=0.5, text/csv;q=0.9", "text/csv"), ("application/json, text/csv", "application/json"),
    ("text/csv;q=0", "application/json"), (f"text/csv;q=0.2, {XLSX}; q=0.95", XLSX), (f"{XLSX},*/*;q=0.1", XLSX)])
def test_accept_chooses(tables, accept, media):
    """RFC 9110 section 12.5.1."""
    answer = tables.callers["nobody"].get("/v1/awards", headers={"Accept": accept})
    if media:
        assert answer.headers["Content-Type"].split(";")[0] == media
    else:
        problem(answer, 406, "not-acceptable")
    assert "Accept" in answer.headers["Vary"]


def test_no_text_is_a_formula_nor_an_escape(clients, unit):
    """OWASP, CSV injection; ECMA-376 part 1, 22.9.2.19: a reader takes _x0041_ for A."""
    import zipfile
    mark = uuid.uuid4().hex[:8]
    names = [f'=HYPERLINK("http://x","{mark}")', f"+1 {mark}", f"-1 {mark}", f"@SUM(A1) {mark}", f"＝1 {mark}", f"＋1 {mark}", f"－1 {mark}", f"＠1 {mark}", f"_x0041_ {mark}", f"<&> {mark}"]
    for name in names:
        unit(name=name)
    answer = clients["anyone"].get("/v1/units", params={"q": mark}, headers={"Accept": XLSX})
    sheet = sheet_of(answer)
    column = [c.value for c in sheet[1]].index("Name") + 1
    shown = [sheet.cell(row, column) for row in range(2, sheet.max_row + 1)]
    assert all(c.data_type in ("s", "inlineStr") for c in shown)
    assert sorted(c.value.replace("_x005F_", "_") for c in shown) == sorted(names)
    text = clients["anyone"].get("/v1/units", params={"q": mark}, headers={"Accept": "text/csv"}).content.decode("utf-8-sig")
    in_csv = {record["Name"] for record in csv.DictReader(io.StringIO(text, newline=""))}
    assert in_csv == {name if name[0] in "_<" else f"'{name}" for name in names}
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("sign", ["🏅", "ế"])
def test_no_cell_is_longer_than_a_workbook_may_have_it(service, clients, unit, sign):
    """32,767 characters of UTF-16: of a longer one Excel says that the file is damaged. A text that is cut says so."""
    parent = unit(name=sign * 200)["id"]
    owner, campaign = service.key("unit", parent), make_campaign(service)
    dossier = owner.post("/v1/dossiers", json={"campaign": campaign.rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": parent}).json()["id"]
    for number in range(45 if sign == "🏅" else 85):
        nominee = unit(name=sign * 197 + f"{number:03}", kind="PROVINCIAL_SUBUNIT", parent_id=parent)["id"]
        entered = clients["home_affairs"].put(f"{campaign}/rounds/2024/contestants/{nominee}", json={
            "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"})
        assert entered.status_code == 201, entered.text
        assert owner.put(f"/v1/dossiers/{dossier}/nominations/{nominee}", json={}).status_code == 201
    sheet = sheet_of(owner.get("/v1/dossiers", headers={"Accept": XLSX}))
    text = sheet.cell(2, [cell.value for cell in sheet[1]].index("Nominees") + 1).value
    assert 32700 < len(text.encode("utf-16-le")) // 2 <= 32767 and text.endswith(" […]")


def test_a_head_request_has_the_fields_without_the_file(tables):
    head = tables.callers["nobody"].head("/v1/awards", headers={"Accept": XLSX})
    assert (head.status_code, head.headers["Content-Type"], head.content) == (200, XLSX, b"") and int(head.headers["Content-Length"]) > 3000


def test_a_bad_cursor_is_refused_in_every_form(clients):
    for media in ("application/json", "text/csv", XLSX):
        problem(clients["anyone"].get("/v1/units", params={"cursor": "!"}, headers={"Accept": media}), 400, "invalid-query")
    problem(clients["anyone"].get("/v1/campaigns/NO-SUCH/rounds", headers={"Accept": XLSX}), 404, "not-found")
