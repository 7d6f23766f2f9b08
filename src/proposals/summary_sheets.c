// The layout: A4 across, Times New Roman 13, the headings on every page.
#include "handler/table/book.h"
#include "proposals/summary.h"

#include <string.h>

enum { ORDER, UNIT, GROUP, RANK, INDEX, INITIATIVE, CRITERIA }; // then votes and notes
enum { CRITERIA_A_PAGE = 24 };                                  // more of them are printed on pages side by side

struct column_shape {
    const char *vi, *en;
    double width;
};

static void write_line(struct book *book, unsigned row, unsigned columns, const char *text, enum look look)
{
    book_block(book, row, 0, 1, columns, text, look);
    book_fit(book, row, 1);
}

static unsigned write_title(const struct summary *summary, struct book *book, unsigned columns, const char *title)
{
    struct request *request = summary->request;
    const json_t *head = summary->head;
    const char *letter = member_text(head, "letter_number");
    write_line(book, 0, columns, title, LOOK_TITLE);
    write_line(book, 1, columns,
               say(request, "%s (Kế hoạch số %s ngày %s của %s)", "%s (Plan %s of %s, %s)", member_text(head, "title"),
                   member_text(head, "printed_number"), day_text(request, member_text(head, "issued_on")),
                   member_text(head, "issuer")),
               LOOK_SUBTITLE);
    write_line(book, 2, columns,
               letter ? say(request, "(Kèm theo Tờ trình số %s ngày %s)", "(Annex to submission %s of %s)", letter,
                            day_text(request, member_text(head, "letter_date")))
                      : say(request, "(Dự thảo, chưa có số tờ trình)", "(Draft, the submission has no number yet)"),
               LOOK_SUBTITLE);
    return 4; // one row stays free
}

// ---- who is proposed, and who else could be ----

static const struct column_shape before[CRITERIA] = {
    [ORDER] = {"TT", "No.", 5},
    [UNIT] = {"Tập thể", "Unit", 25},
    [GROUP] = {"Khối, cụm", "Group", 18},
    [RANK] = {"Hạng", "Rank", 7},
    [INDEX] = {"Chỉ số (%)", "Index (%)", 10},
    [INITIATIVE] = {"Sáng kiến, quyết định công nhận", "Initiative, recognition", 26}};
static const struct column_shape after[] = {{"Phiếu của Hội đồng", "Council's votes", 13}, {"Ghi chú", "Notes", 26}};
enum { AFTER = sizeof after / sizeof *after, CRITERION_WIDTH = 10 };

static const char *pick(const struct request *request, struct column_shape shape)
{
    return request->language == ENGLISH ? shape.en : shape.vi;
}

static unsigned criteria_of(const struct summary *summary)
{
    return (unsigned)json_array_size(summary->criteria); // RULES_MOST_NODES at most
}

// First of all, for the height of merged cells follows from them.
static void set_widths(const struct summary *summary, struct book *book)
{
    unsigned criteria = criteria_of(summary);
    for (unsigned i = 0; i < CRITERIA; i++)
        book_width(book, i, before[i].width);
    for (unsigned i = 0; i < criteria; i++)
        book_width(book, CRITERIA + i, CRITERION_WIDTH);
    for (unsigned i = 0; i < AFTER; i++)
        book_width(book, CRITERIA + criteria + i, after[i].width);
}

static void write_headings(const struct summary *summary, struct book *book, unsigned row)
{
    const struct request *request = summary->request;
    unsigned criteria = criteria_of(summary);
    for (unsigned i = 0; i < CRITERIA; i++)
        book_block(book, row, i, 2, 1, pick(request, before[i]), LOOK_HEADING);
    if (criteria)
        book_block(book, row, CRITERIA, 1, criteria,
                   request->language == ENGLISH ? "Criteria, by clause" : "Kết quả từng tiêu chí, theo điều khoản",
                   LOOK_HEADING);
    for (unsigned i = 0; i < criteria; i++)
        book_text(book, row + 1, CRITERIA + i, member_text(json_array_get(summary->criteria, i), "clause"),
                  LOOK_HEADING);
    for (unsigned i = 0; i < AFTER; i++)
        book_block(book, row, CRITERIA + criteria + i, 2, 1, pick(request, after[i]), LOOK_HEADING);
    book_fit(book, row, 2);
    book_fit(book, row + 1, 2);
}

static const char *initiative_text(struct request *request, const json_t *about)
{
    const char *title = member_text(about, "initiative");
    return title ? say(request, "%s\n(%s, %s)", "%s\n(%s, %s)", title, member_text(about, "recognised_by"),
                       day_text(request, member_text(about, "recognised_on")))
                 : "";
}

static const char *result_words(struct request *request, const json_t *criterion)
{
    const char *result = member_text(criterion, "result");
    return result ? words_for(request, "Result", result) : "";
}

