"""Packed facts are never stale: whatever is written, by whatever way, an evaluation judges what the tables say now."""
import contextlib
import copy
import random
import re
import subprocess
import uuid

import pytest

from conftest import PLAN, load_plan, make_campaign
from service import PSQL, wait_until

AS_OF = "2026-01-15T08:00:00+07:00"


class Round:
    """A round with three contestants, and every write that changes facts of theirs."""

    def __init__(self, service, clients, unit):
        self.service, self.clients = service, clients
        self.campaign = make_campaign(service)
        self.path = f"{self.campaign}/rounds/2024"
        self.units = [unit()["id"] for _ in range(3)]
        for each in self.units:
            self.ok("home_affairs", "PUT", f"{self.path}/contestants/{each}",
                    json={"group": "SO_BAN_NGANH", "on_assessed_list": True})

    def ok(self, role, method, url, etag_of=None, **arguments):
        client = self.clients[role]
        if etag_of:
            arguments["headers"] = {"If-Match": client.get(etag_of).headers["ETag"]}
        response = client.request(method, url, **arguments)
        assert response.status_code < 300, response.text
        return response

    def evaluate(self):
        """Hash of all that was judged, and the verdicts."""
        made = self.ok("home_affairs", "POST", f"{self.path}/evaluations", json={"as_of": AS_OF}).json()
        verdicts = self.clients["auditor"].get(f"/v1/evaluations/{made['id']}/verdicts").json()["items"]
        return made["input_hash"], made["result_hash"], verdicts

    def what_if(self):
        """What would come of other facts of one unit; of a closed round too."""
        return self.ok("auditor", "POST", "/v1/what-if", json={
            "campaign": self.campaign.rsplit("/", 1)[1], "year": 2024, "as_of": AS_OF,
            "changes": {self.units[0]: {"facts": {"on_assessed_list": {"value": False}}}}}).json()

    def packed(self):
        """Awaits the packer; of rows that unpack() took away it does not know by itself."""
        self.service.psql("UPDATE unit_stamps s SET packed = -1 FROM contestants c LEFT JOIN packed_facts p USING (campaign, year, unit_id)"
                          f" WHERE c.unit_id = s.unit_id AND p.unit_id IS NULL AND c.campaign = '{self.campaign.rsplit('/', 1)[1]}'")
        wait_until(lambda: self.service.psql(
            f"SELECT count(*) FROM contestants c JOIN unit_stamps s USING (unit_id) JOIN packed_facts p USING (campaign, year, unit_id)"
            f" WHERE p.stamp = s.stamp AND c.campaign = '{self.campaign.rsplit('/', 1)[1]}'") == "3")

    def unpack(self):
        self.service.psql(f"DELETE FROM packed_facts WHERE campaign = '{self.campaign.rsplit('/', 1)[1]}'")

    # ---- writes ----

    def contestant(self, unit, pick):
        url = f"{self.path}/contestants/{unit}"
        self.ok("home_affairs", "PUT", url, etag_of=url,
                json={"group": "SO_BAN_NGANH", "on_assessed_list": pick.random() < 0.5, "advises_par": pick.random() < 0.5})

    def finding(self, unit, pick):
        url = f"{self.path}/findings/{unit}"
        contents = [{"content": content, "score": f"{pick.randrange(10000) / 100:.2f}", "reason": "Số liệu thử",
                     "result": pick.choice(["OUTSTANDING_LEADING", "OUTSTANDING", "NOT_OUTSTANDING"])} for content in "ABCD"]
        there = self.clients["home_affairs"].get(url).status_code == 200
        self.ok("home_affairs", "PUT", url, etag_of=url if there else None, json={"contents": contents})

    def initiative(self, unit, pick):
        made = self.service.key("unit", unit).post("/v1/initiatives", json={
            "unit_id": unit, "title": "Một cửa số", "summary": "Thử", "kind": "INITIATIVE", "applied_from": "2024-02-01"})
        assert made.status_code == 201, made.text
        if pick.random() < 0.7:
            url = made.headers["Location"]
            self.ok("initiative_council", "PUT", f"{url}/recognition", etag_of=url, json={
                "council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": "2024-11-20", "decision_number": "12/QĐ-HĐSK"})

    def discipline(self, unit, pick):
        self.ok("home_affairs", "POST", "/v1/discipline-records", json={
            "unit_id": unit, "person_name": f"Người thử {uuid.uuid4().hex[:6]}", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT",
            "level": "KHIEN_TRACH", "decision_number": f"{pick.randrange(1000)}/QĐ-UBND", "decision_date": "2024-03-01",
            "effective_from": "2024-03-01"})

    def proceeding(self, unit, pick):
        self.ok("home_affairs", "POST", "/v1/proceedings", json={"unit_id": unit, "kind": "COMPLAINT", "opened_on": "2024-05-02"})

    def declare_own(self, unit, pick):
        url = f"{self.path}/registers/{pick.choice(['discipline', 'proceedings', 'initiatives'])}"
        self.ok("home_affairs", "PUT", url, etag_of=url,
                json={"unit_id": unit, "complete": pick.random() < 0.7, "complete_through": "2025-06-30", "source": "Sổ theo dõi"})

    def declare_all(self, unit, pick):
        url = f"{self.path}/registers/{pick.choice(['discipline', 'proceedings', 'initiatives'])}"
        self.ok("home_affairs", "PUT", url, etag_of=url,
                json={"complete": pick.random() < 0.7, "complete_through": "2025-06-30", "source": f"Công văn {pick.randrange(100)}"})


