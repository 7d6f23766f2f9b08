"""Steps and appraisals of many scorecards in one call (III.1.b): what each would be alone, all of them or none."""
import concurrent.futures
import uuid

import pytest

from service import problem
from test_list_imports import made, send
from test_scores import Card, make_frame

DECISION = {"decision_number": "451/QĐ-UBND", "decision_date": "2025-03-14"}
NODES = [{"code": "1", "text_vi": "Một", "kind": "NORMAL", "maximum": "10"}, {"code": "2", "text_vi": "Hai", "kind": "SURVEY", "maximum": "10"}]
POINTS = [{"code": "1", "appraised_points": "9.25", "comment": "Thiếu báo cáo quý IV"}, {"code": "2", "survey_points": "8.80"}]


class Cards:
    """The scorecards of some units below one sở."""

    def __init__(self, service, clients, unit, count):
        self.service, self.clients = service, dict(clients)
        self.parent = unit()["id"]
        self.clients["own"] = service.key("unit", self.parent)
        self.units = [unit(kind="PROVINCIAL_SUBUNIT", parent_id=self.parent)["id"] for _ in range(count)]
        self.frame = make_frame(clients, NODES)
        made(send(self.clients["own"], "self_scores", [{"unit_id": u, "frame": self.frame, "code": "1", "self_points": "9.50"}
                                                       for u in self.units], year=2024), count)

    def listed(self):
        """Who has which version, as the list of cards shows it."""
        held, cursor = {}, None
        while True:
            page = self.clients["auditor"].get("/v1/scores", params={"year": 2024, "limit": 200, **({"cursor": cursor} if cursor else {})}).json()
            held |= {item["unit_id"]: item for item in page["items"]}
            cursor = page["next"]
            if not cursor:
                return [{"unit_id": u, "version": held[u]["version"]} for u in self.units]

    def states(self):
        units = ", ".join(f"'{u}'" for u in self.units)
        return self.service.psql(f"SELECT DISTINCT state, version FROM scorecards WHERE unit_id IN ({units}) ORDER BY 1, 2")

    def step(self, who, action, scores=None, headers=None, params=None, **shared):
        body = {"year": 2024, "action": action, **shared, "scores": self.listed() if scores is None else scores}
        return self.clients[who].post("/v1/scores/transitions", json=body, headers=headers, params=params)

    def appraise(self, who="home_affairs", appraisals=None, params=None, **headers):
        appraisals = appraisals or [{**one, "leaves": POINTS} for one in self.listed()]
        return self.clients[who].post("/v1/scores/appraisals", json={"year": 2024, "appraisals": appraisals}, headers=headers, params=params)

    def drive(self, state):
        """From the units' own points to that state, all together."""
        steps = [("SELF_DRAFT", None), ("SELF_SUBMITTED", lambda: self.step("own", "submit")),
                 ("APPRAISED", lambda: (done(self.appraise()), self.step("home_affairs", "appraise"))[1]),
                 ("FINAL", lambda: self.step("home_affairs", "finalise")),
                 ("APPROVED", lambda: self.step("chair_office", "approve", **DECISION)),
                 ("PUBLISHED", lambda: self.step("chair_office", "publish"))]
        for name, step in steps:
            if step:
                assert {item["state"] for item in done(step())} == {name}
            if name == state:
                return self
        raise AssertionError(state)


