// The least that libmicrohttpd and libpq need to answer each request with a unit or a verdict from PostgreSQL, by the
// service's own statements ($UNIT, $VERDICT; libpq's own variables name the server). It knows no callers, problems or
// conditions, and logs nothing. A verdict's columns are sent as they come.
//
// reads blocking THREADS: each thread waits for a connection of its own.
// reads pipelined THREADS: each thread sends what came in one turn down its connections, and goes on.
#include <libpq-fe.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CONNECTION_MEMORY = 44 * 1024,
    QUIET_SECONDS = 75,
    CONNECTIONS = 1000, // of each daemon
    LANES = 2,          // connections of a thread that pipelines
    TURN_MS = 1000,
    PARAMETERS_MOST = 5,
};

// One of the two statements.
struct read {
    const char *name, *variable;
    int parameters, results; // so many columns are sent
};
static const struct read unit = {"unit", "UNIT", 2, 1}, verdict = {"verdict", "VERDICT", 5, 8};

struct asked {
    struct MHD_Connection *connection;
    const struct read *read;
    const char *values[PARAMETERS_MOST];
    char texts[3][64];
    PGresult *result; // NULL: it has not come
    struct asked *next;
};

struct lane {
    PGconn *connection;
    struct asked *first, **last; // sent and not answered, in order
    bool unsynced;
};

struct loop {
    struct MHD_Daemon *daemon;
    struct lane lanes[LANES];
    unsigned turn;
};

static void give_up(const char *reason)
{
    fprintf(stderr, "%s\n", reason);
    exit(1);
}

static PGconn *connect_prepared(void)
{
    PGconn *connection = PQconnectdb("");
    const struct read *const reads[] = {&unit, &verdict};
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        PGresult *result = PQprepare(connection, reads[i]->name, getenv(reads[i]->variable), 0, NULL);
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            give_up(PQerrorMessage(connection));
        PQclear(result);
    }
    return connection;
}

// ---- what both ways do ----

static void understand(struct asked *asked, const char *url)
{
    char(*t)[64] = asked->texts;
    if (sscanf(url, "/v1/units/%63s", t[0]) == 1) {
        asked->read = &unit;
        asked->values[1] = MHD_lookup_connection_value(asked->connection, MHD_GET_ARGUMENT_KIND, "on");
    } else if (sscanf(url, "/v1/campaigns/%63[^/]/rounds/%63[^/]/verdicts/%63s", t[0], t[1], t[2]) == 3) {
        asked->read = &verdict;
        asked->values[1] = t[1];
        asked->values[2] = t[2];
        asked->values[3] = "true"; // an office asks
    } else {
        give_up(url);
    }
    asked->values[0] = t[0];
}

static struct asked *note(struct MHD_Connection *connection, const char *url)
{
    struct asked *asked = calloc(1, sizeof *asked);
    if (!asked)
        give_up("out of memory");
    asked->connection = connection;
    understand(asked, url);
    return asked;
}

