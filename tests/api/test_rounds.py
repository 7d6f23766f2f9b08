"""Award rounds: derived deadlines, the conference that moves, the life cycle, years outside the plan."""

import pytest

from award_tools import AwardRound, number
from conftest import make_campaign, make_unit
from service import Service, make_place, problem, serving


def patch(client, url, body, etag=None):
    return client.merge(url, body, etag or client.get(url).headers["ETag"])


def step(client, url, action, reason=None, etag=None):
    body = {"action": action, **({"reason": reason} if reason else {})}
    return client.post(f"{url}/transitions", json=body, headers={"If-Match": etag or client.get(url).headers["ETag"]})


def test_a_round_shows_its_cut_off_and_the_last_good_instant(clients, round_2024):
    """III.4.a: "trước ngày 31/12" excludes the day."""
    found = clients["anyone"].get(round_2024).json()
    assert (found["state"], found["cap"], found["year"]) == ("OPEN", 6, 2024)
    assert found["submission_cut_off"] == "2024-12-31"
    assert found["submission_deadline"] == found["report_deadline"] == "2024-12-30T23:59:59+07:00"
    assert found["conference_on"] is None and found["proposal_deadline"] is None
    assert found["proposal_deadline_missing"] == {"vi": "Chưa ấn định ngày hội nghị của đợt xét.", "en": "The conference of the round has no day yet."}
    assert found["counts"]["contestants"] == 0 and found["quota"] == {"version": 0, "allocated": None, "allocation": []}


def test_a_moved_conference_moves_the_proposal_deadline(service, clients, round_2024):
    """III.4.b, domain section 9: 20/3 → 10/3; moved to 19/3 → 9/3, so 10/3 is late; no date → no limit known."""
    home = clients["home_affairs"]
    code = round_2024.split("/")[3]
    for day, limit in (("2025-03-20", "2025-03-10"), ("2025-03-19", "2025-03-09"), (None, None)):
        changed = patch(home, round_2024, {"conference_on": day})
        assert changed.status_code == 200, changed.text
        assert (changed.json()["conference_on"], changed.json()["proposal_deadline"]) == (day, limit)
        assert service.psql(f"SELECT proposal_limit('{code}', 2024)") == (limit or "")
    told = service.psql(f"SELECT string_agg(after->>'conference_on', ' ' ORDER BY id) FROM journal "
                        f"WHERE resource = '{round_2024}' AND type = 'round.changed'")
    assert told == "2025-03-20 2025-03-19"


def test_ten_days_cross_a_leap_day(clients, campaign):
    """III.4.b counts calendar days."""
    url = f"{campaign}/rounds/2025"
    assert patch(clients["home_affairs"], url, {"conference_on": "2028-03-05"}).json()["proposal_deadline"] == "2028-02-24"


def test_a_conference_before_the_intake_ends_is_refused(clients, round_2024):
    found = problem(patch(clients["home_affairs"], round_2024, {"conference_on": "2024-12-30"}), 422, "rule-refused")
    assert found["clause"] == "III.4.b" and found["errors"][0]["pointer"] == "/conference_on"
    assert clients["anyone"].get(round_2024).json()["conference_on"] is None


def test_changes_need_the_present_version_and_home_affairs(clients, round_2024):
    body = {"conference_on": "2025-03-20"}
    home, etag = clients["home_affairs"], clients["home_affairs"].get(round_2024).headers["ETag"]
    merge = {"Content-Type": "application/merge-patch+json"}
    problem(home.patch(round_2024, json=body, headers=merge), 428, "version-required")
    assert home.merge(round_2024, body, etag).status_code == 200
    problem(home.merge(round_2024, body, etag), 412, "stale-version")
    for role in ("viewer", "unit", "initiative_council", "chair_office", "auditor", "admin"):
        problem(clients[role].merge(round_2024, body, etag), 403, "forbidden")
    problem(clients["anyone"].merge(round_2024, body, etag), 401, "unauthenticated")
    problem(home.merge(round_2024, {"cap": 7}, etag), 422, "invalid")


