// What goes to the archive of a dossier, as one ZIP: its documents, its papers, and what each is with its SHA-256.
#include "base/build_id.h"
#include "base/sha256.h"
#include "dossiers/bundle.sql.h"
#include "dossiers/private.h"
#include "handler/table/archive.h"
#include "handler/table/file_reply.h"
#include "paper/paper.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ZIP_TYPE "application/zip"
enum {
    BUNDLE_MOST_MIB = 512, // the file is kept on disk as long as the slowest reader takes
    REPORTS_MOST = 50,     // of more nominees the reports alone would take longer than a request may
};

struct bundle {
    struct request *request;
    struct session *session;
    const char *id; // of the dossier
    struct bundle_head head;
    json_t *metadata;
    struct bundle_paper *first, **last;
    struct temporary *sheet; // papers are made in it, one after the other
};

// ---- papers: gathered, to know whether the caller has them already ----

struct form {
    const char *ending;
    paper_writer *write;
};
static const struct form forms[] = {{"docx", paper_write_docx}, {"pdf", paper_write_pdf}};
enum { FORMS = sizeof forms / sizeof *forms };

struct bundle_paper {
    struct bundle_paper *next;
    const struct paper *paper;
    const char *name, *kind;
    const json_t *nominee;
    struct {
        const char *name, *bytes;
        size_t length;
    } files[FORMS];
};

// `paper`: NULL with a problem recorded.
static bool add_paper(struct bundle *bundle, const struct paper *paper, const char *name, const char *kind,
                      const json_t *nominee)
{
    struct bundle_paper *added = arena_new(&bundle->request->arena, struct bundle_paper);
    if (!paper)
        return false;
    *added = (struct bundle_paper){.paper = paper, .name = name, .kind = kind, .nominee = nominee};
    *bundle->last = added;
    bundle->last = &added->next;
    return true;
}

static bool add_reports(struct bundle *bundle)
{
    struct request *request = bundle->request;
    size_t i, count = json_array_size(json_object_get(bundle->metadata, "nominations"));
    bool few = count <= REPORTS_MOST;
    const json_t *nominee;
    json_object_set_new(bundle->metadata, "reports_left_out", json_integer(few ? 0 : (json_int_t)count));
    if (!few)
        return true;
    json_array_foreach(json_object_get(bundle->metadata, "nominations"), i, nominee)
    {
        const char *unit = json_string_value(json_object_get(nominee, "unit_id"));
        if (!add_paper(bundle, report_of(request, bundle->session, bundle->id, unit),
                       arena_format(&request->arena, "%04zu-bao-cao-thanh-tich", i + 3), "REPORT", nominee))
            return false;
    }
    return true;
}

// In Vietnamese, whatever language the caller reads.
static bool gather_papers(struct bundle *bundle)
{
    struct request *request = bundle->request;
    enum language asked = request->language;
    request->language = VIETNAMESE;
    bool gathered =
        add_paper(bundle, letter_of(request, bundle->session, bundle->id), "0001-to-trinh", "LETTER", NULL) &&
        (!bundle->head.votes_shown ||
         add_paper(bundle, minutes_of(request, bundle->session, bundle->id), "0002-bien-ban", "MINUTES", NULL)) &&
        add_reports(bundle);
    request->language = asked;
    return gathered;
}

// Of the answer in this form, before a paper is written; NULL: no memory. The program is part of it: another one may
// write them otherwise.
static const char *etag_of_bundle(struct bundle *bundle, const char *form)
{
    struct request *request = bundle->request;
    json_t *prints = json_array();
    bool known = true;
    for (const struct bundle_paper *paper = bundle->first; paper; paper = paper->next) {
        const char *print = paper_fingerprint(paper->paper);
        known = known && print;
        json_array_append_new(prints, json_string(print));
    }
    json_t *whole = defer_json(request, json_pack("[s, s, O, o]", form, build_id(), bundle->metadata, prints));
    char *text = json_dumps(whole, JSON_COMPACT);
    defer_free(request, text);
    return !known ? NULL : etag_of(request, bundle->head.version, text, strlen(text));
}

// ---- papers: written before anything is packed, for the metadata has the hash of each ----

static bool read_sheet(const struct temporary *sheet, char *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t size = pread(sheet->descriptor, bytes + done, length - done, (off_t)done);
        if (size == 0 || (size < 0 && errno != EINTR))
            return false;
        done += size > 0 ? (size_t)size : 0;
    }
    return true;
}

