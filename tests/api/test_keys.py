"""Access keys: who am I, and a new secret without a gap."""
import uuid

import pytest

from service import Client, problem, wait_until
from test_contract import ROUTES


@pytest.fixture
def key(clients):
    made = clients["admin"].post("/v1/keys", json={"name": "xoay", "roles": ["viewer"]})
    return {**made.json(), "etag": made.headers["ETag"]}


def rotate(clients, key, etag=None, **body):
    return clients["admin"].post(f"/v1/keys/{key['id']}/rotate", json=body, headers={"If-Match": etag or key["etag"]})


def test_after_a_rotation_both_secrets_are_good_for_a_while(service, clients, key):
    old = Client(service.base, key["key"])
    assert old.get("/v1/me").status_code == 200
    rotated = rotate(clients, key)
    assert rotated.status_code == 200 and rotated.json()["key"] != key["key"] and rotated.headers["Cache-Control"] == "no-store"
    new = Client(service.base, rotated.json()["key"])
    assert old.get("/v1/me").json() == new.get("/v1/me").json(), "the same key, by either secret"
    assert rotated.json()["previous_until"]
    # Its time is over: as if the hours had passed.
    service.psql(f"UPDATE keys SET previous_until = now() - interval '1 s' WHERE id = '{key['id']}'; SELECT pg_notify('thidua', 'keys')")
    wait_until(lambda: old.get("/v1/me").status_code == 401)
    assert new.get("/v1/me").status_code == 200


def test_without_overlap_the_old_secret_ends_at_once(service, clients, key):
    old = Client(service.base, key["key"])
    assert old.get("/v1/me").status_code == 200
    rotated = rotate(clients, key, overlap_hours=0)
    problem(old.get("/v1/me"), 401, "unauthenticated")
    again = rotate(clients, key, rotated.headers["ETag"], overlap_hours=1)
    assert again.status_code == 200
    assert Client(service.base, rotated.json()["key"]).get("/v1/me").status_code == 200
    assert clients["admin"].delete(f"/v1/keys/{key['id']}").status_code == 200
    for secret in (rotated.json()["key"], again.json()["key"]):
        problem(Client(service.base, secret).get("/v1/me"), 401, "unauthenticated")


def test_a_key_does_not_begin_expired(service, clients):
    before = service.psql("SELECT count(*) FROM keys")
    found = problem(clients["admin"].post("/v1/keys", json={"name": "cũ", "roles": ["viewer"], "expires_at": "2020-01-01T00:00:00Z"}), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/expires_at" and service.psql("SELECT count(*) FROM keys") == before
    assert clients["admin"].post("/v1/keys", json={"name": "mới", "roles": ["viewer"], "expires_at": "2999-01-01T00:00:00Z"}).status_code == 201


def test_rotations_that_are_refused(clients, key):
    path = f"/v1/keys/{key['id']}/rotate"
    problem(clients["admin"].post(path, json={}), 428, "version-required")
    problem(rotate(clients, key, overlap_hours=169), 422, "invalid")
    assert rotate(clients, key).status_code == 200
    problem(rotate(clients, key), 412, "stale-version")
    revoked = clients["admin"].delete(f"/v1/keys/{key['id']}")
    problem(rotate(clients, key, revoked.headers["ETag"]), 409, "conflict")


def test_no_secret_and_no_hash_is_shown_or_told_to_the_journal(service, clients, key):
    secret = rotate(clients, key).json()["key"]
    told = service.psql(f"SELECT string_agg(j::text, ' ') FROM journal j WHERE resource = '/v1/keys/{key['id']}'")
    assert "key.rotated" in told and secret not in told and "hash" not in clients["admin"].get(f"/v1/keys/{key['id']}").text


def test_me_names_what_the_roles_may_call(clients):
    for role in ("viewer", "admin", "unit"):
        wanted = {f"{m} {p}" for (m, p), route in ROUTES.items() if {"anyone", role} & set(route["roles"])}
        assert set(clients[role].get("/v1/me").json()["operations"]) == wanted


def test_the_command_says_what_is_wrong_in_one_line_and_shows_no_row(service):
    """The row that is refused holds the new key's hash: a terminal and its scroll-back are no place for it."""
    before = service.psql("SELECT count(*) FROM keys")
    for more, words in ((["--role", "unit"], "--unit: The role unit needs a unit."),
                        (["--role", "unit", "--unit", str(uuid.uuid4())], "--unit: There is no such unit.")):
        done = service.command("key", "create", "--name", "Sở Y tế", *more)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"thidua key create: {words}\n")
    done = service.command("key", "create", "--name", "Sở Y tế", "--role", "unit", "--unit", "no-uuid")
    assert (done.returncode, done.stdout) == (2, "") and "UUID" in done.stderr
    done = service.command("key", "create", "--name", "x", "--role", "viewer", "--days", "36500")
    assert done.returncode == 0, done.stderr
    assert service.psql("SELECT count(*) FROM keys") == str(int(before) + 1)
