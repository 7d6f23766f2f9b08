// What is open of a unit, by name: what its verdict waits for, and the facts by which it is ranked.
#include <string.h>

#include "engine/private.h"
#include "engine/standings/private.h"

struct names {
    const char **items;
    size_t count;
};

static void add_name(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return;
    if (names->count < CONTESTANT_MOST_OPEN)
        names->items[names->count++] = name;
}

// Of what a leaf has read: what is not there. NULL: it is.
static const char *missing_name(const struct judged *judged, const struct evidence *evidence)
{
    const struct rule_set_source *source = judged->rules->source;
    const size_t slot = evidence->slot;
    switch (evidence->kind) {
    case EVIDENCE_FACT:
        return judged->facts->values[slot].type == VALUE_UNKNOWN ? source->facts[slot].name : NULL;
    case EVIDENCE_REGISTER:
        return source->registers[slot].name;
    case EVIDENCE_DOCUMENT:
        return source->documents[slot].name;
    case EVIDENCE_FINDING:
        return judged->facts->findings[slot].result ? NULL : source->contents[slot].name;
    case EVIDENCE_ENTRY:
        break;
    }
    return NULL;
}

static void add_read(struct arena *scratch, const struct judged *judged, const struct leaf *leaf, struct names *names)
{
    struct evidence_list read = leaf_evidence(scratch, leaf, judged->parameters, judged->facts);
    for (size_t i = 0; i < read.count; i++) {
        const char *name = missing_name(judged, &read.items[i]);
        if (name)
            add_name(names, name);
    }
}

static void add_leaf(struct arena *scratch, const struct judged *judged, const struct leaf *leaf, struct names *names)
{
    size_t before = names->count;
    add_read(scratch, judged, leaf, names);
    if (names->count == before)
        add_name(names, leaf->id);
}

// A hold that stands is open too: it can be lifted.
static bool holds(const struct judged *judged, uint16_t node)
{
    size_t criterion = judged->rules->nodes[node].criterion;
    uint16_t hold = judged->rules->criteria[criterion].hold;
    return judged->criteria[criterion].outcome == OUTCOME_DEFERRED && hold != NO_NODE && node >= hold &&
           node < judged->rules->nodes[hold].end && judged->nodes[node].truth == TRUTH_TRUE;
}

static void add_term(struct arena *scratch, const struct sum_term *term, const struct judged *judged,
                     struct names *names)
{
    if (term->of == SUM_OF_FACT && judged->facts->values[term->slot].type == VALUE_UNKNOWN)
        add_name(names, term->fact->name);
    if (term->of == SUM_OF_SCORE && score_of(judged->facts, term->slot).type == VALUE_UNKNOWN)
        add_name(names, judged->rules->source->contents[term->slot].name);
    if (term->of != SUM_OF_COUNT)
        return;
    struct tally tally = term_tally(term, judged->parameters, judged->facts);
    if (tally.least != tally.most)
        add_read(scratch, judged, term->count, names);
}

// What cannot move a group from its bound is not waited for.
static void add_terms(struct arena *scratch, const struct sum_terms *terms, const struct judged *judged,
                      struct names *names)
{
    struct sum_range part;
    for (size_t i = 0, end; i < terms->count; i = end) {
        end = part_range(terms, i, judged->parameters, judged->facts, &part);
        for (size_t k = i; part.open && k < end; k++)
            add_term(scratch, &terms->items[k], judged, names);
    }
}

static void add_key(struct arena *scratch, const struct standing_key *key, const struct judged *judged,
                    struct names *names)
{
    const struct value *values = judged->facts->values;
    size_t before = names->count;
    if (key->leaf)
        add_read(scratch, judged, key->leaf, names);
    if (key->fact && values[key->slot].type == VALUE_UNKNOWN)
        add_name(names, key->fact->name);
    if (key->whole_fact && values[key->whole_slot].type == VALUE_UNKNOWN)
        add_name(names, key->whole_fact->name);
    if (key->has_only_if && values[key->only_if_slot].type == VALUE_UNKNOWN)
        add_name(names, judged->rules->source->facts[key->only_if_slot].name);
    for (size_t i = 0; i < key->content_count; i++) {
        size_t content = key->contents[i];
        if (key->kind == KEY_FINDING_COUNT ? !judged->facts->findings[content].result
                                           : score_of(judged->facts, content).type == VALUE_UNKNOWN)
            add_name(names, judged->rules->source->contents[content].name);
    }
    add_terms(scratch, &key->terms, judged, names);
    if (names->count == before)
        add_name(names, key->id);
}

static bool lacks_value(const struct contestant *contestant, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!contestant->keys[i].known && !contestant->keys[i].absent)
            return true;
    return false;
}

void contestant_name_open(struct arena *arena, struct arena *scratch, const struct standing_policy *policy,
                          const struct judged *judged, const bool *reads, struct contestant *contestant)
{
    const struct standing_keys keys = standing_keys_of(policy, contestant->kind);
    if (!is_open(contestant) && !(is_candidate(contestant) && lacks_value(contestant, keys.count)))
        return;
    struct names names = {.items = arena_array(arena, CONTESTANT_MOST_OPEN, sizeof(const char *))};
    // Unlike the verdict's own these do not end where another criterion fails, which another form may not ask for.
    bool *open = arena_array(scratch, judged->rules->node_count, sizeof *open);
    criteria_mark_open(judged->rules, judged->criteria, judged->nodes, reads, open);
    for (size_t i = 0; i < judged->rules->node_count; i++)
        if (judged->rules->nodes[i].leaf &&
            (open[i] || ((!reads || reads[judged->rules->nodes[i].criterion]) && holds(judged, (uint16_t)i))))
            add_leaf(scratch, judged, judged->rules->nodes[i].leaf, &names);
    for (size_t i = 0; i < keys.count; i++)
        if (!contestant->keys[i].known && !contestant->keys[i].absent)
            add_key(scratch, &keys.items[i], judged, &names);
    contestant->open_facts = names.items;
    contestant->open_fact_count = names.count;
}

void contestant_share_open(struct arena *arena, const struct contestant *other, struct contestant *contestant)
{
    if (!other->open_fact_count)
        return;
    struct names names = {.items = arena_array(arena, CONTESTANT_MOST_OPEN, sizeof(const char *))};
    for (size_t i = 0; i < contestant->open_fact_count; i++)
        add_name(&names, contestant->open_facts[i]);
    for (size_t i = 0; i < other->open_fact_count; i++)
        add_name(&names, other->open_facts[i]);
    contestant->open_facts = names.items;
    contestant->open_fact_count = names.count;
}
