// The status of a unit over all completions of what is open, without going through them.
//
// A completion says of each open unit whether it becomes eligible, and of each unknown key what its value is, or that
// none comes. The others of its group bear on an eligible unit each by itself: an open one is not there, below, tied or
// above. So the fewest and the most that rank above it, or at or above it, are sums. A unit that is open itself ranks
// highest with the best values that can come. What other groups take is between nothing and all that they can: that is
// the allocation's to say, and no fact's.
//
// Of a share of those who are eligible a completion says how many places there are, too: at least the fewest, and at
// most the most. Which of them goes with who ranks where is not looked at, so a unit may be POSSIBLE that is surer.
//
// In one completion a unit is inside if those above it, it and those tied with it fit; outside if those above it alone
// fill the places; else the policy on ties says.
#include "engine/standings/private.h"

// How many come before a unit or with it, itself included, over all completions.
struct reach {
    int64_t least, most;           // without those that tie
    int64_t least_tied, most_tied; // with them
};

static bool surely_inside(const struct demand *demand, size_t group, struct reach reach)
{
    if (fits_quotas(demand, group, reach.most_tied, true))
        return true;
    return demand->policy->ties == TIES_ADMIT_ALL && fits_quotas(demand, group, reach.most, true) &&
           fits_cap(demand, group, reach.most_tied);
}

// In every completion there is a place for those above it and for it, and not for all that tie with it.
static bool surely_a_tie(const struct demand *demand, size_t group, struct reach reach)
{
    if (!fits_quotas(demand, group, reach.most, true) || fits_quotas(demand, group, reach.least_tied, false))
        return false;
    return demand->policy->ties == TIES_DECIDE || !fits_cap_at_best(demand, group, reach.least_tied);
}

// All that tie come in if they fit the cap, which is for open units of other groups to say.
static bool others_decide(const struct demand *demand, size_t group, struct reach reach)
{
    return demand->policy->ties == TIES_ADMIT_ALL && fits_cap_at_best(demand, group, reach.least_tied) &&
           !fits_cap(demand, group, reach.most_tied);
}

// Of a unit that not even alone among groups fits: whether its own share has no room, or one above it.
static enum standing_cause cause_outside(const struct demand *demand, size_t group, int64_t needed)
{
    size_t quota = demand->quota_of_group[group];
    int64_t own = places_left(&demand->quotas[quota]);
    if (own >= needed || (own == 0 && quota == 0))
        return places_left(&demand->quotas[0]) < needed ? CAUSE_CAP : CAUSE_SHARE;
    return own == 0 ? CAUSE_SHARE : CAUSE_ORDER;
}

enum standing_status status_by_completions(const struct demand *demand, const struct contestant *contestant,
                                           struct surroundings found, enum standing_cause *ret_cause)
{
    const enum tie_policy ties = demand->policy->ties;
    const size_t group = contestant->group;
    struct reach reach = {.least = found.above + 1, .most = found.above + found.perhaps_above + 1};
    reach.least_tied = reach.least + found.tied;
    reach.most_tied = found.above + found.perhaps + found.tied + 1;
    int64_t needed = ties == TIES_ADMIT_NONE ? reach.least_tied : reach.least;
    if (!fits_quotas(demand, group, needed, false)) {
        *ret_cause = cause_outside(demand, group, needed);
        return STANDING_OUT;
    }
    if (is_open(contestant))
        return STANDING_POSSIBLE;
    if (surely_inside(demand, group, reach))
        return STANDING_SECURE;
    if (ties != TIES_ADMIT_NONE && surely_a_tie(demand, group, reach))
        return STANDING_TIE_TO_DECIDE;
    if (!is_open_how_many(demand, group) &&
        (fits_quotas(demand, group, reach.most_tied, false) ||
         (!found.perhaps && !found.perhaps_above && !others_decide(demand, group, reach))))
        *ret_cause = CAUSE_ALLOCATION;
    return STANDING_POSSIBLE;
}
