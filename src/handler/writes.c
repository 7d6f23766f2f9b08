// Writes: one transaction on a worker; and computed reads, which run the same way in a transaction that cannot write.
// Nothing is answered before the commit, so a transaction that failed only for being concurrent (40001, 40P01) is run
// again.
#include "base/log.h"
#include "database/changes.h"
#include "database/session.h"
#include "facts/packer.h"
#include "handler/constraints.h"
#include "handler/idempotency.h"
#include "handler/work.h"
#include "http/route.h"
#include "http/server.h"
#include "journal/sealer.h"

#include <time.h>

enum { ATTEMPTS_MAX = 3, QUEUE_SECONDS = 5 };

struct writing {
    struct job job;
    struct request *request;
    struct reply (*act)(struct request *request, struct session *session);
    bool only_reads;
    bool journalled;
};

void work_journalled(struct request *request)
{
    struct writing *writing = request->service;
    if (writing)
        writing->journalled = true;
}

static const struct statement frame = {.name = "transaction"};

static bool only_reads(const struct request *request)
{
    return ((const struct writing *)request->service)->only_reads;
}

static bool begin(struct request *request, struct session *session)
{
    struct failure failure;
    const char *how = only_reads(request)         ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                      : request->route->one_state ? "BEGIN ISOLATION LEVEL REPEATABLE READ"
                                                  : "BEGIN";
    return session_script(session, how, &failure) || refuse_failure(request, &frame, &failure);
}

static bool commit(struct request *request, struct session *session)
{
    struct failure failure;
    return session_commit(session, &failure) || refuse_failure(request, &frame, &failure);
}

// A handler that changed something but told the journal nothing is a fault of ours: nothing may be kept of it.
static bool is_journalled(struct writing *writing)
{
    if (writing->journalled)
        return true;
    log_event(LOG_ERROR, "write_without_journal", log_text("route", writing->request->route->path));
    return refuse(writing->request, PROBLEM_INTERNAL, NULL);
}

// What is checked only at commit is checked now, for then everything is rolled back. What would have been made is not
// there: no address and no validator of it is given.
static bool rehearsed(struct request *request, struct session *session, struct reply *reply)
{
    struct failure failure;
    if (!session_script(session, "SET CONSTRAINTS ALL IMMEDIATE", &failure))
        return refuse_failure(request, &frame, &failure);
    reply->location = NULL;
    reply->etag = NULL;
    reply->cache_control = "no-store";
    return true;
}

static bool kept(struct writing *writing, struct session *session, const struct reply *reply)
{
    return is_journalled(writing) && idempotency_keep(writing->request, session, reply) &&
           commit(writing->request, session);
}

static struct reply attempt(struct writing *writing, struct session *session)
{
    struct request *request = writing->request;
    struct failure ignored;
    writing->journalled = false;
    if (!begin(request, session))
        return refusal(request);
    struct reply reply = {0};
    enum idempotency sent = only_reads(request) ? IDEMPOTENCY_NEW : idempotency_claim(request, session, &reply);
    if (sent == IDEMPOTENCY_NEW)
        reply = writing->act(request, session);
    bool good = sent != IDEMPOTENCY_REFUSED && reply.status < 400 && request->problem.kind == PROBLEM_NONE;
    bool done = good && (sent == IDEMPOTENCY_ANSWERED || only_reads(request) ||
                         (request->rehearsal && rehearsed(request, session, &reply)) ||
                         (!request->rehearsal && kept(writing, session, &reply)));
    // After a commit there is nothing left to roll back.
    if (!done || sent == IDEMPOTENCY_ANSWERED || only_reads(request) || request->rehearsal)
        session_script(session, "ROLLBACK", &ignored);
    return done ? reply : refusal(request);
}

static void undo(struct request *request, struct arena_mark mark, struct deferred *kept)
{
    for (; request->deferred != kept; request->deferred = request->deferred->next)
        request->deferred->release(request->deferred->thing);
    arena_rewind(&request->arena, mark);
    request->problem = (struct problem){0};
    request->json = NULL;
    request->body_json = NULL;
    request->again = false;
    request->then = NULL;
}

static struct reply write_with_retries(struct writing *writing, struct session *session)
{
    struct request *request = writing->request;
    struct arena_mark mark = arena_mark(&request->arena);
    struct deferred *kept = request->deferred;
    for (int attempts = 1;; attempts++) {
        struct reply reply = attempt(writing, session);
        if (!request->again || attempts == ATTEMPTS_MAX)
            return reply;
        undo(request, mark, kept);
        nanosleep(&(struct timespec){.tv_nsec = attempts * 3000000L + (monotonic_ns() & 0x3fffff)}, NULL);
    }
}

static void write_run(struct job *job, struct session *session)
{
    struct writing *writing = (struct writing *)job;
    struct request *request = writing->request;
    struct reply reply;
    if (session) {
        reply = write_with_retries(writing, session);
    } else {
        refuse_busy(request);
        reply = refusal(request);
    }
    if (reply.status < 400 && !only_reads(request) && !request->rehearsal) {
        changes_note(CHANGE_DATA);
        if (request->route->changes_keys)
            changes_note(CHANGE_KEYS);
        sealer_wake();
        packer_wake();
        if (request->then)
            request->then(request->then_context);
    }
    request_finish(request, reply);
}

static void start(struct request *request, struct pool *pool, struct writing first)
{
    struct writing *writing = arena_new(&request->arena, struct writing);
    *writing = first;
    writing->request = request;
    writing->job.run = write_run;
    writing->job.heavy = request->route->lane == LANE_HEAVY || writing->only_reads;
    writing->job.deadline = monotonic_ns() + (int64_t)QUEUE_SECONDS * 1000000000;
    request->service = writing;
    if (pool_submit(pool, &writing->job))
        return;
    refuse_busy(request);
    request_answer(request, refusal(request));
}

void write_start(struct request *request, struct pool *pool)
{
    const struct route *route = request->route;
    start(request, pool, (struct writing){.act = route->act, .only_reads = route->lane == LANE_COMPUTE});
}

void compute_start(struct request *request, struct pool *pool,
                   struct reply (*act)(struct request *request, struct session *session))
{
    start(request, pool, (struct writing){.act = act, .only_reads = true});
}
