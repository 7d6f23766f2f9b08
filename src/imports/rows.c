// Imports whose things are made one by one: each is read, judged, written and journalled by the code of its single
// write, so that there is one rule in one place.
//
// At first without savepoints, for a file is mostly good and thousands of subtransactions cost every reader of the
// database. Where something is refused nothing will be kept anyway: then once more from the start, each thing in a
// savepoint of its own, to name whatever else is wrong. Where the file itself is at fault, so at once.
#include "database/session.h"
#include "handler/constraints.h"
#include "handler/duty.h"
#include "handler/run.h"
#include "imports/items.h"

#include <stdlib.h>
#include <string.h>

static const struct statement frame = {.name = "import"};

struct problem set_faults_aside(struct request *request)
{
    struct problem faults = request->problem;
    request->problem = (struct problem){0};
    return faults;
}

static unsigned long row_of(const struct violation *fault)
{
    static const char rows[] = "/rows/";
    return strncmp(fault->pointer, rows, sizeof rows - 1) == 0 ? strtoul(fault->pointer + sizeof rows - 1, NULL, 10)
                                                               : 0;
}

// Where no more can be named, a later row gives way to an earlier one.
static bool gives_way(struct problem *problem, const struct violation *fault)
{
    size_t last = 0;
    for (size_t i = 1; i < problem->violations_count; i++)
        if (row_of(&problem->violations[i]) >= row_of(&problem->violations[last]))
            last = i;
    if (row_of(&problem->violations[last]) <= row_of(fault))
        return false;
    problem->violations[last] = *fault;
    return true;
}

bool row_fault(struct request *request, long long row, const char *column, const char *code, const char *words)
{
    struct problem *problem = &request->problem;
    const char *pointer = arena_format(&request->arena, "/rows/%lld%s%s", row, column ? "/" : "", column ? column : "");
    bool full = problem->violations_count == VIOLATIONS_MAX;
    violate(request, PROBLEM_INVALID, pointer, code, words);
    return !full || gives_way(problem, &(struct violation){.pointer = pointer, .code = code, .detail = words});
}

// By insertion: the faults of one row stay as they are, and there are few.
static void order_by_row(struct problem *problem)
{
    for (size_t i = 1; i < problem->violations_count; i++) {
        struct violation fault = problem->violations[i];
        size_t place = i;
        for (; place > 0 && row_of(&problem->violations[place - 1]) > row_of(&fault); place--)
            problem->violations[place] = problem->violations[place - 1];
        problem->violations[place] = fault;
    }
}

bool no_faults(struct request *request)
{
    struct problem *problem = &request->problem;
    order_by_row(problem);
    return problem->kind == PROBLEM_NONE;
}

// ---- the refusal of a single write as what is wrong with a row ----

static long long row_number(const struct import_item *item, size_t index)
{
    size_t last = json_array_size(item->rows) - 1;
    return json_integer_value(json_array_get(item->rows, index < last ? index : last));
}

// "/leaves/3/code" → the row of that leaf and "code"; "/group" → the first row and "group".
static bool place_fault(struct request *request, const struct import_kind *kind, const struct import_item *item,
                        const struct violation *fault, const char *words)
{
    const char *pointer = fault->pointer;
    long long row = row_number(item, 0);
    size_t length = kind->shared ? strlen(kind->shared) : 0;
    if (length && pointer[0] == '/' && strncmp(pointer + 1, kind->shared, length) == 0) {
        char *rest;
        row = pointer[length + 1] ? row_number(item, 1 + strtoul(pointer + length + 2, &rest, 10)) : row;
        pointer = pointer[length + 1] ? rest : "";
    }
    return row_fault(request, row, pointer[0] ? pointer + 1 : NULL, fault->code, words);
}

static const char *by_clause(struct request *request, const char *clause, const char *words)
{
    return clause ? arena_format(&request->arena, "%s: %s", clause, words) : words;
}

