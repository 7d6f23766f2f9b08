"""A verdict is read beside evaluations whose inputs and standings hold a line for each of 20,000 units: none of that is fetched."""
import hashlib
import json

import pytest

from award_tools import AwardRound
from growing import READ, read_of
from statements import statements


@pytest.fixture(scope="module")
def held(service, clients):
    made = AwardRound(service, clients, 1)
    made.evaluations = [made.evaluate(), made.evaluate()]
    return made


def pages(service, held, name, values, large):
    """What the statement touches when it runs a second time, with so much in all evaluations of the round."""
    words = "(SELECT string_agg(encode(sha256(i::text::bytea), 'hex'), '') FROM generate_series(1, 20000) i)"
    enlarged = f"""UPDATE evaluations SET standings = {words}::bytea, inputs = jsonb_build_object('large', {words})
        WHERE id IN ('{"', '".join(held.evaluations)}');""" if large else ""
    run = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE asked({', '.join(values)});"
    told = service.psql(f"BEGIN; SET LOCAL session_replication_role = replica; {enlarged} PREPARE asked AS {statements()[name]}; {run} {run} ROLLBACK",
                        user="postgres")
    plan = json.loads(told[told.rindex("\n[") + 1:].rsplit("]", 1)[0] + "]")[0]["Plan"]
    assert plan["Actual Rows"] == 1
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


@pytest.mark.parametrize("name", ["unit_verdict", "verdict_changes"])
def test_one_verdict_is_read_without_what_is_large_beside_it(service, held, name):
    campaign, year = held.round.split("/campaigns/")[1].split("/rounds/")
    values = {"unit_verdict": [f"'{campaign}'", year, f"'{held.units[0]}'", "false", f"'{held.units[0]}'"],
              "verdict_changes": [f"'{held.evaluations[1]}'", f"'{campaign}'", year, "NULL"]}[name]
    assert pages(service, held, name, values, large=True) < pages(service, held, name, values, large=False) + 20


# Two evaluations of other rounds, one of them larger than all others together.
OTHERS = """DELETE FROM verdicts WHERE evaluation_id NOT IN ('{0}', '{1}');
    CREATE TEMP TABLE many ON COMMIT DROP AS SELECT gen_random_uuid() AS unit_id FROM generate_series(1, 50000);
    INSERT INTO verdicts (evaluation_id, unit_id, overall, facts, results, stamp, outcomes)
        SELECT gen_random_uuid(), unit_id, 'PENDING', '\\x00', '\\x00', 0, 'O' FROM (SELECT unit_id FROM many LIMIT 1) one;
    INSERT INTO verdicts (evaluation_id, unit_id, overall, facts, results, stamp, outcomes)
        SELECT largest.id, unit_id, 'PENDING', '\\x00', '\\x00', 0, 'O' FROM many, (SELECT gen_random_uuid() AS id) largest;
    ANALYZE verdicts;"""


def test_the_mark_of_an_evaluation_is_made_without_reading_others(service, held):
    """A round is evaluated at the cost of its own verdicts, whatever else is there."""
    explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT verdicts_facts_mark('{held.evaluations[1]}');"
    told = service.psql(f"BEGIN; SET LOCAL session_replication_role = replica; {OTHERS.format(*held.evaluations)} {explain} {explain} ROLLBACK",
                        user="postgres")
    plan = json.loads(told[told.rindex("\n[") + 1:].rsplit("]", 1)[0] + "]")[0]["Plan"]
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 150


def of_round(held):
    """The campaign's code and the year, as arguments."""
    code, year = held.round.split("/campaigns/")[1].split("/rounds/")
    return f"'{code}', {year}"


