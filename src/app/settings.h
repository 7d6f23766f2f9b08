// The service's settings: read once from the environment, validated, never changed afterwards.
#ifndef THIDUA_APP_SETTINGS_H
#define THIDUA_APP_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum { SETTINGS_PAUSES_MAX = 32 };

struct settings {
    const char *database_url;       // application's role; NULL: a private PostgreSQL under `var`
    const char *database_owner_url; // owner's role, for migrations; NULL: database_url
    const char *var;                // THIDUA_VAR, directory of the private PostgreSQL and of demo keys (default "var")
    char listen_address[64];        // THIDUA_LISTEN (default 127.0.0.1:8080)
    uint16_t listen_port;
    unsigned loops;                   // THIDUA_LOOPS, 1…64 (default: processors)
    unsigned workers;                 // THIDUA_WORKERS, 2…64 (default 4)
    unsigned lane_connections;        // THIDUA_LANE_CONNECTIONS, quick-lane connections of one loop, 1…8 (default 2)
    unsigned connections;             // THIDUA_CONNECTIONS, client connections of one loop, 16…65536 (default 4096)
    unsigned connections_per_address; // THIDUA_CONNECTIONS_PER_ADDRESS, of one loop, 1…65536 (default 2048)
    unsigned rate_per_minute;         // THIDUA_RATE_PER_MINUTE, requests of one key; 0: no limit (default)
    unsigned address_rate_per_minute; // THIDUA_ADDRESS_RATE_PER_MINUTE, of one address without a key; 0: no limit
    unsigned idle_seconds;    // THIDUA_IDLE_SECONDS, a client's time from one request to the next, 1…300 (default 15)
    unsigned header_seconds;  // THIDUA_HEADER_SECONDS, for its headers, 1…300 (default 10)
    unsigned body_seconds;    // THIDUA_BODY_SECONDS, for a body, and one more for every 64 KiB, 1…300 (default 20)
    unsigned send_seconds;    // THIDUA_SEND_SECONDS, to take an answer, 1…3600 (default 300)
    unsigned read_seconds;    // THIDUA_READ_SECONDS, longest read in the database, 1…60 (default 2)
    unsigned write_seconds;   // THIDUA_WRITE_SECONDS, longest statement of a write, 1…3600 (default 60)
    unsigned queue_length;    // THIDUA_QUEUE_LENGTH, writes waiting for a worker, 1…65536 (default 256)
    unsigned table_rows;      // THIDUA_TABLE_ROWS, most rows of a list as CSV or XLSX, 1…1000000 (default 100000)
    unsigned key_use_seconds; // THIDUA_KEY_USE_SECONDS, how often keys' last use is written, 1…3600 (default 60)
    unsigned drain_seconds;   // THIDUA_DRAIN_SECONDS, longest wait for requests under way at stop (default 10)
    const char *cors_origins; // THIDUA_CORS_ORIGINS, of web pages that may call; NULL: none
    // THIDUA_JWKS and what goes with it (identity/jwks.h, identity/jwt.h); jwks NULL: no tokens are taken
    const char *jwks, *jwt_issuer, *jwt_audience, *jwt_roles_claim, *jwt_unit_claim, *jwt_role_map;
    const char *secret_key;           // THIDUA_SECRET_KEY, file of the key of webhooks' secrets; NULL: one under `var`
    const char *webhook_allow;        // THIDUA_WEBHOOK_ALLOW (webhooks/target.h)
    unsigned webhook_timeout_seconds; // THIDUA_WEBHOOK_TIMEOUT_SECONDS, of one attempt, 1…60 (default 10)
    unsigned webhook_pauses[SETTINGS_PAUSES_MAX]; // THIDUA_WEBHOOK_RETRY_SECONDS, from attempt to attempt
    unsigned webhook_pauses_count;
    const char *now; // THIDUA_NOW, RFC 3339: a fixed clock for tests; NULL: the machine's
    bool log_json;   // THIDUA_LOG=json|text (default json)
};

// False after one line on standard error that names the variable, its value and what it takes.
bool settings_read(struct settings *ret_settings);

#endif
