// Units over time: dated changes, and who took over from whom (domain, section 8).
#include "handler/bulk/bulk.h"
#include "handler/run.h"
#include "units/units.h"

#include <stdlib.h>
#include <string.h>

static const char *const succession_kinds[] = {"MERGE", "SPLIT", "RENAME", "DISSOLVE", "TRANSFER", NULL};
static const struct field unit_item = {.type = FIELD_UUID};

enum { SUCCESSION_UNITS_MOST = 100 };

struct unit_change {
    const char *valid_from;
};

const struct field unit_change_fields[] = {
    BOUND(unit_change, valid_from, FIELD_DATE, .required = true),
    PASSED("name", FIELD_LINE, .least = 1, .most = 200),
    PASSED("kind", FIELD_CHOICE, .choices = unit_kinds),
    PASSED("parent_id", FIELD_UUID, .nullable = true),
    PASSED("legal_basis", FIELD_TEXT, .names_document = true, .nullable = true),
    PASSED("codes_add", FIELD_LIST, .most = 10, .item = &code_item),
    PASSED("codes_end", FIELD_LIST, .most = 10, .item = &code_item),
    PASSED("confirm_duplicate", FIELD_BOOLEAN),
    {0},
};

struct succession {
    const char *kind, *effective_on, *legal_basis, *move_children_to;
};

#define SUCCESSION_FIELDS                                                                                              \
    BOUND(succession, kind, FIELD_CHOICE, .required = true, .choices = succession_kinds),                              \
        BOUND(succession, effective_on, FIELD_DATE, .required = true),                                                 \
        BOUND(succession, legal_basis, FIELD_TEXT, .names_document = true, .required = true),                          \
        BOUND(succession, move_children_to, FIELD_UUID)
#define SUCCESSORS PASSED("successors", FIELD_LIST, .most = SUCCESSION_UNITS_MOST, .item = &unit_item)
const struct field succession_fields[] = {SUCCESSION_FIELDS, SUCCESSORS, {0}};

// A row of a file is about one successor, as in the list that shows them. The import puts ids in the place of codes.
#define CODES(name)                                                                                                    \
    PASSED(name "_gso_code", FIELD_LINE, .most = 35), PASSED(name "_agency_code", FIELD_LINE, .most = 35),             \
        PASSED(name "_agency_legacy_code", FIELD_LINE, .most = 35)
const struct field succession_file_fields[] = {
    SUCCESSION_FIELDS, PASSED("successor_unit_id", FIELD_UUID), CODES("successor"), CODES("move_children_to"), {0},
};
#undef CODES

static const struct field listed_fields[] = {
    PASSED("unit_id", FIELD_UUID, .required = true),
    PASSED("version", FIELD_LINE, .most = VERSION_MOST),
    SUCCESSION_FIELDS,
    SUCCESSORS,
    {0},
};
static const struct field listed_item = {.type = FIELD_OBJECT, .fields = listed_fields};
const struct field successions_fields[] = {
    PASSED("successions", FIELD_LIST, .required = true, .least = 1, .most = BULK_MOST, .item = &listed_item),
    {0},
};

const struct field succeeds_fields[] = {
    PASSED("kind", FIELD_CHOICE, .required = true, .choices = succession_kinds),
    PASSED("legal_basis", FIELD_TEXT, .names_document = true, .required = true),
    PASSED("predecessors", FIELD_LIST, .required = true, .least = 1, .most = SUCCESSION_UNITS_MOST, .item = &unit_item),
    PASSED("move_children", FIELD_BOOLEAN),
    {0},
};

bool unit_on(struct request *request, struct session *session, const char *id, const char *day,
             const struct unit_get **ret_unit)
{
    return unit_get(request, session, id, day, ret_unit) && is_found(request, *ret_unit);
}

static const char *unit_location(struct request *request, const char *id)
{
    return arena_format(&request->arena, "/v1/units/%s", id);
}

// The text of a JSON value, "[]" for none, kept with the request.
static const char *named_units(struct request *request, const json_t *list)
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
    size_t beside = 1 + !!json_object_get(request->json, "confirm_duplicate"); // valid_from is required
    return json_object_size(request->json) > beside ||
           violate(request, PROBLEM_INVALID, "", "empty",
                   say(request,
                       "Ngoài \"valid_from\", hãy nêu ít nhất một thay đổi: \"name\", "
                       "\"kind\", \"parent_id\", \"legal_basis\", \"codes_add\", \"codes_end\".",
                       "Besides \"valid_from\", name at least one change: \"name\", "
                       "\"kind\", \"parent_id\", \"legal_basis\", \"codes_add\", \"codes_end\"."));
}

struct reply change_unit(struct request *request, struct session *session)
{
    struct unit_change change = {0};
    struct unit_lock locked;
    const struct unit_get *before, *after, *today;
    const char *id = path_value(request, "id");
    if (!read_body(request, unit_change_fields, &change) || !changes_something(request) ||
        !unit_lock(request, session, id, &locked) || !version_is(request, locked.version) ||
        !unit_on(request, session, id, change.valid_from, &before) ||
        !unit_alter(request, session, id, request->body_json) ||
        !unit_on(request, session, id, change.valid_from, &after) || !unit_on(request, session, id, NULL, &today))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "unit.changed",
                                  .resource = unit_location(request, id),
                                  .unit_id = id,
                                  .before = before->body,
                                  .after = after->body},
                   today->version, today->body);
}

