"""What kept answers rest on (`rests_on` of a route), held against what their statements read and what events came with writes.

A table that a statement reads, itself or through functions, is written in the same transactions as some events: their kinds must be
among those that the route names. Where members see more, those hold for what everybody else is told.
"""
import re

from service import ROOT
from statements import statements

READ = re.compile(r"\.read = &(\w+)_statement|FROM_START\(\"\w+\", (\w+)\)|FROM_END\(\"\w+\", (\w+)\)")
MACRO = re.compile(r'#define (\w+_REST_ON) "([^"]*)"')


def kept():
    """[(statement, kinds)] of the routes that name what they rest on."""
    found = []
    for path in sorted((ROOT / "src").glob("*/*.c")):
        text = path.read_text(encoding="utf-8")
        macros = dict(MACRO.findall(text))
        for route in text.split("{.method = ")[1:]:
            rests = re.search(r'\.rests_on = (?:"([^"]*)"|(\w+))', route)
            if rests:
                names = [next(filter(None, name)) for name in READ.findall(route)]
                assert names, route
                found += [(name, set((rests[1] or macros[rests[2]]).split())) for name in names]
    return found


def tables_read(service):
    """statement → tables that it reads, by itself or through functions and views."""
    tables = set(service.psql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace").split())
    bodies = dict(row.split("\x01", 1) for row in service.psql(
        "SELECT string_agg(name || E'\\x01' || body, E'\\x02') FROM (SELECT proname AS name, string_agg(prosrc, ' ') AS body FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace AND probin IS NULL GROUP BY proname UNION ALL "
        "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public') all_of_them").split("\x02"))

    def within(text, seen):
        for word in set(re.findall(r"\w+", text)) - MEMBERS_ONLY:
            if word in bodies and word not in seen:
                seen.add(word)
                within(bodies[word], seen)
            elif word in tables:
                seen.add(word)
        return seen

    return {name: within(re.sub("'[^']*'", "", code), set()) & tables for name, code in statements().items()}


def watch(service):
    """From then on, which transaction recorded which kind of event is noted: the sealer rewrites the rows of the journal."""
    assert service.psql("""CREATE SCHEMA watch; GRANT USAGE ON SCHEMA watch TO thidua_app;
        CREATE TABLE watch.told (writer text, kind text); GRANT INSERT ON watch.told TO thidua_app;
        CREATE FUNCTION watch.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN INSERT INTO watch.told VALUES (pg_current_xact_id()::xid::text, split_part(NEW.type, '.', 1)); RETURN NULL; END $$;
        CREATE TRIGGER watched AFTER INSERT ON journal FOR EACH ROW EXECUTE FUNCTION watch.note()""").endswith("CREATE TRIGGER")


def written_with(service):
    """table → of each transaction that wrote rows that it still holds, the kinds of its events."""
    tables = service.psql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
                          "AND relname <> 'journal'").split()
    union = " UNION ALL ".join(f"SELECT '{table}' AS name, xmin::text AS writer FROM {table}" for table in tables)
    rows = service.psql("WITH told AS (SELECT writer, string_agg(DISTINCT kind, ' ') AS kinds FROM watch.told GROUP BY writer) "
                        f"SELECT DISTINCT name, kinds FROM ({union}) written JOIN told USING (writer)")
    found = {}
    for row in rows.splitlines():
        table, kinds = row.split("|")
        found.setdefault(table, set()).add(frozenset(kinds.split()))
    return found


# `keys` is also what cursors are made of. Plans that make rounds are loaded without an event: that empties everything.
NO_MATTER = {"keys"}
# The others only ask of a round whether it is there.
ROUNDS = {"round_get", "round_list"}
# Functions that give nothing to those who see no more than others.
MEMBERS_ONLY = {"latest_evaluation_json"}


def check(service):
    """No transaction that wrote what a kept answer is read from went by without an event of a kind that the route names."""
    read, written = tables_read(service), written_with(service)
    assert len(written) > 20, written
    for statement, rests in kept():
        for table in read[statement] - NO_MATTER - (set() if statement in ROUNDS else {"rounds"}):
            missed = [sorted(kinds) for kinds in written.get(table, ()) if not kinds & rests]
            assert not missed, f"{statement} reads {table}, which was written with events of {missed}: name them in rests_on"
