#include "proposals/proposed_units.h"

#include "evaluations/evaluations.h"
#include "evaluations/overrides.h"
#include "handler/run.h"
#include "proposals/summary.h"

#include <string.h>

// Where the body names the unit; of a proposal that is already stored, which of its units.
static struct unit_named unit_of(struct request *request, const struct proposed_unit *unit, bool stored)
{
    return (struct unit_named){stored ? arena_format(&request->arena, "/units/%s", unit->unit_id)
                                      : arena_format(&request->arena, "/units/%lld/unit_id", unit->place),
                               unit->unit_id, unit->label};
}

// ", hạng 7/9 trong Khối xã": among whom it is so.
static const char *rank_text(struct request *request, const json_t *item)
{
    const json_t *rank = json_object_get(item, "rank"),
                 *label = json_object_get(json_object_get(item, "among"), "label");
    const char *cluster = json_string_value(json_object_get(json_object_get(item, "among"), "cluster"));
    if (!json_is_integer(rank))
        return "";
    long long place = json_integer_value(rank), of = json_integer_value(json_object_get(item, "of"));
    const char *name = json_string_value(json_object_get(label, request->language == ENGLISH ? "en" : "vi"));
    return say(request, ", hạng %lld/%lld trong %s%s%s", ", rank %lld of %lld among: %s%s%s", place, of,
               name ? name : "", cluster ? ", " : "", cluster ? cluster : "");
}

// "; do: Tổng điểm (-3,50)": what first decided against it, or that there is no place left.
static const char *cause_text(struct request *request, const json_t *item)
{
    const json_t *decided = json_object_get(item, "decided_by");
    const char *text = json_string_value(
        json_object_get(json_object_get(decided, "text"), request->language == ENGLISH ? "en" : "vi"));
    const char *margin = json_string_value(json_object_get(decided, "margin"));
    if (!text)
        return "";
    return say(request, "; do: %s%s%s%s", "; by: %s%s%s%s", text, margin ? " (" : "",
               margin ? decimal_text(request, margin) : "", margin ? ")" : "");
}

// "Bằng khen; " where the plan has forms.
static const char *form_text(struct request *request, const json_t *item)
{
    const char *label = json_string_value(
        json_object_get(json_object_get(item, "form_label"), request->language == ENGLISH ? "en" : "vi"));
    return label ? arena_format(&request->arena, "%s; ", label) : "";
}

static const json_t *tiers_of(const json_t *standings, const char *form)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(standings, "forms"), i, item)
    {
        if (form && strcmp(json_string_value(json_object_get(item, "form")), form) == 0)
            return json_object_get(item, "tiers");
    }
    return NULL;
}

// The tier is that of the standings, which the proposal takes over. Where a person gave the place against them, that
// person says which tier it is.
static bool take_tier(struct request *request, const json_t *standings, const struct proposed_unit *unit,
                      const json_t *item)
{
    json_t *body = json_array_get(json_object_get(request->json, "units"), (size_t)unit->place), *tier;
    const json_t *tiers = tiers_of(standings, unit->form), *computed = json_object_get(item, "tier");
    const char *asked = json_string_value(json_object_get(body, "tier")), *names = NULL;
    const char *pointer = arena_format(&request->arena, "/units/%lld/tier", unit->place);
    size_t i;
    if (json_is_string(computed) && (!asked || strcmp(asked, json_string_value(computed)) == 0))
        return json_object_set(body, "tier", (json_t *)(uintptr_t)computed) == 0;
    json_array_foreach((json_t *)(uintptr_t)tiers, i, tier)
    {
        const char *name = json_string_value(json_object_get(tier, "tier"));
        if (asked && strcmp(asked, name) == 0 && !json_is_string(computed))
            return true;
        names = arena_format(&request->arena, "%s%s\"%s\"", names ? names : "", names ? ", " : "", name);
    }
    if (!asked && !names)
        return true;
    return violate(request, PROBLEM_INVALID, pointer, asked ? "unknown" : "required",
                   say(request, "Hạng giải theo bảng xếp hạng: %s; các hạng: %s.",
                       "The tier by the standings: %s; the tiers are: %s.",
                       json_is_string(computed) ? json_string_value(computed) : "–", names ? names : "–"));
}

static bool has_sure_place(struct request *request, const json_t *standings, const struct proposed_unit *unit,
                           bool stored)
{
    const char *pointer = stored ? "/units" : arena_format(&request->arena, "/units/%lld/form", unit->place);
    if (!form_is_named(request, standings, unit->form, pointer))
        return false;
    const json_t *item = standing_of(standings, unit->unit_id, unit->form);
    const char *status = item ? standing_in_force(item) : "OUT";
    if (strcmp(status, "SECURE") == 0)
        return stored || take_tier(request, standings, unit, item);
    status = arena_text(&request->arena, status);
    if (request->problem.kind == PROBLEM_NONE)
        by_clause(request, "III.2.b");
    return violate_unit(
        request, PROBLEM_RULE_REFUSED, unit_of(request, unit, stored), status,
        say(request,
            "%s: %s%s%s%s. Chỉ đề nghị đơn vị có suất chắc chắn, hoặc ghi quyết định khác kèm lý do; quyết "
            "định về đơn vị bằng nhau có hiệu lực từ lần đánh giá sau.",
            "%s: %s%s%s%s. Only a unit with a sure place is proposed; or record an override with its "
            "reason. A decision on a tie counts from the next evaluation on.",
            unit->label, form_text(request, item), words_for(request, "StandingStatus", status),
            rank_text(request, item), cause_text(request, item)));
}

