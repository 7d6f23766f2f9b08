// What the kinds of leaves share.
#ifndef THIDUA_ENGINE_LEAF_PRIVATE_H
#define THIDUA_ENGINE_LEAF_PRIVATE_H

#include "engine/leaf/leaf.h"

#define LEAF_KIND(name) extern const struct leaf_kind name##_kind;
#include "engine/leaf/kinds.def"
#undef LEAF_KIND

// ---- checking (check.c) ----

enum {
    BOOLEANS = 1 << VALUE_BOOLEAN,
    TEXTS = 1 << VALUE_TEXT,
    INTEGERS = 1 << VALUE_INTEGER,
    NUMBERS = INTEGERS | 1 << VALUE_DECIMAL,
    TIMES = 1 << VALUE_DATE | 1 << VALUE_INSTANT,
    ANY_TYPE = BOOLEANS | TEXTS | NUMBERS | TIMES,
};

// Resolves a fact and holds it to `types`. NULL, and a fault, if it is not there or of another type.
const struct fact_declaration *check_fact(struct check *check, const struct leaf *leaf, const char *name,
                                          unsigned types, size_t *ret_slot);
// The same for the fact that the leaf observes and the operands that it is compared with.
void check_compared_fact(struct check *check, struct leaf *leaf, const char *name, unsigned types,
                         const struct operands *operands, size_t *ret_slot);
// The same for a leaf that asks whether a fact is one of the operands.
void check_choice(struct check *check, struct leaf *leaf, const char *name, unsigned types,
                  const struct operands *operands, size_t *ret_slot);
// Reports a fault if the operand cannot be compared with that type.
void check_operand(struct check *check, const struct leaf *leaf, struct operand *operand, enum value_type type,
                   unsigned decimals);

// ---- evaluating (values.c) ----

// How two numbers may stand to one another, and which of that a comparison admits.
enum { ORDER_LESS = 1, ORDER_EQUAL = 2, ORDER_GREATER = 4 };
static inline unsigned orders_admitted(enum comparison comparison)
{
    static const unsigned char admitted[] = {[EQUAL] = ORDER_EQUAL,
                                             [NOT_EQUAL] = ORDER_LESS | ORDER_GREATER,
                                             [LESS] = ORDER_LESS,
                                             [GREATER] = ORDER_GREATER,
                                             [LESS_EQUAL] = ORDER_LESS | ORDER_EQUAL,
                                             [GREATER_EQUAL] = ORDER_GREATER | ORDER_EQUAL};
    return admitted[comparison];
}

static inline enum truth compare_numbers(int64_t left, enum comparison comparison, int64_t right)
{
    return truth_of(orders_admitted(comparison) >> ((left > right) - (left < right) + 1) & 1);
}

// Of two values of different types.
enum truth compare_unlike(const struct value *left, enum comparison comparison, const struct value *right);

// Undetermined if either side is unknown. Dates and instants compare as dates of Asia/Ho_Chi_Minh.
static inline enum truth compare_values(const struct value *left, enum comparison comparison, const struct value *right)
{
    if (left->type != right->type)
        return compare_unlike(left, comparison, right);
    if (left->type == VALUE_UNKNOWN)
        return TRUTH_UNDETERMINED;
    if (left->type == VALUE_TEXT)
        return truth_of(same_text(left->text, right->text) == (comparison == EQUAL));
    return compare_numbers(left->number, comparison, right->number);
}

// Where the value stands that an operand has in this evaluation; VALUE_UNKNOWN if it has none.
static inline const struct value *operand_place(const struct leaf_context *context, const struct operand *operand)
{
    static const struct value none = {.type = VALUE_UNKNOWN};
    if (operand->kind == OPERAND_PARAMETER) {
        const struct value *values = context->parameters->values, *value = &values[operand->slot];
        return value->type == VALUE_UNKNOWN && operand->fallback ? &values[operand->fallback_slot] : value;
    }
    if (operand->kind == OPERAND_LITERAL)
        return &operand->literal;
    return operand->kind == OPERAND_FACT ? &context->facts->values[operand->slot] : &none;
}

