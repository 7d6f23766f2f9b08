"""What a plan may ask for since "semantics": 2, over HTTP: sums as keys, keys by group, differences to an earlier year and to a number of
the round. Plans are made of a few criteria each, so that a result has one cause. Figures are invented."""
import copy
import io
import itertools
import json
import re
import tempfile
import uuid

import openpyxl
import pytest

from award_tools import AwardRound, number
from conftest import PLAN, make_campaign, make_unit
from service import ROOT, problem

CITED = {"document": "1/KH-UBND", "clause": "1", "quote": "q", "valid_from": "2024-01-01"}
WORDS = {"text": {"vi": "Điều kiện", "en": "Condition"}, "citations": ["c"]}
GROUPS = {group["code"]: {"vi": group["vi"], "en": group["en"]} for group in PLAN["groups"]}


def said(name):
    return {"vi": name, "en": name}


def leaf(kind, identifier, **members):
    return {"kind": kind, "id": identifier, **WORDS, **members}


def criterion(identifier, requires, **more):
    return {"id": identifier, "clause": identifier, **WORDS, "requires": requires, **more}


def registered():
    return criterion("1", leaf("flag", "registered", fact="is_contestant", value=True))


def key(identifier, **members):
    return {"id": identifier, **WORDS, "direction": "descending", "nulls": "last", **members}


def rules(criteria, cases, **members):
    """A criteria set of these criteria, with `cases` [(name, unit, parameters, overall)] that show each leaf three ways."""
    made = {
        "name": f"A-{uuid.uuid4().hex[:12]}", "version": 1, "semantics": 2, "valid_from": "2024-01-01", "award_years": [2024, 2025],
        "citations": {"c": CITED},
        "facts": {name: copy.deepcopy(PLAN["criteria_set"]["facts"][name]) for name in (
            "is_contestant", "contestant_kind", "members_total", "members_women", "index_achieved", "index_maximum")},
        "registers": {"awards": copy.deepcopy(PLAN["criteria_set"]["registers"]["awards"])},
        "contents": dict(PLAN["criteria_set"]["contents"]),
        "standings": {"group_by": "contestant_kind", "groups": GROUPS, "cap": 6, "ties": "decide",
                      "keys": [key("score", kind="finding_score", contents=["A"])]},
        "criteria": criteria, **members}
    made["case_base"] = {"parameters": {"as_of": "2025-12-01T00:00:00+07:00", "award_year": 2025}, "unit": {"unit_id": "u", "facts": {}}}
    made["cases"] = [{"name": name, "change": {"unit": unit, "parameters": parameters}, "expect": {"overall": overall}}
                     for name, unit, parameters, overall in cases]
    return made


REGISTERED = [("in", {"facts": {"is_contestant": {"value": True}}}, {}, "ELIGIBLE"),
              ("out", {"facts": {"is_contestant": {"value": False}}}, {}, "INELIGIBLE"), ("unknown", {}, {}, "PENDING")]


class Held:
    """A campaign with units of its own."""

    def __init__(self, service, clients, criteria_set, year=2025, **plan):
        self.service, self.year = service, year
        self.admin, self.home, self.auditor = clients["admin"], clients["home_affairs"], clients["auditor"]
        self.chair = clients["chair_office"]
        self.campaign = make_campaign(service, criteria_set=criteria_set, **plan)
        self.round = f"{self.campaign}/rounds/{year}"

    def done(self, answer):
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def etag(self, path):
        return {"If-Match": self.auditor.get(path).headers["ETag"]}

    def unit(self, score=None, group="SO_BAN_NGANH", kind="PROVINCIAL_BODY", cluster=None, members=None, year=None, unit=None):
        year = year or self.year
        unit = unit or make_unit(self.admin, kind=kind)["id"]
        self.done(self.home.put(f"{self.campaign}/rounds/{year}/contestants/{unit}", json={
            "group": group, "on_assessed_list": False, **({"cluster": cluster} if cluster else {}),
            **({"members_total": members[0], "members_women": members[1]} if members else {})}))
        if score is not None:
            self.found(unit, score, year)
        return unit

    def found(self, unit, score, year=None):
        path = f"{self.campaign}/rounds/{year or self.year}/findings/{unit}"
        old = self.auditor.get(path)
        self.done(self.home.put(path, headers={"If-Match": old.headers["ETag"]} if old.status_code == 200 else {}, json={"contents": [
            {"content": c, "score": str(score), "result": "OUTSTANDING", "reason": "Thẩm định", "evidence": []} for c in "ABCD"]}))

    def evaluate(self, **body):
        return self.done(self.home.post(f"{self.round}/evaluations", json=body))["id"]

    def standings(self, evaluation=None):
        evaluation = evaluation or self.evaluate()
        shown = self.done(self.auditor.get(f"/v1/evaluations/{evaluation}/standings"))
        self.board_agrees(evaluation, shown["items"])
        return shown

    def board_agrees(self, evaluation, items):
        """The board of whatever plan says the same in short: of each unit the highest form that it has or may have."""
        board = self.done(self.auditor.get(f"{self.round}/board"))
        if (board["latest_evaluation"] or {}).get("id") != evaluation:
            return
        def in_force(item):
            return item["status"] if item["status"] == "AWARDED" else (item["override"] or {}).get("decided", item["status"])
        kept = {}
        for item in items:
            if kept.get(item["unit_id"], {"status": "OUT"})["status"] == "OUT":
                kept[item["unit_id"]] = item
        assert [(row["rank"], row["status"]) for row in board["matrix"]["items"]] == [
            (kept[row["unit_id"]]["rank"], in_force(kept[row["unit_id"]])) for row in board["matrix"]["items"]]
        for share in board["quota"]["groups"]:
            own = [in_force(item) for item in items if item["group"] == share["group"] and share["cluster"] in (None, item["cluster"])
                   and share["form"] in (None, item.get("form"))]
            assert (share["secure"], share["possible"]) == (own.count("SECURE"), own.count("POSSIBLE")), share

    def by_unit(self, evaluation=None):
        return {item["unit_id"]: item for item in self.standings(evaluation)["items"]}

    def verdict(self, unit, evaluation=None):
        return self.done(self.auditor.get(f"/v1/evaluations/{evaluation or self.evaluate()}/verdicts/{unit}"))

    def replays(self, evaluation):
        again = self.done(self.auditor.post(f"/v1/evaluations/{evaluation}/replay"))
        assert again["identical"] is True, again
        return again


# ---- keys

def test_a_sum_of_facts_scores_and_counts_ranks_exactly(service, clients):
    """Points added before ranking: 0.5 × the score of A, plus 2 for each woman."""
    total = key("points", kind="sum", terms=[{"weight": "0.5", "score": "A"}, {"weight": 2, "fact": "members_women"}])
    made = rules([registered()], REGISTERED)
    made["standings"]["keys"] = [total]
    held = Held(service, clients, made)
    first, second, equal = held.unit("90.01", members=(9, 3)), held.unit("94", members=(9, 2)), held.unit("98", members=(9, 1))
    evaluation = held.evaluate()
    shown = held.by_unit(evaluation)
    assert [shown[u]["rank"] for u in (first, second, equal)] == [1, 2, 2]  # 51.005, 51, 51
    assert shown[second]["tied_with"] == [equal]
    assert held.replays(evaluation)["semantics"] == 2


def scored_up_to(limits):
    """Who is found outstanding is eligible; the score of A and 2 for each woman rank."""
    found = lambda result: {"findings": {"A": {"result": result, "found_by": "home_affairs"}}}
    made = rules([criterion("1", leaf("finding", "outstanding", content="A", accepts=["OUTSTANDING"], found_by=["home_affairs"]))],
                 [("is", found("OUTSTANDING"), {}, "ELIGIBLE"), ("is not", found("NOT_OUTSTANDING"), {}, "INELIGIBLE"), ("open", {}, {}, "PENDING")])
    made["standings"].update(cap=1, keys=[key("points", kind="sum", terms=[{"weight": 1, "score": "A"}, {"weight": 2, "fact": "members_women"}])])
    made["contents"]["A"] = {**made["contents"]["A"], **limits}
    return made


@pytest.mark.parametrize("limits, first, second", [({}, "POSSIBLE", "POSSIBLE"), ({"most": "60.00"}, "POSSIBLE", "POSSIBLE"),
                                                   ({"least": 0, "most": "49.99"}, "SECURE", "OUT")])
def test_a_score_that_may_come_overtakes_nobody_who_has_more_than_it_can_be(service, clients, limits, first, second):
    held = Held(service, clients, scored_up_to(limits), cap=1)
    one, other = held.unit("40", members=(9, 5)), held.unit(members=(9, 0))
    evaluation = held.evaluate()
    shown = held.by_unit(evaluation)
    assert [shown[u]["status"] for u in (one, other)] == [first, second]
    held.replays(evaluation)


def test_a_value_that_can_still_come_keeps_a_place_open_of_an_eligible_unit_too(service, clients):
    """It is eligible whatever comes; who is first is not known before that."""
    held = Held(service, clients, scored_up_to({}), cap=1)
    one, other = held.unit("90", members=(9, 0)), held.unit("40")
    evaluation = held.evaluate()
    shown = held.by_unit(evaluation)
    assert [held.verdict(u, evaluation)["overall"] for u in (one, other)] == ["ELIGIBLE", "ELIGIBLE"]
    assert [shown[u]["status"] for u in (one, other)] == ["POSSIBLE", "POSSIBLE"]
    for unit in (one, other):
        assert [(w["unit_id"], w["fact"]) for w in shown[unit]["waits_for"]] == [(other, "members_women")]
    held.replays(evaluation)
    path = f"{held.round}/contestants/{other}"
    held.done(held.home.put(path, headers=held.etag(path), json={"group": "SO_BAN_NGANH", "on_assessed_list": False, "members_total": 9, "members_women": 4}))
    shown = held.by_unit()
    assert [(shown[u]["status"], shown[u]["waits_for"]) for u in (one, other)] == [("SECURE", []), ("OUT", [])]


def test_nobody_waits_for_a_fact_of_its_own_that_changes_nothing(clients):
    """The other has more members: whether it competes decides, whatever score of the first is still to come."""
    made = rules([registered()], REGISTERED)
    made["standings"].update(cap=1, keys=[key("members", kind="fact", fact="members_total"), key("score", kind="finding_score", contents=["A"])])
    one, other = ({"unit_id": f"00000000-0000-4000-8000-00000000000{n}", "facts": {
        "is_contestant": {"value": known}, "contestant_kind": {"value": "SO_BAN_NGANH"}, "members_total": {"value": members}}}
        for n, known, members in ((1, True, 10), (2, None, 20)))
    other["findings"] = {"A": {"result": "OUTSTANDING", "score": "50", "found_by": "home_affairs"}}

    def tried():
        answer = clients["viewer"].post("/v1/what-if", json={"rule_set": made, "parameters": made["case_base"]["parameters"], "units": [one, other]})
        assert answer.status_code == 200, answer.text
        [row] = [row for row in answer.json()["standings"]["items"] if row["unit_id"] == one["unit_id"]]
        return row["status"], [(w["unit_id"][-1], w["fact"]) for w in row["waits_for"]]

    assert tried() == ("POSSIBLE", [("2", "is_contestant")])
    other["facts"]["members_total"]["value"] = 10  # then the score of the first decides too
    assert tried() == ("POSSIBLE", [("1", "A"), ("2", "is_contestant")])