def test_dashboards_get_304_until_something_changes(clients, round_2024):
    etag = clients["anyone"].get(round_2024).headers["ETag"]
    for _ in range(3):
        again = clients["anyone"].get(round_2024, headers={"If-None-Match": etag})
        assert again.status_code == 304 and not again.content
    assert patch(clients["home_affairs"], round_2024, {"conference_on": "2025-03-20"}).status_code == 200
    assert clients["anyone"].get(round_2024, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("year", [2023, 2026])
def test_years_outside_the_plan(service, clients, unit, campaign, year):
    """II.3: reads find nothing, writes are refused by the clause and change nothing."""
    url = f"{campaign}/rounds/{year}"
    home, some = clients["home_affairs"], unit()["id"]
    for path in ("", "/quota", "/quota/versions", "/contestants", f"/contestants/{some}", f"/findings/{some}",
                 f"/reports/{some}", "/obligations", "/registers/discipline", "/evaluations", "/proposals"):
        problem(home.get(url + path), 404, "not-found")
    match = {"If-Match": '"1"'}
    finding = {"contents": [{"content": "A", "score": "90", "result": "OUTSTANDING", "reason": "r"}]}
    report = {"document_number": "1/BC-SNV", "document_date": "2024-12-01"}
    declared = {"complete": False, "source": "s"}
    for response in (
            home.merge(url, {"conference_on": "2027-03-01"}, '"1"'),
            home.post(f"{url}/transitions", json={"action": "start_appraisal"}, headers=match),
            home.put(f"{url}/quota", json={"allocation": [], "reason": "r"}, headers=match),
            home.put(f"{url}/contestants/{some}", json={"group": "SO_BAN_NGANH", "on_assessed_list": True}),
            home.put(f"{url}/findings/{some}", json=finding),
            home.put(f"{url}/reports/{some}", json=report),
            home.put(f"{url}/registers/scores", json=declared, headers=match),
            home.post(f"{url}/evaluations", json={}),
            home.post(f"{url}/evaluations", json={"group": "NONE"}, headers={"Prefer": "respond-async"})):
        found = problem(response, 422, "rule-refused")
        assert found["clause"] == "II.3" and "2024" in found["detail"]
    assert service.psql(f"SELECT count(*) FROM journal WHERE campaign = '{campaign.split('/')[3]}'") == "1"  # the loading


def test_no_such_campaign_is_404_for_writes_too(clients, unit):
    url = "/v1/campaigns/none-such/rounds/2024"
    home = clients["home_affairs"]
    problem(home.put(f"{url}/contestants/{unit()['id']}", json={"group": "SO_BAN_NGANH", "on_assessed_list": True}), 404, "not-found")
    for body in ({}, {"group": "HUYEN"}):
        problem(home.post(f"{url}/evaluations", json=body), 404, "not-found")
    for accept in ("application/json", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"):
        for kind in ("evaluations", "proposals"):
            problem(home.get(f"{url}/{kind}", headers={"Accept": accept}), 404, "not-found")


def test_a_round_without_evaluations_and_proposals_has_empty_lists_of_them(clients, round_2024):
    for kind in ("evaluations", "proposals"):
        assert clients["home_affairs"].get(f"{round_2024}/{kind}").json() == {"items": [], "next": None}


def test_the_life_of_a_round(service, clients):
    """A state says what has happened, so it is not reached before: III.4.b, III.2.a."""
    held = AwardRound(service, clients, 1)
    home, chair, round_2024 = held.home, held.chair, held.round
    wrong = problem(step(home, round_2024, "propose"), 409, "impossible-transition")
    assert "start_appraisal" in wrong["errors"][0]["detail"]
    problem(step(chair, round_2024, "start_appraisal"), 403, "forbidden")
    assert step(home, round_2024, "start_appraisal").json()["state"] == "APPRAISAL"
    proposal = held.proposal(held.units)
    found = problem(step(home, round_2024, "propose"), 409, "conflict")
    assert found["clause"] == "III.4.b" and "submit" in found["detail"] and home.get(round_2024).json()["state"] == "APPRAISAL"
    held.done(held.move(home, proposal, "submit"))
    assert home.get(round_2024).json()["state"] == "PROPOSED"
    found = problem(step(home, round_2024, "resume_appraisal"), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/reason"
    found = problem(step(home, round_2024, "resume_appraisal", "Tờ trình bị trả"), 409, "conflict")
    assert found["clause"] == "III.4.b" and "return" in found["detail"] and home.get(round_2024).json()["state"] == "PROPOSED"
    problem(step(home, round_2024, "decide"), 403, "forbidden")
    decision = "/v1/decisions/" + held.done(chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
    found = problem(step(chair, round_2024, "decide"), 409, "conflict")
    assert found["clause"] == "III.2.a" and home.get(round_2024).json()["state"] == "PROPOSED"
    held.done(held.sign(decision, number()))
    assert home.get(round_2024).json()["state"] == "DECIDED"
    held.publish(decision)
    assert step(home, round_2024, "close").json()["state"] == "CLOSED"
    problem(step(home, round_2024, "close"), 409, "impossible-transition")
    problem(patch(home, round_2024, {"conference_on": "2025-03-20"}), 409, "conflict")


def test_two_at_once_take_a_step_once(clients, service, round_2024):
    """The schedule: each finds the state from which the step is allowed before another has taken it."""
    from concurrent.futures import ThreadPoolExecutor
    etag = clients["home_affairs"].get(round_2024).headers["ETag"]
    callers = [service.key("home_affairs") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda c: step(c, round_2024, "start_appraisal", etag=etag).status_code, callers))
    assert sorted(answers) == [200, 412, 412, 412]


@pytest.fixture(scope="module")
def at_the_last_second():
    """A service whose clock stands at the last good instant of 2024."""
    with serving(Service(make_place(), now="2024-12-30T23:59:59+07:00")) as running:
        yield running


def test_before_the_cut_off(at_the_last_second):
    """III.4.a, V.1: intake cannot be ended early; a report is on time; nothing is overdue."""
    service = at_the_last_second
    admin, home = service.key("admin"), service.key("home_affairs")
    url = f"{make_campaign(service)}/rounds/2024"
    found = problem(step(home, url, "start_appraisal"), 409, "conflict")
    assert found["clause"] == "III.4.a" and home.get(url).json()["state"] == "OPEN"
    own = make_unit(admin)["id"]
    client = service.key("unit", own)
    items = client.get(f"{url}/obligations").json()["items"]
    assert [(i["unit_id"], i["report"]["status"], i["report"]["due_at"]) for i in items] == [
        (own, "OPEN", "2024-12-30T23:59:59+07:00")]
    filed = client.put(f"{url}/reports/{own}", json={"document_number": "15/BC-SYT", "document_date": "2024-12-30"})
    assert filed.status_code == 201 and filed.json()["late"] is False
    assert client.get(f"{url}/obligations").json()["items"][0]["report"]["status"] == "FILED"
