"""What-if: the engine on facts in the body, and a round under other rules or facts. Nothing is stored by either."""
import copy
import re

import pytest

from award_tools import AwardRound
from conftest import PLAN
from contract import DOCUMENT
from service import problem
from test_criteria_sets import document, draft, leaf, published

RULES = PLAN["criteria_set"]
BASE = RULES["case_base"]


@pytest.fixture(scope="module")
def held(service, clients):
    return AwardRound(service, clients, 3)


def stored(service):
    """How much there is of everything that could have been written, and of what is not yet sealed of the journal."""
    tables = ("journal", "evaluations", "verdicts", "criteria_sets", "decisions", "proposals")
    return service.psql("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
                        + ", (SELECT string_agg(code || version, ',' ORDER BY code) FROM campaigns)")


def try_facts(client, **body):
    return client.post("/v1/what-if", json={"rule_set": RULES, "parameters": BASE["parameters"], **body})


def unit(**changes):
    """The plan's own example of an eligible unit, with other facts."""
    made = copy.deepcopy(BASE["unit"])
    made.update(unit_id="00000000-0000-4000-8000-000000000001")
    for name, value in changes.items():
        made["facts"].setdefault(name, {})["value"] = value
    return made


@pytest.mark.parametrize("achieved, maximum, result", [
    ("90", "100", "PASS"), ("89.99", "100", "FAIL"), ("89.95", "100", "FAIL"), ("64.35", "71.50", "PASS"), ("73.80", "82", "PASS"),
    (None, "100", "PENDING")])
def test_the_engine_judges_facts_of_other_systems(service, clients, achieved, maximum, result):
    """III.1.b on the vectors of the domain, section 9: any key may use the engine alone."""
    before = stored(service)
    answer = try_facts(clients["viewer"], units=[unit(on_assessed_list=True, index_achieved=achieved, index_maximum=maximum)])
    assert answer.status_code == 200, answer.text
    verdict = answer.json()["verdicts"][0]
    assert {c["clause"]: c["result"] for c in verdict["criteria"]}["III.1.b"] == result
    assert stored(service) == before


@pytest.mark.parametrize("entries, complete, result, observed", [
    (1, True, "FAIL", "2.5 × 1 = 2.5"), (2, True, "PASS", "2.5 × 2 = 5.0"), (3, True, "PASS", "2.5 × 2 = 5.0"),
    (1, False, "PENDING", None), (2, False, "PASS", "2.5 × 2 = 5.0")])
def test_of_a_count_no_more_entries_count_than_the_rules_say(clients, entries, complete, result, observed):
    """ "cộng 2,5 điểm cho mỗi sáng kiến, tối đa 02 sáng kiến": known as soon as there are two, whatever is still to be entered."""
    rules = {**copy.deepcopy(RULES), "semantics": 2}
    term = {"weight": "2.5", "count": {"register": "initiatives"}, "at_most": 2}
    criterion = next(c for c in rules["criteria"] if c["id"] == "III.1.c")
    criterion["requires"] = {"kind": "sum", "id": "points", "text": {"vi": "Điểm", "en": "Points"}, "citations": criterion["citations"],
                             "terms": [term], "op": ">=", "value": "5.0"}
    one = unit()
    register = one["registers"]["initiatives"]
    register.update(complete=complete, entries=[{**register["entries"][0], "id": f"i{n}"} for n in range(entries)])
    found = clients["viewer"].post("/v1/what-if", json={"rule_set": rules, "parameters": BASE["parameters"], "units": [one]})
    assert found.status_code == 200, found.text
    judged = next(c for c in found.json()["verdicts"][0]["criteria"] if c["id"] == "III.1.c")
    assert (judged["result"], judged["observed"]) == (result, observed)
    for wrong in ({"weight": 1, "fact": "members_total", "at_most": 2}, {**term, "at_most": 0}, {**term, "score": "A"}):
        criterion["requires"]["terms"] = [wrong]
        refused = clients["viewer"].post("/v1/what-if", json={"rule_set": rules, "parameters": BASE["parameters"], "units": [one]})
        assert any("/terms/0" in e["pointer"] for e in problem(refused, 422, "rule-refused")["errors"])


