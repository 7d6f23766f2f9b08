// Finds out who calls: an opaque key, or a token of the identity provider.
#ifndef THIDUA_IDENTITY_IDENTIFY_H
#define THIDUA_IDENTITY_IDENTIFY_H

#include "handler/feature.h"

// A hook of the server (http/server.h); the context is the struct loop_state.
bool identify(struct request *request, void *loop_state);
// For what goes on after the request was let in: does its key or token still hold? False where it has expired, where
// any key was changed or revoked since, or the identity provider's key set; then the caller has to show it again. True
// where nothing was shown.
bool caller_trusted(const struct caller *caller);

extern const struct feature identity_feature;

#endif
