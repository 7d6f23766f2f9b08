#include "http/input/field.h"

#include "http/request.h"
#include "thidua/civil.h"
#include "thidua/decimal.h"
#include "thidua/identifier.h"
#include "thidua/number_symbol.h"
#include "thidua/plain_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
    TEXT_MOST = 500,
    SECOND = 1000000,
    MARKS_MOST = 30,    // one after the other, as in the Stream-Safe Text Format (UAX 15, section 13)
    ALIKE_TIMES_AT = 8, // no other case and no other composition of a text is longer than so many times
};

static char *wrong(struct request *request, int problem, const char *pointer, const char *code, const char *detail)
{
    violate(request, (enum problem_kind)problem, pointer, code, detail);
    return NULL;
}

static bool is_plain(struct request *request, const char *text, const char *pointer, int problem,
                     int64_t *ret_characters)
{
    size_t characters = 0;
    enum text_fault fault = text_examine(text, strlen(text), &characters);
    *ret_characters = (int64_t)characters;
    switch (fault) {
    case TEXT_CONTROL:
        return violate(request, (enum problem_kind)problem, pointer, "control_character",
                       say(request, "Không nhận ký tự điều khiển.", "Control characters are not allowed."));
    case TEXT_BIDI:
        return violate(
            request, (enum problem_kind)problem, pointer, "bidi_control",
            say(request, "Không nhận ký tự đổi hướng chữ (U+202A–U+202E, U+2066–U+2069).",
                "Characters that turn the direction of text are not allowed (U+202A–U+202E, U+2066–U+2069)."));
    case TEXT_BROKEN:
        return violate(request, (enum problem_kind)problem, pointer, "broken_character",
                       say(request, "Có ký tự hỏng (U+FFFD) hoặc mã không phải ký tự; hãy nhập lại chỗ đó.",
                           "There is a lost character (U+FFFD) or a noncharacter: enter that place again."));
    case TEXT_UNSEEN:
        return violate(request, (enum problem_kind)problem, pointer, "unseen",
                       say(request, "Chỉ có khoảng trắng hoặc ký tự không nhìn thấy.",
                           "The text has only blanks or characters that nobody sees."));
    case TEXT_FINE:
    default:
        return true;
    }
}

// Does a sign come after what it is written with? Three of them say so only once they are taken apart, and no others
// ever will (Unicode's policy of stability).
static bool is_mark(uint32_t character)
{
    return utf8proc_get_property((utf8proc_int32_t)character)->combining_class || character == 0x0F73 ||
           character == 0x0F75 || character == 0x0F81;
}

// Whoever normalises a text sorts each row of marks in it, which takes the square of its length: of those that one
// request has room for, minutes. `text` must be valid UTF-8.
static bool marks_are_few(const char *text)
{
    unsigned row = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at && row <= MARKS_MOST;)
        row = is_mark(text_next_character(&at)) ? row + 1 : 0;
    return row <= MARKS_MOST;
}

static char *check_plain_text(struct request *request, const struct field *field, const char *text, size_t length,
                              const char *pointer, int problem)
{
    if (!utf8_is_valid(text, length) || strlen(text) != length)
        return wrong(request, problem, pointer, "text",
                     say(request, "Chỉ nhận văn bản UTF-8 hợp lệ, không có ký tự NUL.",
                         "Must be valid UTF-8 without NUL characters."));
    if (!marks_are_few(text))
        return wrong(
            request, problem, pointer, "combining_marks",
            say(request, "Nhiều nhất %d dấu kết hợp liền nhau.", "At most %d combining marks in a row.", MARKS_MOST));
    utf8proc_uint8_t *normal = utf8proc_NFC((const utf8proc_uint8_t *)text);
    if (!normal)
        abort();
    defer_free(request, normal);
    char *clean = (char *)normal;
    int64_t count, most = field->most ? field->most : TEXT_MOST;
    if (!is_plain(request, clean, pointer, problem, &count))
        return NULL;
    if (field->type == FIELD_LINE) {
        if (!text_make_line(clean))
            return wrong(request, problem, pointer, "line_break",
                         say(request, "Chỉ một dòng: không nhận ký tự xuống dòng hoặc tab; hãy thay bằng khoảng trắng.",
                             "One line only: line feeds and tabs are not taken; write a blank instead."));
        is_plain(request, clean, pointer, problem, &count); // it may be shorter now
    }
    if (count > most)
        return wrong(request, problem, pointer, "too_long",
                     say(request, "Nhiều nhất %" PRId64 " ký tự.", "At most %" PRId64 " characters.", most));
    int64_t least = field->least ? field->least : field->required;
    if (count < least)
        return wrong(request, problem, pointer, "too_short",
                     least == 1
                         ? say(request, "Không được để trống.", "It must not be empty.")
                         : say(request, "Ít nhất %" PRId64 " ký tự.", "At least %" PRId64 " characters.", least));
    return clean;
}

