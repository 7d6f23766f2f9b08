#include "handler/lanes/kept_answers.h"

#include "base/fnv.h"
#include "database/changes.h"
#include "http/route.h"
#include "http/server.h"

#include <stdlib.h>
#include <string.h>

enum {
    SLOTS = 512,
    NAME_KEPT = 208,
    ETAG_KEPT = 48,
    NEXT_KEPT = 200,
    BODY_KEPT = 64 * 1024,
    BODIES_KEPT = 8 * 1024 * 1024, // of all slots together
};

struct kept_answers {
    struct kept_answer {
        char name[NAME_KEPT];
        char etag[ETAG_KEPT];
        char next[NEXT_KEPT];
        char *body;
        size_t length;
        uint64_t seen;
        const char *rests_on;
    } slots[SLOTS];
    struct reading *asking[SLOTS];
    size_t held; // bytes of all bodies
};

struct kept_answers *kept_answers_new(void)
{
    return calloc(1, sizeof(struct kept_answers));
}

void kept_answers_free(struct kept_answers *answers)
{
    for (size_t i = 0; i < SLOTS; i++)
        free(answers->slots[i].body);
    free(answers);
}

static size_t slot_of(const char *name)
{
    return fnv_hash(name, strlen(name)) % SLOTS;
}

struct answer_key answer_key_of(struct request *request)
{
    const char *rests_on = route_answers_all(request) ? request->route->rests_on : NULL;
    return (struct answer_key){route_kept_as(request), changes_seen_of(rests_on), rests_on};
}

static bool may_keep(const struct answer_key *key)
{
    return key->name && key->seen;
}

bool answer_key_same(const struct answer_key *a, const struct answer_key *b)
{
    return a->seen == b->seen && strcmp(a->name, b->name) == 0;
}

struct reading **answer_asked_by(struct kept_answers *answers, const struct answer_key *key)
{
    return may_keep(key) ? &answers->asking[slot_of(key->name)] : NULL;
}

void answer_with_copy(struct request *request, const struct reply *reply)
{
    struct arena *arena = &request->arena;
    request_answer(request, (struct reply){.status = 200,
                                           .body = arena_copy(arena, reply->body, reply->length),
                                           .length = reply->length,
                                           .etag = arena_text(arena, reply->etag),
                                           .next = reply->next ? arena_text(arena, reply->next) : NULL});
}

bool answered_from_memory(struct request *request, const struct kept_answers *answers, const struct answer_key *key)
{
    if (!may_keep(key))
        return false;
    const struct kept_answer *kept = &answers->slots[slot_of(key->name)];
    if (kept->seen != key->seen || strcmp(kept->name, key->name) != 0)
        return false;
    answer_with_copy(request, &(struct reply){.body = kept->body,
                                              .length = kept->length,
                                              .etag = kept->etag,
                                              .next = kept->next[0] ? kept->next : NULL});
    return true;
}

static void forget(struct kept_answers *answers, struct kept_answer *kept)
{
    answers->held -= kept->length;
    free(kept->body);
    *kept = (struct kept_answer){0};
}

// What no longer holds goes first. False: there is no room even then.
static bool has_room(struct kept_answers *answers, size_t length)
{
    if (answers->held + length <= BODIES_KEPT)
        return true;
    for (size_t i = 0; i < SLOTS; i++)
        if (answers->slots[i].body && answers->slots[i].seen != changes_seen_of(answers->slots[i].rests_on))
            forget(answers, &answers->slots[i]);
    return answers->held + length <= BODIES_KEPT;
}

static bool fits(const struct answer_key *key, const struct reply *reply)
{
    return reply->etag && !reply->source && reply->length <= BODY_KEPT && strlen(key->name) < NAME_KEPT &&
           strlen(reply->etag) < ETAG_KEPT && (!reply->next || strlen(reply->next) < NEXT_KEPT);
}

void keep_answer(struct kept_answers *answers, const struct answer_key *key, const struct reply *reply)
{
    if (!may_keep(key) || reply->status != 200 || !fits(key, reply))
        return;
    struct kept_answer *kept = &answers->slots[slot_of(key->name)];
    forget(answers, kept);
    char *body = has_room(answers, reply->length) ? malloc(reply->length + 1) : NULL;
    if (!body)
        return;
    memcpy(body, reply->body, reply->length);
    answers->held += reply->length;
    *kept = (struct kept_answer){.body = body, .length = reply->length, .seen = key->seen, .rests_on = key->rests_on};
    memcpy(kept->name, key->name, strlen(key->name) + 1);
    memcpy(kept->etag, reply->etag, strlen(reply->etag) + 1);
    if (reply->next)
        memcpy(kept->next, reply->next, strlen(reply->next) + 1);
}
