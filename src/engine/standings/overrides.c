// What people decided against the computed places.
#include "engine/standings/private.h"

#include <stdlib.h>
#include <string.h>

static int compare_overrides(const void *a, const void *b)
{
    const struct standing_override *const *left = a, *const *right = b;
    int order = strcmp((*left)->unit_id, (*right)->unit_id);
    return order ? order : (*left > *right) - (*left < *right);
}

const struct standing_override **overrides_in_force(struct arena *arena, const struct standings_input *input)
{
    const struct standing_override **sorted = arena_array(arena, input->override_count, sizeof *sorted);
    const struct standing_override **latest = arena_array(arena, input->contestant_count, sizeof *latest);
    for (size_t i = 0; i < input->override_count; i++)
        sorted[i] = &input->overrides[i];
    if (input->override_count)
        qsort(sorted, input->override_count, sizeof(struct standing_override *), compare_overrides);
    for (size_t i = 0; i < input->contestant_count && input->override_count; i++) {
        size_t low = 0, high = input->override_count; // the first override of a later unit
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (strcmp(sorted[middle]->unit_id, input->contestants[i].unit_id) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low > 0 && strcmp(sorted[low - 1]->unit_id, input->contestants[i].unit_id) == 0)
            latest[i] = sorted[low - 1];
    }
    return latest;
}

bool overrides_exceed_cap(const struct standings_input *input, const struct standing *rows)
{
    int64_t secure = input->quota_count ? input->quotas[0].taken : 0;
    for (size_t i = 0; i < input->contestant_count; i++) {
        if (input->contestants[rows[i].contestant].awarded)
            continue;
        enum standing_status status = rows[i].override ? rows[i].override->decided : rows[i].status;
        secure += status == STANDING_SECURE;
    }
    return secure > standings_cap(input);
}