def points_of(terms, **people):
    """Plan 230 where III.1.c asks for five points."""
    rules = {**copy.deepcopy(RULES), "semantics": 2}
    rules["facts"]["members_total"] = {"type": "integer", "text": {"vi": "Số người", "en": "People"}, **people}
    criterion = next(c for c in rules["criteria"] if c["id"] == "III.1.c")
    criterion["requires"] = {"kind": "sum", "id": "points", "text": {"vi": "Điểm", "en": "Points"}, "citations": criterion["citations"],
                             "terms": terms, "op": ">=", "value": "5.0"}
    return rules


def points_told(client, rules, entries, complete, people):
    one = unit()
    register = one["registers"]["initiatives"]
    register.update(complete=complete, entries=[{**register["entries"][0], "id": f"i{n}"} for n in range(entries)])
    one["facts"]["members_total"] = {"value": people}
    return client.post("/v1/what-if", json={"rule_set": rules, "parameters": BASE["parameters"], "units": [one]})


ADDED = [{"weight": "2.5", "count": {"register": "initiatives"}}, {"weight": 1, "fact": "members_total"}]
TAKEN_OFF = [{"weight": "-2.5", "count": {"register": "initiatives"}}]


@pytest.mark.parametrize("terms, people, entries, complete, number, result, observed, in_words", [
    ([{"terms": ADDED, "most": 5}], {}, 1, True, 2, "FAIL", "(2.5 × 1 + 2, at most 5.0) = 4.5", "(2,5 × 1 + 2, tối đa 5,0) = 4,5"),
    ([{"terms": ADDED, "most": 5}], {}, 2, True, 2, "PASS", "(2.5 × 2 + 2, at most 5.0) = 5.0", "(2,5 × 2 + 2, tối đa 5,0) = 5,0"),
    ([{"terms": ADDED, "most": 5}], {}, 2, False, 2, "PASS", "(2.5 × ? + 2, at most 5.0) = 5.0", "+ 2, tối đa 5,0) = 5,0"),
    ([{"terms": ADDED, "most": 5}], {}, 1, False, 2, "PENDING", "(2.5 × ? + 2, at most 5.0)", "+ 2, tối đa 5,0)"),
    ([{"terms": ADDED, "most": 5}], {}, 2, True, None, "PENDING", "(2.5 × 2 + ?, at most 5.0)", "(2,5 × 2 +"),  # it may be less than zero
    ([{"terms": ADDED, "most": 5}], {"least": 0}, 2, True, None, "PASS", "(2.5 × 2 + ?, at most 5.0) = 5.0", "tối đa 5,0) = 5,0"),
    ([{"terms": ADDED, "most": 5}], {"least": 1}, 2, False, None, "PASS", "(2.5 × ? + ?, at most 5.0) = 5.0", "tối đa 5,0) = 5,0"),
    ([ADDED[1], {"terms": TAKEN_OFF, "least": "-3.5"}], {}, 1, True, 8, "PASS", "8 + (-2.5 × 1, at least -3.5) = 5.5", "(-2,5 × 1, tối thiểu -3,5) = 5,5"),
    ([ADDED[1], {"terms": TAKEN_OFF, "least": "-3.5"}], {}, 9, True, 8, "FAIL", "8 + (-2.5 × 9, at least -3.5) = 4.5", "(-2,5 × 9, tối thiểu -3,5) = 4,5"),
    ([ADDED[1], {"terms": TAKEN_OFF, "least": "-3.5"}], {}, 2, False, 8, "FAIL", "8 + (-2.5 × ?, at least -3.5) = 4.5", "tối thiểu -3,5) = 4,5"),
    ([{"terms": ADDED, "least": 6, "most": 7}], {}, 0, True, 0, "PASS", "(2.5 × 0 + 0, at least 6.0, at most 7.0) = 6.0", "tối thiểu 6,0, tối đa 7,0) = 6,0"),
    ([{"terms": ADDED, "least": 6, "most": 7}], {}, 0, False, None, "PENDING", None, "")])
