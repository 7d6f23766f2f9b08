#include "proposals/summary.h"

#include "paper/paper.h"
#include "thidua/civil.h"
#include "thidua/standings.h"

#include <string.h>

static long long number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

const char *day_text(struct request *request, const char *date)
{
    int32_t day;
    char text[DATE_TEXT_SIZE];
    if (!date || !date_parse(date, strlen(date), &day))
        return "…";
    date_format_vi(day, text);
    return arena_text(&request->arena, text);
}

static const char *instant_text(struct request *request, const char *instant)
{
    int64_t at;
    char text[DATE_TEXT_SIZE];
    if (!instant || !instant_parse(instant, strlen(instant), &at))
        return "…";
    int32_t day = instant_local_date(at);
    long long minute = (at - date_start(day)) / 60000000;
    date_format_vi(day, text);
    return say(request, "%02lld giờ %02lld ngày %s", "%02lld:%02lld on %s", minute / 60, minute % 60, text);
}

const char *decimal_text(struct request *request, const char *text)
{
    size_t digits = text ? strspn(text + (*text == '-'), "0123456789") + (*text == '-') : 0;
    if (!text || request->language == ENGLISH || text[digits] != '.' || !text[digits + 1] ||
        text[digits + 1 + strspn(text + digits + 1, "0123456789")])
        return text ? text : "";
    char *shown = arena_text(&request->arena, text);
    shown[digits] = ',';
    return shown;
}

const char *bilingual_text(const struct request *request, const json_t *object, const char *name)
{
    const char *text = member_text(json_object_get(object, name), request->language == ENGLISH ? "en" : "vi");
    return text ? text : "";
}

const char *group_text(const struct summary *summary, const char *group, const char *cluster)
{
    struct request *request = summary->request;
    const char *name = group ? group : "";
    for (size_t i = 0; group && summary->policy && i < summary->policy->group_count; i++)
        if (strcmp(summary->policy->groups[i].name, group) == 0)
            name =
                request->language == ENGLISH ? summary->policy->groups[i].text.en : summary->policy->groups[i].text.vi;
    return cluster ? arena_format(&request->arena, "%s – %s", name, cluster) : name;
}

// ---- notes ----

static const char *with(struct request *request, const char *notes, const char *more)
{
    return more && *more ? arena_format(&request->arena, "%s%s%s", notes, *notes ? "\n" : "", more) : notes;
}

// "Bằng khen", "Giải; Nhất"
static const char *form_note(struct request *request, const json_t *standing)
{
    const char *form = bilingual_text(request, standing, "form_label");
    const char *tier = bilingual_text(request, standing, "tier_label");
    return arena_format(&request->arena, "%s%s%s", form, *tier ? "; " : "", tier);
}

static const char *standing_note(struct request *request, const json_t *standing)
{
    const json_t *override = json_object_get(standing, "override");
    const char *status = member_text(standing, "status");
    if (json_is_object(override))
        return say(request, "Quyết định thay xếp hạng (%s): %s", "Decided otherwise than ranked (%s): %s",
                   member_text(override, "recorded_by"), member_text(override, "reason"));
    bool told = status && (strcmp(status, "SECURE") == 0 || strcmp(status, "AWARDED") == 0);
    return told || !status ? NULL : words_for(request, "StandingStatus", status);
}

const char *notes_text(const struct summary *summary, const struct nominee *nominee)
{
    struct request *request = summary->request;
    const char *notes = "";
    size_t i;
    const json_t *warning;
    if (!nominee->verdict)
        notes = with(request, notes, say(request, "Chưa có trong lần xét này", "Not in this evaluation"));
    if (member_text(nominee->about, "awarded_by"))
        notes = with(request, notes,
                     say(request, "Đã được khen thưởng của năm này: Quyết định số %s",
                         "Has this year's award: decision %s", member_text(nominee->about, "awarded_by")));
    if (member_text(nominee->about, "revoked_by"))
        notes = with(request, notes,
                     say(request, "Khen thưởng của năm này đã bị hủy bỏ: Quyết định số %s",
                         "This year's award was revoked: decision %s", member_text(nominee->about, "revoked_by")));
    if (nominee->standing && json_object_get(nominee->standing, "form"))
        notes = with(request, notes, form_note(request, nominee->standing));
    if (nominee->standing && is_eligible(nominee))
        notes = with(request, notes, standing_note(request, nominee->standing));
    if (json_is_true(json_object_get(nominee->about, "late")))
        notes = with(request, notes,
                     json_is_true(json_object_get(nominee->about, "late_accepted"))
                         ? say(request, "Hồ sơ trễ hạn, được chấp nhận (%s)", "Dossier late, accepted (%s)",
                               clause_printed(request, "III.4.a"))
                         : say(request, "Hồ sơ trễ hạn (%s)", "Dossier late (%s)", clause_printed(request, "III.4.a")));
    json_array_foreach(json_object_get(nominee->about, "warnings"), i, warning) notes =
        with(request, notes,
             arena_format(&request->arena, "%s: %s", member_text(warning, "clause"),
                          bilingual_text(request, warning, "text")));
    return notes;
}

