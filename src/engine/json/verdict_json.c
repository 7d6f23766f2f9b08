#include "engine/json/verdict_json.h"

#include "engine/json/json_reader.h"
#include "thidua/civil.h"

static json_t *text_or_json_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *bilingual_json(struct bilingual text)
{
    return json_pack("{s:s, s:s}", "vi", text.vi, "en", text.en);
}

static json_t *date_json(int32_t date)
{
    char text[DATE_TEXT_SIZE];
    date_format(date, text);
    return json_string(text);
}

static json_t *citations_json(const struct citation *citations, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct citation *citation = &citations[i];
        json_t *item = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "document", citation->document, "clause",
                                 citation->clause, "quote", citation->quote, "note", text_or_json_null(citation->note),
                                 "valid_from", date_json(citation->valid_from), "valid_to",
                                 citation->valid_to == DATE_LAST ? json_null() : date_json(citation->valid_to));
        json_array_append_new(list, item);
    }
    return list;
}

static void add_source(json_t *item, struct source source)
{
    json_object_set_new(item, "source", text_or_json_null(source.source));
    json_object_set_new(item, "version", source.version ? json_integer(source.version) : json_null());
    json_object_set_new(item, "recorded_at", text_or_json_null(source.recorded_at));
}

static json_t *value_json(struct arena *arena, struct value value, unsigned decimals)
{
    if (value.type == VALUE_BOOLEAN)
        return json_boolean(value.number != 0);
    if (value.type == VALUE_INTEGER)
        return json_integer(value.number);
    return text_or_json_null(value_text(arena, value, decimals));
}

static void add_fact(struct arena *arena, json_t *list, const struct verdict_view *view, size_t slot)
{
    const struct fact_declaration *declared = &view->rules->source->facts[slot];
    const struct fact *fact = &view->facts->facts[slot];
    json_t *item =
        json_pack("{s:s, s:o}", "name", declared->name, "value", value_json(arena, fact->value, declared->decimals));
    add_source(item, fact->source);
    json_array_append_new(list, item);
}

// The declaration of completeness, then each entry that counts or may count.
static void add_register(json_t *list, const struct verdict_view *view, const struct expression *leaf)
{
    const struct register_facts *facts = &view->facts->registers[leaf->register_slot];
    json_t *item =
        json_pack("{s:s, s:b, s:o, s:o}", "register", leaf->register_name, "complete", facts->complete,
                  "complete_through", facts->has_complete_through ? date_json(facts->complete_through) : json_null(),
                  "source", text_or_json_null(facts->complete_source));
    json_array_append_new(list, item);
    for (size_t i = 0; i < facts->entry_count; i++) {
        const struct entry *entry = &facts->entries[i];
        enum truth truth = criteria_entry_matches(leaf, view->parameters, view->facts, entry);
        if (truth == TRUTH_FALSE)
            continue;
        item = json_pack("{s:s, s:s, s:s}", "register", leaf->register_name, "entry", entry->id, "counts",
                         truth_name(truth));
        add_source(item, entry->source);
        json_array_append_new(list, item);
    }
}

static void add_documents(json_t *list, const struct verdict_view *view, const struct expression *leaf)
{
    for (size_t i = 0; view->facts->documents_known && i < leaf->name_count; i++) {
        const char *state = view->facts->documents[leaf->name_slots[i]];
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "document", leaf->names[i], "value", state ? state : "MISSING"));
    }
}

static void add_finding(json_t *list, const struct verdict_view *view, const struct expression *leaf)
{
    const struct finding *finding = &view->facts->findings[leaf->slot];
    json_t *item = json_pack("{s:s, s:o, s:o}", "content", leaf->content, "value", text_or_json_null(finding->result),
                             "found_by", text_or_json_null(finding->found_by));
    add_source(item, finding->source);
    json_array_append_new(list, item);
}

static json_t *facts_json(struct arena *arena, const struct verdict_view *view, const struct expression *leaf)
{
    json_t *list = json_array();
    if (leaf->kind == KIND_FINDING) {
        add_finding(list, view, leaf);
    } else if (leaf->kind == KIND_COMPLETENESS) {
        add_documents(list, view, leaf);
    } else if (leaf->register_name) {
        add_register(list, view, leaf);
    } else {
        add_fact(arena, list, view, leaf->slot);
        if (leaf->kind == KIND_RATIO)
            add_fact(arena, list, view, leaf->whole_slot);
        for (size_t i = 0; i < leaf->operand_count; i++)
            if (leaf->operands[i].kind == OPERAND_FACT)
                add_fact(arena, list, view, leaf->operands[i].slot);
    }
    return list;
}

// The unit sees its own index, but not who is under discipline or investigation.
static bool is_hidden(const struct verdict_view *view, const struct expression *leaf)
{
    return view->audience == AUDIENCE_PUBLIC || (view->audience == AUDIENCE_UNIT && leaf->register_name &&
                                                 view->rules->source->registers[leaf->register_slot].confidential);
}

