// libpq tries the hosts of a connection string from the first to the last, and stands at one that is silent for as long
// as connect_timeout says; where it is not libpq that waits (an event loop), for ever. So attempts begin at the host
// that was last reached, and whoever can wait asks the next one soon where that is silent.
#include "base/poller.h"
#include "database/reach/attempts.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static atomic_uint first; // where attempts begin: one for the process, all of whose connections lead to one database

const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (; options && options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val ? options->val : "";
    return "";
}

// libpq tells it of a connection alone, for which one that it refuses before it begins will do. The password keeps it
// from looking for one.
PQconninfoOption *options_of(const char *url)
{
    const char *const keywords[] = {"dbname", "password", "channel_binding", NULL};
    const char *const values[] = {url, "none", "none of libpq's", NULL};
    PGconn *refused = PQconnectStartParams(keywords, values, 1);
    PQconninfoOption *options = PQconninfo(refused);
    PQfinish(refused);
    return options;
}

static unsigned count_of(const char *list)
{
    unsigned count = *list ? 1 : 0;
    for (; *list; list++)
        count += *list == ',';
    return count;
}

// The item of that number; a list of one stands for all (as one port does).
static void item_of(const char *list, unsigned number, char ret_item[static HOSTS_SIZE])
{
    for (unsigned at = 0; at < number && strchr(list, ','); at++)
        list = strchr(list, ',') + 1;
    snprintf(ret_item, HOSTS_SIZE, "%.*s", (int)strcspn(list, ","), list);
}

static void in_order(const char *list, unsigned begin, char ret_list[static HOSTS_SIZE])
{
    unsigned count = count_of(list);
    size_t length = 0;
    char item[HOSTS_SIZE];
    ret_list[0] = '\0';
    for (unsigned i = 0; i < count && length < HOSTS_SIZE; i++) {
        item_of(list, (begin + i) % count, item);
        length += (size_t)snprintf(ret_list + length, HOSTS_SIZE - length, "%s%s", i ? "," : "", item);
    }
}

static unsigned hosts_count(const PQconninfoOption *options)
{
    unsigned hosts = count_of(value_of(options, "host")), addresses = count_of(value_of(options, "hostaddr"));
    return hosts > addresses ? hosts : addresses;
}

static bool all_fit(const PQconninfoOption *options)
{
    return strlen(value_of(options, "host")) < HOSTS_SIZE && strlen(value_of(options, "hostaddr")) < HOSTS_SIZE &&
           strlen(value_of(options, "port")) < HOSTS_SIZE;
}

// An item of nothing, which stands for a default.
static bool has_gap(const char *list)
{
    return *list && (*list == ',' || strstr(list, ",,") || list[strlen(list) - 1] == ',');
}

// In lists of different lengths libpq finds a fault, and is left to say so.
static bool can_be_parted(const PQconninfoOption *options)
{
    unsigned count = hosts_count(options), hosts = count_of(value_of(options, "host"));
    unsigned addresses = count_of(value_of(options, "hostaddr")), ports = count_of(value_of(options, "port"));
    return count > 0 && count <= ATTEMPTS_MAX && all_fit(options) && (!hosts || hosts == count) &&
           (!addresses || addresses == count) && (ports < 2 || ports == count) && !has_gap(value_of(options, "host")) &&
           !has_gap(value_of(options, "hostaddr"));
}

// Of several hosts libpq takes the first that lets it in, also a standby, where nothing could ever be written.
static const char *wanted_of(const PQconninfoOption *options)
{
    return strcmp(value_of(options, "target_session_attrs"), "any") == 0 ? "primary" : NULL;
}

static bool put_in_order(const PQconninfoOption *options, unsigned begin, struct hosts *ret_hosts)
{
    unsigned count = hosts_count(options);
    bool some = count > 0 && all_fit(options);
    if (some) {
        in_order(value_of(options, "host"), begin % count, ret_hosts->host);
        in_order(value_of(options, "hostaddr"), begin % count, ret_hosts->hostaddr);
        in_order(value_of(options, "port"), begin % count, ret_hosts->port);
        ret_hosts->wanted = count > 1 ? wanted_of(options) : NULL;
    }
    return some;
}

