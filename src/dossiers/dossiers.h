// What the files of this folder share: a dossier under the lock of the running transaction.
#ifndef THIDUA_DOSSIERS_H
#define THIDUA_DOSSIERS_H

#include "handler/run.h"
#include "http/request.h"
#include "thidua/round_acts.h"

struct session;

struct dossier {
    const char *id, *version, *state;
    const char *nominator, *campaign, *year;
    const char *location; // "/v1/dossiers/…"
    bool writable;        // by this caller: the nominator's key, or Sở Nội vụ where it came on paper
    bool ended;           // the unit of this caller: a key of it only reads
    bool received;        // III.4.a
    bool votes_shown;     // to this caller: how the council voted, and its minutes
};

// Locks the dossier. 404 where there is none or the caller may not see it.
bool dossier_open(struct request *request, struct session *session, const char *id, struct dossier *ret_dossier);
// The same for an act that the round allows at other times.
bool dossier_open_for(struct request *request, struct session *session, enum round_act act, const char *id,
                      struct dossier *ret_dossier);
// May the caller change what is in it, in the state it is in? 403, 409.
bool dossier_is_writable(struct request *request, const struct dossier *dossier);
bool dossier_is_editable(struct request *request, const struct dossier *dossier);

// The dossier after a change of it, or of what is in it: counts its version up.
bool dossier_touch(struct request *request, struct session *session, struct dossier *dossier);
// The whole of it, as the caller is shown it.
bool dossier_show(struct request *request, struct session *session, const struct dossier *dossier,
                  const char **ret_json);
// An event of the dossier or of something in it. What is in a dossier concerns its nominator and the offices alone: all
// of it is restricted.
struct event dossier_event(const struct dossier *dossier, const char *type, const char *resource);

#endif
