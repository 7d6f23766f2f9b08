#include "database/private.h"

static const struct statement *const *const *given; // ended by NULL

void statements_use(const struct statement *const *const files[])
{
    given = files;
}

const struct statement *const *const *statement_files(void)
{
    return given;
}
