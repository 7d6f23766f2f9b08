"""A database of any size, and what each read of the program touches in it.

Rows are made by generate_series in one command, without triggers and foreign keys: those are held by other tests. Every table that
grows with the number of units, years or events is filled; what a plan holds stays as it is loaded.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid

from service import PLANNED, PSQL, ROOT

sys.path.insert(0, str(ROOT / "tools"))
import embed_statements  # noqa: E402

CAMPAIGN, YEAR = "230-KH-UBND", 2025
SOURCES = [path for path in sorted((ROOT / "src").glob("*/*.sql")) if not path.stem.endswith("_functions")]

# {units}, {journal}, {keys}, {webhooks}: how many rows; {decided}: of so many units people decided the place of one. Unit 1 is the province;
# each twentieth belongs to it, the others to one of those. States, kinds and types lie together in the order in which lists are read, as they
# do where what is newest waits for somebody: three tenths of all, behind seven tenths that were done with (`late`).
FILL = """
CREATE TEMP TABLE numbered AS SELECT n, made('unit', n) AS id, made('unit', CASE WHEN n % 20 = 0 THEN 1 ELSE n - n % 20 END) AS parent
FROM generate_series({since} + 1, {units}) n;
ALTER TABLE numbered ADD campaign text, ADD late boolean;
UPDATE numbered SET late = n > 0.7 * {units};
UPDATE numbered SET campaign = CASE WHEN n <= 6 THEN '{campaign}' ELSE 'phong-trao-' || n / 6 END; -- III.2.b: 06 a year
INSERT INTO units (id) SELECT id FROM numbered;
INSERT INTO unit_periods (unit_id, valid, name, kind, parent_id)
SELECT id, daterange('2015-01-01', NULL), CASE WHEN n % 2 = 1 THEN 'Ủy ban nhân dân xã' ELSE (ARRAY['Sở', 'Phòng', 'Chi cục', 'Trung tâm'])[1 + n / 2 % 4] END || ' '
       || (ARRAY['Nội vụ', 'Văn hóa', 'An Bình', 'Cần Đước', 'Tài chính', 'Long Hựu', 'Y tế'])[1 + n % 7] || ' ' || md5(n::text),
       (CASE WHEN n = 1 THEN 'PROVINCE' WHEN n % 2 = 0 THEN 'PROVINCIAL_BODY' ELSE 'COMMUNE' END)::unit_kind,
       CASE WHEN n > 1 AND parent <> id THEN parent END
FROM numbered;
INSERT INTO unit_codes (unit_id, scheme, value, valid) SELECT id, 'AGENCY', 'A' || to_char(10 + n / 1000000, 'FM00') || '.' ||
       to_char(n / 1000 % 1000, 'FM000') || '.' || to_char(n % 1000, 'FM000'), daterange('2015-01-01', NULL) FROM numbered;
INSERT INTO contestants (campaign, year, unit_id, group_name, cluster, on_assessed_list)
SELECT '{campaign}', {year}, id, CASE WHEN n % 2 = 0 THEN 'SO_BAN_NGANH' ELSE 'XA' END, 'Cụm ' || n % (1 + {units} / 25), true FROM numbered;
INSERT INTO contestant_labels SELECT campaign, year, unit_id, unit_label(unit_id, make_date(year, 12, 31)), group_name
FROM contestants WHERE unit_id IN (SELECT id FROM numbered) ORDER BY ctid;
INSERT INTO unit_stamps (unit_id, stamp, packed) SELECT id, 1, 1 FROM numbered;
INSERT INTO findings (campaign, year, unit_id) SELECT '{campaign}', {year}, id FROM numbered;
INSERT INTO finding_contents (campaign, year, unit_id, content, score, result, reason)
SELECT '{campaign}', {year}, id, 'A', n % 100, 'OUTSTANDING', 'lý do' FROM numbered;
INSERT INTO reports (campaign, year, unit_id, document_number, document_date, received_at, source, report_cut_off)
SELECT r.campaign, r.year, id, n || '/BC', '2025-11-01', r.report_cut_off + CASE WHEN n % 200 = 2 THEN 1 ELSE -1 END, 'sổ', r.report_cut_off
FROM numbered, rounds r WHERE r.campaign = '{campaign}' AND r.year = {year} AND n % 4 > 0;
INSERT INTO register_declarations (campaign, year, register, unit_id, complete, complete_through, source)
SELECT '{campaign}', {year}, 'discipline', id, true, '2024-12-31', 'văn bản' FROM numbered;
INSERT INTO initiatives (id, unit_id, place, title, summary, kind, applied_from, state)
SELECT made('initiative', n), id, 1, 'Sáng kiến ' || n, 'tóm tắt', 'INITIATIVE', '2025-01-15', 'RECOGNISED' FROM numbered;
INSERT INTO initiative_recognitions (initiative_id, council, outcome, recognised_on, decision_number)
SELECT made('initiative', n), 'SECTOR', 'RECOGNISED', '2025-06-01', n || '/QĐ' FROM numbered;
INSERT INTO discipline_records (id, unit_id, place, person_name, position, regime, level, decision_number, decision_date, effective_from)
SELECT made('record', n), id, 1, 'Người ' || n, (CASE WHEN late THEN 'KEY_LEADER_HEAD' ELSE 'OTHER' END)::leader_position, 'CIVIL_SERVANT', 'KHIEN_TRACH',
       n || '/QĐ', '2025-02-01', DATE '2025-02-01' + n * 300 / {units} FROM numbered;
