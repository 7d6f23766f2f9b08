"""Rule sets over HTTP: written as drafts, checked, published for ever, compared, taken by a campaign."""
import concurrent.futures
import copy
import json
import uuid

import pytest

from conftest import PLAN, make_campaign
from service import problem, wait_until
from test_events import events, head

SETS = "/v1/criteria-sets"


def document(**changes):
    made = {**copy.deepcopy(PLAN["criteria_set"]), "name": f"thu-{uuid.uuid4().hex[:8]}"}
    made.update(changes)
    return made


def leaf(rules, identifier):
    """The leaf with that id, to be changed in place."""
    todo = [rules["criteria"]]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            if value.get("id") == identifier and "kind" in value:
                return value
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    raise KeyError(identifier)


def draft(client, rules):
    answer = client.post(SETS, json={"document": rules})
    assert answer.status_code == 201, answer.text
    return answer


def published(client, rules):
    made = draft(client, rules)
    answer = client.post(made.headers["Location"] + "/publish", headers={"If-Match": made.headers["ETag"]})
    assert answer.status_code == 200, answer.text
    return made.headers["Location"]


def test_of_two_drafts_of_one_version_at_once_the_second_is_refused(service, clients):
    """The schedule: neither finds the other, and the first is about to be kept when the second is entered."""
    rules = document()
    other = {**rules, "valid_from": "2024-02-01"}
    clerk = service.key("admin")
    waiting = lambda: int(service.psql("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"))
    with service.holding("LOCK TABLE journal IN SHARE MODE") as release, concurrent.futures.ThreadPoolExecutor(2) as pool:
        first = pool.submit(clients["admin"].post, SETS, json={"document": rules})
        wait_until(lambda: waiting() >= 1 or first.done())
        second = pool.submit(clerk.post, SETS, json={"document": other})
        wait_until(lambda: waiting() >= 2 or second.done())
        release()
        kept, refused = first.result(), second.result()
    assert kept.status_code == 201, kept.text
    problem(refused, 409, "conflict")
    assert clients["admin"].get(kept.headers["Location"]).json()["document"] == kept.json()["document"]


def test_drafts_are_announced_only_to_those_who_may_read_them(clients):
    """An event's audience is its subject's: for others a draft does not exist, and so nothing has happened to it."""
    def heard(client):
        return [e["type"] for e in events(client, start) if e["subject"] == path]

    start = head(clients)
    made = draft(clients["admin"], document())
    path = made.headers["Location"]
    replaced = clients["admin"].put(path, json={"document": made.json()["document"]}, headers={"If-Match": made.headers["ETag"]})
    head(clients)
    for role, client in clients.items():
        reads = client.get(path).status_code == 200
        assert heard(client) == (["thidua.criteria_set.drafted", "thidua.criteria_set.changed"] if reads else []), role
    assert clients["admin"].post(f"{path}/publish", headers={"If-Match": replaced.headers["ETag"]}).status_code == 200
    head(clients)
    for role in ("viewer", "unit", "initiative_council", "chair_office"):
        assert heard(clients[role]) == ["thidua.criteria_set.published"], role


def test_a_draft_is_written_replaced_published_and_then_never_changes(clients):
    admin, rules = clients["admin"], document()
    made = draft(admin, rules)
    path = made.headers["Location"]
    assert path == f"{SETS}/{rules['name']}/1" and made.json()["state"] == "DRAFT"
    assert clients["anyone"].get(path).status_code == 404 and clients["viewer"].get(path).status_code == 404
    rules["criteria"][0]["text"]["en"] = "Is a contestant"
    replaced = admin.put(path, json={"document": rules}, headers={"If-Match": made.headers["ETag"]})
    assert replaced.status_code == 200 and replaced.json()["sha256"] != made.json()["sha256"]
    problem(admin.put(path, json={"document": rules}, headers={"If-Match": made.headers["ETag"]}), 412, "stale-version")
    done = admin.post(f"{path}/publish", headers={"If-Match": replaced.headers["ETag"]})
    assert done.status_code == 200 and done.json()["state"] == "PUBLISHED" and done.json()["published_at"]
    shown = clients["anyone"].get(path)
    assert shown.json()["document"] == rules
    for refused in (admin.put(path, json={"document": rules}, headers={"If-Match": done.headers["ETag"]}),
                    admin.post(f"{path}/publish", headers={"If-Match": done.headers["ETag"]}),
                    admin.post(SETS, json={"document": rules})):
        problem(refused, 409, "conflict")
    assert rules["name"] in {s["name"] for s in clients["anyone"].get(SETS, params={"name": rules["name"]}).json()["items"]}


def test_the_database_too_keeps_what_was_published(service, clients):
    name = published(clients["admin"], document()).split("/")[3]
    for sql in (f"UPDATE criteria_sets SET document = '{{}}' WHERE name = '{name}'", f"DELETE FROM criteria_sets WHERE name = '{name}'"):
        assert "ERROR" in service.psql(sql)


