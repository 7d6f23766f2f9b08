// A body that was entered by mistake is taken back, while nothing rests on it (domain, section 8).
#include "handler/run.h"
#include "units/units.h"

#include <string.h>

static const struct rest {
    const char *table, *vi, *en;
} rests[] = {
#define REST(table, vi, en) {table, vi, en},
#define RESTRICTED(table)   {table, NULL, NULL},
#include "units/rests.def"
#undef RESTRICTED
#undef REST
};

// NULL: of what only the offices may read.
static const char *rest_in_words(struct request *request, const char *table)
{
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++)
        if (strcmp(rests[i].table, table) == 0)
            return request->language == ENGLISH ? rests[i].en : rests[i].vi;
    return say(request, "dữ liệu khác", "other data"); // of a table that is newer than the words
}

static void tell_rest(struct request *request, const char *words)
{
    violate(request, PROBLEM_CONFLICT, "", "rests_on_unit",
            say(request,
                "Đơn vị này đã gắn với: %s. Chỉ rút được đơn vị nhập nhầm khi chưa có gì gắn với nó; đơn vị có thật "
                "thì ghi việc sáp nhập hoặc giải thể.",
                "On this unit rest: %s. Only one that was entered by mistake, on which nothing rests, can be "
                "withdrawn; a body that was there is ended by a succession.",
                words));
}

static bool nothing_rests(struct request *request, struct session *session, const char *id)
{
    const struct unit_list_rests *found;
    size_t count;
    if (!unit_list_rests(request, session, id, &found, &count))
        return false;
    bool restricted = false;
    for (size_t i = 0; i < count; i++) {
        const char *words = rest_in_words(request, found[i].kind);
        restricted = restricted || !words;
        if (words)
            tell_rest(request, words);
    }
    if (restricted)
        tell_rest(request, say(request, "dữ liệu chỉ các cơ quan có thẩm quyền được xem",
                               "records that only the offices may read"));
    return count == 0;
}

struct reply withdraw_unit(struct request *request, struct session *session)
{
    const struct unit_find_leaving *unit;
    const char *id = path_value(request, "id");
    if (!unit_find_leaving(request, session, id, &unit) || !is_found(request, unit) ||
        !version_is(request, unit->version) || !nothing_rests(request, session, id) ||
        !unit_delete(request, session, id))
        return refusal(request);
    return removed(request, session,
                   (struct event){.type = "unit.withdrawn",
                                  .resource = arena_format(&request->arena, "/v1/units/%s", id),
                                  .unit_id = id,
                                  .reason = query_value(request, "reason"),
                                  .before = unit->json});
}
