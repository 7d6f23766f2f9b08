#include "evaluations/inputs.h"

#include "evaluations/evaluations.sql.h"
#include "evaluations/form_inputs.h"
#include "evaluations/overrides.sql.h"
#include "evaluations/ties.sql.h"
#include "handler/run.h"
#include "holidays/holidays.sql.h"
#include "rounds/parameters.h"

#include <stdlib.h>
#include <string.h>

// ---- parameters ----

static bool declares(const struct rule_set_source *source, const char *name)
{
    for (size_t i = BUILT_IN_PARAMETERS; i < source->parameter_count; i++)
        if (strcmp(source->parameters[i].name, name) == 0)
            return true;
    return false;
}

// Numbers of the round, each where the rules declare it: those of other rules stay out of the inputs.
static void add_numbers(json_t *limits, const struct rule_set_source *source, const char *parameters)
{
    json_t *list = parameters ? json_loads(parameters, 0, NULL) : NULL, *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));
        const char *text = json_string_value(json_object_get(item, "value"));
        size_t slot = BUILT_IN_PARAMETERS;
        while (slot < source->parameter_count && strcmp(source->parameters[slot].name, name) != 0)
            slot++;
        if (slot < source->parameter_count && !source->parameters[slot].reckoned)
            json_object_set_new(limits, name,
                                source->parameters[slot].type == VALUE_INTEGER ? json_integer(strtoll(text, NULL, 10))
                                                                               : json_string(text));
    }
    json_decref(list);
}

// The dates of the round under the names that rule sets may declare.
static json_t *limits_json(const struct rule_set_source *source, const struct round_dates *dates)
{
    const char *const days[] = {
        [DAY_DOSSIER_CUT_OFF] = dates->cut_off,
        [DAY_REPORT_CUT_OFF] = dates->report_cut_off,
        [DAY_CONFERENCE_ON] = dates->conference_on,
        [DAY_SUBMITTED_ON] = dates->submitted_on,
        [DAY_SUBMITTED_ON_OR_AS_OF] = dates->submitted_on ? dates->submitted_on : dates->as_of_date,
        [DAY_SIGNED_ON] = dates->signed_on,
        [DAY_SIGNED_ON_OR_AS_OF] = dates->signed_on ? dates->signed_on : dates->as_of_date,
    };
    json_t *json = json_object();
    for (enum round_day day = 0; day < ROUND_DAYS; day++)
        if (declares(source, round_day_names[day]))
            json_object_set_new(json, round_day_names[day], days[day] ? json_string(days[day]) : json_null());
    add_numbers(json, source, dates->parameters);
    return json;
}

// Only where it is no calendar year, so that inputs of other rounds are what they were.
static void add_award_year(json_t *json, const struct round_dates *dates)
{
    if (strcmp(dates->first_day + strlen(dates->first_day) - strlen("-01-01"), "-01-01") != 0)
        json_object_set_new(json, "award_year_days",
                            json_pack("{s:s, s:s}", "from", dates->first_day, "through", dates->last_day));
}

bool parameters_inputs(struct request *request, struct session *session, const struct rule_set *rules,
                       const struct round_dates *dates, json_t **ret_json)
{
    struct holiday_calendar days;
    bool counted = rules->counts_working_days;
    if (counted && !holiday_calendar(request, session, dates->year, &days))
        return false;
    json_t *json =
        json_pack("{s:s, s:i, s:o, s:[]}", "as_of", dates->as_of, "award_year", (int)strtol(dates->year, NULL, 10),
                  "limits", limits_json(rules->source, dates), "holidays");
    add_award_year(json, dates);
    json_t *calendar = counted ? json_loads(days.calendar, 0, NULL) : NULL;
    if (calendar)
        json_object_update(json, calendar);
    json_decref(calendar);
    *ret_json = json;
    return true;
}

// ---- standings ----

static const char REST[] = "rest"; // no code of a group: those are in capitals

static void add_places(json_t *quota, json_int_t places)
{
    places += json_integer_value(json_object_get(quota, "places"));
    json_object_set_new(quota, "places", json_integer(places));
}

