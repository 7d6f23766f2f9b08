// The papers of a dossier: the nominator's Tờ trình (form 01 of the decree in force) with its list, the minutes of its
// council, and a nominee's achievement report (form 08). What nobody has recorded is a line to write on.
#include "campaigns/wording.h"
#include "dossiers/dossiers.sql.h"
#include "dossiers/minutes.sql.h"
#include "dossiers/nominations.sql.h"
#include "dossiers/private.h"
#include "thidua/arena.h"

#include <string.h>

struct printing {
    struct request *request;
    struct arena *arena;
    struct paper *paper;
    struct wording words;
    const json_t *facts;
    long long year;
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static struct printing printing_of(struct request *request, const char *json)
{
    json_t *facts = defer_json(request, json_loads(json, 0, NULL));
    return (struct printing){.request = request,
                             .arena = &request->arena,
                             .words = words_of(request, facts),
                             .facts = facts,
                             .year = json_integer_value(json_object_get(facts, "year"))};
}

static const char *issuer(const struct printing *printing)
{
    return words_text(&printing->words, "nominator", "agency");
}

static const char *round_named(const struct printing *printing)
{
    return arena_format(printing->arena, "%s năm %lld", words_plain(&printing->words, "name"), printing->year);
}

static const char *council(const struct printing *printing)
{
    return words_text(&printing->words, "nomination", "council");
}

// A text that somebody wrote, as a sentence: with one full stop.
static const char *sentence(const struct printing *printing, const char *text)
{
    size_t length = strlen(text);
    return length && strchr(".!?", text[length - 1]) ? text : arena_format(printing->arena, "%s.", text);
}

// "Địa điểm: Phòng họp số 1.", or a line to write it on.
static void known_or_blank(const struct printing *printing, const char *label, const char *value, unsigned lines)
{
    if (value)
        paper_paragraph(printing->paper, NULL,
                        sentence(printing, arena_format(printing->arena, "%s %s", label, value)));
    else
        paper_blank(printing->paper, label, lines);
}

// Texts of a list, joined by "; "; NULL: there are none.
static const char *joined(const struct printing *printing, const json_t *list)
{
    const char *text = NULL;
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item) text =
        text ? arena_format(printing->arena, "%s; %s", text, json_string_value(item)) : json_string_value(item);
    return text;
}

// ---- the Tờ trình ----

static void list_nominees(const struct printing *printing)
{
    static const struct paper_column columns[] = {{"STT", 2, PAPER_CENTRE},
                                                  {"Tên tập thể", 10, PAPER_LEFT},
                                                  {"Hình thức đề nghị khen thưởng", 8, PAPER_LEFT},
                                                  {"Ghi chú", 4, PAPER_LEFT}};
    paper_annex(printing->paper, "Danh sách",
                arena_format(printing->arena, "Tập thể đề nghị khen thưởng trong %s", round_named(printing)),
                arena_format(printing->arena, "(Kèm theo Tờ trình %s %s của %s)",
                             paper_inside(printing->arena, paper_number(printing->arena, NULL, "TTr")),
                             paper_day(printing->arena, NULL), issuer(printing)),
                false);
    struct paper_table *table = paper_table(printing->paper, columns, COUNT(columns));
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(printing->facts, "rows"), i, row)
        paper_row(table, (const char *const[]){paper_count(printing->arena, (long long)i + 1), fact(row, "name"),
                                               words_plain(&printing->words, "form"), NULL});
}

