// The engine on stored facts, as a stream: facts in, verdicts out by COPY, never more than a page in memory.
#include "evaluations/engine_run.h"

#include "base/poller.h"
#include "engine/json/verdict_matrix.h"
#include "evaluations/stored/round_ranking.h"
#include "evaluations/stored/stored.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "handler/run_statement.h"

#include <stdlib.h>
#include <string.h>

enum {
    PIECE_BYTES = 64 * 1024, // of verdicts: PostgreSQL takes one in while the next is judged
    PROGRESS_EVERY = 1000,
};

// Which form of award a unit is judged for; NULL: any.
static const struct award_form *form_wanted(const struct engine_run *run, const char *unit_id)
{
    const struct evaluation_order *order = run->order;
    for (size_t i = 0; order->forms && i < order->unit_count; i++)
        if (strcmp(order->units[i], unit_id) == 0)
            return form_named(&run->rules->document.forms, order->forms[i]);
    return NULL;
}

// Of what the form reads; NULL: of all.
static const char *standing_in_the_way(struct engine_run *run, const struct award_form *form)
{
    const struct rule_set_source *source = run->rules->document.rules->source;
    bool *reads = arena_array(&run->request->arena, source->criterion_count, sizeof *reads);
    const char *clauses = "";
    form_criteria(form ? form->eligible : NULL, reads, source->criterion_count);
    for (size_t i = 0; i < source->criterion_count; i++) {
        enum criterion_outcome outcome = run->criteria[i].outcome;
        if (reads[i] && outcome != OUTCOME_PASS && outcome != OUTCOME_NOT_APPLICABLE)
            clauses =
                arena_format(&run->request->arena, "%s%s%s", clauses, *clauses ? ", " : "", source->criteria[i].clause);
    }
    return clauses;
}

static bool copied(struct engine_run *run, bool (*how)(struct copy *copy, struct failure *ret_failure))
{
    struct failure failure;
    return how(&run->copy, &failure) || refuse_failure(run->request, &verdict_copy_statement, &failure);
}

static void put_verdict(struct engine_run *run, struct arena *scratch, const struct stored_facts *stored,
                        const struct verdict *verdict)
{
    const struct rule_set *rules = run->rules->document.rules;
    size_t length;
    const char *results = results_pack(scratch, rules, stored->bytes, stored->length, verdict, &length);
    digest_add(&run->input_digest, stored->bytes, stored->length);
    digest_add(&run->result_digest, stored->unit_id, UUID_TEXT_LENGTH);
    digest_add(&run->result_digest, results, length);
    copy_row(&run->copy, 7);
    copy_uuid(&run->copy, run_id(run));
    copy_uuid(&run->copy, stored->unit_id);
    copy_text(&run->copy, overall_outcome_name(verdict->overall));
    copy_bytes(&run->copy, stored->bytes, stored->length);
    copy_bytes(&run->copy, results, length);
    copy_integer(&run->copy, stored->stamp);
    copy_text(&run->copy, outcome_letters(scratch, run->criteria, rules->source->criterion_count));
}

static struct unit_outcome outcome_of(struct engine_run *run, const char *unit_id, enum overall_outcome overall)
{
    const struct award_form *form = form_wanted(run, unit_id);
    if (form)
        overall = form_outcome(form->eligible, run->criteria, run->rules->document.rules->source->criterion_count);
    return (struct unit_outcome){arena_text(&run->request->arena, unit_id), overall_outcome_name(overall),
                                 standing_in_the_way(run, form)};
}

static void note_judged(struct engine_run *run, const struct stored_facts *stored, enum overall_outcome overall)
{
    run->counts[overall]++;
    if (stored->mark) {
        run->facts_mark ^= strtoll(stored->mark, NULL, 10);
        run->marked++;
    }
    if (run->ranked)
        contestants_add(&run->contestants, &stored->facts, overall, run->criteria);
    if (run->count < run->order->unit_count)
        run->outcomes[run->count] = outcome_of(run, stored->unit_id, overall);
    run->count++;
    if (run->order->progress && run->count % PROGRESS_EVERY == 0)
        run->order->progress(run->order->context, run->count);
}

