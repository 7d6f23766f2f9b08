#include "facts/round_facts.h"

#include "base/log.h"
#include "database/session.h"
#include "engine/json/facts_json.h"
#include "facts/facts.sql.h"
#include "facts/pack.h"
#include "handler/constraints.h"
#include "thidua/facts_pack.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE_ROWS = 2000,    // as facts_page fetches
    BESIDE_FROM = 10000, // contestants: below, a connection costs more than it saves
    TAKE_IN_ROWS = 16,   // about as many as come at once; PostgreSQL waits where some 200 KB have not been taken
};

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
    struct facts_common common;
    if (!facts_common(round->request, round->session, round->campaign, round->year, &common))
        return false;
    round->common_json = defer_json(round->request, json_loads(common.registers, 0, NULL));
    round->common = common_registers(&round->request->arena, round->rules, round->common_json);
    return round->common || refuse(round->request, PROBLEM_INTERNAL, NULL);
}

static void drop_page(struct round_facts *round)
{
    rows_free(round->alone);
    rows_free(round->page);
    round->alone = round->page = NULL;
    round->next = round->count = 0;
}

void round_facts_close(struct round_facts *round)
{
    struct failure ignored; // where the transaction has failed, the cursor went with it
    drop_page(round);
    if (round->opened && !round->beside)
        rows_free(facts_close_run(round->session, &ignored));
    session_free(round->beside);
    round->beside = NULL;
    round->opened = round->asked = false;
}

static bool is_run(struct rows *rows)
{
    bool good = rows != NULL;
    rows_free(rows);
    return good;
}

static struct rows *declare(const struct round_facts *round, struct session *session, bool in_order,
                            struct failure *ret_failure)
{
    const char *layout = round->rules->layout, *hash = round->rules->document.hash;
    return in_order
               ? facts_open_in_order_run(session, round->campaign, round->year, round->group, layout, hash, ret_failure)
               : facts_open_run(session, round->campaign, round->year, round->group, layout, hash, ret_failure);
}

static bool open_on(const struct round_facts *round, struct session *session, struct failure *ret_failure)
{
    struct rows *lie = is_run(facts_whole_run(session, session != round->session, ret_failure))
                           ? facts_lie_run(session, round->campaign, round->year, ret_failure)
                           : NULL;
    bool in_order = lie && facts_lie_at(lie, 0).in_order;
    return is_run(lie) && is_run(declare(round, session, in_order, ret_failure)) &&
           is_run(facts_opened_run(session, ret_failure));
}

// Facts are read and verdicts written at the same time, on two processors, where there is a second connection to be
// had.
static struct session *opened_beside(const struct round_facts *round)
{
    struct failure ignored;
    bool worth = round->untouched && round->contestants > BESIDE_FROM;
    struct session *beside = worth ? session_beside(round->session) : NULL;
    if (!beside || open_on(round, beside, &ignored))
        return beside;
    session_free(beside);
    return NULL;
}

static bool open_cursor(struct round_facts *round)
{
    struct failure failure;
    if (round->opened)
        return true;
    round->beside = opened_beside(round);
    round->opened = round->beside || open_on(round, round->session, &failure);
    return round->opened || refuse_failure(round->request, &facts_open_statement, &failure);
}

static bool ask_page(struct round_facts *round, struct session *session, struct failure *ret_failure)
{
    round->asked = session_ask(session, &facts_page_statement, NULL, &round->coming, ret_failure);
    if (round->asked)
        session_push(session);
    return round->asked;
}

static bool is_alone(const struct facts_row *row)
{
    return !row->facts && !row->snapshot;
}

static bool holds_large(const struct rows *page)
{
    for (int i = 0; i < rows_count(page); i++) {
        struct facts_row row = facts_row_at(page, i);
        if (is_alone(&row))
            return true;
    }
    return false;
}

// Once it has come, the next one is on its way, unless what is too large for this one is to be asked for first.
static struct rows *await_page(struct round_facts *round, struct failure *ret_failure)
{
    struct failure later; // of the next page: told when that is awaited
    struct session *session = round->beside ? round->beside : round->session;
    if ((!round->asked && !ask_page(round, session, ret_failure)) || !session_settle(session, ret_failure))
        return NULL;
    struct rows *page = round->coming;
    round->coming = NULL;
    round->asked = false;
    if (round->beside && rows_count(page) == PAGE_ROWS && !holds_large(page))
        ask_page(round, session, &later);
    return page;
}

