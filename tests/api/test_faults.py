"""What goes wrong around the service: slow and dead clients, PostgreSQL away, the service killed, too much at once.

An acknowledged write is never lost, nobody waits for somebody else's trouble, and everything comes back by itself."""
import concurrent.futures
import contextlib
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import threading
import time
import uuid

import pytest
import requests

from conftest import make_campaign, make_unit
from service import PSQL, Client, Service, make_place, problem, serving, until_closed, wait_until
from test_packed_facts import AS_OF, Round

UNIT = {"kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}


@pytest.fixture
def start():
    """start(**environment) → a running service; its var, or another's: start(beside=service)."""
    made = []

    def begin(beside=None, **environment):
        made.append(Service(beside.var if beside else make_place(), **environment).start())
        return made[-1]

    yield begin
    for service in reversed(made):
        if service.process.poll() is None:
            service.stop()
    for service in made:
        shutil.rmtree(service.var, ignore_errors=True)


def connect(service):
    return socket.create_connection(("127.0.0.1", service.port), timeout=30)


# ---- clients ----

def test_slow_clients_are_cut_off_and_hinder_nobody(start):
    """Headers, bodies and idle connections have deadlines of ours: libmicrohttpd knows idleness only."""
    service = start(THIDUA_IDLE_SECONDS="1", THIDUA_HEADER_SECONDS="1", THIDUA_BODY_SECONDS="1", THIDUA_LOOPS="1")
    admin = service.key("admin")
    key = admin.headers["Authorization"].encode()
    body = (b"POST /v1/units HTTP/1.1\r\nHost: a\r\nAuthorization: " + key +
            b"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    slow = {"nothing": b"", "part of a line": b"GET /v1/un", "blank lines": b"\r\n" * 500, "zeros": b"\x00" * 4096,
            "part of a header": b"GET /v1/units HTTP/1.1\r\nHost: a\r\nX-A: ", "part of a body": body}
    sockets = {name: connect(service) for name in slow}
    for name, sock in sockets.items():
        sock.sendall(slow[name])
    dripping = connect(service)
    stop = threading.Event()

    def drip():
        try:
            dripping.sendall(b"GET /v1/units HTTP/1.1\r\nHost: a\r\n")
            while not stop.wait(0.2):
                dripping.sendall(b"X")  # never idle, never done
        except OSError:
            pass

    thread = threading.Thread(target=drip)
    thread.start()
    before = service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'")
    for name, sock in sockets.items():
        # A connection of its own: a kept one may be closed for its idleness just while it is used again.
        assert admin.get("/v1/units", headers={"Connection": "close"}).status_code == 200
        assert b" 20" not in until_closed(sock)[:12], name
        sock.close()
    assert b" 20" not in until_closed(dripping)[:12]
    stop.set()
    thread.join()
    dripping.close()
    assert service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'") == before


def test_a_client_that_fills_its_memory_with_no_whole_line_is_cut_off_and_holds_up_no_stop(start):
    """libmicrohttpd then neither reads nor watches its connection. Short chunks hide how long the line is that comes after them."""
    service = start(THIDUA_BODY_SECONDS="2", THIDUA_LOOPS="1", THIDUA_DRAIN_SECONDS="1", THIDUA_IDLE_SECONDS="300")
    auditor = service.key("auditor")
    busy = b"POST /v1/units HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 9000 + b"1;" + b"x" * 60000

    def connections():
        return int(re.search(r"^thidua_client_connections (\d+)$", auditor.get("/metrics").text, re.M)[1])

    before = connections()
    with connect(service) as waits, connect(service) as leaves:
        for sock in (waits, leaves):
            sock.sendall(busy)
        leaves.close()
        assert until_closed(waits)[:12] in (b"", b"HTTP/1.1 401"), "it may have been refused for its want of a key before the line came"
    wait_until(lambda: connections() <= before)  # one of the start's may have ended since
    held = connections()
    with connect(service) as last:
        last.sendall(busy)
        wait_until(lambda: connections() > held)
        assert service.stop() == 0


def test_who_comes_after_a_long_silence_has_all_the_time_to_ask(start):
    """Time goes on while a loop that has no client waits for one."""
    service = start(THIDUA_IDLE_SECONDS="1", THIDUA_LOOPS="1")
    assert until_closed(connect(service)) == b""  # nobody else is there then
    time.sleep(1.5)  # the silence itself: longer than a client may be idle
    with connect(service) as sock:
        assert not select.select([sock], [], [], 0.5)[0], "hung up on before it asked"
        sock.sendall(b"GET /v1/units HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert until_closed(sock).startswith(b"HTTP/1.1 200 ")


MANY = 300  # more than a loop looks at in one turn


def test_each_of_many_who_say_nothing_is_hung_up_on(start):
    service = start(THIDUA_IDLE_SECONDS="1", THIDUA_LOOPS="1", THIDUA_CONNECTIONS_PER_ADDRESS="1000")
    sockets = [connect(service) for _ in range(MANY)]
    admin = service.key("admin")
    wait_until(lambda: admin.get("/v1/units", headers={"Connection": "close"}).ok and len(select.select(sockets, [], [], 0)[0]) == MANY)
    assert {sock.recv(1) for sock in sockets} == {b""}
    for sock in sockets:
        sock.close()


def go_away(service, sent):
    for _ in range(MANY):
        sock = connect(service)
        sock.sendall(sent)
        sock.close()


def test_clients_that_go_away_leave_nothing_behind(start):
    """Gone before the answer, in a body, in a stream: the next one is served, and the stop is in order."""
    service = start(THIDUA_LOOPS="1")
    go_away(service, b"GET /v1/units HTTP/1.1\r\nHost: a\r\n\r\n")
    go_away(service, b"POST /v1/units HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
    client = service.anonymous()
    assert client.get("/v1/units").status_code == 200
    client.close()
    # Long before the limit of time of a body, here 60 s: also where the end came together with the last bytes.
    wait_until(lambda: "\nthidua_client_connections 1" in service.anonymous().get("/metrics", headers={"Connection": "close"}).text, seconds=30)
    go_away(service, b"GET /v1/events/stream HTTP/1.1\r\nHost: a\r\n\r\n")
    assert service.stop() == 0


# ---- PostgreSQL ----

def logged(service, event):
    return [line for line in map(json.loads, service.log) if line["event"] == event]


@pytest.mark.parametrize("how, reason", [("immediate", "immediate shutdown command"), ("fast", "administrator command")])
def test_while_postgresql_is_away_callers_are_told_at_once_and_it_comes_back(start, how, reason):
    """The operator too, by one line when it goes and one when it is back, however many connections there are."""
    service = start()
    admin, anyone = service.key("admin"), service.anonymous()
    made = make_unit(admin)
    service.postgresql("stop", "-m", how)
    wait_until(lambda: anyone.get("/readyz").status_code == 503)
    for answer in (anyone.get("/v1/units"), admin.get("/v1/me"), admin.post("/v1/units", json={"name": "Mất", **UNIT})):
        problem(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.elapsed.total_seconds() < 10
    assert anyone.get("/healthz").status_code == 200
    wait_until(lambda: logged(service, "database_lost"))
    assert logged(service, "database_back") == []
    service.postgresql("start")
    wait_until(lambda: anyone.get("/readyz").status_code == 200)
    wait_until(lambda: logged(service, "database_back"))
    assert anyone.get(f"/v1/units/{made['id']}").status_code == 200
    make_unit(admin)
    assert anyone.get("/v1/units", params={"q": "Mất"}).json()["items"] == []
    assert service.command("verify").returncode == 0
    assert service.stop() == 0
    (lost,), (back,) = logged(service, "database_lost"), logged(service, "database_back")
    assert (lost["level"], back["level"]) == ("error", "info") and reason in lost["reason"] and 0 <= back["seconds"] < 60


def test_why_a_server_went_is_told_where_it_is_heard_together_with_its_end(start):
    """A service that is held up finds the last words and the closed connection at once, and asks before it reads."""
    service = start()
    service.process.send_signal(signal.SIGSTOP)
    service.postgresql("stop", "-m", "immediate")
    time.sleep(1)  # longer than it listens without asking: nobody can await what a stopped process will do
    service.process.send_signal(signal.SIGCONT)
    wait_until(lambda: logged(service, "database_lost"))
    assert [line["reason"] for line in logged(service, "database_lost")] == ["terminating connection due to immediate shutdown command"]
    service.postgresql("start")


@pytest.mark.parametrize("hangs", [False, True])
def test_whoever_watches_by_a_key_sees_that_the_database_is_away(start, hangs):
    """Prometheus has an auditor's key, as docs/operation.md says. The key could not be looked up, so /metrics was 503 to it: `ThiduaDatabaseAway`
    never fired, but `ThiduaDown`, which sends the operator to a process that runs."""
    service = start()
    auditor = service.key("auditor")
    assert 'route="/v1/units' not in service.anonymous().get("/metrics").text and 'route="' in auditor.get("/metrics").text
    if hangs:
        backends = [int(pid) for pid in service.psql("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()", user="postgres").split()]
        postmaster = int((service.var / "postgres/postmaster.pid").read_text(encoding="utf-8").split()[0])
        for process in (postmaster, *backends):
            os.kill(process, signal.SIGSTOP)
    else:
        service.postgresql("stop", "-m", "fast")
    try:
        told = wait_until(lambda: "\nthidua_database_up 0" in (text := auditor.get("/metrics").text) and text)
        assert 'route="' not in told, "nobody knows whose key it is"
        assert [auditor.get(path).status_code for path in ("/healthz", "/openapi.json", "/docs", "/readyz", "/v1/units?q=a", "/v1/keys")] == [200] * 3 + [503] * 3
    finally:
        if hangs:
            for process in (postmaster, *backends):
                os.kill(process, signal.SIGCONT)
        else:
            service.postgresql("start")
    wait_until(lambda: 'route="' in auditor.get("/metrics").text)


def test_a_cached_answer_is_not_trusted_while_news_do_not_flow(start):
    """304 from memory only while LISTEN flows: a change made meanwhile by another instance would be missed."""
    service = start()
    other = start(beside=service)
    home, anyone = service.key("admin"), service.anonymous()
    made = make_unit(home)
    path = f"/v1/units/{made['id']}"
    etag = anyone.get(path).headers["ETag"]
    assert anyone.get(path, headers={"If-None-Match": etag}).status_code == 304
    # The connections that are there go on; those that listen are cut off and cannot come back.
    service.psql("ALTER ROLE thidua_app CONNECTION LIMIT 0", user="postgres")
    cut = service.psql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'thidua news'", user="postgres")
    assert cut == "2"
    wait_until(lambda: "\nthidua_database_up 0" in anyone.get("/metrics").text)
    changed = Client(other.base, home.key).merge(
        path, {"valid_from": "2021-01-01", "name": "Tên mới"}, made["etag"])
    assert changed.status_code == 200, changed.text
    answer = anyone.get(path, headers={"If-None-Match": etag})
    assert answer.status_code == 200 and answer.json()["name"] == "Tên mới"
    service.psql("ALTER ROLE thidua_app CONNECTION LIMIT -1", user="postgres")
    wait_until(lambda: anyone.get("/readyz").status_code == 200)


class LargeRound(Round):
    """A round of thousands, which are its first three under other ids, and a gate at which the rows of its verdicts can be held."""

    def __init__(self, service, count):
        clients = {role: service.key(role) for role in ("admin", "home_affairs", "auditor")}
        super().__init__(service, clients, lambda: make_unit(clients["admin"]))
        self.evaluate()
        self.packed()
        self.code = self.campaign.rsplit("/", 1)[1]
        told = service.psql(f"""
            SET session_replication_role = replica;
            CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS id, i % 3 AS template FROM generate_series(1, {count}) i;
            CREATE TEMP TABLE templates AS SELECT row_number() OVER () - 1 AS template, p.*, c.group_name, c.on_assessed_list
                FROM packed_facts p JOIN contestants c USING (campaign, year, unit_id) WHERE p.campaign = '{self.code}';
            INSERT INTO units (id) SELECT id FROM made;
            INSERT INTO unit_stamps (unit_id, stamp, packed) SELECT id, 0, 0 FROM made;
            INSERT INTO unit_periods (unit_id, valid, name, kind) SELECT id, '[2020-01-01,)', 'Đơn vị thử', 'PROVINCIAL_BODY' FROM made;
            INSERT INTO contestants (campaign, year, unit_id, group_name, on_assessed_list)
                SELECT campaign, year, id, group_name, on_assessed_list FROM made JOIN templates USING (template);
            INSERT INTO packed_facts (campaign, year, unit_id, stamp, layout, facts)
                SELECT campaign, year, id, 0, layout, decode(replace(encode(facts, 'hex'), encode(convert_to(unit_id::text, 'UTF8'), 'hex'),
                                                                     encode(convert_to(id::text, 'UTF8'), 'hex')), 'hex')
                FROM made JOIN templates USING (template);
            CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END';
            CREATE TRIGGER gate BEFORE INSERT ON verdicts FOR EACH ROW WHEN (NEW.unit_id > '80000000-0000-0000-0000-000000000000')
                EXECUTE FUNCTION gate();
            ANALYZE units, unit_stamps, contestants, packed_facts""", user="postgres")
        assert "ERROR" not in told, told

    def start(self, **headers):
        client = Client(self.service.base, self.clients["home_affairs"].key)
        return client.post(f"{self.path}/evaluations", json={"as_of": AS_OF}, headers=headers)

    def stored(self):
        return self.service.psql(f"SELECT count(*) FILTER (WHERE state = 'DONE'), (SELECT count(*) FROM verdicts) FROM evaluations")

    def held_at_gate(self):
        return self.service.psql("SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE wait_event = 'advisory' AND query LIKE 'COPY verdicts%'",
                                 user="postgres").split(",")


def test_an_evaluation_whose_rows_are_on_their_way_when_postgresql_fails_leaves_nothing(start):
    """One that a caller waits for and one in the background, both in the middle of COPY: cancelled (as by a limit of time), cut off,
    and with the whole server dead."""
    service = start()
    made = LargeRound(service, 3000)
    before = made.stored()
    for fault, kind, state in (("pg_cancel_backend", "unavailable", "FAILED"), ("pg_terminate_backend", "unavailable", "FAILED"),
                               ("stop", "unavailable", "ABANDONED")):
        with service.holding("SELECT pg_advisory_lock(1)"), concurrent.futures.ThreadPoolExecutor(1) as pool:
            background = made.start(Prefer="respond-async")
            assert background.status_code == 202
            waiting = pool.submit(made.start)
            wait_until(lambda: len(made.held_at_gate()) == 2)
            if fault == "stop":
                service.postgresql("stop", "-m", "immediate")
            else:
                service.psql(f"SELECT {fault}(pid) FROM unnest(ARRAY[{','.join(made.held_at_gate())}]) pid", user="postgres")
            answer = waiting.result()
            problem(answer, 503, kind)
            wait_until(lambda: any(line["evaluation"] == background.json()["id"] for line in logged(service, "evaluation_failed")))
        if fault == "stop":
            service.postgresql("start")
            wait_until(lambda: service.anonymous().get("/readyz").status_code == 200)
            # Nobody could write that it failed: its lease runs out.
            service.psql("UPDATE evaluation_runs SET beat_at = beat_at - interval '61 s'")
        path = background.headers["Location"]
        wait_until(lambda: made.clients["auditor"].get(path).json()["state"] == state, seconds=10)
        assert made.stored() == before, fault
    done = made.start()
    assert done.status_code == 201 and done.json()["counts"]["contestants"] == 3003
    assert made.ok("auditor", "POST", f"{done.headers['Location']}/replay").json()["identical"] is True
    assert service.stop() == 0


def test_of_two_instances_each_sees_what_the_other_does(start):
    """Keys revoked, units changed, one journal without gaps."""
    one = start()
    two = start(beside=one)
    admin = one.key("admin")
    key = admin.post("/v1/keys", json={"name": "hai", "roles": ["auditor"]}).json()
    elsewhere = Client(two.base, key["key"])
    assert elsewhere.get("/v1/me").status_code == 200
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        admins = [Client(s.base, admin.key) for s in (one, two)]
        list(pool.map(lambda i: make_unit(admins[i % 2]), range(40)))
    wait_until(lambda: elsewhere.get("/v1/journal/head").json()["unsealed"] == 0)
    head = elsewhere.get("/v1/journal/head").json()["seq"]
    assert one.psql("SELECT count(*), max(seq), count(DISTINCT seq) FROM journal") == f"{head}|{head}|{head}"
    assert admin.delete(f"/v1/keys/{key['id']}").status_code == 200
    wait_until(lambda: elsewhere.get("/v1/me").status_code == 401, seconds=10)
    assert two.stop() == 0
    assert one.anonymous().get("/readyz").status_code == 200


# ---- the service ----

class Writers:
    """Clients that write until they are told to stop or the service is gone; they remember what was acknowledged."""

    def __init__(self, service, count):
        self.acknowledged, self.broken, self.stopped = [], 0, threading.Event()
        self.service, self.key = service, service.key("admin").key
        self.threads = [threading.Thread(target=self.write) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def write(self):
        client = Client(self.service.base, self.key)
        while not self.stopped.is_set():
            try:
                answer = client.post("/v1/units", json={"name": f"Đơn vị {uuid.uuid4().hex}", **UNIT})
            except requests.ConnectionError:
                self.broken += 1
                return
            if answer.status_code == 201:
                self.acknowledged.append(answer.json()["id"])

    def join(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("killed", ["service", "postgresql"])
def test_no_acknowledged_write_is_lost_when_something_is_killed(start, killed):
    service = start()
    writers = Writers(service, 4)
    wait_until(lambda: len(writers.acknowledged) >= 100)
    if killed == "service":
        service.process.kill()
        service.process.wait()
    else:
        os.kill(int((service.var / "postgres/postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    writers.join()
    if killed == "service":
        service = start(beside=service)
    wait_until(lambda: service.anonymous().get("/readyz").status_code == 200)
    wait_until(lambda: service.psql("SELECT 1") == "1")  # the death may not have been noticed yet
    held = set(service.psql("SELECT id FROM units").split())
    assert set(writers.acknowledged) <= held
    journalled = set(service.psql("SELECT unit_id FROM journal WHERE type = 'unit.created'").split())
    assert held == journalled  # a write and its journal row, or neither
    wait_until(lambda: service.psql("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
    verified = service.command("verify")
    assert verified.returncode == 0, verified.stdout


def test_a_stop_under_load_drains_and_ends_with_0(start):
    service = start()
    writers = Writers(service, 6)
    wait_until(lambda: len(writers.acknowledged) >= 50)
    assert service.stop() == 0
    writers.join()
    service = start(beside=service)
    held = set(service.psql("SELECT id FROM units").split())
    assert set(writers.acknowledged) == held  # none was done without being answered


def test_a_full_queue_refuses_and_runs_no_sql(start):
    service = start(THIDUA_WORKERS="2", THIDUA_QUEUE_LENGTH="4")
    admin = service.key("admin")
    key = admin.key
    socket_path = str(service.var / "socket")
    blocker = subprocess.Popen([PSQL, "-h", socket_path, "-U", "thidua_owner", "-d", "thidua", "-qAtX"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    blocker.stdin.write("BEGIN; LOCK TABLE units IN EXCLUSIVE MODE; SELECT 'held';\n")
    blocker.stdin.flush()
    assert blocker.stdout.readline().strip() == "held"
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        answers = [pool.submit(Client(service.base, key).post, "/v1/units", json={"name": f"Đơn vị {i}", **UNIT}) for i in range(40)]
        wait_until(lambda: sum(a.done() for a in answers) >= 30)
        assert service.anonymous().get("/v1/units").status_code == 200  # reads go on
        blocker.communicate("COMMIT;\n")
        codes = [a.result().status_code for a in answers]
        refused = [a.result() for a in answers if a.result().status_code == 503]
    assert set(codes) == {201, 503} and all(int(a.headers["Retry-After"]) >= 1 for a in refused)
    assert service.psql("SELECT count(*) FROM units") == str(codes.count(201))


def test_whoever_waits_in_the_queue_is_told_on_time_also_where_no_worker_is_free(start):
    """A place in the queue is for 5 s, however long those are held up who are before it."""
    service = start(THIDUA_WORKERS="2")
    key = service.key("admin").key
    with service.holding("LOCK TABLE units IN EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(Client(service.base, key).post, "/v1/units", json={"name": f"Đơn vị {i}", **UNIT}) for i in range(8)]
        wait_until(lambda: sum(a.done() for a in answers) == 6, seconds=20)
        refused = [a.result() for a in answers if a.done()]
        release()
    for answer in refused:
        problem(answer, 503, "unavailable")
        assert 4 < answer.elapsed.total_seconds() < 9
    assert sorted(a.result().status_code for a in answers) == [201] * 2 + [503] * 6


def test_nobody_stands_behind_a_slow_read(start):
    """One connection carries many reads, in order; what comes while its first one takes long goes by another."""
    service = start(THIDUA_LOOPS="1", THIDUA_LANE_CONNECTIONS="2", THIDUA_READ_SECONDS="60").await_lanes(2)
    admin = service.key("admin")
    key = admin.key
    assert admin.get("/v1/units").status_code == 200
    with service.holding("LOCK TABLE webhooks IN ACCESS EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(16) as pool:
        slow = pool.submit(Client(service.base, key).get, "/v1/webhooks")
        waiting = """SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%webhook_json%'
                     AND clock_timestamp() - query_start > interval '100 ms'"""
        wait_until(lambda: service.psql(waiting, user="postgres") == "1")
        for turn in range(4):
            others = [pool.submit(Client(service.base, key).get, f"/v1/units?q={turn}{i}") for i in range(15)]
            assert {other.result(timeout=20).status_code for other in others} == {200}
        assert not slow.done()
        release()
    assert slow.result().status_code == 200


@pytest.fixture(scope="module")
def narrow():
    """A service with two connections for all quick reads, three rounds that nobody has read there, and who waits for a lock."""
    with serving(Service(make_place(), THIDUA_LOOPS="1", THIDUA_LANE_CONNECTIONS="2", THIDUA_READ_SECONDS="60")) as service:
        rounds = [make_campaign(service) + "/rounds/2024" for _ in range(3)]
        assert service.stop() == 0  # after that no news of them are on their way, which would empty what is kept
        # What tells of deadlines and what packs facts in the background read rounds, too.
        waiting = """SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'thidua_app'
                     AND query NOT LIKE ALL ('{%deadlines_tell%,%FROM unit_stamps%}')"""
        yield service.start().await_lanes(2), rounds, lambda: service.psql(waiting, user="postgres").split()


def test_readers_of_the_same_wait_for_one_answer(narrow):
    """A commit would send all readers of what it may have changed to the database at once. One of them asks."""
    service, rounds, waiting = narrow
    with service.holding("LOCK TABLE rounds IN ACCESS EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(40) as pool:
        same = [pool.submit(service.anonymous().get, rounds[0]) for _ in range(20)]
        wait_until(waiting)
        same += [pool.submit(service.anonymous().get, rounds[0]) for _ in range(20)]
        for turn in range(20):  # the other connection is free
            assert service.anonymous().get(f"/v1/units?q={turn}", timeout=20).status_code == 200
        assert len(waiting()) == 1 and not any(each.done() for each in same)
        release()
        answers = {(answer.status_code, answer.headers["ETag"], answer.text) for answer in (each.result() for each in same)}
    assert len(answers) == 1 and answers.pop()[0] == 200


def test_readers_of_the_same_are_told_alike_what_is_not_kept(narrow):
    """That it is not there, and that the connection was lost."""
    service, rounds, waiting = narrow
    with service.holding("LOCK TABLE rounds IN ACCESS EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(20) as pool:
        same = [pool.submit(service.anonymous().get, rounds[1].replace("2024", "1999")) for _ in range(20)]
        wait_until(waiting)
        release()
        assert [each.result().status_code for each in same] == [404] * 20
    with service.holding("LOCK TABLE rounds IN ACCESS EXCLUSIVE MODE"), concurrent.futures.ThreadPoolExecutor(20) as pool:
        same = [pool.submit(service.anonymous().get, rounds[1]) for _ in range(20)]

        def lose():
            return all(each.done() for each in same) or any(service.psql(f"SELECT pg_terminate_backend({pid})", user="postgres") and False
                                                            for pid in waiting())
        wait_until(lose)
        assert [each.result().status_code for each in same] == [503] * 20
    wait_until(lambda: service.anonymous().get(rounds[1]).status_code == 200)


def test_readers_of_the_same_share_an_answer_that_is_too_large_to_be_kept(narrow):
    """Who would ask by itself afterwards stood behind the second lock, which PostgreSQL grants right after the first reader's."""
    service, _, _ = narrow
    lock = "LOCK TABLE unit_periods IN ACCESS EXCLUSIVE MODE"

    def locks():
        return int(service.psql("SELECT count(*) FROM pg_locks WHERE NOT granted", user="postgres"))

    for number in range(140):
        make_unit(service.key("admin"), name=f"{number} {'Đ' * 180}")
    def ask(query):
        asking = connect(service)
        asking.sendall(f"GET /v1/units?{query} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".encode())
        return asking

    with service.holding(lock) as release:  # so that both connections know the statement
        each_its_own = [ask("limit=20%30"), ask("limit=2%300")]
        wait_until(lambda: locks() == 2)
        release()
        assert all(until_closed(each).startswith(b"HTTP/1.1 200 ") for each in each_its_own)
    with contextlib.ExitStack() as opened:
        release = opened.enter_context(service.holding(lock))
        same = [opened.enter_context(ask("limit=200")) for _ in range(20)]
        wait_until(lambda: locks() == 1)
        for _ in range(5):  # who came before is in the loop by now
            assert service.anonymous().get("/v1/vocabulary").status_code == 200
        second = opened.enter_context(concurrent.futures.ThreadPoolExecutor(1)).submit(lambda: opened.enter_context(service.holding(lock)))
        wait_until(lambda: locks() == 2)
        release()
        answers = [until_closed(each) for each in same]
        second.result()
    assert len({answer.partition(b"\r\n\r\n")[2] for answer in answers}) == 1
    assert all(answer.startswith(b"HTTP/1.1 200 ") and len(answer) > 65536 for answer in answers)


def test_who_asks_after_a_commit_does_not_wait_for_an_older_answer(narrow):
    """That statement began before the commit, and cannot show it."""
    service, rounds, waiting = narrow
    unit, home = make_unit(service.key("admin"))["id"], service.key("home_affairs")
    with service.holding("LOCK TABLE quota_shares IN ACCESS EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(2) as pool:
        before = pool.submit(service.anonymous().get, rounds[2])
        wait_until(waiting)
        entered = home.put(f"{rounds[2]}/contestants/{unit}", json={"group": "SO_BAN_NGANH", "on_assessed_list": True, "source_document": "12/QĐ-SNV"})
        assert entered.status_code == 201, entered.text
        after = pool.submit(service.anonymous().get, rounds[2])
        wait_until(lambda: len(waiting()) == 2)
        release()
        assert [each.result().json()["counts"]["contestants"] for each in (before, after)] == [0, 1]


def test_workers_that_find_no_connection_leave_the_work_to_one_that_has(start):
    """They refuse faster than it can answer: each refusal would make room for the next."""
    service = start(THIDUA_WORKERS="4")
    admin = service.key("admin")
    key = admin.key
    count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'thidua_app'"
    waiting = "SELECT pid FROM pg_stat_activity WHERE usename = 'thidua_app' AND wait_event_type = 'Lock'"
    with service.holding("LOCK TABLE units IN EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(Client(service.base, key).post, "/v1/units", json={"name": f"Đơn vị {i}", **UNIT}) for i in range(4)]
        wait_until(lambda: len(service.psql(waiting, user="postgres").split()) == 4)
        lost = ", ".join(service.psql(waiting, user="postgres").split()[:3])
        held = int(service.psql(count))
        service.psql(f"ALTER ROLE thidua_app CONNECTION LIMIT {held - 3}", user="postgres")
        service.psql(f"SELECT pg_terminate_backend(pid) FROM unnest(ARRAY[{lost}]) AS pid", user="postgres")
        wait_until(lambda: sum(a.done() for a in answers) == 3)
        release()
    assert sorted(a.result().status_code for a in answers) == [201] + [503] * 3
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda i: Client(service.base, key).post("/v1/units", json={"name": f"Sau {i}", **UNIT}).status_code, range(80)))
    assert codes == [201] * 80
    service.psql("ALTER ROLE thidua_app CONNECTION LIMIT -1", user="postgres")
    wait_until(lambda: make_unit(admin) and int(service.psql(count)) >= held)


def test_who_finished_last_works_next(start):
    """Its connection has the plans, and its memory in the processor's caches: a few writes at a time do not go round all workers."""
    service = start(THIDUA_WORKERS="8")
    admin = service.key("admin")
    began = service.psql("SELECT clock_timestamp()")
    for _ in range(24):
        make_unit(admin)
    used = f"SELECT count(*) FROM pg_stat_activity WHERE usename = 'thidua_app' AND query = 'COMMIT' AND query_start > '{began}'"
    assert 1 <= int(service.psql(used, user="postgres")) < 8  # with the packer's


def test_sealing_survives_the_death_of_the_sealing_instance(start):
    one = start()
    two = start(beside=one)
    admin = Client(two.base, one.key("admin").key)
    one.process.kill()
    one.process.wait()
    make_unit(admin)
    wait_until(lambda: two.psql("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
    assert two.command("verify").returncode == 0
