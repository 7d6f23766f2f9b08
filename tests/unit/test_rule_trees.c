// Properties of rules, whatever their tree: random ones over four flags.
#include "requirement.h"

// A random tree over the flags a … d; each flag is used once, so leaf ids stay apart.
static const char *random_tree(struct arena *arena, uint64_t *random, const char *const *flags, size_t count,
                               bool turned)
{
    static const char *const kinds[] = {"all", "any"};
    if (count == 1)
        return random_below(random, 4) ? flags[0] : arena_format(arena, "{'kind':'not','of':[%s]}", flags[0]);
    size_t left = 1 + random_below(random, count - 1);
    const char *kind = kinds[random_below(random, 2)];
    const char *a = random_tree(arena, random, flags, left, turned);
    const char *b = random_tree(arena, random, flags + left, count - left, turned);
    return arena_format(arena, "{'kind':'%s','of':[%s,%s]}", kind, turned ? b : a, turned ? a : b);
}

static const char *const four_flags[] = {FLAG("a"), FLAG("b"), FLAG("c"), FLAG("d")};

// The order of operands changes nothing; filling in an unknown never takes back what was decided; the changes told
// make it true; and what is decided holds for every completion of the unknowns.
static void properties_of_random_trees(void **state)
{
    (void)state;
    uint64_t random = 230;
    for (int round = 0; round < 300; round++) {
        struct arena arena = {0};
        enum truth flags[4];
        for (size_t i = 0; i < 4; i++)
            flags[i] = (enum truth)random_below(&random, 3);
        uint64_t twin = random;
        const char *tree = random_tree(&arena, &random, four_flags, 4, false);
        const char *turned = random_tree(&arena, &twin, four_flags, 4, true);
        enum truth truth = truth_given(tree, unit_with_flags(&arena, flags, 4));
        assert_int_equal(truth_given(turned, unit_with_flags(&arena, flags, 4)), truth);
        for (int code = 0; code < 16; code++) {
            enum truth filled[4];
            for (size_t i = 0; i < 4; i++)
                filled[i] = flags[i] != TRUTH_UNDETERMINED ? flags[i] : (enum truth)(2 * (code >> i & 1));
            enum truth completed = truth_given(tree, unit_with_flags(&arena, filled, 4));
            assert_int_not_equal(completed, TRUTH_UNDETERMINED);
            if (truth != TRUTH_UNDETERMINED)
                assert_int_equal(completed, truth);
        }
        arena_release(&arena);
    }
}

// The changes are enough, and no smaller set of leaves is: tried out against all of them.
static void the_changes_are_enough_and_fewest(void **state)
{
    (void)state;
    uint64_t random = 98;
    for (int round = 0; round < 200; round++) {
        struct bench bench;
        enum truth flags[4];
        for (size_t i = 0; i < 4; i++)
            flags[i] = (enum truth)random_below(&random, 3);
        struct arena arena = {0};
        const char *tree = random_tree(&arena, &random, four_flags, 4, false);
        assert_true(build(&bench, tree));
        struct verdict verdict = judge_text(&bench, unit_with_flags(&arena, flags, 4), PARAMETERS);
        size_t fewest = 5;
        for (int code = 0; code < 81; code++) { // every assignment of the flags, by how many differ
            enum truth other[] = {(enum truth)(code % 3), (enum truth)(code / 3 % 3), (enum truth)(code / 9 % 3),
                                  (enum truth)(code / 27)};
            size_t differing = 0;
            for (size_t i = 0; i < 4; i++)
                differing += other[i] != flags[i];
            if (differing < fewest && truth_given(tree, unit_with_flags(&arena, other, 4)) == TRUTH_TRUE)
                fewest = differing;
        }
        assert_int_equal(verdict.change_count, fewest);
        for (size_t i = 0; i < verdict.change_count; i++) {
            const char *id = bench.document.rules->nodes[verdict.changes[i].node].leaf->id;
            flags[id[0] - 'a'] = verdict.changes[i].to;
        }
        verdict = judge_text(&bench, unit_with_flags(&arena, flags, 4), PARAMETERS);
        assert_int_equal(verdict.overall, OVERALL_ELIGIBLE);
        arena_release(&arena);
        arena_release(&bench.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties_of_random_trees),
        cmocka_unit_test(the_changes_are_enough_and_fewest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
