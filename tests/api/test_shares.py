"""Places that are a share of those who meet the standard (đạt tiêu chuẩn), over HTTP: how many there are is known by the verdicts."""
import io

import openpyxl
import pytest

from award_tools import number
from conftest import PLAN
from service import problem
from test_award_side import REGISTERED, FormsRound, Held, allocate, by_form, criterion, form, leaf, registered, rules, with_more_people


def share_of(share, per="WHOLE", **members):
    return {"share": share, "of": "ELIGIBLE", "rounding": "DOWN", "citations": ["c"], "per": per, **members}


def with_people(*forms):
    """Whoever has ten people meets the standard. Who has not said how many may come to."""
    people = criterion("2", leaf("threshold", "people", fact="members_total", op=">=", value=10))
    more = [(name, {"facts": {"is_contestant": {"value": True}, "members_total": {"value": n}}}, {}, overall)
            for name, n, overall in (("many", 10, "ELIGIBLE"), ("few", 9, "INELIGIBLE"))]
    made = rules([registered(), people], more + REGISTERED[1:], forms=list(forms))
    del made["standings"]["cap"]
    return made


def tell_people(held, unit, count=10):
    path = f"{held.round}/contestants/{unit}"
    entry = held.done(held.auditor.get(path))
    held.done(held.home.put(path, headers=held.etag(path), json={
        **{name: entry[name] for name in ("group", "on_assessed_list", "advises_par", "source_document") if entry.get(name) is not None},
        **({"members_total": count, "members_women": 0} if count else {})}))


def places(standings, code="CO"):
    [found] = [each for each in standings["forms"] if each["form"] == code]
    return found["places"]


def test_how_many_there_are_is_a_range_while_verdicts_are_open(service, clients):
    held = Held(service, clients, with_people(form("CO", share_of("50 %"))), cap=20)
    best, second, third = (held.unit(score, members=(10, 0)) for score in (90, 80, 70))
    held.unit(99, members=(9, 0))  # does not meet the standard, and counts nowhere
    low, lowest = held.unit(60), held.unit(50)
    evaluation = held.evaluate()
    shown = held.standings(evaluation)
    assert places(shown) == {"count": 1, "most": 2, "of": "ELIGIBLE", "per": "WHOLE", "counted": 3, "counted_most": 5, "share": "50.00 %", "rounding": "DOWN"}
    assert shown["cap"] == shown["forms"][0]["cap"] == 1 and shown["exact"] is True
    found = {item["unit_id"]: item for item in shown["items"]}
    assert [found[u]["status"] for u in (best, second, third, low, lowest)] == ["SECURE", "POSSIBLE", "OUT", "OUT", "OUT"]
    # It ranks above both, and has a place if one of them meets the standard.
    assert {(each["unit_id"], each["fact"]) for each in found[second]["waits_for"]} == {(low, "members_total"), (lowest, "members_total")}
    held.replays(evaluation)
    tell_people(held, lowest)
    shown = held.standings()
    assert (places(shown)["count"], places(shown)["most"]) == (2, 2)
    assert {item["unit_id"]: item["status"] for item in shown["items"]}[second] == "SECURE"


def test_another_form_may_say_who_counts(service, clients):
    """The flag goes to half of those who meet the standard of the certificate, which is lower than its own."""
    made = with_people(form("CO", share_of("50 %", form="GIAY_KHEN")), form("GIAY_KHEN", share_of("50 %"), eligible="1"))
    made["cases"][1]["expect"]["overall"] = made["cases"][-1]["expect"]["overall"] = "ELIGIBLE"
    made["cases"] = [case for case in made["cases"] if case["name"] != "unknown"] + [
        {"name": "unknown", "change": {}, "expect": {"overall": "PENDING"}}]
    held = Held(service, clients, made, cap=20)
    first, next_best = (held.unit(score, members=(10, 0)) for score in (60, 50))
    few = [held.unit(score, members=(9, 0)) for score in (90, 80)]
    evaluation = held.evaluate()
    shown = held.standings(evaluation)
    assert (places(shown)["form"], places(shown)["count"], places(shown)["counted"]) == ("GIAY_KHEN", 2, 4)
    assert "form" not in places(shown, "GIAY_KHEN") and places(shown, "GIAY_KHEN")["counted"] == 4  # who has the flag counts, too
    found = by_form(shown)
    assert {unit for unit in found["CO"] if found["CO"][unit]["status"] == "SECURE"} == {first, next_best}
    assert {unit for unit in found["GIAY_KHEN"] if found["GIAY_KHEN"][unit]["status"] == "SECURE"} == set(few)
    held.replays(evaluation)


