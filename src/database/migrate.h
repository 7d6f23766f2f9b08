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

struct schema {
    const struct schema_file *migrations; // by number
    int migrations_count;
    const struct schema_file *functions; // in the order in which they are applied
    int functions_count;
    const char *sha256; // of all their texts, hexadecimal
};

// Gives the program's schema. Once, before anything asks for it.
void schema_use(const struct schema *schema);
const struct schema *schema_in_use(void);

// Brings the database at `url` up to date; waits for another instance that does the same. Where all is up to date
// nothing is written or waited for, and the role of the application suffices; otherwise it must be the owner's. The
// functions of a database that a newer program has migrated are left alone. False after one log line: the server is
// away, a file fails, or a numbered one has changed since it was applied.
bool migrate(const char *url);

#endif
