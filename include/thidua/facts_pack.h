// The facts of one unit as bytes: what is kept beside a contestant and stored with its verdict, so that an evaluation
// reads no JSON and asks no table twice.
//
// Values stand in the order of the rule set's declarations, so bytes mean something only together with the declarations
// they were packed by: facts_layout() names those. Texts end with NUL inside the bytes, and what is unpacked points
// there. The bytes may come from anywhere: unpacking checks all of them.
#ifndef THIDUA_FACTS_PACK_H
#define THIDUA_FACTS_PACK_H

#include "thidua/criteria.h"

// The declarations in a fixed form, to be hashed: equal bytes, equal meaning of what is packed.
const char *facts_layout(struct arena *arena, const struct rule_set_source *source, size_t *ret_length);

// Never fails; the same facts give the same bytes. A register with `inherits` keeps nothing of its declaration.
const char *facts_pack(struct arena *arena, const struct rule_set_source *source, const struct unit_facts *facts,
                       size_t *ret_length);

// False if the bytes are not whole, or hold what these declarations cannot mean; `ret_facts` is then undefined. Points
// into `bytes`, which must outlive it. `common`, by register slot, is what a register with `inherits` takes its
// declaration from; NULL: there is none.
bool facts_unpack(struct arena *arena, const struct rule_set_source *source, const struct register_facts *common,
                  const char *bytes, size_t length, struct unit_facts *ret_facts);

#endif