def test_points_that_are_bounded_together_overtake_nobody_by_more_and_are_not_waited_for_at_their_bound(clients):
    """ "điểm cộng tối đa 5 điểm": a score that is still to come matters only while the group may move."""
    made = rules([registered()], REGISTERED)
    made["contents"]["A"] = {**made["contents"]["A"], "least": 0}
    added = {"terms": [{"weight": 1, "score": "A"}, {"weight": 2, "fact": "members_women"}], "most": 5}
    made["standings"].update(cap=1, keys=[key("points", kind="sum", terms=[added, {"weight": 1, "fact": "members_total"}])])

    def tried(total, women, score=None):
        units = [{"unit_id": f"00000000-0000-4000-8000-00000000000{n}", "facts": {
            "is_contestant": {"value": True}, "contestant_kind": {"value": "SO_BAN_NGANH"}, "members_total": {"value": members}, "members_women": {"value": of_them}},
            "findings": {"A": {"result": "OUTSTANDING", "score": scored, "found_by": "home_affairs"}}} for n, members, of_them, scored in ((1, 10, 3, None), (2, total, women, score))]
        answer = clients["viewer"].post("/v1/what-if", json={"rule_set": made, "parameters": made["case_base"]["parameters"], "units": units})
        assert answer.status_code == 200, answer.text
        return {row["unit_id"][-1]: (row["status"], [w["fact"] for w in row["waits_for"]]) for row in answer.json()["standings"]["items"]}

    assert tried(None, 3) == {"1": ("POSSIBLE", ["members_total"]), "2": ("POSSIBLE", ["members_total"])}
    assert tried(9, 3) == tried(9, None) == {"1": ("SECURE", []), "2": ("OUT", [])}  # 15 against 14 at the most
    assert tried(11, None) == {"1": ("POSSIBLE", ["A", "members_women"]), "2": ("POSSIBLE", ["A", "members_women"])}
    assert tried(11, 0, "4.01") == {"1": ("OUT", []), "2": ("SECURE", [])}


def test_a_condition_of_an_eligible_unit_waits_for_the_facts_that_it_reads(service, clients):
    """NĐ 98/2023, art. 4(6): of equals the one with 70 % of women or more. What waits is a fact, and no key has that name."""
    made = scored_up_to({})
    women = leaf("ratio", "women", part="members_women", whole="members_total", op=">=", p=7, q=10, whole_zero="undetermined")
    made["standings"]["keys"] = [key("points", kind="finding_score", contents=["A"]), key("women", kind="condition", leaf=women)]
    held = Held(service, clients, made, cap=1)
    one, other = held.unit("90", members=(10, 7)), held.unit("90")
    shown = held.by_unit()
    for unit in (one, other):
        assert shown[unit]["status"] == "POSSIBLE"
        assert [(w["unit_id"], w["fact"]) for w in shown[unit]["waits_for"]] == [(other, "members_women"), (other, "members_total")]


def test_no_finding_is_taken_whose_score_the_plan_rules_out(service, clients):
    """Places were told by it."""
    held = Held(service, clients, scored_up_to({"least": "10.00", "most": "49.99"}), cap=1)
    unit = held.unit(members=(9, 0))
    path = f"{held.round}/findings/{unit}"
    body = lambda score: {"contents": [{"content": c, "score": s, "result": "OUTSTANDING", "reason": "Thẩm định"} for c, s in (("B", "99"), ("A", score))]}
    for score in ("50", "9.99"):
        refused = problem(held.home.put(path, json=body(score)), 422, "invalid")
        assert [error["pointer"] for error in refused["errors"]] == ["/contents/1/score"] and "49.99" in refused["errors"][0]["detail"]
        listed = problem(held.home.post(f"{held.round}/findings", json={"findings": [{"unit_id": unit, **body(score)}]}), 422, "invalid")
        assert [error["pointer"] for error in listed["errors"]] == ["/findings/0/contents/1/score"]
    assert held.auditor.get(path).status_code == 404
    held.done(held.home.put(path, json=body("49.99")))


def test_groups_may_have_keys_of_their_own(service, clients):
    made = rules([registered()], REGISTERED)
    made["standings"]["keys_by_group"] = {"XA": [key("people", kind="fact", fact="members_total")]}
    held = Held(service, clients, made)
    xa = [held.unit(score, group="XA", kind="COMMUNE", members=(people, 0)) for score, people in ((99, 5), (50, 8))]
    so = [held.unit(score, members=(people, 0)) for score, people in ((99, 5), (50, 8))]
    evaluation = held.evaluate()
    shown = held.by_unit(evaluation)
    assert [shown[u]["rank"] for u in xa + so] == [2, 1, 1, 2]
    held.replays(evaluation)


# ---- an earlier year, a number of the round

def more_than_last_year(value=2):
    return criterion("2", leaf("difference", "more", fact="members_total", minus={"fact": "members_total", "year": -1}, op=">=", value=value))


MORE = [("grown", {"facts": {"is_contestant": {"value": True}, "members_total": {"value": 5}}, "earlier": {"-1": {"members_total": {"value": 3}}}}, {}, "ELIGIBLE"),
        ("not grown", {"facts": {"is_contestant": {"value": True}, "members_total": {"value": 5}}, "earlier": {"-1": {"members_total": {"value": 4}}}}, {},
         "INELIGIBLE"), *REGISTERED[1:]]


def test_better_than_last_year_reads_the_round_of_last_year(service, clients):
    held = Held(service, clients, rules([registered(), more_than_last_year()], MORE))
    grown, not_grown, new = held.unit(members=(12, 1)), held.unit(members=(12, 1)), held.unit(members=(12, 1))
    held.unit(members=(10, 1), year=2024, unit=grown)
    held.unit(members=(11, 1), year=2024, unit=not_grown)
    evaluation = held.evaluate()
    assert [held.verdict(u, evaluation)["overall"] for u in (grown, not_grown, new)] == ["ELIGIBLE", "INELIGIBLE", "PENDING"]
    shown = held.verdict(grown, evaluation)["criteria"][1]
    assert (shown["observed"], shown["margin"]) == ("12 - 10 = 2", "0")
    assert [(fact["name"], fact.get("year"), fact["value"]) for fact in shown["facts"]] == [("members_total", None, 12), ("members_total", -1, 10)]
    assert "12 - 10 = 2" in shown["explanation"]["vi"]
    held.replays(evaluation)
    # What is recorded of last year counts at once; a trial may say it otherwise.
    path = f"{held.campaign}/rounds/2024/contestants/{not_grown}"
    held.done(held.home.put(path, headers=held.etag(path), json={
        "group": "SO_BAN_NGANH", "on_assessed_list": False, "members_total": 10, "members_women": 1}))
    assert held.verdict(not_grown)["overall"] == "ELIGIBLE"
    tried = held.done(held.auditor.post("/v1/what-if", json={
        "campaign": held.campaign.rsplit("/", 1)[1], "year": 2025,
        "changes": {new: {"earlier": {"-1": {"members_total": {"value": 3}}}}}}))
    assert [(c["unit_id"], c["from"], c["to"]) for c in tried["changed"]] == [(new, "PENDING", "ELIGIBLE")]
    unknown = held.auditor.post("/v1/what-if", json={"campaign": held.campaign.rsplit("/", 1)[1], "year": 2025,
                                                     "changes": {new: {"earlier": {"-1": {"members_women": {"value": 3}}}}}})
    assert "members_women" in problem(unknown, 422, "invalid")["errors"][0]["pointer"]


def tenth_more():
    """A tenth more people than the year before."""
    grown = criterion("2", leaf("difference", "tenth", fact="members_total", minus={"fact": "members_total", "year": -1}, op=">=", value="10 %"))
    case = lambda name, now, then, overall: (name, {"facts": {"is_contestant": {"value": True}, "members_total": {"value": now}},
                                                    **({"earlier": {"-1": {"members_total": {"value": then}}}} if then is not None else {})}, {}, overall)
    return rules([registered(), grown], [case("exactly", 33, 30, "ELIGIBLE"), case("just below", 329, 300, "INELIGIBLE"), case("of zero", 5, 0, "PENDING"),
                                         case("less than zero", 5, -1, "PENDING"), case("new", 5, None, "PENDING"), *REGISTERED[1:]])


def test_a_difference_may_be_a_percentage(service, clients):
    held = Held(service, clients, tenth_more())
    grown, not_grown, new = held.unit(members=(33, 1)), held.unit(members=(329, 1)), held.unit(members=(12, 1))
    held.unit(members=(30, 1), year=2024, unit=grown)
    held.unit(members=(300, 1), year=2024, unit=not_grown)
    evaluation = held.evaluate()
    verdicts = [held.verdict(u, evaluation) for u in (grown, not_grown, new)]
    assert [verdict["overall"] for verdict in verdicts] == ["ELIGIBLE", "INELIGIBLE", "PENDING"]
    shown = [(c["observed"], c["required"], c["margin"]) for verdict in verdicts for c in verdict["criteria"][1:]]
    assert shown[:2] == [("33 - 30 = 3 (10.00 %)", ">= 10.00 %", "0.00"), ("329 - 300 = 29 (9.67 %)", ">= 10.00 %", "-0.34")]
    assert "33 - 30 = 3 (10,00 %)" in verdicts[0]["criteria"][1]["explanation"]["vi"]
    held.replays(evaluation)
    tried = held.done(held.auditor.post("/v1/what-if", json={"campaign": held.campaign.rsplit("/", 1)[1], "year": 2025, "changes": {
        grown: {"earlier": {"-1": {"members_total": {"value": 0}}}}}}))
    assert [(c["unit_id"], c["to"]) for c in tried["changed"]] == [(grown, "PENDING")]


def above_mean():
    made = rules([registered(), criterion("2", leaf("difference", "above", fact="members_women", minus={"param": "mean"}, op=">", value="0.00"))],
                 [("above", {"facts": {"is_contestant": {"value": True}, "members_women": {"value": 5}}}, {"limits": {"mean": "4.99"}}, "ELIGIBLE"),
                  ("at it", {"facts": {"is_contestant": {"value": True}, "members_women": {"value": 5}}}, {"limits": {"mean": "5.00"}}, "INELIGIBLE"),
                  *REGISTERED[1:]],
                 parameters={"mean": {"type": "decimal", "decimals": 2, "text": said("mean")},
                             "later": {"type": "date", "text": said("later"), "of": "year_last_day", "months": 6}})
    return made


