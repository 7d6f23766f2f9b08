// Papers of a dossier: what they share, and as which of them a route is read. The nominator's Tờ trình: letter_paper.c;
// the minutes of its council: minutes_paper.c; a nominee's achievement report: report_paper.c.
#include "dossiers/printing.h"
#include "dossiers/private.h"
#include "thidua/arena.h"

#include <string.h>

struct printing printing_of(struct request *request, const char *json)
{
    json_t *facts = defer_json(request, json_loads(json, 0, NULL));
    return (struct printing){.request = request,
                             .arena = &request->arena,
                             .words = words_of(request, facts),
                             .facts = facts,
                             .year = json_integer_value(json_object_get(facts, "year"))};
}

const char *printed_issuer(const struct printing *printing)
{
    return words_text(&printing->words, "nominator", "agency");
}

const char *printed_round(const struct printing *printing)
{
    return arena_format(printing->arena, "%s năm %lld", words_plain(&printing->words, "name"), printing->year);
}

const char *printed_council(const struct printing *printing)
{
    return words_text(&printing->words, "nomination", "council");
}

const char *as_sentence(const struct printing *printing, const char *text)
{
    size_t length = strlen(text);
    return length && strchr(".!?", text[length - 1]) ? text : arena_format(printing->arena, "%s.", text);
}

void known_or_blank(const struct printing *printing, const char *label, const char *value, unsigned lines)
{
    if (value)
        paper_paragraph(printing->paper, NULL,
                        as_sentence(printing, arena_format(printing->arena, "%s %s", label, value)));
    else
        paper_blank(printing->paper, label, lines);
}

const char *joined(const struct printing *printing, const json_t *list)
{
    const char *text = NULL;
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item) text =
        text ? arena_format(printing->arena, "%s; %s", text, json_string_value(item)) : json_string_value(item);
    return text;
}

struct paper *dossier_as_paper(struct request *request, struct session *session)
{
    return letter_of(request, session, path_value(request, "id"));
}

struct paper *minutes_as_paper(struct request *request, struct session *session)
{
    return minutes_of(request, session, path_value(request, "id"));
}

struct paper *nomination_as_paper(struct request *request, struct session *session)
{
    return report_of(request, session, path_value(request, "id"), path_value(request, "unit_id"));
}
