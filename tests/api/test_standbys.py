"""Reads from a streaming standby (THIDUA_READ_URL): nothing that was acknowledged is ever missed, and no read fails for its sake.

`one` and `two` are instances on one primary, and both read from one standby. Tests go on in the order in which they stand here: the last
ones promote the standby, and make another cluster's of it."""
import concurrent.futures
import contextlib
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import uuid

import pytest

from conftest import make_unit
from service import Client, Service, make_place, problem, serving, wait_until
from standby import Standby
from test_hanging import Host
from test_statements import FILES, embed_statements

OUTCOMES = {"answered", "behind", "away", "slow", "failed"}
SETTINGS = {"THIDUA_READ_SECONDS": "4", "THIDUA_LOOPS": "1"}  # one loop: all readers use the same connections


class Held:
    """Both instances and the standby."""

    def __init__(self, one, two, standby):
        self.one, self.two, self.standby = one, two, standby
        self.admin = one.key("admin")
        self.other = Client(two.base, self.admin.key)
        self.clients = [self.admin, self.other]

    def outcomes(self, *clients):
        """outcome → reads of both instances, or of those that these clients ask."""
        found = [re.findall(r'^thidua_standby_reads_total{outcome="(\w+)"} (\d+)$', client.get("/metrics").text, re.M) for client in clients or self.clients]
        assert all({outcome for outcome, _ in each} == OUTCOMES for each in found)
        return {outcome: sum(int(number) for each in found for name, number in each if name == outcome) for outcome in OUTCOMES}

    def answers_grow(self, client, outcome="answered"):
        """Reads go on, each of them well, until more of them end so."""
        before = self.outcomes()[outcome]

        def grown():
            read_something(client)
            return self.outcomes()[outcome] > before
        return wait_until(grown)

    def in_use(self, connections=1):
        """So many connections to it are known to follow the primary, of each instance."""
        return all(int(re.search(r"^thidua_standby_connections (\d+)$", client.get("/metrics").text, re.M)[1]) >= connections for client in self.clients)

    @contextlib.contextmanager
    def paused(self):
        """It receives what is written, and does not replay it."""
        self.standby.psql("SELECT pg_wal_replay_pause()")
        wait_until(lambda: self.standby.psql("SELECT pg_get_wal_replay_pause_state()") == "paused")
        try:
            yield
        finally:
            self.standby.psql("SELECT pg_wal_replay_resume()")


def read_something(client):
    """What no instance remembers, and no test locks."""
    answer = client.get("/v1/public-holidays", params={"year": 2025})
    assert answer.status_code == 200, answer.text


def renamed(name):
    return {"valid_from": "2021-01-01", "name": name}


def logged(service, event):
    return [line for line in map(json.loads, filter(lambda line: line.startswith("{"), list(service.log))) if line["event"] == event]


@pytest.fixture(scope="module")
def held():
    """The instances come first: they serve before there is any standby."""
    with contextlib.ExitStack() as after:
        sockets = pathlib.Path(tempfile.mkdtemp(prefix="thidua-standby-"))
        one = after.enter_context(serving(Service(make_place(), THIDUA_READ_URL=f"host={sockets} dbname=thidua user=thidua_app", **SETTINGS)))
        standby = Standby(one, sockets)
        after.callback(standby.remove)
        two = after.enter_context(serving(one.beside(THIDUA_READ_URL=standby.url, **SETTINGS)))
        yield Held(one, two, standby)


def test_an_instance_serves_before_there_is_a_standby(held):
    held.answers_grow(held.admin, "away")
    wait_until(lambda: logged(held.one, "standby_lost"))
    assert not held.in_use() and not logged(held.one, "standby_back")
    held.standby.copy()
    held.standby.start()
    wait_until(held.in_use)
    wait_until(lambda: logged(held.one, "standby_back"))


def test_reads_come_from_the_standby_once_it_has_caught_up(held):
    """As the standby counts them itself, and not for a caller without a key alone."""
    made = make_unit(held.admin)
    before = int(held.standby.psql("SELECT tup_fetched FROM pg_stat_database WHERE datname = 'thidua'"))
    for client in held.clients:
        held.answers_grow(client)
        answer = client.get(f"/v1/units/{made['id']}")
        assert (answer.status_code, answer.headers["ETag"]) == (200, made["etag"])
    wait_until(lambda: int(held.standby.psql("SELECT tup_fetched FROM pg_stat_database WHERE datname = 'thidua'")) > before)


