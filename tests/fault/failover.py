"""What tests/fault/failover runs: rounds of faults of a cluster under Patroni, and what writers notice of them."""
import contextlib
import os
import random
import shutil
import signal
import statistics
import sys
import time

import requests

import cycles
from machines import Cluster, wait_until
from proxies import example
from service import PATIENCE, Client, Service, make_place

MOST_SECONDS = 10  # for which writes may be away


class Caller(Client):
    """Its answers may be HAProxy's own, which openapi.yaml does not describe."""

    def request(self, method, url, **kwargs):
        return requests.Session.request(self, method, self.base + url, **kwargs)


class Trial:
    """Two instances behind HAProxy; to writers and their judge, one service."""

    def __init__(self, place):
        self.cluster = Cluster(place)
        self.instances, self.proxy = [], None
        self.place = place

    def start(self):
        self.cluster.start()
        urls = {"DATABASE_URL": self.cluster.url("thidua_app", "app"), "DATABASE_OWNER_URL": self.cluster.url("thidua_owner", "owner")}
        secret = self.place / "secret.key"
        secret.write_bytes(os.urandom(32))
        secret.chmod(0o600)
        for name in ("one", "two"):
            instance = Service(self.place / name, THIDUA_SECRET_KEY=str(secret), **urls)
            for setting in PATIENCE:
                del instance.environment[setting]  # its own, as operators have them
            self.instances.append(instance.start())
        self.proxy = example("haproxy", self.instances)
        self.base = f"http://127.0.0.1:{self.proxy.port}"
        self.psql, self.key, self.command = self.cluster.psql, self.instances[0].key, self.instances[0].command

    def stop(self):
        if self.proxy:
            self.proxy.stop()
        statuses = [instance.stop() for instance in self.instances]
        self.cluster.kill()
        return statuses

    # ---- what is done: each as a context, in which writes have to go on ----

    @contextlib.contextmanager
    def primary_killed(self):
        node = self.cluster.primary()
        node.kill()
        yield
        node.start()

    @contextlib.contextmanager
    def primary_hangs(self):
        node = self.cluster.primary()
        node.signal(signal.SIGSTOP)
        yield
        node.signal(signal.SIGCONT)

    @contextlib.contextmanager
    def switchover(self):
        node = self.cluster.primary()
        answer = node.ask("/switchover", json={"leader": node.name})
        assert answer is not None and answer.status_code == 200, answer and answer.text
        yield

    @contextlib.contextmanager
    def primary_restarted(self):
        node = self.cluster.primary()
        node.stop()
        yield
        node.start()

    @contextlib.contextmanager
    def standby_killed(self):
        node = self.cluster.standby()
        node.kill()
        yield
        node.start()

    @contextlib.contextmanager
    def standby_hangs(self):
        node = self.cluster.standby()
        node.signal(signal.SIGSTOP)
        yield
        node.signal(signal.SIGCONT)

    # ---- what has to hold after each ----

    def all_ready(self):
        return all(instance.anonymous().get("/readyz").status_code == 200 for instance in self.instances)

    def standbys_are_left(self):
        """Nobody keeps a connection to a server that takes no writes any more."""
        count = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'thidua%'"
        primary = self.cluster.primary()
        return all(node is primary or node.psql(count) == "0" for node in self.cluster.nodes)


KINDS = ["primary_killed", "switchover", "primary_hangs", "primary_restarted", "standby_killed", "standby_hangs"]


def longest_pause(writers, began):
    """Between two acknowledged answers of whichever writers, since then."""
    ends = [began] + sorted(end for end in list(writers.acknowledged_at) if end > began)
    return max(later - earlier for earlier, later in zip(ends, ends[1:]))


def play(trial, writers, kind):
    """One round; for how long nothing was acknowledged."""
    def write_on():
        before = len(writers.acknowledged)
        wait_until(lambda: writers.unexpected or len(writers.acknowledged) >= before + 20, seconds=120)
        assert not writers.unexpected, writers.unexpected

    wait_until(trial.cluster.is_whole, seconds=120)
    write_on()
    began = time.monotonic()
    with getattr(trial, kind)():
        write_on()
        wait_until(trial.all_ready, seconds=30)
    wait_until(trial.cluster.is_whole, seconds=120)
    wait_until(trial.standbys_are_left, seconds=10)
    write_on()
    return longest_pause(writers, began)


def shown(pauses):
    ninth = statistics.quantiles(pauses, n=10, method="inclusive")[8] if len(pauses) > 1 else pauses[0]
    return f"{len(pauses)} rounds, writes away for {statistics.median(pauses):.1f} s (median), {ninth:.1f} s (p90), {max(pauses):.1f} s (max)"


def run(rounds, seed):
    place = make_place()
    trial, pauses, writers, draw = Trial(place), {}, None, random.Random(seed)
    print(f"seed {seed}, logs in {place}", flush=True)
    try:
        trial.start()
        writers = cycles.Writers(trial, 4, Caller)
        kinds = []
        for number in range(rounds):
            kinds = kinds or draw.sample(KINDS, len(KINDS))
            kind = kinds.pop()
            pauses.setdefault(kind, []).append(play(trial, writers, kind))
            print(f"round {number + 1} of {rounds}: {kind:<18} {pauses[kind][-1]:5.1f} s, {len(writers.acknowledged)} acknowledged", flush=True)
        writers.end()
        told = cycles.told(cycles.judge(trial, writers))
    finally:
        if writers:
            writers.end()
        statuses = trial.stop()
    assert statuses == [0, 0]
    shutil.rmtree(place)
    for kind in KINDS:
        if kind in pauses:
            print(f"{kind:<18} {shown(pauses[kind])}")
    every = sorted(pause for each in pauses.values() for pause in each)
    print(f"{'all':<18} {shown(every)}; longer than {MOST_SECONDS} s: {sum(pause > MOST_SECONDS for pause in every)}\n{told}, no gap in the feed")
    return every[-1] <= MOST_SECONDS


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(0 if run(numbers[0] if numbers else 50, numbers[1] if len(numbers) > 1 else random.randrange(10**6)) else 1)
