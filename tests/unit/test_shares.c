// Places that are a share of those who are eligible, while so much is open that nobody goes through every completion.
#include "testing.h"

#include "thidua/award_forms.h"

enum { MOST = 48, OPEN = 30, GROUPS = 2 };

static const struct named groups[GROUPS] = {{"SO", {"a", "a"}}, {"XA", {"b", "b"}}};
static const struct standing_key keys[] = {{.id = "score", .kind = KEY_FACT}};

struct round {
    struct arena arena;
    struct form_places share;
    struct standing_policy policy;
    struct award_form form;
    struct contestant contestants[MOST];
    struct key_value values[MOST];
    struct quota quotas[1 + GROUPS];
    size_t slots[GROUPS];
    struct standing_override override;
    struct form_standings all;
};

static void add(struct round *round, size_t group, int64_t score, enum overall_outcome overall)
{
    struct standings_input *input = &round->all.input;
    size_t at = input->contestant_count++;
    round->values[at] = (struct key_value){.known = true, .part = score, .whole = 1};
    round->contestants[at] = (struct contestant){.unit_id = arena_format(&round->arena, "u%02zu", at),
                                                 .group = group,
                                                 .kind = group,
                                                 .overall = overall,
                                                 .keys = &round->values[at]};
}

// Those who are open rank below the others.
static void add_open(struct round *round, size_t group)
{
    for (int64_t i = 0; i < OPEN; i++)
        add(round, group, -i, OVERALL_PENDING);
}

static void start(struct round *round, enum places_per per, enum places_rounding rounding, enum tie_policy ties)
{
    *round = (struct round){
        .share = {.of = PLACES_OF_ELIGIBLE, .per = per, .share = {1, 2}, .rounding = rounding, .at_most = INT64_MAX},
        .policy = {.groups = groups,
                   .group_count = GROUPS,
                   .declared_count = GROUPS,
                   .keys = keys,
                   .key_count = 1,
                   .cap = INT32_MAX,
                   .ties = ties,
                   .semantics = SEMANTICS_NEWEST},
        .form = {.code = "CO", .exclusive = true}};
    round->quotas[0] = (struct quota){.name = "cap", .of_eligible = true};
    for (size_t g = 0; g < GROUPS; g++) {
        round->slots[g] = g;
        round->quotas[1 + g] =
            (struct quota){.name = groups[g].name, .groups = &round->slots[g], .group_count = 1, .of_eligible = true};
    }
    round->all.input = (struct standings_input){.policy = &round->policy,
                                                .contestants = round->contestants,
                                                .quotas = round->quotas,
                                                .quota_count = per == PLACES_WHOLE ? 1 : 1 + GROUPS,
                                                .overrides = &round->override};
}

static void rank(struct round *round)
{
    const struct award_forms forms = {.items = &round->form, .count = 1};
    form_count_eligible(&round->arena, &round->share, round->contestants, &round->all.input);
    forms_compute(&round->arena, &forms, &round->all);
}

static const struct standing *row_of(const struct round *round, size_t contestant)
{
    const struct standings *standings = &round->all.standings;
    for (size_t i = 0; i < standings->count; i++)
        if (standings->rows[i].contestant == contestant)
            return &standings->rows[i];
    fail_msg("no row %zu", contestant);
    return NULL;
}

static void expect(const struct round *round, const enum standing_status *statuses, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (row_of(round, i)->status != statuses[i])
            fail_msg("unit %zu is %s", i, standing_status_name(row_of(round, i)->status));
}

static void what_is_open_in_one_group_opens_nothing_in_another(void **state)
{
    (void)state;
    static const enum standing_status expected[] = {STANDING_SECURE, STANDING_SECURE,   STANDING_OUT,     STANDING_OUT,
                                                    STANDING_SECURE, STANDING_POSSIBLE, STANDING_POSSIBLE};
    struct round round;
    start(&round, PLACES_PER_GROUP, ROUND_DOWN, TIES_DECIDE);
    for (int64_t score = 9; score > 5; score--)
        add(&round, 0, score, OVERALL_ELIGIBLE);
    for (int64_t score = 9; score > 6; score--)
        add(&round, 1, score, OVERALL_ELIGIBLE);
    add_open(&round, 1);
    add(&round, 0, 0, OVERALL_PENDING); // makes no place: half of five is two, too
    rank(&round);
    expect(&round, expected, COUNT_OF(expected));
    const struct quota *quotas = round.all.input.quotas;
    assert_int_equal(quotas[0].places, 2 + (3 + OPEN) / 2);
    assert_int_equal(quotas[0].places - quotas[0].open, 2 + 1);
    assert_int_equal(quotas[1].open, 0);
    // It ranks above all who are open, and waits for each of its group to count.
    assert_int_equal(row_of(&round, 5)->waits_for_count, OPEN);
    assert_true(round.all.standings.inexact);
    arena_release(&round.arena);
}

