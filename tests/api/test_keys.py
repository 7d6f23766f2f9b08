"""Access keys: who am I, and a new secret without a gap."""
import concurrent.futures
import datetime
import json
import socket
import uuid

import pytest

from conftest import make_unit
from service import Client, Service, make_place, problem, serving, wait_until
from test_contract import ROUTES
from test_packed_facts import AS_OF, Round


@pytest.fixture
def key(clients):
    made = clients["admin"].post("/v1/keys", json={"name": "xoay", "roles": ["viewer"]})
    return {**made.json(), "etag": made.headers["ETag"]}


def rotate(service, key, etag=None, secret=None, **body):
    """By its holder."""
    return Client(service.base, secret or key["key"]).post(f"/v1/keys/{key['id']}/rotate", json=body, headers={"If-Match": etag or key["etag"]})


def test_after_a_rotation_both_secrets_are_good_for_a_while(service, clients, key):
    old = Client(service.base, key["key"])
    assert old.get("/v1/me").status_code == 200
    rotated = rotate(service, key)
    assert rotated.status_code == 200 and rotated.json()["key"] != key["key"] and rotated.headers["Cache-Control"] == "no-store"
    new = Client(service.base, rotated.json()["key"])
    assert old.get("/v1/me").json() == new.get("/v1/me").json(), "the same key, by either secret"
    left = f"SELECT previous_until - now() BETWEEN interval '%s' - interval '1 minute' AND interval '%s' FROM keys WHERE id = '{key['id']}'"
    assert rotated.json()["previous_until"] and service.psql(left % ("24:00", "24:00")) == "t"  # openapi.yaml: a day, unless another is asked for
    # Its time is over: as if the hours had passed.
    service.psql(f"UPDATE keys SET previous_until = now() - interval '1 s' WHERE id = '{key['id']}'; SELECT pg_notify('thidua', 'keys')")
    wait_until(lambda: old.get("/v1/me").status_code == 401)
    assert new.get("/v1/me").status_code == 200


def test_without_overlap_the_old_secret_ends_at_once(service, clients, key):
    old = Client(service.base, key["key"])
    assert old.get("/v1/me").status_code == 200
    rotated = rotate(service, key, overlap_hours=0)
    problem(old.get("/v1/me"), 401, "unauthenticated")
    again = rotate(service, key, rotated.headers["ETag"], rotated.json()["key"], overlap_hours=1)
    assert again.status_code == 200
    left = service.psql(f"SELECT previous_until - now() BETWEEN interval '59 minutes' AND interval '1 hour' FROM keys WHERE id = '{key['id']}'")
    assert left == "t" and Client(service.base, rotated.json()["key"]).get("/v1/me").status_code == 200
    assert clients["admin"].delete(f"/v1/keys/{key['id']}").status_code == 200
    for secret in (rotated.json()["key"], again.json()["key"]):
        problem(Client(service.base, secret).get("/v1/me"), 401, "unauthenticated")


def test_a_key_is_revoked_once_and_the_journal_says_what_it_was(service, clients, key):
    path = f"/v1/keys/{key['id']}"
    revoked = clients["admin"].delete(path)
    assert revoked.json()["revoked_at"]
    for again in (clients["admin"].delete(path), clients["admin"].delete(path, headers={"Idempotency-Key": key["id"]}), clients["admin"].get(path)):
        assert (again.status_code, again.json(), again.headers["ETag"]) == (200, revoked.json(), revoked.headers["ETag"])
    assert clients["admin"].delete(path, params={"dry_run": "true"}).json() == revoked.json()
    told = service.psql(f"SELECT before ->> 'name', after ->> 'revoked_at' IS NOT NULL FROM journal WHERE type = 'key.revoked' AND resource = '{path}'")
    assert told == f"{key['name']}|t"


