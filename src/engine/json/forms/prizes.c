// Tiers of a form, and the money that goes with them.
#include "engine/json/forms/forms_reading.h"

#include <string.h>

#include "engine/private.h"
#include "thidua/decimal.h"

static bool is_code(const char *code)
{
    size_t length = strlen(code);
    return length >= 1 && length <= 40 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == length;
}

const char *code_member(const struct json_reader *json, const json_t *object, const char *pointer, const char *name)
{
    const char *code = text_member(json, object, pointer, name, REQUIRED);
    if (*code && !is_code(code))
        rule_fault_advise(json->faults, pointer_to(json->arena, pointer, name), FAULT_BAD_NAME, code,
                          (struct bilingual){"Mã này gồm 1-40 chữ in hoa A-Z, chữ số hoặc dấu gạch dưới",
                                             "This one is 1-40 capital letters A-Z, digits or underscores"});
    return code;
}

// Of the base salary, in hundredths.
enum { MOST_COEFFICIENT = 100000 };

static int64_t coefficient_member(const struct json_reader *json, const json_t *object, const char *pointer,
                                  enum presence presence)
{
    const char *text = text_member(json, object, pointer, "coefficient", presence);
    int64_t coefficient = -1;
    if (*text && (decimal_parse(text, strlen(text), 2, &coefficient) != DECIMAL_OK || coefficient < 1 ||
                  coefficient > MOST_COEFFICIENT)) {
        rule_fault_report(json->faults, pointer_to(json->arena, pointer, "coefficient"), FAULT_BAD_NUMBER, text);
        coefficient = -1;
    }
    return coefficient;
}

void read_tiers(const struct rule_reader *reader, const json_t *value, const char *pointer, struct award_form *form)
{
    static const char *const members[] = {"tier", "text", "places", "coefficient", NULL};
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, value, pointer, "tiers", JSON_ARRAY, OPTIONAL);
    const char *here = pointer_to(json->arena, pointer, "tiers");
    size_t count = list ? json_array_size(list) : 0;
    int64_t places = 0;
    if (list && (count == 0 || count > TIERS_MOST)) {
        rule_fault_report(json->faults, here, count ? FAULT_TOO_MANY : FAULT_EMPTY, NULL);
        return;
    }
    struct form_tier *tiers = arena_array(json->arena, count, sizeof *tiers);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        const char *at = pointer_at(json->arena, here, i);
        tiers[i] = (struct form_tier){.name = "", .text = {"", ""}, .coefficient = -1};
        if (!require_object(json, item, at))
            continue;
        refuse_other_members(json, item, at, members, NULL);
        tiers[i].name = code_member(json, item, at, "tier");
        tiers[i].text = bilingual_member(json, item, at, "text");
        tiers[i].places = integer_member(json, item, at, "places", 1, FORM_MOST_PLACES, REQUIRED);
        tiers[i].coefficient = coefficient_member(json, item, at, OPTIONAL);
        places += tiers[i].places;
        if (*tiers[i].name && find_name(tiers, i, sizeof *tiers, tiers[i].name) < i)
            rule_fault_report(json->faults, at, FAULT_NAME_TWICE, tiers[i].name);
    }
    form->tiers = tiers;
    form->tier_count = count;
    if (!count)
        return;
    // Units of different groups or clusters are never compared, so a place is first in its own.
    bool one_list = form->places.per != PLACES_WHOLE || (form->policy->declared_count == 1 && !form->policy->clustered);
    if (!one_list)
        rule_fault_report(json->faults, here, FAULT_TIERS_NEED_GROUPS, NULL);
    if (form->places.of != PLACES_NUMBER || places != form->places.number)
        rule_fault_report(json->faults, here, FAULT_TIERS_DIFFER, NULL);
}

static struct form_bonus read_one_bonus(const struct rule_reader *reader, const json_t *item, const char *pointer)
{
    static const char *const members[] = {"when", "coefficient", NULL};
    struct form_bonus bonus = {.coefficient = -1};
    if (!require_object(&reader->json, item, pointer))
        return bonus;
    refuse_other_members(&reader->json, item, pointer, members, NULL);
    bonus.when = condition_member(reader, item, pointer, "when");
    bonus.coefficient = coefficient_member(&reader->json, item, pointer, REQUIRED);
    return bonus;
}

static bool tiers_have_coefficients(const struct award_form *form)
{
    size_t with = 0;
    while (with < form->tier_count && form->tiers[with].coefficient >= 0)
        with++;
    return with == form->tier_count;
}

void read_bonus(const struct rule_reader *reader, const json_t *value, const char *pointer, struct award_form *form)
{
    const struct json_reader *json = &reader->json;
    const json_t *bonus = json_object_get(value, "bonus");
    const char *here = pointer_to(json->arena, pointer, "bonus");
    if (!bonus)
        return;
    size_t count = json_is_array(bonus) ? json_array_size(bonus) : 1;
    if (count == 0 || count > TIERS_MOST) {
        rule_fault_report(json->faults, here, count ? FAULT_TOO_MANY : FAULT_EMPTY, NULL);
        return;
    }
    struct form_bonus *bonuses = arena_array(json->arena, count, sizeof *bonuses);
    for (size_t i = 0; i < count; i++)
        bonuses[i] = json_is_array(bonus)
                         ? read_one_bonus(reader, json_array_get(bonus, i), pointer_at(json->arena, here, i))
                         : read_one_bonus(reader, bonus, here);
    form->bonuses = bonuses;
    form->bonus_count = count;
    for (size_t i = 0; i + 1 < count; i++)
        if (!bonuses[i].when) // it holds for everyone
            rule_fault_report(json->faults, pointer_at(json->arena, here, i + 1), FAULT_NEVER_READ, NULL);
    if (form->tier_count && tiers_have_coefficients(form))
        rule_fault_report(json->faults, here, FAULT_NEVER_READ, "tiers");
    // Else an award that none of them fits would have no amount.
    if (bonuses[count - 1].when)
        rule_fault_report(json->faults, here, FAULT_BONUS_OPEN, NULL);
}
