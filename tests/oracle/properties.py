#!/usr/bin/python3
"""What must hold for every rule set and all facts, tried on random ones (random_rules.py): properties.py BUILD_DIRECTORY [SEED].

* Order means nothing: operands, criteria, entries, members and units in another order give every leaf the same truth.
* Learning takes nothing back: an unknown that becomes known changes no leaf that was determined; a criterion that passed or
  failed never becomes open again. It may become NOT_APPLICABLE where its guard was open: that satisfies, too. Three things
  look unknown and are not, and may change a leaf when filled: a leaf's on_missing = false, the open end of an interval
  ("still going on"), and a document that is missing from those known to be there.
* What decides is told: an open leaf that is not told to decide changes the outcome of no form of award, however it ends.
* The changes told are enough, and no smaller set of leaves would do: tried against every smaller set. Leaves under a guard
  that is decided are not up for change, nor what is past: a leaf that is false though it has an `until`, and the kinds of PAST.
  Where nothing would help, no changes are told.
"""
import copy
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys

import random_rules

OPEN = 1
PAST = ("deadline", "streak", "cooldown")  # kinds that are false by what has happened


def judge(program, rules, parameters, units):
    """For each unit: {leaf id: truth}, {criterion id: outcome}, overall, {leaf id: truth to be}, {decisive leaf ids}."""
    lines = ["R" + json.dumps(rules), "P" + json.dumps(parameters)] + ["U" + json.dumps(unit) for unit in units]
    answer = subprocess.run([program], input="\n".join(lines) + "\n", check=True, stdout=subprocess.PIPE, text=True).stdout
    names, *verdicts = answer.splitlines()
    names = names.split()
    found = []
    for verdict in verdicts:
        words, changes, decisive = verdict.split("|")
        digits, *outcomes = words.split()
        overall = outcomes[len(rules["criteria"])]  # the keys behind it depend on order by themselves
        found.append((dict(zip(names, map(int, digits))),
                      {criterion["id"]: outcome for criterion, outcome in zip(rules["criteria"], outcomes)}, overall,
                      {name: 2 if to == "TRUE" else 0 for name, to in (change.split("=") for change in changes.split())}, set(decisive.split())))
    return found


def must(condition, what, *shown):
    if not condition:
        sys.exit(what + "\n" + "\n".join(json.dumps(each) for each in shown))


# ---- order

def shuffled(rng, node):
    """The same with operands, criteria, entries and members in another order; values of an op stay as they are."""
    if isinstance(node, list):
        node = [shuffled(rng, item) for item in node]
        return rng.sample(node, len(node))
    if isinstance(node, dict):
        return {key: node[key] if key == "ranks" else shuffled(rng, node[key]) for key in rng.sample(list(node), len(node))}
    return node


def order_means_nothing(program, rng, rules, parameters, units):
    other_units = rng.sample(range(len(units)), len(units))
    again = judge(program, shuffled(rng, rules), shuffled(rng, parameters), [shuffled(rng, units[i]) for i in other_units])
    for i, verdict in zip(other_units, again):
        first = judge_cache[id(units)][i]
        must(first[:3] == verdict[:3], "order changes a verdict", rules["criteria"], parameters, units[i], first, verdict)
        must(len(first[3]) == len(verdict[3]), "order changes how many changes are needed", rules["criteria"], units[i])


# ---- learning

def learn(rng, unit):
    """A copy with one thing more known, or None if nothing is unknown."""
    more = copy.deepcopy(unit)
    places = [lambda name=name, kind=kind: more["facts"].__setitem__(name, {"value": random_rules.value(rng, kind)})
              for name, kind in random_rules.FACTS.items() if more["facts"].get(name, {}).get("value") is None]
    places += [lambda name=name: more["findings"].__setitem__(name, {"result": rng.choice(random_rules.TEXTS),
                                                                    "found_by": rng.choice(random_rules.FINDERS)})
               for name in random_rules.CONTENTS if name not in more["findings"]]
    places += [lambda found=found: found.__setitem__("found_by", rng.choice(random_rules.FINDERS))
               for found in more["findings"].values() if found["found_by"] is None]
    for name in random_rules.REGISTERS:
        register = more["registers"].get(name)
        if register is None:
            # Also a register with entries: nothing was known of it.
            places.append(lambda name=name: more["registers"].__setitem__(
                name, {"complete": rng.random() < 0.5, "complete_through": "9999-12-31",
                       "entries": [random_rules.entry(rng, 0.3) for _ in range(rng.randint(0, 2))]}))
            continue
        for entry in register["entries"]:
            places += [lambda entry=entry, field=field, kind=kind: entry.__setitem__(field, random_rules.value(rng, kind))
                       for field, kind in random_rules.FIELDS.items() if entry[field] is None and field != "until"]
        if not register["complete"]:
            # What is not declared complete may still grow, and may be declared so.
            places.append(lambda register=register: register["entries"].append(random_rules.entry(rng, 0.3)))
            places.append(lambda register=register: register.update(complete=True, complete_through="9999-12-31"))
    if "documents" not in more:
        places.append(lambda: more.update(documents={name: rng.choice(random_rules.STATES) for name in random_rules.DOCUMENTS}))
    if not places:
        return None
    rng.choice(places)()
    return more


