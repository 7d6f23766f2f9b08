// A snapshot as the database tells it, packed. NULL, with one log line, where it does not fit the rules' declarations.
#ifndef THIDUA_FACTS_PACK_SNAPSHOT_H
#define THIDUA_FACTS_PACK_SNAPSHOT_H

#include "facts/rules.h"

const char *pack_snapshot(struct arena *arena, const struct rules *rules, const char *snapshot, size_t *ret_length);

#endif
