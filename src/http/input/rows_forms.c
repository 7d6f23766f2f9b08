// What people write in cells, where it can mean only one thing.
//
// Decimals: a point or a comma, whatever the file's language. One of them before exactly three digits may as well
// group thousands ("1.234"): such a number is refused, not guessed at.
// Days: YYYY-MM-DD, or day/month/year. Where the headings are not Vietnamese, a spreadsheet may have written the month
// first: then a day is only taken where that makes no difference.
#include "base/pure/labels.h"
#include "http/input/private.h"
#include "thidua/civil.h"

#include <stdio.h>
#include <string.h>

static const char *trimmed(struct request *request, const char *text)
{
    size_t length;
    text += strspn(text, " \t\r\n");
    while (strncmp(text, "\xC2\xA0", 2) == 0)
        text += 2;
    for (length = strlen(text); length; length--) {
        if (length > 1 && memcmp(text + length - 2, "\xC2\xA0", 2) == 0)
            length--;
        else if (!strchr(" \t\r\n", text[length - 1]))
            break;
    }
    return text[length] ? arena_copy(&request->arena, text, length) : text;
}

// ---- decimals ----

// Groups of three behind a first of one to three: "1.234.567", up to `end`.
static bool in_groups(const char *digits, const char *end, char mark)
{
    size_t first = strspn(digits, "0123456789");
    if (first == 0 || first > 3 || *digits == '0')
        return false;
    for (digits += first; digits < end; digits += 4)
        if (*digits != mark || strspn(digits + 1, "0123456789") != 3)
            return false;
    return digits == end;
}

// The text without its groups, and with a point.
static const char *rewritten(struct request *request, const char *text, const char *mark)
{
    char *plain = arena_allocate(&request->arena, strlen(text) + 1), *out = plain;
    for (const char *at = text; *at; at++)
        if (at == mark)
            *out++ = '.';
        else if (*at != '.' && *at != ',')
            *out++ = *at;
    return plain;
}

static const char *without_groups(struct request *request, const char *text)
{
    return rewritten(request, text, text + strlen(text));
}

static const char *two_numbers(struct request *request, const char *text, const char *pointer)
{
    const char *digits = without_groups(request, text), *decimal = rewritten(request, text, text + strcspn(text, ".,"));
    violate(
        request, PROBLEM_INVALID, pointer, "decimal",
        say(request,
            "%s có thể là %s (phân cách hàng nghìn) hoặc %s (số thập phân); hãy viết không có dấu phân cách hàng "
            "nghìn, và không đủ ba chữ số sau dấu thập phân.",
            "%s may be %s with a thousands separator, or the decimal %s: write it without thousands separators, and "
            "with other than three digits behind the decimal mark.",
            text, digits, decimal));
    return NULL;
}

static const char *number_form(struct request *request, const char *text, const char *pointer)
{
    const char *digits = text + (*text == '-'), *mark = strpbrk(digits, ".,");
    if (!mark || strspn(digits, "0123456789.,") != strlen(digits))
        return text;
    const char *other = strpbrk(mark + 1, ".,"), *last = strchr(digits, *mark == '.' ? ',' : '.');
    if (!other)
        return in_groups(digits, digits + strlen(digits), *mark) ? two_numbers(request, text, pointer)
                                                                 : rewritten(request, text, mark);
    if (!last) // "1.234.567": nothing but groups
        return in_groups(digits, digits + strlen(digits), *mark) ? without_groups(request, text) : text;
    return !strpbrk(last + 1, ".,") && in_groups(digits, last, *mark) ? rewritten(request, text, last) : text;
}

// ---- days ----

static bool read_day(const char *text, struct civil_date *ret_date, bool *ret_year_first)
{
    int parts[3], length = 0;
    char marks[2];
    if (strspn(text, "0123456789/.-") != strlen(text) || strlen(text) > 10 ||
        sscanf(text, "%4d%c%2d%c%4d%n", &parts[0], &marks[0], &parts[1], &marks[1], &parts[2], &length) != 5 ||
        text[length] || marks[0] != marks[1] || !strchr("/.-", marks[0]))
        return false;
    *ret_year_first = parts[0] > 99;
    if (*ret_year_first)
        *ret_date = (struct civil_date){parts[0], parts[1], parts[2]};
    else
        *ret_date = (struct civil_date){parts[2], parts[1], parts[0]};
    return ret_date->year > 999;
}

static const char *written_day(struct request *request, struct civil_date date, const char *otherwise)
{
    char written[DATE_TEXT_SIZE];
    int32_t day;
    if (!date_from_civil(date, &day))
        return otherwise;
    date_format(day, written);
    return arena_text(&request->arena, written);
}

