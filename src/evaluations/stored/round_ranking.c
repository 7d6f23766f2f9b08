#include "evaluations/stored/round_ranking.h"

#include "handler/run.h"
#include "thidua/facts_pack.h"

bool stored_ranks(struct stored_evaluation *evaluation, const struct round_ranks **ret_ranks)
{
    const struct rule_set_document *document = &evaluation->rules->document;
    struct arena *arena = &evaluation->request->arena;
    struct stored_verdict stored;
    enum stored_step step;
    *ret_ranks = NULL;
    if (!document->rules->rank_count || !evaluation->ranked || json_object_get(evaluation->inputs, "ranks"))
        return true;
    struct round_ranks *ranks = round_ranks_new(arena, document->rules, document->standings, &evaluation->parameters);
    while ((step = stored_next(evaluation, &stored)) == STORED_VERDICT) {
        struct arena scratch = {0};
        struct unit_facts facts;
        if (facts_unpack(&scratch, document->rules->source, evaluation->common, stored.facts, stored.facts_length,
                         &facts))
            round_ranks_add(ranks, &facts);
        arena_release(&scratch);
    }
    stored_rewind(evaluation);
    round_ranks_settle(ranks);
    *ret_ranks = ranks;
    return step == STORED_END;
}

static const struct rank_interval *ranks_given(struct arena *arena, const struct rule_set *rules, const json_t *given)
{
    struct rank_interval *ranks = arena_array(arena, rules->rank_count, sizeof *ranks);
    for (size_t i = 0; i < rules->rank_count; i++) {
        const json_t *pair = json_object_get(given, rules->ranks[i]->id);
        ranks[i].best = json_integer_value(json_array_get(pair, 0));
        ranks[i].worst = json_integer_value(json_array_get(pair, 1));
    }
    return ranks;
}

const struct rank_interval *ranks_of_unit(struct arena *arena, const struct rule_set *rules,
                                          const struct round_ranks *ranks, const json_t *inputs, const char *unit_id)
{
    const json_t *given = json_object_get(json_object_get(inputs, "ranks"), unit_id);
    if (given)
        return ranks_given(arena, rules, given);
    size_t turn = ranks ? round_ranks_turn(ranks, unit_id) : SIZE_MAX;
    return turn == SIZE_MAX ? NULL : round_ranks_of(ranks, turn);
}

json_t *ranks_json(const struct rule_set *rules, const struct round_ranks *ranks, const char *const *units,
                   size_t count)
{
    json_t *all = json_object();
    for (size_t i = 0; i < count; i++) {
        size_t turn = round_ranks_turn(ranks, units[i]);
        if (turn == SIZE_MAX)
            continue;
        const struct rank_interval *own = round_ranks_of(ranks, turn);
        json_t *of_unit = json_object();
        for (size_t k = 0; k < rules->rank_count; k++)
            json_object_set_new(of_unit, rules->ranks[k]->id,
                                json_pack("[I, I]", (json_int_t)own[k].best, (json_int_t)own[k].worst));
        json_object_set_new(all, units[i], of_unit);
    }
    return all;
}
