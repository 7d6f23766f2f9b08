// A rule set out of JSON: read, checked, compiled; its canonical form and SHA-256; its own cases.
//
// {"name": "230-KH-UBND", "version": 1, "semantics"?: 2, "valid_from": "2024-07-10", "valid_to": "2025-12-31",
// "award_years": [2024],
//  "citations": {"III.1.b": {"document", "clause", "quote", "note"?, "valid_from", "valid_to"?}, …},
//  "facts": {"index_achieved": {"type": "decimal", "decimals": 2, "confidential": true, "text": {"vi", "en"},
//    "least"?, "most"?}, …},
//  "registers": {"discipline": {"text": {…}, "confidential": true, "fields": {"effective_from": "date", …}}, …},
//  "contents": {"A": {"vi", "en", "least"?, "most"?}, …}, "documents": {"TO_TRINH": {"vi", "en"}, …},
//  "parameters": {"dossier_cut_off": "date", "provincial_mean": {"type": "decimal", "decimals": 2, "text": {…}}, …},
//  "criteria": [{"id", "clause", "text", "citations": […], "applies_when"?, "hold"?, "requires": EXPRESSION}, …],
//  "standings"?: see standings_json.h, "case_base": {"parameters": {…}, "unit": {…}},
//  "cases": [{"name", "change": MERGE PATCH on case_base, "expect": {"overall", "criteria": {"III.1.b": "PASS"}}}]}
//
// EXPRESSION is {"kind": …, "applies_when"?: EXPRESSION, …}; combinators {"kind": "all" | "any" | "not" | "at_least",
// "of": […], "n"}; leaves have "id", "text", "citations" (objects or names of `citations`), "on_missing"? with
// "missing_citation", "until"?, and the members of their kind: the table in src/engine/leaf/<kind>.c says which.
// until: [{"before" | "not_after": value, "calendar_days"? or "working_days"?}, …]: while one of these days lasts, what
// is not met is open and no "false". where: [{"field", "op", "value" | "values"}]; window: {"field" | "from_field" and
// "to_field", "from", "to"}; a value or bound is a literal, {"param": name, "or"?: name} or, for a limit, {"fact":
// name}. op: = != < <= > >=.
//
// What is marked with "semantics 2" in the table of a kind, parameters as objects, and facts of an earlier year, for
// which {"fact": name, "year": -1} stands wherever a fact is named, ask for "semantics": 2. Without it a document means
// what it meant when it was published.
#ifndef THIDUA_ENGINE_JSON_RULE_SET_JSON_H
#define THIDUA_ENGINE_JSON_RULE_SET_JSON_H

#include <jansson.h>

#include "base/sha256.h"
#include "thidua/award_forms.h"
#include "thidua/criteria.h"

struct rule_set_document {
    const struct rule_set *rules;            // NULL if there was a fault
    const struct standing_policy *standings; // NULL if the rule set declares none; see standings_json.h
    struct award_forms forms;                // none: the one of the standings; see forms/forms_json.h
    const struct rule_case *cases;
    size_t case_count;
    const char *canonical; // keys sorted, compact, UTF-8
    size_t canonical_length;
    char hash[SHA256_HEX_LENGTH + 1]; // of the canonical form
};

// Everything is copied into the arena. False if there was a fault; `ret_document` then has what could be read.
bool rule_set_from_json(struct arena *arena, const json_t *value, struct rule_faults *faults,
                        struct rule_set_document *ret_document);

// The SHA-256 of any JSON value's canonical form, as hex digits: `input_hash` of an evaluation, too.
void json_hash(struct arena *arena, const json_t *value, char ret_hex[static SHA256_HEX_LENGTH + 1]);

#endif
