// A name may have several addresses, of which the first is silent. libpq goes on to the next one where it waits itself;
// where it does not, never. So threads that wait ask all of them, and event loops the one that was last reached: nor do
// they wait for the name to be looked up then.
#include "database/private.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { NAMES_MAX = 16 };

struct address {
    char name[ADDRESS_SIZE], text[ADDRESS_SIZE];
};

static struct {
    pthread_mutex_t mutex;
    struct address of[NAMES_MAX];
    unsigned count;
} reached = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static bool is_name(const char *host)
{
    return *host && *host != '/' && *host != '@' && strlen(host) < ADDRESS_SIZE; // else a socket's directory
}

static struct address *find(const char *name)
{
    for (unsigned i = 0; i < reached.count; i++)
        if (strcmp(reached.of[i].name, name) == 0)
            return &reached.of[i];
    return NULL;
}

void address_note(const char *host, const char *address)
{
    if (!is_name(host) || !address || !*address || strlen(address) >= ADDRESS_SIZE)
        return;
    pthread_mutex_lock(&reached.mutex);
    struct address *known = find(host);
    if (!known && reached.count < NAMES_MAX)
        known = &reached.of[reached.count++];
    if (known) {
        snprintf(known->name, sizeof known->name, "%s", host);
        snprintf(known->text, sizeof known->text, "%s", address);
    }
    pthread_mutex_unlock(&reached.mutex);
}

bool address_known(const char *host, char ret_address[static ADDRESS_SIZE])
{
    pthread_mutex_lock(&reached.mutex);
    const struct address *known = find(host);
    snprintf(ret_address, ADDRESS_SIZE, "%s", known ? known->text : "");
    pthread_mutex_unlock(&reached.mutex);
    return known;
}

// The one by which the name was last reached.
static void put_first(const char *host, unsigned count, char addresses[][ADDRESS_SIZE])
{
    char known[ADDRESS_SIZE];
    unsigned at = 0;
    if (!address_known(host, known))
        return;
    while (at < count && strcmp(addresses[at], known) != 0)
        at++;
    if (at < count) {
        memmove(addresses[1], addresses[0], (size_t)at * ADDRESS_SIZE);
        memcpy(addresses[0], known, sizeof known);
    }
}

unsigned addresses_of(const char *host, unsigned most, char ret_addresses[][ADDRESS_SIZE])
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    unsigned count = 0;
    if (!is_name(host) || getaddrinfo(host, NULL, &wanted, &found) != 0)
        return 0;
    for (const struct addrinfo *one = found; one && count < most; one = one->ai_next)
        count += getnameinfo(one->ai_addr, one->ai_addrlen, ret_addresses[count], ADDRESS_SIZE, NULL, 0,
                             NI_NUMERICHOST) == 0;
    freeaddrinfo(found);
    put_first(host, count, ret_addresses);
    return count;
}
