"""Public holidays as data (Labour Code, articles 111 and 112): loaded by year, public, and what working days are counted by."""
import concurrent.futures
import copy
import datetime
import json
import uuid

import pytest

from award_tools import AwardRound, merge, number
from conftest import PLAN, make_campaign, make_unit
from service import ROOT, problem, wait_until
from test_safe_writes import psql  # noqa: F401 (a fixture)

FILE = ROOT / "campaigns/law/VN-public-holidays.json"
LAW = json.loads(FILE.read_text(encoding="utf-8"))["public_holidays"]


@pytest.fixture
def load(service, tmp_path):
    def load_days(**holidays):
        file = tmp_path / "days.json"
        file.write_text(json.dumps({"public_holidays": holidays}), encoding="utf-8")
        return service.command("load", str(file))
    return load_days


def day(date, kind="OFF"):
    return {"date": date, "kind": kind, "vi": "Ngày nghỉ", "en": "A day off", "document": "1/TB"}


def test_the_file_of_the_law_is_sound():
    """What the Labour Code gives every year is there; each swapped day off has its day worked; each day says by which document."""
    for year in LAW["years"]:
        days = {d["date"][5:]: d for d in LAW["days"] if d["date"].startswith(str(year))}
        assert {"01-01", "04-30", "05-01", "09-02"} <= set(days), year
        assert sum(d["vi"].startswith("Tết Nguyên đán") or "ngày Tết trùng" in d["vi"] for d in days.values()) >= 5
        swapped = [d for d in days.values() if "hoán đổi" in d["vi"]]
        assert len(swapped) == sum(d["kind"] == "WORKED" for d in days.values())
    for each in LAW["days"]:
        assert each["document"] and (each["kind"] == "OFF" or datetime.date.fromisoformat(each["date"]).weekday() >= 5)


def test_loaded_once_read_by_anybody_and_told_to_the_journal(service, clients, load):
    assert load(years=[1990], days=[day("1990-01-01"), day("1990-01-06", "WORKED")]).stdout == "public holidays: created\n"
    assert load(years=[1990], days=[day("1990-01-06", "WORKED"), day("1990-01-01")]).stdout == "public holidays: unchanged\n"
    assert load(years=[1990], days=[day("1990-01-02")]).stdout == "public holidays: updated\n"
    wait_until(lambda: [d["date"] for d in clients["anyone"].get("/v1/public-holidays", params={"year": 1990}).json()["items"]] == ["1990-01-02"])
    told = service.psql("SELECT type FROM journal WHERE resource = '/v1/public-holidays' AND after->'years' @> '1990' ORDER BY id")
    assert told.splitlines() == ["public_holidays.created", "public_holidays.changed"]


def test_the_law_is_listed_page_by_page(service, clients):
    assert service.command("load", str(FILE)).returncode == 0
    found, cursor = [], None
    while True:
        page = clients["anyone"].get("/v1/public-holidays", params={"year": 2025, "limit": 4, **({"cursor": cursor} if cursor else {})}).json()
        found += page["items"]
        cursor = page["next"]
        if not cursor:
            break
    assert found == [d for d in LAW["days"] if d["date"].startswith("2025")]
    problem(clients["anyone"].get("/v1/public-holidays", params={"year": "next"}), 400, "invalid-query")


@pytest.mark.parametrize("holidays, words", [
    ({"years": [], "days": []}, "must be lists"),
    ({"years": [1991]}, "must be lists"),
    ({"years": ["1991"], "days": []}, "must be lists"),
    ({"years": [1991], "days": [day("1992-01-01")]}, "days/0: `date`"),
    ({"years": [1991], "days": [day("1991-02-30")]}, "days/0: `date`"),
    ({"years": [1991], "days": [day("1991-01-01"), day("1991-01-01")]}, "days/1: the day is named twice"),
    ({"years": [1991], "days": [day("1991-01-01", "HALF")]}, "days/0: `kind`"),
    ({"years": [1991], "days": [day("1991-01-01", "WORKED")]}, "days/0: only a Saturday or Sunday"),
    ({"years": [1991], "days": [{"date": "1991-01-01", "kind": "OFF"}]}, "days/0: `vi`"),
    ({"years": [1991], "days": [{**day("1991-01-01"), "vi": "\u200b"}]}, "days/0: `vi`"),
    ({"years": [1991], "days": [{**day("1991-01-01"), "document": "1\u202e2/TB"}]}, "days/0: `vi`"),
])
def test_what_is_wrong_is_named_and_nothing_kept(clients, load, holidays, words):
    done = load(**copy.deepcopy(holidays))
    assert done.returncode == 1 and words in done.stderr, done.stderr
    assert clients["anyone"].get("/v1/public-holidays", params={"year": 1991}).json()["items"] == []


