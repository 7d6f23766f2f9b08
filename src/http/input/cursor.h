// Cursors of lists: where the last page ended, followed by a digest of the query that it belongs to. A list makes and
// reads the first part; callers only ever see both.
#ifndef THIDUA_HTTP_INPUT_CURSOR_H
#define THIDUA_HTTP_INPUT_CURSOR_H

#include <stdbool.h>

struct reply;
struct request;

// Takes the digest off the cursor among the checked query parameters. False with a problem recorded where the cursor
// was given out for another query.
bool cursor_open(struct request *request);
// A cursor without its digest.
const char *cursor_place(struct request *request, const char *shown);
// A cursor with its digest, for who writes it into a body; NULL of NULL.
const char *cursor_shown(struct request *request, const char *place);
// Puts the digest to the cursor of the next page, in the reply's `next` and, as the last member `next`, in its body.
void cursor_seal(struct request *request, struct reply *reply);

#endif
