// Who calls: Authorization: Bearer with an opaque key, looked up by its SHA-256, or with a token of the identity
// provider (identity/jwt.h), verified here on the loop and remembered by its SHA-256.
//
// A found key is kept for a minute at most, and only while the news of changes are flowing: revoking one bumps a
// counter that every cached entry was read under, so it takes effect at once on every instance.
#include "identity/identify.h"

#include "base/container_of.h"
#include "base/poller.h"
#include "base/sha256.h"
#include "database/changes.h"
#include "handler/constraints.h"
#include "handler/lanes/work.h"
#include "http/server.h"
#include "identity/jwks.h"
#include "identity/jwt.h"
#include "keys/keys.sql.h"
#include "keys/uses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLOTS = 256, KEPT_SECONDS = 60, HASH_TEXT = 65 };

struct cached_key {
    char hash[HASH_TEXT];
    struct caller caller;
    uint64_t seen;
    int64_t fresh_until, use_noted; // monotonic_ns
};

struct key_cache {
    struct cached_key slots[SLOTS];
};

struct lookup {
    struct quick_query query;
    struct request *request;
    struct quick_lane *lane;
    struct key_cache *keys;
    char hash[HASH_TEXT];
    const char *values[1];
    uint64_t seen;
    // Of a token: what it says, good once there is its unit.
    struct caller caller;
    int64_t seconds;
};

static void *open_cache(struct quick_lane *lane)
{
    (void)lane;
    struct key_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        abort();
    return cache;
}

static const struct loop_part key_cache_part = {.open = open_cache, .close = free};
const struct feature identity_feature = {.name = "identity", .loop = &key_cache_part};

static struct cached_key *slot_of(struct key_cache *cache, const char *hash)
{
    return &cache->slots[strtoul((const char[]){hash[0], hash[1], 0}, NULL, 16) % SLOTS];
}

static bool refuse_key(struct request *request)
{
    return refuse(request, PROBLEM_UNAUTHENTICATED,
                  say(request, "Khóa không đúng, đã hết hạn hoặc đã bị thu hồi.",
                      "The key is wrong, has expired or was revoked."));
}

static bool refuse_scheme(struct request *request)
{
    return refuse(request, PROBLEM_UNAUTHENTICATED,
                  say(request, "Authorization phải theo dạng Bearer: hãy gửi khóa là Authorization: Bearer thd_….",
                      "Authorization must be of the scheme Bearer: send a key as Authorization: Bearer thd_…."));
}

// A key may expire in thousands of years. Nanoseconds of 292 fit, which no process lives through.
static int64_t in_seconds(long long seconds)
{
    int64_t now = monotonic_ns();
    return seconds < (INT64_MAX - now) / 1000000000 ? now + (int64_t)seconds * 1000000000 : INT64_MAX;
}

// Of keys and of tokens.
static uint64_t counter_of(bool by_token)
{
    return by_token ? jwks_generation() : changes_seen(CHANGE_KEYS);
}

bool caller_trusted(const struct caller *caller)
{
    return !caller->known || (monotonic_ns() < caller->good_until && counter_of(caller->by_token) == caller->seen);
}

static struct caller caller_of(const struct key_find *key, uint64_t seen)
{
    struct caller caller = {.known = true, .roles = roles_of_names(key->roles), .seen = seen};
    caller.good_until = key->seconds ? in_seconds(strtoll(key->seconds, NULL, 10)) : INT64_MAX;
    snprintf(caller.key_id, sizeof caller.key_id, "%s", key->id);
    snprintf(caller.unit_id, sizeof caller.unit_id, "%s", key->unit_id ? key->unit_id : "");
    snprintf(caller.name, sizeof caller.name, "%s", key->name);
    snprintf(caller.generation, sizeof caller.generation, "%s", key->generation);
    return caller;
}

static void remember_caller(struct key_cache *cache, const char *hash, const struct caller *caller, uint64_t seen,
                            long long seconds)
{
    if (!seen || seconds <= 0)
        return;
    struct cached_key *slot = slot_of(cache, hash);
    int64_t use_noted = memcmp(slot->hash, hash, HASH_TEXT) == 0 ? slot->use_noted : 0;
    *slot = (struct cached_key){.caller = *caller, .seen = seen, .use_noted = use_noted};
    memcpy(slot->hash, hash, HASH_TEXT);
    slot->fresh_until = in_seconds(seconds < KEPT_SECONDS ? seconds : KEPT_SECONDS);
}

static bool remembered(struct request *request, struct key_cache *cache, const char *hash, uint64_t seen)
{
    const struct cached_key *slot = slot_of(cache, hash);
    if (!seen || slot->seen != seen || memcmp(slot->hash, hash, HASH_TEXT) != 0 || monotonic_ns() >= slot->fresh_until)
        return false;
    request->caller = slot->caller;
    return true;
}

