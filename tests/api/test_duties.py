"""Separation of duties (domain, section 1), over the whole route table: every write that an office may call says on whom it bears, or
why on nobody; and where it bears on the caller's own unit, or on a rival where that counts, it is refused and writes nothing."""
import pytest

from award_tools import AwardRound, number
from conftest import PLAN, make_campaign, make_unit
from service import Client, problem
from test_authorisation import World
from test_contract import ROUTES

OFFICES = {"home_affairs", "initiative_council", "chair_office", "auditor", "admin"}
WRITES = {key: route for key, route in ROUTES.items() if route["write"] and OFFICES & set(route["roles"])}
JUDGED = {key: route for key, route in WRITES.items() if route["duty"] and route["duty"]["units"]}
ROUND = "/v1/campaigns/{code}/rounds/{year}"


class Stakes(World):
    """One thing of every kind that bears on `unit`; what comes at the end of a round bears on `awarded`."""

    def __init__(self, service, clients):
        super().__init__(service, clients)
        self.service, self.home = service, clients["home_affairs"]
        self.held = held = AwardRound(service, clients, 1)
        self.awarded = held.units[0]
        proposal = held.proposal(held.units)
        held.done(held.move(held.home, proposal, "submit"))
        decision = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
        held.done(held.sign(f"/v1/decisions/{decision}", number()))
        award = service.psql(f"SELECT id FROM awards WHERE decision_id = '{decision}'")
        self.ids |= {"proposals": proposal.rsplit("/", 1)[1], "decisions": decision, "awards": award}
        self.rival, self.stranger = make_unit(held.admin)["id"], make_unit(held.admin)["id"]
        self.done(self.home.put(f"{self.round}/contestants/{self.rival}", json={"group": "SO_BAN_NGANH", "on_assessed_list": True}))
        self.bodies = {
            ("POST", "/v1/units"): {"name": "Sở mới", "kind": "PROVINCIAL_BODY", "valid_from": "2025-03-01", "succeeds": {
                "kind": "MERGE", "legal_basis": "NQ 1", "predecessors": [self.unit]}},
            ("PATCH", "/v1/units/{id}"): {"valid_from": "2025-03-01", "parent_id": self.stranger},
            ("POST", f"{ROUND}/tie-decisions"): {"units": [self.unit, self.stranger], "method": "LOT", "reason": "Bốc thăm",
                                                 "document": "Biên bản"},
            ("POST", "/v1/decisions"): {"kind": "AWARD", "proposal_id": self.ids["proposals"]},
            ("PUT", f"{ROUND}/reports/{{unit_id}}"): {"document_number": "1/BC-S", "document_date": "2024-12-20", "source": "Sổ đến",
                                                      "received_at": "2024-12-20T08:00:00+07:00"},
            ("POST", "/v1/dossiers/{id}/transitions"): {"action": "accept"},
            ("POST", "/v1/scores/{unit_id}/{year}/transitions"): {"action": "appraise"},
        }

    def whose(self, key):
        return self.awarded if key[1].split("/")[2] in ("proposals", "decisions", "awards") or key == ("POST", "/v1/decisions") else self.unit

    def call(self, key, unit):
        """By a key of that unit with every role that the route takes."""
        roles = [role for role in WRITES[key]["roles"] if role in OFFICES]
        client = Client(self.service.base, self.done(self.held.admin.post("/v1/keys", json={
            "name": f"thử {unit}", "roles": roles, "unit_id": unit}))["key"])
        body = self.body(WRITES[key], key)
        if key in self.bodies:
            body = {**body, "json": self.bodies[key]}
        before = self.written()
        answer = client.request(key[0], self.path(key[1]), **body)
        return answer, self.written() - before


@pytest.fixture(scope="module")
def stakes(service, clients):
    return Stakes(service, clients)


def refused(answer):
    return answer.status_code == 403 and answer.json()["type"].endswith("separation-of-duties")


@pytest.mark.parametrize("key", sorted(WRITES), ids=" ".join)
def test_every_write_of_an_office_says_on_whom_it_bears(key):
    duty = WRITES[key]["duty"]
    assert duty, "add .duty to the route's row: the statement that gives the units, or NO_UNIT_AT_STAKE with the reason"
    assert bool(duty["units"]) != bool(duty["none"])
    assert not duty["none"] or (len(duty["none"]) > 20 and duty["none"].endswith("."))


@pytest.mark.parametrize("key", sorted(JUDGED), ids=" ".join)
def test_nobody_acts_on_their_own(key, stakes):
    answer, written = stakes.call(key, stakes.whose(key))
    problem(answer, 403, "separation-of-duties")
    assert written == 0


