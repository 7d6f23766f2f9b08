#include "http/metrics.h"

#include "http/route.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 10, TABLES_MAX = 16 };

static const double bounds[BUCKETS] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5};
// Of every answer that there is. Problems may name a status again: the first one counts.
static const unsigned statuses[] = {
    200, 201, 202, 204, 304,
#define PROBLEM(name, status, type, vi, en) status,
#include "http/problem.def"
#undef PROBLEM
    0,
};
enum { STATUSES = sizeof statuses / sizeof *statuses };

// By kind of problem, which the first of them is not.
static atomic_ulong refusals[] = {
    0,
#define PROBLEM(name, status, type, vi, en) 0,
#include "http/problem.def"
#undef PROBLEM
};

// However they are refused: an upload is told otherwise than what is read.
static atomic_ulong without_room;

// The last slot counts requests for no route.
static struct {
    atomic_ulong by_status[STATUSES], by_bucket[BUCKETS + 1], nanoseconds;
} counters[ROUTES_MAX + 1];

static const struct metrics_gauge *gauge_tables[TABLES_MAX];
static atomic_uint gauge_tables_count;

void metrics_offer(const struct metrics_gauge *gauges)
{
    unsigned slot = atomic_fetch_add(&gauge_tables_count, 1);
    if (slot < TABLES_MAX)
        gauge_tables[slot] = gauges;
}

static void count_duration(int number, int64_t duration)
{
    int bucket = 0;
    while (bucket < BUCKETS && (double)duration / 1e9 > bounds[bucket])
        bucket++;
    atomic_fetch_add_explicit(&counters[number].by_bucket[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counters[number].nanoseconds, (unsigned long)duration, memory_order_relaxed);
}

void metrics_count(const struct request *request, const struct reply *reply, int64_t duration)
{
    int number = request->route ? route_number(request->route) : -1;
    if (number < 0)
        number = ROUTES_MAX;
    int slot = 0;
    while (statuses[slot] && statuses[slot] != reply->status)
        slot++;
    atomic_fetch_add_explicit(&counters[number].by_status[slot], 1, memory_order_relaxed);
    if (request->problem.kind)
        atomic_fetch_add_explicit(&refusals[request->problem.kind], 1, memory_order_relaxed);
    if (request->problem.no_room)
        atomic_fetch_add_explicit(&without_room, 1, memory_order_relaxed);
    // An event stream lasts as long as its listener likes, which says nothing of how quick the service is.
    if (!reply->unbuffered)
        count_duration(number, duration);
}

static void print_requests(FILE *out, int number, const char *method, const char *path)
{
    for (int slot = 0; slot < STATUSES; slot++) {
        unsigned long count = atomic_load(&counters[number].by_status[slot]);
        if (count)
            fprintf(out, "thidua_requests_total{method=\"%s\",route=\"%s\",status=\"%u\"} %lu\n", method, path,
                    statuses[slot], count);
    }
}

// Counted over buckets, of one route or of several.
struct histogram {
    unsigned long by_bucket[BUCKETS + 1], nanoseconds;
};

static void add_route(struct histogram *histogram, int number)
{
    for (int bucket = 0; bucket <= BUCKETS; bucket++)
        histogram->by_bucket[bucket] += atomic_load(&counters[number].by_bucket[bucket]);
    histogram->nanoseconds += atomic_load(&counters[number].nanoseconds);
}

// `labels`: those of the route, each with a comma after it; or "".
static void print_histogram(FILE *out, const struct histogram *histogram, const char *labels)
{
    unsigned long sum = 0;
    int length = labels[0] ? (int)strlen(labels) - 1 : 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        sum += histogram->by_bucket[bucket];
        fprintf(out, "thidua_request_seconds_bucket{%sle=\"%g\"} %lu\n", labels, bounds[bucket], sum);
    }
    sum += histogram->by_bucket[BUCKETS];
    fprintf(out, "thidua_request_seconds_bucket{%sle=\"+Inf\"} %lu\n", labels, sum);
    fprintf(out, "thidua_request_seconds_sum{%.*s} %.6f\n", length, labels, (double)histogram->nanoseconds / 1e9);
    fprintf(out, "thidua_request_seconds_count{%.*s} %lu\n", length, labels, sum);
}

