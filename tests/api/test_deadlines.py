"""Time comes to people: thidua.deadline.due and thidua.deadline.overdue, each once.

Most tests call what the background thread calls, deadlines_tell(), with a clock of their own; the last ones leave it to the thread."""
import concurrent.futures
import datetime
import json
import random
import re
import signal
import types

import pytest

from conftest import make_campaign, make_unit
from dossier_tools import Dossier
from receiver import Receiver
from service import ROLES, Client, Service, make_place, serving, wait_until
from test_events import Stream, events, head
from test_two_instances import WEBHOOKS

NOW = "2024-09-01T08:00:00+07:00"  # so early that the service's own thread finds nothing
DUE = datetime.date(2024, 12, 30)
STEPS = [14, 7, 3, 1, 0]
REPORT = {"document_number": "15/BC-UBND", "document_date": "2024-08-20"}


@pytest.fixture(scope="module")
def roles(fresh_service):
    made = {role: fresh_service.key(role) for role in ROLES if role != "unit"}
    return {**made, "anyone": fresh_service.anonymous()}


@pytest.fixture
def held(fresh_service, roles):
    return Held(fresh_service, roles)


class Held:
    """A round with a unit that owes a report, and what was told of it."""

    def __init__(self, service, roles):
        self.service, self.roles = service, roles
        self.campaign = make_campaign(service)
        self.round = f"{self.campaign}/rounds/2024"
        self.parent = make_unit(roles["admin"], kind="PROVINCE")["id"]
        self.unit = make_unit(roles["admin"], parent_id=self.parent)["id"]
        self.client = service.key("unit", self.unit)
        self.told = []

    @property
    def code(self):
        return self.campaign.rsplit("/", 1)[1]

    def dossier(self):
        award_round = types.SimpleNamespace(campaign=self.code, year=2024)
        return Dossier(self.client, award_round, self.unit)

    def without_checks(self, sql):
        """A state that takes many steps to reach, of which only the state matters here."""
        answer = self.service.psql(f"SET session_replication_role = replica; {sql}", user="postgres")
        assert "ERROR" not in answer, answer

    def at(self, day):
        """Lets the service look on that day; what it then tells of this round and this unit."""
        now = f"{day}T00:00:00+07:00" if "T" not in str(day) else day
        answer = self.service.psql(
            "SELECT pg_advisory_lock(7468696479); "  # the service's own thread may be looking
            f"SELECT set_config('thidua.now', '{now}', false); SELECT deadlines_tell(100000); "
            "SELECT coalesce(jsonb_agg(to_jsonb(j) ORDER BY j.id), '[]') FROM journal j WHERE j.type LIKE 'deadline.%' AND "
            f"j.campaign = '{self.code}' AND j.year = 2024 AND (j.unit_id IS NULL OR j.unit_id = '{self.unit}')", user="thidua_app")
        assert "ERROR" not in answer, answer
        rows = json.loads(answer.splitlines()[-1])
        new, self.told = rows[len(self.told):], rows
        return [(row["type"].split(".")[1], row["after"]["kind"], "unit" if row["unit_id"] else "round", row["after"]["days_left"]) for row in new]

    def before(self, days):
        return self.at(DUE - datetime.timedelta(days=days))

    def conference(self, day):
        home = self.roles["home_affairs"]
        answer = home.merge(self.round, {"conference_on": day}, home.get(self.round).headers["ETag"])
        assert answer.status_code == 200, answer.text


def whole(days):
    """What is told on a day of the dossiers and the reports of the round, and of the unit's report."""
    return [("due", "DOSSIERS", "round", days), ("due", "REPORTS", "round", days), ("due", "REPORTS", "unit", days)]


def test_each_day_is_told_once(held):
    for days in (40, 15, 14, 13, 8, 7, 6, 4, 3, 2, 1, 0, -1, -2, -29, -30, -31):
        wanted = whole(days) if days in STEPS else [("overdue", "REPORTS", "unit", -1)] if days == -1 else []
        assert held.before(days) == wanted, days
        assert held.before(days) == [], days


