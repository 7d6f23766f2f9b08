// Checks a rule set as written. Every fault is reported, every name is resolved to a slot.
#include "engine/leaf/private.h"

size_t find_name(const void *things, size_t count, size_t size, const char *name)
{
    const char *at = things;
    size_t i = 0;
    for (const char *candidate; i < count; i++, at += size) {
        memcpy(&candidate, at, sizeof candidate);
        if (strcmp(candidate, name) == 0)
            break;
    }
    return i;
}

static bool is_well_formed_name(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t length = strlen(name);
    return length >= 1 && length <= 64 && strspn(name, allowed) == length;
}

static void check_declared_names(struct check *check, const char *pointer, const void *things, size_t count,
                                 size_t size)
{
    const char *at = things;
    for (size_t i = 0; i < count; i++, at += size) {
        const char *name;
        memcpy(&name, at, sizeof name);
        if (!is_well_formed_name(name))
            rule_fault_report(check->faults, pointer, FAULT_BAD_NAME, name);
        if (find_name(things, i, size, name) < i)
            rule_fault_report(check->faults, pointer, FAULT_NAME_TWICE, name);
    }
    if (count > RULES_MOST_DECLARED)
        rule_fault_report(check->faults, pointer, FAULT_TOO_MANY, NULL);
}

const char *shared_text(struct check *check, const char *text)
{
    const char **item = &check->texts.items[known_text_place(text, strlen(text))];
    if (!*item)
        *item = text;
    return strcmp(*item, text) == 0 ? *item : text;
}

void check_words(struct check *check, const char *pointer, struct bilingual text)
{
    if (!text.vi || !text.en || !text.vi[0] || !text.en[0])
        rule_fault_report(check->faults, pointer, FAULT_NO_TEXT, NULL);
}

void check_citations(struct check *check, const char *pointer, const struct citation *citations, size_t count)
{
    if (count == 0)
        rule_fault_report(check->faults, pointer, FAULT_NO_CITATION, NULL);
    for (size_t i = 0; i < count; i++) {
        const struct citation *citation = &citations[i];
        if (!citation->document[0] || !citation->clause[0] || !citation->quote[0])
            rule_fault_report(check->faults, pointer, FAULT_NO_CITATION, citation->document);
        if (citation->valid_from > citation->valid_to)
            rule_fault_report(check->faults, pointer, FAULT_BAD_PERIOD, citation->document);
    }
}

static void check_parameters(struct check *check)
{
    const struct rule_set_source *source = check->source;
    check_declared_names(check, "/parameters", source->parameters, source->parameter_count, sizeof *source->parameters);
    for (size_t i = 0; i < source->parameter_count; i++)
        if (source->parameters[i].type != VALUE_DATE && source->parameters[i].type != VALUE_INTEGER &&
            source->parameters[i].type != VALUE_DECIMAL)
            rule_fault_report(check->faults, "/parameters", FAULT_WRONG_TYPE, source->parameters[i].name);
}

void check_declarations(struct check *check)
{
    const struct rule_set_source *source = check->source;
    if (!is_well_formed_name(source->name))
        rule_fault_report(check->faults, "/name", FAULT_BAD_NAME, source->name);
    if (source->version < 1)
        rule_fault_report(check->faults, "/version", FAULT_BAD_NUMBER, NULL);
    if (source->valid_from > source->valid_to)
        rule_fault_report(check->faults, "/valid_to", FAULT_BAD_PERIOD, NULL);
    if (source->award_year_count == 0)
        rule_fault_report(check->faults, "/award_years", FAULT_EMPTY, NULL);
    if (source->criterion_count == 0)
        rule_fault_report(check->faults, "/criteria", FAULT_EMPTY, NULL);
    check_declared_names(check, "/facts", source->facts, source->declared_fact_count, sizeof *source->facts);
    check_declared_names(check, "/registers", source->registers, source->register_count, sizeof *source->registers);
    check_declared_names(check, "/contents", source->contents, source->content_count, sizeof *source->contents);
    check_declared_names(check, "/documents", source->documents, source->document_count, sizeof *source->documents);
    check_parameters(check);
    for (size_t i = 0; i < source->register_count; i++)
        check_declared_names(check, "/registers", source->registers[i].fields, source->registers[i].field_count,
                             sizeof *source->registers[i].fields);
}

static bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_limits(const struct time_limits *a, const struct time_limits *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; i < a->count && same; i++) {
        const struct time_limit *one = &a->items[i], *other = &b->items[i];
        same = one->day.kind == other->day.kind && same_name(one->day.text, other->day.text) &&
               same_name(one->day.fallback, other->day.fallback) && one->includes_day == other->includes_day &&
               one->calendar_days == other->calendar_days && one->working_days == other->working_days;
    }
    return same;
}

// Leaves that wait for the same days share them, so that these are looked at once for all that follow one another.
static const struct time_limits *shared_until(struct check *check, const struct time_limits *until)
{
    for (size_t i = 0; i < check->until_count; i++)
        if (same_limits(check->untils[i], until))
            return check->untils[i];
    return check->untils[check->until_count++] = until;
}

static void check_until(struct check *check, struct leaf *leaf)
{
    for (size_t i = 0; leaf->until && i < leaf->until->count; i++) {
        struct time_limit *limit = &leaf->until->items[i];
        check_operand(check, leaf, &limit->day, VALUE_DATE, 0);
        if (limit->calendar_days && limit->working_days)
            rule_fault_report(check->faults, leaf->pointer, FAULT_BAD_NUMBER, "days");
        check->counts_working_days |= limit->working_days != 0;
    }
    if (leaf->until)
        leaf->until = shared_until(check, leaf->until);
}

// A leaf has citations of its own, and one more for on_missing = false.
static void check_any_leaf(struct check *check, struct leaf *leaf)
{
    check_citations(check, leaf->pointer, leaf->citations, leaf->citation_count);
    if (leaf->missing_is_false)
        check_citations(check, leaf->pointer, leaf->missing_citation, leaf->missing_citation != NULL);
    check_words(check, leaf->pointer, leaf->text);
    check_until(check, leaf);
    for (size_t i = 0; i < check->leaf_count; i++)
        if (strcmp(check->leaf_ids[i], leaf->id) == 0)
            rule_fault_report(check->faults, leaf->pointer, FAULT_ID_TWICE, leaf->id);
    check->leaf_ids[check->leaf_count++] = leaf->id;
    leaf->kind->check(check, leaf);
}

// It is read where everybody of the offices sees it, and it has no calendar.
static bool serves_standings(struct check *check, const struct leaf *leaf, size_t before)
{
    if (check->counts_working_days || leaf->names_people)
        rule_fault_report(check->faults, leaf->pointer, FAULT_BAD_VALUE, *leaf->id ? leaf->id : NULL);
    return check->faults->total == before;
}

bool check_part(struct arena *arena, const struct rule_set_source *source, struct rule_faults *faults,
                struct leaf *part)
{
    struct check *check = arena_new(arena, struct check);
    size_t before = faults->total;
    *check = (struct check){.arena = arena, .source = source, .faults = faults};
    part->kind->check(check, part);
    return serves_standings(check, part, before);
}

bool check_single_leaf(struct arena *arena, const struct rule_set_source *source, struct rule_faults *faults,
                       struct leaf *leaf)
{
    struct check *check = arena_new(arena, struct check);
    size_t before = faults->total;
    *check = (struct check){.arena = arena, .source = source, .faults = faults};
    check_any_leaf(check, leaf);
    return serves_standings(check, leaf, before);
}

static void check_combinator(struct check *check, struct expression *expression, size_t depth)
{
    int64_t count = (int64_t)expression->child_count;
    if (count == 0)
        rule_fault_report(check->faults, expression->pointer, FAULT_EMPTY, NULL);
    if (expression->kind == KIND_NOT && count > 1)
        rule_fault_report(check->faults, expression->pointer, FAULT_TOO_MANY, NULL);
    if (expression->kind == KIND_AT_LEAST && (expression->least < 1 || expression->least > count))
        rule_fault_report(check->faults, expression->pointer, FAULT_BAD_NUMBER, NULL);
    for (size_t i = 0; i < expression->child_count; i++)
        check_expression(check, expression->children[i], depth + 1);
}

void check_expression(struct check *check, struct expression *expression, size_t depth)
{
    size_t guarded = expression->applies_when ? 1 : 0; // the guard's own node
    depth += guarded;
    check->node_count += 1 + guarded;
    if (depth > RULES_MOST_DEPTH || check->node_count > RULES_MOST_NODES) {
        rule_fault_report(check->faults, expression->pointer,
                          depth > RULES_MOST_DEPTH ? FAULT_TOO_DEEP : FAULT_TOO_MANY_NODES, NULL);
        return;
    }
    if (expression->applies_when)
        check_expression(check, expression->applies_when, depth);
    if (expression->leaf)
        check_any_leaf(check, expression->leaf);
    else
        check_combinator(check, expression, depth);
}