static struct MHD_Response *response_of(const PGresult *result, const struct read *read)
{
    size_t length = 0;
    for (int i = 0; i < read->results; i++)
        length += (size_t)PQgetlength(result, 0, i);
    char *body = malloc(length + 1), *end = body;
    if (!body)
        give_up("out of memory");
    for (int i = 0; i < read->results; i++)
        end = mempcpy(end, PQgetvalue(result, 0, i), (size_t)PQgetlength(result, 0, i));
    return MHD_create_response_from_buffer(length, body, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result answer(const struct asked *asked)
{
    char tag[32];
    if (PQresultStatus(asked->result) != PGRES_TUPLES_OK || PQntuples(asked->result) != 1)
        give_up("no row came");
    struct MHD_Response *response = response_of(asked->result, asked->read);
    MHD_add_response_header(response, "Content-Type", "application/json");
    if (asked->read == &unit) {
        snprintf(tag, sizeof tag, "\"%s\"", PQgetvalue(asked->result, 0, 1));
        MHD_add_response_header(response, "ETag", tag);
    }
    enum MHD_Result queued = MHD_queue_response(asked->connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return queued;
}

static void completed(void *context, struct MHD_Connection *connection, void **slot,
                      enum MHD_RequestTerminationCode code)
{
    (void)context, (void)connection, (void)code;
    struct asked *asked = *slot;
    if (asked)
        PQclear(asked->result);
    free(asked);
}

// ---- blocking ----

static enum MHD_Result wait_for_row(void *context, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *data, size_t *size,
                                    void **slot)
{
    (void)context, (void)method, (void)version, (void)data, (void)size;
    static _Thread_local PGconn *own;
    if (!*slot) {
        *slot = note(connection, url);
        return MHD_YES;
    }
    struct asked *asked = *slot;
    if (!own)
        own = connect_prepared();
    asked->result = PQexecPrepared(own, asked->read->name, asked->read->parameters, asked->values, NULL, NULL,
                                   asked->read == &verdict);
    return answer(asked);
}

// ---- pipelined ----

static void send_down(struct lane *lane, struct asked *asked)
{
    if (PQsendQueryPrepared(lane->connection, asked->read->name, asked->read->parameters, asked->values, NULL, NULL,
                            asked->read == &verdict) != 1)
        give_up(PQerrorMessage(lane->connection));
    *lane->last = asked;
    lane->last = &asked->next;
    lane->unsynced = true;
}

static enum MHD_Result send_and_go_on(void *context, struct MHD_Connection *connection, const char *url,
                                      const char *method, const char *version, const char *data, size_t *size,
                                      void **slot)
{
    (void)method, (void)version, (void)data, (void)size;
    struct loop *loop = context;
    struct asked *asked = *slot;
    if (!asked) {
        *slot = note(connection, url);
        return MHD_YES;
    }
    if (asked->result)
        return answer(asked);
    send_down(&loop->lanes[loop->turn++ % LANES], asked);
    MHD_suspend_connection(connection);
    return MHD_YES;
}

// Each row has an end of its own, which libpq gives as NULL.
static void take_rows(struct lane *lane)
{
    if (PQconsumeInput(lane->connection) != 1)
        give_up(PQerrorMessage(lane->connection));
    while (!PQisBusy(lane->connection)) {
        PGresult *result = PQgetResult(lane->connection);
        struct asked *asked = lane->first;
        if (!result && (!asked || !asked->result))
            return;
        if (!result) {
            lane->first = asked->next;
            if (!lane->first)
                lane->last = &lane->first;
            MHD_resume_connection(asked->connection);
        } else if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
        } else if (asked) {
            asked->result = result;
        }
    }
}

static void turn(struct loop *loop, struct pollfd *watched)
{
    MHD_UNSIGNED_LONG_LONG timeout = TURN_MS;
    MHD_run(loop->daemon);
    for (int i = 0; i < LANES; i++) {
        if (loop->lanes[i].unsynced && PQpipelineSync(loop->lanes[i].connection) != 1)
            give_up(PQerrorMessage(loop->lanes[i].connection));
        loop->lanes[i].unsynced = false;
    }
    if (MHD_get_timeout(loop->daemon, &timeout) != MHD_YES || timeout > TURN_MS)
        timeout = TURN_MS;
    poll(watched, LANES + 1, (int)timeout);
    for (int i = 0; i < LANES; i++)
        if (watched[i].revents)
            take_rows(&loop->lanes[i]);
}

static void *run_loop(void *argument)
{
    struct loop *loop = argument;
    struct pollfd watched[LANES + 1] = {
        [LANES] = {.fd = MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN}};
    for (int i = 0; i < LANES; i++) {
        struct lane *lane = &loop->lanes[i];
        *lane = (struct lane){.connection = connect_prepared(), .last = &lane->first};
        if (PQsetnonblocking(lane->connection, 1) != 0 || PQenterPipelineMode(lane->connection) != 1)
            give_up(PQerrorMessage(lane->connection));
        watched[i] = (struct pollfd){.fd = PQsocket(lane->connection), .events = POLLIN};
    }
    for (;;)
        turn(loop, watched);
    return NULL;
}

// ---- starting ----

enum { LIMITS = MHD_USE_EPOLL | MHD_USE_TURBO | MHD_USE_ERROR_LOG };

static struct MHD_Daemon *start(unsigned flags, unsigned threads, unsigned short port, MHD_AccessHandlerCallback act,
                                void *context)
{
    struct MHD_Daemon *daemon = MHD_start_daemon(
        LIMITS | flags, port, NULL, NULL, act, context, MHD_OPTION_THREAD_POOL_SIZE, threads,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)QUIET_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_END);
    if (!daemon)
        give_up("libmicrohttpd did not start");
    return daemon;
}

static unsigned short start_loops(unsigned threads)
{
    unsigned short port = 0;
    for (unsigned i = 0; i < threads; i++) {
        pthread_t thread;
        struct loop *loop = calloc(1, sizeof *loop);
        if (!loop)
            give_up("out of memory");
        loop->daemon = start(MHD_ALLOW_SUSPEND_RESUME, 0, port, send_and_go_on, loop);
        port = MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
        if (pthread_create(&thread, NULL, run_loop, loop) != 0)
            give_up("no thread could be started");
    }
    return port;
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    unsigned threads = (unsigned)strtoul(arguments[2], NULL, 10);
    unsigned short port;
    if (strcmp(arguments[1], "pipelined") == 0)
        port = start_loops(threads);
    else
        port = MHD_get_daemon_info(start(MHD_USE_INTERNAL_POLLING_THREAD, threads, 0, wait_for_row, NULL),
                                   MHD_DAEMON_INFO_BIND_PORT)
                   ->port;
    printf("%u\n", port);
    fflush(stdout);
    pause();
    return 0;
}
