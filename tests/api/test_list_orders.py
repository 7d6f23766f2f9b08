"""Every page of a list is read off an index in its order: without one, all pages of a long list together cost its square."""
import re
import sys

import pytest

from service import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import embed_statements  # noqa: E402

FOUND = {statement.name: statement for file in sorted(ROOT.glob("src/*/*.sql")) if not file.stem.endswith("_functions")
              for statement in embed_statements.statements(file) if not statement.is_a("cursor")}
LISTS = {name: order[1] for name, statement in FOUND.items()
         if (order := re.search(r"ORDER BY ([^\n]*) LIMIT \$\d+::integer \+ 1", statement.code))}
SORTED = {  # of which there are few, or whose order is in no table
    "award_list": "off decisions_published in its order, and of each decision by id",
    "round_award_list": "by the date of the decision; at most the cap",
    "notification_list": "by the date of the decision; the nominees of one round",
    "obligation_list": "off unit_periods_name, and of units of one name by label",
    "succession_list": "of one unit"}


# Indexes of the table with the list's first key alone in front, in a direction in which they could be walked for it.
WALKABLE = """SELECT string_agg(i.indexrelid::regclass::text, ' ') FROM pg_index i JOIN pg_attribute a ON (a.attrelid, a.attnum) = (i.indrelid, i.indkey[0])
    WHERE i.indrelid = '{table}'::regclass AND i.indpred IS NULL AND a.attname = '{column}' AND i.indoption[0] IN ({ways})"""
FEW = {"nominee_unit_id"}  # a unit is nominated once a round: its dossiers are found by their ids, and sorted
# Filters that have an index of their own, in the order of the list: where one is given, the order is asked for in a form that no other index has.
FILTERED = [(name, f"?{filtered}") for name, statement in FOUND.items() if name in LISTS
            for number in re.findall(r"\$(\d+)(?:::\w+)? IS NULL", LISTS[name]) for filtered, *_ in [statement.parameters[int(number) - 1]]
            if filtered not in FEW]


def first_key(name):
    key = next(key for key in LISTS[name].split(", ") if not key.startswith("CASE "))
    return re.sub(r"( DESC)?( NULLS \w+)?$", "", key)


def needed(name):
    return {source for source in FOUND[name].sources if not source.startswith("?")} | {"?limit"}


def shape(statement, given):
    """What src/database/shape.c makes of it where those parameters are given."""
    def use(match):
        here, question = statement.sources[int(match["number"]) - 1] in given, match["question"]
        if question:
            return str(here == ("NOT" in question)).lower()
        if statement.sources[int(match["number"]) - 1] == "?limit":
            return "200" + match["type"]
        return match[0] if here or not match["type"] else "NULL" + match["type"]
    return re.sub(r"\$(?P<number>\d+)(?P<type>::\w+(?:\[\])?)?(?P<question> IS (?:NOT )?NULL)?", use, statement.code)


def types(statement, text):
    return ", ".join("unknown" if re.search(rf"\${n}\b", text) else "text" for n in range(1, len(statement.parameters) + 1))


def plan(service, name, given=None):
    """Of parameters that it does not know, and only with a sort or a walk through the whole table where there is no other way."""
    text = shape(FOUND[name], given or needed(name)) if FOUND[name].is_list else FOUND[name].code
    parameters = ", ".join(["NULL"] * len(FOUND[name].parameters))
    return service.psql("SET enable_sort = off; SET enable_incremental_sort = off; SET enable_seqscan = off; SET enable_bitmapscan = off; "
                        f"SET plan_cache_mode = force_generic_plan; PREPARE list({types(FOUND[name], text)}) AS {text}; EXPLAIN (COSTS OFF) EXECUTE list({parameters})")


def test_all_lists_are_looked_at():
    assert len(LISTS) >= 20 and {"key_list", "unit_list", "dossier_list", "journal_list", "verdict_page"} <= set(LISTS) and set(SORTED) <= set(LISTS)
    assert {"unit_list_reversed", "unit_list_by_start", "dossier_list_reversed", "journal_list_newest"} <= set(LISTS)


