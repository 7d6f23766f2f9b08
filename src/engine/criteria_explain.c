// What a leaf saw, what it wanted, by how much, and a sentence in two languages.
#include "engine/private.h"
#include "thidua/decimal.h"

struct explainer {
    struct arena *arena;
    struct leaf_context context;
    const struct node_result *result;
    bool vietnamese; // decimals with a comma, dates as 31/12/2024, yes and no as words
};

static const char *number_text(const struct explainer *e, int64_t number, unsigned decimals)
{
    char text[DECIMAL_TEXT_SIZE];
    if (e->vietnamese)
        decimal_format_vi(number, decimals, text);
    else
        decimal_format(number, decimals, text);
    return arena_text(e->arena, text);
}

// "23:59:59 30/12/2024": the clock in Vietnam; a part of a second is cut off, never rounded up to the next day.
static const char *instant_vi(const struct explainer *e, int64_t instant)
{
    char day[DATE_TEXT_SIZE];
    int32_t date = instant_local_date(instant);
    int second = (int)((instant - date_start(date)) / 1000000);
    date_format_vi(date, day);
    return arena_format(e->arena, "%02d:%02d:%02d %s", second / 3600, second / 60 % 60, second % 60, day);
}

static const char *shown(const struct explainer *e, struct value value)
{
    char text[DATE_TEXT_SIZE];
    if (value.type == VALUE_BOOLEAN && e->vietnamese)
        return value.number ? "có" : "không";
    if (value.type == VALUE_INSTANT && e->vietnamese)
        return instant_vi(e, value.number);
    if (value.type == VALUE_DECIMAL || value.type == VALUE_INTEGER)
        return number_text(e, value.number, value.type == VALUE_DECIMAL ? e->context.leaf->decimals : 0);
    if (value.type == VALUE_DATE && e->vietnamese) {
        date_format_vi((int32_t)value.number, text);
        return arena_text(e->arena, text);
    }
    return value_text(e->arena, value, 0);
}

static const char *or_unknown(const char *text)
{
    return text ? text : "?";
}

static const char *join(const struct explainer *e, const char *list, const char *separator, const char *item)
{
    return list ? arena_format(e->arena, "%s%s%s", list, separator, item) : item;
}

static const char *observed_ratio(const struct explainer *e)
{
    const struct expression *leaf = e->context.leaf;
    struct value whole = e->context.facts->facts[leaf->whole_slot].value;
    int64_t percent;
    if (e->result->observed.type == VALUE_UNKNOWN || whole.type == VALUE_UNKNOWN)
        return NULL;
    const char *part = shown(e, e->result->observed), *of = shown(e, whole);
    if (!ratio_percent(e->result->observed.number, whole.number, &percent))
        return arena_format(e->arena, "%s/%s", part, of);
    return arena_format(e->arena, "%s/%s (%s %%)", part, of, number_text(e, percent, 2));
}

static const char *observed_entries(const struct explainer *e)
{
    if (e->result->observed.type == VALUE_UNKNOWN)
        return NULL;
    const char *least = shown(e, e->result->observed);
    if (e->result->most == INT64_MAX)
        return arena_format(e->arena, ">= %s", least);
    if (e->result->most == e->result->observed.number)
        return least;
    return arena_format(e->arena, "%s..%s", least, number_text(e, e->result->most, 0));
}

static const char *documents_text(const struct explainer *e, bool required)
{
    const struct expression *leaf = e->context.leaf;
    const char *list = NULL;
    if (!required && !e->context.facts->documents_known)
        return NULL;
    for (size_t i = 0; i < leaf->name_count; i++) {
        const char *state = required ? leaf->states[i] : e->context.facts->documents[leaf->name_slots[i]];
        list = join(e, list, ", ", arena_format(e->arena, "%s=%s", leaf->names[i], state ? state : "MISSING"));
    }
    return list;
}

static const char *observed_text(const struct explainer *e)
{
    switch (e->context.leaf->kind) {
    case KIND_RATIO:
        return observed_ratio(e);
    case KIND_COUNT:
    case KIND_ABSENCE:
    case KIND_STREAK:
    case KIND_COOLDOWN:
        return observed_entries(e);
    case KIND_COMPLETENESS:
        return documents_text(e, false);
    case KIND_ALL:
    case KIND_ANY:
    case KIND_NOT:
    case KIND_AT_LEAST:
    case KIND_GUARDED:
    case KIND_THRESHOLD:
    case KIND_FLAG:
    case KIND_ONE_OF:
    case KIND_DEADLINE:
    case KIND_FINDING:
        break;
    }
    return shown(e, e->result->observed);
}

static const char *operands_text(const struct explainer *e)
{
    const struct expression *leaf = e->context.leaf;
    const char *list = NULL;
    for (size_t i = 0; i < leaf->operand_count; i++)
        list = join(e, list, " | ", or_unknown(shown(e, operand_value(&e->context, &leaf->operands[i]))));
    return list;
}

static const char *names_text(const struct explainer *e)
{
    const char *list = NULL;
    for (size_t i = 0; i < e->context.leaf->name_count; i++)
        list = join(e, list, " | ", e->context.leaf->names[i]);
    return list;
}

static const char *required_ratio(const struct explainer *e)
{
    const struct expression *leaf = e->context.leaf;
    const char *sign = comparison_sign(leaf->comparison);
    if (leaf->q == 100)
        return arena_format(e->arena, "%s %s %%", sign, number_text(e, leaf->p, 0));
    return arena_format(e->arena, "%s %s/%s", sign, number_text(e, leaf->p, 0), number_text(e, leaf->q, 0));
}

