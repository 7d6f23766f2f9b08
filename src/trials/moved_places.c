#include "trials/moved_places.h"

#include "base/pure/budget.h"
#include "evaluations/evaluations.h"
#include "http/request.h"

#include <stdlib.h>
#include <string.h>

// What is told of a place. Of the first standings only this is kept while the second are read: with all that they say,
// those of 20,000 contestants take 44 MiB, and so does what they were made of.
enum member { UNIT_ID, UNIT_LABEL, FORM, GROUP, AMONG, STATUS, RANK, OF, TIER, MEMBERS };
static const char *const member_names[] = {"unit_id", "unit_label", "form", "group", "among",
                                           "status",  "rank",       "of",   "tier"};

struct place {
    json_t *members[MEMBERS]; // NULL: not there
    bool met;                 // it is in the other standings too
};

struct places {
    struct place *items, **by_unit; // in their order, and by unit and form
    size_t count;
};

static struct place place_of(const json_t *item)
{
    struct place place = {0};
    for (enum member m = 0; m < MEMBERS; m++)
        place.members[m] = json_incref(json_object_get(item, member_names[m]));
    return place;
}

static void release_place(struct place *place)
{
    for (enum member m = 0; m < MEMBERS; m++)
        json_decref(place->members[m]);
}

static void release_places(struct places *places)
{
    for (size_t i = 0; i < places->count; i++)
        release_place(&places->items[i]);
    budget_free(places->items);
    budget_free(places->by_unit);
}

static int compare_texts(const json_t *a, const json_t *b)
{
    const char *left = json_string_value(a), *right = json_string_value(b);
    return strcmp(left ? left : "", right ? right : "");
}

// A unit has a place in each form of award.
static int compare_places(const void *a, const void *b)
{
    const struct place *const *left = a, *const *right = b;
    int of_unit = compare_texts((*left)->members[UNIT_ID], (*right)->members[UNIT_ID]);
    return of_unit ? of_unit : compare_texts((*left)->members[FORM], (*right)->members[FORM]);
}

static void keep_places(const json_t *standings, struct places *ret_places)
{
    const json_t *list = json_object_get(standings, "items");
    size_t count = json_array_size(list);
    struct places places = {budget_malloc((count + 1) * sizeof *places.items),
                            budget_malloc((count + 1) * sizeof(struct place *)), count};
    for (size_t i = 0; i < count; i++) {
        places.items[i] = place_of(json_array_get(list, i));
        places.by_unit[i] = &places.items[i];
    }
    qsort(places.by_unit, count, sizeof *places.by_unit, compare_places);
    *ret_places = places;
}

// What the standings were made of is given back.
static bool read_places(struct request *request, struct session *session, const char *id, struct places *ret_places)
{
    json_t *standings;
    struct arena_mark mark = arena_mark(&request->arena);
    const struct deferred *kept = request->deferred;
    if (!evaluation_standings(request, session, id, &standings))
        return false;
    keep_places(standings, ret_places);
    json_decref(standings);
    release_deferred(request, kept);
    arena_rewind(&request->arena, mark);
    return true;
}

static struct place *find_place(const struct places *places, const struct place *other)
{
    struct place **found = bsearch(&other, places->by_unit, places->count, sizeof(struct place *), compare_places);
    return found ? *found : NULL;
}

// `place` NULL: the rules have no such form.
static json_t *shown_place(const struct place *place)
{
    return place ? json_pack("{s:O, s:O, s:O, s:O*}", "status", place->members[STATUS], "rank", place->members[RANK],
                             "of", place->members[OF], "tier", place->members[TIER])
                 : json_null();
}

static bool is_other_place(const struct place *from, const struct place *to)
{
    static const enum member compared[] = {STATUS, RANK, TIER};
    const struct place *only = from ? from : to;
    if (!from || !to)
        return json_is_integer(only->members[RANK]) || strcmp(json_string_value(only->members[STATUS]), "OUT") != 0;
    for (size_t i = 0; i < sizeof compared / sizeof *compared; i++) {
        const json_t *was = from->members[compared[i]], *would = to->members[compared[i]];
        if (was != would && !json_equal(was, would)) // without forms neither has a tier
            return true;
    }
    return false;
}

static void add_moved(json_t *list, const struct place *from, const struct place *to)
{
    const struct place *either = to ? to : from;
    json_t *among = either->members[AMONG];
    if (!is_other_place(from, to))
        return;
    if (from && !json_is_object(among))
        among = from->members[AMONG];
    json_array_append_new(list, json_pack("{s:O*, s:O, s:O, s:O, s:O, s:o, s:o}", "form", either->members[FORM],
                                          "unit_id", either->members[UNIT_ID], "unit_label",
                                          either->members[UNIT_LABEL], "group", either->members[GROUP], "among", among,
                                          "from", shown_place(from), "to", shown_place(to)));
}

bool moved_places(struct request *request, struct session *session, const char *before, const char *after,
                  json_t **ret_json)
{
    struct places were, would;
    if (!read_places(request, session, before, &were))
        return false;
    if (!read_places(request, session, after, &would)) {
        release_places(&were);
        return false;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < would.count; i++) {
        struct place *was = find_place(&were, &would.items[i]);
        add_moved(list, was, &would.items[i]);
        if (was)
            was->met = true;
    }
    for (size_t i = 0; i < were.count; i++)
        if (!were.items[i].met)
            add_moved(list, &were.items[i], NULL);
    release_places(&were);
    release_places(&would);
    *ret_json = list;
    return true;
}
