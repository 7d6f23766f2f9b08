"""Proposals, decisions and awards: the cap of III.2.b under any concurrency, III.1.c, III.4.b, III.5 and the four grounds."""
import concurrent.futures
import copy
import csv
import datetime
import io
import json
import re

import pytest

from award_tools import AwardRound, merge, number, today
from conftest import PLAN, load_plan, make_campaign, make_unit
from dossier_tools import PDF, make_pdf
from service import ROOT, Client, problem, wait_until
from test_criteria_sets import document, published

CORRECTION = [{"field": "tên đơn vị", "printed": "Văn phòng Sở", "correct": "Văn phòng"}]


@pytest.fixture
def award_round(service, clients):
    return lambda count, **more: AwardRound(service, clients, count, **more)


def test_of_two_clerks_who_sign_four_awards_each_at_once_one_succeeds(award_round):
    """III.2.b: at most 6 a year over all decisions (domain, section 9). The schedule: both count what is free before either commits, and
    each sees room for its four."""
    held = award_round(8)
    drafts = [held.draft(held.units[:4]), held.draft(held.units[4:])]
    clerks, etags, numbers = zip(*[(held.another_chair(), held.etag(draft), number()) for draft in drafts])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda i: clerks[i].post(f"{drafts[i]}/sign", json={"number": numbers[i]}, headers=etags[i]),
                                range(2)))
    assert sorted(a.status_code for a in answers) == [200, 409], [a.text for a in answers]
    refused = next(a for a in answers if a.status_code == 409)
    assert problem(refused, 409, "cap-reached")["clause"] == "III.2.b"
    assert held.count() == 4


def test_many_signers_at_once_never_exceed_six(award_round):
    """The schedule: the sixth and the seventh choose the same last free slot before either commits."""
    held = award_round(9)
    drafts = [held.draft([unit]) for unit in held.units]
    clerks, etags, numbers = zip(*[(held.another_chair(), held.etag(draft), number()) for draft in drafts])
    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        answers = list(pool.map(lambda i: clerks[i].post(f"{drafts[i]}/sign", json={"number": numbers[i]}, headers=etags[i]),
                                range(9)))
    assert sorted(a.status_code for a in answers) == [200] * 6 + [409] * 3
    assert held.count() == 6


def test_the_seventh_award_is_refused_though_one_was_revoked(award_round):
    """III.2.b [reading]: a revoked award frees no slot."""
    held = award_round(7)
    first = held.draft(held.units[:6])
    held.done(held.sign(first, number()))
    held.publish(first)
    revocation = held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": first.rsplit("/", 1)[1], "units": [held.units[0]], "ground": "FRAUD", "reason": "Kê khai gian dối"}))
    held.done(held.sign(f"/v1/decisions/{revocation['id']}", number()))
    seventh = held.draft(held.units[6:])
    refused = problem(held.sign(seventh, number()), 409, "cap-reached")
    assert refused["clause"] == "III.2.b"
    assert held.count() == 6


