// The life of a certificate: issued, replaced for a reason, and given back when its award was revoked (awards.c).
#include "decisions/certificates.sql.h"
#include "decisions/decisions.sql.h"
#include "decisions/private.h"
#include "handler/run.h"

struct certificate {
    const char *reason, *source;
};

static const char *const reasons[] = {"LOST", "DAMAGED", "WRONG", NULL};
static const struct field certificate_fields[] = {
    PASSED("certificate_number", FIELD_LINE, .required = true, .least = 1, .most = 64),
    PASSED("issued_on", FIELD_DATE, .required = true, .happened = true),
    BOUND(certificate, reason, FIELD_CHOICE, .nullable = true, .choices = reasons),
    BOUND(certificate, source, FIELD_LINE, .names_document = true, .nullable = true, .least = 1, .most = 500),
    {0},
};

static bool may_issue(struct request *request, const struct certificate_stand *stand)
{
    return !stand->revoked || refuse(request, PROBLEM_CONFLICT,
                                     say(request, "Khen thưởng đã bị hủy bỏ: không cấp hoặc cấp lại bằng khen.",
                                         "The award was revoked: its certificate is neither issued nor replaced."));
}

// A replacement has a reason; the first certificate replaces nothing.
static bool reason_fits(struct request *request, const struct certificate_stand *stand, const char *reason)
{
    if (stand->issued)
        return reason_given(request, reason, "/reason");
    return !reason || violate(request, PROBLEM_INVALID, "/reason", "not_here",
                              say(request, "Bằng khen được cấp lần đầu: không nêu lý do cấp lại.",
                                  "This is the first certificate of the award: there is none that it replaces."));
}

static struct reply put_certificate(struct request *request, struct session *session)
{
    struct certificate body = {0};
    struct award_lock award;
    struct certificate_stand stand;
    struct certificate_count_up now;
    const char *id = path_value(request, "id");
    if (!read_body(request, certificate_fields, &body) || !award_lock(request, session, id, &award) ||
        !certificate_stand(request, session, id, &stand) ||
        !(stand.issued ? version_is(request, award.version) : part_may_be_new(request, award.version)) ||
        !may_issue(request, &stand) || !reason_fits(request, &stand, body.reason) ||
        !certificate_issue(request, session, id, request->body_json) ||
        !certificate_count_up(request, session, id, &now))
        return refusal(request);
    struct event event = {.type = stand.issued ? "certificate.replaced" : "certificate.issued",
                          .resource = arena_format(&request->arena, "/v1/awards/%s/certificate", id),
                          .campaign = award.campaign,
                          .year = award.year,
                          .unit_id = award.unit_id,
                          .reason = body.source,
                          .before = stand.json};
    return stand.issued ? changed(request, session, event, now.version, now.json)
                        : created(request, session, event, now.version, now.json);
}

#define CERTIFICATE "/v1/awards/{id}/certificate"

const struct route certificate_routes[] = {
    {.method = "GET",
     .path = CERTIFICATE,
     .roles = ROLE_UNIT | MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &certificate_show_statement},
    {.method = "PUT",
     .path = CERTIFICATE,
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &award_duty,
     .act = put_certificate,
     .body_kind = BODY_JSON,
     .body = certificate_fields},
    {0},
};

const struct constraint_problem certificate_constraints[] = {
    {"certificate_before_award", PROBLEM_INVALID, "/issued_on", NULL,
     "Không thể cấp bằng khen trước ngày ký quyết định; hãy sửa lại ngày.",
     "No certificate is issued before the decision was signed: correct the day."},
    {"certificate_before_the_last", PROBLEM_INVALID, "/issued_on", NULL,
     "Bằng khen cấp lại không thể có ngày trước bằng khen mà nó thay; hãy sửa lại ngày.",
     "A certificate is not issued before the one that it replaces: correct the day."},
    {"certificates_most", PROBLEM_CONFLICT, NULL, NULL,
     "Bằng khen này đã được cấp 100 lần, là số lần nhiều nhất; hãy kiểm tra lại các lần đã ghi.",
     "This certificate was issued 100 times, the most there may be: look again at what was recorded."},
    {0},
};
