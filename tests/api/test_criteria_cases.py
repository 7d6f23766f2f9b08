"""The cases that an official can read (tests/criteria) leave no outcome of any criterion of any plan unshown."""
import json

import pytest

from service import ROOT

PLANS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "campaigns").glob("*.json"))}
CASES = ROOT / "tests/criteria"


def expected(code):
    """criterion → outcomes that the plan's files show of it."""
    folder = CASES / code if (CASES / code).is_dir() else CASES
    found = {}
    for path in sorted(folder.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            for criterion, outcome in case["expect"].get("criteria", {}).items():
                found.setdefault(criterion, set()).add(outcome)
    return found


def possible(criterion):
    outcomes = {"PASS", "FAIL", "PENDING"}
    return outcomes | ({"NOT_APPLICABLE"} if "applies_when" in criterion else set()) | ({"DEFERRED"} if "hold" in criterion else set())


@pytest.mark.parametrize("code, criterion", [(code, c["id"]) for code, plan in PLANS.items() for c in plan["criteria_set"]["criteria"]])
def test_every_outcome_of_every_criterion_is_shown(code, criterion):
    criteria = {c["id"]: c for c in PLANS[code]["criteria_set"]["criteria"]}
    assert possible(criteria[criterion]) - expected(code).get(criterion, set()) == set()


@pytest.mark.parametrize("code", PLANS)
def test_every_case_is_of_a_criterion_that_is_there(code):
    assert expected(code).keys() <= {c["id"] for c in PLANS[code]["criteria_set"]["criteria"]}
