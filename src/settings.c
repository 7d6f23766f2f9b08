#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static bool read_number(const char *name, unsigned fallback, unsigned least, unsigned most, unsigned *ret_number)
{
    *ret_number = fallback;
    const char *value = variable(name);
    if (!value)
        return true;
    char *end;
    unsigned long number = strtoul(value, &end, 10);
    if (*end || value[0] == '-' || number < least || number > most) {
        fprintf(stderr, "thidua: %s=%s: a whole number from %u to %u is needed\n", name, value, least, most);
        return false;
    }
    *ret_number = (unsigned)number;
    return true;
}

// "127.0.0.1:8080", "[::1]:8080" or ":8080".
static bool read_listen(struct settings *settings)
{
    const char *value = variable("THIDUA_LISTEN");
    if (!value)
        value = "127.0.0.1:8080";
    const char *colon = strrchr(value, ':');
    char *end = NULL;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    size_t length = colon ? (size_t)(colon - value) : 0;
    bool bracketed = length >= 2 && value[0] == '[' && value[length - 1] == ']';
    if (!colon || end == colon + 1 || *end || port > 65535 || length >= sizeof settings->listen_address) {
        fprintf(stderr, "thidua: THIDUA_LISTEN=%s: ADDRESS:PORT is needed, as in 127.0.0.1:8080 or [::1]:8080\n",
                value);
        return false;
    }
    snprintf(settings->listen_address, sizeof settings->listen_address, "%.*s", (int)(bracketed ? length - 2 : length),
             bracketed ? value + 1 : value);
    if (!length)
        snprintf(settings->listen_address, sizeof settings->listen_address, "0.0.0.0");
    settings->listen_port = (uint16_t)port;
    return true;
}

static bool read_log(struct settings *settings)
{
    const char *value = variable("THIDUA_LOG");
    settings->log_json = !value || strcmp(value, "json") == 0;
    if (settings->log_json || strcmp(value, "text") == 0)
        return true;
    fprintf(stderr, "thidua: THIDUA_LOG=%s: json or text is needed\n", value);
    return false;
}

// "https://a.example, https://b.example:8443" or "*".
static bool read_origins(const struct settings *settings)
{
    for (const char *item = settings->cors_origins; item && *item; item += strspn(item, ", ")) {
        size_t length = strcspn(item, ", ");
        const char *host = memmem(item, length, "://", 3);
        bool whole = host && host > item && (size_t)(host + 3 - item) < length &&
                     !memchr(host + 3, '/', length - (size_t)(host + 3 - item));
        if (length && !whole && !(length == 1 && *item == '*')) {
            fprintf(stderr,
                    "thidua: THIDUA_CORS_ORIGINS=%s: origins are needed, as in https://portal.example, without a "
                    "path\n",
                    settings->cors_origins);
            return false;
        }
        item += length;
    }
    return true;
}

static bool read_tokens(struct settings *settings)
{
    settings->jwks = variable("THIDUA_JWKS");
    settings->jwt_issuer = variable("THIDUA_JWT_ISSUER");
    settings->jwt_audience = variable("THIDUA_JWT_AUDIENCE");
    settings->jwt_roles_claim = variable("THIDUA_JWT_ROLES_CLAIM");
    settings->jwt_unit_claim = variable("THIDUA_JWT_UNIT_CLAIM");
    settings->jwt_role_map = variable("THIDUA_JWT_ROLE_MAP");
    if (!settings->jwt_roles_claim)
        settings->jwt_roles_claim = "roles";
    if (!settings->jwt_unit_claim)
        settings->jwt_unit_claim = "unit_id";
    if (!settings->jwks || (settings->jwt_issuer && settings->jwt_audience))
        return true;
    fprintf(stderr, "thidua: THIDUA_JWKS=%s: THIDUA_JWT_ISSUER and THIDUA_JWT_AUDIENCE are needed with it\n",
            settings->jwks);
    return false;
}

