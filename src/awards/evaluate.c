// The engine on stored facts: rules and snapshots out of the database, verdicts and standings into it.
#include "awards/evaluate.h"

#include "criteria/facts_json.h"
#include "criteria/rule_set_json.h"
#include "criteria/standings_json.h"
#include "criteria/verdict_json.h"
#include "log.h"
#include "service/run.h"
#include "statements.h"

#include <stdlib.h>
#include <string.h>

// Columns of evaluation_setting.
enum { RULES, RULES_NAME, RULES_VERSION, AS_OF, CAP, CUT_OFF, REPORT_CUT_OFF, CONFERENCE, AS_OF_DATE, SUBMITTED_ON };
// Columns of evaluation_snapshots.
enum { UNIT, LABEL, GROUP, CLUSTER, SNAPSHOT };

struct judged {
    const char *unit_id, *label, *overall;
    const char *snapshot, *verdict, *verdict_unit;
    json_t *facts; // the snapshot
};

struct engine_run {
    struct request *request;
    struct session *session;
    const struct evaluation_order *order;
    const struct rows *setting, *snapshots;
    json_t *document; // the rule set
    struct rule_set_document rules;
    json_t *parameters_json;
    struct evaluation_parameters parameters;
    struct contestant *contestants;
    struct judged *judged;
    struct unit_outcome *outcomes;
    size_t count;
    json_t *warnings;
    const char *standings;
    char input_hash[SHA256_HEX_LENGTH + 1];
};

static void release_json(void *json)
{
    json_decref(json);
}

static void free_text(void *text)
{
    free(text);
}

// A new reference that lives as long as the request.
static json_t *keep(struct request *request, json_t *json)
{
    defer(request, release_json, json);
    return json;
}

static const char *text_of(struct request *request, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    defer(request, free_text, text);
    return text ? text : "null";
}

// What is stored does not fit the engine: a fault of the data or of ours, told to the operator, not to the caller.
static bool unfit(struct engine_run *run, const char *what, const struct rule_faults *faults)
{
    log_event(LOG_ERROR, "evaluation_unfit", log_text("what", what), log_text("request_id", run->request->id),
              log_text("pointer", faults->count ? faults->items[0].pointer : NULL),
              log_text("code", faults->count ? faults->items[0].code : NULL), log_number("faults", faults->total));
    return refuse(run->request, PROBLEM_INTERNAL, NULL);
}

// ---- rules and parameters ----

static bool load_setting(struct engine_run *run)
{
    struct request *request = run->request;
    struct rows *setting;
    if (!run_one(request, run->session, evaluation_setting, &setting, run->order->campaign, run->order->year,
                 run->order->as_of, run->order->submitted_on))
        return false;
    run->setting = setting;
    if (!rows_text(setting, 0, RULES))
        return refuse(
            request, PROBLEM_CONFLICT,
            say(request, "Kế hoạch chưa có bộ tiêu chí đã công bố.", "The campaign has no published criteria set."));
    struct rule_faults faults = {.arena = &request->arena};
    const char *text = rows_text(setting, 0, RULES);
    run->document = keep(request, json_loads(text, JSON_REJECT_DUPLICATES, NULL));
    return rule_set_from_json(&request->arena, run->document, &faults, &run->rules) || unfit(run, "rule set", &faults);
}

static void set_limit(json_t *limits, const json_t *declared, const char *name, const char *value)
{
    if (json_object_get(declared, name))
        json_object_set_new(limits, name, value ? json_string(value) : json_null());
}

// The dates of the round under the names that rule sets may declare.
static bool set_parameters(struct engine_run *run)
{
    const struct rows *s = run->setting;
    const json_t *declared = json_object_get(run->document, "parameters");
    json_t *limits = json_object();
    const char *as_of_date = rows_text(s, 0, AS_OF_DATE), *submitted = rows_text(s, 0, SUBMITTED_ON);
    set_limit(limits, declared, "dossier_cut_off", rows_text(s, 0, CUT_OFF));
    set_limit(limits, declared, "report_cut_off", rows_text(s, 0, REPORT_CUT_OFF));
    set_limit(limits, declared, "conference_on", rows_text(s, 0, CONFERENCE));
    set_limit(limits, declared, "submitted_on", submitted);
    set_limit(limits, declared, "submitted_on_or_as_of", submitted ? submitted : as_of_date);
    set_limit(limits, declared, "signed_on", run->order->signed_on);
    set_limit(limits, declared, "signed_on_or_as_of", run->order->signed_on ? run->order->signed_on : as_of_date);
    run->parameters_json =
        keep(run->request, json_pack("{s:s, s:i, s:o, s:[]}", "as_of", rows_text(s, 0, AS_OF), "award_year",
                                     (int)strtol(run->order->year, NULL, 10), "limits", limits, "holidays"));
    struct rule_faults faults = {.arena = &run->request->arena};
    return parameters_from_json(&run->request->arena, run->rules.rules->source, run->parameters_json, "/parameters",
                                &faults, &run->parameters) ||
           unfit(run, "parameters", &faults);
}

// ---- one unit ----

