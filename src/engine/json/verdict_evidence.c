// The facts, entries of registers, documents and findings that a verdict rests on.
#include "engine/json/verdict_writing.h"

#include "base/pure/budget.h"

static void put_recorded_at(struct writing *w, const struct source *source)
{
    JSON_PUT(&w->text, ",\"recorded_at\":");
    put_text(w, source ? source->recorded_at : NULL);
}

static void put_source(struct writing *w, const struct source *source)
{
    JSON_PUT(&w->text, ",\"source\":");
    put_text(w, source ? source->source : NULL);
}

static void put_version(struct writing *w, const struct source *source)
{
    JSON_PUT(&w->text, ",\"version\":");
    if (source && source->version)
        json_put_integer(&w->text, source->version);
    else
        put_text(w, NULL);
}

static void put_value(struct writing *w, struct value value, unsigned decimals)
{
    if (value.type == VALUE_BOOLEAN)
        put_boolean(w, value.number != 0);
    else if (value.type == VALUE_INTEGER)
        json_put_integer(&w->text, value.number);
    else
        put_text(w, value_text(w->arena, value, decimals));
}

static void put_fact(struct writing *w, const struct evidence *evidence)
{
    const struct fact_declaration *declared = &w->view->rules->source->facts[evidence->slot];
    const struct source *source = w->view->facts->sources->facts[evidence->slot];
    JSON_PUT(&w->text, "{\"name\":");
    put_text(w, declared->of ? declared->of : declared->name);
    put_recorded_at(w, source);
    put_source(w, source);
    JSON_PUT(&w->text, ",\"value\":");
    put_value(w, w->view->facts->values[evidence->slot], declared->decimals);
    put_version(w, source);
    if (declared->of) {
        JSON_PUT(&w->text, ",\"year\":");
        json_put_integer(&w->text, declared->year);
    }
    JSON_PUT(&w->text, "}");
}

static void put_register(struct writing *w, const struct evidence *evidence)
{
    const struct register_facts *facts = &w->view->facts->registers[evidence->slot];
    JSON_PUT(&w->text, "{\"complete\":");
    put_boolean(w, facts->complete);
    JSON_PUT(&w->text, ",\"complete_through\":");
    put_day(&w->text, facts->has_complete_through, facts->complete_through);
    JSON_PUT(&w->text, ",\"register\":");
    put_text(w, w->view->rules->source->registers[evidence->slot].name);
    JSON_PUT(&w->text, ",\"source\":");
    put_text(w, facts->complete_source);
    JSON_PUT(&w->text, "}");
}

static void put_entry(struct writing *w, const struct evidence *evidence)
{
    JSON_PUT(&w->text, "{\"counts\":");
    put_text(w, truth_name(evidence->counts));
    JSON_PUT(&w->text, ",\"entry\":");
    put_text(w, evidence->entry->id);
    put_recorded_at(w, evidence->entry->source);
    JSON_PUT(&w->text, ",\"register\":");
    put_text(w, w->view->rules->source->registers[evidence->slot].name);
    put_source(w, evidence->entry->source);
    put_version(w, evidence->entry->source);
    JSON_PUT(&w->text, "}");
}

static void put_document(struct writing *w, const struct evidence *evidence)
{
    const char *state = w->view->facts->documents[evidence->slot];
    JSON_PUT(&w->text, "{\"document\":");
    put_text(w, w->view->rules->source->documents[evidence->slot].name);
    JSON_PUT(&w->text, ",\"value\":");
    put_text(w, state ? state : "MISSING");
    JSON_PUT(&w->text, "}");
}

static void put_finding(struct writing *w, const struct evidence *evidence)
{
    const struct finding *finding = &w->view->facts->findings[evidence->slot];
    const struct source *source = w->view->facts->sources->findings[evidence->slot];
    JSON_PUT(&w->text, "{\"content\":");
    put_text(w, w->view->rules->source->contents[evidence->slot].name);
    JSON_PUT(&w->text, ",\"found_by\":");
    put_text(w, finding->found_by);
    put_recorded_at(w, source);
    put_source(w, source);
    JSON_PUT(&w->text, ",\"value\":");
    put_text(w, finding->result);
    put_version(w, source);
    JSON_PUT(&w->text, "}");
}

void verdict_put_evidence(struct writing *w, uint16_t node)
{
    static void (*const writers[])(struct writing *, const struct evidence *) = {
        [EVIDENCE_FACT] = put_fact,         [EVIDENCE_REGISTER] = put_register, [EVIDENCE_ENTRY] = put_entry,
        [EVIDENCE_DOCUMENT] = put_document, [EVIDENCE_FINDING] = put_finding,
    };
    const struct verdict_view *view = w->view;
    struct evidence_list evidence = criteria_evidence(w->arena, view->rules, view->parameters, view->facts, node);
    for (size_t i = 0, put = 0; i < evidence.count && budget_state() == BUDGET_KEPT; i++) {
        begin_item(w, &put);
        writers[evidence.items[i].kind](w, &evidence.items[i]);
    }
}
