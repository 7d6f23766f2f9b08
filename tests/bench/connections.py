#!/usr/bin/python3
"""Many who wait: 10,000 connections between two requests and 1,000 event streams. What memory they take, and what quick reads feel.

Each of the 10,000 has had one answer and is kept open. The reads go to the database, alone and beside all of them, in turns.
Starts a service of its own on a private PostgreSQL and stops both. Figures depend on the machine and its other load.
"""
import contextlib
import re
import resource
import select
import socket
import statistics
import sys

import requests

from house import Bench, options_of, running, scratch
from service import wait_until

UNIT = {"name": "Đơn vị đo", "kind": "OTHER", "valid_from": "1950-01-01", "confirm_duplicate": True}
AT_ONCE = 200  # fewer than wait to be taken


def allow_files(wanted):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < wanted:
        sys.exit(f"{wanted} open files are needed, {most} are allowed: ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Crowd:
    """Connections that are held open together."""

    def __init__(self, base):
        self.address = ("127.0.0.1", int(base.rsplit(":", 1)[1]))
        self.poll, self.sockets = select.epoll(), {}

    def join(self, count, path, told):
        """Asks for `path` on so many connections, and waits until each has been told what must be in the answer."""
        request = f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()
        while count > 0:
            waiting = {}
            for _ in range(min(count, AT_ONCE)):
                one = socket.create_connection(self.address)
                one.send(request)
                self.poll.register(one.fileno(), select.EPOLLIN)
                self.sockets[one.fileno()], waiting[one.fileno()] = one, b""
            count -= len(waiting)
            while waiting:
                for number, _ in self.poll.poll(60) or sys.exit("connections are not answered"):
                    came = self.sockets[number].recv(65536)
                    if number not in waiting:
                        continue
                    waiting[number] += came
                    if not came or not waiting[number].startswith(b"HTTP/1.1 200"[:len(waiting[number])]):
                        sys.exit(f"not what was asked for: {waiting[number]}")
                    if told in waiting[number]:
                        del waiting[number]

    def leave(self):
        self.poll.close()
        for one in self.sockets.values():
            one.close()


class Connections(Bench):
    drawn = 0

    def fill(self):
        """One unit is enough."""
        self.keys = {"admin": self.service.first_key()}
        made = requests.post(self.service.base + "/v1/units", json=UNIT, headers=self.headers("admin"), timeout=60)
        assert made.status_code == 201, made.text
        self.units = [made.json()["id"]]

    def connections(self):
        metrics = self.get("/metrics", "admin").text
        return int(re.search(r"^thidua_client_connections (\d+)", metrics, re.M)[1])

    @contextlib.contextmanager
    def crowd(self, idle, streams):
        crowd = Crowd(self.service.base)
        try:
            crowd.join(streams, "/v1/events/stream", b"retry: 2000\n\n")
            crowd.join(idle, "/healthz", b"\r\n\r\n")
            yield
        finally:
            crowd.leave()
            wait_until(lambda: self.connections() < 20)

    def p99(self):
        known = self.units[0]
        script = f"""local n = {self.drawn} request = function() n = n + 1 return wrk.format("GET",
            "/v1/units/{known}?on=" .. string.format("%04d-%02d-%02d", 1950 + n % 70, 1 + n % 12, 1 + n % 28)) end"""
        self.drawn += 100003
        return self.wrk(script, connections=8)


def main():
    options = options_of("connections", __doc__, seconds=4, turns=5)
    options.add_argument("--idle", type=int, default=10000)
    options.add_argument("--streams", type=int, default=1000)
    options = options.parse_args()
    wanted = options.idle + options.streams + 500
    allow_files(wanted)
    with scratch("connections") as directory, running(Connections(
            directory, options.seconds, options.turns, THIDUA_CONNECTIONS=str(wanted), THIDUA_CONNECTIONS_PER_ADDRESS=str(wanted),
            THIDUA_IDLE_SECONDS="300")) as bench:
        bench.fill()
        bench.p99()
        alone, beside, memory, before = [], [], [], bench.resident()
        for _ in range(options.turns):
            alone.append(bench.p99())
            with bench.crowd(options.idle, options.streams):
                beside.append(bench.p99())
                memory.append(bench.resident())
        (rate, p99), (crowded_rate, crowded_p99) = (map(statistics.median, zip(*taken)) for taken in (alone, beside))
        print(f"resident memory: {before:.1f} MiB before, {max(memory):.1f} MiB with {options.idle} idle connections and {options.streams} event streams")
        print(f"quick reads alone: {rate:,.0f}/s, p99 {p99:.2f} ms; beside them: {crowded_rate:,.0f}/s, p99 {crowded_p99:.2f} ms")
        print(f"    ratio p99-beside-connections/p99-alone {crowded_p99 / p99:.2f}")


if __name__ == "__main__":
    main()
