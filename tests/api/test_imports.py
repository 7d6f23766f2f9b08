"""POST /v1/imports: all or nothing, every bad row named, the order of rows without meaning."""
import concurrent.futures
import csv
import io
import re
import uuid

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from conftest import PLAN_FILE, make_campaign, make_unit
from service import problem, wait_until

COLUMNS = ["gso_code", "agency_code", "name", "kind", "parent_gso_code", "parent_agency_code", "valid_from", "legal_basis"]


def code():
    return f"H{uuid.uuid4().int % 90 + 10}.{uuid.uuid4().int % 900 + 100}.{uuid.uuid4().int % 900 + 100}"


def row(**cells):
    return {"name": "Đơn vị", "kind": "OTHER", "valid_from": "2024-01-01", **cells}


def table(rows, columns=COLUMNS, **dialect):
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, **{"lineterminator": "\r\n", **dialect})
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def send(client, text, **params):
    return client.post("/v1/imports", params={"kind": "units", "confirm_duplicate": "true", **params}, headers={"Content-Type": "text/csv; charset=utf-8"},
                       data=text.encode("utf-8") if isinstance(text, str) else text)


def faults(response):
    return {(e["pointer"], e["code"]) for e in problem(response, 422, "invalid")["errors"]}


def everything(service):
    return service.psql("SELECT (SELECT count(*) FROM units), (SELECT count(*) FROM unit_periods), "
                        "(SELECT count(*) FROM unit_codes), (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE')")


def test_children_may_stand_before_parents_and_ids_come_back_by_code(service, clients):
    top, middle, low = code(), code(), code()
    rows = [row(agency_code=low, name="Phòng", parent_agency_code=middle, kind="PROVINCIAL_SUBUNIT"),
            row(agency_code=middle, name="Sở", parent_agency_code=top, kind="PROVINCIAL_BODY", legal_basis="QĐ 1, khoản \"2\""),
            row(agency_code=top, name="Tỉnh", kind="PROVINCE")]
    response = send(clients["home_affairs"], table(rows))
    assert response.status_code == 201, response.text
    answer = response.json()
    assert (answer["created"], answer["codes"], answer["dry_run"], set(answer["ids"])) == (3, 3, False, {"AGENCY"})
    ids = answer["ids"]["AGENCY"]
    shown = clients["anyone"].get(f"/v1/units/{ids[low]}").json()
    assert (shown["label"], shown["parent_id"]) == ("Phòng (Sở)", ids[middle])
    assert clients["anyone"].get(f"/v1/units/{ids[middle]}").json()["legal_basis"] == "QĐ 1, khoản \"2\""
    assert service.psql(f"SELECT type, after->>'name', after->>'parent_id' FROM journal WHERE unit_id = '{ids[low]}'"
                        ) == f"unit.created|Phòng|{ids[middle]}"


def test_a_parent_may_be_known_already_but_must_exist_on_the_day(clients, unit):
    known = code()
    parent = unit(codes=[{"scheme": "AGENCY", "value": known}], valid_from="2024-07-01")
    assert faults(send(clients["admin"], table([row(parent_agency_code=known, valid_from="2024-06-30")]))) == {
        ("/rows/2/parent_agency_code", "no_parent")}
    new = code()
    made = send(clients["admin"], table([row(agency_code=new, parent_agency_code=known, valid_from="2024-07-01")])).json()
    assert clients["anyone"].get(f"/v1/units/{made['ids']['AGENCY'][new]}").json()["parent_id"] == parent["id"]


@pytest.mark.parametrize("named_by", ["parent_agency_code", "parent_id"])
@pytest.mark.parametrize("in_file", [True, False])
def test_a_parent_must_be_there_all_the_days(clients, unit, in_file, named_by):
    """In the file or known already, and whichever way it is named."""
    above = {"id": str(uuid.uuid4()), "agency_code": code()}
    parent = [row(**above, name="Sở", valid_to="2025-06-30")]
    if not in_file:
        assert send(clients["admin"], table(parent, columns=["id", *COLUMNS, "valid_to"])).status_code == 201
    named = {named_by: above["id" if named_by == "parent_id" else "agency_code"]}

    def sent(*lasts):
        rows = (parent if in_file else []) + [row(**named, valid_to=last) for last in lasts]
        return send(clients["admin"], table(rows, columns=["id", "parent_id", *COLUMNS, "valid_to"]))
    first = 3 if in_file else 2
    assert faults(sent("", "2025-07-01", "2025-06-30")) == {(f"/rows/{line}/{named_by}", "unit_parent_ends") for line in (first, first + 1)}
    assert sent("2025-06-30", "2024-12-31").status_code == 201


