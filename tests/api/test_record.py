"""GET /v1/units/{id}/record: by year, of the unit and of whom it took over from; to each caller what it reads elsewhere."""
import datetime
import uuid

import pytest

from award_tools import AwardRound, number, today
from conftest import make_unit
from service import problem

KINDS = ["scores", "findings", "dossiers", "nominations", "awards", "revocations"]


def record(client, unit):
    answer = client.get(f"/v1/units/{unit}/record")
    assert answer.status_code == 200, answer.text
    return answer.json()


def year(client, unit, which=2024):
    """What the year shows; {} of a year that is not there."""
    return next((y for y in record(client, unit)["items"] if y["year"] == which), {})


def shown(client, unit):
    found = year(client, unit)
    return {kind: len(found[kind]) for kind in KINDS if found.get(kind)}


@pytest.fixture
def held(service, clients):
    return AwardRound(service, clients, 2)


def scorecard(held, unit):
    frame = f"t-{unit[:8]}"
    held.done(held.home.put(f"/v1/score-frames/{frame}/2024", json={
        "tier": "SO", "nodes": [{"code": "1", "text_vi": "Một", "kind": "NORMAL", "maximum": "10"}]}))
    held.done(held.unit_client.put(f"/v1/scores/{unit}/2024", json={"frame": frame, "leaves": [{"code": "1", "self_points": "9"}]}))
    return f"/v1/scores/{unit}/2024"


def revoke(held, decision, units):
    made = held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "units": units, "ground": "FRAUD", "reason": "Gian dối"}))
    return f"/v1/decisions/{made['id']}"


def test_each_caller_sees_what_it_reads_elsewhere(service, clients, held):
    """V.3 and domain, section 6: from the first figure to the revocation, step by step."""
    unit, stranger = held.units[0], service.key("unit", make_unit(held.admin)["id"])
    own, outside = service.key("unit", unit), [clients["anyone"], clients["viewer"], stranger, clients["admin"]]
    card = scorecard(held, unit)
    inside = {"scores": 1, "findings": 1, "nominations": 1}
    for client in (held.auditor, held.unit_client):
        assert shown(client, unit) == inside
    assert shown(own, unit) == {"scores": 1, "findings": 1}, "the dossier is its nominator's, one level up"
    assert [shown(client, unit) for client in outside] == [{}] * 4 and own.get(held.dossier).status_code == 404
    assert shown(held.auditor, held.parent) == {"dossiers": 1} == shown(held.unit_client, held.parent)
    assert shown(clients["anyone"], held.parent) == {}
    found = year(held.auditor, unit)
    assert found["scores"] == [{name: value for name, value in item.items() if name != "version"}
                               for item in held.auditor.get("/v1/scores", params={"unit_id": unit}).json()["items"]]
    assert found["findings"] == [held.auditor.get(f"{held.round}/findings/{unit}").json()]
    dossier = held.auditor.get(held.dossier).json()
    (nomination,) = found["nominations"]
    assert (nomination["dossier_id"], nomination["state"], nomination["unit_id"], nomination["nominator_unit_id"], nomination["late"]) == (
        dossier["id"], "ACCEPTED", unit, held.parent, False)
    assert year(held.auditor, held.parent)["dossiers"][0]["nominees"] == 2

    service.psql(f"UPDATE scorecards SET state = 'PUBLISHED', decision_number = '1/QĐ', decision_date = '2025-02-01' WHERE unit_id = '{unit}'")
    decision = held.draft(held.units)
    held.done(held.sign(decision, number()))
    assert all(shown(client, unit).get("awards") is None for client in [*outside, own, held.unit_client])
    assert shown(held.auditor, unit)["awards"] == 1, "as GET /v1/awards/{id} does"
    held.publish(decision)
    for client in [*outside, own, held.unit_client, held.auditor]:
        (award,) = year(client, unit)["awards"]
        assert award == client.get(f"/v1/awards/{award['id']}").json() and award["unit_id"] == unit
    assert [shown(client, unit) for client in outside] == [{"scores": 1, "awards": 1}] * 4, "a published index is public"

    revocation = revoke(held, decision, [unit])
    held.done(held.sign(revocation, number()))
    assert all(shown(client, unit).get("revocations") is None for client in [*outside, own, held.unit_client])
    held.publish(revocation)
    for client in [*outside, own, held.unit_client, held.auditor]:
        (gone,) = year(client, unit)["revocations"]
        assert (gone["unit_id"], gone["award_id"], gone["ground"], gone["revoked_on"]) == (unit, award["id"], "FRAUD", today())
        assert f"/v1/decisions/{gone['decision_id']}" == revocation
        assert year(client, held.units[1])["revocations"] == []
    assert card


