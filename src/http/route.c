#include "http/route.h"

#include "http/input/accept.h"

#include "http/transport/exchange.h"
#include "thidua/identifier.h"

#include <string.h>

enum { SEGMENTS_MAX = 12 };

static const struct route *const *route_tables; // ended by NULL

void routes_use(const struct route *const tables[])
{
    route_tables = tables;
}

struct segment {
    const char *text;
    size_t length;
};

static size_t split(const char *path, size_t length, struct segment *ret_segments)
{
    size_t count = 0;
    const char *end = path + length;
    for (const char *start = path + 1; start <= end && count < SEGMENTS_MAX; count++) {
        const char *slash = memchr(start, '/', (size_t)(end - start));
        const char *stop = slash ? slash : end;
        ret_segments[count] = (struct segment){start, (size_t)(stop - start)};
        start = stop + 1;
    }
    return count;
}

// Path parameters are checked by their name, so that an id that cannot be one is not found.
static bool fits(const char *name, const char *value)
{
    size_t length = strlen(value), name_length = strlen(name);
    if (name_length >= 2 && strcmp(name + name_length - 2, "id") == 0)
        return uuid_text_is_valid(value, length);
    if (strcmp(name, "year") == 0 || strcmp(name, "version") == 0)
        return length >= 1 && length <= 4 && strspn(value, "0123456789") == length;
    if (strcmp(name, "seq") == 0)
        return length >= 1 && length <= 18 && strspn(value, "0123456789") == length;
    return length >= 1 && length <= 128;
}

static bool matches(struct request *request, const char *pattern, const struct segment *segments, size_t count)
{
    size_t parameters = 0;
    struct pair path[PATH_PARAMETERS_MAX] = {{0}};
    const char *part = pattern + 1;
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(part, "/");
        if (part[0] == '{') {
            const char *name = arena_copy(&request->arena, part + 1, length - 2);
            const char *value = percent_decode(&request->arena, segments[i].text, segments[i].length, false);
            if (!value || !fits(name, value) || parameters == PATH_PARAMETERS_MAX)
                return false;
            path[parameters++] = (struct pair){name, value};
        } else if (length != segments[i].length || memcmp(part, segments[i].text, length) != 0) {
            return false;
        }
        part += length;
        bool last = i + 1 == count;
        if (last != (*part == '\0'))
            return false;
        part += !last;
    }
    memcpy(request->path, path, sizeof path);
    return true;
}

static bool could_match(const char *pattern, const struct segment *segments, size_t count)
{
    // Most rows differ in the literal at the same place: decide that before anything is copied.
    const char *part = pattern + 1;
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(part, "/");
        if (part[0] != '{' && (length != segments[i].length || memcmp(part, segments[i].text, length) != 0))
            return false;
        part += length;
        if ((i + 1 == count) != (*part == '\0'))
            return false;
        part += *part == '/';
    }
    return true;
}

enum route_match route_find(struct request *request, const char **ret_allow)
{
    struct segment segments[SEGMENTS_MAX];
    size_t count = split(request->target, strcspn(request->target, "?"), segments);
    const char *allow = NULL;
    for (const struct route *const *table = route_tables; *table; table++) {
        for (const struct route *route = *table; route->path; route++) {
            if (!could_match(route->path, segments, count) || !matches(request, route->path, segments, count))
                continue;
            if (strcmp(route->method, request->method) == 0) {
                request->route = route;
                return ROUTE_FOUND;
            }
            bool get = strcmp(route->method, "GET") == 0;
            allow = arena_format(&request->arena, "%s%s%s%s", allow ? allow : "", allow ? ", " : "", route->method,
                                 get ? ", HEAD" : "");
        }
    }
    *ret_allow = allow;
    return allow ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}

bool route_answers_all(const struct request *request)
{
    const struct route *route = request->route;
    if (!route->cached || (route->restricted_readers_see_more && has_role(request, MAY_READ_RESTRICTED)))
        return false;
    return !(route->members_see_more && has_role(request, MAY_READ_RESTRICTED | ROLE_UNIT));
}

