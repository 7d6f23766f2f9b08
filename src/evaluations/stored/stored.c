#include "evaluations/stored/stored.h"

#include "base/build_id.h"
#include "base/log.h"
#include "base/sha256.h"
#include "engine/json/facts_json.h"
#include "engine/json/json_text.h"
#include "facts/round_facts.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "http/route.h"
#include "thidua/decimal.h"
#include "thidua/facts_pack.h"
#include "thidua/verdict_pack.h"

#include <stdlib.h>
#include <string.h>

enum { FROM_ROOM = 512 };

bool stored_unfit(struct stored_evaluation *evaluation, const char *what, const char *unit_id)
{
    log_event(LOG_ERROR, "stored_evaluation_unfit", log_text("evaluation", evaluation->id), log_text("what", what),
              log_text("unit_id", unit_id), log_text("request_id", evaluation->request->id));
    return refuse(evaluation->request, PROBLEM_INTERNAL,
                  say(evaluation->request,
                      "Dữ liệu lưu của lần đánh giá này không khớp; POST …/replay chỉ ra chỗ khác.",
                      "The stored parts of this evaluation do not agree; POST …/replay shows the difference."));
}

static bool is_done(struct request *request, const struct evaluation_stored *stored)
{
    if (strcmp(stored->state, "DONE") != 0)
        return refuse(request, PROBLEM_CONFLICT,
                      say(request, "Lần đánh giá này chưa hoàn thành.", "This evaluation is not done."));
    return stored->result_hash ||
           refuse(request, PROBLEM_CONFLICT,
                  say(request, "Lần đánh giá này có trước dạng lưu hiện nay: kết quả không còn.",
                      "This evaluation was made before the current form of storage: its verdicts were not kept."));
}

void stored_rewind(struct stored_evaluation *evaluation)
{
    stored_close(evaluation);
    evaluation->next = evaluation->count = 0;
    memcpy(evaluation->last, "00000000-0000-0000-0000-000000000000", sizeof evaluation->last);
}

bool stored_open(struct request *request, struct session *session, const char *id, struct stored_evaluation *evaluation)
{
    struct evaluation_stored stored;
    struct arena *arena = &request->arena;
    struct rule_faults faults = {.arena = arena};
    *evaluation = (struct stored_evaluation){.request = request, .session = session, .id = id};
    if (!evaluation_stored(request, session, id, has_role(request, MAY_READ_RESTRICTED), &stored) ||
        !is_done(request, &stored))
        return false;
    evaluation->rules = rules_by_hash(request, session, stored.rule_set_hash);
    if (!evaluation->rules)
        return false;
    const json_t *parameters = defer_json(request, json_loads(stored.parameters, 0, NULL));
    evaluation->registers = defer_json(request, json_loads(stored.registers, 0, NULL));
    evaluation->parameters_json = parameters;
    evaluation->parameters_text = json_canonical(arena, parameters, NULL);
    evaluation->campaign = stored.campaign;
    evaluation->year = stored.year;
    evaluation->input_hash = stored.input_hash;
    evaluation->result_hash = stored.result_hash;
    evaluation->semantics = stored.semantics;
    evaluation->ranked = stored.ranked;
    evaluation->common = common_registers(arena, evaluation->rules, evaluation->registers);
    stored_rewind(evaluation);
    return (parameters_from_json(arena, evaluation->rules->document.rules->source, parameters, "", &faults,
                                 &evaluation->parameters) &&
            evaluation->common) ||
           stored_unfit(evaluation, "parameters", NULL);
}

bool stored_inputs(struct stored_evaluation *evaluation)
{
    struct request *request = evaluation->request;
    struct evaluation_inputs stored;
    if (!evaluation_inputs(request, evaluation->session, evaluation->id, &stored))
        return false;
    evaluation->inputs = defer_json(request, json_loads(stored.inputs, 0, NULL));
    evaluation->inputs_text = json_canonical(&request->arena, evaluation->inputs, NULL);
    if (stored.counted_places)
        evaluation->counted_places =
            json_canonical(&request->arena, defer_json(request, json_loads(stored.counted_places, 0, NULL)), NULL);
    evaluation->standings = stored.standings;
    evaluation->standings_length = stored.standings_length;
    return true;
}

void stored_close(struct stored_evaluation *evaluation)
{
    rows_free(evaluation->page);
    evaluation->page = NULL;
}

static bool read_next_page(struct stored_evaluation *evaluation)
{
    struct failure failure;
    stored_close(evaluation);
    evaluation->page = verdict_stream_run(evaluation->session, evaluation->id, evaluation->last, &failure);
    if (!evaluation->page)
        return refuse_failure(evaluation->request, &verdict_stream_statement, &failure);
    evaluation->next = 0;
    evaluation->count = rows_count(evaluation->page);
    if (evaluation->count)
        memcpy(evaluation->last, stored_verdict_at(evaluation->page, evaluation->count - 1).unit_id,
               sizeof evaluation->last);
    return true;
}

