#include "keys/uses.h"

#include "base/chore.h"
#include "base/poller.h"
#include "keys/keys.sql.h"

#include <stdio.h>
#include <string.h>

enum { USES_MOST = 1024, ID_TEXT = 37, ENTRY_TEXT = 64 }; // keys of one interval: the others are noted in the next one

struct use {
    char key_id[ID_TEXT];
    int64_t at; // monotonic_ns
};

static struct {
    struct chore chore;
    struct session_options options;
    struct session *session;
    int64_t interval;      // ns
    pthread_mutex_t mutex; // of those below, held for no longer than a copy takes
    struct use uses[USES_MOST];
    size_t count;
} keys = {.chore = CHORE_INITIALIZER, .mutex = PTHREAD_MUTEX_INITIALIZER};

// With the mutex held. False when there is no room.
static bool add_use(const char *key_id, int64_t at)
{
    size_t i = 0;
    while (i < keys.count && strcmp(keys.uses[i].key_id, key_id) != 0)
        i++;
    if (i == USES_MOST)
        return false;
    if (i == keys.count) {
        keys.count++;
        snprintf(keys.uses[i].key_id, ID_TEXT, "%s", key_id);
        keys.uses[i].at = at;
    }
    if (keys.uses[i].at < at)
        keys.uses[i].at = at;
    return true;
}

void key_use_note(const char *key_id, int64_t *noted)
{
    int64_t now = monotonic_ns();
    if ((*noted && now - *noted < keys.interval) || pthread_mutex_trylock(&keys.mutex) != 0)
        return;
    if (add_use(key_id, now))
        *noted = now;
    pthread_mutex_unlock(&keys.mutex);
}

static size_t collect_uses(struct use uses[static USES_MOST])
{
    pthread_mutex_lock(&keys.mutex);
    size_t count = keys.count;
    memcpy(uses, keys.uses, count * sizeof *uses);
    keys.count = 0;
    pthread_mutex_unlock(&keys.mutex);
    return count;
}

static void put_back(const struct use uses[], size_t count)
{
    pthread_mutex_lock(&keys.mutex);
    for (size_t i = 0; i < count; i++)
        add_use(uses[i].key_id, uses[i].at);
    pthread_mutex_unlock(&keys.mutex);
}

// As ages, for the database's clock is the one that all instances have in common.
static bool store_uses(const struct use uses[], size_t count)
{
    static char text[USES_MOST * ENTRY_TEXT]; // of the one thread
    struct failure failure;
    size_t length = 0;
    int64_t now = monotonic_ns();
    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%c\"%s\":%lld", i ? ',' : '{', uses[i].key_id,
                                   (long long)((now - uses[i].at) / 1000000));
    snprintf(text + length, sizeof text - length, "}");
    struct rows *rows = session_connect(keys.session) ? key_used_run(keys.session, text, &failure) : NULL;
    rows_free(rows);
    return rows != NULL;
}

static void *store_uses_regularly(void *argument)
{
    static struct use uses[USES_MOST]; // of the one thread
    (void)argument;
    for (bool stopping = false; !stopping;) {
        stopping = chore_rest(&keys.chore, (int)(keys.interval / 1000000));
        size_t count = collect_uses(uses);
        if (count && !store_uses(uses, count))
            put_back(uses, count);
    }
    return NULL;
}

bool key_uses_start(const struct session_options *options, unsigned interval_seconds)
{
    keys.options = *options;
    keys.interval = (int64_t)interval_seconds * 1000000000;
    keys.session = session_new(&keys.options);
    return keys.session && chore_start(&keys.chore, store_uses_regularly);
}

void key_uses_stop(void)
{
    chore_stop(&keys.chore);
    session_free(keys.session);
}