// What stands around a number in a sentence: "(451/QĐ-UBND)," holds one.
static const char around[] = "()[]\"';:,.";

// Writes the number-symbol in text[0…length) in its canonical form, and returns how many bytes that has. It is never
// longer than what was written. Anything else stays as it is.
static size_t make_canonical(char *text, size_t length)
{
    char written[NUMBER_SYMBOL_SIZE];
    size_t before = 0, after = length;
    while (before < after && strchr(around, text[before]))
        before++;
    while (after > before && strchr(around, text[after - 1]))
        after--;
    if (!number_symbol_stands_alone(text + before, after - before, written))
        return length;
    size_t size = strlen(written);
    memcpy(text + before, written, size);
    memmove(text + before + size, text + after, length - after);
    return before + size + length - after;
}

// A document is named by a number alone ("230 /KH-UBND", with blanks that do not count), or by a sentence that holds
// one.
static void write_numbers_canonically(char *text)
{
    static const char blanks[] = " \t\n";
    char written[NUMBER_SYMBOL_SIZE], *to = text;
    if (number_symbol_stands_alone(text, strlen(text), written)) {
        memcpy(text, written, strlen(written) + 1);
        return;
    }
    for (const char *from = text; *from;) {
        size_t gap = strspn(from, blanks), word = strcspn(from + gap, blanks);
        memmove(to, from, gap + word);
        to += gap + make_canonical(to + gap, word);
        from += gap + word;
    }
    *to = '\0';
}

static const char *check_number_symbol(struct request *request, const struct field *field, const char *text,
                                       size_t length, const char *pointer, int problem)
{
    char written[NUMBER_SYMBOL_SIZE];
    const char *clean = check_plain_text(request, field, text, length, pointer, problem);
    if (!clean)
        return clean;
    if (number_symbol_read(clean, strlen(clean), written))
        return arena_text(&request->arena, written);
    return wrong(request, problem, pointer, "number_symbol",
                 say(request,
                     "Phải là số, ký hiệu văn bản như 451/QĐ-UBND hoặc 69-QĐ/TU, nhiều nhất %d byte; chỉ gồm chữ cái "
                     "tiếng Việt, chữ số, '/', '-' và '.'.",
                     "Must be a number-symbol such as 451/QĐ-UBND or 69-QĐ/TU, of at most %d bytes; it holds letters "
                     "of Vietnamese, digits, '/', '-' and '.' only.",
                     NUMBER_SYMBOL_MOST_BYTES));
}

static const char *check_choice(struct request *request, const struct field *field, const char *text, size_t length,
                                const char *pointer, int problem)
{
    for (const char *const *choice = field->choices; *choice; choice++)
        if (strlen(*choice) == length && memcmp(*choice, text, length) == 0)
            return *choice;
    return wrong(
        request, problem, pointer, "choice",
        say(request, "Phải là một trong: %s.", "Must be one of: %s.", choices_and_words(request, field->choices)));
}

static const char *check_uuid(struct request *request, const char *text, size_t length, const char *pointer,
                              int problem)
{
    if (!uuid_text_is_valid(text, length))
        return wrong(request, problem, pointer, "uuid", say(request, "Phải là một UUID.", "Must be a UUID."));
    char *lower = arena_copy(&request->arena, text, length);
    uuid_text_lower(lower);
    return lower;
}

