-- name: finding_get read ({code}, {year}, {unit_id}, @offices, @unit) -> body, version
-- Offices, and the unit itself; to others it is not there.
SELECT finding_json(f)::text, f.version FROM findings f
WHERE f.campaign = :code AND f.year = :year::integer AND f.unit_id = :unit_id::uuid
  AND subtree_visible(f.unit_id, :offices::boolean, :unit::uuid)

-- name: finding_list read ({code}, {year}, @offices, @unit, ?unit_id, ?group, ?cluster, ?cursor, ?limit) -> body, version, next
-- To each caller those that finding_get shows it.
WITH page AS (
    SELECT f.unit_id, (SELECT sum(500 + octet_length(x.reason) + octet_length(x.evidence::text)) FROM finding_contents x
                       WHERE x.campaign = f.campaign AND x.year = f.year AND x.unit_id = f.unit_id) AS weight
    FROM findings f JOIN contestants c ON (c.campaign, c.year, c.unit_id) = (f.campaign, f.year, f.unit_id)
    WHERE f.campaign = :code AND f.year = :year::integer
      AND (:unit_id::uuid IS NULL OR f.unit_id = :unit_id::uuid)
      AND (:group::text IS NULL OR c.group_name = :group)
      AND (:group::text IS NULL OR (SELECT group_filter(:code, :year::integer, :group)))
      AND (:cluster::text IS NULL OR coalesce(c.cluster, '') = :cluster -- by contestants_compared
           AND c.group_name = ANY (ARRAY(SELECT g.code FROM campaign_groups g WHERE g.campaign = :code)))
      AND (:cursor::text IS NULL OR f.unit_id > (cursor_key(:cursor))[1]::uuid)
      AND (:offices::boolean OR f.unit_id = ANY (ARRAY(SELECT units_within(:unit::uuid))))
    ORDER BY f.unit_id LIMIT :limit::integer + 1)
SELECT answer.* FROM rounds r, page_json((SELECT array_agg(s.shown ORDER BY p.unit_id) FROM page p
                                          JOIN findings_shown(:code, :year::integer, ARRAY(SELECT unit_id FROM page)) s ON s.unit_id = p.unit_id),
                                         (SELECT cursor_of(unit_id::text) FROM (SELECT * FROM page ORDER BY unit_id OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer) answer
WHERE r.campaign = :code AND r.year = :year::integer

-- name: finding_hold maybe (campaign, year, unit_id) -> version
SELECT version FROM findings WHERE campaign = :campaign AND year = :year::integer AND unit_id = :unit_id::uuid FOR NO KEY UPDATE

-- name: finding_take maybe (campaign, year, unit_id) -> finding_row: unit_id, version, json
-- As it is when it is held, where there is one.
SELECT unit_id, version, shown::text AS json FROM finding_taken(:campaign, :year::integer, :unit_id::uuid)

-- name: findings_hold exec (campaign, year, units)
-- `units`: ["…", …]. Those of them that have a finding, in one order, so that two writers cannot deadlock.
SELECT FROM findings
WHERE campaign = :campaign AND year = :year::integer AND unit_id = ANY (ARRAY(SELECT jsonb_array_elements_text(:units::jsonb)::uuid))
ORDER BY unit_id FOR NO KEY UPDATE

-- name: findings_written many (campaign, year, units) -> finding_row: unit_id, version, json
-- A statement of its own after what holds or writes them: none sees what it writes itself, or waited for.
SELECT unit_id, version, shown::text AS json
FROM findings_shown(:campaign, :year::integer, ARRAY(SELECT jsonb_array_elements_text(:units::jsonb)::uuid))
ORDER BY unit_id

-- name: findings_beyond guard (campaign, body) -> finding_beyond: place, least, most, known_vi, known_en
-- Contents that the plan does not have, with those that it has, and scores that the published rules say cannot be. Places are told by it.
-- The document is long, and is unpacked once.
WITH rules AS MATERIALIZED (
    SELECT s.document -> 'contents' AS contents
    FROM campaigns k JOIN criteria_sets s ON s.name = k.criteria_name AND s.version = k.criteria_version AND s.published_at IS NOT NULL
    WHERE k.code = :campaign)
SELECT (b.place - 1)::text AS place, c.content ->> 'least' AS least, c.content ->> 'most' AS most, names.vi AS known_vi, names.en AS known_en
FROM jsonb_array_elements(:body::jsonb -> 'contents') WITH ORDINALITY AS b(item, place)
LEFT JOIN LATERAL (SELECT r.contents -> (b.item ->> 'content') AS content FROM rules r) c ON true
CROSS JOIN LATERAL (SELECT NOT EXISTS (SELECT FROM campaign_contents k WHERE k.campaign = :campaign AND k.content = b.item ->> 'content') AS unknown) u
LEFT JOIN LATERAL (SELECT string_agg(format('"%s" (%s)', k.content, k.text ->> 'vi'), ', ' ORDER BY k.position) AS vi,
                          string_agg(format('"%s" (%s)', k.content, k.text ->> 'en'), ', ' ORDER BY k.position) AS en
                   FROM campaign_contents k WHERE k.campaign = :campaign) names ON u.unknown
WHERE u.unknown OR (b.item ->> 'score')::numeric < (c.content ->> 'least')::numeric OR (b.item ->> 'score')::numeric > (c.content ->> 'most')::numeric
ORDER BY b.place

-- name: finding_insert later (campaign, year, unit_id, body)
WITH finding AS (INSERT INTO findings (campaign, year, unit_id) VALUES (:campaign, :year::integer, :unit_id::uuid) RETURNING *)
INSERT INTO finding_contents (campaign, year, unit_id, content, score, result, reason, evidence)
SELECT f.campaign, f.year, f.unit_id, b.content, b.score, b.result, b.reason, coalesce(b.evidence, '[]')
FROM finding f, jsonb_to_recordset(:body::jsonb->'contents')
    AS b(content text, score numeric, result finding_result, reason text, evidence jsonb)

-- name: finding_clear later (campaign, year, unit_id)
WITH gone AS (DELETE FROM finding_contents WHERE campaign = :campaign AND year = :year::integer AND unit_id = :unit_id::uuid)
UPDATE findings SET version = version + 1, recorded_at = clock_now()
WHERE campaign = :campaign AND year = :year::integer AND unit_id = :unit_id::uuid

-- name: finding_fill later (campaign, year, unit_id, body)
INSERT INTO finding_contents (campaign, year, unit_id, content, score, result, reason, evidence)
SELECT :campaign, :year::integer, :unit_id::uuid, b.content, b.score, b.result, b.reason, coalesce(b.evidence, '[]')
FROM jsonb_to_recordset(:body::jsonb->'contents')
    AS b(content text, score numeric, result finding_result, reason text, evidence jsonb)
