// Published rule sets, compiled once in a process and shared by its threads: they never change, so neither does what is
// made of them.
#ifndef THIDUA_FACTS_RULES_H
#define THIDUA_FACTS_RULES_H

#include "engine/json/rule_set_json.h"
#include "http/request.h"

struct session;

struct rules {
    struct rule_set_document document;
    // How facts are packed for it: of its declarations, of the schema and of the councils that it names.
    char layout[SHA256_HEX_LENGTH + 1];
};

// The published rule set with that hash. NULL with a problem recorded where there is none, or where what is stored does
// not have the hash it is stored under.
const struct rules *rules_by_hash(struct request *request, struct session *session, const char *hash);

// The same if this process has compiled it already, and keeps it for good; else NULL.
const struct rules *rules_in_memory(const char *hash);

// The same without a request; NULL and `ret_failure` as the database left it (FAILURE_NONE: nothing fit). What is
// beyond the room of the process' cache is made in the arena.
struct failure;
const struct rules *rules_load(struct arena *arena, struct session *session, const char *hash,
                               struct failure *ret_failure);

#endif
