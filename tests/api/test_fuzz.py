"""Random callers: every operation of openapi.yaml, asked for well, badly and absurdly.

Whatever comes: never a fault of the service, each refusal a whole problem document (RFC 9457) and never a page of HTML, and
nothing written by what was refused or only rehearsed. THIDUA_FUZZ_SECONDS says how long, THIDUA_FUZZ_SEED makes a run again."""
import contextlib
import http.client
import json
import os
import random
import time
import types

import pytest

import contract
from award_tools import AwardRound, number
from conftest import PLAN
from dossier_tools import make_pdf
from odd_values import MEDIA, ODD_HEADERS, broken, dumped, example_of, mutated, odd_text_in_url, parameter
from service import wait_until
from test_authorisation import CALLERS, TABLE, World
from test_contract import ROUTES

SEED = int(os.environ.get("THIDUA_FUZZ_SEED", "20240710"))
SECONDS = float(os.environ.get("THIDUA_FUZZ_SECONDS", "10"))
LEAST_TURNS = 4  # over all operations, however slow the machine
WORLD_LASTS = 1500  # requests, then another one: what is deleted or closed leads to 404 and 409 only
NOTHING = "00000000-0000-4000-8000-000000000000"
CSV = "gso_code,agency_code,name,kind,parent_gso_code,parent_agency_code,valid_from,legal_basis\n,,Đơn vị,OTHER,,,2024-01-01,\n"


class WholeWorld(World):
    """World, and what comes at the end of a round: a proposal, decisions, an award, a draft of a rule set."""

    def __init__(self, service, clients):
        super().__init__(service, clients)
        held = AwardRound(service, clients, 3)
        proposal, draft, signed = held.proposal(held.units[:1]), held.draft(held.units[1:2]), held.draft(held.units[2:])
        held.done(held.sign(signed, number()))
        held.publish(signed)
        award = held.auditor.get("/v1/awards", params={"campaign": held.campaign.rsplit("/", 1)[1]}).json()["items"][0]["id"]
        rules = {**PLAN["criteria_set"], "name": self.values["name"]}
        self.done(clients["admin"].post("/v1/criteria-sets", json={"document": rules}))
        self.lists = {"proposals": [proposal.rsplit("/", 1)[1]], "decisions": [path.rsplit("/", 1)[1] for path in (draft, signed)], "awards": [award]}

    def url(self, template, chance):
        """The template with ids of what exists; now and then with something else."""
        parts = template.split("/")
        kind = parts[2] if len(parts) > 2 else ""

        def value(name):
            if chance.random() < 0.08:
                return odd_text_in_url(chance)
            return self.values.get(name) or self.ids.get(kind) or chance.choice(self.lists.get(kind, [NOTHING]))
        return "/".join(value(part[1:-1]) if part.startswith("{") else part for part in parts)


def body_for(chance, key, world):
    """(media type, bytes) of a body for that operation, or (None, None)."""
    media = ROUTES[key]["content_type"]
    if not media:
        return (chance.choice(MEDIA), b"{}") if chance.random() < 0.05 else (None, None)
    if media == "application/pdf":
        data = make_pdf(str(chance.random()))
        return media, broken(chance, data) if chance.random() < 0.5 else data
    if media == "text/csv":
        data = CSV.replace(chance.choice(["OTHER", "Đơn vị", "2024-01-01", "name", ",", "\n"]), chance.choice(['"', "", "\x00", "x", "=1+1", "é" * 300, "9999-12-31"]),
                           chance.randint(0, 3)).encode()
        return media, broken(chance, data) if chance.random() < 0.3 else data
    schema = contract.resolve(contract.OPERATIONS[key]["requestBody"])["content"][media]["schema"]
    whole = world.body(ROUTES[key], key)["json"]
    value = whole if chance.random() < 0.7 else example_of(chance, schema)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
        value = mutated(chance, value)
    data = dumped(chance, value)
    return media, broken(chance, data) if chance.random() < 0.08 else data


class Caller:
    """Sends bytes as they are: nothing is put right on the way."""

    def __init__(self, service):
        self.service, self.connection = service, None

    def send(self, method, target, headers, body):
        for _ in range(2):
            if not self.connection:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=90)
            try:
                self.connection.putrequest(method, target, skip_accept_encoding=True)
                for name, value in headers.items():
                    self.connection.putheader(name, value.encode())
                if body is not None:
                    self.connection.putheader("Content-Length", str(len(body)))
                self.connection.endheaders()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused before it was all sent
                    self.connection.send(body or b"")
                answer = self.connection.getresponse()
                stream = answer.headers["Content-Type"] == "text/event-stream"
                return self.seen(method, target, headers, answer, b"" if stream else answer.read(), stream)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.close()  # it closed a kept connection meanwhile: once more on a new one
        raise AssertionError("no answer, twice")

    def seen(self, method, target, headers, answer, content, stream):
        if stream or answer.headers["Connection"] == "close":
            self.close()
        return types.SimpleNamespace(
            status_code=answer.status, headers=answer.headers, content=content, stream=stream, text=content.decode("utf-8", "replace"),
            json=lambda: json.loads(content), request=types.SimpleNamespace(method=method, url=self.service.base + target, headers=headers))

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def fault_of(answer):
    """What is wrong with an answer, in words; None where nothing is."""
    media = (answer.headers["Content-Type"] or "").split(";")[0]
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if answer.headers["Content-Encoding"]:
        return None
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        if media != "application/problem+json":
            return f"{answer.status_code} as {media}"
        told = answer.json()
        if told["status"] != answer.status_code or not told["type"].startswith("urn:thidua:problem:") or not told["title"]:
            return "another problem than the status says"
    if not answer.stream:
        try:
            contract.check_response(answer)
        except AssertionError as error:
            return str(error)[:400]
    return None


