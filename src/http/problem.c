#include "http/problem.h"

#include "base/pure/labels.h"
#include "base/temporary.h"
#include "http/request.h"
#include "thidua/decimal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    unsigned status;
    const char *type, *title_vi, *title_en;
} problems[] = {
    [PROBLEM_NONE] = {500, "internal", "", ""},
#define PROBLEM(name, status, type, vi, en) [PROBLEM_##name] = {status, type, vi, en},
#include "http/problem.def"
#undef PROBLEM
};

unsigned problem_status(enum problem_kind kind)
{
    return problems[kind].status;
}

const char *problem_type(enum problem_kind kind)
{
    return problems[kind].type;
}

const char *problem_title(const struct request *request, enum problem_kind kind)
{
    return request->language == ENGLISH ? problems[kind].title_en : problems[kind].title_vi;
}

// Both formats take the same arguments; the compiler checks the English one.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
const char *say(struct request *request, const char *vi, const char *en, ...)
{
    va_list arguments;
    va_start(arguments, en);
    const char *text = arena_vformat(&request->arena, request->language == ENGLISH ? en : vi, arguments);
    va_end(arguments);
    return text;
}
#pragma GCC diagnostic pop

void decimal_shown(const struct request *request, int64_t scaled, unsigned places, char *ret_text)
{
    if (request->language == ENGLISH)
        decimal_format(scaled, places, ret_text);
    else
        decimal_format_vi(scaled, places, ret_text);
}

const char *words_for(struct request *request, const char *vocabulary, const char *code)
{
    return label_of(vocabulary, code, request->language == ENGLISH);
}

const char *code_and_words(struct request *request, const char *vocabulary, const char *code)
{
    const char *words = vocabulary ? words_for(request, vocabulary, code) : code;
    return words == code ? arena_format(&request->arena, "\"%s\"", code)
                         : arena_format(&request->arena, "\"%s\" (%s)", code, words);
}

const char *choices_and_words(struct request *request, const char *const *codes)
{
    const char *text = "", *vocabulary = label_vocabulary(codes);
    for (; *codes; codes++)
        text = arena_format(&request->arena, "%s%s%s", text, *text ? ", " : "",
                            code_and_words(request, vocabulary, *codes));
    return text;
}

bool refuse(struct request *request, enum problem_kind kind, const char *detail)
{
    if (request->problem.kind == PROBLEM_NONE) {
        request->problem.kind = kind;
        request->problem.detail = detail;
    }
    return false;
}

// Want of room is told apart: the caller comes again later, and a proxy does not take the instance for one that is
// away. It passes as soon as others have taken what they asked for.
bool refuse_temporary(struct request *request, int reason)
{
    enum { ROOM_SECONDS = 30 };
    if (!temporary_lacks_room(reason))
        return refuse(request, PROBLEM_UNAVAILABLE, NULL);
    bool uploads = request->spool.file.descriptor >= 0;
    refuse(request, uploads ? PROBLEM_INSUFFICIENT_STORAGE : PROBLEM_UNAVAILABLE,
           say(request, "Máy chủ hết chỗ chứa tạm; hãy thử lại sau.",
               "The server has no room for temporary files: try again later."));
    request->problem.retry_after = ROOM_SECONDS;
    request->problem.no_room = true;
    return false;
}

const char *clause_printed(struct request *request, const char *clause)
{
    if (!request->plan_at_hand)
        return NULL;
    const char *printed = clause ? json_string_value(json_object_get(request->clauses, clause)) : NULL;
    const char *part = clause && !printed ? strrchr(clause, '.') : NULL;
    if (part)
        printed = json_string_value(
            json_object_get(request->clauses, arena_copy(&request->arena, clause, (size_t)(part - clause))));
    return printed ? printed : clause;
}

void by_clause(struct request *request, const char *clause)
{
    request->problem.clause = clause_printed(request, clause);
}

bool refuse_by(struct request *request, enum problem_kind kind, const char *clause, const char *detail)
{
    if (request->problem.kind == PROBLEM_NONE)
        by_clause(request, clause);
    return refuse(request, kind, detail);
}

