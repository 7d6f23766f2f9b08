#!/usr/bin/python3
"""Durable writes: a unit, an initiative with an Idempotency-Key, a finding, by 1, 8 and 32 clients, each beside what it can be compared with.

pgbench and fastify with pg run the service's own statements in one transaction; synchronous_commit is on everywhere. Starts a
service of its own on a private PostgreSQL and stops both. Figures depend on the machine and its other load: what counts are
the ratios, of measures that were taken in turns, and the processor time of a write.
"""
import json
import os
import re
import statistics
import subprocess

import requests

from house import HERE, ROUND, SESSION, Bench, Compared, options_of, running, scratch
from statements import statements

CAMPAIGN, YEAR, UNITS = "230-KH-UBND", 2024, 400
UNIT_ID = "00000000-0000-4000-8000-%012d"
# What pgbench draws for each transaction, as SQL: one of the units, something that is new.
ONE_UNIT = "('00000000-0000-4000-8000-' || lpad((:n)::text, 12, '0'))"
NEW = "lpad(to_hex((:new)::bigint), 32, '0')"


class Sql(str):
    """A value that pgbench works out in SQL."""


def literal(value):
    return "NULL" if value is None else f"({value})" if isinstance(value, Sql) else "'" + value.replace("'", "''") + "'"


class Case:
    """One kind of write: the request that wrk repeats, and the statements that it takes, each with its values."""

    def __init__(self, title, request, *calls):
        self.title, self.request, self.calls = title, request, calls

    def transaction(self):
        sql = statements()
        filled = [re.sub(r"\$(\d+)", lambda m, values=values: literal(values[int(m[1]) - 1]), sql[name]) for name, *values in self.calls]
        return "\n".join([f"\\set n random(0, {UNITS - 1})", "\\set new random(1, 4000000000000000000)", "BEGIN;",
                          *(text.rstrip().rstrip(";") + ";" for text in filled), "COMMIT;\n"])


class Durable(Bench):
    def fill(self):
        super().fill()
        self.own_unit = self.get("/v1/me", "unit").json()["unit_id"]
        ids = f"(SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid AS id, n FROM generate_series(0, {UNITS - 1}) n) made"
        told = self.service.psql(f"""
            INSERT INTO units (id) SELECT id FROM {ids};
            INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id)
                SELECT id, '[2010-01-01,)', 'Đơn vị đo ' || n, 'PROVINCIAL_BODY', '{self.own_unit}' FROM {ids};
            INSERT INTO contestants (campaign, year, unit_id, group_name, cluster, on_assessed_list)
                SELECT '{CAMPAIGN}', {YEAR}, id, 'SO_BAN_NGANH', 'Khối đo ' || n / 10, true FROM {ids};
            INSERT INTO findings (campaign, year, unit_id) SELECT '{CAMPAIGN}', {YEAR}, id FROM {ids};
            INSERT INTO finding_contents (campaign, year, unit_id, content, score, result, reason, evidence)
                SELECT '{CAMPAIGN}', {YEAR}, id, content, 60, 'OUTSTANDING', 'x', '[]' FROM {ids}, unnest(ARRAY['A', 'B']) content;
            ANALYZE""")
        assert "ERROR" not in told, told

    def measured(self, measure):
        """(writes a second, service ms of processor time a write, PostgreSQL ms)"""
        before = self.spent()
        rate, writes = measure()
        return rate, *(1000 * (now - then) / writes for then, now in zip(before, self.spent()))

    def requested(self, lua, base=None, clients=1):
        rate = self.wrk(lua, base, clients)[0]
        return rate, rate * self.seconds

    def pgbench_file(self, text, clients):
        """A first second is left out of the rate: its connections are new, and 32 of them take most of a second of the processor to plan what others
        have planned long ago."""
        done = self.pgbench_run(text, clients, "-P1", seconds=self.seconds + 1)
        rates = [float(rate) for rate in re.findall(r"^progress: [\d.]+ s, ([\d.]+) tps", done.stderr, re.M)]
        return statistics.mean(rates[1:] or rates), int(re.search(r"transactions actually processed: (\d+)", done.stdout)[1])

    def compare(self, case, node, counts):
        best, ours = 0, {}
        for clients in counts:
            text = case.transaction()
            measures = {
                "ours": lambda: self.requested(case.request, clients=clients),
                "pgbench": lambda: self.pgbench_file(text, clients),
                "fastify": lambda: self.requested(case.request, node, clients),
            }
            taken = {name: [] for name in measures}
            for _ in range(self.turns):
                for name, measure in measures.items():
                    taken[name].append(self.measured(measure))
            rate, service, postgresql = ({name: statistics.median(turn[i] for turn in turns) for name, turns in taken.items()} for i in range(3))
            ours[clients], best = rate["ours"], max(best, rate["pgbench"])
            most = 1000 * os.cpu_count() / postgresql["ours"]
            print(f"{case.title}, {clients} clients: ours {rate['ours']:,.0f}/s, pgbench {rate['pgbench']:,.0f}/s, fastify pg {rate['fastify']:,.0f}/s")
            print(f"    processor time of one: service {service['ours']:.2f} ms, PostgreSQL {postgresql['ours']:.2f} ms, for pgbench {postgresql['pgbench']:.2f} ms, "
                  f"for fastify {postgresql['fastify']:.2f} ms")
            print(f"    if nothing but PostgreSQL took time: {most:,.0f}/s, {most / rate['fastify']:.1f} × fastify")
            for other in ("pgbench", "fastify"):
                print(f"    ratio {case.title.replace(' ', '-')}-{clients}/{other} {rate['ours'] / rate[other]:.2f}", flush=True)
        print(f"    ratio {case.title.replace(' ', '-')}-{counts[-1]}/best-of-pgbench {ours[counts[-1]] / best:.2f}", flush=True)


