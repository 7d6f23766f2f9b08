// Nominations: which collectives a dossier proposes, and how the council voted on each (I.1.c, II.1, III.3.b).
#include "dossiers/dossiers.h"
#include "dossiers/nominations.sql.h"
#include "dossiers/private.h"
#include "handler/run.h"
#include "http/route.h"

#include <string.h>

struct nomination {
    const char *nominee;
};

static const char *const nominees[] = {"COLLECTIVE", "INDIVIDUAL", NULL};
static const struct field nomination_fields[] = {
    BOUND(nomination, nominee, FIELD_CHOICE, .choices = nominees),
    PASSED("votes_for", FIELD_INTEGER, .nullable = true, .most = 10000),
    PASSED("votes_against", FIELD_INTEGER, .nullable = true, .most = 10000),
    PASSED("votes_abstain", FIELD_INTEGER, .nullable = true, .most = 10000),
    PASSED("members_present", FIELD_INTEGER, .nullable = true, .most = 10000),
    PASSED("members_total", FIELD_INTEGER, .nullable = true, .most = 10000),
    PASSED("written_opinions", FIELD_INTEGER, .nullable = true, .most = 10000),
    PASSED("confirmed_by", FIELD_LINE, .nullable = true, .least = 1, .most = 200),
    PASSED("confirmed_on", FIELD_DATE, .nullable = true, .happened = true),
    {0},
};

static bool is_collective(struct request *request, const struct nomination *body)
{
    return !body->nominee || strcmp(body->nominee, "COLLECTIVE") == 0 ||
           refuse_by(request, PROBLEM_RULE_REFUSED, "I.1.c",
                     say(request, "Phong trào chỉ khen thưởng tập thể, không khen thưởng cá nhân.",
                         "The campaign awards collectives, not individuals."));
}

static const char *nomination_location(struct request *request, const struct dossier *dossier, const char *unit)
{
    return arena_format(&request->arena, "%s/nominations/%s", dossier->location, unit);
}

static bool names_votes(const struct request *request)
{
    static const char *const votes[] = {
        "votes_for", "votes_against", "votes_abstain", "members_present", "members_total", "written_opinions", NULL};
    for (const char *const *name = votes; *name; name++)
        if (json_object_get(request->json, *name))
            return true;
    return false;
}

// The nomination as it stands; false with 428 or 412 where one stands and If-Match does not fit.
static bool may_replace(struct request *request, struct session *session, const struct dossier *dossier,
                        const char *unit, const struct nomination_stand **ret_old)
{
    if (!nomination_stand(request, session, dossier->id, unit, ret_old))
        return false;
    return *ret_old ? version_is(request, dossier->version) : part_may_be_new(request, dossier->version);
}

static struct reply put_nomination(struct request *request, struct session *session)
{
    struct nomination body = {0};
    struct dossier dossier;
    const struct nomination_stand *old;
    struct nomination_put now;
    const char *unit = path_value(request, "unit_id");
    if (!read_body(request, nomination_fields, &body) ||
        !dossier_open(request, session, path_value(request, "id"), &dossier) ||
        !may_replace(request, session, &dossier, unit, &old) || !dossier_is_editable(request, &dossier) ||
        !is_collective(request, &body) ||
        !nomination_put(request, session, dossier.id, unit, !dossier.votes_shown && !names_votes(request),
                        request->body_json, &now) ||
        !dossier_touch(request, session, &dossier))
        return refusal(request);
    struct event event = dossier_event(&dossier, old ? "nomination.changed" : "nomination.created",
                                       nomination_location(request, &dossier, unit));
    event.after = now.json;
    // Whoever writes a vote has it before them: it is shown back even where reading it later takes the nominator's key.
    if (!old)
        return created(request, session, event, dossier.version, now.shown);
    event.before = old->json;
    return changed(request, session, event, dossier.version, now.shown);
}

static struct reply delete_nomination(struct request *request, struct session *session)
{
    struct dossier dossier;
    const struct nomination_stand *old;
    const char *json, *unit = path_value(request, "unit_id");
    if (!dossier_open(request, session, path_value(request, "id"), &dossier) ||
        !nomination_stand(request, session, dossier.id, unit, &old) || !is_found(request, old) ||
        !version_is(request, dossier.version) || !dossier_is_editable(request, &dossier) ||
        !nomination_delete(request, session, dossier.id, unit) || !dossier_touch(request, session, &dossier) ||
        !dossier_show(request, session, &dossier, &json))
        return refusal(request);
    struct event event = dossier_event(&dossier, "nomination.deleted", nomination_location(request, &dossier, unit));
    event.before = old->json;
    event.whole = dossier.location;
    return part_removed(request, session, event, dossier.version, json);
}

#define NOMINATION "/v1/dossiers/{id}/nominations/{unit_id}"

const struct route nomination_routes[] = {
    {.method = "GET",
     .path = NOMINATION,
     .roles = ROLE_UNIT | MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &nomination_get_statement,
     .paper = nomination_as_paper},
    {.method = "PUT",
     .path = NOMINATION,
     .roles = ROLE_UNIT | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = DOSSIER_CONTENT,
     .act = put_nomination,
     .body_kind = BODY_JSON,
     .body = nomination_fields},
    {.method = "DELETE",
     .path = NOMINATION,
     .roles = ROLE_UNIT | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = DOSSIER_CONTENT,
     .act = delete_nomination},
    {0},
};
