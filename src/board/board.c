// What a dashboard shows of a round, in one answer that is kept in memory until something changes.
#include "board/board.sql.h"
#include "evaluations/stored/places.h"
#include "handler/feature.h"
#include "handler/run.h"

#include <string.h>

enum { MATRIX_MOST = 200, MATRIX_ROOM = 1 << 15 };

struct board {
    struct request *request;
    struct session *session;
    json_t *json;                                // all but the matrix
    const char *campaign, *year, *evaluation_id; // NULL: none that the caller may read
    bool offices;
    struct places places; // empty: nobody is ranked, or the caller may not read how
};

// ---- the standings: rank and status of units, secure and possible places of groups ----

// A group's share of places, or a cluster's.
struct share {
    json_t *json;
    const char *group, *cluster; // NULL: of the whole group
    const char *form;            // NULL: of any
    json_int_t secure, possible;
};

// How many units of a group have a place for sure, or may have one.
struct group_counts {
    json_int_t secure, possible;
};

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool holds(const struct share *share, const struct place_group *group, const char *form)
{
    return same(share->group, group->name) && (!share->cluster || same(share->cluster, group->cluster)) &&
           (!share->form || same(share->form, form));
}

static const struct group_counts *count_by_group(struct arena *arena, const struct places *places)
{
    struct group_counts *counts = arena_array(arena, places->group_count + 1, sizeof *counts); // and of those in none
    for (size_t i = 0; i < places->forms * places->units; i++) {
        const struct place *place = &places->items[i];
        counts[place->group].secure += place->in_force == STANDING_SECURE;
        counts[place->group].possible += place->in_force == STANDING_POSSIBLE;
    }
    return counts;
}

static struct share share_of(json_t *json)
{
    return (struct share){json,
                          json_string_value(json_object_get(json, "group")),
                          json_string_value(json_object_get(json, "cluster")),
                          json_string_value(json_object_get(json, "form")),
                          0,
                          0};
}

static void count_places(const struct board *board, const struct award_forms *forms)
{
    const struct places *places = &board->places;
    const struct group_counts *counts = count_by_group(&board->request->arena, places);
    json_t *groups = json_object_get(json_object_get(board->json, "quota"), "groups"), *json;
    size_t i;
    json_array_foreach(groups, i, json)
    {
        struct share share = share_of(json);
        for (size_t g = 0; g < places->group_count; g++)
            if (holds(&share, &places->groups[g], forms->count ? forms->items[places->groups[g].form].code : NULL)) {
                share.secure += counts[g].secure;
                share.possible += counts[g].possible;
            }
        json_object_set_new(share.json, "secure", json_integer(share.secure));
        json_object_set_new(share.json, "possible", json_integer(share.possible));
    }
}

// Offices alone read standings. An evaluation of very many units ranks nobody.
static bool add_standings(struct board *board, struct stored_evaluation *evaluation)
{
    if (!board->offices || !evaluation->ranked)
        return true;
    if (!stored_places(evaluation, &board->places))
        return false;
    count_places(board, &evaluation->rules->document.forms);
    return true;
}

// ---- the matrix: units × criteria ----

// The groups that the rows name, in the order in which they come.
struct group_names {
    const char *items[MATRIX_MOST];
    size_t count;
};

static void put_group(struct json_text *text, struct group_names *groups, const char *group)
{
    size_t i = 0;
    JSON_PUT(text, ",\"group\":");
    while (group && i < groups->count && strcmp(groups->items[i], group) != 0)
        i++;
    if (group && i == groups->count)
        groups->items[groups->count++] = group;
    if (group)
        json_put_integer(text, (long long)i);
    else
        JSON_PUT(text, "null");
}

static void put_place(struct json_text *text, const struct place *place)
{
    JSON_PUT(text, ",\"rank\":");
    if (place && place->rank)
        json_put_integer(text, place->rank);
    else
        JSON_PUT(text, "null");
    JSON_PUT(text, ",\"status\":");
    json_put_text(text, place ? standing_status_name(place->in_force) : NULL);
}

// What the rows share, as they are written.
struct board_matrix {
    struct verdict_matrix verdicts;
    struct group_names groups;
    struct json_text items;
};

