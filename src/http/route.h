// The route table: one row for each operation. A row says who may call it, on which lane it runs and what it takes.
// Whoever reads the tables reads the API.
//
// A lane is a way to run a request. The quick lane is an event loop's own few connections to PostgreSQL: the loop sends
// a prepared read down one of them and answers when its row comes back, so that no thread waits (database/quick.h).
// Writes and long reads run on workers, a pool of threads with one connection each (database/pool.h).
#ifndef THIDUA_HTTP_ROUTE_H
#define THIDUA_HTTP_ROUTE_H

#include "http/input/body.h"
#include "http/request.h"

struct paper;     // src/paper: an official paper
struct session;   // src/database: a worker's connection
struct statement; // src/database: a named SQL statement
struct rows;      // src/database: what a statement gave
struct cell_page; // src/handler/table: rows of a table

enum lane {
    LANE_LOOP,    // `answer` runs on the loop's thread and must not block
    LANE_QUICK,   // the quick lane runs one statement, whose result is the body (`read`)
    LANE_WRITE,   // `act` runs on a worker, in one transaction
    LANE_HEAVY,   // the same for long ones, which never take more than half of the workers
    LANE_COMPUTE, // `act` computes a read on a worker as LANE_HEAVY does, in one read-only snapshot
    // `read` runs on the quick lane; `open` makes the answer of its row, or starts a body that is fetched there piece
    // by piece.
    LANE_STREAM,
};

enum body_kind { BODY_NONE, BODY_JSON, BODY_MERGE_PATCH, BODY_CSV, BODY_PDF };

enum {
    COLUMNS_TEXT_MOST = 1000,
    JSON_BODY_MAX = 256 * 1024,
    CSV_BODY_MAX = 4 * 1024 * 1024,
    PDF_BODY_MAX = 25 * 1024 * 1024
};

// Who may call a route: roles joined by |, or one of these.
#define ANYONE  (1U << 30) // no key needed
#define ANY_KEY ((unsigned)ROLES_ALL)
// Sở Nội vụ, the Chair's office and auditors.
#define MAY_READ_RESTRICTED ((unsigned)(ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE | ROLE_AUDITOR))

// A column of a list as a table: its heading, and where its cells stand in the list's items.
enum column_type {
    COLUMN_PLAIN,   // as the member is: a text, a number, có or không
    COLUMN_DATE,    // YYYY-MM-DD
    COLUMN_INSTANT, // RFC 3339
    COLUMN_DECIMAL, // "64.35"
    COLUMN_AMOUNT,  // of money
};
struct column {
    const char *vi, *en;
    // "name"; "parent.name"; "title.@" by language; "codes[].value" of each, joined; "[].a+b" both.
    const char *member;
    enum column_type type;
    // The vocabulary of its codes (base/pure/labels.h), whose labels stand in the cells; of "a+b" one for each, such as
    // "A+B". NULL: it has no codes.
    const char *codes;
};

#define XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define DOCX_TYPE "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define PDF_TYPE  "application/pdf"

// Separation of duties (domain, section 1): on whom a write of an office bears. A caller whose own unit is among them
// is refused before `act` runs (handler/duty.h). Every write that an office may call says so in its row: a test asks.
struct duty {
    // A statement of the kind `stake` gives the units; its parameters are those of `read`, and @body, the body as JSON.
    const struct statement *units;
    const char *none; // or why there are none: a sentence
    bool rivals;      // the caller's unit must not compete with them either
    // Does the request act as an office, where units call the same route for themselves? NULL: always.
    bool (*as_office)(const struct request *request);
};
#define NO_UNIT_AT_STAKE(reason) (&(const struct duty){.none = (reason)})

