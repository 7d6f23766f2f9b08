// Structured logs: one line an event on standard error, JSON or text. Never parameter values, bodies or secrets.
// Every thread may log, and logging never waits. While standard error takes no more, lines are dropped and counted;
// when it does again, the event log_lines_lost says how many.
#ifndef THIDUA_BASE_LOG_H
#define THIDUA_BASE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_INFO, LOG_WARNING, LOG_ERROR };

enum log_kind { LOG_END, LOG_TEXT, LOG_NUMBER };

struct log_field {
    enum log_kind kind;
    const char *name;
    const char *text;
    int64_t number;
};

#define log_text(name, value)   ((struct log_field){LOG_TEXT, (name), (value), 0})
#define log_number(name, value) ((struct log_field){LOG_NUMBER, (name), 0, (int64_t)(value)})

// Before there is a second thread. After it the child of a fork may log too.
void log_setup(bool json);
// From now on this thread keeps its lines until log_flush(), or until there are many: one write for a turn of the loop.
void log_hold(void);
void log_flush(void);
// `event` is a fixed word such as "request". The fields end with kind LOG_END. A field whose text is NULL is left out.
void log_fields(enum log_level level, const char *event, const struct log_field *fields);

// Of what goes on the log is told at once, and then once a minute: true, for one of the threads that ask, where it is
// time. `told_at` is the monotonic_ns of the last time, 0 for never.
bool log_due(atomic_int_fast64_t *told_at);

#define log_event(level, event, ...) log_fields((level), (event), (const struct log_field[]){__VA_ARGS__, {0}})

#endif
