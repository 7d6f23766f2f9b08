"""Random rule sets and random facts over one vocabulary: every kind of leaf, combinator, guard, hold, on_missing, until, window,
filter, fallback parameter and working-day deadline."""
import datetime

from leaf_kinds import KINDS
from vocabulary import (AWARD_YEAR, COMPARISONS, CONTENTS, DATES, DOCUMENTS, EARLIER, FACTS, FIELDS, FINDERS, PARAMETERS, RECKONED, REGISTERS, STATES,
                        TEXTS, TIMES, WEEKENDS, WORDS, value)


class RuleSet:
    def __init__(self, rng):
        self.rng = rng
        self.leaves = 0

    def of_type(self, *kinds):
        return self.rng.choice([name for name, kind in FACTS.items() if kind in kinds])

    def earlier(self, *kinds):
        year, name = self.rng.choice([(year, name) for year, names in EARLIER.items() for name in names if FACTS[name] in kinds])
        return {"fact": name, "year": year}

    @staticmethod
    def kind_of(reference):
        """Of a fact by name, a fact of an earlier year, or a parameter."""
        if isinstance(reference, str):
            return FACTS[reference]
        return FACTS[reference["fact"]] if "fact" in reference else PARAMETERS.get(reference["param"], "integer")

    def parameter(self, kind):
        names = [name for name, declared in PARAMETERS.items() if declared == kind]
        names += {"date": ["as_of", "year_first_day", "year_last_day", *RECKONED], "integer": ["award_year"]}.get(kind, [])
        found = {"param": self.rng.choice(names)}
        return {**found, "or": self.rng.choice(names)} if self.rng.random() < 0.5 else found

    def operand(self, kind):
        """A literal of that type, a parameter or, for a time, a fact."""
        draw = self.rng.random()
        if kind in ("date", "instant") and draw < 0.2:
            return {"fact": self.of_type("date", "instant")}
        if kind in ("date", "instant", "integer", "decimal") and draw < 0.5:
            return self.parameter("date" if kind == "instant" else kind)
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

    def group(self):
        """Of a weighted sum: terms that are bounded together."""
        terms = self.terms(groups=False)
        fractions = ["0.5", "-2.5"] if any(KINDS["sum"].places(self, term) for term in terms) else []
        least, most = sorted((self.rng.choice([-10, -1, 0, 2, 5, *fractions]) for _ in range(2)), key=float)
        return {"terms": terms, **self.rng.choice([{"least": least}, {"most": most}, {"most": most}, {"least": least, "most": most}])}

    def terms(self, groups=True):
        """Of a weighted sum."""
        terms = []
        for _ in range(self.rng.randint(1, 4)):
            if groups and self.rng.random() < 0.3:
                terms.append(self.group())
                continue
            of = self.rng.choice(["fact", "earlier", "score", "count"])
            weight = {"weight": self.rng.choice([1, 2, -3, 10000, "0.5", "-0.25", "1.2500", "0.0001"])}
            terms.append({**weight, **({"fact": self.of_type("integer", "decimal")} if of == "fact" else
                                       {"fact": self.earlier("integer", "decimal")} if of == "earlier" else
                                       {"score": self.rng.choice(CONTENTS)} if of == "score" else
                                       {"count": self.over_register(), **self.rng.choice([{}, {"at_most": self.rng.randint(1, 3)}])})})
        return terms

    def time_limit(self):
        limit = {self.rng.choice(["before", "not_after"]): self.operand("date")}
        moved = {self.rng.choice(["calendar_days", "working_days"]): self.rng.choice([-10, -1, 1, 5])}
        return {**limit, **moved} if self.rng.random() < 0.3 else limit

    def leaf(self):
        kind = self.rng.choice(list(KINDS))
        self.leaves += 1
        leaf = {"kind": kind, "id": f"l{self.leaves}", **WORDS, **KINDS[kind].draw(self)}
        if self.rng.random() < 0.25:
            leaf["until"] = [self.time_limit() for _ in range(self.rng.choice([1, 1, 2, 4]))]
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


def key(maker, number):
    """Exact keys: weighted sums, and whether a leaf holds."""
    rng = maker.rng
    made = {"id": f"k{number}", **WORDS, "direction": "descending", "nulls": "last"}
    if rng.random() < 0.3:
        return {**made, "kind": "condition", "leaf": {"kind": "ratio", "id": f"s{number}", **WORDS, **KINDS["ratio"].draw(maker)}}
    return {**made, "kind": "sum", "terms": maker.terms()}


