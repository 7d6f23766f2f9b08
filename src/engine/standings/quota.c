#include "engine/standings/private.h"

static void check_places(const struct standing_policy *policy, const struct quota *quotas, size_t count,
                         const char *pointer, struct rule_faults *faults)
{
    for (size_t i = 0; i < count; i++) {
        int64_t children = 0, above = i == 0 ? policy->cap : quotas[i].places;
        for (size_t k = i + 1; k < count; k++)
            children += quotas[k].parent == i ? quotas[k].places : 0;
        if (quotas[i].places < 0 || quotas[i].places > policy->cap)
            rule_fault_report(faults, pointer, FAULT_BAD_NUMBER, quotas[i].name);
        if (!quotas[i].of_eligible && (children > above || children > quotas[i].places))
            rule_fault_report(faults, pointer, FAULT_QUOTA_ABOVE_PARENT, quotas[i].name);
        if (i > 0 && quotas[i].parent >= i)
            rule_fault_report(faults, pointer, FAULT_QUOTA_OVERLAP, quotas[i].name);
    }
}

bool standings_check_quotas(const struct standing_policy *policy, const struct quota *quotas, size_t count,
                            const char *pointer, struct rule_faults *faults)
{
    size_t before = faults->total;
    bool *taken = arena_array(faults->arena, policy->group_count, sizeof *taken);
    if (count > STANDING_MOST_QUOTAS) {
        rule_fault_report(faults, pointer, FAULT_TOO_MANY, NULL);
        return false;
    }
    check_places(policy, quotas, count, pointer, faults);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < quotas[i].group_count; k++) {
            size_t group = quotas[i].groups[k];
            if (group >= policy->group_count || taken[group])
                rule_fault_report(faults, pointer, FAULT_QUOTA_OVERLAP, quotas[i].name);
            else
                taken[group] = true;
        }
    return faults->total == before;
}

static int64_t fewer_places(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// The tightest of the quotas above a group, after the others have taken their part of each: at every quota all that is
// asked of it, but for what comes from below on the way up. Where it is open how many places there are, each quota has
// its fewest: more below are more above, so that no completion leaves less.
static void measure_room(struct demand *demand, size_t group)
{
    size_t quota = demand->quota_of_group[group];
    int64_t own = demand->by_group[group], others = 0, alone = INT64_MAX, among_others = INT64_MAX;
    for (;;) {
        others += demand->asked_of_quota[quota] - own;
        alone = fewer_places(alone, places_left(&demand->quotas[quota]));
        among_others = fewer_places(among_others, places_left_surely(&demand->quotas[quota]) - others);
        if (quota == 0)
            break;
        own = demand->by_quota[quota];
        quota = demand->quotas[quota].parent;
    }
    demand->alone[group] = alone;
    demand->among_others[group] = among_others;
}

static void count_candidates(struct demand *demand, const struct standings_input *input)
{
    size_t group_count = demand->policy->group_count;
    for (size_t i = 0; i < input->contestant_count; i++)
        if (input->contestants[i].group < group_count && is_candidate(&input->contestants[i])) {
            demand->by_group[input->contestants[i].group]++;
            demand->candidates++;
            if (!is_open(&input->contestants[i])) {
                demand->eligible_by_group[input->contestants[i].group]++;
                demand->eligible++;
            }
        }
    for (size_t i = 0; i < demand->quota_count; i++)
        for (size_t k = 0; k < demand->quotas[i].group_count; k++)
            demand->quota_of_group[demand->quotas[i].groups[k]] = i;
    for (size_t group = 0; group < group_count; group++)
        demand->asked_of_quota[demand->quota_of_group[group]] += demand->by_group[group];
    for (size_t i = demand->quota_count; i-- > 0;) { // children stand behind their parents
        demand->by_quota[i] = fewer_places(demand->asked_of_quota[i], places_left_surely(&demand->quotas[i]));
        if (i > 0)
            demand->asked_of_quota[demand->quotas[i].parent] += demand->by_quota[i];
    }
}

struct demand measure_demand(struct arena *arena, const struct standings_input *input)
{
    const struct standing_policy *policy = input->policy;
    struct quota *top = arena_new(arena, struct quota);
    *top = (struct quota){.name = "", .places = policy->cap};
    struct demand demand = {
        .policy = policy,
        .quotas = input->quota_count ? input->quotas : top,
        .quota_count = input->quota_count ? input->quota_count : 1,
    };
    demand.by_group = arena_array(arena, policy->group_count, sizeof *demand.by_group);
    demand.eligible_by_group = arena_array(arena, policy->group_count, sizeof *demand.eligible_by_group);
    demand.quota_of_group = arena_array(arena, policy->group_count, sizeof *demand.quota_of_group);
    demand.asked_of_quota = arena_array(arena, demand.quota_count, sizeof *demand.asked_of_quota);
    demand.by_quota = arena_array(arena, demand.quota_count, sizeof *demand.by_quota);
    demand.alone = arena_array(arena, policy->group_count, sizeof *demand.alone);
    demand.among_others = arena_array(arena, policy->group_count, sizeof *demand.among_others);
    count_candidates(&demand, input);
    for (size_t group = 0; group < policy->group_count; group++)
        measure_room(&demand, group);
    return demand;
}

bool fits_quotas(const struct demand *demand, size_t group, int64_t own, bool others)
{
    return own <= (others ? demand->among_others[group] : demand->alone[group]);
}

bool fits_cap(const struct demand *demand, size_t group, int64_t own)
{
    return own + demand->candidates - demand->by_group[group] <= places_left_surely(&demand->quotas[0]);
}

bool fits_cap_at_best(const struct demand *demand, size_t group, int64_t own)
{
    return own + demand->eligible - demand->eligible_by_group[group] <= places_left(&demand->quotas[0]);
}

int64_t standings_cap(const struct standings_input *input)
{
    return input->quota_count ? input->quotas[0].places - input->quotas[0].open : input->policy->cap;
}
