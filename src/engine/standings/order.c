#include <string.h>

#include "base/pure/wide.h"
#include "engine/private.h"
#include "engine/standings/private.h"
#include "thidua/decimal.h"

static struct key_value finding_count(const struct standing_key *key, const struct unit_facts *facts)
{
    struct key_value value = {.known = true, .whole = 1, .best_whole = 1};
    int64_t open = 0;
    for (size_t i = 0; i < key->content_count; i++) {
        const struct finding *finding = &facts->findings[key->contents[i]];
        open += !finding->result;
        value.part += finding->result && strcmp(finding->result, key->result) == 0;
    }
    if (!open)
        return value;
    value.bounded = true;
    value.best_part = value.part + (key->ascending ? 0 : open);
    value.known = false;
    value.part = 0;
    return value;
}

// ---- what is known of a value that is not there ----

// The highest or the lowest that a number can be; false where it has no limit.
static bool limit_of(const struct number_limits *limits, struct value value, bool highest, int64_t *ret_limit)
{
    bool known = value.type != VALUE_UNKNOWN;
    if (!known && !(highest ? limits->has_most : limits->has_least))
        return false;
    *ret_limit = known ? value.number : highest ? limits->most : limits->least;
    return true;
}

static struct number_limits limits_of_score(const struct number_limits *scores, size_t slot)
{
    return scores ? scores[slot] : (struct number_limits){0};
}

// A sum on its way: what is there, and in place of what is not there the best that can come.
struct total {
    wide sum;
    bool open, unlimited; // a term is not there; and nothing says how good it can be
};

static void add_score(struct total *total, struct value value, const struct number_limits *limits, bool ascending)
{
    int64_t number = 0;
    total->open |= value.type == VALUE_UNKNOWN;
    total->unlimited |= !limit_of(limits, value, !ascending, &number);
    total->sum += number;
}

// A sum that does not fit is no value, and none is to come.
static struct key_value value_of_total(struct total total)
{
    bool fits = total.sum >= INT64_MIN && total.sum <= INT64_MAX;
    int64_t sum = fits ? (int64_t)total.sum : 0;
    if (!total.open)
        return (struct key_value){.known = fits, .absent = !fits, .part = sum, .whole = 1};
    return (struct key_value){.whole = 1, .bounded = fits && !total.unlimited, .best_part = sum, .best_whole = 1};
}

static struct key_value finding_score(const struct standing_key *key, const struct unit_facts *facts)
{
    struct total total = {0};
    for (size_t i = 0; i < key->content_count; i++) {
        struct number_limits limits = limits_of_score(key->scores, key->contents[i]);
        add_score(&total, score_of(facts, key->contents[i]), &limits, key->ascending);
    }
    return value_of_total(total);
}

static struct key_value condition_value(const struct standing_key *key, const struct evaluation_parameters *parameters,
                                        const struct unit_facts *facts)
{
    enum truth truth = leaf_truth(key->leaf, parameters, facts);
    return (struct key_value){.known = truth != TRUTH_UNDETERMINED,
                              .part = truth == TRUTH_TRUE,
                              .whole = 1,
                              .bounded = true,
                              .best_part = !key->ascending,
                              .best_whole = 1};
}

static struct key_value sum_value(const struct standing_key *key, const struct evaluation_parameters *parameters,
                                  const struct unit_facts *facts)
{
    const struct sum_range range = terms_range(&key->terms, parameters, facts);
    return value_of_total((struct total){key->ascending ? range.least : range.most, range.open,
                                         key->ascending ? !range.has_least : !range.has_most});
}

static void bound_ratio(const struct standing_key *key, struct value part, struct value whole, struct key_value *value)
{
    const struct number_limits of_part = limits_of_fact(key->fact), of_whole = limits_of_fact(key->whole_fact);
    int64_t best_part, best_whole;
    value->bounded = limit_of(&of_part, part, !key->ascending, &best_part) &&
                     limit_of(&of_whole, whole, key->ascending, &best_whole) && best_part >= 0 && best_whole > 0;
    if (value->bounded) {
        value->best_part = best_part;
        value->best_whole = best_whole;
    }
}

// An index of a unit that is not assessed.
static bool never_comes(const struct standing_key *key, const struct unit_facts *facts)
{
    struct value condition = {.type = VALUE_UNKNOWN};
    if (key->has_only_if)
        condition = facts->values[key->only_if_slot];
    return condition.type == VALUE_BOOLEAN && condition.number == 0;
}

