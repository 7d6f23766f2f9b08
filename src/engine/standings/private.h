// What the parts of the standings share: how two contestants compare, who surrounds a unit, what the quotas leave, and
// what becomes of all completions of what is open. See thidua/standings.h.
#ifndef THIDUA_ENGINE_STANDINGS_PRIVATE_H
#define THIDUA_ENGINE_STANDINGS_PRIVATE_H

#include "thidua/award_forms.h"
#include "thidua/standings.h"

enum order {
    ORDER_ABOVE,
    ORDER_TIED,
    ORDER_BELOW,
    ORDER_OPEN, // depends on a value still unknown
};

// How `a` stands to `b`; *ret_key is the key that decided, or SIZE_MAX.
enum order compare_contestants(const struct standing_policy *policy, const struct contestant *a,
                               const struct contestant *b, size_t *ret_key);
// The same without decisions on ties.
enum order compare_keys(const struct standing_policy *policy, const struct contestant *a, const struct contestant *b);
// Without decisions, with unknown values placed as nulls: the order that is shown while facts are open.
enum order compare_as_shown(const struct standing_policy *policy, const struct contestant *a,
                            const struct contestant *b);
// Without decisions, as if the first unknown value of an open contestant were better than any: the order of the best
// ranks that they can still reach. From SEMANTICS_SHARP on: as if every unknown value were the best that can come.
enum order compare_at_best(const struct standing_policy *policy, const struct contestant *a,
                           const struct contestant *b);
// Of an open one. From SEMANTICS_SHARP on also of an eligible one: only its rank is open.
bool has_unknown_key(const struct standing_policy *policy, const struct contestant *contestant);
// With the worst values that can still come.
struct contestant contestant_at_worst(struct arena *arena, const struct standing_policy *policy,
                                      const struct contestant *contestant);

// How the other candidates of its group stand to a unit.
struct surroundings {
    int64_t above;           // surely above it and surely eligible, even with the best of its own values that can come
    int64_t tied;            // eligible ones that then rank at it at least
    int64_t perhaps;         // others that can rank at or above it, with the worst of its own; only of an eligible unit
    int64_t perhaps_above;   // how many more than `above` can rank above it then
    int64_t tied_or_above;   // those of `tied` whose own values can lift them above it
    bool shifts;             // eligible, and its own values are open
    const size_t *waits_for; // as in its row, whatever its status
    size_t waits_for_count;
};

// Both return how often two contestants were compared, which grows as n log n.
size_t rank_candidates(struct arena *arena, const struct standings_input *input, struct standing *rows);
// Fills `found` and the lists of `rows`, both by contestant.
size_t survey_candidates(struct arena *arena, const struct standings_input *input, struct standing *rows,
                         struct surroundings *found);

static inline bool is_sharp(const struct standing_policy *policy)
{
    return policy->semantics >= SEMANTICS_SHARP;
}

static inline bool is_candidate(const struct contestant *contestant)
{
    return contestant->overall != OVERALL_INELIGIBLE && !contestant->awarded &&
           contestant->elsewhere != ELSEWHERE_SURELY;
}

// By its own verdict in this form, and not by what a higher one may give it.
static inline bool is_undetermined(const struct contestant *contestant)
{
    return contestant->overall == OVERALL_PENDING || contestant->overall == OVERALL_DEFERRED;
}

static inline bool is_open(const struct contestant *contestant)
{
    return is_candidate(contestant) && (is_undetermined(contestant) || contestant->elsewhere == ELSEWHERE_PERHAPS);
}

static inline int64_t places_left(const struct quota *quota)
{
    return quota->taken < quota->places ? quota->places - quota->taken : 0;
}

// If nobody who is open becomes eligible.
static inline int64_t places_left_surely(const struct quota *quota)
{
    const int64_t places = quota->places - quota->open;
    return quota->taken < places ? places - quota->taken : 0;
}

// standings_compute(), and how the others stand to each contestant.
struct standings compute_standings(struct arena *arena, const struct standings_input *input,
                                   struct surroundings *found);

