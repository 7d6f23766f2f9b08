// What the papers of a dossier share: whose words they are in, and how what nobody has recorded is left to be written.
#ifndef THIDUA_DOSSIERS_PRINTING_H
#define THIDUA_DOSSIERS_PRINTING_H

#include "campaigns/wording.h"

struct printing {
    struct request *request;
    struct arena *arena;
    struct paper *paper;
    struct wording words;
    const json_t *facts;
    long long year;
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

// `json`: the paper's facts, with their wording.
struct printing printing_of(struct request *request, const char *json);
const char *printed_issuer(const struct printing *printing);
const char *printed_round(const struct printing *printing);
const char *printed_council(const struct printing *printing);
// A text that somebody wrote, with one full stop.
const char *as_sentence(const struct printing *printing, const char *text);
// "Địa điểm: Phòng họp số 1.", or a line to write it on.
void known_or_blank(const struct printing *printing, const char *label, const char *value, unsigned lines);
// Texts of a list, joined by "; "; NULL: there are none.
const char *joined(const struct printing *printing, const json_t *list);

#endif
