"""A server that hangs instead of dying: it takes connections and never answers, or keeps those that are there and says nothing.

Every wait has an end, every attempt reaches the next host, and a stop comes to its end."""
import concurrent.futures
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import tempfile
import time

import pytest

from conftest import make_unit
from service import Client, Service, problem, wait_until

UNIT = {"name": "Đơn vị thử", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}


def place():
    made = tempfile.mkdtemp(prefix="thidua-hang-")
    os.chmod(made, 0o755)
    return made


@pytest.fixture
def one():
    service = Service(place(), THIDUA_DRAIN_SECONDS="2").start()
    yield service
    if service.process.poll() is None:
        service.stop()
    shutil.rmtree(service.var, ignore_errors=True)


def processes_of(service):
    """The postmaster and its children."""
    postmaster = int((service.var / "postgres/postmaster.pid").read_text().splitlines()[0])
    found = [postmaster]
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            if int((process / "stat").read_text().rsplit(")", 1)[1].split()[1]) == postmaster:
                found.append(int(process.name))
    return found


@contextlib.contextmanager
def stopped(service):
    """The machine of PostgreSQL is there, and says nothing."""
    family = processes_of(service)
    for process in family:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(family):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def bearer(client):
    return client.headers["Authorization"].removeprefix("Bearer ")


def test_a_primary_that_hangs_holds_up_nobody_and_no_stop(one):
    admin = one.key("admin")
    made = make_unit(admin)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:  # connections that are younger than the server's last sign of life, too
        assert {each.status_code for each in pool.map(lambda _: Client(one.base, bearer(admin)).post("/v1/units", json=UNIT), range(12))} <= {201, 409}
    with stopped(one), concurrent.futures.ThreadPoolExecutor(16) as pool:
        writes = [pool.submit(Client(one.base, bearer(admin)).post, "/v1/units", json=UNIT) for _ in range(12)]
        reads = [pool.submit(Client(one.base).get, "/v1/units", params={"q": f"x{i}"}) for i in range(4)]
        wait_until(lambda: one.anonymous().get("/readyz").status_code == 503, seconds=10)
        for answer in writes + reads:
            problem(answer.result(), 503, "unavailable" if answer in reads or answer.result().json()["type"].endswith("unavailable") else "outcome-unknown")
            assert int(answer.result().headers["Retry-After"]) >= 1 and answer.result().elapsed.total_seconds() < 30
    wait_until(lambda: one.anonymous().get("/readyz").status_code == 200)
    assert admin.get(f"/v1/units/{made['id']}").status_code == 200
    make_unit(admin)
    with stopped(one):
        began = time.monotonic()
        one.process.send_signal(signal.SIGTERM)
        one.process.wait(timeout=60)
        assert time.monotonic() - began < 35


def test_a_first_host_that_never_answers_keeps_nobody_from_the_second(one):
    """As a machine that has gone without a word; libpq leaves a silent host only where it waits itself."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        urls = {name: f"host=127.0.0.1,{one.var / 'socket'} port={port},5432 dbname=thidua user={user}" for name, user in (
            ("DATABASE_URL", "thidua_app"), ("DATABASE_OWNER_URL", "thidua_owner"))}
        two = Service(place(), THIDUA_SECRET_KEY=str(one.var / "secret.key"), **urls).start()
        try:
            make_unit(Client(two.base, bearer(one.key("admin"))))
            one.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'thidua%'", user="postgres")
            wait_until(lambda: two.anonymous().get("/v1/units", params={"q": "x"}).status_code == 200, seconds=20)
        finally:
            assert two.stop() == 0
            shutil.rmtree(two.var, ignore_errors=True)
