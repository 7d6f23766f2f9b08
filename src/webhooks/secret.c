#include "webhooks/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_SIZE = 32, MASTER_LEAST = 32, MASTER_MOST = 4096 };

static struct {
    unsigned char key[KEY_SIZE]; // HKDF's pseudorandom key
    char id[MASTER_ID_SIZE];
    bool ready;
} master;

// ---- the master key ----

// A name outlives a power failure once its directory is on the disk.
static bool keep_name(const char *path)
{
    char place[4096];
    const char *name = strrchr(path, '/');
    snprintf(place, sizeof place, "%.*s", name ? (int)(name - path) + 1 : 1, name ? path : ".");
    int directory = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool kept = directory >= 0 && fsync(directory) == 0;
    if (directory >= 0)
        close(directory);
    return kept;
}

// All of it or nothing, also when two processes start at once: written aside, then linked under its name.
static bool create_secret_file(const char *path)
{
    unsigned char bits[MASTER_LEAST];
    char aside[4096];
    snprintf(aside, sizeof aside, "%s.XXXXXX", path);
    int file = mkostemp(aside, O_CLOEXEC); // mode 0600
    bool written = file >= 0 && getrandom(bits, sizeof bits, 0) == (ssize_t)sizeof bits &&
                   write(file, bits, sizeof bits) == (ssize_t)sizeof bits && fsync(file) == 0;
    bool made = written && (link(aside, path) == 0 || errno == EEXIST);
    int reason = errno;
    if (file >= 0) {
        close(file);
        unlink(aside);
    }
    errno = reason;
    made = made && keep_name(path);
    gnutls_memset(bits, 0, sizeof bits);
    return made;
}

static bool read_key_file(const char *path, unsigned char *bytes, size_t *ret_size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file >= 0 ? read(file, bytes, MASTER_MOST) : -1;
    if (file >= 0)
        close(file);
    *ret_size = size > 0 ? (size_t)size : 0;
    return size >= MASTER_LEAST;
}

static void expand(const char *info, unsigned char out[static KEY_SIZE])
{
    gnutls_datum_t key = {master.key, sizeof master.key};
    gnutls_datum_t text = {(unsigned char *)(uintptr_t)info, (unsigned)strlen(info)};
    if (gnutls_hkdf_expand(GNUTLS_MAC_SHA256, &key, &text, out, KEY_SIZE) != 0)
        abort(); // a library without HMAC-SHA256
}

static void extract(const unsigned char *bytes, size_t size)
{
    static const char salt_text[] = "thidua webhooks";
    unsigned char digest[KEY_SIZE];
    gnutls_datum_t key = {(unsigned char *)(uintptr_t)bytes, (unsigned)size};
    gnutls_datum_t salt = {(unsigned char *)(uintptr_t)salt_text, sizeof salt_text - 1};
    if (gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &key, &salt, master.key) != 0)
        abort();
    expand("name of this master key", digest);
    for (size_t i = 0; i < (MASTER_ID_SIZE - 1) / 2; i++)
        snprintf(master.id + 2 * i, 3, "%02x", digest[i]);
    master.ready = true;
}

bool secrets_make(const char *path)
{
    if (access(path, F_OK) == 0 || create_secret_file(path))
        return true;
    fprintf(stderr, "thidua: %s: the key of webhooks cannot be written: %s\n", path, strerror(errno));
    return false;
}

bool secrets_open(const char *path)
{
    unsigned char bytes[MASTER_MOST];
    size_t size;
    if (!read_key_file(path, bytes, &size)) {
        fprintf(stderr, "thidua: THIDUA_SECRET_KEY=%s: must be a readable file of at least %d bytes\n", path,
                MASTER_LEAST);
        return false;
    }
    extract(bytes, size);
    gnutls_memset(bytes, 0, sizeof bytes);
    return true;
}

bool secrets_ready(void)
{
    return master.ready;
}

const char *secrets_id(void)
{
    return master.id;
}

// ---- what is derived from it ----

static void derive(const char *webhook_id, const char *generation, unsigned char secret[static KEY_SIZE])
{
    char info[96];
    snprintf(info, sizeof info, "%s %s", webhook_id, generation);
    expand(info, secret);
}

static void write_base64(const unsigned char bytes[static KEY_SIZE], char text[static 45])
{
    gnutls_datum_t data = {(unsigned char *)(uintptr_t)bytes, KEY_SIZE}, encoded = {0};
    if (gnutls_base64_encode2(&data, &encoded) != 0 || encoded.size != 44)
        abort();
    memcpy(text, encoded.data, 44);
    text[44] = '\0';
    gnutls_memset(encoded.data, 0, encoded.size);
    gnutls_free(encoded.data);
}

void secret_text(const char *webhook_id, const char *generation, char text[static SECRET_TEXT_SIZE])
{
    unsigned char secret[KEY_SIZE];
    derive(webhook_id, generation, secret);
    memcpy(text, "whsec_", 6);
    write_base64(secret, text + 6);
    gnutls_memset(secret, 0, sizeof secret);
}

void secret_sign(const char *webhook_id, long long generation, const char *head, const char *body, size_t length,
                 char signature[static SIGNATURE_SIZE])
{
    unsigned char secret[KEY_SIZE], digest[KEY_SIZE];
    char number[24];
    gnutls_hmac_hd_t hmac;
    snprintf(number, sizeof number, "%lld", generation);
    derive(webhook_id, number, secret);
    if (gnutls_hmac_init(&hmac, GNUTLS_MAC_SHA256, secret, sizeof secret) != 0 ||
        gnutls_hmac(hmac, head, strlen(head)) != 0 || gnutls_hmac(hmac, body, length) != 0)
        abort();
    gnutls_hmac_deinit(hmac, digest);
    gnutls_memset(secret, 0, sizeof secret);
    memcpy(signature, "v1,", 3);
    write_base64(digest, signature + 3);
}
