#include "thidua/life_cycle.h"

#include <string.h>

// Sở Nội vụ enters for the unit what comes on paper. The feature makes sure that it does so for paper only.
enum { LODGERS = ROLE_UNIT | ROLE_HOME_AFFAIRS };

static const struct transition dossier[] = {
    {"DRAFT", "lodge", "LODGED", "dossier.lodged", LODGERS, false, "Đơn vị nộp hồ sơ về Sở Nội vụ.",
     "The unit lodges the dossier with Home Affairs."},
    {"DRAFT", "withdraw", "WITHDRAWN", "dossier.withdrawn", LODGERS, false, "Đơn vị bỏ hồ sơ chưa nộp.",
     "The unit drops a dossier not yet lodged."},
    {"LODGED", "return", "RETURNED", "dossier.returned", ROLE_HOME_AFFAIRS, true, "Sở Nội vụ trả hồ sơ để bổ sung.",
     "Home Affairs returns the dossier to be completed."},
    {"LODGED", "accept", "ACCEPTED", "dossier.accepted", ROLE_HOME_AFFAIRS, false,
     "Sở Nội vụ tiếp nhận hồ sơ đúng hạn.", "Home Affairs accepts a dossier received in time."},
    {"LODGED", "accept_late", "ACCEPTED", "dossier.accepted_late", ROLE_HOME_AFFAIRS, true,
     "Sở Nội vụ chấp nhận hồ sơ nộp trễ, có lý do.", "Home Affairs accepts a late dossier, for a recorded reason."},
    {"LODGED", "withdraw", "WITHDRAWN", "dossier.withdrawn", LODGERS, true, "Đơn vị rút hồ sơ.",
     "The unit withdraws the dossier."},
    {"RETURNED", "lodge", "LODGED", "dossier.lodged", LODGERS, false, "Đơn vị nộp lại hồ sơ đã bổ sung.",
     "The unit lodges the completed dossier again."},
    {"RETURNED", "withdraw", "WITHDRAWN", "dossier.withdrawn", LODGERS, true, "Đơn vị rút hồ sơ.",
     "The unit withdraws the dossier."},
    {"ACCEPTED", "return", "RETURNED", "dossier.returned", ROLE_HOME_AFFAIRS, true,
     "Sở Nội vụ trả hồ sơ sau khi thẩm định.", "Home Affairs returns the dossier after appraisal."},
    {"ACCEPTED", "propose", "IN_PROPOSAL", "dossier.proposed", ROLE_HOME_AFFAIRS, false,
     "Sở Nội vụ đưa hồ sơ vào tờ trình Chủ tịch.", "Home Affairs puts the dossier into a submission to the Chair."},
    {"ACCEPTED", "withdraw", "WITHDRAWN", "dossier.withdrawn", LODGERS, true, "Đơn vị rút hồ sơ.",
     "The unit withdraws the dossier."},
    {"IN_PROPOSAL", "take_back", "ACCEPTED", "dossier.taken_back", ROLE_HOME_AFFAIRS, true,
     "Sở Nội vụ đưa hồ sơ ra khỏi tờ trình.", "Home Affairs takes the dossier out of the submission."},
    {"IN_PROPOSAL", "decide", "DECIDED", "dossier.decided", ROLE_CHAIR_OFFICE, false,
     "Chủ tịch đã quyết định về hồ sơ.", "The Chair has decided on the dossier."},
};

