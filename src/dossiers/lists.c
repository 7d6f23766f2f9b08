// Many dossiers in one call: a step that Sở Nội vụ, or a nominator, takes of all of them.
#include "dossiers/private.h"
#include "handler/bulk/bulk.h"
#include "http/route.h"

// What a dossier says of its own stands in the place of what all share.
#define OWN_OR_SHARED                                                                                                  \
    PASSED("reason", FIELD_TEXT, .nullable = true, .least = 1, .most = 2000),                                          \
        PASSED("received_at", FIELD_INSTANT, .nullable = true, .happened = true),                                      \
        PASSED("source", FIELD_LINE, .names_document = true, .nullable = true, .least = 1),                            \
        PASSED("completion_due_on", FIELD_DATE, .nullable = true)

static const struct field moved_fields[] = {
    PASSED("id", FIELD_UUID, .required = true),
    PASSED("version", FIELD_LINE, .most = VERSION_MOST),
    OWN_OR_SHARED,
    {0},
};
static const struct field moved = {.type = FIELD_OBJECT, .fields = moved_fields};
static const struct field moves_fields[] = {
    PASSED("action", FIELD_CHOICE, .required = true, .choices = dossier_actions),
    OWN_OR_SHARED,
    PASSED("dossiers", FIELD_LIST, .required = true, .least = 1, .most = BULK_MOST, .item = &moved),
    {0},
};

static struct reply move_dossiers(struct request *request, struct session *session)
{
    static const char *const by_state[] = {"action", NULL};
    static const struct bulk moves = {.list = "dossiers",
                                      .subject = "id",
                                      .versions = true,
                                      .judged = by_state,
                                      .duty = &dossier_move_duty,
                                      .enter = dossier_step_listed};
    return bulk_write(request, session, &moves);
}

const struct route dossier_list_routes[] = {
    {.method = "POST",
     .path = "/v1/dossiers/transitions",
     .roles = ROLE_UNIT | ROLE_HOME_AFFAIRS,
     .lane = LANE_HEAVY,
     .duty = NO_UNIT_AT_STAKE("Each item is a write of its own, and keeps the duty of the single write."),
     .act = move_dossiers,
     .body_kind = BODY_JSON,
     .body = moves_fields},
    {0},
};
