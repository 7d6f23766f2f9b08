// `thidua evaluate`: the criteria engine on a round from the command line, stored as the interface stores it.
#include "evaluations/evaluate.h"
#include "app/command/command.h"
#include "app/command/place.h"
#include "campaigns/campaigns.sql.h"
#include "database/session.h"
#include "evaluations/stored/stored.h"
#include "handler/lanes/alone.h"
#include "handler/run.h"
#include "rounds/round.h"
#include "thidua/verdict_pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct work {
    struct evaluation_order order;
    struct evaluation evaluation;
    bool json;
    char as_of[INSTANT_TEXT_SIZE];
};

// The engine gets the instant as it was read here, not the words of the caller.
static void read_as_of(struct work *work)
{
    int64_t instant;
    const char *as_of = work->order.as_of;
    if (!as_of || !instant_parse(as_of, strlen(as_of), &instant)) // the table of commands has refused what is none
        return;
    instant_format(instant, work->as_of);
    work->order.as_of = work->as_of;
}

static void print_problem(struct request *request)
{
    const struct problem *problem = &request->problem;
    const char *clause = problem->clause;
    fprintf(stderr, "thidua evaluate: %s%s%s%s%s", problem_type(problem->kind), problem->detail ? ": " : "",
            problem->detail ? problem->detail : "", clause ? ", clause " : "", clause ? clause : "");
    for (size_t i = 0; i < problem->violations_count; i++)
        fprintf(stderr, ": %s: %s", problem->violations[i].code, problem->violations[i].detail);
    fputc('\n', stderr);
}

// Every unit on a line: what came out, and of each criterion that does not simply hold, what stands in the way.
static void print_verdict(const struct stored_evaluation *evaluation, const struct stored_verdict *stored,
                          const char *label)
{
    struct arena arena = {0};
    struct verdict verdict;
    const struct rule_set *rules = evaluation->rules->document.rules;
    printf("%-10s  %s", stored->overall, label);
    if (stored->results_length >= RESULTS_HEAD &&
        verdict_unpack(&arena, rules, stored->unit_id, stored->results + RESULTS_HEAD,
                       stored->results_length - RESULTS_HEAD, &verdict))
        for (size_t i = 0; i < rules->source->criterion_count; i++)
            if (verdict.criteria[i].outcome != OUTCOME_PASS)
                printf("  %s %s", rules->source->criteria[i].clause,
                       criterion_outcome_name(verdict.criteria[i].outcome));
    putchar('\n');
    arena_release(&arena);
}

static bool print_table(struct request *request, struct session *session, void *context)
{
    const struct work *work = context;
    struct stored_evaluation evaluation;
    struct stored_verdict stored;
    const struct verdict_labels *labels;
    size_t count, row = 0;
    enum stored_step step;
    if (!stored_open(request, session, work->evaluation.id, &evaluation) ||
        !verdict_labels(request, session, evaluation.id, evaluation.campaign, evaluation.year, &labels, &count))
        return false;
    while ((step = stored_next(&evaluation, &stored)) == STORED_VERDICT)
        print_verdict(&evaluation, &stored, row < count ? labels[row++].label : stored.unit_id);
    stored_close(&evaluation);
    printf("%zu contestants, evaluation %s, input %s, result %s\n", work->evaluation.count, work->evaluation.id,
           evaluation.input_hash, evaluation.result_hash);
    return step == STORED_END;
}

static bool print_json(struct request *request, struct session *session, void *context)
{
    const struct work *work = context;
    struct stored_evaluation evaluation;
    struct stored_verdict stored;
    const struct verdict_labels *labels;
    size_t count, row = 0;
    enum stored_step step;
    const char *text = "", *between = "";
    if (!stored_open(request, session, work->evaluation.id, &evaluation) ||
        !verdict_labels(request, session, evaluation.id, evaluation.campaign, evaluation.year, &labels, &count))
        return false;
    struct citation_table cited = {.arena = &request->arena}; // each once, as in the interface
    printf("{\"evaluation\":%s,\"verdicts\":[", work->evaluation.json);
    while (text && (step = stored_next(&evaluation, &stored)) == STORED_VERDICT) {
        struct arena arena = {0};
        if ((text = stored_text(&evaluation, &arena, &stored, AUDIENCE_RESTRICTED, &cited)) && row < count)
            printf("%s\n{\"unit_label\":%s,%s", between, labels[row++].json, text + 1);
        between = ",";
        arena_release(&arena);
    }
    stored_close(&evaluation);
    printf("],\"citations\":%s}\n", citations_to_text(&cited, NULL));
    return text && step == STORED_END;
}

// Where there is no such campaign, the engine says so.
static bool group_is_known(struct request *request, struct session *session, const struct evaluation_order *order)
{
    struct plan_groups groups;
    return !order->group || (plan_groups(request, session, order->campaign, &groups) &&
                             (!groups.shown || group_known(request, &groups, order->group, "--group")));
}

// As the lookup of a path says it to callers of the interface.
static void name_what_is_missing(struct request *request, const struct evaluation_order *order)
{
    struct problem *problem = &request->problem;
    if (problem->kind == PROBLEM_NOT_FOUND && !problem->detail)
        problem->detail = arena_format(&request->arena,
                                       "there is no round of %s for --campaign %s: `thidua load` makes those of a plan",
                                       order->year, order->campaign);
}

static bool judge_round(struct request *request, struct session *session, void *context)
{
    struct work *work = context;
    bool done = group_is_known(request, session, &work->order) &&
                round_admits(request, session, ROUND_EVALUATION, work->order.campaign, work->order.year) &&
                evaluate(request, session, &work->order, &work->evaluation) &&
                record(request, session, work->evaluation.event);
    name_what_is_missing(request, &work->order);
    return done;
}

static int work_in(struct session *session, struct work *work)
{
    struct request request;
    request_begin_alone(&request, "command", "thidua evaluate", ROLE_HOME_AFFAIRS);
    bool done = run_alone(&request, session, judge_round, work) &&
                run_alone(&request, session, work->json ? print_json : print_table, work);
    if (!done)
        print_problem(&request);
    request_end_alone(&request);
    return done ? 0 : 1;
}

// Before anything is begun, so that a database of another program is named in one line.
static bool has_our_tables(struct session *session, const char *campaign)
{
    struct failure failure;
    struct rows *rows = campaign_get_run(session, campaign, &failure);
    rows_free(rows);
    return rows != NULL;
}

int command_evaluate(const struct arguments *arguments)
{
    struct work work = {
        .order = {.campaign = argument(arguments, "--campaign"),
                  .year = argument(arguments, "--year"),
                  .group = argument(arguments, "--group"),
                  .as_of = argument(arguments, "--as-of"),
                  .facts_untouched = true},
        .json = argument_given(arguments, "--json"),
    };
    read_as_of(&work);
    struct place place;
    int status = 1;
    if (!place_open(&place, PLACE_FOR_COMMAND))
        return 1;
    struct session *session = place_connect(&place, place.url, "thidua evaluate");
    if (session && has_our_tables(session, work.order.campaign))
        status = work_in(session, &work);
    else if (session)
        fprintf(stderr, "thidua evaluate: %s\n", session_message(session));
    session_free(session);
    place_close(&place);
    return status;
}
