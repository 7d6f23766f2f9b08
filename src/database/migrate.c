#include "database/migrate.h"

#include "database/private.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Any fixed number: every instance takes the same advisory lock.
static const char lock[] = "SELECT pg_advisory_lock(7468696475)";
static const char ledger[] = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                             " number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,"
                             " applied_at timestamptz NOT NULL DEFAULT now());";

static bool command(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
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

static bool apply(PGconn *connection, const struct migration *migration)
{
    char number[12];
    snprintf(number, sizeof number, "%d", migration->number);
    const char *values[] = {number, migration->name, migration->sha256};
    if (!command(connection, "BEGIN") || !command(connection, migration->sql))
        return fail(connection, migration, NULL);
    PGresult *result =
        PQexecParams(connection, "INSERT INTO schema_migrations (number, name, sha256) VALUES ($1, $2, $3)", 3, NULL,
                     values, NULL, NULL, 0);
    bool recorded = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (!recorded || !command(connection, "COMMIT"))
        return fail(connection, migration, NULL);
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

static bool bring_up_to_date(PGconn *connection)
{
    PGresult *result = PQexec(connection, "SELECT number, sha256 FROM schema_migrations ORDER BY number");
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK || fail(connection, NULL, NULL);
    for (int i = 0; good && i < all_migrations_count; i++) {
        const char *sha256 = applied_as(result, &all_migrations[i]);
        if (sha256 && strcmp(sha256, all_migrations[i].sha256) != 0)
            good = fail(connection, &all_migrations[i], "it was changed after it had been applied to this database");
    }
    for (int i = 0; good && i < all_migrations_count; i++)
        good = applied_as(result, &all_migrations[i]) || apply(connection, &all_migrations[i]);
    PQclear(result);
    return good;
}

bool migrate(const char *url)
{
    struct connect_parameters parameters;
    connect_parameters_fill(&parameters, &(struct connect_options){.url = url, .application_name = "thidua migrate"});
    PGconn *connection = PQconnectdbParams(parameters.keywords, parameters.values, 1);
    PQsetErrorVerbosity(connection, PQERRORS_TERSE); // what it says goes to the log, which holds nobody's data
    bool done = PQstatus(connection) == CONNECTION_OK && command(connection, lock) && command(connection, ledger)
                    ? bring_up_to_date(connection)
                    : fail(connection, NULL, NULL);
    PQfinish(connection);
    return done;
}