def spoil_citations(rules):
    leaf(rules, "index_at_least_90")["citations"] = []


def spoil_fact(rules):
    leaf(rules, "index_at_least_90")["part"] = "index_dreamt_of"


def spoil_case(rules):
    rules["cases"][0]["expect"]["overall"] = "PENDING" if rules["cases"][0]["expect"]["overall"] != "PENDING" else "ELIGIBLE"


def spoil_cover(rules):
    rules["cases"] = rules["cases"][:1]


@pytest.mark.parametrize("spoil", [spoil_citations, spoil_fact, spoil_case, spoil_cover])
def test_a_set_that_is_not_sound_is_kept_as_a_draft_but_not_published(clients, spoil):
    """Without citations, with an unknown fact, with a failing case, with a leaf that its cases do not cover."""
    rules = document()
    spoil(rules)
    report = clients["viewer"].post(f"{SETS}/check", json={"document": rules}).json()
    assert report["publishable"] is False and report["faults"], report
    made = draft(clients["admin"], rules)
    refused = problem(clients["admin"].post(made.headers["Location"] + "/publish", headers={"If-Match": made.headers["ETag"]}),
                      422, "rule-refused")
    assert {e["pointer"] for e in refused["errors"]} == {"/document" + f["pointer"] for f in report["faults"][:64]}
    assert clients["admin"].get(made.headers["Location"]).json()["state"] == "DRAFT"


def case_base(rules):
    return rules["case_base"]["unit"]["facts"]


@pytest.mark.parametrize("spoil, place, vi, en", [
    (lambda rules: leaf(rules, "index_at_least_90").update(op="=>"), "/op", 'Các giá trị dùng được: "="', 'It is one of: "=", "!=", "<", "<=", ">", ">=".'),
    (lambda rules: leaf(rules, "index_at_least_90").update(kind="ratios"), "", 'Các loại dùng được: "all", "any"', '"streak"'),
    (lambda rules: leaf(rules, "index_at_least_90").update(p="90"), "/p", "Cần một số nguyên, không để trong dấu nháy", "A whole number is needed, without quotes"),
    (lambda rules: leaf(rules, "index_at_least_90").update(p=-1), "/p", "Khoảng cho phép: 0 –", "The range: 0 –"),
    (lambda rules: rules.update(valid_from="1/1/2024"), "/valid_from", 'Cần một ngày: "2025-12-31"', 'A day is needed: "2025-12-31"'),
    (lambda rules: rules.update(criteria={}), "/criteria", "Cần một danh sách: […]", "A list is needed: […]"),
    (lambda rules: case_base(rules).update(index_achieved={"value": 85}), "/case_base/unit/facts/index_achieved/value", 'hơn: "1.00"', 'no more decimals than: "1.00"'),
    (lambda rules: case_base(rules).update(is_contestant={"value": "yes"}), "/case_base/unit/facts/is_contestant/value", "true, false", "true, false")])
def test_a_fault_says_what_may_be_written(clients, spoil, place, vi, en):
    rules = document()
    spoil(rules)
    told = clients["viewer"].post(f"{SETS}/check", json={"document": rules}).json()["faults"]
    [fault] = [fault for fault in told if fault["pointer"].endswith(place)]
    assert vi in fault["detail"]["vi"] and en in fault["detail"]["en"], fault


def test_all_findings_come_at_once_with_their_places(service, clients):
    rules = document()
    spoil_citations(rules)
    leaf(rules, "dossier_lodged")["fact"] = "unheard_of"
    leaf(rules, "leading_a")["content"] = "Z"
    before = service.psql("SELECT (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'), (SELECT count(*) FROM criteria_sets)")
    report = clients["viewer"].post(f"{SETS}/check", json={"document": rules}).json()
    assert len({f["pointer"] for f in report["faults"]}) >= 3
    for fault in report["faults"]:
        value = rules
        for part in fault["pointer"].split("/")[1:]:
            value = value[int(part)] if isinstance(value, list) else value.get(part, "")
        assert fault["code"] and fault["detail"]["vi"] and fault["detail"]["en"]
    assert service.psql("SELECT (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'), (SELECT count(*) FROM criteria_sets)") == before
    sound = clients["viewer"].post(f"{SETS}/check", json={"document": document()}).json()
    assert sound["publishable"] is True and sound["faults"] == [] and sound["cases"] > 10


@pytest.mark.parametrize("change, pointer", [
    ({"name": "với dấu"}, "/document/name"), ({"name": "."}, "/document/name"), ({"name": ".."}, "/document/name"), ({"name": "-1"}, "/document/name"),
    ({"name": ""}, "/document/name"), ({"version": 0}, "/document/version"), ({"version": "1"}, "/document/version"),
    ({"valid_from": "2024-02-30"}, "/document/valid_from"), ({"valid_to": "2020-01-01"}, "/document/valid_to"),
    ({"padding": "x" * 70000}, "/document")])
