#include "http/input/free_json.h"

#include "http/input/field.h"
#include "http/request.h"

#include <stdio.h>
#include <string.h>

enum { PATH_LEAST = 256 };

void write_pointer_step(char *text, const char *name)
{
    *text++ = '/';
    for (; *name; name++) {
        if (*name == '~' || *name == '/') {
            *text++ = '~';
            *text++ = *name == '~' ? '0' : '1';
        } else {
            *text++ = *name;
        }
    }
    *text = '\0';
}

// Where the reader is: one text for all, for a pointer of its own to each of many values below a long name would take
// the product of both.
struct path {
    struct request *request;
    char *text;
    size_t length, room;
};

// Returns what path_leave() takes.
static size_t path_enter(struct path *path, const char *name)
{
    size_t before = path->length, most = before + 2 * strlen(name) + 2;
    if (most > path->room) {
        path->room = 2 * most;
        char *wider = arena_bytes(&path->request->arena, path->room);
        memcpy(wider, path->text, before + 1);
        path->text = wider;
    }
    write_pointer_step(path->text + before, name);
    path->length += strlen(path->text + before);
    return before;
}

static void path_leave(struct path *path, size_t before)
{
    path->length = before;
    path->text[before] = '\0';
}

static json_t *read_texts(struct path *path, json_t *value);

static json_t *read_texts_of_object(struct path *path, json_t *object)
{
    json_t *normal = json_object(), *member;
    const char *name;
    json_object_foreach(object, name, member)
    {
        size_t before = path_enter(path, name);
        json_t *read = text_is_plain(path->request, name, path->text) ? read_texts(path, member) : NULL;
        if (read)
            json_object_set_new(normal, name, read);
        path_leave(path, before);
    }
    return normal;
}

static json_t *read_texts_of_list(struct path *path, json_t *list)
{
    json_t *normal = json_array(), *member;
    size_t index;
    json_array_foreach(list, index, member)
    {
        char number[24];
        snprintf(number, sizeof number, "%zu", index);
        size_t before = path_enter(path, number);
        json_t *read = read_texts(path, member);
        json_array_append_new(normal, read ? read : json_null());
        path_leave(path, before);
    }
    return normal;
}

static json_t *read_texts(struct path *path, json_t *value)
{
    static const struct field line = {.type = FIELD_LINE, .most = INT64_MAX};
    if (json_is_string(value)) {
        const char *text = check_text(path->request, &line, json_string_value(value), json_string_length(value),
                                      path->text, PROBLEM_INVALID);
        return text ? json_string(text) : NULL;
    }
    if (json_is_object(value))
        return read_texts_of_object(path, value);
    return json_is_array(value) ? read_texts_of_list(path, value) : json_incref(value);
}

json_t *read_free(struct request *request, json_t *value, const char *pointer)
{
    struct path path = {.request = request, .length = strlen(pointer), .room = strlen(pointer) + PATH_LEAST};
    path.text = arena_bytes(&request->arena, path.room);
    memcpy(path.text, pointer, path.length + 1);
    return read_texts(&path, value);
}
