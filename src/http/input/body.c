#include "http/input/body.h"

#include "http/input/free_json.h"
#include "http/request.h"
#include "http/route.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32, JSON_NODES_MAX = 20000, NAME_MOST = 256 };

static json_t *read_value(struct request *request, const struct field *field, json_t *value, const char *pointer,
                          void *ret_body);

static const char *child_pointer(struct request *request, const char *pointer, const char *name)
{
    size_t length = strlen(pointer);
    char *text = arena_bytes(&request->arena, length + 2 * strlen(name) + 2);
    memcpy(text, pointer, length);
    write_pointer_step(text + length, name);
    return text;
}

static const char *type_words(struct request *request, enum field_type type)
{
    switch (type) {
    case FIELD_INTEGER:
        return say(request, "Phải là số nguyên.", "Must be a whole number.");
    case FIELD_DECIMAL:
        return say(request, "Phải là số thập phân viết dạng chuỗi, như \"64.35\".",
                   "Must be a decimal written as a string, such as \"64.35\".");
    case FIELD_BOOLEAN:
        return say(request, "Phải là true hoặc false.", "Must be true or false.");
    case FIELD_LIST:
        return say(request, "Phải là một danh sách.", "Must be a list.");
    case FIELD_OBJECT:
    case FIELD_JSON:
        return say(request, "Phải là một đối tượng JSON.", "Must be a JSON object.");
    case FIELD_NONE:
    case FIELD_TEXT:
    case FIELD_LINE:
    case FIELD_NUMBER_SYMBOL:
    case FIELD_CHOICE:
    case FIELD_UUID:
    case FIELD_DATE:
    case FIELD_INSTANT:
    default:
        return say(request, "Phải là một chuỗi.", "Must be a string.");
    }
}

static json_t *wrong_type(struct request *request, enum field_type type, const char *pointer)
{
    violate(request, PROBLEM_INVALID, pointer, "type", type_words(request, type));
    return NULL;
}

