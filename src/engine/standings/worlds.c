// All completions of what is open, one by one, where they are few enough (COMPLETIONS_MOST_OUTCOMES).
//
// Of a value only its order among the others counts. So an open one takes each value that is there, and as many values
// between two of them, and beyond, as there are open ones. A unit that becomes eligible for no form needs no values.
#include "engine/standings/worlds.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "thidua/decimal.h"

enum { WORST = 0, BEST = INT_MAX };

// An open value, which is the same in all forms with these keys.
struct open_value {
    const struct standing_key *of;
    size_t key;
    uint32_t forms; // in which it is open, as bits
    int highest;    // that can come
    int none;       // what it is if none comes
    int choices;    // how many it can be
};

struct open_unit {
    uint32_t sure;  // the only set of a unit of which nothing is open
    uint32_t *sets; // of forms for which it can become eligible together, as bits
    size_t set_count;
    struct open_value *values;
    size_t value_count;
    uint32_t valued; // forms in which its values count
    size_t value_choices;
};

struct set_up {
    struct arena *arena;
    const struct award_forms *forms;
    const struct form_standings *all;
    struct walk walk;
    struct open_unit *units; // by contestant
    struct completions *made;
};

static const struct contestant *contestant_in(const struct set_up *set, size_t form, size_t unit)
{
    return &set->all[form].input.contestants[unit];
}

static bool is_exclusive(const struct set_up *set, size_t form)
{
    return set->forms && form > 0 && set->forms->items[form].exclusive;
}

// Whether an award that it has keeps the unit out of the form.
static bool is_blocked(const struct set_up *set, size_t form, size_t unit)
{
    for (size_t f = 0; f < set->walk.form_count; f++)
        if (contestant_in(set, f, unit)->awarded && (f == form || is_exclusive(set, f > form ? f : form)))
            return true;
    return false;
}

static bool competes(const struct set_up *set, size_t form, size_t unit)
{
    const struct contestant *contestant = contestant_in(set, form, unit);
    return contestant->group < set->all[form].input.policy->group_count && contestant->overall != OVERALL_INELIGIBLE &&
           !is_blocked(set, form, unit);
}

// ---- values as numbers of their order ----

static struct standing_keys keys_in(const struct set_up *set, size_t form, size_t unit)
{
    return standing_keys_of(set->all[form].input.policy, contestant_in(set, form, unit)->kind);
}

static bool is_open_value(const struct set_up *set, size_t form, size_t unit, size_t key)
{
    const struct key_value *value = &contestant_in(set, form, unit)->keys[key];
    return competes(set, form, unit) && !value->known && !value->absent;
}

// Forms with the same keys for the unit as this one, in which the value is open; or, of no key, all of them.
static uint32_t forms_alike(const struct set_up *set, size_t form, size_t unit, size_t key)
{
    uint32_t alike = 0;
    for (size_t f = 0; f < set->walk.form_count; f++)
        if (keys_in(set, f, unit).items == keys_in(set, form, unit).items &&
            (key == SIZE_MAX || is_open_value(set, f, unit, key)))
            alike |= 1U << f;
    return alike;
}

// Units are compared with those of their declared group.
static bool is_compared(const struct set_up *set, size_t form, size_t one, size_t two)
{
    return contestant_in(set, form, one)->kind == contestant_in(set, form, two)->kind;
}

struct listed_value {
    int64_t part, whole;
};

static int compare_listed(const void *a, const void *b)
{
    const struct listed_value *one = a, *two = b;
    return ratio_compare(one->part, one->whole, two->part, two->whole);
}

// The values of one key among the units that are compared by it, in order, and how many are open.
struct scale {
    const struct standing_key *key;
    struct listed_value *values;
    size_t count, open;
};

