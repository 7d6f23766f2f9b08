#include "evaluations/background.h"

#include "base/container_of.h"
#include "base/log.h"
#include "base/poller.h"
#include "database/changes.h"
#include "database/session.h"
#include "evaluations/evaluations.sql.h"
#include "handler/lanes/alone.h"
#include "handler/lanes/setup.h"
#include "handler/run.h"
#include "rounds/round.h"

#include <stdlib.h>

enum { BEAT_MS = 1000 }; // well inside the lease of evaluation_state()

struct background {
    struct job job;
    struct request request; // its own, with all that the order points to
    struct evaluation_order order;
    struct evaluation evaluation;
    struct session *beat; // progress is told on a connection of its own: the evaluation's transaction shows nothing yet
    int64_t beaten;       // monotonic_ns
};

static void report_progress(void *context, size_t done)
{
    struct background *background = context;
    struct failure ignored;
    int64_t now = monotonic_ns();
    if (now - background->beaten < BEAT_MS * 1000000LL || !background->beat || !session_connect(background->beat))
        return;
    background->beaten = now;
    rows_free(evaluation_beat_run(background->beat, background->order.id, (long long)done, &ignored));
}

static bool evaluate_in_background(struct request *request, struct session *session, void *context)
{
    struct background *background = context;
    const struct evaluation_order *order = &background->order;
    return round_admits(request, session, ROUND_EVALUATION, order->campaign, order->year) &&
           evaluate(request, session, order, &background->evaluation) &&
           record(request, session, background->evaluation.event) && caller_holds(request, session);
}

static bool give_up(struct request *request, struct session *session, void *context)
{
    struct background *background = context;
    const struct evaluation_order *order = &background->order;
    struct evaluation_fail failed;
    return evaluation_fail(request, session, order->id, background->request.id, &failed) &&
           record(request, session,
                  (struct event){.type = "evaluation.failed",
                                 .resource = arena_format(&request->arena, "/v1/evaluations/%s", order->id),
                                 .campaign = order->campaign,
                                 .year = order->year,
                                 .after = failed.json});
}

static void end(struct background *background)
{
    session_free(background->beat);
    request_end_alone(&background->request);
    free(background);
}

// Without a session nothing can be written: the evaluation then shows as ABANDONED when its lease is over.
static void run_background_job(struct job *job, struct session *session)
{
    struct background *background = container_of(job, struct background, job);
    struct request *request = &background->request;
    if (session) {
        background->beat = session_new(&handler_options()->session);
        report_progress(background, 0);
        bool done = run_alone(request, session, evaluate_in_background, background);
        if (!done) {
            log_event(LOG_ERROR, "evaluation_failed", log_text("evaluation", background->order.id),
                      log_text("problem", problem_type(request->problem.kind)));
            // What it failed of may be that its connection was lost.
            if (session_connect(session))
                run_alone(request, session, give_up, background);
        }
        changes_note_of(request->changed);
    }
    end(background);
}

static const char *copied(struct arena *arena, const char *text)
{
    return text ? arena_text(arena, text) : NULL;
}

static const char *const *copied_units(struct arena *arena, const struct evaluation_order *order)
{
    const char **units = order->units ? arena_array(arena, order->unit_count, sizeof *units) : NULL;
    for (size_t i = 0; units && i < order->unit_count; i++)
        units[i] = arena_text(arena, order->units[i]);
    return units;
}

static struct background *prepare_background(const struct request *request, const struct evaluation_order *order)
{
    struct background *background = calloc(1, sizeof *background);
    if (!background)
        abort();
    request_begin_alone(&background->request, request->id, request->caller.name, request->caller.roles);
    background->request.caller = request->caller;
    struct arena *arena = &background->request.arena;
    background->order = (struct evaluation_order){.id = copied(arena, order->id),
                                                  .campaign = copied(arena, order->campaign),
                                                  .year = copied(arena, order->year),
                                                  .as_of = copied(arena, order->as_of),
                                                  .group = copied(arena, order->group),
                                                  .units = copied_units(arena, order),
                                                  .unit_count = order->unit_count,
                                                  .facts_untouched = order->facts_untouched,
                                                  .progress = report_progress,
                                                  .context = background};
    background->job.run = run_background_job;
    background->job.heavy = true;
    background->job.owner = "background"; // nobody waits for it, so it takes no key's share
    background->job.deadline = INT64_MAX;
    return background;
}

// What the request asked for, in its own memory: a transaction that fails leaves nothing behind.
struct start {
    const struct request *request;
    struct evaluation_order order;
};

// The transaction that entered it is kept: the worker will find it.
static void submit_background(void *context)
{
    const struct start *start = context;
    struct background *background = prepare_background(start->request, &start->order);
    if (!pool_submit(handler_options()->pool, &background->job)) {
        log_event(LOG_ERROR, "evaluation_not_queued", log_text("evaluation", background->order.id));
        end(background);
    }
}

bool background_start(struct request *request, struct session *session, const struct evaluation_order *order,
                      struct evaluation *ret_evaluation)
{
    struct evaluation_entered entered;
    const char *id;
    struct start *start = arena_new(&request->arena, struct start);
    *start = (struct start){request, *order};
    if (!evaluation_enter(request, session, order, &id, &start->order.as_of) ||
        !evaluation_run(request, session, id, order->campaign, order->year) ||
        !evaluation_entered(request, session, id, &entered))
        return false;
    struct event event = {.type = "evaluation.started",
                          .resource = arena_format(&request->arena, "/v1/evaluations/%s", id),
                          .campaign = order->campaign,
                          .year = order->year,
                          .after = entered.listed};
    *ret_evaluation = (struct evaluation){.id = id, .json = entered.json, .event = event};
    start->order.id = id;
    request->on_commit = submit_background;
    request->on_commit_context = start;
    return true;
}
