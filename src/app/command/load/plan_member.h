// The kinds of members that a plan has, each with a judge of its value.
#ifndef THIDUA_APP_COMMAND_LOAD_PLAN_MEMBER_H
#define THIDUA_APP_COMMAND_LOAD_PLAN_MEMBER_H

#include <jansson.h>
#include <stdbool.h>

enum member_type {
    MEMBER_CODE,
    MEMBER_NAME, // of a criteria set
    MEMBER_TEXT,
    MEMBER_DATE,
    MEMBER_MONTH_DAY,
    MEMBER_COUNT,
    MEMBER_DAYS_BEFORE,
    MEMBER_YEARS,
    MEMBER_YEAR_BEGINS,
    MEMBER_CONTENTS,
    MEMBER_GROUPS,
    MEMBER_GROUP_CODES,
    MEMBER_CLAUSES,
    MEMBER_COMPONENTS,
    MEMBER_COMPONENT_NAMES,
    MEMBER_COUNCIL,
    MEMBER_DATED,
    MEMBER_COEFFICIENTS,
    MEMBER_SALARIES,
    MEMBER_STEP,
    MEMBER_LIST,
    MEMBER_OBJECT
};

// `value` is NULL where the plan does not have the member: only some kinds may be absent. `plan` is the whole, for a
// value that has to agree with another one.
bool member_is_sound(const json_t *value, enum member_type type, const json_t *plan);
// The first item of a list that is not as it must be; SIZE_MAX: the list itself is not, or what fails concerns no item.
size_t member_first_wrong(const json_t *value, enum member_type type);
// What it must be: "a text". For a message.
const char *member_wanted(enum member_type type);
// Is it the `code` of one of the first `among` of the list?
bool has_code(const json_t *list, const char *code, size_t among);

#endif