def test_a_key_does_not_begin_expired(service, clients):
    before = service.psql("SELECT count(*) FROM keys")
    found = problem(clients["admin"].post("/v1/keys", json={"name": "cũ", "roles": ["viewer"], "expires_at": "2020-01-01T00:00:00Z"}), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/expires_at" and service.psql("SELECT count(*) FROM keys") == before
    assert clients["admin"].post("/v1/keys", json={"name": "mới", "roles": ["viewer"], "expires_at": "2999-01-01T00:00:00Z"}).status_code == 201


def test_rotations_that_are_refused(service, clients, key):
    path = f"/v1/keys/{key['id']}/rotate"
    problem(Client(service.base, key["key"]).post(path, json={}), 428, "version-required")
    problem(rotate(service, key, overlap_hours=169), 422, "invalid")
    rotated = rotate(service, key)
    assert rotated.status_code == 200
    newest = rotated.json()["key"]
    problem(rotate(service, key, secret=newest), 412, "stale-version")
    # The secret of before opens the service for a while, but whoever found it does not become the holder.
    problem(rotate(service, key, rotated.headers["ETag"]), 403, "forbidden")
    clients["admin"].delete(f"/v1/keys/{key['id']}").raise_for_status()
    problem(rotate(service, key, rotated.headers["ETag"], newest), 401, "unauthenticated")


def test_nobody_becomes_the_holder_of_anothers_key(service, clients, key):
    """Whoever rotates a key learns its secret. Admins revoke and make new ones; nobody learns which keys there are."""
    nothing = "00000000-0000-4000-8000-000000000000"
    for role in ("admin", "auditor", "home_affairs", "chair_office", "viewer"):
        for wanted in (key["id"], nothing):
            found = problem(clients[role].post(f"/v1/keys/{wanted}/rotate", json={}, headers={"If-Match": "*"}), 403, "forbidden")
            assert "admin" in found["detail"]
    for wanted in (key["id"], nothing):
        problem(clients["home_affairs"].get(f"/v1/keys/{wanted}"), 404, "not-found")
    own = Client(service.base, key["key"]).get(f"/v1/keys/{key['id']}")
    assert own.headers["ETag"] and own.json()["generation"] == 1 and "hash" not in own.text


def test_the_journal_names_the_generation_of_the_secret(service, clients):
    admin = Client(service.base, service.first_key())
    me = admin.get("/v1/me").json()["key_id"]
    rotated = admin.post(f"/v1/keys/{me}/rotate", json={}, headers={"If-Match": admin.get(f"/v1/keys/{me}").headers["ETag"]})
    newest, told = Client(service.base, rotated.json()["key"]), []
    assert rotated.json()["generation"] == 2
    for client in (newest, admin):
        told.append(service.psql(f"SELECT actor_generation FROM journal WHERE unit_id = '{make_unit(client)['id']}'"))
    assert told == ["2", "1"]
    assert service.psql(f"SELECT actor_kind, actor_generation FROM journal WHERE type = 'key.created' AND after ->> 'id' = '{me}'") == "SERVICE|"


def test_no_secret_and_no_hash_is_shown_or_told_to_the_journal(service, clients, key):
    secret = rotate(service, key).json()["key"]
    told = service.psql(f"SELECT string_agg(j::text, ' ') FROM journal j WHERE resource = '/v1/keys/{key['id']}'")
    assert "key.rotated" in told and secret not in told and "hash" not in clients["admin"].get(f"/v1/keys/{key['id']}").text


def last_use(service, key_id):
    return service.psql(f"SELECT last_used_at FROM key_uses WHERE key_id = '{key_id}'")


@pytest.fixture(scope="module")
def hurried():
    """A service that writes the last use of keys every second."""
    with serving(Service(make_place(), THIDUA_KEY_USE_SECONDS="1")) as running:
        yield running


def sent_slowly(service, client, meanwhile):
    """POST /v1/units whose body comes once it was let in and `meanwhile` is over; the status of the answer."""
    body = json.dumps({"name": f"Trung tâm {uuid.uuid4().hex[:8]}", "kind": "PROVINCIAL_BODY", "valid_from": "2024-01-01"}).encode()
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as caller:
        caller.sendall(b"POST /v1/units HTTP/1.1\r\nHost: thidua\r\nContent-Type: application/json\r\nAuthorization: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n"
                       % (client.headers["Authorization"].encode(), len(body)))
        assert caller.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        meanwhile()
        caller.sendall(body)
        return int(caller.recv(4096).split()[1])


def test_a_key_that_ends_while_it_sends_writes_nothing(service, clients):
    """An upload may take minutes. What it was let in by must still hold when it is whole."""
    admin, written = clients["admin"], lambda: service.psql("SELECT count(*) FROM units")

    def made(**more):
        answer = admin.post("/v1/keys", json={"name": "thử", "roles": ["admin"], **more}).json()
        return Client(service.base, answer["key"]), f"/v1/keys/{answer['id']}"

    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1.2)
    (expired, _), (revoked, path), (kept, _) = made(expires_at=ends.isoformat()), made(), made()
    before = written()
    assert sent_slowly(service, expired, lambda: wait_until(lambda: expired.get("/v1/me").status_code == 401)) == 401
    assert sent_slowly(service, revoked, lambda: admin.delete(path)) == 401
    assert written() == before
    assert sent_slowly(service, kept, lambda: service.key("viewer")) == 201, "that another key was made costs nobody their upload"


