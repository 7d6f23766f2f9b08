#!/usr/bin/python3
"""Answers from memory: 304 and 200 of a round's status, each beside the smallest libmicrohttpd program and nginx.

The smallest program (smallest/cached.c) gives the service's own answer, header by header. It logs and counts nothing. "smallest"
makes the answer for each request, as the service must, whose answers bear the request's id and time; "ready" has made it before.
nginx serves the same body from a file with as many workers, and logs as it does by default. Starts a service of
its own on a private PostgreSQL and stops all of them. Figures depend on the machine and its other load: what counts are the
ratios, of measures that were taken in turns, and the processor time of a request.
"""
import os
import pathlib
import socket
import statistics
import subprocess

import requests

from house import ROOT, ROUND, Bench, Compared, free_port, options_of, running, scratch, seconds_of
from service import wait_until

OF_THE_CONNECTION = {"date", "connection", "content-length", "keep-alive"}


class Cached(Bench):
    def compare(self, title, measures):
        """`measures`: name to (processes, measure). Medians of what was measured in turns."""
        taken = {name: [] for name in measures}
        for _ in range(self.turns):
            for name, (processes, measure) in measures.items():
                before = sum(map(seconds_of, processes))
                rate = measure()
                taken[name].append((rate, 1e6 * (sum(map(seconds_of, processes)) - before) / (rate * self.seconds)))
        rate, spent = ({name: statistics.median(turn[i] for turn in turns) for name, turns in taken.items()} for i in range(2))
        ours, *others = measures
        print(f"{title}: " + ", ".join(f"{name} {value:,.0f}/s" for name, value in rate.items()))
        print("    processor time of one: " + ", ".join(f"{name} {value:.1f} us" for name, value in spent.items()))
        for other in others:
            print(f"    ratio {title.replace(' ', '-')}/{other} {rate[ours] / rate[other]:.2f}", flush=True)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Smallest(Compared):
    def __init__(self, program, directory, got, made):
        body = directory / f"body-{got.status_code}"
        body.write_bytes(got.content)
        headers = "".join(f"{name}: {value}\n" for name, value in got.headers.items() if name.lower() not in OF_THE_CONNECTION)
        self.process = subprocess.Popen([program, str(got.status_code), str(os.cpu_count()), body, made], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(headers)
        self.process.stdin.close()
        self.base = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        mine = requests.get(self.base + ROUND, timeout=10)
        ours = {name: value for name, value in got.headers.items() if name.lower() not in OF_THE_CONNECTION}
        assert (mine.status_code, mine.content) == (got.status_code, got.content) and ours.items() <= dict(mine.headers).items()

    def processes(self):
        return [self.process.pid]


class Nginx(Compared):
    def __init__(self, directory, body):
        place, port = directory / "nginx", free_port()
        file = place / "html" / ROUND[1:]
        file.parent.mkdir(parents=True)
        file.write_bytes(body)
        conf = place / "nginx.conf"
        conf.write_text(f"""daemon off; worker_processes {os.cpu_count()}; pid {place}/pid; error_log {place}/error.log;
            events {{ worker_connections 1000; }}
            http {{ default_type application/json; access_log {place}/access.log; keepalive_requests 1000000000; sendfile on; tcp_nopush on;
                   open_file_cache max=100; server {{ listen 127.0.0.1:{port}; root {place}/html; }} }}""", encoding="ascii")
        self.process = subprocess.Popen(["nginx", "-p", place, "-c", conf], stderr=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}"
        wait_until(lambda: listens(port))
        self.etag = requests.get(self.base + ROUND, timeout=10).headers["ETag"]

    def processes(self):
        return list(map(int, pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii").split()))


def main():
    options = options_of("cached", __doc__, seconds=4, turns=5)
    options.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="where the smallest program is built")
    options = options.parse_args()
    with scratch("cached") as directory, running(Cached(directory, options.seconds, options.turns)) as bench:
        bench.fill()
        full = bench.get(ROUND)
        with running(Nginx(directory, full.content)) as nginx:
            etags = {name: etag.replace('"', '\\"') for name, etag in (("ours", full.headers["ETag"]), ("nginx", nginx.etag))}
            for title, status in (("304", 304), ("cached 200", 200)):
                known = {"If-None-Match": full.headers["ETag"]} if status == 304 else {}
                got = requests.get(bench.service.base + ROUND, headers={"Accept-Encoding": "identity", **known}, timeout=10)
                assert got.status_code == status
                asked = {name: f'wrk.headers["If-None-Match"] = "{etag}"' if status == 304 else "" for name, etag in etags.items()}
                program = options.build / "tests/bench/smallest/cached"
                with running(Smallest(program, directory, got, "each")) as smallest, running(Smallest(program, directory, got, "once")) as ready:
                    bench.compare(title, {
                        "ours": ([bench.service.process.pid], bench.reads(ROUND, asked["ours"])),
                        "smallest": (smallest.processes(), bench.reads(ROUND, asked["ours"], smallest.base)),
                        "ready": (ready.processes(), bench.reads(ROUND, asked["ours"], ready.base)),
                        "nginx": (nginx.processes(), bench.reads(ROUND, asked["nginx"], nginx.base)),
                    })


if __name__ == "__main__":
    main()