static bool refuse_unit(struct request *request)
{
    return refuse(request, PROBLEM_UNAUTHENTICATED,
                  say(request,
                      "Đơn vị ghi trong token không phải UUID của một đơn vị ở đây; hãy sửa nơi cấp token, hoặc bỏ hẳn "
                      "thông tin đơn vị nếu người gọi không thuộc đơn vị nào.",
                      "The unit in the token is not the UUID of a unit that exists here: correct it at the identity "
                      "provider, or leave the claim out where the caller belongs to no unit."));
}

static void accept_token(struct lookup *lookup)
{
    lookup->caller.by_token = true;
    lookup->caller.good_until = in_seconds(lookup->seconds);
    lookup->caller.seen = lookup->seen;
    lookup->request->caller = lookup->caller;
    remember_caller(lookup->keys, lookup->hash, &lookup->caller, lookup->seen, lookup->seconds);
}

// Where the database does not say who calls, what needs no database is answered as to a stranger: whoever watches by a
// key sees in /metrics that it is away.
static bool may_stay_unknown(const struct request *request)
{
    return request->route->lane == LANE_LOOP && (request->route->roles & ANYONE);
}

static void not_looked_up(const struct lookup *lookup, const struct failure *failure)
{
    if (!may_stay_unknown(lookup->request))
        refuse_failure(lookup->request, lookup->query.statement, failure);
}

static void unit_looked_up(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    struct lookup *lookup = container_of(query, struct lookup, query);
    if (!rows)
        not_looked_up(lookup, failure);
    else if (rows_count(rows) == 0)
        refuse_unit(lookup->request);
    else
        accept_token(lookup);
    rows_free(rows);
    request_known(lookup->request);
}

// `statement` takes one parameter.
static bool submit_caller(struct lookup *lookup, const struct statement *statement, const char *value,
                          void (*done)(struct quick_query *, struct rows *, const struct failure *))
{
    lookup->values[0] = value;
    lookup->query =
        (struct quick_query){.statement = statement, .values = lookup->values, .done = done, .at_primary = true};
    if (quick_submit(lookup->lane, &lookup->query))
        return true;
    if (!may_stay_unknown(lookup->request))
        refuse_busy(lookup->request);
    return false;
}

// True when it is settled who calls, as in identify.
static bool identify_token(struct lookup *lookup, const char *token)
{
    struct request *request = lookup->request;
    if (!lookup->seen)
        return !refuse_key(request);
    switch (jwt_caller(token, time(NULL), &lookup->caller, &lookup->seconds)) {
    case TOKEN_GOOD:
        if (lookup->caller.unit_id[0])
            return !submit_caller(lookup, &token_unit_statement, lookup->caller.unit_id, unit_looked_up);
        accept_token(lookup);
        return true;
    case TOKEN_OF_NO_UNIT:
        return !refuse_unit(request);
    case TOKEN_BAD:
    default:
        return !refuse_key(request);
    }
}

static void note_use(const struct lookup *lookup)
{
    struct cached_key *slot = slot_of(lookup->keys, lookup->hash);
    int64_t never = 0;
    bool kept = memcmp(slot->hash, lookup->hash, HASH_TEXT) == 0;
    key_use_note(lookup->request->caller.key_id, kept ? &slot->use_noted : &never);
}

static void looked_up(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    struct lookup *lookup = container_of(query, struct lookup, query);
    struct request *request = lookup->request;
    if (!rows) {
        not_looked_up(lookup, failure);
    } else if (rows_count(rows) == 0) {
        refuse_key(request);
    } else {
        struct key_find key = key_find_at(rows, 0);
        request->caller = caller_of(&key, lookup->seen);
        remember_caller(lookup->keys, lookup->hash, &request->caller, lookup->seen,
                        key.seconds ? strtoll(key.seconds, NULL, 10) : KEPT_SECONDS);
    }
    if (rows && rows_count(rows))
        note_use(lookup);
    rows_free(rows);
    request_known(request);
}

bool identify(struct request *request, void *loop_state)
{
    const struct loop_state *state = loop_state;
    char hash[HASH_TEXT];
    if (!request->authorization)
        return true;
    const char *bearer = bearer_of(request);
    if (!bearer)
        return !refuse_scheme(request);
    sha256_hex(bearer, strlen(bearer), hash);
    bool token = strncmp(bearer, "thd_", 4) != 0;
    uint64_t seen = counter_of(token);
    struct key_cache *keys = loop_kept(state, &key_cache_part);
    if (remembered(request, keys, hash, seen)) {
        if (!token)
            key_use_note(request->caller.key_id, &slot_of(keys, hash)->use_noted);
        return true;
    }
    struct lookup *lookup = arena_new(&request->arena, struct lookup);
    *lookup = (struct lookup){.request = request, .lane = state->lane, .keys = keys, .seen = seen};
    memcpy(lookup->hash, hash, HASH_TEXT);
    return token ? identify_token(lookup, bearer)
                 : !submit_caller(lookup, &key_find_statement, lookup->hash, looked_up);
}
