"""sort, total and columns: of every list, by one mechanism, made from the route table."""
import csv
import io
import json
import uuid

import openpyxl
import pytest

from conftest import make_unit
from service import problem
from test_contract import ROUTES
from test_export_lists import LISTS, XLSX, Tables, rows_of

SORTED = [key for key in LISTS if "sort" in ROUTES[key]["query"]]
each_sorted = pytest.mark.parametrize("key", SORTED, ids=lambda key: key[1])


@pytest.fixture(scope="module")
def tables(service, clients):
    return Tables(service, clients)


@pytest.fixture(scope="module")
def units(clients):
    """A mark that the names of six units have, which began on several days."""
    mark = uuid.uuid4().hex
    days = ["2020-05-01", "2024-01-01", "2019-02-03", "2024-01-01", "2023-07-01", "2021-01-01"]
    for number, day in enumerate(days):
        make_unit(clients["admin"], name=f"{mark} {number}", valid_from=day, kind="OTHER" if number == 2 else "PROVINCIAL_BODY")
    return mark


def whole(tables, key, limit=200, **query):
    """All items, by pages of `limit`; without what is noted beside them whenever somebody calls."""
    client, path, items = tables.client(key), tables.path(key[1]), []
    params = {**tables.params.get(key[1], {}), **query, "limit": limit}
    while True:
        answer = client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += [{name: value for name, value in item.items() if name != "last_used_at"} for item in page["items"]]
        if not page["next"]:
            return items
        params["cursor"] = page["next"]


def spelt(item):
    return json.dumps(item, sort_keys=True)


# ---- sort ----

def test_every_list_that_is_read_page_by_page_has_orders():
    paged = {key for key in LISTS if ROUTES[key]["query"].get("cursor", {}).get("type") == "text"}
    assert paged - set(SORTED) <= {("GET", "/v1/evaluations/{id}/standings"), ("GET", "/v1/evaluations/{id}/verdicts"),
                                   ("GET", "/v1/dossiers/{id}/documents")}, "give its route `orders`"
    assert len(SORTED) >= 28


@each_sorted
def test_an_order_and_its_reverse(key, tables):
    """The same items, the other way round, over as many pages as there are; the first choice is what comes without `sort`."""
    choices = ROUTES[key]["query"]["sort"]["choices"]
    usual = whole(tables, key)
    every = sorted(map(spelt, usual))
    assert usual == whole(tables, key, sort=choices[0]) and ROUTES[key]["query"]["sort"]["fallback"] == choices[0]
    for choice in choices:
        ordered = whole(tables, key, sort=choice)
        other = choice.removeprefix("-") if choice.startswith("-") else f"-{choice}"
        assert other in choices and whole(tables, key, sort=other) == ordered[::-1]
        assert sorted(map(spelt, ordered)) == every
        if 1 < len(usual) <= 8:
            assert whole(tables, key, limit=1, sort=choice) == ordered
        member = choice.removeprefix("-")
        known = [item[member] for item in ordered if item.get(member) is not None]
        if len(known) == len(ordered) and member not in ("label", "unit_label"):  # labels are ordered without their accents
            assert known == sorted(known, reverse=choice.startswith("-")), choice


@each_sorted
def test_another_order_is_refused_with_those_that_there_are(key, tables):
    choices = ROUTES[key]["query"]["sort"]["choices"]
    (error,) = problem(tables.client(key).get(tables.path(key[1]), params={"sort": "nothing"}), 400, "invalid-query")["errors"]
    assert error["pointer"] == "sort" and all(choice in error["detail"] for choice in choices)


def test_a_cursor_belongs_to_its_order(clients, units):
    first = clients["anyone"].get("/v1/units", params={"q": units, "limit": 2, "sort": "-valid_from"}).json()
    for sort in (None, "label", "-label", "valid_from"):
        answer = clients["anyone"].get("/v1/units", params={"q": units, "limit": 2, "sort": sort, "cursor": first["next"]})
        assert problem(answer, 400, "invalid-query")["errors"][0]["code"] == "of_another_query"
    plain = clients["anyone"].get("/v1/units", params={"q": units, "limit": 2}).json()
    assert clients["anyone"].get("/v1/units", params={"q": units, "sort": "label", "cursor": plain["next"]}).status_code == 200, "it is the usual order"


@pytest.mark.parametrize("search", [True, False])
def test_units_by_label_and_by_the_day_they_began(clients, units, search):
    """Found by words, or read off the list by kind."""
    def found(limit, **query):
        items, params = [], {"limit": limit, **({"q": units} if search else {"kind": "PROVINCIAL_BODY"}), **query}
        while True:
            page = clients["anyone"].get("/v1/units", params=params).json()
            items += [u for u in page["items"] if units in u["name"]]
            if not page["next"]:
                return items
            params["cursor"] = page["next"]

    count = 6 if search else 5
    rising = found(200, sort="valid_from")
    days = [u["valid_from"] for u in rising]
    assert len(days) == count and days == sorted(days)
    assert found(200, sort="-valid_from") == rising[::-1] == found(2 if search else 50, sort="-valid_from")
    names = [u["name"] for u in found(200, sort="label")]
    assert names == sorted(names) and [u["name"] for u in found(200, sort="-label")] == names[::-1]


