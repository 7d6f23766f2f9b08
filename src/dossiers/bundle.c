// What goes to the archive of a dossier, as one ZIP: its documents, and what they are with the SHA-256 of each.
#include "dossiers/bundle.sql.h"
#include "dossiers/private.h"
#include "handler/table/archive.h"
#include "handler/table/file_reply.h"

#include <string.h>

#define ZIP_TYPE "application/zip"
enum { BUNDLE_MOST_MIB = 512 }; // the file is kept on disk as long as the slowest reader takes

struct piecewise {
    struct request *request;
    struct session *session;
    const char *document;
    struct deferred *kept; // what the request holds beside the piece at hand
};

static bool fetch_piece(void *context, long long number, const char **ret_bytes, size_t *ret_length)
{
    struct piecewise *from = context;
    struct bundle_piece piece;
    release_deferred(from->request, from->kept);
    if (!within_budget(from->request) || !bundle_piece(from->request, from->session, from->document, number, &piece))
        return false;
    *ret_bytes = piece.bytes;
    *ret_length = piece.bytes_length;
    return true;
}

static void add_documents(struct request *request, struct session *session, struct archive *archive,
                          const struct bundle_documents *documents, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct piecewise *from = arena_new(&request->arena, struct piecewise);
        struct archive_source *source = arena_new(&request->arena, struct archive_source);
        *from = (struct piecewise){request, session, documents[i].id, request->deferred};
        *source = (struct archive_source){(uint64_t)documents[i].size, fetch_piece, from};
        archive_file(archive, documents[i].name, source);
    }
}

static bool is_bounded(struct request *request, const struct bundle_head *head)
{
    const long long most = (long long)BUNDLE_MOST_MIB * 1024 * 1024;
    return head->bytes <= most ||
           refuse(request, PROBLEM_TOO_MUCH_WORK,
                  say(request, "Tài liệu của hồ sơ có %lld byte; nhiều nhất %lld trong một tệp. Hãy tải từng tài liệu.",
                      "The documents of the dossier have %lld bytes; at most %lld go into one file. Fetch them one by "
                      "one.",
                      (long long)head->bytes, most));
}

static bool pack_bundle(struct request *request, struct session *session, const struct bundle_head *head,
                        int *ret_descriptor, uint64_t *ret_size)
{
    const char *id = path_value(request, "id");
    const struct bundle_documents *documents;
    size_t count;
    struct archive *archive;
    if (!is_bounded(request, head) ||
        !bundle_documents(request, session, id, caller_unit(request), request->caller.roles, &documents, &count) ||
        !(archive = archive_new(request)))
        return false;
    archive_text(archive, "metadata.json", head->metadata);
    add_documents(request, session, archive, documents, count);
    return archive_end(archive, ret_descriptor, ret_size);
}

static struct reply show_bundle(struct request *request, struct session *session)
{
    struct bundle_head head;
    int descriptor;
    uint64_t size;
    if (!bundle_head(request, session, path_value(request, "id"), caller_unit(request), request->caller.roles, &head))
        return refusal(request);
    const char *etag = etag_of(request, head.version, head.metadata, strlen(head.metadata));
    if (etag_known(request, etag)) // 304: nothing is packed
        return (struct reply){.status = 200, .content_type = ZIP_TYPE, .body = "", .etag = etag};
    if (!pack_bundle(request, session, &head, &descriptor, &size))
        return refusal(request);
    struct reply reply = file_reply(request, descriptor, size, ZIP_TYPE,
                                    arena_format(&request->arena, "attachment; filename=\"%s\"", head.file_name));
    reply.in_language = false;
    reply.etag = etag;
    return reply;
}

const struct route bundle_routes[] = {
    {.method = "GET",
     .path = "/v1/dossiers/{id}/bundle",
     .roles = ROLE_UNIT | MAY_READ_RESTRICTED,
     .lane = LANE_COMPUTE,
     .act = show_bundle,
     .produces = ZIP_TYPE},
    {0},
};