def test_a_number_of_the_round_is_put_with_its_source(service, clients):
    held = Held(service, clients, above_mean())
    unit = held.unit(members=(12, 5))
    assert held.verdict(unit)["overall"] == "PENDING"
    path = f"{held.round}/parameters"
    put = lambda *items, **headers: held.home.put(path, headers=held.etag(path), json={"reason": "Công bố", "parameters": list(items)})
    for item, place in (({"name": "strange", "value": "1", "source": "s"}, "/parameters/0/name"), ({"name": "mean", "value": "1.234", "source": "s"}, "/parameters/0/value")):
        assert problem(put(item), 422, "invalid")["errors"][0]["pointer"] == place
    [told] = problem(put({"name": "later", "value": "2026-06-30", "source": "s"}), 422, "invalid")["errors"]  # a day that is reckoned
    assert told["pointer"] == "/parameters/0/name" and '"mean"' in told["detail"] and '"later"' not in told["detail"], told
    held.done(put({"name": "mean", "value": "4.50", "source": "12/BC-SNV"}))
    evaluation = held.evaluate()
    shown = held.verdict(unit, evaluation)
    assert (shown["overall"], shown["criteria"][1]["observed"]) == ("ELIGIBLE", "5 - 4.50 = 0.50")
    held.replays(evaluation)
    held.done(put({"name": "mean", "value": "5.00", "source": "13/BC-SNV"}))
    assert held.done(held.auditor.get(held.round))["latest_evaluation"]["stale"] is True
    assert held.verdict(unit)["overall"] == "INELIGIBLE"


# ---- points together

def seven_points():
    points = leaf("sum", "seven", op=">=", value="7.00", terms=[
        {"weight": "0.5", "score": "A"}, {"weight": "2.5", "count": {"register": "awards"}}, {"weight": -1, "fact": "members_women"}])
    known = lambda score: {"facts": {"is_contestant": {"value": True}, "members_women": {"value": 3}}, "registers": {"awards": {"complete": True, "entries": []}},
                           "findings": {"A": {"result": "OUTSTANDING", "found_by": "home_affairs", "score": score}}}
    return rules([registered(), criterion("2", points)],
                 [("ten", known("20.00"), {}, "ELIGIBLE"), ("less", known("19.98"), {}, "INELIGIBLE"), *REGISTERED[1:]])


def test_points_added_and_taken_off_reach_a_number_or_not(service, clients):
    """The sum says what it is made of; while one of its terms is open, it names that: the finding, the fact, the register."""
    held = Held(service, clients, seven_points())
    enough, less, unscored = held.unit("20", members=(9, 3)), held.unit("19.98", members=(9, 3)), held.unit(members=(9, 3))
    uncounted = held.unit("20")
    open_of = lambda evaluation, unit: [(u["reason"], u.get("register")) for u in held.verdict(unit, evaluation)["decisive_unknowns"]]
    before = held.evaluate()
    assert open_of(before, enough) == [("REGISTER_INCOMPLETE", "awards")]
    assert held.verdict(enough, before)["criteria"][1]["observed"] == "0.5 × 20.00 + 2.5 × ? - 3"
    path = f"{held.round}/registers/awards"
    held.done(held.home.put(path, headers=held.etag(path), json={"complete": True, "complete_through": "2025-12-31", "source": "Rà soát"}))
    evaluation = held.evaluate()
    assert [held.verdict(u, evaluation)["overall"] for u in (enough, less, unscored, uncounted)] == ["ELIGIBLE", "INELIGIBLE", "PENDING", "PENDING"]
    assert open_of(evaluation, unscored) == [("NO_FINDING", None)] and open_of(evaluation, uncounted) == [("FACT_UNKNOWN", None)]
    shown = held.verdict(less, evaluation)["criteria"][1]
    assert (shown["observed"], shown["required"], shown["margin"]) == ("0.5 × 19.98 + 2.5 × 0 - 3 = 6.990", ">= 7.000", "-0.010")
    assert "0,5 × 19,98 + 2,5 × 0 - 3 = 6,990" in shown["explanation"]["vi"]
    held.replays(evaluation)


# ---- what a document of the first semantics may not have

@pytest.mark.parametrize("change", [
    lambda made: made["criteria"].append(more_than_last_year()),
    lambda made: made["standings"]["keys"].append(key("sum", kind="sum", terms=[{"weight": 1, "fact": "members_total"}])),
    lambda made: made["standings"].update(keys_by_group={"XA": made["standings"]["keys"]}),
    lambda made: made.update(parameters={"mean": {"type": "decimal", "decimals": 2, "text": said("mean")}}),
    lambda made: made["criteria"].append(criterion("2", leaf("sum", "few", terms=[{"weight": 1, "fact": "members_total"}], op=">", value=1))),
    lambda made: made["criteria"].append(criterion("2", leaf("threshold", "then", fact={"fact": "members_total", "year": -1}, op=">", value=1))),
])
def test_what_is_new_asks_for_its_semantics(clients, change):
    made = rules([registered()], REGISTERED)
    change(made)
    check = lambda document: clients["home_affairs"].post("/v1/criteria-sets/check", json={"document": document}).json()["faults"]
    assert "NEEDS_SEMANTICS" not in [fault["code"] for fault in check(made)]
    old = copy.deepcopy(made)
    old.pop("semantics")
    assert "NEEDS_SEMANTICS" in [fault["code"] for fault in check(old)]


# ---- what the service does not do is refused when it is loaded

def load(service, plan):
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(plan, file)
        file.flush()
        return service.command("load", file.name)


def plan_of(criteria_set, **changes):
    return {**copy.deepcopy(PLAN), "code": f"T-{uuid.uuid4().hex[:12]}", "criteria_set": criteria_set, **changes}


def test_a_plan_is_refused_with_all_that_the_service_does_not_do(service):
    made = rules([registered()], REGISTERED)
    made["facts"]["hobbies"] = {"type": "text", "text": said("hobbies")}
    made["facts"]["members_total"] = {"type": "decimal", "decimals": 1, "text": said("people")}
    made["registers"]["courses"] = {"text": said("courses"), "fields": {"year": "integer"}}
    made["registers"]["awards"]["fields"]["colour"] = "text"
    made["parameters"] = {"dossier_cut_off": "integer"}
    made["standings"]["group_by"] = "hobbies"
    made["contents"]["Z"] = said("z")
    plan = plan_of(made, nominees=["COLLECTIVE", "PERSON"], prizes={"first": 1})
    plan["law"]["bonus"]["share"] = 2
    plan["award_form"]["category"] = "merit"
    refused = load(service, plan)
    assert refused.returncode == 1
    for place, way_out in (("/criteria_set/facts/hobbies", '"members_total"'), ("/criteria_set/facts/members_total", '"integer"'),
                           ("/criteria_set/registers/courses", '"initiatives"'), ("/criteria_set/registers/awards/fields/colour", '"category"'),
                           ("/criteria_set/parameters/dossier_cut_off", '"date"'), ("/criteria_set/standings/group_by", "contestant_kind"),
                           ("/criteria_set/contents/Z", "no content"), ("/nominees/1", "collectives"), ("/prizes", "overlooked"),
                           ("/law/bonus/share", "overlooked"), ("/award_form/category", "thematic")):
        [line] = [line for line in refused.stderr.splitlines() if f"{place}:" in line or f"{place} " in line]
        assert way_out in line
    assert service.psql(f"SELECT count(*) FROM campaigns WHERE code = '{plan['code']}'") == "0"


def test_what_is_told_to_be_kept_is_what_sql_hands_to_the_engine():
    """src/criteria_sets/served.def against the functions of SQL that make a unit's snapshot."""
    told = (ROOT / "src/criteria_sets/served.def").read_text(encoding="utf-8")
    sql = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*_functions.sql"))
    body = lambda name: re.search(rf"FUNCTION {name}\(.*?\$\$(.*?)\$\$;", sql, re.S).group(1)
    facts = {name for function in ("contestant_facts", "score_facts", "dossier_facts", "intake_facts")
             for name in re.findall(r"'(\w+)',\s+(?:CASE WHEN .*? THEN )?jsonb_build_object\('value'", body(function), re.S)}
    assert facts == set(re.findall(r"^SERVED_FACT\((\w+)", told, re.M))
    for register, function in (("discipline", "discipline"), ("initiatives", "initiative"), ("proceedings", "proceeding"), ("awards", "award")):
        fields = set(re.findall(r"'([a-z_]+)', (?=[a-z(E])", body(f"{function}_entries"))) - {"id", "source", "version", "recorded_at"}
        assert fields == set(re.findall(rf"^SERVED_FIELD\({register}, (\w+)", told, re.M)), register


@pytest.mark.parametrize("word, written, known", [
    ("OUTSTANDING_LEADING", "EXCELLENT", '"NOT_OUTSTANDING"'), ("PRESENT", "HERE", '"PRESENT", "MISSING"'), ("home_affairs", "appraisers", '"home_affairs"'),
    ("ACCEPTED", "TAKEN", '"ACCEPTED"'), ("PROVINCIAL", "PROVINCE", '"PROVINCIAL"'), ("ANNULLED", "VOID", '"ANNULLED"')])
def test_a_word_that_nobody_can_record_is_refused_though_the_plans_own_cases_have_it_too(service, word, written, known):
    """Such a rule would be met by its cases, and by no unit."""
    made = json.loads(json.dumps(PLAN["criteria_set"]).replace(f'"{word}"', f'"{written}"'))
    made["name"] = f"W-{uuid.uuid4().hex[:12]}"
    refused = load(service, plan_of(made))
    told = [line for line in refused.stderr.splitlines() if "never records" in line]
    assert refused.returncode == 1 and told
    assert all(f'"{written}"' in line and known in line for line in told), told
    for line in told:
        value = {"criteria_set": made}
        for part in re.search(r"(/criteria_set/\S+):", line)[1].split("/")[1:]:
            value = value[int(part)] if isinstance(value, list) else value[part]
        assert value == written


def test_a_group_that_no_contestant_can_be_of_is_refused(service):
    made = copy.deepcopy(PLAN["criteria_set"])
    made["name"] = f"W-{uuid.uuid4().hex[:12]}"
    given = json.dumps(made["criteria"]).replace('"UNIT_UNDER_SO"', '"UNIT_UNDER_SOO"')
    refused = load(service, plan_of({**made, "criteria": json.loads(given)}))
    told = [line for line in refused.stderr.splitlines() if "never records" in line]
    assert refused.returncode == 1 and len(told) == given.count("UNIT_UNDER_SOO")
    assert all('"UNIT_UNDER_SO"' in line for line in told)


