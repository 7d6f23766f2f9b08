"""Award years that are no calendar years: a school year, or from December to November. One plan says it, and all that asks for the year goes by it."""
import copy
import json
import tempfile

import pytest

from award_tools import AwardRound, number
from conftest import PLAN, make_campaign, make_unit
from service import problem

DECEMBER = {"month_day": "12-01", "of": "previous_year"}
SCHOOL = {"month_day": "09-01", "clause": "1", "quote": "Năm học"}


def plan_with(begins, window, years):
    return {"year_begins": begins, "window": {**PLAN["window"], **dict(zip(("from", "to"), window))}, "award_years": years}


def campaign_of(service, begins, window=("2023-12-01", "2026-08-31")):
    return make_campaign(service, **plan_with(begins, window, PLAN["award_years"]))


@pytest.fixture
def shown(service, clients):
    return lambda campaign, year: clients["auditor"].get(f"{campaign}/rounds/{year}").json()


@pytest.mark.parametrize("begins, year, days", [
    (DECEMBER, 2024, ("2023-12-01", "2024-11-30")), (DECEMBER, 2025, ("2024-12-01", "2025-11-30")),
    (SCHOOL, 2024, ("2024-09-01", "2025-08-31")), (SCHOOL, 2025, ("2025-09-01", "2026-08-31")),
    ({"month_day": "03-01"}, 2024, ("2024-03-01", "2025-02-28")), ({"month_day": "03-01", "of": "previous_year"}, 2024, ("2023-03-01", "2024-02-29")),
    ({"month_day": "01-01"}, 2024, ("2024-01-01", "2024-12-31"))])
def test_the_plan_says_when_its_year_begins(service, shown, begins, year, days):
    found = shown(campaign_of(service, begins), year)
    assert (found["year_from"], found["year_through"]) == days


def test_a_plan_that_says_nothing_awards_calendar_years_and_their_parameters_are_as_before(service, clients, shown):
    held = AwardRound(service, clients, 1)
    found = shown(held.campaign, 2024)
    assert (found["year_from"], found["year_through"]) == ("2024-01-01", "2024-12-31")
    evaluation = held.auditor.get(f"/v1/evaluations/{held.evaluate()}").json()
    assert "award_year_days" not in evaluation["parameters"]


@pytest.mark.parametrize("begins, effective, overall", [
    (DECEMBER, "2023-12-01", "INELIGIBLE"), (DECEMBER, "2023-11-30", "ELIGIBLE"), (None, "2023-12-01", "ELIGIBLE"),
    (SCHOOL, "2024-08-31", "ELIGIBLE"), (SCHOOL, "2024-09-01", "INELIGIBLE"), (None, "2024-08-31", "INELIGIBLE")])
def test_the_windows_of_rules_are_those_of_the_award_year(service, clients, begins, effective, overall):
    """III.1.d: from the first day of the year up to the signing."""
    held = AwardRound(service, clients, 1, campaign=campaign_of(service, begins) if begins else None)
    [unit] = held.units
    held.done(held.home.post("/v1/discipline-records", json={
        "unit_id": unit, "person_name": "Nguyễn Văn A", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT", "level": "KHIEN_TRACH",
        "decision_number": "5/QĐ-SNV", "decision_date": effective, "effective_from": effective}))
    evaluation = held.evaluate()
    stored = held.done(held.auditor.get(f"/v1/evaluations/{evaluation}"))
    assert held.standings(evaluation)[unit]["overall"] == overall
    assert ("award_year_days" in stored["parameters"]) == (begins is not None)
    assert held.done(held.auditor.post(f"/v1/evaluations/{evaluation}/replay"))["identical"] is True


@pytest.mark.parametrize("begins, applied, counts", [
    (DECEMBER, ("2023-12-01", "2023-12-31"), True), (DECEMBER, ("2023-01-01", "2023-11-30"), False), (DECEMBER, ("2024-12-01", None), False),
    (SCHOOL, ("2025-08-31", None), True), (SCHOOL, ("2024-01-01", "2024-08-31"), False), (None, ("2024-01-01", "2024-08-31"), True)])
def test_an_initiative_earns_the_award_of_the_year_in_which_it_was_applied(service, clients, begins, applied, counts):
    held = AwardRound(service, clients, 1, campaign=campaign_of(service, begins) if begins else None)
    [unit] = held.units
    made = held.done(held.unit_client.post("/v1/initiatives", json={
        "unit_id": unit, "title": "Giải pháp", "summary": "Rút ngắn", "kind": "SOLUTION", "applied_from": applied[0],
        **({"applied_to": applied[1]} if applied[1] else {})}))
    path = f"/v1/initiatives/{made['id']}"
    held.done(held.council.put(f"{path}/recognition", headers=held.etag(path), json={
        "council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": "2025-01-20", "decision_number": "89/QĐ-HĐSK"}))
    campaign = held.campaign.rsplit("/", 1)[1]
    merits = service.psql(f"SELECT merits_of('{campaign}', 2024, '{unit}', '2026-01-01')").split()
    assert (made["id"] in merits) == counts


