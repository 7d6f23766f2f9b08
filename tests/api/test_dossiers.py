"""Dossiers and nominations (plan 230: I.1.c, II.1, III.3, III.4.a)."""
import concurrent.futures
import contextlib
import copy
import json
import datetime
import threading
import uuid

import pytest

from award_tools import AwardRound
from conftest import PLAN, load_plan, make_campaign, make_unit
from dossier_tools import PDF, Dossier, Round, make_pdf
from service import Service, make_place, problem, serving, wait_until

VOTES = {"votes_for": 7, "votes_against": 1, "votes_abstain": 1, "members_present": 9, "members_total": 11}
TABLES = "(SELECT count(*) FROM dossiers), (SELECT count(*) FROM nominations), (SELECT count(*) FROM documents), " \
         "(SELECT count(*) FROM document_chunks), (SELECT sum(version) FROM dossiers), (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE')"


@pytest.fixture
def award_round(service):
    return Round(service)


@pytest.fixture
def nominator(service, unit, award_round):
    """A nominator with a key of its own and a contestant below it."""
    top = unit(name=f"Sở thử {uuid.uuid4().hex[:8]}")["id"]
    below = unit(kind="PROVINCIAL_SUBUNIT", parent_id=top)["id"]
    award_round.register(top)
    award_round.register(below)
    client = service.key("unit", top)
    client.top, client.below = top, below
    return client


@pytest.fixture
def dossier(nominator, award_round):
    return Dossier(nominator, award_round, nominator.top)


def unchanged(service):
    return service.psql(f"SELECT {TABLES}")


# ---- the whole life ----

def test_a_dossier_lives_from_draft_to_accepted(clients, nominator, award_round):
    dossier = Dossier(nominator, award_round, nominator.top)
    shown = dossier.get().json()
    assert (shown["state"], shown["on_paper"], shown["complete"], shown["late"]) == ("DRAFT", False, False, None)
    assert shown["deadline"] == "2024-12-30T23:59:59+07:00"  # III.4.a
    assert dossier.nominate(nominator.below, **VOTES).status_code == 201
    assert nominator.merge(dossier.url, {"letter_number": "12/TTr-SNV", "letter_date": "2024-12-20",
                                         "minutes_date": "2024-12-18"}, dossier.etag()).status_code == 200
    for path in ("documents/TO_TRINH", "documents/MINUTES", f"nominations/{nominator.below}/documents/REPORT"):
        assert dossier.put(path).status_code == 201
    shown = dossier.get().json()
    assert shown["complete"] and shown["missing"] == [] and shown["letter_number"] == "12/TTr-SNV"
    lodged = dossier.move("lodge")
    assert lodged.status_code == 200 and lodged.json()["state"] == "LODGED" and lodged.json()["received_at"]
    returned = dossier.move("return", clients["home_affairs"], reason="Thiếu chữ ký")
    assert returned.json()["state"] == "RETURNED" and returned.json()["state_reason"] == "Thiếu chữ ký"
    assert dossier.put("documents/TO_TRINH", make_pdf("có chữ ký"), dossier.etag()).status_code == 200
    again = dossier.move("lodge").json()
    assert again["received_at"] == lodged.json()["received_at"]  # III.4.a: the first receipt counts
    accepted = dossier.move("accept_late", clients["home_affairs"], reason="Hồ sơ của năm trước")
    assert accepted.json()["state"] == "ACCEPTED" and accepted.json()["late_accepted"] is True


def test_every_step_is_in_the_journal_and_restricted(service, dossier, nominator):
    dossier.nominate(nominator.below, **VOTES)
    rows = service.psql(f"SELECT type, restricted FROM journal WHERE resource LIKE '{dossier.url}%' AND actor_kind <> 'SERVICE' ORDER BY id")
    assert rows.split("\n") == ["dossier.created|t", "nomination.created|t"]


def test_withdrawing_frees_the_nominee(nominator, award_round):
    first = Dossier(nominator, award_round, nominator.top)
    first.nominate(nominator.below)
    second = Dossier(nominator, award_round, nominator.top)
    problem(second.nominate(nominator.below), 409, "conflict")
    assert first.move("withdraw").json()["state"] == "WITHDRAWN"  # a draft needs no reason
    assert second.nominate(nominator.below).status_code == 201
    found = problem(first.move("lodge"), 409, "impossible-transition")
    assert "Withdrawn" in found["errors"][0]["detail"]


# ---- what is missing (III.3) ----

def test_an_incomplete_dossier_is_not_lodged_and_everything_missing_is_named(service, dossier, nominator):
    dossier.nominate(nominator.below)
    dossier.nominate(nominator.top)
    dossier.put(f"nominations/{nominator.top}/documents/REPORT")
    before = unchanged(service)
    found = problem(dossier.move("lodge"), 422, "rule-refused")
    assert found["clause"] == "III.3"
    assert {e["pointer"] for e in found["errors"]} == {
        "/documents/TO_TRINH", "/documents/MINUTES", f"/nominations/{nominator.below}/documents/REPORT"}
    plan = dossier.client.get("/v1/campaigns/230-KH-UBND").json()
    for component in plan["dossier_components"]:
        named = next(e for e in found["errors"] if e["pointer"].endswith(component["code"]))
        assert f"{component['en']} is missing ({component['clause']})." in named["detail"], "people know documents by their names"
    assert unchanged(service) == before
    assert [(m["kind"], m["unit_id"], m["clause"]) for m in dossier.get().json()["missing"]] == [
        ("TO_TRINH", None, "III.3.a"), ("MINUTES", None, "III.3.b"), ("REPORT", nominator.below, "III.3.c")]


def test_a_dossier_without_nominee_is_not_complete(dossier):
    dossier.put("documents/TO_TRINH")
    dossier.put("documents/MINUTES")
    found = problem(dossier.move("lodge"), 422, "rule-refused")
    assert [e["pointer"] for e in found["errors"]] == ["/nominations"]


def test_a_report_without_confirmation_is_a_reason_to_return_and_no_refusal(clients, dossier, nominator):
    """III.3.c and the law: the achievement report carries the confirmation of the nominating level. Home Affairs may return for it."""
    dossier.complete(nominator.below)
    url = f"{dossier.url}/nominations/{nominator.below}"
    shown = dossier.get().json()
    assert shown["complete"] and [(r["code"], r["kind"], r["unit_id"], r["clause"]) for r in shown["reasons_to_return"]] == [
        ("REPORT_NOT_CONFIRMED", "REPORT", nominator.below, "III.3.c")]
    assert dossier.move("lodge").status_code == 200
    home = clients["home_affairs"]
    assert dossier.move("return", client=home, reason="Báo cáo chưa có xác nhận").status_code == 200
    confirmed = {"confirmed_by": "Giám đốc Sở", "confirmed_on": "2024-12-17"}
    done = nominator.put(url, json=confirmed, headers={"If-Match": dossier.etag()})
    assert done.status_code == 200 and {name: done.json()[name] for name in confirmed} == confirmed
    assert dossier.move("lodge").json()["reasons_to_return"] == []
    assert home.get(url).json()["confirmed_by"] == "Giám đốc Sở"


def test_it_may_be_accepted_without_confirmation(clients, dossier, nominator):
    dossier.complete(nominator.below)
    dossier.move("lodge")
    home = clients["home_affairs"]
    accepted = dossier.move("accept_late" if dossier.get().json()["late"] else "accept", client=home, reason="Bổ sung sau")
    assert accepted.status_code == 200 and len(accepted.json()["reasons_to_return"]) == 1