class Fuzz:
    def __init__(self, service, clients):
        self.service, self.clients, self.caller = service, clients, Caller(service)
        self.faults, self.sent, self.statuses, self.world = {}, 0, {}, None

    def request(self, key, chance):
        """(method, target, headers, body) and whether it is only a rehearsal."""
        method, template = key
        role = next(name for name in ("owner", "home_affairs", "admin", "chair_office", "initiative_council", "auditor", "nobody")
                    if TABLE[key][name] == "ok") if chance.random() < 0.75 and "ok" in TABLE[key].values() else chance.choice(CALLERS)
        headers = {"Accept-Language": chance.choice(["vi", "en"])}
        if "Authorization" in self.world.callers[role].headers:
            headers["Authorization"] = self.world.callers[role].headers["Authorization"]
        media, body = body_for(chance, key, self.world)
        if media:
            headers["Content-Type"] = chance.choice(MEDIA) if chance.random() < 0.05 else media
        if ROUTES[key]["write"] and chance.random() < 0.8:
            headers["If-Match"] = f'"{chance.choice([1, 1, 2, 3])}"'
        for name in chance.sample(sorted(ODD_HEADERS), chance.choice([0, 0, 0, 1, 2])):
            headers[name] = chance.choice(ODD_HEADERS[name])
        declared = [p for p in contract.OPERATIONS[key]["parameters"] if p["in"] == "query"]
        query = [parameter(chance, declared) for _ in range(chance.choice([0, 0, 1, 1, 2, 3, 13]))] if chance.random() < 0.6 or not media else []
        if template == "/v1/imports" and chance.random() < 0.8:
            query.append("kind=units")
        rehearsed = ROUTES[key]["write"] and chance.random() < 0.6
        if rehearsed:
            query = [part for part in query if not part.startswith("dry_run=")] + ["dry_run=true"]
        if chance.random() < 0.03:
            method = chance.choice(["HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE", "FOO", "get"])
        target = self.world.url(template, chance) + ("?" + "&".join(query) if query else "")
        return (method, target, headers, body), rehearsed

    def once(self, key, number_of):
        """One request, made again by the seed and its number."""
        chance = random.Random(f"{SEED} {number_of}")
        sent, rehearsed = self.request(key, chance)
        before = self.world.written()
        answer = self.caller.send(*sent)
        if answer.status_code == 503:  # the machine may be overloaded: once more, when it takes requests again
            wait_until(lambda: self.clients["anyone"].get("/readyz").status_code == 200)
            answer = self.caller.send(*sent)
        fault = fault_of(answer)
        if not fault and (rehearsed or answer.status_code >= 400 or sent[0] in ("GET", "HEAD", "OPTIONS")) and self.world.written() != before:
            fault = "it was written though it was refused, rehearsed or read"
        self.statuses.setdefault(key, set()).add(answer.status_code)
        self.sent += 1
        if fault:
            log = [line for line in self.service.log if answer.headers["X-Request-Id"] and answer.headers["X-Request-Id"] in line]
            self.faults.setdefault((*key, fault[:120]), (number_of, sent, answer.status_code, answer.text[:500], log))

    def run(self):
        keys, started, turn = sorted(ROUTES), time.monotonic(), 0
        while turn < LEAST_TURNS or time.monotonic() < started + SECONDS:
            for index, key in enumerate(keys):
                number_of = turn * len(keys) + index
                if number_of % WORLD_LASTS == 0:
                    self.world = WholeWorld(self.service, self.clients)
                self.once(key, number_of)
            turn += 1
        self.caller.close()


@pytest.mark.skipif(SECONDS == 0, reason="THIDUA_FUZZ_SECONDS=0")
def test_nothing_that_anybody_sends_makes_the_service_fail(service, clients):
    fuzz = Fuzz(service, clients)
    fuzz.run()
    refused = sum(any(status >= 400 for status in seen) for seen in fuzz.statuses.values())
    accepted = sum(any(status < 300 for status in seen) for seen in fuzz.statuses.values())
    print(f"seed {SEED}: {fuzz.sent} requests; {accepted} operations accepted one, {refused} refused one, of {len(ROUTES)}")
    told = [f"{' '.join(where)}\n  request {number_of} of seed {SEED}: {sent}\n  {status} {text}\n  {log}"
            for where, (number_of, sent, status, text, log) in fuzz.faults.items()]
    assert not told, f"{len(told)} faults:\n" + "\n".join(told[:40])
    assert service.process.poll() is None
    assert accepted > len(ROUTES) / 3 and refused > len(ROUTES) / 2, "the fuzzer is not where it should be"
