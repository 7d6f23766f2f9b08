#!/usr/bin/python3
"""What a standby spares the primary (THIDUA_READ_URL), and what that costs a read.

Of two instances on one primary, one reads from a standby. Processor time of the primary for each read is what its processes took, while 1 and
32 clients read through the one and through the other in turns. Then 32 clients read while units are written at a steady rate: how
many of their reads the standby answers. Reads a second are no measure of it: here, all of it shares the same cores.
Starts services, a primary and a standby of its own, and stops them.
"""
import contextlib
import os
import re
import statistics
import threading
import time

import requests

from house import Bench, latency, options_of, running, scratch
from service import wait_until
from standby import Standby

READS = {
    "unit": '"/v1/units/" .. ids[n % #ids + 1] .. DAY',
    "100 units": '"/v1/units" .. DAY .. "&limit=100"',
}
DAY = 'string.format("?on=%04d-%02d-%02d", 2011 + n % 2000, 1 + n % 12, 1 + n % 28)'  # memory has none of them
OUTCOME = re.compile(r'^thidua_standby_reads_total{outcome="(\w+)"} (\d+)$', re.M)


class Reader(Bench):
    def asks(self, what, ids):
        known = ", ".join(f'"{each}"' for each in ids)
        return (f'local ids = {{{known}}} local n = {os.getpid()}\nrequest = function() n = n + 1 '
                f'return wrk.format("GET", {READS[what].replace("DAY", DAY)}) end')

    def measure(self, primary, lua, connections):
        """(µs of the primary, the median in ms) of a read."""
        before = primary.spent()[1]
        shown = self.wrk_shown(self.wrk_begin(lua, connections=connections))
        count = int(re.search(r"(\d+) requests in", shown)[1])
        return (primary.spent()[1] - before) * 1e6 / count, latency(shown, 50)

    def outcomes(self, key):
        text = requests.get(self.service.base + "/metrics", headers={"Authorization": f"Bearer {key}"}, timeout=60).text
        return {outcome: int(count) for outcome, count in OUTCOME.findall(text)}


def fill(bench, rows):
    bench.key = bench.service.first_key()
    body = {"name": "Sở đo", "kind": "PROVINCIAL_BODY", "valid_from": "2010-01-01"}
    made = requests.post(bench.service.base + "/v1/units", headers={"Authorization": f"Bearer {bench.key}"}, json=body, timeout=60)
    bench.fill_units(rows, parent=made.json()["id"])
    bench.run_sql("VACUUM ANALYZE")
    bench.units = [item["id"] for item in bench.get("/v1/units?limit=200").json()["items"]]


def spared(primary, reader, turns):
    print("| read | clients | primary µs, by the primary | by the standby | of it | median ms, by the primary | by the standby |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for what in READS:
        for connections in 1, 32:
            found = {primary: [], reader: []}
            for _ in range(turns):
                for each, measures in found.items():
                    measures.append(each.measure(primary, each.asks(what, primary.units), connections))
            (cost, wait), (spared_cost, longer) = ([statistics.median(values) for values in zip(*measures)] for measures in found.values())
            print(f"| {what} | {connections} | {cost:.0f} | {spared_cost:.0f} | {100 * spared_cost / max(cost, 1):.0f} % | {wait:.2f} | {longer:.2f} |", flush=True)


def beside_writes(primary, reader, rates):
    print("| writes a second | reads by the standby |\n|---:|---:|")
    key, written, stop = primary.key, [0], threading.Event()

    def write(rate):
        with requests.Session() as session:
            session.headers.update({"Authorization": f"Bearer {key}"})
            while not stop.wait(1 / rate):
                body = {"name": f"Đơn vị ghi {time.monotonic_ns()}", "kind": "OTHER", "valid_from": "2020-01-01", "confirm_duplicate": True}
                assert session.post(primary.service.base + "/v1/units", json=body, timeout=60).status_code == 201
                written[0] += 1

    for rate in rates:
        stop.clear()
        writer = threading.Thread(target=write, args=(rate,))
        before, written[0], began = reader.outcomes(key), 0, time.monotonic()
        writer.start()
        reader.wrk(reader.asks("unit", primary.units))
        stop.set()
        writer.join()
        grown = {outcome: count - before[outcome] for outcome, count in reader.outcomes(key).items()}
        print(f"| {written[0] / (time.monotonic() - began):.0f} | {100 * grown['answered'] / max(sum(grown.values()), 1):.0f} % |", flush=True)


def main():
    options = options_of("standbys", __doc__, seconds=4, turns=5)
    options.add_argument("--rows", type=int, default=10000, help="units in the database (default 10000)")
    options = options.parse_args()
    with scratch("standbys") as directory, contextlib.ExitStack() as started:
        for name in "primary", "reader", "standby":
            (directory / name).mkdir(mode=0o755)
        primary = started.enter_context(running(Reader(directory / "primary", options.seconds, options.turns)))
        fill(primary, options.rows)
        standby = Standby(primary.service, directory / "standby")
        started.callback(standby.remove)
        standby.copy()
        standby.start()
        reader = started.enter_context(running(Reader(directory / "reader", options.seconds, options.turns, THIDUA_READ_URL=standby.url, **primary.service.urls())))
        wait_until(lambda: reader.get("/v1/public-holidays").status_code == 200 and reader.outcomes(primary.key)["answered"])
        spared(primary, reader, options.turns)
        beside_writes(primary, reader, (2, 20, 100))


if __name__ == "__main__":
    main()
