#include "thidua/verdict_pack.h"

#include "base/pure/packing.h"

enum { VERDICT_FORM = 1, STANDINGS_FORM = 1, FORMS_FORM = 2 };

// The first byte of a node holds truth and reason. The second says what else follows.
enum { MISSING_MADE_FALSE = 1, DECISIVE = 2, OBSERVED = 4, MOST = 8, MOST_UNBOUNDED = 16, PAST = 32 };

static void pack_node(struct packer *packer, const struct node_result *result)
{
    unsigned flags = (result->missing_made_false ? MISSING_MADE_FALSE : 0U) | (result->decisive ? DECISIVE : 0U) |
                     (result->observed.type != VALUE_UNKNOWN ? OBSERVED : 0U) | (result->past ? PAST : 0U);
    if (result->most)
        flags |= result->most == INT64_MAX ? MOST_UNBOUNDED : MOST;
    pack_byte(packer, (unsigned)result->truth | ((unsigned)result->reason << 2));
    pack_byte(packer, flags);
    if (flags & OBSERVED)
        pack_value(packer, result->observed);
    if (flags & MOST)
        pack_signed(packer, result->most);
}

const char *verdict_pack(struct arena *arena, const struct rule_set *rules, const struct verdict *verdict,
                         size_t *ret_length)
{
    struct packer packer = {.arena = arena};
    pack_byte(&packer, VERDICT_FORM);
    pack_byte(&packer, (unsigned)verdict->overall);
    for (size_t i = 0; i < rules->source->criterion_count; i++) {
        pack_byte(&packer, (unsigned)verdict->criteria[i].outcome);
        pack_number(&packer, verdict->criteria[i].principal);
    }
    for (size_t i = 0; i < rules->node_count; i++)
        pack_node(&packer, &verdict->nodes[i]);
    *ret_length = packer.length;
    return (const char *)packer.bytes;
}

static void unpack_node(struct unpacker *unpacker, struct node_result *result)
{
    unsigned first = unpack_byte(unpacker), flags = unpack_byte(unpacker);
    unpacker->good = unpacker->good && (first & 3) <= TRUTH_TRUE && first >> 2 < REASON_KINDS;
    if (!unpacker->good)
        return;
    result->truth = (enum truth)(first & 3);
    result->reason = (enum leaf_reason)(first >> 2);
    result->missing_made_false = (flags & MISSING_MADE_FALSE) != 0;
    result->decisive = (flags & DECISIVE) != 0;
    result->past = (flags & PAST) != 0;
    if (flags & OBSERVED)
        result->observed = unpack_value(unpacker, VALUE_UNKNOWN);
    if (flags & MOST)
        result->most = unpack_signed(unpacker);
    if (flags & MOST_UNBOUNDED)
        result->most = INT64_MAX;
}

// The number of a node that is a leaf.
static uint16_t unpack_leaf(struct unpacker *unpacker, const struct rule_set *rules)
{
    uint16_t node = (uint16_t)unpack_below(unpacker, rules->node_count);
    unpacker->good = unpacker->good && rules->nodes[node].leaf;
    return unpacker->good ? node : 0;
}

bool verdict_unpack(struct arena *arena, const struct rule_set *rules, const char *unit_id, const char *bytes,
                    size_t length, struct verdict *ret_verdict)
{
    struct unpacker unpacker = {(const unsigned char *)bytes, (const unsigned char *)bytes + length, true};
    struct criterion_result *criteria = arena_array(arena, rules->source->criterion_count, sizeof *criteria);
    struct node_result *nodes = arena_array(arena, rules->node_count, sizeof *nodes);
    if (unpack_byte(&unpacker) != VERDICT_FORM)
        return false;
    enum overall_outcome overall = (enum overall_outcome)unpack_below(&unpacker, OVERALL_PENDING + 1);
    for (size_t i = 0; i < rules->source->criterion_count; i++) {
        criteria[i].outcome = (enum criterion_outcome)unpack_below(&unpacker, OUTCOME_DEFERRED + 1);
        criteria[i].principal = unpack_leaf(&unpacker, rules);
    }
    for (size_t i = 0; i < rules->node_count; i++)
        unpack_node(&unpacker, &nodes[i]);
    if (!unpack_ends(&unpacker))
        return false;
    struct change *changes = arena_array(arena, rules->node_count, sizeof *changes);
    size_t count = overall == OVERALL_ELIGIBLE ? 0 : criteria_changes(rules, criteria, nodes, changes);
    *ret_verdict = (struct verdict){unit_id, overall, criteria, nodes, changes, count};
    return true;
}