def test_terms_are_bounded_together(clients, terms, people, entries, complete, number, result, observed, in_words):
    """ "điểm cộng tối đa 5 điểm", "điểm trừ không quá 10 điểm": known as soon as nothing that may come can move the group from its bound."""
    told = points_told(clients["viewer"], points_of(terms, **people), entries, complete, number)
    assert told.status_code == 200, told.text
    judged = next(c for c in told.json()["verdicts"][0]["criteria"] if c["id"] == "III.1.c")
    assert (judged["result"], judged["observed"]) == (result, observed)
    assert in_words in judged["explanation"]["vi"], judged


def test_what_keeps_no_group_open_is_not_named(clients):
    """A register is asked for only where its count can still change the sum: here the fact is missing, whatever is entered."""
    rules = points_of([{"terms": ADDED[:1], "most": 5}, ADDED[1]])
    for entries, reason in ((2, "FACT_UNKNOWN"), (1, "REGISTER_INCOMPLETE")):
        told = points_told(clients["viewer"], rules, entries, False, None).json()["verdicts"][0]
        assert [each["reason"] for each in told["decisive_unknowns"]] == [reason]


@pytest.mark.parametrize("terms, place", [
    ([{"terms": ADDED}], "/terms/0/most"), ([{"terms": [], "most": 5}], "/terms/0/terms"), ([{"terms": {}, "most": 5}], "/terms/0/terms"),
    ([{"terms": [{"terms": ADDED, "most": 5}], "most": 5}], "/terms/0/terms/0/terms"), ([{"terms": ADDED, "most": 5, "weight": 2}], "/terms/0/weight"),
    ([{"terms": ADDED, "most": "5.25"}], "/terms/0/most"), ([{"terms": ADDED, "most": 5.5}], "/terms/0/most"), ([{"terms": ADDED, "least": 6, "most": 5}], "/terms/0/least"),
    ([{"terms": ADDED[1:] * 31, "most": 5}, *ADDED], "/terms/2"), ([*ADDED, {"terms": ADDED[1:] * 31, "most": 5}], "/terms/2/terms"), (ADDED[1:] * 33, "/terms")])
def test_a_group_that_says_nothing_or_too_much_is_refused(clients, terms, place):
    refused = points_told(clients["viewer"], points_of(terms), 1, True, 1)
    assert place in {e["pointer"].partition("/requires")[2] for e in problem(refused, 422, "rule-refused")["errors"]}, refused.text
    taken = points_told(clients["viewer"], points_of([{"terms": ADDED[1:] * 30, "most": 5}, *ADDED]), 1, True, 1)
    assert taken.status_code == 200, taken.text


@pytest.mark.parametrize("asks", [
    lambda entries: {"kind": "count", **entries, "op": ">=", "n": 1},
    lambda entries: {"kind": "absence", **entries},
    lambda entries: {"kind": "sum", "terms": [{"weight": 1, "count": entries}], "op": ">=", "value": 1},
    lambda entries: {"kind": "threshold", "fact": "members_total", "op": ">=", "value": {"param": "people"}}])
def test_what_the_round_has_not_said_yet_is_named_and_no_entry_is_blamed(clients, asks):
    """Else an officer looks for what an entry lacks, and there is nothing that it lacks."""
    called = {"day": {"vi": "Áp dụng trước ngày", "en": "To be applied before"}, "people": {"vi": "Số người", "en": "How many people"}}
    rules = {**copy.deepcopy(RULES), "semantics": 2}
    rules["parameters"].update(day={"type": "date", "text": called["day"]}, people={"type": "integer", "text": called["people"]})
    rules["facts"]["members_total"] = {"type": "integer", "text": {"vi": "Số người", "en": "People"}}
    criterion = next(c for c in rules["criteria"] if c["id"] == "III.1.c")
    criterion["requires"] = {"id": "asked", "text": {"vi": "Hỏi", "en": "Asked"}, "citations": criterion["citations"], **asks(
        {"register": "initiatives", "where": [{"field": "applied_from", "op": "<", "value": {"param": "day"}}]})}
    wanted = called["people" if "fact" in criterion["requires"] else "day"]
    for limits, is_told in (({}, True), ({"day": "2024-07-01", "people": 10}, False)):
        one = unit()
        one["facts"]["members_total"] = {"value": 12}
        found = clients["viewer"].post("/v1/what-if", json={
            "rule_set": rules, "units": [one], "parameters": {**BASE["parameters"], "limits": {**BASE["parameters"]["limits"], **limits}}})
        assert found.status_code == 200, found.text
        judged = next(c for c in found.json()["verdicts"][0]["criteria"] if c["id"] == "III.1.c")
        said = judged["explanation"]
        assert (judged["result"] == "PENDING") == is_told
        assert (f"The round does not say yet: {wanted['en']}." in said["en"], f"Đợt xét chưa có tham số: {wanted['vi']}." in said["vi"]) == (is_told, is_told), said
        assert "An entry lacks" not in said["en"] and "bản ghi thiếu" not in said["vi"]