static inline struct value operand_value(const struct leaf_context *context, const struct operand *operand)
{
    return *operand_place(context, operand);
}

// Whether the comparison holds with one of the operands.
static inline enum truth compare_any(const struct leaf_context *context, const struct value *value,
                                     enum comparison comparison, const struct operands *operands)
{
    enum truth any = TRUTH_FALSE;
    for (size_t i = 0; i < operands->count && any != TRUTH_TRUE; i++)
        any = truth_or(any, compare_values(value, comparison, operand_place(context, &operands->items[i])));
    return any;
}

static inline void leave_open(struct node_result *result, enum leaf_reason reason)
{
    result->truth = TRUTH_UNDETERMINED;
    result->reason = reason;
}

// Observes a fact. If it is unknown the leaf is left open and the return is false.
static inline bool observe_fact(const struct leaf_context *context, size_t slot, struct node_result *result)
{
    result->observed = context->facts->values[slot];
    if (result->observed.type == VALUE_UNKNOWN)
        leave_open(result, REASON_FACT_UNKNOWN);
    return result->observed.type != VALUE_UNKNOWN;
}

// Whether a fact is one of the operands: for flag and one_of.
void evaluate_is_one_of(const struct leaf_context *context, size_t slot, const struct operands *operands,
                        struct node_result *result);

// ---- time limits (engine/until.c) ----

// A day with days added. False where the result is outside of the calendar, or of what is known of its working days.
static inline bool date_moved(const struct leaf_context *context, int32_t day, int64_t calendar_days,
                              int64_t working_days, int32_t *ret_day)
{
    if (working_days)
        return date_add_working_days(day, (int32_t)working_days, &context->parameters->calendar, ret_day);
    return date_add_days(day, (int32_t)calendar_days, ret_day); // also of none: an instant may lie in no year
}
// Whether what the leaf asks for may still come about on the day that is judged. False where it has no `until`.
bool until_lasts(const struct leaf_context *context);
// The last of the leaf's days; VALUE_UNKNOWN where one of them is not fixed yet.
struct value until_last_day(const struct leaf_context *context);
void cite_until(const struct leaf_context *context, struct evidence_list *evidence);

// ---- showing (explain.c, leaf_role.c) ----

struct leaf_bearing {
    enum leaf_role role;
    bool negated;               // below a "not": what it asks for must not be so
    bool idle;                  // a guard says that it does not apply
    bool idles_all, idles_part; // it stands in a guard that says so: of the criterion, or of a part of it
};
struct leaf_bearing leaf_bearing_of(const struct rule_set *rules, const struct verdict *verdict, uint16_t node);

struct explainer {
    struct arena *arena;
    struct leaf_context context;
    const struct rule_set *rules;
    const struct node_result *result;
    const struct rule_set_source *source;
    struct leaf_bearing bears;
    enum criterion_outcome outcome; // of its criterion
    bool worded;                    // for people: codes in words
    bool vietnamese;                // decimals with a comma, dates as 31/12/2024, yes and no as words
};

const char *number_text(const struct explainer *explainer, int64_t number, unsigned decimals);
// In the decimals of the leaf. NULL if the value is unknown.
const char *shown_value(const struct explainer *explainer, struct value value);
// The text; that it is not known, or "?" beside codes, where there is none.
const char *text_or_unknown(const struct explainer *explainer, const char *text);
// `list`, which may be NULL, with one more item.
const char *join_text(const struct explainer *explainer, const char *list, const char *separator, const char *item);
// A code of a fact or a finding; in words where people read it.
const char *shown_code(const struct explainer *explainer, const char *code);
// "TO_TRINH=PRESENT", or "Tờ trình: có".
const char *shown_document(const struct explainer *explainer, const char *name, const char *state);
const char *observed_value(const struct explainer *explainer); // the observed value by itself
const char *operands_text(const struct explainer *explainer, const struct operands *operands);
// ">= 90.00"
const char *compared_text(const struct explainer *explainer, enum comparison comparison, const char *required);