// "5,30,120": three days together by default.
static bool read_pauses(struct settings *settings)
{
    const char *name = "THIDUA_WEBHOOK_RETRY_SECONDS", *value = variable(name);
    const char *item =
        value ? value : "5,30,120,600,1800,3600,7200,14400,28800,28800,28800,28800,28800,28800,28800,28800";
    char *end;
    do {
        unsigned long seconds = *item >= '0' && *item <= '9' ? strtoul(item, &end, 10) : 0;
        if (seconds < 1 || seconds > 86400 || (*end && *end != ',') ||
            settings->webhook_pauses_count == SETTINGS_PAUSES_MAX) {
            fprintf(stderr, "thidua: %s=%s: 1 to %d numbers from 1 to 86400 are needed, apart by commas\n", name, value,
                    SETTINGS_PAUSES_MAX);
            return false;
        }
        settings->webhook_pauses[settings->webhook_pauses_count++] = (unsigned)seconds;
        item = end + 1;
    } while (*end);
    return true;
}

bool settings_read(struct settings *ret_settings)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *ret_settings = (struct settings){
        .database_url = variable("DATABASE_URL"),
        .database_owner_url = variable("DATABASE_OWNER_URL"),
        .var = variable("THIDUA_VAR"),
        .now = variable("THIDUA_NOW"),
        .cors_origins = variable("THIDUA_CORS_ORIGINS"),
        .secret_key = variable("THIDUA_SECRET_KEY"),
        .webhook_allow = variable("THIDUA_WEBHOOK_ALLOW"),
    };
    if (!ret_settings->var)
        ret_settings->var = "var";
    return read_listen(ret_settings) && read_log(ret_settings) && read_origins(ret_settings) &&
           read_tokens(ret_settings) && read_pauses(ret_settings) &&
           read_number("THIDUA_WEBHOOK_TIMEOUT_SECONDS", 10, 1, 60, &ret_settings->webhook_timeout_seconds) &&
           read_number("THIDUA_LOOPS", processors > 0 ? (unsigned)processors : 1, 1, 64, &ret_settings->loops) &&
           read_number("THIDUA_WORKERS", 4, 2, 64, &ret_settings->workers) &&
           read_number("THIDUA_LANE_CONNECTIONS", 2, 1, 8, &ret_settings->lane_connections) &&
           read_number("THIDUA_CONNECTIONS", 4096, 16, 65536, &ret_settings->connections) &&
           read_number("THIDUA_CONNECTIONS_PER_ADDRESS", 2048, 1, 65536, &ret_settings->connections_per_address) &&
           read_number("THIDUA_RATE_PER_MINUTE", 0, 0, 1000000, &ret_settings->rate_per_minute) &&
           read_number("THIDUA_ADDRESS_RATE_PER_MINUTE", 0, 0, 1000000, &ret_settings->address_rate_per_minute) &&
           read_number("THIDUA_IDLE_SECONDS", 15, 1, 300, &ret_settings->idle_seconds) &&
           read_number("THIDUA_HEADER_SECONDS", 10, 1, 300, &ret_settings->header_seconds) &&
           read_number("THIDUA_BODY_SECONDS", 20, 1, 300, &ret_settings->body_seconds) &&
           read_number("THIDUA_SEND_SECONDS", 300, 1, 3600, &ret_settings->send_seconds) &&
           read_number("THIDUA_READ_SECONDS", 2, 1, 60, &ret_settings->read_seconds) &&
           read_number("THIDUA_WRITE_SECONDS", 60, 1, 3600, &ret_settings->write_seconds) &&
           read_number("THIDUA_QUEUE_LENGTH", 256, 1, 65536, &ret_settings->queue_length) &&
           read_number("THIDUA_TABLE_ROWS", 100000, 1, 1000000, &ret_settings->table_rows) &&
           read_number("THIDUA_KEY_USE_SECONDS", 60, 1, 3600, &ret_settings->key_use_seconds) &&
           read_number("THIDUA_DRAIN_SECONDS", 10, 0, 3600, &ret_settings->drain_seconds);
}
