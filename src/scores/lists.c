// Many scorecards in one call: a step that one decision or one clerk takes of all of them, and their appraisals.
#include "handler/bulk/bulk.h"
#include "http/route.h"
#include "scores/private.h"
#include "scores/scores.h"

#define YEAR PASSED("year", FIELD_INTEGER, .required = true, .least = 2000, .most = 2999)
// What the path and If-Match of the single write name.
#define CARD PASSED("unit_id", FIELD_UUID, .required = true), PASSED("version", FIELD_LINE, .most = VERSION_MOST)

// ---- steps ----

static const struct field stepped_fields[] = {CARD, {0}};
static const struct field stepped = {.type = FIELD_OBJECT, .fields = stepped_fields};
static const struct field steps_fields[] = {
    YEAR,
    PASSED("action", FIELD_LINE, .required = true, .most = 40),
    PASSED("reason", FIELD_TEXT, .nullable = true, .least = 1, .most = 2000),
    PASSED("decision_number", FIELD_NUMBER_SYMBOL, .nullable = true, .most = 64),
    PASSED("decision_date", FIELD_DATE, .nullable = true, .happened = true),
    PASSED("scores", FIELD_LIST, .required = true, .least = 1, .most = BULK_MOST, .item = &stepped),
    {0},
};

static const char *const by_state[] = {"action", NULL};
static const struct bulk steps = {.list = "scores",
                                  .subject = "unit_id",
                                  .versions = true,
                                  .yearly = true,
                                  .judged = by_state,
                                  .duty = &step_duty,
                                  .enter = card_step_listed};

static struct reply move_cards(struct request *request, struct session *session)
{
    return bulk_write(request, session, &steps);
}

// ---- appraisals ----

static const struct field appraised_leaf = {.type = FIELD_OBJECT, .fields = appraised_leaf_fields};
static const struct field appraised_fields[] = {
    CARD,
    PASSED("leaves", FIELD_LIST, .required = true, .most = LEAVES_MOST, .item = &appraised_leaf),
    {0},
};
static const struct field appraised = {.type = FIELD_OBJECT, .fields = appraised_fields};
static const struct field appraisals_fields[] = {
    YEAR,
    PASSED("appraisals", FIELD_LIST, .required = true, .least = 1, .most = BULK_MOST, .item = &appraised),
    {0},
};

static const struct bulk appraisals = {.list = "appraisals",
                                       .subject = "unit_id",
                                       .versions = true,
                                       .yearly = true,
                                       .duty = &appraisal_duty,
                                       .enter = appraisal_listed};

static struct reply appraise_cards(struct request *request, struct session *session)
{
    return bulk_write(request, session, &appraisals);
}

const struct route score_list_routes[] = {
    {.method = "POST",
     .path = "/v1/scores/transitions",
     .roles = ROLE_UNIT | ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE,
     .lane = LANE_HEAVY,
     .duty = NO_UNIT_AT_STAKE("Each item is a write of its own, and keeps the duty of the single write."),
     .act = move_cards,
     .body_kind = BODY_JSON,
     .body = steps_fields},
    {.method = "POST",
     .path = "/v1/scores/appraisals",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_HEAVY,
     .duty = NO_UNIT_AT_STAKE("Each item is a write of its own, and keeps the duty of the single write."),
     .act = appraise_cards,
     .body_kind = BODY_JSON,
     .body = appraisals_fields},
    {0},
};
