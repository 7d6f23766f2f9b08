// The points that a body gives, against the leaves of the card.
#include "handler/run.h"
#include "scores/scores.h"
#include "scores/scores.sql.h"
#include "thidua/decimal.h"

#include <string.h>

// Survey points come from people asked, not from the unit or the appraiser: they have a column of their own.
static const struct {
    const char *name;
    bool survey;
} columns[] = {{"self_points", false}, {"appraised_points", false}, {"survey_points", true}};

// NULL: the card has no such leaf.
static const struct card_leaves *find_leaf(const struct card_leaves *leaves, size_t count, const char *code)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(leaves[i].code, code) == 0)
            return &leaves[i];
    return NULL;
}

static const char *pointer_to(struct request *request, size_t leaf, const char *member)
{
    return arena_format(&request->arena, "/leaves/%zu/%s", leaf, member);
}

static void check_range(struct request *request, const struct card_leaves *leaf, const char *points,
                        const char *pointer)
{
    int64_t given;
    bool minus = strcmp(leaf->kind, "MINUS") == 0;
    int64_t least = minus ? -leaf->maximum : 0, most = minus ? 0 : leaf->maximum;
    char from[DECIMAL_TEXT_SIZE], to[DECIMAL_TEXT_SIZE];
    if (decimal_parse(points, strlen(points), 2, &given) == DECIMAL_OK && given >= least && given <= most)
        return;
    decimal_shown(request, least, 2, from);
    decimal_shown(request, most, 2, to);
    violate(request, PROBLEM_INVALID, pointer, "range",
            say(request, "Điểm của tiêu chí này phải từ %s đến %s.", "The points of this leaf must be from %s to %s.",
                from, to));
}

// `leaf` is that of the card with the code that `given` names; NULL: there is none.
static void check_leaf(struct request *request, const struct card_leaves *leaf, const json_t *given, size_t place)
{
    if (!leaf) {
        violate(request, PROBLEM_INVALID, pointer_to(request, place, "code"), "unknown_leaf",
                say(request, "Bộ tiêu chí không có tiêu chí chấm điểm nào mang mã này.",
                    "The frame has no leaf of this code."));
        return;
    }
    bool survey = strcmp(leaf->kind, "SURVEY") == 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const char *points = json_string_value(json_object_get(given, columns[i].name));
        const char *pointer = pointer_to(request, place, columns[i].name);
        if (points && columns[i].survey != survey)
            violate(request, PROBLEM_INVALID, pointer, "column",
                    say(request,
                        "Điểm điều tra xã hội học chỉ ghi ở \"survey_points\" của tiêu chí điều tra, và ngược lại.",
                        "Survey points go into \"survey_points\" of survey leaves only, other points into the other "
                        "columns."));
        else if (points)
            check_range(request, leaf, points, pointer);
    }
}

bool leaves_fit(struct request *request, struct session *session, const char *unit_id, const char *year)
{
    const struct card_leaves *leaves;
    size_t count;
    const json_t *list = json_object_get(request->json, "leaves");
    if (!card_leaves(request, session, unit_id, year, &leaves, &count))
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *given = json_array_get(list, i), *code = json_object_get(given, "code");
        check_leaf(request, find_leaf(leaves, count, json_string_value(code)), given, i);
        for (size_t j = 0; j < i; j++)
            if (json_equal(json_object_get(json_array_get(list, j), "code"), code))
                violate(request, PROBLEM_INVALID, pointer_to(request, i, "code"), "duplicate",
                        say(request, "Tiêu chí này đã có ở trên.", "This leaf appears above already."));
    }
    return request->problem.kind == PROBLEM_NONE;
}
