// The schema, embedded in the program: numbered files, each applied once, and files of functions, applied whenever
// their text has changed. CONTRIBUTING.md ("The schema") says what belongs into which.
#ifndef THIDUA_DATABASE_MIGRATE_H
#define THIDUA_DATABASE_MIGRATE_H

#include "database/session.h"

#include <stdbool.h>

struct schema_file {
    const char *key;    // in the database's ledger: the number of a numbered file, the name of a file of functions
    const char *name;   // of the file, without its ending
    const char *sha256; // of the file's text, hexadecimal
    const char *sql;
};

extern const struct schema_file all_migrations[]; // by number
extern const int all_migrations_count;
extern const struct schema_file all_functions[]; // in the order in which they are applied
extern const int all_functions_count;
extern const char schema_sha256[]; // of all their texts, hexadecimal

// Brings the database at `url` up to date; waits for another instance that does the same. Where all is up to date
// nothing is written or waited for, and the role of the application suffices; otherwise it must be the owner's. The
// functions of a database that a newer program has migrated are left alone. False after one log line: the server is
// away, a file fails, or a numbered one has changed since it was applied.
bool migrate(const char *url);

#endif
