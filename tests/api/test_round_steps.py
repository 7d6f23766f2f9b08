"""The round tells the truth: every act of a round in every state of it, what the acts themselves move, and how a round ends and is
opened again (domain, sections 3 and 5)."""
import re

import pytest

from award_tools import AwardRound, merge, number, today
from conftest import make_unit
from service import ROOT, problem

STATES = ["OPEN", "APPRAISAL", "PROPOSED", "DECIDED", "CLOSED"]
ALWAYS, UNTIL_CLOSED = "yes yes yes yes yes", "yes yes yes yes –"
# Written from the plan: nothing is decided before it was proposed (III.4.b), nothing published before it was signed (V.3), nothing
# changes in a round that is closed but what is done to its awards, and reports stay due (V.1).
ACTS = {
    "conference": UNTIL_CLOSED, "contestants": UNTIL_CLOSED, "quota": UNTIL_CLOSED, "registers": UNTIL_CLOSED,
    "parameters": UNTIL_CLOSED, "findings": UNTIL_CLOSED, "evaluation": UNTIL_CLOSED, "places": UNTIL_CLOSED, "dossiers": UNTIL_CLOSED, "proposal_draft": UNTIL_CLOSED,
    "proposal_submit": "PROPOSED PROPOSED yes yes –",
    "proposal_back": "– – APPRAISAL yes –",
    "award_draft": "– – yes yes –",
    "award_sign": "– – DECIDED yes –",
    "award_publish": "– – – yes –",
    "change_draft": "– – – yes yes", "change_sign": "– – – yes yes", "change_publish": "– – – yes yes",
    "result_told": "– – – yes yes",
    "report": ALWAYS, "proposal_drop": ALWAYS, "decision_cancel": "yes yes yes yes yes",
}
ROUND_STEPS = {  # by a caller
    "start_appraisal": "yes – – – –", "close": "– yes – yes –", "reopen": "– – – – yes", "resume_appraisal": "– – – – –",
    "propose": "– – – – –", "decide": "– – – – –",
}


def state_of(held, client=None):
    return (client or held.home).get(held.round).json()["state"]


def step(held, action, reason=None, client=None, **more):
    body = {"action": action, **({"reason": reason} if reason else {})}
    return (client or held.home).post(f"{held.round}/transitions", json=body, headers=held.etag(held.round), **more)


def decision_on(held, proposal):
    return "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]


def correction_of(held, decision):
    return {"kind": "CORRECT", "subject_id": decision.rsplit("/", 1)[1], "reason": "Sai chính tả",
            "corrections": [{"field": "label", "printed": "Sở A", "correct": "Sở Á"}]}


def force(held, state):
    """What no caller could reach: a round of this state in which there is everything."""
    return held.service.psql(f"UPDATE rounds SET state = '{state}' WHERE campaign = '{held.campaign.rsplit('/', 1)[1]}' AND year = {held.year}")


