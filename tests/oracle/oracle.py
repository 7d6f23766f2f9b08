#!/usr/bin/python3
"""The criteria engine against SQL made from the same rules: every leaf, every criterion, every overall outcome.

oracle.py BUILD_DIRECTORY [SEED]: THIDUA_ORACLE_VERDICTS says how many units are judged (50,000 unless told), each by one of
many random rule sets. The first disagreement ends the run and is shown with all that is needed to look into it.
"""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import random_rules
from to_sql import Sql

UNITS_PER_SET = 500


class PostgreSQL:
    """A private cluster in a temporary directory, reached by a socket there."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="thidua-oracle-")
        self.programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.run("initdb", "-D", f"{self.folder}/data", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off -c jit=off -c shared_buffers=32MB"
        self.run("pg_ctl", "start", "-w", "-s", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-o", options)
        return self

    def run(self, program, *arguments):
        owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run([*owner, str(self.programs / program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def __exit__(self, *_):
        self.run("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", f"{self.folder}/data")
        shutil.rmtree(self.folder)

    def answer(self, script):
        psql = [str(self.programs / "psql"), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres"]
        return subprocess.run(psql, input=script, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def by_engine(judge, rules, parameters, units):
    lines = ["R" + json.dumps(rules), "P" + json.dumps(parameters)] + ["U" + json.dumps(unit) for unit in units]
    answer = subprocess.run([judge], input="\n".join(lines) + "\n", check=True, stdout=subprocess.PIPE, text=True).stdout
    leaves, *verdicts = answer.splitlines()
    return leaves.split(), [verdict.split("|")[0] for verdict in verdicts]


def by_sql(postgresql, rules, parameters, units, leaves):
    sql = Sql(rules, parameters, random_rules.local_date)
    rows = "\n".join(f"{n}\t" + json.dumps(unit, ensure_ascii=False).replace("\\", "\\\\") for n, unit in enumerate(units))
    query = sql.verdicts(leaves)
    script = f"CREATE TEMP TABLE input (n int, s jsonb);\nCOPY input FROM stdin;\n{rows}\n\\.\n" + \
        ";\n".join([*sql.tables(), query]) + ";\n"
    return postgresql.answer(script), sql


def show_difference(rules, parameters, unit, leaves, engine, oracle, sql):
    print("the engine and the oracle disagree", file=sys.stderr)
    for name, a, b in zip(leaves, engine.split()[0], oracle.split()[0]):
        if a != b:
            print(f"leaf {name}: engine {a}, oracle {b}\n{find_leaf(rules, name)}\n{sql.leaves[name]}", file=sys.stderr)
    print(f"engine: {engine}\noracle: {oracle}\nparameters: {json.dumps(parameters)}\nunit: {json.dumps(unit)}\n"
          f"criteria: {json.dumps(rules['criteria'])}", file=sys.stderr)


def find_leaf(node, name):
    if isinstance(node, dict) and node.get("id") == name and "kind" in node:
        return json.dumps({key: value for key, value in node.items() if key not in ("text", "citations")})
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return next((found for found in (find_leaf(child, name) for child in children) if found), None)


def main():
    judge = str(pathlib.Path(sys.argv[1]) / "tests" / "oracle" / "judge")
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 230
    wanted = int(os.environ.get("THIDUA_ORACLE_VERDICTS", "50000"))
    verdicts = leaf_verdicts = rule_sets = 0
    seen = {digit: 0 for digit in "012"}
    with PostgreSQL() as postgresql:
        while verdicts < wanted:
            rng = random.Random(f"{seed}.{rule_sets}")
            rules, parameters = random_rules.rule_set(rng), random_rules.parameters(rng)
            units = [random_rules.unit(rng) for _ in range(UNITS_PER_SET)]
            leaves, engine = by_engine(judge, rules, parameters, units)
            oracle, sql = by_sql(postgresql, rules, parameters, units, leaves)
            if engine != oracle:
                for unit, one, other in zip(units, engine, oracle):
                    if one != other:
                        show_difference(rules, parameters, unit, leaves, one, other, sql)
                        break
                sys.exit(f"seed {seed}, rule set {rule_sets}")
            for line in engine:
                for digit in seen:
                    seen[digit] += line.split(" ", 1)[0].count(digit)
            rule_sets += 1
            verdicts += len(units)
            leaf_verdicts += len(units) * len(leaves)
    shares = ", ".join(f"{seen[digit] / leaf_verdicts:.0%} {name}" for digit, name in zip("012", ("false", "undetermined", "true")))
    print(f"{verdicts} verdicts by {rule_sets} rule sets agree, {leaf_verdicts} leaves: {shares}")


if __name__ == "__main__":
    main()
