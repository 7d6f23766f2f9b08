"""A server that hangs instead of dying: it takes connections and never answers, or keeps those that are there and says nothing.

Every wait has an end, every attempt reaches the next host, and a stop comes to its end."""
import concurrent.futures
import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from conftest import PLAN_FILE, make_unit
from service import PROGRAM, Client, Service, database_urls, make_place, plain_environment, postmaster_family, problem, serving, wait_until

UNIT = {"name": "Đơn vị thử", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}


@pytest.fixture
def one():
    service = Service(make_place(), THIDUA_DRAIN_SECONDS="2").start()
    yield service
    if service.process.poll() is None:
        service.stop()
    shutil.rmtree(service.var, ignore_errors=True)


@contextlib.contextmanager
def stopped(service):
    """The machine of PostgreSQL is there, and says nothing."""
    family = postmaster_family(service.var / "postgres")
    for process in family:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(family):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def test_a_primary_that_hangs_holds_up_nobody_and_no_stop(one):
    admin = one.key("admin")
    made = make_unit(admin)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:  # connections that are younger than the server's last sign of life, too
        assert {each.status_code for each in pool.map(lambda _: Client(one.base, admin.key).post("/v1/units", json=UNIT), range(12))} <= {201, 409}
    with stopped(one), concurrent.futures.ThreadPoolExecutor(16) as pool:
        writes = [pool.submit(Client(one.base, admin.key).post, "/v1/units", json=UNIT) for _ in range(12)]
        reads = [pool.submit(Client(one.base).get, "/v1/units", params={"q": f"x{i}"}) for i in range(4)]
        wait_until(lambda: one.anonymous().get("/readyz").status_code == 503, seconds=10)
        for answer in writes + reads:
            problem(answer.result(), 503, "unavailable" if answer in reads or answer.result().json()["type"].endswith("unavailable") else "outcome-unknown")
            assert int(answer.result().headers["Retry-After"]) >= 1 and answer.result().elapsed.total_seconds() < 30
    wait_until(lambda: one.anonymous().get("/readyz").status_code == 200)
    assert admin.get(f"/v1/units/{made['id']}").status_code == 200
    make_unit(admin)
    with stopped(one):
        began = time.monotonic()
        one.process.send_signal(signal.SIGTERM)
        one.process.wait(timeout=60)
        assert time.monotonic() - began < 35


def test_reads_behind_a_locked_table_wait_no_longer_than_for_a_silent_server():
    """Each ends after THIDUA_READ_SECONDS, one after the other on their connection: the last of 512 waited for the time of all. Those of other
    tables go on behind them. A connection that is made anew could not even prepare its statements while the lock lasts."""
    numbers = itertools.count(1)
    with serving(Service(make_place(), THIDUA_READ_SECONDS="1", THIDUA_LOOPS="1", THIDUA_LANE_CONNECTIONS="1")) as service:
        def awards(year):
            return Client(service.base).get("/v1/awards", params={"year": year})

        def units(_=None):
            return Client(service.base).get("/v1/units", params={"q": f"x{next(numbers)}"})  # none is remembered

        def connections():
            return service.psql("SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE application_name = 'thidua reads'")

        before = connections()
        assert len(before.split()) == 1
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            with service.holding("LOCK TABLE awards IN ACCESS EXCLUSIVE MODE"):
                few, others = pool.map(awards, range(2001, 2003)), pool.map(units, range(4))
                assert {answer.status_code for answer in others} == {200}
                for answer in [*few, *pool.map(awards, range(2003, 2019))]:
                    problem(answer, 503, "unavailable")
                    assert int(answer.headers["Retry-After"]) >= 1 and answer.elapsed.total_seconds() < 8
                wait_until(lambda: units().status_code == 200)
                problem(awards(2019), 503, "unavailable")
            wait_until(lambda: awards(2020).status_code == 200)
            assert {answer.status_code for answer in [*pool.map(awards, range(2001, 2019)), *pool.map(units, range(4))]} == {200}
        assert connections() == before