class World:
    """A round in a state, with whatever there can be in it to try each act on."""

    def __init__(self, service, clients, state):
        self.state = state
        self.held = held = AwardRound(service, clients, 5)
        self.draft = held.proposal(held.units[4:])
        if state in ("OPEN", "APPRAISAL"):
            self.proposal = held.submitted(held.units[:1])
            self.award = self.signed = self.public = decision_on(held, self.proposal)
            self.change, self.changed, self.undrafted = self.award, self.award, self.proposal
            held.done(held.move(held.chair, self.proposal, "return", reason="Rà soát"))
            if state == "OPEN":
                force(held, "OPEN")
        elif state == "PROPOSED":
            self.proposal, self.undrafted = held.submitted(held.units[:1]), held.submitted(held.units[3:4])
            self.award = self.signed = self.public = self.change = self.changed = decision_on(held, self.proposal)
        else:
            self.public, self.signed, self.award = (held.draft([unit]) for unit in held.units[:3])
            self.proposal, self.undrafted = "/v1/proposals/" + held.auditor.get(self.award).json()["proposal_id"], held.submitted(held.units[3:4])
            for decision in (self.public, self.signed):
                held.done(held.sign(decision, number()))
            held.publish(self.public)
            self.change, self.changed = ("/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json=correction_of(held, self.public)))["id"]
                                         for _ in range(2))
            held.done(held.sign(self.changed, number()))
        self.evaluation = held.sure_of_places(held.units[4:])
        if state == "CLOSED":
            force(held, "CLOSED")
        assert state_of(held) == state

    def try_act(self, act):
        """Every call is right in itself: only the state can be against it."""
        held, home, chair = self.held, self.held.home, self.held.chair
        dry = {"params": {"dry_run": "true"}}
        unit = held.units[4]
        tried = {
            "conference": lambda: home.patch(held.round, data='{"conference_on": "2025-03-20"}', **dry, headers={
                "Content-Type": "application/merge-patch+json", **held.etag(held.round)}),
            "contestants": lambda: home.put(f"{held.round}/contestants/{make_unit(held.admin)['id']}", **dry, json={
                "group": "SO_BAN_NGANH", "on_assessed_list": True}),
            "quota": lambda: home.put(f"{held.round}/quota", json={"allocation": [{"group": "UNIT_UNDER_SO", "slots": 6}], "reason": "Phân bổ"},
                                      headers=held.etag(f"{held.round}/quota"), **dry),
            "registers": lambda: home.put(f"{held.round}/registers/scores", headers=held.etag(f"{held.round}/registers/scores"), **dry, json={
                "complete": True, "complete_through": today(), "source": "Rà soát"}),
            "parameters": lambda: home.put(f"{held.round}/parameters", json={"parameters": [], "reason": "Rà soát"},
                                           headers=held.etag(f"{held.round}/parameters"), **dry),
            "findings": lambda: home.put(f"{held.round}/findings/{unit}", headers=held.etag(f"{held.round}/findings/{unit}"), **dry, json={
                "contents": [{"content": "A", "score": "90", "result": "OUTSTANDING", "reason": "r"}]}),
            "places": lambda: home.post(f"/v1/evaluations/{self.evaluation}/overrides", **dry, json={
                "unit_id": held.units[3], "decided": "OUT", "reason": "Xin rút", "legal_basis": "7/TB"}),
            "dossiers": lambda: held.unit_client.post("/v1/dossiers", **dry, json={
                "campaign": held.campaign.rsplit("/", 1)[1], "year": held.year, "nominator_unit_id": held.parent}),
            "proposal_draft": lambda: home.post(f"{held.round}/proposals", **dry, json={
                "evaluation_id": self.evaluation, "letter_number": f"{number().split('/')[0]}/TTr-SNV", "units": [{"unit_id": unit}]}),
            "proposal_submit": lambda: home.post(f"{self.draft}/transitions", json={"action": "submit"}, headers=held.etag(self.draft), **dry),
            "proposal_back": lambda: chair.post(f"{self.proposal}/transitions", json={"action": "return", "reason": "Rà soát"},
                                                headers=held.etag(self.proposal), **dry),
            "proposal_drop": lambda: home.post(f"{self.draft}/transitions", json={"action": "withdraw"}, headers=held.etag(self.draft), **dry),
            "award_draft": lambda: chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": self.undrafted.rsplit("/", 1)[1]}, **dry),
            "award_sign": lambda: chair.post(f"{self.award}/sign", json={"number": number()}, headers=held.etag(self.award), **dry),
            "award_publish": lambda: chair.post(f"{self.signed}/publish", headers=held.etag(self.signed), **dry),
            "decision_cancel": lambda: chair.post(f"{self.award}/cancel", json={"reason": "Thôi"}, headers=held.etag(self.award), **dry),
            "change_draft": lambda: chair.post("/v1/decisions", json=correction_of(held, self.public), **dry),
            "change_sign": lambda: chair.post(f"{self.change}/sign", json={"number": number()}, headers=held.etag(self.change), **dry),
            "change_publish": lambda: chair.post(f"{self.changed}/publish", headers=held.etag(self.changed), **dry),
            "result_told": lambda: home.put(f"{held.dossier}/nominations/{held.units[0]}/notification", json={"notified_on": today()},
                                            headers=held.etag(held.dossier), **dry),
            "report": lambda: home.put(f"{held.round}/reports/{held.parent}", json={"document_number": "1/BC-SYT", "document_date": "2024-12-01"}, **dry),
            "evaluation": lambda: home.post(f"{held.round}/evaluations", json={}, **dry),
        }
        return tried[act]()


@pytest.fixture(scope="module", params=STATES)
def world(request, service, clients):
    return World(service, clients, request.param)


