// Standings, as they are shown.
#include "engine/json/standings_json.h"

#include "base/pure/budget.h"
#include "thidua/decimal.h"

// Of all rows together, those of all forms of award, and of one at least one: a hundred of each of 20,000 would be
// hundreds of megabytes.
enum { LISTED_TOGETHER = 100000 };

// What many rows name is made once, and they share it: by contestant and by group, where it is first named.
struct sharing {
    struct arena arena;
    const struct standings_input *input;
    size_t most; // that one list names
    json_t **ids, **open, **among;
    json_int_t *ranked; // how many are ranked in each group
};

static json_t *shared_id(struct sharing *sharing, size_t slot)
{
    if (!sharing->ids[slot])
        sharing->ids[slot] = json_string(sharing->input->contestants[slot].unit_id);
    return sharing->ids[slot];
}

static json_t *contestants_json(struct sharing *sharing, const size_t *slots, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count && i < sharing->most; i++)
        json_array_append(list, shared_id(sharing, slots[i]));
    return list;
}

static json_t *open_json(struct sharing *sharing, size_t slot)
{
    const struct contestant *contestant = &sharing->input->contestants[slot];
    json_t *open = json_array();
    for (size_t i = 0; i < contestant->open_fact_count; i++)
        json_array_append_new(
            open, json_pack("{s:O, s:s}", "unit_id", shared_id(sharing, slot), "fact", contestant->open_facts[i]));
    return open;
}

static json_t *shared_open(struct sharing *sharing, size_t slot)
{
    if (!sharing->open[slot])
        sharing->open[slot] = open_json(sharing, slot);
    return sharing->open[slot];
}

static void add_open(struct sharing *sharing, json_t *list, size_t slot)
{
    size_t i;
    json_t *open;
    json_array_foreach(shared_open(sharing, slot), i, open) if (json_array_size(list) < sharing->most)
        json_array_append(list, open);
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
static json_t *waits_json(struct sharing *sharing, const struct standing *row)
{
    json_t *list = json_array();
    if (may_wait_for_itself(sharing->input, row))
        add_open(sharing, list, row->contestant);
    for (size_t i = 0; i < row->waits_for_count && json_array_size(list) < sharing->most; i++)
        if (row->waits_for[i] != row->contestant)
            add_open(sharing, list, row->waits_for[i]);
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

static struct sharing begin_sharing(const struct standings_input *input, const struct standings *standings,
                                    size_t together)
{
    const size_t groups = input->policy->group_count;
    struct sharing sharing = {.input = input, .most = STANDING_MOST_LISTED};
    if (together > LISTED_TOGETHER / STANDING_MOST_LISTED)
        sharing.most = together < LISTED_TOGETHER ? LISTED_TOGETHER / together : 1;
    sharing.ids = arena_array(&sharing.arena, input->contestant_count, sizeof *sharing.ids);
    sharing.open = arena_array(&sharing.arena, input->contestant_count, sizeof *sharing.open);
    sharing.among = arena_array(&sharing.arena, groups, sizeof *sharing.among);
    sharing.ranked = arena_array(&sharing.arena, groups, sizeof *sharing.ranked);
    for (size_t i = 0; i < standings->count; i++) {
        size_t group = input->contestants[standings->rows[i].contestant].group;
        if (standings->rows[i].rank && group < groups)
            sharing.ranked[group]++;
    }
    return sharing;
}

static void end_sharing(struct sharing *sharing)
{
    for (size_t i = 0; i < sharing->input->contestant_count; i++) {
        json_decref(sharing->ids[i]);
        json_decref(sharing->open[i]);
    }
    for (size_t i = 0; i < sharing->input->policy->group_count; i++)
        json_decref(sharing->among[i]);
    arena_release(&sharing->arena);
}

static json_t *shared_among(struct sharing *sharing, size_t group)
{
    const struct standing_policy *policy = sharing->input->policy;
    if (!sharing->among[group])
        sharing->among[group] = json_pack("{s:s, s:s?, s:{s:s, s:s}}", "group", policy->groups[group].name, "cluster",
                                          policy->clusters ? policy->clusters[group] : NULL, "label", "vi",
                                          policy->groups[group].text.vi, "en", policy->groups[group].text.en);
    return sharing->among[group];
}

// A rank alone says nothing: of how many it is, and among whom.
static void add_rank(json_t *item, struct sharing *sharing, const struct standing *row)
{
    size_t group = sharing->input->contestants[row->contestant].group;
    bool shown = row->rank && group < sharing->input->policy->group_count;
    json_object_set_new(item, "rank", shown ? json_integer(row->rank) : json_null());
    json_object_set_new(item, "of", shown ? json_integer(sharing->ranked[group]) : json_null());
    json_object_set(item, "among", shown ? shared_among(sharing, group) : json_null());
}

static json_t *standing_json(struct sharing *sharing, const struct standing *row, enum audience audience)
{
    const struct standings_input *input = sharing->input;
    const struct contestant *contestant = &input->contestants[row->contestant];
    bool grouped = contestant->group < input->policy->group_count;
    json_t *group = grouped ? json_string(input->policy->groups[contestant->group].name) : json_null();
    json_t *item = json_pack(
        "{s:O, s:o, s:s?, s:s, s:o, s:o, s:o, s:o}", "unit_id", shared_id(sharing, row->contestant), "group", group,
        "cluster", grouped && input->policy->clusters ? input->policy->clusters[contestant->group] : NULL, "status",
        standing_status_name(row->status), "decided_by", decided_by_json(input, row, audience), "waits_for",
        waits_json(sharing, row), "tied_with", contestants_json(sharing, row->tied_with, row->tied_with_count),
        "override", override_json(row));
    add_rank(item, sharing, row);
    json_object_set_new(item, "freed", json_boolean(row->freed));
    return item;
}

json_t *standings_to_json(const struct standings_input *input, const struct standings *standings, size_t together,
                          enum audience audience)
{
    json_t *items = json_array();
    struct sharing sharing = begin_sharing(input, standings, together);
    for (size_t i = 0; i < standings->count && budget_state() == BUDGET_KEPT; i++)
        json_array_append_new(items, standing_json(&sharing, &standings->rows[i], audience));
    end_sharing(&sharing);
    json_int_t taken = input->quota_count ? input->quotas[0].taken : 0;
    return json_pack("{s:I, s:I, s:b, s:b, s:b, s:o}", "cap", (json_int_t)standings_cap(input), "taken", taken,
                     "allocated", input->quota_count > 1, "overrides_exceed_cap", standings->overrides_exceed_cap,
                     "exact", !standings->inexact, "items", items);
}
