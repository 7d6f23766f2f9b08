#include "http/input/language.h"

#include "http/input/accept.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { TAG_LENGTH = 2 };
enum exactness { NONE, ANY, REGION, EXACT }; // *, en-US, en

struct wish {
    enum exactness exactness;
    int weight; // thousandths
    size_t place;
};

const char *language_tag(enum language language)
{
    return language == ENGLISH ? "en" : "vi";
}

// RFC 4647 section 3.4, the other way round: who asks for the English of a region is served by English.
static enum exactness exactness(const char *range, size_t length, const char *tag)
{
    if (length == 1 && *range == '*')
        return ANY;
    if (length < TAG_LENGTH || strncasecmp(range, tag, TAG_LENGTH) != 0)
        return NONE;
    if (length == TAG_LENGTH)
        return EXACT;
    return range[TAG_LENGTH] == '-' ? REGION : NONE;
}

// The most exact range says how much a language is wanted; of several regions the one that is wanted most.
static struct wish wish_for(const char *accepted, const char *tag)
{
    struct wish found = {.exactness = NONE};
    for (const char *range = accepted; *range;) {
        range += strspn(range, " \t,");
        size_t whole = strcspn(range, ","), length = strcspn(range, ";, \t");
        enum exactness exact = exactness(range, length, tag);
        int weight = accept_weight(range + length, whole - length);
        if (exact > found.exactness || (exact == found.exactness && exact != NONE && weight > found.weight))
            found = (struct wish){exact, weight, (size_t)(range - accepted)};
        range += whole;
    }
    return found;
}

static int rank_language(struct wish wish)
{
    if (wish.exactness == NONE)
        return 0;
    return wish.weight ? wish.weight : -1;
}

enum language language_preferred(const char *accepted)
{
    if (!accepted)
        return VIETNAMESE;
    struct wish vi = wish_for(accepted, language_tag(VIETNAMESE)), en = wish_for(accepted, language_tag(ENGLISH));
    if (rank_language(vi) != rank_language(en))
        return rank_language(en) > rank_language(vi) ? ENGLISH : VIETNAMESE;
    return rank_language(en) > 0 && en.place < vi.place ? ENGLISH : VIETNAMESE;
}