static const struct transition scorecard[] = {
    {"SELF_DRAFT", "submit", "SELF_SUBMITTED", "scorecard.submitted", ROLE_UNIT, false, "Đơn vị nộp bảng tự chấm điểm.",
     "The unit submits its own scores."},
    {"SELF_SUBMITTED", "return", "SELF_DRAFT", "scorecard.returned", ROLE_HOME_AFFAIRS, true,
     "Sở Nội vụ trả bảng tự chấm để làm lại.", "Home Affairs returns the self-scores to be redone."},
    {"SELF_SUBMITTED", "appraise", "APPRAISED", "scorecard.appraised", ROLE_HOME_AFFAIRS, false,
     "Sở Nội vụ đã thẩm định điểm.", "Home Affairs has appraised the scores."},
    {"APPRAISED", "explain", "EXPLAINED", "scorecard.explained", ROLE_UNIT, true,
     "Đơn vị giải trình về điểm thẩm định.", "The unit explains itself on the appraised scores."},
    {"APPRAISED", "finalise", "FINAL", "scorecard.finalised", ROLE_HOME_AFFAIRS, false, "Sở Nội vụ chốt điểm.",
     "Home Affairs settles the scores."},
    {"EXPLAINED", "appraise", "APPRAISED", "scorecard.appraised", ROLE_HOME_AFFAIRS, false,
     "Sở Nội vụ thẩm định lại sau giải trình.", "Home Affairs appraises again after the explanation."},
    {"FINAL", "reopen", "APPRAISED", "scorecard.reopened", ROLE_HOME_AFFAIRS, true, "Sở Nội vụ mở lại điểm đã chốt.",
     "Home Affairs reopens settled scores."},
    {"FINAL", "approve", "APPROVED", "scorecard.approved", ROLE_CHAIR_OFFICE, false,
     "Chỉ số được phê duyệt bằng quyết định.", "The index is approved by a decision."},
    {"APPROVED", "publish", "PUBLISHED", "scorecard.published", ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE, false,
     "Chỉ số được công bố.", "The index is published."},
    {"APPROVED", "reopen", "APPRAISED", "scorecard.reopened", ROLE_CHAIR_OFFICE, true,
     "Chỉ số đã phê duyệt có sai sót được mở lại để điều chỉnh.", "An approved index with a mistake is reopened."},
    {"PUBLISHED", "reopen", "APPRAISED", "scorecard.reopened", ROLE_CHAIR_OFFICE, true,
     "Chỉ số đã công bố có sai sót được mở lại để điều chỉnh.", "A published index with a mistake is reopened."},
};

static const struct transition proposal[] = {
    {"DRAFT", "submit", "SUBMITTED", "proposal.submitted", ROLE_HOME_AFFAIRS, false, "Sở Nội vụ trình Chủ tịch.",
     "Home Affairs submits to the Chair."},
    {"DRAFT", "withdraw", "WITHDRAWN", "proposal.withdrawn", ROLE_HOME_AFFAIRS, false, "Sở Nội vụ bỏ dự thảo tờ trình.",
     "Home Affairs drops the draft submission."},
    {"SUBMITTED", "return", "RETURNED", "proposal.returned", ROLE_CHAIR_OFFICE, true, "Chủ tịch trả tờ trình.",
     "The Chair returns the submission."},
    {"SUBMITTED", "withdraw", "WITHDRAWN", "proposal.withdrawn", ROLE_HOME_AFFAIRS, true, "Sở Nội vụ rút tờ trình.",
     "Home Affairs withdraws the submission."},
    {"SUBMITTED", "decide", "DECIDED", "decision.signed", ROLE_CHAIR_OFFICE, false, "Chủ tịch đã quyết định.",
     "The Chair has decided."},
    {"RETURNED", "submit", "SUBMITTED", "proposal.submitted", ROLE_HOME_AFFAIRS, false, "Sở Nội vụ trình lại.",
     "Home Affairs submits again."},
    {"RETURNED", "withdraw", "WITHDRAWN", "proposal.withdrawn", ROLE_HOME_AFFAIRS, true, "Sở Nội vụ rút tờ trình.",
     "Home Affairs withdraws the submission."},
};

