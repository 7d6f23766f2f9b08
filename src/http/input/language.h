// Accept-Language (RFC 9110 section 12.5.4): Vietnamese or English.
#ifndef THIDUA_HTTP_INPUT_LANGUAGE_H
#define THIDUA_HTTP_INPUT_LANGUAGE_H

enum language { VIETNAMESE, ENGLISH };

// The one with the greater weight; of equals the one that is named first, and Vietnamese where nothing decides. One
// that is not named, nor meant by *, comes after all that are wanted and before what has weight 0.
enum language language_preferred(const char *accepted);
// "vi", "en"
const char *language_tag(enum language language);

#endif
