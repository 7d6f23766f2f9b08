// A dossier's papers as PDF (III.3, or as the plan at hand lists its components): taken from the spool into bounded
// rows, streamed back out of them. Neither way holds more than one chunk in memory.
#include "base/sha256.h"
#include "dossiers/documents.sql.h"
#include "dossiers/dossiers.h"
#include "dossiers/nominations.sql.h"
#include "dossiers/private.h"
#include "handler/lanes/streams.h"
#include "handler/run.h"
#include "http/route.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    CHUNK_SIZE = 256 * 1024,
    DOSSIER_MOST_MIB = 2048, // of all documents of a dossier
    DOSSIER_MOST = 5000,     // documents of a dossier, which are one list
    KEY_MOST_UPLOADS = 1000, // of one key in a day
    UPLOADS_RETRY_SECONDS = 3600,
    SIGNATURE_WITHIN = 1024, // readers look for %PDF- and %%EOF in the first and last 1024 bytes (PDF 1.7, annex H.3)
};

// ---- what came ----

// Positioned, so that a transaction which is run again reads the same. False with a problem recorded.
static bool read_spool(struct request *request, char *buffer, size_t size, uint64_t position)
{
    for (size_t have = 0; have < size;) {
        ssize_t got = pread(request->spool.file.descriptor, buffer + have, size - have, (off_t)(position + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return refuse(request, PROBLEM_UNAVAILABLE, NULL);
        have += (size_t)got;
    }
    return true;
}

static bool is_pdf(struct request *request)
{
    char edge[SIGNATURE_WITHIN];
    uint64_t size = request->spool.file.descriptor < 0 ? 0 : request->spool.file.size;
    size_t length = size < sizeof edge ? (size_t)size : sizeof edge;
    if (length && !read_spool(request, edge, length, 0))
        return false;
    if (!length || !memmem(edge, length, "%PDF-", 5))
        return violate(request, PROBLEM_INVALID, "", "pdf",
                       say(request, "Nội dung không phải tệp PDF (không thấy %%PDF- ở đầu).",
                           "The body is no PDF file (no %%PDF- at its start)."));
    if (!read_spool(request, edge, length, size - length))
        return false;
    return memmem(edge, length, "%%EOF", 5) ||
           violate(request, PROBLEM_INVALID, "", "pdf_truncated",
                   say(request, "Tệp PDF bị cụt (không thấy %%%%EOF ở cuối); hãy gửi lại.",
                       "The PDF file is cut short (no %%%%EOF at its end): send it again."));
}

static bool is_digest(const gnutls_datum_t *bytes, const char *sha256)
{
    char hex[SHA256_HEX_LENGTH + 1];
    if (bytes->size != SHA256_BYTES)
        return false;
    sha256_show(bytes->data, hex);
    return strcmp(hex, sha256) == 0;
}

static bool digest_is(struct request *request, const char *given)
{
    given += *given == ':';
    size_t length = strcspn(given, ":, \t");
    gnutls_datum_t encoded = {(unsigned char *)arena_copy(&request->arena, given, length), (unsigned)length};
    gnutls_datum_t digest = {0};
    if (gnutls_base64_decode2(&encoded, &digest) != 0)
        return violate(request, PROBLEM_INVALID, "Repr-Digest", "digest",
                       say(request, "Không phải sha-256=:base64:.", "This is not sha-256=:base64:."));
    bool same = is_digest(&digest, request->spool.sha256);
    gnutls_free(digest.data);
    return same || violate(request, PROBLEM_INVALID, "Repr-Digest", "digest",
                           say(request, "Nội dung nhận được có SHA-256 là %s, khác với giá trị khai báo; hãy gửi lại.",
                               "What arrived has the SHA-256 %s, not the one announced: send it again.",
                               request->spool.sha256));
}

// RFC 9530 `sha-256=:…:`, or the older `SHA-256=…` of RFC 3230: each that is given must fit. Other algorithms are not
// computed here.
static bool digest_fits(struct request *request)
{
    static const char algorithm[] = "sha-256=";
    for (const char *item = request->digest; item && *(item += strspn(item, ", \t")); item += strcspn(item, ","))
        if (strncasecmp(item, algorithm, sizeof algorithm - 1) == 0 && !digest_is(request, item + sizeof algorithm - 1))
            return false;
    return true;
}

static bool store_chunks(struct request *request, struct session *session, const char *document)
{
    char *chunk = arena_allocate(&request->arena, CHUNK_SIZE);
    uint64_t size = request->spool.file.size;
    long long number = 0;
    for (uint64_t position = 0; position < size; position += CHUNK_SIZE) {
        size_t length = size - position < CHUNK_SIZE ? (size_t)(size - position) : CHUNK_SIZE;
        if (!read_spool(request, chunk, length, position) ||
            !document_append(request, session, document, number++, chunk, length))
            return false;
    }
    return true;
}

// ---- which one ----

struct slot {
    const char *kind, *unit; // unit: the nominee, or NULL
    const char *location;
};

// The one that the path names: of the dossier, or of a nominee.
static struct slot slot_of(struct request *request, const struct dossier *dossier)
{
    const char *kind = path_value(request, "document"), *unit = path_value(request, "unit_id");
    unit = *unit ? unit : NULL;
    const char *location =
        unit ? arena_format(&request->arena, "%s/nominations/%s/documents/%s", dossier->location, unit, kind)
             : arena_format(&request->arena, "%s/documents/%s", dossier->location, kind);
    return (struct slot){kind, unit, location};
}

// Where one version of a document lies, by its id.
static const char *version_location(struct request *request, const struct dossier *dossier, const char *id)
{
    return arena_format(&request->arena, "%s/documents/%s", dossier->location, id);
}

// III.3, or what another plan has in its place.
static bool is_component(struct request *request, struct session *session, const struct dossier *dossier,
                         const struct slot *slot)
{
    struct document_components component;
    if (!document_components(request, session, dossier->campaign, slot->unit, slot->kind, &component))
        return false;
    const char *codes = request->language == ENGLISH ? component.codes_en : component.codes;
    return component.known || refuse_by(request, PROBLEM_RULE_REFUSED, "III.3",
                                        slot->unit ? say(request, "Theo kế hoạch, hồ sơ của từng tập thể gồm: %s.",
                                                         "By the plan a nominee's documents are: %s.", codes)
                                                   : say(request, "Theo kế hoạch, thành phần chung của hồ sơ gồm: %s.",
                                                         "By the plan a dossier's own documents are: %s.", codes));
}

static bool nominee_stands(struct request *request, struct session *session, const struct dossier *dossier,
                           const char *unit)
{
    const struct nomination_stand *nomination;
    return !unit ||
           (nomination_stand(request, session, dossier->id, unit, &nomination) && is_found(request, nomination));
}

// What a caller's GET does not find, it neither replaces nor removes.
static bool is_shown(struct request *request, const struct dossier *dossier, const struct document_stand *current)
{
    return !current->restricted || dossier->votes_shown || refuse(request, PROBLEM_NOT_FOUND, NULL);
}

// If-Match names the dossier's version, or the document's own validator as its GET gave it.
static bool document_is_current(struct request *request, const struct dossier *dossier,
                                const struct document_stand *current)
{
    if (!current)
        return part_may_be_new(request, dossier->version);
    return version_is(request, if_match_names(request, current->sha256) ? current->sha256 : dossier->version);
}

// ---- storing ----

// Documents are never deleted, so what is taken in has to be bounded.
static bool dossier_has_room(struct request *request, struct session *session, const struct dossier *dossier)
{
    struct document_taken taken;
    const long long most = (long long)DOSSIER_MOST_MIB * 1024 * 1024;
    if (!document_taken(request, session, dossier->id, request->caller.key_id, &taken))
        return false;
    long long bytes = taken.bytes + (long long)request->spool.file.size;
    if (bytes > most)
        return refuse(
            request, PROBLEM_CONFLICT,
            say(request, "Cùng với tệp này, hồ sơ có %lld byte; nhiều nhất %lld, kể cả tệp đã thay thế.",
                "With this one the documents of the dossier have %lld bytes; at most %lld, replaced ones too.", bytes,
                most));
    if (taken.documents >= DOSSIER_MOST)
        return refuse(
            request, PROBLEM_CONFLICT,
            say(request, "Hồ sơ đã có %lld tệp; nhiều nhất %d, kể cả tệp đã thay thế. Hãy gộp minh chứng vào một tệp.",
                "The dossier has %lld documents already; at most %d, replaced ones too. Put evidence together "
                "into one file, or lodge another dossier.",
                (long long)taken.documents, DOSSIER_MOST));
    if (taken.uploads < KEY_MOST_UPLOADS)
        return true;
    request->problem.retry_after = UPLOADS_RETRY_SECONDS;
    return refuse(request, PROBLEM_TOO_MANY_REQUESTS,
                  say(request, "Khóa này đã tải lên %lld tệp trong 24 giờ qua; nhiều nhất %d.",
                      "This key uploaded %lld documents in the last 24 hours; at most %d.", (long long)taken.uploads,
                      KEY_MOST_UPLOADS));
}

static bool store_document(struct request *request, struct session *session, struct dossier *dossier,
                           const struct slot *slot, const char *title, struct document_create *ret_made)
{
    return dossier_has_room(request, session, dossier) &&
           document_create(request, session, dossier->id, slot->kind, slot->unit, title,
                           (long long)request->spool.file.size, request->spool.sha256, request->caller.key_id,
                           ret_made) &&
           store_chunks(request, session, ret_made->id) && dossier_touch(request, session, dossier);
}

static struct reply put_document(struct request *request, struct session *session)
{
    struct dossier dossier;
    const struct document_stand *current;
    struct document_create made;
    if (!is_pdf(request) || !digest_fits(request) ||
        !dossier_open(request, session, path_value(request, "id"), &dossier))
        return refusal(request);
    struct slot slot = slot_of(request, &dossier);
    if (!nominee_stands(request, session, &dossier, slot.unit) || !is_component(request, session, &dossier, &slot) ||
        !document_stand(request, session, dossier.id, slot.kind, slot.unit, &current) ||
        (current && !is_shown(request, &dossier, current)) || !document_is_current(request, &dossier, current) ||
        !dossier_is_editable(request, &dossier) || (current && !document_supersede(request, session, current->id)) ||
        !store_document(request, session, &dossier, &slot, NULL, &made))
        return refusal(request);
    struct event event = dossier_event(&dossier, current ? "document.replaced" : "document.stored", slot.location);
    event.whole = dossier.location;
    if (!current)
        return created(request, session, event, dossier.version, made.json);
    event.before = current->json;
    return changed(request, session, event, dossier.version, made.json);
}

// Certificates and index decisions come months after the deadline (domain, section 3) and are no component of the
// dossier, so evidence is added until it is decided.
static bool takes_evidence(struct request *request, const struct dossier *dossier)
{
    bool over = strcmp(dossier->state, "DECIDED") == 0 || strcmp(dossier->state, "WITHDRAWN") == 0;
    return dossier_is_writable(request, dossier) &&
           (!over || refuse(request, PROBLEM_CONFLICT,
                            say(request, "Trạng thái của hồ sơ: %s; không nhận thêm minh chứng.",
                                "The state of the dossier is: %s; it takes no more evidence.",
                                words_for(request, "DossierState", dossier->state))));
}

static struct reply add_evidence(struct request *request, struct session *session)
{
    struct dossier dossier;
    struct document_create made;
    if (!is_pdf(request) || !digest_fits(request) ||
        !dossier_open(request, session, path_value(request, "id"), &dossier))
        return refusal(request);
    struct slot slot = {"EVIDENCE", path_value(request, "unit_id"), NULL};
    if (!nominee_stands(request, session, &dossier, slot.unit) ||
        (request->if_match && !version_is(request, dossier.version)) || !takes_evidence(request, &dossier) ||
        !store_document(request, session, &dossier, &slot, query_value(request, "title"), &made))
        return refusal(request);
    struct event event = dossier_event(&dossier, "document.stored", version_location(request, &dossier, made.id));
    event.whole = dossier.location;
    return created(request, session, event, dossier.version, made.json);
}

// ---- removing: the row and its bytes stay ----

static struct reply remove_document(struct request *request, struct session *session)
{
    struct dossier dossier;
    const struct document_stand *current;
    const char *json;
    if (!dossier_open(request, session, path_value(request, "id"), &dossier))
        return refusal(request);
    struct slot slot = slot_of(request, &dossier);
    if (!document_stand(request, session, dossier.id, slot.kind, slot.unit, &current) || !is_found(request, current) ||
        !is_shown(request, &dossier, current))
        return refusal(request);
    bool evidence = strcmp(current->kind, "EVIDENCE") == 0;
    if (!document_is_current(request, &dossier, current) ||
        !(evidence ? takes_evidence(request, &dossier) : dossier_is_editable(request, &dossier)) ||
        !document_supersede(request, session, current->id) || !dossier_touch(request, session, &dossier) ||
        !dossier_show(request, session, &dossier, &json))
        return refusal(request);
    struct event event = dossier_event(&dossier, "document.removed", version_location(request, &dossier, current->id));
    event.before = current->json;
    event.whole = dossier.location;
    return part_removed(request, session, event, dossier.version, json);
}

// ---- sending ----

static struct reply send_document(struct request *request, const struct rows *rows)
{
    struct document_find found = document_find_at(rows, 0);
    struct reply reply = stream_pieces(request, &document_piece_statement, found.id, (uint64_t)found.size);
    reply.content_type = "application/pdf";
    reply.etag = found.sha256;
    reply.disposition = arena_format(&request->arena, "attachment; filename=\"%s\"", found.file_name);
    return reply;
}

static const struct query_field evidence_query[] = {{.name = "title", .type = FIELD_LINE, .most = 200}, {0}};

#define READERS (ROLE_UNIT | MAY_READ_RESTRICTED)
#define WRITERS (ROLE_UNIT | ROLE_HOME_AFFAIRS)
// The three operations on one document: a component of the plan, or one version by its id (not to be put).
#define DOCUMENT(at)                                                                                                   \
    {.method = "GET",                                                                                                  \
     .path = "/v1/dossiers/{id}/" at "documents/{document}",                                                           \
     .roles = READERS,                                                                                                 \
     .lane = LANE_STREAM,                                                                                              \
     .read = &document_find_statement,                                                                                 \
     .open = send_document,                                                                                            \
     .produces = "application/pdf"},                                                                                   \
        {.method = "PUT",                                                                                              \
         .path = "/v1/dossiers/{id}/" at "documents/{document}",                                                       \
         .roles = WRITERS,                                                                                             \
         .lane = LANE_HEAVY,                                                                                           \
         .duty = DOSSIER_CONTENT,                                                                                      \
         .act = put_document,                                                                                          \
         .body_kind = BODY_PDF},                                                                                       \
    {                                                                                                                  \
        .method = "DELETE", .path = "/v1/dossiers/{id}/" at "documents/{document}", .roles = WRITERS,                  \
        .lane = LANE_WRITE, .duty = DOSSIER_CONTENT, .act = remove_document                                            \
    }

static const struct column document_columns[] = {
    {"Loại", "Kind", "kind_label.@"},
    {"Tên", "Title", "title"},
    {"Kích thước", "Size", "size", COLUMN_AMOUNT},
    {"Trạng thái", "State", "state", .codes = "DocumentState"},
    {"Ghi lúc", "Recorded at", "recorded_at", COLUMN_INSTANT},
    {"Thay thế lúc", "Superseded at", "superseded_at", COLUMN_INSTANT},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {"SHA-256", "SHA-256", "sha256"},
    {"Địa chỉ", "Address", "href"},
    {"Mã", "Id", "id"},
    {0},
};

const struct route document_routes[] = {
    {.method = "GET",
     .path = "/v1/dossiers/{id}/documents",
     .roles = READERS,
     .lane = LANE_QUICK,
     .read = &document_list_statement,
     .columns = document_columns},
    DOCUMENT(""),
    DOCUMENT("nominations/{unit_id}/"),
    {.method = "POST",
     .path = "/v1/dossiers/{id}/nominations/{unit_id}/evidence",
     .roles = WRITERS,
     .lane = LANE_HEAVY,
     .duty = DOSSIER_CONTENT,
     .act = add_evidence,
     .query = evidence_query,
     .body_kind = BODY_PDF},
    {0},
};
