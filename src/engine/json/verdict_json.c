#include "engine/json/verdict_writing.h"

#include "base/pure/budget.h"
#include "engine/json/json_reader.h"
#include "thidua/award_forms.h"

#include <string.h>

enum { SMALL_ROOM = 128, LARGE_ROOM = 32 * 1024 }; // of texts, which grow where that is too little

// ---- leaves and criteria ----

bool verdict_hides(const struct verdict_view *view, const struct leaf *leaf)
{
    return view->audience == AUDIENCE_PUBLIC || (view->audience == AUDIENCE_UNIT && leaf->names_people);
}

bool verdict_misses(const struct verdict_view *view, size_t node)
{
    const struct leaf *leaf = view->rules->nodes[node].leaf;
    return view->verdict->nodes[node].decisive && leaf && !verdict_hides(view, leaf);
}

static struct bilingual public_words(struct arena *arena, const struct verdict_view *view, uint16_t node)
{
    size_t criterion = view->rules->nodes[node].criterion;
    return criteria_public_explanation(arena, &view->rules->source->criteria[criterion],
                                       view->verdict->criteria[criterion].outcome);
}

static struct leaf_texts texts_shown(const struct writing *w, uint16_t node)
{
    const struct verdict_view *view = w->view;
    if (verdict_hides(view, view->rules->nodes[node].leaf))
        return (struct leaf_texts){.explanation = public_words(w->arena, view, node)};
    return criteria_explain(w->arena, view->rules, view->parameters, view->facts, view->verdict, node);
}

const char *verdict_explanation(struct arena *arena, const struct verdict_view *view, size_t criterion, bool english)
{
    uint16_t node = view->verdict->criteria[criterion].principal;
    if (!verdict_hides(view, view->rules->nodes[node].leaf))
        return criteria_explanation(arena, view->rules, view->parameters, view->facts, view->verdict, node, english);
    struct bilingual words = public_words(arena, view, node);
    return english ? words.en : words.vi;
}

static const struct leaf_texts *texts_of(struct writing *w, uint16_t node)
{
    struct told *told = &w->told[node];
    if (!told->texts.explanation.en)
        told->texts = texts_shown(w, node);
    return &told->texts;
}

// The members "explanation" and "facts".
static void put_explanation(struct writing *w, uint16_t node)
{
    struct told *told = &w->told[node];
    if (told->length) {
        json_text_room(&w->text, told->length); // so that what is copied does not move meanwhile
        json_put(&w->text, w->text.bytes + told->from, told->length);
        return;
    }
    told->from = w->text.length;
    JSON_PUT(&w->text, "\"explanation\":");
    put_bilingual(w, texts_of(w, node)->explanation);
    JSON_PUT(&w->text, ",\"facts\":[");
    if (!verdict_hides(w->view, w->view->rules->nodes[node].leaf))
        verdict_put_evidence(w, node);
    JSON_PUT(&w->text, "]");
    told->length = w->text.length - told->from;
}

static const char *const role_names[] = {
    [LEAF_REQUIRES] = "REQUIRES", [LEAF_APPLIES_WHEN] = "APPLIES_WHEN", [LEAF_HOLD] = "HOLD"};

static void put_leaf(struct writing *w, uint16_t node)
{
    const struct leaf *leaf = w->view->rules->nodes[node].leaf;
    const struct node_result *result = &w->view->verdict->nodes[node];
    JSON_PUT(&w->text, "{\"citations\":");
    verdict_put_citations(w, leaf->citations, leaf->citation_count);
    JSON_PUT(&w->text, ",");
    put_explanation(w, node);
    const struct leaf_texts texts = *texts_of(w, node);
    JSON_PUT(&w->text, ",\"id\":");
    put_text(w, leaf->id);
    JSON_PUT(&w->text, ",\"kind\":");
    put_text(w, leaf_kind_name(leaf));
    JSON_PUT(&w->text, ",\"margin\":");
    put_text(w, texts.margin);
    if (leaf->missing_citation && result->missing_made_false) {
        JSON_PUT(&w->text, ",\"missing_citation\":");
        verdict_put_citations(w, leaf->missing_citation, 1);
    }
    JSON_PUT(&w->text, ",\"observed\":");
    put_text(w, texts.observed);
    JSON_PUT(&w->text, ",\"reason\":");
    put_text(w, leaf_reason_name(result->reason));
    JSON_PUT(&w->text, ",\"required\":");
    put_text(w, texts.required);
    JSON_PUT(&w->text, ",\"result\":");
    put_text(w, truth_name(result->truth));
    JSON_PUT(&w->text, ",\"role\":");
    put_text(w, role_names[leaf_role_of(w->view->rules, node)]);
    JSON_PUT(&w->text, "}");
}

