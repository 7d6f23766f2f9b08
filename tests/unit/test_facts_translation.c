// Facts that were kept for one set of rules, read by another.
#include "random_facts.h"

#include "thidua/facts_pack.h"
#include "thidua/facts_translation.h"

// Facts for other rules: to the same declarations nothing changes; to another plan's and back, what both declare is
// kept, and what one of them lacks is not known: never false, never zero.
static void facts_go_over_to_other_rules_by_name(void **state)
{
    struct plan *plan = *state;
    static struct plan other;
    void *its = &other;
    assert_int_equal(read_plan(&other, CAMPAIGNS "/79-KH-UBND-MAU.json"), 0);
    const struct rule_set_source *from = plan->document.rules->source, *to = other.document.rules->source;
    struct facts_translation same = facts_translation(&plan->arena, from, from);
    struct facts_translation there = facts_translation(&plan->arena, from, to);
    struct facts_translation back = facts_translation(&plan->arena, to, from);
    assert_int_equal(same.missing_count, 0);
    assert_true(there.missing_count > 0 && back.missing_count > 0);
    uint64_t seed = 79;
    for (int i = 0; i < 200; i++) {
        struct arena_mark mark = arena_mark(&plan->arena);
        struct unit_facts facts = random_facts(plan, &seed), again, theirs, returned;
        size_t length, length_again;
        facts_translate(&plan->arena, &same, &facts, &again);
        const char *bytes = facts_pack(&plan->arena, from, &facts, &length);
        const char *bytes_again = facts_pack(&plan->arena, from, &again, &length_again);
        assert_int_equal(length, length_again);
        assert_memory_equal(bytes, bytes_again, length);
        facts_translate(&plan->arena, &there, &facts, &theirs);
        facts_translate(&plan->arena, &back, &theirs, &returned);
        for (size_t k = 0; k < from->fact_count; k++) {
            bool kept = back.facts[k] != SIZE_MAX && there.facts[back.facts[k]] == k;
            assert_int_equal(returned.values[k].type, kept ? facts.values[k].type : VALUE_UNKNOWN);
            if (kept && facts.values[k].type != VALUE_TEXT)
                assert_int_equal(returned.values[k].number, facts.values[k].number);
        }
        for (size_t k = 0; k < from->content_count; k++)
            assert_null(returned.findings[k].result); // the plans have no content in common
        assert_false(returned.documents_known);       // the other plan knows of no minutes
        assert_false(theirs.documents_known);         // nor this one of a table of own scores
        arena_rewind(&plan->arena, mark);
    }
    release_plan(&its);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(facts_go_over_to_other_rules_by_name, load_plan, release_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
