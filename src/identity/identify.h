// Finds out who calls: an opaque key, or a token of the identity provider.
#ifndef THIDUA_IDENTITY_IDENTIFY_H
#define THIDUA_IDENTITY_IDENTIFY_H

#include "handler/feature.h"

// A hook of the server (http/server.h); the context is the struct loop_state.
bool identify(struct request *request, void *loop_state);

extern const struct feature identity_feature;

#endif
