// Refusals as RFC 9457 problem documents, in Vietnamese or English.
//
// A helper that fails records exactly one problem on the request and returns false; the handler then says
// `return refusal(request)`. Only the first problem recorded counts.
#ifndef THIDUA_HTTP_PROBLEM_H
#define THIDUA_HTTP_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request;

enum problem_kind {
    PROBLEM_NONE,
#define PROBLEM(name, status, type, vi, en) PROBLEM_##name,
#include "http/problem.def"
#undef PROBLEM
};

enum { VIOLATIONS_MAX = 64 };

// One thing wrong with what the caller sent.
struct violation {
    const char *pointer;              // RFC 6901 into the body, or the name of a header or query parameter
    const char *code;                 // a fixed word, such as "required"
    const char *detail;               // in the caller's language
    const char *unit_id, *unit_label; // of a refusal over a set of units: the one that is meant; else NULL
    const char *cell;                 // of a workbook: "Sheet1!C7"; NULL: none
};

struct problem {
    enum problem_kind kind;
    const char *detail;
    const char *clause; // that refuses, as the plan at hand prints it
    const char *allow;  // methods, for 405
    int retry_after;    // seconds, for 429, 503 and 507
    bool no_room;       // on a disk: that of the database, or of temporary files
    struct violation violations[VIOLATIONS_MAX];
    size_t violations_count, violations_left_out;
};

unsigned problem_status(enum problem_kind kind);
const char *problem_type(enum problem_kind kind);
const char *problem_title(const struct request *request, enum problem_kind kind);

// Text in the request's language; both formats take the same arguments.
const char *say(struct request *request, const char *vi, const char *en, ...) __attribute__((format(printf, 3, 4)));

// A decimal as the request's language writes it: 92,50 or 92.50. The buffer holds DECIMAL_TEXT_SIZE.
void decimal_shown(const struct request *request, int64_t scaled, unsigned places, char *ret_text);
// A code in words, in the request's language (base/pure/labels.h): "Đã nộp".
const char *words_for(struct request *request, const char *vocabulary, const char *code);
// The same where the caller has to write the code: "\"lodge\" (Nộp)". Of a list, ended by NULL, the
// vocabulary is the one that has all of its codes.
const char *code_and_words(struct request *request, const char *vocabulary, const char *code);
const char *choices_and_words(struct request *request, const char *const *codes);

// Records a problem. Always false, so that helpers can `return refuse(…)`.
bool refuse(struct request *request, enum problem_kind kind, const char *detail);
// A temporary file could not be written, for this errno.
bool refuse_temporary(struct request *request, int reason);
// How the plan at hand prints a clause of plan 230, or the clause that it is part of: the service's rules are named by
// plan 230. NULL where no plan is at hand. Lives as long as the request.
const char *clause_printed(struct request *request, const char *clause);
// The problem at hand rests on this clause of plan 230.
void by_clause(struct request *request, const char *clause);
// As refuse(), with the clause of plan 230 that refuses.
bool refuse_by(struct request *request, enum problem_kind kind, const char *clause, const char *detail);
// Adds a violation; the first makes the request's problem `kind`. Always false.
bool violate(struct request *request, enum problem_kind kind, const char *pointer, const char *code,
             const char *detail);
// The same of one unit in a set: whatever is refused over several units names each of them. `label` may be NULL.
struct unit_named {
    const char *pointer, *unit_id, *label;
};
bool violate_unit(struct request *request, enum problem_kind kind, struct unit_named unit, const char *code,
                  const char *detail);
// Why a unit of a set is barred: its code, and a sentence that goes on after the unit's name. Tables end with an empty
// row.
struct unit_bar {
    const char *why;
    enum problem_kind kind;
    const char *clause, *vi, *en;
};
// The row of that code; the empty one if there is none.
const struct unit_bar *unit_bar_named(const struct unit_bar *bars, const char *why);
// Names the unit by the bar; the first one gives the problem its clause.
bool violate_bar(struct request *request, const struct unit_bar *bar, struct unit_named unit);

#endif
