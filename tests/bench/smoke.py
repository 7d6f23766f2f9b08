#!/usr/bin/python3
"""Runs every bench briefly and compares what it prints, line by line, with what it shall print. Speed is not judged.

In an expected line `#` stands for a number above zero and `~` for a number that may be zero. Everything else is literal;
only the width of spaces is free.
"""
import argparse
import ast
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent

ENGINES = ["json-logic-engine-compiled", "json-logic-engine", "json-logic-js", "cel-js", "zen-engine", "json-rules-engine"]
ENGINE = [
    "1000 records, # nodes of which # leaves, # eligible; all agree on every leaf of every record",
    "| engine | records/s | leaves/s | ours is faster by |",
    "|---|---:|---:|---:|",
    *(f"| {name} | # | # | # |" for name in ["ours", *ENGINES]),
    "| contestants | nodes | ns a contestant | ns a node |",
    "|---:|---:|---:|---:|",
    *["| 1000 | # | # | # |"] * 4,
    *(f"ratio {name} #" for name in ENGINES[1:] + ENGINES[:1]),
]
MILLION = [
    "contestants evaluation us each COPY out COPY in ratio peak MB",
    "1000 #s # #s #s # #",
    "facts ~ MB out, verdicts ~ MB in; quick reads meanwhile: # reads, p50 # ms, p99 # ms, longest # ms",
    "outcomes {'PENDING': #, 'DEFERRED': #, 'ELIGIBLE': ~, 'INELIGIBLE': #}",
    "round of 1,000 evaluated, ranked, stored, answered: # ms; a single-row write: # ms",
    "ratio single-row-writes #",
    "ratio copy #",
]
HOUSE = [
    "unit read again: ours #/s, healthz #/s, pgbench one row #/s, pgbench same sql #/s, fastify pg #/s",
    "ratio unit-read-again/healthz #",
    "ratio unit-read-again/pgbench-one-row #",
    "ratio unit-read-again/pgbench-same-sql #",
    "ratio unit-read-again/fastify-pg #",
    "unit read from the database: ours #/s, pgbench same sql #/s, fastify pg #/s",
    "ratio unit-read-from-the-database/pgbench-same-sql #",
    "ratio unit-read-from-the-database/fastify-pg #",
    "list of 20 units from the database: ours #/s, pgbench same sql #/s",
    "ratio list-of-20-units-from-the-database/pgbench-same-sql #",
    "round status: ours #/s, healthz #/s",
    "ratio round-status/healthz #",
    "304 of the round status: ours #/s, healthz #/s",
    "ratio 304-of-the-round-status/healthz #",
    "transactions in PostgreSQL for each 304: ~",
    "transactions in PostgreSQL for each read from the database: #",
    "reads alone: #/s, p99 # ms; beside # evaluations/s: #/s, p99 # ms",
    "ratio p99-beside-heavy/p99-alone #",
    "one unit written: ours #/s, pgbench two inserts #/s",
    "ratio one-unit-written/pgbench-two-inserts #",
    "resident memory idle: # MiB",
    "25 MiB uploaded: + ~ MiB at most",
    "25 MiB downloaded: + ~ MiB at most",
]
WRITES = [
    "| list | items | ms an item | service ms | PostgreSQL ms | statements an item |",
    "|---|---:|---:|---:|---:|---:|",
    *(f"| {kind} | {count} | # | # | # | # |" for kind in ["findings", "reports", "discipline", "successions"] for count in [1, 5]),
]
PAPERS = [
    "| rows | pages | PDF ms | PDF KiB | peak KiB | DOCX ms | DOCX KiB | peak KiB |",
    "|---:|---:|---:|---:|---:|---:|---:|---:|",
    *["| # | # | # | # | # | # | # | # |"] * 2,
]
DURABLE = [line for title in ["POST unit", "POST initiative", "PUT finding"] for line in [
    f"{title}, 2 clients: ours #/s, pgbench #/s, fastify pg #/s",
    "processor time of one: service ~ ms, PostgreSQL ~ ms, for pgbench ~ ms, for fastify ~ ms",
    "if nothing but PostgreSQL took time: #/s, # × fastify",
    f"ratio {title.replace(' ', '-')}-2/pgbench #",
    f"ratio {title.replace(' ', '-')}-2/fastify #",
    f"ratio {title.replace(' ', '-')}-2/best-of-pgbench #",
]]
CACHED = [line for title in ["304", "cached 200"] for line in [
    f"{title}: ours #/s, smallest #/s, ready #/s, nginx #/s",
    "processor time of one: ours ~ us, smallest ~ us, ready ~ us, nginx ~ us",
    *(f"ratio {title.replace(' ', '-')}/{other} #" for other in ["smallest", "ready", "nginx"]),
]]
READS = [
    "CSV of 1000 rows: # s, COPY # s, of the same statement # s; memory + ~ MiB at most",
    "ratio CSV/COPY #",
    "ratio CSV/COPY-of-the-same-statement #",
    *(line for title, smallest in [("unit", True), ("verdict", True), ("board", False), ("list of 100 units", False)] for line in [
        f"| {title} | a second | who asks, µs | who answers, µs | PostgreSQL, µs | together, µs |",
        "|---|---:|---:|---:|---:|---:|",
        *(f"| {name} | # | ~ | ~ | ~ | # |" for name in ["ours", "pgbench", "fastify pg", "starlette psycopg"]),
        *(f"| smallest, {way} | # | ~ | ~ | ~ | # |" for way in ["blocking", "pipelined"] if smallest),
        *(f"ratio {title.replace(' ', '-')}/{other} #" for other in ["smallest"] * smallest + ["pgbench", "fastify-pg", "starlette-psycopg"]),
        *[f"ratio smallest-{title}/pgbench #"] * smallest,
        *(f"ceiling {title.replace(' ', '-')}/{other} #" for other in ["fastify-pg", "starlette-psycopg"])]),
]
CONNECTIONS = [
    "resident memory: # MiB before, # MiB with 100 idle connections and 10 event streams",
    "quick reads alone: #/s, p99 # ms; beside them: #/s, p99 # ms",
    "ratio p99-beside-connections/p99-alone #",
]
EVENTS = [
    "commit to 5 listeners: p50 # ms, p99 # ms, longest # ms",
    "processor time of one event: service ~ ms, the listeners' process ~ ms",
    "commit to a receiver of webhooks: p50 # ms, p99 # ms, longest # ms",
]
BESIDE = [line for title in ["evaluations", "imports", "exports", "queries"] for line in [
    f"beside {title}, # ms each: ~ cores",
    *(line for name in ["304 from memory", "200 from memory", "unit", "verdict"] for line in [
        f"{name}: p99 # ms alone, # ms beside, # ms beside # that spin",
        f"ratio {name} #, of those that spin #"])]]
