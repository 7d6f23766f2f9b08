// What stands in a unit's way, as one text for those who refuse it.
#include "evaluations/evaluations.h"
#include "evaluations/stored/stored.h"
#include "handler/run.h"

#include <string.h>

enum { SENTENCES_MOST = 12 };

struct reasons {
    struct request *request;
    const char *sentences[SENTENCES_MOST];
    size_t count;
    const char *text;
};

static void add_reason(struct reasons *reasons, const char *clause, const json_t *explanation)
{
    struct arena *arena = &reasons->request->arena;
    const char *language = reasons->request->language == ENGLISH ? "en" : "vi";
    const char *sentence = json_string_value(json_object_get(explanation, language));
    if (!sentence || reasons->count == SENTENCES_MOST)
        return;
    for (size_t i = 0; i < reasons->count; i++)
        if (strcmp(reasons->sentences[i], sentence) == 0)
            return;
    sentence = arena_text(arena, sentence);
    reasons->sentences[reasons->count++] = sentence;
    reasons->text = arena_format(arena, "%s%s%s: %s", reasons->text, *reasons->text ? " " : "", clause, sentence);
}

static void add_criterion_reasons(struct reasons *reasons, const json_t *criterion)
{
    const char *result = json_string_value(json_object_get(criterion, "result"));
    const char *clause = json_string_value(json_object_get(criterion, "clause"));
    size_t i;
    json_t *leaf;
    if (!result || !clause || strcmp(result, "PASS") == 0 || strcmp(result, "NOT_APPLICABLE") == 0)
        return;
    add_reason(reasons, clause, json_object_get(criterion, "explanation"));
    json_array_foreach(json_object_get(criterion, "leaves"), i, leaf)
    {
        const char *truth = json_string_value(json_object_get(leaf, "result"));
        if (truth && strcmp(truth, "UNDETERMINED") == 0)
            add_reason(reasons, clause, json_object_get(leaf, "explanation"));
    }
}

bool evaluation_reasons(struct request *request, struct session *session, const char *id, const char *unit_id,
                        const char **ret_text)
{
    struct stored_evaluation evaluation;
    const struct stored_verdict *verdict;
    struct reasons reasons = {.request = request, .text = ""};
    size_t i;
    json_t *criterion;
    *ret_text = "";
    if (!stored_open(request, session, id, &evaluation) ||
        !verdict_stored(request, session, id, unit_id, true, NULL, &verdict))
        return false;
    if (!verdict)
        return true;
    json_t *json = stored_json(&evaluation, &request->arena, verdict, AUDIENCE_RESTRICTED);
    if (!json)
        return false;
    json_array_foreach(json_object_get(json, "criteria"), i, criterion) add_criterion_reasons(&reasons, criterion);
    json_decref(json);
    *ret_text = reasons.text;
    return true;
}