// Only where there are any, so that inputs of rounds without an award are what they were.
static void count_taken(json_t *quota)
{
    json_object_set_new(quota, "taken", json_integer(json_integer_value(json_object_get(quota, "taken")) + 1));
}

static json_t *quota_named(json_t *quotas, const char *name)
{
    size_t i;
    json_t *quota;
    json_array_foreach(quotas, i, quota)
    {
        if (strcmp(json_string_value(json_object_get(quota, "name")), name) == 0)
            return quota;
    }
    return NULL;
}

// A cluster's share, under its group's.
static json_t *cluster_json(const char *group, const char *cluster, int places)
{
    json_t *quota = json_pack("{s:o, s:i, s:s, s:[{s:s, s:s}]}", "name", json_sprintf("%s/%s", group, cluster),
                              "places", places, "parent", group, "clusters", "group", group, "cluster", cluster);
    return quota;
}

// Groups that were left out share what the allocation leaves of the cap: what others were given is kept for them.
static void add_rest(json_t *quotas, const struct standing_policy *policy, int32_t left)
{
    json_t *groups = json_array();
    for (size_t i = 0; i < policy->group_count; i++)
        if (!quota_named(quotas, policy->groups[i].name))
            json_array_append_new(groups, json_string(policy->groups[i].name));
    if (json_array_size(groups))
        json_array_append_new(quotas, json_pack("{s:s, s:i, s:s, s:O}", "name", REST, "places", (int)left, "parent",
                                                "cap", "groups", groups));
    json_decref(groups);
}

// The allocation as the engine reads it: groups under the cap, and where units are compared inside clusters, clusters
// under their group; else the shares of a group's clusters are taken together.
static json_t *quotas_json(const struct evaluation_quota *shares, size_t count, int32_t cap,
                           const struct standing_policy *policy)
{
    json_t *quotas = json_pack("[{s:s, s:i}]", "name", "cap", "places", (int)cap), *last = NULL;
    int32_t left = cap;
    for (size_t i = 0; i < count; i++) {
        const char *group = shares[i].group_name, *cluster = shares[i].cluster;
        int places = (int)shares[i].slots;
        if (!last || strcmp(json_string_value(json_object_get(last, "name")), group) != 0) {
            last = json_pack("{s:s, s:i, s:s, s:[s]}", "name", group, "places", 0, "parent", "cap", "groups", group);
            json_array_append_new(quotas, last);
        }
        add_places(last, places);
        left -= places;
        if (policy && policy->clustered && cluster)
            json_array_append_new(quotas, cluster_json(group, cluster, places));
    }
    if (policy && policy->keeps_clusters)
        quotas_keep_clusters(quotas);
    if (last && policy)
        add_rest(quotas, policy, left);
    return quotas;
}

// Each award of the year takes its place in the cap and in the shares of its group and cluster.
static json_t *awarded_json(const struct evaluation_awarded *awards, size_t count, json_t *quotas, struct arena *arena)
{
    json_t *units = json_array();
    for (size_t i = 0; i < count; i++) {
        const char *group = awards[i].group_name, *cluster = awards[i].cluster;
        json_t *own = group ? quota_named(quotas, group) : NULL, *of_group = own ? own : quota_named(quotas, REST);
        json_t *of_cluster = cluster ? quota_named(quotas, arena_format(arena, "%s/%s", group, cluster)) : NULL;
        count_taken(json_array_get(quotas, 0));
        if (of_group)
            count_taken(of_group);
        if (of_cluster)
            count_taken(of_cluster);
        json_array_append_new(units, json_string(awards[i].unit_id));
    }
    return units;
}

// Members stand only where there is something to say, so that inputs without overrides and ties are what they were.
static void set_unless_empty(json_t *object, const char *name, json_t *list)
{
    if (json_array_size(list))
        json_object_set(object, name, list);
    json_decref(list);
}

static json_t *overrides_json(const struct override_newest *overrides, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        if (overrides[i].taken_back)
            continue;
        json_t *place = json_loads(overrides[i].place, 0, NULL);
        json_object_set_new(place, "unit_id", json_string(overrides[i].unit_id));
        if (overrides[i].form)
            json_object_set_new(place, "form", json_string(overrides[i].form));
        json_array_append_new(list, place);
    }
    return list;
}

