// The words that a plan has for its papers (paper_wording() in src/campaigns/campaigns_functions.sql): who issues them,
// on what they rest, who receives them. Each wrong one is named with its place.
#include "app/command/load/plan_shape.h"

#include "thidua/plain_text.h"

#include <stdio.h>
#include <string.h>

enum { PLACE_ROOM = 160, WORDING_MOST = 500, LIST_MOST = 20 };

// Of each section: its texts, and its lists of texts. "" is what stands beside the sections.
static const struct section {
    const char *name, *texts, *lists;
} sections[] = {
    {"", "valid_from valid_to note place name", ""},
    {"chair", "agency authority capacity", ""},
    {"home_affairs", "superior agency capacity", ""},
    {"nomination", "council index initiatives", "bases recipients"},
    {"decision", "symbol proposer bonus carried_out_by", "bases recipients"},
    {"submission", "symbol", "bases recipients"},
    {"notice", "symbol", "recipients"},
    {"report", "symbol", "recipients"},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

static bool complain(const char *file, const char *place, const char *what)
{
    fprintf(stderr, "thidua load: %s: %s %s\n", file, place, what);
    return false;
}

static bool is_wording(const json_t *value)
{
    const char *text = json_string_value(value);
    size_t characters = 0;
    return text && *text && text_examine(text, strlen(text), &characters) == TEXT_FINE && characters <= WORDING_MOST;
}

static bool check_text(const char *file, const char *place, const json_t *value)
{
    return is_wording(value) || complain(file, place, "must be a text of at most 500 characters");
}

static bool check_list(const char *file, const char *place, const json_t *list)
{
    char below[PLACE_ROOM];
    bool good = true;
    if (!json_is_array(list) || json_array_size(list) > LIST_MOST)
        return complain(file, place, "must be a list of at most 20 texts");
    for (size_t i = 0; i < json_array_size(list); i++) {
        snprintf(below, sizeof below, "%.120s/%zu", place, i);
        good = check_text(file, below, json_array_get(list, i)) && good;
    }
    return good;
}

static bool check_section(const char *file, const char *place, const json_t *object, const struct section *section)
{
    char below[PLACE_ROOM];
    bool good = true;
    if (!json_is_object(object))
        return complain(file, place, "must be an object");
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        snprintf(below, sizeof below, "%.110s/%.40s", place, name);
        if (is_word_of(section->lists, name))
            good = check_list(file, below, value) && good;
        else if (is_word_of(section->texts, name))
            good = check_text(file, below, value) && good;
        else
            good = complain(file, below, "is read by nobody, so it would be overlooked");
    }
    return good;
}

static const struct section *section_named(const char *name)
{
    for (size_t i = 1; i < SECTIONS; i++)
        if (strcmp(sections[i].name, name) == 0)
            return &sections[i];
    return NULL;
}

static bool check_entry(const char *file, const char *place, const json_t *entry)
{
    char below[PLACE_ROOM];
    bool good = true;
    const char *name;
    json_t *value, *rest = json_object();
    json_object_foreach((json_t *)(uintptr_t)entry, name, value)
    {
        const struct section *section = section_named(name);
        snprintf(below, sizeof below, "%.110s/%.40s", place, name);
        if (section)
            good = check_section(file, below, value, section) && good;
        else if (!json_is_null(value)) // no end
            json_object_set(rest, name, value);
    }
    good = check_section(file, place, rest, &sections[0]) && good;
    json_decref(rest);
    return good;
}

bool plan_words_papers(const char *file, const json_t *plan)
{
    char place[PLACE_ROOM];
    bool good = true;
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(plan, "papers"), i, entry)
    {
        snprintf(place, sizeof place, "/papers/%zu", i);
        good = check_entry(file, place, entry) && good;
    }
    return good;
}
