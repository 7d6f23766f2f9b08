// Score frames: the criteria trees by which the administrative reform index is scored (domain, section 4).
#include "handler/constraints.h"
#include "handler/run.h"
#include "http/route.h"
#include "scores/frames.sql.h"
#include "scores/private.h"
#include "thidua/decimal.h"

#include <string.h>

enum { NODES_MOST = 500, POINTS_MOST = 10000000, NO_PARENT = -1 };

static const char *const tiers[] = {"SO", "HUYEN", "XA", NULL};
static const char *const kinds[] = {"NORMAL", "MINUS", "BONUS", "SURVEY", NULL};

static const struct field node_fields[] = {
    PASSED("code", FIELD_LINE, .required = true, .most = 40),
    PASSED("text_vi", FIELD_TEXT, .required = true, .most = 1000),
    PASSED("text_en", FIELD_TEXT, .nullable = true, .most = 1000),
    PASSED("parent", FIELD_LINE, .nullable = true, .most = 40),
    PASSED("kind", FIELD_CHOICE, .required = true, .choices = kinds),
    PASSED("maximum", FIELD_DECIMAL, .required = true, .scale = 2, .least = 1, .most = POINTS_MOST),
    {0},
};
static const struct field node_item = {.type = FIELD_OBJECT, .fields = node_fields};

static const struct field frame_fields[] = {
    PASSED("tier", FIELD_CHOICE, .required = true, .choices = tiers),
    PASSED("legal_basis", FIELD_TEXT, .names_document = true, .nullable = true),
    PASSED("nodes", FIELD_LIST, .required = true, .least = 1, .most = NODES_MOST, .item = &node_item),
    {0},
};

// ---- the tree ----

struct node {
    const char *code, *parent, *kind;
    int64_t maximum;  // points × 100
    int64_t children; // Σ of the children that count towards it
    int up;           // place of the parent, or NO_PARENT
};

static int frame_place(const struct node *nodes, int count, const char *code)
{
    for (int i = 0; i < count; i++)
        if (strcmp(nodes[i].code, code) == 0)
            return i;
    return NO_PARENT;
}

static const char *node_pointer(struct request *request, int node, const char *member)
{
    return arena_format(&request->arena, "/nodes/%d/%s", node, member);
}

static struct node *load_nodes(struct request *request, int *ret_count)
{
    const json_t *list = json_object_get(request->json, "nodes");
    *ret_count = (int)json_array_size(list);
    struct node *nodes = arena_array(&request->arena, (size_t)*ret_count, sizeof *nodes);
    for (int i = 0; i < *ret_count; i++) {
        const json_t *item = json_array_get(list, (size_t)i);
        const char *maximum = json_string_value(json_object_get(item, "maximum"));
        nodes[i].code = json_string_value(json_object_get(item, "code"));
        nodes[i].parent = json_string_value(json_object_get(item, "parent"));
        nodes[i].kind = json_string_value(json_object_get(item, "kind"));
        decimal_parse(maximum, strlen(maximum), 2, &nodes[i].maximum); // read_body has checked it
    }
    return nodes;
}

static void find_parents(struct request *request, struct node *nodes, int count)
{
    for (int i = 0; i < count; i++) {
        if (frame_place(nodes, i, nodes[i].code) != NO_PARENT)
            violate(request, PROBLEM_INVALID, node_pointer(request, i, "code"), "duplicate",
                    say(request, "Mã này đã có ở trên.", "This code appears above already."));
        nodes[i].up = nodes[i].parent ? frame_place(nodes, count, nodes[i].parent) : NO_PARENT;
        if (nodes[i].parent && nodes[i].up == NO_PARENT)
            violate(request, PROBLEM_INVALID, node_pointer(request, i, "parent"), "unknown_parent",
                    say(request, "Không có tiêu chí nào mang mã này.", "No node has this code."));
    }
}

static void refuse_cycles(struct request *request, const struct node *nodes, int count)
{
    for (int i = 0; i < count; i++) {
        int steps = 0, at = i;
        while (at != NO_PARENT && steps++ <= count)
            at = nodes[at].up;
        if (at != NO_PARENT)
            violate(request, PROBLEM_INVALID, node_pointer(request, i, "parent"), "cycle",
                    say(request, "Tiêu chí nằm dưới chính nó.", "The node lies below itself."));
    }
}

// Minus and bonus points stand outside the maximum of a NORMAL parent, as they stand outside the index's denominator.
static bool counts_towards(const struct node *child, const struct node *parent)
{
    return strcmp(child->kind, parent->kind) == 0 ||
           (strcmp(parent->kind, "NORMAL") == 0 && strcmp(child->kind, "SURVEY") == 0);
}

