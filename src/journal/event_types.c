#include "journal/event_types.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX     "thidua."
#define PUBLIC     ANYONE
#define MEMBERS    ANY_KEY
#define CONCERNED  EVENT_CONCERNED
#define RESTRICTED MAY_READ_RESTRICTED
#define JUDGED     (MEMBERS | EVENT_JUDGED)
#define DECLARED   (MAY_READ_RESTRICTED | ROLE_INITIATIVE_COUNCIL)
#define KEEPERS    (ROLE_ADMIN | ROLE_HOME_AFFAIRS | ROLE_AUDITOR) // who reads drafts of rule sets
#define OPERATORS  (ROLE_ADMIN | ROLE_AUDITOR)

#define EVENT(type, roles) PREFIX type,
const char *const event_types[] = {
#include "journal/event.def"
    NULL};
#undef EVENT

#define EVENT(type, roles) type,
const char *const journal_types[] = {
#include "journal/event.def"
    NULL};
#undef EVENT

#define EVENT(type, roles) roles,
static const unsigned audiences[] = {
#include "journal/event.def"
};
#undef EVENT

static int by_type(const void *wanted, const void *known)
{
    return strcmp(wanted, *(const char *const *)known);
}

// What stands nowhere in the table is for auditors alone.
unsigned event_audience(const char *type)
{
    const size_t count = sizeof audiences / sizeof *audiences;
    const char *const *found = bsearch(type, event_types, count, sizeof *event_types, by_type);
    return found ? audiences[found - event_types] : ROLE_AUDITOR;
}

bool event_type_known(const char *wanted)
{
    size_t length = strlen(wanted);
    bool open = length > 2 && strcmp(wanted + length - 2, ".*") == 0;
    for (const char *const *type = event_types; *type; type++)
        if (open ? strncmp(*type, wanted, length - 1) == 0 : strcmp(*type, wanted) == 0)
            return true;
    return false;
}
