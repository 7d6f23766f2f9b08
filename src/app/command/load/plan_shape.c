#include "app/command/load/plan_shape.h"

#include "units/units.h"

#include "thidua/bonus.h"
#include "thidua/civil.h"
#include "thidua/decimal.h"
#include "thidua/plain_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_DEPTH_MAX = 3, COMPONENTS_MOST = 20 };

enum member_type {
    MEMBER_TEXT,
    MEMBER_DATE,
    MEMBER_MONTH_DAY,
    MEMBER_COUNT,
    MEMBER_DAYS_BEFORE,
    MEMBER_YEARS,
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
    MEMBER_OBJECT
};

// What the service itself reads from a plan; everything else in the file is only kept and shown.
static const struct member {
    const char *path[PATH_DEPTH_MAX];
    enum member_type type;
} members[] = {
    {{"code"}, MEMBER_TEXT},
    {{"printed_number"}, MEMBER_TEXT},
    {{"issued_on"}, MEMBER_DATE},
    {{"title"}, MEMBER_OBJECT},
    {{"window", "from"}, MEMBER_DATE},
    {{"window", "to"}, MEMBER_DATE},
    {{"award_years"}, MEMBER_YEARS},
    {{"cap"}, MEMBER_COUNT},
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
    {{"criteria_set", "name"}, MEMBER_TEXT},
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

static const char *const type_words[] = {
    [MEMBER_TEXT] = "a text",
    [MEMBER_DATE] = "a day as YYYY-MM-DD",
    [MEMBER_MONTH_DAY] = "a day of every year as MM-DD",
    [MEMBER_COUNT] = "a whole number from 0",
    [MEMBER_DAYS_BEFORE] = "a whole number of days, 0 or less",
    [MEMBER_YEARS] = "a list of award years inside the window",
    [MEMBER_CONTENTS] = "a list of contents, each with a `code` of its own",
    [MEMBER_GROUPS] = "a list of groups, each with a `code` of its own (A–Z, 0–9, _) and `unit_kinds`, kinds of units",
    [MEMBER_GROUP_CODES] = "a list of codes of the plan's groups",
    [MEMBER_CLAUSES] = "an object that prints I.1.c, II.1–3, III.1–3, III.4.a–b, III.5, V.1 and V.3, or absent",
    [MEMBER_COMPONENTS] =
        "a list of documents, each with a `code` of its own, `of`, `clause`, `vi`, `en`; of a NOMINEE `confirmed`",
    [MEMBER_COMPONENT_NAMES] = "an object whose names are codes of `dossier_components`, or absent",
    [MEMBER_COUNCIL] = "an object of `threshold` and `quorum`: {p, q, `clause`} with 1 ≤ p ≤ q ≤ 1000; or absent",
    [MEMBER_DATED] = "a list in order of time, each with `valid_from` and, but for the last, `valid_to`; or absent",
    [MEMBER_COEFFICIENTS] = ("a list in order of time, each with `valid_from`, `valid_to` unless it is the last, and a "
                             "`coefficient` as \"1.50\", above 0 and at most 1000; or absent"),
    [MEMBER_SALARIES] =
        ("a list in order of time, each with `valid_from`, `valid_to` unless it is the last, and `vnd`, "
         "a whole number above 0; or absent"),
    [MEMBER_STEP] = "10000, to which a bonus is rounded up; or absent",
    [MEMBER_OBJECT] = "an object",
};

static bool is_date(const char *text)
{
    int32_t date;
    return text && date_parse(text, strlen(text), &date) && date_is_kept(date);
}

static bool is_month_day(const char *text)
{
    char date[DATE_TEXT_SIZE];
    if (!text || strlen(text) != 5)
        return false;
    snprintf(date, sizeof date, "2023-%s", text); // no leap year: the day must exist in every year
    return is_date(date);
}

// II.3: a year that the window does not touch is no award year.
static bool award_years_are_sound(const json_t *years, const json_t *plan)
{
    const char *from = json_string_value(json_object_get(json_object_get(plan, "window"), "from"));
    const char *to = json_string_value(json_object_get(json_object_get(plan, "window"), "to"));
    size_t index;
    json_t *year;
    json_array_foreach((json_t *)(uintptr_t)years, index, year)
    {
        json_int_t number = json_integer_value(year);
        if (!is_date(from) || !is_date(to) || number < strtol(from, NULL, 10) || number > strtol(to, NULL, 10))
            return false;
    }
    return json_array_size(years) > 0;
}

static bool are_contents(const json_t *contents)
{
    size_t count = json_array_size(contents);
    for (size_t i = 0; i < count; i++) {
        const char *code = json_string_value(json_object_get(json_array_get(contents, i), "code"));
        for (size_t j = 0; code && j < i; j++)
            if (strcmp(code, json_string_value(json_object_get(json_array_get(contents, j), "code"))) == 0)
                code = NULL;
        if (!code || !*code || strlen(code) > 16)
            return false;
    }
    return count > 0;
}

static bool are_kinds(const json_t *kinds)
{
    size_t i;
    json_t *kind;
    json_array_foreach((json_t *)(uintptr_t)kinds, i, kind)
    {
        size_t k = 0;
        while (unit_kinds[k] && json_is_string(kind) && strcmp(unit_kinds[k], json_string_value(kind)) != 0)
            k++;
        if (!json_is_string(kind) || !unit_kinds[k])
            return false;
    }
    return true;
}

// Is it the code of one of the first `among` of the list?
static bool has_code(const json_t *list, const char *code, size_t among)
{
    for (size_t i = 0; i < among; i++) {
        const char *other = json_string_value(json_object_get(json_array_get(list, i), "code"));
        if (other && strcmp(other, code) == 0)
            return true;
    }
    return false;
}

static bool is_switch(const json_t *value)
{
    return !value || json_is_boolean(value);
}

static bool is_code(const char *code)
{
    size_t length = code ? strlen(code) : 0;
    return length >= 1 && length <= 40 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == length;
}

static bool are_groups(const json_t *groups)
{
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const json_t *group = json_array_get(groups, i), *kinds = json_object_get(group, "unit_kinds");
        const char *code = json_string_value(json_object_get(group, "code"));
        if (!is_code(code) || has_code(groups, code, i) || json_array_size(kinds) == 0 || !are_kinds(kinds) ||
            !are_kinds(json_object_get(group, "not_under")) || !is_switch(json_object_get(group, "must_advise")))
            return false;
    }
    return json_array_size(groups) > 0;
}

