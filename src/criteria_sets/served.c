#include "criteria_sets/served.h"

#include "engine/json/json_reader.h"
#include "rounds/parameters.h"

#include <string.h>

static const struct served served[] = {
#define SERVED_FACT(name, type, decimals, words)   {NULL, #name, VALUE_##type, decimals, words},
#define SERVED_FIELD(register_, name, type, words) {#register_, #name, VALUE_##type, 0, words},
#include "criteria_sets/served.def"
#undef SERVED_FACT
#undef SERVED_FIELD
};
enum { SERVED = sizeof served / sizeof *served };

static bool is_of(const struct served *item, const char *of)
{
    return of ? item->of && strcmp(item->of, of) == 0 : !item->of;
}

const struct served *served_named(const char *of, const char *name)
{
    for (size_t i = 0; i < SERVED; i++)
        if (is_of(&served[i], of) && strcmp(served[i].name, name) == 0)
            return &served[i];
    return NULL;
}

// What could be asked for instead.
static const char *names_served(struct arena *arena, const char *of)
{
    const char *names = NULL;
    for (size_t i = 0; i < SERVED; i++)
        if (is_of(&served[i], of))
            names = arena_format(arena, "%s%s\"%s\"", names ? names : "", names ? ", " : "", served[i].name);
    return names;
}

static const struct bilingual what_is_kept = {"Các tên có dữ liệu", "What is kept"};
static const struct bilingual declare_as = {"Hãy khai kiểu", "Declare it as"};

static void check_served(struct rule_faults *faults, const char *pointer, const char *of, const char *name,
                         enum value_type type, unsigned decimals)
{
    const struct served *found = served_named(of, name);
    if (!found) {
        rule_fault_offer(faults, pointer, FAULT_NOT_KEPT, name, what_is_kept, names_served(faults->arena, of));
        return;
    }
    const char *type_name = value_type_name(found->type);
    if (found->type != type)
        rule_fault_offer(faults, pointer, FAULT_KEPT_OTHERWISE, name, declare_as,
                         arena_format(faults->arena, "\"%s\"", type_name));
    else if (type == VALUE_DECIMAL && found->decimals != decimals)
        rule_fault_offer(faults, pointer, FAULT_KEPT_OTHERWISE, name, declare_as,
                         arena_format(faults->arena, "\"%s\", \"decimals\": %u", type_name, found->decimals));
}

static void check_served_registers(struct rule_faults *faults, const struct rule_set_source *source)
{
    static const char *const known[] = {"discipline", "initiatives", "proceedings", "awards"};
    for (size_t i = 0; i < source->register_count; i++) {
        const struct register_declaration *declared = &source->registers[i];
        const char *pointer = pointer_to(faults->arena, "/registers", declared->name);
        size_t k = 0;
        while (k < sizeof known / sizeof *known && strcmp(known[k], declared->name) != 0)
            k++;
        if (k == sizeof known / sizeof *known) {
            rule_fault_offer(faults, pointer, FAULT_NOT_KEPT, declared->name, what_is_kept,
                             "\"discipline\", \"initiatives\", \"proceedings\", \"awards\"");
            continue;
        }
        const char *fields = pointer_to(faults->arena, pointer, "fields");
        for (size_t f = 0; f < declared->field_count; f++)
            check_served(faults, pointer_to(faults->arena, fields, declared->fields[f].name), declared->name,
                         declared->fields[f].name, declared->fields[f].type, 2);
    }
}

// The days of a round are days that it gives; any other parameter is reckoned or put by people (PUT
// …/rounds/{year}/parameters).
static void check_served_days(struct rule_faults *faults, const struct rule_set_source *source)
{
    for (size_t i = BUILT_IN_PARAMETERS; i < source->parameter_count; i++)
        for (size_t k = 0; round_day_names[k]; k++)
            if (strcmp(round_day_names[k], source->parameters[i].name) == 0 &&
                (source->parameters[i].type != VALUE_DATE || source->parameters[i].reckoned))
                rule_fault_offer(faults, pointer_to(faults->arena, "/parameters", round_day_names[k]),
                                 FAULT_KEPT_OTHERWISE, round_day_names[k], declare_as, "\"date\"");
}

