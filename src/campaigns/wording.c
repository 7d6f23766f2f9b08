#include "campaigns/wording.h"

#include "thidua/arena.h"

struct wording words_of(struct request *request, const json_t *facts)
{
    return (struct wording){&request->arena, json_object_get(facts, "wording")};
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

const char *words_text(const struct wording *words, const char *section, const char *name)
{
    return or_empty(member_text_in(words->wording, section, name));
}

const char *words_plain(const struct wording *words, const char *name)
{
    return or_empty(member_text(words->wording, name));
}

static const char **texts(const struct wording *words, const char *section, const char *name, size_t *ret_count)
{
    const json_t *list = json_object_get(json_object_get(words->wording, section), name);
    const char **items = arena_array(words->arena, json_array_size(list) + 1, sizeof *items);
    *ret_count = json_array_size(list);
    for (size_t i = 0; i < *ret_count; i++)
        items[i] = or_empty(json_string_value(json_array_get(list, i)));
    return items;
}

void words_head(const struct wording *words, struct paper *paper, const char *office, const char *number,
                const char *symbol, const char *day)
{
    paper_head(paper, &(struct paper_head){
                          .superior = member_text_in(words->wording, office, "superior"),
                          .issuer = words_text(words, office, "agency"),
                          .number = paper_number(words->arena, number, symbol),
                          .place = paper_place(words->arena, words_plain(words, "place"), day),
                      });
}

void words_bases(const struct wording *words, struct paper *paper, const char *section, const char *proposer)
{
    size_t count;
    const char **bases = texts(words, section, "bases", &count);
    for (size_t i = 0; i < count; i++)
        paper_basis(paper, bases[i], false);
    paper_basis(paper,
                arena_format(words->arena, "Căn cứ %s %s của %s", words_plain(words, "plan"),
                             paper_day(words->arena, words_plain(words, "plan_issued_on")),
                             words_plain(words, "plan_issuer")),
                !proposer);
    if (proposer)
        paper_basis(paper, proposer, true);
}

void words_signature(const struct wording *words, struct paper *paper, const char *office, const char *name,
                     const char *section)
{
    size_t count;
    const char **recipients = texts(words, section, "recipients", &count);
    paper_signature(paper, (struct paper_signer){words_text(words, office, "capacity"), name}, recipients, count);
}
