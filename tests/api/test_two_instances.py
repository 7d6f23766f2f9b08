"""Two instances on one database behave as one: keys, caches, events, repeated writes, webhooks, the journal, the cap.

`one` runs the private PostgreSQL; `two` is told of it by DATABASE_URL, as an instance on another machine would be."""
import collections
import concurrent.futures
import itertools
import json
import random
import re
import shutil
import threading
import time
import uuid

import pytest

import cache_rests
from award_tools import AwardRound, number
from conftest import make_campaign, make_unit
from receiver import Receiver
from service import ROLES, Client, Service, make_place, problem, serving, wait_until
from test_events import Stream, events, head

WEBHOOKS = {"THIDUA_WEBHOOK_ALLOW": "127.0.0.1", "THIDUA_WEBHOOK_TIMEOUT_SECONDS": "1"}


@pytest.fixture(scope="module")
def pair():
    with serving(Service(make_place(), **WEBHOOKS)) as one:
        cache_rests.watch(one)
        with serving(one.beside(**WEBHOOKS)) as two:
            yield one, two
            cache_rests.check(one)


@pytest.fixture(scope="module")
def roles(pair):
    """role → its client on the one and on the other, by the same key."""
    made = {role: pair[0].key(role) for role in ROLES if role != "unit"}
    return {role: (client, Client(pair[1].base, client.key)) for role, client in made.items()}


def shown_url(service):
    """DATABASE_URL as the one with the private PostgreSQL shows it: of the application's role."""
    return next(json.loads(line)["url"] for line in service.log if '"private_postgresql"' in line)


def test_an_instance_starts_by_the_url_that_the_first_one_shows(pair, tmp_path):
    """The application's role alone, also while somebody holds the lock of migrations, and beside a newer program's."""
    pair[0].psql("INSERT INTO schema_migrations (number, name, sha256) VALUES (9999, 'of a newer one', '')")
    before = pair[0].psql("SELECT * FROM schema_migrations ORDER BY number")
    third = Service(tmp_path, DATABASE_URL=shown_url(pair[0]))
    with pair[0].holding("SELECT pg_advisory_lock(7468696475)"):
        third.start()
        assert third.command("migrate").returncode == 0
    assert third.anonymous().get("/v1/units").status_code == 200
    assert third.stop() == 0
    assert pair[0].psql("SELECT * FROM schema_migrations ORDER BY number") == before
    assert pair[0].psql("DELETE FROM schema_migrations WHERE number = 9999 RETURNING number").startswith("9999")


def test_one_that_may_not_apply_what_is_missing_says_what_to_give_it(pair, tmp_path):
    last = pair[0].psql("DELETE FROM schema_migrations WHERE number = (SELECT max(number) FROM schema_migrations) RETURNING number, name, sha256, applied_at")
    values = last.splitlines()[0].split("|")
    try:
        done = Service(tmp_path, DATABASE_URL=shown_url(pair[0])).command("serve")
    finally:
        pair[0].psql("INSERT INTO schema_migrations VALUES ({}, '{}', '{}', '{}')".format(*values))
    said = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1 and len(said) == 1, done.stderr
    assert (said[0]["event"], said[0]["migration"]) == ("migration_failed", values[1])
    assert "permission denied" in said[0]["reason"] and "DATABASE_OWNER_URL" in said[0]["way_out"]


def test_several_that_start_at_once_migrate_once(pair, tmp_path):
    owner = f"host={pair[0].var / 'socket'} user=thidua_owner dbname="
    pair[0].psql("CREATE DATABASE at_once OWNER thidua_owner", user="postgres")
    several = [Service(tmp_path / str(i), DATABASE_URL=f"{owner}at_once") for i in range(4)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda service: service.command("migrate"), several))
    pair[0].psql("DROP DATABASE at_once", user="postgres")
    assert [d.returncode for d in done] == [0] * 4, [d.stderr for d in done]
    said = [json.loads(line) for d in done for line in d.stderr.splitlines()]
    applied = [event.get("migration") or event["functions"] for event in said if event["event"] != "migration_awaited"]
    assert len(applied) == len(set(applied)) > 10