const char *route_kept_as(struct request *request)
{
    if (route_answers_all(request))
        return request->target;
    if (!request->route->cached || !request->route->members_see_more)
        return NULL;
    const struct caller *caller = &request->caller;
    return arena_format(&request->arena, "%x %s %s", caller->roles,
                        has_role(request, MAY_READ_RESTRICTED) ? "-" : caller->unit_id, request->target);
}

const struct statement *route_read(const struct request *request)
{
    const struct route *route = request->route;
    const char *sort = route->orders ? query_value(request, "sort") : NULL;
    for (const struct order *order = route->orders; sort && order->name; order++)
        if (strcmp(order->name, sort) == 0)
            return order->read;
    return route->read;
}

void route_common_query(const struct route *route, struct common_query *ret_query)
{
    size_t count = 0, orders = 0;
    *ret_query = (struct common_query){0};
    for (const struct order *order = route->orders; order && order->name && orders < ORDERS_MAX; order++)
        ret_query->orders[orders++] = order->name;
    if (route_writes(route))
        ret_query->fields[count++] = (struct query_field){.name = "dry_run", .type = FIELD_BOOLEAN};
    if (orders) {
        ret_query->fields[count++] = (struct query_field){
            .name = "sort", .type = FIELD_CHOICE, .choices = ret_query->orders, .fallback = ret_query->orders[0]};
        ret_query->fields[count++] = (struct query_field){.name = "total", .type = FIELD_BOOLEAN};
    }
    if (route->columns)
        ret_query->fields[count] =
            (struct query_field){.name = "columns", .type = FIELD_TEXT, .least = 1, .most = COLUMNS_TEXT_MOST};
}

// "codes[].scheme+value" is codes.value; "group_label.@" is group_label; "[].a" of a list of plain items is a.
const char *column_name(struct request *request, const struct column *column)
{
    const char *list = strstr(column->member, "[]"), *plus = strrchr(column->member, '+');
    const char *rest = plus ? plus + 1 : list ? list + 2 : "";
    size_t head = list ? (size_t)(list - column->member) : plus ? 0 : strlen(column->member);
    char *name = arena_allocate(&request->arena, strlen(column->member) + 2), *end = name;
    end = mempcpy(end, column->member, head);
    if (*rest && *rest != '.' && head)
        *end++ = '.';
    for (const char *c = rest; *c; c++)
        if (*c != '[' && *c != ']')
            *end++ = *c;
    *end = '\0';
    if (end - name >= 2 && end[-1] == '@' && end[-2] == '.')
        end[-2] = '\0';
    return name;
}

bool route_writes(const struct route *route)
{
    return (route->lane == LANE_WRITE || route->lane == LANE_HEAVY) && !route->trial;
}

size_t route_offers(const struct route *route, const char *ret_offers[static OFFERS_MAX])
{
    size_t count = 0;
    ret_offers[count++] = route->produces ? route->produces : "application/json";
    if (route->also_produces)
        ret_offers[count++] = route->also_produces;
    if (route->columns) {
        ret_offers[count++] = "text/csv";
        ret_offers[count++] = XLSX_TYPE;
    }
    if (route->paper) {
        ret_offers[count++] = DOCX_TYPE;
        ret_offers[count++] = PDF_TYPE;
    }
    return count;
}

const char *route_offer_wanted(const struct request *request)
{
    const char *offers[OFFERS_MAX];
    size_t count = route_offers(request->route, offers), best = accept_best(request->accept, offers, count);
    return best < count ? offers[best] : NULL;
}

int routes_count(void)
{
    int count = 0;
    for (const struct route *const *table = route_tables; *table; table++)
        for (const struct route *route = *table; route->path; route++)
            count++;
    return count;
}

int route_number(const struct route *route)
{
    int number = 0;
    for (const struct route *const *table = route_tables; *table; table++)
        for (const struct route *row = *table; row->path; row++, number++)
            if (row == route)
                return number;
    return -1;
}

const struct route *route_at(int number)
{
    for (const struct route *const *table = route_tables; *table; table++)
        for (const struct route *row = *table; row->path; row++)
            if (number-- == 0)
                return row;
    return NULL;
}
