// One transaction of a request: begun, filled, then committed or rolled back.
#ifndef THIDUA_HANDLER_LANES_TRANSACTION_H
#define THIDUA_HANDLER_LANES_TRANSACTION_H

#include "http/request.h"

struct session;

enum transaction_mode {
    TRANSACTION_PLAIN,     // each statement sees what was committed before it
    TRANSACTION_ONE_STATE, // all statements see one state of the data
    TRANSACTION_READ_ONLY, // the same, and none of them may write
};

// What is to become of a transaction that was filled.
enum transaction_end {
    TRANSACTION_FAILS, // a problem is recorded: it is rolled back
    TRANSACTION_COMMITS,
    TRANSACTION_ROLLS_BACK, // all went well, and nothing of it is kept
};

// Runs `fill` in one transaction. Where the transaction failed only for being concurrent (SQLSTATE 40001 or 40P01), all
// that `fill` left on the request is released and it runs again, three times at most. True when the transaction ended
// as `fill` asked for; false with one problem recorded.
bool transaction_run(struct request *request, struct session *session, enum transaction_mode mode,
                     enum transaction_end (*fill)(struct request *request, struct session *session, void *context),
                     void *context);

// Releases what was left on the request since then.
void transaction_forget(struct request *request, struct arena_mark mark, const struct deferred *kept);

// Checks now what PostgreSQL would check only at commit. False with the problem recorded.
bool check_deferred_constraints(struct request *request, struct session *session);

#endif