@pytest.mark.parametrize("key", sorted(JUDGED), ids=" ".join)
def test_nor_on_a_rival_where_that_would_help_their_own(key, stakes):
    answer, _ = stakes.call(key, stakes.rival)
    everybody = {("PUT", f"{ROUND}/quota")}  # it bears on all contestants
    assert refused(answer) == (JUDGED[key]["duty"]["rivals"] or key in everybody), answer.text


@pytest.mark.parametrize("key", sorted(JUDGED), ids=" ".join)
def test_others_are_not_kept_from_their_work(key, stakes):
    answer, _ = stakes.call(key, make_unit(stakes.held.admin)["id"])
    assert not refused(answer), answer.text


# ---- one's own stays one's own ----

@pytest.fixture
def moved(service, clients):
    """A sở, its division, which is a contestant, another sở, and a clerk of Home Affairs whose key is of the first sở."""
    held, admin = AwardRound(service, clients, 1), clients["admin"]
    body, other = make_unit(admin)["id"], make_unit(admin)["id"]
    division = make_unit(admin, kind="PROVINCIAL_SUBUNIT", parent_id=body)["id"]
    held.done(held.home.put(f"{held.round}/contestants/{division}", json={
        "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}))
    return held, service.key("home_affairs", body), body, division, other


def merge(client, unit, body):
    path = f"/v1/units/{unit}"
    return client.merge(path, body, client.get(path).headers["ETag"])


FINDING = {"contents": [{"content": "A", "score": "99", "result": "OUTSTANDING_LEADING", "reason": "Tự khen", "evidence": []}]}


def test_nobody_moves_their_division_away_to_judge_it(moved):
    held, clerk, body, division, other = moved
    for change in ({"parent_id": other}, {"parent_id": None}, {"kind": "OTHER"}):
        for day in ("2000-01-01", "2024-06-01", "2025-01-01"):
            problem(merge(clerk, division, {"valid_from": day, **change}), 403, "separation-of-duties")
    problem(merge(clerk, other, {"valid_from": "2024-06-01", "parent_id": body}), 403, "separation-of-duties")
    problem(merge(clerk, other, {"valid_from": "2024-06-01", "parent_id": division}), 403, "separation-of-duties")
    for unit, successors in ((division, [other]), (other, [division]), (other, [body])):
        problem(clerk.post(f"/v1/units/{unit}/successions", json={
            "kind": "MERGE", "effective_on": "2025-03-01", "legal_basis": "NQ 1", "successors": successors}), 403, "separation-of-duties")
        rows = [f"{unit},MERGE,2025-03-01,NQ 1,{successor}" for successor in successors]
        file = "\n".join(["unit_id,kind,effective_on,legal_basis,successor_unit_id", *rows])
        barred = problem(clerk.post("/v1/imports", params={"kind": "successions"}, headers={"Content-Type": "text/csv; charset=utf-8"}, data=file.encode()),
                         422, "invalid")
        assert [e["code"] for e in barred["errors"]] == ["separation-of-duties"]
    assert merge(clerk, division, {"valid_from": "2025-01-01", "name": "Phòng tên khác"}).status_code == 200
    assert merge(clerk, other, {"valid_from": "2025-01-01", "name": f"Sở {other}"}).status_code == 200


@pytest.mark.parametrize("left, own", [("2023-12-31", False), ("2024-01-01", False), ("2024-01-02", True), ("2025-06-30", True)])
def test_what_was_their_own_since_the_award_year_began_stays_so(moved, left, own):
    held, clerk, _, division, other = moved
    held.done(merge(held.admin, division, {"valid_from": left, "parent_id": other}))
    answer = clerk.put(f"{held.round}/findings/{division}", json=FINDING)
    if own:
        problem(answer, 403, "separation-of-duties")
        assert held.auditor.get(f"{held.round}/findings/{division}").status_code == 404
    else:
        held.done(answer)


ENTRY = {"group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}


@pytest.fixture
def beside(service, moved):
    """The plan by calendar years, and beside it one whose year 2024 begins on 1 December 2023. Both have the division as a contestant,
    and each, in a group of its own, a contestant that competes with it."""
    held, clerk, body, division, other = moved
    window = {**PLAN["window"], "from": "2023-12-01"}
    december = make_campaign(service, year_begins={"month_day": "12-01", "of": "previous_year"}, window=window) + "/rounds/2024"
    rivals = {}
    for path in (held.round, december):
        rivals[path] = make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=make_unit(held.admin)["id"])["id"]
        held.done(held.home.put(f"{path}/contestants/{rivals[path]}", json={**ENTRY, "cluster": "Khối 9"}))
        entry = held.home.get(f"{path}/contestants/{division}")
        held.done(held.home.put(f"{path}/contestants/{division}", json={**ENTRY, "cluster": "Khối 9"},
                                headers={"If-Match": entry.headers["ETag"]} if entry.status_code == 200 else {}))
    return {"calendar": held.round, "december": december}, rivals


# Of each plan: what a clerk does to the division, to all contestants, and to a rival of the division.
DECLARED = {"complete": True, "complete_through": "2024-12-31", "source": "Báo cáo"}
ACTS = {
    "a finding": lambda held, clerk, path, division, rival: clerk.put(f"{path}/findings/{division}", json=FINDING),
    "an allocation": lambda held, clerk, path, division, rival: clerk.put(f"{path}/quota", headers=held.etag(f"{path}/quota"), json={
        "reason": "Phân bổ", "allocation": [{"group": "UNIT_UNDER_SO", "slots": 1}]}),
    "a register for all": lambda held, clerk, path, division, rival: clerk.put(
        f"{path}/registers/discipline", headers=held.etag(f"{path}/registers/discipline"), json=DECLARED),
    "several registers": lambda held, clerk, path, division, rival: clerk.post(f"{path}/registers", json={
        "declarations": [{"register": "discipline", **DECLARED}]}),
    "a contestant beside it": lambda held, clerk, path, division, rival: clerk.put(
        f"{path}/contestants/{rival}", headers=held.etag(f"{path}/contestants/{rival}"), json={**ENTRY, "cluster": "Khối 9"}),
    "a finding on a rival": lambda held, clerk, path, division, rival: clerk.put(f"{path}/findings/{rival}", json=FINDING),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_plan_goes_by_its_own_award_year(moved, beside, act):
    """The division left on 15 December 2023: in the year of the one plan, and before that of the other, which knows nothing of the first."""
    held, clerk, _, division, other = moved
    paths, rivals = beside
    held.done(merge(held.admin, division, {"valid_from": "2023-12-15", "parent_id": other}))
    problem(ACTS[act](held, clerk, paths["december"], division, rivals[paths["december"]]), 403, "separation-of-duties")
    answer = ACTS[act](held, clerk, paths["calendar"], division, rivals[paths["calendar"]])
    assert answer.status_code in (200, 201) and "separation" not in answer.text, answer.text


@pytest.mark.parametrize("key", [key for key in JUDGED if key[1].startswith(ROUND)], ids=" ".join)
def test_who_judges_in_a_round_goes_by_its_campaign(key):
    assert {"{code}", "{year}"} <= set(JUDGED[key]["duty"]["of"])


@pytest.mark.parametrize("left, own", [("2023-01-02", False), ("2023-01-03", True)])
def test_an_act_for_any_plan_goes_by_the_earliest_award_year(service, moved, left, own):
    """A scorecard of 2024 is an index for all plans of 2024. No plan of any test can begin that year before this one."""
    held, clerk, _, division, other = moved
    make_campaign(service, year_begins={"month_day": "01-02", "of": "previous_year"}, window={**PLAN["window"], "from": "2023-01-02"})
    held.done(merge(held.admin, division, {"valid_from": left, "parent_id": other}))
    answer = clerk.post(f"/v1/scores/{division}/2024/transitions", json={"action": "appraise"}, headers={"If-Match": "*"})
    assert ("separation" in answer.text) == own, answer.text


def test_a_register_is_not_declared_for_all_by_one_of_them(moved):
    held, clerk, _, _, other = moved
    path = f"{held.round}/registers/discipline"
    body = {"complete": True, "complete_through": "2024-12-31", "source": "Báo cáo"}
    problem(clerk.put(path, json=body, headers=held.etag(path)), 403, "separation-of-duties")
    held.done(held.service.key("home_affairs", other).put(path, json=body, headers=held.etag(path)))


def test_no_rival_is_merged_away(moved):
    held, clerk, _, _, other = moved
    rival = make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=other)["id"]
    entry = {"group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}
    problem(clerk.put(f"{held.round}/contestants/{rival}", json=entry), 403, "separation-of-duties")
    held.done(clerk.put(f"{held.round}/contestants/{rival}", json={**entry, "cluster": "Khối 2"}))
    succession = {"kind": "DISSOLVE", "effective_on": "2025-03-01", "legal_basis": "NQ 1", "successors": []}
    path = f"{held.round}/contestants/{rival}"
    problem(clerk.put(path, json=entry, headers=held.etag(path)), 403, "separation-of-duties")
    held.done(held.home.put(path, json=entry, headers=held.etag(path)))
    problem(clerk.put(path, json={**entry, "cluster": "Khối 2"}, headers=held.etag(path)), 403, "separation-of-duties")
    problem(clerk.post(f"/v1/units/{rival}/successions", json=succession), 403, "separation-of-duties")
    held.done(held.home.post(f"/v1/units/{rival}/successions", json=succession))


@pytest.mark.parametrize("new", [False, True])
def test_a_succession_moves_no_own_unit_or_rival_along(moved, new):
    """The clerk's division came below another body: neither that one's end takes it on, nor does a rival move with its parent."""
    held, _, body, division, other = moved
    clerk = held.service.key("home_affairs", division)
    held.done(merge(held.admin, division, {"valid_from": "2023-06-01", "parent_id": other}))
    elsewhere, rival_parent = make_unit(held.admin)["id"], make_unit(held.admin)["id"]
    rival = make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=rival_parent)["id"]
    held.done(held.home.put(f"{held.round}/contestants/{rival}", json={
        "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}))

    def end(client, parent):
        if new:
            return client.post("/v1/units", json={"name": f"Sở {parent}", "kind": "PROVINCIAL_BODY", "valid_from": "2025-03-01", "succeeds": {
                "kind": "MERGE", "legal_basis": "NQ 1", "predecessors": [parent], "move_children": True}})
        return client.post(f"/v1/units/{parent}/successions", json={
            "kind": "MERGE", "effective_on": "2025-03-01", "legal_basis": "NQ 1", "successors": [elsewhere], "move_children_to": elsewhere})

    for parent in (other, rival_parent):
        problem(end(clerk, parent), 403, "separation-of-duties")
        held.done(end(held.home, parent))


# ---- who proposed does not sign ----

def named(held, name, *roles):
    return Client(held.service.base, held.done(held.admin.post("/v1/keys", json={"name": name, "roles": roles}))["key"])


def drafted(held, maker, submitter):
    proposal = held.proposal(held.units)  # by Home Affairs
    held.done(held.move(held.home, proposal, "withdraw", reason="Làm lại"))
    made = held.done(maker.post(f"{held.round}/proposals", json={
        "evaluation_id": held.evaluate(), "letter_number": "2/TTr-SNV", "units": [{"unit_id": held.units[0]}]}))["id"]
    held.done(held.move(submitter, f"/v1/proposals/{made}", "submit", letter_date="2025-03-01", reason="Muộn"))
    return "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": made}))["id"]


@pytest.mark.parametrize("act", ["made", "submitted"])
@pytest.mark.parametrize("same", ["key", "name"])
def test_who_made_or_submitted_the_proposal_does_not_sign(service, clients, act, same):
    """One person with two keys, or a key and a token, is known by the name alone: whatever its case, blanks and diacritics."""
    held = AwardRound(service, clients, 1)
    person = named(held, "Nguyễn Văn Bình", "home_affairs", "chair_office")
    signer = person if same == "key" else named(held, " NGUYỄN VĂN BINH ", "chair_office")
    decision = drafted(held, person if act == "made" else held.home, person if act == "submitted" else held.home)
    problem(held.sign(decision, number(), client=signer), 403, "separation-of-duties")
    held.done(held.sign(decision, number()))


@pytest.mark.parametrize("act", ["made", "submitted"])
@pytest.mark.parametrize("first", ["proposer", "signer"])
@pytest.mark.parametrize("between", [0, 2])
def test_one_key_that_made_the_other_does_not_sign_on_it(service, clients, act, first, between):
    """Who makes a key is shown its secret, and so could be both; and who makes a key that makes the other."""
    held = AwardRound(service, clients, 1)
    maker = named(held, "Người tạo", "admin", *(["home_affairs"] if first == "proposer" else ["chair_office"]))
    last = maker
    for i in range(between):
        last = Client(service.base, held.done(last.post("/v1/keys", json={"name": f"Quản trị {i}", "roles": ["admin"]}))["key"])
    made = Client(service.base, held.done(last.post("/v1/keys", json={
        "name": "Người được tạo", "roles": ["chair_office" if first == "proposer" else "home_affairs"]}))["key"])
    proposer, signer = (maker, made) if first == "proposer" else (made, maker)
    decision = drafted(held, proposer if act == "made" else held.home, proposer if act == "submitted" else held.home)
    problem(held.sign(decision, number(), client=signer), 403, "separation-of-duties")
    held.done(held.sign(decision, number()))
