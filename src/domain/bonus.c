#include "thidua/bonus.h"

#include "base/pure/wide.h"

// The one row in force on `date`. BONUS_NO_COEFFICIENT stands for "none" here.
static enum bonus_error dated_amount_on(struct dated_amounts table, int32_t date, const struct dated_amount **ret_row)
{
    const struct dated_amount *found = NULL;
    for (size_t i = 0; i < table.count; i++) {
        const struct dated_amount *row = &table.rows[i];
        if (date < row->valid_from || date > row->valid_to)
            continue;
        if (found)
            return BONUS_AMBIGUOUS;
        found = row;
    }
    if (!found)
        return BONUS_NO_COEFFICIENT;
    *ret_row = found;
    return BONUS_OK;
}

enum bonus_error bonus_round_up(int64_t coefficient_hundredths, int64_t base_salary_vnd, int64_t *ret_vnd)
{
    if (coefficient_hundredths < 0 || base_salary_vnd < 0)
        return BONUS_OUT_OF_RANGE;
    const wide step = (wide)BONUS_STEP_VND * 100;
    wide rounded = ((wide)coefficient_hundredths * base_salary_vnd + step - 1) / step * BONUS_STEP_VND;
    if (rounded > INT64_MAX)
        return BONUS_OUT_OF_RANGE;
    *ret_vnd = (int64_t)rounded;
    return BONUS_OK;
}

enum bonus_error bonus_on(struct dated_amounts coefficients, struct dated_amounts base_salaries, int32_t decision_date,
                          struct bonus *ret_bonus)
{
    struct bonus bonus = {0};
    enum bonus_error error = dated_amount_on(coefficients, decision_date, &bonus.coefficient);
    if (error)
        return error;
    error = dated_amount_on(base_salaries, decision_date, &bonus.base_salary);
    if (error)
        return error == BONUS_NO_COEFFICIENT ? BONUS_NO_BASE_SALARY : error;
    error = bonus_round_up(bonus.coefficient->amount, bonus.base_salary->amount, &bonus.vnd);
    if (error)
        return error;
    *ret_bonus = bonus;
    return BONUS_OK;
}
