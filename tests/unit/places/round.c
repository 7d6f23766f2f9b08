#include "places/places.h"
#include "testing.h"

// In a calm round little is open and much is equal: there the ties are.
static struct unit random_unit(uint64_t *random, bool calm)
{
    struct unit unit = {.group = random_below(random, GROUPS)};
    unit.awarded = random_below(random, 12) == 0;
    unit.ineligible = random_below(random, 8) == 0;
    unit.open = !unit.ineligible && !unit.awarded && random_below(random, calm ? 6 : 2) == 0;
    unit.kept_out = random_below(random, 8) == 0;
    for (size_t k = 0; k < KEYS; k++) {
        unit.key[k] =
            random_below(random, calm ? 20 : 3) == 0 ? NONE : (int)random_below(random, calm ? 2 : TOP_VALUE + 1);
        unit.absent[k] = unit.key[k] == NONE && random_below(random, 4) == 0;
        unit.bound[k] =
            unit.key[k] == NONE && random_below(random, 3) == 0 ? (int)random_below(random, TOP_VALUE + 1) : NONE;
    }
    if (random_below(random, 3) == 0) {
        unit.decision = 1 + (int)random_below(random, 2);
        unit.place = 1 + (int)random_below(random, 3);
    }
    return unit;
}

bool key_is_open(const struct unit *unit, size_t k)
{
    return !unit->ineligible && !unit->awarded && unit->key[k] == NONE && !unit->absent[k];
}

int value_count(const struct round *round, const struct unit *unit, size_t k)
{
    if (unit->bound[k] == NONE)
        return BEYOND - LEAST_VALUE + 2;
    return (round->ascending[k] ? BEYOND - unit->bound[k] : unit->bound[k] - LEAST_VALUE) + 2;
}

int value_at(const struct round *round, const struct unit *unit, size_t k, int at)
{
    if (at == value_count(round, unit, k) - 1)
        return NONE;
    return (round->ascending[k] && unit->bound[k] != NONE ? unit->bound[k] : LEAST_VALUE) + at;
}

long worlds_of(const struct round *round, const struct unit *unit)
{
    long worlds = 1;
    for (size_t k = 0; k < KEYS; k++)
        if (key_is_open(unit, k))
            worlds *= value_count(round, unit, k);
    return unit->open ? worlds + 1 : worlds;
}

static void random_quotas(struct round *round, uint64_t *random)
{
    size_t shape = random_below(random, 4); // the cap alone; shares of groups; a rest; shares below a share
    round->quotas[0] = (struct place_quota){.places = 1 + (int)random_below(random, 5)};
    round->quota_count = 1;
    int left = round->quotas[0].places;
    for (size_t g = 0; g < GROUPS && shape; g++) {
        if (shape == 2 && g > 0) { // the others share the rest
            round->quota_of[g] = g == 1 ? round->quota_count++ : round->quota_of[1];
            round->quotas[round->quota_of[g]] = (struct place_quota){.places = left};
            continue;
        }
        int places = (int)random_below(random, (uint64_t)left + 1);
        size_t parent = shape == 3 && g > 0 ? 1 : 0; // below the first share, as clusters are
        if (shape == 3 && g == 0)
            places = left;
        left -= shape == 3 && g == 0 ? 0 : places;
        round->quota_of[g] = round->quota_count;
        round->quotas[round->quota_count++] = (struct place_quota){.places = places, .parent = parent};
    }
    for (size_t i = 0; i < round->count; i++) // what was given is gone, in every quota above
        for (size_t q = round->quota_of[round->units[i].group]; round->units[i].awarded; q = round->quotas[q].parent) {
            round->quotas[q].taken++;
            if (q == 0)
                break;
        }
}

void random_round(struct round *round, uint64_t *random)
{
    *round = (struct round){.ties = (enum tie_policy)random_below(random, 3)};
    for (size_t k = 0; k < KEYS; k++) {
        round->ascending[k] = random_below(random, 4) == 0;
        round->nulls_first[k] = random_below(random, 5) == 0;
    }
    round->count = 1 + random_below(random, UNITS);
    bool calm = random_below(random, 2) == 0;
    long worlds = 1;
    for (size_t i = 0; i < round->count; i++) {
        struct unit unit = random_unit(random, calm);
        if (worlds * worlds_of(round, &unit) > MOST_WORLDS)
            for (size_t k = 0; k < KEYS; k++)
                unit.absent[k] = unit.key[k] == NONE;
        if (worlds * worlds_of(round, &unit) > MOST_WORLDS)
            unit.open = false;
        worlds *= worlds_of(round, &unit);
        round->units[i] = unit;
    }
    random_quotas(round, random);
}
