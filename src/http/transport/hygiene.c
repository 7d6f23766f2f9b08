#include "http/input/header.h"
#include "http/transport/exchange.h"
#include "thidua/identifier.h"

#include <string.h>
#include <strings.h>

enum { TARGET_MOST = 4096, HOST_MOST = 255 };

// The head of a request where libmicrohttpd 0.9.75 has left it: in one piece from the method on, with zeros for the
// blank after the method, for colons and for line ends. A bare line feed, a NUL, a folded line, a blank too many: each
// leaves another byte than the one that must stand there, so nothing else has to be looked for.
struct head {
    struct request *request;
    const char *at, *end; // the byte that comes next; the end of the head
    unsigned fields;
    bool exact, malformed, framing_unclear;
};

// RFC 9110 section 5.6.2. A colon would have ended the name.
static bool is_name(const char *text, size_t length)
{
    return length && strlen(text) == length && is_visible_without(text, "\"(),/;<=>?@[\\]{}");
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

// Steps over text and the zeros that stand for what ends it.
static bool step_over(struct head *head, const char *text, size_t length, size_t zeros)
{
    if (text != head->at || (size_t)(head->end - text) < length + zeros)
        return false;
    for (size_t i = 0; i < zeros; i++)
        if (text[length + i])
            return false;
    head->at = text + length + zeros;
    return true;
}

static enum MHD_Result take_field(void *context, enum MHD_ValueKind kind, const char *name, size_t name_length,
                                  const char *value, size_t value_length)
{
    (void)kind;
    struct head *head = context;
    head->fields++;
    head->exact = head->exact && step_over(head, name, name_length, 1);
    while (head->exact && head->at < value && (*head->at == ' ' || *head->at == '\t'))
        head->at++;
    head->exact = head->exact && step_over(head, value, value_length, 2);
    if (!head->exact)
        return MHD_NO;
    head->malformed |= !is_name(name, name_length) || !is_field_value(value, value_length);
    // libmicrohttpd takes a blank after the coding for a part of it, and then another body than everybody else.
    head->framing_unclear |= strcasecmp(name, "Transfer-Encoding") == 0 && value_length && value[strcspn(value, " \t")];
    header_take(head->request, name, value);
    return MHD_YES;
}

static bool malformed(struct request *request, const char *pointer, const char *code, const char *vi, const char *en)
{
    return violate(request, PROBLEM_MALFORMED_REQUEST, pointer, code, request->language == ENGLISH ? en : vi);
}

// RFC 9112 section 3: method, target and version with one blank between them, then CRLF.
static bool request_line_is_exact(struct head *head, const char *version)
{
    const struct request *request = head->request;
    size_t target = strlen(request->target);
    if (!step_over(head, head->at, strlen(head->at), 1) || (size_t)(head->end - head->at) <= target)
        return false;
    head->at += target + 1; // its bytes are decoded where they stand, but stay as many
    return step_over(head, version, strlen(version), 2);
}

static bool fields_are_clean(struct request *request, const struct head *head)
{
    if (!head->exact) // RFC 9112 sections 2.2, 3 and 5.2
        return malformed(request, "headers", "line",
                         "Mỗi dòng phải kết thúc bằng CR LF, không nối sang dòng sau và không có ký tự NUL.",
                         "Every line must end with CR LF; none may be continued, hold a NUL or blanks too many.");
    if (head->fields > FIELDS_MOST)
        return malformed(request, "headers", "count", "Quá 64 trường tiêu đề.", "More than 64 header fields.");
    if (head->malformed) // RFC 9112 section 5.1: no blank before the colon
        return malformed(request, "headers", "field", "Tên hoặc giá trị một trường tiêu đề không hợp lệ.",
                         "A header field's name or value is malformed.");
    const char *name = request->repeated_header; // RFC 9110 section 5.3
    return !name || violate(request, PROBLEM_MALFORMED_REQUEST, name, "repeated",
                            say(request, "Trường %s chỉ được gửi một lần.", "%s may be sent only once.", name));
}

// RFC 9112 sections 3.2, 6.1 and 6.3.
static bool framing_is_clear(const struct exchange *exchange, struct request *request, const struct head *head)
{
    bool chunked = request->transfer_encoding;
    if (!request->host && !exchange->hostless)
        return malformed(request, "Host", "count", "Cần đúng một trường Host.", "Exactly one Host field is needed.");
    if (chunked && request->content_length)
        return malformed(request, "Content-Length", "ambiguous", "Độ dài nội dung được nêu hai lần hoặc theo hai cách.",
                         "The length of the body is stated twice or in two ways.");
    if (chunked && exchange->hostless)
        return malformed(request, "Transfer-Encoding", "version", "HTTP/1.0 không có Transfer-Encoding.",
                         "HTTP/1.0 has no Transfer-Encoding.");
    if (chunked && strcasecmp(request->transfer_encoding, "chunked") != 0)
        return violate(request, PROBLEM_NOT_IMPLEMENTED, "Transfer-Encoding", "coding",
                       say(request, "Chỉ nhận mã hóa truyền chunked.", "Only the transfer coding chunked is taken."));
    return !head->framing_unclear || malformed(request, "Transfer-Encoding", "syntax", "Bỏ khoảng trắng sau chunked.",
                                               "Leave out the blank after chunked.");
}

bool head_is_clean(struct exchange *exchange, const char *method, const char *version)
{
    struct request *request = &exchange->request;
    struct MHD_Connection *connection = exchange->client->connection;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    struct head head = {.request = request, .at = method, .end = method + info->header_size};
    head.exact = request_line_is_exact(&head, version);
    MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_field, &head);
    head.exact = head.exact && step_over(&head, head.at, 0, 2) && head.at == head.end;
    request->language = language_preferred(request->accept_language);
    return fields_are_clean(request, &head) && framing_is_clear(exchange, request, &head);
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
    return is_visible_without(request->target, "#\"<>\\^`{|}") ||
           malformed(request, "target", "character", "Địa chỉ có ký tự phải mã hóa bằng %XX.",
                     "The target holds a character that must be percent-encoded.");
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