# ---- forms of award

def form(code, places, **members):
    return {"form": code, "text": said(code.replace("_", " ").capitalize()), "citations": ["c"], "places": places, **members}


def forms_of(*forms, clusters=False, keys=None, **members):
    made = rules([registered()], REGISTERED, forms=list(forms), **members)
    del made["standings"]["cap"]
    if clusters:
        made["facts"]["cluster"] = {"type": "text", "text": said("cluster")}
        made["standings"]["cluster_by"] = "cluster"
    if keys:
        made["standings"]["keys"] = keys
    return made


def by_form(standings):
    found = {}
    for item in standings["items"]:
        found.setdefault(item["form"], {})[item["unit_id"]] = item
    return found


def test_the_first_of_each_cluster_gets_the_flag_and_the_next_a_certificate(service, clients):
    held = Held(service, clients, forms_of(form("CO", {"number": 1, "per": "CLUSTER"}), form("BANG_KHEN", {"number": 2, "per": "GROUP"}),
                                           clusters=True), cap=20)
    units = {(cluster, score): held.unit(score, group="XA", kind="COMMUNE", cluster=cluster)
             for cluster, scores in (("1", (90, 80, 70)), ("2", (60, 50))) for score in scores}
    evaluation = held.evaluate()
    standings = held.standings(evaluation)
    shown = by_form(standings)
    flag = {key: shown["CO"][unit]["status"] for key, unit in units.items()}
    assert flag == {("1", 90): "SECURE", ("1", 80): "OUT", ("1", 70): "OUT", ("2", 60): "SECURE", ("2", 50): "OUT"}
    certificate = {key: (shown["BANG_KHEN"][unit]["status"], shown["BANG_KHEN"][unit]["higher_form"]) for key, unit in units.items()}
    # Places of the group: all of it are compared, without those that have the flag.
    assert certificate == {("1", 90): ("OUT", "CO"), ("1", 80): ("SECURE", None), ("1", 70): ("SECURE", None), ("2", 60): ("OUT", "CO"),
                           ("2", 50): ("OUT", None)}
    assert [(f["form"], f["cap"], f["places"]["per"]) for f in standings["forms"]] == [("CO", 2, "CLUSTER"), ("BANG_KHEN", 2, "GROUP")]
    held.replays(evaluation)
    table = held.auditor.get(f"/v1/evaluations/{evaluation}/standings", headers={"Accept": "text/csv"}).text
    assert "Bang khen" in table


def test_places_are_a_share_frozen_with_what_it_was_worked_out_from(service, clients):
    share = {"share": "10 %", "of": "CONTESTANTS", "rounding": "DOWN", "citations": ["c"], "at_least": 1, "per": "GROUP"}
    held = Held(service, clients, forms_of(form("BANG_KHEN", share)), cap=20)
    for score in range(20, 41):
        held.unit(score, group="XA", kind="COMMUNE")
    few = [held.unit(score) for score in (90, 80)]
    standings = held.standings()
    assert standings["forms"][0]["places"] == {"count": 3, "of": "CONTESTANTS", "per": "GROUP", "counted": 23, "share": "10.00 %", "rounding": "DOWN"}
    secure = [item["unit_id"] for item in standings["items"] if item["status"] == "SECURE"]
    assert len(secure) == 3 and few[0] in secure and few[1] not in secure


@pytest.mark.parametrize("share, rounding, places", [("1/3", "DOWN", 2), ("1/3", "UP", 3), ("1/3", "HALF_UP", 2), ("33.33 %", "DOWN", 1)])
def test_a_third_is_exactly_a_third(service, clients, share, rounding, places):
    count = 6 if rounding == "DOWN" else 7
    held = Held(service, clients, forms_of(form("BANG_KHEN", {"share": share, "of": "CONTESTANTS", "rounding": rounding, "citations": ["c"]})), cap=20)
    units = [held.unit(90 - i) for i in range(count)]
    evaluation = held.evaluate()
    frozen = held.standings(evaluation)["forms"][0]["places"]
    assert frozen == {"count": places, "of": "CONTESTANTS", "per": "WHOLE", "counted": count, "share": share, "rounding": rounding}
    shown = held.by_unit(evaluation)
    assert [shown[u]["status"] for u in units] == ["SECURE"] * places + ["OUT"] * (count - places)
    held.replays(evaluation)


def test_tiers_are_filled_by_rank_and_a_tie_across_an_edge_is_decided(service, clients):
    tiers = [{"tier": name, "text": said(name), "places": places, "coefficient": coefficient} for name, places, coefficient in
             (("NHAT", 1, "3.00"), ("NHI", 2, "2.00"), ("BA", 1, "1.00"))]
    held = Held(service, clients, forms_of(form("GIAI", {"number": 4, "per": "GROUP"}, tiers=tiers)), cap=20)
    units = [held.unit(score) for score in (90, 80, 70, 70, 60)]
    shown = held.by_unit()
    assert [(shown[u]["status"], shown[u]["tier"]) for u in units] == [
        ("SECURE", "NHAT"), ("SECURE", "NHI"), ("TIE_TO_DECIDE", None), ("TIE_TO_DECIDE", None), ("OUT", None)]
    held.done(held.home.post(f"{held.round}/tie-decisions", json={
        "units": [units[3], units[2]], "form": "GIAI", "method": "LOT", "reason": "Bốc thăm", "document": "1/BB"}))
    evaluation = held.evaluate()
    shown = held.by_unit(evaluation)
    assert [(shown[u]["status"], shown[u]["tier"]) for u in units] == [
        ("SECURE", "NHAT"), ("SECURE", "NHI"), ("SECURE", "BA"), ("SECURE", "NHI"), ("OUT", None)]
    held.replays(evaluation)


def test_what_if_tells_whose_tier_or_form_alone_would_be_another(service, clients):
    """Another rule set parts the same places otherwise: nobody's rank changes, and nobody gains or loses a place."""
    def made(first, second, *more):
        tiers = [{"tier": name, "text": said(name), "places": places, "coefficient": "1.00"} for name, places in (("NHAT", first), ("NHI", second))]
        return forms_of(form("GIAI", {"number": 3, "per": "GROUP"}, tiers=tiers), *more)

    held, wider = (Held(service, clients, made(1, 2, *more), cap=20) for more in ((), (form("BANG_KHEN", 1),)))
    ranked = {each: [each.unit(score) for score in (90, 80, 70, 60)] for each in (held, wider)}

    def moved(rule_set, held=held):
        units = ranked[held]
        tried = held.done(held.auditor.post("/v1/what-if", json={"campaign": held.campaign.rsplit("/", 1)[1], "year": 2025, "rule_set": rule_set}))
        return [(item["form"], units.index(item["unit_id"]), item["from"], item["to"]) for item in tried["standings"]]

    def secure(rank, tier, of=4):
        return {"status": "SECURE", "rank": rank, "of": of, "tier": tier}

    assert moved(made(1, 2)) == []
    assert moved(made(2, 1)) == [("GIAI", 1, secure(2, "NHI"), secure(2, "NHAT"))]
    assert moved(made(1, 2, form("BANG_KHEN", 1))) == [("BANG_KHEN", 3, None, secure(1, None, of=1))]
    assert moved(made(1, 2), wider) == [("BANG_KHEN", 3, secure(1, None, of=1), None)], "nor has a form that is no more any place"


def test_eligible_for_a_form_by_some_criteria_and_not_by_others(service, clients):
    people = criterion("2", leaf("threshold", "people", fact="members_total", op=">=", value=10))
    more = [(name, {"facts": {"is_contestant": {"value": True}, "members_total": {"value": n}}}, {}, "ELIGIBLE") for name, n in (("many", 10), ("few", 9))]
    made = rules([registered(), people], more + REGISTERED[1:], forms=[form("CO", 1, eligible={"all": ["1", "2"]}), form("GIAY_KHEN", 5, eligible="1")])
    del made["standings"]["cap"]
    made["cases"][2]["expect"] = {"overall": "INELIGIBLE"}
    held = Held(service, clients, made, cap=6)
    many, few = held.unit(50, members=(10, 0)), held.unit(90, members=(9, 0))
    evaluation = held.evaluate()
    assert [f["overall"] for f in held.verdict(few, evaluation)["forms"]] == ["INELIGIBLE", "ELIGIBLE"]
    shown = by_form(held.standings(evaluation))
    assert [shown[code][unit]["status"] for code in ("CO", "GIAY_KHEN") for unit in (many, few)] == ["SECURE", "OUT", "OUT", "SECURE"]


def test_a_place_of_a_lower_form_is_what_every_completion_says_and_waits_for_what_decides_above(service, clients):
    """The best is not judged yet. Whoever gets the flag, the best or the next, the other one gets the only certificate: the third is
    OUT, and nobody waits for anything but the fact of the best."""
    people = criterion("2", leaf("threshold", "people", fact="members_total", op=">=", value=10))
    more = [(name, {"facts": {"is_contestant": {"value": True}, "members_total": {"value": n}}}, {}, "ELIGIBLE")
            for name, n in (("many", 10), ("few", 9))]
    made = rules([registered(), people], more + REGISTERED[1:], forms=[form("CO", 1, eligible={"all": ["1", "2"]}), form("GIAY_KHEN", 1, eligible="1")])
    del made["standings"]["cap"]
    made["cases"][2]["expect"] = {"overall": "INELIGIBLE"}
    held = Held(service, clients, made, cap=6)
    best, second, third = held.unit(90), held.unit(80, members=(10, 0)), held.unit(70, members=(10, 0))
    evaluation = held.evaluate()
    standings = held.standings(evaluation)
    shown = by_form(standings)
    assert {code: [shown[code][unit]["status"] for unit in (best, second, third)] for code in ("CO", "GIAY_KHEN")} == {
        "CO": ["POSSIBLE", "POSSIBLE", "OUT"], "GIAY_KHEN": ["POSSIBLE", "POSSIBLE", "OUT"]}
    for row in standings["items"]:
        waits = [(each["unit_id"], each["fact"]) for each in row["waits_for"]]
        assert waits == ([(best, "members_total")] if row["status"] == "POSSIBLE" else []), row
    assert standings["exact"] is True and [f["exact"] for f in standings["forms"]] == [True, True]
    held.replays(evaluation)


def test_a_group_of_the_rules_that_the_plan_does_not_have_is_warned_of(service):
    """A rule set may serve several plans, so it is taken; whoever mistyped a code reads which one."""
    plan = copy.deepcopy(plan_of(rules([registered()], REGISTERED)))
    assert "warning" not in load(service, plan).stderr
    plan["criteria_set"]["name"] += "-b"
    plan["criteria_set"]["standings"]["groups"]["NOBODY"] = said("nobody")
    done = load(service, plan)
    assert done.returncode == 0 and "/criteria_set/standings/groups/NOBODY: cảnh báo: " in done.stderr and " / warning: " in done.stderr


