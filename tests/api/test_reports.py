"""V.1: the yearly report and who owes it."""
from concurrent.futures import ThreadPoolExecutor
import uuid

import pytest

from conftest import PLAN, make_campaign
from service import problem, wait_until

REPORT = {"document_number": "15/BC-UBND", "document_date": "2024-12-20", "summary": "Kết quả phong trào"}


def put(client, url, body, etag=None):
    return client.put(url, json=body, headers={"If-Match": etag} if etag else {})


def owed(client, round_, unit):
    """The unit's item in the list of obligations, over all pages."""
    cursor = None
    while True:
        page = client.get(f"{round_}/obligations", params={"limit": 200, **({"cursor": cursor} if cursor else {})}).json()
        for item in page["items"]:
            if item["unit_id"] == unit:
                return item
        cursor = page["next"]
        if not cursor:
            return None


@pytest.mark.parametrize("received_at, late", [
    ("2024-12-30T23:59:59+07:00", False), ("2024-12-30T23:59:59.999999+07:00", False),
    ("2024-12-31T00:00:00+07:00", True), ("2024-12-30T17:30:00Z", True), ("2024-12-30T16:59:59Z", False)])
def test_the_strict_cut_off(clients, unit, round_2024, received_at, late):
    """Domain, section 9. Sở Nội vụ records an earlier receipt with its source."""
    made = unit()["id"]
    filed = put(clients["home_affairs"], f"{round_2024}/reports/{made}",
                {**REPORT, "received_at": received_at, "source": "Sổ văn bản đến số 812"})
    assert filed.status_code == 201 and filed.json()["late"] is late, filed.text
    assert owed(clients["auditor"], round_2024, made)["report"]["status"] == ("FILED_LATE" if late else "FILED")