// ---- below the table ----

// As papers write it in Vietnamese: "04".
static const char *counted(const struct summary *summary, long long count)
{
    struct request *request = summary->request;
    return request->language == ENGLISH ? arena_format(&request->arena, "%lld", count)
                                        : paper_count(&request->arena, count);
}

static const char *counted_in(const struct summary *summary, const json_t *object, const char *name)
{
    return counted(summary, number(object, name));
}

// III.2.b: a ceiling over all decisions of the year; a revoked award frees no slot.
static const char *cap_line(const struct summary *summary)
{
    const json_t *head = summary->head;
    long long cap = number(head, "cap"), others = number(head, "awarded_by_others");
    long long proposed = number(head, "proposed"), left = cap - others - proposed;
    const char *clause = clause_printed(summary->request, "III.2.b"), *most = counted(summary, cap);
    const char *before = counted(summary, others), *now = counted(summary, proposed);
    if (left < 0)
        return say(summary->request,
                   "Số lượng tối đa của năm (%s): %s tập thể; quyết định khác đã khen: %s; tờ trình này đề "
                   "nghị: %s; VƯỢT: %s.",
                   "Cap of the year (%s): %s; awarded by other decisions: %s; proposed here: %s; OVER IT BY: "
                   "%s.",
                   clause, most, before, now, counted(summary, -left));
    return say(summary->request,
               "Số lượng tối đa của năm (%s): %s tập thể; quyết định khác đã khen: %s; tờ trình này đề nghị: "
               "%s; còn lại: %s.",
               "Cap of the year (%s): %s; awarded by other decisions: %s; proposed here: %s; left: %s.", clause, most,
               before, now, counted(summary, left));
}

// "20.00 %" is "20,00%" in Vietnamese; "1/3" is what it is.
static const char *share_of_whole(struct request *request, const char *share)
{
    size_t digits = strcspn(share, " ");
    const char *number = decimal_text(request, arena_format(&request->arena, "%.*s", (int)digits, share));
    return share[digits] ? say(request, "%s%%", "%s %%", number) : number;
}

// "03", or "03–05" while verdicts are open.
static const char *range_text(const struct summary *summary, const json_t *form, const char *least, const char *most)
{
    long long from = number(form, least), to = number(form, most);
    const char *text = counted(summary, from);
    return from == to ? text : arena_format(&summary->request->arena, "%s–%s", text, counted(summary, to));
}

// "Bằng khen: 03 (20,00 % của 10 tập thể được đề nghị)": as the evaluation froze them.
static const char *form_places_text(const struct summary *summary, const json_t *form)
{
    struct request *request = summary->request;
    const char *label = bilingual_text(request, form, "form"), *share = member_text(form, "share");
    const char *of = member_text(form, "of");
    if (!share)
        return arena_format(&request->arena, "%s: %s", label, counted_in(summary, form, "places"));
    if (strcmp(of, "ELIGIBLE") == 0)
        return say(request, "%s: %s (%s của %s tập thể đạt tiêu chuẩn)", "%s: %s (%s of %s that meet the standard)",
                   label, range_text(summary, form, "places", "most"), share_of_whole(request, share),
                   range_text(summary, form, "counted", "counted_most"));
    return strcmp(of, "NOMINEES") == 0
               ? say(request, "%s: %s (%s của %s tập thể được đề nghị)", "%s: %s (%s of %s nominees)", label,
                     counted_in(summary, form, "places"), share_of_whole(request, share),
                     counted_in(summary, form, "counted"))
               : say(request, "%s: %s (%s của %s đối tượng thi đua)", "%s: %s (%s of %s contestants)", label,
                     counted_in(summary, form, "places"), share_of_whole(request, share),
                     counted_in(summary, form, "counted"));
}

static const char *and_then(struct request *request, const char *line, const char *item)
{
    return line ? arena_format(&request->arena, "%s; %s", line, item) : item;
}

// A plan with forms of award says itself how many there are of each.
static const char *forms_line(const struct summary *summary)
{
    struct request *request = summary->request;
    const char *line = NULL;
    size_t i;
    const json_t *form;
    json_array_foreach(json_object_get(summary->head, "forms"), i, form) line =
        and_then(request, line, form_places_text(summary, form));
    return line ? say(request, "Số suất của từng hình thức (%s): %s.", "Places of each form (%s): %s.",
                      clause_printed(request, "III.2.b"), line)
                : NULL;
}

static const char *share_text(const struct summary *summary, const json_t *share)
{
    const char *form = bilingual_text(summary->request, share, "form");
    return arena_format(&summary->request->arena, "%s%s%s: %s", form, *form ? ", " : "",
                        group_text(summary, member_text(share, "group"), member_text(share, "cluster")),
                        counted_in(summary, share, "slots"));
}

