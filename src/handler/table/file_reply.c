#include "handler/table/file_reply.h"

#include "base/log.h"
#include "handler/run.h"
#include "http/route.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_SIZE = 64 * 1024 };

struct file_source {
    struct body_source source; // first: fetch gets its address
    struct temporary *from;
    off_t at;
    char piece[PIECE_SIZE];
};

// The file was written a moment ago, so that the system reads it from memory as a rule.
static void fetch_part(struct body_source *source)
{
    struct file_source *file = (struct file_source *)source;
    ssize_t size;
    do
        size = pread(file->from->descriptor, file->piece, PIECE_SIZE, file->at);
    while (size < 0 && errno == EINTR);
    if (size > 0)
        file->at += size;
    body_source_take(source, size > 0 ? file->piece : NULL, size > 0 ? (size_t)size : 0);
}

static void release_request_file(void *file)
{
    temporary_close(file);
}

struct temporary *request_file(struct request *request)
{
    struct temporary *file = arena_new(&request->arena, struct temporary);
    if (!temporary_open(file)) {
        refuse_temporary(request, errno);
        return NULL;
    }
    defer(request, release_request_file, file);
    return file;
}

static struct body_source *source_of(struct request *request, struct temporary *from)
{
    struct file_source *file = arena_new(&request->arena, struct file_source);
    file->source = (struct body_source){.size = from->size, .fetch = fetch_part, .request = request};
    file->from = from;
    return &file->source;
}

struct reply file_reply(struct request *request, struct temporary *from, const char *content_type,
                        const char *disposition)
{
    return (struct reply){.status = 200,
                          .in_language = true,
                          .content_type = content_type,
                          .disposition = disposition,
                          .source = source_of(request, from)};
}

bool file_reply_part(struct reply *reply, struct temporary *ret_file)
{
    struct file_source *file = (struct file_source *)reply->source;
    if (reply->source->fetch != fetch_part)
        return false;
    *ret_file = *file->from;
    *file->from = (struct temporary){.descriptor = -1};
    return true;
}

void file_reply_join(struct request *request, struct reply *reply, struct temporary file)
{
    struct temporary *from = arena_new(&request->arena, struct temporary);
    *from = file;
    defer(request, release_request_file, from);
    reply->source = source_of(request, from);
}

bool refuse_paper(struct request *request, enum paper_fault fault)
{
    if (!within_budget(request))
        return false;
    if (fault == PAPER_TOO_LARGE)
        return refuse(request, PROBLEM_TOO_MUCH_WORK,
                      say(request, "Văn bản dài hơn mức in được; hãy đọc dạng JSON.",
                          "The paper is longer than one can be: read it as JSON."));
    if (fault == PAPER_NO_ROOM)
        return refuse_temporary(request, ENOSPC);
    log_event(LOG_ERROR, "paper_failed", log_text("route", request->route->path));
    return refuse(request, PROBLEM_UNAVAILABLE, NULL);
}

const char *file_disposition(struct request *request, const char *name, const char *ending)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    name = paper_file_name(&request->arena, name);
    char *coded = arena_allocate(&request->arena, 3 * strlen(name) + 1), *end = coded;
    for (const unsigned char *c = (const unsigned char *)name; *c; c++)
        if (strchr(plain, *c))
            *end++ = (char)*c;
        else {
            *end++ = '%';
            *end++ = "0123456789ABCDEF"[*c >> 4];
            *end++ = "0123456789ABCDEF"[*c & 15];
        }
    *end = '\0';
    return arena_format(&request->arena, "attachment; filename=\"%s.%s\"; filename*=UTF-8''%s.%s",
                        paper_ascii(&request->arena, name), ending, coded, ending);
}
