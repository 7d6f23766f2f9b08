"""Units over time (domain, section 8): names, parents and codes are dated; who took over from whom is recorded, n:m."""
import datetime
import time
import uuid

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from service import problem


def code():
    return f"H{uuid.uuid4().int % 90 + 10}.{uuid.uuid4().int % 900 + 100}.{uuid.uuid4().int % 900 + 100}"


def agency(value):
    return {"scheme": "AGENCY", "value": value}


def etag(client, unit_id):
    return client.get(f"/v1/units/{unit_id}").headers["ETag"]


def change(client, unit_id, **fields):
    sure = {"confirm_duplicate": True} if {"name", "kind", "parent_id"} & set(fields) else {}  # tests share a database, and some name their units alike
    return client.merge(f"/v1/units/{unit_id}", {**sure, **fields}, etag(client, unit_id))


def on(client, unit_id, day):
    return client.get(f"/v1/units/{unit_id}", params={"on": day}).json()


def everything(service):
    return service.psql("SELECT (SELECT array_agg(p::text ORDER BY p::text) FROM unit_periods p), (SELECT array_agg(c::text "
                        "ORDER BY c::text) FROM unit_codes c), (SELECT count(*) FROM successions), (SELECT sum(version) FROM units),"
                        " (SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE')")


def test_a_dated_change_opens_a_period_and_closes_the_one_before(clients, unit):
    made = unit(name="Sở Cũ", legal_basis="cũ")
    parent = unit(name="Tỉnh", kind="PROVINCE")
    changed = change(clients["home_affairs"], made["id"], valid_from="2025-03-01", name="Sở Mới", parent_id=parent["id"])
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] != made["etag"] and changed.headers["ETag"] == etag(clients["anyone"], made["id"])
    before, after = on(clients["anyone"], made["id"], "2025-02-28"), on(clients["anyone"], made["id"], "2025-03-01")
    assert (before["name"], before["valid_to"], before["parent_id"], before["legal_basis"]) == ("Sở Cũ", "2025-02-28", None, "cũ")
    assert (after["name"], after["valid_from"], after["valid_to"]) == ("Sở Mới", "2025-03-01", None)
    assert (after["parent_id"], after["legal_basis"]) == (parent["id"], None), "a change has a legal basis of its own or none"
    cleared = change(clients["home_affairs"], made["id"], valid_from="2025-04-01", parent_id=None)
    assert cleared.json()["parent_id"] is None and cleared.json()["name"] == "Sở Mới"


def test_a_change_on_the_day_a_period_begins_corrects_it(clients, unit):
    made = unit(name="Tên sai", legal_basis="QĐ 1")
    assert change(clients["admin"], made["id"], valid_from="2020-01-01", name="Tên đúng").status_code == 200
    periods = clients["anyone"].get(f"/v1/units/{made['id']}/history").json()["periods"]
    assert [(p["name"], p["valid_from"], p["legal_basis"]) for p in periods] == [("Tên đúng", "2020-01-01", "QĐ 1")]


def test_a_change_between_two_others_lasts_until_the_next(clients, unit):
    made = unit(name="A")
    for day, name in (("2022-01-01", "C"), ("2021-01-01", "B")):
        assert change(clients["admin"], made["id"], valid_from=day, name=name).status_code == 200
    periods = clients["anyone"].get(f"/v1/units/{made['id']}/history").json()["periods"]
    assert [(p["name"], p["valid_from"], p["valid_to"]) for p in periods] == [
        ("A", "2020-01-01", "2020-12-31"), ("B", "2021-01-01", "2021-12-31"), ("C", "2022-01-01", None)]


