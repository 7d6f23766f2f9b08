"""Random walks of many callers through the end of a round, against a small model of it that was written from the plan and not from
the service: what each step answers, what state it leaves, that a refused step writes nothing (the journal's head stays), and that
no walk makes a seventh award of a year or a second one of a unit (III.2.b).

Seeded: THIDUA_MODEL_SEED makes other walks, THIDUA_MODEL_WALKS says how many. Not hypothesis' state machine: that one prefers
short walks, which it could shrink, and an award is twenty right steps away."""
import os
import random

import pytest

from award_tools import AwardRound, number
from dossier_tools import PDF, make_pdf
from conftest import make_unit
from test_contract import ROUTES

WALKS = int(os.environ.get("THIDUA_MODEL_WALKS", "3"))
SEED = int(os.environ.get("THIDUA_MODEL_SEED", "230"))
CAP, UNITS = 6, 8
CALLERS = ["nobody", "viewer", "unit", "home_affairs", "initiative_council", "chair_office", "auditor", "admin"]

# action → state → (next state, who, is a reason needed); III.3, III.4 and section 5 of the domain.
PROPOSAL = {"submit": {"DRAFT": ("SUBMITTED", "home_affairs", False), "RETURNED": ("SUBMITTED", "home_affairs", False)},
            "withdraw": {"DRAFT": ("WITHDRAWN", "home_affairs", False), "SUBMITTED": ("WITHDRAWN", "home_affairs", True),
                         "RETURNED": ("WITHDRAWN", "home_affairs", True)},
            "return": {"SUBMITTED": ("RETURNED", "chair_office", True)}}
DOSSIER = {"lodge": {"DRAFT": ("LODGED", "unit", False), "RETURNED": ("LODGED", "unit", False)},
           "withdraw": {"DRAFT": ("WITHDRAWN", "unit", False), "LODGED": ("WITHDRAWN", "unit", True),
                        "RETURNED": ("WITHDRAWN", "unit", True), "ACCEPTED": ("WITHDRAWN", "unit", True)},
           "return": {"LODGED": ("RETURNED", "home_affairs", True), "ACCEPTED": ("RETURNED", "home_affairs", True)},
           "accept": {"LODGED": (None, "home_affairs", False)},  # these come late (III.4.a): never without a reason
           "accept_late": {"LODGED": ("ACCEPTED", "home_affairs", True)}}
ROUND = {"start_appraisal": {"OPEN": ("APPRAISAL", "home_affairs", False)}, "propose": {"APPRAISAL": ("PROPOSED", "home_affairs", False)},
         "resume_appraisal": {"PROPOSED": ("APPRAISAL", "home_affairs", True)}, "decide": {"PROPOSED": ("DECIDED", "chair_office", False)},
         "reopen": {}, "close": {}}  # it would be the end of the walk: only where it is refused
BY_ITSELF = {"propose", "resume_appraisal", "decide"}  # III.4.b, III.2.a: these steps follow the acts
STEPS = 120
DRAWN = {  # what a step may be given, by the name of its parameter
    "caller": CALLERS, "match": ["right"] * 8 + ["stale", "none"], "reason": ["Có lý do", "Có lý do", None], "pick": range(60), "first": range(60),
    "which": range(60), "count": [1, 1, 2, 3], "twice": [False, False, True]}
STEP = []


def rule(times=1, **drawn):
    """A step of the walk, `times` as often as others; `drawn` goes over DRAWN."""
    def enter(function):
        STEP.extend([(function, {**DRAWN, **drawn})] * times)
        return function
    return enter


class Thing:
    """What the model knows of a proposal, a decision …: where it is and in which state."""

    def __init__(self, path, state, **more):
        self.path, self.state = path, state
        self.__dict__.update(more)