static struct key_value unknown_fact(const struct standing_key *key, const struct unit_facts *facts, struct value part,
                                     struct value whole)
{
    struct key_value value = {.whole = 1};
    bool is_ratio = key->kind == KEY_RATIO;
    // A whole of 0 is known: nothing is to come.
    value.absent = never_comes(key, facts) || (is_ratio && part.type != VALUE_UNKNOWN && whole.type != VALUE_UNKNOWN);
    if (is_ratio) {
        bound_ratio(key, part, whole, &value);
        return value;
    }
    const struct number_limits limits = limits_of_fact(key->fact);
    value.bounded = limit_of(&limits, part, !key->ascending, &value.best_part);
    value.best_whole = 1;
    return value;
}

struct key_value standing_key_value(const struct standing_key *key, const struct evaluation_parameters *parameters,
                                    const struct unit_facts *facts)
{
    if (key->kind == KEY_FINDING_COUNT)
        return finding_count(key, facts);
    if (key->kind == KEY_FINDING_SCORE)
        return finding_score(key, facts);
    if (key->kind == KEY_CONDITION)
        return condition_value(key, parameters, facts);
    if (key->kind == KEY_SUM)
        return sum_value(key, parameters, facts);
    struct value part = facts->values[key->slot], whole = {.type = VALUE_INTEGER, .number = 1};
    if (key->kind == KEY_RATIO)
        whole = facts->values[key->whole_slot];
    if (part.type == VALUE_UNKNOWN || whole.type == VALUE_UNKNOWN || whole.number <= 0)
        return unknown_fact(key, facts, part, whole);
    return (struct key_value){.known = true, .part = part.number, .whole = whole.number};
}

struct standing_keys standing_keys_of(const struct standing_policy *policy, size_t kind)
{
    if (policy->keys_of_group && kind < policy->declared_count && policy->keys_of_group[kind].count)
        return policy->keys_of_group[kind];
    return (struct standing_keys){policy->keys, policy->key_count};
}

static uint64_t key_work(const struct standing_key *key, const struct unit_facts *facts)
{
    uint64_t work = key->leaf ? leaf_work(key->leaf, facts) : 1;
    work += terms_work(&key->terms, facts);
    return work;
}

uint64_t standings_work(const struct standing_policy *policy, const struct unit_facts *facts)
{
    uint64_t work = 0;
    if (!policy)
        return 0;
    struct standing_keys keys = standing_keys_of(policy, standing_group(policy, facts));
    for (size_t i = 0; i < keys.count; i++)
        work += key_work(&keys.items[i], facts);
    return work;
}

size_t standing_group(const struct standing_policy *policy, const struct unit_facts *facts)
{
    struct value group = facts->values[policy->group_slot];
    size_t i = 0;
    while (i < policy->group_count && (group.type != VALUE_TEXT || strcmp(policy->groups[i].name, group.text) != 0))
        i++;
    return i;
}

static enum order order_of(int sign, bool ascending)
{
    if (sign == 0)
        return ORDER_TIED;
    return (sign < 0) == ascending ? ORDER_ABOVE : ORDER_BELOW;
}

static enum order compare_key(const struct standing_key *key, struct key_value a, struct key_value b)
{
    if (a.known && b.known)
        return order_of(ratio_compare(a.part, a.whole, b.part, b.whole), key->ascending);
    if (a.known == b.known)
        return ORDER_TIED;
    return b.known == key->nulls_first ? ORDER_ABOVE : ORDER_BELOW;
}

// A recorded decision separates only the units that it names.
static enum order compare_decided(const struct contestant *a, const struct contestant *b)
{
    bool same = a->tie_decision && b->tie_decision && strcmp(a->tie_decision, b->tie_decision) == 0;
    if (!same || a->tie_place == b->tie_place)
        return ORDER_TIED;
    return a->tie_place < b->tie_place ? ORDER_ABOVE : ORDER_BELOW;
}

// In evaluations of the first semantics the values of an eligible unit are taken to be all that will come.
static bool is_unknown(const struct standing_policy *policy, const struct contestant *contestant, size_t key)
{
    return is_candidate(contestant) && (is_sharp(policy) || is_undetermined(contestant)) &&
           !contestant->keys[key].known && !contestant->keys[key].absent;
}

bool has_unknown_key(const struct standing_policy *policy, const struct contestant *contestant)
{
    size_t count = standing_keys_of(policy, contestant->kind).count;
    for (size_t i = 0; i < count; i++)
        if (is_unknown(policy, contestant, i))
            return true;
    return false;
}