static void add_leaf_texts(struct arena *arena, json_t *item, const struct verdict_view *view, uint16_t node)
{
    const struct node *compiled = &view->rules->nodes[node];
    const struct expression *leaf = compiled->expression;
    const struct criterion *criterion = &view->rules->source->criteria[compiled->criterion];
    struct leaf_texts texts = criteria_explain(arena, view->rules, view->parameters, view->facts, view->verdict, node);
    bool hidden = is_hidden(view, leaf);
    if (hidden)
        texts.explanation =
            criteria_public_explanation(arena, criterion, view->verdict->criteria[compiled->criterion].outcome);
    json_object_set_new(item, "observed", hidden ? json_null() : text_or_json_null(texts.observed));
    json_object_set_new(item, "required", hidden ? json_null() : text_or_json_null(texts.required));
    json_object_set_new(item, "margin", hidden ? json_null() : text_or_json_null(texts.margin));
    json_object_set_new(item, "explanation", bilingual_json(texts.explanation));
    json_object_set_new(item, "facts", hidden ? json_array() : facts_json(arena, view, leaf));
}

static const char *role_of(const struct verdict_view *view, size_t node)
{
    const struct node *compiled = &view->rules->nodes[node];
    const struct criterion_nodes *roots = &view->rules->criteria[compiled->criterion];
    if (roots->guard != NO_NODE && node >= roots->guard && node < view->rules->nodes[roots->guard].end)
        return "APPLIES_WHEN";
    if (roots->hold != NO_NODE && node >= roots->hold && node < view->rules->nodes[roots->hold].end)
        return "HOLD";
    return "REQUIRES";
}

static json_t *leaf_json(struct arena *arena, const struct verdict_view *view, uint16_t node)
{
    const struct expression *leaf = view->rules->nodes[node].expression;
    const struct node_result *result = &view->verdict->nodes[node];
    json_t *item = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "id", leaf->id, "kind", expression_kind_name(leaf->kind),
                             "role", role_of(view, node), "result", truth_name(result->truth), "reason",
                             text_or_json_null(leaf_reason_name(result->reason)), "citations",
                             citations_json(leaf->citations, leaf->citation_count));
    if (leaf->missing_citation && result->missing_made_false)
        json_object_set_new(item, "missing_citation", citations_json(leaf->missing_citation, 1));
    add_leaf_texts(arena, item, view, node);
    return item;
}

static json_t *leaves_json(struct arena *arena, const struct verdict_view *view, size_t criterion)
{
    json_t *list = json_array();
    for (uint16_t i = 0; i < view->rules->node_count; i++) {
        const struct node *node = &view->rules->nodes[i];
        if (node->criterion == criterion && expression_kind_is_leaf(node->kind) && !is_hidden(view, node->expression))
            json_array_append_new(list, leaf_json(arena, view, i));
    }
    return list;
}

static json_t *criterion_json(struct arena *arena, const struct verdict_view *view, size_t index)
{
    const struct criterion *criterion = &view->rules->source->criteria[index];
    const struct criterion_result *result = &view->verdict->criteria[index];
    json_t *item = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "id", criterion->id, "clause", criterion->clause,
                             "result", criterion_outcome_name(result->outcome), "text", bilingual_json(criterion->text),
                             "citations", citations_json(criterion->citations, criterion->citation_count), "leaves",
                             leaves_json(arena, view, index));
    add_leaf_texts(arena, item, view, result->principal);
    return item;
}

static json_t *unknowns_json(const struct verdict_view *view)
{
    json_t *list = json_array();
    for (size_t i = 0; i < view->rules->node_count && view->audience != AUDIENCE_PUBLIC; i++) {
        const struct node *node = &view->rules->nodes[i];
        if (!view->verdict->nodes[i].decisive || !expression_kind_is_leaf(node->kind) ||
            is_hidden(view, node->expression))
            continue;
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:o, s:o}", "criterion",
                                        view->rules->source->criteria[node->criterion].id, "leaf", node->expression->id,
                                        "reason", text_or_json_null(leaf_reason_name(view->verdict->nodes[i].reason)),
                                        "text", bilingual_json(node->expression->text)));
    }
    return list;
}

static json_t *changes_json(struct arena *arena, const struct verdict_view *view)
{
    json_t *list = json_array();
    for (size_t i = 0; i < view->verdict->change_count; i++) {
        const struct change *change = &view->verdict->changes[i];
        const struct node *node = &view->rules->nodes[change->node];
        if (is_hidden(view, node->expression))
            continue;
        struct leaf_texts texts =
            criteria_explain(arena, view->rules, view->parameters, view->facts, view->verdict, change->node);
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "criterion",
                                        view->rules->source->criteria[node->criterion].id, "leaf", node->expression->id,
                                        "from", truth_name(view->verdict->nodes[change->node].truth), "to",
                                        truth_name(change->to), "required", text_or_json_null(texts.required), "text",
                                        bilingual_json(node->expression->text)));
    }
    return list;
}

json_t *verdict_to_json(struct arena *arena, const struct verdict_view *view)
{
    json_t *criteria = json_array();
    for (size_t i = 0; i < view->rules->source->criterion_count; i++)
        json_array_append_new(criteria, criterion_json(arena, view, i));
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "unit_id", view->facts->unit_id, "overall",
                     overall_outcome_name(view->verdict->overall), "criteria", criteria, "decisive_unknowns",
                     unknowns_json(view), "changes", changes_json(arena, view));
}

const char *verdict_to_text(struct arena *arena, const struct verdict_view *view, size_t *ret_length)
{
    json_t *json = verdict_to_json(arena, view);
    const char *text = json_canonical(arena, json, ret_length);
    json_decref(json);
    return text;
}

json_t *rule_faults_to_json(const struct rule_faults *faults)
{
    json_t *list = json_array();
    for (size_t i = 0; i < faults->count; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:o}", "pointer", faults->items[i].pointer, "code",
                                        faults->items[i].code, "detail", bilingual_json(faults->items[i].detail)));
    return list;
}
