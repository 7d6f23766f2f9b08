// The submission to the Chair as a paper (Tờ trình, Mẫu 1.6 of Phụ lục III): how the proposal came about, and as its
// annex who is proposed and for what.
#include "proposals/paper.h"

#include "campaigns/wording.h"
#include "proposals/summary.h"
#include "thidua/arena.h"

#include <string.h>

enum { LINES = 3 }; // of total_text(): the cap, its shares, who was judged

struct submission {
    struct arena *arena;
    struct paper *paper;
    struct wording words;
    const struct summary *summary;
    long long proposed;
};

static const char *round_of(const struct submission *submission)
{
    return arena_format(submission->arena, "%s năm %s", words_plain(&submission->words, "name"),
                        member_text(submission->summary->head, "year"));
}

static const char *form_of(const struct submission *submission, const struct nominee *nominee)
{
    const struct request *request = submission->summary->request;
    const char *form = bilingual_text(request, nominee->about, "form_label");
    const char *tier = bilingual_text(request, nominee->about, "tier_label");
    form = *form ? form : words_plain(&submission->words, "form");
    return *tier ? arena_format(submission->arena, "%s, %s", form, tier) : form;
}

// The form that all are proposed for; NULL: there are several.
static const char *only_form(const struct submission *submission)
{
    const char *found = "";
    for (size_t i = 0; i < submission->summary->count; i++) {
        const struct nominee *nominee = &submission->summary->nominees[i];
        const char *form = is_proposed(nominee) ? form_of(submission, nominee) : found;
        if (*found && strcmp(form, found) != 0)
            return NULL;
        found = form;
    }
    return found;
}

static void say_result(const struct submission *submission)
{
    for (size_t i = 0; i < LINES; i++)
        paper_paragraph(submission->paper, NULL,
                        arena_format(submission->arena, "%zu. %s", i + 1, total_text(submission->summary, i)));
}

static void say_request(const struct submission *submission)
{
    const char *form = only_form(submission), *chair = words_text(&submission->words, "chair", "authority");
    paper_paragraph(submission->paper, NULL,
                    arena_format(submission->arena,
                                 "%s kính trình %s xem xét, %s%s cho %s tập thể có thành tích xuất sắc trong %s (có "
                                 "Danh sách kèm theo)./.",
                                 words_text(&submission->words, "home_affairs", "agency"), chair,
                                 form ? "quyết định tặng " : "quyết định khen thưởng", form ? form : "",
                                 paper_count(submission->arena, submission->proposed), round_of(submission)));
}

// ---- the annex ----

static const char *initiative_of(const struct submission *submission, const json_t *about)
{
    const char *title = member_text(about, "initiative"), *number = member_text(about, "recognised_by");
    return title ? arena_format(submission->arena, "%s (%s %s)", title, paper_number_of(submission->arena, number),
                                paper_day(submission->arena, member_text(about, "recognised_on")))
                 : "";
}

// "8/11 (72,73 %)"
static const char *votes_of(const struct submission *submission, const json_t *votes)
{
    const char *percent = member_text(votes, "percent_for");
    return percent ? arena_format(submission->arena, "%lld/%lld (%s %%)",
                                  (long long)json_integer_value(json_object_get(votes, "for")),
                                  (long long)json_integer_value(json_object_get(votes, "total")),
                                  paper_decimal(submission->arena, percent))
                   : "";
}

static const char *note_of(const struct submission *submission, const struct nominee *nominee)
{
    if (!json_is_true(json_object_get(nominee->about, "late")))
        return "";
    return arena_format(submission->arena, "Hồ sơ trễ hạn%s",
                        json_is_true(json_object_get(nominee->about, "late_accepted")) ? ", được chấp nhận" : "");
}

// `asked`: only where the plan's rules read that; NULL: always.
static const struct {
    struct paper_column column;
    const char *asked;
} annex_columns[] = {{{"STT", 1.6, PAPER_CENTRE}, NULL},
                     {{"Tập thể", 4, PAPER_LEFT}, NULL},
                     {{"Cơ quan trình", 3.4, PAPER_LEFT}, NULL},
                     {{"Tóm tắt thành tích", 5, PAPER_LEFT}, NULL},
                     {{"Chỉ số (%)", 1.8, PAPER_CENTRE}, "index"},
                     {{"Sáng kiến (số, ngày công nhận)", 4.6, PAPER_LEFT}, "initiatives"},
                     {{"Kết quả bỏ phiếu", 2.7, PAPER_CENTRE}, NULL},
                     {{"Hình thức đề nghị", 3.2, PAPER_LEFT}, NULL},
                     {{"Ghi chú", 2, PAPER_LEFT}, NULL}};
