// What an evaluation says of units, one by one and page by page.
#include "engine/json/json_text.h"
#include "evaluations/evaluations.sql.h"
#include "evaluations/private.h"
#include "handler/run.h"
#include "http/input/cursor.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_ROOM = 1 << 14 };

// A unit sees its own subtree, without what is restricted.
enum audience verdict_audience(const struct request *request)
{
    return has_role(request, MAY_READ_RESTRICTED) ? AUDIENCE_RESTRICTED : AUDIENCE_UNIT;
}

static struct reply show_verdict(struct request *request, struct session *session)
{
    struct stored_evaluation evaluation;
    const struct stored_verdict *verdict;
    struct verdict_label named;
    if (!stored_open(request, session, path_value(request, "id"), &evaluation) ||
        !verdict_stored(request, session, evaluation.id, path_value(request, "unit_id"),
                        has_role(request, MAY_READ_RESTRICTED), caller_unit(request), &verdict))
        return refusal(request);
    if (!verdict) {
        refuse(request, PROBLEM_NOT_FOUND, NULL);
        return refusal(request);
    }
    if (!verdict_label(request, session, verdict->unit_id, evaluation.year, &named))
        return refusal(request);
    const struct json_member label = json_text_member(&request->arena, "unit_label", named.label);
    return stored_answer(&evaluation, verdict, verdict_audience(request), &label, 1);
}

bool read_verdict_page(struct request *request, struct session *session, struct stored_evaluation *ret_evaluation,
                       const struct verdict_page **ret_rows, size_t *ret_count)
{
    return stored_open(request, session, path_value(request, "id"), ret_evaluation) &&
           verdict_page(request, session, ret_evaluation->id, has_role(request, MAY_READ_RESTRICTED),
                        caller_unit(request), query_value(request, "overall"), query_value(request, "cursor"),
                        query_value(request, "limit"), ret_evaluation->campaign, ret_evaluation->year, ret_rows,
                        ret_count);
}

struct stored_verdict verdict_on_page(const struct verdict_page *row)
{
    return (struct stored_verdict){.unit_id = row->unit_id,
                                   .overall = row->overall,
                                   .facts = row->facts,
                                   .facts_length = row->facts_length,
                                   .results = row->results,
                                   .results_length = row->results_length};
}

// A page of verdicts on its way into the answer.
struct verdict_list {
    struct stored_evaluation evaluation;
    struct json_text text, told_apart; // the latter: what tells it from others (stored_told_apart)
    bool summary;
    struct citation_table cited;  // of a full view
    struct verdict_matrix matrix; // of a summary
};

static void put_tree(struct verdict_list *list, const json_t *json)
{
    size_t length;
    const char *text = json_canonical(&list->evaluation.request->arena, json, &length);
    json_put(&list->text, text, length);
}

static bool put_verdict(struct verdict_list *list, const struct stored_verdict *verdict, const char *label)
{
    struct request *request = list->evaluation.request;
    const char *json =
        stored_text(&list->evaluation, &request->arena, verdict, verdict_audience(request), &list->cited);
    if (!json)
        return false;
    JSON_PUT(&list->text, "{\"unit_label\":");
    json_put(&list->text, label, strlen(label));
    json_put_byte(&list->text, ',');
    json_put(&list->text, json + 1, strlen(json + 1)); // an object: its members follow
    return true;
}

static bool put_row(struct verdict_list *list, const struct stored_verdict *verdict, const char *label)
{
    struct request *request = list->evaluation.request;
    json_t *row = json_pack("{s:s, s:s}", "overall", verdict->overall, "unit_id", verdict->unit_id);
    json_object_set_new(row, "unit_label", json_loads(label, JSON_DECODE_ANY, NULL));
    bool good = stored_row(&list->evaluation, verdict, verdict_audience(request), &list->matrix, row);
    if (good)
        put_tree(list, row);
    json_decref(row);
    return good;
}

// Whether what is on the page, or what it is made of, leaves no room for another.
static bool is_full(const struct verdict_list *list, size_t read)
{
    return read > VERDICT_PAGE_BYTES || list->text.length > VERDICT_PAGE_BYTES;
}