def test_codes_are_dated_and_one_holder_a_day(clients, unit):
    old, new = code(), code()
    made, other = unit(codes=[agency(old)]), unit()
    taken = problem(change(clients["admin"], other["id"], valid_from="2024-01-01", codes_add=[agency(old)]), 409, "conflict")
    assert taken["errors"][0]["pointer"] == "/codes_add"
    response = change(clients["admin"], made["id"], valid_from="2024-01-01", codes_end=[agency(old)], codes_add=[agency(new)])
    assert [c["value"] for c in response.json()["codes"]] == [new]
    assert [c["value"] for c in on(clients["anyone"], made["id"], "2023-12-31")["codes"]] == [old]
    assert change(clients["admin"], other["id"], valid_from="2024-01-01", codes_add=[agency(old)]).status_code == 200
    history = clients["anyone"].get(f"/v1/units/{made['id']}/history").json()
    assert [(c["value"], c["valid_from"], c["valid_to"]) for c in history["codes"]] == [
        (old, "2020-01-01", "2023-12-31"), (new, "2024-01-01", None)]
    assert len(history["periods"]) == 1, "a code that changes opens no period of the name"


@pytest.mark.parametrize("fields, status, kind, pointer", [
    ({"valid_from": "2019-12-31", "name": "X"}, 409, "conflict", "/valid_from"),
    ({"valid_from": "2024-01-01", "codes_end": [{"scheme": "GSO", "value": "70"}]}, 409, "conflict", "/codes_end"),
    ({"valid_from": "2024-01-01", "codes_add": [{"scheme": "GSO", "value": "7000"}]}, 422, "invalid", "/codes_add"),
    ({"valid_from": "2024-01-01", "parent_id": str(uuid.UUID(int=1))}, 409, "conflict", "/parent_id"),
    ({"valid_from": "2024-01-01", "name": " \t"}, 422, "invalid", "/name"),
    ({"valid_from": "2024-01-01", "name": None}, 422, "invalid", "/name"),
    ({"valid_from": "2024-01-01"}, 422, "invalid", ""),
    ({"name": "X"}, 422, "invalid", "/valid_from"),
])
def test_a_refused_change_names_the_field_and_writes_nothing(service, clients, unit, fields, status, kind, pointer):
    made = unit()
    before = everything(service)
    assert pointer in [e["pointer"] for e in problem(change(clients["admin"], made["id"], **fields), status, kind)["errors"]]
    assert everything(service) == before


def test_no_unit_lies_below_itself(service, clients, unit):
    top = unit()
    middle = unit(parent_id=top["id"])
    below = unit(parent_id=middle["id"])
    before = everything(service)
    for parent in (top, middle, below):
        problem(change(clients["admin"], top["id"], valid_from="2024-01-01", parent_id=parent["id"]), 409, "conflict")
    assert everything(service) == before


def test_a_change_needs_the_version_that_was_read_and_a_role(service, clients, unit):
    made, fields = unit(), {"valid_from": "2024-01-01", "name": f"Mới {uuid.uuid4().hex[:8]}"}
    before = everything(service)
    url = f"/v1/units/{made['id']}"
    problem(clients["admin"].merge(url, fields, None), 428, "version-required")
    problem(clients["admin"].merge(url, fields, '"0-0000"'), 412, "stale-version")
    for role in ("viewer", "unit", "initiative_council", "chair_office", "auditor"):
        problem(clients[role].merge(url, fields, made["etag"]), 403, "forbidden")
    problem(clients["anyone"].merge(url, fields, made["etag"]), 401, "unauthenticated")
    assert everything(service) == before
    assert clients["admin"].merge(url, fields, made["etag"]).status_code == 200
    problem(clients["admin"].merge(url, fields, made["etag"]), 412, "stale-version")


def succeed(client, predecessor, kind, successors, day="2025-07-01", **more):
    return client.post(f"/v1/units/{predecessor['id']}/successions", json={
        "kind": kind, "effective_on": day, "legal_basis": "Nghị quyết 1662/NQ-UBTVQH15",
        "successors": [s["id"] for s in successors], **more})


