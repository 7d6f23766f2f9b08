#include "engine/json/json_reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "thidua/civil.h"
#include "thidua/identifier.h"

const char *pointer_to(struct arena *arena, const char *pointer, const char *key)
{
    size_t length = strlen(pointer), used = length;
    char *text = arena_allocate(arena, length + 2 * strlen(key) + 2);
    memcpy(text, pointer, length);
    text[used++] = '/';
    for (const char *c = key; *c; c++) {
        if (*c == '~' || *c == '/')
            text[used++] = '~';
        text[used++] = *c == '~' ? '0' : *c == '/' ? '1' : *c;
    }
    text[used] = '\0';
    return text;
}

const char *pointer_at(struct arena *arena, const char *pointer, size_t index)
{
    return arena_format(arena, "%s/%zu", pointer, index);
}

static const struct bilingual an_object = {"Cần một đối tượng", "An object is needed"};
static const struct bilingual a_list = {"Cần một danh sách", "A list is needed"};

static void report_wrong_type(const struct json_reader *reader, const char *pointer, const char *key, json_type wanted)
{
    const char *here = pointer_to(reader->arena, pointer, key);
    if (wanted == JSON_OBJECT)
        rule_fault_offer(reader->faults, here, FAULT_WRONG_TYPE, NULL, an_object, "{…}");
    else if (wanted == JSON_ARRAY)
        rule_fault_offer(reader->faults, here, FAULT_WRONG_TYPE, NULL, a_list, "[…]");
    else
        rule_fault_want(reader->faults, here, FAULT_WRONG_TYPE, NULL,
                        wanted == JSON_TRUE      ? VALUE_BOOLEAN
                        : wanted == JSON_INTEGER ? VALUE_INTEGER
                                                 : VALUE_TEXT,
                        0);
}

const json_t *member_of(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                        json_type type, enum presence presence)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value)) {
        if (presence == REQUIRED)
            rule_fault_report(reader->faults, pointer_to(reader->arena, pointer, key), FAULT_MISSING_MEMBER, NULL);
        return NULL;
    }
    json_type found = json_is_boolean(value) ? JSON_TRUE : json_typeof(value);
    if (found == type)
        return value;
    report_wrong_type(reader, pointer, key, type);
    return NULL;
}

const char *text_or_null(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key)
{
    const json_t *value = member_of(reader, object, pointer, key, JSON_STRING, OPTIONAL);
    return value ? arena_copy(reader->arena, json_string_value(value), json_string_length(value)) : NULL;
}

const char *text_member(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                        enum presence presence)
{
    const json_t *value = member_of(reader, object, pointer, key, JSON_STRING, presence);
    return value ? arena_copy(reader->arena, json_string_value(value), json_string_length(value)) : "";
}

const char *unit_id_member(const struct json_reader *reader, const json_t *object, const char *pointer)
{
    const json_t *value = member_of(reader, object, pointer, "unit_id", JSON_STRING, REQUIRED);
    char *id = arena_copy(reader->arena, value ? json_string_value(value) : "", value ? json_string_length(value) : 0);
    uuid_segments_lower(id);
    return id;
}

int64_t integer_member(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                       int64_t least, int64_t most, enum presence presence)
{
    const json_t *value = member_of(reader, object, pointer, key, JSON_INTEGER, presence);
    if (!value)
        return 0;
    int64_t number = json_integer_value(value);
    if (number >= least && number <= most)
        return number;
    const char *range = most < INT64_MAX ? arena_format(reader->arena, "%" PRId64 " – %" PRId64, least, most)
                                         : arena_format(reader->arena, ">= %" PRId64, least);
    rule_fault_offer(reader->faults, pointer_to(reader->arena, pointer, key), FAULT_BAD_NUMBER, NULL,
                     (struct bilingual){"Khoảng cho phép", "The range"}, range);
    return least;
}

int32_t date_member(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                    int32_t otherwise, enum presence presence)
{
    const json_t *value = member_of(reader, object, pointer, key, JSON_STRING, presence);
    int32_t date;
    if (!value)
        return otherwise;
    if (date_parse(json_string_value(value), json_string_length(value), &date))
        return date;
    rule_fault_want(reader->faults, pointer_to(reader->arena, pointer, key), FAULT_BAD_VALUE,
                    arena_text(reader->arena, json_string_value(value)), VALUE_DATE, 0);
    return otherwise;
}

struct bilingual bilingual_member(const struct json_reader *reader, const json_t *object, const char *pointer,
                                  const char *key)
{
    static const char *const members[] = {"vi", "en", NULL};
    const json_t *value = member_of(reader, object, pointer, key, JSON_OBJECT, REQUIRED);
    if (!value)
        return (struct bilingual){"", ""};
    const char *here = pointer_to(reader->arena, pointer, key);
    refuse_other_members(reader, value, here, members, NULL);
    return (struct bilingual){text_member(reader, value, here, "vi", REQUIRED),
                              text_member(reader, value, here, "en", REQUIRED)};
}

static void report_no_choice(const struct json_reader *reader, const char *pointer, const json_t *value,
                             const char *const *names, size_t count)
{
    const char *known = "";
    for (size_t i = 0; i < count; i++)
        if (names[i])
            known = arena_format(reader->arena, "%s%s\"%s\"", known, *known ? ", " : "", names[i]);
    rule_fault_offer(reader->faults, pointer, FAULT_BAD_VALUE,
                     arena_copy(reader->arena, json_string_value(value), json_string_length(value)),
                     (struct bilingual){"Các giá trị dùng được", "It is one of"}, known);
}

