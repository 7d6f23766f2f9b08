// A round as plain numbers, drawn at random, and a judge that knows nothing of the engine.
#ifndef THIDUA_PLACES_H
#define THIDUA_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thidua/standings.h"

enum {
    UNITS = 12,
    KEYS = 2,
    GROUPS = 3,
    TOP_VALUE = 2,
    LEAST_VALUE = -1,
    BEYOND = TOP_VALUE + 2,
    NONE = 99,
    MOST_WORLDS = 4096
};

struct unit {
    size_t group;
    bool ineligible, open, awarded, kept_out;
    int key[KEYS];     // NONE: not known
    bool absent[KEYS]; // and never will be
    int bound[KEYS];   // NONE: without
    int decision;      // 0: none
    int place;
};

struct place_quota {
    int places, taken;
    size_t parent; // of the first: itself
};

struct round {
    struct unit units[UNITS];
    size_t count;
    bool ascending[KEYS], nulls_first[KEYS];
    enum tie_policy ties;
    struct place_quota quotas[GROUPS + 2];
    size_t quota_count, quota_of[GROUPS];
};

// ---- round.c ----

void random_round(struct round *round, uint64_t *random);
bool key_is_open(const struct unit *unit, size_t k);
// Values that an open key can take, from the worst to the best of a descending one; then that none comes.
int value_count(const struct round *round, const struct unit *unit, size_t k);
int value_at(const struct round *round, const struct unit *unit, size_t k, int at);
long worlds_of(const struct round *round, const struct unit *unit);

// ---- judge.c ----

enum outcome { INSIDE = 1, OUTSIDE = 2, TIE = 4, BY_ALLOCATION = 8 };

// Of each unit, what becomes of it over every completion of what is open. `kept_out`: with those out whom people keep
// out.
void judge(const struct round *round, bool kept_out, unsigned *outcomes);

#endif