def test_awards_of_one_decision_are_revoked_one_after_the_other(service, award_round):
    """What became of the others in the decision, or of other proposals, is no hindrance, whatever plan PostgreSQL picks."""
    held = award_round(4)
    decision = held.draft(held.units[:3])
    held.done(held.sign(decision, number()))
    held.publish(decision)
    service.psql("ANALYZE proposals, decisions, awards, decision_units")
    for unit in held.units[:2]:
        made = held.done(held.chair.post("/v1/decisions", json={
            "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "units": [unit], "ground": "FRAUD", "reason": "Kê khai gian dối"}))
        held.done(held.sign(f"/v1/decisions/{made['id']}", number()))
    problem(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "units": [held.units[0]], "ground": "FRAUD", "reason": "Lần nữa"}),
        409, "conflict")
    held.proposal([held.units[3]])  # a draft
    service.psql("ANALYZE proposals")
    assert held.draft([held.units[3]])


def test_the_years_of_a_campaign_have_caps_of_their_own(service, clients, award_round):
    held = award_round(6)
    held.done(held.sign(held.draft(held.units), number()))
    next_year = AwardRound(service, clients, 1, year=2025, campaign=held.campaign)
    held.done(next_year.sign(next_year.draft(next_year.units), number()))
    assert (held.count(), next_year.count()) == (6, 1)


def test_a_unit_wins_in_both_years_if_its_merit_is_new(service, clients, award_round):
    """Domain, section 5. What earned the award of 2024 goes on in 2025, and is no new merit; it earns nothing once that award is revoked either."""
    held = award_round(1)
    [unit] = held.units
    first = held.draft([unit])
    held.done(held.sign(first, number()))
    again = AwardRound(service, clients, 1, year=2025, campaign=held.campaign)
    again.parent, again.unit_client, again.units = held.parent, held.unit_client, [unit]
    again.done(again.home.put(f"{again.round}/contestants/{unit}", json={
        "group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}))
    again.done(again.home.put(f"{again.round}/findings/{unit}", json={"contents": [
        {"content": c, "score": "95", "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": []} for c in "ABCD"]}))
    again.nominate([unit])
    open_until_submitted = ("PENDING", "PENDING")  # another one may still be recognised

    def judged():
        verdict = again.done(again.auditor.get(f"/v1/evaluations/{again.evaluate()}/verdicts/{unit}"))
        return verdict["overall"], next(c["result"] for c in verdict["criteria"] if c["clause"] == "III.1.c")

    assert judged() == open_until_submitted
    revocation = held.done(change_of(held, "REVOKE", first))
    held.done(held.sign(f"/v1/decisions/{revocation['id']}", number()))
    assert judged() == open_until_submitted
    again.initiatives[unit] = again.recognised_initiative(unit)
    assert judged() == ("ELIGIBLE", "PASS")
    again.done(again.sign(again.draft([unit]), number()))
    assert (held.count(), again.count()) == (1, 1)


def test_one_initiative_does_not_earn_two_awards(award_round):
    """III.1.c: no two awards for one achievement. The second is refused where the initiative serves for both years."""
    held = award_round(2)
    first, second = held.units
    mine, theirs = held.initiatives[first], held.initiatives[second]
    not_theirs = held.home.post(f"{held.round}/proposals", json={
        "evaluation_id": held.evaluate(), "letter_number": "1/TTr-SNV", "units": [{"unit_id": second, "initiative_id": mine}]})
    assert problem(not_theirs, 422, "rule-refused")["clause"] == "III.1.c"
    drafts = [held.draft([first], initiatives={first: mine}), held.draft([first], initiatives={first: mine})]
    held.done(held.sign(drafts[0], number()))
    again = held.sign(drafts[1], number())
    assert again.status_code in (409, 422) and held.count() == 1, again.text
    held.done(held.sign(held.draft([second], initiatives={second: theirs}), number()))


class SectorRound(AwardRound):
    """Under rules by which the word of a sector's council counts too, and of units that have no other."""

    def __init__(self, service, clients, count):
        rules = copy.deepcopy(PLAN["criteria_set"])
        rules["name"] = f"cap-nganh-{number().split('/', 1)[0]}-{today()}"
        leaf = next(c for c in rules["criteria"] if c["id"] == "III.1.c")["requires"]
        leaf["where"][0] = {"field": "council", "op": "=", "values": ["PROVINCIAL", "SECTOR"]}
        super().__init__(service, clients, count, campaign=make_campaign(service, criteria_set=rules))

    def recognised_initiative(self, unit):
        made = self.done(self.unit_client.post("/v1/initiatives", json={
            "unit_id": unit, "title": "Giải pháp", "summary": "Rút ngắn thời gian", "kind": "SOLUTION", "applied_from": "2024-03-01"}))
        path = f"/v1/initiatives/{made['id']}"
        self.done(self.home.put(f"{path}/recognition", headers=self.etag(path), json={
            "council": "SECTOR", "recognised_on": "2025-01-20", "decision_number": "8/QĐ-SYT"}))
        return made["id"]


@pytest.mark.parametrize("named", [True, False])
def test_what_counts_by_the_rules_earns_the_award_and_is_used_by_it(service, clients, named):
    """III.1.c is data: where a plan takes the word of another council, such an initiative is named, or found, and serves no other award."""
    held = SectorRound(service, clients, 1)
    [unit] = held.units
    decision = held.draft([unit], initiatives=held.initiatives if named else None)
    signed = held.done(held.sign(decision, number()))
    assert signed["units"][0]["initiative_id"] == held.initiatives[unit]
    assert held.auditor.get(f"/v1/initiatives/{held.initiatives[unit]}").json()["used"]


def test_a_unit_that_is_no_longer_eligible_is_not_awarded(award_round):
    """A decision accepts only ELIGIBLE, judged again in the transaction that signs."""
    held = award_round(1)
    draft = held.draft(held.units)
    held.done(held.home.post("/v1/discipline-records", json={
        "unit_id": held.units[0], "person_name": "Người giả định", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT",
        "level": "KHIEN_TRACH", "decision_number": "7/QĐ-UBND", "decision_date": "2025-01-20", "effective_from": "2025-01-20"}))
    refused = problem(held.sign(draft, number()), 409, "not-eligible")
    assert "III.1.d" in refused["errors"][0]["detail"]
    assert held.count() == 0
    held.etag(draft)  # still a draft that can be read


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_who_submitted_the_proposal_does_not_sign(service, award_round, spelling):
    """Separation of duties (domain, section 1), also where one key has both roles, and however it wrote the id in the path."""
    held = award_round(1)
    both = held.done(held.admin.post("/v1/keys", json={"name": "cả hai", "roles": ["home_affairs", "chair_office"]}))["key"]
    client = type(held.chair)(service.base, both)
    proposal = held.proposal(held.units)
    path, _, name = proposal.rpartition("/")
    held.done(held.move(client, f"{path}/{spelling(name)}", "submit"))
    made = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": name}))
    problem(held.sign(f"/v1/decisions/{made['id']}", number(), client=client), 403, "separation-of-duties")
    held.done(held.sign(f"/v1/decisions/{made['id']}", number()))


def test_nobody_decides_on_their_own_unit(service, award_round):
    held = award_round(1)
    made = held.done(held.admin.post("/v1/keys", json={"name": "chủ tịch", "roles": ["chair_office"], "unit_id": held.parent}))
    own = type(held.chair)(service.base, made["key"])
    problem(held.sign(held.draft(held.units), number(), client=own), 403, "separation-of-duties")


@pytest.mark.parametrize("days, in_time", [(10, True), (9, False)])
def test_submission_is_due_ten_calendar_days_before_the_conference(award_round, days, in_time):
    """III.4.b: conference on the 20th: the 10th is in time, the 11th is late."""
    held = award_round(1)
    conference = (datetime.date.fromisoformat(today()) + datetime.timedelta(days=days)).isoformat()
    held.done(merge(held.home, held.round, {"conference_on": conference}, held.etag(held.round)))
    proposal = held.proposal(held.units)
    answer = held.move(held.home, proposal, "submit")
    if in_time:
        assert held.done(answer)["in_time"] is True
        return
    assert problem(answer, 422, "rule-refused")["clause"] == "III.4.b"
    late = held.done(held.move(held.home, proposal, "submit", reason="Hội nghị dời sớm"))
    assert late["in_time"] is False and late["state"] == "SUBMITTED"


def test_the_limit_binds_the_submission_and_not_the_signing(award_round):
    """III.4.b: submitted in time, it may be signed on any day, also after the conference."""
    held = award_round(1)
    held.done(merge(held.home, held.round, {"conference_on": "2025-03-20"}, held.etag(held.round)))
    proposal = held.proposal(held.units)
    unproven = problem(held.move(held.home, proposal, "submit", submitted_at="2025-03-10T08:00:00+07:00"), 422, "invalid")
    assert unproven["errors"][0]["pointer"] == "/source" and held.auditor.get(proposal).json()["state"] == "DRAFT"
    held.done(held.move(held.home, proposal, "submit", submitted_at="2025-03-10T08:00:00+07:00", source="Sổ công văn đi"))
    made = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))
    early = problem(held.sign(f"/v1/decisions/{made['id']}", number(), signed_on="2025-03-09"), 422, "invalid")
    assert early["errors"][0]["pointer"] == "/signed_on" and held.count() == 0  # nobody signs what is not submitted yet
    assert held.done(held.sign(f"/v1/decisions/{made['id']}", number(), signed_on="2025-03-21"))["signed_on"] == "2025-03-21"


def test_a_body_that_ended_meanwhile_is_awarded_what_it_earned(award_round):
    """Domain, section 8: after the dossier deadline, before the signing. Its successor holds the award now, and none of its own."""
    held = award_round(1)
    [unit] = held.units
    heir = make_unit(held.admin, kind="PROVINCIAL_SUBUNIT", parent_id=held.parent)
    decision = held.draft([unit])
    held.done(held.admin.post(f"/v1/units/{unit}/successions", json={
        "kind": "MERGE", "effective_on": today(), "legal_basis": "Nghị quyết", "successors": [heir["id"]]}))
    signed = held.done(held.sign(decision, number()))
    assert [u["unit_id"] for u in signed["units"]] == [unit]
    assert [h["unit_id"] for h in signed["units"][0]["holders_now"]] == [heir["id"]]
    held.publish(decision)
    awards = lambda of: len(held.auditor.get("/v1/awards", params={"unit_id": of}).json()["items"])
    assert (awards(unit), awards(heir["id"])) == (1, 0)


def test_what_is_submitted_has_been_accepted(award_round):
    """III.4.b: Sở Nội vụ appraises and submits: a dossier that it has only received goes to nobody yet."""
    held = award_round(1)
    unit = held.add_unit()
    path = "/v1/dossiers/" + held.done(held.home.post("/v1/dossiers", json={
        "campaign": held.campaign.rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": held.parent}))["id"]
    held.done(held.home.put(f"{path}/nominations/{unit}", json={}))
    for place in ("documents/TO_TRINH", "documents/MINUTES", f"nominations/{unit}/documents/REPORT"):
        held.done(held.home.put(f"{path}/{place}", data=make_pdf(place), headers=PDF))
    held.done(held.move(held.home, path, "lodge", received_at="2024-12-20T09:00:00+07:00", source="Sổ công văn đến"))
    proposal = held.proposal([unit])
    refused = problem(held.move(held.home, proposal, "submit"), 422, "rule-refused")
    assert (refused["clause"], [(e["pointer"], e["code"]) for e in refused["errors"]]) == ("III.4.b", [(f"/units/{unit}", "dossier_not_accepted")])
    held.done(held.move(held.home, path, "accept"))
    held.done(held.move(held.home, proposal, "submit"))
    assert held.auditor.get(path).json()["state"] == "IN_PROPOSAL"


def test_the_limit_moves_with_the_conference(award_round):
    """The conference is data and can move; without one the limit is unknown, not met."""
    held = award_round(1)
    proposal = held.submitted(held.units)
    assert held.auditor.get(proposal).json()["in_time"] is None
    held.done(merge(held.home, held.round, {"conference_on": "2025-03-20"}, held.etag(held.round)))
    assert held.auditor.get(held.round).json()["proposal_deadline"] == "2025-03-10"
    held.done(merge(held.home, held.round, {"conference_on": "2025-03-19"}, held.etag(held.round)))
    assert held.auditor.get(held.round).json()["proposal_deadline"] == "2025-03-09"


def test_a_submission_is_late_once_the_conference_moves_before_it(award_round):
    """III.4.b, domain, section 9: conference on 20/3: 10/3 is in time; moved to 19/3, 10/3 is late."""
    held = award_round(1)
    held.done(merge(held.home, held.round, {"conference_on": "2025-03-20"}, held.etag(held.round)))
    proposal = held.proposal(held.units)
    held.done(held.move(held.home, proposal, "submit", submitted_at="2025-03-10T23:59:59+07:00", source="Sổ công văn đi"))
    known = held.auditor.get(proposal).headers["ETag"]
    assert held.auditor.get(proposal).json()["in_time"] is True
    held.done(merge(held.home, held.round, {"conference_on": "2025-03-19"}, held.etag(held.round)))
    moved = held.auditor.get(proposal, headers={"If-None-Match": known})
    assert (moved.json()["in_time"], moved.json()["proposal_deadline"]) == (False, "2025-03-09")
    held.done(merge(held.home, held.round, {"conference_on": None}, held.etag(held.round)))
    assert held.auditor.get(proposal).json()["in_time"] is None


def test_the_days_before_the_conference_are_those_of_the_plan(service, award_round):
    """III.4.b: the plan says ten; another plan says otherwise and no code changes."""
    cut_offs = copy.deepcopy(PLAN["cut_offs"])
    cut_offs["proposal"]["calendar_days"] = -15
    held = award_round(1, campaign=make_campaign(service, cut_offs=cut_offs))
    held.done(merge(held.home, held.round, {"conference_on": "2025-03-20"}, held.etag(held.round)))
    proposal, source = held.proposal(held.units), "Sổ công văn đi"
    late = problem(held.move(held.home, proposal, "submit", submitted_at="2025-03-06T08:00:00+07:00", source=source), 422, "rule-refused")
    assert late["clause"] == "III.4.b" and "15" in late["detail"]
    assert held.done(held.move(held.home, proposal, "submit", submitted_at="2025-03-05T08:00:00+07:00", source=source))["in_time"] is True


def test_the_days_before_the_conference_may_be_working_days(service, award_round, tmp_path):
    """Over weekends and holidays, with what is worked in their place: by the days that are loaded, and unknown where they are not."""
    cut_offs = copy.deepcopy(PLAN["cut_offs"])
    del cut_offs["proposal"]["calendar_days"]
    cut_offs["proposal"]["working_days"] = -5
    held = award_round(1, campaign=make_campaign(service, cut_offs=cut_offs))

    def due(conference):
        held.done(merge(held.home, held.round, {"conference_on": conference}, held.etag(held.round)))
        shown = held.auditor.get(held.round).json()
        assert shown["conference_on"] == conference
        return shown["proposal_deadline"]

    assert service.command("load", str(ROOT / "campaigns/law/VN-public-holidays.json")).returncode == 0
    assert due("2025-03-20") == "2025-03-13"  # a Thursday
    assert due("2025-05-09") == "2025-04-29"  # 30 April and 1 May are holidays; Friday the 2nd was moved to Saturday the 26th
    assert due("2025-05-05") == "2025-04-24"  # and that Saturday is worked
    assert due("2025-01-08") == "2024-12-31"  # New Year
    assert held.auditor.get(held.round).json()["proposal_deadline_missing"] is None
    assert due("2988-03-10") is None
    missing = held.auditor.get(held.round).json()["proposal_deadline_missing"]
    assert "lịch nghỉ lễ" in missing["vi"] and "public holidays" in missing["en"] and "`thidua load`" in missing["en"]
    told = {each["kind"]: each["missing"] for each in held.auditor.get(f"{held.round}/board").json()["deadlines"]}
    assert told.pop("PROPOSAL") == missing and set(told.values()) == {None}
    days = tmp_path / "days.json"

    def load(off):
        days.write_text(json.dumps({"public_holidays": {"years": [2988], "days": [
            {"date": day, "kind": "OFF", "vi": "Nghỉ", "en": "Off", "document": "1/TB"} for day in off]}}), encoding="utf-8")
        assert service.command("load", str(days)).returncode == 0

    def events():
        return service.psql(f"SELECT cut_offs_moved FROM rounds WHERE campaign = '{held.campaign.rsplit('/', 1)[1]}' AND year = 2024")

    known, moved = held.auditor.get(held.round).headers["ETag"], int(events())
    load([])
    wait_until(lambda: held.auditor.get(held.round).json()["proposal_deadline"] == "2988-03-03")
    assert held.auditor.get(held.round, headers={"If-None-Match": known}).status_code == 200 and int(events()) == moved + 1
    load(["2988-03-07"])
    wait_until(lambda: held.auditor.get(held.round).json()["proposal_deadline"] == "2988-02-29")
    load(["2988-03-07", "2988-05-01"])  # which moves nothing
    assert int(events()) == moved + 2

    assert due("2025-05-09") == "2025-04-29"
    proposal, source = held.proposal(held.units), "Sổ công văn đi"
    late = problem(held.move(held.home, proposal, "submit", submitted_at="2025-05-05T08:00:00+07:00", source=source), 422, "rule-refused")
    assert late["clause"] == "III.4.b" and "5 working days" in late["detail"]
    assert held.done(held.move(held.home, proposal, "submit", submitted_at="2025-04-29T23:59:59+07:00", source=source))["in_time"] is True


@pytest.mark.parametrize("action, client", [("withdraw", "home"), ("return", "chair")])
def test_a_proposal_is_signed_or_taken_back_but_never_both(service, award_round, action, client):
    """Whoever comes second sees what the first did, though both looked at the proposal while it was submitted."""
    held = award_round(1)
    proposal = held.submitted(held.units)
    draft = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
    etag = held.etag(draft)
    # Another transaction holds the round: signing has read what it needs and waits for it; the other side goes ahead.
    waiting = lambda: int(service.psql("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"))
    clerk, other = held.another_chair(), Client(service.base, getattr(held, client).key)
    key = held.etag(proposal)
    code = held.campaign.rsplit("/", 1)[1]
    with service.holding(f"SELECT FROM rounds WHERE campaign = '{code}' AND year = 2024 FOR UPDATE") as release, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        signing = pool.submit(clerk.post, f"{draft}/sign", json={"number": number()}, headers=etag)
        wait_until(lambda: waiting() == 1)
        back = pool.submit(other.post, f"{proposal}/transitions", json={"action": action, "reason": "Xem lại"}, headers=key)
        wait_until(lambda: back.done() or waiting() == 2)
        release()
        answers = [signing.result(), back.result()]
    assert [a.status_code for a in answers] == [200, 412], [a.text for a in answers]
    assert held.auditor.get(proposal).json()["state"] == "DECIDED" and held.count() == 1
    assert held.auditor.get(held.dossier).json()["state"] == "IN_PROPOSAL"


def test_no_fact_changes_between_the_judgement_and_the_signature(service, clients, award_round):
    """A decision accepts only ELIGIBLE: a discipline record that comes while it is being signed is recorded after it."""
    held = award_round(2)
    first, second = held.units
    held.done(held.sign(held.draft([first]), number()))  # makes the year's slots
    draft, code = held.draft([second]), held.campaign.rsplit("/", 1)[1]
    etag, clerk, home = held.etag(draft), held.another_chair(), service.key("home_affairs")
    waiting = lambda: int(service.psql("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"))
    # The slots are held: signing has judged and waits to enter the award.
    with service.holding(f"SELECT FROM award_slots WHERE campaign = '{code}' FOR UPDATE") as release, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        signing = pool.submit(clerk.post, f"{draft}/sign", json={"number": number()}, headers=etag)
        wait_until(lambda: waiting() == 1)
        record = pool.submit(home.post, "/v1/discipline-records", json={
            "unit_id": second, "person_name": "Người giả định", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT",
            "level": "KHIEN_TRACH", "decision_number": "7/QĐ-UBND", "decision_date": "2025-01-20", "effective_from": "2025-01-20"})
        wait_until(lambda: record.done() or waiting() == 2)
        overtaken = record.done()
        release()
        assert [signing.result().status_code, record.result().status_code] == [200, 201]
    assert not overtaken
    assert held.count() == 2


def test_a_plan_that_is_loaded_again_waits_for_who_signs(service, award_round):
    """The schedule: signing holds the round and goes on to the facts of its units, which other rules touch before they come to the round."""
    held = award_round(1)
    draft, code = held.draft(held.units), held.campaign.rsplit("/", 1)[1]
    etag, clerk = held.etag(draft), held.another_chair()
    plan = {**PLAN, "code": code, "criteria_set": {**PLAN["criteria_set"], "name": f"rules-{code}"}}
    waiting = lambda: int(service.psql("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"))
    with service.holding(f"SELECT FROM rounds WHERE campaign = '{code}' AND year = 2024 FOR UPDATE") as release, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        signing = pool.submit(clerk.post, f"{draft}/sign", json={"number": number()}, headers=etag)
        wait_until(lambda: waiting() == 1)
        loading = pool.submit(load_plan, service, plan)
        wait_until(lambda: waiting() == 2 or loading.done())
        release()
        signed = held.done(signing.result())
        loading.result()
    judged = held.auditor.get(f"/v1/evaluations/{signed['evaluation_id']}").json()["rule_set"]["name"]
    adopted = held.auditor.get(held.campaign).json()["criteria_set"]["name"]
    assert (judged, adopted) == (PLAN["criteria_set"]["name"], f"rules-{code}")


def takes_other_rules(held, rules):
    """Which touches the facts of all contestants, for they are packed by its rules."""
    return lambda: held.admin.put(f"{held.campaign}/criteria-set", headers=held.etag(held.campaign), json={
        "name": rules["name"], "version": rules["version"], "reason": "Sửa ngưỡng"})


def records_of_several(held, _):
    """One after the other, in the order of their ids."""
    body = {"person_name": "Người giả định", "position": "OTHER", "regime": "CIVIL_SERVANT", "level": "KHIEN_TRACH", "decision_number": "7/QĐ-UBND",
            "decision_date": "2025-01-20", "effective_from": "2025-01-20"}
    return lambda: held.home.post("/v1/discipline-records/batch", json={"records": [{"unit_id": unit, **body} for unit in held.units]})


@pytest.mark.parametrize("step", ["sign", "publish"])
@pytest.mark.parametrize("act", [takes_other_rules, records_of_several])
def test_who_decides_and_who_changes_the_facts_of_several_take_them_in_one_order(service, clients, award_round, act, step):
    """The schedule: a decision has the facts of its own units and comes to those of who else is before the Chair, which somebody has who wants the
    first ones. PostgreSQL would end one of the two after a second."""
    held = award_round(2)
    first, second = sorted(held.units)
    rules = document()
    published(held.home, rules)
    held.done(held.sign(held.draft([first]), number()))  # makes the year's slots, and leaves the dossier of both before the Chair
    draft, code = held.draft([second]), held.campaign.rsplit("/", 1)[1]
    if step == "publish":
        held.done(held.sign(draft, number()))
    etag, clerk, acts = held.etag(draft), held.another_chair(), act(held, rules)
    log = service.var / "postgres/server.log"
    deadlocks = lambda: log.read_text(encoding="utf-8").count("deadlock detected")
    before = deadlocks()
    waiting = lambda: int(service.psql("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"))
    # Signing has judged and enters the award, or the published decision is about to be told of its dossiers.
    late = {"sign": f"award_slots WHERE campaign = '{code}'", "publish": f"dossiers WHERE campaign = '{code}'"}[step]
    with service.holding(f"SELECT FROM {late} FOR UPDATE") as release, concurrent.futures.ThreadPoolExecutor(2) as pool:
        decided = pool.submit(clerk.post, f"{draft}/{step}", headers=etag, **({"json": {"number": number()}} if step == "sign" else {}))
        wait_until(lambda: waiting() == 1)
        changed = pool.submit(acts)
        wait_until(lambda: changed.done() or waiting() == 2)
        assert not changed.done(), changed.result().text
        release()
        assert [decided.result().status_code, changed.result().ok] == [200, True], (decided.result().text, changed.result().text)
    assert deadlocks() == before
    # What was judged, was judged by the rules that stood when the decision was sent.
    judged = held.auditor.get(f"/v1/evaluations/{held.auditor.get(draft).json()['evaluation_id']}").json()["rule_set"]["name"]
    assert judged == PLAN["criteria_set"]["name"]


def test_the_initiative_that_earns_an_award_is_one_that_counts_for_it(service, clients, award_round):
    """III.1.c: applied in the year, and recognised no later than the submission. One that does not count is not used up in the place
    of one that does, which could then serve again."""
    held = award_round(1)
    unit = held.units[0]
    counts = held.initiatives[unit]
    made = held.done(held.unit_client.post("/v1/initiatives", json={
        "unit_id": unit, "title": "Việc năm trước", "summary": "Đã thôi áp dụng", "kind": "SOLUTION", "applied_from": "2023-01-01",
        "applied_to": "2023-12-31"}))["id"]
    path = f"/v1/initiatives/{made}"
    held.done(held.council.put(f"{path}/recognition", headers=held.etag(path), json={
        "council": "PROVINCIAL", "recognised_on": "2023-12-01", "decision_number": "9/QĐ-HĐSK"}))
    named = held.home.post(f"{held.round}/proposals", json={
        "evaluation_id": held.evaluate(), "letter_number": "1/TTr-SNV", "units": [{"unit_id": unit, "initiative_id": made}]})
    assert problem(named, 422, "rule-refused")["clause"] == "III.1.c"
    proposal = held.proposal([unit])
    assert held.auditor.get(proposal).json()["units"][0]["initiative_id"] == counts


@pytest.mark.parametrize("others", [0, 1])
def test_an_initiative_whose_recognition_was_annulled_earns_no_award(award_round, others):
    """III.1.c, at the signing: neither where it was the only one, nor in the place of another one that counts."""
    held = award_round(1)
    unit = held.units[0]
    if others:
        held.recognised_initiative(unit)
    decision = held.draft([unit], initiatives=held.initiatives)
    path = f"/v1/initiatives/{held.initiatives[unit]}"
    held.done(held.council.put(f"{path}/recognition", headers=held.etag(path), json={
        "council": "PROVINCIAL", "outcome": "ANNULLED", "reason": "Không phải của đơn vị"}))
    refused = held.sign(decision, number())
    if others:
        assert problem(refused, 422, "rule-refused")["errors"][0]["code"] == "initiative_counts_not"
    else:
        assert "III.1.c" in problem(refused, 409, "not-eligible")["errors"][0]["detail"]
    assert held.count() == 0


@pytest.mark.parametrize("language, margin", [("vi", r"\(-\d+,\d+\)"), ("en", r"\(-\d+\.\d+\)")])
def test_who_is_out_is_told_by_how_much_as_the_reader_writes_it(service, clients, language, margin):
    """III.2.b: what decided against it, with the difference."""
    held = AwardRound(service, clients, 2, campaign=make_campaign(service, cap=1))
    path = f"{held.round}/findings/{held.units[1]}"
    held.done(held.home.put(path, headers=held.etag(path), json={"contents": [
        {"content": c, "score": "91.5", "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": []} for c in "ABCD"]}))
    body = {"evaluation_id": held.evaluate(), "letter_number": "1/TTr-SNV", "units": [{"unit_id": held.units[1]}]}
    refused = problem(Client(service.base, held.home.key, language).post(f"{held.round}/proposals", json=body), 422, "rule-refused")
    assert re.search(margin, refused["errors"][0]["detail"]), refused


def test_of_several_initiatives_the_first_that_was_recognised_earns_the_award(award_round):
    """III.1.c: what was recognised later is left for another year."""
    held = award_round(1)
    [unit] = held.units
    later, first = f"/v1/initiatives/{held.initiatives[unit]}", "/v1/initiatives/" + held.done(held.unit_client.post("/v1/initiatives", json={
        "unit_id": unit, "title": "Giải pháp trước", "summary": "Rút ngắn thời gian", "kind": "SOLUTION", "applied_from": "2024-03-01"}))["id"]
    held.done(held.council.put(f"{first}/recognition", headers=held.etag(first), json={
        "council": "PROVINCIAL", "outcome": "RECOGNISED", "recognised_on": "2025-01-10", "decision_number": "80/QĐ-HĐSK"}))
    held.done(held.sign(held.draft(held.units), number()))
    assert [held.done(held.auditor.get(path))["used"] for path in (first, later)] == [True, False]


def test_an_initiative_recognised_after_the_submission_earns_no_award(award_round):
    """III.1.c: another initiative makes the unit eligible, the one named in the proposal came too late for it."""
    held = award_round(1)
    unit = held.units[0]
    made = held.done(held.unit_client.post("/v1/initiatives", json={
        "unit_id": unit, "title": "Việc mới", "summary": "Trong năm", "kind": "SOLUTION", "applied_from": "2024-06-01"}))["id"]
    path = f"/v1/initiatives/{made}"
    held.done(held.council.put(f"{path}/recognition", headers=held.etag(path), json={
        "council": "PROVINCIAL", "recognised_on": "2025-03-02", "decision_number": "10/QĐ-HĐSK"}))
    proposal = held.proposal([unit], initiatives={unit: made})
    held.done(held.move(held.home, proposal, "submit", submitted_at="2025-03-01T08:00:00+07:00", source="Sổ công văn đi"))
    draft = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
    assert problem(held.sign(draft, number()), 422, "rule-refused")["clause"] == "III.1.c"
    assert held.count() == 0
    held.etag(draft)


def test_a_closed_round_takes_no_dossier_no_proposal_and_no_award(service, award_round):
    """What was decided and closed does not change any more; a revocation is a decision of its own and remains possible."""
    held = award_round(2)
    first, second = held.units
    decision = held.draft([first])
    held.done(held.sign(decision, number()))
    waiting = held.draft([second])
    drafted = held.proposal([second])
    other = held.done(held.unit_client.post("/v1/dossiers", json={
        "campaign": held.campaign.rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": held.parent}))["id"]
    held.publish(decision)
    held.done(held.move(held.home, "/v1/proposals/" + held.auditor.get(waiting).json()["proposal_id"], "withdraw", reason="Rút"))
    evaluation = held.evaluate()
    held.done(held.move(held.home, held.round, "close"))
    body = {"campaign": held.campaign.rsplit("/", 1)[1], "year": 2024, "nominator_unit_id": held.parent}
    problem(held.unit_client.post("/v1/dossiers", json=body), 409, "conflict")
    problem(held.move(held.unit_client, f"/v1/dossiers/{other}", "withdraw"), 409, "conflict")
    problem(held.unit_client.put(f"/v1/dossiers/{other}/nominations/{second}", json={}), 409, "conflict")
    problem(held.move(held.home, drafted, "submit"), 409, "conflict")
    problem(held.home.post(f"{held.round}/proposals", json={
        "evaluation_id": evaluation, "letter_number": "2/TTr-SNV", "units": [{"unit_id": second}]}), 409, "conflict")
    problem(held.sign(waiting, number()), 409, "conflict")
    assert held.count() == 1
    made = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "ground": "FRAUD", "reason": "Gian dối"}))["id"]
    held.done(held.sign(made, number()))


def test_what_is_refused_is_the_row_that_was_named(service, award_round):
    """Other decisions and proposals that could not be taken stand in no one's way, whatever plan the database takes for small tables
    that it knows well."""
    held = award_round(2)
    first, second = held.units
    drafts = held.proposal([second]), held.draft([second])
    award = held.draft([first])
    held.done(held.sign(award, number()))
    submitted = held.submitted([second])
    assert "ERROR" not in service.psql("ANALYZE decisions, proposals")
    made = held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": submitted.rsplit("/", 1)[1]})
    assert made.status_code == 201, made.text
    made = held.chair.post("/v1/decisions", json={
        "kind": "CORRECT", "subject_id": award.rsplit("/", 1)[1], "corrections": CORRECTION, "reason": "Sai chính tả"})
    assert made.status_code == 201, made.text
    problem(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": drafts[0].rsplit("/", 1)[1]}), 409, "conflict")
    problem(held.chair.post("/v1/decisions", json={
        "kind": "CORRECT", "subject_id": drafts[1].rsplit("/", 1)[1], "corrections": CORRECTION, "reason": "Sai"}), 409, "conflict")


def test_the_awards_of_one_decision_are_revoked_one_after_another(award_round):
    held = award_round(2)
    award = held.draft(held.units)
    held.done(held.sign(award, number()))
    for unit in held.units:
        made = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
            "kind": "REVOKE", "subject_id": award.rsplit("/", 1)[1], "units": [unit], "ground": "FRAUD", "reason": "Gian dối"}))["id"]
        held.done(held.sign(made, number()))


@pytest.mark.parametrize("body, pointer", [
    ({"kind": "CORRECT"}, "/corrections"),
    ({"kind": "CORRECT", "corrections": CORRECTION, "ground": "FRAUD"}, "/ground"),
    ({"kind": "CORRECT", "corrections": CORRECTION, "fault_from": "2024-01-01"}, "/fault_from"),
    ({"kind": "CORRECT", "corrections": [*CORRECTION, {**CORRECTION[0], "correct": CORRECTION[0]["printed"]}]}, "/corrections/1/correct"),
    ({"kind": "REVOKE", "ground": "FRAUD", "fault_to": "2024-05-01"}, "/fault_from"),
    ({"kind": "REVOKE", "ground": "FRAUD", "corrections": CORRECTION}, "/corrections"),
    ({"kind": "REVOKE"}, "/ground"), ({"kind": "REVOKE", "ground": "LATER_CONCLUSION"}, "/fault_from"),
    ({"kind": "AWARD"}, "/subject_id")])
def test_each_kind_of_decision_says_what_it_must_and_nothing_else(award_round, body, pointer):
    held = award_round(1)
    proposal = held.submitted(held.units)
    more = {"proposal_id": proposal.rsplit("/", 1)[1]} if body["kind"] == "AWARD" else {}
    first = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
    held.done(held.sign(first, number()))
    found = problem(held.chair.post("/v1/decisions", json={
        "subject_id": first.rsplit("/", 1)[1], "reason": "Kết luận", **more, **body}), 422, "invalid")
    assert [e["pointer"] for e in found["errors"]] == [pointer]


def drafts_of(held):
    return int(held.service.psql(f"SELECT count(*) FROM decisions WHERE campaign = '{held.campaign.rsplit('/', 1)[1]}' AND state = 'DRAFT'"))


def change_of(held, kind, subject, units=None, **more):
    own = {"ground": "FRAUD"} if kind == "REVOKE" else {"corrections": CORRECTION}
    return held.chair.post("/v1/decisions", json={"kind": kind, "subject_id": subject.rsplit("/", 1)[-1], "reason": "Kết luận số 5",
                                                  **own, **({"units": units} if units else {}), **more})


@pytest.fixture
def one_of_two_revoked(award_round):
    """A decision of two awards, of which the first was revoked."""
    held = award_round(4)
    decision = held.draft(held.units[:2])
    held.done(held.sign(decision, number()))
    revoked = held.done(change_of(held, "REVOKE", decision, held.units[:1]))
    held.done(held.sign(f"/v1/decisions/{revoked['id']}", number()))
    return held, decision


@pytest.mark.parametrize("case, status, pointer", [
    ("revoke what was revoked", 409, "/units"), ("revoke all, one of which was revoked", 409, "/units"),
    ("correct what was revoked", 409, "/units"), ("revoke a draft", 409, "/subject_id"), ("correct a draft", 409, "/subject_id"),
    ("revoke a revocation", 409, "/subject_id"), ("correct a revocation", 409, "/subject_id"),
    ("revoke nothing", 422, "/subject_id"), ("correct nothing", 422, "/subject_id"),
    ("revoke a unit of another decision", 422, "/units/0"), ("correct a unit of another decision", 422, "/units/0"),
    ("revoke for a fault before the award year", 422, "/fault_from"), ("revoke for a fault after the award year", 422, "/fault_from"),
    ("award who has an award of the year", 409, "/units")])
def test_what_can_never_be_signed_is_no_draft(one_of_two_revoked, case, status, pointer):
    held, decision = one_of_two_revoked
    revoked, standing, third, fourth = held.units
    kind = "REVOKE" if case.startswith("revoke") else "CORRECT"
    if case.startswith("award"):
        proposals = [held.submitted([third]), held.submitted([third])]
        first = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposals[0].rsplit("/", 1)[1]}))
        held.done(held.sign(f"/v1/decisions/{first['id']}", number()))
        before = drafts_of(held)
        answer = held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposals[1].rsplit("/", 1)[1]})
    else:
        unsigned = held.draft([fourth])
        revocation = held.done(held.auditor.get("/v1/decisions", params={
            "campaign": held.campaign.rsplit("/", 1)[1], "kind": "REVOKE"}))["items"][0]["id"]
        before = drafts_of(held)
        subject, units, more = {
            "what was revoked": (decision, [revoked], {}), "all, one of which was revoked": (decision, None, {}),
            "a draft": (unsigned, None, {}), "a revocation": (revocation, None, {}),
            "nothing": ("00000000-0000-4000-8000-000000000000", None, {}),
            "a unit of another decision": (decision, [fourth], {}),
            "for a fault before the award year": (decision, [standing], {
                "ground": "LATER_CONCLUSION", "fault_from": "2023-01-01", "fault_to": "2023-12-31"}),
            "for a fault after the award year": (decision, [standing], {"ground": "LATER_CONCLUSION", "fault_from": "2025-01-01"}),
        }[case.split(" ", 1)[1]]
        answer = change_of(held, kind, subject, units, **more)
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer and drafts_of(held) == before, answer.text


