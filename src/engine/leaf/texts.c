// Values and comparisons as people read them: what the kinds of leaf make their part of an explanation of.
#include "base/pure/labels.h"
#include "engine/leaf/private.h"
#include "thidua/decimal.h"

const char *const comparison_signs[] = {"=", "!=", "<", "<=", ">", ">=", NULL};

const char *number_text(const struct explainer *explainer, int64_t number, unsigned decimals)
{
    char text[DECIMAL_TEXT_SIZE];
    if (explainer->vietnamese)
        decimal_format_vi(number, decimals, text);
    else
        decimal_format(number, decimals, text);
    return arena_text(explainer->arena, text);
}

// "23:59:59 30/12/2024", by the clock in Vietnam. Parts of a second are cut off, never rounded up to the next day.
static const char *instant_text_vi(const struct explainer *explainer, int64_t instant)
{
    char day[DATE_TEXT_SIZE];
    int32_t date = instant_local_date(instant);
    int second = (int)((instant - date_start(date)) / 1000000);
    date_format_vi(date, day);
    return arena_format(explainer->arena, "%02d:%02d:%02d %s", second / 3600, second / 60 % 60, second % 60, day);
}

static const char *date_text_vi(const struct explainer *explainer, int64_t date)
{
    char text[DATE_TEXT_SIZE];
    date_format_vi((int32_t)date, text);
    return arena_text(explainer->arena, text);
}

static const char *words_of_named(const struct explainer *explainer, const struct named *list, size_t count,
                                  const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (same_text(list[i].name, name))
            return explainer->vietnamese ? list[i].text.vi : list[i].text.en;
    return NULL;
}

const char *shown_code(const struct explainer *explainer, const char *code)
{
    const struct rule_set_source *source = explainer->source;
    if (!explainer->worded)
        return code;
    const char *words = words_of_named(explainer, source->groups, source->group_count, code);
    return words ? words : label_of_any(code, !explainer->vietnamese);
}

const char *shown_document(const struct explainer *explainer, const char *name, const char *state)
{
    const struct rule_set_source *source = explainer->source;
    if (!explainer->worded)
        return arena_join(explainer->arena, (const char *const[]){name, "=", state, NULL});
    const char *words = words_of_named(explainer, source->documents, source->document_count, name);
    return arena_join(explainer->arena,
                      (const char *const[]){words ? words : name, ": ", shown_code(explainer, state), NULL});
}

const char *shown_value(const struct explainer *explainer, struct value value)
{
    if (value.type == VALUE_DECIMAL || value.type == VALUE_INTEGER)
        return number_text(explainer, value.number,
                           value.type == VALUE_DECIMAL ? explainer->context.leaf->decimals : 0);
    if (value.type == VALUE_BOOLEAN && explainer->vietnamese)
        return value.number ? "có" : "không";
    if (value.type == VALUE_INSTANT && explainer->vietnamese)
        return instant_text_vi(explainer, value.number);
    if (value.type == VALUE_DATE && explainer->vietnamese)
        return date_text_vi(explainer, value.number);
    if (value.type == VALUE_TEXT && value.text)
        return shown_code(explainer, value.text);
    return value_text(explainer->arena, value, 0);
}

const char *join_text(const struct explainer *explainer, const char *list, const char *separator, const char *item)
{
    return list ? arena_join(explainer->arena, (const char *const[]){list, separator, item, NULL}) : item;
}

const char *text_or_unknown(const struct explainer *explainer, const char *text)
{
    static const struct bilingual unknown = {"chưa rõ", "not known"};
    if (text || !explainer->worded)
        return text ? text : "?";
    return explainer->vietnamese ? unknown.vi : unknown.en;
}

const char *observed_value(const struct explainer *explainer)
{
    return shown_value(explainer, explainer->result->observed);
}

const char *operands_text(const struct explainer *explainer, const struct operands *operands)
{
    if (!operands->count)
        return NULL;
    const char **parts = arena_array(explainer->arena, 2 * operands->count, sizeof *parts);
    for (size_t i = 0; i < operands->count; i++) {
        struct value value = operand_value(&explainer->context, &operands->items[i]);
        if (i)
            parts[2 * i - 1] = " | ";
        parts[2 * i] = text_or_unknown(explainer, shown_value(explainer, value));
    }
    return operands->count == 1 ? parts[0] : arena_join(explainer->arena, parts);
}

const char *compared_text(const struct explainer *explainer, enum comparison comparison, const char *required)
{
    return arena_join(explainer->arena, (const char *const[]){comparison_signs[comparison], " ", required, NULL});
}
