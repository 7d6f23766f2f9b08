import concurrent.futures
import json
import uuid

import pytest

from service import problem, wait_until

PROVINCIAL = {"council": "PROVINCIAL", "recognised_on": "2024-11-20", "decision_number": "12/QĐ-HĐSK", "scope": "Toàn tỉnh"}
DISTRICT = {"council": "DISTRICT", "recognised_on": "2024-06-05", "decision_number": "77/QĐ-UBND"}
REFUSAL = {"council": "PROVINCIAL", "outcome": "REFUSED", "reason": "Không có tính mới"}


@pytest.fixture
def initiative(service, clients, unit):
    """A maker of initiatives: the body, with `path`, `etag` and a client `own` of its unit."""
    def make(**fields):
        owner = fields.pop("unit_id", None) or unit()["id"]
        own = service.key("unit", owner)
        body = {"unit_id": owner, "title": "Số hóa kết quả giải quyết thủ tục", "summary": "Tra cứu kết quả bằng mã QR.",
                "kind": "SOLUTION", "applied_from": "2024-03-01", **fields}
        response = own.post("/v1/initiatives", json=body)
        assert response.status_code == 201, response.text
        made = response.json()
        return {**made, "path": response.headers["Location"], "etag": response.headers["ETag"], "own": own}
    return make


def recognise(client, made, body, etag=None):
    return client.put(made["path"] + "/recognition", json=body, headers={"If-Match": etag or made["etag"]})


def entries(service, unit_id, campaign="230-KH-UBND", year=2024):
    return json.loads(service.psql(f"SELECT initiative_entries('{campaign}', {year}, '{unit_id}')"))


def test_created_is_read_back(initiative):
    made = initiative(applied_to="2025-12-31")
    read = made["own"].get(made["path"])
    assert read.status_code == 200 and read.headers["ETag"] == made["etag"]
    assert read.json()["state"] == "SUBMITTED" and read.json()["recognitions"] == [] and not read.json()["used"]


def test_the_provincial_council_recognises_once(service, clients, initiative):
    """III.1.c, and the life cycle: no second word follows a recognition."""
    made = initiative()
    done = recognise(clients["initiative_council"], made, PROVINCIAL)
    assert done.status_code == 200 and done.json()["state"] == "RECOGNISED"
    assert [(r["council"], r["outcome"], r["recognised_on"], r["scope"]) for r in done.json()["recognitions"]] == [
        ("PROVINCIAL", "RECOGNISED", "2024-11-20", "Toàn tỉnh")]
    again = problem(recognise(clients["initiative_council"], made, REFUSAL, done.headers["ETag"]), 409, "impossible-transition")
    assert "clause" not in again, "an initiative belongs to no plan, and each plan has its own clauses"
    (entry,) = entries(service, made["unit_id"])
    assert (entry["id"], entry["council"], entry["recognised_on"], entry["state"]) == (
        made["id"], "PROVINCIAL", "2024-11-20", "RECOGNISED")
    assert entry["source"] == f"initiatives/{made['id']}" and entry["version"] == 2 and not entry["used_by_earlier_award"]


def test_a_lower_councils_word_is_recorded_but_does_not_count(service, clients, initiative):
    """III.1.c: "được Hội đồng Sáng kiến cấp tỉnh công nhận"; recognition by a lower council does not count."""
    made = initiative()
    done = recognise(clients["home_affairs"], made, DISTRICT)
    assert done.status_code == 200 and done.json()["state"] == "SUBMITTED"
    (entry,) = entries(service, made["unit_id"])
    assert (entry["council"], entry["state"]) == ("DISTRICT", "SUBMITTED")
    problem(recognise(clients["home_affairs"], made, DISTRICT, done.headers["ETag"]), 409, "conflict")
    done = recognise(clients["initiative_council"], made, PROVINCIAL, done.headers["ETag"])
    assert done.json()["state"] == "RECOGNISED" and len(done.json()["recognitions"]) == 2
    assert entries(service, made["unit_id"])[0]["council"] == "PROVINCIAL"


