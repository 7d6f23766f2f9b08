"""DATABASE_URL in each form that libpq takes: the service connects by it as libpq does, in each of its ways, or refuses it at start.

psql, which is libpq and nothing else, says of each form that it is one."""
import contextlib
import os
import subprocess
from urllib.parse import quote

import pytest

from conftest import make_unit
from service import PSQL, Client, Service, make_place, serving
from test_hanging import Host
from test_settings import refused


@pytest.fixture(scope="module")
def there():
    """A database, and hosts that lead to it by network: 127.0.0.1 and ::1. `silent` takes connections and says nothing."""
    with serving(Service(make_place())) as service:
        way = str(service.var / "socket/.s.PGSQL.5432")
        with contextlib.closing(Host(leads_to=way)) as four, contextlib.closing(Host()) as silent, \
                contextlib.closing(Host(leads_to=way, address="::1", port=four.port)):
            service.names = {"port": four.port, "silent": silent.port, "socket": service.var / "socket", "encoded": quote(str(service.var / "socket"), safe="")}
            yield service


SERVICE_FILE = """
[one]
host=127.0.0.1
port={port}
dbname=thidua
[several]
host=127.0.0.1,127.0.0.1
port={silent},{port}
dbname=thidua
target_session_attrs=read-write
"""
FORMS = {
    "URI": ("postgresql://{user}@127.0.0.1:{port}/thidua", {}),
    "its short scheme": ("postgres://{user}@127.0.0.1:{port}/thidua", {}),
    "keywords": ("host=127.0.0.1 port={port} dbname=thidua user={user}", {}),
    "socket in a URI": ("postgresql://{user}@{encoded}/thidua", {}),
    "socket as a parameter": ("postgresql:///thidua?host={socket}&user={user}", {}),
    "IPv6": ("postgresql://{user}@[::1]:{port}/thidua", {}),
    "a name of two addresses": ("postgresql://{user}@localhost:{port}/thidua", {}),
    "an address for a name": ("host=database.example hostaddr=127.0.0.1 port={port} dbname=thidua user={user}", {}),
    "addresses of several": ("hostaddr=::1,127.0.0.1 port={silent},{port} dbname=thidua user={user}", {}),
    "an address for one of several": ("host=database.example,localhost hostaddr=127.0.0.1, port={silent},{port} dbname=thidua user={user}", {}),
    "several": ("postgresql://{user}@127.0.0.1:{silent},[::1]:{port}/thidua?target_session_attrs=read-write", {}),
    "several at one port": ("host=127.0.0.9,127.0.0.1 port={port} dbname=thidua user={user} target_session_attrs=primary", {}),
    "parameters": ("postgresql://{user}@127.0.0.1:{port}/thidua?options=-c%20work_mem%3D5MB&application_name=x&connect_timeout=5&keepalives=0&sslmode=prefer", {}),
    "everything in the environment": ("postgresql://", {"PGHOST": "127.0.0.1", "PGPORT": "{port}", "PGDATABASE": "thidua", "PGUSER": "{user}"}),
    "ports in the environment": ("host=127.0.0.1,127.0.0.1 dbname=thidua user={user}", {"PGPORT": "{silent},{port}"}),
    "several in the environment": ("postgresql://{user}@/thidua", {"PGHOST": "127.0.0.1,127.0.0.1", "PGPORT": "{silent},{port}"}),
    "addresses in the environment": ("postgresql://{user}@/thidua", {"PGHOSTADDR": "127.0.0.1,::1", "PGPORT": "{silent},{port}"}),
    "a service": ("service=one user={user}", {}),
    "a service in the environment": ("postgresql://", {"PGSERVICE": "one", "PGUSER": "{user}"}),
    "a service of several": ("postgresql://?service=several&user={user}", {}),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_libpq_connects_by_the_service_connects_by(there, tmp_path, form):
    url, environment = FORMS[form]
    (tmp_path / "services").write_text(SERVICE_FILE.format(**there.names), encoding="utf-8")
    told = {name: value.format(user="thidua_app", **there.names) for name, value in {"PGSERVICEFILE": f"{tmp_path}/services", **environment}.items()}
    told["DATABASE_URL"] = url.format(user="thidua_app", **there.names)
    asked = subprocess.run([PSQL, "-AtXc", "SELECT current_user || ' ' || current_database()", told["DATABASE_URL"]], capture_output=True, text=True, timeout=60,
                           env={**os.environ, **told, "PGCONNECT_TIMEOUT": "2"}, check=True)
    assert asked.stdout == "thidua_app thidua\n"
    with serving(Service(make_place(), THIDUA_SECRET_KEY=str(there.var / "secret.key"), **told)) as service:
        admin = Client(service.base, there.key("admin").key)
        unit = make_unit(admin)  # by a worker
        assert service.anonymous().get(f"/v1/units/{unit['id']}").status_code == 200  # by an event loop
        assert service.command("verify").returncode == 0


@pytest.mark.parametrize("form", ["socket in a URI", "several"])
def test_what_postgresql_says_to_whoever_connects_is_no_line_of_the_log(there, form):
    """libpq would write it to standard error as it comes: of a collation's version each connection is warned before it is made."""
    url = FORMS[form][0].format(user="thidua_app", **there.names)
    there.psql("UPDATE pg_database SET datcollversion = '0' WHERE datname = 'thidua'", user="postgres")
    try:
        assert "collation version" in subprocess.run([PSQL, "-Xc", "", url], capture_output=True, text=True, timeout=60,
                                                     env={**os.environ, "PGCONNECT_TIMEOUT": "2"}).stderr
        with serving(Service(make_place(), THIDUA_SECRET_KEY=str(there.var / "secret.key"), DATABASE_URL=url)) as service:
            make_unit(Client(service.base, there.key("admin").key))
        assert [line for line in service.log if not line.startswith("{")] == []
    finally:
        there.psql("UPDATE pg_database SET datcollversion = NULL WHERE datname = 'thidua'", user="postgres")


# libpq takes what follows a slash or an at sign of the password for the rest of the address, and says so.
@pytest.mark.parametrize("url", [
    "postgresql://me:hunter2/more@there/data", "postgresql://me:2/hunter2@there/data", "postgresql://me:a@hunter2@there/data", "postgresql://me:a@b:hunter2@there/data",
    "postgresql://me:a/b?hunter2@there/data", "postgresql://me:hunter2%zz@there/data", "postgresql://there:hunter2/data",
    "postgresql://there:0/data", "postgresql://there:5432,other:65536/data", "host=there password='hunter2", "host=there password=a hunter2", "host=a,me@hunter2",
    "host=there target_session_attrs=standby", "host=there target_session_attrs=prefer-standby", "postgresql://there/data?target_session_attrs=read-only"])
@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_what_would_be_read_otherwise_than_it_is_meant_is_refused_and_not_shown(there, name, url):
    assert "hunter2" not in refused(there, name, url)
    shown = Service(there.var, **{name: url}).command("settings")
    assert shown.returncode == 1 and f"{name}: refused" in shown.stdout and "hunter2" not in shown.stdout + shown.stderr


def test_what_has_a_meaning_is_not_refused(there):
    for url in ("postgresql://me:%2F%40@there/data", "host=/tmp/a@b", "host=@abstract", "postgresql://%2Ftmp%2Fa%40b/data", "postgresql://me:x?y#z:@there/data", "postgresql://",
                "postgresql:///a%40b", "postgresql://a,b:5433,[::1]/data", "host=a,b port=5432,", "host=there password='a/b@c'", "postgresql://there?host=@abstract"):
        assert Service(there.var, DATABASE_URL=url, THIDUA_READ_URL=f"{url}").command("settings").returncode == 0, url
    assert Service(there.var, THIDUA_READ_URL="host=there target_session_attrs=standby").command("settings").returncode == 0
