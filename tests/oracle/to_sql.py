"""A rule set as SQL: the engine's catalogue said a second time, in PostgreSQL's three-valued booleans and numeric.

It is written from the meaning of the catalogue, shares nothing with the C engine, and leaves it to SQL what follows from
NULL. What each kind of leaf means is in leaf_kinds.py. The units stand in a table input(n, s), s being the snapshot as jsonb.
"""
import calendar
import datetime

from leaf_kinds import KINDS
from sql_values import FIRST, LAST, LOCAL, SQL_TYPES, literal
from vocabulary import EARLIER, FACTS


def after_months(day, months):
    """Bộ luật Dân sự 2015, art. 148(3): the same day of the last month, or else the last day of that."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def reckoned(day, declared):
    """So much later; below zero the last day from which so many months are over by then. None outside of the calendar."""
    try:
        start = day and datetime.date.fromisoformat(day)
        if not start or "calendar_days" in declared:
            return day and (start + datetime.timedelta(declared["calendar_days"])).isoformat()
        if declared["months"] > 0:
            return after_months(start, declared["months"]).isoformat()
        tried = after_months(start, declared["months"]) + datetime.timedelta(4)
        while after_months(tried, -declared["months"]) > start:
            tried -= datetime.timedelta(1)
        return tried.isoformat()
    except (ValueError, OverflowError):
        return None


class Sql:
    def __init__(self, rules, parameters, local_date):
        self.rules = rules
        year = parameters["award_year"]
        self.year = year
        self.parameters = {"as_of": ("date", local_date(parameters["as_of"])), "award_year": ("integer", year),
                           "year_first_day": ("date", f"{year}-01-01"), "year_last_day": ("date", f"{year}-12-31")}
        if days := parameters.get("award_year_days"):
            self.parameters |= {"year_first_day": ("date", days["from"]), "year_last_day": ("date", days["through"])}
        for name, kind in rules["parameters"].items():
            self.parameters[name] = (kind["type"] if isinstance(kind, dict) else kind, parameters["limits"].get(name))
        for name, kind in rules["parameters"].items():
            if "of" in kind and isinstance(kind, dict):
                self.parameters[name] = ("date", reckoned(self.parameters[kind["of"]][1], kind))
        self.holidays, self.worked = (f"ARRAY[{', '.join(literal(day, 'date') for day in parameters.get(name, []))}]::date[]"
                                      for name in ("holidays", "worked_weekends"))
        self.known = parameters.get("holidays_known")
        self.leaves = {}

    # ---- values: (SQL, type)

    def fact(self, name):
        if isinstance(name, dict):  # of an earlier year
            return f"u.f_{name['fact']}_{-name['year']}", self.rules["facts"][name["fact"]]["type"]
        return f"u.f_{name}", self.rules["facts"][name]["type"]

    def operand(self, operand, kind):
        if not isinstance(operand, dict):
            return literal(operand, kind), kind
        if "fact" in operand:
            return self.fact(operand if "year" in operand else operand["fact"])
        # Declared types of a parameter and its fallback are the same.
        names = [operand["param"]] + ([operand["or"]] if "or" in operand else [])
        kinds = [self.parameters[name][0] for name in names]
        return "coalesce(" + ", ".join(literal(self.parameters[name][1], k) for name, k in zip(names, kinds)) + ")", kinds[0]

    @staticmethod
    def day(value):
        sql, kind = value
        return f"(({sql}) {LOCAL})::date" if kind == "instant" else f"({sql})"

    def compare(self, left, sign, right):
        """Like with like; a date with an instant as days."""
        if left[1] != right[1]:
            return f"({self.day(left)} {sign} {self.day(right)})"
        return f"({left[0]} {sign} {right[0]})"

    # ---- registers

    def field(self, leaf, name):
        return f"e.{name}", self.rules["registers"][leaf["register"]]["fields"][name]

    def matches(self, leaf):
        """Of an entry e: whether it lies in the window and passes every filter."""
        terms = ["true"]
        if "window" in leaf:
            window = leaf["window"]
            start, end = window.get("from_field", window.get("field")), window.get("to_field", window.get("field"))
            begins = self.compare(self.field(leaf, start), "<=", self.operand(window["to"], "date"))
            ends = self.compare(self.field(leaf, end), ">=", self.operand(window["from"], "date"))
            if start != end:
                ends = f"(e.{end} IS NULL OR {ends})"
            terms += [begins, ends]
        for each in leaf.get("where", []):
            field = self.field(leaf, each["field"])
            values = [self.operand(value, field[1]) for value in each.get("values", [each.get("value")])]
            sign = each["op"]
            alike = " OR ".join(self.compare(field, "=" if sign in ("=", "!=") else sign, value) for value in values)
            terms.append(f"NOT ({alike})" if sign == "!=" else f"({alike})")
        return " AND ".join(terms)

    def covered(self, leaf):
        name = leaf["register"]
        if "complete_through" in leaf:
            needed = self.day(self.operand(leaf["complete_through"], "date"))
        elif "year_field" in leaf:
            needed = f"{literal(self.parameters['year_first_day'][1], 'date')} - 1"
        elif "window" in leaf:
            needed = self.day(self.operand(leaf["window"]["to"], "date"))
        else:
            return f"coalesce(u.complete_{name}, false)"
        return f"coalesce(u.complete_{name} AND u.through_{name} >= {needed}, false)"

    def over_entries(self, leaf, condition, matches):
        """`condition` over sure, perhaps (how many entries match, may match) and covered."""
        return (f"(SELECT {condition} FROM (SELECT count(*) FILTER (WHERE m) AS sure, count(*) FILTER (WHERE m IS NOT FALSE) AS perhaps, "
                f"{self.covered(leaf)} AS covered FROM (SELECT {matches} AS m FROM e_{leaf['register']} e WHERE e.n = u.n) x) y)")

    # ---- time limits

    def moved(self, limit, days_of):
        """The day with the calendar or working days added that go with it."""
        days, working = days_of.get("calendar_days", 0), days_of.get("working_days", 0)
        if days:
            return f"({limit} + ({days}))"
        if not working:
            return limit
        sign, order = ("+", "ASC") if working > 0 else ("-", "DESC")
        found = "d"
        if self.known:  # the way there must lie inside what is known
            inside = (f"d <= {literal(self.known['through'], 'date')} AND base + 1 >= {literal(self.known['from'], 'date')}" if working > 0
                      else f"d >= {literal(self.known['from'], 'date')} AND base - 1 <= {literal(self.known['through'], 'date')}")
            found = f"CASE WHEN {inside} THEN d END"
        return (f"(SELECT {found} FROM (SELECT b.base, b.base {sign} k AS d FROM (SELECT {limit} AS base) b, generate_series(1, 40) k) w "
                f"WHERE (extract(isodow FROM d) < 6 AND d <> ALL ({self.holidays})) OR "
                f"(extract(isodow FROM d) > 5 AND d = ANY ({self.worked})) ORDER BY d {order} "
                f"OFFSET {abs(working) - 1} LIMIT 1)")

    def lasts(self, limits):
        """Is there still time? One that is not known has not come either."""
        judged = literal(self.parameters["as_of"][1], "date")
        terms = []
        for limit in limits:
            bound = "before" if "before" in limit else "not_after"
            day = self.moved(self.day(self.operand(limit[bound], "date")), limit)
            terms.append(f"(SELECT coalesce(CASE WHEN g.reached BETWEEN {FIRST} AND {LAST} THEN {judged} {'<' if bound == 'before' else '<='} "
                         f"g.reached END, true) FROM (SELECT {day} AS reached) g)")
        return "(" + " OR ".join(terms) + ")"

    # ---- trees

    def node(self, node):
        """Registers the leaves; returns SQL over their columns."""
        guard = self.node(node["applies_when"]) if "applies_when" in node else None
        if "of" in node:
            children = [self.node(child) for child in node["of"]]
            if node["kind"] == "all":
                body = "(" + " AND ".join(children) + ")"
            elif node["kind"] == "any":
                body = "(" + " OR ".join(children) + ")"
            elif node["kind"] == "not":
                body = f"(NOT {children[0]})"
            else:
                least = " + ".join(f"({child} IS TRUE)::int" for child in children)
                most = " + ".join(f"({child} IS NOT FALSE)::int" for child in children)
                body = f"(CASE WHEN {least} >= {node['n']} THEN true WHEN {most} < {node['n']} THEN false END)"
        else:
            sql = KINDS[node["kind"]].sql(self, node)
            settled = f"coalesce({sql}, false)" if node.get("on_missing") == "false" else sql
            self.leaves[node["id"]] = f"CASE WHEN {self.lasts(node['until'])} THEN nullif({sql}, false) ELSE {settled} END" \
                if "until" in node else settled
            body = node["id"]
        return f"(NOT {guard} OR {body})" if guard else body

    def outcome(self, criterion):
        guard = self.node(criterion["applies_when"]) if "applies_when" in criterion else "true"
        hold = self.node(criterion["hold"]) if "hold" in criterion else "false"
        requires = self.node(criterion["requires"])
        return (f"CASE WHEN NOT {guard} THEN 'NOT_APPLICABLE' WHEN {requires} AND NOT {hold} THEN 'PASS' "
                f"WHEN ({guard}) IS NULL THEN 'PENDING' WHEN NOT {requires} THEN 'FAIL' WHEN {hold} THEN 'DEFERRED' ELSE 'PENDING' END")

    # ---- keys

    def places(self, term):
        """How many decimals a term has, its weight with it."""
        if "terms" in term:
            return max(map(self.places, term["terms"]))
        own = len(str(term["weight"]).rstrip("0").partition(".")[2]) if isinstance(term["weight"], str) else 0
        if "fact" in term:
            return own + (2 if self.fact(term["fact"])[1] == "decimal" else 0)
        return own + (2 if "score" in term else 0)

    def counted(self, term, condition):
        """`condition` over the entries of a term; known: whether anything is known of the register."""
        return self.over_entries(term["count"], condition, self.matches(term["count"])).replace("known", f"u.known_{term['count']['register']}")

    def term(self, term):
        """What a weight is multiplied with."""
        if "fact" in term:
            return self.fact(term["fact"])[0]
        if "score" in term:
            return f"u.score_{term['score']}"
        most = term.get("at_most", 1000000)
        return self.counted(term, f"CASE WHEN known AND (covered AND least(sure, {most}) = least(perhaps, {most}) OR sure >= {most}) "
                                  f"THEN least(sure, {most}) END")

    def ends(self, term):
        """The least and the most that a term can add; NULL where it has no limit."""
        ends = [self.term(term)] * 2
        if "score" in term:
            content = self.rules["contents"][term["score"]]
            ends = [f"coalesce({ends[0]}, {content.get(limit, 'NULL')})" for limit in ("least", "most")]
        elif "count" in term:
            most = term.get("at_most", "NULL")
            ends = [self.counted(term, f"CASE WHEN known THEN least(sure, {most}) ELSE 0 END"),
                    self.counted(term, f"CASE WHEN known AND covered THEN least(perhaps, {most}) ELSE {most} END")]
        ends = [f"({end}) * ({term['weight']})::numeric" for end in ends]
        return ends[::-1] if float(term["weight"]) < 0 else ends

    def part(self, term):
        """What a term or a group adds. A group does so once whatever may come leaves it at one number."""
        if "terms" not in term:
            return f"({self.term(term)}) * ({term['weight']})::numeric"
        least, most = (f"({number})::numeric" if number is not None else "NULL::numeric" for number in (term.get("least"), term.get("most")))
        lows, highs = zip(*map(self.ends, term["terms"]))
        return (f"(SELECT CASE WHEN low = high THEN low END FROM (SELECT "
                f"CASE WHEN low IS NOT NULL OR {least} IS NOT NULL THEN coalesce(least(greatest(low, {least}), {most}), {least}) END AS low, "
                f"CASE WHEN high IS NOT NULL OR {most} IS NOT NULL THEN coalesce(greatest(least(high, {most}), {least}), {most}) END AS high "
                f"FROM (SELECT {' + '.join(lows)} AS low, {' + '.join(highs)} AS high OFFSET 0) reached) kept)")

    def total(self, terms):
        return " + ".join(map(self.part, terms))

    def key(self, key):
        """As the engine says it: the sum without its point, over 1."""
        if key["kind"] == "condition":
            return f"(({KINDS['ratio'].sql(self, key['leaf'])})::int)::text || '/1'"
        places = max(map(self.places, key["terms"]))
        return (f"(SELECT CASE WHEN x BETWEEN -9223372036854775808 AND 9223372036854775807 THEN x::text || '/1' END "
                f"FROM (SELECT trunc(({self.total(key['terms'])}) * 1e{places}) AS x) whole)")

    def keys(self):
        """The keys of the unit's group; of any other unit those that stand for all."""
        standings = self.rules["standings"]
        said = lambda keys: " || ".join(f"' ' || coalesce({self.key(key)}, '-')" for key in keys)
        return f"CASE WHEN u.f_t1 = 'A' THEN {said(standings['keys_by_group']['A'])} ELSE {said(standings['keys'])} END"

    # ---- forms of award

    HEIGHTS = "CASE {} WHEN 'FAIL' THEN 0 WHEN 'DEFERRED' THEN 1 WHEN 'PENDING' THEN 2 ELSE 3 END"

    def height(self, condition):
        """0 … 3: ineligible, deferred, pending, eligible."""
        if isinstance(condition, str):
            place = [criterion["id"] for criterion in self.rules["criteria"]].index(condition) + 1
            return self.HEIGHTS.format(f"o[{place}]")
        terms = ", ".join(self.height(term) for term in condition.get("all") or condition.get("any") or condition["of"])
        if "at_least" in condition:
            return f"(SELECT x FROM unnest(ARRAY[{terms}]) x ORDER BY x DESC OFFSET {condition['at_least'] - 1} LIMIT 1)"
        return f"{'least' if 'all' in condition else 'greatest'}({terms})"

    def overall(self):
        if "forms" not in self.rules:
            return ("CASE WHEN 'FAIL' = ANY (o) THEN 'INELIGIBLE' WHEN 'DEFERRED' = ANY (o) THEN 'DEFERRED' "
                    "WHEN 'PENDING' = ANY (o) THEN 'PENDING' ELSE 'ELIGIBLE' END")
        whole = {"all": [criterion["id"] for criterion in self.rules["criteria"]]}
        best = ", ".join(self.height(form.get("eligible", whole)) for form in self.rules["forms"])
        return f"(ARRAY['INELIGIBLE', 'DEFERRED', 'PENDING', 'ELIGIBLE'])[greatest({best}) + 1]"

    def tables(self):
        columns = [f"(s #>> '{{facts,{name},value}}')::{SQL_TYPES[fact['type']]} AS f_{name}" for name, fact in self.rules["facts"].items()]
        columns += [f"(s #>> '{{earlier,{year},{name},value}}')::{SQL_TYPES[FACTS[name]]} AS f_{name}_{-year}"
                    for year, names in EARLIER.items() for name in names]
        columns += [f"s #> '{{registers,{name}}}' IS NOT NULL AS known_{name}, (s #>> '{{registers,{name},complete}}')::boolean AS complete_{name}, "
                    f"(s #>> '{{registers,{name},complete_through}}')::date AS through_{name}" for name in self.rules["registers"]]
        columns += [f"s #>> '{{findings,{name},result}}' AS c_{name}, s #>> '{{findings,{name},found_by}}' AS by_{name}, "
                    f"(s #>> '{{findings,{name},score}}')::numeric AS score_{name}"
                    for name in self.rules["contents"]]
        columns += ["s ? 'documents' AS documents_known", "s -> 'ranks' AS ranks"]
        columns += [f"s #>> '{{documents,{name}}}' AS d_{name}" for name in self.rules["documents"]]
        yield f"CREATE TEMP TABLE unit AS SELECT n, {', '.join(columns)} FROM input"
        for name, declared in self.rules["registers"].items():
            fields = ", ".join(f"(e ->> '{field}')::{SQL_TYPES[kind]} AS {field}" for field, kind in declared["fields"].items())
            yield (f"CREATE TEMP TABLE e_{name} AS SELECT n, {fields} "
                   f"FROM input, jsonb_array_elements(s #> '{{registers,{name},entries}}') e")
            yield f"CREATE INDEX ON e_{name} (n)"
        yield "ANALYZE"

    def verdicts(self, leaf_order):
        """One text a unit: the leaves as digits in that order, the outcomes, the overall outcome, the keys of its standing."""
        outcomes = [self.outcome(criterion) for criterion in self.rules["criteria"]]
        leaves = ", ".join(f"{sql} AS {name}" for name, sql in self.leaves.items())
        digits = " || ".join(f"coalesce((2 * {name}::int)::text, '1')" for name in leaf_order)
        return (f"SELECT digits || ' ' || array_to_string(o, ' ') || ' ' || {self.overall()} || keys "
                f"FROM (SELECT n, keys, {digits} AS digits, ARRAY[{', '.join(outcomes)}] AS o "
                f"FROM (SELECT u.n, {self.keys()} AS keys, {leaves} FROM unit u OFFSET 0) leaf) verdict ORDER BY n")
