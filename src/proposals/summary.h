// The summary of a proposal for the Chair: who is proposed, who else could be, who could not and why.
#ifndef THIDUA_PROPOSALS_SUMMARY_H
#define THIDUA_PROPOSALS_SUMMARY_H

#include "http/route.h"

#include <jansson.h>

struct book;
struct session;
struct standing_policy;

// Beside the verdict stand the group and the index that it was made from: they may have changed since.
struct nominee {
    const char *unit_id;
    const char *group, *cluster, *index; // NULL: none, or not known
    const json_t *about;                 // summary_nominees
    const json_t *standing;              // NULL: not ranked
    const json_t *verdict;               // NULL: nominated after the evaluation
};

struct summary {
    struct request *request;
    const json_t *head; // summary_head
    const struct standing_policy *policy;
    struct nominee *nominees; // by group and rank
    size_t count;
    const json_t *criteria; // of a verdict, for their clauses and texts; NULL: there is none
};

// ---- summary.c ----
// False with one problem recorded: the caller may not see the proposal, or there is none.
bool gather_summary(struct request *request, struct session *session, struct summary *ret_summary);
bool is_proposed(const struct nominee *nominee);
bool is_eligible(const struct nominee *nominee);

// ---- summary_sheets.c ----
void summary_sheets(const struct summary *summary, struct book *book);

// ---- summary_texts.c: in the reader's language, as offices write ----
const char *day_text(struct request *request, const char *date);
const char *decimal_text(struct request *request, const char *text); // "92.50": 92,50
const char *bilingual_text(const struct request *request, const json_t *object, const char *name);
const char *group_text(const struct summary *summary, const char *group, const char *cluster);
const char *notes_text(const struct summary *summary, const struct nominee *nominee);
// The line of that number below the table; NULL: no more.
const char *total_text(const struct summary *summary, size_t number);
const char *criterion_text(const struct summary *summary, size_t number);

#endif
