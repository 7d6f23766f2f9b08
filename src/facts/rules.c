#include "facts/rules.h"

#include "base/log.h"
#include "database/migrate.h"
#include "engine/json/digest.h"
#include "facts/facts.sql.h"
#include "handler/constraints.h"
#include "thidua/facts_pack.h"

#include <pthread.h>
#include <string.h>

enum { CACHED_MOST = 64 };

// Entries are added, never changed nor taken away: who holds one may keep it.
static struct {
    pthread_mutex_t mutex;
    struct arena arena;
    const struct rules *items[CACHED_MOST];
    size_t count;
} cache = {.mutex = PTHREAD_MUTEX_INITIALIZER};

// Another schema may say more in the snapshot of a unit, with the same declarations; and of an initiative it says what
// the councils say that the rules name.
static void name_layout(struct arena *arena, const struct rule_set_source *source, const char *councils, char hex[])
{
    size_t length;
    const char *layout = facts_layout(arena, source, &length);
    struct digest digest = digest_start();
    digest_add(&digest, layout, length);
    digest_add(&digest, schema_in_use()->sha256, SHA256_HEX_LENGTH);
    digest_add(&digest, councils, strlen(councils));
    digest_finish(&digest, hex);
}

static const struct rules *make(struct arena *arena, const char *hash, struct rules_published published)
{
    struct rules *rules = arena_new(arena, struct rules);
    struct rule_faults faults = {.arena = arena};
    json_t *json = json_loads(published.document, JSON_REJECT_DUPLICATES, NULL);
    bool good = rule_set_from_json(arena, json, &faults, &rules->document);
    json_decref(json);
    if (good && strcmp(rules->document.hash, hash) == 0) {
        name_layout(arena, rules->document.rules->source, published.councils, rules->layout);
        return rules;
    }
    log_event(LOG_ERROR, "rule_set_unfit", log_text("hash", hash),
              log_text("found", good ? rules->document.hash : NULL),
              log_text("pointer", faults.count ? faults.items[0].pointer : NULL), log_number("faults", faults.total));
    return NULL;
}

static const struct rules *cached(const char *hash)
{
    for (size_t i = 0; i < cache.count; i++)
        if (strcmp(cache.items[i]->document.hash, hash) == 0)
            return cache.items[i];
    return NULL;
}

const struct rules *rules_in_memory(const char *hash)
{
    pthread_mutex_lock(&cache.mutex);
    const struct rules *rules = cached(hash);
    pthread_mutex_unlock(&cache.mutex);
    return rules;
}

static const struct rules *remember_rules(struct arena *arena, const char *hash, struct rules_published published)
{
    pthread_mutex_lock(&cache.mutex);
    const struct rules *rules = cached(hash);
    bool room = cache.count < CACHED_MOST;
    if (!rules && room && (rules = make(&cache.arena, hash, published)))
        cache.items[cache.count++] = rules;
    pthread_mutex_unlock(&cache.mutex);
    return rules || room ? rules : make(arena, hash, published);
}

const struct rules *rules_load(struct arena *arena, struct session *session, const char *hash,
                               struct failure *ret_failure)
{
    *ret_failure = (struct failure){.kind = FAILURE_NONE};
    const struct rules *rules = rules_in_memory(hash);
    if (rules)
        return rules;
    struct rows *rows = rules_published_run(session, hash, ret_failure);
    if (rows && rows_count(rows))
        rules = remember_rules(arena, hash, rules_published_at(rows, 0));
    rows_free(rows);
    return rules;
}

const struct rules *rules_by_hash(struct request *request, struct session *session, const char *hash)
{
    struct failure failure;
    const struct rules *rules = rules_load(&request->arena, session, hash, &failure);
    if (!rules && failure.kind != FAILURE_NONE)
        refuse_failure(request, &rules_published_statement, &failure);
    else if (!rules)
        refuse(request, PROBLEM_INTERNAL, NULL);
    return rules;
}
