"""The catalogue of leaves said a second time: for each kind how to draw a random one, and what it means in SQL.

The SQL is that of a boolean, NULL where the leaf is undetermined. It is written from the meaning, not from the C. `rules` is the
random_rules.RuleSet that the leaf is drawn for, `sql` the to_sql.Sql that it is said in.
"""
from sql_values import FIRST, LAST, literal
from vocabulary import COMPARISONS, CONTENTS, DOCUMENTS, FACTS, FINDERS, STATES, TEXTS, WORDS

NO_ENTRY = "CASE WHEN sure > 0 THEN false WHEN covered AND perhaps = 0 THEN true END"
SOME_ENTRY = "CASE WHEN sure > 0 THEN true WHEN covered AND perhaps = 0 THEN false END"


class Threshold:
    def draw(rules):
        fact = rules.of_type("integer", "decimal")
        if rules.rng.random() < 0.2:
            fact = rules.earlier("integer", "decimal")
        return {"fact": fact, "op": rules.rng.choice(COMPARISONS), "value": rules.operand(rules.kind_of(fact))}

    def sql(sql, leaf):
        fact = sql.fact(leaf["fact"])
        return sql.compare(fact, leaf["op"], sql.operand(leaf["value"], fact[1]))


class Flag:
    def draw(rules):
        return {"fact": rules.of_type("boolean"), "value": rules.rng.random() < 0.5}

    def sql(sql, leaf):
        return f"({sql.fact(leaf['fact'])[0]} = {literal(leaf['value'], 'boolean')})"


class OneOf:
    def draw(rules):
        fact = rules.of_type("text", "integer")
        return {"fact": fact, "values": [rules.operand(FACTS[fact]) for _ in range(rules.rng.randint(1, 3))]}

    def sql(sql, leaf):
        fact, kind = sql.fact(leaf["fact"])
        return f"({fact} IN ({', '.join(sql.operand(value, kind)[0] for value in leaf['values'])}))"


class Ratio:
    def draw(rules):
        part, whole = rules.rng.choice([("d1", "d2"), ("n1", "n2"), ("d2", "d1")])
        p, q = rules.rng.choice([(90, 100), (9, 10), (0, 1), (1, 1), (1000000, 1), (999999, 1000000)])
        return {"part": part, "whole": whole, "op": rules.rng.choice(COMPARISONS), "p": p, "q": q,
                "whole_zero": rules.rng.choice(["undetermined", "false", "true"])}

    def sql(sql, leaf):
        part, whole = sql.fact(leaf["part"])[0], sql.fact(leaf["whole"])[0]
        zero = {"undetermined": "NULL", "false": "false", "true": "true"}[leaf["whole_zero"]]
        return (f"CASE WHEN {part} IS NULL OR {whole} < 0 THEN NULL WHEN {whole} = 0 THEN {zero} "
                f"ELSE {part} * {leaf['q']} {leaf['op']} {whole} * {leaf['p']} END")


class Count:
    def draw(rules):
        return {**rules.over_register(), "op": rules.rng.choice(COMPARISONS), "n": rules.rng.randint(0, 3)}

    def sql(sql, leaf):
        """True for every number from sure to perhaps (without end while not covered), or false for every one."""
        n = leaf["n"]
        yes, no = {
            ">=": (f"sure >= {n}", f"covered AND perhaps < {n}"),
            ">": (f"sure > {n}", f"covered AND perhaps <= {n}"),
            "<=": (f"covered AND perhaps <= {n}", f"sure > {n}"),
            "<": (f"covered AND perhaps < {n}", f"sure >= {n}"),
            "=": (f"covered AND sure = {n} AND perhaps = {n}", f"sure > {n} OR (covered AND perhaps < {n})"),
            "!=": (f"sure > {n} OR (covered AND perhaps < {n})", f"covered AND sure = {n} AND perhaps = {n}"),
        }[leaf["op"]]
        return sql.over_entries(leaf, f"CASE WHEN {yes} THEN true WHEN {no} THEN false END", sql.matches(leaf))


class Absence:
    def draw(rules):
        return rules.over_register()

    def sql(sql, leaf):
        return sql.over_entries(leaf, NO_ENTRY, sql.matches(leaf))


class Completeness:
    def draw(rules):
        return {"required": {name: rules.rng.choice(STATES) for name in rules.rng.sample(DOCUMENTS, rules.rng.randint(1, 3))}}

    def sql(sql, leaf):
        there = " AND ".join(f"coalesce(u.d_{name} = {literal(state, 'text')}, false)" for name, state in leaf["required"].items())
        return f"CASE WHEN u.documents_known THEN {there} END"


class Deadline:
    def draw(rules):
        fact = rules.of_type("date", "instant")
        leaf = {"fact": fact, "limit": rules.operand(FACTS[fact]), "bound": rules.rng.choice(["before", "not_after"])}
        days = rules.rng.choice([-10, -3, -1, 1, 2, 5, 10])
        return rules.rng.choice([leaf, {**leaf, "calendar_days": days}, {**leaf, "working_days": days}])

    def sql(sql, leaf):
        fact = sql.fact(leaf["fact"])
        limit = sql.moved(sql.day(sql.operand(leaf["limit"], fact[1])), leaf)
        last_good = limit if leaf["bound"] == "not_after" else f"({limit} - 1)"
        # No limit outside of the calendar: it is not known then.
        return (f"(SELECT {sql.day(fact)} <= g.day FROM (SELECT {limit} AS reached, {last_good} AS day) g "
                f"WHERE g.reached BETWEEN {FIRST} AND {LAST} AND g.day BETWEEN {FIRST} AND {LAST})")


