"""What answers one thing or one page, or writes one thing, reads no more where there is more of everything (growing.py).

In a database of its own beside the service's, on sessions like the service's: there scans of whole tables are dear, so that one is left only
where no key serves.
"""
import json
import subprocess

import pytest

import growing
from service import PROGRAM, plain_environment

ROWS = 1200  # of everything
MOST = 1100  # rows and entries of indexes read for one page of 20, with all that each item shows
PAST = 250  # rows of the list itself that it walks past: what a filter asks for begins behind seven tenths of it

FEW = 60  # of everything, when plans were made …
OF_ONE = 400  # … and rows that are read by them for one thing or page where there are many
KEPT = {what: growing.ASKED[what] for what in ("a page of verdicts", "a unit's page of verdicts", "a unit's rows of a board", "a unit's calendar")}

# What PostgreSQL finds by a walk in so small a database, and by an index in a large one.
SMALL = {"contestant_list (office, cluster=Cụm 1)", "journal_list_newest",
         *(f"dossier_list (unit{given})" for given in ("", ", campaign=230-KH-UBND", ", year=2025", ", state=ACCEPTED", ", late=true"))}

# PostgreSQL then believes of any unit that most others are below it.
ONE_PARENT = f"""SET session_replication_role = replica;
    UPDATE unit_periods SET parent_id = '{growing.made('unit', 1)}' WHERE parent_id IS NOT NULL; RESET session_replication_role; VACUUM ANALYZE unit_periods"""

# Whoever changes that one reads of the others what the change bears on: nothing where it keeps its name and its days.
CHANGES = {"legal_basis": {"legal_basis": "nghị quyết"}, "name": {"name": "Tên khác"}, "since": {"valid_from": "2025-01-01", "name": "Tên khác"},
           "parent_id": {"valid_from": "2026-03-01", "parent_id": growing.made("unit", 20)}}
CHANGED_ABOVE = {what: [("unit_alter", "made:unit:40", json.dumps({"valid_from": "2015-01-01", "confirm_duplicate": True} | change))] for what, change in CHANGES.items()}
ABOVE_ALL = f"""SET session_replication_role = replica; UPDATE unit_periods SET parent_id = '{growing.made('unit', 40)}', kind = 'COMMUNE'
    WHERE unit_id NOT IN ('{growing.made('unit', 1)}', '{growing.made('unit', 20)}', '{growing.made('unit', 40)}');
    UPDATE contestant_labels SET label = unit_label(unit_id, make_date(year, 12, 31)); RESET session_replication_role; VACUUM ANALYZE unit_periods, contestant_labels"""

# All nominees are in one dossier, each with its report. Whoever reads or writes one of them, or its facts, reads nothing of the others.
DOSSIER = "made:dossier:40"
ONE_DOSSIER = f"""SET session_replication_role = replica; UPDATE nominations SET dossier_id = '{growing.made('dossier', 40)}';
    UPDATE documents SET dossier_id = '{growing.made('dossier', 40)}', kind = 'REPORT'; RESET session_replication_role; VACUUM ANALYZE nominations, documents"""
NOMINEE = [("nomination_get", DOSSIER, "made:unit:40", None, "4"), ("facts_alone", growing.CAMPAIGN, str(growing.YEAR), "made:unit:40", "00", "00")]
OPENED = [("dossier_round", DOSSIER), ("dossier_lock", DOSSIER), ("dossier_stand", DOSSIER, None, "4")]

# Nobody was told yet. PostgreSQL then believes that the index by what was told, and by the round, leaves nothing out.
UNTOLD = """SET session_replication_role = replica; UPDATE nominations SET notified_on = NULL, notified_result = NULL, notified_reason = NULL;
    RESET session_replication_role; VACUUM ANALYZE nominations"""

# The rules ask for a share among the awarded, which is worked out for each decision and proposal.
BALANCED = """SET session_replication_role = replica; UPDATE criteria_sets SET document = document || '{"balance":
    [{"text": {"vi": "x", "en": "x"}, "where": {"fact": "advises_par", "value": true}, "at_least": "50 %"}]}'; RESET session_replication_role"""

# An evaluation of all, which found half of the units otherwise than one of each alone that was made since the one of all before.
ALL_AGAIN = f"""SET session_replication_role = replica;
    INSERT INTO evaluations (id, campaign, year, rule_set_name, rule_set_version, rule_set_hash, semantics, as_of, parameters, counts, warnings, created_by_name)
    SELECT '{growing.made('evaluation', 0)}', campaign, year, rule_set_name, rule_set_version, rule_set_hash, semantics, as_of, parameters, counts, '[]', created_by_name
    FROM evaluations WHERE id = '{growing.made('evaluation', 1)}';
    INSERT INTO verdicts SELECT '{growing.made('evaluation', 0)}', unit_id, CASE WHEN unit_id < '80000000-0000-0000-0000-000000000000' THEN 'PENDING' ELSE overall END,
        facts, results, stamp, outcomes
    FROM verdicts WHERE evaluation_id = '{growing.made('evaluation', 1)}'; RESET session_replication_role; VACUUM ANALYZE evaluations, verdicts"""
