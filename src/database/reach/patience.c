// Waiting without a limit of time, for what takes as long as it takes: but not for a server that hangs.
#include "base/poller.h"
#include "database/private.h"

#include <stdio.h>

// After this long the server is asked whether it is still there, so often.
enum { PATIENCE_MS = 5000, PINGS = 3 };

// By another connection: this one's may be at work for long.
static bool server_answers(const PGconn *connection, const struct connect_options *options)
{
    struct connect_parameters parameters;
    struct hosts here;
    PGPing answer = PQPING_NO_RESPONSE;
    snprintf(here.hostaddr, sizeof here.hostaddr, "%s", PQhostaddr(connection));
    snprintf(here.host, sizeof here.host, "%s", PQhost(connection));
    snprintf(here.port, sizeof here.port, "%s", PQport(connection));
    connect_parameters_fill(&parameters, options, &here);
    for (int i = 0; i < PINGS && answer == PQPING_NO_RESPONSE; i++)
        answer = PQpingParams(parameters.keywords, parameters.values, 1);
    return answer == PQPING_OK || answer == PQPING_REJECT;
}

bool answer_await_patiently(PGconn *connection, const struct connect_options *options)
{
    for (;;) {
        int64_t end = monotonic_ns() + (int64_t)PATIENCE_MS * 1000000;
        if (answer_await(connection, end))
            return true;
        if (monotonic_ns() < end || !server_answers(connection, options))
            return false;
    }
}
