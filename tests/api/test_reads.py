"""Cheap reads on every route: validators, 304, HEAD, OPTIONS, gzip, CORS, Cache-Control, cursors; caches of two instances."""
import base64
import contextlib
import gzip
import hashlib
import http.client
import json
import re
import socket
import uuid

import pytest
import requests

from conftest import make_campaign, make_unit
from contract import OPERATIONS
from service import Client, Service, make_place, problem, serving, wait_until
from test_authorisation import TABLE, World
from test_contract import ROUTES

READS = sorted(path for method, path in ROUTES if method == "GET" and path != "/v1/events/stream")
PATHS = sorted({path for _, path in ROUTES})
ORIGIN = "https://portal.example"


@pytest.fixture(scope="module")
def world(service, clients):
    return World(service, clients)


def reader(world, path):
    """A caller who may; of what is not there, the auditor, who is told just that."""
    return next((world.callers[name] for name in ("auditor", "home_affairs", "owner", "chair_office", "admin", "nobody")
                 if TABLE["GET", path][name] == "ok"), world.auditor)


def wire(base, method, path, **headers):
    """The answer as it travels: what requests would unpack stays packed."""
    answer = requests.request(method, base + path, headers={"Accept-Encoding": "identity", **headers}, stream=True, timeout=30)
    answer.bytes = answer.raw.read(decode_content=False)
    return answer


