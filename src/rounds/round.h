// The award round as writes inside it see it: held, in the plan's years, with one way to say where things lie.
#ifndef THIDUA_ROUNDS_ROUND_H
#define THIDUA_ROUNDS_ROUND_H

#include "handler/run.h"
#include "http/route.h"
#include "thidua/round_acts.h"

struct round {
    const char *campaign, *year;
    const char *path; // "/v1/campaigns/…/rounds/2024"
    const char *version, *state;
    bool intake_over; // III.4.a: the cut-off has come
    const char *quota_version;
};

enum round_hold { ROUND_SHARED, ROUND_ALONE };

// Is there such a round, and is the act possible as it is now? 404 where there is no such campaign; a year outside the
// plan is refused by clause II.3. It holds nothing, as who works for long must not.
bool round_admits(struct request *request, struct session *session, enum round_act act, const char *campaign,
                  const char *year);
// Holds the path's round until the transaction ends. 404 where there is no such campaign; a year outside the plan is
// refused by clause II.3.
bool round_held(struct request *request, struct session *session, enum round_hold hold, struct round *ret_round);
// The same, and 409 where the act is not possible in the round's state (thidua/round_acts.h): it names what comes
// first.
bool round_writable(struct request *request, struct session *session, enum round_hold hold, enum round_act act,
                    struct round *ret_round);
// The same of a round that is not named by the path.
bool round_writable_of(struct request *request, struct session *session, enum round_hold hold, enum round_act act,
                       const char *campaign, const char *year, struct round *ret_round);
// Holds it, closed or not.
bool round_held_of(struct request *request, struct session *session, enum round_hold hold, const char *campaign,
                   const char *year, struct round *ret_round);

// Of another path than the round's own: holds it as ROUND_SHARED does, and 409 where the act is not possible. What is
// not there is left to the write that names it.
bool round_takes(struct request *request, struct session *session, enum round_act act, const char *campaign,
                 const char *year);
bool round_allows(struct request *request, enum round_act act, const char *state);

// III.4.a: 409 while dossiers may still be lodged.
bool intake_is_over(struct request *request, const struct round *round);
// Moves a round that is held alone to where its proposals and decisions are by now, a step at a time, each an event of
// its own. Called by whatever submits or takes back a proposal, or signs an award.
bool round_follows(struct request *request, struct session *session, const struct round *round, const char *reason);

// Where a record of the round lies: "/v1/campaigns/…/rounds/2024/contestants/…".
const char *round_location(struct request *request, const struct round *round, const char *kind, const char *name);

// The groups that the campaign's plan declares (II.1).
enum { GROUP_MOST = 40 }; // characters of a group's code
struct plan_groups {
    const json_t *codes;
    const char *shown; // "\"HUYEN\" (Huyện, thị xã), …", for people; NULL: there is no such campaign
};
bool plan_groups(struct request *request, struct session *session, const char *campaign,
                 struct plan_groups *ret_groups);
// 422 that names the plan's groups where `group` is none of them.
bool group_known(struct request *request, const struct plan_groups *groups, const char *group, const char *pointer);

// What puts one contestant into the register (fields of the PUT), and the same as one of a list.
struct listed;
struct listed_made;
extern const struct duty contestant_duty;
extern const struct field contestant_fields[];
extern const struct column contestant_columns[]; // of the list that shows them
bool contestant_listed(struct request *request, struct session *session, const struct listed *listed,
                       struct listed_made *ret_made);

// The same of findings (III.1.a) and of yearly reports (V.1).
extern const struct duty finding_duty, report_duty;
extern const struct field content_fields[]; // of one content of a finding
extern const struct field report_fields[];
extern const struct column finding_columns[], report_columns[]; // of the lists that show them
bool finding_listed(struct request *request, struct session *session, const struct listed *listed,
                    struct listed_made *ret_made);
extern const struct listed_together findings_together;
bool report_listed(struct request *request, struct session *session, const struct listed *listed,
                   struct listed_made *ret_made);

// What a list of them needs: that the round takes such writes. Reports come in after it is closed too.
bool contestants_listable(struct request *request, struct session *session, const char *campaign, const char *year);
bool findings_listable(struct request *request, struct session *session, const char *campaign, const char *year);
bool reports_listable(struct request *request, struct session *session, const char *campaign, const char *year);

// Where what was just PUT lies, in a path's own spelling (percent-encoded: a campaign's code may hold a Đ).
const char *put_location(struct request *request);
// The end of a PUT on a record of the round: created(), but with put_location() as Location, or changed().
struct reply record_was_put(struct request *request, struct session *session, bool is_new, struct event event,
                            const char *version, const char *json);

#endif