static void check_parts(struct request *request, struct node *nodes, int count)
{
    for (int i = 0; i < count; i++) {
        struct node *parent = nodes[i].up == NO_PARENT ? NULL : &nodes[nodes[i].up];
        if (parent && counts_towards(&nodes[i], parent))
            parent->children += nodes[i].maximum;
        else if (parent && strcmp(parent->kind, "NORMAL") != 0)
            violate(request, PROBLEM_INVALID, node_pointer(request, i, "kind"), "kind_of_parent",
                    say(request, "Dưới tiêu chí loại \"%s\" chỉ có tiêu chí cùng loại.",
                        "A node of kind \"%s\" can only have nodes of that kind below it.",
                        words_for(request, "ScoreKind", parent->kind)));
    }
    for (int i = 0; i < count; i++) {
        char sum[DECIMAL_TEXT_SIZE];
        decimal_shown(request, nodes[i].children, 2, sum);
        if (nodes[i].children > nodes[i].maximum)
            violate(request, PROBLEM_INVALID, node_pointer(request, i, "maximum"), "children_exceed",
                    say(request, "Các tiêu chí con cộng lại được %s, vượt điểm tối đa này.",
                        "The children add up to %s, more than this maximum.", sum));
    }
}

static bool tree_is_sound(struct request *request)
{
    int count;
    struct node *nodes = load_nodes(request, &count);
    find_parents(request, nodes, count);
    refuse_cycles(request, nodes, count);
    check_parts(request, nodes, count);
    return request->problem.kind == PROBLEM_NONE;
}

// ---- writing ----

static bool fill(struct request *request, struct session *session, const char *name, const char *year,
                 struct frame_get *ret_now)
{
    return frame_fill(request, session, name, year, request->body_json) &&
           frame_get(request, session, name, year, ret_now);
}

static struct reply create_frame(struct request *request, struct session *session, struct event event)
{
    const char *name = path_value(request, "name"), *year = path_value(request, "year");
    struct frame_get now;
    if (!may_be_new(request) || !frame_create(request, session, name, year, request->body_json) ||
        !fill(request, session, name, year, &now))
        return refusal(request);
    event.type = "score_frame.created";
    return created(request, session, event, now.version, now.body);
}

static struct reply put_frame(struct request *request, struct session *session)
{
    const char *name = path_value(request, "name"), *year = path_value(request, "year");
    struct event event = {.type = "score_frame.changed",
                          .resource = arena_format(&request->arena, "/v1/score-frames/%s/%s", name, year),
                          .year = year};
    const struct frame_stand *old;
    struct frame_get now;
    if (!read_body(request, frame_fields, NULL) || !tree_is_sound(request) ||
        !frame_lock(request, session, name, year) || !frame_stand(request, session, name, year, &old))
        return refusal(request);
    if (!old)
        return create_frame(request, session, event);
    if (!version_is(request, old->version) || !frame_unused(request, session, name, year) ||
        !frame_change(request, session, name, year, request->body_json) || !frame_clear(request, session, name, year) ||
        !fill(request, session, name, year, &now))
        return refusal(request);
    event.before = old->json;
    return changed(request, session, event, now.version, now.body);
}

static const struct query_field frames_query[] = {
    {.name = "year", .type = FIELD_INTEGER, .least = 2000, .most = 2999},
    {.name = "tier", .type = FIELD_CHOICE, .choices = tiers},
    QUERY_PAGE,
    {0},
};

static const struct column frame_columns[] = {
    {"Tên", "Name", "name"},
    {"Năm", "Year", "year"},
    {"Cấp", "Tier", "tier", .codes = "ScoreTier"},
    {"Điểm tối đa", "Maximum", "maximum", COLUMN_DECIMAL},
    {"Căn cứ", "Legal basis", "legal_basis"},
    {"Đã dùng", "Used", "used"},
    {0},
};

const struct route frame_routes[] = {
    {.method = "GET",
     .path = "/v1/score-frames",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &frame_list_statement,
     .orders = (const struct order[]){FROM_START("year", frame_list), {0}},
     .query = frames_query,
     .columns = frame_columns},
    {.method = "GET",
     .path = "/v1/score-frames/{name}/{year}",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &frame_get_statement},
    {.method = "PUT",
     .path = "/v1/score-frames/{name}/{year}",
     .roles = ROLE_HOME_AFFAIRS | ROLE_ADMIN,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("A score frame holds for all units of a tier alike."),
     .act = put_frame,
     .body_kind = BODY_JSON,
     .body = frame_fields},
    {0},
};

const struct constraint_problem frame_constraints[] = {
    {"score_frames_name", PROBLEM_INVALID, NULL, NULL,
     "Tên bộ tiêu chí gồm chữ không dấu, chữ số và . _ -, nhiều nhất 64 ký tự.",
     "A frame's name has plain letters, digits and . _ -, at most 64."},
    {"score_frames_year", PROBLEM_INVALID, NULL, NULL, "Năm phải từ 2000 đến 2999.", "The year must be 2000 to 2999."},
    {"score_frames_once", PROBLEM_CONFLICT, NULL, NULL, "Bộ tiêu chí này vừa được tạo; hãy đọc lại rồi sửa.",
     "This frame has just been created: read it, then change it."},
    {"score_frame_used", PROBLEM_CONFLICT, NULL, NULL,
     "Đã có bảng điểm dùng bộ tiêu chí này nên không sửa được nữa; hãy tạo bộ mới với tên khác.",
     "A scorecard uses this frame, so it cannot change any more: make a new one under another name."},
    {0},
};
