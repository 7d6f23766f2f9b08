-- name: criteria_set_list read (@drafts, ?name, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT s.name, s.version, listed_criteria_set_json(s) AS item FROM criteria_sets s
    WHERE criteria_set_visible(s, :drafts::boolean) AND (:name::text IS NULL OR s.name = :name)
      AND (:cursor::text IS NULL OR (s.name, s.version) > ((cursor_key(:cursor))[1], (cursor_key(:cursor))[2]::integer))
    ORDER BY s.name, s.version LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY name, version) FROM page),
                        (SELECT cursor_of(name, version::text) FROM (SELECT * FROM page ORDER BY name, version OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer)

-- name: criteria_set_show read ({name}, {version}, @drafts) -> body, version
SELECT criteria_set_json(s)::text, s.revision FROM criteria_sets s
WHERE s.name = :name AND s.version = :version::integer AND criteria_set_visible(s, :drafts::boolean)

-- name: criteria_set_document one (name, version, drafts bool) -> document
SELECT document::text AS document FROM criteria_sets s WHERE name = :name AND version = :version::integer AND criteria_set_visible(s, :drafts::boolean)

-- name: criteria_set_lock maybe (name, version) -> revision, published bool, document, json
SELECT revision, published_at IS NOT NULL AS published, document::text AS document, listed_criteria_set_json(s)::text AS json
FROM criteria_sets s WHERE name = :name AND version = :version::integer FOR NO KEY UPDATE

-- name: criteria_set_create one (name, version, document, hash, valid_from, valid_to, creator) -> criteria_set_made: revision, whole, json
-- `whole` holds the document, `json` does not. Of two that come at once the second is told that there is one.
INSERT INTO criteria_sets AS s (name, version, document, sha256, valid_from, valid_to, created_by)
VALUES (:name, :version::integer, :document::jsonb, :hash, :valid_from::date, :valid_to::date, :creator)
RETURNING revision, criteria_set_json(s)::text AS whole, listed_criteria_set_json(s)::text AS json

-- name: criteria_set_replace one (name, version, document, hash, valid_from, valid_to) -> criteria_set_made: revision, whole, json
UPDATE criteria_sets AS s SET document = :document::jsonb, sha256 = :hash, valid_from = :valid_from::date, valid_to = :valid_to::date,
    revision = revision + 1
WHERE name = :name AND version = :version::integer
RETURNING revision, criteria_set_json(s)::text AS whole, listed_criteria_set_json(s)::text AS json

-- name: criteria_set_publish one (name, version) -> revision, whole, json
UPDATE criteria_sets AS s SET published_at = clock_now(), revision = revision + 1 WHERE name = :name AND version = :version::integer
RETURNING revision, criteria_set_json(s)::text AS whole, listed_criteria_set_json(s)::text AS json

-- name: campaign_adopt one (code, name, version) -> version, json
UPDATE campaigns AS c SET criteria_name = :name, criteria_version = :version::integer, version = version + 1
WHERE code = :code RETURNING version, campaign_json(c)::text AS json

-- name: campaign_lock one (code) -> version, json
SELECT version, campaign_json(c)::text AS json FROM campaigns c WHERE code = :code FOR NO KEY UPDATE

-- name: campaign_rounds_hold exec (code)
-- Before the facts of units, which other rules touch, as when a plan is loaded: whoever signs holds the round and then wants those. What is judged,
-- allocated or decided in a round meanwhile goes by the rules that it found.
SELECT FROM rounds WHERE campaign = :code ORDER BY year FOR NO KEY UPDATE

-- name: criteria_set_hash one (name, version, drafts bool) -> published bool, hash
SELECT published_at IS NOT NULL AS published, sha256 AS hash FROM criteria_sets s
WHERE name = :name AND version = :version::integer AND criteria_set_visible(s, :drafts::boolean)

-- name: criteria_set_for_campaign maybe (name, version, campaign) -> published bool, groups_unknown, groups_unknown_en, cap_beyond bool
-- Where it ranks at all: groups of the plan that its standings do not know, and whether the plan's cap is beyond theirs.
SELECT s.published_at IS NOT NULL AS published,
       unknown.vi AS groups_unknown, unknown.en AS groups_unknown_en,
       (k.plan ->> 'cap')::bigint > (s.document::jsonb #>> '{standings,cap}')::bigint AS cap_beyond
FROM criteria_sets s, campaigns k, LATERAL (
    SELECT string_agg(g.text ->> 'vi', '; ' ORDER BY g.position) AS vi, string_agg(g.text ->> 'en', '; ' ORDER BY g.position) AS en
    FROM campaign_groups g
    WHERE g.campaign = k.code AND NOT coalesce((s.document::jsonb #> '{standings,groups}') ? g.code, true)) unknown
WHERE s.name = :name AND s.version = :version::integer AND k.code = :campaign
