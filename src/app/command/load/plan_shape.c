// Which members of a plan the service reads, and where they stand.
#include "app/command/load/plan_shape.h"

#include "app/command/load/plan_member.h"

#include <stdio.h>
#include <string.h>

enum { PATH_DEPTH_MAX = 3 };

// What the service itself reads from a plan; everything else in the file is only kept and shown.
static const struct member {
    const char *path[PATH_DEPTH_MAX];
    enum member_type type;
} members[] = {
    {{"code"}, MEMBER_CODE},
    {{"printed_number"}, MEMBER_TEXT},
    {{"issuer"}, MEMBER_TEXT},
    {{"issued_on"}, MEMBER_DATE},
    {{"title"}, MEMBER_OBJECT},
    {{"window", "from"}, MEMBER_DATE},
    {{"window", "to"}, MEMBER_DATE},
    {{"year_begins"}, MEMBER_YEAR_BEGINS},
    {{"award_years"}, MEMBER_YEARS},
    {{"cap"}, MEMBER_COUNT},
    {{"nominees"}, MEMBER_LIST},
    {{"groups"}, MEMBER_GROUPS},
    {{"clauses"}, MEMBER_CLAUSES},
    {{"dossier_components"}, MEMBER_COMPONENTS},
    {{"council"}, MEMBER_COUNCIL},
    {{"papers"}, MEMBER_DATED},
    {{"law", "governing"}, MEMBER_DATED},
    {{"law", "authorities"}, MEMBER_DATED},
    {{"law", "bonus", "coefficients"}, MEMBER_COEFFICIENTS},
    {{"law", "bonus", "base_salaries"}, MEMBER_SALARIES},
    {{"law", "bonus", "step_vnd"}, MEMBER_STEP},
    {{"contents"}, MEMBER_CONTENTS},
    {{"cut_offs", "dossier", "month_day"}, MEMBER_MONTH_DAY},
    {{"cut_offs", "yearly_report", "month_day"}, MEMBER_MONTH_DAY},
    {{"cut_offs", "yearly_report", "owed_by"}, MEMBER_GROUP_CODES},
    {{"cut_offs", "proposal", "calendar_days"}, MEMBER_DAYS_BEFORE},
    {{"cut_offs", "proposal", "working_days"}, MEMBER_DAYS_BEFORE},
    {{"criteria_set", "name"}, MEMBER_NAME},
    {{"criteria_set", "version"}, MEMBER_COUNT},
    {{"criteria_set", "valid_from"}, MEMBER_DATE},
    {{"criteria_set", "documents"}, MEMBER_COMPONENT_NAMES},
};

enum { CHOICES_MAX = 2 };

// Members that may be left out; where a plan has them, it means one of the things that the service can do. Another
// would be overlooked in silence.
static const struct choice {
    const char *path[PATH_DEPTH_MAX], *allowed[CHOICES_MAX];
} choices[] = {
    {{"year_begins", "of"}, {"award_year", "previous_year"}},
    {{"cut_offs", "dossier", "rule"}, {"before", "not_after"}},
    {{"cut_offs", "dossier", "of"}, {"award_year", "following_year"}},
    {{"cut_offs", "dossier", "time_zone"}, {"Asia/Ho_Chi_Minh"}},
    {{"cut_offs", "yearly_report", "rule"}, {"before", "not_after"}},
    {{"cut_offs", "yearly_report", "of"}, {"award_year", "following_year"}},
    {{"cut_offs", "yearly_report", "time_zone"}, {"Asia/Ho_Chi_Minh"}},
    {{"cut_offs", "proposal", "rule"}, {"not_after"}},
    {{"cut_offs", "proposal", "base"}, {"conference_date"}},
    {{"cut_offs", "proposal", "time_zone"}, {"Asia/Ho_Chi_Minh"}},
};

enum { NAME_SIZE = 120 };

// The value at the path, and the path as a JSON pointer.
static const json_t *member_at(const json_t *plan, const char *const path[static PATH_DEPTH_MAX],
                               char name[static NAME_SIZE])
{
    const json_t *value = plan;
    size_t used = 0;
    name[0] = '\0';
    for (size_t depth = 0; depth < PATH_DEPTH_MAX && path[depth]; depth++) {
        value = json_object_get(value, path[depth]);
        used += (size_t)snprintf(name + used, NAME_SIZE - used, "/%s", path[depth]);
    }
    return value;
}

static bool choice_is_allowed(const json_t *value, const struct choice *choice)
{
    const char *text = json_string_value(value);
    for (size_t i = 0; i < CHOICES_MAX && choice->allowed[i]; i++)
        if (text && strcmp(text, choice->allowed[i]) == 0)
            return true;
    return !value;
}

bool plan_has_shape(const char *file, const json_t *plan)
{
    bool good = true;
    char name[NAME_SIZE];
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const json_t *value = member_at(plan, members[i].path, name);
        if (member_is_sound(value, members[i].type, plan))
            continue;
        size_t wrong = member_first_wrong(value, members[i].type);
        fprintf(stderr, "thidua load: %s: %s must be %s", file, name, member_wanted(members[i].type));
        if (wrong != SIZE_MAX)
            fprintf(stderr, "; look at %s/%zu", name, wrong);
        fputs("\n", stderr);
        good = false;
    }
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        const char *second = choices[i].allowed[1];
        if (choice_is_allowed(member_at(plan, choices[i].path, name), &choices[i]))
            continue;
        fprintf(stderr, "thidua load: %s: %s must be \"%s\"%s%s%s, or absent\n", file, name, choices[i].allowed[0],
                second ? " or \"" : "", second ? second : "", second ? "\"" : "");
        good = false;
    }
    return good;
}

bool plan_fits_standings(const char *file, const json_t *plan, const struct standing_policy *policy)
{
    const json_t *groups = json_object_get(plan, "groups");
    bool good = !policy || json_integer_value(json_object_get(plan, "cap")) <= policy->cap;
    if (!good)
        fprintf(stderr, "thidua load: %s: /criteria_set/standings/cap: less than the plan's cap\n", file);
    for (size_t i = 0; policy && i < json_array_size(groups); i++) {
        const char *code = json_string_value(json_object_get(json_array_get(groups, i), "code"));
        size_t k = 0;
        if (!code)
            continue; // its shape is told already
        while (k < policy->group_count && strcmp(policy->groups[k].name, code) != 0)
            k++;
        if (k == policy->group_count) {
            fprintf(stderr, "thidua load: %s: /criteria_set/standings/groups: %s is missing\n", file, code);
            good = false;
        }
    }
    for (size_t i = 0; policy && i < policy->group_count; i++) {
        // A warning: a rule set may serve several plans, and one of them may have fewer groups.
        if (!has_code(groups, policy->groups[i].name, json_array_size(groups)))
            fprintf(stderr, "thidua load: %s: /criteria_set/standings/groups/%s: %s / %s\n", file,
                    policy->groups[i].name, "cảnh báo: kế hoạch không có nhóm nào mang mã này",
                    "warning: no group of the plan has this code");
    }
    return good;
}
