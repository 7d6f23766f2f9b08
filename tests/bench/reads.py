#!/usr/bin/python3
"""Reads that memory never has: a unit, a verdict, a round's board, a list of 100 units, and a list of 100,000 as CSV, each beside what it
can be compared with.

pgbench, fastify with pg, and Debian's uvicorn and starlette with psycopg run the service's own statements; of a board, the two that
matter. They send packed verdicts as they are, where the service writes them out. So do the smallest programs of libmicrohttpd and libpq
(smallest/reads.c), which show how much of pgbench's rate is left to whoever speaks HTTP through them: one waits in a thread for each
connection to PostgreSQL, the other pipelines. A table says how much processor time a read costs whoever asks (wrk, or pgbench), whoever
answers, and PostgreSQL. They share the machine: where it is busy, rates are to each other as these times together. All of them wait for
the same PostgreSQL: how many times another's rate pgbench has is printed as the ceiling of what we could reach beside it. COPY writes the
same cells of the same rows in the same order, by a statement that knows its question; COPY of the service's own statement shows what of the
difference is PostgreSQL's. Starts a service of its own on a private PostgreSQL and stops both. Figures depend on the machine and its other
load: what counts are the ratios, of measures that were taken in turns.
"""
import contextlib
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

import requests

from house import HERE, ROOT, ROUND, SESSION, Bench, Compared, free_port, options_of, running, scratch, seconds_of, shown_rate
from service import wait_until
from statements import statements

sys.path.insert(0, str(ROOT / "tools"))
from embed_statements import OPENS  # noqa: E402

CAMPAIGN, FIRST_BOARD = "230-KH-UBND", 2100
NAMES = ["unit_get", "unit_list", "unit_verdict", "board_frame", "board_rows"]
CASES = ["unit", "verdict", "board", "list of 100 units"]
ALL_ROLES = "65535"
LANES = 4  # connections to PostgreSQL, of everyone: two for each of the service's loops on two cores
AS_TABLE = """SELECT unit_label_of(p.name, p.kind, parent.name), p.name, p.kind,
    (SELECT string_agg(c.scheme || ': ' || c.value, '; ' ORDER BY c.scheme, c.value) FROM unit_codes_on(p.unit_id, today(), p.valid) c),
    lower(p.valid), last_day(p.valid), p.legal_basis, p.unit_id, p.parent_id, NULL, NULL
    FROM unit_periods p LEFT JOIN LATERAL unit_period_on(p.parent_id, today()) parent ON true
    WHERE p.valid @> today() AND p.kind = 'OTHER' ORDER BY p.plain, p.unit_id"""


