// Heads that libmicrohttpd 0.9.75 refuses by itself after it has read them whole, for a Content-Length that is no
// number or is too large: it writes its answer, forgets that, and writes the head of it once more. The one sign of it
// that comes before a byte is sent is a line of its log.
#include "http/transport/exchange.h"

#include <string.h>
#include <sys/socket.h>

int client_descriptor(const struct client *client)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(client->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

// Has the head been read while nobody was asked yet? So it is only with the one request that is being refused.
static bool library_would_refuse(const struct exchange *exchange)
{
    return exchange && exchange->stage == STAGE_HEADERS &&
           MHD_get_connection_info(exchange->client->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
}

static const char *sent(const struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->client->connection, MHD_HEADER_KIND, name);
}

static struct reply refusal_of(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    const char *length = sent(exchange, "Content-Length");
    request->language = language_preferred(sent(exchange, "Accept-Language"));
    if (!length) // cookies are copied, and there was no room for it
        violate(request, PROBLEM_HEADERS_TOO_LARGE, "Cookie", "too_long",
                say(request, "Bỏ trường Cookie, dịch vụ không dùng.", "Leave out Cookie: the service reads none."));
    else if (*length && length[strspn(length, "0123456789")] == '\0')
        violate(request, PROBLEM_BODY_TOO_LARGE, "Content-Length", "too_large",
                say(request, "Nội dung quá lớn.", "The body is too large."));
    else
        violate(request, PROBLEM_MALFORMED_REQUEST, "Content-Length", "syntax",
                say(request, "Content-Length phải là một số.", "Content-Length must be one number."));
    head_name(request);
    return refusal(request);
}

// All that libmicrohttpd sends afterwards goes nowhere: it finds the connection shut and closes it.
static void answer_early(struct exchange *exchange)
{
    int descriptor = client_descriptor(exchange->client);
    struct reply reply = refusal_of(exchange);
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
}

void refuse_early(const struct client *clients, const char *logged)
{
    static const char sign[] = "Error processing request";
    if (strncmp(logged, sign, sizeof sign - 1) != 0)
        return;
    for (const struct client *client = clients; client; client = client->next)
        if (library_would_refuse(client->exchange))
            answer_early(client->exchange);
}
