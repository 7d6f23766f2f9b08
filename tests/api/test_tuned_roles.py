"""What an operator does to roles and connection strings beside a service that runs: it holds, or says what keeps it."""
from concurrent.futures import ThreadPoolExecutor
import contextlib
import json

import pytest

from conftest import make_unit
from service import Service, make_place, problem, serving, wait_until

UNIT = {"name": "Đơn vị thử", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}


@pytest.fixture(scope="module")
def held():
    with serving(Service(make_place())) as service:
        yield service


@pytest.fixture
def tuned(held):
    def tune(sql):
        held.log.clear()
        assert held.psql(f"ALTER ROLE thidua_app {sql}", user="postgres") == "ALTER ROLE"
        for _ in range(10):  # of a few connections news may get none
            held.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'thidua_app'", user="postgres")
            with contextlib.suppress(AssertionError):
                wait_until(lambda: logged(held, "database_back"), seconds=8)
                break
        return held

    yield tune
    held.psql("ALTER ROLE thidua_app RESET ALL; ALTER ROLE thidua_app CONNECTION LIMIT -1", user="postgres")


def logged(service, event):
    return [line for line in map(json.loads, list(service.log)) if line["event"] == event]


def processes(service):
    return set(service.psql("SELECT pid FROM pg_stat_activity WHERE usename = 'thidua_app'", user="postgres").split())


def test_connections_at_rest_are_not_ended_by_a_limit_of_the_role(tuned):
    service = tuned("SET idle_session_timeout = '500ms'")
    wait_until(lambda: service.anonymous().get("/readyz").status_code == 200)
    wait_until(lambda: processes(service) == wait_until(lambda: processes(service)))
    before = processes(service)
    assert service.psql("SELECT pg_sleep(3)") == "" and before <= processes(service)
    assert service.anonymous().get("/v1/units", params={"q": "x"}).status_code == 200


def test_a_write_waits_for_its_lock_whatever_limit_the_role_has(held, tuned):
    """As where somebody keeps migrations from blocking others: ours have statement_timeout, and waiting for another's migration has no end."""
    admin = held.key("admin")
    made = make_unit(admin)
    service = tuned("SET lock_timeout = '1ms'")
    wait_until(lambda: service.anonymous().get("/readyz").status_code == 200)  # event loops have their connections back, too
    with service.holding(f"SELECT FROM units WHERE id = '{made['id']}' FOR UPDATE") as release, ThreadPoolExecutor(1) as beside:
        change = beside.submit(admin.delete, f"/v1/units/{made['id']}", headers={"If-Match": made["etag"]})
        wait_until(lambda: service.psql("SELECT count(*) FROM pg_locks WHERE NOT granted", user="postgres") != "0" or change.done())
        release()
        assert change.result().status_code in (200, 204), change.result().text


def test_nothing_is_written_where_no_rule_of_the_schema_would_be_kept(held):
    """session_replication_role: triggers and foreign keys rest, as for who loads data. It was written all the same."""
    admin = held.key("admin")
    held.psql("ALTER ROLE thidua_app SET session_replication_role = replica", user="postgres")
    try:
        held.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'thidua_app'", user="postgres")
        wait_until(lambda: held.anonymous().get("/readyz").status_code == 503)
        problem(admin.post("/v1/units", json=UNIT), 503, "unavailable")
        said = held.command("key", "create", "--name", "nobody", "--role", "viewer")
        assert said.returncode == 1 and 'permission denied to set parameter "session_replication_role"' in said.stderr, said
        (reason,) = {line["reason"] for line in wait_until(lambda: logged(held, "session_settings_refused"))}
        assert reason == 'permission denied to set parameter "session_replication_role"' and not logged(held, "session_settings_lost")
    finally:
        held.psql("ALTER ROLE thidua_app RESET session_replication_role", user="postgres")
    wait_until(lambda: held.anonymous().get("/readyz").status_code == 200)
    assert admin.post("/v1/units", json=UNIT).status_code in (201, 409)


def test_the_log_says_why_writes_are_refused_while_reads_go_on(held):
    """As where a role may have fewer connections than the service opens. Who has one keeps it."""
    admin = held.key("admin")
    held.log.clear()
    held.psql("ALTER ROLE thidua_app CONNECTION LIMIT 1", user="postgres")
    try:
        ended = held.psql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'thidua writes'", user="postgres")
        assert int(ended) > 0
        # It shows without a write, of which a balancer may send none here. Reads and the news have their connections.
        wait_until(lambda: held.anonymous().get("/readyz").status_code == 503, seconds=20)
        problem(admin.post("/v1/units", json=UNIT), 503, "unavailable")
        (line,) = wait_until(lambda: logged(held, "writes_away"))
        assert "too many connections for role" in line["reason"] and line["level"] == "error"
        # A balancer is told, so that another instance that has connections gets the writes; and that it is over, though it sends none here.
        problem(held.anonymous().get("/readyz"), 503, "unavailable")
        assert held.anonymous().get("/readyz?reads_only=true").status_code == 200
    finally:
        held.psql("ALTER ROLE thidua_app CONNECTION LIMIT -1", user="postgres")
    wait_until(lambda: held.anonymous().get("/readyz").status_code == 200, seconds=20)
    assert admin.post("/v1/units", json=UNIT).status_code in (201, 409)
