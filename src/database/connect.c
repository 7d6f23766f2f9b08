// How every connection begins: its settings are made by statements and asked for in another transaction. Start-up
// options would be shorter, but a pooler drops them without a word (PgBouncer: ignore_startup_parameters), and then
// dates are read in another time zone.
#include "base/poller.h"
#include "database/private.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

// What is acknowledged is on a disk, however a role or a database was tuned.
#define KEEPING                                                                                                        \
    "CASE pg_catalog.current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE "                                 \
    "pg_catalog.current_setting('synchronous_commit') END"

// What a role or a database was given for other programs (ALTER ROLE … SET) must not change what a statement means, nor
// end a connection that is at rest. NAME, and its value as SQL. $1: the statement's time limit in milliseconds; $2: the
// fixed clock; $3: rest_of_transaction_ms. A plan is kept for long, and of a table that is small when it is made
// PostgreSQL would read all each time: so whoever asks for one thing finds it by an index, and who wants everything
// says so (facts_whole).
#define SESSION_SETTINGS(SETTING)                                                                                      \
    SETTING("statement_timeout", "$1")                                                                                 \
    SETTING("thidua.now", "$2")                                                                                        \
    SETTING("search_path", "'public, pg_temp'")                                                                        \
    SETTING("timezone", "'Asia/Ho_Chi_Minh'")                                                                          \
    SETTING("datestyle", "'ISO, MDY'")                                                                                 \
    SETTING("intervalstyle", "'postgres'")                                                                             \
    SETTING("bytea_output", "'hex'")                                                                                   \
    SETTING("default_transaction_isolation", "'read committed'")                                                       \
    SETTING("client_min_messages", "'warning'")                                                                        \
    SETTING("idle_in_transaction_session_timeout", "$3")                                                               \
    SETTING("idle_session_timeout", "'0'")                                                                             \
    SETTING("lock_timeout", "'0'")                                                                                     \
    SETTING("standard_conforming_strings", "'on'")                                                                     \
    SETTING("gin_fuzzy_search_limit", "'0'")                                                                           \
    SETTING("synchronous_commit", KEEPING)                                                                             \
    SETTING("enable_seqscan", "'off'")                                                                                 \
    SETTING("jit", "'off'")

// No trigger runs and no foreign key is kept where this is `replica`, as somebody may have set it who loads data by
// replication. Only a superuser may set it: for us it is an error that names it.
#define ROLE_OF_SESSION "session_replication_role"
#define RULES_IN_FORCE                                                                                                 \
    "CASE pg_catalog.current_setting('" ROLE_OF_SESSION "') WHEN 'origin' THEN 'origin' ELSE "                         \
    "pg_catalog.set_config('" ROLE_OF_SESSION "', 'origin', false) END, "

enum { SETTINGS_MS = 10000 }; // for a server that lets us in and then says nothing

#define MAKE(name, value) "pg_catalog.set_config('" name "', " value ", false), "
#define ASK(name, value)  "pg_catalog.current_setting('" name "', true), "

// The last column tells whether both were asked of the same server process.
static const char make_settings[] = "SELECT " SESSION_SETTINGS(MAKE) RULES_IN_FORCE "pg_catalog.pg_backend_pid()";
static const char ask_settings[] = "SELECT " SESSION_SETTINGS(ASK) ASK(ROLE_OF_SESSION, ) "pg_catalog.pg_backend_pid()";

const char settings_lost[] = "the settings of a session did not outlast a transaction: a pooler in transaction "
                             "mode stands between; use its session mode, or PostgreSQL itself";

void connect_parameters_fill(struct connect_parameters *parameters, const struct connect_options *options,
                             const struct hosts *hosts)
{
    const char *const pairs[][2] = {
        {"dbname", options->url},
        {"application_name", options->application_name},
        {"connect_timeout", "3"}, // of each host
        // A network that swallows packets is noticed in seconds, not in the kernel's quarter of an hour.
        {"keepalives_idle", "5"},
        {"keepalives_interval", "2"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "10000"},
        {"client_encoding", "UTF8"},
        {"target_session_attrs", options->standby ? "standby"
                                 : hosts          ? hosts->wanted
                                                  : NULL},
        {"host", hosts ? hosts->host : NULL},
        {"hostaddr", hosts ? hosts->hostaddr : NULL},
        {"port", hosts ? hosts->port : NULL},
    };
    size_t count = sizeof pairs / sizeof *pairs;
    _Static_assert(sizeof pairs / sizeof *pairs < sizeof parameters->keywords / sizeof *parameters->keywords, "room");
    for (size_t i = 0; i < count; i++) {
        parameters->keywords[i] = pairs[i][0];
        parameters->values[i] = pairs[i][1];
    }
    parameters->keywords[count] = parameters->values[count] = NULL;
}

