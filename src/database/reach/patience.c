// Waiting for an answer: until an instant, or for as long as it takes, but not for a server that hangs.
#include "base/poller.h"
#include "database/private.h"
#include "database/session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

// After this long the server is asked whether it is still there, so often.
enum { PATIENCE_MS = 5000, PINGS = 3 };

static int wait_ms(int64_t end)
{
    int64_t left = (end - monotonic_ns()) / 1000000;
    return end == INT64_MAX ? -1 : left < 0 ? 0 : (int)left;
}

// Until the socket is ready, and takes in what has come. False where that takes too long, or the connection broke.
static bool socket_await(PGconn *connection, short events, int64_t end)
{
    struct pollfd wait = {.fd = PQsocket(connection), .events = events};
    int ready = poll(&wait, 1, wait_ms(end));
    if (ready == 0 || (ready < 0 && errno != EINTR))
        return false;
    return ready < 0 || !(wait.revents & ~POLLOUT) || PQconsumeInput(connection) == 1;
}

bool answer_await(PGconn *connection, int64_t end)
{
    for (;;) {
        int unsent = PQflush(connection);
        if (unsent < 0)
            return false;
        if (!PQisBusy(connection))
            return true;
        if (!socket_await(connection, (short)(POLLIN | (unsent ? POLLOUT : 0)), end))
            return false;
    }
}

bool sending_await(PGconn *connection, int64_t end)
{
    int unsent;
    while ((unsent = PQflush(connection)) > 0)
        if (!socket_await(connection, POLLIN | POLLOUT, end))
            return false;
    return unsent == 0;
}

// Only a ping tells, and it asks the hosts one by one: so first a connection is tried, which finds the names too.
bool session_server_starts(const char *url)
{
    struct connect_options options = {.url = url, .application_name = "thidua start", .anywhere = true};
    struct connect_parameters parameters;
    struct hosts hosts;
    PGconn *connection = hosts_connect(&options);
    bool connected = PQstatus(connection) == CONNECTION_OK;
    PQfinish(connection);
    enum way way = connected ? WAY_UNKNOWN : hosts_in_order(url, &hosts);
    connect_parameters_fill(&parameters, &options, way == WAY_FOUND ? &hosts : NULL);
    return way != WAY_UNKNOWN && PQpingParams(parameters.keywords, parameters.values, 1) == PQPING_REJECT;
}

// By another connection: this one's may be at work for long.
static bool server_answers(const PGconn *connection, const struct connect_options *options)
{
    struct connect_parameters parameters;
    struct hosts here = {0};
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
