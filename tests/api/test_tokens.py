"""Callers with a token of the identity provider: RFC 7519 and 9068, by the rules of RFC 8725."""
import base64
import contextlib
import datetime
import http.server
import json
import pathlib
import tempfile
import threading
import time
import uuid

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from conftest import make_unit
from contract import OPERATIONS
from service import ROLES, Client, Service, make_place, problem, serving, wait_until
from test_events import Stream

ISSUER, AUDIENCE = "https://idp.example/realms/tinh", "thidua"


def segment(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwk(key, kid, algorithm):
    public = key.public_key()
    made = json.loads(jwt.algorithms.get_default_algorithms()[algorithm].to_jwk(public))
    return {**{k: v for k, v in made.items() if k != "key_ops"}, "kid": kid, "use": "sig"}


RSA, EC, ED = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
OTHER = rsa.generate_private_key(65537, 2048)
KEYS = {"rsa": (RSA, "RS256"), "ec": (EC, "ES256"), "ed": (ED, "EdDSA")}
SET = {"keys": [jwk(key, kid, algorithm) for kid, (key, algorithm) in KEYS.items()]}


def claims(**changes):
    now = int(time.time())
    made = {"iss": ISSUER, "aud": AUDIENCE, "sub": "người 1", "iat": now, "exp": now + 300, "roles": ["auditor"], **changes}
    return {k: v(now) if callable(v) else v for k, v in made.items() if v is not None}


def token(kid="rsa", key=None, algorithm=None, header=None, **changes):
    own, pinned = KEYS.get(kid, (RSA, "RS256"))
    return jwt.encode(claims(**changes), key or own, algorithm=algorithm or pinned, headers={"kid": kid, **(header or {})})


def settings(place, **more):
    return {"THIDUA_JWKS": str(place), "THIDUA_JWT_ISSUER": ISSUER, "THIDUA_JWT_AUDIENCE": AUDIENCE, **more}


@pytest.fixture(scope="module")
def start():
    with contextlib.ExitStack() as running:
        def begin(document=None, place=None, **more):
            var = make_place()
            if document is not None:
                place = var / "jwks.json"
                place.write_text(json.dumps(document), encoding="utf-8")
            return running.enter_context(serving(Service(var, **settings(place, **more))))

        yield begin


@pytest.fixture(scope="module")
def idp(start):
    return start(SET)


def me(service, text):
    with Client(service.base, text) as client:
        return client.get("/v1/me")


@pytest.mark.parametrize("kid", KEYS)
def test_a_token_of_each_algorithm_is_a_caller(idp, kid):
    for _ in range(3):  # verified, then remembered
        answer = me(idp, token(kid, preferred_username="Trần Văn Giả định"))
        assert answer.status_code == 200, answer.text
        assert answer.json()["roles"] == ["auditor"] and answer.json()["name"] == "Trần Văn Giả định"
    assert me(idp, token(kid)).json()["key_id"] == answer.json()["key_id"], "the same person in every token"
    assert me(idp, token(kid, sub="người 2")).json()["key_id"] != answer.json()["key_id"]


def test_keys_of_different_kinds_may_share_an_id(start):
    """RFC 7517 section 4.5. The last of them was the only one."""
    shared = [jwk(key, "shared", algorithm) for key, algorithm in KEYS.values()]
    service = start({"keys": shared})
    assert [me(service, token("shared", key=key, algorithm=algorithm)).status_code for key, algorithm in KEYS.values()] == [200] * len(KEYS)
    assert me(service, token("shared", key=OTHER, algorithm="RS256")).status_code == 401


def test_an_issuer_of_any_length_names_the_same_person_alike(start):
    issuer = "https://idp.example/" + "a" * 4000
    service = start(SET, THIDUA_JWT_ISSUER=issuer)
    named = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{issuer}\nngười 1"))
    assert [me(service, token(kid, iss=issuer)).json()["key_id"] for kid in KEYS] == [named] * len(KEYS)


def test_the_journal_tells_a_token_from_a_key_of_the_same_name(idp):
    """Whoever names tokens may give one the name of a key."""
    admin, written = idp.key("admin"), []
    for client in (admin, Client(idp.base, token(roles=["admin"], preferred_username="test admin"))):
        written.append(make_unit(client)["id"])
    wait_until(lambda: admin.get("/v1/journal/head").json()["unsealed"] == 0)
    rows = [idp.key("auditor").get("/v1/journal", params={"unit_id": unit}).json()["items"][0]["actor"] for unit in written]
    assert [(actor["kind"], actor["name"]) for actor in rows] == [("KEY", "test admin"), ("TOKEN", "test admin")]


def lasts(client):
    """How long a stream stays open, in seconds."""
    began = time.monotonic()
    stream = Stream(client)
    while stream.block() is not None:
        assert time.monotonic() - began < 60
    return time.monotonic() - began


def test_a_stream_ends_with_the_token_or_key_that_opened_it(idp):
    """It was let in by what it showed: that must still hold. Of a token 60 s of skew are left."""
    assert lasts(Client(idp.base, token(exp=lambda now: now - 56))) < 10
    ends = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)).isoformat()
    made = idp.key("admin").post("/v1/keys", json={"name": "thử", "roles": ["viewer"], "expires_at": ends})
    assert lasts(Client(idp.base, made.json()["key"])) < 12


