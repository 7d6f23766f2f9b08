#include "database/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

size_t rows_bytes(const struct rows *rows)
{
    return PQresultMemorySize((const PGresult *)rows);
}

void rows_free(struct rows *rows)
{
    PQclear((PGresult *)rows);
}

struct failure failure_away(void)
{
    return (struct failure){.kind = FAILURE_AWAY};
}

bool is_read_only(const char *sqlstate)
{
    return strcmp(sqlstate, "25006") == 0; // read_only_sql_transaction
}

// An index that is built anew, as by REINDEX CONCURRENTLY, has a copy beside it for a while, which refuses by a name of
// its own: NAME_ccnew or NAME_ccold, or that with a number.
static size_t length_without_copy(const char *constraint)
{
    const char *mark = strstr(constraint, "_ccnew");
    mark = mark ? mark : strstr(constraint, "_ccold");
    return mark ? (size_t)(mark - constraint) : strlen(constraint);
}

static void take_constraint(struct failure *failure, const char *constraint)
{
    snprintf(failure->constraint, sizeof failure->constraint, "%.*s", (int)length_without_copy(constraint), constraint);
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
    take_constraint(&failure, constraint ? constraint : "");
    if (strcmp(failure.sqlstate, "40001") == 0 || strcmp(failure.sqlstate, "40P01") == 0)
        failure.kind = FAILURE_AGAIN;
    // Class 08: connection; 57P01…57P03: the server is stopping or starting. No SQLSTATE: libpq lost the server.
    if (!failure.sqlstate[0] || is_read_only(failure.sqlstate) || strncmp(failure.sqlstate, "08", 2) == 0 ||
        strncmp(failure.sqlstate, "57P", 3) == 0)
        failure.kind = FAILURE_AWAY;
    return failure;
}
