"""The board of a round: one cheap look, which says nothing that its reader could not read elsewhere."""
import concurrent.futures

import pytest

from award_tools import AwardRound, number
from conftest import make_campaign, make_unit
from service import problem, wait_until

LETTERS = {"PASS": "P", "FAIL": "F", "PENDING": "O", "NOT_APPLICABLE": "N", "DEFERRED": "D"}
STEPS = ["registered", "nominated", "appraised", "eligible", "proposed", "awarded"]


@pytest.fixture(scope="module")
def held(service, clients):
    """Five units: one never nominated, one not outstanding."""
    made = AwardRound(service, clients, 4)
    made.add_unit()
    path = f"{made.round}/findings/{made.units[2]}"
    made.done(made.home.put(path, headers=made.etag(path), json={"contents": [
        {"content": c, "score": "50", "result": "NOT_OUTSTANDING", "reason": "Chậm", "evidence": []} for c in "ABCD"]}))
    made.evaluation = made.evaluate()
    return made


def board(made, client=None):
    return made.done((client or made.auditor).get(f"{made.round}/board"))


def readers(made, clients):
    return {"anyone": clients["anyone"], "viewer": clients["viewer"], "unit": made.unit_client, "auditor": made.auditor,
            "home_affairs": made.home, "chair_office": made.chair, "council": clients["initiative_council"], "admin": clients["admin"]}


def agrees(made, client, office=False, unit=False):
    """The board against what the same caller reads at the other places."""
    shown, whole = board(made, client), made.done(client.get(made.round))
    assert shown["state"] == whole["state"] and shown["latest_evaluation"] == whole["latest_evaluation"]
    assert [d["due_on"] for d in shown["deadlines"]] == [
        whole["submission_deadline"][:10], whole["report_deadline"][:10], whole["proposal_deadline"], whole["conference_on"]]
    total = shown["funnel"]["total"]
    assert (total["registered"], total["nominated"]) == (whole["counts"]["contestants"], whole["counts"]["nominees"])
    awards = client.get("/v1/awards", params={"campaign": whole["campaign"], "year": whole["year"]}).json()["items"]
    quota = shown["quota"]
    assert (quota["cap"], quota["version"], quota["allocated"]) == (whole["cap"], whole["quota"]["version"], whole["quota"]["allocated"])
    assert [(g["group"], g["cluster"], g["slots"]) for g in quota["groups"] if g["slots"] is not None] == [
        (a["group"], a["cluster"], a["slots"]) for a in whole["quota"]["allocation"]]
    if not office:
        assert quota["awarded"] == len(awards) and shown["proposal"] is None
        assert total["awarded"] == len([a for a in awards if a["state"] != "REVOKED"])
        assert total["appraised"] is total["eligible"] is total["proposed"] is None
        assert {g["secure"] for g in quota["groups"]} == {g["possible"] for g in quota["groups"]} == {None}
        assert (shown["decision"] is None) == (not awards)
    if not office and not unit:
        assert shown["matrix"] is shown["overdue"] is shown["latest_evaluation"] is shown["funnel"]["groups"] is None
        assert {g["awarded"] for g in quota["groups"]} == {None}
    if office or unit:
        contestants = made.done(client.get(f"{made.round}/contestants", params={"limit": 200}))["items"]
        groups = {g["group"]: g["steps"]["registered"] for g in shown["funnel"]["groups"]}
        assert groups == {g: sum(c["group"] == g for c in contestants) for g in {c["group"] for c in contestants}}
        overdue = [o for o in made.done(client.get(f"{made.round}/obligations", params={"status": "OVERDUE", "limit": 200}))["items"]]
        assert shown["overdue"]["reports"]["count"] == len(overdue) or len(overdue) == 200
        assert [i["unit_id"] for i in shown["overdue"]["reports"]["items"]] == [o["unit_id"] for o in overdue[:20]]
        matrix_agrees(made, client, shown)
    return shown