@pytest.mark.parametrize("confirmation, code", [
    ({"confirmed_by": "Giám đốc"}, "nominations_confirmed_whole"), ({"confirmed_on": "2024-12-17"}, "nominations_confirmed_whole"),
    ({"confirmed_by": "Giám đốc", "confirmed_on": "9000-01-01"}, "ahead"),
    ({"confirmed_by": " ", "confirmed_on": "2024-12-17"}, None), ({"confirmed_by": "Giám\nđốc", "confirmed_on": "2024-12-17"}, None)])
def test_a_confirmation_has_who_gave_it_and_a_day_that_has_come(service, dossier, nominator, confirmation, code):
    before = unchanged(service)
    found = problem(dossier.nominate(nominator.below, **confirmation), 422, "invalid")
    assert code in (None, found["errors"][0]["code"])
    assert unchanged(service) == before


def test_lack_of_evidence_never_makes_it_incomplete(dossier, nominator):
    dossier.complete(nominator.below)
    assert dossier.get().json()["complete"] and dossier.move("lodge").status_code == 200


# ---- receipt (III.4.a) ----

@pytest.mark.parametrize("instant, late", [
    ("2024-12-30T23:59:59+07:00", False), ("2024-12-31T00:00:00+07:00", True), ("2024-12-30T17:30:00Z", True),
    ("2024-12-30T16:59:59Z", False)])
def test_receipt_is_strictly_before_the_31st_of_december(clients, nominator, award_round, instant, late):
    dossier = Dossier(clients["home_affairs"], award_round, nominator.top).complete(nominator.below)
    lodged = dossier.move("lodge", received_at=instant, source="Sổ công văn đến số 812")
    assert lodged.status_code == 200, lodged.text
    assert lodged.json()["late"] is late and lodged.json()["received_source"] == "Sổ công văn đến số 812"
    assert ("LATE" in [w["code"] for w in lodged.json()["warnings"]]) is late
    if late:
        found = problem(dossier.move("accept"), 422, "rule-refused")
        assert found["clause"] == "III.4.a"
        found = problem(dossier.move("accept_late"), 422, "invalid")
        assert found["errors"][0]["pointer"] == "/reason"
        assert dossier.move("accept_late", reason="Bưu điện chậm").json()["late_accepted"] is True
    else:
        problem(dossier.move("accept_late", reason="Không cần"), 409, "impossible-transition")
        accepted = dossier.move("accept").json()
        assert accepted["state"] == "ACCEPTED" and accepted["late_accepted"] is False


def test_a_unit_lodges_by_the_clock_of_the_service_alone(service, dossier, nominator):
    dossier.complete(nominator.below)
    before = unchanged(service)
    found = problem(dossier.move("lodge", received_at="2024-12-01T00:00:00+07:00", source="Tự ghi"), 403, "forbidden")
    assert found["clause"] == "III.4.a" and unchanged(service) == before


def just_now():
    """Later than whatever the service has noted by now."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


def test_home_affairs_may_record_an_earlier_receipt_when_accepting_but_no_later_one(service, clients, dossier, nominator):
    dossier.complete(nominator.below)
    assert dossier.move("lodge").json()["late"] is True
    office = clients["home_affairs"]
    late = problem(dossier.move("accept", office), 422, "rule-refused")
    assert all(way in late["detail"] for way in ('"accept_late"', '"return"', '"received_at"', '"source"'))
    problem(dossier.move("accept", office, received_at="2024-12-20T08:00:00+07:00"), 422, "invalid")  # no source
    before = unchanged(service)
    problem(dossier.move("accept", office, received_at="2999-12-20T08:00:00+07:00", source="Sổ"), 422, "invalid")
    found = problem(dossier.move("accept", office, received_at=just_now(), source="Sổ"), 422, "rule-refused")
    assert found["errors"][0]["code"] == "dossiers_received_earlier" and unchanged(service) == before
    accepted = dossier.move("accept", office, received_at="2024-12-20T08:00:00+07:00", source="Sổ công văn đến")
    assert accepted.status_code == 200 and accepted.json()["late"] is False


def test_nothing_is_received_before_it_was_written(clients, dossier, nominator):
    """III.4.a: the letter's own day is the edge. What was returned may bear a later day than its first receipt."""
    office = clients["home_affairs"]
    dossier.complete(nominator.below)
    assert dossier.client.merge(dossier.url, {"letter_number": "5/TTr-VP", "letter_date": "2024-12-20", "minutes_date": "2024-12-18"},
                                dossier.etag()).status_code == 200
    dossier.move("lodge")
    early = dossier.move("accept", office, received_at="2024-12-19T16:59:59Z", source="Sổ công văn đến")
    assert problem(early, 422, "rule-refused")["errors"][0]["code"] == "dossiers_received_before_letter"
    assert dossier.move("accept", office, received_at="2024-12-19T17:00:00Z", source="Sổ công văn đến").json()["late"] is False
    dossier.move("return", office, reason="Sai tên đơn vị")
    assert dossier.client.merge(dossier.url, {"letter_date": "2025-01-06"}, dossier.etag()).status_code == 200
    dossier.move("lodge")
    assert dossier.move("accept", office, received_at="2024-12-19T17:00:00Z", source="Sổ").status_code == 422  # no earlier than what is on record
    assert dossier.move("accept", office, received_at="2024-12-15T08:00:00+07:00", source="Sổ của xã").status_code == 200


def test_no_later_instant_replaces_the_first_receipt_when_lodged_again(clients, nominator, award_round):
    dossier = Dossier(clients["home_affairs"], award_round, nominator.top).complete(nominator.below)
    dossier.move("lodge", received_at="2024-12-20T08:00:00+07:00", source="Sổ")
    dossier.move("return", reason="Bổ sung")
    again = dossier.move("lodge").json()
    assert again["received_at"] == "2024-12-20T08:00:00+07:00" and again["late"] is False
    assert "COMPLETED_AFTER_DEADLINE" in [w["code"] for w in again["warnings"]]


def test_paper_that_came_in_time_was_not_returned_because_it_was_entered_late(clients, nominator, award_round):
    """III.4.a: a warning says only what happened."""
    dossier = Dossier(clients["home_affairs"], award_round, nominator.top).complete(nominator.below)
    codes = lambda shown: {w["code"] for w in shown.json()["warnings"]}
    lodged = dossier.move("lodge", received_at="2024-12-20T08:00:00+07:00", source="Sổ")
    assert lodged.json()["late"] is False and "COMPLETED_AFTER_DEADLINE" not in codes(lodged)
    returned = dossier.move("return", reason="Bổ sung")
    assert "COMPLETED_AFTER_DEADLINE" not in codes(returned)
    assert "COMPLETED_AFTER_DEADLINE" in codes(dossier.move("lodge"))
    assert "COMPLETED_AFTER_DEADLINE" in codes(dossier.move("accept"))


def added_to(held, path):
    """Another nominee with its report, in a dossier that was returned."""
    added = held.add_unit()
    held.done(held.unit_client.put(f"{path}/nominations/{added}", json={}))
    held.done(held.unit_client.put(f"{path}/nominations/{added}/documents/REPORT", data=make_pdf(), headers=PDF))
    return added


def late_of(held, path):
    shown = held.unit_client.get(path).json()
    late = nominees_of(shown)
    assert {unit: held.unit_client.get(f"{path}/nominations/{unit}").json()["late"] for unit in late} == late
    return late


def nominees_of(shown):
    return {n["unit_id"]: n["late"] for n in shown["nominations"]}


def in_time_by_the_engine(held):
    """III.4.a of every nominee, as it is judged now."""
    verdicts = held.auditor.get(f"/v1/evaluations/{held.evaluate(units=held.units)}/verdicts").json()["items"]
    return {v["unit_id"]: {c["result"] for c in v["criteria"] if c["clause"] == "III.4.a"} for v in verdicts}


