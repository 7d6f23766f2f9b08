// Criteria sets: drafts are written and checked, published ones never change, campaigns take a published version.
#include "criteria_sets/criteria_sets.sql.h"
#include "criteria_sets/document.h"
#include "engine/json/verdict_json.h"
#include "handler/constraints.h"
#include "handler/feature.h"
#include "handler/run.h"
#include "http/route.h"
#include "thidua/civil.h"

#include <stdlib.h>
#include <string.h>

static const struct field document_fields[] = {
    PASSED("document", FIELD_JSON, .required = true),
    {0},
};

// Takes the reference.
static const char *criteria_set_text(struct request *request, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(json);
    defer_free(request, text);
    return text ? text : "null";
}

static const char *criteria_set_location(struct request *request, const char *name, const char *version)
{
    return arena_format(&request->arena, "/v1/criteria-sets/%s/%s", name, version);
}

// ---- drafts ----

// What a draft must have to be kept at all; everything else may still be wrong in it.
struct draft {
    const char *name, *version, *valid_from, *valid_to, *text;
    char hash[SHA256_HEX_LENGTH + 1];
};

static const char *date_member(struct request *request, const json_t *json, const char *name, bool required)
{
    const char *text = json_string_value(json_object_get(json, name));
    int32_t date;
    if ((!text && !required && !json_object_get(json, name)) ||
        (text && date_parse(text, strlen(text), &date) && date_is_kept(date)))
        return text;
    violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/document/%s", name), "type",
            say(request, "Cần một ngày YYYY-MM-DD từ năm %d đến năm %d.",
                "A day as YYYY-MM-DD of the years %d to %d is needed.", YEAR_FIRST_KEPT, YEAR_LAST_KEPT));
    return NULL;
}

// It stands in paths, where ".." would lead out.
static bool name_fits(const char *name)
{
    size_t length = name ? strlen(name) : 0;
    return length >= 1 && length <= 64 && !strchr("._-", *name) &&
           strspn(name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-") == length;
}

static bool read_draft(struct request *request, struct draft *ret_draft)
{
    if (!read_body(request, document_fields, NULL))
        return false;
    const json_t *json = json_object_get(request->json, "document");
    json_int_t version = json_integer_value(json_object_get(json, "version"));
    *ret_draft = (struct draft){.name = json_string_value(json_object_get(json, "name")),
                                .version = arena_format(&request->arena, "%" JSON_INTEGER_FORMAT, version)};
    if (!name_fits(ret_draft->name))
        violate(request, PROBLEM_INVALID, "/document/name", "type",
                say(request, "Cần tên từ 1 đến 64 ký tự A–Z, a–z, 0–9, . _ -, bắt đầu bằng chữ cái hoặc chữ số.",
                    "A name of 1 to 64 characters A–Z, a–z, 0–9, . _ - is needed that begins with a letter or digit."));
    if (version < 1 || version > 9999)
        violate(request, PROBLEM_INVALID, "/document/version", "range",
                say(request, "Cần số phiên bản từ 1 đến 9999.", "A version from 1 to 9999 is needed."));
    ret_draft->valid_from = date_member(request, json, "valid_from", true);
    ret_draft->valid_to = date_member(request, json, "valid_to", false);
    ret_draft->text = criteria_set_text(request, json_incref((json_t *)(uintptr_t)json));
    if (strlen(ret_draft->text) > RULES_MOST_BYTES)
        violate(request, PROBLEM_INVALID, "/document", "size",
                say(request, "Nhiều nhất %d byte.", "At most %d bytes.", RULES_MOST_BYTES));
    json_hash(&request->arena, json, ret_draft->hash);
    return request->problem.kind == PROBLEM_NONE;
}

#define EXISTS_VI "Phiên bản này đã có; hãy tăng số phiên bản, hoặc sửa bản nháp bằng PUT."
#define EXISTS_EN "This version exists: use the next one, or change a draft by PUT."

static bool is_draft(struct request *request, const struct criteria_set_lock *held)
{
    return !held->published || refuse(request, PROBLEM_CONFLICT,
                                      say(request, "Bộ tiêu chí đã công bố không được sửa; hãy tạo phiên bản mới.",
                                          "A published criteria set never changes: make a new version of it."));
}

// Locks the version of the path for a change.
static bool lock_draft(struct request *request, struct session *session, const struct criteria_set_lock **ret_held)
{
    return criteria_set_lock(request, session, path_value(request, "name"), path_value(request, "version"), ret_held) &&
           is_found(request, *ret_held) && version_is(request, (*ret_held)->revision) && is_draft(request, *ret_held);
}

static struct reply create_draft(struct request *request, struct session *session)
{
    struct draft draft;
    const struct criteria_set_lock *held;
    struct criteria_set_made made;
    if (!read_draft(request, &draft) || !criteria_set_lock(request, session, draft.name, draft.version, &held))
        return refusal(request);
    if (held) {
        violate(request, PROBLEM_CONFLICT, "/document/version", "exists", say(request, EXISTS_VI, EXISTS_EN));
        return refusal(request);
    }
    if (!criteria_set_create(request, session, draft.name, draft.version, draft.text, draft.hash, draft.valid_from,
                             draft.valid_to, request->caller.name, &made))
        return refusal(request);
    return created(request, session,
                   (struct event){.type = "criteria_set.drafted",
                                  .resource = criteria_set_location(request, draft.name, draft.version),
                                  .after = made.json},
                   made.revision, made.whole);
}

static struct reply replace_draft(struct request *request, struct session *session)
{
    struct draft draft;
    const struct criteria_set_lock *held;
    struct criteria_set_made made;
    const char *name = path_value(request, "name"), *version = path_value(request, "version");
    if (!read_draft(request, &draft) || !lock_draft(request, session, &held))
        return refusal(request);
    if (strcmp(draft.name, name) != 0 || strcmp(draft.version, version) != 0) {
        violate(request, PROBLEM_INVALID, strcmp(draft.name, name) != 0 ? "/document/name" : "/document/version",
                "path", say(request, "Phải trùng với đường dẫn.", "Must be what the path says."));
        return refusal(request);
    }
    if (!criteria_set_replace(request, session, name, version, draft.text, draft.hash, draft.valid_from, draft.valid_to,
                              &made))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "criteria_set.changed",
                                  .resource = criteria_set_location(request, name, version),
                                  .before = held->json,
                                  .after = made.json},
                   made.revision, made.whole);
}

