// What the files of this folder share with one another alone.
#ifndef THIDUA_EVALUATIONS_PRIVATE_H
#define THIDUA_EVALUATIONS_PRIVATE_H

#include "evaluations/stored/stored.h"
#include "handler/constraints.h"
#include "handler/table/table.h"
#include "http/metrics.h"
#include "http/route.h"

extern const struct route evaluation_routes[], override_routes[], tie_routes[], unit_verdict_routes[], verdict_routes[];

// What of a verdict the caller may read: a unit its own subtree's, without what is restricted.
enum audience verdict_audience(const struct request *request);

// ---- verdicts.c ----
enum { VERDICT_PAGE_BYTES = 4000000 }; // at most, but for the last one, as of other lists (tools/embed_statements.py)
// What a page of them, as the request asks for it, is made of, and the row behind it. False with a problem recorded.
bool read_verdict_page(struct request *request, struct session *session, struct stored_evaluation *ret_evaluation,
                       const struct verdict_page **ret_rows, size_t *ret_count);
struct stored_verdict verdict_on_page(const struct verdict_page *row);

// ---- verdict_table.c ----
extern const struct column verdict_columns[];
bool tabulate_verdicts(struct request *request, struct session *session, struct cell_page *ret_page);

extern const struct metrics_gauge evaluation_gauges[]; // run_counts.c
extern const struct constraint_problem override_constraints[], tie_constraints[];

#endif