STANDBYS = [
    "| read | clients | primary µs, by the primary | by the standby | of it | median ms, by the primary | by the standby |",
    "|---|---:|---:|---:|---:|---:|---:|",
    *(f"| {what} | {clients} | ~ | ~ | ~ % | # | # |" for what in ["unit", "100 units"] for clients in [1, 32]),
    "| writes a second | reads by the standby |",
    "|---:|---:|",
    *["| ~ | ~ % |"] * 3,
]
START = ["start to ready, PostgreSQL up: # s, longest # s"]


def growth():
    """By the tables of names in growth.py."""
    tree = ast.parse((HERE / "growth.py").read_text(encoding="utf-8"))
    names = {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)
             and isinstance(node.targets[0], ast.Name) and node.targets[0].id in ("PAGES", "THINGS", "ROUNDS", "WRITES", "WALKS", "STORED")}
    for title, table in (("page, ms", "PAGES"), ("one thing, ms", "THINGS"), ("of a whole round, ms", "ROUNDS"), ("write, ms", "WRITES"),
                         ("walk of everything, µs a row", "WALKS")):
        yield from [f"| {title} | 100 | last/first |", "|---|---:|---:|", *(f"| {name} | # | # |" for name in names[table])]
    yield from ["| table | rows | bytes a row |", "|---|---:|---:|", *(f"| {name} | # | # |" for name in names["STORED"]), "database # MB"]


BENCHES = {
    "growth": (["--most", "100", "--turns", "2"], list(growth())),
    "papers": (["--rows", "6", "60", "--turns", "1"], PAPERS),
    "writes": (["--items", "1", "5"], WRITES),
    "engine": (["--memory-only", "--records", "1000"], ENGINE),
    "million": (["--contestants", "1000"], MILLION),
    "durable": (["--seconds", "1", "--turns", "1", "--clients", "2"], DURABLE),
    "connections": (["--idle", "100", "--streams", "10", "--seconds", "1", "--turns", "1"], CONNECTIONS),
    "events": (["--listeners", "5", "--writes", "3", "--turns", "1"], EVENTS),
    "beside": (["--seconds", "1", "--turns", "1", "--contestants", "100", "--rows", "1000", "--imported", "100"], BESIDE),
    "start": (["--service-only", "--turns", "1"], START),
    "standbys": (["--seconds", "1", "--turns", "1", "--rows", "1000"], STANDBYS),
    "cached": (["--seconds", "1", "--turns", "1"], CACHED),
    "reads": (["--seconds", "1", "--turns", "1", "--rows", "1000", "--boards", "20"], READS),
    "house": (["--seconds", "1", "--turns", "1"], HOUSE),
}


def fits(expected, line):
    """The line is the expected one, with a number for each `#` and `~`."""
    marks = re.findall("[#~]", expected)
    pattern = re.sub(r"\\[#~]", r"(\\d[\\d,]*(?:\\.\\d+)?)", re.escape(expected))
    found = re.fullmatch(pattern, line)
    return found is not None and all(mark == "~" or float(figure.replace(",", "")) > 0 for mark, figure in zip(marks, found.groups()))


def fault(name):
    """Why the bench does not run as it shall, or None."""
    options, expected = BENCHES[name]
    done = subprocess.run([sys.executable, HERE / f"{name}.py", *options], capture_output=True, text=True)
    if done.returncode != 0:
        return f"ended with {done.returncode}\n{done.stdout}{done.stderr}"
    printed = [" ".join(line.split()) for line in done.stdout.splitlines() if line.strip()]
    for number, line in enumerate(expected):
        if number == len(printed) or not fits(line, printed[number]):
            return f"expected: {line}\nprinted:  {printed[number] if number < len(printed) else 'nothing more'}\n{done.stdout}{done.stderr}"
    if len(printed) > len(expected):
        return f"printed more than is expected: {printed[len(expected)]}"
    return None


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run smoke", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; none: all")
    names = parser.parse_args().names or list(BENCHES)
    others = {path.stem for path in HERE.glob("*.py")} - {"smoke"}
    if not set(names) <= set(BENCHES) or others != set(BENCHES):
        sys.exit(f"benches are {sorted(others)}; this knows {sorted(BENCHES)}")
    faults = 0
    for name in names:
        start = time.monotonic()
        found = fault(name)
        faults += found is not None
        print(f"{name}: {found or 'prints all its figures'} ({time.monotonic() - start:.0f} s)", flush=True)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
