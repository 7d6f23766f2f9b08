// Few units in three groups, by two keys, one line each, for tests of standings.
#ifndef THIDUA_TEST_STANDINGS_FIELD_H
#define THIDUA_TEST_STANDINGS_FIELD_H

#include "testing.h"
#include "thidua/standings.h"

static const struct named groups[] = {{"SO_BAN_NGANH", {"a", "a"}}, {"HUYEN", {"b", "b"}}, {"XA", {"c", "c"}}};
static const struct standing_key keys[] = {
    {.id = "score", .kind = KEY_FACT, .decimals = 0},
    {.id = "index", .kind = KEY_RATIO, .decimals = 2},
};
static const char *const ids[] = {"u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7"};

// One row of a test: group, result, first key (-1: unknown), second key part and whole (0: unknown).
struct line {
    size_t group;
    enum overall_outcome overall;
    int64_t score, part, whole;
    bool awarded;
};

struct field {
    struct arena arena;
    struct standing_policy policy;
    struct standings_input input;
    struct contestant contestants[8];
    struct key_value values[8][2];
};

static inline void set_field(struct field *field, const struct line *lines, size_t count, int64_t cap,
                             enum tie_policy ties)
{
    *field = (struct field){
        .policy = {.groups = groups, .group_count = 3, .keys = keys, .key_count = 2, .cap = cap, .ties = ties}};
    for (size_t i = 0; i < count; i++) {
        field->values[i][0] = (struct key_value){lines[i].score >= 0, lines[i].score, 1};
        field->values[i][1] =
            (struct key_value){lines[i].whole > 0, lines[i].part, lines[i].whole > 0 ? lines[i].whole : 1};
        field->contestants[i] = (struct contestant){.unit_id = ids[i],
                                                    .group = lines[i].group,
                                                    .overall = lines[i].overall,
                                                    .keys = field->values[i],
                                                    .awarded = lines[i].awarded};
    }
    field->input = (struct standings_input){
        .policy = &field->policy, .contestants = field->contestants, .contestant_count = count};
}

static inline struct standing row_of(const struct standings *standings, size_t contestant)
{
    for (size_t i = 0; i < standings->count; i++)
        if (standings->rows[i].contestant == contestant)
            return standings->rows[i];
    fail_msg("no row %zu", contestant);
    return standings->rows[0];
}

static inline void expect_row(const struct standings *standings, size_t contestant, int64_t rank,
                              enum standing_status status)
{
    struct standing row = row_of(standings, contestant);
    if (row.rank != rank || row.status != status)
        fail_msg("contestant %zu: rank %lld %s", contestant, (long long)row.rank, standing_status_name(row.status));
}

static const size_t huyen[] = {1};

#endif
