// A request as features see it, and what they answer. Everything here lives in the request's arena. It belongs to one
// thread at a time: to the loop's, or to a worker's while a worker has the request.
#ifndef THIDUA_HTTP_REQUEST_H
#define THIDUA_HTTP_REQUEST_H

#include "base/temporary.h"
#include "http/input/language.h"
#include "http/problem.h"
#include "thidua/arena.h"
#include "thidua/roles.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct column;
struct route;
struct rows_view; // http/input/rows.c
struct field;     // http/input/field.h

enum { PATH_PARAMETERS_MAX = 4, QUERY_PARAMETERS_MAX = 24 };

// Who calls, as a key or a token says. Without one `known` is false and there are no roles.
struct caller {
    bool known;
    unsigned roles;      // of enum role
    char key_id[37];     // UUID
    char unit_id[37];    // the unit that the key is bound to; "" for none
    char name[129];      // label of the key
    char generation[12]; // of the key's secret (a number); "" for a token
    bool by_token;       // a token of the identity provider, and no key of ours
    // The credential is trusted until then (monotonic_ns), and while the counter under which it was found has not moved
    // (caller_trusted in identity/identify.h).
    int64_t good_until;
    uint64_t seen;
};

struct pair {
    const char *name, *value;
};

// A body that is too large for memory, written as it arrives.
struct spool {
    struct temporary file;
    char sha256[65]; // hexadecimal, when the body is complete
};

// Something that is released when the request ends, such as rows or a JSON value.
struct deferred {
    void (*release)(void *thing);
    void *thing;
    struct deferred *next;
};

struct reply;

struct request {
    struct arena arena;
    const struct route *route;
    char id[65]; // X-Request-Id
    enum language language;
    const char *method; // static text
    bool head;          // HEAD, answered as GET without the body
    const char *target; // as sent, but for its path: there each value has one spelling once the route is known
    struct pair path[PATH_PARAMETERS_MAX];
    struct pair query[QUERY_PARAMETERS_MAX];
    size_t query_count;
    const struct column *const
        *columns; // of a table: those that are asked for, ended by NULL; NULL: all of the route's
    struct caller caller;
    // Header fields, filled by http/input/header.c: NULL where there is none.
    const char *accept, *accept_encoding, *accept_language;
    const char *authorization;
    const char *content_encoding, *content_length, *content_range, *content_type, *transfer_encoding;
    const char *expect, *host, *origin;
    const char *forwarded, *x_forwarded_for; // http/transport/forwarded.h
    const char *if_match, *if_none_match;
    const char *idempotency_key;  // without quotes
    const char *last_event_id;    // digits
    const char *prefer;           // RFC 7240
    const char *preflight_method; // Access-Control-Request-Method
    const char *digest;           // Repr-Digest and Digest: what the sender says its body hashes to
    const char *traceparent;
    const char *client_id;       // X-Request-Id, where it can be taken over
    const char *repeated_header; // a field that may be sent only once and came twice
    const char *body;            // complete; NULL when there is none
    size_t body_length;
    json_t *json;                      // validated body; released with the request
    const char *body_json;             // the same as normalised text, for statements that take it whole
    const struct field *item_fields;   // of the item at hand, where the body is a list of them; NULL: it is none
    const struct rows_view *rows_view; // of a body that is a workbook: where its cells stand
    struct spool spool;
    struct problem problem;
    const json_t *clauses; // how the plan at hand prints plan 230's clauses (clauses_of_plan); NULL: as plan 230 does
    bool plan_at_hand;     // without one no clause is named: each plan has its own
    bool dry_run;          // the transaction is rolled back, whatever the handler did
    bool retry;            // the transaction failed only for being concurrent: the handler can run again
    bool key_known;        // its Idempotency-Key is in use, or was used: what came of that is awaited
    struct guard *guards;  // asked of the database and not judged yet (handler/run_statement.h)
    struct deferred *deferred;
    int64_t started;       // monotonic_ns, as the next two
    int64_t queued, begun; // when it went to the workers, and when one began; 0: it did not
    int64_t at; // by the clock of the service, in microseconds since 1970; 0: work of our own, which no clock judges
    // Called once the transaction is committed, before the answer goes out. The handler sets it.
    void (*on_commit)(void *context);
    void *on_commit_context;
    // Called on the loop's thread before what a worker answered goes out; NULL: nothing is.
    void (*before_answer)(struct request *request, const struct reply *reply);
    void *before_answer_context;
    bool journalled; // `act` has appended to the journal, or has changed nothing
    // Of which kinds its events are (database/changes.h); "": of none yet. Here and not in the arena, which a bulk
    // write clears between its items. All kinds of event.def take 400 bytes.
    char changed[512];
    void *loop_state; // of the request's event loop (handler/lanes/loop.h)
    void *transport;  // of src/http/transport
};