@pytest.mark.parametrize("first, last, counts", [
    ("year_through", None, True), ("day after", None, False), ("day before", "year_from", True), ("day before", "day before", False)])
def test_a_fault_counts_from_the_first_day_of_merit_to_the_last(one_of_two_revoked, first, last, counts):
    """Domain, section 5, ground (d): at fault inside the period for which the merit was counted."""
    held, decision = one_of_two_revoked
    shown, day = held.done(held.auditor.get(held.round)), datetime.timedelta(days=1)
    days = {name: datetime.date.fromisoformat(shown[name]) for name in ("year_from", "year_through")}
    days |= {"day before": days["year_from"] - day, "day after": days["year_through"] + day}
    answer = held.chair.post("/v1/decisions", params={"dry_run": "true"}, json={
        "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "units": held.units[1:2], "ground": "LATER_CONCLUSION", "reason": "Kết luận thanh tra",
        "fault_from": str(days[first]), **({"fault_to": str(days[last])} if last else {})})
    assert answer.status_code == (201 if counts else 422), answer.text
    assert counts or answer.json()["errors"][0]["pointer"] == "/fault_from"


def test_an_award_is_not_drafted_in_a_closed_round(service, award_round):
    held = award_round(1)
    proposal = held.submitted(held.units)
    service.psql(f"UPDATE rounds SET state = 'CLOSED' WHERE campaign = '{held.campaign.rsplit('/', 1)[1]}' AND year = 2024")
    problem(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}), 409, "conflict")
    assert drafts_of(held) == 0


