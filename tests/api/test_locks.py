"""Who waits for whom. A trial only reads, and an evaluation only adds rows: neither waits for a change of a contestant, nor a
change for them. In PostgreSQL whoever adds a row that refers to another takes FOR KEY SHARE on it, which FOR UPDATE keeps out."""
import concurrent.futures
import re
import uuid

import pytest

import growing
from award_tools import AwardRound
from conftest import make_unit
from service import Client, wait_until
from statements import statements
from test_criteria_sets import document, draft, leaf
from test_unit_changes import change
from test_unit_entries import KINDS as ENTRIES, client_of
from test_what_if import about, index

GATE = 7468690001
# Of what a round is made of: everything that a judgement reads and somebody may be about to change.
ROWS = ("units", "unit_periods", "unit_stamps", "contestants", "packed_facts", "findings", "initiatives", "dossiers", "nominations",
        "campaigns", "criteria_sets", "registers", "register_declarations")


@pytest.fixture(scope="module")
def held(service, clients):
    return AwardRound(service, clients, 3)


@pytest.fixture(scope="module")
def other_rules(clients):
    rules = document()
    leaf(rules, "index_at_least_90")["p"] = 85
    draft(clients["admin"], rules)
    return rules


@pytest.fixture
def gate(service):
    """Shut until it is called: trials of other rules, and evaluations of some units only, stop there when they are about to end."""
    made = service.psql(f"""CREATE FUNCTION test_gate() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NEW; END $$;
        CREATE TRIGGER test_gate BEFORE INSERT ON evaluations FOR EACH ROW
        WHEN (NEW.rule_set_name LIKE 'what-if-%' OR NEW.warnings @> '[{{"code": "PARTIAL"}}]') EXECUTE FUNCTION test_gate()""")
    assert "ERROR" not in made, made
    with service.holding(f"SELECT pg_advisory_xact_lock({GATE})") as release:
        yield release
    wait_until(lambda: at_the_gate(service) == "0")
    dropped = service.psql("DROP TRIGGER test_gate ON evaluations; DROP FUNCTION test_gate()")
    assert "ERROR" not in dropped, dropped


def at_the_gate(service):
    return service.psql(f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                        f" AND (classid::bigint << 32 | objid::bigint) = {GATE}")


def trials(held, rules):
    """Everything that judges: each way to try, and an evaluation that is kept."""
    changes = {held.units[0]: index("86"), held.units[1]: index("84.99")}
    name = {"name": rules["name"], "version": 1}
    return {
        "what-if of facts": lambda: held.auditor.post("/v1/what-if", json=about(held, changes=changes)),
        "what-if of rules": lambda: held.auditor.post("/v1/what-if", json=about(held, rule_set=rules, changes=changes)),
        "what-if of a draft": lambda: held.home.post("/v1/what-if", json=about(held, criteria_set=name, changes=changes)),
        "check": lambda: held.admin.post("/v1/criteria-sets/check", json={"document": rules}),
        "impact": lambda: held.home.post(f"/v1/criteria-sets/{rules['name']}/1/impact", json={}),
        "evaluation": lambda: held.home.post(f"{held.round}/evaluations", json={}),
        "evaluation of some": lambda: held.home.post(f"{held.round}/evaluations", json={"units": held.units}),
    }


@pytest.mark.parametrize("kind", ["what-if of facts", "what-if of rules", "what-if of a draft", "check", "impact", "evaluation"])
def test_no_judgement_waits_for_a_change(service, held, other_rules, kind):
    """Each row of the round is held as somebody holds it who changes it; those that a trial has no business with, even as for a deletion."""
    held.evaluate()
    strong = "; ".join(f"SELECT count(*) FROM (SELECT FROM {table} FOR UPDATE) held" for table in ROWS if table != "contestants")
    weak = "; ".join(f"SELECT count(*) FROM (SELECT FROM {table} FOR NO KEY UPDATE) held" for table in ("rounds", "contestants"))
    with service.holding(f"{strong}; {weak}") as release:
        answer = trials(held, other_rules)[kind]()
        assert answer.status_code in (200, 201), answer.text
        release()


