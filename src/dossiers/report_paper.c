// A nominee's achievement report (form 08).
#include "dossiers/nominations.sql.h"
#include "dossiers/printing.h"
#include "dossiers/private.h"
#include "thidua/arena.h"

static void say_who(const struct printing *printing)
{
    const json_t *facts = printing->facts;
    const json_t *total = json_object_get(facts, "members_total"), *women = json_object_get(facts, "members_women");
    paper_heading(printing->paper, "I. THÔNG TIN CHUNG");
    known_or_blank(printing, "1. Tên tập thể:", member_text(facts, "name"), 1);
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
        const char *result = member_text(content, "result");
        paper_paragraph(printing->paper, NULL,
                        arena_format(printing->arena, "%zu. %s:", i + 1, member_text(content, "text")));
        if (result)
            paper_paragraph(
                printing->paper, NULL,
                arena_format(printing->arena, "Kết luận thẩm định: %s; điểm: %s. %s",
                             paper_inside(printing->arena, words_for(printing->request, "FindingResult", result)),
                             paper_decimal(printing->arena, member_text(content, "score")),
                             as_sentence(printing, member_text(content, "reason"))));
        paper_blank(printing->paper, "Kết quả đạt được:", 3);
    }
}

static void say_index(const struct printing *printing, size_t number)
{
    const char *percent = member_text_in(printing->facts, "index", "percent"),
               *label = arena_format(printing->arena, "%zu. %s năm %lld:", number,
                                     words_text(&printing->words, "nomination", "index"), printing->year);
    known_or_blank(
        printing, label,
        percent ? arena_format(
                      printing->arena, "%s %% (Quyết định số %s %s)", paper_decimal(printing->arena, percent),
                      paper_number_of(printing->arena, member_text_in(printing->facts, "index", "decision_number")),
                      paper_day(printing->arena, member_text_in(printing->facts, "index", "decision_date")))
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
        table, (const char *const[]){paper_count(printing->arena, (long long)i + 1), member_text(initiative, "title"),
                                     paper_number_of(printing->arena, member_text(initiative, "decision_number")),
                                     member_text(initiative, "recognised_on")});
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
    const char *confirmed = member_text(printing.facts, "confirmed_by");
    printing.paper = paper_new(printing.arena, arena_format(printing.arena, "Báo cáo thành tích năm %lld %s",
                                                            printing.year, member_text(printing.facts, "name")));
    words_head(&printing.words, printing.paper, "nominator", NULL, "BC", NULL);
    paper_title(printing.paper, "Báo cáo thành tích",
                arena_format(printing.arena, "Đề nghị tặng %s trong %s", words_plain(&printing.words, "form"),
                             printed_round(&printing)),
                NULL);
    say_who(&printing);
    paper_heading(printing.paper, "II. THÀNH TÍCH ĐẠT ĐƯỢC");
    say_merits(&printing);
    if (confirmed)
        paper_paragraph(printing.paper, NULL,
                        arena_format(printing.arena, "Cấp trình khen xác nhận: %s, %s.", confirmed,
                                     paper_day(printing.arena, member_text(printing.facts, "confirmed_on"))));
    paper_signatures(printing.paper, (struct paper_signer){"Xác nhận của\ncấp trình khen", NULL},
                     (struct paper_signer){words_text(&printing.words, "nominator", "capacity"), NULL});
    return printing.paper;
}
