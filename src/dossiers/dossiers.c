// Dossiers (III.3, III.4.a): the nominator's package. Its life: moves.c.
#include "dossiers/dossiers.h"

#include "dossiers/dossiers.sql.h"
#include "dossiers/private.h"
#include "handler/constraints.h"
#include "http/route.h"
#include "rounds/round.h"
#include "thidua/life_cycle.h"

#include <string.h>

// ---- what the folder shares ----

bool dossier_open(struct request *request, struct session *session, const char *id, struct dossier *ret_dossier)
{
    return dossier_open_for(request, session, ROUND_DOSSIERS, id, ret_dossier);
}

bool dossier_open_for(struct request *request, struct session *session, enum round_act act, const char *id,
                      struct dossier *ret_dossier)
{
    struct dossier_round round;
    struct dossier_lock locked;
    struct dossier_stand stand;
    if (!dossier_round(request, session, id, &round) || !dossier_lock(request, session, id, &locked) ||
        !dossier_stand(request, session, id, caller_unit(request), request->caller.roles, &stand) ||
        !round_allows(request, act, round.state))
        return false;
    clauses_of_plan(request, stand.clauses);
    *ret_dossier = (struct dossier){
        .id = id,
        .version = stand.version,
        .state = stand.state,
        .nominator = stand.nominator_id,
        .campaign = stand.campaign,
        .year = stand.year,
        .location = arena_format(&request->arena, "/v1/dossiers/%s", id),
        .writable = stand.writable,
        .ended = stand.ended,
        .received = stand.received,
        .votes_shown = stand.votes_shown,
    };
    return true;
}

bool dossier_is_writable(struct request *request, const struct dossier *dossier)
{
    if (!dossier->writable && dossier->ended)
        return refuse_ended_unit(request);
    return dossier->writable ||
           refuse(request, PROBLEM_FORBIDDEN,
                  say(request,
                      "Hồ sơ này do đơn vị đề nghị lập; Sở Nội vụ chỉ nhập hồ sơ giấy. Hãy trả hồ sơ để đơn vị sửa.",
                      "The nominator keeps this dossier; Home Affairs enters only dossiers that came on paper. Return "
                      "it, so that the nominator can change it."));
}

bool dossier_is_editable(struct request *request, const struct dossier *dossier)
{
    if (!dossier_is_writable(request, dossier))
        return false;
    return strcmp(dossier->state, "DRAFT") == 0 || strcmp(dossier->state, "RETURNED") == 0 ||
           refuse(
               request, PROBLEM_CONFLICT,
               say(request,
                   "Trạng thái của hồ sơ: %s; chỉ sửa được khi đang soạn hoặc bị trả lại. Đề nghị Sở Nội vụ trả hồ sơ.",
                   "The state of the dossier is: %s; it changes only as a draft or when it was returned: ask Home "
                   "Affairs to return it.",
                   words_for(request, "DossierState", dossier->state)));
}

bool dossier_touch(struct request *request, struct session *session, struct dossier *dossier)
{
    struct dossier_count_up now;
    if (!dossier_count_up(request, session, dossier->id, &now))
        return false;
    dossier->version = now.version;
    return true;
}

bool dossier_show(struct request *request, struct session *session, const struct dossier *dossier,
                  const char **ret_json)
{
    struct dossier_answer now;
    if (!dossier_answer(request, session, dossier->id, caller_unit(request), request->caller.roles, &now))
        return false;
    *ret_json = now.shown;
    return true;
}

struct event dossier_event(const struct dossier *dossier, const char *type, const char *resource)
{
    return (struct event){.type = type,
                          .resource = resource,
                          .unit_id = dossier->nominator,
                          .campaign = dossier->campaign,
                          .year = dossier->year,
                          .restricted = true};
}

// ---- making one ----

struct new_dossier {
    const char *campaign, *year, *nominator_unit_id, *on_behalf_of_unit_id, *reason;
};

static const struct field create_fields[] = {
    BOUND(new_dossier, campaign, FIELD_LINE, .required = true, .most = 64),
    BOUND(new_dossier, year, FIELD_INTEGER, .required = true, .least = 2000, .most = 2999),
    BOUND(new_dossier, nominator_unit_id, FIELD_UUID, .required = true),
    BOUND(new_dossier, on_behalf_of_unit_id, FIELD_UUID, .nullable = true),
    BOUND(new_dossier, reason, FIELD_TEXT, .nullable = true, .least = 1),
    {0},
};

