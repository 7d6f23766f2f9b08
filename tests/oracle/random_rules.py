"""Random rule sets and random facts over one vocabulary: every kind of leaf, combinator, guard, hold, on_missing, window,
filter, fallback parameter and working-day deadline. Values come from small ranges around each other, so that limits are hit
exactly, with the edges of 64 bits and of the calendar among them."""
import datetime

DATES = [f"2024-12-{day}" for day in (24, 27, 30, 31)] + [f"2025-01-0{day}" for day in range(1, 8)] + ["2024-02-29", "2023-12-31"]
WEEKENDS = ["2024-12-28", "2024-12-29", "2025-01-04", "2025-01-05"]
EDGE_DATES = ["0001-01-01", "9999-12-31"]
TIMES = ["T00:00:00+07:00", "T23:59:59.999999+07:00", "T17:00:00Z", "T16:59:59Z", "T08:30:00+07:00", "T00:00:00-05:00"]
INTEGERS = [-2, -1, 0, 1, 2, 3, 2022, 2023, 2024]
EDGE_INTEGERS = [2**63 - 1, -2**63]
DECIMALS = ["0.00", "0.01", "64.35", "71.50", "89.95", "90.00", "90.01", "100.00", "-0.01", "-90.00"]
EDGE_DECIMALS = ["92233720368547758.07", "-92233720368547758.08"]
TEXTS = ["A", "B", "Đạt"]
STATES = ["PRESENT", "DRAFT"]
FINDERS = ["home_affairs", "council"]
COMPARISONS = ["=", "!=", "<", "<=", ">", ">="]

FACTS = {"b1": "boolean", "b2": "boolean", "t1": "text", "n1": "integer", "n2": "integer", "d1": "decimal", "d2": "decimal",
         "day1": "date", "day2": "date", "at1": "instant", "at2": "instant"}
FIELDS = {"kind": "text", "year": "integer", "good": "boolean", "amount": "decimal", "on": "date", "until": "date", "at": "instant"}
REGISTERS = ["r1", "r2"]
CONTENTS = ["A", "B"]
DOCUMENTS = ["X", "Y", "Z"]
PARAMETERS = {"p1": "date", "p2": "date", "p3": "integer", "p4": "integer"}
AWARD_YEAR = 2024
WORDS = {"text": {"vi": "v", "en": "e"}, "citations": ["c"]}


def value(rng, kind):
    edge = rng.random() < 0.03
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "text":
        return rng.choice(TEXTS)
    if kind == "integer":
        return rng.choice(EDGE_INTEGERS if edge else INTEGERS)
    if kind == "decimal":
        return rng.choice(EDGE_DECIMALS if edge else DECIMALS)
    date = rng.choice(EDGE_DATES if edge else DATES)
    return date if kind == "date" else date + rng.choice(TIMES)


