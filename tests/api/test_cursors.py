"""A cursor belongs to its query: path, filters, order and what the caller may see. With another query it would skip items in silence."""
import contextlib
import http.client
import re
import urllib.parse
import uuid

import pytest

from conftest import PLAN, make_campaign, make_unit
from service import Client, problem
from test_authorisation import World
from test_contract import ROUTES
from test_reads import reader

# /v1/events: its cursor is a number of the journal, good for every query.
LISTS = sorted(path for (method, path), route in ROUTES.items() if method == "GET" and route["query"].get("cursor", {}).get("type") == "text")


@pytest.fixture(scope="module")
def world(service, clients):
    return World(service, clients)


@pytest.fixture(scope="module")
def units(clients):
    """A mark that five units have in their names, of two kinds."""
    mark = uuid.uuid4().hex
    for number in range(5):
        make_unit(clients["admin"], name=f"{mark} {number}", kind="OTHER" if number == 2 else "PROVINCIAL_BODY")
    return mark


def page(client, path="/v1/units", **query):
    return client.get(path, params=query)


def refused(answer):
    (error,) = problem(answer, 400, "invalid-query")["errors"]
    assert (error["pointer"], error["code"]) == ("cursor", "of_another_query") and "without cursor" in error["detail"]


def test_a_cursor_goes_on_with_its_own_query(clients, units):
    first = page(clients["anyone"], q=units, limit=2)
    cursor = first.json()["next"]
    assert f"cursor={cursor}" in first.headers["Link"]
    found = [item["id"] for item in first.json()["items"]]
    rest = page(clients["anyone"], q=units, limit=200, cursor=cursor).json()
    assert len({*found, *(item["id"] for item in rest["items"])}) == 5 and rest["next"] is None
    # The order of parameters, their escapes and how many items a page has are no other query.
    again = clients["anyone"].get(f"/v1/units?cursor={cursor}&limit=1&q={urllib.parse.quote(units[0])}{units[1:]}")
    assert again.status_code == 200 and again.json()["items"][0] == rest["items"][0]


@pytest.mark.parametrize("name", ["%63ursor", "cur%73or", "%63%75%72%73%6F%72"])
def test_the_link_to_the_next_page_has_one_cursor_however_its_name_was_written(clients, units, name):
    anyone = clients["anyone"]
    cursor = page(anyone, q=units, limit=2).json()["next"]
    with contextlib.closing(http.client.HTTPConnection(anyone.base.split("//")[1], timeout=60)) as plain:  # requests writes such letters as they are
        plain.request("GET", f"/v1/units?&q={urllib.parse.quote(units)}&{name}={cursor}&&limit=2")
        link = plain.getresponse().getheader("Link")
    third = anyone.get(re.fullmatch('<(.+)>; rel="next"', link)[1])
    assert third.status_code == 200 and [item["name"] for item in third.json()["items"]] == [f"{units} 4"]


@pytest.mark.parametrize("other", [{"q": "x"}, {"q": None}, {"kind": "PROVINCIAL_BODY"}, {"on": "2024-12-30"}, {"parent_id": str(uuid.uuid4())}])
def test_a_cursor_of_other_filters_is_refused(clients, units, other):
    cursor = page(clients["anyone"], q=units, limit=2).json()["next"]
    refused(page(clients["anyone"], **{"q": units, "limit": 2, "cursor": cursor, **other}))
    for media in ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"):
        refused(clients["anyone"].get("/v1/units", params={"q": units, "cursor": cursor, **other}, headers={"Accept": media}))


def test_a_cursor_of_what_another_caller_may_see_is_refused(service, clients, units):
    """Of another scope; but the same scope under another key is the same query. /v1/units shows everybody the same."""
    service.key("admin")
    cursor = page(clients["admin"], "/v1/keys", limit=1).json()["next"]
    assert page(service.key("admin"), "/v1/keys", cursor=cursor).status_code == 200
    done = service.command("key", "create", "--name", "two roles", "--role", "admin", "--role", "auditor")
    both = Client(service.base, done.stdout.strip())
    refused(page(both, "/v1/keys", cursor=cursor))
    cursor = page(clients["auditor"], q=units, limit=2).json()["next"]
    assert page(clients["anyone"], q=units, cursor=cursor).status_code == 200