def test_a_key_made_on_one_opens_the_other_and_revoked_on_one_is_refused_on_the_other(pair, roles):
    for here, there in ((0, 1), (1, 0)):
        key = roles["admin"][here].post("/v1/keys", json={"name": "hai", "roles": ["auditor"]}).json()
        client = Client(pair[there].base, key["key"])
        assert client.get("/v1/me").json()["key_id"] == key["id"]
        assert roles["admin"][here].delete(f"/v1/keys/{key['id']}").status_code == 200
        problem(Client(pair[here].base, key["key"]).get("/v1/me"), 401, "unauthenticated")
        wait_until(lambda: client.get("/v1/me").status_code == 401, seconds=1)
        assert all(client.get("/v1/me").status_code == 401 for _ in range(20))


def test_a_status_is_never_stale_after_ones_own_write_and_at_most_a_second_elsewhere(roles):
    """304 from memory, on the instance that did not write."""
    made = make_unit(roles["admin"][0])
    path, etag, day = f"/v1/units/{made['id']}", made["etag"], 2
    for writer, reader in ((0, 1), (1, 0)) * 5:
        far, near = roles["viewer"][reader], roles["viewer"][writer]
        seen = far.get(path).headers["ETag"]
        assert far.get(path, headers={"If-None-Match": seen}).status_code == near.get(path, headers={"If-None-Match": seen}).status_code == 304
        name = f"Đơn vị {uuid.uuid4().hex}"
        changed = roles["admin"][writer].merge(path, {"valid_from": f"2021-01-{day:02d}", "name": name}, etag)
        assert changed.status_code == 200, changed.text
        etag, day = changed.headers["ETag"], day + 1
        own = near.get(path, headers={"If-None-Match": seen})
        assert (own.status_code, own.json()["name"]) == (200, name)
        wait_until(lambda: far.get(path, headers={"If-None-Match": seen}).status_code == 200, seconds=1)
        assert far.get(path).json()["name"] == name


def test_a_stream_on_one_brings_what_the_other_wrote_and_goes_on_there(pair, roles):
    auditors, admins = roles["auditor"], roles["admin"]
    clients = {"auditor": auditors[0]}
    start = head(clients)
    stream, numbers = Stream(auditors[1], f"/v1/events/stream?after={start}"), []
    for turn in range(6):
        unit = make_unit(admins[turn % 2])
        numbers += stream.until(f"/v1/units/{unit['id']}")
    stream.close()
    missed = [make_unit(admins[turn % 2]) for turn in range(4)]
    resumed = Stream(auditors[0], **{"Last-Event-ID": str(numbers[-1])})
    numbers += resumed.until(f"/v1/units/{missed[-1]['id']}")
    live = make_unit(admins[1])
    numbers += resumed.until(f"/v1/units/{live['id']}")
    resumed.close()
    assert numbers == list(range(start + 1, start + 1 + len(numbers)))
    head(clients)
    assert events(auditors[0], start) == events(auditors[1], start), "the same events, to the last byte of their data"


def test_the_same_request_sent_to_both_at_once_is_written_once(pair, roles):
    for _ in range(8):
        name, key = f"Đơn vị {uuid.uuid4().hex}", f"k-{uuid.uuid4().hex}"

        def send(client):
            body = {"name": name, "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}
            while (answer := client.post("/v1/units", json=body, headers={"Idempotency-Key": key})).status_code == 409:
                problem(answer, 409, "idempotency-key-in-flight")
            return answer

        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(send, [Client(pair[i % 2].base, roles["admin"][0].key) for i in range(6)]))
        assert {a.status_code for a in answers} == {201} and len({a.content for a in answers}) == 1
        assert len({a.headers["Location"] for a in answers}) == len({a.headers["ETag"] for a in answers}) == 1
        assert ["Idempotency-Replayed" in a.headers for a in answers].count(False) == 1
        assert pair[0].psql(f"SELECT count(*) FROM unit_periods WHERE name = '{name}'") == "1"