// ---- checking, publishing, comparing ----

static struct reply check_document(struct request *request, struct session *session)
{
    (void)session;
    struct rule_faults faults;
    struct rule_set_document document = {0};
    char hash[SHA256_HEX_LENGTH + 1];
    if (!read_body(request, document_fields, NULL))
        return refusal(request);
    const json_t *json = json_object_get(request->json, "document");
    bool good = document_check(request, json, true, &faults, &document);
    json_hash(&request->arena, json, hash);
    json_t *report = json_pack("{s:b, s:s, s:I, s:I, s:I, s:o}", "publishable", good, "sha256", hash, "nodes",
                               (json_int_t)(document.rules ? document.rules->node_count : 0), "cases",
                               (json_int_t)document.case_count, "faults_total", (json_int_t)faults.total, "faults",
                               rule_faults_to_json(&faults));
    return computed(request, NULL, criteria_set_text(request, report));
}

static struct reply publish(struct request *request, struct session *session)
{
    struct rule_faults faults;
    struct rule_set_document document;
    const struct criteria_set_lock *held;
    struct criteria_set_publish done;
    const char *name = path_value(request, "name"), *version = path_value(request, "version");
    if (!lock_draft(request, session, &held))
        return refusal(request);
    json_t *json = json_loads(held->document, 0, NULL);
    bool good = document_check(request, json, true, &faults, &document);
    json_decref(json);
    if (!good) {
        document_refuse(request, &faults, "/document");
        return refusal(request);
    }
    if (!criteria_set_publish(request, session, name, version, &done))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "criteria_set.published",
                                  .resource = criteria_set_location(request, name, version),
                                  .before = held->json,
                                  .after = done.json},
                   done.revision, done.whole);
}

static struct reply compare_criteria_set(struct request *request, struct session *session)
{
    const json_t *from, *to;
    const char *name = path_value(request, "name");
    const char *older = query_value(request, "from"), *newer = query_value(request, "to");
    if (!older || !newer) {
        violate(request, PROBLEM_INVALID_QUERY, older ? "to" : "from", "required",
                say(request, "Cần hai phiên bản: from và to.", "Two versions are needed: from and to."));
        return refusal(request);
    }
    if (!document_stored(request, session, name, older, &from) || !document_stored(request, session, name, newer, &to))
        return refusal(request);
    json_t *diff = document_diff(from, to);
    json_object_set_new(diff, "name", json_string(name));
    json_object_set_new(diff, "from", json_integer(strtol(older, NULL, 10)));
    json_object_set_new(diff, "to", json_integer(strtol(newer, NULL, 10)));
    return computed(request, NULL, criteria_set_text(request, diff));
}

// ---- a campaign takes a version ----

struct adoption {
    const char *name, *version, *reason;
};

static const struct field adoption_fields[] = {
    BOUND(adoption, name, FIELD_LINE, .required = true, .most = 64),
    BOUND(adoption, version, FIELD_INTEGER, .required = true, .least = 1, .most = 9999),
    BOUND(adoption, reason, FIELD_TEXT, .required = true, .least = 1, .most = 2000),
    {0},
};

