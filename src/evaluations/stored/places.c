#include "evaluations/stored/places.h"

#include "evaluations/overrides.sql.h"
#include "evaluations/stored/kept_places.h"

#include <stdlib.h>
#include <string.h>

static enum standing_status status_named(const char *name)
{
    enum standing_status status = STANDING_SECURE;
    while (decided_status_names[status] && strcmp(decided_status_names[status], name) != 0)
        status++;
    return status;
}

// `group` is that of the first group of its form.
static struct place place_of(const struct standings_input *input, const struct standing *row, size_t group, size_t none)
{
    const struct contestant *contestant = &input->contestants[row->contestant];
    bool grouped = contestant->group < input->policy->group_count;
    bool decided = row->override && row->status != STANDING_AWARDED;
    return (struct place){.unit_id = contestant->unit_id,
                          .group = (uint32_t)(grouped ? group + contestant->group : none),
                          .rank = grouped ? (uint32_t)row->rank : 0,
                          .computed = row->status,
                          .in_force = decided ? row->override->decided : row->status};
}

// Units were read, and so are contestants, in the order of their ids.
static int compare_unit(const void *unit_id, const void *place)
{
    return strcmp(unit_id, ((const struct place *)place)->unit_id);
}

static struct place *place_in(const struct places *places, size_t form, const char *unit_id)
{
    return places->units ? bsearch(unit_id, places->items + form * places->units, places->units, sizeof *places->items,
                                   compare_unit)
                         : NULL;
}

static bool is_of_form(const struct award_forms *forms, size_t form, const char *code)
{
    return forms->count ? code && strcmp(forms->items[form].code, code) == 0 : !code;
}

static void decide(struct places *places, const struct award_forms *forms, const struct override_newest *override)
{
    for (size_t f = 0; f < places->forms; f++) {
        struct place *place = is_of_form(forms, f, override->form) ? place_in(places, f, override->unit_id) : NULL;
        if (place && place->computed != STANDING_AWARDED)
            place->in_force = status_named(override->decided);
    }
}

static const struct place_group *groups_of(struct arena *arena, const struct ranked *ranked, size_t count)
{
    struct place_group *groups = arena_array(arena, count, sizeof *groups), *next = groups;
    for (size_t f = 0; f < ranked->count; f++) {
        const struct standing_policy *policy = ranked->all[f].input.policy;
        for (size_t g = 0; g < policy->group_count; g++)
            *next++ = (struct place_group){policy->groups[g].name, policy->clusters ? policy->clusters[g] : NULL, f};
    }
    return groups;
}

static struct places places_of(struct arena *arena, const struct ranked *ranked)
{
    const size_t units = ranked->all[0].input.contestant_count;
    struct places places = {.items = arena_array(arena, ranked->count * units, sizeof(struct place)),
                            .forms = ranked->count,
                            .units = units};
    size_t group = 0;
    for (size_t f = 0; f < ranked->count; f++)
        places.group_count += ranked->all[f].input.policy->group_count;
    places.groups = groups_of(arena, ranked, places.group_count);
    for (size_t f = 0; f < ranked->count; f++) {
        const struct form_standings *form = &ranked->all[f];
        for (size_t i = 0; i < units; i++) {
            const struct standing *row = &form->standings.rows[i];
            places.items[f * units + row->contestant] = place_of(&form->input, row, group, places.group_count);
        }
        group += form->input.policy->group_count;
    }
    return places;
}

static bool computed_places(struct stored_evaluation *evaluation, struct places *ret_places)
{
    struct ranked ranked;
    if (places_known(evaluation->request, evaluation->id, ret_places))
        return true;
    if (!stored_ranked(evaluation, false, &ranked))
        return false;
    *ret_places = places_of(&evaluation->request->arena, &ranked);
    places_keep(evaluation->id, ret_places);
    return true;
}

bool stored_places(struct stored_evaluation *evaluation, struct places *ret_places)
{
    const struct override_newest *overrides;
    size_t count;
    if (!computed_places(evaluation, ret_places) ||
        !override_newest(evaluation->request, evaluation->session, evaluation->campaign, evaluation->year,
                         evaluation->id, &overrides, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        decide(ret_places, &evaluation->rules->document.forms, &overrides[i]);
    return true;
}

const struct place *place_of_unit(const struct places *places, const char *unit_id)
{
    const struct place *kept = NULL;
    for (size_t f = 0; f < places->forms && (!kept || kept->computed == STANDING_OUT); f++) {
        const struct place *place = place_in(places, f, unit_id);
        kept = place ? place : kept;
    }
    return kept;
}
