// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header). The answer of a write is stored in the write's own
// transaction. The same request, sent again within 24 hours, gets the same answer and writes nothing, also where the
// first answer was lost between commit and reply. A refused write stores nothing: sent again, it is judged again.
#ifndef THIDUA_HANDLER_IDEMPOTENCY_H
#define THIDUA_HANDLER_IDEMPOTENCY_H

#include "http/request.h"

struct session;

enum idempotency {
    IDEMPOTENCY_NEW,      // no key, or one not used before: go on, then idempotency_keep
    IDEMPOTENCY_ANSWERED, // `ret_reply` is what was answered before
    IDEMPOTENCY_REFUSED, // one problem is recorded: 400 malformed, 409 still under way or not for this caller any more,
                         // 422 used for another request
};

// Called at the beginning of the write's transaction.
enum idempotency idempotency_claim(struct request *request, struct session *session, struct reply *ret_reply);
// Stores the answer. Called before the commit. False with one problem recorded.
bool idempotency_keep(struct request *request, struct session *session, const struct reply *reply);

#endif
