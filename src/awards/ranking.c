#include "awards/ranking.h"

#include "thidua/decimal.h"

#include <string.h>

struct table {
    struct arena *arena;
    const struct ranking *ranking;
    struct standing_rules rules;
    struct standing_key keys[STANDING_KEYS_MOST];
    struct candidate *candidates;
    // Comparison groups: group and cluster.
    const struct contender **groups; // a contender that stands for its group
    size_t *pool_of_group;
    int32_t *places; // one a share, then what is left of the cap
};

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

// ---- values ----

// Of the contents' findings: how many have the wanted result, or the sum of scores × 100 (unknown if one lacks).
static struct standing_value finding_value(const json_t *key, const json_t *snapshot)
{
    struct standing_value value = {.known = true, .part = 0, .whole = 1};
    const json_t *contents = json_object_get(key, "contents"), *content;
    bool scores = strcmp(member(key, "kind"), "finding_score") == 0;
    size_t i;
    json_array_foreach(contents, i, content)
    {
        const json_t *finding = json_object_get(json_object_get(snapshot, "findings"), json_string_value(content));
        const char *score = member(finding, "score");
        int64_t points = 0;
        if (scores)
            value.known = value.known && decimal_parse(score, strlen(score), 2, &points) == DECIMAL_OK;
        else
            points = finding && strcmp(member(finding, "result"), member(key, "result")) == 0;
        value.part += points;
    }
    if (scores)
        value.whole = 100;
    return value;
}

static bool decimal_fact(const json_t *snapshot, const char *name, int64_t *ret_value)
{
    const char *text = member(json_object_get(json_object_get(snapshot, "facts"), name), "value");
    return decimal_parse(text, strlen(text), 2, ret_value) == DECIMAL_OK;
}

static struct standing_value value_of(const json_t *key, const json_t *snapshot)
{
    struct standing_value value = {.whole = 1};
    if (strncmp(member(key, "kind"), "finding_", 8) == 0)
        return finding_value(key, snapshot);
    value.known = decimal_fact(snapshot, member(key, "part"), &value.part) &&
                  decimal_fact(snapshot, member(key, "whole"), &value.whole) && value.whole > 0;
    return value;
}

static enum candidacy candidacy_of(const char *overall)
{
    if (strcmp(overall, "ELIGIBLE") == 0)
        return CANDIDACY_ELIGIBLE;
    return strcmp(overall, "INELIGIBLE") == 0 ? CANDIDACY_NONE : CANDIDACY_OPEN;
}

// ---- groups and pools ----

