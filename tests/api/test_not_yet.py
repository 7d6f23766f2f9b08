"""Not, and not yet: FAIL says that nothing which may still lawfully happen makes it true. Each case is judged as of several days."""
import pytest

from award_tools import AwardRound, number, today
from dossier_tools import PDF, make_pdf
from service import problem

LAST_GOOD, CUT_OFF = "2024-12-30T23:59:59+07:00", "2024-12-31T00:00:00+07:00"


class Round(AwardRound):
    """Units that meet all else by the end of 2024; only those that a test hands in for have a dossier."""

    def nominate(self, units):
        """Each test hands in as it needs."""

    def initiative(self, unit):
        return self.done(self.unit_client.post("/v1/initiatives", json={
            "unit_id": unit, "title": "Giải pháp", "summary": "Rút ngắn thời gian", "kind": "SOLUTION", "applied_from": "2024-03-01"}))["id"]

    def recognised_initiative(self, unit):
        made = self.initiative(unit)
        self.decide(made, outcome="RECOGNISED", recognised_on="2024-12-02", decision_number="88/QĐ-HĐSK")
        return made

    def decide(self, initiative, council="PROVINCIAL", **decided):
        path = f"/v1/initiatives/{initiative}"
        client = self.council if council == "PROVINCIAL" else self.home
        self.done(client.put(f"{path}/recognition", headers=self.etag(path), json={"council": council, **decided}))

    def without_initiative(self):
        unit, self.recognised_initiative = None, lambda unit: None
        unit = self.add_unit()
        del self.recognised_initiative
        return unit

    def draft_of(self, unit, *, minutes=True):
        path = "/v1/dossiers/" + self.done(self.unit_client.post("/v1/dossiers", json={
            "campaign": self.campaign.rsplit("/", 1)[1], "year": self.year, "nominator_unit_id": self.parent}))["id"]
        self.done(self.unit_client.put(f"{path}/nominations/{unit}", json={}))
        for place in ("documents/TO_TRINH", f"nominations/{unit}/documents/REPORT", *(["documents/MINUTES"] if minutes else [])):
            self.done(self.unit_client.put(f"{path}/{place}", data=make_pdf(place), headers=PDF))
        return path

    def lodged_late(self, unit):
        """Its receipt is now, two years after its day."""
        path = self.draft_of(unit)
        self.done(self.move(self.unit_client, path, "lodge"))
        return path

    def accepted(self, unit):
        path = self.lodged_late(unit)
        self.done(self.move(self.home, path, "accept", received_at="2024-12-20T09:00:00+07:00", source="Sổ công văn đến"))
        return path

    def had_time_until(self, path, day):
        """Such a day cannot be given any more when it has passed."""
        self.service.psql(f"UPDATE dossiers SET completion_due_on = '{day}' WHERE id = '{path.rsplit('/', 1)[1]}'")

    def proceeding(self, unit, opened_on, closed_on=None, action="close_cleared"):
        made = self.done(self.home.post("/v1/proceedings", json={
            "unit_id": unit, "kind": "INSPECTION", "subject": "Thanh tra", "opened_on": opened_on}))
        path = f"/v1/proceedings/{made['id']}"
        if closed_on:
            self.done(self.move(self.home, path, action, reason="Kết luận thanh tra", closed_on=closed_on))
        return path

    def verdict(self, unit, as_of=None):
        evaluation = self.evaluate(**({"as_of": as_of} if as_of else {}))
        assert self.done(self.auditor.post(f"/v1/evaluations/{evaluation}/replay"))["identical"]
        return self.done(self.auditor.get(f"/v1/evaluations/{evaluation}/verdicts/{unit}"))


@pytest.fixture
def held(service, clients):
    return Round(service, clients, 1)


def result(verdict, *clauses):
    found = {c["clause"]: c["result"] for c in verdict["criteria"]}
    return (verdict["overall"], *(found[clause] for clause in clauses))


def leaf(verdict, name):
    return next(leaf for c in verdict["criteria"] for leaf in c["leaves"] if leaf["id"] == name)


