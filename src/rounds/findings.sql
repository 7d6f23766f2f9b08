-- name: finding_get read ({code}, {year}, {unit_id}, @offices, @unit) -> body, version
-- Offices, and the unit itself; to others it is not there.
SELECT finding_json(f)::text, f.version FROM findings f
WHERE f.campaign = :code AND f.year = :year::integer AND f.unit_id = :unit_id::uuid
  AND subtree_visible(f.unit_id, :offices::boolean, :unit::uuid)

-- name: finding_list read ({code}, {year}, @offices, @unit, ?unit_id, ?group, ?cluster, ?cursor, ?limit) -> body, version, next
-- To each caller those that finding_get shows it.
WITH page AS (
    SELECT f.unit_id, finding_json(f) AS item FROM findings f
    WHERE f.campaign = :code AND f.year = :year::integer
      AND (:unit_id::uuid IS NULL OR f.unit_id = :unit_id::uuid)
      AND (:group::text IS NULL AND :cluster::text IS NULL OR EXISTS (
               SELECT FROM contestants c WHERE (c.campaign, c.year, c.unit_id) = (f.campaign, f.year, f.unit_id)
               AND c.group_name = coalesce(:group, c.group_name) AND (:cluster::text IS NULL OR c.cluster = :cluster)))
      AND (:cursor::text IS NULL OR f.unit_id > (cursor_key(:cursor))[1]::uuid)
      AND subtree_visible(f.unit_id, :offices::boolean, :unit::uuid)
    ORDER BY f.unit_id LIMIT :limit::integer + 1)
SELECT answer.* FROM rounds r, page_json((SELECT array_agg(item ORDER BY unit_id) FROM page),
                                         (SELECT array_agg(cursor_of(unit_id::text) ORDER BY unit_id) FROM page), :limit::integer) answer
WHERE r.campaign = :code AND r.year = :year::integer AND (:group::text IS NULL OR group_filter(:code, :group))

-- name: finding_find maybe (campaign, year, unit_id) -> finding_row: version, json
SELECT version, finding_json(f)::text AS json FROM findings f
WHERE f.campaign = :campaign AND f.year = :year::integer AND f.unit_id = :unit_id::uuid FOR NO KEY UPDATE

-- name: finding_insert exec (campaign, year, unit_id)
INSERT INTO findings (campaign, year, unit_id) VALUES (:campaign, :year::integer, :unit_id::uuid)

-- name: finding_update exec (campaign, year, unit_id)
UPDATE findings SET version = version + 1, recorded_at = clock_now()
WHERE campaign = :campaign AND year = :year::integer AND unit_id = :unit_id::uuid

-- name: finding_clear exec (campaign, year, unit_id)
DELETE FROM finding_contents WHERE campaign = :campaign AND year = :year::integer AND unit_id = :unit_id::uuid

-- name: finding_fill exec (campaign, year, unit_id, body)
INSERT INTO finding_contents (campaign, year, unit_id, content, score, result, reason, evidence)
SELECT :campaign, :year::integer, :unit_id::uuid, b.content, b.score, b.result, b.reason, coalesce(b.evidence, '[]')
FROM jsonb_to_recordset(:body::jsonb->'contents')
    AS b(content text, score numeric, result finding_result, reason text, evidence jsonb)

-- name: finding_written one (campaign, year, unit_id) -> finding_row: version, json
-- After finding_fill: a statement does not see what it writes itself.
SELECT version, finding_json(f)::text AS json FROM findings f
WHERE f.campaign = :campaign AND f.year = :year::integer AND f.unit_id = :unit_id::uuid
