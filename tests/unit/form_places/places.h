// A round of several forms of award as plain numbers, drawn at random, and what becomes of it by a judge that knows
// nothing of the engine.
#ifndef THIDUA_FORM_PLACES_H
#define THIDUA_FORM_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thidua/award_forms.h"

enum {
    FORMS = 3,
    UNITS = 9,
    KINDS = 2,
    CLUSTERS = 3, // the first stands for none
    GROUPS = KINDS * CLUSTERS,
    CRITERIA = 2,
    KEYS = 3, // two that forms share, and one of a form's own
    TIERS = 2,
    QUOTAS = 1 + KINDS + GROUPS,
    GAP = 3, // between two values that are there: room for those of two units
    TOP_VALUE = 2 * GAP,
    NONE = 99,
    MOST_VALUED = 2,
    PADDING = 21, // open units that compete for no place: too many completions
    MOST_WORLDS = 1024
};

enum state { MET, NOT_MET, OPEN };
enum condition { BOTH, FIRST_ONLY, SECOND_ONLY, ONE_OF_THEM, CONDITIONS };
enum decided { NOTHING, OUT_BY_PEOPLE, IN_BY_PEOPLE, LEFT_OPEN_BY_PEOPLE };

struct unit {
    size_t kind, cluster;
    enum state met[CRITERIA];
    int key[KEYS];                // NONE: not known
    bool valued;                  // what is not known of it is open
    size_t awarded, awarded_tier; // FORMS: none
    enum decided decided[FORMS];
    int decision[FORMS], place[FORMS]; // on ties; 0: none
};

struct form {
    enum condition condition;
    bool exclusive, clustered, own_key;
    enum tie_policy ties;
    size_t tier_count;
    int tiers[TIERS];
    int places[QUOTAS], taken[QUOTAS], parent[QUOTAS];
    size_t quota_count, quota_of[GROUPS];
    // Of a share of those who are eligible for `counted`; the quotas that are made of it have no number.
    bool is_share, allocated, of_eligible[QUOTAS];
    struct form_places share;
    size_t counted;
};

struct round {
    struct unit units[UNITS];
    size_t count, form_count;
    struct form forms[FORMS];
    bool ascending[KEYS], nulls_first[KEYS];
};

enum { VALUES = TOP_VALUE + 2 * (GAP - 1) + 2 }; // two below, two above, and none

// ---- round.c ----

void random_round(struct round *round, uint64_t *random);
bool is_met(enum condition condition, const bool *met);
// Whether the unit is eligible for the form in every end of what is open, in none, or as it ends.
enum state verdict_of(const struct form *form, const struct unit *unit);
size_t group_of(const struct form *form, const struct unit *unit);
bool has_key(const struct form *form, size_t key);
bool is_open_value(const struct form *form, const struct unit *unit, size_t key);
bool has_open_value(const struct round *round, const struct unit *unit, size_t key);
int value_at(int at);
long worlds_of(const struct round *round, const struct unit *unit);

// The places of every quota, with those who are eligible for the form that it counts.
void places_with(const struct round *round, const struct form *form, const bool *eligible, int *places);

// ---- judge.c: every completion of what is open ----

struct outcomes {
    int places[FORMS][QUOTAS];
    unsigned plain[FORMS][UNITS], without[FORMS][UNITS];
};

struct wanted {
    enum standing_status status, plain;
    size_t tier;
};

// Kept by world, so that units on whom a place hangs can be told. The caller frees it.
struct outcomes *judge(const struct round *round, long *ret_worlds);
// The units whose end decides in some completion of the rest, as bits.
unsigned hanging_on(const struct round *round, const struct outcomes *all, long worlds, size_t f, size_t i);
struct wanted wanted_of(const struct round *round, const struct outcomes *all, long worlds, size_t f, size_t i);

#endif
