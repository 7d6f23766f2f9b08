#include "trials/impact.h"

#include "engine/json/facts_json.h"
#include "handler/run.h"
#include "holidays/holidays.sql.h"
#include "thidua/facts_pack.h"
#include "thidua/verdict_pack.h"

#include <string.h>

// ---- what the new rules find of what was stored ----

static void note_missing_parameters(const struct impact *impact, const json_t *limits)
{
    const struct rule_set_source *source = impact->rules->source;
    for (size_t i = BUILT_IN_PARAMETERS; i < source->parameter_count; i++)
        if (!source->parameters[i].reckoned && !json_object_get(limits, source->parameters[i].name))
            json_array_append_new(impact->missing, json_sprintf("parameters/%s", source->parameters[i].name));
    for (size_t i = 0; i < source->rank_count; i++) // of the whole round: an impact looks at each verdict by itself
        json_array_append_new(impact->missing, json_sprintf("ranks/%s", source->ranks[i]->id));
}

// The stored parameters; where only the new rules count working days, by the days that are known now.
static bool read_impact_parameters(struct impact *impact)
{
    const struct stored_evaluation *evaluation = &impact->evaluation;
    struct holiday_calendar days;
    struct rule_faults faults = {.arena = &impact->request->arena};
    json_t *parameters = json_copy((json_t *)(uintptr_t)evaluation->parameters_json);
    if (impact->rules->counts_working_days && !json_object_get(parameters, "holidays_known")) {
        if (!holiday_calendar(impact->request, impact->session, evaluation->year, &days)) {
            json_decref(parameters);
            return false;
        }
        json_t *calendar = json_loads(days.calendar, 0, NULL);
        json_object_update(parameters, calendar);
        json_decref(calendar);
    }
    note_missing_parameters(impact, json_object_get(parameters, "limits"));
    bool good = parameters_from_json(&impact->request->arena, impact->rules->source, parameters, "/parameters", &faults,
                                     &impact->parameters);
    json_decref(parameters);
    return good || stored_unfit(&impact->evaluation, "parameters", NULL);
}

static const size_t *map_criteria(struct arena *arena, const struct rule_set_source *from,
                                  const struct rule_set_source *to)
{
    size_t *slots = arena_array(arena, to->criterion_count, sizeof *slots);
    for (size_t i = 0; i < to->criterion_count; i++) {
        slots[i] = SIZE_MAX;
        for (size_t k = 0; k < from->criterion_count; k++)
            if (strcmp(from->criteria[k].id, to->criteria[i].id) == 0)
                slots[i] = k;
    }
    return slots;
}

// ---- comparing ----

static json_t *outcome_json(const struct criterion_result *result)
{
    return result ? json_string(criterion_outcome_name(result->outcome)) : json_null();
}

static void add_impact_criterion(json_t *list, const struct criterion *criterion, const struct criterion_result *from,
                                 const struct criterion_result *to)
{
    if (from && to && from->outcome == to->outcome)
        return;
    json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o}", "id", criterion->id, "clause", criterion->clause,
                                          "from", outcome_json(from), "to", outcome_json(to)));
}

// Criteria that came out otherwise, that are new, or that are no more: a new reference.
static json_t *changed_criteria(const struct impact *impact, const struct verdict *old,
                                const struct criterion_result *criteria)
{
    const struct rule_set_source *from = impact->translation.from, *to = impact->translation.to;
    json_t *list = json_array();
    for (size_t i = 0; i < to->criterion_count; i++)
        add_impact_criterion(list, &to->criteria[i],
                             impact->criteria[i] == SIZE_MAX ? NULL : &old->criteria[impact->criteria[i]],
                             &criteria[i]);
    for (size_t k = 0; k < from->criterion_count; k++) {
        bool stays = false;
        for (size_t i = 0; i < to->criterion_count; i++)
            stays = stays || impact->criteria[i] == k;
        if (!stays)
            add_impact_criterion(list, &from->criteria[k], &old->criteria[k], NULL);
    }
    return list;
}

static void compare_impact(struct impact *impact, const struct verdict *old, enum overall_outcome overall,
                           const struct criterion_result *criteria)
{
    const struct stored_evaluation *evaluation = &impact->evaluation;
    json_t *changed = changed_criteria(impact, old, criteria);
    impact->verdicts++;
    if (old->overall != overall) {
        impact->flipped++;
        impact->flips[old->overall][overall]++;
    } else if (json_array_size(changed) > 0) {
        impact->criteria_only++;
    }
    if (old->overall != overall && json_array_size(impact->shown) < IMPACT_FLIPS_MOST)
        json_array_append_new(impact->shown, json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:O}", "evaluation_id",
                                                       evaluation->id, "campaign", evaluation->campaign, "year",
                                                       (int)strtol(evaluation->year, NULL, 10), "unit_id", old->unit_id,
                                                       "from", overall_outcome_name(old->overall), "to",
                                                       overall_outcome_name(overall), "criteria", changed));
    json_decref(changed);
}

static bool judge_impact(struct impact *impact, struct arena *scratch, const struct stored_verdict *stored)
{
    const struct stored_evaluation *evaluation = &impact->evaluation;
    const struct rule_set *old_rules = evaluation->rules->document.rules;
    struct unit_facts old_facts, facts;
    struct verdict old;
    struct criterion_result *criteria = arena_array(scratch, impact->rules->source->criterion_count, sizeof *criteria);
    struct node_result *nodes = arena_array(scratch, impact->rules->node_count, sizeof *nodes);
    if (stored->results_length < RESULTS_HEAD ||
        !facts_unpack(scratch, old_rules->source, evaluation->common, stored->facts, stored->facts_length,
                      &old_facts) ||
        !verdict_unpack(scratch, old_rules, stored->unit_id, stored->results + RESULTS_HEAD,
                        stored->results_length - RESULTS_HEAD, &old))
        return stored_unfit(&impact->evaluation, "verdict", stored->unit_id);
    facts_translate(scratch, &impact->translation, &old_facts, &facts);
    enum overall_outcome overall = criteria_judge(impact->rules, &impact->parameters, &facts, criteria, nodes);
    compare_impact(impact, &old, overall, criteria);
    return true;
}

static bool judge_impact_units(struct impact *impact)
{
    struct stored_verdict stored;
    enum stored_step step = STORED_FAILED;
    struct arena scratch = {0};
    arena_allocate(&scratch, 1); // so that rewinding keeps the first block
    struct arena_mark mark = arena_mark(&scratch);
    bool good = true;
    while (good && (step = stored_next(&impact->evaluation, &stored)) == STORED_VERDICT) {
        good = judge_impact(impact, &scratch, &stored) && within_budget(impact->request);
        arena_rewind(&scratch, mark);
    }
    arena_release(&scratch);
    stored_close(&impact->evaluation);
    return good && step == STORED_END;
}

bool impact_of(struct impact *impact, const char *id, bool *ret_covered)
{
    struct arena *arena = &impact->request->arena;
    if (!stored_open(impact->request, impact->session, id, &impact->evaluation))
        return false;
    const struct rule_set_source *old = impact->evaluation.rules->document.rules->source;
    *ret_covered = criteria_covers_year(impact->rules, impact->evaluation.parameters.award_year);
    if (!*ret_covered)
        return true;
    impact->translation = facts_translation(arena, old, impact->rules->source);
    for (size_t i = 0; i < impact->translation.missing_count; i++)
        json_array_append_new(impact->missing, json_string(impact->translation.missing[i]));
    impact->criteria = map_criteria(arena, old, impact->rules->source);
    return read_impact_parameters(impact) && judge_impact_units(impact);
}