// Contestants are entered, and places allocated, by group and cluster.
static void check_served_groups(struct rule_faults *faults, const struct rule_set_source *source,
                                const struct standing_policy *policy)
{
    if (!policy)
        return;
    if (strcmp(source->facts[policy->group_slot].name, "contestant_kind") != 0)
        rule_fault_offer(faults, "/standings/group_by", FAULT_NOT_DONE, source->facts[policy->group_slot].name,
                         (struct bilingual){"Đơn vị được so sánh và phân bổ suất theo",
                                            "Units are compared, and places allocated, by"},
                         "\"contestant_kind\"");
    if (policy->clustered && strcmp(source->facts[policy->cluster_slot].name, "cluster") != 0)
        rule_fault_offer(
            faults, "/standings/cluster_by", FAULT_NOT_DONE, source->facts[policy->cluster_slot].name,
            (struct bilingual){"Khối, cụm của đơn vị được ghi trong", "The cluster of a unit is recorded as"},
            "\"cluster\"");
}

// One award a unit and year is what the register of awards keeps.
static void check_served_forms(struct rule_faults *faults, const struct award_forms *forms)
{
    static const char *const of_register[] = {"contestant_kind", "cluster", "advises_par", "on_assessed_list"};
    for (size_t i = 0; i < forms->balance_count; i++) {
        size_t k = 0;
        while (k < sizeof of_register / sizeof *of_register && strcmp(of_register[k], forms->balances[i].fact) != 0)
            k++;
        if (k == sizeof of_register / sizeof *of_register)
            rule_fault_offer(faults, arena_format(faults->arena, "/balance/%zu/where/fact", i), FAULT_NOT_DONE,
                             forms->balances[i].fact,
                             (struct bilingual){"Cơ cấu khen thưởng được tính theo danh sách đối tượng",
                                                "A balance is counted by the register of contestants"},
                             "\"contestant_kind\", \"cluster\", \"advises_par\", \"on_assessed_list\"");
    }
    for (size_t i = 0; i < forms->count; i++) {
        const struct award_form *form = &forms->items[i];
        if (!form->exclusive)
            rule_fault_offer(faults, pointer_to(faults->arena, form->pointer, "exclusive"), FAULT_NOT_DONE, form->code,
                             (struct bilingual){
                                 "Không khen thưởng nhiều hình thức cho một thành tích (Luật Thi đua, khen thưởng, "
                                 "Điều 5 khoản 2 điểm c): mỗi đơn vị được một hình thức, cao nhất, trong năm. Hãy ghi",
                                 "No two forms of award for one achievement (Law on Emulation and "
                                 "Commendation, article 5(2)(c)): a unit gets one a year, the highest. Write"},
                             "true");
        if (strcmp(form->category, "thematic") != 0)
            rule_fault_offer(faults, pointer_to(faults->arena, form->pointer, "category"), FAULT_NOT_DONE,
                             form->category,
                             (struct bilingual){"Hệ thống chỉ lưu khen thưởng chuyên đề: hãy ghi",
                                                "Only thematic awards are kept here: write"},
                             "\"thematic\"");
    }
}

enum { SCORE_MOST = 10000 }; // in hundredths; as finding_contents_score of the schema has it

// A score that nobody can enter would keep places open for ever.
static void check_served_scores(struct rule_faults *faults, const struct rule_set_source *source)
{
    for (size_t i = 0; i < source->content_count; i++) {
        const struct number_limits *limits = &source->scores[i];
        const bool is_beyond[] = {limits->has_least && (limits->least < 0 || limits->least > SCORE_MOST),
                                  limits->has_most && (limits->most < 0 || limits->most > SCORE_MOST)};
        const char *here = pointer_to(faults->arena, "/contents", source->contents[i].name);
        for (size_t k = 0; k < 2; k++) {
            const char *name = k ? "most" : "least";
            if (is_beyond[k])
                rule_fault_offer(
                    faults, pointer_to(faults->arena, here, name), FAULT_NOT_DONE, name,
                    (struct bilingual){"Điểm của một nội dung nằm trong khoảng", "A score of a content is from"},
                    "0 – 100");
        }
    }
}

bool rules_served(const struct rule_set_document *document, const json_t *json, struct rule_faults *faults)
{
    const struct rule_set_source *source = document->rules->source;
    size_t before = faults->total;
    for (size_t i = 0; i < source->declared_fact_count; i++)
        check_served(faults, pointer_to(faults->arena, "/facts", source->facts[i].name), NULL, source->facts[i].name,
                     source->facts[i].type, source->facts[i].decimals);
    check_served_registers(faults, source);
    check_served_days(faults, source);
    check_served_groups(faults, source, document->standings);
    check_served_scores(faults, source);
    check_served_forms(faults, &document->forms);
    check_served_words(faults, json);
    return faults->total == before;
}