// ---- standings ----

enum { EXCEEDS = 1, INEXACT = 2 }; // of all rows
enum { AGAINST = 1, DECIDED_BY = 2, HAS_MARGIN = 4, OVERRIDDEN = 8, MOOT = 16, FREED = 32, CAUSE = 64 };

static void pack_list(struct packer *packer, const size_t *slots, size_t count)
{
    size_t listed = count < STANDING_MOST_LISTED ? count : STANDING_MOST_LISTED;
    pack_number(packer, listed);
    for (size_t i = 0; i < listed; i++)
        pack_number(packer, slots[i]);
}

static void pack_standing(struct packer *packer, const struct standings_input *input, const struct standing *row)
{
    unsigned flags = (row->against != SIZE_MAX ? AGAINST : 0U) | (row->decided_by != SIZE_MAX ? DECIDED_BY : 0U) |
                     (row->has_margin ? HAS_MARGIN : 0U) | (row->override ? OVERRIDDEN : 0U) |
                     (row->override_is_moot ? MOOT : 0U) | (row->freed ? FREED : 0U) | (unsigned)row->cause * CAUSE;
    pack_number(packer, row->contestant);
    pack_number(packer, input->contestants[row->contestant].group);
    pack_number(packer, (uint64_t)row->rank);
    pack_byte(packer, (unsigned)row->status);
    pack_number(packer, flags);
    if (flags & AGAINST)
        pack_number(packer, row->against);
    if (flags & DECIDED_BY)
        pack_number(packer, row->decided_by);
    if (flags & HAS_MARGIN)
        pack_signed(packer, row->margin);
    if (flags & OVERRIDDEN)
        pack_number(packer, (uint64_t)(row->override - input->overrides));
    pack_list(packer, row->waits_for, row->waits_for_count);
    pack_list(packer, row->tied_with, row->tied_with_count);
}

static void pack_rows(struct packer *packer, const struct standings_input *input, const struct standings *standings)
{
    pack_byte(packer, (standings->overrides_exceed_cap ? EXCEEDS : 0U) | (standings->inexact ? INEXACT : 0U));
    pack_number(packer, standings->count);
    for (size_t i = 0; i < standings->count; i++)
        pack_standing(packer, input, &standings->rows[i]);
}

const char *standings_pack(struct arena *arena, const struct standings_input *input, const struct standings *standings,
                           size_t *ret_length)
{
    struct packer packer = {.arena = arena};
    pack_byte(&packer, STANDINGS_FORM);
    pack_rows(&packer, input, standings);
    *ret_length = packer.length;
    return (const char *)packer.bytes;
}

static const size_t *unpack_list(struct arena *arena, struct unpacker *unpacker, size_t bound, size_t *ret_count)
{
    *ret_count = unpack_count(unpacker, 1);
    size_t *slots = arena_array(arena, *ret_count, sizeof *slots);
    for (size_t i = 0; i < *ret_count; i++)
        slots[i] = unpack_below(unpacker, bound);
    return slots;
}

