#!/usr/bin/python3
"""Quick reads beside heavy work: p99 of answers from memory, of a unit and of a verdict from the database, alone and while evaluations,
an import, an export, or a query of some 200 ms run without pause.

The quick reads come at a steady rate that leaves the machine idle for most of the time. What memory holds goes to the database
again after a commit that it rests on; an evaluation leaves what everybody is told of a round. Windows alone, beside the work, and
beside processes that only spin follow one another. As many processes spin as cores were busy with the work, at the same nice level:
what a read waits for beside them it waits for a processor, and no service could spare it that. Starts a service of its own on a
private PostgreSQL and stops both. Figures depend on the machine and its other load: what counts are the ratios, of medians of what
was measured in turns.
"""
import contextlib
import datetime
import os
import statistics
import subprocess
import sys
import threading
import time

import requests

from house import DAYS, ROUND, Bench, options_of, running, scratch
from million import fill as fill_round

CODE, PAUSE_MS, CONNECTIONS = "BESIDE", 8, 4


class Beside(Bench):
    def fill_more(self, contestants, rows, imported):
        fill_round(self.service, CODE, contestants)
        self.fill_units(rows, "CASE WHEN n % 8 = 0 THEN 'Hợp tác xã số ' ELSE 'Tổ sản xuất số ' END || n")
        self.run_sql("VACUUM ANALYZE")
        self.imported = ("name,kind,valid_from\n" + "".join(f"Đơn vị nhập số {n},OTHER,2020-01-01\n" for n in range(imported))).encode()
        self.session, self.day = requests.Session(), datetime.date(2011, 1, 1)
        for path in (ROUND, f"/v1/campaigns/{CODE}/rounds/2024"):
            made = requests.post(f"{self.service.base}{path}/evaluations", headers=self.headers("home_affairs"), json={}, timeout=600)
            assert made.status_code == 201, made.text
        self.judged = [item["unit_id"] for item in self.get(ROUND + "/board", "home_affairs").json()["matrix"]["items"]]

    # ---- the quick reads ----

    def quick(self):
        etag = self.get(ROUND).headers["ETag"].replace('"', '\\"')
        units, judged = (", ".join(f'"{each}"' for each in ids) for ids in (self.units, self.judged))
        asks = f'local n = {os.getpid()}\nrequest = function() n = n + 1 return wrk.format("GET", '
        return {
            "304 from memory": f'wrk.path = "{ROUND}" wrk.headers["If-None-Match"] = "{etag}"',
            "200 from memory": f'wrk.path = "{ROUND}"',
            "unit": f'local ids = {{{units}}} {asks}"/v1/units/" .. ids[n % #ids + 1] .. "?on=" .. {DAYS}) end',
            "verdict": f'wrk.headers["Authorization"] = "Bearer {self.keys["home_affairs"]}" local ids = {{{judged}}} {asks}"{ROUND}/verdicts/" .. ids[n % #ids + 1]) end',
        }

    def window(self, quick):
        """p99 in ms of each kind, which are asked for side by side, and the cores that service and PostgreSQL took."""
        before, start = sum(self.spent()), time.monotonic()
        asking = {name: self.wrk_begin(f"function delay() return {PAUSE_MS} end {lua}", connections=CONNECTIONS) for name, lua in quick.items()}
        told = {name: self.wrk_told(process)[1] for name, process in asking.items()}
        return told, (sum(self.spent()) - before) / (time.monotonic() - start)

    # ---- the work beside them: each does one piece of it ----

    def evaluate(self):
        return self.session.post(f"{self.service.base}/v1/campaigns/{CODE}/rounds/2024/evaluations", headers=self.headers("home_affairs"), json={}, timeout=600)

    def take_in(self):
        return self.session.post(f"{self.service.base}/v1/imports?kind=units&dry_run=true&confirm_duplicate=true", data=self.imported, timeout=600,
                                 headers={**self.headers("home_affairs"), "Content-Type": "text/csv"})

    def export(self):
        with self.session.get(f"{self.service.base}/v1/units?kind=OTHER", headers={"Accept": "text/csv"}, stream=True, timeout=600) as got:
            for _ in got.iter_content(1 << 20):
                if self.enough.is_set():
                    break
            return got

    def search(self):
        """Of a day that was not asked for before: memory never has it."""
        self.day += datetime.timedelta(days=1)
        return self.session.get(f"{self.service.base}/v1/units?q=hop%20tac%20xa&on={self.day}", timeout=600)

    @contextlib.contextmanager
    def working(self, piece):
        """Runs `piece` again and again meanwhile; counts what was done."""
        self.enough, done, wrong = threading.Event(), [], []

        def work():
            while not self.enough.is_set() and not wrong:
                start = time.monotonic()
                got = piece()
                (done if got.status_code in (200, 201) else wrong).append(time.monotonic() - start)
        worker = threading.Thread(target=work)
        worker.start()
        try:
            yield done
        finally:
            self.enough.set()
            worker.join()
        if wrong:
            sys.exit(f"{piece.__name__} was refused")

    @contextlib.contextmanager
    def spinning(self, count):
        processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
        try:
            yield
        finally:
            for process in processes:
                process.kill()
                process.wait()

    def compare(self, title, piece):
        quick = self.quick()
        alone, beside, spun, cores, pieces, spinners = [], [], [], [], [], 1
        for _ in range(self.turns):
            told, idle = self.window(quick)
            alone.append(told)
            with self.working(piece) as done:
                told, busy = self.window(quick)
            beside.append(told)
            cores.append(max(0, busy - idle))
            pieces += done
            spinners = min(os.cpu_count(), max(1, round(statistics.median(cores))))
            with self.spinning(spinners):
                spun.append(self.window(quick)[0])
        print(f"beside {title}, {1000 * statistics.median(pieces):.0f} ms each: {statistics.median(cores):.2f} cores")
        for name in quick:
            p99, with_work, with_spin = (statistics.median(turn[name] for turn in turns) for turns in (alone, beside, spun))
            print(f"    {name}: p99 {p99:.2f} ms alone, {with_work:.2f} ms beside, {with_spin:.2f} ms beside {spinners} that spin")
            print(f"    ratio {name} {with_work / p99:.2f}, of those that spin {with_spin / p99:.2f}", flush=True)


def main():
    options = options_of("beside", __doc__, turns=5)
    options.add_argument("--seconds", type=int, default=2, help="of one window (default 2)")
    options.add_argument("--contestants", type=int, default=1000, help="of the round that is evaluated (default 1000)")
    options.add_argument("--rows", type=int, default=100000, help="of the list that is exported and searched (default 100000)")
    options.add_argument("--imported", type=int, default=5000, help="rows of the file that is imported (default 5000)")
    options.add_argument("--only", nargs="+", choices=["evaluations", "imports", "exports", "queries"], help="beside these alone")
    options = options.parse_args()
    with scratch("beside") as directory, running(Beside(directory, options.seconds, options.turns)) as bench:
        bench.fill()
        bench.fill_more(options.contestants, options.rows, options.imported)
        for title, piece in (("evaluations", bench.evaluate), ("imports", bench.take_in), ("exports", bench.export), ("queries", bench.search)):
            if not options.only or title in options.only:
                bench.compare(title, piece)


if __name__ == "__main__":
    main()
