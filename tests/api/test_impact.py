"""Impact: which past verdicts a version of a criteria set would flip, from the facts that were stored with them. Nothing is written."""
import copy
import uuid

import pytest

from award_tools import AwardRound
from conftest import PLAN, make_campaign
from service import problem
from test_criteria_sets import draft, leaf
from test_what_if import stored


def version(rules, number, **changes):
    made = copy.deepcopy(rules)
    made.update(version=number, **changes)
    return made


def impact(client, rules, **body):
    return client.post(f"/v1/criteria-sets/{rules['name']}/{rules['version']}/impact", json=body)


@pytest.fixture(scope="module")
def held(service, clients):
    """Three eligible units and a fourth without findings, judged by a set of their own."""
    rules = version(PLAN["criteria_set"], 1, name=f"I-{uuid.uuid4().hex[:12]}")
    made = AwardRound(service, clients, 3, campaign=make_campaign(service, criteria_set=rules))
    made.rules, made.first, made.latest = rules, made.evaluate(), None
    made.evaluate(units=made.units[:1])  # of some units only: no past verdict of the round
    made.latest = made.evaluate()
    return made


def test_a_stricter_version_says_whom_it_would_have_cost_the_award(service, clients, held):
    rules = version(held.rules, 2)
    leaf(rules, "recognised_initiative")["n"] = 2
    draft(clients["admin"], rules)
    before = stored(service)
    answer = impact(held.auditor, rules)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["verdicts"], found["flipped"], found["more_items"], found["more_evaluations"]) == (3, 3, False, False)
    frame, = found["evaluations"]
    assert frame["evaluation_id"] == held.latest and frame["rule_set"] == {"name": held.rules["name"], "version": 1}
    # Nothing is submitted yet: a second one may be recognised.
    assert frame["flips"] == [{"from": "ELIGIBLE", "to": "PENDING", "count": 3}] and frame["not_stored"] == []
    assert {item["unit_id"] for item in found["items"]} == set(held.units)
    assert [item["criteria"] for item in found["items"]] == [[{"id": "III.1.c", "clause": "III.1.c", "from": "PASS", "to": "PENDING"}]] * 3
    assert all(item["unit_label"] and item["campaign"] == held.campaign.rsplit("/", 1)[1] for item in found["items"])
    assert stored(service) == before
    assert held.done(held.auditor.post(f"/v1/evaluations/{held.latest}/replay"))["identical"] is True


def test_the_same_rules_flip_nothing(clients, held):
    """The stored facts, translated and judged again, say what they said: also by rules with other slots."""
    rules = version(held.rules, 3)
    rules["facts"] = dict(reversed([*rules["facts"].items(), ("a_new_fact", {"type": "boolean", "text": {"vi": "Mới", "en": "New"}})]))
    rules["registers"] = dict(reversed(rules["registers"].items()))
    for register in rules["registers"].values():
        register["fields"] = dict(reversed(register["fields"].items()))
    rules["criteria"] = list(reversed(rules["criteria"]))
    draft(clients["admin"], rules)
    found = held.done(impact(held.home, rules))
    assert (found["verdicts"], found["flipped"], found["evaluations"][0]["criteria_only"]) == (3, 0, 0)
    assert found["evaluations"][0]["not_stored"] == ["facts/a_new_fact"]


