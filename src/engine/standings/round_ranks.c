#include "thidua/round_ranks.h"

#include <stdlib.h>
#include <string.h>

#include "engine/private.h"
#include "thidua/decimal.h"

enum { FIRST_ROOM = 256 };

// What a key can be at its best or its worst.
struct bound {
    int infinite; // 1: better than any value, -1: worse; else a value
    int64_t part, whole;
};

struct span {
    struct bound best, worst;
};

struct ranked_unit {
    const char *unit_id;
    size_t group;        // group_count: in none
    const char *cluster; // NULL: in none
    struct span *keys;   // of all leaves, one after the other
    struct rank_interval *intervals;
};

struct round_ranks {
    struct arena *arena;
    const struct rule_set *rules;
    const struct standing_policy *policy;
    const struct evaluation_parameters *parameters;
    struct ranked_unit *units;
    size_t count, room, key_count;
};

// One leaf on its way through all units.
struct rank_pass {
    const struct round_ranks *ranks;
    const struct rank_leaf *leaf;
    size_t first_key;
    bool best; // how unknown values are taken: as the best there could be, or the worst
};

static const struct rank_leaf *leaf_at(const struct round_ranks *ranks, size_t slot)
{
    return (const struct rank_leaf *)ranks->rules->ranks[slot];
}

struct round_ranks *round_ranks_new(struct arena *arena, const struct rule_set *rules,
                                    const struct standing_policy *policy,
                                    const struct evaluation_parameters *parameters)
{
    struct round_ranks *ranks = arena_new(arena, struct round_ranks);
    *ranks = (struct round_ranks){.arena = arena, .rules = rules, .policy = policy, .parameters = parameters};
    for (size_t i = 0; i < rules->rank_count; i++)
        ranks->key_count += leaf_at(ranks, i)->keys.count;
    return ranks;
}

static struct ranked_unit *next_unit(struct round_ranks *ranks)
{
    ranks->units =
        arena_grown(ranks->arena, ranks->units, ranks->count, sizeof *ranks->units, FIRST_ROOM, &ranks->room);
    return &ranks->units[ranks->count++];
}

// ---- what an unknown value may be ----

// Where there is no value: it ranks with the best or with the last.
static struct bound bound_of_none(const struct standing_key *key)
{
    return (struct bound){.infinite = key->nulls_first ? 1 : -1};
}

static struct bound bound_of(struct key_value value, bool best)
{
    if (value.bounded)
        return (struct bound){0, value.best_part, value.best_whole};
    return (struct bound){.infinite = best ? 1 : -1};
}

// An open value lies within what its facts declare, or never comes. A condition comes: it is true or false.
static struct span span_of(const struct standing_key *key, const struct evaluation_parameters *parameters,
                           const struct unit_facts *facts)
{
    const struct bound none = bound_of_none(key);
    struct key_value value = standing_key_value(key, parameters, facts);
    if (value.known)
        return (struct span){{0, value.part, value.whole}, {0, value.part, value.whole}};
    if (value.absent)
        return (struct span){none, none};
    struct standing_key turned = *key; // its best is the worst of the key
    turned.ascending = !key->ascending;
    struct span span = {bound_of(value, true), bound_of(standing_key_value(&turned, parameters, facts), false)};
    if (key->kind == KEY_CONDITION)
        return span;
    if (key->nulls_first)
        span.best = none;
    else
        span.worst = none;
    return span;
}

void round_ranks_add(struct round_ranks *ranks, const struct unit_facts *facts)
{
    const struct standing_policy *policy = ranks->policy;
    struct ranked_unit *unit = next_unit(ranks);
    struct value cluster = {.type = VALUE_UNKNOWN};
    if (policy->clustered)
        cluster = facts->values[policy->cluster_slot];
    *unit = (struct ranked_unit){
        .unit_id = arena_text(ranks->arena, facts->unit_id),
        .group = standing_group(policy, facts),
        .cluster = cluster.type == VALUE_TEXT ? arena_text(ranks->arena, cluster.text) : NULL,
        .keys = arena_array(ranks->arena, ranks->key_count, sizeof *unit->keys),
        .intervals = arena_array(ranks->arena, ranks->rules->rank_count, sizeof *unit->intervals),
    };
    size_t used = 0;
    for (size_t i = 0; i < ranks->rules->rank_count; i++)
        for (size_t k = 0; k < leaf_at(ranks, i)->keys.count; k++)
            unit->keys[used++] = span_of(&leaf_at(ranks, i)->keys.items[k], ranks->parameters, facts);
}

