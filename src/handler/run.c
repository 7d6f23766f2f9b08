#include "handler/run.h"

#include "base/pure/budget.h"
#include "database/changes.h"
#include "handler/handler.sql.h"
#include "handler/run_statement.h"
#include "handler/validator.h"
#include "http/input/cursor.h"
#include "http/route.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

const char *caller_unit(const struct request *request)
{
    return or_null(request->caller.unit_id);
}

bool too_much_work(struct request *request, uint64_t asked, uint64_t most, const char *what_vi, const char *what_en)
{
    const char *what = request->language == ENGLISH ? what_en : what_vi;
    return refuse(request, PROBLEM_TOO_MUCH_WORK,
                  say(request, "Yêu cầu cần %" PRIu64 " %s; nhiều nhất %" PRIu64 ". Hãy chia nhỏ yêu cầu.",
                      "The request takes %" PRIu64 " %s; at most %" PRIu64 " are allowed. Split it.", asked, what,
                      most));
}

bool within_budget(struct request *request)
{
    switch (budget_state()) {
    case BUDGET_OUT_OF_MEMORY:
        return refuse(request, PROBLEM_TOO_MUCH_WORK,
                      say(request, "Yêu cầu cần nhiều bộ nhớ hơn mức cho phép; hãy chia nhỏ yêu cầu.",
                          "The request takes more memory than one may have: split it."));
    case BUDGET_OUT_OF_TIME:
        return refuse(request, PROBLEM_TOO_MUCH_WORK,
                      say(request, "Yêu cầu cần nhiều thời gian hơn mức cho phép; hãy chia nhỏ yêu cầu.",
                          "The request takes more time than one may have: split it."));
    case BUDGET_KEPT:
    default:
        return true;
    }
}

static bool is_stale(struct request *request, const char *current)
{
    return refuse(request, PROBLEM_STALE_VERSION,
                  say(request, "Bản hiện tại là %s; hãy đọc lại rồi sửa.",
                      "The current version is %s: read it again, then change it.", current));
}

// In the order of RFC 9110 section 13.2.2.
bool version_is(struct request *request, const char *current)
{
    if (request->if_match && !if_match_any(request) && !if_match_names(request, current))
        return is_stale(request, current);
    if (if_none_match_fails(request, current))
        return refuse(request, PROBLEM_STALE_VERSION,
                      say(request,
                          "Bản ghi đã có, If-None-Match không cho ghi đè; bỏ trường này và gửi ETag trong If-Match.",
                          "The record exists, and If-None-Match forbids writing over it: leave that field out and send "
                          "the ETag in If-Match."));
    return request->if_match || refuse(request, PROBLEM_VERSION_REQUIRED,
                                       say(request, "Gửi ETag của bản đã đọc trong trường If-Match.",
                                           "Send the ETag of what you read in the field If-Match."));
}

bool may_be_new(struct request *request)
{
    return !request->if_match || refuse(request, PROBLEM_STALE_VERSION,
                                        say(request, "Bản ghi này không (còn) có; bỏ If-Match để tạo mới.",
                                            "There is no such record (any more): leave If-Match out to create it."));
}

bool may_put(struct request *request, const char *version)
{
    return version ? version_is(request, version) : may_be_new(request);
}

bool part_may_be_new(struct request *request, const char *whole)
{
    if (if_match_any(request))
        return may_be_new(request);
    return !request->if_match || if_match_names(request, whole) || is_stale(request, whole);
}

const char *new_id(struct request *request)
{
    uint64_t drawn[2];
    if (getrandom(drawn, sizeof drawn, 0) != sizeof drawn)
        abort(); // Linux gives so few bytes always
    // The 4 is the version, and the upper bits of the fourth group are the variant of the RFC.
    return arena_format(&request->arena, "%08x-%04x-4%03x-%04x-%012" PRIx64, (unsigned)(drawn[0] >> 32),
                        (unsigned)(drawn[0] >> 16 & 0xffff), (unsigned)(drawn[0] & 0xfff),
                        (unsigned)(0x8000 | (drawn[1] >> 48 & 0x3fff)), drawn[1] & 0xffffffffffff);
}

// While no key has changed anywhere, PostgreSQL is not asked. Where no news flow, now or when the caller was let in, it
// is.
bool caller_holds(struct request *request, struct session *session)
{
    const struct caller *caller = &request->caller;
    const struct caller_lock *key;
    uint64_t seen = changes_seen(CHANGE_KEYS);
    if (!caller->key_id[0] || caller->by_token || (seen && seen == caller->seen))
        return true;
    if (!caller_lock(request, session, caller->key_id, caller->generation, &key))
        return false;
    return (key && key->holds) || refuse(request, PROBLEM_UNAUTHENTICATED,
                                         say(request, "Khóa đã bị thu hồi trong lúc xử lý; không có gì được ghi.",
                                             "The key was revoked meanwhile: nothing of this was kept."));
}

static const char *role_list(struct request *request)
{
    const char *names = "";
    for (unsigned role = 1; role <= ROLES_ALL; role <<= 1)
        if (request->caller.roles & role)
            names = arena_format(&request->arena, "%s%s%s", names, *names ? " " : "", role_name(role));
    return names;
}

static const char *actor_kind(const struct caller *caller)
{
    return !caller->key_id[0] ? "SERVICE" : caller->by_token ? "TOKEN" : "KEY";
}

// Who has cached what rests on events of this kind is told once the transaction is committed.
static void note_change(struct request *request, const char *type)
{
    request->journalled = true;
    char kind[64];
    snprintf(kind, sizeof kind, " %.*s ", (int)strcspn(type, "."), type);
    size_t length = strlen(request->changed);
    if (!strstr(request->changed, kind))
        snprintf(request->changed + length, sizeof request->changed - length, "%s", kind);
}

