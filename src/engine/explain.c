// What a leaf saw, what it wanted, by how much, and a sentence in two languages. Each kind says its part; this puts the
// parts together.
#include "engine/leaf/private.h"

static const char *margin_text(const struct explainer *explainer)
{
    const struct leaf *leaf = explainer->context.leaf;
    int64_t margin;
    if (!leaf->kind->margin || !leaf->kind->margin(&explainer->context, explainer->result, &margin))
        return NULL;
    return number_text(explainer, margin, leaf->margin_decimals);
}

static const struct bilingual reasons[REASON_KINDS] = {
    [REASON_NONE] = {"", ""},
    [REASON_FACT_UNKNOWN] = {" Chưa có dữ kiện.", " The fact is not known yet."},
    [REASON_WHOLE_IS_ZERO] = {" Tổng điểm tối đa bằng 0.", " The maximum is zero."},
    [REASON_WHOLE_IS_NEGATIVE] = {" Tổng điểm tối đa là số âm.", " The maximum is negative."},
    // Both as register_sentence() says it.
    [REASON_REGISTER_UNKNOWN] = {"", ""},
    [REASON_REGISTER_INCOMPLETE] = {"", ""},
    [REASON_ENTRY_UNCLEAR] = {" Có bản ghi thiếu thông tin để kết luận.",
                              " An entry lacks what is needed to tell whether it counts."},
    [REASON_LIMIT_UNKNOWN] = {" Chưa xác định được thời hạn hoặc mốc so sánh.", " The limit is not known yet."},
    [REASON_NO_FINDING] = {" Chưa có kết luận thẩm định.", " No finding has been recorded."},
    [REASON_FINDER_NOT_COMPETENT] = {" Kết luận không do cơ quan có thẩm quyền ghi nhận.",
                                     " The finding was not made by a competent body."},
    [REASON_RANK_OPEN] = {" Thứ hạng còn tùy vào dữ kiện chưa có của đơn vị hoặc của các đơn vị cùng nhóm.",
                          " The rank still depends on facts of the unit or of others of its group."},
    [REASON_BASE_NOT_POSITIVE] = {" Số để so sánh không lớn hơn 0 nên không tính được phần trăm.",
                                  " What it is compared with is not above zero, so there is no percentage of it."},
    [REASON_DOCUMENTS_UNKNOWN] = {" Chưa biết thành phần hồ sơ.", " The components of the dossier are not known yet."},
    [REASON_NOT_YET] = {"", ""}, // as limit_sentence() says it
};

static const char *day_text(const struct explainer *explainer, int32_t day)
{
    return shown_value(explainer, (struct value){VALUE_DATE, {day}});
}

static const char *worded(const struct explainer *explainer, const char *vi, const char *en)
{
    return explainer->vietnamese ? vi : en;
}

// What is declared of the register: "through 01/03/2025".
static const char *declared_text(const struct explainer *explainer, const struct register_gap *gap)
{
    if (gap->has_through)
        return arena_format(explainer->arena, "%s %s",
                            worded(explainer, "được xác nhận đầy đủ đến hết ngày", "is declared complete through"),
                            day_text(explainer, gap->through));
    if (gap->complete)
        return worded(explainer, "được xác nhận đầy đủ nhưng không nêu đến ngày nào",
                      "is declared complete, but not through which day");
    return worded(explainer, "chưa được xác nhận đầy đủ", "is not declared complete");
}

