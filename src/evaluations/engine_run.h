// One run of the engine over a round, for the files that take it through its stages: made ready, judged and ranked,
// stored.
#ifndef THIDUA_EVALUATIONS_ENGINE_RUN_H
#define THIDUA_EVALUATIONS_ENGINE_RUN_H

#include "database/copy.h"
#include "engine/json/digest.h"
#include "evaluations/evaluate.h"
#include "evaluations/evaluations.sql.h"
#include "evaluations/stored/standing_rows.h"
#include "facts/round_facts.h"

#include "thidua/round_ranks.h"

struct engine_run {
    struct request *request;
    struct session *session;
    const struct evaluation_order *order;
    struct evaluation_setting setting;
    const struct rules *rules;
    json_t *parameters_json, *inputs;
    const char *parameters_text, *inputs_text;
    struct evaluation_parameters parameters;
    struct round_facts facts;
    const struct round_ranks *ranks; // NULL: no criterion asks for one, or the round is too large to be ranked
    struct contestants contestants;
    struct criterion_result *criteria;
    struct node_result *nodes;
    struct unit_outcome *outcomes;
    size_t count, counts[OVERALL_PENDING + 1];
    long long facts_mark; // of those `marked`, which came with a mark of their own
    size_t marked;
    bool ranked;
    json_t *warnings;
    struct copy copy;
    struct digest input_digest, result_digest;
    char input_hash[SHA256_HEX_LENGTH + 1], result_hash[SHA256_HEX_LENGTH + 1];
    const char *standings;
    size_t standings_length;
    const char *counted_places; // ranked_places()
};

// ---- engine_run.c: what it is judged by ----

// The id of the evaluation.
const char *run_id(const struct engine_run *run);
// Only the round, its rules and dates.
bool run_load(struct engine_run *run);
// All: then facts can be read.
bool run_prepare(struct engine_run *run);
// Where the forms of award have that many places together, some of which only the verdicts say.
void run_warn_of_cap(const struct engine_run *run, int64_t places);
// What is stored does not fit the engine: a fault of the data or of ours, told to the operator, not to the caller.
// Always false.
bool run_unfit(struct engine_run *run, const char *what, const struct rule_faults *faults);

// ---- run_stored.c ----

bool run_store(struct engine_run *run, struct evaluation *ret_evaluation);
// Units hear that their verdict has changed.
bool run_tell(struct engine_run *run);

// ---- run_counts.c: for /metrics ----

void run_count(const struct engine_run *run, bool good, int64_t duration);

#endif
