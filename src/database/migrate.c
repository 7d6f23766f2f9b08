#include "database/migrate.h"

#include "base/log.h"
#include "database/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Any fixed number: every instance takes the same advisory lock.
#define LOCK "7468696475"
static const char try_lock[] = "SELECT pg_try_advisory_lock(" LOCK ")";
static const char lock[] = "SELECT pg_advisory_lock(" LOCK ")";
static const char make_ledger[] = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                                  " number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,"
                                  " applied_at timestamptz NOT NULL DEFAULT now());"
                                  "CREATE TABLE IF NOT EXISTS schema_functions ("
                                  " name text PRIMARY KEY, sha256 text NOT NULL,"
                                  " applied_at timestamptz NOT NULL DEFAULT now());";
static const char read_ledger[] = "SELECT number::text AS key, sha256 FROM schema_migrations"
                                  " UNION ALL SELECT name, sha256 FROM schema_functions";
static const char record_migration[] = "INSERT INTO schema_migrations (number, name, sha256) VALUES ($1, $2, $3)";
// A numbered file may have dropped what a functions file made, so all of those are applied again after it.
static const char forget_functions[] = "DELETE FROM schema_functions";
static const char record_functions[] = "INSERT INTO schema_functions AS f (name, sha256) VALUES ($1, $2)"
                                       " ON CONFLICT (name) DO UPDATE SET sha256 = EXCLUDED.sha256, applied_at = now()";
// Functions may call those of a file that comes later. A test applies all files once more with the check on.
static const char begin_functions[] = "BEGIN; SET LOCAL check_function_bodies = off";

static const struct schema *given;
static struct connect_options options;

void schema_use(const struct schema *schema)
{
    given = schema;
}

const struct schema *schema_in_use(void)
{
    return given;
}

static bool report_failed_file(PGconn *connection, const struct schema_file *file, const char *reason)
{
    // At start-up no caller's values are involved, so PostgreSQL's text may be logged.
    log_event(LOG_ERROR, "migration_failed", log_text("migration", file ? file->name : NULL),
              log_text("reason", group_is_closed()             ? "it was told to stop meanwhile"
                                 : reason                      ? reason
                                 : *PQerrorMessage(connection) ? PQerrorMessage(connection)
                                                               : "the server does not answer"));
    return false;
}

// libpq may say more than one line, such as one for each host that was tried.
static bool report_away(const char *fault)
{
    char reason[512];
    snprintf(reason, sizeof reason, "%.*s", (int)strcspn(fault, "\n"), fault);
    log_event(LOG_ERROR, "database_away", log_text("reason", reason));
    return false;
}

// The usual failure of an instance that is only given the role of the application.
static bool fail_by_role(PGconn *connection, const struct schema_file *file)
{
    log_event(LOG_ERROR, "migration_failed", log_text("migration", file->name),
              log_text("reason", PQerrorMessage(connection)),
              log_text("way_out", "this role may not migrate: give the owner's as DATABASE_OWNER_URL, to this instance "
                                  "or to thidua migrate"));
    return false;
}

// Takes over `result`: has the command for `file` succeeded?
static bool succeeded(PGconn *connection, const struct schema_file *file, PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool forbidden = sqlstate && strcmp(sqlstate, "42501") == 0; // insufficient_privilege
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    return done || (forbidden ? fail_by_role(connection, file) : report_failed_file(connection, file, NULL));
}

// A large table takes as long as it takes, and so does another instance that is at it.
static bool answer_comes(PGconn *connection, int64_t never)
{
    (void)never;
    return answer_await_patiently(connection, &options);
}

static PGresult *await_answer(PGconn *connection)
{
    return last_awaited(connection, answer_comes, INT64_MAX);
}

static PGresult *ask(PGconn *connection, const char *sql)
{
    return PQsendQuery(connection, sql) == 1 ? await_answer(connection) : NULL;
}

static bool run_schema_file(PGconn *connection, const struct schema_file *file, const char *sql)
{
    return succeeded(connection, file, ask(connection, sql));
}

static bool record(PGconn *connection, const struct schema_file *file, const char *sql, int count,
                   const char *const values[])
{
    bool sent = PQsendQueryParams(connection, sql, count, NULL, values, NULL, NULL, 0) == 1;
    return succeeded(connection, file, sent ? await_answer(connection) : NULL);
}

// The checksum under which the file was applied to this database, or NULL.
static const char *applied_as(const PGresult *ledger, const struct schema_file *file)
{
    for (int row = 0; row < PQntuples(ledger); row++)
        if (strcmp(PQgetvalue(ledger, row, 0), file->key) == 0)
            return PQgetvalue(ledger, row, 1);
    return NULL;
}

static bool none_was_changed(PGconn *connection, const PGresult *ledger)
{
    for (int i = 0; i < given->migrations_count; i++) {
        const char *sha256 = applied_as(ledger, &given->migrations[i]);
        if (sha256 && strcmp(sha256, given->migrations[i].sha256) != 0)
            return report_failed_file(connection, &given->migrations[i],
                                      "it was changed after it had been applied to this database");
    }
    return true;
}

