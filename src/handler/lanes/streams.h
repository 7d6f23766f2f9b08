// Stored bytes as a streamed answer: a body_source (http/request.h) that the quick lane feeds (database/quick.h).
#ifndef THIDUA_HANDLER_LANES_STREAMS_H
#define THIDUA_HANDLER_LANES_STREAMS_H

#include "database/statement.h"
#include "http/request.h"

// A 200 whose body of `size` bytes is fetched piece by piece while it is sent, for a LANE_STREAM route's `open`.
// `piece` is a `quick` statement of (id, number), numbers from 0, that gives one row of one `bytes`: piece after piece
// until `size` bytes are sent. What it reads must be immutable, for every piece is a read of its own.
// One piece is held at a time, however large the body and however slow the client.
struct reply stream_pieces(struct request *request, const struct statement *piece, const char *id, uint64_t size);

#endif
