#include "base/pure/budget.h"

#include <malloc.h>
#include <stdlib.h>

static _Thread_local struct budget *current;

void budget_use(struct budget *budget)
{
    current = budget;
}

enum budget_state budget_state(void)
{
    if (!current)
        return BUDGET_KEPT;
    if (current->held_most > current->most)
        return BUDGET_OUT_OF_MEMORY;
    return current->clock() > current->deadline ? BUDGET_OUT_OF_TIME : BUDGET_KEPT;
}

void budget_take(size_t bytes)
{
    if (!current)
        return;
    current->held += (int64_t)bytes;
    if (current->held > current->held_most)
        current->held_most = current->held;
}

void budget_give(size_t bytes)
{
    if (current)
        current->held -= (int64_t)bytes;
}

void *budget_malloc(size_t bytes)
{
    void *memory = malloc(bytes);
    budget_take(malloc_usable_size(memory));
    return memory;
}

void budget_free(void *memory)
{
    budget_give(malloc_usable_size(memory));
    free(memory);
}