def test_every_bad_cell_is_named_and_nothing_is_written(service, clients, unit):
    taken, twice, a, b = code(), code(), code(), code()
    unit(codes=[{"scheme": "AGENCY", "value": taken}])
    before = everything(service)
    cells = [row(name="", kind="KINGDOM", valid_from="2024-02-30"), row(), row(name="x" * 201)]
    assert faults(send(clients["admin"], table(cells))) == {
        ("/rows/2/name", "required"), ("/rows/2/kind", "choice"), ("/rows/2/valid_from", "date"), ("/rows/4/name", "too_long")}
    meaning = [row(agency_code=taken), row(agency_code=twice), row(agency_code=twice), row(gso_code="1234"),
               row(parent_gso_code="99999"), row(agency_code=a, parent_agency_code=b), row(agency_code=b, parent_agency_code=a)]
    assert faults(send(clients["admin"], table(meaning))) == {
        ("/rows/2/agency_code", "taken"), ("/rows/4/agency_code", "repeated"), ("/rows/5/gso_code", "form"),
        ("/rows/6/parent_gso_code", "no_parent"), ("/rows/7/parent_agency_code", "circle"),
        ("/rows/8/parent_agency_code", "circle")}
    gso = str(uuid.uuid4().int % 90000 + 10000)
    two = [row(gso_code=gso), row(agency_code=a), row(parent_gso_code=gso, parent_agency_code=a)]
    assert faults(send(clients["admin"], table(two))) == {("/rows/4/parent_agency_code", "two_parents")}
    assert everything(service) == before


def test_a_bad_cell_hides_nothing_that_is_wrong_elsewhere(service, clients, unit):
    """A row that is refused for a cell is still there for others: its code is a parent, and is not free to be repeated."""
    taken, top, twice = code(), code(), code()
    unit(codes=[{"scheme": "AGENCY", "value": taken}])
    before = everything(service)
    rows = [row(agency_code=top, kind="KINGDOM", valid_from="2024-02-30"), row(parent_agency_code=top), row(agency_code=taken),
            row(agency_code=twice, name=""), row(agency_code=twice), row(gso_code="1234"), row(parent_gso_code="99999", name="")]
    answer = problem(send(clients["admin"], table(rows)), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in answer["errors"]] == [
        ("/rows/2/kind", "choice"), ("/rows/2/valid_from", "date"), ("/rows/4/agency_code", "taken"), ("/rows/5/name", "required"),
        ("/rows/6/agency_code", "repeated"), ("/rows/7/gso_code", "form"), ("/rows/8/name", "required")]
    assert everything(service) == before


def test_a_dry_run_makes_every_check_and_writes_nothing(service, clients):
    value, before = code(), everything(service)
    rehearsed = send(clients["admin"], table([row(agency_code=value)]), dry_run="true")
    assert rehearsed.status_code == 200 and rehearsed.json() == {
        "kind": "units", "dry_run": True, "created": 1, "codes": 1, "ids": {}}
    assert faults(send(clients["admin"], table([row(gso_code="1")]), dry_run="true")) == {("/rows/2/gso_code", "form")}
    assert everything(service) == before
    assert send(clients["admin"], table([row(agency_code=value)]), dry_run="false").status_code == 201


