#include "imports/items.h"

#include "handler/run.h"
#include "http/input/rows.h"
#include "imports/imports.sql.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_MOST = 200 };

static const char version_column[] = "version"; // the tag of what is there (struct import_kind)

const struct field unit_naming[] = {
    PASSED("unit_id", FIELD_UUID),
    PASSED("gso_code", FIELD_LINE, .most = 35),
    PASSED("agency_code", FIELD_LINE, .most = 35),
    PASSED("agency_legacy_code", FIELD_LINE, .most = 35),
    {0},
};

static const struct {
    const char *code, *vi, *en;
} reasons[] = {
    {"which_unit", "Dòng này không nêu đơn vị: cần \"unit_id\" hoặc một mã.",
     "The row names no unit: \"unit_id\" or a code is needed."},
    {"no_unit", "Không có đơn vị này; mã được hiểu theo ngày nêu ở tham số on.",
     "There is no such unit; a code means who held it on the day of the parameter on."},
    {"two_units", "Các mã của dòng này chỉ hai đơn vị khác nhau.", "The row's codes mean two different units."},
};

static bool has_field(const struct field *fields, const char *name)
{
    while (fields && fields->name && strcmp(fields->name, name) != 0)
        fields++;
    return fields && fields->name;
}

// The columns of a kind as one table: those of the subject, then those of the body that are not among them.
static const struct field *columns_of(struct request *request, const struct import_kind *kind)
{
    size_t count = 0;
    for (const struct field *f = kind->subject; f->name; f++)
        count++;
    for (const struct field *f = kind->fields; f->name; f++)
        count++;
    struct field *columns = arena_array(&request->arena, count + 3, sizeof *columns), *next = columns;
    for (const struct field *f = kind->subject; f->name; f++)
        *next++ = *f;
    if (kind->versions)
        *next++ = (struct field)PASSED(version_column, FIELD_LINE, .most = VERSION_MOST);
    for (const char *const *name = kind->common; name && *name; name++)
        *next++ = (struct field)PASSED(*name, FIELD_TEXT, .required = true, .most = 64);
    for (const struct field *f = kind->fields; f->name; f++)
        if (!has_field(kind->subject, f->name)) {
            *next = *f;
            if (kind->worded && strcmp(f->name, kind->worded) == 0)
                next->most = WORDS_MOST;
            next++;
        }
    return columns;
}

// ---- units ----

static bool codes_have_a_day(struct request *request)
{
    size_t i;
    const json_t *row;
    if (query_value(request, "on"))
        return true;
    json_array_foreach(request->json, i, row) for (const struct field *f = unit_naming + 1; f->name; f++)
    {
        if (!json_object_get(row, f->name))
            continue;
        request->problem = (struct problem){0}; // of the query, whatever the rows are
        return violate(
            request, PROBLEM_INVALID_QUERY, "on", "required",
            say(request, "Mã được dùng lại cho đơn vị khác theo thời gian: cần nêu ngày hiểu mã.",
                "Over time a code passes from one unit to another: say as of which day codes are looked up."));
    }
    return true;
}

static long long number_of(const json_t *row)
{
    return json_integer_value(json_object_get(row, "row"));
}

static bool is_bad(const json_t *row)
{
    return json_object_get(row, "bad");
}

static void mark_bad(json_t *row)
{
    json_object_set_new(row, "bad", json_true());
}

static void name_reason(struct request *request, const struct import_units_named *named)
{
    size_t i = 0;
    while (i + 1 < sizeof reasons / sizeof *reasons && strcmp(reasons[i].code, named->reason) != 0)
        i++;
    row_fault(request, named->row, named->name, named->reason,
              request->language == ENGLISH ? reasons[i].en : reasons[i].vi);
}

// Puts the unit of every row into it as "unit_id". Of a row with bad cells it is only good to know.
static bool find_units(struct request *request, struct session *session)
{
    const struct import_units_named *named;
    size_t count;
    if (!codes_have_a_day(request))
        return false;
    struct problem faults = set_faults_aside(request);
    if (!import_units_named(request, session, request->body_json, query_value(request, "on"), &named, &count))
        return false;
    request->problem = faults;
    for (size_t i = 0; i < count; i++) {
        json_t *row = json_array_get(request->json, i);
        if (!named[i].reason) {
            json_object_set_new(row, "unit_id", json_string(named[i].unit_id));
        } else if (!is_bad(row)) {
            name_reason(request, &named[i]);
            mark_bad(row);
        }
    }
    return true;
}