def test_a_correction_of_all_is_one_of_what_stands(one_of_two_revoked):
    """Until the last award is revoked. What was drafted before that is refused when it is signed."""
    held, decision = one_of_two_revoked
    made = held.done(change_of(held, "CORRECT", decision))
    assert [u["unit_id"] for u in made["units"]] == [held.units[1]]
    last = held.done(change_of(held, "REVOKE", decision, [held.units[1]]))
    held.done(held.sign(f"/v1/decisions/{last['id']}", number()))
    problem(held.sign(f"/v1/decisions/{made['id']}", number()), 409, "conflict")
    refused = problem(change_of(held, "CORRECT", decision), 409, "conflict")
    assert len(refused["errors"]) == 2


def test_a_decision_is_corrected_so_often_and_no_more(award_round):
    """Each correction stands beside what it corrects, for everybody who reads that. A draft is none yet."""
    held = award_round(1)
    decision = held.draft(held.units)
    held.done(held.sign(decision, number()))
    drafts = [held.done(change_of(held, "CORRECT", decision))["id"] for _ in range(21)]
    for made in drafts[:20]:
        held.done(held.sign(f"/v1/decisions/{made}", number()))
    assert len(held.chair.get(decision).json()["corrected_by"]) == 20
    for refused in (held.sign(f"/v1/decisions/{drafts[20]}", number()), change_of(held, "CORRECT", decision)):
        assert [(e["pointer"], e["code"]) for e in problem(refused, 409, "conflict")["errors"]] == [("/subject_id", "corrections_most")]
    made = held.done(change_of(held, "REVOKE", decision))
    held.done(held.sign(f"/v1/decisions/{made['id']}", number()))


