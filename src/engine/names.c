// The names of the interface.
#include "thidua/criteria.h"

const char *truth_name(enum truth truth)
{
    static const char *const names[] = {"FALSE", "UNDETERMINED", "TRUE"};
    return names[truth];
}

const char *leaf_reason_name(enum leaf_reason reason)
{
    static const char *const names[REASON_KINDS] = {
        NULL,
        "FACT_UNKNOWN",
        "WHOLE_IS_ZERO",
        "WHOLE_IS_NEGATIVE",
        "REGISTER_UNKNOWN",
        "REGISTER_INCOMPLETE",
        "ENTRY_UNCLEAR",
        "LIMIT_UNKNOWN",
        "NO_FINDING",
        "FINDER_NOT_COMPETENT",
        "DOCUMENTS_UNKNOWN",
        "NOT_YET",
        "RANK_OPEN",
        "BASE_NOT_POSITIVE",
    };
    return names[reason];
}

const char *const criterion_outcome_names[] = {"PASS", "FAIL", "PENDING", "NOT_APPLICABLE", "DEFERRED", NULL};

const char *criterion_outcome_name(enum criterion_outcome outcome)
{
    return criterion_outcome_names[outcome];
}

const char *const overall_outcome_names[] = {"ELIGIBLE", "INELIGIBLE", "DEFERRED", "PENDING", NULL};

const char *overall_outcome_name(enum overall_outcome outcome)
{
    return overall_outcome_names[outcome];
}
