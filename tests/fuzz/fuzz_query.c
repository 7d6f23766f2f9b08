// What stands behind the question mark: taken apart, checked against a list's parameters, columns chosen. What is taken
// is normal: written anew with every byte escaped, it is read the same.
#include "http.h"
#include "http/transport/exchange.h"

static bool read_once(struct request *request, const char *query)
{
    begin(request, &table[0]);
    request->target = arena_format(&request->arena, "/v1/things?%s", query);
    request->accept = strstr(query, "columns") ? "text/csv" : NULL;
    return target_is_clean(request) && head_route(request) && head_query(request) &&
           read_query(request, request->route->query);
}

static const char *escaped(struct arena *arena, const char *text)
{
    const char *all = "";
    for (; *text; text++)
        all = arena_format(arena, "%s%%%02x", all, (unsigned char)*text);
    return all;
}

// "/" may not be escaped in a path, and stands as it is in a query.
static const char *written(const struct request *request, struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < request->query_count; i++)
        if (strcmp(request->query[i].name, "cursor") != 0) // which has lost its digest
            text = arena_format(arena, "%s%s%s=%s", text, *text ? "&" : "", request->query[i].name,
                                escaped(arena, request->query[i].value));
    return text;
}

static void examine_again(const struct request *request)
{
    struct request again;
    struct arena arena = {0};
    const char *text = written(request, &arena);
    if (strlen(text) < 3000) {
        if (!read_once(&again, text))
            abort();
        for (size_t i = 0; i < request->query_count; i++) {
            const char *name = request->query[i].name, *value = query_value(&again, name);
            if (strcmp(name, "cursor") != 0 && (!value || strcmp(value, request->query[i].value) != 0))
                abort();
        }
        end(&again);
    }
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request;
    struct arena arena = {0};
    routes_use(tables);
    bool good = read_once(&request, arena_copy(&arena, (const char *)data, size));
    examine_outcome(&request, good);
    if (good)
        examine_again(&request);
    end(&request);
    arena_release(&arena);
    return 0;
}