static const char *day_form(struct request *request, bool day_first, const char *text, const char *pointer)
{
    struct civil_date date;
    bool year_first;
    if (!read_day(text, &date, &year_first))
        return text;
    const char *day = written_day(request, date, NULL);
    const char *other =
        year_first ? NULL : written_day(request, (struct civil_date){date.year, date.day, date.month}, NULL);
    if (!day || !other || day_first || date.day == date.month)
        return day ? day : text;
    violate(request, PROBLEM_INVALID, pointer, "date",
            say(request,
                "%s có thể là %s hoặc %s; hãy viết dạng YYYY-MM-DD, hoặc dùng tiêu đề cột tiếng Việt (khi đó là "
                "ngày/tháng/năm).",
                "%s may be %s or %s: write it as YYYY-MM-DD, or use the Vietnamese headings (then it is "
                "day/month/year).",
                text, day, other));
    return NULL;
}

// ---- instants ----

// "8:05", "08:05:30": as "08:05:30". NULL where it is no time of day.
static const char *time_form(struct request *request, const char *text)
{
    unsigned hour, minute, second = 0;
    int length = 0, whole = 0;
    if (sscanf(text, "%2u:%2u%n:%2u%n", &hour, &minute, &length, &second, &whole) < 2)
        return NULL;
    return text[whole ? whole : length] ? NULL : arena_format(&request->arena, "%02u:%02u:%02u", hour, minute, second);
}

// Without an offset it is the time of day here. RFC 3339 stays as it is.
static const char *instant_form(struct request *request, bool day_first, const char *text, const char *pointer)
{
    int64_t at;
    size_t day = strcspn(text, " T");
    if (instant_parse(text, strlen(text), &at) || !text[day])
        return text;
    const char *date = day_form(request, day_first, arena_copy(&request->arena, text, day), pointer);
    const char *time = date ? time_form(request, text + day + 1 + strspn(text + day + 1, " ")) : NULL;
    if (!date)
        return NULL;
    return time ? arena_format(&request->arena, "%sT%s+07:00", date, time) : text;
}

const char *instant_of_cell(struct request *request, const char *text)
{
    return strlen(text) == DATE_TEXT_SIZE - 1 ? arena_format(&request->arena, "%sT00:00:00+07:00", text)
                                              : instant_form(request, true, text, "");
}

// ---- yes and no ----

// As spreadsheets and our own tables write them (handler/table/table.h).
static const char *truth(const char *text)
{
    static const char *const words[][2] = {{"true", "true"},   {"có", "true"},     {"yes", "true"}, {"đúng", "true"},
                                           {"false", "false"}, {"không", "false"}, {"no", "false"}, {"sai", "false"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (texts_alike(words[i][0], text))
            return words[i][1];
    return text;
}

// By its code, or as people read it in either language.
static const char *choice(const struct field *field, const char *text)
{
    const char *vocabulary = label_vocabulary(field->choices);
    for (const struct label *label = labels; vocabulary && label->code; label++)
        if (strcmp(label->vocabulary, vocabulary) == 0 &&
            (texts_alike(label->vi, text) || texts_alike(label->en, text) || texts_alike(label->code, text)))
            return label->code;
    return text;
}

const char *cell_form(struct request *request, const struct field *field, bool day_first, const char *text,
                      const char *pointer)
{
    if (field->type == FIELD_DECIMAL || field->type == FIELD_INTEGER)
        return number_form(request, trimmed(request, text), pointer);
    if (field->type == FIELD_DATE)
        return day_form(request, day_first, trimmed(request, text), pointer);
    if (field->type == FIELD_INSTANT)
        return instant_form(request, day_first, trimmed(request, text), pointer);
    if (field->type == FIELD_BOOLEAN)
        return truth(trimmed(request, text));
    if (field->type == FIELD_CHOICE)
        return choice(field, trimmed(request, text));
    return field->type == FIELD_UUID ? trimmed(request, text) : text;
}

void tell_forms(struct request *request, const struct field *field)
{
    struct problem *problem = &request->problem;
    const char *forms = NULL;
    if (field->type == FIELD_DECIMAL)
        forms = say(request, "Trong tệp, viết như \"64,35\" hoặc \"64.35\", không có dấu phân cách hàng nghìn.",
                    "In a file, write it as \"64.35\" or \"64,35\", without thousands separators.");
    else if (field->type == FIELD_DATE)
        forms = say(request, "Trong tệp, viết như 2024-12-31 hoặc 31/12/2024 (ngày/tháng/năm).",
                    "In a file, write it as 2024-12-31 or 31/12/2024 (day/month/year).");
    else if (field->type == FIELD_INSTANT)
        forms = say(request, "Trong tệp, viết như 2024-12-31 08:00 hoặc 31/12/2024 08:00 (giờ Việt Nam).",
                    "In a file, write it as 2024-12-31 08:00 or 31/12/2024 08:00 (Vietnamese time).");
    else if (field->type == FIELD_BOOLEAN)
        forms = say(request, "Trong tệp, viết có hoặc không.", "In a file, write yes or no.");
    if (forms && problem->violations_count) {
        struct violation *last = &problem->violations[problem->violations_count - 1];
        last->detail = arena_format(&request->arena, "%s %s", last->detail, forms);
    }
}