def test_forms_with_more_places_than_the_year_has_awards_are_warned_of(service, clients):
    """III.2.b: when the plan is loaded, and in the standings; the plan is taken all the same."""
    made = forms_of(form("CO", 1), form("GIAY_KHEN", {"number": 1, "per": "GROUP"}))
    places = 1 + len(made["standings"]["groups"])
    held = Held(service, clients, made, cap=1)
    held.unit(90), held.unit(80, group="XA", kind="COMMUNE")
    evaluation = held.evaluate()
    assert "FORMS_BEYOND_CAP" in {w["code"] for w in held.done(held.auditor.get(f"/v1/evaluations/{evaluation}"))["warnings"]}
    shown = held.standings(evaluation)["beyond_cap"]
    assert (shown["cap"], shown["places"]) == (1, 3) and "mức trần" in shown["text"]["vi"] and "the cap" in shown["text"]["en"]
    loaded = load(service, plan_of(made, cap=places - 1))
    assert loaded.returncode == 0 and f"{places} > {places - 1}" in loaded.stderr and "cảnh báo" in loaded.stderr and "warning" in loaded.stderr
    made["name"] += "-b"
    assert "warning" not in load(service, plan_of(made, cap=places)).stderr
    assert Held(service, clients, made | {"name": made["name"] + "c"}, cap=places).standings()["beyond_cap"] is None


def balance_of(fact, value):
    return {"where": {"fact": fact, "value": value}, "at_least": "30 %", "text": said("b"), "citations": ["c"]}


@pytest.mark.parametrize("change, code, pointer", [
    (lambda made: made["forms"][0].update(places={"number": 1, "per": "CLUSTER"}), "CLUSTERS_NEED_KEY", "/forms/0/places/per"),
    (lambda made: made["forms"][0].update(tiers=[{"tier": "A", "text": said("a"), "places": 1}]), "TIERS_NEED_GROUPS", "/forms/0/tiers"),
    # One group, but its units are compared inside clusters only: each would have a first of its own.
    (lambda made: (made["facts"].update(cluster={"type": "text", "text": said("cluster")}),
                   made["standings"].update(groups={"XA": GROUPS["XA"]}, cluster_by="cluster"),
                   made["forms"][0].update(tiers=[{"tier": "A", "text": said("a"), "places": 1}])), "TIERS_NEED_GROUPS", "/forms/0/tiers"),
    (lambda made: made["forms"][0].update(places={"number": 2, "per": "GROUP"}, tiers=[{"tier": "A", "text": said("a"), "places": 1}]), "TIERS_DIFFER",
     "/forms/0/tiers"),
    # of those who meet the standard: tiers ask for a number, and only they are those of a form
    (lambda made: made["forms"][0].update(places={"share": "10 %", "of": "ELIGIBLE", "rounding": "DOWN", "citations": ["c"], "per": "GROUP"},
                                          tiers=[{"tier": "A", "text": said("a"), "places": 1}]), "TIERS_DIFFER", "/forms/0/tiers"),
    (lambda made: made["forms"][0].update(places={"share": "10 %", "of": "ELIGIBLE", "rounding": "DOWN", "citations": ["c"], "form": "BANG_KHEN"}), "BAD_VALUE",
     "/forms/0/places/form"),
    (lambda made: made["forms"][0].update(places={"share": "10 %", "of": "NOMINEES", "rounding": "DOWN", "citations": ["c"], "form": "CO"}), "UNKNOWN_MEMBER",
     "/forms/0/places/form"),
    (lambda made: made["forms"][0].update(bonus=[{"when": "1", "coefficient": "1.00"}]), "BONUS_OPEN", "/forms/0/bonus"),
    (lambda made: made["forms"][0].update(eligible={"all": ["1", "9"]}), "UNKNOWN_CRITERION", "/forms/0/eligible/all/1"),
    (lambda made: made["standings"].update(cap=3), "CAP_BESIDE_FORMS", "/standings/cap"),
    (lambda made: made["forms"][0].update(places={"share": "10", "of": "CONTESTANTS", "rounding": "DOWN", "citations": ["c"]}), "BAD_NUMBER", "/forms/0/places/share"),
    (lambda made: made["forms"][0].update(places={"share": "10 %", "of": "CONTESTANTS", "rounding": "DOWN", "citations": []}), "NO_CITATION", "/forms/0/places"),
    (lambda made: made["forms"][0].update(exclusive=False), "NOT_DONE", "/forms/0/exclusive"),
    (lambda made: made["forms"][0].update(colour="red"), "UNKNOWN_MEMBER", "/forms/0/colour"),
    # of which nobody could ever get one
    (lambda made: made["forms"][0].update(places=0), "BAD_NUMBER", "/forms/0/places"),
    (lambda made: made["forms"][0].update(places={"number": 0, "per": "GROUP"}), "BAD_NUMBER", "/forms/0/places/number"),
    (lambda made: made["forms"][0].update(places={"share": "10 %", "of": "CONTESTANTS", "rounding": "DOWN", "citations": ["c"], "at_most": 0}), "BAD_NUMBER",
     "/forms/0/places/at_most"),
    # scores that nobody can enter
    (lambda made: made["contents"]["A"].update(most="100.01"), "NOT_DONE", "/contents/A/most"),
    (lambda made: made["contents"]["A"].update(least="-0.01", most="100.00"), "NOT_DONE", "/contents/A/least"),
    (lambda made: made["contents"]["A"].update(least=101), "NOT_DONE", "/contents/A/least"),
    (lambda made: made["contents"]["A"].update(most=-1), "NOT_DONE", "/contents/A/most"),
    (lambda made: made["forms"].append(made["forms"][0]), "NAME_TWICE", "/forms/1"),
    # what would be read by nobody
    (lambda made: made["forms"][0].update(bonus=[{"coefficient": "1.00"}, {"when": "1", "coefficient": "2.00"}, {"coefficient": "1.00"}]), "NEVER_READ",
     "/forms/0/bonus/1"),
    (lambda made: made["forms"][0].update(places={"number": 1, "per": "GROUP"}, bonus={"coefficient": "1.00"},
                                          tiers=[{"tier": "A", "text": said("a"), "places": 1, "coefficient": "3.00"}]), "NEVER_READ", "/forms/0/bonus"),
    (lambda made: (made["standings"].update(keys_by_group={"SO_BAN_NGANH": made["standings"]["keys"]}), made["forms"][0].update(keys=made["standings"]["keys"])),
     "NEVER_READ", "/standings/keys_by_group"),
    (lambda made: made["criteria"][0]["requires"].update(missing_citation="c"), "NEVER_READ", "/criteria/0/requires/missing_citation"),
    (lambda made: made["citations"].update(unused={"document": "1/X"}), "MISSING_MEMBER", "/citations/unused/clause"),
    (lambda made: made["citations"].update(c={**CITED, "colour": "red"}), "UNKNOWN_MEMBER", "/citations/c/colour"),
    (lambda made: made["case_base"].update(colour="red"), "UNKNOWN_MEMBER", "/case_base/colour"),
    (lambda made: made["case_base"]["unit"].update(colour="red"), "UNKNOWN_MEMBER", "/case_base/unit/colour"),
    (lambda made: made["cases"][0]["change"].update(unit={"facts": {"hat_size": {"value": 1}}}), "UNKNOWN_FACT", "/cases/0/change/unit/facts/hat_size"),
    (lambda made: made["cases"][0]["change"].update(parameters={"limits": {"mean": "1"}}), "UNKNOWN_PARAMETER", "/cases/0/change/parameters/limits/mean"),
    (lambda made: made["cases"][0]["change"].update(parameters={"colour": "red"}), "UNKNOWN_MEMBER", "/cases/0/change/parameters/colour"),
    # what could never hold, or only by mistake
    (lambda made: made.update(balance=[balance_of("contestant_kind", "NOWHERE")]), "UNKNOWN_GROUP", "/balance/0/where/value"),
    (lambda made: made.update(balance=[balance_of("is_contestant", "maybe")]), "WRONG_TYPE", "/balance/0/where/value"),
    (lambda made: made.update(balance=[balance_of("contestant_kind", True)]), "WRONG_TYPE", "/balance/0/where/value"),
    (lambda made: made.update(balance=[balance_of("contestant_kind", "SO_BAN_NGANH")] * 17), "TOO_MANY", "/balance"),
    (lambda made: made["standings"]["keys"][0].update(contents=["A", "A"]), "NAME_TWICE", "/standings/keys/0/contents/1"),
    (lambda made: made["forms"][0].update(bonus={"coefficient": "1000.01"}), "BAD_NUMBER", "/forms/0/bonus/coefficient"),
    (lambda made: made["forms"][0].update(form="cờ"), "BAD_NAME", "/forms/0/form"),
    (lambda made: made["forms"][0].update(places={"number": 1, "per": "GROUP"}, tiers=[{"tier": "hạng nhất", "text": said("a"), "places": 1}]), "BAD_NAME",
     "/forms/0/tiers/0/tier"),
    (lambda made: made.update(forms=None), "MISSING_MEMBER", "/standings/cap"),
    (lambda made: made["forms"][0].update(places={"share": "101 %", "of": "CONTESTANTS", "rounding": "DOWN", "citations": ["c"]}), "BAD_NUMBER",
     "/forms/0/places/share"),
    *[(lambda made, share=share: made["forms"][0].update(places={"share": share, "of": "CONTESTANTS", "rounding": "DOWN", "citations": ["c"]}), "BAD_NUMBER",
       "/forms/0/places/share") for share in ("4/3", "0/3", "1/0", "-1/3", "1 / 3", "1/3 %", "1/", "/3", "1/3/3", "01/3", "1.5/3", "1/1000001")],
    (lambda made: made.update(balance=[{**balance_of("contestant_kind", "SO_BAN_NGANH"), "at_least": "3/2"}]), "BAD_NUMBER", "/balance/0/at_least"),
    (lambda made: made["criteria"][0].update(requires=leaf("threshold", "percent", fact="members_total", op=">=", value="90 %")), "PERCENT_OF_NOTHING",
     "/criteria/0/requires"),
    (lambda made: made["criteria"].append(more_than_last_year(value="10001 %")), "BAD_NUMBER", "/criteria/1/requires"),
    (lambda made: made["criteria"].append(more_than_last_year(value="1,5 %")), "BAD_VALUE", "/criteria/1/requires"),
])
def test_what_cannot_be_done_with_a_form_is_refused_with_its_place(clients, change, code, pointer):
    made = copy.deepcopy(forms_of(form("CO", 1)))
    check = lambda: clients["home_affairs"].post("/v1/criteria-sets/check", json={"document": made}).json()["faults"]
    assert check() == []
    change(made)
    assert (code, pointer) in [(fault["code"], fault["pointer"]) for fault in check()]


