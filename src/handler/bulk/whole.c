#include "handler/bulk/whole.h"

#include "database/session.h"
#include "handler/constraints.h"
#include "handler/run.h"

#include <stdlib.h>
#include <string.h>

static const struct statement frame = {.name = "bulk"}; // names savepoints in the log

// ---- faults ----

// Of what stands beside the list: before all of its items.
static long long number_of(const char *list, const struct violation *fault)
{
    size_t length = strlen(list);
    const char *pointer = fault->pointer;
    return pointer[0] == '/' && strncmp(pointer + 1, list, length) == 0 && pointer[length + 1] == '/'
               ? strtoll(pointer + length + 2, NULL, 10)
               : -1;
}

// Where no more can be named, a later item gives way to an earlier one.
static bool gives_way(struct problem *problem, const char *list, const struct violation *fault)
{
    size_t last = 0;
    for (size_t i = 1; i < problem->violations_count; i++)
        if (number_of(list, &problem->violations[i]) >= number_of(list, &problem->violations[last]))
            last = i;
    if (number_of(list, &problem->violations[last]) <= number_of(list, fault))
        return false;
    problem->violations[last] = *fault;
    return true;
}

// What all items share is at fault for each of them, and is named once.
static bool is_named(const struct problem *problem, const struct violation *fault)
{
    for (size_t i = 0; i < problem->violations_count; i++)
        if (strcmp(problem->violations[i].pointer, fault->pointer) == 0 &&
            strcmp(problem->violations[i].code, fault->code) == 0)
            return true;
    return false;
}

static const char *pointer_of(struct request *request, const char *list, const struct whole_fault *fault)
{
    const char *member = fault->member;
    if (member && member[0] == '/')
        return member;
    return arena_format(&request->arena, "/%s/%lld%s%s", list, fault->number, member ? "/" : "", member ? member : "");
}

static bool same_clause(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

bool whole_fault(struct request *request, const char *list, const struct whole_fault *fault)
{
    struct problem *problem = &request->problem;
    const struct violation violation = {.pointer = pointer_of(request, list, fault),
                                        .code = fault->code,
                                        .detail = fault->detail,
                                        .unit_id = fault->unit_id,
                                        .unit_label = fault->unit_label};
    bool full = problem->violations_count == VIOLATIONS_MAX;
    if (fault->member && fault->member[0] == '/' && is_named(problem, &violation))
        return false;
    if (problem->kind == PROBLEM_NONE)
        problem->clause = fault->clause;
    violate_unit(request, fault->kind, (struct unit_named){violation.pointer, violation.unit_id, violation.unit_label},
                 violation.code, violation.detail);
    if (problem->kind != fault->kind)
        problem->kind = PROBLEM_INVALID;
    if (!same_clause(problem->clause, fault->clause))
        problem->clause = NULL;
    return !full || gives_way(problem, list, &violation);
}

bool whole_faultless(struct request *request, const char *list)
{
    struct problem *problem = &request->problem;
    // By insertion: the faults of one item stay as they are, and there are few.
    for (size_t i = 1; i < problem->violations_count; i++) {
        struct violation fault = problem->violations[i];
        size_t place = i;
        for (; place > 0 && number_of(list, &problem->violations[place - 1]) > number_of(list, &fault); place--)
            problem->violations[place] = problem->violations[place - 1];
        problem->violations[place] = fault;
    }
    return problem->kind == PROBLEM_NONE;
}

const char *with_clause(struct request *request, const char *clause, const char *words)
{
    return clause ? arena_format(&request->arena, "%s: %s", clause, words) : words;
}

// ---- making them ----

// Of the service and not of the item: it ends the whole.
static bool is_passing(const struct request *request)
{
    return request->retry || problem_status(request->problem.kind) >= 500 ||
           request->problem.kind == PROBLEM_TOO_MUCH_WORK;
}

// What the memory of the request was before an item.
struct before {
    const struct deferred *kept;
    struct arena_mark mark;
    const json_t *clauses; // an item may put those of its own plan in their place
    bool plan_at_hand;
};

static struct before before_item(const struct request *request)
{
    return (struct before){request->deferred, arena_mark(&request->arena), request->clauses, request->plan_at_hand};
}

static void leave_plan(struct request *request, struct before before)
{
    request->clauses = before.clauses;
    request->plan_at_hand = before.plan_at_hand;
}

static void release_since(struct request *request, struct before before)
{
    release_deferred(request, before.kept);
    arena_rewind(&request->arena, before.mark);
    leave_plan(request, before);
}

static bool make_one(struct request *request, struct session *session, const struct whole *whole, size_t index)
{
    struct before before = before_item(request);
    if (!within_budget(request) || !whole->make(request, session, whole->context, index))
        return false;
    release_since(request, before);
    return true;
}

static bool script(struct request *request, struct session *session, const char *sql)
{
    struct failure failure;
    return session_script(session, sql, &failure) || refuse_failure(request, &frame, &failure);
}

static bool settled(struct request *request, struct session *session)
{
    struct failure failure;
    return session_settle(session, &failure) || refuse_failure(request, &frame, &failure);
}

// Rolls what it made back where it is refused, so that the next can be looked at.
static bool name_what_is_wrong(struct request *request, struct session *session, const struct whole *whole)
{
    struct problem faults = request->problem;
    for (size_t i = 0; i < whole->count; i++) { // to the end, so that it can be said how many faults there are
        struct before before = before_item(request);
        request->problem = (struct problem){0};
        bool good = script(request, session, "SAVEPOINT one") && make_one(request, session, whole, i) &&
                    settled(request, session);
        if (!good && is_passing(request))
            return false;
        struct problem refused = request->problem;
        request->problem = faults;
        if (!good && !whole->name(request, whole->context, i, &refused))
            release_since(request, before);
        leave_plan(request, before);
        faults = request->problem;
        if (!script(request, session, good ? "RELEASE one" : "ROLLBACK TO one; RELEASE one"))
            return false;
    }
    return whole_faultless(request, whole->list);
}

bool whole_make(struct request *request, struct session *session, const struct whole *whole)
{
    if (request->problem.kind != PROBLEM_NONE)
        return name_what_is_wrong(request, session, whole);
    if (!script(request, session, "SAVEPOINT whole"))
        return false;
    struct before before = before_item(request);
    size_t i = 0;
    while (i < whole->count && make_one(request, session, whole, i))
        i++;
    if (i == whole->count && settled(request, session))
        return true;
    if (is_passing(request))
        return false;
    request->problem = (struct problem){0};
    leave_plan(request, before);
    whole->forget(whole->context);
    return script(request, session, "ROLLBACK TO whole") && name_what_is_wrong(request, session, whole);
}
