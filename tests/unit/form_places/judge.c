// The judge. It goes through every completion of what is open; in each through every way in which groups may divide the
// places that they share, and in which people may decide on ties; and so from form to form.
#include "places.h"

#include "../testing.h"

#include <stdlib.h>

enum { OUTSIDE = 1, TIE = 2, TIER_TIE = 4, INSIDE = 8 };

struct world {
    bool eligible[FORMS][UNITS];
    int key[FORMS][UNITS][KEYS];
    int places[FORMS][QUOTAS];
};

struct scene {
    const struct round *round;
    const struct world *world;
    struct outcomes *outcomes;
};

static int compare(const struct scene *scene, size_t f, size_t a, size_t b)
{
    const struct round *round = scene->round;
    for (size_t k = 0; k < KEYS; k++) {
        int one = scene->world->key[f][a][k], two = scene->world->key[f][b][k];
        if (one == two || !has_key(&round->forms[f], k))
            continue;
        if (one == NONE || two == NONE)
            return ((one == NONE) == round->nulls_first[k]) ? 1 : -1;
        return ((one > two) != round->ascending[k]) ? 1 : -1;
    }
    const struct unit *left = &round->units[a], *right = &round->units[b];
    if (left->decision[f] && left->decision[f] == right->decision[f] && left->place[f] != right->place[f])
        return left->place[f] < right->place[f] ? 1 : -1;
    return 0;
}

static bool fits(const struct form *form, const int *places, const int *taken)
{
    int below[QUOTAS] = {0};
    for (size_t g = 0; g < GROUPS; g++)
        below[form->quota_of[g]] += taken[g];
    for (size_t q = form->quota_count; q-- > 0;) {
        int left = places[q] - form->taken[q];
        if (below[q] > (left > 0 ? left : 0))
            return false;
        if (q)
            below[form->parent[q]] += below[q];
    }
    return true;
}

// An award of the year keeps a unit out of every other form unless the lower one of both is not exclusive.
static bool is_kept_out_by_an_award(const struct round *round, size_t f, size_t i)
{
    size_t has = round->units[i].awarded;
    return has < FORMS && (has == f || round->forms[has > f ? has : f].exclusive);
}

static size_t tier_of(const struct round *round, size_t f, size_t group, int place)
{
    const struct form *form = &round->forms[f];
    for (size_t t = 0; t < form->tier_count; t++) {
        int left = form->tiers[t];
        for (size_t i = 0; i < round->count; i++)
            left -= round->units[i].awarded == f && round->units[i].awarded_tier == t &&
                    group_of(form, &round->units[i]) == group;
        place -= left > 0 ? left : 0;
        if (place <= 0)
            return t;
    }
    return form->tier_count ? form->tier_count - 1 : 0;
}

struct field {
    size_t form;
    bool all; // with those whom people keep out
    bool candidate[UNITS], holds[UNITS];
    int above[UNITS], tied[UNITS], eligible[GROUPS], taken[GROUPS];
    unsigned became[UNITS];
};

static void judge_form(const struct scene *scene, size_t f, const bool *holds);

static unsigned outcome_of(const struct scene *scene, const struct field *field, size_t i)
{
    const struct form *form = &scene->round->forms[field->form];
    size_t group = group_of(form, &scene->round->units[i]);
    int room = field->taken[group], with = field->above[i] + 1 + field->tied[i], everybody = with;
    int left = scene->world->places[field->form][0] - form->taken[0];
    for (size_t g = 0; g < GROUPS; g++)
        everybody += g == group ? 0 : field->eligible[g];
    if (field->above[i] + 1 > room)
        return OUTSIDE;
    if (with > room && !(form->ties == TIES_ADMIT_ALL && everybody <= (left > 0 ? left : 0)))
        return form->ties == TIES_ADMIT_NONE ? OUTSIDE : TIE;
    size_t best = tier_of(scene->round, field->form, group, field->above[i] + 1);
    return best == tier_of(scene->round, field->form, group, with) ? (unsigned)INSIDE << best : TIER_TIE;
}

