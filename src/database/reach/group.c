#include "database/private.h"

#include "base/poller.h"

#include <fcntl.h>
#include <libpq-events.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

// The descriptor is a copy: libpq closes its own on its thread, and the number may then be another socket's.
struct member {
    int descriptor;
    int64_t made;
    struct member *next, *previous;
};

static struct {
    pthread_mutex_t mutex;
    struct member *first;
    bool closed;
} group = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static atomic_int_fast64_t reached; // monotonic_ns of the last one that can be used

static void leave_group(struct member *member)
{
    pthread_mutex_lock(&group.mutex);
    *(member->previous ? &member->previous->next : &group.first) = member->next;
    if (member->next)
        member->next->previous = member->previous;
    pthread_mutex_unlock(&group.mutex);
    close(member->descriptor);
    free(member);
}

static int follow_connection(PGEventId event, void *information, void *member)
{
    (void)information;
    if (event == PGEVT_CONNDESTROY)
        leave_group(member);
    return 1;
}

void group_join(PGconn *connection)
{
    struct member *member = calloc(1, sizeof *member);
    int descriptor = member ? fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 0) : -1;
    if (descriptor < 0) {
        free(member); // it still has its own limits of time
        return;
    }
    *member = (struct member){.descriptor = descriptor, .made = monotonic_ns()};
    pthread_mutex_lock(&group.mutex);
    member->next = group.first;
    if (group.first)
        group.first->previous = member;
    group.first = member;
    bool closed = group.closed;
    pthread_mutex_unlock(&group.mutex);
    if (closed)
        shutdown(descriptor, SHUT_RDWR);
    if (PQregisterEventProc(connection, follow_connection, "thidua group", member) == 0)
        leave_group(member);
}

static void shut_down(int64_t made_before)
{
    for (const struct member *member = group.first; member; member = member->next)
        if (member->made < made_before)
            shutdown(member->descriptor, SHUT_RDWR);
}

void group_give_up(int64_t made_before)
{
    pthread_mutex_lock(&group.mutex);
    shut_down(made_before);
    pthread_mutex_unlock(&group.mutex);
}

void group_close(void)
{
    pthread_mutex_lock(&group.mutex);
    group.closed = true;
    shut_down(INT64_MAX);
    pthread_mutex_unlock(&group.mutex);
}

bool group_is_closed(void)
{
    pthread_mutex_lock(&group.mutex);
    bool closed = group.closed;
    pthread_mutex_unlock(&group.mutex);
    return closed;
}

void group_note_reached(void)
{
    atomic_store(&reached, monotonic_ns());
}

bool group_reached_since(int64_t instant)
{
    return atomic_load(&reached) > instant;
}
