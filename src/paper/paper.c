#include "paper/model.h"

#include "thidua/arena.h"
#include "thidua/plain_text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

const char paper_nation[] = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM";
const char paper_motto[] = "Độc lập - Tự do - Hạnh phúc";

// ---- texts ----

// What XML 1.0 cannot hold (section 2.2), and control characters that no reader should see.
static bool can_stand(uint32_t character)
{
    return character == '\n' || (character >= 0x20 && character != 0x7F && (character < 0x80 || character > 0x9F) &&
                                 (character & 0xFFFE) != 0xFFFE);
}

// Line feeds of any system, and tabs, in the ways that a paper shows.
static void tidy(char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    char *end = text;
    while (*at) {
        const unsigned char *start = at;
        uint32_t character = text_next_character(&at);
        size_t length = (size_t)(at - start);
        if (character == '\t')
            *end++ = ' ';
        else if (can_stand(character))
            end = (char *)memmove(end, start, length) + length;
    }
    *end = '\0';
}

static const char *keep(struct paper *paper, const char *text)
{
    if (!text)
        return NULL;
    size_t length = strlen(text);
    paper->bytes += length;
    paper->too_large |= length > PAPER_PIECE_BYTES_MAX || paper->bytes > PAPER_TEXT_BYTES_MAX;
    if (paper->too_large)
        return "";
    utf8proc_uint8_t *normal = utf8proc_NFC((const utf8proc_uint8_t *)text);
    char *kept = arena_text(paper->arena, normal ? (const char *)normal : "");
    free(normal);
    tidy(kept);
    return kept;
}

struct paper *paper_new(struct arena *arena, const char *title)
{
    struct paper *paper = arena_new(arena, struct paper);
    paper->arena = arena;
    paper->title = keep(paper, title);
    return paper;
}

const char *paper_name(const struct paper *paper)
{
    return paper->title;
}

static struct paper_list keep_list(struct paper *paper, const char *const items[], size_t count)
{
    struct paper_list list = {arena_array(paper->arena, count, sizeof *list.items), count};
    for (size_t i = 0; i < count; i++)
        list.items[i] = keep(paper, items[i]);
    return list;
}

static struct paper_signer keep_signer(struct paper *paper, struct paper_signer signer)
{
    const char *capacity = keep(paper, signer.capacity ? signer.capacity : "");
    return (struct paper_signer){paper_capitals(paper->arena, capacity), keep(paper, signer.name)};
}

// ---- blocks ----

static bool count_blocks(struct paper *paper, size_t count)
{
    paper->blocks += count;
    paper->too_large |= paper->blocks > PAPER_BLOCKS_MAX;
    return !paper->too_large;
}

// After the paper has become too large, blocks go nowhere: who writes it is told in the end.
static struct paper_block *add(struct paper *paper, enum block_kind kind)
{
    struct paper_block *block = arena_new(paper->arena, struct paper_block);
    block->kind = kind;
    if (!count_blocks(paper, 1))
        return block;
    if (paper->last)
        paper->last->next = block;
    else
        paper->first = block;
    paper->last = block;
    return block;
}

// "ỦY BAN NHÂN DÂN TỈNH BÌNH PHƯỚC" stands in two lines, parted where Phụ lục III parts them.
static const char *agency(struct paper *paper, const char *name)
{
    static const char committee[] = "ỦY BAN NHÂN DÂN ";
    if (!name)
        return NULL;
    char *capitals = arena_text(paper->arena, paper_capitals(paper->arena, keep(paper, name)));
    if (strncmp(capitals, committee, sizeof committee - 1) == 0)
        capitals[sizeof committee - 2] = '\n';
    return capitals;
}

void paper_head(struct paper *paper, const struct paper_head *head)
{
    add(paper, BLOCK_HEAD)->head = (struct paper_head){.superior = agency(paper, head->superior),
                                                       .issuer = agency(paper, head->issuer),
                                                       .number = keep(paper, head->number),
                                                       .place = keep(paper, head->place)};
}