// They are kept in the memory of the request, which is bounded.
static bool write_file(struct bundle *bundle, struct bundle_paper *paper, size_t form)
{
    struct request *request = bundle->request;
    if (!temporary_empty(bundle->sheet))
        return refuse_temporary(request, errno);
    enum paper_fault fault = forms[form].write(paper->paper, bundle->sheet);
    if (fault != PAPER_FINE)
        return refuse_paper(request, fault);
    size_t length = (size_t)bundle->sheet->size;
    char *bytes = arena_allocate(&request->arena, length);
    paper->files[form].name = arena_format(&request->arena, "papers/%s.%s", paper->name, forms[form].ending);
    paper->files[form].bytes = bytes;
    paper->files[form].length = length;
    return within_budget(request) &&
           (read_sheet(bundle->sheet, bytes, length) || refuse(request, PROBLEM_UNAVAILABLE, NULL));
}

static json_t *told_of_file(const struct bundle_paper *paper, size_t form)
{
    char hash[SHA256_HEX_LENGTH + 1];
    sha256_hex(paper->files[form].bytes, paper->files[form].length, hash);
    return json_pack("{s:s, s:s, s:s?, s:s?, s:I, s:s}", "name", paper->files[form].name, "kind", paper->kind,
                     "unit_id", json_string_value(json_object_get(paper->nominee, "unit_id")), "unit_label",
                     json_string_value(json_object_get(paper->nominee, "unit_label")), "size",
                     (json_int_t)paper->files[form].length, "sha256", hash);
}

static bool write_papers(struct bundle *bundle)
{
    json_t *told = json_array();
    json_object_set_new(bundle->metadata, "papers", told);
    if (!(bundle->sheet = request_file(bundle->request)))
        return false;
    for (struct bundle_paper *paper = bundle->first; paper; paper = paper->next)
        for (size_t form = 0; form < FORMS; form++) {
            if (!write_file(bundle, paper, form))
                return false;
            json_array_append_new(told, told_of_file(paper, form));
        }
    return true;
}

// ---- documents: fetched while they are packed ----

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

// ---- the archive ----

static struct temporary *pack(struct bundle *bundle, const char *metadata)
{
    struct request *request = bundle->request;
    const struct bundle_documents *documents;
    size_t count;
    struct archive *archive;
    if (!bundle_documents(request, bundle->session, bundle->id, caller_unit(request), request->caller.roles, &documents,
                          &count) ||
        !(archive = archive_new(request)))
        return NULL;
    archive_bytes(archive, "metadata.json", metadata, strlen(metadata));
    add_documents(request, bundle->session, archive, documents, count);
    for (const struct bundle_paper *paper = bundle->first; paper; paper = paper->next)
        for (size_t form = 0; form < FORMS; form++)
            archive_bytes(archive, paper->files[form].name, paper->files[form].bytes, paper->files[form].length);
    return archive_end(archive);
}

static struct reply packed(struct bundle *bundle, const char *metadata)
{
    struct request *request = bundle->request;
    struct temporary *file = pack(bundle, metadata);
    if (!file)
        return refusal(request);
    struct reply reply = file_reply(
        request, file, ZIP_TYPE, arena_format(&request->arena, "attachment; filename=\"%s\"", bundle->head.file_name));
    reply.in_language = false;
    return reply;
}

static struct reply show_bundle(struct request *request, struct session *session)
{
    struct bundle bundle = {.request = request, .session = session, .id = path_value(request, "id")};
    bundle.last = &bundle.first;
    if (!bundle_head(request, session, bundle.id, caller_unit(request), request->caller.roles, &bundle.head) ||
        !is_bounded(request, &bundle.head))
        return refusal(request);
    bundle.metadata = defer_json(request, json_loads(bundle.head.metadata, 0, NULL));
    if (!gather_papers(&bundle))
        return refusal(request);
    const char *wanted = route_offer_wanted(request);
    bool zip = !wanted || strcmp(wanted, ZIP_TYPE) == 0; // else what is in it, without it
    const char *etag = etag_of_bundle(&bundle, zip ? ZIP_TYPE : "application/json");
    if (etag && etag_known(request, etag)) // 304: nothing is written, nor packed
        return (struct reply){.status = 200, .content_type = zip ? ZIP_TYPE : NULL, .body = "", .etag = etag};
    if (!write_papers(&bundle))
        return refusal(request);
    char *metadata = json_dumps(bundle.metadata, JSON_INDENT(2));
    defer_free(request, metadata);
    struct reply reply = zip ? packed(&bundle, metadata) : computed(request, NULL, metadata);
    if (reply.status == 200)
        reply.etag = etag;
    return reply;
}

const struct route bundle_routes[] = {
    {.method = "GET",
     .path = "/v1/dossiers/{id}/bundle",
     .roles = ROLE_UNIT | MAY_READ_RESTRICTED,
     .lane = LANE_COMPUTE,
     .act = show_bundle,
     .produces = ZIP_TYPE,
     .also_produces = "application/json"},
    {0},
};
