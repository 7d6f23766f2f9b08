// The facts of one unit as bytes. They are kept beside the contestant and stored with its verdict, so that an
// evaluation reads no JSON and asks no table twice.
//
// Values stand in the order of the rule set's declarations. The bytes mean something only together with those
// declarations, which facts_layout() names. Texts end with NUL inside the bytes, and unpacked facts point to them. The
// bytes are not trusted: unpacking checks all of them.
#ifndef THIDUA_FACTS_PACK_H
#define THIDUA_FACTS_PACK_H

#include "thidua/criteria.h"

// The declarations in a fixed form, to be hashed. Equal bytes mean that packed facts have the same meaning.
const char *facts_layout(struct arena *arena, const struct rule_set_source *source, size_t *ret_length);

// Of facts with their sources. Never fails; the same facts give the same bytes. A register with `inherits` keeps
// nothing of its declaration.
const char *facts_pack(struct arena *arena, const struct rule_set_source *source, const struct unit_facts *facts,
                       size_t *ret_length);

// Returns false if the bytes are not whole or do not fit the declarations; `ret_facts` is then undefined. The facts
// point into `bytes` and `source`, which must outlive them. A register with `inherits` takes its declaration from
// `common`, which is arranged by register slot. NULL: there is none.
bool facts_unpack(struct arena *arena, const struct rule_set_source *source, const struct register_facts *common,
                  const char *bytes, size_t length, struct unit_facts *ret_facts);
// The same, as checked, for facts that are judged and not explained: without their sources.
bool facts_unpack_judged(struct arena *arena, const struct rule_set_source *source, const struct register_facts *common,
                         const char *bytes, size_t length, struct unit_facts *ret_facts);

#endif
