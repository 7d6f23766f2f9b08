// Disciplinary decisions as a list of them comes in.
#ifndef THIDUA_DISCIPLINE_H
#define THIDUA_DISCIPLINE_H

#include "http/route.h"

struct listed;
struct listed_made;

extern const struct column discipline_columns[]; // of the list that shows them
extern const struct field record_columns[];      // of a file: those of the single write, and "status"
extern const struct duty discipline_listed_duty;
bool discipline_listed(struct request *request, struct session *session, const struct listed *listed,
                       struct listed_made *ret_made);

#endif
