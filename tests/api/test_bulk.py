"""Many single writes in one body or file, all or nothing: findings, yearly reports, discipline records, successions. Each item is
written, refused and journalled as alone."""
import concurrent.futures
import datetime
import io
import itertools
import json
import pathlib
import re
import uuid

import openpyxl
import pytest

from conftest import make_campaign, make_unit
from service import SANITIZED, Client, problem
from test_list_imports import made, send, table

CONTENTS = "ABCD"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_numbers = itertools.count(1)


class Kind:
    """What differs between them. `world` gives units; `row()` is a good item about one of them."""
    versions = False
    once = "version-required"  # what a second one about the same is refused for, where it is none of the list

    def __init__(self, service, clients):
        self.service, self.clients, self.home, self.admin = service, clients, clients["home_affairs"], clients["admin"]
        self.campaign = make_campaign(service)
        self.round = f"{self.campaign}/rounds/2024"
        self.params = {}

    def unit(self, **fields):
        return make_unit(self.admin, **fields)["id"]

    def rows(self, count):
        return [self.row(self.unit()) for _ in range(count)]

    def write(self, rows, client=None, headers=None, **params):
        return (client or self.home).post(self.path, json={self.list: rows}, headers=headers, params=params)

    def load(self, rows, client=None, **params):
        return send(client or self.home, self.name, rows, **self.params, **params)

    def cells(self, rows):
        return [dict(row) for row in rows]

    def written(self):
        return self.service.psql(f"SELECT (SELECT count(*) FROM {self.table}), (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'), (SELECT sum(version) FROM units)")

    def events(self, unit):
        return self.service.psql("SELECT type, unit_id, campaign, year, restricted, reason, actor_roles FROM journal "
                                 f"WHERE unit_id = '{unit}' AND type IN ('{self.event}', '{self.changed}') ORDER BY id")


class Findings(Kind):
    name = list = "findings"
    table, event, changed, versions = "findings", "finding.recorded", "finding.changed", True

    def __init__(self, service, clients):
        super().__init__(service, clients)
        self.path, self.params = f"{self.round}/findings", {"campaign": self.campaign.rsplit("/", 1)[1], "year": 2024}

    def unit(self, **fields):
        unit = super().unit(**fields)
        entry = self.home.put(f"{self.round}/contestants/{unit}", json={"group": "SO_BAN_NGANH", "on_assessed_list": True})
        assert entry.status_code == 201, entry.text
        return unit

    def row(self, unit):
        return {"unit_id": unit, "contents": [{"content": c, "score": "90.5", "result": "OUTSTANDING", "reason": f"Lý do {c}",
                                               "evidence": ["Biên bản 1", "Báo cáo 2"]} for c in CONTENTS]}

    def alone(self, row, headers=None):
        return self.home.put(f"{self.path}/{row['unit_id']}", json={"contents": row["contents"]}, headers=headers)

    def spoil(self, row):
        return {**row, "contents": [{**row["contents"][0], "content": "Z"}]}, ("/contents/0/content", "finding_contents_known"), ("/content", "finding_contents_known")

    def cells(self, rows):
        return [{"unit_id": row["unit_id"], "version": row.get("version", ""), **content, "evidence": "; ".join(content["evidence"])}
                for row in rows for content in row["contents"]]


class Reports(Kind):
    name = list = "reports"
    table, event, changed, versions = "reports", "report.filed", "report.amended", True

    def __init__(self, service, clients):
        super().__init__(service, clients)
        self.path, self.params = f"{self.round}/reports", {"campaign": self.campaign.rsplit("/", 1)[1], "year": 2024}

    def row(self, unit):
        return {"unit_id": unit, "document_number": f"{next(_numbers)}/BC-SYT", "document_date": "2024-12-02", "summary": "Tóm tắt",
                "received_at": "2024-12-03T08:30:00+07:00", "source": "Sổ công văn đến, số 12"}

    def alone(self, row, headers=None):
        return self.home.put(f"{self.path}/{row['unit_id']}", json={k: v for k, v in row.items() if k != "unit_id"}, headers=headers)

    def spoil(self, row):
        return {k: v for k, v in row.items() if k != "source"}, ("/source", "required"), ("/source", "required")