class RuleSet:
    def __init__(self, rng):
        self.rng = rng
        self.leaves = 0

    def of_type(self, *kinds):
        return self.rng.choice([name for name, kind in FACTS.items() if kind in kinds])

    def parameter(self, kind):
        names = [name for name, declared in PARAMETERS.items() if declared == kind]
        names += ["as_of", "year_first_day", "year_last_day"] if kind == "date" else ["award_year"]
        found = {"param": self.rng.choice(names)}
        return {**found, "or": self.rng.choice(names)} if self.rng.random() < 0.5 else found

    def operand(self, kind):
        """A literal of that type, a parameter or, for a time, a fact."""
        draw = self.rng.random()
        if kind in ("date", "instant") and draw < 0.2:
            return {"fact": self.of_type("date", "instant")}
        if kind in ("date", "instant", "integer") and draw < 0.5:
            return self.parameter("integer" if kind == "integer" else "date")
        return value(self.rng, kind)

    def filter(self):
        field, kind = self.rng.choice(list(FIELDS.items()))
        ordered = kind not in ("text", "boolean")
        if self.rng.random() < 0.3:
            return {"field": field, "op": self.rng.choice(["=", "!="]),
                    "values": [self.operand(kind) for _ in range(self.rng.randint(1, 3))]}
        return {"field": field, "op": self.rng.choice(COMPARISONS if ordered else ["=", "!="]), "value": self.operand(kind)}

    def over_register(self):
        leaf = {"register": self.rng.choice(REGISTERS), "where": [self.filter() for _ in range(self.rng.choice([0, 1, 1, 2, 4]))]}
        if self.rng.random() < 0.5:
            fields = {"field": self.rng.choice(["on", "at"])} if self.rng.random() < 0.5 else \
                {"from_field": self.rng.choice(["on", "at"]), "to_field": "until"}
            leaf["window"] = {**fields, "from": self.operand("date"), "to": self.operand("date")}
        if self.rng.random() < 0.4:
            leaf["complete_through"] = self.operand("date")
        return leaf

    def leaf_of(self, kind):
        rng = self.rng
        if kind == "threshold":
            fact = self.of_type("integer", "decimal")
            return {"fact": fact, "op": rng.choice(COMPARISONS), "value": self.operand(FACTS[fact])}
        if kind == "flag":
            return {"fact": self.of_type("boolean"), "value": rng.random() < 0.5}
        if kind == "one_of":
            fact = self.of_type("text", "integer")
            return {"fact": fact, "values": [self.operand(FACTS[fact]) for _ in range(rng.randint(1, 3))]}
        if kind == "ratio":
            part, whole = rng.choice([("d1", "d2"), ("n1", "n2"), ("d2", "d1")])
            p, q = rng.choice([(90, 100), (9, 10), (0, 1), (1, 1), (1000000, 1), (999999, 1000000)])
            return {"part": part, "whole": whole, "op": rng.choice(COMPARISONS), "p": p, "q": q,
                    "whole_zero": rng.choice(["undetermined", "false", "true"])}
        if kind == "count":
            return {**self.over_register(), "op": rng.choice(COMPARISONS), "n": rng.randint(0, 3)}
        if kind == "absence":
            return self.over_register()
        if kind in ("streak", "cooldown"):
            return {**self.over_register(), "year_field": "year", "years": rng.randint(1, 3)}
        if kind == "completeness":
            return {"required": {name: rng.choice(STATES) for name in rng.sample(DOCUMENTS, rng.randint(1, 3))}}
        if kind == "deadline":
            fact = self.of_type("date", "instant")
            leaf = {"fact": fact, "limit": self.operand(FACTS[fact]), "bound": rng.choice(["before", "not_after"])}
            days = rng.choice([-10, -3, -1, 1, 2, 5, 10])
            return rng.choice([leaf, {**leaf, "calendar_days": days}, {**leaf, "working_days": days}])
        leaf = {"content": rng.choice(CONTENTS), "accepts": rng.sample(TEXTS, rng.randint(1, 2))}
        return {**leaf, "found_by": rng.sample(FINDERS, rng.randint(1, 2))} if rng.random() < 0.5 else leaf

    def leaf(self):
        kind = self.rng.choice(["threshold", "flag", "one_of", "ratio", "count", "absence", "streak", "cooldown", "completeness",
                                "deadline", "finding"])
        self.leaves += 1
        leaf = {"kind": kind, "id": f"l{self.leaves}", **WORDS, **self.leaf_of(kind)}
        return {**leaf, "on_missing": "false", "missing_citation": "c"} if self.rng.random() < 0.1 else leaf

    def node(self, depth):
        kind = self.rng.choice(["leaf", "leaf", "all", "any", "not", "at_least"]) if depth else "leaf"
        if kind == "leaf":
            node = self.leaf()
        else:
            children = [self.node(depth - 1) for _ in range(1 if kind == "not" else self.rng.randint(1, 4))]
            node = {"kind": kind, "of": children}
            if kind == "at_least":
                node["n"] = self.rng.randint(1, len(children))
        if self.rng.random() < 0.15:
            node["applies_when"] = self.node(max(depth - 1, 0))
        return node

    def criterion(self, number):
        criterion = {"id": f"c{number}", "clause": str(number), **WORDS, "requires": self.node(2)}
        if self.rng.random() < 0.3:
            criterion["applies_when"] = self.node(1)
        if self.rng.random() < 0.3:
            criterion["hold"] = self.node(1)
        return criterion