def proposed(verdict):
    return {change["leaf"] for change in verdict["changes"]}


# ---- the dossier (III.3, III.4.a)

def nothing(held, unit):
    """Nobody nominates it."""


def withdrawn(held, unit):
    held.done(held.move(held.unit_client, held.draft_of(unit), "withdraw"))


def draft(held, unit):
    held.draft_of(unit)


def incomplete_draft(held, unit):
    held.draft_of(unit, minutes=False)


@pytest.mark.parametrize("hand_in", [nothing, withdrawn, draft, incomplete_draft])
def test_what_is_not_handed_in_is_open_until_the_day_and_then_failed(held, hand_in):
    unit = held.units[0]
    hand_in(held, unit)
    before = held.verdict(unit, LAST_GOOD)
    assert result(before, "III.3", "III.4.a") == ("PENDING", "PENDING", "PENDING")
    assert leaf(before, "dossier_lodged")["reason"] == "NOT_YET"
    told = leaf(before, "dossier_lodged")["explanation"]
    assert "Còn thời hạn đến hết ngày 30/12/2024." in told["vi"] and "There is time through 2024-12-30." in told["en"]
    assert {"dossier_lodged", "handed_in", "received_in_time"} <= proposed(before) and "late_accepted" not in proposed(before)
    after = held.verdict(unit, CUT_OFF)
    assert result(after, "III.3", "III.4.a") == ("INELIGIBLE", "FAIL", "FAIL") and after["changes"] == []
    assert "Thời hạn đã hết: đến hết ngày 30/12/2024." in leaf(after, "dossier_lodged")["explanation"]["vi"]
    assert result(held.verdict(unit), "III.3", "III.4.a") == ("INELIGIBLE", "FAIL", "FAIL")


def test_a_late_one_is_open_until_somebody_decides(held):
    unit = held.units[0]
    path = held.lodged_late(unit)
    late = held.verdict(unit)
    assert result(late, "III.3", "III.4.a") == ("PENDING", "PASS", "PENDING")
    assert proposed(late) == {"late_accepted"}  # that it had come in time nobody can bring about
    held.done(held.move(held.home, path, "accept_late", reason="Mưa lũ"))
    assert result(held.verdict(unit), "III.4.a") == ("ELIGIBLE", "PASS")


def test_a_returned_one_has_the_time_that_it_was_given(held):
    unit = held.units[0]
    path = held.accepted(unit)
    held.done(held.move(held.home, path, "return", reason="Thiếu chữ ký"))
    assert result(held.verdict(unit, LAST_GOOD), "III.3") == ("PENDING", "PENDING")
    failed = held.verdict(unit, CUT_OFF)
    assert result(failed, "III.3", "III.4.a") == ("INELIGIBLE", "FAIL", "PASS") and failed["changes"] == []
    held.done(held.move(held.unit_client, path, "lodge"))
    assert result(held.verdict(unit), "III.3", "III.4.a") == ("ELIGIBLE", "PASS", "PASS")
    ahead = "2099-12-31"
    returned = held.done(held.move(held.home, path, "return", reason="Thiếu trang", completion_due_on=ahead))
    assert returned["completion_due_on"] == ahead
    given = held.verdict(unit)
    assert result(given, "III.3", "III.4.a") == ("PENDING", "PENDING", "PASS") and proposed(given) == {"dossier_lodged"}
    assert "31/12/2099" in leaf(given, "dossier_lodged")["explanation"]["vi"]
    held.had_time_until(path, "2025-02-10")
    assert result(held.verdict(unit, "2025-02-10T23:59:59+07:00"), "III.3") == ("PENDING", "PENDING")
    over = held.verdict(unit, "2025-02-11T00:00:00+07:00")
    assert result(over, "III.3", "III.4.a") == ("INELIGIBLE", "FAIL", "PASS") and over["changes"] == []
    assert held.done(held.move(held.unit_client, path, "lodge"))["completion_due_on"] is None
    assert result(held.verdict(unit), "III.3") == ("ELIGIBLE", "PASS")


