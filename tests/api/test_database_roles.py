"""Least privilege: what each role of the database may do, and that it may no more. In the private PostgreSQL and wherever README.Debian is followed."""
import re

import pytest

from statements import statements

# What thidua_app may take away again; of all else it only adds or changes. A new table's rows stay unless a line comes here.
DELETABLE = set("""units unit_periods unit_codes unit_stamps campaign_contents campaign_groups dossier_components contestants finding_contents holiday_years
    public_holidays score_nodes council_members nominations idempotency_answers webhooks webhook_deliveries""".split())
# What is written once.
NEVER_CHANGED = set("""journal quota_versions quota_shares council_members document_chunks verdicts standing_overrides tie_decisions tie_decision_units evaluation_units evaluations_untold
    certificates deadline_notices installation successions finding_contents public_holidays score_nodes proposal_units award_slots
    initiative_uses""".split())
ESCAPES = ["SET ROLE postgres", "SET SESSION AUTHORIZATION postgres", "COPY installation TO PROGRAM 'true'", "COPY installation TO '/tmp/x'",
           "SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('/')", "CREATE ROLE x", "CREATE DATABASE x", "ALTER SYSTEM SET fsync = off",
           "ALTER ROLE thidua_app SUPERUSER", "CREATE FUNCTION x() RETURNS int LANGUAGE internal AS 'int4in'", "CREATE EXTENSION file_fdw",
           "SELECT pg_terminate_backend(pg_backend_pid()) FROM pg_authid", "SET session_replication_role = replica"]
CHANGES = ["TRUNCATE units", "DROP TABLE units", "ALTER TABLE units ADD x int", "ALTER TABLE units DISABLE TRIGGER ALL", "CREATE TABLE x ()", "CREATE TEMP TABLE x ()",
           "CREATE INDEX ON units (id)", "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE TRIGGER x BEFORE UPDATE ON units EXECUTE FUNCTION x()",
           "CREATE OR REPLACE FUNCTION key_in_force(k keys) RETURNS boolean LANGUAGE sql AS 'SELECT true'", "SET ROLE thidua_owner",
           "INSERT INTO schema_migrations DEFAULT VALUES", "DELETE FROM schema_functions", "BEGIN; LOCK TABLE journal IN ACCESS EXCLUSIVE MODE", "CREATE RULE x AS ON UPDATE TO units DO INSTEAD NOTHING"]


def ask(service, sql):
    return set(service.psql(sql, user="postgres").split())


@pytest.mark.parametrize("role", ["thidua_app", "thidua_owner"])
def test_no_role_is_more_than_a_login(service, role):
    told = service.psql(f"SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = '{role}'", user="postgres")
    assert told == "t|f|f|f|f|f"
    assert ask(service, f"SELECT roleid::regrole FROM pg_auth_members WHERE member = '{role}'::regrole") == set()


@pytest.mark.parametrize("role", ["thidua_app", "thidua_owner"])
@pytest.mark.parametrize("sql", ESCAPES)
def test_no_role_reaches_the_machine_or_another_role(service, role, sql):
    told = service.psql(sql, user=role)
    assert "permission denied" in told or "must be superuser" in told or "not permitted" in told, told


@pytest.mark.parametrize("sql", CHANGES)
def test_the_application_changes_no_schema_and_no_rights(service, sql):
    told = service.psql(sql, user="thidua_app")
    assert "permission denied" in told or "must be owner" in told or "not granted" in told, told


def test_the_application_owns_nothing_and_takes_away_only_what_is_listed(service):
    assert ask(service, "SELECT oid FROM pg_class WHERE relowner = 'thidua_app'::regrole UNION ALL SELECT oid FROM pg_proc WHERE proowner = 'thidua_app'::regrole") == set()
    tables = "FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
    assert ask(service, f"SELECT relname {tables} AND has_table_privilege('thidua_app', oid, 'DELETE')") == DELETABLE
    assert ask(service, f"SELECT relname {tables} AND has_table_privilege('thidua_app', oid, 'TRUNCATE, REFERENCES, TRIGGER')") == set()
    assert ask(service, f"SELECT relname {tables} AND has_any_column_privilege('thidua_app', oid, 'UPDATE')") & NEVER_CHANGED == set()
    # Whole rows of no table: only those columns that ever change.
    assert ask(service, f"SELECT relname {tables} AND has_table_privilege('thidua_app', oid, 'UPDATE')") == set()
    assert ask(service, f"SELECT relname {tables} AND relname LIKE 'schema\\_%' AND has_table_privilege('thidua_app', oid, 'INSERT')") == set()


def test_the_application_may_change_no_table_that_nothing_of_it_changes(service):
    """Whoever has its password could else put another unit into a proposal that was submitted, or give a used initiative back."""
    texts = [*statements().values(), service.psql("SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")]
    changed = {name for text in texts for names in re.findall(r"\bUPDATE (?:ONLY )?(\w+)|\bINSERT INTO (\w+)(?:(?!\bINSERT INTO\b).)*?\bDO UPDATE\b", text, re.S)
               for name in names if name}
    told = ask(service, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND has_any_column_privilege('thidua_app', oid, 'UPDATE')")
    assert told - changed == set()


def test_nobody_else_may_do_anything(service):
    """PUBLIC: any role that somebody may add to the server."""
    service.psql("CREATE ROLE passer_by LOGIN", user="postgres")
    service.psql("GRANT ALL ON units TO passer_by", user="thidua_app")  # has nothing that it could hand on
    try:
        assert ask(service, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S') AND "
                            "has_table_privilege('passer_by', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')") == set()
        assert service.psql("SELECT has_schema_privilege('passer_by', 'public', 'USAGE') OR has_schema_privilege('passer_by', 'public', 'CREATE')", user="postgres") == "f"
    finally:
        service.psql("DROP ROLE passer_by", user="postgres")


def test_what_runs_with_the_owners_rights_cannot_be_misled(service):
    """A function that is SECURITY DEFINER fixes where names are looked up, and its text is no caller's."""
    told = service.psql("SELECT proname, proconfig::text, pronargs FROM pg_proc "
                        "WHERE prosecdef AND pronamespace = 'public'::regnamespace", user="postgres")
    rows = [line.split("|") for line in told.splitlines()]
    assert {name for name, _, _ in rows} == {"journal_seal_batch", "contestant_labels_made", "contestant_labels_follow", "contestant_labels_regrouped",
                                             "closed_round_kept"}
    assert all('search_path=public, pg_temp' in settings and count == "0" for _, settings, count in rows), rows
