#include "rounds/yearly/yearly.h"

#include "campaigns/wording.h"
#include "http/route.h"
#include "rounds/yearly/yearly.sql.h"
#include "thidua/arena.h"

#include <string.h>

enum { OWING_MOST = 500 };

struct report {
    struct arena *arena;
    struct paper *paper;
    struct wording words;
    const json_t *facts;
    unsigned part; // the number of the heading at hand
};

static long long number_in(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

// "" of null, which the caller may not know.
static const char *shown(const struct report *report, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) ? arena_format(report->arena, "%lld", (long long)json_integer_value(value)) : "";
}

static const char *in_year(const struct report *report)
{
    return arena_format(report->arena, "%s năm %lld", words_plain(&report->words, "name"),
                        number_in(report->facts, "year"));
}

static void begin_part(struct report *report, const char *heading)
{
    paper_heading(report->paper, arena_format(report->arena, "%u. %s", ++report->part, heading));
}

// ---- who took part ----

static void list_groups(const struct report *report, const json_t *groups)
{
    static const struct paper_column columns[] = {
        {"Nhóm", 5, PAPER_LEFT},           {"Đăng ký", 1.8, PAPER_CENTRE},      {"Được đề nghị", 1.8, PAPER_CENTRE},
        {"Thẩm định", 1.8, PAPER_CENTRE},  {"Đủ điều kiện", 1.8, PAPER_CENTRE}, {"Được trình", 1.8, PAPER_CENTRE},
        {"Khen thưởng", 1.9, PAPER_CENTRE}};
    static const char *const steps[] = {"registered", "nominated", "appraised", "eligible", "proposed", "awarded"};
    struct paper_table *table = paper_table(report->paper, columns, sizeof columns / sizeof *columns);
    size_t i;
    const json_t *group;
    json_array_foreach(groups, i, group)
    {
        const char *cells[sizeof columns / sizeof *columns] = {
            member_text_in(report->facts, "group_labels", member_text(group, "group"))};
        for (size_t step = 0; step < sizeof steps / sizeof *steps; step++)
            cells[step + 1] = shown(report, json_object_get(group, "steps"), steps[step]);
        paper_row(table, cells);
    }
}

static void say_who_took_part(struct report *report)
{
    const json_t *funnel = json_object_get(report->facts, "funnel"), *total = json_object_get(funnel, "total");
    const json_t *dossiers = json_object_get(report->facts, "dossiers"), *groups = json_object_get(funnel, "groups");
    begin_part(report, "Đối tượng thi đua và hồ sơ");
    paper_paragraph(
        report->paper, NULL,
        arena_format(report->arena,
                     "Có %s tập thể trong danh sách đối tượng thi đua; %s tập thể được đề nghị khen thưởng.",
                     paper_count(report->arena, number_in(total, "registered")),
                     paper_count(report->arena, number_in(total, "nominated"))));
    if (json_is_object(dossiers))
        paper_paragraph(report->paper, NULL,
                        arena_format(report->arena, "Đã tiếp nhận %s hồ sơ, trong đó %s hồ sơ trễ hạn.",
                                     paper_count(report->arena, number_in(dossiers, "count")),
                                     paper_count(report->arena, number_in(dossiers, "late"))));
    if (json_array_size(groups))
        list_groups(report, groups);
}

// ---- the criteria, by their clauses ----

static const char *criterion_named(const struct report *report, const json_t *criterion)
{
    const char *clause = member_text(criterion, "clause"), *text = member_text(criterion, "text");
    return text ? arena_format(report->arena, "%s: %s", clause, text) : clause;
}

static void say_clauses(struct report *report)
{
    static const struct paper_column columns[] = {{"Điều khoản", 4, PAPER_LEFT}, {"Đạt", 2, PAPER_CENTRE},
                                                  {"Chưa đạt", 2, PAPER_CENTRE}, {"Chờ kết quả", 2, PAPER_CENTRE},
                                                  {"Chưa xét", 2, PAPER_CENTRE}, {"Không áp dụng", 2, PAPER_CENTRE}};
    const json_t *clauses = json_object_get(report->facts, "clauses"), *clause;
    size_t i;
    if (!json_array_size(clauses))
        return;
    begin_part(report, "Kết quả xét theo từng tiêu chí");
    struct paper_table *table = paper_table(report->paper, columns, sizeof columns / sizeof *columns);
    json_array_foreach(clauses, i, clause)
        paper_row(table, (const char *const[]){criterion_named(report, clause), shown(report, clause, "P"),
                                               shown(report, clause, "F"), shown(report, clause, "O"),
                                               shown(report, clause, "D"), shown(report, clause, "N")});
}

// ---- awards ----

static const char *award_note(const struct report *report, const json_t *award)
{
    const char *by = member_text(award, "revoked_by");
    return by ? arena_format(report->arena, "Đã hủy bỏ (Quyết định số %s)", paper_number_of(report->arena, by)) : "";
}