class Discipline(Kind):
    name, list, table, event, changed = "discipline_records", "records", "discipline_records", "discipline.recorded", "discipline.changed"
    path, once = "/v1/discipline-records/batch", "discipline_records_once"

    def row(self, unit):
        return {"unit_id": unit, "person_name": "Nguyễn Văn A", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT",
                "level": "CANH_CAO", "decision_number": f"{next(_numbers)}/QĐ-KL", "decision_date": "2024-05-06",
                "issued_by": "UBND tỉnh", "effective_from": "2024-05-06"}

    def alone(self, row):
        return self.home.post("/v1/discipline-records", json=row)

    def spoil(self, row):
        return {**row, "level": "PHE_BINH"}, ("/level", "discipline_records_formal"), ("/level", "discipline_records_formal")


class Successions(Kind):
    name = list = "successions"
    table, event, changed, path, once = "successions", "unit.replaced", "unit.changed", "/v1/units/successions", "conflict"

    def row(self, unit):
        return {"unit_id": unit, "kind": "MERGE", "effective_on": "2025-03-01", "legal_basis": "Nghị quyết 1/NQ-HĐND",
                "successors": [super().unit()]}

    def alone(self, row):
        return self.home.post(f"/v1/units/{row['unit_id']}/successions", json={k: v for k, v in row.items() if k != "unit_id"})

    def spoil(self, row):
        return {**row, "kind": "RENAME", "successors": []}, None, None

    def cells(self, rows):
        return [{**{k: v for k, v in row.items() if k != "successors"}, "successor_unit_id": successor}
                for row in rows for successor in row["successors"] or [""]]


@pytest.fixture(params=[Findings, Reports, Discipline, Successions], ids=lambda kind: kind.name, scope="module")
def kind(request, service, clients):
    return request.param(service, clients)


@pytest.fixture(params=[Findings, Reports], ids=lambda kind: kind.name, scope="module")
def versioned(request, service, clients):
    return request.param(service, clients)


VARYING = ("recorded_at", "changed_at", "amended_at", "id", "unit_id", "unit_label", "document_number", "decision_number",
           "rank", "of", "predecessor_unit_id", "predecessor_unit_label", "successor_unit_id", "successor_unit_label")


def steady(value):
    """What two of the same have in common."""
    if isinstance(value, dict):
        return {k: steady(v) for k, v in value.items() if k not in VARYING}
    return [steady(item) for item in value] if isinstance(value, list) else value


def faults(response, status=422, type="invalid"):
    return [(e["pointer"], e["code"]) for e in problem(response, status, type)["errors"]]


# ---- as each would be alone ----

def test_each_item_is_written_answered_and_journalled_as_alone(kind):
    alone, *rows = kind.rows(4)
    single = kind.alone(alone)
    assert single.status_code == 201, single.text
    answer = kind.write(rows)
    assert answer.status_code == 201, answer.text
    items = answer.json()["items"]
    assert [item["unit_id"] for item in items] == [row["unit_id"] for row in rows], "in the order of the list"
    expected = {"successions": single.json()["items"]} if kind.name == "successions" else single.json()
    for item in items:
        assert item.pop("version")
        assert steady(item) == steady(expected)
    journal = [kind.events(row["unit_id"]).replace(row["unit_id"], "") for row in (alone, *rows)]
    assert journal[0] and set(journal) == {journal[0]}


def test_a_file_writes_the_same(kind):
    by_body, by_file = kind.rows(2)
    assert kind.write([by_body]).status_code == 201
    made(kind.load(kind.cells([by_file])), 1)
    assert kind.events(by_body["unit_id"]).replace(by_body["unit_id"], "") == kind.events(by_file["unit_id"]).replace(by_file["unit_id"], "")


def test_a_dry_run_judges_all_and_writes_nothing(kind):
    rows = kind.rows(2)
    before = kind.written()
    tried = kind.write(rows, dry_run="true")
    assert tried.status_code == 201 and "Location" not in tried.headers and not any("version" in item for item in tried.json()["items"])
    assert kind.load(kind.cells(rows), dry_run="true").json()["made"] == []
    assert kind.written() == before
    problem(kind.write([*rows, {**rows[0], "colour": "red"}], dry_run="true"), 422, "invalid")
    assert kind.write(rows).status_code == 201


def test_the_same_key_writes_once_and_answers_the_same(kind):
    rows, headers = kind.rows(2), {"Idempotency-Key": f'"{uuid.uuid4()}"'}
    first = kind.write(rows, headers=headers)
    before = kind.written()
    again = kind.write(rows, headers=headers)
    assert (again.status_code, again.json(), again.headers["Idempotency-Replayed"]) == (201, first.json(), "true")
    assert kind.written() == before
    problem(kind.write(rows[:1], headers=headers), 422, "idempotency-key-reused")


# ---- all or nothing ----

