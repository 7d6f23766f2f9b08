#!/usr/bin/python3
"""Events: from a commit to 1,000 listeners of the stream, and from a commit to a receiver of webhooks.

PostgreSQL keeps the instant of each commit (track_commit_timestamp), by the same clock as the listeners here, who are one process:
the time that this process takes to read a thousand answers is part of the figures. Writes come one by one, as from an office.
Starts a service of its own on a private PostgreSQL and stops both. Figures depend on the machine and its other load.
"""
import http.server
import json
import re
import select
import statistics
import threading
import time

import requests

from connections import UNIT, Connections, Crowd, allow_files
from durable import literal
from house import options_of, running, scratch, seconds_of


class Events(Connections):
    spent = ()

    def keep_commit_instants(self):
        self.spent = []
        self.stop()
        with open(self.service.var / "postgres/postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write("track_commit_timestamp = on\n")
        self.start()

    def write(self):
        """The resource that was made."""
        made = requests.post(self.service.base + "/v1/units", json=UNIT, headers=self.headers("admin"), timeout=60)
        assert made.status_code == 201, made.text
        return made.headers["Location"]

    def write_some(self, count):
        made = []
        for number in range(count):
            made.append(self.write())
            time.sleep(0.05 + 0.01 * (number % 7))  # not in step with anything
        return made

    def committed(self, resources):
        """Resource to the instant of its commit."""
        ids = ", ".join(literal(resource.rsplit("/", 1)[1]) for resource in resources)
        rows = self.service.psql(f"SELECT '/v1/units/' || id, extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM units WHERE id IN ({ids})")
        return {resource: float(at) for resource, at in (line.split("|") for line in rows.splitlines())}

    def streamed(self, listeners, count):
        """Seconds from each commit to each listener."""
        crowd, came, made = Crowd(self.service.base), {}, []
        crowd.join(listeners, "/v1/events/stream", b"retry: 2000\n\n")
        writer = threading.Thread(target=lambda: made.extend(self.write_some(count)))
        writer.start()
        heard, rest = 0, {}
        spent = seconds_of(self.service.process.pid), time.process_time()
        while heard < listeners * count:
            for number, _ in crowd.poll.poll(30) or [(None, None)]:
                assert number, f"only {heard} of {listeners * count} events came"
                text = rest.get(number, b"") + crowd.sockets[number].recv(65536)
                at = time.time()
                *whole, rest[number] = text.split(b"\n\n")
                for event in whole:
                    subject = re.search(rb'"subject":"(/v1/units/[^"]+)"', event)
                    if subject:
                        came.setdefault(subject[1].decode(), []).append(at)
                        heard += 1
        writer.join()
        self.spent.append((seconds_of(self.service.process.pid) - spent[0], time.process_time() - spent[1]))
        crowd.leave()
        committed = self.committed(made)
        return [at - committed[resource] for resource in made for at in came[resource]]

    def delivered(self, receiver, count):
        """Seconds from each commit to the request that tells of it."""
        made = self.write_some(count)
        end = time.monotonic() + 30
        while not set(made) <= receiver.came.keys() and time.monotonic() < end:
            select.select([], [], [], 0.05)
        committed = self.committed(made)
        return [receiver.came[resource] - committed[resource] for resource in made]


class Receiver:
    """Of webhooks: what came, and when its request line was read."""

    def __init__(self):
        came = self.came = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                at = time.time()
                came[json.loads(self.rfile.read(int(self.headers["Content-Length"])))["subject"]] = at
                self.send_response(204)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def tell(title, turns):
    """Medians of the turns."""
    shown = {name: statistics.median(1000 * statistics.quantiles(turn, n=1000)[at - 1] for turn in turns) for name, at in (("p50", 500), ("p99", 990))}
    print(f"{title}: p50 {shown['p50']:.1f} ms, p99 {shown['p99']:.1f} ms, longest {1000 * max(map(max, turns)):.1f} ms", flush=True)


def main():
    options = options_of("events", __doc__, turns=5)
    options.add_argument("--listeners", type=int, default=1000)
    options.add_argument("--writes", type=int, default=40, help="of one measure (default 40)")
    options = options.parse_args()
    allow_files(options.listeners + 500)
    receiver = Receiver()
    with scratch("events") as directory, running(Events(directory, 0, options.turns, THIDUA_CONNECTIONS_PER_ADDRESS="8192",
                                                        THIDUA_WEBHOOK_ALLOW="127.0.0.1")) as bench:
        bench.fill()
        bench.keep_commit_instants()
        streamed = [bench.streamed(options.listeners, options.writes) for _ in range(options.turns)]
        tell(f"commit to {options.listeners} listeners", streamed)
        service, listeners = (1000 * statistics.median(turn) / options.writes for turn in zip(*bench.spent))
        print(f"    processor time of one event: service {service:.1f} ms, the listeners' process {listeners:.1f} ms")
        hook = requests.post(bench.service.base + "/v1/webhooks", headers=bench.headers("admin"), timeout=60,
                             json={"url": f"http://127.0.0.1:{receiver.server.server_port}/", "types": ["thidua.unit.created"]})
        assert hook.status_code == 201, hook.text
        tell("commit to a receiver of webhooks", [bench.delivered(receiver, options.writes) for _ in range(options.turns)])


if __name__ == "__main__":
    main()