def with_reckoned(**declared):
    """Plan 230 where III.1.c asks for an initiative that had been applied for six months when the year ended."""
    rules = {**copy.deepcopy(RULES), "semantics": 2}
    rules["parameters"]["half_before"] = {"type": "date", "text": {"vi": "06 tháng trước", "en": "6 months before"}, **declared}
    criterion = next(c for c in rules["criteria"] if c["id"] == "III.1.c")
    criterion["requires"] = {"id": "asked", "text": {"vi": "Hỏi", "en": "Asked"}, "citations": criterion["citations"], "kind": "count", "op": ">=", "n": 1,
                             "register": "initiatives", "where": [{"field": "applied_from", "op": "<=", "value": {"param": "half_before"}}]}
    return rules


@pytest.mark.parametrize("declared, day, result", [
    ({"of": "year_last_day", "months": -6}, "2024-06-30", "PASS"), ({"of": "year_last_day", "months": -6}, "2024-07-01", "FAIL"),
    ({"of": "submitted_on", "months": -6}, "2024-08-31", "PASS"),  # six months from 31 August are over with the last day of February
    ({"of": "submitted_on", "months": -6}, "2024-09-01", "FAIL"), ({"of": "year_first_day", "calendar_days": 30}, "2024-01-31", "PASS"),
    ({"of": "year_first_day", "calendar_days": 30}, "2024-02-01", "FAIL"), ({"of": "signed_on_or_as_of", "months": 1}, "2024-02-01", "PENDING")])
def test_a_day_is_reckoned_from_another_one(clients, declared, day, result):
    """ "áp dụng đủ 06 tháng": by the Civil Code, articles 147 and 148; unknown while the other day is."""
    rules, one = with_reckoned(**declared), unit()
    one["registers"]["initiatives"]["entries"][0]["applied_from"] = day
    parameters = {**BASE["parameters"], "limits": {**BASE["parameters"]["limits"], "submitted_on": "2025-02-28", "signed_on_or_as_of": None}}
    told = clients["viewer"].post("/v1/what-if", json={"rule_set": rules, "parameters": parameters, "units": [one]})
    assert told.status_code == 200, told.text
    assert next(c for c in told.json()["verdicts"][0]["criteria"] if c["id"] == "III.1.c")["result"] == result
    parameters["limits"]["half_before"] = "2024-06-30"  # nobody gives it
    refused = clients["viewer"].post("/v1/what-if", json={"rule_set": rules, "parameters": parameters, "units": [one]})
    assert any(e["pointer"].endswith("/limits/half_before") for e in problem(refused, 422, "invalid")["errors"])


def test_what_is_missing_is_the_day_that_another_is_reckoned_from(clients):
    rules = with_reckoned(of="review", months=1)
    rules["parameters"]["review"] = {"type": "date", "text": {"vi": "Ngày sơ kết", "en": "The day of the review"}}
    told = clients["viewer"].post("/v1/what-if", json={"rule_set": rules, "parameters": BASE["parameters"], "units": [unit()]})
    assert told.status_code == 200, told.text
    said = next(c for c in told.json()["verdicts"][0]["criteria"] if c["id"] == "III.1.c")["explanation"]
    assert "The round does not say yet: The day of the review." in said["en"] and "Đợt xét chưa có tham số: Ngày sơ kết." in said["vi"], said


