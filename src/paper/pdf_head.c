// What stands at fixed places: the head and the end of a paper, titles.
#include "paper/pdf.h"

#include "thidua/arena.h"

enum { RULE_GAP = 3, HEAD_GAP = 6, TITLE_GAP = 14 };

static const struct pdf_look agency_plain = {.size = SIZE_AGENCY, .align = PAPER_CENTRE};
static const struct pdf_look agency_bold = {.size = SIZE_AGENCY, .bold = true, .align = PAPER_CENTRE};
static const struct pdf_look number_look = {.size = SIZE_NUMBER, .align = PAPER_CENTRE};
static const struct pdf_look nation_look = {.size = SIZE_NATION, .bold = true, .align = PAPER_CENTRE};
static const struct pdf_look motto_look = {.size = SIZE_MOTTO, .bold = true, .align = PAPER_CENTRE};
static const struct pdf_look place_look = {.size = SIZE_PLACE, .italic = true, .align = PAPER_CENTRE};
static const struct pdf_look title_look = {.size = SIZE_TEXT, .bold = true, .align = PAPER_CENTRE};
static const struct pdf_look guide_look = {.size = SIZE_TEXT, .italic = true, .align = PAPER_CENTRE};
static const struct pdf_look plain_look = {.size = SIZE_TEXT, .align = PAPER_LEFT};
static const struct pdf_look centred_look = {.size = SIZE_TEXT, .align = PAPER_CENTRE};
static const struct pdf_look label_look = {
    .size = SIZE_RECIPIENTS_LABEL, .bold = true, .italic = true, .align = PAPER_LEFT};
static const struct pdf_look recipient_look = {.size = SIZE_RECIPIENTS, .align = PAPER_LEFT};

// ---- the head ----

struct side {
    double x, width, y;
};

static void put_line(struct pdf *pdf, struct side *side, const char *text, const struct pdf_look *look)
{
    if (text && *text)
        side->y += pdf_put(pdf, pdf_layout(pdf, text, side->width, look), side->x, side->y, "P");
}

// A text with a line under it that is `share` as long.
static void put_ruled(struct pdf *pdf, struct side *side, const char *text, const struct pdf_look *look, double share)
{
    PangoLayout *layout = pdf_layout(pdf, text, side->width, look);
    double length = pdf_layout_width(layout) * share;
    side->y += pdf_put(pdf, layout, side->x, side->y, "P") + RULE_GAP;
    pdf_rule(pdf, side->x, side->width, length, side->y);
    side->y += RULE_GAP;
}

void pdf_head(struct pdf *pdf, const struct paper_block *block)
{
    double width = pdf_body_width(pdf), left_width = width * HEAD_LEFT;
    struct side left = {MARGIN_LEFT, left_width, pdf->y};
    struct side right = {MARGIN_LEFT + left_width, width - left_width, pdf->y};
    put_line(pdf, &left, block->head.superior, &agency_plain);
    put_ruled(pdf, &left, block->head.issuer, &agency_bold, RULE_SHARE);
    put_line(pdf, &right, paper_nation, &nation_look);
    put_ruled(pdf, &right, paper_motto, &motto_look, 1);
    left.y = right.y = (left.y > right.y ? left.y : right.y) + HEAD_GAP;
    put_line(pdf, &left, block->head.number, &number_look);
    put_line(pdf, &right, block->head.place, &place_look);
    pdf->y = left.y > right.y ? left.y : right.y;
}

// ---- titles ----

static struct side whole(const struct pdf *pdf, double gap)
{
    return (struct side){MARGIN_LEFT, pdf_body_width(pdf), pdf->y + gap};
}

void pdf_title(struct pdf *pdf, const struct paper_block *block)
{
    struct side side = whole(pdf, TITLE_GAP);
    side.y += pdf_put(pdf, pdf_layout(pdf, block->title.kind, side.width, &title_look), side.x, side.y, "H1");
    if (block->title.subject)
        put_ruled(pdf, &side, block->title.subject, &title_look, RULE_SHARE);
    side.y += HEAD_GAP;
    put_line(pdf, &side, block->title.authority, &title_look);
    pdf->y = side.y + HEAD_GAP;
}