@pytest.mark.parametrize("act", ACTS)
def test_every_act_in_every_state(world, act):
    cell = ACTS[act].split()[STATES.index(world.state)]
    if (world.state, act) == ("PROPOSED", "change_sign"):
        pytest.skip("the draft that there is can only be one of an award")
    if world.state in ("OPEN", "APPRAISAL", "PROPOSED") and act == "award_publish":
        assert world.held.auditor.get(world.signed).json()["state"] == "DRAFT"  # there can be no signed one
    answer = world.try_act(act)
    if cell == "–":
        found = answer.json()
        assert answer.status_code == 409 and found["detail"], (act, answer.text)
    else:
        assert answer.status_code in (200, 201), (act, answer.text)
    assert state_of(world.held) == world.state  # only tried


@pytest.mark.parametrize("action", ROUND_STEPS)
def test_every_step_of_the_round_in_every_state(world, action):
    """The worlds of DECIDED and CLOSED have a proposal that waits, and a decision that is signed and not published."""
    held, cell = world.held, ROUND_STEPS[action].split()[STATES.index(world.state)]
    client = held.chair if action == "decide" else held.home
    answer = step(held, action, "Có lý do", client, params={"dry_run": "true"})
    if action == "close" and world.state == "DECIDED":
        found = problem(answer, 409, "conflict")
        assert "/v1/proposals/" in found["detail"] and found["clause"] == "III.4.b"
    else:
        assert answer.status_code == (200 if cell == "yes" else 409), answer.text
    if answer.status_code == 409:
        assert answer.json()["detail"]


def test_the_contract_has_the_same_table():
    text = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    table = text[text.index("        | act | OPEN"):text.index("        | yearly reports, the end")]
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.splitlines()[2:] if line.strip()]
    found = {row[0].split(":")[0]: " ".join(row[1:]) for row in rows}
    assert found == {act: cells for act, cells in ACTS.items() if cells != ALWAYS}
    code = (ROOT / "src/domain/round_acts.c").read_text(encoding="utf-8")
    assert re.findall(r'^    \[ROUND_\w+\] =\s+\{"(\w+)"', code, re.M) == list(found)


# ---- what moves by itself ----

def told(held):
    """The steps of the round in the journal, in order."""
    lines = held.service.psql(f"SELECT type || ' ' || restricted || ' ' || coalesce(reason, '-') FROM journal WHERE resource = '{held.round}' "
                              "AND type <> 'round.changed' AND actor_kind <> 'SERVICE' ORDER BY id")
    return lines.splitlines()


def test_a_round_that_nobody_moves_is_never_behind(service, clients):
    """III.4.b, III.2.a, V.3: the acts move it, each step an event of its own; the public learns what is published."""
    held = AwardRound(service, clients, 2)
    public, unit = clients["anyone"], held.unit_client
    proposal = held.proposal(held.units[:1])
    assert state_of(held) == "OPEN" and told(held) == []
    held.done(held.move(held.home, proposal, "submit"))
    assert state_of(held) == "PROPOSED" and state_of(held, public) == state_of(held, unit) == "APPRAISAL"
    held.done(held.move(held.chair, proposal, "return", reason="Thiếu biên bản"))
    assert state_of(held) == "APPRAISAL"
    held.done(held.move(held.home, proposal, "submit"))
    decision = decision_on(held, proposal)
    held.done(held.sign(decision, number()))
    assert state_of(held) == "DECIDED" and state_of(held, public) == state_of(held, unit) == "APPRAISAL"
    listed = public.get(f"{held.campaign}/rounds").json()["items"]
    assert [r["state"] for r in listed if r["year"] == 2024] == ["APPRAISAL"]
    held.publish(decision)
    assert state_of(held) == state_of(held, public) == state_of(held, unit) == "DECIDED"
    assert told(held) == ["round.appraisal_started false -", "round.proposed true -", "round.appraisal_resumed true Thiếu biên bản",
                          "round.proposed true -", "round.decided true -"]
    other = held.auditor.get(f"{held.campaign}/rounds/2025").json()
    assert other["state"] == "OPEN"  # each year by itself


