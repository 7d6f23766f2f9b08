#include "base/log.h"
#include "base/poller.h"
#include "database/changes.h"
#include "database/session/private.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool are_ports(const char *list)
{
    for (; *list; list += strcspn(list, ","), list += *list == ',') {
        unsigned long port = strtoul(list, NULL, 10);
        size_t length = strspn(list, "0123456789");
        if (length != strcspn(list, ",") || (length && (port < 1 || port > 65535)))
            return false;
    }
    return true;
}

// The directory of a socket may have any letter.
static bool are_hosts(const char *list)
{
    for (; *list; list += strcspn(list, ","), list += *list == ',')
        if (*list != '/' && *list != '@' && strcspn(list, "@") < strcspn(list, ","))
            return false;
    return true;
}

// A URI whose password has a slash ends there with its hosts.
static bool has_user_in_path(const char *url)
{
    const char *authority = strstr(url, "://");
    if (!authority || (strncmp(url, "postgres://", 11) != 0 && strncmp(url, "postgresql://", 13) != 0))
        return false;
    const char *path = authority + 3 + strcspn(authority + 3, "/?");
    return strcspn(path, "@") < strcspn(path, "?");
}

bool session_url_fits(const char *url)
{
    PQconninfoOption *read = PQconninfoParse(url, NULL);
    bool fits =
        read && are_hosts(value_of(read, "host")) && are_ports(value_of(read, "port")) && !has_user_in_path(url);
    PQconninfoFree(read);
    return fits;
}

bool session_url_is_of_standby(const char *url)
{
    PQconninfoOption *options = options_of(url);
    const char *wanted = value_of(options, "target_session_attrs");
    bool standby = strcmp(wanted, "read-only") == 0 || strstr(wanted, "standby");
    PQconninfoFree(options);
    return standby;
}

bool session_url_show(const char *url, char *ret_text, size_t size)
{
    PQconninfoOption *read = PQconninfoParse(url, NULL);
    size_t length = 0;
    ret_text[0] = '\0';
    for (const PQconninfoOption *option = read; option && option->keyword && length < size; option++) {
        bool secret = strchr(option->dispchar, '*') != NULL;
        if (option->val && *option->val)
            length += (size_t)snprintf(ret_text + length, size - length, "%s%s=%s", length ? " " : "", option->keyword,
                                       secret ? "***" : option->val);
    }
    PQconninfoFree(read);
    return length < size;
}

struct session *session_new(const struct session_options *options)
{
    struct session *session = calloc(1, sizeof *session);
    if (session)
        session->options = options;
    return session;
}

void session_free(struct session *session)
{
    if (!session)
        return;
    PQfinish(session->connection);
    free(session);
}

void session_drop(struct session *session)
{
    PQfinish(session->connection);
    session->connection = NULL;
    session->sent_count = 0;
    session->begin = NULL;
}

static void take_warning(void *context, const PGresult *notice)
{
    struct session *session = context;
    (void)notice; // client_min_messages lets no less through
    session->warned = true;
}

static const char other_tables[] = "the tables of the database are not those of this program: run thidua migrate";

// libpq may say more than one line, such as one for each host that was tried.
static void note_unusable(struct session *session, const char *fault)
{
    snprintf(session->reason, sizeof session->reason, "%.*s", (int)strcspn(fault, "\n"), fault);
}

void session_note(struct session *session, const struct failure *failure)
{
    static const char *const words[] = {
        [FAILURE_AWAY] = "the connection to PostgreSQL was lost",
        [FAILURE_AGAIN] = "another transaction was in the way: run it again",
        [FAILURE_SQL] = "PostgreSQL refused it",
        [FAILURE_UNKNOWN] = "PostgreSQL did not say what became of COMMIT: it may have been kept",
    };
    bool named = failure->constraint[0] != '\0', read_only = is_read_only(failure->sqlstate);
    // Of class 42 (undefined table, column or function) all but 42501, insufficient_privilege.
    if (strncmp(failure->sqlstate, "42", 2) == 0 && strcmp(failure->sqlstate, "42501") != 0 && !named) {
        snprintf(session->reason, sizeof session->reason, "%s", other_tables);
        return;
    }
    snprintf(session->reason, sizeof session->reason, "%s%s%s%s%s%s",
             read_only ? "the database takes no writes" : words[failure->kind],
             failure->sqlstate[0] ? " (SQLSTATE " : "", failure->sqlstate, named ? ", " : "", failure->constraint,
             failure->sqlstate[0] ? ")" : "");
}

// One that goes on being refused is told of once a minute.
void session_tell(struct session *session, const struct failure *failure)
{
    if (!session->options->background || failure->kind != FAILURE_SQL)
        return;
    session->refused++;
    if (!log_due(&session->told_at))
        return;
    log_event(LOG_ERROR, "background_refused", log_text("thread", session->options->background),
              log_text("statement", failure->statement ? failure->statement->name : NULL),
              log_text("reason", session->reason), log_number("refused", session->refused));
    session->refused = 0;
}

// An idle connection has nothing to read, unless the server said good-bye: then the next transaction shall find a new
// connection instead of failing on the dead one. Its last words come first: only reading on shows that it is gone.
static bool is_alive(PGconn *connection)
{
    if (!connection || PQstatus(connection) != CONNECTION_OK)
        return false;
    struct pollfd wait = {.fd = PQsocket(connection), .events = POLLIN};
    while (poll(&wait, 1, 0) != 0)
        if (PQconsumeInput(connection) != 1 || PQstatus(connection) != CONNECTION_OK)
            return false;
    return true;
}

// Of a server that is away the news tell. Where they flow, nobody else would say why callers are refused.
static void tell_refused(const struct session *session)
{
    enum { ATTEMPTS_UNTOLD = 3 };
    static atomic_int_fast64_t told_at;
    bool away = session->attempts >= ATTEMPTS_UNTOLD && changes_seen(CHANGE_DATA) && !group_is_closed();
    if (away && log_due(&told_at))
        log_event(LOG_ERROR, "writes_away", log_text("thread", session->options->background),
                  log_text("reason", session->reason));
}

int64_t session_pauses_until(const struct session *session)
{
    return group_reached_since(session->failed_at) ? 0 : session->not_before;
}

bool session_is_connected(const struct session *session)
{
    return !session->read_only && is_alive(session->connection);
}

bool session_connect(struct session *session)
{
    if (session_is_connected(session))
        return true;
    int64_t now = monotonic_ns();
    if (session_pauses_until(session) > now)
        return false;
    session_drop(session);
    const char *fault;
    session->connection =
        connection_open(&(struct connect_options){.url = session->options->url,
                                                  .application_name = session->options->application_name,
                                                  .statement_timeout_ms = session->options->statement_timeout_ms,
                                                  .now = session->options->now,
                                                  .work_ms = session->options->work_ms},
                        &fault);
    PQsetNoticeReceiver(session->connection, take_warning, session);
    session->read_only = false;
    memset(session->prepared, 0, sizeof session->prepared);
    if (!fault) {
        session->attempts = 0;
        return true;
    }
    note_unusable(session, fault);
    tell_refused(session);
    session->failed_at = monotonic_ns();
    session->not_before = now + (int64_t)backoff_ms(session->attempts++) * 1000000;
    return false;
}

const char *session_message(const struct session *session)
{
    return session ? session->reason : "out of memory";
}
