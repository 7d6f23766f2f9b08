"""docs/operation.md, "Back it up, restore it": its lines as they stand there. Afterwards each document has its bytes, the chain holds with the
head that was noted, and the feed goes on where it was: with numbers that nobody has heard of before."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import pytest

from conftest import make_unit
from dossier_tools import Dossier, Round, make_pdf
from receiver import Receiver
from service import POSTGRESQL, PROGRAM, ROOT, Client, Service, database_urls, problem, wait_until
from test_events import Stream

GUIDE = (ROOT / "docs/operation.md").read_text(encoding="utf-8")
LINES = {name: text for name, text in re.findall(r"^```sh\n# ([a-z ]+)\n(.*?)^```$", GUIDE, re.M | re.S)}
ARCHIVING = re.search(r"^```conf\n(archive_mode.*?)^```$", GUIDE, re.M | re.S)[1]
AS_POSTGRES = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


class Server:
    """A PostgreSQL of an operator's: its socket lies where Service.psql() looks for it."""

    def __init__(self):
        self.var = pathlib.Path(tempfile.mkdtemp(prefix="thidua-backup-"))
        self.data, self.backup = self.var / "data", self.var / "backup"
        for place in (self.var / "socket", self.backup, self.backup / "wal"):
            place.mkdir()
        for place in (self.var, self.var / "socket", self.backup, self.backup / "wal"):
            place.chmod(0o777)
        self.environment = {"PATH": f"{POSTGRESQL}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "PGHOST": str(self.var / "socket"), "PGUSER": "postgres",
                            "PGDATA": str(self.data), "BACKUP": str(self.backup)}
        self.run("initdb --auth=trust --username=postgres --encoding=UTF8 --locale=C.UTF-8 --no-sync")
        settings = ARCHIVING.replace("$BACKUP", str(self.backup))
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(f"listen_addresses = ''\nunix_socket_directories = '{self.var}/socket'\nfsync = off\n{settings}")
        self.start()
        for sql in ("CREATE ROLE thidua_owner LOGIN", "CREATE ROLE thidua_app LOGIN", "CREATE DATABASE thidua OWNER thidua_owner"):
            self.run(f'psql -qc "{sql}" postgres')
        (self.var / "secret.key").write_bytes(os.urandom(32))
        self.service = Service(self.var, **database_urls(f"host={self.var}/socket"), THIDUA_SECRET_KEY=str(self.var / "secret.key"), THIDUA_WEBHOOK_ALLOW="127.0.0.1")

    def run(self, lines, **more):
        done = subprocess.run([*AS_POSTGRES, "bash", "-euc", lines], env={**self.environment, **more}, cwd="/", capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self):
        self.run('pg_ctl start -w -s -l "$PGDATA/log"')

    def stop(self):
        self.run("pg_ctl stop -s -m fast")


@pytest.fixture
def server():
    running = Server()
    yield running
    if running.service.process and running.service.process.poll() is None:
        running.service.stop()
    running.stop()
    shutil.rmtree(running.var, ignore_errors=True)


def test_archiving_goes_on_after_a_copy_that_was_cut_off(tmp_path):
    """As by a full disk: what is left of it was taken for the whole, and nothing was archived any more. So it was after a crash between
    a copy and PostgreSQL's note of it."""
    archive, whole = tmp_path / "wal", os.urandom(1 << 20)
    archive.mkdir()
    (tmp_path / "segment").write_bytes(whole)
    command = re.search(r"^archive_command = '(.*)'$", ARCHIVING, re.M)[1].replace("%f", "000000010000000000000001").replace("%p", "segment")

    def hand_on(*around):
        return subprocess.run([*around, "sh", "-c", command], cwd=tmp_path, env={"PATH": os.environ["PATH"], "BACKUP": str(tmp_path)}, capture_output=True,
                              check=False, timeout=60).returncode

    kept = archive / "000000010000000000000001"
    assert hand_on("prlimit", f"--fsize={1 << 19}") != 0 and not kept.exists()
    assert hand_on() == 0 and kept.read_bytes() == whole
    assert hand_on() == 0 and [path.name for path in archive.iterdir()] == [kept.name], "once more is nothing new"
    (tmp_path / "segment").write_bytes(os.urandom(1 << 20))
    assert hand_on() != 0 and kept.read_bytes() == whole, "of another cluster"


def operate(service, lines):
    """Lines of the guide that call the program, in the service's environment."""
    return subprocess.run(["bash", "-euc", LINES[lines]], env={**service.environment, "PATH": f"{pathlib.Path(PROGRAM).parent}:/usr/bin:/bin"},
                          capture_output=True, text=True, check=True, timeout=120).stdout


