// Every setting of the service: README's table and `thidua settings` are made from these rows.
#include "app/setting_readers.h"

#include "database/session.h"
#include "identity/jwks.h"
#include "webhooks/secret.h"

#include <stdio.h>
#include <unistd.h>

static const char *processors(void)
{
    static char text[8];
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    snprintf(text, sizeof text, "%ld", count < 1 ? 1 : count > 64 ? 64 : count);
    return text;
}

#define NUMBER(member_, least_, most_)                                                                                 \
    .read = read_number, .member = offsetof(struct settings, member_), .least = (least_), .most = (most_)
#define TEXT(member_, takes_) .read = read_text, .member = offsetof(struct settings, member_), .takes = (takes_)
#define CONNECTION(member_, reader_, more_)                                                                            \
    .read = (reader_), .member = offsetof(struct settings, member_), .secret = true, .show = session_url_show,         \
    .takes = "postgresql://USER:PASSWORD@HOST/DATABASE, where a password has %2F and %40 for / and @, or host=… "    \
             "dbname=… user=…" more_
#define PRIMARY(member_) CONNECTION(member_, read_primary, ", and no target_session_attrs of a standby")
#define CLAIM(member_)                                                                                                 \
    .read = read_claim, .member = offsetof(struct settings, member_),                                                  \
    .takes = "a claim's name, or names separated by dots, as in realm_access.roles"

