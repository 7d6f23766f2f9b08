"""Overrides of places and recorded decisions on ties: beside what was computed, inputs of what is computed next, replayable."""
import uuid

import pytest

from award_tools import AwardRound, number
from conftest import make_campaign, make_unit
from service import problem, wait_until
from test_events import events


@pytest.fixture
def award_round(service, clients):
    return lambda count, **more: AwardRound(service, clients, count, **more)


def ties(held, units, client=None, **body):
    return (client or held.home).post(f"{held.round}/tie-decisions", json={
        "units": units, "method": "LOT", "reason": "Bốc thăm trước Hội đồng", "document": "15/BB-HĐTĐKT", **body})


def propose(held, evaluation, units):
    return held.home.post(f"{held.round}/proposals", json={
        "evaluation_id": evaluation, "letter_number": "1/TTr-SNV", "units": [{"unit_id": u} for u in units]})


def replayed(held, evaluation):
    return held.done(held.auditor.post(f"/v1/evaluations/{evaluation}/replay"))


def statuses(standings):
    return {unit: item["status"] for unit, item in standings.items()}


def heard(held, client):
    """Types of events of the round that the caller hears of, once all that was committed has its number."""
    wait_until(lambda: held.auditor.get("/v1/journal/head").json()["unsealed"] == 0)
    return {event["type"] for event in events(client, 0, campaign=held.campaign.rsplit("/", 1)[1])}


def test_only_offices_hear_of_what_people_decided(clients, award_round):
    held = award_round(7)
    evaluation = held.evaluate()
    assert held.override(evaluation, held.units[0], "OUT").status_code == 201
    assert ties(held, held.units[:2]).status_code == 201
    decided = {"thidua.standing.overridden", "thidua.tie.decided"}
    for office in (held.home, held.chair, held.auditor):
        assert decided <= heard(held, office)
    for other in (held.unit_client, clients["viewer"], clients["admin"], clients["anyone"]):
        assert not decided & heard(held, other)


# ---- overrides ----

