#include "evaluations/form_inputs.h"

#include <string.h>

struct form_quotas {
    const struct award_form *form;
    const struct round_field *field;
    json_t *quotas;
    json_int_t total, counted; // places; what they are a share of
};

static bool same_name(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static int64_t basis_of(const struct award_form *form, const struct evaluation_field *row)
{
    return form->places.of == PLACES_OF_NOMINEES ? row->nominees : row->contestants;
}

static bool is_of_eligible(const struct form_quotas *made)
{
    return made->form->places.of == PLACES_OF_ELIGIBLE;
}

// How many places a share of those who are eligible is, only the verdicts say.
static void set_places(const struct form_quotas *made, json_t *quota, int64_t places)
{
    if (is_of_eligible(made))
        json_object_set_new(quota, "of", json_string(places_of_names[PLACES_OF_ELIGIBLE]));
    else
        json_object_set_new(quota, "places", json_integer((json_int_t)places));
}

static const char *name_of(const struct evaluation_field *row)
{
    return row->cluster ? row->cluster : "-";
}

static json_t *named_quota(const char *group, const struct evaluation_field *row, const char *parent)
{
    json_t *name = row ? json_sprintf("%s/%s", group, name_of(row)) : json_string(group);
    return json_pack("{s:o, s:s}", "name", name, "parent", parent);
}

// Units of a group in no cluster are compared with one another, as a cluster of its own.
static int64_t add_clusters(struct form_quotas *made, size_t first, size_t end)
{
    const struct evaluation_field *rows = made->field->rows;
    const char *group = rows[first].group_name;
    int64_t sum = 0;
    for (size_t i = first; i < end; i++) {
        int64_t places = form_places_of(&made->form->places, basis_of(made->form, &rows[i]));
        json_t *quota = named_quota(group, &rows[i], group);
        set_places(made, quota, places);
        if (rows[i].cluster)
            json_object_set_new(quota, "clusters",
                                json_pack("[{s:s, s:s}]", "group", group, "cluster", rows[i].cluster));
        else
            json_object_set_new(quota, "groups", json_pack("[s]", group));
        json_array_append_new(made->quotas, quota);
        sum += places;
    }
    return sum;
}

// The group's own quota stands before those of its clusters, which lie under it.
static void add_group(struct form_quotas *made, size_t first, size_t end)
{
    const struct evaluation_field *rows = made->field->rows;
    const char *group = rows[first].group_name;
    int64_t basis = 0, places;
    json_t *quota = named_quota(group, NULL, "cap");
    json_array_append_new(made->quotas, quota);
    for (size_t i = first; i < end; i++)
        basis += basis_of(made->form, &rows[i]);
    if (made->form->places.per == PLACES_PER_CLUSTER) {
        places = add_clusters(made, first, end);
    } else {
        places = form_places_of(&made->form->places, basis);
        json_object_set_new(quota, "groups", json_pack("[s]", group));
    }
    set_places(made, quota, places);
    made->counted += (json_int_t)basis;
    made->total += (json_int_t)places;
}

static void add_groups(struct form_quotas *made)
{
    const struct round_field *field = made->field;
    for (size_t first = 0, end; first < field->row_count; first = end) {
        end = first + 1;
        while (end < field->row_count && same_name(field->rows[end].group_name, field->rows[first].group_name))
            end++;
        add_group(made, first, end);
    }
}

static bool has_cluster_under(const json_t *quotas, const char *group)
{
    size_t i;
    json_t *quota;
    json_array_foreach((json_t *)(uintptr_t)quotas, i, quota)
    {
        if (json_object_get(quota, "clusters") && same_name(json_string_value(json_object_get(quota, "parent")), group))
            return true;
    }
    return false;
}

void quotas_keep_clusters(json_t *quotas)
{
    size_t count = json_array_size(quotas);
    for (size_t i = 1; i < count; i++) {
        json_t *quota = json_array_get(quotas, i);
        const char *group = json_string_value(json_object_get(quota, "name"));
        if (!json_object_get(quota, "groups") || !has_cluster_under(quotas, group))
            continue;
        json_array_append_new(quotas, json_pack("{s:o, s:i, s:s, s:O}", "name", json_sprintf("%s/-", group), "places",
                                                0, "parent", group, "groups", json_object_get(quota, "groups")));
        json_object_del(quota, "groups");
    }
}

static void add_cluster_shares(struct form_quotas *made, const char *group, json_int_t places)
{
    const struct round_field *field = made->field;
    for (size_t i = 0; i < field->share_count && made->form->policy->clustered; i++) {
        const struct evaluation_quota *share = &field->shares[i];
        if (!share->cluster || !same_name(share->form, made->form->code) || !same_name(share->group_name, group))
            continue;
        json_int_t own = share->slots < places ? share->slots : places;
        places -= own;
        json_array_append_new(made->quotas,
                              json_pack("{s:o, s:I, s:s, s:[{s:s, s:s}]}", "name",
                                        json_sprintf("%s/%s", group, share->cluster), "places", own, "parent", group,
                                        "clusters", "group", group, "cluster", share->cluster));
    }
}

// The allocation of a form whose places are for the whole province: groups under the cap. Groups that were left out
// share what it leaves.
static void add_shares(struct form_quotas *made)
{
    const struct round_field *field = made->field;
    const struct standing_policy *policy = made->form->policy;
    json_int_t left = is_of_eligible(made) ? FORM_MOST_PLACES : made->total;
    json_t *rest = json_array();
    bool allocated = false;
    for (size_t g = 0; g < policy->declared_count; g++) {
        json_int_t places = -1;
        for (size_t i = 0; i < field->share_count; i++)
            if (same_name(field->shares[i].form, made->form->code) &&
                same_name(field->shares[i].group_name, policy->groups[g].name))
                places = (places < 0 ? 0 : places) + field->shares[i].slots;
        if (places < 0) {
            json_array_append_new(rest, json_string(policy->groups[g].name));
            continue;
        }
        places = places > left ? left : places; // what the register makes of a share may have shrunk since
        allocated = true;
        left -= places;
        json_array_append_new(made->quotas,
                              json_pack("{s:s, s:I, s:s, s:[s]}", "name", policy->groups[g].name, "places", places,
                                        "parent", "cap", "groups", policy->groups[g].name));
        add_cluster_shares(made, policy->groups[g].name, places);
    }
    quotas_keep_clusters(made->quotas);
    if (allocated && json_array_size(rest)) {
        json_t *quota = json_pack("{s:s, s:s, s:O}", "name", "rest", "parent", "cap", "groups", rest);
        set_places(made, quota, left);
        json_array_append_new(made->quotas, quota);
    }
    json_decref(rest);
}

static json_t *quota_with(json_t *quotas, const char *name)
{
    size_t i;
    json_t *quota;
    json_array_foreach(quotas, i, quota)
    {
        if (same_name(json_string_value(json_object_get(quota, "name")), name))
            return quota;
    }
    return NULL;
}

static void take_place(json_t *quota)
{
    if (quota)
        json_object_set_new(quota, "taken", json_integer(json_integer_value(json_object_get(quota, "taken")) + 1));
}

static void add_awards(const struct form_quotas *made, json_t *inputs)
{
    json_t *units = json_array(), *tiers = json_object();
    for (size_t i = 0; i < made->field->award_count; i++) {
        const struct evaluation_awarded *award = &made->field->awards[i];
        if (!same_name(award->form, made->form->code))
            continue;
        json_t *cluster =
            award->group_name ? json_sprintf("%s/%s", award->group_name, award->cluster ? award->cluster : "-") : NULL;
        json_t *own = award->group_name ? quota_with(made->quotas, award->group_name) : NULL;
        take_place(json_array_get(made->quotas, 0));
        take_place(own ? own : quota_with(made->quotas, "rest"));
        if (cluster)
            take_place(quota_with(made->quotas, json_string_value(cluster)));
        json_decref(cluster);
        json_array_append_new(units, json_string(award->unit_id));
        if (award->tier)
            json_object_set_new(tiers, award->unit_id, json_string(award->tier));
    }
    if (json_array_size(units))
        json_object_set(inputs, "awarded", units);
    if (json_object_size(tiers))
        json_object_set(inputs, "tiers_given", tiers);
    json_decref(units);
    json_decref(tiers);
}

static json_t *share_json(struct fraction share)
{
    return share.q == SHARE_OF_PERCENT ? json_sprintf("%d.%02d %%", (int)(share.p / 100), (int)(share.p % 100))
                                       : json_sprintf("%d/%d", (int)share.p, (int)share.q);
}

// How many places there are; of a share, frozen with what it was worked out from.
static json_t *places_json(const struct form_quotas *made)
{
    const struct form_places *places = &made->form->places;
    json_t *json = json_pack("{s:s, s:s}", "of", places_of_names[places->of], "per", places_per_names[places->per]);
    if (!is_of_eligible(made))
        json_object_set_new(json, "count", json_integer(made->total));
    if (places->of == PLACES_NUMBER)
        return json;
    if (!is_of_eligible(made))
        json_object_set_new(json, "counted", json_integer(made->counted));
    json_object_set_new(json, "share", share_json(places->share));
    json_object_set_new(json, "rounding", json_string(places_rounding_names[places->rounding]));
    return json;
}

json_t *form_inputs(const struct award_form *form, const struct round_field *field)
{
    struct form_quotas made = {form, field, json_pack("[{s:s}]", "name", "cap"), 0, 0};
    if (form->places.per == PLACES_WHOLE) {
        for (size_t i = 0; i < field->row_count; i++)
            made.counted += (json_int_t)basis_of(form, &field->rows[i]);
        made.total = (json_int_t)form_places_of(&form->places, made.counted);
        add_shares(&made);
    } else {
        add_groups(&made);
    }
    set_places(&made, json_array_get(made.quotas, 0), made.total);
    json_t *inputs = json_pack("{s:o, s:o}", "quotas", made.quotas, "places", places_json(&made));
    add_awards(&made, inputs);
    return inputs;
}
