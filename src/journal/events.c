#include "journal/events.h"

#include "handler/run.h"
#include "http/route.h"
#include "journal/event_types.h"
#include "journal/events.sql.h"
#include "journal/feed.h"
#include "journal/private.h"

#include <stdlib.h>
#include <string.h>

// How far one request looks, so that a narrow filter over a long journal costs no more than a wide one. It looks at as
// many events as the page holds first: to most callers they are all it takes.
enum { WINDOW = 1000 };

// What the journal marks as restricted concerns the unit, the offices and the council that judges it at most, whatever
// its type.
static unsigned audience(const struct event_row *event)
{
    unsigned roles = event_audience(event->type);
    if (!event->restricted)
        return roles;
    unsigned concerned = EVENT_CONCERNED | (roles & EVENT_JUDGED ? ROLE_INITIATIVE_COUNCIL : 0);
    return roles & ANYONE ? concerned : roles & concerned;
}

bool event_known(const struct caller *caller, const struct event_row *event)
{
    unsigned wanted = audience(event);
    if (wanted & ANYONE)
        return true;
    if (!caller->known)
        return false;
    unsigned held = caller->roles & wanted;
    bool by_unit_alone = held == ROLE_UNIT && (event->restricted || wanted == EVENT_CONCERNED);
    return held && (!by_unit_alone || (event->reach && caller->unit_id[0] && strstr(event->reach, caller->unit_id)));
}

static bool fits(const char *wanted, const char *value)
{
    return !wanted || (value && strcmp(wanted, value) == 0);
}

bool event_wanted(const struct caller *caller, const struct event_filter *filter, const struct event_row *event)
{
    return fits(filter->type, event->type) && fits(filter->campaign, event->campaign) &&
           fits(filter->unit_id, event->unit_id) && event_known(caller, event);
}

struct event_filter event_filter_of(const struct request *request)
{
    return (struct event_filter){.type = query_value(request, "type"),
                                 .campaign = query_value(request, "campaign"),
                                 .unit_id = query_value(request, "unit_id")};
}

static bool refuse_ahead(struct request *request, const char *pointer, long long head)
{
    return violate(
        request, PROBLEM_INVALID_QUERY, pointer, "ahead",
        say(request,
            "Sự kiện mới nhất có số %lld: không có sự kiện nào sau số đã nêu, có thể vì dữ liệu đã được phục hồi "
            "từ bản sao lưu. Hãy đọc lại từ một số không lớn hơn %lld.",
            "The newest event has the number %lld: the one you name lies beyond it, perhaps because the data "
            "were restored from a backup. Read again from a number that is not above %lld.",
            head, head));
}

static bool refuse_undone(struct request *request, const char *pointer, long long number, long long known)
{
    return violate(
        request, PROBLEM_INVALID_QUERY, pointer, "undone",
        say(request,
            "Không còn sự kiện số %lld: dữ liệu đã được phục hồi từ bản sao lưu hoặc chuyển sang máy dự phòng. Mọi sự "
            "kiện đã nhận có số lớn hơn %lld và không lớn hơn %lld coi như chưa từng xảy ra. Hãy đọc lại từ số %lld.",
            "There is no event %lld any more: the data were restored from a backup, or a standby took over. All events "
            "that you have with a number above %lld and not above %lld never happened. Read again from %lld.",
            number, known, number, known));
}

bool position_holds(struct request *request, const char *pointer, const struct event_position *position)
{
    if (position->known == position->position)
        return true;
    return position->position > position->head ? refuse_ahead(request, pointer, position->head)
                                               : refuse_undone(request, pointer, position->position, position->known);
}

// ---- a page of the feed ----

// By the database and not by what this instance remembers: another may have shown the caller a newer event already.
static bool goes_on_from(struct request *request, struct session *session, const char *after)
{
    struct event_position position;
    return event_position(request, session, after, query_value(request, "campaign"), &position) &&
           position_holds(request, query_value(request, "cursor") ? "cursor" : "after", &position);
}

struct page {
    struct event_row *events;
    size_t count, most;
    const char *through; // the last number that was looked at
    size_t looked;       // at so many events
    bool more;
};

