// The server's clock, as its signs of life tell it. What is told as of today is by that clock, and so are deadlines,
// keys and the journal; by the machine's own are tokens, signatures of webhooks, and what has not happened yet.
#include "base/log.h"
#include "database/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DIFFER_MS = 5000, AGREE_MS = 2000 }; // a sign of life is half a second old at most

static struct {
    char days[32];
    bool differs;
} clock_of_server;

bool clock_note_days(const char *days)
{
    bool other = strcmp(clock_of_server.days, days) != 0;
    snprintf(clock_of_server.days, sizeof clock_of_server.days, "%s", days);
    return other;
}

void clock_note_time(const char *milliseconds)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ahead = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - strtoll(milliseconds, NULL, 10);
    bool differs = llabs(ahead) > (clock_of_server.differs ? AGREE_MS : DIFFER_MS);
    if (differs != clock_of_server.differs)
        log_event(differs ? LOG_WARNING : LOG_INFO, differs ? "clocks_differ" : "clocks_agree",
                  log_number("ahead_of_postgresql_seconds", ahead / 1000));
    clock_of_server.differs = differs;
}
