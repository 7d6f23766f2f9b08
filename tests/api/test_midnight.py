"""Half past midnight in Vietnam is still yesterday in UTC. Whatever takes its day from the clock takes Vietnam's (domain, section 2)."""
import pytest

import award_tools
from award_tools import AwardRound, merge, number
from conftest import make_unit
from service import ROLES, problem

NOW, TODAY, YESTERDAY, TOMORROW = "2025-03-05T17:30:00Z", "2025-03-06", "2025-03-05", "2025-03-07"


@pytest.fixture
def held(fresh_service, monkeypatch):
    monkeypatch.setattr(award_tools, "today", lambda: TODAY)
    return AwardRound(fresh_service, {role: fresh_service.key(role) for role in ROLES if role != "unit"}, 1)


def conference(held, day):
    return held.done(merge(held.home, held.round, {"conference_on": day}, held.etag(held.round)))["proposal_deadline"]


def test_a_submission_and_a_signature_are_of_the_day_that_has_begun(held):
    """III.4.b and III.5: due on the 5th it is late, on the 6th in time; signed on the 6th, though the conference is over by its day."""
    proposal = held.proposal(held.units)
    assert conference(held, "2025-03-15") == YESTERDAY
    assert problem(held.move(held.home, proposal, "submit"), 422, "rule-refused")["clause"] == "III.4.b"
    assert conference(held, "2025-03-16") == TODAY
    assert held.done(held.move(held.home, proposal, "submit"))["in_time"] is True
    decision = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
    for day in (YESTERDAY, TOMORROW):  # before the submission, and ahead
        assert problem(held.sign(decision, number(), signed_on=day), 422, "invalid")["errors"][0]["pointer"] == "/signed_on"
    signed = held.done(held.sign(decision, number()))
    assert (signed["signed_on"], signed["issued_by"]) == (TODAY, "Ủy ban nhân dân tỉnh Bình Phước")
    held.publish(decision)
    assert held.auditor.get("/v1/awards").json()["items"][0]["bonus_vnd"] == 7020000


@pytest.mark.parametrize("effective, overall", [(TODAY, "INELIGIBLE"), (TOMORROW, "ELIGIBLE")])
def test_what_takes_effect_today_bars_since_midnight(held, effective, overall):
    """III.1.d: up to the day that is judged, that day included."""
    [unit] = held.units
    held.done(held.home.post("/v1/discipline-records", json={
        "unit_id": unit, "person_name": "Nguyễn Văn A", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT", "level": "KHIEN_TRACH",
        "decision_number": "5/QĐ-SNV", "decision_date": TODAY, "effective_from": effective}))
    assert held.standings(held.evaluate())[unit]["overall"] == overall


def test_proceedings_are_closed_and_days_are_given_from_midnight_on(held):
    made = held.done(held.home.post("/v1/proceedings", json={"unit_id": held.units[0], "kind": "AUDIT", "opened_on": TODAY}))
    closed = held.done(held.move(held.home, f"/v1/proceedings/{made['id']}", "close_cleared", reason="Không có dấu hiệu"))
    assert closed["closed_on"] == TODAY
    for day, good in ((YESTERDAY, False), (TODAY, True)):
        answer = held.move(held.home, held.dossier, "return", reason="Thiếu chữ ký", completion_due_on=day)
        assert answer.status_code == (200 if good else 422), answer.text


def test_a_body_begins_and_ends_at_midnight(held):
    last = make_unit(held.admin, valid_to=YESTERDAY)["id"]
    first = make_unit(held.admin, valid_from=TODAY)["id"]
    listed = [unit["id"] for unit in held.admin.get("/v1/units", params={"kind": "PROVINCIAL_BODY", "limit": 200}).json()["items"]]
    assert first in listed and last not in listed