ALL_CHANGED = [("verdict_changes", "made:evaluation:0", growing.CAMPAIGN, str(growing.YEAR), None)]
# Units that changed; of them those that are told of what they may know of before it; those that should be.
CHANGED = f"""SELECT count(*), count(*) FILTER (WHERE c.before = 'ELIGIBLE' AND c.after = 'PENDING' AND
            c.earlier = CASE WHEN evaluation_told(s.evaluation_id, false) THEN s.evaluation_id ELSE '{growing.made('evaluation', 1)}' END),
        (SELECT count(*) FROM evaluation_units WHERE unit_id < '80000000-0000-0000-0000-000000000000')
    FROM evaluation_units s JOIN verdicts_changed('{growing.made('evaluation', 0)}', '{growing.CAMPAIGN}', {growing.YEAR}, NULL) c USING (unit_id)"""
BOARD = [("board_frame", growing.CAMPAIGN, str(growing.YEAR), "126", None)]
OF_A_UNIT = 40  # rows and entries read for one of so many that an evaluation of all judged

# All decisions are of one round, each with the evaluation at its signing.
ONE_ROUND = f"""SET session_replication_role = replica; UPDATE decisions d SET campaign = '{growing.CAMPAIGN}', evaluation_id = e.id
    FROM (SELECT id, row_number() OVER (ORDER BY position) AS n FROM evaluations) e JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM decisions) x USING (n)
    WHERE d.id = x.id AND n > 1; RESET session_replication_role; VACUUM ANALYZE decisions"""
SIGNED = [("unit_verdict", growing.CAMPAIGN, str(growing.YEAR), "made:unit:40", "false", "made:unit:40")]

# What lists leave out is large: places and inputs of evaluations, documents of rule sets. Texts of random digits are not made smaller.
TEXT = "(SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 2000) WHERE {row} IS NOT NULL)"
LARGE = f"""SET session_replication_role = replica;
    UPDATE evaluations SET standings = convert_to({TEXT.format(row='id')}, 'UTF8'), inputs = jsonb_build_object('x', {TEXT.format(row='id')});
    INSERT INTO criteria_sets (name, version, document, sha256, valid_from, created_by)
    SELECT 'large', n, jsonb_build_object('x', {TEXT.format(row='n')}), encode(sha256(n::text::bytea), 'hex'), '2024-01-01', 'x' FROM generate_series(1, {FEW}) n;
    RESET session_replication_role; VACUUM ANALYZE evaluations, criteria_sets"""
PIECES = 40  # fetched for a page of 20 from outside the rows; of one such value there are 30

# Events that wait for the sealer, as after an import, of which the statistics know nothing yet. Each batch of 500 is as dear as the last one.
WAITING = 20 * ROWS
UNSEALED = f"""INSERT INTO journal (actor_kind, actor_name, actor_roles, request_id, type, resource, restricted)
    SELECT 'SERVICE', 'máy', '{{}}', 'r', 'unit.changed', '/v1/units/x', false FROM generate_series(1, {WAITING})"""
SEAL = f"BEGIN; {growing.READ}; SELECT sealed, remaining FROM journal_seal_batch(); {growing.READ}; ROLLBACK"

# Units that end and are taken over by others; then for whom unit_within() and units_within() do not say the same.
DIFFERENT = f"""BEGIN; SET session_replication_role = replica; UPDATE successions SET kind = 'MERGE' WHERE predecessor_id < successor_id;
    UPDATE unit_periods SET valid = daterange(lower(valid), '2020-01-01') WHERE unit_id IN (SELECT predecessor_id FROM successions);
    SELECT count(*) FILTER (WHERE unit_within(u.id, top.id)), count(*) FILTER (WHERE unit_within(u.id, top.id) <> (u.id = ANY (top.below)))
    FROM units u CROSS JOIN (SELECT id, ARRAY(SELECT units_within(id)) AS below
                             FROM unnest('{{{growing.made('unit', 40)}, NULL}}' || ARRAY(SELECT successor_id FROM successions LIMIT 8)) id) top; ROLLBACK"""


@pytest.fixture
def socket(service):
    """Of a server with a database `growth` for the test, which has the schema and one plan. Nobody else looks after it."""
    socket = service.var / "socket"
    owner = f"host={socket} user=thidua_owner dbname=growth"
    admin = growing.Database(socket)
    assert not admin.run("CREATE DATABASE growth OWNER thidua_owner")
    environment = {**plain_environment(), "DATABASE_URL": owner, "DATABASE_OWNER_URL": owner}
    for arguments in (["migrate"], ["load", str(growing.ROOT / "campaigns/230-KH-UBND.json")]):
        done = subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    yield socket
    admin.run("DROP DATABASE growth WITH (FORCE)")
    admin.close()


