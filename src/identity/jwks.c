#include "identity/jwks.h"

#include "base/chore.h"
#include "base/log.h"
#include "base/poller.h"

#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SET_BYTES_MAX = 256 * 1024, REFRESH_SECONDS = 300, ASK_AGAIN_SECONDS = 30, FETCH_SECONDS = 5 };
enum { KID_MOST = 8192, NAME_SIZE = KID_MOST + 16 }; // no token holds a longer one

static struct {
    const char *place;
    struct chore chore;
    bool started;
    pthread_rwlock_t lock;       // of `keys`
    json_t *keys;                // kid and algorithm → key
    atomic_int_fast64_t last;    // monotonic_ns of the last attempt
    atomic_int_fast64_t read_at; // monotonic_ns of the last attempt that brought a key set; 0: none has
    atomic_int_fast64_t told_at; // that one did not, since the last that did; for log_due()
    atomic_uint_fast64_t generation;
} jwks = {.lock = PTHREAD_RWLOCK_INITIALIZER, .chore = CHORE_INITIALIZER};

static bool is_url(const char *place)
{
    return strstr(place, "://") != NULL;
}

static bool is_absent(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool absent = curl_url_get(url, part, &text, 0) != CURLUE_OK;
    curl_free(text);
    return absent;
}

// Keys that come by an open line could be anybody's.
static bool is_safe_line(const char *scheme, const char *host)
{
    return strcmp(scheme, "https") == 0 ||
           (strcmp(scheme, "http") == 0 && (strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0));
}

// As libcurl reads it, which is what will be asked: http://127.0.0.1:1@evil.example/ is a host of that name. libcurl
// also forgives "https:///host".
static bool is_safe_url(const char *place)
{
    CURLU *url = curl_url();
    char *scheme = NULL, *host = NULL;
    bool safe = url && strstr(place, "://")[3] != '/' && curl_url_set(url, CURLUPART_URL, place, 0) == CURLUE_OK &&
                is_absent(url, CURLUPART_USER) && is_absent(url, CURLUPART_PASSWORD) &&
                is_absent(url, CURLUPART_FRAGMENT) && curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK && is_safe_line(scheme, host);
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(url);
    return safe;
}

bool jwks_place_fits(const char *place)
{
    return !is_url(place) || is_safe_url(place);
}

// ---- reading ----

struct text {
    char *bytes;
    size_t length;
    bool too_long;
    char fault[96]; // why it was not read
};

static bool note_fault(struct text *text, const char *fault)
{
    snprintf(text->fault, sizeof text->fault, "%s", text->too_long ? "it is larger than 256 KiB" : fault);
    return false;
}

static size_t append_received(char *data, size_t one, size_t count, void *context)
{
    struct text *text = context;
    size_t size = one * count;
    text->too_long = text->length + size > SET_BYTES_MAX;
    if (text->too_long)
        return 0; // libcurl ends the transfer
    memcpy(text->bytes + text->length, data, size);
    text->length += size;
    return size;
}

static bool is_answered_well(CURL *curl, struct text *text)
{
    long status = 0;
    char fault[64];
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        return note_fault(text, curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    snprintf(fault, sizeof fault, "the answer has the status %ld", status);
    return status == 200 || note_fault(text, fault);
}

static bool fetch_key_set(struct text *text)
{
    CURL *curl = curl_easy_init();
    if (!curl)
        return note_fault(text, "out of memory");
    curl_easy_setopt(curl, CURLOPT_URL, jwks.place);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); // none of the environment: whoever sets it would choose the keys
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)FETCH_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L); // never waits for a name server
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append_received);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
    bool good = is_answered_well(curl, text);
    curl_easy_cleanup(curl);
    return good;
}

static bool read_file_key_set(struct text *text)
{
    FILE *file = fopen(jwks.place, "re");
    if (!file)
        return note_fault(text, strerror(errno));
    text->length = fread(text->bytes, 1, SET_BYTES_MAX, file);
    text->too_long = !ferror(file) && !feof(file);
    bool good = !ferror(file) && !text->too_long;
    if (!good)
        note_fault(text, strerror(errno));
    fclose(file);
    return good;
}

// ---- what of it is taken ----

// RFC 8725 section 3.1: what a key verifies is decided by the key, never by the token.
static jwa_alg algorithm_of(const json_t *key)
{
    const char *kty = json_string_value(json_object_get(key, "kty"));
    const char *curve = json_string_value(json_object_get(key, "crv"));
    const char *use = json_string_value(json_object_get(key, "use"));
    const char *named = json_string_value(json_object_get(key, "alg"));
    jwa_alg algorithm = R_JWA_ALG_UNKNOWN;
    if (!kty || (use && strcmp(use, "sig") != 0) || json_object_get(key, "d"))
        return R_JWA_ALG_UNKNOWN; // of another purpose, or a private key that should never have come here
    if (strcmp(kty, "RSA") == 0)
        algorithm = R_JWA_ALG_RS256;
    else if (curve && strcmp(kty, "EC") == 0 && strcmp(curve, "P-256") == 0)
        algorithm = R_JWA_ALG_ES256;
    else if (curve && strcmp(kty, "OKP") == 0 && strcmp(curve, "Ed25519") == 0)
        algorithm = R_JWA_ALG_EDDSA;
    return named && r_str_to_jwa_alg(named) != algorithm ? R_JWA_ALG_UNKNOWN : algorithm;
}

