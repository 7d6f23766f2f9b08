// Writes a paper that has one of everything, for the tests of the layout and for the bench.
//
//   print pdf|docx ROWS NAME FILE [TIMES [MORE]]    a list of ROWS, whose names are NAME between two words that number
//                                                   them, and so many paragraphs MORE, and a heading, above the
//                                                   signature
//
// It says the file's bytes, the milliseconds that the fastest of TIMES took (processor's time), and the KiB at the
// most.
#include "base/temporary.h"
#include "paper/paper.h"
#include "thidua/arena.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void add_list(struct paper *paper, struct arena *arena, unsigned rows, const char *name)
{
    static const struct paper_column columns[] = {
        {"STT", 1, PAPER_CENTRE}, {"Tên tập thể", 6, PAPER_LEFT}, {"Ghi chú", 4, PAPER_LEFT}};
    paper_annex(paper, "Danh sách", "Tập thể được khen thưởng", "(Kèm theo Quyết định)", false);
    struct paper_table *table = paper_table(paper, columns, 3);
    paper_part(table, "Khối các sở, ban, ngành");
    for (unsigned i = 1; i <= rows; i++)
        paper_row(table, (const char *const[]){paper_count(arena, i), arena_format(arena, "Từ%u %s Đến%u", i, name, i),
                                               "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh"});
}

static void add_votes(struct paper *paper, struct arena *arena)
{
    static const struct paper_column columns[] = {{"Tập thể", 3, PAPER_LEFT}, {"Số phiếu", 1, PAPER_CENTRE}};
    struct paper_table *table = paper_table(paper, columns, 2);
    for (unsigned i = 1; i <= 2; i++)
        paper_row(table, (const char *const[]){arena_format(arena, "Tập thể %u", i), paper_count(arena, i)});
}

static struct paper *make(struct arena *arena, unsigned rows, const char *name, unsigned long more)
{
    static const char *const recipients[] = {"Như Điều 3", "Sở Nội vụ", "Lưu: VT, NC"};
    static const char *const addressees[] = {"Chủ tịch Ủy ban nhân dân tỉnh", "Hội đồng Thi đua - Khen thưởng tỉnh"};
    struct paper *paper = paper_new(arena, arena_format(arena, "Quyết định %s", name));
    paper_head(paper, &(struct paper_head){.superior = "Ủy ban nhân dân tỉnh Bình Phước",
                                           .issuer = "Sở Nội vụ",
                                           .number = paper_number(arena, "5", "QĐ-SNV"),
                                           .place = paper_place(arena, "Bình Phước", "2025-02-05")});
    paper_title(paper, "Quyết định", "Về việc khen thưởng các tập thể có thành tích xuất sắc", "Giám đốc Sở Nội vụ");
    paper_addressees(paper, addressees, 2);
    paper_basis(paper, "Căn cứ Luật Thi đua, khen thưởng", false);
    paper_basis(paper, "Theo đề nghị của Chánh Văn phòng", true);
    paper_centred(paper, "QUYẾT ĐỊNH:");
    paper_paragraph(paper, "Điều 1.",
                    arena_format(arena,
                                 "Khen thưởng %s, là một trong những tập thể có thành tích xuất "
                                 "sắc trong phong trào thi đua.",
                                 name));
    paper_heading(paper, "1. Phần thứ nhất");
    paper_blank(paper, "Ý kiến khác:", 2);
    for (unsigned long i = 0; i < more; i++)
        paper_paragraph(paper, NULL, "Thêm một đoạn.");
    if (more) {
        paper_heading(paper, "2. Phần thứ hai");
        paper_paragraph(paper, NULL,
                        "Đoạn này dài ba dòng, nên không trang nào kết thúc giữa chừng đoạn, và tiêu đề bên trên phải "
                        "cùng trang với cả ba dòng của đoạn này, dù trang trước còn chỗ cho tiêu đề và hai dòng.");
    }
    paper_paragraph(paper, "Điều 2.", "Quyết định này có hiệu lực kể từ ngày ký./.");
    paper_signature(paper, (struct paper_signer){"KT. Giám đốc\nPhó Giám đốc", "Nguyễn Văn A"}, recipients, 3);
    add_list(paper, arena, rows, name);
    paper_annex(paper, "Biên bản", "Kiểm phiếu", NULL, true);
    paper_paragraph(paper, NULL, "Trang ngang.");
    add_votes(paper, arena);
    paper_signatures(paper, (struct paper_signer){"Thư ký", "Trần Thị B"}, (struct paper_signer){"Chủ tọa", NULL});
    return paper;
}

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static enum paper_fault print(const char *form, unsigned rows, const char *name, const char *file, unsigned long more,
                              uint64_t *ret_size)
{
    struct arena arena = {0};
    struct temporary written = {.descriptor = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (written.descriptor < 0)
        return PAPER_FAILED;
    struct paper *paper = make(&arena, rows, name, more);
    enum paper_fault fault = (strcmp(form, "pdf") == 0 ? paper_write_pdf : paper_write_docx)(paper, &written);
    *ret_size = written.size;
    arena_release(&arena);
    temporary_close(&written);
    return fault;
}

int main(int count, char **arguments)
{
    if (count < 5)
        return 2;
    uint64_t size = 0;
    double best = 0;
    struct rusage usage;
    unsigned long times = count > 5 ? strtoul(arguments[5], NULL, 10) : 1;
    unsigned long more = count > 6 ? strtoul(arguments[6], NULL, 10) : 0;
    for (unsigned long i = 0; i < times; i++) {
        double begin = milliseconds();
        enum paper_fault fault =
            print(arguments[1], (unsigned)strtoul(arguments[2], NULL, 10), arguments[3], arguments[4], more, &size);
        double took = milliseconds() - begin;
        if (fault != PAPER_FINE) {
            printf("%s\n", fault == PAPER_TOO_LARGE ? "too large" : "failed");
            return 1;
        }
        best = i == 0 || took < best ? took : best;
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("%llu bytes %.1f ms %ld KiB\n", (unsigned long long)size, best, usage.ru_maxrss);
    return 0;
}
