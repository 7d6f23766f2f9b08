// The criteria engine: for a unit, what the plan says, why, from which facts, and what is still open.
//
// A rule set is written down as expressions (struct expression), checked and compiled once into a flat array of nodes
// in pre-order, and evaluated without recursion and without allocating anything but results. Truth has Kleene's three
// values: a fact that is missing is never taken for false, and every leaf is evaluated, always. Integers and dates
// only.
//
// Ownership: everything reachable from a rule set, a snapshot or a verdict lives in the caller's arena(s). A compiled
// rule set is read-only and may be shared between threads; an evaluation touches only its own arena.
#ifndef THIDUA_CRITERIA_H
#define THIDUA_CRITERIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thidua/arena.h"
#include "thidua/civil.h"

// Bounds held at publish.
enum {
    RULES_MOST_NODES = 256,
    RULES_MOST_DEPTH = 16,
    RULES_MOST_FILTERS = 4,
    RULES_MOST_BYTES = 64 * 1024,
    RULES_MOST_FAULTS = 200,
    RULES_MOST_CASE_VALUES = 100000, // fields of entries in all cases together: a small case can repeat a large base
    RULES_MOST_DECLARED = 256,       // facts, registers, fields of one register, contents, documents, parameters: each
};

// Stored with every evaluation; changes whenever the same rules on the same facts could give another result.
#define CRITERIA_SEMANTICS_VERSION 1

// Kleene's values: all = min, any = max, not = 2 − x.
enum truth { TRUTH_FALSE = 0, TRUTH_UNDETERMINED = 1, TRUTH_TRUE = 2 };
const char *truth_name(enum truth truth); // FALSE, UNDETERMINED, TRUE

struct bilingual {
    const char *vi;
    const char *en;
};

// ---------------------------------------------------------------------------------------------- values and facts

enum value_type { VALUE_UNKNOWN, VALUE_BOOLEAN, VALUE_TEXT, VALUE_INTEGER, VALUE_DECIMAL, VALUE_DATE, VALUE_INSTANT };
const char *value_type_name(enum value_type type); // "boolean", "text", "integer", "decimal", "date", "instant"

struct value {
    enum value_type type;
    union {
        int64_t number;   // 0/1, the integer, the scaled decimal, the day number or the microseconds (civil.h)
        const char *text; // VALUE_TEXT
    };
};

// Reads `text` as a value of that type; BOOLEAN from "true"/"false". False if it is none. TEXT keeps the pointer.
bool value_parse(enum value_type type, unsigned decimals, const char *text, struct value *ret_value);
// The text of a known value as JSON interfaces show it; VALUE_UNKNOWN gives NULL.
const char *value_text(struct arena *arena, struct value value, unsigned decimals);

struct source {
    const char *source;      // where it is recorded: "contestants/…"; NULL if not told
    int64_t version;         // of that record; 0 if not told
    const char *recorded_at; // RFC 3339; NULL if not told
};

struct fact {
    struct value value;
    struct source source;
};

struct entry {
    const char *id;
    struct source source;
    const struct value *fields; // by field slot of its register
};

struct register_facts {
    bool known;    // false: the snapshot does not hold this register at all
    bool complete; // declared complete by its keeper …
    bool has_complete_through;
    int32_t complete_through; // … up to and including this day; without it, it covers no window that has an end
    const char *complete_source;
    bool inherits; // the unit has no declaration of its own: the one for all units of the round stands in for it
    const struct entry *entries;
    size_t entry_count;
};

struct finding {
    const char *result; // NULL: nothing recorded
    const char *found_by;
    struct value score; // VALUE_DECIMAL with two decimals, or unknown
    struct source source;
};

// The facts of one unit, arranged by the slots of one rule set.
struct unit_facts {
    const char *unit_id;
    const struct fact *facts;
    const struct register_facts *registers;
    const struct finding *findings;
    bool documents_known;         // false: it is not known which documents there are
    const char *const *documents; // state by document slot; NULL: missing
};

// ------------------------------------------------------------------------------------------------ rules as written

struct citation {
    const char *document; // number-symbol: "230/KH-UBND"
    const char *clause;   // as printed, never computed
    const char *quote;    // verbatim
    const char *note;     // "[reading] …", "[check] …"; NULL if none
    int32_t valid_from;
    int32_t valid_to; // DATE_LAST if open
};

struct fact_declaration {
    const char *name;
    enum value_type type;
    unsigned decimals;
    bool confidential; // the value never leaves the restricted audience
    struct bilingual text;
};

