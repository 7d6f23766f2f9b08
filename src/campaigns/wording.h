// What papers of a campaign say in its plan's words (paper_wording() in campaigns_functions.sql): who issues them, on
// what they rest, who receives them.
#ifndef THIDUA_CAMPAIGNS_WORDING_H
#define THIDUA_CAMPAIGNS_WORDING_H

#include "http/request.h"
#include "paper/paper.h"

struct wording {
    struct arena *arena;
    const json_t *wording;
};
struct wording words_of(struct request *request, const json_t *facts);
// A text of a section of the wording; "" where there is none.
const char *words_text(const struct wording *words, const char *section, const char *name);
const char *words_plain(const struct wording *words, const char *name);

// The head of a paper of an office ("chair", "home_affairs"). `number` and `day`: NULL while it is not signed.
void words_head(const struct wording *words, struct paper *paper, const char *office, const char *number,
                const char *symbol, const char *day);
// The căn cứ of a kind of paper, the plan, and last of all `proposer` (NULL: none).
void words_bases(const struct wording *words, struct paper *paper, const char *section, const char *proposer);
// Who signs for an office, and the recipients of a kind of paper.
void words_signature(const struct wording *words, struct paper *paper, const char *office, const char *name,
                     const char *section);

#endif
