// The notice of the result to a nominator (Thông báo): who is awarded, who is not and why.
#include "campaigns/wording.h"
#include "proposals/results.h"
#include "thidua/arena.h"

#include <string.h>

struct notice {
    struct arena *arena;
    struct paper *paper;
    struct wording words;
    const json_t *results;
};

static bool came_out(const json_t *item, const char *result)
{
    const char *found = member_text(item, "result");
    return result && found ? strcmp(found, result) == 0 : result == found;
}

static size_t count_of(const struct notice *notice, const char *result)
{
    size_t i, count = 0;
    const json_t *item;
    json_array_foreach(json_object_get(notice->results, "items"), i, item) count += came_out(item, result);
    return count;
}

static const char *form_of(const struct notice *notice, const json_t *item)
{
    const char *form = member_text_in(item, "form_label", "vi"), *tier = member_text_in(item, "tier_label", "vi");
    form = form ? form : words_plain(&notice->words, "form");
    return tier ? arena_format(notice->arena, "%s, %s", form, tier) : form;
}

static const char *award_of(const struct notice *notice, const json_t *item)
{
    const char *number = member_text(item, "decision_number"), *revocation = member_text(item, "revocation_number");
    const char *award =
        arena_format(notice->arena, "%s (Quyết định số %s %s)", form_of(notice, item),
                     paper_number_of(notice->arena, number), paper_day(notice->arena, member_text(item, "signed_on")));
    return revocation ? arena_format(notice->arena, "%s; đã hủy bỏ (Quyết định số %s %s)", award,
                                     paper_number_of(notice->arena, revocation),
                                     paper_day(notice->arena, member_text(item, "revoked_on")))
                      : award;
}

// The verdict's sentences begin with their clause.
static const char *reasons_in(const struct notice *notice, const json_t *item)
{
    const char *all = "";
    size_t i;
    const json_t *reason;
    json_array_foreach(json_object_get(item, "reasons"), i, reason)
    {
        const char *clause = member_text(reason, "clause"), *text = member_text_in(reason, "text", "vi");
        bool says = strncmp(text, clause, strlen(clause)) == 0;
        all = arena_format(notice->arena, "%s%s%s%s%s", all, *all ? "\n" : "", says ? "" : clause, says ? "" : ": ",
                           text);
    }
    return all;
}

static const char *nothing_of(const struct notice *notice, const json_t *item)
{
    (void)notice;
    (void)item;
    return "";
}

static const struct part {
    const char *result, *heading, *column;
    const char *(*says)(const struct notice *notice, const json_t *item);
} parts[] = {
    {"AWARDED", "Tập thể được khen thưởng", "Hình thức khen thưởng", award_of},
    {"REFUSED", "Tập thể chưa được khen thưởng", "Điều khoản, lý do", reasons_in},
    {NULL, "Tập thể chưa có kết quả", "Ghi chú", nothing_of},
};

static void add_part(const struct notice *notice, unsigned number, const struct part *part)
{
    const struct paper_column columns[] = {
        {"STT", 1, PAPER_CENTRE}, {"Tên tập thể", 5, PAPER_LEFT}, {part->column, 6, PAPER_LEFT}};
    size_t i;
    long long row = 0;
    const json_t *item;
    paper_heading(notice->paper, arena_format(notice->arena, "%u. %s", number, part->heading));
    struct paper_table *table = paper_table(notice->paper, columns, sizeof columns / sizeof *columns);
    json_array_foreach(json_object_get(notice->results, "items"), i, item)
    {
        if (!came_out(item, part->result))
            continue;
        paper_row(table, (const char *const[]){paper_count(notice->arena, ++row), member_text(item, "printed"),
                                               part->says(notice, item)});
    }
}

static void write_notice(struct notice *notice)
{
    const struct wording *words = &notice->words;
    const char *agency = words_text(words, "home_affairs", "agency"),
               *nominator = member_text(notice->results, "nominator");
    const char *round = arena_format(notice->arena, "%s năm %lld", words_plain(words, "name"),
                                     (long long)json_integer_value(json_object_get(notice->results, "year")));
    unsigned number = 0;
    words_head(words, notice->paper, "home_affairs", NULL, words_text(words, "notice", "symbol"), NULL);
    paper_title(notice->paper, "Thông báo", arena_format(notice->arena, "Kết quả xét khen thưởng trong %s", round),
                NULL);
    paper_addressees(notice->paper, &nominator, 1);
    paper_paragraph(
        notice->paper, NULL,
        arena_format(notice->arena, "%s thông báo kết quả xét khen thưởng đối với %s tập thể do %s đề nghị:", agency,
                     paper_count(notice->arena, (long long)json_array_size(json_object_get(notice->results, "items"))),
                     nominator));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (count_of(notice, parts[i].result))
            add_part(notice, ++number, &parts[i]);
    paper_paragraph(notice->paper, NULL,
                    arena_format(notice->arena, "%s thông báo để %s biết, thực hiện./.", agency, nominator));
    words_signature(words, notice->paper, "home_affairs", NULL, "notice");
}

struct paper *results_as_paper(struct request *request, struct session *session)
{
    json_t *results = results_gathered(request, session);
    if (!results)
        return NULL;
    const char *name = arena_format(&request->arena, "Dự thảo thông báo kết quả khen thưởng năm %lld - %s",
                                    (long long)json_integer_value(json_object_get(results, "year")),
                                    member_text(results, "nominator"));
    struct notice notice = {.arena = &request->arena,
                            .paper = paper_new(&request->arena, name),
                            .words = words_of(request, results),
                            .results = results};
    write_notice(&notice);
    return notice.paper;
}
