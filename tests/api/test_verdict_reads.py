"""A verdict is read beside evaluations whose inputs and standings hold a line for each of 20,000 units: none of that is fetched."""
import json

import pytest

from award_tools import AwardRound
from statements import statements


@pytest.fixture(scope="module")
def held(service, clients):
    made = AwardRound(service, clients, 1)
    made.evaluations = [made.evaluate(), made.evaluate()]
    return made


def pages(service, held, name, values, large):
    """What the statement touches when it runs a second time, with so much in all evaluations of the round."""
    words = "(SELECT string_agg(encode(sha256(i::text::bytea), 'hex'), '') FROM generate_series(1, 20000) i)"
    enlarged = f"""UPDATE evaluations SET standings = {words}::bytea, inputs = jsonb_build_object('large', {words})
        WHERE id IN ('{"', '".join(held.evaluations)}');""" if large else ""
    run = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE asked({', '.join(values)});"
    told = service.psql(f"BEGIN; SET LOCAL session_replication_role = replica; {enlarged} PREPARE asked AS {statements()[name]}; {run} {run} ROLLBACK",
                        user="postgres")
    plan = json.loads(told[told.rindex("\n[") + 1:].rsplit("]", 1)[0] + "]")[0]["Plan"]
    assert plan["Actual Rows"] == 1
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


@pytest.mark.parametrize("name", ["unit_verdict", "verdict_changes"])
def test_one_verdict_is_read_without_what_is_large_beside_it(service, held, name):
    campaign, year = held.round.split("/campaigns/")[1].split("/rounds/")
    values = {"unit_verdict": [f"'{campaign}'", year, f"'{held.units[0]}'", "false", f"'{held.units[0]}'"],
              "verdict_changes": [f"'{held.evaluations[1]}'", f"'{campaign}'", year]}[name]
    assert pages(service, held, name, values, large=True) < pages(service, held, name, values, large=False) + 20
