// Whether two connection strings name one database: they are written down by hand, in two files.
#include "base/poller.h"
#include "database/private.h"
#include "database/session.h"

#include <string.h>

enum { ANSWER_MS = 3000 };

// The database, and the server where everybody may ask for its identifier.
static const char ask[] =
    "SELECT oid, CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')"
    " THEN (SELECT system_identifier FROM pg_catalog.pg_control_system()) END"
    " FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()";

static PGresult *identity_of(const char *url)
{
    PGconn *connection = hosts_connect(&(struct connect_options){.url = url, .application_name = "thidua settings"});
    int64_t end = monotonic_ns() + (int64_t)ANSWER_MS * 1000000;
    connection_hush(connection);
    bool asked = PQstatus(connection) == CONNECTION_OK && PQsendQuery(connection, ask) == 1;
    PGresult *answer = asked ? last_awaited(connection, answer_await, end) : NULL;
    PQfinish(connection);
    return answer;
}

static bool differ(const PGresult *one, const PGresult *other, int column)
{
    return !PQgetisnull(one, 0, column) && !PQgetisnull(other, 0, column) &&
           strcmp(PQgetvalue(one, 0, column), PQgetvalue(other, 0, column)) != 0;
}

bool session_urls_meet(const char *url, const char *owner_url)
{
    PGresult *one = identity_of(url), *other = identity_of(owner_url);
    bool meet = PQntuples(one) != 1 || PQntuples(other) != 1 || !(differ(one, other, 0) || differ(one, other, 1));
    PQclear(one);
    PQclear(other);
    return meet;
}
