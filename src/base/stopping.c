#include "base/stopping.h"

#include <stdatomic.h>

static atomic_bool told;

void stopping_note(void)
{
    atomic_store(&told, true);
}

bool stopping(void)
{
    return atomic_load(&told);
}
