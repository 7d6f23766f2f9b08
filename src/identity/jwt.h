// Tokens of the province's identity provider (RFC 7519, 9068) as callers, by the rules of RFC 8725: algorithm pinned by
// the key, issuer and audience checked, nothing in a token's own header trusted.
#ifndef THIDUA_IDENTITY_JWT_H
#define THIDUA_IDENTITY_JWT_H

#include "http/request.h"

#include <stdint.h>

// How tokens are read. Texts are kept, not copied.
struct jwt_options {
    const char *issuer, *audience;
    const char *roles_claim; // may be a path of members, "realm_access.roles"
    const char *unit_claim;  // a unit's UUID
    const char *role_map;    // "theirs=ours,…"; NULL: the names are ours
};

void jwt_configure(const struct jwt_options *given);

// TOKEN_OF_NO_UNIT: good but for its claim of a unit, which is there and cannot be read.
enum token_verdict { TOKEN_BAD, TOKEN_OF_NO_UNIT, TOKEN_GOOD };

// Is the token good at `now` (seconds since 1970)? Then who calls, and how many seconds that may be remembered for.
// Thread-safe. The caller's key_id is a UUID made of issuer and subject (RFC 4122, version 5), the same at each call.
// Whether there is the unit that it names, is for the caller of this to find out.
enum token_verdict jwt_caller(const char *token, int64_t now, struct caller *ret_caller, int64_t *ret_seconds);

#endif
