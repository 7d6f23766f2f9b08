#include "evaluations/stored/places.h"

#include "evaluations/overrides.sql.h"

#include <stdlib.h>
#include <string.h>

static enum standing_status status_named(const char *name)
{
    enum standing_status status = STANDING_SECURE;
    while (decided_status_names[status] && strcmp(decided_status_names[status], name) != 0)
        status++;
    return status;
}

static struct place place_of(const struct standings_input *input, const struct standing *row)
{
    const struct contestant *contestant = &input->contestants[row->contestant];
    const struct standing_policy *policy = input->policy;
    bool grouped = contestant->group < policy->group_count;
    bool decided = row->override && row->status != STANDING_AWARDED;
    return (struct place){.unit_id = contestant->unit_id,
                          .group = grouped ? policy->groups[contestant->group].name : NULL,
                          .cluster = grouped && policy->clusters ? policy->clusters[contestant->group] : NULL,
                          .rank = grouped ? row->rank : 0,
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

bool stored_places(struct stored_evaluation *evaluation, struct places *ret_places)
{
    struct ranked ranked;
    const struct override_newest *overrides;
    size_t count;
    if (!stored_ranked(evaluation, false, &ranked) ||
        !override_newest(evaluation->request, evaluation->session, evaluation->campaign, evaluation->year,
                         evaluation->id, &overrides, &count))
        return false;
    const size_t units = ranked.all[0].input.contestant_count;
    *ret_places = (struct places){arena_array(&evaluation->request->arena, ranked.count * units, sizeof(struct place)),
                                  ranked.count, units};
    for (size_t f = 0; f < ranked.count; f++)
        for (size_t i = 0; i < units; i++) {
            const struct standing *row = &ranked.all[f].standings.rows[i];
            ret_places->items[f * units + row->contestant] = place_of(&ranked.all[f].input, row);
        }
    for (size_t i = 0; i < count; i++)
        decide(ret_places, ranked.forms, &overrides[i]);
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
