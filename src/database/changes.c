#include "database/changes.h"

#include "base/fnv.h"
#include "database/private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// Kinds are told apart by a hash. Two that fall together only empty more than they need.
enum { CHANGE_KINDS = 1024 };

static const char *const topic_names[CHANGE_TOPICS] = {[CHANGE_DATA] = "data", [CHANGE_KEYS] = "keys"};

static struct {
    atomic_uint_fast64_t counter[CHANGE_TOPICS];
    atomic_uint_fast64_t of_kind[CHANGE_KINDS], of_any_kind; // of CHANGE_DATA
    atomic_bool flowing, commits_wait;
} changes;

uint64_t changes_seen(enum change_topic topic)
{
    // Counters start at 1, so that 0 can say "not flowing".
    return atomic_load(&changes.flowing) ? 1 + atomic_load(&changes.counter[topic]) : 0;
}

// The next of some words with blanks between, as the number of its kind; false: there is none.
static bool next_kind(const char **words, size_t *ret_kind)
{
    *words += strspn(*words, " ");
    size_t length = strcspn(*words, " ");
    *ret_kind = fnv_hash(*words, length) % CHANGE_KINDS;
    *words += length;
    return length > 0;
}

bool changes_commits_wait(void)
{
    return atomic_load(&changes.commits_wait);
}

// A sum of counters that only grow is the same only where none of them has moved.
static uint64_t sum_of(const char *kinds)
{
    uint64_t seen = 1 + atomic_load(&changes.of_any_kind);
    for (size_t kind; next_kind(&kinds, &kind);)
        seen += atomic_load(&changes.of_kind[kind]);
    return seen;
}

// Callers ask again and again for the same few constant texts, and mostly nothing has changed since: then the sum is
// that of last time. The counter of all is read before the sum, and counts a change after its kinds have.
uint64_t changes_seen_of(const char *kinds)
{
    static _Thread_local struct {
        const char *kinds;
        uint64_t all, sum;
    } known[16];
    uint64_t all = changes_seen(CHANGE_DATA);
    if (!kinds || !all)
        return all;
    size_t place = (uintptr_t)kinds / 16 % (sizeof known / sizeof *known);
    if (known[place].kinds != kinds || known[place].all != all) {
        known[place].kinds = kinds;
        known[place].all = all;
        known[place].sum = sum_of(kinds);
    }
    return known[place].sum;
}

// ---- subscribers: added while the service starts, never taken away ----

static struct {
    pthread_mutex_t adding;
    atomic_uint count; // of those below that are complete
    struct {
        enum change_moment moment;
        void (*wake)(void);
    } items[CHANGE_SUBSCRIBERS_MAX];
} subscribers = {.adding = PTHREAD_MUTEX_INITIALIZER};

void changes_subscribe(enum change_moment moment, void (*wake)(void))
{
    pthread_mutex_lock(&subscribers.adding);
    unsigned count = atomic_load(&subscribers.count);
    if (count == CHANGE_SUBSCRIBERS_MAX)
        abort();
    subscribers.items[count].moment = moment;
    subscribers.items[count].wake = wake;
    atomic_store(&subscribers.count, count + 1);
    pthread_mutex_unlock(&subscribers.adding);
}

static void wake_subscribers(enum change_moment moment)
{
    unsigned count = atomic_load(&subscribers.count);
    for (unsigned i = 0; i < count; i++)
        if (subscribers.items[i].moment == moment)
            subscribers.items[i].wake();
}

// ---- counters ----

// `kinds` of CHANGE_DATA; without any it may have been each of them.
static void count_change(enum change_topic topic, const char *kinds)
{
    size_t kind;
    if (topic == CHANGE_DATA && !next_kind(&kinds, &kind))
        atomic_fetch_add(&changes.of_any_kind, 1);
    else if (topic == CHANGE_DATA)
        do
            atomic_fetch_add(&changes.of_kind[kind], 1);
        while (next_kind(&kinds, &kind));
    atomic_fetch_add(&changes.counter[topic], 1);
}

void changes_note(enum change_topic topic)
{
    count_change(topic, "");
    wake_subscribers(CHANGE_COMMITTED);
}

void changes_note_of(const char *kinds)
{
    count_change(CHANGE_DATA, kinds);
    wake_subscribers(CHANGE_COMMITTED);
}

// Of data, the news may say which kinds of events tell of the change: "data dossier unit".
void changes_take(const char *news)
{
    for (int topic = 0; topic < CHANGE_TOPICS; topic++) {
        size_t length = strlen(topic_names[topic]);
        if (strcspn(news, " ") == length && strncmp(news, topic_names[topic], length) == 0)
            count_change((enum change_topic)topic, news + length);
    }
}

void changes_arrived(void)
{
    wake_subscribers(CHANGE_ARRIVED);
}

bool changes_let_wait(bool wait)
{
    return wait != atomic_exchange(&changes.commits_wait, wait);
}

static void count_all(void)
{
    for (int topic = 0; topic < CHANGE_TOPICS; topic++)
        count_change((enum change_topic)topic, "");
    changes_arrived();
}

// Nobody finds them flowing before what was kept until then is old.
void changes_flow(bool flowing)
{
    if (!flowing)
        atomic_store(&changes.flowing, false);
    count_all(); // what was missed while nobody listened, or will be
    if (!flowing)
        return;
    atomic_store(&changes.flowing, true);
    wake_subscribers(CHANGE_BACK);
}
