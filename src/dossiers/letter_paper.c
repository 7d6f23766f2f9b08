// The nominator's Tờ trình (form 01 of the decree in force) with its list.
#include "dossiers/dossiers.sql.h"
#include "dossiers/printing.h"
#include "dossiers/private.h"
#include "thidua/arena.h"

static void list_nominees(const struct printing *printing)
{
    static const struct paper_column columns[] = {{"STT", 2, PAPER_CENTRE},
                                                  {"Tên tập thể", 10, PAPER_LEFT},
                                                  {"Hình thức đề nghị khen thưởng", 8, PAPER_LEFT},
                                                  {"Ghi chú", 4, PAPER_LEFT}};
    paper_annex(printing->paper, "Danh sách",
                arena_format(printing->arena, "Tập thể đề nghị khen thưởng trong %s", printed_round(printing)),
                arena_format(printing->arena, "(Kèm theo Tờ trình %s %s của %s)",
                             paper_inside(printing->arena, paper_number(printing->arena, NULL, "TTr")),
                             paper_day(printing->arena, NULL), printed_issuer(printing)),
                false);
    struct paper_table *table = paper_table(printing->paper, columns, COUNT(columns));
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(printing->facts, "rows"), i, row)
        paper_row(table, (const char *const[]){paper_count(printing->arena, (long long)i + 1), member_text(row, "name"),
                                               words_plain(&printing->words, "form"), NULL});
}

static void say_letter(const struct printing *printing)
{
    const char *authority = words_text(&printing->words, "chair", "authority"),
               *enclosed = joined(printing, json_object_get(printing->facts, "enclosed")),
               *behalf = member_text(printing->facts, "on_behalf_of");
    paper_paragraph(
        printing->paper, NULL,
        arena_format(
            printing->arena,
            "Xét thành tích đạt được trong %s, %s kính trình %s xem xét, tặng %s cho %s tập thể (có Danh sách "
            "kèm theo).",
            printed_round(printing), printed_issuer(printing), authority, words_plain(&printing->words, "form"),
            paper_count(printing->arena, (long long)json_array_size(json_object_get(printing->facts, "rows")))));
    if (behalf)
        paper_paragraph(printing->paper, NULL,
                        arena_format(printing->arena, "Hồ sơ được lập thay cho %s. Lý do: %s", behalf,
                                     as_sentence(printing, member_text(printing->facts, "on_behalf_reason"))));
    if (enclosed)
        paper_paragraph(printing->paper, NULL, arena_format(printing->arena, "Hồ sơ gửi kèm: %s.", enclosed));
    paper_paragraph(printing->paper, NULL,
                    arena_format(printing->arena, "%s kính đề nghị %s xem xét, quyết định./.", printed_issuer(printing),
                                 authority));
}

struct paper *letter_of(struct request *request, struct session *session, const char *dossier)
{
    struct dossier_paper row;
    if (!dossier_paper(request, session, dossier, caller_unit(request), request->caller.roles, &row))
        return NULL;
    struct printing printing = printing_of(request, row.json);
    const char *number = member_text(printing.facts, "number"), *met = member_text(printing.facts, "minutes_date"),
               *addressees[] = {words_text(&printing.words, "chair", "authority"),
                                words_text(&printing.words, "home_affairs", "agency")};
    printing.paper =
        paper_new(printing.arena, number ? arena_format(printing.arena, "Tờ trình %s", number)
                                         : arena_format(printing.arena, "Dự thảo tờ trình đề nghị khen thưởng năm %lld",
                                                        printing.year));
    words_head(&printing.words, printing.paper, "nominator", number, "TTr", member_text(printing.facts, "date"));
    paper_title(printing.paper, "Tờ trình",
                arena_format(printing.arena, "Về việc đề nghị tặng %s trong %s", words_plain(&printing.words, "form"),
                             printed_round(&printing)),
                NULL);
    paper_addressees(printing.paper, addressees, COUNT(addressees));
    words_bases(&printing.words, printing.paper, "nomination",
                met ? arena_format(printing.arena, "Căn cứ Biên bản họp %s %s", printed_council(&printing),
                                   paper_day(printing.arena, met))
                    : NULL);
    say_letter(&printing);
    words_signature(&printing.words, printing.paper, "nominator", NULL, "nomination");
    list_nominees(&printing);
    return printing.paper;
}
