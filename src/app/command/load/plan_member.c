// What each kind of member of a plan has to hold, and how that is said.
#include "app/command/load/plan_member.h"

#include "app/command/load/plan_days.h"
#include "units/units.h"

#include "thidua/bonus.h"
#include "thidua/civil.h"
#include "thidua/decimal.h"

#include <stdio.h>
#include <string.h>

enum { COMPONENTS_MOST = 20 };

static const char *const type_words[] = {
    [MEMBER_CODE] =
        "1 to 64 letters, digits, dots, hyphens or underscores, the first a letter or digit, as 230-KH-UBND",
    [MEMBER_NAME] = "1 to 64 characters A–Z, a–z, 0–9, dots, hyphens or underscores, the first a letter or digit",
    [MEMBER_TEXT] = "a text",
    [MEMBER_DATE] = "a day as YYYY-MM-DD",
    [MEMBER_MONTH_DAY] = "a day of every year as MM-DD",
    [MEMBER_COUNT] = "a whole number from 0",
    [MEMBER_DAYS_BEFORE] = "a whole number of days, 0 or less, in one of `calendar_days` and `working_days`",
    [MEMBER_YEAR_BEGINS] =
        ("absent, or an object whose `month_day` is a day of any year, and of the year before not its "
         "first: that would be all of it"),
    [MEMBER_YEARS] = "a list of award years inside the window, each once",
    [MEMBER_CONTENTS] = "a list of contents, each with a `code` of its own of at most 16 bytes",
    [MEMBER_GROUPS] = ("a list of groups, each with a `code` of its own (A–Z, 0–9, _) and lists of kinds of units: "
                       "`unit_kinds`, and `not_under` if any"),
    [MEMBER_GROUP_CODES] = "a list of codes of the plan's groups",
    [MEMBER_CLAUSES] =
        ("an object that prints I.1.c, II.1–3, III.1–3, III.4.a–b, III.5, V.1 and V.3 as this plan does; or "
         "absent, where it prints them as plan 230 does: the clause of /cut_offs/dossier is III.4.a there"),
    [MEMBER_COMPONENTS] = ("a list of documents, each with a `code` of its own (A–Z, 0–9, _; other than EVIDENCE), "
                           "`of` (DOSSIER or NOMINEE), "
                           "`clause`, `vi`, `en`; of a NOMINEE `confirmed`"),
    [MEMBER_COMPONENT_NAMES] = "an object whose names are codes of `dossier_components`, or absent",
    [MEMBER_COUNCIL] = "an object of `threshold` and `quorum`: {p, q, `clause`} with 1 ≤ p ≤ q ≤ 1000; or absent",
    [MEMBER_DATED] = "a list in order of time, each with `valid_from` and, but for the last, `valid_to`; or absent",
    [MEMBER_COEFFICIENTS] = ("a list in order of time, each with `valid_from`, `valid_to` unless it is the last, and a "
                             "`coefficient` as \"1.50\", above 0 and at most 1000; or absent"),
    [MEMBER_SALARIES] =
        ("a list in order of time, each with `valid_from`, `valid_to` unless it is the last, and `vnd`, "
         "a whole number above 0; or absent"),
    [MEMBER_STEP] = "10000, to which a bonus is rounded up; or absent",
    [MEMBER_LIST] = "a list, or absent",
    [MEMBER_OBJECT] = "an object",
};

const char *member_wanted(enum member_type type)
{
    return type_words[type];
}

