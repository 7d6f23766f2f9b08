#include "webhooks/target.h"

#include "base/network.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { ENTRIES_MAX = 64, HOST_MOST = 253 };

struct entry {
    char host[HOST_MOST + 1]; // or, where it is empty, the network
    struct network network;
};

static struct {
    struct entry entries[ENTRIES_MAX];
    size_t count;
    bool public, networks;
} allowed = {.public = true};

// Of the address space what is not public (IANA special-purpose registries). Of IPv6 only 2000::/3 is global unicast.
static const char *const never_public[] = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "2001::/23",     "2001:db8::/32",   "2002::/16",      "3fff::/20",
};
static bool is_public(const struct address *address)
{
    struct network network;
    if (!address_is_ipv4(address) && address->bytes[0] >> 5 != 1)
        return false;
    for (size_t i = 0; i < sizeof never_public / sizeof *never_public; i++)
        if (network_read(never_public[i], &network) && network_holds(&network, address))
            return false;
    return true;
}

static bool is_listed_address(const struct address *address)
{
    for (size_t i = 0; i < allowed.count; i++)
        if (!allowed.entries[i].host[0] && network_holds(&allowed.entries[i].network, address))
            return true;
    return false;
}

static bool is_listed_host(const char *host)
{
    for (size_t i = 0; i < allowed.count; i++)
        if (allowed.entries[i].host[0] && strcasecmp(allowed.entries[i].host, host) == 0)
            return true;
    return false;
}

bool target_address_allowed(const struct sockaddr *address, bool listed)
{
    struct address plain;
    if (!address_of_socket(address, &plain))
        return false;
    return listed || is_listed_address(&plain) || (allowed.public && is_public(&plain));
}

// ---- the list ----

static bool is_host(const char *text)
{
    static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    const char *dot = strrchr(text, '.'), *last = dot ? dot + 1 : text;
    // What ends in a number is an address, and was none that could be read.
    return *text && *text != '.' && strspn(text, characters) == strlen(text) && !strstr(text, "..") &&
           !(*last && strspn(last, "0123456789") == strlen(last));
}

static bool add_entry(const char *text)
{
    struct entry *entry = &allowed.entries[allowed.count];
    if (strcmp(text, "public") == 0) {
        allowed.public = true;
        return true;
    }
    if (allowed.count == ENTRIES_MAX - 1)
        return false;
    *entry = (struct entry){0};
    bool network = network_read(text, &entry->network);
    if (!network) {
        if (!is_host(text))
            return false;
        snprintf(entry->host, sizeof entry->host, "%s", text);
    }
    allowed.networks = allowed.networks || network;
    allowed.count++;
    return true;
}

bool targets_configure(const char *allow)
{
    allowed.count = 0;
    allowed.public = !allow;
    allowed.networks = false;
    bool any = false, good = true;
    for (const char *item = allow ? allow + strspn(allow, ", ") : ""; *item && good; item += strspn(item, ", ")) {
        char text[HOST_MOST + 1];
        size_t length = strcspn(item, ", ");
        snprintf(text, sizeof text, "%.*s", (int)length, item);
        good = length <= HOST_MOST && add_entry(text);
        any = true;
        item += length;
    }
    return !allow || (any && good);
}

// ---- URLs ----

struct parts {
    char *scheme, *host, *user, *password, *fragment, *zone;
};

// RFC 3986 section 2: libcurl would take other letters, and find no host of that name.
static bool is_ascii(const char *text)
{
    while (*text && (unsigned char)*text < 0x80)
        text++;
    return !*text;
}

static bool take_apart(CURLU *url, const char *text, struct parts *ret_parts)
{
    const char *host = strstr(text, "://");
    *ret_parts = (struct parts){0};
    // libcurl forgives "https:///host".
    if (!host || host[3] == '/' || !is_ascii(text) || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK)
        return false;
    curl_url_get(url, CURLUPART_USER, &ret_parts->user, 0);
    curl_url_get(url, CURLUPART_PASSWORD, &ret_parts->password, 0);
    curl_url_get(url, CURLUPART_FRAGMENT, &ret_parts->fragment, 0);
    curl_url_get(url, CURLUPART_ZONEID, &ret_parts->zone, 0);
    return curl_url_get(url, CURLUPART_SCHEME, &ret_parts->scheme, 0) == CURLUE_OK &&
           curl_url_get(url, CURLUPART_HOST, &ret_parts->host, 0) == CURLUE_OK && !ret_parts->user &&
           !ret_parts->password && !ret_parts->fragment && !ret_parts->zone &&
           (strcmp(ret_parts->scheme, "https") == 0 || strcmp(ret_parts->scheme, "http") == 0);
}

static void free_parts(struct parts *parts)
{
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->user);
    curl_free(parts->password);
    curl_free(parts->fragment);
    curl_free(parts->zone);
}

// libcurl writes numbers such as 0x7f.1 and 2130706433 as the IPv4 addresses that they are.
static enum target_fault judge_target(const struct parts *parts, bool *ret_listed)
{
    struct address address;
    char host[HOST_MOST + 1];
    size_t length = strlen(parts->host), skip = parts->host[0] == '[';
    if (length > HOST_MOST || length < 1 + 2 * skip)
        return TARGET_MALFORMED;
    memcpy(host, parts->host + skip, length - 2 * skip);
    host[length - 2 * skip] = '\0';
    bool is_address = address_read(host, &address);
    bool named = is_address ? is_listed_address(&address) : is_listed_host(host);
    *ret_listed = named && !is_address;
    if (named)
        return TARGET_GOOD;
    // A name that is not listed may still lead to a network that is: its address is judged when it is known.
    if (is_address ? !(allowed.public && is_public(&address)) : !(allowed.public || allowed.networks))
        return TARGET_REFUSED;
    return strcmp(parts->scheme, "http") == 0 ? TARGET_OPEN : TARGET_GOOD;
}

enum target_fault target_judge(const char *url, bool *ret_listed)
{
    struct parts parts;
    CURLU *handle = curl_url();
    *ret_listed = false;
    if (!handle)
        return TARGET_MALFORMED;
    bool whole = take_apart(handle, url, &parts);
    enum target_fault fault = whole ? judge_target(&parts, ret_listed) : TARGET_MALFORMED;
    free_parts(&parts);
    curl_url_cleanup(handle);
    return fault;
}
