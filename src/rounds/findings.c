// III.1.a: the appraiser's findings on the contents of emulation, with the rank beside them.
#include "handler/bulk/bulk.h"
#include "handler/constraints.h"
#include "handler/handler.sql.h"
#include "http/route.h"
#include "rounds/findings.sql.h"
#include "rounds/private.h"
#include "rounds/round.h"

#include <stdlib.h>
#include <strings.h>

static const char *const results[] = {"OUTSTANDING_LEADING", "OUTSTANDING", "NOT_OUTSTANDING", NULL};
static const struct field evidence_item = {
    .type = FIELD_LINE, .names_document = true, .required = true, .least = 1, .most = 500};

const struct field content_fields[] = {
    PASSED("content", FIELD_LINE, .required = true, .most = 16),
    PASSED("score", FIELD_DECIMAL, .required = true, .scale = 2, .least = 0, .most = 10000),
    PASSED("result", FIELD_CHOICE, .required = true, .choices = results),
    PASSED("reason", FIELD_TEXT, .required = true, .least = 1, .most = 4000),
    PASSED("evidence", FIELD_LIST, .most = 50, .item = &evidence_item),
    {0},
};
static const struct field content_item = {.type = FIELD_OBJECT, .fields = content_fields};
#define CONTENTS PASSED("contents", FIELD_LIST, .required = true, .least = 1, .most = 50, .item = &content_item)
static const struct field finding_fields[] = {CONTENTS, {0}};

static const struct field listed_fields[] = {
    PASSED("unit_id", FIELD_UUID, .required = true),
    PASSED("version", FIELD_LINE, .most = VERSION_MOST),
    CONTENTS,
    {0},
};
static const struct field listed_item = {.type = FIELD_OBJECT, .fields = listed_fields};
static const struct field several_fields[] = {
    PASSED("findings", FIELD_LIST, .required = true, .least = 1, .most = BULK_MOST, .item = &listed_item),
    {0},
};

static void refuse_unknown(struct request *request, const struct finding_beyond *beyond)
{
    if (request->problem.kind == PROBLEM_NONE)
        by_clause(request, "II.2");
    violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/contents/%s/content", beyond->place),
            "finding_contents_known",
            say(request, "Các nội dung thi đua của kế hoạch: %s.", "The plan's contents of emulation are: %s.",
                request->language == ENGLISH ? beyond->known_en : beyond->known_vi));
}

static void refuse_score(struct request *request, const struct finding_beyond *beyond)
{
    violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/contents/%s/score", beyond->place), "range",
            say(request, "Theo kế hoạch, điểm của nội dung này từ %s đến %s.",
                "By the plan the score of this content is from %s to %s.", beyond->least ? beyond->least : "0",
                beyond->most ? beyond->most : "100"));
}

static bool judge_contents(struct request *request, const struct rows *rows)
{
    for (int i = 0; i < rows_count(rows); i++) {
        struct finding_beyond beyond = finding_beyond_at(rows, i);
        if (beyond.known_vi)
            refuse_unknown(request, &beyond);
        else
            refuse_score(request, &beyond);
    }
    return rows_count(rows) == 0;
}

// Writes what was found of a unit by the body that was read. `version` of what is there; NULL: nothing.
static bool write_contents(struct request *request, struct session *session, const struct round *round,
                           const char *unit, const char *version)
{
    const char *campaign = round->campaign, *year = round->year, *json = request->body_json;
    if (!findings_beyond(request, session, campaign, json, judge_contents))
        return false;
    if (!version)
        return finding_insert(request, session, campaign, year, unit, json);
    return finding_clear(request, session, campaign, year, unit) &&
           finding_fill(request, session, campaign, year, unit, json);
}

static const char *only_unit(struct request *request, const char *unit)
{
    return arena_format(&request->arena, "[\"%s\"]", unit);
}

// NULL: there is none.
static bool shown_now(struct request *request, struct session *session, const struct round *round, const char *unit,
                      const struct finding_row **ret_row)
{
    size_t count;
    bool good =
        findings_written(request, session, round->campaign, round->year, only_unit(request, unit), ret_row, &count);
    if (good && count == 0)
        *ret_row = NULL;
    return good;
}