static enum order compare_by_keys(const struct standing_policy *policy, const struct contestant *a,
                                  const struct contestant *b, size_t *ret_key)
{
    struct standing_keys keys = standing_keys_of(policy, a->kind);
    for (size_t i = 0; i < keys.count; i++) {
        bool open = is_unknown(policy, a, i) || is_unknown(policy, b, i);
        enum order order = open ? ORDER_OPEN : compare_key(&keys.items[i], a->keys[i], b->keys[i]);
        *ret_key = i;
        if (order != ORDER_TIED)
            return order;
    }
    *ret_key = SIZE_MAX;
    return ORDER_TIED;
}

enum order compare_contestants(const struct standing_policy *policy, const struct contestant *a,
                               const struct contestant *b, size_t *ret_key)
{
    enum order order = compare_by_keys(policy, a, b, ret_key);
    return order == ORDER_TIED ? compare_decided(a, b) : order;
}

enum order compare_keys(const struct standing_policy *policy, const struct contestant *a, const struct contestant *b)
{
    size_t key;
    return compare_by_keys(policy, a, b, &key);
}

enum order compare_as_shown(const struct standing_policy *policy, const struct contestant *a,
                            const struct contestant *b)
{
    struct standing_keys keys = standing_keys_of(policy, a->kind);
    for (size_t i = 0; i < keys.count; i++) {
        enum order order = compare_key(&keys.items[i], a->keys[i], b->keys[i]);
        if (order != ORDER_TIED)
            return order;
    }
    return ORDER_TIED;
}

// The best that can come of a key: better than any value, a value, or none.
struct best {
    bool beyond;
    struct key_value value;
};

static struct best best_of(const struct standing_policy *policy, const struct standing_key *key,
                           const struct contestant *contestant, size_t slot)
{
    struct key_value value = contestant->keys[slot];
    if (!is_unknown(policy, contestant, slot) ||
        key->nulls_first) // none is better than any value where that ranks above
        return (struct best){false, value};
    if (value.bounded)
        return (struct best){false, {.known = true, .part = value.best_part, .whole = value.best_whole}};
    return (struct best){true, value};
}

static enum order compare_best(const struct standing_policy *policy, const struct contestant *a,
                               const struct contestant *b)
{
    struct standing_keys keys = standing_keys_of(policy, a->kind);
    for (size_t i = 0; i < keys.count; i++) {
        struct best one = best_of(policy, &keys.items[i], a, i), two = best_of(policy, &keys.items[i], b, i);
        enum order order = ORDER_TIED;
        if (one.beyond != two.beyond)
            order = one.beyond ? ORDER_ABOVE : ORDER_BELOW;
        else if (!one.beyond)
            order = compare_key(&keys.items[i], one.value, two.value);
        if (order != ORDER_TIED)
            return order;
    }
    return ORDER_TIED;
}

// A condition comes, true or false. Of another value the worst is that none comes, or one that is worse than any.
static struct key_value worst_of(const struct standing_key *key)
{
    if (key->kind == KEY_CONDITION)
        return (struct key_value){.known = true, .part = key->ascending, .whole = 1};
    if (key->nulls_first)
        return (struct key_value){.known = true, .part = key->ascending ? INT64_MAX : INT64_MIN, .whole = 1};
    return (struct key_value){.absent = true, .whole = 1};
}

struct contestant contestant_at_worst(struct arena *arena, const struct standing_policy *policy,
                                      const struct contestant *contestant)
{
    const struct standing_keys keys = standing_keys_of(policy, contestant->kind);
    struct key_value *values = arena_array(arena, keys.count, sizeof *values);
    struct contestant worst = *contestant;
    for (size_t i = 0; i < keys.count; i++)
        values[i] = is_unknown(policy, contestant, i) ? worst_of(&keys.items[i]) : contestant->keys[i];
    worst.keys = values;
    return worst;
}

enum order compare_at_best(const struct standing_policy *policy, const struct contestant *a, const struct contestant *b)
{
    if (is_sharp(policy))
        return compare_best(policy, a, b);
    struct standing_keys keys = standing_keys_of(policy, a->kind);
    for (size_t i = 0; i < keys.count; i++) {
        bool unknown = is_unknown(policy, a, i);
        if (unknown || is_unknown(policy, b, i))
            return unknown == is_unknown(policy, b, i) ? ORDER_TIED : unknown ? ORDER_ABOVE : ORDER_BELOW;
        enum order order = compare_key(&keys.items[i], a->keys[i], b->keys[i]);
        if (order != ORDER_TIED)
            return order;
    }
    return ORDER_TIED;
}
