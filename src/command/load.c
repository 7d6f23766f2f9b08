// `thidua load FILE`: a campaign as data into the database, with its criteria set and rounds; or public holidays.
// Loading it again changes nothing.
#include "command/load.h"
#include "criteria/rule_set_json.h"
#include "database/session.h"
#include "statements.h"
#include "units/units.h"

#include "thidua/arena.h"
#include "thidua/civil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_DEPTH_MAX = 3 };

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
    {{"contents"}, MEMBER_CONTENTS},
    {{"cut_offs", "dossier", "month_day"}, MEMBER_MONTH_DAY},
    {{"cut_offs", "yearly_report", "month_day"}, MEMBER_MONTH_DAY},
    {{"cut_offs", "yearly_report", "owed_by"}, MEMBER_GROUP_CODES},
    {{"cut_offs", "proposal", "calendar_days"}, MEMBER_DAYS_BEFORE},
    {{"criteria_set", "name"}, MEMBER_TEXT},
    {{"criteria_set", "version"}, MEMBER_COUNT},
    {{"criteria_set", "valid_from"}, MEMBER_DATE},
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
    [MEMBER_CLAUSES] = "an object of texts, or absent",
    [MEMBER_OBJECT] = "an object",
};

static bool is_date(const char *text)
{
    int32_t date;
    return text && date_parse(text, strlen(text), &date);
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
static bool are_years(const json_t *years, const json_t *plan)
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

static bool has_group(const json_t *groups, const char *code, size_t among)
{
    for (size_t i = 0; i < among; i++) {
        const char *other = json_string_value(json_object_get(json_array_get(groups, i), "code"));
        if (other && strcmp(other, code) == 0)
            return true;
    }
    return false;
}

static bool is_switch(const json_t *value)
{
    return !value || json_is_boolean(value);
}

static bool are_groups(const json_t *groups)
{
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const json_t *group = json_array_get(groups, i), *kinds = json_object_get(group, "unit_kinds");
        const char *code = json_string_value(json_object_get(group, "code"));
        size_t length = code ? strlen(code) : 0;
        if (length < 1 || length > 40 || strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != length ||
            has_group(groups, code, i) || json_array_size(kinds) == 0 || !are_kinds(kinds) ||
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
        if (!json_is_string(code) || !has_group(groups, json_string_value(code), json_array_size(groups)))
            return false;
    }
    return json_is_array(codes);
}

// How this plan prints what plan 230 has under another number; a plan may leave them out.
static bool are_clauses(const json_t *clauses)
{
    const char *name;
    json_t *printed;
    json_object_foreach((json_t *)(uintptr_t)clauses, name, printed)
    {
        if (!json_is_string(printed))
            return false;
    }
    return !clauses || json_is_object(clauses);
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
        return are_years(value, plan);
    case MEMBER_CONTENTS:
        return are_contents(value);
    case MEMBER_GROUPS:
        return are_groups(value);
    case MEMBER_GROUP_CODES:
        return are_group_codes(value, plan);
    case MEMBER_CLAUSES:
        return are_clauses(value);
    case MEMBER_OBJECT:
    default:
        return json_is_object(value);
    }
}

static bool has_members(const char *file, const json_t *plan)
{
    bool good = true;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const json_t *value = plan;
        char name[120] = "";
        size_t used = 0;
        for (size_t depth = 0; depth < PATH_DEPTH_MAX && members[i].path[depth]; depth++) {
            value = json_object_get(value, members[i].path[depth]);
            used += (size_t)snprintf(name + used, sizeof name - used, "/%s", members[i].path[depth]);
        }
        if (is_of_type(value, members[i].type, plan))
            continue;
        fprintf(stderr, "thidua load: %s: %s must be %s\n", file, name, type_words[members[i].type]);
        good = false;
    }
    return good;
}

// What a publishing gate found wrong with the criteria set, each fault by its place in the file.
static void print_faults(const char *file, const struct rule_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        fprintf(stderr, "thidua load: %s: /criteria_set%s: %s\n", file, faults->items[i].pointer,
                faults->items[i].detail.en);
    if (faults->total > faults->count)
        fprintf(stderr, "thidua load: %s: and %zu more\n", file, faults->total - faults->count);
}

