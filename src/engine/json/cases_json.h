// Reads the cases of a rule set, whose declarations are read already. What is wrong with them is reported.
#ifndef THIDUA_ENGINE_JSON_CASES_JSON_H
#define THIDUA_ENGINE_JSON_CASES_JSON_H

#include "engine/json/json_reader.h"
#include "engine/json/rule_set_json.h"

void read_cases(const struct json_reader *json, const json_t *root, const struct rule_set_source *source,
                struct rule_set_document *document);

#endif