def matrix_agrees(made, client, shown):
    evaluation = shown["latest_evaluation"]["id"]
    matrix = shown["matrix"]
    verdicts = {v["unit_id"]: v for v in made.done(client.get(f"/v1/evaluations/{evaluation}/verdicts", params={"limit": 200}))["items"]}
    assert {i["unit_id"] for i in matrix["items"]} == set(verdicts)
    standings = client.get(f"/v1/evaluations/{evaluation}/standings")
    places = {s["unit_id"]: s for s in standings.json()["items"]} if standings.status_code == 200 else {}
    for item in matrix["items"]:
        verdict = verdicts[item["unit_id"]]
        assert (item["unit_label"], item["overall"]) == (verdict["unit_label"], verdict["overall"])
        assert matrix["groups"][item["group"]] == made.done(client.get(f"{made.round}/contestants/{item['unit_id']}"))["group"]
        assert item["cells"] == "".join(LETTERS[c["result"]] for c in verdict["criteria"])
        assert [matrix["leaves"][m]["id"] for m in item["missing"]] == [u["leaf"] for u in verdict["decisive_unknowns"]]
        place = places.get(item["unit_id"], {"rank": None, "status": None, "override": None})
        assert item["rank"] == place["rank"] and item["status"] == (place["override"] or {}).get("decided", place["status"])
    if places:
        group = next(g for g in shown["quota"]["groups"] if g["group"] == "UNIT_UNDER_SO")
        statuses = [i["status"] for i in matrix["items"]]
        assert (group["secure"], group["possible"]) == (statuses.count("SECURE"), statuses.count("POSSIBLE"))


def test_each_reader_finds_on_it_what_they_read_elsewhere(clients, held):
    for name, client in readers(held, clients).items():
        agrees(held, client, office=name in ("auditor", "home_affairs", "chair_office"), unit=name == "unit")


def test_who_stands_where_is_worked_out_once_for_an_evaluation(service, clients):
    """Where people decide since, only that is read anew: of the standings nothing can be read any more."""
    made = AwardRound(service, clients, 3)
    evaluation = made.evaluate()
    places = lambda: [(i["unit_id"], i["rank"], i["status"]) for i in board(made)["matrix"]["items"]]
    before = places()
    made.done(made.override(evaluation, made.units[0], "OUT"))
    service.psql(f"SET session_replication_role = replica; UPDATE evaluations SET standings = '\\x00' WHERE id = '{evaluation}'", user="postgres")
    assert made.auditor.get(f"/v1/evaluations/{evaluation}/standings").status_code == 500
    assert places() == [(unit, rank, "OUT" if unit == made.units[0] else status) for unit, rank, status in before] != before


def test_a_unit_sees_its_own_subtree_on_it(service, clients, held):
    alone = service.key("unit", held.units[0])
    assert [i["unit_id"] for i in board(held, alone)["matrix"]["items"]] == held.units[:1]
    stranger = AwardRound(service, clients, 1).unit_client
    assert board(held, stranger)["matrix"]["items"] == []
    assert not any(unit in stranger.get(f"{held.round}/board").text for unit in held.units)


def test_every_step_of_the_funnel_is_a_part_of_the_one_before(service, clients):
    made = AwardRound(service, clients, 3)
    made.add_unit()  # not nominated, though eligible in all else
    path = f"{made.round}/findings/{made.units[2]}"
    made.done(made.home.put(path, headers=made.etag(path), json={"contents": [
        {"content": c, "score": "50", "result": "NOT_OUTSTANDING", "reason": "Chậm", "evidence": []} for c in "ABCD"]}))
    made.evaluate()

    def funnel(client=None):
        total = board(made, client)["funnel"]["total"]
        numbers = [total[s] for s in STEPS if total[s] is not None]
        assert numbers == sorted(numbers, reverse=True), total
        return [total[s] for s in STEPS]
    assert funnel() == [4, 3, 3, 2, 0, 0]
    decision = made.draft(made.units[:1])
    assert funnel() == [4, 3, 3, 2, 1, 0]
    assert board(made)["phase"] == "PROPOSED" and board(made, clients["anyone"])["phase"] == "APPRAISAL"
    made.done(made.sign(decision, number()))
    assert funnel()[5] == 1 and board(made)["phase"] == "DECIDED"
    for client in (clients["anyone"], made.unit_client):  # V.3
        assert funnel(client)[5] == 0 and board(made, client)["decision"] is None and board(made, client)["phase"] == "APPRAISAL"
        agrees(made, client, unit=client is made.unit_client)
    made.publish(decision)
    for client in (clients["anyone"], made.unit_client, made.auditor):
        assert funnel(client)[5] == 1 and board(made, client)["phase"] == "PUBLISHED"
        assert board(made, client)["decision"]["state"] == "PUBLISHED" and board(made, client)["quota"]["left"] == 5
        agrees(made, client, office=client is made.auditor, unit=client is made.unit_client)
    fails = board(made)["funnel"]["groups"]
    assert [g["group"] for g in fails] == ["UNIT_UNDER_SO"] and fails[0]["steps"] == board(made)["funnel"]["total"]