static struct scale scale_of(const struct set_up *set, size_t form, size_t like, size_t key)
{
    struct scale scale = {keys_in(set, form, like).items + key,
                          arena_array(set->arena, set->walk.unit_count + 1, sizeof *scale.values), 0, 0};
    size_t kept = 0;
    for (size_t i = 0; i < set->walk.unit_count; i++) {
        const struct key_value *value = &contestant_in(set, form, i)->keys[key];
        if (!is_compared(set, form, i, like))
            continue;
        scale.open += forms_alike(set, form, i, key) != 0;
        if (value->known)
            scale.values[scale.count++] = (struct listed_value){value->part, value->whole};
        else if (value->bounded)
            scale.values[scale.count++] = (struct listed_value){value->best_part, value->best_whole};
    }
    if (scale.key->kind == KEY_CONDITION)
        scale.values[scale.count++] = (struct listed_value){scale.key->ascending, 1};
    if (scale.count)
        qsort(scale.values, scale.count, sizeof *scale.values, compare_listed);
    for (size_t i = 0; i < scale.count; i++)
        if (i == 0 || compare_listed(&scale.values[i], &scale.values[kept - 1]) != 0)
            scale.values[kept++] = scale.values[i];
    scale.count = kept;
    return scale;
}

static int ordinal_of(const struct scale *scale, int64_t part, int64_t whole)
{
    const struct listed_value wanted = {part, whole};
    size_t low = 0, high = scale->count;
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_listed(&scale->values[middle], &wanted) <= 0)
            low = middle;
        else
            high = middle;
    }
    return (int)(((scale->key->ascending ? scale->count - 1 - low : low) + 1) * (scale->open + 1));
}

// Whether what becomes of one says something of the other.
static bool may_hang_together(const struct standing_key *a, const struct standing_key *b)
{
    bool of_facts = (a->kind == KEY_FACT || a->kind == KEY_RATIO) && (b->kind == KEY_FACT || b->kind == KEY_RATIO);
    return !of_facts || a->slot == b->slot || (a->kind == KEY_RATIO && a->whole_slot == b->slot) ||
           (b->kind == KEY_RATIO && (b->whole_slot == a->slot || b->whole_slot == a->whole_slot));
}

static void add_open_value(struct set_up *set, size_t unit, struct open_value value)
{
    struct open_unit *open = &set->units[unit];
    if (!open->values)
        open->values = arena_array(set->arena, STANDING_MOST_KEYS * set->walk.form_count, sizeof *open->values);
    for (size_t i = 0; i < open->value_count; i++)
        set->made->loose |= !(open->values[i].forms & value.forms) && may_hang_together(open->values[i].of, value.of);
    open->values[open->value_count++] = value;
    open->valued |= value.forms;
    open->value_choices *= (size_t)value.choices;
    if (open->value_choices > COMPLETIONS_MOST_OUTCOMES)
        open->value_choices = COMPLETIONS_MOST_OUTCOMES + 1; // too many anyway
}

static void number_value(struct set_up *set, size_t form, size_t unit, size_t key, const struct scale *scale)
{
    const struct key_value *value = &contestant_in(set, form, unit)->keys[key];
    int none = scale->key->nulls_first ? BEST : WORST;
    int ordinal = value->known ? ordinal_of(scale, value->part, value->whole) : none;
    uint32_t alike = forms_alike(set, form, unit, SIZE_MAX), open = forms_alike(set, form, unit, key);
    for (size_t f = 0; f < set->walk.form_count; f++)
        if (alike >> f & 1U)
            set->walk.contests[f].ordinals[unit * ORDINAL_STRIDE + key] = ordinal;
    if (!open)
        return;
    int highest = value->bounded ? ordinal_of(scale, value->best_part, value->best_whole)
                                 : (int)((scale->count + 1) * (scale->open + 1) - 1);
    int choices = highest + 1;
    if (scale->key->kind == KEY_CONDITION) { // it comes, true or false
        choices = 2;
        none = ordinal_of(scale, scale->key->ascending, 1);
    }
    add_open_value(set, unit, (struct open_value){scale->key, key, open, highest, none, choices});
}

// Forms with the same keys have the same values: they are numbered with the first of them.
static bool is_numbered(const struct set_up *set, size_t form, size_t unit)
{
    return (forms_alike(set, form, unit, SIZE_MAX) & ((1U << form) - 1)) != 0;
}

static void number_values(struct set_up *set, size_t form)
{
    const size_t units = set->walk.unit_count;
    bool *seen = arena_array(set->arena, units, sizeof *seen);
    for (size_t like = 0; like < units; like++) {
        if (seen[like])
            continue;
        for (size_t i = like; i < units; i++)
            seen[i] = seen[i] || is_compared(set, form, i, like);
        for (size_t k = 0; k < keys_in(set, form, like).count && !is_numbered(set, form, like); k++) {
            struct scale scale = scale_of(set, form, like, k);
            for (size_t i = like; i < units; i++)
                if (is_compared(set, form, i, like))
                    number_value(set, form, i, k, &scale);
        }
    }
}

