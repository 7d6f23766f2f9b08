// A paper as its writers read it.
#ifndef THIDUA_PAPER_MODEL_H
#define THIDUA_PAPER_MODEL_H

#include "paper/paper.h"

enum block_kind {
    BLOCK_HEAD,
    BLOCK_TITLE,
    BLOCK_ADDRESSEES,
    BLOCK_BASIS,
    BLOCK_CENTRED,
    BLOCK_HEADING,
    BLOCK_PARAGRAPH,
    BLOCK_BLANK,
    BLOCK_TABLE,
    BLOCK_SIGNING,
    BLOCK_ANNEX,
};

struct paper_list {
    const char **items;
    size_t count;
};

struct paper_row {
    struct paper_row *next;
    const char **cells; // NULL: a part, which `part` names
    const char *part;
};

struct paper_table {
    struct paper *paper;
    struct paper_column columns[PAPER_COLUMNS_MAX];
    size_t count;
    struct paper_row *first, *last;
};

struct paper_block {
    struct paper_block *next;
    enum block_kind kind;
    union {
        struct paper_head head;
        struct {
            const char *kind, *subject, *authority;
        } title;
        struct paper_list addressees;
        struct {
            const char *lead, *text;
            unsigned blanks;
        } text;
        struct paper_table table;
        struct {
            struct paper_signer left, right;
            bool two;
            struct paper_list recipients;
        } signing;
        struct {
            const char *title, *subject, *guide;
            bool landscape;
        } annex;
    };
};

struct paper {
    struct arena *arena;
    const char *title;
    struct paper_block *first, *last;
    size_t blocks, bytes;
    bool too_large;
};

// Does the same stand at the top of every paper (Phụ lục I, section II, item 1).
extern const char paper_nation[], paper_motto[];

// "- Như Điều 3;", and "." after the last.
const char *paper_recipient(const struct paper *paper, const struct paper_list *recipients, size_t number);

// ---- the layout, in points of 1/72 inch ----

#define MILLIMETRES(length) ((length)*72.0 / 25.4)
enum {
    SIZE_TEXT = 14,
    SIZE_TABLE = 13,
    SIZE_AGENCY = 13,
    SIZE_NUMBER = 13,
    SIZE_NATION = 13,
    SIZE_MOTTO = 14,
    SIZE_PLACE = 14,
    SIZE_RECIPIENTS_LABEL = 12,
    SIZE_RECIPIENTS = 11,
    SIZE_PAGE_NUMBER = 14,
    BETWEEN_PARAGRAPHS = 6,
    SIGNING_SPACE = 70, // for a signature and a seal
};
#define PAGE_SHORT       MILLIMETRES(210)
#define PAGE_LONG        MILLIMETRES(297)
#define MARGIN_TOP       MILLIMETRES(25)
#define MARGIN_BOTTOM    MILLIMETRES(20)
#define MARGIN_LEFT      MILLIMETRES(35)
#define MARGIN_RIGHT     MILLIMETRES(20)
#define PAGE_NUMBER_DOWN MILLIMETRES(12) // its top, from the page's
#define FIRST_LINE       MILLIMETRES(12.7)
#define LINE_SPACING     1.15 // of the text; single in heads, tables and lists
#define HEAD_LEFT        0.37 // of the width is the issuer's column
#define SIGNING_LEFT     0.46
#define RULE_SHARE       0.4 // a line is ⅓ to ½ as long as the text over it
#define RULE_WIDTH       0.75
#define CELL_PADDING     4.0

#endif