def test_a_report_is_not_dated_ahead(clients, unit, round_2024):
    """V.1: neither when it is filed nor when it is amended."""
    home, url = clients["home_affairs"], f"{round_2024}/reports/{unit()['id']}"
    ahead = {**REPORT, "document_date": "2999-01-01"}
    found = problem(put(home, url, ahead), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/document_date"
    problem(home.get(url), 404, "not-found")
    filed = put(home, url, REPORT)
    problem(put(home, url, ahead, filed.headers["ETag"]), 422, "invalid")
    assert home.get(url).json()["document_date"] == REPORT["document_date"]


def test_a_unit_files_by_the_clock_and_is_late_now(service, clients, unit, round_2024):
    own = unit(kind="DISTRICT")["id"]
    client, url = service.key("unit", own), f"{round_2024}/reports/{own}"
    assert owed(client, round_2024, own)["report"]["status"] == "OVERDUE"
    filed = put(client, url, REPORT)
    assert filed.status_code == 201 and filed.json()["late"] is True
    assert owed(client, round_2024, own)["report"]["status"] == "FILED_LATE"
    amended = put(client, url, {**REPORT, "summary": "Bổ sung"}, filed.headers["ETag"])
    assert amended.status_code == 200 and amended.json()["received_at"] == filed.json()["received_at"]
    assert amended.json()["amended_at"] is not None and amended.json()["amended_late"] is True
    corrected = put(clients["home_affairs"], url, {**REPORT, "received_at": "2024-12-28T09:00:00+07:00", "source": "Sổ đến 12"},
                    amended.headers["ETag"])
    assert corrected.json()["late"] is False and corrected.json()["source"] == "Sổ đến 12"
    assert service.psql(f"SELECT count(*), max(reason) FROM journal WHERE resource = '{url}' AND actor_kind <> 'SERVICE'") == "3|Sổ đến 12"


def test_only_home_affairs_names_an_instant_and_only_with_its_source(service, clients, unit, round_2024):
    own = unit()["id"]
    url, earlier = f"{round_2024}/reports/{own}", {"received_at": "2024-12-28T09:00:00+07:00"}
    found = problem(put(service.key("unit", own), url, {**REPORT, **earlier, "source": "s"}), 422, "invalid")
    assert found["errors"][0]["code"] == "home_affairs_only"
    home = clients["home_affairs"]
    found = problem(put(home, url, {**REPORT, **earlier}), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/source"
    found = problem(put(home, url, {**REPORT, "source": "s"}), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/received_at"
    found = problem(put(home, url, {**REPORT, "received_at": "2999-01-01T00:00:00Z", "source": "s"}), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/received_at"
    found = problem(put(home, url, {**REPORT, "document_number": "không số"}), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/document_number"
    problem(home.get(url), 404, "not-found")


def test_scope(service, clients, unit, round_2024):
    own = unit()["id"]
    url = f"{round_2024}/reports/{own}"
    problem(put(clients["unit"], url, REPORT), 403, "outside-scope")
    assert put(clients["home_affairs"], url, REPORT).status_code == 201
    assert service.key("unit", own).get(url).status_code == 200
    problem(clients["unit"].get(url), 404, "not-found")
    problem(clients["viewer"].get(url), 403, "forbidden")
    assert owed(clients["unit"], round_2024, own) is None
    items = clients["unit"].get(f"{round_2024}/obligations").json()["items"]
    assert [item["unit_id"] for item in items] == [clients["unit"].unit]


@pytest.mark.parametrize("kind", ["COMMUNE", "PROVINCIAL_SUBUNIT", "DISTRICT_SUBUNIT", "MASS_ORGANISATION"])
def test_nobody_else_owes_or_files(clients, unit, round_2024, kind):
    """V.1 names the sở, ban, ngành and the UBND huyện."""
    made = unit(kind=kind)["id"]
    found = problem(put(clients["home_affairs"], f"{round_2024}/reports/{made}", REPORT), 422, "rule-refused")
    assert found["clause"] == "V.1"
    assert owed(clients["home_affairs"], round_2024, made) is None


def test_a_refusal_names_the_groups_of_no_other_plan(service, clients, unit):
    """Under a plan whose districts alone report, "only provincial bodies and districts file one" is false to a provincial body."""
    owed_by = {**PLAN["cut_offs"], "yearly_report": {**PLAN["cut_offs"]["yearly_report"], "owed_by": ["HUYEN"]}}
    url = f"{make_campaign(service, cut_offs=owed_by)}/rounds/2024/reports/{unit()['id']}"
    found = problem(put(clients["home_affairs"], url, REPORT), 422, "rule-refused")
    assert found["detail"].startswith("By the plan this unit owes no yearly report") and "owed_by" in found["detail"]


def test_who_is_gone_by_the_deadline_owes_nothing(clients, unit, campaign):
    """Dissolved inside the year: what it owed is its successor's."""
    gone = unit(kind="DISTRICT", valid_from="2020-01-01", valid_to="2025-06-30")["id"]
    home = clients["home_affairs"]
    assert owed(home, f"{campaign}/rounds/2025", gone) is None
    item = owed(home, f"{campaign}/rounds/2024", gone)
    assert (item["group"], item["report"]["status"], item["report"]["due_at"]) == ("HUYEN", "OVERDUE", "2024-12-30T23:59:59+07:00")
    assert item["dossier"]["mandatory"] is False and item["dossier"]["clause"] == "III.4.a"


def test_the_list_filters_by_status(clients, unit, round_2024):
    made = unit()["id"]
    put(clients["home_affairs"], f"{round_2024}/reports/{made}", {**REPORT, "received_at": "2024-12-01T00:00:00Z", "source": "s"})
    found = clients["chair_office"].get(f"{round_2024}/obligations", params={"status": "FILED"}).json()["items"]
    assert [item["unit_id"] for item in found] == [made]


def labels(client, url, **query):
    """Of all pages."""
    found, page = [], {"next": None}
    while not found or page["next"]:
        page = client.get(url, params={**query, **({"cursor": page["next"]} if page["next"] else {})}).json()
        found += [item["unit_label"] for item in page["items"]]
    return found


@pytest.mark.parametrize("query", [{}, {"status": "OVERDUE"}])
def test_the_list_is_in_the_order_of_labels_on_pages_of_any_size(clients, service, unit, query):
    """Also of units of one name that belong to others, of names that begin alike, and of a long one that a cursor holds."""
    word = uuid.uuid4().hex
    top = unit(kind="PROVINCE")["id"]
    above = [unit(name=f"Huyện {letter} {word}", kind="DISTRICT", parent_id=top)["id"] for letter in "BAC"]
    names = [f"Xã {word}", f"Xã {word}", f"Xã {word}", f"Xã {word} Đông", f"Xã {word}a", f"Xã {word} {'dài ' * 20}x"]
    for parent, name in zip(above * 2, names):
        unit(name=name, kind="COMMUNE", parent_id=parent)
    owed_by_communes = {**PLAN["cut_offs"], "yearly_report": {**PLAN["cut_offs"]["yearly_report"], "owed_by": ["HUYEN", "XA"]}}
    url = make_campaign(service, cut_offs=owed_by_communes) + "/rounds/2024/obligations"
    head = service.key("unit", top)
    whole = labels(head, url, **query)
    assert whole == sorted(whole) and len(whole) == 9 and sum(label.startswith(f"Xã {word} (") for label in whole) == 3
    for limit in 1, 2, 4:
        assert labels(head, url, limit=limit, **query) == whole
        assert labels(head, url, limit=limit, sort="-unit_label", **query) == whole[::-1]


CONFIRMATION = {"confirmed_by": "Nguyễn Thị Hoa", "confirmed_on": "2024-12-27"}


def test_home_affairs_confirms_the_content_that_it_read(clients, service, unit, round_2024):
    """V.1: replacing the content takes the confirmation away; the receipt stays."""
    home, own = clients["home_affairs"], unit()["id"]
    url = f"{round_2024}/reports/{own}"
    problem(put(home, f"{url}/confirmation", CONFIRMATION, '"1"'), 404, "not-found")
    filed = put(home, url, {**REPORT, "received_at": "2024-12-21T08:00:00+07:00", "source": "Sổ đến 812"})
    assert (filed.json()["confirmed_by"], filed.json()["confirmed_on"]) == (None, None)
    problem(put(home, f"{url}/confirmation", CONFIRMATION), 428, "version-required")
    confirmed = put(home, f"{url}/confirmation", CONFIRMATION, filed.headers["ETag"])
    assert confirmed.status_code == 200 and confirmed.json() == {**filed.json(), **CONFIRMATION}, confirmed.text
    shown = home.get(url)
    assert (shown.headers["ETag"], shown.json()) == (confirmed.headers["ETag"], confirmed.json())
    assert service.psql(f"SELECT restricted FROM journal WHERE type = 'report.confirmed' AND unit_id = '{own}'") == "t"
    amended = put(home, url, {**REPORT, "summary": "Bổ sung"}, confirmed.headers["ETag"])
    assert (amended.json()["confirmed_by"], amended.json()["confirmed_on"]) == (None, None)
    assert amended.json()["received_at"] == filed.json()["received_at"]


@pytest.mark.parametrize("body, pointer", [
    ({"confirmed_on": "2024-12-20"}, "/confirmed_on"), ({"confirmed_on": "2999-01-01"}, "/confirmed_on"), ({"confirmed_on": None}, "/confirmed_on"),
    ({"confirmed_by": " "}, "/confirmed_by"), ({"confirmed_by": None}, "/confirmed_by")])
def test_a_confirmation_is_whole_and_not_before_the_receipt(clients, unit, round_2024, body, pointer):
    home, url = clients["home_affairs"], f"{round_2024}/reports/{unit()['id']}"
    filed = put(home, url, {**REPORT, "received_at": "2024-12-20T17:00:00Z", "source": "Sổ đến 812"})  # 21/12 in Vietnam
    found = problem(put(home, f"{url}/confirmation", {**CONFIRMATION, **body}, filed.headers["ETag"]), 422, "invalid")
    assert found["errors"][0]["pointer"] == pointer


def test_nobody_confirms_a_report_of_its_own(service, clients, unit, round_2024):
    """A unit files its report, and Home Affairs confirms it, but not that of its own unit."""
    own = unit()["id"]
    office, url = service.key("home_affairs", own), f"{round_2024}/reports/{own}"
    filed = put(clients["home_affairs"], url, REPORT)
    problem(put(office, f"{url}/confirmation", {**CONFIRMATION, "confirmed_on": "2026-01-01"}, filed.headers["ETag"]), 403, "separation-of-duties")
    problem(put(service.key("unit", own), f"{url}/confirmation", CONFIRMATION, filed.headers["ETag"]), 403, "forbidden")


# A unit of another kind that is entered in a group that owes (1), one of a kind that owes but is entered in a group that does not (2001),
# one that owes by its kind alone (2002), and one that was dissolved before (2003), among many units that owe nothing.
MANY = """
BEGIN; SET LOCAL session_replication_role = replica;
CREATE TEMP TABLE made ON COMMIT DROP AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, 2003) n;
INSERT INTO units (id) SELECT id FROM made;
INSERT INTO unit_periods (unit_id, valid, name, kind)
    SELECT id, CASE n WHEN 2003 THEN '[2010-01-01,2015-01-01)' ELSE '[2010-01-01,)' END::daterange, 'Đơn vị ' || n,
           CASE WHEN n > 2000 THEN 'DISTRICT' ELSE 'OTHER' END::unit_kind FROM made;
INSERT INTO contestants (campaign, year, unit_id, group_name, on_assessed_list)
    SELECT '230-KH-UBND', 2024, id, CASE n WHEN 1 THEN 'HUYEN' ELSE 'XA' END, true FROM made WHERE n IN (1, 2001);
ANALYZE unit_periods;
CREATE FUNCTION pg_temp.rows_read() RETURNS bigint LANGUAGE sql VOLATILE AS
    $$ SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'unit_periods' $$;
CREATE TEMP TABLE before ON COMMIT DROP AS SELECT pg_temp.rows_read() AS n;
CREATE TEMP TABLE found ON COMMIT DROP AS
    SELECT o.unit_id, o.group_name FROM rounds r, report_owers(r) o WHERE (r.campaign, r.year) = ('230-KH-UBND', 2024);
CREATE TEMP TABLE read ON COMMIT DROP AS SELECT pg_temp.rows_read() - n AS n FROM before;
CREATE TEMP TABLE due ON COMMIT DROP AS
    SELECT p.unit_id, group_of_unit(r, p.unit_id, p.kind) AS group_name FROM rounds r, unit_periods p
    WHERE (r.campaign, r.year) = ('230-KH-UBND', 2024) AND p.valid @> (r.report_cut_off - 1)
      AND group_of_unit(r, p.unit_id, p.kind) = ANY (r.report_groups);
SELECT (SELECT n FROM read), (SELECT string_agg(n::text, ' ' ORDER BY n) FROM made JOIN found ON unit_id = id),
       (SELECT count(*) FROM (TABLE found EXCEPT ALL TABLE due) x), (SELECT count(*) FROM (TABLE due EXCEPT ALL TABLE found) x);
ROLLBACK;"""


def test_who_owes_is_found_without_a_look_at_who_does_not(service, round_2024):
    """What the groups of the plan say of each unit, from the units of their kinds and their contestants alone."""
    told = service.psql(MANY, user="postgres").splitlines()
    read, made, more, less = next(line for line in told if "|" in line).split("|")
    assert (made, more, less) == ("1 2002", "0", "0") and int(read) < 1000, told


def test_the_list_of_obligations_names_them_all(service, clients, unit, round_2024):
    """It reads units in the order of their names, and so asks for itself what report_owers() tells of a round: both mean the same."""
    for kind, group in (("DISTRICT", "HUYEN"), ("COMMUNE", "XA"), ("DISTRICT", None), ("COMMUNE", None), ("PROVINCIAL_BODY", None)):
        made = unit(kind=kind)["id"]
        if group:
            entered = clients["home_affairs"].put(f"{round_2024}/contestants/{made}", json={"group": group, "on_assessed_list": True})
            assert entered.status_code == 201, entered.text
    code = round_2024.split("/")[3]
    owed = service.psql(f"SELECT o.unit_id || ' ' || o.group_name FROM rounds r, report_owers(r) o WHERE r.campaign = '{code}' AND r.year = 2024").split("\n")
    listed, cursor = [], {}
    while cursor is not None:
        page = clients["home_affairs"].get(f"{round_2024}/obligations", params={"limit": "200", **cursor}).json()
        listed += [f"{item['unit_id']} {item['group']}" for item in page["items"]]
        cursor = {"cursor": page["next"]} if page.get("next") else None
    assert len(owed) >= 3 and sorted(listed) == sorted(owed)


def moved(service, campaign, day, **changes):
    cut_offs = {**PLAN["cut_offs"], "yearly_report": {**PLAN["cut_offs"]["yearly_report"], "month_day": day, **changes}}
    make_campaign(service, code=campaign.rsplit("/", 1)[1], cut_offs=cut_offs)


def listed_by(client, url, name):
    return {value: [item["unit_id"] for item in client.get(url, params={name: value}).json()["items"]]
            for value in {"late": ("false", "true"), "status": ("FILED", "FILED_LATE")}[name]}


def test_who_was_late_follows_a_cut_off_that_moves(service, clients, unit, campaign):
    """In the list, in each report and its ETag, and among those who owe; also of who would owe none any more."""
    home, round_2024 = clients["home_affairs"], f"{campaign}/rounds/2024"
    early, late = sorted(unit()["id"] for _ in range(2))
    for made, day in ((early, "2024-12-01"), (late, "2024-12-25")):
        put(home, f"{round_2024}/reports/{made}", {**REPORT, "received_at": f"{day}T08:00:00+07:00", "source": "sổ văn bản đến"})
    service.psql(f"BEGIN; SET LOCAL session_replication_role = replica; "
                 f"UPDATE unit_periods SET kind = 'OTHER' WHERE unit_id = '{late}'; COMMIT", user="postgres")
    seen = home.get(f"{round_2024}/reports/{late}")
    assert seen.json()["late"] is False
    assert listed_by(home, f"{round_2024}/reports", "late") == {"false": [early, late], "true": []}
    moved(service, campaign, "12-20")
    again = home.get(f"{round_2024}/reports/{late}", headers={"If-None-Match": seen.headers["ETag"]})
    assert again.status_code == 200 and (again.json()["late"], again.json()["deadline"]) == (True, "2024-12-19T23:59:59+07:00")
    assert listed_by(home, f"{round_2024}/reports", "late") == {"false": [early], "true": [late]}
    assert listed_by(home, f"{round_2024}/obligations", "status") == {"FILED": [early], "FILED_LATE": []}
    moved(service, campaign, "12-01")
    assert listed_by(home, f"{round_2024}/reports", "late") == {"false": [], "true": [early, late]}
    assert listed_by(home, f"{round_2024}/obligations", "status") == {"FILED": [], "FILED_LATE": [early]}


def test_a_report_that_comes_while_the_cut_off_moves_is_judged_by_the_new_one(service, clients, unit, round_2024):
    made, year = unit()["id"], f"campaign = '{round_2024.split('/')[3]}' AND year = 2024"
    with service.holding(f"UPDATE rounds SET report_cut_off = '2024-12-20' WHERE {year}") as release, ThreadPoolExecutor() as threads:
        filed = threads.submit(put, clients["home_affairs"], f"{round_2024}/reports/{made}",
                               {**REPORT, "received_at": "2024-12-25T08:00:00+07:00", "source": "sổ văn bản đến"})
        wait_until(lambda: service.psql("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0" or filed.done())
        release()
        assert filed.result().json()["late"] is True
