"""A rank says of how many and among whom, wherever it is shown."""
import pytest

from award_tools import AwardRound
from conftest import make_campaign
from contract import DOCUMENT
from service import problem
from test_groups import clustered, place
from test_what_if import about

UNITS = {"vi": "Khối phòng, ban, đơn vị thuộc sở, ban, ngành", "en": "Units under departments"}


@pytest.fixture(scope="module")
def held(service, clients):
    """Eight units for six places, in two clusters and in none."""
    held = AwardRound(service, clients, 4, campaign=make_campaign(service, **clustered()))
    for unit, (cluster, score) in zip(held.units, [("Khối 1", "99"), ("Khối 1", "98"), ("Khối 2", "80"), (None, "70")]):
        place(held, unit, cluster, score)
    return held


def test_standings_say_of_how_many_and_among_whom(held):
    shown = held.standings(held.evaluate())
    ranks = [(shown[u]["rank"], shown[u]["of"], shown[u]["among"]["group"], shown[u]["among"]["cluster"]) for u in held.units]
    assert ranks == [(1, 2, "UNIT_UNDER_SO", "Khối 1"), (2, 2, "UNIT_UNDER_SO", "Khối 1"), (1, 1, "UNIT_UNDER_SO", "Khối 2"),
                     (1, 1, "UNIT_UNDER_SO", None)]
    assert all(shown[u]["among"]["label"] == UNITS for u in held.units)


def test_findings_say_of_how_many_and_among_whom(held):
    found = held.auditor.get(f"{held.round}/findings/{held.units[1]}").json()
    for ranked in (found, *found["contents"]):
        assert (ranked["rank"], ranked["of"], ranked["among"]["cluster"]) == (2, 2, "Khối 1")
        assert set(ranked["among"]["label"]) == {"vi", "en"}
    [warning] = [w for w in found["warnings"] if w["content"] == "A"]
    assert f"2/2 theo điểm trong {found['among']['label']['vi']}, Khối 1." in warning["text"]["vi"]
    assert f"2 of 2 by score among: {found['among']['label']['en']}, Khối 1." in warning["text"]["en"]


def test_who_is_not_ranked_is_ranked_among_nobody(held):
    trial = held.auditor.post("/v1/what-if", json=about(held, changes={held.units[0]: {"facts": {"on_assessed_list": {"value": True}, "index_achieved": {"value": "1"},
                                                                                                  "index_maximum": {"value": "100"}}}})).json()
    moved = {item["unit_id"]: item for item in trial["standings"]}
    assert (moved[held.units[0]]["from"]["of"], moved[held.units[0]]["to"]["rank"], moved[held.units[0]]["to"]["of"]) == (2, None, None)
    assert (moved[held.units[1]]["to"]["rank"], moved[held.units[1]]["to"]["of"], moved[held.units[1]]["among"]["cluster"]) == (1, 1, "Khối 1")


def test_tables_and_refusals_say_it_too(held):
    evaluation = held.evaluate()
    path = f"/v1/evaluations/{evaluation}/standings"
    for language, group in UNITS.items():
        table = held.auditor.get(path, headers={"Accept": "text/csv", "Accept-Language": language}).text
        assert group in table
    held.done(held.override(evaluation, held.units[1], "OUT"))
    for language, said in (("vi", f"hạng 2/2 trong {UNITS['vi']}, Khối 1"), ("en", f"rank 2 of 2 among: {UNITS['en']}, Khối 1")):
        refused = problem(held.home.post(f"{held.round}/proposals", headers={"Accept-Language": language}, json={
            "evaluation_id": evaluation, "letter_number": "77/TTr-SNV", "units": [{"unit_id": held.units[1]}]}), 422, "rule-refused")
        assert said in refused["errors"][0]["detail"]


def ranked_objects(schema, path=""):
    """Every schema of the contract that has a member `rank`."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and "rank" in schema["properties"]:
            yield path, schema["properties"]
        for name, part in schema.items():
            yield from ranked_objects(part, f"{path}/{name}")
    elif isinstance(schema, list):
        for i, part in enumerate(schema):
            yield from ranked_objects(part, f"{path}/{i}")


def test_the_contract_shows_no_rank_without_of_and_among():
    found = dict(ranked_objects(DOCUMENT))
    assert len(found) >= 3
    among = lambda members: {"group"} if "cells" in members else {"of", "among"}  # rows of the board are short: the group is among whom
    found.pop("/components/schemas/TrialPlace")  # a place before or after: the row that holds both says among whom
    assert [path for path, members in found.items() if not among(members) <= set(members)] == []
