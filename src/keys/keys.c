// Access keys: shown once, stored as their SHA-256, revocable at once.
#include "keys/keys.h"

#include "base/sha256.h"
#include "handler/constraints.h"
#include "handler/feature.h"
#include "handler/run.h"
#include "http/route.h"
#include "keys/keys.sql.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void key_draw(char text[static KEY_TEXT_SIZE], char hash[static KEY_HASH_SIZE])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char bits[33] = {0};
    if (getrandom(bits, 32, 0) != 32)
        abort(); // no randomness, no keys: a kernel without it cannot be served from
    memcpy(text, "thd_", 4);
    for (size_t i = 0; i < 43; i++) { // 43 characters of 6 bits hold 256
        size_t bit = i * 6;
        unsigned pair = (unsigned)bits[bit / 8] << 8 | bits[bit / 8 + 1];
        text[4 + i] = alphabet[pair >> (10 - bit % 8) & 63];
    }
    text[47] = '\0';
    sha256_hex(text, strlen(text), hash);
}

static const struct field role_item = {.type = FIELD_CHOICE, .choices = role_names};
static const struct field key_fields[] = {
    PASSED("name", FIELD_LINE, .required = true, .most = KEY_NAME_MOST),
    PASSED("roles", FIELD_LIST, .required = true, .least = 1, .most = ROLE_COUNT, .item = &role_item),
    PASSED("unit_id", FIELD_UUID, .nullable = true),
    PASSED("expires_at", FIELD_INSTANT, .nullable = true),
    {0},
};

// The key itself goes into the answer only: not into the journal, not into the log.
static const char *show_secret_once(struct request *request, const char *json, const char *text)
{
    return arena_format(&request->arena, "%.*s, \"key\" : \"%s\"}", (int)(strlen(json) - 1), json, text);
}

static const char *key_location(struct request *request, const char *id)
{
    return arena_format(&request->arena, "/v1/keys/%s", id);
}

static struct reply create_key(struct request *request, struct session *session)
{
    char text[KEY_TEXT_SIZE], hash[KEY_HASH_SIZE];
    struct key_create key;
    if (!read_body(request, key_fields, NULL))
        return refusal(request);
    key_draw(text, hash);
    if (!key_create(request, session, hash, request->body_json, request->caller.key_id, &key))
        return refusal(request);
    struct event event = {.type = "key.created", .resource = key_location(request, key.id), .after = key.json};
    struct reply reply = created(request, session, event, key.version, show_secret_once(request, key.json, text));
    reply.cache_control = "no-store";
    return reply;
}

struct rotation_body {
    const char *overlap_hours;
};
static const struct field rotation_fields[] = {
    BOUND(rotation_body, overlap_hours, FIELD_INTEGER, .least = 0, .most = 168),
    {0},
};

static bool is_in_force(struct request *request, const struct key_lock *key)
{
    return key->in_force ||
           refuse(request, PROBLEM_CONFLICT,
                  say(request, "Khóa đã bị thu hồi; hãy tạo khóa mới.", "The key is revoked: make a new one."));
}

// Whoever rotates a key learns its new secret, and so holds it: that is for its holder alone, by the newest secret.
static bool is_holder(struct request *request)
{
    return strcmp(path_value(request, "id"), request->caller.key_id) == 0 ||
           refuse(
               request, PROBLEM_FORBIDDEN,
               say(request,
                   "Chỉ người giữ khóa được đổi khóa của mình. Người quản trị thu hồi khóa (DELETE) và tạo khóa mới.",
                   "Only its holder rotates a key. An admin revokes it (DELETE) and makes a new one."));
}

static bool is_newest(struct request *request, const struct key_lock *key)
{
    return strcmp(key->generation, request->caller.generation) == 0 ||
           refuse(request, PROBLEM_FORBIDDEN,
                  say(request, "Khóa đã được đổi: hãy dùng khóa mới nhất.",
                      "This secret was rotated away: use the newest one."));
}

static struct reply rotate_key(struct request *request, struct session *session)
{
    char text[KEY_TEXT_SIZE], hash[KEY_HASH_SIZE];
    struct rotation_body body = {0};
    struct key_lock old;
    struct key_rotate key;
    const char *id = path_value(request, "id");
    if (!read_body(request, rotation_fields, &body) || !is_holder(request) || !key_lock(request, session, id, &old) ||
        !is_newest(request, &old) || !version_is(request, old.version) || !is_in_force(request, &old))
        return refusal(request);
    key_draw(text, hash);
    if (!key_rotate(request, session, id, hash, body.overlap_hours, &key))
        return refusal(request);
    struct event event = {
        .type = "key.rotated", .resource = key_location(request, id), .before = old.json, .after = key.json};
    struct reply reply = changed(request, session, event, key.version, show_secret_once(request, key.json, text));
    reply.cache_control = "no-store";
    return reply;
}