def test_what_not_even_a_draft_may_be(clients, change, pointer):
    refused = problem(clients["admin"].post(SETS, json={"document": document(**change)}), 422, "invalid")
    assert [e["pointer"] for e in refused["errors"]] == [pointer]


def test_two_versions_are_compared_leaf_by_leaf(clients):
    """If the threshold were 85 %: the diff names the criterion, the leaf and the member, before and after."""
    first = document()
    published(clients["admin"], first)
    second = copy.deepcopy(first)
    second["version"] = 2
    leaf(second, "index_at_least_90")["p"] = 85
    draft(clients["admin"], second)
    found = clients["home_affairs"].get(f"{SETS}/{first['name']}/diff", params={"from": 1, "to": 2}).json()
    assert [(c["id"], c["change"]) for c in found["criteria"]] == [("III.1.b", "CHANGED")]
    assert [(c["id"], c["members"]) for c in found["leaves"]] == [
        ("index_at_least_90", [{"member": "p", "change": "CHANGED", "before": leaf(first, "index_at_least_90")["p"], "after": 85}])]
    assert [c["member"] for c in found["members"]] == ["version"]
    problem(clients["viewer"].get(f"{SETS}/{first['name']}/diff", params={"from": 1, "to": 2}), 404, "not-found")  # a draft
    problem(clients["viewer"].get(f"{SETS}/{first['name']}/diff", params={"from": 1}), 400, "invalid-query")


def test_another_order_of_the_same_criteria_is_a_difference(clients):
    first = document()
    published(clients["admin"], first)
    ids = [criterion["id"] for criterion in first["criteria"]]
    turned = {**first, "version": 2, "criteria": first["criteria"][::-1]}
    draft(clients["admin"], turned)
    found = clients["home_affairs"].get(f"{SETS}/{first['name']}/diff", params={"from": 1, "to": 2}).json()
    assert (found["criteria"], found["leaves"]) == ([], [])
    assert [c for c in found["members"] if c["member"] != "version"] == [
        {"member": "criteria", "change": "CHANGED", "before": ids, "after": ids[::-1]}]


def test_a_campaign_takes_a_published_version_and_says_so_in_the_journal(service, clients):
    campaign = make_campaign(service)
    rules = document()
    etag = clients["anyone"].get(campaign).headers["ETag"]
    body = {"name": rules["name"], "version": 1, "reason": "Sửa ngưỡng theo văn bản số 5"}
    draft(clients["admin"], rules)
    refused = clients["admin"].put(f"{campaign}/criteria-set", json=body, headers={"If-Match": etag})
    assert problem(refused, 422, "invalid")["errors"][0]["code"] == "not_published"
    path = f"{SETS}/{rules['name']}/1"
    clients["admin"].post(f"{path}/publish", headers={"If-Match": clients["admin"].get(path).headers["ETag"]})
    taken = clients["admin"].put(f"{campaign}/criteria-set", json=body, headers={"If-Match": etag})
    assert taken.status_code == 200, taken.text
    assert taken.json()["criteria_set"]["name"] == rules["name"]
    assert campaign.rsplit("/", 1)[1] in clients["anyone"].get(path).json()["campaigns"]
    assert "Sửa ngưỡng" in service.psql(f"SELECT reason FROM journal WHERE type = 'campaign.criteria_set_taken' AND campaign = "
                                        f"'{campaign.rsplit('/', 1)[1]}'")
    made = clients["home_affairs"].post(f"{campaign}/rounds/2024/evaluations", json={}).json()
    assert made["rule_set"] == {"name": rules["name"], "version": 1}


def forget_communes(rules):
    rules["standings"]["groups"].pop("XA")
    leaf(rules, "contestant_kind")["values"].remove("XA")


@pytest.mark.parametrize("spoil, code", [
    (forget_communes, "groups_unknown"),
    (lambda rules: rules["standings"].update(cap=5), "cap_beyond")], ids=["group", "cap"])
def test_a_campaign_takes_no_standings_that_do_not_fit_it(service, clients, spoil, code):
    """II.1 and III.2.b: a contestant that nobody ranks, or a place that nobody could have."""
    campaign, rules = make_campaign(service), document()
    spoil(rules)
    published(clients["home_affairs"], rules)
    etag = clients["admin"].get(campaign).headers["ETag"]
    refused = clients["admin"].put(f"{campaign}/criteria-set", headers={"If-Match": etag}, json={
        "name": rules["name"], "version": rules["version"], "reason": "Bản khác"})
    assert [e["code"] for e in problem(refused, 422, "invalid")["errors"]] == [code]
    assert clients["admin"].get(campaign).headers["ETag"] == etag


def test_the_canonical_form_does_not_depend_on_the_order_of_members(clients):
    rules = document()
    shuffled = json.loads(json.dumps(rules, sort_keys=True))
    hashes = {clients["viewer"].post(f"{SETS}/check", json={"document": d}).json()["sha256"] for d in (rules, shuffled)}
    assert len(hashes) == 1