@pytest.mark.parametrize("declared, place", [
    ({"of": "year_last_day"}, "months"), ({"of": "year_last_day", "months": 0}, "months"), ({"of": "year_last_day", "months": 1, "calendar_days": 1}, "months"),
    ({"of": "year_last_day", "months": 121}, "months"), ({"of": "year_last_day", "calendar_days": 3661}, "calendar_days"), ({"of": "no_such_day", "months": 1}, "of"),
    ({"of": "award_year", "months": 1}, "of"), ({"of": "half_before", "months": 1}, "of"), ({"of": "year_last_day", "months": 1, "type": "integer"}, "of"),
    ({"of": "year_last_day", "months": 1, "decimals": 0}, "decimals"), ({"months": 1}, "months")])
def test_what_cannot_be_reckoned_is_refused(clients, declared, place):
    answer = clients["home_affairs"].post("/v1/criteria-sets/check", json={"document": with_reckoned(**declared)})
    assert f"/parameters/half_before/{place}" in [fault["pointer"] for fault in answer.json()["faults"]], answer.text


def test_no_day_of_the_round_is_reckoned(clients):
    """The service gives it, and one of both would be wrong."""
    rules = with_reckoned(of="year_last_day", months=-6)
    rules["parameters"]["conference_on"] = {**rules["parameters"]["half_before"]}
    answer = clients["home_affairs"].post("/v1/criteria-sets/check", json={"document": rules})
    assert ("/parameters/conference_on", "KEPT_OTHERWISE") in [(fault["pointer"], fault["code"]) for fault in answer.json()["faults"]], answer.text


def test_what_the_round_has_not_said_is_named_only_where_it_keeps_the_sum_open(clients):
    """The points added are five whatever that day is: what is missing is how many people there are."""
    by_day = {"weight": 1, "count": {"register": "initiatives", "where": [{"field": "applied_from", "op": "<", "value": {"param": "day"}}]}}
    for most, is_told in ((5, False), (6, True)):
        rules = points_of([{"terms": [{**ADDED[0]}, by_day], "most": most}, ADDED[1]])
        rules["parameters"]["day"] = {"type": "date", "text": {"vi": "Áp dụng trước ngày", "en": "To be applied before"}}
        told = points_told(clients["viewer"], rules, 2, True, None).json()["verdicts"][0]
        said = next(c for c in told["criteria"] if c["id"] == "III.1.c")["explanation"]["en"]
        assert ("The round does not say yet: To be applied before." in said) == is_told, said


def test_the_contract_names_all_that_may_be_known_of_a_unit(clients):
    """A client made of it could not send what it leaves out, as the facts of earlier rounds."""
    refused = try_facts(clients["viewer"], units=[{**unit(), "no_such_member": 1}])
    (told,) = [e["detail"] for e in problem(refused, 422, "invalid")["errors"] if e["pointer"].endswith("/no_such_member")]
    known = DOCUMENT["components"]["schemas"]["TrialUnit"]["properties"]
    assert set(re.findall(r'"(\w+)"', told)) - {"no_such_member"} == set(known)


def test_other_systems_can_name_a_stored_rule_set_and_get_standings(clients):
    rules = document()
    path = published(clients["admin"], rules)
    units = [{**unit(), "unit_id": f"00000000-0000-4000-8000-00000000000{i}"} for i in range(1, 4)]
    answer = clients["viewer"].post("/v1/what-if", json={
        "criteria_set": {"name": rules["name"], "version": 1}, "parameters": BASE["parameters"], "units": units})
    assert answer.status_code == 200, answer.text
    assert answer.json()["rule_set_hash"] == clients["anyone"].get(path).json()["sha256"]
    assert {item["unit_id"] for item in answer.json()["standings"]["items"]} == {u["unit_id"] for u in units}


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_an_id_means_its_unit_in_letters_of_either_case(clients, spelling):
    """Facts, places already awarded and what people decided name units by id."""
    ids = [f"abcdef00-0000-4000-8000-00000000000{i}" for i in range(1, 4)]
    units = [{**unit(), "unit_id": spelling(name)} for name in ids]
    given = {"tie_decisions": [{"id": "1", "order": [ids[2].upper(), ids[0], ids[1].upper()]}],
             "overrides": [{"unit_id": ids[0].upper(), "decided": "OUT", "by": "Chair", "at": "2025-01-02T08:00:00+07:00", "reason": "Một lý do",
                            "legal_basis": "12/QĐ-UBND"}]}
    ranked = lambda standings: try_facts(clients["viewer"], units=units, standings=standings).json()["standings"]["items"]
    assert {item["unit_id"] for item in ranked({})} == set(ids)
    assert ranked(given) == ranked({"tie_decisions": [{"id": "1", "order": [ids[2], *ids[:2]]}], "overrides": [{**given["overrides"][0], "unit_id": ids[0]}]})
    assert next(item for item in ranked(given) if item["unit_id"] == ids[0])["override"]["decided"] == "OUT"


