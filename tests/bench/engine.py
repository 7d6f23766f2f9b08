#!/usr/bin/python3
"""The criteria engine in memory against the rule engines that npm has: same rules, same records, same answers.

The rules are those of campaigns/230-KH-UBND.json, whole; the records are 100,000 invented contestants of which about a
tenth of the facts is unknown. Every engine judges on one core, decodes its records into its own native form before
the clock starts, and must give the same truth for every leaf and the same overall outcome for every record, or the
run fails. Only our engine counts a register's entries and marks the decisive unknowns; combining leaves into an outcome is
plain JavaScript for all others, so none of them pays for three-valued combinators that it does not have.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "bench" / "engine"
BUILD = ROOT / "build"
JUDGE = BUILD / "tests" / "bench" / "engine" / "judge"
# Slow engines are measured on fewer rounds; the fast ones in turns with ours, best of all rounds.
OTHERS = {"json-logic-engine-compiled": 5, "json-logic-engine": 1, "json-logic-js": 1, "cel-js": 1, "zen-engine": 1,
          "json-rules-engine": 1}
TURNS = 3


def maybe(rng, value, unknown=0.08):
    return None if rng.random() < unknown else value


def some_date(rng, year):
    return f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def register(rng, entries):
    given = {"complete": rng.random() > 0.05, "complete_through": "2025-03-05", "entries": entries}
    return given if rng.random() > 0.02 else {**given, "complete_through": "2024-12-31"}


def unit(rng, number):
    """An invented contestant: about half are eligible, the others differ in one clause or several."""
    kind = rng.choice(["SO_BAN_NGANH", "UNIT_UNDER_SO", "HUYEN", "XA", "XA", "UNIT_UNDER_HUYEN"])
    maximum = rng.randint(6000, 10000)
    achieved = maximum * rng.randint(880, 1000) // 1000 if rng.random() < 0.3 else maximum * 95 // 100
    points = lambda number: f"{number // 100}.{number % 100:02d}"
    initiatives = [{"id": f"i{k}", "council": rng.choice(["PROVINCIAL"] * 4 + ["DISTRICT"]),
                    "recognised_on": maybe(rng, some_date(rng, 2024)), "applied_from": some_date(rng, 2024),
                    "applied_to": None, "used_by_earlier_award": maybe(rng, rng.random() < 0.1, 0.05)}
                   for k in range(rng.randint(0, 4) or 1)]
    discipline = [{"id": "d", "regime": "PARTY", "level": "KHIEN_TRACH", "effective_from": maybe(rng, some_date(rng, 2024)),
                   "effective_to": None, "status": rng.choice(["IN_FORCE", "ANNULLED", "ANNULLED"])}
                  for _ in range(rng.random() < 0.1)]
    proceedings = [{"id": "p", "kind": "INSPECTION", "opened_on": some_date(rng, 2024), "closed_on": some_date(rng, 2024),
                    "state": rng.choice(["OPEN", "CLOSED_NO_FAULT", "CLOSED_AT_FAULT"])} for _ in range(rng.random() < 0.1)]
    facts = {"is_collective": True, "is_contestant": maybe(rng, rng.random() > 0.02, 0.01), "contestant_kind": kind,
             "advises_par": maybe(rng, rng.random() > 0.05, 0.02), "on_assessed_list": maybe(rng, rng.random() > 0.2, 0.02),
             "index_achieved": maybe(rng, points(achieved)), "index_maximum": points(maximum),
             "dossier_received_at": maybe(rng, f"2024-12-{rng.choice([12, 20, 29, 30, 30, 31]):02d}T15:30:00+07:00", 0.02),
             "dossier_state": rng.choice(["ACCEPTED"] * 9 + ["LODGED"]), "late_accepted": rng.random() < 0.5,
             "dossier_open_through": "2024-12-30"}
    snapshot = {
        "unit_id": f"00000000-0000-4000-8000-{number:012d}",
        "facts": {name: {"value": value} for name, value in facts.items()},
        "registers": {"initiatives": register(rng, initiatives), "discipline": register(rng, discipline),
                      "proceedings": register(rng, proceedings)},
        "findings": {content: {"result": rng.choice(["OUTSTANDING_LEADING"] * 30 + ["OUTSTANDING"]),
                               "found_by": "home_affairs"} for content in "ABCD" if rng.random() > 0.02},
    }
    if rng.random() > 0.02:
        snapshot["documents"] = {"TO_TRINH": "PRESENT", "MINUTES": "PRESENT",
                                 "REPORT": maybe(rng, "PRESENT", 0.05)}
    return snapshot


class Workshop:
    """A temporary directory with the rules, the parameters and the records, shared by all engines."""

    def __init__(self, folder, count):
        self.folder = pathlib.Path(folder)
        self.rules = json.loads((ROOT / "campaigns" / "230-KH-UBND.json").read_text(encoding="utf-8"))["criteria_set"]
        rng = random.Random(230)
        with self.path("units").open("w", encoding="utf-8") as file:
            for number in range(count):
                file.write(json.dumps(unit(rng, number)) + "\n")
        self.path("rules").write_text(json.dumps(self.rules), encoding="utf-8")
        self.path("parameters").write_text(json.dumps(self.rules["case_base"]["parameters"]), encoding="utf-8")

    def path(self, name):
        return self.folder / name

    def run(self, command, results, rounds, rules="rules", units="units"):
        """(units, nodes, leaves, seconds) of one program on one core."""
        pinned = ["taskset", "-c", str(max(os.sched_getaffinity(0)))]
        arguments = [self.path(rules), self.path("parameters"), self.path(units), self.path(results), rounds]
        done = subprocess.run(pinned + command + [str(a) for a in arguments], check=True, stdout=subprocess.PIPE, text=True)
        count, nodes, leaves, seconds = done.stdout.split()
        return int(count), int(nodes), int(leaves), float(seconds)

    def ours(self, rounds=20, **where):
        return self.run([str(JUDGE)], "results-ours", rounds, **where)

    def other(self, name, rounds):
        return self.run(["node", str(HERE / "run.mjs"), name], f"results-{name}", rounds)

    def must_agree(self, name):
        ours, other = (self.path(f"results-{which}").read_text().split("\n") for which in ("ours", name))
        if ours == other:
            return
        for line, (a, b) in enumerate(zip(ours, other)):
            if a != b:
                sys.exit(f"{name} disagrees on unit {line}:\n  ours  {a}\n  other {b}")
        sys.exit(f"{name}: {len(other)} results for {len(ours)} units")

    def few_units(self, count):
        with self.path("units").open(encoding="utf-8") as file, self.path("few").open("w", encoding="utf-8") as few:
            few.writelines(line for _, line in zip(range(count), file))

    def more_rules(self, times):
        """The plan's criteria written down several times: the same work per node, more nodes."""
        rules = {key: value for key, value in self.rules.items() if key not in ("cases", "case_base", "standings")}
        short = lambda text: {language: "." for language in text}

        def renamed(node, suffix):
            if isinstance(node, list):
                return [renamed(item, suffix) for item in node]
            if not isinstance(node, dict):
                return node
            copy = {key: renamed(value, suffix) for key, value in node.items()}
            if "id" in copy:
                copy["id"] = f"{copy['id']}.{suffix}"
            if "text" in copy:
                copy["text"] = short(copy["text"])
            return copy

        rules["criteria"] = [renamed(each, time) for time in range(times) for each in self.rules["criteria"]]
        self.path("more").write_text(json.dumps(rules), encoding="utf-8")


