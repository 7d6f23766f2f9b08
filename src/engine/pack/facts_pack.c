#include "thidua/facts_pack.h"

#include "base/pure/packing.h"
#include "engine/private.h"
#include "thidua/civil.h"

enum { FACTS_FORM = 1 }; // the first byte; it changes when the same facts are packed in another way

enum { SOURCE_NAMED = 1, SOURCE_VERSIONED = 2, SOURCE_DATED = 4 };
enum { REGISTER_KNOWN = 1, REGISTER_COMPLETE = 2, REGISTER_THROUGH = 4, REGISTER_SOURCE = 8, REGISTER_INHERITS = 16 };
enum { FINDING_RESULT = 1, FINDING_FINDER = 2 };

// ---- layout ----

static void lay_type(struct packer *packer, const char *name, enum value_type type, unsigned decimals)
{
    pack_text(packer, name);
    pack_byte(packer, (unsigned)type);
    pack_byte(packer, decimals);
}

static void lay_names(struct packer *packer, const struct named *names, size_t count)
{
    pack_number(packer, count);
    for (size_t i = 0; i < count; i++)
        pack_text(packer, names[i].name);
}

const char *facts_layout(struct arena *arena, const struct rule_set_source *source, size_t *ret_length)
{
    struct packer packer = {.arena = arena};
    pack_byte(&packer, FACTS_FORM);
    pack_number(&packer, source->fact_count);
    for (size_t i = 0; i < source->fact_count; i++)
        lay_type(&packer, source->facts[i].name, source->facts[i].type, source->facts[i].decimals);
    pack_number(&packer, source->register_count);
    for (size_t i = 0; i < source->register_count; i++) {
        const struct register_declaration *declared = &source->registers[i];
        pack_text(&packer, declared->name);
        pack_number(&packer, declared->field_count);
        for (size_t j = 0; j < declared->field_count; j++)
            lay_type(&packer, declared->fields[j].name, declared->fields[j].type, 2);
    }
    lay_names(&packer, source->contents, source->content_count);
    lay_names(&packer, source->documents, source->document_count);
    *ret_length = packer.length;
    return (const char *)packer.bytes;
}

// ---- packing ----

// Facts of one record have the same source. It is written once, where it is first met, and then named by its number.
struct sources {
    const struct source *seen[64];
    size_t count;
};

static bool same_or_neither(const char *a, const char *b)
{
    return a == b || (a && b && same_text(a, b));
}

static bool same_source(const struct source *a, const struct source *b)
{
    return a == b || (a->version == b->version && same_or_neither(a->source, b->source) &&
                      same_or_neither(a->recorded_at, b->recorded_at));
}

// 0: no source; 1: a new one follows; n + 2: the n-th that was met, from 0.
static void pack_source(struct packer *packer, struct sources *sources, const struct source *source)
{
    unsigned flags = source ? (source->source ? SOURCE_NAMED : 0U) | (source->version > 0 ? SOURCE_VERSIONED : 0U) |
                                  (source->recorded_at ? SOURCE_DATED : 0U)
                            : 0U;
    if (!flags) {
        pack_number(packer, 0);
        return;
    }
    for (size_t i = 0; i < sources->count; i++)
        if (same_source(sources->seen[i], source)) {
            pack_number(packer, i + 2);
            return;
        }
    if (sources->count < sizeof sources->seen / sizeof *sources->seen)
        sources->seen[sources->count++] = source;
    pack_number(packer, 1);
    pack_byte(packer, flags);
    if (source->source)
        pack_text(packer, source->source);
    if (source->version > 0)
        pack_number(packer, (uint64_t)source->version);
    if (source->recorded_at)
        pack_text(packer, source->recorded_at);
}

static void pack_register(struct packer *packer, struct sources *sources, const struct register_declaration *declared,
                          const struct register_facts *facts, const struct entry *entries)
{
    unsigned flags = (facts->known ? REGISTER_KNOWN : 0U) | (facts->inherits ? REGISTER_INHERITS : 0U);
    if (!facts->inherits)
        flags |= (facts->complete ? REGISTER_COMPLETE : 0U) | (facts->has_complete_through ? REGISTER_THROUGH : 0U) |
                 (facts->complete_source ? REGISTER_SOURCE : 0U);
    pack_byte(packer, flags);
    if (flags & REGISTER_THROUGH)
        pack_signed(packer, facts->complete_through);
    if (flags & REGISTER_SOURCE)
        pack_text(packer, facts->complete_source);
    pack_number(packer, facts->entry_count);
    for (size_t i = 0; i < facts->entry_count; i++) {
        pack_text(packer, entries[i].id);
        pack_source(packer, sources, entries[i].source);
        for (size_t j = 0; j < declared->field_count; j++)
            pack_value(packer, facts->fields[i * declared->field_count + j]);
    }
}

static void pack_finding(struct packer *packer, const struct finding *finding, struct value score)
{
    pack_byte(packer, (finding->result ? FINDING_RESULT : 0U) | (finding->found_by ? FINDING_FINDER : 0U));
    if (finding->result)
        pack_text(packer, finding->result);
    if (finding->found_by)
        pack_text(packer, finding->found_by);
    pack_value(packer, score);
}

