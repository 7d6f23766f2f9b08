// The canonical form is what jansson writes with its keys sorted, whatever the value: hashes of years ago rest on it.
#include "engine/json/json_reader.h"

#include "testing.h"

#include <stdlib.h>

enum { VALUES = 20000, DEPTH = 4, LONGEST = 40 };

static uint64_t state = 1;

static size_t draw(size_t below)
{
    return random_below(&state, below);
}

// Of all that is escaped, of what looks like it, and of letters of more bytes than one; also with a zero byte inside.
static json_t *draw_text(void)
{
    static const char *const pieces[] = {"a",
                                         "b",
                                         "\"",
                                         "\\",
                                         "/",
                                         "\n",
                                         "\t",
                                         "\r",
                                         "\b",
                                         "\f",
                                         "\x01",
                                         "\x1f",
                                         "\x7f",
                                         " ",
                                         "ế",
                                         "Đ",
                                         "\xf0\x9f\x8f\x85",
                                         "<",
                                         "'"};
    char text[128] = "";
    size_t length = 0;
    for (size_t count = draw(9); count > 0; count--) {
        const char *piece = pieces[draw(COUNT_OF(pieces))];
        memcpy(text + length, piece, strlen(piece));
        length += strlen(piece);
    }
    if (draw(20) == 0)
        text[length++] = '\0';
    return json_stringn(text, length);
}

static json_t *draw_value(unsigned depth);

static json_t *draw_object(unsigned depth)
{
    json_t *object = json_object();
    for (size_t count = draw(depth == DEPTH && draw(10) == 0 ? 90 : 7); count > 0; count--) {
        json_t *name = draw_text();
        json_object_set_new(object, json_string_value(name), draw_value(depth - 1));
        json_decref(name);
    }
    return object;
}

static json_t *draw_value(unsigned depth)
{
    switch (draw(depth ? 8 : 6)) {
    case 0:
        return json_null();
    case 1:
        return json_boolean(draw(2) == 1);
    case 2:
        return json_integer((json_int_t)next_random(&state));
    case 3:
        return json_real((double)(int64_t)next_random(&state) / (double)(1 + draw(1000)));
    case 4:
    case 5:
        return draw_text();
    case 6:
        return draw_object(depth);
    default:
        break;
    }
    json_t *array = json_array();
    for (size_t count = draw(5); count > 0; count--)
        json_array_append_new(array, draw_value(depth - 1));
    return array;
}

static void check_value(json_t *value)
{
    struct arena arena = {0};
    size_t length;
    char *expected = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    const char *found = json_canonical(&arena, value, &length);
    assert_non_null(expected);
    assert_string_equal(found, expected);
    assert_int_equal(length, strlen(expected));
    free(expected);
    json_decref(value);
    arena_release(&arena);
}

static void writes_what_jansson_writes(void **unused)
{
    (void)unused;
    for (int i = 0; i < VALUES; i++)
        check_value(i % 2 ? draw_object(DEPTH) : draw_value(DEPTH));
}

// Eight bytes are looked at together, and what is left over by itself: each byte in each place, alone among others.
static void finds_an_escape_in_every_place(void **unused)
{
    (void)unused;
    for (size_t length = 1; length <= LONGEST; length++)
        for (size_t place = 0; place < length; place++)
            for (int byte = 0; byte < 0x80; byte++) {
                char text[LONGEST];
                memset(text, 'a', length);
                text[place] = (char)byte;
                check_value(json_stringn(text, length));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(writes_what_jansson_writes),
                                       cmocka_unit_test(finds_an_escape_in_every_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
