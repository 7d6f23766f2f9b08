// Exact decimals: a number of points is an integer scaled by a fixed number of decimals, "64.35" with two is 6435.
//
// Nothing here touches a float: 64,35 / 71,50 is exactly 90 % and III.1.b says "từ 90 % trở lên", yet a C double
// computes less than 90 from it. Ratios are compared by cross multiplication in 128 bits, which cannot overflow.
#ifndef THIDUA_DECIMAL_H
#define THIDUA_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DECIMAL_MOST_PLACES = 9,
    DECIMAL_TEXT_SIZE = 24, // sign, 19 digits, separator, a leading zero, NUL
};

enum decimal_error {
    DECIMAL_OK,
    DECIMAL_MALFORMED,    // not -?(0|[1-9][0-9]*)(.[0-9]+)? : blanks, a comma, an exponent, a plus, leading zeros
    DECIMAL_TOO_PRECISE,  // more digits after the point than `places`, even zeros: nothing is rounded in silence
    DECIMAL_OUT_OF_RANGE, // the scaled number does not fit in 64 bits
};

// Parses all `length` bytes of `text`; `places` is 0 … DECIMAL_MOST_PLACES. *ret_scaled is written only on DECIMAL_OK.
enum decimal_error decimal_parse(const char *text, size_t length, unsigned places, int64_t *ret_scaled);

// "10 %", "12.5%": in hundredths of a per cent. False if it is no such text.
bool percent_parse(const char *text, size_t length, int64_t *ret_hundredths);

// A share of a whole, p of q. A percentage is one of SHARE_OF_PERCENT.
enum { SHARE_OF_PERCENT = 10000, SHARE_MOST = 1000000 };
struct fraction {
    int64_t p, q;
};
// "12.5 %" or "1/3": above zero and not above the whole, both parts of a fraction at most SHARE_MOST. False if it is
// no such text.
bool share_parse(const char *text, size_t length, struct fraction *ret_share);

// Writes the canonical text with exactly `places` decimals ("64.35"; "-0.05"; "7" for 0 places) and returns its length.
size_t decimal_format(int64_t scaled, unsigned places, char text[static DECIMAL_TEXT_SIZE]);
// The same for Vietnamese readers: "64,35".
size_t decimal_format_vi(int64_t scaled, unsigned places, char text[static DECIMAL_TEXT_SIZE]);

// -1, 0 or 1 as part/whole is less than, equal to or greater than p/q. `whole` and `q` are positive.
int ratio_compare(int64_t part, int64_t whole, int64_t p, int64_t q);

// 100 × part/whole with two decimals, half up (away from zero below it), scaled by 100: 6435 of 7150 gives 9000.
// For display only: 89,996 % shows as 90,00 and still fails. False if whole is not positive or the result too large.
bool ratio_percent(int64_t part, int64_t whole, int64_t *ret_hundredths);

// How far part/whole lies above (or, negative, below) p/q, in hundredths of a percentage point, rounded down: a unit
// that fails never shows a margin of zero, one that passes never shows more than it has. False as above.
bool ratio_margin(int64_t part, int64_t whole, int64_t p, int64_t q, int64_t *ret_hundredths);

#endif