static struct reply put_finding(struct request *request, struct session *session)
{
    struct round round;
    const struct finding_row *old, *now;
    const char *unit = path_value(request, "unit_id");
    if (!read_body(request, finding_fields, NULL) ||
        !round_writable(request, session, ROUND_SHARED, ROUND_FINDINGS, &round) ||
        !finding_take(request, session, round.campaign, round.year, unit, &old) ||
        !may_put(request, old ? old->version : NULL) ||
        !write_contents(request, session, &round, unit, old ? old->version : NULL) ||
        !shown_now(request, session, &round, unit, &now) || !is_found(request, now))
        return refusal(request);
    return record_was_put(request, session, !old,
                          (struct event){.type = old ? "finding.changed" : "finding.recorded",
                                         .resource = round_location(request, &round, "findings", unit),
                                         .unit_id = unit,
                                         .campaign = round.campaign,
                                         .year = round.year,
                                         .restricted = true,
                                         .before = old ? old->json : NULL,
                                         .read_alike = true},
                          now->version, now->json);
}

// ---- several ----

bool finding_listed(struct request *request, struct session *session, const struct listed *listed,
                    struct listed_made *ret_made)
{
    struct round round;
    const struct finding_hold *held;
    if (!read_item(request, finding_fields, listed->body, NULL) ||
        !round_writable_of(request, session, ROUND_SHARED, ROUND_FINDINGS, listed->campaign, listed->year, &round) ||
        !finding_hold(request, session, round.campaign, round.year, listed->unit_id, &held) ||
        !may_put(request, held ? held->version : NULL))
        return false;
    *ret_made =
        (struct listed_made){.resource = round_location(request, &round, "findings", listed->unit_id), .is_new = !held};
    return write_contents(request, session, &round, listed->unit_id, held ? held->version : NULL);
}

bool findings_listable(struct request *request, struct session *session, const char *campaign, const char *year)
{
    struct round round;
    return round_writable_of(request, session, ROUND_SHARED, ROUND_FINDINGS, campaign, year, &round);
}

// Of some units, in the order of their ids.
struct finding_rows {
    const char *units; // as a statement takes them
    const struct finding_row *rows;
    size_t count;
};

static int by_unit(const void *unit, const void *row)
{
    return strcasecmp(unit, ((const struct finding_row *)row)->unit_id);
}

static const struct finding_row *row_of(const struct finding_rows *rows, const char *unit)
{
    return rows->count ? bsearch(unit, rows->rows, rows->count, sizeof *rows->rows, by_unit) : NULL;
}

static const char *units_text(struct request *request, const struct listing *listing)
{
    json_t *units = json_array();
    for (size_t i = 0; i < listing->count; i++)
        if (listing->units[i])
            json_array_append_new(units, json_string(listing->units[i]));
    char *text = json_dumps(units, JSON_COMPACT);
    json_decref(units);
    defer_free(request, text);
    return text;
}

static bool begin_findings(struct request *request, struct session *session, struct listing *listing)
{
    struct finding_rows *before = arena_new(&request->arena, struct finding_rows);
    *before = (struct finding_rows){.units = units_text(request, listing)};
    listing->before = before;
    return before->units ? findings_hold(request, session, listing->campaign, listing->year, before->units) &&
                               findings_written(request, session, listing->campaign, listing->year, before->units,
                                                &before->rows, &before->count)
                         : refuse(request, PROBLEM_UNAVAILABLE, NULL);
}

static json_t *document(const struct finding_row *row)
{
    return row ? json_loads(row->json, 0, NULL) : json_null();
}

// As record_each() takes them.
static const char *events_text(struct request *request, const struct listing *listing, const struct finding_rows *now)
{
    const struct round round = {
        .path = arena_format(&request->arena, "/v1/campaigns/%s/rounds/%s", listing->campaign, listing->year)};
    json_t *events = json_array();
    for (size_t i = 0; i < now->count; i++) {
        const char *unit = now->rows[i].unit_id;
        const struct finding_row *old = row_of(listing->before, unit);
        json_array_append_new(events, json_pack("{s:s, s:s, s:s, s:o, s:o}", "type",
                                                old ? "finding.changed" : "finding.recorded", "unit_id", unit,
                                                "resource", round_location(request, &round, "findings", unit), "before",
                                                document(old), "after", document(&now->rows[i])));
    }
    char *text = json_dumps(events, JSON_COMPACT);
    json_decref(events);
    defer_free(request, text);
    return text;
}

