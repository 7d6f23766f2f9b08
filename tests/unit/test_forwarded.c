// Whose request it is behind proxies: only what a trusted proxy has added counts, whatever clients write.
#include "testing.h"

#include "http/transport/forwarded.h"

#include <stdio.h>

#define TRUSTED "10.0.0.0/8, 192.0.2.1, fd00::/8"

static const char *caller(bool standard, const char *peer, const char *value)
{
    static char text[ADDRESS_TEXT_SIZE];
    struct address address;
    assert_true(forwarded_trust(TRUSTED));
    forwarded_use(standard);
    assert_true(address_read(peer, &address));
    struct address found = forwarded_caller(&address, value);
    address_write(&found, text);
    return text;
}

struct example {
    const char *peer, *value, *caller;
};

static const struct example plain[] = {
    // Nobody is believed who is not trusted.
    {"203.0.113.9", "198.51.100.7", "203.0.113.9"},
    {"203.0.113.9", "10.0.0.1", "203.0.113.9"},
    {"2001:db8::9", "198.51.100.7", "2001:db8::9"},
    {"192.0.2.2", "198.51.100.7", "192.0.2.2"},
    // One hop, several, an address of either family, mapped ones.
    {"10.0.0.1", NULL, "10.0.0.1"},
    {"10.0.0.1", "", "10.0.0.1"},
    {"10.0.0.1", "198.51.100.7", "198.51.100.7"},
    {"::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"},
    {"fd12::1", "::ffff:198.51.100.7", "198.51.100.7"},
    {"10.0.0.1", "2001:db8::7", "2001:db8::7"},
    {"10.0.0.1", "198.51.100.7, 10.0.0.2, fd00::3", "198.51.100.7"},
    {"10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
    // What the client wrote itself stands left of what the proxy saw.
    {"10.0.0.1", "127.0.0.1, 198.51.100.7", "198.51.100.7"},
    {"10.0.0.1", "10.0.0.9, 198.51.100.7", "198.51.100.7"},
    {"10.0.0.1", "203.0.113.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"},
    {"10.0.0.1", "\"198.51.100.1, 198.51.100.7", "198.51.100.7"},
    {"10.0.0.1", "\\, <script>, 198.51.100.7", "198.51.100.7"},
    // Ports, brackets, blanks, empty items.
    {"10.0.0.1", "198.51.100.7:4711", "198.51.100.7"},
    {"10.0.0.1", "[2001:db8::7]", "2001:db8::7"},
    {"10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"},
    {"10.0.0.1", "[2001:db8::7]:_port", "2001:db8::7"},
    {"10.0.0.1", " ,, 198.51.100.7 ,\t, ", "198.51.100.7"},
    // What is no address ends the walk: the last proxy that can be believed.
    {"10.0.0.1", "198.51.100.7, unknown", "10.0.0.1"},
    {"10.0.0.1", "198.51.100.7, unknown, 10.0.0.2", "10.0.0.2"},
    {"10.0.0.1", "198.51.100.7, _hidden", "10.0.0.1"},
    {"10.0.0.1", "198.51.100.7:65536", "10.0.0.1"},
    {"10.0.0.1", "198.51.100.7:", "10.0.0.1"},
    {"10.0.0.1", "198.51.100.7:x", "10.0.0.1"},
    {"10.0.0.1", "198.51.100.7:000080", "10.0.0.1"},
    {"10.0.0.1", "[198.51.100.7]", "10.0.0.1"},
    {"10.0.0.1", "[2001:db8::7", "10.0.0.1"},
    {"10.0.0.1", "[2001:db8::7]x", "10.0.0.1"},
    {"10.0.0.1", "[2001:db8::7]:", "10.0.0.1"},
    {"10.0.0.1", "[fe80::1%eth0]", "10.0.0.1"},
    {"10.0.0.1", "2001:db8::7::1", "10.0.0.1"},
    {"10.0.0.1", "198.51.100.007", "10.0.0.1"},
    {"10.0.0.1", "198.51.100", "10.0.0.1"},
    {"10.0.0.1", "0x7f.1", "10.0.0.1"},
    {"10.0.0.1", "3325256711", "10.0.0.1"},
    {"10.0.0.1", "198.51.100.7 198.51.100.8", "10.0.0.1"},
    {"10.0.0.1", "198.51.100.7;198.51.100.8", "10.0.0.1"},
    {"10.0.0.1", "localhost", "10.0.0.1"},
    {"10.0.0.1", "for=198.51.100.7", "10.0.0.1"},
};

static const struct example standard[] = {
    {"203.0.113.9", "for=198.51.100.7", "203.0.113.9"},
    {"10.0.0.1", "for=198.51.100.7", "198.51.100.7"},
    {"10.0.0.1", "For=\"198.51.100.7:4711\"", "198.51.100.7"},
    {"10.0.0.1", "FOR=\"[2001:db8::7]:4711\"", "2001:db8::7"},
    {"10.0.0.1", "for=\"[2001:db8::7]\";proto=https;by=203.0.113.43;host=\"a,b;c\"", "2001:db8::7"},
    {"10.0.0.1", "proto=http;for=198.51.100.7 , for=10.0.0.2", "198.51.100.7"},
    {"10.0.0.1", "for=127.0.0.1, for=198.51.100.7", "198.51.100.7"},
    {"10.0.0.1", "for=198.51.100.1,for=\"198.51.100.7:_x\",,for=10.9.9.9", "198.51.100.7"},
    {"10.0.0.1", "for=\"\\1\\98.51.100.7\"", "198.51.100.7"},
    // Section 6.2 and 6.3: hidden and unknown ones, and hops that say nothing of it.
    {"10.0.0.1", "for=198.51.100.7, for=unknown", "10.0.0.1"},
    {"10.0.0.1", "for=198.51.100.7, for=_hidden", "10.0.0.1"},
    {"10.0.0.1", "for=198.51.100.7, for=\"_SEVKISEK:_gazonk\"", "10.0.0.1"},
    {"10.0.0.1", "for=198.51.100.7, by=203.0.113.43", "10.0.0.1"},
    {"10.0.0.1", "for=198.51.100.7, for=_a, for=10.0.0.2", "10.0.0.2"},
    // What a client left open must not swallow what the proxy added; nor may anything of it be believed then.
    {"10.0.0.1", "for=\", for=198.51.100.7", "10.0.0.1"},
    {"10.0.0.1", "for=203.0.113.1;x=\", for=\"[2001:db8::7]\"", "10.0.0.1"},
    {"10.0.0.1", "for=203.0.113.1;x=\"\\, for=\"198.51.100.7\"", "10.0.0.1"},
    {"10.0.0.1", "for=\"203.0.113.1", "10.0.0.1"},
    {"10.0.0.1", "for=\"203.0.113.1\\", "10.0.0.1"},
    // No such field.
    {"10.0.0.1", "198.51.100.7", "10.0.0.1"},
    {"10.0.0.1", "for=", "10.0.0.1"},
    {"10.0.0.1", "for", "10.0.0.1"},
    {"10.0.0.1", "=198.51.100.7", "10.0.0.1"},
    {"10.0.0.1", "for =198.51.100.7", "10.0.0.1"},
    {"10.0.0.1", "for= 198.51.100.7", "10.0.0.1"},
    {"10.0.0.1", "for=198.51.100.7;", "10.0.0.1"},
    {"10.0.0.1", "for=198.51.100.7;for=203.0.113.1", "10.0.0.1"},
    {"10.0.0.1", "for=198.51.100.7 for=203.0.113.1", "10.0.0.1"},
    {"10.0.0.1", "for=2001:db8::7", "10.0.0.1"},
    {"10.0.0.1", "for=\"2001:db8::7\"", "10.0.0.1"},
    {"10.0.0.1", "for=[2001:db8::7]", "10.0.0.1"},
    {"10.0.0.1", "for=198.51.100.7:80", "10.0.0.1"},
};

static void only_what_trusted_proxies_added_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        assert_string_equal(caller(false, plain[i].peer, plain[i].value), plain[i].caller);
    for (size_t i = 0; i < COUNT_OF(standard); i++)
        assert_string_equal(caller(true, standard[i].peer, standard[i].value), standard[i].caller);
}