// A contestant of a group that the standings do not know would be in none of them (II.1), and a place beyond their cap
// nobody's (III.2.b).
static bool may_be_taken(struct request *request, const struct criteria_set_for_campaign *wanted)
{
    if (!wanted || !wanted->published)
        return violate(
            request, PROBLEM_INVALID, "/version", "not_published",
            say(request, "Không có bộ tiêu chí đã công bố này.", "There is no such published criteria set."));
    if (wanted->groups_unknown)
        violate(request, PROBLEM_INVALID, "/version", "groups_unknown",
                say(request, "Bảng xếp hạng của bộ tiêu chí không có các nhóm của kế hoạch: %s.",
                    "The standings of the criteria set do not know these groups of the plan: %s.",
                    request->language == ENGLISH ? wanted->groups_unknown_en : wanted->groups_unknown));
    if (wanted->cap_beyond)
        violate(request, PROBLEM_INVALID, "/version", "cap_beyond",
                say(request, "Số lượng tối đa của kế hoạch lớn hơn số của bộ tiêu chí.",
                    "The plan's cap is beyond that of the criteria set."));
    return request->problem.kind == PROBLEM_NONE;
}

static struct reply adopt(struct request *request, struct session *session)
{
    struct adoption body = {0};
    struct campaign_lock held;
    const struct criteria_set_for_campaign *wanted;
    struct campaign_adopt done;
    const char *code = path_value(request, "code");
    if (!read_body(request, adoption_fields, &body) || !campaign_lock(request, session, code, &held) ||
        !version_is(request, held.version) || !campaign_rounds_hold(request, session, code) ||
        !criteria_set_for_campaign(request, session, body.name, body.version, code, &wanted) ||
        !may_be_taken(request, wanted) || !campaign_adopt(request, session, code, body.name, body.version, &done))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "campaign.criteria_set_taken",
                                  .resource = arena_format(&request->arena, "/v1/campaigns/%s", code),
                                  .campaign = code,
                                  .reason = body.reason,
                                  .before = held.json},
                   done.version, done.json);
}

static const struct query_field list_query[] = {
    {.name = "name", .type = FIELD_TEXT, .most = 64},
    QUERY_PAGE,
    {0},
};
static const struct query_field diff_query[] = {
    {.name = "from", .type = FIELD_INTEGER, .least = 1, .most = 9999},
    {.name = "to", .type = FIELD_INTEGER, .least = 1, .most = 9999},
    {0},
};

#define KEEPERS ((unsigned)(ROLE_ADMIN | ROLE_HOME_AFFAIRS))

static const struct column criteria_set_columns[] = {
    {"Tên", "Name", "name"},
    {"Phiên bản", "Version", "version"},
    {"Trạng thái", "State", "state", .codes = "CriteriaSetState"},
    {"Từ ngày", "From", "valid_from", COLUMN_DATE},
    {"Đến ngày", "To", "valid_to", COLUMN_DATE},
    {"Ban hành lúc", "Published at", "published_at", COLUMN_INSTANT},
    {"Tạo lúc", "Created at", "created_at", COLUMN_INSTANT},
    {"Người tạo", "Created by", "created_by"},
    {"Phong trào dùng", "Campaigns", "campaigns[]"},
    {"SHA-256", "SHA-256", "sha256"},
    {0},
};

static const struct route criteria_set_routes[] = {
    {.method = "GET",
     .path = "/v1/criteria-sets",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &criteria_set_list_statement,
     .orders = (const struct order[]){FROM_START("name", criteria_set_list), {0}},
     .query = list_query,
     .columns = criteria_set_columns},
    {.method = "POST",
     .path = "/v1/criteria-sets",
     .roles = KEEPERS,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("Rules hold for all units alike."),
     .act = create_draft,
     .body_kind = BODY_JSON,
     .body = document_fields},
    {.method = "POST",
     .path = "/v1/criteria-sets/check",
     .roles = ANY_KEY,
     .lane = LANE_COMPUTE,
     .act = check_document,
     .body_kind = BODY_JSON,
     .body = document_fields},
    {.method = "GET",
     .path = "/v1/criteria-sets/{name}/diff",
     .roles = ANYONE,
     .lane = LANE_COMPUTE,
     .act = compare_criteria_set,
     .query = diff_query},
    {.method = "GET",
     .path = "/v1/criteria-sets/{name}/{version}",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &criteria_set_show_statement},
    {.method = "PUT",
     .path = "/v1/criteria-sets/{name}/{version}",
     .roles = KEEPERS,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("Rules hold for all units alike."),
     .act = replace_draft,
     .body_kind = BODY_JSON,
     .body = document_fields},
    {.method = "POST",
     .path = "/v1/criteria-sets/{name}/{version}/publish",
     .roles = KEEPERS,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("Rules hold for all units alike."),
     .act = publish},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/criteria-set",
     .roles = KEEPERS,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("Rules hold for all units alike."),
     .act = adopt,
     .body_kind = BODY_JSON,
     .body = adoption_fields},
    {0},
};

static const struct constraint_problem criteria_set_constraints[] = {
    {"criteria_sets_period", PROBLEM_INVALID, "/document/valid_to", NULL, "Ngày kết thúc trước ngày bắt đầu.",
     "The last day lies before the first."},
    {"criteria_sets_pkey", PROBLEM_CONFLICT, NULL, NULL, EXISTS_VI, EXISTS_EN},
    {0},
};

const struct feature criteria_sets_feature = {
    .name = "criteria_sets", .routes = {criteria_set_routes}, .constraints = {criteria_set_constraints}};
