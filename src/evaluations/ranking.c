#include "evaluations/ranking.h"

#include "handler/run.h"

bool rank_round(const struct round_facts *facts, const struct evaluation_parameters *parameters,
                const struct round_ranks **ret_ranks)
{
    const struct rule_set_document *document = &facts->rules->document;
    struct round_facts all = *facts;
    struct stored_facts stored;
    enum round_facts_step step = ROUND_FACTS_UNIT;
    struct arena scratch = {0};
    all.group = NULL;
    all.units_json = NULL;
    all.untouched = false; // nothing is written meanwhile
    struct round_ranks *ranks =
        round_ranks_new(&facts->request->arena, document->rules, document->standings, parameters);
    arena_allocate(&scratch, 1); // so that rewinding keeps the first block
    struct arena_mark mark = arena_mark(&scratch);
    while (within_budget(facts->request) && (step = round_facts_next(&all, &scratch, &stored)) == ROUND_FACTS_UNIT) {
        round_ranks_add(ranks, &stored.facts);
        arena_rewind(&scratch, mark);
    }
    round_facts_close(&all);
    arena_release(&scratch);
    round_ranks_settle(ranks);
    *ret_ranks = ranks;
    return step == ROUND_FACTS_END;
}