def test_every_fault_of_a_trial_is_named(clients):
    wrong = unit(index_achieved=True)
    wrong["facts"]["dossier_received_at"] = {"value": "yesterday"}
    refused = problem(try_facts(clients["viewer"], units=[unit(), wrong]), 422, "invalid")
    assert {e["pointer"].split("/value")[0] for e in refused["errors"]} == {"/units/1/facts/index_achieved", "/units/1/facts/dossier_received_at"}
    refused = problem(try_facts(clients["viewer"], units=[unit(), {**unit(), "unit_id": "a"}]), 422, "invalid")
    assert [e["pointer"] for e in refused["errors"]] == ["/units/1/unit_id"]  # verdicts name units by UUID
    rules = copy.deepcopy(RULES)
    leaf(rules, "index_at_least_90")["part"] = "unheard_of"
    refused = problem(clients["viewer"].post("/v1/what-if", json={"rule_set": rules, "parameters": BASE["parameters"], "units": [unit()]}),
                      422, "rule-refused")
    assert refused["errors"][0]["pointer"].startswith("/rule_set/criteria/")
    late = {**BASE["parameters"], "award_year": 2030}
    refused = problem(clients["viewer"].post("/v1/what-if", json={"rule_set": RULES, "parameters": late, "units": [unit()]}), 422, "rule-refused")
    assert refused["errors"][0]["pointer"] == "/parameters/award_year"
    for missing in ({"rule_set": RULES, "units": [unit()]}, {"rule_set": RULES, "parameters": BASE["parameters"]},
                    {"parameters": BASE["parameters"], "units": [unit()]}):
        problem(clients["viewer"].post("/v1/what-if", json=missing), 422, "invalid")


def about(held, **body):
    return {"campaign": held.campaign.rsplit("/", 1)[1], "year": held.year, **body}


def index(value):
    return {"facts": {"on_assessed_list": {"value": True}, "index_achieved": {"value": value}, "index_maximum": {"value": "100"}}}


def test_changed_facts_of_a_round_say_who_would_fall_and_by_which_clause(service, held):
    before = stored(service)
    answer = held.auditor.post("/v1/what-if", json=about(held, changes={held.units[0]: index("89.95")}))
    assert answer.status_code == 200, answer.text
    trial = answer.json()
    assert (trial["before"]["counts"]["ELIGIBLE"], trial["after"]["counts"]["ELIGIBLE"]) == (3, 2)
    assert [(c["unit_id"], c["from"], c["to"]) for c in trial["changed"]] == [(held.units[0], "ELIGIBLE", "INELIGIBLE")]
    assert [(c["clause"], c["from"]["result"], c["to"]["result"]) for c in trial["changed"][0]["criteria"]] == [
        ("III.1.b", "NOT_APPLICABLE", "FAIL")]
    assert held.units[0] in {s["unit_id"] for s in trial["standings"] if s["to"]["status"] == "OUT"}
    assert stored(service) == before
    again = held.evaluate()
    assert held.auditor.get(f"/v1/evaluations/{again}").json()["counts"]["ELIGIBLE"] == 3


