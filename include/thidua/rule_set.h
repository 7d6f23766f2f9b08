// A rule set: as written (struct rule_set_source), the faults that it can have, and compiled (struct rule_set).
//
// A criterion is a tree of expressions. Its inner nodes combine (all, any, not, at_least); its leaves ask one thing of
// a unit's facts. The kinds of leaves are a closed catalogue, src/engine/leaf; nothing here depends on which there are.
//
// Everything reachable from a rule set lives in the caller's arena. A compiled rule set is read-only and may be shared
// between threads.
#ifndef THIDUA_RULE_SET_H
#define THIDUA_RULE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thidua/arena.h"
#include "thidua/value.h"

// Bounds that every rule set is held to.
enum {
    RULES_MOST_NODES = 256,
    RULES_MOST_DEPTH = 16,
    RULES_MOST_FILTERS = 4,
    RULES_MOST_CITATIONS = 16, // of one leaf or criterion
    RULES_MOST_OPERANDS = 64,  // of one leaf or filter; names and states of a leaf too
    RULES_MOST_ENTRIES = 1000, // of one register of a unit that a caller sends or a case describes
    RULES_MOST_CASES = 256,
    RULES_MOST_BYTES = 64 * 1024, // of the canonical JSON
    RULES_MOST_FAULTS = 200,
    RULES_MOST_CASE_VALUES = 100000, // in all cases together: a small case can repeat a large base
    RULES_MOST_DECLARED = 256,       // facts, registers, fields of one register, contents, documents, parameters: each
    RULES_MOST_EARLIER = 32,         // facts of earlier years
    RULES_MOST_YEARS_BACK = 9,       // how many years before the award year those may be of
};

// ---------------------------------------------------------------------------------------------------- declarations

struct bilingual {
    const char *vi;
    const char *en;
};

// The clause of a document on which a rule rests.
struct citation {
    const char *document; // number-symbol: "230/KH-UBND"
    const char *clause;   // as printed, never computed
    const char *quote;    // verbatim
    const char *note;     // "[reading] …", "[check] …"; NULL if none
    int32_t valid_from;   // day number
    int32_t valid_to;     // day number; DATE_LAST if open
};

struct fact_declaration {
    const char *name;
    enum value_type type;
    unsigned decimals; // 0 … 9, of VALUE_DECIMAL
    bool confidential; // the value never leaves the restricted audience
    struct bilingual text;
    // Of an earlier year: the name of the declared fact, and -1 for the year before the award year. Else NULL and 0.
    // Its own name is that of no declared fact: "points@-1".
    const char *of;
    int year;
    // What is known of a value before it is there, for places. Numbers are in the fact's decimals.
    bool has_least, has_most;
    int64_t least, most;
};

struct field_declaration {
    const char *name;
    enum value_type type; // a VALUE_DECIMAL has two decimals
};

struct register_declaration {
    const char *name;
    const struct field_declaration *fields;
    size_t field_count;
    bool confidential;
    struct bilingual text;
};

// A content of the emulation (II.2) on which a person records a finding, or a kind of document (III.3).
struct named {
    const char *name;
    struct bilingual text;
};

// What is known of a number before it is there, for places.
enum { SCORE_DECIMALS = 2 };
struct number_limits {
    bool has_least, has_most;
    int64_t least, most;
};

// Dates and numbers of an evaluation that are no facts of a unit. The first ones are in every rule set.
enum { PARAMETER_AS_OF, PARAMETER_YEAR_FIRST_DAY, PARAMETER_YEAR_LAST_DAY, PARAMETER_AWARD_YEAR, BUILT_IN_PARAMETERS };
struct parameter_declaration {
    const char *name;      // as_of (local date), year_first_day, year_last_day, award_year, then the rule set's own
    enum value_type type;  // VALUE_DATE, VALUE_INTEGER or VALUE_DECIMAL
    unsigned decimals;     // 0 … 9, of VALUE_DECIMAL
    struct bilingual text; // empty where the rule set gives none
    // Of a day that nobody gives, but that is reckoned from another one: the slot of that, and how far it is from
    // there.
    bool reckoned;
    size_t of;
    int32_t months, calendar_days; // one of both is not 0
};

// ----------------------------------------------------------------------------------------------------- expressions

enum expression_kind {
    KIND_ALL,
    KIND_ANY,
    KIND_NOT,
    KIND_AT_LEAST,
    KIND_GUARDED, // made by criteria_compile() of `applies_when`: not the guard, or the body
    KIND_LEAF,
};

struct leaf_kind;   // a row of the catalogue; see src/engine/leaf
struct time_limits; // up to when a leaf may still come true; see src/engine/leaf

// Whether a fact is one of a few literals: many leaves ask no more, and are evaluated without a call.
struct plain_choice {
    const struct value *wanted; // NULL: the leaf asks for something else
    size_t count, slot;         // of the wanted ones; of the fact
};

// What leaves of all kinds have in common. Each kind puts what is its own behind it.
struct leaf {
    const struct leaf_kind *kind;
    const char *pointer; // where it stands in its document (RFC 6901)
    const char *id;
    struct bilingual text;
    const struct citation *citations;
    size_t citation_count;
    bool missing_is_false;                   // on_missing: false …
    const struct citation *missing_citation; // … which needs a citation of its own; else NULL
    const struct time_limits *until;         // until then "no" is "not yet"; NULL: it never is
    // Set by criteria_compile():
    unsigned decimals;        // of the observed value
    unsigned margin_decimals; // of the margin
    bool names_people;        // it reads a confidential register: only the restricted audience sees it
    struct plain_choice choice;
};
const char *leaf_kind_name(const struct leaf *leaf); // "threshold"

