// A random round: small enough for every completion of what is open, and with something of everything.
#include "places.h"

#include "../testing.h"

static enum state random_state(uint64_t *random, bool calm)
{
    return random_below(random, 10) == 0 ? NOT_MET : random_below(random, calm ? 8 : 3) == 0 ? OPEN : MET;
}

static struct unit random_unit(uint64_t *random, const struct round *round, bool calm, size_t *valued)
{
    struct unit unit = {.kind = random_below(random, 4) == 0, .cluster = random_below(random, CLUSTERS)};
    bool open = false;
    for (size_t c = 0; c < CRITERIA; c++)
        open |= (unit.met[c] = random_state(random, calm)) == OPEN;
    for (size_t k = 0; k < KEYS; k++)
        unit.key[k] =
            random_below(random, 8) == 0 ? NONE : GAP * (int)random_below(random, calm ? 2 : TOP_VALUE / GAP + 1);
    unit.valued = *valued < MOST_VALUED && random_below(random, open ? 2 : calm ? 200 : 12) == 0;
    if (unit.valued) {
        (*valued)++;
        unit.key[random_below(random, KEYS)] = NONE;
    }
    unit.awarded = random_below(random, 10) == 0 ? random_below(random, round->form_count) : FORMS;
    unit.awarded_tier = random_below(random, TIERS);
    for (size_t f = 0; f < round->form_count; f++) {
        size_t drawn = random_below(random, 30);
        unit.decided[f] = drawn < 2    ? OUT_BY_PEOPLE
                          : drawn == 2 ? IN_BY_PEOPLE
                          : drawn == 3 ? LEFT_OPEN_BY_PEOPLE
                                       : NOTHING;
        if (random_below(random, 4) == 0) {
            unit.decision[f] = 1 + (int)random_below(random, 2);
            unit.place[f] = 1 + (int)random_below(random, 3);
        }
    }
    return unit;
}

static size_t add_quota(struct form *form, int places, size_t parent)
{
    form->places[form->quota_count] = places;
    form->parent[form->quota_count] = (int)parent;
    return form->quota_count++;
}

static int random_number(uint64_t *random, const struct form *form)
{
    return form->tier_count ? form->tiers[0] + (form->tier_count > 1 ? form->tiers[1] : 0)
                            : (int)random_below(random, 3);
}

// For the whole, by group or by cluster; of the whole, allocated or not.
static void random_places(struct form *form, uint64_t *random)
{
    size_t shape = random_below(random, 4);
    form->allocated = shape == 3;
    form->clustered = shape != 1 && random_below(random, 2) == 0;
    form->tier_count = shape == 1 || shape == 2 ? random_below(random, TIERS + 1) : 0;
    for (size_t t = 0; t < form->tier_count; t++)
        form->tiers[t] = 1 + (int)random_below(random, 2);
    if (shape == 2)
        form->clustered = true;
    add_quota(form, 1 + (int)random_below(random, 4), 0);
    int left = form->places[0], sum = 0;
    for (size_t kind = 0; kind < KINDS && shape; kind++) {
        int places = shape == 3 ? (int)random_below(random, (uint64_t)left + 1) : random_number(random, form),
            below = 0;
        size_t own = add_quota(form, places, 0);
        left -= shape == 3 ? places : 0;
        for (size_t c = 0; c < CLUSTERS; c++)
            form->quota_of[kind * CLUSTERS + c] = own;
        for (size_t c = 0; c < CLUSTERS && shape == 2; c++) {
            int number = random_number(random, form);
            form->quota_of[kind * CLUSTERS + c] = add_quota(form, number, own);
            below += number;
        }
        if (shape == 2)
            form->places[own] = below;
        sum += form->places[own];
    }
    if (shape == 1 || shape == 2)
        form->places[0] = sum;
}

