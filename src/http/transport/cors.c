#include "http/transport/cors.h"

#include <string.h>

static const char *allowed;

void cors_allow(const char *origins)
{
    allowed = origins;
}

// An origin is compared as a whole, byte by byte (RFC 6454 section 5): no patterns, so nothing can look like another.
static bool is_allowed(const char *origin)
{
    size_t length = strlen(origin);
    for (const char *item = allowed; *item; item += strspn(item, ", ")) {
        size_t size = strcspn(item, ", ");
        if ((size == 1 && *item == '*') || (size == length && size && memcmp(item, origin, size) == 0))
            return true;
        item += size;
    }
    return false;
}

void cors_headers(struct MHD_Response *response, const char *origin, const char *methods)
{
    if (!allowed)
        return;
    MHD_add_response_header(response, "Vary", "Origin");
    if (!origin || !is_allowed(origin))
        return;
    // Callers are known by Authorization, never by cookies: Allow-Credentials is not given.
    MHD_add_response_header(response, "Access-Control-Allow-Origin", origin);
    MHD_add_response_header(response, "Access-Control-Expose-Headers",
                            "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed, "
                            "X-Request-Id, Server-Timing, Content-Disposition");
    if (!methods)
        return;
    MHD_add_response_header(response, "Access-Control-Allow-Methods", methods);
    MHD_add_response_header(response, "Access-Control-Allow-Headers",
                            "Authorization, Content-Type, Accept-Language, If-Match, If-None-Match, Idempotency-Key, "
                            "Last-Event-ID, Repr-Digest, X-Request-Id, traceparent");
    MHD_add_response_header(response, "Access-Control-Max-Age", "600");
}
