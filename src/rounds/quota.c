// III.2.b: Sở Nội vụ allocates the year's cap over groups; every allocation is kept.
#include "handler/constraints.h"
#include "http/route.h"
#include "rounds/private.h"
#include "rounds/quota.sql.h"
#include "rounds/round.h"

#include <string.h>

static const struct field share_fields[] = {
    PASSED("group", FIELD_LINE, .required = true, .least = 1, .most = GROUP_MOST),
    PASSED("cluster", FIELD_LINE, .nullable = true, .least = 1, .most = 120),
    PASSED("form", FIELD_LINE, .least = 1, .most = 40),
    PASSED("slots", FIELD_INTEGER, .required = true, .least = 0, .most = 100000),
    {0},
};
static const struct field share_item = {.type = FIELD_OBJECT, .fields = share_fields};

struct quota_body {
    const char *reason;
};
static const struct field quota_fields[] = {
    PASSED("allocation", FIELD_LIST, .required = true, .most = 200, .item = &share_item),
    BOUND(quota_body, reason, FIELD_TEXT, .required = true, .least = 1, .most = 2000),
    {0},
};

static bool groups_known(struct request *request, struct session *session, const char *campaign)
{
    struct plan_groups groups;
    size_t i;
    json_t *share;
    if (!plan_groups(request, session, campaign, &groups))
        return false;
    json_array_foreach(json_object_get(request->json, "allocation"), i, share)
        group_known(request, &groups, json_string_value(json_object_get(share, "group")),
                    arena_format(&request->arena, "/allocation/%zu/group", i));
    return request->problem.kind == PROBLEM_NONE;
}

// What quota_faults() in SQL finds.
static const struct quota_word {
    const char *why, *vi, *en;
} quota_words[] = { // the last two are followed by the plan's forms
    {"form_unused", "Kế hoạch này không có nhiều hình thức khen thưởng: hãy bỏ trường này.",
     "This plan has no forms of award: leave this out."},
    {"form_by_group", "Bộ tiêu chí đã cho hình thức này số suất của từng nhóm hoặc khối, cụm: không phân bổ.",
     "The rules give each group or cluster its places of this form: there is nothing to allocate."},
    {"form_exceeded", "Tổng phân bổ vượt số suất của hình thức này.",
     "The allocated places add up to more than the form has."},
    {"cluster_without_key",
     "Bộ tiêu chí không xếp hạng theo khối, cụm (\"cluster_by\"), nên không giữ được suất cho một khối, cụm; hãy phân "
     "bổ "
     "cho cả nhóm.",
     "The rules do not compare inside clusters (\"cluster_by\"), so that no place can be kept for one: allocate to the "
     "group."},
    {"form_required", "Hãy nêu một hình thức khen thưởng của kế hoạch", "Name one of the plan's forms of award"},
    {"form_unknown", "Kế hoạch không có hình thức khen thưởng này; hãy nêu một trong",
     "The plan has no such form of award: name one of"}};
enum { QUOTA_WORDS = sizeof quota_words / sizeof *quota_words };