// As the table of campaigns has it: it stands in paths, where ".." would lead out.
static bool is_plan_code(const char *code)
{
    size_t count = 0;
    for (const char *at = code; at && *at; count++) {
        size_t length = strncmp(at, "Đ", 2) == 0 || strncmp(at, "đ", 2) == 0 ? 2 : 1;
        if (length == 1 && !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", *at))
            return false;
        at += length;
    }
    return count >= 1 && count <= 64 && !strchr("._-", *code);
}

static bool is_set_name(const char *name)
{
    return is_plan_code(name) && !strstr(name, "Đ") && !strstr(name, "đ");
}

bool has_code(const json_t *list, const char *code, size_t among)
{
    for (size_t i = 0; i < among; i++) {
        const char *other = json_string_value(json_object_get(json_array_get(list, i), "code"));
        if (other && strcmp(other, code) == 0)
            return true;
    }
    return false;
}

static bool is_content(const json_t *contents, size_t i)
{
    const char *code = json_string_value(json_object_get(json_array_get(contents, i), "code"));
    return code && *code && strlen(code) <= 16 && !has_code(contents, code, i);
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
    return json_is_array(kinds);
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

static bool is_group(const json_t *groups, size_t i)
{
    const json_t *group = json_array_get(groups, i), *kinds = json_object_get(group, "unit_kinds"),
                 *not_under = json_object_get(group, "not_under");
    const char *code = json_string_value(json_object_get(group, "code"));
    return is_code(code) && !has_code(groups, code, i) && json_array_size(kinds) > 0 && are_kinds(kinds) &&
           (!not_under || are_kinds(not_under)) && is_switch(json_object_get(group, "must_advise"));
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

// How this plan prints them. One that leaves them out prints them as plan 230 does, and so the clause of its deadline:
// else a refusal would name a clause that the plan does not have.
static bool are_clauses(const json_t *clauses, const json_t *plan)
{
    const json_t *own = json_object_get(json_object_get(json_object_get(plan, "cut_offs"), "dossier"), "clause");
    if (!clauses)
        return !own || (json_is_string(own) && strcmp(json_string_value(own), "III.4.a") == 0);
    for (size_t i = 0; i < sizeof clause_names / sizeof *clause_names; i++)
        if (!prints(clauses, clause_names[i]))
            return false;
    const char *name;
    json_t *printed;
    json_object_foreach((json_t *)(uintptr_t)clauses, name, printed)
    {
        if (json_string_length(printed) == 0)
            return false;
    }
    return json_is_object(clauses);
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

static bool is_component(const json_t *components, size_t i)
{
    const json_t *component = json_array_get(components, i);
    const char *code = json_string_value(json_object_get(component, "code"));
    const char *of = json_string_value(json_object_get(component, "of"));
    return is_code(code) && !strchr("0123456789_", code[0]) && strcmp(code, "EVIDENCE") != 0 &&
           !has_code(components, code, i) && of && (strcmp(of, "DOSSIER") == 0 || strcmp(of, "NOMINEE") == 0) &&
           is_switch(json_object_get(component, "restricted")) && is_confirmation(component, of) &&
           has_texts(component, (const char *const[]){"clause", "vi", "en", NULL});
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

size_t member_first_wrong(const json_t *value, enum member_type type)
{
    bool (*is_item)(const json_t *list, size_t i) = type == MEMBER_CONTENTS     ? is_content
                                                    : type == MEMBER_GROUPS     ? is_group
                                                    : type == MEMBER_COMPONENTS ? is_component
                                                                                : NULL;
    for (size_t i = 0; is_item && i < json_array_size(value); i++)
        if (!is_item(value, i))
            return i;
    return SIZE_MAX;
}

static bool are_items(const json_t *value, enum member_type type, size_t most)
{
    return json_array_size(value) > 0 && json_array_size(value) <= most && member_first_wrong(value, type) == SIZE_MAX;
}

// Days of one kind, and not of both.
static bool are_days_before(const json_t *value, const json_t *plan)
{
    const json_t *cut_off = json_object_get(json_object_get(plan, "cut_offs"), "proposal");
    bool both = json_object_get(cut_off, "calendar_days") && json_object_get(cut_off, "working_days");
    if (!value)
        return json_object_get(cut_off, "calendar_days") || json_object_get(cut_off, "working_days");
    return !both && json_is_integer(value) && json_integer_value(value) <= 0 &&
           json_integer_value(value) >= -WORKING_DAYS_LIMIT;
}

bool member_is_sound(const json_t *value, enum member_type type, const json_t *plan)
{
    switch (type) {
    case MEMBER_NAME:
        return is_set_name(json_string_value(value));
    case MEMBER_CODE:
        return is_plan_code(json_string_value(value));
    case MEMBER_TEXT:
        return json_string_length(value) > 0;
    case MEMBER_DATE:
        return is_date(json_string_value(value));
    case MEMBER_MONTH_DAY:
        return is_month_day(json_string_value(value));
    case MEMBER_COUNT:
        return json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= INT32_MAX;
    case MEMBER_DAYS_BEFORE:
        return are_days_before(value, plan);
    case MEMBER_YEAR_BEGINS:
        return is_year_begins(value, plan);
    case MEMBER_YEARS:
        return award_years_are_sound(value, plan);
    case MEMBER_CONTENTS:
    case MEMBER_GROUPS:
        return are_items(value, type, SIZE_MAX);
    case MEMBER_GROUP_CODES:
        return are_group_codes(value, plan);
    case MEMBER_CLAUSES:
        return are_clauses(value, plan);
    case MEMBER_COMPONENTS:
        return are_items(value, type, COMPONENTS_MOST);
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
    case MEMBER_LIST:
        return !value || json_is_array(value);
    case MEMBER_OBJECT:
    default:
        return json_is_object(value);
    }
}
