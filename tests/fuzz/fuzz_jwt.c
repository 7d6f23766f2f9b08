// Tokens of the identity provider: the bytes as they are; and as a header and claims, separated by a line feed, that
// are signed here by a key of the provider's. Who is taken for a caller must be one by what the claims say.
#include "http.h"
#include "identity/jwks.h"
#include "identity/jwt.h"
#include "thidua/identifier.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <unistd.h>

static gnutls_privkey_t signer;

static const char *encoded(struct arena *arena, const void *bytes, size_t size)
{
    gnutls_datum_t text, data = {(unsigned char *)(uintptr_t)bytes, (unsigned)size};
    if (gnutls_base64_encode2(&data, &text) != 0)
        abort();
    char *copy = arena_copy(arena, (const char *)text.data, text.size);
    gnutls_free(text.data);
    for (char *c = copy; *c; c++)
        *c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? '\0' : *c);
    return copy;
}

static void open_key_set(void)
{
    struct arena arena = {0};
    gnutls_datum_t point;
    gnutls_pubkey_t shown;
    char path[] = "/tmp/fuzz_jwt_XXXXXX";
    int descriptor = mkstemp(path);
    if (descriptor < 0 || gnutls_privkey_init(&signer) != 0 || gnutls_pubkey_init(&shown) != 0 ||
        gnutls_privkey_generate(signer, GNUTLS_PK_EDDSA_ED25519, 0, 0) != 0 ||
        gnutls_pubkey_import_privkey(shown, signer, 0, 0) != 0 ||
        gnutls_pubkey_export_ecc_raw2(shown, NULL, &point, NULL, 0) != 0)
        abort();
    dprintf(descriptor, "{\"keys\": [{\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"kid\": \"k\", \"x\": \"%s\"}]}",
            encoded(&arena, point.data, point.size));
    close(descriptor);
    if (!jwks_open(path))
        abort();
    unlink(path);
    gnutls_free(point.data);
    gnutls_pubkey_deinit(shown);
    arena_release(&arena);
    jwt_configure(
        &(const struct jwt_options){"https://id.vn", "thidua", "realm_access.roles", "unit", "chief=auditor"});
}

static const char *signed_token(struct arena *arena, const char *text)
{
    size_t line = strcspn(text, "\n");
    const char *header = encoded(arena, text, line), *claims = text[line] ? text + line + 1 : "";
    const char *body = arena_format(arena, "%s.%s", header, encoded(arena, claims, strlen(claims)));
    gnutls_datum_t data = {(unsigned char *)(uintptr_t)body, (unsigned)strlen(body)}, signature;
    if (gnutls_privkey_sign_data2(signer, GNUTLS_SIGN_EDDSA_ED25519, 0, &data, &signature) != 0)
        abort();
    const char *token = arena_format(arena, "%s.%s", body, encoded(arena, signature.data, signature.size));
    gnutls_free(signature.data);
    return token;
}

static void examine_caller(const char *token)
{
    struct caller caller = {0};
    int64_t seconds = 0;
    if (jwt_caller(token, NOON, &caller, &seconds) != TOKEN_GOOD)
        return;
    if (!caller.known || seconds <= 0 || !uuid_text_is_valid(caller.key_id, strlen(caller.key_id)) ||
        (caller.unit_id[0] && !uuid_text_is_valid(caller.unit_id, strlen(caller.unit_id))) || !caller.name[0] ||
        !utf8_is_valid(caller.name, strlen(caller.name)))
        abort();
    if ((caller.roles & ~(unsigned)ROLES_ALL) || ((caller.roles & ROLE_UNIT) && !caller.unit_id[0]))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    if (!signer)
        open_key_set();
    const char *text = arena_copy(&arena, (const char *)data, size);
    examine_caller(text);
    examine_caller(signed_token(&arena, text));
    arena_release(&arena);
    return 0;
}
