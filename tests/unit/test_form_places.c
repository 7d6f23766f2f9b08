// Places of several forms of award, against a judge that knows nothing of the engine (form_places/judge.c).
// PLACES_ROUNDS says how many random rounds.
#include "testing.h"

#include <stdlib.h>

#include "form_places/places.h"
#include "thidua/award_forms.h"
#include "thidua/rule_set.h"

// ---- the engine ----

struct asked_form {
    struct standing_policy policy;
    struct standing_key own_keys[1];
    struct contestant contestants[UNITS + PADDING];
    struct key_value values[UNITS][KEYS];
    struct quota quotas[QUOTAS + 1];
    size_t slots[QUOTAS + 1][GROUPS + 1];
    struct standing_override overrides[UNITS];
    struct form_tier tiers[TIERS];
    struct form_condition condition, terms[CRITERIA];
};

struct asked {
    struct arena arena;
    struct standing_key keys[KEYS - 1];
    struct asked_form forms[FORMS];
    struct award_form items[FORMS];
    struct award_forms list;
    struct form_standings all[FORMS];
    size_t unit_at[UNITS]; // by contestant
};

static const char *const ids[UNITS] = {"u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8"};
static const char *const codes[FORMS] = {"CO", "BANG_KHEN", "GIAY_KHEN"};
static const char *const clusters[CLUSTERS] = {NULL, "1", "2"};
static const struct named kinds[KINDS + 1] = {{"A", {"a", "a"}}, {"B", {"b", "b"}}, {"C", {"c", "c"}}};

static struct form_condition condition_of(enum condition condition, struct form_condition *terms)
{
    for (size_t c = 0; c < CRITERIA; c++)
        terms[c] = (struct form_condition){.kind = CONDITION_CRITERION, .criterion = c};
    if (condition == FIRST_ONLY || condition == SECOND_ONLY)
        return terms[condition == SECOND_ONLY];
    return (struct form_condition){
        .kind = condition == BOTH ? CONDITION_ALL : CONDITION_ANY, .terms = terms, .count = CRITERIA};
}

static struct standing_key key_of(const struct round *round, size_t k)
{
    static const char *const names[KEYS] = {"first", "second", "own"};
    return (struct standing_key){.id = names[k],
                                 .kind = KEY_FACT,
                                 .slot = k,
                                 .ascending = round->ascending[k],
                                 .nulls_first = round->nulls_first[k]};
}

static void ask_contestant(const struct round *round, size_t f, size_t i, struct asked *asked, struct contestant *ret)
{
    static const enum overall_outcome outcomes[] = {
        [MET] = OVERALL_ELIGIBLE, [NOT_MET] = OVERALL_INELIGIBLE, [OPEN] = OVERALL_PENDING};
    static const enum criterion_outcome criteria[] = {
        [MET] = OUTCOME_PASS, [NOT_MET] = OUTCOME_FAIL, [OPEN] = OUTCOME_PENDING};
    static const char *const decisions[] = {NULL, "one", "two"};
    const struct unit *unit = &round->units[i];
    const struct form *form = &round->forms[f];
    struct key_value *values = asked->forms[f].values[i];
    struct criterion_result results[CRITERIA];
    for (size_t k = form->own_key ? KEYS - 1 : 0; k < (form->own_key ? KEYS : KEYS - 1); k++)
        values[form->own_key ? 0 : k] = (struct key_value){
            .known = unit->key[k] != NONE, .part = unit->key[k], .whole = 1, .absent = !unit->valued};
    for (size_t c = 0; c < CRITERIA; c++)
        results[c] = (struct criterion_result){.outcome = criteria[unit->met[c]]};
    *ret = (struct contestant){.unit_id = ids[i],
                               .group = unit->kind,
                               .kind = unit->kind,
                               .cluster = clusters[unit->cluster],
                               .overall = outcomes[verdict_of(form, unit)],
                               .keys = values,
                               .awarded = unit->awarded == f,
                               .awarded_tier = form->tier_count ? unit->awarded_tier : SIZE_MAX,
                               .tie_decision = decisions[unit->decision[f]],
                               .tie_place = unit->place[f]};
    ret->eligible_sets = form_eligible_sets(&asked->arena, &asked->list, results, CRITERIA, &ret->eligible_set_count);
}

// Units of a group that has no place. They do not take part at all where that would make places.
static void pad(struct asked_form *own, size_t group, struct standings_input *input)
{
    static const char *const names[] = {"x00", "x01", "x02", "x03", "x04", "x05", "x06", "x07", "x08", "x09", "x10",
                                        "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20"};
    for (size_t i = 0; i < PADDING; i++)
        own->contestants[input->contestant_count++] = (struct contestant){
            .unit_id = names[i], .group = group, .kind = group, .overall = OVERALL_PENDING, .keys = own->values[0]};
    own->policy.group_count = own->policy.declared_count = KINDS + 1;
}