def test_what_was_not_stored_is_not_known(clients, held):
    """Never false, never zero: a criterion on a new fact, or on a new field of a register, is PENDING for the past."""
    rules = version(held.rules, 4)
    rules["facts"]["a_new_fact"] = {"type": "boolean", "text": {"vi": "Mới", "en": "New"}}
    rules["registers"]["initiatives"]["fields"]["savings"] = "integer"
    rules["parameters"]["conference_on"] = "date"
    leaf(rules, "recognised_initiative")["where"].append({"field": "savings", "op": ">=", "value": 1})
    one = copy.deepcopy(leaf(rules, "collective"))
    one.update(id="a_new_leaf", fact="a_new_fact")
    rules["criteria"].append({"id": "III.1.e", "clause": "III.1.e", "text": one["text"], "citations": ["I.1.c"], "requires": one})
    draft(clients["admin"], rules)
    found = held.done(impact(held.auditor, rules))
    assert found["evaluations"][0]["not_stored"] == ["facts/a_new_fact", "registers/initiatives/savings", "parameters/conference_on"]
    assert {(item["from"], item["to"]) for item in found["items"]} == {("ELIGIBLE", "PENDING")}
    assert {(c["id"], c["from"], c["to"]) for c in found["items"][0]["criteria"]} == {
        ("III.1.c", "PASS", "PENDING"), ("III.1.e", None, "PENDING")}


def test_a_criterion_that_is_no_more(clients, held):
    rules = version(held.rules, 5)
    rules["criteria"] = [c for c in rules["criteria"] if c["id"] != "III.3"]
    draft(clients["admin"], rules)
    found = held.done(impact(held.auditor, rules))
    assert (found["flipped"], found["evaluations"][0]["criteria_only"], found["items"]) == (0, 3, [])


def test_a_rank_is_of_a_whole_round_and_not_known_of_a_verdict_alone(clients, held):
    rules = version(held.rules, 17, semantics=2)
    words = {"text": {"vi": "Trong ba đơn vị đầu của nhóm", "en": "Among the first three of its group"}, "citations": ["I.1.c"]}
    by_score = {"id": "score_of_a", **words, "kind": "finding_score", "contents": ["A"], "direction": "descending", "nulls": "last"}
    leading = {"kind": "rank", "id": "leading", **words, "keys": [by_score], "within": "group", "at_most": 3}
    rules["criteria"].append({"id": "III.1.g", "clause": "III.1.g", **words, "requires": leading})
    draft(clients["admin"], rules)
    found = held.done(impact(held.auditor, rules))
    assert found["evaluations"][0]["not_stored"] == ["ranks/leading"]
    assert {(c["id"], c["from"], c["to"]) for item in found["items"] for c in item["criteria"]} == {("III.1.g", None, "PENDING")}


def test_years_that_the_version_is_not_for_are_named(clients, held):
    rules = version(held.rules, 6, award_years=[2025])
    draft(clients["admin"], rules)
    found = held.done(impact(held.auditor, rules))
    assert (found["verdicts"], found["evaluations"]) == (0, [])
    assert [f["evaluation_id"] for f in found["not_covered"]] == [held.latest]
    assert held.done(impact(held.auditor, rules, year=2025))["not_covered"] == []


def test_of_a_campaign_by_a_set_of_another_name(clients, held):
    rules = version(held.rules, 1, name=f"J-{uuid.uuid4().hex[:12]}")
    leaf(rules, "recognised_initiative")["n"] = 2
    draft(clients["admin"], rules)
    assert held.done(impact(held.auditor, rules))["evaluations"] == []
    found = held.done(impact(held.auditor, rules, campaign=held.campaign.rsplit("/", 1)[1]))
    assert (found["verdicts"], found["flipped"]) == (3, 3)


def test_who_may_ask_and_what_is_not_there(clients, held):
    rules = version(held.rules, 7)
    draft(clients["admin"], rules)
    problem(impact(held.chair, rules), 404, "not-found")  # a draft that it does not see
    problem(impact(clients["viewer"], rules), 403, "forbidden")
    problem(impact(held.auditor, {"name": "none", "version": 1}), 404, "not-found")
    faulty = version(held.rules, 8)
    leaf(faulty, "index_at_least_90")["part"] = "unheard_of"
    draft(clients["admin"], faulty)
    refused = problem(impact(held.auditor, faulty), 422, "rule-refused")
    assert refused["errors"][0]["pointer"].startswith("/document/criteria/")
