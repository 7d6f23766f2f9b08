#include "database/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

// `struct rows` is PGresult under a name of ours, so that features can hold one without knowing libpq.
static const PGresult *result_of(const struct rows *rows)
{
    return (const PGresult *)rows;
}

struct rows *rows_of_result(PGresult *result)
{
    return (struct rows *)result;
}

int rows_count(const struct rows *rows)
{
    return PQntuples(result_of(rows));
}

int rows_columns(const struct rows *rows)
{
    return PQnfields(result_of(rows));
}

const char *rows_text(const struct rows *rows, int row, int column)
{
    if (PQgetisnull(result_of(rows), row, column))
        return NULL;
    return PQgetvalue(result_of(rows), row, column);
}

size_t rows_length(const struct rows *rows, int row, int column)
{
    return (size_t)PQgetlength(result_of(rows), row, column);
}

long long rows_number(const struct rows *rows, int row, int column)
{
    const char *text = rows_text(rows, row, column);
    return text ? strtoll(text, NULL, 10) : 0;
}

bool rows_true(const struct rows *rows, int row, int column)
{
    const char *text = rows_text(rows, row, column);
    return text && text[0] == 't';
}

void rows_free(struct rows *rows)
{
    PQclear((PGresult *)rows);
}

struct failure failure_away(void)
{
    return (struct failure){.kind = FAILURE_AWAY};
}

struct failure failure_of_result(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return (struct failure){.kind = FAILURE_NONE};
    struct failure failure = {.kind = FAILURE_SQL};
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    snprintf(failure.sqlstate, sizeof failure.sqlstate, "%s", sqlstate ? sqlstate : "");
    snprintf(failure.constraint, sizeof failure.constraint, "%s", constraint ? constraint : "");
    if (strcmp(failure.sqlstate, "40001") == 0 || strcmp(failure.sqlstate, "40P01") == 0)
        failure.kind = FAILURE_AGAIN;
    // Class 08: connection; 57P01…57P03: the server is stopping or starting. No SQLSTATE: libpq lost the server.
    if (!failure.sqlstate[0] || strncmp(failure.sqlstate, "08", 2) == 0 || strncmp(failure.sqlstate, "57P", 3) == 0)
        failure.kind = FAILURE_AWAY;
    return failure;
}

void connect_parameters_fill(struct connect_parameters *parameters, const struct connect_options *options)
{
    // A blank inside a startup option is written with a backslash.
    char clock[80] = "";
    if (options->now)
        snprintf(clock, sizeof clock, " -c thidua.now=%.40s", options->now);
    snprintf(parameters->session_options, sizeof parameters->session_options,
             "-c statement_timeout=%d -c timezone=Asia/Ho_Chi_Minh -c client_min_messages=error -c jit=off -c "
             "idle_in_transaction_session_timeout=60000%s",
             options->statement_timeout_ms, clock);
    const char *const pairs[][2] = {
        {"dbname", options->url},
        {"application_name", options->application_name},
        {"connect_timeout", "3"},
        // A network that swallows packets is noticed in seconds, not in the kernel's quarter of an hour.
        {"keepalives_idle", "5"},
        {"tcp_user_timeout", "10000"},
        {"client_encoding", "UTF8"},
        {"options", parameters->session_options},
    };
    size_t count = sizeof pairs / sizeof *pairs;
    for (size_t i = 0; i < count; i++) {
        parameters->keywords[i] = pairs[i][0];
        parameters->values[i] = pairs[i][1];
    }
    parameters->keywords[count] = parameters->values[count] = NULL;
}

static void ignore(void *context, const PGresult *notice)
{
    (void)context, (void)notice;
}

void connection_hush(PGconn *connection)
{
    PQsetNoticeReceiver(connection, ignore, NULL);
}

int backoff_ms(unsigned attempt)
{
    unsigned longest = attempt > 5 ? 5000 : 100U << attempt;
    if (longest > 5000)
        longest = 5000;
    unsigned drawn = 0;
    if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn)
        drawn = 0;
    return (int)(longest / 2 + drawn % (longest / 2));
}
