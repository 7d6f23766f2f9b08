"""One reader of header fields: lists may stand on several lines, single values may not, and what cannot be read is refused.

RFC 9110 sections 5.3 (several lines), 5.5 (values), 5.6 (lists), 8.3, 8.4, 10.1.1, 12.5.1, 14.5 and 15.5.16."""
import errno
import json
import re
import socket
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import make_unit
from service import problem, until_closed
from test_authorisation import World
from test_contract import OPERATIONS, ROUTES, resolve
from test_reads import READS, reader

HOST = b"Host: thidua\r\n"
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def world(service, clients):
    return World(service, clients)


@pytest.fixture(scope="module")
def ask(service):
    """ask(method, path, (name, value)…, body=) → status, headers, body: every line goes out as it stands here."""
    port = service.port

    def asked(method, path, *lines, body=b"", host=HOST):
        head = b"".join(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()) + b"\r\n" for name, value in lines)
        length = b"Content-Length: %d\r\n" % len(body) if body else b""
        with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
            sock.sendall(f"{method} {path} HTTP/1.1\r\n".encode() + host + b"Connection: close\r\nAccept-Language: en\r\n" + length + head + b"\r\n" + body)
            text = until_closed(sock)
        head, _, content = text.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        assert status and head.count(b"HTTP/1.") == 1, text
        headers = {}
        for name, value in re.findall(r"^([^:\r\n]+): *([^\r\n]*)", head.decode("latin-1"), re.M):
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return int(status[1]), headers, content

    return asked


def refused(answer, status, kind, pointer):
    assert answer[1].get("Content-Type") == "application/problem+json", answer
    found = json.loads(answer[2])
    assert (answer[0], found["type"]) == (status, f"urn:thidua:problem:{kind}"), answer
    assert found["errors"][0]["pointer"] == pointer and found["errors"][0]["detail"], answer


# ---- single values ----

SINGLE = {"Authorization": "Bearer thd_x", "Content-Type": "application/json", "Host": "thidua", "Idempotency-Key": "k-1", "Last-Event-ID": "1",
          "Origin": "https://portal.example", "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "X-Request-Id": "r-1",
          "Content-Range": "bytes 0-1/2", "Access-Control-Request-Method": "GET"}


@pytest.mark.parametrize("spelling", [str, str.upper, str.lower], ids=["as it is", "upper", "lower"])
@pytest.mark.parametrize("name", SINGLE)
def test_a_single_value_sent_twice_is_refused(ask, name, spelling):
    """Whichever of two was taken, somebody before or behind us would take the other."""
    for second in (SINGLE[name], "another"):
        answer = ask("GET", "/v1/units", (name, SINGLE[name]), (spelling(name), second), host=b"" if name == "Host" else HOST)
        refused(answer, 400, "malformed-request", name)


@pytest.mark.parametrize("blanks", ["{} ", "{}\t", " \t{} \t ", "\t{}"])
def test_blanks_around_a_value_are_no_part_of_it(ask, clients, blanks):
    token = clients["auditor"].headers["Authorization"]
    assert ask("GET", "/v1/me", ("Authorization", blanks.format(token)))[0] == 200
    assert ask("GET", "/v1/me", ("X-Request-Id", blanks.format("abc")))[1]["X-Request-Id"] == "abc"
    assert ask("GET", "/v1/units?limit=1", ("Accept", blanks.format("text/csv")))[1]["Content-Type"].startswith("text/csv")
    etag = ask("GET", "/v1/units?limit=1")[1]["ETag"]
    assert ask("GET", "/v1/units?limit=1", ("If-None-Match", blanks.format(etag)))[0] == 304
    assert ask("GET", "/v1/units?limit=1", ("If-None-Match", blanks.format("*")))[0] == 304
    assert ask("POST", "/v1/units", ("Content-Type", blanks.format("application/json")), body=b"{}")[0] == 401


@pytest.mark.parametrize("byte", [*range(0x09), *range(0x0a, 0x20), 0x7f])
def test_control_characters_are_refused_anywhere_in_a_field(ask, byte):
    for name, value in (("X-Other", b"a%cb" % byte), ("Accept", b"*/*%c" % byte), ("If-None-Match", b"%c*" % byte), ("Authorization", b"Bearer a%cb" % byte),
                        ("Last-Event-ID", b"1%c2" % byte)):
        status, _, content = ask("GET", "/v1/units", (name, value))
        assert status == 400, (name, byte, content)
        # What follows a bare line feed is no field: the HTTP library says so itself.
        assert byte == 0x0a or b"urn:thidua:problem:malformed-request" in content, (name, byte, content)