def test_a_cursor_that_was_changed_is_refused(clients, units):
    cursor = page(clients["anyone"], q=units, limit=2).json()["next"]
    for changed in (cursor[:-1] + ("0" if cursor[-1] != "0" else "1"), cursor[:-1], cursor.split(".")[0], "." + cursor, cursor + ".", "x" + cursor, cursor.upper()):
        refused(page(clients["anyone"], q=units, cursor=changed))


@pytest.mark.parametrize("path", LISTS)
def test_no_list_takes_the_cursor_of_another(path, world, clients, units):
    foreign = page(clients["auditor"], q=units, limit=1).json()["next"]
    if path == "/v1/units":
        foreign = page(clients["auditor"], q=units, limit=1, kind="PROVINCIAL_BODY").json()["next"]
    refused(reader(world, path).get(world.path(path), params={"cursor": foreign}))


@pytest.mark.parametrize("path", LISTS)
def test_every_list_goes_on_with_its_own_cursor(path, world):
    """Where there is more than one item: the next page has no item of the first."""
    client, seen, cursor = reader(world, path), [], None
    for _ in range(4):
        answer = client.get(world.path(path), params={"limit": 1, **({"cursor": cursor} if cursor else {})})
        if answer.status_code == 404:
            return
        assert answer.status_code == 200, answer.text
        seen += [str(item) for item in answer.json()["items"]]
        cursor = answer.json()["next"]
        assert (cursor is None) == ("Link" not in answer.headers)
        if not cursor:
            break
        assert re.fullmatch(r"[A-Za-z0-9_-]+\.[0-9a-f]{16}", cursor) and f"cursor={cursor}>" in answer.headers["Link"]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("sign", ["🏅", '"', "ế"])
def test_no_name_is_too_long_for_a_cursor(service, clients, sign):
    """A cursor holds what its list is sorted by, such as labels. Whatever names are allowed to be, the next page can be asked for."""
    admin, home = clients["admin"], clients["home_affairs"]
    cut_offs = {**PLAN["cut_offs"], "yearly_report": {**PLAN["cut_offs"]["yearly_report"], "owed_by": ["UNIT_UNDER_SO"]}}
    round_ = make_campaign(service, cut_offs=cut_offs) + "/rounds/2024"
    parent = make_unit(admin, name=sign * 200)["id"]
    for number in range(3):
        unit = make_unit(admin, name=sign * 199 + str(number), kind="PROVINCIAL_SUBUNIT", parent_id=parent)
        assert unit["label"] == f"{unit['name']} ({sign * 200})"
        answer = home.put(f"{round_}/contestants/{unit['id']}", json={"group": "UNIT_UNDER_SO", "on_assessed_list": True, "advises_par": True,
                                                                      "source_document": "12/QĐ-SNV"})
        assert answer.status_code == 201, answer.text
    longest = 0
    for client, path, query in ((home, "/v1/units", {"parent_id": parent}), (home, f"{round_}/contestants", {}),
                                (service.key("unit", parent), f"{round_}/obligations", {})):
        for order in ROUTES["GET", re.sub(r"T-\w+/rounds/2024", "{code}/rounds/{year}", path)]["query"]["sort"]["choices"]:
            found, cursor = [], None
            while cursor or not found:
                answer = page(client, path, limit=1, sort=order, cursor=cursor, **query)
                assert answer.status_code == 200, (order, answer.text)
                found += [item.get("unit_id", item.get("id")) for item in answer.json()["items"]]
                cursor = answer.json()["next"]
                longest = max(longest, len(cursor or ""))
                assert len(found) < 10
            assert len(found) == len(set(found)) == 3
    assert longest > 600
