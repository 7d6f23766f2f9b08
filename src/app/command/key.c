// `thidua key create`: how the first key of an installation is made.
#include "app/command/command.h"
#include "app/command/failure.h"
#include "app/command/record.h"
#include "database/session.h"
#include "handler/run.h"
#include "keys/keys.h"
#include "keys/keys.sql.h"

#include "thidua/civil.h"
#include "thidua/decimal.h"
#include "thidua/identifier.h"
#include "thidua/roles.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)

enum { DAYS_MOST = 36500 };

static int usage(const char *reason)
{
    fprintf(stderr,
            "thidua key create: %s\nUsage: thidua key create --name NAME --role ROLE [--role ROLE …] [--unit UUID] "
            "[--days N]\n",
            reason);
    return 2;
}

static bool read_days(const char *text, int64_t *ret_days)
{
    return decimal_parse(text, strlen(text), 0, ret_days) == DECIMAL_OK && *ret_days >= 1 && *ret_days <= DAYS_MOST;
}

// Counted from the clock that the service has: `now`, or the machine's.
static bool set_expiry(json_t *body, int64_t days, const char *now)
{
    char text[INSTANT_TEXT_SIZE];
    int64_t instant = (int64_t)time(NULL) * SECOND;
    if (now && !instant_parse(now, strlen(now), &instant))
        return false;
    instant += days * DAY;
    if (!instant_is_kept(instant)) {
        fprintf(stderr, "thidua key create: --days: the key would expire after the year %d\n", YEAR_LAST_KEPT);
        return false;
    }
    instant_format(instant, text);
    return json_object_set_new(body, "expires_at", json_string(text)) == 0;
}

static const char *read_options(int count, char *arguments[], json_t *body, int64_t *ret_days)
{
    json_t *roles = json_array();
    json_object_set_new(body, "roles", roles);
    for (int i = 0; i < count; i += 2) {
        const char *option = arguments[i], *value = i + 1 < count ? arguments[i + 1] : NULL;
        if (!value)
            return "an option lacks its value";
        if (strcmp(option, "--name") == 0)
            json_object_set_new(body, "name", json_string(value));
        else if (strcmp(option, "--role") == 0 && role_of_name(value, strlen(value)))
            json_array_append_new(roles, json_string(value));
        else if (strcmp(option, "--unit") == 0 && uuid_text_is_valid(value, strlen(value)))
            json_object_set_new(body, "unit_id", json_string(value));
        else if (strcmp(option, "--days") != 0 || !read_days(value, ret_days))
            return "unknown option or value";
    }
    return json_object_get(body, "name") && json_array_size(roles) ? NULL : "--name and at least one --role are needed";
}

static bool insert(struct session *session, const char *hash, const char *body, struct failure *ret_failure)
{
    struct rows *rows = key_create_run(session, hash, body, NULL, ret_failure);
    if (!rows)
        return false;
    const struct event event = {.type = "key.created", .resource = "/v1/keys", .after = key_create_at(rows, 0).json};
    bool done = record_by_command(session, "thidua key create", &event, ret_failure);
    rows_free(rows);
    return done;
}

static bool create(const struct place *place, const char *hash, const char *body)
{
    struct session_options options = {.url = place->url, .application_name = "thidua key", .now = place->settings.now};
    struct session *session = session_new(&options);
    struct failure failure = {0};
    bool done = session && session_connect(session) && session_script(session, "BEGIN", &failure) &&
                insert(session, hash, body, &failure) && session_commit(session, &failure);
    if (!done)
        print_failure(strncmp(failure.constraint, "keys_unit", 9) == 0 ? "thidua key create: --unit"
                                                                       : "thidua key create",
                      session, &failure);
    session_free(session);
    return done;
}

static int create_in(const struct place *place, json_t *body, int64_t days)
{
    char text[KEY_TEXT_SIZE], hash[KEY_HASH_SIZE];
    if (days && !set_expiry(body, days, place->settings.now))
        return 1;
    char *json = json_dumps(body, JSON_COMPACT);
    key_draw(text, hash);
    int status = create(place, hash, json) ? puts(text) < 0 : 1;
    free(json);
    return status;
}

int command_key(int count, char *arguments[])
{
    struct place place;
    int64_t days = 0;
    if (count < 1 || strcmp(arguments[0], "create") != 0)
        return usage("what to do with keys?");
    json_t *body = json_object();
    const char *wrong = read_options(count - 1, arguments + 1, body, &days);
    int status = wrong ? usage(wrong) : 1;
    if (!wrong && place_open(&place)) {
        status = create_in(&place, body, days);
        place_close(&place);
    }
    json_decref(body);
    return status;
}
