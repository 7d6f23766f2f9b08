// Stored bytes as a streamed answer: a body_source (http/request.h) that the quick lane feeds (database/quick.h).
#ifndef THIDUA_HANDLER_STREAMS_H
#define THIDUA_HANDLER_STREAMS_H

#include "database/statement.h"
#include "http/request.h"

// A 200 whose body of `size` bytes is fetched piece by piece while it is sent. For `open` of a LANE_STREAM route.
// `piece` is marked `quick binary`. It takes $1, the id, and $2, the number of the piece from 0, and gives one row with
// one bytea. What it reads must never change, because every piece is a read of its own. Only one piece is in memory at
// a time, however large the body and however slow the client.
struct reply stream_pieces(struct request *request, const struct statement *piece, const char *id, uint64_t size);

#endif
