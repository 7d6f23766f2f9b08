// Words that rules compare with. A word that nobody can record makes a rule that is never met, or one that always is,
// and its own cases cannot tell, for they may use the same word.
#include "criteria_sets/served.h"

#include "base/pure/labels.h"
#include "engine/json/json_reader.h"

#include <string.h>

// What a place of a rule set may say: of `words`, a vocabulary, and of `more`, a list ended by NULL.
struct known_words {
    const char *words;
    const char *const *more;
};

static const char *const none[] = {NULL};
static const char *const no_dossier[] = {"MISSING", NULL}; // intake_facts()
static const char *const document_states[] = {"PRESENT", "MISSING", NULL};
static const char *const finders[] = {"home_affairs", NULL};
static const struct known_words results = {"FindingResult", none}, documents = {NULL, document_states},
                                found_by = {NULL, finders};

// Joined; NULL where `word` is among them.
static const char *unless_known(struct arena *arena, const struct known_words *known, const char *word)
{
    const char *names = "";
    for (const struct label *label = labels; known->words && label->code; label++)
        if (strcmp(label->vocabulary, known->words) == 0) {
            if (strcmp(label->code, word) == 0)
                return NULL;
            names = arena_format(arena, "%s%s\"%s\"", names, *names ? ", " : "", label->code);
        }
    for (const char *const *more = known->more; *more; more++) {
        if (strcmp(*more, word) == 0)
            return NULL;
        names = arena_format(arena, "%s%s\"%s\"", names, *names ? ", " : "", *more);
    }
    return names;
}

// A word, or a list or an object of words; what is no text is another rule's affair.
static void check_words(struct rule_faults *faults, const char *pointer, const struct known_words *known,
                        const json_t *value)
{
    const char *name, *names;
    json_t *member;
    size_t i;
    if (json_is_string(value) && (names = unless_known(faults->arena, known, json_string_value(value))))
        rule_fault_offer(faults, pointer, FAULT_WORD_NOT_KEPT, arena_text(faults->arena, json_string_value(value)),
                         (struct bilingual){"Các giá trị được ghi", "It records"}, names);
    json_array_foreach(value, i, member) check_words(faults, pointer_at(faults->arena, pointer, i), known, member);
    if (known == &documents && json_is_object(value))
        json_object_foreach((json_t *)(uintptr_t)value, name, member)
            check_words(faults, pointer_to(faults->arena, pointer, name), known, member);
}

static void check_member(struct rule_faults *faults, const char *pointer, const struct known_words *known,
                         const json_t *object, const char *name)
{
    check_words(faults, pointer_to(faults->arena, pointer, name), known, json_object_get(object, name));
}

// `value`, or a list `values`, of a fact or of a field.
static void check_compared(struct rule_faults *faults, const char *pointer, const struct known_words *known,
                           const json_t *object)
{
    check_member(faults, pointer, known, object, "value");
    check_member(faults, pointer, known, object, "values");
}

static void check_filters(struct rule_faults *faults, const char *pointer, const json_t *object)
{
    const char *of = json_string_value(json_object_get(object, "register"));
    const json_t *filters = json_object_get(object, "where"), *filter;
    size_t i;
    json_array_foreach(filters, i, filter)
    {
        const char *field = json_string_value(json_object_get(filter, "field"));
        const struct served *served = of && field ? served_named(of, field) : NULL;
        if (served && served->words)
            check_compared(faults, pointer_at(faults->arena, pointer_to(faults->arena, pointer, "where"), i),
                           &(struct known_words){served->words, none}, filter);
    }
}

static void check_fact(struct rule_faults *faults, const char *pointer, const json_t *object, const char *const *groups)
{
    const json_t *member = json_object_get(object, "fact");
    const char *fact = json_string_value(json_is_object(member) ? json_object_get(member, "fact") : member);
    const struct served *served = fact ? served_named(NULL, fact) : NULL;
    if (served && served->words)
        check_compared(faults, pointer, &(struct known_words){served->words, no_dossier}, object);
    else if (served && strcmp(fact, "contestant_kind") == 0 && *groups)
        check_compared(faults, pointer, &(struct known_words){NULL, groups}, object);
}

