"""The private PostgreSQL: nobody but the service gets in, it is made only where it was asked for, and it never outlives its users."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import tempfile
import time

import pytest

from conftest import make_unit
from service import POSTGRESQL, PROGRAM, PSQL, SANITIZED, Service, make_place, serving, wait_until

COMMANDS = [["verify"], ["load", "campaigns/law/VN-public-holidays.json"], ["key", "create", "--name", "x", "--role", "admin"],
            ["evaluate", "--campaign", "x", "--year", "2024"]]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user of the system")


@pytest.fixture(scope="module")
def private():
    with serving(Service(make_place())) as service:
        yield service


def postgres_runs(var):
    """The postmaster itself: its data directory is its own."""
    try:
        os.kill(int((var / "postgres/postmaster.pid").read_text().splitlines()[0]), 0)
        return True
    except (FileNotFoundError, ProcessLookupError, IndexError):  # the file is written line by line
        return False


def refused(var):
    done = Service(var).command("migrate")
    assert done.returncode == 1, done.stderr
    return [json.loads(line) for line in done.stderr.splitlines() if '"error"' in line]


def test_data_of_a_version_that_is_not_installed_is_named_with_the_way_out(var):
    """It was "did not start; its log tells why", after six attempts."""
    assert Service(var).command("migrate").returncode == 0
    (var / "postgres/PG_VERSION").write_text("9.6\n", encoding="ascii")
    for arguments in (["serve"], ["migrate"], ["head"]):
        done = Service(var).command(*arguments)
        (said,) = map(json.loads, done.stderr.splitlines())
        assert (done.returncode, said["event"], said["version"]) == (1, "private_postgresql_failed", "9.6") and "docs/operation.md" in said["way_out"]
    assert not (var / "postgres/server.log").exists() or "incompatible" not in (var / "postgres/server.log").read_text(encoding="utf-8")


@as_root
def test_data_stays_with_the_version_that_made_it_where_a_newer_one_is_installed_beside(var):
    """Debian keeps both. The newest was taken, which cannot read it. In a mount namespace of its own there is a newer one, of which nothing runs."""
    assert Service(var).command("migrate").returncode == 0
    newer = var / "programs/99/bin/initdb"
    newer.parent.mkdir(parents=True)
    newer.write_text("#!/bin/false\n", encoding="ascii")
    version = POSTGRESQL.parent.name
    (var / f"programs/{version}").mkdir()
    beside = f"mount --bind {POSTGRESQL.parent} {var}/programs/{version} && mount --rbind {var}/programs {POSTGRESQL.parent.parent} && exec {PROGRAM} migrate"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", beside], env=Service(var).environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


# ---- who gets in ----

def test_what_the_environment_says_of_another_server_is_not_said_of_it(var):
    """As whoever works with several has it in their shell."""
    said = {"PGHOST": "192.0.2.1", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGDATABASE": "other", "PGUSER": "other", "PGSERVICE": "other", "PGSSLMODE": "verify-full",
            "PGOPTIONS": "-c default_transaction_read_only=on", "PGTARGETSESSIONATTRS": "standby", "PGCHANNELBINDING": "require", "PGGSSENCMODE": "require",
            "PGREQUIREPEER": "other", "PGDATA": "/nonexistent", "PGTZ": "UTC", "PGCLIENTENCODING": "LATIN1", "PGCONNECT_TIMEOUT": "x"}
    service = Service(var, **said).start()
    make_unit(service.key("admin"))  # of which a command makes the first
    assert service.anonymous().get("/v1/units").json()["items"]
    assert service.stop() == 0


def test_its_own_configuration_lets_nobody_in_by_network_and_only_peers_by_the_socket(private):
    """Of the cluster, not of the way in which we start it."""
    assert private.psql("SELECT setting FROM pg_settings WHERE name = 'listen_addresses'", "postgres") == ""
    rules = private.psql("SELECT type || ' ' || auth_method FROM pg_hba_file_rules", "postgres").split("\n")
    assert rules == ["local peer"]
    conf = (private.var / "postgres/postgresql.conf").read_text()
    assert "\nlisten_addresses = ''\n" in conf and "\nunix_socket_permissions = 0700\n" in conf


@as_root
def test_another_user_of_the_system_gets_in_as_nobody_even_where_the_socket_is_open(private):
    sockets = private.var / "socket"
    for path, mode in ((sockets, 0o777), (sockets / ".s.PGSQL.5432", 0o777)):
        path.chmod(mode)
    try:
        for role in ("postgres", "thidua_owner", "thidua_app", "nobody"):
            done = subprocess.run(["runuser", "-u", "nobody", "--", PSQL, "-h", str(sockets), "-U", role, "-d", "postgres", "-Atc", "SELECT 1"],
                                  capture_output=True, text=True, cwd="/", timeout=60)
            assert done.returncode != 0 and "Peer authentication failed" in done.stderr, done
    finally:
        sockets.chmod(0o700)


def test_files_are_of_their_users_alone(private):
    modes = {name: stat.S_IMODE((private.var / name).stat().st_mode) for name in ("postgres", "socket", "postgresql.log", "secret.key", "in-use.lock")}
    assert modes == {"postgres": 0o700, "socket": 0o700, "postgresql.log": 0o640, "secret.key": 0o600, "in-use.lock": 0o600}
    assert (private.var / "socket").stat().st_uid == (private.var / "postgres").stat().st_uid


def test_memory_is_never_dumped(private):
    process = pathlib.Path(f"/proc/{private.process.pid}")
    assert "Max core file size        0                    0" in (process / "limits").read_text()
    if os.geteuid() == 0:
        assert int((process / "coredump_filter").read_text(), 16) == 0


def test_the_application_has_no_large_objects_and_no_temporary_tables(private):
    for sql in ("SELECT lo_create(0)", "SELECT lo_creat(-1)", "SELECT lo_from_bytea(0, 'x')", "SELECT lo_import('/etc/passwd')", "CREATE TEMP TABLE x ()",
                "CREATE TABLE public.x ()", "CREATE SCHEMA x"):
        assert "permission denied" in private.psql(sql, "thidua_app"), sql


def test_the_application_never_changes_what_a_row_is(private):
    """Whoever can make it run SQL of theirs makes no key stronger, and gives nobody another's award."""
    for table, column in (("keys", "roles"), ("keys", "name"), ("keys", "unit_id"), ("keys", "expires_at"), ("awards", "unit_id"), ("decisions", "id"),
                          ("dossiers", "campaign"), ("dossiers", "year"), ("webhooks", "owner"), ("evaluations", "campaign"), ("journal", "type"), ("units", "id")):
        told = private.psql(f"UPDATE {table} SET {column} = {column}", "thidua_app")
        assert "permission denied" in told, (table, column, told)
    assert private.psql("UPDATE key_uses SET last_used_at = last_used_at", "thidua_app").startswith("UPDATE ")