def test_a_round_under_another_threshold(service, clients, held):
    """If the threshold were 85 %, who? By a document in the body, and by a draft of the same."""
    changes = {held.units[0]: index("86"), held.units[1]: index("84.99")}
    rules = document()
    leaf(rules, "index_at_least_90")["p"] = 85
    before = stored(service)
    answer = held.home.post("/v1/what-if", json=about(held, rule_set=rules, changes=changes))
    assert answer.status_code == 200, answer.text
    found = {c["unit_id"]: [(k["clause"], k["to"]["result"]) for k in c["criteria"]] for c in answer.json()["changed"]}
    assert found == {held.units[0]: [("III.1.b", "PASS")], held.units[1]: [("III.1.b", "FAIL")]}
    assert answer.json()["before"]["rule_set_hash"] != answer.json()["after"]["rule_set_hash"]
    assert stored(service) == before
    draft(clients["admin"], rules)
    by_name = held.home.post("/v1/what-if", json=about(held, criteria_set={"name": rules["name"], "version": 1}, changes=changes))
    assert by_name.json()["changed"] == answer.json()["changed"]
    assert clients["admin"].get(f"/v1/criteria-sets/{rules['name']}/1").json()["state"] == "DRAFT"


def test_a_rounds_own_data_are_for_the_offices(held):
    for client in (held.unit_client, held.council, held.admin):
        problem(client.post("/v1/what-if", json=about(held)), 403, "forbidden")


def test_a_trial_of_what_is_not_there(held):
    stranger = "00000000-0000-4000-8000-000000000000"
    refused = problem(held.auditor.post("/v1/what-if", json=about(held, changes={stranger: {}, "x": {}})), 422, "invalid")
    assert {e["pointer"] for e in refused["errors"]} == {f"/changes/{stranger}", "/changes/x"}
    problem(held.auditor.post("/v1/what-if", json={"campaign": "NONE", "year": 2024}), 404, "not-found")
    problem(held.auditor.post("/v1/what-if", json=about(held, criteria_set={"name": "none", "version": 1})), 404, "not-found")
    refused = held.auditor.post("/v1/what-if", json=about(held, changes={held.units[0]: {"facts": {"on_assessed_list": {"value": "maybe"}}}}))
    assert problem(refused, 422, "invalid")["errors"][0]["pointer"].startswith(f"/changes/{held.units[0]}/facts/on_assessed_list")


@pytest.mark.parametrize("at, taken", [("0001-01-01T00:00:00+07:00", True), ("0001-01-01T00:00:00+07:01", False),
                                       ("9999-12-31T00:00:00Z", True), ("9999-12-31T23:59:59.999999+07:00", True), ("9999-12-31T17:00:00Z", False)])
def test_an_instant_is_tried_if_it_has_a_date_in_vietnam_and_else_refused(clients, held, at, taken):
    """Facts of a trial need not be those that the service keeps. They go the same way, through bytes."""
    patch = {"facts": {"dossier_received_at": {"value": at}}}
    for where, answer in ((f"changes/{held.units[0]}", held.auditor.post("/v1/what-if", json=about(held, changes={held.units[0]: patch}))),
                          ("units/0", try_facts(clients["viewer"], units=[{"unit_id": unit()["unit_id"], **patch}]))):
        if taken:
            assert answer.status_code == 200, answer.text
        else:
            errors = problem(answer, 422, "invalid")["errors"]
            assert [(e["pointer"], e["code"]) for e in errors] == [(f"/{where}/facts/dossier_received_at/value", "BAD_VALUE")]


# Where a name stands, as a path: one letter wrong in it, and the pointer and code by which it is refused.
SLIPS = {
    "fact": ({"facts": {"index_achivd": {"value": "85"}}}, "facts/index_achivd", "UNKNOWN_FACT"),
    "member": ({"fact": {"index_achieved": {"value": "85"}}}, "fact", "UNKNOWN_MEMBER"),
    "value": ({"facts": {"index_achieved": {"valeu": "85"}}}, "facts/index_achieved/valeu", "UNKNOWN_MEMBER"),
    "removed": ({"facts": {"index_achivd": None}}, "facts/index_achivd", "UNKNOWN_FACT"),
    "register": ({"registers": {"disciplin": {"complete": True}}}, "registers/disciplin", "UNKNOWN_REGISTER"),
    "register's": ({"registers": {"discipline": {"completed": True}}}, "registers/discipline/completed", "UNKNOWN_MEMBER"),
    "field": ({"registers": {"initiatives": {"entries": [{"id": "1", "counsil": "PROVINCIAL"}]}}}, "registers/initiatives/entries/0/counsil",
              "UNKNOWN_FIELD"),
    "content": ({"findings": {"Z": {"result": "OUTSTANDING_LEADING"}}}, "findings/Z", "UNKNOWN_CONTENT"),
    "finding": ({"findings": {"A": {"outcome": "OUTSTANDING_LEADING"}}}, "findings/A/outcome", "UNKNOWN_MEMBER"),
    "document": ({"documents": {"MINUTE": "PRESENT"}}, "documents/MINUTE", "UNKNOWN_DOCUMENT"),
}


