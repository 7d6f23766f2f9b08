// An evaluation entered, stored once it is judged, and told.
#include "evaluations/engine_run.h"

#include "engine/json/json_reader.h"
#include "evaluations/evaluations.h"
#include "handler/run.h"

static const char *creator(const struct request *request)
{
    return request->caller.key_id[0] ? request->caller.key_id : NULL;
}

bool evaluation_enter(struct request *request, struct session *session, const struct evaluation_order *order,
                      const char **ret_id, const char **ret_as_of)
{
    struct engine_run run = {.request = request, .session = session, .order = order};
    if (!run_load(&run))
        return false;
    const struct evaluation_setting *setting = &run.setting;
    *ret_id = run_id(&run);
    *ret_as_of = setting->as_of;
    return evaluation_insert(request, session, *ret_id, order->campaign, order->year, setting->rules_name,
                             setting->rules_version, run.rules->document.hash, SEMANTICS_NEWEST, setting->as_of,
                             creator(request), request->caller.name);
}

static const char *counts_text(struct engine_run *run)
{
    json_t *counts = defer_json(run->request, json_pack("{s:I}", "contestants", (json_int_t)run->count));
    for (enum overall_outcome overall = OVERALL_ELIGIBLE; overall <= OVERALL_PENDING; overall++)
        json_object_set_new(counts, overall_outcome_name(overall), json_integer((json_int_t)run->counts[overall]));
    return json_canonical(&run->request->arena, counts, NULL);
}

// As verdicts_facts_mark() would make it by reading again what has just been stored. NULL: some were read without.
static const char *facts_mark(struct engine_run *run)
{
    return run->count && run->marked == run->count ? arena_format(&run->request->arena, "%lld", run->facts_mark) : NULL;
}

static bool enter_results(struct engine_run *run, struct evaluation_finish *ret_stored)
{
    struct request *request = run->request;
    const struct evaluation_setting *setting = &run->setting;
    return evaluation_finish(request, run->session, run_id(run), run->order->campaign, run->order->year,
                             SEMANTICS_NEWEST, setting->as_of, creator(request), request->caller.name, run->input_hash,
                             run->result_hash, counts_text(run), json_canonical(&request->arena, run->warnings, NULL),
                             run->parameters_text, run->inputs_text, setting->rules_name, setting->rules_version,
                             run->rules->document.hash, facts_mark(run), run->counted_places, run->standings,
                             run->standings_length, ret_stored);
}

bool run_store(struct engine_run *run, struct evaluation *ret_evaluation)
{
    struct evaluation_finish stored;
    const char *id = run_id(run);
    digest_finish(&run->input_digest, run->input_hash);
    digest_finish(&run->result_digest, run->result_hash);
    if (!enter_results(run, &stored))
        return false;
    struct event event = {.type = "evaluation.created",
                          .resource = arena_format(&run->request->arena, "/v1/evaluations/%s", id),
                          .campaign = run->order->campaign,
                          .year = run->order->year,
                          .after = stored.listed,
                          .read_alike = true};
    *ret_evaluation = (struct evaluation){id, stored.json, event, run->outcomes, run->count};
    return true;
}

// publication: the decision that lets it be told; NULL: the evaluation is told when it is made.
static bool tell_changes(struct request *request, struct session *session, const char *id, const char *campaign,
                         const char *year, const char *publication)
{
    struct verdict_changes changes;
    return verdict_changes(request, session, id, campaign, year, publication, &changes) &&
           (!changes.units ||
            record_each(request, session, (struct event){.type = "verdict.changed", .campaign = campaign, .year = year},
                        changes.units));
}

// Units hear that their verdict has changed; not from the evaluation at signing, of which nobody may know before the
// decision is published (V.3), nor in rounds so large that the journal would hold little else. A trial tells nobody.
bool run_tell(struct engine_run *run)
{
    const struct evaluation_order *order = run->order;
    return order->signed_on || order->trial || run->setting.contestants > RANKED_MOST ||
           tell_changes(run->request, run->session, run_id(run), order->campaign, order->year, NULL);
}

bool evaluations_tell(struct request *request, struct session *session, const char *decision)
{
    const struct evaluation_told_by *told;
    size_t count;
    if (!evaluation_told_by(request, session, decision, &told, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!tell_changes(request, session, told[i].id, told[i].campaign, told[i].year, decision))
            return false;
    return true;
}
