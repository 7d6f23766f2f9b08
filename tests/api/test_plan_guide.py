"""docs/plans.md: every kind there is stands in it, with an example that the engine's check takes."""
import copy
import json
import re

import pytest

from conftest import PLAN
from service import ROOT

TEXT = (ROOT / "docs/plans.md").read_text(encoding="utf-8")
EXAMPLES = [(kind, json.loads(text)) for kind, text in re.findall(r"^```json (\w+)\n(.*?)^```", TEXT, re.S | re.M)]
GATE = {"LEAF_NEVER_TRUE", "LEAF_NEVER_FALSE", "LEAF_NEVER_UNDETERMINED"}  # an example brings no cases of its own


def invented(number):
    return json.loads((ROOT / f"campaigns/mau/{number}-KH-UBND-MAU.json").read_text(encoding="utf-8"))["criteria_set"]


def rules():
    """Of the invented plan 85, with every fact and register that examples ask for."""
    made = copy.deepcopy(invented(85))
    made["facts"] = {**PLAN["criteria_set"]["facts"], **invented(82)["facts"], **made["facts"]}
    made["registers"] = {**PLAN["criteria_set"]["registers"], **invented_registers(), **made["registers"]}
    made["parameters"] = {"dossier_cut_off": "date"}
    made["standings"]["cluster_by"] = "cluster"
    return made


def invented_registers():
    return json.loads((ROOT / "campaigns/79-KH-UBND-MAU.json").read_text(encoding="utf-8"))["criteria_set"]["registers"]


def put(made, kind, example):
    if kind == "leaf":
        made["criteria"].append({"id": "example", "clause": "2", "text": {"vi": "v", "en": "e"}, "citations": ["2"], "requires": example})
    elif kind == "parameter":
        made["parameters"]["example"] = example
    else:
        place = {"case": made["cases"], "criterion": made["criteria"], "key": made["standings"]["keys"], "form": made["forms"], "balance": made.setdefault("balance", [])}[kind]
        place.append(example)
    return made


def faults(client, made):
    answer = client.post("/v1/criteria-sets/check", json={"document": made})
    assert answer.status_code == 200, answer.text
    return [fault for fault in answer.json()["faults"] if fault["code"] not in GATE]


@pytest.mark.parametrize("kind, example", EXAMPLES, ids=[f"{i}-{kind}" for i, (kind, _) in enumerate(EXAMPLES)])
def test_each_example_is_taken(clients, kind, example):
    assert [f for f in faults(clients["home_affairs"], put(rules(), kind, example)) if f["code"] != "CASE_DIFFERS"] == []
    assert faults(clients["home_affairs"], put(rules(), kind, {**example, "no_such_member": 1})) != []  # so it is really looked at


def test_every_kind_has_its_example():
    assert len(EXAMPLES) == TEXT.count("```json")
    leaves = set(re.findall(r"^LEAF_KIND\((\w+)\)", (ROOT / "src/engine/leaf/kinds.def").read_text(encoding="utf-8"), re.M))
    source = (ROOT / "src/engine/json/standing_keys_json.c").read_text(encoding="utf-8")
    keys = set(re.findall(r'"(\w+)"', re.search(r"kinds\[\] = \{(.*?)\};", source, re.S).group(1)))
    assert len(leaves) >= 13 and len(keys) >= 6
    assert {example["kind"] for kind, example in EXAMPLES if kind == "leaf"} == leaves
    assert {example["kind"] for kind, example in EXAMPLES if kind == "key"} == keys
    assert {kind for kind, _ in EXAMPLES} == {"case", "criterion", "leaf", "key", "form", "balance", "parameter"}
    assert all(f"\n`{name}`: " in TEXT for name in leaves | keys)


def test_every_fact_and_field_that_is_kept_stands_in_it_with_its_type():
    kept = (ROOT / "src/criteria_sets/served.def").read_text(encoding="utf-8")
    section = TEXT.partition("## Three answers")[2].partition("## Leaves")[0]
    told, registers = [[line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")] for table in section.split("| register |")]
    facts = {(name, kind.split(",")[0].strip()) for names, kind in told for name in re.findall(r"`(\w+)`", names)}
    fields = {(register.strip(" `"), name, group.split()[-1]) for register, groups in registers for group in groups.split(";")
              for name in re.findall(r"`(\w+)`", group)}
    assert facts == {(name, kind.lower()) for name, kind in re.findall(r"^SERVED_FACT\((\w+), (\w+)", kept, re.M)}
    assert fields == {(of, name, kind.lower()) for of, name, kind in re.findall(r"^SERVED_FIELD\((\w+), (\w+), (\w+)", kept, re.M)}


def test_it_leads_to_each_plan():
    linked = {ROOT / "docs" / target for target in re.findall(r"\]\(([^)]+)\)", TEXT)}
    plans = {path.resolve() for path in linked}
    assert {path.resolve() for path in (ROOT / "campaigns/mau").iterdir()} <= plans and all(path.is_file() for path in plans)


def test_every_member_of_a_plan_stands_in_it():
    source = (ROOT / "src/app/command/load/plan_served.c").read_text(encoding="utf-8")
    lists = {path: "".join(re.findall(r'"([^"]*)"', words)).split() for path, words in re.findall(r'\{"(/?[\w/*]*)",\s*((?:"[^"]*"\s*)+)\},', source)}
    assert {"code", "cap"} <= set(lists[""]) and "III.3" in lists["/clauses"]
    shown_only = {"quote", "note", "clause", "time_zone"}  # or with one value
    wanted = {name for path in ("", "/groups/*", "/contents/*", "/cut_offs", "/cut_offs/dossier", "/cut_offs/yearly_report", "/law") for name in lists[path]}
    parts = {part for span in re.findall(r"`([^`]+)`", TEXT.partition("## Three answers")[0]) for part in re.split(r"[.\s\"]+", span)}
    assert wanted - shown_only - {"vi", "en"} - parts == set()
    clauses = set(re.findall(r"`((?:I|II|III|V)\.[.\w]+)`", TEXT))
    assert {name for name in lists["/clauses"] if name not in clauses and name.rpartition(".")[0] not in clauses} <= {"I.1", "II", "III", "III.2", "III.4", "V"}
