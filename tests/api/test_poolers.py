"""PostgreSQL behind PgBouncer, with settings of its own, or taking no writes: what a session needs is made, asked for, and told of."""
import json
import os
import shutil
import socket
import subprocess
import time

import pytest

from conftest import PLAN_FILE, make_unit
from service import Service, free_port, make_place, problem, serving, wait_until


class PgBouncer:
    """Debian's, in front of a service's private PostgreSQL."""

    def __init__(self, service, mode, **settings):
        self.place, self.port = make_place(), free_port()
        told = {"listen_addr": "127.0.0.1", "listen_port": self.port, "unix_socket_dir": "", "auth_type": "any", "pool_mode": mode,
                "default_pool_size": 40, "ignore_startup_parameters": "options,extra_float_digits", **settings}
        lines = ["[databases]"] + [f"{user} = host={service.var / 'socket'} dbname=thidua user={user}" for user in ("thidua_app", "thidua_owner")]
        lines += ["[pgbouncer]"] + [f"{name} = {value}" for name, value in told.items()]
        (self.place / "pgbouncer.ini").write_text("\n".join(lines) + "\n", encoding="ascii")
        as_owner = ["runuser", "-u", (service.var / "postgres").owner(), "--"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen([*as_owner, "/usr/sbin/pgbouncer", "-q", f"{self.place}/pgbouncer.ini"], cwd="/", stderr=subprocess.DEVNULL)
        wait_until(self.answers, 30)

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def urls(self):
        return {name: f"host=127.0.0.1 port={self.port} dbname={user} user={user}"
                for name, user in (("DATABASE_URL", "thidua_app"), ("DATABASE_OWNER_URL", "thidua_owner"))}

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        shutil.rmtree(self.place, ignore_errors=True)


@pytest.fixture(scope="module")
def behind():
    with serving(Service(make_place())) as service:
        assert service.command("load", str(PLAN_FILE)).returncode == 0
        yield service


def test_behind_a_pooler_in_session_mode_everything_works(behind):
    pooler = PgBouncer(behind, "session")
    try:
        make_unit(behind.key("admin"))
        with serving(behind.beside(THIDUA_LOOPS="1", **pooler.urls())) as service:
            unit = make_unit(service.key("admin"))
            assert service.anonymous().get(f"/v1/units/{unit['id']}").status_code == 200
            wait_until(lambda: behind.psql("SELECT count(*) FROM unit_stamps WHERE packed <> stamp") == "0")
            told = service.command("verify")
            assert told.returncode == 0 and ", 0 differ" in told.stdout, told.stdout + told.stderr
    finally:
        pooler.stop()


@pytest.mark.parametrize("settings", [{}, {"server_round_robin": 1}, {"default_pool_size": 1}])
@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pooler_in_transaction_mode_is_named_at_start_in_one_line(behind, mode, settings):
    pooler = PgBouncer(behind, mode, **settings)
    try:
        for words in (["serve"], ["verify"], ["migrate"], ["key", "create", "--name", "x", "--role", "admin"]):
            done = behind.beside(**pooler.urls()).command(*words)
            said = [json.loads(line) for line in done.stderr.splitlines()]
            assert done.returncode == 1 and [line["event"] for line in said] == ["pooler_in_transaction_mode"], done.stderr
            assert said[0]["setting"] == "DATABASE_URL" and "session mode" in said[0]["way_out"]
        done = behind.beside(THIDUA_READ_URL=pooler.urls()["DATABASE_URL"]).command("serve")
        said = [json.loads(line) for line in done.stderr.splitlines()]
        assert done.returncode == 1 and [(line["event"], line["setting"]) for line in said] == [("pooler_in_transaction_mode", "THIDUA_READ_URL")], done.stderr
    finally:
        pooler.stop()


def test_a_pool_that_is_full_is_waited_for_only_a_while(behind):
    pooler = PgBouncer(behind, "session", default_pool_size=1)
    try:
        started = time.monotonic()
        done = behind.beside(**pooler.urls()).command("verify")
        assert done.returncode == 0 and time.monotonic() - started < 60, done.stderr
    finally:
        pooler.stop()


def test_settings_of_the_role_and_the_database_change_nothing(behind):
    """Each of these once changed what a date, a number or a name means."""
    for setting in ("timezone = 'America/New_York'", "datestyle = 'SQL, DMY'", "intervalstyle = 'iso_8601'", "bytea_output = 'escape'",
                    "search_path = 'nowhere'", "default_transaction_isolation = 'serializable'"):
        behind.psql(f"ALTER ROLE thidua_app SET {setting}", user="postgres")
    try:
        with serving(Service(make_place(), THIDUA_SECRET_KEY=str(behind.var / "secret.key"), DATABASE_URL=behind.urls()["DATABASE_URL"])) as service:
            admin = service.key("admin")
            unit = make_unit(admin)
            assert admin.get(f"/v1/units/{unit['id']}").json() == behind.key("admin").get(f"/v1/units/{unit['id']}").json()
            wait_until(lambda: behind.psql("SELECT count(*) FROM unit_stamps WHERE packed <> stamp") == "0")
            told = service.command("verify")
            assert told.returncode == 0 and ", 0 differ" in told.stdout, told.stdout + told.stderr
    finally:
        behind.psql("ALTER ROLE thidua_app RESET ALL", user="postgres")


def test_a_database_that_takes_no_writes_is_503_and_told_of_once_until_it_does(behind):
    """As a primary that became a standby, or one whose operator said so."""
    admin, anyone = behind.key("admin"), behind.anonymous()
    unit = make_unit(admin)
    lost, back = ((lambda name=name: [line for line in behind.log if f'"{name}"' in line]) for name in ("database_lost", "database_back"))
    behind.psql("ALTER SYSTEM SET default_transaction_read_only = on", user="postgres")
    behind.psql("SELECT pg_reload_conf()", user="postgres")
    try:
        wait_until(lambda: anyone.get("/readyz").status_code == 503)
        refused = admin.post("/v1/units", json={"name": "Không ghi được", "kind": "PROVINCIAL_BODY", "valid_from": "2024-01-01"})
        problem(refused, 503, "unavailable")
        assert refused.headers["Retry-After"]
        assert anyone.get(f"/v1/units/{unit['id']}").status_code == 200
        wait_until(lambda: len(lost()) == 1)
        assert "takes no writes" in json.loads(lost()[0])["reason"]
        done = behind.command("key", "create", "--name", "x", "--role", "admin")
        assert done.returncode == 1 and done.stderr == "thidua key create: the database takes no writes (SQLSTATE 25006)\n"
    finally:
        conf = behind.var / "postgres/postgresql.auto.conf"
        conf.write_text("".join(line for line in conf.read_text().splitlines(True) if "read_only" not in line))
        behind.postgresql("reload")
    wait_until(lambda: anyone.get("/readyz").status_code == 200)
    make_unit(admin)
    assert len(lost()) == len(back()) == 1


def test_why_reads_reach_no_server_is_told_where_the_news_do(behind):
    """As where event loops want more connections than the server has left."""
    anyone = behind.anonymous()
    behind.psql("ALTER ROLE thidua_app CONNECTION LIMIT 0", user="postgres")
    behind.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'thidua reads'", user="postgres")
    try:
        (told,) = wait_until(lambda: [json.loads(line) for line in behind.log if '"reads_away"' in line], 30)
        assert told["level"] == "error" and "too many connections" in told["reason"]
        problem(anyone.get("/v1/units", params={"q": "x"}), 503, "unavailable")
    finally:
        behind.psql("ALTER ROLE thidua_app CONNECTION LIMIT -1", user="postgres")
    wait_until(lambda: anyone.get("/v1/units", params={"q": "x"}).status_code == 200, 30)
    wait_until(lambda: anyone.get("/readyz").status_code == 200, 30)


def test_a_session_asks_for_another_connection_after_it_was_refused_a_write(behind):
    """As after a failover behind one address: the old connection leads to what takes no writes any more."""
    admin = behind.key("admin")
    make_unit(admin)
    behind.psql("ALTER ROLE thidua_app SET default_transaction_read_only = on", user="postgres")
    behind.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'thidua writes'", user="postgres")
    body = {"name": "Chuyển máy", "kind": "PROVINCIAL_BODY", "valid_from": "2024-01-01"}
    wait_until(lambda: admin.post("/v1/units", json=body).status_code == 503)
    behind.psql("ALTER ROLE thidua_app RESET default_transaction_read_only", user="postgres")
    wait_until(lambda: admin.post("/v1/units", json=body).status_code == 201, 30)
