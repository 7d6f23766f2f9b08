// One arena holds everything a request allocates and is released in one place.
//
// Allocation never fails for the caller. Everything that a client can make us allocate is bounded before it reaches the
// arena, so running out of memory is a fault of the machine and ends the process.
// An arena belongs to one thread at a time. Pointers stay valid until arena_rewind() past them or arena_release().
#ifndef THIDUA_ARENA_H
#define THIDUA_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *newest;
    size_t used;  // bytes used in the newest block
    size_t total; // bytes held in all blocks
};

// A point to which an arena can be taken back; valid until the arena is rewound before it or released.
struct arena_mark {
    struct arena_block *block;
    size_t used;
};

// Zeroed memory, aligned for any type. `size` 0 gives a valid pointer.
void *arena_allocate(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull, alloc_size(2)));
// The same, not zeroed: for those who write all of it at once.
void *arena_bytes(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull, alloc_size(2)));
// Zeroed memory for `count` things of `size` bytes; the product is checked.
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));
// `items` where there is room behind the `count` of them; else a copy with twice the room, and at first with `first`.
void *arena_grown(struct arena *arena, void *items, size_t count, size_t size, size_t first, size_t *room)
    __attribute__((returns_nonnull));
char *arena_copy(struct arena *arena, const char *text, size_t length) __attribute__((returns_nonnull));
char *arena_text(struct arena *arena, const char *text) __attribute__((returns_nonnull));
// The texts one behind the other. NULL ends them.
char *arena_join(struct arena *arena, const char *const texts[]) __attribute__((nonnull(2), returns_nonnull));
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2), returns_nonnull));
char *arena_vformat(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0), nonnull(2), returns_nonnull));

struct arena_mark arena_mark(const struct arena *arena);
// Frees what was allocated since the mark; under ASan the freed bytes are poisoned.
void arena_rewind(struct arena *arena, struct arena_mark mark);
void arena_release(struct arena *arena);

#define arena_new(arena, type) ((type *)arena_allocate((arena), sizeof(type)))

#endif
