// The clauses that a verdict rests on.
#include "engine/json/verdict_writing.h"

#include <string.h>

enum { TABLE_ROOM = 8 * 1024 }; // which grows where that is too little

static void put_citation(struct json_text *text, const struct citation *citation)
{
    JSON_PUT(text, "{\"clause\":");
    json_put_text(text, citation->clause);
    JSON_PUT(text, ",\"document\":");
    json_put_text(text, citation->document);
    JSON_PUT(text, ",\"note\":");
    json_put_text(text, citation->note);
    JSON_PUT(text, ",\"quote\":");
    json_put_text(text, citation->quote);
    JSON_PUT(text, ",\"valid_from\":");
    put_day(text, true, citation->valid_from);
    JSON_PUT(text, ",\"valid_to\":");
    put_day(text, citation->valid_to != DATE_LAST, citation->valid_to);
    JSON_PUT(text, "}");
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_citation(const struct citation *a, const struct citation *b)
{
    return a == b ||
           (a->valid_from == b->valid_from && a->valid_to == b->valid_to && same_text(a->clause, b->clause) &&
            same_text(a->document, b->document) && same_text(a->quote, b->quote) && same_text(a->note, b->note));
}

static size_t place_of(struct citation_table *table, const struct citation *citation)
{
    for (size_t i = 0; i < table->count; i++)
        if (same_citation(table->seen[i], citation))
            return i;
    table->seen = arena_grown(table->arena, table->seen, table->count, sizeof *table->seen, 16, &table->room);
    table->seen[table->count] = citation;
    return table->count++;
}

const char *citations_to_text(const struct citation_table *table, size_t *ret_length)
{
    struct json_text text = json_text_new(table->arena, TABLE_ROOM);
    JSON_PUT(&text, "[");
    for (size_t i = 0; i < table->count; i++) {
        if (i)
            JSON_PUT(&text, ",");
        put_citation(&text, table->seen[i]);
    }
    json_put(&text, "]", 2);
    if (ret_length)
        *ret_length = text.length - 1;
    return text.bytes;
}

void verdict_put_citations(struct writing *w, const struct citation *citations, size_t count)
{
    JSON_PUT(&w->text, "[");
    for (size_t i = 0, put = 0; i < count; i++) {
        begin_item(w, &put);
        if (w->view->cited)
            json_put_integer(&w->text, (long long)place_of(w->view->cited, &citations[i]));
        else
            put_citation(&w->text, &citations[i]);
    }
    JSON_PUT(&w->text, "]");
}