def test_a_nominee_that_is_added_after_the_deadline_is_late_and_the_others_are_not(service, clients):
    """III.4.a: each nominee counts from when it was in what Sở Nội vụ received."""
    held = AwardRound(service, clients, 1)
    path, first = held.dossier, held.units[0]
    held.done(held.move(held.home, path, "return", reason="Thiếu chữ ký"))
    second = added_to(held, path)
    shown = held.unit_client.get(path).json()
    assert late_of(held, path) == {first: False, second: None} and shown["late"] is False
    assert "DEADLINE_PASSED" in [w["code"] for w in shown["warnings"]]
    lodged = held.done(held.move(held.unit_client, path, "lodge"))
    assert late_of(held, path) == {first: False, second: True} and lodged["late"] is True
    received = {n["unit_id"]: n["received_at"] for n in lodged["nominations"]}
    assert received == {first: lodged["received_at"], second: lodged["lodged_at"]} and lodged["received_at"] == "2024-12-20T09:00:00+07:00"
    told = {w["code"]: w["text"]["en"] for w in lodged["warnings"]}
    assert {"NOMINEE_LATE", "COMPLETED_AFTER_DEADLINE"} <= set(told) and "LATE" not in told
    assert next(n["unit_label"] for n in lodged["nominations"] if n["unit_id"] == second) in told["NOMINEE_LATE"]
    before = unchanged(service)
    refused = problem(held.move(held.home, path, "accept"), 422, "rule-refused")
    assert refused["clause"] == "III.4.a" and [e["pointer"] for e in refused["errors"]] == [f"/nominations/{second}"]
    problem(held.move(held.home, path, "accept_late"), 422, "invalid")
    assert unchanged(service) == before
    held.declare_registers()
    assert in_time_by_the_engine(held) == {first: {"PASS"}, second: {"PENDING"}}  # nobody has decided on it yet
    assert held.done(held.move(held.home, path, "accept_late", reason="Bổ sung theo kết luận"))["late_accepted"] is True
    assert in_time_by_the_engine(held) == {first: {"PASS"}, second: {"PASS"}}


def test_a_nominee_that_is_taken_out_and_entered_again_comes_anew(service, clients):
    held = AwardRound(service, clients, 2)
    path, (first, second) = held.dossier, held.units
    held.done(held.move(held.home, path, "return", reason="Thiếu chữ ký"))
    held.done(held.unit_client.put(f"{path}/nominations/{second}", json=VOTES, headers=held.etag(path)))  # changed, it stays what it was
    assert late_of(held, path) == {first: False, second: False}
    held.done(held.unit_client.delete(f"{path}/nominations/{second}", headers=held.etag(path)))
    assert held.done(held.move(held.unit_client, path, "lodge"))["late"] is False
    held.done(held.move(held.home, path, "return", reason="Lần nữa"))
    held.done(held.unit_client.put(f"{path}/nominations/{second}", json=VOTES))
    held.done(held.unit_client.put(f"{path}/nominations/{second}/documents/REPORT", data=make_pdf(), headers=PDF))
    assert held.done(held.move(held.unit_client, path, "lodge"))["late"] is True
    assert late_of(held, path) == {first: False, second: True}


def test_what_is_entered_of_a_paper_dossier_came_when_the_paper_came(service, clients, nominator, award_round):
    """Before it is first lodged everything belongs to the first receipt. What was added has an earlier one only by the register."""
    office = clients["home_affairs"]
    dossier = Dossier(office, award_round, nominator.top).complete(nominator.below)
    lodged = dossier.move("lodge", received_at="2024-12-20T08:00:00+07:00", source="Sổ công văn đến số 812").json()
    assert nominees_of(lodged) == {nominator.below: False}
    dossier.move("return", reason="Bổ sung")
    dossier.nominate(nominator.top)
    dossier.put(f"nominations/{nominator.top}/documents/REPORT")
    assert dossier.move("lodge").json()["late"] is True
    before = unchanged(service)
    problem(dossier.move("accept", received_at="2999-12-27T08:00:00+07:00", source="Sổ"), 422, "invalid")
    found = problem(dossier.move("accept", received_at=just_now(), source="Sổ"), 422, "rule-refused")
    assert found["errors"][0]["code"] == "dossiers_received_earlier" and unchanged(service) == before
    accepted = dossier.move("accept", received_at="2024-12-27T08:00:00+07:00", source="Sổ công văn đến số 840").json()
    assert (accepted["late"], accepted["late_accepted"]) == (False, False)
    assert (accepted["received_at"], accepted["received_source"]) == ("2024-12-20T08:00:00+07:00", "Sổ công văn đến số 812")
    assert {n["unit_id"]: n["received_at"] for n in accepted["nominations"]} == {
        nominator.below: "2024-12-20T08:00:00+07:00", nominator.top: "2024-12-27T08:00:00+07:00"}
    dossier.move("return", reason="Lần nữa")
    earlier = dossier.move("lodge", received_at="2024-12-19T08:00:00+07:00", source="Sổ công văn đến số 801").json()
    assert {n["received_at"] for n in earlier["nominations"]} == {earlier["received_at"]} == {"2024-12-19T08:00:00+07:00"}


@pytest.fixture(scope="module")
def at_the_deadline():
    """Services whose clocks stand at the last good second and at the first bad one."""
    with serving(Service(make_place(), now="2024-12-30T23:59:59+07:00")) as last, serving(Service(make_place(), now="2024-12-31T00:00:00+07:00")) as first:
        yield [last, first]


def test_lodging_takes_the_clock_of_the_service(at_the_deadline):
    """III.4.a: the last good second, and the first bad one."""
    for one, late in zip(at_the_deadline, (False, True)):
        top = make_unit(one.key("admin"))["id"]
        award_round = Round(one)
        award_round.register(top)
        dossier = Dossier(one.key("unit", top), award_round, top).complete(top)
        assert dossier.get().json()["warnings"][0]["code"] == ("DEADLINE_PASSED" if late else "LETTER_NOT_IDENTIFIED")
        shown = dossier.move("lodge").json()
        assert shown["late"] is late
        assert shown["received_at"] == ("2024-12-31T00:00:00+07:00" if late else "2024-12-30T23:59:59+07:00")


# ---- nominations ----

@pytest.mark.parametrize("votes, code", [
    ({**VOTES, "votes_for": 8}, "nominations_votes_sum"),          # 8 + 1 + 1 > 9 present
    ({**VOTES, "votes_for": 6}, "nominations_votes_sum"),          # one who was present did not vote at all
    ({**VOTES, "written_opinions": 1}, "nominations_votes_sum"),   # 9 votes of 10
    ({**VOTES, "votes_for": 10, "written_opinions": 3}, "nominations_votes_sum"),  # 12 of 11 members
    ({"written_opinions": 1}, "nominations_votes_whole"),
    ({**VOTES, "members_total": 8}, "nominations_votes_sum"),      # 9 present > 8 members
    ({"votes_for": 7}, "nominations_votes_whole")])
def test_votes_must_add_up(service, dossier, nominator, votes, code):
    before = unchanged(service)
    found = problem(dossier.nominate(nominator.below, **votes), 422, "invalid")
    assert (found["clause"], found["errors"][0]["code"]) == ("III.3.b", code)
    assert unchanged(service) == before


@pytest.mark.parametrize("votes", [
    {**VOTES, "votes_for": 9, "written_opinions": 2},  # all 11 members
    {**VOTES, "written_opinions": 0}, {**VOTES, "votes_for": 7, "members_present": 8, "written_opinions": 1},
    {"votes_for": 0, "votes_against": 0, "votes_abstain": 0, "members_present": 0, "members_total": 5}])