// `ret_put`: so many of the rows, and at least one where there is one.
static bool put_page(struct verdict_list *list, const struct verdict_page *rows, size_t count, size_t *ret_put)
{
    size_t read = 0;
    for (*ret_put = 0; *ret_put < count; ++*ret_put) {
        size_t i = *ret_put;
        read += rows[i].facts_length + rows[i].results_length;
        if (i && is_full(list, read))
            break;
        const struct stored_verdict verdict = verdict_on_page(&rows[i]);
        if (i)
            json_put_byte(&list->text, ',');
        if (!(list->summary ? put_row : put_verdict)(list, &verdict, rows[i].label))
            return false;
        json_put_text(&list->told_apart, verdict.unit_id);
        json_put_text(&list->told_apart, rows[i].label);
    }
    return true;
}

static void begin_list(struct request *request, struct verdict_list *list)
{
    list->summary = strcmp(query_value(request, "view"), "summary") == 0;
    list->text = json_text_new(&request->arena, LIST_ROOM);
    list->told_apart = stored_told_apart(&list->evaluation, verdict_audience(request));
    json_put_integer(&list->told_apart, list->summary);
    if (list->summary) {
        list->matrix = verdict_matrix_new(&request->arena, list->evaluation.rules->document.rules);
        defer_json(request, list->matrix.criteria);
        defer_json(request, list->matrix.leaves);
    } else {
        list->cited.arena = &request->arena;
    }
    JSON_PUT(&list->text, "{\"items\":[");
}

// After the items stands what they share: texts that each would repeat.
static struct reply end_list(struct verdict_list *list, const char *next)
{
    struct request *request = list->evaluation.request;
    struct json_text *text = &list->text, *told_apart = &list->told_apart;
    if (list->summary) {
        JSON_PUT(text, "],\"criteria\":");
        put_tree(list, list->matrix.criteria);
        JSON_PUT(text, ",\"leaves\":");
        put_tree(list, list->matrix.leaves);
    } else {
        size_t length;
        const char *citations = citations_to_text(&list->cited, &length);
        JSON_PUT(text, "],\"citations\":");
        json_put(text, citations, length);
    }
    JSON_PUT(text, ",\"next\":");
    json_put_text(text, next);
    json_put(text, "}", 2); // and room for a line feed
    json_put_text(told_apart, next);
    struct reply reply = computed_spelled(request, text->bytes, text->length - 1,
                                          etag_of(request, NULL, told_apart->bytes, told_apart->length));
    reply.next = next;
    return reply;
}

static struct reply list_verdicts(struct request *request, struct session *session)
{
    struct verdict_list list = {0};
    const struct verdict_page *rows;
    size_t count, put;
    const char *next = NULL;
    size_t most = strtoul(query_value(request, "limit"), NULL, 10);
    if (!read_verdict_page(request, session, &list.evaluation, &rows, &count))
        return refusal(request);
    begin_list(request, &list);
    if (!put_page(&list, rows, count < most ? count : most, &put))
        return refusal(request);
    if (count > put)
        next = cursor_shown(request, rows[put - 1].cursor);
    return end_list(&list, next);
}

static const char *const views[] = {"full", "summary", NULL};
static const struct query_field verdicts_query[] = {
    {.name = "view", .type = FIELD_CHOICE, .choices = views, .fallback = "full"},
    {.name = "overall", .type = FIELD_CHOICE, .choices = overall_outcome_names},
    QUERY_PAGE,
    {0},
};

const struct route verdict_routes[] = {
    {.method = "GET",
     .path = "/v1/evaluations/{id}/verdicts",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_COMPUTE,
     .act = list_verdicts,
     .query = verdicts_query,
     .columns = verdict_columns,
     .tabulate = tabulate_verdicts},
    {.method = "GET",
     .path = "/v1/evaluations/{id}/verdicts/{unit_id}",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_COMPUTE,
     .act = show_verdict},
    {0},
};