static bool add_item(char list[static HOSTS_SIZE], const char *item, bool alone)
{
    size_t length = strlen(list);
    return (size_t)snprintf(list + length, HOSTS_SIZE - length, "%s%s", alone ? "" : ",", item) < HOSTS_SIZE - length;
}

// The addresses that the connection string has itself stand, and what is no name needs none.
static bool has_address(unsigned turn, struct hosts *one)
{
    return *one->hostaddr || !address_is_name(one->host) || address_at_once(one->host, turn, one->hostaddr);
}

// Of the hosts those that need not be looked up. The first one has the address whose turn it is.
static bool keep_known(unsigned count, unsigned turn, struct hosts *hosts)
{
    struct hosts known = {.wanted = hosts->wanted}, one;
    unsigned kept = 0;
    bool fit = true, ports = *hosts->port;
    for (unsigned i = 0; i < count && fit; i++) {
        item_of(hosts->host, i, one.host);
        item_of(hosts->hostaddr, i, one.hostaddr);
        item_of(hosts->port, i, one.port);
        if (!has_address(i ? 0 : turn, &one))
            continue;
        fit = add_item(known.host, one.host, !kept) && add_item(known.hostaddr, one.hostaddr, !kept) &&
              (!ports || add_item(known.port, one.port, !kept));
        kept++;
    }
    *hosts = known;
    return kept && fit;
}

enum way hosts_at_once(const char *url, unsigned begin, struct hosts *ret_hosts)
{
    PQconninfoOption *options = options_of(url);
    unsigned count = hosts_count(options);
    bool some = put_in_order(options, begin, ret_hosts);
    PQconninfoFree(options);
    return !some ? WAY_AS_IT_STANDS : keep_known(count, begin / count, ret_hosts) ? WAY_FOUND : WAY_UNKNOWN;
}

enum way hosts_in_order(const char *url, struct hosts *ret_hosts)
{
    return hosts_at_once(url, atomic_load(&first), ret_hosts);
}

static bool is_at(const PQconninfoOption *options, unsigned number, const PGconn *connection)
{
    char host[HOSTS_SIZE], address[HOSTS_SIZE], port[HOSTS_SIZE];
    item_of(value_of(options, "host"), number, host);
    item_of(value_of(options, "hostaddr"), number, address);
    item_of(value_of(options, "port"), number, port);
    const char *at = PQhost(connection), *at_port = PQport(connection);
    return at && (strcmp(at, host) == 0 || strcmp(at, address) == 0) &&
           (!port[0] || !at_port || strcmp(at_port, port) == 0);
}

// The host of that number among those of the connection string; -1: of none.
static int number_of(const PQconninfoOption *options, const PGconn *connection)
{
    unsigned count = hosts_count(options);
    for (unsigned i = 0; count > 1 && all_fit(options) && i < count; i++)
        if (is_at(options, i, connection))
            return (int)i;
    return -1;
}

void hosts_reached(const char *url, const PGconn *connection)
{
    PQconninfoOption *options = options_of(url);
    int number = number_of(options, connection);
    if (number >= 0)
        atomic_store(&first, (unsigned)number);
    if (!*value_of(options, "hostaddr"))
        address_note(PQhost(connection), PQhostaddr(connection));
    PQconninfoFree(options);
}

// Unless another one was reached since.
void hosts_silent(const char *url, const PGconn *connection)
{
    PQconninfoOption *options = options_of(url);
    int number = number_of(options, connection);
    unsigned silent = (unsigned)number;
    if (number >= 0)
        atomic_compare_exchange_strong(&first, &silent, (silent + 1) % hosts_count(options));
    PQconninfoFree(options);
}

bool hosts_begin_at(const char *url, const PGconn *connection)
{
    PQconninfoOption *options = options_of(url);
    int number = number_of(options, connection);
    bool begin = number < 0 || (unsigned)number == atomic_load(&first);
    PQconninfoFree(options);
    return begin;
}

