// Whether a pooler in transaction mode stands between: asked once at start, by two connections that both live.
#include "base/poller.h"
#include "database/private.h"
#include "database/session.h"

#include <poll.h>
#include <stdlib.h>

// ATTEMPTS: other clients of the pooler may take the server process that would have told.
enum { ANSWER_MS = 3000, ATTEMPTS = 3 };

static PGconn *open_plain(const char *url)
{
    PGconn *connection = hosts_connect(
        &(struct connect_options){.url = url, .application_name = "thidua pooler check", .anywhere = true});
    connection_hush(connection);
    return connection;
}

// A pool in session mode that is full lets us wait for ever.
static bool await_answer(PGconn *connection)
{
    int64_t give_up = monotonic_ns() + (int64_t)ANSWER_MS * 1000000;
    while (PQisBusy(connection)) {
        int64_t left = (give_up - monotonic_ns()) / 1000000;
        struct pollfd wait = {.fd = PQsocket(connection), .events = POLLIN};
        if (left <= 0 || poll(&wait, 1, (int)left) < 0 || PQconsumeInput(connection) != 1)
            return false;
    }
    return true;
}

enum { REFUSED = -1 };

// The number of the server process that answers; 0: none does; REFUSED: the statement was refused.
static long server_process(PGconn *connection, const char *sql)
{
    long process = 0;
    if (PQstatus(connection) != CONNECTION_OK || PQsendQuery(connection, sql) != 1)
        return 0;
    while (await_answer(connection)) {
        PGresult *result = PQgetResult(connection);
        if (!result)
            return process;
        if (PQresultStatus(result) == PGRES_FATAL_ERROR)
            process = REFUSED;
        else if (PQntuples(result) == 1)
            process = strtol(PQgetvalue(result, 0, 0), NULL, 10);
        PQclear(result);
    }
    return process == REFUSED ? REFUSED : 0;
}

// While the second connection is inside a transaction: does it have the first one's server process, or has the first
// one another one by now? A session would keep its own. In statement mode there are no transactions to begin.
static bool is_shared(PGconn *first, PGconn *second)
{
    static const char ask[] = "SELECT pg_backend_pid()";
    long before = server_process(first, ask), other = server_process(second, "BEGIN; SELECT pg_backend_pid()");
    bool shared = before > 0 && before == other;
    if (before > 0 && other && !shared) {
        long after = server_process(first, ask);
        shared = after > 0 && (after != before || other == REFUSED);
    }
    server_process(second, "ROLLBACK");
    return shared;
}

bool session_is_kept(const char *url)
{
    PGconn *first = open_plain(url);
    // PostgreSQL itself gives every client the number of its process; a pooler gives one of its own making.
    bool direct = server_process(first, "SELECT pg_backend_pid()") == PQbackendPID(first);
    PGconn *second = direct ? NULL : open_plain(url);
    bool shared = false;
    for (int i = 0; i < ATTEMPTS && !direct && !shared; i++)
        shared = is_shared(first, second);
    PQfinish(first);
    PQfinish(second);
    return !shared;
}