// Instead of the numbers: of the whole, of each group or cluster; of the whole allocated in part, with what is left of
// it for the other group.
static void random_share(struct form *form, size_t forms, uint64_t *random)
{
    bool whole = form->quota_count == 1 || form->allocated;
    form->is_share = true;
    form->counted = random_below(random, forms);
    form->share = (struct form_places){.of = PLACES_OF_ELIGIBLE,
                                       .per = whole ? PLACES_WHOLE : PLACES_PER_GROUP,
                                       .rounding = (enum places_rounding)random_below(random, 3),
                                       .at_least = random_below(random, 4) == 0,
                                       .at_most = random_below(random, 4) ? 1000 : 2,
                                       .form = form->counted};
    form->share.share.q = 1 + (int64_t)random_below(random, 5);
    form->share.share.p = 1 + (int64_t)random_below(random, (uint64_t)form->share.share.q);
    for (size_t q = 0; q < form->quota_count; q++)
        form->of_eligible[q] = q == 0 || !whole || (q == 2 && random_below(random, 2));
}

// In whole steps, from none up.
static int share_of(const struct form_places *share, int count)
{
    int places = 0;
    int64_t twice = 2 * share->share.p * count, q = share->share.q;
    while (share->rounding == ROUND_DOWN ? 2 * q * (places + 1) <= twice
           : share->rounding == ROUND_UP ? 2 * q * places < twice
                                         : 2 * q * (places + 1) - q <= twice)
        places++;
    places = places < share->at_least ? (int)share->at_least : places;
    return places > share->at_most ? (int)share->at_most : places;
}

static bool lies_under(const struct form *form, size_t quota, size_t top)
{
    while (quota != top && quota)
        quota = (size_t)form->parent[quota];
    return quota == top;
}

static bool has_below(const struct form *form, size_t quota)
{
    for (size_t q = 1; q < form->quota_count; q++)
        if ((size_t)form->parent[q] == quota)
            return true;
    return false;
}

// A cluster that nobody is in is not there; those in no cluster are a part of each group.
static bool is_there(const struct round *round, const struct form *form, size_t quota)
{
    bool is = !form->clustered;
    for (size_t i = 0; i < round->count; i++)
        is |= form->quota_of[group_of(form, &round->units[i])] == quota;
    for (size_t kind = 0; kind < KINDS; kind++)
        is |= form->quota_of[kind * CLUSTERS] == quota;
    return is;
}

static int count_in(const struct round *round, const struct form *form, const bool *eligible, size_t quota)
{
    int count = 0;
    for (size_t i = 0; i < round->count; i++)
        count += lies_under(form, form->quota_of[group_of(form, &round->units[i])], quota) &&
                 (eligible[i] || round->units[i].awarded == form->counted);
    return count;
}

void places_with(const struct round *round, const struct form *form, const bool *eligible, int *places)
{
    const bool whole = form->share.per == PLACES_WHOLE;
    int given = 0;
    for (size_t q = 0; q < form->quota_count; q++) {
        places[q] = form->places[q];
        if (form->of_eligible[q])
            places[q] = whole || (!has_below(form, q) && is_there(round, form, q))
                            ? share_of(&form->share, count_in(round, form, eligible, q))
                            : 0;
        given += q && !form->of_eligible[q] ? places[q] : 0;
    }
    for (size_t q = 1; q < form->quota_count && form->is_share; q++) {
        if (whole && form->of_eligible[q])
            places[q] = places[0] > given ? places[0] - given : 0;
        for (size_t top = 0; top < q && !whole && !has_below(form, q); top++)
            places[top] += lies_under(form, q, top) ? places[q] : 0;
    }
}

bool is_met(enum condition condition, const bool *met)
{
    return condition == BOTH          ? met[0] && met[1]
           : condition == FIRST_ONLY  ? met[0]
           : condition == SECOND_ONLY ? met[1]
                                      : met[0] || met[1];
}