def delivered(service, auditor):
    text = Client(service.base, auditor.key).get("/metrics").text
    return int(re.search(r"\nthidua_webhook_delivered_total (\d+)", text)[1])


def test_webhooks_are_sent_once_by_either_in_order(pair, roles):
    receivers, before = [Receiver() for _ in range(6)], sum(delivered(s, roles["auditor"][0]) for s in pair)
    hooks = []
    for i, receiver in enumerate(receivers):
        answer = roles["viewer"][i % 2].post("/v1/webhooks", json={"url": receiver.url, "types": ["thidua.unit.created"]})
        assert answer.status_code == 201, answer.text
        hooks.append({**answer.json(), "path": answer.headers["Location"]})
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        admins = [Client(pair[i % 2].base, roles["admin"][0].key) for i in range(4)]
        made = {f"/v1/units/{unit['id']}" for unit in pool.map(lambda i: make_unit(admins[i % 4]), range(40))}
    for receiver, hook in zip(receivers, hooks):
        wait_until(lambda: made <= set(receiver.subjects()))
        numbers = [m.seq for m in receiver.messages]
        assert numbers == sorted(numbers), "in order"
        assert all(m.signed_by(hook["secret"]) == 1 for m in receiver.messages), "whoever sent it"
        wait_until(lambda: pair[0].psql(f"SELECT sum(attempts) FROM webhook_deliveries WHERE webhook_id = '{hook['id']}'") == str(len(numbers)))
        assert len(set(numbers)) == len(numbers), "each once"
    assert sum(delivered(s, roles["auditor"][0]) for s in pair) - before == sum(len(r.messages) for r in receivers)
    for receiver, hook in zip(receivers, hooks):
        assert roles["admin"][0].delete(hook["path"], headers={"If-Match": '"1"'}).status_code == 204
        receiver.close()


def test_the_other_takes_over_the_webhooks_of_a_killed_instance(pair, roles):
    third, receivers = pair[0].beside(**WEBHOOKS).start(), [Receiver(lambda message: time.sleep(0.02) or 204) for _ in range(6)]
    hooks = [roles["viewer"][0].post("/v1/webhooks", json={"url": r.url, "types": ["thidua.unit.created"]}) for r in receivers]
    made = [f"/v1/units/{make_unit(roles['admin'][0])['id']}" for _ in range(10)]
    wait_until(lambda: delivered(third, roles["auditor"][0]) > 0 or all(r.messages for r in receivers))
    third.process.kill()
    third.process.wait()
    shutil.rmtree(third.var, ignore_errors=True)
    made += [f"/v1/units/{make_unit(roles['admin'][1])['id']}" for _ in range(10)]
    for receiver, hook in zip(receivers, hooks):
        receiver.await_subject(made[-1], seconds=30)
        assert [s for s in dict.fromkeys(receiver.subjects()) if s in made] == made
        assert roles["admin"][0].delete(hook.headers["Location"], headers={"If-Match": '"1"'}).status_code == 204
        receiver.close()


