// Scorecards: a unit's administrative reform index of a year, self-scored, appraised and approved (domain, section 4).
#include "scores/scores.h"

#include "handler/bulk/listed.h"
#include "handler/constraints.h"
#include "handler/handler.sql.h"
#include "handler/run.h"
#include "http/route.h"
#include "scores/private.h"
#include "scores/scores.sql.h"
#include "thidua/life_cycle.h"

#include <string.h>

enum { POINTS_MOST = 10000000, WORDS_MOST = 2000 };

#define POINTS(name)                                                                                                   \
    PASSED(name, FIELD_DECIMAL, .nullable = true, .scale = 2, .least = -POINTS_MOST, .most = POINTS_MOST)
#define WORDS(name) PASSED(name, FIELD_TEXT, .nullable = true, .most = WORDS_MOST)

const struct field self_leaf_fields[] = {
    PASSED("code", FIELD_LINE, .required = true, .most = 40),
    PASSED("applies", FIELD_BOOLEAN),
    POINTS("self_points"),
    WORDS("self_proof"),
    WORDS("self_explanation"),
    {0},
};
static const struct field self_leaf = {.type = FIELD_OBJECT, .fields = self_leaf_fields};

struct self_scores {
    const char *frame;
};
static const struct field self_fields[] = {
    BOUND(self_scores, frame, FIELD_LINE, .required = true, .most = 64),
    PASSED("leaves", FIELD_LIST, .required = true, .most = LEAVES_MOST, .item = &self_leaf),
    {0},
};

const struct field appraised_leaf_fields[] = {
    PASSED("code", FIELD_LINE, .required = true, .most = 40),
    PASSED("applies", FIELD_BOOLEAN, .nullable = true),
    POINTS("appraised_points"),
    WORDS("comment"),
    POINTS("survey_points"),
    {0},
};
static const struct field appraised_leaf = {.type = FIELD_OBJECT, .fields = appraised_leaf_fields};
static const struct field appraisal_fields[] = {
    PASSED("leaves", FIELD_LIST, .required = true, .most = LEAVES_MOST, .item = &appraised_leaf),
    {0},
};

static bool state_is(struct request *request, const char *state, const char *const *open)
{
    for (const char *const *name = open; *name; name++)
        if (strcmp(state, *name) == 0)
            return true;
    return refuse(request, PROBLEM_CONFLICT,
                  say(request, "Trạng thái của bảng điểm: %s; cột này không ghi được; hãy chuyển trạng thái trước.",
                      "The state of the card is: %s; this column is closed in that state: take a step of its life "
                      "cycle first.",
                      words_for(request, "ScorecardState", state)));
}

static bool start_card(struct request *request, struct session *session, const char *unit_id, const char *year,
                       const char *frame)
{
    const struct card_frame *found;
    if (!may_be_new(request) || !card_frame(request, session, frame, year, &found))
        return false;
    if (!found)
        return violate(request, PROBLEM_INVALID, "/frame", "unknown_frame",
                       say(request, "Không có bộ tiêu chí này của năm %s; xem GET /v1/score-frames?year=%s.",
                           "There is no such frame of the year %s: see GET /v1/score-frames?year=%s.", year, year));
    return card_create(request, session, unit_id, year, frame) && card_fill(request, session, unit_id, year);
}

static bool may_score(struct request *request, const struct card_stand *card, const char *frame)
{
    static const char *const open[] = {"SELF_DRAFT", NULL};
    if (!version_is(request, card->version) || !state_is(request, card->state, open))
        return false;
    return strcmp(card->frame, frame) == 0 ||
           violate(request, PROBLEM_INVALID, "/frame", "other_frame",
                   say(request, "Bảng điểm này theo bộ tiêu chí %s.", "This card uses the frame %s.", card->frame));
}

struct card card_of(struct request *request, const char *unit_id, const char *year)
{
    const char *resource = arena_format(&request->arena, "/v1/scores/%s/%s", unit_id, year);
    return (struct card){.unit_id = unit_id, .year = year, .resource = resource};
}

bool hold_card(struct request *request, struct session *session, bool whole, struct card *card)
{
    return card_lock(request, session, card->unit_id, card->year) &&
           card_stand(request, session, card->unit_id, card->year, whole, &card->old);
}

