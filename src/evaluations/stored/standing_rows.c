#include "evaluations/stored/standing_rows.h"

#include "thidua/verdict_pack.h"

#include <string.h>

enum { FIRST_ROOM = 256 };

static size_t list_count(const struct rule_set_document *document)
{
    return document->forms.count ? document->forms.count : 1;
}

static void make_room(struct contestants *contestants)
{
    size_t room = 0;
    for (size_t f = 0; f < list_count(contestants->document); f++) {
        room = contestants->room;
        contestants->lists[f] = arena_grown(contestants->arena, contestants->lists[f], contestants->count,
                                            sizeof *contestants->lists[f], FIRST_ROOM, &room);
    }
    contestants->room = room;
}

// Forms are open together where the same criteria decide on them.
static void add_eligible_sets(struct contestants *contestants, const struct criterion_result *criteria)
{
    const struct award_forms *forms = &contestants->document->forms;
    size_t count;
    if (forms->count < 2)
        return;
    const uint32_t *sets = form_eligible_sets(contestants->arena, forms, criteria,
                                              contestants->document->rules->source->criterion_count, &count);
    for (size_t f = 0; f < forms->count; f++) {
        contestants->lists[f][contestants->count].eligible_sets = sets;
        contestants->lists[f][contestants->count].eligible_set_count = count;
    }
}

void contestants_add(struct contestants *contestants, const struct unit_facts *facts, enum overall_outcome overall,
                     const struct criterion_result *criteria)
{
    const struct rule_set_document *document = contestants->document;
    const struct award_forms *forms = &document->forms;
    const char *unit_id = arena_text(contestants->arena, facts->unit_id), *cluster = NULL;
    make_room(contestants);
    for (size_t f = 0; f < list_count(document); f++) {
        struct contestant *item = &contestants->lists[f][contestants->count];
        if (forms->count)
            overall = form_outcome(forms->items[f].eligible, criteria, document->rules->source->criterion_count);
        *item = contestant_of(contestants->arena, forms->count ? forms->items[f].policy : document->standings,
                              contestants->parameters, facts, overall);
        item->unit_id = unit_id;
        if (item->cluster && !cluster)
            cluster = arena_text(contestants->arena, item->cluster);
        item->cluster = item->cluster ? cluster : NULL;
    }
    add_eligible_sets(contestants, criteria);
    contestants->count++;
}

void contestants_name_open(struct contestants *contestants, struct arena *scratch, const struct judged *judged)
{
    const struct award_forms *forms = &contestants->document->forms;
    const size_t criteria = judged->rules->source->criterion_count;
    for (size_t f = 0; f < list_count(contestants->document); f++) {
        bool *reads = forms->count ? arena_array(scratch, criteria, sizeof *reads) : NULL;
        if (reads)
            form_criteria(forms->items[f].eligible, reads, criteria);
        contestant_name_open(contestants->arena, scratch,
                             forms->count ? forms->items[f].policy : contestants->document->standings, judged, reads,
                             &contestants->lists[f][contestants->count - 1]);
    }
    for (size_t f = 0; f < forms->count; f++)
        if (forms->items[f].places.of == PLACES_OF_ELIGIBLE && forms->items[f].places.form != f)
            contestant_share_open(contestants->arena,
                                  &contestants->lists[forms->items[f].places.form][contestants->count - 1],
                                  &contestants->lists[f][contestants->count - 1]);
    // What is open for a form above is open for an exclusive one too, which the form above may leave the unit to.
    for (size_t f = forms->count; f-- > 1;)
        for (size_t above = 0; above < f && forms->items[f].exclusive; above++)
            contestant_share_open(contestants->arena, &contestants->lists[above][contestants->count - 1],
                                  &contestants->lists[f][contestants->count - 1]);
}

// Which tier a unit was awarded in.
static void read_tiers_given(const struct award_form *form, const json_t *given, struct contestant *contestants,
                             size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_object_get(given, contestants[i].unit_id));
        contestants[i].awarded_tier = SIZE_MAX;
        for (size_t t = 0; name && t < form->tier_count; t++)
            if (strcmp(form->tiers[t].name, name) == 0)
                contestants[i].awarded_tier = t;
    }
}

