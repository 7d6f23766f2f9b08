"""Behind proxies: whose address counts for limits and stands in the log. tests/unit/test_forwarded.c tries what a field may hold."""
import contextlib
import json
import socket

import pytest
import requests

from service import Service, make_place, problem, serving, wait_until


@pytest.fixture(scope="module")
def start():
    with contextlib.ExitStack() as running:
        yield lambda **environment: running.enter_context(serving(Service(make_place(), THIDUA_ADDRESS_RATE_PER_MINUTE="3", **environment)))


@pytest.fixture(scope="module")
def trusting(start):
    return start(THIDUA_TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8")


def lines(service, **wanted):
    return [event for event in (json.loads(line) for line in list(service.log) if line.startswith("{"))
            if event["event"] == "request" and all(event.get(name) == value for name, value in wanted.items())]


def logged(service, mark):
    """The line about the request with that id."""
    wait_until(lambda: lines(service, request_id=mark))
    return lines(service, request_id=mark)[0]


def ask(service, mark, **fields):
    headers = {"X-Request-Id": mark, **{name.replace("_", "-"): value for name, value in fields.items()}}
    return service.anonymous().get("/v1/units", headers=headers)


def test_each_caller_behind_a_trusted_proxy_has_a_bucket_of_its_own(trusting):
    for caller in ("198.51.100.1", "198.51.100.2", "2001:db8:0:1::1"):
        for number in range(3):
            assert ask(trusting, f"own-{number}", X_Forwarded_For=f"{caller}, 10.0.0.2").status_code == 200
        problem(ask(trusting, "own", X_Forwarded_For=f"{caller}, 10.0.0.2"), 429, "too-many-requests")
    # All of one IPv6 network is one caller.
    problem(ask(trusting, "own", X_Forwarded_For="2001:db8:0:1:ffff::9"), 429, "too-many-requests")
    assert ask(trusting, "own", X_Forwarded_For="2001:db8:0:2::1").status_code == 200


def test_who_makes_up_hops_gets_no_other_bucket(trusting):
    """What the client sent comes first; the proxy added the last one."""
    made_up = ["203.0.113.{}", "10.9.9.{}", "unknown, _x{}", "garbage {}", "\"{}", "[{}", "127.0.0.1, 198.51.100.{}"]
    codes = [ask(trusting, "spoof", X_Forwarded_For=f"{hop.format(number)}, 198.51.100.77").status_code for number, hop in enumerate(made_up)]
    assert codes == [200] * 3 + [429] * 4
    # Nor does the other field, which this proxy passes on as it came.
    problem(ask(trusting, "spoof", X_Forwarded_For="198.51.100.77", Forwarded="for=203.0.113.200"), 429, "too-many-requests")
    # On lines of their own, too: they are one list.
    with socket.create_connection(("127.0.0.1", trusting.port), timeout=20) as sock:
        sock.sendall(b"GET /v1/units HTTP/1.1\r\nHost: thidua\r\nX-Forwarded-For: 203.0.113.201\r\nx-forwarded-for: 198.51.100.77\r\nConnection: close\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 429")


def test_the_log_names_the_caller(trusting):
    for mark, fields, address in (
            ("log-1", {"X_Forwarded_For": "203.0.113.1, 198.51.100.31"}, "198.51.100.31"),
            ("log-2", {"X_Forwarded_For": "[2001:DB8::31]:4711, 10.0.0.2"}, "2001:db8::31"),
            ("log-3", {"X_Forwarded_For": "198.51.100.31, _hidden, 10.0.0.7"}, "10.0.0.7"),
            ("log-4", {"X_Forwarded_For": "x\",\"address\":\"203.0.113.1"}, "127.0.0.1"),
            ("log-5", {}, "127.0.0.1")):
        ask(trusting, mark, **fields)
        assert logged(trusting, mark)["address"] == address


def test_without_trust_nobody_is_believed(start):
    service = start(THIDUA_LOG_WITHOUT="health")
    codes = [ask(service, f"none-{n}", X_Forwarded_For=f"198.51.100.{n}", Forwarded=f"for=198.51.100.{n}").status_code for n in range(4)]
    assert codes == [200] * 3 + [429] and logged(service, "none-3")["address"] == "127.0.0.1"
    # Probes that are answered well are left out; others are not.
    assert requests.get(f"{service.base}/readyz", timeout=20).status_code == 200
    assert requests.get(f"{service.base}/healthz?x=1", headers={"X-Request-Id": "odd"}, timeout=20).status_code == 400
    assert requests.get(f"{service.base}/metrics", headers={"X-Request-Id": "metrics"}, timeout=20).status_code == 200
    logged(service, "metrics")
    assert lines(service, request_id="odd") and {line["status"] for line in lines(service) if line["route"] in ("/healthz", "/readyz")} <= {400, 503}


def test_the_standard_field_is_read_where_the_proxies_set_it(start):
    service = start(THIDUA_TRUSTED_PROXIES="127.0.0.0/8", THIDUA_FORWARDED_FIELD="Forwarded", THIDUA_LOG_WITHOUT="addresses")
    codes = [ask(service, "f", Forwarded=f'for=203.0.113.{n};proto=http, for="198.51.100.5:{n}"', X_Forwarded_For=f"203.0.113.{n}").status_code for n in range(4)]
    assert codes == [200] * 3 + [429]
    # A quotation mark that a client leaves open takes it nowhere: it is one with all that the proxy sends.
    codes = [ask(service, f"open-{n}", Forwarded=f'for=203.0.113.{n};x=", for="[2001:db8::{n}]"').status_code for n in range(4)]
    assert codes == [200] * 3 + [429]
    assert "address" not in logged(service, "open-3")
