// Accept (RFC 9110 section 12.5.1): which of the representations that there are is preferred.
#ifndef THIDUA_HTTP_INPUT_ACCEPT_H
#define THIDUA_HTTP_INPUT_ACCEPT_H

#include <stddef.h>

// Index of the best of `offers`, all media types without parameters; 0, the usual one, where nothing is said; `count`
// where none is acceptable. Of equals the one that is named, then the one that is named first.
size_t accept_best(const char *accept, const char *const offers[], size_t count);

// ";q=0.8" among the parameters of a range, in thousandths (section 12.4.2); without it 1000.
int accept_weight(const char *parameters, size_t length);
// How far it is to the first of `stops`, or to the end: what stands in a quoted string stops nothing (section 5.6.4).
size_t unquoted_span(const char *text, const char *end, const char *stops);

#endif