def done(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def faults(answer, status, kind):
    return {(e["pointer"], e["code"]) for e in problem(answer, status, kind)["errors"]}


@pytest.fixture
def cards(service, clients, unit):
    return lambda count=3: Cards(service, clients, unit, count)


def journal(service, resource):
    """What single call and list must have in common: all but who, when and which request."""
    return service.psql("SELECT type, campaign, year, restricted, reason, before - 'unit_id' - 'unit_label' - 'frame' - 'changed_at', "
                        "after - 'unit_id' - 'unit_label' - 'frame' - 'changed_at', actor_roles FROM journal "
                        f"WHERE resource = '{resource}' AND type <> 'scorecard.created' ORDER BY id")


# ---- steps ----

def test_all_cards_of_a_year_are_approved_by_one_decision_in_one_call(cards):
    held = cards(71).drive("FINAL")
    items = done(held.step("chair_office", "approve", **DECISION))
    assert [item["unit_id"] for item in items] == held.units, "in the order of the body"
    assert {(i["state"], i["decision_number"], i["decision_date"], i["appraised"]["index"]) for i in items} == {
        ("APPROVED", "451/QĐ-UBND", "2025-03-14", "90.25")}
    told = [{"unit_id": i["unit_id"], "version": i["version"]} for i in items]
    assert [i["version"].split("-")[0] for i in items] == [one["version"] for one in held.listed()]
    assert {item["state"] for item in done(held.step("home_affairs", "publish", told))} == {"PUBLISHED"}, "what the next step needs"


def test_each_card_tells_what_it_would_tell_alone(service, clients, unit, cards):
    """The journal, and so the feed and webhooks, with what is restricted until the index is published (domain, section 4)."""
    held = cards(2).drive("PUBLISHED")
    alone = Card(service, clients, unit, nodes=NODES)
    alone.drive("PUBLISHED", [{"code": "1", "self_points": "9.50"}], POINTS)
    first, second, single = (journal(service, f"/v1/scores/{u}/2024") for u in (*held.units, alone.unit))
    assert first == second == single and first.count("\n") == 5
    assert service.psql("SELECT count(DISTINCT request_id) FROM journal WHERE type = 'scorecard.approved' AND resource IN ("
                        + ", ".join(f"'/v1/scores/{u}/2024'" for u in held.units) + ")") == "1"


def written(held):
    return held.states(), held.service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'")


def test_whatever_is_wrong_is_named_at_its_row_and_nothing_is_written(cards, unit):
    held, draft, bare = cards(5).drive("FINAL"), cards(1), unit()["id"]
    good, before = held.listed(), written(held)
    scores = [good[0], {**good[1], "version": "1"}, {"unit_id": good[2]["unit_id"]}, good[0], *draft.listed(),
              {"unit_id": str(uuid.uuid4()), "version": "1"}, {"unit_id": bare, "version": "1"},
              {**good[3], "version": f'"{good[3]["version"]}-0011"'}, {**good[4], "version": "*"}, {"unit_id": "x", "version": "1"}]
    answer = held.step("chair_office", "approve", scores, **DECISION)
    assert faults(answer, 422, "invalid") == {
        ("/scores/1/version", "stale-version"), ("/scores/2/version", "version-required"), ("/scores/3/unit_id", "repeated"),
        ("/scores/4", "impossible"), ("/scores/5/unit_id", "not-found"), ("/scores/6/unit_id", "not-found"), ("/scores/9/unit_id", "uuid")}
    assert [e["pointer"].split("/")[2] for e in answer.json()["errors"]] == list("1234569"), "in the order of the body"
    assert written(held) == before
    for wrong, status, kind in ((1, 409, "conflict"), (2, 409, "conflict"), (4, 409, "impossible-transition"), (5, 422, "invalid")):
        assert len(faults(held.step("chair_office", "approve", [good[0], scores[wrong]], **DECISION), status, kind)) == 1
    assert written(held) == before
    assert len(done(held.step("chair_office", "approve", [scores[0], *good[1:3], *scores[7:9]], **DECISION))) == 5


@pytest.mark.parametrize("shared, status, kind, pointer", [
    ({}, 422, "invalid", "/decision_number"), ({"decision_number": "451/QĐ-UBND"}, 422, "invalid", "/decision_date"),
    ({**DECISION, "decision_date": "2024-12-31"}, 422, "rule-refused", "/decision_date"),
    ({**DECISION, "decision_date": "2099-12-31"}, 422, "invalid", "/decision_date"),
    ({**DECISION, "decision_number": "quyết định"}, 422, "invalid", "/decision_number"),
    ({**DECISION, "year": 1999}, 422, "invalid", "/year"), ({**DECISION, "leaves": []}, 422, "invalid", "/leaves")])
def test_what_all_cards_share_is_refused_once(cards, shared, status, kind, pointer):
    held = cards(3).drive("FINAL")
    before = written(held)
    pointers = [e["pointer"] for e in problem(held.step("chair_office", "approve", **shared), status, kind)["errors"]]
    assert pointers.count(pointer) == 1 and not [p for p in pointers if p.startswith("/scores")]
    assert written(held) == before


def test_a_step_with_a_reason_has_one_for_all(cards):
    held = cards(2).drive("SELF_SUBMITTED")
    assert faults(held.step("home_affairs", "return"), 422, "invalid") == {("/reason", "required")}
    assert {i["state"] for i in done(held.step("home_affairs", "return", reason="Làm lại"))} == {"SELF_DRAFT"}
    assert held.service.psql(f"SELECT DISTINCT reason FROM journal WHERE type = 'scorecard.returned' AND unit_id = '{held.units[1]}'") == "Làm lại"


def test_what_a_step_vouches_for_is_asked_of_each_card(cards):
    held = cards(3).drive("SELF_SUBMITTED")
    done(held.appraise(appraisals=[{**one, "leaves": POINTS if i != 1 else POINTS[:1]} for i, one in enumerate(held.listed())]))
    before = written(held)
    assert faults(held.step("home_affairs", "appraise"), 422, "invalid") == {("/scores/1", "points_missing")}
    assert written(held) == before


def test_a_dry_run_asks_everything_and_writes_nothing(cards):
    held = cards(3).drive("FINAL")
    before = written(held)
    items = done(held.step("chair_office", "approve", params={"dry_run": "true"}, **DECISION))
    assert [i["state"] for i in items] == ["APPROVED"] * 3 and not [i for i in items if "version" in i]
    assert faults(held.step("chair_office", "approve", [*held.listed()[:2], {"unit_id": held.units[2]}], params={"dry_run": "true"}, **DECISION),
                  409, "conflict") == {("/scores/2/version", "version-required")}
    assert written(held) == before


def test_sent_again_with_its_key_a_list_is_taken_once(cards):
    held = cards(3).drive("FINAL")
    scores, key = held.listed(), {"Idempotency-Key": str(uuid.uuid4())}
    first = held.step("chair_office", "approve", scores, headers=key, **DECISION)
    before = written(held)
    again = held.step("chair_office", "approve", scores, headers=key, **DECISION)
    assert done(first) == done(again) and again.headers["Idempotency-Replayed"] == "true"
    problem(held.step("chair_office", "approve", scores[:2], headers=key, **DECISION), 422, "idempotency-key-reused")
    assert written(held) == before


def test_each_step_belongs_to_its_role_and_its_unit(service, cards, unit):
    held = cards(2)
    scores, stranger = held.listed(), service.key("unit", unit()["id"])
    held.clients["stranger"] = stranger
    before = written(held)
    for who in ("viewer", "auditor", "admin", "initiative_council"):
        problem(held.step(who, "submit", scores), 403, "forbidden")
    problem(held.step("anyone", "submit", scores), 401, "unauthenticated")
    assert faults(held.step("chair_office", "submit", scores), 403, "forbidden") == {(f"/scores/{i}", "forbidden") for i in (0, 1)}
    assert faults(held.step("stranger", "submit", scores), 403, "outside-scope") == {(f"/scores/{i}", "outside-scope") for i in (0, 1)}
    assert written(held) == before
    assert {i["state"] for i in done(held.step("own", "submit", scores))} == {"SELF_SUBMITTED"}
    assert faults(held.step("own", "return", reason="Làm lại"), 403, "forbidden") == {(f"/scores/{i}", "forbidden") for i in (0, 1)}


def test_nobody_judges_their_own_card_among_others(service, cards):
    held, others = cards(2).drive("SELF_SUBMITTED"), cards(2).drive("SELF_SUBMITTED")
    mixed = [*others.listed(), held.listed()[0]]
    for clerk in (service.key("home_affairs", held.parent), service.key("home_affairs", held.units[0])):
        held.clients["clerk"] = clerk
        before = written(held)
        assert faults(held.step("clerk", "return", mixed, reason="Làm lại"), 403, "separation-of-duties") == {("/scores/2", "separation-of-duties")}
        assert faults(held.appraise("clerk", [{**one, "leaves": POINTS} for one in mixed]), 403, "separation-of-duties") == {
            ("/appraisals/2", "separation-of-duties")}
        assert written(held) == before
    assert len(done(held.appraise("clerk", [{**one, "leaves": POINTS} for one in mixed[:2]]))) == 2


def test_a_list_is_bounded(cards):
    held = cards(1)
    one = held.listed()[0]
    for scores in ([], [one] * 1001):
        assert faults(held.step("own", "submit", scores), 422, "invalid") == {("/scores", "count")}


def test_two_lists_of_the_same_cards_at_once_do_not_wait_for_one_another(cards):
    """They take the cards in one order: whoever comes second finds them moved."""
    held = cards(20).drive("FINAL")
    scores = held.listed()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda turn: held.step("chair_office", "approve", scores if turn % 2 else scores[::-1], **DECISION), range(4)))
    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409], [a.text for a in answers]
    assert held.states().count("\n") == 0


