#include "webhooks/transfer.h"

#include "webhooks/secret.h"
#include "webhooks/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MOST = 64 * 1024, CONNECT_SECONDS = 5 };

// Of the body, of heads and of the fields behind a body in chunks, which libcurl would keep all.
// NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type
static size_t discard(char *data, size_t one, size_t count, void *context)
{
    (void)data;
    struct transfer *transfer = context;
    transfer->taken += one * count;
    transfer->flooded = transfer->taken > ANSWER_MOST;
    return transfer->flooded ? 0 : one * count; // 0: libcurl ends the transfer
}

// A field or the end of a head: of the answer, or of what goes before it (100 Continue).
static size_t take_field(char *data, size_t one, size_t count, void *context)
{
    static const char end[] = "\r\n";
    struct transfer *transfer = context;
    long status = 0;
    if (one * count == sizeof end - 1 && memcmp(data, end, sizeof end - 1) == 0 &&
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        transfer->answered = transfer->answered || status >= 200;
    return discard(data, one, count, context);
}

// After the name has been resolved, for each address that is tried.
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;
    if (purpose != CURLSOCKTYPE_IPCXN || !target_address_allowed(&address->addr, transfer->listed)) {
        transfer->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// The connection is there, with TLS where it is asked for.
// NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type
static int connection_ready(void *context, char *remote, char *local, int remote_port, int local_port)
{
    (void)remote, (void)local, (void)remote_port, (void)local_port;
    struct transfer *transfer = context;
    transfer->connected = true;
    return CURL_PREREQFUNC_OK;
}

static void add_header(struct transfer *transfer, const char *text)
{
    struct curl_slist *headers = curl_slist_append(transfer->headers, text);
    if (!headers)
        abort();
    transfer->headers = headers;
}

// Standard Webhooks: the signature is over "id.timestamp.body"; while a secret is being replaced, both sign.
static void add_transfer_headers(struct transfer *transfer, const struct message *message)
{
    char id[64], now[24], head[96], line[256], signature[SIGNATURE_SIZE], before[SIGNATURE_SIZE] = "";
    size_t length = (size_t)snprintf(id, sizeof id, "msg_");
    for (const char *at = message->webhook_id; *at && length < 40; at++)
        if (*at != '-')
            id[length++] = *at;
    snprintf(id + length, sizeof id - length, "_%lld", message->seq);
    snprintf(now, sizeof now, "%lld", (long long)time(NULL));
    snprintf(head, sizeof head, "%s.%s.", id, now);
    secret_sign(message->webhook_id, message->generation, head, message->body, message->length, signature);
    if (message->previous)
        secret_sign(message->webhook_id, message->generation - 1, head, message->body, message->length, before);
    add_header(transfer, "Content-Type: application/cloudevents+json; charset=utf-8");
    add_header(transfer, "Expect:"); // none: the body is small
    snprintf(line, sizeof line, "webhook-id: %s", id);
    add_header(transfer, line);
    snprintf(line, sizeof line, "webhook-timestamp: %s", now);
    add_header(transfer, line);
    snprintf(line, sizeof line, "webhook-signature: %s%s%s", signature, *before ? " " : "", before);
    add_header(transfer, line);
}

// For each connection libcurl with GnuTLS reads all authorities anew. Debian's reads a directory, where each is in a
// file of its own and in one of all: that one alone takes a fifth of the time, and less memory.
static void trust_authorities(CURL *easy)
{
    static const char all[] = "/etc/ssl/certs/ca-certificates.crt";
    if (access(all, R_OK) != 0)
        return;
    curl_easy_setopt(easy, CURLOPT_CAINFO, all);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
}

static void set_options(struct transfer *transfer, const struct message *message, long seconds, void *owner)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_URL, message->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https,http");
    // By HTTP/2 libcurl keeps a connection of which an attempt has timed out, and every later one goes there.
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); // also none of the environment
    trust_authorities(easy);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "thidua/" THIDUA_VERSION);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message->length);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, message->body);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, seconds);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, seconds < CONNECT_SECONDS ? seconds : (long)CONNECT_SECONDS);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); // never waits for a name server
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_field);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, connection_ready);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, owner);
}