def test_a_split_ends_the_body_frees_its_code_and_names_who_holds_now(clients, unit):
    value = code()
    old, first, second = unit(name="Cũ", codes=[agency(value)]), unit(name="Một"), unit(name="Hai")
    response = succeed(clients["admin"], old, "SPLIT", [first, second])
    assert response.status_code == 201, response.text
    assert {i["successor_unit_id"] for i in response.json()["items"]} == {first["id"], second["id"]}
    assert etag(clients["anyone"], old["id"]) != old["etag"]
    gone = on(clients["anyone"], old["id"], "2025-07-01")
    assert (gone["exists"], gone["valid_to"]) == (False, "2025-06-30")
    assert [code["value"] for code in gone["codes"]] == [value]  # it is shown as it was last
    assert on(clients["anyone"], old["id"], "2025-06-30")["exists"]
    assert change(clients["admin"], first["id"], valid_from="2025-07-01", codes_add=[agency(value)]).status_code == 200
    history = clients["anyone"].get(f"/v1/units/{old['id']}/history").json()
    assert {h["unit_id"] for h in history["holders_now"]} == {first["id"], second["id"]}
    earlier = clients["anyone"].get(f"/v1/units/{old['id']}/history", params={"on": "2025-06-30"}).json()
    assert [h["unit_id"] for h in earlier["holders_now"]] == [old["id"]]
    back = clients["anyone"].get(f"/v1/units/{first['id']}/history").json()["predecessors"]
    assert [(s["predecessor_unit_id"], s["kind"], s["effective_on"]) for s in back] == [(old["id"], "SPLIT", "2025-07-01")]


def test_succession_is_n_to_m_and_followed_through_several_steps(clients, unit):
    a, b, x, y, z = (unit(name=name) for name in ("A", "B", "X", "Y", "Z"))
    for old in (a, b):
        assert succeed(clients["admin"], old, "MERGE", [x, y], day="2024-07-01").status_code == 201
    assert succeed(clients["admin"], x, "RENAME", [z], day="2025-07-01").status_code == 201
    for old in (a, b):
        holders = clients["anyone"].get(f"/v1/units/{old['id']}/history").json()["holders_now"]
        assert {h["unit_id"] for h in holders} == {y["id"], z["id"]}
    page = clients["anyone"].get(f"/v1/units/{x['id']}/successions", params={"limit": 2}).json()
    rest = clients["anyone"].get(f"/v1/units/{x['id']}/successions", params={"cursor": page["next"]}).json()
    assert [s["kind"] for s in page["items"] + rest["items"]] == ["MERGE", "MERGE", "RENAME"] and rest["next"] is None


def test_a_transfer_ends_nobody_and_a_dissolved_body_may_have_no_successor(clients, unit):
    giver, taker, dissolved = unit(), unit(), unit()
    assert succeed(clients["admin"], giver, "TRANSFER", [taker]).status_code == 201
    assert on(clients["anyone"], giver["id"], "2025-07-02")["exists"]
    history = clients["anyone"].get(f"/v1/units/{giver['id']}/history").json()
    assert [h["unit_id"] for h in history["holders_now"]] == [giver["id"]] and len(history["successors"]) == 1
    assert succeed(clients["admin"], dissolved, "DISSOLVE", []).status_code == 201
    assert clients["anyone"].get(f"/v1/units/{dissolved['id']}/history").json()["holders_now"] == []


def test_a_succession_names_each_as_it_was_called_then(clients, unit):
    """Domain, section 8: who gave by the name of its last day before, who took by that of the day itself."""
    mark = uuid.uuid4().hex[:8]
    giver, taker = unit(name=f"Sở Giao {mark}"), unit(name=f"Sở Nhận {mark}")
    for one in (giver, taker):
        assert change(clients["admin"], one["id"], valid_from="2025-07-01", name=f"{one['name']} mới").status_code == 200
    answer = succeed(clients["admin"], giver, "TRANSFER", [taker])
    assert answer.status_code == 201, answer.text
    shown, = answer.json()["items"]
    assert (shown["predecessor_unit_label"], shown["successor_unit_label"]) == (f"Sở Giao {mark}", f"Sở Nhận {mark} mới")


