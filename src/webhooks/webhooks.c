// Subscriptions to the event feed. A webhook belongs to the key that made it and hears of what that key may read; an
// admin may stop or remove anybody's, but not turn it elsewhere: the events of an office are not the operator's.
#include "webhooks/webhook.h"
#include "webhooks/webhooks.sql.h"

#include "handler/constraints.h"
#include "handler/run.h"
#include "http/route.h"
#include "journal/event_types.h"
#include "webhooks/private.h"
#include "webhooks/secret.h"
#include "webhooks/target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { WEBHOOKS_MOST = 20 }; // of one key

static const char *const settable_states[] = {"ACTIVE", "PAUSED", NULL};
static const struct field type_item = {.type = FIELD_TEXT, .least = 1, .most = 100};

struct webhook_body {
    const char *url;
};
static const struct field webhook_fields[] = {
    BOUND(webhook_body, url, FIELD_LINE, .required = true, .most = 2000),
    PASSED("description", FIELD_TEXT, .nullable = true, .most = 200),
    PASSED("types", FIELD_LIST, .nullable = true, .least = 1, .most = 20, .item = &type_item),
    PASSED("campaign", FIELD_LINE, .nullable = true, .most = 64),
    PASSED("unit_id", FIELD_UUID, .nullable = true),
    PASSED("after", FIELD_INTEGER, .most = INT64_MAX),
    {0},
};

struct webhook_patch {
    const char *url, *state;
};
static const struct field patch_fields[] = {
    BOUND(webhook_patch, url, FIELD_LINE, .least = 1, .most = 2000),
    BOUND(webhook_patch, state, FIELD_CHOICE, .choices = settable_states),
    PASSED("description", FIELD_TEXT, .nullable = true, .most = 200),
    PASSED("types", FIELD_LIST, .nullable = true, .least = 1, .most = 20, .item = &type_item),
    PASSED("campaign", FIELD_LINE, .nullable = true, .most = 64),
    PASSED("unit_id", FIELD_UUID, .nullable = true),
    {0},
};

static bool url_is_allowed(struct request *request, const char *url)
{
    bool listed;
    switch (url ? target_judge(url, &listed) : TARGET_GOOD) {
    case TARGET_GOOD:
        return true;
    case TARGET_OPEN:
        return violate(request, PROBLEM_INVALID, "/url", "https",
                       say(request, "Cần https; http chỉ dùng được tới nơi nằm trong THIDUA_WEBHOOK_ALLOW.",
                           "https is needed; http goes only to what THIDUA_WEBHOOK_ALLOW names."));
    case TARGET_REFUSED:
        return violate(
            request, PROBLEM_INVALID, "/url", "target",
            say(request, "Không được gửi tới địa chỉ này: địa chỉ nội bộ hoặc ngoài THIDUA_WEBHOOK_ALLOW.",
                "Webhooks may not go there: the address is private, or THIDUA_WEBHOOK_ALLOW does not allow it."));
    case TARGET_MALFORMED:
    default:
        return violate(
            request, PROBLEM_INVALID, "/url", "url",
            say(request,
                "Cần một URL https không có tên người dùng, mật khẩu và phần sau #, chỉ gồm ký tự ASCII: chữ khác "
                "viết là xn-- trong tên máy chủ, là %%XX trong đường dẫn.",
                "A URL of https is needed, without user, password and fragment, and in ASCII: other letters "
                "are written as xn-- in a host, as %%XX in a path."));
    }
}

// The types of the same kind of resource, or else the kinds that there are.
static const char *types_like(struct request *request, const char *wanted)
{
    const char *text = "", *kind = strchr(wanted, '.');
    size_t length = kind ? (size_t)(kind + 1 - wanted) + strcspn(kind + 1, ".") + 1 : 0;
    for (const char *const *type = event_types; *type; type++)
        if (length && strncmp(*type, wanted, length) == 0)
            text = arena_format(&request->arena, "%s%s%s", text, *text ? ", " : "", *type);
    if (*text)
        return text;
    for (const char *const *type = event_types; *type; type++) {
        int kind_length = (int)(strrchr(*type, '.') - *type);
        if (type == event_types || strncmp(type[-1], *type, (size_t)kind_length + 1) != 0)
            text = arena_format(&request->arena, "%s%s%.*s.*", text, *text ? ", " : "", kind_length, *type);
    }
    return text;
}

// A type that is none would never come, and nobody would know why.
static bool types_are_known(struct request *request)
{
    size_t index;
    json_t *type;
    json_array_foreach(json_object_get(request->json, "types"), index, type)
    {
        const char *wanted = json_string_value(type);
        if (!event_type_known(wanted))
            violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/types/%zu", index), "unknown_type",
                    say(request, "Không có loại sự kiện này. Dùng được: %s.", "No such type of events. There are: %s.",
                        types_like(request, wanted)));
    }
    return request->problem.kind == PROBLEM_NONE;
}