def test_a_number_is_used_once_a_year(award_round):
    """Decisions are known by number-symbol and date; a number is never given out again in its year."""
    held, used = award_round(2), number()
    first, second = held.draft(held.units[:1]), held.draft(held.units[1:])
    issuer = held.done(held.sign(first, used))["issued_by"]
    first_day = f"{today()[:4]}-01-01"
    proposal = held.proposal(held.units[1:])
    held.done(held.move(held.home, proposal, "submit", submitted_at=f"{first_day}T08:00:00+07:00", source="Sổ công văn đi"))
    made = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))
    another_day = held.sign(f"/v1/decisions/{made['id']}", used, signed_on=first_day, issued_by=issuer)  # who issued may have been another then
    assert problem(another_day, 409, "conflict")["errors"][0]["pointer"] == "/number"
    for alike in (used.replace("/", " /"), used.replace("/", "\u00a0/"), f"0{used}", used.lower()):
        assert problem(held.sign(second, alike), 409, "conflict")["errors"][0]["pointer"] == "/number", alike
    assert problem(held.sign(second, used.replace("/", "\u200b/")), 422, "invalid")["errors"][0]["pointer"] == "/number"
    assert problem(held.sign(second, "không số"), 422, "invalid")["errors"][0]["pointer"] == "/number"
    held.done(held.sign(second, number()))


