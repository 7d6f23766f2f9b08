// What is wrong with a file as a whole: one sentence with its way out.
#include "http/input/private.h"

#define SAVE_VI "Hãy mở tệp bằng chương trình bảng tính, lưu thành XLSX hoặc \"CSV UTF-8\", rồi gửi lại."
#define SAVE_EN "Open it in a spreadsheet, save it as XLSX or as \"CSV UTF-8\", and send that."

static const struct {
    const char *code, *vi, *en;
} words[] = {
    [SHEET_IS_ZIP] =
        {"file_type",
         "Tệp này là sổ tính (hoặc một tệp nén ZIP), không phải CSV: hãy gửi tệp .xlsx với Content-Type: "
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, hoặc lưu thành \"CSV UTF-8\".",
         "The file is a workbook (or another ZIP archive) and no CSV: send an .xlsx with Content-Type: "
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, or save it as \"CSV UTF-8\"."},
    [SHEET_IS_OLD_WORKBOOK] = {"file_type", "Tệp này theo định dạng Excel cũ (.xls) hoặc có mật khẩu. " SAVE_VI,
                               "The file is in Excel's old format (.xls), or has a password. " SAVE_EN},
    [SHEET_IS_MARKUP] = {"file_type", "Tệp này là HTML hoặc XML mang tên bảng tính. " SAVE_VI,
                         "The file is HTML or XML under the name of a spreadsheet. " SAVE_EN},
    [SHEET_IS_PDF] = {"file_type", "Tệp này là PDF; hãy gửi bảng dưới dạng XLSX hoặc \"CSV UTF-8\".",
                      "The file is a PDF: send the table as XLSX or as \"CSV UTF-8\"."},
    [SHEET_IS_COMPRESSED] = {"file_type", "Tệp này được nén; hãy giải nén rồi gửi tệp XLSX hoặc CSV bên trong.",
                             "The file is compressed: unpack it and send the XLSX or CSV inside."},
    [SHEET_IS_TEXT] = {"file_type",
                       "Tệp này không phải XLSX: hãy gửi tệp CSV với Content-Type: text/csv, hoặc lưu thành XLSX.",
                       "The file is no XLSX: send CSV with Content-Type: text/csv, or save it as XLSX."},
    [SHEET_IS_OPEN_DOCUMENT] = {"file_type", "Tệp này là OpenDocument (.ods). " SAVE_VI,
                                "The file is an OpenDocument (.ods). " SAVE_EN},
    [SHEET_UTF16_UNMARKED] = {"encoding", "Tệp viết bằng UTF-16 mà không có dấu thứ tự byte. " SAVE_VI,
                              "The file is in UTF-16 without a byte order mark. " SAVE_EN},
    [SHEET_UTF32] = {"encoding", "Tệp viết bằng UTF-32. " SAVE_VI, "The file is in UTF-32. " SAVE_EN},
    [SHEET_UTF16_BROKEN] = {"encoding", "Tệp UTF-16 bị hỏng hoặc bị cắt. " SAVE_VI,
                            "The file's UTF-16 is broken or was cut off. " SAVE_EN},
    [SHEET_SYNTAX] =
        {"syntax", "Sai RFC 4180: ô có dấu ngoặc kép phải nằm trong ngoặc kép, mỗi dấu viết hai lần, và được đóng.",
         "Not RFC 4180: a cell with quotation marks must be closed in quotation marks, and those inside it "
         "written twice."},
    [SHEET_BROKEN] = {"workbook", "Tệp không phải sổ tính XLSX hoàn chỉnh. " SAVE_VI,
                      "The file is no whole XLSX workbook. " SAVE_EN},
    [SHEET_LOCKED] = {"workbook", "Sổ tính có mật khẩu; hãy bỏ mật khẩu rồi gửi lại.",
                      "The workbook has a password: take it off and send it again."},
    [SHEET_TOO_MUCH] =
        {"too_large",
         "Sổ tính giải nén ra quá lớn; hãy chỉ giữ bảng cần nhập, bỏ hình ảnh và định dạng, hoặc chia tệp.",
         "The workbook unpacks to too much: keep only the table, without pictures and formats, or split it."},
    [SHEET_SEVERAL] = {"sheets",
                       "Sổ tính có nhiều trang tính chứa dữ liệu; hãy chỉ giữ một trang, hoặc ẩn các trang khác.",
                       "Several sheets of the workbook hold something: keep one, or hide the others."},
};

// As text editors count lines, and not rows: which bytes are a line end of a row is not known in another encoding.
static const char *not_utf8(struct request *request, size_t line)
{
    return say(
        request,
        "Tệp không viết bằng UTF-8 (thấy ở dòng văn bản %zu), có lẽ là Windows-1258, Windows-1252 hoặc TCVN3. " SAVE_VI,
        "The file is not in UTF-8 (seen in text line %zu), perhaps in Windows-1258, Windows-1252 or TCVN3. " SAVE_EN,
        line);
}

bool refuse_file(struct request *request, const struct sheet *sheet)
{
    enum sheet_fault fault = sheet->fault;
    if (fault == SHEET_EXHAUSTED)
        return refuse(request, PROBLEM_UNAVAILABLE, NULL);
    if (fault == SHEET_NOT_UTF8)
        return violate(request, PROBLEM_INVALID, "", "encoding", not_utf8(request, sheet->fault_row));
    return violate(request, PROBLEM_INVALID,
                   fault == SHEET_SYNTAX ? arena_format(&request->arena, "/rows/%zu", sheet->fault_row) : "",
                   words[fault].code, request->language == ENGLISH ? words[fault].en : words[fault].vi);
}
