// The report on a round's year (V.2) as an official paper.
#ifndef THIDUA_ROUNDS_YEARLY_YEARLY_H
#define THIDUA_ROUNDS_YEARLY_YEARLY_H

#include "http/request.h"

struct paper;
struct session;

// To each caller the numbers that the board shows it. NULL with a problem recorded: there is no such round.
struct paper *yearly_report_as_paper(struct request *request, struct session *session);

#endif
