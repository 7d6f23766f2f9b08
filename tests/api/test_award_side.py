"""What a plan may ask for since "semantics": 2, over HTTP: sums as keys, keys by group, differences to an earlier year and to a number of
the round. Plans are made of a few criteria each, so that a result has one cause. Figures are invented."""
import copy
import json
import re
import tempfile
import uuid

import pytest

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
        return self.done(self.auditor.get(f"/v1/evaluations/{evaluation or self.evaluate()}/standings"))

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

def more_than_last_year():
    return criterion("2", leaf("difference", "more", fact="members_total", minus={"fact": "members_total", "year": -1}, op=">=", value=2))


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


def above_mean():
    made = rules([registered(), criterion("2", leaf("difference", "above", fact="members_women", minus={"param": "mean"}, op=">", value="0.00"))],
                 [("above", {"facts": {"is_contestant": {"value": True}, "members_women": {"value": 5}}}, {"limits": {"mean": "4.99"}}, "ELIGIBLE"),
                  ("at it", {"facts": {"is_contestant": {"value": True}, "members_women": {"value": 5}}}, {"limits": {"mean": "5.00"}}, "INELIGIBLE"),
                  *REGISTERED[1:]],
                 parameters={"mean": {"type": "decimal", "decimals": 2, "text": said("mean")}})
    return made


def test_a_number_of_the_round_is_put_with_its_source(service, clients):
    held = Held(service, clients, above_mean())
    unit = held.unit(members=(12, 5))
    assert held.verdict(unit)["overall"] == "PENDING"
    path = f"{held.round}/parameters"
    put = lambda *items, **headers: held.home.put(path, headers=held.etag(path), json={"reason": "Công bố", "parameters": list(items)})
    for item, place in (({"name": "strange", "value": "1", "source": "s"}, "/parameters/0/name"), ({"name": "mean", "value": "1.234", "source": "s"}, "/parameters/0/value")):
        assert problem(put(item), 422, "invalid")["errors"][0]["pointer"] == place
    held.done(put({"name": "mean", "value": "4.50", "source": "12/BC-SNV"}))
    evaluation = held.evaluate()
    shown = held.verdict(unit, evaluation)
    assert (shown["overall"], shown["criteria"][1]["observed"]) == ("ELIGIBLE", "5 - 4.50 = 0.50")
    held.replays(evaluation)
    held.done(put({"name": "mean", "value": "5.00", "source": "13/BC-SNV"}))
    assert held.done(held.auditor.get(held.round))["latest_evaluation"]["stale"] is True
    assert held.verdict(unit)["overall"] == "INELIGIBLE"


# ---- what a document of the first semantics may not have

@pytest.mark.parametrize("change", [
    lambda made: made["criteria"].append(more_than_last_year()),
    lambda made: made["standings"]["keys"].append(key("sum", kind="sum", terms=[{"weight": 1, "fact": "members_total"}])),
    lambda made: made["standings"].update(keys_by_group={"XA": made["standings"]["keys"]}),
    lambda made: made.update(parameters={"mean": {"type": "decimal", "decimals": 2, "text": said("mean")}}),
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
    facts = {name for function in ("contestant_facts", "score_facts", "dossier_facts")
             for name in re.findall(r"'(\w+)',\s+(?:CASE WHEN .*? THEN )?jsonb_build_object\('value'", body(function))}
    assert facts == set(re.findall(r"^SERVED_FACT\((\w+)", told, re.M))
    for register, function in (("discipline", "discipline"), ("initiatives", "initiative"), ("proceedings", "proceeding"), ("awards", "award")):
        fields = set(re.findall(r"'([a-z_]+)', (?=[a-z(E])", body(f"{function}_entries"))) - {"id", "source", "version", "recorded_at"}
        assert fields == set(re.findall(rf"^SERVED_FIELD\({register}, (\w+)", told, re.M)), register
