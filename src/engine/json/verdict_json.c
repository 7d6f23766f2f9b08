#include "engine/json/verdict_json.h"

#include "base/pure/budget.h"
#include "engine/json/json_reader.h"
#include "thidua/award_forms.h"
#include "thidua/civil.h"

#include <string.h>

static json_t *nullable_text(const char *text)
{
    return text ? json_string(text) : json_null();
}

// Of texts of the rules, which were checked when they were read. What a verdict has hundreds of is made in this way and
// not by json_pack(), which reads its format and checks every text each time.
static void set_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new_nocheck(object, name, text ? json_string_nocheck(text) : json_null());
}

static json_t *bilingual_json(struct bilingual text)
{
    json_t *json = json_object();
    set_text(json, "vi", text.vi);
    set_text(json, "en", text.en);
    return json;
}

static json_t *date_json(int32_t date)
{
    char text[DATE_TEXT_SIZE];
    date_format(date, text);
    return json_string(text);
}

static json_t *citation_json(const struct citation *citation)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "document", citation->document, "clause", citation->clause,
                     "quote", citation->quote, "note", nullable_text(citation->note), "valid_from",
                     date_json(citation->valid_from), "valid_to",
                     citation->valid_to == DATE_LAST ? json_null() : date_json(citation->valid_to));
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_citation(const struct citation *a, const struct citation *b)
{
    return a->valid_from == b->valid_from && a->valid_to == b->valid_to && same_text(a->document, b->document) &&
           same_text(a->clause, b->clause) && same_text(a->quote, b->quote) && same_text(a->note, b->note);
}

struct citation_table citation_table_new(struct arena *arena)
{
    return (struct citation_table){.arena = arena, .items = json_array()};
}

static size_t place_of(struct citation_table *table, const struct citation *citation)
{
    size_t count = json_array_size(table->items);
    for (size_t i = 0; i < count; i++)
        if (same_citation(table->seen[i], citation))
            return i;
    table->seen = arena_grown(table->arena, table->seen, count, sizeof *table->seen, 16, &table->room);
    table->seen[count] = citation;
    json_array_append_new(table->items, citation_json(citation));
    return count;
}

static json_t *citations_json(const struct verdict_view *view, const struct citation *citations, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, view->cited ? json_integer((json_int_t)place_of(view->cited, &citations[i]))
                                                : citation_json(&citations[i]));
    return list;
}

static void add_source(json_t *item, struct source source)
{
    json_object_set_new(item, "source", nullable_text(source.source));
    json_object_set_new(item, "version", source.version ? json_integer(source.version) : json_null());
    json_object_set_new(item, "recorded_at", nullable_text(source.recorded_at));
}

static json_t *value_json(struct arena *arena, struct value value, unsigned decimals)
{
    if (value.type == VALUE_BOOLEAN)
        return json_boolean(value.number != 0);
    if (value.type == VALUE_INTEGER)
        return json_integer(value.number);
    return nullable_text(value_text(arena, value, decimals));
}

static json_t *fact_json(struct arena *arena, const struct verdict_view *view, const struct evidence *evidence)
{
    const struct fact_declaration *declared = &view->rules->source->facts[evidence->slot];
    const struct fact *fact = &view->facts->facts[evidence->slot];
    json_t *item = json_object();
    set_text(item, "name", declared->of ? declared->of : declared->name);
    json_object_set_new_nocheck(item, "value", value_json(arena, fact->value, declared->decimals));
    if (declared->of)
        json_object_set_new(item, "year", json_integer(declared->year));
    add_source(item, fact->source);
    return item;
}

static json_t *register_json(struct arena *arena, const struct verdict_view *view, const struct evidence *evidence)
{
    (void)arena;
    const struct register_facts *facts = &view->facts->registers[evidence->slot];
    return json_pack("{s:s, s:b, s:o, s:o}", "register", view->rules->source->registers[evidence->slot].name,
                     "complete", facts->complete, "complete_through",
                     facts->has_complete_through ? date_json(facts->complete_through) : json_null(), "source",
                     nullable_text(facts->complete_source));
}

static json_t *entry_json(struct arena *arena, const struct verdict_view *view, const struct evidence *evidence)
{
    (void)arena;
    json_t *item = json_pack("{s:s, s:s, s:s}", "register", view->rules->source->registers[evidence->slot].name,
                             "entry", evidence->entry->id, "counts", truth_name(evidence->counts));
    add_source(item, evidence->entry->source);
    return item;
}

static json_t *document_json(struct arena *arena, const struct verdict_view *view, const struct evidence *evidence)
{
    (void)arena;
    const char *state = view->facts->documents[evidence->slot];
    return json_pack("{s:s, s:s}", "document", view->rules->source->documents[evidence->slot].name, "value",
                     state ? state : "MISSING");
}