// Which register ends when, through which day it is needed, and what to do. Nobody can declare a day ahead.
static const char *register_sentence(const struct explainer *explainer)
{
    const struct leaf_context *context = &explainer->context;
    enum leaf_reason reason = explainer->result->reason;
    if (!context->leaf->kind->gap || (reason != REASON_REGISTER_UNKNOWN && reason != REASON_REGISTER_INCOMPLETE))
        return "";
    struct register_gap gap = context->leaf->kind->gap(context);
    const struct register_declaration *declared = &explainer->rules->source->registers[gap.slot];
    const char *text = explainer->vietnamese ? declared->text.vi : declared->text.en;
    const char *name = text && *text ? text : declared->name, *state = declared_text(explainer, &gap);
    const char *needed = gap.needed.type == VALUE_DATE ? shown_value(explainer, gap.needed) : NULL;
    if (!needed)
        return arena_format(explainer->arena, " %s %s; %s", name, state,
                            worded(explainer, "chưa biết cần đến ngày nào. Hãy xác nhận sổ này đầy đủ.",
                                   "through which day it is needed is not known. Declare it complete."));
    return arena_format(
        explainer->arena, " %s %s; %s %s. %s", name, state,
        worded(explainer, "cần đến hết ngày", "it is needed through"), needed,
        worded(explainer, "Hãy xác nhận sổ này đầy đủ đến hết ngày đó.", "Declare it complete through that day."));
}

// ---- what the round has still to give ----

static const char *better_named(const char *name, const char *other)
{
    return !name || (!*name && other) ? other : name;
}

// The first of them that is a parameter of the round which nobody has put yet, in words; NULL: none is. The days that
// the service knows have no words: "".
static const char *unput(const struct explainer *explainer, const struct operand *operands, size_t count)
{
    const char *found = NULL;
    for (const struct operand *operand = operands; operand < operands + count; operand++) {
        if (operand->kind != OPERAND_PARAMETER || operand_value(&explainer->context, operand).type != VALUE_UNKNOWN)
            continue;
        const struct parameter_declaration *declared = &explainer->rules->source->parameters[operand->slot];
        if (declared->reckoned) { // nobody gives it: what may be missing is the day from which it is reckoned
            if (explainer->context.parameters->values[declared->of].type != VALUE_UNKNOWN)
                continue;
            declared = &explainer->rules->source->parameters[declared->of];
        }
        found = better_named(found, worded(explainer, declared->text.vi, declared->text.en));
    }
    return found;
}

static const char *unput_of_filters(const struct explainer *explainer, const struct filters *filters)
{
    const char *name = NULL;
    for (size_t i = 0; i < filters->count; i++)
        name = better_named(name, unput(explainer, filters->items[i].operands.items, filters->items[i].operands.count));
    return name;
}

static const char *unput_of_leaf(const struct explainer *explainer, const struct leaf *leaf);

// Of those that keep the sum open: others wait for nothing.
static const char *unput_of_terms(const struct explainer *explainer, const struct sum_terms *terms)
{
    const struct leaf_context *context = &explainer->context;
    const char *name = NULL;
    struct sum_range part;
    for (size_t i = 0, end; i < terms->count; i = end) {
        end = part_range(terms, i, context->parameters, context->facts, &part);
        for (size_t k = i; part.open && k < end; k++)
            if (terms->items[k].count)
                name = better_named(name, unput_of_leaf(explainer, terms->items[k].count));
    }
    return name;
}

static const char *unput_of_member(const struct explainer *explainer, enum member_form form, const void *place)
{
    const struct operands *operands = place;
    const struct window *window = place;
    if (form == MEMBER_OPERAND)
        return unput(explainer, place, 1);
    if (form == MEMBER_OPERANDS)
        return unput(explainer, operands->items, operands->count);
    if (form == MEMBER_FILTERS)
        return unput_of_filters(explainer, place);
    if (form == MEMBER_WINDOW && window->present)
        return unput(explainer, (struct operand[]){window->from, window->to}, 2);
    return form == MEMBER_TERMS ? unput_of_terms(explainer, place) : NULL;
}

// Counts in a sum have no terms of their own.
static const char *unput_of_leaf(const struct explainer *explainer, const struct leaf *leaf)
{
    const char *name = NULL;
    for (const struct leaf_member *member = leaf->kind->members; member && member->name; member++)
        name = better_named(name, unput_of_member(explainer, member->form, (const char *)leaf + member->place));
    return name;
}

// A number or day of the round: then no fact of the unit is at fault, and no entry. NULL: none is missing.
static const char *parameter_sentence(const struct explainer *explainer)
{
    const char *name =
        explainer->result->truth == TRUTH_UNDETERMINED ? unput_of_leaf(explainer, explainer->context.leaf) : NULL;
    return name && *name
               ? arena_format(explainer->arena, "%s%s.",
                              worded(explainer, " Đợt xét chưa có tham số: ", " The round does not say yet: "), name)
               : name;
}