def test_opinions_in_writing_count_as_votes_of_members(dossier, nominator, votes):
    made = dossier.nominate(nominator.below, **votes)
    assert made.status_code == 201, made.text
    assert {name: made.json()[name] for name in votes} == votes and made.json()["written_opinions"] == votes.get("written_opinions", 0)
    assert dossier.get().json()["reasons_to_return"] == [r for r in dossier.get().json()["reasons_to_return"] if r["code"] == "REPORT_NOT_CONFIRMED"]


@pytest.mark.parametrize("votes, codes", [
    ((8, 0, 0, 8, 10, 0), []), ((7, 1, 0, 8, 10, 0), ["VOTES_BELOW_THRESHOLD"]),  # 8 of 10 members: 7 of 8 present is not enough
    ((8, 0, 0, 6, 10, 2), ["NO_QUORUM"]), ((6, 0, 0, 6, 10, 0), ["NO_QUORUM", "VOTES_BELOW_THRESHOLD"]), (None, [])])
def test_threshold_and_quorum_are_of_all_members_and_the_plans_own(service, unit, votes, codes):
    """Others use 80 % and 2/3; plan 230 has none."""
    award_round = Round(service)
    award_round.campaign = make_campaign(service, council={"threshold": {"p": 80, "q": 100}, "quorum": {"p": 2, "q": 3, "clause": "7.b"}}).rsplit("/", 1)[1]
    district = unit(kind="DISTRICT")["id"]
    commune = unit(kind="COMMUNE", parent_id=district)["id"]
    award_round.register(commune)
    own, above = service.key("unit", commune), service.key("unit", district)
    dossier = Dossier(own, award_round, commune)
    names = ("votes_for", "votes_against", "votes_abstain", "members_present", "members_total", "written_opinions")
    assert dossier.nominate(commune, confirmed_by="Chủ tịch", confirmed_on="2024-12-17", **dict(zip(names, votes or ()))).status_code == 201
    found = dossier.get().json()["reasons_to_return"]
    assert [r["code"] for r in found] == codes
    assert all(r["clause"] == ("7.b" if r["code"] == "NO_QUORUM" else "III.3.b") and r["unit_id"] == commune for r in found)
    assert above.get(dossier.url).json()["reasons_to_return"] == []  # they tell of votes


def test_an_individual_is_refused_by_i_1_c(service, dossier, nominator):
    before = unchanged(service)
    assert problem(dossier.nominate(nominator.below, nominee="INDIVIDUAL"), 422, "rule-refused")["clause"] == "I.1.c"
    assert unchanged(service) == before


def test_only_contestants_of_the_round_are_nominated(service, unit, dossier, nominator):
    outside = unit(kind="PROVINCIAL_SUBUNIT", parent_id=nominator.top)["id"]
    before = unchanged(service)
    assert problem(dossier.nominate(outside), 422, "rule-refused")["clause"] == "II.1"
    assert unchanged(service) == before


def test_only_the_nominators_own_subtree_is_nominated(service, unit, dossier, award_round):
    stranger = unit()["id"]
    award_round.register(stranger)
    before = unchanged(service)
    problem(dossier.nominate(stranger), 422, "rule-refused")
    problem(dossier.nominate(uuid.uuid4()), 422, "rule-refused")
    assert unchanged(service) == before


def test_replacing_and_deleting_a_nomination_needs_the_version(service, dossier, nominator):
    made = dossier.nominate(nominator.below, **VOTES)
    assert made.headers["Location"] == f"{dossier.url}/nominations/{nominator.below}"
    problem(dossier.nominate(nominator.below), 428, "version-required")
    url = made.headers["Location"]
    changed = nominator.put(url, json={**VOTES, "votes_for": 6, "votes_abstain": 2}, headers={"If-Match": made.headers["ETag"]})
    assert changed.status_code == 200 and changed.json()["votes_for"] == 6
    problem(nominator.put(url, json=VOTES, headers={"If-Match": made.headers["ETag"]}), 412, "stale-version")
    problem(nominator.delete(url), 428, "version-required")
    read = nominator.get(url)
    dossier.put(f"nominations/{nominator.below}/documents/REPORT")
    problem(nominator.delete(url, headers={"If-Match": read.headers["ETag"]}), 412, "stale-version")
    gone = nominator.delete(url, headers={"If-Match": nominator.get(url).headers["ETag"]})
    assert gone.status_code == 200 and gone.json()["nominations"] == [] and gone.json()["documents"] == []
    problem(nominator.get(url), 404, "not-found")
    dossier.nominate(nominator.below)
    assert dossier.get().json()["nominations"][0]["documents"] == {"REPORT": "MISSING"}  # an old report does not come back with it


def test_votes_are_seen_by_the_offices_and_the_nominator_only(service, clients, unit, award_round):
    district = unit(kind="DISTRICT")["id"]
    commune = unit(kind="COMMUNE", parent_id=district)["id"]
    award_round.register(commune)
    own, above = service.key("unit", commune), service.key("unit", district)
    dossier = Dossier(own, award_round, commune)
    dossier.nominate(commune, **VOTES)
    url = f"{dossier.url}/nominations/{commune}"
    for reader in (own, clients["home_affairs"], clients["chair_office"], clients["auditor"]):
        assert reader.get(url).json()["votes_for"] == 7
        assert reader.get(dossier.url).json()["nominations"][0]["members_total"] == 11
    shown = above.get(url).json()
    assert shown["council_result"] == "PRESENT" and not [name for name in shown if "vote" in name or "members" in name]
    for text in (above.get(dossier.url).text, above.get("/v1/dossiers", params={"campaign": award_round.campaign}).text):
        assert dossier.id in text and "votes_for" not in text and "members_" not in text
    form = {"members": [{"name": "Nguyễn Văn An", "attendance": "PRESENT"}]}
    minutes = f"{dossier.url}/minutes"
    assert own.put(minutes, json=form, headers={"If-Match": dossier.etag()}).json()["nominations"][0]["votes_for"] == 7
    before = unchanged(service)
    for query in ({}, {"dry_run": "true"}):
        refused = above.put(minutes, json={"members": []}, params=query, headers={"If-Match": dossier.etag()})
        assert "votes_for" not in refused.text, "its answer told what nobody may read"
        problem(refused, 404, "not-found")
    problem(above.get(minutes), 404, "not-found")
    assert unchanged(service) == before and [m["name"] for m in own.get(minutes).json()["members"]] == ["Nguyễn Văn An"]


def test_nobody_writes_over_what_they_may_not_read(service, unit, award_round):
    """A body above the nominator writes into its dossier, and reads neither votes nor minutes: what it reads and sends back has none."""
    district = unit(kind="DISTRICT")["id"]
    commune = unit(kind="COMMUNE", parent_id=district)["id"]
    award_round.register(commune)
    own, above = service.key("unit", commune), service.key("unit", district)
    dossier = Dossier(own, award_round, commune).complete(commune, **VOTES)
    url, confirmed = f"{dossier.url}/nominations/{commune}", {"confirmed_by": "Chủ tịch", "confirmed_on": "2024-12-17"}
    sent = above.put(url, json=confirmed, headers={"If-Match": dossier.etag()})
    assert sent.status_code == 200 and "votes_for" not in sent.text, sent.text
    assert {name: own.get(url).json()[name] for name in (*VOTES, *confirmed)} == {**VOTES, **confirmed}
    told = json.loads(service.psql(f"SELECT after FROM journal WHERE resource = '{url}' ORDER BY id DESC LIMIT 1"))
    assert told["votes_for"] == 7, "the journal keeps the whole of it"
    cleared = above.put(url, json={**confirmed, "votes_for": None}, headers={"If-Match": dossier.etag()})  # by who says so
    assert cleared.status_code == 200 and own.get(url).json()["votes_for"] is None
    (minutes,) = [d for d in dossier.get().json()["documents"] if d["kind"] == "MINUTES"]
    before = unchanged(service)
    for path in ("documents/MINUTES", f"documents/{minutes['id']}"):
        problem(above.delete(f"{dossier.url}/{path}", headers={"If-Match": dossier.etag()}), 404, "not-found")
    problem(above.put(f"{dossier.url}/documents/MINUTES", data=make_pdf(), headers={**PDF, "If-Match": dossier.etag()}), 404, "not-found")
    assert unchanged(service) == before
    assert own.delete(f"{dossier.url}/documents/MINUTES", headers={"If-Match": dossier.etag()}).status_code == 200
    entered = above.put(f"{dossier.url}/documents/MINUTES", data=make_pdf(), headers=PDF)  # what it has in its hands it hands in
    assert entered.status_code == 201, entered.text