# ---- lists ----

def test_lists_are_joined_over_their_lines(ask, clients):
    path = "/v1/units?limit=1"
    plain = ask("GET", path)
    etag = plain[1]["ETag"]
    assert ask("GET", path, ("If-None-Match", '"a"'), ("If-None-Match", '"b"'), ("if-none-match", etag))[0] == 304
    assert ask("GET", path, ("Accept", "text/csv;q=0.5"), ("Accept", "application/json;q=0.1"))[1]["Content-Type"].startswith("text/csv")
    assert ask("GET", path, ("Accept", "application/json;q=0.1"), ("Accept", "text/csv;q=0.5"))[1]["Content-Type"].startswith("text/csv")
    packed = ask("GET", "/openapi.yaml", ("Accept-Encoding", "br"), ("Accept-Encoding", "gzip"))
    assert packed[1]["Content-Encoding"] == "gzip"
    found = ask("GET", "/v1/units/x", ("Accept-Language", "vi;q=0.5"), ("Accept-Language", "vi;q=0.1"))
    assert found[1]["Content-Language"] == "en", "the client of this test asks for en first"


def test_if_match_is_joined_over_its_lines(clients, ask):
    made = make_unit(clients["admin"])
    admin = ("Authorization", clients["admin"].headers["Authorization"])
    patch = ("Content-Type", "application/merge-patch+json")
    path, body = f"/v1/units/{made['id']}", '{"valid_from": "2024-01-01", "name": "Mới"}'.encode()
    assert ask("PATCH", path, admin, patch, ("If-Match", '"9-x"'), body=body)[0] == 412
    assert ask("PATCH", path, admin, patch, ("If-Match", '"9-x"'), ("If-Match", made["etag"]), body=body)[0] == 200


# ---- values that cannot be read ----

@pytest.mark.parametrize("value", ["", "x", "-1", "+1", "1.5", "0x10", "1,2", "1 2", '"1"', "1;2", "9" * 19, "１２"])
@pytest.mark.parametrize("path", ["/v1/events/stream", "/v1/events/stream?after=0", "/v1/events"])
def test_an_unreadable_last_event_id_is_never_from_now_on(ask, path, value):
    refused(ask("GET", path, ("Last-Event-ID", value.encode())), 400, "malformed-request", "Last-Event-ID")


@pytest.mark.parametrize("value", ["", '""', "a b", 'a"b', "a\\b", "x" * 256, "khóa"])
def test_an_unreadable_idempotency_key_is_refused_whoever_sends_it(ask, clients, value):
    for lines in ([], [("Authorization", clients["admin"].headers["Authorization"])]):
        for path in ("/v1/units", "/v1/units?dry_run=true"):
            answer = ask("POST", path, *lines, ("Content-Type", "application/json"), ("Idempotency-Key", value.encode()), body=b"{}")
            refused(answer, 400, "malformed-request", "Idempotency-Key")


@pytest.mark.parametrize("value", ["a b", "thidua/x", "user@thidua", "thidua?x", "thidua#x", "a\\b", "thi\tdua", "thiđua"])
def test_a_host_that_is_none_is_refused(ask, value):
    refused(ask("GET", "/healthz", host=b"Host: " + value.encode() + b"\r\n"), 400, "malformed-request", "Host")


@pytest.mark.parametrize("value", ["200-ok", "100-continue, 200-ok", "100-continued", "100-continue;a=b", "x"])
def test_another_expectation_is_417(ask, value):
    refused(ask("GET", "/healthz", ("Expect", value)), 417, "expectation-failed", "Expect")
    refused(ask("POST", "/v1/units", ("Expect", value), ("Content-Type", "application/json"), body=b"{}"), 417, "expectation-failed", "Expect")
    refused(ask("GET", "/healthz", ("Expect", "100-continue"), ("Expect", value)), 417, "expectation-failed", "Expect")


# ---- bodies ----

BODIES = {"POST /v1/units": ("application/json", b"{}", "admin"), "PATCH /v1/units/{id}": ("application/merge-patch+json", b"{}", "admin"),
          "POST /v1/imports?kind=units": ("text/csv", b"name,kind\n", "home_affairs"), "PUT document": ("application/pdf", b"%PDF-1.4", "unit")}


