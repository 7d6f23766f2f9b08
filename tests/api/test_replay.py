"""An evaluation can be said again: from what is stored, byte for byte, whatever has changed since; or the difference is named."""
import copy
import json
import random
import uuid

import pytest

from conftest import PLAN, load_plan, make_campaign
from service import ROOT
from test_packed_facts import WRITES, Round


@pytest.fixture
def filled(service, clients, unit):
    """A round in which every kind of fact has been written, evaluated."""
    made = Round(service, clients, unit)
    pick = random.Random(5)
    for write in WRITES:
        for each in made.units:
            write(made, each, pick)
    return made


def evaluate(made):
    return made.ok("home_affairs", "POST", f"{made.path}/evaluations", json={}).json()


def replay(made, evaluation):
    return made.ok("auditor", "POST", f"/v1/evaluations/{evaluation['id']}/replay").json()


def read(made, evaluation):
    """All that readers are shown of it."""
    path = f"/v1/evaluations/{evaluation['id']}"
    texts = [made.clients["auditor"].get(f"{path}{part}").text for part in ("", "/verdicts", "/standings")]
    return texts + [made.clients["auditor"].get(f"{path}/verdicts/{each}").text for each in made.units]


def test_replay_is_identical_and_changes_nothing(filled):
    first, second = evaluate(filled), evaluate(filled)
    assert (first["input_hash"], first["result_hash"]) != (None, None)
    before = filled.service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'")
    said = replay(filled, first)
    assert said["identical"] is True and said["difference"] is None and said["verdicts"] == 3
    for hashes, kept in ((said["input_hashes"], first["input_hash"]), (said["result_hashes"], first["result_hash"])):
        assert hashes == {"stored": kept, "journal": kept, "recomputed": kept}
    assert filled.service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'") == before
    assert replay(filled, second)["identical"] is True


def test_replay_after_facts_rules_and_units_have_changed(filled, clients, unit):
    then = evaluate(filled)
    shown = read(filled, then)
    for each in filled.units:
        filled.discipline(each, random.Random(9))
        filled.contestant(each, random.Random(9))
    rules = copy.deepcopy(PLAN)
    rules["code"] = filled.campaign.rsplit("/", 1)[1]
    rules["criteria_set"]["name"] = f"R-{uuid.uuid4().hex[:12]}"
    # Another fact: what is packed by the old declarations must not be read by the new ones.
    rules["criteria_set"]["facts"] = {"cluster": {"type": "text", "text": {"vi": "Mới", "en": "New"}}, **rules["criteria_set"]["facts"]}
    load_plan(filled.service, rules)
    heir = unit()
    merged = clients["admin"].post(f"/v1/units/{filled.units[0]}/successions", json={
        "successors": [heir["id"]], "kind": "MERGE", "effective_on": "2025-07-01", "legal_basis": "NQ thử"},
        headers={"If-Match": clients["admin"].get(f"/v1/units/{filled.units[0]}").headers["ETag"]})
    assert merged.status_code == 201, merged.text
    now = evaluate(filled)
    assert now["rule_set_hash"] != then["rule_set_hash"] and now["input_hash"] != then["input_hash"]
    assert replay(filled, then)["identical"] is True and replay(filled, now)["identical"] is True
    assert [json.loads(text) for text in read(filled, then)[:2]] == [json.loads(text) for text in shown[:2]]


