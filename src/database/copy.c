#include "database/copy.h"

#include "database/private.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 * 1024 };

// Signature, flags, no header extension (PostgreSQL manual, COPY, "Binary Format").
static const char header[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
static const char trailer[2] = "\377\377";

static void put_copy(struct copy *copy, const void *bytes, size_t length)
{
    if (copy->room - copy->length < length) {
        size_t room = copy->room ? copy->room : FIRST_ROOM;
        while (room - copy->length < length)
            room *= 2;
        char *more = realloc(copy->bytes, room);
        if (!more)
            abort(); // as an arena does
        copy->bytes = more;
        copy->room = room;
    }
    if (length)
        memcpy(copy->bytes + copy->length, bytes, length);
    copy->length += length;
}

static void put_length(struct copy *copy, size_t length)
{
    const unsigned char bytes[4] = {(unsigned char)(length >> 24), (unsigned char)(length >> 16),
                                    (unsigned char)(length >> 8), (unsigned char)length};
    put_copy(copy, bytes, sizeof bytes);
}

void copy_row(struct copy *copy, unsigned columns)
{
    const unsigned char count[2] = {(unsigned char)(columns >> 8), (unsigned char)columns};
    put_copy(copy, count, sizeof count);
}

void copy_bytes(struct copy *copy, const char *bytes, size_t length)
{
    put_length(copy, length);
    put_copy(copy, bytes, length);
}

void copy_text(struct copy *copy, const char *text)
{
    copy_bytes(copy, text, strlen(text));
}

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10) & 15U;
}

void copy_uuid(struct copy *copy, const char *text)
{
    char bytes[16];
    size_t used = 0;
    for (; used < sizeof bytes && text[0] && text[1]; text += 2) {
        if (*text == '-')
            text++;
        bytes[used++] = (char)(digit(text[0]) << 4 | digit(text[1]));
    }
    copy_bytes(copy, bytes, used); // PostgreSQL refuses one that is too short
}

void copy_integer(struct copy *copy, long long number)
{
    char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)((unsigned long long)number >> (56 - 8 * i));
    copy_bytes(copy, bytes, sizeof bytes);
}

static bool put_piece(struct copy *copy, const char *bytes, size_t length, struct failure *ret_failure)
{
    copy->under_way = session_copy_put(copy->session, bytes, length, ret_failure);
    return copy->under_way;
}

static bool start(struct copy *copy, struct failure *ret_failure)
{
    return copy->under_way || (session_copy_in(copy->session, copy->statement, ret_failure) &&
                               put_piece(copy, header, sizeof header, ret_failure));
}

bool copy_send(struct copy *copy, struct failure *ret_failure)
{
    *ret_failure = (struct failure){.kind = FAILURE_NONE};
    bool sent =
        copy->length == 0 || (start(copy, ret_failure) && put_piece(copy, copy->bytes, copy->length, ret_failure));
    copy->length = 0;
    return sent;
}

bool copy_wait(struct copy *copy, struct failure *ret_failure)
{
    if (!copy_send(copy, ret_failure) || !copy->under_way)
        return ret_failure->kind == FAILURE_NONE;
    bool ended = put_piece(copy, trailer, sizeof trailer, ret_failure);
    copy->under_way = false;
    return ended && session_copied(copy->session, ret_failure);
}

void copy_release(struct copy *copy)
{
    struct failure ignored;
    copy->length = 0; // rows that were not sent by now are not wanted
    copy_wait(copy, &ignored);
    free(copy->bytes);
    *copy = (struct copy){0};
}