def test_an_annulled_recognition_stays_and_counts_no_more(service, clients, unit, initiative):
    """III.1.c asks for one that is recognised. The same council takes back its word, once and for a reason; what every key could read it still reads."""
    council, home, annul = clients["initiative_council"], clients["home_affairs"], {"council": "PROVINCIAL", "outcome": "ANNULLED", "reason": "Sao chép"}
    made = initiative()
    assert problem(recognise(council, made, annul), 409, "impossible-transition")["errors"][0]["pointer"]
    done = recognise(home, made, DISTRICT)
    done = recognise(council, made, PROVINCIAL, done.headers["ETag"])
    etag = done.headers["ETag"]
    problem(recognise(home, made, annul, etag), 403, "forbidden")
    for wrong in ({**annul, "reason": None}, {**annul, "recognised_on": "2024-12-01"}):
        problem(recognise(council, made, wrong, etag), 422, "invalid")
    problem(recognise(council, made, {**annul, "council": "SECTOR"}, etag), 409, "conflict")
    done = recognise(council, made, annul, etag)
    assert done.json()["state"] == "ANNULLED"
    assert [(r["council"], r["outcome"], r["recognised_on"], r["decision_number"]) for r in done.json()["recognitions"]] == [
        ("PROVINCIAL", "ANNULLED", "2024-11-20", "12/QĐ-HĐSK"), ("DISTRICT", "RECOGNISED", "2024-06-05", "77/QĐ-UBND")]
    assert [entry["council"] for entry in entries(service, made["unit_id"])] == ["DISTRICT"]  # which does not count
    for client, reason in ((made["own"], "Sao chép"), (council, "Sao chép"), (clients["viewer"], None), (service.key("unit", unit()["id"]), None)):
        assert client.get(made["path"]).json()["recognitions"][0]["reason"] == reason
    for again in (annul, PROVINCIAL):
        problem(recognise(council, made, again, done.headers["ETag"]), 409, "impossible-transition")
    done = recognise(home, made, {**annul, "council": "DISTRICT"}, done.headers["ETag"])
    assert done.json()["state"] == "ANNULLED" and entries(service, made["unit_id"]) == []


def test_refused_for_a_reason_only(service, clients, initiative):
    made = initiative()
    problem(recognise(clients["initiative_council"], made, {"council": "PROVINCIAL", "outcome": "REFUSED"}), 422, "invalid")
    problem(recognise(clients["initiative_council"], made, {**PROVINCIAL, "outcome": "REFUSED", "reason": "x"}), 422, "invalid")
    assert made["own"].get(made["path"]).json()["recognitions"] == []
    assert recognise(clients["initiative_council"], made, REFUSAL).json()["state"] == "REFUSED"
    assert entries(service, made["unit_id"]) == []  # what the province refused is no entry …
    made = initiative()
    assert entries(service, made["unit_id"])[0]["council"] == "NONE"  # … and what is undecided counts as yet for nothing


@pytest.mark.parametrize("drop, change, pointer", [
    ("recognised_on", {}, "/recognised_on"), ("decision_number", {}, "/decision_number"),
    (None, {"decision_number": "QĐ số mười hai"}, "/decision_number"), (None, {"recognised_on": "2099-01-01"}, "/recognised_on"),
    (None, {"council": "VILLAGE"}, "/council")])
def test_a_recognition_must_be_whole(clients, initiative, drop, change, pointer):
    made = initiative()
    body = {k: v for k, v in {**PROVINCIAL, **change}.items() if k != drop}
    found = problem(recognise(clients["initiative_council"], made, body), 422, "invalid")
    assert [e["pointer"] for e in found["errors"]] == [pointer]
    assert made["own"].get(made["path"]).headers["ETag"] == made["etag"]


def test_only_the_council_records_the_provincial_recognition(service, clients, initiative):
    made = initiative()
    count = f"SELECT count(*) FROM initiative_recognitions WHERE initiative_id = '{made['id']}'"
    assert "clause" not in problem(recognise(clients["home_affairs"], made, PROVINCIAL), 403, "forbidden")
    for who in ("viewer", "unit", "chair_office", "auditor", "admin"):
        problem(recognise(clients[who], made, PROVINCIAL), 403, "forbidden")
    problem(recognise(made["own"], made, DISTRICT), 403, "forbidden")
    biased = service.key("initiative_council", made["unit_id"])
    problem(recognise(biased, made, PROVINCIAL), 403, "separation-of-duties")
    assert service.psql(count) == "0"


