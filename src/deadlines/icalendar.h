// Text of a calendar as RFC 5545 wants it: lines end with CR LF, none is longer than 75 octets, and no character is
// cut.
#ifndef THIDUA_DEADLINES_ICALENDAR_H
#define THIDUA_DEADLINES_ICALENDAR_H

#include "thidua/arena.h"

struct icalendar {
    struct arena *arena;
    char *text; // ended by NUL
    size_t length, room;
    size_t column; // octets of the line at hand
};

struct icalendar icalendar_new(struct arena *arena);
// A line whose value stands as it is: a day, a number, a constant.
void icalendar_line(struct icalendar *calendar, const char *name, const char *value);
// A line whose value is for people: what means something to RFC 5545 is escaped, and line ends are kept.
void icalendar_text(struct icalendar *calendar, const char *name, const char *value);

#endif