@pytest.mark.parametrize("name", [name for name in LISTS if re.sub("_(reversed|counted)$", "", name) not in SORTED])
def test_a_page_is_read_off_an_index_in_its_order(service, name):
    told = plan(service, name)
    # A Merge Append has a sort key too, and sorts nothing.
    assert "Index" in told and not re.search(rf"Sort\n +Sort Key: \(?{re.escape(first_key(name))}(?!\w)", told), told


@pytest.mark.parametrize("name", [name for name in LISTS if FOUND[name].is_list and re.sub("_(reversed|counted)$", "", name) not in SORTED])
def test_a_page_begins_where_the_one_before_it_ended(service, name):
    """Where it walked there from the beginning, all pages of a list would cost its square, however the plan orders them."""
    told = plan(service, name, needed(name) | {"?cursor"})
    first = first_key(name).rpartition(".")[2].rstrip(")")
    begins = [line for line in told.split("\n") if "Index Cond" in line and re.search(rf"\b{first}\b.*[<>]", line)]
    assert begins, told


def ordered_by(name):
    """(table, column, how pg_index.indoption says its order: of the index, and of one that is walked backward)"""
    order = next(key for key in LISTS[name].split(", ") if not key.startswith("CASE "))
    alias, _, column = first_key(name).rpartition(".")
    descending = " DESC" in order
    nulls_first = "NULLS FIRST" in order or (descending and "NULLS LAST" not in order)
    forward = descending + 2 * nulls_first
    tables = dict(reversed(pair) for pair in re.findall(r"(?:FROM|JOIN) (\w+) (\w+)\b", FOUND[name].code))
    return tables.get(alias), column, f"{forward}, {3 - forward}"


def of_one(name):
    """Lists of what a path names: of one round, one evaluation."""
    alias = first_key(name).rpartition(".")[0]
    return any(source and source.startswith("{") and re.search(rf"\b{alias}\.\w+ = \${n}\b", FOUND[name].code)
               for n, source in enumerate(FOUND[name].sources, 1))


@pytest.mark.parametrize("name", [name for name in LISTS if FOUND[name].is_list and re.sub("_(reversed|counted)$", "", name) not in SORTED and of_one(name)])
def test_no_other_index_has_the_order_of_a_list_of_one_round(service, name):
    """PostgreSQL that knows of one round alone takes all rows for those of any: it would walk them all for a round that has none."""
    table, column, ways = ordered_by(name)
    assert table, name
    assert service.psql(WALKABLE.format(table=table, column=column, ways=ways)) == ""


@pytest.mark.parametrize("name, filtered", FILTERED)
def test_a_page_of_what_a_filter_asks_for_begins_there_too(service, name, filtered):
    """Else PostgreSQL walks the whole list for what is common in it, and passes all of it where that lies at its end."""
    told = plan(service, name, needed(name) | {"?cursor", filtered})
    column, first = filtered[1:].removesuffix("_unit_id"), first_key(name).rpartition(".")[2]
    begins = [line for line in told.split("\n") if "Index Cond" in line and re.search(rf"\b{column}\w*\"? = .*\b{first}\b.*[<>]", line)]
    assert begins and not re.search(rf"Sort\n +Sort Key: {re.escape(first_key(name))}\b", told), told


@pytest.mark.parametrize("name", [name for name, statement in FOUND.items() if statement.is_list])
def test_each_shape_of_a_list_is_a_statement(service, name):
    """Without a filter, with each alone, and with all: PostgreSQL wants to know the type of a parameter that is not in the text any more."""
    statement, script = FOUND[name], []
    asked = [source for source in statement.sources if source != "?limit"]
    for given in ((), asked, *((source,) for source in asked)):
        text = shape(statement, {"?limit", *given})
        script.append(f"PREPARE list({types(statement, text)}) AS {text}; DEALLOCATE list")
    service.psql(";\n".join(script))
