#include "facts/check.h"

#include "facts/pack.h"
#include "statements.h"

#include <stdio.h>
#include <string.h>

// Columns of facts_compare.
enum { CAMPAIGN, YEAR, UNIT, RULES, LAYOUT, FACTS, SNAPSHOT };

static bool same_bytes(const char *hex, const char *bytes, size_t length)
{
    if (strlen(hex) != 2 * length)
        return false;
    for (size_t i = 0; i < length; i++) {
        char two[3];
        snprintf(two, sizeof two, "%02x", (unsigned)(unsigned char)bytes[i]);
        if (memcmp(two, hex + 2 * i, 2) != 0)
            return false;
    }
    return true;
}

// Rows of another layout are not read by anybody, so they cannot be wrong.
static bool compare(struct session *session, const struct rows *rows, int row, struct facts_check *check)
{
    struct arena arena = {0};
    struct failure failure;
    size_t length;
    const struct rules *rules = rules_load(&arena, session, rows_text(rows, row, RULES), &failure);
    bool good = rules != NULL;
    if (rules && strcmp(rules->layout, rows_text(rows, row, LAYOUT)) == 0) {
        const char *bytes = pack_snapshot(&arena, rules, rows_text(rows, row, SNAPSHOT), &length);
        bool same = bytes && same_bytes(rows_text(rows, row, FACTS), bytes, length);
        check->compared++;
        if (!same && check->different++ == 0)
            snprintf(check->first, sizeof check->first, "%s/%s/%s", rows_text(rows, row, CAMPAIGN),
                     rows_text(rows, row, YEAR), rows_text(rows, row, UNIT));
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
        struct rows *rows = session_run(session, &facts_compare, (const char *const[]){campaign, year, unit}, &failure);
        good = rows != NULL;
        count = rows ? rows_count(rows) : 0;
        for (int row = 0; good && row < count; row++)
            good = compare(session, rows, row, ret_check);
        if (good && count) {
            snprintf(campaign, sizeof campaign, "%s", rows_text(rows, count - 1, CAMPAIGN));
            snprintf(year, sizeof year, "%s", rows_text(rows, count - 1, YEAR));
            snprintf(unit, sizeof unit, "%s", rows_text(rows, count - 1, UNIT));
        }
        rows_free(rows);
    }
    return good;
}