// ---- other units that a row names ----

// The column in which a row names it that way: unit_naming says `name`.
static const char *column_named(const struct import_unit *unit, const char *name)
{
    for (size_t i = 0; i < sizeof unit->codes / sizeof *unit->codes; i++)
        if (strcmp(unit_naming[i + 1].name, name) == 0)
            return unit->codes[i];
    return unit->id;
}

// What a row says of it, as its naming would say it of the subject; NULL if by no code: an id the write itself looks
// up.
static json_t *said_of(const struct import_unit *unit, json_t *row)
{
    json_t *said = json_object();
    for (size_t i = 0; i < sizeof unit->codes / sizeof *unit->codes; i++)
        if (json_object_get(row, unit->codes[i])) {
            json_object_set(said, unit_naming[i + 1].name, json_object_get(row, unit->codes[i]));
            json_object_del(row, unit->codes[i]);
        }
    if (json_object_size(said) == 0 || is_bad(row)) {
        json_decref(said);
        return NULL;
    }
    json_object_set(said, "row", json_object_get(row, "row"));
    json_object_set(said, "day", json_object_get(row, unit->day));
    json_object_set(said, unit_naming[0].name, json_object_get(row, unit->id));
    return said;
}

static void name_reason_of_other(struct request *request, const struct import_unit *unit,
                                 struct import_units_named named)
{
    named.name = column_named(unit, named.name);
    if (strcmp(named.reason, "no_unit") != 0)
        name_reason(request, &named);
    else
        row_fault(request, named.row, named.name, "no_unit",
                  say(request, "Không có đơn vị này; mã được hiểu theo ngày ở cột \"%s\".",
                      "There is no such unit; a code means who holds it on the day of the column \"%s\".", unit->day));
}

// Puts the id in the place of the codes.
static bool find_other(struct request *request, struct session *session, const struct import_unit *unit)
{
    const struct import_units_named *named;
    json_t *asked = json_array(), *row;
    json_t **rows = arena_array(&request->arena, json_array_size(request->json), sizeof(json_t *));
    size_t i, count = 0;
    defer_json(request, asked);
    json_array_foreach(request->json, i, row)
    {
        json_t *said = said_of(unit, row);
        if (!said)
            continue;
        json_array_append_new(asked, said);
        rows[count++] = row;
    }
    if (count == 0)
        return true;
    char *text = json_dumps(asked, JSON_COMPACT);
    defer_free(request, text);
    struct problem faults = set_faults_aside(request);
    if (!import_units_named(request, session, text, NULL, &named, &count))
        return false;
    request->problem = faults;
    for (i = 0; i < count; i++) {
        if (!named[i].reason) {
            json_object_set_new(rows[i], unit->id, json_string(named[i].unit_id));
        } else {
            name_reason_of_other(request, unit, named[i]);
            mark_bad(rows[i]);
        }
    }
    return true;
}

static bool find_others(struct request *request, struct session *session, const struct import_kind *kind)
{
    for (const struct import_unit *unit = kind->units; unit && unit->id; unit++)
        if (!find_other(request, session, unit))
            return false;
    return true;
}

// ---- rows that say the same thing twice ----

// Of the rows and not left to the write: that would not refuse the second where the first was refused.
static void find_repeated(struct request *request, const struct import_kind *kind)
{
    json_t *seen = json_object(), *row;
    size_t i;
    json_array_foreach(request->json, i, row)
    {
        const char *key = listed_key(request, kind->once, row);
        const json_t *before = key ? json_object_get(seen, key) : NULL;
        if (key && !before)
            json_object_set(seen, key, json_object_get(row, "row"));
        if (!before || is_bad(row))
            continue;
        row_fault(request, number_of(row), NULL, "repeated",
                  say(request, "Dòng %lld đã nói về cùng việc này; chỉ giữ một dòng.",
                      "Row %lld is about the same thing: keep one of the two.", json_integer_value(before)));
        mark_bad(row);
    }
    json_decref(seen);
}

// ---- rows → items ----

