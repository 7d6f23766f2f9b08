-- name: evaluation_setting
-- What an evaluation of the round starts from: rules, instant and dates.
SELECT c.document::text, c.name, c.version, to_json(coalesce($3::timestamptz, clock_now())) #>> '{}', r.cap, r.cut_off,
       r.report_cut_off, r.conference_on, local_date(coalesce($3::timestamptz, clock_now())),
       coalesce($4::date, (SELECT max(local_date(p.submitted_at)) FROM proposals p
                           WHERE p.campaign = r.campaign AND p.year = r.year AND p.state IN ('SUBMITTED', 'DECIDED')))
FROM rounds r JOIN campaigns k ON k.code = r.campaign
LEFT JOIN criteria_sets c ON c.name = k.criteria_name AND c.version = k.criteria_version AND c.published_at IS NOT NULL
WHERE r.campaign = $1 AND r.year = $2::integer

-- name: evaluation_snapshots
SELECT c.unit_id, unit_label(c.unit_id, make_date(c.year, 12, 31)), c.group_name, c.cluster,
       unit_snapshot(c.campaign, c.year, c.unit_id)::text
FROM contestants c
WHERE c.campaign = $1 AND c.year = $2::integer
  AND ($3::text IS NULL OR c.group_name::text = $3)
  AND ($4::jsonb IS NULL OR $4::jsonb ? c.unit_id::text)
ORDER BY c.unit_id

-- name: evaluation_quota
SELECT group_name, cluster, slots FROM quota_current WHERE campaign = $1 AND year = $2::integer ORDER BY group_name, cluster

-- name: evaluation_insert
INSERT INTO evaluations (campaign, year, rule_set_name, rule_set_version, rule_set_hash, semantics, as_of, parameters,
                         input_hash, counts, warnings, standings, created_by, created_by_name)
VALUES ($1, $2::integer, $3, $4::integer, $5, $6::integer, $7::timestamptz, $8::jsonb, $9, $10::jsonb, $11::jsonb, $12, $13::uuid, $14)
RETURNING id, evaluation_json(evaluations)::text

-- name: verdict_insert
INSERT INTO verdicts (evaluation_id, unit_id, overall, snapshot, verdict, verdict_unit)
VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6)

-- name: evaluation_show quick
SELECT evaluation_json(e)::text, NULL FROM evaluations e WHERE e.id = $1::uuid

-- name: evaluation_list quick
WITH page AS (
    SELECT e.created_at, e.id, evaluation_json(e) AS item FROM evaluations e
    WHERE e.campaign = $1 AND e.year = $2::integer
      AND ($3::text IS NULL OR (e.created_at, e.id) > ((cursor_key($3))[1]::timestamptz, (cursor_key($3))[2]::uuid))
    ORDER BY e.created_at, e.id LIMIT $4::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY created_at, id) FROM page),
                        (SELECT array_agg(cursor_of(created_at::text, id::text) ORDER BY created_at, id) FROM page), $4::integer)

-- name: evaluation_standings quick
SELECT standings, NULL FROM evaluations WHERE id = $1::uuid

-- name: verdict_show quick
-- A unit sees its own subtree, without what is restricted.
SELECT CASE WHEN $3::boolean THEN v.verdict ELSE v.verdict_unit END, NULL FROM verdicts v
WHERE v.evaluation_id = $1::uuid AND v.unit_id = $2::uuid AND ($3::boolean OR unit_within(v.unit_id, $4::uuid))

-- name: verdict_list quick
WITH page AS (
    SELECT v.unit_id, CASE WHEN $2::boolean THEN v.verdict ELSE v.verdict_unit END::json AS item FROM verdicts v
    WHERE v.evaluation_id = $1::uuid AND ($2::boolean OR unit_within(v.unit_id, $3::uuid))
      AND ($4::text IS NULL OR v.overall = $4)
      AND ($5::text IS NULL OR v.unit_id > (cursor_key($5))[1]::uuid)
    ORDER BY v.unit_id LIMIT $6::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY unit_id) FROM page),
                        (SELECT array_agg(cursor_of(unit_id::text) ORDER BY unit_id) FROM page), $6::integer)