// A unit's key acts for its own subtree; Sở Nội vụ enters what came on paper.
static bool may_create(struct request *request, struct session *session, const char *nominator, bool *ret_on_paper)
{
    struct dossier_scope scope;
    if (!dossier_scope(request, session, nominator, caller_unit(request), &scope))
        return false;
    bool within = has_role(request, ROLE_UNIT) && scope.within, own = within && !scope.ended;
    *ret_on_paper = !own;
    if (own || has_role(request, ROLE_HOME_AFFAIRS))
        return true;
    return within ? refuse_ended_unit(request) : refuse_outside_scope(request);
}

static struct reply create_dossier(struct request *request, struct session *session)
{
    struct new_dossier body = {0};
    struct dossier_create made;
    bool on_paper;
    if (!read_body(request, create_fields, &body) ||
        (body.on_behalf_of_unit_id && !reason_given(request, body.reason, "/reason")) ||
        !may_create(request, session, body.nominator_unit_id, &on_paper) ||
        !round_takes(request, session, ROUND_DOSSIERS, body.campaign, body.year) ||
        !dossier_create(request, session, request->body_json, on_paper, &made))
        return refusal(request);
    return created(request, session,
                   (struct event){.type = dossier_life_cycle.created,
                                  .resource = arena_format(&request->arena, "/v1/dossiers/%s", made.id),
                                  .unit_id = body.nominator_unit_id,
                                  .campaign = body.campaign,
                                  .year = body.year,
                                  .reason = body.reason,
                                  .restricted = true},
                   made.version, made.json);
}

// ---- its attributes ----

struct attributes {
    const char *letter_number, *letter_date, *minutes_date;
};

static const struct field patch_fields[] = {
    BOUND(attributes, letter_number, FIELD_NUMBER_SYMBOL, .nullable = true, .most = 64),
    BOUND(attributes, letter_date, FIELD_DATE, .nullable = true, .happened = true),
    BOUND(attributes, minutes_date, FIELD_DATE, .nullable = true, .happened = true),
    {0},
};

static struct reply patch_dossier(struct request *request, struct session *session)
{
    struct attributes body = {0};
    struct dossier dossier;
    struct dossier_told was, now;
    const char *json;
    if (!read_body(request, patch_fields, &body) ||
        !dossier_open(request, session, path_value(request, "id"), &dossier) || !version_is(request, dossier.version) ||
        !dossier_is_editable(request, &dossier) || !dossier_told(request, session, dossier.id, &was) ||
        !dossier_patch(request, session, dossier.id, request->body_json) ||
        !dossier_touch(request, session, &dossier) || !dossier_told(request, session, dossier.id, &now) ||
        !dossier_show(request, session, &dossier, &json))
        return refusal(request);
    struct event event = dossier_event(&dossier, "dossier.changed", dossier.location);
    event.before = was.json;
    event.after = now.json;
    return changed(request, session, event, dossier.version, json);
}

// ---- tables ----

static const struct query_field list_query[] = {
    {.name = "campaign", .type = FIELD_TEXT, .most = 64},
    {.name = "year", .type = FIELD_INTEGER, .least = 2000, .most = 2999},
    {.name = "state", .type = FIELD_CHOICE, .choices = dossier_states},
    {.name = "nominator_unit_id", .type = FIELD_UUID},
    {.name = "nominee_unit_id", .type = FIELD_UUID},
    {.name = "late", .type = FIELD_BOOLEAN},
    QUERY_PAGE,
    {0},
};

static const struct column dossier_columns[] = {
    {"Cơ quan trình", "Nominator", "nominator_unit_label"},
    {"Phong trào", "Campaign", "campaign"},
    {"Năm xét", "Award year", "year"},
    {"Trạng thái", "State", "state", .codes = "DossierState"},
    {"Đơn vị đề nghị", "Nominees", "nominations[].unit_label"},
    {"Xác nhận của cấp trình", "Confirmed by", "nominations[].confirmed_by"},
    {"Số tờ trình", "Letter number", "letter_number"},
    {"Ngày tờ trình", "Letter date", "letter_date", COLUMN_DATE},
    {"Ngày biên bản", "Minutes date", "minutes_date", COLUMN_DATE},
    {"Nộp lúc", "Lodged at", "lodged_at", COLUMN_INSTANT},
    {"Nhận lúc", "Received at", "received_at", COLUMN_INSTANT},
    {"Hạn nộp", "Deadline", "deadline", COLUMN_INSTANT},
    {"Trễ hạn", "Late", "late"},
    {"Chấp nhận trễ", "Late accepted", "late_accepted"},
    {"Đủ thành phần", "Complete", "complete"},
    {"Bản giấy", "On paper", "on_paper"},
    {"Lý do", "Reason", "state_reason"},
    {"Mã cơ quan trình", "Nominator id", "nominator_unit_id"},
    {"Mã", "Id", "id"},
    {0},
};

