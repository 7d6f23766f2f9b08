// GET /v1/proposals/{id}/summary: what goes to the Chair with the submission (III.4.b), as offices print it.
#include "proposals/summary.h"

#include "evaluations/evaluations.h"
#include "evaluations/stored/stored.h"
#include "handler/run.h"
#include "handler/table/book.h"
#include "handler/table/file_reply.h"
#include "http/route.h"
#include "proposals/paper.h"
#include "proposals/private.h"
#include "proposals/summary.sql.h"

#include <string.h>

enum { NOMINEES_MOST = 2000 };

bool is_proposed(const struct nominee *nominee)
{
    return json_is_true(json_object_get(nominee->about, "proposed"));
}

bool is_eligible(const struct nominee *nominee)
{
    const char *overall = member_text(nominee->verdict, "overall");
    return overall && strcmp(overall, "ELIGIBLE") == 0;
}

// Of a verdict what nobody prints, and most of it.
static void leave_out(json_t *verdict)
{
    static const char *const members[] = {"citations", "facts", "leaves"};
    size_t i;
    json_t *criterion;
    json_array_foreach(json_object_get(verdict, "criteria"), i,
                       criterion) for (size_t k = 0; k < sizeof members / sizeof *members; k++)
        json_object_del(criterion, members[k]);
}

static bool read_verdict(struct stored_evaluation *evaluation, struct session *session, struct nominee *nominee)
{
    struct request *request = evaluation->request;
    const struct stored_verdict *stored;
    struct arena scratch = {0}; // its text takes as much again
    if (!within_budget(request) ||
        !verdict_stored(request, session, evaluation->id, nominee->unit_id, true, NULL, &stored))
        return false;
    if (!stored)
        return true;
    bool known = stored_percent(evaluation, &scratch, stored, "index_achieved", "index_maximum", &nominee->index);
    json_t *verdict = known ? stored_json(evaluation, &scratch, stored, AUDIENCE_RESTRICTED) : NULL;
    arena_release(&scratch);
    leave_out(verdict);
    nominee->verdict = defer_json(request, verdict);
    return verdict;
}

static bool read_nominees(struct stored_evaluation *evaluation, struct session *session, const char *proposal,
                          struct summary *summary)
{
    struct request *request = summary->request;
    const struct summary_nominees *nominees;
    if (!summary_nominees(request, session, proposal, &nominees, &summary->count))
        return false;
    if (summary->count > NOMINEES_MOST)
        return refuse(request, PROBLEM_CONFLICT,
                      say(request, "Hơn %d tập thể được đề nghị: bảng tổng hợp không in được nữa.",
                          "More than %d nominees: too many for a summary to print.", NOMINEES_MOST));
    summary->nominees = arena_array(&request->arena, summary->count + 1, sizeof *summary->nominees);
    for (size_t i = 0; i < summary->count; i++) {
        struct nominee *nominee = &summary->nominees[i];
        const json_t *about = defer_json(request, json_loads(nominees[i].about, 0, NULL));
        *nominee = (struct nominee){.unit_id = nominees[i].unit_id,
                                    .group = member_text(about, "group"),
                                    .cluster = member_text(about, "cluster"),
                                    .about = about};
        if (!read_verdict(evaluation, session, nominee))
            return false;
        if (nominee->verdict)
            summary->criteria = json_object_get(nominee->verdict, "criteria");
    }
    return true;
}

// Of several forms of award, the one that it is proposed for; of who is not proposed, the highest that it may get.
static bool is_nearer(const struct nominee *nominee, const json_t *item)
{
    const char *form = member_text(nominee->about, "form"), *own = member_text(item, "form");
    const char *kept = member_text(nominee->standing, "status");
    if (!nominee->standing || (form && own && strcmp(form, own) == 0))
        return true;
    return !form && strcmp(kept, "OUT") == 0;
}

// The standings go by group and rank: so do the nominees then, those without a standing last.
static void order(struct summary *summary, const json_t *standings)
{
    struct nominee *nominees = summary->nominees;
    if (!nominees) // never so: arena_array() gives room, which the analyser cannot see
        return;
    struct nominee *ordered = arena_array(&summary->request->arena, summary->count + 1, sizeof *ordered);
    size_t i, next = 0;
    const json_t *item;
    json_t *places = json_object();
    for (size_t n = 0; n < summary->count; n++)
        json_object_set_new(places, nominees[n].unit_id, json_integer((json_int_t)n));
    json_array_foreach(json_object_get(standings, "items"), i, item)
    {
        const json_t *place = json_object_get(places, member_text(item, "unit_id"));
        if (!place)
            continue;
        struct nominee *nominee = &nominees[json_integer_value(place)];
        if (is_nearer(nominee, item))
            nominee->standing = item;
        const char *group = member_text(item, "group");
        nominee->group = group ? group : nominee->group;
        if (summary->policy && summary->policy->clustered)
            nominee->cluster = member_text(item, "cluster");
    }
    json_array_foreach(json_object_get(standings, "items"), i, item)
    {
        const json_t *place = json_object_get(places, member_text(item, "unit_id"));
        if (place && nominees[json_integer_value(place)].standing == item)
            ordered[next++] = nominees[json_integer_value(place)];
    }
    for (size_t n = 0; n < summary->count; n++)
        if (!nominees[n].standing)
            ordered[next++] = nominees[n];
    json_decref(places);
    summary->nominees = ordered;
}

bool gather_summary(struct request *request, struct session *session, struct summary *summary)
{
    struct summary_head head;
    struct stored_evaluation evaluation;
    const char *proposal = path_value(request, "id");
    json_t *standings = NULL;
    *summary = (struct summary){.request = request};
    if (!summary_head(request, session, proposal, request->language == ENGLISH ? "en" : "vi", &head) ||
        !stored_open(request, session, head.evaluation_id, &evaluation) ||
        !read_nominees(&evaluation, session, proposal, summary) ||
        (evaluation.ranked && !evaluation_standings(request, session, evaluation.id, &standings)))
        return false;
    clauses_of_plan(request, head.clauses);
    defer_json(request, standings);
    summary->head = defer_json(request, json_loads(head.json, 0, NULL));
    summary->policy = evaluation.rules->document.standings;
    order(summary, standings);
    return true;
}

static struct reply show_summary(struct request *request, struct session *session)
{
    struct summary summary;
    struct book *book;
    struct temporary *file;
    if (!gather_summary(request, session, &summary) || !(book = book_new(request, false)))
        return refusal(request);
    summary_sheets(&summary, book);
    if (!(file = book_end(request, book, member_text(summary.head, "title"))))
        return refusal(request);
    const char *name = say(request, "Bảng tổng hợp đề nghị khen thưởng năm %s", "Summary of nominees of %s",
                           member_text(summary.head, "year"));
    return file_reply(request, file, XLSX_TYPE, file_disposition(request, name, "xlsx"));
}

const struct route summary_routes[] = {
    {.method = "GET",
     .path = "/v1/proposals/{id}/summary",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_COMPUTE,
     .act = show_summary,
     .paper = summary_as_paper,
     .produces = XLSX_TYPE,
     .cache_control = "no-store"}, // votes, and indices before they are published
    {0},
};