class Host:
    """A host of a connection string: silent; a standby, which lets everybody in and says what it is; or on the way to PostgreSQL, until it freezes.
    `asked` holds of each connection when it came, and when the client left it."""

    STANDBY = b"R\0\0\0\x08\0\0\0\0" + b"".join(
        b"S" + (4 + len(pair)).to_bytes(4, "big") + pair for pair in (b"server_version\0" b"15.4\0", b"in_hot_standby\0on\0", b"default_transaction_read_only\0off\0")
    ) + b"Z\0\0\0\x05I"

    def __init__(self, says=b"", leads_to=None, address="127.0.0.1", port=0):
        self.says, self.leads_to, self.frozen, self.asked = says, leads_to, threading.Event(), []
        self.listener = socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.asked.append([time.monotonic(), None])
                threading.Thread(target=self.serve, args=(client, self.asked[-1]), daemon=True).start()

    def serve(self, client, asked):
        server = None
        with client, contextlib.suppress(OSError):
            if self.leads_to and not self.frozen.is_set():
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.leads_to)
                threading.Thread(target=self.back, args=(server, client), daemon=True).start()
            while data := client.recv(65536):
                if server and not self.frozen.is_set():
                    server.sendall(data)
                elif self.says:  # it asks for TLS first (SSLRequest)
                    client.sendall(b"N" if data[4:8] == (80877103).to_bytes(4, "big") else self.says)
        asked[1] = time.monotonic()
        if server:
            with contextlib.suppress(OSError):  # back() was quicker
                server.shutdown(socket.SHUT_RDWR)

    def back(self, server, client):
        with server, contextlib.suppress(OSError):
            while data := server.recv(65536):
                if not self.frozen.is_set():
                    client.sendall(data)
        if not self.frozen.is_set():
            with contextlib.suppress(OSError):  # the client was quicker
                client.shutdown(socket.SHUT_RDWR)

    def left_within(self, seconds):
        return all(end and end - begin < seconds for begin, end in self.asked)

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept(), which would keep the port
        self.listener.close()


