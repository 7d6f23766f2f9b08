// Who may act. The names are the keys that callers see (domain.md §1); a caller holds a set of them.
#ifndef THIDUA_ROLES_H
#define THIDUA_ROLES_H

#include <stdbool.h>
#include <stddef.h>

enum role {
    ROLE_VIEWER = 1 << 0,             // portals and dashboards: what is published
    ROLE_UNIT = 1 << 1,               // a nominating agency, on its own subtree
    ROLE_HOME_AFFAIRS = 1 << 2,       // Sở Nội vụ
    ROLE_INITIATIVE_COUNCIL = 1 << 3, // Hội đồng Sáng kiến cấp tỉnh
    ROLE_CHAIR_OFFICE = 1 << 4,       // Chủ tịch UBND tỉnh
    ROLE_AUDITOR = 1 << 5,            // reads everything, writes nothing
    ROLE_ADMIN = 1 << 6,              // the operator
    ROLES_ALL = (1 << 7) - 1,
};

// NULL when `role` is not exactly one role.
const char *role_name(enum role role);
// 0 when the name is unknown.
unsigned role_from_name(const char *name, size_t length);

#endif