def test_drafts_are_for_the_unit_its_parent_the_offices_and_the_council(service, clients, unit, initiative):
    parent = unit()["id"]
    made = initiative(unit_id=unit(parent_id=parent)["id"])
    callers = {**clients, "own": made["own"], "parent": service.key("unit", parent)}
    inside = {"own", "parent", "home_affairs", "chair_office", "auditor", "initiative_council"}
    listed = lambda client: [i["id"] for i in client.get("/v1/initiatives", params={"unit_id": made["unit_id"]}).json()["items"]]
    problem(callers.pop("anyone").get(made["path"]), 401, "unauthenticated")
    for who, client in callers.items():
        if who in inside:
            assert client.get(made["path"]).status_code == 200 and listed(client) == [made["id"]], who
        else:
            problem(client.get(made["path"]), 404, "not-found")
            assert listed(client) == [], who
    assert recognise(clients["initiative_council"], made, PROVINCIAL).status_code == 200
    for who, client in callers.items():
        assert client.get(made["path"]).status_code == 200 and listed(client) == [made["id"]], who


def test_why_a_council_refused_is_for_those_whom_it_concerns(service, clients, unit, initiative):
    """Alone a refusal is seen by nobody else; that a lower council recognised the initiative opens it, but not the reason."""
    parent = unit()["id"]
    made = initiative(unit_id=unit(parent_id=parent)["id"])
    done = recognise(clients["home_affairs"], made, {**DISTRICT, "reason": "Có tính mới"})
    assert recognise(clients["initiative_council"], made, REFUSAL, done.headers["ETag"]).status_code == 200
    callers = {**clients, "own": made["own"], "parent": service.key("unit", parent)}
    callers.pop("anyone")
    inside = {"own", "parent", "home_affairs", "chair_office", "auditor", "initiative_council"}
    for who, client in callers.items():
        listed = client.get("/v1/initiatives", params={"unit_id": made["unit_id"]}).json()["items"]
        for shown in (client.get(made["path"]).json(), *listed):
            assert {(r["council"], r["outcome"]): r["reason"] for r in shown["recognitions"]} == {
                ("DISTRICT", "RECOGNISED"): "Có tính mới", ("PROVINCIAL", "REFUSED"): "Không có tính mới" if who in inside else None}, who
        assert len(listed) == 1, who


def test_those_who_may_read_an_initiative_hear_of_it(service, clients, unit, initiative):
    """A draft and a refusal: its unit and those above it, the offices and the council that judges it, and nobody else."""
    start = clients["auditor"].get("/v1/journal/head").json()["seq"]
    parent = unit()["id"]
    made = initiative(unit_id=unit(parent_id=parent)["id"])
    assert recognise(clients["initiative_council"], made, REFUSAL).status_code == 200
    wait_until(lambda: clients["auditor"].get("/v1/journal/head").json()["unsealed"] == 0)
    callers = {**clients, "own": made["own"], "parent": service.key("unit", parent), "stranger": service.key("unit", unit()["id"])}
    heard = {who: [event["type"] for kind in ("created", "refused")
                   for event in client.get("/v1/events", params={"after": start, "type": f"thidua.initiative.{kind}"}).json()["items"]
                   if event["subject"].startswith(made["path"])]
             for who, client in callers.items()}
    inside = {"own", "parent", "home_affairs", "chair_office", "auditor", "initiative_council"}
    assert heard == {who: ["thidua.initiative.created", "thidua.initiative.refused"] if who in inside else [] for who in callers}
    assert {who for who, client in callers.items() if client.get(made["path"]).status_code == 200} == inside


def test_units_enter_and_change_their_own_only(service, clients, unit, initiative):
    other = unit()["id"]
    body = {"unit_id": other, "title": "x", "summary": "y", "kind": "INITIATIVE", "applied_from": "2024-01-01"}
    problem(clients["unit"].post("/v1/initiatives", json=body), 403, "outside-scope")
    for who in ("viewer", "home_affairs", "initiative_council", "chair_office", "auditor", "admin"):
        problem(clients[who].post("/v1/initiatives", json=body), 403, "forbidden")
    assert service.psql(f"SELECT count(*) FROM initiatives WHERE unit_id = '{other}'") == "0"
    made = initiative()
    problem(clients["unit"].merge(made["path"], {"title": "z"}, made["etag"]), 404, "not-found")
    done = recognise(clients["initiative_council"], made, PROVINCIAL)
    problem(clients["unit"].merge(made["path"], {"title": "z"}, done.headers["ETag"]), 403, "outside-scope")
    assert made["own"].get(made["path"]).json()["title"] == made["title"]


