// The engine alone: on facts that the caller sends, by rules that the caller sends or names. Nothing stored is read but
// the named rules, and nothing is written.
#include "trials/what_if.h"

#include "criteria_sets/document.h"
#include "engine/json/facts_json.h"
#include "engine/json/sent_names.h"
#include "engine/json/verdict_json.h"
#include "evaluations/stored/standing_rows.h"
#include "handler/run.h"
#include "http/route.h"
#include "thidua/civil.h"
#include "thidua/identifier.h"
#include "thidua/round_ranks.h"
#include "trials/private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    UNITS_MOST = 200,
    ANSWER_MOST = 16 * 1024 * 1024, // bytes of verdicts
};

struct what_if {
    const char *campaign, *year, *as_of;
};

static const struct field reference_fields[] = {
    PASSED("name", FIELD_LINE, .required = true, .most = 64),
    PASSED("version", FIELD_INTEGER, .required = true, .least = 1, .most = 9999),
    {0},
};
static const struct field unit_item = {.type = FIELD_JSON};
static const struct field what_if_fields[] = {
    PASSED("rule_set", FIELD_JSON),
    PASSED("criteria_set", FIELD_OBJECT, .fields = reference_fields),
    PASSED("parameters", FIELD_JSON),
    PASSED("units", FIELD_LIST, .least = 1, .most = UNITS_MOST, .item = &unit_item),
    PASSED("standings", FIELD_JSON),
    BOUND(what_if, campaign, FIELD_LINE, .most = 64),
    BOUND(what_if, year, FIELD_INTEGER, .least = 2000, .most = 2999),
    BOUND(what_if, as_of, FIELD_INSTANT),
    PASSED("changes", FIELD_JSON),
    {0},
};

struct engine {
    struct request *request;
    struct rule_set_document document;
    struct evaluation_parameters parameters;
    struct contestants contestants;
    struct unit_facts units[UNITS_MOST];
    size_t unit_count;
    const char *verdicts[UNITS_MOST]; // as JSON
    size_t verdicts_length;
};

static bool needed(struct request *request, const char *pointer)
{
    return violate(request, PROBLEM_INVALID, pointer, "required",
                   say(request, "Thiếu trường bắt buộc.", "This field is required."));
}

// Members of a reference to a stored rule set; NULL where there is none.
static const char *reference_member(struct request *request, const char *name)
{
    const json_t *value = json_object_get(json_object_get(request->json, "criteria_set"), name);
    if (json_is_integer(value))
        return arena_format(&request->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return json_string_value(value);
}

static bool read_trial_rules(struct engine *engine, struct session *session)
{
    struct request *request = engine->request;
    struct rule_faults faults;
    const json_t *json = json_object_get(request->json, "rule_set");
    const char *name = reference_member(request, "name"), *version = reference_member(request, "version");
    if (!json && !name)
        return needed(request, "/rule_set");
    if (!json && !document_stored(request, session, name, version, &json))
        return false;
    if (!document_check(request, json, false, &faults, &engine->document))
        return document_refuse(request, &faults, "/rule_set");
    return engine->document.rules != NULL;
}

static bool read_trial_parameters(struct engine *engine)
{
    struct request *request = engine->request;
    struct rule_faults faults = {.arena = &request->arena};
    const json_t *json = json_object_get(request->json, "parameters");
    if (!json)
        return needed(request, "/parameters");
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): without rules, read_trial_rules() has refused
    const struct rule_set_source *source = engine->document.rules->source;
    bool named = sent_limits_named(&request->arena, source, json, "/parameters", &faults);
    if (!parameters_from_json(&request->arena, source, json, "/parameters", &faults, &engine->parameters) || !named)
        return judged_refuse(request, &faults);
    return criteria_covers_year(engine->document.rules, engine->parameters.award_year) ||
           violate(request, PROBLEM_RULE_REFUSED, "/parameters/award_year", "not_covered",
                   say(request, "Bộ tiêu chí không áp dụng cho năm này.", "The rule set does not cover this year."));
}

bool unit_twice(struct request *request, const char *pointer)
{
    return violate(
        request, PROBLEM_INVALID, pointer, "repeated",
        say(request, "Đơn vị này đã nêu ở trên; chỉ nêu một lần.", "The unit is named above already: name it once."));
}

static bool is_sent_above(const json_t *units, const char *unit_id, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        const char *above = json_string_value(json_object_get(json_array_get(units, i), "unit_id"));
        if (above && strcasecmp(above, unit_id) == 0)
            return true;
    }
    return false;
}