FINDING = {"contents": [{"content": content, "score": "61.5", "result": "OUTSTANDING", "reason": "x"} for content in "AB"]}
UNIT = {"name": "Đơn vị đo", "kind": "OTHER", "valid_from": "2020-01-01", "confirm_duplicate": True}
INITIATIVE = {"title": "Sáng kiến", "summary": "Tóm tắt", "kind": "SOLUTION", "applied_from": "2024-02-01"}
SHOWN = json.dumps({"what": "about as long as what is answered " * 12})
KEY = "00000000-0000-4000-9000-000000000000"


def lua(bench, role, method, drawn):
    """`drawn` gives path, body and header fields of the request; n is another number for each."""
    return f"""wrk.headers["Content-Type"] = "application/json" wrk.headers["Authorization"] = "Bearer {bench.keys[role]}"
        local n = math.floor(os.clock() * 1e9) % 1000003
        local seed = io.open("/proc/sys/kernel/random/uuid"):read("*l")
        request = function() n = n + 7 local unit = string.format("{UNIT_ID}", n % {UNITS}) {drawn}
        return wrk.format("{method}", path, nil, body) end"""


def journal(kind, resource, unit, restricted):
    return ("journal_append", "KEY", KEY, "1", "đo", "admin", None, "bench", kind, resource, CAMPAIGN, str(YEAR), unit, restricted, None, None, SHOWN)


