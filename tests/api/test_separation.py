"""Separation of duties (domain, section 1): nobody appraises, proposes or decides on their own unit, from below or above it, and a
role opens only what it is for, whatever other roles its key has."""
import pytest

from award_tools import AwardRound, number, text_key
from conftest import make_unit
from service import Client, problem


@pytest.fixture
def held(service, clients):
    return AwardRound(service, clients, 1)


def key(held, roles, unit=None):
    made = held.done(held.admin.post("/v1/keys", json={"name": "thử", "roles": roles, "unit_id": unit}))
    return Client(held.service.base, made["key"])


def test_nobody_proposes_their_own_unit(service, held):
    own = service.key("home_affairs", held.parent)
    body = {"evaluation_id": held.evaluate(), "letter_number": "1/TTr-SNV", "units": [{"unit_id": held.units[0]}]}
    problem(own.post(f"{held.round}/proposals", json=body), 403, "separation-of-duties")
    assert held.auditor.get(f"{held.round}/proposals").json()["items"] == []
    drafted = held.proposal(held.units)
    problem(held.move(own, drafted, "submit"), 403, "separation-of-duties")
    assert held.auditor.get(drafted).json()["state"] == "DRAFT"
    held.done(held.move(held.home, drafted, "submit"))


def test_a_division_is_not_impartial_towards_the_body_it_is_part_of(service, clients, held):
    """A key is bound to a division of Sở Nội vụ, the nominee is Sở Nội vụ itself."""
    admin, home = clients["admin"], clients["home_affairs"]
    body = make_unit(admin)["id"]
    division = make_unit(admin, kind="PROVINCIAL_SUBUNIT", parent_id=body)["id"]
    clerk, neighbour = service.key("home_affairs", division), service.key("home_affairs", make_unit(admin)["id"])
    path = f"{held.round}/contestants/{body}"
    entry = {"group": "SO_BAN_NGANH", "on_assessed_list": False}
    # Off the list of assessed units it would be exempt from III.1.b.
    problem(clerk.put(path, json=entry), 403, "separation-of-duties")
    held.done(neighbour.put(path, json=entry))
    problem(clerk.delete(path, headers=held.etag(path)), 403, "separation-of-duties")
    finding = {"contents": [{"content": "A", "score": "99", "result": "OUTSTANDING_LEADING", "reason": "Tự khen", "evidence": []}]}
    problem(clerk.put(f"{held.round}/findings/{body}", json=finding), 403, "separation-of-duties")
    held.done(neighbour.put(f"{held.round}/findings/{body}", json=finding))
    council = service.key("initiative_council", division)
    made = held.done(service.key("unit", body).post("/v1/initiatives", json={
        "unit_id": body, "title": "Giải pháp", "summary": "Tóm tắt", "kind": "SOLUTION", "applied_from": "2024-03-01"}))
    initiative = f"/v1/initiatives/{made['id']}"
    problem(council.put(f"{initiative}/recognition", headers=held.etag(initiative), json={
        "council": "PROVINCIAL", "recognised_on": "2024-05-01", "decision_number": "8/QĐ-HĐSK"}), 403, "separation-of-duties")
    assert home.get(initiative).json()["state"] == "SUBMITTED"


def test_nobody_says_when_their_own_unit_reported(service, clients, round_2024):
    """V.1, III.4.a: an earlier instant of receipt makes a late report one in time."""
    unit = make_unit(clients["admin"])["id"]
    path = f"{round_2024}/reports/{unit}"
    body = {"document_number": "1/BC-S", "document_date": "2024-12-20", "received_at": "2024-12-20T08:00:00+07:00", "source": "Sổ đến"}
    problem(service.key("home_affairs", unit).put(path, json=body), 403, "separation-of-duties")
    assert clients["auditor"].get(path).status_code == 404
    assert clients["home_affairs"].put(path, json=body).status_code == 201


@pytest.mark.parametrize("other", ["initiative_council", "auditor", "chair_office", "admin"])
def test_another_role_opens_no_other_units(service, held, other):
    """A unit's report is its own and Sở Nội vụ's; what a key may do elsewhere does not widen the role unit."""
    stranger = make_unit(held.admin)["id"]
    path = f"{held.round}/reports/{stranger}"
    both = key(held, ["unit", other], held.parent)
    body = {"document_number": "1/BC-S", "document_date": "2024-12-20"}
    problem(both.put(path, json=body), 403, "outside-scope")
    assert held.auditor.get(path).status_code == 404
    held.done(both.put(f"{held.round}/reports/{held.parent}", json=body))


@pytest.mark.parametrize("kind, more", [("REVOKE", {"ground": "AGAINST_LAW"}),
                                        ("CORRECT", {"corrections": [{"field": "tên", "printed": "A", "correct": "B"}]})])
def test_who_proposed_an_award_does_not_sign_what_becomes_of_it(service, held, kind, more):
    both = key(held, ["home_affairs", "chair_office"])
    proposal = held.proposal(held.units)
    held.done(held.move(both, proposal, "submit"))
    first = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
    held.done(held.sign(first, number()))
    made = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": kind, "subject_id": first.rsplit("/", 1)[1], "reason": "Kết luận", **more}))["id"]
    problem(held.sign(made, number(), client=both), 403, "separation-of-duties")
    held.done(held.sign(made, number()))
