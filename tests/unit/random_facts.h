// Facts of a unit drawn at random, as a plan's rules declare them: any of them may be unknown, or without a source.
#ifndef THIDUA_TEST_RANDOM_FACTS_H
#define THIDUA_TEST_RANDOM_FACTS_H

#include "plan.h"
#include "thidua/civil.h"

static inline struct value random_value(struct plan *plan, uint64_t *seed, enum value_type type)
{
    static const char *const texts[] = {"", "HUYEN", "Đồng Xoài", "ACCEPTED", "PROVINCIAL"};
    struct value value = {type, {(int64_t)next_random(seed)}};
    if (random_below(seed, 10) < 3)
        return (struct value){.type = VALUE_UNKNOWN};
    if (type == VALUE_TEXT)
        value =
            (struct value){.type = type, .text = arena_text(&plan->arena, texts[random_below(seed, COUNT_OF(texts))])};
    else if (type == VALUE_BOOLEAN)
        value.number = (int64_t)random_below(seed, 2);
    else if (type == VALUE_DATE)
        value.number = random_between(seed, DATE_FIRST, DATE_LAST);
    else if (type == VALUE_INSTANT)
        value.number = random_between(seed, date_start(DATE_FIRST), date_start(DATE_LAST) + INT64_C(86400000000) - 1);
    return value;
}

// Sometimes none at all, and sometimes one that says nothing.
static inline const struct source *random_source(struct plan *plan, uint64_t *seed)
{
    if (random_below(seed, 4) == 0)
        return NULL;
    struct source *source = arena_new(&plan->arena, struct source);
    source->version = (int64_t)random_below(seed, 3);
    if (random_below(seed, 2))
        source->source = arena_format(&plan->arena, "contestants/%zu", random_below(seed, 100));
    if (random_below(seed, 2))
        source->recorded_at = "2025-01-02T08:00:00.123456+07:00";
    return source;
}

static inline struct register_facts random_register(struct plan *plan, uint64_t *seed,
                                                    const struct register_declaration *declared,
                                                    const struct entry **ret_entries)
{
    struct register_facts facts = {.known = random_below(seed, 8) > 0, .complete_through = DATE_FIRST};
    facts.inherits = random_below(seed, 2);
    if (!facts.inherits && random_below(seed, 2)) {
        facts.complete = facts.has_complete_through = true;
        facts.complete_through = (int32_t)random_below(seed, 40000);
        facts.complete_source = "Sổ theo dõi";
    }
    facts.entry_count = random_below(seed, 4);
    struct entry *entries = arena_array(&plan->arena, facts.entry_count, sizeof *entries);
    struct value *fields = arena_array(&plan->arena, facts.entry_count * declared->field_count, sizeof *fields);
    for (size_t i = 0; i < facts.entry_count; i++) {
        for (size_t j = 0; j < declared->field_count; j++)
            fields[i * declared->field_count + j] = random_value(plan, seed, declared->fields[j].type);
        entries[i] = (struct entry){"4f6f…", random_source(plan, seed)};
    }
    facts.fields = fields;
    *ret_entries = entries;
    return facts;
}

static inline struct unit_facts random_facts(struct plan *plan, uint64_t *seed)
{
    const struct rule_set_source *source = plan->document.rules->source;
    struct value *values = arena_array(&plan->arena, source->fact_count, sizeof *values);
    const struct source **sources = arena_array(&plan->arena, source->fact_count, sizeof *sources);
    const struct source **of_findings = arena_array(&plan->arena, source->content_count, sizeof *of_findings);
    const struct entry **entries = arena_array(&plan->arena, source->register_count, sizeof *entries);
    struct unit_sources *all_sources = arena_new(&plan->arena, struct unit_sources);
    struct register_facts *registers = arena_array(&plan->arena, source->register_count, sizeof *registers);
    struct finding *findings = arena_array(&plan->arena, source->content_count, sizeof *findings);
    struct value *scores = arena_array(&plan->arena, source->content_count, sizeof *scores);
    const char **documents = arena_array(&plan->arena, source->document_count, sizeof *documents);
    for (size_t i = 0; i < source->fact_count; i++) {
        values[i] = random_value(plan, seed, source->facts[i].type);
        sources[i] = random_source(plan, seed);
    }
    for (size_t i = 0; i < source->register_count; i++)
        registers[i] = random_register(plan, seed, &source->registers[i], &entries[i]);
    for (size_t i = 0; i < source->content_count; i++) {
        findings[i] = (struct finding){.result = random_below(seed, 3) ? "OUTSTANDING_LEADING" : NULL,
                                       .found_by = random_below(seed, 3) ? "home_affairs" : NULL};
        scores[i] = random_value(plan, seed, VALUE_DECIMAL);
        of_findings[i] = random_source(plan, seed);
    }
    bool known = random_below(seed, 4) > 0;
    for (size_t i = 0; known && i < source->document_count; i++)
        documents[i] = random_below(seed, 2) ? "PRESENT" : NULL;
    *all_sources = (struct unit_sources){sources, of_findings, entries};
    return (struct unit_facts){.unit_id = "0b7cc6f2-5e0c-4f5e-8f0a-0d6a3c1e9b11",
                               .values = values,
                               .sources = all_sources,
                               .registers = registers,
                               .findings = findings,
                               .scores = scores,
                               .documents_known = known,
                               .documents = documents};
}

#endif