def test_who_is_kept_out_by_people_still_meets_the_standard(service, clients):
    held = Held(service, clients, with_people(form("CO", share_of("50 %"))), cap=20)
    units = [held.unit(score, members=(10, 0)) for score in (90, 80, 70, 60)]
    held.done(held.home.post(f"/v1/evaluations/{held.evaluate()}/overrides", json={
        "unit_id": units[0], "form": "CO", "decided": "OUT", "reason": "Hội đồng", "legal_basis": "7/TB"}))
    evaluation = held.evaluate()
    shown = held.standings(evaluation)
    assert (places(shown)["count"], places(shown)["counted"]) == (2, 4)
    found = {item["unit_id"]: item for item in shown["items"]}
    assert [found[u]["status"] for u in units[1:]] == ["SECURE", "SECURE", "OUT"] and found[units[2]]["freed"]
    held.replays(evaluation)


def test_each_group_has_a_share_of_its_own_and_of_the_whole_a_part_may_be_allocated(service, clients):
    held = Held(service, clients, with_people(form("CO", share_of("50 %", "GROUP")), form("BANG_KHEN", share_of("50 %"))), cap=20)
    xa = [held.unit(score, group="XA", kind="COMMUNE", members=(10, 0)) for score in (90, 80, 70, 60)]
    so = [held.unit(score, members=(10, 0)) for score in (90, 80)]
    held.unit(50)  # may come to meet the standard: that opens nothing for the communes
    [error] = problem(allocate(held, {"group": "XA", "slots": 1, "form": "CO"}), 422, "invalid")["errors"]
    assert error["code"] == "form_by_group"
    held.done(allocate(held, {"group": "XA", "slots": 1, "form": "BANG_KHEN"}))
    evaluation = held.evaluate()
    shown = held.standings(evaluation)
    assert (places(shown)["count"], places(shown)["counted"], places(shown)["counted_most"]) == (3, 6, 7)
    found = by_form(shown)
    assert [found["CO"][u]["status"] for u in xa + so] == ["SECURE", "SECURE", "OUT", "OUT", "SECURE", "OUT"]
    # Three in all: one is the communes', and the others share what is left.
    assert (places(shown, "BANG_KHEN")["count"], places(shown, "BANG_KHEN")["most"]) == (3, 3)
    assert [found["BANG_KHEN"][u]["status"] for u in xa + so] == ["OUT", "OUT", "SECURE", "OUT", "OUT", "SECURE"]
    held.replays(evaluation)


@pytest.mark.parametrize("per", ["WHOLE", "GROUP"])
def test_no_more_are_signed_than_there_are_whatever_comes(service, clients, per):
    usual = [each["id"] for each in PLAN["criteria_set"]["criteria"]]
    held = FormsRound(service, clients, 4, [form("CO", share_of("50 %", per, citations=["III.1.a"])), form("GIAY_KHEN", 1, eligible={"all": usual})],
                      change=with_more_people)
    first, second, third, fourth = held.units
    for unit, people in zip(held.units, (10, 10, None, None)):
        tell_people(held, unit, people)
    evaluation = held.evaluate()
    shown = held.done(held.auditor.get(f"/v1/evaluations/{evaluation}/standings"))
    assert (places(shown)["count"], places(shown)["most"]) == (1, 2)
    problem(held.propose([(second, "CO")]), 422, "rule-refused")
    held.done(held.override(evaluation, second, "SECURE", form="CO"))
    proposal = "/v1/proposals/" + held.done(held.propose([(first, "CO"), (second, "CO")]))["id"]
    sheet = openpyxl.load_workbook(io.BytesIO(held.auditor.get(f"{proposal}/summary").content)).worksheets[0]
    assert any("Co: 1–2 (50.00 % of 2–4 that meet the standard)" in str(row[0].value) for row in sheet.iter_rows())
    held.done(held.move(held.home, proposal, "submit"))
    decision = "/v1/decisions/" + held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
    refused = problem(held.sign(decision, number()), 409, "cap-reached")
    assert "Co has 1 places; with this decision it would have 2 awards." in refused["errors"][0]["detail"]
    # Of those who came to count afterwards another evaluation knows.
    held.done(held.chair.post(f"{decision}/cancel", headers=held.etag(decision), json={"reason": "Chờ đủ dữ liệu"}))
    for unit in (third, fourth):
        tell_people(held, unit)
    held.signed([(first, "CO"), (second, "CO")])
    shown = held.done(held.auditor.get(f"/v1/evaluations/{held.evaluate()}/standings"))
    assert (places(shown)["counted"], shown["forms"][0]["taken"]) == (4, 2), "who is awarded counts"