static json_t *read_scalar(struct request *request, const struct field *field, json_t *value, const char *pointer,
                           void *ret_body)
{
    const char *text = NULL;
    bool whole = field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL;
    if (field->type == FIELD_BOOLEAN && json_is_boolean(value))
        text = json_is_true(value) ? "true" : "false";
    else if (whole && json_is_integer(value)) {
        const char *number = arena_format(&request->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        text = check_text(request, field, number, strlen(number), pointer, PROBLEM_INVALID);
    } else if (json_is_string(value) && field->type != FIELD_BOOLEAN && field->type != FIELD_INTEGER)
        text =
            check_text(request, field, json_string_value(value), json_string_length(value), pointer, PROBLEM_INVALID);
    else
        return wrong_type(request, field->type, pointer);
    if (!text)
        return NULL;
    if (ret_body && field->offset != FIELD_UNBOUND)
        memcpy((char *)ret_body + field->offset, &text, sizeof text);
    if (field->type == FIELD_BOOLEAN || field->type == FIELD_INTEGER)
        return json_incref(value);
    return json_string(text);
}

static const char *no_such_field(struct request *request, const struct field *fields)
{
    const char *names = "";
    for (; fields->name; fields++)
        names = arena_format(&request->arena, "%s%s\"%s\"", names, *names ? ", " : "", fields->name);
    return *names ? say(request, "Không có trường này. Các trường dùng được: %s.",
                        "There is no such field. Known ones: %s.", names)
                  : say(request, "Không có trường này.", "There is no such field.");
}

static json_t *read_object(struct request *request, const struct field *fields, json_t *object, const char *pointer,
                           void *ret_body)
{
    json_t *normal = json_object(), *value;
    const char *name, *unknown = NULL;
    json_object_foreach(object, name, value)
    {
        const struct field *field = fields;
        while (field->name && strcmp(field->name, name) != 0)
            field++;
        const char *where = child_pointer(request, pointer, name);
        if (!field->name) {
            unknown = unknown ? unknown : no_such_field(request, fields);
            violate(request, PROBLEM_INVALID, where, "unknown", unknown);
        } else if (json_is_null(value) && field->nullable) {
            json_object_set_new(normal, name, json_null());
        } else {
            json_t *read = read_value(request, field, value, where, ret_body);
            if (read)
                json_object_set_new(normal, name, read);
        }
    }
    for (const struct field *field = fields; field->name; field++)
        if (field->required && !json_object_get(object, field->name))
            violate(request, PROBLEM_INVALID, child_pointer(request, pointer, field->name), "required",
                    say(request, "Thiếu trường bắt buộc.", "This field is required."));
    days_in_order(request, fields, normal, pointer);
    return normal;
}

static json_t *read_list(struct request *request, const struct field *field, json_t *list, const char *pointer)
{
    size_t count = json_array_size(list);
    if ((int64_t)count < field->least || (int64_t)count > field->most) {
        violate(request, PROBLEM_INVALID, pointer, "count",
                say(request, "Cần từ %" PRId64 " đến %" PRId64 " phần tử.",
                    "From %" PRId64 " to %" PRId64 " items are needed.", field->least, field->most));
        return NULL;
    }
    json_t *normal = json_array();
    for (size_t i = 0; i < count; i++) {
        const char *where = arena_format(&request->arena, "%s/%zu", pointer, i);
        json_t *read = read_value(request, field->item, json_array_get(list, i), where, NULL);
        json_array_append_new(normal, read ? read : json_null());
    }
    return normal;
}

// The normalised value (a new reference), or NULL with a violation recorded.
static json_t *read_value(struct request *request, const struct field *field, json_t *value, const char *pointer,
                          void *ret_body)
{
    switch (field->type) {
    case FIELD_OBJECT:
        return json_is_object(value) ? read_object(request, field->fields, value, pointer, NULL)
                                     : wrong_type(request, field->type, pointer);
    case FIELD_LIST:
        return json_is_array(value) ? read_list(request, field, value, pointer)
                                    : wrong_type(request, field->type, pointer);
    case FIELD_JSON:
        return json_is_object(value) ? read_free(request, value, pointer) : wrong_type(request, field->type, pointer);
    case FIELD_NONE:
    case FIELD_TEXT:
    case FIELD_LINE:
    case FIELD_NUMBER_SYMBOL:
    case FIELD_CHOICE:
    case FIELD_UUID:
    case FIELD_DATE:
    case FIELD_INSTANT:
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
    case FIELD_BOOLEAN:
    default:
        return read_scalar(request, field, value, pointer, ret_body);
    }
}

static bool within_bounds(const json_t *value, unsigned depth, unsigned *nodes)
{
    if (depth > DEPTH_MAX || ++*nodes > JSON_NODES_MAX)
        return false;
    const char *name;
    json_t *member;
    size_t index;
    json_object_foreach((json_t *)(uintptr_t)value, name,
                        member) if (strlen(name) > NAME_MOST || !within_bounds(member, depth + 1, nodes)) return false;
    json_array_foreach(value, index, member) if (!within_bounds(member, depth + 1, nodes)) return false;
    return true;
}

static json_t *parse(struct request *request)
{
    json_error_t error;
    // Real numbers are read exactly as text by nobody: fields refuse them (read_scalar), FIELD_JSON checks its own.
    json_t *json = json_loadb(request->body ? request->body : "", request->body_length, JSON_REJECT_DUPLICATES, &error);
    unsigned nodes = 0;
    if (json && json_is_object(json) && within_bounds(json, 0, &nodes))
        return json;
    const char *detail;
    if (!json && json_error_code(&error) == json_error_duplicate_key)
        detail = say(request, "Một trường xuất hiện hai lần (dòng %d, cột %d).",
                     "A field appears twice (line %d, column %d).", error.line, error.column);
    else if (!json)
        detail = say(request, "JSON sai ở dòng %d, cột %d.", "The JSON is wrong at line %d, column %d.", error.line,
                     error.column);
    else if (!json_is_object(json))
        detail = say(request, "Cần một đối tượng JSON.", "A JSON object is needed.");
    else
        detail =
            say(request, "JSON lồng quá sâu (%d tầng), quá nhiều phần tử (%d) hoặc có tên trường quá dài (%d byte).",
                "The JSON is nested too deep (%d levels), has too many values (%d) or a name too long (%d bytes).",
                DEPTH_MAX, JSON_NODES_MAX, NAME_MOST);
    json_decref(json);
    violate(request, PROBLEM_MALFORMED_JSON, "", json ? "shape" : "syntax", detail);
    return NULL;
}

bool read_item(struct request *request, const struct field *fields, json_t *json, void *ret_body)
{
    request->json = read_object(request, fields, json, "", ret_body);
    defer_json(request, request->json);
    if (request->problem.kind != PROBLEM_NONE)
        return false;
    char *text = json_dumps(request->json, JSON_COMPACT | JSON_SORT_KEYS);
    defer_free(request, text);
    request->body_json = text;
    return true;
}

bool read_body(struct request *request, const struct field *fields, void *ret_body)
{
    json_t *json = parse(request);
    bool good = json && read_item(request, fields, json, ret_body);
    json_decref(json);
    return good;
}

// ---- lists whose items are read one by one ----

static const struct field *others_than(struct request *request, const struct field *fields, const char *name,
                                       const struct field **ret_left_out)
{
    size_t count = 0;
    while (fields[count].name)
        count++;
    struct field *others = arena_array(&request->arena, count + 1, sizeof *others), *next = others;
    for (const struct field *field = fields; field->name; field++)
        if (strcmp(field->name, name) == 0)
            *ret_left_out = field;
        else
            *next++ = *field;
    return others;
}

bool read_listing(struct request *request, const struct field *fields, const char *list, const struct field **ret_item,
                  const json_t **ret_items)
{
    const struct field *field = NULL, *others = others_than(request, fields, list, &field);
    json_t *json = parse(request), *items = json_object_get(json, list);
    bool good;
    if (!field)
        return refuse(request, PROBLEM_INTERNAL, NULL);
    if (json_is_array(items) && (int64_t)json_array_size(items) >= field->least &&
        (int64_t)json_array_size(items) <= field->most) {
        *ret_item = field->item;
        *ret_items = defer_json(request, json_incref(items));
        json_object_del(json, list);
        good = read_item(request, others, json, NULL);
    } else {
        good = json && read_item(request, fields, json, NULL);
    }
    json_decref(json);
    return good;
}

json_t *read_listed(struct request *request, const struct field *item, json_t *json)
{
    return read_value(request, item, json, "", NULL);
}

// ---- pointers ----

static bool is_taken(const struct request *request, const char *name)
{
    const struct field *body = request->item_fields ? request->item_fields
                               : request->route     ? request->route->body
                                                    : NULL; // no route: work of our own
    for (const struct field *field = body; field && field->name; field++)
        if (strcmp(field->name, name) == 0)
            return true;
    return !body; // of a row of a file, whose columns the handler knows
}

const char *pointer_to_sent(struct request *request, const char *pointers)
{
    const char *taken = NULL;
    for (const char *at = pointers; *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        const char *pointer = arena_copy(&request->arena, at, length);
        if (*pointer != '/') // the name of a parameter
            return pointer;
        const char *member = arena_copy(&request->arena, pointer + 1, strcspn(pointer + 1, "/"));
        if (json_object_get(request->json, member))
            return pointer;
        if (!taken && is_taken(request, member))
            taken = pointer;
        at += length;
    }
    return taken ? taken : "";
}
