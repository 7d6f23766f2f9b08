// What holds of standings of whatever units: what SECURE promises, and that a cluster is a group of its own.
#include "standings_field.h"

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
        cmocka_unit_test(secure_units_stay_inside_under_every_completion),
        cmocka_unit_test(a_cluster_is_a_group_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
