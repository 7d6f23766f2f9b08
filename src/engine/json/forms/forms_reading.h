// Reading forms of award out of a rule set, part by part: each reports what is wrong with its own.
#ifndef THIDUA_ENGINE_JSON_FORMS_FORMS_READING_H
#define THIDUA_ENGINE_JSON_FORMS_FORMS_READING_H

#include "engine/json/forms/forms_json.h"

// ---- conditions.c ----
// A condition over criteria; NULL: there is none.
const struct form_condition *condition_member(const struct rule_reader *reader, const json_t *object,
                                              const char *pointer, const char *name);

// ---- places.c ----
struct form_places read_places(const struct rule_reader *reader, const json_t *form, const char *pointer);
// Once all forms are read.
void find_counted_forms(const struct rule_reader *reader, const json_t *list, struct award_form *items, size_t count);
// "10 %", "12.5%", "1/3".
struct fraction share_member(const struct json_reader *json, const json_t *object, const char *pointer,
                             const char *name);

// ---- prizes.c: tiers and money ----
// The code of a form or a tier, in capitals.
const char *code_member(const struct json_reader *json, const json_t *object, const char *pointer, const char *name);
// Both read places and policy of the form, and what was read before.
void read_tiers(const struct rule_reader *reader, const json_t *value, const char *pointer, struct award_form *form);
void read_bonus(const struct rule_reader *reader, const json_t *value, const char *pointer, struct award_form *form);

// ---- balances.c ----
void read_balances(const struct rule_reader *reader, const json_t *root, const struct standing_policy *policy,
                   struct award_forms *forms);

#endif
