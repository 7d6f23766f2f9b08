// A leaf out of JSON, by the table of its kind (engine/leaf/leaf.h): the members that the kind names, and those that
// every leaf has. Any other member is a fault.
#ifndef THIDUA_ENGINE_JSON_LEAF_JSON_H
#define THIDUA_ENGINE_JSON_LEAF_JSON_H

#include "engine/json/expression_json.h"
#include "engine/leaf/leaf.h"

void refuse_other_leaf_members(const struct json_reader *json, const json_t *object, const char *pointer,
                               const struct leaf_kind *kind);
struct leaf *read_leaf(const struct rule_reader *reader, const json_t *object, const char *pointer,
                       const struct leaf_kind *kind);
// A part of something that is no leaf, in the form of a kind: its own members and no others.
struct leaf *read_leaf_members(const struct rule_reader *reader, const json_t *object, const char *pointer,
                               const struct leaf_kind *kind);

#endif
