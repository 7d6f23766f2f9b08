// A decision as a paper (Mẫu 1.2 of Phụ lục III): what it orders, article by article, and the list of whom it names.
#include "decisions/paper.h"

#include "campaigns/wording.h"
#include "decisions/decisions.sql.h"
#include "http/route.h"
#include "thidua/arena.h"

#include <string.h>

struct printing {
    struct request *request;
    struct arena *arena;
    struct paper *paper;
    struct wording words;
    const json_t *facts, *rows;
    long long year;
};

static const char *form_of(const struct printing *printing, const json_t *row)
{
    const char *form = member_text(row, "form"), *tier = member_text(row, "tier");
    form = form ? form : words_plain(&printing->words, "form");
    return tier ? arena_format(printing->arena, "%s, %s", form, tier) : form;
}

// "Phong trào thi đua “…” năm 2024"
static const char *round_named(const struct printing *printing)
{
    return arena_format(printing->arena, "%s năm %lld", words_plain(&printing->words, "name"), printing->year);
}

static const char *subject_named(const struct printing *printing)
{
    const char *number = member_text_in(printing->facts, "subject", "number");
    return arena_format(printing->arena, "Quyết định số %s %s", paper_number_of(printing->arena, number),
                        paper_day(printing->arena, member_text_in(printing->facts, "subject", "signed_on")));
}

static void say_carried_out(const struct printing *printing, const char *others)
{
    paper_paragraph(printing->paper, "Điều 3.",
                    arena_format(printing->arena,
                                 "Quyết định này có hiệu lực kể từ ngày ký. %s%s chịu trách nhiệm thi hành Quyết định "
                                 "này./.",
                                 words_text(&printing->words, "decision", "carried_out_by"), others));
}

// ---- awards ----

// How many of the rows from `first` on have the same form; the rows go by form.
static size_t same_form(const struct printing *printing, size_t first)
{
    const char *form = form_of(printing, json_array_get(printing->rows, first));
    size_t at = first;
    while (at < json_array_size(printing->rows) &&
           strcmp(form_of(printing, json_array_get(printing->rows, at)), form) == 0)
        at++;
    return at - first;
}

static void say_awards(const struct printing *printing)
{
    size_t count = json_array_size(printing->rows), first = count ? same_form(printing, 0) : 0;
    const char *what =
        arena_format(printing->arena, "có thành tích xuất sắc trong %s (có Danh sách kèm theo)", round_named(printing));
    if (first == count) {
        const char *form = count ? form_of(printing, json_array_get(printing->rows, 0)) : "";
        paper_paragraph(printing->paper, "Điều 1.",
                        arena_format(printing->arena, "Tặng %s cho %s tập thể %s.", form,
                                     paper_count(printing->arena, (long long)count), what));
        return;
    }
    paper_paragraph(printing->paper, "Điều 1.",
                    arena_format(printing->arena,
                                 "Khen thưởng %s tập thể %s:", paper_count(printing->arena, (long long)count), what));
    unsigned number = 0;
    for (size_t at = 0; at < count; at += first) {
        first = same_form(printing, at);
        paper_paragraph(printing->paper, NULL,
                        arena_format(printing->arena, "%u. Tặng %s cho %s tập thể.", ++number,
                                     form_of(printing, json_array_get(printing->rows, at)),
                                     paper_count(printing->arena, (long long)first)));
    }
}

// The money is known once the decision has its day (III.5).
static void say_bonus(const struct printing *printing)
{
    long long all = 0, least = -1, most = 0;
    size_t i;
    const json_t *row;
    json_array_foreach(printing->rows, i, row)
    {
        long long vnd = json_integer_value(json_object_get(row, "bonus"));
        all += vnd;
        most = vnd > most ? vnd : most;
        least = least < 0 || vnd < least ? vnd : least;
    }
    const char *source = words_text(&printing->words, "decision", "bonus"), *amount = "";
    if (all && least == most)
        amount =
            arena_format(printing->arena, "Mỗi tập thể được thưởng %s đồng. ", paper_amount(printing->arena, most));
    else if (all)
        amount = arena_format(printing->arena, "Tổng số tiền thưởng là %s đồng. ", paper_amount(printing->arena, all));
    paper_paragraph(printing->paper, "Điều 2.", arena_format(printing->arena, "%s%s", amount, source));
}

// ---- corrections and revocations ----

