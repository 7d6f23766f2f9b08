"""The nominator is told how each nominee came out, a refusal with its reason; who was not told is a list."""
import io

import openpyxl
import pytest

from award_tools import AwardRound, number, today
from service import problem


def decide(service, clients):
    """Two nominees in one dossier; one is awarded."""
    held = AwardRound(service, clients, 2)
    held.awarded, held.refused = held.units
    held.list = f"{held.round}/notifications"
    held.path = lambda unit: f"{held.dossier}/nominations/{unit}/notification"
    early = held.home.put(held.path(held.awarded), json={"notified_on": today()}, headers=held.etag(held.dossier))
    problem(early, 409, "conflict")  # nothing is decided
    assert held.done(held.home.get(held.list))["items"] == []
    proposal = held.submitted([held.awarded])
    decision = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
    held.done(held.sign(f"/v1/decisions/{decision}", number()))
    held.decision = f"/v1/decisions/{decision}"
    return held


@pytest.fixture(scope="module")
def decided(service, clients):
    return decide(service, clients)


@pytest.fixture(scope="module", autouse=True)
def began(service):
    return service.psql("SELECT clock_now()")


def tell(held, unit, client=None, etag=None, **body):
    return (client or held.home).put(held.path(unit), json={"notified_on": today(), **body}, headers=etag or held.etag(held.dossier))


def due(held):
    return {i["unit_id"]: (i["result"], i["waiting_days"]) for i in held.done(held.auditor.get(held.list, params={"state": "DUE"}))["items"]}


def test_who_was_not_told_is_listed_and_nobody_else_learns_of_it(decided):
    assert due(decided) == {decided.awarded: ("AWARDED", 0), decided.refused: ("REFUSED", 0)}
    problem(decided.unit_client.get(decided.list), 403, "forbidden")
    shown = decided.unit_client.get(decided.dossier).json()["nominations"]
    assert [(n["result"], n["notified_on"]) for n in shown] == [(None, None)] * 2  # signed, not yet told


@pytest.mark.parametrize("awarded, body, pointer", [
    (False, {}, "/reason"), (True, {"reason": "Thiếu điểm"}, "/reason"), (False, {"reason": "Thiếu", "notified_on": "9000-01-01"}, "/notified_on"),
    (True, {"notified_on": "2001-01-01"}, "/notified_on"), (True, {"notified_on": None}, "/notified_on"), (False, {"reason": " "}, "/reason")])
def test_what_does_not_fit_the_result_is_refused(decided, awarded, body, pointer):
    before = due(decided)
    found = problem(tell(decided, decided.awarded if awarded else decided.refused, **body), 422, "invalid")
    assert found["errors"][0]["pointer"] == pointer
    assert due(decided) == before


def test_only_home_affairs_records_it_and_by_the_version(decided):
    for client in (decided.unit_client, decided.chair, decided.auditor):
        problem(tell(decided, decided.awarded, client), 403, "forbidden")
    problem(decided.home.put(decided.path(decided.awarded), json={"notified_on": today()}), 428, "version-required")
    problem(tell(decided, decided.awarded, etag={"If-Match": '"0"'}), 412, "stale-version")


def test_told_once_it_shows_to_the_nominator_and_leaves_the_list(decided):
    told = tell(decided, decided.refused, reason="Chưa có sáng kiến được công nhận")
    assert told.status_code == 200, told.text
    assert (told.json()["result"], told.json()["result_reason"], told.json()["notified_on"]) == (
        "REFUSED", "Chưa có sáng kiến được công nhận", today())
    assert set(due(decided)) == {decided.awarded}
    assert decided.unit_client.get(f"{decided.dossier}/nominations/{decided.refused}").json()["result"] == "REFUSED"
    assert decided.done(tell(decided, decided.awarded))["result_reason"] is None
    assert due(decided) == {} and len(decided.done(decided.home.get(decided.list, params={"state": "TOLD"}))["items"]) == 2
    journal = decided.service.psql(f"SELECT count(*) FROM journal WHERE type = 'nomination.notified' AND restricted AND resource LIKE '{decided.dossier}/%'")
    assert journal == "2"