def rule_set(rng):
    words = WORDS["text"]
    return {
        "name": "random", "version": 1, "valid_from": "2024-01-01", "award_years": [AWARD_YEAR],
        "citations": {"c": {"document": "1/QD", "clause": "1", "quote": "q", "valid_from": "2024-01-01"}},
        "facts": {name: {"type": kind, "text": words, **({"decimals": 2} if kind == "decimal" else {})} for name, kind in FACTS.items()},
        "registers": {name: {"text": words, "fields": FIELDS} for name in REGISTERS},
        "contents": {name: words for name in CONTENTS}, "documents": {name: words for name in DOCUMENTS},
        "parameters": PARAMETERS,
        "criteria": [RuleSet.criterion(maker, i) for maker in [RuleSet(rng)] for i in range(rng.randint(1, 4))],
    }


def parameters(rng):
    holidays = sorted({rng.choice(DATES[:11]) for _ in range(rng.randint(0, 5))})
    limits = {name: None if rng.random() < 0.3 else value(rng, kind) for name, kind in PARAMETERS.items()}
    made = {"as_of": rng.choice(DATES) + rng.choice(TIMES), "award_year": AWARD_YEAR, "limits": limits, "holidays": holidays}
    if rng.random() < 0.5:  # weekend days that are worked; some that are none, which changes nothing
        made["worked_weekends"] = sorted({rng.choice(WEEKENDS) for _ in range(rng.randint(0, 6))} | {rng.choice(DATES[:11])})
    if rng.random() < 0.3:
        made["holidays_known"] = dict(zip(("from", "through"), sorted(rng.choice(DATES[:11]) for _ in range(2))))
    return made


def local_date(instant):
    """As the law reads it: +07:00, without time zone data."""
    moment = datetime.datetime.fromisoformat(instant.replace("Z", "+00:00"))
    return moment.astimezone(datetime.timezone(datetime.timedelta(hours=7))).date().isoformat()


def entry(rng, unknown):
    return {"id": "e", **{name: None if rng.random() < unknown else
                          rng.choice([2021, 2022, 2023]) if name == "year" else value(rng, kind) for name, kind in FIELDS.items()}}


def unit(rng, unknown=0.3):
    """A snapshot (facts_json.h) in which about that share of everything is unknown, by null or by absence."""
    known = lambda: rng.random() >= unknown
    snapshot = {"unit_id": "u", "facts": {}, "registers": {}, "findings": {}}
    for name, kind in FACTS.items():
        if known():
            snapshot["facts"][name] = {"value": value(rng, kind)}
        elif rng.random() < 0.5:
            snapshot["facts"][name] = {"value": None}
    for name in REGISTERS:
        if rng.random() < 0.85:
            found = {"complete": rng.random() < 0.75, "entries": [entry(rng, unknown / 2) for _ in range(rng.choice([0, 0, 1, 1, 2, 3]))]}
            if known():
                found["complete_through"] = rng.choice(DATES + ["9999-12-31"] * 6)
            snapshot["registers"][name] = found
    for name in CONTENTS:
        if known():
            snapshot["findings"][name] = {"result": rng.choice(TEXTS), "found_by": rng.choice(FINDERS + [None])}
    if known():
        snapshot["documents"] = {name: rng.choice(STATES * 3 + [None]) for name in DOCUMENTS if rng.random() < 0.9}
    return snapshot
