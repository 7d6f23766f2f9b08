#include "thidua/standings.h"

#include <stdlib.h>
#include <string.h>

// Products of two 64-bit numbers.
__extension__ typedef __int128 wide;

const char *standing_status_name(enum standing_status status)
{
    static const char *const names[] = {"SECURE", "POSSIBLE", "OUT", "TIE_TO_DECIDE"};
    return names[status];
}

// ---- order ----

static int compare_values(const struct standing_key *key, struct standing_value a, struct standing_value b)
{
    if (!a.known || !b.known) {
        int unknown_first = key->nulls_first ? -1 : 1;
        return a.known == b.known ? 0 : a.known ? -unknown_first : unknown_first;
    }
    wide left = (wide)a.part * b.whole, right = (wide)b.part * a.whole;
    int order = (left > right) - (left < right);
    return key->ascending ? order : -order;
}

int standings_compare(const struct standing_rules *rules, const struct candidate *a, const struct candidate *b,
                      size_t *ret_key)
{
    for (*ret_key = 0; *ret_key < rules->key_count; ++*ret_key) {
        int order = compare_values(&rules->keys[*ret_key], a->values[*ret_key], b->values[*ret_key]);
        if (order)
            return order;
    }
    if (a->decided && b->decided)
        return (a->decided > b->decided) - (a->decided < b->decided);
    return 0;
}

struct sorting {
    const struct standing_rules *rules;
    const struct candidate *candidates;
};

static int compare_standings(const void *left, const void *right, void *context)
{
    const struct sorting *sorting = context;
    size_t a = ((const struct standing *)left)->candidate, b = ((const struct standing *)right)->candidate, key;
    const struct candidate *first = &sorting->candidates[a], *second = &sorting->candidates[b];
    if (first->group != second->group)
        return first->group < second->group ? -1 : 1;
    int order = standings_compare(sorting->rules, first, second, &key);
    return order ? order : (a > b) - (a < b);
}

static void set_ranks(const struct sorting *sorting, struct standing *standings, size_t count)
{
    uint32_t place = 0;
    for (size_t i = 0; i < count; i++) {
        const struct candidate *now = &sorting->candidates[standings[i].candidate];
        const struct candidate *before = i ? &sorting->candidates[standings[i - 1].candidate] : NULL;
        size_t key;
        place = before && before->group == now->group ? place + 1 : 1;
        bool level = place > 1 && standings_compare(sorting->rules, before, now, &key) == 0;
        standings[i].rank = level ? standings[i - 1].rank : place;
    }
}

// ---- places ----

// The units that compete for the same places.
struct pool {
    size_t places;
    size_t potential; // eligible or open
    size_t open;
};

static bool make_pools(const struct standing_rules *rules, const struct candidate *candidates, size_t count,
                       struct pool *pools)
{
    int64_t sum = 0;
    for (size_t i = 0; i < rules->pool_count; i++) {
        if (rules->places[i] < 0)
            return false;
        pools[i].places = (size_t)rules->places[i];
        sum += rules->places[i];
    }
    for (size_t group = 0; group < rules->group_count; group++)
        if (rules->pool_of_group[group] >= rules->pool_count)
            return false;
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].group >= rules->group_count)
            return false;
        struct pool *pool = &pools[rules->pool_of_group[candidates[i].group]];
        pool->potential += candidates[i].candidacy != CANDIDACY_NONE;
        pool->open += candidates[i].candidacy == CANDIDACY_OPEN;
    }
    return sum <= rules->cap;
}

// Surely stays where it is: an open unit with an unknown value may yet rank anywhere in its group.
static bool is_settled(const struct standing_rules *rules, const struct candidate *candidate)
{
    for (size_t key = 0; key < rules->key_count && candidate->candidacy == CANDIDACY_OPEN; key++)
        if (!candidate->values[key].known)
            return false;
    return candidate->candidacy != CANDIDACY_NONE;
}

// The end of the run of standings of one group, or of one rank in it, that begins at `start`.
static size_t run_end(const struct sorting *sorting, const struct standing *standings, size_t count, size_t start,
                      bool same_rank)
{
    size_t group = sorting->candidates[standings[start].candidate].group, end = start;
    while (end < count && sorting->candidates[standings[end].candidate].group == group &&
           (!same_rank || standings[end].rank == standings[start].rank))
        end++;
    return end;
}

