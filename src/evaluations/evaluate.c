// The engine on stored facts, as a stream: facts in, verdicts out by COPY, never more than a page in memory.
#include "evaluations/evaluate.h"

#include "base/log.h"
#include "base/poller.h"
#include "database/copy.h"
#include "engine/json/digest.h"
#include "engine/json/facts_json.h"
#include "engine/json/verdict_matrix.h"
#include "evaluations/evaluations.sql.h"
#include "evaluations/inputs.h"
#include "evaluations/private.h"
#include "evaluations/ranking.h"
#include "evaluations/stored/stored.h"
#include "facts/round_facts.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "handler/run_statement.h"
#include "thidua/verdict_pack.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECE_BYTES = 64 * 1024, // of verdicts: PostgreSQL takes one in while the next is judged
    PROGRESS_EVERY = 1000,
};

struct engine_run {
    struct request *request;
    struct session *session;
    const struct evaluation_order *order;
    struct evaluation_setting setting;
    const struct rules *rules;
    json_t *parameters_json, *inputs;
    const char *parameters_text, *inputs_text;
    struct evaluation_parameters parameters;
    struct round_facts facts;
    const struct round_ranks *ranks; // NULL: no criterion asks for one, or the round is too large to be ranked
    struct contestants contestants;
    struct criterion_result *criteria;
    struct node_result *nodes;
    struct unit_outcome *outcomes;
    size_t count, counts[OVERALL_PENDING + 1];
    long long facts_mark; // of those `marked`, which came with a mark of their own
    size_t marked;
    bool ranked;
    json_t *warnings;
    struct copy copy;
    struct digest input_digest, result_digest;
    char input_hash[SHA256_HEX_LENGTH + 1], result_hash[SHA256_HEX_LENGTH + 1];
    const char *standings;
    size_t standings_length;
};

static const char *evaluation_text(struct request *request, const json_t *json)
{
    return json_canonical(&request->arena, json, NULL);
}

// What is stored does not fit the engine: a fault of the data or of ours, told to the operator, not to the caller.
static bool unfit(struct engine_run *run, const char *what, const struct rule_faults *faults)
{
    log_event(LOG_ERROR, "evaluation_unfit", log_text("what", what), log_text("request_id", run->request->id),
              log_text("pointer", faults->count ? faults->items[0].pointer : NULL),
              log_text("code", faults->count ? faults->items[0].code : NULL), log_number("faults", faults->total));
    return refuse(run->request, PROBLEM_INTERNAL, NULL);
}

// ---- rules, parameters, inputs ----

static const char *evaluation_id(const struct engine_run *run)
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

static bool load_setting(struct engine_run *run)
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
                                      .as_of = setting->as_of,
                                      .as_of_date = setting->as_of_date,
                                      .cut_off = setting->cut_off,
                                      .report_cut_off = setting->report_cut_off,
                                      .conference_on = setting->conference_on,
                                      .submitted_on = setting->submitted_on,
                                      .parameters = setting->parameters,
                                      .signed_on = run->order->signed_on};
    json_t *json;
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): without rules, load_setting() has refused
    const struct rule_set *rules = run->rules->document.rules;
    if (!parameters_inputs(run->request, run->session, rules, &dates, &json))
        return false;
    run->parameters_json = defer_json(run->request, json);
    struct rule_faults faults = {.arena = &run->request->arena};
    return parameters_from_json(&run->request->arena, rules->source, json, "/parameters", &faults, &run->parameters) ||
           unfit(run, "parameters", &faults);
}

static void warn(const struct engine_run *run, const char *code, const char *clause)
{
    json_array_append_new(run->warnings,
                          json_pack("{s:s, s:s}", "code", code, "clause", clause_printed(run->request, clause)));
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
    run->ranked = run->rules->document.standings && run->setting.contestants <= RANKED_MOST;
    if (!run->ranked)
        warn(run, "NOT_RANKED", "III.1.a");
    return true;
}

