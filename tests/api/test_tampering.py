"""Whoever has the database in their hands can change any row. `thidua verify` holds what people read against the journal, whose chain it has proved."""
import re

import pytest

from award_tools import AwardRound, number, today
from conftest import PLAN, PLAN_FILE, load_plan
from service import Service, make_place, serving, wait_until
from test_authorisation import World
from test_decided_by_people import ties

# table → what is done to one row of it: a change, or DELETE
DONE = [
    ("decisions", "number = '999/QĐ-UBND'"), ("decisions", "signer = 'Người khác'"), ("decisions", "signed_on = signed_on - 1"), ("decisions", "state = 'SIGNED'"),
    ("decision_units", "label = 'Đơn vị khác'"), ("decision_units", "initiative_id = NULL"), ("decision_units", None),
    ("awards", "bonus_vnd = bonus_vnd + 1"), ("awards", "bonus_basis = '{}'"), ("awards", None),
    ("certificates", "certificate_number = '113/BK'"), ("proposals", "letter_number = '1/TTr-SNV'"), ("proposal_units", None), ("proposal_summaries", "nominees = '[]'"), ("proposal_summaries", None), ("proposals", "submitted_at = submitted_at - interval '9 days'"),
    ("evaluations", "result_hash = input_hash"), ("evaluations", "counts = counts || '{\"ELIGIBLE\": 99}'"), ("evaluations", "rule_set_hash = input_hash"), ("evaluations", None),
    ("standing_overrides", "decided = 'OUT'"), ("standing_overrides", "reason = 'khác'"), ("tie_decision_units", "place = 13 - place"), ("tie_decisions", "document = '1/BB'"), ("tie_decisions", None),
    ("dossiers", "received_at = received_at - interval '9 days'"), ("dossiers", "state = 'DRAFT'"), ("nominations", None), ("nominations", "votes_for = 9, votes_against = 0, votes_abstain = 0, members_present = 9, written_opinions = 0, members_total = 9"),
    ("documents", "sha256 = repeat('0', 64)"), ("documents", None), ("document_chunks", "bytes = bytes || 'x'"), ("document_chunks", None),
    ("initiatives", "applied_from = applied_from - 300"), ("initiative_recognitions", "council = 'SECTOR'"), ("initiative_recognitions", "recognised_on = recognised_on - 300"), ("initiative_recognitions", None),
    ("discipline_records", "status = 'ANNULLED'"), ("discipline_records", None), ("proceedings", "state = 'CLOSED_CLEARED', closed_on = '2024-04-01', conclusion = 'không'"), ("proceedings", None),
    ("scorecards", "state = 'APPRAISED'"), ("score_leaves", "self_points = 1"), ("score_frames", "tier = 'HUYEN'"),
    ("contestants", "on_assessed_list = NOT on_assessed_list"), ("contestants", "cluster = 'Cụm khác'"), ("contestants", None),
    ("findings", None), ("finding_contents", "score = 1"), ("finding_contents", "result = 'NOT_OUTSTANDING'"), ("finding_contents", None),
    ("reports", "document_date = document_date - 9"), ("reports", None), ("quota_shares", "slots = slots + 1"), ("quota_shares", None),
    ("rounds", "state = 'OPEN'"), ("rounds", "conference_on = '2027-05-01'"), ("campaigns", "plan = plan || '{\"cap\": 99}'"), ("closed_rounds", "plan = plan || '{\"cap\": 99}'"), ("closed_rounds", "plan = (SELECT c.plan FROM campaigns c WHERE c.code = campaign)"),
    ("closed_rounds", "criteria_version = NULL, criteria_name = NULL"), ("closed_rounds", "closed_at = closed_at - interval '1 day'"), ("closed_rounds", "evaluations_through = 0"),
    ("closed_rounds", "indices = '{\"x\": {\"percent\": \"99.00\"}}'"), ("closed_rounds", "proceedings = proceedings || gen_random_uuid()"), ("closed_rounds", None), ("decisions", "wording = wording || '{\"name\": \"Phong trào khác\"}'"), ("decision_units", "printed = 'Đơn vị khác'"), ("criteria_sets", "document = document || '{\"name\": \"x\"}'"),
    ("keys", "roles = roles || '{admin}'"), ("keys", "revoked_at = NULL"), ("keys", None), ("units", None)]
