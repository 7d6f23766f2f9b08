-- name: finding_get read ({code}, {year}, {unit_id}, @offices, @unit) -> body, version
-- Offices, and the unit itself; to others it is not there.
SELECT finding_json(f)::text, f.version FROM findings f
WHERE f.campaign = :code AND f.year = :year::integer AND f.unit_id = :unit_id::uuid
  AND (:offices::boolean OR (:unit::uuid IS NOT NULL AND unit_within(f.unit_id, :unit::uuid)))

-- name: finding_find
SELECT version, finding_json(f)::text FROM findings f
WHERE f.campaign = $1 AND f.year = $2::integer AND f.unit_id = $3::uuid FOR UPDATE

-- name: finding_insert
INSERT INTO findings (campaign, year, unit_id) VALUES ($1, $2::integer, $3::uuid) RETURNING version

-- name: finding_update
UPDATE findings SET version = version + 1, recorded_at = clock_now()
WHERE campaign = $1 AND year = $2::integer AND unit_id = $3::uuid RETURNING version

-- name: finding_clear
DELETE FROM finding_contents WHERE campaign = $1 AND year = $2::integer AND unit_id = $3::uuid

-- name: finding_fill
INSERT INTO finding_contents (campaign, year, unit_id, content, score, result, reason, evidence)
SELECT $1, $2::integer, $3::uuid, b.content, b.score, b.result, b.reason, coalesce(b.evidence, '[]')
FROM jsonb_to_recordset($4::jsonb->'contents')
    AS b(content text, score numeric, result finding_result, reason text, evidence jsonb)
