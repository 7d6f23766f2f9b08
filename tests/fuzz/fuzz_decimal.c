// Decimals: what is accepted is canonical up to missing zeros and minus zero, and reads back the same.
#include <stdint.h>
#include <stdlib.h>

#include "thidua/decimal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[DECIMAL_TEXT_SIZE];
    for (unsigned places = 0; places <= DECIMAL_MOST_PLACES; places++) {
        int64_t scaled = 0, again = 0, percent = 0;
        if (decimal_parse((const char *)data, size, places, &scaled) != DECIMAL_OK)
            continue;
        size_t length = decimal_format(scaled, places, text);
        if (decimal_parse(text, length, places, &again) != DECIMAL_OK || again != scaled)
            abort();
        if (scaled > 0 && (!ratio_percent(scaled, scaled, &percent) || percent != 10000))
            abort();
        if (scaled > 0 && ratio_compare(scaled, scaled, 1, 1) != 0)
            abort();
    }
    return 0;
}