@contextlib.contextmanager
def unreachable():
    """A port whose queue is full: the kernel answers nobody, as where a machine has gone."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, contextlib.ExitStack() as callers:
        for _ in range(4):
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def test_the_command_health_has_an_end_where_nobody_takes_its_connection():
    with unreachable() as port:
        began = time.monotonic()
        done = subprocess.run([PROGRAM, "health"], env={**plain_environment(), "THIDUA_LISTEN": f"127.0.0.1:{port}"}, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (1, f"not ready: no answer in time from 127.0.0.1 port {port}\n") and time.monotonic() - began < 10


def beside(one, ports, more=""):
    """Another service over the database of `one`, which is the last host, behind those of these ports."""
    hosts = ",".join([*["127.0.0.1"] * len(ports), str(one.var / "socket")])
    return one.beside(**database_urls(f"host={hosts} port={','.join(map(str, ports))},5432 {more}"))


# What one host is given before it is left (3 s) would be more.
SOON = 2.5


def test_hosts_that_never_answer_hold_nobody_up_and_are_not_asked_again(one):
    """As machines that have gone without a word. The next host is asked beside them; a standby is left at once; and who was reached is asked first."""
    silent, standby = Host(), Host(Host.STANDBY)
    with contextlib.closing(silent), contextlib.closing(standby), unreachable() as gone, \
            serving(beside(one, [gone, silent.port, standby.port], "target_session_attrs=read-write")) as two:
        wait_until(lambda: standby.asked and silent.left_within(SOON) and standby.left_within(SOON), seconds=10)
        admin = Client(two.base, one.key("admin").key)
        make_unit(admin)
        asked = len(silent.asked), len(standby.asked)
        one.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'thidua%'", user="postgres")
        wait_until(lambda: two.anonymous().get("/v1/units", params={"q": "x"}).status_code == 200, seconds=20)
        wait_until(lambda: admin.post("/v1/units", json={**UNIT, "name": "Đơn vị lại"}, headers={"Idempotency-Key": "again"}).status_code == 201, seconds=20)
        assert (len(silent.asked), len(standby.asked)) == asked


def test_of_several_hosts_no_standby_is_taken_also_where_nothing_was_said_of_it(one):
    """libpq takes the first that lets it in, and there the service would never be ready."""
    with contextlib.closing(Host(Host.STANDBY)) as standby, serving(beside(one, [standby.port])) as two:
        make_unit(Client(two.base, one.key("admin").key))
        assert standby.asked and standby.left_within(SOON)


def test_a_host_that_falls_silent_is_left_for_the_next_one_by_all(one):
    first = Host(leads_to=str(one.var / "socket/.s.PGSQL.5432"))
    with contextlib.closing(first), serving(beside(one, [first.port])) as two:
        admin = Client(two.base, one.key("admin").key)
        make_unit(admin)
        assert first.asked
        first.frozen.set()
        used = len(first.asked)
        wait_until(lambda: admin.post("/v1/units", json={**UNIT, "name": "Đơn vị sau"}, headers={"Idempotency-Key": "after"}).status_code == 201, seconds=60)
        wait_until(lambda: two.anonymous().get("/v1/units", params={"q": "x"}).status_code == 200, seconds=20)
        del first.asked[:used]
        wait_until(lambda: first.left_within(SOON), seconds=10)


def test_hosts_of_a_uri_without_ports_are_asked_at_the_usual_one(one):
    """As docs/operation.md writes them: by commands, workers, loops and news."""
    with contextlib.closing(Host(leads_to=str(one.var / "socket/.s.PGSQL.5432"), address="127.0.0.44", port=5432)):
        for hosts in ("127.0.0.45,127.0.0.44", "127.0.0.45:9,127.0.0.44", "127.0.0.44,127.0.0.45:9"):
            urls = {name: f"postgresql://{user}@{hosts}/thidua?target_session_attrs=read-write" for name, user in (
                ("DATABASE_URL", "thidua_app"), ("DATABASE_OWNER_URL", "thidua_owner"))}
            with serving(one.beside(**urls)) as two:
                make_unit(two.key("admin"))
                assert two.anonymous().get("/v1/units", params={"q": "x"}).status_code == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="needs names of its own")
def test_of_the_addresses_of_a_name_one_that_is_silent_holds_nobody_up(one, tmp_path):
    """libpq itself goes on to the next address only where it waits, which in an event loop it does not."""
    names, real = tmp_path / "hosts", Host(leads_to=str(one.var / "socket/.s.PGSQL.5432"), address="127.0.0.3")
    names.write_text("127.0.0.2 database.test\n127.0.0.3 database.test\n")
    around = ["unshare", "--mount", "sh", "-c", f'mount --bind {names} /etc/hosts && exec "$@"', "sh"]
    found = subprocess.run([*around, "getent", "ahosts", "database.test"], capture_output=True, text=True, timeout=60).stdout.split()
    if "127.0.0.2" not in found[:1]:
        real.close()
        pytest.skip("this machine does not look the name up as it stands there")
    with contextlib.closing(real), socket.create_server(("127.0.0.2", real.port)):
        two = one.beside(**database_urls(f"host=database.test port={real.port}"))
        two.around = around
        with serving(two):  # so it is ready
            admin = Client(two.base, one.key("admin").key)
            make_unit(admin)
            one.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'thidua%'", user="postgres")
            wait_until(lambda: admin.post("/v1/units", json={**UNIT, "name": "Đơn vị lại"}, headers={"Idempotency-Key": "again"}).status_code == 201, seconds=20)


@contextlib.contextmanager
def migrating(one):
    """`thidua migrate`, which has something to do, and waits for another one that is at it."""
    waiting = "SELECT 'waits' FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    one.psql("DELETE FROM schema_functions")
    with one.holding("SELECT pg_advisory_lock(7468696475)"), \
            subprocess.Popen([PROGRAM, "migrate"], env=one.environment, stderr=subprocess.PIPE, text=True) as migration:
        try:
            wait_until(lambda: one.psql(waiting) == "waits")
            yield migration
        finally:
            migration.kill()


@contextlib.contextmanager
def loading(one):
    """`thidua load`, which waits for somebody's lock."""
    waiting = "SELECT 'waits' FROM pg_stat_activity WHERE application_name = 'thidua load' AND wait_event_type = 'Lock'"
    with one.holding("LOCK TABLE campaigns"), \
            subprocess.Popen([PROGRAM, "load", str(PLAN_FILE)], env=one.environment, stderr=subprocess.PIPE, text=True) as load:
        try:
            wait_until(lambda: one.psql(waiting, user="postgres") == "waits")
            yield load
        finally:
            load.kill()


def test_a_command_waits_for_another_one_but_not_for_a_server_that_hangs(one):
    with migrating(one) as migration, loading(one) as load:
        with pytest.raises(subprocess.TimeoutExpired):  # longer than until it asks whether the server is still there
            migration.wait(timeout=8)
        assert load.poll() is None
        with stopped(one):
            assert migration.wait(timeout=60) == 1
            assert "the server does not answer" in migration.stderr.read()
            assert load.wait(timeout=60) == 1
            assert "the connection to PostgreSQL was lost" in load.stderr.read()
