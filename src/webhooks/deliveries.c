// What became of single events, and once more what was not taken.
#include "handler/run.h"
#include "http/route.h"
#include "webhooks/private.h"
#include "webhooks/webhook.h"
#include "webhooks/webhooks.sql.h"

#include <string.h>

static const char *const states[] = {"PENDING", "DELIVERED", "PARKED", NULL};

// Whoever asks has mended something: the webhook is tried at once.
static struct reply resend(struct request *request, struct session *session)
{
    struct webhook webhook;
    struct delivery_lock old;
    struct delivery_resend now;
    struct webhook_now hurried;
    const char *seq = path_value(request, "seq");
    if (!webhook_for_change(request, session, &webhook) || !delivery_lock(request, session, webhook.id, seq, &old))
        return refusal(request);
    if (strcmp(old.state, "PENDING") == 0) {
        refuse(request, PROBLEM_CONFLICT,
               say(request, "Sự kiện này đang được gửi.", "This event is being sent already."));
        return refusal(request);
    }
    const char *location = arena_format(&request->arena, "%s/deliveries/%s", webhook.location, seq);
    if (!delivery_resend(request, session, webhook.id, seq, &now) ||
        !webhook_hurry(request, session, webhook.id, request->caller.key_id, &hurried))
        return refusal(request);
    return changed(request, session, (struct event){.type = "webhook.resent", .resource = location}, NULL, now.json);
}

static const struct query_field list_query[] = {
    {.name = "state", .type = FIELD_CHOICE, .choices = states},
    QUERY_PAGE,
    {0},
};

static const struct column delivery_columns[] = {
    {"Số", "Number", "seq"},
    {"Mã thông điệp", "Message id", "message_id"},
    {"Trạng thái", "State", "state", .codes = "DeliveryState"},
    {"Số lần gửi", "Attempts", "attempts"},
    {"Gửi lần đầu", "First attempt at", "first_attempt_at", COLUMN_INSTANT},
    {"Gửi lần cuối", "Last attempt at", "last_attempt_at", COLUMN_INSTANT},
    {"Mã trả lời", "Status", "status"},
    {"Lỗi", "Error", "error"},
    {0},
};

const struct route delivery_routes[] = {
    {.method = "GET",
     .path = "/v1/webhooks/{id}/deliveries",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &delivery_list_statement,
     .orders = (const struct order[]){FROM_END("seq", delivery_list), {0}},
     .query = list_query,
     .cache_control = "no-store",
     .columns = delivery_columns},
    {.method = "POST",
     .path = "/v1/webhooks/{id}/deliveries/{seq}/resend",
     .roles = ANY_KEY,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("A webhook is its owner's own."),
     .act = resend},
    {0},
};