def test_a_new_body_takes_over_code_and_place_in_one_transaction(service, clients, unit):
    """25195 was Phường Tân Phú and is Phường Bình Phước: the code is free only once its holder has ended."""
    value = code()
    olds = [unit(name="Phường Tân Phú", codes=[agency(value)]), unit(name="Phường Tân Đồng")]
    body = {"name": "Phường Bình Phước", "kind": "COMMUNE", "valid_from": "2025-07-01", "codes": [agency(value)],
            "succeeds": {"kind": "MERGE", "legal_basis": "NQ 1662", "predecessors": [o["id"] for o in olds]}}
    before = everything(service)
    problem(clients["admin"].post("/v1/units", json={k: v for k, v in body.items() if k != "succeeds"}), 409, "conflict")
    missing = {**body, "succeeds": {**body["succeeds"], "predecessors": [olds[0]["id"], str(uuid.uuid4())]}}
    found = problem(clients["admin"].post("/v1/units", json=missing), 422, "invalid")
    assert found["errors"][0]["pointer"] == "/succeeds/predecessors/1"
    assert everything(service) == before, "the first predecessor goes on when the second is wrong"
    made = clients["admin"].post("/v1/units", json=body)
    assert made.status_code == 201, made.text
    new = made.json()["id"]
    for day, holder in (("2025-06-30", olds[0]["id"]), ("2025-07-01", new)):
        items = clients["anyone"].get("/v1/units", params={"code": value, "on": day}).json()["items"]
        assert [i["id"] for i in items] == [holder]
    for old in olds:
        holders = clients["anyone"].get(f"/v1/units/{old['id']}/history").json()["holders_now"]
        assert [h["unit_id"] for h in holders] == [new]
        assert service.psql(f"SELECT array_agg(type ORDER BY id) FROM journal WHERE unit_id = '{old['id']}'"
                            ) == "{unit.created,unit.replaced}"


def test_a_split_into_new_bodies_made_one_by_one(clients, unit):
    old = unit()
    made = [clients["admin"].post("/v1/units", json={
        "name": name, "kind": "COMMUNE", "valid_from": "2025-07-01",
        "succeeds": {"kind": "SPLIT", "legal_basis": "NQ", "predecessors": [old["id"]]}}) for name in ("Một", "Hai")]
    assert [m.status_code for m in made] == [201, 201], made[1].text
    holders = clients["anyone"].get(f"/v1/units/{old['id']}/history").json()["holders_now"]
    assert {h["unit_id"] for h in holders} == {m.json()["id"] for m in made}


def below(client, top, day):
    return {u["id"] for u in client.get("/v1/units", params={"parent_id": top["id"], "on": day, "limit": 200}).json()["items"]}


@pytest.mark.parametrize("kind", ["MERGE", "SPLIT", "RENAME", "DISSOLVE"])
def test_a_body_does_not_end_above_living_ones(service, clients, unit, kind):
    """Domain, section 8. They are named, or move in the same call; who ended before is no hindrance, a TRANSFER ends nobody."""
    admin, old, new, other = clients["admin"], unit(), unit(), unit()
    children = [unit(parent_id=old["id"]) for _ in range(3)]
    later = unit(parent_id=other["id"])
    assert admin.merge(f"/v1/units/{later['id']}", {"valid_from": "2026-01-01", "parent_id": old["id"]}, later["etag"]).status_code == 200
    assert succeed(admin, children[0], "DISSOLVE", [], day="2025-01-01").status_code == 201
    successors = [] if kind == "DISSOLVE" else [new]
    before = service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'")
    refused = problem(succeed(admin, old, kind, successors), 409, "conflict")["errors"]
    assert {e["code"] for e in refused} == {"living_below"} and {e["pointer"] for e in refused} == {"/move_children_to"}
    assert sorted(e["detail"].split(" is still")[0] for e in refused) == sorted(c["name"] for c in (*children[1:], later))
    for there in (str(uuid.uuid4()), old["id"], children[0]["id"], children[1]["id"]):
        found = problem(succeed(admin, old, kind, successors, move_children_to=there), 409, "conflict")
        assert found["errors"][0]["pointer"] == "/move_children_to", found
    assert service.psql("SELECT count(*) FROM journal WHERE actor_kind <> 'SERVICE'") == before
    assert succeed(admin, old, "TRANSFER", [new], day="2024-01-01").status_code == 201
    succeeded = {"legal_basis": 'Nghị quyết "1662" \\ NQ'}
    assert succeed(admin, old, kind, successors, move_children_to=new["id"], **succeeded).status_code == 201
    assert below(admin, new, "2025-06-30") == set() and below(admin, old, "2025-06-30") == {c["id"] for c in children[1:]}
    assert below(admin, new, "2025-07-01") == {c["id"] for c in children[1:]}
    assert below(admin, new, "2026-01-01") == {c["id"] for c in (*children[1:], later)} and below(admin, old, "2026-01-01") == set()
    moved = service.psql(f"SELECT count(*) FROM journal WHERE type = 'unit.changed' AND unit_id = '{children[1]['id']}'")
    assert moved == "1"
    bases = [on(admin, child["id"], day)["legal_basis"] for child, day in ((children[1], "2025-07-01"), (later, "2026-01-01"))]
    assert bases == [succeeded["legal_basis"]] * 2 and on(admin, children[1]["id"], "2025-06-30")["legal_basis"] != succeeded["legal_basis"]


