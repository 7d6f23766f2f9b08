// Counters and latency histograms by route, as Prometheus reads them. Counting is lock-free, from any thread.
#ifndef THIDUA_HTTP_METRICS_H
#define THIDUA_HTTP_METRICS_H

#include "http/request.h"

// At the end of a request; `duration` in nanoseconds.
void metrics_count(const struct request *request, const struct reply *reply, int64_t duration);

// A gauge or a counter that a module offers. It is read when /metrics is asked for.
struct metrics_gauge {
    const char *name, *help;
    double (*read)(void); // NAN: there is no such thing at present, and no line
    bool counter;         // only grows
    bool tells_of_writes; // of which some are restricted: for operators alone
    const char *labels;   // such as version="1"; NULL: none
};
void metrics_offer(const struct metrics_gauge *gauges); // const table ended by an empty row

// The text of /metrics, in the request's arena: by route for the roles admin and auditor, else in total. Who counts
// requests of one route learns when a restricted one was written.
struct reply metrics_reply(struct request *request);

#endif
