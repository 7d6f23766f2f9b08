// Standings: ranks 1, 1, 3, ties, nested quotas, and what SECURE promises.
#include "testing.h"

#include "thidua/civil.h"
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

static void set_field(struct field *field, const struct line *lines, size_t count, int64_t cap, enum tie_policy ties)
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

static struct standing row_of(const struct standings *standings, size_t contestant)
{
    for (size_t i = 0; i < standings->count; i++)
        if (standings->rows[i].contestant == contestant)
            return standings->rows[i];
    fail_msg("no row %zu", contestant);
    return standings->rows[0];
}

static void expect_row(const struct standings *standings, size_t contestant, int64_t rank, enum standing_status status)
{
    struct standing row = row_of(standings, contestant);
    if (row.rank != rank || row.status != status)
        fail_msg("contestant %zu: rank %lld %s", contestant, (long long)row.rank, standing_status_name(row.status));
}

static const size_t huyen[] = {1}, so_and_huyen[] = {0, 1};

// The second key is exact: 64,35/71,50 and 90/100 tie, though a double would set them apart.
static void ranks_are_one_one_three(void **state)
{
    (void)state;
    static const struct line lines[] = {{1, OVERALL_ELIGIBLE, 4, 6435, 7150},
                                        {1, OVERALL_ELIGIBLE, 4, 9000, 10000},
                                        {1, OVERALL_ELIGIBLE, 4, 8999, 10000},
                                        {1, OVERALL_INELIGIBLE, 4, 9999, 10000}};
    struct field field;
    set_field(&field, lines, 4, 6, TIES_DECIDE);
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 1, STANDING_SECURE);
    expect_row(&standings, 1, 1, STANDING_SECURE);
    expect_row(&standings, 2, 3, STANDING_SECURE);
    expect_row(&standings, 3, 0, STANDING_OUT);
    assert_int_equal(standings.rows[3].contestant, 3);
    arena_release(&field.arena);
}

static void a_unit_outside_is_told_what_decided(void **state)
{
    (void)state;
    static const struct line lines[] = {{1, OVERALL_ELIGIBLE, 4, 9500, 10000},
                                        {1, OVERALL_ELIGIBLE, 4, 9250, 10000},
                                        {1, OVERALL_ELIGIBLE, 3, 9900, 10000}};
    static const struct quota quotas[] = {{"cap", 6, 0, NULL, 0}, {"huyen", 1, 0, huyen, 1}};
    struct field field;
    set_field(&field, lines, 3, 6, TIES_DECIDE);
    field.input.quotas = quotas;
    field.input.quota_count = 2;
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 1, STANDING_SECURE);
    expect_row(&standings, 1, 2, STANDING_OUT);
    expect_row(&standings, 2, 3, STANDING_OUT);
    struct standing second = row_of(&standings, 1), third = row_of(&standings, 2);
    assert_int_equal(second.decided_by, 1);
    assert_int_equal(second.margin, -250); // 2,50 percentage points
    assert_int_equal(third.decided_by, 0);
    assert_int_equal(third.margin, -1);
    assert_int_equal(third.against, 0);
    arena_release(&field.arena);
}

static void ties_at_the_cut_off_follow_the_policy(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {1, OVERALL_ELIGIBLE, 4, 95, 100}, {1, OVERALL_ELIGIBLE, 3, 92, 100}, {1, OVERALL_ELIGIBLE, 3, 92, 100}};
    static const struct quota quotas[] = {{"cap", 6, 0, NULL, 0}, {"huyen", 2, 0, huyen, 1}};
    static const enum standing_status expected[] = {
        [TIES_ADMIT_NONE] = STANDING_OUT, [TIES_ADMIT_ALL] = STANDING_SECURE, [TIES_DECIDE] = STANDING_TIE_TO_DECIDE};
    struct field field;
    for (enum tie_policy ties = TIES_ADMIT_NONE; ties <= TIES_DECIDE; ties++) {
        set_field(&field, lines, 3, 6, ties);
        field.input.quotas = quotas;
        field.input.quota_count = 2;
        struct standings standings = standings_compute(&field.arena, &field.input);
        expect_row(&standings, 0, 1, STANDING_SECURE);
        expect_row(&standings, 1, 2, expected[ties]);
        expect_row(&standings, 2, 2, expected[ties]);
        assert_int_equal(row_of(&standings, 1).tied_with_count, 1);
        arena_release(&field.arena);
    }
    set_field(&field, lines, 3, 2, TIES_ADMIT_ALL); // all only inside the cap
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 1, 2, STANDING_TIE_TO_DECIDE);
    arena_release(&field.arena);
    set_field(&field, lines, 3, 2, TIES_DECIDE); // the recorded decision, or lot, is an input of the next run
    field.contestants[1].tie_decision = field.contestants[2].tie_decision = "lot-1";
    field.contestants[1].tie_place = 2;
    field.contestants[2].tie_place = 1;
    standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 1, 3, STANDING_OUT);
    expect_row(&standings, 2, 2, STANDING_SECURE);
    assert_int_equal(row_of(&standings, 1).decided_by, SIZE_MAX);
    arena_release(&field.arena);
}