static void say_letter(const struct printing *printing)
{
    const char *authority = words_text(&printing->words, "chair", "authority"),
               *enclosed = joined(printing, json_object_get(printing->facts, "enclosed")),
               *behalf = fact(printing->facts, "on_behalf_of");
    paper_paragraph(
        printing->paper, NULL,
        arena_format(
            printing->arena,
            "Xét thành tích đạt được trong %s, %s kính trình %s xem xét, tặng %s cho %s tập thể (có Danh sách "
            "kèm theo).",
            round_named(printing), issuer(printing), authority, words_plain(&printing->words, "form"),
            paper_count(printing->arena, (long long)json_array_size(json_object_get(printing->facts, "rows")))));
    if (behalf)
        paper_paragraph(printing->paper, NULL,
                        arena_format(printing->arena, "Hồ sơ được lập thay cho %s. Lý do: %s", behalf,
                                     sentence(printing, fact(printing->facts, "on_behalf_reason"))));
    if (enclosed)
        paper_paragraph(printing->paper, NULL, arena_format(printing->arena, "Hồ sơ gửi kèm: %s.", enclosed));
    paper_paragraph(
        printing->paper, NULL,
        arena_format(printing->arena, "%s kính đề nghị %s xem xét, quyết định./.", issuer(printing), authority));
}

struct paper *letter_of(struct request *request, struct session *session, const char *dossier)
{
    struct dossier_paper row;
    if (!dossier_paper(request, session, dossier, caller_unit(request), request->caller.roles, &row))
        return NULL;
    struct printing printing = printing_of(request, row.json);
    const char *number = fact(printing.facts, "number"), *met = fact(printing.facts, "minutes_date"),
               *addressees[] = {words_text(&printing.words, "chair", "authority"),
                                words_text(&printing.words, "home_affairs", "agency")};
    printing.paper =
        paper_new(printing.arena, number ? arena_format(printing.arena, "Tờ trình %s", number)
                                         : arena_format(printing.arena, "Dự thảo tờ trình đề nghị khen thưởng năm %lld",
                                                        printing.year));
    words_head(&printing.words, printing.paper, "nominator", number, "TTr", fact(printing.facts, "date"));
    paper_title(printing.paper, "Tờ trình",
                arena_format(printing.arena, "Về việc đề nghị tặng %s trong %s", words_plain(&printing.words, "form"),
                             round_named(&printing)),
                NULL);
    paper_addressees(printing.paper, addressees, COUNT(addressees));
    words_bases(&printing.words, printing.paper, "nomination",
                met ? arena_format(printing.arena, "Căn cứ Biên bản họp %s %s", council(&printing),
                                   paper_day(printing.arena, met))
                    : NULL);
    say_letter(&printing);
    words_signature(&printing.words, printing.paper, "nominator", NULL, "nomination");
    list_nominees(&printing);
    return printing.paper;
}

// ---- the minutes ----

// A person of the minutes with the office that the list of members gives.
static const char *person(const struct printing *printing, const char *name)
{
    size_t i;
    const json_t *member;
    json_array_foreach(json_object_get(printing->facts, "members"), i, member)
    {
        const char *office = fact(member, "office");
        if (name && office && strcmp(name, fact(member, "name")) == 0)
            return arena_format(printing->arena, "%s, %s", name, office);
    }
    return name;
}

static const char *hour_and_day(const struct printing *printing, const char *hour, const char *instant)
{
    return hour ? arena_format(printing->arena, "%s, %s", hour,
                               paper_day(printing->arena, fact(printing->facts, instant)))
                : NULL;
}

static const char *amount_of(const struct printing *printing, const char *name)
{
    return paper_count(printing->arena, json_integer_value(json_object_get(printing->facts, name)));
}

static void list_members(const struct printing *printing)
{
    static const struct paper_column columns[] = {
        {"STT", 2, PAPER_CENTRE}, {"Họ và tên", 7, PAPER_LEFT}, {"Chức vụ", 7, PAPER_LEFT}, {"Dự họp", 7, PAPER_LEFT}};
    const json_t *members = json_object_get(printing->facts, "members");
    if (!json_array_size(members)) {
        paper_blank(printing->paper, "4. Thành viên Hội đồng (tổng số; có mặt; vắng mặt, lý do):", 4);
        return;
    }
    paper_paragraph(printing->paper, NULL,
                    arena_format(printing->arena,
                                 "4. Hội đồng có %s thành viên; có mặt %s; vắng mặt và có ý kiến bằng văn bản %s:",
                                 amount_of(printing, "members_total"), amount_of(printing, "members_present"),
                                 amount_of(printing, "written_opinions")));
    struct paper_table *table = paper_table(printing->paper, columns, COUNT(columns));
    size_t i;
    const json_t *member;
    json_array_foreach(members, i, member)
    {
        const char *reason = fact(member, "reason"),
                   *came = words_for(printing->request, "CouncilAttendance", fact(member, "attendance"));
        paper_row(table, (const char *const[]){paper_count(printing->arena, (long long)i + 1), fact(member, "name"),
                                               fact(member, "office"),
                                               reason ? arena_format(printing->arena, "%s (%s)", came, reason) : came});
    }
}

