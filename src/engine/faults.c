#include "thidua/criteria.h"

#include <inttypes.h>
#include <string.h>

#include "thidua/decimal.h"

static const struct {
    const char *code;
    struct bilingual sentence;
} texts[RULE_FAULT_KINDS] = {
#define RULE_FAULT(name, vi, en) {#name, {vi, en}},
#include "thidua/rule_fault.def"
#undef RULE_FAULT
};

// A name of the rule set stands in quotes: it is none of the sentence's words.
static bool is_name(const char *subject)
{
    return *subject && !subject[strspn(subject, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")];
}

void rule_fault_report(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, const char *subject)
{
    faults->total++;
    if (!faults->items)
        faults->items = arena_array(faults->arena, RULES_MOST_FAULTS, sizeof *faults->items);
    if (faults->count == RULES_MOST_FAULTS)
        return;
    const struct bilingual sentence = texts[kind].sentence;
    struct rule_fault *fault = &faults->items[faults->count++];
    *fault = (struct rule_fault){pointer, kind, texts[kind].code, sentence};
    if (subject) {
        const char *quote = is_name(subject) ? "\"" : "";
        fault->detail.vi = arena_format(faults->arena, "%s: %s%s%s", sentence.vi, quote, subject, quote);
        fault->detail.en = arena_format(faults->arena, "%s: %s%s%s", sentence.en, quote, subject, quote);
    }
}

void rule_fault_exceeds(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, uint64_t asked,
                        uint64_t allowed)
{
    rule_fault_report(faults, pointer, kind, arena_format(faults->arena, "%" PRIu64 " > %" PRIu64, asked, allowed));
}

void rule_fault_advise(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, const char *subject,
                       struct bilingual way_out)
{
    size_t before = faults->count;
    rule_fault_report(faults, pointer, kind, subject);
    if (faults->count == before)
        return; // only counted
    struct bilingual *detail = &faults->items[before].detail;
    detail->vi = arena_format(faults->arena, "%s. %s.", detail->vi, way_out.vi);
    detail->en = arena_format(faults->arena, "%s. %s.", detail->en, way_out.en);
}

void rule_fault_offer(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, const char *subject,
                      struct bilingual words, const char *names)
{
    rule_fault_advise(faults, pointer, kind, subject,
                      (struct bilingual){arena_format(faults->arena, "%s: %s", words.vi, names),
                                         arena_format(faults->arena, "%s: %s", words.en, names)});
}

void rule_fault_want(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, const char *subject,
                     enum value_type type, unsigned decimals)
{
    static const struct {
        struct bilingual words;
        const char *example;
    } forms[] = {
        [VALUE_BOOLEAN] = {{"Cần giá trị đúng hoặc sai", "A truth value is needed"}, "true, false"},
        [VALUE_TEXT] = {{"Cần một chuỗi ký tự, để trong dấu nháy", "A text is needed, in quotes"}, "\"…\""},
        [VALUE_INTEGER] = {{"Cần một số nguyên, không để trong dấu nháy", "A whole number is needed, without quotes"},
                           "12"},
        [VALUE_DECIMAL] = {{"Cần một số thập phân viết dạng chuỗi, không nhiều chữ số thập phân hơn",
                            "A decimal written as a text is needed, with no more decimals than"},
                           NULL},
        [VALUE_DATE] = {{"Cần một ngày", "A day is needed"}, "\"2025-12-31\""},
        [VALUE_INSTANT] = {{"Cần một thời điểm", "An instant is needed"}, "\"2025-12-31T08:00:00+07:00\""}};
    char one[DECIMAL_TEXT_SIZE];
    int64_t unit = 1;
    for (unsigned i = 0; i < decimals; i++)
        unit *= 10;
    decimal_format(unit, decimals, one);
    rule_fault_offer(faults, pointer, kind, subject, forms[type].words,
                     type == VALUE_DECIMAL ? arena_format(faults->arena, "\"%s\"", one) : forms[type].example);
}