def test_the_list_comes_page_by_page_and_as_a_table(decided):
    seen, cursor = [], None
    while True:
        page = decided.home.get(decided.list, params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
        seen += [item["unit_id"] for item in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert sorted(seen) == sorted(decided.units)
    table = decided.home.get(decided.list, headers={"Accept": "text/csv", "Accept-Language": "vi"})
    assert table.status_code == 200 and "Ngày thông báo" in table.text


# ---- many in one call ----

REASON = "Chưa có sáng kiến được công nhận"


@pytest.fixture(scope="module")
def many(service, clients):
    held = decide(service, clients)
    held.id = held.dossier.rsplit("/", 1)[1]
    return held


def tell_many(held, *nominations, client=None, dossier=None, version=None, headers=None, params=None, **shared):
    version = version or held.auditor.get(held.dossier).headers["ETag"]
    item = {"id": dossier or held.id, "version": version, "nominations": list(nominations)}
    return (client or held.home).post(held.list, json={"notified_on": today(), **shared, "dossiers": [item]}, headers=headers, params=params)


def told(held):
    return held.service.psql(f"SELECT (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'), (SELECT version FROM dossiers WHERE id = '{held.id}'), "
                             f"(SELECT count(*) FROM nominations WHERE dossier_id = '{held.id}' AND notified_on IS NOT NULL)")


def test_whatever_is_wrong_with_any_is_named_and_none_is_told(many, decided):
    awarded, refused = {"unit_id": many.awarded}, {"unit_id": many.refused, "reason": REASON}
    before, at = told(many), "/dossiers/0"
    for nominations, shared, wanted in (
            ([awarded, {"unit_id": many.refused}], {}, {f"{at}/nominations/1/reason"}), ([{**awarded, "reason": REASON}, refused], {}, {f"{at}/nominations/0/reason"}),
            ([awarded, {**refused, "notified_on": "2001-01-01"}], {}, {f"{at}/nominations/1/notified_on"}),
            ([awarded, refused, awarded], {}, {f"{at}/nominations/2/unit_id"}), ([awarded, {"unit_id": decided.awarded}], {}, {f"{at}/nominations/1/unit_id"}),
            ([], {}, {f"{at}/nominations"}), ([awarded], {"notified_on": "9000-01-01"}, {"/notified_on"}), ([awarded], {"notified_on": None}, {"/notified_on"})):
        found = problem(tell_many(many, *nominations, **shared), 422, "invalid")
        assert {e["pointer"] for e in found["errors"]} == wanted
    found = problem(tell_many(many, awarded, version='"0"'), 409, "conflict")
    assert [(e["pointer"], e["code"]) for e in found["errors"]] == [(f"{at}/version", "stale-version")]
    body = {"notified_on": today(), "dossiers": [{"id": many.id, "nominations": [awarded]}]}
    assert [e["pointer"] for e in problem(many.home.post(many.list, json=body), 409, "conflict")["errors"]] == [f"{at}/version"]
    other = decided.dossier.rsplit("/", 1)[1]
    assert [e["pointer"] for e in problem(tell_many(many, awarded, dossier=other), 422, "invalid")["errors"]] == [f"{at}/id"]
    for client in (many.unit_client, many.chair, many.auditor):
        problem(tell_many(many, awarded, client=client), 403, "forbidden")
    assert tell_many(many, awarded, refused, params={"dry_run": "true"}).status_code == 200
    assert told(many) == before


def test_all_nominees_of_a_dossier_are_told_at_once_and_each_is_an_event(many):
    version, key = many.auditor.get(many.dossier).headers["ETag"], {"Idempotency-Key": many.id}
    sent = [{"unit_id": many.awarded}, {"unit_id": many.refused, "reason": REASON}]
    answer = tell_many(many, *sent, version=version, headers=key)
    item, = many.done(answer)["items"]
    assert {(n["unit_id"], n["result"], n["result_reason"], n["notified_on"]) for n in item["nominations"]} == {
        (many.awarded, "AWARDED", None, today()), (many.refused, "REFUSED", REASON, today())}
    assert item["version"].split("-")[0] == many.auditor.get(many.dossier).headers["ETag"].strip('"').split("-")[0]
    assert due(many) == {}
    rows = many.service.psql(f"SELECT resource, reason, restricted, after ->> 'notified_on' FROM journal WHERE type = 'nomination.notified' "
                             f"AND resource LIKE '{many.dossier}/%' ORDER BY id").splitlines()
    assert rows == [f"{many.path(many.awarded)}||t|{today()}", f"{many.path(many.refused)}|{REASON}|t|{today()}"]
    after = told(many)
    assert many.done(tell_many(many, *sent, version=version, headers=key)) == many.done(answer) and told(many) == after


def test_a_telling_between_two_decisions_is_recorded_after_the_second(service, clients):
    """A refusal begins with the first decision of the round: another one, for somebody else, does not make it younger."""
    held = AwardRound(service, clients, 3)
    held.list, held.path = f"{held.round}/notifications", lambda unit: f"{held.dossier}/nominations/{unit}/notification"
    for unit, day in zip(held.units[:2], ("2025-03-10", "2025-03-20")):
        proposal = held.proposal([unit])
        held.done(held.move(held.home, proposal, "submit", submitted_at="2025-03-01T08:00:00+07:00", source="Sổ công văn đi", letter_number=number().replace("QĐ-UBND", "TTr-SNV")))
        made = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
        held.done(held.sign(f"/v1/decisions/{made}", number(), signed_on=day))
    refused = held.units[2]
    assert problem(tell(held, refused, notified_on="2025-03-09", reason=REASON), 422, "invalid")["errors"][0]["pointer"] == "/notified_on"
    assert problem(tell(held, held.units[1], notified_on="2025-03-12"), 422, "invalid")["errors"][0]["pointer"] == "/notified_on"
    assert held.done(tell(held, refused, notified_on="2025-03-12", reason=REASON))["notified_on"] == "2025-03-12"
    shown = {item["unit_id"]: item["decided_on"] for item in held.done(held.auditor.get(held.list))["items"]}
    assert shown == dict(zip(held.units, ("2025-03-10", "2025-03-20", "2025-03-10")))


def test_nominators_of_a_round_that_is_closed_without_awards_are_told_too(service, clients):
    held = AwardRound(service, clients, 1)
    held.list, held.path = f"{held.round}/notifications", lambda unit: f"{held.dossier}/nominations/{unit}/notification"
    for action, more in (("start_appraisal", {}), ("close", {"reason": "Không tập thể nào được trình"})):
        assert held.done(held.home.get(held.list))["items"] == []
        held.done(held.move(held.home, held.round, action, **more))
    (unit, (result, _)), = due(held).items()
    assert (unit, result) == (held.units[0], "REFUSED")
    assert held.done(tell(held, unit, reason=REASON))["result"] == "REFUSED" and due(held) == {}


# ---- results that another proposal may still bring, or brings ----

def results(held, proposal):
    return {item["unit_id"]: (item["result"], item["decision_number"]) for item in held.done(held.auditor.get(f"{proposal}/results/{held.parent}"))["items"]}


def test_who_was_nominated_after_the_evaluation_is_refused_with_that_reason(service, clients):
    """And is not counted among those that it judged."""
    held = AwardRound(service, clients, 1)
    proposal = held.proposal(held.units)
    late = held.add_unit()
    held.nominate([late])
    held.done(held.move(held.home, proposal, "submit"))
    sheet = openpyxl.load_workbook(io.BytesIO(held.chair.get(f"{proposal}/summary").content)).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows() if "judged: eligible 1" in str(row[0].value)][0].endswith("nominated among them: 1.")
    signed(held, proposal)
    items = {item["unit_id"]: item for item in held.done(held.auditor.get(f"{proposal}/results/{held.parent}"))["items"]}
    assert (items[late]["result"], [r["clause"] for r in items[late]["reasons"]]) == ("REFUSED", ["III.1"])
    assert items[late]["reasons"][0]["text"]["en"].startswith("Not judged") and items[held.units[0]]["reasons"] == []


def signed(held, proposal):
    made = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1]}))["id"]
    return held.done(held.sign(f"/v1/decisions/{made}", number()))["number"]


