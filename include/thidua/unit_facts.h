// What is known of one unit on one day, arranged by the slots of one rule set (see rule_set.h): the n-th fact here is
// the n-th fact that the rule set declares.
//
// Everything may be missing. A missing fact is unknown, never false; a register counts as complete only where its
// keeper has declared it so.
#ifndef THIDUA_UNIT_FACTS_H
#define THIDUA_UNIT_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thidua/value.h"

// Where a fact is recorded. Facts of one record share it.
struct source {
    const char *source;      // "contestants/…"; NULL if not given
    int64_t version;         // of that record; 0 if not given
    const char *recorded_at; // RFC 3339; NULL if not given
};

// One entry of a register: a disciplinary measure, an award, an initiative.
struct entry {
    const char *id;
    const struct source *source; // NULL if not given
};

struct register_facts {
    bool known;    // false: nothing is known of this register, not even that it is empty
    bool complete; // its keeper declared it complete …
    bool has_complete_through;
    bool inherits; // the unit has no declaration of its own: the one for all units of the round stands in for it
    int32_t complete_through; // … up to and including this day; without a day it covers no window that has an end
    size_t entry_count;
    const struct value *fields; // of the entries, one entry behind the other, each by the register's field slots
    const char *complete_source;
};

// What a person or body found on a content of the emulation (II.2).
struct finding {
    const char *result; // NULL: nothing recorded
    const char *found_by;
};

// What only explanations read: where each thing is recorded, and the entries beside their fields. Apart, so that what
// is judged lies close together.
struct unit_sources {
    const struct source *const *facts;    // by fact slot; NULL where it is not given
    const struct source *const *findings; // by content slot; the same
    const struct entry *const *entries;   // by register slot
};

// A rank, or what it may still be: from the best to the worst. A best of 0: not known at all.
struct rank_interval {
    int64_t best, worst;
};

struct unit_facts {
    const char *unit_id;
    const struct value *values;         // of facts, by fact slot
    const struct unit_sources *sources; // NULL of facts that are judged and not explained
    const struct register_facts *registers;
    const struct finding *findings;    // by content slot
    const struct value *scores;        // the same: VALUE_DECIMAL with two decimals, or unknown; NULL: none is known
    bool documents_known;              // false: it is not known which documents there are
    const char *const *documents;      // the state of each, by document slot; NULL: missing
    const struct rank_interval *ranks; // by rank slot (round_ranks.h); NULL: not known
};

#endif
