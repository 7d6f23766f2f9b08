// The ETag in the answer to a write: the one that a GET of the resource gives the same caller next, so that nobody has
// to read what they have just written before they change it again.
#ifndef THIDUA_HANDLER_VALIDATOR_H
#define THIDUA_HANDLER_VALIDATOR_H

#include "http/request.h"

struct session;

// Of what lies at `path`, as it stands in the transaction. `otherwise` where this caller does not read it, or where a
// read of it has no version. NULL with a problem recorded.
const char *validator_of(struct request *request, struct session *session, const char *path, const char *otherwise);
// The ETag of what is at hand already. Each coding of an answer has a tag of its own (RFC 9110, section 8.8.3.3): of
// the one that this caller would get.
const char *validator_in_coding(struct request *request, struct reply reply);

#endif