def test_a_plan_from_when_there_was_little_reads_no_more_where_there_is_much(socket):
    """A connection keeps its plans until the tables are analyzed, a minute or more after they grew: whoever wrote meanwhile read them through."""
    filling, database = growing.Database(socket, "growth"), growing.Database(socket, "growth")
    for table in filling.run("SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"):
        filling.run(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    growing.fill(filling, units=FEW, journal=2 * FEW, keys=FEW, webhooks=FEW)
    read = growing.measure_kept(database, growing.WRITES | KEPT, lambda: growing.grow(filling, FEW, ROWS))
    assert not {what: rows for what, rows in read.items() if rows > OF_ONE}
    assert len(read) > 8
    database.close()
    filling.close()


def test_a_page_or_a_write_reads_no_more_where_there_is_more(socket):
    database = growing.Database(socket, "growth")
    growing.fill(database, units=ROWS, journal=2 * ROWS, keys=ROWS, webhooks=ROWS)
    seen, different = database.run(DIFFERENT)[0].split("\t")
    keys = growing.leading_keys(database)
    measured, through, past, planned = [], {}, {}, {}
    for reading in growing.readings(database, ["office", "unit"]):
        plan, rows = growing.measure(database, reading)
        measured.append((reading, rows))
        if found := growing.planned_anew(database, reading.call):
            planned[str(reading)] = found
        if found := growing.looked_through(plan, keys):
            through[str(reading)] = found
        if growing.left_out(plan) > PAST:
            past[str(reading)] = growing.left_out(plan)
    database.run(BALANCED)
    for reading in [reading for reading, _ in measured if reading.statement.name in ("decision_list", "proposal_list_all") and not reading.filters]:
        growing.measure(database, reading)
        if found := growing.planned_anew(database, reading.call):
            planned[f"{reading}, whose rules ask for a balance"] = found
    database.run(UNTOLD)
    untold = {str(reading): growing.measure(database, reading)[1] for reading, _ in measured if reading.statement.name == "notification_list" and not reading.cursor}
    written = {what: growing.measure_write(database, calls) for what, calls in (growing.WRITES | growing.ASKED).items()}
    planned |= {what: found for what, calls in (growing.WRITES | growing.ASKED).items() if (found := growing.planned_anew_by(database, calls))}
    database.run(ONE_PARENT)
    written |= {f"{what} where one unit is above all": growing.measure_write(database, calls) for what, calls in growing.WRITES.items()}
    database.run(ABOVE_ALL)
    above = {what: growing.measure_write(database, calls) for what, calls in CHANGED_ABOVE.items()}
    database.run(ONE_DOSSIER)
    written["a dossier of all nominees, opened"] = growing.measure_write(database, OPENED)
    written["a nominee of it, and its facts"] = growing.measure_write(database, NOMINEE)
    database.run(ONE_ROUND)
    written["a unit's verdict where each evaluation is of a decision"] = growing.measure_write(database, SIGNED)
    board = growing.measure_write(database, BOARD)[0]
    database.run(ALL_AGAIN)
    board_later = growing.measure_write(database, BOARD)[0]
    changed, told, due = database.run(CHANGED)[0].split("\t")
    rows, compared = growing.measure_write(database, ALL_CHANGED)
    database.run(UNSEALED)
    database.run(SEAL)
    waiting, = database.run("SELECT count(*) FROM journal WHERE seq IS NULL")
    began, sealed, ended = database.run(SEAL)
    database.close()
    over = {str(reading): rows for reading, rows in measured if rows > MOST}
    assert len(measured) > 150
    assert not through
    assert not planned
    assert not {told: rows for told, rows in past.items() if not {told, told.split(" ")[0]} & SMALL}
    assert int(seen) > 25 and int(different) == 0
    assert not {told: rows for told, rows in over.items() if not {told, told.split(" ")[0]} & SMALL}
    assert len(untold) > 2 and not {told: rows for told, rows in untold.items() if rows > MOST}
    assert not {what: found for what, found in written.items() if max(found) > MOST}
    assert ROWS < board and board_later - board < ROWS / 2, "it reads verdicts of another evaluation than the newest"
    assert max(above["legal_basis"]) < 50
    assert not {what: found for what, found in above.items() if found[0] > OF_A_UNIT * ROWS or found[1] > MOST}
    assert changed == told == due
    assert sealed == f"500\t{int(waiting) - 500}" and int(ended) - int(began) < OF_A_UNIT * 500
    assert rows < OF_A_UNIT * ROWS and compared < ROWS


def test_a_page_fetches_no_large_value_that_it_does_not_show(socket):
    """A row that is passed on as a whole is fetched as a whole: 50 evaluations of 20,000 units are hundreds of megabytes."""
    database = growing.Database(socket, "growth")
    growing.fill(database, units=FEW, journal=2 * FEW, keys=FEW, webhooks=FEW)
    database.run(LARGE)
    fetched = {str(reading): growing.pieces_fetched(database, reading) for reading in growing.readings(database, ["office"]) if reading.statement.is_list}
    shown = growing.pieces_fetched(database, next(each for each in growing.readings(database, ["office"]) if each.statement.name == "evaluation_show"))
    database.close()
    assert shown > PIECES and len(fetched) > 40
    assert not {told: pieces for told, pieces in fetched.items() if pieces > PIECES}