// ---- a connection ----

// Lists of hosts that only libpq can part.
static PGconn *connect_in_turn(const struct connect_options *options, const struct hosts *hosts)
{
    struct connect_parameters parameters;
    connect_parameters_fill(&parameters, options, hosts);
    return PQconnectdbParams(parameters.keywords, parameters.values, 1);
}

// One attempt for each address of the host, or one where that is no name; none, where nothing is known of it.
static void plan_host(struct attempts *attempts, const struct hosts *one)
{
    char addresses[ATTEMPTS_MAX][ADDRESS_SIZE];
    unsigned room = ATTEMPTS_MAX - attempts->count;
    bool named = !*one->hostaddr && address_is_name(one->host);
    unsigned count = named ? addresses_of(one->host, room, addresses) : room ? 1 : 0;
    for (unsigned i = 0; i < count; i++) {
        struct hosts *at = &attempts->at[attempts->count++];
        *at = *one;
        if (named)
            snprintf(at->hostaddr, sizeof at->hostaddr, "%.*s", ADDRESS_SIZE - 1, addresses[i]);
    }
}

static void plan_attempts(struct attempts *attempts, const struct hosts *all, unsigned count)
{
    struct hosts one = {0};
    attempts->count = 0;
    for (unsigned i = 0; i < count; i++) {
        item_of(all->host, i, one.host);
        item_of(all->hostaddr, i, one.hostaddr);
        item_of(all->port, i, one.port);
        // A URI of several hosts without ports has a list of nothing for them. libpq takes its own default for such an
        // item, whatever PGPORT says, and lets nothing empty take the place of that list.
        if (*all->port && !*one.port)
            snprintf(one.port, sizeof one.port, "5432");
        plan_host(attempts, &one);
    }
}

static _Thread_local char fault[ADDRESS_SIZE + 128];

static bool await_names(const struct hosts *all, unsigned count, int64_t until)
{
    char host[HOSTS_SIZE];
    bool told = true;
    for (unsigned i = 0; i < count && !*all->hostaddr; i++) {
        item_of(all->host, i, host);
        told = address_await(host, until) && told;
    }
    return told;
}

// One that is slow to be found is waited for no longer than a host that is slow to answer, and not for long where there
// is another way.
static void find_names(struct attempts *attempts, const struct hosts *all, unsigned count, const char *wanted)
{
    char host[HOSTS_SIZE];
    int64_t asked = monotonic_ns();
    for (unsigned i = 0; i < count && !*all->hostaddr; i++) {
        item_of(all->host, i, host);
        address_seek(host);
    }
    bool told = await_names(all, count, asked + (int64_t)HEAD_START_MS * 1000000);
    plan_attempts(attempts, all, count);
    if (!attempts->count && !told) {
        await_names(all, count, asked + (int64_t)HOST_MS * 1000000);
        plan_attempts(attempts, all, count);
    }
    for (unsigned i = 0; i < attempts->count && attempts->count > 1; i++)
        attempts->at[i].wanted = wanted;
    if (!attempts->count)
        address_fault(host, fault, sizeof fault);
}

const char *hosts_fault(void)
{
    return *fault ? fault : "no host answered";
}

PGconn *hosts_connect(const struct connect_options *options)
{
    PQconninfoOption *parsed = options_of(options->url);
    struct attempts attempts = {.options = options};
    struct hosts all;
    unsigned count = hosts_count(parsed);
    bool ordered = put_in_order(parsed, atomic_load(&first), &all), parted = ordered && can_be_parted(parsed);
    const char *wanted = options->anywhere ? NULL : wanted_of(parsed);
    PQconninfoFree(parsed);
    *fault = '\0';
    if (parted)
        find_names(&attempts, &all, count, wanted);
    attempts.as_it_stands = !count;
    PGconn *connection = parted || !count ? attempts_make(&attempts) : connect_in_turn(options, ordered ? &all : NULL);
    if (PQstatus(connection) == CONNECTION_OK)
        hosts_reached(options->url, connection);
    return connection;
}