static void unpack_standing(struct arena *arena, struct unpacker *unpacker, const struct standings_input *input,
                            struct standing *row)
{
    size_t bound = input->contestant_count;
    *row = (struct standing){.against = SIZE_MAX, .decided_by = SIZE_MAX, .tier = SIZE_MAX};
    row->contestant = unpack_below(unpacker, bound);
    size_t group = unpack_below(unpacker, input->policy->group_count + 1);
    row->rank = (int64_t)unpack_below(unpacker, bound + 1);
    row->status = (enum standing_status)unpack_below(unpacker, STANDING_AWARDED + 1);
    size_t flags = unpack_below(unpacker, (size_t)(CAUSE_HIGHER + 1) * CAUSE);
    unpacker->good = unpacker->good && group == input->contestants[row->contestant].group;
    if (flags & AGAINST)
        row->against = unpack_below(unpacker, bound);
    if (flags & DECIDED_BY)
        row->decided_by =
            unpack_below(unpacker, standing_keys_of(input->policy, input->contestants[row->contestant].kind).count);
    row->has_margin = (flags & HAS_MARGIN) != 0;
    if (row->has_margin)
        row->margin = unpack_signed(unpacker);
    if (flags & OVERRIDDEN) {
        size_t override = unpack_below(unpacker, input->override_count);
        row->override = unpacker->good ? &input->overrides[override] : NULL;
    }
    row->override_is_moot = (flags & MOOT) != 0;
    row->freed = (flags & FREED) != 0;
    row->cause = (enum standing_cause)(flags / CAUSE);
    row->waits_for = unpack_list(arena, unpacker, bound, &row->waits_for_count);
    row->tied_with = unpack_list(arena, unpacker, bound, &row->tied_with_count);
}

static bool unpack_rows(struct arena *arena, struct unpacker *unpacker, const struct standings_input *input,
                        struct standings *ret_standings)
{
    size_t told = unpack_below(unpacker, (EXCEEDS | INEXACT) + 1);
    size_t count = unpack_count(unpacker, 1);
    struct standing *rows = arena_array(arena, count, sizeof *rows);
    unpacker->good = unpacker->good && count == input->contestant_count;
    for (size_t i = 0; i < count && unpacker->good; i++)
        unpack_standing(arena, unpacker, input, &rows[i]);
    *ret_standings = (struct standings){rows, count, (told & EXCEEDS) != 0, 0, (told & INEXACT) != 0};
    return unpacker->good;
}

bool standings_unpack(struct arena *arena, const struct standings_input *input, const char *bytes, size_t length,
                      struct standings *ret_standings)
{
    struct unpacker unpacker = {(const unsigned char *)bytes, (const unsigned char *)bytes + length, true};
    return unpack_byte(&unpacker) == STANDINGS_FORM && unpack_rows(arena, &unpacker, input, ret_standings) &&
           unpack_ends(&unpacker);
}

// ---- forms ----

// A slot, counted from 1; 0 is none.
static void pack_slot(struct packer *packer, size_t slot)
{
    pack_number(packer, slot == SIZE_MAX ? 0 : slot + 1);
}

static size_t unpack_slot(struct unpacker *unpacker, size_t bound)
{
    return unpack_below(unpacker, bound + 1) - 1;
}

const char *forms_pack(struct arena *arena, const struct form_standings *all, size_t count, size_t *ret_length)
{
    struct packer packer = {.arena = arena};
    pack_byte(&packer, FORMS_FORM);
    for (size_t f = 0; f < count; f++) {
        const struct standings *standings = &all[f].standings;
        pack_rows(&packer, &all[f].input, standings);
        for (size_t i = 0; i < standings->count; i++) {
            pack_slot(&packer, standings->rows[i].tier);
            pack_slot(&packer, all[f].higher[standings->rows[i].contestant]);
        }
    }
    *ret_length = packer.length;
    return (const char *)packer.bytes;
}

static bool unpack_form(struct arena *arena, struct unpacker *unpacker, struct form_standings *form, size_t forms)
{
    if (!unpack_rows(arena, unpacker, &form->input, &form->standings))
        return false;
    size_t *higher = arena_array(arena, form->input.contestant_count, sizeof *higher);
    struct standing *rows = (struct standing *)(uintptr_t)form->standings.rows;
    for (size_t i = 0; i < form->standings.count; i++) {
        rows[i].tier = unpack_slot(unpacker, TIERS_MOST);
        higher[rows[i].contestant] = unpack_slot(unpacker, forms);
    }
    form->higher = higher;
    return unpacker->good;
}

bool forms_unpack(struct arena *arena, struct form_standings *all, size_t count, const char *bytes, size_t length)
{
    struct unpacker unpacker = {(const unsigned char *)bytes, (const unsigned char *)bytes + length, true};
    if (unpack_byte(&unpacker) != FORMS_FORM)
        return false;
    for (size_t f = 0; f < count; f++)
        if (!unpack_form(arena, &unpacker, &all[f], count))
            return false;
    return unpack_ends(&unpacker);
}
