// Reading JSON into arena structs while gathering every fault with its RFC 6901 pointer.
#ifndef THIDUA_ENGINE_JSON_JSON_READER_H
#define THIDUA_ENGINE_JSON_JSON_READER_H

#include <jansson.h>

#include "thidua/criteria.h"

struct json_reader {
    struct arena *arena;
    struct rule_faults *faults;
};

enum presence { OPTIONAL, REQUIRED };

// pointer + "/" + key, with ~ and / escaped; pointer + "/" + index.
const char *pointer_to(struct arena *arena, const char *pointer, const char *key);
const char *pointer_at(struct arena *arena, const char *pointer, size_t index);

// The member if it is there, not null and of that type (JSON_TRUE stands for both booleans); else NULL, with a fault if
// it has another type, or if it is REQUIRED and missing.
const json_t *member_of(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                        json_type type, enum presence presence);
// The texts and numbers of such members, copied into the arena. Missing: "" or NULL, 0.
const char *text_member(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                        enum presence presence);
// The required member "unit_id". Units are told apart by their ids as texts: a UUID is brought to lower case.
const char *unit_id_member(const struct json_reader *reader, const json_t *object, const char *pointer);
const char *text_or_null(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key);
int64_t integer_member(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                       int64_t least, int64_t most, enum presence presence);
int32_t date_member(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                    int32_t otherwise, enum presence presence);
struct bilingual bilingual_member(const struct json_reader *reader, const json_t *object, const char *pointer,
                                  const char *key);
// The index in `names` of a text member's value; `otherwise` and a fault if it is none of them.
size_t choice_member(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                     const char *const *names, size_t count, size_t otherwise);
const char **texts_member(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                          enum presence presence, size_t *ret_count);

// Steps through a member that maps names to declarations.
struct members {
    json_t *object;
    void *at;
    const char *pointer;
    size_t count;
};
// An optional member; none and an empty one have no steps.
struct members open_members(const struct json_reader *json, const json_t *parent, const char *pointer, const char *key);
// The next name, or NULL at the end.
const char *next_member(const struct json_reader *json, struct members *members, const json_t **ret_value);

// A fault for each member that is not in `allowed` (ended by NULL) nor in `more` (the same, or NULL).
void refuse_other_members(const struct json_reader *reader, const json_t *object, const char *pointer,
                          const char *const *allowed, const char *const *more);
// True if `value` is an object; else a fault.
bool require_object(const struct json_reader *reader, const json_t *value, const char *pointer);

// Compact, keys sorted by bytes: the form that is hashed. `ret_length` may be NULL.
const char *json_canonical(struct arena *arena, const json_t *value, size_t *ret_length);
// RFC 7396: `patch` applied to a copy of `target`, which may be NULL; a new reference.
json_t *json_merge_patch(const json_t *target, const json_t *patch);

// The members "least" and "most" of an object, numbers with so many decimals; each may be left out.
struct number_limits read_limits(const struct json_reader *json, const json_t *object, const char *pointer,
                                 unsigned decimals);

#endif