static bool add_violation(struct request *request, enum problem_kind kind, struct violation violation)
{
    struct problem *problem = &request->problem;
    refuse(request, kind, NULL);
    if (problem->violations_count == VIOLATIONS_MAX) {
        problem->violations_left_out++;
        return false;
    }
    violation.pointer = arena_text(&request->arena, violation.pointer); // a reader writes its own over and over
    problem->violations[problem->violations_count++] = violation;
    return false;
}

bool violate(struct request *request, enum problem_kind kind, const char *pointer, const char *code, const char *detail)
{
    return add_violation(request, kind, (struct violation){.pointer = pointer, .code = code, .detail = detail});
}

bool violate_unit(struct request *request, enum problem_kind kind, struct unit_named unit, const char *code,
                  const char *detail)
{
    return add_violation(request, kind,
                         (struct violation){.pointer = unit.pointer,
                                            .code = code,
                                            .detail = detail,
                                            .unit_id = unit.unit_id,
                                            .unit_label = unit.label});
}

const struct unit_bar *unit_bar_named(const struct unit_bar *bars, const char *why)
{
    while (bars->why && strcmp(bars->why, why) != 0)
        bars++;
    return bars;
}

bool violate_bar(struct request *request, const struct unit_bar *bar, struct unit_named unit)
{
    if (request->problem.kind == PROBLEM_NONE)
        by_clause(request, bar->clause);
    return violate_unit(request, bar->kind, unit, bar->why,
                        say(request, "%s: %s", "%s: %s", unit.label ? unit.label : unit.unit_id,
                            request->language == ENGLISH ? bar->en : bar->vi));
}

static json_t *violations_json(const struct problem *problem)
{
    json_t *errors = json_array();
    for (size_t i = 0; i < problem->violations_count; i++) {
        const struct violation *v = &problem->violations[i];
        json_array_append_new(errors, json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:s*}", "pointer", v->pointer, "code",
                                                v->code, "detail", v->detail, "unit_id", v->unit_id, "unit_label",
                                                v->unit_label, "cell", v->cell));
    }
    return errors;
}

// What is shown where a client has room for one text: the first of what is named one by one.
static const char *detail_of(struct request *request)
{
    const struct problem *problem = &request->problem;
    const struct violation *first = problem->violations;
    if (problem->detail || !problem->violations_count)
        return problem->detail;
    if (problem->violations_left_out)
        return say(request, "Nêu %d lỗi đầu tiên; còn %zu lỗi khác.",
                   "The first %d faults are named; there are %zu more.", VIOLATIONS_MAX, problem->violations_left_out);
    const char *detail =
        *first->pointer ? arena_format(&request->arena, "\"%s\": %s", first->pointer, first->detail) : first->detail;
    return problem->violations_count == 1
               ? detail
               : say(request, "%s (lỗi 1/%zu)", "%s (fault 1 of %zu)", detail, problem->violations_count);
}

struct reply refusal(struct request *request)
{
    struct problem *problem = &request->problem;
    if (problem->kind == PROBLEM_NONE) // a handler refused without a reason: a fault of ours
        problem->kind = PROBLEM_INTERNAL;
    const char *title = problem_title(request, problem->kind);
    json_t *document = json_pack(
        "{s:o, s:s, s:i, s:s*, s:o, s:s*}", "type",
        json_string(arena_format(&request->arena, "urn:thidua:problem:%s", problems[problem->kind].type)), "title",
        title, "status", (int)problems[problem->kind].status, "detail", detail_of(request), "instance",
        json_string(arena_format(&request->arena, "urn:thidua:request:%s", request->id)), "clause", problem->clause);
    if (problem->violations_count)
        json_object_set_new(document, "errors", violations_json(problem));
    if (problem->violations_left_out)
        json_object_set_new(document, "errors_left_out", json_integer((json_int_t)problem->violations_left_out));
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    defer_free(request, text);
    struct reply reply =
        reply_json(request, problems[problem->kind].status, text ? text : "{}", text ? strlen(text) : 2);
    reply.content_type = "application/problem+json";
    reply.cache_control = "no-store";
    reply.in_language = true;
    return reply;
}
