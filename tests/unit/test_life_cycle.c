#include "testing.h"

#include "thidua/life_cycle.h"

static void expect(const struct life_cycle *cycle, const char *from, const char *action, const char *to)
{
    const struct transition *found = life_cycle_find(cycle, from, action);
    if (!to) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_string_equal(found->to, to);
}

#define EVENT(type, roles) type,
static const char *const events[] = {
#include "../../src/journal/event.def"
    NULL,
};
#undef EVENT

static bool is_listed(const char *const list[], const char *text)
{
    while (*list && strcmp(*list, text) != 0)
        list++;
    return *list != NULL;
}

static bool is_reached(const struct life_cycle *cycle, const char *state)
{
    for (size_t i = 0; i < cycle->count; i++)
        if (strcmp(cycle->transitions[i].to, state) == 0)
            return true;
    return false;
}

static void every_table_is_sound(void **state)
{
    (void)state;
    static const struct life_cycle *const life_cycles[] = {
        &dossier_life_cycle, &scorecard_life_cycle,  &proposal_life_cycle,    &decision_life_cycle,
        &round_life_cycle,   &initiative_life_cycle, &proceedings_life_cycle, &discipline_life_cycle,
    };
    for (size_t k = 0; k < COUNT_OF(life_cycles); k++) {
        const struct life_cycle *cycle = life_cycles[k];
        assert_non_null(life_cycle_next(cycle, cycle->states[0], NULL));
        assert_true(!cycle->created || is_listed(events, cycle->created));
        for (const char *const *one = cycle->states; *one; one++)
            assert_true(one == cycle->states || is_reached(cycle, *one));
        for (size_t i = 0; i < cycle->count; i++) {
            const struct transition *row = &cycle->transitions[i];
            assert_ptr_equal(life_cycle_find(cycle, row->from, row->action), row); // no action twice from one state
            assert_true(row->roles != 0 && row->roles < 1U << ROLE_COUNT);
            assert_true((row->roles & (ROLE_VIEWER | ROLE_AUDITOR | ROLE_ADMIN)) == 0); // they write nothing here
            assert_true(row->sentence_vi[0] && row->sentence_en[0]);
            assert_true(is_listed(cycle->states, row->from) && is_listed(cycle->states, row->to));
            assert_true(is_listed(events, row->event));
        }
    }
}

// Section 5: return, lodge again, withdraw; III.4.a: late only with a reason.
static void a_dossier_can_come_back(void **state)
{
    (void)state;
    const struct life_cycle *cycle = &dossier_life_cycle;
    expect(cycle, "DRAFT", "lodge", "LODGED");
    expect(cycle, "LODGED", "return", "RETURNED");
    expect(cycle, "RETURNED", "lodge", "LODGED");
    expect(cycle, "LODGED", "accept", "ACCEPTED");
    expect(cycle, "ACCEPTED", "propose", "IN_PROPOSAL");
    expect(cycle, "IN_PROPOSAL", "decide", "DECIDED");
    expect(cycle, "DECIDED", "withdraw", NULL);
    expect(cycle, "DRAFT", "accept", NULL);
    expect(cycle, "NOWHERE", "lodge", NULL);
    const struct transition *late = life_cycle_find(cycle, "LODGED", "accept_late");
    assert_true(late->needs_reason);
    assert_int_equal(late->roles, ROLE_HOME_AFFAIRS);
    assert_true(life_cycle_find(cycle, "LODGED", "return")->needs_reason);
}

// Section 4 and section 5.
static void the_others_follow_the_domain(void **state)
{
    (void)state;
    expect(&scorecard_life_cycle, "APPRAISED", "explain", "EXPLAINED");
    expect(&scorecard_life_cycle, "EXPLAINED", "appraise", "APPRAISED");
    expect(&scorecard_life_cycle, "FINAL", "approve", "APPROVED");
    expect(&scorecard_life_cycle, "FINAL", "publish", NULL);
    expect(&proposal_life_cycle, "SUBMITTED", "return", "RETURNED");
    expect(&proposal_life_cycle, "RETURNED", "submit", "SUBMITTED");
    expect(&decision_life_cycle, "DRAFT", "cancel", "CANCELLED");
    expect(&decision_life_cycle, "SIGNED", "cancel", NULL);
    expect(&round_life_cycle, "DECIDED", "close", "CLOSED");
    expect(&initiative_life_cycle, "SUBMITTED", "recognise", "RECOGNISED");
    expect(&proceedings_life_cycle, "OPEN", "close_at_fault", "CLOSED_AT_FAULT");
    // Who submits a proposal cannot sign its decision (section 1).
    assert_int_equal(life_cycle_find(&proposal_life_cycle, "DRAFT", "submit")->roles &
                         life_cycle_find(&decision_life_cycle, "DRAFT", "sign")->roles,
                     0);
}

static void the_way_out_is_listed(void **state)
{
    (void)state;
    size_t count = 0;
    const struct transition *row = NULL;
    while ((row = life_cycle_next(&dossier_life_cycle, "LODGED", row)))
        count++;
    assert_int_equal(count, 4);
    assert_null(life_cycle_next(&dossier_life_cycle, "DECIDED", NULL));
}

static void roles_have_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ROLE_COUNT; i++) {
        const char *name = role_name(1U << i);
        assert_non_null(name);
        assert_int_equal(role_of_name(name, strlen(name)), 1U << i);
    }
    assert_null(role_name(ROLE_UNIT | ROLE_ADMIN));
    assert_null(role_name(1U << ROLE_COUNT));
    assert_int_equal(role_of_name("unit ", 5), 0);
    assert_int_equal(role_of_name("", 0), 0);
    assert_int_equal(role_of_name("home_affairs", 12), ROLE_HOME_AFFAIRS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_sound),
        cmocka_unit_test(a_dossier_can_come_back),
        cmocka_unit_test(the_others_follow_the_domain),
        cmocka_unit_test(the_way_out_is_listed),
        cmocka_unit_test(roles_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