def test_an_override_stands_beside_what_was_computed_and_decides_who_is_proposed(award_round):
    """III.2.b: seven equal units for six places: none is sure. A person lets one in; the others stay out."""
    held = award_round(7)
    evaluation = held.evaluate()
    assert set(statuses(held.standings(evaluation)).values()) == {"TIE_TO_DECIDE"}
    one, other = held.units[:2]
    refused = problem(propose(held, evaluation, [one]), 422, "rule-refused")
    assert (refused["clause"], refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == ("III.2.b", "/units/0/unit_id", "TIE_TO_DECIDE")
    made = held.override(evaluation, one, "SECURE")
    assert made.status_code == 201, made.text
    assert (made.json()["computed"], made.json()["decided"], made.json()["in_force"]) == ("TIE_TO_DECIDE", "SECURE", True)
    assert held.auditor.get(made.headers["Location"]).json() == made.json()
    shown = held.standings(evaluation)
    assert shown[one]["status"] == "TIE_TO_DECIDE" and shown[other]["override"] is None
    assert shown[one]["override"] == {"decided": "SECURE", "moot": False, "legal_basis": "7/TB-HĐTĐKT", "reason": "Theo ý kiến của Hội đồng",
                                      "recorded_by": made.json()["recorded_by"], "recorded_at": shown[one]["override"]["recorded_at"]}
    problem(propose(held, evaluation, [one, other]), 422, "rule-refused")
    assert propose(held, evaluation, [one]).status_code == 201
    assert replayed(held, evaluation)["identical"] is True  # what was decided later is no part of what was computed then


def test_a_round_of_fewer_places_than_its_rules_know_of_holds_the_fewer(service, clients):
    """III.2.b: the plan says one place, its standings at most six: of two equal units none is sure."""
    held = AwardRound(service, clients, 2, campaign=make_campaign(service, cap=1))
    evaluation = held.evaluate()
    shown = held.done(held.auditor.get(f"/v1/evaluations/{evaluation}/standings"))
    assert (shown["cap"], shown["allocated"], {item["status"] for item in shown["items"]}) == (1, False, {"TIE_TO_DECIDE"})
    assert "NO_ALLOCATION" in {w["code"] for w in held.auditor.get(f"/v1/evaluations/{evaluation}").json()["warnings"]}
    assert held.override(evaluation, held.units[0], "SECURE").status_code == 201
    assert propose(held, evaluation, held.units[:1]).status_code == 201
    assert replayed(held, evaluation)["identical"] is True


def test_an_override_keeps_a_sure_unit_out_whatever_evaluation_it_was_recorded_on(award_round):
    held = award_round(2)
    first, second = held.evaluate(), held.evaluate()
    one, other = held.units
    assert statuses(held.standings(first)) == {one: "SECURE", other: "SECURE"}
    assert held.override(first, one, "OUT").status_code == 201
    assert problem(propose(held, second, [one, other]), 422, "rule-refused")["errors"][0]["code"] == "OUT"
    assert held.standings(second)[one]["override"] is None and held.standings(first)[one]["override"]["decided"] == "OUT"
    assert held.override(first, one, "SECURE").status_code == 201  # taken back: what was computed counts again
    listed = held.auditor.get(f"/v1/evaluations/{first}/overrides").json()["items"]
    assert [(o["decided"], o["in_force"]) for o in listed] == [("OUT", False), ("SECURE", True)]
    assert held.standings(first)[one]["override"]["moot"] is True
    assert propose(held, second, [one, other]).status_code == 201


def allocate(held, slots):
    path = f"{held.round}/quota"
    held.done(held.home.put(path, headers=held.etag(path), json={"allocation": [{"group": "UNIT_UNDER_SO", "slots": slots}], "reason": "Phân bổ"}))


def test_what_was_taken_back_decides_nothing_of_what_is_computed_later(award_round):
    """A record that says what was computed takes one back. It is no decision of its own once something else is computed."""
    held = award_round(1)
    unit = held.units[0]
    allocate(held, 0)
    first = held.evaluate()
    assert statuses(held.standings(first)) == {unit: "OUT"}
    held.done(held.override(first, unit, "SECURE"))
    second = held.evaluate()
    assert held.standings(second)[unit]["override"]["decided"] == "SECURE"
    held.done(held.override(first, unit, "OUT"))
    assert held.standings(first)[unit]["override"]["moot"] is True
    problem(propose(held, second, [unit]), 422, "rule-refused")  # which still has the decision among its inputs
    allocate(held, 6)
    third = held.evaluate()
    shown = held.standings(third)[unit]
    assert (shown["status"], shown["override"]) == ("SECURE", None)
    draft = held.draft([unit], evaluation=third)
    held.done(held.sign(draft, number()))
    assert replayed(held, third)["identical"] is True


def test_a_place_that_was_taken_back_after_the_submission_is_not_signed(award_round):
    held = award_round(1)
    unit = held.units[0]
    allocate(held, 0)
    evaluation = held.evaluate()
    held.done(held.override(evaluation, unit, "SECURE"))
    draft = held.draft([unit], evaluation=evaluation)
    held.done(held.override(evaluation, unit, "OUT"))
    refused = problem(held.sign(draft, number()), 422, "rule-refused")
    assert refused["clause"] == "III.2.b" and [(e["pointer"], e["code"]) for e in refused["errors"]] == [(f"/units/{unit}", "OUT")]
    allocate(held, 6)
    held.evaluate()
    held.done(held.sign(draft, number()))
    assert held.count() == 1


def test_a_place_is_judged_by_the_newest_evaluation(award_round):
    """III.2.b: an older one does not know who came since; of two groups' places none is given by it."""
    held = award_round(2)
    first, second = held.evaluate(), held.evaluate()
    refused = problem(propose(held, first, held.units), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/evaluation_id" and second in refused["errors"][0]["detail"]
    proposal = "/v1/proposals/" + held.done(propose(held, second, held.units))["id"]
    held.done(held.override(held.evaluate(), held.units[0], "OUT"))  # what came to be known before it was submitted counts too
    refused = problem(held.move(held.home, proposal, "submit"), 422, "rule-refused")
    assert (refused["clause"], [e["pointer"] for e in refused["errors"]]) == ("III.2.b", [f"/units/{held.units[0]}"])


def test_a_later_evaluation_carries_overrides_over_and_flags_the_moot_ones(award_round):
    held = award_round(7)
    evaluation = held.evaluate()
    one, other, third = held.units[:3]
    held.done(held.override(evaluation, one, "SECURE"))
    held.done(held.override(evaluation, other, "OUT"))
    held.done(held.override(evaluation, third, "OUT"))
    held.done(held.override(evaluation, third, "SECURE"))
    later = held.evaluate()
    inputs = held.auditor.get(f"/v1/evaluations/{later}").json()["inputs"]["standings"]["overrides"]
    assert {(o["unit_id"], o["decided"]) for o in inputs} == {(one, "SECURE"), (other, "OUT"), (third, "SECURE")}
    shown = held.standings(later)
    assert [(shown[u]["override"]["decided"], shown[u]["override"]["moot"]) for u in (one, other)] == [("SECURE", False), ("OUT", False)]
    order = [one, third, *held.units[3:], other]
    held.done(ties(held, order))
    last = held.evaluate()
    shown = held.standings(last)
    assert {u: shown[u]["override"]["moot"] for u in (one, other, third)} == {one: True, other: True, third: True}
    assert (shown[one]["status"], shown[other]["status"]) == ("SECURE", "OUT")
    for each in (evaluation, later, last):
        assert replayed(held, each)["identical"] is True


def test_an_override_after_the_submission_bars_the_signature(award_round):
    held = award_round(2)
    one, other = held.units
    draft = held.draft([one, other])
    evaluation = held.evaluate()
    held.done(held.override(evaluation, other, "OUT", client=held.chair))
    refused = problem(held.sign(draft, number()), 422, "rule-refused")
    assert refused["clause"] == "III.2.b" and [(e["pointer"], e["code"]) for e in refused["errors"]] == [(f"/units/{other}", "OUT")]
    assert held.count() == 0
    held.done(held.override(evaluation, other, "SECURE", client=held.chair))
    held.done(held.sign(draft, number()))
    assert held.count() == 2


def test_what_people_gave_is_moot_once_it_is_an_award(award_round):
    """III.2.b: nothing that is decided of its place moves it any more."""
    held = award_round(7)  # all tie for six places
    unit = held.units[0]
    held.done(held.sign(held.draft([unit]), number()))
    shown = held.standings(held.evaluate())[unit]
    assert (shown["status"], shown["override"]["decided"], shown["override"]["moot"]) == ("AWARDED", "SECURE", True)


def test_overrides_move_places_and_neither_criteria_nor_the_cap(award_round):
    held = award_round(7)
    stranger = make_unit(held.admin)["id"]
    lacking = make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=held.parent)["id"]
    held.done(held.home.put(f"{held.round}/contestants/{lacking}", json={
        "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV",
            "members_total": 9, "members_women": 4}))
    evaluation = held.evaluate()
    refused = problem(held.override(evaluation, lacking, "SECURE"), 422, "rule-refused")
    assert refused["clause"] == "III.1"
    assert problem(held.override(evaluation, stranger, "OUT"), 422, "rule-refused")["errors"][0]["code"] == "not_registered"
    problem(held.override(str(uuid.uuid4()), held.units[0], "OUT"), 404, "not-found")
    for given, unit in enumerate(held.units, start=1):
        held.done(held.override(evaluation, unit, "SECURE"))
        assert held.auditor.get(f"/v1/evaluations/{evaluation}/standings").json()["overrides_exceed_cap"] is (given > 6)
    later = held.auditor.get(f"/v1/evaluations/{held.evaluate()}/standings").json()
    assert later["overrides_exceed_cap"] is True
    draft = held.draft(held.units)
    assert problem(held.sign(draft, "9001/QĐ-UBND"), 409, "cap-reached")["clause"] == "III.2.b"
    assert held.count() == 0


def test_a_tie_is_found_and_not_decided(award_round):
    held = award_round(1)
    evaluation = held.evaluate()
    refused = problem(held.override(evaluation, held.units[0], "TIE_TO_DECIDE"), 422, "rule-refused")
    assert refused["errors"][0]["pointer"] == "/decided"
    assert held.auditor.get(f"/v1/evaluations/{evaluation}/overrides").json()["items"] == []


def test_nobody_overrides_their_own_unit(service, award_round):
    """Domain, section 1: Sở Nội vụ may be a nominee itself."""
    held = award_round(2)
    evaluation = held.evaluate()
    own = service.key("home_affairs", held.parent)
    problem(held.override(evaluation, held.units[0], "OUT", client=own), 403, "separation-of-duties")
    problem(ties(held, held.units, client=own), 403, "separation-of-duties")
    assert held.override(evaluation, held.units[0], "OUT", client=held.chair).status_code == 201


def test_what_people_decided_is_hidden_from_units_and_journalled_as_restricted(service, award_round):
    held = award_round(2)
    evaluation = held.evaluate()
    made = held.done(held.override(evaluation, held.units[0], "OUT"))
    held.done(ties(held, held.units))
    later = held.evaluate()
    assert set(held.auditor.get(f"/v1/evaluations/{later}").json()["inputs"]["standings"]) == {"overrides", "tie_decisions"}
    assert held.unit_client.get(f"/v1/evaluations/{later}").json()["inputs"]["standings"] == {}
    kept = service.psql(f"SELECT type, restricted, after ->> 'id' FROM journal WHERE type = 'standing.overridden' AND after ->> 'id' = '{made['id']}'")
    assert kept == f"standing.overridden|t|{made['id']}"


def test_a_proposal_needs_standings_of_the_whole_round(award_round):
    held = award_round(2)
    partial = held.evaluate(units=held.units[:1])
    refused = problem(propose(held, partial, held.units[:1]), 422, "rule-refused")
    assert refused["errors"][0]["pointer"] == "/evaluation_id"


# ---- ties ----

def test_a_drawn_lot_is_an_input_of_the_next_evaluation(award_round):
    held = award_round(7)
    before = held.evaluate()
    lot = list(reversed(held.units))
    made = ties(held, lot)
    assert made.status_code == 201, made.text
    assert [o["unit_id"] for o in made.json()["order"]] == lot and made.json()["method"] == "LOT"
    assert held.auditor.get(made.headers["Location"]).json() == made.json()
    after = held.evaluate()
    shown = held.standings(after)
    assert [shown[u]["rank"] for u in lot] == [1, 2, 3, 4, 5, 6, 7]
    assert [shown[u]["status"] for u in lot] == ["SECURE"] * 6 + ["OUT"]
    assert held.auditor.get(f"/v1/evaluations/{after}").json()["inputs"]["standings"]["tie_decisions"] == [
        {"id": made.json()["id"], "method": "LOT", "order": lot}]
    assert set(statuses(held.standings(before)).values()) == {"TIE_TO_DECIDE"}
    assert propose(held, after, lot[:6]).status_code == 201
    problem(propose(held, after, lot[6:]), 422, "rule-refused")
    for each in (before, after):
        assert replayed(held, each)["identical"] is True


def test_a_later_decision_takes_the_place_of_one_that_shares_a_unit(award_round):
    held = award_round(7)
    held.done(ties(held, held.units))
    other = held.done(ties(held, [held.units[6], held.units[0]], method="DECISION"))
    listed = held.auditor.get(f"{held.round}/tie-decisions").json()["items"]
    assert [item["in_force"] for item in listed] == [False, True]
    evaluation = held.evaluate()
    inputs = held.auditor.get(f"/v1/evaluations/{evaluation}").json()["inputs"]["standings"]
    assert [d["id"] for d in inputs["tie_decisions"]] == [other["id"]]
    shown = held.standings(evaluation)
    assert shown[held.units[6]]["rank"] < shown[held.units[0]]["rank"]
    assert shown[held.units[1]]["status"] == "TIE_TO_DECIDE"  # nobody's decision any more
    assert replayed(held, evaluation)["identical"] is True


def test_a_decision_sets_apart_only_units_that_tie(award_round):
    """The keys come first: who leads in fewer contents does not pass by lot."""
    held = award_round(7)
    weak = held.units[0]
    path = f"{held.round}/findings/{weak}"
    held.done(held.home.put(path, headers=held.etag(path), json={"contents": [
        {"content": c, "score": "90", "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": []} for c in "ABCD"]}))
    held.done(ties(held, held.units))
    shown = held.standings(held.evaluate())
    assert (shown[weak]["rank"], shown[weak]["status"]) == (7, "OUT")


def test_units_of_different_groups_and_strangers_do_not_tie(award_round):
    held = award_round(2)
    body = make_unit(held.admin)["id"]
    held.done(held.home.put(f"{held.round}/contestants/{body}", json={"group": "SO_BAN_NGANH", "on_assessed_list": True}))
    for units, kind, pointer in (([held.units[0], body], "rule-refused", "/units"),
                                 ([held.units[0], str(uuid.uuid4())], "rule-refused", "/units"),
                                 ([held.units[0], held.units[0]], "invalid", "/units"), ([held.units[0]], "invalid", "/units")):
        assert problem(ties(held, units), 422, kind)["errors"][0]["pointer"].startswith(pointer)
    assert held.auditor.get(f"{held.round}/tie-decisions").json()["items"] == []


def test_a_closed_round_is_decided(service, award_round):
    held = award_round(2)
    evaluation = held.evaluate()
    code = held.campaign.rsplit("/", 1)[1]
    service.psql(f"UPDATE rounds SET state = 'CLOSED' WHERE campaign = '{code}' AND year = 2024")
    problem(held.override(evaluation, held.units[0], "OUT"), 409, "conflict")
    problem(ties(held, held.units), 409, "conflict")


def test_a_list_of_evaluations_and_the_journal_hold_nothing_that_grows_with_what_was_decided(award_round):
    """The evaluation alone holds its inputs; where it stands among others, their hash speaks for them."""
    held = award_round(4)
    before = held.evaluate()
    for unit in held.units:
        held.done(held.override(before, unit, "OUT"))
    after = held.evaluate()
    later = held.home.post(f"{held.round}/evaluations", json={}, headers={"Prefer": "respond-async"}).json()["id"]
    wait_until(lambda: held.auditor.get(f"/v1/evaluations/{later}").json()["state"] == "DONE")
    wait_until(lambda: held.auditor.get("/v1/journal/head").json()["unsealed"] == 0)
    listed = {item["id"]: item for item in held.auditor.get(f"{held.round}/evaluations").json()["items"]}
    assert {before, after, later} <= set(listed)
    for evaluation, overrides in ((before, 0), (after, 4), (later, 4)):
        whole = held.auditor.get(f"/v1/evaluations/{evaluation}").json()
        assert len(whole.pop("inputs")["standings"].get("overrides", [])) == overrides
        assert listed[evaluation] == whole
        told = held.auditor.get("/v1/journal", params={"resource": f"/v1/evaluations/{evaluation}"}).json()["items"]
        assert [entry["after"].keys() & {"id", "inputs", "input_hash"} for entry in told] == [{"id", "input_hash"}] * len(told)
        assert whole["input_hash"] in [entry["after"]["input_hash"] for entry in told]
        assert replayed(held, evaluation)["identical"]