def test_what_has_no_name_shares_none(clients):
    """It lacks one, which is said of each, and nothing else."""
    check = lambda made: {(fault["code"], fault["pointer"]) for fault in clients["home_affairs"].post(
        "/v1/criteria-sets/check", json={"document": made}).json()["faults"]}
    made = forms_of(form("CO", {"number": 2, "per": "GROUP"}, tiers=[{"text": said(name), "places": 1} for name in "ab"]), form("BANG_KHEN", 1))
    for each in made["forms"]:
        del each["form"]
    assert check(made) == {("MISSING_MEMBER", pointer) for pointer in ("/forms/0/form", "/forms/1/form", "/forms/0/tiers/0/tier", "/forms/0/tiers/1/tier")}
    made = forms_of(form("CO", 1), keys=[{**key("a", kind="finding_score", contents=[content]), "id": None} for content in "AB"])
    assert check(made) == {("MISSING_MEMBER", f"/standings/keys/{i}/id") for i in range(2)}


@pytest.mark.parametrize("change, place", [
    (lambda plan: plan["groups"][0].pop("code"), "/groups must be"),
    (lambda plan: plan["groups"].append("x"), "/groups must be"),
    *((lambda plan, wrong=wrong: plan["groups"][0].update(not_under=wrong), "look at /groups/0") for wrong in ("COMMUNE", {"kind": "COMMUNE"}, None)),
    *((lambda plan, wrong=wrong: plan.update(nominees=wrong), "/nominees must be a list") for wrong in ("INDIVIDUAL", {"all": "INDIVIDUAL"}, None)),
    *((lambda plan, wrong=wrong: plan.update(award_form=wrong), "/award_form must be an object") for wrong in ("Bằng khen", [], None)),
    (lambda plan: plan.update(law=["06/2022/QH15"]), "/law must be an object"),
    (lambda plan: plan["law"].update(bonus="1.50"), "/law/bonus must be an object"),
    (lambda plan: plan["contents"][0].update(colour="red"), "/contents/0/colour: "),
    *((lambda plan, wrong=wrong: plan["law"]["bonus"]["coefficients"][0].update(coefficient=wrong), "/law/bonus/coefficients must be")
      for wrong in ("many", "1,50", "1.505", "0.00", "-1.50", "1000.01", "", 3, 1.5, None)),
    (lambda plan: plan["law"]["bonus"]["coefficients"][0].pop("coefficient"), "/law/bonus/coefficients must be"),
    (lambda plan: plan["law"]["bonus"]["coefficients"][0].update(valid_from="1/1/2025"), "/law/bonus/coefficients must be"),
    (lambda plan: plan["law"]["bonus"]["coefficients"][0].update(valid_to=None), "/law/bonus/coefficients must be"),  # another begins later
    (lambda plan: plan["law"]["bonus"]["coefficients"].append("1.50"), "/law/bonus/coefficients must be"),
    (lambda plan: plan["law"]["bonus"].update(coefficients={}), "/law/bonus/coefficients must be"),
    *((lambda plan, wrong=wrong: plan["law"]["bonus"]["base_salaries"][0].update(vnd=wrong), "/law/bonus/base_salaries must be")
      for wrong in ("2340000", 0, -1, 2340000.5, 10**12 + 1, None)),
    (lambda plan: plan["law"]["bonus"]["base_salaries"].reverse(), "/law/bonus/base_salaries must be"),
    *((lambda plan, wrong=wrong: plan["law"]["bonus"].update(step_vnd=wrong), "/law/bonus/step_vnd must be") for wrong in (1000, "10000", None)),
    (lambda plan: plan["criteria_set"]["standings"]["keys"][0].pop("kind"), "/criteria_set/standings/keys/0/kind: "),
])
def test_a_plan_that_would_be_overlooked_is_refused_with_its_place(service, change, place):
    plan = copy.deepcopy(plan_of(copy.deepcopy(forms_of(form("CO", 1)))))
    change(plan)
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(plan, file)
        file.flush()
        done = service.command("load", "--check", file.name)
    assert done.returncode == 1 and place in done.stderr, done
    assert "/criteria_set/standings: " not in done.stderr  # it is there: only what is wrong in it is told


# ---- from standings to awards

class FormsRound(AwardRound):
    """Plan 230 with forms: each unit is proposed for one."""

    def __init__(self, service, clients, count, forms, balance=(), clusters=False, change=None, **plan):
        made = copy.deepcopy(PLAN["criteria_set"])
        if change:
            change(made)
        if balance:
            made["balance"] = balance
        if clusters:
            made["facts"]["cluster"] = {"type": "text", "text": said("cluster")}
            made["standings"]["cluster_by"] = "cluster"
        made |= {"name": f"A-{uuid.uuid4().hex[:12]}", "semantics": 2, "forms": [{**each, "citations": ["III.1.a"]} for each in forms]}
        del made["standings"]["cap"]
        super().__init__(service, clients, count, campaign=make_campaign(service, criteria_set=made, **plan))
        for unit, score in zip(self.units, range(99, 0, -1)):
            self.score(unit, score)

    def score(self, unit, score):
        path = f"{self.round}/findings/{unit}"
        self.done(self.home.put(path, headers=self.etag(path), json={"contents": [
            {"content": c, "score": str(score), "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": []} for c in "ABCD"]}))

    def enter(self, unit, cluster):
        path = f"{self.round}/contestants/{unit}"
        return self.home.put(path, headers=self.etag(path), json={
            "group": "UNIT_UNDER_SO", "cluster": cluster, "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"})

    def drafted(self, wanted):
        """Judged, proposed and submitted as things stand; to be signed later."""
        proposal = "/v1/proposals/" + self.done(self.propose(wanted))["id"]
        self.done(self.move(self.home, proposal, "submit"))
        return "/v1/decisions/" + self.done(self.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]

    def propose(self, wanted, **more):
        return self.home.post(f"{self.round}/proposals", json={
            "evaluation_id": self.evaluate(), "letter_number": f"{next(NUMBERS)}/TTr-SNV",
            "units": [{"unit_id": unit, **({"form": code} if code else {}), **more} for unit, code in wanted]})

    def signed(self, wanted):
        decision = self.drafted(wanted)
        self.done(self.sign(decision, number()))
        self.publish(decision)
        return decision

    def awards(self):
        code = self.campaign.rsplit("/", 1)[1]
        return {a["unit_id"]: a for a in self.done(self.auditor.get("/v1/awards", params={"campaign": code, "limit": 100}))["items"]}


NUMBERS = itertools.count(5000)


def test_each_award_is_of_a_form_with_its_own_places_and_bonus(service, clients):
    held = FormsRound(service, clients, 4, [
        form("CO", 1, bonus=[{"when": "III.1.b", "coefficient": "4.50"}, {"coefficient": "2.00"}]), form("BANG_KHEN", 2)])
    first, second, third, fourth = held.units
    unnamed = problem(held.propose([(first, None)]), 422, "invalid")
    assert unnamed["errors"][0]["pointer"] == "/units/0/form" and '"CO", "BANG_KHEN"' in unnamed["errors"][0]["detail"]
    refused = problem(held.propose([(first, "BANG_KHEN")]), 422, "rule-refused")
    assert refused["errors"][0]["unit_id"] == first
    problem(held.propose([(fourth, "BANG_KHEN")]), 422, "rule-refused")
    held.signed([(first, "CO"), (second, "BANG_KHEN")])
    awards = held.awards()
    assert [(awards[u]["form"], awards[u]["bonus_basis"]["coefficient"]) for u in (first, second)] == [("CO", "4.50"), ("BANG_KHEN", "3.00")]
    assert [awards[u]["bonus_basis"]["coefficient_basis"] for u in (first, second)] == ["230/KH-UBND", "152/2025/NĐ-CP"]  # the plan's own, the law's
    # What is given holds its place in its own form; the next one is still there.
    standings = held.done(held.auditor.get(f"/v1/evaluations/{held.evaluate()}/standings"))
    found = by_form(standings)
    assert [found["CO"][u]["status"] for u in held.units] == ["AWARDED", "OUT", "OUT", "OUT"]
    assert [found["BANG_KHEN"][u]["status"] for u in held.units] == ["OUT", "AWARDED", "SECURE", "OUT"]
    assert [(f["form"], f["taken"]) for f in standings["forms"]] == [("CO", 1), ("BANG_KHEN", 1)]
    held.signed([(third, "BANG_KHEN")])
    table = held.auditor.get("/v1/awards", params={"campaign": held.campaign.rsplit("/", 1)[1]}, headers={"Accept": "text/csv"}).text
    assert table.count("Bang khen") == 2 and table.count("Co") >= 1


def with_more_people(made):
    """One criterion more: ten people or more."""
    cited = {"citations": ["III.1.a"]}
    made["criteria"].append(criterion("9", leaf("threshold", "people", fact="members_total", op=">=", value=10) | cited) | cited)
    made["cases"] += [{"name": f"{n} người", "change": {"unit": {"facts": {"members_total": {"value": n}}}}, "expect": {"overall": "ELIGIBLE"}}
                      for n in (10, 9, None)]


def test_who_was_eligible_for_a_lower_form_alone_is_told_that_its_places_are_gone(service, clients):
    """Not the criterion of the higher form alone, as if that were why it has none of the lower."""
    usual = [each["id"] for each in PLAN["criteria_set"]["criteria"]]
    held = FormsRound(service, clients, 2, [form("CO", 1), form("GIAY_KHEN", 1, eligible={"all": usual})], change=with_more_people)
    decision = held.signed([(held.units[0], "GIAY_KHEN")])
    proposal = held.done(held.auditor.get(decision))["proposal_id"]
    items = {item["unit_id"]: item for item in held.done(held.auditor.get(f"/v1/proposals/{proposal}/results/{held.parent}"))["items"]}
    refused = items[held.units[1]]
    assert (refused["result"], [reason["clause"] for reason in refused["reasons"]]) == ("REFUSED", ["III.2.b", "9"])


def test_a_place_beyond_a_forms_own_is_refused_when_it_is_signed(service, clients):
    held = FormsRound(service, clients, 3, [form("CO", 1), form("BANG_KHEN", 1)])
    first, second, third = held.units
    evaluation = held.evaluate()
    for code in ("CO", None):  # of a form, and of a form only
        answer = held.home.post(f"/v1/evaluations/{evaluation}/overrides", json={
            "unit_id": second, **({"form": code} if code else {}), "decided": "SECURE", "reason": "Hội đồng", "legal_basis": "7/TB"})
        assert answer.status_code == (201 if code else 422)
    proposal = "/v1/proposals/" + held.done(held.propose([(first, "CO"), (second, "CO")]))["id"]
    held.done(held.move(held.home, proposal, "submit"))
    made = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))
    refused = problem(held.sign(f"/v1/decisions/{made['id']}", number()), 409, "cap-reached")
    assert "Co has 1 places; with this decision it would have 2 awards." in refused["errors"][0]["detail"]


