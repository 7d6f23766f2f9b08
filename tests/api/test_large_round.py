"""A round of more than 10,000 is read on one connection to PostgreSQL while its verdicts are written on another: with the same result. And
a tie of many is decided."""
import concurrent.futures
import contextlib
import random

import pytest

from award_tools import AwardRound
from conftest import make_unit
from copies import copy_contestants
from service import ROLES, problem, wait_until
from test_async_evaluation import ended, start
from test_packed_facts import Round

MORE = 10050


@pytest.fixture(scope="module")
def large(fresh_service):
    """Three contestants by HTTP and copies of them by SQL, under other ids. The packed facts of every tenth are not there."""
    clients = {role: fresh_service.key(role) for role in ("admin", "home_affairs", "auditor")}
    there = Round(fresh_service, clients, lambda: make_unit(clients["admin"]))
    there.finding(there.units[0], random.Random(3))
    there.packed()
    copy_contestants(fresh_service, there.campaign.rsplit("/", 1)[1], 2024, there.units[:3], MORE, unpacked_every=10)
    there.contestants = MORE + 3
    return there


def hashes(made):
    assert made["counts"]["contestants"] == made["told"], made["counts"]
    return made["input_hash"], made["result_hash"]


def evaluated(large):
    made = large.ok("home_affairs", "POST", f"{large.path}/evaluations", json={"as_of": "2026-01-15T08:00:00+07:00"}).json()
    return hashes({**made, "told": large.contestants})


@contextlib.contextmanager
def one_connection(service):
    """The service keeps those that it has, and gets no other one."""
    service.psql("ALTER ROLE thidua_app CONNECTION LIMIT 0", user="postgres")
    yield
    service.psql("ALTER ROLE thidua_app CONNECTION LIMIT -1", user="postgres")


def waiting(service):
    """Of the service's connections: how many wait for a lock, and how many hold a transaction open meanwhile."""
    return service.psql("SELECT count(*) FILTER (WHERE wait_event_type = 'Lock'), count(*) FILTER (WHERE state = 'idle in transaction')"
                        " FROM pg_stat_activity WHERE usename = 'thidua_app'", user="postgres")


def test_two_connections_come_to_what_one_does(large):
    beside = evaluated(large)
    with one_connection(large.service):
        assert evaluated(large) == beside
    background = ended(large, start(large).headers["Location"])
    assert hashes({**background, "told": large.contestants}) == beside
    made = large.ok("home_affairs", "POST", f"{large.path}/evaluations", json={"as_of": "2026-01-15T08:00:00+07:00"}).json()
    assert large.ok("auditor", "POST", f"/v1/evaluations/{made['id']}/replay").json()["identical"] is True


def test_its_standings_are_read_whole_and_as_a_table(large):
    made = large.ok("home_affairs", "POST", f"{large.path}/evaluations", json={"as_of": "2024-11-15T08:00:00+07:00"}).json()
    path = f"/v1/evaluations/{made['id']}/standings"
    assert len(large.ok("auditor", "GET", path).json()["items"]) == large.contestants
    table = large.clients["auditor"].get(path, headers={"Accept": "text/csv"})
    assert table.status_code == 200 and table.text.count("\r\n") == 1 + large.contestants, table.text[:1000]


def declared(large):
    """What an evaluation reads its facts by, seen where it waits for a lock."""
    asked = "SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DECLARE round_facts%'"
    with large.service.holding("LOCK TABLE unit_stamps IN ACCESS EXCLUSIVE MODE") as let_go, concurrent.futures.ThreadPoolExecutor() as pool:
        judged = pool.submit(evaluated, large)
        try:
            text = wait_until(lambda: large.service.psql(asked, user="postgres"), 20)
        finally:
            let_go()
        return text, judged.result(timeout=60)


def test_facts_that_lie_in_order_are_not_sorted(large):
    """As the packer leaves them. PostgreSQL would sort them first, and the first page would wait for the last unit."""
    scattered, hashed = declared(large)
    large.service.psql("CLUSTER packed_facts USING packed_facts_pkey", user="postgres")
    in_order, same = declared(large)
    assert "FROM packed_facts" in in_order and "FROM packed_facts" not in scattered
    assert same == hashed


@pytest.mark.parametrize("seconds", [0, 3])
def test_both_see_one_state(large, seconds):
    """What is committed after the evaluation began is not in it, although the facts are read on a connection that began later. Where that
    one is kept waiting for a lock, the first reads them itself."""
    taken = "DELETE FROM contestants WHERE unit_id = (SELECT max(unit_id::text)::uuid FROM packed_facts)"
    with large.service.holding(f"LOCK TABLE packed_facts IN ACCESS EXCLUSIVE MODE; {taken}") as let_go, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        judged = pool.submit(evaluated, large)
        try:
            wait_until(lambda: waiting(large.service) == ("1|1" if seconds == 0 else "1|0"), 20)
        finally:
            let_go()
        before = judged.result(timeout=60)
    large.contestants -= 1
    assert evaluated(large) != before


def test_one_that_loses_the_connection_it_reads_by_keeps_nothing(large):
    """That is ended as it waits for a lock: facts of one unit in ten are not packed, and are read from their tables."""
    count = "SELECT count(*) FROM evaluations"
    kept = large.service.psql(count)
    with large.service.holding("LOCK TABLE finding_contents IN ACCESS EXCLUSIVE MODE") as let_go, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        asked = pool.submit(large.clients["home_affairs"].post, f"{large.path}/evaluations", json={})
        try:
            wait_until(lambda: waiting(large.service) == "1|1", 20)
        finally:
            lost = large.service.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'thidua_app' AND wait_event_type = 'Lock'",
                                       user="postgres")
            let_go()
        assert lost == "t"
        answer = asked.result(timeout=60)
    problem(answer, 503, "unavailable")
    assert large.service.psql(count) == kept
    evaluated(large)


def test_a_tie_of_more_than_a_hundred_is_decided_by_lot(fresh_service):
    """III.2.b: who is not named ties on with those that are, so a decision that names only some of them gives nobody a place."""
    held = AwardRound(fresh_service, {role: fresh_service.key(role) for role in ROLES if role != "unit"}, 1)
    wait_until(lambda: fresh_service.psql("SELECT count(*) FROM unit_stamps WHERE packed <> stamp") == "0")
    copy_contestants(fresh_service, held.campaign.rsplit("/", 1)[1], held.year, held.units, 119)

    def standings():
        evaluation = held.evaluate()
        return evaluation, {unit: item["status"] for unit, item in held.standings(evaluation).items()}

    def decide(units):
        held.done(held.home.post(f"{held.round}/tie-decisions", json={
            "units": units, "method": "LOT", "reason": "Bốc thăm trước Hội đồng", "document": "15/BB-HĐTĐKT"}))
    tied = sorted(standings()[1])
    assert len(tied) == 120
    decide(tied[:100])
    assert "SECURE" not in standings()[1].values()
    decide(tied)
    evaluation, shown = standings()
    assert shown == {unit: "SECURE" if place < 6 else "OUT" for place, unit in enumerate(tied)}
    assert held.done(held.auditor.post(f"/v1/evaluations/{evaluation}/replay"))["identical"] is True