void pdf_addressees(struct pdf *pdf, const struct paper_block *block)
{
    const struct paper_list *list = &block->addressees;
    struct side side = whole(pdf, HEAD_GAP);
    if (list->count == 1) {
        put_line(pdf, &side, arena_format(pdf->paper->arena, "Kính gửi: %s.", list->items[0]), &centred_look);
        pdf->y = side.y + 2 * HEAD_GAP;
        return;
    }
    side.x += FIRST_LINE * 2;
    side.width -= FIRST_LINE * 2;
    put_line(pdf, &side, "Kính gửi:", &plain_look);
    pdf->y = side.y;
    for (size_t i = 0; i < list->count; i++)
        pdf_flow(pdf, pdf_layout(pdf, paper_recipient(pdf->paper, list, i), side.width, &plain_look), side.x, "P", 0);
    pdf->y += 2 * HEAD_GAP;
}

void pdf_annex(struct pdf *pdf, const struct paper_block *block)
{
    pdf_section(pdf, block->annex.landscape);
    struct side side = whole(pdf, 0);
    side.y += pdf_put(pdf, pdf_layout(pdf, block->annex.title, side.width, &title_look), side.x, side.y, "H1");
    put_line(pdf, &side, block->annex.subject, &title_look);
    put_line(pdf, &side, block->annex.guide, &guide_look);
    pdf->y = side.y + 2 * HEAD_GAP;
}

// ---- the end ----

static double height_of(const struct pdf *pdf, const char *text, double width, const struct pdf_look *look)
{
    PangoLayout *layout = pdf_layout(pdf, text, width, look);
    double height = pdf_layout_height(layout);
    g_object_unref(layout);
    return height;
}

static double signer_height(const struct pdf *pdf, const struct paper_signer *signer, double width)
{
    const char *name = signer->name ? signer->name : "";
    return height_of(pdf, signer->capacity, width, &title_look) + SIGNING_SPACE +
           height_of(pdf, name, width, &title_look);
}

static double recipients_height(const struct pdf *pdf, const struct paper_list *list, double width)
{
    double height = list->count ? height_of(pdf, "Nơi nhận:", width, &label_look) : 0;
    for (size_t i = 0; i < list->count; i++)
        height += height_of(pdf, paper_recipient(pdf->paper, list, i), width, &recipient_look);
    return height;
}

double pdf_signing_height(const struct pdf *pdf, const struct paper_block *block)
{
    double left_width = pdf_body_width(pdf) * SIGNING_LEFT, right_width = pdf_body_width(pdf) - left_width;
    double right = signer_height(pdf, &block->signing.right, right_width);
    double left = block->signing.two ? signer_height(pdf, &block->signing.left, left_width)
                                     : recipients_height(pdf, &block->signing.recipients, left_width);
    return TITLE_GAP + (left > right ? left : right);
}

static double put_signer(struct pdf *pdf, const struct paper_signer *signer, struct side side)
{
    put_line(pdf, &side, signer->capacity, &title_look);
    side.y += SIGNING_SPACE;
    put_line(pdf, &side, signer->name, &title_look);
    return side.y;
}

static void flow_recipients(struct pdf *pdf, const struct paper_list *list, double width)
{
    if (list->count)
        pdf_flow(pdf, pdf_layout(pdf, "Nơi nhận:", width, &label_look), MARGIN_LEFT, "P", 0);
    for (size_t i = 0; i < list->count; i++)
        pdf_flow(pdf, pdf_layout(pdf, paper_recipient(pdf->paper, list, i), width, &recipient_look), MARGIN_LEFT, "P",
                 0);
}

// On one page, unless there are more recipients than a page can hold.
void pdf_signing(struct pdf *pdf, const struct paper_block *block)
{
    if (pdf_signing_height(pdf, block) > pdf_room(pdf) && !pdf_page_is_new(pdf))
        pdf_next_page(pdf);
    double left_width = pdf_body_width(pdf) * SIGNING_LEFT;
    struct side left = {MARGIN_LEFT, left_width, pdf->y += TITLE_GAP};
    struct side right = {MARGIN_LEFT + left_width, pdf_body_width(pdf) - left_width, pdf->y};
    unsigned pages = pdf->pages;
    if (block->signing.two)
        pdf->y = put_signer(pdf, &block->signing.left, left);
    else
        flow_recipients(pdf, &block->signing.recipients, left_width);
    if (pdf->pages != pages) // beside the last of them
        right.y = MARGIN_TOP;
    double bottom = put_signer(pdf, &block->signing.right, right);
    if (bottom > pdf->y)
        pdf->y = bottom;
}
