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
      AND (:late::boolean IS NULL OR :late::boolean = (SELECT received_late(p.received_at, r.report_cut_off) FROM rounds r
                                                       WHERE r.campaign = p.campaign AND r.year = p.year))
      AND (:cursor::text IS NULL OR p.unit_id > (cursor_key(:cursor))[1]::uuid)
      AND subtree_visible(p.unit_id, :offices::boolean, :unit::uuid)
    ORDER BY p.unit_id LIMIT :limit::integer + 1)
SELECT answer.* FROM rounds r, page_json((SELECT array_agg(item ORDER BY unit_id) FROM page),
                                         (SELECT array_agg(cursor_of(unit_id::text) ORDER BY unit_id) FROM page), :limit::integer) answer
WHERE r.campaign = :code AND r.year = :year::integer

-- name: report_find maybe (campaign, year, unit_id) -> report_row: version, json
SELECT version, report_json(p)::text AS json FROM reports p
WHERE p.campaign = :campaign AND p.year = :year::integer AND p.unit_id = :unit_id::uuid FOR NO KEY UPDATE

-- name: report_insert one (campaign, year, unit_id, body) -> report_row: version, json
INSERT INTO reports AS p (campaign, year, unit_id, document_number, document_date, summary, received_at, source)
SELECT :campaign, :year::integer, :unit_id::uuid, b.document_number,
       b.document_date,
       b.summary, coalesce(b.received_at, clock_now()), b.source
FROM jsonb_to_record(:body::jsonb)
    AS b(document_number text, document_date date, summary text, received_at timestamptz, source text)
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
WITH owing AS (
    SELECT p.unit_id, unit_label(p.unit_id, r.report_cut_off - 1) AS label,
           plan_clause(r.campaign, 'V.1') AS report_clause, plan_clause(r.campaign, 'III.4.a') AS dossier_clause,
           p.group_name,
           r.report_cut_off, r.cut_off, f.received_at, dossier_received_at(r.campaign, r.year, p.unit_id) AS dossier_at,
           CASE WHEN f.received_at IS NULL THEN CASE WHEN today() >= r.report_cut_off THEN 'OVERDUE' ELSE 'OPEN' END
                WHEN received_late(f.received_at, r.report_cut_off) THEN 'FILED_LATE' ELSE 'FILED' END AS status
    FROM rounds r
    CROSS JOIN LATERAL report_owers(r) p
    LEFT JOIN reports f ON f.campaign = r.campaign AND f.year = r.year AND f.unit_id = p.unit_id
    WHERE r.campaign = :code AND r.year = :year::integer
      AND subtree_visible(p.unit_id, :offices::boolean, :unit::uuid)
), page AS (
    SELECT o.label, o.unit_id, json_build_object('unit_id', o.unit_id, 'unit_label', o.label, 'group', o.group_name,
        'group_label', group_label(:code, o.group_name),
        'report', json_build_object('clause', o.report_clause, 'due_at', last_instant_before(o.report_cut_off), 'status', o.status,
                                    'received_at', o.received_at),
        'dossier', json_build_object('clause', o.dossier_clause, 'due_at', last_instant_before(o.cut_off), 'mandatory', false,
                                     'received_at', o.dossier_at)) AS item
    FROM owing o
    WHERE (:status::text IS NULL OR o.status = :status)
      AND (:cursor::text IS NULL OR (o.label, o.unit_id) > ((cursor_key(:cursor))[1], (cursor_key(:cursor))[2]::uuid))
    ORDER BY o.label, o.unit_id LIMIT :limit::integer + 1)
SELECT p.* FROM rounds r CROSS JOIN LATERAL
    page_json((SELECT array_agg(item ORDER BY label, unit_id) FROM page),
              (SELECT array_agg(cursor_of(label, unit_id::text) ORDER BY label, unit_id) FROM page), :limit::integer) p
WHERE r.campaign = :code AND r.year = :year::integer