def test_replay_after_everything_around_it_has_changed(filled, clients):
    """Allocation, decisions on ties, overrides, groups and clusters, the conference: all are inputs of then, whatever they are now."""
    home, path = clients["home_affairs"], filled.path
    one, other = filled.units[:2]
    allocated = home.put(f"{path}/quota", headers={"If-Match": home.get(f"{path}/quota").headers["ETag"]}, json={
        "reason": "Phân bổ", "allocation": [{"group": "SO_BAN_NGANH", "cluster": "Khối 1", "slots": 1}]})
    assert allocated.status_code == 200, allocated.text
    decided = home.post(f"{path}/tie-decisions", json={"units": [one, other], "method": "LOT", "reason": "Bốc thăm", "document": "1/BB"})
    assert decided.status_code == 201, decided.text
    then = evaluate(filled)
    assert then["inputs"]["standings"].keys() == {"quotas", "tie_decisions"}
    shown = read(filled, then)
    again = home.post(f"{path}/tie-decisions", json={"units": [other, one], "method": "DECISION", "reason": "Quyết định", "document": "2/BB"})
    override = home.post(f"/v1/evaluations/{then['id']}/overrides", json={
        "unit_id": one, "decided": "POSSIBLE", "reason": "Chờ xác minh", "legal_basis": "3/CV"})
    assert (again.status_code, override.status_code) == (201, 201), override.text
    home.put(f"{path}/quota", headers={"If-Match": home.get(f"{path}/quota").headers["ETag"]}, json={
        "reason": "Phân bổ lại", "allocation": [{"group": "HUYEN", "slots": 6}]})
    round_tag = {"If-Match": home.get(path).headers["ETag"], "Content-Type": "application/merge-patch+json"}
    assert home.patch(path, data='{"conference_on": "2025-03-20"}', headers=round_tag).status_code == 200
    plan = copy.deepcopy(PLAN)
    plan["code"] = filled.campaign.rsplit("/", 1)[1]
    plan["groups"].append({"code": "KHOI_KHAC", "unit_kinds": ["PROVINCIAL_BODY"], "vi": "Khối khác", "en": "Another bloc"})
    plan["criteria_set"]["name"] = f"R-{uuid.uuid4().hex[:12]}"
    plan["criteria_set"]["standings"]["groups"]["KHOI_KHAC"] = {"vi": "Khối khác", "en": "Another bloc"}
    plan["criteria_set"]["standings"]["cluster_by"] = "cluster"
    plan["criteria_set"]["facts"]["cluster"] = {"type": "text", "text": {"vi": "Cụm", "en": "Cluster"}}
    load_plan(filled.service, plan)
    entry = f"{path}/contestants/{other}"
    moved = home.put(entry, headers={"If-Match": home.get(entry).headers["ETag"]},
                     json={"group": "KHOI_KHAC", "cluster": "Khối 2", "on_assessed_list": False})
    assert moved.status_code == 200, moved.text
    now = evaluate(filled)
    assert now["input_hash"] != then["input_hash"]
    for each in (then, now):
        said = replay(filled, each)
        assert said["identical"] is True, said["difference"]
    later = read(filled, then)
    assert [json.loads(text) for text in later[:2]] == [json.loads(text) for text in shown[:2]]
    # Its standings are what they were, but for what was decided on them since.
    was, is_now = (json.loads(texts[2])["items"] for texts in (shown, later))
    changed = [(a["unit_id"], b["override"]["decided"]) for a, b in zip(was, is_now) if a != b]
    assert changed == [(one, "POSSIBLE")]
    assert [{**a, "override": None} for a in was] == [{**b, "override": None} for b in is_now]


def tampered(made, evaluation, change, unit=None):
    """What replay says after the owner of the database changed a stored row; put back afterwards."""
    where = f"evaluation_id = '{evaluation['id']}'" + (f" AND unit_id = '{unit}'" if unit else "")
    old = made.service.psql(f"SELECT encode(facts, 'hex') || ' ' || encode(results, 'hex') || ' ' || overall FROM verdicts WHERE {where}")
    assert made.service.psql(f"UPDATE verdicts SET {change} WHERE {where}") == "UPDATE 1"
    said = replay(made, evaluation)
    facts, results, overall = old.split()
    made.service.psql(f"UPDATE verdicts SET facts = '\\x{facts}', results = '\\x{results}', overall = '{overall}' WHERE {where}")
    assert said["identical"] is False
    return said["difference"]


def test_a_changed_row_is_named(filled):
    made, unit = evaluate(filled), filled.units[1]
    assert tampered(filled, made, "overall = 'ELIGIBLE'", unit)["unit_id"] == unit
    found = tampered(filled, made, "facts = set_byte(facts, 60, get_byte(facts, 60) # 1)", unit)
    assert (found["kind"], found["unit_id"]) == ("FACTS", unit)
    # The truth of a leaf, from whatever it was to another one.
    nodes = 34 + 2 * len(PLAN["criteria_set"]["criteria"])
    named = []
    for at in range(nodes, nodes + 30):
        found = tampered(filled, made, f"results = set_byte(results, {at}, get_byte(results, {at}) # 2)", unit)
        assert found["unit_id"] == unit
        named += [found] if found["leaf"] else []
    assert named and all(each["criterion"] for each in named)
    assert any(each["stored"]["result"] != each["recomputed"]["result"] for each in named)


