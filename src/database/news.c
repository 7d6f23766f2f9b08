// The one connection that listens: news of changes, signs of life of the server, and what the log tells of it.
#include "base/log.h"
#include "base/poller.h"
#include "database/changes.h"
#include "database/private.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

// Their sum is the longest time for which a cached answer is trusted after the server has gone.
enum { ASK_EACH_MS = 500, ANSWER_MS = 500 };
// After which a server that is silent, and takes no new connection either, is given up by all who wait for it.
enum { SILENCE_MS = 3000, LISTEN_MS = 5000 };

// A synchronous standby that takes longer than this to confirm a COMMIT is taken to be away.
#define COMMITS_WAIT "2 s"

static struct {
    struct session_options options;
    pthread_t thread;
    int stop;                    // eventfd
    int64_t lost_at;             // monotonic_ns; 0 while the server is there
    atomic_int_fast64_t told_at; // … of it, for log_due()
    int64_t heard_at;            // monotonic_ns of the last sign of life
    bool silent;                 // it was lost by saying nothing
    int64_t silent_at;           // … to what was asked then; 0: it answered since
    char server[64];             // when the server started that was heard last
    char way[512];               // host, address and port by which it was
    char last_words[160];        // of the server on this connection, such as why it ends
} news = {.stop = -1};

// ---- the operator is told: by this connection alone, of which a process has one that always listens ----

static void hear(void *context, const PGresult *notice)
{
    (void)context;
    const char *words = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    snprintf(news.last_words, sizeof news.last_words, "%s", words ? words : "");
}

static void tell_lost(const PGconn *connection, const char *fault)
{
    char reason[256];
    int64_t now = monotonic_ns();
    const char *words = news.last_words[0] ? news.last_words : fault ? fault : PQerrorMessage(connection);
    if (!*words)
        words = "it does not answer";
    snprintf(reason, sizeof reason, "%.*s", (int)strcspn(words, "\n"), words);
    bool first = !news.lost_at;
    if (first) {
        news.lost_at = now;
        atomic_store(&news.told_at, 0);
    }
    if (!log_due(&news.told_at))
        return;
    if (first)
        log_event(LOG_ERROR, "database_lost", log_text("reason", reason));
    else // what keeps it away need not be what ended it
        log_event(LOG_ERROR, "database_away", log_text("reason", reason),
                  log_number("seconds", (now - news.lost_at) / 1000000000));
}

static void tell_back(void)
{
    if (news.lost_at)
        log_event(LOG_INFO, "database_back", log_number("seconds", (monotonic_ns() - news.lost_at) / 1000000000));
    news.lost_at = 0;
}

// ---- listening ----

static void take_notifications(PGconn *connection)
{
    PGnotify *notification;
    bool came = false;
    while ((notification = PQnotifies(connection))) {
        changes_take(notification->extra);
        PQfreemem(notification);
        came = true;
    }
    if (came)
        changes_arrived();
}

// True when it is time to stop.
static bool wait_for(int descriptor, int milliseconds)
{
    struct pollfd waits[] = {{.fd = news.stop, .events = POLLIN}, {.fd = descriptor, .events = POLLIN}};
    poll(waits, descriptor < 0 ? 1 : 2, milliseconds);
    return waits[0].revents != 0;
}

// No connection to the server that was lost is younger: one that was made after its last sign of life is another one.
static int64_t last_of_server(void)
{
    return news.silent_at ? news.silent_at : news.heard_at;
}

// Another server than before, as after a failover, or another way to it where there was silence, as where a proxy
// hangs: the connections that are there lead to the old one.
static void note_server(const PGconn *connection, const char *server)
{
    char way[sizeof news.way];
    snprintf(way, sizeof way, "%s %s %s", PQhost(connection), PQhostaddr(connection), PQport(connection));
    bool other_way = news.silent_at && strcmp(news.way, way) != 0;
    if (news.server[0] && (other_way || strcmp(news.server, server) != 0))
        group_give_up(last_of_server());
    snprintf(news.server, sizeof news.server, "%s", server);
    snprintf(news.way, sizeof news.way, "%s", way);
    news.heard_at = monotonic_ns();
    news.silent_at = 0;
}

// Those of any instance: they wait on the server, and longer than whoever sent them.
static void note_commits(bool wait)
{
    if (changes_let_wait(wait))
        log_event(wait ? LOG_ERROR : LOG_INFO, wait ? "commits_wait" : "commits_go_on",
                  log_text("for", "a synchronous standby"));
}

// Whatever was kept as of the day before is old. A standby may answer by a clock that is a little behind, so what was
// kept in the first minute is old after it, too.
static void note_clock(const PGresult *result)
{
    clock_note_time(PQgetvalue(result, 0, 4));
    if (clock_note_days(PQgetvalue(result, 0, 3)))
        changes_take("data");
}

static bool takes_writes(const PGconn *connection, const PGresult *result)
{
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return false;
    bool takes = strcmp(PQgetvalue(result, 0, 0), "off") == 0;
    note_commits(strcmp(PQgetvalue(result, 0, 2), "t") == 0);
    note_clock(result);
    if (takes)
        note_server(connection, PQgetvalue(result, 0, 1));
    else
        snprintf(news.last_words, sizeof news.last_words, "%s",
                 "the database takes no writes: it is a standby, or default_transaction_read_only is on");
    return takes;
}

