"""The schema: numbered files and files of functions, how `thidua migrate` applies them, and schema.sql, which shows the result."""
import contextlib
import json
import re
import subprocess

import pytest

from service import PSQL, ROOT, Service

NUMBERED = sorted(ROOT.glob("migrations/*.sql"))
FUNCTIONS = re.findall(r"'(\w+/\w+_functions\.sql)'", (ROOT / "src/meson.build").read_text(encoding="utf-8"))
LEDGER = "CREATE TABLE schema_migrations (number integer); CREATE TABLE schema_functions (name text);"  # made by src/database/migrate.c
SQL = {path: path.read_text(encoding="utf-8") for path in ROOT.glob("src/*/*.sql")}


class Database:
    """A database of its own on the cluster of the service, with nothing in it."""

    def __init__(self, service, place, name):
        self.service, self.place, self.name = service, place, name

    def url(self, user="thidua_owner"):
        return f"host={self.service.var / 'socket'} dbname={self.name} user={user}"

    def migrate(self, user="thidua_owner"):
        """(exit status, what the log says: a list of events)"""
        done = Service(self.place, DATABASE_URL=self.url(user)).command("migrate")
        return done.returncode, [json.loads(line) for line in done.stderr.splitlines()]

    def psql(self, *arguments):
        return subprocess.run([PSQL, "-d", self.url(), "-AtXq", "-v", "ON_ERROR_STOP=1", *arguments], capture_output=True, text=True, timeout=60)

    def query(self, sql):
        done = self.psql("-c", sql)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@contextlib.contextmanager
def empty_database(service, place, name):
    service.psql(f"CREATE DATABASE {name} OWNER thidua_owner", user="postgres")
    try:
        yield Database(service, place, name)
    finally:
        service.psql(f"DROP DATABASE {name} WITH (FORCE)", user="postgres")


@pytest.fixture(scope="module")
def migrated(service, tmp_path_factory):
    with empty_database(service, tmp_path_factory.mktemp("schema"), "schema_test") as database:
        assert database.migrate()[0] == 0
        yield database


@pytest.fixture
def ledger(migrated):
    """The database, whose ledger and function key_json are put back afterwards."""
    yield migrated
    migrated.query("DROP FUNCTION key_json(keys); DELETE FROM schema_functions; DELETE FROM schema_migrations WHERE number = 9999")
    assert migrated.migrate()[0] == 0


def make_stale(database, *names):
    database.query("UPDATE schema_functions SET sha256 = 'another' WHERE name IN ({})".format(", ".join(f"'{name}'" for name in names)))


def test_every_file_of_functions_is_listed():
    assert sorted(FUNCTIONS) == sorted(f"{path.parent.name}/{path.name}" for path in SQL if path.name.endswith("_functions.sql"))


def test_numbered_files_need_no_function_that_can_be_replaced(service, tmp_path):
    """A default, CHECK, index or generated column calls what its own file defines: they are there before any functions file is."""
    with empty_database(service, tmp_path, "numbered_alone") as alone:
        done = alone.psql("-1", "-c", LEDGER, *(argument for path in NUMBERED for argument in ("-f", str(path))))
        assert done.returncode == 0, done.stderr


def test_functions_hold_where_their_bodies_are_checked(migrated):
    """They are applied unchecked, so that they may call those of later files. Once all are there, each can be checked."""
    done = migrated.psql("-1", *(argument for name in FUNCTIONS for argument in ("-f", str(ROOT / "src" / name))))
    assert done.returncode == 0, done.stderr


def test_schema_sql_is_the_schema_of_a_fresh_database(migrated):
    kept = (ROOT / "schema.sql").read_text(encoding="utf-8")
    made_by = re.search(r"PostgreSQL (\d+)", kept)[1]
    if migrated.query("SHOW server_version_num")[:-4] != made_by:
        pytest.skip(f"schema.sql is written as by pg_dump of a server of version {made_by}")
    dumped = subprocess.run([ROOT / "tools/dump_schema", migrated.url()], capture_output=True, text=True, timeout=60, check=True).stdout
    assert dumped == kept, "schema.sql is out of date: regenerate me with tools/dump_schema"


def test_migrating_twice_does_no_work(migrated):
    before = migrated.query("TABLE schema_migrations; TABLE schema_functions")
    assert migrated.migrate() == (0, []) and migrated.migrate("thidua_app") == (0, [])
    assert migrated.query("TABLE schema_migrations; TABLE schema_functions") == before


def test_only_files_that_changed_are_applied_again(ledger):
    ledger.query("DROP FUNCTION key_json(keys)")
    make_stale(ledger, "keys_functions", "webhooks_functions")
    status, said = ledger.migrate()
    assert status == 0 and [(e["event"], e["functions"]) for e in said] == [
        ("functions_replaced", "keys_functions"), ("functions_replaced", "webhooks_functions")]
    assert ledger.query("SELECT 'key_json'::regproc") == "key_json" and ledger.migrate() == (0, [])