def test_an_award_stays_in_the_funnel_whatever_is_found_later(service, clients):
    """A decision of discipline that comes to light after the signature. The award stands until it is revoked, for every reader."""
    made = AwardRound(service, clients, 2)
    decision = made.draft(made.units[:1])
    made.done(made.sign(decision, number()))
    made.publish(decision)
    for unit in made.units:
        made.done(made.home.post("/v1/discipline-records", json={
            "unit_id": unit, "person_name": "Người giả định", "position": "KEY_LEADER_HEAD", "regime": "CIVIL_SERVANT", "level": "KHIEN_TRACH",
            "decision_number": "7/QĐ-UBND", "decision_date": "2024-03-01", "effective_from": "2024-03-01"}))
    made.evaluate()
    for client, steps in ((made.auditor, [2, 2, 2, 1, 1, 1]), (clients["anyone"], [2, 2, None, None, None, 1])):
        shown = board(made, client)
        assert [shown["funnel"]["total"][s] for s in STEPS] == steps and shown["quota"]["awarded"] == 1
    revoking = made.done(made.chair.post("/v1/decisions", json={
        "kind": "REVOKE", "subject_id": decision.rsplit("/", 1)[1], "ground": "FALSE_INFORMATION", "reason": "Che giấu kỷ luật"}))["id"]
    made.done(made.sign(f"/v1/decisions/{revoking}", number()))
    assert [board(made)["funnel"]["total"][s] for s in STEPS] == [2, 2, 2, 0, 0, 0]
    assert board(made, clients["anyone"])["funnel"]["total"]["awarded"] == 1  # V.3: not published yet


