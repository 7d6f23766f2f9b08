"""A disk that is really full, under the private PostgreSQL: a small file system in memory, which only root can mount."""
import collections
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import uuid

import pytest

from service import Service, problem, wait_until

ROOM = 128 * 1024  # for a few writes


@contextlib.contextmanager
def disk(size):
    """A disk of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    var = tempfile.mkdtemp(prefix="thidua-disk-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"{size},mode=755", "tmpfs", var], capture_output=True, text=True)
    if mounted.returncode != 0:
        os.rmdir(var)
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield pathlib.Path(var)
    finally:
        subprocess.run(["umount", "-l", var], check=True)
        os.rmdir(var)


@pytest.fixture(scope="module")
def small():
    """A service whose data lie on a disk of their own."""
    with disk("size=400m") as var:
        service = Service(var).start()
        yield service
        assert service.stop() == 0


@pytest.mark.parametrize("size", ["size=12m", "size=36m", "size=40m", "nr_inodes=1", "nr_inodes=3", "nr_inodes=4", "nr_inodes=5", "nr_inodes=9", "ballast"])
def test_a_first_start_without_room_says_so_and_the_next_one_with_room_is_good(size):
    """Bytes or names run out at each step, also for the log of what PostgreSQL's programs say. Nothing that is left is in the way."""
    with disk("size=400m" if size == "ballast" else size) as var:
        if size == "ballast":
            free = os.statvfs(var)
            with open(var / "ballast", "wb") as file:
                os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize)
        done = Service(var).command("migrate")
        reasons = [line["reason"] for line in map(json.loads, done.stderr.splitlines()) if line["level"] == "error"]
        assert done.returncode == 1 and len(reasons) == 1 and "No space left on device" in reasons[0], done.stderr
        (var / "ballast").unlink(missing_ok=True)
        subprocess.run(["mount", "-o", "remount,size=400m,nr_inodes=100000", var], check=True)
        again = Service(var).command("migrate")
        assert again.returncode == 0 and sorted(var.glob("postgres*")) == [var / "postgres", var / "postgresql.log"], again.stderr


def test_a_first_start_where_nothing_may_be_written_says_so():
    with disk("size=400m,ro") as var:
        for place in (var, var / "new"):
            done = Service(place).command("migrate")
            (line,) = map(json.loads, done.stderr.splitlines())
            assert done.returncode == 1 and "Read-only file system" in line["reason"] and "THIDUA_VAR" in line["way_out"], line
        subprocess.run(["mount", "-o", "remount,rw", var], check=True)
        assert Service(var / "new").command("migrate").returncode == 0


@pytest.fixture
def full(small):
    """fill(bytes) leaves so much room and returns what makes room again."""
    ballast = pathlib.Path(small.var) / "ballast"

    def fill(room):
        with open(ballast, "ab") as file:
            wait_until(lambda: take(file, room))
        return ballast.unlink

    def take(file, room):
        """Not where PostgreSQL took some of it meanwhile."""
        free = os.statvfs(small.var)
        with contextlib.suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, os.fstat(file.fileno()).st_size + free.f_bavail * free.f_frsize - room)
            return True

    yield fill
    ballast.unlink(missing_ok=True)


def write(client):
    """The answer, and the name of the unit."""
    name = f"Đơn vị {uuid.uuid4().hex}"
    return client.post("/v1/units", json={"name": name, "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}), name


def acknowledged_until_refused(client):
    """What was acknowledged, and the first answer that was none."""
    names = set()
    for _ in range(2000):
        answer, name = write(client)
        if answer.status_code != 201:
            return names, answer
        names.add(name)
    raise AssertionError("the disk is not full")


def kept(service):
    return set(service.psql("SELECT name FROM unit_periods").splitlines())


def events(service):
    """event → the reasons that were logged"""
    found = collections.defaultdict(list)
    for line in map(json.loads, service.log):
        found[line["event"]].append(line.get("reason", ""))
    return found


def kill_postmaster(service):
    """Where it recovered in what room it had."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, IndexError):
        os.kill(int((service.var / "postgres/postmaster.pid").read_text(encoding="utf-8").splitlines()[0]), signal.SIGKILL)


def test_a_write_for_which_there_is_no_room_is_503_and_writes_go_on_when_there_is(small, full):
    admin = small.key("admin")
    make_room = full(ROOM)
    names, answer = acknowledged_until_refused(admin)
    problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 10 and names
    assert small.anonymous().get("/v1/units", params={"limit": 3}).status_code == 200, "reads go on"
    upload = admin.post("/v1/imports", params={"kind": "units"}, headers={"Content-Type": "text/csv"}, data=("name,kind,valid_from\n" + "".join(
        f"Sở {uuid.uuid4().hex},PROVINCIAL_BODY,2020-01-01\n" for _ in range(500))).encode())
    problem(upload, 507, "insufficient-storage")
    assert len([reason for reason in events(small)["database_refuses"] if "disk" in reason]) == 1, "once a minute"
    make_room()
    again, name = write(admin)
    assert again.status_code == 201, again.text
    assert kept(small) >= names | {name} and small.command("verify").returncode == 0


def test_a_postgresql_that_died_is_started_again_when_there_is_room(small, full):
    """Without room it can neither write its log of changes (PANIC) nor start: it is tried until there is some."""
    admin, before = small.key("admin"), kept(small)
    full(ROOM)
    small.psql("SELECT pg_logical_emit_message(false, '', 'x'), pg_switch_wal();" * 40, user="postgres")  # uses up the segments that are ready
    assert "PANIC" in (pathlib.Path(small.var) / "postgres/server.log").read_text(encoding="utf-8")
    make_room = full(0)
    wait_until(lambda: kill_postmaster(small) or "private_postgresql_not_started" in events(small))
    answer, _ = write(admin)
    problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] and small.anonymous().get("/healthz").status_code == 200
    assert small.anonymous().get("/readyz").status_code == 503
    make_room()
    name = wait_until(lambda: (made := write(admin))[0].status_code == 201 and made[1])
    assert "private_postgresql_started" in events(small) and small.process.poll() is None
    assert kept(small) >= before | {name} and small.command("verify").returncode == 0