struct field_declaration {
    const char *name;
    enum value_type type;
};

struct register_declaration {
    const char *name;
    const struct field_declaration *fields;
    size_t field_count;
    bool confidential;
    struct bilingual text;
};

// A content of the emulation (II.2) on which a human finding is recorded, or a kind of document (III.3).
struct named {
    const char *name;
    struct bilingual text;
};

// Dates and integers of an evaluation that are no facts of a unit. The first ones are always there.
enum { PARAMETER_AS_OF, PARAMETER_YEAR_FIRST_DAY, PARAMETER_YEAR_LAST_DAY, PARAMETER_AWARD_YEAR, BUILT_IN_PARAMETERS };
struct parameter_declaration {
    const char *name;     // as_of (local date), year_first_day, year_last_day, award_year, then the rule set's own
    enum value_type type; // VALUE_DATE or VALUE_INTEGER
};

enum comparison { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };
const char *comparison_sign(enum comparison comparison); // "=", "!=", "<", "<=", ">", ">="

enum operand_kind { OPERAND_NONE, OPERAND_LITERAL, OPERAND_PARAMETER, OPERAND_FACT };
struct operand {
    enum operand_kind kind;
    const char *text;     // the literal's text, or the name of the parameter or fact
    const char *fallback; // OPERAND_PARAMETER: the parameter that stands in while the first is unknown; or NULL
    // filled by criteria_compile:
    struct value literal;
    size_t slot, fallback_slot;
};

struct filter {
    const char *field;
    enum comparison comparison; // with several operands EQUAL means "is one of", NOT_EQUAL "is none of"
    struct operand *operands;
    size_t operand_count;
    size_t slot; // filled by criteria_compile
};

// Both ends belong to it. A point: the entry's `field` lies in it. An interval: from_field … to_field overlaps it,
// where an unknown to_field means "still going on".
struct window {
    bool present;
    const char *from_field; // equal to to_field for a point
    const char *to_field;
    struct operand from, to;
    size_t from_slot, to_slot; // filled by criteria_compile
};

enum expression_kind {
    KIND_ALL,
    KIND_ANY,
    KIND_NOT,
    KIND_AT_LEAST,
    KIND_GUARDED, // made by criteria_compile out of `applies_when`: not guard, or body
    KIND_THRESHOLD,
    KIND_FLAG,
    KIND_ONE_OF,
    KIND_RATIO,
    KIND_COUNT,
    KIND_ABSENCE,
    KIND_COMPLETENESS,
    KIND_DEADLINE,
    KIND_FINDING,
    KIND_STREAK,
    KIND_COOLDOWN,
};
const char *expression_kind_name(enum expression_kind kind); // "all", …, "cooldown"; "guarded" is never written by hand
bool expression_kind_is_leaf(enum expression_kind kind);

struct expression {
    const char *pointer; // where it stands in its document (RFC 6901), for faults
    enum expression_kind kind;
    struct expression *applies_when; // NULL: always applies
    // combinators
    struct expression **children;
    size_t child_count;
    int64_t n; // at_least: how many; count: the number compared with; streak, cooldown: years
    // leaves
    const char *id;
    struct bilingual text;
    const struct citation *citations;
    size_t citation_count;
    bool missing_is_false;                   // on_missing: false …
    const struct citation *missing_citation; // … which needs a citation of its own
    const char *fact;                        // threshold, flag, one_of, deadline; the part of a ratio
    const char *whole;                       // ratio: the fact that is the whole
    enum comparison comparison;              // threshold, ratio, count
    struct operand *operands;                // threshold, flag: one; one_of: the values; deadline: the limit
    size_t operand_count;
    int64_t p, q;              // ratio: part/whole is compared with p/q
    enum truth whole_zero;     // ratio: what a whole of zero means
    const char *register_name; // count, absence, streak, cooldown
    struct filter *filters;
    size_t filter_count;
    struct window window;
    struct operand complete_through; // the day up to which the register must be complete; else the window's end
    const char *year_field;          // streak, cooldown
    const char **names;              // completeness: document kinds; finding: accepted results
    const char **states;             // completeness: the state each must be in
    size_t name_count;
    const char *content;   // finding
    const char **found_by; // finding: who may find; none means anyone
    size_t found_by_count;
    bool inclusive;        // deadline: false "before", true "not after"
    int32_t calendar_days; // deadline: added to the limit; at most one of both is not zero
    int32_t working_days;
    // filled by criteria_compile:
    size_t slot, whole_slot, register_slot, year_slot;
    size_t *name_slots;
    unsigned decimals;
    bool confidential;
};

