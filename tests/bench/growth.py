#!/usr/bin/python3
"""How everything's cost grows with everything: units, contestants, events, keys and webhooks, in steps of ten.

Each step is a service of its own on a private PostgreSQL, filled by tests/api/growing.py: for N units also N contestants, dossiers,
decisions and awards in one round (of awards six, which is the cap), a journal of ten rows a unit with a true chain, N keys (at most 100,000),
and a webhook for each hundred units (at most 1,000). People decided the place of each fiftieth unit: an evaluation holds all that they
decided, and of a real round only units near the cap come before them. Then the first page of each list, searches, the feed, single things,
writes and sealing are measured one after another, by one caller who sees everything. No answer comes from memory.

A figure is the lower quartile in ms, which other load of the machine moves least. What a page costs must not grow; the last table has
what must: it walks everything, and there the figure is µs a row. Figures depend on the machine: what counts is the ratio.
"""
import http.client
import json
import re
import statistics
import subprocess
import sys
import time

from house import ROOT, options_of, scratch  # tells where the tests' own modules are
import growing
from service import PROGRAM, ROLES, Service, wait_until

ROUND = f"/v1/campaigns/{growing.CAMPAIGN}/rounds/{growing.YEAR}"
MOST_KEYS, MOST_WEBHOOKS = 100_000, 1_000
DECIDED = 50  # of so many units people decided the place of one
SEALED = 500  # rows in a batch of the sealer
TABLE_ROWS = 1_000_000  # the most rows of a list as a file
RANKED = 20_000  # a larger round has no standings

# {unit}, {dossier} …: an id of each; {parent}: of a unit with twenty below it; {evaluation}: of the round's newest; {late}, {mid}: numbers of events.
PAGES = {
    "keys": "/v1/keys", "journal": "/v1/journal", "journal, newest first": "/v1/journal?sort=-seq", "journal of a year": "/v1/journal?year=2001",
    "journal of a unit": "/v1/journal?unit_id={unit}", "journal of a resource": "/v1/journal?resource=/v1/units/{unit}",
    "feed, first page": "/v1/events", "feed, last page": "/v1/events?after={late}", "feed, resumed in the middle": "/v1/events?after={mid}",
    "feed of a rare type": "/v1/events?type=thidua.webhook.gone", "units": "/v1/units", "units by first day": "/v1/units?sort=valid_from",
    "units on a day": "/v1/units?on=2025-06-01", "search that finds much": "/v1/units?q=noi%20vu", "search that finds one": "/v1/units?q=d645920e395f",
    "search that finds nothing": "/v1/units?q=xyzxyz", "unit by code": "/v1/units?code=A10.000.040", "units below one": "/v1/units?parent_id={parent}",
    "units of a rare kind": "/v1/units?kind=DISTRICT", "successions": "/v1/units/{unit}/successions", "campaigns": "/v1/campaigns",
    "criteria sets": "/v1/criteria-sets", "public holidays": "/v1/public-holidays", "rounds": "/v1/campaigns/{campaign}/rounds",
    "contestants": "{round}/contestants", "contestants of a cluster": "{round}/contestants?cluster=C%E1%BB%A5m%201",
    "declarations": "{round}/registers/discipline/declarations", "registers": "{round}/registers", "quota versions": "{round}/quota/versions", "findings": "{round}/findings",
    "findings of a cluster": "{round}/findings?cluster=C%E1%BB%A5m%201", "reports": "{round}/reports", "late reports": "{round}/reports?late=true",
    "obligations": "{round}/obligations", "overdue obligations": "{round}/obligations?status=OVERDUE", "evaluations": "{round}/evaluations",
    "verdicts": "/v1/evaluations/{evaluation}/verdicts",
    "verdicts of a rare outcome": "/v1/evaluations/{evaluation}/verdicts?overall=DEFERRED", "overrides": "/v1/evaluations/{evaluation}/overrides",
    "tie decisions": "{round}/tie-decisions", "proposals of the round": "{round}/proposals", "proposals": "/v1/proposals",
    "draft proposals": "/v1/proposals?state=DRAFT", "decisions": "/v1/decisions", "draft decisions": "/v1/decisions?state=DRAFT",
    "awards": "/v1/awards", "awards revoked": "/v1/awards?state=REVOKED", "awards of the round": "{round}/awards",
    "awards of the round revoked": "{round}/awards?state=REVOKED", "awards of a unit": "/v1/awards?unit_id={unit}", "score frames": "/v1/score-frames",
    "scores": "/v1/scores", "scores of a rare state": "/v1/scores?state=FINAL", "initiatives": "/v1/initiatives",
    "initiatives refused": "/v1/initiatives?state=REFUSED", "initiatives of a year": "/v1/initiatives?year=2010",
    "discipline records": "/v1/discipline-records", "discipline annulled": "/v1/discipline-records?status=ANNULLED", "proceedings": "/v1/proceedings",
    "proceedings of a rare kind": "/v1/proceedings?kind=AUDIT", "dossiers": "/v1/dossiers", "draft dossiers": "/v1/dossiers?state=DRAFT",
    "dossiers of a nominator": "/v1/dossiers?nominator_unit_id={parent}", "notifications": "{round}/notifications",
    "notifications told": "{round}/notifications?state=TOLD", "documents": "/v1/dossiers/{dossier}/documents", "webhooks": "/v1/webhooks",
    "deliveries": "/v1/webhooks/{webhook}/deliveries", "deliveries pending": "/v1/webhooks/{webhook}/deliveries?state=PENDING",
}
THINGS = {
    "unit": "/v1/units/{unit}", "unit's history": "/v1/units/{unit}/history", "unit's record": "/v1/units/{unit}/record",
    "round": "{round}", "unit's status": "{round}/verdicts/{unit}", "contestant": "{round}/contestants/{unit}", "finding": "{round}/findings/{unit}",
    "report": "{round}/reports/{unit}", "register": "{round}/registers/discipline", "dossier": "/v1/dossiers/{dossier}", "proposal": "/v1/proposals/{proposal}", "award": "/v1/awards/{award}",
    "decision": "/v1/decisions/{decision}", "evaluation": "/v1/evaluations/{evaluation}", "key": "/v1/keys/{key}", "who calls": "/v1/me",
    "journal's head": "/v1/journal/head",
}
ROUNDS = {"round's board": "{round}/board", "standings": "/v1/evaluations/{evaluation}/standings"}
WRITES = ["a unit written", "a finding written", "500 events sealed"]
WALKS = ["evaluation, facts not packed", "verify", "contestants as CSV", "journal as CSV"]
STORED = ["awards", "contestants", "contestant_labels", "decisions", "documents", "dossiers", "findings", "finding_contents", "idempotency_answers",
          "journal", "keys", "nominations", "reports", "unit_codes", "unit_periods", "units", "verdicts", "webhook_deliveries"]
