// Content codings of answers: gzip where the caller asks for it and it is worth the time.
#ifndef THIDUA_HTTP_CODING_H
#define THIDUA_HTTP_CODING_H

#include "http/request.h"

// Accept-Encoding takes gzip (RFC 9110 section 12.5.3). NULL takes nothing but the identity.
bool gzip_accepted(const char *accept_encoding);
// Replaces the body by its gzip form, in the request's arena. False where it stays as it is: too short to gain, too
// long for a loop's turn, or no smaller for it.
bool gzip_body(struct request *request, struct reply *reply);

#endif
