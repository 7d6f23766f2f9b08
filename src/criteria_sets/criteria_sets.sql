-- name: criteria_set_list read (@drafts, ?name, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT s.name, s.version, criteria_set_json(s, false) AS item FROM criteria_sets s
    WHERE (s.published_at IS NOT NULL OR :drafts::boolean) AND (:name::text IS NULL OR s.name = :name)
      AND (:cursor::text IS NULL OR (s.name, s.version) > ((cursor_key(:cursor))[1], (cursor_key(:cursor))[2]::integer))
    ORDER BY s.name, s.version LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY name, version) FROM page),
                        (SELECT array_agg(cursor_of(name, version::text) ORDER BY name, version) FROM page), :limit::integer)

-- name: criteria_set_show read ({name}, {version}, @drafts) -> body, version
SELECT criteria_set_json(s, true)::text, s.revision FROM criteria_sets s
WHERE s.name = :name AND s.version = :version::integer AND (s.published_at IS NOT NULL OR :drafts::boolean)

-- name: criteria_set_document
SELECT document::text, sha256 FROM criteria_sets WHERE name = $1 AND version = $2::integer AND (published_at IS NOT NULL OR $3::boolean)

-- name: criteria_set_lock
SELECT revision, published_at IS NOT NULL, document::text, criteria_set_json(s, false)::text
FROM criteria_sets s WHERE name = $1 AND version = $2::integer FOR UPDATE

-- name: criteria_set_put
-- A draft; where there is one it is replaced.
INSERT INTO criteria_sets AS s (name, version, document, sha256, valid_from, valid_to, created_by)
VALUES ($1, $2::integer, $3::jsonb, $4, $5::date, $6::date, $7)
ON CONFLICT (name, version) DO UPDATE SET document = EXCLUDED.document, sha256 = EXCLUDED.sha256, valid_from = EXCLUDED.valid_from,
    valid_to = EXCLUDED.valid_to, revision = s.revision + 1
RETURNING revision, criteria_set_json(s, true)::text, criteria_set_json(s, false)::text

-- name: criteria_set_publish
UPDATE criteria_sets AS s SET published_at = clock_now(), revision = revision + 1 WHERE name = $1 AND version = $2::integer
RETURNING revision, criteria_set_json(s, true)::text, criteria_set_json(s, false)::text

-- name: campaign_adopt
UPDATE campaigns AS c SET criteria_name = $2, criteria_version = $3::integer, version = version + 1
WHERE code = $1 RETURNING version, campaign_json(c)::text

-- name: campaign_lock
SELECT version, campaign_json(c)::text FROM campaigns c WHERE code = $1 FOR UPDATE

-- name: criteria_set_published
SELECT published_at IS NOT NULL FROM criteria_sets WHERE name = $1 AND version = $2::integer

-- name: criteria_set_for_campaign
-- Is it published; and, where it ranks at all: groups of the plan that its standings do not know; is the plan's cap beyond theirs?
SELECT s.published_at IS NOT NULL,
       (SELECT string_agg(g.code, ', ' ORDER BY g.position) FROM campaign_groups g
        WHERE g.campaign = k.code AND NOT coalesce((s.document::jsonb #> '{standings,groups}') ? g.code, true)),
       (k.plan ->> 'cap')::bigint > (s.document::jsonb #>> '{standings,cap}')::bigint
FROM criteria_sets s, campaigns k WHERE s.name = $1 AND s.version = $2::integer AND k.code = $3