static bool same_text(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static size_t share_for(const struct ranking *ranking, const struct contender *contender)
{
    for (size_t i = 0; i < ranking->share_count; i++)
        if (strcmp(ranking->shares[i].group, contender->group) == 0 &&
            (!ranking->shares[i].cluster || same_text(ranking->shares[i].cluster, contender->cluster)))
            return i;
    return ranking->share_count; // what is left of the cap
}

static size_t group_for(struct table *table, const struct contender *contender)
{
    size_t group = 0;
    while (group < table->rules.group_count && (strcmp(table->groups[group]->group, contender->group) != 0 ||
                                                !same_text(table->groups[group]->cluster, contender->cluster)))
        group++;
    if (group == table->rules.group_count) {
        table->groups[group] = contender;
        table->pool_of_group[group] = share_for(table->ranking, contender);
        table->rules.group_count++;
    }
    return group;
}

static void set_pools(struct table *table)
{
    const struct ranking *ranking = table->ranking;
    int64_t left = ranking->cap;
    for (size_t i = 0; i < ranking->share_count; i++) {
        table->places[i] = ranking->shares[i].slots;
        left -= ranking->shares[i].slots;
    }
    table->places[ranking->share_count] = left > 0 ? (int32_t)left : 0;
    table->rules.places = table->places;
    table->rules.pool_count = ranking->share_count + 1;
    table->rules.pool_of_group = table->pool_of_group;
    table->rules.cap = ranking->cap;
}

static void set_keys(struct table *table)
{
    const json_t *keys = json_object_get(table->ranking->standings, "keys"), *key;
    size_t i;
    json_array_foreach(keys, i, key)
    {
        if (i == STANDING_KEYS_MOST)
            break;
        table->keys[i] = (struct standing_key){.id = member(key, "id"),
                                               .ascending = strcmp(member(key, "direction"), "ascending") == 0,
                                               .nulls_first = strcmp(member(key, "nulls"), "first") == 0};
        table->rules.key_count = i + 1;
    }
    table->rules.keys = table->keys;
    const char *ties = member(table->ranking->standings, "ties");
    table->rules.ties = strcmp(ties, "admit_none") == 0  ? TIE_ADMIT_NONE
                        : strcmp(ties, "admit_all") == 0 ? TIE_ADMIT_ALL
                                                         : TIE_DECIDE;
}

static void set_candidates(struct table *table)
{
    const json_t *keys = json_object_get(table->ranking->standings, "keys");
    for (size_t i = 0; i < table->ranking->contender_count; i++) {
        const struct contender *contender = &table->ranking->contenders[i];
        struct standing_value *values = arena_array(table->arena, table->rules.key_count + 1, sizeof *values);
        for (size_t key = 0; key < table->rules.key_count; key++)
            values[key] = value_of(json_array_get(keys, key), contender->snapshot);
        table->candidates[i] = (struct candidate){.unit_id = contender->unit_id,
                                                  .group = group_for(table, contender),
                                                  .candidacy = candidacy_of(contender->overall),
                                                  .values = values};
    }
}

// ---- JSON ----

// Plain numbers with up to two decimals, ratios as a percentage: "380.00", "4", "93.50".
static json_t *value_json(struct standing_value value, bool ratio)
{
    char text[DECIMAL_TEXT_SIZE];
    int64_t hundredths = value.part;
    if (!value.known || (ratio && !ratio_percent(value.part, value.whole, &hundredths)))
        return json_null();
    decimal_format(hundredths, ratio || value.whole == 100 ? 2 : 0, text);
    return json_string(text);
}

static json_t *values_json(const struct table *table, const struct candidate *candidate)
{
    const json_t *keys = json_object_get(table->ranking->standings, "keys");
    json_t *values = json_object();
    for (size_t key = 0; key < table->rules.key_count; key++) {
        bool ratio = strcmp(member(json_array_get(keys, key), "kind"), "ratio") == 0;
        json_object_set_new(values, table->keys[key].id, value_json(candidate->values[key], ratio));
    }
    return values;
}

// "What decided against it and by how much": differences of ratios are shown in percentage points.
static void add_decision(const struct table *table, const struct standing *standing, json_t *item)
{
    const json_t *keys = json_object_get(table->ranking->standings, "keys");
    char text[DECIMAL_TEXT_SIZE];
    bool beaten = standing->beaten_by != NO_CANDIDATE, by_key = beaten && standing->decided_by < table->rules.key_count;
    const char *key = by_key ? table->keys[standing->decided_by].id : NULL;
    bool ratio = by_key && strcmp(member(json_array_get(keys, standing->decided_by), "kind"), "ratio") == 0;
    decimal_format(standing->by_ten_thousandths / (ratio ? 1 : 100), 2, text);
    json_object_set_new(item, "beaten_by",
                        beaten ? json_string(table->candidates[standing->beaten_by].unit_id) : json_null());
    json_object_set_new(item, "decided_by", key ? json_string(key) : json_null());
    json_object_set_new(item, "by", by_key ? json_string(text) : json_null());
}

static json_t *item_json(const struct table *table, const struct standing *standing)
{
    const struct contender *contender = &table->ranking->contenders[standing->candidate];
    json_t *item = json_pack("{s:s, s:s, s:s, s:s?, s:i, s:s, s:s, s:o}", "unit_id", contender->unit_id, "label",
                             contender->label, "group", contender->group, "cluster", contender->cluster, "rank",
                             (int)standing->rank, "status", standing_status_name(standing->status), "overall",
                             contender->overall, "values", values_json(table, &table->candidates[standing->candidate]));
    add_decision(table, standing, item);
    return item;
}

json_t *rank_contenders(struct arena *arena, const struct ranking *ranking)
{
    size_t count = ranking->contender_count;
    struct table table = {.arena = arena, .ranking = ranking};
    struct standing *standings;
    table.candidates = arena_array(arena, count + 1, sizeof *table.candidates);
    table.groups = arena_array(arena, count + 1, sizeof *table.groups);
    table.pool_of_group = arena_array(arena, count + 1, sizeof *table.pool_of_group);
    table.places = arena_array(arena, ranking->share_count + 1, sizeof *table.places);
    set_keys(&table);
    set_candidates(&table);
    set_pools(&table);
    if (!standings_rank(arena, &table.rules, table.candidates, count, &standings))
        return NULL;
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(items, item_json(&table, &standings[i]));
    return json_pack("{s:i, s:b, s:s, s:O?, s:o}", "cap", (int)ranking->cap, "allocated", ranking->share_count > 0,
                     "ties", member(ranking->standings, "ties"), "keys", json_object_get(ranking->standings, "keys"),
                     "items", items);
}