@pytest.mark.parametrize("text, expected", [
    ("", ("/rows", "count")),
    ("name,kind,valid_from\r\n", ("/rows", "count")),
    ("name,kind\r\nA,OTHER\r\n", ("/header/valid_from", "required")),
    ("name,kind,valid_from,colour\r\nA,OTHER,2024-01-01,red\r\n", ("/header/3", "unknown")),
    ("name|kind|valid_from\r\nA|OTHER|2024-01-01\r\n", ("/header/0", "unknown")),
    ("name,kind,valid_from,name\r\nA,OTHER,2024-01-01,B\r\n", ("/header/3", "repeated")),
    ("name,kind,valid_from\r\nA,OTHER\r\n", ("/rows/2/valid_from", "required")),
    ("name,kind,valid_from\r\nA,OTHER,2024-01-01,x\r\n", ("/rows/2", "columns")),
    ("name,kind,valid_from\r\nA\"B,OTHER,2024-01-01\r\n", ("/rows/2", "syntax")),
    ("name,kind,valid_from\r\n\"A\"B,OTHER,2024-01-01\r\n", ("/rows/2", "syntax")),
    ("name,kind,valid_from\r\n\r\n\"A,OTHER,2024-01-01\r\n", ("/rows/3", "syntax")),
    ("name,kind,valid_from\r\nA\x00B,OTHER,2024-01-01\r\n", ("/rows/2/name", "text")),
    ("name,kind,valid_from\r\nA\rB,OTHER,2024-01-01\r\n", ("/rows/2/name", "control_character")),
    ("name,kind,valid_from\r\n\u00a0,OTHER,2024-01-01\r\n\u200b,OTHER,2024-01-01\r\n", ("/rows/3/name", "unseen")),
    ("name,kind,valid_from\r\nSở \u202eat\u202c,OTHER,2024-01-01\r\n", ("/rows/2/name", "bidi_control")),
    (b"name,kind,valid_from\r\n\xc0\xaf,OTHER,2024-01-01\r\n", ("", "encoding")),
    (b"\xff\xfename,kind,valid_from\r\nA,OTHER,2024-01-01\r\n", ("/header/0", "unknown")),
])
def test_a_malformed_file_is_refused(service, clients, text, expected):
    before = everything(service)
    assert expected in faults(send(clients["admin"], text))
    assert everything(service) == before


def test_byte_order_mark_blank_lines_line_feeds_and_a_missing_last_line_end_are_taken(clients):
    value = code()
    text = f"\ufeffname,kind,valid_from,agency_code\n\nA,OTHER,2024-01-01,{value}\n\nB,OTHER,2024-01-01,"
    assert send(clients["admin"], text).json()["created"] == 2
    wrong = faults(send(clients["admin"], text + "\n\n,OTHER,2024-01-01,"))
    assert wrong == {("/rows/3/agency_code", "taken"), ("/rows/7/name", "required")}, "rows are numbered as a spreadsheet shows them"


def test_the_number_of_faults_named_and_of_rows_taken_is_bounded(service, clients):
    before = everything(service)
    answer = problem(send(clients["admin"], table([row(kind="X")] * 500)), 422, "invalid")
    assert len(answer["errors"]) == 64 and "64" in answer["detail"] and "436" in answer["detail"], "it says how many more there are"
    assert faults(send(clients["admin"], table([row()] * 10001))) == {("/rows", "count")}
    too_large = clients["admin"].post("/v1/imports?kind=units", data=b"x" * (4 * 1024 * 1024 + 1), headers={"Content-Type": "text/csv"})
    problem(too_large, 413, "body-too-large")
    assert everything(service) == before


def test_who_may_import_and_what(clients):
    text = table([row()])
    for role in ("viewer", "unit", "initiative_council", "chair_office", "auditor"):
        problem(send(clients[role], text), 403, "forbidden")
    problem(send(clients["anyone"], text), 401, "unauthenticated")
    problem(clients["admin"].post("/v1/imports", data=text.encode(), headers={"Content-Type": "text/csv"}), 400, "invalid-query")
    problem(send(clients["admin"], text, kind="kings"), 400, "invalid-query")
    problem(clients["admin"].post("/v1/imports?kind=units", json={}), 415, "unsupported-media-type")


TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
PART = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Cn"), blacklist_characters=TURNING + "\ufffd") | st.sampled_from(" ,;\"\n\t'\u00a0Đ"),
               max_size=20)