// An order in which a list can be read, by a statement of its own: `sort` names it. Every order needs an index, or so
// few rows that sorting them costs nothing (test_list_orders.py).
struct order {
    const char *name; // of the member that it goes by; "-" before it: from the end
    const struct statement *read;
};
// Of a list that is usually read from the start, or from the end, such as the newest first.
#define FROM_START(member, list)                                                                                       \
    {member, &list##_statement},                                                                                       \
    {                                                                                                                  \
        "-" member, &list##_reversed_statement                                                                         \
    }
#define FROM_END(member, list)                                                                                         \
    {"-" member, &list##_statement},                                                                                   \
    {                                                                                                                  \
        member, &list##_reversed_statement                                                                             \
    }

struct route {
    const char *method; // GET also answers HEAD
    const char *path;   // "/v1/units/{unit_id}"
    unsigned roles;
    enum lane lane;
    // Where its parameters come from stands in its .sql file: {x} the path (NULL where this route has no such part), ?x
    // the query, @unit the caller's unit, @roles the caller's roles as text, @offices whether the caller reads what is
    // restricted, @drafts whether it reads drafts of rule sets, @operators whether it sees what keys of others own,
    // @key the caller's key, @after Last-Event-ID or else ?after.
    const struct statement *read;
    struct reply (*act)(struct request *request, struct session *session);
    struct reply (*answer)(struct request *request);
    // Of `read`: one row. A reply without a status: it was given to a worker (compute_start in handler/lanes/work.h).
    struct reply (*open)(struct request *request, const struct rows *rows);
    const struct query_field *query;
    const struct order *orders;   // of a list that is read: the first is that of `read`; ended by an empty row
    const char *produces;         // media type of what it answers; NULL: application/json
    const char *also_produces;    // another media type of the same, by Accept
    const struct column *columns; // a list is also there as CSV and XLSX, in these columns; ended by an empty row
    // Of such a list on LANE_COMPUTE whose items say more than its columns show: a page of the cells, which is made
    // without the items. False with a problem recorded. NULL: cells are read from the items.
    bool (*tabulate)(struct request *request, struct session *session, struct cell_page *ret_page);
    // Of the items of such a list: each element of this list of theirs is a row of the table, and for the columns of
    // the row it stands in the list's place. NULL: an item is a row.
    const char *rows_of;
    // The same as an official paper, made on a worker in one read-only snapshot: the route then also answers DOCX and
    // PDF. Who may not see the resource may not see its paper. NULL with one problem recorded: there is none.
    struct paper *(*paper)(struct request *request, struct session *session);
    enum body_kind body_kind;
    const struct field *body; // what `act` reads; a test holds it against openapi.yaml
    const struct duty *duty;  // NULL: no office may call it, or it writes nothing
    bool brief;               // on LANE_COMPUTE: soon over (database/pool.h)
    bool one_state;           // all statements of `act` see one state of the data (REPEATABLE READ)
    bool cached;              // the answer is the same for all callers: it is kept in memory until something changes
    // Where it is `cached`: the kinds of events that can change it (database/changes.h), or what those are told of it
    // who see no more than others; NULL: any.
    const char *rests_on;
    bool restricted_readers_see_more; // where it is `cached`: not kept for those of MAY_READ_RESTRICTED
    bool members_see_more; // where it is `cached`: kept apart for those of MAY_READ_RESTRICTED, and for each unit's own
    bool trial;            // a POST that only asks: whatever `act` does is rolled back
    bool changes_keys;     // cached keys are no longer trusted after it
    const char *cache_control;
};

enum { ROUTES_MAX = 256 }; // of all tables together
// Gives the tables, a list ended by NULL; each table is ended by an empty row. Once, before the first request.
void routes_use(const struct route *const tables[]);

enum route_match { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };
// Finds the row for the request's method and target; fills route and path parameters. For ROUTE_NO_METHOD,
// `ret_allow` is the value of Allow; for ROUTE_NO_PATH, `ret_misfit` names the parameter of a path that would be there,
// were it not for what was sent in its place, or is NULL.
enum route_match route_find(struct request *request, const char **ret_allow, const char **ret_misfit);
// Does the route answer this caller as it answers all others? Then the answer may be kept for them.
bool route_answers_all(const struct request *request);
// Under which name an answer is kept in memory: the target, with what decides what the caller sees. NULL: it is not.
const char *route_kept_as(struct request *request);
// The statement that reads the route's answer, in the order that is asked for; NULL: none does.
const struct statement *route_read(const struct request *request);
// What a route takes in its query beside its own: a write dry_run, a list sort and total, a table columns.
enum { COMMON_MAX = 4, ORDERS_MAX = 8 };
struct common_query {
    struct query_field fields[COMMON_MAX + 1]; // ended by an empty row
    const char *orders[ORDERS_MAX + 1];        // the choices of sort
};
void route_common_query(const struct route *route, struct common_query *ret_query);
// How the query names a column: by its member, without the signs that say how a cell is made of it.
const char *column_name(struct request *request, const struct column *column);

// Does the route write? Then it also takes the query parameter dry_run.
bool route_writes(const struct route *route);
enum { OFFERS_MAX = 6 };
// The media types that a caller may choose from by Accept, without parameters, the usual one first. Returns how many.
size_t route_offers(const struct route *route, const char *ret_offers[static OFFERS_MAX]);
// The one of them that this caller wants most; NULL: it wants none of them.
const char *route_offer_wanted(const struct request *request);
// Position of a route over all tables, for metrics; total number of routes.
int route_number(const struct route *route);
int routes_count(void);
const struct route *route_at(int number);

#endif
