// Texts that rules and facts have in common are held once, so that comparing them is comparing pointers.
#include <stdlib.h>
#include <string.h>

#include "engine/private.h"

struct texts {
    const char **items; // NULL: only count
    size_t count;
};

static void add_text(struct texts *texts, const char **text)
{
    if (texts->items)
        texts->items[texts->count] = *text;
    texts->count++;
}

static void visit_texts(struct expression *leaf, struct texts *texts, void (*visit)(struct texts *, const char **))
{
    for (size_t i = 0; i < leaf->operand_count; i++)
        if (leaf->operands[i].literal.type == VALUE_TEXT)
            visit(texts, &leaf->operands[i].literal.text);
    for (size_t i = 0; i < leaf->filter_count; i++)
        for (size_t k = 0; k < leaf->filters[i].operand_count; k++)
            if (leaf->filters[i].operands[k].literal.type == VALUE_TEXT)
                visit(texts, &leaf->filters[i].operands[k].literal.text);
    for (size_t i = 0; leaf->kind == KIND_FINDING && i < leaf->name_count; i++)
        visit(texts, &leaf->names[i]);
    for (size_t i = 0; leaf->kind == KIND_COMPLETENESS && i < leaf->name_count; i++)
        visit(texts, &leaf->states[i]);
    for (size_t i = 0; i < leaf->found_by_count; i++)
        visit(texts, &leaf->found_by[i]);
}

static void visit_leaves(const struct rule_set *rules, struct texts *texts,
                         void (*visit)(struct texts *, const char **))
{
    for (size_t i = 0; i < rules->node_count; i++)
        if (is_leaf(rules->nodes[i].kind))
            visit_texts((struct expression *)(uintptr_t)rules->nodes[i].expression, texts, visit);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void use_one_copy(struct texts *texts, const char **text)
{
    *text = *(const char **)bsearch(text, texts->items, texts->count, sizeof *texts->items, compare_texts);
}

void gather_texts(struct arena *arena, struct rule_set *rules)
{
    struct texts texts = {NULL, 0};
    visit_leaves(rules, &texts, add_text);
    texts.items = arena_array(arena, texts.count, sizeof *texts.items);
    texts.count = 0;
    visit_leaves(rules, &texts, add_text);
    if (texts.count)
        qsort(texts.items, texts.count, sizeof *texts.items, compare_texts);
    size_t kept = 0;
    for (size_t i = 0; i < texts.count; i++)
        if (kept == 0 || strcmp(texts.items[kept - 1], texts.items[i]) != 0)
            texts.items[kept++] = texts.items[i];
    texts.count = kept;
    visit_leaves(rules, &texts, use_one_copy);
    rules->texts = texts.items;
    rules->text_count = texts.count;
}

const char *known_text(const struct rule_set *rules, const char *text)
{
    const char *const *found = NULL;
    if (text && rules->text_count)
        found = bsearch(&text, rules->texts, rules->text_count, sizeof *rules->texts, compare_texts);
    return found ? *found : NULL;
}