static void ask_quotas(const struct form *form, const struct standing_policy *policy, struct asked_form *own)
{
    static const char *const names[QUOTAS] = {"cap", "1", "2", "3", "4", "5", "6", "7", "8"};
    size_t none = form->quota_count;
    own->quotas[none] = (struct quota){.name = "none", .groups = own->slots[none]};
    for (size_t q = 0; q < form->quota_count; q++)
        own->quotas[q] =
            (struct quota){names[q], form->places[q], (size_t)form->parent[q], own->slots[q], 0, form->taken[q]};
    for (size_t g = 0; g < policy->group_count; g++) {
        size_t kind = policy->kinds ? policy->kinds[g] : g, cluster = 0;
        if (kind == KINDS) {
            own->slots[none][own->quotas[none].group_count++] = g;
            continue;
        }
        while (policy->kinds && policy->clusters[g] &&
               strcmp(clusters[cluster] ? clusters[cluster] : "", policy->clusters[g]) != 0)
            cluster++;
        struct quota *quota = &own->quotas[form->quota_of[kind * CLUSTERS + cluster]];
        if (quota != own->quotas)
            own->slots[quota - own->quotas][quota->group_count++] = g;
    }
}

static bool has_share(const struct round *round)
{
    bool has = false;
    for (size_t f = 0; f < round->form_count; f++)
        has |= round->forms[f].is_share;
    return has;
}

static void ask_form(const struct round *round, size_t f, bool padded, struct asked *asked)
{
    static const enum standing_status decided[] = {
        [OUT_BY_PEOPLE] = STANDING_OUT, [IN_BY_PEOPLE] = STANDING_SECURE, [LEFT_OPEN_BY_PEOPLE] = STANDING_POSSIBLE};
    const struct form *form = &round->forms[f];
    struct asked_form *own = &asked->forms[f];
    struct standings_input *input = &asked->all[f].input;
    own->own_keys[0] = key_of(round, KEYS - 1);
    own->policy = (struct standing_policy){.groups = kinds,
                                           .group_count = KINDS,
                                           .declared_count = KINDS,
                                           .clustered = form->clustered,
                                           .keys = form->own_key ? own->own_keys : asked->keys,
                                           .key_count = form->own_key ? 1 : KEYS - 1,
                                           .cap = form->places[0],
                                           .ties = form->ties,
                                           .semantics = SEMANTICS_NEWEST};
    for (size_t t = 0; t < form->tier_count; t++)
        own->tiers[t] = (struct form_tier){.name = t ? "second" : "first", .places = form->tiers[t]};
    *input = (struct standings_input){.contestants = own->contestants, .contestant_count = round->count};
    for (size_t at = 0; at < round->count; at++) {
        size_t i = asked->unit_at[at];
        ask_contestant(round, f, i, asked, &own->contestants[at]);
        if (round->units[i].decided[f] != NOTHING)
            own->overrides[input->override_count++] =
                (struct standing_override){.unit_id = ids[i], .decided = decided[round->units[i].decided[f]]};
    }
    if (padded)
        pad(own, has_share(round) ? KINDS + 1 : KINDS, input);
    input->policy = standings_by_cluster(&asked->arena, &own->policy, own->contestants, input->contestant_count);
    ask_quotas(form, input->policy, own);
    for (size_t q = 0; q < form->quota_count; q++)
        own->quotas[q].of_eligible = form->of_eligible[q];
    input->quotas = own->quotas;
    input->quota_count = form->quota_count + padded;
    input->overrides = own->overrides;
}

static void ask(const struct round *round, bool turned, bool padded, struct asked *asked)
{
    *asked = (struct asked){0};
    for (size_t k = 0; k + 1 < KEYS; k++)
        asked->keys[k] = key_of(round, k);
    for (size_t at = 0; at < round->count; at++)
        asked->unit_at[at] = turned ? round->count - 1 - at : at;
    asked->list = (struct award_forms){.items = asked->items, .count = round->form_count};
    for (size_t f = 0; f < round->form_count; f++) {
        asked->forms[f].condition = condition_of(round->forms[f].condition, asked->forms[f].terms);
        asked->items[f] = (struct award_form){.code = codes[f],
                                              .eligible = &asked->forms[f].condition,
                                              .exclusive = round->forms[f].exclusive,
                                              .tiers = asked->forms[f].tiers,
                                              .tier_count = round->forms[f].tier_count};
    }
    for (size_t f = 0; f < round->form_count; f++)
        ask_form(round, f, padded, asked);
    for (size_t f = 0; f < round->form_count; f++)
        if (round->forms[f].is_share)
            form_count_eligible(&asked->arena, &round->forms[f].share,
                                asked->forms[round->forms[f].counted].contestants, &asked->all[f].input);
    forms_compute(&asked->arena, &asked->list, asked->all);
}