// A client that writes as much as it may before what the proxy adds.
static void a_long_list_has_its_end_looked_at(void **state)
{
    (void)state;
    enum { SIZE = 32768 };
    static const char *const junk[] = {"203.0.113.1,", "x,", "\t ,", "[[[[,", "10.0.0.5,"};
    static char value[SIZE + 64];
    for (size_t kind = 0; kind < COUNT_OF(junk); kind++) {
        size_t length = 0;
        while (length + strlen(junk[kind]) < SIZE)
            length += (size_t)snprintf(value + length, sizeof value - length, "%s", junk[kind]);
        snprintf(value + length, sizeof value - length, "198.51.100.7, 10.0.0.2");
        assert_string_equal(caller(false, "10.0.0.1", value), "198.51.100.7");
    }
    memset(value, '1', SIZE);
    snprintf(value + SIZE, sizeof value - SIZE, ", 198.51.100.7");
    assert_string_equal(caller(false, "10.0.0.1", value), "198.51.100.7");
    memcpy(value, "for=", 4);
    snprintf(value + SIZE, sizeof value - SIZE, ", for=198.51.100.7");
    assert_string_equal(caller(true, "10.0.0.1", value), "198.51.100.7");
    // More trusted proxies than are looked at: one of them, and nothing from before them.
    size_t length = (size_t)snprintf(value, sizeof value, "203.0.113.1");
    for (int i = 0; i < 100; i++)
        length += (size_t)snprintf(value + length, sizeof value - length, ", 10.0.1.%d", i);
    assert_string_equal(caller(false, "10.0.0.1", value), "10.0.1.68");
}

// Whatever stands left of the proxy's own words, of any bytes: the answer is what the proxy said, or the proxy.
static void no_prefix_makes_another_caller(void **state)
{
    (void)state;
    static const char letters[] = "for=\"\\,; :[]_10.ab\t";
    uint64_t seed = 7239;
    for (int round = 0; round < 200000; round++) {
        char value[96];
        size_t length = random_below(&seed, 40);
        for (size_t i = 0; i < length; i++)
            value[i] = letters[random_below(&seed, sizeof letters - 1)];
        snprintf(value + length, sizeof value - length, ", 198.51.100.7");
        assert_string_equal(caller(false, "10.0.0.1", value), "198.51.100.7");
        snprintf(value + length, sizeof value - length, ", for=198.51.100.7");
        const char *found = caller(true, "10.0.0.1", value);
        assert_true(!strcmp(found, "198.51.100.7") || !strcmp(found, "10.0.0.1"));
    }
}

static void networks_are_read_as_written(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           ",",           "10.0.0.0/33",  "10.0.0.0/",  "10.0.0.0/-1",
                                      "fd00::/129", "localhost",   "10.0.0.0/8,x", "[fd00::]/8", "10.0.0",
                                      "unix:",      "10.0.0.0/8/8"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(forwarded_trust(bad[i]));
    assert_true(forwarded_trust("127.0.0.1,::1 , 0.0.0.0/0"));
    assert_true(forwarded_trust(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_trusted_proxies_added_counts),
        cmocka_unit_test(a_long_list_has_its_end_looked_at),
        cmocka_unit_test(no_prefix_makes_another_caller),
        cmocka_unit_test(networks_are_read_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