class Reads(Bench):
    def fill_more(self, rows, boards):
        """Units of one kind, and boards of many years: of 1,500, memory holds one in twenty."""
        self.boards = boards
        made = requests.post(self.service.base + ROUND + "/evaluations", headers=self.headers("home_affairs"), json={}, timeout=60)
        assert made.status_code == 201, made.text
        self.evaluation = made.json()["id"]
        stored = self.service.psql("SELECT string_agg(attname, ', ') FROM pg_attribute WHERE attrelid = 'evaluations'::regclass AND attnum > 0"
                                   " AND NOT attisdropped AND attgenerated = ''")
        years = f"generate_series({FIRST_BOARD}, {FIRST_BOARD + boards - 1})"
        self.fill_units(rows, parent=self.units[0])
        self.run_sql(f"""
            BEGIN;
            SET LOCAL session_replication_role = replica;
            CREATE TEMP TABLE boards ON COMMIT DROP AS SELECT y AS year, gen_random_uuid() AS evaluation FROM {years} y;
            INSERT INTO rounds SELECT (jsonb_populate_record(r, jsonb_build_object('year', b.year))).* FROM rounds r, boards b
                WHERE r.campaign = '{CAMPAIGN}' AND r.year = 2024;
            INSERT INTO contestants SELECT (jsonb_populate_record(c, jsonb_build_object('year', b.year))).* FROM contestants c, boards b
                WHERE c.campaign = '{CAMPAIGN}' AND c.year = 2024;
            INSERT INTO contestant_labels SELECT (jsonb_populate_record(l, jsonb_build_object('year', b.year))).* FROM contestant_labels l, boards b
                WHERE l.campaign = '{CAMPAIGN}' AND l.year = 2024;
            INSERT INTO evaluations ({stored}) OVERRIDING SYSTEM VALUE SELECT {stored} FROM (
                SELECT (jsonb_populate_record(e, jsonb_build_object('year', b.year, 'id', b.evaluation, 'position', e.position + b.year))).*
                FROM evaluations e, boards b WHERE e.id = '{self.evaluation}') made;
            INSERT INTO verdicts SELECT (jsonb_populate_record(v, jsonb_build_object('evaluation_id', b.evaluation))).* FROM verdicts v, boards b
                WHERE v.evaluation_id = '{self.evaluation}';
            COMMIT;""")
        self.run_sql("VACUUM ANALYZE")
        board = self.get(f"{ROUND[:-4]}{FIRST_BOARD}/board", "home_affairs")
        assert board.status_code == 200, board.text
        self.contestants = [item["unit_id"] for item in self.get(ROUND + "/board", "home_affairs").json()["matrix"]["items"]]

    def asking(self, paths, base=None, ids=()):
        """`paths` is Lua, with n another number for each request."""
        known = ", ".join(f'"{each}"' for each in ids)
        script = (f'wrk.headers["Authorization"] = "Bearer {self.keys["home_affairs"]}"\nlocal ids = {{{known}}} local n = {os.getpid()}\n'
                  f'request = function() n = n + 1 return wrk.format("GET", {paths}) end')
        return lambda: self.wrk(script, base)[0]

    def pgbench_all(self, *calls):
        """Each call is a statement's name and its values; several run in one snapshot, as the service runs them."""
        sql = statements()
        text = "\n".join(filled(sql[name], values) + ";" for name, *values in calls)
        if len(calls) > 1:
            text = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n{text}\nCOMMIT;"
        return lambda: self.pgbench_rate(text, LANES)

    def compare(self, title, measures):
        """`measures`: a name to who answers (None: nobody stands between) and a measure. Medians of what was taken in turns; the first is ours."""
        taken = {name: [] for name in measures}
        for _ in range(self.turns):
            for name, (process, measure) in measures.items():
                before = self.spent_by(process)
                rate = measure()
                taken[name].append((rate, *(1e6 * (now - then) / (rate * self.seconds) for now, then in zip(self.spent_by(process), before))))
        medians = {name: list(map(statistics.median, zip(*turns))) for name, turns in taken.items()}
        print(f"| {title} | a second | who asks, µs | who answers, µs | PostgreSQL, µs | together, µs |\n|---|---:|---:|---:|---:|---:|")
        for name, (rate, *spent) in medians.items():
            print(f"| {name} | {shown_rate(rate)} | {' | '.join(f'{one:.0f}' for one in [*spent, sum(spent)])} |")
        rates = {name: rate for name, (rate, *_) in medians.items()}
        ours = rates.pop("ours")
        smallest = max((rates.pop(name) for name in list(rates) if name.startswith("smallest")), default=None)
        for other, rate in {**({"smallest": smallest} if smallest else {}), **rates}.items():
            print(f"    ratio {title.replace(' ', '-')}/{other.replace(' ', '-')} {ours / rate:.2f}")
        if smallest:
            print(f"    ratio smallest-{title}/pgbench {smallest / rates['pgbench']:.2f}")
        for other in [name for name in rates if name != "pgbench"]:
            print(f"    ceiling {title.replace(' ', '-')}/{other.replace(' ', '-')} {rates['pgbench'] / max(rates[other], 0.01):.2f}")
        sys.stdout.flush()

    def spent_by(self, process):
        """Processor seconds of whoever asks, of a process with its children, and of PostgreSQL."""
        asking = resource.getrusage(resource.RUSAGE_CHILDREN)  # all others that have ended are counted too: none does meanwhile
        return asking.ru_utime + asking.ru_stime, sum(map(seconds_of, with_children(process))) if process else 0, self.spent()[1]

    def single(self, others, wanted):
        unit, day, year = self.units[0], "2024-12-30", "2024"
        cases = {
            "unit": ('"/v1/units/" .. ids[n % #ids + 1] .. string.format("?on=%04d-%02d-%02d", 2011 + n % 2000, 1 + n % 12, 1 + n % 28)', self.units,
                     [("unit_get", unit, day)]),
            "verdict": (f'"{ROUND}/verdicts/" .. ids[n % #ids + 1]', self.contestants,
                        [("unit_verdict", CAMPAIGN, year, self.contestants[0], "true", None)]),
            "board": (f'"{ROUND[:-4]}" .. ({FIRST_BOARD} + n % {self.boards}) .. "/board"', (),
                      [("board_frame", CAMPAIGN, year, ALL_ROLES, None), ("board_rows", self.evaluation, CAMPAIGN, year, "true", None, "201")]),
            "list of 100 units": ('string.format("/v1/units?limit=100&on=%04d-%02d-%02d", 2011 + n % 2000, 1 + n % 12, 1 + n % 28)', (),
                                  [("unit_list", day, None, None, None, None, None, "100")]),
        }
        for title in wanted:
            paths, ids, calls = cases[title]
            self.compare(title, {
                "ours": (self.service.process.pid, self.asking(paths, ids=ids)), "pgbench": (None, self.pgbench_all(*calls)),
                **{name: (other.process.pid, self.asking(paths, other.base, ids)) for name, other in others.items() if title in other.answered}})

    def copied(self, sql, file):
        """Seconds that it takes to copy a query's rows into a file."""
        start = time.monotonic()
        subprocess.run(["psql", "-h", self.service.var / "socket", "-U", "thidua_app", "-d", "thidua", "-Xq", "-v", "ON_ERROR_STOP=1", "-c",
                        f"\\copy ({sql.replace(chr(10), ' ')}) TO '{file}' (FORMAT csv)"], check=True, env={**os.environ, "PGOPTIONS": SESSION})
        return time.monotonic() - start

    def fetched(self, target):
        """Seconds that the list takes as CSV."""
        start = time.monotonic()
        with requests.get(self.service.base + "/v1/units?kind=OTHER", headers={"Accept": "text/csv"}, stream=True, timeout=600) as got, open(target, "wb") as out:
            assert got.status_code == 200
            shutil.copyfileobj(got.raw, out, 1 << 20)
        return time.monotonic() - start

    def table(self, rows):
        """A list as CSV beside COPY; what the service's memory grows by meanwhile."""
        own = filled(statements()["unit_list_walked"].removeprefix(OPENS), [None, None, "OTHER", None, None, None, str(rows)])
        target, file = self.directory / "list.csv", self.directory / "copy.csv"
        before, taken = self.peak_reset(), []
        for _ in range(self.turns):
            taken.append((self.fetched(target), self.copied(AS_TABLE, file), self.copied(own, file)))
        with open(target, encoding="utf-8-sig") as lines:
            assert sum(1 for _ in lines) == rows + 1
        ours, copied, same = map(statistics.median, zip(*taken))
        print(f"CSV of {rows} rows: {ours:.2f} s, COPY {copied:.2f} s, of the same statement {same:.2f} s; memory + {self.resident('VmHWM') - before:.1f} MiB at most")
        print(f"    ratio CSV/COPY {copied / ours:.2f}")
        print(f"    ratio CSV/COPY-of-the-same-statement {same / ours:.2f}", flush=True)