INSERT INTO proceedings (id, unit_id, place, kind, opened_on)
SELECT made('proceeding', n), id, 1, (CASE WHEN late THEN 'AUDIT' ELSE 'INSPECTION' END)::proceeding_kind, DATE '2025-02-01' + n * 300 / {units} FROM numbered;
INSERT INTO score_frames (name, year, tier) VALUES ('khung', {year}, 'SO');
INSERT INTO score_nodes (frame, year, position, code, kind, maximum, leaf, text_vi) VALUES ('khung', {year}, 1, '1', 'NORMAL', 1000, true, 'chỉ số');
INSERT INTO scorecards (unit_id, year, frame, state, decision_number, decision_date)
SELECT id, {year}, 'khung', 'PUBLISHED', '1/QĐ', '2025-12-01' FROM numbered;
INSERT INTO score_leaves (unit_id, year, frame, code, kind, maximum, self_points, appraised_points)
SELECT id, {year}, 'khung', '1', 'NORMAL', 1000, 900, 900 FROM numbered;
INSERT INTO dossiers (id, campaign, year, nominator_id, on_paper, state, letter_number, letter_date, received_at, received_source,
                      received_recorded_at, lodged_at, late, created_at)
SELECT made('dossier', n), '{campaign}', {year}, parent, false, (CASE WHEN late THEN 'RETURNED' ELSE 'ACCEPTED' END)::dossier_state,
       n || '/TTr', '2025-10-01', received, 'sổ',
       received, received, late, TIMESTAMPTZ '2025-10-01' + n * interval '1 second'
FROM numbered, LATERAL (SELECT TIMESTAMPTZ '2025-10-02' + n % 3 / 2 * interval '120 days') r(received); -- before the first decision, or after it
UPDATE rounds SET state = 'DECIDED' WHERE campaign = '{campaign}' AND year = {year};
INSERT INTO nominations (dossier_id, campaign, year, unit_id, came_on, awarded_on, notified_on, notified_result, notified_reason)
SELECT made('dossier', n), '{campaign}', {year}, id, DATE '2025-10-02' + n % 3 / 2 * 120,
       CASE WHEN campaign = '{campaign}' THEN DATE '2026-01-10' + n % 30 END,
       CASE WHEN NOT late THEN DATE '2026-02-02' END, CASE WHEN NOT late THEN 'REFUSED' END, CASE WHEN NOT late THEN 'lý do' END FROM numbered;
INSERT INTO council_members (dossier_id, place, name, attendance) SELECT made('dossier', n), 1, 'Chủ tịch', 'PRESENT' FROM numbered;
INSERT INTO documents (id, dossier_id, kind, unit_id, size, sha256)
SELECT made('document', n), made('dossier', n), 'EVIDENCE', id, 4, repeat('a', 64) FROM numbered;
INSERT INTO document_chunks (document_id, number, bytes) SELECT made('document', n), 0, 'text' FROM numbered;
INSERT INTO evaluations (id, campaign, year, rule_set_name, rule_set_version, rule_set_hash, semantics, as_of, parameters, counts, warnings,
                         created_by_name)
SELECT made('evaluation', n), '{campaign}', {year}, c.name, c.version, c.sha256, 1, now(), '{{}}', '{{}}',
       CASE WHEN n = 1 THEN '[]' ELSE '[{{"code": "PARTIAL", "clause": ""}}]' END::jsonb, 'máy' -- as each signing makes one, of its own units
