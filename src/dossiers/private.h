// What the files of this folder share with one another alone.
#ifndef THIDUA_DOSSIERS_PRIVATE_H
#define THIDUA_DOSSIERS_PRIVATE_H

#include "handler/bulk/listed.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "http/route.h"

extern const struct route dossier_routes[], dossier_move_routes[], dossier_list_routes[], nomination_routes[],
    notification_routes[], document_routes[], minutes_routes[], bundle_routes[];
extern const struct constraint_problem dossier_constraints[], minutes_constraints[];

// Of the writes by which the nominator makes up its dossier.
#define DOSSIER_CONTENT                                                                                                \
    NO_UNIT_AT_STAKE("The nominator makes up its dossier, and an office enters one from paper. What counts is its "    \
                     "receipt, which is a step of its own.")

// One of a list of steps.
bool dossier_step_listed(struct request *request, struct session *session, const struct listed *listed,
                         struct listed_made *ret_made);
extern const char *const dossier_actions[];

// Official papers of a dossier: its Tờ trình, its minutes, the achievement report of one nominee; and what the path
// names, as a route's paper (papers.c). NULL with a problem recorded: the caller may not see it.
struct paper *letter_of(struct request *request, struct session *session, const char *dossier);
struct paper *minutes_of(struct request *request, struct session *session, const char *dossier);
struct paper *report_of(struct request *request, struct session *session, const char *dossier, const char *unit);
struct paper *dossier_as_paper(struct request *request, struct session *session);
struct paper *minutes_as_paper(struct request *request, struct session *session);
struct paper *nomination_as_paper(struct request *request, struct session *session);
extern const struct duty dossier_move_duty;

#endif