// Up to when a leaf that is not met may still come true, or could have.
static const char *limit_sentence(const struct explainer *explainer)
{
    const struct leaf_context *context = &explainer->context;
    if (!context->leaf->until || explainer->result->truth == TRUTH_TRUE)
        return "";
    struct value last = until_last_day(context);
    bool past = explainer->result->past;
    if (last.type == VALUE_UNKNOWN)
        return past ? ""
                    : worded(explainer, " Còn có thể đạt: thời hạn chưa kết thúc.",
                             " It may still come about: its time is not over.");
    return arena_join(
        explainer->arena,
        (const char *const[]){
            past ? worded(explainer, " Thời hạn đã hết: đến hết ngày ", " Its time is over: the last day was ")
                 : worded(explainer, " Còn thời hạn đến hết ngày ", " There is time through "),
            shown_value(explainer, last), ".", NULL});
}

// A unit that is not assessed misses nothing, and nobody attains an inspection: of these a leaf only says whether it is
// so. So does one that must not be so.
static bool is_demanded(const struct explainer *explainer)
{
    return explainer->bears.role == LEAF_REQUIRES && !explainer->bears.negated;
}

static const char *outcome_text(const struct explainer *explainer)
{
    static const struct bilingual demanded[] = {
        [TRUTH_FALSE] = {"chưa đạt", "not met"},
        [TRUTH_UNDETERMINED] = {"chưa xác định", "open"},
        [TRUTH_TRUE] = {"đạt", "met"},
    };
    static const struct bilingual stated[] = {
        [TRUTH_FALSE] = {"không", "no"},
        [TRUTH_UNDETERMINED] = {"chưa xác định", "open"},
        [TRUTH_TRUE] = {"có", "yes"},
    };
    const struct bilingual *words = is_demanded(explainer) ? demanded : stated;
    if (explainer->bears.idle)
        return worded(explainer, "không áp dụng", "not applicable");
    return worded(explainer, words[explainer->result->truth].vi, words[explainer->result->truth].en);
}

// What comes of it, where this leaf is why: for the criterion, or for a part of it.
static const char *consequence(const struct explainer *explainer)
{
    const bool is = explainer->result->truth == TRUTH_TRUE;
    if (explainer->bears.role == LEAF_APPLIES_WHEN && explainer->bears.idles_all)
        return worded(explainer, " Tiêu chí không áp dụng.", " The criterion does not apply.");
    if (explainer->bears.role == LEAF_APPLIES_WHEN && explainer->bears.idles_part)
        return worded(explainer, " Yêu cầu kèm theo không áp dụng.", " What hangs on it does not apply.");
    if (explainer->bears.role == LEAF_HOLD && explainer->outcome == OUTCOME_DEFERRED && is)
        return worded(explainer, " Chưa xét khen thưởng khi điều này còn.", " No award while this is so.");
    if (explainer->bears.role == LEAF_REQUIRES && explainer->bears.negated && is)
        return worded(explainer, " Không được như vậy.", " It must not be so.");
    return "";
}

// Why it is open and what can be done: of one that does not apply there is nothing to say.
static const char *remarks(const struct explainer *explainer)
{
    const char *parameter = parameter_sentence(explainer);
    bool entry_blamed = parameter && explainer->result->reason == REASON_ENTRY_UNCLEAR;
    const struct bilingual reason = reasons[entry_blamed ? REASON_LIMIT_UNKNOWN : explainer->result->reason];
    if (explainer->bears.idle)
        return "";
    return arena_join(explainer->arena, (const char *const[]){worded(explainer, reason.vi, reason.en),
                                                              parameter ? parameter : "", register_sentence(explainer),
                                                              limit_sentence(explainer), consequence(explainer), NULL});
}

