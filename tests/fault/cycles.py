"""Writers that remember every acknowledged answer, while what they write to is killed, stopped and cut off, cycle after cycle.

Afterwards everything acknowledged is there once, nothing is half-done, the chain verifies and the numbers have no gap, and a request
that is repeated under its key gets its first answer. `run` is the long form; ./check runs a short one (tests/api/test_fault_cycles.py)."""
import collections
import contextlib
import os
import pathlib
import random
import shutil
import signal
import sys
import threading
import time
import uuid

import requests

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))
from service import Client, Service, make_place, wait_until  # noqa: E402

UNIT = {"kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}


class Writers:
    """Each request goes by a key of its own and is repeated until it is answered: what was answered is remembered."""

    def __init__(self, service, count, caller=Client):
        self.caller = caller
        self.service, self.acknowledged, self.repeats = service, {}, 0
        self.acknowledged_at, self.unexpected = [], []
        self.secret = service.key("admin").key
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.write) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def once(self, key, name):
        """The unit's id; None where nothing is known."""
        with contextlib.suppress(requests.RequestException), self.caller(self.service.base, self.secret) as client:
            answer = client.post("/v1/units", json={"name": name, **UNIT}, headers={"Idempotency-Key": f'"{key}"'}, timeout=60)
            assert answer.status_code in (201, 409, 429, 503), answer.text
            return answer.json()["id"] if answer.status_code == 201 else None
        return None

    def write(self):
        try:
            self.write_on()
        except AssertionError as unexpected:
            self.unexpected.append(unexpected)

    def write_on(self):
        while not self.ended.is_set():
            key = uuid.uuid4().hex
            while not (made := self.once(key, f"Đơn vị {key}")):
                self.repeats += 1
                if self.ended.wait(0.05):
                    return
            self.acknowledged[key] = made
            self.acknowledged_at.append(time.monotonic())

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()


class Faults:
    """What is done to the service and to PostgreSQL. Each waits until requests can be answered again."""

    def __init__(self, var):
        self.service = Service(var, THIDUA_WRITE_SECONDS="5").start()

    def postmaster(self):
        return int((self.service.var / "postgres/postmaster.pid").read_text().splitlines()[0])

    def backends(self):
        told = self.service.psql("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'thidua%'", user="postgres")
        return [int(line) for line in told.split() if line.isdigit()]

    def start_service(self):
        self.service.environment["THIDUA_LISTEN"] = f"127.0.0.1:{self.service.port}"
        self.service.start()

    def service_killed(self):
        self.service.process.kill()
        self.service.process.wait()
        self.start_service()

    def service_stopped(self):
        assert self.service.stop() == 0
        self.start_service()

    def backend_killed(self):
        """PostgreSQL ends all others, too, and recovers."""
        for process in self.backends()[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def connections_cut(self):
        self.service.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'thidua%'", user="postgres")

    def postmaster_killed(self):
        """The service starts it again."""
        os.kill(self.postmaster(), signal.SIGKILL)

    def backends_hang(self):
        held = self.backends()
        for process in held:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
        time.sleep(random.uniform(0.1, 2))
        for process in held:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)

    def cycle(self, name):
        getattr(self, name)()
        wait_until(lambda: self.is_ready(), seconds=120)

    def is_ready(self):
        with contextlib.suppress(requests.RequestException):
            return self.service.anonymous().get("/readyz").status_code == 200
        return False


KINDS = ["connections_cut", "service_killed", "backend_killed", "backends_hang", "service_stopped", "postmaster_killed"]


def judge(service, writers):
    """What must hold afterwards; how many writes it held for."""
    assert not writers.unexpected, writers.unexpected
    held = dict(line.split("|") for line in service.psql(
        "SELECT replace(name, 'Đơn vị ', ''), unit_id FROM unit_periods WHERE name LIKE 'Đơn vị %'").splitlines())
    count = int(service.psql("SELECT count(*) FROM unit_periods WHERE name LIKE 'Đơn vị %'"))
    lost = [key for key, made in writers.acknowledged.items() if held.get(key) != made]
    assert not lost and count == len(held), (f"{len(lost)} acknowledged writes lost", f"{count - len(held)} doubled")
    assert service.psql("SELECT count(*) FROM units u WHERE NOT EXISTS (SELECT FROM journal j WHERE j.unit_id = u.id AND j.type = 'unit.created')") == "0"
    wait_until(lambda: service.psql("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
    # Each number follows the one before it, but where a journal that goes on after a promotion says after which one it does.
    gaps = service.psql("""
        SELECT seq, type, before FROM (SELECT *, coalesce(lag(seq) OVER (ORDER BY seq), 0) AS previous FROM journal) j
        WHERE seq <> previous + 1 AND NOT (type = 'journal.resumed' AND seq > previous AND (before ->> 'seq')::bigint = previous)""")
    assert gaps == "", ("the feed has gaps", gaps)
    verified = service.command("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    for key, made in random.sample(sorted(writers.acknowledged.items()), min(50, len(writers.acknowledged))):
        again = wait_until(lambda key=key: writers.once(key, f"Đơn vị {key}"), seconds=60)
        assert again == made, "a repeated request got another answer"
    return collections.Counter(acknowledged=len(writers.acknowledged), repeated=writers.repeats)


def told(counts):
    return f"{counts['acknowledged']} acknowledged, {counts['repeated']} repeated: 0 lost, 0 doubled, the chain verifies"


def run(cycles, kinds=KINDS, count=4, tell=lambda line: None, enough=lambda: False):
    """So many cycles, or fewer where it is enough. Fails where something does not hold."""
    var = make_place()
    faults = Faults(var)
    writers = Writers(faults.service, count)
    counts = collections.Counter()

    def write_on():
        before = len(writers.acknowledged)
        wait_until(lambda: len(writers.acknowledged) >= before + 20, seconds=120)

    try:
        for number in range(cycles):
            if enough():
                break
            write_on()
            faults.cycle(kinds[number % len(kinds)])
            counts["cycles"] += 1
            tell(f"cycle {number + 1} of {cycles}: {kinds[number % len(kinds)]}, {len(writers.acknowledged)} acknowledged")
        write_on()
        writers.end()
        counts += judge(faults.service, writers)
    finally:
        writers.end()
        if faults.service.process.poll() is None:
            status = faults.service.stop()
        shutil.rmtree(var, ignore_errors=True)
    assert status == 0
    return counts
