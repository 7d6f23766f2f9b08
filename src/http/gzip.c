#include "http/gzip.h"

#include "http/input/accept.h"

#include <string.h>
#include <strings.h>
#include <zlib.h>

// Shorter ones fit into one packet anyway; a longer one would hold up the loop for more than some ten milliseconds.
enum { WORTH_IT = 1024, BEARABLE = 1024 * 1024, GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8 };

bool gzip_accepted(const char *accept_encoding)
{
    bool any = false;
    for (const char *part = accept_encoding; part && *part; part += strcspn(part, ","), part += *part == ',') {
        part += strspn(part, " \t");
        size_t length = strcspn(part, ","), name = strcspn(part, "; \t,");
        bool taken = accept_weight(part + name, length - name) > 0;
        if ((name == 4 && strncasecmp(part, "gzip", 4) == 0) || (name == 6 && strncasecmp(part, "x-gzip", 6) == 0))
            return taken;
        any |= taken && name == 1 && *part == '*';
    }
    return any;
}

bool gzip_body(struct request *request, struct reply *reply)
{
    z_stream stream = {0};
    if (reply->source || reply->length < WORTH_IT || reply->length > BEARABLE ||
        deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t most = reply->length - reply->length / 8; // less gained than that is not worth unpacking
    stream.next_in = (Bytef *)(uintptr_t)reply->body;
    stream.avail_in = (uInt)reply->length;
    stream.next_out = arena_bytes(&request->arena, most);
    stream.avail_out = (uInt)most;
    const char *packed = (const char *)stream.next_out;
    bool good = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    if (good) {
        reply->body = packed;
        reply->length = stream.total_out;
    }
    deflateEnd(&stream);
    return good;
}