static void ignore(void *context, const PGresult *notice)
{
    (void)context, (void)notice;
}

void connection_hush(PGconn *connection)
{
    PQsetNoticeReceiver(connection, ignore, NULL);
}

int rest_of_transaction_ms(int work_ms)
{
    enum { LEAST_MS = 60000 };
    return work_ms > LEAST_MS ? work_ms : LEAST_MS;
}

static bool settings_send(PGconn *connection, const struct connect_options *options)
{
    char limit[12], rest[12];
    snprintf(limit, sizeof limit, "%d", options->statement_timeout_ms);
    snprintf(rest, sizeof rest, "%d", rest_of_transaction_ms(options->work_ms));
    const char *values[] = {limit, options->now ? options->now : "", rest};
    return PQsendQueryParams(connection, make_settings, 3, NULL, values, NULL, NULL, 0) == 1;
}

bool settings_send_both(PGconn *connection, const struct connect_options *options)
{
    return settings_send(connection, options) && PQpipelineSync(connection) == 1 &&
           PQsendQueryParams(connection, ask_settings, 0, NULL, NULL, NULL, NULL, 0) == 1;
}

bool settings_hold(const PGresult *made, const PGresult *asked)
{
    bool hold = PQntuples(made) == 1 && PQntuples(asked) == 1;
    for (int i = 0; hold && i < PQnfields(made); i++)
        hold = strcmp(PQgetvalue(made, 0, i), PQgetvalue(asked, 0, i)) == 0;
    return hold;
}

PGresult *last_awaited(PGconn *connection, bool (*comes)(PGconn *, int64_t), int64_t until)
{
    PGresult *last = NULL, *next;
    while (comes(connection, until)) {
        if (!(next = PQgetResult(connection)))
            return last;
        PQclear(last);
        last = next;
    }
    PQclear(last);
    return NULL;
}

static const char *settings_make(PGconn *connection, const struct connect_options *options)
{
    int64_t end = monotonic_ns() + (int64_t)SETTINGS_MS * 1000000;
    PGresult *made = settings_send(connection, options) ? last_awaited(connection, answer_await, end) : NULL;
    bool answered = PQresultStatus(made) == PGRES_TUPLES_OK; // else its error is what is told
    PGresult *asked =
        answered && PQsendQuery(connection, ask_settings) == 1 ? last_awaited(connection, answer_await, end) : NULL;
    answered = PQresultStatus(asked) == PGRES_TUPLES_OK;
    bool hold = settings_hold(made, asked);
    PQclear(made);
    PQclear(asked);
    return hold                          ? NULL
           : answered                    ? settings_lost
           : *PQerrorMessage(connection) ? PQerrorMessage(connection)
                                         : "the server does not answer";
}

PGconn *connection_open(const struct connect_options *options, const char **ret_fault)
{
    if (group_is_closed()) {
        *ret_fault = "the service stops";
        return NULL;
    }
    PGconn *connection = hosts_connect(options);
    connection_hush(connection);
    PQsetErrorVerbosity(connection, PQERRORS_TERSE); // DETAIL shows rows, such as a key's hash, to a terminal
    if (PQstatus(connection) == CONNECTION_OK) {
        group_join(connection);
        *ret_fault = settings_make(connection, options);
    } else {
        *ret_fault = connection && *PQerrorMessage(connection) ? PQerrorMessage(connection) : hosts_fault();
    }
    if (!*ret_fault)
        group_note_reached();
    return connection;
}

int backoff_ms(unsigned attempt)
{
    unsigned longest = attempt > 5 ? 5000 : 100U << attempt;
    if (longest > 5000)
        longest = 5000;
    unsigned drawn = 0;
    if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn)
        drawn = 0;
    return (int)(longest / 2 + drawn % (longest / 2));
}