def test_all_that_is_wrong_is_named_where_it_stands_and_nothing_is_written(kind):
    rows = kind.rows(7)
    spoilt, fault, _ = kind.spoil(rows[5])
    rows[1]["colour"] = "red"
    rows[2] = "no object"
    rows[3] = {**rows[3], "unit_id": "x"}
    rows[4] = {**rows[4], "unit_id": str(uuid.uuid4())}
    rows[5] = spoilt
    before = kind.written()
    named = faults(kind.write(rows))
    assert {("/%s/1/colour" % kind.list, "unknown"), ("/%s/2" % kind.list, "type"), ("/%s/3/unit_id" % kind.list, "uuid")} <= set(named)
    numbers = [int(pointer.split("/")[2]) for pointer, _ in named]
    assert numbers == sorted(numbers) == [1, 2, 3, 4, 5], named
    if fault:
        assert (f"/{kind.list}/5{fault[0]}", fault[1]) in named
    assert kind.written() == before
    assert kind.write([rows[0], rows[6]]).status_code == 201


def test_bad_rows_of_a_file_are_named_and_nothing_is_written(kind):
    good, bad = kind.rows(2)
    spoilt, _, fault = kind.spoil(bad)
    before = kind.written()
    cells = kind.cells([good, spoilt])
    last = len(kind.cells([good])) + 2
    answer = faults(kind.load(cells))
    assert {int(pointer.split("/")[2]) for pointer, _ in answer} == {last}
    if fault:
        assert answer == [(f"/rows/{last}{fault[0]}", fault[1])]
    unknown = kind.cells([{**good, "unit_id": str(uuid.uuid4())}])
    assert {code for _, code in faults(kind.load(unknown))} == {"no_unit"}
    assert kind.written() == before


def test_at_most_64_are_named_the_rest_is_counted(kind):
    unit = kind.unit()
    row = kind.row(unit)
    rows = [{**row, "unit_id": f"{n}"} for n in range(100)]
    before = kind.written()
    answer = problem(kind.write(rows), 422, "invalid")
    assert [e["pointer"] for e in answer["errors"]] == [f"/{kind.list}/{n}/unit_id" for n in range(64)]
    assert answer["errors_left_out"] == 36
    assert kind.written() == before


@pytest.mark.parametrize("rows", [[], [{}] * 1001, None, {}, "x"])
def test_the_list_is_bounded(kind, rows):
    before = kind.written()
    assert faults(kind.write(rows))[0][0] == f"/{kind.list}"
    assert kind.written() == before


def test_what_stands_beside_the_list_is_refused_at_once(kind):
    answer = kind.home.post(kind.path, json={kind.list: kind.rows(1), "colour": "red"})
    assert faults(answer) == [("/colour", "unknown")]


@pytest.mark.parametrize("role", ["viewer", "unit", "initiative_council", "chair_office", "auditor"])
def test_other_roles_may_not(kind, role):
    rows, before = kind.rows(1), kind.written()
    client = kind.service.key(role, kind.unit() if role == "unit" else None)
    before = kind.written()
    problem(kind.write(rows, client), 403, "forbidden")
    problem(kind.load(kind.cells(rows), client), 403, "forbidden")
    assert kind.written() == before