def test_a_stream_ends_with_the_key_set(start):
    """The set that the token was verified by is read anew for a token with an unknown key (after half a minute)."""
    service = start(SET)
    place = service.environment["THIDUA_JWKS"]
    stream = Stream(Client(service.base, token()))
    with open(place, "w", encoding="utf-8") as file:
        json.dump({"keys": SET["keys"][1:]}, file)

    def asked_anew():
        return me(service, token("unknown")).status_code == 401 and me(service, token()).status_code == 401
    wait_until(asked_anew, seconds=45, pause=1)
    while stream.block() is not None:
        pass


@pytest.mark.parametrize("name", ["\u202eVăn thư", "\u200b\u00a0", "a\x1b[2J", "Trần A\nChủ tịch", "a\tb", "a\u2028b"])
def test_a_name_that_is_unseen_or_reads_otherwise_is_not_taken_over(idp, name):
    """Names stand in the journal and under decisions."""
    assert me(idp, token(preferred_username=name, sub="cán bộ 7")).json()["name"] == "cán bộ 7"
    answer = me(idp, token(preferred_username=name, sub=name)).json()
    assert answer["name"] == answer["key_id"]


def test_a_name_is_written_as_that_of_a_key(idp):
    """One form of each letter, and single blanks."""
    for name in ("Trần  A", " Trần A", "Tra\u0302\u0300n A"):
        assert me(idp, token(preferred_username=name)).json()["name"] == "Trần A"
        assert me(idp, token(sub=name)).json()["name"] == "Trần A"


