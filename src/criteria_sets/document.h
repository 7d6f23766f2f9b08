// A rule set's document as a caller sends or names it.
#ifndef THIDUA_CRITERIA_SETS_DOCUMENT_H
#define THIDUA_CRITERIA_SETS_DOCUMENT_H

#include "engine/json/rule_set_json.h"
#include "http/request.h"

struct session;

// Reads, checks and compiles `json`, and, with `gate`, runs its own cases as publishing does. All faults are gathered.
// True if there was none.
bool document_check(struct request *request, const json_t *json, bool gate, struct rule_faults *ret_faults,
                    struct rule_set_document *ret_document);
// What publishing asks of a sound rule set, read from `json`: that the service does what it wants, and that its own
// cases come out.
bool document_publishable(const struct rule_set_document *document, const json_t *json, struct rule_faults *faults);
// Records faults as one problem whose violations point below `pointer`. Always false.
bool document_refuse(struct request *request, const struct rule_faults *faults, const char *pointer);
// The same of what is judged by a rule set (facts, parameters, standings), whose pointers are whole: no rule refuses
// it, it is not well made.
bool judged_refuse(struct request *request, const struct rule_faults *faults);
// The stored document; 404 where there is none, or where it is a draft that the caller may not see.
bool document_stored(struct request *request, struct session *session, const char *name, const char *version,
                     const json_t **ret_json);
// Who sees drafts.
bool sees_drafts(const struct request *request);

// What changed from one rule set to the other, for people and programs: a new reference.
json_t *document_diff(const json_t *from, const json_t *to);

#endif