static const char *votes_text(struct request *request, const json_t *votes)
{
    long long n[6];
    static const char *const names[] = {"for", "total", "present", "written", "against", "abstain"};
    if (!json_is_object(votes))
        return "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        n[i] = json_integer_value(json_object_get(votes, names[i]));
    return say(request, "Đồng ý %lld/%lld (dự họp %lld, ý kiến bằng văn bản %lld); không %lld, trắng %lld",
               "For %lld/%lld (present %lld, in writing %lld); against %lld, abstained %lld", n[0], n[1], n[2], n[3],
               n[4], n[5]);
}

static void write_nominee(const struct summary *summary, struct book *book, unsigned row, unsigned number,
                          const struct nominee *nominee)
{
    struct request *request = summary->request;
    const json_t *about = nominee->about, *rank = json_object_get(nominee->standing, "rank");
    unsigned criteria = criteria_of(summary);
    book_number(book, row, ORDER, number, LOOK_CENTRE);
    book_text(book, row, UNIT, member_text(about, "label"), LOOK_TEXT);
    book_text(book, row, GROUP, group_text(summary, nominee->group, nominee->cluster), LOOK_TEXT);
    if (json_is_integer(rank))
        book_text(book, row, RANK,
                  arena_format(&request->arena, "%lld/%lld", (long long)json_integer_value(rank),
                               (long long)json_integer_value(json_object_get(nominee->standing, "of"))),
                  LOOK_CENTRE);
    else
        book_text(book, row, RANK, "", LOOK_CENTRE);
    book_text(book, row, INDEX, decimal_text(request, nominee->index), LOOK_CENTRE);
    book_text(book, row, INITIATIVE, initiative_text(request, about), LOOK_TEXT);
    for (unsigned i = 0; i < criteria; i++) {
        const json_t *criterion = json_array_get(json_object_get(nominee->verdict, "criteria"), i);
        book_text(book, row, CRITERIA + i, result_words(request, criterion), LOOK_CENTRE);
    }
    book_text(book, row, CRITERIA + criteria, votes_text(request, json_object_get(about, "votes")), LOOK_CENTRE);
    book_text(book, row, CRITERIA + criteria + 1, notes_text(summary, nominee), LOOK_TEXT);
    book_fit(book, row, 1);
}

// One part of the table under a line of its own; the row after it.
static unsigned write_part(const struct summary *summary, struct book *book, unsigned row, const char *name,
                           bool proposed)
{
    unsigned count = 0, heading = row++;
    for (size_t i = 0; i < summary->count; i++) {
        const struct nominee *nominee = &summary->nominees[i];
        if (proposed ? is_proposed(nominee) : !is_proposed(nominee) && is_eligible(nominee))
            write_nominee(summary, book, row++, ++count, nominee);
    }
    book_block(book, heading, 0, 1, CRITERIA + criteria_of(summary) + AFTER,
               arena_format(&summary->request->arena, "%s (%u)", name, count), LOOK_PART);
    book_fit(book, heading, 1);
    return row;
}

static void write_totals(const struct summary *summary, struct book *book, unsigned row, unsigned columns)
{
    struct request *request = summary->request;
    const char *line;
    write_line(book, row++, columns, say(request, "Tổng hợp", "Totals"), LOOK_STRONG);
    for (size_t i = 0; (line = total_text(summary, i)); i++)
        write_line(book, row++, columns, line, LOOK_NOTE);
    write_line(book, row++, columns, say(request, "Các tiêu chí", "The criteria"), LOOK_STRONG);
    for (size_t i = 0; (line = criterion_text(summary, i)); i++)
        write_line(book, row++, columns, line, LOOK_NOTE);
    book_block(book, row + 1, 0, 1, GROUP + 1, say(request, "NGƯỜI LẬP BẢNG", "DRAWN UP BY"), LOOK_TITLE);
    book_block(book, row + 1, columns - 4, 1, 4,
               say(request, "THỦ TRƯỞNG CƠ QUAN TRÌNH", "HEAD OF THE SUBMITTING AGENCY"), LOOK_TITLE);
}

static void nominees_sheet(const struct summary *summary, struct book *book)
{
    struct request *request = summary->request;
    unsigned criteria = criteria_of(summary);
    unsigned columns = CRITERIA + (criteria < CRITERIA_A_PAGE ? criteria : CRITERIA_A_PAGE) + AFTER;
    book_sheet(book, say(request, "Đề nghị khen thưởng", "Proposed"), BOOK_PRINT);
    if (criteria > CRITERIA_A_PAGE)
        book_side_by_side(book, (criteria + CRITERIA_A_PAGE - 1) / CRITERIA_A_PAGE, UNIT);
    set_widths(summary, book);
    write_headings(summary, book, 4);
    unsigned row = write_title(summary, book, columns,
                               say(request, "BẢNG TỔNG HỢP KẾT QUẢ XÉT ĐỀ NGHỊ KHEN THƯỞNG NĂM %s",
                                   "SUMMARY OF NOMINEES FOR THE AWARDS OF %s", member_text(summary->head, "year")));
    book_head_rows(book, row, row + 1);
    row = write_part(summary, book, row + 2, say(request, "I. Đề nghị khen thưởng", "I. Proposed"), true);
    row = write_part(summary, book, row,
                     say(request, "II. Đủ điều kiện, không đề nghị trong tờ trình này",
                         "II. Eligible, not proposed in this submission"),
                     false);
    write_totals(summary, book, row + 1, columns);
}