// What would need If-Match alone is there already. Says whether any of it is named.
static bool name_refusal(struct request *request, const struct import_kind *kind, const struct import_item *item,
                         const struct problem *refused)
{
    bool named = false;
    for (size_t i = 0; i < refused->violations_count; i++)
        named |= place_fault(request, kind, item, &refused->violations[i],
                             by_clause(request, refused->clause, refused->violations[i].detail));
    request->problem.violations_left_out += refused->violations_left_out;
    if (refused->violations_count)
        return named;
    bool there = refused->kind == PROBLEM_VERSION_REQUIRED;
    const char *words = refused->detail ? refused->detail : problem_title(request, refused->kind);
    return row_fault(request, row_number(item, 0), NULL, there ? "exists" : problem_type(refused->kind),
                     there ? say(request, "Đã có; tệp không ghi đè. Hãy sửa riêng bản ghi đó.",
                                 "It exists already, and an import changes nothing that exists: change it on its own.")
                           : by_clause(request, refused->clause, words));
}

// ---- making them ----

static bool is_passing(const struct request *request)
{
    return request->retry || problem_status(request->problem.kind) >= 500;
}

static void release_since(struct request *request, const struct deferred *kept, struct arena_mark mark)
{
    release_deferred(request, kept);
    arena_rewind(&request->arena, mark);
}

// What one takes is given back before the next, or thousands would be held at once.
static bool enter_one(struct request *request, struct session *session, const struct import_kind *kind,
                      const struct import_item *item, json_t *made)
{
    const struct deferred *kept = request->deferred;
    struct arena_mark mark = arena_mark(&request->arena);
    const char *resource;
    if (!listed_duty_kept(request, session, kind->duty, &item->listed) ||
        !kind->enter(request, session, &item->listed, &resource))
        return false;
    json_array_append_new(made, json_pack("{s:I, s:s}", "row", (json_int_t)row_number(item, 0), "resource", resource));
    release_since(request, kept, mark);
    return true;
}

static bool script(struct request *request, struct session *session, const char *sql)
{
    struct failure failure;
    return session_script(session, sql, &failure) || refuse_failure(request, &frame, &failure);
}

// Rolls what it made back where it is refused, so that the next can be looked at.
static bool name_what_is_wrong(struct request *request, struct session *session, const struct import_kind *kind,
                               const struct import_items *items, json_t *made)
{
    struct problem faults = request->problem;
    for (size_t i = 0; i < items->count; i++) { // to the end, so that it can be said how many faults there are
        const struct deferred *kept = request->deferred;
        struct arena_mark mark = arena_mark(&request->arena);
        request->problem = (struct problem){0};
        bool good =
            script(request, session, "SAVEPOINT one") && enter_one(request, session, kind, &items->items[i], made);
        if (!good && is_passing(request))
            return false;
        struct problem refused = request->problem;
        request->problem = faults;
        if (!good && !name_refusal(request, kind, &items->items[i], &refused))
            release_since(request, kept, mark);
        faults = request->problem;
        if (!script(request, session, good ? "RELEASE one" : "ROLLBACK TO one; RELEASE one"))
            return false;
    }
    return no_faults(request);
}

static bool enter_all(struct request *request, struct session *session, const struct import_kind *kind,
                      const struct import_items *items, json_t *made)
{
    if (request->problem.kind != PROBLEM_NONE)
        return name_what_is_wrong(request, session, kind, items, made);
    if (!script(request, session, "SAVEPOINT whole"))
        return false;
    size_t i = 0;
    while (i < items->count && enter_one(request, session, kind, &items->items[i], made))
        i++;
    if (i == items->count)
        return true;
    if (is_passing(request))
        return false;
    request->problem = (struct problem){0};
    json_array_clear(made);
    return script(request, session, "ROLLBACK TO whole") && name_what_is_wrong(request, session, kind, items, made);
}

bool import_rows_of(struct request *request, struct session *session, const struct import_kind *kind,
                    const char **ret_report)
{
    struct import_items items;
    json_t *made = json_array();
    defer_json(request, made);
    request->if_match = NULL; // it can be about none of the things
    if ((kind->ready &&
         !kind->ready(request, session, query_value(request, "campaign"), query_value(request, "year"))) ||
        !import_items_of(request, session, kind, &items) || !enter_all(request, session, kind, &items, made))
        return false;
    json_t *report = json_pack("{s:s, s:b, s:I}", "kind", kind->name, "dry_run", request->dry_run, "created",
                               (json_int_t)items.count);
    json_object_set_new(report, "made", request->dry_run ? json_array() : json_incref(made));
    char *text = json_dumps(report, JSON_COMPACT);
    json_decref(report);
    defer_free(request, text);
    *ret_report = text;
    return true;
}
