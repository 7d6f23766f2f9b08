// What the files of this folder share.
#ifndef THIDUA_IMPORTS_H
#define THIDUA_IMPORTS_H

#include "http/input/body.h"
#include "http/request.h"
#include "http/route.h"

struct duty;
struct listed;
struct listed_made;
struct listed_together;
struct session;

// What an import says beside its file, as query parameters.
enum import_needs { NEEDS_NOTHING = 0, NEEDS_CAMPAIGN = 1, NEEDS_YEAR = 2, TAKES_DAY = 4, TAKES_CONFIRMATION = 8 };

// Columns of a row that name one more unit: by its id, or by codes as they are held on the day of another column.
struct import_unit {
    const char *id;
    const char *codes[3]; // in the order of `unit_naming`
    const char *day;
};

// A kind of import whose things are made one by one, each as its single write makes it.
struct import_kind {
    const char *name;
    unsigned roles; // of the single write
    unsigned needs;
    const struct column *const *headings; // of the list that shows what was made, and of the file's other columns
    const struct field *subject;          // columns that say what a row is about
    const struct field *fields;           // the other columns: those of the single write's body
    const struct import_unit *units;      // those among them that name units, the last one empty; NULL: none
    const char *shared;        // rows of one unit are one thing, and `fields` those of its list of this name …
    const char *const *common; // … except for these columns, which are the thing's own
    bool versions;             // the single write asks for If-Match: a column "version" may hold the tag
    const char *const *once;   // columns that no two rows have in common; "unit_id": whatever names the unit
    bool in_order;             // a row may build on those before it, as in struct bulk
    const char *worded;        // a column that may also hold the words for its code, which are longer; NULL: none
    // What all of them need, judged once: else every row would be refused for it. NULL: nothing.
    bool (*ready)(struct request *request, struct session *session, const char *campaign, const char *year);
    bool (*enter)(struct request *request, struct session *session, const struct listed *listed,
                  struct listed_made *ret_made);
    const struct listed_together *together; // where they bear on one another; NULL: they do not
    const struct duty *duty;                // of the single write; NULL: none
    const char *location;                   // of the list that shows what was made
};

extern const struct field unit_naming[]; // columns that name a unit: unit_id, gso_code, agency_code, agency_legacy_code

// Makes what the file says, all or nothing. Answers the report as JSON, or false with every bad row named.
bool import_rows_of(struct request *request, struct session *session, const struct import_kind *kind,
                    const char **ret_report);

// Columns beside those of the lists that show what is made, for files that people make: codes that name units.
extern const struct column naming_headings[];
// Units, which need no kind of their own: makes them, and answers the report, as import_rows_of does.
bool import_units(struct request *request, struct session *session, const char **ret_report);

// What is wrong with rows is gathered on the request's problem from stage to stage (cells, look-ups, the writes), so
// that all of it is named at once; a row that one stage refused is not tried by the next.

// Names what is wrong with a row: pointer "/rows/17/name".
// Says whether it is among those that are named: the first by the order of rows are.
bool row_fault(struct request *request, long long row, const char *column, const char *code, const char *words);
// Takes the faults that are recorded so far off the request, so that a look-up which fails is the whole answer. The
// caller puts them back on request->problem once the look-up has succeeded.
struct problem set_faults_aside(struct request *request);
// At the end: brings them into the order of rows. True if there is none.
bool no_faults(struct request *request);

#endif
