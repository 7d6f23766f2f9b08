// Comparison inside clusters (khối, cụm): each cluster that has a contestant is a group of its own.
#include <stdlib.h>
#include <string.h>

#include "engine/standings/private.h"

static int compare_clusters(const struct contestant *a, const struct contestant *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (!a->cluster || !b->cluster)
        return (a->cluster != NULL) - (b->cluster != NULL);
    return strcmp(a->cluster, b->cluster);
}

static int compare_slots(const void *a, const void *b, void *context)
{
    const struct contestant *contestants = context;
    return compare_clusters(&contestants[*(const size_t *)a], &contestants[*(const size_t *)b]);
}

struct parts {
    struct named *groups;
    size_t *kinds;
    const char **clusters;
    size_t count;
};

static void add_part(struct parts *parts, const struct standing_policy *policy, size_t kind, const char *cluster)
{
    parts->groups[parts->count] = policy->groups[kind];
    parts->kinds[parts->count] = kind;
    parts->clusters[parts->count++] = cluster;
}

// `order` holds the contestants by group and cluster. Every declared group is kept, even one without contestants.
static void make_parts(struct parts *parts, const struct standing_policy *policy, struct contestant *contestants,
                       const size_t *order, size_t count)
{
    size_t i = 0;
    for (size_t kind = 0; kind < policy->group_count; kind++) {
        add_part(parts, policy, kind, NULL);
        for (; i < count && contestants[order[i]].kind == kind; i++) {
            struct contestant *contestant = &contestants[order[i]];
            const char *last = parts->clusters[parts->count - 1];
            if (contestant->cluster && (!last || strcmp(last, contestant->cluster) != 0))
                add_part(parts, policy, kind, contestant->cluster);
            contestant->group = parts->count - 1;
        }
    }
    for (; i < count; i++) // in no declared group
        contestants[order[i]].group = parts->count;
}

const struct standing_policy *standings_by_cluster(struct arena *arena, const struct standing_policy *policy,
                                                   struct contestant *contestants, size_t count)
{
    if (!policy->clustered || policy->kinds)
        return policy;
    size_t *order = arena_array(arena, count, sizeof *order), most = policy->group_count + count;
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    if (count)
        qsort_r(order, count, sizeof *order, compare_slots, contestants);
    struct parts parts = {.groups = arena_array(arena, most, sizeof *parts.groups),
                          .kinds = arena_array(arena, most, sizeof *parts.kinds),
                          .clusters = arena_array(arena, most, sizeof *parts.clusters)};
    make_parts(&parts, policy, contestants, order, count);
    struct standing_policy *made = arena_new(arena, struct standing_policy);
    *made = *policy;
    made->groups = parts.groups;
    made->group_count = parts.count;
    made->kinds = parts.kinds;
    made->clusters = parts.clusters;
    return made;
}