def filled(sql, values):
    for place in range(len(values), 0, -1):
        value = values[place - 1]
        sql = sql.replace(f"${place}", "NULL" if value is None else f"'{value}'")
    return sql.rstrip().rstrip(";")


def with_children(pid):
    return [pid, *map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())]


class Other(Compared):
    """Another service on the same PostgreSQL, which answers the same paths, or some of them."""

    def __init__(self, bench, command, port=None, answered=CASES):
        self.answered = answered
        environment = {**os.environ, "NODE_ENV": "production", "SOCKET": str(bench.service.var / "socket"), "ROLES": ALL_ROLES, "PGOPTIONS": SESSION,
                       "PGHOST": str(bench.service.var / "socket"), "PGUSER": "thidua_app", "PGDATABASE": "thidua",
                       "UNIT": statements()["unit_get"], "VERDICT": statements()["unit_verdict"], "STATEMENTS": json.dumps({name: statements()[name] for name in NAMES})}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, cwd=HERE)
        self.base = f"http://127.0.0.1:{port or int(self.process.stdout.readline())}"
        wait_until(lambda: self.answers(bench), 30)
        paths = {"unit": f"/v1/units/{bench.units[0]}?on=2024-12-30", "list of 100 units": "/v1/units?limit=100&on=2024-12-30",
                 "verdict": f"{ROUND}/verdicts/{bench.contestants[0]}", "board": ROUND + "/board"}
        for path in (paths[title] for title in answered if "unit" in title):
            theirs, ours = requests.get(self.base + path, timeout=10).json(), bench.get(path).json()
            assert {**theirs, "next": 0} == {**ours, "next": 0}, "it does not answer what we answer"  # we seal cursors
        for path in (paths[title] for title in answered):
            assert requests.get(self.base + path, timeout=10).status_code == 200, path

    def answers(self, bench):
        try:
            return requests.get(f"{self.base}/v1/units/{bench.units[0]}", timeout=10).status_code == 200
        except requests.ConnectionError:
            return False


def main():
    options = options_of("reads", __doc__, seconds=4, turns=5)
    options.add_argument("--rows", type=int, default=100000, help="of the list as CSV (default 100000)")
    options.add_argument("--boards", type=int, default=1500, help="that are read in turn (default 1500, more than memory holds)")
    options.add_argument("--cases", nargs="+", choices=CASES, default=CASES, metavar="CASE", help=f"of {', '.join(CASES)}; default: all")
    options.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="where the smallest programs are built")
    options = options.parse_args()
    with scratch("reads") as directory, running(Reads(directory, options.seconds, options.turns)) as bench, contextlib.ExitStack() as started:
        bench.fill()
        bench.fill_more(options.rows, options.boards)
        bench.table(options.rows)

        def other(*arguments, **known):
            return started.enter_context(running(Other(bench, *arguments, **known)))
        port = free_port()
        others = {
            "fastify pg": other(["node", HERE / "reader.mjs"]),
            "starlette psycopg": other(["/usr/bin/python3", "-m", "uvicorn", "--port", str(port), "--workers", str(os.cpu_count()), "--no-access-log",
                                        "reader:application"], port),
        }
        for way, threads in (("blocking", LANES), ("pipelined", os.cpu_count())):
            others[f"smallest, {way}"] = other([options.build / "tests/bench/smallest/reads", way, str(threads)], answered=("unit", "verdict"))
        bench.single(others, options.cases)


if __name__ == "__main__":
    main()