TEXT = st.builds("{}{}{}".format, PART, st.sampled_from(["Đ", "a"]), PART)  # something is to be seen
BLANKS = "[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
UNSEEN = ("[\n\t \u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f"
          "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")
LINE = TEXT.map(lambda text: re.sub("[\n\t\u2028\u2029]", " ", text))  # of one line


def stored_line(text):
    return re.sub(f"^{BLANKS}+|{BLANKS}+$", "", re.sub(f"{BLANKS}{{2,}}", " ", text))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=LINE, basis=TEXT, quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), end=st.sampled_from(["\r\n", "\n"]),
       columns=st.permutations(["name", "kind", "valid_from", "agency_code", "legal_basis"]))
def test_any_text_survives_the_round_trip(clients, name, basis, quoting, end, columns):
    import unicodedata
    value = code()
    # As tables of ours write it: an apostrophe before what a spreadsheet would run as a formula is taken off again.
    guarded = lambda text: f"'{text}" if re.match(rf"'*([\t\r\n]|{UNSEEN}*[=+\-@＝＋－＠])", text) else text
    text = table([row(name=guarded(name), legal_basis=guarded(basis), agency_code=value)], columns, quoting=quoting, lineterminator=end)
    made = send(clients["admin"], text)
    assert made.status_code == 201, made.text
    shown = clients["anyone"].get(f"/v1/units/{made.json()['ids']['AGENCY'][value]}").json()
    assert (shown["name"], shown["legal_basis"]) == tuple(unicodedata.normalize("NFC", t) for t in (stored_line(name), basis))



def test_an_import_stands_on_at_most_eight_levels(service, clients):
    codes = [code() for _ in range(9)]
    rows = [row(agency_code=own, name="Tầng", parent_agency_code=above) for own, above in zip(codes, [""] + codes)]
    before = everything(service)
    assert problem(send(clients["home_affairs"], table(rows)), 409, "conflict")["errors"][0]["code"] == "unit_levels"
    assert everything(service) == before
    assert send(clients["home_affairs"], table(rows[:8])).status_code == 201


FEW, MANY = 2, 3000
FILE = """(SELECT jsonb_agg(jsonb_build_object('row', n, 'id', md5('unit' || n)::uuid, 'name', 'Đội số ' || n, 'kind', 'OTHER', 'valid_from', '2024-01-01',
    'parent_id', md5('unit0')::uuid, 'agency_code', 'Z10.' || 100 + n / 1000 || '.' || to_char(n % 1000, 'FM000'))) FROM generate_series(1, {rows}) n)"""
KNOWN = f"""INSERT INTO units (id) SELECT md5('unit' || n)::uuid FROM generate_series(0, {MANY}) n;
    INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id) SELECT md5('unit' || n)::uuid, daterange('2024-01-01', NULL), 'Đội số ' || n, 'OTHER',
        CASE WHEN n > 0 THEN md5('unit0')::uuid END FROM generate_series(0, {MANY}) n;
    INSERT INTO unit_codes (unit_id, scheme, value, valid) SELECT md5('unit' || n)::uuid, 'AGENCY', 'Z10.' || 100 + n / 1000 || '.' || to_char(n % 1000, 'FM000'),
        daterange('2024-01-01', NULL) FROM generate_series(1, {MANY}) n"""


def test_a_file_is_judged_by_plans_from_when_there_were_few_units(fresh_service):
    """Whatever PostgreSQL kept: no row of the file reads all units, and none reads all other rows."""
    few, many = (FILE.format(rows=rows) for rows in (FEW, MANY))
    told = fresh_service.psql(f"""SET plan_cache_mode = force_generic_plan; ANALYZE units, unit_periods, unit_codes; SELECT count(*) FROM import_units_faults({few}, false);
        {KNOWN}; EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) SELECT FROM import_units_faults({many}, false); ROLLBACK""")
    assert int(re.search(r"Function Scan on import_units_faults.*?shared hit=(\d+)", told, re.S)[1]) < 25 * MANY
    assert "rows=64 " in told


