#include "engine/json/forms_json.h"

#include <string.h>

#include "engine/private.h"
#include "thidua/decimal.h"

// ---- conditions over criteria ----

static size_t criterion_slot(const struct rule_reader *reader, const char *id, const char *pointer)
{
    const struct rule_set_source *source = reader->source;
    for (size_t i = 0; i < source->criterion_count; i++)
        if (strcmp(source->criteria[i].id, id) == 0)
            return i;
    rule_fault_report(reader->json.faults, pointer, FAULT_UNKNOWN_CRITERION, id);
    return 0;
}

static struct form_condition read_form_condition(const struct rule_reader *reader, const json_t *value,
                                                 const char *pointer, size_t depth);

static void read_terms_of(const struct rule_reader *reader, const json_t *list, const char *pointer, size_t depth,
                          struct form_condition *condition)
{
    const struct json_reader *json = &reader->json;
    size_t count = json_array_size(list);
    if (count == 0 || count > FORM_TERMS_MOST || depth >= FORM_DEPTH_MOST) {
        rule_fault_report(json->faults, pointer,
                          !json_is_array(list)       ? FAULT_WRONG_TYPE
                          : count == 0               ? FAULT_EMPTY
                          : depth >= FORM_DEPTH_MOST ? FAULT_TOO_DEEP
                                                     : FAULT_TOO_MANY,
                          NULL);
        return;
    }
    struct form_condition *terms = arena_array(json->arena, count, sizeof *terms);
    for (size_t i = 0; i < count; i++)
        terms[i] = read_form_condition(reader, json_array_get(list, i), pointer_at(json->arena, pointer, i), depth + 1);
    condition->terms = terms;
    condition->count = count;
}

static struct form_condition read_form_condition(const struct rule_reader *reader, const json_t *value,
                                                 const char *pointer, size_t depth)
{
    static const char *const all[] = {"all", NULL}, *const any[] = {"any", NULL},
                             *const at_least[] = {"at_least", "of", NULL};
    const struct json_reader *json = &reader->json;
    struct form_condition condition = {.kind = CONDITION_ALL};
    if (json_is_string(value)) {
        condition.kind = CONDITION_CRITERION;
        condition.criterion = criterion_slot(reader, arena_text(json->arena, json_string_value(value)), pointer);
    } else if (json_object_get(value, "at_least")) {
        condition.kind = CONDITION_AT_LEAST;
        refuse_other_members(json, value, pointer, at_least, NULL);
        condition.least = integer_member(json, value, pointer, "at_least", 1, FORM_TERMS_MOST, REQUIRED);
        read_terms_of(reader, json_object_get(value, "of"), pointer_to(json->arena, pointer, "of"), depth, &condition);
        if (condition.least > (int64_t)condition.count)
            rule_fault_report(json->faults, pointer, FAULT_BAD_NUMBER, NULL);
    } else if (json_object_get(value, "any")) {
        condition.kind = CONDITION_ANY;
        refuse_other_members(json, value, pointer, any, NULL);
        read_terms_of(reader, json_object_get(value, "any"), pointer_to(json->arena, pointer, "any"), depth,
                      &condition);
    } else if (require_object(json, value, pointer)) {
        refuse_other_members(json, value, pointer, all, NULL);
        read_terms_of(reader, json_object_get(value, "all"), pointer_to(json->arena, pointer, "all"), depth,
                      &condition);
    }
    return condition;
}

static const struct form_condition *condition_member(const struct rule_reader *reader, const json_t *object,
                                                     const char *pointer, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!value)
        return NULL;
    struct form_condition *condition = arena_new(reader->json.arena, struct form_condition);
    *condition = read_form_condition(reader, value, pointer_to(reader->json.arena, pointer, name), 1);
    return condition;
}

// ---- places ----

// "10 %", "12.5%": in hundredths of a per cent.
static int64_t share_member(const struct json_reader *json, const json_t *object, const char *pointer, const char *name)
{
    const char *text = text_member(json, object, pointer, name, REQUIRED);
    int64_t share = 0;
    if (*text && (!percent_parse(text, strlen(text), &share) || share < 1 || share > 10000))
        rule_fault_advise(json->faults, pointer_to(json->arena, pointer, name), FAULT_BAD_NUMBER, text,
                          (struct bilingual){"Tỷ lệ lớn hơn 0 và không quá 100%, viết như \"12.5 %\"",
                                             "A share is above 0 and at most 100 %, written as \"12.5 %\""});
    return share;
}

static void read_share(const struct rule_reader *reader, const json_t *value, const char *pointer,
                       struct form_places *places)
{
    const struct json_reader *json = &reader->json;
    size_t citations;
    places->share = share_member(json, value, pointer, "share");
    places->of = (enum places_of)(choice_member(json, value, pointer, "of", places_of_names + 1, 2, 0) + 1);
    places->rounding =
        (enum places_rounding)choice_member(json, value, pointer, "rounding", places_rounding_names, 3, ROUND_DOWN);
    read_citations(reader, value, pointer, REQUIRED, &citations);
    if (citations == 0)
        rule_fault_report(json->faults, pointer, FAULT_NO_CITATION, "rounding");
}

