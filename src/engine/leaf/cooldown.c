// No entry in any of the last n years before the award year: "has not had this award for n years".
#include "engine/leaf/private.h"

static struct tally tally_cooldown(const struct reading *reading)
{
    const struct years_leaf *leaf = (const struct years_leaf *)reading->leaf;
    struct tally sum = {0, reading->covered ? 0 : INT64_MAX};
    for (int64_t i = 1; i <= leaf->years; i++) {
        struct tally year = tally_year(reading, reading->context->parameters->award_year - i);
        sum.least += year.least;
        sum.most += reading->covered ? year.most : 0;
    }
    return sum;
}

static void evaluate_cooldown(const struct leaf_context *context, struct node_result *result)
{
    struct reading reading = read_years(context);
    compare_tally(&reading, tally_cooldown(&reading), LESS_EQUAL, 0, result);
}

const struct leaf_kind cooldown_kind = {
    .name = "cooldown",
    .size = sizeof(struct years_leaf),
    .members = years_members,
    .check = check_years,
    .evaluate = evaluate_cooldown,
    .work = work_of_years,
    .observed = observed_entries,
    .required = required_none,
    .margin = margin_of_none,
    .gap = gap_of_years,
    .false_is_past = true,
    .cite = cite_register,
};