static const char *quota_line(const struct summary *summary)
{
    struct request *request = summary->request;
    const char *line = NULL, *clause = clause_printed(request, "III.2.b"), *forms = forms_line(summary);
    size_t i;
    const json_t *share;
    json_array_foreach(json_object_get(summary->head, "quota"), i, share) line =
        and_then(request, line, share_text(summary, share));
    if (!line && forms)
        return forms;
    line = line ? say(request, "Phân bổ (%s): %s.", "Allocation (%s): %s.", clause, line)
                : say(request, "Phân bổ (%s): chưa phân bổ, chỉ có mức trần của năm.",
                      "Allocation (%s): none, only the cap of the year applies.", clause);
    return forms ? arena_format(&request->arena, "%s %s", forms, line) : line;
}

static const char *counts_line(const struct summary *summary)
{
    const json_t *counts = json_object_get(summary->head, "counts");
    long long eligible = number(counts, "ELIGIBLE"), not = number(counts, "INELIGIBLE");
    long long deferred = number(counts, "DEFERRED"), pending = number(counts, "PENDING");
    long long nominated = 0;
    for (size_t i = 0; i < summary->count; i++)
        nominated += summary->nominees[i].verdict != NULL;
    return say(summary->request,
               "Đã xét %s đối tượng thi đua: đủ điều kiện %s, không đủ điều kiện %s, chưa xét %s, chờ kết quả "
               "%s; trong đó có hồ sơ đề nghị: %s.",
               "%s contestants judged: eligible %s, not eligible %s, deferred %s, pending %s; nominated among "
               "them: %s.",
               counted(summary, eligible + not +deferred + pending), counted(summary, eligible), counted(summary, not ),
               counted(summary, deferred), counted(summary, pending), counted(summary, nominated));
}

static const char *deadline_line(const struct summary *summary)
{
    struct request *request = summary->request;
    const json_t *head = summary->head, *in_time = json_object_get(head, "in_time");
    const char *clause = clause_printed(request, "III.4.b");
    if (!member_text(head, "conference_on"))
        return say(request, "Hạn trình (%s): chưa có ngày hội nghị.",
                   "Submission (%s): the conference has no date yet.", clause);
    const char *state = !member_text(head, "submitted_at") ? say(request, "chưa trình", "not submitted")
                        : json_is_null(in_time)            ? say(request, "trình %s", "submitted %s",
                                                                 instant_text(request, member_text(head, "submitted_at")))
                        : json_is_true(in_time) ? say(request, "trình %s, đúng hạn", "submitted %s, in time",
                                                      instant_text(request, member_text(head, "submitted_at")))
                                                : say(request, "trình %s, TRỄ HẠN", "submitted %s, LATE",
                                                      instant_text(request, member_text(head, "submitted_at")));
    if (!member_text(head, "deadline"))
        return say(request, "Hạn trình (%s): hội nghị ngày %s, chưa tính được vì chưa có lịch nghỉ lễ; %s.",
                   "Submission (%s): conference on %s, its last day is not known before the holidays are; %s.", clause,
                   day_text(request, member_text(head, "conference_on")), state);
    return say(request, "Hạn trình (%s): hội nghị ngày %s, trình chậm nhất ngày %s; %s.",
               "Submission (%s): conference on %s, at the latest on %s; %s.", clause,
               day_text(request, member_text(head, "conference_on")), day_text(request, member_text(head, "deadline")),
               state);
}

static const char *basis_line(const struct summary *summary)
{
    struct request *request = summary->request;
    const json_t *head = summary->head;
    return say(request,
               "Căn cứ xét: bộ tiêu chí %s, phiên bản %lld; dữ liệu đến %s; mã băm dữ liệu %.12s…, kết quả %.12s….",
               "Judged by criteria set %s, version %lld; facts as of %s; hash of inputs %.12s…, of results %.12s….",
               member_text(head, "rule_set"), number(head, "rule_set_version"),
               instant_text(request, member_text(head, "as_of")), member_text(head, "input_hash"),
               member_text(head, "result_hash"));
}

static const char *warnings_line(const struct summary *summary)
{
    struct request *request = summary->request;
    const char *line = NULL;
    size_t i;
    const json_t *warning;
    json_array_foreach(json_object_get(summary->head, "warnings"), i, warning) line =
        and_then(request, line,
                 arena_format(&request->arena, "%s: %s", member_text(warning, "clause"),
                              words_for(request, "EvaluationWarning", member_text(warning, "code"))));
    return line ? say(request, "Cảnh báo: %s.", "Warnings: %s.", line)
                : say(request, "Cảnh báo: không.", "Warnings: none.");
}

// What the clauses over the columns mean.
const char *criterion_text(const struct summary *summary, size_t number)
{
    struct request *request = summary->request;
    const json_t *criterion = json_array_get(summary->criteria, number);
    return criterion ? arena_format(&request->arena, "%s: %s.", member_text(criterion, "clause"),
                                    bilingual_text(request, criterion, "text"))
                     : NULL;
}

const char *total_text(const struct summary *summary, size_t number)
{
    static const char *(*const lines[])(const struct summary *) = {cap_line,      quota_line, counts_line,
                                                                   deadline_line, basis_line, warnings_line};
    size_t count = sizeof lines / sizeof *lines;
    return number < count ? lines[number](summary) : NULL;
}