static void print_route_histogram(FILE *out, int number, const char *method, const char *path)
{
    char labels[256];
    struct histogram histogram = {0};
    add_route(&histogram, number);
    unsigned long total = 0;
    for (int bucket = 0; bucket <= BUCKETS; bucket++)
        total += histogram.by_bucket[bucket];
    snprintf(labels, sizeof labels, "method=\"%s\",route=\"%s\",", method, path);
    if (total)
        print_histogram(out, &histogram, labels);
}

static void print_routes(FILE *out, void (*print)(FILE *, int, const char *, const char *))
{
    int count = routes_count();
    for (int number = 0; number < count; number++)
        print(out, number, route_at(number)->method, route_at(number)->path);
    print(out, ROUTES_MAX, "-", "-");
}

// By classes of status, over all routes: a count of 201 alone would tell that something was made.
static void print_totals(FILE *out)
{
    unsigned long by_class[6] = {0};
    for (int number = 0; number <= ROUTES_MAX; number++)
        for (int slot = 0; slot < STATUSES; slot++)
            by_class[statuses[slot] / 100] += atomic_load(&counters[number].by_status[slot]);
    for (int class = 2; class < 6; class ++)
        fprintf(out, "thidua_requests_total{status=\"%dxx\"} %lu\n", class, by_class[class]);
}

static void print_total_histogram(FILE *out)
{
    struct histogram all = {0};
    for (int number = 0; number <= ROUTES_MAX; number++)
        add_route(&all, number);
    print_histogram(out, &all, "");
}

// Those that never came too: of a counter that begins with its first event, Prometheus does not see that one.
static void print_refusals(FILE *out)
{
    fputs("# HELP thidua_refusals_total Requests refused, by the type of the problem.\n"
          "# TYPE thidua_refusals_total counter\n",
          out);
    for (int kind = PROBLEM_NONE + 1; kind < (int)(sizeof refusals / sizeof *refusals); kind++)
        fprintf(out, "thidua_refusals_total{reason=\"%s\"} %lu\n", problem_type((enum problem_kind)kind),
                atomic_load(&refusals[kind]));
    fprintf(out,
            "# HELP thidua_no_room_total Requests refused for want of room, on the disk of PostgreSQL or for temporary "
            "files.\n# TYPE thidua_no_room_total counter\nthidua_no_room_total %lu\n",
            atomic_load(&without_room));
}

// Rows of one name stand together, and have one head.
static void print_gauge(FILE *out, const struct metrics_gauge *gauge, bool first)
{
    const char *labels = gauge->labels ? gauge->labels : "";
    double value = gauge->read();
    if (first)
        fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", gauge->name, gauge->help, gauge->name,
                gauge->counter ? "counter" : "gauge");
    if (!isnan(value))
        fprintf(out, "%s%s%s%s %.15g\n", gauge->name, *labels ? "{" : "", labels, *labels ? "}" : "", value);
}

static void print_gauges(FILE *out, bool operator)
{
    for (unsigned table = 0; table < atomic_load(&gauge_tables_count) && table < TABLES_MAX; table++)
        for (const struct metrics_gauge *rows = gauge_tables[table], *gauge = rows; gauge->name; gauge++)
            if (operator|| !gauge->tells_of_writes)
                print_gauge(out, gauge, gauge == rows || strcmp(gauge->name, gauge[-1].name) != 0);
}

struct reply metrics_reply(struct request *request)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (!out) {
        refuse(request, PROBLEM_INTERNAL, NULL);
        return refusal(request);
    }
    bool operator= has_role(request, ROLE_ADMIN | ROLE_AUDITOR);
    fputs("# HELP thidua_requests_total Requests answered.\n# TYPE thidua_requests_total counter\n", out);
    if (operator)
        print_routes(out, print_requests);
    else
        print_totals(out);
    fputs("# HELP thidua_request_seconds Time from request line to end of answer, but for event streams.\n"
          "# TYPE thidua_request_seconds histogram\n",
          out);
    if (operator)
        print_routes(out, print_route_histogram);
    else
        print_total_histogram(out);
    if (operator)
        print_refusals(out);
    print_gauges(out, operator);
    fclose(out);
    struct reply reply = {.status = 200, .body = arena_copy(&request->arena, text, length), .length = length};
    free(text);
    reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    reply.cache_control = "no-store";
    return reply;
}
