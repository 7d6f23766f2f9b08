// What the files of this folder share.
#ifndef THIDUA_SCORES_H
#define THIDUA_SCORES_H

#include "http/input/body.h"
#include "http/request.h"

struct session;

// The leaves that a body gives against those of the card: each once, known, and within its range in its own column.
// Every violation is named.
bool leaves_fit(struct request *request, struct session *session, const char *unit_id, const char *year);

// One of a list of cards: the unit's own column of a new card; the appraiser's where nothing is appraised yet.
struct listed;
struct listed_made;
extern const struct field self_leaf_fields[], appraised_leaf_fields[];
extern const struct duty appraisal_duty;
bool self_scores_listed(struct request *request, struct session *session, const struct listed *listed,
                        struct listed_made *ret_made);
bool appraised_scores_listed(struct request *request, struct session *session, const struct listed *listed,
                             struct listed_made *ret_made);

#endif
