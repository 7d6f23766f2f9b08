"""Places that decisions of the year have given hold in the standings and in the allocation (III.2.b), and what is submitted stays with the
Chair until it is decided on, returned or withdrawn (III.4.b)."""
import pytest

from award_tools import AwardRound, number
from conftest import make_unit
from service import problem, wait_until

GROUP = "UNIT_UNDER_SO"
GROUP_WORDS = "Units under departments"


@pytest.fixture
def award_round(service, clients):
    return lambda count: AwardRound(service, clients, count)


def allocate(held, slots, cluster=None):
    path = f"{held.round}/quota"
    return held.home.put(path, headers=held.etag(path), json={
        "reason": "Phân bổ", "allocation": [{"group": GROUP, "cluster": cluster, "slots": slots}]})


def score(held, unit, points, new=False):
    path = f"{held.round}/findings/{unit}"
    held.done(held.home.put(path, headers={} if new else held.etag(path), json={"contents": [
        {"content": c, "score": points, "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": []} for c in "ABCD"]}))


def standings(held):
    return held.done(held.auditor.get(f"/v1/evaluations/{held.evaluate()}/standings"))


def statuses(shown, held):
    by_unit = {item["unit_id"]: (item["status"], item["rank"]) for item in shown["items"]}
    return [by_unit[unit] for unit in held.units]


def test_an_award_takes_its_place_from_the_share_of_its_group(award_round):
    """Two places, one given to the last by a person: of the others one is left for the best, the award being revoked or not."""
    held = award_round(4)
    for unit, points in zip(held.units, ("95", "94", "93", "90")):
        score(held, unit, points)
    held.done(allocate(held, 2))
    assert [status for status, _ in statuses(standings(held), held)] == ["SECURE", "SECURE", "OUT", "OUT"]
    held.done(held.sign(held.draft([held.units[0]]), number()))
    shown = standings(held)
    assert (shown["cap"], shown["taken"]) == (6, 1)
    assert statuses(shown, held) == [("AWARDED", None), ("SECURE", 1), ("OUT", 2), ("OUT", 3)]
    decision = held.draft([held.units[1]])
    held.done(held.sign(decision, number()))
    held.publish(decision)
    revoked = held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "ground": "FRAUD", "reason": "Kê khai gian dối"}))
    held.done(held.sign(f"/v1/decisions/{revoked['id']}", number()))
    evaluation = held.evaluate()
    shown = held.done(held.auditor.get(f"/v1/evaluations/{evaluation}/standings"))
    assert shown["taken"] == 2 and statuses(shown, held) == [("AWARDED", None), ("AWARDED", None), ("OUT", 1), ("OUT", 2)]
    refused = problem(held.home.post(f"{held.round}/proposals", json={
        "evaluation_id": evaluation, "letter_number": "1/TTr-SNV", "units": [{"unit_id": u} for u in held.units[1:3]]}), 422, "rule-refused")
    assert refused["clause"] == "III.2.b" and {e["code"] for e in refused["errors"]} == {"AWARDED", "OUT"}
    assert problem(held.override(evaluation, held.units[0], "OUT"), 422, "rule-refused")["clause"] == "III.2.b"
    assert held.done(held.auditor.post(f"/v1/evaluations/{evaluation}/replay"))["identical"] is True


def test_no_share_is_less_than_what_was_given_from_it(award_round):
    held = award_round(3)
    for unit, points in zip(held.units, ("95", "94", "93")):
        score(held, unit, points)
    held.done(allocate(held, 2))
    for unit in held.units[:2]:
        held.done(held.sign(held.draft([unit]), number()))
    before = held.done(held.home.get(f"{held.round}/quota"))
    refused = problem(allocate(held, 0), 422, "rule-refused")
    assert refused["clause"] == "III.2.b" and GROUP_WORDS in refused["detail"]
    assert held.done(held.home.get(f"{held.round}/quota")) == before


def test_a_signature_holds_the_share_that_is_allocated_by_then(award_round):
    """The allocation was cut after the submission; who was moved by a person is outside the shares, and inside the cap."""
    held = award_round(2)
    for unit, points in zip(held.units, ("95", "94")):
        score(held, unit, points)
    first, second = held.draft([held.units[0]]), held.draft([held.units[1]])
    held.done(allocate(held, 1))
    held.done(held.sign(first, number()))
    refused = problem(held.sign(second, number()), 409, "cap-reached")
    assert refused["clause"] == "III.2.b" and GROUP_WORDS in refused["detail"] and held.count() == 1
    held.done(held.override(held.evaluate(), held.units[1], "SECURE"))
    held.done(held.sign(second, number()))