const char *facts_pack(struct arena *arena, const struct rule_set_source *source, const struct unit_facts *facts,
                       size_t *ret_length)
{
    struct packer packer = {.arena = arena};
    struct sources sources = {.count = 0};
    pack_byte(&packer, FACTS_FORM);
    pack_text(&packer, facts->unit_id);
    for (size_t i = 0; i < source->fact_count; i++) {
        pack_value(&packer, facts->values[i]);
        pack_source(&packer, &sources, facts->sources->facts[i]);
    }
    for (size_t i = 0; i < source->register_count; i++)
        pack_register(&packer, &sources, &source->registers[i], &facts->registers[i], facts->sources->entries[i]);
    for (size_t i = 0; i < source->content_count; i++) {
        pack_finding(&packer, &facts->findings[i], score_of(facts, i));
        pack_source(&packer, &sources, facts->sources->findings[i]);
    }
    pack_byte(&packer, facts->documents_known);
    for (size_t i = 0; facts->documents_known && i < source->document_count; i++) {
        pack_byte(&packer, facts->documents[i] != NULL);
        if (facts->documents[i])
            pack_text(&packer, facts->documents[i]);
    }
    *ret_length = packer.length;
    return (const char *)packer.bytes;
}

// ---- unpacking ----

struct known_sources {
    bool wanted; // else they are checked, and nothing is kept of them
    const struct source *seen[64];
    size_t count;
};

// A text that was just read, or the rules' own copy of it: two that are one are compared without reading them.
static const char *known(const struct unpacker *unpacker, const struct rule_set_source *rules, const char *text)
{
    return unpacker->good ? known_text(rules->texts, text, (size_t)((const char *)unpacker->next - text) - 1) : text;
}

static struct value unpack_known_value(struct unpacker *unpacker, const struct rule_set_source *rules,
                                       enum value_type type)
{
    struct value value = unpack_value(unpacker, type);
    if (value.type == VALUE_TEXT)
        value.text = known(unpacker, rules, value.text);
    return value;
}

static const struct source *unpack_source(struct arena *arena, struct unpacker *unpacker, struct known_sources *sources)
{
    size_t number = unpack_below(unpacker, sources->count + 2);
    if (number == 0)
        return NULL;
    if (number > 1)
        return sources->seen[number - 2];
    struct source read = {0}, *source = NULL;
    unsigned flags = unpack_byte(unpacker);
    if (flags & SOURCE_NAMED)
        read.source = unpack_text(unpacker);
    if (flags & SOURCE_VERSIONED)
        read.version = (int64_t)(unpack_number(unpacker) & INT64_MAX); // a larger number is no version
    if (flags & SOURCE_DATED)
        read.recorded_at = unpack_text(unpacker);
    if (sources->wanted) {
        source = arena_new(arena, struct source);
        *source = read;
    }
    if (sources->count < sizeof sources->seen / sizeof *sources->seen)
        sources->seen[sources->count++] = source;
    return source;
}

// Returns the entries; NULL where no sources are wanted.
static const struct entry *unpack_entries(struct arena *arena, struct unpacker *unpacker, struct known_sources *sources,
                                          const struct rule_set_source *rules,
                                          const struct register_declaration *declared, struct register_facts *facts)
{
    size_t count = unpack_count(unpacker, 2 + declared->field_count); // its name, its source, each field
    struct value *fields = count ? arena_array(arena, count * declared->field_count, sizeof *fields) : NULL;
    struct entry *entries = sources->wanted ? arena_array(arena, count, sizeof *entries) : NULL;
    facts->entry_count = count;
    facts->fields = fields;
    for (size_t i = 0; i < count && unpacker->good; i++) {
        struct entry entry = {.id = unpack_text(unpacker)};
        entry.source = unpack_source(arena, unpacker, sources);
        if (entries)
            entries[i] = entry;
        for (size_t j = 0; j < declared->field_count; j++)
            *fields++ = unpack_known_value(unpacker, rules, declared->fields[j].type);
    }
    return entries;
}

static void inherit(struct register_facts *facts, const struct register_facts *common)
{
    facts->complete = common->complete;
    facts->has_complete_through = common->has_complete_through;
    facts->complete_through = common->complete_through;
    facts->complete_source = common->complete_source;
}

static struct register_facts unpack_register(struct arena *arena, struct unpacker *unpacker,
                                             struct known_sources *sources, const struct rule_set_source *rules,
                                             size_t slot, const struct register_facts *common,
                                             const struct entry **ret_entries)
{
    unsigned flags = unpack_byte(unpacker);
    struct register_facts facts = {.known = (flags & REGISTER_KNOWN) != 0,
                                   .complete = (flags & REGISTER_COMPLETE) != 0,
                                   .inherits = (flags & REGISTER_INHERITS) != 0,
                                   .has_complete_through = (flags & REGISTER_THROUGH) != 0,
                                   .complete_through = DATE_FIRST};
    if (facts.has_complete_through) {
        int64_t day = unpack_signed(unpacker);
        unpacker->good = unpacker->good && day >= DATE_FIRST && day <= DATE_LAST;
        facts.complete_through = unpacker->good ? (int32_t)day : DATE_FIRST;
    }
    if (flags & REGISTER_SOURCE)
        facts.complete_source = unpack_text(unpacker);
    if (facts.inherits && common)
        inherit(&facts, common);
    *ret_entries = unpack_entries(arena, unpacker, sources, rules, &rules->registers[slot], &facts);
    return facts;
}

