#include "handler/idempotency.h"

#include "base/sha256.h"
#include "handler/idempotency.sql.h"
#include "handler/run.h"

#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { NONCE_SIZE = 12, TAG_SIZE = 16, HASH_TEXT = 65 };

// A dry run keeps nothing. Callers without a key of their own cannot be told apart.
static bool keeps_answer(const struct request *request)
{
    return request->idempotency_key && request->caller.known && !request->dry_run;
}

static void fingerprint(struct request *request, char text[static HASH_TEXT])
{
    char body[HASH_TEXT];
    if (request->spool.file.descriptor >= 0)
        memcpy(body, request->spool.sha256, sizeof body);
    else
        sha256_hex(request->body ? request->body : "", request->body_length, body);
    const char *all = arena_format(&request->arena, "%s\n%s\n%s\n%s", request->method, request->target,
                                   request->content_type ? request->content_type : "", body);
    sha256_hex(all, strlen(all), text);
}

// ---- answers with a secret: stored so that only who holds the caller's credential can read them ----

static gnutls_aead_cipher_hd_t cipher_of(struct request *request, const char *key)
{
    unsigned char secret[32];
    gnutls_aead_cipher_hd_t cipher = NULL;
    const char *purpose = arena_format(&request->arena, "thidua idempotency %s", key);
    gnutls_datum_t datum = {secret, sizeof secret};
    if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, request->authorization, strlen(request->authorization), purpose,
                         strlen(purpose), secret) != 0 ||
        gnutls_aead_cipher_init(&cipher, GNUTLS_CIPHER_AES_256_GCM, &datum) != 0)
        cipher = NULL;
    gnutls_memset(secret, 0, sizeof secret);
    return cipher;
}

static bool seal_answer(struct request *request, const char *key, const char **body, size_t *length)
{
    gnutls_aead_cipher_hd_t cipher = cipher_of(request, key);
    size_t size = *length + TAG_SIZE;
    char *sealed = arena_allocate(&request->arena, NONCE_SIZE + size);
    bool good = cipher && getrandom(sealed, NONCE_SIZE, 0) == NONCE_SIZE &&
                gnutls_aead_cipher_encrypt(cipher, sealed, NONCE_SIZE, NULL, 0, TAG_SIZE, *body, *length,
                                           sealed + NONCE_SIZE, &size) == 0;
    if (cipher)
        gnutls_aead_cipher_deinit(cipher);
    *body = sealed;
    *length = NONCE_SIZE + size;
    return good || refuse(request, PROBLEM_INTERNAL, NULL);
}

// Fails where the caller's credential is no longer the one of the first request, for example after a rotation.
static bool unseal(struct request *request, const char *key, struct reply *reply)
{
    gnutls_aead_cipher_hd_t cipher = cipher_of(request, key);
    size_t size = reply->length;
    char *body = arena_allocate(&request->arena, reply->length + 1);
    bool good = cipher && reply->length > NONCE_SIZE + TAG_SIZE &&
                gnutls_aead_cipher_decrypt(cipher, reply->body, NONCE_SIZE, NULL, 0, TAG_SIZE, reply->body + NONCE_SIZE,
                                           reply->length - NONCE_SIZE, body, &size) == 0;
    if (cipher)
        gnutls_aead_cipher_deinit(cipher);
    reply->body = body;
    reply->length = size;
    return good || refuse(request, PROBLEM_CONFLICT,
                          say(request, "Việc này đã làm xong (%s), nhưng bí mật của nó chỉ người gọi lúc đó đọc được.",
                              "This was already done (%s), but its secret can only be read again with the credential "
                              "that was used then.",
                              reply->location ? reply->location : "–"));
}

// ---- the answer of before ----

