// `thidua load FILE`: a campaign as data into the database, with its criteria set and rounds; or public holidays.
// Loading it again changes nothing.
#include "app/command/load/load.h"
#include "app/command/command.h"
#include "app/command/failure.h"
#include "app/command/load/plan_shape.h"
#include "app/command/record.h"
#include "campaigns/campaigns.sql.h"
#include "criteria_sets/document.h"
#include "database/session.h"
#include "engine/json/rule_set_json.h"
#include "handler/run.h"

#include "thidua/arena.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What a publishing gate found wrong with the criteria set, each fault by its place in the file.
static void print_faults(const char *file, const struct rule_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        fprintf(stderr, "thidua load: %s: /criteria_set%s: %s\n", file, faults->items[i].pointer,
                faults->items[i].detail.en);
    if (faults->total > faults->count)
        fprintf(stderr, "thidua load: %s: and %zu more\n", file, faults->total - faults->count);
}

// A criteria set is published by being loaded, so it must be sound and give what its own cases expect. `hash` is that
// of its canonical form, by which verdicts name it.
static bool pass_gate(const char *file, const json_t *plan, char hash[static SHA256_HEX_LENGTH + 1])
{
    const json_t *criteria = json_object_get(plan, "criteria_set");
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    bool good =
        rule_set_from_json(&arena, criteria, &faults, &document) && document_publishable(&document, criteria, &faults);
    if (good)
        memcpy(hash, document.hash, sizeof document.hash);
    else
        print_faults(file, &faults);
    good = plan_fits_standings(file, plan, document.standings) && good;
    if (good) {
        plan_warn_of_cap(file, plan, &document.forms);
        plan_warn_of_index(file, plan);
    }
    arena_release(&arena);
    return good;
}

static bool note_plan(struct session *session, const char *code, const char *change, const char *before)
{
    struct failure failure;
    char type[40], resource[160];
    struct rows *rows = campaign_get_run(session, code, &failure);
    if (!rows)
        return false;
    snprintf(type, sizeof type, "campaign.%s", strcmp(change, "created") == 0 ? change : "changed");
    snprintf(resource, sizeof resource, "/v1/campaigns/%s", code);
    const struct event event = {
        .type = type, .resource = resource, .campaign = code, .before = before, .after = campaign_get_at(rows, 0).body};
    bool done = record_by_command(session, "thidua load", &event, &failure);
    rows_free(rows);
    return done;
}

static void print_refusal(const struct session *session, const char *code, const struct failure *failure)
{
    char doing[256];
    if (failure->constraint[0])
        snprintf(doing, sizeof doing, "thidua load: %s: refused (%s)", code, failure->constraint);
    else
        snprintf(doing, sizeof doing, "thidua load: %s", code);
    print_failure(doing, session, failure);
}

static bool put_plan(struct session *session, const char *code, const char *plan, const char *hash)
{
    struct failure failure = {0};
    begin_by_command(session);
    struct rows *rows = campaign_load_plan_run(session, plan, hash, &failure);
    struct campaign_load_plan loaded = rows ? campaign_load_plan_at(rows, 0) : (struct campaign_load_plan){0};
    const char *change = loaded.change;
    bool done = change && (strcmp(change, "unchanged") == 0 || note_plan(session, code, change, loaded.before)) &&
                session_commit(session, &failure);
    if (done)
        printf("%s: %s\n", code, change);
    else if (strcmp(failure.constraint, "criteria_sets_published") == 0)
        fprintf(stderr, "thidua load: %s: its criteria set is published and never changes: give it a new version\n",
                code);
    else
        print_refusal(session, code, &failure);
    rows_free(rows);
    return done;
}

static bool load(struct place *place, const char *code, const char *plan, const char *hash)
{
    struct session *session = place_connect(place, place->url, "thidua load");
    bool done = session && put_plan(session, code, plan, hash);
    session_free(session);
    return done;
}

static bool load_plan(const char *file, json_t *plan, bool only_check)
{
    char hash[SHA256_HEX_LENGTH + 1];
    struct place place;
    if (!load_texts(file, plan))
        return false;
    bool has_shape = plan_has_shape(file, plan), is_served = plan_is_served(file, plan);
    bool is_worded = plan_words_papers(file, plan);
    if (!pass_gate(file, plan, hash) || !has_shape || !is_served || !is_worded)
        return false;
    if (only_check)
        return printf("%s: no faults\n", file) > 0;
    if (!place_open(&place, PLACE_FOR_COMMAND))
        return false;
    char *text = json_dumps(plan, JSON_COMPACT);
    bool done = text && load(&place, json_string_value(json_object_get(plan, "code")), text, hash);
    place_close(&place);
    free(text);
    return done;
}

static bool load_days(const char *file, json_t *holidays)
{
    struct place place;
    if (!place_open(&place, PLACE_FOR_COMMAND))
        return false;
    bool done = load_holidays(&place, file, holidays);
    place_close(&place);
    return done;
}

// Editors of Windows begin a text with a byte order mark, which is no part of the JSON (RFC 8259, section 8.1).
static void skip_byte_order_mark(FILE *file)
{
    int first = getc(file);
    if (first != 0xEF)
        ungetc(first, file);
    else if (getc(file) != 0xBB || getc(file) != 0xBF)
        rewind(file); // no JSON: said with its place
}

static json_t *read_file(const char *name)
{
    json_error_t error;
    FILE *file = fopen(name, "rbe");
    if (!file) {
        fprintf(stderr, "thidua load: %s: %s\n", name, strerror(errno));
        return NULL;
    }
    skip_byte_order_mark(file);
    json_t *json = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fprintf(stderr, "thidua load: %s, line %d: %s\n", name, error.line, error.text);
    fclose(file);
    return json;
}

static bool load_file(const char *file, bool only_check)
{
    json_t *json = read_file(file);
    json_t *holidays = json_object_get(json, "public_holidays");
    bool done =
        json && !(holidays && only_check) && (holidays ? load_days(file, holidays) : load_plan(file, json, only_check));
    if (holidays && only_check)
        fprintf(stderr, "thidua load: %s: --check is for plans, and these are public holidays\n", file);
    json_decref(json);
    return done;
}

int command_load(const struct arguments *arguments)
{
    bool only_check = argument_given(arguments, "--check"), good = true;
    for (size_t i = 0; i < arguments->operand_count && (good || only_check); i++) // what is loaded may rest on what was
        good = load_file(arguments->operands[i], only_check) && good;
    return good ? 0 : 1;
}
