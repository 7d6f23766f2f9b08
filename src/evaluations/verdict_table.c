// Verdicts as a table. Its cells say a tenth of what a verdict does, so they are made without its JSON.
#include "base/pure/labels.h"
#include "evaluations/private.h"

#include <stdlib.h>

enum { UNIT_LABEL, OVERALL, RESULTS, EXPLANATIONS, MISSING, CHANGES, UNIT_ID };

const struct column verdict_columns[] = {
    [UNIT_LABEL] = {"Đơn vị", "Unit", "unit_label"},
    [OVERALL] = {"Kết quả xét", "Overall", "overall", .codes = "Overall"},
    [RESULTS] = {"Từng tiêu chí", "By criterion", "criteria[].clause+result", .codes = "+Result"},
    [EXPLANATIONS] = {"Giải thích", "Explanation", "criteria[].clause+explanation.@"},
    [MISSING] = {"Còn thiếu", "Still open", "decisive_unknowns[].text.@"},
    [CHANGES] = {"Cần thay đổi", "Changes needed", "changes[].text.@"},
    [UNIT_ID] = {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

// What a cell lists: "III.1.a: đạt; III.1.b: chưa đạt".
struct listed {
    const char **parts;
    size_t count;
};
enum { PARTS_OF_ITEM = 4 };

static struct listed list_new(struct arena *arena, size_t items)
{
    return (struct listed){.parts = arena_array(arena, items * PARTS_OF_ITEM + 1, sizeof(const char *))};
}

// Either may be missing or empty.
static void list_item(struct listed *list, const char *name, const char *said)
{
    bool named = name && *name, tells = said && *said;
    if (!named && !tells)
        return;
    if (list->count)
        list->parts[list->count++] = "; ";
    if (named)
        list->parts[list->count++] = name;
    if (named && tells)
        list->parts[list->count++] = ": ";
    if (tells)
        list->parts[list->count++] = said;
}

static const char *in_language(struct bilingual text, bool english)
{
    return english ? text.en : text.vi;
}

static const char *results_cell(struct arena *arena, const struct verdict_view *view, bool english)
{
    const struct rule_set_source *source = view->rules->source;
    struct listed list = list_new(arena, source->criterion_count);
    for (size_t i = 0; i < source->criterion_count; i++)
        list_item(&list, source->criteria[i].clause,
                  label_of("Result", criterion_outcome_name(view->verdict->criteria[i].outcome), english));
    return arena_join(arena, list.parts);
}

static const char *explanations_cell(struct arena *arena, const struct verdict_view *view, bool english)
{
    const struct rule_set_source *source = view->rules->source;
    struct listed list = list_new(arena, source->criterion_count);
    for (size_t i = 0; i < source->criterion_count; i++)
        list_item(&list, source->criteria[i].clause, verdict_explanation(arena, view, i, english));
    return arena_join(arena, list.parts);
}

static const char *missing_cell(struct arena *arena, const struct verdict_view *view, bool english)
{
    struct listed list = list_new(arena, view->rules->node_count);
    for (size_t i = 0; i < view->rules->node_count; i++)
        if (verdict_misses(view, i))
            list_item(&list, NULL, in_language(view->rules->nodes[i].leaf->text, english));
    return arena_join(arena, list.parts);
}

static const char *changes_cell(struct arena *arena, const struct verdict_view *view, bool english)
{
    const struct verdict *verdict = view->verdict;
    struct listed list = list_new(arena, verdict->change_count);
    for (size_t i = 0; i < verdict->change_count; i++) {
        const struct leaf *leaf = view->rules->nodes[verdict->changes[i].node].leaf;
        if (!verdict_hides(view, leaf))
            list_item(&list, NULL, in_language(leaf->text, english));
    }
    return arena_join(arena, list.parts);
}

// Of the label, which comes as JSON.
static const char *label_cell(struct arena *arena, const char *json)
{
    json_t *label = json_loads(json, JSON_DECODE_ANY, NULL);
    const char *text = json_is_string(label) ? arena_text(arena, json_string_value(label)) : NULL;
    json_decref(label);
    return text;
}

static const char *cell_of(struct arena *arena, const struct verdict_page *row, const struct verdict_view *view,
                           ptrdiff_t column, bool english)
{
    switch (column) {
    case UNIT_LABEL:
        return label_cell(arena, row->label);
    case OVERALL:
        return label_of("Overall", row->overall, english);
    case RESULTS:
        return results_cell(arena, view, english);
    case EXPLANATIONS:
        return explanations_cell(arena, view, english);
    case MISSING:
        return missing_cell(arena, view, english);
    case CHANGES:
        return changes_cell(arena, view, english);
    default:
        return row->unit_id;
    }
}

// NULL with a problem recorded.
static const char *const *cells_of(struct stored_evaluation *evaluation, const struct verdict_page *row)
{
    struct request *request = evaluation->request;
    struct arena *arena = &request->arena;
    const struct stored_verdict stored = verdict_on_page(row);
    const struct verdict_view *view = stored_view(evaluation, arena, &stored, verdict_audience(request));
    const char **cells = arena_array(arena, sizeof verdict_columns / sizeof *verdict_columns, sizeof *cells);
    for (size_t i = 0; view && request->columns[i]; i++)
        cells[i] = cell_of(arena, row, view, request->columns[i] - verdict_columns, request->language == ENGLISH);
    return view ? cells : NULL;
}

bool tabulate_verdicts(struct request *request, struct session *session, struct cell_page *ret_page)
{
    struct stored_evaluation evaluation;
    const struct verdict_page *rows;
    size_t count, most = strtoul(query_value(request, "limit"), NULL, 10), before = request->arena.total;
    if (!read_verdict_page(request, session, &evaluation, &rows, &count))
        return false;
    const char *const **cells = arena_array(&request->arena, most, sizeof *cells);
    size_t put = 0;
    for (; put < count && put < most && (!put || request->arena.total - before <= VERDICT_PAGE_BYTES); put++)
        if (!(cells[put] = cells_of(&evaluation, &rows[put])))
            return false;
    *ret_page = (struct cell_page){cells, put, put < count ? rows[put - 1].cursor : NULL};
    return true;
}