def test_who_holds_the_nominators_duties_reads_the_votes_that_it_has_to_complete(service, clients, unit, award_round):
    """Domain, section 8: a dossier that was returned is completed by the successor, who is what the nominator was."""
    above, heir = unit()["id"], unit()["id"]
    gone = unit(kind="PROVINCIAL_SUBUNIT", parent_id=above)["id"]
    award_round.register(gone)
    own = service.key("unit", gone)
    dossier = Dossier(own, award_round, gone).complete(gone, **VOTES)
    assert dossier.move("lodge").status_code == 200
    assert dossier.move("return", clients["home_affairs"], reason="Bổ sung biên bản").status_code == 200
    successor, superior = service.key("unit", heir), service.key("unit", above)
    reads = [f"{dossier.url}/minutes", f"{dossier.url}/documents/MINUTES"]
    assert [successor.get(path).status_code for path in reads] == [404, 404]
    ended = clients["admin"].post(f"/v1/units/{gone}/successions", json={
        "kind": "MERGE", "effective_on": "2025-07-01", "legal_basis": "NQ 1", "successors": [heir]})
    assert ended.status_code == 201, ended.text
    for client, status in ((successor, 200), (own, 200), (superior, 404)):
        assert [client.get(path).status_code for path in reads] == [status, status], client
        assert ("votes_for" in client.get(dossier.url).text) == (status == 200)
    changed = successor.put(reads[0], json={"members": []}, headers={"If-Match": dossier.etag()})
    assert changed.status_code == 200 and changed.json()["nominations"][0]["votes_for"] == 7


# ---- attributes ----

def test_minutes_are_not_later_than_the_letter(service, dossier, nominator):
    before = unchanged(service)
    late = nominator.merge(dossier.url, {"letter_date": "2024-12-18", "minutes_date": "2024-12-19"}, dossier.etag())
    found = problem(late, 422, "rule-refused")
    assert found["clause"] == "III.3" and unchanged(service) == before
    same_day = {"letter_date": "2024-12-18", "minutes_date": "2024-12-18"}
    assert nominator.merge(dossier.url, same_day, dossier.etag()).status_code == 200
    problem(nominator.merge(dossier.url, {"letter_date": "2024-12-17"}, dossier.etag()), 422, "rule-refused")
    cleared = nominator.merge(dossier.url, {"minutes_date": None}, dossier.etag()).json()
    assert (cleared["minutes_date"], cleared["letter_date"]) == (None, "2024-12-18")
    bad = problem(nominator.merge(dossier.url, {"letter_number": "TTr 12"}, dossier.etag()), 422, "invalid")
    assert bad["errors"][0]["pointer"] == "/letter_number"


# ---- who may, who sees ----

def test_another_units_key_sees_nothing_and_changes_nothing(service, clients, dossier, nominator):
    dossier.complete(nominator.below)
    stranger, etag, before = clients["unit"], dossier.etag(), unchanged(service)
    given = {"If-Match": etag}
    for answer in (
            stranger.get(dossier.url), stranger.head(dossier.url), stranger.merge(dossier.url, {"letter_date": None}, etag),
            stranger.post(dossier.url + "/transitions", json={"action": "withdraw"}, headers=given),
            stranger.get(f"{dossier.url}/nominations/{nominator.below}"),
            stranger.put(f"{dossier.url}/nominations/{nominator.below}", json={}, headers=given),
            stranger.delete(f"{dossier.url}/nominations/{nominator.below}", headers=given),
            stranger.get(dossier.url + "/documents"), stranger.get(dossier.url + "/documents/TO_TRINH"),
            stranger.get(dossier.url + "/documents/" + dossier.get().json()["documents"][0]["id"]),
            stranger.put(dossier.url + "/documents/TO_TRINH", data=make_pdf(),
                         headers={**given, "Content-Type": "application/pdf"}),
            stranger.delete(dossier.url + "/documents/TO_TRINH", headers=given),
            stranger.post(f"{dossier.url}/nominations/{nominator.below}/evidence", data=make_pdf(),
                          headers={"Content-Type": "application/pdf"})):
        assert answer.status_code == 404, answer.request.method + answer.request.url
    assert dossier.id not in stranger.get("/v1/dossiers").text
    assert unchanged(service) == before


def test_roles(service, clients, dossier, nominator, award_round):
    body = {"campaign": award_round.campaign, "year": 2024, "nominator_unit_id": nominator.top}
    before = unchanged(service)
    problem(clients["anyone"].get(dossier.url), 401, "unauthenticated")
    for role in ("viewer", "initiative_council", "admin"):
        problem(clients[role].get(dossier.url), 403, "forbidden")
    for role in ("viewer", "initiative_council", "admin", "chair_office", "auditor"):
        problem(clients[role].post("/v1/dossiers", json=body), 403, "forbidden")
    problem(clients["unit"].post("/v1/dossiers", json=body), 403, "outside-scope")
    problem(clients["home_affairs"].put(f"{dossier.url}/nominations/{nominator.below}", json={}), 403, "forbidden")
    problem(dossier.move("lodge", clients["home_affairs"]), 403, "forbidden")  # not on paper: the nominator's
    assert unchanged(service) == before


def test_nominators_do_not_accept_and_nobody_accepts_their_own(service, clients, dossier, nominator):
    dossier.complete(nominator.below)
    assert dossier.move("lodge").status_code == 200
    problem(dossier.move("accept_late", reason="Tự nhận"), 403, "forbidden")
    own_office = service.key("home_affairs", nominator.top)
    for action in ("accept", "accept_late", "return"):
        problem(dossier.move(action, own_office, reason="Tự nhận"), 403, "separation-of-duties")
    # Nor where only a nominee, not the nominator, is theirs.
    problem(dossier.move("return", service.key("home_affairs", nominator.below), reason="Lý do"), 403, "separation-of-duties")
    assert dossier.move("return", clients["home_affairs"], reason="Lý do").status_code == 200


def test_return_needs_a_reason(service, clients, dossier, nominator):
    dossier.complete(nominator.below).move("lodge")
    before = unchanged(service)
    problem(dossier.move("return", clients["home_affairs"]), 422, "invalid")
    assert unchanged(service) == before


def test_a_lodged_dossier_does_not_change(service, dossier, nominator):
    dossier.complete(nominator.below).move("lodge")
    etag, before = dossier.etag(), unchanged(service)
    problem(nominator.merge(dossier.url, {"letter_date": "2024-12-01"}, etag), 409, "conflict")
    problem(dossier.put("documents/TO_TRINH", etag=etag), 409, "conflict")
    problem(nominator.delete(dossier.url + "/documents/MINUTES", headers={"If-Match": etag}), 409, "conflict")
    problem(dossier.nominate(nominator.top), 409, "conflict")
    assert unchanged(service) == before


