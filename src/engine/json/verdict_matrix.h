// Verdicts side by side, in a few bytes each: results by criterion in one order, and what is still open as places in a
// list of leaves. What takes room, the texts, stands once.
#ifndef THIDUA_ENGINE_JSON_VERDICT_MATRIX_H
#define THIDUA_ENGINE_JSON_VERDICT_MATRIX_H

#include "engine/json/verdict_json.h"

struct verdict_matrix {
    json_t *criteria; // [{"id", "clause", "text"}], the columns
    json_t *leaves;   // [{"id", "criterion", "text"}]: those that a row misses
    size_t *places;   // of each node: its place in `leaves`, SIZE_MAX: not there
};

// Without rows. Both lists are new references.
struct verdict_matrix verdict_matrix_new(struct arena *arena, const struct rule_set *rules);
// Results in the order of the columns: a new reference.
json_t *verdict_results(const struct verdict_view *view);
// A letter each: P, F, O (PENDING: open), D or N. In the arena.
const char *outcome_letters(struct arena *arena, const struct criterion_result *criteria, size_t count);
// What is still open and decides, as far as the view may know: places in `leaves`, to which it adds.
json_t *verdict_missing(struct verdict_matrix *matrix, const struct verdict_view *view);
// Both as members of an object: "cells":"PFO…","missing":[…].
void verdict_put_cells(struct json_text *text, struct verdict_matrix *matrix, const struct verdict_view *view);

#endif
