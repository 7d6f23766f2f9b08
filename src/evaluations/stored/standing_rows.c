#include "evaluations/stored/standing_rows.h"

#include <string.h>

enum { FIRST_ROOM = 256 };

static struct contestant *next_contestant(struct contestants *contestants)
{
    if (contestants->count == contestants->room) {
        size_t room = contestants->room ? 2 * contestants->room : FIRST_ROOM;
        struct contestant *items = arena_array(contestants->arena, room, sizeof *items);
        if (contestants->count)
            memcpy(items, contestants->items, contestants->count * sizeof *items);
        contestants->items = items;
        contestants->room = room;
    }
    return &contestants->items[contestants->count++];
}

void contestants_add(struct contestants *contestants, const struct unit_facts *facts, enum overall_outcome overall)
{
    struct contestant *item = next_contestant(contestants);
    *item = contestant_of(contestants->arena, contestants->policy, contestants->parameters, facts, overall);
    item->unit_id = arena_text(contestants->arena, facts->unit_id);
    if (item->cluster)
        item->cluster = arena_text(contestants->arena, item->cluster);
}

void contestants_name_open(struct contestants *contestants, struct arena *scratch, const struct judged *judged)
{
    contestant_name_open(contestants->arena, scratch, contestants->policy, judged,
                         &contestants->items[contestants->count - 1]);
}

bool standings_input_of(struct contestants *contestants, const json_t *inputs, struct rule_faults *faults,
                        struct standings_input *ret_input)
{
    return standings_input_from_json(contestants->arena, contestants->policy, contestants->items, contestants->count,
                                     json_object_get(inputs, "standings"), "/inputs/standings", faults, ret_input);
}
