// Connections that have been answered before their clients had sent all, inside src/http: one loop's, on its thread.
#ifndef THIDUA_HTTP_TRANSPORT_LINGER_H
#define THIDUA_HTTP_TRANSPORT_LINGER_H

#include "base/poller.h"

enum { LINGERERS_MOST = 64 };

struct lingering {
    struct poller *poller;
    struct lingerer {
        struct watch watch;
        struct lingering *lingering;
        int64_t until; // monotonic_ns
    } all[LINGERERS_MOST];
    unsigned next, count;
    int64_t next_look; // monotonic_ns
};

void lingering_begin(struct lingering *lingering, struct poller *poller);
void lingering_end(struct lingering *lingering);
// Sends the end of the answer, and reads past what comes until the client ends too, or for as long as it may take.
// `descriptor` is closed by whoever has it.
void linger(struct lingering *lingering, int descriptor);
// To be called in every turn. Returns after how many milliseconds again at the latest; -1: nobody lingers.
int linger_turn(struct lingering *lingering, int64_t now);

#endif
