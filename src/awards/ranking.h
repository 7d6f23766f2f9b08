// The standings of an evaluation, by the keys that its rule set declares.
#ifndef THIDUA_AWARDS_RANKING_H
#define THIDUA_AWARDS_RANKING_H

#include "thidua/standings.h"

#include <jansson.h>

// One contestant as it was evaluated.
struct contender {
    const char *unit_id, *label, *overall;
    const char *group, *cluster; // cluster may be NULL
    const json_t *snapshot;
};

// A share of the quota; cluster NULL: for all clusters of the group.
struct quota_share {
    const char *group, *cluster;
    int32_t slots;
};

struct ranking {
    const json_t *standings; // member `standings` of the rule set
    const struct contender *contenders;
    size_t contender_count;
    const struct quota_share *shares;
    size_t share_count;
    int32_t cap;
};

// The standings as JSON, a new reference: {"cap", "allocated", "ties", "keys", "items": [{unit_id, label, group,
// cluster, rank, status, overall, values, beaten_by, decided_by, by}]}. NULL when the shares exceed the cap.
json_t *rank_contenders(struct arena *arena, const struct ranking *ranking);

#endif
