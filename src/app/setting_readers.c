#include "app/setting_readers.h"

#include "database/session.h"
#include "http/transport/forwarded.h"
#include "identity/jwks.h"
#include "thidua/civil.h"
#include "thidua/roles.h"
#include "webhooks/target.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *member(const struct setting *setting, struct settings *settings)
{
    return (char *)settings + setting->member;
}

// strtoul() would also take blanks and signs, and make a large number of "-1".
static bool is_digits(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text);
}

bool read_text(const struct setting *setting, const char *value, struct settings *settings)
{
    *(const char **)member(setting, settings) = value;
    return true;
}

bool read_number(const struct setting *setting, const char *value, struct settings *settings)
{
    unsigned long number = strtoul(value, NULL, 10);
    *(unsigned *)member(setting, settings) = (unsigned)number;
    return is_digits(value) && number >= setting->least && number <= setting->most;
}

bool read_database(const struct setting *setting, const char *value, struct settings *settings)
{
    return read_text(setting, value, settings) && session_url_fits(value);
}

bool read_primary(const struct setting *setting, const char *value, struct settings *settings)
{
    return read_database(setting, value, settings) && !session_url_is_of_standby(value);
}

// "realm_access.roles": names of members, none of them empty or too long to be looked up.
bool read_claim(const struct setting *setting, const char *value, struct settings *settings)
{
    enum { MEMBER_MOST = 127 };
    bool good = read_text(setting, value, settings);
    for (bool more = true; more && good;) {
        size_t length = strcspn(value, ".");
        good = length && length <= MEMBER_MOST;
        more = value[length] != '\0';
        value += length + more;
    }
    return good;
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
bool read_listen(const struct setting *setting, const char *value, struct settings *settings)
{
    (void)setting;
    const char *colon = strrchr(value, ':');
    unsigned long port = colon ? strtoul(colon + 1, NULL, 10) : 0;
    size_t length = colon ? (size_t)(colon - value) : 0;
    bool bracketed = length >= 2 && value[0] == '[' && value[length - 1] == ']';
    snprintf(settings->listen_address, sizeof settings->listen_address, "%.*s", (int)(bracketed ? length - 2 : length),
             bracketed ? value + 1 : value);
    if (!length)
        snprintf(settings->listen_address, sizeof settings->listen_address, "0.0.0.0");
    settings->listen_port = (uint16_t)port;
    return colon && is_digits(colon + 1) && port <= 65535 && length < sizeof settings->listen_address &&
           is_numeric_address(settings->listen_address);
}

bool read_log(const struct setting *setting, const char *value, struct settings *settings)
{
    (void)setting;
    settings->log_json = strcmp(value, "json") == 0;
    return settings->log_json || strcmp(value, "text") == 0;
}

// "health", "addresses", or both.
bool read_log_without(const struct setting *setting, const char *value, struct settings *settings)
{
    bool good = true, any = false;
    (void)setting;
    settings->log_without_health = settings->log_without_addresses = false;
    for (const char *item = value + strspn(value, ", "); *item; item += strspn(item, ", ")) {
        size_t length = strcspn(item, ", ");
        bool health = length == 6 && strncmp(item, "health", length) == 0;
        bool addresses = length == 9 && strncmp(item, "addresses", length) == 0;
        settings->log_without_health = settings->log_without_health || health;
        settings->log_without_addresses = settings->log_without_addresses || addresses;
        good = good && (health || addresses);
        any = true;
        item += length;
    }
    return any && good;
}

bool read_trusted_proxies(const struct setting *setting, const char *value, struct settings *settings)
{
    (void)setting;
    (void)settings;
    return forwarded_trust(value);
}

bool read_forwarded_field(const struct setting *setting, const char *value, struct settings *settings)
{
    (void)setting;
    (void)settings;
    forwarded_use(strcmp(value, "Forwarded") == 0);
    return forwarded_is_standard() || strcmp(value, "X-Forwarded-For") == 0;
}

// Browsers write no port that is the scheme's own (WHATWG URL), and none with a zero before it.
static bool is_port_of_origin(const char *port, const char *scheme, size_t length)
{
    static const char *const usual[][2] = {{"http", "80"}, {"https", "443"}};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (strlen(usual[i][0]) == length && strncmp(usual[i][0], scheme, length) == 0 &&
            strcmp(usual[i][1], port) == 0)
            return false;
    return *port != '0' && is_digits(port) && strtoul(port, NULL, 10) <= 65535;
}

// As browsers write it, since it is compared byte by byte: small letters, no user, no path, no usual port.
static bool is_origin(const char *text, size_t length)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
    static const char host_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-._[]:";
    char origin[512];
    if (length >= sizeof origin)
        return false;
    memcpy(origin, text, length);
    origin[length] = '\0';
    size_t scheme = strspn(origin, letters);
    if (!scheme || strncmp(origin + scheme, "://", 3) != 0)
        return false;
    const char *host = origin + scheme + 3, *colon = strrchr(host, ':');
    bool port = colon && !strchr(colon, ']');
    return *host && colon != host && strspn(host, host_letters) == strlen(host) &&
           (!port || is_port_of_origin(colon + 1, origin, scheme));
}

// "https://a.example, https://b.example:8443" or "*".
bool read_origins(const struct setting *setting, const char *value, struct settings *settings)
{
    bool any = false, good = read_text(setting, value, settings);
    for (const char *item = value + strspn(value, ", "); *item; item += strspn(item, ", ")) {
        size_t length = strcspn(item, ", ");
        good = good && ((length == 1 && *item == '*') || is_origin(item, length));
        any = true;
        item += length;
    }
    return any && good;
}

bool read_jwks(const struct setting *setting, const char *value, struct settings *settings)
{
    return read_text(setting, value, settings) && jwks_place_fits(value);
}

// "theirs=ours,…": a name of ours that there is not would silently give nobody that role.
bool read_role_map(const struct setting *setting, const char *value, struct settings *settings)
{
    bool good = read_text(setting, value, settings);
    for (const char *item = value; item && good;) {
        size_t whole = strcspn(item, ","), theirs = strcspn(item, "=,");
        good = theirs && theirs < whole && *item != ' ' && role_of_name(item + theirs + 1, whole - theirs - 1);
        item = item[whole] ? item + whole + 1 : NULL;
    }
    return good;
}

bool read_webhook_allow(const struct setting *setting, const char *value, struct settings *settings)
{
    return read_text(setting, value, settings) && targets_configure(value);
}

// "5,30,120".
bool read_pauses(const struct setting *setting, const char *value, struct settings *settings)
{
    settings->webhook_pauses_count = 0;
    for (const char *item = value; item;) {
        size_t length = strspn(item, "0123456789");
        unsigned long seconds = length ? strtoul(item, NULL, 10) : 0;
        if (seconds < setting->least || seconds > setting->most || (item[length] && item[length] != ',') ||
            settings->webhook_pauses_count == SETTINGS_PAUSES_MAX)
            return false;
        settings->webhook_pauses[settings->webhook_pauses_count++] = (unsigned)seconds;
        item = item[length] ? item + length + 1 : NULL;
    }
    return true;
}

// Handed to PostgreSQL as we write instants: it takes fewer offsets from UTC than RFC 3339 has.
bool read_now(const struct setting *setting, const char *value, struct settings *settings)
{
    static char now[INSTANT_TEXT_SIZE];
    int64_t instant;
    (void)setting;
    now[0] = '\0';
    if (instant_parse(value, strlen(value), &instant) && instant_is_kept(instant))
        instant_format(instant, now);
    settings->now = now;
    return *now;
}