def test_files_that_changed_are_applied_all_or_none(ledger):
    """One that fails (its function has another return type, and the file does not drop it first) takes the others with it."""
    ledger.query("DROP FUNCTION key_json(keys); CREATE FUNCTION key_json(k keys) RETURNS text LANGUAGE sql AS 'SELECT NULL'")
    make_stale(ledger, "handler_functions", "keys_functions")
    status, said = ledger.migrate()
    assert status == 1 and [(e["event"], e["migration"]) for e in said] == [("migration_failed", "keys_functions")]
    assert "cannot change return type" in said[0]["reason"]
    assert ledger.query("SELECT string_agg(name, ' ' ORDER BY name) FROM schema_functions WHERE sha256 = 'another'") == "handler_functions keys_functions"


def test_the_role_of_the_application_may_not_replace_functions_and_is_told_who_may(ledger):
    make_stale(ledger, "keys_functions")
    status, said = ledger.migrate("thidua_app")
    assert status == 1 and [(e["event"], e["migration"]) for e in said] == [("migration_failed", "keys_functions")]
    assert "permission denied" in said[0]["reason"] and "DATABASE_OWNER_URL" in said[0]["way_out"]


def test_the_functions_of_a_newer_program_are_left_alone(ledger):
    ledger.query("INSERT INTO schema_migrations (number, name, sha256) VALUES (9999, 'of a newer one', '')")
    make_stale(ledger, "keys_functions")
    assert ledger.migrate() == (0, []) and ledger.migrate("thidua_app") == (0, [])
    assert ledger.query("SELECT sha256 FROM schema_functions WHERE name = 'keys_functions'") == "another"


def test_a_numbered_file_that_was_changed_after_it_was_applied_is_refused(ledger):
    good = ledger.query("SELECT sha256 FROM schema_migrations WHERE number = 1")
    ledger.query("UPDATE schema_migrations SET sha256 = 'another' WHERE number = 1")
    try:
        status, said = ledger.migrate()
    finally:
        ledger.query(f"UPDATE schema_migrations SET sha256 = '{good}' WHERE number = 1")
    assert status == 1 and [(e["event"], e["migration"]) for e in said] == [("migration_failed", NUMBERED[0].stem)]


def test_tables_and_rules_say_what_they_are_for(migrated):
    assert migrated.query("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') "
                          "AND obj_description(oid, 'pg_class') IS NULL") == ""
    assert migrated.query("SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'x') "
                          "AND obj_description(oid, 'pg_constraint') IS NULL") == ""


def test_sql_and_c_have_one_list_of_roles(migrated):
    names = migrated.query("SELECT array_to_string(role_names(), ' ')").split()
    declared = (ROOT / "include/thidua/role.def").read_text(encoding="utf-8")
    assert names == re.findall(r'^ROLE\(\w+, "(\w+)"\)', declared, re.M)
    offices = re.search(r"#define MAY_READ_RESTRICTED [^\n]*", (ROOT / "src/http/route.h").read_text(encoding="utf-8"))[0]
    readers = migrated.query("SELECT upper(r) FROM unnest(role_names()) WITH ORDINALITY u(r, n) WHERE may_read_restricted(1 << (n - 1)::integer)")
    assert readers.split() == re.findall(r"ROLE_(\w+)", offices)


def test_sql_asks_for_roles_by_a_name_that_there_is(migrated):
    names = set(migrated.query("SELECT array_to_string(role_names(), ' ')").split())
    asked = {name for text in SQL.values() for name in re.findall(r"has_role\([^']*'(\w+)'\)", text)}
    assert {"unit", "auditor"} <= asked <= names
    assert [path.name for path, text in SQL.items() if re.search(r"roles(::integer)?\)? & \d", text)] == []


def test_functions_in_sql_become_part_of_the_query_that_calls_them(migrated):
    """What PostgreSQL cannot take into the query, it plans anew for each query that calls it: such a function is PL/pgSQL, whose plan lasts."""
    functions = [row.split("|", 2) for row in migrated.query("""
        SELECT p.proretset, p.proname, array_to_string(ARRAY(SELECT format_type(type, NULL) FROM unnest(p.proargtypes) type), '|')
        FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
        WHERE l.lanname = 'sql' AND p.pronamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY p.oid""").splitlines()]
    script = ["SET plan_cache_mode = force_generic_plan"]
    for many, name, types in functions:
        given = types.split("|") if types else []
        asked = f"{name}({', '.join(f'${number}::{each}' for number, each in enumerate(given, 1))})"
        nothing = f"({', '.join(['NULL'] * len(given))})" if given else ""
        script += [f"PREPARE asked AS SELECT {'* FROM ' if many == 't' else ''}{asked}", f"EXPLAIN VERBOSE EXECUTE asked{nothing}", "DEALLOCATE asked"]
    plans = migrated.query(";\n".join(script))
    assert plans.count("Output:") >= len(functions) > 60
    assert not [name for _, name, _ in functions if re.search(rf"\b{name}\(", plans)]
