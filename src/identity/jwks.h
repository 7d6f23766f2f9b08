// The identity provider's public keys (RFC 7517), from a file or by HTTP, fetched by a thread of their own: no request
// ever waits for them. Only src/identity knows rhonabwy.
#ifndef THIDUA_IDENTITY_JWKS_H
#define THIDUA_IDENTITY_JWKS_H

#include "http/metrics.h"

#include <rhonabwy.h>
#include <stdbool.h>
#include <stdint.h>

// A path, or a URL of https without user, password and fragment (http only to 127.0.0.1 and [::1]).
bool jwks_place_fits(const char *place);
// Takes such a place. A file must be readable at once, with a key in it; a server may come later. False after one line
// on standard error.
bool jwks_open(const char *place);
// Keeps the keys of that place up to date. Where none was opened there is nothing to keep.
bool jwks_start(void);
void jwks_stop(void);

// A copy of the key with this id whose one algorithm is this, for the caller to free. NULL: there is none; then the
// keys are asked for again soon, though no sooner than half a minute after the last time.
jwk_t *jwks_find(const char *kid, jwa_alg algorithm);
// Grows with every change of the keys; 0 while there are none. What was verified under another one is not trusted.
uint64_t jwks_generation(void);

extern const struct metrics_gauge jwks_gauges[];

#endif