def test_the_days_of_each_year_rest_on_the_announcement_of_that_year():
    """Domain section 11: 3/9/2024 is a true holiday, 24/11 is one from 2026 on, and 2027 is not announced."""
    listed = {document["number"] for document in LAW["documents"]}
    days = {d["date"]: d for d in LAW["days"]}
    assert {d["document"] for d in LAW["days"]} <= listed and not any("[check]" in str(d) for d in (*LAW["days"], *LAW["documents"], LAW["note"]))
    for date, document in {"2024-02-08": "8662/VPCP-KGVX", "2024-09-03": "8662/VPCP-KGVX", "2025-01-27": "8726/VPCP-KGVX",
                           "2026-01-02": "12729/VPCP-KGVX", "2026-02-16": "9859/VPCP-KGVX", "2026-08-31": "9859/VPCP-KGVX",
                           "2026-11-24": "28/2026/QH16"}.items():
        assert (days[date]["kind"], days[date]["document"]) == ("OFF", document)
    assert not {"2024-11-24", "2025-11-24"} & set(days) and LAW["years"] == [2024, 2025, 2026]
    for first, second in (("2026-01-02", "2026-01-10"), ("2026-08-31", "2026-08-22"), ("2024-04-29", "2024-05-04"), ("2025-05-02", "2025-04-26")):
        assert days[second]["kind"] == "WORKED" and days[first]["document"] == days[second]["document"]


def test_working_days_are_known_to_the_end_of_the_last_year_that_is_announced(service):
    assert service.command("load", str(FILE)).returncode == 0
    known = json.loads(service.psql("SELECT working_calendar(2026)"))
    assert known["holidays_known"]["through"] == "2026-12-31" and "2026-11-24" in known["holidays"]
    assert json.loads(service.psql("SELECT working_calendar(2027)")) == {
        "holidays": [], "worked_weekends": [], "holidays_known": {"from": "2027-01-01", "through": "2026-12-31"}}  # none of it


def test_holidays_that_are_loaded_later_move_no_deadline_of_a_closed_round(service, clients, load):
    """III.4.b: what was submitted in time stays so. Who reopens the round means it by the days that are known then."""
    cut_offs = copy.deepcopy(PLAN["cut_offs"])
    del cut_offs["proposal"]["calendar_days"]
    cut_offs["proposal"]["working_days"] = -5
    held = AwardRound(service, clients, 1, campaign=make_campaign(service, cut_offs=cut_offs))
    assert load(years=[2026], days=[]).returncode == 0
    other = f"{held.campaign}/rounds/2025"
    for path in (held.round, other):
        held.done(merge(held.home, path, {"conference_on": "2026-03-12"}, held.etag(path)))
    proposal = held.proposal(held.units)
    held.done(held.move(held.home, proposal, "submit", submitted_at="2026-03-05T08:00:00+07:00", source="Sổ công văn đi"))
    decision = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
    held.done(held.sign(f"/v1/decisions/{decision}", number()))
    held.publish(f"/v1/decisions/{decision}")
    held.done(held.move(held.home, held.round, "close"))

    def shown():
        return [held.auditor.get(path).json() for path in (held.round, f"{held.round}/board", proposal, f"{held.round}/proposals")] + [
            held.auditor.get(f"{held.round}/calendar.ics").text]
    before = shown()
    assert (before[0]["proposal_deadline"], before[2]["in_time"]) == ("2026-03-05", True)
    assert load(years=[2026], days=[day("2026-03-10")]).returncode == 0
    wait_until(lambda: held.auditor.get(other).json()["proposal_deadline"] == "2026-03-04")
    assert shown() == before
    held.done(held.move(held.home, held.round, "reopen", reason="Tính lại thời hạn"))
    after = held.auditor.get(held.round).json()["proposal_deadline"], held.auditor.get(proposal).json()["in_time"]
    assert after == ("2026-03-04", False)
    assert service.command("load", str(FILE)).returncode == 0