# ---- what was there before ----

def plant_link(var, name):
    target = var / "elsewhere"
    target.mkdir()
    (var / name).symlink_to(target)
    return target


def plant_open(var, name):
    (var / name).mkdir(mode=0o755)
    (var / name).chmod(0o777)


def plant_file(var, name):
    (var / name).write_text("x")


def plant_foreign(var, name):
    (var / name).mkdir(mode=0o700)
    os.chown(var / name, 12345, 12345)


@pytest.mark.parametrize("plant", [plant_link, plant_open, pytest.param(plant_foreign, marks=as_root), plant_file])
def test_a_socket_directory_that_others_made_is_refused(var, plant):
    target = plant(var, "socket")
    before = target.stat() if target else None
    said = refused(var)
    assert [line["event"] for line in said] == ["private_postgresql_failed"] and said[0]["path"].endswith("/socket"), said
    assert not target or target.stat() == before, "what a link leads to is not touched"
    assert not postgres_runs(var)


def test_a_log_and_a_lock_that_are_links_are_not_followed(var):
    for name in ("postgresql.log", "start.lock", "in-use.lock"):
        victim = var / "victim"
        victim.write_text("")
        (var / name).unlink(missing_ok=True)
        (var / name).symlink_to(victim)
        assert refused(var) and victim.read_text() == ""
        (var / name).unlink()


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o757])
def test_a_var_that_every_user_can_write_into_is_refused(var, mode):
    var.chmod(mode)
    said = refused(var)
    assert len(said) == 1 and "every user can write" in said[0]["reason"] and "THIDUA_VAR" in said[0]["way_out"]
    assert list(var.iterdir()) == []


