"""What stands below one thing and is read with it as a whole has a bound (docs/security.md, "Lists below one thing")."""
import pytest

from dossier_tools import PDF, Dossier, Round, make_pdf
from service import problem


@pytest.fixture(scope="module")
def award_round(service):
    return Round(service)


@pytest.fixture
def filled(service):
    """Rows that came around every guard, in the time of one statement; taken away afterwards."""
    undone = []

    def fill(table, made, where):
        told = service.psql(f"SET session_replication_role = replica; INSERT INTO {table} {made}", user="postgres")
        assert "ERROR" not in told, told
        undone.append(f"DELETE FROM {table} WHERE {where}")

    yield fill
    told = service.psql(f"SET session_replication_role = replica; {'; '.join(reversed(undone))}", user="postgres")
    assert "ERROR" not in told, told


def refused_by(answer, rule, number):
    refused = problem(answer, 409, "conflict")
    assert number in refused["detail"]
    assert [error["code"] for error in refused.get("errors", [])] == ([rule] if rule else []), refused


def test_a_unit_changes_so_often_and_has_so_many_codes(clients, unit, filled):
    own = unit()
    path, admin = f"/v1/units/{own['id']}", clients["admin"]
    day = "date '1950-01-01' + i"
    filled("unit_periods", f"(unit_id, valid, name, kind) SELECT '{own['id']}', daterange({day}, {day} + 1), 'Tên cũ', 'PROVINCIAL_BODY' "
           "FROM generate_series(1, 199) i", f"unit_id = '{own['id']}' AND name = 'Tên cũ'")
    filled("unit_codes", f"(unit_id, scheme, value, valid) SELECT '{own['id']}', 'AGENCY', 'Y77.' || lpad(i::text, 3, '0'), '[1950-01-01,1950-01-02)' "
           "FROM generate_series(1, 99) i", f"unit_id = '{own['id']}' AND value LIKE 'Y77.%'")
    change = lambda **body: admin.merge(path, body, admin.get(path).headers["ETag"])
    refused_by(change(valid_from="2024-01-01", name="Tên mới", confirm_duplicate=True), "unit_periods_most", "200")
    two = [{"scheme": "AGENCY", "value": f"Y78.{number}"} for number in ("01", "02")]
    refused_by(change(valid_from="2024-01-01", codes_add=two), "unit_codes_most", "100")
    assert change(valid_from="2024-01-01", codes_add=two[:1]).status_code == 200
    assert change(valid_from="2020-01-01", name="Tên đúng", confirm_duplicate=True).status_code == 200, "what is there can be corrected"
    assert change(valid_from="2024-01-01", codes_end=two[:1]).status_code == 200


def test_whose_move_with_its_parent_is_one_change_too_many_is_named(clients, unit, filled):
    parent, taker = unit(), unit()
    children = [unit(parent_id=parent["id"]) for _ in range(2)]
    day = "date '1950-01-01' + i"
    filled("unit_periods", f"(unit_id, valid, name, kind) SELECT '{children[1]['id']}', daterange({day}, {day} + 1), 'Tên cũ', 'PROVINCIAL_BODY' "
           "FROM generate_series(1, 199) i", f"unit_id = '{children[1]['id']}' AND name = 'Tên cũ'")
    merged = {"kind": "MERGE", "legal_basis": "Nghị quyết 1/NQ-HĐND"}
    made = {"name": "Sở mới", "kind": "PROVINCIAL_BODY", "valid_from": "2024-01-01", "confirm_duplicate": True}
    for path, body, pointer in (
            (f"/v1/units/{parent['id']}/successions",
             {**merged, "effective_on": "2024-01-01", "successors": [taker["id"]], "move_children_to": taker["id"]}, "/move_children_to"),
            ("/v1/units", {**made, "succeeds": {**merged, "predecessors": [parent["id"]], "move_children": True}}, "/succeeds/move_children")):
        refused = problem(clients["admin"].post(path, json=body), 409, "conflict")["errors"]
        assert [(e["pointer"], e["code"], e["unit_id"]) for e in refused] == [(pointer, "unit_periods_most", children[1]["id"])]


@pytest.mark.parametrize("own, other", [("predecessor_id", "successor_id"), ("successor_id", "predecessor_id")])
def test_a_unit_takes_over_and_hands_over_so_often(clients, unit, filled, own, other):
    giver, taker = unit()["id"], unit()["id"]
    counted = giver if own == "predecessor_id" else taker
    filled("successions", f"({own}, {other}, kind, effective_on, legal_basis) SELECT '{counted}', gen_random_uuid(), 'TRANSFER', '2021-01-01', 'NQ' "
           "FROM generate_series(1, 500) i", f"{own} = '{counted}'")
    admin, path = clients["admin"], f"/v1/units/{giver}"
    refused_by(admin.post(f"{path}/successions", json={"kind": "TRANSFER", "effective_on": "2024-01-01", "legal_basis": "Nghị quyết 1/NQ-HĐND",
                                                       "successors": [taker]}, headers={"If-Match": admin.get(path).headers["ETag"]}), "successions_of_unit_most", "500")


def test_a_dossier_has_so_many_nominees_and_documents(service, unit, award_round, filled):
    nominator = unit()["id"]
    below = [unit(kind="PROVINCIAL_SUBUNIT", parent_id=nominator)["id"] for _ in range(2)]
    for each in below:
        award_round.register(each)
    dossier = Dossier(service.key("unit", nominator), award_round, nominator)
    assert dossier.nominate(below[0]).status_code == 201
    etag = dossier.etag()
    filled("nominations", f"(dossier_id, campaign, year, unit_id) SELECT '{dossier.id}', '{award_round.campaign}', 2024, gen_random_uuid() "
           "FROM generate_series(1, 499) i", f"dossier_id = '{dossier.id}' AND unit_id <> '{below[0]}'")
    refused_by(dossier.nominate(below[1]), "nominations_most", "500")
    again = dossier.client.put(f"{dossier.url}/nominations/{below[0]}", json={}, headers={"If-Match": etag})
    assert again.status_code == 200, again.text
    filled("documents", f"(dossier_id, kind, unit_id, size, sha256, superseded_at) SELECT '{dossier.id}', 'EVIDENCE', '{below[0]}', 1, repeat('0', 64), now() "
           "FROM generate_series(1, 5000) i", f"dossier_id = '{dossier.id}' AND size = 1")
    refused_by(dossier.client.post(f"{dossier.url}/nominations/{below[0]}/evidence", data=make_pdf(), headers=PDF), None, "5000")


def test_a_nominator_has_so_many_dossiers_in_a_year(service, unit, award_round, filled):
    nominator = unit()["id"]
    client = service.key("unit", nominator)
    body = {"campaign": award_round.campaign, "year": 2024, "nominator_unit_id": nominator}
    filled("dossiers", f"(campaign, year, nominator_id, on_paper, state) SELECT '{award_round.campaign}', 2024, '{nominator}', false, 'WITHDRAWN' "
           "FROM generate_series(1, 499) i", f"nominator_id = '{nominator}' AND state = 'WITHDRAWN'")
    assert client.post("/v1/dossiers", json=body).status_code == 201
    refused_by(client.post("/v1/dossiers", json=body), "dossiers_of_nominator_most", "500")
    assert client.post("/v1/dossiers", json={**body, "year": 2025}).status_code == 201