static const char *explanation(const struct explainer *explainer)
{
    const struct leaf *leaf = explainer->context.leaf;
    const char *observed = text_or_unknown(explainer, leaf->kind->observed(explainer)),
               *required = text_or_unknown(explainer, leaf->kind->required(explainer)),
               *margin = is_demanded(explainer) && !explainer->bears.idle ? margin_text(explainer) : NULL;
    return arena_join(
        explainer->arena,
        (const char *const[]){worded(explainer, leaf->text.vi, leaf->text.en), ": ", outcome_text(explainer),
                              worded(explainer, ". Thực tế: ", ". Observed: "), observed,
                              is_demanded(explainer) ? worded(explainer, "; yêu cầu: ", "; required: ")
                                                     : worded(explainer, "; điều kiện: ", "; condition: "),
                              required, margin ? worded(explainer, "; chênh lệch: ", "; margin: ") : "",
                              margin ? margin : "", ".", remarks(explainer), NULL});
}

static struct explainer explainer_of(struct arena *arena, const struct rule_set *rules,
                                     const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                     const struct verdict *verdict, uint16_t node)
{
    return (struct explainer){
        .arena = arena,
        .context = {rules->nodes[node].leaf, parameters, facts},
        .rules = rules,
        .result = &verdict->nodes[node],
        .source = rules->source,
        .bears = leaf_bearing_of(rules, verdict, node),
        .outcome = verdict->criteria[rules->nodes[node].criterion].outcome,
    };
}

struct leaf_texts criteria_explain(struct arena *arena, const struct rule_set *rules,
                                   const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                   const struct verdict *verdict, uint16_t node)
{
    const struct leaf *leaf = rules->nodes[node].leaf;
    struct explainer explainer = explainer_of(arena, rules, parameters, facts, verdict, node);
    struct leaf_texts texts = {
        .observed = leaf->kind->observed(&explainer),
        .required = leaf->kind->required(&explainer),
        .margin = margin_text(&explainer),
    };
    explainer.worded = true;
    texts.explanation.en = explanation(&explainer);
    explainer.vietnamese = true;
    texts.explanation.vi = explanation(&explainer);
    return texts;
}

const char *criteria_explanation(struct arena *arena, const struct rule_set *rules,
                                 const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                 const struct verdict *verdict, uint16_t node, bool english)
{
    struct explainer explainer = explainer_of(arena, rules, parameters, facts, verdict, node);
    explainer.worded = true;
    explainer.vietnamese = !english;
    return explanation(&explainer);
}

bool criteria_register_gap(const struct rule_set *rules, const struct evaluation_parameters *parameters,
                           const struct unit_facts *facts, uint16_t node, struct register_gap *ret_gap)
{
    const struct leaf *leaf = rules->nodes[node].leaf;
    if (!leaf->kind->gap)
        return false;
    *ret_gap = leaf->kind->gap(&(struct leaf_context){leaf, parameters, facts});
    return true;
}

struct evidence_list leaf_evidence(struct arena *arena, const struct leaf *leaf,
                                   const struct evaluation_parameters *parameters, const struct unit_facts *facts)
{
    struct evidence_list evidence = {.arena = arena};
    cite_leaf(&(struct leaf_context){leaf, parameters, facts}, &evidence);
    return evidence;
}

struct evidence_list criteria_evidence(struct arena *arena, const struct rule_set *rules,
                                       const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                       uint16_t node)
{
    return leaf_evidence(arena, rules->nodes[node].leaf, parameters, facts);
}

struct bilingual criteria_public_explanation(struct arena *arena, const struct criterion *criterion,
                                             enum criterion_outcome outcome)
{
    static const struct bilingual words[] = {
        [OUTCOME_PASS] = {"đạt", "met"},
        [OUTCOME_FAIL] = {"chưa đạt", "not met"},
        [OUTCOME_PENDING] = {"chưa đủ dữ kiện", "open"},
        [OUTCOME_NOT_APPLICABLE] = {"không áp dụng", "not applicable"},
        [OUTCOME_DEFERRED] = {"chưa xét", "deferred"},
    };
    return (struct bilingual){
        .vi = arena_format(arena, "%s: %s.", criterion->clause, words[outcome].vi),
        .en = arena_format(arena, "%s: %s.", criterion->clause, words[outcome].en),
    };
}
