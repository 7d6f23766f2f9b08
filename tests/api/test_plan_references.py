"""`thidua load --check`: what a plan names must be there. Nothing of it needs a database."""
import copy
import json
import re
import subprocess

import pytest

from service import PROGRAM, ROOT, plain_environment

PLANS = {name: json.loads((ROOT / f"campaigns/{name}.json").read_text(encoding="utf-8"))
         for name in ("230-KH-UBND", "mau/84-KH-UBND-MAU", "mau/85-KH-UBND-MAU", "mau/86-KH-UBND-MAU", "mau/88-KH-UBND-MAU")}


def check(tmp_path, plan):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan), encoding="utf-8")
    return subprocess.run([PROGRAM, "load", "--check", str(file)], env=plain_environment(), cwd=tmp_path, capture_output=True, text=True, timeout=60)


def places(value, found, path=()):
    """Where `found` says so, as paths."""
    if found(path, value):
        yield path
    for key, member in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(member, found, (*path, key))


def with_(plan, path, value):
    changed = copy.deepcopy(plan)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


def shape(path):
    return tuple("*" if isinstance(key, int) else key for key in path)


@pytest.mark.parametrize("name", PLANS)
def test_a_citation_that_the_rules_do_not_quote_is_named_wherever_it_stands(tmp_path, name):
    lists = {shape(path): path for path in places(PLANS[name], lambda path, value: path[-1:] == ("citations",) and isinstance(value, list))}
    single = {shape(path): path for path in places(PLANS[name], lambda path, value: path[-1:] == ("missing_citation",))}
    assert lists
    for path in (*((*path, 0) for path in lists.values()), *single.values()):
        done = check(tmp_path, with_(PLANS[name], path, "33"))
        assert done.returncode == 1 and 'A citation is missing: "33". Quote it by that name in "citations"' in done.stderr, (path, done.stderr)


@pytest.mark.parametrize("path, value", [
    (("facts", "dossier_state", "value"), "TAKEN"), (("findings", "A", "result"), "EXCELLENT"), (("documents", "REPORT"), "HERE"),
    (("registers", "initiatives", "entries", 0, "council"), "PROVINCE")])
@pytest.mark.parametrize("holder", [("case_base",), ("cases", 0, "change")])
def test_a_case_of_what_nobody_can_record_is_refused(tmp_path, holder, path, value):
    """It would show a rule at work that never works so."""
    set_ = copy.deepcopy(PLANS["230-KH-UBND"]["criteria_set"])
    at = set_
    for key in holder:
        at = at[key]
    unit = copy.deepcopy(set_["case_base"]["unit"])
    at["unit"] = with_(unit, path, value)
    done = check(tmp_path, {**PLANS["230-KH-UBND"], "criteria_set": set_})
    told = [line for line in done.stderr.splitlines() if "never records" in line]
    assert done.returncode == 1 and len(told) == 1, done.stderr
    assert f"/criteria_set/{'/'.join(map(str, holder))}/unit/{'/'.join(map(str, path))}: " in told[0] and f'"{value}"' in told[0]


KINDS = re.findall(r"'(\w+)'", re.search(r"CREATE TYPE unit_kind AS ENUM \((.*?)\)", (ROOT / "migrations/0001_schema.sql").read_text(encoding="utf-8"), re.S)[1])
TIER = re.search(r"FUNCTION scorecard_tier\(.*?END \$\$", (ROOT / "src/scores/scores_functions.sql").read_text(encoding="utf-8"), re.S)[0]


@pytest.mark.parametrize("kind, is_told", [(kind, f"WHEN '{kind}' THEN" not in TIER) for kind in KINDS])
def test_a_group_of_units_that_have_no_index_is_warned_of_where_the_rules_ask_for_it(tmp_path, kind, is_told):
    """Else they stay open for ever, and nobody is told why. The rules may except them, so the plan is taken."""
    plan = with_(PLANS["230-KH-UBND"], ("groups", 1, "unit_kinds"), ["PROVINCIAL_SUBUNIT", kind])
    done = check(tmp_path, plan)
    assert done.returncode == 0 and ("cảnh báo" in done.stderr and "warning" in done.stderr) == is_told, done.stderr
    assert is_told == (f"/groups/1/unit_kinds/1: {kind}: " in done.stderr and "applies_when" in done.stderr)
    assert check(tmp_path, with_(PLANS["mau/86-KH-UBND-MAU"], ("groups", 1, "unit_kinds"), [kind])).stderr == ""  # by scores of contents


def test_a_plan_that_keeps_the_index_to_other_groups_is_not_warned(tmp_path):
    """As the warning says: by `applies_when`, and by keys of the group's own. Then no unit of it stays open."""
    plan = with_(PLANS["mau/84-KH-UBND-MAU"], ("groups", 0, "unit_kinds"), ["PARTY_BODY"])
    group = plan["groups"][0]["code"]
    rules = plan["criteria_set"]
    told = check(tmp_path, plan).stderr
    assert "/groups/0/unit_kinds/0: PARTY_BODY: " in told and "stays open for ever: 2" in told, told
    asking = [c for c in rules["criteria"] if "index_" in json.dumps(c)]
    for criterion in asking:
        criterion["applies_when"] = {"kind": "one_of", "id": f"not_them_{criterion['id']}", "text": {"vi": "Khối khác", "en": "Another group"},
                                     "citations": criterion["citations"], "fact": "contestant_kind", "values": [plan["groups"][1]["code"]]}
    rules["cases"].append({"name": "Khối không có chỉ số", "change": {"unit": {"facts": {"contestant_kind": {"value": group}}}},
                           "expect": {"overall": "ELIGIBLE", "criteria": {c["id"]: "NOT_APPLICABLE" for c in asking}}})
    assert check(tmp_path, plan).stderr == ""
    by_index = {**rules["standings"]["keys"][0], "kind": "fact", "fact": "index_achieved"}
    by_index.pop("contents", None)
    keys = [*rules["standings"]["keys"], {**by_index, "id": "by_index"}]
    plan["criteria_set"]["standings"]["keys"] = keys
    told = check(tmp_path, plan).stderr
    assert "stays open for ever: the standings" in told, told
    plan["criteria_set"]["standings"]["keys_by_group"] = {group: keys[:-1]}
    assert check(tmp_path, plan).stderr == ""
