// Lines between the chunks of a body. libmicrohttpd 0.9.75 waits for the end of one however long it becomes. Where it
// fills the memory of the connection it reads no more, and closes nothing, but asks for turn after turn: one caller
// would keep a processor busy. So what is read and is neither head nor body is bounded.
#include "http/transport/loop.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum {
    EMPTY_SIZE = 2,    // of the line before a head that some clients send and everybody ignores
    PAGE_SIZE = 4096,  // or a multiple: with a page begins what libmicrohttpd reads a request into
    LINE_SIZE = 12,    // of one chunk: its length in eight digits, and two line ends
    DATA_OF_ONE = 64,  // bytes of data for which there may be one more between chunks: some sign each in an extension
    LINES_MOST = 3072, // of all beyond that. With more, tiny chunks could hide a line that fills the least memory
    LOOK_NS = 100000000,
};

// ---- whose body comes in chunks: first those who were given a piece of it in this turn ----

void chunks_begin(struct client *client)
{
    struct client **first = &client->loop->chunks.first;
    client->in_chunks = true;
    client->chunks_before = NULL;
    client->chunks_after = *first;
    if (*first)
        (*first)->chunks_before = client;
    *first = client;
}

void chunks_end(struct client *client)
{
    if (!client->in_chunks)
        return;
    client->in_chunks = client->fed = false;
    *(client->chunks_before ? &client->chunks_before->chunks_after : &client->loop->chunks.first) =
        client->chunks_after;
    if (client->chunks_after)
        client->chunks_after->chunks_before = client->chunks_before;
}

// ---- what was taken ----

void chunks_take_head(struct client *client, const char *head, uint64_t size)
{
    bool behind_empty_line = (uintptr_t)head % PAGE_SIZE;
    client->taken += size + (behind_empty_line ? EMPTY_SIZE : 0);
}

void chunks_take_body(struct client *client, uint64_t size)
{
    client->taken += size;
    if (!client->in_chunks)
        return;
    client->taken += LINE_SIZE + size / DATA_OF_ONE;
    if (client->fed)
        return;
    chunks_end(client);
    chunks_begin(client);
    client->fed = true;
}

// ---- what was read: of what has come, what is not left ----

static uint64_t came_from(const struct client *client)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    bool told = getsockopt(client_descriptor(client), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
                size >= offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received;
    return told ? info.tcpi_bytes_received : 0;
}

static uint64_t left_of(const struct client *client)
{
    int unread = 0;
    return ioctl(client_descriptor(client), FIONREAD, &unread) == 0 ? (uint64_t)unread : UINT64_MAX;
}

// More may come between the two questions. Asked for first, what has come is too little then; asked for last, too much.
static uint64_t read_at_least(const struct client *client)
{
    uint64_t came = came_from(client), left = left_of(client);
    return came > left ? came - left : 0;
}

static uint64_t read_at_most(const struct client *client)
{
    uint64_t left = left_of(client), came = came_from(client);
    return came > left ? came - left : UINT64_MAX;
}

static bool awaits_chunk(const struct client *client)
{
    const struct exchange *exchange = client->exchange;
    return exchange && exchange->request.transfer_encoding && !exchange->suspended &&
           (exchange->stage == STAGE_BODY || exchange->stage == STAGE_SWALLOW);
}

static void refuse_line(struct client *client)
{
    struct request *request = &client->exchange->request;
    if (request->problem.kind == PROBLEM_NONE) // it may be refused already
        violate(request, PROBLEM_MALFORMED_REQUEST, "Transfer-Encoding", "too_long",
                say(request, "Giữa các khúc (chunk) có quá nhiều: bỏ phần mở rộng của chúng.",
                    "There is too much between the chunks: leave out their extensions."));
    answer_early(client->exchange, refusal(request));
    client_hang_up(client);
}

// No more was taken than was read. Else tiny chunks, which need less between them than they may have, would let a line
// without end follow.
static void bound_taken(struct chunks *chunks)
{
    for (struct client *client = chunks->first; client && client->fed; client = client->chunks_after) {
        uint64_t most = read_at_most(client);
        if (client->taken > most)
            client->taken = most;
        client->fed = false;
    }
}

// Between two looks libmicrohttpd had a turn: whatever of a body it had read by the first is taken by the second.
void chunks_turn(struct chunks *chunks, int64_t now)
{
    bound_taken(chunks);
    if (now < chunks->next_look)
        return;
    chunks->next_look = now + LOOK_NS;
    for (struct client *client = chunks->first; client; client = client->chunks_after) {
        if (!awaits_chunk(client))
            continue;
        if (client->seen == client->taken && read_at_least(client) > client->taken + LINES_MOST)
            refuse_line(client);
        client->seen = client->taken;
    }
}
