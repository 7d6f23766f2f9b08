"""Groups and clusters of contestants are the plan's: declared in its file, validated against it, compared and allocated by it."""
import copy
import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from award_tools import AwardRound, number
from conftest import PLAN, make_campaign, make_unit
from service import Client, problem


@pytest.fixture
def plan():
    return {**copy.deepcopy(PLAN), "code": f"T-{uuid.uuid4().hex[:12]}"}


@pytest.fixture
def load(service, tmp_path):
    def load_plan(plan):
        file = tmp_path / "plan.json"
        file.write_text(json.dumps(plan), encoding="utf-8")
        return service.command("load", str(file))
    return load_plan


def called(code):
    return code.replace("_", " ").capitalize()


def with_groups(plan, *groups):
    """The plan with other groups: (code, kinds of units)."""
    rules = plan["criteria_set"]
    plan["groups"] = [{"code": code, "unit_kinds": kinds, "vi": called(code), "en": called(code)} for code, kinds in groups]
    plan["cut_offs"]["yearly_report"]["owed_by"] = [groups[0][0]]
    rules["name"] = plan["code"]
    rules["standings"]["groups"].update({code: {"vi": called(code), "en": called(code)} for code, _ in groups})
    return plan


def enter(client, url, unit, group, **body):
    return client.put(f"{url}/contestants/{unit}", json={"group": group, "on_assessed_list": False, **body})


def test_the_plan_shows_its_groups_and_no_other_is_taken(clients, campaign):
    shown = clients["anyone"].get(campaign).json()["groups"]
    assert [g["code"] for g in shown] == ["SO_BAN_NGANH", "UNIT_UNDER_SO", "HUYEN", "XA", "UNIT_UNDER_HUYEN"]
    url, home, unit = f"{campaign}/rounds/2024", clients["home_affairs"], make_unit(clients["admin"])["id"]
    allowed = ", ".join(f'"{g["code"]}" ({g["en"]})' for g in shown)
    answers = [(enter(home, url, unit, "KHOI_1"), "/group"),
               (home.post(f"{url}/evaluations", json={"group": "KHOI_1"}), "/group"),
               (home.put(f"{url}/quota", headers={"If-Match": home.get(f"{url}/quota").headers["ETag"]}, json={
                   "reason": "Thử", "allocation": [{"group": "XA", "slots": 1}, {"group": "KHOI_1", "slots": 1}]}), "/allocation/1/group")]
    for answer, pointer in answers:
        error = problem(answer, 422, "invalid")["errors"][0]
        assert (error["pointer"], error["code"]) == (pointer, "unknown_group") and allowed in error["detail"]
    problem(home.get(f"{url}/contestants", params={"group": "KHOI_1"}), 400, "invalid-query")
    assert home.get(f"{url}/contestants", params={"group": "XA"}).json()["items"] == []


def test_a_plan_may_hold_one_kind_in_several_groups_and_several_kinds_in_one(service, clients, plan, load):
    done = load(with_groups(plan, ("KHOI_KINH_TE", ["PROVINCIAL_BODY"]), ("KHOI_NOI_CHINH", ["PROVINCIAL_BODY", "DISTRICT"])))
    assert done.returncode == 0, done.stderr
    url, home = f"/v1/campaigns/{plan['code']}/rounds/2024", clients["home_affairs"]
    body, other, district = (make_unit(clients["admin"], kind=kind)["id"] for kind in ("PROVINCIAL_BODY", "PROVINCIAL_BODY", "DISTRICT"))
    assert enter(home, url, body, "KHOI_KINH_TE").status_code == 201
    assert enter(home, url, other, "KHOI_NOI_CHINH").status_code == 201
    assert problem(enter(home, url, district, "KHOI_KINH_TE"), 422, "rule-refused")["clause"] == "II.1"
    assert enter(home, url, district, "KHOI_NOI_CHINH").status_code == 201
    # V.1: the first group that holds a kind is where a unit belongs unless it is entered otherwise.
    owing = {}
    for unit in (body, other, district):
        report = service.key("unit", unit).put(f"{url}/reports/{unit}", json={"document_number": "1/BC", "document_date": "2024-12-01"})
        owing[unit] = report.status_code
    assert owing == {body: 201, other: 422, district: 422}


