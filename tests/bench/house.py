#!/usr/bin/python3
"""The house: reads, answers from memory, writes, memory, and reads beside heavy work, each beside what it can be compared with.

Starts a service of its own on a private PostgreSQL with the demo data and stops both. Figures depend on the machine and its
other load: what counts are the ratios, of measures that were taken in turns. Nothing here fails for being slow.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading

import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/bench/house"
sys.path.insert(0, str(ROOT / "tests/api"))
from service import PLANNED, POSTGRESQL, PROGRAM, Service, free_port, wait_until  # noqa: E402
from statements import statements  # noqa: E402

ROUND = "/v1/campaigns/230-KH-UBND/rounds/2024"
DAYS = 'string.format("%04d-%02d-%02d", 1995 + n % 37, 1 + n % 12, 1 + n % 28)'
MIB = 1024 * 1024
SESSION = f"{PLANNED} -c timezone=Asia/Ho_Chi_Minh"  # as the service's
TICK = os.sysconf("SC_CLK_TCK")


def shown_rate(rate):
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2f}"


def latency(shown, percent):
    """Milliseconds within which so many of the answers came, as wrk shows it."""
    number, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", shown).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def seconds_of(pid, fields=2):
    """Processor seconds of a process, 0 of one that has ended; with 4 fields also of its children that have."""
    try:
        told = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):  # before it is opened, or between that and reading
        return 0
    return sum(int(told[11 + field]) for field in range(fields)) / TICK


# ---- what every bench does ----

def options_of(name, about, seconds=None, turns=None):
    """A parser for the bench's options. With a number, that is the default of the options that most of them have."""
    parser = argparse.ArgumentParser(prog=f"tests/bench/run {name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    if seconds:
        parser.add_argument("--seconds", type=int, default=seconds, help=f"of one measure (default {seconds})")
    if turns:
        parser.add_argument("--turns", type=int, default=turns, help=f"each measure so often (default {turns})")
    return parser


@contextlib.contextmanager
def scratch(name):
    """A directory of the bench's own, which goes when it ends."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"thidua-{name}-"))
    directory.chmod(0o755)  # started by root, PostgreSQL and others run as other users, who must get in
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def running(thing):
    """What is stopped when the bench ends, however it does."""
    try:
        yield thing
    finally:
        thing.stop()


class Compared:
    """Another program, beside which ours is measured: `process`, and `base` where it speaks HTTP."""

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


class Bench:
    """A service on a private PostgreSQL in that directory."""

    def __init__(self, directory, seconds, turns, **environment):
        self.directory, self.seconds, self.turns, self.scripts = directory, seconds, turns, 0
        var = directory / "var"
        var.mkdir(mode=0o755)
        self.service = Service(var, **environment)
        self.start()

    def start(self):
        """Its log goes to a file, as where it serves: reading it from a pipe here would cost as much as writing it."""
        port = free_port()
        self.service.base = f"http://127.0.0.1:{port}"
        environment = {**self.service.environment, "THIDUA_LISTEN": f"127.0.0.1:{port}"}
        with open(self.directory / "service.log", "ab") as log:
            self.service.process = subprocess.Popen([PROGRAM, "serve"], env=environment, stderr=log)
        wait_until(lambda: subprocess.run([PROGRAM, "health"], env=environment, capture_output=True).returncode == 0, 60)

    def stop(self):
        """Not Service.stop(), which also waits for the end of the log's pipe."""
        self.service.process.terminate()
        return self.service.process.wait(timeout=60)

    def fill(self):
        keys = self.directory / "keys.json"
        assert self.service.command("load", str(ROOT / "campaigns/230-KH-UBND.json")).returncode == 0
        subprocess.run(["/usr/bin/python3", ROOT / "demo/load.py", PROGRAM, self.service.base, keys], check=True,
                       stdout=subprocess.DEVNULL, env=self.service.environment)
        self.keys = json.loads(keys.read_text(encoding="utf-8"))
        self.units = [u["id"] for u in self.get("/v1/units?limit=200").json()["items"]]
        self.service.psql("ANALYZE")

    def fill_units(self, rows, name="'Đơn vị đo số ' || n", parent=None):
        """Units of one kind, with their stamps and without events. `name` is SQL of n, the number of each."""
        below = f"'{parent}', 'Quyết định số ' || n || '/QĐ-UBND'" if parent else "NULL, NULL"
        self.run_sql(f"""
            BEGIN;
            SET LOCAL session_replication_role = replica;
            CREATE TEMP TABLE made ON COMMIT DROP AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, {rows}) n;
            INSERT INTO units (id) SELECT id FROM made;
            INSERT INTO unit_stamps (unit_id, stamp, packed) SELECT id, 0, 0 FROM made;
            INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id, legal_basis)
                SELECT id, '[2010-01-01,)', {name}, 'OTHER', {below} FROM made;
            COMMIT;""")

    def spent(self):
        """Processor seconds of the service, and of PostgreSQL."""
        server = (self.service.var / "postgres/postmaster.pid").read_text(encoding="ascii").split()[0]
        backends = pathlib.Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
        return seconds_of(self.service.process.pid), seconds_of(server, 4) + sum(map(seconds_of, backends))

    def run_sql(self, sql):
        subprocess.run([POSTGRESQL / "psql", "-h", self.service.var / "socket", "-U", "postgres", "-d", "thidua", "-Xq", "-v", "ON_ERROR_STOP=1", "-c", sql],
                       check=True, stdout=subprocess.DEVNULL)

    def headers(self, role):
        return {"Authorization": f"Bearer {self.keys[role]}"} if role else {}

    def get(self, path, role=None):
        return requests.get(self.service.base + path, headers=self.headers(role), timeout=60)

    # ---- one measure: requests or transactions a second ----

    def wrk(self, lua, base=None, connections=32, seconds=None):
        """(requests a second, p99 in ms). `lua` gives the request; every answer must be one that was asked for."""
        return self.wrk_told(self.wrk_begin(lua, base, connections, seconds))

    def wrk_begin(self, lua, base=None, connections=32, seconds=None):
        self.scripts += 1
        script = self.directory / f"request-{self.scripts % 16}.lua"
        script.write_text(lua, encoding="utf-8")
        return subprocess.Popen(["wrk", "-t1", f"-c{connections}", f"-d{seconds or self.seconds}s", "--latency", "-s", script, base or self.service.base],
                                stdout=subprocess.PIPE, text=True)

    @staticmethod
    def wrk_shown(process):
        shown = process.communicate()[0]
        if process.returncode != 0 or "Non-2xx" in shown or "Socket errors" in shown:
            sys.exit(f"answers that were not asked for:\n{shown}")
        return shown

    def wrk_told(self, process):
        shown = self.wrk_shown(process)
        return float(re.search(r"Requests/sec:\s+([\d.]+)", shown)[1]), latency(shown, 99)

    def reads(self, path, header="", base=None):
        return lambda: self.wrk(f'{header} wrk.path = "{path}"', base)[0]

    def dated_units(self, base=None):
        """A unit on a day that was not asked for before: memory never has it."""
        known = ", ".join(f'"{unit}"' for unit in self.units)
        return lambda: self.wrk(f'local ids = {{{known}}} local n = {os.getpid()}\nrequest = function() n = n + 1 return wrk.format('
                                f'"GET", "/v1/units/" .. ids[n % #ids + 1] .. "?on=" .. {DAYS}) end', base)[0]

    def pgbench(self, sql, values=(), clients=4):
        given = {f"p{i}": value for i, value in enumerate(values, 1) if value is not None}
        text = re.sub(r"\$(\d+)", lambda m: f":p{m[1]}" if f"p{m[1]}" in given else "NULL", sql)
        return self.pgbench_rate(text, clients, *[f"-D{name}={value}" for name, value in given.items()])

    def pgbench_rate(self, text, clients, *options):
        return float(re.search(r"tps = ([\d.]+)", self.pgbench_run(text, clients, *options).stdout)[1])

    def pgbench_run(self, text, clients, *options, seconds=None):
        file = self.directory / "transaction.sql"
        file.write_text(text + "\n", encoding="utf-8")
        done = subprocess.run([POSTGRESQL / "pgbench", "-h", self.service.var / "socket", "-U", "thidua_app", "-n", "-M", "prepared", f"-c{clients}", "-j1",
                               f"-T{seconds or self.seconds}", *options, "-f", file, "thidua"], capture_output=True, text=True, env={**os.environ, "PGOPTIONS": SESSION})
        if done.returncode != 0:
            sys.exit(f"pgbench: {done.stderr[-2000:]}")
        return done

    def side_by_side(self, title, **measures):
        """The measures in turns; the first is ours, the others are what it is compared with. Medians."""
        found = {name: [] for name in measures}
        for _ in range(self.turns):
            for name, measure in measures.items():
                found[name].append(measure())
        medians = {name: statistics.median(values) for name, values in found.items()}
        ours, *others = medians
        print(f"{title}: " + ", ".join(f"{name.replace('_', ' ')} {shown_rate(value)}/s" for name, value in medians.items()))
        for other in others:
            print(f"    ratio {title.replace(' ', '-')}/{other.replace('_', '-')} {medians[ours] / max(medians[other], 0.01):.2f}")
        sys.stdout.flush()
        return medians

    # ---- what is measured ----

    def reading(self, node):
        unit = self.units[0]
        unit_sql = statements()["unit_get"]
        health = self.reads("/healthz")
        one_row = lambda: self.pgbench("SELECT id, version FROM units WHERE id = $1::uuid", [unit])
        self.side_by_side("unit read again", ours=self.reads(f"/v1/units/{unit}"), healthz=health, pgbench_one_row=one_row,
                          pgbench_same_sql=lambda: self.pgbench(unit_sql, [unit, "2024-12-30"]),
                          fastify_pg=self.reads(f"/v1/units/{unit}", base=node))
        self.side_by_side("unit read from the database", ours=self.dated_units(),
                          pgbench_same_sql=lambda: self.pgbench(unit_sql, [unit, "2024-12-30"]), fastify_pg=self.dated_units(node))
        list_sql = statements()["unit_list"]
        self.side_by_side("list of 20 units from the database",
                          ours=lambda: self.wrk(f'local n = 0\nrequest = function() n = n + 1 return wrk.format("GET", "/v1/units?limit=20&on=" .. {DAYS}) end')[0],
                          pgbench_same_sql=lambda: self.pgbench(list_sql, ["2024-12-30", None, None, None, None, None, "20"]))
        self.side_by_side("round status", ours=self.reads(ROUND), healthz=health)

    def transactions(self):
        self.service.psql("SELECT pg_stat_force_next_flush()")
        return int(self.service.psql("SELECT xact_commit FROM pg_stat_database WHERE datname = 'thidua'"))

    def unchanged(self):
        """304 of a status resource, and what PostgreSQL saw of it. Quiet connections ask now and then whether it is there."""
        etag = self.get(ROUND).headers["ETag"].replace('"', '\\"')
        asked = f'wrk.headers["If-None-Match"] = "{etag}"'
        self.side_by_side("304 of the round status", ours=self.reads(ROUND, asked), healthz=self.reads("/healthz"))
        for title, measure in (("304", self.reads(ROUND, asked)), ("read from the database", self.dated_units())):
            before = self.transactions()
            rate = measure()
            print(f"    transactions in PostgreSQL for each {title}: {(self.transactions() - before) / (rate * self.seconds):.5f}")

    def writing(self):
        self.side_by_side(
            "one unit written",
            ours=lambda: self.wrk('wrk.headers["Content-Type"] = "application/json" wrk.headers["Authorization"] = "Bearer %s"\n'
                                  'wrk.method = "POST" wrk.path = "/v1/units" wrk.body = [[{"name": "Đơn vị đo", "kind": "OTHER", "valid_from": "2020-01-01", "confirm_duplicate": true}]]'
                                  % self.keys["admin"])[0],
            pgbench_two_inserts=lambda: self.pgbench(
                "BEGIN;\nWITH u AS (INSERT INTO units DEFAULT VALUES RETURNING id)\nINSERT INTO unit_periods (unit_id, valid, name, kind) "
                "SELECT id, daterange('2020-01-01', NULL), 'Đơn vị đo', 'OTHER' FROM u;\nINSERT INTO journal (actor_kind, actor_name, actor_roles, request_id, "
                "type, resource, restricted) VALUES ('SERVICE', 'bench', '{admin}', 'bench', 'unit.created', '/v1/units', false);\nCOMMIT;"))

    def resident(self, field="VmRSS"):
        status = pathlib.Path(f"/proc/{self.service.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1024

    def memory(self):
        """A process of its own that has just started; the peak (VmHWM) is what a transfer adds at most."""
        assert self.stop() == 0
        self.start()
        self.get(ROUND)
        idle = self.resident()
        print(f"resident memory idle: {idle:.1f} MiB")
        unit = self.headers("unit")
        made = requests.post(self.service.base + "/v1/dossiers", headers=unit, timeout=60, json={
            "campaign": "230-KH-UBND", "year": 2024, "nominator_unit_id": self.get("/v1/me", "unit").json()["unit_id"]})
        if made.status_code != 201:
            sys.exit(f"no dossier: {made.text}")
        path = self.service.base + made.headers["Location"]
        document = b"%PDF-1.4\n" + bytes(25 * MIB - 15) + b"%%EOF\n"
        before = self.peak_reset()
        put = requests.put(f"{path}/documents/TO_TRINH", data=document, timeout=120, headers={**unit, "Content-Type": "application/pdf"})
        if put.status_code != 201:
            sys.exit(f"no upload: {put.text}")
        print(f"25 MiB uploaded: + {self.resident('VmHWM') - before:.1f} MiB at most")
        before = self.peak_reset()
        with requests.get(f"{path}/documents/TO_TRINH", headers=unit, timeout=120, stream=True) as got:
            assert sum(len(piece) for piece in got.iter_content(MIB)) == len(document)
        print(f"25 MiB downloaded: + {self.resident('VmHWM') - before:.1f} MiB at most")

    def peak_reset(self):
        pathlib.Path(f"/proc/{self.service.process.pid}/clear_refs").write_text("5", encoding="ascii")
        return self.resident()

    def beside_heavy(self):
        """p99 of reads that go to the database, alone and while rounds are evaluated without pause."""
        script = f'local ids = {{"{self.units[0]}"}} local n = 0\nrequest = function() n = n + 1 return wrk.format("GET", "/v1/units/" .. ids[1] .. "?on=" .. {DAYS}) end'
        alone = self.wrk(script, connections=8)
        stop, done = threading.Event(), []

        def evaluate():
            while not stop.is_set():
                made = requests.post(f"{self.service.base}{ROUND}/evaluations", headers=self.headers("home_affairs"), json={}, timeout=60)
                done.append(made.status_code)
        workers = [threading.Thread(target=evaluate) for _ in range(4)]
        for worker in workers:
            worker.start()
        beside = self.wrk(script, connections=8)
        stop.set()
        for worker in workers:
            worker.join()
        print(f"reads alone: {alone[0]:,.0f}/s, p99 {alone[1]:.2f} ms; beside {done.count(201) / self.seconds:,.0f} evaluations/s: "
              f"{beside[0]:,.0f}/s, p99 {beside[1]:.2f} ms")
        print(f"    ratio p99-beside-heavy/p99-alone {beside[1] / alone[1]:.2f}")


class Node(Compared):
    """fastify and pg, pinned by house/package-lock.json, on the same PostgreSQL."""

    def __init__(self, bench):
        self.process = subprocess.Popen(["node", HERE / "server.mjs"], stdout=subprocess.PIPE, text=True, env={
            **os.environ, "NODE_ENV": "production", "SOCKET": str(bench.service.var / "socket"), "SQL": statements()["unit_get"]})
        self.base = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        asked = f"/v1/units/{bench.units[0]}?on=2024-12-30"
        assert requests.get(self.base + asked, timeout=10).json() == bench.get(asked).json(), "it does not answer what we answer"


def main():
    options = options_of("house", __doc__, seconds=4, turns=3).parse_args()
    with scratch("house") as directory, running(Bench(directory, options.seconds, options.turns)) as bench:
        bench.fill()
        with running(Node(bench)) as node:
            bench.reading(node.base)
            bench.unchanged()
            bench.beside_heavy()
        bench.writing()
        bench.memory()


if __name__ == "__main__":
    main()