static bool are_group_codes(const json_t *codes, const json_t *plan)
{
    const json_t *groups = json_object_get(plan, "groups");
    size_t i;
    json_t *code;
    json_array_foreach((json_t *)(uintptr_t)codes, i, code)
    {
        if (!json_is_string(code) || !has_code(groups, json_string_value(code), json_array_size(groups)))
            return false;
    }
    return json_is_array(codes);
}

// The clauses of plan 230 that rules of the service are named by.
static const char *const clause_names[] = {"I.1.c",   "II.1",    "II.2",    "II.3",    "III.1", "III.1.a", "III.1.b",
                                           "III.1.c", "III.1.d", "III.2.a", "III.2.b", "III.3", "III.3.a", "III.3.b",
                                           "III.4.a", "III.4.b", "III.5",   "V.1",     "V.3"};

// As clause_printed() looks them up: itself, or the clause that it is part of.
static bool prints(const json_t *clauses, const char *name)
{
    char whole[8];
    const char *part = strrchr(name, '.');
    snprintf(whole, sizeof whole, "%.*s", (int)(part - name), name);
    return json_object_get(clauses, name) || json_object_get(clauses, whole);
}

// How this plan prints them; one that leaves them out prints them as plan 230 does.
static bool are_clauses(const json_t *clauses)
{
    for (size_t i = 0; clauses && i < sizeof clause_names / sizeof *clause_names; i++)
        if (!prints(clauses, clause_names[i]))
            return false;
    const char *name;
    json_t *printed;
    json_object_foreach((json_t *)(uintptr_t)clauses, name, printed)
    {
        if (!json_is_string(printed))
            return false;
    }
    return !clauses || json_is_object(clauses);
}

static bool has_texts(const json_t *object, const char *const names[])
{
    for (size_t i = 0; names[i]; i++)
        if (json_string_length(json_object_get(object, names[i])) == 0)
            return false;
    return true;
}

// A nominating level confirms a nominee's paper, and no other.
static bool is_confirmation(const json_t *component, const char *of)
{
    const json_t *confirmed = json_object_get(component, "confirmed");
    return is_switch(confirmed) && (!json_is_true(confirmed) || strcmp(of, "NOMINEE") == 0);
}

static bool are_components(const json_t *components)
{
    size_t i, count = json_array_size(components);
    json_t *component;
    json_array_foreach((json_t *)(uintptr_t)components, i, component)
    {
        const char *code = json_string_value(json_object_get(component, "code"));
        const char *of = json_string_value(json_object_get(component, "of"));
        if (!is_code(code) || strchr("0123456789_", code[0]) || strcmp(code, "EVIDENCE") == 0 ||
            has_code(components, code, i) || !of || (strcmp(of, "DOSSIER") != 0 && strcmp(of, "NOMINEE") != 0) ||
            !is_switch(json_object_get(component, "restricted")) || !is_confirmation(component, of) ||
            !has_texts(component, (const char *const[]){"clause", "vi", "en", NULL}))
            return false;
    }
    return count > 0 && count <= COMPONENTS_MOST;
}

// What rules ask for must be something that can be handed in.
static bool are_component_names(const json_t *documents, const json_t *plan)
{
    const json_t *components = json_object_get(plan, "dossier_components");
    const char *name;
    json_t *text;
    json_object_foreach((json_t *)(uintptr_t)documents, name, text)
    {
        if (!has_code(components, name, json_array_size(components)))
            return false;
    }
    return !documents || json_is_object(documents);
}