// ---- who could not, and why ----

enum {
    WHY_ORDER,
    WHY_UNIT,
    WHY_GROUP,
    WHY_OVERALL,
    WHY_CLAUSE,
    WHY_RESULT,
    WHY_OBSERVED,
    WHY_REQUIRED,
    WHY_TEXT,
    WHYS
};

static bool holds(const json_t *criterion)
{
    const char *result = member_text(criterion, "result");
    return result && (strcmp(result, "PASS") == 0 || strcmp(result, "NOT_APPLICABLE") == 0);
}

static void write_why(const struct summary *summary, struct book *book, unsigned row, unsigned number,
                      const struct nominee *nominee, const json_t *criterion)
{
    struct request *request = summary->request;
    const json_t *about = nominee->about;
    const char *overall = member_text(nominee->verdict, "overall");
    const char *cells[WHYS] = {
        [WHY_UNIT] = member_text(about, "label"),
        [WHY_GROUP] = group_text(summary, nominee->group, nominee->cluster),
        [WHY_OVERALL] = overall ? words_for(request, "Overall", overall) : notes_text(summary, nominee),
        [WHY_CLAUSE] = member_text(criterion, "clause"),
        [WHY_RESULT] = result_words(request, criterion),
        [WHY_OBSERVED] = decimal_text(request, member_text(criterion, "observed")),
        [WHY_REQUIRED] = decimal_text(request, member_text(criterion, "required")),
        [WHY_TEXT] = bilingual_text(request, criterion, "explanation"),
    };
    book_number(book, row, WHY_ORDER, number, LOOK_CENTRE);
    for (unsigned i = WHY_UNIT; i < WHYS; i++)
        book_text(book, row, i, cells[i] ? cells[i] : "",
                  i == WHY_CLAUSE || i == WHY_OBSERVED || i == WHY_REQUIRED ? LOOK_CENTRE : LOOK_TEXT);
    book_fit(book, row, 1);
}

// A row for every criterion that does not hold; every row names the unit, so that the list can be filtered.
static unsigned write_whys(const struct summary *summary, struct book *book, unsigned row, unsigned number,
                           const struct nominee *nominee)
{
    size_t i;
    const json_t *criterion;
    if (!nominee->verdict)
        write_why(summary, book, row++, number, nominee, NULL);
    json_array_foreach(json_object_get(nominee->verdict, "criteria"), i, criterion) if (!holds(criterion))
        write_why(summary, book, row++, number, nominee, criterion);
    return row;
}

static void others_sheet(const struct summary *summary, struct book *book)
{
    static const struct column_shape shapes[WHYS] = {{"TT", "No.", 5},
                                                     {"Tập thể", "Unit", 28},
                                                     {"Khối, cụm", "Group", 20},
                                                     {"Kết quả xét", "Outcome", 15},
                                                     {"Điều khoản", "Clause", 12},
                                                     {"Tiêu chí", "Criterion", 14},
                                                     {"Đã có", "Observed", 14},
                                                     {"Yêu cầu", "Required", 14},
                                                     {"Lý do", "Reason", 60}};
    struct request *request = summary->request;
    unsigned number = 0;
    book_sheet(book, say(request, "Không đủ điều kiện", "Not eligible"), BOOK_PRINT);
    for (unsigned i = 0; i < WHYS; i++)
        book_width(book, i, shapes[i].width);
    unsigned row =
        write_title(summary, book, WHYS,
                    say(request, "TẬP THỂ ĐƯỢC ĐỀ NGHỊ NHƯNG CHƯA ĐỦ ĐIỀU KIỆN KHEN THƯỞNG NĂM %s",
                        "NOMINEES THAT ARE NOT ELIGIBLE FOR THE AWARDS OF %s", member_text(summary->head, "year")));
    for (unsigned i = 0; i < WHYS; i++)
        book_text(book, row, i, pick(request, shapes[i]), LOOK_HEADING);
    book_fit(book, row, 2);
    book_head_rows(book, row, row);
    row++;
    for (size_t i = 0; i < summary->count; i++)
        if (!is_eligible(&summary->nominees[i]))
            row = write_whys(summary, book, row, ++number, &summary->nominees[i]);
    if (!number)
        write_line(book, row, WHYS, say(request, "Không có.", "None."), LOOK_NOTE);
}

void summary_sheets(const struct summary *summary, struct book *book)
{
    nominees_sheet(summary, book);
    others_sheet(summary, book);
}
