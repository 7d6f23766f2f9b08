#include "http/route.h"

#include "http/input/accept.h"

#include "http/transport/exchange.h"
#include "thidua/identifier.h"

#include <stdlib.h>
#include <string.h>

enum { SEGMENTS_MAX = 12 };

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

static bool is_number(const char *value, size_t length, size_t most)
{
    return length >= 1 && length <= most && strspn(value, "0123456789") == length && (*value != '0' || length == 1);
}

// Path parameters are checked by their name, so that an id that cannot be one is not found. The journal knows a
// resource by its path, and so does who asks it what was done to one: each value has one spelling from here on.
static const char *fitting(struct request *request, const char *name, const char *value)
{
    size_t length = strlen(value), name_length = strlen(name);
    bool is_id = name_length >= 2 && strcmp(name + name_length - 2, "id") == 0;
    if (uuid_text_is_valid(value, length) && (is_id || strcmp(name, "document") == 0)) { // which may also be a kind
        char *lower = arena_copy(&request->arena, value, length);
        uuid_text_lower(lower);
        return lower;
    }
    bool fits = length >= 1 && length <= 128 && !is_id;
    if (strcmp(name, "year") == 0 || strcmp(name, "version") == 0)
        fits = is_number(value, length, 4);
    if (strcmp(name, "seq") == 0)
        fits = is_number(value, length, 18);
    return fits ? value : NULL;
}

// RFC 3986 section 6.2.2: a value has one spelling in a path, in which nothing is escaped that need not be.
static const char *escaped(struct arena *arena, const char *value)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char digits[] = "0123456789ABCDEF";
    char *text = arena_bytes(arena, 3 * strlen(value) + 1), *to = text;
    for (; *value; value++) {
        unsigned byte = (unsigned char)*value;
        if (strchr(plain, *value)) {
            *to++ = *value;
            continue;
        }
        *to++ = '%';
        *to++ = digits[byte / 16];
        *to++ = digits[byte % 16];
    }
    *to = '\0';
    return text;
}

// All routes in the order of the tables. A target is only held against those that have as many segments.
static const struct route *all_routes[ROUTES_MAX];
static int all_count;
static struct listed_route {
    const struct route *route;
    struct segment segments[SEGMENTS_MAX];
    const struct listed_route *next; // with as many segments
} listed[ROUTES_MAX];
static const struct listed_route *first_of_length[SEGMENTS_MAX + 1];

static void list_route(const struct route *route, const struct listed_route **last_of_length[])
{
    if (all_count == ROUTES_MAX)
        abort();
    struct listed_route *place = &listed[all_count];
    all_routes[all_count++] = route;
    *place = (struct listed_route){.route = route};
    size_t count = split(route->path, strlen(route->path), place->segments);
    *last_of_length[count] = place;
    last_of_length[count] = &place->next;
}

void routes_use(const struct route *const tables[])
{
    const struct listed_route **last_of_length[SEGMENTS_MAX + 1];
    all_count = 0;
    for (size_t count = 0; count <= SEGMENTS_MAX; count++) {
        first_of_length[count] = NULL;
        last_of_length[count] = &first_of_length[count];
    }
    for (const struct route *const *table = tables; *table; table++)
        for (const struct route *route = *table; route->path; route++)
            list_route(route, last_of_length);
}

// Most routes differ in a literal: that decides before anything is copied.
static bool could_match(const struct listed_route *place, const struct segment *segments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct segment own = place->segments[i];
        if (own.text[0] != '{' &&
            (own.length != segments[i].length || memcmp(own.text, segments[i].text, own.length) != 0))
            return false;
    }
    return true;
}

// *ret_misfit is the parameter that cannot be what was sent, where there is one.
static bool matches(struct request *request, const struct listed_route *place, const struct segment *segments,
                    size_t count, const char **ret_misfit)
{
    size_t parameters = 0;
    struct pair path[PATH_PARAMETERS_MAX] = {{0}};
    for (size_t i = 0; i < count; i++) {
        struct segment own = place->segments[i];
        if (own.text[0] != '{')
            continue;
        const char *name = arena_copy(&request->arena, own.text + 1, own.length - 2);
        const char *sent = percent_decode(&request->arena, segments[i].text, segments[i].length, false);
        const char *value = sent ? fitting(request, name, sent) : NULL;
        if (!value || parameters == PATH_PARAMETERS_MAX) {
            *ret_misfit = name;
            return false;
        }
        path[parameters++] = (struct pair){name, value};
    }
    memcpy(request->path, path, sizeof path);
    return true;
}

static bool is_written(struct segment segment, const char *value)
{
    return strlen(value) == segment.length && memcmp(value, segment.text, segment.length) == 0;
}

// Location, links, idempotency and what is kept in memory go by the target: a value that was sent in another spelling
// is written there in its own.
static void spell_target(struct request *request, const struct listed_route *place, struct segment *segments,
                         size_t count)
{
    const struct pair *parameter = request->path;
    bool as_sent = true;
    for (size_t i = 0; i < count; i++) {
        if (place->segments[i].text[0] != '{' || is_written(segments[i], (parameter++)->value))
            continue;
        const char *written = escaped(&request->arena, parameter[-1].value);
        as_sent &= is_written(segments[i], written);
        segments[i] = (struct segment){written, strlen(written)};
    }
    const char *path = "";
    for (size_t i = 0; i < count && !as_sent; i++)
        path = arena_format(&request->arena, "%s/%.*s", path, (int)segments[i].length, segments[i].text);
    if (!as_sent)
        request->target = arena_format(&request->arena, "%s%s", path, strchrnul(request->target, '?'));
}

enum route_match route_find(struct request *request, const char **ret_allow, const char **ret_misfit)
{
    struct segment segments[SEGMENTS_MAX];
    size_t count = split(request->target, strcspn(request->target, "?"), segments);
    const char *allow = NULL;
    *ret_misfit = NULL;
    for (const struct listed_route *place = first_of_length[count]; place; place = place->next) {
        const struct route *route = place->route;
        if (!could_match(place, segments, count) || !matches(request, place, segments, count, ret_misfit))
            continue;
        if (strcmp(route->method, request->method) == 0) {
            request->route = route;
            spell_target(request, place, segments, count);
            return ROUTE_FOUND;
        }
        bool get = strcmp(route->method, "GET") == 0;
        allow = arena_format(&request->arena, "%s%s%s%s", allow ? allow : "", allow ? ", " : "", route->method,
                             get ? ", HEAD" : "");
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
    return all_count;
}

int route_number(const struct route *route)
{
    for (int number = 0; number < all_count; number++)
        if (all_routes[number] == route)
            return number;
    return -1;
}

const struct route *route_at(int number)
{
    return number >= 0 && number < all_count ? all_routes[number] : NULL;
}