static void check_object(struct rule_faults *faults, const char *pointer, const json_t *object,
                         const char *const *groups)
{
    const char *kind = json_string_value(json_object_get(object, "kind"));
    check_filters(faults, pointer, object);
    if (!kind)
        return;
    check_fact(faults, pointer, object, groups);
    if (strcmp(kind, "finding") == 0) {
        check_member(faults, pointer, &results, object, "accepts");
        check_member(faults, pointer, &found_by, object, "found_by");
    } else if (strcmp(kind, "finding_count") == 0) {
        check_member(faults, pointer, &results, object, "result");
    } else if (strcmp(kind, "completeness") == 0) {
        check_member(faults, pointer, &documents, object, "required");
    }
}

// As deep as a rule set may be.
static void check_all(struct rule_faults *faults, const char *pointer, const json_t *value, const char *const *groups)
{
    const char *name;
    json_t *member;
    size_t i;
    if (json_is_object(value))
        check_object(faults, pointer, value, groups);
    json_object_foreach((json_t *)(uintptr_t)value, name, member)
        check_all(faults, pointer_to(faults->arena, pointer, name), member, groups);
    json_array_foreach(value, i, member) check_all(faults, pointer_at(faults->arena, pointer, i), member, groups);
}

// The groups that are compared; ended by NULL.
static const char *const *groups_of(struct arena *arena, const json_t *standings)
{
    const json_t *groups = json_object_get(standings, "groups");
    const char **names = arena_array(arena, json_object_size(groups) + 1, sizeof *names), *name;
    size_t count = 0;
    json_t *ignored;
    json_object_foreach((json_t *)(uintptr_t)groups, name, ignored) names[count++] = arena_text(arena, name);
    return names;
}

// ---- cases: facts that no unit ever has would show a rule at work that never works so ----

// `of`: the register of an entry; NULL: facts, each of which is an object with its value.
static void check_kept_words(struct rule_faults *faults, const char *pointer, const char *of, const json_t *values)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)values, name, value)
    {
        const struct served *served = served_named(of, name);
        const struct known_words known = {served ? served->words : NULL, of ? none : no_dossier};
        const char *here = pointer_to(faults->arena, pointer, name);
        if (known.words && of)
            check_words(faults, here, &known, value);
        else if (known.words)
            check_member(faults, here, &known, value, "value");
    }
}

static void check_entries(struct rule_faults *faults, const char *pointer, const json_t *registers)
{
    const char *name;
    json_t *value, *entry;
    size_t i;
    json_object_foreach((json_t *)(uintptr_t)registers, name, value)
    {
        const char *entries = pointer_to(faults->arena, pointer_to(faults->arena, pointer, name), "entries");
        json_array_foreach(json_object_get(value, "entries"), i, entry)
            check_kept_words(faults, pointer_at(faults->arena, entries, i), name, entry);
    }
}

// Of a case, or of what all of them begin with. Who found something, and the group of a unit, may be others' for once.
static void check_unit(struct rule_faults *faults, const char *pointer, const json_t *holder)
{
    const json_t *unit = json_object_get(holder, "unit");
    const char *here = pointer_to(faults->arena, pointer, "unit"), *name;
    const char *found = pointer_to(faults->arena, here, "findings");
    json_t *finding;
    check_kept_words(faults, pointer_to(faults->arena, here, "facts"), NULL, json_object_get(unit, "facts"));
    check_entries(faults, pointer_to(faults->arena, here, "registers"), json_object_get(unit, "registers"));
    check_member(faults, here, &documents, unit, "documents");
    json_object_foreach(json_object_get(unit, "findings"), name, finding)
        check_member(faults, pointer_to(faults->arena, found, name), &results, finding, "result");
}

static void check_cases(struct rule_faults *faults, const json_t *json)
{
    json_t *each;
    size_t i;
    check_unit(faults, "/case_base", json_object_get(json, "case_base"));
    json_array_foreach(json_object_get(json, "cases"), i, each)
        check_unit(faults, pointer_to(faults->arena, pointer_at(faults->arena, "/cases", i), "change"),
                   json_object_get(each, "change"));
}

void check_served_words(struct rule_faults *faults, const json_t *json)
{
    static const char *const with_rules[] = {"criteria", "standings", "forms"};
    const char *const *groups = groups_of(faults->arena, json_object_get(json, "standings"));
    for (size_t i = 0; i < sizeof with_rules / sizeof *with_rules; i++)
        check_all(faults, pointer_to(faults->arena, "", with_rules[i]), json_object_get(json, with_rules[i]), groups);
    check_cases(faults, json);
}
