// Places by all completions, one by one, where the sums of one competition say less: below a form that may take units
// away, and of who waits for whom.
#include "engine/standings/private.h"

struct verdict_of_all {
    enum standing_status status;
    size_t tier;
    bool has_it; // inside in every completion, in whatever tier
};

static struct verdict_of_all verdict_of(unsigned became)
{
    const unsigned tied = BECAME_TIED | BECAME_TIED_TIER, out = BECAME_OUTSIDE;
    struct verdict_of_all verdict = {STANDING_POSSIBLE, SIZE_MAX, !(became & (out | BECAME_TIED))};
    if (became == out)
        verdict.status = STANDING_OUT;
    else if (!(became & ~tied))
        verdict.status = STANDING_TIE_TO_DECIDE;
    else if (!(became & (became - 1))) {
        verdict.status = STANDING_SECURE;
        verdict.tier = (size_t)__builtin_ctz(became / BECAME_INSIDE);
    }
    return verdict;
}

// Whether in some completion of the others it is the open unit that decides.
static bool hangs_on(const struct completions *all, size_t cell, const struct completed_unit *open)
{
    const size_t cells = all->form_count * all->unit_count;
    for (size_t world = 0; world < all->world_count; world++) {
        size_t choice = world / open->stride % open->choices;
        if (all->by_world[world * cells + cell] != all->by_world[(world - choice * open->stride) * cells + cell])
            return true;
    }
    return false;
}

struct listing {
    struct arena *arena;
    const struct completions *all;
    const struct standings *standings;
    bool *hangs; // by contestant, of the row in hand
};

static void add_waited(struct listing *listing, size_t *list, size_t *count, size_t unit)
{
    if (listing->hangs[unit] && *count < STANDING_MOST_LISTED)
        list[(*count)++] = unit;
    listing->hangs[unit] = false;
}

// Those that were listed first, the best of them first; then the others, as the rows stand.
static void list_hangs(struct listing *listing, size_t cell, struct standing *row)
{
    size_t count = 0, hanging = 0;
    for (size_t i = 0; i < listing->all->open_count; i++) {
        const struct completed_unit *open = &listing->all->units[i];
        listing->hangs[open->unit] = hangs_on(listing->all, cell, open);
        hanging += listing->hangs[open->unit];
    }
    size_t *list = arena_array(listing->arena, hanging, sizeof *list);
    for (size_t i = 0; i < row->waits_for_count; i++)
        add_waited(listing, list, &count, row->waits_for[i]);
    for (size_t i = 0; i < listing->standings->count; i++)
        add_waited(listing, list, &count, listing->standings->rows[i].contestant);
    row->waits_for = list;
    row->waits_for_count = count;
}

static void set_settled(struct standing *row, struct verdict_of_all verdict)
{
    row->status = verdict.status;
    row->tier = verdict.tier;
    row->cause = CAUSE_ORDER;
    row->waits_for_count = 0;
    if (verdict.status != STANDING_SECURE)
        return;
    row->against = row->decided_by = SIZE_MAX;
    row->has_margin = false;
    row->margin = 0;
}

void settle_by_completions(struct arena *arena, const struct completions *completions, size_t form,
                           const struct award_form *of, bool undecided_above, struct form_standings *own,
                           enum standing_status *statuses)
{
    const bool below = of && form > 0 && of->exclusive, has_tiers = of && of->tier_count;
    const size_t first = form * completions->unit_count;
    struct standing *rows = (struct standing *)(uintptr_t)own->standings.rows;
    struct listing listing = {arena, completions, &own->standings,
                              arena_array(arena, completions->unit_count, sizeof *listing.hangs)};
    own->standings.inexact = false;
    for (size_t i = 0; i < own->standings.count; i++) {
        struct standing *row = &rows[i];
        const size_t cell = first + row->contestant;
        if (row->status == STANDING_AWARDED)
            continue;
        struct verdict_of_all plain = verdict_of(completions->plain[cell]);
        struct verdict_of_all without = verdict_of(completions->without[cell]);
        struct verdict_of_all verdict = row->override ? plain : without;
        row->freed = !row->override && plain.status != without.status;
        if (!row->override)
            statuses[row->contestant] = verdict.has_it ? STANDING_SECURE : verdict.status;
        if (row->status != STANDING_POSSIBLE)
            continue;
        if (verdict.status != STANDING_POSSIBLE) {
            verdict.tier = has_tiers ? verdict.tier : SIZE_MAX;
            set_settled(row, verdict);
        } else if (below || row->cause == CAUSE_ORDER) {
            own->standings.inexact |= below && completions->loose;
            list_hangs(&listing, cell, row);
            if (row->waits_for_count)
                row->cause = CAUSE_ORDER;
            else if (row->cause == CAUSE_ORDER)
                row->cause = below && undecided_above ? CAUSE_HIGHER : CAUSE_ALLOCATION;
        }
        set_moot(row);
    }
    own->standings.overrides_exceed_cap = overrides_exceed_cap(&own->input, rows);
}
