// Ranks inside comparison groups, quotas under the cap, and what is decided, open or for a person to decide.
//
// A unit is only ever compared with units of its own group ("khối sở, cụm huyện, xã": never a sở with a commune), by a
// declared list of keys and nothing else: no name, id, order of entry or random number decides an award. One or more
// groups draw on a pool of places (III.2.b: "do Sở Nội vụ phân bổ chỉ tiêu"); between groups there is no rank, so where
// a pool that several share does not suffice a person decides.
#ifndef THIDUA_STANDINGS_H
#define THIDUA_STANDINGS_H

#include "thidua/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STANDING_KEYS_MOST = 8 };

// A value is the exact ratio part/whole (whole > 0; 1 for plain numbers), or unknown.
struct standing_value {
    bool known;
    int64_t part, whole;
};

struct standing_key {
    const char *id;
    bool ascending;   // false: the greater is better
    bool nulls_first; // an unknown value ranks before all known ones; default after
};

enum candidacy {
    CANDIDACY_ELIGIBLE, // surely eligible
    CANDIDACY_OPEN,     // undetermined or deferred: may still become eligible
    CANDIDACY_NONE,     // not eligible: ranked for information, takes no place
};

struct candidate {
    const char *unit_id;
    size_t group;
    enum candidacy candidacy;
    const struct standing_value *values; // one a key
    int32_t decided;                     // a recorded decision or drawn lot among equals: 1 is first; 0: none
};

enum tie_policy { TIE_DECIDE, TIE_ADMIT_NONE, TIE_ADMIT_ALL };

struct standing_rules {
    const struct standing_key *keys;
    size_t key_count;
    const size_t *pool_of_group; // one a group: index into `places`
    size_t group_count;
    const int32_t *places; // of each pool, not negative; together at most `cap`
    size_t pool_count;
    int32_t cap;
    enum tie_policy ties;
};

enum standing_status { STANDING_SECURE, STANDING_POSSIBLE, STANDING_OUT, STANDING_TIE_TO_DECIDE };
const char *standing_status_name(enum standing_status status); // SECURE, POSSIBLE, OUT, TIE_TO_DECIDE

#define NO_CANDIDATE SIZE_MAX

struct standing {
    size_t candidate; // index into the candidates given
    uint32_t rank;    // inside the group: 1, 1, 3
    enum standing_status status;
    // For a unit that is not SECURE: the unit just ahead of it and the first key on which that one is better.
    size_t beaten_by;           // NO_CANDIDATE if nobody is
    size_t decided_by;          // key; key_count: a recorded decision
    int64_t by_ten_thousandths; // how much better, in 1/10000 of the value's unit, rounded towards zero
};

// Returns one standing a candidate, in the order of groups, ranks and, among equals, as given. False if the pools
// exceed the cap or an index is out of range.
bool standings_rank(struct arena *arena, const struct standing_rules *rules, const struct candidate *candidates,
                    size_t count, struct standing **ret_standings);

// -1, 0, 1 as a ranks before, level with or after b; *ret_key is the key that decided (key_count: the recorded
// decision).
int standings_compare(const struct standing_rules *rules, const struct candidate *a, const struct candidate *b,
                      size_t *ret_key);

#endif
