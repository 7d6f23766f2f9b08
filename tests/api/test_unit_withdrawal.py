"""A body that was entered by mistake is withdrawn while nothing rests on it (domain, section 8): what refers to a unit is asked of the catalog."""
import concurrent.futures
import re
import uuid

import pytest

from award_tools import AwardRound
from conftest import make_campaign
from service import ROOT, problem, wait_until
from test_discipline import RECORD
from test_unit_changes import agency, change, code, everything, on, succeed

WORDS = {table: (vi, en) for table, vi, en in re.findall(
    r'^REST\("(\w+)", "([^"]+)", "([^"]+)"\)$', (ROOT / "src/units/rests.def").read_text(encoding="utf-8"), re.M)}
RESTRICTED = set(re.findall(r'^RESTRICTED\("(\w+)"\)$', (ROOT / "src/units/rests.def").read_text(encoding="utf-8"), re.M))
OWN = {("unit_periods", "unit_id"), ("unit_codes", "unit_id"), ("unit_stamps", "unit_id")}
REFERENCES = """SELECT string_agg(c.conrelid::regclass || '.' || a.attname, ' ') FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) WHERE c.contype = 'f' AND c.confrelid = 'units'::regclass"""
# Of a table that has no foreign key of its own it is a row of one that has, or is what was written of a unit.
WITHOUT = """SELECT string_agg(c.relname || '.' || a.attname, ' ') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.atttypid IN ('uuid'::regtype, 'uuid[]'::regtype)
      AND a.attname ~ '(^|_)units?(_|$)' AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f'
                                                           AND a.attnum = ANY (f.conkey))"""


def withdraw(client, unit, etag=None, **query):
    shown = client.get(f"/v1/units/{unit['id']}")
    return client.delete(f"/v1/units/{unit['id']}", params=query, headers={"If-Match": etag or shown.headers["ETag"]})


def references(service):
    return {tuple(reference.split(".")) for reference in service.psql(REFERENCES).split()} - OWN


def test_a_unit_entered_by_mistake_goes_with_what_is_its_own(service, clients, unit):
    admin, value, parent = clients["admin"], code(), unit()
    made = unit(name=f"Sở Nhầm {uuid.uuid4()}", codes=[agency(value)], parent_id=parent["id"])
    assert change(admin, made["id"], valid_from="2024-01-01", name="Sở Nhầm nữa", codes_add=[agency(code())]).status_code == 200
    path = f"/v1/units/{made['id']}"
    read = clients["anyone"].get(path)
    assert clients["anyone"].get(path, headers={"If-None-Match": read.headers["ETag"]}).status_code == 304
    answer = withdraw(admin, made, reason="Nhập hai lần")
    assert answer.status_code == 204, answer.text
    for gone in (path, f"{path}/history", f"{path}/successions", f"{path}?on=2024-01-01"):
        problem(clients["anyone"].get(gone, headers={"If-None-Match": read.headers["ETag"]}), 404, "not-found")
    problem(change_of_gone(admin, path, read), 404, "not-found")
    problem(admin.delete(path, headers={"If-Match": read.headers["ETag"]}), 404, "not-found")
    assert clients["anyone"].get("/v1/units", params={"parent_id": parent["id"], "limit": 200}).json()["items"] == []
    assert clients["anyone"].get("/v1/units", params={"code": value, "on": "2023-01-01"}).json()["items"] == []
    again = unit(codes=[agency(value)])
    assert on(clients["anyone"], again["id"], "2023-01-01")["codes"][0]["value"] == value, "its code is free"
    told = service.psql(f"SELECT type, reason, before ->> 'name', after IS NULL FROM journal WHERE unit_id = '{made['id']}' ORDER BY id DESC LIMIT 1")
    assert told == "unit.withdrawn|Nhập hai lần|Sở Nhầm nữa|t"
    wait_until(lambda: clients["auditor"].get("/v1/journal/head").json()["unsealed"] == 0)
    verified = service.command("verify")  # of rows that other tests wrote by hand, it says so
    assert verified.stdout.startswith("intact") and made["id"] not in verified.stdout, verified.stdout


def change_of_gone(client, path, read):
    return client.merge(path, {"valid_from": "2024-06-01", "name": "Sở khác"}, read.headers["ETag"])


def test_only_an_admin_who_read_it_withdraws_and_a_rehearsal_keeps_it(service, clients, unit):
    made = unit()
    path, before = f"/v1/units/{made['id']}", everything(service)
    problem(withdraw(clients["home_affairs"], made), 403, "forbidden")
    problem(clients["admin"].delete(path), 428, "version-required")
    problem(withdraw(clients["admin"], made, etag='"99"'), 412, "stale-version")
    assert withdraw(clients["admin"], made, dry_run="true").status_code == 204
    assert everything(service) == before and clients["anyone"].get(path).status_code == 200


def test_every_table_that_refers_to_units_is_known_in_words(service):
    assert {table for table, _ in references(service)} | {"verdicts"} == set(WORDS) | RESTRICTED and not set(WORDS) & RESTRICTED
    assert all(vi and en for vi, en in WORDS.values()) and len({vi for vi, _ in WORDS.values()}) == len(WORDS)
    # History, what is stored by the million, and what is forgotten in a day.
    assert set(service.psql(WITHOUT).split()) == {"journal.unit_id", "journal.actor_unit", "verdicts.unit_id", "evaluation_units.unit_id",
                                                  "idempotency_answers.unit"}


