#include "engine/json/verdict_matrix.h"

#include <stdint.h>

static json_t *text_json(struct bilingual text)
{
    return json_pack("{s:s, s:s}", "vi", text.vi, "en", text.en);
}

struct verdict_matrix verdict_matrix_new(struct arena *arena, const struct rule_set *rules)
{
    struct verdict_matrix matrix = {.criteria = json_array(), .leaves = json_array()};
    matrix.places = arena_array(arena, rules->node_count, sizeof *matrix.places);
    for (size_t i = 0; i < rules->node_count; i++)
        matrix.places[i] = SIZE_MAX;
    for (size_t i = 0; i < rules->source->criterion_count; i++) {
        const struct criterion *criterion = &rules->source->criteria[i];
        json_array_append_new(matrix.criteria, json_pack("{s:s, s:s, s:o}", "id", criterion->id, "clause",
                                                         criterion->clause, "text", text_json(criterion->text)));
    }
    return matrix;
}

json_t *verdict_results(const struct verdict_view *view)
{
    json_t *list = json_array();
    for (size_t i = 0; i < view->rules->source->criterion_count; i++)
        json_array_append_new(list, json_string(criterion_outcome_name(view->verdict->criteria[i].outcome)));
    return list;
}

static void write_letters(const struct criterion_result *criteria, size_t count, char *letters)
{
    static const char known[] = {[OUTCOME_PASS] = 'P',
                                 [OUTCOME_FAIL] = 'F',
                                 [OUTCOME_PENDING] = 'O',
                                 [OUTCOME_NOT_APPLICABLE] = 'N',
                                 [OUTCOME_DEFERRED] = 'D'};
    for (size_t i = 0; i < count; i++)
        letters[i] = known[criteria[i].outcome];
}

const char *outcome_letters(struct arena *arena, const struct criterion_result *criteria, size_t count)
{
    char *text = arena_allocate(arena, count + 1);
    write_letters(criteria, count, text);
    text[count] = '\0';
    return text;
}

static size_t place_in(struct verdict_matrix *matrix, const struct rule_set *rules, size_t number)
{
    const struct node *node = &rules->nodes[number];
    if (matrix->places[number] == SIZE_MAX) {
        matrix->places[number] = json_array_size(matrix->leaves);
        json_array_append_new(matrix->leaves, json_pack("{s:s, s:s, s:o}", "id", node->leaf->id, "criterion",
                                                        rules->source->criteria[node->criterion].id, "text",
                                                        text_json(node->leaf->text)));
    }
    return matrix->places[number];
}

json_t *verdict_missing(struct verdict_matrix *matrix, const struct verdict_view *view)
{
    json_t *list = json_array();
    for (size_t i = 0; i < view->rules->node_count; i++)
        if (verdict_misses(view, i))
            json_array_append_new(list, json_integer((json_int_t)place_in(matrix, view->rules, i)));
    return list;
}

void verdict_put_cells(struct json_text *text, struct verdict_matrix *matrix, const struct verdict_view *view)
{
    const size_t count = view->rules->source->criterion_count;
    bool any = false;
    JSON_PUT(text, "\"cells\":\"");
    write_letters(view->verdict->criteria, count, json_text_room(text, count));
    text->length += count;
    JSON_PUT(text, "\",\"missing\":[");
    for (size_t i = 0; i < view->rules->node_count; i++) {
        if (!verdict_misses(view, i))
            continue;
        if (any)
            json_put_byte(text, ',');
        any = true;
        json_put_integer(text, (long long)place_in(matrix, view->rules, i));
    }
    json_put_byte(text, ']');
}
