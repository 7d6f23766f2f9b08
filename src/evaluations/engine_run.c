// What an evaluation is judged by: rules, parameters, inputs. Also how it begins: facts are opened, hashes started.
#include "evaluations/engine_run.h"

#include "base/log.h"
#include "engine/json/facts_json.h"
#include "engine/json/json_reader.h"
#include "evaluations/inputs.h"
#include "evaluations/ranking.h"
#include "handler/run.h"

#include <stdlib.h>
#include <string.h>

bool run_unfit(struct engine_run *run, const char *what, const struct rule_faults *faults)
{
    log_event(LOG_ERROR, "evaluation_unfit", log_text("what", what), log_text("request_id", run->request->id),
              log_text("pointer", faults->count ? faults->items[0].pointer : NULL),
              log_text("code", faults->count ? faults->items[0].code : NULL), log_number("faults", faults->total));
    return refuse(run->request, PROBLEM_INTERNAL, NULL);
}

const char *run_id(const struct engine_run *run)
{
    return run->order->id ? run->order->id : run->setting.evaluation_id;
}

static void take_rules_on_trial(struct engine_run *run)
{
    const struct evaluation_trial *trial = run->order->trial;
    if (!trial || !trial->rules_hash)
        return;
    run->setting.rules_name = trial->rules_name;
    run->setting.rules_version = trial->rules_version;
    run->setting.rules_hash = trial->rules_hash;
}

bool run_load(struct engine_run *run)
{
    struct request *request = run->request;
    if (!evaluation_setting(request, run->session, run->order->campaign, run->order->year, run->order->as_of,
                            run->order->submitted_on, &run->setting))
        return false;
    clauses_of_plan(request, run->setting.clauses);
    take_rules_on_trial(run);
    if (!run->setting.rules_hash)
        return refuse(
            request, PROBLEM_CONFLICT,
            say(request, "Kế hoạch chưa có bộ tiêu chí đã công bố.", "The campaign has no published criteria set."));
    run->rules = rules_by_hash(request, run->session, run->setting.rules_hash);
    if (!run->rules)
        return false;
    return criteria_covers_year(run->rules->document.rules, (int32_t)strtol(run->order->year, NULL, 10)) ||
           refuse_by(
               request, PROBLEM_RULE_REFUSED, "II.3",
               say(request, "Bộ tiêu chí không áp dụng cho năm này.", "The criteria set does not cover this year."));
}

static bool set_parameters(struct engine_run *run)
{
    const struct evaluation_setting *setting = &run->setting;
    const struct round_dates dates = {.year = run->order->year,
                                      .first_day = setting->first_day,
                                      .last_day = setting->last_day,
                                      .as_of = setting->as_of,
                                      .as_of_date = setting->as_of_date,
                                      .cut_off = setting->cut_off,
                                      .report_cut_off = setting->report_cut_off,
                                      .conference_on = setting->conference_on,
                                      .submitted_on = setting->submitted_on,
                                      .parameters = setting->parameters,
                                      .signed_on = run->order->signed_on};
    json_t *json;
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): without rules, run_load() has refused
    const struct rule_set *rules = run->rules->document.rules;
    if (!parameters_inputs(run->request, run->session, rules, &dates, &json))
        return false;
    run->parameters_json = defer_json(run->request, json);
    struct rule_faults faults = {.arena = &run->request->arena};
    return parameters_from_json(&run->request->arena, rules->source, json, "/parameters", &faults, &run->parameters) ||
           run_unfit(run, "parameters", &faults);
}

static void warn(const struct engine_run *run, const char *code, const char *clause)
{
    json_array_append_new(run->warnings,
                          json_pack("{s:s, s:s}", "code", code, "clause", clause_printed(run->request, clause)));
}

void run_warn_of_cap(const struct engine_run *run, int64_t places)
{
    const json_t *standings = json_object_get(run->inputs, "standings");
    if (!inputs_beyond_cap(standings) && places > json_integer_value(json_object_get(standings, "cap_of_year")))
        warn(run, "FORMS_BEYOND_CAP", "III.2.b");
}