def test_a_unit_is_a_contestant_of_the_year_in_which_it_was_there(service, clients):
    home, admin = clients["home_affairs"], clients["admin"]
    parent = make_unit(admin)["id"]
    late = make_unit(admin, kind="PROVINCIAL_SUBUNIT", parent_id=parent, valid_from="2024-12-15")["id"]
    enter = lambda begins, year: home.put(f"{campaign_of(service, begins)}/rounds/{year}/contestants/{late}", json={
        "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}).status_code
    assert enter(DECEMBER, 2024) == 422  # which ended on 30 November
    assert enter(DECEMBER, 2025) == enter(SCHOOL, 2024) == enter(SCHOOL, 2025) == 201


@pytest.mark.parametrize("begins, year, first, is_there", [
    (SCHOOL, 2025, "2026-08-31", True), (SCHOOL, 2025, "2026-09-01", False), (DECEMBER, 2024, "2024-11-30", True), (DECEMBER, 2024, "2024-12-01", False)])
def test_a_body_that_was_there_in_the_award_year_hands_in_for_it(service, clients, begins, year, first, is_there):
    """A dossier and a card, in whatever calendar year it came."""
    body = make_unit(clients["admin"], valid_from=first)["id"]
    made = service.key("home_affairs").post("/v1/dossiers", json={
        "campaign": campaign_of(service, begins).rsplit("/", 1)[1], "year": year, "nominator_unit_id": body})
    assert made.status_code == (201 if is_there else 422), made.text
    if not is_there:
        assert problem(made, 422, "rule-refused")["errors"][0]["code"] == "dossiers_nominator_in_year"
        return
    frame = f"khung-{body[:8]}"
    assert clients["home_affairs"].put(f"/v1/score-frames/{frame}/{year}", json={"tier": "SO", "nodes": [
        {"code": "1", "text_vi": "Kết quả", "parent": None, "kind": "NORMAL", "maximum": "100.00"}]}).status_code == 201
    scored = service.key("unit", body).put(f"/v1/scores/{body}/{year}", json={"frame": frame, "leaves": []})
    assert scored.status_code == 201, scored.text


@pytest.mark.parametrize("begins, fault, good", [(DECEMBER, "2023-12-05", True), (DECEMBER, "2024-12-05", False), (SCHOOL, "2025-03-01", True), (SCHOOL, "2024-03-01", False)])
def test_a_fault_counts_that_lies_in_the_year_of_the_merit(service, clients, begins, fault, good):
    held = AwardRound(service, clients, 1, campaign=campaign_of(service, begins))
    decision = held.draft(held.units)
    held.done(held.sign(decision, number()))
    made = held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "units": held.units, "ground": "LATER_CONCLUSION", "reason": "Kết luận thanh tra",
        "fault_from": fault})
    assert made.status_code == (201 if good else 422), made.text
    assert good or problem(made, 422, "rule-refused")["errors"][0]["code"] == "outside_period"


@pytest.mark.parametrize("begins, window, years, place", [
    ({"month_day": "02-29"}, None, None, "/year_begins must be"), ({"of": "previous_year"}, None, None, "/year_begins must be"), ("12-01", None, None, "/year_begins must be"),
    ({"month_day": "01-01", "of": "previous_year"}, None, None, "/year_begins must be"),
    ({"month_day": "12-01", "of": "following_year"}, None, None, "/year_begins/of must be"), ({"month_day": "12-01", "day": 1}, None, None, "/year_begins/day"),
    (SCHOOL, ("2024-07-10", "2025-08-31"), [2024, 2025], "/award_years must be"), (DECEMBER, ("2024-12-01", "2025-11-30"), [2024, 2025], "/award_years must be")])
def test_what_a_year_cannot_begin_with_is_refused_with_its_place(service, begins, window, years, place):
    plan = copy.deepcopy(PLAN)
    plan["year_begins"] = begins
    if window:
        plan["window"].update(dict(zip(("from", "to"), window)))
        plan["award_years"] = years
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(plan, file)
        file.flush()
        done = service.command("load", "--check", file.name)
    assert done.returncode == 1 and place in done.stderr, done.stderr


def test_days_of_a_year_that_end_before_they_begin_are_refused(clients):
    made = copy.deepcopy(PLAN["criteria_set"])
    made["case_base"]["parameters"]["award_year_days"] = {"from": "2024-12-01", "through": "2024-11-30"}
    faults = clients["home_affairs"].post("/v1/criteria-sets/check", json={"document": made}).json()["faults"]
    assert any(f["code"] == "BAD_VALUE" and f["pointer"].endswith("/parameters/award_year_days") for f in faults), faults[:3]


def test_a_plan_may_move_the_beginning_and_verdicts_are_out_of_date(service, clients, shown):
    held = AwardRound(service, clients, 1)
    code = held.campaign.rsplit("/", 1)[1]
    before = service.psql(f"SELECT round_setting_mark('{code}', 2024)")
    make_campaign(service, code=code, **plan_with(DECEMBER, ("2023-12-01", "2025-12-31"), PLAN["award_years"]))
    assert shown(held.campaign, 2024)["year_from"] == "2023-12-01"
    assert service.psql(f"SELECT round_setting_mark('{code}', 2024)") != before
