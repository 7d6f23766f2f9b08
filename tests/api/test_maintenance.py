"""What the database's administrator runs beside a service that runs: callers do not see it."""
import contextlib
import json
import socket
import string
import subprocess
import threading
import unicodedata

import pytest

from service import PROGRAM, PSQL, problem, wait_until

REPORT = {"document_number": "15/BC-UBND", "document_date": "2024-12-20", "summary": "Kết quả phong trào"}


@pytest.fixture
def rebuilt(service):
    """Hands out a function: an index is built anew, and just then has an older copy beside it that PostgreSQL will drop."""
    held = []

    def rebuild(index, table):
        with service.holding("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1") as end_snapshot:
            command = [PSQL, "-h", str(service.var / "socket"), "-U", "thidua_owner", "-d", "thidua", "-Xqc", f"REINDEX INDEX CONCURRENTLY {index}"]
            held.append(subprocess.Popen(command))
            wait_until(lambda: service.psql("SELECT phase FROM pg_stat_progress_create_index") == "waiting for old snapshots")
            reader = service.holding(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
            reader.__enter__()
            held.append(reader)
            end_snapshot()
        wait_until(lambda: service.psql(f"SELECT count(*) FROM pg_class WHERE relname = '{index}_ccold'") == "1")

    yield rebuild
    for what in reversed(held):
        if isinstance(what, subprocess.Popen):
            assert what.wait(timeout=60) == 0
        else:
            what.__exit__(None, None, None)


def test_a_rule_that_an_index_keeps_is_told_of_while_it_is_built_anew(clients, unit, round_2024, rebuilt):
    """REINDEX CONCURRENTLY: the older copy, by a name of its own, still refuses what is there twice."""
    home, url = clients["home_affairs"], f"{round_2024}/reports/{unit()['id']}"
    assert home.put(url, json=REPORT).status_code == 201
    rebuilt("reports_document", "reports")
    again = home.put(url.replace("/2024/", "/2025/"), json=REPORT)
    assert problem(again, 409, "conflict")["errors"][0]["code"] == "reports_document", again.text


def test_who_waits_for_another_migration_says_so(service):
    """systemd lets it wait (TimeoutStartSec=infinity): so the log has to say what for. Whoever ends it is told of no fault of PostgreSQL's."""
    service.psql("UPDATE schema_functions SET sha256 = 'of before' WHERE name = 'board_functions'")
    with service.holding("SELECT pg_advisory_lock(7468696475)"):
        waiting = subprocess.Popen([PROGRAM, "serve"], env=service.environment, stderr=subprocess.PIPE, text=True)
        lines = map(json.loads, waiting.stderr)
        (awaited,) = [next(line for line in lines if line["event"].startswith("migration"))]
        assert (awaited["event"], awaited["level"], awaited["migration"]) == ("migration_awaited", "info", "board_functions")
        waiting.terminate()
        failed = next(line for line in lines if line["event"] == "migration_failed")
        assert failed["reason"] == "it was told to stop meanwhile"
        assert waiting.wait(timeout=60) == 1
    assert service.command("migrate").returncode == 0
    assert service.psql("SELECT count(*) FROM schema_functions WHERE sha256 = 'of before'") == "0"


class Starting:
    """A PostgreSQL that recovers, as its callers see it, until `over` is set: then it is the service's."""

    def __init__(self, service):
        self.over, self.place = threading.Event(), f"{service.psql_place()}/.s.PGSQL.5432"
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()
        where = f"host=127.0.0.1 port={self.listener.getsockname()[1]} dbname=thidua sslmode=disable gssencmode=disable"
        self.urls = {"DATABASE_URL": f"{where} user=thidua_app", "DATABASE_OWNER_URL": f"{where} user=thidua_owner"}

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=self.listener.accept()[:1], daemon=True).start()

    def serve(self, client):
        if not self.over.is_set():
            client.recv(65536)
            words = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
            client.sendall(b"E" + (len(words) + 4).to_bytes(4, "big") + words)
            client.close()
            return
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.place)
        threading.Thread(target=self.pass_on, args=(server, client), daemon=True).start()
        self.pass_on(client, server)

    @staticmethod
    def pass_on(one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("command", ["serve", "migrate", "head"])
def test_a_postgresql_that_starts_is_awaited(service, command):
    """After a power failure it recovers for minutes: whoever is started only once, as by a unit or a script, shall not have failed by then."""
    starting = Starting(service)
    started = subprocess.Popen([PROGRAM, command], env={**service.environment, **starting.urls}, stderr=subprocess.PIPE, text=True)
    lines = map(json.loads, started.stderr)
    said = next(lines)
    assert (said["event"], said["level"]) == ("database_awaited", "warning"), said
    starting.over.set()
    if command == "serve":
        assert any(line["event"] == "listening" for line in lines)
        started.terminate()
    assert started.wait(timeout=60) == 0
    starting.listener.close()


def test_who_stops_a_start_that_waits_for_postgresql_need_not_wait_too(service):
    starting = Starting(service)
    started = subprocess.Popen([PROGRAM, "serve"], env={**service.environment, **starting.urls}, stderr=subprocess.PIPE, text=True)
    lines = map(json.loads, started.stderr)
    assert next(lines)["event"] == "database_awaited"
    started.terminate()
    assert started.wait(timeout=4) == 1 and [line["event"] for line in lines] == ["database_away"]
    starting.listener.close()


@pytest.fixture
def migrated(service):
    """Hands out a function: migrates a database that somebody made in another way, and returns what the log says and how to ask it."""
    def migrate(clauses, before="SELECT"):
        service.psql("DROP DATABASE IF EXISTS another", user="postgres")
        assert service.psql(f"CREATE DATABASE another OWNER thidua_owner TEMPLATE template0 {clauses}", user="postgres") == "CREATE DATABASE"
        ask(before)
        urls = {f"DATABASE_{name}": f"host={service.psql_place()} dbname=another user=thidua_{role}" for name, role in (("URL", "app"), ("OWNER_URL", "owner"))}
        done = subprocess.run([PROGRAM, "migrate"], env={**service.environment, **urls}, capture_output=True, text=True, timeout=120)
        return [json.loads(line) for line in done.stderr.splitlines()][-1], ask

    def ask(sql):
        return subprocess.run([PSQL, "-h", str(service.var / "socket"), "-U", "postgres", "-d", "another", "-AtXc", sql], check=True,
                              capture_output=True, text=True, timeout=60).stdout.strip()

    yield migrate
    service.psql("DROP DATABASE IF EXISTS another", user="postgres")


@pytest.mark.parametrize("clauses, before, reason", [
    ("ENCODING 'LATIN1' LOCALE 'C'", "SELECT", "ENCODING 'UTF8'"), ("ENCODING 'SQL_ASCII' LOCALE 'C'", "SELECT", "ENCODING 'UTF8'"),
    ("", "CREATE SCHEMA elsewhere; CREATE EXTENSION pg_trgm SCHEMA elsewhere", "ALTER EXTENSION pg_trgm SET SCHEMA public")])
def test_a_database_that_does_not_fit_is_refused_with_the_way_out(migrated, clauses, before, reason):
    said, _ = migrated(clauses, before)
    assert said["event"] == "migration_failed" and reason in said["reason"], said


def test_no_locale_of_a_database_makes_one_number_two(migrated):
    """Under LC_CTYPE C, PostgreSQL knows no case beyond ASCII: what is stored there once must be once where a dump of it is restored."""
    _, ask = migrated("LOCALE 'C'")
    tones = [unicodedata.normalize("NFC", vowel + tone) for vowel in "AĂÂEÊIOÔƠUƯY" for tone in "\u0300\u0301\u0303\u0309\u0323"]
    letters = string.ascii_uppercase + "ĂÂĐÊÔƠƯ" + "".join(tones)
    assert ask(f"SELECT number_symbol_key('05/{letters}') = number_symbol_key('5/{letters.lower()}')") == "t"

