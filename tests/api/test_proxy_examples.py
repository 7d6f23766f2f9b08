"""packaging/examples: nginx and HAProxy before two instances, as the files stand there but for addresses and certificates."""
import http.client
import json
import re
import shutil
import ssl
import subprocess
import uuid

import pytest

from proxies import example
from service import PROGRAM, ROOT, Service, make_place, serving, wait_until

CALLER = "127.0.0.9"  # the proxies come to the service from 127.0.0.1, which alone is trusted


@pytest.fixture(scope="module")
def instances():
    trust = {"THIDUA_TRUSTED_PROXIES": "127.0.0.1", "THIDUA_LOG_WITHOUT": "health"}
    with serving(Service(make_place(), **trust)) as one, serving(one.beside(**trust)) as two:
        yield [one, two]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    place = tmp_path_factory.mktemp("certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", place / "thidua.key", "-out", place / "thidua.crt", "-days", "1",
                    "-subj", "/CN=thidua.example", "-addext", "subjectAltName=DNS:thidua.example"], check=True, capture_output=True)
    (place / "thidua.pem").write_text((place / "thidua.crt").read_text() + (place / "thidua.key").read_text())
    return place


@pytest.fixture(scope="module", params=["nginx", "haproxy"])
def proxy(request, instances, certificate):
    running = example(request.param, instances, certificate)
    yield running
    running.stop()
    shutil.rmtree(running.folder, ignore_errors=True)


def test_their_times_fit_those_of_the_service():
    table = subprocess.run([PROGRAM, "settings", "--table"], capture_output=True, text=True, check=True).stdout
    times = {name: int(seconds) for name, seconds in re.findall(r"^\| `THIDUA_(\w+)_SECONDS` \| `(\d+)` \|", table, re.M)}
    nginx, *haproxies = ((ROOT / "packaging" / path).read_text(encoding="utf-8") for path in ("examples/nginx.conf", "examples/haproxy.cfg", "compose/haproxy.cfg"))
    assert int(re.search(r"^ +keepalive_timeout (\d+)s;$", nginx, re.M)[1]) < times["IDLE"]
    for text, answer in ((nginx, r"proxy_read_timeout (\d+)s;"), *((haproxy, r"timeout server (\d+)s") for haproxy in haproxies)):
        assert int(re.search(answer, text)[1]) > times["WORK"]


class Caller(http.client.HTTPSConnection):
    """From an address of its own, by a certificate that is checked."""

    def __init__(self, proxy, certificate):
        super().__init__("127.0.0.1", proxy.port, source_address=(CALLER, 0), timeout=30, context=ssl.create_default_context(cafile=certificate / "thidua.crt"))

    def connect(self):
        http.client.HTTPConnection.connect(self)
        self.sock = self._context.wrap_socket(self.sock, server_hostname="thidua.example")

    def ask(self, path, method="GET", body=None, **fields):
        self.request(method, path, body, {"Host": "thidua.example", **{name.replace("_", "-"): value for name, value in fields.items()}})
        answer = self.getresponse()
        return answer, answer.read()


@pytest.fixture
def caller(proxy, certificate):
    made = Caller(proxy, certificate)
    yield made
    made.close()


def lines(instances, mark):
    return [event for service in instances for event in map(json.loads, (line for line in list(service.log) if f'"{mark}"' in line)) if event.get("request_id") == mark]


def test_both_serve_and_the_log_names_the_caller(instances, proxy, caller, certificate):
    for number in range(10):
        other = Caller(proxy, certificate)
        mark = f"{proxy.kind}-{number}"
        answer, body = other.ask("/v1/units", X_Request_Id=mark, X_Forwarded_For="198.51.100.1, 127.0.0.1", Forwarded="for=198.51.100.2")
        assert answer.status == 200 and "items" in json.loads(body) and answer.headers["Strict-Transport-Security"]
        other.close()
        wait_until(lambda: lines(instances, mark))
        assert [line["address"] for line in lines(instances, mark)] == [CALLER]
    asked = [[line for line in instance.log if f'"{proxy.kind}-' in line] for instance in instances]
    assert all(asked), "each of them serves"


def test_large_bodies_reach_the_service(proxy, caller):
    """The refusal is the service's own: neither proxy bounds a body, and that the service closes on one that is too large loses no answer."""
    for path, method, size, media in (("/v1/imports?kind=units", "POST", 3_900_000, "text/csv"),
                                      (f"/v1/dossiers/{uuid.uuid4()}/documents/LETTER", "PUT", 40 << 20, "application/pdf")):
        answer, body = caller.ask(path, method, b"x" * size, Content_Type=media)
        assert answer.status == 401 and json.loads(body)["type"].startswith("urn:thidua:"), body[:200]


def test_no_head_keeps_others_from_reading(proxy, certificate):
    """nginx leaves an instance alone for a while that answers nothing; two such answers of each, and nobody is served."""
    for query, fields in (("&".join("a" * 1000), {}), ("limit=1", {f"A{number:03}": "1" for number in range(98)}), ("&".join("a" * 600), {}),
                          ("limit=1", {f"A{number:03}": "x" * 300 for number in range(98)})):
        for _ in range(3):
            heavy = Caller(proxy, certificate)
            assert heavy.ask(f"/v1/units?{query}", **fields)[0].status in (400, 414, 431)
            heavy.close()
            other = Caller(proxy, certificate)
            assert other.ask("/v1/units")[0].status == 200
            other.close()


def test_refusals_of_one_read_keep_nobody_from_the_others(instances, proxy, certificate):
    """A 503 that one caller brings about, as by more long reads than a key may have, is that caller's: it comes as the service said it."""
    told = instances[0].psql("""CREATE FUNCTION refuse_now() RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53200'; END $$;
        ALTER TABLE criteria_sets ENABLE ROW LEVEL SECURITY; CREATE POLICY refusing ON criteria_sets USING (refuse_now())""")
    assert "ERROR" not in told, told
    try:
        for number in range(6):
            for path, status in ((f"/v1/criteria-sets?limit={number + 1}", 503), ("/v1/units", 200)):
                other = Caller(proxy, certificate)
                answer, body = other.ask(path)
                other.close()
                assert answer.status == status, (number, path, body)
                assert status == 200 or (json.loads(body)["type"] == "urn:thidua:problem:unavailable" and answer.headers["Retry-After"])
    finally:
        instances[0].psql("DROP POLICY refusing ON criteria_sets; ALTER TABLE criteria_sets DISABLE ROW LEVEL SECURITY; DROP FUNCTION refuse_now()")


def test_metrics_stay_inside(proxy, caller):
    answer, body = caller.ask("/metrics")
    assert answer.status == 404 and b"thidua_" not in body


def test_reads_go_on_where_an_instance_is_gone(instances, proxy, certificate):
    """Whoever reads while one is stopped notices nothing."""
    url = {name: value for name, value in instances[1].environment.items() if name.startswith("DATABASE_")}
    assert instances[1].stop() == 0
    for number in range(20):
        other = Caller(proxy, certificate)
        assert other.ask("/v1/units")[0].status == 200, number
        other.close()
    instances[1].environment.update(url, THIDUA_LISTEN=f"127.0.0.1:{instances[1].port}")
    instances[1].start()
    wait_until(lambda: [ask_once(proxy, certificate, f"back-{proxy.kind}") for _ in range(4)] and any(f'"back-{proxy.kind}"' in line for line in instances[1].log))


def ask_once(proxy, certificate, mark):
    other = Caller(proxy, certificate)
    status = other.ask("/v1/units", X_Request_Id=mark)[0].status
    other.close()
    return status