static struct form_places read_places(const struct rule_reader *reader, const json_t *form, const char *pointer)
{
    static const char *const of_number[] = {"number", "per", NULL}, *const of_share[] = {"share",     "of",  "rounding",
                                                                                         "citations", "per", "at_least",
                                                                                         "at_most",   NULL};
    const struct json_reader *json = &reader->json;
    const json_t *value = json_object_get(form, "places");
    const char *here = pointer_to(json->arena, pointer, "places");
    struct form_places places = {.of = PLACES_NUMBER, .at_most = FORM_MOST_PLACES};
    if (!value || json_is_integer(value)) {
        places.number = integer_member(json, form, pointer, "places", 0, FORM_MOST_PLACES, REQUIRED);
        return places;
    }
    if (!require_object(json, value, here))
        return places;
    bool is_share = json_object_get(value, "share");
    refuse_other_members(json, value, here, is_share ? of_share : of_number, NULL);
    if (json_object_get(value, "per"))
        places.per = (enum places_per)choice_member(json, value, here, "per", places_per_names, 3, PLACES_WHOLE);
    if (!is_share) {
        places.number = integer_member(json, value, here, "number", 0, FORM_MOST_PLACES, REQUIRED);
        return places;
    }
    read_share(reader, value, here, &places);
    places.at_least = integer_member(json, value, here, "at_least", 0, FORM_MOST_PLACES, OPTIONAL);
    if (json_object_get(value, "at_most"))
        places.at_most = integer_member(json, value, here, "at_most", places.at_least, FORM_MOST_PLACES, REQUIRED);
    return places;
}

// ---- tiers and money ----

static bool is_code(const char *code)
{
    size_t length = strlen(code);
    return length >= 1 && length <= 40 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == length;
}

static const char *code_member(const struct json_reader *json, const json_t *object, const char *pointer,
                               const char *name)
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

static void read_tiers(const struct rule_reader *reader, const json_t *value, const char *pointer,
                       struct award_form *form)
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
        if (find_name(tiers, i, sizeof *tiers, tiers[i].name) < i)
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

static void read_bonus(const struct rule_reader *reader, const json_t *value, const char *pointer,
                       struct award_form *form)
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

// ---- forms ----

static void read_form_policy(const struct rule_reader *reader, const json_t *value, const char *pointer,
                             const struct standing_policy *base, struct award_form *form)
{
    static const char *const ties[] = {"admit_none", "admit_all", "decide"};
    const struct json_reader *json = &reader->json;
    struct standing_policy *policy = arena_new(json->arena, struct standing_policy);
    *policy = *base;
    policy->cap = FORM_MOST_PLACES;
    policy->clustered = base->clustered && form->places.per != PLACES_PER_GROUP; // who shares places is compared
    if (json_object_get(value, "keys")) {
        struct standing_keys keys = read_keys(reader, value, pointer, "keys");
        policy->keys = keys.items;
        policy->key_count = keys.count;
        policy->keys_of_group = NULL;
    }
    if (json_object_get(value, "ties"))
        policy->ties = (enum tie_policy)choice_member(json, value, pointer, "ties", ties, 3, TIES_DECIDE);
    form->policy = policy;
}

static struct award_form read_form(const struct rule_reader *reader, const json_t *value, const char *pointer,
                                   const struct standing_policy *base)
{
    static const char *const members[] = {"form",   "text",     "citations", "category", "exclusive", "ties", "keys",
                                          "places", "eligible", "tiers",     "bonus",    "note",      NULL};
    const struct json_reader *json = &reader->json;
    struct award_form form = {.pointer = pointer, .code = "", .text = {"", ""}, .category = "thematic"};
    size_t citations;
    form.policy = base;
    form.exclusive = true;
    if (!require_object(json, value, pointer))
        return form;
    refuse_other_members(json, value, pointer, members, NULL);
    form.code = code_member(json, value, pointer, "form");
    form.text = bilingual_member(json, value, pointer, "text");
    read_citations(reader, value, pointer, REQUIRED, &citations);
    if (citations == 0)
        rule_fault_report(json->faults, pointer, FAULT_NO_CITATION, form.code);
    if (json_object_get(value, "category"))
        form.category = text_member(json, value, pointer, "category", REQUIRED);
    const json_t *exclusive = member_of(json, value, pointer, "exclusive", JSON_TRUE, OPTIONAL);
    form.exclusive = !exclusive || json_is_true(exclusive);
    form.places = read_places(reader, value, pointer);
    if (form.places.per == PLACES_PER_CLUSTER && !base->clustered)
        rule_fault_report(json->faults, pointer_to(json->arena, pointer_to(json->arena, pointer, "places"), "per"),
                          FAULT_CLUSTERS_NEED_KEY, NULL);
    form.eligible = condition_member(reader, value, pointer, "eligible");
    read_form_policy(reader, value, pointer, base, &form);
    read_tiers(reader, value, pointer, &form);
    read_bonus(reader, value, pointer, &form);
    return form;
}

