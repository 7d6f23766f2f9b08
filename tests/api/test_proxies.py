"""Behind nginx and HAProxy: the service never sees a request that the proxy did not, refusals and streams come through, and slow readers hold up nobody.

Debian's own programs. The same bytes that the service is sent directly in test_hygiene.py."""
import contextlib
import json
import pathlib
import re
import shutil
import socket
import time
import uuid

import pytest

from conftest import make_unit
from dossier_tools import Dossier, Round, make_pdf
from proxies import Proxy
from service import SANITIZED, until_closed, wait_until
from test_hygiene import AMBIGUOUS, CHUNKED, CHUNK_LINES, HOST, SMUGGLED

KINDS = ["nginx", "nginx, unbuffered", "haproxy"]


@pytest.fixture(scope="module", params=KINDS)
def proxy(request, service):
    running = Proxy(request.param, service.port)
    running.kind = request.param
    yield running
    running.stop()
    shutil.rmtree(running.folder, ignore_errors=True)


def send(port, sent):
    """Everything that came until the other side closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
        sock.sendall(sent)
        return until_closed(sock)


def seen_by(service, mark):
    """How many requests of that id the service has logged, once no more lines come."""
    count, before = 0, -1
    while count != before:
        before = count
        time.sleep(0.1)
        count = sum(f'"request_id":"{mark}"' in line.replace(" ", "") for line in list(service.log))
    return count


MALICIOUS = {
    **{f"ambiguous: {name}": sent + SMUGGLED for name, sent in AMBIGUOUS.items()},
    **{f"chunks: {name}": CHUNKED + body + SMUGGLED for name, body in CHUNK_LINES.items()},
    **{f"chunks of JSON: {name}": CHUNKED.replace(HOST, HOST + b"Content-Type: application/json\r\n") + body + SMUGGLED for name, body in CHUNK_LINES.items()},
    "expectation": b"GET /healthz HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\n\r\n" + SMUGGLED,
    "expectation with a body": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED + SMUGGLED,
    "body of a GET": b"GET /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
    "body of an OPTIONS": b"OPTIONS /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
}


@pytest.mark.parametrize("name", MALICIOUS)
def test_the_service_sees_no_request_that_the_proxy_did_not(service, proxy, name):
    """Nor gets the client more answers than the proxy saw requests. Who connects and says nothing counts for neither."""
    before, mark = proxy.requests(), uuid.uuid4().hex
    text = send(proxy.port, MALICIOUS[name].replace(HOST, HOST + b"X-Request-Id: " + mark.encode() + b"\r\n"))
    answers = len(re.findall(rb"HTTP/1\.[01] [2-5]\d\d ", text))
    assert answers, "a refusal at least"
    wait_until(lambda: proxy.requests() - before >= answers)
    assert seen_by(service, mark) <= proxy.requests() - before, text
    assert answers <= proxy.requests() - before, text


def test_honest_requests_pass(service, proxy, clients):
    before = proxy.requests()
    mark = uuid.uuid4().hex
    text = send(proxy.port, b"GET /healthz HTTP/1.1\r\nX-Request-Id: " + mark.encode() + b"\r\n" + HOST + b"\r\nGET /v1/units?limit=1 HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
    assert len(re.findall(rb"HTTP/1\.1 200 ", text)) == 2 and seen_by(service, mark) == 1
    wait_until(lambda: proxy.requests() - before == 2)  # it writes its log when it has answered
    key = clients["admin"].headers["Authorization"].encode()
    chunks = b"POST /v1/units?dry_run=true HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nAuthorization: " + key + b"\r\n"
    for _ in range(3):
        text = send(proxy.port, chunks + HOST + b"\r\n2\r\n{}\r\n0\r\n\r\n")
        assert b"HTTP/1.1 422 " in text, text


MIB = 1 << 20
LARGE = {  # a paper has at most 25 MiB; less than 8 MiB are read to their end before they are refused
    "announced": (b"PUT %s HTTP/1.1", b"Content-Type: application/pdf\r\nContent-Length: %d\r\n" % (40 * MIB), 413),
    "by HTTP/1.0": (b"PUT %s HTTP/1.0", b"Content-Type: application/pdf\r\nContent-Length: %d\r\n" % (40 * MIB), 413),
    "in chunks": (b"PUT %s HTTP/1.1", b"Content-Type: application/pdf\r\nTransfer-Encoding: chunked\r\n", 413),
    "of another type": (b"PUT %s HTTP/1.1", b"Content-Type: text/plain\r\nContent-Length: %d\r\n" % (40 * MIB), 415),
}


def refusal(port, sent, chunked):
    """Of 40 MiB by a client that listens only when it has said all, if it is let."""
    piece = b"x" * MIB
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        sock.sendall(sent)
        try:
            for _ in range(40):
                sock.sendall(b"%x\r\n%s\r\n" % (MIB, piece) if chunked else piece)
            if chunked:
                sock.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # a proxy need not take all, nor need it let its answer be lost
        return until_closed(sock)


@pytest.mark.parametrize("name", LARGE)
def test_why_a_large_body_is_refused_comes_through(service, proxy, clients, name):
    """RFC 9112, section 9.6. A proxy that is reset while it sends says 502, or nothing."""
    line, fields, code = LARGE[name]
    key = b"Authorization: " + clients["unit"].headers["Authorization"].encode() + b"\r\n"
    path = f"/v1/dossiers/{uuid.uuid4()}/documents/LETTER".encode()
    sent = line % path + b"\r\nConnection: close\r\n" + HOST + key + fields + b"\r\n"
    for port in (service.port, *[proxy.port] * 4):
        text = refusal(port, sent, chunked=b"chunked" in fields)
        assert re.findall(rb"HTTP/1\.[01] (\d+) ", text) == [b"%d" % code], text[:300]
        assert b"application/problem+json" in text, text[:300]


def slow_reader(port, path, client):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(60)
    sock.connect(("127.0.0.1", port))
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: thidua\r\nConnection: close\r\nAuthorization: {client.headers['Authorization']}\r\n\r\n".encode())
    return sock


def test_who_reads_slowly_holds_up_nobody(service, proxy, clients):
    """Of a large paper each who waits has a piece, and none a transaction: that would keep PostgreSQL from tidying up, for minutes."""
    award_round, unit = Round(service), make_unit(clients["admin"])
    award_round.register(unit["id"])
    client, content = service.key("unit", unit["id"]), make_pdf(size=20 * MIB)
    dossier = Dossier(client, award_round, unit["id"])
    assert dossier.put("documents/TO_TRINH", content).status_code == 201
    status = lambda: int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii"))[1])
    held = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'thidua%' AND xact_start < now() - interval '1 s'"
    direct, before = service.port, status()
    with contextlib.ExitStack() as opened:
        readers = [opened.enter_context(contextlib.closing(slow_reader(port, f"{dossier.url}/documents/TO_TRINH", client))) for port in [direct, proxy.port] * 15]
        assert all(reader.recv(100).startswith(b"HTTP/1.1 200 ") for reader in readers)
        for number in range(20):
            began = time.monotonic()
            assert clients["auditor"].get("/v1/units", params={"limit": 7, "q": f"x{number}"}).status_code == 200
            assert clients["admin"].post("/v1/units?dry_run=true", json={"name": "x", "kind": "OTHER", "valid_from": "2024-01-01"}).status_code == 201
            assert time.monotonic() - began < 5
        wait_until(lambda: service.psql(held, user="postgres") == "0")
        assert SANITIZED or status() - before < len(readers) * 1024
        for reader in readers[:2]:  # and who takes the time gets all of it
            text = b"".join(iter(lambda: reader.recv(MIB), b""))
            assert text.endswith(content), len(text)


def test_an_event_comes_through_at_once(service, proxy, clients, unit):
    """X-Accel-Buffering: no. Without it nginx holds some kilobytes back, which a quiet day does not fill."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as sock:
        key = clients["auditor"].headers["Authorization"].encode()
        sock.sendall(b"GET /v1/events/stream HTTP/1.1\r\nAuthorization: " + key + b"\r\n" + HOST + b"\r\n")
        text = b""
        while b"retry:" not in text:
            text += sock.recv(65536)
        made, began = unit(), time.monotonic()
        while made["id"].encode() not in text:
            text += sock.recv(65536)
        assert time.monotonic() - began < 5
    if proxy.kind == "haproxy":
        assert b"x-accel-buffering: no" in text.lower()
    data = next(line for line in text.splitlines() if line.startswith(b"data: ") and made["id"].encode() in line)
    assert json.loads(data[6:])["type"] == "thidua.unit.created"
