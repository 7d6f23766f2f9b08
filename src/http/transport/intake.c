// Bodies as they come: into memory, or into a file where they may be too large for that.
#include "base/fnv.h"
#include "http/transport/exchange.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_ROOM = 1024,
    LARGE =
        16 * 1024, // from here on a body in memory counts: who sends large ones keeps nobody from sending small ones
    LARGE_MOST = 128 * 1024 * 1024,
    SHARE_MOST = LARGE_MOST / 2,
    SHARES = 16384,
};

// What all large bodies hold that come or are worked on, and those of each caller, by a hash. One caller may have as
// many connections as there are, and on each a body of which the last byte is missing.
static atomic_size_t held, shares[SHARES];

static size_t counted(size_t size)
{
    return size > LARGE ? size : 0;
}

static atomic_size_t *share_of(const struct exchange *exchange)
{
    const char *key = exchange->request.caller.key_id;
    return &shares[fnv_hash(key, strlen(key)) % SHARES];
}

static void give_back(const struct exchange *exchange, size_t bytes)
{
    if (!bytes)
        return;
    atomic_fetch_sub(&held, bytes);
    atomic_fetch_sub(share_of(exchange), bytes);
}

static bool hold(const struct exchange *exchange, size_t bytes)
{
    if (!bytes)
        return true;
    size_t all = atomic_fetch_add(&held, bytes) + bytes, share = atomic_fetch_add(share_of(exchange), bytes) + bytes;
    if (all <= LARGE_MOST && share <= SHARE_MOST)
        return true;
    give_back(exchange, bytes);
    return false;
}

void intake_forget(struct exchange *exchange)
{
    give_back(exchange, counted(exchange->buffer_size));
    free(exchange->buffer);
    exchange->buffer = NULL;
    exchange->buffer_size = 0;
    exchange->request.body = NULL;
}

static bool refuse_for_room(struct request *request)
{
    return refuse(request, PROBLEM_UNAVAILABLE,
                  say(request, "Máy chủ đang nhận quá nhiều nội dung lớn cùng lúc; hãy thử lại.",
                      "Too many large bodies come at once: try again."));
}

static size_t room_for(const struct exchange *exchange, size_t size)
{
    size_t room = exchange->buffer_size ? exchange->buffer_size : FIRST_ROOM;
    while (room < size)
        room *= 2;
    return room < exchange->body_most + 1 ? room : exchange->body_most + 1;
}

static bool make_room(struct exchange *exchange, size_t size)
{
    if (size <= exchange->buffer_size)
        return true;
    size_t room = room_for(exchange, size), more = counted(room) - counted(exchange->buffer_size);
    if (!hold(exchange, more))
        return refuse_for_room(&exchange->request);
    char *buffer = realloc(exchange->buffer, room);
    if (!buffer) {
        give_back(exchange, more);
        return refuse_for_room(&exchange->request);
    }
    exchange->buffer = buffer;
    exchange->buffer_size = room;
    return true;
}

static bool take(struct exchange *exchange, const char *data, size_t size)
{
    struct request *request = &exchange->request;
    uint64_t have = request->spool.file.descriptor >= 0 ? request->spool.file.size : request->body_length;
    if (have + size > exchange->body_most)
        return too_large(request, exchange->body_most);
    if (request->spool.file.descriptor >= 0)
        return spool_write(exchange, data, size);
    if (!make_room(exchange, request->body_length + size + 1))
        return false;
    memcpy(exchange->buffer + request->body_length, data, size);
    request->body_length += size;
    exchange->buffer[request->body_length] = '\0';
    return true;
}

bool intake_take(struct exchange *exchange, const char *data, size_t size)
{
    bool taken = take(exchange, data, size);
    if (!taken) // the rest is still awaited, and what came of it is not wanted
        intake_forget(exchange);
    return taken;
}

bool intake_end(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    if (request->spool.file.descriptor >= 0)
        return spool_close(exchange);
    request->body = exchange->buffer;
    return true;
}