def body_request(world, name, clients):
    if name == "PUT document":
        return "PUT", world.path("/v1/dossiers/{id}/documents/{document}"), *BODIES[name][:2], world.callers["owner"]
    method, path = name.split()
    return method, path.replace("{id}", world.path("/v1/units/{id}").rsplit("/", 1)[1]), *BODIES[name][:2], clients[BODIES[name][2]]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity, gzip", "gzip, identity", "x", "aws-chunked", "identity;q=1"])
@pytest.mark.parametrize("name", BODIES)
def test_a_coded_body_is_415_and_says_what_is_taken(ask, world, clients, name, coding):
    """RFC 9110 section 15.5.16: Accept-Encoding tells a coding that is not taken from a type that is not."""
    method, path, media, body, caller = body_request(world, name, clients)
    answer = ask(method, path, ("Authorization", caller.headers["Authorization"]), ("Content-Type", media), ("Content-Encoding", coding), body=body)
    refused(answer, 415, "unsupported-media-type", "Content-Encoding")
    assert answer[1]["Accept-Encoding"] == "identity"
    plain = ask(method, path, ("Authorization", caller.headers["Authorization"]), ("Content-Type", media), ("Content-Encoding", "Identity"), body=body)
    assert plain[0] != 415
    other = ask(method, path, ("Authorization", caller.headers["Authorization"]), ("Content-Type", "text/x-other"), body=body)
    assert other[0] == 415 and "Accept-Encoding" not in other[1]


@pytest.mark.parametrize("parameters, good", [
    ("", True), ("; charset=utf-8", True), (";charset=UTF-8", True), ('; charset="utf-8"', True), ("; charset=\"UTF-8\" ; a=b", True), ("; a=b", True), (";", True),
    ("; charset=utf-16", False), ("; charset=iso-8859-1", False), ("; charset=windows-1258", False), ("; charset=utf8", False), ("; CHARSET=latin1", False),
    ('; charset="utf-16"', False), ("; charset=", False), ("; charset", False), ('; charset="utf-8', False), ("; charset=utf-8; charset=utf-16", False),
    ("; a=b; charset=ascii", False), ("; charset=utf-8, text/csv", False)])
@pytest.mark.parametrize("name", [name for name in BODIES if name != "PUT document"])
def test_text_in_another_charset_is_415(ask, world, clients, name, parameters, good):
    method, path, media, body, caller = body_request(world, name, clients)
    answer = ask(method, path, ("Authorization", caller.headers["Authorization"]), ("Content-Type", media + parameters), body=body)
    if good:
        assert answer[0] != 415, answer
    else:
        refused(answer, 415, "unsupported-media-type", "Content-Type")


def test_a_part_of_a_body_is_refused(ask, world, clients):
    method, path, media, body, caller = body_request(world, "PUT document", clients)
    answer = ask(method, path, ("Authorization", caller.headers["Authorization"]), ("Content-Type", media), ("Content-Range", "bytes 0-7/100"), body=body)
    refused(answer, 400, "malformed-request", "Content-Range")


# ---- Accept ----

NOTHING = ["application/x-nothing", "application/json;q=0, text/csv;q=0, */*;q=0", "*/*;q=0", "image/*", "image/*, text/html;q=0.0", "json", "application/problem+json", 'image/png;of=", */*, "']


def documented(key):
    """The media types of a success, as openapi.yaml has them."""
    return {media for status, response in OPERATIONS[key]["responses"].items() if status[0] == "2" for media in resolve(response).get("content", {})}


@pytest.mark.parametrize("key", sorted(ROUTES), ids=" ".join)
def test_every_route_offers_what_the_contract_says(key):
    assert set(ROUTES[key]["produces"]) == (documented(key) or {"application/json"}), "add `produces` to the route, or the type to openapi.yaml"


@pytest.mark.parametrize("path", [*READS, "/v1/events/stream"])
def test_accept_that_allows_nothing_is_406_and_names_what_there_is(path, world):
    client = reader(world, path)
    for accept in NOTHING:
        found = problem(client.get(world.path(path), headers={"Accept": accept}), 406, "not-acceptable")
        assert found["errors"][0]["pointer"] == "Accept"
        assert all(media in found["errors"][0]["detail"] for media in ROUTES["GET", path]["produces"])
    assert client.head(world.path(path), headers={"Accept": NOTHING[0]}).status_code == 406


