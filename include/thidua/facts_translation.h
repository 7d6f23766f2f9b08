// Facts that were arranged by one rule set, for another one: by names. What the old declarations do not hold was not
// kept, so for the new ones it is not known; nothing is ever taken for false or zero.
#ifndef THIDUA_FACTS_TRANSLATION_H
#define THIDUA_FACTS_TRANSLATION_H

#include "thidua/criteria.h"

struct facts_translation {
    const struct rule_set_source *from, *to;
    const size_t *facts, *registers, *contents, *documents; // by the new slot: the old one; SIZE_MAX: none
    const size_t *const *fields;                            // the same of each new register's fields
    bool documents_known;                                   // the old declarations name every kind of the new ones
    const char *const *missing; // "facts/index", "registers/awards/year", …: what the old declarations do not hold
    size_t missing_count;
};

struct facts_translation facts_translation(struct arena *arena, const struct rule_set_source *from,
                                           const struct rule_set_source *to);

// Shares all texts with `old`.
void facts_translate(struct arena *arena, const struct facts_translation *translation, const struct unit_facts *old,
                     struct unit_facts *ret_facts);

#endif