const struct route dossier_routes[] = {
    {.method = "GET",
     .path = "/v1/dossiers",
     .roles = ROLE_UNIT | MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &dossier_list_statement,
     .orders = (const struct order[]){FROM_START("created_at", dossier_list), {0}},
     .query = list_query,
     .columns = dossier_columns},
    {.method = "POST",
     .path = "/v1/dossiers",
     .roles = ROLE_UNIT | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = DOSSIER_CONTENT,
     .act = create_dossier,
     .body_kind = BODY_JSON,
     .body = create_fields},
    {.method = "GET",
     .path = "/v1/dossiers/{id}",
     .roles = ROLE_UNIT | MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &dossier_get_statement,
     .paper = dossier_as_paper},
    {.method = "PATCH",
     .path = "/v1/dossiers/{id}",
     .roles = ROLE_UNIT | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = DOSSIER_CONTENT,
     .act = patch_dossier,
     .body_kind = BODY_MERGE_PATCH,
     .body = patch_fields},
    {0},
};

const struct constraint_problem dossier_constraints[] = {
    {"dossiers_round", PROBLEM_RULE_REFUSED, "/year", "II.3", "Kế hoạch này không xét khen thưởng năm đó.",
     "The plan has no award round of that year."},
    {"dossiers_nominator", PROBLEM_INVALID, "/nominator_unit_id", NULL, "Không có đơn vị này.",
     "There is no such unit."},
    {"dossiers_on_behalf_of", PROBLEM_INVALID, "/on_behalf_of_unit_id", NULL, "Không có đơn vị này.",
     "There is no such unit."},
    {"dossiers_on_behalf_of_another", PROBLEM_INVALID, "/on_behalf_of_unit_id", NULL,
     "Chỉ nêu khi nộp thay cho một đơn vị khác.",
     "Give this only where the dossier is lodged on behalf of another body."},
    {"dossiers_on_behalf_reason", PROBLEM_INVALID, "/reason", NULL, "Lý do chỉ nêu khi nộp thay cho đơn vị khác.",
     "Give a reason where the dossier is lodged on behalf of another body, and only then."},
    {"dossiers_nominator_ended", PROBLEM_RULE_REFUSED, "/nominator_unit_id", "III.4.a",
     "Đơn vị đề nghị đã kết thúc hoạt động trước thời hạn nộp hồ sơ: đơn vị kế thừa lập và nộp thay "
     "(\"on_behalf_of_unit_id\"), "
     "có nêu lý do.",
     "The nominator ended before the dossier deadline: its successor makes and lodges the dossier on its behalf "
     "(\"on_behalf_of_unit_id\"), with a reason."},
    {"dossiers_successor", PROBLEM_RULE_REFUSED, "/on_behalf_of_unit_id", NULL,
     "Chỉ nộp thay đơn vị đã kết thúc hoạt động trước thời hạn nộp hồ sơ mà đơn vị đề nghị là đơn vị kế thừa.",
     "Only for a body that ended before the dossier deadline and whose successor the nominator is."},
    {"dossiers_nominator_in_year", PROBLEM_RULE_REFUSED, "/nominator_unit_id", "II.1",
     "Đơn vị đề nghị không tồn tại trong năm xét khen thưởng: chỉ nộp thay đơn vị đã kết thúc mà mình kế thừa "
     "(\"on_behalf_of_unit_id\"), có nêu lý do.",
     "The nominator does not exist in the award year: it only lodges on behalf of an ended body that it succeeded "
     "(\"on_behalf_of_unit_id\"), with a reason."},
    {"dossiers_on_behalf_of_in_year", PROBLEM_RULE_REFUSED, "/on_behalf_of_unit_id", "II.1",
     "Đơn vị được nộp thay không tồn tại trong năm xét khen thưởng; hãy nêu năm mà đơn vị còn hoạt động.",
     "The body on whose behalf the dossier is lodged does not exist in the award year: name a year in which it "
     "existed."},
    {"dossiers_minutes_before_letter", PROBLEM_RULE_REFUSED, "/minutes_date /opened_at", "III.3",
     "Ngày họp Hội đồng không được sau ngày Tờ trình.", "The council's minutes cannot be later than the Tờ trình."},
    {"dossiers_minutes_day", PROBLEM_RULE_REFUSED, "/minutes_date", "III.3.b",
     "Ngày của biên bản là ngày khai mạc cuộc họp (\"opened_at\" của …/minutes); hãy sửa giờ họp ở đó.",
     "The minutes bear the day on which the meeting was opened (\"opened_at\" of …/minutes): correct the hours there."},
    {"dossiers_letter", PROBLEM_CONFLICT, "/letter_number /letter_date", "III.3.a",
     "Tờ trình này (số, ngày) đã dùng cho một hồ sơ khác của đơn vị. Hãy ghi số, ngày của đúng tờ trình, hoặc rút "
     "(withdraw) hồ sơ kia.",
     "Another dossier of this nominator has this letter (number and date): give the number and date of the right one, "
     "or withdraw that "
     "dossier."},
    {"dossiers_received_earlier", PROBLEM_RULE_REFUSED, "/received_at", "III.4.a",
     "Chỉ ghi được thời điểm nhận sớm hơn thời điểm hệ thống đã có.",
     "Only an instant earlier than the one on record can be recorded."},
    {"dossiers_received_before_letter", PROBLEM_RULE_REFUSED, "/received_at", "III.4.a",
     "Tờ trình hoặc biên bản ghi ngày sau thời điểm nhận này; hãy ghi đúng thời điểm nhận, hoặc trả lại hồ sơ để sửa "
     "ngày.",
     "The letter or the minutes are dated after this instant of receipt: record the right instant, or return the "
     "dossier so that the date is corrected."},
    {"dossiers_received_not_ahead", PROBLEM_INVALID, "/received_at", "III.4.a",
     "Thời điểm nhận không được ở tương lai.", "The instant of receipt cannot lie in the future."},
    {"nominations_once_a_round", PROBLEM_CONFLICT, NULL, "III.3",
     "Tập thể này đã được đề nghị trong một hồ sơ khác của năm; hồ sơ đó phải được rút hoặc bỏ tập thể này trước.",
     "Another dossier of this year nominates the unit: withdraw that one, or take the unit out of it, first."},
    {"nominations_contestant", PROBLEM_RULE_REFUSED, NULL, "II.1",
     "Đơn vị không có trong danh sách đối tượng thi đua của năm; đề nghị Sở Nội vụ bổ sung danh sách.",
     "The unit is not in the year's register of contestants: ask Home Affairs to enter it."},
    {"nominations_within_nominator", PROBLEM_RULE_REFUSED, NULL, "III.3.a",
     "Chỉ đề nghị chính đơn vị mình và đơn vị trực thuộc khi nhận hồ sơ; hãy đưa ra khỏi hồ sơ tập thể đã chuyển sang "
     "cơ quan khác.",
     "A nominator nominates itself and units below it at the receipt only: take out of the dossier what moved to "
     "another body."},
    {"dossiers_of_nominator_most", PROBLEM_CONFLICT, "/nominator_unit_id", NULL,
     "Trong năm này đơn vị đã có 500 hồ sơ, là số nhiều nhất, kể cả hồ sơ đã rút. Hãy dùng một hồ sơ còn là dự thảo.",
     "The unit has 500 dossiers in this year already, the most there may be, withdrawn ones too. Use one that is still "
     "a draft."},
    {"nominations_most", PROBLEM_CONFLICT, "/nominations", NULL,
     "Hồ sơ đã đề nghị 500 tập thể, là số nhiều nhất của một hồ sơ. Hãy lập hồ sơ khác cho các tập thể còn lại.",
     "The dossier nominates 500 collectives already, the most that one may. Enter another dossier for the rest."},
    {"nominations_ended", PROBLEM_RULE_REFUSED, "/nominations", "III.4.a",
     "Tập thể đã kết thúc hoạt động trước thời hạn nộp hồ sơ chỉ được đề nghị trong hồ sơ mà đơn vị kế thừa nộp thay "
     "chính tập thể đó, hoặc thay cơ quan mà tập thể từng trực thuộc: hãy lập hồ sơ có \"on_behalf_of_unit_id\" và "
     "\"reason\".",
     "A body that ended before the dossier deadline stands only in a dossier that its successor lodges on behalf of "
     "that "
     "very body, or of one it was part of: make a dossier with \"on_behalf_of_unit_id\" and \"reason\"."},
    {"nominations_confirmed_whole", PROBLEM_INVALID, "/confirmed_on", "III.3.c",
     "Xác nhận của cấp trình gồm người, cơ quan xác nhận và ngày; ghi cả hai hoặc không ghi gì.",
     "A confirmation has who gave it and its day: give both, or neither."},
    {"nominations_votes_whole", PROBLEM_INVALID, "/votes_for", "III.3.b",
     "Ghi đủ phiếu tán thành, không tán thành, trắng, số có mặt và tổng số thành viên, hoặc không ghi gì.",
     "Give for, against, abstain, members present and members total, or none of them."},
    {"nominations_votes_sum", PROBLEM_INVALID, "/members_present", "III.3.b",
     "Phiếu tán thành, không tán thành và trắng cộng lại phải bằng số có mặt cộng ý kiến bằng văn bản của thành viên "
     "vắng "
     "mặt (\"written_opinions\"), và không quá tổng số thành viên.",
     "Votes for, against and abstaining must add up to the members present and the written opinions of absent members "
     "(\"written_opinions\"), and these cannot exceed the members in total."},
    {0},
};
