#include "handler/table/archive.h"

#include "base/log.h"
#include "handler/table/file_reply.h"
#include "http/request.h"

#include <errno.h>
#include <string.h>
#include <zip.h>

// The first day that a ZIP archive can name. A clock would make two archives of one state differ.
enum { NO_TIME = 0, FIRST_DAY = 1 << 5 | 1 };

struct archive {
    struct request *request;
    zip_t *zip; // NULL once the file is complete
    struct temporary *file;
    uint64_t at; // where it is written
    int no_room; // why the file could not be written, or 0
    zip_error_t error;
    bool failed;
};

// A file that is fetched piece by piece, as the library reads it.
struct entry {
    const struct archive_source *source;
    const char *piece;
    size_t length, used;
    uint64_t read;
    long long next;
    zip_error_t error;
};

// ---- the file that the library writes ----

static zip_int64_t write_part(struct archive *archive, const char *bytes, size_t length)
{
    if (!temporary_write(archive->file, bytes, length, archive->at)) {
        archive->no_room = errno;
        zip_error_set(&archive->error, ZIP_ER_WRITE, errno);
        return -1;
    }
    archive->at += length;
    return (zip_int64_t)length;
}

static zip_int64_t move_to(struct archive *archive, void *data, zip_uint64_t length)
{
    zip_int64_t at = zip_source_seek_compute_offset(archive->at, archive->file->size, data, length, &archive->error);
    if (at < 0)
        return -1;
    archive->at = (uint64_t)at;
    return 0;
}

static zip_int64_t stat_of(zip_stat_t *stat, uint64_t size)
{
    zip_stat_init(stat);
    stat->size = size;
    stat->valid = ZIP_STAT_SIZE;
    return sizeof *stat;
}

static zip_int64_t keep_file(void *context, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
    struct archive *archive = context;
    switch ((int)command) { // the library may know more of them
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_WRITABLE;
    case ZIP_SOURCE_STAT:
        return stat_of(data, archive->file->size);
    case ZIP_SOURCE_WRITE:
        return write_part(archive, data, length);
    case ZIP_SOURCE_SEEK_WRITE:
        return move_to(archive, data, length);
    case ZIP_SOURCE_TELL_WRITE:
        return (zip_int64_t)archive->at;
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&archive->error, data, length);
    case ZIP_SOURCE_OPEN:
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_BEGIN_WRITE:
    case ZIP_SOURCE_COMMIT_WRITE:
    case ZIP_SOURCE_ROLLBACK_WRITE:
    case ZIP_SOURCE_FREE:
        return 0;
    default: // nobody reads it back through the library
        zip_error_set(&archive->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

// ---- the files that it reads ----

static zip_int64_t read_part(struct entry *entry, char *bytes, size_t length)
{
    const struct archive_source *source = entry->source;
    if (entry->used == entry->length && entry->read < source->size) {
        entry->used = 0;
        if (!source->fetch(source->context, entry->next++, &entry->piece, &entry->length) || !entry->length) {
            zip_error_set(&entry->error, ZIP_ER_READ, 0);
            return -1;
        }
    }
    size_t left = entry->length - entry->used, taken = left < length ? left : length;
    if (taken)
        memcpy(bytes, entry->piece + entry->used, taken);
    entry->used += taken;
    entry->read += taken;
    return (zip_int64_t)taken;
}

static zip_int64_t read_entry(void *context, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
    struct entry *entry = context;
    switch ((int)command) { // the library may know more of them
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_READABLE;
    case ZIP_SOURCE_OPEN:
        entry->length = entry->used = 0;
        entry->read = 0;
        entry->next = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return read_part(entry, data, length);
    case ZIP_SOURCE_STAT:
        return stat_of(data, entry->source->size);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&entry->error, data, length);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    default:
        zip_error_set(&entry->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

// ---- the archive ----

static void release_archive(void *thing)
{
    struct archive *archive = thing;
    if (archive->zip)
        zip_discard(archive->zip);
    zip_error_fini(&archive->error);
}

struct archive *archive_new(struct request *request)
{
    struct temporary *kept = request_file(request);
    if (!kept)
        return NULL;
    struct archive *archive = arena_new(&request->arena, struct archive);
    *archive = (struct archive){.request = request, .file = kept};
    zip_error_init(&archive->error);
    defer(request, release_archive, archive);
    zip_source_t *file = zip_source_function_create(keep_file, archive, NULL);
    archive->zip = file ? zip_open_from_source(file, ZIP_TRUNCATE, NULL) : NULL;
    if (archive->zip)
        return archive;
    zip_source_free(file);
    refuse(request, PROBLEM_UNAVAILABLE, NULL);
    return NULL;
}

static void add(struct archive *archive, const char *name, zip_source_t *source, bool packed)
{
    zip_int64_t place = source ? zip_file_add(archive->zip, name, source, 0) : -1;
    if (source && place < 0)
        zip_source_free(source);
    zip_uint64_t number = (zip_uint64_t)place;
    archive->failed |= place < 0 || zip_file_set_dostime(archive->zip, number, NO_TIME, FIRST_DAY, 0) < 0 ||
                       zip_set_file_compression(archive->zip, number, packed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) < 0;
}

void archive_bytes(struct archive *archive, const char *name, const char *bytes, size_t length)
{
    add(archive, name, zip_source_buffer(archive->zip, bytes, length, 0), true);
}

void archive_file(struct archive *archive, const char *name, const struct archive_source *source)
{
    struct entry *entry = arena_new(&archive->request->arena, struct entry);
    *entry = (struct entry){.source = source};
    zip_error_init(&entry->error);
    add(archive, name, zip_source_function(archive->zip, read_entry, entry), false);
}

struct temporary *archive_end(struct archive *archive)
{
    struct request *request = archive->request;
    bool packed = !archive->failed && zip_close(archive->zip) == 0;
    if (!packed) {
        if (request->problem.kind != PROBLEM_NONE) // a file could not be fetched
            return NULL;
        if (archive->no_room)
            refuse_temporary(request, archive->no_room);
        else
            log_event(LOG_ERROR, "archive_failed", log_text("reason", zip_strerror(archive->zip)));
        refuse(request, PROBLEM_UNAVAILABLE,
               say(request, "Không tạo được tệp lưu trữ.", "The archive could not be made."));
        return NULL;
    }
    archive->zip = NULL;
    return archive->file;
}
