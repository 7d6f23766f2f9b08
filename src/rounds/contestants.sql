-- name: contestant_list read ({code}, {year}, ?group, ?cluster, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT l.label, c.unit_id, contestant_json(c) AS item
    FROM contestants c CROSS JOIN LATERAL (SELECT unit_label(c.unit_id, make_date(c.year, 12, 31)) AS label) l
    WHERE c.campaign = :code AND c.year = :year::integer
      AND (:group::text IS NULL OR c.group_name = :group)
      AND (:cluster::text IS NULL OR c.cluster = :cluster)
      AND (:cursor::text IS NULL OR (l.label, c.unit_id) > ((cursor_key(:cursor))[1], (cursor_key(:cursor))[2]::uuid))
    ORDER BY l.label, c.unit_id LIMIT :limit::integer + 1)
SELECT p.* FROM rounds r CROSS JOIN LATERAL
    page_json((SELECT array_agg(item ORDER BY label, unit_id) FROM page),
              (SELECT array_agg(cursor_of(label, unit_id::text) ORDER BY label, unit_id) FROM page), :limit::integer) p
WHERE r.campaign = :code AND r.year = :year::integer AND (:group::text IS NULL OR group_filter(:code, :group))

-- name: contestant_get read ({code}, {year}, {unit_id}) -> body, version
SELECT contestant_json(c)::text, c.version FROM contestants c
WHERE c.campaign = :code AND c.year = :year::integer AND c.unit_id = :unit_id::uuid

-- name: contestant_find
SELECT version, contestant_json(c)::text FROM contestants c
WHERE c.campaign = $1 AND c.year = $2::integer AND c.unit_id = $3::uuid FOR UPDATE

-- name: contestant_insert
INSERT INTO contestants AS c (campaign, year, unit_id, group_name, cluster, advises_par, on_assessed_list, source_document)
SELECT $1, $2::integer, $3::uuid, b->>'group', b->>'cluster', coalesce((b->>'advises_par')::boolean, false),
       (b->>'on_assessed_list')::boolean, b->>'source_document'
FROM (SELECT $4::jsonb AS b) body
RETURNING version, contestant_json(c)::text

-- name: contestant_update
UPDATE contestants AS c SET version = nextval('contestant_versions'), group_name = b->>'group',
    cluster = b->>'cluster', advises_par = coalesce((b->>'advises_par')::boolean, false),
    on_assessed_list = (b->>'on_assessed_list')::boolean, source_document = b->>'source_document', recorded_at = clock_now()
FROM (SELECT $4::jsonb AS b) body
WHERE c.campaign = $1 AND c.year = $2::integer AND c.unit_id = $3::uuid
RETURNING c.version, contestant_json(c)::text

-- name: contestant_delete
DELETE FROM contestants WHERE campaign = $1 AND year = $2::integer AND unit_id = $3::uuid RETURNING version
