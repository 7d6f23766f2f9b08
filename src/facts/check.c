#include "facts/check.h"

#include "facts/facts.sql.h"
#include "facts/pack.h"

#include <stdio.h>
#include <string.h>

// Nobody reads rows of another layout, so they cannot be wrong.
static bool compare_packed(struct session *session, const struct facts_compare *row, struct facts_check *check)
{
    struct arena arena = {0};
    struct failure failure;
    size_t length;
    const struct rules *rules = rules_load(&arena, session, row->rules_hash, &failure);
    bool good = rules != NULL;
    if (rules && strcmp(rules->layout, row->layout) == 0) {
        const char *bytes = pack_snapshot(&arena, rules, row->snapshot, &length);
        bool same = bytes && length == row->facts_length && memcmp(bytes, row->facts, length) == 0;
        check->compared++;
        if (!same && check->different++ == 0)
            snprintf(check->first, sizeof check->first, "%s/%s/%s", row->campaign, row->year, row->unit_id);
    }
    arena_release(&arena);
    return good;
}

bool facts_check(struct session *session, struct facts_check *ret_check)
{
    struct failure failure;
    char campaign[80] = "", year[16] = "0", unit[40] = "00000000-0000-0000-0000-000000000000";
    bool good = true;
    *ret_check = (struct facts_check){0};
    for (int count = 1; good && count > 0;) {
        struct rows *rows = facts_compare_run(session, campaign, year, unit, &failure);
        good = rows != NULL;
        count = rows ? rows_count(rows) : 0;
        for (int i = 0; good && i < count; i++) {
            struct facts_compare row = facts_compare_at(rows, i);
            good = compare_packed(session, &row, ret_check);
        }
        if (good && count) {
            struct facts_compare last = facts_compare_at(rows, count - 1);
            snprintf(campaign, sizeof campaign, "%s", last.campaign);
            snprintf(year, sizeof year, "%s", last.year);
            snprintf(unit, sizeof unit, "%s", last.unit_id);
        }
        rows_free(rows);
    }
    return good;
}
