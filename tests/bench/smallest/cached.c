// The least that libmicrohttpd needs to give the service's answer again and again, with the flags and limits of its
// daemons. cached STATUS THREADS BODY once|each, with the answer's header fields on standard input. "each" makes a
// response for each request, as whoever names the request in it must; "once" gives out the same one.
#include <microhttpd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTION_MEMORY = 44 * 1024, QUIET_SECONDS = 75, CONNECTIONS = 1000, FIELDS_MOST = 32 };

static unsigned status;
static const char *body;
static size_t length;
static char lines[FIELDS_MOST][1024];
static const char *values[FIELDS_MOST]; // in the lines, behind the names
static size_t fields;
static struct MHD_Response *kept; // NULL: each request has one of its own

static struct MHD_Response *make_response(void)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
    for (size_t i = 0; i < fields; i++)
        MHD_add_response_header(response, lines[i], values[i]);
    return response;
}

// Asked a first time with the head alone, as before a body that it could refuse.
static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **slot)
{
    static int seen;
    (void)context, (void)url, (void)method, (void)version, (void)data, (void)size;
    if (!*slot) {
        *slot = &seen;
        return MHD_YES;
    }
    struct MHD_Response *response = kept ? kept : make_response();
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    if (!kept)
        MHD_destroy_response(response);
    return queued;
}

static void read_body(const char *path)
{
    char *text = NULL;
    FILE *file = fopen(path, "re");
    ssize_t size = file ? getdelim(&text, &(size_t){0}, EOF, file) : -1;
    if (file)
        fclose(file);
    body = text;
    length = size > 0 ? (size_t)size : 0;
}

static void read_fields(void)
{
    while (fields < FIELDS_MOST && fgets(lines[fields], sizeof lines[fields], stdin)) {
        char *value = strstr(lines[fields], ": ");
        if (!value)
            continue;
        *value = '\0';
        values[fields] = value + 2;
        value[2 + strcspn(value + 2, "\n")] = '\0';
        fields++;
    }
}

int main(int count, char **arguments)
{
    if (count != 5)
        return 2;
    status = (unsigned)strtoul(arguments[1], NULL, 10);
    read_body(arguments[3]);
    read_fields();
    kept = strcmp(arguments[4], "once") == 0 ? make_response() : NULL;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO | MHD_USE_ERROR_LOG,
        0, NULL, NULL, answer, NULL, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)strtoul(arguments[2], NULL, 10),
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)QUIET_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_END);
    if (!daemon)
        return 1;
    printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    pause();
    return 0;
}