// The two who tie are more than the one place that there is in any case.
static void all_who_tie_come_in_only_where_they_surely_fit(void **state)
{
    (void)state;
    struct round round;
    start(&round, PLACES_WHOLE, ROUND_UP, TIES_ADMIT_ALL);
    add(&round, 0, 9, OVERALL_ELIGIBLE);
    add(&round, 0, 9, OVERALL_ELIGIBLE);
    add(&round, 0, 1, OVERALL_PENDING);
    rank(&round);
    expect(&round, (enum standing_status[]){STANDING_POSSIBLE, STANDING_POSSIBLE}, 2);
    arena_release(&round.arena);
}

static void who_is_kept_out_still_counts(void **state)
{
    (void)state;
    static const enum standing_status expected[] = {STANDING_SECURE, STANDING_SECURE, STANDING_SECURE,
                                                    STANDING_POSSIBLE};
    struct round round;
    start(&round, PLACES_WHOLE, ROUND_DOWN, TIES_DECIDE);
    for (int64_t score = 9; score > 5; score--)
        add(&round, 0, score, OVERALL_ELIGIBLE);
    add_open(&round, 0);
    round.override = (struct standing_override){.unit_id = "u00", .decided = STANDING_OUT};
    round.all.input.override_count = 1;
    rank(&round);
    expect(&round, expected, COUNT_OF(expected));
    assert_true(row_of(&round, 2)->freed);
    arena_release(&round.arena);
}

// Of three forms the middle one counts by the verdicts of the lowest, which alone are open.
static void who_waits_for_places_waits_for_those_who_may_come_to_count(void **state)
{
    (void)state;
    enum { FORMS = 3, ELIGIBLE = 4 };
    static const struct quota one = {.name = "cap", .places = 1};
    struct round round;
    struct contestant contestants[FORMS][MOST];
    struct award_form items[FORMS];
    struct form_standings all[FORMS];
    start(&round, PLACES_WHOLE, ROUND_DOWN, TIES_DECIDE);
    for (int64_t score = 9; score > 9 - ELIGIBLE; score--)
        add(&round, 0, score, OVERALL_ELIGIBLE);
    add_open(&round, 0);
    round.share.form = FORMS - 1;
    for (size_t f = 0; f < FORMS; f++) {
        items[f] = round.form;
        all[f] = round.all;
        memcpy(contestants[f], round.contestants, sizeof round.contestants);
        for (size_t i = ELIGIBLE; i < round.all.input.contestant_count && f + 1 < FORMS; i++)
            contestants[f][i].overall = OVERALL_INELIGIBLE;
        all[f].input.contestants = contestants[f];
        all[f].input.quotas = f == 1 ? round.quotas : &one;
    }
    form_count_eligible(&round.arena, &round.share, contestants[FORMS - 1], &all[1].input);
    forms_compute(&round.arena, &(const struct award_forms){.items = items, .count = FORMS}, all);
    round.all = all[1];
    // The first has the form above. Two have a place in any case, and the fourth if enough come to count.
    expect(&round, (enum standing_status[]){STANDING_OUT, STANDING_SECURE, STANDING_SECURE, STANDING_POSSIBLE},
           ELIGIBLE);
    assert_int_equal(row_of(&round, ELIGIBLE - 1)->cause, CAUSE_ORDER);
    assert_int_equal(row_of(&round, ELIGIBLE - 1)->waits_for_count, OPEN);
    arena_release(&round.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_open_in_one_group_opens_nothing_in_another),
                                       cmocka_unit_test(all_who_tie_come_in_only_where_they_surely_fit),
                                       cmocka_unit_test(who_is_kept_out_still_counts),
                                       cmocka_unit_test(who_waits_for_places_waits_for_those_who_may_come_to_count)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
