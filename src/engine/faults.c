#include "thidua/criteria.h"

#include <inttypes.h>
#include <string.h>

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