static bool read_trial_unit(struct engine *engine, const json_t *snapshot, size_t index)
{
    struct request *request = engine->request;
    struct rule_faults faults = {.arena = &request->arena};
    struct unit_facts *facts = &engine->units[engine->unit_count++];
    const char *pointer = arena_format(&request->arena, "/units/%zu", index);
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): without rules, read_trial_rules() has refused
    const struct rule_set_source *source = engine->document.rules->source;
    bool named = sent_facts_named(&request->arena, source, snapshot, false, pointer, &faults);
    if (!facts_from_json(&request->arena, source, snapshot, pointer, &faults, facts) || !named)
        return judged_refuse(request, &faults);
    if (!uuid_text_is_valid(facts->unit_id, strlen(facts->unit_id)))
        return violate(request, PROBLEM_INVALID, arena_format(&request->arena, "%s/unit_id", pointer), "uuid",
                       say(request, "Phải là một UUID.", "Must be a UUID."));
    return !is_sent_above(json_object_get(request->json, "units"), facts->unit_id, index) ||
           unit_twice(request, arena_format(&request->arena, "%s/unit_id", pointer));
}

// Names the faults of all units, as far as a problem has room for them.
static bool read_units(struct engine *engine)
{
    struct request *request = engine->request;
    json_t *units = json_object_get(request->json, "units"), *unit;
    size_t i;
    bool good = json_array_size(units) > 0 || needed(request, "/units");
    json_array_foreach(units, i, unit)
    {
        good = read_trial_unit(engine, unit, i) && good;
        if (request->problem.violations_count == VIOLATIONS_MAX || !within_budget(request))
            return false;
    }
    return good;
}

// Small rules and many units, or many leaves and many entries, ask for far more than was sent.
static bool trial_is_workable(struct engine *engine)
{
    struct request *request = engine->request;
    const struct rule_set *rules = engine->document.rules;
    uint64_t work = 0, texts = (uint64_t)verdict_least_length(rules) * engine->unit_count;
    for (size_t i = 0; i < engine->unit_count; i++)
        work += criteria_work(rules, &engine->units[i]) + standings_work(engine->document.standings, &engine->units[i]);
    if (work > CRITERIA_MOST_WORK)
        return too_much_work(request, work, CRITERIA_MOST_WORK, "phép so sánh", "comparisons");
    return texts <= ANSWER_MOST || too_much_work(request, texts, ANSWER_MOST, "byte trả lời", "bytes of answer");
}

static bool judge_trial(struct engine *engine, struct arena *scratch, size_t index)
{
    struct request *request = engine->request;
    const struct unit_facts *facts = &engine->units[index];
    struct verdict verdict;
    size_t length;
    criteria_evaluate(scratch, engine->document.rules, &engine->parameters, facts, &verdict);
    struct verdict_view view = {engine->document.rules, &engine->parameters, facts, &verdict, AUDIENCE_RESTRICTED};
    const char *text = verdict_to_text(scratch, &view, &length);
    engine->verdicts_length += length;
    if (!within_budget(request))
        return false;
    if (engine->verdicts_length > ANSWER_MOST)
        return too_much_work(request, engine->verdicts_length, ANSWER_MOST, "byte trả lời", "bytes of answer");
    engine->verdicts[index] = arena_copy(&request->arena, text, length);
    if (engine->document.standings) {
        const struct judged judged = {engine->document.rules, &engine->parameters, facts, verdict.criteria,
                                      verdict.nodes};
        contestants_add(&engine->contestants, facts, verdict.overall, verdict.criteria);
        contestants_name_open(&engine->contestants, scratch, &judged);
    }
    return true;
}

// Among the units that were sent, unless their facts say the ranks themselves.
static void rank_units(struct engine *engine)
{
    const struct rule_set *rules = engine->document.rules;
    const json_t *units = json_object_get(engine->request->json, "units");
    if (!rules->rank_count || !engine->document.standings)
        return;
    struct round_ranks *ranks =
        round_ranks_new(&engine->request->arena, rules, engine->document.standings, &engine->parameters);
    for (size_t i = 0; i < engine->unit_count; i++)
        round_ranks_add(ranks, &engine->units[i]);
    round_ranks_settle(ranks);
    for (size_t i = 0; i < engine->unit_count; i++)
        if (!json_object_get(json_array_get(units, i), "ranks"))
            engine->units[i].ranks = round_ranks_of(ranks, i);
}

static bool judge_trial_units(struct engine *engine)
{
    struct arena scratch = {0};
    bool good = true;
    rank_units(engine);
    engine->contestants = (struct contestants){.arena = &engine->request->arena,
                                               .document = &engine->document,
                                               .parameters = &engine->parameters,
                                               .semantics = SEMANTICS_NEWEST};
    for (size_t i = 0; good && i < engine->unit_count; i++) {
        good = judge_trial(engine, &scratch, i);
        arena_release(&scratch);
    }
    return good;
}