static const char *votes(const struct printing *printing, const json_t *row, const char *name)
{
    const json_t *number = json_object_get(row, name);
    return json_is_integer(number) ? arena_format(printing->arena, "%lld", (long long)json_integer_value(number))
                                   : NULL;
}

static void list_votes(const struct printing *printing)
{
    static const struct paper_column columns[] = {
        {"STT", 2, PAPER_CENTRE},         {"Tên tập thể", 9, PAPER_LEFT},
        {"Tán thành", 3, PAPER_CENTRE},   {"Không tán thành", 3, PAPER_CENTRE},
        {"Ý kiến khác", 3, PAPER_CENTRE}, {"Tỷ lệ tán thành", 4, PAPER_CENTRE}};
    struct paper_table *table = paper_table(printing->paper, columns, COUNT(columns));
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(printing->facts, "rows"), i, row)
    {
        const char *part = votes(printing, row, "votes_for"), *whole = votes(printing, row, "members_total"),
                   *percent = fact(row, "percent_for");
        paper_row(table,
                  (const char *const[]){paper_count(printing->arena, (long long)i + 1), fact(row, "name"), part,
                                        votes(printing, row, "votes_against"), votes(printing, row, "votes_abstain"),
                                        percent ? arena_format(printing->arena, "%s/%s\n(%s %%)", part, whole,
                                                               paper_decimal(printing->arena, percent))
                                                : NULL});
    }
}

static void say_meeting(const struct printing *printing)
{
    const json_t *facts = printing->facts;
    const char *opened = hour_and_day(printing, fact(facts, "opened"), "opened_at"), *day = fact(facts, "minutes_date");
    known_or_blank(
        printing, "Thời gian bắt đầu:",
        opened || !day ? opened : arena_format(printing->arena, "…… giờ ……, %s", paper_day(printing->arena, day)), 1);
    known_or_blank(printing, "Địa điểm:", fact(facts, "place"), 1);
    paper_heading(printing->paper, "I. THÀNH PHẦN");
    known_or_blank(printing, "1. Chủ tọa:", person(printing, fact(facts, "chaired_by")), 1);
    known_or_blank(printing, "2. Thư ký:", person(printing, fact(facts, "minuted_by")), 1);
    known_or_blank(printing, "3. Người kiểm phiếu:", joined(printing, json_object_get(facts, "counted_by")), 1);
    list_members(printing);
    paper_heading(printing->paper, "II. NỘI DUNG");
    paper_paragraph(
        printing->paper, NULL,
        arena_format(printing->arena, "%s xét đề nghị tặng %s trong %s cho %s tập thể và bỏ phiếu.", council(printing),
                     words_plain(&printing->words, "form"), round_named(printing),
                     paper_count(printing->arena, (long long)json_array_size(json_object_get(facts, "rows")))));
    paper_blank(printing->paper, "Ý kiến thảo luận:", 3);
    paper_heading(printing->paper, "III. KẾT QUẢ BỎ PHIẾU");
    paper_paragraph(printing->paper, NULL,
                    "Tỷ lệ tính trên tổng số thành viên Hội đồng, kể cả thành viên vắng mặt; ý kiến bằng văn bản của "
                    "thành viên vắng mặt được tính là phiếu.");
    list_votes(printing);
    paper_heading(printing->paper, "IV. KẾT LUẬN");
    paper_blank(printing->paper, "Chủ tọa kết luận:", 2);
}