FROM numbered, criteria_sets c WHERE c.name = '{campaign}';
INSERT INTO verdicts (evaluation_id, unit_id, overall, facts, results, stamp, outcomes)
SELECT made('evaluation', 1), id, 'ELIGIBLE', '', '', 1, 'P' FROM numbered;
INSERT INTO verdicts (evaluation_id, unit_id, overall, facts, results, stamp, outcomes)
SELECT made('evaluation', n), id, 'ELIGIBLE', '', '', 1, 'P' FROM numbered WHERE n > 1;
INSERT INTO evaluation_units (campaign, year, unit_id, position, evaluation_id)
SELECT e.campaign, e.year, numbered.id, e.position, e.id FROM numbered JOIN evaluations e ON e.id = made('evaluation', n) WHERE n > 1;
INSERT INTO standing_overrides (id, evaluation_id, campaign, year, unit_id, computed, decided, reason, legal_basis, recorded_by_name)
SELECT made('override', n), made('evaluation', 1), '{campaign}', {year}, id, 'OUT', 'SECURE', 'lý do', 'điều 1', 'người' FROM numbered
WHERE n % {decided} = 0;
INSERT INTO tie_decisions (id, campaign, year, method, reason, document, recorded_by_name)
SELECT made('tie', n), '{campaign}', {year}, 'LOT', 'lý do', 'biên bản', 'người' FROM numbered WHERE n % {decided} = 0;
INSERT INTO tie_decision_units (decision_id, place, unit_id) SELECT made('tie', n), 1, id FROM numbered WHERE n % {decided} = 0;
INSERT INTO quota_versions (campaign, year, version, reason, actor_name) SELECT '{campaign}', {year}, n, 'lý do', 'người' FROM generate_series(1, 200) n;
INSERT INTO proposals (id, campaign, year, evaluation_id, state, letter_number, letter_date, submitted_at, created_at)
SELECT made('proposal', n), campaign, {year}, made('evaluation', 1), CASE WHEN late THEN 'SUBMITTED' ELSE 'DECIDED' END, n || '/TTr-SNV', '2026-01-05', '2026-01-05',
       TIMESTAMPTZ '2026-01-01' + n * interval '1 second' FROM numbered;
INSERT INTO proposal_units (proposal_id, unit_id) SELECT made('proposal', n), id FROM numbered;
INSERT INTO decisions (id, kind, campaign, year, state, proposal_id, number, signed_on, signed_at, published_at, created_at)
SELECT made('decision', n), 'AWARD', campaign, {year}, CASE WHEN late THEN 'SIGNED' ELSE 'PUBLISHED' END, made('proposal', n), n || '/QĐ-UBND',
       DATE '2026-01-10' + n % 30, '2026-01-10', CASE WHEN NOT late THEN TIMESTAMPTZ '2026-01-12' END, TIMESTAMPTZ '2026-01-08' + n * interval '1 second' FROM numbered;
INSERT INTO decision_units (decision_id, unit_id) SELECT made('decision', n), id FROM numbered;
INSERT INTO evaluations_untold (evaluation_id, decision_id) SELECT made('evaluation', n), made('decision', n) FROM numbered WHERE n > 1 AND late;
INSERT INTO award_slots (campaign, year, slot) SELECT campaign, {year}, n FROM numbered;
INSERT INTO awards (id, campaign, year, slot, unit_id, decision_id, bonus_vnd, bonus_basis)
SELECT made('award', n), campaign, {year}, n, id, made('decision', n), 1000000, '{{}}' FROM numbered;
INSERT INTO certificates (award_id, issue, certificate_number, issued_on) SELECT made('award', n), 1, n::text, '2026-01-20' FROM numbered;
INSERT INTO successions (id, predecessor_id, successor_id, kind, effective_on, legal_basis)
SELECT made('succession', n), id, made('unit', n + 1), 'TRANSFER', '2020-01-01', 'nghị quyết' FROM numbered WHERE n % 50 = 7;
INSERT INTO keys (id, hash, name, roles, created_at)
SELECT made('key', n), sha256(n::text::bytea), 'khóa ' || n, '{{viewer}}', TIMESTAMPTZ '2025-01-01' + n * interval '1 second'
FROM generate_series(1, {keys}) n;
INSERT INTO webhooks (id, owner, url, secret_key, position, created_at, state)
SELECT made('webhook', n), made('key', 1 + n % {keys}), 'https://nhan.example/' || n, 'chìa', {journal} / 2, TIMESTAMPTZ '2025-01-01' + n * interval '1 second',
       CASE WHEN n % 2 = 0 THEN 'PAUSED' ELSE 'ACTIVE' END