// By contestant: the latest override of each unit counts. NULL: none.
const struct standing_override **overrides_in_force(struct arena *arena, const struct standings_input *input);
bool overrides_exceed_cap(const struct standings_input *input, const struct standing *rows);

// It says what was computed anyway.
static inline void set_moot(struct standing *row)
{
    row->override_is_moot = row->override && (row->override->decided == row->status || row->status == STANDING_AWARDED);
}

// How much room the quotas leave to each group.
struct demand {
    const struct standing_policy *policy;
    const struct quota *quotas;
    size_t quota_count;
    int64_t *by_group;                    // candidates
    int64_t *asked_of_quota;              // by its own groups, and by its children within their places
    int64_t *by_quota;                    // the same, never more than the places that are surely left
    size_t *quota_of_group;               // the quota that holds the group itself
    int64_t *alone;                       // by group: the most places left to it if the other groups take nothing
    int64_t *among_others;                // the fewest if they take as much as they can: below zero, they can take all
    int64_t candidates;                   // of all groups
    int64_t *eligible_by_group, eligible; // those of them that are not open
};

struct demand measure_demand(struct arena *arena, const struct standings_input *input);
// Whether a unit of that group has a place in every quota above it if `own` of its group come first (itself included)
// and all other groups take as much as they can (`others`) or nothing.
bool fits_quotas(const struct demand *demand, size_t group, int64_t own, bool others);
// Whether it fits the topmost quota if no quota below held anyone back.
bool fits_cap(const struct demand *demand, size_t group, int64_t own);
// The same if no open unit of another group became eligible.
bool fits_cap_at_best(const struct demand *demand, size_t group, int64_t own);

// By every completion of what is open; sets the cause too.
enum standing_status status_by_completions(const struct demand *demand, const struct contestant *contestant,
                                           struct surroundings found, enum standing_cause *ret_cause);

// ---- shares of those who are eligible ----

// Whether it is open how many places there are in a quota above the group.
bool is_open_how_many(const struct demand *demand, size_t group);
// Who is POSSIBLE while it is open how many places there are waits for those who may come to count.
void wait_for_open_places(struct arena *arena, const struct standings_input *input, const struct demand *demand,
                          struct standing *rows);

// ---- tiers ----

// By group and tier: what is left of each tier in a comparison group, after the awards that were given in it. The form
// has tiers.
const int64_t *tiers_left(struct arena *arena, const struct award_form *form, const struct standings_input *input);
// The tier of a place, counted from 1 among those that are still to be given; the last one beyond them.
size_t tier_at(const int64_t *left, size_t count, int64_t place);
// Tells who has a place for sure its tier, or that it is open.
void give_tiers(struct arena *arena, const struct award_form *form, const struct standings_input *input,
                struct standings *standings, const struct surroundings *found);

// ---- all completions, one by one ----

// What became of a unit in a form, as bits over several completions.
enum {
    BECAME_OUTSIDE = 1,
    BECAME_TIED = 2,      // at the cut-off
    BECAME_TIED_TIER = 4, // inside, and tied across the edge of a tier
    BECAME_INSIDE = 8,    // shifted by the tier
};

struct completions {
    size_t form_count, unit_count, world_count;
    uint16_t *plain, *without; // by form and unit, over all worlds; without those whom people keep out
    uint16_t *by_world;        // by world, form and unit: the one of both that tells the unit's status
    struct completed_unit {
        size_t unit, stride, choices;
    } * units; // the open ones
    size_t open_count;
    bool loose; // some completions cannot come: of a unit whose values are ranked by several lists of keys
};

// NULL where there is nothing to go through, or more than COMPLETIONS_MOST_OUTCOMES. `forms` NULL: one competition.
const struct completions *complete_all(struct arena *arena, const struct award_forms *forms,
                                       const struct form_standings *all, size_t form_count);
// Tells the rows of a form by them, and who has it for sure: `statuses` by contestant, as they are in force. `of`
// NULL: the plan has no forms. `undecided_above`: people are still to say who gets a form above it.
void settle_by_completions(struct arena *arena, const struct completions *completions, size_t form,
                           const struct award_form *of, bool undecided_above, struct form_standings *own,
                           enum standing_status *statuses);

#endif
