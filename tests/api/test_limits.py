"""How much one caller may take: requests a minute (draft-ietf-httpapi-ratelimit-headers, RFC 6585 section 4) and connections."""
import concurrent.futures
import contextlib
import os
import pathlib
import re
import socket
import tempfile
import time

import pytest

from conftest import make_unit
from service import SANITIZED, Client, Service, make_place, problem, serving, wait_until
from test_documents import raw


@pytest.fixture
def start():
    with contextlib.ExitStack() as running:
        yield lambda **environment: running.enter_context(serving(Service(make_place(), **environment)))


def left(answer, policy, quota):
    assert answer.headers["RateLimit-Policy"] == f'"{policy}";q={quota};w=60'
    found = re.fullmatch(rf'"{policy}";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    return int(found[1]), int(found[2])


def test_a_key_has_so_many_requests_and_is_told_what_is_left(start):
    service = start(THIDUA_RATE_PER_MINUTE="5", THIDUA_LOOPS="2")
    one, two = service.key("viewer"), service.key("viewer")
    counts = [left(one.get("/v1/me"), "key", 5) for _ in range(5)]
    assert [r for r, _ in counts] == [4, 3, 2, 1, 0]
    assert all(1 <= t <= 60 for _, t in counts)
    refused = one.get("/v1/me")
    problem(refused, 429, "too-many-requests")
    assert left(refused, "key", 5)[0] == 0 and 1 <= int(refused.headers["Retry-After"]) <= 12
    problem(one.post("/v1/units", json={}), 429, "too-many-requests")
    assert left(two.get("/v1/me"), "key", 5)[0] == 4, "another key has its own"
    assert "RateLimit" not in service.anonymous().get("/v1/units").headers
    assert one.get("/healthz").status_code == 200, "the operator's probes are not counted"


def test_the_loops_count_together(start):
    """Whatever loop a connection falls to: of 100 requests at once exactly 20 pass."""
    service = start(THIDUA_RATE_PER_MINUTE="20", THIDUA_LOOPS="2")
    token = service.key("viewer").key
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(lambda _: Client(service.base, token).get("/v1/me").status_code, range(100)))
    passed = codes.count(200)
    more = int((time.monotonic() - began) / 3) + 1
    assert codes.count(429) == 100 - passed and 20 <= passed <= 20 + more, "20, and one more for every three seconds"


def test_wrong_keys_are_counted_by_address(start):
    """Guessing keys is slow."""
    service = start(THIDUA_ADDRESS_RATE_PER_MINUTE="4")
    for number in range(4):
        problem(Client(service.base, f"thd_{number:043}").get("/v1/me"), 401, "unauthenticated")
    problem(Client(service.base, "thd_" + "9" * 43).get("/v1/me"), 429, "too-many-requests")
    problem(service.anonymous().get("/v1/units"), 429, "too-many-requests")
    known = service.key("viewer").get("/v1/me")
    assert known.status_code == 200 and "RateLimit" not in known.headers


def test_one_address_cannot_take_all_connections(start):
    service = start(THIDUA_CONNECTIONS_PER_ADDRESS="5", THIDUA_LOOPS="1")
    port = service.port
    asked = b"GET /healthz HTTP/1.1\r\nHost: thidua\r\n\r\n"
    held, answered = [], 0
    for _ in range(12):
        sock = socket.create_connection(("127.0.0.1", port), timeout=20)
        held.append(sock)
        try:
            sock.sendall(asked)
            answered += sock.recv(65536).startswith(b"HTTP/1.1 200")
        except ConnectionError:
            pass
    assert 3 <= answered <= 5  # the test's own connections of before may still be counted
    for sock in held:
        sock.close()


def held_by_the_kernel(port):
    """Bytes that were sent to that port or from it, and not read yet."""
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return sum(int(queue, 16) for row in rows if f":{port:04X}" in row[1] + row[2] for queue in row[4].split(":"))


