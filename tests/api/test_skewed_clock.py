"""An instance whose own clock is wrong, or jumps (docs/operation.md, "Clocks"): PostgreSQL's decides about keys, kept answers and deadlines, its own
about tokens alone."""
import datetime
import json
import os
import subprocess
import time
import uuid

import pytest

from conftest import make_unit
from service import Client, make_place, problem, serving, wait_until
from test_tokens import SET, me, settings, token

# Adds the seconds that the file says to what CLOCK_REALTIME tells, and to nothing else: waits go by CLOCK_MONOTONIC.
SHIM = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long ahead(void)
{
    char text[32] = "";
    int file = open(getenv("AHEAD"), O_RDONLY | O_CLOEXEC);
    if (file >= 0 && read(file, text, sizeof text - 1) < 0)
        text[0] = '\0';
    if (file >= 0)
        close(file);
    return strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int done = (int)syscall(SYS_clock_gettime, clock, now);
    if (done == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += ahead();
    return done;
}

time_t time(time_t *result)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}
"""
MINUTES = 600
DAY = 86400


@pytest.fixture(scope="module")
def skewed(service):
    """skewed.ahead(seconds): another instance on the database of `service`, whose clock is so far ahead from then on."""
    folder = make_place()
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", f"{folder}/shim.so"], input=SHIM, text=True, check=True, timeout=60)
    for name, text in (("ahead", "0"), ("jwks.json", json.dumps(SET))):
        with open(f"{folder}/{name}", "w", encoding="ascii") as file:
            file.write(text)
    other = service.beside(LD_PRELOAD=f"{folder}/shim.so", AHEAD=f"{folder}/ahead", **settings(f"{folder}/jwks.json"))

    def told(event):
        return [json.loads(line)["ahead_of_postgresql_seconds"] for line in list(other.log) if f'"event":"{event}"' in line]

    def ahead(seconds):
        before = len(told("clocks_differ")), len(told("clocks_agree"))
        with open(f"{folder}/new", "w", encoding="ascii") as file:
            file.write(str(seconds))
        was = int(open(f"{folder}/ahead", encoding="ascii").read())
        os.rename(f"{folder}/new", f"{folder}/ahead")
        if seconds and not was:
            wait_until(lambda: len(told("clocks_differ")) > before[0])
            assert abs(told("clocks_differ")[-1] - seconds) <= 2
        if was and not seconds:
            wait_until(lambda: len(told("clocks_agree")) > before[1])

    other.ahead = ahead
    with serving(other):
        yield other


@pytest.fixture(params=[-MINUTES, 2 * DAY])
def wrong(request, skewed):
    """The clock jumps while the instance runs, and back."""
    skewed.ahead(request.param)
    yield request.param
    skewed.ahead(0)


def in_seconds(seconds):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).isoformat()


def key(clients, **more):
    made = clients["admin"].post("/v1/keys", json={"name": "giờ", "roles": ["admin"], **more})
    assert made.status_code == 201, made.text
    return made.json()


def test_a_key_ends_by_the_clock_of_postgresql(skewed, clients, wrong):
    """Also one that is remembered, and one that ends while it is."""
    good, soon = key(clients, expires_at=in_seconds(300)), key(clients, expires_at=in_seconds(4))
    for one in (good, soon):
        assert Client(skewed.base, one["key"]).get("/v1/me").status_code == 200
    wait_until(lambda: Client(skewed.base, soon["key"]).get("/v1/me").status_code == 401, seconds=15)
    assert datetime.datetime.now(datetime.timezone.utc) > datetime.datetime.fromisoformat(soon["expires_at"]) - datetime.timedelta(seconds=1.5)
    assert Client(skewed.base, good["key"]).get("/v1/me").status_code == 200


def test_an_answer_that_is_kept_is_neither_forgotten_nor_kept_too_long(service, skewed, clients, wrong):
    """For 24 hours, on each instance: the one with the wrong clock keeps, answers and forgets."""
    right, other = clients["admin"], Client(skewed.base, key(clients)["key"])
    mine = Client(right.base, other.key)
    for here, there in ((mine, other), (other, mine)):
        name, body = str(uuid.uuid4()), {"name": f"Sở {uuid.uuid4().hex}", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
        first = here.post("/v1/units", json=body, headers={"Idempotency-Key": name})
        again = there.post("/v1/units", json=body, headers={"Idempotency-Key": name})
        assert first.status_code == again.status_code == 201 and first.json() == again.json()
        left = service.psql(f"SELECT extract(epoch FROM expires_at - now())::integer FROM idempotency_answers WHERE key = '{name}'")
        assert DAY - 60 <= int(left) <= DAY
        service.psql(f"UPDATE idempotency_answers SET expires_at = now() - interval '1 s' WHERE key = '{name}'")
        wait_until(lambda name=name: service.psql(f"SELECT count(*) FROM idempotency_answers WHERE key = '{name}'") == "0", seconds=30)


def test_a_token_is_judged_by_the_instances_own_clock(skewed, clients, wrong):
    """The provider's clock is none of PostgreSQL's: who is wrong refuses what is right, and `clocks_differ` says why. What it lets in is as old as
    its clock is wrong, no older."""
    assert me(skewed, token(iat=int(time.time()), exp=int(time.time()) + 300)).status_code == (401 if wrong > 0 else 200)
    then = int(time.time()) + wrong
    assert me(skewed, token(iat=then - 10, nbf=then - 10, exp=then + 300)).status_code == 200
    problem(me(skewed, token(iat=then - 700, exp=then - 120)), 401, "unauthenticated")
    problem(me(skewed, token(iat=then, nbf=then + 120, exp=then + 300)), 401, "unauthenticated")


def test_what_is_written_bears_the_time_of_postgresql(service, skewed, clients, wrong):
    unit = make_unit(Client(skewed.base, key(clients)["key"]))
    assert service.psql(f"SELECT abs(extract(epoch FROM now() - at)) < 60 FROM journal WHERE resource = '/v1/units/{unit['id']}'") == "t"