static void say_corrections(const struct printing *printing)
{
    static const struct paper_column columns[] = {
        {"Nội dung", 3, PAPER_LEFT}, {"Đã in", 4, PAPER_LEFT}, {"Đính chính lại", 4, PAPER_LEFT}};
    paper_paragraph(
        printing->paper, "Điều 1.",
        arena_format(printing->arena, "Đính chính nội dung tại %s, cụ thể như sau:", subject_named(printing)));
    struct paper_table *table = paper_table(printing->paper, columns, sizeof columns / sizeof *columns);
    size_t i;
    const json_t *correction;
    json_array_foreach(json_object_get(printing->facts, "corrections"), i, correction)
        paper_row(table, (const char *const[]){member_text(correction, "field"), member_text(correction, "printed"),
                                               member_text(correction, "correct")});
    paper_paragraph(printing->paper, "Điều 2.",
                    arena_format(printing->arena, "Các nội dung khác của %s không thay đổi.", subject_named(printing)));
}

static void say_revocation(const struct printing *printing)
{
    const char *code = member_text(printing->facts, "ground");
    const char *ground = code ? words_for(printing->request, "RevocationGround", code) : NULL;
    paper_paragraph(printing->paper, "Điều 1.",
                    arena_format(printing->arena,
                                 "Hủy bỏ việc khen thưởng tại %s đối với %s tập thể (có Danh sách kèm "
                                 "theo)%s%s.",
                                 subject_named(printing),
                                 paper_count(printing->arena, (long long)json_array_size(printing->rows)),
                                 ground ? "; lý do: " : "", ground ? paper_inside(printing->arena, ground) : ""));
    paper_paragraph(printing->paper, "Điều 2.",
                    "Thu hồi hiện vật khen thưởng và tiền thưởng đã nhận theo quy định của pháp luật về thi đua, khen "
                    "thưởng.");
}

// ---- the paper ----

static void list_rows(const struct printing *printing, bool bonus)
{
    static const struct paper_column columns[] = {
        {"STT", 1, PAPER_CENTRE}, {"Tên tập thể", 6, PAPER_LEFT}, {"Ghi chú", 4, PAPER_LEFT}};
    struct paper_table *table = paper_table(printing->paper, columns, sizeof columns / sizeof *columns);
    size_t i;
    const json_t *row;
    json_array_foreach(printing->rows, i, row)
    {
        long long vnd = json_integer_value(json_object_get(row, "bonus"));
        const char *form = form_of(printing, row);
        paper_row(table, (const char *const[]){paper_count(printing->arena, (long long)i + 1), member_text(row, "name"),
                                               bonus && vnd ? arena_format(printing->arena, "%s; thưởng %s đồng", form,
                                                                           paper_amount(printing->arena, vnd))
                                                            : form});
    }
}

static void add_list(const struct printing *printing, const char *subject, bool bonus)
{
    const char *guide =
        arena_format(printing->arena, "(Kèm theo Quyết định %s %s của %s)",
                     paper_inside(printing->arena, paper_number(printing->arena, NULL,
                                                                words_text(&printing->words, "decision", "symbol"))),
                     paper_day(printing->arena, NULL), words_text(&printing->words, "chair", "authority"));
    paper_annex(printing->paper, "Danh sách", subject, guide, false);
    list_rows(printing, bonus);
}

static const char *title_of(const struct printing *printing, const char *name)
{
    const char *number = member_text(printing->facts, "number");
    return number ? arena_format(printing->arena, "%s %s", name, number)
                  : arena_format(printing->arena, "Dự thảo %s năm %lld", paper_inside(printing->arena, name),
                                 printing->year);
}

static const char *subject_of(const struct printing *printing)
{
    const char *kind = member_text(printing->facts, "kind");
    if (strcmp(kind, "AWARD") == 0)
        return arena_format(printing->arena, "Về việc khen thưởng các tập thể có thành tích xuất sắc trong %s",
                            round_named(printing));
    return arena_format(printing->arena, "Về việc %s %s",
                        strcmp(kind, "CORRECT") == 0 ? "đính chính" : "hủy bỏ khen thưởng tại",
                        subject_named(printing));
}

