#include "identity/jwt.h"

#include "http/input/field.h"
#include "identity/jwks.h"
#include "thidua/identifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uuid/uuid.h>

enum { TOKEN_MOST = 8192, SKEW_SECONDS = 60, PATH_MOST = 128 };

static struct jwt_options options;

void jwt_configure(const struct jwt_options *given)
{
    options = *given;
}

// ---- the token itself ----

// RFC 8725 section 3.11: a token made for another purpose is none for this one.
static bool type_is_ours(const char *type)
{
    return !type || strcasecmp(type, "JWT") == 0 || strcasecmp(type, "at+jwt") == 0 ||
           strcasecmp(type, "application/at+jwt") == 0;
}

// Its header may say which key and algorithm, and both must be what we have; it may not bring a key along (which
// R_PARSE_NONE ignores) nor ask for what we do not know (crit, RFC 7515 section 4.1.11).
static bool header_fits(json_t *header, jwk_t **ret_key)
{
    const char *kid = json_string_value(json_object_get(header, "kid"));
    const char *named = json_string_value(json_object_get(header, "alg"));
    const json_t *type = json_object_get(header, "typ");
    if (!kid || !named || json_object_get(header, "crit") || json_object_get(header, "b64") ||
        (type && !json_is_string(type)) || !type_is_ours(json_string_value(type)))
        return false;
    *ret_key = jwks_find(kid, r_str_to_jwa_alg(named));
    return *ret_key;
}

static json_t *verified_claims(const char *token)
{
    size_t length = strnlen(token, TOKEN_MOST + 1);
    if (length > TOKEN_MOST || r_jwt_token_typen(token, length) != R_JWT_TYPE_SIGN)
        return NULL;
    jwt_t *jwt = r_jwt_quick_parsen(token, length, R_PARSE_NONE, R_FLAG_IGNORE_REMOTE);
    json_t *header = jwt ? r_jwt_get_full_header_json_t(jwt) : NULL, *claims = NULL;
    jwk_t *key = NULL;
    if (header && header_fits(header, &key) && r_jwt_verify_signature(jwt, key, R_FLAG_IGNORE_REMOTE) == RHN_OK)
        claims = r_jwt_get_full_claims_json_t(jwt);
    json_decref(key);
    json_decref(header);
    r_jwt_free(jwt);
    return claims;
}

// ---- its claims ----

static bool is_for_us(const json_t *audience)
{
    const json_t *one;
    size_t i;
    json_array_foreach(audience, i, one) if (json_is_string(one) &&
                                             strcmp(json_string_value(one), options.audience) == 0) return true;
    return json_is_string(audience) && strcmp(json_string_value(audience), options.audience) == 0;
}

static bool is_now(const json_t *claims, int64_t now, int64_t *ret_seconds)
{
    const json_t *exp = json_object_get(claims, "exp"), *nbf = json_object_get(claims, "nbf");
    if (!json_is_number(exp) || (nbf && !json_is_number(nbf)))
        return false;
    double left = json_number_value(exp) + SKEW_SECONDS - (double)now;
    if (left <= 0) // however little it is: a double need not fit into what it is turned into
        return false;
    *ret_seconds = left < INT32_MAX ? (int64_t)left : INT32_MAX;
    return !nbf || json_number_value(nbf) - SKEW_SECONDS <= (double)now;
}

// NULL: it is not there; null where something else lies in its way, for then it is there and cannot be read. Before the
// path its own letters are looked for: names such as "https://x.vn/unit" (RFC 7519 section 4.2) hold dots.
static const json_t *claim_at(const json_t *claims, const char *path)
{
    char name[PATH_MOST];
    const json_t *whole = json_object_get(claims, path);
    if (whole)
        return whole;
    for (;;) {
        size_t length = strcspn(path, ".");
        if (length >= sizeof name)
            return json_null();
        memcpy(name, path, length);
        name[length] = '\0';
        claims = json_object_get(claims, name);
        if (!path[length] || !claims)
            return claims;
        if (!json_is_object(claims))
            return json_null();
        path += length + 1;
    }
}