// All that is judged by beside rules, parameters and facts.
static bool gather_inputs(struct engine_run *run)
{
    json_t *standings;
    if (!standings_inputs(run->request, run->session, run->order->campaign, run->order->year, (int32_t)run->setting.cap,
                          run->rules->document.standings, &run->rules->document.forms, &standings))
        return false;
    run->inputs =
        defer_json(run->request, json_pack("{s:O, s:o}", "registers", run->facts.common_json, "standings", standings));
    if (run->ranks && run->order->units)
        json_object_set_new(
            run->inputs, "ranks",
            ranks_json(run->rules->document.rules, run->ranks, run->order->units, run->order->unit_count));
    if (!inputs_allocated(standings))
        warn(run, "NO_ALLOCATION", "III.2.b");
    if (inputs_beyond_cap(standings))
        warn(run, "FORMS_BEYOND_CAP", "III.2.b");
    if (run->order->units || run->order->group)
        warn(run, "PARTIAL", "III.1.a");
    run->ranked =
        run->rules->document.standings && run->setting.contestants <= RANKED_MOST && inputs_rankable(standings);
    if (!run->ranked)
        warn(run, "NOT_RANKED", "III.1.a");
    return true;
}

// What is judged by comes before the facts in the hash.
static void start_digests(struct engine_run *run)
{
    run->input_digest = digest_start();
    run->result_digest = digest_start();
    run->parameters_text = json_canonical(&run->request->arena, run->parameters_json, NULL);
    run->inputs_text = json_canonical(&run->request->arena, run->inputs, NULL);
    digest_add(&run->input_digest, run->rules->document.hash, SHA256_HEX_LENGTH);
    digest_add(&run->input_digest, run->parameters_text, strlen(run->parameters_text));
    digest_add(&run->input_digest, run->inputs_text, strlen(run->inputs_text));
}

// As the statement takes them; NULL: all.
static const char *units_text(struct engine_run *run)
{
    if (!run->order->units)
        return NULL;
    json_t *list = json_array();
    for (size_t i = 0; i < run->order->unit_count; i++)
        json_array_append_new(list, json_string(run->order->units[i]));
    const char *text = json_canonical(&run->request->arena, list, NULL);
    json_decref(list);
    return text;
}

// Of a group alone, too, ranks are those of the whole round: they are not among what is judged.
static bool rank_criteria(struct engine_run *run)
{
    const struct rule_set_document *document = &run->rules->document;
    if (!document->rules->rank_count || !document->standings || run->setting.contestants > RANKED_MOST)
        return true;
    return rank_round(&run->facts, &run->parameters, &run->ranks);
}

bool run_prepare(struct engine_run *run)
{
    if (!run_load(run) || !set_parameters(run))
        return false;
    struct arena *arena = &run->request->arena;
    const struct rule_set *rules = run->rules->document.rules;
    run->facts = (struct round_facts){.request = run->request,
                                      .session = run->session,
                                      .rules = run->rules,
                                      .campaign = run->order->campaign,
                                      .year = run->order->year,
                                      .group = run->order->group,
                                      .units_json = units_text(run),
                                      .contestants = run->setting.contestants,
                                      .untouched = run->order->facts_untouched};
    if (run->order->trial) {
        run->facts.changed = run->order->trial->changed;
        run->facts.changed_count = run->order->trial->changed_count;
    }
    run->contestants = (struct contestants){.arena = arena,
                                            .document = &run->rules->document,
                                            .parameters = &run->parameters,
                                            .semantics = SEMANTICS_NEWEST};
    run->criteria = arena_array(arena, rules->source->criterion_count, sizeof *run->criteria);
    run->nodes = arena_array(arena, rules->node_count, sizeof *run->nodes);
    run->outcomes = arena_array(arena, run->order->unit_count, sizeof *run->outcomes);
    if (!round_facts_open(&run->facts) || !rank_criteria(run) || !gather_inputs(run))
        return false;
    start_digests(run);
    return true;
}