def test_an_award_that_people_decided_counts_in_its_share_everywhere(award_round):
    """The second has the only place by a decision of people, signed first: the best is OUT, cannot be signed, and no allocation gives
    the group less than it has."""
    held = award_round(2)
    for unit, points in zip(held.units, ("95", "94")):
        score(held, unit, points)
    held.done(allocate(held, 1))
    best, moved = held.draft([held.units[0]]), held.draft([held.units[1]])
    held.done(held.sign(moved, number()))
    shown = standings(held)
    assert statuses(shown, held) == [("OUT", 1), ("AWARDED", None)]
    assert next(item["decided_by"]["key"] for item in shown["items"] if item["unit_id"] == held.units[0]) == "share"
    assert problem(held.sign(best, number()), 409, "cap-reached")["clause"] == "III.2.b" and held.count() == 1
    assert problem(allocate(held, 0), 422, "rule-refused")["clause"] == "III.2.b"
    held.done(allocate(held, 2))
    assert statuses(standings(held), held) == [("SECURE", 1), ("AWARDED", None)]
    held.done(held.sign(best, number()))
    assert problem(allocate(held, 1), 422, "rule-refused")["clause"] == "III.2.b"


def test_who_was_left_out_of_the_allocation_takes_nothing_of_what_others_were_given(award_round):
    """III.2.b: five of six places go to another group; of this one's units one is sure of what is left, and no more are signed."""
    held = award_round(3)
    for unit, points in zip(held.units, ("95", "94", "93")):
        score(held, unit, points)
    shown = lambda: [status for status, _ in statuses(standings(held), held)]
    assert shown() == ["SECURE"] * 3
    path, shares = f"{held.round}/quota", [{"group": "HUYEN", "cluster": None, "slots": 5}]
    first, second = held.draft([held.units[0]]), held.draft([held.units[1]])
    held.done(held.home.put(path, headers=held.etag(path), json={"reason": "Phân bổ", "allocation": shares}))
    assert shown() == ["SECURE", "OUT", "OUT"]
    held.done(held.sign(first, number()))
    assert shown() == ["AWARDED", "OUT", "OUT"]
    refused = problem(held.sign(second, number()), 409, "cap-reached")
    assert refused["clause"] == "III.2.b" and GROUP_WORDS in refused["detail"] and held.count() == 1
    shares[0]["slots"] = 6
    refused = problem(held.home.put(path, headers=held.etag(path), json={"reason": "Phân bổ lại", "allocation": shares}), 422, "rule-refused")
    assert refused["clause"] == "III.2.b" and GROUP_WORDS in refused["detail"]


def test_a_submission_of_one_unit_is_no_date_for_another(award_round):
    """III.1.c: recognised no later than the unit's own submission. Who is not submitted yet is judged as of the evaluation, though all
    were recognised a day after another's submission; what was submitted is judged by its own date when it is signed."""
    held = award_round(2)
    one, other = held.units
    proposal = held.proposal([one])
    held.done(held.move(held.home, proposal, "submit", submitted_at=f"{held.year + 1}-01-19T08:00:00+07:00", source="Sổ công văn đi"))
    evaluation = held.evaluate()
    for unit in (one, other):
        verdict = held.done(held.auditor.get(f"/v1/evaluations/{evaluation}/verdicts/{unit}"))
        assert {c["id"]: c["result"] for c in verdict["criteria"]}["III.1.c"] == "PASS"
    made = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))
    assert "III.1.c" in problem(held.sign(f"/v1/decisions/{made['id']}", number()), 409, "not-eligible")["errors"][0]["detail"]


def dossier_state(held):
    return held.done(held.auditor.get(held.dossier))["state"]


