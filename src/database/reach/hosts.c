// libpq tries the hosts of a connection string from the first to the last. Where it is not libpq that waits (an event
// loop), nobody leaves a host that is silent, and each attempt would begin there again.
#include "database/private.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static atomic_uint first; // where attempts begin: one for the process, all of whose connections lead to one database

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (; options && options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val ? options->val : "";
    return "";
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

bool hosts_in_order(const char *url, struct hosts *ret_hosts)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    unsigned count = hosts_count(options);
    bool several = count > 1 && all_fit(options);
    if (several) {
        unsigned begin = atomic_load(&first) % count;
        in_order(value_of(options, "host"), begin, ret_hosts->host);
        in_order(value_of(options, "hostaddr"), begin, ret_hosts->hostaddr);
        in_order(value_of(options, "port"), begin, ret_hosts->port);
    }
    PQconninfoFree(options);
    return several;
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

static void begin_from(const char *url, const PGconn *connection, unsigned step)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    unsigned count = hosts_count(options);
    for (unsigned i = 0; count > 1 && all_fit(options) && i < count; i++)
        if (is_at(options, i, connection)) {
            atomic_store(&first, (i + step) % count);
            break;
        }
    PQconninfoFree(options);
}

void hosts_reached(const char *url, const PGconn *connection)
{
    begin_from(url, connection, 0);
}

void hosts_silent(const char *url, const PGconn *connection)
{
    begin_from(url, connection, 1);
}