static const char *check_integer(struct request *request, const struct field *field, const char *text, size_t length,
                                 const char *pointer, int problem)
{
    int64_t value;
    if (decimal_parse(text, length, 0, &value) == DECIMAL_OK && value >= field->least && value <= field->most)
        return arena_format(&request->arena, "%" PRId64, value);
    return wrong(request, problem, pointer, "integer",
                 say(request, "Phải là số nguyên từ %" PRId64 " đến %" PRId64 ".",
                     "Must be a whole number from %" PRId64 " to %" PRId64 ".", field->least, field->most));
}

static const char *check_decimal(struct request *request, const struct field *field, const char *text, size_t length,
                                 const char *pointer, int problem)
{
    int64_t value;
    char shown[3][DECIMAL_TEXT_SIZE];
    unsigned places = (unsigned)field->scale;
    if (decimal_parse(text, length, places, &value) == DECIMAL_OK && value >= field->least && value <= field->most) {
        decimal_format(value, places, shown[0]);
        return arena_text(&request->arena, shown[0]);
    }
    decimal_shown(request, field->least, places, shown[1]);
    decimal_shown(request, field->most, places, shown[2]);
    return wrong(request, problem, pointer, "decimal",
                 say(request, "Phải là số thập phân dạng chuỗi, nhiều nhất %d chữ số sau dấu chấm, từ %s đến %s.",
                     "Must be a decimal as a string, with at most %d decimals, from %s to %s.", field->scale, shown[1],
                     shown[2]));
}

static const char *not_kept(struct request *request, const char *pointer, int problem)
{
    return wrong(request, problem, pointer, "out_of_range",
                 say(request, "Chỉ nhận ngày và thời điểm từ năm %d đến năm %d; hãy sửa lại năm.",
                     "Only days and instants of the years %d to %d are taken: correct the year.", YEAR_FIRST_KEPT,
                     YEAR_LAST_KEPT));
}

// What is recorded of days to come would count as done before anybody did it.
static const char *still_to_come(struct request *request, const char *pointer, int problem)
{
    char now[INSTANT_TEXT_SIZE];
    instant_format(request->at / SECOND * SECOND, now);
    return wrong(request, problem, pointer, "ahead",
                 say(request, "Lúc đó chưa đến (bây giờ là %s); chỉ ghi việc đã diễn ra, vào ngày đã diễn ra.",
                     "That is still to come (it is %s): record what has happened, on the day on which it did.", now));
}

static const char *check_date(struct request *request, const struct field *field, const char *text, size_t length,
                              const char *pointer, int problem)
{
    int32_t date;
    char written[DATE_TEXT_SIZE];
    if (!date_parse(text, length, &date))
        return wrong(request, problem, pointer, "date",
                     say(request, "Phải là một ngày có thật, dạng YYYY-MM-DD.", "Must be a real day as YYYY-MM-DD."));
    if (!date_is_kept(date))
        return not_kept(request, pointer, problem);
    if (field->happened && request->at && date > instant_local_date(request->at))
        return still_to_come(request, pointer, problem);
    date_format(date, written);
    return arena_text(&request->arena, written);
}

static const char *check_instant(struct request *request, const struct field *field, const char *text, size_t length,
                                 const char *pointer, int problem)
{
    int64_t instant;
    char written[INSTANT_TEXT_SIZE];
    if (!instant_parse(text, length, &instant))
        return wrong(request, problem, pointer, "instant",
                     say(request,
                         "Phải là thời điểm RFC 3339 có múi giờ (nhiều nhất ±15:59), như 2024-12-30T16:00:00+07:00.",
                         "Must be an RFC 3339 instant with an offset (at most ±15:59), such as "
                         "2024-12-30T16:00:00+07:00."));
    if (!instant_is_kept(instant))
        return not_kept(request, pointer, problem);
    if (field->happened && request->at && instant > request->at)
        return still_to_come(request, pointer, problem);
    instant_format(instant, written);
    return arena_text(&request->arena, written);
}

static bool is_after(const char *earlier, const char *later)
{
    return earlier && later && strcmp(earlier, later) > 0;
}

