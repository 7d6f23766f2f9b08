// Rows on their way into a table by COPY in PostgreSQL's binary format: many at once, nothing quoted, nothing parsed.
#ifndef THIDUA_DATABASE_COPY_H
#define THIDUA_DATABASE_COPY_H

#include "database/session.h"

// Gathers rows in memory of its own, which is used again for the next piece: PostgreSQL takes one in while the next is
// gathered. Empty with the first two set and the others zeroed.
struct copy {
    struct session *session;
    const struct statement *statement; // COPY … FROM STDIN (FORMAT binary)
    char *bytes;
    size_t length, room;
    bool under_way;
};

void copy_row(struct copy *copy, unsigned columns); // then its columns, in the order of the COPY statement
void copy_text(struct copy *copy, const char *text);
void copy_uuid(struct copy *copy, const char *text);
void copy_integer(struct copy *copy, long long number); // of a bigint
void copy_bytes(struct copy *copy, const char *bytes, size_t length);
// Sends what was gathered, once all before it has gone, and empties it.
bool copy_send(struct copy *copy, struct failure *ret_failure);
// Sends the rest and waits until PostgreSQL has taken in all: before the session is used for anything else.
bool copy_wait(struct copy *copy, struct failure *ret_failure);
void copy_release(struct copy *copy);

#endif