static bool take_page(struct round_facts *round, struct rows *page, const struct statement *statement,
                      const struct failure *failure)
{
    round->page = page;
    return page || refuse_failure(round->request, statement, failure);
}

// Reads all at once where it is no more than a page: a cursor costs four statements and a plan of its own.
static bool read_page_round_facts(struct round_facts *round, bool all_at_once)
{
    struct failure failure;
    struct session *session = round->session;
    const char *campaign = round->campaign, *year = round->year, *group = round->group, *units = round->units_json;
    const char *layout = round->rules->layout, *hash = round->rules->document.hash;
    if (!all_at_once)
        return open_cursor(round) && take_page(round, await_page(round, &failure), &facts_page_statement, &failure);
    if (units)
        return take_page(round, facts_of_units_run(session, campaign, year, units, group, layout, hash, &failure),
                         &facts_of_units_statement, &failure);
    return take_page(round, facts_of_round_run(session, campaign, year, group, layout, hash, &failure),
                     &facts_of_round_statement, &failure);
}

static bool turn_page_round_facts(struct round_facts *round)
{
    bool few = round->units_json || (round->contestants > 0 && round->contestants <= PAGE_ROWS);
    drop_page(round);
    if (!read_page_round_facts(round, few))
        return false;
    round->count = rows_count(round->page);
    round->ended = few || round->count < PAGE_ROWS;
    return true;
}

// The row has neither facts nor a snapshot. What comes by itself lies there until the next unit is asked for.
static bool take_alone(struct round_facts *round, struct facts_row *row)
{
    struct failure failure;
    struct session *session = round->beside ? round->beside : round->session;
    rows_free(round->alone);
    round->alone = facts_alone_run(session, round->campaign, round->year, row->unit_id, round->rules->layout,
                                   round->rules->document.hash, &failure);
    if (!round->alone || rows_count(round->alone) == 0)
        return refuse_failure(round->request, &facts_alone_statement, &failure);
    struct facts_alone alone = facts_alone_at(round->alone, 0);
    row->facts = alone.facts;
    row->facts_length = alone.facts_length;
    row->snapshot = alone.snapshot;
    return true;
}

static void take_changed(const struct round_facts *round, struct stored_facts *stored)
{
    for (size_t i = 0; i < round->changed_count; i++)
        if (strcmp(round->changed[i].unit_id, stored->unit_id) == 0) {
            stored->bytes = round->changed[i].bytes;
            stored->length = round->changed[i].length;
        }
}

static bool take_round_facts(struct round_facts *round, struct arena *arena, int row, struct stored_facts *stored)
{
    const struct rule_set_source *source = round->rules->document.rules->source;
    struct facts_row found = facts_row_at(round->page, row);
    if (is_alone(&found) && !take_alone(round, &found))
        return false;
    *stored = (struct stored_facts){.unit_id = found.unit_id,
                                    .bytes = found.facts,
                                    .length = found.facts_length,
                                    .stamp = strtoll(found.stamp, NULL, 10),
                                    .mark = found.mark};
    take_changed(round, stored);
    if (!stored->bytes)
        stored->bytes = pack_snapshot(arena, round->rules, found.snapshot, &stored->length);
    if (stored->bytes &&
        facts_unpack_judged(arena, source, round->common, stored->bytes, stored->length, &stored->facts) &&
        strcmp(stored->facts.unit_id, stored->unit_id) == 0)
        return true;
    log_event(LOG_ERROR, "facts_unfit", log_text("unit_id", stored->unit_id),
              log_text("request_id", round->request->id));
    return refuse(round->request, PROBLEM_INTERNAL, NULL);
}

bool round_facts_asks(const struct round_facts *round)
{
    if (round->next == round->count)
        return !round->ended;
    struct facts_row next = facts_row_at(round->page, round->next);
    return is_alone(&next);
}

enum round_facts_step round_facts_next(struct round_facts *round, struct arena *arena, struct stored_facts *ret_facts)
{
    while (round->next == round->count) {
        if (round->ended)
            return ROUND_FACTS_END;
        if (!turn_page_round_facts(round))
            return ROUND_FACTS_FAILED;
    }
    if (round->asked && round->next % TAKE_IN_ROWS == 0)
        session_take_in(round->beside);
    return take_round_facts(round, arena, round->next++, ret_facts) ? ROUND_FACTS_UNIT : ROUND_FACTS_FAILED;
}