static const char *standing_in_the_way(struct engine_run *run, const struct verdict *verdict)
{
    const struct rule_set_source *source = run->rules.rules->source;
    const char *clauses = "";
    for (size_t i = 0; i < source->criterion_count; i++) {
        enum criterion_outcome outcome = verdict->criteria[i].outcome;
        if (outcome != OUTCOME_PASS && outcome != OUTCOME_NOT_APPLICABLE)
            clauses =
                arena_format(&run->request->arena, "%s%s%s", clauses, *clauses ? ", " : "", source->criteria[i].clause);
    }
    return clauses;
}

static const char *verdict_text(struct engine_run *run, struct arena *scratch, struct verdict_view *view,
                                enum audience audience)
{
    size_t length;
    view->audience = audience;
    const char *text = verdict_to_text(scratch, view, &length);
    return arena_copy(&run->request->arena, text, length);
}

static bool judge(struct engine_run *run, struct arena *scratch, size_t index)
{
    struct rule_faults faults = {.arena = scratch};
    struct unit_facts facts;
    struct verdict verdict;
    struct judged *judged = &run->judged[index];
    if (!facts_from_json(scratch, run->rules.rules->source, judged->facts, "", &faults, &facts))
        return unfit(run, judged->unit_id, &faults);
    if (criteria_evaluate(scratch, run->rules.rules, &run->parameters, &facts, &verdict) != EVALUATION_OK)
        return refuse_by(
            run->request, PROBLEM_RULE_REFUSED, "II.3",
            say(run->request, "Bộ tiêu chí không áp dụng cho năm này.", "The criteria set does not cover this year."));
    struct verdict_view view = {run->rules.rules, &run->parameters, &facts, &verdict, AUDIENCE_RESTRICTED};
    judged->verdict = verdict_text(run, scratch, &view, AUDIENCE_RESTRICTED);
    judged->verdict_unit = verdict_text(run, scratch, &view, AUDIENCE_UNIT);
    judged->overall = overall_outcome_name(verdict.overall);
    run->contestants[index] = contestant_of(&run->request->arena, run->rules.standings, &facts, verdict.overall);
    run->contestants[index].unit_id = judged->unit_id;
    run->outcomes[index] =
        (struct unit_outcome){judged->unit_id, judged->label, judged->overall, standing_in_the_way(run, &verdict)};
    return true;
}

static bool judge_all(struct engine_run *run)
{
    struct request *request = run->request;
    struct rows *rows;
    if (!run(request, run->session, evaluation_snapshots, &rows, run->order->campaign, run->order->year,
             run->order->group, run->order->units_json))
        return false;
    run->snapshots = rows;
    run->count = (size_t)rows_count(rows);
    run->contestants = arena_array(&request->arena, run->count, sizeof *run->contestants);
    run->judged = arena_array(&request->arena, run->count, sizeof *run->judged);
    run->outcomes = arena_array(&request->arena, run->count, sizeof *run->outcomes);
    bool good = true;
    for (size_t i = 0; good && i < run->count; i++) {
        int row = (int)i;
        struct arena scratch = {0};
        run->judged[i] = (struct judged){.unit_id = rows_text(rows, row, UNIT),
                                         .label = rows_text(rows, row, LABEL),
                                         .snapshot = rows_text(rows, row, SNAPSHOT),
                                         .facts = keep(request, json_loads(rows_text(rows, row, SNAPSHOT), 0, NULL))};
        good = judge(run, &scratch, i);
        arena_release(&scratch);
    }
    return good;
}

// Units that were asked for and are not in the register (II.1).
static bool all_registered(struct engine_run *run)
{
    json_t *wanted = run->order->units_json ? json_loads(run->order->units_json, 0, NULL) : NULL, *unit;
    size_t i;
    json_array_foreach(wanted, i, unit)
    {
        bool there = false;
        for (size_t j = 0; j < run->count && !there; j++)
            there = strcmp(run->judged[j].unit_id, json_string_value(unit)) == 0;
        if (!there)
            violate(run->request, PROBLEM_RULE_REFUSED, arena_format(&run->request->arena, "/units/%zu", i),
                    "not_registered",
                    say(run->request, "Đơn vị không có trong danh sách đối tượng thi đua của năm (II.1).",
                        "The unit is not in the year's register of contestants (II.1)."));
    }
    json_decref(wanted);
    return run->request->problem.kind == PROBLEM_NONE;
}

// ---- standings ----

// The allocation as the engine reads it: groups under the cap, the shares of a group's clusters taken together.
static json_t *quotas_json(const struct rows *rows, int32_t cap)
{
    json_t *quotas = json_pack("[{s:s, s:i}]", "name", "cap", "places", (int)cap), *last = NULL;
    for (int i = 0; i < rows_count(rows); i++) {
        const char *group = rows_text(rows, i, 0);
        int places = (int)rows_number(rows, i, 2);
        if (last && strcmp(json_string_value(json_object_get(last, "name")), group) == 0) {
            json_int_t sum = json_integer_value(json_object_get(last, "places")) + places;
            json_object_set_new(last, "places", json_integer(sum));
            continue;
        }
        last = json_pack("{s:s, s:i, s:s, s:[s]}", "name", group, "places", places, "parent", "cap", "groups", group);
        json_array_append_new(quotas, last);
    }
    return json_pack("{s:o}", "quotas", quotas);
}

