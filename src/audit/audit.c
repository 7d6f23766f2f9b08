#include "audit/audit.h"

#include "audit/audit.sql.h"
#include "engine/json/rule_set_json.h"

#include <stdio.h>
#include <string.h>

static bool take(struct rows *rows, struct audit *ret_audit)
{
    if (!rows)
        return false;
    struct audit_found found = audit_found_at(rows, 0);
    *ret_audit = (struct audit){.compared = found.compared, .different = found.different};
    snprintf(ret_audit->first, sizeof ret_audit->first, "%s", found.first);
    rows_free(rows);
    return true;
}

bool audit_records(struct session *session, struct audit *ret_audit)
{
    struct failure failure;
    return take(audit_records_run(session, &failure), ret_audit);
}

bool audit_documents(struct session *session, struct audit *ret_audit)
{
    struct failure failure;
    return take(audit_documents_run(session, &failure), ret_audit);
}

static bool is_rule_set_of(const struct audit_rules *row)
{
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    json_t *json = json_loads(row->document, JSON_REJECT_DUPLICATES, NULL);
    bool same = rule_set_from_json(&arena, json, &faults, &document) && strcmp(document.hash, row->sha256) == 0;
    json_decref(json);
    arena_release(&arena);
    return same;
}

bool audit_rules(struct session *session, struct audit *ret_audit)
{
    struct failure failure;
    struct rows *rows = audit_rules_run(session, &failure);
    *ret_audit = (struct audit){.compared = rows ? rows_count(rows) : 0};
    for (int i = 0; rows && i < rows_count(rows); i++) {
        struct audit_rules row = audit_rules_at(rows, i);
        if (!is_rule_set_of(&row) && ret_audit->different++ == 0)
            snprintf(ret_audit->first, sizeof ret_audit->first, "/v1/criteria-sets/%s/%lld", row.name, row.version);
    }
    rows_free(rows);
    return rows != NULL;
}