enum { ANNEX_COLUMNS = sizeof annex_columns / sizeof *annex_columns };

static bool is_asked(const struct submission *submission, size_t column)
{
    const char *what = annex_columns[column].asked;
    return !what || json_is_true(json_object_get(json_object_get(submission->summary->head, "asked"), what));
}

static void list_nominee(const struct submission *submission, struct paper_table *table, long long number,
                         const struct nominee *nominee)
{
    const json_t *about = nominee->about;
    const char *cells[ANNEX_COLUMNS] = {paper_count(submission->arena, number),
                                        member_text(about, "printed"),
                                        member_text(about, "nominator"),
                                        member_text(about, "achievement"),
                                        paper_decimal(submission->arena, nominee->index),
                                        initiative_of(submission, about),
                                        votes_of(submission, json_object_get(about, "votes")),
                                        form_of(submission, nominee),
                                        note_of(submission, nominee)};
    size_t count = 0;
    for (size_t i = 0; i < ANNEX_COLUMNS; i++)
        if (is_asked(submission, i))
            cells[count++] = cells[i];
    paper_row(table, cells);
}

static void list_proposed(const struct submission *submission)
{
    struct paper_column columns[ANNEX_COLUMNS];
    size_t count = 0;
    for (size_t i = 0; i < ANNEX_COLUMNS; i++)
        if (is_asked(submission, i))
            columns[count++] = annex_columns[i].column;
    struct paper_table *table = paper_table(submission->paper, columns, count);
    long long number = 0;
    for (size_t i = 0; i < submission->summary->count; i++)
        if (is_proposed(&submission->summary->nominees[i]))
            list_nominee(submission, table, ++number, &submission->summary->nominees[i]);
}

static void add_annex(const struct submission *submission)
{
    const char *number = paper_number(submission->arena, NULL, words_text(&submission->words, "submission", "symbol"));
    paper_annex(submission->paper, "Danh sách",
                arena_format(submission->arena, "Tập thể được đề nghị khen thưởng trong %s", round_of(submission)),
                arena_format(submission->arena, "(Kèm theo Tờ trình %s %s của %s)",
                             paper_inside(submission->arena, number), paper_day(submission->arena, NULL),
                             words_text(&submission->words, "home_affairs", "agency")),
                true);
    list_proposed(submission);
}

// ---- the paper ----

static void write_submission(struct submission *submission)
{
    const json_t *head = submission->summary->head;
    const struct wording *words = &submission->words;
    const char *letter = member_text(head, "letter_number"), *chair = words_text(words, "chair", "authority");
    submission->paper =
        paper_new(submission->arena, letter ? arena_format(submission->arena, "Tờ trình %s", letter)
                                            : arena_format(submission->arena, "Dự thảo tờ trình khen thưởng năm %s",
                                                           member_text(head, "year")));
    words_head(words, submission->paper, "home_affairs", letter, words_text(words, "submission", "symbol"),
               member_text(head, "letter_date"));
    paper_title(submission->paper, "Tờ trình",
                arena_format(submission->arena, "Về việc khen thưởng các tập thể có thành tích xuất sắc trong %s",
                             round_of(submission)),
                NULL);
    paper_addressees(submission->paper, &chair, 1);
    words_bases(words, submission->paper, "submission", NULL);
    paper_paragraph(submission->paper, NULL,
                    arena_format(submission->arena,
                                 "%s đã tiếp nhận, thẩm định hồ sơ do các cơ quan, đơn vị, địa phương trình. Kết quả "
                                 "như sau:",
                                 words_text(words, "home_affairs", "agency")));
    say_result(submission);
    say_request(submission);
    words_signature(words, submission->paper, "home_affairs", NULL, "submission");
    add_annex(submission);
}

static struct paper *write_by(struct request *request, struct session *session, void (*write)(struct submission *))
{
    struct summary summary;
    if (!gather_summary(request, session, &summary))
        return NULL;
    struct submission submission = {.arena = &request->arena,
                                    .words = words_of(request, summary.head),
                                    .summary = &summary,
                                    .proposed = json_integer_value(json_object_get(summary.head, "proposed"))};
    write(&submission);
    return submission.paper;
}

struct paper *proposal_as_paper(struct request *request, struct session *session)
{
    return write_by(request, session, write_submission);
}

static void write_annex_alone(struct submission *submission)
{
    submission->paper =
        paper_new(submission->arena, arena_format(submission->arena, "Danh sách đề nghị khen thưởng năm %s",
                                                  member_text(submission->summary->head, "year")));
    add_annex(submission);
}

struct paper *summary_as_paper(struct request *request, struct session *session)
{
    return write_by(request, session, write_annex_alone);
}