UNIT = {"name": "Đơn vị đo", "kind": "OTHER", "valid_from": "2020-01-01", "confirm_duplicate": True}
FINDING = {"contents": [{"content": content, "score": "61.5", "result": "OUTSTANDING", "reason": "x"} for content in "AB"]}


def sizes_of(units):
    return {"units": units, "journal": 10 * units, "keys": min(units, MOST_KEYS), "webhooks": min(max(units // 100, 1), MOST_WEBHOOKS),
            "decided": DECIDED}


class Step:
    """A service with so much of everything, asked by an administrator over one connection."""

    def __init__(self, directory, units, turns):
        self.units, self.turns = units, turns
        self.service = Service(directory, THIDUA_TABLE_ROWS=str(TABLE_ROWS), THIDUA_WORK_SECONDS="3600", THIDUA_WRITE_SECONDS="3600",
                               THIDUA_READ_SECONDS="60")

    def __enter__(self):
        self.service.start()
        try:
            self.fill()
        except BaseException:
            self.service.stop()
            raise
        return self

    def __exit__(self, *_):
        self.http.close()
        self.database.close()
        self.service.stop()

    def fill(self):
        done = self.service.command("load", str(ROOT / f"campaigns/{growing.CAMPAIGN}.json"))
        assert done.returncode == 0, done.stderr
        self.database = growing.Database(self.service.var / "socket")
        wait_until(lambda: self.database.run("SELECT count(*) FROM journal WHERE seq IS NULL") == ["0"])
        growing.fill(self.database, **sizes_of(self.units))
        made = self.service.command("key", "create", "--name", "đo", *(word for role in ROLES if role != "unit" for word in ("--role", role)))
        assert made.returncode == 0, made.stderr
        self.key = made.stdout.strip()
        self.http = http.client.HTTPConnection(*self.service.base.removeprefix("http://").split(":"), timeout=3600)
        me = self.ask("GET", "/v1/me")
        self.database.run(f"UPDATE webhooks SET owner = '{me['key_id']}' WHERE id = '{growing.made('webhook', 1)}'")
        events = int(self.database.run("SELECT max(seq) FROM journal")[0])
        self.places = {name: growing.made(name, 41) for name in ("unit", "dossier", "key")}
        self.places |= {name: growing.made(name, 1) for name in ("proposal", "award", "decision", "webhook")}
        self.places |= {"parent": growing.made("unit", 40), "round": ROUND, "campaign": growing.CAMPAIGN, "late": events - 20, "mid": events // 2}

    def text(self, method, path, body=None, headers=None):
        self.http.request(method, path, None if body is None else json.dumps(body),
                          {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **(headers or {})})
        answer = self.http.getresponse()
        text = answer.read()
        assert answer.status in (200, 201), f"{method} {path}: {answer.status} {text.decode(errors='replace')}"
        return text

    def ask(self, method, path, body=None, headers=None):
        return json.loads(self.text(method, path, body, headers))

    def timed(self, action):
        """The lower quartile in ms; what is slow is not asked so often."""
        action()
        times, end = [], time.monotonic() + 5
        while len(times) < 2 or len(times) < self.turns and time.monotonic() < end:
            self.database.run("NOTIFY thidua, 'data'")  # what is kept in memory holds no more
            time.sleep(0.02)
            start = time.perf_counter()
            action()
            times.append(1000 * (time.perf_counter() - start))
        return statistics.quantiles(times, n=4, method="inclusive")[0]

    def read(self, path):
        path = path.format(**self.places)
        return self.timed(lambda: self.text("GET", path))  # to take the JSON apart is the caller's, and longer than a page of verdicts takes

    def sealing(self):
        """In a transaction that is rolled back, so that the service's own sealer never sees these rows."""
        def seal():
            lines = self.database.run(f"""BEGIN; INSERT INTO journal (actor_kind, actor_name, actor_roles, request_id, type, resource, restricted)
                SELECT 'SERVICE', 'máy', '{{}}', 'r', 'unit.changed', '/v1/units/x', false FROM generate_series(1, {SEALED});
                SELECT pg_advisory_xact_lock(7468696476), clock_timestamp() AS began \\gset
                SELECT sealed, 1000 * extract(epoch FROM clock_timestamp() - :'began') FROM journal_seal_batch(); ROLLBACK;""")
            sealed, ms = lines[-1].split("\t")
            assert int(sealed) == SEALED, lines
            return float(ms)
        return statistics.quantiles([seal() for _ in range(max(2, self.turns))], n=4, method="inclusive")[0]

    def walk(self, action, rows):
        """µs a row of what passes all rows."""
        start = time.perf_counter()
        action()
        return 1e6 * (time.perf_counter() - start) / rows

    def csv(self, path, rows):
        def whole():
            text = self.text("GET", path, headers={"Accept": "text/csv"})
            assert text.count(b"\n") > rows, path
        return self.walk(whole, rows)

    def evaluate(self):
        self.places["evaluation"] = self.ask("POST", f"{ROUND}/evaluations", {})["id"]
        self.database.run("ANALYZE")

    def verify(self):
        self.http.close()  # it would not be kept for so long
        done = self.service.command("verify", timeout=3600)
        assert done.stdout.startswith("intact"), done.stdout + done.stderr  # what was filled in, nobody told the journal of

    def measured(self):
        """By name: ms, and of walks µs a row. Told as they come: a large step takes an hour."""
        file = min(10 * self.units, TABLE_ROWS // 2)
        evaluated = self.walk(self.evaluate, self.units)
        reads = PAGES | THINGS | {name: path for name, path in ROUNDS.items() if name != "standings" or self.units <= RANKED}
        actions = {name: lambda path=path: self.read(path) for name, path in reads.items()} | {
            "a unit written": lambda: self.timed(lambda: self.ask("POST", "/v1/units", UNIT)),
            "a finding written": lambda: self.timed(lambda: self.ask("PUT", f"{ROUND}/findings/{self.places['unit']}", FINDING, {"If-Match": "*"})),
            "500 events sealed": self.sealing, "evaluation, facts not packed": lambda: evaluated,
            "verify": lambda: self.walk(self.verify, 10 * self.units),
            "contestants as CSV": lambda: self.csv(f"{ROUND}/contestants", self.units),
            "journal as CSV": lambda: self.csv(f"/v1/journal?after={max(self.places['late'] - file, 0)}", file)}
        found = {}
        for name, action in actions.items():
            found[name] = action()
            print(f"{self.units} {name}: {found[name]:.2f}", file=sys.stderr)
        return found

    def stored(self):
        """Of each table in STORED its rows and bytes a row, indexes and what lies outside rows included; and the whole database in MB."""
        lines = self.database.run("""SELECT c.relname, c.reltuples::bigint, round(pg_total_relation_size(c.oid) / c.reltuples) FROM pg_class c
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.reltuples > 0""")
        tables = {name: figures for name, *figures in (line.split("\t") for line in lines)}
        return [(name, *tables[name]) for name in STORED], int(self.database.run("SELECT pg_database_size(current_database()) / 1000000")[0])


def unmeasured():
    """Lists of the program that are not asked for."""
    routes = json.loads(subprocess.run([PROGRAM, "routes"], capture_output=True, text=True, check=True).stdout)
    asked = [path.split("?")[0].replace("{round}", ROUND) for path in (PAGES | ROUNDS).values()]
    lists = [route["path"] for route in routes if route["method"] == "GET" and {"cursor", "limit"} <= set(route["query"])]
    return [path for path in lists if not any(re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)), each) for each in asked)]


def picture(curve, steps, path):
    """All curves in grey, those of a page that grow most by name, and what must grow."""
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "thidua", "font.size": 9, "path.simplify": True})
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
    once = [name for name in curve if name not in WALKS]
    named = sorted(once, key=lambda name: curve[name][-1] / curve[name][0])[-5:]
    for name in once:
        axes.plot(steps[:len(curve[name])], curve[name], color="0.75", linewidth=0.6, zorder=1)
    for name in reversed(named):
        axes.plot(steps[:len(curve[name])], curve[name], marker="o", markersize=3, linewidth=1.4, label=name)
    for name in WALKS:
        rows = [units * (10 if name in ("verify", "journal as CSV") else 1) for units in steps]
        axes.plot(steps, [each * count / 1000 for each, count in zip(curve[name], rows)], linestyle="--", linewidth=1, label=f"{name} (whole)")
    axes.set(xscale="log", yscale="log", xlabel="units and contestants; ten times as many events", ylabel="ms")
    axes.grid(True, which="major", linewidth=0.3)
    axes.legend(fontsize=7, loc="upper left")
    figure.savefig(path, format="svg", metadata={"Date": None})


