// Bodies as JSON against a table with a field of every kind. What is taken is normal: read once more, it stays as it
// is. The same bytes as a list whose items are read one by one are judged as they are when they are read together.
#include "http.h"

static const struct field *const all = body_fields;

static bool read_once(struct request *request, const void *bytes, size_t size)
{
    begin(request, &table[3]);
    char *body = arena_copy(&request->arena, bytes, size);
    request->body = body;
    request->body_length = size;
    return read_body(request, all, NULL);
}

static void examine_again(const char *normal)
{
    struct request again;
    if (!read_once(&again, normal, strlen(normal)) || strcmp(again.body_json, normal) != 0)
        abort();
    end(&again);
}

static void read_by_items(const void *bytes, size_t size, bool good)
{
    struct request request;
    const struct field *item = NULL;
    const json_t *items = NULL;
    size_t i;
    const json_t *one;
    begin(&request, &table[3]);
    request.body = arena_copy(&request.arena, bytes, size);
    request.body_length = size;
    bool read = read_listing(&request, all, "parts", &item, &items);
    json_array_foreach(items, i, one) json_decref(read_listed(&request, item, (json_t *)(uintptr_t)one));
    if (good != (read && request.problem.kind == PROBLEM_NONE))
        abort();
    end(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request;
    bool good = read_once(&request, data, size);
    examine_outcome(&request, good);
    if (good)
        examine_again(request.body_json);
    read_by_items(data, size, good);
    end(&request);
    return 0;
}
