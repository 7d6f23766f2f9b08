// One attempt to bring one message to one receiver, over libcurl: signed, in bounded time, to an allowed address, no
// redirects, no proxies, nothing kept of what the receiver says but its status.
#ifndef THIDUA_WEBHOOKS_TRANSFER_H
#define THIDUA_WEBHOOKS_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct message {
    const char *webhook_id, *url;
    long long generation; // of the secret
    bool previous;        // the secret before it signs too
    long long seq;
    const char *body; // stays as it is until the transfer has ended
    size_t length;
};

struct transfer {
    CURL *easy;
    struct curl_slist *headers;
    bool listed, refused, flooded, connected;
    bool answered; // its head came whole
    size_t taken;  // of the answer
};

struct outcome {
    bool delivered, gone; // 2xx; 410
    long status;          // 0: no answer
    long retry_after;     // seconds; 0: not said
    const char *error;    // static text; NULL where delivered
};

// False: not to be sent, for the reason in `ret_outcome`. `owner` comes back as CURLINFO_PRIVATE.
bool transfer_begin(struct transfer *transfer, CURLM *multi, const struct message *message, long seconds, void *owner,
                    struct outcome *ret_outcome);
// Ends it, whether it has come to its end or not.
struct outcome transfer_end(struct transfer *transfer, CURLM *multi, CURLcode code);

#endif
