#include "evaluations/stored/shown.h"

#include "engine/json/facts_json.h"
#include "facts/round_facts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MOST = 16 };

struct shown {
    char id[UUID_TEXT_LENGTH + 1];
    const struct rules *rules; // the process keeps them
    struct arena arena;        // of what follows
    struct evaluation_parameters parameters;
    const struct register_facts *common;
    unsigned holders; // requests, and the list below
};

// A request may hold one that the list has given up.
static struct {
    pthread_mutex_t mutex;
    struct shown *items[SHOWN_MOST];
    size_t next; // to be given up
} list = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void let_go(void *thing)
{
    struct shown *shown = thing;
    pthread_mutex_lock(&list.mutex);
    bool last = --shown->holders == 0;
    pthread_mutex_unlock(&list.mutex);
    if (!last)
        return;
    arena_release(&shown->arena);
    free(shown);
}

// Call with the list's mutex held.
static struct shown *find_shown(const char *id)
{
    for (size_t i = 0; i < SHOWN_MOST; i++)
        if (list.items[i] && strcmp(list.items[i]->id, id) == 0)
            return list.items[i];
    return NULL;
}

bool shown_known(struct request *request, const char *evaluation_id, struct stored_evaluation *ret_evaluation)
{
    pthread_mutex_lock(&list.mutex);
    struct shown *shown = find_shown(evaluation_id);
    if (shown)
        shown->holders++;
    pthread_mutex_unlock(&list.mutex);
    if (!shown)
        return false;
    defer(request, let_go, shown);
    *ret_evaluation = (struct stored_evaluation){.request = request,
                                                 .id = shown->id,
                                                 .rules = shown->rules,
                                                 .parameters = shown->parameters,
                                                 .common = shown->common};
    return true;
}

static struct shown *make_shown(const struct stored_evaluation *evaluation)
{
    const struct rules *rules = rules_in_memory(evaluation->rules->document.hash);
    struct shown *shown = rules ? calloc(1, sizeof *shown) : NULL;
    if (!shown)
        return NULL;
    struct rule_faults faults = {.arena = &shown->arena};
    shown->rules = rules;
    shown->holders = 1;
    strncpy(shown->id, evaluation->id, UUID_TEXT_LENGTH);
    shown->common = common_registers(&shown->arena, rules, evaluation->registers);
    if (shown->common && parameters_from_json(&shown->arena, rules->document.rules->source, evaluation->parameters_json,
                                              "", &faults, &shown->parameters))
        return shown;
    let_go(shown);
    return NULL;
}

void shown_keep(const struct stored_evaluation *evaluation)
{
    struct shown *shown = make_shown(evaluation), *given_up = shown;
    if (!shown)
        return;
    pthread_mutex_lock(&list.mutex);
    if (!find_shown(shown->id)) {
        given_up = list.items[list.next];
        list.items[list.next] = shown;
        list.next = (list.next + 1) % SHOWN_MOST;
    }
    pthread_mutex_unlock(&list.mutex);
    if (given_up)
        let_go(given_up);
}