def test_who_writes_the_same_at_once_does_not_wait_for_ever(kind):
    """In opposite orders: one is written, the other is told that it is there. Nobody is told to try again."""
    rows = kind.rows(40)
    before = int(kind.written().split("|")[0])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(kind.write, (rows, rows[::-1])))
    assert sorted(answer.status_code // 100 for answer in answers) == [2, 4], [answer.text[:400] for answer in answers]
    refused = max(answers, key=lambda answer: answer.status_code).json()
    assert len(refused["errors"]) == 40
    assert int(kind.written().split("|")[0]) == before + 40


# ---- what is there already ----

def test_what_is_there_already_is_named(kind):
    """Where the single write asks for If-Match, an item has its tag."""
    rows = kind.rows(3)
    assert kind.write(rows[1:2]).status_code == 201
    before = kind.written()
    answer = kind.write(rows)
    named = [(e["pointer"].split("/")[2], e["code"]) for e in answer.json()["errors"]]
    assert answer.status_code >= 400 and named == [("1", kind.once)]
    assert kind.written() == before


def test_a_tag_writes_over_and_an_old_one_does_not(versioned):
    kind, rows = versioned, versioned.rows(3)
    first = kind.write(rows[:2]).json()["items"]
    tagged = [{**row, "version": item["version"]} for row, item in zip(rows, first)]
    assert faults(kind.write(rows[:2]), 409, "conflict") == [(f"/{kind.list}/{n}/version", "version-required") for n in (0, 1)]
    changed = kind.write([tagged[1], rows[2]])
    assert changed.status_code == 201, "one of them is new"
    other, before = {**kind.rows(1)[0], "version": "*"}, kind.written()
    assert faults(kind.write(tagged), 409, "conflict") == [(f"/{kind.list}/1/version", "stale-version")]
    assert faults(kind.write([other]), 409, "conflict") == [(f"/{kind.list}/0/version", "stale-version")]
    both = kind.write([tagged[0], tagged[1], {**rows[2], "colour": "red"}])
    assert faults(both) == [(f"/{kind.list}/1/version", "stale-version"), (f"/{kind.list}/2/colour", "unknown")], "of several kinds: invalid"
    assert kind.written().split("|")[:2] == before.split("|")[:2]
    again = kind.write(tagged[:1])
    assert again.status_code == 200 and "Location" not in again.headers
    assert kind.alone(rows[0], {"If-Match": again.json()["items"][0]["version"]}).status_code == 200, "it is the ETag of the single one"
    events = kind.service.psql(f"SELECT type FROM journal WHERE unit_id = '{rows[0]['unit_id']}' AND type LIKE '%.%' AND resource LIKE '%/{kind.name}/%' ORDER BY id")
    assert events.split() == [kind.event, kind.changed, kind.changed]


def test_a_file_may_name_tags(versioned):
    kind, (row,) = versioned, versioned.rows(1)
    tag = kind.write([row]).json()["items"][0]["version"]
    assert set(faults(kind.load(kind.cells([row])))) == {("/rows/2/version", "version-required")}
    made(kind.load(kind.cells([{**row, "version": tag}])), 1)
    assert set(faults(kind.load(kind.cells([{**row, "version": tag}])))) == {("/rows/2/version", "stale-version")}


def test_the_same_twice_in_a_list_is_named(versioned):
    kind, (first, second) = versioned, versioned.rows(2)
    again = {**first, "unit_id": first["unit_id"].upper()}
    assert faults(kind.write([first, second, again])) == [(f"/{kind.list}/2/unit_id", "repeated")]


# ---- duties ----

def test_an_item_about_ones_own_unit_or_a_rival_is_refused(kind):
    """Like the single write, and beside what is wrong with the others."""
    rows = kind.rows(3)
    key = kind.admin.post("/v1/keys", json={"name": "thử", "roles": ["home_affairs"], "unit_id": rows[1]["unit_id"]}).json()["key"]
    clerk, before = Client(kind.service.base, key), kind.written()
    answer = kind.write(rows, clerk)
    named = faults(answer, 403, "separation-of-duties")
    assert (f"/{kind.list}/1", "separation-of-duties") in named
    if kind.name == "findings":  # all of one group
        assert len(named) == 3
    rows[0]["colour"] = "red"
    assert {code for _, code in faults(kind.write(rows[:2], clerk))} == {"unknown", "separation-of-duties"}
    assert kind.written() == before
    mine = (n for n, cells in enumerate(kind.cells(rows[1:2]), 2))
    del rows[0]["colour"]
    named = faults(kind.load(kind.cells(rows[1:2]), clerk))
    assert named[0] == (f"/rows/{next(mine)}", "separation-of-duties")


# ---- of one kind alone ----

def test_a_closed_round_takes_no_findings(service, clients):
    kind = Findings(service, clients)
    rows = kind.rows(1)
    service.psql(f"UPDATE rounds SET state = 'CLOSED' WHERE campaign = '{kind.params['campaign']}' AND year = 2024")
    problem(kind.write(rows), 409, "conflict")
    problem(kind.write(rows, headers=None, dry_run="true"), 409, "conflict")
    assert "errors" not in kind.write(rows).json(), "what all need is said alone"


def test_findings_are_answered_with_their_ranks_among_all_of_the_list(service, clients):
    kind = Findings(service, clients)
    rows = kind.rows(3)
    for row, score in zip(rows, ("80", "70", "90")):
        for content in row["contents"]:
            content["score"] = score
    items = kind.write(rows).json()["items"]
    assert [(item["rank"], item["of"]) for item in items] == [(2, 3), (3, 3), (1, 3)]
    for item in items:
        shown = kind.home.get(f"{kind.path}/{item['unit_id']}", headers={"Accept-Encoding": "identity"})
        assert {**shown.json(), "version": shown.headers["ETag"].strip('"')} == item


def test_findings_with_headings_of_people_and_evidence_in_one_cell(service, clients):
    kind = Findings(service, clients)
    (row,) = kind.rows(1)
    text = ("Mã đơn vị;Nội dung;Điểm;Kết quả;Lý do;Minh chứng\r\n"
            f"{row['unit_id']};A;90,5;Xuất sắc, tiêu biểu, dẫn đầu;Tốt;\"Biên bản 1; Báo cáo 2\"\r\n"
            f"{row['unit_id']};B;80;Chưa xuất sắc, tiêu biểu;Kém;\r\n").encode()
    (resource,) = made(send(kind.home, "findings", text, **kind.params), 1)
    contents = kind.home.get(resource).json()["contents"]
    assert [(c["content"], c["score"], c["result"], c["evidence"]) for c in contents] == [
        ("A", "90.50", "OUTSTANDING_LEADING", ["Biên bản 1", "Báo cáo 2"]), ("B", "80.00", "NOT_OUTSTANDING", [])]


@pytest.mark.parametrize("cell, received", [
    ("2024-12-03T08:30:00+07:00", "2024-12-03T08:30:00+07:00"), ("2024-12-03 08:30", "2024-12-03T08:30:00+07:00"),
    ("03/12/2024 8:30", "2024-12-03T08:30:00+07:00"), ("3/12/2024 08:30:15", "2024-12-03T08:30:15+07:00"),
    ("2024-12-03", None), ("03/12/2024", None), ("8:30", None), ("2024-12-03 25:00", None), ("2024-12-03 8h30", None)])
def test_instants_as_people_write_them(service, clients, cell, received):
    kind = Reports(service, clients)
    (row,) = kind.rows(1)
    text = ("Mã đơn vị;Số báo cáo;Ngày báo cáo;Nhận lúc;Nguồn\r\n"
            f"{row['unit_id']};{row['document_number']};02/12/2024;{cell};Sổ đến\r\n").encode()
    answer = send(kind.home, "reports", text, **kind.params)
    if not received:
        assert ("/rows/2/received_at", "instant") in faults(answer)
        return
    (resource,) = made(answer, 1)
    assert kind.home.get(resource).json()["received_at"] == received


@pytest.mark.parametrize("cell, received", [
    (datetime.datetime(2024, 12, 3, 8, 30), "2024-12-03T08:30:00+07:00"), (datetime.datetime(2024, 12, 3), "2024-12-03T00:00:00+07:00"),
    ("03/12/2024 08:30", "2024-12-03T08:30:00+07:00")])
def test_instants_of_a_workbook(service, clients, cell, received):
    kind = Reports(service, clients)
    (row,) = kind.rows(1)
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Mã đơn vị", "Số báo cáo", "Ngày báo cáo", "Nhận lúc", "Nguồn"])
    book.active.append([row["unit_id"], row["document_number"], datetime.date(2024, 12, 2), cell, "Sổ đến"])
    book.save(file)
    answer = kind.home.post("/v1/imports", params={"kind": "reports", **kind.params}, data=file.getvalue(), headers={"Content-Type": XLSX})
    (resource,) = made(answer, 1)
    shown = kind.home.get(resource).json()
    assert (shown["received_at"], shown["document_date"]) == (received, "2024-12-02")


@pytest.mark.parametrize("evidence, shown", [
    ("Biên bản 1", ["Biên bản 1"]), ("Biên bản 1;Báo cáo 2\nẢnh", ["Biên bản 1", "Báo cáo 2", "Ảnh"]), (" ; ;", []),
    ("x" * 501, "too_long"), ("; ".join("x" * 51), "count"), ("a\u202eb", "bidi_control"), ("a\0b", "text")])
def test_several_documents_in_a_cell_are_read_as_in_a_body(service, clients, evidence, shown):
    kind = Findings(service, clients)
    (row,) = kind.rows(1)
    answer = kind.load([{"unit_id": row["unit_id"], **row["contents"][0], "evidence": evidence}])
    if isinstance(shown, str):
        assert faults(answer) == [("/rows/2/evidence", shown)]
        return
    (resource,) = made(answer, 1)
    assert kind.home.get(resource).json()["contents"][0]["evidence"] == shown


@pytest.mark.plain
def test_of_a_cell_no_more_documents_are_read_than_it_may_hold(service, clients):
    """Two million of them took 340 MiB, though a request has 128 MiB, before their number was looked at."""
    kind = Findings(service, clients)
    (row,) = kind.rows(1)
    most = lambda: int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{service.process.pid}/status").read_text())[1]) >> 10
    before = most()
    assert faults(kind.load([{"unit_id": row["unit_id"], **row["contents"][0], "evidence": "a;" * 2_000_000}])) == [("/rows/2/evidence", "count")]
    assert SANITIZED or most() - before < 100  # a sanitizer keeps what was freed


def test_an_instant_whose_day_could_be_a_month_is_not_guessed(service, clients):
    kind = Reports(service, clients)
    (row,) = kind.rows(1)
    assert faults(kind.load([{**row, "received_at": "03/12/2024 08:30"}])) == [("/rows/2/received_at", "date")]


def test_an_exported_list_of_discipline_comes_in_again_without_what_is_no_longer_in_force(service, clients):
    kind = Discipline(service, clients)
    rows = [kind.row(kind.unit()) for _ in range(2)]
    items = kind.write(rows).json()["items"]
    for language, accept in (("vi", "text/csv"), ("en", "text/csv"),
                             ("vi", XLSX)):
        unit = kind.unit()
        number = f"{next(_numbers)}/QĐ-XK"
        kind.alone({**kind.row(unit), "decision_number": number})
        listed = kind.home.get("/v1/discipline-records", params={"unit_id": unit}, headers={"Accept": accept, "Accept-Language": language})
        again = kind.home.post("/v1/imports", params={"kind": kind.name}, data=listed.content, headers={"Content-Type": accept})
        assert faults(again) and {e["code"] for e in again.json()["errors"]} == {"discipline_records_once"}, again.text
        if accept == "text/csv":
            made(kind.home.post("/v1/imports", params={"kind": kind.name}, headers={"Content-Type": accept},
                                data=listed.content.replace(number.encode(), f"{next(_numbers)}/QĐ-XK".encode())), 1)
    annulled = kind.home.patch(f"/v1/discipline-records/{items[0]['id']}", data=json.dumps({"status": "ANNULLED", "reason": "Sai"}),
                               headers={"Content-Type": "application/merge-patch+json", "If-Match": items[0]["version"]})
    assert annulled.status_code == 200, annulled.text
    listed = kind.home.get("/v1/discipline-records", params={"unit_id": rows[0]["unit_id"]}, headers={"Accept": "text/csv"})
    again = kind.home.post("/v1/imports", params={"kind": kind.name}, data=listed.content, headers={"Content-Type": "text/csv"})
    assert faults(again) == [("/rows/2/status", "not_in_force")]


def test_an_exported_list_of_reports_is_read_again(service, clients):
    kind = Reports(service, clients)
    (row,) = kind.rows(1)
    assert kind.write([row]).status_code == 201
    for accept, language in (("text/csv", "vi"), ("text/csv", "en"), (XLSX, "vi")):
        listed = kind.home.get(kind.path, headers={"Accept": accept, "Accept-Language": language})
        again = kind.home.post("/v1/imports", params={"kind": "reports", **kind.params}, data=listed.content, headers={"Content-Type": accept})
        assert faults(again) == [("/rows/2/version", "version-required")], "every column is known, and the report is there"


def test_an_exported_list_of_findings_comes_in_again(service, clients):
    """A row is a content of a unit; into a round that has the same contestants and no findings."""
    kind, other = Findings(service, clients), Findings(service, clients)
    rows = kind.rows(2)
    rows[0]["contents"][1]["reason"] = "Nhiều dòng;\ncó dấu \"ngoặc\", phẩy"
    assert kind.write(rows).status_code == 201
    for row in rows:
        assert kind.home.put(f"{other.round}/contestants/{row['unit_id']}", json={"group": "SO_BAN_NGANH", "on_assessed_list": True}).status_code == 201
    for accept, language in (("text/csv", "vi"), ("text/csv", "en"), (XLSX, "vi"), (XLSX, "en")):
        listed = kind.home.get(kind.path, headers={"Accept": accept, "Accept-Language": language})
        params = {"kind": "findings", **other.params, "dry_run": "true"}
        again = kind.home.post("/v1/imports", params=params, data=listed.content, headers={"Content-Type": accept})
        assert again.status_code == 200 and again.json()["created"] == 2, again.text
        if (accept, language) == (XLSX, "en"):
            made(kind.home.post("/v1/imports", params={**params, "dry_run": "false"}, data=listed.content, headers={"Content-Type": accept}), 2)
    for row in rows:
        one, two = (kind.home.get(f"{k.path}/{row['unit_id']}").json()["contents"] for k in (kind, other))
        assert one == two


def test_names_of_persons_are_in_no_answer_but_to_those_who_may_read_them(service, clients):
    kind = Discipline(service, clients)
    rows = [{**kind.row(kind.unit()), "person_name": "Trần Thị Kín"}]
    report = kind.load(rows).json()
    assert "Kín" not in json.dumps(report, ensure_ascii=False)
    assert service.psql("SELECT count(*) FROM journal WHERE type = 'discipline.recorded' AND NOT restricted") == "0"


def test_successions_are_entered_in_their_order(service, clients):
    """A body below ends before the one above it; and a chain is told from its start."""
    kind = Successions(service, clients)
    above = kind.unit()
    below = kind.unit(kind="PROVINCIAL_SUBUNIT", parent_id=above)
    end = {"kind": "DISSOLVE", "effective_on": "2025-03-01", "legal_basis": "Nghị quyết 1/NQ-HĐND"}
    wrong = faults(kind.write([{"unit_id": above, **end}, {"unit_id": below, **end}]), 409, "conflict")
    assert wrong == [("/successions/0/move_children_to", "living_below")]
    assert kind.write([{"unit_id": below, **end}, {"unit_id": above, **end}]).status_code == 201
    first, second, third = kind.unit(), kind.unit(), kind.unit()
    merge = {"kind": "MERGE", "legal_basis": "Nghị quyết 2/NQ-HĐND"}
    chain = kind.write([{"unit_id": first, "effective_on": "2025-03-01", "successors": [second], **merge},
                        {"unit_id": second, "effective_on": "2025-07-01", "successors": [third], **merge}])
    assert chain.status_code == 201, chain.text
    assert [len(item["successions"]) for item in chain.json()["items"]] == [1, 2], "the second has its predecessor and its successor"
    for item in chain.json()["items"]:
        assert clients["anyone"].get(f"/v1/units/{item['unit_id']}").headers["ETag"].strip('"').split("-")[0] == item["version"].split("-")[0]
    holders = clients["anyone"].get(f"/v1/units/{first}/history", params={"on": "2025-08-01"}).json()["holders_now"]
    assert third in json.dumps(holders)


@pytest.mark.parametrize("smaller", ["above", "below"])
def test_a_file_of_successions_is_entered_in_its_order(service, clients, smaller):
    """Whichever of the units has the smaller id: other files are taken in the order of what they are about."""
    kind = Successions(service, clients)
    above, belows = kind.unit(), []
    while not belows or (belows[-1] < above) != (smaller == "below"):
        if len(belows) == 8:  # it has an id that is beyond most others
            above, belows = kind.unit(), []
        belows.append(kind.unit(kind="PROVINCIAL_SUBUNIT", parent_id=above))
    head = "unit_id,kind,effective_on,legal_basis"
    rows = [f"{unit},DISSOLVE,2025-03-01,Nghị quyết 1/NQ-HĐND" for unit in (*belows, above)]
    wrong = send(kind.home, "successions", "\n".join([head, *rows[::-1]]).encode())
    assert {e["code"] for e in problem(wrong, 422, "invalid")["errors"]} == {"living_below"}
    made(send(kind.home, "successions", "\n".join([head, *rows]).encode()), len(rows))


def test_an_exported_list_of_successions_is_read(service, clients):
    kind = Successions(service, clients)
    (row,) = kind.rows(1)
    kind.write([row])
    listed = kind.home.get(f"/v1/units/{row['unit_id']}/successions", headers={"Accept": "text/csv", "Accept-Language": "vi"}).text
    again, successor = kind.unit(), row["successors"][0]
    text = listed.replace(row["unit_id"], again)
    made(send(kind.home, "successions", text.encode()), 1)
    shown = kind.home.get(f"/v1/units/{again}/successions").json()["items"]
    assert [(s["successor_unit_id"], s["kind"], s["effective_on"]) for s in shown] == [(successor, "MERGE", "2025-03-01")]


def coded(kind, scheme, **more):
    """A unit and a code that it holds."""
    any_of = uuid.uuid4().int
    value = {"GSO": f"{any_of % 90000 + 10000}", "AGENCY": f"H{any_of % 90 + 10}.{any_of % 899 + 100}.{any_of % 887 + 100}",
             "AGENCY_LEGACY": f"{any_of % 900 + 100}.{any_of % 89 + 10}.{any_of % 83 + 10}.H{any_of % 79 + 10}"}[scheme]
    return kind.unit(codes=[{"scheme": scheme, "value": value}], **more), value


@pytest.mark.parametrize("scheme", ["GSO", "AGENCY", "AGENCY_LEGACY"])
def test_a_file_of_successions_names_who_comes_after_by_its_code(service, clients, scheme):
    """As it is held on the day of the succession, with no day of the whole file; and so who takes what is below."""
    kind, column = Successions(service, clients), f"{scheme.lower()}_code"
    (after, held), old = coded(kind, scheme, valid_from="2025-03-01"), kind.unit()
    below = kind.unit(kind="PROVINCIAL_SUBUNIT", parent_id=old)
    head = f"unit_id,kind,effective_on,legal_basis,successor_unit_id,successor_{column},move_children_to_{column}"

    def sent(*cells):
        return send(kind.home, "successions", "\n".join([head, ",".join(cells)]).encode())
    wrong = [(sent(old, "MERGE", "2025-02-28", "Nghị quyết 1/NQ", "", held, ""), "no_unit"),
             (sent(old, "MERGE", "2025-03-01", "Nghị quyết 1/NQ", below, held, ""), "two_units")]
    for answer, code in wrong:
        assert [(e["pointer"], e["code"]) for e in problem(answer, 422, "invalid")["errors"]] == [(f"/rows/2/successor_{column}", code)]
    refused = sent(old, "MERGE", "2025-03-01", "Nghị quyết 1/NQ", "", held, "nobody")
    assert [(e["pointer"], e["code"]) for e in problem(refused, 422, "invalid")["errors"]] == [(f"/rows/2/move_children_to_{column}", "no_unit")]
    made(sent(old, "MERGE", "2025-03-01", "Nghị quyết 1/NQ", "", held, held), 1)
    assert [s["successor_unit_id"] for s in kind.home.get(f"/v1/units/{old}/successions").json()["items"]] == [after]
    assert kind.home.get(f"/v1/units/{below}", params={"on": "2025-03-01"}).json()["parent_id"] == after


def test_a_tag_of_a_unit_may_guard_its_succession(service, clients):
    kind = Successions(service, clients)
    rows = kind.rows(2)
    etag = clients["anyone"].get(f"/v1/units/{rows[0]['unit_id']}").headers["ETag"].strip('"')
    assert faults(kind.write([{**rows[0], "version": "77-0"}, rows[1]]), 409, "conflict") == [("/successions/0/version", "stale-version")]
    assert kind.write([{**rows[0], "version": etag}, rows[1]]).status_code == 201


@pytest.mark.parametrize("way", ["bulk", "import"])
def test_findings_of_one_list_are_ranked_together(service, clients, way):
    """Answers and events tell of each the rank among all of the list, whatever came first; a changed one is told as it was."""
    findings = Findings(service, clients)
    rows = findings.rows(4)
    scores = [70, 95, 80, 95]
    def given(scores):
        return [{**row, "contents": [{**content, "score": str(score)} for content in row["contents"]]} for row, score in zip(rows, scores)]
    def write(rows):
        done = findings.write(rows) if way == "bulk" else findings.load(findings.cells(rows))
        assert done.status_code in (200, 201), done.text
        return done.json()
    def events(which):
        told = service.psql(f"SELECT unit_id, type, {which} FROM (SELECT *, row_number() OVER (PARTITION BY unit_id ORDER BY id DESC) AS turn FROM journal "
                            f"WHERE campaign = '{findings.params['campaign']}' AND type LIKE 'finding.%') j WHERE turn = 1")
        return {unit: (kind, json.loads(shown) if shown else None) for unit, kind, shown in (line.split("|", 2) for line in told.splitlines())}
    made = write(given(scores))
    after = events("after")
    assert [after[row["unit_id"]][0] for row in rows] == ["finding.recorded"] * 4
    assert [(after[row["unit_id"]][1]["rank"], after[row["unit_id"]][1]["of"]) for row in rows] == [(4, 4), (1, 4), (3, 4), (1, 4)]
    assert all(shown is None for _, shown in events("before").values())
    shown = {row["unit_id"]: findings.home.get(f"{findings.path}/{row['unit_id']}") for row in rows}
    assert all(after[unit][1] == answer.json() for unit, answer in shown.items())
    if way == "bulk":
        assert [{k: v for k, v in item.items() if k != "version"} for item in made["items"]] == [shown[row["unit_id"]].json() for row in rows]
    changed = [{**row, "version": shown[row["unit_id"]].headers["ETag"]} for row in given([99, 10, 20, 30])]
    write(changed[:2])
    now, before = events("after"), events("before")
    for row, rank, was in zip(rows[:2], [1, 4], [4, 1]):
        kind, told = now[row["unit_id"]]
        assert (kind, told["rank"], before[row["unit_id"]][1]["rank"]) == ("finding.changed", rank, was)
    assert service.psql(f"SELECT count(*) FROM journal WHERE campaign = '{findings.params['campaign']}' AND type LIKE 'finding.%'") == "6"