def test_a_changed_frame_is_found(filled):
    made = evaluate(filled)
    owner = filled.service.psql
    owner("ALTER TABLE evaluations DISABLE TRIGGER evaluations_stay")
    try:
        for change, kinds in (("inputs = jsonb_set(inputs, '{standings,quotas}', '[{\"name\": \"cap\", \"places\": 1}]')", {"STANDINGS", "INPUT_HASH"}),
                              ("result_hash = repeat('0', 64)", {"RESULT_HASH"}),
                              ("standings = set_byte(standings, 5, get_byte(standings, 5) # 1)", {"STANDINGS"})):
            one = evaluate(filled)
            assert owner(f"UPDATE evaluations SET {change} WHERE id = '{one['id']}'") == "UPDATE 1"
            assert replay(filled, one)["difference"]["kind"] in kinds
    finally:
        owner("ALTER TABLE evaluations ENABLE TRIGGER evaluations_stay")
    assert "evaluation that is done never changes" in owner(f"UPDATE evaluations SET result_hash = 'x' WHERE id = '{made['id']}'")


def test_replay_across_a_restart(fresh_service):
    from conftest import make_unit
    load_plan(fresh_service, PLAN)
    clients = {role: fresh_service.key(role) for role in ("admin", "home_affairs", "auditor", "initiative_council")}
    made = Round(fresh_service, clients, lambda: make_unit(clients["admin"]))
    made.finding(made.units[0], random.Random(3))
    evaluation = evaluate(made)
    shown = read(made, evaluation)
    assert fresh_service.stop() == 0
    fresh_service.start()
    for client in clients.values():
        client.base = fresh_service.base
    assert replay(made, evaluation)["identical"] is True
    assert read(made, evaluation) == shown


def test_an_evaluation_of_the_first_semantics_replays_as_the_release_before_stored_it(service, clients):
    """tests/criteria/evaluations: rules, facts, verdicts and standings as they were written before there was a second semantics."""
    stored = json.loads((ROOT / "tests/criteria/evaluations/semantics-1.json").read_text(encoding="utf-8"))
    rules = stored["document"]
    campaign = make_campaign(service, criteria_set=rules).rsplit("/", 1)[1]
    assert service.psql(f"SELECT sha256 FROM criteria_sets WHERE name = '{rules['name']}'") == stored["rule_set_hash"]
    evaluation = str(uuid.uuid4())
    quoted = lambda value: "'" + (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).replace("'", "''") + "'"
    insert = lambda table, row: service.psql(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(map(quoted, row.values()))})")
    year, hashes = stored["parameters"]["award_year"], {name: stored[name] for name in ("input_hash", "result_hash")}
    assert insert("evaluations", {
        "id": evaluation, "campaign": campaign, "year": year, "rule_set_name": rules["name"], "rule_set_version": rules["version"],
        "rule_set_hash": stored["rule_set_hash"], "semantics": stored["semantics"], "as_of": stored["parameters"]["as_of"],
        "parameters": stored["parameters"], "inputs": stored["inputs"], "standings": r"\x" + stored["standings"], "counts": {}, "warnings": [],
        "created_by_name": "thidua", **hashes}) == "INSERT 0 1"
    for verdict in stored["verdicts"]:
        assert insert("verdicts", {"evaluation_id": evaluation, "unit_id": verdict["unit_id"], "overall": verdict["overall"], "stamp": 0,
                                   "facts": r"\x" + verdict["facts"], "results": r"\x" + verdict["results"], "outcomes": ""}) == "INSERT 0 1"
    assert insert("journal", {"actor_kind": "SERVICE", "actor_name": "thidua", "actor_roles": "{}", "request_id": "r", "type": "evaluation.created",
                              "resource": f"/v1/evaluations/{evaluation}", "campaign": campaign, "year": year, "restricted": True,
                              "after": hashes}) == "INSERT 0 1"
    said = clients["auditor"].post(f"/v1/evaluations/{evaluation}/replay").json()
    assert (said["semantics"], said["semantics_stored"], said["verdicts"]) == (1, 1, len(stored["verdicts"])), said
    assert said["identical"] is True and said["difference"] is None, said
    for kind in hashes:
        assert said[kind.replace("hash", "hashes")] == {"stored": stored[kind], "journal": stored[kind], "recomputed": stored[kind]}
