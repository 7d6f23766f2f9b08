// Units over time: dated changes, and who took over from whom (domain, section 8).
#include "handler/run.h"
#include "statements.h"
#include "units/units.h"

#include <stdlib.h>

static const char *const succession_kinds[] = {"MERGE", "SPLIT", "RENAME", "DISSOLVE", "TRANSFER", NULL};
static const struct field unit_item = {.type = FIELD_UUID};

enum { SUCCESSION_UNITS_MOST = 100 };

struct unit_change {
    const char *valid_from;
};

const struct field unit_change_fields[] = {
    BOUND(unit_change, valid_from, FIELD_DATE, .required = true),
    PASSED("name", FIELD_TEXT, .least = 1, .most = 200),
    PASSED("kind", FIELD_CHOICE, .choices = unit_kinds),
    PASSED("parent_id", FIELD_UUID, .nullable = true),
    PASSED("legal_basis", FIELD_TEXT, .nullable = true),
    PASSED("codes_add", FIELD_LIST, .most = 10, .item = &code_item),
    PASSED("codes_end", FIELD_LIST, .most = 10, .item = &code_item),
    {0},
};

struct succession {
    const char *kind, *effective_on, *legal_basis;
};

const struct field succession_fields[] = {
    BOUND(succession, kind, FIELD_CHOICE, .required = true, .choices = succession_kinds),
    BOUND(succession, effective_on, FIELD_DATE, .required = true),
    BOUND(succession, legal_basis, FIELD_TEXT, .required = true),
    PASSED("successors", FIELD_LIST, .most = SUCCESSION_UNITS_MOST, .item = &unit_item),
    {0},
};

const struct field succeeds_fields[] = {
    PASSED("kind", FIELD_CHOICE, .required = true, .choices = succession_kinds),
    PASSED("legal_basis", FIELD_TEXT, .required = true),
    PASSED("predecessors", FIELD_LIST, .required = true, .least = 1, .most = SUCCESSION_UNITS_MOST, .item = &unit_item),
    {0},
};

bool unit_on(struct request *request, struct session *session, const char *id, const char *day, const char **ret_json)
{
    struct rows *rows;
    if (!run_one(request, session, unit_get_statement, &rows, id, day))
        return false;
    *ret_json = rows_text(rows, 0, 0);
    return true;
}

static const char *location_of(struct request *request, const char *id)
{
    return arena_format(&request->arena, "/v1/units/%s", id);
}

// The text of a JSON value, "[]" for none, kept with the request.
static const char *list_text(struct request *request, const json_t *list)
{
    char *text = list ? json_dumps(list, JSON_COMPACT) : NULL;
    if (!text)
        return "[]";
    defer_free(request, text);
    return text;
}

// ---- a dated change ----

static bool changes_something(struct request *request)
{
    return json_object_size(request->json) > 1 || violate(request, PROBLEM_INVALID, "", "empty",
                                                          say(request,
                                                              "Ngoài valid_from, hãy nêu ít nhất một thay đổi: name, "
                                                              "kind, parent_id, legal_basis, codes_add, codes_end.",
                                                              "Besides valid_from, name at least one change: name, "
                                                              "kind, parent_id, legal_basis, codes_add, codes_end."));
}

struct reply change_unit(struct request *request, struct session *session)
{
    struct unit_change change = {0};
    struct rows *lock, *done, *shown;
    const char *id = path_value(request, "id"), *before, *after;
    if (!read_body(request, unit_change_fields, &change) || !changes_something(request) ||
        !run_one(request, session, unit_lock, &lock, id) || !version_is(request, rows_text(lock, 0, 0)) ||
        !unit_on(request, session, id, change.valid_from, &before) ||
        !run(request, session, unit_alter, &done, id, request->body_json) ||
        !unit_on(request, session, id, change.valid_from, &after))
        return refusal(request);
    if (!journal(request, session,
                 (struct journal_entry){.type = "unit.changed",
                                        .resource = location_of(request, id),
                                        .unit_id = id,
                                        .before = before,
                                        .after = after}) ||
        !run_one(request, session, unit_get_statement, &shown, id, NULL))
        return refusal(request);
    return old_updated(request, rows_text(shown, 0, 1), rows_text(shown, 0, 0));
}