static bool put_row(const struct board *board, struct stored_evaluation *evaluation, const struct board_rows *row,
                    struct arena *scratch, struct board_matrix *matrix)
{
    const struct stored_verdict verdict = {.unit_id = row->unit_id,
                                           .overall = row->overall,
                                           .facts = row->facts,
                                           .facts_length = row->facts_length,
                                           .results = row->results,
                                           .results_length = row->results_length};
    struct json_text *text = &matrix->items;
    json_put_byte(text, '{');
    if (!stored_cells(evaluation, scratch, &verdict, board->offices ? AUDIENCE_RESTRICTED : AUDIENCE_UNIT,
                      &matrix->verdicts, text))
        return false;
    put_group(text, &matrix->groups, row->group_name);
    JSON_PUT(text, ",\"overall\":");
    json_put_text(text, row->overall);
    put_place(text, place_of_unit(&board->places, row->unit_id));
    JSON_PUT(text, ",\"unit_id\":");
    json_put_text(text, row->unit_id);
    JSON_PUT(text, ",\"unit_label\":");
    json_put_text(text, row->label);
    json_put_byte(text, '}');
    return true;
}

static bool put_rows(const struct board *board, struct stored_evaluation *evaluation, const struct board_rows *rows,
                     size_t count, struct board_matrix *matrix)
{
    struct arena scratch = {0};
    const struct arena_mark empty = arena_mark(&scratch);
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        if (i)
            json_put_byte(&matrix->items, ',');
        good = put_row(board, evaluation, &rows[i], &scratch, matrix);
        arena_rewind(&scratch, empty);
    }
    arena_release(&scratch);
    return good;
}

static void put_group_names(struct json_text *text, const struct group_names *groups)
{
    for (size_t i = 0; i < groups->count; i++) {
        if (i)
            json_put_byte(text, ',');
        json_put_text(text, groups->items[i]);
    }
}

static void put_json(struct json_text *text, struct arena *arena, const json_t *json)
{
    size_t length;
    const char *shown = json_canonical(arena, json, &length);
    json_put(text, shown, length);
}

static bool put_matrix(struct board *board, struct stored_evaluation *evaluation, struct json_text *text)
{
    struct request *request = board->request;
    struct arena *arena = &request->arena;
    const struct board_rows *rows;
    size_t count;
    struct board_matrix matrix = {.verdicts = verdict_matrix_new(arena, evaluation->rules->document.rules),
                                  .items = json_text_new(arena, MATRIX_ROOM)};
    defer_json(request, matrix.verdicts.criteria);
    defer_json(request, matrix.verdicts.leaves);
    if (!board_rows(request, board->session, board->evaluation_id, board->campaign, board->year, board->offices,
                    caller_unit(request), arena_format(arena, "%d", MATRIX_MOST + 1), &rows, &count) ||
        !put_rows(board, evaluation, rows, count < MATRIX_MOST ? count : MATRIX_MOST, &matrix))
        return false;
    JSON_PUT(text, "{\"criteria\":");
    put_json(text, arena, matrix.verdicts.criteria);
    JSON_PUT(text, ",\"groups\":[");
    put_group_names(text, &matrix.groups);
    JSON_PUT(text, "],\"items\":[");
    json_put(text, matrix.items.bytes, matrix.items.length);
    JSON_PUT(text, "],\"leaves\":");
    put_json(text, arena, matrix.verdicts.leaves);
    if (count > MATRIX_MOST)
        JSON_PUT(text, ",\"more\":true}");
    else
        JSON_PUT(text, ",\"more\":false}");
    return true;
}

static bool add_matrix(struct board *board, struct json_text *text)
{
    struct stored_evaluation evaluation;
    if (board->evaluation_id)
        return stored_open(board->request, board->session, board->evaluation_id, &evaluation) &&
               add_standings(board, &evaluation) && put_matrix(board, &evaluation, text);
    JSON_PUT(text, "null");
    return true;
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
    struct json_text matrix = json_text_new(&request->arena, MATRIX_ROOM), text;
    if (!add_matrix(&board, &matrix))
        return refusal(request);
    text = json_text_new(&request->arena, matrix.length + MATRIX_ROOM);
    put_json(&text, &request->arena, board.json);
    text.length--; // the matrix is its last member
    JSON_PUT(&text, ",\"matrix\":");
    json_put(&text, matrix.bytes, matrix.length);
    json_put(&text, "}", 2); // with room for the line feed
    return computed_spelled(request, text.bytes, text.length - 1, NULL);
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