// Days as the reader writes them sort as texts.
bool days_in_order(struct request *request, const struct field *fields, const json_t *object, const char *pointer)
{
    bool good = true;
    for (const struct field *field = fields; field->name; field++) {
        const char *first = field->not_before;
        if (!first || !is_after(json_string_value(json_object_get(object, first)),
                                json_string_value(json_object_get(object, field->name))))
            continue;
        good = violate(request, PROBLEM_INVALID, arena_format(&request->arena, "%s/%s", pointer, field->name), "order",
                       say(request, "\"%s\" không thể trước \"%s\"; hãy sửa một trong hai ngày.",
                           "\"%s\" cannot lie before \"%s\": correct one of the two days.", field->name, first));
    }
    return good;
}

const char *check_text(struct request *request, const struct field *field, const char *text, size_t length,
                       const char *pointer, int problem)
{
    switch (field->type) {
    case FIELD_CHOICE:
        return check_choice(request, field, text, length, pointer, problem);
    case FIELD_UUID:
        return check_uuid(request, text, length, pointer, problem);
    case FIELD_INTEGER:
        return check_integer(request, field, text, length, pointer, problem);
    case FIELD_DECIMAL:
        return check_decimal(request, field, text, length, pointer, problem);
    case FIELD_DATE:
        return check_date(request, field, text, length, pointer, problem);
    case FIELD_INSTANT:
        return check_instant(request, field, text, length, pointer, problem);
    case FIELD_BOOLEAN:
        if ((length == 4 && memcmp(text, "true", 4) == 0) || (length == 5 && memcmp(text, "false", 5) == 0))
            return arena_copy(&request->arena, text, length);
        return wrong(request, problem, pointer, "boolean",
                     say(request, "Phải là true hoặc false.", "Must be true or false."));
    case FIELD_NUMBER_SYMBOL:
        return check_number_symbol(request, field, text, length, pointer, problem);
    case FIELD_TEXT:
    case FIELD_LINE: {
        char *clean = check_plain_text(request, field, text, length, pointer, problem);
        if (clean && field->names_document)
            write_numbers_canonically(clean);
        if (clean && field->names_resource)
            uuid_segments_lower(clean);
        return clean;
    }
    case FIELD_NONE:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_JSON:
    default:
        return wrong(request, problem, pointer, "type", say(request, "Sai kiểu dữ liệu.", "Wrong type."));
    }
}

// Without the blanks at its ends.
static const char *inside(const char *text, size_t *ret_length)
{
    static const char blanks[] = " \t\r\n";
    text += strspn(text, blanks);
    *ret_length = strlen(text);
    while (*ret_length && strchr(blanks, text[*ret_length - 1]))
        --*ret_length;
    return text;
}

static char *folded(const char *text, size_t length)
{
    utf8proc_uint8_t *fold = NULL;
    utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &fold,
                 UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    return (char *)fold;
}

bool texts_alike(const char *one, const char *other)
{
    size_t length, width;
    if (strcmp(one, other) == 0)
        return true;
    one = inside(one, &length);
    other = inside(other, &width);
    // A cell may be as long as its file, and is held against one word after the other.
    if (length > ALIKE_TIMES_AT * width || width > ALIKE_TIMES_AT * length)
        return false;
    char *first = folded(one, length), *second = folded(other, width);
    bool alike = first && second && strcmp(first, second) == 0;
    free(first);
    free(second);
    return alike;
}

bool text_is_plain(struct request *request, const char *text, const char *pointer)
{
    int64_t characters;
    return is_plain(request, text, pointer, PROBLEM_INVALID, &characters);
}

char *line_from(const char *text, size_t length, const char **ret_fault)
{
    size_t characters;
    *ret_fault = "is no valid UTF-8, or holds NUL";
    if (!utf8_is_valid(text, length) || strlen(text) != length)
        return NULL;
    *ret_fault = "holds more than 30 combining marks in a row";
    if (!marks_are_few(text))
        return NULL;
    char *line = (char *)utf8proc_NFC((const utf8proc_uint8_t *)text);
    *ret_fault = "holds characters that nobody sees, that turn its direction, or that stand for lost ones";
    if (line && text_examine(line, strlen(line), &characters) == TEXT_FINE) {
        *ret_fault = "holds a line feed or tab: write a blank in its place";
        if (text_make_line(line))
            return line;
    }
    free(line);
    return NULL;
}