def with_a_standard_of_points(made):
    """One criterion more: 98 points for content A."""
    cited = {"citations": ["III.1.a"]}
    made["criteria"].append(criterion("9", leaf("sum", "points", terms=[{"weight": 1, "score": "A"}], op=">=", value="98") | cited) | cited)
    made["cases"] += [{"name": f"{score} điểm", "change": {"unit": {"findings": {"A": {"score": score}}}}, "expect": {"overall": "ELIGIBLE"}}
                      for score in ("98", "97.99", None)]


def test_who_no_longer_meets_the_standard_of_its_form_is_not_awarded_it(service, clients):
    """It is judged again when it is signed, for the form that it is to have: that it meets the standard of a lower one is not enough."""
    usual = [each["id"] for each in PLAN["criteria_set"]["criteria"]]
    held = FormsRound(service, clients, 2, [form("CO", 1), form("GIAY_KHEN", 1, eligible={"all": usual})], change=with_a_standard_of_points)
    first, second = held.units
    decision = held.drafted([(first, "CO"), (second, "GIAY_KHEN")])
    held.score(first, 97)
    refused = problem(held.sign(decision, number()), 409, "not-eligible")
    assert [error["unit_id"] for error in refused["errors"]] == [first]  # the other asks for no points
    assert "(clauses 9)" in refused["errors"][0]["detail"] and held.count() == 0
    held.score(first, 98)
    held.done(held.sign(decision, number()))
    assert {unit: award["form"] for unit, award in held.awards().items()} == {}  # before its publication nobody reads it
    held.publish(decision)
    assert {unit: award["form"] for unit, award in held.awards().items()} == {first: "CO", second: "GIAY_KHEN"}


def people(identifier, fact, **more):
    return leaf("threshold", identifier, fact=fact, op=">=", value=10, **more) | {"text": said(identifier)}


def test_only_what_still_decides_is_told_as_open(service, clients):
    """What is unknown of a form that a unit cannot get any more keeps nothing open."""
    def judged(in_register, people, score):
        return {"facts": {"is_contestant": {"value": in_register}, "members_total": {"value": people}},
                "findings": {"A": {"result": "OUTSTANDING", "found_by": "home_affairs", "score": score}}}
    cases = [("all", judged(True, 10, "50"), {}, "ELIGIBLE"), ("few", judged(True, 9, "49"), {}, "ELIGIBLE"), ("none", judged(False, 9, "49"), {}, "INELIGIBLE"),
             ("unknown", {}, {}, "PENDING")]
    points = criterion("3", leaf("sum", "points", terms=[{"weight": 1, "score": "A"}], op=">=", value="50"))

    def told(eligible):
        """Of a unit with few people and one with many, of which nothing was found: what each is for every form, and what is open."""
        made = rules([registered(), criterion("2", people("many", "members_total")), points], cases, forms=[
            form("CO", 1), form("BANG_KHEN", 1, eligible=eligible), form("GIAY_KHEN", 1, eligible={"all": ["1"]})])
        del made["standings"]["cap"]
        held = Held(service, clients, made)
        units = [held.unit(members=(total, 4)) for total in (9, 12)]
        evaluation = held.evaluate()
        held.replays(evaluation)
        verdicts = [held.verdict(unit, evaluation) for unit in units]
        return [([each["overall"] for each in v["forms"]], [u["leaf"] for u in v["decisive_unknowns"]]) for v in verdicts]
    assert told({"any": [{"all": ["1", "2"]}, "3"]}) == [
        (["INELIGIBLE", "PENDING", "ELIGIBLE"], ["points"]), (["PENDING", "ELIGIBLE", "ELIGIBLE"], ["points"])]
    assert told({"all": ["2", "3"]}) == [(["INELIGIBLE", "INELIGIBLE", "ELIGIBLE"], []), (["PENDING", "PENDING", "ELIGIBLE"], ["points"])]


def test_a_refusal_names_what_keeps_a_unit_back_and_nothing_that_does_not_apply_to_it(service, clients):
    """Of one number for communes and another for others, each is asked of its own."""
    of_communes = leaf("one_of", "is_commune", fact="contestant_kind", values=["XA"])
    asked = criterion("2", {"kind": "all", "of": [people("communes", "members_total", applies_when=of_communes), people("everybody", "members_women")]})
    of = lambda kind, total, women: {"facts": {"is_contestant": {"value": True}, "contestant_kind": {"value": kind}, "members_total": {"value": total},
                                               "members_women": {"value": women}}}
    made = rules([registered(), asked], [("commune", of("XA", 10, 10), {}, "ELIGIBLE"), ("small", of("XA", 9, 9), {}, "INELIGIBLE"),
                                         ("department", of("SO_BAN_NGANH", 9, 10), {}, "ELIGIBLE"), ("unknown", {}, {}, "PENDING"), REGISTERED[1]])
    held = Held(service, clients, made)
    unit = held.unit(90)
    refused = problem(held.home.post(f"{held.round}/proposals", json={
        "evaluation_id": held.evaluate(), "letter_number": f"{next(NUMBERS)}/TTr-SNV", "units": [{"unit_id": unit}]}), 409, "not-eligible")
    detail = refused["errors"][0]["detail"]
    assert "everybody: open" in detail and "communes" not in detail
    leaves = {told["id"]: told for told in held.verdict(unit)["criteria"][1]["leaves"]}
    assert (leaves["is_commune"]["role"], leaves["communes"]["role"]) == ("APPLIES_WHEN", "REQUIRES")
    assert leaves["communes"]["explanation"]["en"].startswith("communes: not applicable.")


def test_tiers_go_with_proposal_award_and_bonus(service, clients):
    tiers = [{"tier": name, "text": said(name.capitalize()), "places": 1, "coefficient": coefficient} for name, coefficient in (("NHAT", "3.00"), ("NHI", "1.50"))]
    held = FormsRound(service, clients, 3, [form("GIAI", {"number": 2, "per": "GROUP"}, tiers=tiers)])
    first, second, third = held.units
    wrong = problem(held.propose([(first, "GIAI")], tier="NHI"), 422, "invalid")
    assert wrong["errors"][0]["pointer"] == "/units/0/tier"
    held.signed([(second, "GIAI")])
    awards = held.awards()
    assert (awards[second]["tier"], awards[second]["bonus_basis"]["coefficient"]) == ("NHI", "1.50")
    found = by_form(held.done(held.auditor.get(f"/v1/evaluations/{held.evaluate()}/standings")))["GIAI"]
    assert [(found[u]["status"], found[u]["tier"]) for u in held.units] == [("SECURE", "NHAT"), ("AWARDED", "NHI"), ("OUT", None)]
    held.done(held.override(held.evaluate(), third, "SECURE", form="GIAI"))  # who gives a place against the standings says of which tier it is
    unnamed = problem(held.propose([(third, "GIAI")]), 422, "invalid")["errors"]
    assert [(e["pointer"], e["code"]) for e in unnamed] == [("/units/0/tier", "required")]
    assert held.propose([(third, "GIAI")], tier="NHI").status_code == 201


def test_of_two_evaluations_none_gives_a_place_of_a_cluster_again(service, clients):
    """Each proposal is right by its own evaluation, and all places of the form together are enough for both: the cluster's is one."""
    held = FormsRound(service, clients, 4, [form("CO", {"number": 1, "per": "CLUSTER"})], clusters=True)
    for unit, cluster in zip(held.units, "1122"):
        held.done(held.enter(unit, cluster))
    first, next_best, other, _ = held.units
    drafts = [held.drafted([(first, "CO")])]
    held.score(next_best, 100)
    drafts.append(held.drafted([(next_best, "CO")]))
    held.done(held.sign(drafts[0], number()))
    refused = problem(held.sign(drafts[1], number()), 409, "cap-reached")
    assert "Co, Units under departments, 1 has 1 places; with this decision it would have 2 awards." in refused["errors"][0]["detail"]
    held.signed([(other, "CO")])
    assert problem(held.enter(first, "2"), 422, "rule-refused")["clause"] == "III.2.b", "nor does a move"
    held.done(held.override(held.evaluate(), next_best, "SECURE", form="CO"))  # whom a person gives one may be signed beyond the cluster's, and no more than all
    refused, = problem(held.sign(drafts[1], number()), 409, "cap-reached")["errors"]
    assert "Co has 2 places" in refused["detail"]


def test_of_two_evaluations_none_gives_a_tier_again(service, clients):
    tiers = [{"tier": name, "text": said(name.capitalize()), "places": 1} for name in ("NHAT", "NHI")]
    held = FormsRound(service, clients, 3, [form("GIAI", {"number": 2, "per": "GROUP"}, tiers=tiers)])
    drafts = [held.drafted([(held.units[0], "GIAI")])]
    held.score(held.units[1], 100)
    drafts.append(held.drafted([(held.units[1], "GIAI")]))
    held.done(held.sign(drafts[0], number()))
    refused = problem(held.sign(drafts[1], number()), 409, "cap-reached")
    assert "Giai, Nhat, Units under departments has 1 places" in refused["errors"][0]["detail"]


# ---- initiatives and whose word counts

def recognised(op="=", day="dossier_cut_off", **councils):
    return {"register": "initiatives", "where": [{"field": "council", "op": op, **councils}] + (
        [{"field": "recognised_on", "op": "<", "value": {"param": day}}] if day else [])}


def of_points(*terms):
    return leaf("sum", "points", terms=[{"weight": weight, "count": count} for weight, count in terms], op=">=", value=5)


