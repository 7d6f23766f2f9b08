// What the files of this folder share with one another alone.
#ifndef THIDUA_SCORES_PRIVATE_H
#define THIDUA_SCORES_PRIVATE_H

#include "handler/bulk/listed.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "http/route.h"

extern const struct route frame_routes[], score_routes[], score_list_routes[];
// Is the step one of an appraiser or of the Chair's office, and not of the unit itself?
bool is_office_step(const struct request *request);
extern const struct constraint_problem frame_constraints[], score_constraints[];

// A card that is written: as it stood, as it stands, and what happened.
struct card_stand;
struct card {
    const char *unit_id, *year, *resource;
    const struct card_stand *old; // NULL: the card is new
    const char *version, *json;
    struct event event;
};
struct card card_of(struct request *request, const char *unit_id, const char *year);
// Holds the card to the end of the transaction, and reads it as it then stands. `whole`: `before` has its leaves.
bool hold_card(struct request *request, struct session *session, bool whole, struct card *card);

extern const struct field move_fields[];
struct reply move_card(struct request *request, struct session *session);

// One of a list of steps or of appraisals: with the version that it must have.
bool card_step_listed(struct request *request, struct session *session, const struct listed *listed,
                      struct listed_made *ret_made);
bool appraisal_listed(struct request *request, struct session *session, const struct listed *listed,
                      struct listed_made *ret_made);
extern const struct duty step_duty;
enum { LEAVES_MOST = 500 };

#endif
