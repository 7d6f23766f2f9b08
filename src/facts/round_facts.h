// The facts of a round's contestants as they are now, for evaluations, replays and what-ifs: a stream in the order of
// unit ids, of which never more than a page is in memory. One at a time in a transaction, which it must not outlive.
#ifndef THIDUA_FACTS_ROUND_FACTS_H
#define THIDUA_FACTS_ROUND_FACTS_H

#include "facts/rules.h"

struct rows;

// The facts of one unit as they would be, in a trial: packed, as `stored_facts` has them.
struct changed_facts {
    const char *unit_id;
    const char *bytes;
    size_t length;
};

struct round_facts {
    // What is asked for; all but the first four may be NULL.
    struct request *request;
    struct session *session;
    const struct rules *rules;
    const char *campaign, *year;
    const char *group;                   // one comparison group only
    const char *units_json;              // JSON array of unit ids, as the statement takes them
    const struct changed_facts *changed; // instead of what is stored
    size_t changed_count;
    long long contestants; // how many the round has, where that is known: 0 is taken for many
    bool untouched;        // the transaction has written nothing that facts are made of: others see the same
    // Its own; zeroed to begin with.
    const struct register_facts *common;
    json_t *common_json;    // {"discipline": {…}}: what is declared for all units; released with the request
    struct session *beside; // a connection of its own, on which the next page is read while one is judged; or NULL
    struct rows *page, *coming;
    struct rows *alone; // the unit at hand, where it is too large for a page
    int next, count;
    bool opened, asked, ended;
};

struct stored_facts {
    const char *unit_id;
    struct unit_facts facts;
    const char *bytes; // packed, without what is declared for all; see thidua/facts_pack.h
    size_t length;
    long long stamp;  // the counter of the unit at which they were read (unit_stamps)
    const char *mark; // a hash of unit and stamp; NULL: read by pages, as of a million
};

// Reads what is declared for all. False with a problem recorded.
bool round_facts_open(struct round_facts *round);
// The next call turns to another page, or to a unit that is too large for one: it may run a statement on `session`.
bool round_facts_asks(const struct round_facts *round);
enum round_facts_step { ROUND_FACTS_UNIT, ROUND_FACTS_END, ROUND_FACTS_FAILED };
// The next unit. `ret_facts` lies in `arena` and in the page at hand: both hold until the next call.
enum round_facts_step round_facts_next(struct round_facts *round, struct arena *arena, struct stored_facts *ret_facts);
void round_facts_close(struct round_facts *round);

// What is declared for all, out of its JSON, by register slot.
const struct register_facts *common_registers(struct arena *arena, const struct rules *rules, json_t *registers);

#endif