def leaves_of(node):
    if isinstance(node, dict):
        if "kind" in node and "of" not in node and "id" in node:
            yield node
        for name, child in node.items():
            if name != "keys":  # those of a rank
                yield from leaves_of(child)
    elif isinstance(node, list):
        for child in node:
            yield from leaves_of(child)


def learning_takes_nothing_back(program, rng, rules, parameters, units):
    steadfast = copy.deepcopy(rules)
    for leaf in leaves_of(steadfast["criteria"]):
        leaf.pop("on_missing", None)
        leaf.pop("missing_citation", None)
    learnt = [(unit, more) for unit in units for more in [learn(rng, unit)] if more]
    before = judge(program, steadfast, parameters, [unit for unit, _ in learnt])
    after = judge(program, steadfast, parameters, [more for _, more in learnt])
    for (unit, more), (leaves, outcomes, overall, *_), (new_leaves, new_outcomes, new_overall, *_) in zip(learnt, before, after):
        for name, truth in leaves.items():
            must(truth in (OPEN, new_leaves[name]), f"leaf {name} was {truth}, is {new_leaves[name]}", steadfast["criteria"],
                 parameters, unit, more)
        for name, outcome in outcomes.items():
            good = {"PASS": ("PASS", "NOT_APPLICABLE"), "FAIL": ("FAIL",), "NOT_APPLICABLE": ("NOT_APPLICABLE",)}
            must(new_outcomes[name] in good.get(outcome, (new_outcomes[name],)),
                 f"{name} was {outcome}, is {new_outcomes[name]}", steadfast["criteria"], unit, more)
        must(overall not in ("ELIGIBLE", "INELIGIBLE") or new_overall == overall, "an overall outcome was taken back", unit, more)


# ---- changes

def truth_of(node, leaves):
    if "of" not in node:
        body = leaves[node["id"]]
    else:
        children = [truth_of(child, leaves) for child in node["of"]]
        body = {"all": lambda: min(children), "any": lambda: max(children), "not": lambda: 2 - children[0],
                "at_least": lambda: sorted(children, reverse=True)[node["n"] - 1]}[node["kind"]]()
    return max(2 - truth_of(node["applies_when"], leaves), body) if "applies_when" in node else body


def satisfied(criterion, leaves):
    if "applies_when" in criterion and truth_of(criterion["applies_when"], leaves) == 0:
        return True
    return truth_of(criterion["requires"], leaves) == 2 and ("hold" not in criterion or truth_of(criterion["hold"], leaves) == 0)


def fixed_leaves(node, leaves):
    """Those under a guard that is decided."""
    if isinstance(node, dict):
        guard = node.get("applies_when")
        if guard is not None and truth_of(guard, leaves) != OPEN:
            yield from (leaf["id"] for leaf in leaves_of(guard))
        for child in node.values():
            yield from fixed_leaves(child, leaves)
    elif isinstance(node, list):
        for child in node:
            yield from fixed_leaves(child, leaves)


def can_be_met(criterion, leaves, free, size):
    """Whether some `size` of the criterion's free leaves, turned, satisfy it."""
    for names in itertools.combinations(free, size):
        options = [[to for to in (0, 2) if to != leaves[name]] for name in names]
        for values in itertools.product(*options):
            if satisfied(criterion, {**leaves, **dict(zip(names, values))}):
                return True
    return False


def holds(condition, met):
    """Whether a form's condition holds by the criteria that are met."""
    if isinstance(condition, str):
        return condition in met
    terms = [holds(term, met) for term in condition.get("all") or condition.get("any") or condition["of"]]
    return sum(terms) >= condition["at_least"] if "at_least" in condition else all(terms) if "all" in condition else any(terms)


def fewest(rules, sizes):
    """How many changes some form takes at the least, by every set of criteria; None where no form can be reached."""
    ids, best = list(sizes), None
    for chosen in itertools.chain.from_iterable(itertools.combinations(ids, n) for n in range(len(ids) + 1)):
        if any(sizes[name] is None for name in chosen):
            continue
        met = {name for name in ids if name in chosen or sizes[name] == 0}
        if any(holds(form.get("eligible", {"all": ids}), met) for form in rules.get("forms", [{}])):
            needs = sum(sizes[name] for name in chosen)
            best = needs if best is None else min(best, needs)
    return best