// The members of a row that say neither what it is about nor where it stands.
static json_t *body_of(const struct import_kind *kind, const json_t *row)
{
    json_t *rest = json_object(), *value;
    const char *name;
    json_object_foreach((json_t *)(uintptr_t)row, name, value)
    {
        bool beside = strcmp(name, "row") == 0 || (kind->versions && strcmp(name, version_column) == 0);
        if (!beside && !has_field(kind->subject, name))
            json_object_set(rest, name, value);
    }
    return rest;
}

static struct import_item *start_item(struct request *request, const struct import_kind *kind, const json_t *row,
                                      struct import_items *items)
{
    size_t place = items->count++;
    struct import_item *item = &items->items[place];
    json_t *rows = json_array();
    defer_json(request, rows);
    json_array_append(rows, json_object_get(row, "row"));
    item->rows = rows;
    item->place = place;
    item->listed = (struct listed){.unit_id = member_text(row, "unit_id"),
                                   .subject = member_text(row, kind->subject->name),
                                   .campaign = query_value(request, "campaign"),
                                   .year = query_value(request, "year"),
                                   .version = kind->versions ? member_text(row, version_column) : NULL};
    item->listed.body = kind->shared ? json_object() : body_of(kind, row);
    defer_json(request, item->listed.body);
    return item;
}

static void differs(struct request *request, const json_t *row, const char *column)
{
    row_fault(request, number_of(row), column, "differs",
              say(request, "Các dòng của cùng một đơn vị phải như nhau ở cột này.",
                  "The rows of one unit must agree in this column."));
}

static void add_member(struct request *request, const struct import_kind *kind, struct import_item *item,
                       const json_t *row)
{
    json_t *body = item->listed.body, *list = json_object_get(body, kind->shared), *member = body_of(kind, row);
    if (!list)
        json_object_set_new(body, kind->shared, list = json_array());
    for (const char *const *name = kind->common; name && *name; name++) {
        json_t *value = json_object_get(member, *name), *before = json_object_get(body, *name);
        if (!before)
            json_object_set(body, *name, value);
        else if (!json_equal(before, value))
            differs(request, row, *name);
        json_object_del(member, *name);
    }
    const char *version = kind->versions ? member_text(row, version_column) : NULL;
    if (version && !item->listed.version)
        item->listed.version = version;
    else if (version && strcmp(version, item->listed.version) != 0)
        differs(request, row, version_column);
    json_array_append_new(list, member);
    json_array_append((json_t *)(uintptr_t)item->rows, json_object_get(row, "row"));
}

static void gather_item(struct request *request, const struct import_kind *kind, const json_t *rows,
                        struct import_items *items)
{
    json_t *places = json_object(); // unit → its item
    size_t i;
    const json_t *row;
    json_array_foreach(rows, i, row)
    {
        if (is_bad(row))
            continue;
        const json_t *place = kind->shared ? json_object_get(places, member_text(row, "unit_id")) : NULL;
        struct import_item *item = place ? &items->items[json_integer_value(place)] : NULL;
        if (!item) {
            item = start_item(request, kind, row, items);
            if (kind->shared)
                json_object_set_new(places, item->listed.unit_id, json_integer((json_int_t)items->count - 1));
        }
        if (kind->shared)
            add_member(request, kind, item, row);
    }
    json_decref(places);
}

// Things of one subject stay in the order of their rows.
static int by_subject(const void *one, const void *other)
{
    const struct import_item *a = one, *b = other;
    const char *first = a->listed.subject, *second = b->listed.subject;
    int order = strcmp(first ? first : "", second ? second : "");
    return order ? order : (a->place > b->place) - (a->place < b->place);
}

bool import_items_of(struct request *request, struct session *session, const struct import_kind *kind,
                     struct import_items *ret_items)
{
    if (!read_rows(request, columns_of(request, kind), kind->headings) ||
        (kind->subject == unit_naming && !find_units(request, session)) || !find_others(request, session, kind))
        return false;
    if (kind->once)
        find_repeated(request, kind);
    *ret_items = (struct import_items){0};
    ret_items->items = arena_array(&request->arena, json_array_size(request->json), sizeof *ret_items->items);
    gather_item(request, kind, request->json, ret_items);
    // So two imports about the same units lock them in one order, whatever that of their rows is.
    if (ret_items->count && !kind->in_order)
        qsort(ret_items->items, ret_items->count, sizeof *ret_items->items, by_subject);
    return true;
}