@pytest.mark.parametrize("path, value, words", [
    (("groups",), [], "/groups must be"),
    (("groups",), [{"code": "x", "unit_kinds": ["DISTRICT"]}], "/groups must be"),
    (("groups",), [{"code": "A", "unit_kinds": ["KINGDOM"]}], "/groups must be"),
    (("groups",), [{"code": "A", "unit_kinds": ["DISTRICT"]}] * 2, "/groups must be"),
    (("cut_offs", "yearly_report", "owed_by"), ["KHOI_1"], "/cut_offs/yearly_report/owed_by must be"),
    (("groups",), [*PLAN["groups"], {"code": "KHOI_1", "unit_kinds": ["DISTRICT"]}], "/criteria_set/standings/groups: KHOI_1"),
])
def test_groups_that_do_not_fit_are_refused_by_the_name_of_their_member(clients, plan, load, path, value, words):
    place = plan
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    done = load(plan)
    assert done.returncode == 1 and words in done.stderr, done.stderr
    problem(clients["anyone"].get(f"/v1/campaigns/{plan['code']}"), 404, "not-found")


def test_a_group_that_somebody_is_in_stays(clients, plan, load):
    assert load(plan).returncode == 0
    url = f"/v1/campaigns/{plan['code']}/rounds/2024"
    assert enter(clients["home_affairs"], url, make_unit(clients["admin"], kind="COMMUNE")["id"], "XA").status_code == 201
    plan["groups"] = [g for g in plan["groups"] if g["code"] != "XA"]
    done = load(plan)
    assert done.returncode == 1 and "contestants_group" in done.stderr
    assert len(clients["anyone"].get(f"/v1/campaigns/{plan['code']}").json()["groups"]) == 5


# ---- clusters ----

def clustered(**changes):
    """Plan 230 where units are compared inside their khối or cụm."""
    rules = copy.deepcopy(PLAN["criteria_set"])
    rules["name"] = f"C-{uuid.uuid4().hex[:12]}"
    rules["facts"]["cluster"] = {"type": "text", "text": {"vi": "Khối, cụm", "en": "Cluster"}}
    rules["standings"]["cluster_by"] = "cluster"
    return {"criteria_set": rules, **changes}


def place(held, unit, cluster, score):
    path = f"{held.round}/contestants/{unit}"
    held.done(held.home.put(path, headers=held.etag(path), json={
        "group": "UNIT_UNDER_SO", "cluster": cluster, "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"}))
    path = f"{held.round}/findings/{unit}"
    held.done(held.home.put(path, headers=held.etag(path), json={"contents": [
        {"content": c, "score": score, "result": "OUTSTANDING_LEADING", "reason": "Dẫn đầu khối", "evidence": []} for c in "ABCD"]}))


def allocate(held, *shares):
    path = f"{held.round}/quota"
    return held.home.put(path, headers=held.etag(path), json={
        "reason": "Phân bổ", "allocation": [{"group": "UNIT_UNDER_SO", "cluster": c, "slots": n} for c, n in shares]})