GOOD = {
    "audience in a list": {"aud": ["other", AUDIENCE]},
    "expired within the skew": {"exp": lambda now: now - 20},
    "not quite yet, within the skew": {"nbf": lambda now: now + 30},
    "roles as one text": {"roles": "auditor viewer"},
    "the longest subject": {"sub": "x" * 255},
}
BAD = {
    "expired": {"exp": lambda now: now - 120},
    "no expiry": {"exp": None},
    "expiry as text": {"exp": "9999999999"},
    "not yet": {"nbf": lambda now: now + 600},
    "another issuer": {"iss": ISSUER + "/"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "thidua2"},
    "no audience": {"aud": None},
    "audience among others": {"aud": ["x", "thidua "]},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "endless subject": {"sub": "x" * 256},
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_taken(idp, name):
    assert me(idp, token(**GOOD[name])).status_code == 200


@pytest.mark.parametrize("name", BAD)
def test_claims_that_are_refused(idp, name):
    made = claims(**BAD[name])
    text = jwt.api_jws.encode(json.dumps(made).encode(), RSA, algorithm="RS256", headers={"kid": "rsa"})
    problem(me(idp, text), 401, "unauthenticated")


def public_pem():
    return RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hmac_token(secret, algorithm="HS256"):
    import hashlib
    import hmac
    text = f"{segment({'alg': algorithm, 'kid': 'rsa', 'typ': 'JWT'})}.{segment(claims())}"
    return f"{text}.{segment(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def forged():
    head, body, signature = token().split(".")
    modulus = base64.urlsafe_b64decode(SET["keys"][0]["n"] + "==")
    yield "none", f"{segment({'alg': 'none', 'kid': 'rsa'})}.{body}."
    yield "None", f"{segment({'alg': 'None', 'kid': 'rsa'})}.{body}."
    yield "none with a signature", f"{segment({'alg': 'none', 'kid': 'rsa'})}.{body}.{signature}"
    yield "hs256 with the public key", hmac_token(public_pem())
    yield "hs256 with the modulus", hmac_token(modulus)
    yield "hs256 with nothing", hmac_token(b"")
    yield "unknown kid", token("unknown")
    yield "no kid", jwt.encode(claims(), RSA, algorithm="RS256")
    yield "another's key", token(key=OTHER)
    yield "another algorithm of the same key", token(algorithm="RS512")
    yield "padding of another kind", token(algorithm="PS256")
    yield "the kid of another key", jwt.encode(claims(), EC, algorithm="ES256", headers={"kid": "rsa"})
    yield "crit", token(header={"crit": ["exp"], "exp": 1})
    yield "crit unknown", token(header={"crit": ["x"], "x": 1})
    signed = f"{segment({'alg': 'RS256', 'kid': 'rsa', 'b64': True})}.{body}"  # RFC 7797, section 6: nothing without crit; PyJWT leaves it out
    yield "b64", f"{signed}.{segment(jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(signed.encode(), RSA))}"
    yield "own jwk", token("unknown", key=OTHER, header={"jwk": jwk(OTHER, "unknown", "RS256")})
    yield "own jwk under a known kid", token(key=OTHER, header={"jwk": jwk(OTHER, "rsa", "RS256")})
    yield "jku", token("unknown", key=OTHER, header={"jku": "http://127.0.0.1:1/jwks"})
    yield "x5u", token("unknown", key=OTHER, header={"x5u": "http://127.0.0.1:1/cert"})
    yield "of another type", token(header={"typ": "dpop+jwt"})
    yield "changed claims", f"{head}.{segment(claims(roles=['admin']))}.{signature}"
    yield "cut", f"{head}.{body}.{signature[:-8]}"
    yield "without a signature", f"{head}.{body}."
    yield "two parts", f"{head}.{body}"
    yield "five parts", f"{head}.{body}.{signature}.{body}.{signature}"
    yield "oversized", token(extra="x" * 9000)
    yield "no JSON", f"{head}.{segment(b'nothing')}.{signature}"
    yield "not base64", f"{head}.!!!.{signature}"
    yield "dots", "..."
    yield "nothing", "."


@pytest.mark.parametrize("name", [name for name, _ in forged()])
def test_forged_tokens_are_refused(idp, name):
    problem(me(idp, dict(forged())[name]), 401, "unauthenticated")


def test_a_token_acts_and_is_named_in_the_journal(idp):
    admin = Client(idp.base, token(roles=["admin", "auditor"], sub="quản trị", preferred_username="Quản trị viên"))
    unit = make_unit(admin)
    wait_until(lambda: admin.get("/v1/journal/head").json()["unsealed"] == 0)
    entry = admin.get("/v1/journal", params={"resource": f"/v1/units/{unit['id']}"}).json()["items"][0]
    assert entry["actor"]["name"] == "Quản trị viên" and entry["actor"]["key_id"] == admin.get("/v1/me").json()["key_id"]
    made = admin.post("/v1/keys", json={"name": "của token", "roles": ["viewer"]})
    assert made.status_code == 201, made.text
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"name": f"Đơn vị {uuid.uuid4()}", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
    first = admin.post("/v1/units", json=body, headers=key)
    renewed = Client(idp.base, token(roles=["viewer", "auditor", "admin"], sub="quản trị", exp=int(time.time()) + 900))
    assert renewed.post("/v1/units", json=body, headers=key).json() == first.json()


def test_whoever_lost_a_role_or_acts_for_another_unit_is_not_told_again_what_they_were_told(idp):
    """A person's token of today may say less than that of yesterday. The repeat got what without its key was 403."""
    units = [make_unit(idp.key("admin"))["id"] for _ in range(2)]
    body = {"unit_id": units[0], "title": "Sáng kiến", "summary": "Chỉ người được đọc mới thấy", "kind": "SOLUTION", "applied_from": "2024-03-01"}
    key = {"Idempotency-Key": str(uuid.uuid4())}

    def sent(unit, *roles, **more):
        return Client(idp.base, token(roles=["unit", *roles], unit_id=unit, sub="người đổi việc")).post("/v1/initiatives", json=body, headers=key, **more)
    first = sent(units[0], "auditor")
    assert first.status_code == 201, first.text
    for now in (sent(units[1], "auditor"), sent(units[0])):
        problem(now, 409, "conflict")
        assert first.headers["Location"] in now.json()["detail"] and body["summary"] not in str(now.json())
    again = sent(units[0], "auditor", "viewer")
    assert again.json() == first.json() and again.headers["Idempotency-Replayed"] == "true"


def test_the_unit_comes_from_its_claim_and_without_it_there_is_no_role_unit(idp):
    unit = make_unit(Client(idp.base, token(roles=["admin"])))["id"]
    answer = me(idp, token(roles=["unit"], unit_id=unit.upper())).json()
    assert (answer["roles"], answer["unit_id"]) == (["unit"], unit)
    problem(Client(idp.base, token(roles=["unit"])).get("/v1/dossiers"), 403, "forbidden")
    problem(Client(idp.base, token(roles=["superuser", 7, None])).get("/v1/dossiers"), 403, "forbidden")


@pytest.mark.parametrize("made", ["", "x", "urn:uuid:{}", "{{{}}}", " {}", "{} {}", ["{}"], {"id": "{}"}, 7, True, "unknown"],
                         ids=repr)
def test_a_unit_that_cannot_be_read_is_not_taken_for_none(idp, made):
    """Nobody acts on their own unit: of a caller whose unit cannot be read, that could not be told."""
    unit = make_unit(Client(idp.base, token(roles=["admin"])))["id"]
    fill = lambda text: str(uuid.uuid4()) if text == "unknown" else text.replace("{}", unit) if isinstance(text, str) else text
    claim = [unit] if isinstance(made, list) else {"id": unit} if isinstance(made, dict) else fill(made)
    for _ in range(2):
        found = problem(me(idp, token(roles=["home_affairs"], unit_id=claim)), 401, "unauthenticated")
        assert "claim" in found["detail"]
    null = jwt.api_jws.encode(json.dumps({**claims(), "unit_id": None}).encode(), RSA, algorithm="RS256", headers={"kid": "rsa"})
    problem(me(idp, null), 401, "unauthenticated")
    bound = me(idp, token(roles=["home_affairs"], unit_id=unit)).json()
    assert bound["unit_id"] == unit
    assert me(idp, token(roles=["home_affairs"])).json()["unit_id"] is None


def test_a_unit_that_lies_deeper_than_there_is_room_is_not_taken_for_none(start):
    service = start(SET, THIDUA_JWT_UNIT_CLAIM="org.unit")
    problem(me(service, token(org=["x"])), 401, "unauthenticated")
    assert me(service, token(org={"name": "x"})).status_code == me(service, token()).status_code == 200


def test_a_token_without_a_role_reads_what_is_public_and_is_told_so(idp):
    """Every key has a role: so 403 was not in the contract where any role will do."""
    nobody = Client(idp.base, token(roles={"admin": True}))
    assert nobody.get("/v1/units").status_code == 200
    any_role = [path for (method, path), operation in OPERATIONS.items() if method == "GET" and set(operation.get("x-roles", ())) >= set(ROLES) and "{" not in path]
    assert "/v1/me" in any_role
    for path in any_role:
        problem(nobody.get(path), 403, "forbidden")


def test_a_claim_may_have_a_name_with_dots(start):
    """RFC 7519, section 4.2: names that cannot collide are addresses."""
    service = start(SET, THIDUA_JWT_ROLES_CLAIM="https://x.vn/roles", THIDUA_JWT_UNIT_CLAIM="https://x.vn/unit")
    unit = make_unit(service.key("admin"))["id"]
    found = me(service, token(**{"roles": None, "https://x.vn/roles": ["home_affairs"], "https://x.vn/unit": unit})).json()
    assert (found["roles"], found["unit_id"]) == (["home_affairs"], unit)
    problem(me(service, token(**{"https://x.vn/unit": "x"})), 401, "unauthenticated")


def test_names_of_roles_can_be_mapped_and_lie_deeper(start):
    service = start(SET, THIDUA_JWT_ROLES_CLAIM="realm_access.roles", THIDUA_JWT_UNIT_CLAIM="don_vi",
                    THIDUA_JWT_ROLE_MAP="so-noi-vu=home_affairs,thanh-tra=auditor,thanh-tra=viewer")
    answer = me(service, token(roles=None, realm_access={"roles": ["so-noi-vu", "thanh-tra", "admin"]}))
    assert answer.json()["roles"] == ["viewer", "home_affairs", "auditor"], "only what is mapped"


def test_keys_that_verify_nothing_are_refused_at_start(var):
    weak = rsa.generate_private_key(65537, 1024)
    secret = {"kty": "oct", "k": segment(b"x" * 32), "kid": "rsa", "alg": "HS256"}
    private = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA)), "kid": "rsa"}
    for keys in ([], [secret], [private], [jwk(weak, "rsa", "RS256")], [{**SET["keys"][0], "use": "enc"}],
                 [{k: v for k, v in SET["keys"][0].items() if k != "kid"}], [{**SET["keys"][0], "alg": "HS256"}]):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"keys": keys}, file)
            file.flush()
            done = Service(var, **settings(file.name)).command("serve")
            assert done.returncode != 0 and "THIDUA_JWKS" in done.stderr, keys
    for place in ("/nowhere/jwks.json", "http://idp.example/jwks"):
        done = Service(var, **settings(place)).command("serve")
        assert done.returncode != 0 and "THIDUA_JWKS" in done.stderr
    done = Service(var, THIDUA_JWKS="/dev/null").command("serve")
    assert done.returncode != 0 and "THIDUA_JWT_ISSUER" in done.stderr