def test_nobody_is_refused_while_a_proposal_may_still_bring_the_award(service, clients):
    """Also where the dossier is decided on for another nominee."""
    held = AwardRound(service, clients, 2)
    held.list, held.path = f"{held.round}/notifications", lambda unit: f"{held.dossier}/nominations/{unit}/notification"
    first, second = held.units
    proposals = [held.submitted([first]), held.proposal([second])]
    held.done(held.move(held.home, proposals[1], "submit", letter_number="1083/TTr-SNV"))
    decision = signed(held, proposals[0])
    assert held.auditor.get(held.dossier).json()["state"] == "IN_PROPOSAL"
    assert due(held) == {first: ("AWARDED", 0)} and results(held, proposals[1]) == {first: ("AWARDED", decision), second: (None, None)}
    problem(tell(held, second, reason=REASON), 409, "conflict")
    held.done(held.move(held.chair, proposals[1], "return", reason="Xem lại"))
    assert second not in due(held) and results(held, proposals[1])[second] == (None, None)
    problem(tell(held, second, reason=REASON), 409, "conflict")
    held.done(held.move(held.home, proposals[1], "withdraw", reason="Rút"))
    assert due(held) == {first: ("AWARDED", 0), second: ("REFUSED", 0)}


@pytest.mark.parametrize("closed", [False, True])
def test_who_is_held_back_is_not_refused(service, clients, closed):
    """98/2023/NĐ-CP and 152/2025/NĐ-CP, article 4.4: "chưa khen thưởng". Once the hold is released it is; who fails another criterion is at once."""
    held = AwardRound(service, clients, 3)
    held.list, held.path = f"{held.round}/notifications", lambda unit: f"{held.dossier}/nominations/{unit}/notification"
    first, second, failing = held.units
    path = f"{held.round}/findings/{failing}"
    held.done(held.home.put(path, headers=held.etag(path), json={"contents": [
        {"content": c, "score": "60", "result": "NOT_OUTSTANDING", "reason": "Còn hạn chế", "evidence": []} for c in "ABCD"]}))
    proposal = held.submitted([first, second])
    opened = [held.done(held.home.post("/v1/proceedings", json={"unit_id": unit, "kind": "COMPLAINT", "opened_on": today()}))["id"]
              for unit in (second, failing)]
    made = held.done(held.chair.post("/v1/decisions", json={"kind": "AWARD", "proposal_id": proposal.rsplit("/", 1)[1], "units": [first]}))["id"]
    held.done(held.sign(f"/v1/decisions/{made}", number()))
    if closed:
        held.publish(f"/v1/decisions/{made}")
        held.done(held.move(held.home, held.round, "close"))
    assert due(held) == {first: ("AWARDED", 0), second: (None, None), failing: ("REFUSED", 0)} and results(held, proposal)[second] == (None, None)
    assert "proceedings" in problem(tell(held, second, reason=REASON), 409, "conflict")["detail"]
    held.done(held.move(held.home, f"/v1/proceedings/{opened[0]}", "close_cleared", reason="Không có cơ sở"))
    assert due(held)[second] == ("REFUSED", 0) and results(held, proposal)[second] == ("REFUSED", None)
    held.done(held.move(held.home, f"/v1/proceedings/{opened[0]}", "reopen", reason="Khiếu nại tiếp"))
    assert due(held)[second] == (None, None)