class Walk:
    def __init__(self, service, clients):
        self.service, self.clients = service, clients
        self.held = held = AwardRound(service, clients, UNITS)
        self.callers = {**clients, "nobody": clients["anyone"], "unit": held.unit_client}
        self.evaluation = held.sure_of_places(held.units)
        self.round = Thing(held.round, "OPEN")
        self.proposals, self.decisions, self.awards, self.barred = [], [], {}, set()
        self.dossier = Thing(self.complete_dossier(), "DRAFT")
        self.head = self.written()

    @staticmethod
    def likely(things, state, pick):
        """One of them; three times of four one in that state, from which the step is possible."""
        fit = [thing for thing in things if thing.state == state] if pick % 4 else things
        return (fit or things)[pick // 4 % len(fit or things)]

    def complete_dossier(self):
        """Of another unit than those that are proposed: its life is its own."""
        held = self.held
        child = make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=held.parent)["id"]
        held.done(held.home.put(f"{held.round}/contestants/{child}", json={
            "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}))
        path = "/v1/dossiers/" + held.done(held.unit_client.post("/v1/dossiers", json={
            "campaign": held.campaign.rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": held.parent}))["id"]
        held.done(held.unit_client.put(f"{path}/nominations/{child}", json={}))
        for place in ("documents/TO_TRINH", "documents/MINUTES", f"nominations/{child}/documents/REPORT"):
            held.done(held.unit_client.put(f"{path}/{place}", data=make_pdf(place), headers=PDF))
        return path

    def written(self):
        head = self.clients["auditor"].get("/v1/journal/head").json()
        return head["seq"] + head["unsealed"]

    def step(self, caller, method, template, path, expected, thing=None, match=None, **arguments):
        """One call. `expected`: the status if the caller may call this and names the right version."""
        roles = ROUTES[method, template]["roles"]
        if caller not in roles:
            expected = 401 if caller == "nobody" else 403
        elif match == "none":
            expected = 428
        elif match == "stale":
            expected = 412
        headers = {"right": lambda: self.held.etag(thing.path), "stale": lambda: {"If-Match": '"987654"'}}.get(match, dict)()
        answer = self.callers[caller].request(method, path, headers=headers, **arguments)
        assert answer.status_code == expected, (caller, method, path, arguments, match, answer.status_code, expected, answer.text)
        now = self.written()
        assert (now > self.head) == (expected < 300), (caller, method, path, "written" if now > self.head else "not written")
        self.head = now
        return answer.json() if expected < 300 else None

    def tells_the_truth(self):
        """What the state of the round claims is what has happened: III.4.b, III.2.a."""
        if any(d.kind == "AWARD" and d.state in ("SIGNED", "PUBLISHED") for d in self.decisions):
            self.round.state = "DECIDED"
        elif any(p.state == "SUBMITTED" for p in self.proposals):
            self.round.state = "PROPOSED"
        elif self.round.state == "PROPOSED":
            self.round.state = "APPRAISAL"
        assert self.clients["auditor"].get(self.round.path).json()["state"] == self.round.state

    def move(self, table, thing, template, caller, action, reason, match):
        following, who, needed = table[action].get(thing.state, (None, None, None))
        if not who:
            expected = 409
        elif caller != who:
            expected = 403
        elif (needed and not reason) or not following:
            expected = 422
        elif table is ROUND and action in BY_ITSELF:
            expected = 409
        else:
            expected = 200
        body = {"action": action, **({"reason": reason} if reason else {})}
        done = self.step(caller, "POST", template, f"{thing.path}/transitions", expected, thing, match, json=body)
        if done:
            thing.state = following
        assert self.clients["auditor"].get(thing.path).json()["state"] == thing.state

    @rule(2, action=sorted(ROUND), caller=["home_affairs"] * 5 + CALLERS)
    def move_the_round(self, caller, action, reason, match):
        if not (action == "close" and self.round.state in ("APPRAISAL", "DECIDED")):
            self.move(ROUND, self.round, "/v1/campaigns/{code}/rounds/{year}/transitions", caller, action, reason, match)

    @rule(3, caller=["unit", "home_affairs", "unit", "home_affairs", "viewer", "nobody"], action=[*DOSSIER, "lodge", "lodge", "accept_late"])
    def move_the_dossier(self, caller, action, reason, match):
        if caller == "home_affairs" and action in ("lodge", "withdraw"):
            return  # for paper alone: test_dossiers.py
        self.move(DOSSIER, self.dossier, "/v1/dossiers/{id}/transitions", caller, action, reason, match)

    @rule(2, caller=["home_affairs"] * 10 + CALLERS)
    def propose(self, caller, first, count, twice):
        units = [self.held.units[(first + i) % UNITS] for i in range(count)]
        named = units + units[:1] if twice and first % 5 == 0 else units
        body = {"evaluation_id": self.evaluation, "letter_number": "1082/TTr-SNV", "units": [{"unit_id": u} for u in named]}
        made = self.step(caller, "POST", "/v1/campaigns/{code}/rounds/{year}/proposals", f"{self.held.round}/proposals",
                         201 if named == units else 422, json=body)
        if made:
            self.proposals.append(Thing(f"/v1/proposals/{made['id']}", "DRAFT", units=units))

    @rule(4, caller=["home_affairs"] * 6 + ["chair_office", "viewer", "nobody", "admin"], action=["submit"] * 6 + ["return", "withdraw"])
    def move_a_proposal(self, caller, pick, action, reason, match):
        if self.proposals:
            proposal = self.likely(self.proposals, "DRAFT" if action == "submit" else "SUBMITTED", pick)
            self.move(PROPOSAL, proposal, "/v1/proposals/{id}/transitions", caller, action, reason, match)

    @rule(3, caller=["chair_office"] * 10 + CALLERS)
    def draft_a_decision(self, caller, pick):
        if self.proposals:
            proposal = self.likely(self.proposals, "SUBMITTED", pick)
            may = (proposal.state == "SUBMITTED" and not self.awards.keys() & set(proposal.units)
                   and not any(d.kind == "AWARD" and d.state == "DRAFT" and d.proposal is proposal for d in self.decisions))
            made = self.step(caller, "POST", "/v1/decisions", "/v1/decisions", 201 if may else 409,
                             json={"kind": "AWARD", "proposal_id": proposal.path.rsplit("/", 1)[1]})
            if made:
                self.decisions.append(Thing(f"/v1/decisions/{made['id']}", "DRAFT", kind="AWARD", proposal=proposal, units=proposal.units))

    @rule(6, caller=["chair_office"] * 10 + CALLERS)
    def sign(self, caller, pick, match):
        if not self.decisions:
            return
        decision = self.likely(self.decisions, "DRAFT", pick)
        if decision.kind == "AWARD":
            may = (decision.proposal.state == "SUBMITTED" and not self.barred & set(decision.units)
                   and not self.awards.keys() & set(decision.units) and len(self.awards) + len(decision.units) <= CAP)
        else:
            may = self.awards[decision.units[0]] == "ACTIVE"
        done = self.step(caller, "POST", "/v1/decisions/{id}/sign", f"{decision.path}/sign", 200 if decision.state == "DRAFT" and may else 409,
                         decision, match, json={"number": number()})
        if done:
            decision.state = "SIGNED"
            self.awards.update({unit: "ACTIVE" if decision.kind == "AWARD" else "REVOKED" for unit in decision.units})
            if decision.kind == "AWARD":
                decision.proposal.state = "DECIDED"

    @rule(caller=["chair_office"] * 5 + CALLERS)
    def publish(self, caller, pick, match):
        if self.decisions:
            decision = self.likely(self.decisions, "SIGNED", pick)
            may = decision.state == "SIGNED" and (decision.kind == "AWARD" or decision.subject.state == "PUBLISHED")
            if self.step(caller, "POST", "/v1/decisions/{id}/publish", f"{decision.path}/publish", 200 if may else 409, decision, match):
                decision.state = "PUBLISHED"

    @rule(caller=["chair_office", "home_affairs", "nobody"])
    def cancel(self, caller, pick, match):
        if self.decisions and pick % 3 == 0:
            decision = self.decisions[pick % len(self.decisions)]
            if self.step(caller, "POST", "/v1/decisions/{id}/cancel", f"{decision.path}/cancel", 200 if decision.state == "DRAFT" else 409,
                         decision, match, json={"reason": "Thôi"}):
                decision.state = "CANCELLED"

    @rule(caller=["chair_office", "chair_office", "home_affairs"])
    def draft_a_revocation(self, caller, pick, which):
        awarding = [d for d in self.decisions if d.kind == "AWARD"]
        if awarding:
            subject = awarding[pick % len(awarding)]
            unit = subject.units[which % len(subject.units)]
            may = subject.state in ("SIGNED", "PUBLISHED") and self.awards[unit] == "ACTIVE"
            made = self.step(caller, "POST", "/v1/decisions", "/v1/decisions", 201 if may else 409, json={
                "kind": "REVOKE", "subject_id": subject.path.rsplit("/", 1)[1], "units": [unit], "ground": "FRAUD", "reason": "Kê khai gian dối"})
            if made:
                self.decisions.append(Thing(f"/v1/decisions/{made['id']}", "DRAFT", kind="REVOKE", units=[unit], subject=subject))

    @rule(caller=["home_affairs", "chair_office", "viewer"])
    def discipline(self, caller, pick):
        """III.1.d: a key leader of that collective; on one unit of eight, so that the cap is still reached."""
        unit = self.held.units[0]
        if pick % 10 == 0 and self.step(caller, "POST", "/v1/discipline-records", "/v1/discipline-records", 201, json={
                "unit_id": unit, "person_name": "Người giả định", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT", "level": "KHIEN_TRACH",
                "decision_number": "7/QĐ-UBND", "decision_date": "2024-03-01", "effective_from": "2024-03-01"}):
            self.barred.add(unit)

    def keeps_the_cap(self):
        code = self.held.campaign.rsplit("/", 1)[1]
        told = self.service.psql(f"SELECT count(*), count(DISTINCT unit_id), count(revoked_by) FROM awards WHERE campaign = '{code}' AND year = 2024")
        assert told == f"{len(self.awards)}|{len(self.awards)}|{list(self.awards.values()).count('REVOKED')}"
        assert len(self.awards) <= CAP

    def run(self, chance):
        for number_of in range(STEPS):
            step, drawn = chance.choice(STEP)
            names = step.__code__.co_varnames[1:step.__code__.co_argcount]
            given = {name: chance.choice(drawn[name]) for name in names}
            try:
                step(self, **given)
                self.tells_the_truth()
                self.keeps_the_cap()
            except AssertionError as error:
                raise AssertionError(f"step {number_of}, {step.__name__} {given}: {error}") from error


@pytest.mark.skipif(WALKS == 0, reason="THIDUA_MODEL_WALKS=0")
def test_no_walk_leaves_the_model(service, clients):
    most = 0
    for number_of in range(WALKS):
        print(f"walk {number_of} of seed {SEED}")
        walk = Walk(service, clients)
        walk.run(random.Random(f"{SEED} {number_of}"))
        print(f"  {len(walk.awards)} awards; decisions {[d.state for d in walk.decisions]}; proposals {[p.state for p in walk.proposals]};"
              f" round {walk.round.state}; dossier {walk.dossier.state}")
        most = max(most, len(walk.awards))
    assert most >= CAP / 2, "the walks do not get where it matters"
