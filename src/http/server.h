// The HTTP side of the service: event loops, each with its own socket, libmicrohttpd daemon and poller.
#ifndef THIDUA_HTTP_SERVER_H
#define THIDUA_HTTP_SERVER_H

#include "base/poller.h"
#include "http/request.h"

#include <stdbool.h>
#include <stdint.h>

// What a loop calls in the layers above. All of it runs on the loop's thread.
struct server_hooks {
    // A loop starts or ends. The others are given the context that `loop_open` returns.
    void *(*loop_open)(struct poller *poller);
    void (*loop_close)(void *context);
    // A turn ends: what was gathered is sent. Returns milliseconds until it wants another turn, -1 for never.
    int (*loop_turn)(void *context);
    // Finds out who calls. True when request->caller is known or a problem is recorded; false when request_known() will
    // be called later.
    bool (*identify)(struct request *request, void *context);
    // The request is complete, allowed and within bounds. Exactly one request_answer() or request_finish() must follow.
    void (*dispatch)(struct request *request, void *context);
};

// What a client is given time for, in milliseconds: then it is disconnected.
struct server_limits {
    int64_t idle_ms;   // from connecting, or from the last answer, to the next request line
    int64_t header_ms; // from the request line to the end of the headers
    int64_t body_ms;   // for the body, and a second more for every 64 KiB of it
    int64_t send_ms;   // to take the whole answer
};

// Requests a minute; 0: as many as they like.
struct server_rates {
    unsigned key;     // of one key
    unsigned address; // of one address, by callers without a key
};

// What lines about requests hold.
struct server_log {
    bool addresses; // of callers
    bool health;    // lines about probes that are answered well
};

struct server_options {
    const struct route *const *routes; // tables, ended by NULL (http/route.h)
    const char *address;
    uint16_t port; // 0: any free one
    struct server_limits limits;
    struct server_rates rates;
    struct server_log log;
    unsigned loops, connections, drain_seconds;
    unsigned connections_per_address; // of one loop
    const char *cors_origins;         // http/transport/cors.h
    int64_t now;                      // a fixed clock for tests; 0: that of the system
    struct server_hooks hooks;
};

// Takes the port and starts the loops, which take no connections yet. False after one log line.
bool server_start(const struct server_options *options);
uint16_t server_port(void);
// Connections are taken from now on. False after one log line.
bool server_open(void);
// Whether every loop has turned, asked by making them; false after a second.
bool server_turns(void);
// The end is near: whoever asks whether the service is ready, and every answer on a connection that could be kept, is
// told so. Everything is served as before.
void server_be_lame(void);
bool server_lame(void);
// Stops accepting, lets requests under way end (at most drain_seconds), ends the loops.
void server_stop(void);
// Frees what server_stop() leaves, because the thread that handed over a loop's last answer may still be about to wake
// the loop. Call it when every thread that answers requests or calls server_wake() has ended.
void server_close(void);
bool server_draining(void);
// Gives every loop a turn soon; from any thread.
void server_wake(void);
const struct server_limits *server_limits(void);
int64_t server_now(void); // in microseconds since 1970
const struct server_rates *server_rates(void);
const struct server_log *server_log(void);
unsigned server_loops(void);
unsigned server_clients(void);
unsigned long server_clients_held_up(void); // how often, for want of descriptors or memory

// The caller is known now, or a problem is recorded. On the loop's thread only.
void request_known(struct request *request);
// Answers, on the loop's thread only.
void request_answer(struct request *request, struct reply reply);
// Answers from any other thread, by handing the answer over to the request's loop.
void request_finish(struct request *request, struct reply reply);

#endif