static struct finding unpack_finding(struct unpacker *unpacker, const struct rule_set_source *rules)
{
    struct finding finding = {0};
    unsigned flags = unpack_byte(unpacker);
    if (flags & FINDING_RESULT)
        finding.result = known(unpacker, rules, unpack_text(unpacker));
    if (flags & FINDING_FINDER)
        finding.found_by = known(unpacker, rules, unpack_text(unpacker));
    return finding;
}

// Most plans know no scores, and then nothing is made of them.
static void unpack_score(struct arena *arena, struct unpacker *unpacker, size_t count, size_t slot,
                         struct value **scores)
{
    struct value score = unpack_value(unpacker, VALUE_DECIMAL);
    if (score.type == VALUE_UNKNOWN)
        return;
    if (!*scores)
        *scores = arena_array(arena, count, sizeof **scores);
    (*scores)[slot] = score;
}

// Where sources and entries go while they are unpacked. Without arrays they go nowhere.
struct sources_made {
    const struct source **facts, **findings;
    const struct entry **entries;
};

static struct sources_made make_sources(struct arena *arena, const struct rule_set_source *source)
{
    return (struct sources_made){arena_array(arena, source->fact_count, sizeof(struct source *)),
                                 arena_array(arena, source->content_count, sizeof(struct source *)),
                                 arena_array(arena, source->register_count, sizeof(struct entry *))};
}

static bool unpack_all(struct arena *arena, const struct rule_set_source *source, const struct register_facts *common,
                       struct unpacker *unpacker, const struct sources_made *made, struct unit_facts *ret_facts)
{
    struct known_sources sources;
    struct value *values = arena_array(arena, source->fact_count, sizeof *values);
    struct register_facts *registers = arena_array(arena, source->register_count, sizeof *registers);
    struct finding *findings = arena_array(arena, source->content_count, sizeof *findings);
    struct value *scores = NULL;
    const char **documents = arena_array(arena, source->document_count, sizeof *documents);
    sources.wanted = made != NULL;
    sources.count = 0;
    if (unpack_byte(unpacker) != FACTS_FORM)
        return false;
    const char *unit_id = unpack_text(unpacker);
    for (size_t i = 0; i < source->fact_count; i++) {
        values[i] = unpack_known_value(unpacker, source, source->facts[i].type);
        const struct source *of_fact = unpack_source(arena, unpacker, &sources);
        if (made)
            made->facts[i] = of_fact;
    }
    for (size_t i = 0; i < source->register_count; i++) {
        const struct entry *entries;
        registers[i] = unpack_register(arena, unpacker, &sources, source, i, common ? &common[i] : NULL, &entries);
        if (made)
            made->entries[i] = entries;
    }
    for (size_t i = 0; i < source->content_count; i++) {
        findings[i] = unpack_finding(unpacker, source);
        unpack_score(arena, unpacker, source->content_count, i, &scores);
        const struct source *of_finding = unpack_source(arena, unpacker, &sources);
        if (made)
            made->findings[i] = of_finding;
    }
    bool documents_known = unpack_below(unpacker, 2) != 0;
    for (size_t i = 0; documents_known && i < source->document_count; i++)
        documents[i] = unpack_below(unpacker, 2) ? known(unpacker, source, unpack_text(unpacker)) : NULL;
    *ret_facts = (struct unit_facts){.unit_id = unit_id,
                                     .values = values,
                                     .registers = registers,
                                     .findings = findings,
                                     .scores = scores,
                                     .documents_known = documents_known,
                                     .documents = documents};
    return unpack_ends(unpacker);
}

bool facts_unpack(struct arena *arena, const struct rule_set_source *source, const struct register_facts *common,
                  const char *bytes, size_t length, struct unit_facts *ret_facts)
{
    struct unpacker unpacker = {(const unsigned char *)bytes, (const unsigned char *)bytes + length, true};
    const struct sources_made made = make_sources(arena, source);
    if (!unpack_all(arena, source, common, &unpacker, &made, ret_facts))
        return false;
    struct unit_sources *sources = arena_new(arena, struct unit_sources);
    *sources = (struct unit_sources){made.facts, made.findings, made.entries};
    ret_facts->sources = sources;
    return true;
}

bool facts_unpack_judged(struct arena *arena, const struct rule_set_source *source, const struct register_facts *common,
                         const char *bytes, size_t length, struct unit_facts *ret_facts)
{
    struct unpacker unpacker = {(const unsigned char *)bytes, (const unsigned char *)bytes + length, true};
    return unpack_all(arena, source, common, &unpacker, NULL, ret_facts);
}