size_t choice_member(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                     const char *const *names, size_t count, size_t otherwise)
{
    const json_t *value = member_of(reader, object, pointer, key, JSON_STRING, REQUIRED);
    for (size_t i = 0; value && i < count; i++)
        if (names[i] && strcmp(names[i], json_string_value(value)) == 0)
            return i;
    if (value)
        report_no_choice(reader, pointer_to(reader->arena, pointer, key), value, names, count);
    return otherwise;
}

const char **texts_member(const struct json_reader *reader, const json_t *object, const char *pointer, const char *key,
                          enum presence presence, size_t *ret_count)
{
    const json_t *list = member_of(reader, object, pointer, key, JSON_ARRAY, presence);
    size_t count = list ? json_array_size(list) : 0;
    const char **texts = arena_array(reader->arena, count, sizeof *texts);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        texts[i] = "";
        if (json_is_string(item))
            texts[i] = arena_copy(reader->arena, json_string_value(item), json_string_length(item));
        else
            rule_fault_report(reader->faults, pointer_at(reader->arena, pointer_to(reader->arena, pointer, key), i),
                              FAULT_WRONG_TYPE, NULL);
    }
    *ret_count = count;
    return texts;
}

static bool is_allowed_member(const char *name, const char *const *names)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static const char *members_text(struct arena *arena, const char *text, const char *const *members)
{
    for (size_t i = 0; members && members[i]; i++)
        text = arena_format(arena, "%s%s\"%s\"", text, *text ? ", " : "", members[i]);
    return text;
}

// And what could be written instead.
static void report_unknown_member(const struct json_reader *reader, const char *pointer, const char *key,
                                  const char *const *allowed, const char *const *more)
{
    const char *names = members_text(reader->arena, members_text(reader->arena, "", allowed), more);
    rule_fault_offer(reader->faults, pointer_to(reader->arena, pointer, key), FAULT_UNKNOWN_MEMBER, NULL,
                     (struct bilingual){"Các thành phần có nghĩa", "What has a meaning here"}, names);
}

void refuse_other_members(const struct json_reader *reader, const json_t *object, const char *pointer,
                          const char *const *allowed, const char *const *more)
{
    for (void *at = json_object_iter((json_t *)(uintptr_t)object); at;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        const char *key = json_object_iter_key(at);
        if (!is_allowed_member(key, allowed) && !is_allowed_member(key, more))
            report_unknown_member(reader, pointer, key, allowed, more);
    }
}

bool require_object(const struct json_reader *reader, const json_t *value, const char *pointer)
{
    if (!json_is_object(value))
        rule_fault_offer(reader->faults, pointer, FAULT_WRONG_TYPE, NULL, an_object, "{…}");
    return json_is_object(value);
}

json_t *json_merge_patch(const json_t *target, const json_t *patch)
{
    const char *key;
    json_t *value;
    if (!json_is_object(patch))
        return json_deep_copy(patch);
    json_t *result = json_is_object(target) ? json_copy((json_t *)(uintptr_t)target) : json_object();
    json_object_foreach((json_t *)(uintptr_t)patch, key, value)
    {
        if (json_is_null(value))
            json_object_del(result, key);
        else
            json_object_set_new(result, key, json_merge_patch(json_object_get(result, key), value));
    }
    return result;
}

struct members open_members(const struct json_reader *json, const json_t *parent, const char *pointer, const char *key)
{
    const json_t *object = member_of(json, parent, pointer, key, JSON_OBJECT, OPTIONAL);
    json_t *open = (json_t *)(uintptr_t)object;
    return (struct members){open, open ? json_object_iter(open) : NULL, pointer_to(json->arena, pointer, key),
                            json_object_size(object)};
}

const char *next_member(const struct json_reader *json, struct members *members, const json_t **ret_value)
{
    if (!members->at)
        return NULL;
    const char *name = arena_text(json->arena, json_object_iter_key(members->at));
    *ret_value = json_object_iter_value(members->at);
    members->at = json_object_iter_next(members->object, members->at);
    return name;
}

// A number with so many decimals; false where there is none.
static bool read_bound(const struct json_reader *json, const json_t *object, const char *pointer, const char *name,
                       unsigned decimals, int64_t *ret_number)
{
    const json_t *value = json_object_get(object, name);
    const char *here = pointer_to(json->arena, pointer, name);
    struct value number = {.type = VALUE_UNKNOWN};
    if (!value)
        return false;
    const char *text = json_is_integer(value)
                           ? arena_format(json->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value))
                           : json_string_value(value);
    if (!text || !value_parse(VALUE_DECIMAL, decimals, text, &number)) {
        rule_fault_report(json->faults, here, text ? FAULT_BAD_NUMBER : FAULT_WRONG_TYPE, NULL);
        return false;
    }
    *ret_number = number.number;
    return true;
}

struct number_limits read_limits(const struct json_reader *json, const json_t *object, const char *pointer,
                                 unsigned decimals)
{
    struct number_limits limits = {0};
    limits.has_least = read_bound(json, object, pointer, "least", decimals, &limits.least);
    limits.has_most = read_bound(json, object, pointer, "most", decimals, &limits.most);
    if (limits.has_least && limits.has_most && limits.least > limits.most)
        rule_fault_report(json->faults, pointer_to(json->arena, pointer, "least"), FAULT_BAD_NUMBER, NULL);
    return limits;
}
