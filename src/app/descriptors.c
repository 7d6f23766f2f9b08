#include "app/descriptors.h"

#include "base/log.h"

#include <sys/resource.h>

// Of a connection to PostgreSQL: its socket, and the copy by which it is given up (database/reach/group.c).
enum { OF_CONNECTION = 2 };
// The news, the sealer, the packer, the reminders, the last uses of keys, the forgetting and the webhooks.
enum { BACKGROUND_CONNECTIONS = 7 };
// The three standard ones, what wakes the news, the webhooks and the watch over a private PostgreSQL, and its lock.
enum { OPEN_ALWAYS = 8 };
// Of a loop: its socket, its poller and that of libmicrohttpd, and what wakes it.
enum { OF_LOOP = 4 };
// For what comes and goes: files of /proc and of certificates, lookups of names, papers and uploads under way,
// deliveries of webhooks. With so few, one of them waits for another; with PLENTY none does.
enum { RESERVE = 16, PLENTY = 256 };
// A private PostgreSQL is under the same limit: below some 70 its processes do not start.
enum { PRIVATE_POSTGRESQL = 100 };

// Long work, for which half of the workers are, has a second connection (database/session/beside.c).
static rlim_t needed(const struct settings *settings)
{
    rlim_t reads = (rlim_t)settings->loops * settings->lane_connections * (settings->read_url ? 2 : 1);
    rlim_t writes = settings->workers + settings->workers / 2;
    rlim_t own = OPEN_ALWAYS + RESERVE + (rlim_t)settings->loops * OF_LOOP +
                 (BACKGROUND_CONNECTIONS + reads + writes) * OF_CONNECTION;
    return settings->database_url || own > PRIVATE_POSTGRESQL ? own : PRIVATE_POSTGRESQL;
}

// RLIM_INFINITY is the largest number.
static rlim_t raised_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return RLIM_INFINITY;
    rlim_t soft = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return soft == limit.rlim_max || setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : soft;
}

// Each loop has at least one client.
bool descriptors_plan(struct settings *settings)
{
    rlim_t limit = raised_limit(), need = needed(settings), loops = settings->loops;
    if (limit < need + loops) {
        log_event(LOG_ERROR, "too_few_descriptors", log_number("limit", (long long)limit),
                  log_number("needed", (long long)(need + loops)),
                  log_text("way_out", "raise the limit of open files (LimitNOFILE= of the unit, ulimit -n), or lower "
                                      "THIDUA_LOOPS, THIDUA_WORKERS or THIDUA_LANE_CONNECTIONS"));
        return false;
    }
    rlim_t spare = limit - need, plenty = spare > (rlim_t)2 * PLENTY ? PLENTY : spare / 2;
    rlim_t possible = (spare - plenty) / loops;
    possible = possible ? possible : 1;
    if (possible >= settings->connections)
        return true;
    log_event(LOG_WARNING, "fewer_connections", log_number("wanted", settings->connections),
              log_number("possible", (long long)possible),
              log_text("way_out", "raise the limit of open files (LimitNOFILE= of the unit, ulimit -n)"));
    settings->connections = (unsigned)possible;
    return true;
}
