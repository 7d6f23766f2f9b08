// III.3: the documents that a dossier must hold, each in its state. Complete or not is known as soon as it is known
// which documents there are.
#include "engine/leaf/private.h"

struct completeness {
    struct leaf leaf;
    struct states required;
};
LEAF_FIRST(struct completeness, leaf);

static const struct leaf_member completeness_members[] = {
    {MEMBER("required", MEMBER_STATES, struct states, struct completeness, required)},
    {0},
};

static void check_completeness(struct check *check, struct leaf *leaf)
{
    struct states *required = &((struct completeness *)leaf)->required;
    const struct rule_set_source *source = check->source;
    required->slots = arena_array(check->arena, required->count, sizeof *required->slots);
    if (required->count == 0)
        rule_fault_report(check->faults, leaf->pointer, FAULT_EMPTY, NULL);
    for (size_t i = 0; i < required->count; i++) {
        required->slots[i] =
            find_name(source->documents, source->document_count, sizeof *source->documents, required->names[i]);
        if (required->slots[i] == source->document_count)
            rule_fault_report(check->faults, leaf->pointer, FAULT_UNKNOWN_DOCUMENT, required->names[i]);
        required->states[i] = shared_text(check, required->states[i]);
    }
}

// How many of the required documents are missing or in another state.
static size_t count_missing(const struct leaf_context *context)
{
    const struct states *required = &((const struct completeness *)context->leaf)->required;
    size_t missing = 0;
    for (size_t i = 0; i < required->count; i++) {
        const char *state = context->facts->documents[required->slots[i]];
        missing += !state || !same_text(state, required->states[i]);
    }
    return missing;
}

static void evaluate_completeness(const struct leaf_context *context, struct node_result *result)
{
    if (context->facts->documents_known)
        result->truth = truth_of(count_missing(context) == 0);
    else
        leave_open(result, REASON_DOCUMENTS_UNKNOWN);
}

static const char *observed_documents(const struct explainer *explainer)
{
    const struct states *required = &((const struct completeness *)explainer->context.leaf)->required;
    const struct unit_facts *facts = explainer->context.facts;
    const char *list = NULL;
    for (size_t i = 0; facts->documents_known && i < required->count; i++) {
        const char *state = facts->documents[required->slots[i]];
        list = join_text(explainer, list, explainer->worded ? "; " : ", ",
                         shown_document(explainer, required->names[i], state ? state : "MISSING"));
    }
    return list;
}

static const char *required_documents(const struct explainer *explainer)
{
    const struct states *required = &((const struct completeness *)explainer->context.leaf)->required;
    const char *list = NULL;
    for (size_t i = 0; i < required->count; i++)
        list = join_text(explainer, list, explainer->worded ? "; " : ", ",
                         shown_document(explainer, required->names[i], required->states[i]));
    return list;
}

// In documents.
static bool margin_of_completeness(const struct leaf_context *context, const struct node_result *result,
                                   int64_t *ret_margin)
{
    (void)result;
    if (context->facts->documents_known)
        *ret_margin = -(int64_t)count_missing(context);
    return context->facts->documents_known;
}

static void cite_documents(const struct leaf_context *context, struct evidence_list *evidence)
{
    const struct states *required = &((const struct completeness *)context->leaf)->required;
    for (size_t i = 0; context->facts->documents_known && i < required->count; i++)
        add_evidence(evidence, (struct evidence){.kind = EVIDENCE_DOCUMENT, .slot = required->slots[i]});
}

const struct leaf_kind completeness_kind = {
    .name = "completeness",
    .size = sizeof(struct completeness),
    .members = completeness_members,
    .check = check_completeness,
    .evaluate = evaluate_completeness,
    .observed = observed_documents,
    .required = required_documents,
    .margin = margin_of_completeness,
    .cite = cite_documents,
};
