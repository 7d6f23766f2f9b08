"""Mixed load on one service, and what must stay flat meanwhile: memory, descriptors, the room that each row takes.

What must be forgotten is made old on the way: kept answers of Idempotency-Key expire after a minute instead of a day, and of two
webhooks one is always away. `run` is tests/fault/soak; test_soak.py tries its verdict."""
import collections
import contextlib
import os
import pathlib
import random
import shutil
import statistics
import sys
import threading
import time
import uuid

import requests

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))
from award_tools import AwardRound  # noqa: E402
from dossier_tools import PDF, make_pdf  # noqa: E402
from receiver import Receiver  # noqa: E402
from service import ROLES, Client, Service, make_place  # noqa: E402

MIB = 1 << 20
PATIENCE = {"THIDUA_WEBHOOK_ALLOW": "127.0.0.1", "THIDUA_WEBHOOK_RETRY_SECONDS": "1,1", "THIDUA_WEBHOOK_TIMEOUT_SECONDS": "2",
            "THIDUA_KEY_USE_SECONDS": "5"}
GROWN = {"memory": 1.05, "of PostgreSQL": 1.10, "descriptors": 1.0, "row": 1.30}  # the most that the end may have over the middle
SLACK = {"memory": 4 * MIB, "of PostgreSQL": 16 * MIB, "descriptors": 8, "row": 0}  # below this much more, nothing is said
SMALL = MIB  # a table up to here says nothing by its size

# How many rows of what is forgotten may be there, whatever was written.
FORGOTTEN = {
    "kept answers that expired": ("SELECT count(*) FROM idempotency_answers WHERE expires_at < now() - interval '30 s'", 100),
    "deliveries of one webhook that came through": (
        "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM webhook_deliveries WHERE state = 'DELIVERED' GROUP BY webhook_id) d", 101),  # and the newest
    "deliveries of one webhook that were parked": (
        "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM webhook_deliveries WHERE state = 'PARKED' GROUP BY webhook_id) d", 1100),
    "changes that are not in the packed facts": ("SELECT count(*) FROM unit_stamps WHERE packed <> stamp", 50),
    "rows of the journal without a number": ("SELECT count(*) FROM journal WHERE seq IS NULL", 200),
}


class Busy(Exception):
    """503 with Retry-After."""


