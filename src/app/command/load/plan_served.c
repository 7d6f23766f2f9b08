// A plan that asks for what the service does not do is refused when it is loaded: a member that nobody reads would be
// overlooked in silence. Each is named with its place and the way out, all at once.
#include "app/command/load/plan_shape.h"

#include <stdio.h>
#include <string.h>

enum { POINTER_ROOM = 160 };

// The members that an object may have: what the service reads, and what it only shows. "*" in a path is every item.
static const struct object {
    const char *path, *members;
} objects[] = {
    {"", "code printed_number issuer issued_on title window award_years year_begins cap cap_citation award_form groups "
         "contents "
         "reform_contents policy_groups service_areas dossier_components cut_offs score_fields legal_documents law "
         "criteria_set clauses council nominees papers invented note"},
    {"/window", "from to clause quote note"},
    {"/year_begins", "month_day of clause quote note"},
    {"/groups/*", "code clause unit_kinds not_under must_advise vi en quote note"},
    {"/contents/*", "code clause vi en quote note"},
    {"/award_form", "clause category text quote note"},
    // Of plan 230: those by which the service names its rules, and those of which they are part.
    {"/clauses", "I.1 I.1.c II II.1 II.2 II.3 III III.1 III.1.a III.1.b III.1.c III.1.d III.2 III.2.a III.2.b III.3 "
                 "III.3.a III.3.b III.3.c III.4 III.4.a III.4.b III.5 V V.1 V.3"},
    {"/cut_offs", "dossier yearly_report proposal"},
    {"/cut_offs/dossier", "clause rule month_day of time_zone quote note"},
    {"/cut_offs/yearly_report", "clause rule month_day of time_zone owed_by quote note"},
    {"/cut_offs/proposal", "clause rule base calendar_days working_days time_zone quote note"},
    {"/law", "governing authorities bonus"},
    {"/law/bonus", "clause recipient rounding step_vnd coefficients base_salaries note"},
    {"/law/bonus/coefficients/*", "valid_from valid_to coefficient legal_basis article rounding_article quote note"},
    {"/law/bonus/base_salaries/*", "valid_from valid_to vnd legal_basis article quote note"},
};

// The texts that are shown as they stand: those that must be there, and those that may.
static const struct texts {
    const char *path, *must, *may;
} texts[] = {
    {"/title", "vi en", ""},
    {"/window", "", "clause quote note"},
    {"/year_begins", "", "clause quote note"},
    {"/groups/*", "vi en", "clause quote note"},
    {"/contents/*", "vi en", "clause quote note"},
    {"/award_form", "", "clause quote note"},
    {"/award_form/text", "vi en", ""},
    {"/cut_offs/dossier", "", "clause quote note"},
    {"/cut_offs/yearly_report", "", "clause quote note"},
    {"/cut_offs/proposal", "", "clause quote note"},
    {"/law/governing/*", "document", "amended_by"},
    {"/law/authorities/*", "vi en", "note"},
    {"/law/bonus", "", "clause note"},
};

// What a member may be, where the service does one thing only.
static const struct only {
    const char *path, *text, *way_out;
} onlies[] = {
    {"/nominees/*", "COLLECTIVE", "only collectives are nominated here; award persons and outside bodies elsewhere"},
    {"/award_form/category", "thematic", "the service keeps thematic awards only"},
    {"/law/bonus/recipient", "collective", "a bonus goes to the collective"},
    {"/law/bonus/rounding", "up", "a bonus is rounded up"},
};

struct search {
    const char *file;
    bool good;
};

bool is_word_of(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = words; *at; at += strcspn(at, " "), at += strspn(at, " "))
        if (strcspn(at, " ") == length && strncmp(at, word, length) == 0)
            return true;
    return false;
}

static void refuse_members(struct search *search, const json_t *object, const char *pointer, const char *members)
{
    for (void *at = json_object_iter((json_t *)(uintptr_t)object); at;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        const char *name = json_object_iter_key(at);
        if (is_word_of(members, name))
            continue;
        fprintf(stderr,
                "thidua load: %s: %s/%s: nothing reads this member, so it would be overlooked; take it out, or write "
                "it as one of: %s\n",
                search->file, pointer, name, members);
        search->good = false;
    }
}

static void refuse_other_text(struct search *search, const json_t *value, const char *pointer, const struct only *only)
{
    const char *text = json_string_value(value);
    if (text && strcmp(text, only->text) == 0)
        return;
    fprintf(stderr, "thidua load: %s: %s must be \"%s\": %s\n", search->file, pointer, only->text, only->way_out);
    search->good = false;
}

