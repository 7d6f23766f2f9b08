"""Evaluations in the background: RFC 7240 respond-async, progress, and what becomes of one that is never finished."""
import random
import uuid

import pytest

from service import SANITIZED, problem, wait_until
from test_documents import resident
from test_packed_facts import AS_OF, Round

ASYNC = {"Prefer": "respond-async, wait=10"}


@pytest.fixture(scope="module")
def made(service, clients, unit):
    there = Round(service, clients, unit)
    there.finding(there.units[0], random.Random(2))
    return there


def start(made, **headers):
    response = made.clients["home_affairs"].post(f"{made.path}/evaluations", json={"as_of": AS_OF}, headers={**ASYNC, **headers})
    assert response.status_code == 202, response.text
    assert response.headers["Preference-Applied"] == "respond-async"
    return response


def ended(made, path):
    """As it is when it runs no more."""
    def shown():
        return made.clients["auditor"].get(path).json()
    wait_until(lambda: shown()["state"] != "RUNNING")
    return shown()


def test_it_is_answered_at_once_and_done_in_the_end(made):
    by_http = made.evaluate()
    response = start(made)
    said = response.json()
    assert (said["state"], said["progress"], said["input_hash"], said["counts"]) == ("RUNNING", {"done": 0, "total": 3}, None, {})
    assert response.headers["Location"] == f"/v1/evaluations/{said['id']}"
    done = ended(made, response.headers["Location"])
    assert (done["state"], done["progress"]) == ("DONE", {"done": 3, "total": 3})
    assert (done["input_hash"], done["result_hash"]) == by_http[:2]
    assert made.ok("auditor", "POST", f"/v1/evaluations/{said['id']}/replay").json()["identical"] is True
    types = made.service.psql(f"SELECT string_agg(type, ' ' ORDER BY id) FROM journal WHERE resource = '/v1/evaluations/{said['id']}'")
    assert types == "evaluation.started evaluation.created"


def test_nothing_of_it_is_seen_before_it_is_done(made):
    """Entered by a process that is not heard of any more: RUNNING while its lease holds, then ABANDONED, never half visible."""
    like = start(made).json()["id"]
    ended(made, f"/v1/evaluations/{like}")
    lost = str(uuid.uuid4())
    made.service.psql(
        "INSERT INTO evaluations (id, campaign, year, rule_set_name, rule_set_version, rule_set_hash, semantics, as_of, parameters, counts,"
        f" warnings, created_by_name, state) SELECT '{lost}', campaign, year, rule_set_name, rule_set_version, rule_set_hash, semantics,"
        f" as_of, '{{}}', '{{}}', '[]', created_by_name, 'RUNNING' FROM evaluations WHERE id = '{like}';"
        f"INSERT INTO evaluation_runs (evaluation_id, total, done) VALUES ('{lost}', 3, 2)")
    path = f"/v1/evaluations/{lost}"
    auditor = made.clients["auditor"]
    assert auditor.get(path).json()["state"] == "RUNNING"
    made.service.psql(f"UPDATE evaluation_runs SET beat_at = now() - interval '61 s' WHERE evaluation_id = '{lost}'")
    assert auditor.get(path).json()["state"] == "ABANDONED"
    for part in ("verdicts", "standings"):
        problem(auditor.get(f"{path}/{part}"), 409, "conflict")
    problem(auditor.post(f"{path}/replay"), 409, "conflict")
    refused = made.clients["home_affairs"].post(f"{made.path}/proposals", json={
        "evaluation_id": lost, "units": [{"unit_id": made.units[0]}]})
    problem(refused, 409, "not-eligible")


def test_one_that_fails_says_so(made):
    code = made.campaign.rsplit("/", 1)[1]
    made.packed()
    made.service.psql(f"UPDATE packed_facts SET facts = '\\x00' WHERE campaign = '{code}'")
    response = start(made)
    failed = ended(made, response.headers["Location"])
    made.unpack()
    assert (failed["state"], failed["result_hash"]) == ("FAILED", None)
    assert any("evaluation_failed" in line and failed["id"] in line for line in made.service.log)


def test_other_preferences_and_rehearsals_are_answered_as_ever(made):
    client = made.clients["home_affairs"]
    for headers in ({"Prefer": "wait=10"}, {"Prefer": "respond-asynchronously"}, {"Prefer": 'respond-async="no"'}, {"Prefer": 'by="one, respond-async, other"'}):
        assert client.post(f"{made.path}/evaluations", json={}, headers=headers).status_code == 201
    assert ended(made, start(made, Prefer='wait=10, respond-async = ""').headers["Location"])["state"] == "DONE"  # RFC 7240 section 2: no value
    before = made.service.psql("SELECT count(*) FROM evaluations")
    rehearsed = client.post(f"{made.path}/evaluations", json={}, params={"dry_run": "true"}, headers=ASYNC)
    assert rehearsed.status_code == 201 and rehearsed.json()["state"] == "DONE"
    assert made.service.psql("SELECT count(*) FROM evaluations") == before


def test_sent_again_it_is_one_evaluation(made):
    key = {"Idempotency-Key": f'"{uuid.uuid4()}"'}
    first = start(made, **key)
    second = made.clients["home_affairs"].post(f"{made.path}/evaluations", json={"as_of": AS_OF}, headers={**ASYNC, **key})
    assert second.status_code == 202 and second.json()["id"] == first.json()["id"]
    assert ended(made, first.headers["Location"])["state"] == "DONE"


@pytest.mark.plain
def test_one_that_cannot_be_entered_leaves_nothing_behind(made):
    """PostgreSQL refuses the journal's row, the last thing that is written: what was prepared for the background was kept for ever."""
    made.service.psql("""CREATE FUNCTION no_start() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
        CREATE TRIGGER no_start BEFORE INSERT ON journal FOR EACH ROW WHEN (NEW.type = 'evaluation.started') EXECUTE FUNCTION no_start()""", user="postgres")
    refused = lambda: made.clients["home_affairs"].post(f"{made.path}/evaluations", json={"as_of": AS_OF}, headers=ASYNC).status_code
    try:
        assert {refused() for _ in range(100)} == {500}
        before = resident(made.service)
        assert {refused() for _ in range(400)} == {500}
        grown = resident(made.service) - before
    finally:
        made.service.psql("DROP TRIGGER no_start ON journal; DROP FUNCTION no_start()", user="postgres")
    assert SANITIZED or grown < 1024, f"{grown} KiB"
    assert ended(made, start(made).headers["Location"])["state"] == "DONE"