MADE = {
    "closed_rounds": "INSERT INTO closed_rounds (campaign, year, closed_at, plan, indices, proceedings) SELECT r.campaign, r.year, now(), c.plan, '{}', '{}' FROM rounds r JOIN campaigns c ON c.code = r.campaign WHERE r.state = 'OPEN'",
    "units": "INSERT INTO units DEFAULT VALUES",
    "discipline_records": "INSERT INTO discipline_records SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'decision_number', '8/QĐ-UBND', 'place', 2))).* FROM discipline_records r",
    "keys": "INSERT INTO keys (hash, name, roles) VALUES ('x', 'x', '{admin}')"}


def alter(service, sql):
    """Around every guard of ours."""
    answer = service.psql(f"SET session_replication_role = replica; {sql}", user="postgres")
    assert "ERROR" not in answer, answer


@pytest.fixture(scope="module")
def held():
    """One row at least of each table that a decision rests on, in a database of its own."""
    with serving(Service(make_place(), THIDUA_WEBHOOK_ALLOW="public")) as service:
        assert service.command("load", str(PLAN_FILE)).returncode == 0
        clients = {role: service.key(role) for role in ("viewer", "home_affairs", "initiative_council", "chair_office", "auditor", "admin")}
        clients["anyone"] = service.anonymous()
        World(service, clients)
        held = AwardRound(service, clients, 3)
        held.done(held.home.merge(held.round, {"conference_on": "2027-03-20"}, held.etag(held.round)["If-Match"]))
        held.done(held.home.put(f"{held.round}/quota", json={"reason": "Phân bổ", "allocation": [{"group": "UNIT_UNDER_SO", "slots": 1}]}, headers=held.etag(f"{held.round}/quota")))
        held.done(ties(held, held.units[:2]))
        decision = held.draft(held.units[:2])
        held.done(held.sign(decision, number()))
        held.publish(decision)
        award = held.done(held.home.get("/v1/awards"))["items"][0]["id"]
        held.done(held.home.put(f"/v1/awards/{award}/certificate", json={"certificate_number": "112/BK", "issued_on": today()}))
        for action in ("start_appraisal", "close"):
            held.done(held.move(held.home, f"{held.campaign}/rounds/2025", action, reason="Không có đề nghị"))
        load_plan(service, {**PLAN, "code": held.campaign.rsplit("/", 1)[1], "printed_number": "231 /KH-UBND"})
        key = held.done(held.admin.post("/v1/keys", json={"name": "thử", "roles": ["viewer"]}))["id"]
        assert held.admin.delete(f"/v1/keys/{key}").status_code in (200, 204)
        wait_until(lambda: service.psql("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
        yield service


def verified(service):
    """How many rows, documents and rule sets differ, and what is named."""
    done = service.command("verify")
    assert done.stdout.startswith("intact"), "the journal itself is as it was"
    told = re.findall(r"^(?:as told|as stored|as published|ALTERED): \d+ [a-z ]+, (\d+) differ(?:, first (.+))?$", done.stdout, re.M)
    assert len(told) == 3, done.stdout
    assert done.returncode == (any(count != "0" for count, _ in told)), done.stdout
    return sum(int(count) for count, _ in told), [first for _, first in told if first]


@pytest.fixture
def table(held):
    """Puts back what stood in a table."""
    kept = []

    def keep(name):
        columns = held.psql(f"SELECT string_agg(column_name, ', ') FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{name}' AND is_generated = 'NEVER'")
        alter(held, f"CREATE TABLE kept AS SELECT {columns} FROM {name}")
        kept.append((name, columns))
    yield keep
    for name, columns in kept:
        alter(held, f"DELETE FROM {name}; INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept; DROP TABLE kept")


def test_what_nobody_touched_is_as_it_was_told(held):
    assert verified(held) == (0, [])


@pytest.mark.parametrize("name, change", DONE, ids=lambda value: re.sub(r"\W+", "-", value.split("=")[0].strip()) if value else "gone")
def test_a_row_that_was_changed_by_hand_is_found(held, table, name, change):
    table(name)
    alter(held, f"UPDATE {name} SET {change}" if change else f"DELETE FROM {name}")
    count, firsts = verified(held)
    assert count > 0 and firsts, (name, change)


def test_a_round_whose_closing_kept_something_else_is_named(held, table):
    """A plan of the same campaign that the journal knows as well, only not as the one by which this round was closed."""
    table("closed_rounds")
    alter(held, "UPDATE closed_rounds SET plan = (SELECT c.plan FROM campaigns c WHERE c.code = campaign)")
    assert verified(held) == (1, [f"/v1/campaigns/{held.psql('SELECT campaign FROM closed_rounds')}/rounds/2025: kept_sha256"])


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_row_that_was_entered_by_hand_is_found(held, table, name):
    table(name)
    alter(held, MADE[name])
    assert verified(held)[0] > 0