typedef void visitor(struct search *search, const json_t *value, const char *pointer, const void *what);

// Every value at the path, which is there.
static void each_at(struct search *search, const json_t *value, const char *path, const char *pointer, visitor *visit,
                    const void *what)
{
    char below[POINTER_ROOM], name[40];
    if (!*path) {
        visit(search, value, pointer, what);
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(path + 1, "/"), path + 1);
    const char *rest = path + 1 + strlen(name);
    if (strcmp(name, "*") != 0) {
        snprintf(below, sizeof below, "%s/%s", pointer, name);
        const json_t *member = json_object_get(value, name);
        if (member)
            each_at(search, member, rest, below, visit, what);
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        snprintf(below, sizeof below, "%s/%zu", pointer, i);
        each_at(search, json_array_get(value, i), rest, below, visit, what);
    }
}

static void visit_object(struct search *search, const json_t *value, const char *pointer, const void *what)
{
    if (!json_is_object(value)) {
        fprintf(stderr, "thidua load: %s: %s must be an object\n", search->file, *pointer ? pointer : "the plan");
        search->good = false;
    }
    refuse_members(search, value, pointer, ((const struct object *)what)->members);
}

static void require_texts(struct search *search, const json_t *object, const char *pointer, const char *names,
                          bool must)
{
    for (const char *at = names; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        char name[40];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, " "), at);
        const json_t *text = json_object_get(object, name);
        if (json_string_length(text) > 0 || (!text && !must))
            continue;
        fprintf(stderr, "thidua load: %s: %s/%s must be a text%s\n", search->file, pointer, name,
                must ? "" : ", or absent");
        search->good = false;
    }
}

static void visit_texts(struct search *search, const json_t *value, const char *pointer, const void *what)
{
    const struct texts *rule = what;
    require_texts(search, value, pointer, rule->must, true);
    require_texts(search, value, pointer, rule->may, false);
}

static void visit_only(struct search *search, const json_t *value, const char *pointer, const void *what)
{
    refuse_other_text(search, value, pointer, what);
}

// A content that the plan does not name could never get a finding.
static void check_contents(struct search *search, const json_t *plan)
{
    const json_t *contents = json_object_get(plan, "contents");
    const char *name;
    json_t *ignored;
    json_object_foreach(json_object_get(json_object_get(plan, "criteria_set"), "contents"), name, ignored)
    {
        size_t i = 0;
        while (i < json_array_size(contents)) {
            const char *code = json_string_value(json_object_get(json_array_get(contents, i), "code"));
            if (code && strcmp(code, name) == 0)
                break;
            i++;
        }
        if (i < json_array_size(contents))
            continue;
        fprintf(stderr, "thidua load: %s: /criteria_set/contents/%s: no content of the plan has this code\n",
                search->file, name);
        search->good = false;
    }
}

bool plan_is_served(const char *file, const json_t *plan)
{
    struct search search = {file, true};
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
        each_at(&search, plan, objects[i].path, "", visit_object, &objects[i]);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        each_at(&search, plan, texts[i].path, "", visit_texts, &texts[i]);
    for (size_t i = 0; i < sizeof onlies / sizeof *onlies; i++)
        each_at(&search, plan, onlies[i].path, "", visit_only, &onlies[i]);
    check_contents(&search, plan);
    return search.good;
}

void plan_warn_of_cap(const char *file, const json_t *plan, const struct award_forms *forms)
{
    long long cap = json_integer_value(json_object_get(plan, "cap")), places = 0;
    for (size_t f = 0; f < forms->count; f++) {
        const struct form_places *own = &forms->items[f].places;
        bool by_group =
            own->per != PLACES_WHOLE; // clusters are known by the register alone: one of each group at least
        long long least = own->of == PLACES_NUMBER ? own->number : own->at_least;
        places += least * (by_group ? (long long)forms->items[f].policy->declared_count : 1);
    }
    if (places <= cap)
        return;
    fprintf(stderr, "thidua load: %s: /criteria_set/forms: %lld > %lld: %s / %s\n", file, places, cap,
            "cảnh báo: các hình thức có thể có nhiều suất hơn mức trần của năm, chỉ được ký khen thưởng đến mức trần",
            "warning: the forms can have more places together than the cap of the year, up to which awards are signed");
}