// Whoever was not answered asks again, and a key that is revoked already is what was wanted.
static struct reply revoke_key(struct request *request, struct session *session)
{
    struct key_lock old;
    struct key_revoke key;
    const char *id = path_value(request, "id"), *location = key_location(request, id);
    if (!key_lock(request, session, id, &old))
        return refusal(request);
    if (!old.in_force)
        return unchanged(request, session, location, old.version, old.json);
    if (!key_revoke(request, session, id, &key))
        return refusal(request);
    return changed(request, session, (struct event){.type = "key.revoked", .resource = location, .before = old.json},
                   key.version, key.json);
}

// What the route table lets these roles call; whose things they may touch is each operation's own matter.
static json_t *operations_of(struct request *request)
{
    json_t *list = json_array();
    for (int i = 0; i < routes_count(); i++) {
        const struct route *route = route_at(i);
        if (route->roles & (ANYONE | request->caller.roles))
            json_array_append_new(list,
                                  json_string(arena_format(&request->arena, "%s %s", route->method, route->path)));
    }
    return list;
}

// On the quick lane: it is the first that a page asks, also while long work of the same key has the workers.
static struct reply who_am_i(struct request *request, const struct rows *rows)
{
    json_t *roles = json_array();
    for (unsigned role = 1; role <= ROLES_ALL; role <<= 1)
        if (request->caller.roles & role)
            json_array_append_new(roles, json_string(role_name(role)));
    json_t *me = json_pack("{s:s, s:s, s:o, s:o, s:s?, s:s?}", "key_id", request->caller.key_id, "name",
                           request->caller.name, "roles", roles, "operations", operations_of(request), "unit_id",
                           caller_unit(request), "unit_label", caller_unit_label_at(rows, 0).label);
    char *text = json_dumps(me, JSON_COMPACT);
    json_decref(me);
    struct reply reply = reply_json(request, 200, text ? text : "{}", text ? strlen(text) : 2);
    free(text);
    reply.cache_control = "no-store";
    return reply;
}

static const struct query_field list_query[] = {QUERY_PAGE, {0}};

static const struct column key_columns[] = {
    {"Tên", "Name", "name"},
    {"Vai trò", "Roles", "roles[]", .codes = "Role"},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {"Tạo lúc", "Created at", "created_at", COLUMN_INSTANT},
    {"Người tạo", "Created by", "created_by"},
    {"Hết hạn", "Expires at", "expires_at", COLUMN_INSTANT},
    {"Thu hồi lúc", "Revoked at", "revoked_at", COLUMN_INSTANT},
    {"Khóa cũ đến", "Former secret until", "previous_until", COLUMN_INSTANT},
    {"Dùng gần nhất", "Last used at", "last_used_at", COLUMN_INSTANT},
    {"Mã", "Id", "id"},
    {0},
};

static const struct route key_routes[] = {
    {.method = "GET",
     .path = "/v1/keys",
     .roles = ROLE_ADMIN | ROLE_AUDITOR,
     .lane = LANE_QUICK,
     .read = &key_list_statement,
     .orders = (const struct order[]){FROM_START("created_at", key_list), {0}},
     .query = list_query,
     .columns = key_columns},
    {.method = "POST",
     .path = "/v1/keys",
     .roles = ROLE_ADMIN,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("A key opens the service; it says nothing of a unit's merit."),
     .act = create_key,
     .body_kind = BODY_JSON,
     .body = key_fields,
     .changes_keys = true},
    {.method = "GET", .path = "/v1/keys/{id}", .roles = ANY_KEY, .lane = LANE_QUICK, .read = &key_get_statement},
    {.method = "DELETE",
     .path = "/v1/keys/{id}",
     .roles = ROLE_ADMIN,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("A key opens the service; it says nothing of a unit's merit."),
     .act = revoke_key,
     .changes_keys = true},
    {.method = "POST",
     .path = "/v1/keys/{id}/rotate",
     .roles = ANY_KEY,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("A key opens the service; it says nothing of a unit's merit."),
     .act = rotate_key,
     .body_kind = BODY_JSON,
     .body = rotation_fields,
     .changes_keys = true},
    {.method = "GET",
     .path = "/v1/me",
     .roles = ANY_KEY,
     .lane = LANE_STREAM,
     .read = &caller_unit_label_statement,
     .open = who_am_i},
    {0},
};

static const struct constraint_problem key_constraints[] = {
    {"keys_unit_role_has_unit", PROBLEM_INVALID, "/unit_id", NULL, "Vai trò unit cần một đơn vị.",
     "The role unit needs a unit."},
    {"keys_expired_already", PROBLEM_INVALID, "/expires_at", NULL,
     "Thời điểm hết hạn đã qua; hãy nêu một thời điểm sau này, hoặc bỏ trường này.",
     "The key would have expired already: name a later instant, or leave this out."},
    {"keys_unit", PROBLEM_INVALID, "/unit_id", NULL, "Không có đơn vị này.", "There is no such unit."},
    {0},
};

const struct feature keys_feature = {.name = "keys", .routes = {key_routes}, .constraints = {key_constraints}};