def show_growth(workshop, count):
    print("\n| contestants | nodes | ns a contestant | ns a node |\n|---:|---:|---:|---:|")
    rows = []
    size = 1000
    while size <= count:
        workshop.few_units(size)
        rows.append(workshop.ours(rounds=20, units="few"))
        size *= 10
    workshop.few_units(min(count, 10000))
    for times in (2, 4, 6):
        workshop.more_rules(times)
        rows.append(workshop.ours(rounds=20, rules="more", units="few"))
    for units, nodes, _, seconds in rows:
        print(f"| {units} | {nodes} | {seconds / units * 1e9:.0f} | {seconds / units / nodes * 1e9:.1f} |")


def compare(workshop, names):
    best = {}
    for turn in range(TURNS):
        for name in ["ours"] + names:
            if name != "ours" and turn > 0 and OTHERS[name] == 1:
                continue
            row = workshop.ours() if name == "ours" else workshop.other(name, OTHERS[name])
            if name != "ours" and turn == 0:
                workshop.must_agree(name)
            if name not in best or row[3] < best[name][3]:
                best[name] = row
    eligible = sum(line.endswith(" ELIGIBLE") for line in workshop.path("results-ours").read_text().splitlines())
    units, nodes, leaves, seconds = best["ours"]
    print(f"{units} records, {nodes} nodes of which {leaves} leaves, {eligible} eligible; all agree on every leaf of every record\n")
    print("| engine | records/s | leaves/s | ours is faster by |\n|---|---:|---:|---:|")
    for name, (_, _, _, time) in best.items():
        print(f"| {name} | {units / time:,.0f} | {units * leaves / time:,.0f} | {time / seconds:.2f} |")
    return {name: row[3] / seconds for name, row in best.items() if name != "ours"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory-only", action="store_true", help="leave out the million contestants in PostgreSQL")
    parser.add_argument("--records", type=int, default=100000)
    parser.add_argument("--only", action="append", choices=OTHERS, help="compare with this engine alone")
    options = parser.parse_args()
    if not options.memory_only:
        million = subprocess.run([sys.executable, HERE.parent / "million.py"], check=True, stdout=subprocess.PIPE, text=True).stdout
        print(million, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(folder, options.records)
        ratios = compare(workshop, options.only or list(OTHERS))
        show_growth(workshop, options.records)
        print()
        for name, ratio in sorted(ratios.items(), key=lambda item: item[0] == "json-logic-engine-compiled"):
            print(f"ratio {name} {ratio:.2f}")
    if not options.memory_only:
        print(million.strip().splitlines()[-1])  # ratio copy


if __name__ == "__main__":
    main()