// ---- what can become of each unit ----

static void add_set(struct open_unit *open, uint32_t forms)
{
    for (size_t i = 0; i < open->set_count; i++)
        if (open->sets[i] == forms)
            return;
    open->sets[open->set_count++] = forms;
}

static bool list_sets(struct set_up *set, size_t unit)
{
    struct open_unit *open = &set->units[unit];
    const struct contestant *contestant = contestant_in(set, 0, unit);
    uint32_t sure = 0, perhaps = 0;
    size_t count = 0;
    for (size_t f = 0; f < set->walk.form_count; f++)
        if (competes(set, f, unit)) {
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

static const int64_t *all_tiers_left(const struct set_up *set, size_t form)
{
    const struct award_form *own = &set->forms->items[form];
    const struct standings_input *input = &set->all[form].input;
    int64_t *left = arena_array(set->arena, input->policy->group_count * own->tier_count, sizeof *left);
    for (size_t g = 0; g < input->policy->group_count; g++)
        tiers_left(own, input, g, &left[g * own->tier_count]);
    return left;
}

static void read_decisions(const struct set_up *set, struct contest *contest)
{
    static const enum in_force meanings[] = {[STANDING_SECURE] = GETS_IT,
                                             [STANDING_POSSIBLE] = EITHER,
                                             [STANDING_OUT] = KEPT_OUT,
                                             [STANDING_TIE_TO_DECIDE] = EITHER,
                                             [STANDING_AWARDED] = GETS_IT};
    const struct standings_input *input = contest->input;
    const struct standing_override **overrides = overrides_in_force(set->arena, input);
    enum in_force *forced = arena_array(set->arena, set->walk.unit_count, sizeof *forced);
    for (size_t i = 0; i < set->walk.unit_count && input->override_count; i++) {
        if (!overrides[i] || input->contestants[i].awarded)
            continue;
        forced[i] = meanings[overrides[i]->decided];
        contest->keeps_out |= forced[i] == KEPT_OUT;
    }
    contest->forced = forced;
}

static void set_up_contest(const struct set_up *set, size_t form)
{
    struct contest *contest = &set->walk.contests[form];
    struct arena *arena = set->arena;
    const size_t units = set->walk.unit_count, groups = set->all[form].input.policy->group_count;
    contest->input = &set->all[form].input;
    contest->demand = measure_demand(arena, contest->input);
    contest->exclusive = is_exclusive(set, form);
    for (size_t below = form + 1; below < set->walk.form_count; below++)
        contest->bears |= is_exclusive(set, below);
    if (set->forms && set->forms->items[form].tier_count) {
        contest->form = &set->forms->items[form];
        contest->tiers_left = all_tiers_left(set, form);
    }
    read_decisions(set, contest);
    contest->ordinals = arena_array(arena, units * ORDINAL_STRIDE, sizeof *contest->ordinals);
    contest->has_above = arena_array(arena, units, sizeof *contest->has_above);
    contest->let_in = arena_array(arena, units, sizeof *contest->let_in);
    contest->judged = arena_array(arena, units * JUDGED_MOST, sizeof *contest->judged);
    contest->order = arena_array(arena, units, sizeof *contest->order);
    contest->ties = arena_array(arena, units, sizeof *contest->ties);
    contest->above = arena_array(arena, units, sizeof *contest->above);
    contest->tied = arena_array(arena, units, sizeof *contest->tied);
    contest->became = arena_array(arena, units, sizeof *contest->became);
    int64_t **by_group[] = {&contest->eligible, &contest->taken,  &contest->most, &contest->inside,
                            &contest->wanted,   &contest->chosen, &contest->left};
    for (size_t i = 0; i < sizeof by_group / sizeof *by_group; i++)
        *by_group[i] = arena_array(arena, groups, sizeof **by_group[i]);
    contest->below = arena_array(arena, contest->demand.quota_count, sizeof *contest->below);
}

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
