#include "app/settings.h"

#include "base/nearest.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What an environment may hold of another's making, by Kubernetes for a service named thidua: THIDUA_SERVICE_HOST,
// THIDUA_PORT=tcp://…, THIDUA_PORT_8080_TCP_ADDR.
static bool is_of_kubernetes(const char *name, const char *value)
{
    const char *port = strstr(name, "_PORT");
    return strstr(name, "_SERVICE_HOST") || strstr(name, "_SERVICE_PORT") ||
           (port && (strstr(value, "://") || (port[5] == '_' && isdigit((unsigned char)port[6]))));
}

static const char *environment_value(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

bool setting_is_set(const struct setting *setting)
{
    return environment_value(setting->name) != NULL;
}

const char *setting_value(const struct setting *setting)
{
    const char *value = environment_value(setting->name);
    if (value)
        return value;
    return setting->make_fallback ? setting->make_fallback() : setting->fallback;
}

// A line stays one line whatever the value holds.
static void print_quoted(const char *value)
{
    for (; *value; value++)
        fputc(iscntrl((unsigned char)*value) ? '?' : *value, stderr);
}

static bool refuse(const struct setting *setting, const char *value)
{
    fprintf(stderr, "thidua: %s", setting->name);
    if (!setting->secret) {
        fputc('=', stderr);
        print_quoted(value);
    }
    if (setting->takes)
        fprintf(stderr, ": must be %s\n", setting->takes);
    else
        fprintf(stderr, ": must be a whole number from %u to %u\n", setting->least, setting->most);
    return false;
}

static bool read_all(struct settings *settings)
{
    bool good = true;
    for (const struct setting *setting = all_settings; setting->name; setting++) {
        const char *value = setting_value(setting);
        if (value && !setting->read(setting, value, settings))
            good = refuse(setting, value);
    }
    return good;
}

// ---- rules that several settings share ----

// What a script could not read is no wish for the default: the data would go elsewhere, or nobody could log in.
static bool none_is_empty(void)
{
    bool good = true;
    for (const struct setting *setting = all_settings; setting->name; setting++) {
        const char *value = setting->secret ? getenv(setting->name) : NULL;
        if (!value || *value)
            continue;
        fprintf(stderr, "thidua: %s: it is set, and empty: give it a value, or do not set it\n", setting->name);
        good = false;
    }
    return good;
}

// It names another one than a private PostgreSQL, and whoever gives it means that.
static bool owner_is_of_a_database(const struct settings *settings)
{
    if (settings->database_url || !settings->database_owner_url)
        return true;
    fprintf(stderr, "thidua: DATABASE_OWNER_URL: DATABASE_URL is needed with it\n");
    return false;
}

static bool takes_tokens(const struct settings *settings)
{
    if (settings->jwks || (!settings->jwt_issuer && !settings->jwt_audience))
        return true;
    fprintf(stderr, "thidua: %s: THIDUA_JWKS is needed with it\n",
            settings->jwt_issuer ? "THIDUA_JWT_ISSUER" : "THIDUA_JWT_AUDIENCE");
    return false;
}

static bool tokens_are_complete(const struct settings *settings)
{
    if (!settings->jwks || (settings->jwt_issuer && settings->jwt_audience))
        return true;
    fprintf(stderr, "thidua: THIDUA_JWKS: THIDUA_JWT_ISSUER and THIDUA_JWT_AUDIENCE are needed with it\n");
    return false;
}

// ---- names that are none of ours ----

enum { PREFIX_LENGTH = 7 }; // "THIDUA_", which says nothing of what was meant

// NULL: none is near.
static const char *nearest_setting(const char *name)
{
    const char *nearest = NULL, *own = name + PREFIX_LENGTH;
    for (const struct setting *setting = all_settings; setting->name; setting++)
        if (strncmp(setting->name, name, PREFIX_LENGTH) == 0 && is_near(own, setting->name + PREFIX_LENGTH) &&
            (!nearest ||
             edit_distance(own, setting->name + PREFIX_LENGTH) < edit_distance(own, nearest + PREFIX_LENGTH)))
            nearest = setting->name;
    return nearest;
}

static bool names_a_setting(const char *name)
{
    const struct setting *setting = all_settings;
    while (setting->name && strcmp(setting->name, name) != 0)
        setting++;
    return setting->name != NULL;
}

// A misspelt setting would otherwise be its default, and nobody would notice.
static bool is_understood(const char *variable)
{
    char name[128];
    size_t length = strcspn(variable, "=");
    snprintf(name, sizeof name, "%.*s", (int)length, variable);
    const char *value = variable[length] ? variable + length + 1 : "";
    if (strncmp(name, "THIDUA_", PREFIX_LENGTH) != 0 || names_a_setting(name) || is_of_kubernetes(name, value))
        return true;
    const char *nearest = nearest_setting(name);
    fprintf(stderr, "thidua: %s: there is no such setting; %s%s%s`thidua settings` lists them all\n", name,
            nearest ? "did you mean " : "", nearest ? nearest : "", nearest ? "? " : "");
    return false;
}

static bool all_are_understood(void)
{
    bool good = true;
    for (char **variable = environ; *variable; variable++)
        good = is_understood(*variable) && good;
    return good;
}

// What may hold a password can also be a credential of systemd, a file of the setting's name (LoadCredential=): unlike
// the environment that a process is started with, nobody else can read it. What the environment says goes first.
// One that is there and says nothing is no default: the data would go elsewhere.
static bool take_credential(const struct setting *setting, const char *directory)
{
    char path[PATH_MAX], value[4096];
    snprintf(path, sizeof path, "%s/%s", directory, setting->name);
    FILE *file = fopen(path, "re");
    if (!file && errno == ENOENT)
        return true;
    size_t length = file ? fread(value, 1, sizeof value, file) : 0;
    if (file)
        fclose(file);
    value[length < sizeof value ? length : 0] = '\0';
    value[strcspn(value, "\r\n")] = '\0';
    if (!*value)
        fprintf(stderr, "thidua: %s: its credential %s must be a readable file of one line, shorter than %zu bytes\n",
                setting->name, path, sizeof value);
    return *value && setenv(setting->name, value, 1) == 0;
}

static bool take_credentials(void)
{
    const char *directory = environment_value("CREDENTIALS_DIRECTORY");
    bool good = true;
    for (const struct setting *setting = all_settings; directory && setting->name; setting++)
        if (setting->secret && !setting_is_set(setting))
            good = take_credential(setting, directory) && good;
    return good;
}

bool settings_read(struct settings *ret_settings)
{
    bool good = take_credentials();
    *ret_settings = (struct settings){0};
    good = read_all(ret_settings) && good;
    good = none_is_empty() && good;
    good =
        good && owner_is_of_a_database(ret_settings) && takes_tokens(ret_settings); // what did not fit may be the other
    good = tokens_are_complete(ret_settings) && good;
    return all_are_understood() && good;
}

bool settings_open(void)
{
    bool good = true;
    for (const struct setting *setting = all_settings; setting->name; setting++)
        if (setting->open && setting_is_set(setting))
            good = setting->open(setting_value(setting)) && good;
    return good;
}