def table(title, names, curve, steps):
    print(f"| {title} | {' | '.join(f'{units:,}' for units in steps)} | last/first |\n|---|{'---:|' * (len(steps) + 1)}")
    for name in names:
        shown = [f"{each:.2f}" for each in curve[name]] + ["–"] * (len(steps) - len(curve[name]))
        print(f"| {name} | {' | '.join(shown)} | {curve[name][-1] / curve[name][0]:.2f} |")


def main():
    options = options_of("growth", __doc__, turns=9)
    options.add_argument("--least", type=int, default=100, help="units of the first step (default 100)")
    options.add_argument("--most", type=int, default=100_000, help="units of the last step (default 100000; 1000000 takes an hour)")
    options.add_argument("--svg", help="file for the picture")
    options = options.parse_args()
    steps = [options.least]
    while steps[-1] * 10 <= options.most:
        steps.append(steps[-1] * 10)
    assert not unmeasured(), unmeasured()
    curve = {name: [] for name in [*PAGES, *THINGS, *ROUNDS, *WRITES, *WALKS]}
    for units in steps:
        start = time.monotonic()
        with scratch("growth") as directory, Step(directory, units, options.turns) as step:
            print(f"{units} units filled in {time.monotonic() - start:.0f} s", file=sys.stderr)
            for name, figure in step.measured().items():
                curve[name].append(figure)
            tables, megabytes = step.stored()
        print(f"{units} units measured after {time.monotonic() - start:.0f} s", file=sys.stderr)
    table("page, ms", PAGES, curve, steps)
    table("one thing, ms", THINGS, curve, steps)
    table("of a whole round, ms", ROUNDS, curve, steps)
    table("write, ms", WRITES, curve, steps)
    table("walk of everything, µs a row", WALKS, curve, steps)
    print("| table | rows | bytes a row |\n|---|---:|---:|")
    for name, rows, size in tables:
        print(f"| {name} | {rows} | {size} |")
    print(f"database {megabytes} MB")
    if options.svg:
        picture(curve, steps, options.svg)


if __name__ == "__main__":
    main()
