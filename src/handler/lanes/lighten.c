#include "handler/lanes/lighten.h"

#include "handler/lanes/transaction.h"
#include "handler/table/file_reply.h"

#include <errno.h>

enum { LONG = 1024 * 1024 }; // bytes; none that is longer is packed (http/gzip.c)

// ---- long answers ----

static struct reply put_into_file(struct request *request, struct reply reply)
{
    struct temporary file;
    if (temporary_open(&file) && temporary_write(&file, reply.body, reply.length, 0)) {
        file_reply_join(request, &reply, file);
        return reply;
    }
    int reason = errno;
    temporary_close(&file);
    if (request->changed[0] && !request->dry_run) // it is kept, and so is said
        return reply;
    refuse_temporary(request, reason);
    return refusal(request);
}

// ---- what stays ----

static void release_left(void *left)
{
    arena_release(left);
}

static void copy_texts(struct arena *left, struct reply *reply)
{
    const char **texts[] = {
        &reply->content_type, &reply->etag,          &reply->location,           &reply->next,
        &reply->disposition,  &reply->cache_control, &reply->preference_applied, &reply->content_security_policy};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*texts[i])
            *texts[i] = arena_text(left, *texts[i]);
    if (reply->body && !reply->source)
        reply->body = arena_copy(left, reply->body, reply->length);
}

struct reply lighten(struct request *request, struct reply reply, struct arena_mark mark, const struct deferred *kept)
{
    struct arena left = {0};
    struct temporary file = {.descriptor = -1};
    if (!reply.source && reply.length > LONG)
        reply = put_into_file(request, reply);
    if (reply.source && !file_reply_part(&reply, &file))
        return reply;
    copy_texts(&left, &reply);
    const struct problem problem = {.kind = request->problem.kind,
                                    .retry_after = request->problem.retry_after,
                                    .no_room = request->problem.no_room};
    transaction_forget(request, mark, kept);
    request->problem = problem;
    struct arena *held = arena_new(&request->arena, struct arena);
    *held = left;
    defer(request, release_left, held);
    if (file.descriptor >= 0)
        file_reply_join(request, &reply, file);
    return reply;
}
