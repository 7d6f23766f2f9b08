// The words for the codes of the contract, in Vietnamese and English: what people read in tables, messages and
// explanations, and what GET /v1/vocabulary tells programs.
#ifndef THIDUA_BASE_PURE_LABELS_H
#define THIDUA_BASE_PURE_LABELS_H

#include <stdbool.h>
#include <stddef.h>

struct label {
    const char *vocabulary; // "DossierState"
    const char *code;       // "LODGED"
    const char *vi, *en;
};

// All labels, those of a vocabulary together; ended by an empty row.
extern const struct label labels[];

// The label of a code; the code itself where there is none, for it is better than nothing.
const char *label_of(const char *vocabulary, const char *code, bool english);
// The label of a code whose vocabulary is not known: the first that there is; else the code itself.
const char *label_of_any(const char *code, bool english);
// The vocabulary that has all of these codes, a list ended by NULL; NULL if none has.
const char *label_vocabulary(const char *const *codes);

#endif
