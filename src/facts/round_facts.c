#include "facts/round_facts.h"

#include "criteria/facts_json.h"
#include "database/session.h"
#include "facts/pack.h"
#include "log.h"
#include "service/constraints.h"
#include "service/run.h"
#include "statements.h"
#include "thidua/facts_pack.h"

#include <string.h>

enum { PAGE_ROWS = 2000 }; // the LIMIT of facts_page

// Columns of facts_page and facts_of_units.
enum { UNIT, PACKED, SNAPSHOT };

const struct register_facts *common_registers(struct arena *arena, const struct rules *rules, const char *json)
{
    struct rule_faults faults = {.arena = arena};
    struct unit_facts facts;
    json_t *registers = json_loads(json, 0, NULL);
    json_t *snapshot = json_pack("{s:s, s:o}", "unit_id", "-", "registers", registers ? registers : json_object());
    bool good = facts_from_json(arena, rules->document.rules->source, snapshot, "", &faults, &facts);
    json_decref(snapshot);
    return good ? facts.registers : NULL;
}

bool round_facts_open(struct round_facts *round)
{
    struct rows *rows;
    if (!run_one(round->request, round->session, facts_common, &rows, round->campaign, round->year))
        return false;
    round->common_json = rows_text(rows, 0, 0);
    round->common = common_registers(&round->request->arena, round->rules, round->common_json);
    memcpy(round->last, "00000000-0000-0000-0000-000000000000", sizeof round->last);
    return round->common || refuse(round->request, PROBLEM_INTERNAL, NULL);
}

void round_facts_close(struct round_facts *round)
{
    rows_free(round->page);
    round->page = NULL;
}

static bool turn_page(struct round_facts *round)
{
    struct failure failure;
    bool some = round->units_json != NULL;
    const struct statement *statement = some ? &facts_of_units : &facts_page;
    const char *values[] = {round->campaign, round->year, some ? round->units_json : round->last, round->group,
                            round->rules->layout};
    round_facts_close(round);
    round->page = session_run(round->session, statement, values, &failure);
    if (!round->page)
        return refuse_failure(round->request, statement, &failure);
    round->next = 0;
    round->count = rows_count(round->page);
    round->ended = some || round->count < PAGE_ROWS;
    if (round->count)
        memcpy(round->last, rows_text(round->page, round->count - 1, UNIT), sizeof round->last);
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
