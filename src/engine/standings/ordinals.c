// The values by which units are ranked, as numbers of their order.
//
// Of a value only its order among the others counts. So an open one takes each value that is there, and as many values
// between two of them, and beyond, as there are open ones.
#include "engine/standings/worlds.h"

#include <limits.h>
#include <stdlib.h>

#include "thidua/decimal.h"

enum { WORST = 0, BEST = INT_MAX };

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

void number_values(struct set_up *set, size_t form)
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