static json_t *finding_json(struct arena *arena, const struct verdict_view *view, const struct evidence *evidence)
{
    (void)arena;
    const struct finding *finding = &view->facts->findings[evidence->slot];
    json_t *item = json_pack("{s:s, s:o, s:o}", "content", view->rules->source->contents[evidence->slot].name, "value",
                             nullable_text(finding->result), "found_by", nullable_text(finding->found_by));
    add_source(item, finding->source);
    return item;
}

static json_t *evidence_json(struct arena *arena, const struct verdict_view *view, uint16_t node)
{
    static json_t *(*const writers[])(struct arena *, const struct verdict_view *, const struct evidence *) = {
        [EVIDENCE_FACT] = fact_json,         [EVIDENCE_REGISTER] = register_json, [EVIDENCE_ENTRY] = entry_json,
        [EVIDENCE_DOCUMENT] = document_json, [EVIDENCE_FINDING] = finding_json,
    };
    struct evidence_list evidence = criteria_evidence(arena, view->rules, view->parameters, view->facts, node);
    json_t *list = json_array();
    for (size_t i = 0; i < evidence.count && budget_state() == BUDGET_KEPT; i++)
        json_array_append_new(list, writers[evidence.items[i].kind](arena, view, &evidence.items[i]));
    return list;
}

bool verdict_hides(const struct verdict_view *view, const struct leaf *leaf)
{
    return view->audience == AUDIENCE_PUBLIC || (view->audience == AUDIENCE_UNIT && leaf->names_people);
}

static void add_leaf_texts(struct arena *arena, json_t *item, const struct verdict_view *view, uint16_t node)
{
    const struct node *compiled = &view->rules->nodes[node];
    const struct leaf *leaf = compiled->leaf;
    const struct criterion *criterion = &view->rules->source->criteria[compiled->criterion];
    struct leaf_texts texts = criteria_explain(arena, view->rules, view->parameters, view->facts, view->verdict, node);
    bool hidden = verdict_hides(view, leaf);
    if (hidden)
        texts.explanation =
            criteria_public_explanation(arena, criterion, view->verdict->criteria[compiled->criterion].outcome);
    json_object_set_new(item, "observed", hidden ? json_null() : nullable_text(texts.observed));
    json_object_set_new(item, "required", hidden ? json_null() : nullable_text(texts.required));
    json_object_set_new(item, "margin", hidden ? json_null() : nullable_text(texts.margin));
    json_object_set_new(item, "explanation", bilingual_json(texts.explanation));
    json_object_set_new(item, "facts", hidden ? json_array() : evidence_json(arena, view, node));
}

static const char *role_of_leaf(const struct verdict_view *view, size_t node)
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
    const struct leaf *leaf = view->rules->nodes[node].leaf;
    const struct node_result *result = &view->verdict->nodes[node];
    json_t *item = json_object();
    set_text(item, "id", leaf->id);
    set_text(item, "kind", leaf_kind_name(leaf));
    set_text(item, "role", role_of_leaf(view, node));
    set_text(item, "result", truth_name(result->truth));
    set_text(item, "reason", leaf_reason_name(result->reason));
    json_object_set_new_nocheck(item, "citations", citations_json(view, leaf->citations, leaf->citation_count));
    if (leaf->missing_citation && result->missing_made_false)
        json_object_set_new(item, "missing_citation", citations_json(view, leaf->missing_citation, 1));
    add_leaf_texts(arena, item, view, node);
    return item;
}

static json_t *leaves_json(struct arena *arena, const struct verdict_view *view, size_t criterion)
{
    json_t *list = json_array();
    for (uint16_t i = 0; i < view->rules->node_count && budget_state() == BUDGET_KEPT; i++) {
        const struct node *node = &view->rules->nodes[i];
        if (node->criterion == criterion && node->leaf && !verdict_hides(view, node->leaf))
            json_array_append_new(list, leaf_json(arena, view, i));
    }
    return list;
}

static json_t *criterion_json(struct arena *arena, const struct verdict_view *view, size_t index)
{
    const struct criterion *criterion = &view->rules->source->criteria[index];
    const struct criterion_result *result = &view->verdict->criteria[index];
    json_t *item = json_object();
    set_text(item, "id", criterion->id);
    set_text(item, "clause", criterion->clause);
    set_text(item, "result", criterion_outcome_name(result->outcome));
    json_object_set_new_nocheck(item, "text", bilingual_json(criterion->text));
    json_object_set_new_nocheck(item, "citations",
                                citations_json(view, criterion->citations, criterion->citation_count));
    json_object_set_new_nocheck(item, "leaves", leaves_json(arena, view, index));
    add_leaf_texts(arena, item, view, result->principal);
    return item;
}

