#include "facts/round_facts.h"

#include "base/log.h"
#include "database/session.h"
#include "engine/json/facts_json.h"
#include "facts/pack.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "statements.h"
#include "thidua/facts_pack.h"

#include <string.h>

enum { PAGE_ROWS = 2000 }; // as facts_page fetches

// Columns of facts_page and facts_of_units.
enum { UNIT, PACKED, SNAPSHOT };

const struct register_facts *common_registers(struct arena *arena, const struct rules *rules, json_t *registers)
{
    struct rule_faults faults = {.arena = arena};
    struct unit_facts facts;
    json_t *snapshot = json_pack("{s:s, s:O*}", "unit_id", "-", "registers", registers);
    bool good = facts_from_json(arena, rules->document.rules->source, snapshot, "", &faults, &facts);
    json_decref(snapshot);
    return good ? facts.registers : NULL;
}

bool round_facts_open(struct round_facts *round)
{
    struct rows *rows;
    if (!run_one(round->request, round->session, facts_common, &rows, round->campaign, round->year))
        return false;
    round->common_json = defer_json(round->request, json_loads(rows_text(rows, 0, 0), 0, NULL));
    round->common = common_registers(&round->request->arena, round->rules, round->common_json);
    return round->common || refuse(round->request, PROBLEM_INTERNAL, NULL);
}

static void drop_page(struct round_facts *round)
{
    rows_free(round->page);
    round->page = NULL;
    round->next = round->count = 0;
}

static bool step(struct round_facts *round, const struct statement *statement, const char *const values[],
                 struct rows **ret_rows)
{
    struct failure failure;
    *ret_rows = session_run(round->session, statement, values, &failure);
    return *ret_rows || refuse_failure(round->request, statement, &failure);
}

void round_facts_close(struct round_facts *round)
{
    struct failure ignored; // where the transaction has failed, the cursor went with it
    drop_page(round);
    if (round->opened)
        rows_free(session_run(round->session, &facts_close, NULL, &ignored));
    round->opened = false;
}

static bool open_cursor(struct round_facts *round)
{
    struct rows *none;
    const char *values[] = {round->campaign, round->year, round->group, round->rules->layout};
    if (round->opened)
        return true;
    if (!step(round, &facts_whole, NULL, &none))
        return false;
    rows_free(none);
    if (!step(round, &facts_open, values, &none))
        return false;
    rows_free(none);
    return round->opened = true;
}

// All that was asked for at once, where it is no more than a page: a cursor costs three statements and a plan of its
// own.
static bool turn_only_page(struct round_facts *round)
{
    const char *all[] = {round->campaign, round->year, round->group, round->rules->layout};
    const char *named[] = {round->campaign, round->year, round->units_json, round->group, round->rules->layout};
    return round->units_json ? step(round, &facts_of_units, named, &round->page)
                             : step(round, &facts_of_round, all, &round->page);
}

static bool turn_page(struct round_facts *round)
{
    bool few = round->units_json || (round->contestants > 0 && round->contestants <= PAGE_ROWS);
    drop_page(round);
    if (!(few ? turn_only_page(round) : open_cursor(round) && step(round, &facts_page, NULL, &round->page)))
        return false;
    round->count = rows_count(round->page);
    round->ended = few || round->count < PAGE_ROWS;
    return true;
}

static bool take(struct round_facts *round, struct arena *arena, int row, struct stored_facts *stored)
{
    const struct rule_set_source *source = round->rules->document.rules->source;
    stored->unit_id = rows_text(round->page, row, UNIT);
    stored->bytes = rows_text(round->page, row, PACKED);
    stored->length = rows_length(round->page, row, PACKED);
    if (!stored->bytes)
        stored->bytes = pack_snapshot(arena, round->rules, rows_text(round->page, row, SNAPSHOT), &stored->length);
    if (stored->bytes && facts_unpack(arena, source, round->common, stored->bytes, stored->length, &stored->facts) &&
        strcmp(stored->facts.unit_id, stored->unit_id) == 0)
        return true;
    log_event(LOG_ERROR, "facts_unfit", log_text("unit_id", stored->unit_id),
              log_text("request_id", round->request->id));
    return refuse(round->request, PROBLEM_INTERNAL, NULL);
}

bool round_facts_asks(const struct round_facts *round)
{
    return round->next == round->count && !round->ended;
}

enum round_facts_step round_facts_next(struct round_facts *round, struct arena *arena, struct stored_facts *ret_facts)
{
    while (round->next == round->count) {
        if (round->ended)
            return ROUND_FACTS_END;
        if (!turn_page(round))
            return ROUND_FACTS_FAILED;
    }
    return take(round, arena, round->next++, ret_facts) ? ROUND_FACTS_UNIT : ROUND_FACTS_FAILED;
}
