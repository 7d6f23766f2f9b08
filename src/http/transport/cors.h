// Which web pages of other origins may call (WHATWG Fetch, CORS protocol): those of an allow-list, none by default.
#ifndef THIDUA_HTTP_TRANSPORT_CORS_H
#define THIDUA_HTTP_TRANSPORT_CORS_H

#include <microhttpd.h>
#include <stdbool.h>

// `origins` as in THIDUA_CORS_ORIGINS, separated by blanks or commas; NULL: none. Kept, not copied.
void cors_allow(const char *origins);
bool cors_is_on(void); // so answers depend on Origin
// Adds what a page of `origin` needs; `methods` is set for the answer to a preflight.
void cors_headers(struct MHD_Response *response, const char *origin, const char *methods);

#endif