@pytest.mark.parametrize("shared, chained", [({"agency_code": "Z11.100.100", "parent_agency_code": "Z11.100.100"}, "circle"),
                                             ({"agency_code": "Z11.100.100", "parent_gso_code": "00"}, "no_parent")])
def test_a_code_that_each_row_repeats_gives_each_row_one_parent(clients, shared, chained):
    """Each row took each that had the code for a parent: a file of 10,000 would have had 100,000,000."""
    found = faults(send(clients["admin"], table([row(name=f"Đội {n}", **shared) for n in range(20)])))
    assert {code for _, code in found} == {"repeated", chained}
    assert len(found) == 20 + 19


READ_THROUGH = "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables WHERE relname IN ('units', 'unit_periods', 'unit_stamps', 'contestants', 'contestant_labels', 'reports')"

WRITTEN = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname IN ('units', 'contestants', 'reports') ORDER BY relname"


def test_rows_are_made_by_plans_from_when_there_were_few(fresh_service):
    """Plans that connections keep are made for tables of one page. None of them reads a table through for each row of a file that makes it large."""
    assert fresh_service.command("load", str(PLAN_FILE)).returncode == 0
    client, entered = fresh_service.key("home_affairs"), {"campaign": "230-KH-UBND", "year": 2025}

    def enter(first, count):
        ids = [str(uuid.uuid5(uuid.NAMESPACE_OID, str(n))) for n in range(first, first + count)]
        for kind, rows, params in [
                ("units", [{"id": unit, "name": f"Ban {unit}", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"} for unit in ids], {}),
                ("contestants", [{"unit_id": unit, "group": "SO_BAN_NGANH", "on_assessed_list": "true", "advises_par": "true", "source_document": "x"} for unit in ids], entered),
                ("reports", [{"unit_id": unit, "document_number": f"{first + n}/BC", "document_date": "2025-11-01", "received_at": "2025-11-02T08:00:00+07:00",
                              "summary": "x", "source": "x"} for n, unit in enumerate(ids)], entered)]:
            text = io.StringIO()
            writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
            writer.writeheader()
            writer.writerows(rows)
            answer = client.post("/v1/imports", params={"kind": kind, **params}, data=text.getvalue().encode(), headers={"Content-Type": "text/csv"})
            assert answer.status_code == 201, answer.text

    enter(0, 10)
    fresh_service.psql("ANALYZE")
    for turn in range(8):  # with two workers or more
        enter(10 + turn, 1)
    before, written = int(fresh_service.psql(READ_THROUGH)), fresh_service.psql(WRITTEN)
    enter(100, 600)
    # A session tells later of what it read, together with what it wrote.
    wait_until(lambda: all(int(now) >= int(then) + 600 for now, then in zip(fresh_service.psql(WRITTEN).split(), written.split())))
    assert int(fresh_service.psql(READ_THROUGH)) - before < 50 * 600


def test_two_files_about_the_same_units_in_opposite_order_do_not_deadlock(service, clients):
    """Where rows were taken as they stood, each held what the other waited for: one was run again, and after three times refused with 503."""
    code = make_campaign(service).rsplit("/", 1)[1]
    units = [make_unit(clients["admin"])["id"] for _ in range(60)]
    deadlocks = lambda: service.psql("SELECT pg_stat_force_next_flush(); SELECT deadlocks FROM pg_stat_database WHERE datname = 'thidua'").split()[-1]  # noqa: E731
    before = deadlocks()

    def send(order):
        rows = "".join(f"{unit},SO_BAN_NGANH,true\n" for unit in order)
        return service.key("home_affairs").post("/v1/imports", params={"kind": "contestants", "campaign": code, "year": "2024"}, headers={"Content-Type": "text/csv"},
                                                data=f"unit_id,group,on_assessed_list\n{rows}".encode())

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(send, [units, units[::-1]]))
    assert sorted(answer.status_code for answer in answers) == [201, 422], [answer.text for answer in answers]
    assert [made["resource"].rsplit("/", 1)[1] for made in next(answer.json()["made"] for answer in answers if answer.status_code == 201)] in (units, units[::-1])
    assert deadlocks() == before