// A reader wants the name beside the id.
static void add_labels(const struct engine_run *run, json_t *standings)
{
    json_t *items = json_object_get(standings, "items"), *item;
    size_t i;
    json_array_foreach(items, i, item)
    {
        const char *unit = json_string_value(json_object_get(item, "unit_id"));
        for (size_t j = 0; j < run->count; j++)
            if (strcmp(run->judged[j].unit_id, unit) == 0) {
                json_object_set_new(item, "label", json_string(run->judged[j].label));
                json_object_set_new(item, "overall", json_string(run->judged[j].overall));
                break;
            }
    }
}

static void warn(const struct engine_run *run, const char *code, const char *clause)
{
    json_array_append_new(run->warnings, json_pack("{s:s, s:s}", "code", code, "clause", clause));
}

static bool rank(struct engine_run *run)
{
    struct request *request = run->request;
    struct rows *rows;
    struct standings_input input;
    struct rule_faults faults = {.arena = &request->arena};
    if (!run(request, run->session, evaluation_quota, &rows, run->order->campaign, run->order->year))
        return false;
    json_t *allocation = keep(request, quotas_json(rows, (int32_t)rows_number(run->setting, 0, CAP)));
    if (!standings_input_from_json(&request->arena, run->rules.standings, run->contestants, run->count,
                                   rows_count(rows) ? allocation : NULL, "/quota", &faults, &input))
        return unfit(run, "quota", &faults);
    struct standings standings = standings_compute(&request->arena, &input);
    json_t *json = keep(request, standings_to_json(&input, &standings, AUDIENCE_RESTRICTED));
    add_labels(run, json);
    if (rows_count(rows) == 0)
        warn(run, "NO_ALLOCATION", "III.2.b");
    if (run->order->units_json || run->order->group)
        warn(run, "PARTIAL", "III.1.a");
    run->standings = text_of(request, json);
    return true;
}

// ---- storing ----

static void hash_input(struct engine_run *run)
{
    json_t *input = json_array();
    for (size_t i = 0; i < run->count; i++)
        json_array_append(input, run->judged[i].facts);
    json_t *whole = json_pack("{s:o, s:O}", "snapshots", input, "parameters", run->parameters_json);
    json_hash(&run->request->arena, whole, run->input_hash);
    json_decref(whole);
}

static const char *counts_text(struct engine_run *run)
{
    static const char *const names[] = {"ELIGIBLE", "INELIGIBLE", "DEFERRED", "PENDING"};
    json_t *counts = keep(run->request, json_pack("{s:i}", "contestants", (int)run->count));
    for (size_t name = 0; name < sizeof names / sizeof *names; name++) {
        int count = 0;
        for (size_t i = 0; i < run->count; i++)
            count += strcmp(run->judged[i].overall, names[name]) == 0;
        json_object_set_new(counts, names[name], json_integer(count));
    }
    return text_of(run->request, counts);
}

static bool store(struct engine_run *run, struct evaluation *ret_evaluation)
{
    struct request *request = run->request;
    struct rows *made, *ignored;
    hash_input(run);
    const char *semantics = arena_format(&request->arena, "%d", CRITERIA_SEMANTICS_VERSION);
    if (!run_one(request, run->session, evaluation_insert, &made, run->order->campaign, run->order->year,
                 rows_text(run->setting, 0, RULES_NAME), rows_text(run->setting, 0, RULES_VERSION), run->rules.hash,
                 semantics, rows_text(run->setting, 0, AS_OF), text_of(request, run->parameters_json), run->input_hash,
                 counts_text(run), text_of(request, run->warnings), run->standings, request->caller.key_id,
                 request->caller.name))
        return false;
    *ret_evaluation = (struct evaluation){rows_text(made, 0, 0), run->outcomes, run->count};
    for (size_t i = 0; i < run->count; i++)
        if (!run(request, run->session, verdict_insert, &ignored, ret_evaluation->id, run->judged[i].unit_id,
                 run->judged[i].overall, run->judged[i].snapshot, run->judged[i].verdict, run->judged[i].verdict_unit))
            return false;
    return journal(
        request, run->session,
        (struct journal_entry){.type = "evaluation.created",
                               .resource = arena_format(&request->arena, "/v1/evaluations/%s", ret_evaluation->id),
                               .campaign = run->order->campaign,
                               .year = run->order->year,
                               .after = rows_text(made, 0, 1)});
}

bool evaluate(struct request *request, struct session *session, const struct evaluation_order *order,
              struct evaluation *ret_evaluation)
{
    struct engine_run run = {.request = request, .session = session, .order = order};
    run.warnings = keep(request, json_array());
    return load_setting(&run) && set_parameters(&run) && judge_all(&run) && all_registered(&run) && rank(&run) &&
           store(&run, ret_evaluation);
}