// A share of all members of a council.
static bool is_share(const json_t *share)
{
    json_int_t p = json_integer_value(json_object_get(share, "p")), q = json_integer_value(json_object_get(share, "q"));
    const json_t *clause = json_object_get(share, "clause");
    return p >= 1 && p <= q && q <= 1000 && (!clause || json_string_length(clause) > 0) &&
           json_object_size(share) == (clause ? 3 : 2);
}

// Threshold and quorum are the plan's own. A member that is not known would be overlooked in silence.
static bool is_council(const json_t *council)
{
    const json_t *threshold = json_object_get(council, "threshold"), *quorum = json_object_get(council, "quorum");
    size_t known = (threshold ? 1U : 0U) + (quorum ? 1U : 0U);
    return !council || (json_is_object(council) && known && json_object_size(council) == known &&
                        (!threshold || is_share(threshold)) && (!quorum || is_share(quorum)));
}

// On no day two of them hold.
static bool are_dated(const json_t *list)
{
    const char *ended = "";
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)(uintptr_t)list, i, item)
    {
        const char *from = json_string_value(json_object_get(item, "valid_from"));
        const char *to = json_string_value(json_object_get(item, "valid_to"));
        const json_t *end = json_object_get(item, "valid_to");
        bool open = (!end || json_is_null(end)) && i + 1 == json_array_size(list);
        if (!is_date(from) || strcmp(ended, from) >= 0 || !(open || (is_date(to) && strcmp(from, to) <= 0)))
            return false;
        ended = to ? to : "";
    }
    return !list || json_is_array(list);
}

enum { COEFFICIENT_MOST = 100000 }; // in hundredths
static const json_int_t salary_most = 1000000000000;

// III.5: a multiple of the base salary. A number of JSON would lose what is written, such as 1.50.
static bool is_coefficient(const json_t *row)
{
    const char *text = json_string_value(json_object_get(row, "coefficient"));
    int64_t amount = 0;
    return text && decimal_parse(text, strlen(text), 2, &amount) == DECIMAL_OK && amount > 0 &&
           amount <= COEFFICIENT_MOST;
}

static bool is_salary(const json_t *row)
{
    json_int_t vnd = json_integer_value(json_object_get(row, "vnd"));
    return vnd > 0 && vnd <= salary_most;
}

// Else the first to learn of it would be who signs the decision.
static bool are_amounts(const json_t *list, bool (*is_amount)(const json_t *row))
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!is_amount(json_array_get(list, i)))
            return false;
    return are_dated(list);
}

static bool is_of_type(const json_t *value, enum member_type type, const json_t *plan)
{
    switch (type) {
    case MEMBER_TEXT:
        return json_string_length(value) > 0;
    case MEMBER_DATE:
        return is_date(json_string_value(value));
    case MEMBER_MONTH_DAY:
        return is_month_day(json_string_value(value));
    case MEMBER_COUNT:
        return json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= INT32_MAX;
    case MEMBER_DAYS_BEFORE:
        return json_is_integer(value) && json_integer_value(value) <= 0 && json_integer_value(value) >= -3660;
    case MEMBER_YEARS:
        return award_years_are_sound(value, plan);
    case MEMBER_CONTENTS:
        return are_contents(value);
    case MEMBER_GROUPS:
        return are_groups(value);
    case MEMBER_GROUP_CODES:
        return are_group_codes(value, plan);
    case MEMBER_CLAUSES:
        return are_clauses(value);
    case MEMBER_COMPONENTS:
        return are_components(value);
    case MEMBER_COMPONENT_NAMES:
        return are_component_names(value, plan);
    case MEMBER_COUNCIL:
        return is_council(value);
    case MEMBER_DATED:
        return are_dated(value);
    case MEMBER_COEFFICIENTS:
        return are_amounts(value, is_coefficient);
    case MEMBER_SALARIES:
        return are_amounts(value, is_salary);
    case MEMBER_STEP:
        return !value || (json_is_integer(value) && json_integer_value(value) == BONUS_STEP_VND);
    case MEMBER_OBJECT:
    default:
        return json_is_object(value);
    }
}

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
        if (is_of_type(member_at(plan, members[i].path, name), members[i].type, plan))
            continue;
        fprintf(stderr, "thidua load: %s: %s must be %s\n", file, name, type_words[members[i].type]);
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

// A contestant whose group the standings do not know would be in none of them, and a place beyond their cap nobody's.
static bool has_group(const json_t *groups, const char *code)
{
    size_t i;
    json_t *group;
    json_array_foreach((json_t *)(uintptr_t)groups, i, group)
    {
        const char *own = json_string_value(json_object_get(group, "code"));
        if (own && strcmp(own, code) == 0)
            return true;
    }
    return false;
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
        if (!has_group(groups, policy->groups[i].name))
            fprintf(stderr,
                    "thidua load: %s: warning: /criteria_set/standings/groups/%s: no group of the plan has this code\n",
                    file, policy->groups[i].name);
    }
    return good;
}
