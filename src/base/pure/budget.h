// What one piece of work may take: bytes of memory and time. A thread works under at most one budget at a time.
//
// The arena, jansson and rows that a request keeps are charged to the budget of their thread. Nothing fails at the
// moment when a budget is overdrawn: loops whose length a caller chose ask budget_state() in every turn and leave by
// their ordinary way out, and whoever began the budget refuses the request.
#ifndef THIDUA_BASE_PURE_BUDGET_H
#define THIDUA_BASE_PURE_BUDGET_H

#include <stddef.h>
#include <stdint.h>

struct budget {
    int64_t most;            // bytes
    int64_t deadline;        // on `clock`
    int64_t (*clock)(void);  // nanoseconds
    int64_t held, held_most; // bytes taken and not given back, now and at the highest
};

enum budget_state { BUDGET_KEPT, BUDGET_OUT_OF_MEMORY, BUDGET_OUT_OF_TIME };

// From here on the thread works under this budget; NULL: under none.
void budget_use(struct budget *budget);
// BUDGET_KEPT where the thread has no budget. A budget that was overdrawn once stays overdrawn.
enum budget_state budget_state(void);

void budget_take(size_t bytes);
void budget_give(size_t bytes);
// malloc() and free() that charge the budget, for libraries which let their caller choose.
void *budget_malloc(size_t bytes);
void budget_free(void *memory);

#endif
