#include "thidua/roles.h"

#include <string.h>

static const struct {
    enum role role;
    const char *name;
} roles[] = {
    {ROLE_VIEWER, "viewer"},
    {ROLE_UNIT, "unit"},
    {ROLE_HOME_AFFAIRS, "home_affairs"},
    {ROLE_INITIATIVE_COUNCIL, "initiative_council"},
    {ROLE_CHAIR_OFFICE, "chair_office"},
    {ROLE_AUDITOR, "auditor"},
    {ROLE_ADMIN, "admin"},
};

const char *role_name(enum role role)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (roles[i].role == role)
            return roles[i].name;
    return NULL;
}

unsigned role_from_name(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strlen(roles[i].name) == length && memcmp(roles[i].name, name, length) == 0)
            return roles[i].role;
    return 0;
}