WRITES = [Round.contestant, Round.finding, Round.initiative, Round.discipline, Round.proceeding, Round.declare_own, Round.declare_all]


@pytest.fixture(scope="module")
def walked(service, clients, unit):
    return Round(service, clients, unit)


@contextlib.contextmanager
def late_transaction(service, sql):
    """Runs it at once and commits at the end."""
    psql = subprocess.Popen([PSQL, "-h", str(service.var / "socket"), "-U", "thidua_owner", "-d", "thidua", "-qAtX"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    print(f"BEGIN; {sql}; SELECT 'written';", file=psql.stdin, flush=True)
    assert psql.stdout.readline() == "written\n"
    yield
    print("COMMIT;", file=psql.stdin, flush=True)
    psql.communicate(timeout=30)


@pytest.mark.parametrize("seed", range(4))
def test_an_evaluation_right_after_a_write_judges_what_was_written(walked, seed):
    """Three ways to the same bytes: at once after the write, from packed rows, and from the tables with no packed row at all."""
    pick = random.Random(seed)
    for _ in range(4):
        for _ in range(pick.randrange(1, 4)):
            pick.choice(WRITES)(walked, pick.choice(walked.units), pick)
        at_once = walked.evaluate()
        walked.packed()
        from_packed = walked.evaluate()
        walked.unpack()
        assert at_once == from_packed == walked.evaluate()


def test_a_write_that_commits_late_is_seen(walked, service):
    """A transaction that began before the row was packed and commits after it: the counter tells, whoever was first."""
    walked.packed()
    before = walked.evaluate()
    with late_transaction(service, f"UPDATE contestants SET on_assessed_list = NOT on_assessed_list WHERE unit_id = '{walked.units[0]}'"):
        assert walked.evaluate()[:2] == before[:2]
        walked.unpack()
        service.psql(f"UPDATE unit_stamps SET packed = -1 WHERE unit_id = '{walked.units[1]}'")
        walked.finding(walked.units[1], random.Random(1))
    after = walked.evaluate()
    assert after[0] != before[0]
    walked.packed()
    assert walked.evaluate() == after


def test_a_closed_round_is_packed_when_it_is_reopened(walked, service):
    """A write costs the packer nothing for the years that are over, however many they are. Meanwhile they are judged by what stands in the tables."""
    round_ = f"campaign = '{walked.campaign.rsplit('/', 1)[1]}' AND year = 2024"
    of_now = f"SELECT count(*) FROM packed_facts p JOIN unit_stamps s USING (unit_id) WHERE p.stamp = s.stamp AND {round_}"
    walked.packed()
    state, before, tried = service.psql(f"SELECT state FROM rounds WHERE {round_}"), walked.evaluate(), walked.what_if()
    service.psql(f"UPDATE rounds SET state = 'CLOSED' WHERE {round_}")
    service.psql(f"UPDATE unit_stamps SET stamp = stamp + 1 WHERE unit_id IN (SELECT unit_id FROM contestants WHERE {round_})")
    wait_until(lambda: service.psql("SELECT count(*) FROM unit_stamps WHERE packed <> stamp") == "0")
    assert service.psql(of_now) == "0"
    assert walked.what_if() == tried
    service.psql(f"UPDATE rounds SET state = '{state}' WHERE {round_}")
    wait_until(lambda: service.psql(of_now) == "3")
    assert walked.evaluate()[:2] == before[:2]


def test_facts_packed_for_the_word_of_other_councils_serve_no_rules_that_take_it(service, clients, unit):
    """Of an initiative that two councils recognised it is a fact what those say that the rules name: other rules find it otherwise, at once."""
    held = Round(service, clients, unit)
    url = service.key("unit", held.units[0]).post("/v1/initiatives", json={
        "unit_id": held.units[0], "title": "Một cửa số", "summary": "Thử", "kind": "INITIATIVE", "applied_from": "2024-02-01"}).headers["Location"]
    for role, council, day in (("home_affairs", "SECTOR", "2024-12-02"), ("initiative_council", "PROVINCIAL", "2026-02-10")):
        held.ok(role, "PUT", f"{url}/recognition", etag_of=url, json={
            "council": council, "outcome": "RECOGNISED", "recognised_on": day, "decision_number": "12/QĐ-HĐSK"})
    found = lambda: next(criterion["result"] for verdict in held.evaluate()[2] if verdict["unit_id"] == held.units[0]
                         for criterion in verdict["criteria"] if criterion["id"] == "III.1.c")
    assert found() == "PENDING"  # the province spoke after the day that is judged
    held.packed()
    rules = copy.deepcopy(PLAN["criteria_set"])
    rules["name"] = f"cap-nganh-{uuid.uuid4().hex[:12]}"
    leaf = next(c for c in rules["criteria"] if c["id"] == "III.1.c")["requires"]
    leaf["where"][0] = {"field": "council", "op": "=", "values": ["PROVINCIAL", "SECTOR"]}
    with late_transaction(service, "DO $$ BEGIN PERFORM pg_advisory_xact_lock(7468696477); END $$"):  # nothing is packed anew meanwhile
        load_plan(service, {**PLAN, "code": held.campaign.rsplit("/", 1)[1], "criteria_set": rules})
        assert found() == "PASS"


def test_every_table_that_facts_come_from_marks_its_units(service):
    """What unit_own_snapshot() reads, through whatever functions, has the triggers that raise the units' counters."""
    sources = dict(line.split("|", 1) for line in service.psql(
        "SELECT proname || '|' || translate(prosrc, E'\\n', ' ') FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND prolang IN (SELECT oid FROM pg_language WHERE lanname IN ('sql', 'plpgsql'))").splitlines() if "|" in line)
    tables = set(service.psql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").split())
    kept = set(service.psql("SELECT DISTINCT tgrelid::regclass FROM pg_trigger WHERE tgname = 'facts_changed'").split())
    read = set()
    todo, seen = ["unit_own_snapshot"], set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        words = set(re.findall(r"\w+", sources[name]))
        read |= words & tables
        todo += words & set(sources)
    assert {"contestants", "score_leaves", "initiative_uses", "awards"} <= read
    read.discard("registers")  # here a member of the snapshot; the declarations are another table's
    assert read <= kept, f"no trigger tells of changes in {sorted(read - kept)}"


def test_packed_facts_that_lie_are_found(service, walked):
    walked.packed()
    code = walked.campaign.rsplit("/", 1)[1]
    assert "\ntrue: " in service.command("verify").stdout
    service.psql(f"UPDATE packed_facts SET facts = set_byte(facts, 60, get_byte(facts, 60) # 1) WHERE campaign = '{code}'")
    found = service.command("verify")
    assert found.returncode == 1 and "STALE: " in found.stdout and f"first {code}/2024/" in found.stdout
    walked.unpack()
    assert "\ntrue: " in service.command("verify").stdout


def stamp_of(service, unit_id):
    return int(service.psql(f"SELECT stamp FROM unit_stamps WHERE unit_id = '{unit_id}'"))


def imported(client, kind, rows):
    text = "\n".join(",".join(row) for row in rows)
    response = client.post("/v1/imports", params={"kind": kind}, data=text.encode(), headers={"Content-Type": "text/csv"})
    assert response.status_code == 201, response.text
    return [made["resource"].rsplit("/", 1)[1] for made in response.json()["made"]]


def test_many_rows_of_one_unit_raise_its_counter_once(service, clients, unit):
    """Each raising is a version of the row, which each next write of the transaction would read again."""
    own = unit()["id"]
    before = stamp_of(service, own)
    made = imported(service.key("unit", own), "initiatives", [
        ("unit_id", "title", "summary", "kind", "applied_from"), *[(own, f"Một cửa {n}", "Nhanh", "SOLUTION", "2024-03-01") for n in range(20)]])
    assert stamp_of(service, own) == before + 1
    imported(clients["initiative_council"], "recognitions", [
        ("initiative_id", "council", "recognised_on", "decision_number"), *[(each, "PROVINCIAL", "2025-01-20", "88/QĐ") for each in made]])
    assert stamp_of(service, own) == before + 2


@pytest.mark.parametrize("steps, raised", [
    (["touch", "SAVEPOINT s", "touch", "RELEASE s", "touch"], 1), (["SAVEPOINT s", "touch", "RELEASE s", "touch"], 1),
    (["SAVEPOINT s", "touch", "ROLLBACK TO s", "touch"], 1), (["touch", "SAVEPOINT s", "touch", "ROLLBACK TO s", "touch"], 1),
    (["touch", "COMMIT", "BEGIN", "touch"], 2), (["touch", "pack", "touch"], 2),
    (["touch both", "SAVEPOINT s", "touch both", "touch", "ROLLBACK TO s"], 1)])
def test_a_transaction_raises_a_counter_once_in_whichever_savepoint(service, unit, steps, raised):
    one, other = (unit()["id"] for _ in range(2))
    said = {"touch": f"SELECT facts_touch('{{{one}}}')", "touch both": f"SELECT facts_touch('{{{one},{other}}}')",
            "pack": f"UPDATE unit_stamps SET packed = stamp WHERE unit_id = '{one}'"}
    before = stamp_of(service, one)
    with service.holding("; ".join(said.get(step, step) for step in steps)) as let_go:
        let_go()
    wait_until(lambda: stamp_of(service, one) == before + raised)


def test_a_number_from_before_a_restore_is_no_transaction_of_now(service, unit):
    """The numbers of transactions begin anew where a dump is restored: the one that is kept beside a counter may come again."""
    own = unit()["id"]
    for _ in range(50):  # others take numbers too
        before, at = stamp_of(service, own), "pg_current_xact_id()::text"
        told = service.psql(f"UPDATE unit_stamps SET packed = -1, raised_by = (({at})::bigint + 1)::text::xid8 WHERE unit_id = '{own}'; COMMIT; "
                            f"BEGIN; SELECT {at} = (SELECT raised_by::text FROM unit_stamps WHERE unit_id = '{own}'); SELECT facts_touch('{{{own}}}'); COMMIT").split()
        assert stamp_of(service, own) == before + 1
        if "t" in told:
            return
    raise AssertionError("never the same number")


def test_facts_of_many_change_once_in_a_transaction(service, unit):
    """What is written into a dossier raises the counters of all its nominees, and a write runs several such statements."""
    units = [unit()["id"] for _ in range(3)]
    raised, stamps = f"SELECT facts_touch('{{{','.join(units)}}}')", f"SELECT sum(stamp) FROM unit_stamps WHERE unit_id = ANY ('{{{','.join(units)}}}')"
    told = service.psql(f"BEGIN; {stamps}; {raised}; {raised}; {stamps}; COMMIT; {raised}; {stamps}")
    before, first, second = [int(line) for line in told.splitlines() if line.isdigit()]
    assert (first - before, second - first) == (3, 3)
