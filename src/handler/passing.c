// Passing states of the server: it starts or stops, is full, or takes no writes. Nothing is wrong with the request, nor
// with the service: the caller is told when to come again, and the operator by one line a minute.
#include "handler/constraints.h"

#include "base/log.h"
#include "http/route.h"

#include <stdatomic.h>
#include <string.h>

enum { SOON = 1, LATER = 5, MUCH_LATER = 30 };

// By the beginning of an SQLSTATE (PostgreSQL manual, appendix A). The first that fits counts.
static const struct passing {
    const char *sqlstate;
    int retry_after;
    bool no_room; // on its disk
    const char *vi, *en;
} passing_states[] = {
    {"53100", MUCH_LATER, true, "Ổ đĩa của cơ sở dữ liệu đã đầy; hãy thử lại sau.",
     "The disk of the database is full: try again later."},
    {"53200", LATER, false, "Cơ sở dữ liệu tạm thời thiếu bộ nhớ; hãy thử lại.",
     "The database is out of memory for the moment: try again."},
    {"53300", LATER, false, "Cơ sở dữ liệu đang có quá nhiều kết nối; hãy thử lại.",
     "The database has too many connections for the moment: try again."},
    {"53", LATER, false, "Cơ sở dữ liệu tạm thời thiếu tài nguyên; hãy thử lại.",
     "The database is short of resources for the moment: try again."},
    {"25006", LATER, false, "Cơ sở dữ liệu tạm thời chỉ cho đọc; hãy thử lại.",
     "The database takes no writes for the moment: try again."},
    {"55P03", SOON, false, "Bản ghi đang được giao dịch khác giữ; hãy thử lại.",
     "Another transaction holds what is needed: try again."},
    {"55006", SOON, false, "Đối tượng trong cơ sở dữ liệu đang được dùng; hãy thử lại.",
     "What is needed is in use in the database: try again."},
    {"26000", MUCH_LATER, false, "Phiên bản của dịch vụ này chưa khớp với cơ sở dữ liệu; hãy thử lại sau.",
     "This instance does not fit the version of the database: try again later."},
    {"57014", SOON, false, "Yêu cầu quá thời gian cho phép của cơ sở dữ liệu; hãy thử lại.",
     "The database took longer than it may: try again."},
    {"58", MUCH_LATER, false, "Ổ đĩa của cơ sở dữ liệu gặp lỗi; hãy thử lại sau.",
     "The database cannot read or write its files: try again later."},
    {"57", LATER, false, "Cơ sở dữ liệu đang khởi động lại; hãy thử lại.",
     "The database is starting or stopping: try again."},
    {"08", SOON, false, "Cơ sở dữ liệu tạm thời không truy cập được; hãy thử lại.",
     "The database cannot be reached for the moment: try again."},
    {"40", SOON, false, "Giao dịch đã bị hoàn lại vì giao dịch khác; hãy thử lại.",
     "The transaction was rolled back because of another one: try again."},
};

enum { STATES = sizeof passing_states / sizeof *passing_states };

static struct {
    atomic_int_fast64_t told_at; // for log_due()
    atomic_uint refused;         // since then
} counted[STATES];

// How many were refused since it was told, where it is time to tell; else 0.
static unsigned refused_to_tell(size_t state)
{
    atomic_fetch_add(&counted[state].refused, 1);
    return log_due(&counted[state].told_at) ? atomic_exchange(&counted[state].refused, 0) : 0;
}

static const struct passing *find_passing(const char *sqlstate)
{
    for (size_t i = 0; i < STATES; i++)
        if (strncmp(sqlstate, passing_states[i].sqlstate, strlen(passing_states[i].sqlstate)) == 0)
            return &passing_states[i];
    return NULL;
}

static bool is_upload(const struct request *request)
{
    return request->route && (request->route->body_kind == BODY_PDF || request->route->body_kind == BODY_CSV);
}

bool is_passing_state(const char *sqlstate)
{
    return find_passing(sqlstate) != NULL;
}

bool refuse_passing(struct request *request, const struct statement *statement, const char *sqlstate)
{
    const struct passing *passing = find_passing(sqlstate);
    if (!passing)
        return refuse(request, PROBLEM_INTERNAL, NULL);
    unsigned refused = refused_to_tell((size_t)(passing - passing_states));
    if (refused)
        log_event(LOG_ERROR, "database_refuses", log_text("sqlstate", sqlstate), log_text("reason", passing->en),
                  log_text("statement", statement->name), log_text("request_id", request->id),
                  log_number("refused", refused));
    bool insufficient = passing->no_room && is_upload(request);
    refuse(request, insufficient ? PROBLEM_INSUFFICIENT_STORAGE : PROBLEM_UNAVAILABLE,
           request->language == ENGLISH ? passing->en : passing->vi);
    request->problem.retry_after = passing->retry_after;
    request->problem.no_room = passing->no_room;
    return false;
}
