// What a dashboard shows of a round, in one answer that is kept in memory until something changes.
#include "board/board.sql.h"
#include "evaluations/evaluations.h"
#include "evaluations/overrides.h"
#include "evaluations/stored/stored.h"
#include "handler/feature.h"
#include "handler/run.h"

#include <string.h>

enum { MATRIX_MOST = 200 };

struct board {
    struct request *request;
    struct session *session;
    json_t *json;
    const char *campaign, *year, *evaluation_id; // NULL: none that the caller may read
    bool offices;
    json_t *places; // of each unit: its row in the standings
};

// ---- the standings: rank and status of units, secure and possible places of groups ----

static bool same(const json_t *a, const json_t *b)
{
    return json_equal(a, b) || (!a && !b);
}

static void count_place(const json_t *groups, const json_t *standing)
{
    size_t i;
    json_t *group;
    const char *status = standing_in_force(standing);
    const char *member = strcmp(status, "SECURE") == 0 ? "secure" : strcmp(status, "POSSIBLE") == 0 ? "possible" : NULL;
    json_array_foreach(groups, i, group)
    {
        const json_t *cluster = json_object_get(group, "cluster");
        if (!member || !same(json_object_get(group, "group"), json_object_get(standing, "group")) ||
            (!json_is_null(cluster) && !same(cluster, json_object_get(standing, "cluster"))))
            continue;
        json_object_set_new(group, member, json_integer(json_integer_value(json_object_get(group, member)) + 1));
    }
}

// Of several forms of award, the highest that a unit has or may have.
static void keep_place(json_t *places, const char *unit_id, json_t *item)
{
    const char *kept = json_string_value(json_object_get(json_object_get(places, unit_id), "status"));
    if (!kept || strcmp(kept, "OUT") == 0)
        json_object_set(places, unit_id, item);
}

static void count_places(struct board *board, const json_t *standings)
{
    const json_t *groups = json_object_get(json_object_get(board->json, "quota"), "groups");
    size_t i;
    json_t *item;
    json_array_foreach(groups, i, item)
    {
        json_object_set_new(item, "secure", json_integer(0));
        json_object_set_new(item, "possible", json_integer(0));
    }
    json_array_foreach(standings, i, item)
    {
        count_place(groups, item);
        keep_place(board->places, json_string_value(json_object_get(item, "unit_id")), item);
    }
}

// Offices alone read standings. An evaluation of very many units ranks nobody.
static bool add_standings(struct board *board, struct stored_evaluation *evaluation)
{
    json_t *standings;
    board->places = defer_json(board->request, json_object());
    if (!board->offices || !evaluation->ranked)
        return true;
    if (!stored_standings(evaluation, &standings))
        return false;
    defer_json(board->request, standings);
    count_places(board, json_object_get(standings, "items"));
    return true;
}

// ---- the matrix: units × criteria ----

// The place of a group in the list of those that the rows name, to which it is added.
static json_t *place_of_group(json_t *groups, const char *group)
{
    size_t i;
    const json_t *known;
    if (!group)
        return json_null();
    json_array_foreach(groups, i, known)
    {
        if (strcmp(json_string_value(known), group) == 0)
            return json_integer((json_int_t)i);
    }
    json_array_append_new(groups, json_string(group));
    return json_integer((json_int_t)i);
}

static bool add_row(struct board *board, struct stored_evaluation *evaluation, struct verdict_matrix *matrix,
                    const struct board_rows *row, json_t *groups, json_t *list)
{
    const struct stored_verdict verdict = {.unit_id = row->unit_id,
                                           .overall = row->overall,
                                           .facts = row->facts,
                                           .facts_length = row->facts_length,
                                           .results = row->results,
                                           .results_length = row->results_length};
    const json_t *standing = json_object_get(board->places, row->unit_id);
    const char *status = standing ? standing_in_force(standing) : NULL;
    json_t *rank = json_object_get(standing, "rank");
    json_t *item =
        json_pack("{s:s, s:s, s:o, s:s, s:O?, s:s?}", "unit_id", row->unit_id, "unit_label", row->label, "group",
                  place_of_group(groups, row->group_name), "overall", row->overall, "rank", rank, "status", status);
    json_array_append_new(list, item);
    return stored_row(evaluation, &verdict, board->offices ? AUDIENCE_RESTRICTED : AUDIENCE_UNIT, matrix, true, item);
}

static bool add_rows(struct board *board, struct stored_evaluation *evaluation)
{
    struct request *request = board->request;
    const struct board_rows *rows;
    size_t count;
    struct verdict_matrix matrix = verdict_matrix_new(&request->arena, evaluation->rules->document.rules);
    json_t *groups = json_array(), *items = json_array(), *json = json_object();
    json_object_set_new(json, "criteria", matrix.criteria);
    json_object_set_new(json, "leaves", matrix.leaves);
    json_object_set_new(json, "groups", groups);
    json_object_set_new(json, "items", items);
    json_object_set_new(board->json, "matrix", json);
    if (!board_rows(request, board->session, board->evaluation_id, board->campaign, board->year, board->offices,
                    caller_unit(request), arena_format(&request->arena, "%d", MATRIX_MOST + 1), &rows, &count))
        return false;
    json_object_set_new(json, "more", json_boolean(count > MATRIX_MOST));
    for (size_t i = 0; i < count && i < MATRIX_MOST; i++)
        if (!add_row(board, evaluation, &matrix, &rows[i], groups, items))
            return false;
    return true;
}

static bool add_matrix(struct board *board)
{
    struct stored_evaluation evaluation;
    json_object_set_new(board->json, "matrix", json_null());
    return !board->evaluation_id || (stored_open(board->request, board->session, board->evaluation_id, &evaluation) &&
                                     add_standings(board, &evaluation) && add_rows(board, &evaluation));
}

static struct reply show_board(struct request *request, struct session *session)
{
    struct board board = {.request = request,
                          .session = session,
                          .campaign = path_value(request, "code"),
                          .year = path_value(request, "year"),
                          .offices = has_role(request, MAY_READ_RESTRICTED)};
    const struct board_frame *frame;
    if (!board_frame(request, session, board.campaign, board.year,
                     arena_format(&request->arena, "%u", request->caller.roles), caller_unit(request), &frame) ||
        !is_found(request, frame))
        return refusal(request);
    board.json = defer_json(request, json_loads(frame->json, 0, NULL));
    board.evaluation_id = json_string_value(json_object_get(json_object_get(board.json, "latest_evaluation"), "id"));
    if (!add_matrix(&board))
        return refusal(request);
    return computed(request, NULL, json_canonical(&request->arena, board.json, NULL));
}

static const struct route board_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/board",
     .roles = ANYONE,
     .lane = LANE_COMPUTE,
     .act = show_board,
     .brief = true,
     .cached = true,
     .members_see_more = true},
    {0},
};

const struct feature board_feature = {.name = "board", .routes = {board_routes}};