static void begin_decision(struct printing *printing, const char *name)
{
    printing->paper = paper_new(printing->arena, title_of(printing, name));
    const json_t *facts = printing->facts;
    const struct wording *words = &printing->words;
    const char *letter = member_text_in(facts, "letter", "number"),
               *proposer = words_text(words, "decision", "proposer");
    words_head(words, printing->paper, "chair", member_text(facts, "number"), words_text(words, "decision", "symbol"),
               member_text(facts, "signed_on"));
    paper_title(printing->paper, "Quyết định", subject_of(printing), words_text(words, "chair", "authority"));
    words_bases(words, printing->paper, "decision",
                letter ? arena_format(printing->arena, "Theo đề nghị của %s tại Tờ trình số %s %s", proposer,
                                      paper_number_of(printing->arena, letter),
                                      paper_day(printing->arena, member_text_in(facts, "letter", "date")))
                       : arena_format(printing->arena, "Theo đề nghị của %s", proposer));
    paper_centred(printing->paper, "QUYẾT ĐỊNH:");
}

static void sign_below(const struct printing *printing)
{
    words_signature(&printing->words, printing->paper, "chair", member_text(printing->facts, "signed_by"), "decision");
}

static void write_award(struct printing *printing)
{
    begin_decision(printing, "Quyết định khen thưởng");
    say_awards(printing);
    say_bonus(printing);
    say_carried_out(printing, " và các tập thể có tên tại Điều 1");
    sign_below(printing);
    add_list(printing, "Tập thể được khen thưởng", true);
}

static void write_correction(struct printing *printing)
{
    begin_decision(printing, "Quyết định đính chính");
    say_corrections(printing);
    say_carried_out(printing, "");
    sign_below(printing);
}

static void write_revocation(struct printing *printing)
{
    begin_decision(printing, "Quyết định hủy bỏ khen thưởng");
    say_revocation(printing);
    say_carried_out(printing, " và các tập thể có tên tại Điều 1");
    sign_below(printing);
    add_list(printing, "Tập thể bị hủy bỏ khen thưởng", false);
}

static bool read_decision(struct request *request, struct session *session, struct printing *ret_printing)
{
    struct decision_paper row;
    if (!decision_paper(request, session, path_value(request, "id"), has_role(request, MAY_READ_RESTRICTED), &row))
        return false;
    json_t *facts = defer_json(request, json_loads(row.json, 0, NULL));
    *ret_printing = (struct printing){.request = request,
                                      .arena = &request->arena,
                                      .words = words_of(request, facts),
                                      .facts = facts,
                                      .rows = json_object_get(facts, "rows"),
                                      .year = json_integer_value(json_object_get(facts, "year"))};
    return true;
}

struct paper *decision_as_paper(struct request *request, struct session *session)
{
    struct printing printing;
    if (!read_decision(request, session, &printing))
        return NULL;
    const char *kind = member_text(printing.facts, "kind");
    if (strcmp(kind, "AWARD") == 0)
        write_award(&printing);
    else if (strcmp(kind, "CORRECT") == 0)
        write_correction(&printing);
    else
        write_revocation(&printing);
    return printing.paper;
}

// ---- what document systems ask of it (Phụ lục VI) ----

// Before the first /, and after it.
static const char *part_of_number(const struct printing *printing, bool symbol)
{
    const char *number = member_text(printing->facts, "number"), *slash = number ? strchr(number, '/') : NULL;
    if (symbol)
        return slash ? slash + 1 : words_text(&printing->words, "decision", "symbol");
    return slash ? arena_copy(printing->arena, number, (size_t)(slash - number)) : number;
}

enum { SUBJECT_MOST = 500 }; // characters

static const char *cut_subject(const struct printing *printing)
{
    const char *subject = subject_of(printing);
    size_t count = 0, length = 0;
    for (; subject[length]; length++)
        if (((unsigned char)subject[length] & 0xc0) != 0x80 && count++ == SUBJECT_MOST)
            break;
    return arena_copy(printing->arena, subject, length);
}

bool decision_metadata(struct request *request, struct session *session, struct paper_metadata *ret_metadata)
{
    struct printing printing;
    if (!read_decision(request, session, &printing))
        return false;
    const json_t *facts = printing.facts;
    const char *issuer = member_text(facts, "issued_by");
    *ret_metadata =
        (struct paper_metadata){.type_name = "Quyết định",
                                .code_number = part_of_number(&printing, false),
                                .code_notation = part_of_number(&printing, true),
                                .issued_date = member_text(facts, "signed_on"),
                                .organ_name = issuer ? issuer : words_text(&printing.words, "chair", "agency"),
                                .subject = cut_subject(&printing),
                                .signer_position = words_text(&printing.words, "chair", "capacity"),
                                .signer_name = member_text(facts, "signed_by")};
    return true;
}