struct expression {
    const char *pointer; // where it stands in its document (RFC 6901)
    enum expression_kind kind;
    struct expression *applies_when; // NULL: always applies
    struct expression **children;    // of a combinator
    size_t child_count;
    int64_t least;     // KIND_AT_LEAST: how many children must hold
    struct leaf *leaf; // KIND_LEAF
};

struct criterion {
    const char *pointer;
    const char *id;
    const char *clause; // as printed
    struct bilingual text;
    const struct citation *citations;
    size_t citation_count;
    struct expression *applies_when; // NULL: always
    struct expression *hold;         // while it is true the criterion is DEFERRED; NULL: never
    struct expression *requires;
};

// What a document means. It changes whenever the same rules on the same facts could give another result, and old
// documents keep the meaning that they were published with.
enum { SEMANTICS_FIRST = 1, SEMANTICS_NEWEST = 2 };

// Texts that the rules compare with, each where known_text() looks for it. Of two with one place the first is kept.
enum { KNOWN_TEXTS = 128 };
struct known_texts {
    const char *items[KNOWN_TEXTS]; // NULL: none
};

struct rule_set_source {
    const char *name;
    int64_t version;   // from 1
    int64_t semantics; // SEMANTICS_FIRST … SEMANTICS_NEWEST
    int32_t valid_from, valid_to;
    const int32_t *award_years; // the only years it may be applied to
    size_t award_year_count;
    const struct fact_declaration *facts; // the declared ones, then those of earlier years that the rules ask for
    size_t fact_count, declared_fact_count;
    const struct register_declaration *registers;
    size_t register_count;
    const struct named *contents;
    const struct number_limits *scores; // by content: of its score, in hundredths
    size_t content_count;
    const struct named *documents;
    size_t document_count;
    const struct parameter_declaration *parameters; // the built-in ones first
    size_t parameter_count;
    const struct criterion *criteria;
    size_t criterion_count;
    const struct leaf *const *ranks; // as those of the compiled rule set
    size_t rank_count;
    const struct named *groups; // of the standings, for the words of a fact that names one
    size_t group_count;
    const struct known_texts *texts; // as those of the compiled rule set; NULL: none
};

// ---------------------------------------------------------------------------------------------------------- faults

#define RULE_FAULT(name, vi, en) FAULT_##name,
enum rule_fault_kind {
#include "thidua/rule_fault.def"
    RULE_FAULT_KINDS
};
#undef RULE_FAULT

struct rule_fault {
    const char *pointer; // RFC 6901
    enum rule_fault_kind kind;
    const char *code; // "UNKNOWN_FACT"
    struct bilingual detail;
};

// Gathers all faults, not only the first one. Beyond RULES_MOST_FAULTS they are counted and not kept.
struct rule_faults {
    struct arena *arena;
    struct rule_fault *items;
    size_t count; // items kept
    size_t total; // faults reported
};

// Reports that there are `asked` of something of which at most `allowed` may be.
void rule_fault_exceeds(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, uint64_t asked,
                        uint64_t allowed);
// `subject` (a name, a value) is added to the fault's sentence; NULL for none.
void rule_fault_report(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, const char *subject);
// The same, with the way out behind it.
void rule_fault_advise(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, const char *subject,
                       struct bilingual way_out);
// The same, where the way out is one of some names or values.
void rule_fault_offer(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, const char *subject,
                      struct bilingual words, const char *names);
// The same, where a value of that type is to be written.
void rule_fault_want(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, const char *subject,
                     enum value_type type, unsigned decimals);

// -------------------------------------------------------------------------------------------------------- compiled

#define NO_NODE UINT16_MAX

struct node {
    const struct leaf *leaf; // NULL: the node combines its children
    enum expression_kind kind;
    uint16_t parent; // NO_NODE for a root
    uint16_t end;    // the node after this subtree
    uint16_t children;
    uint16_t needed; // of a combinator: how many children must hold for it to be true (of KIND_NOT: false)
    uint16_t criterion;
    bool guards; // the first child of KIND_GUARDED: its negation counts there
};

// A leaf as it is evaluated.
struct leaf_step {
    const struct leaf *leaf;
    uint16_t node;
    bool timed; // time may change what comes out of it (`until`, on_missing)
};

struct criterion_nodes {
    uint16_t guard, hold, requires; // roots; NO_NODE if there is none
    bool plain;                     // neither guard nor hold: the criterion is what its requirement is
};

struct rule_set {
    const struct rule_set_source *source;
    const struct node *nodes; // pre-order: a parent stands before its children
    size_t node_count;
    const struct leaf_step *leaves; // those among the nodes
    size_t leaf_count;
    const uint16_t *combining; // the other nodes, from the last to the first: children before their parent
    size_t combining_count;
    const struct criterion_nodes *criteria;
    bool counts_working_days;        // a deadline does, so it matters which days are worked
    const struct leaf *const *ranks; // leaves that ask for a rank in the round, by their slots
    size_t rank_count;
    const struct known_texts *texts; // that leaves compare facts with
    const struct award_forms *forms; // NULL: a unit is eligible by all criteria; else for a form (award_forms.h)
};

// Checks everything, reports every fault, resolves names to slots (in the expressions) and flattens the trees. NULL if
// there was a fault. The result points into `source`.
const struct rule_set *criteria_compile(struct arena *arena, const struct rule_set_source *source,
                                        struct rule_faults *faults);

#endif
