#include "handler/lanes/transaction.h"

#include "base/poller.h"
#include "database/session.h"
#include "handler/constraints.h"

#include <time.h>

enum { ATTEMPTS_MAX = 3 };

static const struct statement frame = {.name = "transaction"}; // names what is no statement of a handler in the log

static bool run_script(struct request *request, struct session *session, const char *sql)
{
    struct failure failure;
    return session_script(session, sql, &failure) || refuse_failure(request, &frame, &failure);
}

static bool commit(struct request *request, struct session *session)
{
    struct failure failure;
    return session_commit(session, &failure) || refuse_failure(request, &frame, &failure);
}

bool check_deferred_constraints(struct request *request, struct session *session)
{
    return run_script(request, session, "SET CONSTRAINTS ALL IMMEDIATE");
}

static bool attempt(struct request *request, struct session *session, enum transaction_mode mode,
                    enum transaction_end (*fill)(struct request *, struct session *, void *), void *context)
{
    static const struct statement begin[] = {
        [TRANSACTION_PLAIN] = {.name = "transaction_begin", .sql = "BEGIN"},
        [TRANSACTION_ONE_STATE] = {.name = "transaction_begin_one_state",
                                   .sql = "BEGIN ISOLATION LEVEL REPEATABLE READ"},
        [TRANSACTION_READ_ONLY] = {.name = "transaction_begin_read_only",
                                   .sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}};
    session_begin(session, &begin[mode], mode != TRANSACTION_READ_ONLY);
    enum transaction_end end = fill(request, session, context);
    bool committed = end == TRANSACTION_COMMITS && commit(request, session);
    if (!committed)
        session_rollback(session);
    return committed || end == TRANSACTION_ROLLS_BACK;
}

void transaction_forget(struct request *request, struct arena_mark mark, const struct deferred *kept)
{
    release_deferred(request, kept);
    arena_rewind(&request->arena, mark);
    request->problem = (struct problem){0};
    request->json = NULL;
    request->body_json = NULL;
    request->rows_view = NULL;
    request->clauses = NULL;
    request->plan_at_hand = false;
    request->retry = false;
    request->guards = NULL;
    request->on_commit = NULL;
}

// A short random pause, so that two transactions that met do not meet again.
static void pause_before(int attempts)
{
    nanosleep(&(struct timespec){.tv_nsec = attempts * 3000000L + (monotonic_ns() & 0x3fffff)}, NULL);
}

bool transaction_run(struct request *request, struct session *session, enum transaction_mode mode,
                     enum transaction_end (*fill)(struct request *request, struct session *session, void *context),
                     void *context)
{
    struct arena_mark mark = arena_mark(&request->arena);
    const struct deferred *kept = request->deferred;
    for (int attempts = 1;; attempts++) {
        if (attempt(request, session, mode, fill, context))
            return true;
        if (!request->retry || attempts == ATTEMPTS_MAX)
            return false;
        transaction_forget(request, mark, kept);
        if (!request->key_known)
            pause_before(attempts);
    }
}