@pytest.mark.memory
def test_large_bodies_whose_end_is_missing_take_only_so_much_memory(start):
    """One key may have as many connections as there are, and on each a body without its last byte: that was 8 GiB on each loop. Now 128 MiB,
    and half of it of one key, so that another one still imports."""
    service = start(THIDUA_LOOPS="1")
    keys, body = [service.key("admin") for _ in range(2)], b"name" + b"x" * (4 * 1024 * 1024 - 4)
    port = service.port

    def memory():
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii"))[1]) // 1024

    def whole(key):
        return key.post("/v1/imports", params={"kind": "units"}, data=body, headers={"Content-Type": "text/csv"})

    before = memory()
    for _ in range(2):  # what is over makes room
        with contextlib.ExitStack() as stack:
            slow = {key: [] for key in keys}
            for key in keys:
                problem(whole(key), 422, "invalid")
                for _ in range(24):
                    slow[key].append(stack.enter_context(raw(service, ["POST /v1/imports?kind=units HTTP/1.1", "Content-Type: text/csv", f"Content-Length: {len(body)}"], key)))
                    slow[key][-1].sendall(body[:-1])
                wait_until(lambda: held_by_the_kernel(port) == 0)
                problem(whole(key), 503, "unavailable")
                make_unit(key)
            assert memory() - before < 160
            for each in slow.values():
                answers = []
                for connection in each:
                    connection.sendall(body[-1:])
                    answers.append(connection.recv(65536))
                refused = [answer for answer in answers if answer.startswith(b"HTTP/1.1 503 ")]
                assert all(b"Retry-After: " in answer for answer in refused) and {answer[:13] for answer in answers} == {b"HTTP/1.1 503 ", b"HTTP/1.1 422 "}
                assert 24 - 64 // 4 <= len(refused) < 12


def test_who_is_refused_and_goes_on_sending_is_heard_out_within_bounds(start):
    """Each keeps a descriptor: 64 of a loop, then the oldest goes. None holds up a stop."""
    service = start(THIDUA_LOOPS="1")
    def descriptors():
        return len(os.listdir(f"/proc/{service.process.pid}/fd"))
    before, held = descriptors(), []
    sent = b"POST /v1/units HTTP/1.1\r\nHost: thidua\r\nContent-Type: application/json\r\nContent-Length: 40000000\r\n\r\n"
    for _ in range(100):
        sock = socket.create_connection(("127.0.0.1", service.port), timeout=20)
        held.append(sock)
        sock.sendall(sent)
        answer = b""
        while more := sock.recv(65536):  # up to the end: there comes nothing more
            answer += more
        assert answer.startswith(b"HTTP/1.1 401 "), answer
    for sock in held[-50:]:  # they may send on
        for _ in range(3):
            sock.sendall(b"x" * 100000)
    with pytest.raises(OSError):
        for _ in range(100):
            held[0].sendall(b"x" * 100000)
    wait_until(lambda: descriptors() - before <= 64 + 5)
    began = time.monotonic()
    assert service.stop() == 0 and time.monotonic() - began < 9  # THIDUA_DRAIN_SECONDS is 10
    for sock in held:
        sock.close()


@pytest.mark.plain
def test_connections_that_wait_hold_no_memory(service):
    """Of each, libmicrohttpd keeps 36 KiB that are all zeros between two requests: they go back to the system, but for what has come
    of the next head. Empty lines before a head move it in that memory, by a page and by less."""
    def resident():
        status = pathlib.Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def answered(sock, text):
        sock.sendall(text)
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            came = sock.recv(65536)
            assert came, "closed"
            answer += came
        return answer.startswith(b"HTTP/1.1 200 ")

    head = b"HEAD /healthz HTTP/1.1\r\nHost: waits\r\n"
    firsts = [b"", b"\r\n" * 2048, b"\r\n" * 4096, b"\r\n" * 7]
    with contextlib.ExitStack() as opened:
        before = resident()
        waiting = [opened.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=60)) for _ in range(600)]
        for number, sock in enumerate(waiting):
            assert answered(sock, (firsts[number] if number < len(firsts) else b"") + head + b"\r\n")
        for sock in waiting[::3]:
            sock.sendall(head)
        rested = time.monotonic() + 1.5  # under sanitizers, whose quarantine keeps freed memory resident
        wait_until(lambda: time.monotonic() > rested if SANITIZED else resident() - before < 600 * 36 * 2 // 3)
        for number, sock in enumerate(waiting):
            assert answered(sock, b"\r\n" if number % 3 == 0 else head + b"\r\n")


def test_settings_that_make_no_sense_are_refused(start):
    service = Service(tempfile.gettempdir(), THIDUA_RATE_PER_MINUTE="-1")
    done = service.command("serve")
    assert done.returncode != 0 and "THIDUA_RATE_PER_MINUTE" in done.stderr
