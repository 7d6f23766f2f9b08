"""What libmicrohttpd 0.9.75 lets through and RFC 9110/9112 do not: sent byte by byte over a raw socket.

After an ambiguous request the connection is closed, so that no byte of a body is ever taken for a second request."""
import json
import re
import socket
import time

import pytest

from service import until_closed

HOST = b"Host: thidua\r\n"
SMUGGLED = b"GET /v1/campaigns/smuggled HTTP/1.1\r\nHost: thidua\r\n\r\n"


@pytest.fixture
def wire(service):
    """wire(bytes) → (status codes in order, everything that came until the server closed or fell silent)."""
    port = service.port

    def exchange(sent, then=b"", closes=True):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
            sock.sendall(sent)
            text = b""
            if not closes:
                while text.count(b"HTTP/1.1 ") < 1 or not complete(text):
                    text += sock.recv(65536)
                sock.sendall(then)
                sock.shutdown(socket.SHUT_WR)
            text += until_closed(sock)
        return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3}) ", text)], text

    return exchange


def complete(text):
    head, _, body = text.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    return bool(length) and len(body) >= int(length[1])


def is_problem(text, kind):
    head, _, body = text.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, text
    assert json.loads(body)["type"] == f"urn:thidua:problem:{kind}", body


def test_a_plain_head_is_found_as_it_was_sent(wire):
    """A head is looked at where libmicrohttpd has left it. One that leaves it otherwise has every request refused: that is told here first."""
    statuses, text = wire(b"GET /healthz HTTP/1.1\r\n" + HOST + b"Accept: */*\r\nX-Empty:\r\nX-Many: a, b;c=\"d\"\r\nConnection: close\r\n\r\n")
    assert statuses == [200], ("this libmicrohttpd does not leave a head as 0.9.75 does (src/http/transport/hygiene.c)", text)


AMBIGUOUS = {  # RFC 9112: section 6.1 and 6.3 (length), 3.2 (Host), 5.1 (blank before the colon), 5.2 (folding)
    "length and coding": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\nContent-Length: 50\r\n\r\n",
    "two equal lengths": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "two codings": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "blank before the colon": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length : 50\r\n\r\n",
    "folded field": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: b\r\n c: d\r\n\r\n",
    "control character": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: b\x01c\r\n\r\n",
    "bad name": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X(A): b\r\n\r\n",
    "absolute form without Host": b"GET http://thidua/healthz HTTP/1.1\r\n\r\n",
    "absolute form without a host": b"GET http:///healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "absolute form with a port alone": b"GET http://:80/healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "absolute form with a user": b"GET http://thidua@idp/healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "absolute form of another scheme": b"GET ftp://thidua/healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "absolute form with a slash": b"GET http://thidua/v1/units%2F1 HTTP/1.1\r\n" + HOST + b"\r\n",
    "absolute form with a fragment": b"GET http://thidua#/healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "asterisk form": b"GET * HTTP/1.1\r\n" + HOST + b"\r\n",
    "authority form": b"CONNECT thidua:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL": b"GET /v1/units/%00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in the query": b"GET /v1/units?q=%00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "slash": b"GET /v1/units%2F1 HTTP/1.1\r\n" + HOST + b"\r\n",
    "small slash": b"GET /v1/units%2f1 HTTP/1.1\r\n" + HOST + b"\r\n",
    "backslash": b"GET /v1/units%5C1 HTTP/1.1\r\n" + HOST + b"\r\n",
    "raw byte": b"GET /v1/units?q=\xff HTTP/1.1\r\n" + HOST + b"\r\n",
    "a list of lengths": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length: 53, 53\r\n\r\n",
    "no length": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length:\r\n\r\n",
    "a signed length": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length: +53\r\n\r\n",
    "a negative length": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length: -53\r\n\r\n",
    "a hexadecimal length": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length: 0x35\r\n\r\n",
    "two lengths in one": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length: 53 53\r\n\r\n",
    "blank after the coding": b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked \r\n\r\n0\r\n\r\n",
    "coding in HTTP/1.0": b"POST /v1/units HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bare LF after the request line": b"GET /healthz HTTP/1.1\n" + HOST + b"\r\n",
    "bare LF after a field": b"GET /healthz HTTP/1.1\r\nX-A: b\nX-B: c\r\n" + HOST + b"\r\n",
    "bare LF after the last field": b"GET /healthz HTTP/1.1\r\nHost: thidua\n\r\n",
    "bare LF at the end": b"GET /healthz HTTP/1.1\r\n" + HOST + b"\n",
    "bare LF throughout": b"GET /healthz HTTP/1.1\nHost: thidua\n\n",
    "bare CR in a field": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: b\rX-B: c\r\n\r\n",
    "bare CR before CRLF": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: b\r\r\n\r\n",
    "NUL in a field": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: b\0c\r\n\r\n",
    "NUL at the end of a field": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: b\0\r\n\r\n",
    "NUL in the target": b"GET /healthz\0x HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in the method": b"GE\0T /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "two blanks after the method": b"GET  /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "two blanks before the version": b"GET /healthz  HTTP/1.1\r\n" + HOST + b"\r\n",
    "folded with a tab": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X-A: b\r\n\tc: d\r\n\r\n",
    "folded at once": b"GET /healthz HTTP/1.1\r\n X-A: b\r\n" + HOST + b"\r\n",
    "many fields": b"GET /healthz HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: y\r\n" % i for i in range(80)) + b"\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_an_ambiguous_request_is_refused_and_its_connection_closed(wire, name):
    codes, text = wire(AMBIGUOUS[name] + SMUGGLED)
    assert codes == [400], text
    is_problem(text, "malformed-request")
    assert b"Connection: close" in text or b"connection: close" in text.lower()