class Kept:
    """What there is: two documents as they were sent, the head as the guide notes it, the feed."""

    def __init__(self, server):
        service = self.service = server.service.start()
        admin = service.key("admin")
        own = make_unit(admin, kind="COMMUNE", parent_id=make_unit(admin, kind="DISTRICT")["id"])["id"]
        held = Round(service)
        held.register(own)
        self.dossier = Dossier(service.key("unit", own), held, own)
        assert self.dossier.nominate(own).status_code == 201
        self.papers = {"TO_TRINH": make_pdf("Tờ trình", 700_000), "MINUTES": make_pdf("Biên bản")}
        for kind, content in self.papers.items():
            assert self.dossier.put(f"documents/{kind}", content).status_code == 201
        self.note(service)

    def note(self, service):
        wait_until(lambda: service.psql("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
        self.head = re.fullmatch(r"(\d+:[0-9a-f]{64})\n", operate(service, "head"))[1]
        self.feed = self.read_feed(service)

    @staticmethod
    def read_feed(service):
        events, after = [], "0"
        while after is not None:
            page = service.anonymous().get("/v1/events", params={"after": after, "limit": 200}).json()
            events += page["items"]
            after = page["next"]
        return events

    def is_there(self, service):
        token = self.dossier.client.key
        with Client(service.base, token) as client:
            for kind, content in self.papers.items():
                read = client.get(f"{self.dossier.url}/documents/{kind}")
                assert hashlib.sha256(read.content).hexdigest() == hashlib.sha256(content).hexdigest()
        assert service.psql("SELECT count(*) FROM documents d WHERE d.sha256 <> encode(sha256((SELECT string_agg(c.bytes, '' ORDER BY c.number) "
                            "FROM document_chunks c WHERE c.document_id = d.id)), 'hex')") == "0"
        verified = service.command("verify", "--head", self.head)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert self.read_feed(service)[:len(self.feed)] == self.feed and len(self.feed) >= 3
        assert service.psql("SELECT has_database_privilege('thidua_app', 'thidua', 'TEMPORARY')", user="postgres") == "f"


def bare(event):
    """What an event tells, but for what it is called."""
    return (event["type"], event["subject"], event["time"])


class Outside:
    """Somebody who hears of everything, by feed and webhook, and does not know that the service is being restored."""

    def __init__(self, service):
        self.token = service.key("auditor").key
        self.receiver = Receiver()
        assert self.client(service).post("/v1/webhooks", json={"url": self.receiver.url}).status_code == 201
        self.heard = {}  # (source, id) → event

    def client(self, service):
        return Client(service.base, self.token)

    def hears_of(self, service, units):
        """That many new units. Whatever is heard under a name that was heard before is the same event. Returns the last number."""
        made = [make_unit(service.key("admin"))["id"] for _ in range(units)]
        self.receiver.await_subject(f"/v1/units/{made[-1]}")
        with self.client(service) as client:
            after = "0"
            while after is not None:
                page = client.get("/v1/events", params={"after": after, "limit": 200}).json()
                for event in page["items"]:
                    assert bare(self.heard.setdefault((event["source"], event["id"]), event)) == bare(event)
                after = page["next"]
        messages = {}
        for message in list(self.receiver.messages):
            assert bare(messages.setdefault(message.id, message.event)) == bare(message.event)
            assert bare(self.heard[message.event["source"], message.event["id"]]) == bare(message.event)
        return page["through"]

    def is_told(self, service, last, lost):
        """`last`: of what is still there. Numbers above it, up to `lost`, have been heard of and never happened."""
        with self.client(service) as client:
            for number in (last + 1, lost):
                for path, query, sent in (("events", "after", None), ("events", "cursor", None), ("events/stream", "after", None),
                                          ("events/stream", None, "Last-Event-ID"), ("journal", "after", None)):
                    answer = client.get(f"/v1/{path}", params={query: number} if query else {}, headers={sent: str(number)} if sent else {})
                    (error,) = problem(answer, 400, "invalid-query")["errors"]
                    assert error["pointer"] == (sent or query)
                    assert (error["code"] == "undone" and f"Read again from {last}." in error["detail"]) if path != "journal" else error["code"] == "journal_after"
            first, *others = client.get("/v1/events", params={"after": last}).json()["items"]
            resumed = int(first["id"])
            assert (first["type"], first["data"]["resumed_after"]) == ("thidua.journal.resumed", last) and resumed > lost + 10**8
            assert [int(event["id"]) for event in others] == list(range(resumed + 1, resumed + 1 + len(others))) and len(others) > lost - last
            stream = Stream(client, **{"Last-Event-ID": str(last)})
            assert stream.block()["id"] == first["id"]
            stream.close()
            entry = client.get("/v1/journal", params={"after": last, "limit": 1}).json()["items"][0]
            assert (entry["type"], entry["before"]["seq"], entry["after"]) == ("journal.resumed", last, {"seq": resumed})
        return resumed


@pytest.fixture
def outside():
    made = []

    def begin(service):
        made.append(Outside(service))
        return made[-1]

    yield begin
    for one in made:
        one.receiver.close()


def test_a_dump_brings_everything_back(server, outside):
    kept = Kept(server)
    reader = outside(server.service)
    last = reader.hears_of(server.service, 1)
    server.run(LINES["dump"])
    assert "CREATE ROLE thidua_app" in (server.backup / "roles.sql").read_text(encoding="utf-8")
    lost, resumed = reader.hears_of(server.service, 4), []
    # Without a word of the operator's. The second time the same dump, into the same database: only its tables are others.
    for lines in ("dropdb thidua\n" + LINES["restore the dump"], 'pg_restore --clean --if-exists --exit-on-error --dbname=thidua "$BACKUP/thidua.dump"'):
        assert server.service.stop() == 0
        server.run(lines)
        service = server.service.start()
        kept.is_there(service)
        reader.hears_of(service, 6)
        resumed.append(reader.is_told(service, last, lost))
        assert service.command("verify", "--head", kept.head).returncode == 0
    with reader.client(service) as client:
        problem(client.get("/v1/events", params={"after": resumed[0]}), 400, "invalid-query")  # of the first one
    kept.note(service)
    assert service.command("verify", "--head", kept.head).stdout.count("as noted") == 1


def test_another_major_version_takes_everything_along(server, outside):
    """By pg_upgrade, here to the same version: whoever has heard of something goes on, in a new epoch."""
    kept = Kept(server)
    reader = outside(server.service)
    last = reader.hears_of(server.service, 3)
    kept.note(server.service)
    assert server.service.stop() == 0
    server.stop()
    server.run(LINES["another major version"], OLD=str(POSTGRESQL), NEW=str(POSTGRESQL), SAME="--encoding=UTF8 --locale=C.UTF-8 --no-sync")
    server.start()
    server.run("vacuumdb --all --analyze-in-stages")
    service = server.service.start()
    kept.is_there(service)
    assert reader.hears_of(service, 3) > last + 10**8
    with reader.client(service) as client:
        first = client.get("/v1/events", params={"after": last}).json()["items"][0]
    assert (first["type"], first["data"]["resumed_after"]) == ("thidua.journal.resumed", last)


def test_archived_wal_goes_back_to_a_moment(server, outside):
    kept = Kept(server)
    reader = outside(server.service)
    server.run(LINES["base backup"])
    (old,) = server.backup.glob("base-*")
    wal = min(path.name for path in (server.backup / "wal").iterdir())
    shutil.rmtree(old)
    server.run(LINES["base backup"])  # the next week's
    (base,) = map(str, server.backup.glob("base-*"))
    wait_until(lambda: not list((server.data / "pg_wal/archive_status").glob("*.ready")))
    assert server.run("psql -Atc 'SELECT failed_count FROM pg_stat_archiver' postgres").strip() == "0"
    server.run(LINES["less to keep"], BASE=base)
    assert wal not in {path.name for path in (server.backup / "wal").iterdir()}
    too_early = server.run("psql -Atc 'SELECT clock_timestamp()' postgres").strip()
    later = make_unit(server.service.key("admin"))
    last = reader.hears_of(server.service, 1)
    kept.note(server.service)
    moment = server.run("psql -Atc 'SELECT clock_timestamp()' postgres").strip()
    lost_unit = make_unit(server.service.key("admin"))
    lost = reader.hears_of(server.service, 4)
    server.run("psql -qc 'DROP TABLE documents CASCADE' thidua")
    server.service.stop()
    server.stop()  # hands on the last of its WAL
    server.run('mv "$PGDATA" "$PGDATA.aside"')
    # The first try is not far enough: its timeline is in the archive when the second one looks there.
    server.run(LINES["restore to a moment"], BASE=base, MOMENT=too_early)
    server.start()
    wait_until(lambda: (server.backup / "wal/00000002.history").exists())
    assert server.run(f"psql -Atc \"SELECT count(*) FROM units WHERE id = '{later['id']}'\" thidua").strip() == "0"
    server.stop()
    server.run('rm -r "$PGDATA"')
    server.run(LINES["restore to a moment"], BASE=base, MOMENT=moment)
    server.start()
    server.run(LINES["the recovery has ended"])
    told = operate(server.service, "afterwards")
    service = server.service.start()
    kept.is_there(service)
    anyone = service.anonymous()
    assert (anyone.get(f"/v1/units/{later['id']}").status_code, anyone.get(f"/v1/units/{lost_unit['id']}").status_code) == (200, 404)
    reader.hears_of(service, 8)
    assert told == f"resumed: event numbers go on from {reader.is_told(service, last, lost)}\n"
    assert service.command("verify", "--head", kept.head).returncode == 0
