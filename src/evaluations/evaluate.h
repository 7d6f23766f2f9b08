// Running the criteria engine on stored facts, inside the caller's transaction.
#ifndef THIDUA_EVALUATIONS_EVALUATE_H
#define THIDUA_EVALUATIONS_EVALUATE_H

#include "handler/run.h"

enum { EVALUATION_UNITS_MOST = 1000 };

struct changed_facts;

// What a trial judges by instead of what the round has. It is handed on and never written to the round's own rows:
// those would be locked until the trial ends.
struct evaluation_trial {
    const char *rules_name, *rules_version, *rules_hash; // published in this transaction; NULL: the campaign's own
    const struct changed_facts *changed;
    size_t changed_count;
};

struct evaluation_order {
    const char *id; // an evaluation that was entered before (evaluation_enter); NULL: a new one
    const char *campaign, *year;
    const char *as_of;        // RFC 3339; NULL: the service's clock
    const char *signed_on;    // the decision's date, NULL: not signed yet
    const char *submitted_on; // the date of submission to the Chair, NULL: not submitted yet
    const char *group;        // one comparison group only; NULL: all
    const char *const *units; // ids of these units alone; NULL: all contestants
    size_t unit_count;        // at most EVALUATION_UNITS_MOST
    const char *const *forms; // of each unit the form of award that it is to have; NULL, and NULL of one: any
    void (*progress)(void *context, size_t done); // told now and then how many were judged; may be NULL
    void *context;
    const struct evaluation_trial *trial; // NULL: as it is stored
    bool facts_untouched;                 // the transaction has written nothing that facts are made of
};

struct unit_outcome {
    const char *unit_id;
    const char *overall; // for the form that the order names, else for the one for which it stands best
    const char *clauses; // "III.1.b, III.1.c": the criteria that stand in the way of that; ""
};

struct evaluation {
    const char *id;
    const char *json;                 // as it is answered
    struct event event;               // that it was made; `after` is its JSON without inputs
    const struct unit_outcome *units; // only where the order names units
    size_t count;
};

// A round larger than this is judged, but not ranked: nobody compares a million contestants with one another.
enum { RANKED_MOST = 20000 };

// Evaluates, ranks and stores; the caller records the event. Records one problem and returns false where the round, its
// rule set or its facts are not there or not fit. All facts are of one state of the data; in a REPEATABLE READ
// transaction, the round's dates and quota are of the same.
bool evaluate(struct request *request, struct session *session, const struct evaluation_order *order,
              struct evaluation *ret_evaluation);
// Only enters it, RUNNING; evaluate() with its id and instant does the rest in another transaction.
bool evaluation_enter(struct request *request, struct session *session, const struct evaluation_order *order,
                      const char **ret_id, const char **ret_as_of);

#endif