@pytest.mark.parametrize("name", ["$(touch x)", "`y`", "a\"b", "a\\b", "a\nb"])
def test_a_var_that_a_shell_would_read_is_refused(var, name):
    (var / name).mkdir()
    assert "shell" in refused(var / name)[0]["reason"] and list((var / name).iterdir()) == []


@as_root
def test_a_var_of_another_user_is_refused(var):
    os.chown(var, 12345, 12345)
    assert "another user" in refused(var)[0]["reason"] and list(var.iterdir()) == []


@pytest.mark.parametrize("name", ["d" * 90, "mit Leerzeichen", "it's; here & there", "a,b", "đơn vị"])
def test_where_var_is_no_place_for_a_socket_it_is_where_nobody_knows(var, name):
    """A deep path does not fit a socket's name, and others would be read as something else."""
    deep = var / name
    service = Service(deep).start()
    try:
        sockets = pathlib.Path(service.psql_place())
        assert sockets.parent == pathlib.Path("/tmp") and len(sockets.name) == len("thidua-XXXXXX")
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700 and sockets.stat().st_uid == (deep / "postgres").stat().st_uid
        make_unit(service.key("admin"))  # another process finds it
    finally:
        assert service.stop() == 0
    assert not sockets.exists() and sorted(path.name for path in var.iterdir()) == [name]


# ---- where it is made ----

@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_in_a_wrong_directory_makes_no_database(var, words):
    for place in (var, var / "none"):
        done = Service(place).command(*words)
        said = [json.loads(line) for line in done.stderr.splitlines()]
        assert done.returncode == 1 and [line["event"] for line in said] == ["no_database"], done.stderr
        assert "THIDUA_VAR" in said[0]["way_out"] and "thidua serve" in said[0]["way_out"]
    assert list(var.iterdir()) == []


@pytest.mark.parametrize("var", ["/dev/null", "/nonexistent/var", "/tmp"])
def test_a_start_that_fails_leaves_nothing_behind(var):
    before = set(os.listdir("/"))
    for words in (["migrate"], ["serve"], ["verify"]):
        assert Service(var).command(*words).returncode == 1
    assert set(os.listdir("/")) == before and not (pathlib.Path("/tmp") / "in-use.lock").exists()


def processes_of(var):
    mine = f"THIDUA_VAR={var}".encode()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is another user's
            if mine in (process / "environ").read_bytes().split(b"\0") or str(var).encode() in (process / "cmdline").read_bytes():
                yield int(process.name)


def kill_all_of(service, var):
    """As a power failure does: the service, its keeper and PostgreSQL, down to what initdb has started.

    The service by its number: one that has only just become the program shows no environment yet, and would outlive its PostgreSQL.
    Then all, until there is none: one may start another while they are looked for."""
    service.kill()
    while found := list(processes_of(var)):
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def has_database(var):
    done = subprocess.run([PSQL, "-h", str(var / "socket"), "-U", "postgres", "-d", "postgres", "-Atc", "SELECT datname FROM pg_database"],
                          capture_output=True, text=True, timeout=60)
    return "thidua" in done.stdout.split()


STEPS = {
    "it begins": lambda var: (var / "postgres.new").exists(),
    "initdb runs": lambda var: (var / "postgres.new/global/pg_control").exists(),
    "it is written to": lambda var: "thidua" in (var / "postgres.new/pg_hba.conf").read_text(),
    "it is in its place": lambda var: (var / "postgres").exists(),
    "PostgreSQL starts": lambda var: (var / "postgres/postmaster.pid").exists(),
    "the database is there": has_database,
}
EARLY = list(STEPS.values())[:3]