def test_stale_and_missing_versions(service, dossier, nominator):
    old = dossier.etag()
    dossier.complete(nominator.below)
    before = unchanged(service)
    problem(dossier.move("lodge", etag=old), 412, "stale-version")
    problem(nominator.post(dossier.url + "/transitions", json={"action": "lodge"}), 428, "version-required")
    assert unchanged(service) == before


def test_of_concurrent_transitions_with_one_version_one_wins(service, dossier, nominator):
    """The schedule: all compare the same version before any has raised it."""
    dossier.complete(nominator.below)
    etag, codes, start = dossier.etag(), [], threading.Barrier(6)

    def lodge():
        client = service.anonymous()
        client.headers["Authorization"] = nominator.headers["Authorization"]
        start.wait()
        codes.append(dossier.move("lodge", client, etag).status_code)
    threads = [threading.Thread(target=lodge) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] + [412] * 5
    assert service.psql(f"SELECT count(*) FROM journal WHERE type = 'dossier.lodged' AND resource = '{dossier.url}'") == "1"


def test_a_year_outside_the_plan_is_refused(service, nominator, award_round):
    before = unchanged(service)
    refused = nominator.post("/v1/dossiers", json={"campaign": award_round.campaign, "year": 2026,
                                                   "nominator_unit_id": nominator.top})
    assert problem(refused, 422, "rule-refused")["clause"] == "II.3" and unchanged(service) == before


# ---- successors (domain, section 8) ----

def test_a_body_dissolved_before_the_deadline_is_lodged_for_by_its_successor(service, unit, award_round):
    successor = unit()["id"]
    gone = unit(valid_to="2024-06-30")["id"]
    award_round.register(gone)
    client = service.key("unit", successor)
    body = {"campaign": award_round.campaign, "year": 2024, "nominator_unit_id": successor, "on_behalf_of_unit_id": gone}
    before = unchanged(service)
    assert problem(client.post("/v1/dossiers", json=body), 422, "invalid")["errors"][0]["pointer"] == "/reason"
    body["reason"] = "Sáp nhập từ 01/7/2024"
    refused = problem(client.post("/v1/dossiers", json=body), 422, "rule-refused")
    assert refused["errors"][0]["code"] == "dossiers_successor" and unchanged(service) == before
    award_round.sql("INSERT INTO successions (predecessor_id, successor_id, kind, effective_on, legal_basis) "
                    f"VALUES ('{gone}', '{successor}', 'MERGE', '2024-07-01', 'Nghị quyết')")
    made = client.post("/v1/dossiers", json=body)
    assert made.status_code == 201 and made.json()["on_behalf_of_unit_id"] == gone
    assert client.put(f"{made.headers['Location']}/nominations/{gone}", json={}).status_code == 201


def inherit(award_round, gone, heir):
    award_round.sql("INSERT INTO successions (predecessor_id, successor_id, kind, effective_on, legal_basis) "
                    f"SELECT '{gone}', '{heir}', 'MERGE', unit_life_end('{gone}'), 'Nghị quyết'")


def test_a_dissolved_body_stands_only_in_a_dossier_on_its_behalf(service, unit, award_round):
    """Domain, section 8: in the successor's own dossier it would come without a reason. What was part of it goes with it."""
    heir, gone, other = unit()["id"], unit(valid_to="2024-06-30")["id"], unit(valid_to="2024-06-30")["id"]
    part = unit(kind="PROVINCIAL_SUBUNIT", parent_id=gone, valid_to="2024-06-30")["id"]
    for body in (gone, other):
        inherit(award_round, body, heir)
    for body in (heir, gone, part, other):
        award_round.register(body)
    client = service.key("unit", heir)
    own, behalf = Dossier(client, award_round, heir), Dossier(client, award_round, heir, on_behalf_of_unit_id=gone, reason="Sáp nhập")
    before = unchanged(service)
    for held, refused in ((own, (gone, part, other)), (behalf, (other,))):
        for body in refused:
            found = problem(held.nominate(body), 422, "rule-refused")
            assert (found["clause"], found["errors"][0]["code"]) == ("III.4.a", "nominations_ended")
            assert "on_behalf_of_unit_id" in found["errors"][0]["detail"]
    assert unchanged(service) == before
    assert own.nominate(heir).status_code == 201
    assert behalf.complete(gone, part).move("lodge").json()["on_behalf_reason"] == "Sáp nhập"


def test_no_dossier_of_a_year_without_its_body(service, clients, unit, award_round):
    """As the register of contestants. A body founded later lodges for one that was there."""
    late, gone = unit(valid_from="2025-07-01")["id"], unit(valid_to="2023-06-30")["id"]
    inherit(award_round, gone, late)
    body = {"campaign": award_round.campaign, "year": 2024, "nominator_unit_id": late}
    successor = service.key("unit", late)
    before = unchanged(service)
    for client in (successor, clients["home_affairs"]):
        for more, pointer in (({}, "/nominator_unit_id"), ({"on_behalf_of_unit_id": gone, "reason": "Sáp nhập"}, "/on_behalf_of_unit_id")):
            found = problem(client.post("/v1/dossiers", json={**body, **more}), 422, "rule-refused")
            assert found["clause"] == "II.1" and found["errors"][0]["pointer"] == pointer
    assert unchanged(service) == before
    there = unit(valid_to="2024-06-30")["id"]
    inherit(award_round, there, late)
    assert Dossier(successor, award_round, late, on_behalf_of_unit_id=there, reason="Sáp nhập").id


def move_to(admin, body, parent, day):
    moved = admin.merge(f"/v1/units/{body}", {"valid_from": day, "parent_id": parent, "legal_basis": "1/QĐ"},
                        admin.get(f"/v1/units/{body}").headers["ETag"])
    assert moved.status_code == 200, moved.text


@pytest.mark.parametrize("leaves, clause", [("ends", "III.4.a"), ("moves", "III.3.a")])
def test_a_nominee_that_left_before_the_lodging_is_not_lodged(service, clients, unit, award_round, leaves, clause):
    """Neither with the dossier nor added to it; what was received before the body ended, or moved, may be completed."""
    owner, other = unit()["id"], unit()["id"]
    received, added, drafted = (unit(kind="PROVINCIAL_SUBUNIT", parent_id=owner)["id"] for _ in range(3))
    for body in (received, added, drafted):
        award_round.register(body)
    client = service.key("unit", owner)
    held, draft = (Dossier(client, award_round, owner).complete(body) for body in (received, drafted))
    assert held.move("lodge").status_code == 200
    assert held.move("return", clients["home_affairs"], reason="Bổ sung").status_code == 200
    held.complete_nominee(added)
    for body in (received, added, drafted):
        if leaves == "moves":
            move_to(clients["admin"], body, other, "2024-06-01")
        else:
            award_round.sql(f"UPDATE unit_periods SET valid = daterange(lower(valid), '2024-07-01') WHERE unit_id = '{body}'")
    before = unchanged(service)
    writes = [dossier.move("lodge") for dossier in (held, draft)]
    writes += [client.put(f"{dossier.url}/nominations/{body}", json=VOTES, headers={"If-Match": dossier.etag()})
               for dossier, body in ((held, added), (draft, drafted))]
    for refused in writes:
        assert problem(refused, 422, "rule-refused")["clause"] == clause
    assert unchanged(service) == before
    completed = client.put(f"{held.url}/nominations/{received}", json=VOTES, headers={"If-Match": held.etag()})
    assert completed.status_code == 200, completed.text
    for dossier, body in ((held, added), (draft, drafted)):
        assert client.delete(f"{dossier.url}/nominations/{body}", headers={"If-Match": dossier.etag()}).status_code == 200
    assert held.move("lodge").json()["state"] == "LODGED"