def test_a_late_one_returned_with_time_is_open_as_well(held):
    unit = held.units[0]
    path = held.lodged_late(unit)
    held.done(held.move(held.home, path, "return", reason="Thiếu chữ ký", completion_due_on=today()))
    assert result(held.verdict(unit), "III.3", "III.4.a") == ("PENDING", "PENDING", "PENDING")
    held.had_time_until(path, "2025-02-10")
    assert result(held.verdict(unit), "III.3", "III.4.a") == ("INELIGIBLE", "FAIL", "FAIL")


@pytest.mark.parametrize("action, day, code", [("return", "2024-12-30", "past"), ("accept", "2099-12-31", "not_here"), ("return", "31/12", None)])
def test_time_is_given_only_with_a_return_and_ahead(held, action, day, code):
    path = held.accepted(held.units[0]) if action == "return" else held.lodged_late(held.units[0])
    found = problem(held.move(held.home, path, action, reason="Thiếu", completion_due_on=day), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/completion_due_on" and code in (None, found["errors"][0]["code"])


def test_the_next_in_rank_has_no_sure_place_while_the_first_may_still_hand_in(held):
    first, second = held.units[0], held.add_unit()
    held.draft_of(first)
    held.accepted(second)
    path = f"{held.round}/findings/{first}"
    held.done(held.home.put(path, headers=held.etag(path), json={"contents": [
        {"content": c, "score": "99", "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": []} for c in "ABCD"]}))
    path = f"{held.round}/quota"
    held.done(held.home.put(path, headers=held.etag(path), json={
        "reason": "Phân bổ", "allocation": [{"group": "UNIT_UNDER_SO", "cluster": None, "slots": 1}]}))
    before = held.standings(held.evaluate(as_of=LAST_GOOD))
    assert (before[first]["overall"], before[second]["overall"], before[second]["status"]) == ("PENDING", "ELIGIBLE", "POSSIBLE")
    after = held.standings(held.evaluate(as_of=CUT_OFF))
    assert (after[first]["overall"], after[second]["status"]) == ("INELIGIBLE", "SECURE")


# ---- initiatives (III.1.c)

REFUSED = {"outcome": "REFUSED", "reason": "Không mới"}
BY_DISTRICT = {"council": "DISTRICT", "outcome": "RECOGNISED", "recognised_on": "2024-12-02", "decision_number": "9/QĐ-HĐSK"}


@pytest.mark.parametrize("decisions", [None, [], [REFUSED], [BY_DISTRICT], [BY_DISTRICT, REFUSED]])
def test_without_a_recognised_initiative_it_is_open_until_the_submission(held, decisions):
    """Whatever became of those that there are, another may be recognised; once nothing more is submitted none of them counts."""
    other, unit = held.units[0], held.without_initiative()
    if decisions is not None:
        made = held.initiative(unit)
        for decided in decisions:
            held.decide(made, **decided)
    held.accepted(other)
    held.accepted(unit)
    before = held.verdict(unit)
    assert result(before, "III.1.c") == ("PENDING", "PENDING") and proposed(before) == {"recognised_initiative"}
    assert leaf(before, "recognised_initiative")["reason"] == "NOT_YET"
    assert "thời hạn chưa kết thúc" in leaf(before, "recognised_initiative")["explanation"]["vi"]
    decision = held.draft([other])
    assert result(held.verdict(unit), "III.1.c") == ("PENDING", "PENDING")  # a second submission may take it up
    held.done(held.sign(decision, number()))
    held.publish(decision)
    held.done(held.move(held.home, held.round, "close"))
    about = {"campaign": held.campaign.rsplit("/", 1)[1], "year": 2024, "changes": {}}  # it is tried, and not judged again
    for as_of, counts in (({}, {"ELIGIBLE": 1, "INELIGIBLE": 1, "PENDING": 0}),
                          ({"as_of": "2025-02-01T08:00:00+07:00"}, {"ELIGIBLE": 1, "INELIGIBLE": 0, "PENDING": 1})):  # it was not submitted then
        found = held.done(held.auditor.post("/v1/what-if", json={**about, **as_of}))["before"]["counts"]
        assert {outcome: found[outcome] for outcome in counts} == counts


# ---- the hold (III.1)

@pytest.mark.parametrize("opened, closed, day, outcome", [
    ("2025-01-10", None, "2025-01-09", "PASS"), ("2025-01-10", None, "2025-01-10", "DEFERRED"), ("2025-01-10", None, "2025-06-01", "DEFERRED"),
    ("2025-01-10", "2025-03-05", "2025-01-09", "PASS"), ("2025-01-10", "2025-03-05", "2025-01-10", "DEFERRED"),
    ("2025-01-10", "2025-03-05", "2025-03-04", "DEFERRED"), ("2025-01-10", "2025-03-05", "2025-03-05", "PASS"),
    ("2025-01-10", "2025-01-10", "2025-01-10", "PASS")])
def test_proceedings_hold_while_they_are_open_on_the_day_that_is_judged(held, opened, closed, day, outcome):
    unit = held.units[0]
    held.accepted(unit)
    held.proceeding(unit, opened, closed)
    overall = {"PASS": "ELIGIBLE"}.get(outcome, outcome)
    assert result(held.verdict(unit, f"{day}T08:00:00+07:00"), "III.1") == (overall, outcome)


def test_a_conclusion_that_is_set_aside_bars_no_more_and_holds_until_the_next(held):
    """III.1: appealed against, or recorded by mistake. It may come out otherwise; the hold and the bar are those of what stands."""
    unit = held.units[0]
    held.accepted(unit)
    path = held.proceeding(unit, "2025-01-10", "2025-02-10", action="close_at_fault")
    assert result(held.verdict(unit), "III.1") == ("INELIGIBLE", "FAIL")
    problem(held.move(held.home, path, "reopen"), 422, "invalid")  # no reason
    day = problem(held.move(held.home, path, "reopen", reason="Khiếu nại", closed_on="2025-03-01"), 422, "invalid")
    assert day["errors"][0]["pointer"] == "/closed_on"
    opened = held.done(held.move(held.home, path, "reopen", reason="Khiếu nại"))
    assert (opened["state"], opened["closed_on"], opened["outcome"], opened["conclusion"]) == ("OPEN", None, None, None)
    assert result(held.verdict(unit), "III.1") == ("DEFERRED", "DEFERRED")
    held.done(held.move(held.home, path, "close_cleared", reason="Hủy kết luận", closed_on="2025-04-01"))
    assert result(held.verdict(unit), "III.1") == ("ELIGIBLE", "PASS")
    held.done(held.move(held.home, path, "reopen", reason="Tình tiết mới"))
    held.done(held.move(held.home, path, "close_at_fault", reason="Có vi phạm", closed_on="2025-05-01"))
    assert result(held.verdict(unit), "III.1") == ("INELIGIBLE", "FAIL")
    told = held.service.psql(f"SELECT type, before ->> 'outcome', reason FROM journal WHERE resource = '{path}' AND type = 'proceeding.reopened' ORDER BY id")
    assert told.splitlines() == ["proceeding.reopened|AT_FAULT|Khiếu nại", "proceeding.reopened|CLEARED|Tình tiết mới"]


@pytest.mark.parametrize("opened, closed, signed_on, held_up", [
    ("2025-03-11", None, "2025-03-10", False), ("2025-03-10", None, "2025-03-10", True),
    ("2025-01-10", "2025-03-11", "2025-03-10", True), ("2025-01-10", "2025-03-10", "2025-03-10", False)])
def test_a_signature_is_judged_by_its_day(held, opened, closed, signed_on, held_up):
    unit = held.units[0]
    held.accepted(unit)
    proposal = held.proposal([unit])
    held.done(held.move(held.home, proposal, "submit", submitted_at="2025-03-01T08:00:00+07:00", source="Sổ công văn đi"))
    made = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))
    held.proceeding(unit, opened, closed)
    signed = held.sign(f"/v1/decisions/{made['id']}", number(), signed_on=signed_on)
    if held_up:
        assert "III.1" in problem(signed, 409, "not-eligible")["errors"][0]["detail"]
    else:
        assert held.done(signed)["signed_on"] == signed_on
