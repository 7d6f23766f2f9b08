#include "handler/lanes/forget.h"

#include "base/chore.h"
#include "handler/idempotency.sql.h"

enum {
    REST_MS = 10000,
    AT_ONCE = 1000, // rows in one transaction: nobody waits for a long one
};

static struct {
    struct chore chore;
    struct session_options options;
    struct session *session;
} forgetting = {.chore = CHORE_INITIALIZER};

// Whether there is more of it.
static bool forget_answers(void)
{
    struct failure failure;
    struct rows *rows =
        session_connect(forgetting.session) ? idempotency_forget_run(forgetting.session, AT_ONCE, &failure) : NULL;
    bool more = rows && rows_count(rows) == AT_ONCE;
    rows_free(rows);
    return more;
}

static void *forget_regularly(void *argument)
{
    (void)argument;
    for (bool stopping = false, more = false; !stopping; stopping = chore_rest(&forgetting.chore, more ? 0 : REST_MS))
        more = forget_answers();
    return NULL;
}

bool forget_start(const struct session_options *options)
{
    forgetting.options = *options;
    forgetting.session = session_new(&forgetting.options);
    return forgetting.session && chore_start(&forgetting.chore, forget_regularly);
}

void forget_stop(void)
{
    chore_stop(&forgetting.chore);
    session_free(forgetting.session);
}
