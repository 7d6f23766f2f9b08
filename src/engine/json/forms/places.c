// How many places a form has.
#include "engine/json/forms/forms_reading.h"

#include <string.h>

#include "thidua/decimal.h"

struct fraction share_member(const struct json_reader *json, const json_t *object, const char *pointer,
                             const char *name)
{
    const char *text = text_member(json, object, pointer, name, REQUIRED);
    struct fraction share = {1, 1};
    if (*text && !share_parse(text, strlen(text), &share))
        rule_fault_advise(json->faults, pointer_to(json->arena, pointer, name), FAULT_BAD_NUMBER, text,
                          (struct bilingual){"Tỷ lệ lớn hơn 0 và không quá 100%, viết như \"12.5 %\" hoặc \"1/3\"",
                                             "A share is above 0 and at most 100 %, written as \"12.5 %\" or \"1/3\""});
    return share;
}

static void read_share(const struct rule_reader *reader, const json_t *value, const char *pointer,
                       struct form_places *places)
{
    const struct json_reader *json = &reader->json;
    size_t citations;
    places->share = share_member(json, value, pointer, "share");
    places->of = (enum places_of)(choice_member(json, value, pointer, "of", places_of_names + 1, 3, 0) + 1);
    places->rounding =
        (enum places_rounding)choice_member(json, value, pointer, "rounding", places_rounding_names, 3, ROUND_DOWN);
    read_citations(reader, value, pointer, REQUIRED, &citations);
    if (citations == 0)
        rule_fault_report(json->faults, pointer, FAULT_NO_CITATION, "rounding");
}

static bool is_of_eligible(const json_t *places)
{
    const char *of = json_string_value(json_object_get(places, "of"));
    return of && strcmp(of, places_of_names[PLACES_OF_ELIGIBLE]) == 0;
}

// A form of which nobody could ever get one has no places by mistake. A share may come to none.
struct form_places read_places(const struct rule_reader *reader, const json_t *form, const char *pointer)
{
    static const char *const of_number[] = {"number", "per", NULL}, *const named[] = {"form", NULL};
    static const char *const of_share[] = {"share", "of", "rounding", "citations", "per", "at_least", "at_most", NULL};
    const struct json_reader *json = &reader->json;
    const json_t *value = json_object_get(form, "places");
    const char *here = pointer_to(json->arena, pointer, "places");
    struct form_places places = {.of = PLACES_NUMBER, .at_most = FORM_MOST_PLACES};
    if (!value || json_is_integer(value)) {
        places.number = integer_member(json, form, pointer, "places", 1, FORM_MOST_PLACES, REQUIRED);
        return places;
    }
    if (!require_object(json, value, here))
        return places;
    bool is_share = json_object_get(value, "share");
    refuse_other_members(json, value, here, is_share ? of_share : of_number, is_of_eligible(value) ? named : NULL);
    if (json_object_get(value, "per"))
        places.per = (enum places_per)choice_member(json, value, here, "per", places_per_names, 3, PLACES_WHOLE);
    if (!is_share) {
        places.number = integer_member(json, value, here, "number", 1, FORM_MOST_PLACES, REQUIRED);
        return places;
    }
    read_share(reader, value, here, &places);
    places.at_least = integer_member(json, value, here, "at_least", 0, FORM_MOST_PLACES, OPTIONAL);
    if (json_object_get(value, "at_most"))
        places.at_most = integer_member(json, value, here, "at_most", places.at_least > 1 ? places.at_least : 1,
                                        FORM_MOST_PLACES, REQUIRED);
    return places;
}

// A share may count those who are eligible for another form, higher or lower.
void find_counted_forms(const struct rule_reader *reader, const json_t *list, struct award_form *items, size_t count)
{
    const struct json_reader *json = &reader->json;
    const char *codes[FORMS_MOST + 1] = {NULL};
    for (size_t i = 0; i < count; i++)
        codes[i] = items[i].code;
    for (size_t i = 0; i < count; i++) {
        const json_t *places = json_object_get(json_array_get(list, i), "places");
        items[i].places.form = i;
        if (items[i].places.of == PLACES_OF_ELIGIBLE && json_object_get(places, "form"))
            items[i].places.form = choice_member(json, places, pointer_to(json->arena, items[i].pointer, "places"),
                                                 "form", codes, count, i);
    }
}
