// The roles of the domain as bits, so that a table can name several at once.
#ifndef THIDUA_ROLES_H
#define THIDUA_ROLES_H

#include <stddef.h>

enum role {
    ROLE_VIEWER = 1 << 0,             // press, portals, dashboards: what is published
    ROLE_UNIT = 1 << 1,               // a nominating agency, inside its own subtree
    ROLE_HOME_AFFAIRS = 1 << 2,       // Sở Nội vụ, standing agency for administrative reform (V.2)
    ROLE_INITIATIVE_COUNCIL = 1 << 3, // Hội đồng Sáng kiến cấp tỉnh (III.1.c)
    ROLE_CHAIR_OFFICE = 1 << 4,       // office of the Chair of the provincial People's Committee (III.2.a)
    ROLE_AUDITOR = 1 << 5,            // reads everything, writes nothing
    ROLE_ADMIN = 1 << 6,              // the operator: keys, units, criteria sets
};

enum { ROLE_COUNT = 7, ROLES_ALL = (1 << ROLE_COUNT) - 1 };

// `viewer`, `unit`, `home_affairs`, `initiative_council`, `chair_office`, `auditor`, `admin`; NULL if `role` is not
// exactly one bit of those.
const char *role_name(unsigned role);
// The bit of that name, 0 if there is none.
unsigned role_of_name(const char *name, size_t length);
// The bits of names with blanks between.
unsigned roles_of_names(const char *list);

#endif
