// An evaluation again, from nothing but what is stored of it: the same to the last byte, or where it first differs.
#include "engine/json/digest.h"
#include "evaluations/stored/round_ranking.h"
#include "handler/run.h"
#include "http/route.h"
#include "thidua/facts_pack.h"
#include "thidua/verdict_pack.h"
#include "trials/impact.sql.h"
#include "trials/private.h"

#include <string.h>

struct replay {
    struct request *request;
    struct session *session;
    struct stored_evaluation evaluation;
    struct contestants contestants;
    const struct round_ranks *ranks;
    struct digest input_digest, result_digest;
    char input_hash[SHA256_HEX_LENGTH + 1], result_hash[SHA256_HEX_LENGTH + 1];
    const char *journal_input_hash, *journal_result_hash; // NULL: the journal has no such row
    size_t count;
    json_t *difference; // the first one; NULL: none
};

static json_t *text_or_json_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static void differ(struct replay *replay, const char *kind, const char *unit_id, const char *criterion,
                   const char *leaf, json_t *stored, json_t *recomputed)
{
    json_t *difference =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "kind", kind, "unit_id", text_or_json_null(unit_id), "criterion",
                  text_or_json_null(criterion), "leaf", text_or_json_null(leaf), "stored",
                  stored ? stored : json_null(), "recomputed", recomputed ? recomputed : json_null());
    if (replay->difference)
        json_decref(difference);
    else
        replay->difference = difference;
}

// ---- verdicts ----

static json_t *node_json(struct arena *arena, const struct leaf *leaf, const struct node_result *result)
{
    return json_pack("{s:s, s:o, s:b, s:b, s:o, s:I}", "result", truth_name(result->truth), "reason",
                     text_or_json_null(leaf_reason_name(result->reason)), "missing_made_false",
                     (int)result->missing_made_false, "decisive", (int)result->decisive, "observed",
                     text_or_json_null(value_text(arena, result->observed, leaf->decimals)), "most",
                     (json_int_t)result->most);
}

static bool same_node(const struct node_result *a, const struct node_result *b)
{
    bool same_text = a->observed.type != VALUE_TEXT || b->observed.type != VALUE_TEXT ||
                     strcmp(a->observed.text, b->observed.text) == 0;
    return a->truth == b->truth && a->reason == b->reason && a->missing_made_false == b->missing_made_false &&
           a->decisive == b->decisive && a->past == b->past && a->most == b->most &&
           a->observed.type == b->observed.type && a->observed.number == b->observed.number && same_text;
}

// The first leaf in which the two verdicts differ; else their overall results, if those do.
static void compare_verdicts(struct replay *replay, struct arena *arena, const struct verdict *stored,
                             const struct verdict *again)
{
    const struct rule_set *rules = replay->evaluation.rules->document.rules;
    for (size_t i = 0; i < rules->node_count; i++) {
        const struct leaf *leaf = rules->nodes[i].leaf;
        if (!leaf || same_node(&stored->nodes[i], &again->nodes[i]))
            continue;
        differ(replay, "VERDICT", again->unit_id, rules->source->criteria[rules->nodes[i].criterion].id, leaf->id,
               node_json(arena, leaf, &stored->nodes[i]), node_json(arena, leaf, &again->nodes[i]));
        return;
    }
    for (size_t i = 0; i < rules->source->criterion_count; i++)
        if (stored->criteria[i].outcome != again->criteria[i].outcome)
            differ(replay, "VERDICT", again->unit_id, rules->source->criteria[i].id, NULL,
                   json_string(criterion_outcome_name(stored->criteria[i].outcome)),
                   json_string(criterion_outcome_name(again->criteria[i].outcome)));
    differ(replay, "VERDICT", again->unit_id, NULL, NULL, json_string(overall_outcome_name(stored->overall)),
           json_string(overall_outcome_name(again->overall)));
}

static void compare_replay(struct replay *replay, struct arena *arena, const struct stored_verdict *stored,
                           const struct verdict *again)
{
    const struct rule_set *rules = replay->evaluation.rules->document.rules;
    struct verdict verdict;
    size_t length;
    const char *results = results_pack(arena, rules, stored->facts, stored->facts_length, again, &length);
    digest_add(&replay->result_digest, stored->unit_id, UUID_TEXT_LENGTH);
    digest_add(&replay->result_digest, results, length);
    if (strcmp(stored->overall, overall_outcome_name(again->overall)) != 0)
        differ(replay, "OVERALL", stored->unit_id, NULL, NULL, json_string(stored->overall),
               json_string(overall_outcome_name(again->overall)));
    if (length == stored->results_length && memcmp(results, stored->results, length) == 0)
        return;
    if (stored->results_length < RESULTS_HEAD || memcmp(results, stored->results, RESULTS_HEAD) != 0)
        differ(replay, "FACTS", stored->unit_id, NULL, NULL, NULL, NULL);
    else if (verdict_unpack(arena, rules, stored->unit_id, stored->results + RESULTS_HEAD,
                            stored->results_length - RESULTS_HEAD, &verdict))
        compare_verdicts(replay, arena, &verdict, again);
    else
        differ(replay, "VERDICT", stored->unit_id, NULL, NULL, NULL, NULL);
}

