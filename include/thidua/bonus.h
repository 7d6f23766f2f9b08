// III.5: the bonus, by the rule in force on the date of the decision. It is computed, never typed in.
//
// The law is data: the caller gives dated tables of coefficients and base salaries with their legal basis.
#ifndef THIDUA_BONUS_H
#define THIDUA_BONUS_H

#include <stddef.h>
#include <stdint.h>

#include "thidua/civil.h"

enum { BONUS_STEP_VND = 10000 }; // rounded up to ten thousand đồng

struct dated_amount {
    int32_t valid_from;      // first day in force
    int32_t valid_to;        // last day in force; DATE_LAST if open
    int64_t amount;          // coefficient × 100, or đồng; not negative
    const char *legal_basis; // "98/2023/NĐ-CP"
};

struct dated_amounts {
    const struct dated_amount *rows; // in any order
    size_t count;
};

struct bonus {
    int64_t vnd;
    const struct dated_amount *coefficient;
    const struct dated_amount *base_salary;
};

enum bonus_error {
    BONUS_OK,
    BONUS_NO_COEFFICIENT, // no rule in force on that day
    BONUS_NO_BASE_SALARY,
    BONUS_AMBIGUOUS,    // two rows of one table are in force on that day: the table is wrong, and we do not guess
    BONUS_OUT_OF_RANGE, // a negative amount, or a product beyond 64 bits
};

// *ret_bonus is written only on BONUS_OK; its rows point into the caller's tables.
enum bonus_error bonus_on(struct dated_amounts coefficients, struct dated_amounts base_salaries, int32_t decision_date,
                          struct bonus *ret_bonus);
// Rounds `hundredths` of a đồng up to a full BONUS_STEP_VND: ceil(447.000) is 450.000.
enum bonus_error bonus_round_up(int64_t coefficient_hundredths, int64_t base_salary_vnd, int64_t *ret_vnd);

#endif