struct criterion {
    const char *pointer;
    const char *id;
    const char *clause; // as printed
    struct bilingual text;
    const struct citation *citations;
    size_t citation_count;
    struct expression *applies_when; // NULL: always
    struct expression *hold;         // true: DEFERRED; NULL: never
    struct expression *requires;
};

struct rule_set_source {
    const char *name;
    int64_t version;
    int32_t valid_from, valid_to;
    const int32_t *award_years; // the only years it may be applied to
    size_t award_year_count;
    const struct fact_declaration *facts;
    size_t fact_count;
    const struct register_declaration *registers;
    size_t register_count;
    const struct named *contents;
    size_t content_count;
    const struct named *documents;
    size_t document_count;
    const struct parameter_declaration *parameters; // the built-in ones first
    size_t parameter_count;
    const struct criterion *criteria;
    size_t criterion_count;
};

// ------------------------------------------------------------------------------------------------ faults of a rule set

#define RULE_FAULT(name, vi, en) FAULT_##name,
enum rule_fault_kind {
#include "thidua/rule_fault.def"
    RULE_FAULT_KINDS
};
#undef RULE_FAULT

struct rule_fault {
    const char *pointer;
    enum rule_fault_kind kind;
    const char *code; // "UNKNOWN_FACT"
    struct bilingual detail;
};

// Gathers all faults, not the first one; beyond RULES_MOST_FAULTS they are only counted.
struct rule_faults {
    struct arena *arena;
    struct rule_fault *items;
    size_t count; // items held
    size_t total; // faults reported
};

// `subject` (a name, a value) is added to the fault's sentence; NULL for none.
void rule_fault_report(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, const char *subject);

// ------------------------------------------------------------------------------------------------ compiled rules

#define NO_NODE UINT16_MAX

struct node {
    const struct expression *expression;
    enum expression_kind kind;
    uint16_t parent; // NO_NODE for a root
    uint16_t end;    // the node after this subtree
    uint16_t children;
    uint16_t needed; // combinators: how many children must hold for it to be true (of KIND_NOT: false)
    uint16_t criterion;
    bool guards; // the first child of KIND_GUARDED: its negation counts there
};

struct criterion_nodes {
    uint16_t guard, hold, requires; // roots; NO_NODE if there is none
};

struct rule_set {
    const struct rule_set_source *source;
    const struct node *nodes; // pre-order: a parent stands before its children
    size_t node_count;
    const struct criterion_nodes *criteria;
    const char *const *texts; // every text that a leaf compares with, sorted, each once
    size_t text_count;
};

// Checks everything, reports every fault, resolves names to slots (in the expressions) and flattens. NULL if there was
// a fault. The result points into `source`.
const struct rule_set *criteria_compile(struct arena *arena, const struct rule_set_source *source,
                                        struct rule_faults *faults);

// Does any deadline count working days, so that it matters which those are?
bool criteria_count_working_days(const struct rule_set *rules);

// Copies a unit's facts into one piece of memory, the texts that the rules know as the rules' own: judged fastest so.
// `ret_compact` shares nothing with `facts` but the ids and what the sources point to.
void criteria_compact(struct arena *arena, const struct rule_set *rules, const struct unit_facts *facts,
                      struct unit_facts *ret_compact);

// ------------------------------------------------------------------------------------------------ evaluation

struct evaluation_parameters {
    int64_t as_of;
    int32_t award_year;
    const struct value *values; // by parameter slot; see criteria_parameters()
    struct working_calendar calendar;
};

// An array of parameter values with the built-in ones filled in and the others unknown.
struct value *criteria_parameters(struct arena *arena, const struct rule_set_source *source, int64_t as_of,
                                  int32_t award_year);

enum leaf_reason {
    REASON_NONE,
    REASON_FACT_UNKNOWN,
    REASON_WHOLE_IS_ZERO,
    REASON_WHOLE_IS_NEGATIVE,
    REASON_REGISTER_UNKNOWN,
    REASON_REGISTER_INCOMPLETE, // not declared complete for the window: what it holds is a lower bound
    REASON_ENTRY_UNCLEAR,       // an entry lacks a field on which it depends whether it counts
    REASON_LIMIT_UNKNOWN,
    REASON_NO_FINDING,
    REASON_FINDER_NOT_COMPETENT,
    REASON_DOCUMENTS_UNKNOWN,
    REASON_KINDS
};
const char *leaf_reason_name(enum leaf_reason reason); // "FACT_UNKNOWN"; NULL for REASON_NONE