def raw(base, method, target, **headers):
    """The same for a target that a careful client would not send."""
    connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=30)
    connection.request(method, target, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize("path", READS)
def test_a_read_has_a_validator_and_answers_304_and_head(path, world):
    """RFC 9110 sections 8.8.3, 9.3.2, 13.1.1, 13.1.2: or it says no-store, for what is true only at the moment."""
    client = reader(world, path)
    answer = client.get(world.path(path))
    assert answer.status_code in (200, 400, 404), answer.text
    assert answer.headers["Cache-Control"]
    assert {"Authorization", "Accept-Encoding"} <= set(answer.headers["Vary"].replace(" ", "").split(","))
    head = client.head(world.path(path))
    assert (head.status_code, head.content) == (answer.status_code, b"")
    if answer.status_code != 200 or answer.headers["Cache-Control"] == "no-store":
        return
    etag = answer.headers["ETag"]
    assert etag.startswith('"') and etag.endswith('"')
    assert head.headers["ETag"] == etag and head.headers["Content-Type"] == answer.headers["Content-Type"]
    assert client.get(world.path(path), headers={"If-None-Match": "*"}).status_code == 304
    for named in (etag, f'"other", {etag}'):
        again = client.get(world.path(path), headers={"If-None-Match": named})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
        assert again.headers["Cache-Control"] == answer.headers["Cache-Control"]
    assert client.get(world.path(path), headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get(world.path(path), headers={"If-Match": f'"other", {etag}'}).status_code == 200
    for named in ('"other"', f"W/{etag}"):  # and whatever If-None-Match says of it (section 13.2.2)
        problem(client.get(world.path(path), headers={"If-Match": named, "If-None-Match": etag}), 412, "stale-version")


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize("path", [path for path in READS if re.search(r"id}|{document}", path)])
def test_an_id_names_the_same_in_letters_of_either_case(path, world):
    """RFC 9562 section 4."""
    client, usual = reader(world, path), world.path(path)
    one, other = client.get(usual), client.get(UUID.sub(lambda found: found[0].upper(), usual))
    if one.status_code < 400:
        assert (other.status_code, other.headers.get("ETag")) == (200, one.headers.get("ETag"))
    else:
        assert (other.status_code, other.json().get("detail")) == (one.status_code, one.json().get("detail"))


@pytest.mark.parametrize("path", PATHS)
def test_options_names_the_methods_of_every_path(path, service, world):
    methods = {method for method, p in ROUTES if p == path}
    answer = service.anonymous().options(world.path(path))
    assert answer.status_code == 204
    assert set(answer.headers["Allow"].split(", ")) == methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


# ---- gzip ----

def test_gzip_where_asked_and_worth_it(service):
    plain = wire(service.base, "GET", "/openapi.yaml")
    packed = wire(service.base, "GET", "/openapi.yaml", **{"Accept-Encoding": "br, gzip;q=0.8"})
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.bytes) == plain.bytes and len(packed.bytes) < len(plain.bytes) / 3
    assert int(packed.headers["Content-Length"]) == len(packed.bytes)
    # Other bytes, another strong validator (RFC 9110 section 8.8.3.3); each is known again.
    assert packed.headers["ETag"] != plain.headers["ETag"]
    both = {"Accept-Encoding": "gzip"}
    again = wire(service.base, "GET", "/openapi.yaml", **{**both, "If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.headers["ETag"]) == (304, packed.headers["ETag"])
    again = wire(service.base, "GET", "/openapi.yaml", **{"If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 200, "whoever takes no gzip does not have that representation"
    head = wire(service.base, "HEAD", "/openapi.yaml", **both)
    assert (head.headers["ETag"], head.headers["Content-Encoding"]) == (packed.headers["ETag"], "gzip")


@pytest.mark.parametrize("accepted, packed", [("gzip", True), ("GZIP", True), ("*", True), ("x-gzip", True), ("gzip;q=0.001", True),
                                              ("gzip;q=0", False), ("gzip; q=0.000, *", False), ("br, deflate", False),
                                              ("", False), ("gzippy", False), ("*;q=0", False)])
def test_what_accept_encoding_asks_for(service, accepted, packed):
    answer = wire(service.base, "GET", "/openapi.yaml", **{"Accept-Encoding": accepted})
    assert ("Content-Encoding" in answer.headers) == packed


@pytest.mark.parametrize("path", ["/openapi.yaml", "/openapi.json", "/docs", "/docs/schemas"])
def test_what_never_changes_was_packed_before(service, path):
    """The best that gzip can do, which no request would have the time for; so its bytes are the same for all."""
    packed, again = (wire(service.base, "GET", path, **{"Accept-Encoding": "gzip"}) for _ in range(2))
    whole = gzip.decompress(packed.bytes)
    assert packed.bytes == again.bytes == gzip.compress(whole, 9, mtime=0)
    assert whole == wire(service.base, "GET", path).bytes


@pytest.mark.parametrize("path", ["/docs", "/docs/schemas"])
def test_the_page_may_load_nothing_from_elsewhere(service, path):
    answer = wire(service.base, "GET", path)
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    digests = {}
    for tag in ("style", "script"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", answer.bytes.decode(), re.S)
        digests[f"{tag}-src"] = f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"
    assert policy == {"default-src": "'none'", **digests, "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}
    assert not re.search(r"<script |<style |<link|<img|<iframe|<[^>]*\sstyle=|<[^>]*\son\w+=|javascript:", answer.bytes.decode())


def test_short_answers_stay_plain(service):
    assert "Content-Encoding" not in wire(service.base, "GET", "/v1/units?q=nothing-at-all", **{"Accept-Encoding": "gzip"}).headers


def test_a_version_read_in_gzip_serves_as_if_match(clients, unit):
    owner_unit = unit()["id"]
    owner = Client(clients["admin"].base, clients["admin"].key)
    path = f"/v1/units/{owner_unit}"
    etag = owner.get(path, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    gzipped = etag[:-1] + '-gzip"'
    assert owner.delete("/v1/units/none", headers={"If-Match": gzipped}).status_code in (404, 405)
    answer = owner.patch(path + "?dry_run=true", data="{}", headers={"Content-Type": "application/merge-patch+json", "If-Match": gzipped})
    assert answer.status_code not in (412, 428), answer.text


# ---- CORS ----

@pytest.fixture(scope="module")
def start_portal():
    """start_portal(origins) → a service whose pages these may be."""
    with contextlib.ExitStack() as running:
        yield lambda origins: running.enter_context(serving(Service(make_place(), THIDUA_CORS_ORIGINS=origins)))


@pytest.fixture(scope="module")
def portal(start_portal):
    return start_portal(f"https://other.example, {ORIGIN}")


def test_a_page_of_an_allowed_origin_may_call(portal):
    answer = wire(portal.base, "GET", "/v1/units", Origin=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.headers["Vary"] and "Access-Control-Allow-Credentials" not in answer.headers
    asked = wire(portal.base, "OPTIONS", "/v1/units", Origin=ORIGIN, **{
        "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,idempotency-key"})
    assert asked.status_code == 204 and "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert {"Authorization", "Idempotency-Key", "If-Match"} <= set(asked.headers["Access-Control-Allow-Headers"].split(", "))
    refused = wire(portal.base, "POST", "/v1/units", Origin=ORIGIN)
    assert refused.status_code == 401 and refused.headers["Access-Control-Allow-Origin"] == ORIGIN, "a page must see why"


def test_where_all_pages_may_call_nothing_of_an_origin_is_sent_back(start_portal):
    """What a caller sends is no part of the head of an answer: an escape of a terminal, bytes that are no text."""
    service = start_portal("*")
    port = service.port
    for origin in (b"https://portal.example", b"null", b"\x1b[31m", b"\xc2\x9b31m", b"\xff\xfe", b'"},{"a":"', b"x" * 5000):
        for method, more in ((b"GET", b""), (b"OPTIONS", b"Access-Control-Request-Method: GET\r\n"), (b"PUT", b"")):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
                sock.sendall(method + b" /v1/units HTTP/1.1\r\nHost: a\r\nConnection: close\r\nOrigin: " + origin + b"\r\n" + more + b"\r\n")
                head = b"".join(iter(lambda sock=sock: sock.recv(65536), b"")).partition(b"\r\n\r\n")[0]
            assert origin not in head and b"\r\nAccess-Control-Allow-Origin: *\r\n" in head, head


HEADER_PARAMETERS = {p["name"] for operation in OPERATIONS.values() for p in operation["parameters"] if p["in"] == "header"}


@pytest.mark.parametrize("target", ["/v1/units?limit=1", "/v1/units?colour=red", "/v1/units?q=%", "/v1/units?" + "&".join(f"q{i}=1" for i in range(30)),
                                    "/v1/units/00000000-0000-4000-8000-000000000000?on=2024-12-30", "/v1/nothing", "/v1/units/none?dry_run=true", "*"])
def test_a_preflight_says_nothing_of_the_url(portal, target):
    """WHATWG Fetch: where it is not 2xx the page sees a network error instead of the answer that would say what is wrong."""
    asked = raw(portal.base, "OPTIONS", target, Origin=ORIGIN, **{"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization, prefer"})
    assert asked.status == 204 and asked.headers["Access-Control-Allow-Origin"] == ORIGIN
    named = set(asked.headers["Access-Control-Allow-Headers"].split(", "))
    assert named >= HEADER_PARAMETERS | {"Authorization", "Content-Type", "Prefer", "Accept", "Accept-Language", "If-None-Match", "X-Request-Id", "traceparent"}
    assert not named & {"Host", "Content-Length", "Transfer-Encoding", "Expect", "Origin", "Accept-Encoding"}, "no script may set these"


def test_what_an_answer_depends_on_stands_in_one_field(portal):
    """nginx 1.22 heeds only the last Vary of several, and gave what one caller was answered to another."""
    for path in ("/", "/v1/vocabulary", "/v1/units", "/v1/nothing"):
        answer = raw(portal.base, "GET", path)
        assert answer.headers.get_all("Vary") == ["Authorization, Accept, Accept-Language, Accept-Encoding, Origin"]


def test_a_page_may_read_what_every_answer_has(portal):
    """All but what every page may read and what is for the browser itself."""
    safe = {"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"}
    own = {"connection", "date", "x-content-type-options", "x-accel-buffering", "content-security-policy", "transfer-encoding"}
    for method, path, more in (("GET", "/v1/units?limit=1", {}), ("GET", "/v1/keys", {}), ("POST", "/v1/units", {}), ("GET", "/openapi.yaml", {"Accept-Encoding": "gzip"}),
                               ("GET", "/docs", {}), ("DELETE", "/v1/units", {}), ("GET", "/v1/units", {"Accept": "text/csv"})):
        answer = wire(portal.base, method, path, Origin=ORIGIN, **more)
        exposed = {name.lower() for name in answer.headers["Access-Control-Expose-Headers"].split(", ")}
        seen = {name.lower() for name in answer.headers if not name.lower().startswith("access-control-")}
        assert seen - safe - own <= exposed, (method, path)


@pytest.mark.parametrize("origin", ["https://evil.example", "https://portal.example.evil.example", "http://portal.example", "null",
                                    "https://portal.example:8443", "https://portal", "https://other.example, https://portal.example", ","])
def test_no_other_origin_may(portal, origin):
    for method in ("GET", "OPTIONS"):
        answer = wire(portal.base, method, "/v1/units", Origin=origin, **{"Access-Control-Request-Method": "GET"})
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
        assert "Origin" in answer.headers["Vary"]


def test_by_default_none_may(service):
    assert not [n for n in wire(service.base, "GET", "/v1/units", Origin=ORIGIN).headers if n.startswith("Access-Control")]


def test_origins_that_are_none_are_refused_at_start(service):
    for value in ("portal.example", "https://portal.example/", "https://"):
        other = Service(service.var, THIDUA_CORS_ORIGINS=value)
        done = other.command("serve")
        assert done.returncode != 0 and "THIDUA_CORS_ORIGINS" in done.stderr


# ---- cursors ----

def test_a_list_that_grows_meanwhile_shows_what_was_there_once(clients):
    """Keyset cursors: what is inserted before, between or after shifts nothing."""
    tag = uuid.uuid4().hex
    there = {make_unit(clients["admin"], name=f"{tag} {i:02}")["id"] for i in range(10)}
    seen, url, page = [], f"/v1/units?q={tag}&limit=3", 0
    while url:
        answer = clients["anyone"].get(url)
        seen += [item["id"] for item in answer.json()["items"]]
        for where in ("00 trước", "05 giữa", "99 sau"):
            make_unit(clients["admin"], name=f"{tag} {where} {page}")
        page += 1
        url = answer.links["next"]["url"] if "next" in answer.links and page < 50 else None
    assert there <= set(seen) and len(seen) == len(set(seen))


FORGED = {"nothing": [], "null": [None], "words": ["x", "x", "x"], "numbers": ["1", "99999999999", "-1"], "no day": ["2024-02-30"] * 3,
          "beyond": ["9" * 40] * 3, "never": ["infinity"] * 3, "too few": ["00000000-0000-4000-8000-000000000000"], "lists": [["x"], {"a": 1}]}


@pytest.mark.parametrize("path", sorted(path for (method, path), route in ROUTES.items() if "cursor" in route["query"]))
def test_a_cursor_of_ones_own_making_is_refused_or_read_but_never_a_fault(path, world):
    """Base64url of JSON like ours, with keys of other types than the list's."""
    for name, keys in FORGED.items():
        cursor = base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")
        answer = reader(world, path).get(world.path(path), params={"cursor": cursor})
        if answer.status_code not in (200, 404):
            assert problem(answer, 400, "invalid-query")["errors"][0]["pointer"] == "cursor", name


# ---- two instances ----

@pytest.fixture
def other(service):
    """A second instance on the same database."""
    with serving(service.beside()) as running:
        yield running


def enter(clients, campaign):
    unit = make_unit(clients["admin"])["id"]
    done = clients["home_affairs"].put(f"{campaign}/rounds/2024/contestants/{unit}", json={
        "group": "SO_BAN_NGANH", "on_assessed_list": True, "advises_par": False, "source_document": "12/QĐ-SNV"})
    assert done.status_code == 201, done.text


def listeners(service):
    return service.psql("SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE application_name = 'thidua news'", user="thidua_app").split()


def test_what_is_published_and_how_far_a_round_is_are_answered_from_memory(service, clients):
    """The tables are locked: whoever asked PostgreSQL would wait. The board's: test_board.py."""
    campaign, unit, anyone = make_campaign(service), make_unit(clients["admin"])["id"], clients["anyone"]
    paths = ["/v1/awards", f"{campaign}/rounds/2024", f"{campaign}/rounds/2024/awards", campaign, f"/v1/units/{unit}"]

    def all_are():
        before = {path: anyone.get(path) for path in paths}
        with service.holding("LOCK TABLE units, unit_periods, campaigns, rounds, decisions, awards IN ACCESS EXCLUSIVE MODE"):
            try:
                for path, answer in before.items():
                    assert anyone.get(path, timeout=3).content == answer.content
                    assert anyone.get(path, headers={"If-None-Match": answer.headers["ETag"]}, timeout=3).status_code == 304
                return True
            except requests.ReadTimeout:
                return False

    wait_until(all_are)  # news of what was made here may come meanwhile, and end what was kept


def test_a_write_through_one_instance_shows_on_the_other_within_a_second(service, clients, other):
    campaign = make_campaign(service)
    here, there = clients["anyone"], other.anonymous()
    path = f"{campaign}/rounds/2024"
    for _ in range(3):
        old = there.get(path).headers["ETag"]
        assert there.get(path, headers={"If-None-Match": old}).status_code == 304
        enter(clients, campaign)
        # One's own write is never answered from before it.
        assert here.get(path, headers={"If-None-Match": old}).status_code == 200
        wait_until(lambda: there.get(path, headers={"If-None-Match": old}).status_code == 200, seconds=10)
        assert there.get(path).json() == here.get(path).json()


def test_with_the_news_cut_off_nobody_is_told_that_nothing_changed(service, clients, other):
    campaign = make_campaign(service)
    there, path = other.anonymous(), f"{campaign}/rounds/2024"
    old = there.get(path).headers["ETag"]
    assert there.get(path, headers={"If-None-Match": old}).status_code == 304
    cut = listeners(service)
    assert len(cut) >= 2
    for pid in cut:
        assert service.psql(f"SELECT pg_terminate_backend({pid})", user="thidua_app") == "t"
    enter(clients, campaign)
    wait_until(lambda: there.get(path, headers={"If-None-Match": old}).status_code == 200, seconds=10)
    wait_until(lambda: len(listeners(service)) == len(cut) and not set(listeners(service)) & set(cut))
    now = there.get(path).headers["ETag"]
    assert there.get(path, headers={"If-None-Match": now}).status_code == 304
    enter(clients, campaign)
    wait_until(lambda: there.get(path, headers={"If-None-Match": now}).status_code == 200, seconds=10)


def test_a_revoked_key_is_refused_on_every_instance(service, clients, other):
    made = clients["admin"].post("/v1/keys", json={"name": "hai nơi", "roles": ["viewer"]}).json()
    callers = [Client(service.base, made["key"]), Client(other.base, made["key"])]
    assert [c.get("/v1/me").status_code for c in callers] == [200, 200]
    assert clients["admin"].delete(f"/v1/keys/{made['id']}").status_code == 200
    problem(callers[0].get("/v1/me"), 401, "unauthenticated")
    wait_until(lambda: callers[1].get("/v1/me").status_code == 401, seconds=10)
