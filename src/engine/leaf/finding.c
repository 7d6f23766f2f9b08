// III.1.a: what a person found on a content of the emulation. A finding by a body that may not find is as good as none.
#include "engine/leaf/private.h"

struct finding_leaf {
    struct leaf leaf;
    const char *content;
    struct names accepted;
    struct names competent; // who may find; none means anyone
    // Set by check_finding():
    size_t slot;
    const char *usual, *usual_finder; // the first of both lists; NULL where it is empty
};
LEAF_FIRST(struct finding_leaf, leaf);

static const struct leaf_member finding_members[] = {
    {NAME_MEMBER("content", struct finding_leaf, content)},
    {MEMBER("accepts", MEMBER_NAMES, struct names, struct finding_leaf, accepted)},
    {MEMBER("found_by", MEMBER_NAMES, struct names, struct finding_leaf, competent), .optional = true},
    {0},
};

static void keep_texts(struct check *check, struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        names->items[i] = shared_text(check, names->items[i]);
}

static void check_finding(struct check *check, struct leaf *leaf)
{
    struct finding_leaf *finding = (struct finding_leaf *)leaf;
    const struct rule_set_source *source = check->source;
    finding->slot = find_name(source->contents, source->content_count, sizeof *source->contents, finding->content);
    if (finding->slot == source->content_count)
        rule_fault_report(check->faults, leaf->pointer, FAULT_UNKNOWN_CONTENT, finding->content);
    if (finding->accepted.count == 0)
        rule_fault_report(check->faults, leaf->pointer, FAULT_EMPTY, NULL);
    keep_texts(check, &finding->accepted);
    keep_texts(check, &finding->competent);
    finding->usual = finding->accepted.count ? finding->accepted.items[0] : NULL;
    finding->usual_finder = finding->competent.count ? finding->competent.items[0] : NULL;
}

static bool lists_name(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (same_text(names->items[i], name))
            return true;
    return false;
}

// Apart, so that most findings, which say the one thing that is accepted, need no room for lists.
__attribute__((noinline)) static void look_up(const struct finding_leaf *leaf, const struct finding *finding,
                                              struct node_result *result)
{
    if (leaf->competent.count && !(finding->found_by && lists_name(&leaf->competent, finding->found_by)))
        leave_open(result, REASON_FINDER_NOT_COMPETENT);
    else
        result->truth = truth_of(lists_name(&leaf->accepted, finding->result));
}

static void evaluate_finding(const struct leaf_context *context, struct node_result *result)
{
    const struct finding_leaf *leaf = (const struct finding_leaf *)context->leaf;
    const struct finding *finding = &context->facts->findings[leaf->slot];
    if (!finding->result) {
        leave_open(result, REASON_NO_FINDING);
        return;
    }
    result->observed = (struct value){.type = VALUE_TEXT, .text = finding->result};
    if (finding->result == leaf->usual && (!leaf->usual_finder || finding->found_by == leaf->usual_finder))
        result->truth = TRUTH_TRUE;
    else
        look_up(leaf, finding, result);
}

static const char *required_finding(const struct explainer *explainer)
{
    const struct names *accepted = &((const struct finding_leaf *)explainer->context.leaf)->accepted;
    const char *list = NULL;
    for (size_t i = 0; i < accepted->count; i++)
        list = join_text(explainer, list, " | ", shown_code(explainer, accepted->items[i]));
    return list;
}

static void cite_finding(const struct leaf_context *context, struct evidence_list *evidence)
{
    const struct finding_leaf *leaf = (const struct finding_leaf *)context->leaf;
    cite_content(evidence, leaf->slot);
}

const struct leaf_kind finding_kind = {
    .name = "finding",
    .size = sizeof(struct finding_leaf),
    .members = finding_members,
    .check = check_finding,
    .evaluate = evaluate_finding,
    .observed = observed_value,
    .required = required_finding,
    .cite = cite_finding,
};