static bool open_forms(struct contestants *contestants, const json_t *standings, struct rule_faults *faults,
                       struct ranked *ranked)
{
    const struct award_forms *forms = ranked->forms;
    const json_t *inputs = json_object_get(standings, "forms");
    bool good = true;
    for (size_t f = 0; f < forms->count; f++) {
        const struct award_form *form = &forms->items[f];
        json_t *own = json_copy(json_object_get(inputs, form->code)); // NULL stays NULL
        read_tiers_given(form, json_object_get(own, "tiers_given"), contestants->lists[f], contestants->count);
        json_object_del(own, "places");
        json_object_del(own, "tiers_given");
        good = standings_input_from_json(contestants->arena, form->policy, contestants->lists[f], contestants->count,
                                         own, arena_format(contestants->arena, "/standings/forms/%s", form->code),
                                         faults, &ranked->all[f].input) &&
               good;
        json_decref(own);
    }
    for (size_t f = 0; f < forms->count && good; f++) {
        const struct form_places *places = &forms->items[f].places;
        if (places->of == PLACES_OF_ELIGIBLE)
            form_count_eligible(contestants->arena, places, contestants->lists[places->form], &ranked->all[f].input);
    }
    return good;
}

static bool open_lists(struct contestants *contestants, const json_t *inputs, struct rule_faults *faults,
                       struct ranked *ranked)
{
    const json_t *standings = json_object_get(inputs, "standings");
    if (ranked->forms->count)
        return open_forms(contestants, standings, faults, ranked);
    return standings_input_from_json(contestants->arena, contestants->document->standings, contestants->lists[0],
                                     contestants->count, standings, "/inputs/standings", faults, &ranked->all[0].input);
}

bool ranked_open(struct contestants *contestants, const json_t *inputs, struct rule_faults *faults,
                 struct ranked *ret_ranked)
{
    *ret_ranked = (struct ranked){.forms = &contestants->document->forms, .count = list_count(contestants->document)};
    if (!open_lists(contestants, inputs, faults, ret_ranked))
        return false;
    for (size_t f = 0; f < ret_ranked->count; f++) {
        struct standing_policy *policy = arena_new(contestants->arena, struct standing_policy);
        *policy = *ret_ranked->all[f].input.policy;
        policy->semantics = contestants->semantics;
        ret_ranked->all[f].input.policy = policy;
    }
    return true;
}

void ranked_compute(struct arena *arena, struct ranked *ranked)
{
    if (ranked->forms->count)
        forms_compute(arena, ranked->forms, ranked->all);
    else
        ranked->all[0].standings = standings_compute(arena, &ranked->all[0].input);
}

const char *ranked_pack(struct arena *arena, const struct ranked *ranked, size_t *ret_length)
{
    return ranked->forms->count ? forms_pack(arena, ranked->all, ranked->count, ret_length)
                                : standings_pack(arena, &ranked->all[0].input, &ranked->all[0].standings, ret_length);
}

bool ranked_unpack(struct arena *arena, struct ranked *ranked, const char *bytes, size_t length)
{
    return ranked->forms->count
               ? forms_unpack(arena, ranked->all, ranked->count, bytes, length)
               : standings_unpack(arena, &ranked->all[0].input, bytes, length, &ranked->all[0].standings);
}

int64_t ranked_cap(const struct ranked *ranked)
{
    int64_t places = 0;
    for (size_t f = 0; f < ranked->count; f++)
        places += standings_cap(&ranked->all[f].input);
    return places;
}

const char *ranked_places(struct arena *arena, const struct ranked *ranked)
{
    json_t *places = eligible_places_to_json(ranked->forms, ranked->all);
    const char *text = places ? json_canonical(arena, places, NULL) : NULL;
    json_decref(places);
    return text;
}

json_t *ranked_json(const struct ranked *ranked, const json_t *inputs, enum audience audience)
{
    return ranked->forms->count
               ? forms_to_json(ranked->forms, ranked->all, json_object_get(inputs, "standings"), audience)
               : standings_to_json(&ranked->all[0].input, &ranked->all[0].standings, ranked->all[0].standings.count,
                                   audience);
}
