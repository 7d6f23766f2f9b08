// The cases of a rule set as the units of a round: ranked for every form of award, or for the one of its standings.
#ifndef THIDUA_FUZZ_RANKED_H
#define THIDUA_FUZZ_RANKED_H

#include <stdlib.h>

#include "engine/json/forms/forms_json.h"
#include "engine/json/rule_set_json.h"
#include "thidua/verdict_pack.h"

enum { MOST_RANKED = 12, MOST_FORMS = FORMS_MOST + 1 };

struct ranked_cases {
    const struct rule_set_document *document;
    size_t units, lists;
    const struct unit_facts *facts[MOST_RANKED];
    const struct evaluation_parameters *parameters[MOST_RANKED];
    struct verdict verdicts[MOST_RANKED];
    struct form_standings all[MOST_FORMS];
};

static inline const struct award_form *form_at(const struct ranked_cases *ranked, size_t list)
{
    return ranked->document->forms.count ? &ranked->document->forms.items[list] : NULL;
}

static inline size_t place_of(const struct ranked_cases *ranked, size_t unit, bool turned)
{
    return turned ? ranked->units - 1 - unit : unit;
}

static inline struct contestant *contestants_of(struct arena *arena, const struct ranked_cases *ranked, size_t list,
                                                bool turned)
{
    const struct award_form *form = form_at(ranked, list);
    struct contestant *contestants = arena_array(arena, ranked->units, sizeof *contestants);
    for (size_t i = 0; i < ranked->units; i++) {
        size_t unit = place_of(ranked, i, turned);
        const struct verdict *verdict = &ranked->verdicts[unit];
        enum overall_outcome overall =
            form ? form_outcome(form->eligible, verdict->criteria, ranked->document->rules->source->criterion_count)
                 : verdict->overall;
        contestants[i] = contestant_of(arena, form ? form->policy : ranked->document->standings,
                                       ranked->parameters[unit], ranked->facts[unit], overall);
        contestants[i].unit_id = arena_format(arena, "u%02zu", unit);
    }
    return contestants;
}

// The whole has as many places as its parts, of which there is one for each group or cluster that has its own.
static inline void give_places(struct arena *arena, const struct award_form *form, struct standings_input *input)
{
    size_t parts = form->places.per == PLACES_WHOLE ? 0 : input->policy->group_count;
    int64_t each = form_places_of(&form->places, (int64_t)input->contestant_count);
    struct quota *quotas = arena_array(arena, parts + 1, sizeof *quotas);
    quotas[0] = (struct quota){.name = "cap", .places = parts ? each * (int64_t)parts : each};
    for (size_t i = 0; i < parts; i++) {
        size_t *group = arena_array(arena, 1, sizeof *group);
        *group = i;
        quotas[i + 1] = (struct quota){.name = "part", .places = each, .groups = group, .group_count = 1};
    }
    for (size_t i = 0; i <= parts; i++)
        quotas[i].of_eligible = form->places.of == PLACES_OF_ELIGIBLE;
    input->quotas = quotas;
    input->quota_count = parts + 1;
}

static inline void rank_units(struct arena *arena, const struct ranked_cases *ranked, bool turned,
                              struct form_standings *all)
{
    for (size_t list = 0; list < ranked->lists; list++) {
        const struct award_form *form = form_at(ranked, list);
        struct contestant *contestants = contestants_of(arena, ranked, list, turned);
        struct standing_policy *policy = arena_new(arena, struct standing_policy);
        *policy =
            *standings_by_cluster(arena, form ? form->policy : ranked->document->standings, contestants, ranked->units);
        policy->semantics = ranked->document->rules->source->semantics;
        all[list].input =
            (struct standings_input){.policy = policy, .contestants = contestants, .contestant_count = ranked->units};
        if (form)
            give_places(arena, form, &all[list].input);
    }
    for (size_t list = 0; list < ranked->document->forms.count; list++) {
        const struct form_places *places = &form_at(ranked, list)->places;
        if (places->of == PLACES_OF_ELIGIBLE)
            form_count_eligible(arena, places, all[places->form].input.contestants, &all[list].input);
    }
    if (ranked->document->forms.count)
        forms_compute(arena, &ranked->document->forms, all);
    else
        all[0].standings = standings_compute(arena, &all[0].input);
}

// False where there is nobody to be ranked.
static inline bool rank_cases(struct arena *arena, const struct rule_set_document *document,
                              struct ranked_cases *ret_ranked)
{
    struct ranked_cases *ranked = ret_ranked;
    *ranked = (struct ranked_cases){.document = document};
    ranked->lists = document->forms.count ? document->forms.count : 1;
    for (size_t i = 0; document->standings && i < document->case_count && ranked->units < MOST_RANKED; i++) {
        const struct rule_case *each = &document->cases[i];
        if (criteria_evaluate(arena, document->rules, each->parameters, each->facts,
                              &ranked->verdicts[ranked->units]) != EVALUATION_OK)
            continue;
        ranked->facts[ranked->units] = each->facts;
        ranked->parameters[ranked->units++] = each->parameters;
    }
    if (ranked->units)
        rank_units(arena, ranked, false, ranked->all);
    return ranked->units > 0;
}

static inline const char *pack_ranked(struct arena *arena, const struct ranked_cases *ranked,
                                      const struct form_standings *all, size_t *ret_length)
{
    return ranked->document->forms.count ? forms_pack(arena, all, ranked->lists, ret_length)
                                         : standings_pack(arena, &all[0].input, &all[0].standings, ret_length);
}

static inline bool unpack_ranked(struct arena *arena, const struct ranked_cases *ranked, const char *bytes,
                                 size_t length, struct form_standings *ret_all)
{
    for (size_t i = 0; i < ranked->lists; i++)
        ret_all[i] = (struct form_standings){.input = ranked->all[i].input};
    return ranked->document->forms.count
               ? forms_unpack(arena, ret_all, ranked->lists, bytes, length)
               : standings_unpack(arena, &ret_all[0].input, bytes, length, &ret_all[0].standings);
}

static inline void show_ranked(const struct ranked_cases *ranked, const struct form_standings *all)
{
    for (enum audience audience = AUDIENCE_RESTRICTED; audience <= AUDIENCE_PUBLIC; audience++) {
        json_t *shown = ranked->document->forms.count
                            ? forms_to_json(&ranked->document->forms, all, NULL, audience)
                            : standings_to_json(&all[0].input, &all[0].standings, all[0].standings.count, audience);
        if (!shown)
            abort();
        json_decref(shown);
    }
}

#endif
