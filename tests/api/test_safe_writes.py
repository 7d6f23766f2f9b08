"""Writes that can be sent again and rehearsed: Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) and dry_run."""
import concurrent.futures
import json
import signal
import socket
import subprocess
import uuid

import pytest

from conftest import make_unit
from dossier_tools import PDF, make_pdf
from service import PSQL, ROLES, Client, Service, make_place, problem, serving, wait_until
from test_authorisation import World, TABLE
from test_contract import ROUTES, WITHOUT_VERSION
from test_packed_facts import AS_OF, Round

WRITES = sorted(key for key, route in ROUTES.items() if route["write"])
CALLERS = ["admin", "home_affairs", "owner", "initiative_council", "chair_office"]


def body():
    return {"name": f"Đơn vị {uuid.uuid4().hex}", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}


def keyed():
    return {"Idempotency-Key": f'"{uuid.uuid4()}"'}


def same(first, again):
    assert (first.status_code, first.content) == (again.status_code, again.content)
    for name in ("Location", "ETag", "Content-Type", "Cache-Control"):
        assert first.headers.get(name) == again.headers.get(name), name
    assert "Idempotency-Replayed" not in first.headers and again.headers["Idempotency-Replayed"] == "true"


def named(service, name):
    return service.psql(f"SELECT count(*) FROM journal WHERE after::text LIKE '%{name}%'")