@pytest.mark.parametrize("kind", ["what-if of rules", "what-if of a draft", "evaluation of some"])
def test_no_change_waits_for_a_judgement(service, held, other_rules, gate, kind):
    """The schedule: whoever changes something comes while a judgement has read it and has not ended."""
    with concurrent.futures.ThreadPoolExecutor() as threads:
        running = threads.submit(trials(held, other_rules)[kind])
        wait_until(lambda: at_the_gate(service) == "1" or running.done())
        assert not running.done(), running.result().text
        # It has read, judged and is about to end. Now everything may still be changed, and even be deleted.
        take = "; ".join(f"SELECT count(*) FROM (SELECT FROM {table} FOR UPDATE NOWAIT) held" for table in ROWS if table != "unit_stamps")
        wait_until(lambda: "ERROR" not in service.psql(take), seconds=20)  # the packer has rows for a moment, too
        renamed = change(held.admin, held.units[0], name="Phòng đã đổi tên", valid_from="2024-06-01", legal_basis="1/QĐ-UBND")
        assert renamed.status_code == 200, renamed.text
        path = f"{held.round}/contestants/{held.units[0]}"
        again = held.home.put(path, headers=held.etag(path), json={
            "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "13/QĐ-SNV"})
        assert again.status_code == 200, again.text
        assert at_the_gate(service) == "1"
        gate()
        answer = running.result()
        assert answer.status_code in (200, 201), answer.text


def test_of_two_same_trials_neither_waits(service, held, other_rules, gate):
    """The second enters the same document and changes the same units while the first is still there."""
    asked = about(held, rule_set=other_rules, changes={held.units[0]: index("84.99")})
    with concurrent.futures.ThreadPoolExecutor() as threads:  # of one key the heavy lane takes one at a time
        both = [threads.submit(client.post, "/v1/what-if", json=asked) for client in (held.home, held.auditor)]
        wait_until(lambda: at_the_gate(service) == "2" or any(one.done() for one in both))
        assert not any(one.done() for one in both), [one.result().text for one in both]
        gate()
        first, second = (one.result() for one in both)
    assert first.status_code == 200 and first.json() == second.json()


def test_a_storm_of_changes_and_judgements_ends_without_a_deadlock(service, clients, held, other_rules):
    """The schedule: two take the rows of the same units in opposite orders, each holding what the other waits for."""
    deadlocks = service.psql("SELECT deadlocks FROM pg_stat_database WHERE datname = 'thidua'")
    extra = [make_unit(clients["admin"])["id"] for _ in range(2)]
    forth = {unit: index("86") for unit in held.units}
    back = {unit: index("84") for unit in reversed(held.units)}

    def rename(turn):
        unit = (held.units + extra)[turn % 5]
        return change(held.admin, unit, name=f"Phòng {turn}", valid_from=held.admin.get(f"/v1/units/{unit}").json()["valid_from"])

    def enter(turn):
        path = f"{held.round}/contestants/{held.units[turn % 3]}"
        return held.home.put(path, headers=held.etag(path), json={
            "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": f"{turn + 1}/QĐ-SNV"})

    def declare(turn):
        path = f"{held.round}/registers/discipline"
        return held.home.put(path, headers=held.etag(path), json={
            "unit_id": held.units[-turn % 3], "complete": True, "complete_through": "2025-06-30", "source": "Rà soát"})

    storm = [rename, enter, declare,
             lambda turn: held.auditor.post("/v1/what-if", json=about(held, changes=forth if turn % 2 else back)),
             lambda turn: held.home.post("/v1/what-if", json=about(held, rule_set=other_rules, changes=back if turn % 2 else forth)),
             lambda turn: held.home.post(f"{held.round}/evaluations", json={})]
    with concurrent.futures.ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda turn: storm[turn % 6](turn), range(72)))
    for answer in answers:  # of two changes of one version the second is told so
        assert answer.status_code in (200, 201, 412), answer.text
    assert sum(answer.ok for answer in answers) > 36
    assert service.psql("SELECT deadlocks FROM pg_stat_database WHERE datname = 'thidua'") == deadlocks


def test_only_rows_that_may_go_are_held_for_update(service):
    """FOR UPDATE keeps out whoever refers to the row, and so is for the tables of which the program deletes what it held."""
    deleted = {"contestant_find_leaving", "unit_find_leaving", "webhook_forget", "webhook_lock"}
    strong = {name for name, sql in statements().items() if re.search(r"\bFOR UPDATE\b", sql)}
    assert strong == deleted
    assert service.psql("SELECT string_agg(proname, ' ') FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace"
                        r" WHERE n.nspname = 'public' AND prosrc ~ '\mFOR UPDATE\M'") == ""


