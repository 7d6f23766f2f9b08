// One request and its answer on one client connection, inside src/http: all of it on the thread of the client's loop,
// but for loop_hand_over. An exchange owns its request, with all that was deferred in it, until exchange_end.
#ifndef THIDUA_HTTP_TRANSPORT_EXCHANGE_H
#define THIDUA_HTTP_TRANSPORT_EXCHANGE_H

#include "base/network.h"
#include "base/sha256.h"
#include "http/request.h"
#include "http/server.h"
#include "http/transport/rate.h"

#include <microhttpd.h>

enum stage {
    STAGE_HEADERS,  // the request line has come
    STAGE_IDENTIFY, // suspended: waiting to know who calls
    STAGE_KNOWN,    // resumed: the caller is known
    STAGE_BODY,     // taking the body
    STAGE_SWALLOW,  // refused, but the body is still coming and small: read past it, so that the refusal is received
    STAGE_WORKING,  // with the service, perhaps suspended
    STAGE_ANSWERED, // the reply is there, not yet queued
    STAGE_SENDING,
};

// A client connection, which carries one exchange after another.
struct client {
    struct loop *loop;
    struct MHD_Connection *connection;
    struct exchange *exchange; // under way, or NULL
    int64_t deadline;          // monotonic_ns at which the client has been too slow; 0: none at this stage
    bool to_send;              // it is the client's turn: its next bytes are awaited
    bool idle;                 // between requests
    bool watched;              // by loop.c, where libmicrohttpd does not
    struct client *previous, *next;
    // chunks.c
    uint64_t taken, seen; // bytes that are accounted for: now, and when it was last looked at
    bool in_chunks, fed;
    struct client *chunks_before, *chunks_after;
    // resting.c
    char *memory; // libmicrohttpd's pool for it; NULL: not known
    bool asked;   // at least once
    bool rests;
    int64_t rests_since; // monotonic_ns
    struct client *rests_before, *rests_after;
};

struct exchange {
    struct request request; // first: a request's transport is its exchange
    struct client *client;
    enum stage stage;
    bool suspended;
    bool asked_first;       // resumed, and not asked yet what there is to answer
    bool waited;            // its body, for its next piece
    bool hostless;          // HTTP/1.0, which needs no Host
    bool packed;            // the body is in gzip
    bool close;             // close the connection after the answer
    bool received;          // the request is here as a whole
    bool addressed;         // `address` is known
    struct address address; // the caller's, behind proxies that are trusted
    struct rate rate;
    struct reply reply;
    char *buffer; // of the body, or of what gathers before it is spooled
    size_t buffer_size, gathered;
    uint64_t body_most, swallowed;
    struct sha256_stream digest; // of a spooled body
    struct exchange *next;       // in the loop's list of finished ones, or among those to use again
    struct arena_mark start;     // of the request's arena
};

// ---- exchange.c: an exchange step by step ----
struct exchange *exchange_start(struct client *client, const char *target);
enum MHD_Result exchange_start_head(struct exchange *exchange, const char *method, const char *version);
// After the head: a piece of the body; NULL at its end.
enum MHD_Result exchange_step(struct exchange *exchange, const char *data, size_t *size);
// Its answer was sent before all of it had come.
bool exchange_is_ahead(const struct exchange *exchange);
void exchange_end(struct exchange *exchange);

// ---- spare.c: memory of requests, each thread its own ----
struct exchange *exchange_take(void); // all zero but for its arena; NULL: there is no memory
void exchange_let_go(struct exchange *exchange);
void exchanges_forget(void); // before a loop's thread ends

// ---- head.c: what the head of a request says ----
void head_method(struct request *request, const char *method);
// The id that the client sent, or one of our own.
void head_name(struct request *request);
// Both: false with a problem recorded.
bool head_route(struct request *request);
bool head_query(struct request *request);

// ---- admission.c: the caller is known: may they, and is what they announce acceptable? ----
// False with a problem recorded.
bool exchange_admitted(struct exchange *exchange);
bool has_body(const struct request *request);
uint64_t announced_length(const struct request *request); // 0: none, or not said (chunked)
bool too_large(struct request *request, uint64_t most);   // records that problem and returns false

