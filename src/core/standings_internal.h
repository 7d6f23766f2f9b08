#ifndef THIDUA_STANDINGS_INTERNAL_H
#define THIDUA_STANDINGS_INTERNAL_H

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
// The same with unknown values placed as nulls: the order shown while facts are open.
enum order compare_as_shown(const struct standing_policy *policy, const struct contestant *a,
                            const struct contestant *b);

static inline bool is_open(const struct contestant *contestant)
{
    return contestant->overall == OVERALL_PENDING || contestant->overall == OVERALL_DEFERRED;
}

static inline bool is_candidate(const struct contestant *contestant)
{
    return contestant->overall != OVERALL_INELIGIBLE;
}

// How much of each quota the groups can ask for at most.
struct demand {
    const struct standing_policy *policy;
    const struct quota *quotas;
    size_t quota_count;
    int64_t *by_group;      // candidates
    int64_t *by_quota;      // candidates below it, never more than its places
    size_t *quota_of_group; // the quota that holds the group itself
};

struct demand measure_demand(struct arena *arena, const struct standings_input *input);
// Whether a unit of that group has a place in every quota above it if `own` of its group come first (itself included)
// and all other groups take as much as they can (`others`) or nothing.
bool fits_quotas(const struct demand *demand, size_t group, int64_t own, bool others);
// Whether it fits the topmost quota if no quota below held anyone back.
bool fits_cap(const struct demand *demand, size_t group, int64_t own);

#endif
