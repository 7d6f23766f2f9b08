// The criteria engine: for a unit, what the plan says, why, from which facts, and what is still open.
//
// A rule set (rule_set.h) is compiled once. Each unit's facts (unit_facts.h) are then judged without recursion and
// without allocating anything but results. Truth has Kleene's three values: a missing fact is never taken for false.
// Every leaf is evaluated, always. Integers and dates only.
//
// Everything reachable from a verdict lives in the caller's arena. An evaluation touches only its own arena.
#ifndef THIDUA_CRITERIA_H
#define THIDUA_CRITERIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thidua/arena.h"
#include "thidua/civil.h"
#include "thidua/rule_set.h"
#include "thidua/unit_facts.h"

// Kleene's values: all = min, any = max, not = 2 − x.
enum truth { TRUTH_FALSE = 0, TRUTH_UNDETERMINED = 1, TRUTH_TRUE = 2 };
const char *truth_name(enum truth truth); // FALSE, UNDETERMINED, TRUE

// ------------------------------------------------------------------------------------------------------ evaluation

struct evaluation_parameters {
    int64_t as_of;              // instant
    int32_t award_year;         // 1 … 9999
    const struct value *values; // by parameter slot; see criteria_parameters()
    struct working_calendar calendar;
};

// An array of parameter values. The built-in ones are filled in, the others are unknown.
struct value *criteria_parameters(struct arena *arena, const struct rule_set_source *source, int64_t as_of,
                                  int32_t award_year);

// Why a leaf is undetermined.
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
    REASON_NOT_YET,           // false as of now, and its time is not over (`until`)
    REASON_RANK_OPEN,         // facts of this unit or of others still decide on its rank
    REASON_BASE_NOT_POSITIVE, // a percentage is asked for of what is zero or less
    REASON_KINDS
};
const char *leaf_reason_name(enum leaf_reason reason); // "FACT_UNKNOWN"; NULL for REASON_NONE

// The witness of one node: what came out, from what. criteria_judge() writes all of it; 32 bytes.
struct node_result {
    enum truth truth : 8;
    enum leaf_reason reason : 8; // of a leaf: why it is undetermined, also where on_missing made it false
    bool missing_made_false;
    bool decisive;         // undetermined, and not absorbed on the way to the overall result
    bool past;             // of a leaf with `until`: that is over, so nobody can make it true any more
    struct value observed; // the fact; the surely matching entries; the years in a row; unknown if not a value
    int64_t most;          // of a register: the most entries or years that may match; INT64_MAX if unbounded
};

enum criterion_outcome { OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_PENDING, OUTCOME_NOT_APPLICABLE, OUTCOME_DEFERRED };
extern const char *const criterion_outcome_names[]; // by their enum values; ended by NULL
const char *criterion_outcome_name(enum criterion_outcome outcome);

// Facts that come may still change it.
static inline bool is_open_outcome(enum criterion_outcome outcome)
{
    return outcome == OUTCOME_PENDING || outcome == OUTCOME_DEFERRED;
}

enum overall_outcome { OVERALL_ELIGIBLE, OVERALL_INELIGIBLE, OVERALL_DEFERRED, OVERALL_PENDING };
extern const char *const overall_outcome_names[]; // by their enum values; ended by NULL
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
    const struct criterion_result *criteria; // by criterion of the rule set
    const struct node_result *nodes;         // by node of the rule set
    const struct change *changes; // a smallest set that would make the unit eligible; the first in order on a tie
    size_t change_count;
};

enum evaluation_error { EVALUATION_OK, EVALUATION_YEAR_NOT_COVERED };

// II.3: a year that the rule set does not name is refused, not judged.
enum evaluation_error criteria_evaluate(struct arena *arena, const struct rule_set *rules,
                                        const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                        struct verdict *ret_verdict);

// How many comparisons judging the unit takes at most. One request may ask for CRITERIA_MOST_WORK of them.
enum { CRITERIA_MOST_WORK = 10000000 };
uint64_t criteria_work(const struct rule_set *rules, const struct unit_facts *facts);