static void open_units_hold_others_back(void **state)
{
    (void)state;
    static const struct line lines[] = {{1, OVERALL_ELIGIBLE, 4, 95, 100},
                                        {1, OVERALL_PENDING, 4, 0, 0},
                                        {1, OVERALL_ELIGIBLE, 3, 91, 100},
                                        {1, OVERALL_DEFERRED, 2, 91, 100}};
    struct field field;
    set_field(&field, lines, 4, 2, TIES_DECIDE);
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 1, STANDING_SECURE);
    expect_row(&standings, 1, 2, STANDING_POSSIBLE);
    expect_row(&standings, 2, 3, STANDING_POSSIBLE);
    expect_row(&standings, 3, 4, STANDING_OUT);
    struct standing waiting = row_of(&standings, 2);
    assert_int_equal(waiting.waits_for_count, 1);
    assert_int_equal(waiting.waits_for[0], 1);
    arena_release(&field.arena);
}

// III.2.b: an award holds its place in every quota above its group, whatever became of the unit since; the others
// compete for what is left, and are not measured against it.
static void awards_given_hold_their_places(void **state)
{
    (void)state;
    static const struct line lines[] = {{1, OVERALL_INELIGIBLE, 9, 99, 100, true},
                                        {1, OVERALL_ELIGIBLE, 4, 95, 100, false},
                                        {1, OVERALL_ELIGIBLE, 3, 92, 100, false},
                                        {0, OVERALL_ELIGIBLE, 3, 92, 100, false}};
    struct quota quotas[] = {{"cap", 3, 0, NULL, 0, 1}, {"huyen", 2, 0, huyen, 1, 1}};
    struct field field;
    set_field(&field, lines, 4, 3, TIES_DECIDE);
    field.input.quotas = quotas;
    field.input.quota_count = 2;
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 0, STANDING_AWARDED);
    expect_row(&standings, 1, 1, STANDING_SECURE);
    expect_row(&standings, 2, 2, STANDING_OUT);
    expect_row(&standings, 3, 1, STANDING_SECURE);
    assert_int_equal(row_of(&standings, 2).against, 1);
    quotas[0].taken = quotas[1].taken = 3; // more than the group was allocated: a place that a person moved
    standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 1, 1, STANDING_OUT);
    expect_row(&standings, 3, 1, STANDING_OUT);
    arena_release(&field.arena);
}

// No allocation, more candidates than the cap, different groups: they are not compared, so nobody is sure.
static void groups_are_never_compared(void **state)
{
    (void)state;
    static const struct line lines[] = {{0, OVERALL_ELIGIBLE, 4, 99, 100}, {1, OVERALL_ELIGIBLE, 1, 90, 100}};
    static const struct quota quotas[] = {{"cap", 1, 0, NULL, 0}, {"huyen", 1, 0, huyen, 1}};
    struct field field;
    set_field(&field, lines, 2, 1, TIES_DECIDE);
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 1, STANDING_POSSIBLE);
    expect_row(&standings, 1, 1, STANDING_POSSIBLE);
    field.input.quotas = quotas;
    field.input.quota_count = 2;
    standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 1, STANDING_POSSIBLE);
    arena_release(&field.arena);
}

static void overlapping_quotas_are_refused(void **state)
{
    (void)state;
    static const struct quota good[] = {{"cap", 6, 0, NULL, 0}, {"s", 3, 0, so_and_huyen, 1}, {"h", 3, 0, huyen, 1}};
    static const struct quota twice[] = {{"cap", 6, 0, NULL, 0}, {"s", 3, 0, so_and_huyen, 2}, {"h", 3, 0, huyen, 1}};
    static const struct quota above[] = {{"cap", 6, 0, NULL, 0}, {"s", 4, 0, so_and_huyen, 1}, {"h", 3, 0, huyen, 1}};
    static const struct quota beyond[] = {{"cap", 7, 0, NULL, 0}};
    struct field field;
    set_field(&field, NULL, 0, 6, TIES_DECIDE);
    struct rule_faults faults = {.arena = &field.arena};
    assert_true(standings_check_quotas(&field.policy, good, 3, "/quota", &faults));
    assert_false(standings_check_quotas(&field.policy, twice, 3, "/quota", &faults));
    assert_int_equal(faults.items[0].kind, FAULT_QUOTA_OVERLAP);
    assert_false(standings_check_quotas(&field.policy, above, 3, "/quota", &faults));
    assert_int_equal(faults.items[1].kind, FAULT_QUOTA_ABOVE_PARENT);
    assert_false(standings_check_quotas(&field.policy, beyond, 1, "/quota", &faults));
    arena_release(&field.arena);
}