static void judge_again(struct replay *replay, struct arena *arena, const struct stored_verdict *stored)
{
    const struct stored_evaluation *evaluation = &replay->evaluation;
    const struct rule_set *rules = evaluation->rules->document.rules;
    struct unit_facts facts;
    struct criterion_result *criteria = arena_array(arena, rules->source->criterion_count, sizeof *criteria);
    struct node_result *nodes = arena_array(arena, rules->node_count, sizeof *nodes);
    digest_add(&replay->input_digest, stored->facts, stored->facts_length);
    replay->count++;
    if (!facts_unpack_judged(arena, rules->source, evaluation->common, stored->facts, stored->facts_length, &facts) ||
        strcmp(facts.unit_id, stored->unit_id) != 0) {
        differ(replay, "FACTS", stored->unit_id, NULL, NULL, NULL, NULL);
        return;
    }
    facts.ranks = ranks_of_unit(arena, rules, replay->ranks, evaluation->inputs, stored->unit_id);
    enum overall_outcome overall = criteria_judge(rules, &evaluation->parameters, &facts, criteria, nodes);
    compare_replay(replay, arena, stored, &(struct verdict){stored->unit_id, overall, criteria, nodes, NULL, 0});
    if (evaluation->ranked)
        contestants_add(&replay->contestants, &facts, overall, criteria);
}

static bool replay_verdicts(struct replay *replay)
{
    struct stored_verdict stored;
    enum stored_step step = STORED_FAILED;
    while (within_budget(replay->request) && (step = stored_next(&replay->evaluation, &stored)) == STORED_VERDICT) {
        struct arena scratch = {0};
        judge_again(replay, &scratch, &stored);
        arena_release(&scratch);
    }
    stored_close(&replay->evaluation);
    return step == STORED_END;
}

// ---- standings ----

static json_t *standing_json(const struct standing *row)
{
    return json_pack("{s:I, s:s}", "rank", (json_int_t)row->rank, "status", standing_status_name(row->status));
}

// The first row that came out otherwise.
static void compare_standings(struct replay *replay, const struct ranked *again)
{
    struct ranked stored = *again;
    bool good = ranked_unpack(&replay->request->arena, &stored, replay->evaluation.standings,
                              replay->evaluation.standings_length);
    for (size_t f = 0; good && f < again->count; f++)
        for (size_t i = 0; i < again->all[f].standings.count; i++) {
            const struct standing *old = &stored.all[f].standings.rows[i], *now = &again->all[f].standings.rows[i];
            if (old->contestant != now->contestant || old->rank != now->rank || old->status != now->status ||
                old->tier != now->tier)
                differ(replay, "STANDINGS", again->all[f].input.contestants[now->contestant].unit_id, NULL, NULL,
                       standing_json(old), standing_json(now));
        }
    differ(replay, "STANDINGS", NULL, NULL, NULL, NULL, NULL);
}

// How many places there were, which is stored beside the standings for decisions and papers.
static void compare_places(struct replay *replay, const char *again)
{
    const char *stored = replay->evaluation.counted_places;
    if (stored && again ? strcmp(stored, again) != 0 : stored != again)
        differ(replay, "STANDINGS", NULL, NULL, NULL, stored ? json_loads(stored, 0, NULL) : json_null(),
               again ? json_loads(again, 0, NULL) : json_null());
}

static void replay_standings(struct replay *replay)
{
    struct arena *arena = &replay->request->arena;
    struct rule_faults faults = {.arena = arena};
    struct ranked ranked;
    size_t length;
    if (!replay->evaluation.ranked)
        return;
    if (!ranked_open(&replay->contestants, replay->evaluation.inputs, &faults, &ranked)) {
        differ(replay, "STANDINGS", NULL, NULL, NULL, NULL, NULL);
        return;
    }
    ranked_compute(arena, &ranked);
    const char *bytes = ranked_pack(arena, &ranked, &length);
    const char *places = ranked_places(arena, &ranked);
    digest_add(&replay->result_digest, bytes, length);
    if (places)
        digest_add(&replay->result_digest, places, strlen(places));
    compare_places(replay, places);
    if (length != replay->evaluation.standings_length || memcmp(bytes, replay->evaluation.standings, length) != 0)
        compare_standings(replay, &ranked);
}