static void say_awards(struct report *report)
{
    static const struct paper_column columns[] = {{"STT", 1.4, PAPER_CENTRE},
                                                  {"Tên tập thể", 4, PAPER_LEFT},
                                                  {"Hình thức khen thưởng", 3.4, PAPER_LEFT},
                                                  {"Quyết định", 3, PAPER_LEFT},
                                                  {"Ghi chú", 2.2, PAPER_LEFT}};
    const json_t *awards = json_object_get(report->facts, "awards"), *award;
    size_t i;
    long long revoked = 0;
    json_array_foreach(awards, i, award) revoked += member_text(award, "revoked_by") != NULL;
    const char *of_them = revoked ? arena_format(report->arena, ", trong đó %s tập thể đã bị hủy bỏ quyết định",
                                                 paper_count(report->arena, revoked))
                                  : "";
    begin_part(report, "Khen thưởng");
    paper_paragraph(report->paper, NULL,
                    arena_format(report->arena, "Đã khen thưởng %s tập thể%s; số lượng tối đa của năm là %s.",
                                 paper_count(report->arena, (long long)json_array_size(awards)), of_them,
                                 paper_count(report->arena, number_in(report->facts, "cap"))));
    if (!json_array_size(awards))
        return;
    struct paper_table *table = paper_table(report->paper, columns, sizeof columns / sizeof *columns);
    json_array_foreach(awards, i, award)
    {
        const char *form = member_text(award, "form"), *tier = member_text(award, "tier");
        form = form ? form : words_plain(&report->words, "form");
        paper_row(table,
                  (const char *const[]){paper_count(report->arena, (long long)i + 1), member_text(award, "name"),
                                        tier ? arena_format(report->arena, "%s, %s", form, tier) : form,
                                        arena_format(report->arena, "Số %s %s",
                                                     paper_number_of(report->arena, member_text(award, "number")),
                                                     paper_day(report->arena, member_text(award, "signed_on"))),
                                        award_note(report, award)});
    }
}

// ---- yearly reports of others (V.1) ----

static void say_reports(struct report *report)
{
    static const struct paper_column columns[] = {{"STT", 1, PAPER_CENTRE},
                                                  {"Cơ quan, đơn vị chưa gửi báo cáo", 11, PAPER_LEFT}};
    const json_t *reports = json_object_get(report->facts, "reports"), *owing = json_object_get(reports, "owing");
    if (!json_is_object(reports))
        return;
    begin_part(report, "Báo cáo hằng năm của các cơ quan, đơn vị");
    paper_paragraph(report->paper, NULL,
                    arena_format(report->arena,
                                 "%s/%s cơ quan, đơn vị đã gửi báo cáo, trong đó %s gửi trễ hạn; %s chưa gửi.",
                                 paper_count(report->arena, number_in(reports, "filed")),
                                 paper_count(report->arena, number_in(reports, "owed")),
                                 paper_count(report->arena, number_in(reports, "late")),
                                 paper_count(report->arena, (long long)json_array_size(owing))));
    if (!json_array_size(owing))
        return;
    struct paper_table *table = paper_table(report->paper, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < json_array_size(owing) && i < OWING_MOST; i++)
        paper_row(table, (const char *const[]){paper_count(report->arena, (long long)i + 1),
                                               json_string_value(json_array_get(owing, i))});
    if (json_array_size(owing) > OWING_MOST)
        paper_part(table, arena_format(report->arena, "… và %s cơ quan, đơn vị khác",
                                       paper_count(report->arena, (long long)json_array_size(owing) - OWING_MOST)));
}

// ---- the paper ----

static void write_report(struct report *report)
{
    const struct wording *words = &report->words;
    const char *agency = words_text(words, "home_affairs", "agency"), *chair = words_text(words, "chair", "authority");
    words_head(words, report->paper, "home_affairs", NULL, words_text(words, "report", "symbol"), NULL);
    paper_title(report->paper, "Báo cáo", arena_format(report->arena, "Tổng kết %s", in_year(report)), NULL);
    paper_addressees(report->paper, &chair, 1);
    paper_paragraph(report->paper, NULL,
                    arena_format(report->arena, "Thực hiện %s %s của %s, %s báo cáo kết quả năm %lld như sau:",
                                 words_plain(words, "plan"),
                                 paper_day(report->arena, words_plain(words, "plan_issued_on")),
                                 words_plain(words, "plan_issuer"), agency, number_in(report->facts, "year")));
    say_who_took_part(report);
    say_clauses(report);
    say_awards(report);
    say_reports(report);
    paper_paragraph(report->paper, NULL,
                    arena_format(report->arena, "Trên đây là kết quả năm %lld; %s kính báo cáo %s./.",
                                 number_in(report->facts, "year"), agency, chair));
    words_signature(words, report->paper, "home_affairs", NULL, "report");
}

struct paper *yearly_report_as_paper(struct request *request, struct session *session)
{
    struct yearly_report row;
    if (!yearly_report(request, session, path_value(request, "code"), path_value(request, "year"),
                       has_role(request, MAY_READ_RESTRICTED), &row))
        return NULL;
    json_t *facts = defer_json(request, json_loads(row.json, 0, NULL));
    struct report report = {.arena = &request->arena, .words = words_of(request, facts), .facts = facts};
    report.paper = paper_new(report.arena,
                             arena_format(report.arena, "Dự thảo báo cáo tổng kết năm %lld", number_in(facts, "year")));
    write_report(&report);
    return report.paper;
}