@pytest.mark.parametrize("asked, outcome", [
    (leaf("count", "one", **recognised(values=["PROVINCIAL", "DISTRICT"]), op=">=", n=1), "PASS"),  # what a higher one says later takes nothing back
    (leaf("count", "one", **recognised(value="DISTRICT"), op=">=", n=1), "PASS"),  # nor does the word of one that is not asked
    (leaf("count", "one", **recognised(value="PROVINCIAL"), op=">=", n=1), "FAIL"),  # who came after the day
    (of_points((5, recognised(value="PROVINCIAL", day=None)), (2, recognised(value="DISTRICT", day=None))), "PASS"),  # counted once, by the highest
], ids=["either", "lower", "higher", "worth_more"])
def test_the_word_of_a_council_stands_whatever_another_says_later(service, clients, asked, outcome):
    """Two councils recognise an initiative, the lower one before the cut-off, the higher one after it. Each plan names the councils that it asks."""
    def entered(*entries):
        return {"facts": {"is_contestant": {"value": True}}, "registers": {"initiatives": {"complete": True, "complete_through": "2026-01-01", "entries": [
            {"id": f"i-{at}", "council": council, "recognised_on": day} for at, (council, day) in enumerate(entries)]}}}
    limits = {"limits": {"dossier_cut_off": "2025-12-31"}}
    enough = ("PROVINCIAL", "2025-10-01"), ("DISTRICT", "2025-10-01")
    made = rules([registered(), criterion("2", asked)], [
        ("enough", entered(*enough), limits, "ELIGIBLE"), ("none", entered(), limits, "INELIGIBLE"), *REGISTERED[1:]],
        registers={"initiatives": copy.deepcopy(PLAN["criteria_set"]["registers"]["initiatives"])}, parameters={"dossier_cut_off": "date"})
    held = Held(service, clients, made)
    unit = held.unit()
    initiative = held.done(service.key("unit", unit).post("/v1/initiatives", json={
        "unit_id": unit, "title": "Giải pháp", "summary": "Rút ngắn thời gian", "kind": "SOLUTION", "applied_from": "2025-03-01"}))["id"]
    for client, council, day in ((held.home, "DISTRICT", "2025-11-03"), (clients["initiative_council"], "PROVINCIAL", "2026-02-10")):
        path = f"/v1/initiatives/{initiative}"
        held.done(client.put(f"{path}/recognition", headers=held.etag(path), json={
            "council": council, "outcome": "RECOGNISED", "recognised_on": day, "decision_number": "9/QĐ-HĐSK"}))
    path = f"{held.round}/registers/initiatives"
    held.done(held.home.put(path, headers=held.etag(path), json={"complete": True, "complete_through": "2026-03-01", "source": "Rà soát"}))
    assert held.verdict(unit)["criteria"][1]["result"] == outcome


# ---- ranks as criteria

def among_the_first(n, within="group"):
    return criterion("2", leaf("rank", "leading", keys=[key("score", kind="finding_score", contents=["A"])], within=within, at_most=n))


RANKED = [(name, {"facts": {"is_contestant": {"value": True}}, "ranks": {"leading": ranks}}, {}, overall) for name, ranks, overall in
          (("first", [1, 2], "ELIGIBLE"), ("third", [3, 3], "INELIGIBLE"), ("open", [2, 3], "PENDING"))] + REGISTERED[1:]


def test_a_rank_as_a_criterion_is_judged_over_the_whole_round(service, clients):
    held = Held(service, clients, rules([registered(), among_the_first(2)], RANKED))
    first, tied, other, unscored = held.unit(90), held.unit(80), held.unit(80), held.unit()
    xa = held.unit(10, group="XA", kind="COMMUNE")
    evaluation = held.evaluate()
    seen = {unit: held.verdict(unit, evaluation) for unit in (first, tied, other, unscored, xa)}
    # Who has no score yet may be anywhere: it keeps the second place open.
    assert [seen[u]["overall"] for u in seen] == ["ELIGIBLE", "PENDING", "PENDING", "PENDING", "ELIGIBLE"]
    assert [seen[u]["criteria"][1]["observed"] for u in seen] == ["1..2", "2..3", "2..3", "1..4", "1"]
    assert "Thứ hạng còn tùy" in seen[tied]["criteria"][1]["explanation"]["vi"]
    held.replays(evaluation)
    # Of some units only: the ranks are those of the round, and replay finds them.
    some = held.evaluate(units=[first, tied])
    assert held.verdict(tied, some)["criteria"][1]["observed"] == "2..3"
    held.replays(some)
    held.found(unscored, 70)
    assert [held.verdict(u)["overall"] for u in (tied, other, unscored)] == ["ELIGIBLE", "ELIGIBLE", "INELIGIBLE"]
    tried = held.done(held.auditor.post("/v1/what-if", json={
        "campaign": held.campaign.rsplit("/", 1)[1], "year": 2025, "changes": {xa: {"facts": {"contestant_kind": {"value": "SO_BAN_NGANH"}}}}}))
    assert [(c["unit_id"], c["from"], c["to"]) for c in tried["changed"] if c["from"] != c["to"]] == [(xa, "ELIGIBLE", "INELIGIBLE")]


def test_a_rank_within_clusters_needs_them_and_no_key_reads_a_rank(clients):
    check = lambda made: {(f["code"], f["pointer"]) for f in clients["home_affairs"].post("/v1/criteria-sets/check", json={"document": made}).json()["faults"]}
    assert check(rules([registered(), among_the_first(2)], RANKED)) == set()
    assert ("CLUSTERS_NEED_KEY", "/criteria/1/requires/within") in check(rules([registered(), among_the_first(2, "cluster")], RANKED))
    circle = rules([registered()], REGISTERED)
    circle["standings"]["keys"] = [key("circle", kind="condition", leaf=among_the_first(1)["requires"])]
    assert ("RANK_IN_KEY", "/standings/keys/0/leaf") in check(circle)


# ---- allocation by form, clusters that keep their share, balance

def allocate(held, *shares):
    path = f"{held.round}/quota"
    return held.home.put(path, headers=held.etag(path), json={"reason": "Phân bổ", "allocation": list(shares)})


def test_places_of_a_form_are_allocated_to_groups(service, clients):
    held = Held(service, clients, forms_of(form("CO", {"number": 1, "per": "GROUP"}), form("BANG_KHEN", 3)), cap=20)
    for share, member in (({"group": "XA", "slots": 1}, "form"), ({"group": "XA", "slots": 1, "form": "GIAY_KHEN"}, "form"),
                          ({"group": "XA", "slots": 1, "form": "CO"}, "form"), ({"group": "XA", "slots": 4, "form": "BANG_KHEN"}, "slots"),
                          ({"group": "XA", "cluster": "1", "slots": 1, "form": "BANG_KHEN"}, "cluster")):
        [error] = problem(allocate(held, share), 422, "invalid")["errors"]
        assert error["pointer"] == f"/allocation/0/{member}"
        assert error["code"] not in ("form_required", "form_unknown") or '"CO" (Co), "BANG_KHEN" (Bang khen)' in error["detail"], error
    xa = [held.unit(score, group="XA", kind="COMMUNE") for score in (90, 80, 70, 60)]
    so = [held.unit(score) for score in (90, 80, 70)]
    held.done(allocate(held, {"group": "XA", "slots": 2, "form": "BANG_KHEN"}, {"group": "SO_BAN_NGANH", "slots": 1, "form": "BANG_KHEN"}))
    evaluation = held.evaluate()
    found = by_form(held.standings(evaluation))
    assert [found["CO"][u]["status"] for u in xa + so] == ["SECURE", "OUT", "OUT", "OUT", "SECURE", "OUT", "OUT"]
    assert [found["BANG_KHEN"][u]["status"] for u in xa + so] == ["OUT", "SECURE", "SECURE", "OUT", "OUT", "SECURE", "OUT"]
    held.replays(evaluation)


def test_the_board_and_the_summary_tell_the_shares_of_each_form(service, clients):
    """What one form gives takes nothing of another's share."""
    held = FormsRound(service, clients, 4, [form("CO", 1), form("BANG_KHEN", 2)])
    held.done(allocate(held, {"group": "UNIT_UNDER_SO", "slots": 2, "form": "BANG_KHEN"}, {"group": "UNIT_UNDER_SO", "slots": 1, "form": "CO"}))
    decision = held.signed([(held.units[0], "CO"), (held.units[1], "BANG_KHEN")])
    held.evaluate()
    shares = [s for s in held.done(held.auditor.get(f"{held.round}/board"))["quota"]["groups"] if s["slots"]]
    assert [(s["form"], s["form_label"], s["slots"], s["awarded"], s["left"], s["secure"], s["possible"]) for s in shares] == [
        ("CO", said("Co"), 1, 1, 0, 0, 0), ("BANG_KHEN", said("Bang khen"), 2, 1, 1, 1, 0)]
    proposal = f"/v1/proposals/{held.done(held.auditor.get(decision))['proposal_id']}"
    sheet = openpyxl.load_workbook(io.BytesIO(held.auditor.get(f"{proposal}/summary").content)).worksheets[0]
    group = GROUPS["UNIT_UNDER_SO"]["en"]
    assert any(f"Allocation (III.2.b): Co, {group}: 1; Bang khen, {group}: 2." in str(row[0].value) for row in sheet.iter_rows())


def test_a_share_of_a_cluster_is_kept_for_it(service, clients):
    """Nobody of another cluster takes a place that the cluster does not fill."""
    made = rules([registered()], REGISTERED)
    made["facts"]["cluster"] = {"type": "text", "text": said("cluster")}
    made["standings"]["cluster_by"] = "cluster"
    held = Held(service, clients, made)
    own, other, none = (held.unit(50 + i, group="XA", kind="COMMUNE", cluster=cluster) for i, cluster in enumerate(("1", "2", None)))
    held.done(allocate(held, {"group": "XA", "cluster": "1", "slots": 3}))
    evaluation = held.evaluate()
    shown = held.by_unit(evaluation)
    assert [shown[u]["status"] for u in (own, other, none)] == ["SECURE", "OUT", "OUT"]
    held.replays(evaluation)


def test_a_missing_balance_is_a_warning_on_proposal_and_decision(service, clients):
    balance = [{"where": {"fact": "contestant_kind", "value": kind}, "at_least": share, "text": said(text), "citations": ["III.1.a"]}
               for kind, share, text in (("XA", "30 %", "Xã ít nhất 30 %"), ("UNIT_UNDER_SO", "50 %", "Đơn vị thuộc sở ít nhất một nửa"),
                                         ("XA", "1/1000000", "Có xã"), ("UNIT_UNDER_SO", "1/1", "Chỉ đơn vị thuộc sở"))]
    held = FormsRound(service, clients, 2, [form("BANG_KHEN", 2)], balance=balance)
    proposal = held.done(held.propose([(unit, "BANG_KHEN") for unit in held.units]))
    expected = [{"code": "BALANCE", "text": said(text), "at_least": share, "count": 0, "of": 2} for text, share in
                (("Xã ít nhất 30 %", "30 %"), ("Có xã", "1/1000000"))]
    assert proposal["warnings"] == expected
    held.done(held.move(held.home, f"/v1/proposals/{proposal['id']}", "submit"))
    decision = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal["id"]}))
    assert decision["warnings"] == expected
    held.done(held.sign(f"/v1/decisions/{decision['id']}", number()))  # and nothing is refused
    sheet = held.auditor.get(f"/v1/proposals/{proposal['id']}/summary")
    assert sheet.status_code == 200 and sheet.content[:2] == b"PK"
