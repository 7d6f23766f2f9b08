#include "handler/alone.h"

#include "database/session.h"
#include "handler/constraints.h"

#include <stdio.h>

enum { ATTEMPTS_MAX = 3 };

static const struct statement frame = {.name = "transaction"};

void request_begin_alone(struct request *request, const char *id, const char *actor, unsigned roles)
{
    *request = (struct request){.language = ENGLISH, .method = "POST", .spool = {.descriptor = -1}};
    request->caller.known = true;
    request->caller.roles = roles;
    snprintf(request->id, sizeof request->id, "%s", id);
    snprintf(request->caller.name, sizeof request->caller.name, "%s", actor);
}

void request_end_alone(struct request *request)
{
    for (struct deferred *deferred = request->deferred; deferred; deferred = deferred->next)
        deferred->release(deferred->thing);
    request->deferred = NULL;
    arena_release(&request->arena);
}

static bool attempt(struct request *request, struct session *session,
                    bool (*act)(struct request *, struct session *, void *), void *context)
{
    struct failure failure, ignored;
    if (!session_script(session, "BEGIN ISOLATION LEVEL REPEATABLE READ", &failure))
        return refuse_failure(request, &frame, &failure);
    if (!act(request, session, context)) {
        session_script(session, "ROLLBACK", &ignored);
        return false;
    }
    return session_commit(session, &failure) || refuse_failure(request, &frame, &failure);
}

bool run_alone(struct request *request, struct session *session,
               bool (*act)(struct request *request, struct session *session, void *context), void *context)
{
    for (int attempts = 1;; attempts++) {
        request->again = false;
        request->problem = (struct problem){0};
        if (attempt(request, session, act, context))
            return true;
        if (!request->again || attempts == ATTEMPTS_MAX)
            return false;
    }
}
