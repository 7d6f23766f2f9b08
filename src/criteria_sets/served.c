#include "criteria_sets/served.h"

#include "engine/json/json_reader.h"
#include "rounds/parameters.h"

#include <string.h>

struct served {
    const char *of; // the register of a field; NULL: a fact
    const char *name;
    enum value_type type;
    unsigned decimals;
};

static const struct served served[] = {
#define SERVED_FACT(name, type, decimals)   {NULL, #name, VALUE_##type, decimals},
#define SERVED_FIELD(register_, name, type) {#register_, #name, VALUE_##type, 0},
#include "criteria_sets/served.def"
#undef SERVED_FACT
#undef SERVED_FIELD
};
enum { SERVED = sizeof served / sizeof *served };

static bool is_of(const struct served *item, const char *of)
{
    return of ? item->of && strcmp(item->of, of) == 0 : !item->of;
}

static const struct served *served_named(const char *of, const char *name)
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

// A fault, and after its sentence the way out, with `names` behind it.
static void refuse_with(struct rule_faults *faults, const char *pointer, enum rule_fault_kind kind, const char *subject,
                        struct bilingual way_out, const char *names)
{
    size_t before = faults->count;
    rule_fault_report(faults, pointer, kind, subject);
    if (faults->count == before)
        return; // only counted
    struct bilingual *detail = &faults->items[before].detail;
    detail->vi = arena_format(faults->arena, "%s. %s: %s.", detail->vi, way_out.vi, names);
    detail->en = arena_format(faults->arena, "%s. %s: %s.", detail->en, way_out.en, names);
}

static const struct bilingual what_is_kept = {"Các tên có dữ liệu", "What is kept"};
static const struct bilingual declare_as = {"Hãy khai kiểu", "Declare it as"};

static void check_served(struct rule_faults *faults, const char *pointer, const char *of, const char *name,
                         enum value_type type, unsigned decimals)
{
    const struct served *found = served_named(of, name);
    if (!found) {
        refuse_with(faults, pointer, FAULT_NOT_KEPT, name, what_is_kept, names_served(faults->arena, of));
        return;
    }
    const char *type_name = value_type_name(found->type);
    if (found->type != type)
        refuse_with(faults, pointer, FAULT_KEPT_OTHERWISE, name, declare_as,
                    arena_format(faults->arena, "\"%s\"", type_name));
    else if (type == VALUE_DECIMAL && found->decimals != decimals)
        refuse_with(faults, pointer, FAULT_KEPT_OTHERWISE, name, declare_as,
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
            refuse_with(faults, pointer, FAULT_NOT_KEPT, declared->name, what_is_kept,
                        "\"discipline\", \"initiatives\", \"proceedings\", \"awards\"");
            continue;
        }
        const char *fields = pointer_to(faults->arena, pointer, "fields");
        for (size_t f = 0; f < declared->field_count; f++)
            check_served(faults, pointer_to(faults->arena, fields, declared->fields[f].name), declared->name,
                         declared->fields[f].name, declared->fields[f].type, 2);
    }
}

// The days of a round are days; any other parameter is put by people (PUT …/rounds/{year}/parameters).
static void check_served_days(struct rule_faults *faults, const struct rule_set_source *source)
{
    for (size_t i = BUILT_IN_PARAMETERS; i < source->parameter_count; i++)
        for (size_t k = 0; round_day_names[k]; k++)
            if (strcmp(round_day_names[k], source->parameters[i].name) == 0 && source->parameters[i].type != VALUE_DATE)
                refuse_with(faults, pointer_to(faults->arena, "/parameters", round_day_names[k]), FAULT_KEPT_OTHERWISE,
                            round_day_names[k], declare_as, "\"date\"");
}

// Contestants are entered, and places allocated, by group and cluster.
static void check_served_groups(struct rule_faults *faults, const struct rule_set_source *source,
                                const struct standing_policy *policy)
{
    if (!policy)
        return;
    if (strcmp(source->facts[policy->group_slot].name, "contestant_kind") != 0)
        refuse_with(faults, "/standings/group_by", FAULT_NOT_DONE, source->facts[policy->group_slot].name,
                    (struct bilingual){"Đơn vị được so sánh và phân bổ suất theo",
                                       "Units are compared, and places allocated, by"},
                    "\"contestant_kind\"");
    if (policy->clustered && strcmp(source->facts[policy->cluster_slot].name, "cluster") != 0)
        refuse_with(faults, "/standings/cluster_by", FAULT_NOT_DONE, source->facts[policy->cluster_slot].name,
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
            refuse_with(faults, arena_format(faults->arena, "/balance/%zu/where/fact", i), FAULT_NOT_DONE,
                        forms->balances[i].fact,
                        (struct bilingual){"Cơ cấu khen thưởng được tính theo danh sách đối tượng",
                                           "A balance is counted by the register of contestants"},
                        "\"contestant_kind\", \"cluster\", \"advises_par\", \"on_assessed_list\"");
    }
    for (size_t i = 0; i < forms->count; i++) {
        const struct award_form *form = &forms->items[i];
        if (!form->exclusive)
            refuse_with(faults, pointer_to(faults->arena, form->pointer, "exclusive"), FAULT_NOT_DONE, form->code,
                        (struct bilingual){
                            "Không khen thưởng nhiều hình thức cho một thành tích (Luật Thi đua, khen thưởng, "
                            "Điều 5 khoản 2 điểm c): mỗi đơn vị được một hình thức, cao nhất, trong năm. Hãy ghi",
                            "No two forms of award for one achievement (Law on Emulation and "
                            "Commendation, article 5(2)(c)): a unit gets one a year, the highest. Write"},
                        "true");
        if (strcmp(form->category, "thematic") != 0)
            refuse_with(faults, pointer_to(faults->arena, form->pointer, "category"), FAULT_NOT_DONE, form->category,
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
                refuse_with(
                    faults, pointer_to(faults->arena, here, name), FAULT_NOT_DONE, name,
                    (struct bilingual){"Điểm của một nội dung nằm trong khoảng", "A score of a content is from"},
                    "0 – 100");
        }
    }
}

bool rules_served(const struct rule_set_document *document, struct rule_faults *faults)
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
    return faults->total == before;
}
