// Standings: who ranks where inside a comparison group, and who is sure of a place under the quota.
//
// Ranks are made by declared keys alone, 1, 1, 3; an id or chance never decides. Units of different groups are never
// compared (III.1.a: a sở is not ranked against a commune). Quotas nest (III.2.b: at most 6 over the province, which Sở
// Nội vụ allocates to groups). A unit that is still open counts against those that it could overtake. So a SECURE unit
// stays inside, whatever becomes of the open ones. Places that decisions of the year have given away are gone, whatever
// became of the awards: a revoked one frees no place.
#ifndef THIDUA_STANDINGS_H
#define THIDUA_STANDINGS_H

#include "thidua/criteria.h"

enum {
    STANDING_MOST_KEYS = 16,
    STANDING_MOST_QUOTAS = 512,
    STANDING_MOST_LISTED = 100, // of the units that one waits for or ties with
    CONTESTANT_MOST_OPEN = 16,  // facts of one that are named as open
};

enum standing_key_kind {
    KEY_FINDING_COUNT, // contents whose finding is `result`
    KEY_FINDING_SCORE, // sum of the contents' scores; unknown if one is
    KEY_RATIO,         // fact/whole
    KEY_FACT,          // an integer or decimal fact
    KEY_CONDITION,     // whether a leaf holds: 1 or 0, and unknown while it is undetermined
    KEY_SUM,           // weighted facts, scores and counts; unknown if a single one or a group is, or beyond 64 bits
};

// So many terms together, those of its groups with them.
enum { SUM_MOST_TERMS = 32, SUM_MOST_WEIGHT = 10000, SUM_WEIGHT_DECIMALS = 4 };
struct sum_term {
    enum { SUM_OF_FACT, SUM_OF_SCORE, SUM_OF_COUNT } of;
    int64_t weight;     // in the decimals of the sum
    size_t slot;        // of the fact, or of the content whose score it is
    struct leaf *count; // SUM_OF_COUNT: which entries of a register; unknown while it is open how many they are
    int64_t at_most;    // SUM_OF_COUNT: no more of them count; INT64_MAX: all do
    const struct fact_declaration *fact;
    const struct number_limits *score;
    // Of a term in a group: what the group adds is at least and at most that, in the decimals of the sum. Terms of one
    // group stand together and have the same pointer. NULL: it stands alone.
    const struct number_limits *group;
};

struct sum_terms {
    const struct sum_term *items;
    size_t count;
    unsigned decimals; // of the sum: the most that a term has
};

struct standing_key {
    const char *pointer;
    const char *id;
    enum standing_key_kind kind;
    bool ascending;   // the lower value ranks above
    bool nulls_first; // a unit without a value ranks above those with one; else below
    struct bilingual text;
    const struct citation *citations;
    size_t citation_count;
    const size_t *contents; // content slots
    size_t content_count;
    const struct number_limits *scores; // by content slot; NULL: nothing is known of them
    const char *result;
    size_t slot, whole_slot; // fact slots
    const struct fact_declaration *fact, *whole_fact;
    bool has_only_if; // where that boolean fact is false, no value will ever come
    size_t only_if_slot;
    struct leaf *leaf;      // of KEY_CONDITION
    struct sum_terms terms; // of KEY_SUM
    unsigned decimals; // of a margin: 0 for counts and conditions, 2 for scores and percentage points, the fact's for
                       // KEY_FACT
};

struct standing_keys {
    const struct standing_key *items;
    size_t count;
};

enum tie_policy {
    TIES_ADMIT_NONE, // who ties at the cut-off stays out
    TIES_ADMIT_ALL,  // all of them come in, if they all fit the topmost quota
    TIES_DECIDE,     // a recorded decision or a drawn lot is needed
};

struct standing_policy {
    size_t group_slot; // text fact that names the group
    const struct named *groups;
    size_t group_count;
    bool clustered;      // units are compared inside the clusters of their group
    bool keeps_clusters; // a share given to one cluster is kept for it: units of others have no part in it
    size_t cluster_slot; // text fact that names the cluster; unknown: in none
    // Set by standings_by_cluster(), else NULL: the declared group of which each group is a part, and its cluster. A
    // cluster of NULL: the units of the declared group that are in no cluster.
    const size_t *kinds;
    const char *const *clusters;
    const struct standing_key *keys;
    size_t key_count;
    size_t declared_count; // of groups that are declared: those that `kind` of a contestant names
    // Keys of single groups instead of those, by declared group; without items where those hold. NULL: of none.
    const struct standing_keys *keys_of_group;
    int64_t cap; // III.2.b
    enum tie_policy ties;
    int64_t semantics; // of the evaluation, not of the rule set; from SEMANTICS_SHARP on a status is what every
                       // completion says
};

