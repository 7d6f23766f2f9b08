#include "app/settings.h"

#include "thidua/civil.h"
#include "thidua/roles.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

// strtoul() would also take blanks and signs, and make a large number of "-1".
static bool is_digits(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

static bool read_number(const char *name, unsigned fallback, unsigned least, unsigned most, unsigned *ret_number)
{
    *ret_number = fallback;
    const char *value = variable(name);
    if (!value)
        return true;
    unsigned long number = strtoul(value, NULL, 10);
    if (!is_digits(value) || number < least || number > most) {
        fprintf(stderr, "thidua: %s=%s: a whole number from %u to %u is needed\n", name, value, least, most);
        return false;
    }
    *ret_number = (unsigned)number;
    return true;
}

static bool is_numeric_address(const char *address)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *found = NULL;
    bool numeric = getaddrinfo(address, NULL, &hints, &found) == 0;
    if (numeric)
        freeaddrinfo(found);
    return numeric;
}

// "127.0.0.1:8080", "[::1]:8080" or ":8080".
static bool read_listen(struct settings *settings)
{
    const char *value = variable("THIDUA_LISTEN");
    if (!value)
        value = "127.0.0.1:8080";
    const char *colon = strrchr(value, ':');
    unsigned long port = colon ? strtoul(colon + 1, NULL, 10) : 0;
    size_t length = colon ? (size_t)(colon - value) : 0;
    bool bracketed = length >= 2 && value[0] == '[' && value[length - 1] == ']';
    snprintf(settings->listen_address, sizeof settings->listen_address, "%.*s", (int)(bracketed ? length - 2 : length),
             bracketed ? value + 1 : value);
    if (!length)
        snprintf(settings->listen_address, sizeof settings->listen_address, "0.0.0.0");
    if (!colon || !is_digits(colon + 1) || port > 65535 || length >= sizeof settings->listen_address ||
        !is_numeric_address(settings->listen_address)) {
        fprintf(stderr, "thidua: THIDUA_LISTEN=%s: ADDRESS:PORT is needed, as in 127.0.0.1:8080 or [::1]:8080\n",
                value);
        return false;
    }
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

// As browsers write it, since it is compared byte by byte: small letters, no user, no path.
static bool is_origin(const char *text, size_t length)
{
    static const char scheme[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.", host[] = "abcdefghijklmnopqrstuvwxyz"
                                                                                     "0123456789-._[]:";
    char origin[512];
    if (length >= sizeof origin)
        return false;
    memcpy(origin, text, length);
    origin[length] = '\0';
    size_t start = strspn(origin, scheme);
    if (!start || strncmp(origin + start, "://", 3) != 0)
        return false;
    const char *name = origin + start + 3, *colon = strrchr(name, ':');
    bool port = colon && !strchr(colon, ']');
    return *name && colon != name && strspn(name, host) == strlen(name) &&
           (!port || (is_digits(colon + 1) && strtoul(colon + 1, NULL, 10) <= 65535));
}

// "https://a.example, https://b.example:8443" or "*".
static bool read_origins(const struct settings *settings)
{
    const char *all = settings->cors_origins;
    bool any = false, good = true;
    for (const char *item = all ? all + strspn(all, ", ") : ""; *item; item += strspn(item, ", ")) {
        size_t length = strcspn(item, ", ");
        good = good && ((length == 1 && *item == '*') || is_origin(item, length));
        any = true;
        item += length;
    }
    if (!all || (any && good))
        return true;
    fprintf(stderr,
            "thidua: THIDUA_CORS_ORIGINS=%s: origins are needed as browsers write them, as in https://portal.example, "
            "in small letters and without a path\n",
            all);
    return false;
}

// "realm_access.roles": names of members, none of them empty or too long to be looked up.
static bool read_claim(const char *name, const char *fallback, const char **ret_path)
{
    enum { MEMBER_MOST = 127 };
    const char *value = variable(name), *member = value;
    bool good = true;
    for (bool more = value != NULL; more && good;) {
        size_t length = strcspn(member, ".");
        good = length && length <= MEMBER_MOST;
        more = member[length] != '\0';
        member += length + more;
    }
    *ret_path = value ? value : fallback;
    if (!good)
        fprintf(stderr, "thidua: %s=%s: a claim's name is needed, or names apart by dots, as in realm_access.roles\n",
                name, value);
    return good;
}

// "theirs=ours,…": a name of ours that there is not would silently give nobody that role.
static bool read_role_map(struct settings *settings)
{
    const char *value = settings->jwt_role_map = variable("THIDUA_JWT_ROLE_MAP");
    bool good = true;
    for (const char *item = value; item && good;) {
        size_t whole = strcspn(item, ","), theirs = strcspn(item, "=,");
        good = theirs && theirs < whole && *item != ' ' && role_of_name(item + theirs + 1, whole - theirs - 1);
        item = item[whole] ? item + whole + 1 : NULL;
    }
    if (!good)
        fprintf(stderr,
                "thidua: THIDUA_JWT_ROLE_MAP=%s: THEIRS=OURS is needed, apart by commas without blanks; ours are "
                "viewer, unit, home_affairs, initiative_council, chair_office, auditor and admin\n",
                value);
    return good;
}

static bool read_tokens(struct settings *settings)
{
    settings->jwks = variable("THIDUA_JWKS");
    settings->jwt_issuer = variable("THIDUA_JWT_ISSUER");
    settings->jwt_audience = variable("THIDUA_JWT_AUDIENCE");
    if (!read_claim("THIDUA_JWT_ROLES_CLAIM", "roles", &settings->jwt_roles_claim) ||
        !read_claim("THIDUA_JWT_UNIT_CLAIM", "unit_id", &settings->jwt_unit_claim) || !read_role_map(settings))
        return false;
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

// What is handed to PostgreSQL is what was checked here, as we write instants.
static bool read_now(struct settings *settings)
{
    static char now[INSTANT_TEXT_SIZE];
    int64_t instant;
    const char *value = variable("THIDUA_NOW");
    settings->now = value ? now : NULL;
    if (!value)
        return true;
    if (instant_parse(value, strlen(value), &instant) && instant_is_kept(instant)) {
        instant_format(instant, now);
        return true;
    }
    fprintf(stderr,
            "thidua: THIDUA_NOW=%s: an instant of RFC 3339 in the years %d to %d is needed, as in "
            "2024-12-30T23:59:59+07:00\n",
            value, YEAR_FIRST_KEPT, YEAR_LAST_KEPT);
    return false;
}

bool settings_read(struct settings *ret_settings)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *ret_settings = (struct settings){
        .database_url = variable("DATABASE_URL"),
        .database_owner_url = variable("DATABASE_OWNER_URL"),
        .var = variable("THIDUA_VAR"),
        .cors_origins = variable("THIDUA_CORS_ORIGINS"),
        .secret_key = variable("THIDUA_SECRET_KEY"),
        .webhook_allow = variable("THIDUA_WEBHOOK_ALLOW"),
    };
    if (!ret_settings->var)
        ret_settings->var = "var";
    return read_listen(ret_settings) && read_log(ret_settings) && read_origins(ret_settings) &&
           read_tokens(ret_settings) && read_pauses(ret_settings) && read_now(ret_settings) &&
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