def test_a_key_tells_when_it_was_last_used(hurried):
    """Issue 4.1. It is no act: neither the version nor the journal know of it."""
    admin = hurried.key("admin")
    key = admin.post("/v1/keys", json={"name": "dùng", "roles": ["viewer"]})
    path, caller = key.headers["Location"], Client(hurried.base, key.json()["key"])
    assert key.json()["last_used_at"] is None and admin.get(path).json()["last_used_at"] is None
    before = hurried.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'")
    assert caller.get("/v1/me").status_code == 200
    wait_until(lambda: admin.get(path).json()["last_used_at"])
    first = admin.get(path).json()["last_used_at"]
    wait_until(lambda: caller.get("/v1/me").status_code == 200 and admin.get(path).json()["last_used_at"] > first)
    assert admin.get(path).headers["ETag"].split("-")[0] == key.headers["ETag"].split("-")[0]
    assert hurried.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'") == before
    listed = {k["id"]: k["last_used_at"] for k in admin.get("/v1/keys", params={"limit": 200}).json()["items"]}
    assert listed[key.json()["id"]] > first
    problem(Client(hurried.base, "thd_" + "A" * 43).get("/v1/me"), 401, "unauthenticated")


def test_of_several_instances_the_latest_use_stands(hurried):
    """Who writes later does not know better: another instance may have seen a later use already."""
    admin = hurried.key("admin")
    key = admin.post("/v1/keys", json={"name": "dùng", "roles": ["viewer"]}).json()
    other = admin.post("/v1/keys", json={"name": "sau", "roles": ["viewer"]}).json()
    hurried.psql(f"INSERT INTO key_uses VALUES ('{key['id']}', '2999-01-01T00:00:00Z')")
    for one in (key, other):
        assert Client(hurried.base, one["key"]).get("/v1/me").status_code == 200
    wait_until(lambda: last_use(hurried, other["id"]))
    assert last_use(hurried, key["id"]).startswith("2999-01-01")


def test_uses_that_cannot_be_written_hold_nobody_up_and_are_not_lost(hurried):
    admin = hurried.key("admin")
    key = admin.post("/v1/keys", json={"name": "dùng", "roles": ["viewer"]}).json()
    caller = Client(hurried.base, key["key"])
    waits = "SELECT count(*) FROM pg_locks WHERE relation = 'key_uses'::regclass AND NOT granted"
    with hurried.holding("LOCK TABLE key_uses IN EXCLUSIVE MODE"):
        assert caller.get("/v1/me").status_code == 200
        wait_until(lambda: hurried.psql(waits) != "0")
        for _ in range(20):
            assert caller.get("/v1/me", timeout=20).status_code == 200
        assert last_use(hurried, key["id"]) == ""
    wait_until(lambda: last_use(hurried, key["id"]))


def test_that_a_key_is_used_runs_nothing_of_its_own_again(hurried):
    """While an evaluation runs, its key asks for other things, and another key is made: so the end of the evaluation asks whether its own
    still holds. That it was used is no change of it."""
    clients = {role: hurried.key(role) for role in ("admin", "home_affairs", "auditor")}
    round_ = Round(hurried, clients, lambda: make_unit(clients["admin"]))
    home = clients["home_affairs"]
    own = home.get("/v1/me").json()["key_id"]

    def used():
        assert Client(home.base, home.key).get("/v1/units", params={"limit": 1}).status_code == 200
        return clients["admin"].get(f"/v1/keys/{own}").json()["last_used_at"] or ""

    with hurried.holding("LOCK TABLE verdicts IN EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(home.post, f"{round_.path}/evaluations", json={"as_of": AS_OF})
        wait_until(lambda: hurried.psql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'verdicts'::regclass") == "1")
        before = used()
        wait_until(lambda: used() > before)
        hurried.key("viewer")
        used_at = hurried.psql("SELECT clock_timestamp()")
        release()
        made = answer.result()
    assert made.status_code == 201, made.text
    assert hurried.psql(f"SELECT created_at < '{used_at}' FROM evaluations WHERE id = '{made.json()['id']}'") == "t", "by its first attempt"


def test_uses_are_written_at_the_stop_at_the_latest():
    with serving(Service(make_place(), THIDUA_KEY_USE_SECONDS="3600")) as service:
        admin = service.key("admin")
        key = admin.get("/v1/me").json()["key_id"]
        assert last_use(service, key) == ""
        assert service.stop() == 0
        service.start()
        assert last_use(service, key) != ""


def test_me_names_what_the_roles_may_call(clients):
    for role in ("viewer", "admin", "unit"):
        wanted = {f"{m} {p}" for (m, p), route in ROUTES.items() if {"anyone", role} & set(route["roles"])}
        me = clients[role].get("/v1/me")
        assert set(me.json()["operations"]) == wanted and me.headers["Cache-Control"] == "no-store"  # who asks next may be another


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
