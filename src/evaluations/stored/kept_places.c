#include "evaluations/stored/kept_places.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// No round of more than 20,000 units is ranked, so each takes 1.5 MB at most where a plan has one form of award.
enum { KEPT_MOST = 4 };

struct kept {
    char id[UUID_TEXT_LENGTH + 1];
    struct arena arena; // of the places
    struct places places;
    unsigned holders; // requests, and the list below
};

// A request may hold one that the list has given up.
static struct {
    pthread_mutex_t mutex;
    struct kept *items[KEPT_MOST]; // the one that was asked for last comes first
} list = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void let_go(void *thing)
{
    struct kept *kept = thing;
    pthread_mutex_lock(&list.mutex);
    bool last = --kept->holders == 0;
    pthread_mutex_unlock(&list.mutex);
    if (!last)
        return;
    arena_release(&kept->arena);
    free(kept);
}

// The place of that evaluation in the list; KEPT_MOST: none. Call with the list's mutex held.
static size_t place_in_list(const char *id)
{
    size_t i = 0;
    while (i < KEPT_MOST && !(list.items[i] && strcmp(list.items[i]->id, id) == 0))
        i++;
    return i;
}

// Puts it first, in the room that is left at `end`. Call with the list's mutex held.
static void put_first(struct kept *kept, size_t end)
{
    memmove(&list.items[1], &list.items[0], end * sizeof(struct kept *));
    list.items[0] = kept;
}

bool places_known(struct request *request, const char *evaluation_id, struct places *ret_places)
{
    struct kept *kept = NULL;
    pthread_mutex_lock(&list.mutex);
    const size_t at = place_in_list(evaluation_id);
    if (at < KEPT_MOST) {
        kept = list.items[at];
        kept->holders++;
        put_first(kept, at);
    }
    pthread_mutex_unlock(&list.mutex);
    if (!kept)
        return false;
    defer(request, let_go, kept);
    const size_t count = kept->places.forms * kept->places.units;
    *ret_places = kept->places;
    ret_places->items = arena_array(&request->arena, count, sizeof *ret_places->items);
    memcpy(ret_places->items, kept->places.items, count * sizeof *ret_places->items);
    return true;
}

// Of several forms, each lists the units in the same order.
static void copy_items(struct kept *kept, const struct places *places)
{
    struct place *items = arena_array(&kept->arena, places->forms * places->units, sizeof *items);
    for (size_t i = 0; i < places->forms * places->units; i++) {
        items[i] = places->items[i];
        items[i].unit_id =
            i < places->units ? arena_text(&kept->arena, items[i].unit_id) : items[i % places->units].unit_id;
    }
    kept->places.items = items;
}

static void copy_groups(struct kept *kept, const struct places *places)
{
    struct place_group *groups = arena_array(&kept->arena, places->group_count, sizeof *groups);
    for (size_t i = 0; i < places->group_count; i++) {
        const struct place_group *group = &places->groups[i];
        groups[i] = (struct place_group){arena_text(&kept->arena, group->name),
                                         group->cluster ? arena_text(&kept->arena, group->cluster) : NULL, group->form};
    }
    kept->places.groups = groups;
}

void places_keep(const char *evaluation_id, const struct places *places)
{
    struct kept *kept = calloc(1, sizeof *kept), *given_up = kept;
    if (!kept)
        return;
    kept->holders = 1;
    strncpy(kept->id, evaluation_id, UUID_TEXT_LENGTH);
    kept->places = *places;
    copy_items(kept, places);
    copy_groups(kept, places);
    pthread_mutex_lock(&list.mutex);
    if (place_in_list(kept->id) == KEPT_MOST) {
        given_up = list.items[KEPT_MOST - 1];
        put_first(kept, KEPT_MOST - 1);
    }
    pthread_mutex_unlock(&list.mutex);
    if (given_up)
        let_go(given_up);
}
