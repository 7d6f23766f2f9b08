#include "database/reach/attempts.h"

#include "base/poller.h"

#include <poll.h>

struct attempt {
    PGconn *connection;
    PostgresPollingStatusType status;
    int64_t give_up;
};

struct race {
    const struct attempts *attempts;
    struct attempt each[ATTEMPTS_MAX];
    unsigned count, begun;
    int64_t next; // when the next one is asked too
};

static bool is_under_way(const struct attempt *attempt)
{
    return attempt->status == PGRES_POLLING_READING || attempt->status == PGRES_POLLING_WRITING;
}

static void begin_attempt(struct race *race, int64_t now)
{
    const struct attempts *attempts = race->attempts;
    struct connect_parameters parameters;
    struct attempt *attempt = &race->each[race->begun];
    connect_parameters_fill(&parameters, attempts->options, attempts->as_it_stands ? NULL : &attempts->at[race->begun]);
    attempt->connection = PQconnectStartParams(parameters.keywords, parameters.values, 1);
    connection_hush(attempt->connection); // a server may warn at once, such as of a collation's version
    attempt->status = PQstatus(attempt->connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    attempt->give_up = now + (int64_t)(attempts->options->host_ms ? attempts->options->host_ms : HOST_MS) * 1000000;
    race->next = is_under_way(attempt) ? now + (int64_t)HEAD_START_MS * 1000000 : now;
    race->begun++;
}

// Waits until one of them can go on, is to be given up, or another one is to begin.
static unsigned await_attempts(const struct race *race, struct pollfd *ret_polled)
{
    unsigned waited = 0;
    int64_t due = race->begun < race->count ? race->next : INT64_MAX;
    for (unsigned i = 0; i < race->begun; i++) {
        const struct attempt *attempt = &race->each[i];
        bool under_way = is_under_way(attempt);
        short events = attempt->status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        ret_polled[i] = (struct pollfd){.fd = under_way ? PQsocket(attempt->connection) : -1, .events = events};
        waited += under_way;
        due = under_way && attempt->give_up < due ? attempt->give_up : due;
    }
    int64_t left = due - monotonic_ns();
    if (waited)
        poll(ret_polled, race->begun, left > 0 ? (int)(left / 1000000) + 1 : 0);
    return waited;
}

// One that is made, where there is one. Where one has failed, the next need not be waited for.
static struct attempt *step_attempts(struct race *race, const struct pollfd *polled)
{
    int64_t now = monotonic_ns();
    for (unsigned i = 0; i < race->begun; i++) {
        struct attempt *attempt = &race->each[i];
        if (!is_under_way(attempt))
            continue;
        if (polled[i].revents)
            attempt->status = PQconnectPoll(attempt->connection);
        else if (now >= attempt->give_up)
            attempt->status = PGRES_POLLING_FAILED;
        if (attempt->status == PGRES_POLLING_OK)
            return attempt;
        if (attempt->status == PGRES_POLLING_FAILED)
            race->next = now;
    }
    return NULL;
}

// Where none is made, the one whose server said why.
static PGconn *keep_one(struct race *race, const struct attempt *made)
{
    for (unsigned i = 0; !made && i < race->begun; i++)
        if (*PQerrorMessage(race->each[i].connection) || i + 1 == race->begun)
            made = &race->each[i];
    for (unsigned i = 0; i < race->begun; i++)
        if (&race->each[i] != made)
            PQfinish(race->each[i].connection);
    return made ? made->connection : NULL;
}

PGconn *attempts_make(const struct attempts *attempts)
{
    struct pollfd polled[ATTEMPTS_MAX];
    struct race race = {.attempts = attempts, .count = attempts->as_it_stands ? 1 : attempts->count};
    struct attempt *made = NULL;
    race.next = monotonic_ns();
    while (!made && !group_is_closed()) {
        if (race.begun < race.count && monotonic_ns() >= race.next)
            begin_attempt(&race, monotonic_ns());
        if (await_attempts(&race, polled))
            made = step_attempts(&race, polled);
        else if (race.begun == race.count)
            break;
    }
    return keep_one(&race, made);
}