static const struct transition decision[] = {
    {"DRAFT", "sign", "SIGNED", "decision.signed", ROLE_CHAIR_OFFICE, false,
     "Chủ tịch ký quyết định; từ đây không sửa, không xóa.",
     "The Chair signs; from here on nothing is changed or deleted."},
    {"DRAFT", "cancel", "CANCELLED", "decision.cancelled", ROLE_CHAIR_OFFICE, true, "Dự thảo quyết định bị hủy.",
     "The draft decision is cancelled."},
    {"SIGNED", "publish", "PUBLISHED", "decision.published", ROLE_CHAIR_OFFICE | ROLE_HOME_AFFAIRS, false,
     "Quyết định được công bố.", "The decision is published."},
};

static const struct transition award_round[] = {
    {"OPEN", "start_appraisal", "APPRAISAL", "round.appraisal_started", ROLE_HOME_AFFAIRS, false,
     "Hết hạn nhận hồ sơ; bắt đầu thẩm định.", "Intake is over; appraisal begins."},
    {"APPRAISAL", "propose", "PROPOSED", "round.proposed", ROLE_HOME_AFFAIRS, false, "Đã trình Chủ tịch.",
     "Submitted to the Chair."},
    {"PROPOSED", "resume_appraisal", "APPRAISAL", "round.appraisal_resumed", ROLE_HOME_AFFAIRS, true,
     "Tờ trình bị trả hoặc rút; thẩm định lại.", "The submission was returned or withdrawn; appraisal resumes."},
    {"PROPOSED", "decide", "DECIDED", "round.decided", ROLE_CHAIR_OFFICE, false,
     "Chủ tịch đã ký quyết định khen thưởng.", "The Chair has signed the award decision."},
    {"DECIDED", "close", "CLOSED", "round.closed", ROLE_HOME_AFFAIRS, false,
     "Hội nghị đã trao thưởng; đợt xét khép lại.", "The conference has conferred the awards; the round is closed."},
    {"APPRAISAL", "close", "CLOSED", "round.closed", ROLE_HOME_AFFAIRS, true, "Đợt xét khép lại không có khen thưởng.",
     "The round is closed without awards."},
    {"CLOSED", "reopen", "DECIDED", "round.reopened", ROLE_HOME_AFFAIRS, true, "Đợt xét đã có khen thưởng được mở lại.",
     "The round, which has awards, is opened again."},
    {"CLOSED", "resume_appraisal", "APPRAISAL", "round.appraisal_resumed", ROLE_HOME_AFFAIRS, true,
     "Đợt xét khép lại không có khen thưởng được mở lại để thẩm định.",
     "The round, closed without awards, is opened again to appraise."},
};

static const struct transition initiative[] = {
    {"SUBMITTED", "recognise", "RECOGNISED", "initiative.recognised", ROLE_INITIATIVE_COUNCIL, false,
     "Hội đồng Sáng kiến công nhận sáng kiến.", "The Initiative Council recognises the initiative."},
    {"SUBMITTED", "refuse", "REFUSED", "initiative.refused", ROLE_INITIATIVE_COUNCIL, true,
     "Hội đồng Sáng kiến không công nhận.", "The Initiative Council does not recognise it."},
    {"RECOGNISED", "annul", "ANNULLED", "initiative.annulled", ROLE_INITIATIVE_COUNCIL, true,
     "Hội đồng Sáng kiến hủy bỏ việc công nhận.", "The Initiative Council annuls its recognition."},
};

static const struct transition proceedings[] = {
    {"OPEN", "close_cleared", "CLOSED_CLEARED", "proceeding.closed", ROLE_HOME_AFFAIRS, true,
     "Kết luận: không có vi phạm.", "Concluded: no fault found."},
    {"OPEN", "close_at_fault", "CLOSED_AT_FAULT", "proceeding.closed", ROLE_HOME_AFFAIRS, true, "Kết luận: có vi phạm.",
     "Concluded: at fault."},
    {"CLOSED_CLEARED", "reopen", "OPEN", "proceeding.reopened", ROLE_HOME_AFFAIRS, true,
     "Vụ việc được mở lại: kết luận bị hủy, bị khiếu nại hoặc ghi nhầm.",
     "It is opened again: the conclusion was set aside, was appealed against or recorded wrongly."},
    {"CLOSED_AT_FAULT", "reopen", "OPEN", "proceeding.reopened", ROLE_HOME_AFFAIRS, true,
     "Vụ việc được mở lại: kết luận bị hủy, bị khiếu nại hoặc ghi nhầm.",
     "It is opened again: the conclusion was set aside, was appealed against or recorded wrongly."},
};