bool record(struct request *request, struct session *session, struct event event)
{
    note_change(request, event.type);
    const struct caller *caller = &request->caller;
    const char *key = or_null(caller->key_id), *kind = actor_kind(caller);
    return journal_append(request, session, kind, key, or_null(caller->generation), caller->name, role_list(request),
                          caller_unit(request), request->id, event.type, event.resource, event.campaign, event.year,
                          event.unit_id, event.restricted, event.reason, event.before, event.after);
}

bool record_each(struct request *request, struct session *session, struct event event, const char *units)
{
    note_change(request, event.type);
    const struct caller *caller = &request->caller;
    const char *key = or_null(caller->key_id), *kind = actor_kind(caller);
    return journal_append_each(request, session, kind, key, or_null(caller->generation), caller->name,
                               role_list(request), caller_unit(request), request->id, event.type, event.campaign,
                               event.year, event.restricted, event.reason, units);
}

// Of a call that writes several things there is no version, nor one place that a GET would read.
static struct reply written(struct request *request, struct session *session, unsigned status,
                            const struct event *event, const char *version, const char *json)
{
    struct reply reply = reply_json(request, status, json, strlen(json));
    reply.etag = etag_of(request, version, reply.body, reply.length);
    reply.cache_control = "private, no-cache";
    if (!version && status != 201)
        return reply;
    reply.etag = event->read_alike
                     ? validator_in_coding(request, reply)
                     : validator_of(request, session, event->whole ? event->whole : event->resource, reply.etag);
    return reply.etag ? reply : refusal(request);
}

static struct reply answer_write(struct request *request, struct session *session, unsigned status, struct event event,
                                 const char *version, const char *json)
{
    if (!event.after)
        event.after = json;
    return record(request, session, event) ? written(request, session, status, &event, version, json)
                                           : refusal(request);
}

struct reply created(struct request *request, struct session *session, struct event event, const char *version,
                     const char *json)
{
    struct reply reply = answer_write(request, session, 201, event, version, json);
    if (reply.status == 201)
        reply.location = event.resource;
    return reply;
}

struct reply changed(struct request *request, struct session *session, struct event event, const char *version,
                     const char *json)
{
    return answer_write(request, session, 200, event, version, json);
}

struct reply removed(struct request *request, struct session *session, struct event event)
{
    return record(request, session, event) ? reply_no_content() : refusal(request);
}

struct reply part_removed(struct request *request, struct session *session, struct event event, const char *version,
                          const char *json)
{
    return record(request, session, event) ? written(request, session, 200, &event, version, json) : refusal(request);
}

struct reply unchanged(struct request *request, struct session *session, const char *resource, const char *version,
                       const char *json)
{
    request->journalled = true;
    return written(request, session, 200, &(struct event){.resource = resource}, version, json);
}

struct reply computed(struct request *request, const char *next, const char *json)
{
    struct reply reply = reply_json(request, 200, json, strlen(json));
    reply.next = next;
    cursor_seal(request, &reply);
    reply.etag = etag_of(request, NULL, reply.body, reply.length);
    return reply;
}

struct reply computed_spelled(struct request *request, char *json, size_t length, const char *etag)
{
    struct reply reply = {.status = 200, .body = json, .length = length + 1};
    json[length] = '\n';
    reply.etag = etag ? etag : etag_of(request, NULL, reply.body, reply.length);
    return reply;
}

bool refuse_ended_unit(struct request *request)
{
    return refuse(
        request, PROBLEM_FORBIDDEN,
        say(request,
            "Đơn vị của khóa này đã kết thúc hoạt động nên khóa chỉ còn được đọc; đơn vị kế thừa làm thay bằng "
            "khóa của mình.",
            "The unit of this key has ended, so the key only reads: its successor acts for it, with a key of "
            "its own."));
}

bool refuse_outside_scope(struct request *request)
{
    return refuse(
        request, PROBLEM_OUTSIDE_SCOPE,
        say(request,
            "Khóa làm việc cho đơn vị của mình và các đơn vị trực thuộc (GET /v1/me, \"unit_id\"); hãy dùng khóa "
            "của đơn vị được nêu hoặc của đơn vị cấp trên của nó.",
            "A key acts for its own unit and those below it (GET /v1/me, \"unit_id\"): use a key of the unit that "
            "is named, or of one above it."));
}

static bool judge_scope(struct request *request, const struct rows *rows)
{
    if (!require_row(request, rows))
        return false;
    struct unit_scope scope = unit_scope_at(rows, 0);
    if (!scope.inside)
        return refuse_outside_scope(request);
    return !scope.ended || refuse_ended_unit(request);
}

bool in_own_subtree(struct request *request, struct session *session, const char *unit_id)
{
    return unit_scope(request, session, unit_id, caller_unit(request), judge_scope);
}

bool within_scope(struct request *request, struct session *session, const char *unit_id)
{
    // Only roles that this route allows count: what a key may do elsewhere opens no other unit here.
    if (request->caller.roles & request->route->roles & ~(unsigned)(ROLE_UNIT | ROLE_VIEWER))
        return true;
    return in_own_subtree(request, session, unit_id);
}

bool reason_given(struct request *request, const char *reason, const char *pointer)
{
    return reason || violate(request, PROBLEM_INVALID, pointer, "required",
                             say(request, "Việc này cần nêu lý do.", "This needs a reason."));
}

void clauses_of_plan(struct request *request, const char *json)
{
    json_t *clauses = json ? json_loads(json, 0, NULL) : NULL;
    if (clauses)
        defer_json(request, clauses);
    request->clauses = clauses;
    request->plan_at_hand = true;
}