class Load:
    """What callers do, each kind in a thread of its own with a pause after each act."""

    def __init__(self, service):
        self.service, self.counts, self.ended = service, collections.Counter(), threading.Event()
        self.clients = {role: service.key(role) for role in ROLES if role != "unit"}
        assert service.command("load", str(pathlib.Path(__file__).resolve().parents[2] / "campaigns/230-KH-UBND.json")).returncode == 0
        self.held = AwardRound(service, self.clients, 5)
        self.paths = ["/v1/units?limit=50", f"/v1/units/{self.held.parent}", self.held.campaign, self.held.round, f"{self.held.round}/board",
                      f"{self.held.round}/contestants", "/v1/awards", "/v1/vocabulary", "/openapi.json", "/", f"/v1/units/{self.held.units[0]}/record"]
        self.receiver = Receiver()
        for url in (self.receiver.url, "http://127.0.0.1:9/away"):
            self.checked(self.clients["auditor"].post("/v1/webhooks", json={"url": url}), 201)
        self.threads = [threading.Thread(target=self.repeat, args=each) for each in (
            (self.read, 0.02), (self.read, 0.05), (self.write, 0.05), (self.write, 0.1), (self.judge, 2), (self.take_lists, 1), (self.use_a_key, 0.5),
            (self.listen, 1), (self.upload, 1), (self.give_up, 0.5), (self.be_refused, 0.2))]

    def checked(self, answer, *expected):
        """Of one load that others share a machine with, some may be told to come again; how many is told."""
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0
            raise Busy
        assert answer.status_code in expected, (answer.request.method, answer.request.url, answer.text)
        return answer

    def repeat(self, act, pause):
        mine = {role: Client(self.service.base, client.key) for role, client in self.clients.items()}
        while not self.ended.wait(random.uniform(0, 2 * pause)):
            try:
                act(mine)
                self.counts[act.__name__] += 1
            except Busy:
                self.counts["told to come again"] += 1

    def read(self, by):
        self.checked(by["viewer"].get(random.choice(self.paths)), 200)
        day = f"20{random.randrange(20, 25)}-{random.randrange(1, 13):02d}-{random.randrange(1, 29):02d}"
        self.checked(by["viewer"].get(f"/v1/units/{random.choice(self.held.units)}?on={day}"), 200)

    def write(self, by):
        body = {"name": f"Đơn vị {uuid.uuid4().hex}", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
        made = self.checked(by["admin"].post("/v1/units", json=body, headers={"Idempotency-Key": uuid.uuid4().hex}), 201)
        path = made.headers["Location"]
        self.checked(by["admin"].merge(path, {"name": f"Sở {uuid.uuid4().hex}", "valid_from": "2021-01-01"}, made.headers["ETag"]), 200)
        register = f"{self.held.round}/registers/discipline"
        self.checked(by["home_affairs"].put(register, headers=self.held.etag(register), json={
            "complete": True, "complete_through": "2025-06-30", "source": "Rà soát"}), 200, 412)

    def judge(self, by):
        self.checked(by["home_affairs"].post(f"{self.held.round}/evaluations", json={}), 201)
        campaign, year = self.held.campaign.rsplit("/", 1)[1], self.held.year
        self.checked(by["auditor"].post("/v1/what-if", json={"campaign": campaign, "year": year}), 200, 422)

    def take_lists(self, by):
        for kind in ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"):
            self.checked(by["auditor"].get("/v1/units", params={"limit": 200}, headers={"Accept": kind}), 200)

    def use_a_key(self, by):
        made = self.checked(by["admin"].post("/v1/keys", json={"name": "khóa", "roles": ["viewer"]}), 201).json()
        self.checked(Client(self.service.base, made["key"]).get("/v1/me"), 200)
        self.checked(by["admin"].delete(f"/v1/keys/{made['id']}"), 200)

    def listen(self, by):
        with contextlib.suppress(requests.RequestException), by["auditor"].get("/v1/events/stream", stream=True, timeout=2) as answer:
            collections.deque(zip(range(20), answer.iter_lines(chunk_size=1)), maxlen=0)

    def upload(self, by):
        """Refused, since the dossier is lodged: only after all of it was taken."""
        place = f"{self.held.dossier}/documents/MINUTES"
        self.checked(self.held.unit_client.put(place, data=make_pdf("x", 300_000), headers={**PDF, **self.held.etag(self.held.dossier)}), 409)

    def give_up(self, by):
        """Callers that go away in the middle of what they sent, or of what they get."""
        def part():
            yield b'{"name": "'
            raise ConnectionError
        with contextlib.suppress(requests.RequestException, ConnectionError):
            by["admin"].post("/v1/units", data=part(), headers={"Content-Type": "application/json"})
        by["viewer"].get("/openapi.json", stream=True).close()

    def be_refused(self, by):
        self.checked(by["viewer"].post("/v1/units", json={}), 403)
        self.checked(by["admin"].post("/v1/units", json={"name": 1}), 422)
        self.checked(by["viewer"].get(f"/v1/units/{uuid.uuid4()}"), 404)

    def start(self):
        for thread in self.threads:
            thread.start()

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        self.receiver.close()


def anonymous_memory(process):
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0


def tables(service):
    """table → (bytes with its indexes, live rows)"""
    told = service.psql("SELECT relname, pg_total_relation_size(relid), n_live_tup FROM pg_stat_user_tables", user="postgres")
    return {name: (int(size), int(rows)) for name, size, rows in (line.split("|") for line in told.splitlines())}


def sample(service):
    """What is measured at one time."""
    service.psql("UPDATE idempotency_answers SET expires_at = now() WHERE expires_at BETWEEN now() AND now() + interval '23 h 59 min'", user="postgres")
    backends = service.psql("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'thidua%'", user="postgres").split()
    return {"memory": anonymous_memory(service.process.pid), "of PostgreSQL": sum(map(anonymous_memory, backends)),
            "descriptors": len(os.listdir(f"/proc/{service.process.pid}/fd")), "tables": tables(service),
            "forgotten": {what: int(service.psql(sql)) for what, (sql, _) in FORGOTTEN.items()}}


def grown(what, before, after):
    """Says so where the end has more than the middle by more than it may."""
    if after > before * GROWN[what] + SLACK[what]:
        yield f"{what} grew from {before:,.0f} to {after:,.0f}"


def verdict(samples):
    """What is not flat or was not forgotten: the last quarter against the quarter before the middle, when all is warm."""
    quarter = max(len(samples) // 4, 1)
    middle, end = samples[quarter:2 * quarter] or samples[:1], samples[-quarter:]
    found = []
    for what in ("memory", "of PostgreSQL", "descriptors"):
        found += grown(what, *(statistics.median(s[what] for s in part) for part in (middle, end)))
    for table, (size, rows) in end[-1]["tables"].items():
        was, had = middle[-1]["tables"].get(table, (0, 0))
        if size > SMALL and was > SMALL and size > was * GROWN["row"]:
            found += [f"{table}: of one {told}" for told in grown("row", was / max(had, 1), size / max(rows, 1))]
    for what, (_, most) in FORGOTTEN.items():
        if (count := statistics.median(s["forgotten"][what] for s in end)) > most:
            found.append(f"{count:,.0f} {what}, where {most} may be")
    return found


def line(seconds, now, counts):
    largest = sorted(now["tables"].items(), key=lambda item: -item[1][0])[:4]
    return (f"{seconds / 60:5.1f} min: memory {now['memory'] / MIB:.1f} MiB, of PostgreSQL's backends {now['of PostgreSQL'] / MIB:.1f} MiB, {now['descriptors']}"
            f" descriptors, {sum(counts.values())} acts; " + ", ".join(f"{name} {size / MIB:.1f} MiB / {rows} rows" for name, (size, rows) in largest)
            + "; " + ", ".join(f"{count} {what}" for what, count in now["forgotten"].items()))


def run(minutes, tell=lambda text: None):
    """(the samples, what was done, what is wrong)"""
    service = Service(make_place(), **PATIENCE).start()
    samples, failed, unusual = [], [], []
    threading.excepthook = lambda what: failed.append(repr(what.exc_value))
    try:
        load = Load(service)
        load.start()
        began, every = time.monotonic(), max(minutes * 60 / 60, 0.5)
        try:
            while not failed and (seconds := time.monotonic() - began) < minutes * 60:
                samples.append(sample(service))
                tell(line(seconds, samples[-1], load.counts))
                unusual += [line for line in service.log if '"status":503' in line or '"level":"error"' in line]
                service.log.clear()
                time.sleep(every)
        finally:
            load.end()
        samples.append(sample(service))
        tell("".join(unusual[:20]))
        wrong = failed + verdict(samples) + ([] if service.command("verify").returncode == 0 else ["the journal does not verify"])
    finally:
        status = service.stop()
        shutil.rmtree(service.var, ignore_errors=True)
    return samples, load.counts, wrong + ([] if status == 0 else [f"the service ended with {status}"])