// A place is what every completion of the open facts says. Of one competition that is exact however much is open. What
// a form of award leaves to those below it is known exactly by going through all completions, and so is who has a place
// where it is open how many there are, for a share of those who are eligible. That is done if
// completions × forms × contestants are no more than this, and if the tie decisions and allocations that they leave
// open take no more than so many steps. Beyond it a unit of a lower form that a higher one may take counts as open by
// itself, and so may who ties across the edge of a tier while its own values are open. Then a place is never told surer
// than it is, but it may be POSSIBLE where it is sure (`inexact`), and `waits_for` may list units that turn out not to
// matter.
enum { COMPLETIONS_MOST_OUTCOMES = 1 << 20, COMPLETIONS_MOST_STEPS = 1 << 25 };

// Places of evaluations of the first semantics are as they were: SECURE in every completion, but not always told.
enum { SEMANTICS_SHARP = 2 };

// part/whole, whole > 0: integers and decimals have a whole of 1.
struct key_value {
    bool known;
    int64_t part, whole;
    // Of one that is not known:
    bool absent;  // it can never come, so that its place is known: that of units without a value
    bool bounded; // no value that comes ranks above this one, which can come
    int64_t best_part, best_whole;
};

struct contestant {
    const char *unit_id;
    size_t group; // slot of its group; group_count: in none, takes no part
    enum overall_outcome overall;
    const struct key_value *keys;
    // Place given by a recorded decision on a tie, 1 for the first; 0: none. Compared only within one decision.
    const char *tie_decision; // its id
    int64_t tie_place;
    size_t kind;                   // slot of the declared group, which `group` is unless the policy is by clusters
    const char *cluster;           // NULL: in none
    bool awarded;                  // by a signed decision of the year: holds its place, and competes for no other
    const char *const *open_facts; // of an open one: what is open, by name; see contestant_name_open()
    size_t open_fact_count;
    size_t awarded_tier; // of the form, where it has tiers
    // Where a plan has forms of award: whether the unit gets another one that rules this one out. Set by
    // forms_compute().
    enum { ELSEWHERE_NOTHING, ELSEWHERE_PERHAPS, ELSEWHERE_SURELY } elsewhere;
    // The sets of forms, as bits, for which it can become eligible together; NULL: for each by itself.
    const uint32_t *eligible_sets;
    size_t eligible_set_count;
};

// A node of the quota tree. The first one is the topmost; every other names one before it.
struct form_places; // thidua/award_forms.h

struct quota {
    const char *name;
    int64_t places;
    size_t parent;
    const size_t *groups; // those it holds itself, not through another quota
    size_t group_count;
    int64_t taken; // places gone to awards given already, also to units that are no contestants here
    // What is left of a share of those who are eligible, or is made of such: its places are known by the verdicts, and
    // `places` is the most that there can be.
    bool of_eligible;
    int64_t open;                   // of them: so many are there only if open units become eligible
    int64_t eligible, undetermined; // what it is a share of: those who count now, and those who may come to
};

enum standing_status { STANDING_SECURE, STANDING_POSSIBLE, STANDING_OUT, STANDING_TIE_TO_DECIDE, STANDING_AWARDED };
// The statuses that people can decide, by their enum values; ended by NULL. AWARDED comes of an award alone.
extern const char *const decided_status_names[];
const char *standing_status_name(enum standing_status status);

// What a person decided instead: the computed status stays beside it.
struct standing_override {
    const char *unit_id;
    enum standing_status decided;
    const char *by, *at, *reason, *legal_basis;
};

// What keeps a candidate from a sure place.
enum standing_cause {
    CAUSE_ORDER,      // better units of its group, as `against` and `decided_by` have it, or what is still open
    CAUSE_CAP,        // the places of all groups together
    CAUSE_ALLOCATION, // groups share places, and nobody has said how many each has
    CAUSE_SHARE,      // the share of its group or cluster has no place left
    CAUSE_HIGHER,     // people have to say first who gets a higher form: by a tie in it, or by its allocation
};

