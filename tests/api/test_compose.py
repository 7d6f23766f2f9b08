"""packaging/compose without a container engine: what compose.yaml names is there, and its scripts make a primary, a standby that follows it and
answers reads, two instances that go on with it when the primary dies, and the old primary that follows in its turn."""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import uuid

import pytest
import yaml

from conftest import make_unit
from service import POSTGRESQL, PROGRAM, ROOT, Client, Service, free_port, wait_until

PLACE = ROOT / "packaging/compose"
COMPOSE = yaml.safe_load((PLACE / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
AS_POSTGRES = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@pytest.fixture(scope="module")
def place():
    """What containers would be given: the secrets, and room for two databases."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="thidua-compose-"))
    made.chmod(0o777)
    subprocess.run([PLACE / "make-secrets", made / "secrets"], check=True, timeout=60)
    (made / "secrets").chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_what_it_names_is_there(place):
    secrets = {name: pathlib.Path(told["file"]) for name, told in COMPOSE["secrets"].items()}
    assert {path.name for path in secrets.values()} == {path.name for path in (place / "secrets").iterdir()} == set(secrets)
    table = subprocess.run([PROGRAM, "settings", "--table"], capture_output=True, text=True, check=True).stdout
    for name, service in SERVICES.items():
        assert set(service.get("secrets", [])) <= set(secrets) and set(service.get("depends_on", [])) <= set(SERVICES), name
        assert "build" in service or re.search(r":\d", service["image"]), "a version of its own, not the newest of any day"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (PLACE / source).exists() if source.startswith("./") else source in COMPOSE["volumes"], volume
        if service["image"] == "thidua":
            settings = set(service["environment"]) - {"CREDENTIALS_DIRECTORY"}
            assert all(f"| `{setting}` |" in table for setting in settings), settings
            assert service["read_only"] and service["cap_drop"] == ["ALL"]
            assert "tmpfs" not in service and [volume for volume in service["volumes"] if volume.endswith(":/tmp")], "4 GiB of memory, by default"
    # Only what changes the schema knows the owner's password.
    assert [name for name, service in SERVICES.items() if "DATABASE_OWNER_URL" in service.get("secrets", [])] == ["migrate"]


def test_secrets_are_drawn_once_and_never_again(place):
    before = {path.name: path.read_bytes() for path in (place / "secrets").iterdir()}
    again = subprocess.run([PLACE / "make-secrets", place / "secrets"], capture_output=True, text=True, check=False, timeout=60)
    assert again.returncode == 1 and "there already" in again.stderr and before == {path.name: path.read_bytes() for path in (place / "secrets").iterdir()}
    passwords = [content for name, content in before.items() if name.endswith("password")]
    assert len(set(passwords)) == 4 and all(len(content) == 32 for content in passwords) and len(before["secret.key"]) == 32


def test_an_image_is_built_without_the_passwords():
    """`COPY . /source` takes along what is not left out, and layers of a build go to caches and registries."""
    context = (PLACE / COMPOSE["x-thidua"]["build"]).resolve()
    left_out = (context / ".dockerignore").read_text(encoding="utf-8").split()
    drawn = {(PLACE / told["file"]).parent for told in COMPOSE["secrets"].values()}
    assert drawn and all(any(path.relative_to(context).match(pattern) for pattern in left_out) for path in [*drawn, context / "var"])


def test_the_guide_names_what_there_is():
    guide = (ROOT / "docs/operation.md").read_text(encoding="utf-8")
    lines = [shlex.split(line) for line in re.findall(r"^docker .*$", guide, re.M)]
    run = next(line for line in lines if "run" in line)
    for line in lines:
        if line[1] == "volume":
            assert line[2:] == ["rm", f"{COMPOSE['name']}_primary"] and "primary" in COMPOSE["volumes"]
        else:
            assert line[1] == "compose" and set(line) & set(SERVICES), line
    service = SERVICES[run[run.index("bash") + 1]]
    assert [volume.split(":")[1] for volume in service["volumes"] if volume.startswith("./standby.sh:")] == [run[-2]]
    assert "standby_password" in service["secrets"] and "PRIMARY=standby" in run and run[-1] == "make"


def test_haproxy_takes_its_configuration(tmp_path):
    text = (PLACE / "haproxy.cfg").read_text(encoding="utf-8")
    assert set(re.findall(r"^    server (\w+) \1:8080$", text, re.M)) == {name for name, service in SERVICES.items() if service["image"] == "thidua" and "command" not in service}
    checked = subprocess.run(["/usr/sbin/haproxy", "-c", "-f", PLACE / "haproxy.cfg"], capture_output=True, text=True, check=False, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr


class Node:
    """A PostgreSQL as one of the containers has it."""

    def __init__(self, place, name):
        self.place, self.data, self.socket, self.port = place, place / name, place / f"{name}-socket", free_port()
        self.socket.mkdir()
        self.socket.chmod(0o777)
        self.environment = {"PATH": f"{POSTGRESQL}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "PGDATA": str(self.data), "PGHOST": str(self.socket),
                            "PGPORT": str(self.port), "SECRETS": str(place / "secrets")}
        self.options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.socket} -c fsync=off"

    def run(self, lines, *words, **more):
        done = subprocess.run([*AS_POSTGRES, "bash", "-euc", lines, "bash", *words], env={**self.environment, **more}, cwd="/", capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def ask(self, sql):
        return self.run(f'psql -U postgres -AtXc "{sql}" thidua')


@pytest.fixture
def nodes(place):
    primary, standby = Node(place, "primary"), Node(place, "standby")
    primary.run("initdb --username=postgres --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync")
    primary.run(f'pg_ctl start -w -s -l "{place}/primary.log" -o "{primary.options}"')
    primary.run((PLACE / "primary.sh").read_text(encoding="utf-8"))
    primary.run("pg_ctl reload -s")
    following = subprocess.Popen([*AS_POSTGRES, "bash", "-c", (PLACE / "standby.sh").read_text(encoding="utf-8"), "standby.sh", *standby.options.split()], cwd="/",
                                 env={**standby.environment, "PRIMARY": "127.0.0.1", "PRIMARY_PORT": str(primary.port)}, stderr=subprocess.DEVNULL)
    wait_until(lambda: standby.run("pg_isready -q && echo yes || echo no") == "yes")
    yield primary, standby
    standby.run("pg_ctl stop -s -m fast")
    following.wait(timeout=60)
    primary.run("pg_ctl stop -s -m immediate || true")


def read_by_standby(client):
    return int(re.search(r'^thidua_standby_reads_total{outcome="answered"} (\d+)$', client.get("/metrics").text, re.M)[1])


def test_two_instances_go_on_with_the_standby(place, nodes):
    primary, standby = nodes
    secrets = place / "secrets"
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "THIDUA_READ_URL"):
        url = (secrets / name).read_text(encoding="ascii")
        assert "@primary,standby/" in url
        (secrets / name).write_text(url.replace("primary,standby", f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"), encoding="ascii")
    credentials = {"CREDENTIALS_DIRECTORY": str(secrets), "THIDUA_SECRET_KEY": str(secrets / "secret.key")}
    migrated = Service(place / "migrate", **credentials).command("migrate")
    assert migrated.returncode == 0, migrated.stderr
    of_the_owner = secrets / "DATABASE_OWNER_URL"
    of_the_owner.rename(place / "kept")  # an instance is not given it
    one, two = (Service(place / name, DATABASE_URL="", **credentials) for name in ("one", "two"))
    services = []
    try:
        for service in (one, two):
            services.append(service.start())
        admin = one.key("admin")
        made = make_unit(admin)
        count = f"SELECT count(*) FROM units WHERE id = '{made['id']}'"
        wait_until(lambda: standby.ask(count) == "1", seconds=30)
        assert standby.ask("SELECT pg_is_in_recovery()") == "t" and two.anonymous().get(f"/v1/units/{made['id']}").status_code == 200
        for client in (admin, Client(two.base, admin.key)):
            wait_until(lambda: client.get("/v1/units", params={"q": str(uuid.uuid4())}).status_code == 200 and read_by_standby(client) > 0)
        heard = one.anonymous().get("/v1/events").json()["through"]
        wait_until(lambda: standby.ask("SELECT max(seq) FROM journal") == str(heard), seconds=30)
        primary.run("pg_ctl stop -s -m immediate")
        standby.run("pg_ctl promote -w -s")
        body = {"name": "Sau chuyển đổi", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01", "confirm_duplicate": True}
        wait_until(lambda: admin.post("/v1/units", json=body).status_code == 201, seconds=60)
        wait_until(lambda: [unit for unit in two.anonymous().get("/v1/units").json().get("items", []) if unit["name"] == body["name"]], seconds=60)
        # What the primary told last may be lost with it: numbers go on far beyond, and who was not ahead of the standby reads on.
        wait_until(lambda: standby.ask("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
        events = two.anonymous().get("/v1/events", params={"after": heard}).json()["items"]
        assert [event["type"] for event in events] == ["thidua.journal.resumed", "thidua.unit.created"]
        assert (events[0]["data"]["resumed_after"], int(events[1]["id"])) == (heard, int(events[0]["id"]) + 1)
        # The old primary follows, with nothing of its own.
        shutil.rmtree(primary.data)
        primary.run((PLACE / "standby.sh").read_text(encoding="utf-8"), "make", PRIMARY="127.0.0.1", PRIMARY_PORT=str(standby.port))
        primary.run(f'pg_ctl start -w -s -l "{place}/primary.log" -o "{primary.options}"')
        wait_until(lambda: standby.ask("SELECT state FROM pg_stat_replication") == "streaming")
        assert primary.ask("SELECT pg_is_in_recovery()") == "t" and primary.ask("SHOW wal_keep_size") == standby.ask("SHOW wal_keep_size") == "1GB"
        assert [node.ask("SELECT count(*) FROM pg_replication_slots") for node in nodes] == ["0", "0"], "none keeps WAL for whoever never comes back"
        before = read_by_standby(admin)
        wait_until(lambda: admin.get("/v1/units", params={"q": str(uuid.uuid4())}).status_code == 200 and read_by_standby(admin) > before)
    finally:
        for service in services:
            service.stop()
