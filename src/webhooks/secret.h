// Secrets of webhooks (Standard Webhooks: "whsec_" and 32 bytes in base64). They must be at hand for signing, so they
// cannot be hashed; they are stored nowhere. Each is derived from one master key by HKDF-SHA256 (RFC 5869), with the
// webhook's id and the number of its secret as info: a copy of the database signs nothing.
#ifndef THIDUA_WEBHOOKS_SECRET_H
#define THIDUA_WEBHOOKS_SECRET_H

#include <stdbool.h>
#include <stddef.h>

enum { SECRET_TEXT_SIZE = 6 + 44 + 1, SIGNATURE_SIZE = 3 + 44 + 1, MASTER_ID_SIZE = 17 };

// Reads the master key: the bytes of the file, at least 32, of which the first 4096 count. False after one line on
// standard error.
bool secrets_open(const char *path);
// Draws one into a file that only its owner can read, unless the file is there already. False as above.
bool secrets_make(const char *path);
// Is there a master key?
bool secrets_ready(void);
// Tells master keys apart: the beginning of a digest, from which nothing can be derived.
const char *secrets_id(void);

void secret_text(const char *webhook_id, const char *generation, char text[static SECRET_TEXT_SIZE]);
// "v1,…": HMAC-SHA256 of `head` and `body` under the secret of that number.
void secret_sign(const char *webhook_id, long long generation, const char *head, const char *body, size_t length,
                 char signature[static SIGNATURE_SIZE]);

#endif