def test_a_draft_of_the_former_parent_keeps_nobody_from_nominating(service, clients, unit, award_round):
    """III.3.a: who has another parent by then is nominated by that one, who cannot take it out of the former one's draft."""
    owner, other = unit()["id"], unit()["id"]
    received, added, drafted = bodies = [unit(kind="PROVINCIAL_SUBUNIT", parent_id=owner)["id"] for _ in range(3)]
    for body in bodies:
        award_round.register(body)
    former, present = service.key("unit", owner), service.key("unit", other)
    held, draft = (Dossier(former, award_round, owner).complete(body) for body in (received, drafted))
    assert held.move("lodge").status_code == 200
    assert held.move("return", clients["home_affairs"], reason="Bổ sung").status_code == 200
    held.complete_nominee(added)
    for body in bodies:
        move_to(clients["admin"], body, other, "2024-06-01")
    dossier = Dossier(present, award_round, other)
    found = problem(dossier.nominate(received), 409, "conflict")
    assert found["clause"] == "III.3"  # what was received holds, whoever the parent is now
    assert dossier.complete(added, drafted).move("lodge").status_code == 200
    for body in bodies:  # back again: nominated there all the same
        move_to(clients["admin"], body, owner, "2024-06-02")
    before = unchanged(service)
    for lodging in (held.move("lodge"), draft.move("lodge")):
        assert problem(lodging, 409, "conflict")["clause"] == "III.3"
    assert unchanged(service) == before
    assert dossier.move("withdraw", present, reason="Trả về").status_code == 200
    assert draft.move("lodge").status_code == 200 and held.move("lodge").status_code == 200
    assert problem(Dossier(present, award_round, other).nominate(drafted), 422, "rule-refused")["clause"] == "III.3.a"


@pytest.fixture
def kept_open(service):
    """A write that tells the journal of this waits with all that it has written, until what is yielded is called."""
    @contextlib.contextmanager
    def gate(event):
        made = service.psql(f"""CREATE FUNCTION test_gate() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7468690002); RETURN NEW; END $$;
            CREATE TRIGGER test_gate BEFORE INSERT ON journal FOR EACH ROW WHEN (NEW.type = '{event}') EXECUTE FUNCTION test_gate()""")
        assert "ERROR" not in made, made
        with service.holding("SELECT pg_advisory_xact_lock(7468690002)") as release:
            yield release
        wait_until(lambda: "ERROR" not in service.psql("DROP TRIGGER test_gate ON journal; DROP FUNCTION test_gate()"))
    return gate


@pytest.mark.parametrize("first", ["lodges", "nominates"])
def test_of_who_lodges_and_who_nominates_one_that_moved_the_second_is_refused(service, clients, unit, award_round, kept_open, first):
    """The schedule: a paper dossier that came before the unit moved is lodged, and its new body nominates it. Neither has been kept when the other comes."""
    office, owner, other = clients["home_affairs"], unit()["id"], unit()["id"]
    body = unit(kind="PROVINCIAL_SUBUNIT", parent_id=owner)["id"]
    award_round.register(body)
    move_to(clients["admin"], body, other, "2024-12-10")
    paper, dossier = Dossier(office, award_round, owner).complete(body), Dossier(service.key("unit", other), award_round, other)
    acts = {"lodges": lambda: paper.move("lodge", received_at="2024-12-09T08:00:00+07:00", source="Sổ công văn đến"),
            "nominates": lambda: dossier.nominate(body)}
    earlier, later = acts.pop(first), *acts.values()
    waiting = lambda: int(service.psql("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"))
    with kept_open({"lodges": "dossier.lodged", "nominates": "nomination.created"}[first]) as release, concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(earlier)]
        wait_until(lambda: waiting() == 1)
        answers.append(pool.submit(later))
        wait_until(lambda: waiting() == 2 or answers[1].done())
        assert not answers[1].done(), answers[1].result().text
        release()
        done, refused = (answer.result() for answer in answers)
    assert done.status_code in (200, 201), done.text
    assert problem(refused, 409, "conflict")["clause"] == "III.3"
    assert service.psql(f"SELECT dossier_id FROM nominations WHERE unit_id = '{body}' AND standing") == (paper if first == "lodges" else dossier).id


def test_a_nominee_belongs_to_whom_it_belonged_when_it_was_received(clients, unit, award_round):
    """III.3.a, III.4.a: a paper dossier is entered later than it came; its nominees may have moved meanwhile, by themselves or with their parent."""
    office, owner, other = clients["home_affairs"], unit()["id"], unit()["id"]
    moved, added, below, newcomer = (unit(kind="PROVINCIAL_SUBUNIT", parent_id=parent)["id"] for parent in (owner, owner, owner, other))
    for body in (moved, added, below, newcomer):
        award_round.register(body)
    for body, parent in ((moved, other), (added, other), (newcomer, owner)):
        move_to(clients["admin"], body, parent, "2024-12-10")
    paper = {"source": "Sổ công văn đến"}
    dossier = Dossier(office, award_round, owner).complete(moved, below)
    for instant in ("2024-12-10T00:00:00+07:00", None):
        late = dossier.move("lodge", **({"received_at": instant, **paper} if instant else {}))
        assert problem(late, 422, "rule-refused")["clause"] == "III.3.a"
    assert dossier.move("lodge", received_at="2024-12-09T23:59:59+07:00", **paper).status_code == 200
    assert dossier.move("return", office, reason="Bổ sung").status_code == 200
    dossier.complete_nominee(added)
    assert problem(dossier.move("lodge", received_at="2024-12-10T00:00:00+07:00", **paper), 422, "rule-refused")["clause"] == "III.3.a"
    assert dossier.move("lodge", received_at="2024-12-09T08:00:00+07:00", **paper).status_code == 200
    early = Dossier(office, award_round, owner).complete(newcomer)
    assert problem(early.move("lodge", received_at="2024-12-09T08:00:00+07:00", **paper), 422, "rule-refused")["clause"] == "III.3.a"
    assert early.move("lodge", received_at="2024-12-10T00:00:00+07:00", **paper).status_code == 200
    never = problem(Dossier(office, award_round, owner).nominate(unit(kind="PROVINCIAL_SUBUNIT", parent_id=other)["id"]), 422, "rule-refused")
    assert never["clause"] == "III.3.a"


def test_a_dissolved_body_neither_makes_nor_lodges_a_dossier_of_its_own(service, clients, unit, award_round):
    """Domain, section 8. What it drafted while it stood does not get round that; what was received then may be completed."""
    drafted, received, gone = (unit()["id"] for _ in range(3))
    held = {}
    for nominator in (drafted, received):
        award_round.register(nominator)
        held[nominator] = Dossier(service.key("unit", nominator), award_round, nominator).complete(nominator)
    assert held[received].move("lodge").status_code == 200
    assert held[received].move("return", clients["home_affairs"], reason="Thiếu chữ ký").status_code == 200
    heir = unit()["id"]
    for body in (drafted, received, gone):
        award_round.sql(f"UPDATE unit_periods SET valid = daterange(lower(valid), '2024-07-01') WHERE unit_id = '{body}'")
        inherit(award_round, body, heir)
    successor = service.key("unit", heir)
    for dossier in held.values():
        dossier.client = successor
    before = unchanged(service)
    for client in (successor, clients["home_affairs"]):
        refused = problem(client.post("/v1/dossiers", json={"campaign": award_round.campaign, "year": 2024, "nominator_unit_id": gone}),
                          422, "rule-refused")
        assert refused["errors"][0]["pointer"] == "/nominator_unit_id" and "on_behalf_of_unit_id" in refused["errors"][0]["detail"]
    refused = problem(held[drafted].move("lodge"), 422, "rule-refused")
    assert refused["clause"] == "III.4.a" and refused["errors"][0]["code"] == "dossiers_nominator_ended"
    assert unchanged(service) == before
    assert held[received].move("lodge").json()["state"] == "LODGED"


