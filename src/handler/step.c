#include "handler/step.h"

#include "handler/run.h"
#include "http/input/body.h"

static const char *possible_actions(struct request *request, const struct life_cycle *cycle, const char *state)
{
    const char *text = "";
    for (const struct transition *row = NULL; (row = life_cycle_next(cycle, state, row));)
        text = arena_format(&request->arena, "%s%s%s", text, *text ? ", " : "",
                            code_and_words(request, cycle->action_words, row->action));
    return *text ? text : "–";
}

const struct transition *step_allowed(struct request *request, const struct life_cycle *cycle, const char *state,
                                      const char *action, const char *reason)
{
    const struct transition *step = life_cycle_find(cycle, state, action);
    if (!step) {
        const char *way_out =
            say(request, "Trạng thái hiện tại: %s; từ đây có thể: %s.", "The state is: %s; possible from here: %s.",
                words_for(request, cycle->state_words, state), possible_actions(request, cycle, state));
        refuse(request, PROBLEM_IMPOSSIBLE_TRANSITION, way_out);
        violate(request, PROBLEM_IMPOSSIBLE_TRANSITION, pointer_to_sent(request, "/action /status /outcome"),
                "impossible", way_out);
        return NULL;
    }
    if (!has_role(request, step->roles)) {
        refuse(request, PROBLEM_FORBIDDEN,
               say(request, "%s Vai trò của khóa này không được làm việc đó.", "%s This key's role may not do that.",
                   request->language == ENGLISH ? step->sentence_en : step->sentence_vi));
        return NULL;
    }
    return !step->needs_reason || reason_given(request, reason, "/reason") ? step : NULL;
}
