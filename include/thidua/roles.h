// The roles of the domain as bits, so that a table can name several at once.
#ifndef THIDUA_ROLES_H
#define THIDUA_ROLES_H

#include <stddef.h>

#define ROLE(constant, name) ROLE_NUMBER_##constant,
enum role_number {
#include "thidua/role.def"
    ROLE_COUNT
};
#undef ROLE

#define ROLE(constant, name) ROLE_##constant = 1 << ROLE_NUMBER_##constant,
enum role {
#include "thidua/role.def"
    ROLES_ALL = (1 << ROLE_COUNT) - 1
};
#undef ROLE

// The names in the order of their bits, ended by NULL.
extern const char *const role_names[];
// NULL if `role` is not exactly one bit of those.
const char *role_name(unsigned role);
// The bit of that name, 0 if there is none.
unsigned role_of_name(const char *name, size_t length);
// The bits of names with blanks between.
unsigned roles_of_names(const char *list);

#endif