// ---- what is below a body that ends ----

enum { CHILDREN_MOST = 200 };

static bool move_child(struct request *request, struct session *session, const struct unit_children_left *child,
                       const char *to, const char *legal_basis)
{
    const struct unit_get *before, *after;
    struct unit_lock locked;
    json_t *wanted =
        json_pack("{s:s, s:s, s:s}", "valid_from", child->from, "parent_id", to, "legal_basis", legal_basis);
    char *change = json_dumps(wanted, JSON_COMPACT);
    json_decref(wanted);
    if (!change)
        return refuse(request, PROBLEM_UNAVAILABLE, NULL);
    defer_free(request, change);
    return unit_lock(request, session, child->id, &locked) &&
           unit_on(request, session, child->id, child->from, &before) &&
           unit_alter(request, session, child->id, change) &&
           unit_on(request, session, child->id, child->from, &after) &&
           record(request, session,
                  (struct event){.type = "unit.changed",
                                 .resource = unit_location(request, child->id),
                                 .unit_id = child->id,
                                 .before = before->body,
                                 .after = after->body});
}

// What bars a move is said of the child and of the field that moves it: the body has no field of the child's own
// change.
static bool refuse_move(struct request *request, const struct unit_children_left *child, const char *way_out)
{
    struct problem *problem = &request->problem;
    for (size_t i = 0; i < problem->violations_count; i++) {
        problem->violations[i].pointer = way_out;
        problem->violations[i].unit_id = child->id;
        problem->violations[i].unit_label = child->label;
    }
    return false;
}

// No body goes on below one that has ended: its children end first, or move to `to` in the same call, by the act that
// ends it.
static bool children_cared_for(struct request *request, struct session *session, const char *predecessors,
                               const char *day, const char *to, const char *legal_basis, const char *way_out)
{
    const struct unit_children_left *children;
    size_t count;
    if ((to && !unit_children_hold(request, session, predecessors, day)) ||
        !unit_children_left(request, session, predecessors, day, &children, &count))
        return false;
    for (size_t i = 0; i < count && to && count <= CHILDREN_MOST; i++)
        if (!move_child(request, session, &children[i], to, legal_basis))
            return refuse_move(request, &children[i], way_out);
    if (count == 0 || (to && count <= CHILDREN_MOST))
        return true;
    for (size_t i = 0; i < count; i++)
        violate(request, PROBLEM_CONFLICT, way_out, "living_below",
                say(request,
                    "%s vẫn còn trực thuộc; hãy cho kết thúc hoặc chuyển đi trước, hoặc dùng \"%s\" (nhiều nhất %d).",
                    "%s is still below it: end or move it first, or use \"%s\" (at most %d).", children[i].label,
                    way_out + 1, CHILDREN_MOST));
    return false;
}

// ---- succession ----

// What became of a predecessor on the day that its successors took over; `before` is how it was shown on that day.
static bool describe_succeeded(struct request *request, struct session *session, const char *id, const char *day,
                               const char *before, struct event *ret_event)
{
    const struct unit_get *after;
    if (!unit_on(request, session, id, day, &after))
        return false;
    *ret_event = (struct event){.type = "unit.replaced",
                                .resource = unit_location(request, id),
                                .unit_id = id,
                                .before = before,
                                .after = after->body};
    return true;
}

// By the body that was read.
static bool enter_succession(struct request *request, struct session *session, const char *id,
                             const struct succession *given, struct event *ret_event)
{
    struct unit_lock locked;
    const struct unit_get *before;
    if (!unit_lock(request, session, id, &locked) || (request->if_match && !version_is(request, locked.version)) ||
        !unit_on(request, session, id, given->effective_on, &before))
        return false;
    const char *predecessors = arena_format(&request->arena, "[\"%s\"]", id);
    const char *successors = named_units(request, json_object_get(request->json, "successors"));
    return unit_give_way(request, session, predecessors, given->kind, given->effective_on) &&
           succession_record(request, session, predecessors, successors, given->kind, given->effective_on,
                             given->legal_basis) &&
           (strcmp(given->kind, "TRANSFER") == 0 ||
            children_cared_for(request, session, predecessors, given->effective_on, given->move_children_to,
                               given->legal_basis, "/move_children_to")) &&
           describe_succeeded(request, session, id, given->effective_on, before->body, ret_event);
}

struct reply succeed_unit(struct request *request, struct session *session)
{
    struct succession given = {0};
    struct event event;
    struct succession_list list;
    struct unit_lock now;
    const char *id = path_value(request, "id");
    if (!read_body(request, succession_fields, &given) || !enter_succession(request, session, id, &given, &event) ||
        !succession_list(request, session, id, NULL, "200", &list) || !unit_lock(request, session, id, &now))
        return refusal(request);
    struct reply reply = created(request, session, event, now.version, list.body);
    if (reply.status == 201) // what was made is the successions, though the event is about the unit
        reply.location = arena_format(&request->arena, "%s/successions", event.resource);
    return reply;
}