// ---- where a unit is compared ----

static int compare_fields(const struct rank_pass *pass, const struct ranked_unit *a, const struct ranked_unit *b)
{
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (pass->leaf->within == RANK_WITHIN_GROUP)
        return 0;
    if (!a->cluster || !b->cluster)
        return (a->cluster != NULL) - (b->cluster != NULL);
    return strcmp(a->cluster, b->cluster);
}

// Positive where `a`, taken at its best or worst, ranks above `b`.
static int compare_bounds(const struct rank_pass *pass, const struct ranked_unit *a, bool best_a,
                          const struct ranked_unit *b, bool best_b)
{
    for (size_t k = 0; k < pass->leaf->keys.count; k++) {
        const struct span *of_a = &a->keys[pass->first_key + k], *of_b = &b->keys[pass->first_key + k];
        const struct bound *left = best_a ? &of_a->best : &of_a->worst, *right = best_b ? &of_b->best : &of_b->worst;
        int order = (left->infinite > right->infinite) - (left->infinite < right->infinite);
        if (!order && !left->infinite) {
            order = ratio_compare(left->part, left->whole, right->part, right->whole);
            order = pass->leaf->keys.items[k].ascending ? -order : order;
        }
        if (order)
            return order;
    }
    return 0;
}

// By field, from the best down.
static int compare_places(const void *a, const void *b, void *context)
{
    const struct rank_pass *pass = context;
    const struct ranked_unit *left = &pass->ranks->units[*(const size_t *)a],
                             *right = &pass->ranks->units[*(const size_t *)b];
    int field = compare_fields(pass, left, right);
    return field ? field : compare_bounds(pass, right, pass->best, left, pass->best);
}

static size_t *sort_units(const struct rank_pass *pass)
{
    size_t count = pass->ranks->count, *order = arena_array(pass->ranks->arena, count, sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    if (count)
        qsort_r(order, count, sizeof *order, compare_places, (void *)(uintptr_t)pass);
    return order;
}

// How many of [first, end), taken as `pass` says, are above the unit taken the other way.
static size_t count_above(const struct rank_pass *pass, const size_t *order, size_t first, size_t end, size_t unit)
{
    const struct ranked_unit *units = pass->ranks->units;
    size_t low = first, high = end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_bounds(pass, &units[order[middle]], pass->best, &units[unit], !pass->best) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low - first;
}

// A unit's own best is above its own worst while something of it is open.
static bool is_above_itself(const struct rank_pass *pass, size_t unit)
{
    const struct ranked_unit *own = &pass->ranks->units[unit];
    return compare_bounds(pass, own, true, own, false) > 0;
}

static void settle_pass(struct rank_pass *pass, size_t slot)
{
    const struct round_ranks *ranks = pass->ranks;
    size_t *order = sort_units(pass);
    for (size_t first = 0, end; first < ranks->count; first = end) {
        end = first + 1;
        while (end < ranks->count && compare_fields(pass, &ranks->units[order[first]], &ranks->units[order[end]]) == 0)
            end++;
        if (ranks->units[order[first]].group == ranks->policy->group_count)
            continue;
        for (size_t i = first; i < end; i++) {
            struct rank_interval *interval = &ranks->units[order[i]].intervals[slot];
            int64_t above = (int64_t)count_above(pass, order, first, end, order[i]);
            if (pass->best)
                interval->worst = above + 1 - is_above_itself(pass, order[i]);
            else
                interval->best = above + 1;
        }
    }
}

void round_ranks_settle(struct round_ranks *ranks)
{
    size_t first_key = 0;
    for (size_t slot = 0; slot < ranks->rules->rank_count; slot++) {
        struct rank_pass pass = {.ranks = ranks, .leaf = leaf_at(ranks, slot), .first_key = first_key};
        settle_pass(&pass, slot);
        pass.best = true;
        settle_pass(&pass, slot);
        first_key += pass.leaf->keys.count;
    }
}

const struct rank_interval *round_ranks_of(const struct round_ranks *ranks, size_t turn)
{
    return ranks->units[turn].intervals;
}

size_t round_ranks_turn(const struct round_ranks *ranks, const char *unit_id)
{
    size_t low = 0, high = ranks->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(ranks->units[middle].unit_id, unit_id);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}