// ---- hashes ----

static void compare_hash(struct replay *replay, const char *kind, const char *stored, const char *journalled,
                         const char *again)
{
    if (strcmp(stored, again) != 0)
        differ(replay, kind, NULL, NULL, NULL, json_string(stored), json_string(again));
    else if (!journalled || strcmp(journalled, again) != 0)
        differ(replay, "JOURNAL", NULL, NULL, NULL, text_or_json_null(journalled), json_string(again));
}

static bool read_journal(struct replay *replay)
{
    const struct evaluation_journalled *journalled;
    if (!evaluation_journalled(replay->request, replay->session, replay->evaluation.id, &journalled))
        return false;
    if (journalled) {
        replay->journal_input_hash = journalled->input_hash;
        replay->journal_result_hash = journalled->result_hash;
    }
    return true;
}

// The unit by its name, beside its id.
static bool name_difference(struct replay *replay)
{
    const struct impact_labels *labels = NULL;
    size_t count = 0;
    const char *unit = json_string_value(json_object_get(replay->difference, "unit_id"));
    if (!replay->difference)
        return true;
    if (unit) {
        const char *asked = arena_format(&replay->request->arena, "[{\"unit_id\": \"%s\", \"year\": %s}]", unit,
                                         replay->evaluation.year);
        if (!impact_labels(replay->request, replay->session, asked, &labels, &count))
            return false;
    }
    json_object_set_new(replay->difference, "unit_label", text_or_json_null(count ? labels[0].label : NULL));
    return true;
}

static const char *answer_replay(struct replay *replay)
{
    const struct stored_evaluation *evaluation = &replay->evaluation;
    bool identical = replay->difference == NULL;
    json_t *json = json_pack(
        "{s:s, s:b, s:I, s:s, s:I, s:I, s:o, s:{s:s, s:o, s:s}, s:{s:s, s:o, s:s}}", "evaluation_id", evaluation->id,
        "identical", identical, "verdicts", (json_int_t)replay->count, "rule_set_hash",
        evaluation->rules->document.hash, "semantics", (json_int_t)evaluation->semantics, "semantics_stored",
        (json_int_t)evaluation->semantics, "difference", identical ? json_null() : replay->difference, "input_hashes",
        "stored", evaluation->input_hash, "journal", text_or_json_null(replay->journal_input_hash), "recomputed",
        replay->input_hash, "result_hashes", "stored", evaluation->result_hash, "journal",
        text_or_json_null(replay->journal_result_hash), "recomputed", replay->result_hash);
    const char *text = json_canonical(&replay->request->arena, json, NULL);
    json_decref(json);
    return text;
}

static bool play(struct replay *replay)
{
    const struct stored_evaluation *evaluation = &replay->evaluation;
    replay->contestants = (struct contestants){.arena = &replay->request->arena,
                                               .document = &evaluation->rules->document,
                                               .parameters = &evaluation->parameters,
                                               .semantics = evaluation->semantics};
    replay->input_digest = digest_start();
    replay->result_digest = digest_start();
    digest_add(&replay->input_digest, evaluation->rules->document.hash, SHA256_HEX_LENGTH);
    digest_add(&replay->input_digest, evaluation->parameters_text, strlen(evaluation->parameters_text));
    digest_add(&replay->input_digest, evaluation->inputs_text, strlen(evaluation->inputs_text));
    bool good = stored_ranks(&replay->evaluation, &replay->ranks) && replay_verdicts(replay) && read_journal(replay);
    if (good)
        replay_standings(replay);
    digest_finish(&replay->input_digest, replay->input_hash);
    digest_finish(&replay->result_digest, replay->result_hash);
    return good;
}

static struct reply replay_evaluation(struct request *request, struct session *session)
{
    struct replay replay = {.request = request, .session = session};
    if (!stored_open(request, session, path_value(request, "id"), &replay.evaluation) ||
        !stored_inputs(&replay.evaluation))
        return refusal(request);
    if (!play(&replay)) {
        json_decref(replay.difference);
        return refusal(request);
    }
    compare_hash(&replay, "INPUT_HASH", replay.evaluation.input_hash, replay.journal_input_hash, replay.input_hash);
    compare_hash(&replay, "RESULT_HASH", replay.evaluation.result_hash, replay.journal_result_hash, replay.result_hash);
    if (!name_difference(&replay)) {
        json_decref(replay.difference);
        return refusal(request);
    }
    return computed(request, NULL, answer_replay(&replay));
}

const struct route replay_routes[] = {
    {.method = "POST",
     .path = "/v1/evaluations/{id}/replay",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_COMPUTE,
     .act = replay_evaluation},
    {0},
};