void paper_title(struct paper *paper, const char *kind, const char *subject, const char *authority)
{
    struct paper_block *block = add(paper, BLOCK_TITLE);
    block->title.kind = paper_capitals(paper->arena, keep(paper, kind));
    block->title.subject = keep(paper, subject);
    block->title.authority = authority ? paper_capitals(paper->arena, keep(paper, authority)) : NULL;
}

void paper_addressees(struct paper *paper, const char *const addressees[], size_t count)
{
    add(paper, BLOCK_ADDRESSEES)->addressees = keep_list(paper, addressees, count);
}

static struct paper_block *add_text(struct paper *paper, enum block_kind kind, const char *lead, const char *text)
{
    struct paper_block *block = add(paper, kind);
    block->text.lead = keep(paper, lead);
    block->text.text = keep(paper, text);
    return block;
}

void paper_basis(struct paper *paper, const char *text, bool last)
{
    add_text(paper, BLOCK_BASIS, NULL, arena_format(paper->arena, "%s%c", text, last ? '.' : ';'));
}

void paper_centred(struct paper *paper, const char *text)
{
    add_text(paper, BLOCK_CENTRED, NULL, text);
}

void paper_heading(struct paper *paper, const char *text)
{
    add_text(paper, BLOCK_HEADING, text, "");
}

void paper_paragraph(struct paper *paper, const char *lead, const char *text)
{
    add_text(paper, BLOCK_PARAGRAPH, lead, text);
}

void paper_blank(struct paper *paper, const char *text, unsigned lines)
{
    add_text(paper, BLOCK_BLANK, NULL, text)->text.blanks = lines;
}

// ---- tables ----

struct paper_table *paper_table(struct paper *paper, const struct paper_column columns[], size_t count)
{
    struct paper_table *table = &add(paper, BLOCK_TABLE)->table;
    table->paper = paper;
    table->count = count < PAPER_COLUMNS_MAX ? count : PAPER_COLUMNS_MAX;
    for (size_t i = 0; i < table->count; i++) {
        table->columns[i] = columns[i];
        table->columns[i].heading = keep(paper, columns[i].heading);
    }
    return table;
}

static struct paper_row *add_row(struct paper_table *table)
{
    struct paper_row *row = arena_new(table->paper->arena, struct paper_row);
    if (!count_blocks(table->paper, table->count))
        return row;
    if (table->last)
        table->last->next = row;
    else
        table->first = row;
    table->last = row;
    return row;
}

void paper_row(struct paper_table *table, const char *const cells[])
{
    struct paper_row *row = add_row(table);
    row->cells = arena_array(table->paper->arena, table->count, sizeof *row->cells);
    for (size_t i = 0; i < table->count; i++)
        row->cells[i] = keep(table->paper, cells[i] ? cells[i] : "");
}

void paper_part(struct paper_table *table, const char *text)
{
    add_row(table)->part = keep(table->paper, text);
}

// ---- the end ----

void paper_signature(struct paper *paper, struct paper_signer signer, const char *const recipients[], size_t count)
{
    struct paper_block *block = add(paper, BLOCK_SIGNING);
    block->signing.right = keep_signer(paper, signer);
    block->signing.recipients = keep_list(paper, recipients, count);
}

void paper_signatures(struct paper *paper, struct paper_signer left, struct paper_signer right)
{
    struct paper_block *block = add(paper, BLOCK_SIGNING);
    block->signing.two = true;
    block->signing.left = keep_signer(paper, left);
    block->signing.right = keep_signer(paper, right);
}

const char *paper_recipient(const struct paper *paper, const struct paper_list *recipients, size_t number)
{
    return arena_format(paper->arena, "- %s%c", recipients->items[number], number + 1 == recipients->count ? '.' : ';');
}

void paper_annex(struct paper *paper, const char *title, const char *subject, const char *guide, bool landscape)
{
    struct paper_block *block = add(paper, BLOCK_ANNEX);
    block->annex.title = paper_capitals(paper->arena, keep(paper, title));
    block->annex.subject = keep(paper, subject);
    block->annex.guide = keep(paper, guide);
    block->annex.landscape = landscape;
}