@pytest.mark.parametrize("path", READS)
def test_accept_that_allows_something_is_answered(path, world):
    client = reader(world, path)
    usual = ROUTES["GET", path]["produces"][0]
    whole = usual.split("/")[0] + "/*"
    for accept in (None, "", "*/*", usual, usual.upper(), whole, f"{usual};q=0.001", f"application/x-nothing, {usual}", "image/*, */*;q=0.1", f"{usual};v=1", f'image/png;of="a\\", b";q=0.9, {usual}', f'{usual};of=";q=0, b"', ",,", "image/png;q=0"):
        answer = client.get(world.path(path), headers={"Accept": accept})
        assert answer.status_code in (200, 400, 404), (accept, answer.text)
        if answer.status_code == 200:
            assert answer.headers["Content-Type"].split(";")[0] == usual, accept


def test_a_write_that_could_not_be_answered_is_not_made(clients):
    name = f"Không {uuid.uuid4().hex}"
    body = {"name": name, "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
    problem(clients["admin"].post("/v1/units", json=body, headers={"Accept": "text/html"}), 406, "not-acceptable")
    assert clients["anyone"].get("/v1/units", params={"q": name}).json()["items"] == []


def test_who_may_not_is_told_that_first(clients):
    problem(clients["anyone"].get("/v1/journal", headers={"Accept": "image/png"}), 401, "unauthenticated")
    problem(clients["anyone"].get("/v1/nothing", headers={"Accept": "image/png"}), 404, "not-found")


# ---- anything at all ----

NAMES = sorted({*SINGLE, "Accept", "Accept-Encoding", "Accept-Language", "Content-Encoding", "Content-Length", "Transfer-Encoding", "Expect", "If-Match", "If-None-Match",
                "Prefer", "Repr-Digest", "Digest", "Cookie", "Connection", "Range", "TE", "Trailer", "Upgrade", "Via", "X-Forwarded-For"})
NASTY = [b"", b",", b"*", b"gzip, chunked", b"chunked", b"0", b"5", b"5, 5", b"-1", b"close", b"keep-alive", b"100-continue", b"W/\"\"", b'"', b'"\\', b";q=", b"*/*;q=2",
         b"text/csv;q=1.0000", b"a;charset=\"", b"Bearer ", b"Bearer thd_" + b"x" * 43, b"Bearer a.b.c", b"bytes=0-", b"\xff\xfe", b"sha-256=::", b"9" * 30, b"a" * 5000]
names = st.one_of(st.sampled_from([name.encode() for name in NAMES]), st.binary(min_size=0, max_size=12))
values = st.one_of(st.sampled_from(NASTY), st.binary(max_size=40), st.lists(st.sampled_from(NASTY), max_size=6).map(b",".join))
raw_lines = st.lists(st.tuples(names, st.sampled_from([b":", b": ", b":\t", b" :", b""]), values, st.sampled_from([b"\r\n"] * 8 + [b"\n", b"\r", b"\r\n ", b"\0"])), max_size=8)
TARGETS = [b"GET /healthz", b"GET /v1/units?limit=1", b"POST /v1/units", b"GET /v1/events/stream?after=0", b"OPTIONS /v1/units?q=1", b"PUT /v1/units", b"HEAD /openapi.json",
           b"PATCH /v1/units/00000000-0000-4000-8000-000000000000", b"POST /v1/imports?kind=units"]


@settings(max_examples=600, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(target=st.sampled_from(TARGETS), lines=raw_lines, body=st.sampled_from([b"", b"{}", b"0\r\n\r\n", b"2\r\n{}\r\n0\r\n\r\n"]), version=st.sampled_from([b"1.1", b"1.1", b"1.0"]))
def test_no_header_is_a_fault_or_a_hang(service, target, lines, body, version):
    """Whatever the lines say: an answer below 500 but 501, or the end of the connection, and in time."""
    port = service.port
    head = target + b" HTTP/" + version + b"\r\n" + HOST + b"".join(b"".join(line) for line in lines) + b"Connection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
        text = b""
        try:
            sock.sendall(head + body)
            sock.shutdown(socket.SHUT_WR)
        except OSError as fault:  # the service has answered and closed before all was sent
            assert fault.errno in (errno.ENOTCONN, errno.EPIPE, errno.ECONNRESET), fault
        try:
            while b"text/event-stream" not in text and (more := sock.recv(65536)):
                text += more
        except ConnectionResetError:
            pass
    codes = [int(code) for code in re.findall(rb"(?:^|\n|\}|>)HTTP/1\.[01] (\d{3}) ", text)]
    assert all(code < 500 or code in (501, 505) for code in codes), text
