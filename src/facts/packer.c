#include "facts/packer.h"

#include "base/chore.h"
#include "base/poller.h"
#include "database/changes.h"
#include "facts/facts.sql.h"
#include "facts/pack.h"
#include "handler/feature.h"

#include <stdatomic.h>
#include <string.h>

enum {
    PAUSE_MS = 250, // gathers the writes of a moment: a unit written ten times in it is packed once
    POLL_MS = 2000, // for what another instance left
    WAY = 4,        // while others write, it rests so many times as long as it worked
};

static struct {
    struct chore chore;
    struct session_options options;
    struct session *session;
    bool laid_out;
    atomic_llong lag; // units whose facts have changed since they were packed, when the packer last looked
} packer = {.chore = CHORE_INITIALIZER};

static void wake_packer(void)
{
    chore_wake(&packer.chore);
}

// Marks the unit as packed, unless somebody is writing to it. How many units were marked; -1 where the statement
// failed.
static int mark_packed(const struct facts_stale *unit)
{
    struct failure failure;
    struct rows *rows = facts_packed_run(packer.session, unit->unit_id, unit->stamp, &failure);
    int count = rows ? rows_count(rows) : -1;
    rows_free(rows);
    return count;
}

// Leaves what does not fit as it is: the evaluation that meets it tells the one who asked.
static bool pack_by(struct arena *arena, const struct facts_stale *unit, const struct rules *rules,
                    const char *snapshot)
{
    struct failure failure;
    size_t length;
    const char *facts = pack_snapshot(arena, rules, snapshot, &length);
    if (!facts)
        return true;
    struct rows *kept = facts_keep_run(packer.session, unit->campaign, unit->year, unit->unit_id, unit->stamp,
                                       rules->layout, facts, length, &failure);
    rows_free(kept);
    return kept != NULL;
}

// One that is too large to come with others. Should it have changed since, its counter has too.
static bool pack_alone(struct arena *arena, const struct facts_stale *unit, const struct rules *rules)
{
    struct failure failure;
    struct rows *rows = facts_alone_run(packer.session, unit->campaign, unit->year, unit->unit_id, rules->layout,
                                        unit->rules_hash, &failure);
    const char *snapshot = rows && rows_count(rows) ? facts_alone_at(rows, 0).snapshot : NULL;
    bool good = rows && (!snapshot || pack_by(arena, unit, rules, snapshot));
    rows_free(rows);
    return good;
}

static bool pack_unit(struct arena *arena, const struct facts_stale *unit)
{
    struct failure failure;
    const struct rules *rules = rules_load(arena, packer.session, unit->rules_hash, &failure);
    if (!rules)
        return failure.kind == FAILURE_NONE;
    return unit->snapshot ? pack_by(arena, unit, rules, unit->snapshot) : pack_alone(arena, unit, rules);
}

// The counter and the facts of one unit come from one snapshot: if the unit has changed since, the counter says so.
// How many units are packed now; -1 where a statement failed.
static int pack_rows(const struct rows *rows)
{
    bool good = true;
    int packed = 0;
    for (int row = 0; good && row < rows_count(rows); row++) {
        struct arena arena = {0};
        struct facts_stale unit = facts_stale_at(rows, row);
        bool last = row + 1 == rows_count(rows) || strcmp(unit.unit_id, facts_stale_at(rows, row + 1).unit_id) != 0;
        good = !unit.rules_hash || pack_unit(&arena, &unit);
        int marked = good && last ? mark_packed(&unit) : 0;
        good = good && marked >= 0;
        packed += marked;
        arena_release(&arena);
    }
    return good ? packed : -1;
}

// One transaction. How many units were packed; 0 too when another instance packs.
static int pack_some(void)
{
    struct failure failure;
    if (!session_script(packer.session, "BEGIN", &failure))
        return 0;
    struct rows *claim = facts_claim_run(packer.session, &failure);
    bool claimed = claim && facts_claim_at(claim, 0).claimed;
    struct rows *rows = claimed ? facts_stale_run(packer.session, &failure) : NULL;
    int count = rows ? pack_rows(rows) : -1;
    if (count < 0 || !session_commit(packer.session, &failure)) {
        session_script(packer.session, "ROLLBACK", &failure);
        count = 0;
    }
    rows_free(claim);
    rows_free(rows);
    return count;
}

static void pack_what_is_stale(void)
{
    struct failure failure;
    struct rows *rows = facts_left_run(packer.session, &failure);
    if (rows)
        atomic_store(&packer.lag, facts_left_at(rows, 0).units);
    rows_free(rows);
}

// Once after the start: what an earlier version of the program packed by another layout.
static void lay_out(void)
{
    struct failure failure;
    struct arena arena = {0};
    struct rows *rows = facts_campaign_rules_run(packer.session, &failure);
    packer.laid_out = rows != NULL;
    for (int i = 0; rows && i < rows_count(rows); i++) {
        struct facts_campaign_rules row = facts_campaign_rules_at(rows, i);
        const struct rules *rules = rules_load(&arena, packer.session, row.rules_hash, &failure);
        if (rules)
            rows_free(facts_repack_run(packer.session, row.campaign, rules->layout, &failure));
    }
    rows_free(rows);
    arena_release(&arena);
}

// Gives way to writers: what is not packed yet, an evaluation packs on its way. Where nobody writes, it goes on at
// once.
static void pack_all(void)
{
    int rest = 0;
    do {
        uint64_t seen = changes_seen(CHANGE_DATA);
        int64_t began = monotonic_ns();
        if (pack_some() <= 0)
            return;
        bool others = changes_seen(CHANGE_DATA) != seen;
        rest = others ? (int)((monotonic_ns() - began) / 1000000) * WAY : 0;
    } while (!chore_rest(&packer.chore, rest));
}

static void *run_packer(void *argument)
{
    (void)argument;
    while (!chore_wait(&packer.chore, POLL_MS) && !chore_rest(&packer.chore, PAUSE_MS)) {
        if (!session_connect(packer.session))
            continue;
        if (!packer.laid_out)
            lay_out();
        pack_all();
        pack_what_is_stale();
    }
    return NULL;
}

bool packer_start(const struct session_options *options)
{
    packer.options = *options;
    packer.laid_out = false;
    packer.session = session_new(&packer.options);
    changes_subscribe(CHANGE_COMMITTED, wake_packer);
    return packer.session && chore_start(&packer.chore, run_packer);
}

void packer_stop(void)
{
    chore_stop(&packer.chore);
    session_free(packer.session);
}

static double facts_to_pack(void)
{
    return (double)atomic_load(&packer.lag);
}

static const struct metrics_gauge facts_gauges[] = {
    {"thidua_facts_to_pack", "Units whose facts changed since they were packed.", facts_to_pack,
     .tells_of_writes = true},
    {0},
};

const struct feature facts_feature = {.name = "facts", .gauges = facts_gauges};
