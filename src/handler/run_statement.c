#include "handler/run_statement.h"

#include "base/pure/budget.h"
#include "handler/constraints.h"
#include "http/route.h"

static void release_rows(void *rows)
{
    budget_give(rows_bytes(rows));
    rows_free(rows);
}

void defer_rows(struct request *request, struct rows *rows)
{
    budget_take(rows_bytes(rows));
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

// Asked, and not judged yet. Its place is in the arena, which outlives the flight.
struct guard {
    struct guard *next;
    const struct statement *statement;
    bool (*judge)(struct request *request, const struct rows *rows);
    struct rows *rows;
};

static void release_guard(void *context)
{
    struct guard *guard = context;
    rows_free(guard->rows);
}

// Of those that were answered, in the order in which they were asked. Stops at the first refusal, which stands in place
// of what the handler refuses meanwhile, and at one that has no answer: then its failure is told.
static bool judge_guards(struct request *request)
{
    struct problem own = request->problem;
    while (request->guards && request->guards->rows) {
        struct guard *guard = request->guards;
        request->guards = guard->next;
        request->problem = (struct problem){0};
        if (!guard->judge(request, guard->rows))
            return false;
    }
    request->problem = own;
    return true;
}

static bool take_answer(struct request *request, const struct statement *statement, struct rows *rows,
                        const struct failure *failure, struct rows **ret_rows)
{
    if (judge_guards(request))
        return rows ? take_rows(request, rows, ret_rows) : refuse_failure(request, statement, failure);
    rows_free(rows);
    return false;
}

bool run_statement(struct request *request, struct session *session, const struct statement *statement,
                   const char *const values[], struct rows **ret_rows)
{
    struct failure failure;
    struct rows *rows = session_run(session, statement, values, &failure);
    return take_answer(request, statement, rows, &failure, ret_rows);
}

bool run_statement_bytes(struct request *request, struct session *session, const struct statement *statement,
                         const char *const values[], const char *bytes, size_t size, struct rows **ret_rows)
{
    struct failure failure;
    struct rows *rows = session_run_bytes(session, statement, values, bytes, size, &failure);
    return take_answer(request, statement, rows, &failure, ret_rows);
}

static bool await_guard(struct request *request, struct session *session, const struct statement *statement,
                        const char *const values[], bool (*judge)(struct request *request, const struct rows *rows))
{
    struct rows *rows = NULL;
    return run_statement(request, session, statement, values, &rows) && judge(request, rows);
}

bool run_guard(struct request *request, struct session *session, const struct statement *statement,
               const char *const values[], bool (*judge)(struct request *request, const struct rows *rows))
{
    // Long work does more meanwhile than its transaction undoes, and a list tells which of its items is refused.
    if (!request->route || request->route->lane != LANE_WRITE)
        return await_guard(request, session, statement, values, judge);
    struct failure failure;
    struct guard *guard = arena_new(&request->arena, struct guard), **last = &request->guards;
    *guard = (struct guard){.statement = statement, .judge = judge};
    defer(request, release_guard, guard);
    while (*last)
        last = &(*last)->next;
    *last = guard;
    return session_ask(session, statement, values, &guard->rows, &failure) ||
           (judge_guards(request) && refuse_failure(request, statement, &failure));
}

bool guards_kept(struct request *request, struct session *session)
{
    if (!request->guards)
        return true;
    struct failure failure;
    const struct statement *first = request->guards->statement;
    bool settled = session_settle(session, &failure);
    if (!judge_guards(request))
        return false;
    if (!settled) {
        request->problem = (struct problem){0};
        return refuse_failure(request, first, &failure);
    }
    return !request->guards || refuse(request, PROBLEM_INTERNAL, NULL); // unanswered: what failed is told already
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