def test_who_was_told_of_a_refusal_and_is_awarded_later_is_to_be_told_anew(service, clients):
    held = decide(service, clients)
    unit = held.refused
    held.done(tell(held, unit, reason=REASON))
    proposal = held.proposal([unit])
    listed = lambda: next(item for item in held.done(held.auditor.get(held.list))["items"] if item["unit_id"] == unit)
    assert (listed()["state"], listed()["result"], listed()["reason"]) == ("TOLD", "REFUSED", REASON) and results(held, proposal)[unit] == (None, None)
    held.done(held.move(held.home, proposal, "submit", letter_number="1084/TTr-SNV"))
    decision = signed(held, proposal)
    assert results(held, proposal)[unit] == ("AWARDED", decision)
    assert (listed()["state"], listed()["result"], listed()["notified_on"], listed()["reason"], listed()["waiting_days"]) == ("DUE", "AWARDED", None, None, 0)
    assert due(held)[unit] == ("AWARDED", 0) and unit not in [i["unit_id"] for i in held.done(held.auditor.get(held.list, params={"state": "TOLD"}))["items"]]
    told = held.done(tell(held, unit))
    assert (told["result"], told["result_reason"]) == ("AWARDED", None) and unit not in due(held)


def test_the_list_says_of_all_what_is_said_of_one(service, clients, began):
    """Both state the same rule: a page finds its nominees by it, and one nominee is asked for by itself. Of all rounds that were made above."""
    decide(service, clients)
    rounds = f"SELECT DISTINCT campaign, year FROM nominations WHERE recorded_at >= '{began}'"
    listed = []
    for campaign, year in (line.split("|") for line in service.psql(rounds).splitlines()):
        query = {"limit": 200}
        while query.get("cursor", "") is not None:
            page = clients["auditor"].get(f"/v1/campaigns/{campaign}/rounds/{year}/notifications", params=query).json()
            listed += [f"{i['dossier_id']}|{i['unit_id']}|{i['result']}|{i['decided_on']}" for i in page["items"] if i["decided_on"]]
            query["cursor"] = page["next"]
    alone = service.psql("SELECT n.dossier_id, n.unit_id, x.result, x.decided_on FROM nominations n CROSS JOIN LATERAL nomination_result(n) x "
                         f"WHERE n.standing AND x.result IS NOT NULL AND (n.campaign, n.year) IN ({rounds})").splitlines()
    assert len(listed) >= 2 and sorted(listed) == sorted(alone)
