"""README, "Settings": what does not fit is refused at start, each value in a line that names it."""
import json
import os
import re
import socket

import pytest

from service import ROOT, Service, empty_database, make_place, serving

NUMBERS = {
    "THIDUA_LOOPS": (1, 64), "THIDUA_WORKERS": (2, 64), "THIDUA_LANE_CONNECTIONS": (1, 8), "THIDUA_CONNECTIONS": (16, 65536),
    "THIDUA_CONNECTIONS_PER_ADDRESS": (1, 65536), "THIDUA_RATE_PER_MINUTE": (0, 1000000), "THIDUA_ADDRESS_RATE_PER_MINUTE": (0, 1000000),
    "THIDUA_IDLE_SECONDS": (1, 300), "THIDUA_HEADER_SECONDS": (1, 300), "THIDUA_BODY_SECONDS": (1, 300), "THIDUA_SEND_SECONDS": (1, 3600),
    "THIDUA_READ_SECONDS": (1, 60), "THIDUA_WRITE_SECONDS": (1, 3600), "THIDUA_QUEUE_LENGTH": (1, 65536), "THIDUA_DRAIN_SECONDS": (0, 3600), "THIDUA_LAME_DUCK_SECONDS": (0, 300),
    "THIDUA_KEY_USE_SECONDS": (1, 3600), "THIDUA_TABLE_ROWS": (1, 1000000), "THIDUA_WORK_SECONDS": (1, 3600), "THIDUA_REQUEST_MIB": (16, 65536), "THIDUA_TEMPORARY_MIB": (1, 16777216), "THIDUA_WEBHOOK_TIMEOUT_SECONDS": (1, 60),
}
NONSENSE = {
    "THIDUA_LISTEN": ["8080", "localhost:8080", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-18446744073709551615", "[::1:8080", "999.1.1.1:80"],
    "THIDUA_CORS_ORIGINS": [",", "portal.example", "https://", "https://portal.example/", "https://portal.example?a", "https://a@portal.example",
                            "https://portal.example:65536", "https://:80", "https://Portal.example", "https://portal.example x",
                            "https://portal.example:443", "http://portal.example:80", "https://[::1]:443", "https://portal.example:08443", "https://portal.example:0"],
    "THIDUA_JWT_ROLES_CLAIM": [".", "realm_access.", "a..b", "a" * 128], "THIDUA_JWT_UNIT_CLAIM": [".unit"],
    "THIDUA_JWT_ROLE_MAP": ["garbage", "a=nobody", "=admin", "a=", "a=admin,", "a=admin,b", "a=admin, b=viewer", "a=admin;b=viewer"],
    "THIDUA_WEBHOOK_ALLOW": [",", "10.0.0.0/33", "10.0.0.256", "http://a", "a..b", "fd00::/129", "a" * 254],
    "THIDUA_WEBHOOK_RETRY_SECONDS": ["0", "5,,1", "1,", "86401", " 5", ",".join("1" * 33)],
    "THIDUA_SECRET_KEY": ["/nonexistent/key", "/dev/null", "/tmp"],
    "THIDUA_LOG": ["xml"], "THIDUA_LOG_WITHOUT": [",", "healthz", "health;addresses", "health,keys"],
    "THIDUA_TRUSTED_PROXIES": [",", "proxy.example", "10.0.0.0/33", "10.0.0.0/", "fd00::/129", "[::1]", "127.0.0.1:80", ",".join(["10.0.0.1"] * 65)],
    "THIDUA_FORWARDED_FIELD": ["forwarded", "X-Real-IP", "X-Forwarded-For, Forwarded"],
    "THIDUA_NOW": ["abc", "2024-12-30", "2024-13-45T00:00:00Z", "2024-12-30T00:00:00", "9999-12-31T23:59:59Z",
                   "2024-12-30T00:00:00+16:00", "1944-12-31T16:59:59Z", "9998-12-31T17:00:00Z"],
}


def refusals(service, command="serve", **values):
    """The lines about `values` by which that command ends."""
    other = Service(service.var)
    other.environment.update(values)
    done = other.command(command)
    assert done.returncode == 1, done.stderr
    return [line for line in done.stderr.splitlines() if not line.startswith("{")]


def refused(service, name, value):
    lines = refusals(service, **{name: value})
    assert len(lines) == 1 and lines[0].startswith(f"thidua: {name}"), lines
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


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL", "THIDUA_READ_URL", "THIDUA_JWKS"])
def test_a_place_that_is_set_and_empty_is_no_default(service, name):
    """As where a script could not read a file: the data would go elsewhere."""
    assert "empty" in refused(service, name, "")


def test_what_is_of_use_only_with_another_setting_is_refused_without_it(service):
    for name, value, needed in (("DATABASE_OWNER_URL", "host=there", "DATABASE_URL"),
                                ("THIDUA_JWT_ISSUER", "i", "THIDUA_JWKS"), ("THIDUA_JWT_AUDIENCE", "a", "THIDUA_JWKS")):
        for command in ("serve", "migrate"):
            (line,) = refusals(service, command, **{name: value})
            assert line == f"thidua: {name}: {needed} is needed with it"


def test_an_owner_of_another_database_is_refused(service):
    """Its schema would be made there, and missed here."""
    urls = service.urls()
    for command in ("migrate", "serve", "restored"):
        done = Service(service.var, **{**urls, "DATABASE_OWNER_URL": f"host={service.var / 'socket'} dbname=postgres user=postgres"}).command(command)
        assert done.returncode == 1 and json.loads(done.stderr)["event"] == "another_database", done.stderr
    assert Service(service.var, **urls).command("migrate").returncode == 0


def test_every_value_that_does_not_fit_is_named_in_one_start(service):
    bad = {**{name: str(least - 1) for name, (least, _) in NUMBERS.items()}, **{name: values[0] for name, values in NONSENSE.items()},
           "DATABASE_URL": "garbage", "DATABASE_OWNER_URL": "garbage", "THIDUA_JWKS": "ftp://keys.example/", "THIDUA_LISTN": "127.0.0.1:80"}
    lines = refusals(service, **bad)
    for name in bad:
        assert [line for line in lines if re.match(rf"thidua: {name}[=:]", line)], (name, lines)


def test_a_name_that_is_no_setting_is_refused_with_the_nearest_one(service):
    for name, meant in {"THIDUA_LISTN": "THIDUA_LISTEN", "THIDUA_DRAIN_SECOND": "THIDUA_DRAIN_SECONDS", "THIDUA_jwks": "THIDUA_JWKS",
                        "THIDUA_LOGS": "THIDUA_LOG", "THIDUA_RATE_PER_MINUT": "THIDUA_RATE_PER_MINUTE"}.items():
        for command in ("serve", "migrate", "verify", "settings"):
            lines = refusals(service, command, **{name: "1"})
            assert len(lines) == 1 and lines[0].startswith(f"thidua: {name}: ") and f" {meant}?" in lines[0], lines


def test_what_kubernetes_sets_for_a_service_of_that_name_is_let_be(service):
    other = Service(service.var, THIDUA_SERVICE_HOST="10.0.0.1", THIDUA_SERVICE_PORT="8080", THIDUA_SERVICE_PORT_HTTP="8080", THIDUA_PORT="tcp://10.0.0.1:8080",
                    THIDUA_PORT_8080_TCP="tcp://10.0.0.1:8080", THIDUA_PORT_8080_TCP_ADDR="10.0.0.1", THIDUA_PORT_8080_TCP_PROTO="tcp")
    assert other.command("settings").returncode == 0


def test_settings_shows_what_is_in_force_and_no_password(service):
    other = Service(service.var, THIDUA_CORS_ORIGINS="*", THIDUA_JWKS="https://keys.example/jwks", THIDUA_JWT_ISSUER="i", THIDUA_JWT_AUDIENCE="a",
                    DATABASE_URL="postgresql://me:hunter2@there/data?sslpassword=hunter2", DATABASE_OWNER_URL="host=there password=hunter2 user=us")
    done = other.command("settings")
    shown = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert done.returncode == 0 and "hunter2" not in done.stdout + done.stderr
    assert shown["THIDUA_CORS_ORIGINS"] == "*" and shown["THIDUA_WORKERS"] == "4 (default)" and shown["THIDUA_JWKS"] == "https://keys.example/jwks"
    for part in ("host=there", "user=me", "dbname=data", "password=***", "sslpassword=***"):
        assert part in shown["DATABASE_URL"].split(), shown
    other.environment.update(DATABASE_URL="garbage hunter2", THIDUA_JWKS="https://me:hunter2@keys.example/")
    done = other.command("settings")
    assert done.returncode == 1 and "hunter2" not in done.stdout + done.stderr
    assert "DATABASE_URL: refused" in done.stdout and "THIDUA_JWKS: refused" in done.stdout


def test_readme_shows_the_table_of_settings(service):
    table = service.command("settings", "--table").stdout
    assert table.count("\n") > 30 and table in (ROOT / "README.md").read_text(encoding="utf-8"), "README's table: thidua settings --table"


def test_keys_come_only_by_a_safe_url(service):
    for value in ("http://keys.example/", "http://127.0.0.1:1@keys.example/", "https://a@keys.example/", "https:///keys.example/", "ftp://127.0.0.1/",
                  "https://keys.example/#x", "http://127.0.0.1.keys.example/", "http://[::1]:1@keys.example/", "file:///etc/passwd", "://", "https://"):
        lines = refusals(service, THIDUA_JWKS=value, THIDUA_JWT_ISSUER="i", THIDUA_JWT_AUDIENCE="a")
        assert len(lines) == 1 and lines[0].startswith("thidua: THIDUA_JWKS: must be ") and value not in lines[0], lines


def test_a_var_that_is_no_place_is_named_at_start(service):
    for place in ("/dev/null", "/nonexistent/var"):
        done = Service(place).command("serve")
        assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
        assert "THIDUA_VAR" in json.loads(done.stderr)["way_out"]


def test_the_clock_is_handed_on_as_it_was_read():
    """Any number of decimals: those after the sixth are cut off, never rounded."""
    with serving(Service(make_place(), now="2024-12-30t23:59:59." + "9" * 60 + "+15:59")) as service:
        assert service.anonymous().get("/v1/units").status_code == 200
        made = service.key("admin").post("/v1/keys", json={"name": "giờ", "roles": ["auditor"]})
        assert made.json()["created_at"].startswith("2024-12-30T15:00:59.999999"), made.text


def test_a_start_that_fails_says_where_and_stops_what_had_started(var):
    """The HTTP server starts last: PostgreSQL, workers and all other services run by then."""
    if "THIDUA_TEMPLATE" in os.environ:
        empty_database(var)
    service = Service(var)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        service.environment["THIDUA_LISTEN"] = f"127.0.0.1:{taken.getsockname()[1]}"
        done = service.command("serve")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1, done.stderr
    assert [event["event"] for event in events if event["level"] == "error"] == ["cannot_listen"], done.stderr
    assert (var / "postgres/PG_VERSION").exists() and not (var / "postgres/postmaster.pid").exists()