static enum standing_status status_of(const struct pool *pool, const struct candidate *self, size_t above, size_t below)
{
    if (self->candidacy == CANDIDACY_NONE || above >= pool->places)
        return STANDING_OUT;
    // Everyone who could take a place before it, itself among them.
    if (self->candidacy == CANDIDACY_ELIGIBLE && pool->potential - below <= pool->places)
        return STANDING_SECURE;
    // With an unknown left in the pool it may still solve itself; else only a person can.
    return pool->open ? STANDING_POSSIBLE : STANDING_TIE_TO_DECIDE;
}

static void settle_ties(const struct standing_rules *rules, struct standing *standings, size_t count)
{
    size_t secure = 0, tied = 0;
    for (size_t i = 0; i < count; i++) {
        secure += standings[i].status == STANDING_SECURE;
        tied += standings[i].status == STANDING_TIE_TO_DECIDE;
    }
    if (rules->ties == TIE_DECIDE || tied == 0)
        return;
    bool admitted = rules->ties == TIE_ADMIT_ALL && secure + tied <= (size_t)rules->cap;
    for (size_t i = 0; i < count; i++)
        if (standings[i].status == STANDING_TIE_TO_DECIDE)
            standings[i].status = admitted ? STANDING_SECURE : STANDING_OUT;
}

// ---- what decided ----

static int64_t difference(struct standing_value better, struct standing_value worse)
{
    if (!better.known || !worse.known)
        return 0;
    wide numerator = (wide)better.part * worse.whole - (wide)worse.part * better.whole;
    wide denominator = (wide)better.whole * worse.whole;
    if (numerator < 0)
        numerator = -numerator;
    return (int64_t)(numerator / denominator * 10000 + numerator % denominator * 10000 / denominator);
}

static void explain(const struct sorting *sorting, struct standing *standings, size_t at)
{
    struct standing *standing = &standings[at];
    const struct candidate *self = &sorting->candidates[standing->candidate];
    standing->beaten_by = NO_CANDIDATE;
    if (standing->status == STANDING_SECURE)
        return;
    for (size_t i = at; i-- > 0;) {
        const struct candidate *other = &sorting->candidates[standings[i].candidate];
        if (other->group != self->group)
            return;
        if (other->candidacy == CANDIDACY_NONE || standings[i].rank == standing->rank)
            continue;
        standing->beaten_by = standings[i].candidate;
        standings_compare(sorting->rules, other, self, &standing->decided_by);
        if (standing->decided_by < sorting->rules->key_count)
            standing->by_ten_thousandths =
                difference(other->values[standing->decided_by], self->values[standing->decided_by]);
        return;
    }
}

// One group, best first: `above` counts the eligible strictly above, `below` the settled strictly below.
static void set_statuses(const struct sorting *sorting, const struct pool *pool, struct standing *standings,
                         size_t start, size_t end)
{
    size_t above = 0, below = 0;
    for (size_t i = start; i < end; i++)
        below += is_settled(sorting->rules, &sorting->candidates[standings[i].candidate]);
    for (size_t first = start; first < end;) {
        size_t after = run_end(sorting, standings, end, first, true), eligible = 0;
        for (size_t i = first; i < after; i++) {
            const struct candidate *self = &sorting->candidates[standings[i].candidate];
            below -= is_settled(sorting->rules, self);
            eligible += self->candidacy == CANDIDACY_ELIGIBLE;
        }
        for (size_t i = first; i < after; i++)
            standings[i].status = status_of(pool, &sorting->candidates[standings[i].candidate], above, below);
        above += eligible;
        first = after;
    }
}

bool standings_rank(struct arena *arena, const struct standing_rules *rules, const struct candidate *candidates,
                    size_t count, struct standing **ret_standings)
{
    struct standing *standings = arena_array(arena, count, sizeof *standings);
    struct pool *pools = arena_array(arena, rules->pool_count, sizeof *pools);
    struct sorting sorting = {rules, candidates};
    if (!make_pools(rules, candidates, count, pools))
        return false;
    for (size_t i = 0; i < count; i++)
        standings[i].candidate = i;
    qsort_r(standings, count, sizeof *standings, compare_standings, &sorting);
    set_ranks(&sorting, standings, count);
    for (size_t start = 0; start < count;) {
        size_t end = run_end(&sorting, standings, count, start, false);
        const struct pool *pool = &pools[rules->pool_of_group[candidates[standings[start].candidate].group]];
        set_statuses(&sorting, pool, standings, start, end);
        start = end;
    }
    settle_ties(rules, standings, count);
    for (size_t i = 0; i < count; i++)
        explain(&sorting, standings, i);
    *ret_standings = standings;
    return true;
}