// ---- hygiene.c: what libmicrohttpd 0.9.75 lets through and RFC 9112 does not ----
enum { FIELDS_MOST = 64 };
// False with a problem recorded; the connection must then be closed, for body bytes could pass as a second request.
// `method` and `version` lie where libmicrohttpd has read the head to.
bool head_is_clean(struct exchange *exchange, const char *method, const char *version);
// Takes a target in absolute form for its path and query. Fills in path segments' and query's raw form check: false
// with a problem recorded.
bool target_is_clean(struct request *request);

// ---- early.c: heads that libmicrohttpd refuses by itself ----
// Beside which libmicrohttpd would have no room for the head of an answer: answers it, and returns true. The connection
// must then be closed.
bool refuse_heavy(struct exchange *exchange);
// To be called with every line that libmicrohttpd logs, its format, on the thread that logs it.
void refuse_early(const struct client *clients, const char *logged);
int client_descriptor(const struct client *client); // -1: none

// Answers where libmicrohttpd would take no answer. The connection must then be closed.
void answer_early(struct exchange *exchange, struct reply reply);

// ---- chunks.c: bodies in chunks ----
struct chunks {
    struct client *first;
    int64_t next_look; // monotonic_ns
};
// To be called with every head, where libmicrohttpd has read it to, and with the size of every piece of a body.
void chunks_take_head(struct client *client, const char *head, uint64_t size);
void chunks_take_body(struct client *client, uint64_t size);
// Between the head and the end of a request whose body comes in chunks.
void chunks_begin(struct client *client);
void chunks_end(struct client *client);
// To be called in every turn.
void chunks_turn(struct chunks *chunks, int64_t now);

// ---- intake.c: bodies as they come ----
// The next piece. False with a problem recorded: then nothing of the body is kept.
bool intake_take(struct exchange *exchange, const char *data, size_t size);
// All of it has come. False with a problem recorded.
bool intake_end(struct exchange *exchange);
// Gives back its memory.
void intake_forget(struct exchange *exchange);

// ---- spool.c: bodies too large for memory ----
bool spool_open(struct exchange *exchange);
// False with a problem recorded.
bool spool_write(struct exchange *exchange, const char *data, size_t size);
bool spool_close(struct exchange *exchange);

// ---- respond.c ----
enum MHD_Result respond(struct exchange *exchange);

// ---- resting.c: memory of connections that wait ----
// What libmicrohttpd keeps for a connection. More than 32 KiB it maps, and so whole pages are a connection's alone.
// Of it a head may take the first; the rest is for the head of the answer.
enum { HEAD_MEMORY = 36 * 1024, CONNECTION_MEMORY = HEAD_MEMORY + 8 * 1024 };
struct resting {
    struct client *oldest, *newest;
};
// To be called with every head, where libmicrohttpd has read it to.
void client_memory_seen(struct client *client, const char *head);
// After an answer, and when a stream waits for the first time; rest_end() before the next request and before the
// connection goes.
void rest_begin(struct resting *resting, struct client *client, int64_t now);
void rest_end(struct resting *resting, struct client *client);
// To be called in every turn. Returns after how many milliseconds again at the latest; -1: nobody rests.
int rest_turn(struct resting *resting, int64_t now);

// ---- loop.c ----
// No byte either way: longer than THIDUA_IDLE_SECONDS may be, for libmicrohttpd looks only when somebody else was just
// answered, and who sends the next request at that moment finds its connection reset.
enum { QUIET_SECONDS = 330 };
enum client_turn { CLIENT_TO_SEND, CLIENT_TO_WAIT }; // the second also: to read what is sent to it
void client_deadline(struct client *client, enum client_turn turn, int64_t milliseconds); // from now; 0: none
void client_hang_up(struct client *client);
void *loop_context(const struct loop *loop);
void loop_client_waits(struct client *client); // for what its stream has to tell
void loop_hand_over(struct loop *loop, struct exchange *exchange);

// ---- options.c: what the server was given, and whether it ends ----
void server_options_use(const struct server_options *given); // before there is a loop
void server_drain(void);                                     // every request is its connection's last one
const struct server_options *server_options(void);
const struct server_hooks *server_hooks(void);

// RFC 3986 percent-decoding of one path segment or query part; NULL where an escape is malformed.
const char *percent_decode(struct arena *arena, const char *text, size_t length, bool plus_is_space);

#endif
