#include "http/input/body.h"
#include "http/input/cursor.h"
#include "http/request.h"
#include "http/route.h"

#include <string.h>

static const struct query_field *field_named(const struct query_field *fields, const char *name)
{
    for (; fields && fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return fields;
    return NULL;
}

static const char *add_names(struct request *request, const char *text, const struct query_field *fields)
{
    for (; fields && fields->name; fields++)
        text = arena_format(&request->arena, "%s%s\"%s\"", text, *text ? ", " : "", fields->name);
    return text;
}

// What a route takes: its own, and what it has in common with others of its kind.
struct known {
    const struct query_field *own, *common;
};

static void check_parameter(struct request *request, const struct known *known, size_t index)
{
    struct pair *parameter = &request->query[index];
    const struct query_field *field = field_named(known->own, parameter->name);
    if (!field)
        field = field_named(known->common, parameter->name);
    if (!field) {
        const char *names = add_names(request, add_names(request, "", known->own), known->common);
        violate(request, PROBLEM_INVALID_QUERY, parameter->name, "unknown",
                say(request, "Không có tham số này. Các tham số dùng được: %s.", "No such parameter. Known ones: %s.",
                    *names ? names : "–"));
        return;
    }
    for (size_t i = 0; i < index; i++)
        if (strcmp(request->query[i].name, parameter->name) == 0)
            violate(request, PROBLEM_INVALID_QUERY, parameter->name, "repeated",
                    say(request, "Tham số xuất hiện hai lần.", "The parameter appears twice."));
    const struct field as_field = {.name = field->name,
                                   .type = field->type,
                                   .required = true,
                                   .least = field->least,
                                   .most = field->most,
                                   .choices = field->choices,
                                   .names_resource = field->names_resource};
    parameter->value = check_text(request, &as_field, parameter->value, strlen(parameter->value), parameter->name,
                                  PROBLEM_INVALID_QUERY);
}

static void add_fallbacks(struct request *request, const struct query_field *fields)
{
    for (const struct query_field *field = fields; field && field->name; field++)
        if (field->fallback && !query_value(request, field->name) && request->query_count < QUERY_PARAMETERS_MAX)
            request->query[request->query_count++] = (struct pair){field->name, field->fallback};
}

// ---- columns ----

static bool names_column(const char *asked, size_t length, const char *name)
{
    return strncmp(name, asked, length) == 0 && (!name[length] || name[length] == '.');
}

static const char *column_names(struct request *request)
{
    const char *text = "";
    for (const struct column *column = request->route->columns; column->member; column++)
        text = arena_format(&request->arena, "%s%s\"%s\"", text, *text ? ", " : "", column_name(request, column));
    return text;
}

static bool is_chosen(const struct column *const *chosen, size_t count, const struct column *column)
{
    while (count--)
        if (chosen[count] == column)
            return true;
    return false;
}

// Adds the columns that one name stands for: "report" for report.due and report.status, or for one alone.
static size_t add_columns(struct request *request, const char *asked, const struct column **chosen, size_t count)
{
    int length = (int)strcspn(asked, ",");
    bool known = false, repeated = false;
    for (const struct column *column = request->route->columns; column->member; column++) {
        if (!names_column(asked, (size_t)length, column_name(request, column)))
            continue;
        known = true;
        if (is_chosen(chosen, count, column))
            repeated = true;
        else
            chosen[count++] = column;
    }
    if (!known)
        violate(request, PROBLEM_INVALID_QUERY, "columns", "unknown",
                say(request, "Không có cột \"%.*s\". Các cột: %s.", "There is no column \"%.*s\". The columns are: %s.",
                    length, asked, column_names(request)));
    if (repeated)
        violate(request, PROBLEM_INVALID_QUERY, "columns", "repeated",
                say(request, "Cột \"%.*s\" được nêu hai lần.", "The column \"%.*s\" is named twice.", length, asked));
    return count;
}

static const struct column **all_columns(struct request *request)
{
    size_t count = 0;
    while (request->route->columns[count].member)
        count++;
    const struct column **all = arena_array(&request->arena, count + 1, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = &request->route->columns[i];
    all[count] = NULL;
    return all;
}

static bool file_is_wanted(const struct request *request)
{
    const char *wanted = route_offer_wanted(request);
    return !wanted || strcmp(wanted, "application/json") != 0;
}

static void choose_columns(struct request *request)
{
    if (!request->route->columns)
        return;
    const char *asked = query_value(request, "columns");
    size_t count = 0;
    if (!file_is_wanted(request)) {
        if (asked) // in JSON it would be left out in silence
            violate(request, PROBLEM_INVALID_QUERY, "columns", "of_files",
                    say(request, "\"columns\" chỉ dùng cho CSV và XLSX; hãy gửi Accept: text/csv.",
                        "\"columns\" is for CSV and XLSX: send Accept: text/csv."));
        return;
    }
    const struct column **chosen = all_columns(request);
    request->columns = chosen;
    if (!asked)
        return;
    for (const char *name = asked; name; name = strchr(name, ',') ? strchr(name, ',') + 1 : NULL)
        count = add_columns(request, name, chosen, count);
    chosen[count] = NULL;
}

bool read_query(struct request *request, const struct query_field *fields)
{
    struct common_query common;
    size_t given = request->query_count;
    route_common_query(request->route, &common);
    const struct known known = {fields, common.fields};
    for (size_t i = 0; i < given; i++)
        check_parameter(request, &known, i);
    add_fallbacks(request, fields);
    add_fallbacks(request, common.fields);
    choose_columns(request);
    const char *asked = route_writes(request->route) ? query_value(request, "dry_run") : NULL;
    request->dry_run = request->route->trial || (asked && strcmp(asked, "true") == 0);
    return request->problem.kind == PROBLEM_NONE && cursor_open(request);
}
