// Heads that libmicrohttpd 0.9.75 refuses by itself. After it has read one whole, for a Content-Length that is no
// number or is too large: it writes its answer, forgets that, and writes the head of it once more. While it reads one,
// for more fields than it has memory for: any cache may keep its answer, for all who ask for the same. The one sign of
// either that comes before a byte is sent is a line of its log.
#include "http/transport/exchange.h"

#include <string.h>
#include <sys/socket.h>

enum { RECORD_SIZE = 64, PIECE_SIZE = 4096, PIECES_MOST = 64 };

int client_descriptor(const struct client *client)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(client->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

static unsigned fields_of(const struct exchange *exchange, enum MHD_ValueKind kind)
{
    return (unsigned)MHD_get_connection_values(exchange->client->connection, kind, NULL, NULL);
}

static const union MHD_ConnectionInfo *whole_head(const struct exchange *exchange)
{
    return MHD_get_connection_info(exchange->client->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
}

// Has the head been read while nobody was asked yet? So it is only with the one request that is being refused. Or has
// what came of it too many fields already? So it is with that one too, and any other is refused here as well as later.
static bool library_would_refuse(const struct exchange *exchange)
{
    return exchange && exchange->stage == STAGE_HEADERS &&
           (whole_head(exchange) || fields_of(exchange, MHD_HEADER_KIND) > FIELDS_MOST);
}

static const char *sent(const struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->client->connection, MHD_HEADER_KIND, name);
}

static bool is_heavy(const struct exchange *exchange)
{
    const union MHD_ConnectionInfo *whole = whole_head(exchange);
    const char *cookies = sent(exchange, "Cookie"); // are copied
    size_t records = fields_of(exchange, MHD_HEADER_KIND | MHD_COOKIE_KIND);
    return !whole || whole->header_size + records * RECORD_SIZE + (cookies ? strlen(cookies) : 0) > HEAD_MEMORY;
}

static struct reply refusal_of(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    const char *length = sent(exchange, "Content-Length");
    bool heavy = is_heavy(exchange);
    request->language = language_preferred(sent(exchange, "Accept-Language"));
    if ((heavy || !length) && sent(exchange, "Cookie"))
        violate(request, PROBLEM_HEADERS_TOO_LARGE, "Cookie", "too_long",
                say(request, "Bỏ trường Cookie, dịch vụ không dùng.", "Leave out Cookie: the service reads none."));
    else if (heavy || !length)
        violate(request, PROBLEM_HEADERS_TOO_LARGE, "headers", "too_large",
                say(request, "Nhiều nhất 32 KiB và %d trường tiêu đề.", "At most 32 KiB and %d header fields.",
                    FIELDS_MOST));
    else if (*length && length[strspn(length, "0123456789")] == '\0')
        violate(request, PROBLEM_BODY_TOO_LARGE, "Content-Length", "too_large",
                say(request, "Nội dung quá lớn.", "The body is too large."));
    else
        violate(request, PROBLEM_MALFORMED_REQUEST, "Content-Length", "syntax",
                say(request, "Content-Length phải là một số.", "Content-Length must be one number."));
    head_name(request);
    return refusal(request);
}

// A connection that is closed while something has not been read is reset, and the answer may be lost.
static void read_past(int descriptor)
{
    char piece[PIECE_SIZE];
    for (int i = 0; i < PIECES_MOST && recv(descriptor, piece, sizeof piece, MSG_DONTWAIT) > 0; i++)
        ;
}

// All that libmicrohttpd sends afterwards goes nowhere: it finds the connection shut and closes it.
void answer_early(struct exchange *exchange, struct reply reply)
{
    int descriptor = client_descriptor(exchange->client);
    const char *text = arena_format(&exchange->request.arena,
                                    "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                                    "Cache-Control: %s\r\nX-Request-Id: %s\r\nConnection: close\r\n\r\n%s",
                                    reply.status, MHD_get_reason_phrase_for(reply.status), reply.content_type,
                                    reply.length, reply.cache_control, exchange->request.id, reply.body);
    exchange->reply = reply;
    exchange->stage = STAGE_SENDING;
    if (descriptor < 0)
        return;
    send(descriptor, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
    shutdown(descriptor, SHUT_WR);
    read_past(descriptor);
}

bool refuse_heavy(struct exchange *exchange)
{
    bool heavy = is_heavy(exchange);
    if (heavy)
        answer_early(exchange, refusal_of(exchange));
    return heavy;
}

void refuse_early(const struct client *clients, const char *logged)
{
    static const char sign[] = "Error processing request";
    if (strncmp(logged, sign, sizeof sign - 1) != 0)
        return;
    for (const struct client *client = clients; client; client = client->next)
        if (library_would_refuse(client->exchange))
            answer_early(client->exchange, refusal_of(client->exchange));
}
