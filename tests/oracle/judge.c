// The C engine's side of the oracle: reads lines from standard input, each a letter and a JSON document.
//   R a rule set: answers the ids of its leaves      P the parameters of an evaluation
//   U a unit's snapshot: answers the truth of each leaf as a digit (0 false, 1 undetermined, 2 true), the outcome of
//   each
//     criterion, the overall outcome, the keys of its standing, and behind a bar the changes that would make it
//     eligible
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/json/facts_json.h"
#include "engine/json/rule_set_json.h"
#include "thidua/facts_pack.h"
#include "thidua/verdict_pack.h"

struct judge {
    struct arena arena; // of one rule set
    struct rule_faults faults;
    const struct rule_set *rules;
    const struct standing_policy *policy; // NULL: it ranks nobody
    struct evaluation_parameters parameters;
};

static void give_up(const char *what, const char *text)
{
    fprintf(stderr, "%s: %s\n", what, text);
    exit(1);
}

static void give_up_faulty(const char *text, const struct rule_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        fprintf(stderr, "%s %s\n", faults->items[i].pointer, faults->items[i].detail.en);
    give_up("not taken", text);
}

static void take_rules(struct judge *judge, const char *text, size_t length)
{
    struct rule_set_document document;
    arena_release(&judge->arena);
    judge->faults = (struct rule_faults){.arena = &judge->arena};
    json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    if (!rule_set_from_json(&judge->arena, json, &judge->faults, &document))
        give_up_faulty(text, &judge->faults);
    json_decref(json);
    judge->rules = document.rules;
    judge->policy = document.standings;
    for (size_t i = 0; i < judge->rules->node_count; i++)
        if (judge->rules->nodes[i].leaf)
            printf("%s ", judge->rules->nodes[i].leaf->id);
    printf("\n");
}

static void take_parameters(struct judge *judge, const char *text, size_t length)
{
    json_t *json = json_loadb(text, length, 0, NULL);
    if (!parameters_from_json(&judge->arena, judge->rules->source, json, "", &judge->faults, &judge->parameters))
        give_up_faulty(text, &judge->faults);
    json_decref(json);
}

// Part and whole of each key; "-" where it is unknown.
static void print_keys(const struct judge *judge, const struct unit_facts *facts)
{
    struct standing_keys keys = {NULL, 0};
    if (judge->policy)
        keys = standing_keys_of(judge->policy, standing_group(judge->policy, facts));
    for (size_t i = 0; i < keys.count; i++) {
        struct key_value value = standing_key_value(&keys.items[i], &judge->parameters, facts);
        if (value.known)
            printf(" %lld/%lld", (long long)value.part, (long long)value.whole);
        else
            printf(" -");
    }
}

// The facts as the service judges them: unpacked from their bytes. What is packed comes back the same.
static struct unit_facts facts_there_and_back(struct arena *arena, const struct rule_set_source *source,
                                              const struct unit_facts *facts, const char *text)
{
    struct unit_facts back;
    size_t length, length_again;
    const char *bytes = facts_pack(arena, source, facts, &length);
    if (!facts_unpack(arena, source, NULL, bytes, length, &back))
        give_up("packed facts cannot be read", text);
    const char *again = facts_pack(arena, source, &back, &length_again);
    if (length != length_again || memcmp(bytes, again, length) != 0)
        give_up("facts are not the same after packing", text);
    back.ranks = facts->ranks; // they come of the whole round, and are not packed
    return back;
}

static void check_packed_verdict(struct arena *arena, const struct rule_set *rules, const struct verdict *verdict,
                                 const char *text)
{
    struct verdict back;
    size_t length, length_again;
    const char *bytes = verdict_pack(arena, rules, verdict, &length);
    if (!verdict_unpack(arena, rules, verdict->unit_id, bytes, length, &back))
        give_up("a packed verdict cannot be read", text);
    const char *again = verdict_pack(arena, rules, &back, &length_again);
    if (length != length_again || memcmp(bytes, again, length) != 0 || back.change_count != verdict->change_count)
        give_up("a verdict is not the same after packing", text);
}

// Behind another bar.
static void print_decisive(const struct rule_set *rules, const struct verdict *verdict)
{
    printf("|");
    for (size_t i = 0; i < rules->node_count; i++)
        if (rules->nodes[i].leaf && verdict->nodes[i].decisive)
            printf("%s ", rules->nodes[i].leaf->id);
}

static void take_unit(struct judge *judge, const char *text, size_t length)
{
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct unit_facts facts;
    struct verdict verdict;
    json_t *json = json_loadb(text, length, 0, NULL);
    if (!facts_from_json(&arena, judge->rules->source, json, "", &faults, &facts))
        give_up_faulty(text, &faults);
    facts = facts_there_and_back(&arena, judge->rules->source, &facts, text);
    if (criteria_evaluate(&arena, judge->rules, &judge->parameters, &facts, &verdict) != EVALUATION_OK)
        give_up("the rule set does not cover the year", text);
    check_packed_verdict(&arena, judge->rules, &verdict, text);
    for (size_t i = 0; i < judge->rules->node_count; i++)
        if (judge->rules->nodes[i].leaf)
            putchar('0' + (int)verdict.nodes[i].truth);
    for (size_t i = 0; i < judge->rules->source->criterion_count; i++)
        printf(" %s", criterion_outcome_name(verdict.criteria[i].outcome));
    printf(" %s", overall_outcome_name(verdict.overall));
    print_keys(judge, &facts);
    printf("|");
    for (size_t i = 0; i < verdict.change_count; i++)
        printf("%s=%s ", judge->rules->nodes[verdict.changes[i].node].leaf->id, truth_name(verdict.changes[i].to));
    print_decisive(judge->rules, &verdict);
    printf("\n");
    json_decref(json);
    arena_release(&arena);
}

int main(void)
{
    struct judge judge = {0};
    char *line = NULL;
    size_t size = 0;
    for (ssize_t length; (length = getline(&line, &size, stdin)) > 1;) {
        if (line[0] == 'R')
            take_rules(&judge, line + 1, (size_t)length - 1);
        else if (line[0] == 'P')
            take_parameters(&judge, line + 1, (size_t)length - 1);
        else
            take_unit(&judge, line + 1, (size_t)length - 1);
    }
    free(line);
    arena_release(&judge.arena);
    return 0;
}
