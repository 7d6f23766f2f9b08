#include "criteria_sets/criteria_sets.sql.h"
#include "criteria_sets/document.h"
#include "engine/json/facts_json.h"
#include "engine/json/json_reader.h"
#include "engine/json/sent_names.h"
#include "evaluations/evaluate.h"
#include "evaluations/stored/stored.h"
#include "facts/round_facts.h"
#include "handler/run.h"
#include "thidua/facts_pack.h"
#include "thidua/identifier.h"
#include "trials/moved_places.h"
#include "trials/what_if.h"
#include "trials/what_if.sql.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHANGES_MOST = 200, SHOWN_MOST = 200 };

// ---- other rules ----

// It is entered under a name that nothing else has, so that it waits for no other row and none waits for it.
static bool enter_document(struct request *request, struct session *session, const json_t *json,
                           struct evaluation_trial *ret_trial)
{
    struct rule_faults faults;
    struct rule_set_document document;
    struct what_if_enter entered;
    if (!document_check(request, json, false, &faults, &document))
        return document_refuse(request, &faults, "/rule_set");
    if (!what_if_enter(request, session, document.canonical, document.hash, request->caller.name, &entered))
        return false;
    ret_trial->rules_name = entered.name;
    ret_trial->rules_version = entered.version;
    ret_trial->rules_hash = entered.hash;
    return true;
}

static bool take_rules(struct request *request, struct session *session, const struct trial *trial,
                       struct evaluation_trial *ret_trial)
{
    struct criteria_set_hash held;
    const json_t *json = trial->rule_set;
    if (json)
        return enter_document(request, session, json, ret_trial);
    if (!trial->name)
        return true;
    if (!criteria_set_hash(request, session, trial->name, trial->version, sees_drafts(request), &held))
        return false;
    if (!held.published)
        return document_stored(request, session, trial->name, trial->version, &json) &&
               enter_document(request, session, json, ret_trial);
    ret_trial->rules_name = trial->name;
    ret_trial->rules_version = trial->version;
    ret_trial->rules_hash = held.hash;
    return true;
}

// ---- other facts ----

static bool change_unit(struct request *request, struct session *session, const struct trial *trial,
                        const struct rules *rules, const char *unit, const json_t *patch,
                        struct changed_facts *ret_changed)
{
    const struct what_if_snapshot *stored = NULL;
    struct unit_facts facts;
    struct rule_faults faults = {.arena = &request->arena};
    const struct rule_set_source *source = rules->document.rules->source;
    const char *pointer = arena_format(&request->arena, "/changes/%s", unit);
    if (uuid_text_is_valid(unit, strlen(unit)) &&
        !what_if_snapshot(request, session, trial->campaign, trial->year, unit, rules->document.hash, &stored))
        return false;
    if (!stored)
        return violate(request, PROBLEM_INVALID, pointer, "not_registered",
                       say(request, "Đơn vị không có trong danh sách đối tượng thi đua của năm (%s).",
                           "The unit is not in the year's register of contestants (%s).",
                           clause_printed(request, "II.1")));
    json_t *snapshot = json_loads(stored->snapshot, 0, NULL);
    json_t *changed = defer_json(request, json_merge_patch(snapshot, patch));
    json_decref(snapshot);
    json_object_set_new(changed, "unit_id", json_string(stored->unit_id));
    bool named = sent_facts_named(&request->arena, source, patch, true, pointer, &faults);
    if (!facts_from_json(&request->arena, source, changed, pointer, &faults, &facts) || !named)
        return judged_refuse(request, &faults);
    ret_changed->unit_id = stored->unit_id;
    ret_changed->bytes = facts_pack(&request->arena, source, &facts, &ret_changed->length);
    return true;
}

// As text the same unit can be named twice, in capitals and not.
static bool is_changed_above(const json_t *changes, const char *unit)
{
    const char *above;
    json_t *patch;
    json_object_foreach((json_t *)(uintptr_t)changes, above, patch)
    {
        if (strcmp(above, unit) == 0)
            return false;
        if (strcasecmp(above, unit) == 0)
            return true;
    }
    return false;
}

static bool units_differ(struct request *request, const json_t *changes)
{
    const char *unit;
    json_t *patch;
    json_object_foreach((json_t *)(uintptr_t)changes, unit, patch) if (is_changed_above(changes, unit))
        unit_twice(request, arena_format(&request->arena, "/changes/%s", unit));
    return request->problem.kind == PROBLEM_NONE;
}

static bool change_facts(struct request *request, struct session *session, const struct trial *trial,
                         struct evaluation_trial *ret_trial)
{
    struct evaluation_setting setting;
    const char *unit;
    json_t *patch;
    if (json_object_size(trial->changes) > CHANGES_MOST)
        return violate(request, PROBLEM_INVALID, "/changes", "count",
                       say(request, "Nhiều nhất %d đơn vị.", "At most %d units.", CHANGES_MOST));
    if (!units_differ(request, trial->changes) ||
        !evaluation_setting(request, session, trial->campaign, trial->year, trial->as_of, NULL, &setting))
        return false;
    clauses_of_plan(request, setting.clauses);
    const struct rules *rules =
        rules_by_hash(request, session, ret_trial->rules_hash ? ret_trial->rules_hash : setting.rules_hash);
    struct changed_facts *changed = arena_array(&request->arena, CHANGES_MOST, sizeof *changed);
    bool good = rules != NULL;
    json_object_foreach((json_t *)(uintptr_t)trial->changes, unit, patch)
    {
        if (!rules || !within_budget(request)) // of each unit all of its facts are kept
            return false;
        good = change_unit(request, session, trial, rules, unit, patch, &changed[ret_trial->changed_count++]) && good;
    }
    ret_trial->changed = changed;
    return good;
}