def test_who_gets_an_end_meanwhile_keeps_its_place_among_those_who_began_with_it(clients):
    """By the day on which each became what it is; what it becomes later moves nobody to a page that was read."""
    admin = clients["admin"]
    top = make_unit(admin)["id"]
    asked = {"parent_id": top, "sort": "valid_from", "limit": 1}
    units = sorted((make_unit(admin, kind="PROVINCIAL_SUBUNIT", parent_id=top) for _ in range(3)), key=lambda unit: unit["id"])
    first = clients["anyone"].get("/v1/units", params=asked).json()
    later = admin.merge(f"/v1/units/{units[1]['id']}", {"valid_from": "2095-01-01", "name": "Tên về sau"}, units[1]["etag"])
    assert later.status_code == 200, later.text
    second = clients["anyone"].get("/v1/units", params={**asked, "cursor": first["next"]}).json()
    assert [page["items"][0]["id"] for page in (first, second)] == [unit["id"] for unit in units[:2]]


def test_a_file_is_in_the_order_that_is_asked_for(tables):
    key = "GET", "/v1/dossiers"
    for media in ("text/csv", XLSX):
        def ids(sort):
            answer = tables.table(key, media, sort=sort, columns="id")
            if media == "text/csv":
                return [row[0] for row in rows_of(answer)[1:]]
            return [row[0].value for row in openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows()][1:]
        assert len(ids("created_at")) > 1 and ids("-created_at") == ids("created_at")[::-1]


# ---- filters that name what there is not ----

NAMED = [(key, name) for key in LISTS for name in ("campaign", "group") if name in ROUTES[key]["query"]]


@pytest.mark.parametrize("key, name", NAMED, ids=lambda part: part if isinstance(part, str) else part[1])
@pytest.mark.parametrize("how", [{}, {"sort": True}, {"total": "true"}, {"media": "text/csv"}, {"media": XLSX}], ids=str)
def test_a_list_of_what_there_is_not_is_refused_however_it_is_read(key, name, how, tables):
    """A campaign that is written in other letters than its code, as in a path; a group that the plan does not have."""
    wrong = {"campaign": tables.values["code"].lower(), "group": "KHONG_CO"}[name]
    right = {"campaign": tables.values["code"], "group": "UNIT_UNDER_SO"}[name]
    assert wrong != right
    more, headers = {k: v for k, v in how.items() if k == "total"}, {"Accept": how["media"]} if "media" in how else {}
    if "sort" in how:
        if "sort" not in ROUTES[key]["query"]:
            pytest.skip("it has one order")
        more["sort"] = next(choice for choice in ROUTES[key]["query"]["sort"]["choices"] if choice.startswith("-"))
    if "total" in how and "total" not in ROUTES[key]["query"]:
        pytest.skip("it is not counted")
    ask = lambda value: tables.client(key).get(tables.path(key[1]), params={name: value, **more}, headers=headers)
    assert ask(right).status_code == 200, ask(right).text
    (error,) = problem(ask(wrong), 400, "invalid-query")["errors"]
    assert (error["pointer"], error["code"]) == (name, f"{name}_filter")


def test_a_stream_and_an_impact_of_a_campaign_that_there_is_not_are_refused(tables):
    home, wrong = tables.award_round.home, tables.values["code"].lower()
    (error,) = problem(home.get("/v1/events/stream", params={"campaign": wrong}), 400, "invalid-query")["errors"]
    assert (error["pointer"], error["code"]) == ("campaign", "campaign_filter")
    rules = home.get(tables.award_round.campaign).json()["criteria_set"]
    refused = home.post(f"/v1/criteria-sets/{rules['name']}/{rules['version']}/impact", json={"campaign": wrong})
    assert [(e["pointer"], e["code"]) for e in problem(refused, 422, "invalid")["errors"]] == [("/campaign", "campaign_named")]


# ---- total ----

@each_sorted
def test_the_total_is_what_the_caller_may_see(key, tables):
    """Under its filters, on whichever page; and only where it is asked for."""
    path, params = tables.path(key[1]), tables.params.get(key[1], {})
    assert "total" not in tables.client(key).get(path, params=params).json()
    assert "total" not in tables.client(key).get(path, params={**params, "total": "false"}).json()
    for name, client in tables.callers.items():
        answer = client.get(path, params={**params, "total": "true", "limit": 1})
        if answer.status_code != 200:
            assert answer.status_code == client.get(path, params=params).status_code
            continue
        page, total = answer.json(), answer.json()["total"]
        count = len(page["items"])
        while page["next"]:
            page = client.get(path, params={**params, "total": "true", "limit": 200 if count > 3 else 1, "cursor": page["next"],
                                            "sort": ROUTES[key]["query"]["sort"]["fallback"]}).json()
            count += len(page["items"])
            if key[1] not in ("/v1/journal", "/v1/keys"):  # which others write at the same time
                assert page["total"] == total, name
        assert total == count or key[1] in ("/v1/journal", "/v1/keys") and total <= count, name


