"""A key that is revoked, rotated or expires while what it asked for is under way (docs/security.md, "Keys that end")."""
import concurrent.futures
import contextlib
import datetime
import random

import pytest

from conftest import make_unit
from service import Client, problem, wait_until
from test_packed_facts import AS_OF, Round

ASYNC = {"Prefer": "respond-async"}


@pytest.fixture(scope="module")
def made(service, clients, unit):
    there = Round(service, clients, unit)
    there.finding(there.units[0], random.Random(2))
    return there


def key_of(clients, role, **more):
    """(its client, its record)"""
    answer = clients["admin"].post("/v1/keys", json={"name": "giữa chừng", "roles": [role], **more})
    assert answer.status_code == 201, answer.text
    client = Client(clients["admin"].base, answer.json()["key"])
    assert client.get("/v1/me").status_code == 200
    return client, {**answer.json(), "etag": answer.headers["ETag"]}


def revoke(clients, key, client):
    assert clients["admin"].delete(f"/v1/keys/{key['id']}").status_code == 200


def rotate(clients, key, client, hours):
    answer = client.post(f"/v1/keys/{key['id']}/rotate", json={"overlap_hours": hours}, headers={"If-Match": key["etag"]})
    assert answer.status_code == 200, answer.text


def replace(clients, key, client):
    rotate(clients, key, client, 0)


def renew(clients, key, client):
    rotate(clients, key, client, 24)


def revoke_another(clients, key, client):
    revoke(clients, key_of(clients, "viewer")[1], None)


ENDS, HOLDS = [revoke, replace], [renew, revoke_another]


def rename(made, client):
    unit = make_unit(made.clients["admin"])
    path, name = f"/v1/units/{unit['id']}", f"Sở {unit['id']}"
    return (lambda: client.merge(path, {"valid_from": "2021-01-01", "name": name}, unit["etag"]), f"SELECT FROM units WHERE id = '{unit['id']}' FOR UPDATE",
            f"SELECT count(*) FROM unit_periods WHERE name = '{name}'")


def evaluate(made, client):
    """A long one, all of whose statements see one state of the data: older than the revocation."""
    return (lambda: client.post(f"{made.path}/evaluations", json={"as_of": AS_OF}), "LOCK TABLE verdicts IN EXCLUSIVE MODE",
            f"SELECT count(*) FROM evaluations WHERE created_by_name = 'giữa chừng' AND campaign = '{made.campaign.rsplit('/', 1)[1]}'")


