#include "facts/pack.h"

#include "base/log.h"
#include "engine/json/facts_json.h"
#include "thidua/facts_pack.h"

const char *pack_snapshot(struct arena *arena, const struct rules *rules, const char *snapshot, size_t *ret_length)
{
    const struct rule_set_source *source = rules->document.rules->source;
    struct rule_faults faults = {.arena = arena};
    struct unit_facts facts;
    json_t *json = json_loads(snapshot, 0, NULL);
    bool good = facts_from_json(arena, source, json, "", &faults, &facts);
    json_decref(json);
    if (good)
        return facts_pack(arena, source, &facts, ret_length);
    log_event(LOG_ERROR, "snapshot_unfit", log_text("rule_set", source->name),
              log_text("pointer", faults.count ? faults.items[0].pointer : NULL),
              log_text("code", faults.count ? faults.items[0].code : NULL), log_number("faults", faults.total));
    return NULL;
}
