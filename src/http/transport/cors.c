#include "http/transport/cors.h"

#include "http/input/header.h"

#include <stdio.h>
#include <string.h>

static const char *allowed;
// Made once from the tables of fields that are read and written, so that none is forgotten.
static char read_from_pages[512], shown_to_pages[512];

static void list_answer_fields(void)
{
    enum visibility { SAFE, EXPOSED, INTERNAL };
    static const struct {
        const char *name;
        enum visibility visibility;
    } fields[] = {
#define ANSWER_FIELD(identifier, name, visibility) {name, visibility},
#include "http/transport/answer_fields.def"
#undef ANSWER_FIELD
    };
    size_t length = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].visibility == EXPOSED && length < sizeof shown_to_pages)
            length += (size_t)snprintf(shown_to_pages + length, sizeof shown_to_pages - length, "%s%s",
                                       length ? ", " : "", fields[i].name);
}

void cors_allow(const char *origins)
{
    allowed = origins;
    header_names_for_pages(read_from_pages, sizeof read_from_pages);
    list_answer_fields();
}

// What is answered to an origin; NULL: nothing. It is compared as a whole, byte by byte (RFC 6454 section 5): no
// patterns, so nothing can look like another. Where all may call, nothing of what they send is sent back.
static const char *answer_to(const char *origin)
{
    size_t length = strlen(origin);
    for (const char *item = allowed; *item; item += strspn(item, ", ")) {
        size_t size = strcspn(item, ", ");
        if (size == 1 && *item == '*')
            return "*";
        if (size == length && size && memcmp(item, origin, size) == 0)
            return origin;
        item += size;
    }
    return NULL;
}

bool cors_is_on(void)
{
    return allowed != NULL;
}

void cors_headers(struct MHD_Response *response, const char *origin, const char *methods)
{
    const char *answer = allowed && origin ? answer_to(origin) : NULL;
    if (!answer)
        return;
    // Callers are known by Authorization, never by cookies: Allow-Credentials is not given.
    MHD_add_response_header(response, "Access-Control-Allow-Origin", answer);
    MHD_add_response_header(response, "Access-Control-Expose-Headers", shown_to_pages);
    if (!methods)
        return;
    MHD_add_response_header(response, "Access-Control-Allow-Methods", methods);
    MHD_add_response_header(response, "Access-Control-Allow-Headers", read_from_pages);
    MHD_add_response_header(response, "Access-Control-Max-Age", "600");
}
