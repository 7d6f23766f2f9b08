"""A page of a list ends early where its items are large: 200 of the largest would take longer than a read may, and nobody would get past them."""
import csv
import io

import pytest
import requests

from service import Service, make_place, serving, wait_until
from test_list_orders import FOUND

MOST = 4_000_000  # bytes of items, but for the last one (tools/embed_statements.py)
LARGE, SIZE = 50, 350_000  # rows, and characters of each: 17 MB
MEMORY = 16  # MiB for one request
MARK = "/v1/large/"
# Of texts that do not compress to nothing. The sealer numbers them.
FILL = f"""INSERT INTO journal (actor_kind, actor_name, actor_roles, request_id, type, resource, restricted, after)
    SELECT 'SERVICE', 'máy', '{{}}', 'r', 'unit.changed', '{MARK}' || n, false,
           jsonb_build_object('text', (SELECT string_agg(md5((n * 100000 + m)::text), ' ') FROM generate_series(1, {SIZE // 33}) m))
    FROM generate_series(1, {LARGE}) n"""


# Of lists that are not weighed, what their items hold.
SMALL = {"unit_list": "a name, a parent's name, an act and a few codes", "unit_list_by_start": "the same"}


def test_every_list_ends_its_pages_early():
    lists = {name: statement.code for name, statement in FOUND.items() if statement.is_list and not name.endswith("_counted")}
    assert {name.removesuffix("_reversed") for name, code in lists.items() if f"> {MOST} " not in code} == set(SMALL)
    assert len(lists) > 50


@pytest.fixture(scope="module")
def auditor():
    with serving(Service(make_place(), THIDUA_REQUEST_MIB=str(MEMORY))) as running:
        assert running.psql(FILL) == f"INSERT 0 {LARGE}"
        wait_until(lambda: running.psql("SELECT count(*) FROM journal WHERE seq IS NULL") == "0")
        yield running.key("auditor")


def pages(client, path, **params):
    """Each page as (its length, its items)."""
    params = {"limit": 200, **params}
    while True:
        answer = requests.get(client.base + path, params=params, headers=client.headers, timeout=90)  # to check all against openapi.yaml takes long
        assert answer.status_code == 200, answer.text[:1000]
        yield len(answer.content), answer.json()["items"]
        params["cursor"] = answer.json()["next"]
        if not params["cursor"]:
            return


@pytest.mark.parametrize("order", ["seq", "-seq"])
def test_pages_of_large_rows_are_short_and_together_whole(auditor, order):
    found = list(pages(auditor, "/v1/journal", sort=order))
    assert all(length < MOST + 2 * SIZE for length, _ in found)
    assert all(len(items) > 1 for _, items in found[:-1])
    numbers = [item["seq"] for _, items in found for item in items]
    assert numbers == sorted(set(numbers), reverse=order == "-seq")
    assert sum(item["resource"].startswith(MARK) for _, items in found for item in items) == LARGE


def test_the_total_counts_what_is_on_no_page_yet(auditor):
    answer = auditor.get("/v1/journal", params={"limit": 200, "total": "true", "type": "unit.changed"}).json()
    assert answer["total"] == LARGE > len(answer["items"]) and answer["next"]


def test_a_table_of_large_rows_is_whole_and_takes_the_memory_of_one(auditor):
    """All of them together are more than a request may take."""
    answer = auditor.get("/v1/journal", params={"type": "unit.changed"}, headers={"Accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    assert len(list(csv.reader(io.StringIO(answer.text)))) == 1 + LARGE and LARGE * SIZE > MEMORY << 20
