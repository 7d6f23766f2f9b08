// A name may have several addresses, of which the first is silent. libpq goes on to the next one where it waits itself;
// where it does not, never. And it looks names up itself, for as long as a name server that is away lets it wait, also
// on an event loop. So libpq is given addresses, and names are looked up by threads that nobody waits for without an
// end.
#include "base/poller.h"
#include "database/private.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

// AGAIN_MS: how old what a loop finds may be before it has the name looked up anew.
enum { NAMES_MAX = 32, ADDRESSES_MAX = 16, AGAIN_MS = 5000 };

struct name {
    char text[ADDRESS_SIZE];
    char reached[ADDRESS_SIZE]; // the address by which it was, last
    char found[ADDRESSES_MAX][ADDRESS_SIZE];
    unsigned count;
    bool sought;       // just now
    int error;         // getaddrinfo()'s, of the last time
    int64_t sought_at; // monotonic_ns of its end; 0: there was none
};

// Names stay where they are, so a thread may look one up without the mutex.
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t told;
    struct name of[NAMES_MAX];
    unsigned count;
} book = {.mutex = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};

bool address_is_name(const char *host)
{
    struct in6_addr address;
    return *host && *host != '/' && *host != '@' && strlen(host) < ADDRESS_SIZE &&
           !strchr(host, '%') && // else a socket
           inet_pton(AF_INET, host, &address) != 1 && inet_pton(AF_INET6, host, &address) != 1;
}

// With the mutex. NULL: there is no room.
static struct name *name_of(const char *host)
{
    for (unsigned i = 0; i < book.count; i++)
        if (strcmp(book.of[i].text, host) == 0)
            return &book.of[i];
    if (book.count == NAMES_MAX)
        return NULL;
    struct name *name = &book.of[book.count++];
    snprintf(name->text, sizeof name->text, "%s", host);
    return name;
}

// ---- looking up ----

static unsigned take_found(const struct addrinfo *found, char ret_addresses[][ADDRESS_SIZE])
{
    unsigned count = 0;
    for (const struct addrinfo *one = found; one && count < ADDRESSES_MAX; one = one->ai_next)
        count += getnameinfo(one->ai_addr, one->ai_addrlen, ret_addresses[count], ADDRESS_SIZE, NULL, 0,
                             NI_NUMERICHOST) == 0;
    return count;
}

// What was found before stays where nothing is found now: the name server may be away.
static void *look_up(void *argument)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    struct name *name = argument;
    struct addrinfo *found = NULL;
    int error = getaddrinfo(name->text, NULL, &wanted, &found);
    pthread_mutex_lock(&book.mutex);
    if (error == 0)
        name->count = take_found(found, name->found);
    name->error = error;
    name->sought = false;
    name->sought_at = monotonic_ns();
    pthread_cond_broadcast(&book.told);
    pthread_mutex_unlock(&book.mutex);
    if (found)
        freeaddrinfo(found);
    return NULL;
}

static void seek(struct name *name)
{
    pthread_t thread;
    if (name->sought)
        return;
    name->sought = pthread_create(&thread, NULL, look_up, name) == 0;
    if (name->sought)
        pthread_detach(thread);
    else
        name->error = EAI_MEMORY;
}

void address_seek(const char *host)
{
    pthread_mutex_lock(&book.mutex);
    struct name *name = address_is_name(host) ? name_of(host) : NULL;
    if (name)
        seek(name);
    pthread_mutex_unlock(&book.mutex);
}

bool address_await(const char *host, int64_t until)
{
    const struct timespec end = {.tv_sec = until / 1000000000, .tv_nsec = until % 1000000000};
    pthread_mutex_lock(&book.mutex);
    const struct name *name = address_is_name(host) ? name_of(host) : NULL;
    while (name && name->sought && monotonic_ns() < until)
        pthread_cond_clockwait(&book.told, &book.mutex, CLOCK_MONOTONIC, &end);
    bool told = !name || !name->sought;
    pthread_mutex_unlock(&book.mutex);
    return told;
}

// ---- what is known ----

void address_note(const char *host, const char *address)
{
    if (!address_is_name(host) || !address || !*address || strlen(address) >= ADDRESS_SIZE)
        return;
    pthread_mutex_lock(&book.mutex);
    struct name *name = name_of(host);
    if (name)
        snprintf(name->reached, sizeof name->reached, "%s", address);
    pthread_mutex_unlock(&book.mutex);
}

// The one by which the name was last reached comes first.
static unsigned in_order(const struct name *name, unsigned most, char ret_addresses[][ADDRESS_SIZE])
{
    unsigned count = 0;
    for (unsigned i = 0; i < name->count && most; i++)
        if (strcmp(name->found[i], name->reached) == 0)
            memcpy(ret_addresses[count++], name->reached, ADDRESS_SIZE);
    for (unsigned i = 0; i < name->count && count < most; i++)
        if (!count || strcmp(name->found[i], ret_addresses[0]) != 0)
            memcpy(ret_addresses[count++], name->found[i], ADDRESS_SIZE);
    return count;
}

unsigned addresses_of(const char *host, unsigned most, char ret_addresses[][ADDRESS_SIZE])
{
    pthread_mutex_lock(&book.mutex);
    const struct name *name = name_of(host);
    unsigned count = name ? in_order(name, most, ret_addresses) : 0;
    pthread_mutex_unlock(&book.mutex);
    return count;
}

bool address_at_once(const char *host, unsigned turn, char ret_address[static ADDRESS_SIZE])
{
    char addresses[ADDRESSES_MAX][ADDRESS_SIZE];
    unsigned count = 0;
    pthread_mutex_lock(&book.mutex);
    struct name *name = name_of(host);
    if (name && monotonic_ns() - name->sought_at > (int64_t)AGAIN_MS * 1000000)
        seek(name);
    count = name ? in_order(name, ADDRESSES_MAX, addresses) : 0;
    if (count)
        memcpy(ret_address, addresses[turn % count], ADDRESS_SIZE);
    pthread_mutex_unlock(&book.mutex);
    return count;
}

void address_fault(const char *host, char *ret_text, size_t size)
{
    pthread_mutex_lock(&book.mutex);
    const struct name *name = name_of(host);
    const char *reason = !name          ? "there are too many names"
                         : name->sought ? "the name server does not answer"
                         : name->error  ? gai_strerror(name->error)
                                        : "it has no address";
    snprintf(ret_text, size, "the name %s could not be looked up: %s", host, reason);
    pthread_mutex_unlock(&book.mutex);
}