// What people decided on a form: an override names it, and a tie may be of every form.
static json_t *of_form(json_t *list, const char *form)
{
    json_t *own = json_array(), *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        const char *named = json_string_value(json_object_get(item, "form"));
        if (named && strcmp(named, form) != 0)
            continue;
        json_t *copy = json_copy(item);
        json_object_del(copy, "form");
        json_array_append_new(own, copy);
    }
    return own;
}

static json_t *forms_inputs(const struct award_forms *forms, const struct round_field *field, int32_t cap,
                            json_t *overrides, json_t *ties)
{
    json_t *all = json_object();
    for (size_t f = 0; f < forms->count; f++) {
        json_t *own = form_inputs(&forms->items[f], field);
        set_unless_empty(own, "overrides", of_form(overrides, forms->items[f].code));
        set_unless_empty(own, "tie_decisions", of_form(ties, forms->items[f].code));
        json_object_set_new(all, forms->items[f].code, own);
    }
    return json_pack("{s:o, s:i}", "forms", all, "cap_of_year", (int)cap);
}

// Only forms of a plan are named.
static void forget_forms(json_t *list)
{
    json_t *item;
    size_t i;
    json_array_foreach(list, i, item) json_object_del(item, "form");
}

bool standings_inputs(struct request *request, struct session *session, const char *campaign, const char *year,
                      int32_t cap, const struct standing_policy *policy, const struct award_forms *forms,
                      json_t **ret_json)
{
    const struct evaluation_field *rows;
    size_t row_count = 0;
    const struct evaluation_quota *shares;
    const struct evaluation_awarded *awards;
    const struct override_newest *overrides;
    struct tie_decisions_in_force ties;
    size_t share_count, award_count, override_count;
    if (!evaluation_quota(request, session, campaign, year, &shares, &share_count) ||
        !evaluation_awarded(request, session, campaign, year, &awards, &award_count) ||
        !override_newest(request, session, campaign, year, NULL, &overrides, &override_count) ||
        !tie_decisions_in_force(request, session, campaign, year, &ties) ||
        (forms->count && !evaluation_field(request, session, campaign, year, &rows, &row_count)))
        return false;
    json_t *decided = overrides_json(overrides, override_count), *tied = json_loads(ties.ties, 0, NULL);
    if (forms->count) {
        const struct round_field field = {rows, row_count, shares, share_count, awards, award_count};
        *ret_json = forms_inputs(forms, &field, cap, decided, tied);
        json_decref(decided);
        json_decref(tied);
        return true;
    }
    forget_forms(decided);
    forget_forms(tied);
    json_t *standings = json_object();
    // A round may hold fewer places than its rules know of: the lower number holds.
    if (share_count || award_count || (policy && cap < policy->cap))
        json_object_set_new(standings, "quotas", quotas_json(shares, share_count, cap, policy));
    set_unless_empty(standings, "awarded",
                     awarded_json(awards, award_count, json_object_get(standings, "quotas"), &request->arena));
    set_unless_empty(standings, "overrides", decided);
    set_unless_empty(standings, "tie_decisions", tied);
    *ret_json = standings;
    return true;
}

bool inputs_allocated(const json_t *standings)
{
    const char *form;
    json_t *own;
    json_object_foreach(json_object_get(standings, "forms"), form, own) if (inputs_allocated(own)) return true;
    return json_array_size(json_object_get(standings, "quotas")) > 1; // the topmost is the cap
}

bool inputs_rankable(const json_t *standings)
{
    const char *form;
    json_t *own;
    json_object_foreach(json_object_get(standings, "forms"), form, own) if (!inputs_rankable(own)) return false;
    return json_array_size(json_object_get(standings, "quotas")) <= STANDING_MOST_QUOTAS;
}

bool inputs_beyond_cap(const json_t *standings)
{
    const char *form;
    json_t *own;
    json_int_t places = 0;
    json_object_foreach(json_object_get(standings, "forms"), form, own) places +=
        json_integer_value(json_object_get(json_array_get(json_object_get(own, "quotas"), 0), "places"));
    return places > json_integer_value(json_object_get(standings, "cap_of_year"));
}