static bool may_own(struct request *request, struct session *session)
{
    const struct webhook_owner *owner;
    if (!secrets_ready())
        return refuse(request, PROBLEM_CONFLICT,
                      say(request, "Máy chủ này chưa có khóa để ký: người vận hành cần đặt THIDUA_SECRET_KEY.",
                          "There is no key to sign with: the operator has to set THIDUA_SECRET_KEY."));
    if (!webhook_owner(request, session, request->caller.key_id, &owner))
        return false;
    if (!owner)
        return refuse(request, PROBLEM_FORBIDDEN,
                      say(request, "Webhook thuộc về một khóa: hãy gọi bằng khóa, không phải bằng token.",
                          "A webhook belongs to a key: call with a key instead of a token."));
    return owner->webhooks < WEBHOOKS_MOST ||
           refuse(request, PROBLEM_CONFLICT,
                  say(request, "Khóa này đã có %d webhook; hãy bỏ bớt.",
                      "This key has %d webhooks already: remove one.", WEBHOOKS_MOST));
}

// The secret goes into the answer only: not into the journal, not into the log.
static struct reply show_signing_secret(struct request *request, struct reply reply, const char *id,
                                        const char *generation)
{
    char secret[SECRET_TEXT_SIZE];
    if (reply.status >= 400)
        return reply;
    secret_text(id, generation, secret);
    const char *text = // "}" and the line feed stand behind it instead
        arena_format(&request->arena, "%.*s,\"secret\":\"%s\"}", (int)(reply.length - 2), reply.body, secret);
    struct reply spelled = reply_json(request, reply.status, text, strlen(text));
    reply.body = spelled.body;
    reply.length = spelled.length;
    reply.cache_control = "no-store";
    return reply;
}

static const char *webhook_location(struct request *request, const char *id)
{
    return arena_format(&request->arena, "/v1/webhooks/%s", id);
}

static struct reply create_webhook(struct request *request, struct session *session)
{
    struct webhook_body body = {0};
    struct webhook_create made;
    if (!read_body(request, webhook_fields, &body) || !types_are_known(request) || !url_is_allowed(request, body.url) ||
        !may_own(request, session) ||
        !webhook_create(request, session, request->body_json, request->caller.key_id, secrets_id(), &made))
        return refusal(request);
    struct event event = {
        .type = "webhook.created", .resource = webhook_location(request, made.id), .after = made.told};
    struct reply reply = created(request, session, event, made.version, made.json);
    return show_signing_secret(request, reply, made.id, made.generation);
}

bool webhook_for_change(struct request *request, struct session *session, struct webhook *ret_webhook)
{
    struct webhook_lock held;
    const char *id = path_value(request, "id");
    if (!webhook_lock(request, session, id, request->caller.key_id, has_role(request, ROLE_ADMIN), &held))
        return false;
    *ret_webhook = (struct webhook){.id = id,
                                    .location = webhook_location(request, id),
                                    .version = held.version,
                                    .told = held.told,
                                    .own = held.own,
                                    .generation = held.generation};
    return true;
}

static bool is_own(struct request *request, const struct webhook *webhook)
{
    return webhook->own ||
           refuse(request, PROBLEM_FORBIDDEN,
                  say(request, "Webhook này thuộc khóa khác: chỉ được đổi state hoặc xóa.",
                      "This webhook belongs to another key: you may only change its state or remove it."));
}

// The journal, which others read, keeps the webhook as they see it.
static struct event event_of(const struct webhook *webhook, const char *type, const char *after)
{
    return (struct event){.type = type, .resource = webhook->location, .before = webhook->told, .after = after};
}

static bool only_state(const struct request *request)
{
    return json_object_size(request->json) == 1 && json_object_get(request->json, "state");
}

static struct reply patch_webhook(struct request *request, struct session *session)
{
    struct webhook webhook;
    struct webhook_patch patch = {0};
    struct webhook_now now;
    if (!read_body(request, patch_fields, &patch) || !types_are_known(request) || !url_is_allowed(request, patch.url) ||
        !webhook_for_change(request, session, &webhook) || (!only_state(request) && !is_own(request, &webhook)) ||
        !version_is(request, webhook.version) ||
        !webhook_change(request, session, webhook.id, request->body_json, request->caller.key_id, &now))
        return refusal(request);
    return changed(request, session, event_of(&webhook, "webhook.changed", now.told), now.version, now.json);
}

