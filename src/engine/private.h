// What the parts of the criteria engine share. See thidua/criteria.h.
#ifndef THIDUA_ENGINE_PRIVATE_H
#define THIDUA_ENGINE_PRIVATE_H

#include <string.h>

#include "base/pure/wide.h"
#include "thidua/civil.h"
#include "thidua/criteria.h"

// ---- truth ----

static inline enum truth truth_not(enum truth truth)
{
    return (enum truth)(2 - (int)truth);
}

static inline enum truth truth_and(enum truth a, enum truth b)
{
    return a < b ? a : b;
}

static inline enum truth truth_or(enum truth a, enum truth b)
{
    return a > b ? a : b;
}

static inline enum truth truth_of(bool condition)
{
    return condition ? TRUTH_TRUE : TRUTH_FALSE;
}

// Most texts that are compared are the rules' own (known_text()) or differ in the first byte: no call for those.
static inline bool same_text(const char *a, const char *b)
{
    return a == b || (*a == *b && strcmp(a, b) == 0);
}

static inline bool date_of_value(struct value value, int32_t *ret_date)
{
    if (value.type != VALUE_DATE && value.type != VALUE_INSTANT)
        return false;
    *ret_date = value.type == VALUE_DATE ? (int32_t)value.number : instant_local_date(value.number);
    return true;
}

// Of the finding on a content.
static inline struct value score_of(const struct unit_facts *facts, size_t content)
{
    return facts->scores ? facts->scores[content] : (struct value){.type = VALUE_UNKNOWN};
}

static inline size_t known_text_place(const char *text, size_t length)
{
    return ((unsigned char)text[0] * 3U + (unsigned char)text[length / 2] * 5U + length) % KNOWN_TEXTS;
}

// The rules' own copy of a text that they compare with; else the text itself.
static inline const char *known_text(const struct known_texts *texts, const char *text, size_t length)
{
    const char *known = texts ? texts->items[known_text_place(text, length)] : NULL;
    return known && strcmp(known, text) == 0 ? known : text;
}

// ---- evaluating ----

// What the leaf says of the unit, its on_missing applied.
enum truth leaf_truth(const struct leaf *leaf, const struct evaluation_parameters *parameters,
                      const struct unit_facts *facts);

// How many comparisons the leaf takes at most.
uint64_t leaf_work(const struct leaf *leaf, const struct unit_facts *facts);

// Entries of a register that match a leaf: surely so many, at most so many (INT64_MAX: unbounded).
struct tally {
    int64_t least, most;
};
struct tally leaf_tally(const struct leaf *leaf, const struct evaluation_parameters *parameters,
                        const struct unit_facts *facts);

struct sum_term;
// How many entries count for a term of SUM_OF_COUNT, or between how many that is.
struct tally term_tally(const struct sum_term *term, const struct evaluation_parameters *parameters,
                        const struct unit_facts *facts);
struct number_limits limits_of_fact(const struct fact_declaration *fact);
struct sum_terms;
// What a sum is at the least and at the most, as far as that is known; `open` while it is not known what it is.
struct sum_range {
    wide least, most; // 0 in place of a term that has no limit there
    bool has_least, has_most, open;
};
struct sum_range terms_range(const struct sum_terms *terms, const struct evaluation_parameters *parameters,
                             const struct unit_facts *facts);
// The same of the part of it that begins at that term, which is one term or a group; returns where the next one begins.
size_t part_range(const struct sum_terms *terms, size_t from, const struct evaluation_parameters *parameters,
                  const struct unit_facts *facts, struct sum_range *ret_range);
uint64_t terms_work(const struct sum_terms *terms, const struct unit_facts *facts);

// ---- checking ----

// The checks of one rule set: every fault is reported, every name is resolved to a slot.
struct check {
    struct arena *arena;
    const struct rule_set_source *source;
    struct rule_faults *faults;
    const char *leaf_ids[RULES_MOST_NODES];
    size_t leaf_count;
    size_t node_count; // as compiled: a guard adds one
    bool counts_working_days;
    const struct leaf *ranks[RULES_MOST_NODES]; // those that ask for a rank
    size_t rank_count;
    struct known_texts texts;                           // that leaves compare with
    const struct time_limits *untils[RULES_MOST_NODES]; // of leaves, each once
    size_t until_count;
};

// Name, period and declarations.
void check_declarations(struct check *check);
// `depth` counts the expression itself.
void check_expression(struct check *check, struct expression *expression, size_t depth);
void check_citations(struct check *check, const char *pointer, const struct citation *citations, size_t count);
// A leaf outside of the criteria. False with a fault where it does not fit the declarations, counts working days or
// reads what only few may see.
bool check_single_leaf(struct arena *arena, const struct rule_set_source *source, struct rule_faults *faults,
                       struct leaf *leaf);
// A part of a key in the form of a leaf's members, without text and citations of its own. False with a fault as above.
bool check_part(struct arena *arena, const struct rule_set_source *source, struct rule_faults *faults,
                struct leaf *part);
// Keeps a text that leaves compare with. Returns the copy of it that all of them shall have.
const char *shared_text(struct check *check, const char *text);
void check_words(struct check *check, const char *pointer, struct bilingual text);

// The slot of a name among `count` things of `size` bytes that begin with their name; `count` if it is not there.
size_t find_name(const void *things, size_t count, size_t size, const char *name);

#endif
