// An evaluation as it is stored: its rules, parameters and inputs, and its verdicts one after another.
#ifndef THIDUA_EVALUATIONS_STORED_STORED_H
#define THIDUA_EVALUATIONS_STORED_STORED_H

#include "engine/json/verdict_matrix.h"
#include "evaluations/evaluations.sql.h"
#include "evaluations/stored/standing_rows.h"

struct stored_evaluation {
    struct request *request;
    struct session *session;
    const char *id, *campaign, *year;
    const struct rules *rules;
    const json_t *parameters_json; // released with the request, and so are the registers
    json_t *registers;
    const char *parameters_text; // canonical, as it was hashed
    const char *input_hash, *result_hash;
    long long semantics;
    struct evaluation_parameters parameters;
    const struct register_facts *common;
    bool ranked;
    // By stored_inputs():
    const json_t *inputs;    // released with the request
    const char *inputs_text; // canonical, as they were hashed
    const char *standings;   // NULL: nothing was ranked
    size_t standings_length;
    const char *counted_places; // canonical; NULL: of no form they are a share of those who are eligible
    // While its verdicts are read.
    struct rows *page;
    int next, count;
    char last[UUID_TEXT_LENGTH + 1];
};

// What is stored of a verdict: the SHA-256 of the facts it was made from, then the verdict. So the hash over all
// verdicts, which the journal holds, speaks for each unit's facts as well.
enum { RESULTS_HEAD = 32 };
const char *results_pack(struct arena *arena, const struct rule_set *rules, const char *facts, size_t facts_length,
                         const struct verdict *verdict, size_t *ret_length);

// False with a problem recorded: there is none of which the caller may know, it is not done, or what is stored does not
// fit together.
bool stored_open(struct request *request, struct session *session, const char *id,
                 struct stored_evaluation *ret_evaluation);
// Reads the inputs and standings too, which hold what was decided on any number of units: no verdict asks for them.
// False with a problem recorded.
bool stored_inputs(struct stored_evaluation *evaluation);

enum stored_step { STORED_VERDICT, STORED_END, STORED_FAILED };
// In the order of unit ids; holds until the next call.
enum stored_step stored_next(struct stored_evaluation *evaluation, struct stored_verdict *ret_verdict);
void stored_close(struct stored_evaluation *evaluation);
// Begins with the first again.
void stored_rewind(struct stored_evaluation *evaluation);

// Who was ranked, and how. Only with `explained` it is named what is open of a unit. False with a problem recorded, as
// where nobody was ranked.
bool stored_ranked(struct stored_evaluation *evaluation, bool explained, struct ranked *ret_ranked);
// Records the problem that what is stored does not fit together.
bool stored_unfit(struct stored_evaluation *evaluation, const char *what, const char *unit_id);

// A verdict as that audience sees it: a new reference; its canonical text, in the arena; or what it is made of, there
// too. NULL with a problem recorded where the bytes do not fit.
json_t *stored_json(struct stored_evaluation *evaluation, struct arena *arena, const struct stored_verdict *stored,
                    enum audience audience);
const char *stored_text(struct stored_evaluation *evaluation, struct arena *arena, const struct stored_verdict *stored,
                        enum audience audience, struct citation_table *cited);
const struct verdict_view *stored_view(struct stored_evaluation *evaluation, struct arena *arena,
                                       const struct stored_verdict *stored, enum audience audience);
// What per cent one fact was of another when the unit was judged, such as "90.00", in the request's arena: "" where
// it was not known. NULL where the rules declare no such numbers. False with a problem recorded.
bool stored_percent(struct stored_evaluation *evaluation, struct arena *scratch, const struct stored_verdict *stored,
                    const char *part, const char *whole, const char **ret_text);
// The beginning of what tells one answer about its verdicts from another: for a tag of that instead of the whole text.
struct json_text stored_told_apart(const struct stored_evaluation *evaluation, enum audience audience);
// The answer to who asked for the verdict alone, with the members beside it.
struct reply stored_answer(struct stored_evaluation *evaluation, const struct stored_verdict *stored,
                           enum audience audience, const struct json_member *beside, size_t count);

// Adds members of a row about the unit: "cells", its results as letters, and "missing". False with a problem recorded
// where the bytes do not fit.
bool stored_cells(struct stored_evaluation *evaluation, struct arena *scratch, const struct stored_verdict *stored,
                  enum audience audience, struct verdict_matrix *matrix, struct json_text *row);
// Adds "missing" and the results by criterion, "results", to a row about the unit. False with a problem recorded where
// the bytes do not fit.
bool stored_row(struct stored_evaluation *evaluation, const struct stored_verdict *stored, enum audience audience,
                struct verdict_matrix *matrix, json_t *row);

#endif