FROM generate_series(1, {webhooks}) n;
INSERT INTO webhook_deliveries (webhook_id, seq, state, attempts)
SELECT made('webhook', 1 + n % 5), n, CASE WHEN n % 3 = 0 THEN 'PARKED' ELSE 'DELIVERED' END, 1 FROM generate_series(1, {journal} / 4) n;
INSERT INTO idempotency_answers (caller, key, fingerprint, roles, expires_at, status, sealed, body)
SELECT 'caller ' || n % 100, n::text, sha256(''), 1, now() + interval '1 day', 201, false, '' FROM generate_series(1, {journal} / 4) n;
INSERT INTO journal OVERRIDING SYSTEM VALUE SELECT * FROM chained({journal}, {units}, '{campaign}', {year});
DROP TABLE numbered
"""

# What rounds show is kept beside what is written (round_tallies), by triggers, and here counted.
COUNTED = """SELECT campaign, year, 'contestants' AS counted, count(*) AS number FROM contestants GROUP BY campaign, year
UNION ALL SELECT campaign, year, 'findings', count(*) FROM findings GROUP BY campaign, year
UNION ALL SELECT campaign, year, 'reports', count(*) FROM reports GROUP BY campaign, year
UNION ALL SELECT campaign, year, 'dossiers', count(*) FROM dossiers WHERE received_at IS NOT NULL AND state <> 'WITHDRAWN' GROUP BY campaign, year
UNION ALL SELECT n.campaign, n.year, 'nominees', count(*) FROM nominations n JOIN dossiers d ON d.id = n.dossier_id
    WHERE n.standing AND CASE WHEN n.added_later THEN n.received_at ELSE d.received_at END IS NOT NULL GROUP BY n.campaign, n.year
UNION ALL SELECT a.campaign, a.year, 'awards', count(*) FROM awards a JOIN decisions d ON d.id = a.decision_id WHERE d.state = 'PUBLISHED' GROUP BY a.campaign, a.year"""
MISCOUNTED = f"""SELECT campaign, year, counted, t.number, c.number FROM ({COUNTED}) c
FULL JOIN (SELECT campaign, year, counted, sum(number) AS number FROM round_tallies GROUP BY campaign, year, counted) t USING (campaign, year, counted)
WHERE coalesce(t.number, 0) <> coalesce(c.number, 0)"""

# Nominees of whom other days are kept than those of their dossiers and awards, and rounds whose submission is due on another day.
MISKEPT = """SELECT n.dossier_id, n.unit_id, n.came_on, n.awarded_on FROM nominations n JOIN dossiers d ON d.id = n.dossier_id
LEFT JOIN awards a ON a.campaign = n.campaign AND a.year = n.year AND a.unit_id = n.unit_id LEFT JOIN decisions e ON e.id = a.decision_id
WHERE n.came_on IS DISTINCT FROM CASE WHEN NOT n.added_later THEN local_date(d.received_at) END OR n.awarded_on IS DISTINCT FROM e.signed_on
UNION ALL
SELECT NULL, NULL, r.proposal_due_on, proposal_due(r) FROM rounds r WHERE r.state <> 'CLOSED' AND r.proposal_due_on IS DISTINCT FROM proposal_due(r)"""

# Rows of the journal behind its newest, in the form in which COPY would bring them: with their ids, and chained as the sealer does it.
CHAINED = """
CREATE OR REPLACE FUNCTION chained(events bigint, units bigint, campaign text, year integer) RETURNS SETOF journal LANGUAGE plpgsql AS $$
DECLARE
    head journal;
    entry journal;
BEGIN
    SELECT * INTO head FROM journal WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1;
    head.id := (SELECT coalesce(max(id), 0) FROM journal);
    entry := (NULL, NULL, NULL, NULL, 'SERVICE', NULL, NULL, 'máy', '{}', NULL, 'r', NULL, NULL, campaign, NULL, NULL, false, NULL, NULL, NULL);
    FOR n IN 1 .. events LOOP
        entry.id := head.id + 1;
        entry.seq := coalesce(head.seq, 0) + 1;
        entry.at := TIMESTAMPTZ '2025-01-01' + n * interval '1 second';
        entry.unit_id := made('unit', 1 + n % units);
        entry.type := CASE WHEN n > 0.7 * events THEN 'unit.created' ELSE 'unit.changed' END;
        entry.year := CASE WHEN n > 0.7 * events THEN year + 1 ELSE year END;
        entry.resource := '/v1/units/' || entry.unit_id;
        entry.hash := sha256(coalesce(head.hash, ''::bytea) || convert_to(journal_canonical(entry), 'UTF8'));
        RETURN NEXT entry;
        head := entry;
    END LOOP;
    PERFORM setval(pg_get_serial_sequence('public.journal', 'id'), head.id);
