// Evaluations whose verdicts were shown lately: what all verdicts of one are shown by. One that is done never changes,
// so a read of another verdict of it takes no statement but the one that finds it.
#ifndef THIDUA_EVALUATIONS_STORED_SHOWN_H
#define THIDUA_EVALUATIONS_STORED_SHOWN_H

#include "evaluations/stored/stored.h"

// Fills what stored_answer() needs, for as long as the request lasts. False: the evaluation is not in memory.
bool shown_known(struct request *request, const char *evaluation_id, struct stored_evaluation *ret_evaluation);
// Keeps an evaluation that stored_open() has opened.
void shown_keep(const struct stored_evaluation *evaluation);

#endif
