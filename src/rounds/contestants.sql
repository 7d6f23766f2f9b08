-- name: contestant_list read ({code}, {year}, ?group, ?cluster, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT l.label, l.unit_id, contestant_json(c) AS item
    FROM contestant_labels l JOIN contestants c ON (c.campaign, c.year, c.unit_id) = (l.campaign, l.year, l.unit_id)
    WHERE l.campaign = :code AND l.year = :year::integer
      AND (:group::text IS NULL OR l.group_name = :group)
      AND (:group::text IS NULL OR (SELECT group_filter(:code, :year::integer, :group)))
      AND (:cluster::text IS NULL OR coalesce(c.cluster, '') = :cluster -- by contestants_compared
           AND c.group_name = ANY (ARRAY(SELECT g.code FROM campaign_groups g WHERE g.campaign = :code)))
      AND (:cursor::text IS NULL OR (l.label, l.unit_id) > ((cursor_key(:cursor))[1], (cursor_key(:cursor))[2]::uuid))
    ORDER BY CASE WHEN :group::text IS NULL THEN l.label END, l.label NULLS FIRST, l.unit_id LIMIT :limit::integer + 1)
SELECT p.* FROM rounds r CROSS JOIN LATERAL
    page_json((SELECT array_agg(item ORDER BY label, unit_id) FROM page),
              (SELECT cursor_of(label, unit_id::text) FROM (SELECT * FROM page ORDER BY label, unit_id OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer) p
WHERE r.campaign = :code AND r.year = :year::integer

-- name: contestant_get read ({code}, {year}, {unit_id}) -> body, version
SELECT contestant_json(c)::text, c.version FROM contestants c
WHERE c.campaign = :code AND c.year = :year::integer AND c.unit_id = :unit_id::uuid

-- name: contestant_find maybe (campaign, year, unit_id) -> contestant_row: version, json
SELECT version, contestant_json(c)::text AS json FROM contestants c
WHERE c.campaign = :campaign AND c.year = :year::integer AND c.unit_id = :unit_id::uuid FOR NO KEY UPDATE

-- name: contestant_find_leaving maybe (campaign, year, unit_id) -> contestant_row: version, json
-- Of a row that is about to go: whoever adds something to it waits, and is then told that it is gone.
SELECT version, contestant_json(c)::text AS json FROM contestants c
WHERE c.campaign = :campaign AND c.year = :year::integer AND c.unit_id = :unit_id::uuid FOR UPDATE

-- name: contestant_insert one (campaign, year, unit_id, body) -> contestant_row: version, json
INSERT INTO contestants AS c (campaign, year, unit_id, group_name, cluster, advises_par, on_assessed_list, source_document,
                              members_total, members_women)
SELECT :campaign, :year::integer, :unit_id::uuid, b->>'group', b->>'cluster', coalesce((b->>'advises_par')::boolean, false),
       (b->>'on_assessed_list')::boolean, b->>'source_document', (b->>'members_total')::integer, (b->>'members_women')::integer
FROM (SELECT :body::jsonb AS b) body
RETURNING version, contestant_json(c)::text AS json

-- name: contestant_update one (campaign, year, unit_id, body) -> contestant_row: version, json
UPDATE contestants AS c SET version = nextval('contestant_versions'), group_name = b->>'group',
    cluster = b->>'cluster', advises_par = coalesce((b->>'advises_par')::boolean, false),
    on_assessed_list = (b->>'on_assessed_list')::boolean, source_document = b->>'source_document',
    members_total = (b->>'members_total')::integer, members_women = (b->>'members_women')::integer, recorded_at = clock_now()
FROM (SELECT :body::jsonb AS b) body
WHERE c.campaign = :campaign AND c.year = :year::integer AND c.unit_id = :unit_id::uuid
RETURNING c.version, contestant_json(c)::text AS json

-- name: contestant_delete exec (campaign, year, unit_id)
DELETE FROM contestants WHERE campaign = :campaign AND year = :year::integer AND unit_id = :unit_id::uuid

-- name: contestant_stake stake ({code}, {year}, {unit_id}, @body, @unit) -> unit_id, campaign, year
SELECT :unit_id::uuid AS unit_id, :code AS campaign, :year::integer AS year
UNION ALL
SELECT o.unit_id, o.campaign, o.year FROM contestants o, (SELECT :body::jsonb AS b) body
WHERE o.campaign = :code AND o.year = :year::integer AND o.group_name = b ->> 'group' AND o.cluster IS NOT DISTINCT FROM b ->> 'cluster'
  AND o.unit_id = ANY (ARRAY(SELECT own_units(:unit::uuid, duty_since(:code, :year::integer))))

-- name: plan_group_named maybe (campaign, label) -> code
-- The group that the plan calls so, in either language.
SELECT code FROM campaign_groups WHERE campaign = :campaign AND lower(:label::text) IN (lower(text ->> 'vi'), lower(text ->> 'en')) LIMIT 1