// ---- several, in their order ----

static void name_successor(json_t *body)
{
    json_t *id = json_object_get(body, "successor_unit_id");
    if (!id)
        return;
    json_object_set_new(body, "successors", json_pack("[O]", id));
    json_object_del(body, "successor_unit_id");
}

// The unit with its successions, of which the single write answers the list.
static const char *shown_with_unit(struct request *request, const char *id, const char *label, const char *list)
{
    json_t *page = json_loads(list, 0, NULL);
    json_t *shown =
        json_pack("{s:s, s:s, s:O}", "unit_id", id, "unit_label", label, "successions", json_object_get(page, "items"));
    char *text = json_dumps(shown, JSON_COMPACT);
    json_decref(page);
    json_decref(shown);
    defer_free(request, text);
    return text;
}

bool succession_listed(struct request *request, struct session *session, const struct listed *listed,
                       struct listed_made *ret_made)
{
    struct succession given = {0};
    struct event event;
    name_successor(listed->body);
    if (!read_item(request, succession_fields, listed->body, &given) ||
        !enter_succession(request, session, listed->unit_id, &given, &event) || !record(request, session, event))
        return false;
    *ret_made = (struct listed_made){.resource = event.resource, .is_new = true};
    return true;
}

// A later one may be of the same unit, or move it.
static bool show_succession(struct request *request, struct session *session, const struct listed *listed,
                            struct listed_made *ret_made)
{
    struct succession_list list;
    struct unit_tagged now;
    if (!succession_list(request, session, listed->unit_id, NULL, "200", &list) ||
        !unit_tagged(request, session, listed->unit_id, &now))
        return false;
    *ret_made = (struct listed_made){.version = now.version,
                                     .json = shown_with_unit(request, listed->unit_id, now.label, list.body)};
    return ret_made->json || refuse(request, PROBLEM_UNAVAILABLE, NULL);
}

bool successions_listable(struct request *request, struct session *session, const char *campaign, const char *year)
{
    (void)campaign;
    (void)year;
    return successions_hold(request, session);
}

struct reply succeed_units(struct request *request, struct session *session)
{
    static const char *const nothing[] = {NULL}; // a unit may be transferred from, then merged
    static const struct bulk successions = {.list = "successions",
                                            .subject = "unit_id",
                                            .versions = true,
                                            .once = nothing,
                                            .in_order = true,
                                            .duty = &succession_duty,
                                            .ready = successions_listable,
                                            .enter = succession_listed,
                                            .show = show_succession,
                                            .location = "/v1/units"};
    return bulk_write(request, session, &successions);
}

// ---- a new unit that succeeds others ----

struct succeeding {
    const char *kind, *day, *legal_basis, *predecessors;
    size_t count;
    const char *ids[SUCCESSION_UNITS_MOST], *before[SUCCESSION_UNITS_MOST];
};

bool succeeding_begin(struct request *request, struct session *session, struct succeeding **ret_succeeding)
{
    const json_t *given = json_object_get(request->json, "succeeds"),
                 *predecessors = json_object_get(given, "predecessors");
    *ret_succeeding = NULL;
    if (!given)
        return true;
    struct succeeding *s = arena_new(&request->arena, struct succeeding);
    *s = (struct succeeding){.kind = member_text(given, "kind"),
                             .day = member_text(request->json, "valid_from"),
                             .legal_basis = member_text(given, "legal_basis"),
                             .predecessors = named_units(request, predecessors),
                             .count = json_array_size(predecessors)};
    for (size_t i = 0; i < s->count; i++) {
        const struct unit_get *shown;
        s->ids[i] = json_string_value(json_array_get(predecessors, i));
        if (!unit_get(request, session, s->ids[i], s->day, &shown))
            return false;
        if (!shown)
            return violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/succeeds/predecessors/%zu", i),
                           "unknown", say(request, "Không có đơn vị này.", "There is no such unit."));
        s->before[i] = shown->body;
    }
    *ret_succeeding = s;
    return unit_give_way(request, session, s->predecessors, s->kind, s->day);
}

bool succeeding_end(struct request *request, struct session *session, const struct succeeding *s, const char *id)
{
    if (!s)
        return true;
    bool moves = json_is_true(json_object_get(json_object_get(request->json, "succeeds"), "move_children"));
    if (strcmp(s->kind, "TRANSFER") != 0 &&
        !children_cared_for(request, session, s->predecessors, s->day, moves ? id : NULL, s->legal_basis,
                            "/succeeds/move_children"))
        return false;
    if (!succession_record(request, session, s->predecessors, arena_format(&request->arena, "[\"%s\"]", id), s->kind,
                           s->day, s->legal_basis))
        return false;
    for (size_t i = 0; i < s->count; i++) {
        struct event event;
        if (!describe_succeeded(request, session, s->ids[i], s->day, s->before[i], &event) ||
            !record(request, session, event))
            return false;
    }
    return true;
}
