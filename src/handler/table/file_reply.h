// A file that was made for one answer, sent piece by piece.
#ifndef THIDUA_HANDLER_TABLE_FILE_REPLY_H
#define THIDUA_HANDLER_TABLE_FILE_REPLY_H

#include "http/request.h"
#include "paper/paper.h"

// A file that is closed when the request ends. NULL with a problem recorded.
struct temporary *request_file(struct request *request);

// A 200 whose body is the file, which must stay open until the request ends. Its texts are in the request's language.
struct reply file_reply(struct request *request, struct temporary *from, const char *content_type,
                        const char *disposition);

// Takes the file from its reply and from the request, which no longer closes it. False: that reply has none.
bool file_reply_part(struct reply *reply, struct temporary *ret_file);
// The file is what is sent, and is closed when the request ends.
void file_reply_join(struct request *request, struct reply *reply, struct temporary file);

// Content-Disposition of a file that people keep (RFC 6266): its name as RFC 8187 writes it, beside one in ASCII.
const char *file_disposition(struct request *request, const char *name, const char *ending);

// Records why a paper was not written.
bool refuse_paper(struct request *request, enum paper_fault fault);

#endif
