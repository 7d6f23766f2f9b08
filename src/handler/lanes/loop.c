#include "handler/lanes/loop.h"

#include "database/changes.h"
#include "handler/lanes/kept_answers.h"
#include "handler/lanes/setup.h"
#include "handler/lanes/work.h"
#include "http/route.h"

#include <stdatomic.h>
#include <stdlib.h>

static atomic_uint lanes_ready; // loops whose quick lane has a connection

bool loops_ready(void)
{
    return changes_seen(CHANGE_DATA) != 0 && atomic_load(&lanes_ready) == server_loops() && !server_lame();
}

bool workers_ready(void)
{
    return pool_gauges(handler_options()->pool).connected > 0;
}

static const struct loop_part *part_at(int i)
{
    return i < LOOP_PARTS_MAX ? handler_options()->parts[i] : NULL;
}

void *loop_kept(const struct loop_state *state, const struct loop_part *part)
{
    for (int i = 0; part_at(i); i++)
        if (part_at(i) == part)
            return state->kept[i];
    abort(); // no feature names this part
}

static void note_lane(struct loop_state *state, bool ready)
{
    if (ready != state->ready)
        atomic_fetch_add(&lanes_ready, ready ? 1U : -1U);
    state->ready = ready;
}

void *loop_open(struct poller *poller)
{
    struct loop_state *state = calloc(1, sizeof *state);
    if (!state)
        abort();
    state->lane = quick_open(&handler_options()->lane, poller);
    state->answers = kept_answers_new();
    for (int i = 0; part_at(i); i++)
        state->kept[i] = part_at(i)->open(state->lane);
    return state;
}

void loop_close(void *context)
{
    struct loop_state *state = context;
    note_lane(state, false);
    quick_close(state->lane);
    for (int i = 0; part_at(i); i++)
        part_at(i)->close(state->kept[i]);
    kept_answers_free(state->answers);
    free(state);
}

int loop_turn(void *context)
{
    struct loop_state *state = context;
    int milliseconds = -1;
    for (int i = 0; part_at(i); i++)
        if (part_at(i)->turn)
            milliseconds = sooner_ms(milliseconds, part_at(i)->turn(state->kept[i]));
    quick_flush(state->lane);
    note_lane(state, quick_gauges(state->lane).ready > 0);
    return sooner_ms(milliseconds, quick_timeout(state->lane));
}

void loop_dispatch(struct request *request, void *context)
{
    request->loop_state = context;
    switch (request->route->lane) {
    case LANE_LOOP:
        request_answer(request, request->route->answer(request));
        return;
    case LANE_QUICK:
        if (!export_start(request) && !paper_start(request))
            read_start(request, context);
        return;
    case LANE_STREAM:
        read_start(request, context);
        return;
    case LANE_COMPUTE:
        if (!export_start(request) && !paper_start(request) && !read_from_memory(request, context))
            write_start(request);
        return;
    case LANE_WRITE:
    case LANE_HEAVY:
    default:
        write_start(request);
    }
}