struct paper *minutes_of(struct request *request, struct session *session, const char *dossier)
{
    struct minutes_paper row;
    if (!minutes_paper(request, session, dossier, caller_unit(request), request->caller.roles, &row))
        return NULL;
    struct printing printing = printing_of(request, row.json);
    const json_t *facts = printing.facts;
    const char *day = fact(facts, "minutes_date"),
               *closed = hour_and_day(&printing, fact(facts, "closed"), "closed_at");
    printing.paper =
        paper_new(printing.arena, day ? arena_format(printing.arena, "Biên bản họp Hội đồng %s", day)
                                      : arena_format(printing.arena, "Biên bản họp Hội đồng năm %lld", printing.year));
    paper_head(printing.paper,
               &(struct paper_head){.superior = fact_in(printing.words.wording, "nominator", "superior"),
                                    .issuer = issuer(&printing),
                                    .number = paper_number(printing.arena, NULL, "BB")});
    paper_title(printing.paper, "Biên bản",
                arena_format(printing.arena, "Họp %s xét đề nghị khen thưởng trong %s", council(&printing),
                             round_named(&printing)),
                NULL);
    say_meeting(&printing);
    if (closed)
        paper_paragraph(printing.paper, NULL, arena_format(printing.arena, "Cuộc họp kết thúc vào %s./.", closed));
    else
        paper_blank(printing.paper, "Cuộc họp kết thúc vào:", 1);
    paper_signatures(printing.paper, (struct paper_signer){"Thư ký", fact(facts, "minuted_by")},
                     (struct paper_signer){"Chủ tọa", fact(facts, "chaired_by")});
    return printing.paper;
}

// ---- the achievement report ----

static void say_who(const struct printing *printing)
{
    const json_t *facts = printing->facts;
    const json_t *total = json_object_get(facts, "members_total"), *women = json_object_get(facts, "members_women");
    paper_heading(printing->paper, "I. THÔNG TIN CHUNG");
    known_or_blank(printing, "1. Tên tập thể:", fact(facts, "name"), 1);
    paper_blank(printing->paper, "Địa điểm trụ sở chính, điện thoại, địa chỉ trang thông tin điện tử:", 1);
    known_or_blank(printing, "Tổng số cán bộ, công chức, viên chức, người lao động:",
                   json_is_integer(total)
                       ? arena_format(printing->arena, "%s người, trong đó nữ %s người",
                                      paper_count(printing->arena, (long long)json_integer_value(total)),
                                      paper_count(printing->arena, (long long)json_integer_value(women)))
                       : NULL,
                   1);
    paper_blank(printing->paper, "Quá trình thành lập, cơ cấu tổ chức:", 2);
    paper_blank(printing->paper, "2. Chức năng, nhiệm vụ được giao:", 3);
}

static void say_contents(const struct printing *printing)
{
    size_t i;
    const json_t *content;
    json_array_foreach(json_object_get(printing->facts, "contents"), i, content)
    {
        const char *result = fact(content, "result");
        paper_paragraph(printing->paper, NULL, arena_format(printing->arena, "%zu. %s:", i + 1, fact(content, "text")));
        if (result)
            paper_paragraph(
                printing->paper, NULL,
                arena_format(printing->arena, "Kết luận thẩm định: %s; điểm: %s. %s",
                             paper_inside(printing->arena, words_for(printing->request, "FindingResult", result)),
                             paper_decimal(printing->arena, fact(content, "score")),
                             sentence(printing, fact(content, "reason"))));
        paper_blank(printing->paper, "Kết quả đạt được:", 3);
    }
}