static unsigned role_of(const char *name, size_t length)
{
    if (!options.role_map)
        return role_of_name(name, length);
    unsigned roles = 0;
    for (const char *item = options.role_map; *item; item += strcspn(item, ","), item += *item == ',') {
        size_t theirs = strcspn(item, "=,"), whole = strcspn(item, ",");
        if (theirs == length && theirs < whole && memcmp(item, name, length) == 0)
            roles |= role_of_name(item + theirs + 1, whole - theirs - 1);
    }
    return roles;
}

// A list of names, or one text with blanks between them (RFC 8693 section 4.2).
static unsigned roles_of(const json_t *claim)
{
    unsigned roles = 0;
    const json_t *one;
    size_t i;
    json_array_foreach(claim, i, one) if (json_is_string(one)) roles |=
        role_of(json_string_value(one), json_string_length(one));
    for (const char *name = json_is_string(claim) ? json_string_value(claim) : ""; *name;) {
        size_t length = strcspn(name, " ");
        roles |= role_of(name, length);
        name += length + (name[length] == ' ');
    }
    return roles;
}

// Names stand in the journal and under decisions: none may be unseen, read otherwise than it is, or look like two
// lines. NULL where this one does; else it is written as a key's name would be, and to be freed.
static char *fine_name(const char *name)
{
    const char *fault;
    return name && *name ? line_from(name, strlen(name), &fault) : NULL;
}

// The same person in every token, whatever the provider's keys are. An issuer may be of any length.
static void name_key(const char *subject, char *ret_id)
{
    uuid_t id;
    size_t length = strlen(options.issuer) + 1 + strlen(subject);
    char *text = malloc(length + 1);
    if (!text)
        abort();
    snprintf(text, length + 1, "%s\n%s", options.issuer, subject);
    uuid_generate_sha1(id, *uuid_get_template("url"), text, length);
    uuid_unparse_lower(id, ret_id);
    free(text);
}

static void name_caller(const json_t *claims, const char *subject, struct caller *caller)
{
    char *fine = fine_name(json_string_value(json_object_get(claims, "preferred_username")));
    name_key(subject, caller->key_id);
    if (!fine)
        fine = fine_name(subject);
    const char *name = fine ? fine : caller->key_id;
    // Cut at a character's beginning: the journal takes only whole ones.
    size_t size = strlen(name) < sizeof caller->name ? strlen(name) : sizeof caller->name - 1;
    while (size && !utf8_is_valid(name, size))
        size--;
    memcpy(caller->name, name, size);
    caller->name[size] = '\0';
    free(fine);
}

// False where there is a claim of a unit that is none: whose own unit is unknown, nothing keeps from judging it.
static bool read_unit(const json_t *claim, struct caller *caller)
{
    const char *unit = json_string_value(claim);
    if (!claim)
        caller->roles &= ~(unsigned)ROLE_UNIT; // of no unit in particular, it would have no bounds
    else if (!unit || !uuid_text_is_valid(unit, json_string_length(claim)))
        return false;
    if (unit)
        memcpy(caller->unit_id, unit, UUID_TEXT_LENGTH);
    uuid_text_lower(caller->unit_id);
    return true;
}

static enum token_verdict read_claims(const json_t *claims, int64_t now, struct caller *ret_caller,
                                      int64_t *ret_seconds)
{
    const char *issuer = json_string_value(json_object_get(claims, "iss"));
    const char *subject = json_string_value(json_object_get(claims, "sub"));
    if (!issuer || strcmp(issuer, options.issuer) != 0 || !is_for_us(json_object_get(claims, "aud")) ||
        !is_now(claims, now, ret_seconds) || !subject || !*subject || strlen(subject) > 255)
        return TOKEN_BAD;
    *ret_caller = (struct caller){.known = true, .roles = roles_of(claim_at(claims, options.roles_claim))};
    if (!read_unit(claim_at(claims, options.unit_claim), ret_caller))
        return TOKEN_OF_NO_UNIT;
    name_caller(claims, subject, ret_caller);
    return TOKEN_GOOD;
}

enum token_verdict jwt_caller(const char *token, int64_t now, struct caller *ret_caller, int64_t *ret_seconds)
{
    json_t *claims = verified_claims(token);
    enum token_verdict verdict = claims ? read_claims(claims, now, ret_caller, ret_seconds) : TOKEN_BAD;
    json_decref(claims);
    return verdict;
}
