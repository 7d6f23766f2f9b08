#include "handler/constraints.h"

#include "base/log.h"
#include "handler/feature.h"
#include "http/input/body.h"

#include <string.h>

static const struct feature *const *known; // ended by NULL

static const struct constraint_problem common_constraints[] = {
    {"cursor_malformed", PROBLEM_INVALID_QUERY, "cursor", NULL, "Con trỏ trang không hợp lệ; hãy đọc lại từ đầu.",
     "The cursor is malformed: read the list from its start."},
    {0},
};

void constraints_use(const struct feature *const features[])
{
    known = features;
}

static const struct constraint_problem *find_rule(const struct constraint_problem table[], const char *constraint)
{
    for (const struct constraint_problem *rule = table; rule->constraint; rule++)
        if (strcmp(rule->constraint, constraint) == 0)
            return rule;
    return NULL;
}

const struct constraint_problem *constraint_rule(const char *constraint)
{
    const struct constraint_problem *rule = find_rule(common_constraints, constraint);
    for (const struct feature *const *feature = known; !rule && *feature; feature++)
        for (size_t i = 0; !rule && i < FEATURE_TABLES_MAX && (*feature)->constraints[i]; i++)
            rule = find_rule((*feature)->constraints[i], constraint);
    return rule;
}

static bool refuse_by_rule(struct request *request, const struct constraint_problem *rule)
{
    const char *words = request->language == ENGLISH ? rule->en : rule->vi;
    refuse_by(request, rule->kind, rule->clause, words);
    if (rule->pointer)
        violate(request, rule->kind, pointer_to_sent(request, rule->pointer), rule->constraint, words);
    return false;
}

// A cursor that was made up: it is well-formed, but its keys do not have the types that the list is sorted by. The
// cursor is the only text of a query that goes to the database unchecked.
static bool is_forged_cursor(const struct request *request, const struct failure *failure)
{
    return strncmp(failure->sqlstate, "22", 2) == 0 && query_value(request, "cursor");
}

static bool refuse_unknown(struct request *request)
{
    return refuse(request, PROBLEM_OUTCOME_UNKNOWN,
                  say(request,
                      "Mất kết nối với cơ sở dữ liệu trong lúc lưu: việc này có thể đã được lưu. Chỉ yêu cầu có "
                      "Idempotency-Key mới được gửi lại nguyên như cũ; không có khóa thì hãy đọc lại trước.",
                      "The connection to the database was lost while it stored this: it may have been kept. Only a "
                      "request with an Idempotency-Key may be repeated blindly; without one, read first."));
}

bool refuse_failure(struct request *request, const struct statement *statement, const struct failure *failure)
{
    const struct statement *failed = failure->statement ? failure->statement : statement;
    if (failure->kind == FAILURE_UNKNOWN)
        return refuse_unknown(request);
    bool key_known = strcmp(failure->constraint, "idempotency_key_known") == 0;
    if (failure->kind == FAILURE_AGAIN || key_known) {
        request->key_known = request->key_known || key_known;
        request->retry = true;
        return refuse(request, PROBLEM_UNAVAILABLE, NULL);
    }
    const char *broken = is_forged_cursor(request, failure) ? "cursor_malformed" : failure->constraint;
    if (!broken[0] && is_passing_state(failure->sqlstate))
        return refuse_passing(request, failed, failure->sqlstate);
    if (failure->kind == FAILURE_AWAY)
        return refuse(request, PROBLEM_UNAVAILABLE,
                      say(request, "Cơ sở dữ liệu tạm thời không truy cập được; hãy thử lại.",
                          "The database cannot be reached for the moment: try again."));
    const struct constraint_problem *rule = broken[0] ? constraint_rule(broken) : NULL;
    if (rule)
        return refuse_by_rule(request, rule);
    log_event(LOG_ERROR, "statement_failed", log_text("statement", failed->name),
              log_text("sqlstate", failure->sqlstate), log_text("constraint", failure->constraint),
              log_text("request_id", request->id));
    // Class 23 and no rule for the constraint: the data is wrong, and no more can be said about it.
    if (strncmp(failure->sqlstate, "23", 2) == 0)
        return refuse(request, PROBLEM_CONFLICT,
                      failure->constraint[0] ? arena_text(&request->arena, failure->constraint) : NULL);
    return refuse(request, PROBLEM_INTERNAL, NULL);
}