def test_a_conference_that_is_fixed_while_holidays_are_loaded_counts_by_them(service, clients, psql):
    cut_offs = copy.deepcopy(PLAN["cut_offs"])
    del cut_offs["proposal"]["calendar_days"]
    cut_offs["proposal"]["working_days"] = -5
    home, path = clients["home_affairs"], f"{make_campaign(service, cut_offs=cut_offs)}/rounds/2024"
    document = json.dumps({"years": [2987], "days": [day("2987-03-09")]}, ensure_ascii=False)
    etag = {"If-Match": home.get(path).headers["ETag"]}
    psql(f"BEGIN; SELECT holidays_load('{document}')")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        fixed = pool.submit(merge, home, path, {"conference_on": "2987-03-14"}, etag)
        wait_until(lambda: fixed.done() or service.psql("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0")
        psql("COMMIT")
        assert fixed.result(timeout=120).json()["proposal_deadline"] == "2987-03-06"


def test_an_evaluation_is_out_of_date_by_every_day_that_it_was_counted_by(service, clients, load):
    """Working days may be counted back into the year before the award year: the calendar that rules are given begins there."""
    plan = json.loads((ROOT / "campaigns/79-KH-UBND-MAU.json").read_text(encoding="utf-8"))  # which counts working days
    rules = {**plan["criteria_set"], "name": f"ngay-{uuid.uuid4().hex[:8]}"}
    campaign = make_campaign(service, **{**plan, "code": f"T-{uuid.uuid4().hex[:12]}", "criteria_set": rules})
    home, path = clients["home_affairs"], f"{campaign}/rounds/2025"
    unit = make_unit(clients["admin"])["id"]
    assert home.put(f"{path}/contestants/{unit}", json={"group": "KHOI_TONG_HOP", "on_assessed_list": False}).status_code == 201
    assert service.command("load", str(FILE)).returncode == 0
    evaluate = lambda: home.post(f"{path}/evaluations", json={}).json()
    stale = lambda: home.get(path).json()["latest_evaluation"]["stale"]
    first = evaluate()
    wait_until(lambda: stale() is False)
    try:
        assert load(years=[2024], days=[day("2024-12-24")]).returncode == 0
        wait_until(lambda: stale() is True)
        second = evaluate()
        assert "2024-12-24" in second["parameters"]["holidays"] and "2024-12-24" not in first["parameters"]["holidays"]
        wait_until(lambda: stale() is False)
    finally:
        assert service.command("load", str(FILE)).returncode == 0


def test_a_verdict_is_out_of_date_by_every_holiday_that_its_calendar_has(service, clients):
    """Working days may be counted back into the year before, and on for years."""
    code = make_campaign(service).rsplit("/", 1)[1]
    assert service.command("load", str(FILE)).returncode == 0
    shown = f"SELECT md5(working_calendar(2024)::text), round_setting_mark('{code}', 2024)"
    for year, counts in ((2022, False), (2023, True), (2026, True), (2027, True), (2028, False)):
        document = json.dumps({"years": [year], "days": [day(f"{year}-06-15")]}, ensure_ascii=False)
        told = service.psql(f"BEGIN; {shown}; SELECT holidays_load('{document}'); {shown}; ROLLBACK", user="postgres")
        marks = [line.split("|") for line in told.splitlines() if len(line.split("|")) == 2 and len(line) == 65]
        calendars, settings = zip(*marks)
        assert (len(set(calendars)) > 1, len(set(settings)) > 1) == (counts, counts), year