static struct reply delete_webhook(struct request *request, struct session *session)
{
    struct webhook webhook;
    struct webhook_delete gone;
    if (!webhook_for_change(request, session, &webhook) || !version_is(request, webhook.version) ||
        !webhook_delete(request, session, webhook.id, &gone))
        return refusal(request);
    return removed(request, session, event_of(&webhook, "webhook.deleted", NULL));
}

struct rotation_body {
    const char *overlap_hours;
};
static const struct field rotation_fields[] = {
    BOUND(rotation_body, overlap_hours, FIELD_INTEGER, .least = 0, .most = 168),
    {0},
};

static struct reply rotate_secret(struct request *request, struct session *session)
{
    struct webhook webhook;
    struct rotation_body body = {0};
    struct webhook_rotate now;
    if (!read_body(request, rotation_fields, &body) || !webhook_for_change(request, session, &webhook) ||
        !is_own(request, &webhook) || !version_is(request, webhook.version) || !may_own(request, session) ||
        !webhook_rotate(request, session, webhook.id, secrets_id(), body.overlap_hours, request->caller.key_id, &now))
        return refusal(request);
    struct reply reply =
        changed(request, session, event_of(&webhook, "webhook.rotated", now.told), now.version, now.json);
    return show_signing_secret(request, reply, webhook.id, now.generation);
}

// The test is an event like any other, and its webhook the one that always wants it: it also shows what is in its way.
static struct reply test_webhook(struct request *request, struct session *session)
{
    struct webhook webhook;
    struct webhook_now now;
    if (!webhook_for_change(request, session, &webhook) ||
        !webhook_hurry(request, session, webhook.id, request->caller.key_id, &now))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "webhook.tested", .resource = webhook.location, .after = now.told},
                   now.version, now.json);
}

static const struct query_field list_query[] = {QUERY_PAGE, {0}};

static const struct column webhook_columns[] = {
    {"Địa chỉ", "URL", "url"},
    {"Mô tả", "Description", "description"},
    {"Loại sự kiện", "Types", "types[]", .codes = "JournalType"},
    {"Phong trào", "Campaign", "campaign"},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {"Trạng thái", "State", "state", .codes = "WebhookState"},
    {"Chủ", "Owner", "owner.name"},
    {"Lỗi từ", "Failing since", "delivery.failing_since", COLUMN_INSTANT},
    {"Mã trả lời cuối", "Last status", "delivery.last_status"},
    {"Tạo lúc", "Created at", "created_at", COLUMN_INSTANT},
    {"Khóa cũ đến", "Former secret until", "previous_secret_until", COLUMN_INSTANT},
    {"Mã", "Id", "id"},
    {0},
};

const struct route webhook_routes[] = {
    {.method = "GET",
     .path = "/v1/webhooks",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &webhook_list_statement,
     .orders = (const struct order[]){FROM_START("created_at", webhook_list), {0}},
     .query = list_query,
     .cache_control = "no-store",
     .columns = webhook_columns},
    {.method = "POST",
     .path = "/v1/webhooks",
     .roles = ANY_KEY,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("A webhook is its owner's own."),
     .act = create_webhook,
     .body_kind = BODY_JSON,
     .body = webhook_fields},
    {.method = "GET",
     .path = "/v1/webhooks/{id}",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &webhook_get_statement,
     .cache_control = "no-store"},
    {.method = "PATCH",
     .path = "/v1/webhooks/{id}",
     .roles = ANY_KEY,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("A webhook is its owner's own."),
     .act = patch_webhook,
     .body_kind = BODY_MERGE_PATCH,
     .body = patch_fields},
    {.method = "DELETE",
     .path = "/v1/webhooks/{id}",
     .roles = ANY_KEY,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("A webhook is its owner's own."),
     .act = delete_webhook},
    {.method = "POST",
     .path = "/v1/webhooks/{id}/rotate-secret",
     .roles = ANY_KEY,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("A webhook is its owner's own."),
     .act = rotate_secret,
     .body_kind = BODY_JSON,
     .body = rotation_fields},
    {.method = "POST",
     .path = "/v1/webhooks/{id}/test",
     .roles = ANY_KEY,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("A webhook is its owner's own."),
     .act = test_webhook},
    {0},
};

const struct constraint_problem webhook_constraints[] = {
    {"webhooks_types", PROBLEM_INVALID, "/types", NULL,
     "Loại sự kiện có dạng thidua.dossier.lodged, hoặc phần đầu như thidua.dossier.*.",
     "Types of events look like thidua.dossier.lodged, or their beginning like thidua.dossier.*."},
    {"webhooks_campaign", PROBLEM_INVALID, "/campaign", NULL, "Không có phong trào này.", "There is no such campaign."},
    {"webhooks_unit", PROBLEM_INVALID, "/unit_id", NULL, "Không có đơn vị này.", "There is no such unit."},
    {0},
};
