// Webhooks, as the two route tables about them share it.
#ifndef THIDUA_WEBHOOKS_WEBHOOK_H
#define THIDUA_WEBHOOKS_WEBHOOK_H

#include "http/request.h"

struct session;

struct webhook {
    const char *id, *location, *version;
    const char *told; // as it stands, for the journal
    bool own;         // the caller's
    const char *generation;
};
// Locks the webhook of the path for a change. 404 where it is somebody else's; an admin may change any.
bool webhook_for_change(struct request *request, struct session *session, struct webhook *ret_webhook);

#endif
