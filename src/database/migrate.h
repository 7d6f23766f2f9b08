// Forward-only migrations, embedded in the program: each in one transaction, recorded with its checksum.
#ifndef THIDUA_DATABASE_MIGRATE_H
#define THIDUA_DATABASE_MIGRATE_H

#include "database/session.h"

#include <stdbool.h>

struct migration {
    int number;
    const char *name;
    const char *sha256; // of the file's text, hexadecimal
    const char *sql;
};

// Gives the program's migrations, in the order of their numbers. Once, before anything asks for them.
void migrations_use(const struct migration migrations[], int count);
// SHA-256 of the newest one: it names the schema that this program works with.
const char *migrations_newest(void);

// Brings the database at `url` up to date; waits for another instance doing the same. Where every migration is applied
// nothing is written or waited for, and the application's role suffices; else it must be the owner's. False after one
// log line: the server is away, a migration fails, or one that was applied has since been changed.
bool migrate(const char *url);

#endif
