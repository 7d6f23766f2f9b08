// The route table: one row an operation, one table a feature. A row says who may call, on which lane it runs and what
// it takes, so that reading the tables is reading the API.
#ifndef THIDUA_HTTP_ROUTE_H
#define THIDUA_HTTP_ROUTE_H

#include "http/input/body.h"
#include "http/request.h"

struct session;   // src/database: a worker's connection
struct statement; // src/database: a named SQL statement

enum lane {
    LANE_LOOP,    // answered at once by `answer`, on the loop's thread: must not block
    LANE_QUICK,   // one prepared statement whose result is the body (`read` and `bind`)
    LANE_WRITE,   // one transaction on a worker (`act`)
    LANE_HEAVY,   // the same, long by nature: never on more than half of the workers
    LANE_COMPUTE, // a read that needs C between rows and answer (`act`): on a worker like LANE_HEAVY, one read-only
                  // snapshot
    LANE_STREAM,  // started by `open`, which fetches pieces on the quick lane
};

enum body_kind { BODY_NONE, BODY_JSON, BODY_MERGE_PATCH, BODY_CSV, BODY_PDF };

enum { BINDINGS_MAX = 16, JSON_BODY_MAX = 256 * 1024, CSV_BODY_MAX = 4 * 1024 * 1024, PDF_BODY_MAX = 25 * 1024 * 1024 };

// Who may call a route: roles or-ed together, or one of these.
#define ANYONE  (1U << 30) // no key needed
#define ANY_KEY ((unsigned)ROLES_ALL)
// Who reads what is restricted: Sở Nội vụ, the Chair's office, auditors.
#define OFFICES ((unsigned)(ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE | ROLE_AUDITOR))

// A column of a list as a table: the heading people read, and where in the list's items its cells stand.
enum column_type {
    COLUMN_PLAIN,   // as the member is: a text, a number, có or không
    COLUMN_DATE,    // YYYY-MM-DD
    COLUMN_INSTANT, // RFC 3339
    COLUMN_DECIMAL, // "64.35"
    COLUMN_AMOUNT,  // of money
};
struct column {
    const char *vi, *en;
    const char
        *member; // "name"; "parent.name"; "title.@": by language; "codes[].value": of each, joined; "[].a+b": both
    enum column_type type;
};

struct route {
    const char *method; // GET also answers HEAD
    const char *path;   // "/v1/units/{unit_id}"
    unsigned roles;
    enum lane lane;
    const struct statement *read;
    // Where the parameters of `read` come from, in order: "{x}" path, "?x" query, "@unit" the caller's unit,
    // "@roles" the caller's roles as text, "@offices" whether the caller reads what is restricted, "@drafts" whether it
    // reads drafts of rule sets, "@operators" whether it sees whatever keys own, "@key",
    // "@after" Last-Event-ID or else ?after, "=TEXT" that text, "=" NULL.
    const char *bind[BINDINGS_MAX];
    struct reply (*act)(struct request *request, struct session *session);
    struct reply (*answer)(struct request *request);
    struct reply (*open)(struct request *request, const char *columns[]);
    const struct query_field *query;
    const struct column *columns; // a list: also as CSV and XLSX by Accept, in these columns, ended by an empty one
    enum body_kind body_kind;
    const struct field *body; // what act reads, for the test that holds it against openapi.yaml
    bool one_state;           // REPEATABLE READ: every statement of `act` sees one state of the data
    bool cached;              // status resource, the same for all callers: from memory while nothing changes
    bool offices_see_more;    // where it is `cached`: but for the offices, whose answers nobody keeps for others
    bool trial;               // whatever `act` does is rolled back: a POST that asks, and writes nothing
    bool changes_keys;        // cached keys are to be asked for again after it
    const char *cache_control;
};

// Gives the tables, a list ended by NULL; each table is ended by an empty row. Once, before the first request.
void routes_use(const struct route *const tables[]);

enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };
// Finds the row for the request's method and target; fills route and path parameters. For ROUTE_NO_METHOD,
// `ret_allow` is the value of Allow.
enum route_match route_find(struct request *request, const char **ret_allow);
// Is what it answers this caller what it answers all, so that it may be kept for them?
bool route_answers_all(const struct request *request);
// Does it write? Then it also takes the query parameter dry_run.
bool route_writes(const struct route *route);
// Position of a route over all tables, for metrics; total number of routes.
int route_number(const struct route *route);
int routes_count(void);
const struct route *route_at(int number);

#endif
