// A verdict and standings as bytes: what an evaluation stores. The texts that people read are made from them.
#ifndef THIDUA_VERDICT_PACK_H
#define THIDUA_VERDICT_PACK_H

#include "thidua/award_forms.h"
#include "thidua/criteria.h"

// Never fails; the same verdict gives the same bytes. The unit's id is not in them, nor the changes, which follow from
// the rest.
const char *verdict_pack(struct arena *arena, const struct rule_set *rules, const struct verdict *verdict,
                         size_t *ret_length);
// False if the bytes are not whole or are no verdict by these rules. Points into `bytes`.
bool verdict_unpack(struct arena *arena, const struct rule_set *rules, const char *unit_id, const char *bytes,
                    size_t length, struct verdict *ret_verdict);

// Contestants are named by their place in the input, overrides by theirs.
const char *standings_pack(struct arena *arena, const struct standings_input *input, const struct standings *standings,
                           size_t *ret_length);
// `input` as it was; false if the bytes are no standings of it.
bool standings_unpack(struct arena *arena, const struct standings_input *input, const char *bytes, size_t length,
                      struct standings *ret_standings);

// The standings of every form, with tiers and what higher forms took; `input` of each as it was.
const char *forms_pack(struct arena *arena, const struct form_standings *all, size_t count, size_t *ret_length);
bool forms_unpack(struct arena *arena, struct form_standings *all, size_t count, const char *bytes, size_t length);

#endif
