"""README, "Settings": a value that does not fit is refused at start with one line that names it."""
import json
import os
import pathlib
import shutil
import socket
import tempfile

import pytest

from service import Service, empty_database

NUMBERS = {
    "THIDUA_LOOPS": (1, 64), "THIDUA_WORKERS": (2, 64), "THIDUA_LANE_CONNECTIONS": (1, 8), "THIDUA_CONNECTIONS": (16, 65536),
    "THIDUA_CONNECTIONS_PER_ADDRESS": (1, 65536), "THIDUA_RATE_PER_MINUTE": (0, 1000000), "THIDUA_ADDRESS_RATE_PER_MINUTE": (0, 1000000),
    "THIDUA_IDLE_SECONDS": (1, 300), "THIDUA_HEADER_SECONDS": (1, 300), "THIDUA_BODY_SECONDS": (1, 300), "THIDUA_SEND_SECONDS": (1, 3600),
    "THIDUA_READ_SECONDS": (1, 60), "THIDUA_WRITE_SECONDS": (1, 3600), "THIDUA_QUEUE_LENGTH": (1, 65536), "THIDUA_DRAIN_SECONDS": (0, 3600),
    "THIDUA_KEY_USE_SECONDS": (1, 3600), "THIDUA_TABLE_ROWS": (1, 1000000), "THIDUA_WEBHOOK_TIMEOUT_SECONDS": (1, 60),
}
NONSENSE = {
    "THIDUA_LISTEN": ["8080", "localhost:8080", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-18446744073709551615", "[::1:8080", "999.1.1.1:80"],
    "THIDUA_CORS_ORIGINS": [",", "portal.example", "https://", "https://portal.example/", "https://portal.example?a", "https://a@portal.example",
                            "https://portal.example:65536", "https://:80", "https://Portal.example", "https://portal.example x"],
    "THIDUA_JWT_ROLES_CLAIM": [".", "realm_access.", "a..b", "a" * 128], "THIDUA_JWT_UNIT_CLAIM": [".unit"],
    "THIDUA_JWT_ROLE_MAP": ["garbage", "a=nobody", "=admin", "a=", "a=admin,", "a=admin,b", "a=admin, b=viewer", "a=admin;b=viewer"],
    "THIDUA_WEBHOOK_ALLOW": [",", "10.0.0.0/33", "10.0.0.256", "http://a", "a..b", "fd00::/129", "a" * 254],
    "THIDUA_WEBHOOK_RETRY_SECONDS": ["0", "5,,1", "1,", "86401", " 5", ",".join("1" * 33)],
    "THIDUA_SECRET_KEY": ["/nonexistent/key", "/dev/null", "/tmp"],
    "THIDUA_LOG": ["xml"],
    "THIDUA_NOW": ["abc", "2024-12-30", "2024-13-45T00:00:00Z", "2024-12-30T00:00:00", "9999-12-31T23:59:59Z",
                   "2024-12-30T00:00:00+16:00", "1944-12-31T16:59:59Z", "9998-12-31T17:00:00Z"],
}


def refused(service, name, value):
    other = Service(service.var)
    other.environment[name] = value
    done = other.command("serve")
    lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert done.returncode == 1 and len(lines) == 1 and lines[0].startswith(f"thidua: {name}"), done.stderr
    return lines[0]


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_does_not_fit_is_named_at_start(service, name):
    least, most = NUMBERS[name]
    for value in (str(least - 1), str(most + 1), "1e1", " 5", "+5", "5s", " -18446744073709551611", "9" * 30):
        assert f"{name}={value}: " in refused(service, name, value)


@pytest.mark.parametrize("name", NONSENSE)
def test_what_is_no_such_thing_is_named_at_start(service, name):
    for value in NONSENSE[name]:
        assert f"{name}={value}: " in refused(service, name, value)


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_a_database_that_cannot_be_read_is_named_without_its_password(service, name):
    for value in ("garbage", "host=there hunter2", "postgresql:/there hunter2", "nobody=there"):
        line = refused(service, name, value)
        assert "hunter2" not in line and "postgresql://" in line


def test_a_var_that_is_no_place_is_named_at_start(service):
    for place in ("/dev/null", "/nonexistent/var"):
        done = Service(place).command("serve")
        assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
        assert "THIDUA_VAR" in json.loads(done.stderr)["way_out"]


def test_the_clock_is_handed_on_as_it_was_read():
    """Any number of decimals: those after the sixth are cut off, never rounded."""
    var = tempfile.mkdtemp(prefix="thidua-now-")
    os.chmod(var, 0o755)
    service = Service(var, now="2024-12-30t23:59:59." + "9" * 60 + "+15:59").start()
    assert service.anonymous().get("/v1/units").status_code == 200
    made = service.key("admin").post("/v1/keys", json={"name": "giờ", "roles": ["auditor"]})
    assert made.json()["created_at"].startswith("2024-12-30T15:00:59.999999"), made.text
    assert service.stop() == 0
    shutil.rmtree(var, ignore_errors=True)


def test_a_start_that_fails_says_where_and_stops_what_had_started():
    """The HTTP server starts last: PostgreSQL, workers and all other services run by then."""
    var = tempfile.mkdtemp(prefix="thidua-start-")
    os.chmod(var, 0o755)
    if "THIDUA_TEMPLATE" in os.environ:
        empty_database(var)
    service = Service(var)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        service.environment["THIDUA_LISTEN"] = f"127.0.0.1:{taken.getsockname()[1]}"
        done = service.command("serve")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1, done.stderr
    assert [event["event"] for event in events if event["level"] == "error"] == ["cannot_listen"], done.stderr
    assert pathlib.Path(var, "postgres/PG_VERSION").exists() and not pathlib.Path(var, "postgres/postmaster.pid").exists()
    shutil.rmtree(var, ignore_errors=True)