@pytest.mark.parametrize("last_day, stands", [("2024-12-29", False), ("2024-12-30", False), ("2024-12-31", True), ("2998-12-31", True)])
def test_a_body_that_saw_the_deadline_pass_is_its_own_nominator(service, unit, award_round, last_day, stands):
    """Exactly where it may not be, its successor may nominate on its behalf. Once it has ended, the successor's key acts in both cases."""
    body, heir = unit(valid_to=last_day)["id"], unit()["id"]
    inherit(award_round, body, heir)
    made, client = {"campaign": award_round.campaign, "year": 2024}, service.key("unit", heir)
    own = (client if last_day < "2026" else service.key("unit", body)).post("/v1/dossiers", json={**made, "nominator_unit_id": body})
    behalf = client.post("/v1/dossiers", json={
        **made, "nominator_unit_id": heir, "on_behalf_of_unit_id": body, "reason": "Sáp nhập"})
    assert (own.status_code, behalf.status_code) == ((201, 422) if stands else (422, 201))


def test_nobody_lodges_on_behalf_of_a_body_that_still_stands_or_ended_later(unit, award_round, nominator):
    for other in (nominator.below, unit(parent_id=nominator.top, valid_to="2025-02-28")["id"]):
        body = {"campaign": award_round.campaign, "year": 2024, "nominator_unit_id": nominator.top,
                "on_behalf_of_unit_id": other, "reason": "Thay"}
        problem(nominator.post("/v1/dossiers", json=body), 422, "rule-refused")


# ---- lists and facts ----

def test_lists_filter_and_page(nominator, clients, award_round):
    made = [Dossier(nominator, award_round, nominator.top).id for _ in range(3)]
    query = {"campaign": award_round.campaign, "year": 2024, "nominator_unit_id": nominator.top, "state": "DRAFT", "limit": 2}
    first = clients["auditor"].get("/v1/dossiers", params=query).json()
    second = clients["auditor"].get("/v1/dossiers", params={**query, "cursor": first["next"]}).json()
    assert [d["id"] for d in first["items"] + second["items"]] == made and second["next"] is None
    assert clients["auditor"].get("/v1/dossiers", params={**query, "state": "LODGED"}).json()["items"] == []


def found(client, award_round, **query):
    return [d["id"] for d in client.get("/v1/dossiers", params={"campaign": award_round.campaign, **query}).json()["items"]]


def test_lists_by_nominee(nominator, clients, award_round):
    first, second = (Dossier(nominator, award_round, nominator.top) for _ in range(2))
    first.nominate(nominator.below)
    second.nominate(nominator.top)
    auditor = clients["auditor"]
    assert [found(auditor, award_round, nominee_unit_id=unit) for unit in (nominator.below, nominator.top)] == [[first.id], [second.id]]
    assert first.move("withdraw").status_code == 200 and second.nominate(nominator.below).status_code == 201
    assert found(nominator, award_round, nominee_unit_id=nominator.below) == [first.id, second.id]  # what was withdrawn has named it too
    assert found(auditor, award_round, nominee_unit_id=nominator.below, state="DRAFT") == [second.id]


def test_lists_by_lateness_as_each_dossier_says_of_itself(service, clients):
    """Whatever makes one late, or no longer: its receipt, a nominee that is added, one that is taken out, a plan that moves the cut-off."""
    held = AwardRound(service, clients, 1)
    rounds, path = Round(service), held.dossier
    rounds.campaign = held.campaign.rsplit("/", 1)[1]
    draft = held.done(held.unit_client.post("/v1/dossiers", json={"campaign": rounds.campaign, "year": 2024, "nominator_unit_id": held.parent}))["id"]

    def late():
        listed = held.auditor.get("/v1/dossiers", params={"campaign": rounds.campaign}).json()["items"]
        said = {d["id"]: d["late"] for d in listed}
        assert said == {id: held.auditor.get(f"/v1/dossiers/{id}").json()["late"] for id in said} and said.pop(draft) is None
        for wanted in (True, False):
            assert found(held.auditor, rounds, late=str(wanted).lower()) == [id for id, is_late in said.items() if is_late is wanted]
        return said[path.rsplit("/", 1)[1]]

    assert late() is False
    held.done(held.move(held.home, path, "return", reason="Thiếu chữ ký"))
    added = added_to(held, path)
    assert late() is False
    held.done(held.move(held.unit_client, path, "lodge"))
    assert late() is True
    held.done(held.move(held.home, path, "return", reason="Nộp trễ"))
    held.done(held.unit_client.delete(f"{path}/nominations/{added}", headers=held.etag(path)))
    assert late() is False
    cut_offs = copy.deepcopy(PLAN["cut_offs"])
    cut_offs["dossier"]["month_day"] = "12-15"
    load_plan(service, {**PLAN, "code": rounds.campaign, "cut_offs": cut_offs})
    assert late() is True
    load_plan(service, {**PLAN, "code": rounds.campaign})
    assert late() is False


def test_the_engines_facts(service, clients, nominator, award_round):
    def fact(name, unit_id):
        # In the zone that the service's own connections have.
        call = f"SELECT {name}('{award_round.campaign}', 2024, '{unit_id}')"
        return service.psql(f"SET timezone = 'Asia/Ho_Chi_Minh'; {call}").removeprefix("SET").strip()
    assert fact("dossier_facts", nominator.below) == "{}" and fact("document_facts", nominator.below) == "{}"
    assert fact("dossier_of", nominator.below) == ""
    dossier = Dossier(clients["home_affairs"], award_round, nominator.top)
    dossier.nominate(nominator.below)
    dossier.put("documents/MINUTES")
    assert json.loads(fact("document_facts", nominator.below)) == {"TO_TRINH": "MISSING", "MINUTES": "PRESENT", "REPORT": "MISSING"}
    assert "dossier_received_at" not in json.loads(fact("dossier_facts", nominator.below))
    dossier.put("documents/TO_TRINH")
    dossier.put(f"nominations/{nominator.below}/documents/REPORT")
    dossier.move("lodge", received_at="2025-01-05T08:00:00+07:00", source="Sổ")
    dossier.move("accept_late", reason="Chấp nhận")
    facts = json.loads(fact("dossier_facts", nominator.below))
    assert {name: f["value"] for name, f in facts.items()} == {
        "dossier_received_at": "2025-01-05T08:00:00+07:00", "dossier_state": "ACCEPTED", "late_accepted": True}
    for f in facts.values():
        assert f["source"] == f"dossiers/{dossier.id}" and f["recorded_at"] and f["version"] == int(
            dossier.etag().strip('"').split("-")[0])
    assert fact("dossier_of", nominator.below) == dossier.id


def test_the_deadline_is_the_plans(service, unit, award_round):
    """III.4.a: 31/12 is this plan's; another plan's is another, and no code changes."""
    cut_offs = copy.deepcopy(PLAN["cut_offs"])
    cut_offs["dossier"]["month_day"] = "11-30"
    award_round.campaign = make_campaign(service, cut_offs=cut_offs).rsplit("/", 1)[1]
    top = unit()["id"]
    award_round.register(top)
    dossier = Dossier(service.key("unit", top), award_round, top).complete(top)
    assert dossier.get().json()["deadline"] == "2024-11-29T23:59:59+07:00"
    assert dossier.move("lodge").status_code == 200
    receive = lambda instant: dossier.move("accept", award_round.home, received_at=instant, source="Sổ công văn đến")
    assert problem(receive("2024-11-30T00:00:00+07:00"), 422, "rule-refused")["clause"] == "III.4.a"
    assert receive("2024-11-29T16:59:59Z").json()["late"] is False