static bool rank_trial(struct engine *engine, json_t **ret_json)
{
    struct request *request = engine->request;
    struct rule_faults faults = {.arena = &request->arena};
    struct ranked ranked;
    *ret_json = json_null();
    if (!engine->document.standings)
        return true;
    json_t *given = json_object_get(request->json, "standings");
    json_t *inputs = json_pack("{s:O*}", "standings", given);
    if (!given)
        json_object_set_new(inputs, "standings", json_object());
    bool good = ranked_open(&engine->contestants, inputs, &faults, &ranked);
    if (good) {
        ranked_compute(&request->arena, &ranked);
        *ret_json = ranked_json(&ranked, inputs, AUDIENCE_RESTRICTED);
    }
    json_decref(inputs);
    return good || judged_refuse(request, &faults);
}

// Verdicts are put together as text: as JSON values all of them would take several times the room.
static const char *answer_text(const struct engine *engine, json_t *standings)
{
    struct arena *arena = &engine->request->arena;
    json_t *frame = json_pack("{s:s, s:i, s:o}", "rule_set_hash", engine->document.hash, "semantics", SEMANTICS_NEWEST,
                              "standings", standings);
    size_t length;
    const char *before = json_canonical(arena, frame, &length);
    json_decref(frame);
    char *text =
        arena_allocate(arena, length + engine->verdicts_length + engine->unit_count + sizeof ",\"verdicts\":[]}");
    char *at = mempcpy(text, before, length - 1);
    at = stpcpy(at, ",\"verdicts\":[");
    for (size_t i = 0; i < engine->unit_count; i++) {
        at = stpcpy(at, i ? "," : "");
        at = stpcpy(at, engine->verdicts[i]);
    }
    stpcpy(at, "]}");
    return text;
}

static struct reply try_facts(struct request *request, struct session *session)
{
    struct engine *engine = arena_new(&request->arena, struct engine);
    json_t *standings = NULL;
    engine->request = request;
    if (!read_trial_rules(engine, session) || !read_trial_parameters(engine) || !read_units(engine) ||
        !trial_is_workable(engine) || !judge_trial_units(engine) || !rank_trial(engine, &standings))
        return refusal(request);
    return computed(request, NULL, answer_text(engine, standings));
}

// What would be passed over is a mistake of the caller, who would read an answer to another question.
static bool body_fits(struct request *request, bool of_round)
{
    static const struct {
        const char *name;
        bool of_round;
    } members[] = {{"parameters", false}, {"units", false}, {"standings", false},
                   {"year", true},        {"as_of", true},  {"changes", true}};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (members[i].of_round != of_round && json_object_get(request->json, members[i].name))
            violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/%s", members[i].name), "unused",
                    of_round
                        ? say(request, "Khi nêu campaign, dữ kiện là của đợt xét: hãy bỏ trường này; dùng changes.",
                              "With campaign the facts are those of the round: leave this out and use changes.")
                        : say(request, "Trường này chỉ dùng cùng campaign: hãy nêu campaign hoặc bỏ trường này.",
                              "This is for a round only: give campaign, or leave this out."));
    if (json_object_get(request->json, "rule_set") && json_object_get(request->json, "criteria_set"))
        violate(request, PROBLEM_INVALID, "/criteria_set", "both",
                say(request, "Chỉ nêu một trong hai: \"rule_set\" hoặc \"criteria_set\".",
                    "Give one of the two: \"rule_set\" or \"criteria_set\"."));
    return request->problem.kind == PROBLEM_NONE;
}

static struct reply what_if(struct request *request, struct session *session)
{
    struct what_if body = {0};
    if (!read_body(request, what_if_fields, &body) || !body_fits(request, body.campaign))
        return refusal(request);
    if (!body.campaign)
        return try_facts(request, session);
    if (!has_role(request, MAY_READ_RESTRICTED))
        refuse(request, PROBLEM_FORBIDDEN,
               say(request, "Chỉ Sở Nội vụ, Văn phòng Chủ tịch và kiểm toán thử trên dữ liệu của đợt xét.",
                   "Only Home Affairs, the Chair's office and auditors may try other data on a round."));
    else if (!body.year)
        needed(request, "/year");
    if (request->problem.kind != PROBLEM_NONE)
        return refusal(request);
    return try_round(request, session,
                     &(struct trial){.campaign = body.campaign,
                                     .year = body.year,
                                     .as_of = body.as_of,
                                     .rule_set = json_object_get(request->json, "rule_set"),
                                     .name = reference_member(request, "name"),
                                     .version = reference_member(request, "version"),
                                     .changes = json_object_get(request->json, "changes")});
}

const struct route what_if_routes[] = {
    {.method = "POST",
     .path = "/v1/what-if",
     .roles = ANY_KEY,
     .lane = LANE_HEAVY,
     .one_state = true,
     .trial = true,
     .act = what_if,
     .body_kind = BODY_JSON,
     .body = what_if_fields},
    {0},
};
