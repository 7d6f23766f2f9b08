// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the answer of a write is stored in the write's own
// transaction, so the same request sent again within 24 hours gets the same answer and writes nothing, even where the
// first answer was lost between commit and reply. A refused write leaves nothing behind and is judged anew.
#ifndef THIDUA_HANDLER_IDEMPOTENCY_H
#define THIDUA_HANDLER_IDEMPOTENCY_H

#include "http/request.h"

struct session;

enum idempotency {
    IDEMPOTENCY_NEW,      // no key, or one not used before: go on, then idempotency_keep
    IDEMPOTENCY_ANSWERED, // `ret_reply` is what was answered before
    IDEMPOTENCY_REFUSED,  // one problem is recorded: malformed 400, still under way 409, another request 422
};

// At the beginning of the write's transaction, on its worker.
enum idempotency idempotency_claim(struct request *request, struct session *session, struct reply *ret_reply);
// Before its commit. False with one problem recorded.
bool idempotency_keep(struct request *request, struct session *session, const struct reply *reply);

#endif