@pytest.mark.parametrize("first, last, code", [("2018-01-01", "2019-12-31", "unit_parent_not_there"), ("2025-07-01", None, "unit_parent_not_there"),
                                               ("2025-06-30", None, "unit_parent_ends"), ("2021-01-01", "2025-07-01", "unit_parent_ends"),
                                               ("2020-01-01", "2025-06-30", None), ("2025-06-30", "2025-06-30", None)])
def test_a_new_body_stands_below_one_that_is_there_all_its_days(clients, unit, first, last, code):
    parent = unit()
    assert succeed(clients["admin"], parent, "DISSOLVE", [], day="2025-07-01").status_code == 201
    answer = clients["admin"].post("/v1/units", json={"name": f"Phòng {uuid.uuid4()}", "kind": "OTHER", "valid_from": first, "valid_to": last,
                                                      "parent_id": parent["id"]})
    if code:
        assert [e["code"] for e in problem(answer, 409, "conflict")["errors"]] == [code]
    else:
        assert answer.status_code == 201, answer.text


def test_a_body_moves_below_one_that_is_there_all_its_days(clients, unit):
    """Also one that has an end of its own, and one that is moved by a succession of the body above it."""
    admin, parent = clients["admin"], unit()
    assert succeed(admin, parent, "DISSOLVE", [], day="2025-07-01").status_code == 201
    lasting, longer, brief = unit(), unit(valid_to="2025-07-01"), unit(valid_to="2025-06-30")
    for child in (lasting, longer):
        refused = problem(change(admin, child["id"], valid_from="2025-01-01", parent_id=parent["id"]), 409, "conflict")["errors"]
        assert [(e["pointer"], e["code"]) for e in refused] == [("/parent_id", "unit_parent_ends")]
    assert problem(change(admin, brief["id"], valid_from="2025-07-01", parent_id=parent["id"]), 409, "conflict")
    old = unit()
    below_old = unit(parent_id=old["id"])
    refused = problem(succeed(admin, old, "MERGE", [parent], day="2025-01-01", move_children_to=parent["id"]), 409, "conflict")["errors"]
    assert [(e["pointer"], e["code"]) for e in refused] == [("/move_children_to", "unit_parent_ends")]
    assert on(admin, below_old["id"], "2025-01-01")["parent_id"] == old["id"]
    assert change(admin, brief["id"], valid_from="2025-01-01", parent_id=parent["id"]).status_code == 200
    assert on(admin, brief["id"], "2025-06-30")["parent_id"] == parent["id"]


def test_what_succeeds_a_body_may_take_what_is_below_it(clients, unit):
    admin, olds = clients["admin"], [unit() for _ in range(2)]
    children = [unit(parent_id=old["id"]) for old in olds]
    body = {"name": f"Sở mới {olds[0]['id'][:8]}", "kind": "PROVINCIAL_BODY", "valid_from": "2025-03-01",
            "succeeds": {"kind": "MERGE", "legal_basis": "NQ", "predecessors": [old["id"] for old in olds]}}
    refused = problem(admin.post("/v1/units", json=body), 409, "conflict")["errors"]
    assert [e["pointer"] for e in refused] == ["/succeeds/move_children"] * 2
    made = admin.post("/v1/units", json={**body, "succeeds": {**body["succeeds"], "move_children": True}})
    assert made.status_code == 201, made.text
    assert below(admin, made.json(), "2025-03-01") == {c["id"] for c in children} and below(admin, olds[0], "2025-03-01") == set()
    assert {on(admin, child["id"], "2025-03-01")["legal_basis"] for child in children} == {"NQ"}


