-- name: impact_evaluations
-- The latest evaluation of each whole round by other rules: by an earlier version of them; in a campaign that is named, by any.
SELECT DISTINCT ON (e.campaign, e.year) e.id, e.campaign, e.year, e.rule_set_name, e.rule_set_version FROM evaluations e
WHERE e.state = 'DONE' AND e.result_hash IS NOT NULL AND NOT e.warnings @> '[{"code": "PARTIAL"}]' AND e.rule_set_hash <> $5
  AND ($4::integer IS NULL OR e.year = $4::integer)
  AND CASE WHEN $3::text IS NULL THEN e.rule_set_name = $1 AND e.rule_set_version < $2::integer ELSE e.campaign = $3 END
ORDER BY e.campaign, e.year, e.created_at DESC, e.id DESC LIMIT 101

-- name: impact_labels
SELECT unit_label((u ->> 'unit_id')::uuid, make_date((u ->> 'year')::integer, 12, 31))
FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS l(u, place) ORDER BY place