static const char *required_text(const struct explainer *e)
{
    const struct expression *leaf = e->context.leaf;
    struct value limit;
    switch (leaf->kind) {
    case KIND_RATIO:
        return required_ratio(e);
    case KIND_THRESHOLD:
        return arena_format(e->arena, "%s %s", comparison_sign(leaf->comparison), operands_text(e));
    case KIND_COUNT:
        return arena_format(e->arena, "%s %s", comparison_sign(leaf->comparison), number_text(e, leaf->n, 0));
    case KIND_STREAK:
        return arena_format(e->arena, ">= %s", number_text(e, leaf->n, 0));
    case KIND_ABSENCE:
    case KIND_COOLDOWN:
        return "0";
    case KIND_COMPLETENESS:
        return documents_text(e, true);
    case KIND_DEADLINE:
        limit = deadline_limit(&e->context);
        return limit.type == VALUE_UNKNOWN ? "?" : arena_format(e->arena, "<= %s", shown(e, limit));
    case KIND_FINDING:
        return names_text(e);
    case KIND_FLAG:
    case KIND_ONE_OF:
    case KIND_ALL:
    case KIND_ANY:
    case KIND_NOT:
    case KIND_AT_LEAST:
    case KIND_GUARDED:
        break;
    }
    return operands_text(e);
}

static const char *margin_text(const struct explainer *e)
{
    const struct expression *leaf = e->context.leaf;
    unsigned decimals = leaf->kind == KIND_RATIO ? 2 : leaf->kind == KIND_THRESHOLD ? leaf->decimals : 0;
    int64_t margin;
    return leaf_margin(&e->context, e->result, &margin) ? number_text(e, margin, decimals) : NULL;
}

static const struct bilingual reasons[REASON_KINDS] = {
    [REASON_NONE] = {"", ""},
    [REASON_FACT_UNKNOWN] = {" Chưa có dữ kiện.", " The fact is not known yet."},
    [REASON_WHOLE_IS_ZERO] = {" Tổng điểm tối đa bằng 0.", " The maximum is zero."},
    [REASON_WHOLE_IS_NEGATIVE] = {" Tổng điểm tối đa là số âm.", " The maximum is negative."},
    [REASON_REGISTER_UNKNOWN] = {" Chưa có sổ theo dõi.", " The register is not at hand."},
    [REASON_REGISTER_INCOMPLETE] = {" Sổ theo dõi chưa được xác nhận đầy đủ cho thời gian này.",
                                    " The register is not declared complete for the period."},
    [REASON_ENTRY_UNCLEAR] = {" Có bản ghi thiếu thông tin để kết luận.",
                              " An entry lacks what is needed to tell whether it counts."},
    [REASON_LIMIT_UNKNOWN] = {" Chưa xác định được thời hạn hoặc mốc so sánh.", " The limit is not known yet."},
    [REASON_NO_FINDING] = {" Chưa có kết luận thẩm định.", " No finding has been recorded."},
    [REASON_FINDER_NOT_COMPETENT] = {" Kết luận không do cơ quan có thẩm quyền ghi nhận.",
                                     " The finding was not made by a competent body."},
    [REASON_DOCUMENTS_UNKNOWN] = {" Chưa biết thành phần hồ sơ.", " The components of the dossier are not known yet."},
};

static const char *sentence(const struct explainer *e)
{
    static const struct bilingual outcomes[] = {
        [TRUTH_FALSE] = {"chưa đạt", "not met"},
        [TRUTH_UNDETERMINED] = {"chưa xác định", "open"},
        [TRUTH_TRUE] = {"đạt", "met"},
    };
    const struct expression *leaf = e->context.leaf;
    const struct bilingual outcome = outcomes[e->result->truth], reason = reasons[e->result->reason];
    const char *observed = or_unknown(observed_text(e)), *required = required_text(e), *margin = margin_text(e);
    if (e->vietnamese)
        return arena_format(e->arena, "%s: %s. Thực tế: %s; yêu cầu: %s%s%s.%s", leaf->text.vi, outcome.vi, observed,
                            required, margin ? "; chênh lệch: " : "", margin ? margin : "", reason.vi);
    return arena_format(e->arena, "%s: %s. Observed: %s; required: %s%s%s.%s", leaf->text.en, outcome.en, observed,
                        required, margin ? "; margin: " : "", margin ? margin : "", reason.en);
}

struct leaf_texts criteria_explain(struct arena *arena, const struct rule_set *rules,
                                   const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                   const struct verdict *verdict, uint16_t node)
{
    struct explainer e = {
        .arena = arena,
        .context = {rules->nodes[node].expression, parameters, facts},
        .result = &verdict->nodes[node],
    };
    struct leaf_texts texts = {.observed = observed_text(&e), .required = required_text(&e), .margin = margin_text(&e)};
    texts.explanation.en = sentence(&e);
    e.vietnamese = true;
    texts.explanation.vi = sentence(&e);
    return texts;
}

struct bilingual criteria_public_explanation(struct arena *arena, const struct criterion *criterion,
                                             enum criterion_outcome outcome)
{
    static const struct bilingual words[] = {
        [OUTCOME_PASS] = {"đạt", "met"},
        [OUTCOME_FAIL] = {"chưa đạt", "not met"},
        [OUTCOME_PENDING] = {"chưa đủ dữ kiện", "open"},
        [OUTCOME_NOT_APPLICABLE] = {"không áp dụng", "not applicable"},
        [OUTCOME_DEFERRED] = {"chưa xét", "deferred"},
    };
    return (struct bilingual){
        .vi = arena_format(arena, "%s: %s.", criterion->clause, words[outcome].vi),
        .en = arena_format(arena, "%s: %s.", criterion->clause, words[outcome].en),
    };
}