// Of those that tie as many come in as there is room, in an order that decisions allow.
static bool is_possible(const struct scene *scene, const struct field *field, unsigned in)
{
    const struct form *form = &scene->round->forms[field->form];
    for (size_t g = 0; g < GROUPS; g++) {
        int room = field->taken[g], ties = 0, chosen = 0;
        for (size_t i = 0; i < scene->round->count; i++) {
            if (!field->candidate[i] || group_of(form, &scene->round->units[i]) != g)
                continue;
            room -= field->became[i] >= TIER_TIE;
            ties += field->became[i] == TIE;
            chosen += field->became[i] == TIE && (in >> i & 1U);
        }
        if (ties && chosen != (ties < room ? ties : room))
            return false;
    }
    for (size_t a = 0; a < scene->round->count; a++)
        for (size_t b = 0; b < scene->round->count; b++)
            if (field->candidate[a] && field->candidate[b] && field->became[a] == TIE && field->became[b] == TIE &&
                (in >> a & 1U) && !(in >> b & 1U) &&
                group_of(form, &scene->round->units[a]) == group_of(form, &scene->round->units[b]) &&
                compare(scene, field->form, b, a) > 0)
                return false;
    return true;
}

static void decide(const struct scene *scene, const struct field *field)
{
    const size_t f = field->form;
    unsigned open = 0, free = 0;
    for (size_t i = 0; i < scene->round->count; i++) {
        open |= (unsigned)(field->candidate[i] && field->became[i] == TIE) << i;
        free |=
            (unsigned)(scene->round->units[i].decided[f] == LEFT_OPEN_BY_PEOPLE && scene->round->units[i].awarded != f)
            << i;
    }
    for (unsigned in = open;; in = (in - 1) & open) {
        for (unsigned given = free; is_possible(scene, field, in); given = (given - 1) & free) {
            bool holds[UNITS];
            for (size_t i = 0; i < scene->round->count; i++) {
                const struct unit *unit = &scene->round->units[i];
                bool gets = field->candidate[i] && (field->became[i] >= TIER_TIE || (in >> i & 1U));
                if (free >> i & 1U)
                    gets = given >> i & 1U;
                if (unit->decided[f] == IN_BY_PEOPLE && unit->awarded != f)
                    gets = true;
                holds[i] = field->holds[i] || gets;
            }
            judge_form(scene, f + 1, holds);
            if (!given)
                break;
        }
        if (!in)
            break;
    }
}

static void take_outcomes(const struct scene *scene, struct field *field)
{
    for (size_t i = 0; i < scene->round->count; i++) {
        field->became[i] = field->candidate[i] ? outcome_of(scene, field, i) : OUTSIDE;
        if (field->all)
            scene->outcomes->plain[field->form][i] |= field->became[i];
        else
            scene->outcomes->without[field->form][i] |= field->became[i];
    }
    if (!field->all && field->form + 1 < scene->round->form_count)
        decide(scene, field);
}

// Every way to divide the places of which none is left that somebody could take.
static void divide(const struct scene *scene, struct field *field, size_t group)
{
    const struct form *form = &scene->round->forms[field->form];
    const int *places = scene->world->places[field->form];
    if (group == GROUPS) {
        for (size_t g = 0; g < GROUPS; g++) {
            field->taken[g]++;
            bool more = field->taken[g] <= field->eligible[g] && fits(form, places, field->taken);
            field->taken[g]--;
            if (more)
                return;
        }
        take_outcomes(scene, field);
        return;
    }
    for (field->taken[group] = 0; field->taken[group] <= field->eligible[group] && fits(form, places, field->taken);
         field->taken[group]++)
        divide(scene, field, group + 1);
    field->taken[group] = 0;
}

static void judge_form(const struct scene *scene, size_t f, const bool *holds)
{
    const struct round *round = scene->round;
    if (f == round->form_count)
        return;
    for (int all = 0; all < 2; all++) {
        struct field field = {.form = f, .all = all != 0};
        for (size_t i = 0; i < round->count; i++) {
            field.holds[i] = holds[i];
            field.candidate[i] = scene->world->eligible[f][i] && !is_kept_out_by_an_award(round, f, i) &&
                                 !(f > 0 && round->forms[f].exclusive && holds[i]) &&
                                 (all || round->units[i].decided[f] != OUT_BY_PEOPLE);
        }
        for (size_t i = 0; i < round->count; i++) {
            size_t group = group_of(&round->forms[f], &round->units[i]);
            field.eligible[group] += field.candidate[i];
            for (size_t k = 0; k < round->count && field.candidate[i]; k++) {
                bool other = k != i && field.candidate[k] && group_of(&round->forms[f], &round->units[k]) == group;
                int order = other ? compare(scene, f, k, i) : -1;
                field.above[i] += order > 0;
                field.tied[i] += order == 0;
            }
        }
        divide(scene, &field, 0);
    }
}

