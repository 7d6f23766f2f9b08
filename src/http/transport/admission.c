#include "http/transport/exchange.h"

#include "http/input/header.h"
#include "http/input/media_type.h"
#include "http/route.h"

#include <stdlib.h>
#include <string.h>

// Of IPv6 the network part, for one client has all the rest of it.
static const void *address_of(const struct exchange *exchange, size_t *ret_length)
{
    bool four = address_is_ipv4(&exchange->address);
    *ret_length = four ? 4 : 8;
    return exchange->addressed ? exchange->address.bytes + (four ? 12 : 0) : NULL;
}

// Who keeps asking with a wrong key counts as an address. Probes and scrapers of the operator are not counted.
static bool within_rate(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    const struct server_rates *rates = server_rates();
    bool known = request->caller.known;
    unsigned quota = known ? rates->key : rates->address;
    size_t length = sizeof request->caller.key_id - 1;
    const void *who = request->caller.key_id;
    if (!quota || strncmp(request->route->path, "/v1/", 4) != 0 || (!known && !(who = address_of(exchange, &length))) ||
        rate_take(who, length, quota, request->started, &exchange->rate))
        return true;
    request->problem = (struct problem){.retry_after = (int)exchange->rate.seconds};
    return refuse(request, PROBLEM_TOO_MANY_REQUESTS,
                  say(request, "Nhiều nhất %u yêu cầu một phút; hãy đợi %u giây.",
                      "At most %u requests a minute: wait for %u seconds.", quota, exchange->rate.seconds));
}

static bool allowed(struct request *request)
{
    unsigned roles = request->route->roles;
    if (roles & ANYONE)
        return true;
    if (!request->caller.known)
        return refuse(request, PROBLEM_UNAUTHENTICATED,
                      say(request, "Gửi khóa trong trường Authorization: Bearer thd_….",
                          "Send a key in the field Authorization: Bearer thd_…."));
    if (request->caller.roles & roles)
        return true;
    const char *names = "";
    for (unsigned role = 1; role <= ROLES_ALL; role <<= 1)
        if (roles & role)
            names = arena_format(&request->arena, "%s%s%s", names, *names ? ", " : "",
                                 words_for(request, "Role", role_name(role)));
    return refuse(request, PROBLEM_FORBIDDEN,
                  say(request, "Cần vai trò: %s.", "One of these roles is needed: %s.", names));
}

// RFC 9110 section 12.5.1. Problems are sent in their own type whatever is accepted, for they must be seen.
static bool acceptable(struct request *request)
{
    if (strcmp(request->route->method, "OPTIONS") == 0 || route_offer_wanted(request))
        return true;
    const char *offers[OFFERS_MAX], *list = "";
    size_t count = route_offers(request->route, offers);
    for (size_t i = 0; i < count; i++)
        list = arena_format(&request->arena, "%s%s%s", list, i ? ", " : "", offers[i]);
    return violate(request, PROBLEM_NOT_ACCEPTABLE, "Accept", "media_type",
                   say(request, "Ở đây có: %s.", "Available here: %s.", list));
}

static const struct {
    const char *type;
    uint64_t most;
    bool text;
    const char *also; // another type
} body_kinds[] = {
    [BODY_NONE] = {NULL, 0, false},
    [BODY_JSON] = {"application/json", JSON_BODY_MAX, true},
    [BODY_MERGE_PATCH] = {"application/merge-patch+json", JSON_BODY_MAX, true},
    [BODY_CSV] = {"text/csv", CSV_BODY_MAX, true, XLSX_TYPE},
    [BODY_PDF] = {"application/pdf", PDF_BODY_MAX, false},
};

uint64_t announced_length(const struct request *request)
{
    return request->content_length ? strtoull(request->content_length, NULL, 10) : 0;
}

bool has_body(const struct request *request)
{
    return request->transfer_encoding || announced_length(request) > 0;
}

bool too_large(struct request *request, uint64_t most)
{
    return refuse(request, PROBLEM_BODY_TOO_LARGE,
                  say(request, "Nhiều nhất %llu byte.", "At most %llu bytes.", (unsigned long long)most));
}

// What a body is said to be, before any of it is read.
static bool body_is_readable(struct request *request, enum body_kind kind)
{
    if (kind == BODY_NONE)
        return refuse(request, PROBLEM_BODY_TOO_LARGE,
                      say(request, "Yêu cầu này không có nội dung.", "This request takes no body."));
    const char *also = body_kinds[kind].also;
    bool usual = media_type_is(request->content_type, body_kinds[kind].type);
    if (!usual && !(also && media_type_is(request->content_type, also)))
        return violate(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Content-Type", "media_type",
                       say(request, "Cần Content-Type: %s%s%s.", "Content-Type: %s%s%s is needed.",
                           body_kinds[kind].type, also ? say(request, " hoặc ", " or ") : "", also ? also : ""));
    if (usual && body_kinds[kind].text && !media_type_is_utf8(request->content_type))
        return violate(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Content-Type", "charset",
                       say(request, "Chỉ nhận charset=utf-8; hãy chuyển mã rồi gửi lại.",
                           "Only charset=utf-8 is taken: convert the body, then send it again."));
    if (request->content_encoding && !list_holds_only(request->content_encoding, "identity"))
        return violate(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Content-Encoding", "content_coding",
                       say(request, "Gửi nội dung không nén, không có Content-Encoding.",
                           "Send the body as it is, without Content-Encoding."));
    if (request->content_range) // RFC 9110 section 14.5
        return violate(request, PROBLEM_MALFORMED_REQUEST, "Content-Range", "unsupported",
                       say(request, "Gửi toàn bộ nội dung, không có Content-Range.",
                           "Send the whole body, without Content-Range."));
    return true;
}

static bool body_acceptable(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    enum body_kind kind = request->route->body_kind;
    exchange->body_most = body_kinds[kind].most;
    if (!has_body(request))
        return true;
    if (!body_is_readable(request, kind))
        return false;
    if (announced_length(request) > exchange->body_most)
        return too_large(request, exchange->body_most);
    return kind != BODY_PDF || spool_open(exchange);
}

bool exchange_admitted(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    return within_rate(exchange) && request->problem.kind == PROBLEM_NONE && allowed(request) && acceptable(request) &&
           body_acceptable(exchange) && read_query(request, request->route->query);
}