// The room between an observed and a required number. False for EQUAL and NOT_EQUAL, which have none.
bool margin_between(int64_t observed, enum comparison comparison, int64_t required, int64_t *ret_margin);

// ---- citing (values.c) ----

void add_evidence(struct evidence_list *evidence, struct evidence item);
void cite_fact(struct evidence_list *evidence, size_t slot);
void cite_content(struct evidence_list *evidence, size_t slot); // of a content
// All that a leaf has read: by itself, or within another one.
void cite_leaf(const struct leaf_context *context, struct evidence_list *evidence);
void cite_operands(struct evidence_list *evidence, const struct operands *operands); // the facts among them
void cite_terms(const struct leaf_context *context, const struct sum_terms *terms, struct evidence_list *evidence);

// ---- leaves that read a register (register.c) ----

// Which entries of a register count. The first member of the kinds that read one.
struct register_leaf {
    struct leaf leaf;
    const char *name;
    struct filters where;
    struct window window;
    struct operand complete_through; // the day up to which the register must be complete; else the window's end
    size_t slot, field_count;        // set by check_register(): of the register
};

#define REGISTER_MEMBERS                                                                                               \
    {NAME_MEMBER("register", struct register_leaf, name)},                                                             \
        {MEMBER("where", MEMBER_FILTERS, struct filters, struct register_leaf, where), .optional = true},              \
        {MEMBER("window", MEMBER_WINDOW, struct window, struct register_leaf, window), .optional = true},              \
    {                                                                                                                  \
        OPERAND_MEMBER("complete_through", struct register_leaf, complete_through), .optional = true                   \
    }

// Those that count over the years before the award year.
struct years_leaf {
    struct register_leaf over;
    const char *year_field;
    int64_t years;
    size_t year_slot; // set by check_years()
};
extern const struct leaf_member years_members[];

// Those that hold the number of entries that match against n.
struct entries_leaf {
    struct register_leaf over;
    enum comparison comparison;
    int64_t n;
    enum truth without[2]; // set by check_entries(): without entries, of a register not covered and of one that is
};

void check_entries(struct check *check, struct leaf *leaf);
void check_years(struct check *check, struct leaf *leaf);

// A register on its way through an evaluation.
struct reading {
    const struct leaf_context *context;
    const struct register_leaf *leaf;
    const struct register_facts *facts;
    bool covered; // declared complete up to the day that this leaf needs
};

struct reading read_register(const struct leaf_context *context);
struct reading read_years(const struct leaf_context *context);
struct tally tally_year(const struct reading *reading, int64_t year);
// What a comparison says about every number from least to most.
void compare_tally(const struct reading *reading, struct tally tally, enum comparison comparison, int64_t n,
                   struct node_result *result);
// Of a struct entries_leaf.
void evaluate_entries(const struct leaf_context *context, struct node_result *result);

// Of the kinds that look at every entry once, and of those that do so for every year.
uint64_t work_of_entries(const struct leaf *leaf, const struct unit_facts *facts);
uint64_t work_of_years(const struct leaf *leaf, const struct unit_facts *facts);

struct register_gap gap_of_window(const struct leaf_context *context);
struct register_gap gap_of_years(const struct leaf_context *context);

const char *observed_entries(const struct explainer *explainer);
const char *required_none(const struct explainer *explainer); // "0"
bool margin_of_tally(const struct node_result *result, enum comparison comparison, int64_t n, int64_t *ret_margin);
bool margin_of_none(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin);
void cite_register(const struct leaf_context *context, struct evidence_list *evidence);

#endif
