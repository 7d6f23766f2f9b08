"""What a place waits for, what decides on it beside the keys, and what people free (engine.md, "Standings, sharper")."""
import pytest

from award_tools import AwardRound
from test_places import GROUP, allocate, score


@pytest.fixture
def held(service, clients):
    """Three units, the best first."""
    held = AwardRound(service, clients, 3)
    for unit, points in zip(held.units, ("95", "94", "93")):
        score(held, unit, points)
    return held


def assess(held, unit):
    """Onto the list of assessed units, without an index."""
    path = f"{held.round}/contestants/{unit}"
    held.done(held.home.put(path, headers=held.etag(path), json={
        "group": GROUP, "on_assessed_list": True, "advises_par": True, "source_document": "12/QĐ-SNV"}))


def shown(held, evaluation=None):
    items = held.done(held.auditor.get(f"/v1/evaluations/{evaluation or held.evaluate()}/standings"))["items"]
    by_unit = {item["unit_id"]: item for item in items}
    return [by_unit[unit] for unit in held.units]


def test_who_waits_is_told_for_which_fact_of_which_unit(held):
    """The first lacks its index, without which nobody knows whether it competes; the others lack nothing, and nobody waits for them."""
    held.done(allocate(held, 2))
    assert [(row["status"], row["waits_for"]) for row in shown(held)] == [("SECURE", []), ("SECURE", []), ("OUT", [])]
    assess(held, held.units[0])
    evaluation = held.evaluate()
    first, second, third = shown(held, evaluation)
    assert (first["status"], second["status"], third["status"]) == ("POSSIBLE", "SECURE", "POSSIBLE")
    assert second["waits_for"] == []
    for row in (first, third):
        assert {(w["unit_id"], w["unit_label"]) for w in row["waits_for"]} == {(held.units[0], first["unit_label"])}
        assert [w["fact"] for w in row["waits_for"]][:2] == ["index_achieved", "index_maximum"]
    assert held.done(held.auditor.post(f"/v1/evaluations/{evaluation}/replay"))["identical"] is True


def test_the_index_of_a_unit_that_is_not_assessed_is_not_waited_for(held):
    """A unit on no list is open by a proceeding alone: its index never comes, and the next one waits for the proceeding."""
    held.done(allocate(held, 1))
    held.done(held.home.post("/v1/proceedings", json={
        "unit_id": held.units[0], "kind": "INSPECTION", "opened_on": "2024-05-01"}))
    first, second, _ = shown(held)
    assert first["overall"] == "DEFERRED" and (first["status"], second["status"]) == ("POSSIBLE", "POSSIBLE")
    assert "proceedings" in [w["fact"] for w in second["waits_for"]]
    assert not {"index_achieved", "index_maximum"} & {w["fact"] for w in first["waits_for"] + second["waits_for"]}


def test_an_override_to_out_frees_its_place_in_the_same_run(held):
    held.done(allocate(held, 1))
    held.done(held.override(held.evaluate(), held.units[0], "OUT"))
    evaluation = held.evaluate()
    first, second, third = shown(held, evaluation)
    assert (first["status"], first["rank"], first["override"]["decided"], first["freed"]) == ("SECURE", 1, "OUT", False)
    assert (second["status"], second["rank"], second["freed"]) == ("SECURE", 2, True)
    assert (third["status"], third["freed"]) == ("OUT", False) and third["decided_by"]["against_unit_id"] == held.units[1]
    assert held.done(held.auditor.post(f"/v1/evaluations/{evaluation}/replay"))["identical"] is True


def test_a_place_that_no_key_decides_says_what_does(service, clients):
    """Six units and one of another group share six places without an allocation. A share of none is said so, and a cap of which
    nothing is left."""
    held = AwardRound(service, clients, 6)
    for unit, points in zip(held.units, ("95", "94", "93", "92", "91", "90")):
        score(held, unit, points)
    head = held.parent
    held.done(held.home.put(f"{held.round}/contestants/{head}", json={
        "group": "SO_BAN_NGANH", "on_assessed_list": False, "source_document": "12/QĐ-SNV"}))
    score(held, head, "80", new=True)
    held.recognised_initiative(head)
    held.nominate([head])
    held.declare_registers()
    held.units.append(head)
    rows = shown(held)
    assert [row["status"] for row in rows] == ["SECURE"] * 5 + ["POSSIBLE"] * 2
    for row in rows[5:]:
        assert (row["decided_by"]["key"], row["decided_by"]["against_unit_id"], row["waits_for"]) == ("allocation", None, [])
        assert "not allocated" in row["decided_by"]["text"]["en"] and "phân bổ" in row["decided_by"]["text"]["vi"]
    held.done(allocate(held, 0))
    rows = shown(held)
    assert {(row["status"], row["decided_by"]["key"]) for row in rows[:6]} == {("OUT", "share")} and rows[6]["status"] == "SECURE"