def test_the_bonus_follows_the_law_in_force_on_the_day_of_signing(award_round):
    """III.5: computed, never typed: 3,0 × 2.530.000 from 1/7/2026 = 7.590.000."""
    held = award_round(1)
    typed = held.draft(held.units)
    refused = held.chair.post(f"{typed}/sign", json={"number": number(), "bonus_vnd": 1}, headers=held.etag(typed))
    assert problem(refused, 422, "invalid")["errors"][0]["pointer"] == "/bonus_vnd"
    held.done(held.sign(typed, number()))
    held.publish(typed)
    award = held.auditor.get("/v1/awards", params={"unit_id": held.units[0]}).json()["items"][0]
    assert award["bonus_vnd"] == 7590000 and award["category"] == "thematic"
    assert award["bonus_basis"]["base_salary_basis"] == "161/2026/NĐ-CP"


@pytest.mark.parametrize("ground", ["FRAUD", "FALSE_INFORMATION", "AGAINST_LAW"])
def test_an_award_is_revoked_by_a_new_decision_on_one_of_the_grounds_of_the_law(award_round, ground):
    held = award_round(2)
    first = held.draft(held.units)
    held.done(held.sign(first, number()))
    held.publish(first)
    body = {"kind": "REVOKE", "subject_id": first.rsplit("/", 1)[1], "units": held.units[:1], "ground": ground, "reason": "Kết luận số 5"}
    refused = held.chair.post("/v1/decisions", json={**body, "ground": "WHIM"})
    assert problem(refused, 422, "invalid")["errors"][0]["pointer"] == "/ground"
    made = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json=body))["id"]
    revocation = held.done(held.sign(made, number()))["number"]
    state = {a["unit_id"]: a["state"] for a in held.auditor.get("/v1/awards", params={"campaign": held.campaign.rsplit("/", 1)[1]}).json()["items"]}
    assert set(state.values()) == {"ACTIVE"}  # V.3: what is not published is not public
    held.publish(made)
    state = {a["unit_id"]: (a["state"], a["revocation_number"]) for a in held.auditor.get("/v1/awards", params={"campaign": held.campaign.rsplit("/", 1)[1]}).json()["items"]}
    assert state == {held.units[0]: ("REVOKED", revocation), held.units[1]: ("ACTIVE", None)}
    twice = problem(held.chair.post("/v1/decisions", json=body), 409, "conflict")
    assert revocation in twice["errors"][0]["detail"]


def test_a_correction_changes_no_award(award_round):
    """Đính chính: a decision of its own beside the one that it corrects, which stays as it was signed."""
    held = award_round(1)
    first = held.draft(held.units)
    signed = held.done(held.sign(first, number()))
    made = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "CORRECT", "subject_id": first.rsplit("/", 1)[1], "corrections": [
            {"field": "tên đơn vị", "printed": "Văn phòng Sở", "correct": "Văn phòng"}], "reason": "Sai chính tả"}))["id"]
    held.done(held.sign(made, number()))
    assert {**held.chair.get(first).json(), "corrected_by": []} == signed and held.count() == 1


