-- name: report_get read ({code}, {year}, {unit_id}, @offices, @unit) -> body, version
SELECT report_json(p)::text, p.version FROM reports p
WHERE p.campaign = :code AND p.year = :year::integer AND p.unit_id = :unit_id::uuid
  AND subtree_visible(p.unit_id, :offices::boolean, :unit::uuid)

-- name: report_list read ({code}, {year}, @offices, @unit, ?unit_id, ?late, ?cursor, ?limit) -> body, version, next
-- To each caller those that report_get shows it.
WITH page AS (
    SELECT p.unit_id, report_json(p) AS item FROM reports p
    WHERE p.campaign = :code AND p.year = :year::integer
      AND (:unit_id::uuid IS NULL OR p.unit_id = :unit_id::uuid)
      AND (:late::boolean IS NULL OR p.late = :late::boolean)
      AND (:cursor::text IS NULL OR p.unit_id > (cursor_key(:cursor))[1]::uuid)
      AND (:offices::boolean OR p.unit_id = ANY (ARRAY(SELECT units_within(:unit::uuid))))
    ORDER BY CASE WHEN :late::boolean IS NULL THEN p.unit_id END, p.unit_id NULLS FIRST LIMIT :limit::integer + 1)
SELECT answer.* FROM rounds r, page_json((SELECT array_agg(item ORDER BY unit_id) FROM page),
                                         (SELECT cursor_of(unit_id::text) FROM (SELECT * FROM page ORDER BY unit_id OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer) answer
WHERE r.campaign = :code AND r.year = :year::integer

-- name: report_find maybe (campaign, year, unit_id) -> report_row: version, json
SELECT version, report_json(p)::text AS json FROM reports p
WHERE p.campaign = :campaign AND p.year = :year::integer AND p.unit_id = :unit_id::uuid FOR NO KEY UPDATE

-- name: report_insert one (campaign, year, unit_id, body) -> report_row: version, json
INSERT INTO reports AS p (campaign, year, unit_id, document_number, document_date, summary, received_at, source, report_cut_off)
SELECT r.campaign, r.year, :unit_id::uuid, b.document_number, b.document_date, b.summary, coalesce(b.received_at, clock_now()), b.source, r.report_cut_off
FROM rounds r, jsonb_to_record(:body::jsonb)
    AS b(document_number text, document_date date, summary text, received_at timestamptz, source text)
WHERE r.campaign = :campaign AND r.year = :year::integer
RETURNING version, report_json(p)::text AS json

-- name: report_update one (campaign, year, unit_id, body) -> report_row: version, json
-- Replacing the content does not move the first receipt; a corrected instant of receipt comes with its source.
UPDATE reports AS p SET version = p.version + 1, document_number = b.document_number,
    document_date = b.document_date,
    summary = b.summary, amended_at = clock_now(), confirmed_by = NULL, confirmed_on = NULL,
    received_at = coalesce(b.received_at, p.received_at),
    source = CASE WHEN b.received_at IS NULL THEN p.source ELSE b.source END,
    recorded_at = CASE WHEN b.received_at IS NULL THEN p.recorded_at ELSE clock_now() END
FROM jsonb_to_record(:body::jsonb)
    AS b(document_number text, document_date date, summary text, received_at timestamptz, source text)
WHERE p.campaign = :campaign AND p.year = :year::integer AND p.unit_id = :unit_id::uuid
RETURNING p.version, report_json(p)::text AS json

-- name: report_confirm one (campaign, year, unit_id, body) -> report_row: version, json
UPDATE reports AS p SET version = p.version + 1, confirmed_by = b.confirmed_by,
    confirmed_on = CASE WHEN b.confirmed_on >= local_date(p.received_at) OR refuse('reports_confirmed_early') THEN b.confirmed_on END
FROM jsonb_to_record(:body::jsonb) AS b(confirmed_by text, confirmed_on date)
WHERE p.campaign = :campaign AND p.year = :year::integer AND p.unit_id = :unit_id::uuid
RETURNING p.version, report_json(p)::text AS json

-- name: obligation_list read ({code}, {year}, @offices, @unit, ?status, ?cursor, ?limit) -> body, version, next
-- Who exists on the last good day owes the report (report_owers). A label begins with the name: so units are read off the index of names, labels
-- are made for those of a page alone, and a cursor holds the name once. Of a comparison with what is worked out PostgreSQL believes that it holds
-- of few, and sorts them all: hence coalesce().
WITH asked AS MATERIALIZED (
    SELECT r.report_cut_off, r.report_groups, r.group_of_kinds, r.cut_off, r.report_cut_off - 1 AS day, plan_clause(r.campaign, r.year, 'V.1') AS report_clause,
           plan_clause(r.campaign, r.year, 'III.4.a') AS dossier_clause, CASE WHEN today() >= r.report_cut_off THEN 'OVERDUE' ELSE 'OPEN' END AS unfiled
    FROM rounds r WHERE r.campaign = :code AND r.year = :year::integer
), owing AS (
    SELECT p.name, unit_label(p.unit_id, (SELECT day FROM asked)) AS label, p.unit_id, f.received_at,
           coalesce(c.group_name, (SELECT group_of_kinds FROM asked) ->> p.kind::text) AS group_name,
           CASE WHEN f.received_at IS NULL THEN (SELECT unfiled FROM asked)
                WHEN f.late THEN 'FILED_LATE' ELSE 'FILED' END AS status, f.unit_id IS NOT NULL AS filed, f.late
    FROM unit_periods p
    LEFT JOIN contestants c ON c.campaign = :code AND c.year = :year::integer AND c.unit_id = p.unit_id
    LEFT JOIN reports f ON f.campaign = :code AND f.year = :year::integer AND f.unit_id = p.unit_id
    WHERE coalesce(p.valid @> (SELECT day FROM asked), false) AND (:offices::boolean OR p.unit_id = ANY (ARRAY(SELECT units_within(:unit::uuid))))
), page AS (
    SELECT o.name, o.label, o.unit_id, json_build_object('unit_id', o.unit_id, 'unit_label', o.label, 'group', o.group_name,
        'group_label', group_label(:code, :year::integer, o.group_name),
        'report', (SELECT json_build_object('clause', a.report_clause, 'due_at', last_instant_before(a.report_cut_off), 'status', o.status,
                                            'received_at', o.received_at) FROM asked a),
        'dossier', (SELECT json_build_object('clause', a.dossier_clause, 'due_at', last_instant_before(a.cut_off), 'mandatory', false,
                                             'received_at', dossier_received_at(:code, :year::integer, o.unit_id)) FROM asked a)) AS item
    FROM owing o
    WHERE coalesce(o.group_name = ANY ((SELECT report_groups FROM asked)::text[]), false)
      AND (:status::text IS NULL OR CASE WHEN :status IN ('FILED', 'FILED_LATE') THEN o.late = (:status = 'FILED_LATE')
                                         ELSE NOT o.filed AND :status = (SELECT unfiled FROM asked) END)
      AND (:cursor::text IS NULL OR o.name >= (cursor_key(:cursor))[1])
      AND (:cursor::text IS NULL OR (o.name, o.label, o.unit_id) > ((cursor_key(:cursor))[1], (cursor_key(:cursor))[1] || (cursor_key(:cursor))[2],
                                                                  (cursor_key(:cursor))[3]::uuid))
    ORDER BY o.name, o.label, o.unit_id LIMIT :limit::integer + 1)
SELECT p.* FROM asked CROSS JOIN LATERAL
    page_json((SELECT array_agg(item ORDER BY name, label, unit_id) FROM page),
              (SELECT cursor_of(name, substr(label, length(name) + 1), unit_id::text) FROM (SELECT * FROM page ORDER BY name, label, unit_id OFFSET :limit::integer - 1 LIMIT 1) last),
              :limit::integer) p
