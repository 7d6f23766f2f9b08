// All completions of what is open, one by one, where they are few enough (COMPLETIONS_MOST_OUTCOMES): ordinals.c says
// which values an open one takes. A unit that becomes eligible for no form needs no values.
#include "engine/standings/worlds.h"

#include <string.h>

// ---- what can become of each unit ----

static void add_set(struct open_unit *open, uint32_t forms)
{
    for (size_t i = 0; i < open->set_count; i++)
        if (open->sets[i] == forms)
            return;
    open->sets[open->set_count++] = forms;
}

// A share counts by verdicts, also of who competes for no place.
static bool is_counted(const struct set_up *set, size_t form, size_t unit)
{
    const struct contestant *contestant = contestant_in(set, form, unit);
    if (contestant->awarded || contestant->overall == OVERALL_INELIGIBLE)
        return false; // whatever comes
    for (size_t f = 0; f < set->walk.form_count; f++) {
        const struct form_places *share = set->all[f].input.share;
        if (share && share->form == form)
            return true;
    }
    return false;
}

static bool list_sets(struct set_up *set, size_t unit)
{
    struct open_unit *open = &set->units[unit];
    const struct contestant *contestant = contestant_in(set, 0, unit);
    uint32_t sure = 0, perhaps = 0;
    size_t count = 0;
    for (size_t f = 0; f < set->walk.form_count; f++)
        if (competes(set, f, unit) || is_counted(set, f, unit)) {
            bool open_here = is_undetermined(contestant_in(set, f, unit));
            *(open_here ? &perhaps : &sure) |= 1U << f;
            count += open_here;
        }
    *open = (struct open_unit){.sure = sure, .value_choices = 1, .sets = &open->sure, .set_count = 1};
    if (!perhaps)
        return true;
    if (count > FORM_OPEN_MOST)
        return false;
    const uint32_t *together = contestant->eligible_sets;
    size_t most = together ? contestant->eligible_set_count : (size_t)1 << count;
    open->set_count = 0;
    open->sets = arena_array(set->arena, most, sizeof *open->sets);
    for (size_t i = 0; together && i < most; i++)
        add_set(open, (together[i] & perhaps) | sure);
    if (!together)
        for (uint32_t some = perhaps;; some = (some - 1) & perhaps) {
            open->sets[open->set_count++] = some | sure;
            if (!some)
                break;
        }
    return true;
}

static size_t choices_with(const struct open_unit *open, uint32_t forms)
{
    return forms & open->valued ? open->value_choices : 1;
}

static bool list_choices(struct set_up *set, size_t unit)
{
    struct open_unit *open = &set->units[unit];
    size_t choices = 0;
    for (size_t i = 0; i < open->set_count; i++)
        choices += choices_with(open, open->sets[i]);
    set->walk.eligible[unit] = open->set_count ? open->sets[0] : 0;
    if (choices > 1)
        set->made->units[set->made->open_count++] = (struct completed_unit){unit, set->made->world_count, choices};
    if (choices > COMPLETIONS_MOST_OUTCOMES)
        return false;
    if (choices)
        set->made->world_count *= choices;
    return set->made->world_count * set->walk.form_count * set->walk.unit_count <= COMPLETIONS_MOST_OUTCOMES;
}

static void choose(const struct set_up *set, const struct completed_unit *unit, size_t choice)
{
    const struct open_unit *open = &set->units[unit->unit];
    size_t i = 0;
    for (; choice >= choices_with(open, open->sets[i]); i++)
        choice -= choices_with(open, open->sets[i]);
    set->walk.eligible[unit->unit] = open->sets[i];
    for (size_t v = 0; v < open->value_count && (open->sets[i] & open->valued); v++) {
        const struct open_value *value = &open->values[v];
        int at = (int)(choice % (size_t)value->choices); // the best first, and none or false the last
        choice /= (size_t)value->choices;
        for (size_t f = 0; f < set->walk.form_count; f++)
            if (value->forms >> f & 1U)
                set->walk.contests[f].ordinals[unit->unit * ORDINAL_STRIDE + value->key] =
                    at + 1 < value->choices ? value->highest - at : value->none;
    }
}