// What is judged by comes before the facts in the hash.
static void start_digests(struct engine_run *run)
{
    run->input_digest = digest_start();
    run->result_digest = digest_start();
    run->parameters_text = evaluation_text(run->request, run->parameters_json);
    run->inputs_text = evaluation_text(run->request, run->inputs);
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
    const char *text = evaluation_text(run->request, list);
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

static bool prepare_evaluation(struct engine_run *run)
{
    if (!load_setting(run) || !set_parameters(run))
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

// ---- judging ----

static const char *standing_in_the_way(struct engine_run *run)
{
    const struct rule_set_source *source = run->rules->document.rules->source;
    const char *clauses = "";
    for (size_t i = 0; i < source->criterion_count; i++) {
        enum criterion_outcome outcome = run->criteria[i].outcome;
        if (outcome != OUTCOME_PASS && outcome != OUTCOME_NOT_APPLICABLE)
            clauses =
                arena_format(&run->request->arena, "%s%s%s", clauses, *clauses ? ", " : "", source->criteria[i].clause);
    }
    return clauses;
}

static bool copied(struct engine_run *run, bool (*how)(struct copy *copy, struct failure *ret_failure))
{
    struct failure failure;
    return how(&run->copy, &failure) || refuse_failure(run->request, &verdict_copy_statement, &failure);
}

static bool judge_evaluation(struct engine_run *run, struct arena *scratch, const struct stored_facts *stored)
{
    const struct rule_set *rules = run->rules->document.rules;
    size_t length;
    struct unit_facts facts = stored->facts;
    facts.ranks = ranks_of_unit(scratch, rules, run->ranks, NULL, stored->unit_id);
    enum overall_outcome overall = criteria_judge(rules, &run->parameters, &facts, run->criteria, run->nodes);
    struct verdict verdict = {stored->unit_id, overall, run->criteria, run->nodes, NULL, 0};
    const char *results = results_pack(scratch, rules, stored->bytes, stored->length, &verdict, &length);
    digest_add(&run->input_digest, stored->bytes, stored->length);
    digest_add(&run->result_digest, stored->unit_id, UUID_TEXT_LENGTH);
    digest_add(&run->result_digest, results, length);
    copy_row(&run->copy, 7);
    copy_uuid(&run->copy, evaluation_id(run));
    copy_uuid(&run->copy, stored->unit_id);
    copy_text(&run->copy, overall_outcome_name(overall));
    copy_bytes(&run->copy, stored->bytes, stored->length);
    copy_bytes(&run->copy, results, length);
    copy_integer(&run->copy, stored->stamp);
    copy_text(&run->copy, outcome_letters(scratch, run->criteria, rules->source->criterion_count));
    run->counts[overall]++;
    if (stored->mark) {
        run->facts_mark ^= strtoll(stored->mark, NULL, 10);
        run->marked++;
    }
    if (run->ranked)
        contestants_add(&run->contestants, &stored->facts, overall, run->criteria);
    if (run->count < run->order->unit_count)
        run->outcomes[run->count] = (struct unit_outcome){arena_text(&run->request->arena, stored->unit_id),
                                                          overall_outcome_name(overall), standing_in_the_way(run)};
    run->count++;
    if (run->order->progress && run->count % PROGRESS_EVERY == 0)
        run->order->progress(run->order->context, run->count);
    return run->copy.length < PIECE_BYTES || copied(run, copy_send);
}

static enum round_facts_step next(struct engine_run *run, struct arena *scratch, struct stored_facts *ret_stored)
{
    if (round_facts_asks(&run->facts) && !copied(run, copy_wait))
        return ROUND_FACTS_FAILED;
    return round_facts_next(&run->facts, scratch, ret_stored);
}

static bool judge_all_evaluation(struct engine_run *run)
{
    struct arena scratch = {0};
    struct stored_facts stored;
    arena_allocate(&scratch, 1); // so that rewinding keeps the first block
    struct arena_mark mark = arena_mark(&scratch);
    enum round_facts_step step;
    bool good = true;
    while (good && (step = next(run, &scratch, &stored)) != ROUND_FACTS_END) {
        good = step == ROUND_FACTS_UNIT && judge_evaluation(run, &scratch, &stored) && within_budget(run->request);
        arena_rewind(&scratch, mark);
    }
    arena_release(&scratch);
    return good && copied(run, copy_send);
}

// Units that were asked for and are not in the register (II.1).
static bool all_registered(struct engine_run *run)
{
    for (size_t i = 0; i < run->order->unit_count; i++) {
        bool there = false;
        for (size_t j = 0; j < run->count && !there; j++)
            there = strcmp(run->outcomes[j].unit_id, run->order->units[i]) == 0;
        if (!there)
            violate(run->request, PROBLEM_RULE_REFUSED, arena_format(&run->request->arena, "/units/%zu", i),
                    "not_registered",
                    say(run->request, "Đơn vị không có trong danh sách đối tượng thi đua của năm (%s).",
                        "The unit is not in the year's register of contestants (%s).",
                        clause_printed(run->request, "II.1")));
    }
    return run->request->problem.kind == PROBLEM_NONE;
}

static bool rank_evaluation(struct engine_run *run)
{
    struct ranked ranked;
    struct rule_faults faults = {.arena = &run->request->arena};
    if (!run->ranked)
        return true;
    if (!ranked_open(&run->contestants, run->inputs, &faults, &ranked))
        return unfit(run, "inputs", &faults);
    ranked_compute(&run->request->arena, &ranked);
    run->standings = ranked_pack(&run->request->arena, &ranked, &run->standings_length);
    digest_add(&run->result_digest, run->standings, run->standings_length);
    return true;
}

// ---- storing ----

static const char *creator(const struct request *request)
{
    return request->caller.key_id[0] ? request->caller.key_id : NULL;
}

static const char *counts_text(struct engine_run *run)
{
    json_t *counts = defer_json(run->request, json_pack("{s:I}", "contestants", (json_int_t)run->count));
    for (enum overall_outcome overall = OVERALL_ELIGIBLE; overall <= OVERALL_PENDING; overall++)
        json_object_set_new(counts, overall_outcome_name(overall), json_integer((json_int_t)run->counts[overall]));
    return evaluation_text(run->request, counts);
}

// As verdicts_facts_mark() would make it by reading again what has just been stored. NULL: some were read without.
static const char *facts_mark(struct engine_run *run)
{
    return run->count && run->marked == run->count ? arena_format(&run->request->arena, "%lld", run->facts_mark) : NULL;
}

static bool store_evaluation(struct engine_run *run, struct evaluation_finish *ret_stored)
{
    struct request *request = run->request;
    const struct evaluation_setting *setting = &run->setting;
    return evaluation_finish(request, run->session, evaluation_id(run), run->order->campaign, run->order->year,
                             SEMANTICS_NEWEST, setting->as_of, creator(request), request->caller.name, run->input_hash,
                             run->result_hash, counts_text(run), evaluation_text(request, run->warnings),
                             run->parameters_text, run->inputs_text, setting->rules_name, setting->rules_version,
                             run->rules->document.hash, facts_mark(run), run->standings, run->standings_length,
                             ret_stored);
}

static bool finish_evaluation(struct engine_run *run, struct evaluation *ret_evaluation)
{
    struct evaluation_finish stored;
    const char *id = evaluation_id(run);
    digest_finish(&run->input_digest, run->input_hash);
    digest_finish(&run->result_digest, run->result_hash);
    if (!store_evaluation(run, &stored))
        return false;
    struct event event = {.type = "evaluation.created",
                          .resource = arena_format(&run->request->arena, "/v1/evaluations/%s", id),
                          .campaign = run->order->campaign,
                          .year = run->order->year,
                          .after = stored.listed,
                          .read_alike = true};
    *ret_evaluation = (struct evaluation){id, stored.json, event, run->outcomes, run->count};
    return true;
}

// Units hear that their verdict has changed; not from the evaluation at signing, of which nobody may know before the
// decision is published (V.3), nor in rounds so large that the journal would hold little else. A trial tells nobody.
static bool tell_units(struct engine_run *run)
{
    const struct evaluation_order *order = run->order;
    struct verdict_changes changes;
    if (order->signed_on || order->trial || run->setting.contestants > RANKED_MOST)
        return true;
    return verdict_changes(run->request, run->session, evaluation_id(run), order->campaign, order->year, &changes) &&
           (!changes.units ||
            record_each(run->request, run->session,
                        (struct event){.type = "verdict.changed", .campaign = order->campaign, .year = order->year},
                        changes.units));
}

static void release_evaluation(struct engine_run *run)
{
    char ignored[SHA256_HEX_LENGTH + 1];
    if (run->input_digest.stream.state)
        digest_finish(&run->input_digest, ignored);
    if (run->result_digest.stream.state)
        digest_finish(&run->result_digest, ignored);
    copy_release(&run->copy);
    round_facts_close(&run->facts);
}

// ---- for /metrics: since the process started ----

static atomic_ulong made, failed, units_judged, nanoseconds;

static void count(const struct engine_run *run, bool good, int64_t duration)
{
    if (run->order->trial)
        return;
    atomic_fetch_add(good ? &made : &failed, 1);
    atomic_fetch_add(&units_judged, run->count);
    atomic_fetch_add(&nanoseconds, (unsigned long)duration);
}

static double evaluations_made(void)
{
    return (double)atomic_load(&made);
}

static double evaluations_failed(void)
{
    return (double)atomic_load(&failed);
}

static double evaluated_units(void)
{
    return (double)atomic_load(&units_judged);
}

static double evaluation_seconds(void)
{
    return (double)atomic_load(&nanoseconds) / 1e9;
}

const struct metrics_gauge evaluation_gauges[] = {
    {"thidua_evaluations_total", "Evaluations of rounds that were made.", evaluations_made, true,
     .tells_of_writes = true},
    {"thidua_evaluations_failed_total", "Evaluations of rounds that were refused or broke off.", evaluations_failed,
     true, .tells_of_writes = true},
    {"thidua_evaluated_units_total", "Units that they judged.", evaluated_units, true, .tells_of_writes = true},
    {"thidua_evaluation_seconds_total", "Seconds that they took.", evaluation_seconds, true, .tells_of_writes = true},
    {0},
};

bool evaluate(struct request *request, struct session *session, const struct evaluation_order *order,
              struct evaluation *ret_evaluation)
{
    struct engine_run run = {.request = request, .session = session, .order = order};
    int64_t started = monotonic_ns();
    run.copy = (struct copy){.session = session, .statement = &verdict_copy_statement};
    run.warnings = defer_json(request, json_array());
    bool good = prepare_evaluation(&run) && judge_all_evaluation(&run) && all_registered(&run) &&
                rank_evaluation(&run) && copied(&run, copy_wait) && finish_evaluation(&run, ret_evaluation) &&
                tell_units(&run);
    release_evaluation(&run);
    count(&run, good, monotonic_ns() - started);
    return good;
}

bool evaluation_enter(struct request *request, struct session *session, const struct evaluation_order *order,
                      const char **ret_id, const char **ret_as_of)
{
    struct engine_run run = {.request = request, .session = session, .order = order};
    if (!load_setting(&run))
        return false;
    const struct evaluation_setting *setting = &run.setting;
    *ret_id = evaluation_id(&run);
    *ret_as_of = setting->as_of;
    return evaluation_insert(request, session, *ret_id, order->campaign, order->year, setting->rules_name,
                             setting->rules_version, run.rules->document.hash, SEMANTICS_NEWEST, setting->as_of,
                             creator(request), request->caller.name);
}
