// `thidua key create`: how the first key of an installation is made.
#include "app/command/command.h"
#include "app/command/failure.h"
#include "app/command/place.h"
#include "app/command/record.h"
#include "database/session.h"
#include "handler/run.h"
#include "http/input/field.h"
#include "keys/keys.h"
#include "keys/keys.sql.h"
#include "thidua/civil.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)

// Counted from the clock that the service has: `now`, or the machine's. NULL where that is beyond the years that are
// kept.
static json_t *instant_in_days(const char *days, const char *now)
{
    char text[INSTANT_TEXT_SIZE];
    int64_t instant = (int64_t)time(NULL) * SECOND;
    if (now)
        instant_parse(now, strlen(now), &instant);
    instant += strtol(days, NULL, 10) * DAY;
    if (!instant_is_kept(instant)) {
        fprintf(stderr, "thidua key create: --days: the key would expire after the year %d\n", YEAR_LAST_KEPT);
        return NULL;
    }
    instant_format(instant, text);
    return json_string(text);
}

// NULL after a line that says why.
static char *body_text(const struct arguments *arguments, const char *name, const char *now)
{
    const char *days = argument(arguments, "--days");
    json_t *expires_at = days ? instant_in_days(days, now) : NULL;
    if (days && !expires_at)
        return NULL;
    json_t *roles = json_array();
    for (size_t i = 0; i < arguments->given_count; i++)
        if (strcmp(arguments->given[i].option->name, "--role") == 0)
            json_array_append_new(roles, json_string(arguments->given[i].value));
    json_t *body = json_pack("{s:s, s:o, s:s*, s:o*}", "name", name, "roles", roles, "unit_id",
                             argument(arguments, "--unit"), "expires_at", expires_at);
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return text;
}

static bool insert(struct session *session, const char *hash, const char *body, struct failure *ret_failure)
{
    struct rows *rows = key_create_run(session, hash, body, NULL, ret_failure);
    if (!rows)
        return false;
    struct key_create made = key_create_at(rows, 0);
    char resource[64];
    snprintf(resource, sizeof resource, "/v1/keys/%s", made.id);
    const struct event event = {.type = "key.created", .resource = resource, .after = made.json};
    bool done = record_by_command(session, "thidua key create", &event, ret_failure);
    rows_free(rows);
    return done;
}

static bool create_key(struct place *place, const char *hash, const char *body)
{
    struct session *session = place_connect(place, place->url, "thidua key create");
    struct failure failure = {0};
    if (!session)
        return false;
    begin_by_command(session);
    bool done = insert(session, hash, body, &failure) && session_commit(session, &failure);
    if (!done)
        print_failure(strncmp(failure.constraint, "keys_unit", 9) == 0 ? "thidua key create: --unit"
                                                                       : "thidua key create",
                      session, &failure);
    session_free(session);
    return done;
}

int command_key_create(const struct arguments *arguments)
{
    char text[KEY_TEXT_SIZE], hash[KEY_HASH_SIZE];
    struct place place;
    int status = 1;
    const char *given = argument(arguments, "--name"), *fault;
    char *name = line_from(given, strlen(given), &fault); // fault_of_name() has looked at it
    if (!name || !place_open(&place, PLACE_FOR_COMMAND)) {
        free(name);
        return 1;
    }
    char *body = body_text(arguments, name, place.settings.now);
    key_draw(text, hash);
    if (body && create_key(&place, hash, body))
        status = puts(text) < 0;
    free(body);
    free(name);
    place_close(&place);
    return status;
}