def test_a_new_table_is_asked_too(service, clients, unit):
    """Whatever refers to a unit, by whatever column: the words wait, the refusal does not."""
    made = unit()
    service.psql("CREATE TABLE test_later (id integer, judged uuid REFERENCES units); GRANT SELECT ON test_later TO thidua_app")
    try:
        service.psql(f"INSERT INTO test_later VALUES (1, '{made['id']}')")
        found = problem(withdraw(clients["admin"], made), 409, "conflict")["errors"]
        assert [e["code"] for e in found] == ["rests_on_unit"] and "other data" in found[0]["detail"]
    finally:
        service.psql("DROP TABLE test_later")
    assert withdraw(clients["admin"], made).status_code == 204


def test_a_verdict_holds_it_without_a_foreign_key(service, clients, unit):
    evaluation, made = AwardRound(service, clients, 1).evaluate(), unit()["id"]
    asked = service.psql(f"BEGIN; INSERT INTO verdicts VALUES ('{evaluation}', '{made}', 'PENDING', '', '', 0, ''); SELECT unit_rests('{made}'); ROLLBACK")
    assert "verdicts" in asked.split(), asked
    assert service.psql(f"SELECT unit_rests('{made}')") == ""


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_rests_on_it_is_named(service, clients, unit, language):
    admin, parent, other = clients["admin"], unit(), unit()
    child = unit(parent_id=parent["id"], valid_from="2021-01-01")
    assert change(admin, child["id"], valid_from="2022-01-01", parent_id=other["id"]).status_code == 200
    service.key("unit", parent["id"])
    campaign = make_campaign(service)
    entered = clients["home_affairs"].put(f"{campaign}/rounds/2024/contestants/{parent['id']}", json={"group": "SO_BAN_NGANH", "on_assessed_list": True})
    assert entered.status_code == 201, entered.text
    assert succeed(admin, parent, "TRANSFER", [other]).status_code == 201
    before = everything(service)
    etag = admin.get(f"/v1/units/{parent['id']}").headers["ETag"]
    answer = admin.delete(f"/v1/units/{parent['id']}", headers={"If-Match": etag, "Accept-Language": language})
    found = problem(answer, 409, "conflict")["errors"]
    named = [WORDS[table][language == "en"] for table in ("contestants", "keys", "successions", "unit_periods")]
    assert [next(word for word in named if word in e["detail"]) for e in found] == named
    assert everything(service) == before
    problem(withdraw(admin, other), 409, "conflict")
    assert withdraw(admin, child).status_code == 204, "nothing rests on the child itself"


def test_an_admin_is_not_told_what_only_offices_may_read(service, clients, unit):
    """Domain, section 4: who has the role learns by a rehearsal of no matter under investigation, of no discipline and of no award to come."""
    held = AwardRound(service, clients, 1)
    told = set()
    for path, body in (("/v1/proceedings", {"kind": "INSPECTION", "opened_on": "2024-09-02"}), ("/v1/discipline-records", RECORD)):
        made = unit()
        entered = held.home.post(path, json={"unit_id": made["id"], **body})
        assert entered.status_code == 201, entered.text
        errors = problem(withdraw(clients["admin"], made, dry_run="true"), 409, "conflict")["errors"]
        told.add(tuple((e["code"], e["detail"]) for e in errors))
    assert len(told) == 1 and "only the offices may read" in next(iter(told))[0][1], told
    held.draft(held.units)
    errors = problem(withdraw(clients["admin"], {"id": held.units[0]}, dry_run="true"), 409, "conflict")["errors"]
    assert sum("only the offices may read" in e["detail"] for e in errors) == 1
    assert not [e for e in errors if re.search("proposal|verdict|decision|award", e["detail"].split(". Only one")[0])], errors


WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"


def test_who_refers_to_it_first_keeps_it(service, clients, unit):
    """The schedule: the withdrawal looks for what rests on the unit while that is written and not committed."""
    made = unit()
    with concurrent.futures.ThreadPoolExecutor() as threads, service.holding(
            f"INSERT INTO successions (predecessor_id, kind, effective_on, legal_basis) VALUES ('{made['id']}', 'DISSOLVE', '2025-01-01', 'NQ')") as release:
        going = threads.submit(withdraw, clients["admin"], made)
        wait_until(lambda: service.psql(WAITING) == "1" or going.done())
        assert not going.done(), going.result().text
        release()
        assert [e["code"] for e in problem(going.result(), 409, "conflict")["errors"]] == ["rests_on_unit"]
    assert clients["anyone"].get(f"/v1/units/{made['id']}").status_code == 200


def test_who_refers_to_it_too_late_is_told(service, clients, unit):
    """The schedule: each still sees the unit whose withdrawal is not committed, and would refer to what is gone."""
    admin, made = clients["admin"], unit()
    path, contestants = f"/v1/units/{made['id']}", f"{make_campaign(service)}/rounds/2024/contestants"
    late = [
        (lambda: admin.post("/v1/units", json={"name": f"Phòng {uuid.uuid4()}", "kind": "OTHER", "valid_from": "2021-01-01",
                                               "parent_id": made["id"]}), 422),
        (lambda: admin.post("/v1/keys", json={"name": "khóa", "roles": ["unit"], "unit_id": made["id"]}), 422),
        (lambda: clients["home_affairs"].put(f"{contestants}/{made['id']}", json={"group": "SO_BAN_NGANH", "on_assessed_list": True}), 404),
    ]
    before = service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'")
    with concurrent.futures.ThreadPoolExecutor() as threads, service.holding(f"SELECT unit_withdraw('{made['id']}')") as release:
        waiting = [threads.submit(call) for call, _ in late]
        wait_until(lambda: service.psql(WAITING) == str(len(late)) or any(one.done() for one in waiting))
        assert not any(one.done() for one in waiting), [one.result().text for one in waiting if one.done()]
        release()
        assert [one.result().status_code for one in waiting] == [status for _, status in late], [one.result().text for one in waiting]
    assert service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'") == before
    assert clients["anyone"].get(path).status_code == 404