static void overrides_keep_what_was_computed(void **state)
{
    (void)state;
    static const struct line lines[] = {{1, OVERALL_ELIGIBLE, 4, 95, 100}, {1, OVERALL_ELIGIBLE, 3, 92, 100}};
    static const struct standing_override overrides[] = {
        {"u0", STANDING_SECURE, "chair_office", "2025-03-05T08:00:00+07:00", "r", "l"},
        {"u1", STANDING_SECURE, "chair_office", "2025-03-05T08:00:00+07:00", "r", "l"}};
    struct field field;
    set_field(&field, lines, 2, 1, TIES_DECIDE);
    field.input.overrides = overrides;
    field.input.override_count = 2;
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 1, 2, STANDING_OUT);
    assert_true(row_of(&standings, 0).override_is_moot);
    assert_false(row_of(&standings, 1).override_is_moot);
    assert_true(standings.overrides_exceed_cap);
    arena_release(&field.arena);
}

// Whether, the open ones being settled, the unit is certain of a place: in every quota above its group, those at or
// above it and all that others may take fit.
static bool is_inside(struct field *field, size_t unit)
{
    struct standings standings = standings_compute(&field->arena, &field->input);
    enum standing_status status = row_of(&standings, unit).status;
    return status == STANDING_SECURE;
}

static struct line random_line(uint64_t *random)
{
    struct line line = {.group = random_below(random, 2),
                        .overall = (enum overall_outcome)random_below(random, 4),
                        .score = (int64_t)random_below(random, 3),
                        .part = 1 + (int64_t)random_below(random, 2),
                        .whole = 2};
    if (line.overall == OVERALL_PENDING || line.overall == OVERALL_DEFERRED) {
        if (random_below(random, 2))
            line.whole = 0;
        else if (random_below(random, 2))
            line.score = -1;
    }
    return line;
}

// Settles every open unit in the way `code` says: ineligible or eligible, and its unknown keys low or high.
static void complete(const struct line *lines, size_t count, unsigned code, struct line *ret_lines)
{
    for (size_t i = 0; i < count; i++) {
        ret_lines[i] = lines[i];
        if (lines[i].overall != OVERALL_PENDING && lines[i].overall != OVERALL_DEFERRED)
            continue;
        ret_lines[i].overall = code & 1 ? OVERALL_ELIGIBLE : OVERALL_INELIGIBLE;
        if (lines[i].score < 0)
            ret_lines[i].score = code & 2 ? 2 : 0;
        if (lines[i].whole == 0) {
            ret_lines[i].whole = 2;
            ret_lines[i].part = code & 2 ? 2 : 0;
        }
        code >>= 2;
    }
}

