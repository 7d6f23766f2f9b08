#!/usr/bin/python3
"""Starts: from the command to the first 200 of /readyz with PostgreSQL up and the schema there, and a second ./run on the same data.

Starts services of its own on a private PostgreSQL and stops them. Figures depend on the machine and its other load.
"""
import os
import signal
import socket
import statistics
import subprocess
import time

from house import PROGRAM, ROOT, free_port, options_of, running, scratch
from service import Service


def ready(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
            probe.sendall(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            return probe.recv(4096).startswith(b"HTTP/1.1 200 ")
    except ConnectionError:
        return False


def start_to_ready(environment):
    port, begun = free_port(), time.monotonic()
    process = subprocess.Popen([PROGRAM, "serve"], env={**environment, "THIDUA_LISTEN": f"127.0.0.1:{port}"}, stderr=subprocess.DEVNULL)
    while not ready(port):
        assert process.poll() is None and time.monotonic() - begun < 60, "the service did not start"
        time.sleep(0.002)
    took = time.monotonic() - begun
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    return took


def run(var):
    """From ./run to its line that says where it serves."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("THIDUA_", "DATABASE_"))}
    begun = time.monotonic()
    process = subprocess.Popen(["./run"], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={
        **environment, "THIDUA_VAR": str(var), "THIDUA_LISTEN": f"127.0.0.1:{free_port()}", "THIDUA_LAME_DUCK_SECONDS": "0"})
    told = []
    while "thidua serves on" not in (told[-1] if told else ""):
        told.append(process.stdout.readline())
        assert told[-1], f"./run ended: {''.join(told)}"
    took = time.monotonic() - begun
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=90)
    return took


def tell(title, taken):
    print(f"{title}: {statistics.median(taken):.2f} s, longest {max(taken):.2f} s", flush=True)


def main():
    options = options_of("start", __doc__, turns=5)
    options.add_argument("--service-only", action="store_true", help="not ./run, which sets up build/ as a user has it")
    options = options.parse_args()
    with scratch("start") as directory:
        var, demo = directory / "var", directory / "demo"
        var.mkdir(mode=0o755)
        with running(Service(var).start()) as keeper:  # as long as it runs, its PostgreSQL does
            tell("start to ready, PostgreSQL up", [start_to_ready(keeper.environment) for _ in range(options.turns)])
        if not options.service_only:
            run(demo)
            tell("second ./run", [run(demo) for _ in range(options.turns)])


if __name__ == "__main__":
    main()