def test_impossible_successions_are_refused_and_write_nothing(service, clients, unit):
    old, new, late, ended = unit(), unit(), unit(valid_from="2026-01-01"), unit()
    assert succeed(clients["admin"], ended, "MERGE", [new]).status_code == 201
    before = everything(service)
    refused = [
        (succeed(clients["admin"], old, "MERGE", []), 422, "invalid"),
        (succeed(clients["admin"], old, "RENAME", [new, ended]), 422, "invalid"),
        (succeed(clients["admin"], old, "MERGE", [old]), 409, "conflict"),
        (succeed(clients["admin"], old, "TRANSFER", [old]), 409, "conflict"),
        (succeed(clients["admin"], old, "MERGE", [late]), 409, "conflict"),
        (succeed(clients["admin"], old, "MERGE", [ended]), 409, "conflict"),
        (succeed(clients["admin"], old, "MERGE", [{"id": str(uuid.uuid4())}]), 409, "conflict"),
        (succeed(clients["admin"], old, "MERGE", [new], day="2020-01-01"), 409, "conflict"),
        (succeed(clients["admin"], ended, "MERGE", [new]), 409, "conflict"),
        (succeed(clients["admin"], ended, "MERGE", [old], day="2024-07-01"), 409, "conflict"),
        (succeed(clients["admin"], {"id": str(uuid.uuid4())}, "MERGE", [old]), 404, "not-found"),
        (succeed(clients["viewer"], old, "MERGE", [new]), 403, "forbidden"),
        (succeed(clients["admin"], old, "MERGE", [new], legal_basis=None), 422, "invalid"),
    ]
    for number, (response, status, kind) in enumerate(refused):
        assert response.status_code == status, (number, response.text)
        problem(response, status, kind)
    assert everything(service) == before


def test_of_two_who_end_a_body_at_once_one_is_told(clients, unit):
    """The schedule: both find a body that goes on, then each ends it on another day."""
    from concurrent.futures import ThreadPoolExecutor
    old, one, two = unit(), unit(), unit()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda pair: succeed(clients[pair[0]], old, "MERGE", [pair[1]], day=pair[2]).status_code,
                                [("admin", one, "2025-07-01"), ("home_affairs", two, "2025-07-02")]))
    assert sorted(answers) == [201, 409]


FIRST = datetime.date(2020, 1, 1)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 900), st.sampled_from("abcdef")), max_size=8), st.integers(901, 1200))
def test_every_day_has_at_most_one_period_whatever_is_changed_in_whatever_order(clients, unit, changes, last):
    """Against a model that keeps, day by day, what was said last about the time from that day to the next change."""
    made, model = unit(name="start"), {0: "start"}
    for day, name in changes:
        response = change(clients["admin"], made["id"], valid_from=str(FIRST + datetime.timedelta(day)), name=name)
        assert response.status_code == 200, response.text
        model[day] = name
    ends = str(FIRST + datetime.timedelta(last))
    assert succeed(clients["admin"], made, "DISSOLVE", [], day=ends).status_code == 201
    periods = clients["anyone"].get(f"/v1/units/{made['id']}/history").json()["periods"]
    starts = sorted(model)
    expected = [(model[start], str(FIRST + datetime.timedelta(start)), str(FIRST + datetime.timedelta(following - 1)))
                for start, following in zip(starts, starts[1:] + [last])]
    assert [(p["name"], p["valid_from"], p["valid_to"]) for p in periods] == expected
    for day in (0, 450, last - 1, last):
        shown = on(clients["anyone"], made["id"], str(FIRST + datetime.timedelta(day)))
        assert shown["exists"] == (day < last)
        if day < last:
            assert shown["name"] == model[max(start for start in starts if start <= day)]


def chain(unit, length, **fields):
    """Units one below the other, the topmost first."""
    made = []
    for _ in range(length):
        made.append(unit(name="Tầng", parent_id=made[-1]["id"] if made else None, **fields))
    return made