// Counts the card's version up after its leaves were written, and describes what happened. `whole`: the card's JSON is
// wanted with its leaves.
static bool touch(struct request *request, struct session *session, const char *type, bool whole, struct card *card)
{
    struct card_touch now;
    if (!card_touch(request, session, card->unit_id, card->year, whole, &now))
        return false;
    card->version = now.version;
    card->json = now.json;
    card->event = (struct event){.type = type,
                                 .resource = card->resource,
                                 .unit_id = card->unit_id,
                                 .year = card->year,
                                 .before = card->old ? card->old->before : NULL,
                                 .after = now.record,
                                 .restricted = true};
    return true;
}

// Writes the unit's own column by the body that was read.
static bool write_self(struct request *request, struct session *session, const char *frame, bool whole,
                       struct card *card)
{
    const char *unit_id = card->unit_id, *year = card->year;
    if (!in_own_subtree(request, session, unit_id) || !hold_card(request, session, true, card))
        return false;
    return (card->old ? may_score(request, card->old, frame) : start_card(request, session, unit_id, year, frame)) &&
           leaves_fit(request, session, unit_id, year) &&
           card_self(request, session, unit_id, year, request->body_json) &&
           touch(request, session, card->old ? "scorecard.self_scored" : "scorecard.created", whole, card);
}

static struct reply put_self(struct request *request, struct session *session)
{
    struct card card = card_of(request, path_value(request, "unit_id"), path_value(request, "year"));
    struct self_scores scores = {0};
    if (!read_body(request, self_fields, &scores) || !write_self(request, session, scores.frame, true, &card))
        return refusal(request);
    return card.old ? changed(request, session, card.event, card.version, card.json)
                    : created(request, session, card.event, card.version, card.json);
}

bool self_scores_listed(struct request *request, struct session *session, const struct listed *listed,
                        struct listed_made *ret_made)
{
    struct card card = card_of(request, listed->unit_id, listed->year);
    struct self_scores scores = {0};
    ret_made->resource = card.resource;
    return read_item(request, self_fields, listed->body, &scores) &&
           write_self(request, session, scores.frame, false, &card) && record(request, session, card.event);
}

// Writes the appraiser's column of the locked card by the body that was read.
static bool write_appraisal(struct request *request, struct session *session, bool whole, struct card *card)
{
    // EXPLAINED too: what the unit explained is appraised again before the step back to APPRAISED.
    static const char *const open[] = {"SELF_SUBMITTED", "APPRAISED", "EXPLAINED", NULL};
    return state_is(request, card->old->state, open) && leaves_fit(request, session, card->unit_id, card->year) &&
           card_appraisal(request, session, card->unit_id, card->year, request->body_json) &&
           touch(request, session, "scorecard.appraisal_written", whole, card);
}

// The same of the card in the version that the caller has read.
static bool appraise_card(struct request *request, struct session *session, bool whole, struct card *card)
{
    return hold_card(request, session, true, card) && is_found(request, card->old) &&
           version_is(request, card->old->version) && write_appraisal(request, session, whole, card);
}

static struct reply put_appraisal(struct request *request, struct session *session)
{
    struct card card = card_of(request, path_value(request, "unit_id"), path_value(request, "year"));
    if (!read_body(request, appraisal_fields, NULL) || !appraise_card(request, session, true, &card))
        return refusal(request);
    return changed(request, session, card.event, card.version, card.json);
}

bool appraisal_listed(struct request *request, struct session *session, const struct listed *listed,
                      struct listed_made *ret_made)
{
    struct card card = card_of(request, listed->unit_id, listed->year);
    if (!read_item(request, appraisal_fields, listed->body, NULL) || !appraise_card(request, session, false, &card))
        return false;
    *ret_made = (struct listed_made){.resource = card.resource, .version = card.version, .json = card.json};
    return record(request, session, card.event);
}

// A file names no versions, so it may only write where no appraiser has written: nobody's word is lost by it.
static bool is_unappraised(struct request *request, const struct card_stand *old)
{
    if (!old)
        return violate(request, PROBLEM_INVALID, "", "no_card",
                       say(request, "Đơn vị chưa có bảng điểm của năm này.", "The unit has no card of this year."));
    return !old->appraised || refuse(request, PROBLEM_VERSION_REQUIRED, NULL);
}

