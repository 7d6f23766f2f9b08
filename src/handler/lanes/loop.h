// What one event loop keeps: its quick lane (database/quick.h), and whatever features keep beside it. All of it belongs
// to the loop's thread.
#ifndef THIDUA_HANDLER_LANES_LOOP_H
#define THIDUA_HANDLER_LANES_LOOP_H

#include "database/quick.h"
#include "http/server.h"

enum { LOOP_PARTS_MAX = 4 };

// What a feature keeps on every loop (struct feature).
struct loop_part {
    void *(*open)(struct quick_lane *lane);
    // After quick_close, which answers whatever was asked.
    void (*close)(void *kept);
    // The end of a loop's turn. Returns milliseconds until it wants another turn, -1 for never. NULL: it needs no
    // turns.
    int (*turn)(void *kept);
};

struct kept_answers;

struct loop_state {
    struct quick_lane *lane;
    bool ready; // the lane has a connection
    struct kept_answers *answers;
    void *kept[LOOP_PARTS_MAX]; // of each part, in the order of handler_options.parts
};

// What `part` keeps on this loop.
void *loop_kept(const struct loop_state *state, const struct loop_part *part);

// Hooks of the server (http/server.h); the context is the struct loop_state.
void *loop_open(struct poller *poller);
void loop_close(void *context);
int loop_turn(void *context);
void loop_dispatch(struct request *request, void *context);

// Does PostgreSQL answer, on every loop's lane too, and are requests still taken? Reads are answered also while writes
// wait for a synchronous standby that is away (changes_commits_wait).
bool loops_ready(void);
// Has any worker a connection? There may be none more to be had, as at a limit of the role's.
bool workers_ready(void);

#endif
