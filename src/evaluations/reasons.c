// What stands in a unit's way, as one text for those who refuse it.
#include "evaluations/evaluations.h"
#include "evaluations/stored/stored.h"
#include "handler/run.h"

#include <string.h>

enum { SENTENCES_MOST = 12 };

struct reasons {
    struct request *request;
    const struct verdict_view *view;
    const char *sentences[SENTENCES_MOST];
    size_t count;
    const char *text;
};

static void add_reason(struct reasons *reasons, size_t criterion, const char *sentence)
{
    struct arena *arena = &reasons->request->arena;
    if (reasons->count == SENTENCES_MOST)
        return;
    for (size_t i = 0; i < reasons->count; i++)
        if (strcmp(reasons->sentences[i], sentence) == 0)
            return;
    reasons->sentences[reasons->count++] = sentence;
    reasons->text = arena_format(arena, "%s%s%s: %s", reasons->text, *reasons->text ? " " : "",
                                 reasons->view->rules->source->criteria[criterion].clause, sentence);
}

// What decided on the criterion, then what else keeps it open.
static void add_criterion_reasons(struct reasons *reasons, size_t criterion, const bool *open)
{
    const struct verdict_view *view = reasons->view;
    struct arena *arena = &reasons->request->arena;
    const bool english = reasons->request->language == ENGLISH;
    add_reason(reasons, criterion, verdict_explanation(arena, view, criterion, english));
    for (uint16_t i = 0; i < view->rules->node_count; i++)
        if (open[i] && view->rules->nodes[i].leaf && view->rules->nodes[i].criterion == criterion)
            add_reason(
                reasons, criterion,
                criteria_explanation(arena, view->rules, view->parameters, view->facts, view->verdict, i, english));
}

static void add_reasons(struct reasons *reasons, const struct award_form *form)
{
    const struct rule_set *rules = reasons->view->rules;
    const size_t count = rules->source->criterion_count;
    const struct criterion_result *criteria = reasons->view->verdict->criteria;
    bool *reads = arena_array(&reasons->request->arena, count, sizeof *reads);
    bool *open = arena_array(&reasons->request->arena, rules->node_count, sizeof *open);
    form_criteria(form ? form->eligible : NULL, reads, count);
    criteria_mark_open(rules, criteria, reasons->view->verdict->nodes, reads, open);
    for (size_t i = 0; i < count; i++)
        if (reads[i] && criteria[i].outcome != OUTCOME_PASS && criteria[i].outcome != OUTCOME_NOT_APPLICABLE)
            add_criterion_reasons(reasons, i, open);
}

bool evaluation_reasons(struct request *request, struct session *session, const char *id, const char *unit_id,
                        const char *form, const char **ret_text)
{
    struct stored_evaluation evaluation;
    const struct stored_verdict *verdict;
    struct reasons reasons = {.request = request, .text = ""};
    *ret_text = "";
    if (!stored_open(request, session, id, &evaluation) ||
        !verdict_stored(request, session, id, unit_id, true, NULL, &verdict))
        return false;
    if (!verdict)
        return true;
    reasons.view = stored_view(&evaluation, &request->arena, verdict, AUDIENCE_RESTRICTED);
    if (!reasons.view)
        return false;
    add_reasons(&reasons, form_named(&evaluation.rules->document.forms, form));
    *ret_text = reasons.text;
    return true;
}