class Finding:
    def draw(rules):
        leaf = {"content": rules.rng.choice(CONTENTS), "accepts": rules.rng.sample(TEXTS, rules.rng.randint(1, 2))}
        return {**leaf, "found_by": rules.rng.sample(FINDERS, rules.rng.randint(1, 2))} if rules.rng.random() < 0.5 else leaf

    def sql(sql, leaf):
        accepts = ", ".join(literal(each, "text") for each in leaf["accepts"])
        competent = "true"
        if leaf.get("found_by"):
            competent = f"u.by_{leaf['content']} IN ({', '.join(literal(each, 'text') for each in leaf['found_by'])})"
        return f"CASE WHEN {competent} THEN u.c_{leaf['content']} IN ({accepts}) END"


def over_years(rules):
    return {**rules.over_register(), "year_field": "year", "years": rules.rng.randint(1, 3)}


class Streak:
    draw = over_years

    def sql(sql, leaf):
        years = [sql.over_entries(leaf, SOME_ENTRY, f"{sql.matches(leaf)} AND e.{leaf['year_field']} = {sql.year - back}")
                 for back in range(1, leaf["years"] + 1)]
        return "(" + " AND ".join(years) + ")"


class Cooldown:
    draw = over_years

    def sql(sql, leaf):
        years = f"e.{leaf['year_field']} BETWEEN {sql.year - leaf['years']} AND {sql.year - 1}"
        return sql.over_entries(leaf, NO_ENTRY, f"{sql.matches(leaf)} AND {years}")


class Difference:
    def draw(rules):
        minus = rules.rng.choice([{"fact": rules.of_type("integer", "decimal")}, rules.earlier("integer", "decimal"),
                                  {"param": rules.rng.choice(["p3", "p4", "p5", "p6", "award_year"])}])
        fact = rules.rng.choice([rules.of_type("integer", "decimal"), rules.earlier("integer", "decimal")])
        kind = "decimal" if "decimal" in (rules.kind_of(fact), rules.kind_of(minus)) else "integer"
        limit = rules.parameter(kind) if rules.rng.random() < 0.2 else rules.rng.choice(["0.00", "-0.01", "2.00", "64.35"] if kind == "decimal" else [0, 1, -3])
        if rules.rng.random() < 0.4:
            limit = rules.rng.choice(["10 %", "0%", "100 %", "-50 %", "40.63 %", "10000 %", "0.01 %"])
        return {"fact": fact, "minus": minus, "op": rules.rng.choice(COMPARISONS), "value": limit}

    def sql(sql, leaf):
        fact, minus = sql.fact(leaf["fact"])[0], sql.operand(leaf["minus"], None)[0]
        if str(leaf["value"]).endswith("%"):
            percent = leaf["value"].rstrip("% ")
            return f"CASE WHEN {minus} > 0 THEN ({fact} - {minus}) * 100 {leaf['op']} ({percent}) * {minus} END"
        return f"({fact} - {minus} {leaf['op']} {sql.operand(leaf['value'], 'decimal')[0]})"


class Sum:
    def places(rules, term):
        """How many decimals a term has, which are those of a value that the sum is compared with."""
        if "terms" in term:
            return max(Sum.places(rules, each) for each in term["terms"])
        own = len(str(term["weight"]).rstrip("0").partition(".")[2]) if isinstance(term["weight"], str) else 0
        return own + (2 if "score" in term or ("fact" in term and rules.kind_of(term["fact"]) == "decimal") else 0)

    def draw(rules):
        terms = rules.terms()
        places = max(Sum.places(rules, term) for term in terms)
        limit = rules.rng.choice([0, 1, -3] if places == 0 else ["0", "-0.5", "64.3", "90"] if places == 1 else ["0.00", "64.35", "90", "-270.01"])
        if places in (0, 2) and rules.rng.random() < 0.3:
            limit = rules.parameter("decimal" if places else "integer")
        return {"terms": terms, "op": rules.rng.choice(COMPARISONS), "value": limit}

    def sql(sql, leaf):
        return f"({sql.total(leaf['terms'])} {leaf['op']} {sql.operand(leaf['value'], 'decimal')[0]})"


class Rank:
    def draw(rules):
        return {"within": "group", "at_most": rules.rng.randint(1, 4), "keys": [
            {"id": "k", **WORDS, "kind": "fact", "fact": rules.of_type("integer", "decimal"), "direction": "descending", "nulls": "last"}]}

    def sql(sql, leaf):
        best, worst = (f"(u.ranks #>> '{{{leaf['id']},{place}}}')::numeric" for place in (0, 1))
        return f"CASE WHEN {worst} <= {leaf['at_most']} THEN true WHEN {best} > {leaf['at_most']} THEN false END"


KINDS = {"threshold": Threshold, "flag": Flag, "one_of": OneOf, "ratio": Ratio, "count": Count, "absence": Absence,
         "completeness": Completeness, "deadline": Deadline, "finding": Finding, "streak": Streak, "cooldown": Cooldown,
         "difference": Difference, "sum": Sum, "rank": Rank}