// The same for many units, without allocating and without the changes. Ask criteria_covers_year() once. Then judge each
// unit into `criteria` (criterion_count of them) and `nodes` (node_count of them), which need not be initialised.
bool criteria_covers_year(const struct rule_set *rules, int32_t award_year);
enum overall_outcome criteria_judge(const struct rule_set *rules, const struct evaluation_parameters *parameters,
                                    const struct unit_facts *facts, struct criterion_result *criteria,
                                    struct node_result *nodes);

// Fills `changes` (room for node_count) with a smallest set of leaves that would make every criterion satisfied. Each
// leaf is taken by itself. No decided guard is undone, and nothing is asked for whose time is over: see `until`, and
// the kinds that tell of the past. Returns their number: 0 if the criteria are satisfied or if nothing would do. It
// costs far more than judging, so it is done only on demand.
size_t criteria_changes(const struct rule_set *rules, const struct criterion_result *criteria,
                        const struct node_result *nodes, struct change *changes);

// Marks the nodes that keep a criterion open: those that are undetermined and not absorbed on the way to it. `reads`:
// the criteria that are asked about, NULL for all. `open` has room for node_count.
void criteria_mark_open(const struct rule_set *rules, const struct criterion_result *criteria,
                        const struct node_result *nodes, const bool *reads, bool *open);

// ----------------------------------------------------------------------------------------------------- explanation

// Up to when a register is declared complete, and up to when this leaf needs it.
struct register_gap {
    size_t slot;
    bool known, complete, has_through;
    int32_t through;
    struct value needed; // a date; unknown where nothing says so
};
// False if the leaf reads no register.
bool criteria_register_gap(const struct rule_set *rules, const struct evaluation_parameters *parameters,
                           const struct unit_facts *facts, uint16_t node, struct register_gap *ret_gap);

// What a leaf is for in its criterion: guards of a part of it count as those of the whole.
enum leaf_role { LEAF_REQUIRES, LEAF_APPLIES_WHEN, LEAF_HOLD };
enum leaf_role leaf_role_of(const struct rule_set *rules, uint16_t node);

struct leaf_texts {
    const char *observed; // NULL if unknown
    const char *required;
    const char *margin; // NULL if there is none; negative where it is missed (zero misses only a strict limit)
    struct bilingual explanation;
};
struct leaf_texts criteria_explain(struct arena *arena, const struct rule_set *rules,
                                   const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                   const struct verdict *verdict, uint16_t node);
// The explanation alone, in one language.
const char *criteria_explanation(struct arena *arena, const struct rule_set *rules,
                                 const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                 const struct verdict *verdict, uint16_t node, bool english);

// "III.1.b: chưa đạt" / "III.1.b: not met": all that may be said in public.
struct bilingual criteria_public_explanation(struct arena *arena, const struct criterion *criterion,
                                             enum criterion_outcome outcome);

// One thing that a leaf has read.
struct evidence {
    enum { EVIDENCE_FACT, EVIDENCE_REGISTER, EVIDENCE_ENTRY, EVIDENCE_DOCUMENT, EVIDENCE_FINDING } kind;
    size_t slot;               // of the fact, register, document or content
    const struct entry *entry; // EVIDENCE_ENTRY: one that counts or may count (NULL without sources) …
    enum truth counts;         // … and whether it does
};
struct evidence_list {
    struct arena *arena;
    struct evidence *items;
    size_t count, room;
};
// All that a leaf has read, in the order of its members.
struct evidence_list criteria_evidence(struct arena *arena, const struct rule_set *rules,
                                       const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                       uint16_t node);
// The same of a leaf that is no node of the rules, such as the condition of a key.
struct evidence_list leaf_evidence(struct arena *arena, const struct leaf *leaf,
                                   const struct evaluation_parameters *parameters, const struct unit_facts *facts);

// ------------------------------------------------------------------------------------------------- publishing gate

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

// Runs the rule set's own cases. Each must come out as expected. Each leaf must be seen true, false and undetermined at
// least once; a leaf that is false for want of a fact (on_missing) counts as undetermined. Cases that together take
// more than CRITERIA_MOST_WORK are not run. Returns true if no fault was reported.
bool criteria_gate(const struct rule_set *rules, const struct rule_case *cases, size_t case_count,
                   struct rule_faults *faults);

#endif