// The answer to a statement. NULL: none came in time, the connection broke, or it is time to stop.
static PGresult *ask(PGconn *connection, const char *sql, int milliseconds, bool *ret_stop)
{
    PGresult *answer = NULL, *next;
    bool asked = PQsendQuery(connection, sql) == 1;
    int64_t asked_at = monotonic_ns(), give_up = asked_at + (int64_t)milliseconds * 1000000;
    while (asked && !*ret_stop) {
        int64_t left = (give_up - monotonic_ns()) / 1000000;
        if (PQisBusy(connection)) {
            news.silent = left <= 0;
            if (news.silent && !news.silent_at)
                news.silent_at = asked_at;
            asked = left > 0;
            *ret_stop = asked && wait_for(PQsocket(connection), (int)left);
            asked = asked && PQconsumeInput(connection) == 1;
        } else if ((next = PQgetResult(connection))) {
            PQclear(answer);
            answer = next;
        } else {
            return answer;
        }
    }
    PQclear(answer);
    return NULL;
}

// Asks the server for a sign of life. A server that hangs neither answers nor closes the connection, and no news flow.
// Nor do they where nothing can be written.
static bool still_there(PGconn *connection, bool *ret_stop)
{
    static const char sql[] =
        "SELECT current_setting('transaction_read_only'), pg_postmaster_start_time(),"
        " current_setting('synchronous_standby_names') <> '' AND EXISTS (SELECT FROM pg_stat_activity"
        " WHERE wait_event = 'SyncRep' AND clock_timestamp() - query_start > interval '" COMMITS_WAIT "'),"
        " concat_ws(' ', local_date(clock_now()), local_date(clock_now() - interval '1 minute')),"
        " (extract(epoch FROM clock_now()) * 1000)::bigint";
    PGresult *answer = ask(connection, sql, ANSWER_MS, ret_stop);
    bool there = takes_writes(connection, answer);
    PQclear(answer);
    return there;
}

static bool listens(PGconn *connection, bool *ret_stop)
{
    PGresult *answer = ask(connection, "LISTEN thidua", LISTEN_MS, ret_stop); // which a standby refuses
    bool listening = PQresultStatus(answer) == PGRES_COMMAND_OK;
    PQclear(answer);
    return listening && still_there(connection, ret_stop);
}

// Listens until the connection is lost, and asks for signs of life however much news there is; true when it is time to
// stop. `ret_flowed`: whether news flowed at all.
static bool listen_on(PGconn *connection, bool *ret_flowed)
{
    bool stop = false;
    bool listening = listens(connection, &stop);
    int64_t ask_at = monotonic_ns() + (int64_t)ASK_EACH_MS * 1000000;
    *ret_flowed = listening;
    if (listening) {
        tell_back();
        changes_flow(true);
    }
    while (listening && !stop) {
        take_notifications(connection);
        int64_t left = (ask_at - monotonic_ns()) / 1000000;
        stop = wait_for(PQsocket(connection), left > 0 ? (int)left : 0);
        listening = PQconsumeInput(connection) == 1 && PQstatus(connection) == CONNECTION_OK;
        if (listening && !stop && left <= 0) {
            listening = still_there(connection, &stop);
            ask_at = monotonic_ns() + (int64_t)ASK_EACH_MS * 1000000;
        }
    }
    take_notifications(connection); // why a server goes may have come together with its end, and be unread
    changes_flow(false);
    return stop;
}

// A server that is only slow is waited for: it still takes a new connection.
static void give_up_silent(bool flowed)
{
    if (flowed || !news.silent || monotonic_ns() - news.heard_at < (int64_t)SILENCE_MS * 1000000)
        return;
    group_give_up(last_of_server());
    news.silent = false;
}

static void *follow_news(void *argument)
{
    (void)argument;
    const struct connect_options options = {
        .url = news.options.url,
        .application_name = news.options.application_name,
        .statement_timeout_ms = 5000,
    };
    for (unsigned attempt = 0;; attempt++) {
        const char *fault;
        PGconn *connection = connection_open(&options, &fault);
        news.last_words[0] = '\0';
        PQsetNoticeReceiver(connection, hear, NULL);
        bool flowed = false;
        bool stop = !fault && listen_on(connection, &flowed);
        if (!stop)
            tell_lost(connection, fault);
        give_up_silent(flowed);
        PQfinish(connection);
        if (flowed)
            attempt = 0;
        if (stop || wait_for(-1, backoff_ms(attempt)))
            return NULL;
    }
}

bool changes_start(const struct session_options *options)
{
    news.options = *options;
    news.stop = eventfd(0, EFD_CLOEXEC);
    return news.stop >= 0 && pthread_create(&news.thread, NULL, follow_news, NULL) == 0;
}

void changes_stop(void)
{
    uint64_t one = 1;
    ssize_t size = write(news.stop, &one, sizeof one);
    (void)size;
    pthread_join(news.thread, NULL);
    close(news.stop);
    news.stop = -1;
}