def test_a_request_of_http_1_1_names_its_host(wire):
    codes, _ = wire(b"GET /healthz HTTP/1.1\r\n\r\n" + SMUGGLED)
    assert codes == [400]


@pytest.mark.parametrize("coding", ["gzip", "chunked, gzip", "gzip, chunked", "identity", "xchunked", "chunked;q=1"])
def test_an_unknown_transfer_coding_is_not_implemented(wire, coding):
    """RFC 9112, section 6.1."""
    codes, text = wire(b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: " + coding.encode() + b"\r\n\r\n" + SMUGGLED)
    assert codes == [501], text
    is_problem(text, "not-implemented")


CHUNKED = b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("body", [
    b"zz\r\n" + SMUGGLED, b"-1\r\n" + SMUGGLED, b"ffffffffffffffffff\r\n" + SMUGGLED, b"5\r\nabcdefgh\r\n0\r\n\r\n" + SMUGGLED])
def test_a_broken_chunk_runs_nothing_that_follows(wire, body):
    """RFC 9112, section 7.1: whatever the answer, the bytes of the body are not a second request."""
    codes, text = wire(CHUNKED + body)
    assert len(codes) <= 1 and b"smuggled" not in text, text


CHUNK_LINES = {  # RFC 9112 section 7.1: CRLF after a chunk's size, its extensions, its data and the trailer
    "extension": b"2;a\nxx\r\n%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n",
    "extension of the last chunk": b"0;a\n\r\n" + SMUGGLED,
    "size": b"2\n{}\r\n0\r\n\r\n",
    "data": b"2\r\n{}\n0\r\n\r\n",
    "last chunk": b"2\r\n{}\r\n0\n\r\n",
    "end": b"2\r\n{}\r\n0\r\n\n",
    "trailer": b"2\r\n{}\r\n0\r\nX-A: b\n\r\n",
    "throughout": b"2\n{}\n0\n\n",
    "folded trailer": b"2\r\n{}\r\n0\r\nX-A: b\r\n c\r\n\r\n",
    "NUL in the trailer": b"2\r\n{}\r\n0\r\nX-A: b\0c\r\n\r\n",
    "none": b"2\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", CHUNK_LINES)
def test_nothing_behind_a_chunked_body_is_run(wire, name):
    """Who ends a chunk's line elsewhere sees another end of the body: so the connection ends with it."""
    for head in (CHUNKED, CHUNKED.replace(b"Host", b"Content-Type: application/json\r\nHost"), CHUNKED.replace(b"POST /v1/units", b"POST /v1/nothing")):
        codes, text = wire(head + CHUNK_LINES[name] + SMUGGLED + SMUGGLED)
        assert len(codes) == 1 and codes[0] in (400, 401, 404, 415), text
        assert re.search(rb"(?i)\r\nconnection: close\r\n", text), text


IN_CHUNKS = b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("head", [0, 20000, 30000], ids="{} more bytes of head".format)
@pytest.mark.parametrize("body", [b"2;" + b"e" * 60000, b"2" + b";e" * 4000, b"2\r\n{}\r\n0;" + b"e" * 60000, b"1;" + b"e" * 5000 + b"\r\nx\r\n2;" + b"e" * 30000],
                         ids=["at once", "short", "of the last chunk", "again"])
def test_a_line_between_chunks_without_end_is_refused(wire, service, clients, head, body):
    """libmicrohttpd waits for its end with all the memory that it has, and then keeps the processor busy and the connection."""
    for authorization in (b"", b"Authorization: " + clients["admin"].headers["Authorization"].encode() + b"\r\n"):
        before = service.psql("SELECT count(*) FROM units")
        codes, text = wire(IN_CHUNKS + authorization + (b"X-A: " + b"x" * head + b"\r\n" if head else b"") + b"\r\n" + body)
        assert codes == [400 if authorization else 401], text
        is_problem(text, "malformed-request" if authorization else "unauthenticated")
        assert service.psql("SELECT count(*) FROM units") == before


@pytest.mark.parametrize("head", [0, 20000, 32000], ids="{} more bytes of head".format)
@pytest.mark.parametrize("tiny", [700, 3000, 9000])
def test_tiny_chunks_earn_no_line_without_end(wire, clients, head, tiny):
    """Each needs less than it may have, and the next would be let through with what they saved together."""
    key = b"Authorization: " + clients["admin"].headers["Authorization"].encode() + b"\r\n"
    began = time.monotonic()
    codes, text = wire(IN_CHUNKS + key + (b"X-A: " + b"x" * head + b"\r\n" if head else b"") + b"\r\n" + b"1\r\n \r\n" * tiny + b"2;" + b"e" * 60000)
    assert codes == [400], text
    is_problem(text, "malformed-request")
    assert time.monotonic() - began < 10, "not at the deadline of the body"


def test_requests_before_earn_no_line_without_end(service):
    """Nor do they: before each there may be an empty line, if there is one."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as sock:
        for _ in range(200):
            sock.sendall((b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n") * 100)
            text = b""
            while text.count(b"HTTP/1.1 200") < 100 or not complete(text[text.rindex(b"HTTP/1.1 200"):]):
                text += sock.recv(65536)
        sock.sendall(IN_CHUNKS + b"\r\n2;" + b"e" * 60000)
        assert sock.recv(65536).startswith(b"HTTP/1.1 401 ")


def others_ask(port, seconds):
    """So that every loop of the service has turns, and looks whether those who send wait with too much."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as other:
            other.sendall(b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
            while other.recv(65536):
                pass


def test_what_is_between_honest_chunks_is_not_too_much(service, clients):
    """However small they are, also where their sizes have more digits than they need, after other requests, and slowly."""
    name = "x" * 190
    body = json.dumps({"name": name, "kind": "OTHER", "valid_from": "2024-01-01", "confirm_duplicate": True}).encode() + b" " * 30000
    key = b"Authorization: " + clients["admin"].headers["Authorization"].encode() + b"\r\n"
    port = service.port
    for size in (b"%x", b"%08X", b"%x;a=b"):
        extensions = b";" in size
        with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
            for _ in range(25):  # each request with an empty line before it, as old browsers sent one behind a body
                sock.sendall((b"\r\nGET /healthz HTTP/1.1\r\n" + HOST + b"X-A: " + b"y" * 50 + b"\r\n\r\n") * 100)
                text = b""
                while text.count(b"HTTP/1.1 200") < 100 or not complete(text[text.rindex(b"HTTP/1.1 200"):]):
                    text += sock.recv(65536)
            sock.sendall(IN_CHUNKS.replace(b"/v1/units", b"/v1/units?dry_run=true") + key + b"\r\n")
            step = 512 if extensions else 1
            chunks = [size % len(piece) + b"\r\n" + piece + b"\r\n" for piece in (body[at:at + step] for at in range(0, len(body), step))]
            for at in range(0, len(chunks), len(chunks) // 4 + 1):
                sock.sendall(b"".join(chunks[at:at + len(chunks) // 4 + 1]))
                others_ask(port, 0.4)
            sock.sendall(b"0\r\n\r\n")
            text = until_closed(sock)
        assert text.startswith(b"HTTP/1.1 201 "), (size, text)


def test_a_length_without_end_is_one_refusal(wire):
    codes, text = wire(b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n" + SMUGGLED)
    assert codes == [413], text
    is_problem(text, "body-too-large")


def test_cookies_for_which_there_is_no_room_are_one_refusal(wire):
    codes, text = wire(b"GET /healthz HTTP/1.1\r\n" + HOST + b"Cookie: a=" + b"b" * 20000 + b"\r\n\r\n" + SMUGGLED)
    assert codes == [431], text
    is_problem(text, "headers-too-large")


@pytest.mark.parametrize("expecting", [b"GET /healthz HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\n\r\n",
                                       b"GET /v1/units?limit=1 HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
                                       b"HEAD /v1/units HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\n\r\n",
                                       b"OPTIONS * HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\n\r\n"])
def test_what_stands_behind_an_expectation_is_answered(wire, expecting):
    """RFC 9112 section 9.3.2: also where there is no body to wait for."""
    codes, text = wire(expecting * 3 + b"GET /v1/nothing HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
    assert [code for code in codes if code != 100] == [{b"O": 204}.get(expecting[:1], 200)] * 3 + [404], text


def test_what_stands_behind_an_expected_body_is_answered(service, wire, clients):
    key = clients["admin"].headers["Authorization"].encode()
    sent = b"POST /v1/units?dry_run=true HTTP/1.1\r\n" + HOST + b"Authorization: " + key + b"\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}"
    codes, text = wire(sent * 2 + b"GET /v1/nothing HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
    assert [code for code in codes if code != 100] == [422, 422, 404], text


def test_a_head_is_read_in_any_pieces(service, wire):
    """What is sent byte by byte, or in large pieces, is the same request."""
    port = service.port
    fields = b"".join(b"X-%d:%s%s\r\n" % (i, b" \t" * (i % 3), b"y" * (i * 17 % 600)) for i in range(60))
    request = b"GET /v1/units?q=a+b&limit=2&kind= HTTP/1.1\r\nX-Empty:\r\nX-Blank: \t\r\n" + fields + HOST + b"\r\n"
    for size in (1, 7, 1000, 40000):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(2):  # the second reuses what the first left
                for start in range(0, len(request), size):
                    sock.sendall(request[start:start + size])
                text = b""
                while not complete(text):
                    text += sock.recv(65536)
                assert text.startswith(b"HTTP/1.1 400") and b"invalid-query" in text, text


def test_the_refused_body_is_not_run(wire):
    """A refusal before the body: its bytes are read past, or the connection closed, but never taken for a request."""
    codes, text = wire(b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                       % len(SMUGGLED) + SMUGGLED + b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert codes in ([401], [401, 200]), text


def test_pipelined_requests_are_answered_in_order(wire):
    """RFC 9112, section 9.3.2."""
    sent = b"".join(b"GET /v1/campaigns/NONE-%d HTTP/1.1\r\nHost: a\r\nX-Request-Id: p%d\r\n\r\n" % (i, i) for i in range(20))
    codes, text = wire(sent + b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert codes == [404] * 20 + [200]
    assert re.findall(rb"X-Request-Id: (p\d+)", text) == [b"p%d" % i for i in range(20)]


def test_an_expected_refusal_does_not_wait_for_the_body(wire):
    """RFC 9110, section 10.1.1: Expect: 100-continue is answered by the final status where that is known."""
    codes, _ = wire(b"POST /v1/units HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nContent-Length: 100000\r\n"
                    b"Expect: 100-continue\r\n\r\n")
    assert codes == [401]


@pytest.mark.parametrize("host, code", [(HOST, 200), (b"", 200), (HOST * 2, 400)])
def test_http_1_0_is_answered_and_closed(wire, host, code):
    """RFC 9112, section 3.2: of HTTP/1.1 alone a Host is demanded, and of no version two."""
    codes, text = wire(b"GET /healthz HTTP/1.0\r\n" + host + b"\r\n")
    assert codes == [code] and text.rstrip().endswith(b"}")


@pytest.mark.parametrize("origin", [b"http://thidua", b"HTTP://xx.example:8080", b"https://[::1]:8443"])
def test_a_target_in_absolute_form_is_taken(wire, origin):
    """RFC 9112, section 3.2.2: a server MUST accept it, and its authority goes before Host."""
    for path, code in ((b"/healthz", 200), (b"/v1/units?limit=1", 200), (b"/v1/units?limit=x", 400), (b"/v1/nothing", 404), (b"", 200), (b"?a=1", 400)):
        codes, text = wire(b"GET " + origin + path + b" HTTP/1.1\r\nHost: another\r\nConnection: close\r\n\r\n")
        assert codes == [code], text
    codes, text = wire(b"GET " + origin + b"/v1/campaigns?limit=1 HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert codes == [200] and b"<http" not in text


@pytest.mark.parametrize("target", [b"*", b"http://thidua"])
def test_options_of_the_whole_server(wire, target):
    """RFC 9110, section 9.3.7, and RFC 9112, section 3.2.4."""
    codes, text = wire(b"OPTIONS " + target + b" HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
    assert codes == [204] and b"Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n" in text, text


@pytest.mark.parametrize("sent, code", [
    (b"GET /v1/units?q=" + b"a" * 5000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    (b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 40000 + b"\r\n\r\n", 431)])
def test_long_targets_and_headers_have_their_status(wire, sent, code):
    codes, _ = wire(sent)
    assert codes == [code]


@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_whatever_a_head_weighs_it_is_answered_and_kept_by_no_cache(wire, method):
    """A proxy that gets no answer takes the instance for broken; one that may keep a refusal gives it to all who ask for the same."""
    def parts():
        yield from (([b"limit=1", *[b"a"] * number], b"") for number in (*range(400, 660, 20), 1000, 3900))
        for size in (1, 20, 85, 300, 560):
            for number in {*range(10, 64, 6), *range(31500 // (size + 7), 31500 // (size + 7) - 8, -1), *range(65, 540, 15)}:
                if number * (size + 7) < 31500:
                    yield [b"limit=1"], b"".join(b"A%03d:" % one + b"x" * size + b"\r\n" for one in range(number))
        for number in range(100, 1500, 60):
            yield [b"limit=1"], b"Cookie: " + b";".join([b"a=b"] * number) + b"\r\n" + b"B: " + b"x" * 7000 + b"\r\n"
    for query, fields in parts():
        codes, text = wire(method + b" /v1/units?" + b"&".join(query) + b" HTTP/1.1\r\nConnection: close\r\n" + HOST + fields + b"\r\n")
        assert len(codes) == 1 and codes[0] in (200, 400, 401, 414, 431), (codes, len(query), len(fields), text)
        assert codes == [200] or b"Cache-Control: no-store\r\n" in text, text


@pytest.mark.parametrize("sent", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n",
                                  b"GET /healthz HTTP/9.9\r\n\r\n", b"A" * 40000])
def test_what_is_not_http_1_1_gets_no_success(wire, sent):
    codes, text = wire(sent + b"\r\n\r\n")
    assert all(code >= 400 for code in codes), text


def test_a_method_that_is_not_there_names_those_that_are(service):
    client = service.anonymous()
    for method in ("DELETE", "PROPFIND", "TRACE"):
        answer = client.request(method, "/v1/units")
        assert answer.status_code == 405 and answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS", answer.headers
    options = client.options("/v1/units")
    assert (options.status_code, options.headers["Allow"]) == (204, "GET, HEAD, POST, OPTIONS")


def test_head_is_get_without_the_body(service):
    """RFC 9110, section 9.3.2."""
    client = service.anonymous()
    for path in ("/v1/units", "/v1/campaigns", "/healthz", "/v1/campaigns/NONE"):
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        for name in ("Content-Type", "Content-Length", "ETag"):
            assert head.headers.get(name) == got.headers.get(name), (path, name)


@pytest.mark.parametrize("escape", [b"%ZZ", b"%", b"%4", b"%C3"])
def test_a_malformed_escape_is_refused(wire, escape):
    for target in (b"/v1/units?q=" + escape, b"/v1/units?" + escape + b"=1", b"/v1/units/" + escape):
        codes, text = wire(b"GET " + target + b" HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
        assert codes in ([400], [404]), text


@pytest.mark.parametrize("path", ["/v1/units?q=%C3", "/v1/units/%E0%A4%A", "/v1/units?limit=1&limit=2",
                                  "/v1/units?colour=red", "/v1/units?limit=0", "/v1/units?limit=x", "/v1/units?cursor=%2B%2B",
                                  "/v1/units?on=2024-02-30", "/v1/units?kind=KINGDOM", "/v1/units?" + "&".join(f"q{i}=1" for i in range(30))])
def test_a_bad_query_is_named(service, path):
    answer = service.anonymous().get(path)
    assert answer.status_code in (400, 404) and answer.headers["Content-Type"] == "application/problem+json", answer.text
    assert answer.status_code == 404 or answer.json()["errors"][0]["pointer"]


# RFC 9110 section 9.3.2, RFC 9112 section 6.3: what comes after the head of a HEAD is read as the next answer.

@pytest.mark.parametrize("path", [b"/v1/units", b"/v1/awards"])
@pytest.mark.parametrize("media", [b"application/json", b"text/csv", b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"])
def test_nothing_follows_the_head_that_was_asked_for(wire, path, media):
    codes, text = wire(b"HEAD %s HTTP/1.1\r\n%sAccept: %s\r\n\r\nGET /healthz HTTP/1.1\r\n%sConnection: close\r\n\r\n" % (path, HOST, media, HOST))
    rest = text.partition(b"\r\n\r\n")[2]
    assert codes[0] == 200 and (rest == b"" or rest.startswith(b"HTTP/1.1 200 ")), rest


# ---- one request after another ----

def callers(clients):
    """name → a request: as many members of a request as differ, each sent by some and left out by others."""
    key = {role: b"Authorization: " + clients[role].headers["Authorization"].encode() + b"\r\n" for role in ("admin", "auditor")}
    unit = b'{"name": "Trung t\\u00e2m", "kind": "OTHER", "valid_from": "2024-01-01", "confirm_duplicate": true}'

    def asked(line, *fields, body=b""):
        length = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body) if body else b""
        return line + b" HTTP/1.1\r\n" + HOST + b"".join(fields) + length + b"\r\n" + body

    return {
        "bare": asked(b"GET /v1/units?limit=1"), "head": asked(b"HEAD /v1/units?limit=1"), "nobody": asked(b"GET /v1/me"),
        "admin": asked(b"GET /v1/me", key["admin"], b"Accept-Language: en\r\n"), "auditor": asked(b"GET /v1/me", key["auditor"], b"Accept-Language: vi\r\n"),
        "named": asked(b"GET /v1/nothing", b"X-Request-Id: of-another\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"),
        "not there": asked(b"GET /v1/nothing"), "in English": asked(b"GET /v1/nothing", b"Accept-Language: en\r\n"), "wrong query": asked(b"GET /v1/units?x=1"),
        "known": asked(b"GET /v1/campaigns", b"If-None-Match: *\r\n"), "packed": asked(b"GET /v1/vocabulary", b"Accept-Encoding: gzip\r\n"),
        "unpacked": asked(b"GET /v1/vocabulary"), "table": asked(b"GET /v1/campaigns", b"Accept: text/csv\r\nOrigin: https://portal.example\r\n"),
        "strange method": asked(b"BREW /v1/units"), "preflight": asked(b"OPTIONS /v1/units", b"Origin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n"),
        "tried": asked(b"POST /v1/units?dry_run=true", key["admin"], b"Idempotency-Key: \"one-after-another\"\r\nPrefer: return=minimal\r\n", body=unit),
        "no key": asked(b"POST /v1/units", body=unit), "faulty": asked(b"POST /v1/units", key["admin"], body=b'{"name": 1, "colour": "red"}'),
        "no body": asked(b"POST /v1/units", key["admin"]), "wrong version": asked(b"PATCH /v1/units/00000000-0000-4000-8000-000000000000", key["admin"],
                                                                             b"If-Match: \"9\"\r\n", body=b"{}"),
    }


def one_answer(sock, method):
    text = b""
    while b"\r\n\r\n" not in text:
        text += sock.recv(1)
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", text)
    left = int(length[1]) if length and method != b"HEAD" and text[9:12] not in (b"304", b"204") else 0
    while left:
        more = sock.recv(left)
        text, left = text + more, left - len(more)
    # What is of this one request alone.
    text = re.sub(rb"(?im)^(date|server-timing|x-request-id: [0-9a-f-]{36})[^\r]*", b"", text)
    return re.sub(rb'"(id|instance)": ?"[^"]*[0-9a-f-]{36}"', rb'"\1"', text)


def test_nothing_of_a_request_is_seen_in_the_next(service, clients):
    """A loop uses the memory of requests again that have ended: whatever was before, on this connection or another, an answer is the same."""
    asked, port = callers(clients), service.port
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sock, socket.create_connection(("127.0.0.1", port), timeout=20) as beside:
        def answer(name, at=sock):
            at.sendall(asked[name])
            return one_answer(at, asked[name].split(b" ")[0])
        alone = {}
        for name in asked:
            answer(name)
            alone[name] = answer(name)
        for before in asked:
            for name in asked:
                for at in (sock, beside):
                    answer(before, at)
                    assert answer(name) == alone[name], (before, name)
