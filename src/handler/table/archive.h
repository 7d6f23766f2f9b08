// A ZIP archive that is made for one answer, in a file without a name. The only code that writes one from what the
// database holds; its bytes depend on nothing but what is put into it, so that the same state gives the same archive.
#ifndef THIDUA_HANDLER_TABLE_ARCHIVE_H
#define THIDUA_HANDLER_TABLE_ARCHIVE_H

#include "base/temporary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct archive;
struct request;

// A file in the archive that is fetched while it is packed: pieces number 0, 1, … until `size` bytes are there. A piece
// is valid until the next one is asked for. False with one problem recorded.
struct archive_source {
    uint64_t size;
    bool (*fetch)(void *context, long long number, const char **ret_bytes, size_t *ret_length);
    void *context;
};

// NULL with one problem recorded.
struct archive *archive_new(struct request *request);
// Files, in the order of the archive. What they give must stay until its end. Their names have no blanks or letters
// beyond ASCII.
void archive_bytes(struct archive *archive, const char *name, const char *bytes, size_t length);
void archive_file(struct archive *archive, const char *name, const struct archive_source *source);
// Packs them into a file that is open until the request ends. NULL with one problem recorded.
struct temporary *archive_end(struct archive *archive);

#endif