enum stored_step stored_next(struct stored_evaluation *evaluation, struct stored_verdict *ret_verdict)
{
    if (evaluation->next == evaluation->count) {
        if (!read_next_page(evaluation))
            return STORED_FAILED;
        if (evaluation->count == 0)
            return STORED_END;
    }
    *ret_verdict = stored_verdict_at(evaluation->page, evaluation->next++);
    return STORED_VERDICT;
}

const char *results_pack(struct arena *arena, const struct rule_set *rules, const char *facts, size_t facts_length,
                         const struct verdict *verdict, size_t *ret_length)
{
    size_t length;
    const char *packed = verdict_pack(arena, rules, verdict, &length);
    char *results = arena_allocate(arena, RESULTS_HEAD + length);
    sha256(facts, facts_length, (unsigned char *)results);
    memcpy(results + RESULTS_HEAD, packed, length);
    *ret_length = RESULTS_HEAD + length;
    return results;
}

// A stored verdict and the facts that it was made from, as the engine has them.
struct unpacked {
    struct unit_facts facts;
    struct verdict verdict;
    struct verdict_view view; // of the two above
};

// False with a problem recorded.
static bool unpack(struct stored_evaluation *evaluation, struct arena *arena, const struct stored_verdict *stored,
                   enum audience audience, struct unpacked *ret_unpacked)
{
    const struct rule_set *rules = evaluation->rules->document.rules;
    ret_unpacked->view = (struct verdict_view){.rules = rules,
                                               .parameters = &evaluation->parameters,
                                               .facts = &ret_unpacked->facts,
                                               .verdict = &ret_unpacked->verdict,
                                               .audience = audience};
    return (facts_unpack(arena, rules->source, evaluation->common, stored->facts, stored->facts_length,
                         &ret_unpacked->facts) &&
            stored->results_length >= RESULTS_HEAD &&
            verdict_unpack(arena, rules, stored->unit_id, stored->results + RESULTS_HEAD,
                           stored->results_length - RESULTS_HEAD, &ret_unpacked->verdict) &&
            strcmp(ret_unpacked->facts.unit_id, stored->unit_id) == 0) ||
           stored_unfit(evaluation, "verdict", stored->unit_id);
}

// Adds the unit to those that are ranked.
static bool add_contestant(struct stored_evaluation *evaluation, struct arena *scratch,
                           const struct stored_verdict *stored, bool explained, struct contestants *contestants)
{
    struct unpacked unpacked;
    if (!unpack(evaluation, scratch, stored, AUDIENCE_RESTRICTED, &unpacked))
        return false;
    const struct judged judged = {evaluation->rules->document.rules, &evaluation->parameters, &unpacked.facts,
                                  unpacked.verdict.criteria, unpacked.verdict.nodes};
    contestants_add(contestants, &unpacked.facts, unpacked.verdict.overall, unpacked.verdict.criteria);
    if (explained)
        contestants_name_open(contestants, scratch, &judged);
    return true;
}

static bool read_contestants(struct stored_evaluation *evaluation, bool explained, struct contestants *contestants)
{
    struct stored_verdict stored;
    struct arena scratch = {0};
    const struct arena_mark empty = arena_mark(&scratch);
    enum stored_step step;
    while ((step = stored_next(evaluation, &stored)) == STORED_VERDICT &&
           add_contestant(evaluation, &scratch, &stored, explained, contestants))
        arena_rewind(&scratch, empty);
    arena_release(&scratch);
    stored_close(evaluation);
    return step == STORED_END;
}

bool stored_ranked(struct stored_evaluation *evaluation, bool explained, struct ranked *ret_ranked)
{
    struct request *request = evaluation->request;
    struct rule_faults faults = {.arena = &request->arena};
    struct contestants contestants = {
        .arena = &request->arena, .document = &evaluation->rules->document, .parameters = &evaluation->parameters};
    if (!evaluation->ranked)
        return refuse(request, PROBLEM_CONFLICT,
                      say(request, "Lần đánh giá này không xếp hạng.", "This evaluation ranked nobody."));
    return stored_inputs(evaluation) && read_contestants(evaluation, explained, &contestants) &&
           ((ranked_open(&contestants, evaluation->inputs, &faults, ret_ranked) &&
             ranked_unpack(&request->arena, ret_ranked, evaluation->standings, evaluation->standings_length)) ||
            stored_unfit(evaluation, "standings", NULL));
}

json_t *stored_json(struct stored_evaluation *evaluation, struct arena *arena, const struct stored_verdict *stored,
                    enum audience audience)
{
    struct unpacked unpacked;
    return unpack(evaluation, arena, stored, audience, &unpacked) ? verdict_to_json(arena, &unpacked.view) : NULL;
}

