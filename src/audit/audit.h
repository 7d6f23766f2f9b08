// Holds what the tables say against what the journal was told of it, for `thidua verify`: the chain proves the journal,
// and this proves what people read by it.
#ifndef THIDUA_AUDIT_AUDIT_H
#define THIDUA_AUDIT_AUDIT_H

#include "database/session.h"

struct audit {
    long long compared, different;
    char first[512]; // the first that differs: its path and which members, or the id of a document
};

// False while the database is away; see session_message().
bool audit_records(struct session *session, struct audit *ret_audit);
bool audit_documents(struct session *session, struct audit *ret_audit);
bool audit_rules(struct session *session, struct audit *ret_audit);

#endif
