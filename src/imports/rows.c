// Imports whose things are made one by one: each is read, judged, written and journalled by the code of its single
// write, so that there is one rule in one place (handler/bulk/whole.h).
#include "handler/bulk/whole.h"
#include "handler/duty.h"
#include "imports/items.h"

#include <stdlib.h>
#include <string.h>

static const char list[] = "rows"; // of pointers

struct problem set_faults_aside(struct request *request)
{
    struct problem faults = request->problem;
    request->problem = (struct problem){0};
    return faults;
}

// Whatever is wrong with a row, the file is invalid.
bool row_fault(struct request *request, long long row, const char *column, const char *code, const char *words)
{
    return whole_fault(
        request, list,
        &(struct whole_fault){.kind = PROBLEM_INVALID, .number = row, .member = column, .code = code, .detail = words});
}

bool no_faults(struct request *request)
{
    return whole_faultless(request, list);
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

// What would need If-Match, where the file can name no versions, is there already.
static bool name_alone(struct request *request, const struct import_kind *kind, const struct import_item *item,
                       const struct problem *refused)
{
    const char *words = refused->detail ? refused->detail : problem_title(request, refused->kind);
    bool there = refused->kind == PROBLEM_VERSION_REQUIRED;
    bool version = kind->versions && (there || refused->kind == PROBLEM_STALE_VERSION);
    if (there)
        words = kind->versions
                    ? say(request, "Đã có; ghi ETag của bản đã đọc vào cột \"version\" để ghi đè.",
                          "It exists already: to write over it, give the ETag of what you read in the column "
                          "\"version\".")
                    : say(request, "Đã có; tệp không ghi đè. Hãy sửa riêng bản ghi đó.",
                          "It exists already, and an import changes nothing that exists: change it on its own.");
    return row_fault(request, row_number(item, 0), version ? "version" : NULL,
                     there && !version ? "exists" : problem_type(refused->kind),
                     with_clause(request, refused->clause, words));
}

struct making {
    const struct import_kind *kind;
    const struct import_items *items;
    json_t *made;
};

static bool name_refusal(struct request *request, void *context, size_t index, const struct problem *refused)
{
    const struct making *making = context;
    const struct import_item *item = &making->items->items[index];
    bool named = false;
    for (size_t i = 0; i < refused->violations_count; i++)
        named |= place_fault(request, making->kind, item, &refused->violations[i],
                             with_clause(request, refused->clause, refused->violations[i].detail));
    request->problem.violations_left_out += refused->violations_left_out;
    return refused->violations_count ? named : name_alone(request, making->kind, item, refused);
}

// ---- making them ----

static bool enter_one(struct request *request, struct session *session, void *context, size_t index)
{
    const struct making *making = context;
    const struct import_item *item = &making->items->items[index];
    struct listed_made made = {0};
    request->if_match = item->listed.version;
    request->json = item->listed.body;
    if (!listed_duty_kept(request, session, making->kind->duty, &item->listed) ||
        !making->kind->enter(request, session, &item->listed, &made))
        return false;
    json_array_set_new(making->made, item->place,
                       json_pack("{s:I, s:s}", "row", (json_int_t)row_number(item, 0), "resource", made.resource));
    return true;
}

// One place for each thing, in the order of the file.
static void make_places(const struct making *making)
{
    for (size_t i = 0; i < making->items->count; i++)
        json_array_append_new(making->made, json_null());
}

static void forget_made(void *context)
{
    const struct making *making = context;
    json_array_clear(making->made);
    make_places(making);
}

static struct listing listing_of(struct request *request, const struct import_items *items)
{
    const char **units = arena_array(&request->arena, items->count, sizeof *units);
    for (size_t i = 0; i < items->count; i++)
        units[i] = items->items[i].listed.unit_id;
    return (struct listing){.campaign = query_value(request, "campaign"),
                            .year = query_value(request, "year"),
                            .units = units,
                            .count = items->count};
}

static bool enter_all(struct request *request, struct session *session, struct making *making)
{
    const struct listed_together *together = making->kind->together;
    struct listing listing = listing_of(request, making->items);
    const struct whole whole = {.list = list,
                                .count = making->items->count,
                                .context = making,
                                .make = enter_one,
                                .name = name_refusal,
                                .forget = forget_made};
    json_t *rows = request->json;
    make_places(making);
    struct problem faults = set_faults_aside(request);
    if (together && !together->begin(request, session, &listing))
        return false;
    request->problem = faults;
    bool good = whole_make(request, session, &whole) && (!together || together->end(request, session, &listing, NULL));
    request->json = rows; // those of the rows are released
    request->if_match = NULL;
    return good;
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
        !import_items_of(request, session, kind, &items) ||
        !enter_all(request, session, &(struct making){kind, &items, made}))
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
