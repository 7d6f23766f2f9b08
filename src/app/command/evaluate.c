// `thidua evaluate`: the criteria engine on a round from the command line, stored as the interface stores it.
#include "evaluations/evaluate.h"
#include "app/command/command.h"
#include "database/session.h"
#include "evaluations/stored.h"
#include "handler/alone.h"
#include "handler/run.h"
#include "rounds/round.h"
#include "thidua/civil.h"
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

static int usage(const char *reason)
{
    fprintf(stderr,
            "thidua evaluate: %s\nUsage: thidua evaluate --campaign CODE --year YEAR [--group GROUP] [--as-of INSTANT] "
            "[--json]\n",
            reason);
    return 2;
}

// The engine gets the instant as it was read here, not the words of the caller.
static const char *read_as_of(struct work *work)
{
    int64_t instant;
    const char *as_of = work->order.as_of;
    if (!as_of)
        return NULL;
    if (!instant_parse(as_of, strlen(as_of), &instant) || !instant_is_kept(instant))
        return "--as-of must be an instant of the years 1945 to 9998, as 2025-03-05T08:00:00+07:00";
    instant_format(instant, work->as_of);
    work->order.as_of = work->as_of;
    return NULL;
}

static const char *read_options(int count, char *arguments[], struct work *work)
{
    for (int i = 0; i < count; i++) {
        const char *option = arguments[i], *value = i + 1 < count ? arguments[i + 1] : NULL;
        const char **place = strcmp(option, "--campaign") == 0 ? &work->order.campaign
                             : strcmp(option, "--year") == 0   ? &work->order.year
                             : strcmp(option, "--group") == 0  ? &work->order.group
                             : strcmp(option, "--as-of") == 0  ? &work->order.as_of
                                                               : NULL;
        if (strcmp(option, "--json") == 0) {
            work->json = true;
            continue;
        }
        if (!place)
            return "unknown option";
        if (!value)
            return "an option lacks its value";
        *place = value;
        i++;
    }
    if (!work->order.campaign || !work->order.year)
        return "--campaign and --year are needed";
    bool digits = strlen(work->order.year) == 4 && strspn(work->order.year, "0123456789") == 4;
    if (!digits)
        return "--year must be a year";
    return read_as_of(work);
}

static void print_problem(struct request *request)
{
    const struct problem *problem = &request->problem;
    const char *clause = clause_printed(request, problem->clause);
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
        !verdict_labels(request, session, evaluation.id, evaluation.year, &labels, &count))
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
        !verdict_labels(request, session, evaluation.id, evaluation.year, &labels, &count))
        return false;
    printf("{\"evaluation\":%s,\"verdicts\":[", work->evaluation.event.after);
    while (text && (step = stored_next(&evaluation, &stored)) == STORED_VERDICT) {
        struct arena arena = {0};
        if ((text = stored_text(&evaluation, &arena, &stored, AUDIENCE_RESTRICTED)) && row < count)
            printf("%s\n{\"label\":%s,%s", between, labels[row++].json, text + 1);
        between = ",";
        arena_release(&arena);
    }
    stored_close(&evaluation);
    printf("]}\n");
    return text && step == STORED_END;
}

// Where there is no such campaign, the engine says so.
static bool is_group(struct request *request, struct session *session, const struct evaluation_order *order)
{
    struct plan_groups groups;
    return !order->group || (plan_groups(request, session, order->campaign, &groups) &&
                             (!groups.shown || group_known(request, &groups, order->group, "--group")));
}

static bool judge(struct request *request, struct session *session, void *context)
{
    struct work *work = context;
    return is_group(request, session, &work->order) && evaluate(request, session, &work->order, &work->evaluation) &&
           record(request, session, work->evaluation.event);
}

static int work_in(struct session *session, struct work *work)
{
    struct request request;
    request_begin_alone(&request, "command", "thidua evaluate", ROLE_HOME_AFFAIRS);
    bool done = run_alone(&request, session, judge, work) &&
                run_alone(&request, session, work->json ? print_json : print_table, work);
    if (!done)
        print_problem(&request);
    request_end_alone(&request);
    return done ? 0 : 1;
}

int command_evaluate(int count, char *arguments[])
{
    struct work work = {0};
    struct place place;
    int status = 1;
    const char *reason = read_options(count, arguments, &work);
    if (reason)
        return usage(reason);
    if (!place_open(&place))
        return 1;
    struct session_options options = {
        .url = place.url, .application_name = "thidua evaluate", .now = place.settings.now};
    struct session *session = session_new(&options);
    if (session && session_connect(session))
        status = work_in(session, &work);
    else
        fprintf(stderr, "thidua evaluate: %s", session ? session_message(session) : "out of memory\n");
    session_free(session);
    place_close(&place);
    return status;
}