def table_of(client, path, **query):
    text = client.get(path, params=query, headers={"Accept": "text/csv", "Accept-Language": "en"}).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_correction_shows_on_what_it_corrects(clients, award_round):
    """Domain, section 5: in reads, lists, tables and for the public, for whom once it is published. Only on the units that it names."""
    held = award_round(2)
    first, code = held.draft(held.units), {"campaign": held.campaign.rsplit("/", 1)[1]}
    held.done(held.sign(first, number()))
    held.publish(first)
    awards = {a["unit_id"]: a for a in held.done(held.auditor.get("/v1/awards", params=code))["items"]}
    stored = held.service.psql(f"SELECT d::text FROM decisions d WHERE id = '{first.rsplit('/', 1)[1]}'")
    shown = []
    for corrections, units in ((CORRECTION, held.units[:1]), ([{"field": "họ tên", "printed": "A", "correct": "B"}] * 2, None)):
        made = held.done(change_of(held, "CORRECT", first, units, corrections=corrections))
        path = f"/v1/decisions/{made['id']}"
        known = held.auditor.get(first).headers["ETag"]
        assert len(held.done(held.auditor.get(first))["corrected_by"]) == len(shown)  # a draft corrects nothing
        signed = held.done(held.sign(path, number()))
        shown.append({"decision_id": made["id"], "decision_number": signed["number"], "signed_on": today(), "what": corrections})
        assert held.auditor.get(first, headers={"If-None-Match": known}).json()["corrected_by"] == shown
        assert clients["anyone"].get(first).json()["corrected_by"] == shown[:-1]
        held.publish(path)
        for client in (held.auditor, clients["anyone"]):
            assert client.get(first).json()["corrected_by"] == shown
            assert [d["corrected_by"] for d in client.get("/v1/decisions", params={**code, "kind": "AWARD"}).json()["items"]] == [shown]
            listed = {a["unit_id"]: a for a in client.get("/v1/awards", params=code).json()["items"]}
            for unit, own in ((held.units[0], shown), (held.units[1], shown[1:])):
                one = client.get(f"/v1/awards/{awards[unit]['id']}").json()
                assert one["corrected_by"] == listed[unit]["corrected_by"] == own
                assert {**awards[unit], "corrected_by": own} == {**one, "certificate_recovered_on": None, "money_recovered_on": None}
            heading = "Corrected (by, field, printed, correct)"
            tables = [[row for row in table_of(client, "/v1/decisions", **code) if row["Kind"] == "Award"][0],
                      [row for row in table_of(client, "/v1/awards", **code) if row["Unit id"] == held.units[0]][0]]
            for row in tables:
                assert row[heading].split(": ", 1)[0] == shown[0]["decision_number"] and all(
                    word in row[heading] for c in shown for what in c["what"] for word in what.values()), row
    assert held.service.psql(f"SELECT d::text FROM decisions d WHERE id = '{first.rsplit('/', 1)[1]}'") == stored


def test_a_signed_decision_keeps_its_names_with_the_holders_of_today_beside_them(clients, award_round):
    """Domain, section 8: whatever is corrected about the unit or its parent, and whoever takes over from it."""
    held = award_round(1)
    unit, code = held.units[0], {"campaign": held.campaign.rsplit("/", 1)[1]}
    first = held.draft([unit])
    signed = held.done(held.sign(first, number()))
    held.publish(first)
    printed = signed["units"][0]["unit_label"]
    assert signed["units"][0]["holders_now"] == [{"unit_id": unit, "unit_label": printed}]
    correction = held.done(change_of(held, "CORRECT", first))
    held.done(held.sign(f"/v1/decisions/{correction['id']}", number()))
    held.publish(f"/v1/decisions/{correction['id']}")
    award = f"/v1/awards/{held.done(held.auditor.get('/v1/awards', params=code))['items'][0]['id']}"

    def shown():
        for client in (held.auditor, clients["anyone"], held.chair):
            for path in (first, f"/v1/decisions/{correction['id']}"):
                yield client.get(path).json()["units"][0]
            for decision in client.get("/v1/decisions", params=code).json()["items"]:
                yield decision["units"][0]
            yield client.get(award).json()
            yield client.get("/v1/awards", params=code).json()["items"][0]
            for path, heading in (("/v1/awards", "Unit"), ("/v1/decisions", "Units")):
                row = table_of(client, path, **code)[0]
                now = row["Holder now" if path == "/v1/awards" else "Holders now"]
                yield {"unit_label": row[heading], "holders_now": [{"unit_label": label} for label in now.split("; ") if label]}

    def stays(*names):
        found = [(one["unit_label"], [holder["unit_label"].split(" (")[0] for holder in one["holders_now"]]) for one in shown()]
        assert found == [(printed, sorted(names))] * len(found)

    start = held.admin.get(f"/v1/units/{unit}").json()["valid_from"]
    parent = held.admin.get(f"/v1/units/{held.parent}").json()
    corrected, renamed, above = f"Đã sửa {unit[:8]}", f"Đổi tên {unit[:8]}", f"Sở đã sửa {unit[:8]}"
    held.done(merge(held.admin, f"/v1/units/{unit}", {"valid_from": start, "name": corrected}, held.etag(f"/v1/units/{unit}")))
    stays(corrected)
    held.done(merge(held.admin, f"/v1/units/{held.parent}", {"valid_from": parent["valid_from"], "name": above}, held.etag(f"/v1/units/{held.parent}")))
    stays(corrected)
    held.done(merge(held.admin, f"/v1/units/{unit}", {"valid_from": today(), "name": renamed}, held.etag(f"/v1/units/{unit}")))
    stays(renamed)
    heirs = [make_unit(held.admin, kind="OTHER", name=f"Kế thừa {n} {unit[:8]}") for n in range(2)]
    held.done(held.admin.post(f"/v1/units/{unit}/successions", json={
        "kind": "SPLIT", "effective_on": today(), "legal_basis": "Nghị quyết", "successors": [heir["id"] for heir in heirs]}))
    stays(*(heir["name"] for heir in heirs))
    for sql in (f"UPDATE decision_units SET label = 'Khác' WHERE unit_id = '{unit}'", f"DELETE FROM decision_units WHERE unit_id = '{unit}'"):
        assert "ERROR" in held.service.psql(sql)


def test_what_is_not_named_is_not_judged_however_the_database_looks_for_it(service, award_round):
    """With few rows PostgreSQL reads whole tables: rows of others, in other states, must not make it refuse."""
    held = award_round(3)
    held.proposal(held.units[2:])  # another one, never submitted
    both = held.draft(held.units[:2])
    held.draft(held.units[:2])  # another decision, never signed
    service.psql("ANALYZE proposals, decisions, awards, decision_units")
    held.done(held.sign(both, number()))
    service.psql("ANALYZE proposals, decisions, awards, decision_units")
    for unit in held.units[:2]:  # the second time the first one is revoked already, but not named
        made = held.done(held.chair.post("/v1/decisions", json={
            "kind": "REVOKE", "subject_id": both.rsplit("/", 1)[1], "units": [unit], "ground": "FRAUD", "reason": "Kê khai gian dối"}))
        held.done(held.sign(f"/v1/decisions/{made['id']}", number()))
    problem(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": both.rsplit("/", 1)[1], "units": held.units[:1], "ground": "FRAUD", "reason": "Lần nữa"}),
        409, "conflict")


def test_a_signed_decision_is_never_changed_or_deleted(service, award_round):
    held = award_round(1)
    first = held.draft(held.units)
    held.done(held.sign(first, number()))
    identifier = first.rsplit("/", 1)[1]
    for sql in (f"UPDATE decisions SET number = '1/QĐ-UBND' WHERE id = '{identifier}'", f"DELETE FROM decisions WHERE id = '{identifier}'",
                f"UPDATE awards SET bonus_vnd = 1 WHERE decision_id = '{identifier}'", f"DELETE FROM awards WHERE decision_id = '{identifier}'"):
        assert "ERROR" in service.psql(sql), sql
    problem(held.sign(first, number()), 409, "impossible-transition")


@pytest.mark.parametrize("year, status", [("2023", 422), ("2026", 422)])
def test_only_the_award_years_of_the_plan_have_rounds(campaign, clients, year, status):
    """II.3: 2024 and 2025, no other."""
    assert clients["home_affairs"].post(f"{campaign}/rounds/{year}/evaluations", json={}).status_code == status


def awarded_and_revoked(held, between=lambda first: None):
    """A signed award decision and a signed revocation of it, neither published."""
    first = held.draft(held.units)
    held.done(held.sign(first, number()))
    between(first)
    made = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": first.rsplit("/", 1)[1], "ground": "FRAUD", "reason": "Kê khai gian dối"}))["id"]
    held.done(held.sign(made, number()))
    return first, made


def test_a_revocation_is_published_after_the_award_that_it_names(clients, award_round):
    """V.3: published before, it would tell of an award that is not public."""
    held = award_round(1)
    corrections = []

    def correct(first):
        corrections.append(f"/v1/decisions/{held.done(change_of(held, 'CORRECT', first))['id']}")
        held.done(held.sign(corrections[0], number()))

    first, revocation = awarded_and_revoked(held, correct)
    correction, = corrections
    named = held.chair.get(first).json()["number"]
    for path in (revocation, correction):
        refused = problem(held.chair.post(f"{path}/publish", headers=held.etag(path)), 409, "conflict")
        assert refused["clause"] == "V.3" and refused["errors"][0]["pointer"] == "/subject_id" and named in refused["errors"][0]["detail"]
        assert clients["anyone"].get(path).status_code == 404
    for path in (first, revocation, correction):
        held.publish(path)
        assert clients["anyone"].get(path).json()["state"] == "PUBLISHED"