static const struct unit_bar bars[] = {
    {"repeated", PROBLEM_INVALID, NULL, "đã nêu ở trên; chỉ nêu một lần.", "is named above already: name it once."},
    {"unknown", PROBLEM_INVALID, NULL, "không có đơn vị này.", "there is no such unit."},
    {"not_evaluated", PROBLEM_NOT_ELIGIBLE, "III.1", "lần đánh giá này không xét đơn vị này.",
     "the evaluation did not judge this unit."},
    {"not_eligible", PROBLEM_NOT_ELIGIBLE, "III.1", NULL, NULL}, // by the verdict
    {"initiative_unknown", PROBLEM_INVALID, "III.1.c", "không có sáng kiến được nêu.",
     "there is no such initiative as the one named."},
    {"initiative_used", PROBLEM_RULE_REFUSED, "III.1.c", "sáng kiến được nêu đã dùng cho một lần khen thưởng.",
     "the initiative named has already earned an award."},
    {"initiative_counts_not", PROBLEM_RULE_REFUSED, "III.1.c",
     "sáng kiến được nêu không phải của đơn vị, chưa được hội đồng mà tiêu chuẩn đòi hỏi công nhận, hoặc không áp dụng "
     "trong năm.",
     "the initiative named is not the unit's, not recognised by a council that the rules ask for, or was not "
     "applied in the year."},
    {0},
};

static bool bar_unit(struct request *request, struct session *session, const char *evaluation,
                     const struct proposed_unit *unit)
{
    const struct unit_bar *bar = unit_bar_named(bars, unit->why);
    struct unit_named named = unit_of(request, unit, false);
    const char *why;
    if (bar->vi)
        return violate_bar(request, bar, named);
    if (request->problem.kind == PROBLEM_NONE)
        by_clause(request, bar->clause);
    struct problem before = request->problem;
    request->problem.kind = PROBLEM_NONE;
    if (!evaluation_reasons(request, session, evaluation, unit->unit_id, unit->form, &why))
        return false;
    request->problem = before;
    return violate_unit(request, bar->kind, named, unit->overall,
                        say(request, "%s: %s. %s", "%s: %s. %s", unit->label ? unit->label : unit->unit_id,
                            words_for(request, "Overall", unit->overall), why));
}

void bar_units(struct request *request, struct session *session, const char *evaluation,
               const struct proposed_unit *units, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (units[i].why && unit_bar_named(bars, units[i].why)->kind == PROBLEM_INVALID)
            bar_unit(request, session, evaluation, &units[i]);
    for (size_t i = 0; i < count; i++)
        if (units[i].why && unit_bar_named(bars, units[i].why)->kind != PROBLEM_INVALID)
            bar_unit(request, session, evaluation, &units[i]);
}

// Only the newest standings of the whole round say who has a place. `evaluation` is the one that the caller names, or
// NULL.
static bool standings_are_newest(struct request *request, const struct proposal_standings *standings,
                                 const char *evaluation)
{
    if (standings->partial)
        return violate(request, PROBLEM_RULE_REFUSED, "/evaluation_id", "partial",
                       say(request, "Lần đánh giá này chỉ gồm một số đơn vị: không cho biết ai có suất.",
                           "This evaluation is of some units only: it does not say who has a place."));
    if (evaluation && strcmp(standings->newest, evaluation) != 0)
        return violate(request, PROBLEM_CONFLICT, "/evaluation_id", "superseded",
                       say(request, "Đã có lần đánh giá mới hơn (%s); hãy dùng lần đó.",
                           "There is a newer evaluation of the round (%s): name that one.", standings->newest));
    return true;
}

bool have_sure_places(struct request *request, struct session *session, const char *campaign, const char *year,
                      const char *evaluation, const struct proposed_unit *units, size_t count)
{
    struct proposal_standings frame;
    json_t *standings;
    struct problem before = request->problem;
    request->problem.kind = PROBLEM_NONE;
    request->problem.clause = NULL;
    if (!proposal_standings(request, session, campaign, year, evaluation, &frame) ||
        (frame.ranked && (!standings_are_newest(request, &frame, evaluation) ||
                          !evaluation_standings(request, session, frame.newest, &standings))))
        return false;
    request->problem = before;
    if (!frame.ranked)
        return before.kind == PROBLEM_NONE;
    bool good = overrides_show(request, session, campaign, year, NULL, standings);
    for (size_t i = 0; good && i < count; i++)
        if (!units[i].why)
            has_sure_place(request, standings, &units[i], !evaluation);
    json_decref(standings);
    return request->problem.kind == PROBLEM_NONE;
}