def test_applied_first_while_the_body_is_there(service, unit):
    """Domain, section 8: not before it was founded, nor after its end; neither entered nor moved there."""
    above = unit()["id"]
    body = unit(parent_id=above, valid_from="2024-03-01", valid_to="2025-06-30")["id"]
    own = service.key("unit", above)
    fields = {"unit_id": body, "title": "Giải pháp", "summary": "Tóm tắt", "kind": "SOLUTION"}
    for day, status in (("2024-02-29", 422), ("2024-03-01", 201), ("2025-06-30", 201), ("2025-07-01", 422)):
        made = own.post("/v1/initiatives", json={**fields, "applied_from": day})
        assert made.status_code == status, made.text
        if status == 201:
            path, etag = made.headers["Location"], made.headers["ETag"]
            continue
        found = problem(made, 422, "rule-refused")
        assert (found.get("clause"), found["errors"][0]["pointer"]) == (None, "/applied_from")
    problem(own.merge(path, {"applied_from": "2025-08-01"}, etag), 422, "rule-refused")
    assert own.merge(path, {"title": "Tên khác", "applied_from": "2024-05-01", "applied_to": None}, etag).status_code == 200


def test_changed_until_a_council_has_decided(clients, initiative):
    made = initiative(applied_to="2024-12-31")
    changed = made["own"].merge(made["path"], {"title": "Tên mới", "applied_to": None}, made["etag"])
    assert changed.status_code == 200, changed.text
    assert (changed.json()["title"], changed.json()["applied_to"], changed.json()["summary"]) == ("Tên mới", None, made["summary"])
    problem(made["own"].merge(made["path"], {"title": "z"}, made["etag"]), 412, "stale-version")
    problem(made["own"].merge(made["path"], {"applied_to": "2024-02-29"}, changed.headers["ETag"]), 422, "invalid")
    problem(made["own"].merge(made["path"], {"unit_id": made["unit_id"]}, changed.headers["ETag"]), 422, "invalid")
    done = recognise(clients["home_affairs"], made, DISTRICT, changed.headers["ETag"])
    assert done.status_code == 200
    problem(made["own"].merge(made["path"], {"title": "z"}, done.headers["ETag"]), 409, "conflict")


def test_whoever_waits_for_a_council_is_told_what_it_decided(service, clients, initiative):
    """The schedule: a council has the initiative and is about to enter its word, while the unit waits to change it in any version."""
    made = initiative()
    waiting = lambda: int(service.psql("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"))
    with service.holding("LOCK TABLE initiative_recognitions IN EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor(2) as pool:
        deciding = pool.submit(recognise, clients["initiative_council"], made, PROVINCIAL)
        wait_until(lambda: waiting() == 1)
        changing = pool.submit(made["own"].merge, made["path"], {"title": "Tên khác"}, "*")
        wait_until(lambda: waiting() == 2 or changing.done())
        release()
        decided, changed = deciding.result(), changing.result()
    assert decided.status_code == 200, decided.text
    problem(changed, 409, "conflict")
    assert made["own"].get(made["path"]).json() == decided.json()


def test_one_initiative_serves_one_award_ever(service, clients, initiative):
    """III.1.c and domain, section 9: the same initiative for two awards → the second is refused by the database."""
    made = initiative()
    use = lambda year: service.psql(
        # Without the foreign keys: there is no award behind these rows.
        "SET session_replication_role = replica; INSERT INTO initiative_uses (initiative_id, award_id, campaign, year, unit_id) "
        f"VALUES ('{made['id']}', '{uuid.uuid4()}', '230-KH-UBND', {year}, '{made['unit_id']}')", user="postgres")
    assert "initiative_used_once" not in use(2024)
    assert "initiative_used_once" in use(2025) and "initiative_used_once" in use(2024)
    assert not entries(service, made["unit_id"], year=2024)[0]["used_by_earlier_award"]
    assert entries(service, made["unit_id"], year=2025)[0]["used_by_earlier_award"]
    assert entries(service, made["unit_id"], campaign="khac", year=2024)[0]["used_by_earlier_award"]
    assert clients["auditor"].get(made["path"]).json()["used"]


def test_listed_by_year_of_application(initiative):
    made = initiative(applied_from="2024-12-31", applied_to="2025-01-01")
    for year, found in ((2023, []), (2024, [made["id"]]), (2025, [made["id"]]), (2026, [])):
        items = made["own"].get("/v1/initiatives", params={"unit_id": made["unit_id"], "year": year}).json()["items"]
        assert [item["id"] for item in items] == found, year