class Provider(http.server.BaseHTTPRequestHandler):
    document, asked = SET, 0

    def do_GET(self):
        type(self).asked += 1
        body = json.dumps(type(self).document).encode()
        self.send_response(200 if type(self).document else 500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_keys_come_by_http_and_a_provider_that_is_late_is_waited_for(start):
    Provider.document = None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    service = start(place=f"http://127.0.0.1:{server.server_address[1]}/jwks")
    problem(me(service, token()), 401, "unauthenticated")
    Provider.document = SET
    wait_until(lambda: me(service, token()).status_code == 200)
    asked = Provider.asked
    for _ in range(20):
        problem(me(service, token("made-up")), 401, "unauthenticated")
    assert Provider.asked <= asked + 1, "made-up ids do not make us ask without end"
    server.shutdown()
    server.server_close()
    assert me(service, token("ec")).status_code == 200, "the keys of before stay"


def test_the_log_says_why_there_are_no_keys_and_not_every_second(start):
    class Broken(Provider):
        document, asked = None, 0

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        service = start(place=f"http://127.0.0.1:{server.server_address[1]}/jwks")
        wait_until(lambda: Broken.asked > 3)
        assert [json.loads(line)["reason"] for line in service.log if '"jwks_not_read"' in line] == ["the answer has the status 500"]
        server.shutdown()


def test_a_key_set_without_keys_revokes_them_all_and_what_is_no_key_set_none(start):
    """Set by set: what the log says of it, once a token with an unknown key had it read anew (after half a minute)."""
    unusable = {**SET["keys"][0], "use": "enc"}
    sets = {'{"keys": []}': "jwks_empty", json.dumps({"keys": [unusable]}): "jwks_empty",
            '{"keys": [': "jwks_not_read", '{"keys": {}}': "jwks_not_read"}
    services = {text: start(SET) for text in sets}
    for text, service in services.items():
        assert me(service, token()).status_code == 200
        (pathlib.Path(service.var) / "jwks.json").write_text(text, encoding="utf-8")

    def said(service):
        problem(me(service, token("unknown")), 401, "unauthenticated")
        return [json.loads(line)["event"] for line in service.log if '"jwks_' in line]

    for text, event in sets.items():
        wait_until(lambda service=services[text]: said(service), pause=1)
        assert said(services[text]) == [event], text
        assert me(services[text], token()).status_code == (401 if event == "jwks_empty" else 200), text


def test_a_challenge_says_what_was_wrong_with_a_token_and_nothing_where_there_was_none(service, idp):
    """RFC 6750, section 3.1, and RFC 9110, section 11.4: one blank or more after the name of the scheme."""
    plain = 'Bearer realm="thidua"'
    for base, sent, challenge in ((service.base, None, plain), (service.base, "Basic dTpw", plain),
                                  (service.base, "Bearer thd_x", f'{plain}, error="invalid_token"'), (idp.base, "Bearer a.b.c", f'{plain}, error="invalid_token"')):
        with Client(base) as client:
            answer = client.get("/v1/me", headers={"Authorization": sent} if sent else {})
        told = problem(answer, 401, "unauthenticated")["detail"]
        assert ("Bearer thd_" in told) == (challenge == plain), told  # what was not asked by this scheme is told of it
        assert answer.headers["WWW-Authenticate"] == challenge, sent
    for base, text in ((service.base, service.key("viewer").key), (idp.base, token())):
        for scheme in ("Bearer  ", "bearer   "):
            with Client(base) as client:
                assert client.get("/v1/me", headers={"Authorization": scheme + text}).status_code == 200


def test_without_a_key_set_no_token_is_taken(service):
    problem(me(service, token()), 401, "unauthenticated")


def test_a_token_owns_no_webhook(idp):
    """It ends in minutes, and nothing here would say that its bearer may still know."""
    with Client(idp.base, token()) as client:
        problem(client.post("/v1/webhooks", json={"url": "https://receiver.example/"}), 403, "forbidden")
        assert client.get("/v1/webhooks").json()["items"] == []
