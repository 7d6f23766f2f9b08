#include "http/transport/forwarded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NODE_SIZE = 64, HOPS_MAX = 32 };

static struct {
    struct network networks[TRUSTED_MAX];
    size_t count;
    bool standard;
} trusted;

// ---- whom to trust ----

static bool add_network(const char *text, size_t length)
{
    char network[NODE_SIZE];
    if (trusted.count == TRUSTED_MAX || length >= sizeof network)
        return false;
    memcpy(network, text, length);
    network[length] = '\0';
    return network_read(network, &trusted.networks[trusted.count++]);
}

bool forwarded_trust(const char *networks)
{
    bool good = true;
    trusted.count = 0;
    if (!networks)
        return true;
    for (const char *item = networks + strspn(networks, ", "); *item && good; item += strspn(item, ", ")) {
        size_t length = strcspn(item, ", ");
        good = add_network(item, length);
        item += length;
    }
    return good && trusted.count;
}

void forwarded_use(bool standard)
{
    trusted.standard = standard;
}

bool forwarded_is_standard(void)
{
    return trusted.standard;
}

static bool is_trusted(const struct address *address)
{
    for (size_t i = 0; i < trusted.count; i++)
        if (network_holds(&trusted.networks[i], address))
            return true;
    return false;
}

// ---- a node: an address, perhaps with a port ----

static bool is_port(const char *text)
{
    size_t length = strlen(text);
    if (text[0] == '_') // RFC 7239 section 6.3
        return length > 1;
    return length >= 1 && length <= 5 && strspn(text, "0123456789") == length && strtoul(text, NULL, 10) <= 65535;
}

// "[fd00::1]" or "[fd00::1]:8080". `node` is taken apart.
static bool read_bracketed(char *node, struct address *ret_address)
{
    char *end = strchr(node, ']');
    if (!end || (end[1] && (end[1] != ':' || !is_port(end + 2))))
        return false;
    *end = '\0';
    return strchr(node, ':') && address_read(node + 1, ret_address);
}

// An IPv6 address may come without brackets in X-Forwarded-For, where it has no port then.
static bool read_node(char *node, struct address *ret_address)
{
    char *colon = strchr(node, ':');
    if (node[0] == '[')
        return read_bracketed(node, ret_address);
    if (colon && strchr(colon + 1, ':'))
        return !trusted.standard && address_read(node, ret_address);
    if (colon && !is_port(colon + 1))
        return false;
    if (colon)
        *colon = '\0';
    return address_read(node, ret_address);
}

// ---- a list of hops ----

struct hop {
    bool known;
    struct address address;
};

// The newest of them: a long list has only its end looked at.
struct hops {
    struct hop last[HOPS_MAX];
    size_t count;
};

// NULL: a hop that says nothing of whom it is for.
static void add_hop(struct hops *hops, char *node)
{
    struct hop *hop = &hops->last[hops->count++ % HOPS_MAX];
    hop->known = node && read_node(node, &hop->address);
}

static bool read_x_forwarded_for(const char *value, struct hops *hops)
{
    for (const char *item = value; *item; item += *item == ',') {
        char node[NODE_SIZE];
        item += strspn(item, " \t");
        size_t length = strcspn(item, ","), used = length;
        while (used && (item[used - 1] == ' ' || item[used - 1] == '\t'))
            used--;
        snprintf(node, sizeof node, "%.*s", (int)used, item);
        if (used)
            add_hop(hops, used < sizeof node ? node : NULL);
        item += length;
    }
    return true;
}

static size_t token_length(const char *text)
{
    return strspn(text, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

// A token or a quoted string (RFC 9110 section 5.6). Returns what follows it; NULL where it is neither. What has no
// room in `ret_text` leaves it empty: no address is that long.
static const char *read_value(const char *text, char ret_text[static NODE_SIZE])
{
    size_t length = 0;
    bool quoted = *text == '"';
    const char *end = quoted ? text + 1 : text + token_length(text);
    for (; quoted && *end && *end != '"'; end++) {
        end += *end == '\\';
        if (!*end)
            return NULL;
        if (length < NODE_SIZE)
            ret_text[length++] = *end;
    }
    if (quoted ? !*end : end == text)
        return NULL;
    if (!quoted) {
        length = (size_t)(end - text);
        memcpy(ret_text, text, length < NODE_SIZE ? length : 0);
    }
    ret_text[length < NODE_SIZE ? length : 0] = '\0';
    return end + quoted;
}

// One "for=192.0.2.1;proto=https". Returns what follows it; NULL where it cannot be read.
static const char *read_element(const char *text, struct hops *hops)
{
    char node[NODE_SIZE], other[NODE_SIZE];
    bool told = false;
    for (;;) {
        size_t length = token_length(text);
        bool is_for = length == 3 && strncasecmp(text, "for", 3) == 0;
        if (!length || text[length] != '=' || (is_for && told))
            return NULL;
        text = read_value(text + length + 1, is_for ? node : other);
        if (!text)
            return NULL;
        told = told || is_for;
        if (*text != ';')
            break;
        text++;
    }
    add_hop(hops, told ? node : NULL);
    return text;
}

// False where any of it cannot be read: a quotation mark that a client has left open would swallow what a proxy added.
static bool read_forwarded(const char *value, struct hops *hops)
{
    const char *text = value + strspn(value, " \t,");
    while (*text) {
        text = read_element(text, hops);
        if (!text)
            return false;
        text += strspn(text, " \t");
        if (*text && *text != ',')
            return false;
        text += strspn(text, " \t,");
    }
    return true;
}

struct address forwarded_caller(const struct address *peer, const char *value)
{
    struct hops hops = {.count = 0};
    struct address caller = *peer;
    if (!value || !is_trusted(peer))
        return caller;
    if (!(trusted.standard ? read_forwarded : read_x_forwarded_for)(value, &hops))
        return caller;
    size_t kept = hops.count < HOPS_MAX ? hops.count : HOPS_MAX;
    for (size_t i = 0; i < kept && is_trusted(&caller); i++) {
        const struct hop *hop = &hops.last[(hops.count - 1 - i) % HOPS_MAX];
        if (!hop->known)
            break;
        caller = hop->address;
    }
    return caller;
}
