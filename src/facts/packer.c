#include "facts/packer.h"

#include "base/chore.h"
#include "database/changes.h"
#include "facts/pack.h"
#include "handler/feature.h"
#include "statements.h"

#include <stdatomic.h>
#include <string.h>

enum {
    PAUSE_MS = 250, // gathers the writes of a moment: a unit written ten times in it is packed once
    POLL_MS = 2000, // for what another instance left
};

static struct {
    struct chore chore;
    struct session_options options;
    struct session *session;
    bool laid_out;
    atomic_llong lag; // units whose facts have changed since they were packed, when the packer last looked
} packer = {.chore = CHORE_INITIALIZER};

// Columns of facts_stale.
enum { UNIT, STAMP, CAMPAIGN, YEAR, RULES, SNAPSHOT };

static void wake_packer(void)
{
    chore_wake(&packer.chore);
}

// How many rows it gave; -1 where it failed.
static int step(const struct statement *statement, const char *const values[])
{
    struct failure failure;
    struct rows *rows = session_run(packer.session, statement, values, &failure);
    int count = rows ? rows_count(rows) : -1;
    rows_free(rows);
    return count;
}

// What does not fit is left as it is: the evaluation that meets it says so to whoever asked.
static bool keep(struct arena *arena, const struct rows *rows, int row)
{
    struct failure failure;
    size_t length;
    const struct rules *rules = rules_load(arena, packer.session, rows_text(rows, row, RULES), &failure);
    if (!rules)
        return failure.kind == FAILURE_NONE;
    const char *facts = pack_snapshot(arena, rules, rows_text(rows, row, SNAPSHOT), &length);
    if (!facts)
        return true;
    const char *values[] = {rows_text(rows, row, CAMPAIGN), rows_text(rows, row, YEAR), rows_text(rows, row, UNIT),
                            rows_text(rows, row, STAMP), rules->layout};
    struct rows *kept = session_run_bytes(packer.session, &facts_keep, values, facts, length, &failure);
    rows_free(kept);
    return kept != NULL;
}

// The counter and the facts of one unit come from one snapshot: if the unit has changed since, the counter says so.
// How many units are packed now; -1 where a statement failed.
static int pack_rows(const struct rows *rows)
{
    bool good = true;
    int packed = 0;
    for (int row = 0; good && row < rows_count(rows); row++) {
        struct arena arena = {0};
        const char *unit = rows_text(rows, row, UNIT);
        bool last = row + 1 == rows_count(rows) || strcmp(unit, rows_text(rows, row + 1, UNIT)) != 0;
        good = !rows_text(rows, row, SNAPSHOT) || keep(&arena, rows, row);
        int marked = good && last ? step(&facts_packed, (const char *const[]){unit, rows_text(rows, row, STAMP)}) : 0;
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
    struct rows *claim = session_run(packer.session, &facts_claim, NULL, &failure);
    bool claimed = claim && rows_true(claim, 0, 0);
    struct rows *rows = claimed ? session_run(packer.session, &facts_stale, NULL, &failure) : NULL;
    int count = rows ? pack_rows(rows) : -1;
    if (count < 0 || !session_commit(packer.session, &failure)) {
        session_script(packer.session, "ROLLBACK", &failure);
        count = 0;
    }
    rows_free(claim);
    rows_free(rows);
    return count;
}

static void look(void)
{
    struct failure failure;
    struct rows *rows = session_run(packer.session, &facts_left, NULL, &failure);
    if (rows)
        atomic_store(&packer.lag, rows_number(rows, 0, 0));
    rows_free(rows);
}

// Once after the start: what an earlier version of the program packed by another layout.
static void lay_out(void)
{
    struct failure failure;
    struct arena arena = {0};
    struct rows *rows = session_run(packer.session, &facts_campaign_rules, NULL, &failure);
    packer.laid_out = rows != NULL;
    for (int i = 0; rows && i < rows_count(rows); i++) {
        const struct rules *rules = rules_load(&arena, packer.session, rows_text(rows, i, 1), &failure);
        if (rules)
            step(&facts_repack, (const char *const[]){rows_text(rows, i, 0), rules->layout});
    }
    rows_free(rows);
    arena_release(&arena);
}

static void *run(void *argument)
{
    (void)argument;
    while (!chore_wait(&packer.chore, POLL_MS) && !chore_rest(&packer.chore, PAUSE_MS)) {
        if (!session_connect(packer.session))
            continue;
        if (!packer.laid_out)
            lay_out();
        while (pack_some() > 0 && !chore_rest(&packer.chore, 0))
            ;
        look();
    }
    return NULL;
}

bool packer_start(const struct session_options *options)
{
    packer.options = *options;
    packer.laid_out = false;
    packer.session = session_new(&packer.options);
    changes_subscribe(CHANGE_COMMITTED, wake_packer);
    return packer.session && chore_start(&packer.chore, run);
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
    {"thidua_facts_to_pack", "Units whose facts changed since they were packed.", facts_to_pack},
    {0},
};

const struct feature facts_feature = {.name = "facts", .gauges = facts_gauges};