def write_and_read(held, clients, turns, toggle=lambda: None):
    """A write through the one, and reads through the other at once, of what it has never read before."""
    writer, reader = clients
    for turn in range(turns):
        made = make_unit(writer)
        answer = reader.get(f"/v1/units/{made['id']}")
        assert (answer.status_code, answer.json().get("name")) == (200, made["name"])
        name = f"Đơn vị {uuid.uuid4().hex}"
        assert writer.merge(f"/v1/units/{made['id']}", renamed(name), made["etag"]).status_code == 200
        assert [item["id"] for item in reader.get("/v1/units", params={"q": name}).json()["items"]] == [made["id"]]
        toggle()


def callers(held, order):
    """Clients of one thread: a session is not shared among threads."""
    return [Client(client.base, client.key) for client in (held.clients if order % 2 else held.clients[::-1])]


def test_nobody_misses_a_write_that_was_acknowledged_while_replay_is_paused(held):
    before = held.outcomes()
    with held.paused(), concurrent.futures.ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(write_and_read, held, callers(held, i), 5) for i in range(8)]:
            done.result()
        assert held.outcomes()["behind"] > before["behind"]
    for client in held.clients:
        held.answers_grow(client)


def test_nor_while_the_standby_follows_now_and_then(held):
    """Behind, and caught up again, in the midst of reads and writes; and what was read once is not unread through the other."""
    before, turn = held.outcomes(), itertools.count()

    def toggle():
        held.standby.psql("SELECT pg_wal_replay_pause()" if next(turn) % 2 else "SELECT pg_wal_replay_resume()")
    try:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(write_and_read, held, callers(held, i), 6, toggle) for i in range(8)]:
                done.result()
    finally:
        held.standby.psql("SELECT pg_wal_replay_resume()")
    for client in held.clients:
        held.answers_grow(client)
    assert held.outcomes()["answered"] > before["answered"]


def test_what_is_remembered_is_asked_again_of_one_that_has_the_news(held):
    """An instance keeps answers until news of a change come, and they come before the standby has it."""
    made = make_unit(held.admin)
    held.answers_grow(held.other)
    assert [client.get(f"/v1/units/{made['id']}").headers["ETag"] for client in held.clients] == [made["etag"]] * 2
    with held.paused():
        changed = held.admin.merge(f"/v1/units/{made['id']}", renamed(f"{made['name']} mới"), made["etag"])
        assert changed.status_code == 200
        wait_until(lambda: held.other.get(f"/v1/units/{made['id']}").headers["ETag"] == changed.headers["ETag"])
    held.answers_grow(held.other)
    assert held.other.get(f"/v1/units/{made['id']}").headers["ETag"] == changed.headers["ETag"]


def test_a_revoked_key_does_not_read_on(held):
    """The other instance has never seen it: it asks, and not of whom would not know yet."""
    keys = [held.admin.post("/v1/keys", json={"name": "for a while", "roles": ["auditor"]}).json() for _ in range(4)]
    held.answers_grow(held.other)
    with held.paused():
        for key in keys:
            assert held.admin.delete(f"/v1/keys/{key['id']}", headers={"If-Match": held.admin.get(f"/v1/keys/{key['id']}").headers["ETag"]}).status_code in (200, 204)
            problem(Client(held.two.base, key["key"]).get("/v1/units", params={"q": "x"}), 401, "unauthenticated")
        made = [held.admin.post("/v1/keys", json={"name": "from now on", "roles": ["auditor"]}).json()["key"] for _ in range(4)]
        assert [Client(held.two.base, key).get("/v1/units", params={"q": "x"}).status_code for key in made] == [200] * 4


@contextlib.contextmanager
def reading(held, threads=8):
    """Readers of both instances, none of whom may ever be refused; the first read that is ends all of them."""
    over, faults = threading.Event(), []

    def read(order):
        with callers(held, order)[0] as client:
            while not over.is_set():
                try:
                    read_something(client)
                    answer = client.get("/v1/units", params={"limit": 200, "q": "Đơn vị"})
                    assert answer.status_code == 200, answer.text
                except Exception as fault:  # noqa: BLE001
                    faults.append(fault)
                    over.set()
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for order in range(threads):
            pool.submit(read, order)
        try:
            yield over
        finally:
            over.set()
    assert not faults, faults


# Locks are sent with the next commit.
COMMIT = "SELECT pg_logical_emit_message(true, 'x', 'x')"
# Reads that have begun on the table of keys, and wait for another one.
WAITING = """SELECT count(*) FROM pg_locks waits JOIN pg_locks has USING (pid) JOIN pg_stat_activity a USING (pid)
WHERE NOT waits.granted AND has.granted AND has.relation = 'keys'::regclass AND a.application_name = 'thidua reads'"""


