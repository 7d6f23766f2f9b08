"""docs/operation.md, "Back it up, restore it": its lines as they stand there. Afterwards each document has its bytes, the chain holds with the
head that was noted, and the feed goes on where it was."""
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
from service import POSTGRESQL, PROGRAM, ROOT, Client, Service, wait_until

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
        url = f"host={self.var}/socket dbname=thidua user=thidua_"
        (self.var / "secret.key").write_bytes(os.urandom(32))
        self.service = Service(self.var, DATABASE_URL=f"{url}app", DATABASE_OWNER_URL=f"{url}owner", THIDUA_SECRET_KEY=str(self.var / "secret.key"))

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
        done = subprocess.run(["bash", "-euc", LINES["head"]], env={**service.environment, "PATH": f"{pathlib.Path(PROGRAM).parent}:/usr/bin:/bin"},
                              capture_output=True, text=True, check=True)
        self.head = re.fullmatch(r"(\d+:[0-9a-f]{64})\n", done.stdout)[1]
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
        token = self.dossier.client.headers["Authorization"].split()[1]
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


def test_a_dump_brings_everything_back(server):
    kept = Kept(server)
    server.run(LINES["dump"])
    assert "CREATE ROLE thidua_app" in (server.backup / "roles.sql").read_text(encoding="utf-8")
    assert server.service.stop() == 0
    server.run("dropdb thidua")
    server.run(LINES["restore the dump"])
    service = server.service.start()
    kept.is_there(service)
    made = make_unit(service.key("admin"))
    assert service.anonymous().get(f"/v1/units/{made['id']}").status_code == 200
    assert service.command("verify", "--head", kept.head).returncode == 0


def test_archived_wal_goes_back_to_a_moment(server):
    kept = Kept(server)
    server.run(LINES["base backup"])
    later = make_unit(server.service.key("admin"))
    kept.note(server.service)
    moment = server.run("psql -Atc 'SELECT clock_timestamp()' postgres").strip()
    lost = make_unit(server.service.key("admin"))
    server.run("psql -qc 'DROP TABLE documents CASCADE' thidua")
    server.service.stop()
    server.stop()  # hands on the last of its WAL
    server.run('mv "$PGDATA" "$PGDATA.aside"')
    server.run(LINES["restore to a moment"], MOMENT=moment)
    server.start()
    service = server.service.start()
    kept.is_there(service)
    anyone = service.anonymous()
    assert (anyone.get(f"/v1/units/{later['id']}").status_code, anyone.get(f"/v1/units/{lost['id']}").status_code) == (200, 404)
    assert make_unit(service.key("admin"))["id"] and service.command("verify", "--head", kept.head).returncode == 0