def test_an_event_of_the_service_cannot_be_guessed(held):
    """Whoever knows the hashes around an event that they do not hear of could try what it says."""
    held.before(14)
    names = [row["request_id"] for row in held.told]
    assert len(names) == len(set(names)) == 3
    assert all(re.fullmatch(r"deadlines-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name) for name in names)


def test_a_day_begins_in_vietnam(held):
    assert held.at("2024-12-15T16:59:59Z") == []
    assert held.at("2024-12-15T17:00:00Z") == whole(14)


@pytest.mark.parametrize("seed", range(6))
def test_after_a_pause_only_the_nearest_is_told(held, seed):
    """Visits on random days, against the sentence: the smallest step that has come, unless it or a smaller one was told."""
    draw = random.Random(seed)
    told = {}
    for days in sorted(draw.sample(range(-34, 21), 7), reverse=True) + draw.sample(range(-34, 21), 4):  # and the clock jumps
        step = next((s for s in reversed(STEPS) if 0 <= days <= s), -1 if -30 <= days < 0 else None)
        wanted = []
        for what in whole(days):
            if step is None or (step < 0 and what[2] == "round") or told.get(what[1:3], 99) <= step:
                continue
            told[what[1:3]] = step
            wanted.append(what if step >= 0 else ("overdue", *what[1:]))
        assert held.before(days) == wanted, (days, told)


def test_a_clock_that_goes_back_tells_nothing_again(held):
    assert held.before(2) == whole(2)
    for days in (10, 14, 3, 2):
        assert held.before(days) == []
    assert held.before(1) == whole(1)


def test_what_is_long_past_is_no_news(held):
    """A round of past years that is entered now."""
    assert held.before(-31) == [] == held.before(-400)


def test_the_proposal_and_the_conference_move_together(held):
    assert held.at("2025-03-01") == []
    held.conference("2025-03-20")
    assert held.at("2025-03-03") == [("due", "PROPOSAL", "round", 7)]
    assert held.at("2025-03-06") == [("due", "CONFERENCE", "round", 14)]
    held.conference("2025-04-20")
    assert held.at("2025-03-10") == held.at("2025-03-26") == []
    assert held.at("2025-03-27") == [("due", "PROPOSAL", "round", 14)]
    assert held.at("2025-04-11") == [("overdue", "PROPOSAL", "round", -1), ("due", "CONFERENCE", "round", 9)]
    held.conference("2025-03-20")
    assert [t for t in held.at("2025-03-03") if t[1] == "PROPOSAL"] == [], "that day was told of"
    held.conference(None)
    assert held.at("2025-03-19") == []


def test_nobody_is_told_of_what_is_done(held):
    assert held.before(14) == whole(14)
    assert held.client.put(f"{held.round}/reports/{held.unit}", json=REPORT).status_code == 201
    assert held.before(7) == whole(7)[:2]
    assert held.before(-1) == []


def test_a_closed_round_is_quiet(held):
    held.service.psql(f"UPDATE rounds SET state = 'CLOSED' WHERE campaign = '{held.code}'")
    assert held.before(14) == held.before(-1) == []


@pytest.mark.parametrize("state, there", [("DRAFT", False), ("SUBMITTED", True), ("RETURNED", False), ("DECIDED", True), ("WITHDRAWN", False)])
def test_a_proposal_that_was_submitted_is_not_awaited(held, state, there):
    held.conference("2025-03-20")
    assert held.at("2025-02-25") == [("due", "PROPOSAL", "round", 13)]
    held.without_checks("INSERT INTO proposals (campaign, year, evaluation_id, state, submitted_at) "
                        f"VALUES ('{held.code}', 2024, gen_random_uuid(), '{state}', CASE WHEN {there} THEN now() END)")
    assert held.at("2025-03-03") == ([] if there else [("due", "PROPOSAL", "round", 7)])
    assert (("overdue", "PROPOSAL", "round", -1) in held.at("2025-03-11")) is not there


def test_a_dossier_that_was_begun_is_awaited_and_one_that_was_returned_is_not_late(held):
    dossier = held.dossier()
    mine = lambda told: [t for t in told if t[1:3] == ("DOSSIERS", "unit")]
    assert mine(held.before(7)) == [("due", "DOSSIERS", "unit", 7)]
    assert {row["resource"] for row in held.told if row["unit_id"] and row["after"]["kind"] == "DOSSIERS"} == {dossier.url}
    held.without_checks(f"UPDATE dossiers SET state = 'RETURNED', received_at = '{NOW}', received_recorded_at = '{NOW}', lodged_at = '{NOW}', "
                        f"late = false WHERE id = '{dossier.id}'")
    assert mine(held.before(3)) == [("due", "DOSSIERS", "unit", 3)]
    assert mine(held.before(-1)) == []
    begun = Held(held.service, held.roles)
    begun.dossier()
    assert mine(begun.before(-2)) == [("overdue", "DOSSIERS", "unit", -2)]
    for state in ("LODGED", "ACCEPTED", "IN_PROPOSAL", "DECIDED", "WITHDRAWN"):
        other = Held(held.service, held.roles)
        other.without_checks(f"UPDATE dossiers SET state = '{state}' WHERE id = '{other.dossier().id}'")
        assert mine(other.before(7)) == [], state


def test_each_hears_what_concerns_it(held):
    """Of the plan everybody; of a unit itself, those above it and offices; of the proposal offices alone."""
    roles, start = held.roles, head({"auditor": held.roles["auditor"]})
    held.conference("2025-01-09")  # the proposal is due on the same day as dossiers and reports
    held.before(7)
    held.before(-1)
    head({"auditor": roles["auditor"]})
    stranger = held.service.key("unit", make_unit(roles["admin"])["id"])
    above = held.service.key("unit", held.parent)
    public = {("due", "DOSSIERS", False), ("due", "REPORTS", False), ("due", "CONFERENCE", False)}
    own = {("due", "REPORTS", True), ("overdue", "REPORTS", True)}
    office = {("due", "PROPOSAL", False), ("overdue", "PROPOSAL", False)}
    readers = {"anyone": (roles["anyone"], public), "viewer": (roles["viewer"], public), "admin": (roles["admin"], public),
               "council": (roles["initiative_council"], public), "stranger": (stranger, public), "own": (held.client, public | own),
               "above": (above, public | own), **{role: (roles[role], public | own | office) for role in ("home_affairs", "chair_office", "auditor")}}
    for name, (client, wanted) in readers.items():
        heard = [e for e in events(client, start, campaign=held.code) if e["type"].startswith("thidua.deadline.")
                 and e["data"]["unit_id"] in (None, held.unit)]
        assert {(e["type"].rsplit(".", 1)[1], e["data"]["deadline"]["kind"], e["data"]["unit_id"] is not None) for e in heard} == wanted, name
        for event in heard:
            deadline = event["data"]["deadline"]
            assert event["subject"] == (f"{held.round}/reports/{held.unit}" if event["data"]["unit_id"] else held.round)
            assert deadline["clause"] == {"DOSSIERS": "III.4.a", "REPORTS": "V.1"}.get(deadline["kind"], "III.4.b")


def test_the_service_itself_is_the_actor_and_the_list_of_obligations_agrees(held):
    held.before(-3)
    head({"auditor": held.roles["auditor"]})
    row = held.roles["auditor"].get("/v1/journal", params={"type": "deadline.overdue", "unit_id": held.unit}).json()["items"][0]
    assert row["actor"] == {"kind": "SERVICE", "key_id": None, "generation": None, "name": "thidua", "roles": [], "unit_id": None, "unit_label": None}
    owed = held.client.get(f"{held.round}/obligations").json()["items"]
    assert [(o["unit_id"], o["report"]["due_at"][:10]) for o in owed] == [(held.unit, row["after"]["due_on"])]


def test_many_at_once_and_one_that_is_killed_tell_once(held):
    """A transaction that ends in the middle leaves nothing; of those that run beside each other one writes."""
    set_clock = "SELECT set_config('thidua.now', '2024-12-23T00:00:00+07:00', false)"
    with held.service.holding(f"{set_clock}; SELECT deadlines_tell(500)"):
        assert held.service.psql(f"{set_clock}; SELECT deadlines_tell(500)", user="thidua_app").splitlines()[-1] == "0", "not beside it"
    of_the_lock = "locktype = 'advisory' AND (classid, objid) = (7468696479 >> 32, 7468696479 & x'ffffffff'::bigint)"
    wait_until(lambda: held.service.psql(f"SELECT count(*) FROM pg_locks WHERE {of_the_lock}") == "0")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: held.service.psql(f"{set_clock}; SELECT deadlines_tell(3)", user="thidua_app"), range(40)))
    held.before(7)
    assert [(r["after"]["kind"], bool(r["unit_id"])) for r in held.told] == [("DOSSIERS", False), ("REPORTS", False), ("REPORTS", True)]