def standings(rng):
    maker, words = RuleSet(rng), WORDS["text"]
    return {"group_by": "t1", "groups": {name: words for name in ("A", "B")}, "cap": 1, "ties": "decide",
            "keys": [key(maker, i) for i in range(rng.randint(1, 3))],
            "keys_by_group": {"A": [key(maker, i) for i in range(rng.randint(1, 2))]}}


def condition(rng, ids, depth=2):
    """Over criteria: who may get a form of award."""
    kind = rng.choice(["id", "id", "all", "any", "at_least"]) if depth else "id"
    if kind == "id":
        return rng.choice(ids)
    terms = [condition(rng, ids, depth - 1) for _ in range(rng.randint(1, 4))]
    return {"at_least": rng.randint(1, len(terms)), "of": terms} if kind == "at_least" else {kind: terms}


def with_forms(rng, rules):
    """Half of them have forms of award; a unit is then what it is for the form for which it stands best."""
    if rng.random() < 0.5:
        return rules
    ids = [criterion["id"] for criterion in rules["criteria"]]
    rules["forms"] = [{"form": f"F{i}", **WORDS, "places": 1, **({"eligible": condition(rng, ids)} if rng.random() < 0.8 else {})}
                      for i in range(rng.randint(1, 3))]
    del rules["standings"]["cap"]
    return rules


def rule_set(rng):
    words = WORDS["text"]
    return with_forms(rng, {
        "name": "random", "version": 1, "semantics": 2, "valid_from": "2024-01-01", "award_years": [AWARD_YEAR],
        "citations": {"c": {"document": "1/QD", "clause": "1", "quote": "q", "valid_from": "2024-01-01"}},
        "facts": {name: {"type": kind, "text": words, **({"decimals": 2} if kind == "decimal" else {})} for name, kind in FACTS.items()},
        "registers": {name: {"text": words, "fields": FIELDS} for name in REGISTERS},
        "contents": {name: {**words, **rng.choice([{}, {"most": 5}, {"least": "-0.50", "most": 100}])} for name in CONTENTS}, "documents": {name: words for name in DOCUMENTS},
        "parameters": {name: {"type": kind, "decimals": 2, "text": words} if kind == "decimal" else kind for name, kind in PARAMETERS.items()} |
                      {name: {"type": "date", "text": words, "of": rng.choice(["p1", "p2", "as_of", "year_first_day", "year_last_day"]),
                              **rng.choice([{"months": rng.choice([-12, -6, -2, -1, 1, 2, 10])}, {"calendar_days": rng.choice([-3, -1, 1, 5])}])}
                       for name in RECKONED},
        "criteria": [RuleSet.criterion(maker, i) for maker in [RuleSet(rng)] for i in range(rng.randint(1, 4))],
        "standings": standings(rng),
    })


def parameters(rng):
    holidays = sorted({rng.choice(DATES[:11]) for _ in range(rng.randint(0, 5))})
    limits = {name: None if rng.random() < 0.3 else value(rng, kind) for name, kind in PARAMETERS.items()}
    made = {"as_of": rng.choice(DATES) + rng.choice(TIMES), "award_year": AWARD_YEAR, "limits": limits, "holidays": holidays}
    if rng.random() < 0.3:
        made["award_year_days"] = dict(zip(("from", "through"), sorted(rng.choice(DATES[:11]) for _ in range(2))))
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
    if known():
        snapshot["earlier"] = {str(year): {name: {"value": value(rng, FACTS[name])} for name in names if known()}
                               for year, names in EARLIER.items() if known()}
    best = {f"l{i}": rng.randint(1, 4) for i in range(1, 80) if known()}  # whichever leaves ask for a rank
    snapshot["ranks"] = {name: [rank, rank + rng.choice([0, 0, 1, 3])] for name, rank in best.items()}
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
                snapshot["findings"][name]["score"] = value(rng, "decimal")
    if known():
        snapshot["documents"] = {name: rng.choice(STATES * 3 + [None]) for name in DOCUMENTS if rng.random() < 0.9}
    return snapshot
