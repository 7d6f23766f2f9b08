// The deadlines of a round as a calendar that people subscribe to (RFC 5545, RFC 7986).
#include "deadlines/deadlines.sql.h"
#include "deadlines/icalendar.h"
#include "handler/feature.h"
#include "handler/run.h"

#include <string.h>

static const char own_most[] = "200"; // what a unit's subtree still owes, of which a calendar is no list

// What a deadline is called, before the year; and what somebody who has not met it reads.
static const struct words {
    const char *kind, *vi, *en, *open_vi, *open_en;
} words[] = {
    {"DOSSIERS", "Hạn nộp hồ sơ khen thưởng năm", "Due: award dossiers of", "Chưa nộp hồ sơ khen thưởng năm",
     "Not lodged yet: award dossier of"},
    {"REPORTS", "Hạn nộp báo cáo năm", "Due: yearly reports of", "Chưa nộp báo cáo năm",
     "Not filed yet: yearly report of"},
    {"PROPOSAL", "Hạn trình Chủ tịch đề nghị khen thưởng năm", "Due: award proposal to the Chair of", NULL, NULL},
    {"CONFERENCE", "Hội nghị của đợt xét năm", "Conference of the round of", NULL, NULL},
};

// Asia/Ho_Chi_Minh has been at UTC+7 all year round since 1975.
static const char *const zone[][2] = {
    {"BEGIN", "VTIMEZONE"},    {"TZID", "Asia/Ho_Chi_Minh"}, {"BEGIN", "STANDARD"}, {"DTSTART", "19750613T000000"},
    {"TZOFFSETFROM", "+0700"}, {"TZOFFSETTO", "+0700"},      {"TZNAME", "+07"},     {"END", "STANDARD"},
    {"END", "VTIMEZONE"},
};

struct entry_texts {
    const char *summary, *description;
};

static const char *named(const struct request *request, const struct calendar_days *day)
{
    bool english = request->language == ENGLISH;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].kind, day->kind) == 0)
            return day->unit_label ? (english ? words[i].open_en : words[i].open_vi)
                                   : (english ? words[i].en : words[i].vi);
    return day->kind;
}

static struct entry_texts texts_of(struct request *request, const struct calendar_plan *plan,
                                   const struct calendar_days *day)
{
    const char *year = path_value(request, "year");
    const char *summary = arena_format(&request->arena, "%s %s (%s)%s%s", named(request, day), year, day->clause,
                                       day->unit_label ? ": " : "", day->unit_label ? day->unit_label : "");
    const char *quote = day->quote ? arena_format(&request->arena, ": “%s”", day->quote) : ".";
    const char *moves = say(request, "\nNgày này đổi khi ngày hội nghị đổi.", "\nIt moves with the conference.");
    return (struct entry_texts){summary, say(request, "Mục %s của %s%s\nPhong trào: %s%s",
                                             "Clause %s of %s%s\nCampaign: %s%s", day->clause, plan->number, quote,
                                             request->language == ENGLISH ? plan->title_en : plan->title,
                                             strcmp(day->kind, "PROPOSAL") == 0 ? moves : "")};
}

// What must be received by an instant ends with it; a day of an act is the whole day. Neither takes anybody's time.
static void add_entry(struct icalendar *calendar, struct request *request, const struct calendar_plan *plan,
                      const struct calendar_days *day)
{
    struct entry_texts texts = texts_of(request, plan, day);
    icalendar_line(calendar, "BEGIN", "VEVENT");
    icalendar_line(calendar, "UID", day->uid);
    icalendar_line(calendar, "DTSTAMP", day->moved_at);
    icalendar_line(calendar, "LAST-MODIFIED", day->moved_at);
    icalendar_line(calendar, "SEQUENCE", arena_format(&request->arena, "%lld", day->moved));
    if (day->by_instant)
        icalendar_line(calendar, "DTSTART;TZID=Asia/Ho_Chi_Minh",
                       arena_format(&request->arena, "%sT235959", day->due_on));
    else
        icalendar_line(calendar, "DTSTART;VALUE=DATE", day->due_on);
    icalendar_text(calendar, "SUMMARY", texts.summary);
    icalendar_text(calendar, "DESCRIPTION", texts.description);
    icalendar_line(calendar, "CATEGORIES", day->kind);
    icalendar_line(calendar, "CLASS", day->unit_label ? "PRIVATE" : "PUBLIC");
    icalendar_line(calendar, "TRANSP", "TRANSPARENT");
    icalendar_line(calendar, "END", "VEVENT");
}

static void begin_calendar(struct icalendar *calendar, struct request *request, const struct calendar_plan *plan)
{
    const char *name = say(request, "Thi đua khen thưởng năm %s, %s", "Award round of %s, %s",
                           path_value(request, "year"), plan->number);
    icalendar_line(calendar, "BEGIN", "VCALENDAR");
    icalendar_line(calendar, "VERSION", "2.0");
    icalendar_line(calendar, "PRODID",
                   request->language == ENGLISH ? "-//thidua//deadlines//EN" : "-//thidua//deadlines//VI");
    icalendar_line(calendar, "CALSCALE", "GREGORIAN");
    icalendar_text(calendar, "NAME", name);
    icalendar_text(calendar, "X-WR-CALNAME", name); // by which programs of before RFC 7986 know it
    icalendar_line(calendar, "REFRESH-INTERVAL;VALUE=DURATION", "PT6H");
    icalendar_line(calendar, "X-PUBLISHED-TTL", "PT6H");
    for (size_t i = 0; i < sizeof zone / sizeof *zone; i++)
        icalendar_line(calendar, zone[i][0], zone[i][1]);
}

static struct reply show_calendar(struct request *request, struct session *session)
{
    const struct calendar_plan *plan;
    const struct calendar_days *days;
    size_t count;
    const char *campaign = path_value(request, "code"), *year = path_value(request, "year");
    const char *own = has_role(request, ROLE_UNIT) ? caller_unit(request) : NULL;
    if (!calendar_plan(request, session, campaign, year, &plan) || !is_found(request, plan) ||
        !calendar_days(request, session, campaign, year, own, own_most, &days, &count))
        return refusal(request);
    struct icalendar calendar = icalendar_new(&request->arena);
    begin_calendar(&calendar, request, plan);
    for (size_t i = 0; i < count; i++)
        add_entry(&calendar, request, plan, &days[i]);
    icalendar_line(&calendar, "END", "VCALENDAR");
    return (struct reply){.status = 200,
                          .content_type = "text/calendar; charset=utf-8",
                          .body = calendar.text,
                          .length = calendar.length,
                          .etag = etag_of(request, NULL, calendar.text, calendar.length),
                          .cache_control = own ? "private, no-cache" : "public, no-cache",
                          .in_language = true};
}

static const struct route calendar_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/calendar.ics",
     .roles = ANYONE,
     .lane = LANE_COMPUTE,
     .act = show_calendar,
     .produces = "text/calendar"},
    {0},
};

const struct feature deadlines_feature = {.name = "deadlines", .routes = {calendar_routes}};