static void put_leaves(struct writing *w, size_t criterion)
{
    const struct rule_set *rules = w->view->rules;
    size_t put = 0;
    for (uint16_t i = 0; i < rules->node_count && budget_state() == BUDGET_KEPT; i++) {
        const struct node *node = &rules->nodes[i];
        if (node->criterion != criterion || !node->leaf || verdict_hides(w->view, node->leaf))
            continue;
        begin_item(w, &put);
        put_leaf(w, i);
    }
}

static void put_criterion(struct writing *w, size_t index)
{
    const struct criterion *criterion = &w->view->rules->source->criteria[index];
    const struct criterion_result *result = &w->view->verdict->criteria[index];
    JSON_PUT(&w->text, "{\"citations\":");
    verdict_put_citations(w, criterion->citations, criterion->citation_count);
    JSON_PUT(&w->text, ",\"clause\":");
    put_text(w, criterion->clause);
    JSON_PUT(&w->text, ",");
    put_explanation(w, result->principal);
    const struct leaf_texts texts = *texts_of(w, result->principal);
    JSON_PUT(&w->text, ",\"id\":");
    put_text(w, criterion->id);
    JSON_PUT(&w->text, ",\"leaves\":[");
    put_leaves(w, index);
    JSON_PUT(&w->text, "],\"margin\":");
    put_text(w, texts.margin);
    JSON_PUT(&w->text, ",\"observed\":");
    put_text(w, texts.observed);
    JSON_PUT(&w->text, ",\"required\":");
    put_text(w, texts.required);
    JSON_PUT(&w->text, ",\"result\":");
    put_text(w, criterion_outcome_name(result->outcome));
    JSON_PUT(&w->text, ",\"text\":");
    put_bilingual(w, criterion->text);
    JSON_PUT(&w->text, "}");
}

static void put_criteria(struct writing *w)
{
    size_t put = 0;
    JSON_PUT(&w->text, "[");
    for (size_t i = 0; i < w->view->rules->source->criterion_count; i++) {
        begin_item(w, &put);
        put_criterion(w, i);
    }
    JSON_PUT(&w->text, "]");
}

// ---- what is open, and what would change it ----

// Which register the leaf waits for: how far it is declared, and how far it is needed.
static bool find_gap(const struct verdict_view *view, uint16_t node, struct register_gap *ret_gap)
{
    enum leaf_reason reason = view->verdict->nodes[node].reason;
    return (reason == REASON_REGISTER_INCOMPLETE || reason == REASON_REGISTER_UNKNOWN) &&
           criteria_register_gap(view->rules, view->parameters, view->facts, node, ret_gap);
}

static void put_unknown(struct writing *w, uint16_t number)
{
    const struct rule_set *rules = w->view->rules;
    const struct node *node = &rules->nodes[number];
    struct register_gap gap;
    bool found = find_gap(w->view, number, &gap);
    JSON_PUT(&w->text, "{");
    if (found) {
        JSON_PUT(&w->text, "\"complete_through\":");
        put_day(&w->text, gap.has_through, gap.through);
        JSON_PUT(&w->text, ",");
    }
    JSON_PUT(&w->text, "\"criterion\":");
    put_text(w, rules->source->criteria[node->criterion].id);
    JSON_PUT(&w->text, ",\"leaf\":");
    put_text(w, node->leaf->id);
    if (found) {
        JSON_PUT(&w->text, ",\"needed_through\":");
        put_day(&w->text, gap.needed.type == VALUE_DATE, (int32_t)gap.needed.number);
    }
    JSON_PUT(&w->text, ",\"reason\":");
    put_text(w, leaf_reason_name(w->view->verdict->nodes[number].reason));
    if (found) {
        JSON_PUT(&w->text, ",\"register\":");
        put_text(w, rules->source->registers[gap.slot].name);
    }
    JSON_PUT(&w->text, ",\"text\":");
    put_bilingual(w, node->leaf->text);
    JSON_PUT(&w->text, "}");
}

static void put_unknowns(struct writing *w)
{
    const struct rule_set *rules = w->view->rules;
    size_t put = 0;
    JSON_PUT(&w->text, "[");
    for (uint16_t i = 0; i < rules->node_count; i++) {
        if (!verdict_misses(w->view, i))
            continue;
        begin_item(w, &put);
        put_unknown(w, i);
    }
    JSON_PUT(&w->text, "]");
}