// All that is told, unit by unit, whatever the order in which they were handed in.
static const char *told(struct asked *asked)
{
    const char *text = "";
    for (size_t f = 0; f < asked->list.count; f++)
        for (size_t i = 0; i < asked->all[f].standings.count; i++) {
            const struct standing *row = &asked->all[f].standings.rows[i];
            size_t against = row->against;
            text = arena_format(
                &asked->arena, "%s\n%s %s %s %lld tier %zd higher %zd cause %d freed %d moot %d %s %zd %lld:", text,
                codes[f], ids[asked->unit_at[row->contestant]], standing_status_name(row->status), (long long)row->rank,
                (ssize_t)row->tier, (ssize_t)asked->all[f].higher[row->contestant], (int)row->cause, row->freed,
                row->override_is_moot, against == SIZE_MAX ? "-" : ids[asked->unit_at[against]],
                (ssize_t)row->decided_by, (long long)row->margin);
            for (size_t k = 0; k < row->waits_for_count; k++)
                text = arena_format(&asked->arena, "%s %s", text, ids[asked->unit_at[row->waits_for[k]]]);
            for (size_t k = 0; k < row->tied_with_count; k++)
                text = arena_format(&asked->arena, "%s =%s", text, ids[asked->unit_at[row->tied_with[k]]]);
        }
    return text;
}

static bool has_something_open(const struct round *round, const struct unit *unit)
{
    bool is = unit->met[0] == OPEN || unit->met[1] == OPEN;
    for (size_t k = 0; k < KEYS; k++)
        is |= has_open_value(round, unit, k);
    return is;
}

// Who is POSSIBLE waits for those on whom the place hangs; or people have to say more, and it says so.
static void check_waits(const struct round *round, const struct asked *asked, size_t f, const struct standing *row,
                        unsigned hanging)
{
    unsigned listed = 0;
    for (size_t k = 0; k < row->waits_for_count; k++) {
        size_t other = asked->unit_at[row->waits_for[k]];
        assert_true(has_something_open(round, &round->units[other]));
        listed |= 1U << other;
    }
    assert_true((listed != 0) == (row->status == STANDING_POSSIBLE && row->cause == CAUSE_ORDER));
    if (listed)
        assert_int_equal(listed, hanging);
    if (row->cause == CAUSE_HIGHER)
        assert_true(row->status == STANDING_POSSIBLE && f > 0 && round->forms[f].exclusive && !hanging);
    if (row->cause == CAUSE_ALLOCATION) {
        assert_int_equal(row->status, STANDING_POSSIBLE);
        assert_false(asked->all[f].input.quotas[0].open && hanging);
    }
}

// A share of those who are eligible has the fewest and the most places of all completions.
static void check_range(const struct round *round, const struct outcomes *all, long worlds, size_t f,
                        const struct standings_input *input)
{
    for (size_t q = 0; q < round->forms[f].quota_count; q++) {
        int least = all[0].places[f][q], most = least;
        for (long number = 1; number < worlds; number++) {
            int places = all[number].places[f][q];
            least = places < least ? places : least;
            most = places > most ? places : most;
        }
        assert_int_equal(input->quotas[q].places, most);
        assert_int_equal(input->quotas[q].places - input->quotas[q].open, least);
    }
}