// ---- succession ----

static bool journal_succeeded(struct request *request, struct session *session, const char *id, const char *day,
                              const char *before)
{
    const char *after;
    return unit_on(request, session, id, day, &after) &&
           journal(request, session,
                   (struct journal_entry){.type = "unit.succeeded",
                                          .resource = location_of(request, id),
                                          .unit_id = id,
                                          .before = before,
                                          .after = after});
}

struct reply succeed_unit(struct request *request, struct session *session)
{
    struct succession succession = {0};
    struct rows *lock, *done, *list;
    const char *id = path_value(request, "id"), *before;
    if (!read_body(request, succession_fields, &succession) || !run_one(request, session, unit_lock, &lock, id) ||
        (request->if_match && !version_is(request, rows_text(lock, 0, 0))) ||
        !unit_on(request, session, id, succession.effective_on, &before))
        return refusal(request);
    const char *predecessors = arena_format(&request->arena, "[\"%s\"]", id);
    const char *successors = list_text(request, json_object_get(request->json, "successors"));
    if (!run(request, session, unit_give_way, &done, predecessors, succession.kind, succession.effective_on) ||
        !run(request, session, succession_record, &done, predecessors, successors, succession.kind,
             succession.effective_on, succession.legal_basis) ||
        !journal_succeeded(request, session, id, succession.effective_on, before) ||
        !run_one(request, session, succession_list_statement, &list, id, NULL, "200") ||
        !run_one(request, session, unit_lock, &lock, id))
        return refusal(request);
    const char *location = arena_format(&request->arena, "/v1/units/%s/successions", id);
    return old_created(request, location, rows_text(lock, 0, 0), rows_text(list, 0, 0));
}

// ---- a new unit that succeeds others ----

struct succeeding {
    const char *kind, *day, *legal_basis, *predecessors;
    size_t count;
    const char *ids[SUCCESSION_UNITS_MOST], *before[SUCCESSION_UNITS_MOST];
};

static const char *member_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

bool succeeding_begin(struct request *request, struct session *session, struct succeeding **ret_succeeding)
{
    struct rows *done;
    const json_t *given = json_object_get(request->json, "succeeds"),
                 *predecessors = json_object_get(given, "predecessors");
    *ret_succeeding = NULL;
    if (!given)
        return true;
    struct succeeding *s = arena_new(&request->arena, struct succeeding);
    *s = (struct succeeding){.kind = member_text(given, "kind"),
                             .day = member_text(request->json, "valid_from"),
                             .legal_basis = member_text(given, "legal_basis"),
                             .predecessors = list_text(request, predecessors),
                             .count = json_array_size(predecessors)};
    for (size_t i = 0; i < s->count; i++) {
        struct rows *shown;
        s->ids[i] = json_string_value(json_array_get(predecessors, i));
        if (!run(request, session, unit_get_statement, &shown, s->ids[i], s->day))
            return false;
        if (rows_count(shown) == 0)
            return violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/succeeds/predecessors/%zu", i),
                           "unknown", say(request, "Không có đơn vị này.", "There is no such unit."));
        s->before[i] = rows_text(shown, 0, 0);
    }
    *ret_succeeding = s;
    return run(request, session, unit_give_way, &done, s->predecessors, s->kind, s->day);
}

bool succeeding_end(struct request *request, struct session *session, const struct succeeding *s, const char *id)
{
    struct rows *done;
    if (!s)
        return true;
    if (!run(request, session, succession_record, &done, s->predecessors, arena_format(&request->arena, "[\"%s\"]", id),
             s->kind, s->day, s->legal_basis))
        return false;
    for (size_t i = 0; i < s->count; i++)
        if (!journal_succeeded(request, session, s->ids[i], s->day, s->before[i]))
            return false;
    return true;
}