def reached(step, var):
    with contextlib.suppress(OSError):  # not there yet
        if step(var):
            return True
    return step in EARLY and (var / "postgres").exists()  # it was too quick to be seen, and is not made again


def test_a_first_start_that_is_killed_at_any_step_is_made_good_by_the_next(var):
    for name, step in STEPS.items():
        with tempfile.TemporaryFile("w+") as log:
            first = subprocess.Popen([PROGRAM, "serve"], env=Service(var).environment, stderr=log)
            wait_until(lambda: reached(step, var))
            kill_all_of(first, var)
            assert first.wait(timeout=60) == -signal.SIGKILL, (name, log.seek(0), log.read())
    service = Service(var).start()
    make_unit(service.key("admin"))
    assert service.stop() == 0 and not postgres_runs(var) and not (var / "postgres.new").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_first_start_that_is_stopped_ends_and_the_next_one_makes_it(var, how):
    first = subprocess.Popen([PROGRAM, "serve"], env=Service(var).environment, stderr=subprocess.DEVNULL)
    wait_until(lambda: (var / "postgres.new/PG_VERSION").exists())
    first.send_signal(how)
    assert first.wait(timeout=30) != 0 and not (var / "postgres").exists()
    assert Service(var).command("migrate").returncode == 0


def plant(place, *names):
    for name in names:
        path = place / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.write_text("15\n")


@pytest.mark.parametrize("name", ["postgres.new", "postgres"])
@pytest.mark.parametrize("there", [["PG_VERSION"], ["base/"], ["PG_VERSION", "global/pg_control", "base/1/PG_VERSION", "pg_tblspc/", "postgresql.conf"]],
                         ids=["its version", "a directory", "all but its access"])
def test_what_a_start_left_on_which_no_server_ever_ran_is_made_anew(var, name, there):
    plant(var / name, *there)
    assert Service(var).command("migrate").returncode == 0
    assert not (var / "postgres.new").exists() and (var / "postgres/postmaster.opts").exists()


@pytest.mark.parametrize("there", [["notes.txt"], ["PG_VERSION", "base/16384/PG_VERSION"], ["PG_VERSION", "base/1/PG_VERSION", "backup_label"],
                                   ["PG_VERSION", "postmaster.opts"], ["base/1/PG_VERSION", "pg_tblspc/16385"]])
@pytest.mark.parametrize("name", ["postgres", "postgres.new"])
def test_what_may_be_somebodys_data_is_never_made_anew(var, name, there):
    plant(var / name, *there)
    before = sorted(path for path in (var / name).rglob("*") if path.name != "server.log")
    said = refused(var)[-1]
    assert said["event"] == "private_postgresql_failed" and said["path"].startswith(str(var / name)), said
    assert sorted(path for path in (var / name).rglob("*") if path.name != "server.log") == before