static void put_change(struct writing *w, const struct change *change)
{
    const struct verdict_view *view = w->view;
    const struct node *node = &view->rules->nodes[change->node];
    JSON_PUT(&w->text, "{\"criterion\":");
    put_text(w, view->rules->source->criteria[node->criterion].id);
    JSON_PUT(&w->text, ",\"from\":");
    put_text(w, truth_name(view->verdict->nodes[change->node].truth));
    JSON_PUT(&w->text, ",\"leaf\":");
    put_text(w, node->leaf->id);
    JSON_PUT(&w->text, ",\"required\":");
    put_text(w, texts_of(w, change->node)->required);
    JSON_PUT(&w->text, ",\"text\":");
    put_bilingual(w, node->leaf->text);
    JSON_PUT(&w->text, ",\"to\":");
    put_text(w, truth_name(change->to));
    JSON_PUT(&w->text, "}");
}

static void put_changes(struct writing *w)
{
    const struct verdict *verdict = w->view->verdict;
    size_t put = 0;
    JSON_PUT(&w->text, "[");
    for (size_t i = 0; i < verdict->change_count; i++) {
        if (verdict_hides(w->view, w->view->rules->nodes[verdict->changes[i].node].leaf))
            continue;
        begin_item(w, &put);
        put_change(w, &verdict->changes[i]);
    }
    JSON_PUT(&w->text, "]");
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
static void put_forms(struct writing *w)
{
    const struct award_forms *forms = w->view->rules->forms;
    size_t put = 0;
    JSON_PUT(&w->text, "[");
    for (size_t i = 0; i < forms->count; i++) {
        begin_item(w, &put);
        JSON_PUT(&w->text, "{\"form\":");
        put_text(w, forms->items[i].code);
        JSON_PUT(&w->text, ",\"label\":");
        put_bilingual(w, forms->items[i].text);
        JSON_PUT(&w->text, ",\"overall\":");
        put_text(w, overall_outcome_name(form_outcome(forms->items[i].eligible, w->view->verdict->criteria,
                                                      w->view->rules->source->criterion_count)));
        JSON_PUT(&w->text, "}");
    }
    JSON_PUT(&w->text, "]");
}

static void put_overall(struct writing *w)
{
    put_text(w, overall_outcome_name(w->view->verdict->overall));
}

static void put_unit_id(struct writing *w)
{
    put_text(w, w->view->facts->unit_id);
}

static struct json_member written(struct writing *w, const char *name, size_t room, void (*put)(struct writing *))
{
    w->text = json_text_new(w->arena, room);
    put(w);
    return (struct json_member){name, w->text.bytes, w->text.length};
}

enum { OWN_MOST = 6, MEMBERS_MOST = 16 };

static size_t write_members(struct arena *arena, const struct verdict_view *view, struct json_member *members)
{
    struct writing w = {.arena = arena, .view = view};
    size_t count = 0;
    w.told = arena_array(arena, view->rules->node_count, sizeof *w.told);
    members[count++] = written(&w, "criteria", LARGE_ROOM, put_criteria);
    members[count++] = written(&w, "changes", SMALL_ROOM, put_changes);
    members[count++] = written(&w, "decisive_unknowns", SMALL_ROOM, put_unknowns);
    if (view->rules->forms)
        members[count++] = written(&w, "forms", SMALL_ROOM, put_forms);
    members[count++] = written(&w, "overall", SMALL_ROOM, put_overall);
    members[count++] = written(&w, "unit_id", SMALL_ROOM, put_unit_id);
    return count;
}

const char *verdict_to_text(struct arena *arena, const struct verdict_view *view, size_t *ret_length)
{
    struct json_member members[OWN_MOST];
    return json_object_text(arena, members, write_members(arena, view, members), ret_length);
}

char *verdict_to_answer(struct arena *arena, struct arena *scratch, struct verdict_view view,
                        const struct json_member *beside, size_t beside_count, size_t *ret_length)
{
    struct json_member members[MEMBERS_MOST];
    struct citation_table cited = {.arena = scratch};
    view.cited = &cited;
    size_t count = write_members(scratch, &view, members);
    members[count].name = "citations";
    members[count].json = citations_to_text(&cited, &members[count].length);
    count++;
    for (size_t i = 0; i < beside_count && count < MEMBERS_MOST; i++)
        members[count++] = beside[i];
    return json_object_text(arena, members, count, ret_length);
}

json_t *verdict_to_json(struct arena *arena, const struct verdict_view *view)
{
    size_t length;
    const char *text = verdict_to_text(arena, view, &length);
    return json_loadb(text, length, 0, NULL);
}

json_t *rule_faults_to_json(const struct rule_faults *faults)
{
    json_t *list = json_array();
    for (size_t i = 0; i < faults->count; i++)
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:o}", "pointer", faults->items[i].pointer, "code", faults->items[i].code, "detail",
                      json_pack("{s:s?, s:s?}", "vi", faults->items[i].detail.vi, "en", faults->items[i].detail.en)));
    return list;
}