enum state verdict_of(const struct form *form, const struct unit *unit)
{
    bool some = false, all = true;
    for (int ends = 0; ends < 1 << CRITERIA; ends++) {
        bool met[CRITERIA];
        for (size_t c = 0; c < CRITERIA; c++)
            met[c] = unit->met[c] == OPEN ? ends >> c & 1 : unit->met[c] == MET;
        some |= is_met(form->condition, met);
        all &= is_met(form->condition, met);
    }
    return all ? MET : some ? OPEN : NOT_MET;
}

size_t group_of(const struct form *form, const struct unit *unit)
{
    return unit->kind * CLUSTERS + (form->clustered ? unit->cluster : 0);
}

bool has_key(const struct form *form, size_t key)
{
    return form->own_key ? key == KEYS - 1 : key < KEYS - 1;
}

bool is_open_value(const struct form *form, const struct unit *unit, size_t key)
{
    return unit->valued && has_key(form, key) && unit->key[key] == NONE && verdict_of(form, unit) != NOT_MET;
}

int value_at(int at)
{
    return at == VALUES - 1 ? NONE : at - (GAP - 1);
}

bool has_open_value(const struct round *round, const struct unit *unit, size_t key)
{
    for (size_t f = 0; f < round->form_count; f++)
        if (is_open_value(&round->forms[f], unit, key))
            return true;
    return false;
}

long worlds_of(const struct round *round, const struct unit *unit)
{
    long worlds = 1;
    for (size_t c = 0; c < CRITERIA; c++)
        worlds *= unit->met[c] == OPEN ? 2 : 1;
    for (size_t k = 0; k < KEYS; k++)
        worlds *= has_open_value(round, unit, k) ? VALUES : 1;
    return worlds;
}

static void close_unit(struct unit *unit)
{
    unit->valued = false;
    for (size_t c = 0; c < CRITERIA; c++)
        unit->met[c] = unit->met[c] == OPEN ? MET : unit->met[c];
}

static void give_awards(struct round *round)
{
    for (size_t i = 0; i < round->count; i++) {
        struct unit *unit = &round->units[i];
        if (unit->awarded == FORMS)
            continue;
        struct form *form = &round->forms[unit->awarded];
        unit->awarded_tier = form->tier_count ? unit->awarded_tier % form->tier_count : 0;
        for (size_t q = form->quota_of[group_of(form, unit)];; q = (size_t)form->parent[q]) {
            form->taken[q]++;
            if (q == 0)
                break;
        }
    }
}

void random_round(struct round *round, uint64_t *random)
{
    *round = (struct round){.form_count = 2 + random_below(random, FORMS - 1)};
    bool calm = random_below(random, 2) == 0;
    size_t valued = 0, own_key = random_below(random, 2 * FORMS), alike = random_below(random, 2);
    for (size_t k = 0; k < KEYS; k++) {
        round->ascending[k] = random_below(random, 4) == 0;
        round->nulls_first[k] = random_below(random, 5) == 0;
    }
    for (size_t f = 0; f < round->form_count; f++) {
        struct form *form = &round->forms[f];
        form->condition = alike ? BOTH : (enum condition)random_below(random, CONDITIONS);
        form->exclusive = random_below(random, 5) != 0;
        form->ties = (enum tie_policy)random_below(random, 3);
        form->own_key = f == own_key;
        random_places(form, random);
        if (random_below(random, 4) == 0 && !form->tier_count)
            random_share(form, round->form_count, random);
    }
    round->count = 1 + random_below(random, UNITS);
    long worlds = 1;
    for (size_t i = 0; i < round->count; i++) {
        struct unit unit = random_unit(random, round, calm, &valued);
        if (worlds * worlds_of(round, &unit) > MOST_WORLDS)
            unit.valued = false;
        if (worlds * worlds_of(round, &unit) > MOST_WORLDS)
            close_unit(&unit);
        worlds *= worlds_of(round, &unit);
        round->units[i] = unit;
    }
    give_awards(round);
}
