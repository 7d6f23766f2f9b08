"""A client that ends its side of the connection behind its request, and awaits the answer (RFC 9112, section 9.6): `printf … | nc -N`.

Others are connected meanwhile: alone, a client was answered also by what dropped everybody else."""
import re
import socket

import pytest

TRIES, OTHERS = 50, 16
HOST = b"Host: thidua\r\n"
UNIT = b'{"name": "x", "kind": "OTHER", "valid_from": "2024-01-01"}'
ROUND = b"/v1/campaigns/230-KH-UBND/rounds/2024"


def asking(line, fields=b""):
    return line + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n" + fields + b"\r\n"


def sending(line, body, chunked=False):
    length = b"Transfer-Encoding: chunked\r\n" if chunked else b"Content-Length: %d\r\n" % len(body)
    return asking(line, b"Content-Type: application/json\r\n" + length) + (b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body)


REQUESTS = {  # what is sent, as whom, and what each must be answered
    "quick": ("anyone", asking(b"GET /healthz"), 200),
    "database": ("auditor", asking(b"GET /v1/units?limit=%d"), 200),
    "board": ("auditor", asking(b"GET " + ROUND + b"/board"), 200),
    "refused": ("anyone", sending(b"POST /v1/units", UNIT), 401),
    "write": ("admin", sending(b"POST /v1/units?dry_run=true", UNIT), 201),
    "write, larger than what is read at once": ("admin", sending(b"POST /v1/units?dry_run=true", UNIT + b" " * 200000), 201),
    "write in chunks": ("admin", sending(b"POST /v1/units?dry_run=true", UNIT, chunked=True), 201),
    "evaluation": ("home_affairs", sending(b"POST " + ROUND + b"/evaluations", b"{}"), 201),
    "table": ("auditor", asking(b"GET /v1/units", b"Accept: text/csv\r\n"), 200),
    "event stream": ("auditor", asking(b"GET /v1/events/stream"), 200),
}


def address(service):
    return "127.0.0.1", service.port


@pytest.fixture(scope="module")
def others(service):
    """Connections at rest, some to each loop."""
    connected = [socket.create_connection(address(service), timeout=20) for _ in range(OTHERS)]
    for sock in connected:
        sock.sendall(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 ")
    yield
    for sock in connected:
        sock.close()


def answers(service, sent, enough=None):
    """What comes behind the end of what is sent: all, or as much as is enough."""
    with socket.create_connection(address(service), timeout=20) as sock:
        sock.sendall(sent)
        sock.shutdown(socket.SHUT_WR)
        text = b""
        while not (enough and enough in text) and (more := sock.recv(65536)):
            text += more
    return text


def codes(text):
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", text)]


@pytest.mark.parametrize("name", REQUESTS)
def test_who_says_no_more_is_answered(service, clients, others, name):
    role, sent, code = REQUESTS[name]
    if key := clients[role].headers.get("Authorization"):
        sent = sent.replace(HOST, HOST + b"Authorization: " + key.encode() + b"\r\n")
    for number in range(TRIES):
        each = sent.replace(b"%d", b"%d" % (number + 1))  # so that none is answered from memory
        text = answers(service, each, enough=b"retry:" if name == "event stream" else None)
        assert codes(text) == [code], (number, text)


def test_so_are_several_requests_that_came_together(service, clients, others):
    key = b"Authorization: " + clients["auditor"].headers["Authorization"].encode() + b"\r\n"
    for number in range(TRIES):
        sent = b"".join(b"GET /v1/units?limit=%d HTTP/1.1\r\n" % (100 + number + more) + HOST + key + b"\r\n" for more in range(3))
        text = answers(service, sent)
        assert codes(text) == [200] * 3, (number, text)


def test_an_event_stream_goes_on(service, clients, others, unit):
    """Its reader has nothing more to say."""
    key = b"Authorization: " + clients["auditor"].headers["Authorization"].encode() + b"\r\n"
    with socket.create_connection(address(service), timeout=20) as sock:
        sock.sendall(asking(b"GET /v1/events/stream", key))
        sock.shutdown(socket.SHUT_WR)
        text, made = b"", None
        while not made or made["id"].encode() not in text:
            more = sock.recv(65536)
            assert more, text
            text += more
            made = made or (b"retry:" in text and unit())
