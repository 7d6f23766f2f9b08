// The minutes of the nominator's council.
#include "dossiers/minutes.sql.h"
#include "dossiers/printing.h"
#include "dossiers/private.h"
#include "thidua/arena.h"

#include <string.h>

// A person of the minutes with the office that the list of members gives.
static const char *person(const struct printing *printing, const char *name)
{
    size_t i;
    const json_t *member;
    json_array_foreach(json_object_get(printing->facts, "members"), i, member)
    {
        const char *office = member_text(member, "office");
        if (name && office && strcmp(name, member_text(member, "name")) == 0)
            return arena_format(printing->arena, "%s, %s", name, office);
    }
    return name;
}

static const char *hour_and_day(const struct printing *printing, const char *hour, const char *instant)
{
    return hour ? arena_format(printing->arena, "%s, %s", hour,
                               paper_day(printing->arena, member_text(printing->facts, instant)))
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
        const char *reason = member_text(member, "reason"),
                   *came = words_for(printing->request, "CouncilAttendance", member_text(member, "attendance"));
        paper_row(table, (const char *const[]){paper_count(printing->arena, (long long)i + 1),
                                               member_text(member, "name"), member_text(member, "office"),
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
                   *percent = member_text(row, "percent_for");
        paper_row(table,
                  (const char *const[]){paper_count(printing->arena, (long long)i + 1), member_text(row, "name"), part,
                                        votes(printing, row, "votes_against"), votes(printing, row, "votes_abstain"),
                                        percent ? arena_format(printing->arena, "%s/%s\n(%s %%)", part, whole,
                                                               paper_decimal(printing->arena, percent))
                                                : NULL});
    }
}

static void say_meeting(const struct printing *printing)
{
    const json_t *facts = printing->facts;
    const char *opened = hour_and_day(printing, member_text(facts, "opened"), "opened_at"),
               *day = member_text(facts, "minutes_date");
    known_or_blank(
        printing, "Thời gian bắt đầu:",
        opened || !day ? opened : arena_format(printing->arena, "…… giờ ……, %s", paper_day(printing->arena, day)), 1);
    known_or_blank(printing, "Địa điểm:", member_text(facts, "place"), 1);
    paper_heading(printing->paper, "I. THÀNH PHẦN");
    known_or_blank(printing, "1. Chủ tọa:", person(printing, member_text(facts, "chaired_by")), 1);
    known_or_blank(printing, "2. Thư ký:", person(printing, member_text(facts, "minuted_by")), 1);
    known_or_blank(printing, "3. Người kiểm phiếu:", joined(printing, json_object_get(facts, "counted_by")), 1);
    list_members(printing);
    paper_heading(printing->paper, "II. NỘI DUNG");
    paper_paragraph(
        printing->paper, NULL,
        arena_format(printing->arena, "%s xét đề nghị tặng %s trong %s cho %s tập thể và bỏ phiếu.",
                     printed_council(printing), words_plain(&printing->words, "form"), printed_round(printing),
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
    const char *day = member_text(facts, "minutes_date"),
               *closed = hour_and_day(&printing, member_text(facts, "closed"), "closed_at");
    printing.paper =
        paper_new(printing.arena, day ? arena_format(printing.arena, "Biên bản họp Hội đồng %s", day)
                                      : arena_format(printing.arena, "Biên bản họp Hội đồng năm %lld", printing.year));
    paper_head(printing.paper,
               &(struct paper_head){.superior = member_text_in(printing.words.wording, "nominator", "superior"),
                                    .issuer = printed_issuer(&printing),
                                    .number = paper_number(printing.arena, NULL, "BB")});
    paper_title(printing.paper, "Biên bản",
                arena_format(printing.arena, "Họp %s xét đề nghị khen thưởng trong %s", printed_council(&printing),
                             printed_round(&printing)),
                NULL);
    say_meeting(&printing);
    if (closed)
        paper_paragraph(printing.paper, NULL, arena_format(printing.arena, "Cuộc họp kết thúc vào %s./.", closed));
    else
        paper_blank(printing.paper, "Cuộc họp kết thúc vào:", 1);
    paper_signatures(printing.paper, (struct paper_signer){"Thư ký", member_text(facts, "minuted_by")},
                     (struct paper_signer){"Chủ tọa", member_text(facts, "chaired_by")});
    return printing.paper;
}