def test_of_two_first_starts_at_once_exactly_one_goes_on_and_the_others_say_so(var):
    several = [subprocess.Popen([PROGRAM, "migrate"], env=Service(var).environment, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    told = [process.communicate(timeout=120)[1] for process in several]
    assert sorted(process.returncode for process in several) == [0, 1, 1, 1], told
    for process, said in zip(several, told):
        lines = [json.loads(line) for line in said.splitlines()]
        errors = [line["reason"] for line in lines if line["level"] == "error"]
        assert errors == ([] if process.returncode == 0 else ["another start makes the database there at this moment"]), said
    wait_until(lambda: not postgres_runs(var))


def test_a_server_that_lost_its_keeper_and_its_service_gets_another(var):
    """Whoever kills all processes of the program leaves PostgreSQL behind."""
    first = Service(var).start()
    mine = f"THIDUA_VAR={var}".encode()
    processes = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mine in (process / "environ").read_bytes().split(b"\0") and b"serve" in (process / "cmdline").read_bytes():
                processes.append(int(process.name))
    for sent in (signal.SIGSTOP, signal.SIGKILL):  # none of them sees another one end
        for process in processes:
            os.kill(process, sent)
    first.process.wait(timeout=60)
    assert postgres_runs(var)
    second = Service(var).start()
    second.process.kill()
    second.process.wait(timeout=60)
    wait_until(lambda: not postgres_runs(var))


CONTAINER = ["unshare", "--pid", "--ipc", "--mount-proc", "--fork", "--kill-child"]


@as_root
def test_from_another_container_no_second_server_is_started_on_it(var):
    """There its processes cannot be seen, nor the memory that they share, by which PostgreSQL itself would know. Two would destroy the data."""
    if subprocess.run([*CONTAINER, "true"], stderr=subprocess.DEVNULL, timeout=60).returncode != 0:
        pytest.skip("this machine lets nobody make name spaces")
    service = Service(var).start()
    before = postmaster(var)
    done = subprocess.run([*CONTAINER, PROGRAM, "migrate"], env=service.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "cannot be seen from here" in json.loads(done.stderr.splitlines()[-1])["reason"], done.stderr
    assert postmaster(var) == before
    make_unit(service.key("admin"))
    assert service.stop() == 0
    done = subprocess.run([*CONTAINER, PROGRAM, "migrate"], env=service.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


# ---- when it dies ----

def postmaster(var):
    return int((var / "postgres/postmaster.pid").read_text().splitlines()[0])


def events(service, name):
    return [line for line in map(json.loads, service.log) if line["event"] == name]


def test_one_that_died_is_started_again_with_growing_pauses(var):
    """While its disk is full, or whatever else hinders it, it is tried again; what was acknowledged is there."""
    service = Service(var).start()
    admin, settings = service.key("admin"), var / "postgres/postgresql.conf"
    made = make_unit(admin)
    settings.rename(var / "aside")
    os.kill(postmaster(var), signal.SIGKILL)
    wait_until(lambda: len(events(service, "private_postgresql_not_started")) >= 2)
    (died,), tried = events(service, "private_postgresql_died"), events(service, "private_postgresql_not_started")
    pauses = [line["next_seconds"] for line in [died, *tried]]
    assert pauses == sorted(set(pauses)) and pauses[0] <= 2 and pauses[-1] <= 30, "they grow"
    assert service.anonymous().get("/readyz").status_code == 503
    (var / "aside").rename(settings)
    wait_until(lambda: service.anonymous().get("/readyz").status_code == 200)
    assert len(events(service, "private_postgresql_started")) == 1 and admin.get(f"/v1/units/{made['id']}").status_code == 200
    make_unit(admin)
    wait_until(lambda: dead_children(service) == 0)  # one is left by each attempt until the next look
    assert service.stop() == 0 and not postgres_runs(var)


def dead_children(service):
    states = subprocess.run(["ps", "--ppid", str(service.process.pid), "-o", "stat="], capture_output=True, text=True, timeout=60).stdout
    return states.count("Z")


def test_one_whose_number_another_process_has_is_started_again(var):
    """As after a power failure, or in a container, where numbers are given in the same order each time. PostgreSQL itself takes it for the server."""
    service = Service(var).start()
    made, as_owner = make_unit(service.key("admin")), ["runuser", "-u", (var / "postgres").owner(), "--"] if os.geteuid() == 0 else []
    number = var / "postgres/postmaster.pid"
    told = number.read_text().splitlines()
    kill_all_of(service.process, var)  # where it finds the time, it takes its number away
    service.process.wait(timeout=60)
    with subprocess.Popen([*as_owner, "sleep", "1000"], cwd="/") as other:
        try:
            pid = other.pid
            if as_owner:  # runuser waits beside it
                pid = wait_until(lambda: pathlib.Path(f"/proc/{other.pid}/task/{other.pid}/children").read_text().split())[0]
            number.write_text("\n".join([str(pid), *told[1:], ""]))
            again = Service(var).start()
            assert again.anonymous().get(f"/v1/units/{made['id']}").status_code == 200
            assert again.stop() == 0 and other.poll() is None
        finally:
            other.terminate()


@pytest.mark.parametrize("name", ["", "with blanks"], ids=["in var", "outside"])
@pytest.mark.parametrize("whole", [False, True], ids=["socket", "directory"])
def test_one_whose_socket_was_removed_is_started_anew_where_everybody_looks_for_it(var, name, whole):
    """As by who cleans /tmp. It runs on, and no new connection reaches it; PostgreSQL makes none while it runs."""
    service = Service(var / name).start()
    admin, sockets, before = service.key("admin"), pathlib.Path(service.psql_place()), postmaster(var / name)
    made = make_unit(admin)
    shutil.rmtree(sockets) if whole else (sockets / ".s.PGSQL.5432").unlink()
    wait_until(lambda: events(service, "private_postgresql_started"))
    assert len(events(service, "private_postgresql_unreachable")) == 1 and postmaster(var / name) != before
    wait_until(lambda: service.anonymous().get("/readyz").status_code == 200)
    assert admin.get(f"/v1/units/{made['id']}").status_code == 200 and pathlib.Path(service.psql_place()) == sockets
    make_unit(service.key("admin"))  # another process finds it
    assert not events(service, "private_postgresql_stopped") and service.stop() == 0


def test_one_that_ends_because_its_number_was_removed_is_started_again(var):
    """PostgreSQL asks once a minute whether its postmaster.pid is there, and else tells itself to stop, in these words: nobody ordered that."""
    service = Service(var).start()
    make_unit(service.key("admin"))
    server, number = postmaster(var), var / "postgres/postmaster.pid"
    number.unlink()
    wait_until(lambda: events(service, "private_postgresql_not_started"))
    assert not number.exists(), "none is started beside it"
    with open(var / "postgres/server.log", "a", encoding="utf-8") as log:
        log.write(f"2026-01-01 00:00:00.000 UTC [{server}] LOG:  performing immediate shutdown because data directory lock file is invalid\n")
    os.kill(server, signal.SIGQUIT)
    wait_until(lambda: events(service, "private_postgresql_started"))
    assert postmaster(var) != server and not events(service, "private_postgresql_stopped")
    wait_until(lambda: service.anonymous().get("/readyz").status_code == 200)
    make_unit(service.key("admin"))
    assert service.stop() == 0


@pytest.mark.plain
@pytest.mark.skipif(SANITIZED, reason="LeakSanitizer traces, too")
def test_the_key_of_webhooks_outlasts_a_power_failure(var):
    """Secrets that were told are derived from it: its content and its name are on the disk before anybody gets one."""
    trace = var / "trace"
    service = Service(var)
    service.around = ["strace", "-D", "-qq", "-y", "-e", "trace=fsync,link,listen", "-o", str(trace)]
    assert service.start().stop() == 0
    calls = [line for line in trace.read_text().splitlines() if f"{var}/secret.key" in line or f"<{var}>" in line or line.startswith("listen(")]
    told = [call.split("(")[0] + (" of the name" if f"<{var}>" in call else "") for call in calls]
    begins = told.index("link")
    assert told[begins - 1:begins + 3] == ["fsync", "link", "fsync of the name", "listen"], calls


def test_no_words_of_a_caller_pass_for_an_order_to_stop(var):
    """The server's log also holds what callers sent, in its errors."""
    service = Service(var).start()
    words = "x shutdown request", "x\nLOG:  received fast shutdown request", "LOG:  received fast shutdown request"
    for text in words:
        assert "shutdown request" in service.psql(f"DO $$ BEGIN RAISE EXCEPTION E'%', '{text}'; END $$")
    os.kill(postmaster(var), signal.SIGKILL)
    wait_until(lambda: events(service, "private_postgresql_started"))
    assert not events(service, "private_postgresql_stopped") and service.stop() == 0


def test_an_order_to_stop_is_not_lost_among_those_who_are_refused_after_it(var):
    service = Service(var).start()
    service.process.send_signal(signal.SIGSTOP)  # as a stop takes long, and many knock meanwhile
    service.postgresql("stop", "-m", "fast")
    with open(var / "postgres/server.log", "a", encoding="utf-8") as log:
        log.writelines(f"2026-01-01 00:00:00.000 UTC [{i}] FATAL:  the database system is shutting down\n" for i in range(1000))
    service.process.send_signal(signal.SIGCONT)
    wait_until(lambda: events(service, "private_postgresql_stopped"))
    assert not events(service, "private_postgresql_died") and not postgres_runs(var)
    assert service.stop() == 0


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_one_that_was_told_to_stop_stays_stopped(var, how):
    service = Service(var).start()
    service.postgresql("stop", "-m", how)
    wait_until(lambda: events(service, "private_postgresql_stopped"))
    assert not postgres_runs(var) and events(service, "private_postgresql_died") == []
    service.postgresql("start")
    wait_until(lambda: service.anonymous().get("/readyz").status_code == 200)
    assert service.stop() == 0 and not postgres_runs(var)


def test_recovery_after_a_crash_is_awaited_also_beside_a_command(var):
    service = Service(var).start()
    make_unit(service.key("admin"))
    kill_all_of(service.process, var)
    service.process.wait(timeout=60)
    commands = [subprocess.Popen([PROGRAM, "verify"], env=service.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                for _ in range(3)]
    again = Service(var).start()
    assert [(command.wait(timeout=60), command.stderr.read()) for command in commands] == [(0, "")] * 3
    make_unit(again.key("admin"))
    assert again.stop() == 0


# ---- how long it runs ----

@pytest.mark.parametrize("name", ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM"])
def test_a_signal_that_asks_for_nothing_is_told_of_and_ignored(private, name):
    number = getattr(signal, name)
    private.process.send_signal(number)
    wait_until(lambda: any('"signal_ignored"' in line and json.loads(line)["signal"] == number for line in private.log))
    assert private.anonymous().get("/readyz").status_code == 200


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_at_stop_postgresql_has_ended_before_the_service(var, how):
    service = Service(var).start()
    assert service.stop(how) == 0 and not postgres_runs(var)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_postgresql_ends_in_order_with_a_service_that_was_killed(var, how):
    service = Service(var).start()
    service.process.send_signal(how)
    service.process.wait(timeout=60)
    wait_until(lambda: not postgres_runs(var))
    state = subprocess.run([str(POSTGRESQL / "pg_controldata"), "-D", str(var / "postgres")], capture_output=True, text=True, timeout=60).stdout
    assert "shut down\n" in state.split("Database cluster state:")[1].split("pg_control")[0]
    again = Service(var).start()
    make_unit(again.key("admin"))
    assert again.stop() == 0 and not postgres_runs(var)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_postgresql_ends_with_a_command_that_was_killed(var, how):
    service = Service(var)
    assert service.command("migrate").returncode == 0 and not postgres_runs(var)
    command = subprocess.Popen([PROGRAM, "load", "/dev/stdin"], env=service.environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    command.stdin.write(b'{"public_holidays": {"years": [2024], "days": []}}')
    command.stdin.close()
    end = time.monotonic() + 30
    while command.poll() is None and not postgres_runs(var) and time.monotonic() < end:
        time.sleep(0.002)
    command.send_signal(how)
    command.wait(timeout=60)
    wait_until(lambda: not postgres_runs(var))


def test_the_last_who_uses_it_stops_it(var):
    first, second = Service(var).start(), Service(var)
    second.start()
    assert first.stop() == 0 and postgres_runs(var)
    make_unit(second.key("admin"))
    assert second.stop() == 0 and not postgres_runs(var)


def test_many_who_start_at_once_share_it(var):
    assert Service(var).command("migrate").returncode == 0
    several = [subprocess.Popen([PROGRAM, "verify"], env=Service(var).environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(6)]
    told = [process.communicate(timeout=120)[0] for process in several]
    assert [process.returncode for process in several] == [0] * 6, told
    wait_until(lambda: not postgres_runs(var))