def changes_are_fewest(rules, units, verdicts):
    """Criteria share no leaf, so the fewest of all are the fewest of each."""
    tried = 0
    for unit, (leaves, _, overall, changes, _) in zip(units, verdicts):
        fixed = set(fixed_leaves(rules["criteria"], leaves))
        past = {leaf["id"] for leaf in leaves_of(rules["criteria"])
                if leaves[leaf["id"]] == 0 and ("until" in leaf or leaf["kind"] in PAST)}
        sizes = {}
        for criterion in rules["criteria"]:
            free = [leaf["id"] for leaf in leaves_of(criterion) if leaf["id"] not in fixed | past]
            sizes[criterion["id"]] = next((size for size in range(len(free) + 1) if can_be_met(criterion, leaves, free, size)), None)
        needs, forms = fewest(rules, sizes), rules.get("forms", [{}])
        if overall == "ELIGIBLE" or needs is None:
            must(not changes, "changes are told where there is nothing to be done", rules["criteria"], unit, changes, leaves)
            continue
        must(len(changes) == needs, f"{needs} changes would do", rules["criteria"], unit, changes, leaves)
        must(not fixed & set(changes), "a decided guard is to be changed", rules["criteria"], unit, changes)
        must(not past & set(changes), "what is past is to be changed", rules["criteria"], unit, changes)
        met = {criterion["id"] for criterion in rules["criteria"] if satisfied(criterion, {**leaves, **changes})}
        must(any(holds(form.get("eligible", {"all": list(sizes)}), met) for form in forms),
             "the changes are not enough", rules["criteria"], unit, changes, leaves)
        tried += 1
    return tried


# ---- what decides

HEIGHTS = {"FAIL": 0, "DEFERRED": 1, "PENDING": 2, "PASS": 3, "NOT_APPLICABLE": 3}


def outcome(criterion, leaves):
    guard, hold = (truth_of(criterion[part], leaves) if part in criterion else none for part, none in (("applies_when", 2), ("hold", 0)))
    requires = truth_of(criterion["requires"], leaves)
    if guard == 0 or (requires == 2 and hold == 0):
        return "PASS"
    if guard == OPEN:
        return "PENDING"
    return "FAIL" if requires == 0 else "DEFERRED" if hold == 2 else "PENDING"


def height(condition, reached):
    if isinstance(condition, str):
        return reached[condition]
    terms = sorted((height(term, reached) for term in condition.get("all") or condition.get("any") or condition["of"]), reverse=True)
    return terms[-1] if "all" in condition else terms[condition.get("at_least", 1) - 1]


def heights(rules, leaves):
    """What comes of each form of award."""
    reached = {criterion["id"]: HEIGHTS[outcome(criterion, leaves)] for criterion in rules["criteria"]}
    return [height(form.get("eligible", {"all": list(reached)}), reached) for form in rules.get("forms", [{}])]


def what_decides_is_told(rules, units, verdicts):
    """What is open and not told to decide changes nothing, whichever way it ends; and where something waits, something decides."""
    tried = 0
    for unit, (leaves, _, overall, _, decisive) in zip(units, verdicts):
        found = heights(rules, leaves)
        must(all(leaves[name] == OPEN for name in decisive), "what is known is told to decide", rules["criteria"], unit, sorted(decisive))
        must(decisive or HEIGHTS["PENDING"] not in found, "nothing decides what is open", rules, unit, leaves)
        for name in (name for name, truth in leaves.items() if truth == OPEN and name not in decisive):
            for to in (0, 2):
                must(heights(rules, {**leaves, name: to}) == found, f"{name} decides and is not told", rules, unit, leaves, sorted(decisive))
            tried += 1
    return tried


judge_cache = {}


def main():
    program = str(pathlib.Path(sys.argv[1]) / "tests" / "oracle" / "judge")
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 230
    wanted, tried, with_changes, idle = int(os.environ.get("THIDUA_PROPERTY_SETS", "60")), 0, 0, 0
    for number in range(wanted):
        rng = random.Random(f"{seed}.properties.{number}")
        rules, parameters = random_rules.rule_set(rng), random_rules.parameters(rng)
        units = [random_rules.unit(rng) for _ in range(100)]
        judge_cache[id(units)] = judge(program, rules, parameters, units)
        order_means_nothing(program, rng, rules, parameters, units)
        learning_takes_nothing_back(program, rng, rules, parameters, units)
        idle += what_decides_is_told(rules, units, judge_cache[id(units)])
        if all(sum(1 for _ in leaves_of(criterion)) <= 7 for criterion in rules["criteria"]):
            with_changes += changes_are_fewest(rules, units[:30], judge_cache[id(units)][:30])
        tried += len(units)
        judge_cache.clear()
    print(f"{tried} units of {wanted} rule sets keep the properties; {with_changes} sets of changes tried against every smaller one; {idle} open leaves decide nothing")
    must(with_changes > 0, "no set of changes was tried")


if __name__ == "__main__":
    main()