static long worlds_in(const struct round *round)
{
    long worlds = 1;
    for (size_t i = 0; i < round->count; i++)
        worlds *= worlds_of(round, &round->units[i]);
    return worlds;
}

static void build_world(const struct round *round, long number, struct world *world)
{
    for (size_t i = 0; i < round->count; i++) {
        const struct unit *unit = &round->units[i];
        bool met[CRITERIA];
        for (size_t c = 0; c < CRITERIA; c++) {
            met[c] = unit->met[c] == MET;
            if (unit->met[c] == OPEN) {
                met[c] = number % 2;
                number /= 2;
            }
        }
        for (size_t f = 0; f < round->form_count; f++)
            world->eligible[f][i] = is_met(round->forms[f].condition, met);
        for (size_t k = 0; k < KEYS; k++) {
            int value = unit->key[k];
            if (has_open_value(round, unit, k)) {
                value = value_at((int)(number % VALUES));
                number /= VALUES;
            }
            for (size_t f = 0; f < round->form_count; f++)
                world->key[f][i][k] = is_open_value(&round->forms[f], unit, k) ? value : unit->key[k];
        }
    }
}

struct outcomes *judge(const struct round *round, long *ret_worlds)
{
    *ret_worlds = worlds_in(round);
    struct outcomes *all = calloc((size_t)*ret_worlds, sizeof *all);
    assert_non_null(all);
    for (long number = 0; number < *ret_worlds; number++) {
        struct world world;
        build_world(round, number, &world);
        for (size_t f = 0; f < round->form_count; f++) {
            places_with(round, &round->forms[f], world.eligible[round->forms[f].counted], world.places[f]);
            memcpy(all[number].places[f], world.places[f], sizeof world.places[f]);
        }
        const struct scene scene = {round, &world, &all[number]};
        judge_form(&scene, 0, (const bool[UNITS]){false});
    }
    return all;
}

static unsigned outcome_in(const struct round *round, const struct outcomes *world, size_t f, size_t i)
{
    const struct unit *unit = &round->units[i];
    return unit->decided[f] != NOTHING && unit->awarded != f ? world->plain[f][i] : world->without[f][i];
}

unsigned hanging_on(const struct round *round, const struct outcomes *all, long worlds, size_t f, size_t i)
{
    unsigned units = 0;
    long stride = 1;
    for (size_t other = 0; other < round->count; other++) {
        long own = worlds_of(round, &round->units[other]);
        for (long number = 0; number < worlds; number++) {
            long first = number - number / stride % own * stride;
            if (outcome_in(round, &all[number], f, i) != outcome_in(round, &all[first], f, i))
                units |= 1U << other;
        }
        stride *= own;
    }
    return units;
}

static enum standing_status status_of(unsigned outcomes, size_t *ret_tier)
{
    *ret_tier = SIZE_MAX;
    if (outcomes == OUTSIDE)
        return STANDING_OUT;
    if (!(outcomes & ~(unsigned)(TIE | TIER_TIE)))
        return STANDING_TIE_TO_DECIDE;
    for (size_t t = 0; t < TIERS; t++)
        if (outcomes == (unsigned)INSIDE << t) {
            *ret_tier = t;
            return STANDING_SECURE;
        }
    return STANDING_POSSIBLE;
}

struct wanted wanted_of(const struct round *round, const struct outcomes *all, long worlds, size_t f, size_t i)
{
    unsigned plain = 0, without = 0;
    size_t ignored;
    struct wanted wanted = {0};
    for (long number = 0; number < worlds; number++) {
        plain |= all[number].plain[f][i];
        without |= all[number].without[f][i];
    }
    wanted.plain = status_of(plain, &ignored);
    wanted.status = status_of(round->units[i].decided[f] != NOTHING ? plain : without, &wanted.tier);
    if (round->units[i].decided[f] != NOTHING)
        wanted.plain = wanted.status;
    if (round->units[i].awarded == f) {
        wanted.status = wanted.plain = STANDING_AWARDED;
        wanted.tier = round->forms[f].tier_count ? round->units[i].awarded_tier : SIZE_MAX;
    }
    if (!round->forms[f].tier_count)
        wanted.tier = SIZE_MAX;
    return wanted;
}
