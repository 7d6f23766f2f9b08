"""A rule set as SQL: the engine's catalogue said a second time, in PostgreSQL's three-valued booleans and numeric.

It is written from the meaning of the catalogue (rule_set_json.h), shares nothing with the C engine, and leaves it to SQL
what follows from NULL. The units stand in a table input(n, s), s being the snapshot as jsonb.
"""
SQL_TYPES = {"boolean": "boolean", "text": "text", "integer": "numeric", "decimal": "numeric", "date": "date", "instant": "timestamptz"}
LOCAL = "AT TIME ZONE INTERVAL '+07:00'"
FIRST, LAST = "DATE '0001-01-01'", "DATE '9999-12-31'"


def literal(value, kind):
    if value is None:
        return f"NULL::{SQL_TYPES[kind]}"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "'" + text.replace("'", "''") + f"'::{SQL_TYPES[kind]}"


class Sql:
    def __init__(self, rules, parameters, local_date):
        self.rules = rules
        year = parameters["award_year"]
        self.year = year
        self.parameters = {"as_of": ("date", local_date(parameters["as_of"])), "award_year": ("integer", year),
                           "year_first_day": ("date", f"{year}-01-01"), "year_last_day": ("date", f"{year}-12-31")}
        for name, kind in rules["parameters"].items():
            self.parameters[name] = (kind, parameters["limits"].get(name))
        self.holidays, self.worked = (f"ARRAY[{', '.join(literal(day, 'date') for day in parameters.get(name, []))}]::date[]"
                                      for name in ("holidays", "worked_weekends"))
        self.known = parameters.get("holidays_known")
        self.leaves = {}

    # ---- values: (SQL, type)

    def fact(self, name):
        return f"u.f_{name}", self.rules["facts"][name]["type"]

    def operand(self, operand, kind):
        if not isinstance(operand, dict):
            return literal(operand, kind), kind
        if "fact" in operand:
            return self.fact(operand["fact"])
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

    # ---- leaves: SQL of a boolean, NULL where it is undetermined

    def threshold(self, leaf):
        fact = self.fact(leaf["fact"])
        return self.compare(fact, leaf["op"], self.operand(leaf["value"], fact[1]))

    def flag(self, leaf):
        return f"({self.fact(leaf['fact'])[0]} = {literal(leaf['value'], 'boolean')})"

    def one_of(self, leaf):
        sql, kind = self.fact(leaf["fact"])
        return f"({sql} IN ({', '.join(self.operand(value, kind)[0] for value in leaf['values'])}))"

    def ratio(self, leaf):
        part, whole = self.fact(leaf["part"])[0], self.fact(leaf["whole"])[0]
        zero = {"undetermined": "NULL", "false": "false", "true": "true"}[leaf["whole_zero"]]
        return (f"CASE WHEN {part} IS NULL OR {whole} < 0 THEN NULL WHEN {whole} = 0 THEN {zero} "
                f"ELSE {part} * {leaf['q']} {leaf['op']} {whole} * {leaf['p']} END")

    def completeness(self, leaf):
        there = " AND ".join(f"coalesce(u.d_{name} = {literal(state, 'text')}, false)" for name, state in leaf["required"].items())
        return f"CASE WHEN u.documents_known THEN {there} END"

    def finding(self, leaf):
        accepts = ", ".join(literal(each, "text") for each in leaf["accepts"])
        competent = "true"
        if leaf.get("found_by"):
            competent = f"u.by_{leaf['content']} IN ({', '.join(literal(each, 'text') for each in leaf['found_by'])})"
        return f"CASE WHEN {competent} THEN u.c_{leaf['content']} IN ({accepts}) END"

    def deadline(self, leaf):
        fact = self.fact(leaf["fact"])
        limit = self.day(self.operand(leaf["limit"], fact[1]))
        days, working = leaf.get("calendar_days", 0), leaf.get("working_days", 0)
        if working:
            sign, order = ("+", "ASC") if working > 0 else ("-", "DESC")
            found = "d"
            if self.known:  # the way there must lie inside what is known
                inside = (f"d <= {literal(self.known['through'], 'date')} AND base + 1 >= {literal(self.known['from'], 'date')}" if working > 0
                          else f"d >= {literal(self.known['from'], 'date')} AND base - 1 <= {literal(self.known['through'], 'date')}")
                found = f"CASE WHEN {inside} THEN d END"
            limit = (f"(SELECT {found} FROM (SELECT b.base, b.base {sign} k AS d FROM (SELECT {limit} AS base) b, generate_series(1, 40) k) w "
                     f"WHERE (extract(isodow FROM d) < 6 AND d <> ALL ({self.holidays})) OR "
                     f"(extract(isodow FROM d) > 5 AND d = ANY ({self.worked})) ORDER BY d {order} "
                     f"OFFSET {abs(working) - 1} LIMIT 1)")
        elif days:
            limit = f"({limit} + ({days}))"
        last_good = limit if leaf["bound"] == "not_after" else f"({limit} - 1)"
        # No limit outside of the calendar: it is not known then.
        return (f"(SELECT {self.day(fact)} <= g.day FROM (SELECT {limit} AS reached, {last_good} AS day) g "
                f"WHERE g.reached BETWEEN {FIRST} AND {LAST} AND g.day BETWEEN {FIRST} AND {LAST})")

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
        elif leaf["kind"] in ("streak", "cooldown"):
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

    def count(self, leaf):
        n = leaf["n"]
        # True for every number from sure to perhaps (without end while not covered), or false for every one.
        yes, no = {
            ">=": (f"sure >= {n}", f"covered AND perhaps < {n}"),
            ">": (f"sure > {n}", f"covered AND perhaps <= {n}"),
            "<=": (f"covered AND perhaps <= {n}", f"sure > {n}"),
            "<": (f"covered AND perhaps < {n}", f"sure >= {n}"),
            "=": (f"covered AND sure = {n} AND perhaps = {n}", f"sure > {n} OR (covered AND perhaps < {n})"),
            "!=": (f"sure > {n} OR (covered AND perhaps < {n})", f"covered AND sure = {n} AND perhaps = {n}"),
        }[leaf["op"]]
        return self.over_entries(leaf, f"CASE WHEN {yes} THEN true WHEN {no} THEN false END", self.matches(leaf))

    def absence(self, leaf):
        return self.over_entries(leaf, "CASE WHEN sure > 0 THEN false WHEN covered AND perhaps = 0 THEN true END", self.matches(leaf))

    def cooldown(self, leaf):
        years = f"e.{leaf['year_field']} BETWEEN {self.year - leaf['years']} AND {self.year - 1}"
        return self.over_entries(leaf, "CASE WHEN sure > 0 THEN false WHEN covered AND perhaps = 0 THEN true END",
                                 f"{self.matches(leaf)} AND {years}")

    def streak(self, leaf):
        years = [self.over_entries(leaf, "CASE WHEN sure > 0 THEN true WHEN covered AND perhaps = 0 THEN false END",
                                   f"{self.matches(leaf)} AND e.{leaf['year_field']} = {self.year - back}")
                 for back in range(1, leaf["years"] + 1)]
        return "(" + " AND ".join(years) + ")"

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
            sql = getattr(self, node["kind"])(node)
            self.leaves[node["id"]] = f"coalesce({sql}, false)" if node.get("on_missing") == "false" else sql
            body = node["id"]
        return f"(NOT {guard} OR {body})" if guard else body

    def outcome(self, criterion):
        guard = self.node(criterion["applies_when"]) if "applies_when" in criterion else "true"
        hold = self.node(criterion["hold"]) if "hold" in criterion else "false"
        requires = self.node(criterion["requires"])
        return (f"CASE WHEN NOT {guard} THEN 'NOT_APPLICABLE' WHEN {requires} AND NOT {hold} THEN 'PASS' "
                f"WHEN ({guard}) IS NULL THEN 'PENDING' WHEN NOT {requires} THEN 'FAIL' WHEN {hold} THEN 'DEFERRED' ELSE 'PENDING' END")

    def tables(self):
        columns = [f"(s #>> '{{facts,{name},value}}')::{SQL_TYPES[fact['type']]} AS f_{name}" for name, fact in self.rules["facts"].items()]
        columns += [f"(s #>> '{{registers,{name},complete}}')::boolean AS complete_{name}, "
                    f"(s #>> '{{registers,{name},complete_through}}')::date AS through_{name}" for name in self.rules["registers"]]
        columns += [f"s #>> '{{findings,{name},result}}' AS c_{name}, s #>> '{{findings,{name},found_by}}' AS by_{name}"
                    for name in self.rules["contents"]]
        columns += ["s ? 'documents' AS documents_known"]
        columns += [f"s #>> '{{documents,{name}}}' AS d_{name}" for name in self.rules["documents"]]
        yield f"CREATE TEMP TABLE unit AS SELECT n, {', '.join(columns)} FROM input"
        for name, declared in self.rules["registers"].items():
            fields = ", ".join(f"(e ->> '{field}')::{SQL_TYPES[kind]} AS {field}" for field, kind in declared["fields"].items())
            yield (f"CREATE TEMP TABLE e_{name} AS SELECT n, {fields} "
                   f"FROM input, jsonb_array_elements(s #> '{{registers,{name},entries}}') e")
            yield f"CREATE INDEX ON e_{name} (n)"
        yield "ANALYZE"

    def verdicts(self, leaf_order):
        """One text a unit: the leaves as digits in that order, the outcomes, the overall outcome."""
        outcomes = [self.outcome(criterion) for criterion in self.rules["criteria"]]
        leaves = ", ".join(f"{sql} AS {name}" for name, sql in self.leaves.items())
        digits = " || ".join(f"coalesce((2 * {name}::int)::text, '1')" for name in leaf_order)
        return (f"SELECT digits || ' ' || array_to_string(o, ' ') || ' ' || CASE WHEN 'FAIL' = ANY (o) THEN 'INELIGIBLE' "
                f"WHEN 'DEFERRED' = ANY (o) THEN 'DEFERRED' WHEN 'PENDING' = ANY (o) THEN 'PENDING' ELSE 'ELIGIBLE' END "
                f"FROM (SELECT n, {digits} AS digits, ARRAY[{', '.join(outcomes)}] AS o "
                f"FROM (SELECT u.n, {leaves} FROM unit u OFFSET 0) leaf) verdict ORDER BY n")