// False where the page is full, and there is more for it.
static bool add_events(struct request *request, struct page *page, const struct event_row *rows, size_t count)
{
    struct event_filter filter = event_filter_of(request);
    for (size_t i = 0; i < count; i++) {
        if (event_wanted(&request->caller, &filter, &rows[i])) {
            if (page->count == page->most)
                return false;
            page->events[page->count++] = rows[i];
        }
        page->through = arena_format(&request->arena, "%lld", rows[i].seq);
        page->looked++;
    }
    return true;
}

static bool read_event_page(struct request *request, struct session *session, const char *after, size_t most,
                            struct page *ret_page)
{
    const struct event_row *rows;
    size_t count;
    bool room = true, rest = true; // on the page, and of the journal
    struct event_filter filter = event_filter_of(request);
    if (!goes_on_from(request, session, after))
        return false;
    *ret_page = (struct page){.through = after, .most = most};
    ret_page->events = arena_array(&request->arena, most, sizeof *ret_page->events);
    for (size_t asked = most + 1; room && rest && asked > 0; asked = WINDOW - ret_page->looked) {
        if (!event_row(request, session, ret_page->through, arena_format(&request->arena, "%zu", asked), filter.type,
                       filter.campaign, filter.unit_id, &rows, &count))
            return false;
        room = add_events(request, ret_page, rows, count);
        rest = count == asked;
    }
    ret_page->more = !room || rest;
    return true;
}

static const char *page_text(struct request *request, const struct page *page)
{
    static const char opening[] = "{\"items\": [";
    char *closing = arena_format(&request->arena, "], \"through\": %s, \"next\": %s%s%s}", page->through,
                                 page->more ? "\"" : "", page->more ? page->through : "null", page->more ? "\"" : "");
    size_t length = sizeof opening + strlen(closing);
    for (size_t i = 0; i < page->count; i++)
        length += strlen(page->events[i].json) + 1;
    char *text = arena_allocate(&request->arena, length), *end = stpcpy(text, opening);
    for (size_t i = 0; i < page->count; i++) {
        if (i)
            *end++ = ',';
        end = stpcpy(end, page->events[i].json);
    }
    stpcpy(end, closing);
    return text;
}

static struct reply list_events(struct request *request, struct session *session)
{
    struct page page;
    const char *after = query_value(request, "cursor");
    if (!after)
        after = query_value(request, "after");
    if (!read_event_page(request, session, after, strtoul(query_value(request, "limit"), NULL, 10), &page))
        return refusal(request);
    return computed(request, page.more ? page.through : NULL, page_text(request, &page));
}

#define EVENT_FILTERS                                                                                                  \
    {.name = "type", .type = FIELD_CHOICE, .choices = event_types},                                                    \
        {.name = "campaign", .type = FIELD_TEXT, .most = 64},                                                          \
    {                                                                                                                  \
        .name = "unit_id", .type = FIELD_UUID                                                                          \
    }

static const struct query_field list_query[] = {
    {.name = "after", .type = FIELD_INTEGER, .least = 0, .most = INT64_MAX, .fallback = "0"},
    {.name = "limit", .type = FIELD_INTEGER, .least = 1, .most = 200, .fallback = "50"},
    {.name = "cursor", .type = FIELD_INTEGER, .least = 0, .most = INT64_MAX},
    EVENT_FILTERS,
    {0},
};
static const struct query_field stream_query[] = {
    {.name = "after", .type = FIELD_INTEGER, .least = 0, .most = INT64_MAX},
    EVENT_FILTERS,
    {0},
};

static const struct column event_columns[] = {
    {"Số", "Number", "id"},
    {"Lúc", "At", "time", COLUMN_INSTANT},
    {"Việc", "Type", "type", .codes = "JournalType"},
    {"Bản ghi", "Resource", "subject"},
    {"Phong trào", "Campaign", "data.campaign"},
    {"Năm", "Year", "data.year"},
    {"Mã đơn vị", "Unit id", "data.unit_id"},
    {0},
};

const struct route event_routes[] = {
    {.method = "GET",
     .path = "/v1/events",
     .roles = ANYONE,
     .lane = LANE_COMPUTE,
     .act = list_events,
     .query = list_query,
     .columns = event_columns},
    {.method = "GET",
     .path = "/v1/events/stream",
     .roles = ANYONE,
     .lane = LANE_STREAM,
     .read = &event_position_statement,
     .open = feed_open,
     .produces = "text/event-stream",
     .query = stream_query,
     .cache_control = "no-store"},
    {0},
};