def test_of_two_evaluations_none_gives_a_place_of_a_group_again(service, clients):
    """Each proposal is right by its own evaluation. One of two who meet the standard is one place."""
    held = FormsRound(service, clients, 2, [form("CO", share_of("50 %", "GROUP", citations=["III.1.a"]))])
    drafts = [held.drafted([(held.units[0], "CO")])]
    held.score(held.units[1], 100)
    drafts.append(held.drafted([(held.units[1], "CO")]))
    held.done(held.sign(drafts[0], number()))
    refused = problem(held.sign(drafts[1], number()), 409, "cap-reached")
    assert {"Co has 1 places; with this decision it would have 2 awards.", "Co, Units under departments has 1 places; with this decision it would have 2 awards."} == {
        error["detail"] for error in refused["errors"]}


@pytest.mark.parametrize("per", ["WHOLE", "GROUP"])
def test_who_does_not_meet_the_standard_any_more_opens_no_place_for_others(service, clients, per):
    """Between submission and signature: the newest evaluation says that there are fewer places than the one behind the proposal."""
    held = FormsRound(service, clients, 4, [form("CO", share_of("50 %", per, citations=["III.1.a"]))])
    decision = held.drafted([(unit, "CO") for unit in held.units[:2]])
    for unit in held.units[2:]:
        path = f"{held.round}/findings/{unit}"
        held.done(held.home.put(path, headers=held.etag(path), json={"contents": [
            {"content": c, "score": "5", "result": "NOT_OUTSTANDING", "reason": "Đã rà soát lại", "evidence": []} for c in "ABCD"]}))
    shown = held.done(held.auditor.get(f"/v1/evaluations/{held.evaluate()}/standings"))
    assert (places(shown)["count"], places(shown)["counted"]) == (1, 2)
    refused = problem(held.sign(decision, number()), 409, "cap-reached")
    assert [error["detail"] for error in refused["errors"]] == [
        f"{name} has 1 places; with this decision it would have 2 awards." for name in ("Co", "Co, Units under departments")[:1 + (per == "GROUP")]]
    held.done(held.chair.post(f"{decision}/cancel", headers=held.etag(decision), json={"reason": "Chỉ còn một suất"}))
    proposal = "/v1/proposals/" + held.done(held.auditor.get(decision))["proposal_id"]
    held.done(held.move(held.home, proposal, "withdraw", reason="Chỉ còn một suất"))
    held.signed([(held.units[0], "CO")])


def test_replay_finds_that_the_places_were_changed(service, clients):
    held = Held(service, clients, with_people(form("CO", share_of("50 %"))), cap=20)
    held.unit(90, members=(10, 0)), held.unit(80, members=(10, 0))
    evaluation = held.evaluate()
    held.replays(evaluation)
    service.psql("ALTER TABLE evaluations DISABLE TRIGGER evaluations_stay")
    try:
        assert service.psql(f"UPDATE evaluations SET counted_places = jsonb_set(counted_places, '{{CO,count}}', '2') WHERE id = '{evaluation}'") == "UPDATE 1"
    finally:
        service.psql("ALTER TABLE evaluations ENABLE TRIGGER evaluations_stay")
    difference = held.done(held.auditor.post(f"/v1/evaluations/{evaluation}/replay"))["difference"]
    assert (difference["kind"], difference["stored"]["CO"]["count"], difference["recomputed"]["CO"]["count"]) == ("STANDINGS", 2, 1)


def test_forms_beyond_the_cap_of_the_year_are_warned_of(service, clients):
    held = Held(service, clients, with_people(form("CO", share_of("100 %"))), cap=1)
    for each in range(2):
        evaluation = held.evaluate()
        warned = {w["code"] for w in held.done(held.auditor.get(f"/v1/evaluations/{evaluation}"))["warnings"]}
        assert ("FORMS_BEYOND_CAP" in warned, held.standings(evaluation)["beyond_cap"] is None) == (each > 0, each == 0)
        held.unit(90, members=(10, 0)), held.unit(80, members=(10, 0))


def test_what_if_counts_those_who_would_meet_the_standard(service, clients):
    held = Held(service, clients, with_people(form("CO", share_of("50 %"))), cap=20)
    first, second, low, lowest = (held.unit(score, members=(people, 0)) for score, people in ((90, 10), (80, 10), (70, 9), (60, 9)))
    tried = held.done(held.auditor.post("/v1/what-if", json={
        "campaign": held.campaign.rsplit("/", 1)[1], "year": 2025,
        "changes": {unit: {"facts": {"members_total": {"value": 10}}} for unit in (low, lowest)}}))
    moved = {item["unit_id"]: (item["from"], item["to"]) for item in tried["standings"]}
    assert moved[second][0]["status"] == "OUT" and moved[second][1]["status"] == "SECURE" and first not in moved