@contextlib.contextmanager
def a_read_that_waits_on_the_standby(held, key):
    """The lock that it waits for was taken at the primary, and replayed. Yields what gives it back there. Whoever finds the standby behind
    waits at the primary; all are answered."""
    answers, client = [], callers(held, 1)[0]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        def waits():
            answers.append(pool.submit(callers(held, 1)[0].get, f"/v1/keys/{key}"))
            return held.standby.psql(WAITING) != "0"
        with held.one.holding("LOCK TABLE units, unit_periods IN ACCESS EXCLUSIVE MODE") as give_back:
            held.one.psql(COMMIT, user="postgres")
            wait_until(lambda: held.standby.psql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'units'::regclass") == "1")
            held.answers_grow(client)
            wait_until(waits)
            yield give_back
    assert {(answer.result().status_code, answer.result().json().get("id")) for answer in answers} == {(200, key)}


@pytest.fixture(scope="module")
def key_of_a_unit(held):
    made = held.admin.post("/v1/keys", json={"name": "of a unit", "roles": ["unit"], "unit_id": make_unit(held.admin)["id"]})
    assert made.status_code == 201
    return made.json()["id"]


def test_no_read_fails_where_it_is_in_the_way_of_replay(held, key_of_a_unit):
    """The lock of a table that it reads is to be replayed, so it is ended (max_standby_streaming_delay)."""
    conflicts = "SELECT confl_lock FROM pg_stat_database_conflicts WHERE datname = 'thidua'"
    before = int(held.standby.psql(conflicts))
    with a_read_that_waits_on_the_standby(held, key_of_a_unit) as give_back, held.one.holding("LOCK TABLE keys IN ACCESS EXCLUSIVE MODE") as give_keys_back:
        held.one.psql(COMMIT, user="postgres")
        wait_until(lambda: int(held.standby.psql(conflicts)) > before)
        give_keys_back()
        give_back()


def test_what_takes_too_long_on_the_standby_is_asked_of_the_primary(held, key_of_a_unit):
    """There the lock has been given back meanwhile; the standby does not replay that."""
    before = held.outcomes()["failed"]
    with a_read_that_waits_on_the_standby(held, key_of_a_unit) as give_back, held.paused():
        give_back()
        wait_until(lambda: held.outcomes()["failed"] > before)


def test_a_standby_that_hangs_holds_up_what_was_asked_of_it_and_nobody_else(held):
    held.answers_grow(held.admin)
    lost = len(logged(held.one, "standby_lost"))
    with reading(held) as over:
        before = held.outcomes()
        held.standby.signal(signal.SIGSTOP)
        try:
            wait_until(lambda: over.is_set() or len(logged(held.one, "standby_lost")) > lost)
            after = held.outcomes()  # "away" were under way when it stopped, which may be those of all readers, and "slow" came after
            assert after["slow"] + after["away"] > before["slow"] + before["away"]
        finally:
            held.standby.signal(signal.SIGCONT)
    wait_until(held.in_use)
    for client in held.clients:
        held.answers_grow(client)


def test_a_loop_that_was_idle_leaves_no_read_to_a_standby_that_hangs(held):
    """Reads one after another: none of them finds out for the others. What was not heard of lately is asked before a read is sent there, and
    not waited for. One connection may be lost before, and there are two."""
    wait_until(lambda: held.in_use(2))
    held.answers_grow(held.admin)
    held.standby.signal(signal.SIGSTOP)
    try:
        before = held.outcomes()["away"]
        held.answers_grow(held.one.anonymous(), "slow")
        assert held.outcomes()["away"] <= before + 1, "only the first one may have come when the standby had just been heard of"
    finally:
        held.standby.signal(signal.SIGCONT)
    wait_until(held.in_use)
    for client in held.clients:
        held.answers_grow(client)


def test_a_standby_that_dies_is_missed_by_nobody_and_used_again(held):
    held.answers_grow(held.admin)
    counts = [{event: len(logged(service, event)) for event in ("standby_lost", "standby_back")} for service in (held.one, held.two)]
    with reading(held) as over:
        held.standby.stop()
        wait_until(lambda: over.is_set() or not held.in_use())
        before = held.outcomes()
        wait_until(lambda: over.is_set() or held.outcomes()["away"] > before["away"])
        held.standby.start()
        wait_until(lambda: over.is_set() or held.in_use())
    for client in held.clients:
        held.answers_grow(client)
    for service, count in zip((held.one, held.two), counts):
        for event, number in count.items():
            wait_until(lambda: len(logged(service, event)) > number)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs names of its own")
def test_of_the_addresses_of_a_standby_one_that_is_silent_is_left_for_the_next(held, tmp_path):
    """An event loop waits for no name of several addresses, as libpq would where it waits itself."""
    names = tmp_path / "hosts"
    names.write_text("127.0.0.2 standby.test\n127.0.0.3 standby.test\n")
    around = ["unshare", "--mount", "sh", "-c", f'mount --bind {names} /etc/hosts && exec "$@"', "sh"]
    found = subprocess.run([*around, "getent", "ahosts", "standby.test"], capture_output=True, text=True, timeout=60).stdout.split()
    if "127.0.0.2" not in found[:1]:
        pytest.skip("this machine does not look the name up as it stands there")
    real = Host(leads_to=str(held.standby.place / ".s.PGSQL.5432"), address="127.0.0.3")
    with contextlib.closing(real), socket.create_server(("127.0.0.2", real.port)):
        three = held.one.beside(**SETTINGS, THIDUA_READ_URL=f"host=standby.test port={real.port} dbname=thidua user=thidua_app")
        three.around = around
        with serving(three):
            wait_until(lambda: Held(three, held.two, held.standby).in_use(), seconds=30)


def run_with_nothing(read):
    values = f"({', '.join(['NULL'] * len(read.parameters))})" if read.parameters else ""
    return f"PREPARE read AS {read.code};\nEXECUTE read{values};"


def test_every_read_can_be_asked_of_a_standby(held):
    """It takes no lock on rows, no number of a sequence, and writes nothing."""
    reads = [statement for path in FILES for statement in embed_statements.statements(path) if statement.is_a("read", "stream", "quick")]
    refused = held.standby.refused({read.name: run_with_nothing(read) for read in reads})
    impossible = {"25006", "0A000", "55000"}  # read_only_sql_transaction, feature_not_supported, object_not_in_prerequisite_state
    assert len(refused) == len(reads) > 60 and [name for name, states in refused.items() if impossible & set(states)] == ["wal_written"]  # asked of the primary


def test_a_standby_goes_on_with_the_primary_when_that_begins_an_epoch(held):
    for client in held.clients:
        held.answers_grow(client)
    before = [held.outcomes(client)["away"] for client in held.clients]
    with reading(held) as over:  # who asks only later may find all as it was
        done = held.one.command("restored")
        assert done.returncode == 0, done.stderr
        assert held.one.psql("SELECT lineage FROM installation").split("#")[1] == done.stdout.split()[-1]
        make_unit(held.admin)
        wait_until(lambda: over.is_set() or all(held.outcomes(client)["away"] > count for client, count in zip(held.clients, before)))
    for client in held.clients:
        held.answers_grow(client)


def test_a_promoted_standby_is_not_asked(held):
    """As after a failover that this instance has not followed: it reads where it writes."""
    held.answers_grow(held.admin)
    with reading(held) as over:
        held.standby.control("promote")
        for i in range(8):
            write_and_read(held, callers(held, i), 1)
        wait_until(lambda: over.is_set() or not held.in_use())
    held.answers_grow(held.other, "away")


@pytest.mark.parametrize("timeline", ["00000001", "00000002"], ids=["same timeline", "another timeline"])
def test_nor_is_a_standby_of_another_cluster(held, timeline):
    """What was promoted has begun a history of its own, and is beyond the primary by its numbers. It is a standby again, of nobody. Its timeline
    may be that of the primary, as where that was promoted from a copy too: then only the epochs tell them apart."""
    if held.standby.psql("SELECT pg_is_in_recovery()") == "t":
        held.standby.control("promote")
    held.standby.psql("UPDATE installation SET lineage = ''; SELECT journal_seal_batch()")
    held.standby.psql(f"UPDATE installation SET lineage = regexp_replace(lineage, '/0000000./', '/{timeline}/')")
    behind = f"SELECT pg_current_wal_lsn() < '{held.one.psql('SELECT pg_current_wal_lsn()', user='postgres')}'::pg_lsn + 64 * 1024 * 1024"
    while held.standby.psql(behind) == "t":
        held.standby.psql("SELECT pg_logical_emit_message(false, 'x', 'x'), pg_switch_wal()")
    held.standby.psql("CHECKPOINT")
    held.standby.control("stop", "-m", "fast")
    lost = [len(logged(service, "standby_lost")) for service in (held.one, held.two)]
    (held.standby.data / "standby.signal").touch()
    shutil.chown(held.standby.data / "standby.signal", held.standby.owner)
    held.standby.start()
    assert held.standby.psql("SELECT pg_is_in_recovery()") == "t"
    asked = "SELECT coalesce(seq_scan + idx_scan, 0) FROM pg_stat_user_tables WHERE relname = 'installation'"
    before = int(held.standby.psql(asked))
    wait_until(lambda: int(held.standby.psql(asked)) > before + 4)  # what it has to do with this primary
    for i in range(8):
        write_and_read(held, callers(held, i), 2)
    assert not held.in_use() and [len(logged(service, "standby_lost")) for service in (held.one, held.two)] == lost
