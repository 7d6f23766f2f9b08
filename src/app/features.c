#include "app/features.h"

#include "database/migrate.h"
#include "database/statement.h"

#include <stdlib.h>

// Generated from the .sql files by tools/embed_schema.py and tools/embed_statements.py.
extern const struct schema program_schema;
extern const struct statement *const *const all_statements[];

// All features, in the order in which their routes are asked. A new one is one row here.
#define FEATURES(ROW)                                                                                                  \
    ROW(operate)                                                                                                       \
    ROW(identity)                                                                                                      \
    ROW(keys)                                                                                                          \
    ROW(journal)                                                                                                       \
    ROW(units)                                                                                                         \
    ROW(campaigns)                                                                                                     \
    ROW(criteria_sets)                                                                                                 \
    ROW(holidays)                                                                                                      \
    ROW(facts)                                                                                                         \
    ROW(trials)                                                                                                        \
    ROW(rounds)                                                                                                        \
    ROW(evaluations)                                                                                                   \
    ROW(board)                                                                                                         \
    ROW(deadlines)                                                                                                     \
    ROW(proposals)                                                                                                     \
    ROW(decisions)                                                                                                     \
    ROW(scores)                                                                                                        \
    ROW(initiatives)                                                                                                   \
    ROW(discipline)                                                                                                    \
    ROW(dossiers)                                                                                                      \
    ROW(record)                                                                                                        \
    ROW(imports)                                                                                                       \
    ROW(webhooks)

#define DECLARE(folder) extern const struct feature folder##_feature;
FEATURES(DECLARE)
#undef DECLARE

#define POINT(folder) &folder##_feature,
static const struct feature *const features[] = {FEATURES(POINT) NULL};
#undef POINT

enum { FEATURES_COUNT = sizeof features / sizeof *features - 1 };

void features_register(void)
{
    statements_use(all_statements);
    schema_use(&program_schema);
    constraints_use(features);
}

const struct route *const *features_routes(void)
{
    static const struct route *tables[FEATURES_COUNT * FEATURE_TABLES_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i < FEATURES_COUNT; i++)
        for (size_t k = 0; k < FEATURE_TABLES_MAX && features[i]->routes[k]; k++)
            tables[count++] = features[i]->routes[k];
    tables[count] = NULL;
    return tables;
}

void features_loop_parts(const struct loop_part *ret_parts[static LOOP_PARTS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < FEATURES_COUNT; i++) {
        if (!features[i]->loop)
            continue;
        if (count == LOOP_PARTS_MAX)
            abort(); // raise LOOP_PARTS_MAX
        ret_parts[count++] = features[i]->loop;
    }
}

void features_offer_gauges(void)
{
    for (size_t i = 0; i < FEATURES_COUNT; i++)
        if (features[i]->gauges)
            metrics_offer(features[i]->gauges);
}