bool appraised_scores_listed(struct request *request, struct session *session, const struct listed *listed,
                             struct listed_made *ret_made)
{
    struct card card = card_of(request, listed->unit_id, listed->year);
    ret_made->resource = card.resource;
    return read_item(request, appraisal_fields, listed->body, NULL) && hold_card(request, session, true, &card) &&
           is_unappraised(request, card.old) && write_appraisal(request, session, false, &card) &&
           record(request, session, card.event);
}

static const struct query_field cards_query[] = {
    {.name = "year", .type = FIELD_INTEGER, .least = 2000, .most = 2999},
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "state", .type = FIELD_CHOICE, .choices = scorecard_states},
    QUERY_PAGE,
    {0},
};

static const struct column card_columns[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Năm", "Year", "year"},
    {"Bộ tiêu chí", "Frame", "frame"},
    {"Trạng thái", "State", "state", .codes = "ScorecardState"},
    {"Tự chấm", "Self-scored", "self.achieved", COLUMN_DECIMAL},
    {"Tối đa tự chấm", "Self maximum", "self.maximum", COLUMN_DECIMAL},
    {"Chỉ số tự chấm", "Self index", "self.index", COLUMN_DECIMAL},
    {"Thẩm định", "Appraised", "appraised.achieved", COLUMN_DECIMAL},
    {"Tối đa thẩm định", "Appraised maximum", "appraised.maximum", COLUMN_DECIMAL},
    {"Chỉ số thẩm định", "Appraised index", "appraised.index", COLUMN_DECIMAL},
    {"Số quyết định", "Decision number", "decision_number"},
    {"Ngày quyết định", "Decision date", "decision_date", COLUMN_DATE},
    {"Đổi lúc", "Changed at", "changed_at", COLUMN_INSTANT},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

const struct duty appraisal_duty = {.units = &path_unit_stake_statement, .rivals = true};
// The unit takes some of the steps itself.
const struct duty step_duty = {.units = &path_unit_stake_statement, .rivals = true, .as_office = is_office_step};

const struct route score_routes[] = {
    {.method = "GET",
     .path = "/v1/scores",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &card_list_statement,
     .orders = (const struct order[]){FROM_START("year", card_list), {0}},
     .query = cards_query,
     .columns = card_columns},
    {.method = "GET",
     .path = "/v1/scores/{unit_id}/{year}",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &card_get_statement},
    {.method = "PUT",
     .path = "/v1/scores/{unit_id}/{year}",
     .roles = ROLE_UNIT,
     .lane = LANE_WRITE,
     .act = put_self,
     .body_kind = BODY_JSON,
     .body = self_fields},
    {.method = "PUT",
     .path = "/v1/scores/{unit_id}/{year}/appraisal",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &appraisal_duty,
     .act = put_appraisal,
     .body_kind = BODY_JSON,
     .body = appraisal_fields},
    {.method = "POST",
     .path = "/v1/scores/{unit_id}/{year}/transitions",
     .roles = ROLE_UNIT | ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .duty = &step_duty,
     .act = move_card,
     .body_kind = BODY_JSON,
     .body = move_fields},
    {0},
};

const struct constraint_problem score_constraints[] = {
    {"scorecards_once", PROBLEM_CONFLICT, NULL, NULL, "Bảng điểm này vừa được tạo; hãy đọc lại rồi sửa.",
     "This card has just been created: read it, then change it."},
    {"scorecard_unit_in_year", PROBLEM_RULE_REFUSED, NULL, NULL,
     "Đơn vị này không tồn tại trong năm chấm điểm; điểm của năm đó thuộc đơn vị tiền thân: ghi vào bảng điểm của đơn "
     "vị "
     "ấy.",
     "The unit does not exist in the year that is scored: that year's points are its predecessor's, on a card of that "
     "body."},
    {"scorecard_tier", PROBLEM_INVALID, "/frame", NULL,
     "Bộ tiêu chí không thuộc cấp của đơn vị: \"SO\" là của sở, ban, ngành và đơn vị trực thuộc, \"HUYEN\" của cấp "
     "huyện và đơn vị trực thuộc, \"XA\" của cấp xã; loại đơn vị khác không được chấm.",
     "The frame is not of the unit's tier: \"SO\" is for provincial bodies and their units, \"HUYEN\" for districts "
     "and "
     "their units, \"XA\" for communes; other kinds of units are not scored."},
    {0},
};