static bool rules_allow(struct request *request, struct session *session, const char *campaign)
{
    const struct quota_faults *faults;
    size_t count;
    bool english = request->language == ENGLISH;
    if (!quota_faults(request, session, campaign, request->body_json, &faults, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t word = 0;
        while (word + 1 < QUOTA_WORDS && strcmp(quota_words[word].why, faults[i].why) != 0)
            word++;
        const char *words = english ? quota_words[word].en : quota_words[word].vi,
                   *forms = english ? faults[i].forms_en : faults[i].forms_vi;
        violate(request, PROBLEM_INVALID,
                arena_format(&request->arena, "/allocation/%lld/%s", faults[i].place, faults[i].member),
                quota_words[word].why, faults[i].forms_vi ? say(request, "%s: %s.", "%s: %s.", words, forms) : words);
    }
    return count == 0;
}

// III.2.b: an award frees no place, so that no share is ever less than what was given from it.
static bool covers_awards(struct request *request, struct session *session, const struct round *round)
{
    const struct quota_exceeded *over;
    size_t count;
    if (!quota_exceeded(request, session, round->campaign, round->year, NULL, &over, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *detail = say(request, "%s đã có %lld tập thể được khen thưởng (%s); không phân bổ ít hơn (%lld).",
                                 "%s has %lld awards by now (%s): it cannot be allocated fewer places (%lld).",
                                 request->language == ENGLISH ? over[i].share_en : over[i].share, over[i].given,
                                 over[i].labels, over[i].slots);
        refuse_by(request, PROBLEM_RULE_REFUSED, "III.2.b", detail);
        violate(request, PROBLEM_RULE_REFUSED, "/allocation", "quota_exceeded", detail);
    }
    return count == 0;
}

static struct reply put_quota(struct request *request, struct session *session)
{
    struct quota_body body = {0};
    struct round round;
    struct quota_show old, now;
    struct quota_enforce enforced;
    if (!read_body(request, quota_fields, &body) ||
        !round_writable(request, session, ROUND_ALONE, ROUND_QUOTA, &round) ||
        !version_is(request, round.quota_version) || !groups_known(request, session, round.campaign) ||
        !rules_allow(request, session, round.campaign) ||
        !quota_show(request, session, round.campaign, round.year, &old) ||
        !quota_insert(request, session, round.campaign, round.year, round.quota_version, body.reason,
                      request->caller.key_id, request->caller.name, request->body_json) ||
        !quota_enforce(request, session, round.campaign, round.year, &enforced) ||
        !covers_awards(request, session, &round) || !quota_show(request, session, round.campaign, round.year, &now))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "quota.allocated",
                                  .resource = arena_format(&request->arena, "%s/quota", round.path),
                                  .campaign = round.campaign,
                                  .year = round.year,
                                  .reason = body.reason,
                                  .before = old.json},
                   enforced.version, now.json);
}

static const struct query_field list_query[] = {QUERY_PAGE, {0}};

static const struct column version_columns[] = {
    {"Phiên bản", "Version", "version"},
    {"Phân bổ", "Allocation", "allocation[].group_label.@+cluster+slots"},
    {"Lý do", "Reason", "reason"},
    {"Người làm", "Recorded by", "recorded_by"},
    {"Ghi lúc", "Recorded at", "recorded_at", COLUMN_INSTANT},
    {0},
};

static const struct duty quota_duty = {.units = &quota_stake_statement};

const struct route quota_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/quota",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &quota_get_statement},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/rounds/{year}/quota",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &quota_duty,
     .act = put_quota,
     .body_kind = BODY_JSON,
     .body = quota_fields},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/quota/versions",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &quota_history_statement,
     .orders = (const struct order[]){FROM_END("version", quota_history), {0}},
     .query = list_query,
     .columns = version_columns},
    {0},
};

const struct constraint_problem quota_constraints[] = {
    {"quota_within_cap", PROBLEM_RULE_REFUSED, "/allocation", "III.2.b",
     "Tổng chỉ tiêu phân bổ vượt số lượng khen thưởng tối đa của năm; hãy giảm bớt.",
     "The allocated places add up to more than the year's cap: allocate fewer."},
    {"quota_one_level", PROBLEM_INVALID, "/allocation", NULL,
     "Một nhóm được phân bổ hoặc cho cả nhóm, hoặc theo từng khối, cụm; không cả hai.",
     "A group gets its places either as a whole or by its clusters, not both."},
    {"quota_shares_once", PROBLEM_INVALID, "/allocation", NULL, "Một nhóm (và khối, cụm) chỉ được nêu một lần.",
     "A group (and cluster) is named only once."},
    {"quota_shares_cluster", PROBLEM_INVALID, "/allocation", NULL,
     "Tên khối, cụm phải có chữ hoặc số; không thuộc khối, cụm nào thì không ghi.",
     "The cluster's name needs a letter or a digit: leave it out where there is no cluster."},
    {0},
};
