// The criteria engine's side of the comparison: reads all units first, then times nothing but judging them.
//
// judge RULE_SET PARAMETERS UNITS RESULTS ROUNDS: RULE_SET and PARAMETERS are JSON documents, UNITS one snapshot a line
// (facts_json.h). The facts are packed and unpacked first, as the service stores and reads them: what is judged here is
// what the service judges. Prints "units nodes leaves seconds" of the fastest round and writes one line a unit to
// RESULTS: the truth of each leaf as a digit (0 false, 1 undetermined, 2 true), a blank, the overall outcome.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/json/facts_json.h"
#include "engine/json/rule_set_json.h"
#include "thidua/facts_pack.h"

struct bench {
    struct arena arena;
    struct arena rows; // the packed facts, which the service finds in the memory of libpq
    struct rule_faults faults;
    const struct rule_set *rules;
    struct evaluation_parameters parameters;
    struct unit_facts *units;
    size_t count;
};

static void give_up(const char *what, const struct rule_faults *faults)
{
    fprintf(stderr, "%s\n", what);
    for (size_t i = 0; faults && i < faults->count; i++)
        fprintf(stderr, "%s %s\n", faults->items[i].pointer, faults->items[i].detail.en);
    exit(1);
}

static void load_rules(struct bench *bench, const char *rules_path, const char *parameters_path)
{
    struct rule_set_document document;
    json_t *rules = json_load_file(rules_path, 0, NULL), *parameters = json_load_file(parameters_path, 0, NULL);
    bench->faults.arena = &bench->arena;
    if (!rule_set_from_json(&bench->arena, rules, &bench->faults, &document))
        give_up(rules_path, &bench->faults);
    bench->rules = document.rules;
    if (!parameters_from_json(&bench->arena, bench->rules->source, parameters, "", &bench->faults, &bench->parameters))
        give_up(parameters_path, &bench->faults);
    json_decref(rules);
    json_decref(parameters);
}

// The unit's facts as the service has them in memory: unpacked from the bytes of its row.
static void add_unit(struct bench *bench, const char *path, const json_t *snapshot)
{
    const struct rule_set_source *source = bench->rules->source;
    struct unit_facts facts;
    struct arena scratch = {0};
    size_t length;
    if (!facts_from_json(&scratch, source, snapshot, "", &bench->faults, &facts))
        give_up(path, &bench->faults);
    const char *bytes = facts_pack(&scratch, source, &facts, &length);
    bytes = arena_copy(&bench->rows, bytes, length);
    if (!facts_unpack_judged(&bench->arena, source, NULL, bytes, length, &bench->units[bench->count++]))
        give_up("packed facts cannot be read", NULL);
    arena_release(&scratch);
}

static void load_units(struct bench *bench, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0, room = 0;
    if (!file)
        give_up(path, NULL);
    for (ssize_t length; (length = getline(&line, &size, file)) > 0;) {
        if (bench->count == room) {
            room = room ? 2 * room : 1024;
            bench->units = realloc(bench->units, room * sizeof *bench->units);
            if (!bench->units)
                give_up("out of memory", NULL);
        }
        json_t *snapshot = json_loadb(line, (size_t)length, 0, NULL);
        add_unit(bench, path, snapshot);
        json_decref(snapshot);
    }
    free(line);
    fclose(file);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// The seconds of one pass over all units. What comes out is added up, so that no work can be left out.
static double judge_all(const struct bench *bench, struct criterion_result *criteria, struct node_result *nodes)
{
    volatile size_t sum = 0;
    double start = now();
    for (size_t i = 0; i < bench->count; i++)
        sum += criteria_judge(bench->rules, &bench->parameters, &bench->units[i], criteria, nodes);
    return now() - start;
}

static size_t write_results(const struct bench *bench, const char *path, struct criterion_result *criteria,
                            struct node_result *nodes)
{
    FILE *file = fopen(path, "w");
    size_t leaves = 0;
    if (!file)
        give_up(path, NULL);
    for (size_t i = 0; i < bench->count; i++) {
        enum overall_outcome overall =
            criteria_judge(bench->rules, &bench->parameters, &bench->units[i], criteria, nodes);
        leaves = 0;
        for (size_t k = 0; k < bench->rules->node_count; k++)
            if (bench->rules->nodes[k].leaf) {
                fputc('0' + (int)nodes[k].truth, file);
                leaves++;
            }
        fprintf(file, " %s\n", overall_outcome_name(overall));
    }
    if (fclose(file) != 0)
        give_up(path, NULL);
    return leaves;
}

int main(int count, char **arguments)
{
    struct bench bench = {0};
    double best = 1e9;
    if (count != 6)
        give_up("judge RULE_SET PARAMETERS UNITS RESULTS ROUNDS", NULL);
    load_rules(&bench, arguments[1], arguments[2]);
    load_units(&bench, arguments[3]);
    if (!criteria_covers_year(bench.rules, bench.parameters.award_year))
        give_up("the rule set does not cover the year", NULL);
    struct criterion_result *criteria =
        arena_array(&bench.arena, bench.rules->source->criterion_count, sizeof *criteria);
    struct node_result *nodes = arena_array(&bench.arena, bench.rules->node_count, sizeof *nodes);
    size_t leaves = write_results(&bench, arguments[4], criteria, nodes);
    for (long round = strtol(arguments[5], NULL, 10); round > 0; round--) {
        double seconds = judge_all(&bench, criteria, nodes);
        best = seconds < best ? seconds : best;
    }
    printf("%zu %zu %zu %.9f\n", bench.count, bench.rules->node_count, leaves, best);
    free(bench.units);
    arena_release(&bench.rows);
    arena_release(&bench.arena);
    return 0;
}
