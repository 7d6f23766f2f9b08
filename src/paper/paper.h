// Official papers as NĐ 30/2020/NĐ-CP lays them out: a model of what stands in one, and the files that are made of it.
//
// A feature says what a paper says, by blocks from top to bottom. It knows no font. The writers know the layout, which
// is the decree's and the same for every paper, and no feature. What differs from one province or plan to the next,
// such as who issues, comes from the feature.
//
// A paper lives in an arena. Texts are copied into it as NFC; characters that no paper can show are left out. A line
// feed in a text begins a new line.
#ifndef THIDUA_PAPER_H
#define THIDUA_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct paper;
struct temporary;

enum {
    PAPER_BLOCKS_MAX = 20000, // cells of tables among them
    PAPER_TEXT_BYTES_MAX = 4 * 1024 * 1024,
    PAPER_PIECE_BYTES_MAX = 64 * 1024, // one paragraph or cell: nobody can stop who breaks it into lines
    PAPER_PAGES_MAX = 1000,
    PAPER_FILE_BYTES_MAX = 64 * 1024 * 1024,
    PAPER_COLUMNS_MAX = 16,
};

// `title`: what the paper is, for its file's name and properties.
struct paper *paper_new(struct arena *arena, const char *title);
const char *paper_name(const struct paper *paper);

// ---- what stands in it ----

// Điều 8 and Phụ lục I, section II, items 1 to 4.
struct paper_head {
    const char *superior; // NULL: the issuer has none, as a province's People's Committee
    const char *issuer;
    const char *number; // as paper_number() gives it; NULL: minutes of some agencies have none
    const char *place;  // as paper_place() gives it; NULL: minutes have none
};
void paper_head(struct paper *paper, const struct paper_head *head);
// "Quyết định", what it is about, and who decides. The last two may be NULL.
void paper_title(struct paper *paper, const char *kind, const char *subject, const char *authority);
// "Kính gửi:"
void paper_addressees(struct paper *paper, const char *const addressees[], size_t count);
// A căn cứ, without its sign at the end; the last of them is `last`.
void paper_basis(struct paper *paper, const char *text, bool last);
// "QUYẾT ĐỊNH:"
void paper_centred(struct paper *paper, const char *text);
// A heading of a part of the text, which no page ends with.
void paper_heading(struct paper *paper, const char *text);
// `lead` stands before the text in bold, such as "Điều 1."; NULL: nothing does.
void paper_paragraph(struct paper *paper, const char *lead, const char *text);
// What somebody is to write by hand: so many dotted lines after the text.
void paper_blank(struct paper *paper, const char *text, unsigned lines);

enum paper_align { PAPER_LEFT, PAPER_CENTRE, PAPER_RIGHT };
struct paper_column {
    const char *heading;
    double share; // of the width, against the shares of the other columns
    enum paper_align align;
};
struct paper_table;
// The heading stands again on each page; a row is not split where a page can hold it.
struct paper_table *paper_table(struct paper *paper, const struct paper_column columns[], size_t count);
// So many cells as the table has columns; NULL is an empty one.
void paper_row(struct paper_table *table, const char *const cells[]);
// A line over all columns that names the rows under it.
void paper_part(struct paper_table *table, const char *text);

// Who signs: what stands in capitals over the empty space, and the name under it (NULL: not known yet).
struct paper_signer {
    const char *capacity;
    const char *name;
};
// Signature on the right, "Nơi nhận" on the left; the last of the recipients is where the paper is kept ("Lưu: …").
void paper_signature(struct paper *paper, struct paper_signer signer, const char *const recipients[], size_t count);
// Two who sign side by side, as minutes have.
void paper_signatures(struct paper *paper, struct paper_signer left, struct paper_signer right);
// What follows is an annex: on a page of its own, numbered anew. `guide`: "(Kèm theo …)", whose
// number and date stay free in an electronic file (Phụ lục I, section III); NULL: none.
void paper_annex(struct paper *paper, const char *title, const char *subject, const char *guide, bool landscape);

// ---- how papers write ----

// "Số: 05/QĐ-UBND"; without a number its place stays free. `number` may hold its symbol already, as "451/QĐ-UBND".
const char *paper_number(struct arena *arena, const char *number, const char *symbol);
// "05/QĐ-UBND" of "5/QĐ-UBND": as one paper names another, by the number as that prints it. NULL is "".
const char *paper_number_of(struct arena *arena, const char *number);
// "Bình Phước, ngày 05 tháng 02 năm 2025"; of NULL the day stays free.
const char *paper_place(struct arena *arena, const char *place, const char *day);
// "ngày 05 tháng 02 năm 2025" of YYYY-MM-DD or of an instant; of NULL the day stays free.
const char *paper_day(struct arena *arena, const char *day);
// A number below 10 has a 0 before it.
const char *paper_count(struct arena *arena, long long count);
// 7020000 is "7.020.000".
const char *paper_amount(struct arena *arena, long long amount);
// "64.35" is "64,35"; NULL is "".
const char *paper_decimal(struct arena *arena, const char *decimal);
// A name as a file bears it, and the same in ASCII: "451-QD-UBND".
const char *paper_file_name(struct arena *arena, const char *name);
const char *paper_ascii(struct arena *arena, const char *name);
// In capital letters.
const char *paper_capitals(struct arena *arena, const char *text);
// With its first letter small, as within a sentence.
const char *paper_inside(struct arena *arena, const char *text);

// ---- files ----

enum paper_fault {
    PAPER_FINE,
    PAPER_TOO_LARGE, // or beyond the budget of the thread (base/pure/budget.h)
    PAPER_NO_ROOM,   // in the file (base/temporary.h)
    PAPER_FAILED,    // no memory, no font
};
// Writes the paper into an empty file. The same paper gives the same bytes.
typedef enum paper_fault paper_writer(const struct paper *paper, struct temporary *file);
paper_writer paper_write_pdf, paper_write_docx;
// Two papers with the same fingerprint are the same files, where the same program writes them: much cheaper than to
// write them. NULL: no memory.
const char *paper_fingerprint(const struct paper *paper);

#endif