def test_a_dossier_stays_with_the_chair_while_any_submitted_proposal_holds_it(award_round):
    """Both units are nominated by one dossier. A draft that is withdrawn takes nothing back, nor one of two that are submitted."""
    held = award_round(2)
    drafts = [held.proposal([held.units[0]]), held.proposal([held.units[1]]), held.proposal(held.units)]
    held.done(held.move(held.home, drafts[0], "submit"))
    assert dossier_state(held) == "IN_PROPOSAL"
    held.done(held.move(held.home, drafts[2], "withdraw"))
    assert dossier_state(held) == "IN_PROPOSAL"
    held.done(held.move(held.home, drafts[1], "submit"))
    held.done(held.move(held.home, drafts[0], "withdraw", reason="Soát lại"))
    assert dossier_state(held) == "IN_PROPOSAL"
    held.done(held.move(held.home, drafts[1], "withdraw", reason="Soát lại"))
    assert dossier_state(held) == "ACCEPTED"
    wait_until(lambda: held.done(held.auditor.get("/v1/journal/head"))["unsealed"] == 0)
    rows = held.done(held.auditor.get("/v1/journal", params={"resource": held.dossier, "limit": 200}))["items"]
    steps = [row["type"].removeprefix("thidua.") for row in rows if "dossier." in row["type"]]
    assert steps[-2:] == ["dossier.proposed", "dossier.taken_back"] and all(row["restricted"] for row in rows)
    assert [row["reason"] for row in rows[-2:]] == [None, "Soát lại"] and held.auditor.get(held.dossier).json()["state_reason"] == "Soát lại"


def test_nothing_is_signed_on_a_dossier_that_is_not_before_the_chair(service, award_round):
    """As an older version could leave it behind: guarded once more where the award is given."""
    held = award_round(1)
    decision = held.draft(held.units)
    service.psql(f"UPDATE dossiers SET state = 'LODGED' WHERE id = '{held.dossier.rsplit('/', 1)[1]}'")
    refused = problem(held.sign(decision, number()), 422, "rule-refused")
    assert (refused["clause"], refused["errors"][0]["code"]) == ("III.4.b", "dossier_not_proposed") and held.count() == 0


def test_who_follows_a_unit_hears_of_its_award_and_of_its_end(award_round):
    """V.3: the publication, unit by unit, to anybody; the decision's own events name campaign and year from the first on."""
    held = award_round(2)
    head = lambda: held.done(held.auditor.get("/v1/journal/head"))
    wait_until(lambda: head()["unsealed"] == 0)
    before, public, unit = head()["seq"], held.service.anonymous(), held.units[0]
    decision = held.draft(held.units)
    held.done(held.sign(decision, number()))

    def heard(client=public, **wanted):
        wait_until(lambda: head()["unsealed"] == 0)
        return held.done(client.get("/v1/events", params={"after": before, "limit": 200, **wanted}))["items"]

    def of_awards():
        return [(e["type"], e["subject"]) for e in heard(unit_id=unit) if e["type"].startswith("thidua.award.")]
    assert of_awards() == []
    held.publish(decision)
    award = next(a for a in held.done(public.get("/v1/awards", params={"unit_id": unit}))["items"])
    assert of_awards() == [("thidua.award.published", f"/v1/awards/{award['id']}")]
    revoked = held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "units": [unit], "ground": "FRAUD", "reason": "Kê khai gian dối"}))
    held.done(held.sign(f"/v1/decisions/{revoked['id']}", number()))
    assert len(of_awards()) == 1
    held.publish(f"/v1/decisions/{revoked['id']}")
    assert [kind for kind, _ in of_awards()] == ["thidua.award.published", "thidua.award.revoked"]
    code = held.campaign.rsplit("/", 1)[1]
    made = heard(held.chair, campaign=code, type="thidua.decision.created")
    assert [e["data"]["year"] for e in made] == [held.year] * 2


def test_the_table_of_awards_takes_none_beyond_the_cap(service, award_round):
    """III.2.b: also from the service's own role, whatever slots there are."""
    held = award_round(1)
    held.done(held.sign(held.draft(held.units), number()))
    code, other = held.campaign.rsplit("/", 1)[1], make_unit(held.admin)["id"]
    assert service.psql(f"INSERT INTO award_slots VALUES ('{code}', 2024, 7)", user="thidua_app") == "INSERT 0 1"
    beyond = service.psql("INSERT INTO awards (campaign, year, slot, unit_id, decision_id, bonus_vnd, bonus_basis) "
                          f"SELECT campaign, year, 7, '{other}', decision_id, bonus_vnd, bonus_basis FROM awards WHERE campaign = '{code}'", user="thidua_app")
    assert "awards_slot" in beyond and held.count() == 1