def test_what_a_body_earned_goes_on_with_its_successors(service, clients, held):
    """Domain, section 8: by the day of each succession, through several; every row says whose it is."""
    first, other = held.units
    decision = held.draft(held.units)
    held.done(held.sign(decision, number()))
    held.publish(decision)
    before = record(held.auditor, first)
    assert before["bodies"] == [{"unit_id": first, "unit_label": before["unit_label"], "succeeded_on": None}]
    above = f"/v1/units/{held.parent}"
    held.done(held.admin.merge(above, {"valid_from": "2026-02-01", "name": f"Sở mới {uuid.uuid4().hex[:8]}"}, held.etag(above)["If-Match"]))
    merged = make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=held.parent, valid_from="2026-02-01", succeeds={
        "kind": "MERGE", "legal_basis": "NQ 1", "predecessors": [first, other]})["id"]
    renamed = make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=held.parent, valid_from=today(), succeeds={
        "kind": "RENAME", "legal_basis": "NQ 2", "predecessors": [merged]})["id"]
    whole = record(held.auditor, renamed)
    assert [(b["unit_id"], b["succeeded_on"]) for b in whole["bodies"]] == [
        (renamed, None), (merged, today()), *((unit, "2026-02-01") for unit in sorted(held.units))]
    assert all(b["unit_label"] for b in whole["bodies"]) and whole["unit_id"] == renamed and whole["next"] is None
    assert {b["unit_id"]: b["unit_label"] for b in whole["bodies"]}[first] == before["unit_label"]  # with the name that the body above had on its last day
    found = year(held.auditor, renamed)
    for kind in ("findings", "nominations", "awards"):
        assert {row["unit_id"] for row in found[kind]} == {first, other}, kind
    assert found["findings"] == year(held.auditor, merged)["findings"]
    assert {a["unit_id"] for a in year(clients["anyone"], renamed)["awards"]} == {first, other}
    assert shown(service.key("unit", renamed), renamed)["findings"] == 2, "who took over reads what was its predecessors'"
    assert [b["unit_id"] for b in record(held.auditor, first)["bodies"]] == [first], "and not the other way round"
    assert shown(held.auditor, first)["awards"] == 1


def test_a_succession_that_is_still_to_come_does_not_count(clients, unit):
    old = unit()["id"]
    later = (datetime.date.fromisoformat(today()) + datetime.timedelta(days=30)).isoformat()
    new = make_unit(clients["admin"], valid_from=later, succeeds={"kind": "RENAME", "legal_basis": "NQ", "predecessors": [old]})["id"]
    assert [b["unit_id"] for b in record(clients["anyone"], new)["bodies"]] == [new]


def test_it_is_cheap_to_ask_again(service, clients, held):
    unit, path = held.units[0], f"/v1/units/{held.units[0]}/record"
    tags = {}
    for name, client in {"anyone": clients["anyone"], "auditor": held.auditor, "body": held.unit_client}.items():
        tags[name] = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tags[name]}).status_code == 304
    assert tags["anyone"] != tags["auditor"]
    held.done(held.home.put(f"{held.round}/findings/{unit}", headers=held.etag(f"{held.round}/findings/{unit}"), json={"contents": [
        {"content": "A", "score": "90", "result": "OUTSTANDING", "reason": "Tốt", "evidence": []}]}))
    assert held.auditor.get(path, headers={"If-None-Match": tags["auditor"]}).status_code == 200
    assert clients["anyone"].get(path, headers={"If-None-Match": tags["anyone"]}).status_code == 304, "nothing that it may see has changed"


def test_no_unit_no_record(clients):
    problem(clients["auditor"].get(f"/v1/units/{uuid.uuid4()}/record"), 404, "not-found")