static bool end_findings(struct request *request, struct session *session, const struct listing *listing,
                         struct listed_made *ret_made)
{
    struct finding_rows now = {.units = ((const struct finding_rows *)listing->before)->units};
    const char *events = NULL;
    if (!findings_written(request, session, listing->campaign, listing->year, now.units, &now.rows, &now.count))
        return false;
    for (size_t i = 0; ret_made && i < listing->count; i++) {
        const struct finding_row *row = row_of(&now, listing->units[i]);
        if (!is_found(request, row))
            return false;
        ret_made[i] = (struct listed_made){.version = row->version, .json = row->json};
    }
    events = events_text(request, listing, &now);
    return events ? record_each(request, session,
                                (struct event){.type = "finding.recorded",
                                               .campaign = listing->campaign,
                                               .year = listing->year,
                                               .restricted = true},
                                events)
                  : refuse(request, PROBLEM_UNAVAILABLE, NULL);
}

const struct listed_together findings_together = {begin_findings, end_findings};

const struct duty finding_duty = {.units = &round_unit_stake_statement, .rivals = true};

static struct reply put_findings(struct request *request, struct session *session)
{
    static const struct bulk findings = {.list = "findings",
                                         .subject = "unit_id",
                                         .versions = true,
                                         .duty = &finding_duty,
                                         .ready = findings_listable,
                                         .enter = finding_listed,
                                         .together = &findings_together};
    return bulk_write(request, session, &findings);
}

static const struct query_field list_query[] = {
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "group", .type = FIELD_TEXT, .least = 1, .most = GROUP_MOST},
    {.name = "cluster", .type = FIELD_LINE, .most = 120},
    QUERY_PAGE,
    {0},
};

// A row is one content of a unit, as an import takes it.
const struct column finding_columns[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Nhóm", "Group", "among.label.@"},
    {"Cụm", "Cluster", "cluster"},
    {"Nội dung", "Content", "contents.content"},
    {"Điểm", "Score", "contents.score", COLUMN_DECIMAL},
    {"Kết quả", "Result", "contents.result", .codes = "FindingResult"},
    {"Thứ hạng theo điểm", "Rank by score", "contents.rank"},
    {"Lý do", "Reason", "contents.reason"},
    {"Minh chứng", "Evidence", "contents.evidence[]"},
    {"Chưa có kết luận", "Missing", "missing[]"},
    {"Tổng điểm", "Total score", "total_score", COLUMN_DECIMAL},
    {"Thứ hạng chung", "Rank of all contents", "rank"},
    {"Trên tổng số", "Of", "of"},
    {"Ghi lúc", "Recorded at", "recorded_at", COLUMN_INSTANT},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

const struct route finding_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/findings",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &finding_list_statement,
     .orders = (const struct order[]){FROM_START("unit_id", finding_list), {0}},
     .query = list_query,
     .columns = finding_columns,
     .rows_of = "contents"},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/findings/{unit_id}",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &finding_get_statement},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/rounds/{year}/findings/{unit_id}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &finding_duty,
     .act = put_finding,
     .body_kind = BODY_JSON,
     .body = finding_fields},
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/findings",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_HEAVY,
     .duty = NO_UNIT_AT_STAKE("Each item is a write of its own, and keeps the duty of the single write."),
     .act = put_findings,
     .body_kind = BODY_JSON,
     .body = several_fields},
    {0},
};

const struct constraint_problem finding_constraints[] = {
    {"findings_contestant", PROBLEM_RULE_REFUSED, NULL, "II.1",
     "Đơn vị chưa có trong danh sách đối tượng thi đua của năm; hãy ghi vào danh sách trước.",
     "The unit is not in the year's register of contestants: enter it there first."},
    {"finding_contents_known", PROBLEM_INVALID, "/contents", "II.2", "Kế hoạch không có nội dung thi đua này.",
     "The plan has no such content of emulation."},
    {"finding_contents_once", PROBLEM_INVALID, "/contents", NULL, "Mỗi nội dung chỉ được nêu một lần.",
     "Each content is named only once."},
    {"findings_pkey", PROBLEM_STALE_VERSION, NULL, NULL, "Vừa có người ghi kết quả này; hãy đọc lại rồi sửa.",
     "Somebody has just recorded this: read it again, then change it."},
    {0},
};