// Whoever is SECURE stays so however the open ones turn out; SECURE units never exceed any quota; the order of the
// contestants changes nothing.
static void secure_units_stay_inside_under_every_completion(void **state)
{
    (void)state;
    uint64_t random = 6;
    for (int round = 0; round < 400; round++) {
        enum { COUNT = 5 };
        struct line lines[COUNT], completed[COUNT], turned[COUNT];
        struct quota quotas[] = {{"cap", 3, 0, NULL, 0, 0}, {"h", (int64_t)random_below(&random, 3), 0, huyen, 1, 0}};
        enum tie_policy ties = (enum tie_policy)random_below(&random, 3);
        for (size_t i = 0; i < COUNT; i++) {
            lines[i] = random_line(&random);
            lines[i].awarded = round % 2 && random_below(&random, 4) == 0;
            quotas[0].taken += lines[i].awarded;
            quotas[1].taken += lines[i].awarded && lines[i].group == 1;
        }
        for (size_t i = 0; i < COUNT; i++)
            turned[COUNT - 1 - i] = lines[i];
        struct field field, other;
        set_field(&field, lines, COUNT, 3, ties);
        set_field(&other, turned, COUNT, 3, ties);
        field.input.quotas = other.input.quotas = quotas;
        field.input.quota_count = other.input.quota_count = 2;
        struct standings standings = standings_compute(&field.arena, &field.input);
        struct standings again = standings_compute(&other.arena, &other.input);
        size_t secure = 0, secure_huyen = 0;
        for (size_t i = 0; i < COUNT; i++) {
            struct standing row = row_of(&standings, i), twin = row_of(&again, COUNT - 1 - i);
            assert_int_equal(row.status, twin.status);
            assert_int_equal(row.rank, twin.rank);
            secure += row.status == STANDING_SECURE;
            secure_huyen += row.status == STANDING_SECURE && lines[i].group == 1;
        }
        int64_t left = quotas[1].taken < quotas[1].places ? quotas[1].places - quotas[1].taken : 0;
        assert_true(secure == 0 || secure + (size_t)quotas[0].taken <= 3);
        assert_true(ties == TIES_ADMIT_ALL || secure_huyen <= (size_t)left);
        for (unsigned code = 0; code < 1U << (2 * COUNT); code++) {
            complete(lines, COUNT, code, completed);
            struct field settled;
            set_field(&settled, completed, COUNT, 3, ties);
            settled.input.quotas = quotas;
            settled.input.quota_count = 2;
            for (size_t i = 0; i < COUNT && secure; i++)
                if (row_of(&standings, i).status == STANDING_SECURE)
                    assert_true(is_inside(&settled, i));
            arena_release(&settled.arena);
            if (!secure)
                break;
        }
        arena_release(&field.arena);
        arena_release(&other.arena);
    }
}

// III.1.a where the rules compare inside clusters: each cluster is as good as a group of its own, and the units in none
// are one more.
static void a_cluster_is_a_group_of_its_own(void **state)
{
    (void)state;
    static const char *const clusters[] = {NULL, "Cụm 1", "Cụm 2"};
    static const struct named parts[] = {{"00", {"", ""}}, {"01", {"", ""}}, {"02", {"", ""}},
                                         {"10", {"", ""}}, {"11", {"", ""}}, {"12", {"", ""}},
                                         {"20", {"", ""}}, {"21", {"", ""}}, {"22", {"", ""}}};
    uint64_t random = 79;
    for (int round = 0; round < 500; round++) {
        struct line lines[8];
        struct field clustered, plain;
        for (size_t i = 0; i < COUNT_OF(lines); i++)
            lines[i] = random_line(&random);
        enum tie_policy ties = (enum tie_policy)random_below(&random, 3);
        set_field(&clustered, lines, COUNT_OF(lines), 4, ties);
        set_field(&plain, lines, COUNT_OF(lines), 4, ties);
        clustered.policy.clustered = true;
        plain.policy.groups = parts;
        plain.policy.group_count = COUNT_OF(parts);
        for (size_t i = 0; i < COUNT_OF(lines); i++) {
            size_t cluster = random_below(&random, 3);
            clustered.contestants[i].kind = lines[i].group;
            clustered.contestants[i].cluster = clusters[cluster];
            plain.contestants[i].group = 3 * lines[i].group + cluster;
        }
        clustered.input.policy =
            standings_by_cluster(&clustered.arena, &clustered.policy, clustered.contestants, COUNT_OF(lines));
        struct standings one = standings_compute(&clustered.arena, &clustered.input);
        struct standings other = standings_compute(&plain.arena, &plain.input);
        for (size_t i = 0; i < COUNT_OF(lines); i++) {
            struct standing wanted = row_of(&other, i);
            expect_row(&one, i, wanted.rank, wanted.status);
            size_t group = clustered.contestants[i].group;
            assert_int_equal(clustered.input.policy->kinds[group], lines[i].group);
            assert_true(clustered.input.policy->clusters[group] == clustered.contestants[i].cluster ||
                        strcmp(clustered.input.policy->clusters[group], clustered.contestants[i].cluster) == 0);
        }
        arena_release(&clustered.arena);
        arena_release(&plain.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_are_one_one_three),
        cmocka_unit_test(a_unit_outside_is_told_what_decided),
        cmocka_unit_test(ties_at_the_cut_off_follow_the_policy),
        cmocka_unit_test(open_units_hold_others_back),
        cmocka_unit_test(awards_given_hold_their_places),
        cmocka_unit_test(groups_are_never_compared),
        cmocka_unit_test(overlapping_quotas_are_refused),
        cmocka_unit_test(overrides_keep_what_was_computed),
        cmocka_unit_test(secure_units_stay_inside_under_every_completion),
        cmocka_unit_test(a_cluster_is_a_group_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
