// The completions of what is open: each says who becomes eligible for which form, and which values come.
#ifndef THIDUA_ENGINE_STANDINGS_WORLDS_H
#define THIDUA_ENGINE_STANDINGS_WORLDS_H

#include "engine/standings/private.h"

enum { ORDINAL_STRIDE = STANDING_MOST_KEYS, JUDGED_MOST = 64 };

// What people decided about a unit in a form, in so far as forms below look at it.
enum in_force { AS_COMPUTED, GETS_IT, KEPT_OUT, EITHER };

// One form, or the only competition.
struct contest {
    const struct standings_input *input;
    const struct award_form *form; // NULL: the plan has none
    struct demand demand;
    int *ordinals;               // by contestant and key: the higher the better; of a value in this world
    bool exclusive;              // who has a form above is no candidate
    bool bears;                  // an exclusive form stands below
    bool keeps_out;              // people keep somebody out
    const int64_t *tiers_left;   // by group and tier
    const enum in_force *forced; // by contestant
    const bool *competes;        // by contestant: it can get the form in some completion
    struct quota *quotas;        // of the demand: shares of those who are eligible have the places of this completion
    int64_t *counted, *places;   // by quota, on the way to that
    // Of the completion in hand, by contestant.
    bool *has_above; // a form above
    bool *let_in;    // of those that tie
    bool *judged;    // the first JUDGED_MOST of `has_above` with which the form was judged
    size_t judged_count;
    size_t *ranked;       // all contestants, by group and from the best down
    size_t *order, count; // those of them that compete
    int64_t *above, *tied;
    uint16_t *became;
    size_t *ties, tie_count; // at the cut-off
    // By group.
    int64_t *eligible, *taken, *most; // candidates; the places that each has here, and can have
    // On those places surely; and of those that tie: how many come in, how many have, and how many are left to say.
    int64_t *inside, *wanted, *chosen, *left;
    int64_t *below; // by quota
};

struct walk {
    struct contest *contests;
    size_t form_count, unit_count;
    uint32_t *eligible;        // by contestant: the forms that its verdict allows, as bits
    uint16_t *plain, *without; // by form and contestant
    int64_t steps;
};

// What can become of everybody in this completion, over all that people may decide on ties and allocations. False where
// that takes more than COMPLETIONS_MOST_STEPS.
bool world_judge(struct walk *walk);

// shares.c: how many places the form has in this completion, as a share of those who are eligible in it.
void share_places_of_world(const struct walk *walk, struct contest *contest);

// ---- how all completions are set up ----

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

// What is known before the first completion.
struct set_up {
    struct arena *arena;
    const struct award_forms *forms;
    const struct form_standings *all;
    struct walk walk;
    struct open_unit *units; // by contestant
    struct completions *made;
};

static inline const struct contestant *contestant_in(const struct set_up *set, size_t form, size_t unit)
{
    return &set->all[form].input.contestants[unit];
}

static inline bool is_exclusive(const struct set_up *set, size_t form)
{
    return set->forms && form > 0 && set->forms->items[form].exclusive;
}

// contests.c: whether the unit can get this form in some completion.
bool competes(const struct set_up *set, size_t form, size_t unit);
// contests.c: what is known of the form before any completion.
void set_up_contest(const struct set_up *set, size_t form);
// ordinals.c: puts each value of the form's units in its order, and lists those that are open.
void number_values(struct set_up *set, size_t form);

#endif
