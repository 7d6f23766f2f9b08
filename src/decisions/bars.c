// What no later act can put right: asked when a decision is drafted, and once more when it is signed.
#include "decisions/bars.h"

#include "decisions/decisions.sql.h"
#include "handler/run.h"

#include <string.h>

static bool refuse_bar(struct request *request, const struct decision_bars *found)
{
    const char *label = found->label, *number = found->number;
    if (strcmp(found->why, "REVOKED") == 0)
        return violate(request, PROBLEM_CONFLICT, "/units", "revoked",
                       say(request,
                           "Khen thưởng của %s đã bị hủy bỏ theo quyết định số %s; không hủy bỏ lần nữa, không đính "
                           "chính. Hãy nêu trong \"units\" những đơn vị còn khen thưởng.",
                           "The award of %s was revoked by decision %s and is neither revoked again nor corrected: "
                           "name in \"units\" those whose award stands.",
                           label, number));
    if (strcmp(found->why, "AWARDED") == 0)
        return violate(
            request, PROBLEM_CONFLICT, "/units", "awarded",
            say(request,
                "%s đã được khen thưởng cho năm này theo quyết định số %s; hãy nêu trong \"units\" những đơn vị "
                "khác.",
                "%s already has an award of this year, by decision %s: name the others in \"units\".", label, number));
    if (strcmp(found->why, "CORRECTED") == 0)
        return violate(request, PROBLEM_CONFLICT, "/subject_id", "corrections_most",
                       say(request,
                           "Quyết định số %s đã được đính chính 20 lần, là số lần nhiều nhất. Hãy hủy bỏ và ban hành "
                           "quyết định mới.",
                           "Decision %s was corrected 20 times, the most there may be: revoke it, and decide anew.",
                           number));
    return violate(request, PROBLEM_RULE_REFUSED, "/units", "initiative_used",
                   say(request,
                       "Sáng kiến gắn với %s đã được dùng cho khen thưởng theo quyết định số %s; hãy trình lại với "
                       "sáng kiến khác.",
                       "The initiative that the proposal names for %s earned an award by decision %s: submit again "
                       "with another one.",
                       label, number));
}

bool decision_possible(struct request *request, struct session *session, const char *id)
{
    const struct decision_bars *found;
    size_t count;
    if (!decision_bars(request, session, id, &found, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        refuse_bar(request, &found[i]);
    return count == 0;
}

bool fault_counts(struct request *request, struct session *session, const char *campaign, const char *year,
                  const char *from, const char *to)
{
    struct merit_days days;
    if (!from)
        return true;
    return merit_days(request, session, campaign, year, &days) &&
           ((strcmp(from, days.last_day) <= 0 && strcmp(to ? to : from, days.first_day) >= 0) ||
            violate(request, PROBLEM_RULE_REFUSED, "/fault_from", "outside_period",
                    say(request, "Sai phạm phải xảy ra trong năm tính thành tích (%s).",
                        "The fault must lie in the year for which the merit was counted (%s).", year)));
}