// ---- what would be otherwise ----

// criterion id → {clause, result} of a stored verdict.
static bool results_of(struct request *request, struct session *session, const char *id, const char *unit,
                       json_t **ret_results)
{
    struct stored_evaluation evaluation;
    const struct stored_verdict *verdict;
    json_t *criterion, *results = defer_json(request, json_object());
    size_t i;
    if (!stored_open(request, session, id, &evaluation) ||
        !verdict_stored(request, session, id, unit, true, NULL, &verdict))
        return false;
    if (!is_found(request, verdict))
        return false;
    json_t *json = stored_json(&evaluation, &request->arena, verdict, AUDIENCE_RESTRICTED);
    if (!json)
        return false;
    defer_json(request, json);
    json_array_foreach(json_object_get(json, "criteria"), i, criterion)
        json_object_set(results, json_string_value(json_object_get(criterion, "id")), criterion);
    *ret_results = results;
    return true;
}

static json_t *shown(const json_t *criterion)
{
    return criterion
               ? json_pack("{s:O, s:O, s:O}", "result", json_object_get(criterion, "result"), "observed",
                           json_object_get(criterion, "observed"), "required", json_object_get(criterion, "required"))
               : json_null();
}

static void add_criterion_change(json_t *list, const char *id, const json_t *from, const json_t *to)
{
    const json_t *either = from ? from : to;
    if (from && to && json_equal(json_object_get(from, "result"), json_object_get(to, "result")))
        return;
    json_array_append_new(list, json_pack("{s:s, s:O, s:o, s:o}", "id", id, "clause", json_object_get(either, "clause"),
                                          "from", shown(from), "to", shown(to)));
}

static bool add_changed(struct request *request, struct session *session, const struct what_if_changed *unit,
                        const char *before, const char *after, json_t *list)
{
    json_t *from, *to, *criterion;
    const char *id;
    if (!results_of(request, session, before, unit->unit_id, &from) ||
        !results_of(request, session, after, unit->unit_id, &to))
        return false;
    json_t *criteria = json_array();
    json_object_foreach(from, id, criterion) add_criterion_change(criteria, id, criterion, json_object_get(to, id));
    json_object_foreach(to, id, criterion) if (!json_object_get(from, id))
        add_criterion_change(criteria, id, NULL, criterion);
    bool seen = json_array_size(criteria) > 0 || strcmp(unit->overall_before, unit->overall_after) != 0;
    if (seen)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:O}", "unit_id", unit->unit_id, "unit_label",
                                              unit->label, "from", unit->overall_before, "to", unit->overall_after,
                                              "criteria", criteria));
    json_decref(criteria);
    return true;
}

static bool compare_evaluations(struct request *request, struct session *session, const struct trial *trial,
                                const struct evaluation *before, const struct evaluation *after, json_t **ret_answer)
{
    const struct what_if_changed *units;
    size_t count;
    json_t *moved, *changed = json_array();
    if (!what_if_changed(request, session, before->id, after->id, trial->year, &units, &count) ||
        !moved_places(request, session, before->id, after->id, &moved))
        return false;
    for (size_t i = 0; i < count && i < SHOWN_MOST; i++)
        if (!add_changed(request, session, &units[i], before->id, after->id, changed))
            return false;
    json_t *was = json_loads(before->event.after, 0, NULL), *would = json_loads(after->event.after, 0, NULL);
    *ret_answer = json_pack(
        "{s:{s:O, s:O}, s:{s:O, s:O}, s:o, s:b, s:o}", "before", "rule_set_hash", json_object_get(was, "rule_set_hash"),
        "counts", json_object_get(was, "counts"), "after", "rule_set_hash", json_object_get(would, "rule_set_hash"),
        "counts", json_object_get(would, "counts"), "changed", changed, "more", count > SHOWN_MOST, "standings", moved);
    json_decref(was);
    json_decref(would);
    return true;
}

struct reply try_round(struct request *request, struct session *session, const struct trial *trial)
{
    struct evaluation before, after;
    struct evaluation_order order = {.campaign = trial->campaign, .year = trial->year, .as_of = trial->as_of};
    struct evaluation_trial other = {0};
    json_t *answer;
    if (!what_if_begin(request, session) || !evaluate(request, session, &order, &before))
        return refusal(request);
    order.trial = &other;
    if (!take_rules(request, session, trial, &other) ||
        (trial->changes && !change_facts(request, session, trial, &other)) ||
        !evaluate(request, session, &order, &after) ||
        !compare_evaluations(request, session, trial, &before, &after, &answer))
        return refusal(request);
    const char *text = json_canonical(&request->arena, answer, NULL);
    json_decref(answer);
    return computed(request, NULL, text);
}
