#include "testing.h"

#include "thidua/identifier.h"

struct sample {
    const char *text;
    bool good;
};

static void check(bool (*is_valid)(const char *, size_t), const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_valid(samples[i].text, strlen(samples[i].text)) != samples[i].good)
            fail_msg("\"%s\" should be %s", samples[i].text, samples[i].good ? "accepted" : "refused");
}

static void uuids_and_digests(void **state)
{
    (void)state;
    static const struct sample uuids[] = {
        {"f81d4fae-7dec-11d0-a765-00a0c91e6bf6", true},  {"F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", true},
        {"f81d4fae7dec11d0a76500a0c91e6bf6", false},     {"{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}", false},
        {"g81d4fae-7dec-11d0-a765-00a0c91e6bf6", false}, {"", false},
    };
    static const struct sample digests[] = {
        {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", true},
        {"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", false},
        {"e3b0c442", false},
    };
    check(uuid_text_is_valid, uuids, COUNT_OF(uuids));
    check(sha256_hex_is_valid, digests, COUNT_OF(digests));
}

// RFC 3629 sections 3, 4 and 10.
static void utf8(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"", true},
        {"Đẩy mạnh cải cách", true},
        {"\xF0\x9F\x8F\x86", true},
        {"\xF4\x8F\xBF\xBF", true},
        {"\xC0\x80", false},
        {"\xE0\x80\x80", false},
        {"\xED\xA0\x80", false},
        {"\xF4\x90\x80\x80", false},
        {"\xC4", false},
        {"\x80", false},
        {"\xE1\xBA", false},
        {"\xFF", false},
        {"a\xF0\x80\x80\x80", false},
    };
    check(utf8_is_valid, samples, COUNT_OF(samples));
    assert_true(utf8_is_valid("a\0b", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuids_and_digests),
        cmocka_unit_test(utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
