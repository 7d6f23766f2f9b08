#include "operate/links.h"

#include <string.h>

#define CAMPAIGN "/v1/campaigns/{code}"
#define ROUND    CAMPAIGN "/rounds/{year}"

// A test holds it against the route table: every read without a parameter in its path is here, and nothing that is not
// there.
static const struct link {
    const char *name, *href, *vi, *en;
} links[] = {
    {"docs", "/docs", "Tài liệu cho người đọc", "The documentation, for people"},
    {"schemas", "/docs/schemas", "Cấu trúc dữ liệu, cho người đọc", "The schemas, for people"},
    {"openapi", "/openapi.json", "Mô tả giao diện (OpenAPI)", "The contract (OpenAPI)"},
    {"vocabulary", "/v1/vocabulary", "Mọi mã và nhãn của nó", "Every code and its labels"},
    {"health", "/healthz", "Dịch vụ có đang chạy không", "Is the service alive"},
    {"me", "/v1/me", "Người gọi là ai, được làm gì", "Who calls, and what it may do"},
    {"campaigns", "/v1/campaigns", "Các phong trào thi đua", "Emulation campaigns"},
    {"campaign", CAMPAIGN, "Một phong trào: kế hoạch và tiêu chí", "A campaign: its plan and criteria"},
    {"rounds", CAMPAIGN "/rounds", "Các đợt xét của một phong trào", "The award rounds of a campaign"},
    {"round", ROUND, "Một đợt xét: trạng thái, thời hạn, số lượng", "An award round: state, deadlines, counts"},
    {"board", ROUND "/board", "Toàn cảnh một đợt xét", "A round at a glance"},
    {"contestants", ROUND "/contestants", "Đối tượng thi đua của đợt xét", "The contestants of a round"},
    {"quota", ROUND "/quota", "Phân bổ số lượng", "How the places are allocated"},
    {"findings", ROUND "/findings", "Kết luận thẩm định của đợt xét", "The findings of a round"},
    {"reports", ROUND "/reports", "Báo cáo năm của đợt xét", "The yearly reports of a round"},
    {"obligations", ROUND "/obligations", "Đơn vị phải gửi báo cáo, thời hạn", "Who owes a report, and by when"},
    {"registers", ROUND "/registers", "Các sổ theo dõi đã đầy đủ đến đâu", "How far the registers are complete"},
    {"evaluations", ROUND "/evaluations", "Các lần đánh giá của đợt xét", "The evaluations of a round"},
    {"verdict", ROUND "/verdicts/{unit_id}", "Kết quả mới nhất của một đơn vị", "The newest verdict on a unit"},
    {"tie_decisions", ROUND "/tie-decisions", "Quyết định khi bằng nhau", "Decisions on ties"},
    {"round_proposals", ROUND "/proposals", "Tờ trình của đợt xét", "The proposals of a round"},
    {"round_awards", ROUND "/awards", "Khen thưởng của đợt xét", "The awards of a round"},
    {"notifications", ROUND "/notifications", "Kết quả phải báo cho cấp trình",
     "Results that nominators are to be told"},
    {"units", "/v1/units", "Các đơn vị", "Units"},
    {"unit", "/v1/units/{id}", "Một đơn vị", "A unit"},
    {"unit_history", "/v1/units/{id}/history", "Lịch sử một đơn vị", "The history of a unit"},
    {"unit_record", "/v1/units/{id}/record", "Thành tích từng năm của một đơn vị", "What is kept of a unit, by year"},
    {"scores", "/v1/scores", "Bảng điểm", "Scorecards"},
    {"score_frames", "/v1/score-frames", "Khung chấm điểm", "Score frames"},
    {"initiatives", "/v1/initiatives", "Sáng kiến", "Initiatives"},
    {"discipline_records", "/v1/discipline-records", "Kỷ luật", "Records of discipline"},
    {"proceedings", "/v1/proceedings", "Thanh tra, kiểm tra, khiếu nại", "Proceedings"},
    {"dossiers", "/v1/dossiers", "Hồ sơ đề nghị", "Dossiers"},
    {"proposals", "/v1/proposals", "Tờ trình của mọi đợt xét", "The proposals of all rounds"},
    {"decisions", "/v1/decisions", "Quyết định", "Decisions"},
    {"awards", "/v1/awards", "Khen thưởng đã công bố", "Published awards"},
    {"criteria_sets", "/v1/criteria-sets", "Bộ tiêu chí", "Criteria sets"},
    {"public_holidays", "/v1/public-holidays", "Ngày lễ, ngày nghỉ", "Public holidays"},
    {"events", "/v1/events", "Những gì đã xảy ra", "What has happened"},
    {"event_stream", "/v1/events/stream", "Những gì đang xảy ra (SSE)", "What is happening (server-sent events)"},
    {"webhooks", "/v1/webhooks", "Đăng ký nhận sự kiện", "Subscriptions to events"},
    {"journal", "/v1/journal", "Nhật ký", "The journal"},
    {"journal_head", "/v1/journal/head", "Mục cuối của nhật ký", "The head of the journal"},
    {"keys", "/v1/keys", "Khóa truy cập", "Keys"},
    {0},
};

static json_t *link_json(struct request *request, const struct link *link)
{
    json_t *json = json_pack("{s:s, s:s}", "name", link->name, "href", link->href);
    if (strchr(link->href, '{'))
        json_object_set_new(json, "templated", json_true());
    json_object_set_new(json, "title", json_string(request->language == ENGLISH ? link->en : link->vi));
    return json;
}

struct reply show_links(struct request *request)
{
    json_t *list = json_array(), *json = json_pack("{s:o}", "links", list);
    for (const struct link *link = links; link->name; link++)
        json_array_append_new(list, link_json(request, link));
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (!text) {
        refuse(request, PROBLEM_UNAVAILABLE, NULL);
        return refusal(request);
    }
    defer_free(request, text);
    struct reply reply = reply_json(request, 200, text, strlen(text));
    reply.in_language = true;
    return reply;
}
