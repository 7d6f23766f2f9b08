// A named SQL statement of the service, embedded from a .sql file by the build and prepared when a connection opens.
#ifndef THIDUA_DATABASE_STATEMENT_H
#define THIDUA_DATABASE_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

enum { STATEMENT_PARAMETERS_MAX = 24 };

struct statement {
    const char *name;
    const char *sql;
    int parameters; // $1 … $parameters, passed as text (session_run_bytes: the last one as bytes)
    int columns;
    bool quick;  // also prepared on the quick lane
    bool binary; // result columns in PostgreSQL's binary format
    bool list;   // with filters that may be missing (shape.h)
    // Of a route's read: where each parameter comes from (http/route.h).
    const char *sources[STATEMENT_PARAMETERS_MAX];
    const struct statement *counted; // of a list: counts its items, up to its limit
    const struct statement *walked;  // of a list: opens the cursor `listed` on its items, up to its limit
};

// Gives the statements that every connection prepares when it opens: one table for each .sql file, each ended by NULL,
// ended by NULL. Once, before the first connection.
void statements_use(const struct statement *const *const files[]);

// Why a statement did not succeed. PostgreSQL's own text is left out, because it may quote what the caller sent.
enum failure_kind {
    FAILURE_NONE,
    FAILURE_AWAY,    // no connection, it was lost, or what it leads to takes no writes; nothing is known of the
                     // statement's fate
    FAILURE_AGAIN,   // 40001, 40P01: the transaction can simply be run again
    FAILURE_SQL,     // refused by the database: see sqlstate and constraint
    FAILURE_UNKNOWN, // of a commit: the connection was lost, and PostgreSQL could not be asked whether it was kept
};

struct failure {
    enum failure_kind kind;
    const struct statement *statement; // of several that were sent together: the one that failed; else NULL
    char sqlstate[6];
    char constraint[64]; // name of the violated constraint, or the name a function of ours raised
};

// The rows that a statement gave.
struct rows;

int rows_count(const struct rows *rows);
// NULL where the value is NULL. Valid until rows_free.
const char *rows_text(const struct rows *rows, int row, int column);
size_t rows_length(const struct rows *rows, int row, int column);
// The value as a number; 0 where it is NULL.
long long rows_number(const struct rows *rows, int row, int column);
bool rows_true(const struct rows *rows, int row, int column);
int rows_columns(const struct rows *rows);
size_t rows_bytes(const struct rows *rows); // of memory
void rows_free(struct rows *rows);

#endif
