"""The nominator is told how each nominee came out, a refusal with its reason; who was not told is a list."""
import pytest

from award_tools import AwardRound, number, today
from service import problem


@pytest.fixture(scope="module")
def decided(service, clients):
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
