// Standings, as they are shown.
#include "engine/json/standings_json.h"

#include <stdlib.h>

#include "thidua/decimal.h"

static json_t *contestants_json(const struct standings_input *input, const size_t *slots, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(input->contestants[slots[i]].unit_id));
    return list;
}

static void add_open(json_t *list, const struct contestant *contestant)
{
    for (size_t i = 0; i < contestant->open_fact_count && json_array_size(list) < STANDING_MOST_LISTED; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "unit_id", contestant->unit_id, "fact", contestant->open_facts[i]));
}

// Whether its own facts are among those that can change its place: not where only others' can. Of the first semantics,
// and where not all that one waits for are listed, it is not told.
static bool may_wait_for_itself(const struct standings_input *input, const struct standing *row)
{
    bool itself = input->policy->semantics < SEMANTICS_SHARP || row->waits_for_count == STANDING_MOST_LISTED;
    for (size_t i = 0; i < row->waits_for_count && !itself; i++)
        itself = row->waits_for[i] == row->contestant;
    return itself && row->waits_for_count;
}

// What is open of the units that one waits for, its own facts first. A unit with nothing open is waited for by nobody.
static json_t *waits_json(const struct standings_input *input, const struct standing *row)
{
    json_t *list = json_array();
    if (may_wait_for_itself(input, row))
        add_open(list, &input->contestants[row->contestant]);
    for (size_t i = 0; i < row->waits_for_count; i++)
        if (row->waits_for[i] != row->contestant)
            add_open(list, &input->contestants[row->waits_for[i]]);
    return list;
}

// Not by a key: by how many places there are.
static json_t *cause_json(enum standing_cause cause)
{
    static const struct {
        const char *key;
        struct bilingual text;
    } causes[] = {
        [CAUSE_CAP] = {"cap", {"Mức trần chung của năm không còn suất", "The cap of the year leaves no place"}},
        [CAUSE_ALLOCATION] = {"allocation",
                              {"Các nhóm dùng chung số suất: chưa phân bổ cho từng nhóm",
                               "Groups share these places: it is not allocated how many each has"}},
        [CAUSE_SHARE] = {"share",
                         {"Số suất phân bổ cho nhóm, khối, cụm không còn",
                          "The share of its group or cluster has no place left"}},
        [CAUSE_HIGHER] = {"higher_form",
                          {"Chưa quyết định xong ai được hình thức cao hơn",
                           "It is not decided yet who gets a higher form"}},
    };
    return json_pack("{s:s, s:n, s:n, s:{s:s, s:s}}", "key", causes[cause].key, "against_unit_id", "margin", "text",
                     "vi", causes[cause].text.vi, "en", causes[cause].text.en);
}

static json_t *decided_by_json(const struct standings_input *input, const struct standing *row, enum audience audience)
{
    char margin[DECIMAL_TEXT_SIZE];
    if (row->cause != CAUSE_ORDER)
        return cause_json(row->cause);
    if (row->against == SIZE_MAX || row->decided_by == SIZE_MAX)
        return json_null();
    struct standing_keys keys = standing_keys_of(input->policy, input->contestants[row->contestant].kind);
    const struct standing_key *key = &keys.items[row->decided_by];
    decimal_format(row->margin, key->decimals, margin);
    bool shown = row->has_margin && audience != AUDIENCE_PUBLIC;
    return json_pack("{s:s, s:s, s:o, s:{s:s, s:s}}", "key", key->id, "against_unit_id",
                     input->contestants[row->against].unit_id, "margin", shown ? json_string(margin) : json_null(),
                     "text", "vi", key->text.vi, "en", key->text.en);
}

static json_t *override_json(const struct standing *row)
{
    const struct standing_override *override = row->override;
    if (!override)
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "decided", standing_status_name(override->decided),
                     "recorded_by", override->by, "recorded_at", override->at, "reason", override->reason,
                     "legal_basis", override->legal_basis, "moot", row->override_is_moot);
}

// How many are ranked in each group, by its index.
static json_int_t *ranked_by_group(const struct standings_input *input, const struct standings *standings)
{
    json_int_t *ranked = calloc(input->policy->group_count + 1, sizeof *ranked);
    for (size_t i = 0; ranked && i < standings->count; i++) {
        size_t group = input->contestants[standings->rows[i].contestant].group;
        if (standings->rows[i].rank && group < input->policy->group_count)
            ranked[group]++;
    }
    return ranked;
}

// A rank alone says nothing: of how many it is, and among whom.
static void add_rank(json_t *item, const struct standings_input *input, const struct standing *row,
                     const json_int_t *ranked)
{
    size_t group = input->contestants[row->contestant].group;
    bool shown = ranked && row->rank && group < input->policy->group_count;
    json_object_set_new(item, "rank", shown ? json_integer(row->rank) : json_null());
    json_object_set_new(item, "of", shown ? json_integer(ranked[group]) : json_null());
    json_object_set_new(item, "among",
                        shown ? json_pack("{s:s, s:s?, s:{s:s, s:s}}", "group", input->policy->groups[group].name,
                                          "cluster", input->policy->clusters ? input->policy->clusters[group] : NULL,
                                          "label", "vi", input->policy->groups[group].text.vi, "en",
                                          input->policy->groups[group].text.en)
                              : json_null());
}

json_t *standings_to_json(const struct standings_input *input, const struct standings *standings,
                          enum audience audience)
{
    json_t *items = json_array();
    json_int_t *ranked = ranked_by_group(input, standings);
    for (size_t i = 0; i < standings->count; i++) {
        const struct standing *row = &standings->rows[i];
        const struct contestant *contestant = &input->contestants[row->contestant];
        bool grouped = contestant->group < input->policy->group_count;
        json_t *group = grouped ? json_string(input->policy->groups[contestant->group].name) : json_null();
        json_t *item =
            json_pack("{s:s, s:o, s:s?, s:s, s:o, s:o, s:o, s:o}", "unit_id", contestant->unit_id, "group", group,
                      "cluster", grouped && input->policy->clusters ? input->policy->clusters[contestant->group] : NULL,
                      "status", standing_status_name(row->status), "decided_by", decided_by_json(input, row, audience),
                      "waits_for", waits_json(input, row), "tied_with",
                      contestants_json(input, row->tied_with, row->tied_with_count), "override", override_json(row));
        add_rank(item, input, row, ranked);
        json_object_set_new(item, "freed", json_boolean(row->freed));
        json_array_append_new(items, item);
    }
    free(ranked);
    json_int_t taken = input->quota_count ? input->quotas[0].taken : 0;
    return json_pack("{s:I, s:I, s:b, s:b, s:b, s:o}", "cap", (json_int_t)standings_cap(input), "taken", taken,
                     "allocated", input->quota_count > 1, "overrides_exceed_cap", standings->overrides_exceed_cap,
                     "exact", !standings->inexact, "items", items);
}
