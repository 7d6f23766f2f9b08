// An entry in each of the last n years before the award year, without a gap.
#include "engine/leaf/private.h"

// Looks no further back than the leaf asks.
static struct tally tally_streak(const struct reading *reading)
{
    const struct years_leaf *leaf = (const struct years_leaf *)reading->leaf;
    struct tally run = {0, 0};
    bool surely = true, perhaps = true;
    for (int64_t i = 1; i <= leaf->years && perhaps; i++) {
        struct tally year = tally_year(reading, reading->context->parameters->award_year - i);
        surely = surely && year.least > 0;
        perhaps = year.most > 0;
        run.least += surely;
        run.most += perhaps;
    }
    return run;
}

static void evaluate_streak(const struct leaf_context *context, struct node_result *result)
{
    const struct years_leaf *leaf = (const struct years_leaf *)context->leaf;
    struct reading reading = read_years(context);
    compare_tally(&reading, tally_streak(&reading), GREATER_EQUAL, leaf->years, result);
}

static const char *required_streak(const struct explainer *explainer)
{
    const struct years_leaf *leaf = (const struct years_leaf *)explainer->context.leaf;
    return compared_text(explainer, GREATER_EQUAL, number_text(explainer, leaf->years, 0));
}

// In years.
static bool margin_of_streak(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin)
{
    const struct years_leaf *leaf = (const struct years_leaf *)context->leaf;
    return margin_of_tally(result, GREATER_EQUAL, leaf->years, ret_margin);
}

const struct leaf_kind streak_kind = {
    .name = "streak",
    .size = sizeof(struct years_leaf),
    .members = years_members,
    .check = check_years,
    .evaluate = evaluate_streak,
    .work = work_of_years,
    .observed = observed_entries,
    .required = required_streak,
    .margin = margin_of_streak,
    .gap = gap_of_years,
    .false_is_past = true,
    .cite = cite_register,
};
