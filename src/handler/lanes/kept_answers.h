// Answers that an event loop keeps in memory, for reads and computed routes that are `cached` (http/route.h). Each loop
// has its own, which only its thread touches. An answer holds as long as nothing that it rests on is committed, and on
// the day it was made, for many things are shown as of today: a new day moves all counters (database/changes.h).
#ifndef THIDUA_HANDLER_LANES_KEPT_ANSWERS_H
#define THIDUA_HANDLER_LANES_KEPT_ANSWERS_H

#include "http/request.h"

struct kept_answers;
struct reading;

// What an answer is kept by. It is taken before the answer's data are read, so that a commit in between makes the
// answer old.
struct answer_key {
    const char *name;     // route_kept_as(); NULL: it is not kept
    uint64_t seen;        // changes_seen_of(rests_on); 0: commits are not heard of, and nothing is kept
    const char *rests_on; // of the route; NULL: on everything
};
struct answer_key answer_key_of(struct request *request);

struct kept_answers *kept_answers_new(void);
void kept_answers_free(struct kept_answers *answers);

// Sends 200 with a copy of the body, the tag and the next cursor, made in the request's arena.
void answer_with_copy(struct request *request, const struct reply *reply);
// Sends the answer that is kept. False: none is.
bool answered_from_memory(struct request *request, const struct kept_answers *answers, const struct answer_key *key);
// Keeps a copy, unless it is larger than 64 KiB, not a success, or all room (8 MiB a loop) is taken by answers that
// hold.
void keep_answer(struct kept_answers *answers, const struct answer_key *key, const struct reply *reply);

// Who asks the database for what belongs to this key, so that others who want the same wait for that answer. Without
// it, each reader would ask anew after a commit that many answers rest on, until the first is answered. NULL: the key
// is not one to be kept.
struct reading **answer_asked_by(struct kept_answers *answers, const struct answer_key *key);
// Do both ask for the same, as of the same commits?
bool answer_key_same(const struct answer_key *a, const struct answer_key *b);

#endif