def test_the_last_proposal_before_the_chair_moves_it_back(service, clients):
    held = AwardRound(service, clients, 2)
    one, two = held.submitted(held.units[:1]), held.submitted(held.units[1:])
    held.done(held.move(held.home, one, "withdraw", reason="Rút"))
    assert state_of(held) == "PROPOSED"
    held.done(held.move(held.home, two, "withdraw", reason="Rút"))
    assert state_of(held) == "APPRAISAL"


def test_a_second_proposal_does_not_move_a_decided_round_back(service, clients):
    held = AwardRound(service, clients, 2)
    first = held.draft(held.units[:1])
    held.done(held.sign(first, number()))
    second = held.submitted(held.units[1:])
    assert state_of(held) == "DECIDED"
    held.done(held.move(held.chair, second, "return", reason="Rà soát"))
    assert state_of(held) == "DECIDED"
    held.publish(first)
    revocation = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": first.rsplit("/", 1)[1], "ground": "FRAUD", "reason": "Gian dối"}))["id"]
    held.done(held.sign(revocation, number()))
    assert state_of(held) == "DECIDED"  # what was decided was decided


def test_nothing_is_submitted_before_the_cut_off(service, clients):
    """III.4.a: until then others may still be nominated."""
    held = AwardRound(service, clients, 1)
    proposal = held.proposal(held.units)
    code = held.campaign.rsplit("/", 1)[1]
    service.psql(f"UPDATE rounds SET cut_off = today() + 1 WHERE campaign = '{code}' AND year = 2024")
    found = problem(held.move(held.home, proposal, "submit"), 409, "conflict")
    assert found["clause"] == "III.4.a" and state_of(held) == "OPEN"
    service.psql(f"UPDATE rounds SET cut_off = today() WHERE campaign = '{code}' AND year = 2024")
    held.done(held.move(held.home, proposal, "submit"))


@pytest.mark.parametrize("state", ["OPEN", "APPRAISAL", "PROPOSED"])
def test_the_database_holds_it_whoever_writes(service, clients, state):
    held = AwardRound(service, clients, 1)
    decision = held.draft(held.units)
    held.done(held.sign(decision, number()))
    assert "rounds_truth" in force(held, state)
    assert state_of(held) == "DECIDED"


# ---- the end of a round ----

def test_a_round_ends_when_all_is_public_and_is_opened_with_a_reason(service, clients):
    held = AwardRound(service, clients, 2)
    decision = held.draft(held.units[:1])
    waiting = held.submitted(held.units[1:])
    held.done(held.sign(decision, number()))
    assert waiting in problem(step(held, "close"), 409, "conflict")["detail"]
    held.done(held.move(held.home, waiting, "withdraw", reason="Không đủ chỉ tiêu"))
    found = problem(step(held, "close"), 409, "conflict")
    assert found["clause"] == "V.3" and f"{decision}/publish" in found["detail"]
    held.publish(decision)
    held.done(merge(held.home, held.round, {"conference_on": "2999-03-20"}, held.etag(held.round)))
    assert "2999-03-20" in problem(step(held, "close"), 409, "conflict")["detail"]
    held.done(merge(held.home, held.round, {"conference_on": today()}, held.etag(held.round)))
    assert held.done(step(held, "close"))["state"] == state_of(held, clients["anyone"]) == "CLOSED"
    problem(step(held, "reopen"), 422, "invalid")  # a reason
    assert '"reopen"' in problem(step(held, "resume_appraisal", "Nhầm"), 409, "conflict")["detail"]
    assert held.done(step(held, "reopen", "Hội nghị dời ngày"))["state"] == "DECIDED"
    assert told(held)[-2:] == ["round.closed false -", "round.reopened false Hội nghị dời ngày"]


def test_a_round_without_awards_is_appraised_again(service, clients):
    held = AwardRound(service, clients, 1)
    proposal = held.proposal(held.units)
    held.done(step(held, "start_appraisal"))
    held.done(step(held, "close", "Không có tập thể đủ tiêu chuẩn"))
    found = problem(held.move(held.home, proposal, "submit"), 409, "conflict")
    assert '"resume_appraisal"' in found["detail"]
    assert '"resume_appraisal"' in problem(step(held, "reopen", "Nhầm"), 409, "conflict")["detail"]
    assert held.done(step(held, "resume_appraisal", "Có kết luận mới"))["state"] == "APPRAISAL"
    held.done(held.move(held.home, proposal, "submit"))
