// A verdict on its way into text, for those who write its parts.
#ifndef THIDUA_ENGINE_JSON_VERDICT_WRITING_H
#define THIDUA_ENGINE_JSON_VERDICT_WRITING_H

#include "engine/json/verdict_json.h"
#include "thidua/civil.h"

// What is said of a leaf. It is put together once: a criterion says the same as the leaf that decided it.
struct told {
    struct leaf_texts texts; // without an explanation: not yet
    size_t from, length;     // of the members written of it; 0: not yet
};

// Members are written in the order of their names.
struct writing {
    struct arena *arena;
    const struct verdict_view *view;
    struct json_text text;
    struct told *told; // of each node
};

static inline void put_text(struct writing *w, const char *text)
{
    json_put_text(&w->text, text);
}

static inline void put_bilingual(struct writing *w, struct bilingual words)
{
    JSON_PUT(&w->text, "{\"en\":");
    put_text(w, words.en);
    JSON_PUT(&w->text, ",\"vi\":");
    put_text(w, words.vi);
    JSON_PUT(&w->text, "}");
}

static inline void put_boolean(struct writing *w, bool value)
{
    if (value)
        JSON_PUT(&w->text, "true");
    else
        JSON_PUT(&w->text, "false");
}

static inline void put_day(struct json_text *text, bool known, int32_t date)
{
    char day[DATE_TEXT_SIZE];
    if (known)
        date_format(date, day);
    json_put_text(text, known ? day : NULL);
}

// Items are told apart by a comma before each but the first.
static inline void begin_item(struct writing *w, size_t *count)
{
    if ((*count)++)
        JSON_PUT(&w->text, ",");
}

// ---- verdict_citations.c ----
// As an array: of their places in the view's table, where it has one.
void verdict_put_citations(struct writing *w, const struct citation *citations, size_t count);

// ---- verdict_evidence.c ----
// What a leaf was judged by, item by item.
void verdict_put_evidence(struct writing *w, uint16_t node);

#endif