def waits(service):
    return int(service.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'thidua writes' AND wait_event_type = 'Lock'", user="postgres"))


@pytest.mark.parametrize("happens", ENDS + HOLDS)
@pytest.mark.parametrize("does, role", [(rename, "admin"), (evaluate, "home_affairs")])
def test_a_write_whose_key_is_revoked_before_it_is_kept_is_not_kept(made, does, role, happens):
    client, key = key_of(made.clients, role)
    act, held, kept = does(made, client)
    before, other = int(made.service.psql(kept)), Client(client.base, key["key"])
    with concurrent.futures.ThreadPoolExecutor(1) as pool, made.service.holding(held) as release:
        answer = pool.submit(act)
        wait_until(lambda: waits(made.service), seconds=15)
        happens(made.clients, key, other)
        release()
        answer = answer.result()
    if happens in ENDS:
        problem(answer, 401, "unauthenticated")
        assert "meanwhile" in answer.text and int(made.service.psql(kept)) == before
    else:
        assert answer.status_code in (200, 201), answer.text
        assert int(made.service.psql(kept)) == before + 1


@pytest.mark.parametrize("happens", ENDS + HOLDS)
def test_so_is_an_evaluation_in_the_background(made, happens):
    client, key = key_of(made.clients, "home_affairs")
    with made.service.holding("LOCK TABLE verdicts IN EXCLUSIVE MODE") as release:
        started = client.post(f"{made.path}/evaluations", json={"as_of": AS_OF}, headers=ASYNC)
        assert started.status_code == 202, started.text
        wait_until(lambda: waits(made.service), seconds=15)
        happens(made.clients, key, client)
        release()
    path, auditor = started.headers["Location"], made.clients["auditor"]
    ended = wait_until(lambda: auditor.get(path).json()["state"] != "RUNNING" and auditor.get(path).json())
    assert ended["state"] == ("FAILED" if happens in ENDS else "DONE")
    told = [line for line in made.service.log if "evaluation_failed" in line and ended["id"] in line]
    assert len(told) == (happens in ENDS) and all("unauthenticated" in line for line in told)


@contextlib.contextmanager
def without_news(service):
    """The connection that hears of changes is lost, and there is no other to be had; those for reads and writes stay."""
    up = lambda value: f"\nthidua_database_up {value}\n" in service.anonymous().get("/metrics").text
    service.psql("ALTER ROLE thidua_app CONNECTION LIMIT 0", user="postgres")
    try:
        service.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'thidua news'", user="postgres")
        wait_until(lambda: up(0))
        yield
    finally:
        service.psql("ALTER ROLE thidua_app CONNECTION LIMIT -1", user="postgres")
        wait_until(lambda: up(1) and service.anonymous().get("/readyz").status_code == 200)


@pytest.mark.parametrize("happens", ENDS + HOLDS)
def test_nor_is_it_where_nobody_hears_of_the_revocation(made, happens):
    """It was let in while no news flowed, and none came since: that says nothing of its key."""
    client, key = key_of(made.clients, "admin")
    act, held, kept = rename(made, client)
    with without_news(made.service), concurrent.futures.ThreadPoolExecutor(1) as pool, made.service.holding(held) as release:
        answer = pool.submit(act)
        wait_until(lambda: waits(made.service), seconds=15)
        happens(made.clients, key, Client(client.base, key["key"]))
        release()
        answer = answer.result()
    if happens in ENDS:
        problem(answer, 401, "unauthenticated")
    else:
        assert answer.status_code == 200, answer.text
    assert made.service.psql(kept) == str(int(happens in HOLDS))


def test_who_has_long_work_under_way_may_ask_who_they_are(made):
    """What a page asks first waits for no worker, of which one key has a share."""
    client, key = key_of(made.clients, "home_affairs")
    act, held, kept = evaluate(made, client)
    with concurrent.futures.ThreadPoolExecutor(1) as pool, made.service.holding(held) as release:
        answer = pool.submit(act)
        wait_until(lambda: waits(made.service), seconds=15)
        asked = Client(client.base, key["key"]).get("/v1/me")
        assert (asked.status_code, asked.headers["Cache-Control"]) == (200, "no-store"), asked.text
        release()
        assert answer.result().status_code == 201


def test_what_was_asked_before_a_key_expired_is_kept(made):
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)).isoformat()
    client, key = key_of(made.clients, "admin", expires_at=soon)
    act, held, kept = rename(made, client)
    with concurrent.futures.ThreadPoolExecutor(1) as pool, made.service.holding(held) as release:
        answer = pool.submit(act)
        wait_until(lambda: waits(made.service), seconds=15)
        wait_until(lambda: client.get("/v1/me").status_code == 401)
        release()
        assert answer.result().status_code == 200
    assert made.service.psql(kept) == "1"


@pytest.mark.parametrize("does", [lambda client, key: client.delete(f"/v1/keys/{key['id']}"),
                                  lambda client, key: client.post(f"/v1/keys/{key['id']}/rotate", json={"overlap_hours": 0}, headers={"If-Match": key["etag"]})])
def test_a_key_may_end_itself_while_another_changes(made, does):
    client, key = key_of(made.clients, "admin")
    with concurrent.futures.ThreadPoolExecutor(1) as pool, made.service.holding(f"SELECT FROM keys WHERE id = '{key['id']}' FOR UPDATE") as release:
        answer = pool.submit(does, client, key)
        wait_until(lambda: waits(made.service), seconds=15)
        revoke_another(made.clients, key, None)
        release()
        assert answer.result().status_code == 200, answer.result().text
    problem(client.get("/v1/me"), 401, "unauthenticated")