@pytest.fixture
def psql(service):
    """A transaction of somebody else, held open: psql(sql) runs in it; it ends with the test."""
    process = subprocess.Popen([PSQL, "-h", str(service.var / "socket"), "-U", "thidua_owner", "-d", "thidua", "-AtXq"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(sql):
        process.stdin.write(f"{sql};\nSELECT 'done';\n")
        process.stdin.flush()
        while process.stdout.readline().strip() != "done":
            assert process.poll() is None

    yield run
    process.stdin.close()
    process.wait(timeout=60)
    process.stdout.close()


def test_the_same_request_gets_the_same_answer_and_writes_once(service, clients):
    sent, key = body(), keyed()
    first = clients["admin"].post("/v1/units", json=sent, headers=key)
    assert first.status_code == 201
    same(first, clients["admin"].post("/v1/units", json=sent, headers=key))
    bare = {"Idempotency-Key": key["Idempotency-Key"].strip('"')}
    same(first, clients["admin"].post("/v1/units", json=sent, headers=bare))
    assert named(service, sent["name"]) == "1"


def test_a_change_with_if_match_can_be_sent_again_too(service, clients, unit):
    """Without the key the second would be 412: its own first copy made the version stale."""
    owner_unit = unit()["id"]
    owner = service.key("unit", owner_unit)
    made = owner.post("/v1/initiatives", json={"unit_id": owner_unit, "title": "Giải pháp", "summary": "Tóm tắt", "kind": "SOLUTION",
                                               "applied_from": "2024-03-01"})
    headers = {"Content-Type": "application/merge-patch+json", "If-Match": made.headers["ETag"], **keyed()}
    change = json.dumps({"title": "Giải pháp khác"})
    first = owner.patch(made.headers["Location"], data=change, headers=headers)
    assert first.status_code == 200, first.text
    same(first, owner.patch(made.headers["Location"], data=change, headers=headers))
    problem(owner.merge(made.headers["Location"], {"title": "Khác nữa"}, made.headers["ETag"]), 412, "stale-version")


def test_the_answer_of_before_is_not_told_of_a_unit_that_has_moved_away(service, clients, unit):
    """Nor is anything written again. What the caller may still see is told."""
    top, other = unit()["id"], unit()["id"]
    below = [unit(kind="PROVINCIAL_SUBUNIT", parent_id=top) for _ in range(2)]
    writer, sent = service.key("unit", top), []
    for one in below:
        draft = {"unit_id": one["id"], "title": "Giải pháp", "summary": "Tóm tắt", "kind": "SOLUTION", "applied_from": "2024-03-01"}
        key = keyed()
        sent.append((draft, key, writer.post("/v1/initiatives", json=draft, headers=key)))
    moved = clients["admin"].merge(f"/v1/units/{below[0]['id']}", {"valid_from": "2020-01-01", "parent_id": other}, below[0]["etag"])
    assert moved.status_code == 200, moved.text
    (gone, gone_key, first), (kept, kept_key, second) = sent
    assert writer.get(first.headers["Location"]).status_code == 404
    refused = problem(writer.post("/v1/initiatives", json=gone, headers=gone_key), 409, "conflict")
    assert "Giải pháp" not in str(refused)
    same(second, writer.post("/v1/initiatives", json=kept, headers=kept_key))
    assert service.psql(f"SELECT count(*) FROM initiatives WHERE unit_id = '{below[0]['id']}'") == "1"


def test_another_request_under_the_same_key_is_refused(service, clients):
    sent, other, key = body(), body(), keyed()
    assert clients["admin"].post("/v1/units", json=sent, headers=key).status_code == 201
    problem(clients["admin"].post("/v1/units", json=other, headers=key), 422, "idempotency-key-reused")
    problem(clients["admin"].post("/v1/keys", json=sent, headers=key), 422, "idempotency-key-reused")
    assert named(service, other["name"]) == "0"


def test_the_same_bytes_of_another_type_are_another_request(service, clients):
    """What they mean is said by Content-Type alone."""
    name, key = f"Đơn vị {uuid.uuid4().hex}", keyed()
    table = f"name,kind,valid_from\r\n{name},OTHER,2024-01-01\r\n".encode()

    def send(kind):
        return clients["admin"].post("/v1/imports?kind=units", data=table, headers={"Content-Type": kind, **key})
    first = send("text/csv")
    assert first.status_code == 201, first.text
    same(first, send("text/csv"))
    problem(send("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), 422, "idempotency-key-reused")
    assert named(service, name) == "1"


REFUSED_ANYWAY = {  # by the handler alone, for want of a row, by a constraint, by a statement that others travel with
    "body": ("POST", "/v1/units", {"name": "", "kind": "KINGDOM"}),
    "row": ("PATCH", f"/v1/units/{uuid.uuid4()}", {"name": "Đơn vị khác"}),
    "parent": ("POST", "/v1/units", {**body(), "parent_id": str(uuid.uuid4())}),
    "list": ("POST", "/v1/units/successions", {"successions": []}),
}


@pytest.mark.parametrize("why", REFUSED_ANYWAY)
@pytest.mark.parametrize("of_a_unit", [False, True])
def test_a_known_key_is_told_before_what_else_is_wrong(service, clients, psql, why, of_a_unit):
    """Its claim travels with what is run first, and nothing that travels with it counts. For an office of a unit the body is read before, for
    the units that it bears on."""
    caller = service.key("home_affairs", make_unit(clients["admin"])["id"]) if of_a_unit else clients["admin"]
    method, path, wrong = REFUSED_ANYWAY[why]
    sent, key = body(), keyed()
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"

    def reuse():
        copy = Client(service.base, caller.key)
        return copy.request(method, path, data=json.dumps(wrong), headers={"Content-Type": kind, "If-Match": "*", **key})
    psql("BEGIN; LOCK TABLE units IN SHARE MODE")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        first = pool.submit(caller.post, "/v1/units", json=sent, headers=key)
        wait_until(lambda: service.psql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'units'::regclass") == "1")
        problem(reuse(), 409, "idempotency-key-in-flight")
        psql("COMMIT")
        assert first.result(timeout=120).status_code == 201
    problem(reuse(), 422, "idempotency-key-reused")
    assert named(service, sent["name"]) == "1"


def test_a_key_belongs_to_its_caller(service, clients):
    key, sent = keyed(), {"name": "của tôi", "roles": ["viewer"]}
    first = clients["admin"].post("/v1/keys", json=sent, headers=key)
    second = service.key("admin").post("/v1/keys", json=sent, headers=key)
    assert second.status_code == 201 and second.json()["id"] != first.json()["id"]


def test_a_secret_is_shown_again_to_its_caller_but_is_not_readable_in_the_database(service, clients):
    key, sent = keyed(), {"name": "bí mật", "roles": ["viewer"]}
    first = clients["admin"].post("/v1/keys", json=sent, headers=key)
    same(first, clients["admin"].post("/v1/keys", json=sent, headers=key))
    stored = service.psql("SELECT encode(body, 'escape') FROM idempotency_answers WHERE key = "
                          f"'{key['Idempotency-Key'].strip(chr(34))}'")
    assert stored and first.json()["key"] not in stored and "thd_" not in stored


def test_a_refused_write_leaves_nothing_and_is_judged_anew(clients):
    key = keyed()
    wrong = {"name": "", "kind": "KINGDOM"}
    problem(clients["admin"].post("/v1/units", json=wrong, headers=key), 422, "invalid")
    assert clients["admin"].post("/v1/units", json=body(), headers=key).status_code == 201


@pytest.mark.parametrize("key", ['""', "", "a b", "x" * 256, 'a"b', "a\\b"])
def test_a_malformed_key_is_named(service, clients, key):
    sent = body()
    answer = clients["admin"].post("/v1/units", json=sent, headers={"Idempotency-Key": key})
    assert problem(answer, 400, "malformed-request")["errors"][0]["pointer"] == "Idempotency-Key"
    assert named(service, sent["name"]) == "0"


def test_a_copy_of_what_is_still_under_way_is_refused(service, clients, psql):
    sent, key = body(), keyed()
    psql("BEGIN; LOCK TABLE units IN SHARE MODE")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        first = pool.submit(clients["admin"].post, "/v1/units", json=sent, headers=key)
        wait_until(lambda: service.psql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'units'::regclass") == "1")
        copy = Client(service.base, clients["admin"].key)
        problem(copy.post("/v1/units", json=sent, headers=key), 409, "idempotency-key-in-flight")
        psql("COMMIT")
        answered = first.result(timeout=120)
    assert answered.status_code == 201
    same(answered, copy.post("/v1/units", json=sent, headers=key))
    assert named(service, sent["name"]) == "1"


def test_a_client_that_left_before_the_answer_learns_it_by_sending_again(service, clients):
    sent, key = body(), keyed()
    text = json.dumps(sent).encode()
    token = clients["admin"].headers["Authorization"]
    with socket.create_connection(("127.0.0.1", service.port)) as sock:
        sock.sendall(f"POST /v1/units HTTP/1.1\r\nHost: thidua\r\nAuthorization: {token}\r\nContent-Type: application/json\r\n"
                     f"Idempotency-Key: {key['Idempotency-Key']}\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
        wait_until(lambda: named(service, sent["name"]) == "1")
        # It leaves without reading; one that leaves sooner may be gone before its request was read, and then nothing was promised.
    again = clients["admin"].post("/v1/units", data=text, headers={"Content-Type": "application/json", **key})
    assert again.status_code == 201 and again.headers["Idempotency-Replayed"] == "true"
    assert named(service, sent["name"]) == "1"


def test_killed_between_commit_and_reply_the_answer_is_not_lost():
    """PostgreSQL holds the committed transaction back, as for a replica that does not answer; the service is killed meanwhile."""
    with serving(Service(make_place())) as service:
        token = service.key("admin").key
        sent, key = body(), keyed()

        def waiting_for_replicas():
            """The write itself, not the sealer or another in the background: it goes on holding its lock on units."""
            return service.psql("SELECT count(DISTINCT pid) FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE wait_event = 'SyncRep'"
                                " AND relation = 'units'::regclass AND mode = 'RowExclusiveLock'", user="thidua_app")

        settings = service.var / "postgres/postgresql.auto.conf"
        as_made = settings.read_text()
        settings.write_text(as_made + "synchronous_standby_names = 'nobody'\n")
        service.postgresql("reload")
        wait_until(lambda: service.psql("SHOW synchronous_standby_names") == "nobody")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            lost = pool.submit(Client(service.base, token).post, "/v1/units", json=sent, headers=key)
            wait_until(lambda: waiting_for_replicas() != "0")
            service.stop(signal.SIGKILL)
            assert lost.exception(timeout=120) is not None
        wait_until(lambda: not (service.var / "postgres/postmaster.pid").exists())  # PostgreSQL ends with its last user
        settings.write_text(as_made)
        service.start()
        again = Client(service.base, token).post("/v1/units", json=sent, headers=key)
        assert again.status_code == 201 and again.headers["Idempotency-Replayed"] == "true"
        assert named(service, sent["name"]) == "1"


def test_two_instances_are_one(service, clients):
    sent, key = body(), keyed()
    token = clients["admin"].key
    with serving(service.beside()) as other:
        first = Client(other.base, token).post("/v1/units", json=sent, headers=key)
        same(first, clients["admin"].post("/v1/units", json=sent, headers=key))


def test_after_a_day_the_key_is_forgotten(service, clients):
    sent, key = body(), keyed()
    assert clients["admin"].post("/v1/units", json=sent, headers=key).status_code == 201
    name = key["Idempotency-Key"].strip('"')
    kept = service.psql(f"SELECT expires_at - now() BETWEEN interval '23:59' AND interval '24:00' FROM idempotency_answers WHERE key = '{name}'")
    assert kept == "t"
    service.psql(f"UPDATE idempotency_answers SET expires_at = now() - interval '1 s' WHERE key = '{name}'")
    anew = clients["admin"].post("/v1/units", json=sent, headers=key)
    assert "Idempotency-Replayed" not in anew.headers


def test_an_upload_is_known_by_its_bytes(service, clients, campaign):
    unit = make_unit(clients["admin"])["id"]
    owner = service.key("unit", unit)
    entered = clients["home_affairs"].put(f"{campaign}/rounds/2024/contestants/{unit}", json={
        "group": "SO_BAN_NGANH", "on_assessed_list": True, "advises_par": False, "source_document": "12/QĐ-SNV"})
    assert entered.status_code == 201, entered.text
    dossier = owner.post("/v1/dossiers", json={
        "campaign": campaign.rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": unit}).json()["id"]
    assert owner.put(f"/v1/dossiers/{dossier}/nominations/{unit}", json={}).status_code == 201
    path, key = f"/v1/dossiers/{dossier}/nominations/{unit}/evidence?title=Giay", keyed()
    first = owner.post(path, data=make_pdf("một"), headers={**PDF, **key})
    assert first.status_code == 201, first.text
    same(first, owner.post(path, data=make_pdf("một"), headers={**PDF, **key}))
    problem(owner.post(path, data=make_pdf("hai"), headers={**PDF, **key}), 422, "idempotency-key-reused")


# ---- dry_run ----

@pytest.fixture(scope="module")
def world(fresh_service):
    """In a database of its own: all of it is looked through around each rehearsal, and what other tests have written would take as long as
    they did."""
    service = fresh_service
    made = World(service, {"anyone": service.anonymous(), **{role: service.key(role) for role in ROLES if role != "unit"}})
    made.service = service
    made.tables = service.psql("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relkind = 'r' "
                               "AND relnamespace = 'public'::regnamespace "
                               "AND relname NOT IN ('packed_facts', 'unit_stamps', 'webhook_deliveries')").split()
    with service.asking() as made.ask:
        yield made


def contents(world):
    """A digest of every table, once the sealer and the packer have nothing left to do. How far a webhook was told and when a key was
    last used move by themselves."""
    wait_until(lambda: world.auditor.get("/v1/journal/head").json()["unsealed"] == 0)
    return sorted(world.ask(" UNION ALL ".join(
        f"SELECT '{t}', count(*), sum({'version' if t in ('webhooks', 'keys') else 'xmin::text'}::numeric) FROM {t}" for t in world.tables)).splitlines())


@pytest.mark.parametrize("key", WRITES, ids=" ".join)
def test_a_rehearsal_answers_like_the_write_and_writes_nothing(key, world):
    allowed = [name for name in CALLERS if TABLE[key][name] == "ok"]
    path, sent = world.path(key[1]), world.body(ROUTES[key], key)
    headers = sent.pop("headers", {})
    for name in allowed:
        client = world.callers[name]
        held = client.get(path).headers.get("ETag") if ("GET", key[1]) in ROUTES else None
        for match in ([{"If-Match": held}] if held else []) + [{}]:
            before = contents(world)
            rehearsed = client.request(key[0], path, params={"dry_run": "true"}, headers={**headers, **match}, **sent)
            assert rehearsed.status_code < 500
            assert contents(world) == before, rehearsed.text
            assert "Location" not in rehearsed.headers and (rehearsed.status_code >= 400 or "ETag" not in rehearsed.headers)
            if rehearsed.status_code < 400:
                SEEN.add(key)
                written = world.written()
                real = client.request(key[0], path, headers={**headers, **match}, **sent)
                # An import says in its report that it was a rehearsal, with a status of its own.
                assert real.status_code == (201 if key[1] == "/v1/imports" else rehearsed.status_code), real.text
                assert world.written() > written
                return


SEEN, LEAST = set(), 20


def test_most_rehearsals_were_of_writes_that_succeed():
    """Else the test above would say little. The others need a state that the world of the authorisation matrix does not have."""
    if len(SEEN) == 0:
        pytest.skip("the rehearsals did not run in this process")
    assert len(SEEN) >= LEAST, sorted(set(WRITES) - SEEN)


def test_dry_run_takes_a_boolean_and_belongs_to_writes(clients):
    problem(clients["admin"].post("/v1/units?dry_run=maybe", json=body()), 400, "invalid-query")
    problem(clients["admin"].get("/v1/units?dry_run=true"), 400, "invalid-query")


def test_a_rehearsal_does_not_use_up_its_key(service, clients):
    sent, key = body(), keyed()
    assert clients["admin"].post("/v1/units?dry_run=true", json=sent, headers=key).status_code == 201
    real = clients["admin"].post("/v1/units", json=sent, headers=key)
    assert real.status_code == 201 and "Idempotency-Replayed" not in real.headers
    again = clients["admin"].post("/v1/units?dry_run=true", json=body(), headers=key)  # nor is it held to what was done under its key
    assert again.status_code == 201 and "Idempotency-Replayed" not in again.headers


@pytest.mark.parametrize("key", [k for k in WRITES if k[0] in ("PATCH", "DELETE", "PUT") or k[1].endswith("/transitions")], ids=" ".join)
def test_a_change_of_what_exists_names_what_it_was_read_as(key, world):
    """RFC 6585 section 3: without If-Match nobody can change what somebody else changed meanwhile."""
    path, sent = world.path(key[1]), world.body(ROUTES[key], key)
    for name in (name for name in CALLERS if TABLE[key][name] == "ok"):
        client = world.callers[name]
        there = ("GET", key[1]) not in ROUTES or client.get(path).status_code == 200
        answer = client.request(key[0], path, params={"dry_run": "true"}, **sent)
        if key in WITHOUT_VERSION:
            assert answer.status_code == 200
        else:
            assert answer.status_code >= 400 or key[0] == "PUT", "changed without If-Match"
            assert answer.status_code >= 400 or not there or ("GET", key[1]) not in ROUTES


def test_expired_answers_are_forgotten_also_when_no_others_come(service):
    service.psql("""INSERT INTO idempotency_answers (caller, key, fingerprint, roles, expires_at, status, sealed, body)
        SELECT 'nobody', 'old ' || i, decode(repeat('00', 32), 'hex'), 1, now() - interval '1 s' * i, 201, false, '' FROM generate_series(1, 2500) i""", user="postgres")
    service.psql("""INSERT INTO idempotency_answers (caller, key, fingerprint, roles, expires_at, status, sealed, body)
        VALUES ('nobody', 'young', decode(repeat('00', 32), 'hex'), 1, now() + interval '1 hour', 201, false, '')""", user="postgres")
    wait_until(lambda: service.psql("SELECT string_agg(key, ',') FROM idempotency_answers WHERE caller = 'nobody'") == "young", seconds=30)


def test_a_long_write_is_not_run_again_for_an_answer_that_is_forgotten_meanwhile(service, clients, unit):
    """An evaluation sees one state of the data, in which the answer is still there: to look for what has expired is not its work."""
    round_ = Round(service, clients, unit)
    service.psql("""INSERT INTO idempotency_answers (caller, key, fingerprint, roles, expires_at, status, sealed, body)
        VALUES ('nobody', 'over', decode(repeat('00', 32), 'hex'), 1, now() - interval '1 s', 201, false, '')""")
    with service.holding("DELETE FROM idempotency_answers WHERE caller = 'nobody' AND key = 'over'") as forget, \
            service.holding("LOCK TABLE verdicts IN EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(clients["home_affairs"].post, f"{round_.path}/evaluations", json={"as_of": AS_OF}, headers=keyed())
        wait_until(lambda: service.psql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'verdicts'::regclass") == "1")
        forget()
        wait_until(lambda: service.psql("SELECT count(*) FROM idempotency_answers WHERE caller = 'nobody' AND key = 'over'") == "0")
        forgotten = service.psql("SELECT clock_timestamp()")
        release()
        made = answer.result()
    assert made.status_code == 201, made.text
    assert service.psql(f"SELECT created_at < '{forgotten}' FROM evaluations WHERE id = '{made.json()['id']}'") == "t", "by its first attempt"