def test_who_refers_to_a_contestant_that_is_about_to_go_is_told_so(held):
    """The other side: the removal of a contestant still keeps out what would refer to it."""
    unit = make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=held.parent)["id"]
    path = f"{held.round}/contestants/{unit}"
    held.done(held.home.put(path, json={"group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "1/QĐ"}))
    finding = {"contents": [{"content": "A", "score": "95", "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu", "evidence": []}]}
    headers = held.etag(path)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        gone, found = (threads.submit(one) for one in (
            lambda: held.home.delete(path, headers=headers), lambda: held.home.put(f"{held.round}/findings/{unit}", json=finding)))
    assert (gone.result().status_code, found.result().status_code) in ((204, 422), (204, 404), (409, 201), (409, 200)), found.result().text


@pytest.mark.parametrize("table", ENTRIES)
def test_who_enters_something_of_a_unit_that_is_about_to_go_holds_nothing_of_it(service, held, table):
    """The schedule: who takes a unit back has its row and wants its counter of facts; who enters something of it has the counter, and
    wants the row."""
    unit = make_unit(held.admin)["id"]
    path, role, body = ENTRIES[table][:3]
    writer = client_of(service, role, unit)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        with service.holding(f"SELECT count(*) FROM (SELECT FROM units WHERE id = '{unit}' FOR UPDATE) held") as release:
            entered = threads.submit(writer.post, path, json={"unit_id": unit, **body})
            wait_until(lambda: service.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'thidua writes'"
                                            " AND wait_event_type = 'Lock'", user="postgres") == "1" or entered.done())
            assert not entered.done(), entered.result().text
            assert service.psql(f"SELECT unit_id FROM unit_stamps WHERE unit_id = '{unit}' FOR UPDATE NOWAIT") == unit
            release()
        assert entered.result().status_code == 201, entered.result().text
    assert "DELETE 1" in service.psql(f"DELETE FROM {table} WHERE unit_id = '{unit}'")


def test_who_is_counted_waits_for_nobody_who_is_counted(service, held):
    """Schedule: one transaction enters a contestant and stays open, another enters one in the same round and commits, then the first one does."""
    campaign, year = held.campaign.rsplit("/", 1)[-1], held.year
    first, second = (make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=held.parent)["id"] for _ in range(2))
    contestants = lambda: held.home.get(held.round).json()["counts"]["contestants"]
    before = contestants()
    with service.holding(f"""INSERT INTO contestants (campaign, year, unit_id, group_name, on_assessed_list, advises_par, source_document)
            VALUES ('{campaign}', {year}, '{first}', 'UNIT_UNDER_SO', false, true, '12/QĐ')""") as release:
        assert held.home.put(f"{held.round}/contestants/{second}", json={"group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ"}).status_code == 201
        assert contestants() == before + 1
        release()
        wait_until(lambda: service.psql(f"SELECT count(*) FROM contestants WHERE unit_id = '{first}'") == "1")
    assert service.psql(growing.MISCOUNTED) == ""


def by_name(service, clients, above, below):
    """A file of units below one that is renamed meanwhile."""
    rows = f"name,kind,parent_id,valid_from\nPhòng {uuid.uuid4()},PROVINCIAL_SUBUNIT,{above['id']},2021-01-01\n"
    return "unit names", [lambda client: client.post("/v1/imports?kind=units", data=rows.encode(), headers={"Content-Type": "text/csv"}), rename(above)]


def by_parent(service, clients, above, below):
    """One that is moved below another, which is renamed meanwhile."""
    return "unit parents", [lambda client: client.merge(f"/v1/units/{below[0]['id']}", {"valid_from": "2021-01-01", "parent_id": above["id"]}, below[0]["etag"]),
                            rename(above)]


def by_children(service, clients, above, below):
    """Those below one that ends, of which the last to be moved is renamed meanwhile."""
    ends = make_unit(clients["admin"], kind="PROVINCIAL_SUBUNIT", parent_id=below[0]["parent_id"])
    moved = [make_unit(clients["admin"], kind="PROVINCIAL_SUBUNIT", name=f"Tổ {n} {uuid.uuid4()}", parent_id=ends["id"]) for n in range(2)]
    ending = {"kind": "MERGE", "effective_on": "2022-01-01", "legal_basis": "12/QĐ-UBND", "successors": [above["id"]], "move_children_to": above["id"]}
    return "unit parents", [lambda client: client.post(f"/v1/units/{ends['id']}/successions", json=ending, headers={"If-Match": ends["etag"]}), rename(moved[1])]


def rename(one):
    return lambda client: client.merge(f"/v1/units/{one['id']}", {"valid_from": "2021-06-01", "name": f"Phòng {uuid.uuid4()}"}, one["etag"])


@pytest.mark.parametrize("what", [by_name, by_parent, by_children])
def test_who_changes_where_units_stand_and_who_changes_the_units_wait_in_one_order(service, clients, unit, what):
    """The schedule: the one holds what all of them take, and wants a unit's row; the other has that, and wants the first."""
    top = unit()["id"]
    above, *below = (unit(kind="PROVINCIAL_SUBUNIT", parent_id=top) for _ in range(2))
    lock, changes = what(service, clients, above, below)
    log, key = service.var / "postgres/server.log", clients["admin"].key
    before = log.read_text(encoding="utf-8").count("deadlock detected")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'thidua writes' AND wait_event_type = 'Lock'"
    with concurrent.futures.ThreadPoolExecutor() as pool, service.holding(f"SELECT pg_advisory_xact_lock(hashtext('{lock}'))") as release:
        answers = []
        for change in changes:
            answers.append(pool.submit(change, Client(service.base, key)))
            wait_until(lambda: service.psql(waiting, user="postgres") == str(len(answers)))
        release()
        assert all(answer.result().status_code in (200, 201, 412) for answer in answers), [answer.result().text for answer in answers]
    assert log.read_text(encoding="utf-8").count("deadlock detected") == before