// The witness of one node: what came out, from what. Written whole by criteria_judge(); 40 bytes.
struct node_result {
    enum truth truth : 8;
    enum leaf_reason reason : 8; // leaves: why undetermined (also where on_missing made it false)
    bool missing_made_false : 1;
    bool decisive : 1;     // undetermined and not absorbed on the way to the overall result
    struct value observed; // the fact; the surely matching entries; the years in a row; unknown if not a value
    int64_t most;          // registers: the most entries or years that may match; INT64_MAX if unbounded
};

enum criterion_outcome { OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_PENDING, OUTCOME_NOT_APPLICABLE, OUTCOME_DEFERRED };
const char *criterion_outcome_name(enum criterion_outcome outcome);

enum overall_outcome { OVERALL_ELIGIBLE, OVERALL_INELIGIBLE, OVERALL_DEFERRED, OVERALL_PENDING };
const char *overall_outcome_name(enum overall_outcome outcome);

struct criterion_result {
    enum criterion_outcome outcome;
    uint16_t principal; // the leaf that says most about the outcome: the first that decided it
};

struct change {
    uint16_t node; // a leaf
    enum truth to;
};

struct verdict {
    const char *unit_id;
    enum overall_outcome overall;
    const struct criterion_result *criteria; // as the rule set's
    const struct node_result *nodes;         // as the rule set's
    const struct change *changes; // a smallest set that would make the unit eligible; first in order on a tie
    size_t change_count;
};

enum evaluation_error { EVALUATION_OK, EVALUATION_YEAR_NOT_COVERED };

// II.3: a year that the rule set does not name is refused, not judged.
enum evaluation_error criteria_evaluate(struct arena *arena, const struct rule_set *rules,
                                        const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                        struct verdict *ret_verdict);

// The same for many units, without allocating and without the changes: ask criteria_covers_year() once, then judge each
// into `criteria` (criterion_count of them) and `nodes` (node_count of them), which need not be initialised.
bool criteria_covers_year(const struct rule_set *rules, int32_t award_year);
enum overall_outcome criteria_judge(const struct rule_set *rules, const struct evaluation_parameters *parameters,
                                    const struct unit_facts *facts, struct criterion_result *criteria,
                                    struct node_result *nodes);

// Fills `changes` (room for node_count) with a smallest set of leaves that would make every criterion satisfied, each
// leaf taken by itself and no decided guard undone; returns their number, 0 if they are satisfied or if nothing would
// do. Costs far more than judging: only on demand.
size_t criteria_changes(const struct rule_set *rules, const struct criterion_result *criteria,
                        const struct node_result *nodes, struct change *changes);

// Whether an entry counts for a leaf that reads a register: filters and window.
enum truth criteria_entry_matches(const struct expression *leaf, const struct evaluation_parameters *parameters,
                                  const struct unit_facts *facts, const struct entry *entry);

// ------------------------------------------------------------------------------------------------ explanation

struct leaf_texts {
    const char *observed; // NULL if unknown
    const char *required;
    const char *margin; // NULL if there is none; negative where it is missed (zero misses only a strict one)
    struct bilingual explanation;
};
struct leaf_texts criteria_explain(struct arena *arena, const struct rule_set *rules,
                                   const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                   const struct verdict *verdict, uint16_t node);

// "III.1.b: chưa đạt" / "III.1.b: not met": all that may be said in public.
struct bilingual criteria_public_explanation(struct arena *arena, const struct criterion *criterion,
                                             enum criterion_outcome outcome);

// ------------------------------------------------------------------------------------------------ publishing gate

struct expected_outcome {
    const char *criterion; // id
    enum criterion_outcome outcome;
};

struct rule_case {
    const char *pointer;
    const char *name;
    const struct evaluation_parameters *parameters;
    const struct unit_facts *facts;
    enum overall_outcome overall;
    const struct expected_outcome *expected;
    size_t expected_count;
};

// Runs the rule set's own cases: each must come out as expected, and each leaf must be seen true, false and
// undetermined at least once (with on_missing = false: false for want of the fact). True if no fault was reported.
bool criteria_gate(const struct rule_set *rules, const struct rule_case *cases, size_t case_count,
                   struct rule_faults *faults);

#endif
