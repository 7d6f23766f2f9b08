#include "handler/run_statement.h"

#include "handler/constraints.h"

static void release_rows(void *rows)
{
    rows_free(rows);
}

void defer_rows(struct request *request, struct rows *rows)
{
    defer(request, release_rows, rows);
}

static bool take_rows(struct request *request, struct rows *rows, struct rows **ret_rows)
{
    if (!ret_rows) {
        rows_free(rows);
        return true;
    }
    defer_rows(request, rows);
    *ret_rows = rows;
    return true;
}

bool run_statement(struct request *request, struct session *session, const struct statement *statement,
                   const char *const values[], struct rows **ret_rows)
{
    struct failure failure;
    struct rows *rows = session_run(session, statement, values, &failure);
    return rows ? take_rows(request, rows, ret_rows) : refuse_failure(request, statement, &failure);
}

bool run_statement_bytes(struct request *request, struct session *session, const struct statement *statement,
                         const char *const values[], const char *bytes, size_t size, struct rows **ret_rows)
{
    struct failure failure;
    struct rows *rows = session_run_bytes(session, statement, values, bytes, size, &failure);
    return rows ? take_rows(request, rows, ret_rows) : refuse_failure(request, statement, &failure);
}

bool send_statement(struct request *request, struct session *session, const struct statement *statement,
                    const char *const values[])
{
    struct failure failure;
    return session_send(session, statement, values, &failure) || refuse_failure(request, statement, &failure);
}

bool send_statement_bytes(struct request *request, struct session *session, const struct statement *statement,
                          const char *const values[], const char *bytes, size_t size)
{
    struct failure failure;
    return session_send_bytes(session, statement, values, bytes, size, &failure) ||
           refuse_failure(request, statement, &failure);
}

bool require_row(struct request *request, const struct rows *rows)
{
    return rows_count(rows) > 0 || refuse(request, PROBLEM_NOT_FOUND, NULL);
}
