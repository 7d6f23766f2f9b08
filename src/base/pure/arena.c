#include "thidua/arena.h"

#include "base/pure/budget.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define poison(address, size)   ASAN_POISON_MEMORY_REGION((address), (size))
#define unpoison(address, size) ASAN_UNPOISON_MEMORY_REGION((address), (size))
#else
#define poison(address, size)   ((void)(address), (void)(size))
#define unpoison(address, size) ((void)(address), (void)(size))
#endif

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, ALIGNMENT = 16, AT_HAND = 256 };
enum { MEASURED = 16 }; // texts whose length is kept while they are joined

struct arena_block {
    struct arena_block *older;
    size_t size;
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

static _Noreturn void arena_exhausted(void)
{
    static const char message[] = "{\"level\":\"fatal\",\"event\":\"out_of_memory\"}\n";
    fwrite(message, 1, sizeof message - 1, stderr);
    abort();
}

static void add_block(struct arena *arena, size_t needed)
{
    size_t size = arena->newest ? arena->newest->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (size < needed)
        size = needed;
    struct arena_block *block = size > SIZE_MAX - sizeof *block ? NULL : malloc(sizeof *block + size);
    if (!block)
        arena_exhausted();
    block->older = arena->newest;
    block->size = size;
    poison(block->bytes, size);
    arena->newest = block;
    arena->used = 0;
    arena->total += size;
    budget_take(size);
}

void *arena_bytes(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        arena_exhausted();
    size_t rounded = (size + (size == 0) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (!arena->newest || arena->newest->size - arena->used < rounded)
        add_block(arena, rounded);
    unsigned char *memory = arena->newest->bytes + arena->used;
    arena->used += rounded;
    unpoison(memory, size);
    return memory;
}

void *arena_allocate(struct arena *arena, size_t size)
{
    return memset(arena_bytes(arena, size), 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        arena_exhausted();
    return arena_allocate(arena, bytes);
}

void *arena_grown(struct arena *arena, void *items, size_t count, size_t size, size_t first, size_t *room)
{
    if (items && count < *room)
        return items;
    if (*room > SIZE_MAX / 2)
        arena_exhausted();
    *room = *room ? 2 * *room : first;
    void *grown = arena_array(arena, *room, size);
    if (items && count)
        memcpy(grown, items, count * size);
    return grown;
}

char *arena_copy(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_bytes(arena, length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

char *arena_join(struct arena *arena, const char *const texts[])
{
    size_t lengths[MEASURED] = {0}, length = 0;
    for (size_t i = 0; texts[i]; i++) {
        size_t part = strlen(texts[i]);
        if (i < MEASURED)
            lengths[i] = part;
        length += part;
    }
    char *joined = arena_bytes(arena, length + 1), *end = joined;
    for (size_t i = 0; texts[i]; i++) {
        size_t part = i < MEASURED ? lengths[i] : strlen(texts[i]);
        memcpy(end, texts[i], part);
        end += part;
    }
    *end = '\0';
    return joined;
}

char *arena_vformat(struct arena *arena, const char *format, va_list arguments)
{
    char at_hand[AT_HAND]; // most texts fit, and are written once
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(at_hand, sizeof at_hand, format, arguments);
    size_t size = length < 0 ? 0 : (size_t)length;
    char *text = arena_bytes(arena, size + 1);
    text[size] = '\0';
    if (size < sizeof at_hand)
        memcpy(text, at_hand, size);
    else
        vsnprintf(text, size + 1, format, again);
    va_end(again);
    return text;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vformat(arena, format, arguments);
    va_end(arguments);
    return text;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->newest, arena->used};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->newest != mark.block) {
        struct arena_block *block = arena->newest;
        arena->newest = block->older;
        arena->total -= block->size;
        budget_give(block->size);
        unpoison(block->bytes, block->size);
        free(block);
    }
    arena->used = mark.used;
    if (arena->newest)
        poison(arena->newest->bytes + arena->used, arena->newest->size - arena->used);
}

void arena_release(struct arena *arena)
{
    arena_rewind(arena, (struct arena_mark){0});
}
