// `thidua verify`: recomputes the journal's chain from its first row, outside the database.
#include "command/command.h"
#include "database/session.h"
#include "facts/check.h"
#include "statements.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <string.h>

struct chain {
    long long seq; // of the last good row
    unsigned char hash[32];
    bool broken;
};

static void follow(struct chain *chain, const struct rows *rows, int row)
{
    unsigned char digest[32];
    char text[65];
    gnutls_hash_hd_t hash;
    long long seq = rows_number(rows, row, 0);
    if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) != 0) {
        chain->broken = true;
        return;
    }
    if (chain->seq > 0)
        gnutls_hash(hash, chain->hash, sizeof chain->hash);
    gnutls_hash(hash, rows_text(rows, row, 2), rows_length(rows, row, 2));
    gnutls_hash_deinit(hash, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    if (seq != chain->seq + 1)
        fprintf(stderr, "thidua verify: number %lld is missing\n", chain->seq + 1);
    else if (strcmp(text, rows_text(rows, row, 1)) != 0)
        fprintf(stderr,
                "thidua verify: number %lld was changed: its hash is not that of its content and the row before\n",
                seq);
    else {
        chain->seq = seq;
        memcpy(chain->hash, digest, sizeof digest);
        return;
    }
    chain->broken = true;
}

static bool walk(struct session *session, struct chain *chain)
{
    struct failure failure;
    for (int count = 1; count > 0 && !chain->broken;) {
        char after[24];
        snprintf(after, sizeof after, "%lld", chain->seq);
        struct rows *rows = session_run(session, &journal_chain, (const char *const[]){after}, &failure);
        if (!rows)
            return false;
        count = rows_count(rows);
        for (int row = 0; row < count && !chain->broken; row++)
            follow(chain, rows, row);
        rows_free(rows);
    }
    return true;
}

static int report(struct session *session, const struct chain *chain)
{
    struct failure failure;
    struct rows *rows = session_run(session, &journal_unsealed, NULL, &failure);
    char head[65] = "";
    for (size_t i = 0; i < sizeof chain->hash && chain->seq > 0; i++)
        snprintf(head + 2 * i, 3, "%02x", chain->hash[i]);
    printf("%s: %lld rows verified, %lld not yet sealed, head %s\n", chain->broken ? "BROKEN" : "intact", chain->seq,
           rows ? rows_number(rows, 0, 0) : -1, *head ? head : "-");
    rows_free(rows);
    return chain->broken ? 1 : 0;
}

// Beside the journal: packed facts, which must never say other than the tables do.
static int report_facts(struct session *session)
{
    struct facts_check check;
    if (!facts_check(session, &check)) {
        fprintf(stderr, "thidua verify: %s", session_message(session));
        return 1;
    }
    printf("%s: %lld packed facts compared, %lld differ%s%s\n", check.different ? "STALE" : "true", check.compared,
           check.different, check.different ? ", first " : "", check.first);
    return check.different ? 1 : 0;
}

int command_verify(int count, char *arguments[])
{
    (void)count, (void)arguments;
    struct place place;
    struct chain chain = {0};
    int status = 1;
    if (!place_open(&place))
        return 1;
    struct session_options options = {.url = place.url, .application_name = "thidua verify"};
    struct session *session = session_new(&options);
    if (session && session_connect(session) && walk(session, &chain))
        status = report(session, &chain) | report_facts(session);
    else
        fprintf(stderr, "thidua verify: %s", session ? session_message(session) : "out of memory\n");
    session_free(session);
    place_close(&place);
    return status;
}
