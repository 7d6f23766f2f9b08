// Answers in gzip, where the caller asks for it and it is worth the time.
#ifndef THIDUA_HTTP_GZIP_H
#define THIDUA_HTTP_GZIP_H

#include "http/request.h"

// Does Accept-Encoding take gzip (RFC 9110 section 12.5.3)? NULL, no such field, does not.
bool gzip_accepted(const char *accept_encoding);
// Replaces the body by its gzip form, in the request's arena. False where the body stays as it is, because it is too
// short to gain, too long for a loop's turn, or would not become smaller.
bool gzip_body(struct request *request, struct reply *reply);

#endif
