"""What a caller is told where the connection to PostgreSQL breaks around COMMIT, or no answer to it comes: what is known, and no more.

A write that was kept is never called refused, nor one that was not kept accepted; where nobody knows, the answer says so."""
import concurrent.futures
import os
import re
import signal
import uuid

import pytest

from conftest import make_unit
from proxies import CutAtCommit
from service import ROOT, Client, Service, make_place, problem, serving, wait_until


@pytest.fixture(scope="module")
def behind():
    with serving(Service(make_place())) as service:
        yield service


@pytest.fixture(scope="module")
def proxy(behind):
    made = CutAtCommit(behind)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def service(behind, proxy):
    with serving(behind.beside(**proxy.urls())) as made:
        yield made


@pytest.fixture(scope="module")
def admin(service):
    client = service.key("admin")
    make_unit(client)
    return client


@pytest.fixture
def write(behind, admin):
    """write(proxy's cut) → the answer, and how many units of that name there are."""
    def run(proxy, headers=(), **how):
        name = f"Đơn vị {uuid.uuid4()}"
        sent = {"name": name, "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
        proxy.cut(name, **how)
        answer = admin.post("/v1/units", json=sent, headers=dict(headers))
        assert proxy.met.wait(30)
        kept = behind.psql(f"SELECT count(*) FROM unit_periods WHERE name = '{name}'")
        return answer, kept, sent
    return run


def test_what_was_kept_is_acknowledged_although_its_answer_was_lost(proxy, write, behind, admin):
    answer, kept, _ = write(proxy, sent=True)
    assert (answer.status_code, kept) == (201, "1"), answer.text
    assert admin.get(answer.headers["Location"]).json() == answer.json()
    assert behind.psql(f"SELECT count(*) FROM journal WHERE resource = '{answer.headers['Location']}'") == "1"


def test_what_was_not_kept_is_refused_and_may_be_sent_again(proxy, write, admin):
    answer, kept, sent = write(proxy, sent=False)
    problem(answer, 503, "unavailable")
    assert kept == "0"
    assert admin.post("/v1/units", json=sent).status_code == 201


@pytest.mark.parametrize("language, words", [("en", "Idempotency-Key"), ("vi", "có thể đã được lưu")], ids=["en", "vi"])
def test_what_nobody_knows_is_told_as_unknown(proxy, write, behind, admin, service, language, words):
    """PostgreSQL cannot be asked: it may have been kept, and here it was. The same request with its key finds it."""
    key = {"Idempotency-Key": f'"{uuid.uuid4()}"', "Accept-Language": language}
    answer, kept, sent = write(proxy, headers=key, sent=True, away=True)
    assert words in problem(answer, 503, "outcome-unknown")["detail"]
    assert kept == "1"
    proxy.away = False
    wait_until(lambda: admin.get("/readyz").status_code == 200)
    again = admin.post("/v1/units", json=sent, headers=key)
    assert again.status_code == 201 and again.json()["name"] == sent["name"]
    assert behind.psql(f"SELECT count(*) FROM unit_periods WHERE name = '{sent['name']}'") == "1"


def test_a_command_finds_out_what_became_of_its_commit(proxy, behind, service, admin):
    """It is told as done where it was, and where nobody knows neither as done nor as refused."""
    proxy.cut("key-of-a-command", sent=True)
    made = service.command("key", "create", "--name", "key-of-a-command", "--role", "viewer")
    assert made.returncode == 0 and proxy.met.is_set(), made.stderr
    assert Client(service.base, made.stdout.strip()).get("/v1/me").status_code == 200
    plan = ROOT / "campaigns/79-KH-UBND-MAU.json"
    proxy.cut("79-KH-UBND-MAU", sent=True, away=True)
    loaded = service.command("load", str(plan))
    proxy.away = False
    assert loaded.returncode == 1 and "may have been kept" in loaded.stderr and "refused" not in loaded.stderr, loaded.stderr
    wait_until(lambda: admin.get("/readyz").status_code == 200)
    assert service.command("load", str(plan)).stdout == "79-KH-UBND-MAU: unchanged\n"


@pytest.fixture
def standbys(behind):
    """standbys(names): for whom COMMIT waits."""
    def wait_for(names):
        behind.psql(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'", user="postgres")
        behind.psql("SELECT pg_reload_conf()", user="postgres")
        wait_until(lambda: behind.psql("SHOW synchronous_standby_names") == names)
    yield wait_for
    wait_for("")


def test_what_only_the_primary_has_is_not_acknowledged(behind, admin, standbys):
    """PostgreSQL ends connections that wait for a standby, as when it stops: the transaction is then seen, and would be lost with the machine.
    Neither the first answer nor a repeated request takes it for kept."""
    headers = {"Idempotency-Key": f'"{uuid.uuid4()}"'}
    sent = {"name": f"Đơn vị {uuid.uuid4()}", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query = 'COMMIT'"
    standbys("nobody")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for _ in range(2):
            asked = pool.submit(admin.post, "/v1/units", json=sent, headers=headers)
            wait_until(lambda: behind.psql(cut, user="postgres") and asked.done())
            problem(asked.result(), 503, "outcome-unknown")
            assert behind.psql(f"SELECT count(*) FROM unit_periods WHERE name = '{sent['name']}'") == "1"
    standbys("")
    again = admin.post("/v1/units", json=sent, headers=headers)
    assert again.status_code == 201 and again.headers["Idempotency-Replayed"] == "true"


def test_what_an_operator_lets_go_on_alone_is_not_acknowledged(behind, admin, standbys):
    """Whoever cancels what waits for a standby makes PostgreSQL say that it is committed: here, with a warning that it may be nowhere else."""
    name = f"Đơn vị {uuid.uuid4()}"
    cancel = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query = 'COMMIT'"
    standbys("nobody")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        asked = pool.submit(admin.post, "/v1/units", json={"name": name, "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"})
        wait_until(lambda: behind.psql(cancel, user="postgres") != "0")
        problem(asked.result(), 503, "outcome-unknown")
    assert behind.psql(f"SELECT count(*) FROM unit_periods WHERE name = '{name}'") == "1"


def test_a_synchronous_standby_that_is_away_holds_no_caller_for_ever(behind, admin, standbys):
    """PostgreSQL answers COMMIT never, and the write may be kept: the caller is told so, and the worker is free again. So it is with a
    connection that has written before, whose statements travel together with COMMIT."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: make_unit(admin), range(64)))
    standbys("nobody")
    name = f"Đơn vị {uuid.uuid4()}"
    answer = admin.post("/v1/units", json={"name": name, "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"})
    problem(answer, 503, "outcome-unknown")
    assert answer.elapsed.total_seconds() < 40
    problem(admin.get("/readyz"), 503, "unavailable")
    assert "\nthidua_commits_wait 1" in admin.get("/metrics").text
    assert admin.get("/readyz?reads_only=true").status_code == 200 == admin.get("/v1/units").status_code
    standbys("")
    # … and however many writes there are then: each is news to all instances.
    wait_until(lambda: (behind.psql("NOTIFY thidua, 'data'"), admin.get("/readyz").status_code)[1] == 200, seconds=20)
    assert "\nthidua_commits_wait 0" in admin.get("/metrics").text
    wait_until(lambda: behind.psql(f"SELECT count(*) FROM unit_periods WHERE name = '{name}'") == "1")
    make_unit(admin)


def test_after_a_crash_the_number_of_a_transaction_proves_nothing(behind, proxy):
    """PostgreSQL gives numbers again whose transactions it lost, so the text by which a life of it is known must be another one then."""
    life = re.search(r'#define SERVER_LIFE "(.*)"', (ROOT / "src/database/session/private.h").read_text(encoding="utf-8"))[1]
    before = behind.psql(f"SELECT {life}")
    assert behind.psql(f"SELECT {life}") == before
    backend = behind.psql("SELECT pid FROM pg_stat_activity WHERE application_name = 'thidua news' LIMIT 1")
    os.kill(int(backend), signal.SIGKILL)  # the postmaster ends all others and recovers
    wait_until(lambda: behind.psql("SELECT 1") == "1" and behind.psql(f"SELECT {life}") != before)
    assert behind.psql("SELECT 1") == "1"