// ---- the whole ----

static bool has_override(const struct set_up *set, size_t cell)
{
    return set->walk.contests[cell / set->walk.unit_count].forced[cell % set->walk.unit_count] != AS_COMPUTED;
}

static bool go_through(struct set_up *set)
{
    struct completions *made = set->made;
    const size_t cells = set->walk.form_count * set->walk.unit_count;
    made->plain = arena_array(set->arena, cells, sizeof *made->plain);
    made->without = arena_array(set->arena, cells, sizeof *made->without);
    made->by_world = arena_array(set->arena, cells * made->world_count, sizeof *made->by_world);
    for (size_t world = 0; world < made->world_count; world++) {
        memset(set->walk.plain, 0, cells * sizeof *set->walk.plain);
        memset(set->walk.without, 0, cells * sizeof *set->walk.without);
        for (size_t i = 0; i < made->open_count; i++)
            choose(set, &made->units[i], world / made->units[i].stride % made->units[i].choices);
        if (!world_judge(&set->walk))
            return false;
        for (size_t cell = 0; cell < cells; cell++) {
            made->plain[cell] |= set->walk.plain[cell];
            made->without[cell] |= set->walk.without[cell];
            made->by_world[world * cells + cell] =
                has_override(set, cell) ? set->walk.plain[cell] : set->walk.without[cell];
        }
    }
    return true;
}

static bool is_sharp_in_all(const struct form_standings *all, size_t count)
{
    for (size_t f = 0; f < count; f++)
        if (!is_sharp(all[f].input.policy))
            return false;
    return true;
}

// Each open unit has two ends at least. Of one competition places are known anyway: what is asked is who waits for
// whom.
static bool may_be_few(const struct form_standings *all, size_t form_count)
{
    size_t cells = form_count * all[0].input.contestant_count, open = 0;
    for (size_t i = 0; i < all[0].input.contestant_count; i++) {
        bool is = false;
        for (size_t f = 0; f < form_count; f++)
            is |= !all[f].input.contestants[i].awarded &&
                  (is_undetermined(&all[f].input.contestants[i]) ||
                   has_unknown_key(all[f].input.policy, &all[f].input.contestants[i]));
        open += is;
    }
    return cells && (open || form_count > 1) && open < 8 * sizeof cells - 1 &&
           cells <= (size_t)COMPLETIONS_MOST_OUTCOMES >> open;
}

const struct completions *complete_all(struct arena *arena, const struct award_forms *forms,
                                       const struct form_standings *all, size_t form_count)
{
    const size_t units = all[0].input.contestant_count, cells = form_count * units;
    if (!is_sharp_in_all(all, form_count) || !may_be_few(all, form_count))
        return NULL;
    struct completions *made = arena_new(arena, struct completions);
    struct set_up set = {.arena = arena, .forms = forms, .all = all, .made = made};
    *made = (struct completions){.form_count = form_count, .unit_count = units, .world_count = 1};
    made->units = arena_array(arena, units, sizeof *made->units);
    set.units = arena_array(arena, units, sizeof *set.units);
    set.walk = (struct walk){.form_count = form_count, .unit_count = units};
    set.walk.contests = arena_array(arena, form_count, sizeof *set.walk.contests);
    set.walk.eligible = arena_array(arena, units, sizeof *set.walk.eligible);
    set.walk.plain = arena_array(arena, cells, sizeof *set.walk.plain);
    set.walk.without = arena_array(arena, cells, sizeof *set.walk.without);
    size_t least = 1; // completions, whatever values are open
    for (size_t i = 0; i < units; i++) {
        if (!list_sets(&set, i))
            return NULL;
        least *= set.units[i].set_count;
        if (least * cells > COMPLETIONS_MOST_OUTCOMES)
            return NULL;
    }
    for (size_t f = 0; f < form_count; f++)
        set_up_contest(&set, f);
    for (size_t f = 0; f < form_count; f++)
        number_values(&set, f);
    for (size_t i = 0; i < units; i++)
        if (!list_choices(&set, i))
            return NULL;
    return go_through(&set) ? made : NULL;
}
