"""A refusal over several units names each of them, and why: pointer, unit_id, unit_label, code and a sentence in both languages."""
import uuid

import pytest

from award_tools import AwardRound
from conftest import make_unit
from service import problem

STRANGER = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def held(service, clients):
    return AwardRound(service, clients, 4)


def named(refused):
    """What is said of each unit, by its place in what was sent; every sentence begins with the unit's name."""
    for error in refused["errors"]:
        assert error["detail"].startswith(error.get("unit_label", error["unit_id"])), error
    return {error["pointer"]: (error["unit_id"], error["code"]) for error in refused["errors"]}


def propose(held, evaluation, units, language="en"):
    return held.home.post(f"{held.round}/proposals", headers={"Accept-Language": language}, json={
        "evaluation_id": evaluation, "letter_number": f"{uuid.uuid4().int % 9000 + 1}/TTr-SNV",
        "units": [unit if isinstance(unit, dict) else {"unit_id": unit} for unit in units]})


@pytest.fixture(scope="module")
def judged(held):
    """A round in which the third and fourth unit cannot be proposed, and two more that have nothing to show."""
    for unit in held.units[2:]:
        path = f"{held.round}/findings/{unit}"
        held.done(held.home.put(path, headers=held.etag(path), json={"contents": [
            {"content": c, "score": "70", "result": "NOT_OUTSTANDING", "reason": "Chưa dẫn đầu", "evidence": []} for c in "ABCD"]}))
    return held.evaluate()


def test_a_new_proposal_names_each_unit_that_cannot_be_in_it(held, judged):
    stranger = make_unit(held.admin)["id"]
    asked = [held.units[0], held.units[2], stranger, held.units[3], {"unit_id": held.units[1], "initiative_id": STRANGER}]
    refused = problem(propose(held, judged, asked), 422, "invalid")  # what the body gets wrong decides the kind
    assert named(refused) == {"/units/1/unit_id": (held.units[2], "INELIGIBLE"), "/units/2/unit_id": (stranger, "not_evaluated"),
                              "/units/3/unit_id": (held.units[3], "INELIGIBLE"), "/units/4/unit_id": (held.units[1], "initiative_unknown")}
    refused = problem(propose(held, judged, asked[:4]), 409, "not-eligible")
    assert refused["clause"] == "III.1" and list(named(refused)) == ["/units/1/unit_id", "/units/2/unit_id", "/units/3/unit_id"]
    why = {error["pointer"]: error["detail"] for error in refused["errors"]}
    assert "III.1.a: " in why["/units/1/unit_id"] and "Observed: Not outstanding" in why["/units/1/unit_id"]
    vietnamese = problem(propose(held, judged, asked[:4], "vi"), 409, "not-eligible")
    assert "chưa đạt" in vietnamese["errors"][0]["detail"] and vietnamese["errors"][0]["unit_label"]


@pytest.mark.parametrize("change, kind, code", [
    (lambda held: [held.units[0], held.units[0].upper()], "invalid", "repeated"),
    (lambda held: [held.units[0], STRANGER], "invalid", "unknown"),
    (lambda held: [held.units[0], {"unit_id": held.units[1], "initiative_id": held.initiatives[held.units[0]]}], "rule-refused",
     "initiative_counts_not"),
])
def test_each_reason_names_its_unit(held, judged, change, kind, code):
    refused = problem(propose(held, judged, change(held)), 422, kind)
    [(pointer, (unit, found))] = named(refused).items()
    assert (pointer, found) == ("/units/1/unit_id", code) and unit == (change(held)[1]["unit_id"] if code[0] == "i" else change(held)[1].lower())


def test_no_more_than_64_are_named_and_the_rest_counted(held, judged):
    refused = problem(propose(held, judged, [str(uuid.uuid4()) for _ in range(100)]), 422, "invalid")
    assert len(refused["errors"]) == 64 and refused["errors_left_out"] == 36


def test_a_decision_names_the_units_that_are_not_in_the_proposal(held, judged):
    proposal = held.submitted(held.units[:1])
    refused = problem(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1], "units": [
        held.units[0], held.units[2], held.units[3], held.units[0]]}), 422, "invalid")
    assert named(refused) == {"/units/1": (held.units[2], "not_there"), "/units/2": (held.units[3], "not_there"),
                              "/units/3": (held.units[0], "repeated")}


def test_a_submission_names_the_units_without_an_accepted_dossier_and_those_without_a_place(service, clients):
    held = AwardRound(service, clients, 3)
    path = held.proposal(held.units)
    evaluation = held.evaluate()
    held.done(held.override(evaluation, held.units[1], "OUT"))
    held.done(held.move(held.home, held.dossier, "return", reason="Bổ sung"))
    refused = problem(held.move(held.home, path, "submit"), 422, "rule-refused")
    assert {(e["unit_id"], e["code"]) for e in refused["errors"]} == {(u, "dossier_not_accepted") for u in held.units} | {(held.units[1], "OUT")}
    assert all(e["unit_label"] and e["pointer"] == f"/units/{e['unit_id']}" for e in refused["errors"])


def test_signing_names_each_unit_with_what_its_verdict_says(service, clients):
    held = AwardRound(service, clients, 3)
    draft = held.draft(held.units)
    for unit in held.units[:2]:
        path = f"{held.round}/findings/{unit}"
        held.done(held.home.put(path, headers=held.etag(path), json={"contents": [
            {"content": c, "score": "70", "result": "NOT_OUTSTANDING", "reason": "Chưa dẫn đầu", "evidence": []} for c in "ABCD"]}))
    refused = problem(held.chair.post(f"{draft}/sign", json={"number": "451/QĐ-UBND"}, headers=held.etag(draft)), 409, "not-eligible")
    assert named(refused) == {f"/units/{unit}": (unit, "INELIGIBLE") for unit in held.units[:2]}
    assert all("Observed: Not outstanding" in error["detail"] for error in refused["errors"])


def test_signing_names_each_unit_that_has_its_award(service, clients):
    held = AwardRound(service, clients, 3)
    first, second = held.draft(held.units[:2]), None
    made = held.submitted(held.units)
    second = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": made.rsplit("/", 1)[1]}))["id"]
    held.done(held.chair.post(f"{first}/sign", json={"number": "452/QĐ-UBND"}, headers=held.etag(first)))
    refused = problem(held.chair.post(f"{second}/sign", json={"number": "453/QĐ-UBND"}, headers=held.etag(second)), 409, "conflict")
    assert {(e["unit_id"], e["code"]) for e in refused["errors"]} == {(unit, "awarded") for unit in held.units[:2]}


def test_a_tie_names_each_unit_that_cannot_be_in_it(held):
    stranger = make_unit(held.admin)["id"]
    refused = problem(held.home.post(f"{held.round}/tie-decisions", json={
        "units": [held.units[0], stranger, held.units[1], held.units[0]], "method": "DECISION", "reason": "Theo biên bản", "document": "7/BB-SNV"}), 422, "invalid")
    assert named(refused) == {"/units/1": (stranger, "not_registered"), "/units/3": (held.units[0], "repeated")}