def test_one_journal_without_gaps_and_one_chain(pair, roles):
    """One sealer at a time: each number once, each link on the one before."""
    threads = [threading.Thread(target=lambda c=Client(pair[i % 2].base, roles["admin"][0].key): [make_unit(c) for _ in range(25)])
               for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: pair[0].psql("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
    count, most, distinct = pair[0].psql("SELECT count(*), max(seq), count(DISTINCT seq) FROM journal").split("|")
    assert count == most == distinct
    for service in pair:
        done = service.command("verify")
        assert done.returncode == 0, done.stdout + done.stderr
    assert len({roles["auditor"][i].get("/v1/journal/head").json()["hash"] for i in range(2)}) == 1


def test_signers_on_both_never_award_a_seventh(pair, roles):
    """III.2.b: not more than 06 collectives a year, whoever signs where."""
    held = AwardRound(pair[0], {role: both[0] for role, both in roles.items()}, 9)
    drafts = [held.draft([unit]) for unit in held.units]
    chairs = [Client(pair[i % 2].base, held.chair.key) for i in range(9)]
    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        answers = list(pool.map(lambda i: held.sign(drafts[i], number(), client=chairs[i]), range(9)))
    refused = [a for a in answers if a.status_code != 200]
    assert len(refused) == 3 and held.count() == 6, [a.text for a in refused]
    assert all(problem(a, 409, "cap-reached")["clause"] == "III.2.b" for a in refused)


def raced(acts):
    """All at once, each in a thread of its own, and again where it is told to come again: their answers."""
    start = threading.Barrier(len(acts))

    def take_off(act):
        start.wait()
        return wait_until(lambda: (answer := act()).status_code != 503 and [answer])[0]

    with concurrent.futures.ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(take_off, acts))


def test_two_hundred_writers_on_both_never_award_a_seventh(pair, roles):
    """III.2.b: whatever bears on who gets a place is written at once, by whoever, on either instance. Each draft is signed by four; of two
    awards that stand, one is revoked meanwhile, which frees no slot.

    The schedule that this guards: two signatures read the same free slots before either has committed. The round's row keeps one out, and
    where that lock were missing, the constraint on slots."""
    held = AwardRound(pair[0], {role: both[0] for role, both in roles.items()}, 12)
    before = pair[0].psql("SELECT deadlocks FROM pg_stat_database WHERE datname = 'thidua'")
    evaluation, quota = held.sure_of_places(held.units), f"{held.round}/quota"
    drafts = [held.draft(units, evaluation=evaluation) for units in (held.units[:2], *([unit] for unit in held.units[2:]))]
    standing = drafts.pop(0)
    held.done(held.sign(standing, number()))
    revocation = {"kind": "REVOKE", "subject_id": standing.rsplit("/", 1)[1], "units": [held.units[0]], "ground": "FRAUD", "reason": "Kê khai gian dối"}
    revocations = [f"/v1/decisions/{held.done(held.chair.post('/v1/decisions', json=revocation))['id']}" for _ in range(4)]
    proposals = [held.proposal([unit], evaluation=evaluation) for unit in held.units[2:8]]
    etags = {path: held.etag(path) for path in [standing, quota, *drafts, *revocations, *proposals]}
    turns = itertools.count()

    def by(role):
        return Client(pair[next(turns) % 2].base, roles[role][0].key)

    def signs(path):
        client, body = by("chair_office"), {"number": number()}
        return lambda: client.post(f"{path}/sign", json=body, headers=etags[path])

    def publishes(path):
        client = by("chair_office")
        return lambda: client.post(f"{path}/publish", headers=etags[path])

    def submits(path):
        client = by("home_affairs")
        return lambda: client.post(f"{path}/transitions", json={"action": "submit"}, headers=etags[path])

    def overrides(unit):
        client = by("home_affairs")
        return lambda: held.override(evaluation, unit, "SECURE", client=client)

    def allocates(slots):
        client, body = by("home_affairs"), {"allocation": [{"group": "UNIT_UNDER_SO", "slots": slots}], "reason": "Điều chỉnh"}
        return lambda: client.put(quota, json=body, headers=etags[quota])

    def imports(unit):
        client = by("home_affairs")
        text = f"unit_id,group,on_assessed_list,advises_par,source_document\n{unit},UNIT_UNDER_SO,không,có,12/QĐ-SNV\n".encode()
        params = {"kind": "contestants", "campaign": held.campaign.rsplit("/", 1)[1], "year": 2024}
        return lambda: client.post("/v1/imports", params=params, data=text, headers={"Content-Type": "text/csv"})

    def evaluates(_):
        client = by("home_affairs")
        return lambda: client.post(f"{held.round}/evaluations", json={})

    entered = [make_unit(roles["admin"][0], kind="PROVINCIAL_SUBUNIT", parent_id=held.parent)["id"] for _ in range(4)]
    kinds = [(signs, drafts * 4), (signs, revocations * 4), (publishes, [standing] * 12 + drafts * 2), (submits, proposals * 4),
             (overrides, held.units * 2), (allocates, [turn % 7 for turn in range(38)]), (imports, entered * 6), (evaluates, range(2))]
    acts = [(act.__name__, about, act(about)) for act, several in kinds for about in several]
    assert len(acts) == 200
    random.Random(15).shuffle(acts)
    answers = raced([act for _, _, act in acts])
    done = collections.Counter()
    for (name, about, _), answer in zip(acts, answers):
        assert answer.status_code in (200, 201, 409, 412, 422), (name, about, answer.text)
        done[name] += answer.ok
    assert done["imports"] == len(entered) and all(done[act.__name__] for act, _ in kinds), done
    signed = [about for (name, about, _), answer in zip(acts, answers) if name == "signs" and answer.status_code == 200]
    submitted = [about for (name, about, _), answer in zip(acts, answers) if name == "submits" and answer.ok]
    assert len(set(submitted)) == len(submitted), "each proposal is submitted once"
    # Who has an award by then, or no place any more, is proposed no more, and told so each time.
    kept_out = [answer for (name, about, _), answer in zip(acts, answers) if name == "submits" and about not in submitted]
    assert len(kept_out) <= 4 and all(problem(answer, 422, "rule-refused") for answer in kept_out), done
    assert len(set(signed)) == len(signed), "each decision is signed once"
    assert len(set(signed) & set(drafts)) == 4 and len(set(signed) & set(revocations)) == 1, signed
    code = held.campaign.rsplit("/", 1)[1]
    assert pair[0].psql(f"SELECT count(*), count(DISTINCT slot), max(slot), count(DISTINCT unit_id), count(revoked_by) FROM awards WHERE campaign = '{code}'") == "6|6|6|6|1"
    assert pair[0].psql("SELECT deadlocks FROM pg_stat_database WHERE datname = 'thidua'") == before


def spelled_otherwise(path, dice):
    """The same place under a name by which nothing is kept: one character of its last segment as an escape."""
    place = path.rindex("/") + 1 + dice.randrange(len(path) - path.rindex("/") - 1)
    return f"{path[:place]}%{ord(path[place]):02X}{path[place + 1:]}"


def test_no_kept_answer_differs_from_a_fresh_one(pair, roles):
    """Writes of many kinds in random order by either instance. Nothing is written while answers are compared, so one that missed its
    news stays wrong."""
    dice = random.Random(15)
    held = AwardRound(pair[0], {role: both[0] for role, both in roles.items()}, 3)
    decisions = [held.draft([unit]) for unit in held.units]
    home, admin, chair = roles["home_affairs"], roles["admin"], roles["chair_office"]
    units = [Client(instance.base, held.unit_client.key) for instance in pair]
    unit, parent = held.units[0], held.parent
    days = (f"2023-{month:02d}-01" for month in itertools.count(1))

    def rename(side):
        path = f"/v1/units/{dice.choice([unit, parent])}"
        return admin[side].merge(path, {"name": f"Sở {uuid.uuid4().hex}", "valid_from": next(days), "confirm_duplicate": True}, admin[side].get(path).headers["ETag"])

    def sign(side):
        decision = decisions.pop()
        signed = held.sign(decision, number(), client=chair[side])
        return held.publish(decision) and signed if signed.status_code == 200 else signed

    def hold_conference(side):
        day = f"2025-02-{dice.randrange(1, 28):02d}"
        return home[side].merge(held.round, {"conference_on": day}, home[side].get(held.round).headers["ETag"])

    writes = [rename, sign, hold_conference,
              lambda side: admin[side].post("/v1/units", json={"name": f"Đơn vị {uuid.uuid4().hex}", "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}),
              lambda side: units[side].post("/v1/initiatives", json={"unit_id": unit, "title": "Một", "summary": "Hai", "kind": "SOLUTION", "applied_from": "2024-03-01"}),
              lambda side: home[side].post(f"{held.round}/evaluations", json={}),
              lambda side: admin[side].post("/v1/keys", json={"name": "khóa", "roles": ["viewer"]})]
    reads = [held.campaign, f"/v1/units/{unit}", f"/v1/units/{parent}", f"/v1/units/{unit}/record", "/v1/units", "/v1/awards",
             f"{held.campaign}/rounds", held.round, f"{held.round}/awards", f"{held.round}/board"]
    order = [sign] * 3 + dice.choices([write for write in writes if write is not sign], k=15)
    dice.shuffle(order)
    for write in order:
        side = dice.randrange(2)
        for path in reads:
            roles["viewer"][0].get(path), roles["viewer"][1].get(path)  # kept from before the write
        written = write(side)
        assert written.status_code in (200, 201), written.text
        for path in reads:
            fresh = roles["viewer"][side].get(spelled_otherwise(path, dice))
            assert fresh.status_code == 200 and roles["viewer"][side].get(path).text == fresh.text, path
            wait_until(lambda: roles["viewer"][1 - side].get(path).text == fresh.text, seconds=10)


def test_a_day_begins_by_the_clock_of_postgresql_and_a_clock_that_differs_is_told(pair, roles):
    """An instance whose own clock was ahead, by however little, told of its new day what PostgreSQL still told of the one before, until the
    next change."""
    board = f"{AwardRound(pair[0], {role: both[0] for role, both in roles.items()}, 1).round}/board"
    left = lambda: [client.get(board).json()["deadlines"][0]["days_left"] for client in roles["viewer"]]  # noqa: E731
    told = lambda name: [[line["ahead_of_postgresql_seconds"] for line in map(json.loads, list(one.log)) if line["event"] == name] for one in pair]  # noqa: E731
    clock = ("CREATE OR REPLACE FUNCTION clock_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS"
             " $$ SELECT coalesce(nullif(current_setting('thidua.now', true), '')::timestamptz, now()){} $$")
    today = left()
    try:
        assert pair[0].psql(clock.format(" + interval '1 day'")) == "CREATE FUNCTION"
        wait_until(lambda: left() == [days - 1 for days in today], seconds=20)
        assert all(-86402 <= ahead <= -86398 for one in wait_until(lambda: all(told("clocks_differ")) and told("clocks_differ")) for ahead in one)
    finally:
        pair[0].psql(clock.format(""))
    wait_until(lambda: left() == today and all(told("clocks_agree")), seconds=20)


def unless_lost(pair, act):
    """Again where the news were interrupted meanwhile, as they are when PostgreSQL takes half a second to answer: then nothing kept is trusted."""
    lost = lambda: sum('"database_lost"' in line for one in pair for line in list(one.log))  # noqa: E731
    for _ in range(5):
        before = lost()
        try:
            return act()
        except AssertionError:
            if lost() == before:
                raise
    raise AssertionError("the news were interrupted each time")


@pytest.fixture(scope="module")
def settle(pair, roles):
    """settle(): both instances have had the news of all that was committed until now. A stream may tell of an event before: its loop may have
    asked for events for another reason. News come in the order of commits, so the last one of all is awaited: of another kind, and seen by
    what rests on that kind."""
    path = make_campaign(pair[0])

    def settle():
        mark = f"Kế hoạch {uuid.uuid4().hex}"
        shown = lambda: [reader.get(path).json()["title"]["vi"] for reader in roles["viewer"]]  # noqa: E731
        shown()
        changed = pair[0].psql(f"BEGIN; UPDATE campaigns SET plan = jsonb_set(plan, '{{title,vi}}', to_jsonb('{mark}'::text)) WHERE code = '{path.rsplit('/', 1)[1]}';"
                               " SELECT pg_notify('thidua', 'data campaign'); COMMIT")
        assert "UPDATE 1" in changed, changed
        wait_until(lambda: shown() == [mark] * 2)

    return settle


def test_a_write_leaves_what_it_does_not_change(pair, roles, settle):
    """What lies behind a kept answer is changed here without any news, so that it shows whether the answer was read anew."""
    streams = [Stream(client) for client in roles["auditor"]]

    def awaited(answer):
        """Both instances have had the news of it: of its commit, and of the number that it was given."""
        assert answer.status_code == 201, answer.text
        for stream in streams:
            stream.until(answer.headers["Location"])
        settle()
        return answer.json()

    def new_unit(name):
        return awaited(roles["admin"][0].post("/v1/units", json={"name": name, "kind": "PROVINCIAL_BODY", "valid_from": "2020-01-01"}))

    def check():
        unit = new_unit(f"Sở {uuid.uuid4().hex}")
        path, readers = f"/v1/units/{unit['id']}", roles["viewer"]
        names = lambda: [reader.get(path).json()["name"] for reader in readers]  # noqa: E731
        assert names() == [unit["name"]] * 2
        pair[0].psql(f"UPDATE unit_periods SET name = 'Tên khác' WHERE unit_id = '{unit['id']}'")
        for client in roles["home_affairs"]:
            awaited(client.post("/v1/proceedings", json={"unit_id": unit["id"], "kind": "INSPECTION", "opened_on": "2024-03-01"}))
            assert names() == [unit["name"]] * 2
        new_unit(f"Sở {uuid.uuid4().hex}")
        assert names() == ["Tên khác"] * 2

    unless_lost(pair, check)
    for stream in streams:
        stream.close()


def test_an_evaluation_leaves_what_everybody_is_told_of_its_round(pair, roles, settle):
    """The same: offices are told of the evaluation, so theirs is read anew."""
    held = AwardRound(pair[0], {role: both[0] for role, both in roles.items()}, 1)
    decision = held.draft(held.units)
    streams, public = [Stream(client) for client in roles["auditor"]], [instance.anonymous() for instance in pair]
    last = make_unit(roles["admin"][0])
    for stream in streams:
        stream.until(f"/v1/units/{last['id']}")
    settle()

    def conferences(readers):
        told = [client.get(path).json() for client in readers for path in (held.round, f"{held.campaign}/rounds")]
        return {(one.get("items") or [one])[0]["conference_on"] for one in told}

    before = conferences(public)
    assert len(before) == 1 and conferences(roles["auditor"]) == before
    for client, prefer, day in ((roles["home_affairs"][0], {}, "2025-03-03"), (roles["home_affairs"][1], {"Prefer": "respond-async"}, "2025-03-04")):
        pair[0].psql(f"UPDATE rounds SET conference_on = '{day}' WHERE campaign = '{held.campaign.rsplit('/', 1)[1]}' AND year = 2024")
        evaluated = client.post(f"{held.round}/evaluations", json={}, headers=prefer)
        assert evaluated.status_code == (202 if prefer else 201), evaluated.text
        for stream in streams:
            for _ in range(2 if prefer else 1):  # it was started, and is made
                stream.until(evaluated.headers["Location"])
        wait_until(lambda day=day: conferences(roles["auditor"]) == {day})
        assert conferences(public) == before
    assert held.sign(decision, number()).status_code == 200
    wait_until(lambda: conferences(public) == {"2025-03-04"})
    for stream in streams:
        stream.close()