def test_units_are_compared_and_places_kept_inside_clusters(service, clients):
    """III.1.a, III.2.b: a nested quota, cap over group over cluster. A strong unit takes no place of another cluster."""
    held = AwardRound(service, clients, 5, campaign=make_campaign(service, **clustered()))
    for unit, (cluster, score) in zip(held.units, [("Khối 1", "99"), ("Khối 1", "98"), ("Khối 1", "97"), ("Khối 2", "80"), (None, "70")]):
        place(held, unit, cluster, score)
    held.done(allocate(held, ("Khối 1", 1), ("Khối 2", 2)))
    evaluation = held.evaluate()
    shown = held.standings(evaluation)
    assert [(shown[u]["cluster"], shown[u]["rank"]) for u in held.units] == [
        ("Khối 1", 1), ("Khối 1", 2), ("Khối 1", 3), ("Khối 2", 1), (None, 1)]
    # Khối 2 needs one of its two places: what it leaves is the group's, where the unit in no cluster is next.
    assert [shown[u]["status"] for u in held.units] == ["SECURE", "OUT", "OUT", "SECURE", "SECURE"]
    assert shown[held.units[1]]["decided_by"]["against_unit_id"] == held.units[0] and shown[held.units[1]]["decided_by"]["margin"] == "-4.00"
    quotas = held.auditor.get(f"/v1/evaluations/{evaluation}").json()["inputs"]["standings"]["quotas"]
    assert [(q["name"], q["places"], q.get("parent")) for q in quotas] == [
        ("cap", 6, None), ("UNIT_UNDER_SO", 3, "cap"), ("UNIT_UNDER_SO/Khối 1", 1, "UNIT_UNDER_SO"), ("UNIT_UNDER_SO/Khối 2", 2, "UNIT_UNDER_SO"),
        ("rest", 3, "cap")]  # what the allocation leaves, for all other groups together
    assert held.done(held.auditor.post(f"/v1/evaluations/{evaluation}/replay"))["identical"] is True
    tie = held.home.post(f"{held.round}/tie-decisions", json={
        "units": [held.units[0], held.units[3]], "method": "LOT", "reason": "Bốc thăm", "document": "15/BB"})
    assert problem(tie, 422, "rule-refused")["clause"] == "III.1.a"


def test_plan_230_compares_inside_the_whole_group(service, clients):
    """[reading] Its rules name groups (khối sở, cụm huyện, khối xã) and no clusters inside: shares of clusters are the group's."""
    held = AwardRound(service, clients, 3)
    for unit, (cluster, score) in zip(held.units, [("Khối 1", "99"), ("Khối 1", "98"), ("Khối 2", "80")]):
        place(held, unit, cluster, score)
    held.done(allocate(held, ("Khối 1", 1), ("Khối 2", 1)))
    shown = held.standings(held.evaluate())
    assert [(shown[u]["cluster"], shown[u]["rank"], shown[u]["status"]) for u in held.units] == [
        (None, 1, "SECURE"), (None, 2, "SECURE"), (None, 3, "OUT")]


def test_who_has_an_award_moves_into_no_share_that_is_full(service, clients):
    """III.2.b: else a share would hold more awards than were ever allocated to it. The schedule of the last step: two move at once, and
    each sees the share as it was before the other."""
    held = AwardRound(service, clients, 4, campaign=make_campaign(service, **clustered()))
    code = held.campaign.rsplit("/", 1)[1]
    for unit, cluster in zip(held.units, ["Khối 1", "Khối 1", "Khối 2", "Khối 2"]):
        place(held, unit, cluster, "95")
    held.done(allocate(held, ("Khối 1", 2), ("Khối 2", 1)))
    held.done(held.sign(held.draft(held.units[:3]), number()))

    def move(unit, cluster):
        path = f"{held.round}/contestants/{unit}"
        return Client(service.base, held.home.key).put(path, headers=held.etag(path), json={
            "group": "UNIT_UNDER_SO", "cluster": cluster, "on_assessed_list": False, "advises_par": True, "source_document": "12/QĐ-SNV"})

    def exceeded():
        return service.psql(f"SELECT count(*) FROM shares_exceeded('{code}', 2024, NULL)")

    refused = problem(move(held.units[0], "Khối 2"), 422, "rule-refused")
    assert (refused["clause"], exceeded()) == ("III.2.b", "0")
    assert move(held.units[3], "Khối 1").status_code == move(held.units[0], "Khối 3").status_code == 200, "who has none, and where nobody has"
    assert move(held.units[0], "Khối 1").status_code == 200
    held.done(allocate(held, ("Khối 1", 2), ("Khối 2", 2)))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda unit: move(unit, "Khối 2"), held.units[:2]))
    assert sorted(answer.status_code for answer in answers) == [200, 422] and exceeded() == "0"