def test_nothing_is_recovered_before_it_was_revoked_nor_before_it_was_recovered(award_round):
    """Domain, section 5: certificate and money are tracked with the days on which they came back."""
    held = award_round(1)
    first, revocation = awarded_and_revoked(held)
    held.publish(first)
    award = "/v1/awards/" + held.done(held.auditor.get("/v1/awards", params={"unit_id": held.units[0]}))["items"][0]["id"]
    day = lambda days: (datetime.date.fromisoformat(today()) + datetime.timedelta(days=days)).isoformat()
    for member in ("certificate_recovered_on", "money_recovered_on"):
        other = {"certificate_recovered_on": "money_recovered_on", "money_recovered_on": "certificate_recovered_on"}[member]
        for value, code in ((day(-1), f"award_{member.split('_')[0]}_before_revocation"), (day(1), "ahead"), ("2999-01-01", "ahead")):
            for body in ({member: value}, {member: value, other: None}):
                found = problem(merge(held.home, award, body, held.etag(award)), 422, "invalid")["errors"]
                assert code in [e["code"] for e in found] and found[0]["pointer"] == f"/{member}", found
        assert held.done(merge(held.home, award, {member: today()}, held.etag(award)))[member] == today()
        assert held.done(merge(held.home, award, {member: None}, held.etag(award)))[member] is None


def test_what_was_recovered_is_shown_to_the_offices_alone(service, clients, award_round):
    """Domain, section 5: recovery is tracked with dates. Whoever asked last, nobody is answered what another may see."""
    held = award_round(1)
    first, revocation = awarded_and_revoked(held)
    held.publish(first)
    offices, others = [held.home, held.auditor, held.chair], [clients["anyone"], clients["viewer"], held.unit_client, held.admin]
    one = {"campaign": held.campaign.rsplit("/", 1)[1]}
    award = held.auditor.get("/v1/awards", params=one).json()["items"][0]
    path, dates = f"/v1/awards/{award['id']}", {"certificate_recovered_on": today(), "money_recovered_on": None}
    before = [client.get(path).headers["ETag"] for client in others]
    answered = merge(held.home, path, dates, held.etag(path)).json()
    for _ in range(2):
        for client in [*offices, *others, *reversed(offices)]:
            office = client in offices
            listed = client.get("/v1/awards", params=one)
            assert listed.headers["Cache-Control"] == ("private, no-cache" if office else "public, no-cache")
            for shown in (client.get(path).json(), listed.json()["items"][0]):
                assert {name: shown.get(name, "-") for name in dates} == (dates if office else dict.fromkeys(dates, "-"))
            assert (f",,,{today()},," in client.get("/v1/awards", params=one, headers={"Accept": "text/csv"}).text) == office
    assert held.auditor.get(path).json() == answered
    assert [client.get(path).headers["ETag"] for client in others] == before


# ---- what odd orders of calls led to ----

def test_a_proposal_has_one_draft_decision_at_a_time(award_round):
    """Signing one decides on the proposal, so that another could never be signed. A cancelled one makes room."""
    held = award_round(2)
    proposal = held.submitted(held.units).rsplit("/", 1)[1]
    draft = lambda **more: held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal, **more})
    first = f"/v1/decisions/{held.done(draft())['id']}"
    refused = problem(draft(units=held.units[:1]), 409, "conflict")
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/proposal_id", "decisions_one_draft")] and "cancel" in refused["detail"]
    held.done(held.chair.post(f"{first}/cancel", json={"reason": "Lập lại"}, headers=held.etag(first)))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda clerk: clerk.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal}),
                                (held.another_chair(), held.another_chair())))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    second = next(answer.headers["Location"] for answer in answers if answer.status_code == 201)
    held.done(held.sign(second, number()))
    assert held.count() == 2


def test_a_cancelled_draft_keeps_its_own_reason(service, award_round):
    """Why it was drafted and why it was cancelled are two things: the journal has the other one."""
    held = award_round(1)
    subject = held.draft(held.units)
    held.done(held.sign(subject, number()))
    made = held.done(held.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": subject.rsplit("/", 1)[1], "ground": "FRAUD", "reason": "Kê khai gian dối"}))
    draft = f"/v1/decisions/{made['id']}"
    cancelled = held.done(held.chair.post(f"{draft}/cancel", json={"reason": "Chờ kết luận"}, headers=held.etag(draft)))
    assert (cancelled["state"], cancelled["reason"]) == ("CANCELLED", "Kê khai gian dối")
    assert service.psql(f"SELECT type, reason FROM journal WHERE resource = '{draft}' ORDER BY id DESC LIMIT 1") == "decision.cancelled|Chờ kết luận"


@pytest.mark.parametrize("instant, letter, why", [
    ("2024-12-30T23:59:59+07:00", None, "proposal_submitted_in_intake"), ("2024-03-10T08:00:00+07:00", None, "proposal_submitted_in_intake"),
    ("2025-03-09T23:59:59+07:00", "2025-03-10", "proposal_letter_after")])
def test_a_submission_is_not_recorded_before_it_could_be_made(award_round, instant, letter, why):
    """III.4: a year mistyped made any submission one in time. The last instant of the intake and the letter's own day are the edges."""
    held = award_round(1)
    proposal = held.proposal(held.units)
    found = problem(held.move(held.home, proposal, "submit", submitted_at=instant, source="Sổ", **({"letter_date": letter} if letter else {})), 422, "invalid")
    assert [(e["pointer"], e["code"]) for e in found["errors"]] == [("/submitted_at", why)]
    first = "2025-03-09T17:00:00Z" if letter else "2024-12-31T00:00:00+07:00"
    held.done(held.move(held.home, proposal, "submit", submitted_at=first, source="Sổ", **({"letter_date": letter} if letter else {})))


def test_a_nominator_learns_of_the_decision_when_it_is_published(service, award_round):
    """V.3: what a dossier's state, its version or an event says of a signed decision is not for its nominator yet."""
    held = award_round(2)
    first, second = held.units
    decision = held.draft([first])
    other = held.proposal([second])
    held.done(held.move(held.home, other, "submit", letter_number="1083/TTr-SNV"))
    seen = held.unit_client.get(held.dossier)
    heard = lambda: [row.split(".")[-1] for row in service.psql(
        f"SELECT type FROM journal WHERE resource = '{held.dossier}' AND type LIKE 'dossier.%' ORDER BY id").splitlines()]
    before = heard()
    held.done(held.sign(decision, number()))
    held.done(held.move(held.home, other, "withdraw", reason="Rút"))
    again = held.unit_client.get(held.dossier)
    assert again.json() == seen.json() and again.json()["state"] == "IN_PROPOSAL" and again.headers["ETag"] == seen.headers["ETag"]
    assert heard() == before
    held.publish(decision)
    assert held.unit_client.get(held.dossier).json()["state"] == "DECIDED" and heard() == [*before, "decided"]


def test_a_conference_that_moves_meanwhile_is_asked_for_a_reason(service, award_round):
    """III.4.b: a submission that waits for the round is judged by the day of the conference that it finds there."""
    held = award_round(1)
    day = datetime.date.fromisoformat(today())
    held.done(merge(held.home, held.round, {"conference_on": (day + datetime.timedelta(days=40)).isoformat()}, held.etag(held.round)))
    proposal, code = held.proposal(held.units), held.campaign.rsplit("/", 1)[1]
    etag, waiting = held.etag(proposal), lambda: int(service.psql("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"))
    moved = f"UPDATE rounds SET conference_on = DATE '{day}' + 5, version = version + 1 WHERE campaign = '{code}' AND year = 2024"
    with service.holding(moved) as release, concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(held.home.post, f"{proposal}/transitions", json={"action": "submit"}, headers=etag)
        wait_until(lambda: waiting() == 1)
        release()
        assert problem(answer.result(), 422, "rule-refused")["clause"] == "III.4.b"
    problem(held.move(held.home, proposal, "submit", reason=""), 422, "invalid")  # an empty one is none
    assert held.done(held.move(held.home, proposal, "submit", reason="Hội nghị dời sớm"))["in_time"] is False
