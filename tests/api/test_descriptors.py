"""Few file descriptors: a start says how many it needs, and with so many it serves; where they run out, clients wait and nothing else ends."""
import contextlib
import json
import os
import resource
import shutil
import socket

import pytest

from service import Service, make_place, serving, wait_until


@pytest.fixture(scope="module")
def place():
    made = make_place()
    yield made
    shutil.rmtree(made, ignore_errors=True)


def limited(place, most, **settings):
    service = Service(place, **settings)
    service.around = ["prlimit", f"--nofile={most}:{most}"]
    return service


def needed(place, **settings):
    """What a start that is refused says. Nothing was begun: there is one line."""
    service = limited(place, 6, **settings)
    with pytest.raises(AssertionError, match="too_few_descriptors"):
        service.start()
    assert service.process.wait(timeout=30) == 1
    service._follower.join()
    said, = map(json.loads, service.log)
    assert (said["event"], said["limit"]) == ("too_few_descriptors", 6) and "ulimit -n" in said["way_out"]
    return said["needed"]


def told(service, event):
    return [json.loads(line) for line in list(service.log) if f'"event":"{event}"' in line]


@pytest.fixture(scope="module")
def beside(place):
    """What leads to a database that needs none of the limit."""
    with serving(Service(place)) as service:
        yield {"DATABASE_URL": service.urls()["DATABASE_URL"], "THIDUA_SECRET_KEY": f"{place}/secret.key"}


@pytest.mark.parametrize("settings", [
    {},
    {"THIDUA_LOOPS": "1", "THIDUA_WORKERS": "2", "THIDUA_LANE_CONNECTIONS": "1"},
    {"THIDUA_LOOPS": "7", "THIDUA_WORKERS": "2", "THIDUA_LANE_CONNECTIONS": "1"},
    {"THIDUA_LOOPS": "2", "THIDUA_WORKERS": "17", "THIDUA_LANE_CONNECTIONS": "1"},
    {"THIDUA_LOOPS": "2", "THIDUA_WORKERS": "2", "THIDUA_LANE_CONNECTIONS": "8"}])
def test_with_as_many_as_it_asks_for_it_serves(beside, settings):
    own = make_place()
    settings = {**(beside if settings else {}), "THIDUA_LOOPS": "2", **settings}
    most = needed(own, **settings)
    with pytest.raises(AssertionError, match="too_few_descriptors"):
        limited(own, most - 1, **settings).start()
    with serving(limited(own, most, **settings)) as service:
        admin = service.key("admin")
        with contextlib.ExitStack() as held:
            for _ in range(2 * int(settings["THIDUA_LOOPS"])):  # more than can be taken
                held.enter_context(socket.create_connection(("127.0.0.1", service.port)))
        assert admin.post("/v1/units", json={"name": f"Sở {most}", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}).status_code == 201
        assert admin.get("/v1/units", headers={"Accept": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}).content[:2] == b"PK"
        assert told(service, "fewer_connections") and not told(service, "database_lost")


def spent(service):
    """Seconds of processors."""
    fields = open(f"/proc/{service.process.pid}/stat", encoding="ascii").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def none_left(service):
    """Whatever is open stays, and nothing else can be opened."""
    process = service.process.pid
    before = resource.prlimit(process, resource.RLIMIT_NOFILE)
    numbers = [int(name) for name in os.listdir(f"/proc/{process}/fd")]
    first = next(number for number in range(len(numbers) + 1) if number not in numbers)
    resource.prlimit(process, resource.RLIMIT_NOFILE, (first, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("streams", [0, 6])
def test_where_none_is_left_clients_wait_and_are_taken_as_soon_as_there_is_one(place, streams):
    """A loop without clients asked without a pause; one with a stream did not ask again before that ended."""
    service = Service(place, THIDUA_IDLE_SECONDS="300", THIDUA_LOOPS="2").start()
    auditor = service.key("auditor")
    open_streams = [auditor.get("/v1/events/stream", stream=True) for _ in range(streams)]
    assert all(stream.status_code == 200 for stream in open_streams)
    if not streams:
        auditor.close()
        service._admin = None
        wait_until(lambda: "thidua_client_connections 1" in service.anonymous().get("/metrics", headers={"Connection": "close"}).text)
    with none_left(service):
        waiting = [socket.create_connection(("127.0.0.1", service.port), timeout=30) for _ in range(6)]
        for sock in waiting:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_until(lambda: told(service, "clients_wait"))
        before = spent(service)
        with pytest.raises(TimeoutError):
            waiting[0].settimeout(2)
            waiting[0].recv(1)
        assert spent(service) - before < 0.5
        waiting[0].settimeout(30)
    assert all(sock.recv(15) == b"HTTP/1.1 200 OK" for sock in waiting)
    said = told(service, "clients_wait")
    assert len(said) <= 2 and all("open files" in line["reason"] and "ulimit -n" in line["way_out"] for line in said)
    counted = service.anonymous().get("/metrics").text.split("\nthidua_clients_held_up_total ")[1].split()[0]
    assert int(counted) >= len(said)
    for stream in open_streams:
        stream.close()
    for sock in waiting:
        sock.close()
    assert not [line for line in service.log if "private_postgresql_" in line and "died" in line], "it cannot be looked at, and runs"
    assert service.stop() == 0
