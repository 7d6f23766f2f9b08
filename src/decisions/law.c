#include "decisions/law.h"

#include "decisions/decisions.sql.h"
#include "handler/run.h"
#include "thidua/bonus.h"
#include "thidua/decimal.h"

#include <stdlib.h>
#include <string.h>

static int32_t date_or(const json_t *row, const char *name, int32_t fallback)
{
    const char *text = json_string_value(json_object_get(row, name));
    int32_t date;
    return text && date_parse(text, strlen(text), &date) ? date : fallback;
}

// `amount` names the member; a decimal string is read with two decimals, a number as it is.
static struct dated_amounts read_table(struct request *request, const json_t *list, const char *amount)
{
    size_t count = json_array_size(list);
    struct dated_amount *rows = arena_array(&request->arena, count, sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(list, i), *value = json_object_get(row, amount);
        const char *text = json_string_value(value), *basis = json_string_value(json_object_get(row, "legal_basis"));
        rows[i].amount = json_integer_value(value);
        if (text && decimal_parse(text, strlen(text), 2, &rows[i].amount) != DECIMAL_OK)
            rows[i].amount = -1;
        rows[i].valid_from = date_or(row, "valid_from", DATE_FIRST);
        rows[i].valid_to = date_or(row, "valid_to", DATE_LAST);
        rows[i].legal_basis = basis ? arena_text(&request->arena, basis) : NULL;
    }
    return (struct dated_amounts){rows, count};
}

static const char *basis_json(struct request *request, const struct bonus *bonus)
{
    char coefficient[DECIMAL_TEXT_SIZE];
    decimal_format(bonus->coefficient->amount, 2, coefficient);
    json_t *basis =
        json_pack("{s:s, s:s?, s:I, s:s?}", "coefficient", coefficient, "coefficient_basis",
                  bonus->coefficient->legal_basis, "base_salary_vnd", (json_int_t)bonus->base_salary->amount,
                  "base_salary_basis", bonus->base_salary->legal_basis);
    char *text = json_dumps(basis, JSON_COMPACT);
    json_decref(basis);
    const char *kept = arena_text(&request->arena, text ? text : "{}");
    free(text);
    return kept;
}

bool bonus_in_force(struct request *request, struct session *session, const char *campaign, const char *date,
                    int64_t coefficient, long long *ret_vnd, const char **ret_basis)
{
    struct law_tables tables;
    struct bonus bonus;
    int32_t day;
    if (!law_tables(request, session, campaign, &tables))
        return false;
    if (!date_parse(date, strlen(date), &day))
        return refuse(request, PROBLEM_INTERNAL, NULL);
    json_t *law = json_loads(tables.law ? tables.law : "{}", 0, NULL);
    const json_t *bonus_law = json_object_get(law, "bonus");
    struct dated_amounts coefficients = read_table(request, json_object_get(bonus_law, "coefficients"), "coefficient");
    struct dated_amounts salaries = read_table(request, json_object_get(bonus_law, "base_salaries"), "vnd");
    json_decref(law);
    const struct dated_amount of_form = {DATE_FIRST, DATE_LAST, coefficient, tables.printed_number};
    if (coefficient >= 0)
        coefficients = (struct dated_amounts){&of_form, 1};
    if (bonus_on(coefficients, salaries, day, &bonus) != BONUS_OK)
        return refuse_by(request, PROBLEM_RULE_REFUSED, "III.5",
                         say(request, "Kế hoạch chưa có đúng một mức thưởng và một mức lương cơ sở cho ngày %s.",
                             "The plan does not have exactly one bonus coefficient and base salary in force on %s.",
                             date));
    *ret_vnd = bonus.vnd;
    *ret_basis = basis_json(request, &bonus);
    return true;
}