// clang-format off
const struct setting all_settings[] = {
    {"DATABASE_URL", PRIMARY(database_url), .fallback_words = "a private PostgreSQL under `THIDUA_VAR`",
     .about = "PostgreSQL, by the application's role"},
    {"DATABASE_OWNER_URL", PRIMARY(database_owner_url), .fallback_words = "`DATABASE_URL`",
     .about = "the same database by its owner's role, for changes of the schema; the role `thidua_app` must exist. Where "
              "the schema is up to date the application's role is enough"},
    {"THIDUA_READ_URL", CONNECTION(read_url, read_database, ""),
     .about = "streaming standbys of the same database, by the application's role: short reads are asked of them, and of "
              "`DATABASE_URL` where they have not replayed yet what was committed; without it, all are asked of `DATABASE_URL`"},
    {"THIDUA_LISTEN", "127.0.0.1:8080", .read = read_listen,
     .takes = "ADDRESS:PORT, as in 127.0.0.1:8080 or [::1]:8080", .about = "where to serve HTTP"},
    {"THIDUA_VAR", "var", TEXT(var, "a directory"), .about = "holds the private PostgreSQL and the demo keys"},
    {"THIDUA_LOOPS", NUMBER(loops, 1, 64), .make_fallback = processors, .fallback_words = "number of processors",
     .about = "event loops"},
    {"THIDUA_WORKERS", "4", NUMBER(workers, 2, 64), .about = "threads that write, each with one connection to PostgreSQL"},
    {"THIDUA_LANE_CONNECTIONS", "2", NUMBER(lane_connections, 1, 8),
     .about = "connections of one loop to PostgreSQL, each for many reads at once"},
    {"THIDUA_CONNECTIONS", "4096", NUMBER(connections, 16, 65536), .about = "client connections of one loop"},
    {"THIDUA_CONNECTIONS_PER_ADDRESS", "2048", NUMBER(connections_per_address, 1, 65536),
     .about = "client connections of one address to one loop"},
    {"THIDUA_RATE_PER_MINUTE", "0", NUMBER(rate_per_minute, 0, 1000000),
     .about = "requests that one key may make in a minute to one process; 0: no limit"},
    {"THIDUA_ADDRESS_RATE_PER_MINUTE", "0", NUMBER(address_rate_per_minute, 0, 1000000),
     .about = "the same for an address (IPv6: its /64) without a valid key; behind a proxy, all callers have its "
              "address but for those that `THIDUA_TRUSTED_PROXIES` tells apart"},
    {"THIDUA_TRUSTED_PROXIES", .read = read_trusted_proxies,
     .takes = "addresses and networks such as 10.1.0.0/16, separated by commas, at most 64",
     .about = "proxies whose word on the caller's address is taken, for limits and the log; without it nobody's is"},
    {"THIDUA_FORWARDED_FIELD", "X-Forwarded-For", .read = read_forwarded_field, .takes = "X-Forwarded-For or Forwarded",
     .about = "the field that the trusted proxies set, the only one that is read: what they pass on as it came says what "
              "the caller likes"},
    {"THIDUA_IDLE_SECONDS", "15", NUMBER(idle_seconds, 1, 300), .about = "a client's time from one request to the next"},
    {"THIDUA_HEADER_SECONDS", "10", NUMBER(header_seconds, 1, 300), .about = "a client's time for its headers"},
    {"THIDUA_BODY_SECONDS", "20", NUMBER(body_seconds, 1, 300),
     .about = "a client's time for its body, and one second more for every 64 KiB"},
    {"THIDUA_SEND_SECONDS", "300", NUMBER(send_seconds, 1, 3600), .about = "a client's time to take an answer"},
    {"THIDUA_READ_SECONDS", "2", NUMBER(read_seconds, 1, 60), .about = "longest read in PostgreSQL"},
    {"THIDUA_WRITE_SECONDS", "60", NUMBER(write_seconds, 1, 3600), .about = "longest statement of a write in PostgreSQL"},
    {"THIDUA_WORK_SECONDS", "60", NUMBER(work_seconds, 1, 3600),
     .about = "how long a trial, a check, an evaluation or an export may hold a worker"},
    {"THIDUA_REQUEST_MIB", "128", NUMBER(request_mib, 16, 65536), .about = "most memory of the work on one request, in MiB"},
    {"THIDUA_TEMPORARY_MIB", "4096", NUMBER(temporary_mib, 1, 16777216),
     .about = "most that temporary files hold together, in MiB: uploads, papers, bundles, lists and answers of more than 1 MiB that are under way"},
    {"THIDUA_QUEUE_LENGTH", "256", NUMBER(queue_length, 1, 65536), .about = "writes that may wait for a worker"},
    {"THIDUA_DRAIN_SECONDS", "10", NUMBER(drain_seconds, 0, 3600), .about = "longest wait at stop for requests under way"},
    {"THIDUA_LAME_DUCK_SECONDS", "1", NUMBER(lame_duck_seconds, 0, 300),
     .about = "how long at stop `/readyz` says 503 before the port is closed: longer than a balancer takes to notice"},
    {"THIDUA_KEY_USE_SECONDS", "60", NUMBER(key_use_seconds, 1, 3600),
     .about = "how often the last use of keys is written, and so how far `last_used_at` may be behind"},
    {"THIDUA_TABLE_ROWS", "100000", NUMBER(table_rows, 1, 1000000), .about = "most rows of a list as CSV or XLSX"},
    {"THIDUA_CORS_ORIGINS", .read = read_origins, .member = offsetof(struct settings, cors_origins),
     .takes = "`*`, or origins as browsers write them, as in https://portal.example, in small letters, without a path "
              "and without the usual port, separated by commas",
     .about = "web pages that may call"},
    {"THIDUA_JWKS", .read = read_jwks, .member = offsetof(struct settings, jwks), .secret = true, .open = jwks_open,
     .takes = "a file, or a URL of https without user, password or fragment",
     .about = "public keys of the identity provider (RS256, ES256 or EdDSA); without it no tokens are taken"},
    {"THIDUA_JWT_ISSUER", TEXT(jwt_issuer, "a text"), .about = "what `iss` must be; needed with `THIDUA_JWKS`"},
    {"THIDUA_JWT_AUDIENCE", TEXT(jwt_audience, "a text"), .about = "what `aud` must name; needed with `THIDUA_JWKS`"},
    {"THIDUA_JWT_ROLES_CLAIM", "roles", CLAIM(jwt_roles_claim),
     .about = "where a token has its roles: a name as it is, `https://x.vn/roles`, or a path, `realm_access.roles`"},
    {"THIDUA_JWT_UNIT_CLAIM", "unit_id", CLAIM(jwt_unit_claim), .about = "where a token has its unit's UUID, likewise"},
    {"THIDUA_JWT_ROLE_MAP", .read = read_role_map, .member = offsetof(struct settings, jwt_role_map),
     .takes = "THEIRS=OURS, separated by commas without blanks; ours are viewer, unit, home_affairs, initiative_council, "
              "chair_office, auditor and admin",
     .about = "roles by the provider's names; without it their names are ours"},
    {"THIDUA_SECRET_KEY", TEXT(secret_key, "a readable file of at least 32 random bytes"), .open = secrets_open,
     .fallback_words = "`secret.key` in `THIDUA_VAR`, made at the first start; with `DATABASE_URL` none",
     .about = "key from which the secrets of webhooks are derived, the same for all instances; without it no webhooks"},
    {"THIDUA_WEBHOOK_ALLOW", "public", .read = read_webhook_allow, .member = offsetof(struct settings, webhook_allow),
     .takes = "hosts, addresses and networks such as 10.1.0.0/16, or `public`, separated by commas, at most 63",
     .about = "where webhooks may go: what is named is reached also by `http` and at private addresses; `public` is "
              "every public address by `https`"},
    {"THIDUA_WEBHOOK_RETRY_SECONDS", "5,30,120,600,1800,3600,7200,14400,28800,28800,28800,28800,28800,28800,28800,28800",
     .fallback_words = "`5,30,120,600,1800,3600,7200,14400`, then `28800` eight times",
     .read = read_pauses, .least = 1, .most = 86400, .takes = "1 to 32 numbers from 1 to 86400, separated by commas",
     .about = "pauses from attempt to attempt; together how long an event is tried, by default three days"},
    {"THIDUA_WEBHOOK_TIMEOUT_SECONDS", "10", NUMBER(webhook_timeout_seconds, 1, 60), .about = "longest attempt"},
    {"THIDUA_LOG", "json", .read = read_log, .takes = "json or text", .about = "form of the log on standard error, one line an event"},
    {"THIDUA_LOG_WITHOUT", .read = read_log_without, .takes = "health, addresses, or both, separated by a comma",
     .about = "what lines about requests leave out: those about probes of `/healthz` and `/readyz` that were answered well; the "
              "addresses of callers"},
    {"THIDUA_NOW", .read = read_now, .takes = "an instant of RFC 3339 of the years 1945 to 9998, as in 2024-12-30T23:59:59+07:00",
     .about = "a fixed clock, for tests only"},
    {0},
};
// clang-format on
