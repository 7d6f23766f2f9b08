// Cursors: the place that a list gives, and what is asked of the list, separated by a zero. What was given out for a
// query opens for it again and gives the place back; it does not open for another query, nor with any other byte in it.
#include "http.h"
#include "http/input/cursor.h"

static void ask(struct request *request, const char *name, const char *cursor)
{
    begin(request, &table[0]);
    request->query[request->query_count++] = (struct pair){"name", name};
    if (cursor)
        request->query[request->query_count++] = (struct pair){"cursor", cursor};
}

static bool opens(const char *name, const char *cursor, const char *place)
{
    struct request request;
    ask(&request, name, cursor);
    bool open = cursor_open(&request);
    examine_outcome(&request, open);
    if (open && place && strcmp(query_value(&request, "cursor"), place) != 0)
        abort();
    end(&request);
    return open;
}

static void examine_sealed(struct arena *arena, const char *name, const char *place, const char *shown)
{
    size_t length = strlen(shown), at = length * strlen(name) / 7 % length;
    char *other = arena_copy(arena, shown, length);
    other[at] ^= 1;
    if (!opens(name, shown, place) || opens(arena_format(arena, "%s.", name), shown, NULL) ||
        (other[at] && opens(name, other, NULL)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request;
    struct arena arena = {0};
    const char *place = arena_copy(&arena, (const char *)data, size);
    size_t length = strlen(place);
    const char *name = length < size ? arena_copy(&arena, (const char *)data + length + 1, size - length - 1) : "";
    opens(name, place, NULL);
    ask(&request, name, NULL);
    char *spelt = arena_format(&request.arena, "{\"items\": [\"%s\"], \"next\": \"%s\"}", name, place);
    struct reply reply = {.status = 200, .body = spelt, .length = strlen(spelt), .next = place};
    cursor_seal(&request, &reply);
    if (strlen(reply.body) != reply.length || !strstr(reply.body, reply.next))
        abort();
    examine_sealed(&arena, name, place, reply.next);
    end(&request);
    arena_release(&arena);
    return 0;
}