def test_units_stand_on_at_most_eight_levels(service, clients, unit):
    """Who belongs to whom is asked for every row that a list shows: 3,000 levels made one page of the feed cost 25 seconds."""
    eight = chain(unit, 8)
    below = problem(clients["admin"].post("/v1/units", json={"name": "Tầng 9", "kind": "OTHER", "valid_from": "2021-01-01",
                                                             "parent_id": eight[-1]["id"]}), 409, "conflict")
    assert [(e["pointer"], e["code"]) for e in below["errors"]] == [("/parent_id", "unit_levels")]
    three = chain(unit, 3)
    assert problem(change(clients["admin"], three[0]["id"], valid_from="2022-01-01", parent_id=eight[5]["id"]),
                   409, "conflict")["errors"][0]["code"] == "unit_levels"
    assert change(clients["admin"], three[0]["id"], valid_from="2022-01-01", parent_id=eight[4]["id"]).status_code == 200
    assert problem(change(clients["admin"], eight[0]["id"], valid_from="2023-01-01", parent_id=unit()["id"]),
                   409, "conflict")["errors"][0]["code"] == "unit_levels", "what is below counts too"
    alone = unit(valid_to="2029-12-31")
    assert "unit_levels" in service.psql("INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id) VALUES "
                                         f"('{alone['id']}', '[2030-01-01,)', 'Tầng 9', 'OTHER', '{eight[-1]['id']}')")


def test_levels_that_never_stood_on_one_day_do_not_add_up(clients, unit):
    eight, others = chain(unit, 8), chain(unit, 4)
    assert change(clients["admin"], eight[4]["id"], valid_from="2024-01-01", parent_id=others[-1]["id"]).status_code == 200
    assert change(clients["admin"], others[0]["id"], valid_from="2024-01-01", parent_id=None).status_code == 200
    assert problem(change(clients["admin"], others[0]["id"], valid_from="2025-01-01", parent_id=eight[0]["id"]),
                   409, "conflict")["errors"][0]["code"] == "unit_levels"


def test_a_chain_of_successions_has_at_most_sixteen_links(service, clients, unit):
    """Who acts for a body that has ended is asked link by link, for every row that a list shows."""
    admin, held = clients["admin"], [unit(valid_from="1950-01-01") for _ in range(19)]
    for i in range(16):  # 1 -> 2 … 16 -> 17
        done = succeed(admin, held[i + 1], "MERGE", [held[i + 2]], f"19{60 + i}-01-01")
        assert done.status_code in (200, 201), done.text
    longer = problem(succeed(admin, held[17], "MERGE", [held[18]], "1990-01-01"), 409, "conflict")
    assert [(e["pointer"], e["code"]) for e in longer["errors"]] == [("/successors", "succession_links")] and "16" in longer["errors"][0]["detail"]
    earlier = problem(succeed(admin, held[0], "MERGE", [held[1]], "1959-01-01"), 409, "conflict")
    assert earlier["errors"][0]["code"] == "succession_links", "what comes after counts too"
    assert admin.get(f"/v1/units/{held[17]['id']}").json()["valid_to"] is None, "nothing was written"
    assert "succession_links" in service.psql("INSERT INTO successions (predecessor_id, successor_id, kind, effective_on, legal_basis) VALUES "
                                              f"('{held[17]['id']}', '{held[18]['id']}', 'RENAME', '1990-01-01', 'x')")
    # At the bound, the last of the chain acts for the first, and a page of such questions is quick.
    began = time.monotonic()
    assert service.psql(f"SELECT count(*) FROM generate_series(1, 500) WHERE unit_within('{held[1]['id']}', '{held[17]['id']}')") == "500"
    assert time.monotonic() - began < 10


def test_a_split_and_a_merger_again_are_counted_as_one_chain(clients, unit):
    """Two ways at each of eight steps are 256 ways: they are met once for each body."""
    admin, steps = clients["admin"], [[unit(valid_from="1950-01-01") for _ in range(2)] for _ in range(9)]
    for i in range(8):
        for one in steps[i]:
            done = succeed(admin, one, "SPLIT", steps[i + 1], f"19{60 + i}-01-01")
            assert done.status_code in (200, 201), done.text
