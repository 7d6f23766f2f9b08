#include "thidua/roles.h"

#include <string.h>

#define ROLE(constant, name) name,
const char *const role_names[] = {
#include "thidua/role.def"
    NULL,
};
#undef ROLE

const char *role_name(unsigned role)
{
    for (unsigned i = 0; i < ROLE_COUNT; i++)
        if (role == 1U << i)
            return role_names[i];
    return NULL;
}

unsigned role_of_name(const char *name, size_t length)
{
    for (unsigned i = 0; i < ROLE_COUNT; i++)
        if (strlen(role_names[i]) == length && memcmp(role_names[i], name, length) == 0)
            return 1U << i;
    return 0;
}

unsigned roles_of_names(const char *list)
{
    unsigned roles = 0;
    for (const char *name = list; *name; name += strcspn(name, " "), name += *name == ' ')
        roles |= role_of_name(name, strcspn(name, " "));
    return roles;
}
