// Every completion of what is open, and every way in which other groups may take of the places that they share.
#include "places/places.h"

#include <string.h>

// A world: everybody is eligible or not, and all values are there or not.
struct world {
    bool eligible[UNITS];
    int key[UNITS][KEYS];
};

static int compare(const struct round *round, const struct world *world, size_t a, size_t b)
{
    for (size_t k = 0; k < KEYS; k++) {
        int one = world->key[a][k], two = world->key[b][k];
        if (one == two)
            continue;
        if (one == NONE || two == NONE)
            return ((one == NONE) == round->nulls_first[k]) ? 1 : -1;
        return ((one > two) != round->ascending[k]) ? 1 : -1;
    }
    const struct unit *left = &round->units[a], *right = &round->units[b];
    if (left->decision && left->decision == right->decision && left->place != right->place)
        return left->place < right->place ? 1 : -1;
    return 0;
}

// Do so many of each group fit into what is left of every quota?
static bool feasible(const struct round *round, const int *taken)
{
    int below[GROUPS + 2] = {0};
    for (size_t g = 0; g < GROUPS; g++)
        below[round->quota_of[g]] += taken[g];
    for (size_t q = round->quota_count; q-- > 0;) {
        int left = round->quotas[q].places - round->quotas[q].taken;
        if (below[q] > (left > 0 ? left : 0))
            return false;
        if (q)
            below[round->quotas[q].parent] += below[q];
    }
    return true;
}

static unsigned outcome_with(const struct round *round, int room, int above, int tied, int everybody)
{
    int left = round->quotas[0].places - round->quotas[0].taken;
    if (above + 1 > room)
        return OUTSIDE;
    if (above + 1 + tied <= room || (round->ties == TIES_ADMIT_ALL && everybody <= (left > 0 ? left : 0)))
        return INSIDE;
    return round->ties == TIES_ADMIT_NONE ? OUTSIDE : TIE;
}

// Over every number that the other groups may take.
static unsigned outcome_in(const struct round *round, const struct world *world, size_t unit)
{
    int above = 0, tied = 0, eligible[GROUPS] = {0}, taken[GROUPS] = {0};
    size_t own = round->units[unit].group;
    unsigned outcomes = 0;
    if (!world->eligible[unit])
        return OUTSIDE;
    for (size_t i = 0; i < round->count; i++) {
        if (!world->eligible[i])
            continue;
        eligible[round->units[i].group]++;
        int order = i == unit || round->units[i].group != own ? -1 : compare(round, world, i, unit);
        above += order > 0;
        tied += order == 0;
    }
    int everybody = above + 1 + tied;
    for (size_t g = 0; g < GROUPS; g++)
        everybody += g == own ? 0 : eligible[g];
    size_t one = (own + 1) % GROUPS, two = (own + 2) % GROUPS;
    for (taken[one] = 0; taken[one] <= eligible[one]; taken[one]++)
        for (taken[two] = 0; taken[two] <= eligible[two]; taken[two]++) {
            taken[own] = 0;
            if (!feasible(round, taken)) // nor are more
                break;
            while (taken[own] <= UNITS && feasible(round, taken))
                taken[own]++;
            outcomes |= outcome_with(round, taken[own] - 1, above, tied, everybody);
        }
    return outcomes & (outcomes - 1) ? BY_ALLOCATION : outcomes;
}

void judge(const struct round *round, bool kept_out, unsigned *outcomes)
{
    long worlds = 1;
    memset(outcomes, 0, UNITS * sizeof *outcomes);
    for (size_t i = 0; i < round->count; i++)
        worlds *= worlds_of(round, &round->units[i]);
    for (long number = 0; number < worlds; number++) {
        struct world world;
        long rest = number;
        for (size_t i = 0; i < round->count; i++) {
            const struct unit *unit = &round->units[i];
            long own = worlds_of(round, unit), at = rest % own;
            rest /= own;
            world.eligible[i] =
                !unit->ineligible && !unit->awarded && !(kept_out && unit->kept_out) && (!unit->open || at);
            at -= unit->open && at;
            for (size_t k = 0; k < KEYS; k++) {
                world.key[i][k] = unit->key[k];
                if (key_is_open(unit, k)) {
                    world.key[i][k] = value_at(round, unit, k, (int)(at % value_count(round, unit, k)));
                    at /= value_count(round, unit, k);
                }
            }
        }
        for (size_t i = 0; i < round->count; i++)
            outcomes[i] |= outcome_in(round, &world, i);
    }
}
