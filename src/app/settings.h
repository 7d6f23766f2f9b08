// The service's settings: read once from the environment, checked, never changed afterwards. Each is a row of the
// table in settings_table.c: that is where its range, default and meaning stand.
#ifndef THIDUA_APP_SETTINGS_H
#define THIDUA_APP_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SETTINGS_PAUSES_MAX = 32 };

struct settings {
    const char *database_url;       // NULL: a private PostgreSQL under `var`
    const char *database_owner_url; // NULL: database_url
    const char *read_url;           // NULL: no standby answers reads
    const char *var;
    char listen_address[64];
    uint16_t listen_port;
    unsigned loops, workers, lane_connections;
    unsigned connections, connections_per_address;
    unsigned rate_per_minute, address_rate_per_minute;                 // 0: no limit
    unsigned idle_seconds, header_seconds, body_seconds, send_seconds; // how long a client may take
    unsigned read_seconds, write_seconds;                              // how long PostgreSQL may take
    unsigned work_seconds, request_mib;                                // how much the work on a request may take
    unsigned queue_length, drain_seconds, lame_duck_seconds;
    unsigned temporary_mib, table_rows, key_use_seconds;
    const char *cors_origins; // NULL: none
    // See identity/jwks.h and identity/jwt.h. `jwks` NULL: no tokens are taken.
    const char *jwks, *jwt_issuer, *jwt_audience, *jwt_roles_claim, *jwt_unit_claim, *jwt_role_map;
    const char *secret_key;    // NULL: a file under `var` beside a private PostgreSQL
    const char *webhook_allow; // see webhooks/target.h
    unsigned webhook_timeout_seconds;
    unsigned webhook_pauses[SETTINGS_PAUSES_MAX]; // from attempt to attempt
    unsigned webhook_pauses_count;
    const char *now; // a fixed clock for tests, as PostgreSQL reads it; NULL: the machine's
    bool log_json, log_without_addresses, log_without_health;
};

// One row of the table.
struct setting {
    const char *name;
    const char *fallback;               // the value where none is set; NULL: there is none
    const char *(*make_fallback)(void); // instead, where the machine decides
    const char *fallback_words;         // how README names the default where `fallback` is not what it should show
    // Reads `value` into `settings`; false where it does not fit.
    bool (*read)(const struct setting *setting, const char *value, struct settings *settings);
    size_t member;        // of struct settings, for those readers that serve several rows
    unsigned least, most; // of a number
    const char *takes;    // completes "must be …"; NULL: a whole number from `least` to `most`
    const char *about;    // what it is, for README and `thidua settings`
    bool secret;          // the value may hold a password: it is never shown as it was set
    // What can be shown of a secret value that fits; false where it has no room.
    bool (*show)(const char *value, char *ret_text, size_t size);
    // Only `thidua serve` reads what the value names. False after one line on standard error.
    bool (*open)(const char *value);
};
extern const struct setting all_settings[]; // ends with a row without name

// Reads every setting. Each that does not fit is named in a line of its own on standard error, as is every variable
// THIDUA_… that is none of them. False where there was such a line.
bool settings_read(struct settings *ret_settings);
// Whether the files that `thidua serve` needs can be read; lines as above.
bool settings_open(void);

// The value in force: the environment's, else the default, else NULL.
const char *setting_value(const struct setting *setting);
bool setting_is_set(const struct setting *setting);

#endif
