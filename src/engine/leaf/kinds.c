#include "engine/leaf/private.h"

#define LEAF_KIND(name) &name##_kind,
const struct leaf_kind *const leaf_kinds[] = {
#include "engine/leaf/kinds.def"
    NULL,
};
#undef LEAF_KIND

const struct leaf_kind *leaf_kind_named(const char *name)
{
    const struct leaf_kind *const *kind = leaf_kinds;
    while (*kind && strcmp((*kind)->name, name) != 0)
        kind++;
    return *kind;
}

const char *leaf_kind_name(const struct leaf *leaf)
{
    return leaf->kind->name;
}