// A yes or no, or one of the groups where it is by group: another value would be counted for ever as nobody.
static const char *balance_value(const struct rule_reader *reader, const json_t *of, const char *pointer, size_t slot,
                                 const struct standing_policy *policy)
{
    const struct json_reader *json = &reader->json;
    const json_t *value = json_object_get(of, "value");
    bool is_yes_or_no = slot < reader->source->fact_count && reader->source->facts[slot].type == VALUE_BOOLEAN;
    if (is_yes_or_no || json_is_boolean(value)) {
        if (!is_yes_or_no || !json_is_boolean(value))
            rule_fault_report(json->faults, pointer_to(json->arena, pointer, "value"), FAULT_WRONG_TYPE,
                              is_yes_or_no ? "boolean" : "text");
        return json_is_true(value) ? "true" : "false";
    }
    const char *name = text_member(json, of, pointer, "value", REQUIRED);
    if (*name && policy && slot == policy->group_slot &&
        find_name(policy->groups, policy->group_count, sizeof *policy->groups, name) == policy->group_count)
        rule_fault_report(json->faults, pointer_to(json->arena, pointer, "value"), FAULT_UNKNOWN_GROUP, name);
    return name;
}

static void read_balances(const struct rule_reader *reader, const json_t *root, const struct standing_policy *policy,
                          struct award_forms *forms)
{
    static const char *const members[] = {"where", "at_least", "text", "citations", NULL}, *const of_where[] = {
                                                                                               "fact", "value", NULL};
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, root, "", "balance", JSON_ARRAY, OPTIONAL);
    size_t count = list ? json_array_size(list) : 0, citations;
    if (list && !needs_semantics(reader, "/balance", 2, "balance"))
        return;
    if (count > BALANCES_MOST) {
        rule_fault_exceeds(json->faults, "/balance", FAULT_TOO_MANY, count, BALANCES_MOST);
        return;
    }
    struct form_balance *balances = arena_array(json->arena, count, sizeof *balances);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        const char *at = pointer_at(json->arena, "/balance", i), *where = pointer_to(json->arena, at, "where");
        if (!require_object(json, item, at))
            continue;
        refuse_other_members(json, item, at, members, NULL);
        balances[i].share = share_member(json, item, at, "at_least");
        balances[i].text = bilingual_member(json, item, at, "text");
        read_citations(reader, item, at, REQUIRED, &citations);
        const json_t *of = member_of(json, item, at, "where", JSON_OBJECT, REQUIRED);
        if (!of)
            continue;
        refuse_other_members(json, of, where, of_where, NULL);
        balances[i].slot = fact_slot(reader, of, where, "fact", 1U << VALUE_TEXT | 1U << VALUE_BOOLEAN);
        balances[i].fact = reader->source->fact_count ? reader->source->facts[balances[i].slot].name : "";
        balances[i].value = balance_value(reader, of, where, balances[i].slot, policy);
    }
    forms->balances = balances;
    forms->balance_count = count;
}

struct award_forms award_forms_from_json(const struct rule_reader *reader, const json_t *root,
                                         const struct standing_policy *policy)
{
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, root, "", "forms", JSON_ARRAY, OPTIONAL);
    struct award_forms forms = {0};
    size_t count = list ? json_array_size(list) : 0;
    read_balances(reader, root, policy, &forms);
    if (!list || !needs_semantics(reader, "/forms", 2, "forms"))
        return forms;
    if (count == 0 || count > FORMS_MOST || !policy) {
        if (policy || !json_object_get(root, "standings")) // else its own faults are told
            rule_fault_report(json->faults, policy ? "/forms" : "/standings",
                              !policy ? FAULT_MISSING_MEMBER
                              : count ? FAULT_TOO_MANY
                                      : FAULT_EMPTY,
                              NULL);
        return forms;
    }
    struct award_form *items = arena_array(json->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i] = read_form(reader, json_array_get(list, i), pointer_at(json->arena, "/forms", i), policy);
        for (size_t k = 0; k < i; k++)
            if (strcmp(items[k].code, items[i].code) == 0)
                rule_fault_report(json->faults, items[i].pointer, FAULT_NAME_TWICE, items[i].code);
    }
    forms.items = items;
    forms.count = count;
    size_t own_keys = 0;
    while (own_keys < count && !items[own_keys].policy->keys_of_group)
        own_keys++;
    if (policy->keys_of_group && own_keys == count)
        rule_fault_report(json->faults, "/standings/keys_by_group", FAULT_NEVER_READ, NULL);
    return forms;
}
