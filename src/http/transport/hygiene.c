#include "http/transport/exchange.h"
#include "thidua/identifier.h"

#include <string.h>
#include <strings.h>

enum { TARGET_MOST = 4096, HEADERS_MOST = 64, HOST_MOST = 255 };

struct header_counts {
    unsigned content_length, transfer_encoding, host, total;
    const char *coding;
    bool malformed, folded;
};

// RFC 9110 section 5.6.2.
static bool is_token(const char *text, size_t length)
{
    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= 0x20 || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c))
            return false;
    }
    return true;
}

static bool is_field_value(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static enum MHD_Result count_header(void *context, enum MHD_ValueKind kind, const char *name, size_t name_length,
                                    const char *value, size_t value_length)
{
    (void)kind;
    struct header_counts *counts = context;
    counts->total++;
    if (!is_token(name, name_length) || (value && !is_field_value(value, value_length)))
        counts->malformed = true;
    // Of a field folded over two lines libmicrohttpd 0.9.75 moves the name elsewhere and loses the value.
    if (value && value < name + name_length)
        counts->folded = true;
    if (strcasecmp(name, "Content-Length") == 0)
        counts->content_length++;
    if (strcasecmp(name, "Host") == 0)
        counts->host++;
    if (strcasecmp(name, "Transfer-Encoding") == 0) {
        counts->transfer_encoding++;
        counts->coding = value;
    }
    return MHD_YES;
}

static bool malformed(struct request *request, const char *pointer, const char *code, const char *vi, const char *en)
{
    return violate(request, PROBLEM_MALFORMED_REQUEST, pointer, code, request->language == ENGLISH ? en : vi);
}

bool headers_are_clean(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    struct header_counts counts = {0};
    MHD_get_connection_values_n(exchange->client->connection, MHD_HEADER_KIND, count_header, &counts);
    if (counts.total > HEADERS_MOST)
        return malformed(request, "headers", "count", "Quá 64 trường tiêu đề.", "More than 64 header fields.");
    if (counts.malformed) // RFC 9112 section 5.1: no blank before the colon
        return malformed(request, "headers", "field", "Tên hoặc giá trị một trường tiêu đề không hợp lệ.",
                         "A header field's name or value is malformed.");
    if (counts.folded) // RFC 9112 section 5.2
        return malformed(request, "headers", "folded", "Không nhận trường tiêu đề viết trên nhiều dòng.",
                         "A header field may not be continued on a second line.");
    if (counts.host != 1 && !(exchange->hostless && counts.host == 0)) // RFC 9112 section 3.2
        return malformed(request, "Host", "count", "Cần đúng một trường Host.", "Exactly one Host field is needed.");
    if (counts.content_length + counts.transfer_encoding > 1) // RFC 9112 section 6.3
        return malformed(request, "Content-Length", "ambiguous", "Độ dài nội dung được nêu hai lần hoặc theo hai cách.",
                         "The length of the body is stated twice or in two ways.");
    if (counts.coding && strcasecmp(counts.coding, "chunked") != 0)
        return violate(request, PROBLEM_NOT_IMPLEMENTED, "Transfer-Encoding", "coding",
                       say(request, "Chỉ nhận mã hóa truyền chunked.", "Only the transfer coding chunked is taken."));
    return true;
}

static bool hex_pair_is(const char *text, char high, char low)
{
    return text[0] == '%' && text[1] == high && (text[2] | 0x20) == (low | 0x20);
}

// RFC 9112 section 3.2.2: every server takes a target in absolute form. Its authority goes before Host; this service
// answers for whichever it is called by. Without a path OPTIONS asks of the whole server (section 3.2.4).
static void take_origin_form(struct request *request)
{
    const char *target = request->target;
    size_t scheme = strncasecmp(target, "http://", 7) == 0 ? 7 : strncasecmp(target, "https://", 8) == 0 ? 8 : 0;
    size_t authority = scheme ? strcspn(target + scheme, "/?") : 0;
    if (authority == 0 || target[scheme] == ':' || authority > HOST_MOST || memchr(target + scheme, '@', authority))
        return;
    const char *rest = target + scheme + authority;
    bool whole = !*rest && strcmp(request->method, "OPTIONS") == 0;
    request->target = *rest == '/' ? rest : arena_format(&request->arena, "%s%s", whole ? "*" : "/", rest);
}

static bool characters_are_clean(struct request *request)
{
    for (const char *c = request->target; *c; c++)
        if (*c <= 0x20 || *c >= 0x7f || strchr("#\"<>\\^`{|}", *c))
            return malformed(request, "target", "character", "Địa chỉ có ký tự phải mã hóa bằng %XX.",
                             "The target holds a character that must be percent-encoded.");
    return true;
}

static bool escapes_are_clean(struct request *request)
{
    const char *target = request->target, *path_end = strchr(target, '?');
    for (const char *c = strchr(target, '%'); c; c = strchr(c + 1, '%')) {
        bool in_path = !path_end || c < path_end;
        if (hex_pair_is(c, '0', '0') || (in_path && (hex_pair_is(c, '2', 'f') || hex_pair_is(c, '5', 'c'))))
            return malformed(request, "target", "escape", "Địa chỉ không được chứa %00, %2F hoặc %5C.",
                             "The target may not hold %00, %2F or %5C.");
    }
    return true;
}

bool target_is_clean(struct request *request)
{
    if (strlen(request->target) > TARGET_MOST)
        return refuse(request, PROBLEM_URI_TOO_LONG,
                      say(request, "Nhiều nhất %d byte.", "At most %d bytes.", TARGET_MOST));
    if (!characters_are_clean(request))
        return false;
    take_origin_form(request);
    if (strcmp(request->target, "*") == 0 && strcmp(request->method, "OPTIONS") == 0)
        return true;
    if (request->target[0] != '/')
        return malformed(request, "target", "form",
                         "Địa chỉ phải bắt đầu bằng dấu /, hoặc bằng http:// và tên máy chủ.",
                         "Only targets that begin with a slash, or with http:// and a host, are taken.");
    return escapes_are_clean(request);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *percent_decode(struct arena *arena, const char *text, size_t length, bool plus_is_space)
{
    char *decoded = arena_allocate(arena, length + 1), *out = decoded;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '%') {
            int high = i + 2 < length ? hex_value(text[i + 1]) : -1;
            int low = i + 2 < length ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            *out++ = (char)(high * 16 + low);
            i += 2;
        } else {
            *out++ = plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    return utf8_is_valid(decoded, (size_t)(out - decoded)) ? decoded : NULL;
}
