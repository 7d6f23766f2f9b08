#include "awards/inputs.h"

#include "database/statement.h"
#include "service/run.h"
#include "statements.h"

#include <string.h>

static void add_places(json_t *quota, json_int_t places)
{
    places += json_integer_value(json_object_get(quota, "places"));
    json_object_set_new(quota, "places", json_integer(places));
}

// A cluster's share, under its group's.
static json_t *cluster_json(const char *group, const char *cluster, int places)
{
    json_t *quota = json_pack("{s:o, s:i, s:s, s:[{s:s, s:s}]}", "name", json_sprintf("%s/%s", group, cluster),
                              "places", places, "parent", group, "clusters", "group", group, "cluster", cluster);
    return quota;
}

// The allocation as the engine reads it: groups under the cap, and where units are compared inside clusters, clusters
// under their group; else the shares of a group's clusters are taken together.
static json_t *quotas_json(const struct rows *rows, int32_t cap, bool clustered)
{
    json_t *quotas = json_pack("[{s:s, s:i}]", "name", "cap", "places", (int)cap), *last = NULL;
    for (int i = 0; i < rows_count(rows); i++) {
        const char *group = rows_text(rows, i, 0), *cluster = rows_text(rows, i, 1);
        int places = (int)rows_number(rows, i, 2);
        if (!last || strcmp(json_string_value(json_object_get(last, "name")), group) != 0) {
            last = json_pack("{s:s, s:i, s:s, s:[s]}", "name", group, "places", 0, "parent", "cap", "groups", group);
            json_array_append_new(quotas, last);
        }
        add_places(last, places);
        if (clustered && cluster)
            json_array_append_new(quotas, cluster_json(group, cluster, places));
    }
    return quotas;
}

// Members stand only where there is something to say, so that inputs without overrides and ties are what they were.
static void set_unless_empty(json_t *object, const char *name, json_t *list)
{
    if (json_array_size(list))
        json_object_set(object, name, list);
    json_decref(list);
}

static json_t *overrides_json(const struct rows *rows)
{
    json_t *list = json_array();
    for (int i = 0; i < rows_count(rows); i++) {
        json_t *place = json_loads(rows_text(rows, i, 1), 0, NULL);
        json_object_set_new(place, "unit_id", json_string(rows_text(rows, i, 0)));
        json_array_append_new(list, place);
    }
    return list;
}

bool standings_inputs(struct request *request, struct session *session, const char *campaign, const char *year,
                      int32_t cap, bool clustered, json_t **ret_json)
{
    struct rows *quota, *overrides, *ties;
    if (!run(request, session, evaluation_quota, &quota, campaign, year) ||
        !run(request, session, override_newest, &overrides, campaign, year, NULL) ||
        !run_one(request, session, tie_decisions_in_force, &ties, campaign, year))
        return false;
    json_t *standings = json_object();
    if (rows_count(quota))
        json_object_set_new(standings, "quotas", quotas_json(quota, cap, clustered));
    set_unless_empty(standings, "overrides", overrides_json(overrides));
    set_unless_empty(standings, "tie_decisions", json_loads(rows_text(ties, 0, 0), 0, NULL));
    *ret_json = standings;
    return true;
}

bool inputs_allocated(const json_t *standings)
{
    return json_object_get(standings, "quotas") != NULL;
}
