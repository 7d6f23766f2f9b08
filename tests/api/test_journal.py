"""The journal: who did what, in order, without gaps, and any later change of it shows."""
import concurrent.futures
import json
import random
import re
import subprocess

import pytest

from conftest import make_unit
from receiver import Receiver
from service import PROGRAM, Client, Service, make_place, problem, serving, wait_until
from test_events import Stream


@pytest.fixture(scope="module")
def chain():
    """A service with a journal of its own of a dozen sealed rows, which sealed() puts back after each test."""
    with serving(Service(make_place(), THIDUA_WEBHOOK_ALLOW="127.0.0.1")) as service:
        service.admin = service.key("admin")
        for _ in range(12):
            make_unit(service.admin)
        service.auditor = service.key("auditor")
        alter(service, "CREATE TABLE kept (LIKE journal)")
        keep(service)
        yield service


def keep(service):
    """What restore() puts back is what there is now."""
    wait_until(lambda: service.psql("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
    alter(service, "DELETE FROM kept; INSERT INTO kept SELECT * FROM journal")


@pytest.fixture
def sealed(chain):
    yield chain
    restore(chain)


def alter(service, sql):
    """As somebody with the database in their hands would: around every guard of ours."""
    answer = service.psql(f"SET session_replication_role = replica; {sql}", user="postgres")
    assert "ERROR" not in answer, answer


# column → another value of it
OTHERWISE = {
    "at": "at + interval '1 microsecond'", "actor_kind": "CASE actor_kind WHEN 'KEY' THEN 'TOKEN' ELSE 'KEY' END", "actor_key": "gen_random_uuid()",
    "actor_generation": "coalesce(actor_generation, 0) + 1", "actor_name": "'x'", "actor_roles": "actor_roles || '{x}'", "actor_unit": "gen_random_uuid()",
    "request_id": "'x'", "type": "'unit.x'", "resource": "'/v1/units/x'", "campaign": "'x'", "year": "coalesce(year, 0) + 1",
    "unit_id": "gen_random_uuid()", "restricted": "NOT restricted", "reason": "'x'", "before": "'{\"x\": 1}'", "after": "coalesce(after, '{}') || '{\"name\": \"x\"}'",
    "hash": "sha256('x')", "seq": "seq + 1000000"}
BEFORE_CHRIST = "(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || 'Z BC')::timestamptz"


def restore(service):
    alter(service, "DELETE FROM journal; INSERT INTO journal OVERRIDING SYSTEM VALUE SELECT * FROM kept")


def last_of(service):
    return int(service.psql("SELECT max(seq) FROM kept", user="postgres"))


def first_bad(service):
    """The number that verify names."""
    found = service.command("verify")
    assert found.returncode == 1 and found.stdout.startswith("BROKEN"), found.stdout
    named = re.findall(r"^thidua verify: number (-?\d+) ", found.stderr, re.M)
    assert len(named) == 1, found.stderr
    return int(named[0])


def is_whole(service, *arguments):
    """The chain, and the heads that are given. That rows of tables have lost their events is told beside it: test_tampering.py."""
    done = service.command("verify", *arguments)
    return done.stdout.startswith(("intact", "resumed")) and done.stderr == ""


def copy(of, **fields):
    """A row of the same content, but for some columns."""
    return ("INSERT INTO journal OVERRIDING SYSTEM VALUE SELECT (made.r).* FROM (SELECT jsonb_populate_record(j, "
            f"'{json.dumps(fields)}') AS r FROM journal j WHERE seq = {of}) made")


def edit(column, value=None):
    return lambda seq: f"UPDATE journal SET {column} = {value or OTHERWISE[column]} WHERE seq = {seq};"


def remove(seq):
    return f"DELETE FROM journal WHERE seq = {seq};"


def insert(seq):
    """What stood there and after it moves on."""
    made = copy(f"{seq} + 1", id=-seq, seq=seq, actor_name="x")
    return f"UPDATE journal SET seq = -seq WHERE seq >= {seq}; UPDATE journal SET seq = 1 - seq WHERE seq < 0; {made};"


def reorder(seq):
    """It changes places with the next."""
    return f"UPDATE journal SET seq = -seq WHERE seq IN ({seq}, {seq} + 1); UPDATE journal SET seq = 2 * {seq} + 1 + seq WHERE seq < 0;"


def test_every_column_of_a_row_is_held_by_the_chain(sealed):
    """But for the order of insertion, which nobody is shown."""
    columns = sealed.psql("SELECT string_agg(column_name, ' ') FROM information_schema.columns WHERE table_name = 'journal'")
    assert set(columns.split()) - {"id"} == set(OTHERWISE)
    assert is_whole(sealed)


@pytest.mark.parametrize("column", sorted(OTHERWISE.keys() - {"seq"}))
def test_an_edited_row_is_named_wherever_it_stands(sealed, column):
    """From the last to the first: each is named though rows after it are bad, too."""
    last = last_of(sealed)
    for seq in (last, last // 2, 1):
        alter(sealed, edit(column)(seq))
        assert first_bad(sealed) == seq


@pytest.mark.parametrize("name, tampered", [
    ("an instant before Christ", edit("at", BEFORE_CHRIST)), ("another number", edit("seq")), ("removed", remove), ("inserted", insert), ("reordered", reorder)])
def test_the_first_row_that_is_not_as_it_was_is_named(sealed, name, tampered):
    last = last_of(sealed)
    for seq in (last - 1, last // 2, 1):
        alter(sealed, tampered(seq))
        assert first_bad(sealed) == seq, name


def test_of_many_things_done_to_the_journal_the_first_is_named(sealed):
    """Whatever was done, and how often: from the last to the first, so that each still finds its number."""
    dice, last = random.Random(15), last_of(sealed)
    for _ in range(12):
        places = sorted(dice.sample(range(1, last), dice.randrange(1, 4)), reverse=True)
        kinds = [dice.choice([remove, insert, reorder, *map(edit, sorted(OTHERWISE.keys() - {"seq"}))]) for _ in places]
        alter(sealed, " ".join(kind(seq) for kind, seq in zip(kinds, places)))
        assert first_bad(sealed) == places[-1], (kinds, places)
        restore(sealed)


def test_a_function_that_shows_what_stood_there_before_hides_nothing(sealed):
    """Whoever edits a row may edit the function too by which rows are hashed: what is verified does not come from it."""
    true = sealed.psql("SELECT pg_get_functiondef('journal_canonical'::regproc)")
    false = true.replace("j.actor_name", "CASE j.actor_name WHEN 'x' THEN (SELECT actor_name FROM kept k WHERE k.seq = j.seq) ELSE j.actor_name END")
    assert false != true
    alter(sealed, f"GRANT SELECT ON kept TO PUBLIC; {false}; {edit('actor_name')(5)}")
    try:
        assert first_bad(sealed) == 5
    finally:
        alter(sealed, true)


@pytest.mark.parametrize("where, change", [
    ("before IS NULL", "before = 'null'"), ("true", "actor_roles = ('[0:' || cardinality(actor_roles) - 1 || ']=' || actor_roles::text)::text[]"),
    ("true", "actor_name = actor_name || U&'e\\0301'"), ("true", "at = at + interval '1 microsecond'"), ("reason IS NULL", "reason = ''")])
def test_what_looks_the_same_in_json_is_told_apart(sealed, where, change):
    """None and a JSON null, an array and one that begins elsewhere."""
    seq = int(sealed.psql(f"SELECT max(seq) FROM journal WHERE {where} AND cardinality(actor_roles) > 0"))
    alter(sealed, f"UPDATE journal SET {change} WHERE seq = {seq}")
    assert first_bad(sealed) == seq


def test_each_side_of_a_row_that_is_none_is_told_from_a_json_null(sealed):
    texts = set()
    for before in ("NULL", "'null'"):
        for after in ("NULL", "'null'"):
            alter(sealed, f"UPDATE journal SET before = {before}, after = {after} WHERE seq = 5")
            texts.add(sealed.psql("SELECT journal_canonical(j) FROM journal j WHERE seq = 5"))
    assert len(texts) == 4


def test_no_function_of_another_is_called_in_place_of_postgresqls(sealed):
    """One that fits the arguments better than PostgreSQL's own, and shows what stood there before. A cast of theirs likewise."""
    types = "bigint, text, text, uuid, integer, text, text[], uuid, text, text, text, text, integer, uuid, boolean, text, jsonb, jsonb"
    alter(sealed, f"GRANT SELECT ON kept TO PUBLIC; {edit('actor_name')(5)} CREATE FUNCTION public.jsonb_build_array({types}) RETURNS jsonb LANGUAGE sql AS $$"
          "SELECT pg_catalog.jsonb_build_array($1, $2, $3, $4, $5, (SELECT actor_name FROM kept WHERE seq = $1), $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) $$")
    try:
        assert first_bad(sealed) == 5
    finally:
        alter(sealed, f"DROP FUNCTION public.jsonb_build_array({types})")


def test_a_row_with_a_number_outside_the_chain_is_found(sealed):
    last = last_of(sealed)
    for number, named in ((0, 0), (-3, -3), (last + 1, last + 1), (last + 9, last + 1)):
        alter(sealed, copy(1, id=0, seq=number))
        assert first_bad(sealed) == named
        restore(sealed)


@pytest.mark.parametrize("page", ["inside", "at the end"])
def test_a_number_that_stands_twice_is_found(sealed, page):
    """Without the constraint against it, and also where the walk goes on after just that number."""
    last = last_of(sealed)
    seq = 5 if page == "inside" else last
    alter(sealed, f"DROP INDEX journal_seq; {copy(seq, id=0)}")
    try:
        assert first_bad(sealed) == seq
    finally:
        alter(sealed, "DELETE FROM journal WHERE id = 0; CREATE UNIQUE INDEX journal_seq ON journal (seq) WHERE seq IS NOT NULL")


def test_a_rewritten_chain_differs_from_the_head_that_was_noted(sealed):
    """Whoever rewrites all later hashes too is found by a head noted elsewhere: it is short enough to print."""
    head = sealed.auditor.get("/v1/journal/head").json()
    assert head["seq"] >= 12 and len(head["hash"]) == 64
    alter(sealed, "DELETE FROM journal WHERE seq > 10")
    assert sealed.auditor.get("/v1/journal/head").json()["hash"] != head["hash"]
    assert head["hash"][:16] not in sealed.command("verify").stdout


def noted(service):
    """By the command; the answer and a webhook's event say the same (below)."""
    done = service.command("head")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_head_can_be_noted_by_a_command_an_answer_the_feed_and_a_webhook(chain):
    receiver = Receiver()
    hook = chain.auditor.post("/v1/webhooks", json={"url": receiver.url, "after": 0})
    assert hook.status_code == 201, hook.text
    wait_until(lambda: chain.auditor.get("/v1/journal/head").json()["unsealed"] == 0)
    head = chain.auditor.get("/v1/journal/head").json()
    wait_until(lambda: receiver.messages and receiver.messages[-1].seq >= head["seq"])
    receiver.close()
    feed = chain.auditor.get("/v1/events", params={"limit": 200}).json()["items"]
    rows = chain.psql("SELECT seq || ':' || encode(hash, 'hex') FROM journal WHERE seq IS NOT NULL ORDER BY seq").split()
    ends = [[f"{event['id']}:{event['hash']}" for event in events] for events in ([m.event for m in receiver.messages], feed)]
    assert ends[0] == ends[1] == rows and noted(chain) == rows[-1] == f"{head['seq']}:{head['hash']}"
    kept = chain.command("verify", *(word for end in rows[:30] for word in ("--head", end)))
    assert kept.stderr == "" and kept.stdout.count("as noted") == len(rows[:30]), kept.stderr
    assert chain.admin.delete(hook.headers["Location"], headers={"If-Match": hook.headers["ETag"]}).status_code == 204
    keep(chain)


def test_a_head_that_was_noted_shows_that_the_newest_rows_are_gone(sealed):
    """The chain that is left is whole, and verify alone says so; held against what was written down it fails."""
    head = noted(sealed)
    early = sealed.psql("SELECT seq || ':' || encode(hash, 'hex') FROM journal WHERE seq = 5")
    kept = sealed.command("verify", "--head", head, "--head", early)
    assert kept.stderr == "" and kept.stdout.count("as noted: head") == 2, kept.stderr
    alter(sealed, "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)")
    assert is_whole(sealed), "what it cannot see"
    found = sealed.command("verify", "--head", head)
    assert found.returncode == 1 and "newest rows were removed" in found.stderr, found.stderr
    assert is_whole(sealed, "--head", early)


def test_a_head_that_was_noted_shows_a_chain_that_was_computed_anew(sealed):
    head = noted(sealed)
    alter(sealed, "UPDATE journal SET actor_name = 'x' WHERE seq = 6; DO $$ DECLARE r journal; was bytea := ''; BEGIN FOR r IN SELECT * FROM journal "
          "ORDER BY seq LOOP was := sha256(was || convert_to(journal_canonical(r), 'UTF8')); UPDATE journal SET hash = was WHERE seq = r.seq; END LOOP; END $$")
    assert is_whole(sealed), "what it cannot see"
    found = sealed.command("verify", "--head", head)
    assert found.returncode == 1 and "another hash" in found.stderr


@pytest.fixture
def copied(sealed):
    """An older copy of the same files: rows 9 and later never were, and nothing shows it. Gives the number with which it goes on."""
    sealed.page_before = sealed.auditor.get("/v1/journal", params={"limit": 10}).json()["next"]
    alter(sealed, "DELETE FROM journal WHERE seq > 8")
    done = sealed.command("restored")
    assert done.returncode == 0, done.stderr
    return int(re.fullmatch(r"resumed: event numbers go on from (\d+)\n", done.stdout)[1])


def write_on(service, number):
    """Makes a unit, and waits until that has a number above."""
    make_unit(service.key("admin"))

    def is_sealed():
        head = service.auditor.get("/v1/journal/head").json()
        return head["seq"] > number and head["unsealed"] == 0

    wait_until(is_sealed)


def test_a_copy_that_nobody_can_tell_goes_on_with_numbers_of_its_own(sealed, copied):
    write_on(sealed, copied)
    rows = sealed.auditor.get("/v1/journal", params={"after": 8}).json()["items"]
    assert [row["seq"] for row in rows] == list(range(copied, copied + len(rows))) and rows[-1]["type"] == "unit.created"
    assert [row["type"] == "journal.resumed" for row in rows] == [True] + [False] * (len(rows) - 1)
    assert (rows[0]["before"]["seq"], rows[0]["after"], rows[0]["actor"]["kind"]) == (8, {"seq": copied}, "SERVICE")
    for number in (9, 12, copied - 1, copied + 1000):
        for order in ("seq", "-seq"):
            refused = problem(sealed.auditor.get("/v1/journal", params={"after": number, "sort": order}), 400, "invalid-query")
            assert refused["errors"][0]["code"] == "journal_after"
    (error,) = problem(sealed.auditor.get("/v1/journal", params={"cursor": sealed.page_before}), 400, "invalid-query")["errors"]
    assert (error["pointer"], error["code"]) == ("cursor", "journal_cursor")
    verified = sealed.command("verify")
    assert verified.stderr == "" and f"resumed: after 8 from {copied} on" in verified.stdout, verified.stdout + verified.stderr
    head = re.search(r"^intact: (\d+) rows verified, 0 not yet sealed, head (\d+:[0-9a-f]{64})$", verified.stdout, re.M)
    assert int(head[1]) == 8 + len(rows) and is_whole(sealed, "--head", head[2])


def test_a_stream_that_heard_of_what_never_was_is_told_whatever_it_asks_for(sealed):
    """Its connection outlives the database: that is restored, or another server takes over. Who heard of nothing that is gone gets what it asks for alone."""
    admin, wanted = sealed.key("admin"), "/v1/events/stream?type=thidua.unit.created"
    stream = Stream(sealed.auditor, wanted)
    for unit in [make_unit(admin)["id"] for _ in range(3)]:
        heard = stream.until(f"/v1/units/{unit}")
    kept = heard[-1] - 2
    alter(sealed, f"DELETE FROM journal WHERE seq > {kept}")
    assert sealed.command("restored").returncode == 0
    later = f"/v1/units/{make_unit(admin)['id']}"
    event = json.loads(stream.block()["data"])
    assert (event["type"], event["data"].get("resumed_after")) == ("thidua.journal.resumed", kept), event
    stream.until(later)
    again = Stream(sealed.auditor, f"{wanted}&after={kept}")
    assert json.loads(again.block()["data"])["subject"] == later
    for each in (stream, again):
        each.close()


@pytest.mark.parametrize("sql,named", [
    ("DELETE FROM journal WHERE seq = 8", "8"), ("DELETE FROM journal WHERE seq = 4", "4"), ("DELETE FROM journal WHERE type = 'journal.resumed'", "9"),
    ("UPDATE journal SET before = '{\"seq\": 7}' WHERE type = 'journal.resumed'", "9"), ("UPDATE journal SET before = '{\"seq\": \"x\"}' WHERE type = 'journal.resumed'", "9"),
    ("UPDATE journal SET before = NULL WHERE type = 'journal.resumed'", "9"), ("UPDATE journal SET seq = seq - 1 WHERE type = 'journal.resumed'", "changed")])
def test_a_gap_hides_nothing(sealed, copied, sql, named):
    """Only what the journal itself says of a copy explains it."""
    write_on(sealed, copied)
    alter(sealed, sql)
    found = sealed.command("verify")
    assert found.returncode == 1 and named in found.stderr, found.stdout + found.stderr


def test_what_cannot_be_asked_is_not_called_broken(sealed):
    """The chain was walked to its end. What stands beside it could not be counted, for a row that is no link."""
    columns = sealed.psql("SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = 'journal'::regclass AND attnum > 0 AND attname NOT IN ('id', 'seq')"
                          " AND NOT attisdropped")
    alter(sealed, f"INSERT INTO journal (seq, {columns}) SELECT 0, {columns} FROM journal WHERE seq = 1; CREATE POLICY fails ON journal USING (1 / seq IS NOT NULL);"
                  "ALTER TABLE journal ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; ALTER DATABASE thidua SET enable_seqscan = off")
    try:
        done = sealed.command("verify")
    finally:
        alter(sealed, "ALTER DATABASE thidua RESET enable_seqscan; ALTER TABLE journal DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY; DROP POLICY fails ON journal; DELETE FROM journal WHERE seq = 0")
    assert done.returncode == 1 and done.stderr.startswith("thidua verify: ") and "BROKEN" not in done.stdout, (done.stdout, done.stderr)
    assert is_whole(sealed)


def test_the_journal_goes_on_without_a_gap_where_postgresql_was_started_anew(chain):
    lineage = chain.psql("SELECT lineage FROM installation")
    chain.postgresql("restart", "-m", "immediate")
    wait_until(lambda: chain.psql("SELECT 1") == "1" and chain.anonymous().get("/readyz").status_code == 200)
    assert chain.psql("SELECT journal_lineage()") == lineage.split("#")[0] and lineage.count("/") == 3
    assert lineage.split("/")[0] == chain.psql("SELECT system_identifier FROM pg_control_system()")  # what another server does not share


def test_the_application_cannot_say_that_this_is_a_copy(chain):
    lineage = chain.psql("SELECT lineage FROM installation")
    as_the_application = {**chain.environment, "DATABASE_URL": chain.urls()["DATABASE_URL"]}
    done = subprocess.run([PROGRAM, "restored"], env=as_the_application, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "") and "set DATABASE_OWNER_URL" in done.stderr, done.stderr
    assert chain.psql("SELECT lineage FROM installation") == lineage


def test_sealing_reads_by_index_alone(chain):
    """It does without sequential scans. One that is there nevertheless has so high a cost that PostgreSQL compiles it, each time: a quarter of a second."""
    scans = ", ".join(f"pg_stat_get_xact_numscans('{name}'::regclass)" for name in ("journal", "installation"))
    told = chain.psql("BEGIN; SELECT pg_advisory_xact_lock(7468696476); UPDATE installation SET lineage = ''; SELECT resumed > 1e9 FROM journal_seal_batch(); "
                      f"SELECT {scans}; ROLLBACK")
    assert told.split()[-3:] == ["t", "0|1", "ROLLBACK"], "the one is this test's own"


@pytest.mark.parametrize("arguments", [["--head"], ["--head", "12"], ["--head", "0:" + "a" * 64], ["--head", "12:abc"], ["--heads", "x"]])
def test_a_head_that_is_none_is_refused(sealed, arguments):
    done = sealed.command("verify", *arguments)
    assert (done.returncode, done.stdout) == (2, "") and "Usage:" in done.stderr


def test_the_application_cannot_touch_the_journal(sealed):
    for sql in ("UPDATE journal SET actor_name = 'x'", "DELETE FROM journal", "TRUNCATE journal", "UPDATE journal SET seq = 1, hash = '' ",
                "INSERT INTO journal (seq, hash, actor_kind, actor_name, actor_roles, request_id, type, resource, restricted) "
                "VALUES (999, '', 'KEY', 'x', '{}', 'x', 'x', 'x', false)", "ALTER TABLE journal DISABLE TRIGGER ALL", "DROP TABLE journal"):
        assert "ERROR" in sealed.psql(sql, user="thidua_app"), sql
    for sql in ("UPDATE journal SET actor_name = 'x' WHERE seq = 1", "DELETE FROM journal WHERE seq = 1", "TRUNCATE journal"):
        assert "ERROR" in sealed.psql(sql), sql  # nor does the owner by mistake


def test_many_writers_get_gapless_numbers(service, clients):
    key = clients["admin"].key
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: make_unit(Client(service.base, key))["id"], range(80)))
    wait_until(lambda: clients["auditor"].get("/v1/journal/head").json()["unsealed"] == 0)
    listed = clients["auditor"].get("/v1/journal", params={"unit_id": made[7]}).json()["items"]
    assert [e["type"] for e in listed] == ["unit.created"]
    assert service.psql("SELECT count(*) = max(seq) FROM journal WHERE seq IS NOT NULL") == "t"
    assert is_whole(service)


def test_a_row_says_who_did_what_and_keeps_both_sides(clients, unit):
    made = unit()
    changed = clients["admin"].merge(f"/v1/units/{made['id']}", {"valid_from": "2021-01-01", "name": "Tên sau"}, made["etag"])
    assert changed.status_code == 200
    wait_until(lambda: clients["auditor"].get("/v1/journal/head").json()["unsealed"] == 0)
    rows = clients["auditor"].get("/v1/journal", params={"resource": f"/v1/units/{made['id']}"}).json()["items"]
    assert [row["type"] for row in rows] == ["unit.created", "unit.changed"]
    me = clients["admin"].get("/v1/me").json()
    last = rows[-1]
    assert (last["actor"]["key_id"], last["actor"]["roles"]) == (me["key_id"], ["admin"])
    assert last["request_id"] == changed.headers["X-Request-Id"]
    assert (last["before"]["name"], last["after"]["name"]) == (made["name"], "Tên sau")


def test_a_refused_write_leaves_no_row(service, clients, unit):
    made, before = unit(), service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'")
    problem(clients["admin"].merge(f"/v1/units/{made['id']}", {"valid_from": "2021-01-01", "name": ""}, made["etag"]), 422, "invalid")
    problem(clients["admin"].merge(f"/v1/units/{made['id']}", {"valid_from": "2021-01-01", "name": "Tên"}, '"0"'), 412, "stale-version")
    problem(clients["viewer"].merge(f"/v1/units/{made['id']}", {"valid_from": "2021-01-01", "name": "Tên"}, made["etag"]), 403, "forbidden")
    assert service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'") == before