static bool judge_one(struct engine_run *run, struct arena *scratch, const struct stored_facts *stored)
{
    const struct rule_set *rules = run->rules->document.rules;
    struct unit_facts facts = stored->facts;
    facts.ranks = ranks_of_unit(scratch, rules, run->ranks, NULL, stored->unit_id);
    enum overall_outcome overall = criteria_judge(rules, &run->parameters, &facts, run->criteria, run->nodes);
    put_verdict(run, scratch, stored, &(struct verdict){stored->unit_id, overall, run->criteria, run->nodes, NULL, 0});
    note_judged(run, stored, overall);
    return run->copy.length < PIECE_BYTES || copied(run, copy_send);
}

static enum round_facts_step next(struct engine_run *run, struct arena *scratch, struct stored_facts *ret_stored)
{
    if (round_facts_asks(&run->facts) && !copied(run, copy_wait))
        return ROUND_FACTS_FAILED;
    return round_facts_next(&run->facts, scratch, ret_stored);
}

static bool judge_all(struct engine_run *run)
{
    struct arena scratch = {0};
    struct stored_facts stored;
    arena_allocate(&scratch, 1); // so that rewinding keeps the first block
    struct arena_mark mark = arena_mark(&scratch);
    enum round_facts_step step;
    bool good = true;
    while (good && (step = next(run, &scratch, &stored)) != ROUND_FACTS_END) {
        good = step == ROUND_FACTS_UNIT && judge_one(run, &scratch, &stored) && within_budget(run->request);
        arena_rewind(&scratch, mark);
    }
    arena_release(&scratch);
    return good && copied(run, copy_send);
}

// Units that were asked for and are not in the register (II.1).
static bool all_registered(struct engine_run *run)
{
    for (size_t i = 0; i < run->order->unit_count; i++) {
        bool there = false;
        for (size_t j = 0; j < run->count && !there; j++)
            there = strcmp(run->outcomes[j].unit_id, run->order->units[i]) == 0;
        if (!there)
            violate(run->request, PROBLEM_RULE_REFUSED, arena_format(&run->request->arena, "/units/%zu", i),
                    "not_registered",
                    say(run->request, "Đơn vị không có trong danh sách đối tượng thi đua của năm (%s).",
                        "The unit is not in the year's register of contestants (%s).",
                        clause_printed(run->request, "II.1")));
    }
    return run->request->problem.kind == PROBLEM_NONE;
}

static bool rank_all(struct engine_run *run)
{
    struct ranked ranked;
    struct rule_faults faults = {.arena = &run->request->arena};
    if (!run->ranked)
        return true;
    if (!ranked_open(&run->contestants, run->inputs, &faults, &ranked))
        return run_unfit(run, "inputs", &faults);
    ranked_compute(&run->request->arena, &ranked);
    run->standings = ranked_pack(&run->request->arena, &ranked, &run->standings_length);
    digest_add(&run->result_digest, run->standings, run->standings_length);
    run->counted_places = ranked_places(&run->request->arena, &ranked);
    if (run->counted_places) {
        digest_add(&run->result_digest, run->counted_places, strlen(run->counted_places));
        run_warn_of_cap(run, ranked_cap(&ranked));
    }
    return true;
}

static void release_run(struct engine_run *run)
{
    char ignored[SHA256_HEX_LENGTH + 1];
    if (run->input_digest.stream.state)
        digest_finish(&run->input_digest, ignored);
    if (run->result_digest.stream.state)
        digest_finish(&run->result_digest, ignored);
    copy_release(&run->copy);
    round_facts_close(&run->facts);
}

bool evaluate(struct request *request, struct session *session, const struct evaluation_order *order,
              struct evaluation *ret_evaluation)
{
    struct engine_run run = {.request = request, .session = session, .order = order};
    int64_t started = monotonic_ns();
    run.copy = (struct copy){.session = session, .statement = &verdict_copy_statement};
    run.warnings = defer_json(request, json_array());
    bool good = run_prepare(&run) && judge_all(&run) && all_registered(&run) && rank_all(&run) &&
                copied(&run, copy_wait) && run_store(&run, ret_evaluation) && run_tell(&run);
    release_run(&run);
    run_count(&run, good, monotonic_ns() - started);
    return good;
}