bool transfer_begin(struct transfer *transfer, CURLM *multi, const struct message *message, long seconds, void *owner,
                    struct outcome *ret_outcome)
{
    bool listed;
    // The list may have changed since the webhook was made.
    if (target_judge(message->url, &listed) != TARGET_GOOD) {
        *ret_outcome = (struct outcome){.error = "the target is not allowed"};
        return false;
    }
    *transfer = (struct transfer){.easy = curl_easy_init(), .listed = listed};
    if (!transfer->easy)
        abort();
    add_transfer_headers(transfer, message);
    set_options(transfer, message, seconds, owner);
    if (curl_multi_add_handle(multi, transfer->easy) != CURLM_OK)
        abort(); // no memory, as above
    return true;
}

// ---- what went wrong, so that whoever reads it knows whose it is to mend ----

static bool is_gnutls(void)
{
    static const char name[] = "GnuTLS";
    const char *version = curl_version_info(CURLVERSION_NOW)->ssl_version;
    return version && strncmp(version, name, sizeof name - 1) == 0;
}

// gnutls_certificate_status_t. A chain without fault is refused for its name alone.
static const char *fault_of_certificate(CURL *easy)
{
    enum { REVOKED = 1 << 5, NOBODYS = 1 << 6, NOT_YET = 1 << 9, EXPIRED = 1 << 10 };
    long found = 0;
    if (!is_gnutls() || curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &found) != CURLE_OK)
        return "the receiver's certificate is refused";
    if (found & NOBODYS)
        return "no authority that this machine trusts vouches for the receiver's certificate";
    if (found & EXPIRED)
        return "the receiver's certificate has expired";
    if (found & NOT_YET)
        return "the receiver's certificate is not yet in force";
    if (found & REVOKED)
        return "the receiver's certificate is revoked";
    return found ? "the receiver's certificate is refused" : "the receiver's certificate is for another host";
}

static const char *fault_of_time(const struct transfer *transfer)
{
    long port = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_LOCAL_PORT, &port);
    if (transfer->connected)
        return "the receiver did not answer in time";
    return port > 0 ? "the receiver did not agree on TLS in time" : "the receiver could not be reached in time";
}

static const char *name_of_code(const struct transfer *transfer, CURLcode code)
{
    if (transfer->flooded)
        return "the receiver's answer is too long";
    switch ((int)code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        return "the receiver does not answer by HTTP";
    case CURLE_OUT_OF_MEMORY: // a field longer than libcurl keeps
        return "the receiver's answer is too long";
    case CURLE_PEER_FAILED_VERIFICATION:
        return fault_of_certificate(transfer->easy);
    case CURLE_SSL_CONNECT_ERROR:
        return "the receiver did not agree on TLS";
    case CURLE_OPERATION_TIMEDOUT:
        return fault_of_time(transfer);
    default:
        return curl_easy_strerror(code);
    }
}

static const char *error_of(const struct transfer *transfer, CURLcode code, long status)
{
    if (status / 100 == 2)
        return NULL;
    if (transfer->refused && !status)
        return "the target's address is not allowed";
    if (status / 100 == 3)
        return "redirects are not followed";
    return status ? "the receiver refused it" : name_of_code(transfer, code);
}

// The status is all that counts of an answer: what it says, the receiver has decided, also where the rest is cut off or
// does not come. 0: there is none.
static long status_of(const struct transfer *transfer, CURLcode code)
{
    long status = 0;
    if (code == CURLE_OK || transfer->flooded || transfer->answered)
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 ? status : 0;
}

struct outcome transfer_end(struct transfer *transfer, CURLM *multi, CURLcode code)
{
    long status = status_of(transfer, code);
    curl_off_t wait = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &wait);
    struct outcome outcome = {.delivered = status / 100 == 2, .gone = status == 410, .status = status};
    outcome.retry_after = wait > 0 && wait < 86400 ? (long)wait : wait > 0 ? 86400 : 0;
    outcome.error = error_of(transfer, code, status);
    curl_multi_remove_handle(multi, transfer->easy);
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    *transfer = (struct transfer){0};
    return outcome;
}