def cases(bench):
    new, one = Sql(NEW), Sql(ONE_UNIT)
    unit = json.dumps(UNIT, ensure_ascii=False)
    yield Case("POST unit", lua(bench, "admin", "POST", f"local path, body = '/v1/units', [[{unit}]]"),
               ("unit_create", new, unit), ("unit_get", new, None), journal("unit.created", Sql(f"'/v1/units/' || {NEW}"), new, "false"))
    rest = json.dumps(INITIATIVE, ensure_ascii=False)[1:]
    body = Sql(f"""'{{"unit_id": "' || {ONE_UNIT} || '", ' || '{rest}'""")
    print_ = "0" * 64
    yield Case("POST initiative", lua(bench, "unit", "POST", f"""local path, body = "/v1/initiatives", '{{"unit_id": "' .. unit .. [[", {rest}]]
                   wrk.headers["Idempotency-Key"] = '"' .. seed .. n .. '"'"""),
               ("idempotency_claim_key", KEY, new, print_, "2", bench.own_unit), ("unit_scope", one, bench.own_unit), ("initiative_create", body),
               journal("initiative.entered", Sql(f"'/v1/initiatives/' || {NEW}"), one, "true"),
               ("idempotency_keep_answer", KEY, new, print_, "2", bench.own_unit, "request", "201", "application/json", "1-x", "/v1/initiatives", "private, no-cache", "false",
                Sql(f"convert_to('{SHOWN}', 'UTF8')")))
    finding = json.dumps(FINDING)
    round_ = (CAMPAIGN, str(YEAR))
    units = Sql(f"""'["' || {ONE_UNIT} || '"]'""")
    office = bench.get("/v1/me", "home_affairs").json()["unit_id"]
    yield Case("PUT finding", lua(bench, "home_affairs", "PUT", f"""local path, body = "{ROUND}/findings/" .. unit, [[{finding}]] wrk.headers["If-Match"] = "*" """),
               ("round_unit_stake", one, *round_, office, "true"), ("round_hold_shared", *round_), ("finding_take", *round_, one),
               ("findings_beyond", CAMPAIGN, finding), ("finding_clear", *round_, one),
               ("finding_fill", *round_, one, finding), ("findings_written", *round_, units), journal("finding.changed", Sql(f"'{ROUND}/findings/' || {ONE_UNIT}"), one, "true"))


class Node(Compared):
    """fastify and pg, pinned by house/package-lock.json, on the same PostgreSQL and with the same statements."""

    def __init__(self, bench):
        names = {name for case in cases(bench) for name, *_ in case.calls}
        known = {name: text for name, text in statements().items() if name in names}
        given = {"campaign": CAMPAIGN, "year": str(YEAR), "round": ROUND, "key": KEY, "own_unit": bench.own_unit,
                 "office": bench.get("/v1/me", "home_affairs").json()["unit_id"]}
        self.process = subprocess.Popen(["node", HERE / "writer.mjs"], stdout=subprocess.PIPE, text=True, env={
            **os.environ, "PGOPTIONS": SESSION, "NODE_ENV": "production", "SOCKET": str(bench.service.var / "socket"), "STATEMENTS": json.dumps(known), "GIVEN": json.dumps(given)})
        self.base = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        for method, path, role, body in (("POST", "/v1/units", "admin", UNIT), ("POST", "/v1/initiatives", "unit", {"unit_id": UNIT_ID % 1, **INITIATIVE}),
                                         ("PUT", f"{ROUND}/findings/{UNIT_ID % 1}", "home_affairs", FINDING)):
            headers = {**bench.headers(role), "If-Match": "*"} if method == "PUT" else {**bench.headers(role), "Idempotency-Key": f'"{os.urandom(8).hex()}"'}
            theirs, ours = (requests.request(method, base + path, json=body, headers=headers, timeout=60) for base in (self.base, bench.service.base))
            assert theirs.status_code == ours.status_code and sorted(theirs.json()) == sorted(ours.json()), (theirs.text, ours.text)


def main():
    options = options_of("durable", __doc__, seconds=4, turns=5)
    options.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    options.add_argument("--workers", type=int, default=4, help="of the service (default 4, as THIDUA_WORKERS)")
    options = options.parse_args()
    with scratch("durable") as directory, running(Durable(directory, options.seconds, options.turns, THIDUA_WORKERS=str(options.workers))) as bench:
        bench.fill()
        with running(Node(bench)) as node:
            for case in cases(bench):
                bench.compare(case, node.base, options.clients)


if __name__ == "__main__":
    main()