static enum idempotency answer_again(struct request *request, const char *key,
                                     const struct idempotency_claim_key *before, struct reply *ret_reply)
{
    if (strcmp(before->same, "true") != 0) {
        refuse(request, PROBLEM_IDEMPOTENCY_KEY_REUSED,
               say(request, "Khóa này đã dùng cho một yêu cầu khác; hãy tạo khóa mới.",
                   "This key was used for another request: use a new one."));
        return IDEMPOTENCY_REFUSED;
    }
    if (strcmp(before->visible, "true") != 0) {
        refuse(
            request, PROBLEM_CONFLICT,
            say(request,
                "Việc này đã làm xong (%s), nhưng khi đó người gọi có vai trò hoặc đơn vị khác, hoặc đơn vị được nêu "
                "còn trực thuộc, nên câu trả lời đó không còn được đọc; hãy đọc lại bản ghi.",
                "This was already done (%s), but the caller had another role or unit then, or the unit concerned was "
                "still below theirs, and may not see that answer now: read the record itself.",
                before->location ? before->location : "–"));
        return IDEMPOTENCY_REFUSED;
    }
    *ret_reply = (struct reply){
        .status = (unsigned)strtoul(before->status, NULL, 10),
        .content_type = before->content_type,
        .etag = before->etag,
        .location = before->location,
        .cache_control = before->cache_control,
        .body = before->body,
        .length = before->body_length,
        .replayed = true,
    };
    bool sealed = strcmp(before->sealed, "true") == 0;
    return !sealed || unseal(request, key, ret_reply) ? IDEMPOTENCY_ANSWERED : IDEMPOTENCY_REFUSED;
}

static bool judge_new(struct request *request, const struct rows *rows)
{
    (void)request;
    return idempotency_claim_new_at(rows, 0).is_new;
}

// Nobody waits to hear that a key is new, as most are: the claim travels with what the handler runs first. Where it
// fails, the transaction runs again and awaits it.
enum idempotency idempotency_claim(struct request *request, struct session *session, struct reply *ret_reply)
{
    struct idempotency_claim_key claim;
    char print[HASH_TEXT];
    const char *key = request->idempotency_key;
    if (!keeps_answer(request))
        return IDEMPOTENCY_NEW;
    if (!request->key_known)
        return idempotency_claim_new(request, session, request->caller.key_id, key, judge_new) ? IDEMPOTENCY_NEW
                                                                                               : IDEMPOTENCY_REFUSED;
    fingerprint(request, print);
    if (!idempotency_claim_key(request, session, request->caller.key_id, key, print, request->caller.roles,
                               caller_unit(request), &claim))
        return IDEMPOTENCY_REFUSED;
    if (strcmp(claim.claimed, "true") != 0) {
        refuse(request, PROBLEM_IDEMPOTENCY_KEY_IN_FLIGHT,
               say(request, "Yêu cầu mang khóa này đang được xử lý; hãy đợi rồi gửi lại.",
                   "The request with this key is under way: wait, then send it again."));
        return IDEMPOTENCY_REFUSED;
    }
    if (!claim.status)
        return IDEMPOTENCY_NEW;
    return idempotency_confirm(request, session) ? answer_again(request, key, &claim, ret_reply) : IDEMPOTENCY_REFUSED;
}

bool idempotency_keep(struct request *request, struct session *session, const struct reply *reply)
{
    char print[HASH_TEXT];
    if (!keeps_answer(request))
        return true;
    const char *key = request->idempotency_key, *body = reply->body ? reply->body : "";
    size_t length = reply->length;
    // An answer that no cache may keep holds a secret. The database must not keep it readable either.
    bool sealed = reply->cache_control && strcmp(reply->cache_control, "no-store") == 0;
    if (sealed && !seal_answer(request, key, &body, &length))
        return false;
    fingerprint(request, print);
    return idempotency_keep_answer(request, session, request->caller.key_id, key, print, request->caller.roles,
                                   caller_unit(request), request->id, reply->status, reply->content_type, reply->etag,
                                   reply->location, reply->cache_control, sealed, body, length);
}