static void compare_round(const struct round *round, uint64_t number, size_t *seen)
{
    struct asked asked, turned;
    long worlds;
    struct outcomes *all = judge(round, &worlds);
    ask(round, false, false, &asked);
    ask(round, true, false, &turned);
    assert_string_equal(told(&asked), told(&turned));
    for (size_t f = 0; f < round->form_count; f++) {
        assert_false(asked.all[f].standings.inexact);
        check_range(round, all, worlds, f, &asked.all[f].input);
        for (size_t at = 0; at < round->count; at++) {
            const struct standing *row = &asked.all[f].standings.rows[at];
            size_t i = asked.unit_at[row->contestant];
            struct wanted wanted = wanted_of(round, all, worlds, f, i);
            if (row->status != wanted.status || row->tier != wanted.tier)
                fail_msg("round %llu, form %zu, unit %zu: %s %zd, and by every completion %s %zd",
                         (unsigned long long)number, f, i, standing_status_name(row->status), (ssize_t)row->tier,
                         standing_status_name(wanted.status), (ssize_t)wanted.tier);
            assert_int_equal(row->freed, wanted.status != wanted.plain);
            check_waits(round, &asked, f, row, hanging_on(round, all, worlds, f, i));
            seen[f > 0 && round->forms[f].exclusive ? row->status : STANDING_AWARDED + 1 + row->status]++;
            if (asked.all[f].input.quotas[0].open)
                seen[2 * (STANDING_AWARDED + 1) + row->status]++;
        }
    }
    free(all);
    arena_release(&asked.arena);
    arena_release(&turned.arena);
}

static void places_of_forms_are_those_of_every_completion(void **state)
{
    (void)state;
    const char *asked = getenv("PLACES_ROUNDS");
    uint64_t rounds = asked ? strtoull(asked, NULL, 10) : 3000, random = 12;
    enum { STATUSES = STANDING_AWARDED + 1 };
    size_t seen[3 * STATUSES] = {0}; // below another form, elsewhere, and where it is open how many places there are
    for (uint64_t number = 0; number < rounds; number++) {
        struct round round;
        random_round(&round, &random);
        compare_round(&round, number, seen);
    }
    for (size_t i = 0; i < COUNT_OF(seen); i++)
        if (seen[i] <= (i < 2 * STATUSES ? rounds / 100 : 0)) // every kind is there, and not only now and then
            fail_msg("%zu of kind %zu in %llu rounds", seen[i], i, (unsigned long long)rounds);
}

// Beyond the bound nothing is told surer than it is, and it is told that something may be surer.
static void compare_padded(const struct round *round, uint64_t number, size_t *inexact)
{
    struct asked asked;
    long worlds;
    struct outcomes *all = judge(round, &worlds);
    ask(round, false, true, &asked);
    for (size_t f = 0; f < round->form_count; f++) {
        bool below = f > 0 && round->forms[f].exclusive, possible = false;
        for (size_t at = 0; at < round->count + PADDING; at++) {
            const struct standing *row = &asked.all[f].standings.rows[at];
            if (row->contestant >= round->count) {
                assert_int_equal(row->status, STANDING_OUT);
                continue;
            }
            size_t i = asked.unit_at[row->contestant];
            struct wanted wanted = wanted_of(round, all, worlds, f, i);
            bool may_err = below || round->forms[f].tier_count || asked.all[f].input.quotas[0].open;
            bool errs = row->status != wanted.status && may_err && row->status == STANDING_POSSIBLE;
            if (!errs && (row->status != wanted.status || row->tier != wanted.tier))
                fail_msg("round %llu, form %zu, unit %zu: %s %zd, and by every completion %s %zd",
                         (unsigned long long)number, f, i, standing_status_name(row->status), (ssize_t)row->tier,
                         standing_status_name(wanted.status), (ssize_t)wanted.tier);
            possible |= row->status == STANDING_POSSIBLE;
            assert_true(!errs || asked.all[f].standings.inexact);
            if (row->cause == CAUSE_HIGHER && asked.all[f].input.quotas[0].open)
                assert_false(hanging_on(round, all, worlds, f, i));
            *inexact += errs;
            assert_true((row->waits_for_count > 0) == (row->status == STANDING_POSSIBLE && row->cause == CAUSE_ORDER));
            for (size_t k = 0; k < row->waits_for_count; k++)
                assert_true(has_something_open(round, &round->units[asked.unit_at[row->waits_for[k]]]));
        }
        if (below || !round->forms[f].tier_count)
            assert_int_equal(asked.all[f].standings.inexact, (below || asked.all[f].input.quotas[0].open) && possible);
    }
    free(all);
    arena_release(&asked.arena);
}

static void places_beyond_the_bound_err_to_possible(void **state)
{
    (void)state;
    uint64_t rounds = 500, random = 21;
    size_t inexact = 0;
    for (uint64_t number = 0; number < rounds; number++) {
        struct round round;
        random_round(&round, &random);
        for (size_t f = 0; f < round.form_count; f++) // which looks at all groups together
            if (round.forms[f].ties == TIES_ADMIT_ALL)
                round.forms[f].ties = TIES_DECIDE;
        compare_padded(&round, number, &inexact);
    }
    assert_true(inexact > rounds / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(places_of_forms_are_those_of_every_completion),
                                       cmocka_unit_test(places_beyond_the_bound_err_to_possible)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
