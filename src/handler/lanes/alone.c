#include "handler/lanes/alone.h"

#include "handler/lanes/transaction.h"

#include <stdio.h>

struct deed {
    bool (*act)(struct request *request, struct session *session, void *context);
    void *context;
};

void request_begin_alone(struct request *request, const char *id, const char *actor, unsigned roles)
{
    *request = (struct request){.language = ENGLISH, .method = "POST", .spool = {.file = {.descriptor = -1}}};
    request->caller.known = true;
    request->caller.roles = roles;
    snprintf(request->id, sizeof request->id, "%s", id);
    snprintf(request->caller.name, sizeof request->caller.name, "%s", actor);
}

void request_end_alone(struct request *request)
{
    release_deferred(request, NULL);
    arena_release(&request->arena);
}

static enum transaction_end fill_alone(struct request *request, struct session *session, void *context)
{
    const struct deed *deed = context;
    return deed->act(request, session, deed->context) ? TRANSACTION_COMMITS : TRANSACTION_FAILS;
}

bool run_alone(struct request *request, struct session *session,
               bool (*act)(struct request *request, struct session *session, void *context), void *context)
{
    request->retry = false;
    request->problem = (struct problem){0};
    return transaction_run(request, session, TRANSACTION_ONE_STATE, fill_alone, &(struct deed){act, context});
}
