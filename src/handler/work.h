// The parts of the service layer, for one another.
#ifndef THIDUA_HANDLER_WORK_H
#define THIDUA_HANDLER_WORK_H

#include "database/pool.h"
#include "database/quick.h"
#include "http/request.h"

struct session;

// What one event loop keeps: its quick lane and its caches, all on the loop's thread.
struct loop_state {
    struct quick_lane *lane;
    bool ready; // the lane has a connection
    struct key_cache *keys;
    struct status_cache *statuses;
    struct feed *feed; // journal/feed.h
};

// ---- identify.c ----
struct key_cache *key_cache_new(void);
void key_cache_free(struct key_cache *cache);
bool identify(struct request *request, void *loop_state);

// ---- reads.c ----
struct status_cache *status_cache_new(void);
void status_cache_free(struct status_cache *cache);
void read_start(struct request *request, struct loop_state *state);
void refuse_busy(struct request *request);
// Does Last-Event-ID say where a stream begins?
bool last_event_named(const struct request *request);
// The value of one source of a read's parameters (http/route.h, read), and those of all parameters of the route's read.
const char *read_parameter(struct request *request, const char *source);
void read_parameters(struct request *request, const char *ret_values[]);
// What a read gives (tools/embed_statements.py): the only columns that are known by their place.
struct read_row {
    const char *body; // NULL: not found
    size_t length;
    const char *version, *next; // NULL: none
};
struct read_row read_row_of(const struct rows *rows);

// ---- exports.c ----
// Does the caller take the list as a table? Then it is answered so.
bool export_start(struct request *request, struct loop_state *state);

// ---- export_file.c ----
enum file_kind { FILE_CSV, FILE_XLSX };
// The list as a file that is made on a worker, in one snapshot.
void export_file(struct request *request, enum file_kind kind);

// ---- writes.c ----
void write_start(struct request *request, struct pool *pool);
// The same of a read that is not what the route's table says.
void compute_start(struct request *request, struct pool *pool,
                   struct reply (*act)(struct request *request, struct session *session));
// The running write has appended to the journal.
void work_journalled(struct request *request);

// ---- service.c ----
struct pool *service_pool(void);
// How workers connect; outlives them.
const struct session_options *service_session(void);
// A list of more rows is refused as a table, or breaks off where it is under way already.
unsigned service_table_rows(void);
// Are PostgreSQL and the workers there?
bool service_ready(void);

#endif