# A thousand units that both evaluations judged, one of them otherwise; their hashes differ.
THOUSAND = """INSERT INTO verdicts (evaluation_id, unit_id, overall, facts, results, stamp, outcomes)
        SELECT e.id, unit_id, 'PENDING', '\\x00', '\\x00', 0, CASE WHEN n = 500 THEN e.outcomes ELSE 'O' END
        FROM (SELECT n, gen_random_uuid() AS unit_id FROM generate_series(1, 1000) n) u, (VALUES ('{0}'::uuid, 'P'), ('{1}', 'F')) e(id, outcomes);
    UPDATE evaluations SET result_hash = 'other' WHERE id = '{0}'; ANALYZE verdicts;"""
# The earlier evaluation was of some units only, as signing makes one.
PARTIAL = """UPDATE evaluations SET warnings = '[{{"code": "PARTIAL", "clause": ""}}]' WHERE id = '{0}';"""


@pytest.mark.parametrize("known", [True, False], ids=["planned for all", "planned when there were few"])
@pytest.mark.parametrize("made, changed, most", [("", 0, 60), (PARTIAL, 0, 100), (THOUSAND, 1, 600)],
                         ids=["the same as before", "against one of some units", "a thousand"])
def test_what_changed_is_found_in_both_evaluations_read_once(service, held, made, changed, most, known):
    """No verdict is looked up for itself unless it differs, or PostgreSQL expects only a few, and none of other evaluations is read."""
    made = OTHERS + made if known else (OTHERS + made).replace("ANALYZE verdicts;", "")
    asked = f"SELECT count(*) FROM verdicts_changed('{held.evaluations[1]}', {of_round(held)}, NULL)"
    told = service.psql(f"BEGIN; SET LOCAL session_replication_role = replica; {made.format(*held.evaluations)} {asked};"
                        f" EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {asked}; ROLLBACK", user="postgres")
    before, _, explained = told.rpartition("\n[")
    plan = json.loads("[" + explained.rsplit("]", 1)[0] + "]")[0]["Plan"]
    assert before.splitlines()[-1] == str(changed) and plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < most * (1 if known else 6)


def test_an_evaluation_that_ends_after_a_later_one_tells_only_of_units_that_this_left_out(service, held):
    """Each unit is shown the later verdict, so an event of the earlier one would contradict what it points to."""
    first, second = held.evaluations
    asked = f"SELECT count(*) FROM verdicts_changed('{first}', {of_round(held)}, NULL);"
    left = f"DELETE FROM verdicts WHERE evaluation_id = '{second}' AND unit_id = (SELECT max(unit_id::text)::uuid FROM verdicts WHERE evaluation_id = '{second}');"
    told = service.psql(f"BEGIN; SET LOCAL session_replication_role = replica; {THOUSAND.format(first, second)} {asked} {left} {asked} ROLLBACK", user="postgres")
    assert [line for line in told.splitlines() if line.isdigit()] == ["0", "1"]


# Of 50,000 units, a thousand are in the round, with facts that are packed.
UNITS = """CREATE TEMP TABLE known ON COMMIT DROP AS SELECT n, gen_random_uuid() AS unit_id FROM generate_series(1, 50000) n;
    INSERT INTO unit_stamps (unit_id, stamp, packed) SELECT unit_id, 1, 1 FROM known;
    INSERT INTO contestants (campaign, year, unit_id, group_name, on_assessed_list) SELECT {round}, unit_id, 'XA', true FROM known WHERE n <= 1000;
    INSERT INTO packed_facts (campaign, year, unit_id, stamp, layout, facts)
        SELECT {round}, unit_id, 1, sha256(''), '\\x00' FROM known WHERE n <= 1000;
    ANALYZE unit_stamps; ANALYZE contestants; ANALYZE packed_facts;"""