@pytest.mark.parametrize("patch, where, code", SLIPS.values(), ids=list(SLIPS))
def test_a_misspelt_name_is_refused_and_not_read_as_no_change(clients, held, patch, where, code):
    """Else the answer is that nothing would change: a slip of the pen read as a finding."""
    of_round = problem(held.auditor.post("/v1/what-if", json=about(held, changes={held.units[0]: patch})), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in of_round["errors"]] == [(f"/changes/{held.units[0]}/{where}", code)]
    assert "What has a meaning: " in of_round["errors"][0]["detail"], "the way out: the names that are declared"
    alone = problem(try_facts(clients["viewer"], units=[{"unit_id": unit()["unit_id"], **patch}]), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in alone["errors"]] == [(f"/units/0/{where}", code)]


def test_misspelt_limits_and_what_belongs_to_the_other_use_are_refused(clients, held):
    wrong = copy.deepcopy(BASE["parameters"])
    wrong["limits"]["dossier_cutoff"] = "2024-12-31"
    refused = problem(clients["viewer"].post("/v1/what-if", json={"rule_set": RULES, "parameters": wrong, "units": [unit()]}), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/parameters/limits/dossier_cutoff", "UNKNOWN_PARAMETER")]
    refused = problem(try_facts(clients["viewer"], units=[unit()], year=2024, changes={}), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/year", "unused"), ("/changes", "unused")]
    refused = problem(held.auditor.post("/v1/what-if", json=about(held, units=[unit()], parameters=BASE["parameters"])), 422, "invalid")
    assert {(e["pointer"], e["code"]) for e in refused["errors"]} == {("/units", "unused"), ("/parameters", "unused")}


def test_one_rule_set_and_every_unit_once(clients, held):
    both = {"criteria_set": {"name": RULES["name"], "version": 1}}
    for answer in (try_facts(clients["viewer"], units=[unit()], **both), held.auditor.post("/v1/what-if", json=about(held, rule_set=RULES, **both))):
        assert [(e["pointer"], e["code"]) for e in problem(answer, 422, "invalid")["errors"]] == [("/criteria_set", "both")]
    refused = problem(try_facts(clients["viewer"], units=[unit(), {**unit(), "unit_id": "0000000A-0000-4000-8000-000000000001"}, unit()]), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/units/2/unit_id", "repeated")]
    changes = {held.units[0]: index("85"), held.units[0].upper(): index("95")}
    refused = problem(held.auditor.post("/v1/what-if", json=about(held, changes=changes)), 422, "invalid")
    assert [e["code"] for e in refused["errors"]] == ["repeated"]


def test_an_instant_that_has_not_come_is_tried_and_not_evaluated(service, held):
    """The facts are those of now: kept as an evaluation they would be said of a day whose facts nobody knows."""
    before, later = stored(service), {"as_of": "2999-01-01T00:00:00+07:00"}
    path = f"{held.campaign}/rounds/{held.year}/evaluations"
    refused = problem(held.home.post(path, json=later), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/as_of", "evaluation_in_future")]
    problem(held.home.post(path, json=later, headers={"Prefer": "respond-async"}), 422, "invalid")
    assert held.auditor.post("/v1/what-if", json=about(held, **later)).status_code == 200
    assert stored(service) == before
    problem(held.home.post(path, json=later), 422, "invalid")


def test_an_earlier_instant_is_judged_with_the_facts_of_now(held):
    """As openapi.yaml says of as_of: not a view of the past."""
    answer = held.home.post(f"{held.campaign}/rounds/{held.year}/evaluations", json={"as_of": "2024-06-01T00:00:00+07:00"})
    assert answer.status_code == 201 and answer.json()["counts"]["contestants"] == 3, "entered long after"
