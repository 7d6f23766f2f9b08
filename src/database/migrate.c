#include "database/migrate.h"

#include "base/log.h"
#include "database/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Any fixed number: every instance takes the same advisory lock.
static const char lock[] = "SELECT pg_advisory_lock(7468696475)";
static const char ledger[] = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                             " number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,"
                             " applied_at timestamptz NOT NULL DEFAULT now());";

static struct {
    const struct migration *items;
    int count;
} known;

void migrations_use(const struct migration migrations[], int count)
{
    known.items = migrations;
    known.count = count;
}

const char *migrations_newest(void)
{
    return known.items[known.count - 1].sha256;
}

static bool command(PGconn *connection, const char *sql, bool *ret_forbidden)
{
    PGresult *result = PQexec(connection, sql);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    *ret_forbidden = sqlstate && strcmp(sqlstate, "42501") == 0; // insufficient_privilege
    PQclear(result);
    return done;
}

static bool fail(PGconn *connection, const struct migration *migration, const char *reason)
{
    // At start-up no caller's values are involved, so PostgreSQL's text may be logged.
    log_event(LOG_ERROR, "migration_failed", log_text("migration", migration ? migration->name : NULL),
              log_text("reason", reason ? reason : PQerrorMessage(connection)));
    return false;
}

// The usual one of an instance that is only given the application's role.
static bool fail_by_role(PGconn *connection, const struct migration *migration)
{
    log_event(LOG_ERROR, "migration_failed", log_text("migration", migration->name),
              log_text("reason", PQerrorMessage(connection)),
              log_text("way_out", "this role may not migrate: give the owner's as DATABASE_OWNER_URL, to this instance "
                                  "or to thidua migrate"));
    return false;
}

// A step of `migration`, or on the way to it.
static bool step(PGconn *connection, const struct migration *migration, const char *sql)
{
    bool forbidden;
    return command(connection, sql, &forbidden) ||
           (forbidden ? fail_by_role(connection, migration) : fail(connection, migration, NULL));
}

static bool apply(PGconn *connection, const struct migration *migration)
{
    char number[12];
    snprintf(number, sizeof number, "%d", migration->number);
    const char *values[] = {number, migration->name, migration->sha256};
    if (!step(connection, migration, "BEGIN") || !step(connection, migration, migration->sql))
        return false;
    PGresult *result =
        PQexecParams(connection, "INSERT INTO schema_migrations (number, name, sha256) VALUES ($1, $2, $3)", 3, NULL,
                     values, NULL, NULL, 0);
    bool recorded = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (!recorded)
        return fail(connection, migration, NULL);
    if (!step(connection, migration, "COMMIT"))
        return false;
    log_event(LOG_INFO, "migration_applied", log_text("migration", migration->name));
    return true;
}

// The checksum under which it was applied to this database, or NULL. Numbers may have gaps.
static const char *applied_as(const PGresult *ledger_rows, const struct migration *migration)
{
    for (int row = 0; row < PQntuples(ledger_rows); row++)
        if (strtol(PQgetvalue(ledger_rows, row, 0), NULL, 10) == migration->number)
            return PQgetvalue(ledger_rows, row, 1);
    return NULL;
}

static PGresult *read_ledger(PGconn *connection)
{
    return PQexec(connection, "SELECT number, sha256 FROM schema_migrations ORDER BY number");
}

static bool none_was_changed(PGconn *connection, const PGresult *ledger_rows)
{
    for (int i = 0; i < known.count; i++) {
        const char *sha256 = applied_as(ledger_rows, &known.items[i]);
        if (sha256 && strcmp(sha256, known.items[i].sha256) != 0)
            return fail(connection, &known.items[i], "it was changed after it had been applied to this database");
    }
    return true;
}

static const struct migration *first_missing(const PGresult *ledger_rows)
{
    for (int i = 0; i < known.count; i++)
        if (!applied_as(ledger_rows, &known.items[i]))
            return &known.items[i];
    return NULL;
}

static bool bring_up_to_date(PGconn *connection)
{
    PGresult *result = read_ledger(connection);
    bool good =
        PQresultStatus(result) == PGRES_TUPLES_OK ? none_was_changed(connection, result) : fail(connection, NULL, NULL);
    for (int i = 0; good && i < known.count; i++)
        good = applied_as(result, &known.items[i]) || apply(connection, &known.items[i]);
    PQclear(result);
    return good;
}

// What the ledger shows without a lock only spares what is done already: under the lock it is read again.
static bool migrate_over(PGconn *connection)
{
    PGresult *result = read_ledger(connection); // no rows where there is none yet, or it may not be read
    const struct migration *missing = first_missing(result);
    bool done =
        missing ? step(connection, missing, lock) && step(connection, missing, ledger) && bring_up_to_date(connection)
                : none_was_changed(connection, result);
    PQclear(result);
    return done;
}

bool migrate(const char *url)
{
    struct connect_parameters parameters;
    connect_parameters_fill(&parameters, &(struct connect_options){.url = url, .application_name = "thidua migrate"});
    PGconn *connection = PQconnectdbParams(parameters.keywords, parameters.values, 1);
    PQsetErrorVerbosity(connection, PQERRORS_TERSE); // what it says goes to the log, which holds nobody's data
    bool done = PQstatus(connection) == CONNECTION_OK ? migrate_over(connection) : fail(connection, NULL, NULL);
    PQfinish(connection);
    return done;
}