@pytest.mark.parametrize("name", ["facts_of_round", "evaluation_stale"])
def test_a_round_is_read_without_the_units_of_others(service, held, name):
    """Counters of facts are looked up for its contestants, however many other units have one."""
    layout = hashlib.sha256(b"").hexdigest()
    asked, values = {"facts_of_round": (statements()["facts_of_round"], f"{of_round(held)}, NULL, '{layout}', ''"),
                     "evaluation_stale": ("SELECT evaluation_stale(e) FROM evaluations e WHERE e.id = $1", f"'{held.evaluations[1]}'")}[name]
    run = f"EXECUTE asked({values});"
    told = service.psql(f"BEGIN; SET LOCAL session_replication_role = replica; {UNITS.format(round=of_round(held))} PREPARE asked AS {asked};"
                        f" {run} {read_of('unit_stamps')}; {run} {read_of('unit_stamps')}; ROLLBACK", user="postgres").splitlines()
    read = [int(line) for line in told if line.isdigit()]
    assert 1000 <= read[-1] - read[-2] < 3000


# Of 200 decisions on ties most name a unit that a later one names too, in part for another form.
TIES = """CREATE TEMP TABLE made ON COMMIT DROP AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, 200) n;
    INSERT INTO tie_decisions (id, campaign, year, form, method, reason, document, recorded_by_name)
        SELECT id, {round}, (ARRAY[NULL, 'A', 'B'])[1 + n % 3], 'LOT', 'lý do', 'biên bản', 'người' FROM made ORDER BY n;
    INSERT INTO tie_decision_units (decision_id, place, unit_id)
        SELECT id, place, md5((n * place % 90)::text)::uuid FROM made, generate_series(1, 2) place WHERE place = 1 OR n % 90 > 0;
    ANALYZE tie_decisions; ANALYZE tie_decision_units;"""


def test_decisions_on_ties_are_read_once_for_an_evaluation(service, held):
    """Whether one is in force follows from all later ones: for all of them together that is one reading, for one it is its units'."""
    run = f"EXECUTE asked({of_round(held)});"
    alone = "SELECT coalesce(json_agg(d.id ORDER BY d.position), '[]') FROM tie_decisions d WHERE (d.campaign, d.year) = ({0}) AND tie_decision_in_force(d);"
    told = service.psql(f"BEGIN; SET LOCAL session_replication_role = replica; {TIES.format(round=of_round(held))}"
                        f" PREPARE asked AS {statements()['tie_decisions_in_force']}; {READ}; {run} {READ}; {alone.format(of_round(held))} ROLLBACK",
                        user="postgres").splitlines()
    first, ties, second, each = told[-5:-1]
    assert [tie["id"] for tie in json.loads(ties)] == json.loads(each) and 0 < len(json.loads(each)) < 200
    assert int(second) - int(first) < 1500


def test_what_was_judged_is_marked_without_reading_it_again(service, held):
    """The mark comes with the facts, and is that of the stored verdicts."""
    marks = f"SELECT count(*), count(*) FILTER (WHERE facts_mark = verdicts_facts_mark(id)) FROM evaluations WHERE id IN ('{held.evaluations[0]}', '{held.evaluations[1]}')"
    assert service.psql(marks) == "2|2"
    made = """INSERT INTO verdicts (evaluation_id, unit_id, overall, facts, results, stamp, outcomes)
        SELECT i::text::uuid, gen_random_uuid(), 'PENDING', '\\x00', '\\x00', 0, 'O'
        FROM generate_series(1, 1000), (VALUES ('00000000-0000-4000-8000-000000000001'), ('00000000-0000-4000-8000-000000000002')) e(i); ANALYZE verdicts;"""
    run = """EXECUTE asked('00000000-0000-4000-8000-00000000000{}', {}, 1, '2025-01-01T00:00:00Z', NULL, 'người', 'a', 'b', '{{"contestants": 1000}}',
                           '[]', '{{}}', '{{}}', 'bộ', 1, 'c', '5', NULL, '');"""
    told = service.psql(f"BEGIN; SET LOCAL session_replication_role = replica; {made} PREPARE asked AS {statements()['evaluation_finish']};"
                        f" {run.format(1, of_round(held))} {read_of('verdicts')}; {run.format(2, of_round(held))} {read_of('verdicts')}; ROLLBACK", user="postgres").splitlines()
    first, second = [int(line) for line in told if line.isdigit()]
    assert second - first < 100