struct standing {
    size_t contestant;
    int64_t rank; // among those of its group that compete, 0 for who does not: ineligible, or awarded already
    enum standing_status status;
    const struct standing_override *override; // NULL: none
    bool override_is_moot;                    // it says what was computed anyway
    bool freed;                               // its status rests on a place that people took from another unit
    enum standing_cause cause;                // what keeps a candidate from a sure place
    size_t tier;                              // of a form that has tiers; SIZE_MAX: none, or not decided yet
    // What first decided against a unit outside: the key in which it first differs from the last unit inside.
    size_t against;    // that contestant; SIZE_MAX: none
    size_t decided_by; // that key; SIZE_MAX: none (a tie, or a cross-group quota)
    bool has_margin;
    int64_t margin; // own value less the other's, scaled by the key's decimals; rounded down
    // At most STANDING_MOST_LISTED of each.
    // Contestants that could still rank at or above it: open ones, the best first. From SEMANTICS_SHARP on only of who
    // is POSSIBLE by what is open, and within COMPLETIONS_MOST_OUTCOMES only those on whom its place hangs: what
    // becomes of one decides in some completion of the rest. The unit itself may be among them.
    const size_t *waits_for;
    size_t waits_for_count;
    const size_t *tied_with; // eligible contestants that no key sets apart from it
    size_t tied_with_count;
};

struct standings_input {
    const struct standing_policy *policy;
    const struct contestant *contestants;
    size_t contestant_count;
    const struct quota *quotas; // NULL: the cap alone, over all groups
    size_t quota_count;
    const struct standing_override *overrides;
    size_t override_count;
    // Of quotas that are shares of those who are eligible: which share, and by whose verdicts it counts, in the order
    // of the contestants. Set by form_count_eligible().
    const struct form_places *share;
    const struct contestant *counted;
};

struct standings {
    const struct standing *rows; // by group, then rank, then unit id: the last for display only
    size_t count;
    bool overrides_exceed_cap; // more units are SECURE after overrides, or awarded, than the cap allows
    size_t comparisons;        // how often two contestants were compared: O(n log n)
    bool inexact;              // a form with tiers, below another one or with places that are open: who is POSSIBLE may
                               // be surer than is said
};

// Σ of children ≤ their parent, the topmost ≤ cap, each group in at most one quota; faults point into `pointer`.
bool standings_check_quotas(const struct standing_policy *policy, const struct quota *quotas, size_t count,
                            const char *pointer, struct rule_faults *faults);

// The value of a key for a unit, out of its facts. A condition asks for the parameters of the evaluation too.
struct key_value standing_key_value(const struct standing_key *key, const struct evaluation_parameters *parameters,
                                    const struct unit_facts *facts);
// The keys by which units of that declared group are compared.
struct standing_keys standing_keys_of(const struct standing_policy *policy, size_t kind);
// A verdict with all that it was made from.
struct judged {
    const struct rule_set *rules;
    const struct evaluation_parameters *parameters;
    const struct unit_facts *facts;
    const struct criterion_result *criteria;
    const struct node_result *nodes;
};
// Names what is open of a unit: for its verdict, then for its rank, which of an eligible one can be open too. `reads`:
// the criteria that bear on it, NULL for all.
void contestant_name_open(struct arena *arena, struct arena *scratch, const struct standing_policy *policy,
                          const struct judged *judged, const bool *reads, struct contestant *contestant);
// Adds what is open of the same unit in another form.
void contestant_share_open(struct arena *arena, const struct contestant *other, struct contestant *contestant);
// How many comparisons the keys of one unit take at most; `policy` may be NULL.
uint64_t standings_work(const struct standing_policy *policy, const struct unit_facts *facts);
// The slot of the unit's group; group_count if unknown or in none.
size_t standing_group(const struct standing_policy *policy, const struct unit_facts *facts);

// A clustered policy for these contestants: each cluster that has a contestant becomes a group of its own. Sets the
// `group` of each contestant. A policy that is not clustered is returned as it is.
const struct standing_policy *standings_by_cluster(struct arena *arena, const struct standing_policy *policy,
                                                   struct contestant *contestants, size_t count);

// III.2.b: the places for all groups together: those of the topmost quota, or without quotas the policy's cap. Of a
// share of those who are eligible: the fewest that there can be.
int64_t standings_cap(const struct standings_input *input);

// In O(n log n). Quotas must have passed standings_check_quotas(). Groups in no quota belong to the topmost one.
struct standings standings_compute(struct arena *arena, const struct standings_input *input);

#endif
