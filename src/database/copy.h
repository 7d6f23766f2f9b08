// Rows on their way into a table by COPY in PostgreSQL's binary format: many at once, nothing quoted, nothing parsed.
#ifndef THIDUA_DATABASE_COPY_H
#define THIDUA_DATABASE_COPY_H

#include "database/session.h"

// Gathers rows in memory of its own, which is used again for the next batch. Zeroed is empty.
struct copy {
    char *bytes;
    size_t length, room;
};

void copy_row(struct copy *copy, unsigned columns); // then its columns, in the order of the COPY statement
void copy_text(struct copy *copy, const char *text);
void copy_uuid(struct copy *copy, const char *text);
void copy_bytes(struct copy *copy, const char *bytes, size_t length);
// Sends what was gathered through `statement` (COPY … FROM STDIN (FORMAT binary)) and empties it.
bool copy_send(struct copy *copy, struct session *session, const struct statement *statement,
               struct failure *ret_failure);
void copy_release(struct copy *copy);

#endif