// What a handler answers, by value. Pointers live as long as the request.
struct reply {
    unsigned status;
    const char *content_type; // NULL: application/json
    const char *body;
    size_t length;
    const char *gzip; // the body in gzip, where that was made before; NULL: made where it is asked for
    size_t gzip_length;
    const char *etag; // without quotes; NULL: none
    const char *location;
    const char *next; // cursor of the next page
    const char *cache_control;
    const char *disposition; // Content-Disposition
    const char *content_security_policy;
    const char *preference_applied; // RFC 7240
    bool in_language;               // its text is in the request's language
    bool unbuffered;                // proxies are to pass on each piece as it comes
    bool replayed;                  // it was stored under the same Idempotency-Key
    struct body_source *source;     // streamed body instead of `body`
};

// A body that is fetched piece by piece while it is sent. Runs on the loop's thread.
#define BODY_WITHOUT_END UINT64_MAX // until body_source_end
struct body_source {
    uint64_t size;
    // Asks for the next piece; the answer comes through body_source_take, during the call or later.
    void (*fetch)(struct body_source *source);
    struct request *request;
    // The piece at hand.
    const char *piece;
    size_t piece_length, piece_used;
    bool failed;
    bool waiting;
    bool ended;
};
void body_source_take(struct body_source *source, const char *piece, size_t length);
// Nothing more will come of a BODY_WITHOUT_END.
void body_source_end(struct body_source *source);

// The reply for the problem recorded on the request.
struct reply refusal(struct request *request);
// The body goes out in one spelling (base/pure/json_spelling.h), with a line feed at its end.
struct reply reply_json(struct request *request, unsigned status, const char *body, size_t length);
struct reply reply_no_content(void);

// The member of that name as a text, and that of an object in it; NULL: null, no text, or none.
static inline const char *member_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static inline const char *member_text_in(const json_t *object, const char *inner, const char *name)
{
    return member_text(json_object_get(object, inner), name);
}

// Releases `thing` when the request ends.
void defer(struct request *request, void (*release)(void *), void *thing);
// The same for a reference to a JSON value, which it returns, and for memory of malloc(). NULL is allowed.
json_t *defer_json(struct request *request, json_t *json);
void defer_free(struct request *request, void *memory);
// Releases now what was deferred after `kept` was the newest of it; NULL: everything.
void release_deferred(struct request *request, const struct deferred *kept);

// Value of a path parameter of the route ("unit_id"), which the route has: never NULL.
const char *path_value(const struct request *request, const char *name);
// The same of a route that may have none: NULL.
const char *path_part(const struct request *request, const char *name);
// Value of a query parameter, or NULL.
const char *query_value(const struct request *request, const char *name);
// Prefer asks for it (RFC 7240, a preference without a value, or with an empty one).
bool prefers(const struct request *request, const char *preference);
bool has_role(const struct request *request, unsigned roles);
// What Authorization says after "Bearer" and any blanks (RFC 9110 section 11.4); NULL without that scheme.
const char *bearer_of(const struct request *request);
// If-Match is there and is "*" (RFC 9110 section 13.1.1).
bool if_match_any(const struct request *request);
// If-Match is there and one of its strong tags is of this version, or is this very tag.
bool if_match_names(const struct request *request, const char *version);
// If-None-Match is there and forbids a write over what has this version (section 13.1.2), or is no list of tags.
bool if_none_match_fails(const struct request *request, const char *version);

// The strong validator of a representation: the resource's version (may be NULL) and a digest of the bytes.
const char *etag_of(struct request *request, const char *version, const char *body, size_t length);
// No If-Match stands against a read of what has this validator (section 13.1.1).
bool etag_wanted(const struct request *request, const char *etag);
// If-None-Match names this validator (RFC 9110 section 13.1.2), or that of the same in gzip where gzip is taken.
bool etag_known(const struct request *request, const char *etag);
// The validator of the representation in gzip: another one, for its bytes are others (RFC 9110 section 8.8.3.3).
const char *etag_gzip(struct request *request, const char *etag);
// Is it that one that If-None-Match names?
bool etag_gzip_known(const struct request *request, const char *etag);

#endif
