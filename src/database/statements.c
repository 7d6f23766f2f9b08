#include "database/private.h"
#include "database/statement.h"

static struct {
    const struct statement *const *items;
    int count;
} given;

void statements_use(const struct statement *const statements[], int count)
{
    given.items = statements;
    given.count = count;
}

int statements_count(void)
{
    return given.count;
}

const struct statement *statement_at(int i)
{
    return given.items[i];
}