def test_the_total_is_of_the_filters_and_has_a_validator(clients, units):
    path = "/v1/units"
    for query, count in ({"q": units}, 6), ({"q": units, "kind": "OTHER"}, 1), ({"q": units, "sort": "-valid_from"}, 6), ({"q": uuid.uuid4().hex}, 0):
        answer = clients["anyone"].get(path, params={**query, "total": "true", "limit": 2})
        assert (answer.json()["total"], len(answer.json()["items"])) == (count, min(count, 2))
        assert clients["anyone"].get(path, params={**query, "total": "true", "limit": 2},
                                     headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    page = clients["anyone"].get(path, params={"q": units, "total": "true", "limit": 2}).json()
    assert clients["anyone"].get(path, params={"q": units, "total": "true", "limit": 2, "cursor": page["next"]}).json()["total"] == 6
    problem(clients["anyone"].get(path, params={"total": "yes"}), 400, "invalid-query")
    problem(clients["anyone"].get("/v1/campaigns/x-1/rounds/2024/awards", params={"total": "true"}), 404, "not-found")


def test_a_total_is_bounded(service, clients):
    """Nobody makes the service walk through a table of any size: it counts so far and no further."""
    mark = f"t{uuid.uuid4().hex[:8]}"
    service.psql(f"INSERT INTO score_frames (name, year, tier, legal_basis) SELECT '{mark}-' || n, 2300, 'XA', 'x' FROM generate_series(1, 10001) n")
    try:
        answer = clients["viewer"].get("/v1/score-frames", params={"year": 2300, "total": "true", "limit": 1})
        assert answer.json()["total"] == 10000 and answer.json()["next"]
    finally:
        service.psql("DELETE FROM score_frames WHERE year = 2300")


# ---- columns ----

def name_of(column):
    """As the contract tells it: the path of the member, without the signs that say how a cell is made."""
    head, many, rest = column["member"].partition("[]")
    last = rest.split("+")[-1] if "+" in column["member"] else rest.lstrip(".")
    joined = ".".join(part for part in ([head, last] if many else [last or head]) if part)
    return joined.replace("[]", "").removesuffix(".@")


@pytest.mark.parametrize("key", LISTS, ids=lambda key: key[1])
def test_columns_are_chosen_by_name_and_come_as_asked(key, tables):
    columns = ROUTES[key]["columns"]
    names = [name_of(column) for column in columns]
    assert len(names) == len(set(names)) and all(names), names
    chosen = [columns[-1], columns[0]]
    headings = [column["en"] for column in chosen]
    asked = ",".join(map(name_of, chosen))
    full = rows_of(tables.table(key, "text/csv"))
    places = [full[0].index(heading) for heading in headings]
    below = [c for c in chosen if any(n.startswith(f"{name_of(c)}.") for n in names)]
    if not below:
        answer = tables.table(key, "text/csv", columns=asked)
        assert rows_of(answer) == [[row[place] for place in places] for row in full]
        sheet = openpyxl.load_workbook(io.BytesIO(tables.table(key, XLSX, columns=asked).content)).worksheets[0]
        assert [cell.value for cell in sheet[1]] == headings and sheet.max_row == len(full)
    for media in ("text/csv", XLSX):
        (error,) = problem(tables.table(key, media, columns=f"{asked},no_such"), 400, "invalid-query")["errors"]
        assert (error["pointer"], error["code"]) == ("columns", "unknown") and '"no_such"' in error["detail"]
        assert all(f'"{name}"' in error["detail"] for name in names)


def test_a_name_stands_for_all_below_it(tables):
    key = "GET", "/v1/campaigns/{code}/rounds/{year}/obligations"
    heading = rows_of(tables.table(key, "text/csv", columns="report,unit_id"))[0]
    assert heading == ["Report due", "Report", "Report received at", "Unit id"]
    assert rows_of(tables.table(key, "text/csv", columns="report.status"))[0] == ["Report"]


@pytest.mark.parametrize("columns, code", [("id,id", "repeated"), ("id,", "unknown"), (",", "unknown"), ("", None), ("i", "unknown"), ("ID", "unknown")])
def test_what_is_no_choice_of_columns(clients, columns, code):
    answer = clients["anyone"].get("/v1/units", params={"columns": columns}, headers={"Accept": "text/csv"})
    errors = problem(answer, 400, "invalid-query")["errors"]
    assert all(error["pointer"] == "columns" for error in errors) and (code is None or errors[0]["code"] == code)


def test_columns_are_of_files(clients):
    (error,) = problem(clients["anyone"].get("/v1/units", params={"columns": "id"}), 400, "invalid-query")["errors"]
    assert (error["pointer"], error["code"]) == ("columns", "of_files")


def test_headings_of_chosen_columns_are_in_the_language_of_the_caller(service):
    answer = service.anonymous("vi").get("/v1/units", params={"columns": "id,label", "limit": 1}, headers={"Accept": "text/csv"})
    heading = next(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    known = {name_of(c): c["vi"] for c in ROUTES["GET", "/v1/units"]["columns"]}
    assert heading == [known["id"], known["label"]]
