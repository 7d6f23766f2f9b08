"""Separation of duties (domain, section 1): nobody appraises, proposes or decides on their own unit, from below or above it, and a
role opens only what it is for, whatever other roles its key has."""
import pytest

from award_tools import AwardRound, number
from conftest import make_unit
from dossier_tools import Dossier, Round
from service import Client, problem

CARD = {"leaves": [{"code": "1", "self_points": "9.00"}]}
REPORT = {"document_number": "15/BC-SNV", "document_date": "2024-12-01"}


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


def writes_of(client, body, dossier, frame, initiative):
    """What a unit writes for a body: each a call, and the status where it may."""
    score = f"/v1/scores/{body}/2024"
    made = {"unit_id": body, "title": "Giải pháp", "summary": "Tóm tắt", "kind": "SOLUTION", "applied_from": "2024-03-01"}
    return [
        (lambda: client.post("/v1/initiatives", json=made), 201),
        (lambda: client.merge(initiative, {"title": "Tên khác"}, client.get(initiative).headers["ETag"]), 200),
        (lambda: client.put(score, json={"frame": frame, **CARD}, headers={"If-Match": client.get(score).headers["ETag"]}), 200),
        (lambda: client.post(f"{score}/transitions", json={"action": "submit"}, headers={"If-Match": client.get(score).headers["ETag"]}), 200),
        (lambda: client.put(f"/v1/campaigns/{dossier.round.campaign}/rounds/2024/reports/{body}", json=REPORT), 201),
        (lambda: client.post("/v1/dossiers", json={"campaign": dossier.round.campaign, "year": 2024, "nominator_unit_id": body}), 201),
        (lambda: client.merge(dossier.url, {"letter_number": "12/TTr-SNV"}, dossier.etag()), 200),
        (lambda: client.put(f"{dossier.url}/nominations/{body}", json={"votes_for": None}, headers={"If-Match": dossier.etag()}), 200),
        (lambda: dossier.put(f"nominations/{body}/documents/REPORT", etag=dossier.etag()), 200),
        (lambda: dossier.move("withdraw", client, reason="Rút"), 200)]


def test_a_body_that_has_ended_only_reads_and_its_successor_acts(service, clients):
    """Domain, section 8. Its key had kept all its power, over what it had taken over itself too."""
    admin, year = clients["admin"], Round(service)
    heir, gone, before = (make_unit(admin)["id"] for _ in range(3))
    own, successor = service.key("unit", gone), service.key("unit", heir)
    frame = f"SO-{gone[:8]}"
    clients["home_affairs"].put(f"/v1/score-frames/{frame}/2024", json={
        "tier": "SO", "nodes": [{"code": "1", "text_vi": "Tiêu chí", "parent": None, "kind": "NORMAL", "maximum": "10.00"}]}).raise_for_status()
    year.register(gone)
    dossier = Dossier(own, year, gone).complete(gone)
    assert own.put(f"/v1/scores/{gone}/2024", json={"frame": frame, **CARD}).status_code == 201
    initiative = own.post("/v1/initiatives", json={"unit_id": gone, "title": "Giải pháp", "summary": "Tóm tắt", "kind": "SOLUTION",
                                                   "applied_from": "2024-03-01"}).headers["Location"]
    for body, into, day in ((before, gone, "2025-03-01"), (gone, heir, "2025-07-01")):
        ended = admin.post(f"/v1/units/{body}/successions", json={"kind": "MERGE", "effective_on": day, "legal_basis": "NQ 1",
                                                                  "successors": [into]})
        assert ended.status_code == 201, ended.text
    at = service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'")
    for write, _ in writes_of(own, gone, dossier, frame, initiative):
        found = problem(write(), 403, "forbidden")
        assert "successor" in found["detail"]
    problem(own.put(f"/v1/scores/{before}/2024", json={"frame": frame, **CARD}), 403, "forbidden")
    problem(own.put(f"/v1/scores/{heir}/2024", json={"frame": frame, **CARD}), 403, "outside-scope")
    assert service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'") == at
    for path in (dossier.url, initiative, f"/v1/scores/{gone}/2024"):
        assert own.get(path).status_code == 200
    appraisal = {"leaves": [{"code": "1", "appraised_points": "9.00"}]}
    problem(service.key("home_affairs", gone).put(f"/v1/scores/{gone}/2024/appraisal", json=appraisal), 403, "separation-of-duties")
    dossier.client = successor
    for write, status in writes_of(successor, gone, dossier, frame, initiative):
        done = write()
        assert done.status_code == status, (done.request.url, done.text)