// A contestant whose group the standings do not know would be in none of them, and a place beyond their cap nobody's.
static bool ranks_every_group(const char *file, const json_t *plan, const struct standing_policy *policy)
{
    const json_t *groups = json_object_get(plan, "groups");
    bool good = !policy || json_integer_value(json_object_get(plan, "cap")) <= policy->cap;
    if (!good)
        fprintf(stderr, "thidua load: %s: /criteria_set/standings/cap: less than the plan's cap\n", file);
    for (size_t i = 0; policy && i < json_array_size(groups); i++) {
        const char *code = json_string_value(json_object_get(json_array_get(groups, i), "code"));
        size_t k = 0;
        while (k < policy->group_count && strcmp(policy->groups[k].name, code) != 0)
            k++;
        if (k == policy->group_count) {
            fprintf(stderr, "thidua load: %s: /criteria_set/standings/groups: %s is missing\n", file, code);
            good = false;
        }
    }
    return good;
}

// A criteria set is published by being loaded, so it must be sound and give what its own cases expect. `hash` is that
// of its canonical form, by which verdicts name it.
static bool pass_gate(const char *file, const json_t *plan, char hash[static SHA256_HEX_LENGTH + 1])
{
    const json_t *criteria = json_object_get(plan, "criteria_set");
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    bool good = rule_set_from_json(&arena, criteria, &faults, &document) &&
                criteria_gate(document.rules, document.cases, document.case_count, &faults);
    if (good)
        memcpy(hash, document.hash, sizeof document.hash);
    else
        print_faults(file, &faults);
    good = good && ranks_every_group(file, plan, document.standings);
    arena_release(&arena);
    return good;
}

static bool note(struct session *session, const char *code, const char *change, const char *before)
{
    struct failure failure;
    char type[40], resource[160];
    struct rows *after = session_run(session, &campaign_get, (const char *const[]){code}, &failure);
    snprintf(type, sizeof type, "campaign.%s", change);
    snprintf(resource, sizeof resource, "/v1/campaigns/%s", code);
    const char *values[] = {
        NULL, "thidua load", "admin", NULL,    "command", type,   resource,
        code, NULL,          NULL,    "false", NULL,      before, after ? rows_text(after, 0, 0) : NULL};
    struct rows *entry = after ? session_run(session, &journal_append, values, &failure) : NULL;
    rows_free(after);
    rows_free(entry);
    return entry != NULL;
}

static bool put(struct session *session, const char *code, const char *plan, const char *hash)
{
    struct failure failure = {0};
    bool done = session_script(session, "BEGIN", &failure);
    struct rows *rows =
        done ? session_run(session, &campaign_load_plan, (const char *const[]){plan, hash}, &failure) : NULL;
    const char *change = rows ? rows_text(rows, 0, 0) : NULL;
    done = change && (strcmp(change, "unchanged") == 0 || note(session, code, change, rows_text(rows, 0, 2))) &&
           session_script(session, "COMMIT", &failure);
    if (done)
        printf("%s: %s\n", code, change);
    else if (strcmp(failure.constraint, "criteria_sets_published") == 0)
        fprintf(stderr, "thidua load: %s: its criteria set is published and never changes: give it a new version\n",
                code);
    else
        fprintf(stderr, "thidua load: %s: refused (%s): %s", code, failure.constraint, session_message(session));
    rows_free(rows);
    return done;
}

static bool load(const struct place *place, const char *code, const char *plan, const char *hash)
{
    struct session_options options = {.url = place->url, .application_name = "thidua load", .now = place->settings.now};
    struct session *session = session_new(&options);
    bool connected = session && session_connect(session);
    if (!connected)
        fprintf(stderr, "thidua load: %s", session ? session_message(session) : "out of memory\n");
    bool done = connected && put(session, code, plan, hash);
    session_free(session);
    return done;
}

static bool load_plan(const char *file, const json_t *plan)
{
    char hash[SHA256_HEX_LENGTH + 1];
    struct place place;
    if (!has_members(file, plan) || !pass_gate(file, plan, hash) || !place_open(&place))
        return false;
    char *text = json_dumps(plan, JSON_COMPACT);
    bool done = text && load(&place, json_string_value(json_object_get(plan, "code")), text, hash);
    place_close(&place);
    free(text);
    return done;
}

static bool load_days(const char *file, const json_t *holidays)
{
    struct place place;
    if (!place_open(&place))
        return false;
    bool done = load_holidays(&place, file, holidays);
    place_close(&place);
    return done;
}

static bool load_file(const char *file)
{
    json_error_t error;
    json_t *json = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fprintf(stderr, "thidua load: %s, line %d: %s\n", file, error.line, error.text);
    const json_t *holidays = json_object_get(json, "public_holidays");
    bool done = json && (holidays ? load_days(file, holidays) : load_plan(file, json));
    json_decref(json);
    return done;
}

int command_load(int count, char *arguments[])
{
    if (count < 1) {
        fprintf(stderr, "thidua load: which file?\nUsage: thidua load FILE …\n");
        return 2;
    }
    for (int i = 0; i < count; i++)
        if (!load_file(arguments[i]))
            return 1;
    return 0;
}