// Which register the leaf waits for: how far it is declared, and how far it is needed.
static void add_register_gap(json_t *item, const struct verdict_view *view, uint16_t node)
{
    enum leaf_reason reason = view->verdict->nodes[node].reason;
    struct register_gap gap;
    if ((reason != REASON_REGISTER_INCOMPLETE && reason != REASON_REGISTER_UNKNOWN) ||
        !criteria_register_gap(view->rules, view->parameters, view->facts, node, &gap))
        return;
    json_object_set_new(item, "register", json_string(view->rules->source->registers[gap.slot].name));
    json_object_set_new(item, "complete_through", gap.has_through ? date_json(gap.through) : json_null());
    json_object_set_new(item, "needed_through",
                        gap.needed.type == VALUE_DATE ? date_json((int32_t)gap.needed.number) : json_null());
}

static json_t *unknowns_json(const struct verdict_view *view)
{
    json_t *list = json_array();
    for (size_t i = 0; i < view->rules->node_count && view->audience != AUDIENCE_PUBLIC; i++) {
        const struct node *node = &view->rules->nodes[i];
        if (!view->verdict->nodes[i].decisive || !node->leaf || verdict_hides(view, node->leaf))
            continue;
        json_t *item =
            json_pack("{s:s, s:s, s:o, s:o}", "criterion", view->rules->source->criteria[node->criterion].id, "leaf",
                      node->leaf->id, "reason", nullable_text(leaf_reason_name(view->verdict->nodes[i].reason)), "text",
                      bilingual_json(node->leaf->text));
        add_register_gap(item, view, (uint16_t)i);
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *changes_json(struct arena *arena, const struct verdict_view *view)
{
    json_t *list = json_array();
    for (size_t i = 0; i < view->verdict->change_count; i++) {
        const struct change *change = &view->verdict->changes[i];
        const struct node *node = &view->rules->nodes[change->node];
        if (verdict_hides(view, node->leaf))
            continue;
        struct leaf_texts texts =
            criteria_explain(arena, view->rules, view->parameters, view->facts, view->verdict, change->node);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "criterion",
                                              view->rules->source->criteria[node->criterion].id, "leaf", node->leaf->id,
                                              "from", truth_name(view->verdict->nodes[change->node].truth), "to",
                                              truth_name(change->to), "required", nullable_text(texts.required), "text",
                                              bilingual_json(node->leaf->text)));
    }
    return list;
}

// What members take beside their texts.
enum { CITATION_FRAME = 100, LEAF_FRAME = 400, CRITERION_FRAME = 300 };

static size_t length_of(const char *text)
{
    return text ? strlen(text) : 0;
}

static size_t words_length(struct bilingual text)
{
    return length_of(text.vi) + length_of(text.en);
}

static size_t citations_length(const struct citation *citations, size_t count)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += CITATION_FRAME + length_of(citations[i].document) + length_of(citations[i].clause) +
                  length_of(citations[i].quote) + length_of(citations[i].note);
    return length;
}

// A leaf's description stands in its explanation, and in that of its criterion where it decides.
size_t verdict_least_length(const struct rule_set *rules)
{
    const struct rule_set_source *source = rules->source;
    size_t length = 0;
    for (size_t i = 0; i < rules->node_count; i++) {
        const struct leaf *leaf = rules->nodes[i].leaf;
        if (leaf)
            length +=
                LEAF_FRAME + citations_length(leaf->citations, leaf->citation_count) + 2 * words_length(leaf->text);
    }
    for (size_t i = 0; i < source->criterion_count; i++)
        length += CRITERION_FRAME +
                  citations_length(source->criteria[i].citations, source->criteria[i].citation_count) +
                  words_length(source->criteria[i].text);
    return length;
}

// For which forms of award the unit is eligible.
static json_t *form_outcomes_json(const struct verdict_view *view)
{
    const struct award_forms *forms = view->rules->forms;
    json_t *list = json_array();
    for (size_t i = 0; i < forms->count; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:o, s:s}", "form", forms->items[i].code, "label",
                            bilingual_json(forms->items[i].text), "overall",
                            overall_outcome_name(form_outcome(forms->items[i].eligible, view->verdict->criteria,
                                                              view->rules->source->criterion_count))));
    return list;
}

json_t *verdict_to_json(struct arena *arena, const struct verdict_view *view)
{
    json_t *criteria = json_array();
    for (size_t i = 0; i < view->rules->source->criterion_count; i++)
        json_array_append_new(criteria, criterion_json(arena, view, i));
    json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:o}", "unit_id", view->facts->unit_id, "overall",
                             overall_outcome_name(view->verdict->overall), "criteria", criteria, "decisive_unknowns",
                             unknowns_json(view), "changes", changes_json(arena, view));
    if (view->rules->forms)
        json_object_set_new(json, "forms", form_outcomes_json(view));
    return json;
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
