// `thidua verify`: recomputes the journal's chain from its first row, outside the database, and holds it against heads
// that were written down: a chain whose newest rows are gone is whole in itself.
#include "app/command/command.h"
#include "app/command/line/faults.h"
#include "app/command/place.h"
#include "audit/audit.h"
#include "base/sha256.h"
#include "database/session.h"
#include "facts/check.h"
#include "journal/journal.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Of the journal as it once was.
struct head {
    long long seq;
    const char *hash;
    bool seen, same;
};

struct chain {
    long long seq, rows; // of the last good row; how many there were
    unsigned char hash[SHA256_BYTES];
    bool broken;
    struct head *heads;
    size_t head_count;
};

static void meet_heads(struct chain *chain, const char *hash)
{
    for (size_t i = 0; i < chain->head_count; i++) {
        struct head *head = &chain->heads[i];
        if (head->seq != chain->seq)
            continue;
        head->seen = true;
        head->same = strcmp(head->hash, hash) == 0;
    }
}

static void follow_chain(struct chain *chain, struct journal_chain link)
{
    unsigned char digest[SHA256_BYTES];
    char text[SHA256_HEX_LENGTH + 1];
    struct sha256_stream stream = sha256_start();
    long long seq = link.seq;
    if (chain->seq > 0)
        sha256_add(&stream, chain->hash, sizeof chain->hash);
    sha256_add(&stream, link.row, strlen(link.row));
    sha256_finish(&stream, digest);
    sha256_show(digest, text);
    if (seq <= chain->seq)
        fprintf(stderr, "thidua verify: number %lld stands there twice\n", seq);
    else if (link.previous != chain->seq)
        fprintf(stderr, "thidua verify: number %lld is missing\n", chain->seq + 1);
    else if (strcmp(text, link.hash) != 0)
        fprintf(stderr,
                "thidua verify: number %lld was changed: its hash is not that of its content and the row before\n",
                seq);
    else {
        if (seq != chain->seq + 1)
            printf("resumed: after %lld from %lld on, as a copy of the database does\n", chain->seq, seq);
        chain->seq = seq;
        chain->rows++;
        memcpy(chain->hash, digest, sizeof digest);
        meet_heads(chain, text);
        return;
    }
    chain->broken = true;
}

static bool walk(struct session *session, struct chain *chain)
{
    struct failure failure;
    for (int count = 1; count > 0 && !chain->broken;) {
        struct rows *rows = journal_chain_run(session, chain->seq, &failure);
        if (!rows)
            return false;
        count = rows_count(rows);
        for (int row = 0; row < count && !chain->broken; row++)
            follow_chain(chain, journal_chain_at(rows, row));
        rows_free(rows);
    }
    return true;
}

static int report_heads(const struct chain *chain)
{
    int status = 0;
    for (size_t i = 0; i < chain->head_count; i++) {
        const struct head *head = &chain->heads[i];
        if (head->same) {
            printf("as noted: head %lld\n", head->seq);
            continue;
        }
        status = 1;
        fprintf(stderr, "thidua verify: head %lld is not in the chain: %s\n", head->seq,
                head->seen      ? "another hash stands there, so rows up to it were rewritten"
                : chain->broken ? "the chain is broken before it"
                                : "the chain ends before it, so its newest rows were removed or an older copy is back");
    }
    return status;
}

// Rows that the walk did not meet: numbers below 1, or a number twice where the database lost the constraint against
// it.
static bool find_strays(const struct chain *chain, struct journal_counts counts)
{
    if (chain->broken || counts.numbered == chain->rows)
        return false;
    fprintf(stderr, "thidua verify: number %lld is the first of rows that are no link of the chain\n",
            counts.first_stray);
    return true;
}

static int report(struct session *session, const struct chain *chain)
{
    struct failure failure;
    struct rows *rows = journal_counts_run(session, chain->seq, &failure);
    char hash[SHA256_HEX_LENGTH + 1] = "-";
    if (!rows) {
        fprintf(stderr, "thidua verify: %s\n", session_message(session));
        return 1;
    }
    bool broken = chain->broken || find_strays(chain, journal_counts_at(rows, 0));
    if (chain->seq > 0)
        sha256_show(chain->hash, hash);
    printf("%s: %lld rows verified, %lld not yet sealed, head %lld:%s\n", broken ? "BROKEN" : "intact", chain->rows,
           journal_counts_at(rows, 0).unsealed, chain->seq, hash);
    rows_free(rows);
    return broken ? 1 : 0;
}

// Beside the journal: packed facts, which must never say other than the tables do.
static int report_facts(struct session *session)
{
    struct facts_check check;
    if (!facts_check(session, &check)) {
        fprintf(stderr, "thidua verify: %s\n", session_message(session));
        return 1;
    }
    printf("%s: %lld packed facts compared, %lld differ%s%s\n", check.different ? "STALE" : "true", check.compared,
           check.different, check.different ? ", first " : "", check.first);
    return check.different ? 1 : 0;
}

// And what people read: rows, the bytes of documents, the texts of rules.
static int report_held(struct session *session)
{
    static const struct {
        bool (*audit)(struct session *session, struct audit *ret_audit);
        const char *same, *of;
    } audits[] = {
        {audit_records, "as told", "records compared with the journal"},
        {audit_documents, "as stored", "documents compared with their hashes"},
        {audit_rules, "as published", "rule sets compared with their hashes"},
    };
    int status = 0;
    for (size_t i = 0; i < sizeof audits / sizeof *audits; i++) {
        struct audit found;
        if (!audits[i].audit(session, &found)) {
            fprintf(stderr, "thidua verify: %s\n", session_message(session));
            return 1;
        }
        printf("%s: %lld %s, %lld differ%s%s\n", found.different ? "ALTERED" : audits[i].same, found.compared,
               audits[i].of, found.different, found.different ? ", first " : "", found.first);
        status |= found.different != 0;
    }
    return status;
}

static int verify(struct chain *chain)
{
    struct place place;
    int status = 1;
    if (!place_open(&place, PLACE_FOR_COMMAND))
        return 1;
    struct session *session = place_connect(&place, place.url, "thidua verify");
    if (session && walk(session, chain))
        status = report(session, chain) | report_heads(chain) | report_facts(session) | report_held(session);
    else if (session)
        fprintf(stderr, "thidua verify: %s\n", session_message(session));
    session_free(session);
    place_close(&place);
    return status;
}

int command_verify(const struct arguments *arguments)
{
    struct chain chain = {.heads = calloc(arguments->given_count + 1, sizeof *chain.heads)};
    if (!chain.heads)
        return 1;
    for (size_t i = 0; i < arguments->given_count; i++) {
        struct head *head = &chain.heads[chain.head_count++];
        read_noted_head(arguments->given[i].value, &head->seq, &head->hash);
    }
    int status = verify(&chain);
    free(chain.heads);
    return status;
}