# ---- appraisals ----

def test_appraisals_are_written_each_to_its_card(service, clients, unit, cards):
    held = cards(3).drive("SELF_SUBMITTED")
    points = ["9.25", "8", "1.5"]
    items = done(held.appraise(appraisals=[{**one, "leaves": [{"code": "1", "appraised_points": p}]} for one, p in zip(held.listed(), points)]))
    assert [i["unit_id"] for i in items] == held.units and [i["appraised"]["achieved"] for i in items] == ["9.25", "8.00", "1.50"]
    items = done(held.appraise(appraisals=[{"unit_id": i["unit_id"], "version": i["version"], "leaves": POINTS} for i in items]))
    assert {i["appraised"]["index"] for i in items} == {"90.25"}, "over what was there, by its version"
    alone = Card(service, clients, unit, nodes=NODES).drive("SELF_SUBMITTED", [{"code": "1", "self_points": "9.50"}])
    alone.keep(alone.appraise([{"code": "1", "appraised_points": "9.25"}]))
    alone.keep(alone.appraise(POINTS))
    first, single = (journal(service, f"/v1/scores/{u}/2024") for u in (held.units[0], alone.unit))
    assert first == single and first.count("scorecard.appraisal_written|") == 2


def test_appraisals_are_judged_leaf_by_leaf_and_all_or_none_are_written(cards):
    held, draft = cards(4).drive("SELF_SUBMITTED"), cards(1)
    before, good = written(held), [{**one, "leaves": POINTS} for one in held.listed()]
    appraisals = [good[0], {**good[1], "leaves": [POINTS[0], {"code": "2", "appraised_points": "1"}, {"code": "9"}, {"code": "1", "appraised_points": "10.01"}]},
                  {**good[2], "version": "9"}, {k: good[3][k] for k in ("unit_id", "leaves")}, {**draft.listed()[0], "leaves": POINTS}]
    answer = held.appraise(appraisals=appraisals)
    assert faults(answer, 422, "invalid") == {
        ("/appraisals/1/leaves/1/appraised_points", "column"), ("/appraisals/1/leaves/2/code", "unknown_leaf"),
        ("/appraisals/1/leaves/3/code", "duplicate"), ("/appraisals/1/leaves/3/appraised_points", "range"),
        ("/appraisals/2/version", "stale-version"), ("/appraisals/3/version", "version-required"), ("/appraisals/4", "conflict")}
    assert faults(held.appraise(appraisals=[good[0], {**good[1], "leaves": [{"code": "1", "appraised_points": "1,5"}]}]), 422, "invalid") == {
        ("/appraisals/1/leaves/0/appraised_points", "decimal")}
    assert held.appraise(params={"dry_run": "true"}).status_code == 200
    assert written(held) == before
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = held.appraise(appraisals=good, **key)
    assert done(first) == done(held.appraise(appraisals=good, **key))
    for who in ("own", "chair_office", "auditor"):
        problem(held.appraise(who, good), 403, "forbidden")
