// The service's settings: read once from the environment, validated, never changed afterwards.
#ifndef THIDUA_SETTINGS_H
#define THIDUA_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct settings {
    const char *database_url;       // application's role; NULL: a private PostgreSQL under `var`
    const char *database_owner_url; // owner's role, for migrations; NULL: database_url
    const char *var;                // THIDUA_VAR, directory of the private PostgreSQL and of demo keys (default "var")
    char listen_address[64];        // THIDUA_LISTEN (default 127.0.0.1:8080)
    uint16_t listen_port;
    unsigned loops;            // THIDUA_LOOPS, 1…64 (default: processors)
    unsigned workers;          // THIDUA_WORKERS, 2…64 (default 4)
    unsigned lane_connections; // THIDUA_LANE_CONNECTIONS, quick-lane connections of one loop, 1…8 (default 2)
    unsigned connections;      // THIDUA_CONNECTIONS, client connections of one loop, 16…65536 (default 4096)
    unsigned drain_seconds;    // THIDUA_DRAIN_SECONDS, longest wait for requests under way at stop (default 10)
    const char *now;           // THIDUA_NOW, RFC 3339: a fixed clock for tests; NULL: the machine's
    bool log_json;             // THIDUA_LOG=json|text (default json)
};

// False after one line on standard error that names the variable, its value and what it takes.
bool settings_read(struct settings *ret_settings);

#endif
