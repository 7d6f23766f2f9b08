// Initiatives and recognitions as items of a list (imports).
#ifndef THIDUA_INITIATIVES_H
#define THIDUA_INITIATIVES_H

#include "http/route.h"

#include <stdbool.h>

struct listed;
struct listed_made;
struct request;
struct session;

extern const struct field initiative_fields[], recognition_fields[];
extern const struct column initiative_columns[]; // of the list that shows them
bool initiative_listed(struct request *request, struct session *session, const struct listed *listed,
                       struct listed_made *ret_made);
extern const struct duty recognition_duty;
bool recognition_listed(struct request *request, struct session *session, const struct listed *listed,
                        struct listed_made *ret_made);

#endif