// The action is the status that the caller names. An annulled decision stays annulled: history is kept, not rewritten.
static const struct transition discipline[] = {
    {"IN_FORCE", "ENDED", "ENDED", "discipline.changed", ROLE_HOME_AFFAIRS, true, "Kỷ luật hết hiệu lực.",
     "The measure has run out."},
    {"IN_FORCE", "ANNULLED", "ANNULLED", "discipline.changed", ROLE_HOME_AFFAIRS, true, "Quyết định kỷ luật bị hủy bỏ.",
     "The decision is annulled."},
    {"ENDED", "ANNULLED", "ANNULLED", "discipline.changed", ROLE_HOME_AFFAIRS, true, "Quyết định kỷ luật bị hủy bỏ.",
     "The decision is annulled."},
};

const char *const dossier_states[] = {"DRAFT",       "LODGED",  "RETURNED",  "ACCEPTED",
                                      "IN_PROPOSAL", "DECIDED", "WITHDRAWN", NULL};
const char *const scorecard_states[] = {"SELF_DRAFT", "SELF_SUBMITTED", "APPRAISED", "EXPLAINED",
                                        "FINAL",      "APPROVED",       "PUBLISHED", NULL};
const char *const decision_states[] = {"DRAFT", "SIGNED", "PUBLISHED", "CANCELLED", NULL};
const char *const initiative_states[] = {"SUBMITTED", "RECOGNISED", "REFUSED", "ANNULLED", NULL};
const char *const proceedings_states[] = {"OPEN", "CLOSED_CLEARED", "CLOSED_AT_FAULT", NULL};
const char *const proposal_states[] = {"DRAFT", "SUBMITTED", "RETURNED", "WITHDRAWN", "DECIDED", NULL};
const char *const round_states[] = {"OPEN", "APPRAISAL", "PROPOSED", "DECIDED", "CLOSED", NULL};

const char *const discipline_states[] = {"IN_FORCE", "ENDED", "ANNULLED", NULL};

#define CYCLE(name, table, created, state_words, action_words)                                                         \
    const struct life_cycle name##_life_cycle = {                                                                      \
        #name, created, state_words, action_words, name##_states, table, sizeof(table) / sizeof *(table)}

CYCLE(dossier, dossier, "dossier.created", "DossierState", "DossierAction");
CYCLE(scorecard, scorecard, NULL, "ScorecardState", "ScorecardAction");
CYCLE(proposal, proposal, "proposal.created", "ProposalState", "ProposalAction");
CYCLE(decision, decision, "decision.created", "DecisionState", "DecisionAction");
CYCLE(round, award_round, NULL, "RoundState", "RoundAction");
CYCLE(initiative, initiative, "initiative.created", "InitiativeState", "InitiativeAction");
CYCLE(proceedings, proceedings, NULL, "ProceedingState", "ProceedingAction");
CYCLE(discipline, discipline, "discipline.recorded", "DisciplineStatus", "DisciplineStatus");

const struct transition *life_cycle_next(const struct life_cycle *cycle, const char *from,
                                         const struct transition *previous)
{
    const struct transition *end = cycle->transitions + cycle->count;
    for (const struct transition *row = previous ? previous + 1 : cycle->transitions; row < end; row++)
        if (strcmp(row->from, from) == 0)
            return row;
    return NULL;
}

const struct transition *life_cycle_find(const struct life_cycle *cycle, const char *from, const char *action)
{
    const struct transition *row = NULL;
    while ((row = life_cycle_next(cycle, from, row)))
        if (strcmp(row->action, action) == 0)
            return row;
    return NULL;
}
