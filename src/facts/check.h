// Holds every row of packed facts that counts as present against the tables it was made from.
#ifndef THIDUA_FACTS_CHECK_H
#define THIDUA_FACTS_CHECK_H

#include "database/session.h"

struct facts_check {
    long long compared, different;
    char first[160]; // the first row that differs: "CAMPAIGN/YEAR/unit id"
};

// False while the database is away; see session_message().
bool facts_check(struct session *session, struct facts_check *ret_check);

#endif
