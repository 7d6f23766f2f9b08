// A file that was made for one answer, sent piece by piece.
#ifndef THIDUA_HANDLER_TABLE_FILE_REPLY_H
#define THIDUA_HANDLER_TABLE_FILE_REPLY_H

#include "http/request.h"
#include "paper/paper.h"

// A 200 whose body is the first `size` bytes of the file, which must stay open until the request ends. Its
// texts are in the request's language.
struct reply file_reply(struct request *request, int descriptor, uint64_t size, const char *content_type,
                        const char *disposition);

// Content-Disposition of a file that people keep (RFC 6266): its name as RFC 8187 writes it, beside one in ASCII.
const char *file_disposition(struct request *request, const char *name, const char *ending);

// Records why a paper was not written.
bool refuse_paper(struct request *request, enum paper_fault fault);

#endif