// It has numbers that this program does not know: its functions fit its tables, ours may not.
static bool is_of_newer_program(const PGresult *ledger)
{
    long newest = strtol(given->migrations[given->migrations_count - 1].key, NULL, 10);
    for (int row = 0; row < PQntuples(ledger); row++)
        if (strtol(PQgetvalue(ledger, row, 0), NULL, 10) > newest)
            return true;
    return false;
}

static bool is_current(const PGresult *ledger, const struct schema_file *functions)
{
    const char *sha256 = applied_as(ledger, functions);
    return sha256 && strcmp(sha256, functions->sha256) == 0;
}

static const struct schema_file *first_to_apply(const PGresult *ledger)
{
    for (int i = 0; i < given->migrations_count; i++)
        if (!applied_as(ledger, &given->migrations[i]))
            return &given->migrations[i];
    for (int i = 0; i < given->functions_count && !is_of_newer_program(ledger); i++)
        if (!is_current(ledger, &given->functions[i]))
            return &given->functions[i];
    return NULL;
}

static bool apply_migration(PGconn *connection, const struct schema_file *file)
{
    const char *values[] = {file->key, file->name, file->sha256};
    bool done = run_schema_file(connection, file, "BEGIN") && run_schema_file(connection, file, file->sql) &&
                record(connection, file, record_migration, 3, values) &&
                run_schema_file(connection, file, forget_functions) && run_schema_file(connection, file, "COMMIT");
    if (done)
        log_event(LOG_INFO, "migration_applied", log_text("migration", file->name));
    return done;
}

static bool apply_functions(PGconn *connection, const struct schema_file *file)
{
    const char *values[] = {file->key, file->sha256};
    return run_schema_file(connection, file, file->sql) && record(connection, file, record_functions, 2, values);
}

// All that differ in one transaction: other instances see the functions of before or those of after, never a mixture.
static bool replace_functions(PGconn *connection, const PGresult *ledger)
{
    const struct schema_file *first = first_to_apply(ledger);
    if (!first)
        return true;
    bool done = run_schema_file(connection, first, begin_functions);
    for (int i = 0; done && i < given->functions_count; i++)
        done = is_current(ledger, &given->functions[i]) || apply_functions(connection, &given->functions[i]);
    done = done && run_schema_file(connection, first, "COMMIT");
    for (int i = 0; done && i < given->functions_count; i++)
        if (!is_current(ledger, &given->functions[i]))
            log_event(LOG_INFO, "functions_replaced", log_text("functions", given->functions[i].name));
    return done;
}

static bool apply_migrations(PGconn *connection, const PGresult *ledger)
{
    bool done = none_was_changed(connection, ledger);
    for (int i = 0; done && i < given->migrations_count; i++)
        done = applied_as(ledger, &given->migrations[i]) || apply_migration(connection, &given->migrations[i]);
    return done;
}

static bool with_ledger(PGconn *connection, bool (*apply)(PGconn *, const PGresult *))
{
    PGresult *ledger = ask(connection, read_ledger);
    bool done = PQresultStatus(ledger) == PGRES_TUPLES_OK ? apply(connection, ledger)
                                                          : report_failed_file(connection, NULL, NULL);
    PQclear(ledger);
    return done;
}

// Another instance holds it for as long as its migration takes: whoever waits here says so.
static bool take_lock(PGconn *connection, const struct schema_file *first)
{
    PGresult *tried = ask(connection, try_lock);
    bool taken = PQntuples(tried) == 1 && strcmp(PQgetvalue(tried, 0, 0), "t") == 0;
    PQclear(tried);
    if (!taken)
        log_event(LOG_INFO, "migration_awaited", log_text("migration", first->name),
                  log_text("reason", "another instance is changing the schema"));
    return taken || run_schema_file(connection, first, lock);
}

// Before the first file: PostgreSQL would only say which letter of it cannot be converted.
static bool holds_every_letter(PGconn *connection)
{
    const char *encoding = PQparameterStatus(connection, "server_encoding");
    return !encoding || strcmp(encoding, "UTF8") == 0 ||
           report_failed_file(connection, NULL,
                              "the database was not made with ENCODING 'UTF8' (TEMPLATE template0): make another one");
}

// What the ledger shows without a lock only tells whether there is anything to do: under the lock it is read again.
static bool bring_up_to_date(PGconn *connection)
{
    PGresult *ledger = ask(connection, read_ledger); // no rows where there is none yet, or it may not be read
    const struct schema_file *first = first_to_apply(ledger);
    bool done = first ? take_lock(connection, first) && run_schema_file(connection, first, make_ledger) &&
                            with_ledger(connection, apply_migrations) && with_ledger(connection, replace_functions)
                      : none_was_changed(connection, ledger);
    PQclear(ledger);
    return done;
}

bool migrate(const char *url)
{
    const char *fault;
    options = (struct connect_options){.url = url, .application_name = "thidua migrate"};
    PGconn *connection = connection_open(&options, &fault);
    bool done = fault ? report_away(fault) : holds_every_letter(connection) && bring_up_to_date(connection);
    PQfinish(connection);
    return done;
}