def test_it_is_answered_from_memory_and_never_for_another(service, clients, held):
    bodies = {}
    for name, client in readers(held, clients).items():
        answer = client.get(f"{held.round}/board")
        bodies[name] = answer.text
        assert answer.headers["ETag"] and answer.headers["Cache-Control"].startswith("private" if answer.json()["latest_evaluation"] else "public")
        again = client.get(f"{held.round}/board", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304 and not again.content
        with held.service.holding("LOCK TABLE contestants, evaluations IN ACCESS EXCLUSIVE MODE"):
            locked = client.get(f"{held.round}/board", headers={"If-None-Match": answer.headers["ETag"]}, timeout=5)
            assert locked.status_code == 304, name  # the database could not have been asked
    assert bodies["anyone"] == bodies["viewer"] == bodies["council"] != bodies["unit"] != bodies["auditor"]
    before = clients["anyone"].get(f"{held.round}/board").json()["funnel"]["total"]["registered"]
    held.add_unit()
    for name, client in readers(held, clients).items():
        assert client.get(f"{held.round}/board").json()["funnel"]["total"]["registered"] == before + 1, name


def test_who_asks_for_boards_has_both_workers_for_long_reads_while_nobody_else_waits(service, held):
    """A board is soon over: one key need not leave a worker free for others meanwhile, as it must beside what takes long."""
    waiting = ("SELECT count(*) FROM pg_stat_activity WHERE datname = 'thidua' AND wait_event_type = 'Lock' "
               "AND query LIKE '%board_json(%' AND pid <> pg_backend_pid()")
    held.add_unit()  # so that no board is in memory
    with service.holding("LOCK TABLE contestants IN ACCESS EXCLUSIVE MODE") as release, concurrent.futures.ThreadPoolExecutor() as pool:
        asked = [pool.submit(held.auditor.get, f"{held.round}/board") for _ in range(3)]
        wait_until(lambda: service.psql(waiting, user="postgres") == "2")
        release()
        assert [each.result().status_code for each in asked] == [200, 200, 200]


def test_a_round_of_150_units_takes_40_kb(service, clients):
    home, auditor = clients["home_affairs"], clients["auditor"]
    path = f"{make_campaign(service)}/rounds/2024"
    parent = make_unit(clients["admin"], name="Sở Nội vụ")["id"]  # its length counts, so it is not a number of the run
    for i in range(150):
        unit = make_unit(clients["admin"], name=f"Phòng Kiểm soát thủ tục hành chính số {i}", kind="PROVINCIAL_SUBUNIT", parent_id=parent)["id"]
        assert home.put(f"{path}/contestants/{unit}", json={
            "group": "UNIT_UNDER_SO", "on_assessed_list": True, "advises_par": True, "source_document": "12/QĐ-SNV"}).status_code == 201
    assert home.post(f"{path}/evaluations", json={}).status_code == 201
    answer = auditor.get(f"{path}/board")
    shown = answer.json()
    assert len(shown["matrix"]["items"]) == 150 and not shown["matrix"]["more"]
    assert len(answer.content) <= 40 * 1024, len(answer.content)
    assert auditor.get(f"{path}/board", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_what_people_decide_is_on_it_and_who_left_the_register_stays_in_place(service, clients):
    made = AwardRound(service, clients, 4)
    loose = make_unit(made.admin, name="Phòng Ba", kind="PROVINCIAL_SUBUNIT", parent_id=made.parent)["id"]
    path = f"{made.round}/contestants/{loose}"
    entry = {"group": "UNIT_UNDER_SO", "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}
    made.done(made.home.put(path, json=entry))
    first = made.evaluate()
    for unit, decided in zip(made.units, ("OUT", "POSSIBLE", "OUT", "SECURE")):
        made.done(made.override(first, unit, decided))
    agrees(made, made.auditor, office=True)
    made.evaluate()  # then they are among its inputs
    agrees(made, made.auditor, office=True)
    before = [(item["unit_id"], item["unit_label"]) for item in board(made)["matrix"]["items"]]
    assert made.home.delete(path, headers=made.etag(path)).status_code == 204
    after = board(made)["matrix"]
    assert [(item["unit_id"], item["unit_label"]) for item in after["items"]] == before and len(before) == 5
    assert [item["unit_id"] for item in after["items"] if item["group"] is None] == [loose]


def test_a_round_that_is_not_there(clients, held):
    problem(clients["anyone"].get(f"{held.campaign}/rounds/1999/board"), 404, "not-found")
    empty = held.done(clients["anyone"].get(f"{held.campaign}/rounds/2025/board"))
    assert set(empty["funnel"]["total"].values()) == {0, None} and empty["latest_evaluation"] is None


@pytest.mark.parametrize("now, phase, overdue", [("2024-12-30T23:59:59+07:00", "OPEN", "f"), ("2024-12-31T00:00:00+07:00", "APPRAISAL", "t")])
def test_intake_ends_and_reports_are_overdue_from_midnight_on(service, clients, now, phase, overdue):
    """III.4.a and V.1: "trước ngày 31/12". By a clock of its own, as the database shows it."""
    make_unit(clients["admin"])  # it owes a report
    code = make_campaign(service).rsplit("/", 1)[1]
    told = service.psql(f"""SELECT set_config('thidua.now', '{now}', false);
        SELECT board_phase(r, true), (board_overdue_json(r, true, NULL) #>> '{{reports,count}}')::integer > 0
        FROM rounds r WHERE r.campaign = '{code}' AND r.year = 2024""", user="thidua_app")
    assert told.splitlines()[-1] == f"{phase}|{overdue}", told
