// Writes: one transaction on a worker; and computed reads, which run the same way in a transaction that cannot write.
// Nothing is answered before the commit, so that a transaction can run again (handler/lanes/transaction.h).
#include "base/container_of.h"
#include "base/log.h"
#include "base/poller.h"
#include "base/pure/budget.h"
#include "database/changes.h"
#include "handler/duty.h"
#include "handler/idempotency.h"
#include "handler/lanes/lighten.h"
#include "handler/lanes/missing.h"
#include "handler/lanes/setup.h"
#include "handler/lanes/transaction.h"
#include "handler/lanes/work.h"
#include "handler/run.h"
#include "handler/run_statement.h"
#include "http/route.h"

#include <malloc.h>

enum {
    QUEUE_SECONDS = 5,
    HELD_BYTES = 1024 * 1024,      // what a request may hold for as long as its answer is on the way
    TRIM_BYTES = 16 * 1024 * 1024, // a request that took more gives its memory back to the system
};

struct writing {
    struct job job;
    struct request *request;
    struct reply (*act)(struct request *request, struct session *session);
    struct reply reply;
    bool only_reads;
};

// A handler that changed something and told the journal nothing is a fault of ours: nothing of it may be kept.
static bool is_journalled(struct request *request)
{
    if (request->journalled)
        return true;
    log_event(LOG_ERROR, "write_without_journal", log_text("route", request->route->path));
    return refuse(request, PROBLEM_INTERNAL, NULL);
}

// What a dry run would have made is not there: the answer gives no address and no validator of it.
static enum transaction_end end_dry_run(struct request *request, struct session *session, struct reply *reply)
{
    if (!check_deferred_constraints(request, session))
        return TRANSACTION_FAILS;
    reply->location = NULL;
    reply->etag = NULL;
    reply->cache_control = "no-store";
    return TRANSACTION_ROLLS_BACK;
}

static enum transaction_end end_write(struct request *request, struct session *session, const struct reply *reply)
{
    return is_journalled(request) && idempotency_keep(request, session, reply) && caller_holds(request, session)
               ? TRANSACTION_COMMITS
               : TRANSACTION_FAILS;
}

static enum transaction_end fill_write(struct request *request, struct session *session, void *context)
{
    struct writing *writing = context;
    request->journalled = false;
    request->changed[0] = '\0';
    switch (writing->only_reads ? IDEMPOTENCY_NEW : idempotency_claim(request, session, &writing->reply)) {
    case IDEMPOTENCY_REFUSED:
        return TRANSACTION_FAILS;
    case IDEMPOTENCY_ANSWERED:
        return TRANSACTION_COMMITS;
    case IDEMPOTENCY_NEW:
    default:
        break;
    }
    bool may = writing->only_reads || route_duty_kept(request, session);
    if (may)
        writing->reply = writing->act(request, session);
    // What is said of a known key goes before what is wrong with the request.
    if (!guards_kept(request, session) || !may)
        return TRANSACTION_FAILS;
    if (!within_budget(request) || writing->reply.status >= 400 || request->problem.kind != PROBLEM_NONE)
        return TRANSACTION_FAILS;
    if (writing->only_reads)
        return TRANSACTION_ROLLS_BACK;
    return request->dry_run ? end_dry_run(request, session, &writing->reply)
                            : end_write(request, session, &writing->reply);
}

static void tell_of_commit(struct request *request)
{
    changes_note_of(request->changed);
    if (request->route->changes_keys)
        changes_note(CHANGE_KEYS);
    if (request->on_commit)
        request->on_commit(request->on_commit_context);
}

// Memory is bounded for all work, time for long work: a short write has statements of a limited length only.
static struct budget budget_of(const struct request *request, const struct job *job)
{
    const struct handler_options *options = handler_options();
    return (struct budget){
        .most = (int64_t)options->request_mib * 1024 * 1024,
        .deadline = job->heavy ? monotonic_ns() + (int64_t)options->work_seconds * 1000000000 : INT64_MAX,
        .clock = monotonic_ns,
        .held = (int64_t)request->arena.total,
    };
}

static void write_run(struct job *job, struct session *session)
{
    struct writing *writing = container_of(job, struct writing, job);
    struct request *request = writing->request;
    enum transaction_mode mode = writing->only_reads         ? TRANSACTION_READ_ONLY
                                 : request->route->one_state ? TRANSACTION_ONE_STATE
                                                             : TRANSACTION_PLAIN;
    request->begun = monotonic_ns();
    struct arena_mark mark = arena_mark(&request->arena);
    const struct deferred *kept = request->deferred;
    struct budget budget = budget_of(request, job);
    budget_use(&budget);
    bool done = session && transaction_run(request, session, mode, fill_write, writing);
    budget_use(NULL);
    if (!session)
        refuse_busy(request);
    if (done && !writing->only_reads && !request->dry_run && !writing->reply.replayed)
        tell_of_commit(request);
    if (!done)
        missing_tell(request, session);
    struct reply reply = done ? writing->reply : refusal(request);
    if (budget.held > HELD_BYTES)
        reply = lighten(request, reply, mark, kept);
    if (budget.held_most > TRIM_BYTES)
        malloc_trim(0);
    request_finish(request, reply);
}

static void start_write(struct request *request, struct writing first)
{
    struct writing *writing = arena_new(&request->arena, struct writing);
    *writing = first;
    writing->request = request;
    writing->job.run = write_run;
    writing->job.heavy = request->route->lane == LANE_HEAVY || writing->only_reads;
    writing->job.brief = request->route->brief;
    writing->job.owner = request->caller.known ? request->caller.key_id : NULL;
    request->queued = monotonic_ns();
    writing->job.deadline = request->queued + (int64_t)QUEUE_SECONDS * 1000000000;
    if (pool_submit(handler_options()->pool, &writing->job))
        return;
    refuse_busy(request);
    request_answer(request, refusal(request));
}

void write_start(struct request *request)
{
    const struct route *route = request->route;
    start_write(request, (struct writing){.act = route->act, .only_reads = route->lane == LANE_COMPUTE});
}

void compute_start(struct request *request, struct reply (*act)(struct request *request, struct session *session))
{
    start_write(request, (struct writing){.act = act, .only_reads = true});
}