def test_the_application_can_unsay_nothing(held):
    held.before(7)
    for sql in ("UPDATE deadline_notices SET step = 14", "DELETE FROM deadline_notices", "TRUNCATE deadline_notices"):
        assert "permission denied" in held.service.psql(sql, user="thidua_app")


# ---- the thread itself ----

@pytest.fixture
def one():
    with serving(Service(make_place(), now=NOW, **WEBHOOKS)) as service:
        yield service


def test_instances_tell_by_themselves_in_feed_stream_and_webhooks(one):
    """Two instances at once, a start after a kill, a deadline that moves while they run."""
    campaign = make_campaign(one)
    admin, auditor, home = one.key("admin"), one.key("auditor"), one.key("home_affairs")
    unit = make_unit(admin)["id"]
    receiver = Receiver()
    assert home.post("/v1/webhooks", json={"url": receiver.url, "types": ["thidua.deadline.*"]}).status_code == 201
    start, told = head({"auditor": auditor}), []

    def at(now):
        assert one.stop(signal.SIGKILL) == -signal.SIGKILL
        one.environment["THIDUA_NOW"] = now
        one.start()
        for client in (admin, auditor, home):
            client.base = one.base
        return serving(one.beside(now=now, **WEBHOOKS))

    def heard(client):
        return [(e["type"].rsplit(".", 1)[1], e["data"]["deadline"]["kind"], e["data"]["unit_id"], e["data"]["deadline"]["days_left"])
                for e in events(client, start) if e["type"].startswith("thidua.deadline.")]

    for now, days in (("2024-12-16T00:00:01+07:00", 14), ("2024-12-24T09:00:00+07:00", 6), ("2024-12-31T00:00:00+07:00", -1)):
        told += [("due", "DOSSIERS", None, days), ("due", "REPORTS", None, days), ("due", "REPORTS", unit, days)] if days >= 0 else [
            ("overdue", "REPORTS", unit, -1)]
        with at(now):
            wait_until(lambda: len(heard(auditor)) >= len(told))
            assert heard(auditor) == told
    stream = Stream(Client(one.base, auditor.key), f"/v1/events/stream?after={head({'auditor': auditor})}")
    path = f"{campaign}/rounds/2024"
    assert home.merge(path, {"conference_on": "2025-01-10"}, home.get(path).headers["ETag"]).status_code == 200
    stream.until(path)  # the change itself
    stream.until(path)  # what it brought near
    stream.close()
    wait_until(lambda: len(heard(auditor)) == len(told) + 2)
    assert sorted(heard(auditor)[len(told):]) == [("due", "CONFERENCE", None, 10), ("due", "PROPOSAL", None, 0)]
    wait_until(lambda: len(receiver.messages) >= len(told) + 2)
    assert [m.event["data"]["deadline"] for m in receiver.messages] == [e["data"]["deadline"] for e in events(auditor, start)
                                                                     if e["type"].startswith("thidua.deadline.")]
    assert one.command("verify").returncode == 0
    receiver.close()
