// The catalogue of leaves: what a rule can ask of a unit's facts. A kind is one file in this folder and one row of
// kinds.def. The table says how a kind is read from JSON, checked, evaluated and shown; nothing else knows the kinds.
#ifndef THIDUA_ENGINE_LEAF_LEAF_H
#define THIDUA_ENGINE_LEAF_LEAF_H

#include "engine/private.h"
#include "thidua/standings.h"

// ---- what the members of a leaf hold ----

enum comparison { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };
enum { COMPARISONS = GREATER_EQUAL + 1 };
extern const char *const comparison_signs[]; // "=", "!=", "<", "<=", ">", ">="; ended by NULL

// Something that a fact or field is compared with.
struct operand {
    enum { OPERAND_NONE, OPERAND_LITERAL, OPERAND_PARAMETER, OPERAND_FACT } kind;
    const char *text;     // the literal, or the name of the parameter or fact
    const char *fallback; // of OPERAND_PARAMETER: the parameter to use while the first is unknown; or NULL
    // Set by check_operand():
    struct value literal;
    size_t slot, fallback_slot;
};

struct operands {
    struct operand *items;
    size_t count;
};

struct filter {
    const char *field;
    enum comparison comparison; // with several operands EQUAL means "is one of", NOT_EQUAL "is none of"
    struct operands operands;
    size_t slot; // set by check_register()
};

struct filters {
    struct filter *items;
    size_t count;
};

// Both ends belong to the window. A point, the entry's `field`, must lie in it. An interval, from_field … to_field,
// must overlap it; an unknown to_field means "still going on".
struct window {
    bool present;
    const char *from_field; // equal to to_field for a point
    const char *to_field;
    struct operand from, to;
    size_t from_slot, to_slot; // set by check_register()
};

struct names {
    const char **items;
    size_t count;
};

// Names with the state that each must have.
struct states {
    const char **names;
    const char **states;
    size_t *slots; // set by the leaf's check
    size_t count;
};

// Days up to which what is not there yet may still come: while one of them lasts, "no" is "not yet". One that is not
// known has not come either.
struct time_limit {
    struct operand day;
    bool includes_day;     // "not_after"; else "before"
    int64_t calendar_days; // added to the day; at most one of both is not zero
    int64_t working_days;
};
struct time_limits {
    struct time_limit *items;
    size_t count;
};
enum { MOST_TIME_LIMITS = 4, MOST_DAYS = 3660 };

// ---- members ----

// What a member looks like in JSON, and the type it is read into.
enum member_form {
    MEMBER_NAME = 1, // text: const char *
    MEMBER_FACT,     // name of a fact, or {"fact": name, "year": -1}: const char *
    MEMBER_INTEGER,  // integer from `least` to `most`: int64_t
    MEMBER_CHOICE,   // one of the texts `choices`: an enum that counts them from 0
    MEMBER_OPERAND,  // literal, {"param": name, "or"?: name} or {"fact": name, "year"?: -1}: struct operand
    MEMBER_OPERANDS, // `value`, an operand, or `values`, a list of them: struct operands
    MEMBER_NAMES,    // list of texts: struct names
    MEMBER_STATES,   // {name: state, …}: struct states
    MEMBER_FILTERS,  // [{"field", "op", "value" | "values"}, …]: struct filters
    MEMBER_KEYS,     // list of keys of standings: struct standing_keys
    MEMBER_TERMS,    // list of what is added up: struct sum_terms
    MEMBER_WINDOW,   // {"field" | "from_field" and "to_field", "from", "to"}: struct window
    MEMBER_FORMS
};

struct leaf_member {
    const char *name; // NULL ends a list
    enum member_form form;
    bool optional;
    size_t place; // in the kind's struct
    int64_t least, most;
    const char *const *choices; // ended by NULL
};

// Where a field of a kind's struct is. A field of another type does not compile.
// NOLINTNEXTLINE(bugprone-macro-parentheses): names of types and fields take none
#define FIELD_PLACE(type, container, field) _Generic(((container *)0)->field, type : offsetof(container, field))

#define MEMBER(name_, form_, type, container, field)                                                                   \
    .name = (name_), .form = (form_), .place = FIELD_PLACE(type, container, field)
#define NAME_MEMBER(name_, container, field) MEMBER(name_, MEMBER_NAME, const char *, container, field)
#define FACT_MEMBER(name_, container, field) MEMBER(name_, MEMBER_FACT, const char *, container, field)
#define INTEGER_MEMBER(name_, container, field, least_, most_)                                                         \
    MEMBER(name_, MEMBER_INTEGER, int64_t, container, field), .least = (least_), .most = (most_)
#define CHOICE_MEMBER(name_, container, field, type, choices_)                                                         \
    MEMBER(name_, MEMBER_CHOICE, type, container, field), .choices = (choices_)
#define OPERAND_MEMBER(name_, container, field)  MEMBER(name_, MEMBER_OPERAND, struct operand, container, field)
#define OPERANDS_MEMBER(name_, container, field) MEMBER(name_, MEMBER_OPERANDS, struct operands, container, field)

// Each kind reads its members into a struct of its own, which begins with its leaf.
#define LEAF_FIRST(container, leaf) _Static_assert(offsetof(container, leaf) == 0, "the struct begins with its leaf")

// ---- kinds ----

struct leaf_context {
    const struct leaf *leaf;
    const struct evaluation_parameters *parameters;
    const struct unit_facts *facts;
};

struct explainer;

struct leaf_kind {
    const char *name;                  // "threshold"
    int64_t semantics;                 // of a document that may use it; 0: any
    size_t size;                       // of the struct that the members are read into
    const struct leaf_member *members; // beside those that every leaf has, in the order in which they are read
    // Resolves names to slots, reports what the form of the members lets through, sets the decimals.
    void (*check)(struct check *check, struct leaf *leaf);
    // Fills `result`, which stands undetermined and without a reason. on_missing is applied afterwards.
    void (*evaluate)(const struct leaf_context *context, struct node_result *result);
    // How many comparisons `evaluate` takes at most. NULL: no more than RULES_MOST_OPERANDS.
    uint64_t (*work)(const struct leaf *leaf, const struct unit_facts *facts);
    const char *(*observed)(const struct explainer *explainer); // NULL if unknown
    const char *(*required)(const struct explainer *explainer);
    // How far the leaf is from what is required: positive with room to spare, negative where it is missed, in units of
    // 10^-margin_decimals. False if there is no margin. NULL if the kind never has one.
    bool (*margin)(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin);
    // Of a kind that reads a register: up to when it needs it. NULL: it reads none.
    struct register_gap (*gap)(const struct leaf_context *context);
    // Once it is false it tells of what is past, which nobody can change: not of a state, nor of what may be lifted.
    bool false_is_past;
    // Adds what the leaf has read.
    void (*cite)(const struct leaf_context *context, struct evidence_list *evidence);
};

extern const struct leaf_kind *const leaf_kinds[]; // ended by NULL
// NULL if there is no kind of that name.
const struct leaf_kind *leaf_kind_named(const char *name);

#endif