const char *stored_text(struct stored_evaluation *evaluation, struct arena *arena, const struct stored_verdict *stored,
                        enum audience audience, struct citation_table *cited)
{
    struct unpacked unpacked;
    if (!unpack(evaluation, arena, stored, audience, &unpacked))
        return NULL;
    unpacked.view.cited = cited;
    return verdict_to_text(arena, &unpacked.view, NULL);
}

const struct verdict_view *stored_view(struct stored_evaluation *evaluation, struct arena *arena,
                                       const struct stored_verdict *stored, enum audience audience)
{
    struct unpacked *unpacked = arena_new(arena, struct unpacked);
    return unpack(evaluation, arena, stored, audience, unpacked) ? &unpacked->view : NULL;
}

// NULL: the rules declare no such fact with two decimals.
static const struct value *value_named(const struct rule_set *rules, const struct unit_facts *facts, const char *name)
{
    for (size_t i = 0; i < rules->source->declared_fact_count; i++) {
        const struct fact_declaration *declared = &rules->source->facts[i];
        if (strcmp(declared->name, name) == 0)
            return declared->type == VALUE_DECIMAL && declared->decimals == 2 ? &facts->values[i] : NULL;
    }
    return NULL;
}

bool stored_percent(struct stored_evaluation *evaluation, struct arena *scratch, const struct stored_verdict *stored,
                    const char *part, const char *whole, const char **ret_text)
{
    int64_t hundredths;
    struct unpacked unpacked;
    char text[DECIMAL_TEXT_SIZE] = "";
    *ret_text = NULL;
    if (!unpack(evaluation, scratch, stored, AUDIENCE_RESTRICTED, &unpacked))
        return false;
    const struct value *counted = value_named(unpacked.view.rules, &unpacked.facts, part);
    const struct value *of = value_named(unpacked.view.rules, &unpacked.facts, whole);
    if (!counted || !of)
        return true;
    if (counted->type != VALUE_UNKNOWN && of->type != VALUE_UNKNOWN &&
        ratio_percent(counted->number, of->number, &hundredths))
        decimal_format(hundredths, 2, text);
    *ret_text = arena_text(&evaluation->request->arena, text);
    return true;
}

// Of what tells one text from another, and is seen in it: a hundredth of its bytes. An evaluation's rules, parameters
// and verdicts never change, so its id stands for them, hidden parts and all. Another build may word them otherwise.
struct json_text stored_told_apart(const struct stored_evaluation *evaluation, enum audience audience)
{
    struct json_text from = json_text_new(&evaluation->request->arena, FROM_ROOM);
    json_put_text(&from, build_id());
    json_put_text(&from, evaluation->id);
    json_put_integer(&from, audience);
    return from;
}

static const char *etag_of_answer(const struct stored_evaluation *evaluation, const char *unit_id,
                                  enum audience audience, const struct json_member *beside, size_t count)
{
    struct json_text from = stored_told_apart(evaluation, audience);
    json_put_text(&from, unit_id);
    for (size_t i = 0; i < count; i++) {
        json_put_text(&from, beside[i].name);
        json_put(&from, beside[i].json, beside[i].length);
    }
    return etag_of(evaluation->request, NULL, from.bytes, from.length);
}

struct reply stored_answer(struct stored_evaluation *evaluation, const struct stored_verdict *stored,
                           enum audience audience, const struct json_member *beside, size_t count)
{
    struct request *request = evaluation->request;
    struct arena scratch = {0}; // what is made on the way does not wait until the answer is sent
    struct unpacked unpacked;
    char *text = NULL;
    size_t length = 0;
    const char *etag = etag_of_answer(evaluation, stored->unit_id, audience, beside, count);
    if (etag_known(request, etag))
        return (struct reply){.status = 200, .etag = etag}; // becomes 304, which has no text
    if (unpack(evaluation, &scratch, stored, audience, &unpacked))
        text = verdict_to_answer(&request->arena, &scratch, unpacked.view, beside, count, &length);
    arena_release(&scratch);
    return text ? computed_spelled(request, text, length, etag) : refusal(request);
}

bool stored_row(struct stored_evaluation *evaluation, const struct stored_verdict *stored, enum audience audience,
                struct verdict_matrix *matrix, json_t *row)
{
    struct arena scratch = {0};
    struct unpacked unpacked;
    bool good = unpack(evaluation, &scratch, stored, audience, &unpacked);
    if (good) {
        json_object_set_new(row, "results", verdict_results(&unpacked.view));
        json_object_set_new(row, "missing", verdict_missing(matrix, &unpacked.view));
    }
    arena_release(&scratch);
    return good;
}

bool stored_cells(struct stored_evaluation *evaluation, struct arena *scratch, const struct stored_verdict *stored,
                  enum audience audience, struct verdict_matrix *matrix, struct json_text *row)
{
    struct unpacked unpacked;
    if (!unpack(evaluation, scratch, stored, audience, &unpacked))
        return false;
    verdict_put_cells(row, matrix, &unpacked.view);
    return true;
}