static bool is_strong(json_t *key)
{
    unsigned bits = 0;
    int type = r_jwk_key_type(key, &bits, R_FLAG_IGNORE_REMOTE);
    return r_jwk_is_valid(key) == RHN_OK && (type & R_KEY_TYPE_PUBLIC) && (!(type & R_KEY_TYPE_RSA) || bits >= 2048);
}

// Keys of different kinds may share an id (RFC 7517 section 4.5).
static void name_of_key(const char *kid, jwa_alg algorithm, char ret_name[static NAME_SIZE])
{
    snprintf(ret_name, NAME_SIZE, "%d %s", (int)algorithm, kid);
}

static json_t *usable_keys(const struct text *text)
{
    json_t *set = json_loadb(text->bytes, text->length, JSON_REJECT_DUPLICATES, NULL), *key;
    json_t *usable = json_is_array(json_object_get(set, "keys")) ? json_object() : NULL;
    size_t i;
    json_array_foreach(json_object_get(set, "keys"), i, key)
    {
        const char *kid = json_string_value(json_object_get(key, "kid"));
        char name[NAME_SIZE];
        if (!kid || strlen(kid) > KID_MOST || algorithm_of(key) == R_JWA_ALG_UNKNOWN || !is_strong(key))
            continue;
        name_of_key(kid, algorithm_of(key), name);
        json_object_set(usable, name, key);
    }
    json_decref(set);
    return usable;
}

// Until there are keys it is tried every second.
static bool not_read(const char *reason)
{
    if (log_due(&jwks.told_at))
        log_event(LOG_WARNING, "jwks_not_read", log_text("place", jwks.place), log_text("reason", reason));
    return false;
}

// The keys of before stay where new ones cannot be had. But a set without any is one: so all keys are revoked.
static bool refresh(void)
{
    struct text text = {.bytes = malloc(SET_BYTES_MAX), .fault = "out of memory"};
    bool read = text.bytes && (is_url(jwks.place) ? fetch_key_set(&text) : read_file_key_set(&text));
    json_t *keys = read ? usable_keys(&text) : NULL;
    free(text.bytes);
    bool empty = json_object_size(keys) == 0;
    if (!keys)
        return not_read(read ? "it is no key set" : text.fault);
    if (empty && !jwks_generation()) {
        json_decref(keys);
        return not_read("no key of RS256, ES256 or EdDSA with a kid is in it");
    }
    atomic_store(&jwks.read_at, monotonic_ns());
    atomic_store(&jwks.told_at, 0);
    pthread_rwlock_wrlock(&jwks.lock);
    bool changed = !json_equal(keys, jwks.keys);
    json_decref(jwks.keys);
    jwks.keys = keys;
    pthread_rwlock_unlock(&jwks.lock);
    if (changed)
        atomic_fetch_add(&jwks.generation, 1);
    if (changed && empty)
        log_event(LOG_WARNING, "jwks_empty", log_text("place", jwks.place),
                  log_text("meaning", "no token is taken until a usable key is in it"));
    return true;
}

static void *follow_key_set(void *argument)
{
    (void)argument;
    // Until there are keys: every second.
    while (!chore_wait(&jwks.chore, 1000 * (atomic_load(&jwks.generation) ? REFRESH_SECONDS : 1))) {
        atomic_store(&jwks.last, monotonic_ns());
        refresh();
    }
    return NULL;
}

bool jwks_open(const char *place)
{
    jwks.place = place;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    r_global_init();
    if (is_url(place) || refresh())
        return true;
    fprintf(stderr, "thidua: THIDUA_JWKS=%s: must be a readable file with public keys of RS256, ES256 or EdDSA\n",
            place);
    return false;
}

bool jwks_start(void)
{
    jwks.started = jwks.place && chore_start(&jwks.chore, follow_key_set);
    return jwks.started || !jwks.place;
}

void jwks_stop(void)
{
    if (!jwks.started)
        return;
    chore_stop(&jwks.chore);
    json_decref(jwks.keys);
    r_global_close();
    curl_global_cleanup();
}

// Tokens with made-up ids must not make us ask without end.
static void ask_again(void)
{
    if (monotonic_ns() - atomic_load(&jwks.last) > (int64_t)ASK_AGAIN_SECONDS * 1000000000)
        chore_wake(&jwks.chore);
}

jwk_t *jwks_find(const char *kid, jwa_alg algorithm)
{
    char name[NAME_SIZE];
    name_of_key(kid, algorithm, name);
    pthread_rwlock_rdlock(&jwks.lock);
    json_t *key = json_deep_copy(json_object_get(jwks.keys, name));
    pthread_rwlock_unlock(&jwks.lock);
    if (!key)
        ask_again();
    return key;
}

uint64_t jwks_generation(void)
{
    return atomic_load(&jwks.generation);
}

// ---- for /metrics ----

static double age_seconds(void)
{
    int64_t read_at = atomic_load(&jwks.read_at);
    return read_at ? (double)(monotonic_ns() - read_at) / 1e9 : NAN;
}

static double keys_known(void)
{
    pthread_rwlock_rdlock(&jwks.lock);
    double count = (double)json_object_size(jwks.keys);
    pthread_rwlock_unlock(&jwks.lock);
    return jwks.place ? count : NAN;
}

const struct metrics_gauge jwks_gauges[] = {
    {"thidua_jwks_age_seconds", "Seconds since the keys of the identity provider were read; none without THIDUA_JWKS.",
     age_seconds},
    {"thidua_jwks_keys", "Keys of the identity provider in use; none without THIDUA_JWKS.", keys_known},
    {0},
};
