// The points that a body gives, against the leaves of the card.
#include "handler/run.h"
#include "scores/scores.h"
#include "statements.h"
#include "thidua/decimal.h"

#include <string.h>

// Survey points come from people asked, not from the unit or the appraiser: they have a column of their own.
static const struct {
    const char *name;
    bool survey;
} columns[] = {{"self_points", false}, {"appraised_points", false}, {"survey_points", true}};

static int row_of(const struct rows *leaves, const char *code)
{
    for (int row = 0; row < rows_count(leaves); row++)
        if (strcmp(rows_text(leaves, row, 0), code) == 0)
            return row;
    return -1;
}

static const char *pointer_to(struct request *request, size_t leaf, const char *member)
{
    return arena_format(&request->arena, "/leaves/%zu/%s", leaf, member);
}

static void check_range(struct request *request, const struct rows *leaves, int row, const char *points,
                        const char *pointer)
{
    int64_t given, maximum = rows_number(leaves, row, 2);
    bool minus = strcmp(rows_text(leaves, row, 1), "MINUS") == 0;
    int64_t least = minus ? -maximum : 0, most = minus ? 0 : maximum;
    char from[DECIMAL_TEXT_SIZE], to[DECIMAL_TEXT_SIZE];
    if (decimal_parse(points, strlen(points), 2, &given) == DECIMAL_OK && given >= least && given <= most)
        return;
    decimal_format(least, 2, from);
    decimal_format(most, 2, to);
    violate(request, PROBLEM_INVALID, pointer, "range",
            say(request, "Điểm của tiêu chí này phải từ %s đến %s.", "The points of this leaf must be from %s to %s.",
                from, to));
}

static void check_leaf(struct request *request, const struct rows *leaves, const json_t *leaf, size_t place)
{
    int row = row_of(leaves, json_string_value(json_object_get(leaf, "code")));
    if (row < 0) {
        violate(request, PROBLEM_INVALID, pointer_to(request, place, "code"), "unknown_leaf",
                say(request, "Bộ tiêu chí không có tiêu chí chấm điểm nào mang mã này.",
                    "The frame has no leaf of this code."));
        return;
    }
    bool survey = strcmp(rows_text(leaves, row, 1), "SURVEY") == 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const char *points = json_string_value(json_object_get(leaf, columns[i].name));
        const char *pointer = pointer_to(request, place, columns[i].name);
        if (points && columns[i].survey != survey)
            violate(
                request, PROBLEM_INVALID, pointer, "column",
                say(request, "Điểm điều tra xã hội học chỉ ghi ở survey_points của tiêu chí SURVEY, và ngược lại.",
                    "Survey points go into survey_points of SURVEY leaves only, other points into the other columns."));
        else if (points)
            check_range(request, leaves, row, points, pointer);
    }
}

bool leaves_fit(struct request *request, struct session *session, const char *unit_id, const char *year)
{
    struct rows *leaves;
    const json_t *list = json_object_get(request->json, "leaves");
    if (!run(request, session, card_leaves, &leaves, unit_id, year))
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *leaf = json_array_get(list, i);
        check_leaf(request, leaves, leaf, i);
        for (size_t j = 0; j < i; j++)
            if (json_equal(json_object_get(json_array_get(list, j), "code"), json_object_get(leaf, "code")))
                violate(request, PROBLEM_INVALID, pointer_to(request, i, "code"), "duplicate",
                        say(request, "Tiêu chí này đã có ở trên.", "This leaf already stands above."));
    }
    return request->problem.kind == PROBLEM_NONE;
}