static void say_index(const struct printing *printing, size_t number)
{
    const char *percent = fact_in(printing->facts, "index", "percent"),
               *label = arena_format(printing->arena, "%zu. %s năm %lld:", number,
                                     words_text(&printing->words, "nomination", "index"), printing->year);
    known_or_blank(
        printing, label,
        percent ? arena_format(printing->arena, "%s %% (Quyết định số %s %s)", paper_decimal(printing->arena, percent),
                               fact_in(printing->facts, "index", "decision_number"),
                               paper_day(printing->arena, fact_in(printing->facts, "index", "decision_date")))
                : NULL,
        1);
}

static void say_initiatives(const struct printing *printing, size_t number)
{
    static const struct paper_column columns[] = {{"STT", 2, PAPER_CENTRE},
                                                  {"Tên sáng kiến, giải pháp", 12, PAPER_LEFT},
                                                  {"Quyết định công nhận", 6, PAPER_LEFT},
                                                  {"Ngày công nhận", 5, PAPER_CENTRE}};
    const json_t *initiatives = json_object_get(printing->facts, "initiatives"), *initiative;
    const char *label =
        arena_format(printing->arena, "%zu. %s:", number, words_text(&printing->words, "nomination", "initiatives"));
    size_t i;
    if (!json_array_size(initiatives)) {
        paper_blank(printing->paper, label, 2);
        return;
    }
    paper_paragraph(printing->paper, NULL, label);
    struct paper_table *table = paper_table(printing->paper, columns, COUNT(columns));
    json_array_foreach(initiatives, i, initiative) paper_row(
        table, (const char *const[]){paper_count(printing->arena, (long long)i + 1), fact(initiative, "title"),
                                     fact(initiative, "decision_number"), fact(initiative, "recognised_on")});
}

// What the plan's rules read of a nominee, and nothing else.
static void say_merits(const struct printing *printing)
{
    const json_t *asked = json_object_get(printing->facts, "asked");
    size_t number = json_array_size(json_object_get(printing->facts, "contents"));
    say_contents(printing);
    if (json_is_true(json_object_get(asked, "index")))
        say_index(printing, ++number);
    if (json_is_true(json_object_get(asked, "initiatives")))
        say_initiatives(printing, ++number);
}

struct paper *report_of(struct request *request, struct session *session, const char *dossier, const char *unit)
{
    struct nomination_paper row;
    if (!nomination_paper(request, session, dossier, unit, caller_unit(request), request->caller.roles, &row))
        return NULL;
    struct printing printing = printing_of(request, row.json);
    const char *confirmed = fact(printing.facts, "confirmed_by");
    printing.paper = paper_new(printing.arena, arena_format(printing.arena, "Báo cáo thành tích năm %lld %s",
                                                            printing.year, fact(printing.facts, "name")));
    words_head(&printing.words, printing.paper, "nominator", NULL, "BC", NULL);
    paper_title(printing.paper, "Báo cáo thành tích",
                arena_format(printing.arena, "Đề nghị tặng %s trong %s", words_plain(&printing.words, "form"),
                             round_named(&printing)),
                NULL);
    say_who(&printing);
    paper_heading(printing.paper, "II. THÀNH TÍCH ĐẠT ĐƯỢC");
    say_merits(&printing);
    if (confirmed)
        paper_paragraph(printing.paper, NULL,
                        arena_format(printing.arena, "Cấp trình khen xác nhận: %s, %s.", confirmed,
                                     paper_day(printing.arena, fact(printing.facts, "confirmed_on"))));
    paper_signatures(printing.paper, (struct paper_signer){"Xác nhận của\ncấp trình khen", NULL},
                     (struct paper_signer){words_text(&printing.words, "nominator", "capacity"), NULL});
    return printing.paper;
}

// ---- of a route ----

struct paper *dossier_as_paper(struct request *request, struct session *session)
{
    return letter_of(request, session, path_value(request, "id"));
}

struct paper *minutes_as_paper(struct request *request, struct session *session)
{
    return minutes_of(request, session, path_value(request, "id"));
}

struct paper *nomination_as_paper(struct request *request, struct session *session)
{
    return report_of(request, session, path_value(request, "id"), path_value(request, "unit_id"));
}