END $$;
"""

# What each parameter is, by its name; unit 40 stands in the midst of the province.
VALUES = {
    "code": CAMPAIGN, "campaign": CAMPAIGN, "year": str(YEAR), "limit": "20", "register": "discipline", "name": CAMPAIGN, "version": "1",
    "number": "0", "hash": "00" * 32, "after": "0", "most": "100", "unit_id": "made:unit:40", "decision_id": "made:tie:40",
    "override_id": "made:override:1", "document": "made:document:40", "parent_id": "made:unit:40", "nominator_unit_id": "made:unit:40", "nominee_unit_id": "made:unit:40",
}
# Of filters: what finds much, and what finds little or nothing. A campaign that has nothing yet is there all the same.
FILTERS = {
    "q": ["Nội vụ", "xyzxyz"], "on": ["2025-06-01"], "late": ["true", "false"], "tier": ["SO", "XA"], "cluster": ["Cụm 1", "không có"],
    "group": ["XA", "HUYEN"], "status": ["IN_FORCE", "ANNULLED"], "position": ["OTHER", "KEY_LEADER_HEAD"], "resource": ["/v1/units/không"],
    "type": ["unit.changed", "unit.created", "webhook.gone"], "campaign": [CAMPAIGN, "moi"], "year": [str(YEAR), str(YEAR + 1), "1999"], "name": ["không-có"],
    "code": ["A10.000.040"], "parent_id": ["made:unit:40"], "unit_id": ["made:unit:40"], "nominator_unit_id": ["made:unit:40"], "nominee_unit_id": ["made:unit:40"],
    "register": ["discipline"], "after": ["5"],
}
FILTERS_OF = {  # by statement, where a filter of that name has other values
    "obligation_list": {"status": ["OPEN", "OVERDUE", "FILED", "FILED_LATE"]}, "unit_list": {"kind": ["COMMUNE", "DISTRICT"]}, "unit_list_by_start": {"kind": ["COMMUNE", "DISTRICT"]},
    "initiative_list": {"kind": ["INITIATIVE", "SOLUTION"], "state": ["RECOGNISED", "REFUSED"]}, "proceeding_list": {"kind": ["INSPECTION", "AUDIT"], "state": ["OPEN", "CLOSED_CLEARED"]},
    "decision_list": {"kind": ["AWARD", "REVOKE"], "state": ["PUBLISHED", "SIGNED", "DRAFT"]}, "award_list": {"state": ["IN_FORCE", "REVOKED"]},
    "round_award_list": {"state": ["IN_FORCE", "REVOKED"]}, "dossier_list": {"state": ["ACCEPTED", "RETURNED", "DRAFT"]}, "notification_list": {"state": ["DUE", "TOLD"]},
    "proposal_list_all": {"state": ["DECIDED", "SUBMITTED", "DRAFT"]}, "card_list": {"state": ["PUBLISHED", "FINAL"]}, "delivery_list": {"state": ["PARKED", "PENDING"]},
}
# Who asks: an office, and a unit with few below it.
CALLERS = {
    "office": {"offices": "true", "drafts": "true", "operators": "true", "roles": "127", "unit": None, "key": "made:key:1"},
    "unit": {"offices": "false", "drafts": "false", "operators": "false", "roles": "2", "unit": "made:unit:40", "key": "made:key:1"},
    "viewer": {"offices": "false", "drafts": "false", "operators": "false", "roles": "1", "unit": None, "key": "made:key:1"},
}
ID = {  # what {id} is of the statements of a file, or of one statement
    "units": "unit", "certificates": "award", "decisions": "decision", "discipline": "record", "documents": "dossier", "dossiers": "dossier",
    "minutes": "dossier", "nominations": "dossier", "evaluations": "evaluation", "overrides": "evaluation", "initiatives": "initiative",
    "keys": "key", "proposals": "proposal", "record": "unit", "webhooks": "webhook", "award_show": "award", "proceeding_get": "proceeding",
}


class Database:
    """A superuser's psql that stays open."""

    def __init__(self, socket, database="thidua"):
        self.process = subprocess.Popen([PSQL, "-h", str(socket), "-U", "postgres", "-d", database, "-AtXq", "-F", "\t"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PGOPTIONS": PLANNED})

    def run(self, sql):
        """The lines that it prints."""
        self.process.stdin.write(f"{sql}\n;\\echo ===\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == "===\n":
                return lines
            lines.append(line.rstrip("\n"))
        raise AssertionError(f"psql ended: {lines}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def made(kind, number):
    return str(uuid.UUID(hashlib.md5(f"{kind}{number}".encode()).hexdigest()))


def fill(database, units, journal, keys, webhooks, decided=1):
    run_fill(database, FILL.format(campaign=CAMPAIGN, year=YEAR, since=0, units=units, journal=journal, keys=keys, webhooks=webhooks, decided=decided)
             + f"; INSERT INTO campaigns (code, plan) VALUES ('moi', '{{}}'); INSERT INTO round_tallies (campaign, year, counted, stripe, number) SELECT campaign, year, counted, 0, number FROM ({COUNTED}) c; VACUUM ANALYZE;")


def grow(database, since, units):
    """More units behind those that fill() made on this connection, with all that is made of each, and events. The statistics stay as they were."""
    script = FILL.format(campaign=CAMPAIGN, year=YEAR, since=since, units=units, journal=2 * units, keys=0, webhooks=0, decided=1)
    run_fill(database, ";".join(each for each in script.split(";") if "numbered" in each or "chained" in each))


def run_fill(database, script):
    lines = database.run("SET synchronous_commit = off; SET session_replication_role = replica; SET maintenance_work_mem = '256MB';\n"
                         "CREATE OR REPLACE FUNCTION pg_temp.made(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS "
                         "$$ SELECT md5(kind || n)::uuid $$;\n" + re.sub(r"\b(made|chained)\(", r"pg_temp.\1(", CHAINED + script))
    assert not lines, lines
    database.run("RESET session_replication_role")


def literal(value):
    if value is None:
        return "NULL"
    if value.startswith("made:"):
        _, kind, number = value.split(":")
        value = made(kind, number)
    return "'" + value.replace("'", "''") + "'"


class Reading:
    """A statement with one choice of what it is given."""

    def __init__(self, statement, caller, filters=None, cursor=None):
        self.statement, self.caller, self.filters, self.cursor = statement, caller, filters or {}, cursor

    def __str__(self):
        told = [self.caller, *(f"{name}={value}" for name, value in self.filters.items()), *(["second page"] if self.cursor else [])]
        return f"{self.statement.name} ({', '.join(told)})"

    def value(self, name, source):
        if name == "cursor":
            return self.cursor
        if source[0] == "?" and name not in ("limit", "most"):
            return self.filters.get(name)
        if name == "id":
            file = self.statement.where.split(".sql")[0]
            return f"made:{ID.get(self.statement.name, ID.get(file))}:{1 if file in ('evaluations', 'overrides', 'webhooks') else 40}"
        return CALLERS[self.caller].get(name) if source[0] == "@" and name in CALLERS[self.caller] else VALUES.get(name)

    @property
    def prepared(self):
        """As the service asks: a list is planned for the filters that are given and for the length of its page (src/database/shape.h)."""
        parameters = self.statement.parameters
        if not self.statement.is_list:
            return f"PREPARE asked AS {self.statement.code}"
        values = [self.value(name, source) for name, _, source in parameters]
        used = set()

        def shaped(use):
            number, asked = int(use[1]) - 1, use[3]
            if asked:
                return str((values[number] is None) == (asked == " IS NULL")).lower()
            if values[number] is None and use[2]:
                return "NULL" + use[2]
            if parameters[number][0] == "limit" or parameters[number][2] in ("@offices", "@operators", "@drafts"):
                return values[number] + (use[2] or "")
            used.add(number)
            return use[0]

        text = re.sub(r"\$(\d+)(::\w+(?:\[\])?)?( IS (?:NOT )?NULL)?", shaped, self.statement.code)
        types = ", ".join("unknown" if number in used else "text" for number in range(len(parameters)))
        return f"PREPARE asked{f' ({types})' if types else ''} AS {text}"

    @property
    def arguments(self):
        return ", ".join(literal(self.value(name, source)) for name, _, source in self.statement.parameters)

    @property
    def call(self):
        return f"EXECUTE asked({self.arguments})" if self.statement.parameters else "EXECUTE asked"


# Rows of tables and entries of indexes that were read so far in this transaction, also inside functions and triggers. Of an index more may be
# read than is fetched: what it was asked for so badly that the rest is sorted out above it, or what it holds itself.
READ = """SELECT (SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables)
    + (SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(i.indexrelid)), 0) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
       WHERE c.relnamespace = 'public'::regnamespace)"""


def read_of(table):
    """The same of one table: for a test beside others, which leave more or less behind in the rest."""
    return f"""SELECT (SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relid = '{table}'::regclass)
    + (SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(indexrelid)), 0) FROM pg_index WHERE indrelid = '{table}'::regclass)"""


# Pieces of values that lie outside their rows, each of 2,000 bytes, that this transaction has fetched.
FETCHED = """SELECT coalesce(sum(pg_stat_get_xact_tuples_fetched(i.indexrelid)), 0) FROM pg_index i JOIN pg_class c ON c.reltoastrelid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace"""

CUSTOM = 5  # so often PostgreSQL plans a statement for what it is given; after that also for anything, if it believes that this is no dearer


def leading_keys(database):
    """By B-tree index of several pages: what it is ordered by first."""
    lines = database.run("SELECT i.oid::regclass, pg_get_indexdef(i.oid, 1, false) FROM pg_class i JOIN pg_am a ON a.oid = i.relam "
                         "WHERE i.relkind = 'i' AND a.amname = 'btree' AND i.relpages > 2 AND i.relnamespace = 'public'::regnamespace")
    return dict(line.split("\t") for line in lines)


def nodes(plan):
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


LEFT_OUT = ("Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck")


def left_out(plan):
    """Rows that a plan came upon and had no use for: of a list, what it walked past to find the page."""
    return sum(node.get(reason, 0) * node["Actual Loops"] for node in nodes(plan) for reason in LEFT_OUT)


def looked_through(plan, keys):
    """Indexes of which a plan reads all entries, to find those that have something in a key that is not the first. No counter tells of these."""
    return {node["Index Name"] for node in nodes(plan) if "Index Cond" in node and keys.get(node["Index Name"], "") not in node["Index Cond"]}


def measure(database, reading):
    """(plan with what it did, rows read) of a statement that this session has run so often that its plan stays."""
    again = f"{reading.call}; " * (CUSTOM + 1)
    database.run(f"DEALLOCATE ALL; {reading.prepared}; BEGIN; {again} ROLLBACK;")
    if reading.statement.is_list and reading.filters:
        database.run(f"DEALLOCATE asked; {reading.prepared}")  # planned for these values whenever it is asked
    lines = database.run(f"BEGIN; {READ}; EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {reading.call}; {READ}; ROLLBACK;")
    text = "\n".join(lines)
    assert "ERROR" not in text, f"{reading}: {text}"
    return json.loads(text[text.index("["):text.rindex("]") + 1])[0]["Plan"], int(lines[-1]) - int(lines[0])


def pieces_fetched(database, reading):
    """Of values outside their rows, by a statement that this session runs for the second time."""
    database.run(f"DEALLOCATE ALL; {reading.prepared}; BEGIN; {reading.call}; ROLLBACK")
    lines = database.run(f"BEGIN; {FETCHED}; {reading.call}; {FETCHED}; ROLLBACK")
    return int(lines[-1]) - int(lines[0])


# Each plan that is made is told as a message, with the functions that it was made for.
TOLD_PLANNING = "SET client_min_messages = log; SET log_planner_stats = on"
UNTOLD_PLANNING = "SET log_planner_stats = off; SET client_min_messages = notice"
PLANNED_IN = re.compile(r"LOG:  PLANNER STATISTICS(?:(?!LOG:  ).)*?PL/pgSQL function (\w+)", re.S)


def planned_anew(database, call):
    """Functions that plan a statement again each time that they are called, though they were called so often that a plan would stay. PostgreSQL does so
    where it takes the plan for known values for so much better. What a list costs is then planning, for each of its items."""
    database.run("\\set SHOW_CONTEXT always\n")

    def planned():
        text = "\n".join(database.run(f"{TOLD_PLANNING}; {call}; {UNTOLD_PLANNING}"))
        assert "ERROR" not in text, f"{call}: {text}"
        return set(PLANNED_IN.findall(text))
    return planned() and planned()  # what a table's new statistics have just ended is planned once more, and stays


def readings(database, callers=tuple(CALLERS)):
    """Every read of the program, alone, by each caller, with each filter, and of a list also the second page."""
    for path in SOURCES:
        for statement in embed_statements.statements(path):
            if not statement.is_a("read", "stream") or statement.name.endswith(("_counted", "_reversed")):
                continue  # made of the list: its end by the same index, and a count that ends at TOTAL_MOST
            for caller in callers:
                yield Reading(statement, caller)
                lines = []
                if statement.is_list:
                    first = Reading(statement, caller)
                    lines = database.run(f"DEALLOCATE ALL; {first.prepared}; {first.call};")
                cursor = lines[-1].split("\t")[-1] if lines else ""
                if cursor and "ERROR" not in cursor:
                    yield Reading(statement, caller, cursor=cursor)
                for name, _, source in statement.parameters:
                    base = statement.name.removesuffix("_reversed").removesuffix("_counted")
                    if source[0] == "?" and name not in ("cursor", "limit", "most"):
                        for value in FILTERS_OF.get(base, {}).get(name) or FILTERS[name]:
                            yield Reading(statement, caller, {name: value})


# Writes as the service runs them, without what a caller may: statements with what they are given. `new` is an id that nothing has yet.
FOUND = '{"contents": [{"content": "A", "score": 61.5, "result": "OUTSTANDING", "reason": "lý do"}]}'
WRITES = {
    "a unit": [("unit_create", "new", '{"name": "Đơn vị", "kind": "OTHER", "valid_from": "2020-01-01", "confirm_duplicate": true}'),
               ("unit_get", "new", None)],
    "an initiative": [("initiative_create", json.dumps({"unit_id": made("unit", 40), "title": "Sáng kiến", "summary": "tóm tắt", "kind": "SOLUTION",
                                                        "applied_from": "2025-02-01"}))],
    "a finding": [("round_unit_stake", "made:unit:40", CAMPAIGN, str(YEAR), made("unit", 41), "true"), ("finding_take", CAMPAIGN, str(YEAR), "made:unit:40"),
                  ("finding_clear", CAMPAIGN, str(YEAR), "made:unit:40"), ("finding_fill", CAMPAIGN, str(YEAR), "made:unit:40", FOUND),
                  ("findings_written", CAMPAIGN, str(YEAR), f'["{made("unit", 40)}"]')],
    "an event": [("journal_append", "KEY", made("key", 1), "1", "người", "admin", None, "bench", "unit.created", "/v1/units", CAMPAIGN, str(YEAR),
                  "made:unit:40", "false", None, None, "{}")],
    "an answer kept": [("idempotency_claim_key", made("key", 1), "new", "0" * 64, "2", made("unit", 40)),
                       ("idempotency_keep_answer", made("key", 1), "new", "0" * 64, "2", made("unit", 40), "request", "201", "application/json", None, None, None, "false", "{}")],
}
# What is no list, and no write: what code of the service asks for while it makes a page.
EVALUATED = "made:evaluation:1"
ASKED = {
    "a page of the feed that a filter leaves empty": [("event_row", "0", "1000", "thidua.webhook.gone", None, None)],
    "a page of verdicts": [("verdict_page", EVALUATED, "true", None, None, None, "20", CAMPAIGN, str(YEAR))],
    "a unit's page of verdicts": [("verdict_page", EVALUATED, "false", "made:unit:40", None, None, "20", CAMPAIGN, str(YEAR))],
    "what an evaluation of one unit changed": [("verdict_changes", "made:evaluation:600", CAMPAIGN, str(YEAR), None)],
    "what a publication lets be told": [("evaluation_told_by", "made:decision:1000"),
                                        ("verdict_changes", "made:evaluation:600", CAMPAIGN, str(YEAR), "made:decision:1000")],
    "a unit's rows of a board": [("board_rows", EVALUATED, CAMPAIGN, str(YEAR), "false", "made:unit:40", "200")],
    "a unit's calendar": [("calendar_days", CAMPAIGN, str(YEAR), "made:unit:40", "100")],
}


# Plans of all that a statement runs, in functions and triggers too, are told as messages.
TOLD = ("SET client_min_messages = log; LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on; "
        "SET auto_explain.log_analyze = on; SET auto_explain.log_timing = off; SET auto_explain.log_format = json")
UNTOLD = "SET client_min_messages = notice; SET auto_explain.log_min_duration = -1"


def compared_for_nothing(lines):
    """Pairs of rows that joins compared and left out, by plans told as messages: no counter tells of these, where rows are those of a WITH."""
    text, pairs = "\n".join(lines), 0
    for found in re.finditer(r"plan:\n(?=\{)", text):
        plan = json.JSONDecoder().raw_decode(text, found.end())[0]["Plan"]
        pairs += sum(node.get("Rows Removed by Join Filter", 0) * node["Actual Loops"] for node in nodes(plan))
    return pairs


def prepare(database, names):
    known = {statement.name: statement.code for path in SOURCES for statement in embed_statements.statements(path)}
    for name in names:
        database.run(f"PREPARE {name} AS {known[name]}")


def runs_of(calls):
    """What is new is new each time."""
    new = str(uuid.uuid4())
    told = [", ".join(literal(new if value == "new" else value) for value in values) for _, *values in calls]
    return ";".join(f"EXECUTE {name}" + (f"({given})" if given else "") for (name, *_), given in zip(calls, told))


def rows_read(database, calls):
    lines = database.run(f"SAVEPOINT again; {READ}; {runs_of(calls)}; {READ}; ROLLBACK TO again")
    assert "ERROR" not in "".join(lines), lines
    return int(lines[-1]) - int(lines[0])


def measure_write(database, calls):
    """(rows read, pairs of rows compared for nothing) by the last of so many runs that their plans stay, those of functions and triggers too."""
    database.run("DEALLOCATE ALL")
    prepare(database, [name for name, *_ in calls])
    database.run("BEGIN")
    rows = [rows_read(database, calls) for _ in range(CUSTOM + 2)][-1]
    told_plans = database.run(f"{TOLD}; {runs_of(calls)}; {UNTOLD}; ROLLBACK")
    return rows, compared_for_nothing(told_plans)


def planned_anew_by(database, calls):
    """planned_anew() of a write, or of what else is asked in several statements."""
    database.run("DEALLOCATE ALL")
    prepare(database, [name for name, *_ in calls])
    database.run("BEGIN")
    for _ in range(CUSTOM + 2):
        rows_read(database, calls)
    found = planned_anew(database, runs_of(calls))
    database.run("ROLLBACK")
    return found


def measure_kept(database, cases, grown):
    """Rows read by each of the cases, with plans that were kept from before grown() made more of everything."""
    database.run("DEALLOCATE ALL")
    prepare(database, {name for calls in cases.values() for name, *_ in calls})
    read = lambda: {what: rows_read(database, calls) for what, calls in cases.items()}
    for _ in range(CUSTOM + 2):
        database.run("BEGIN")
        read()
        database.run("ROLLBACK")
    grown()
    database.run("BEGIN")
    return read()
