-- name: override_frame
-- The evaluation that is overridden; its round is held, so that who proposes meanwhile waits.
SELECT e.campaign, e.year, r.state, (SELECT k.clauses FROM campaigns k WHERE k.code = e.campaign) FROM evaluations e JOIN rounds r ON r.campaign = e.campaign AND r.year = e.year
WHERE e.id = $1::uuid FOR NO KEY UPDATE OF r

-- name: override_insert
INSERT INTO standing_overrides (evaluation_id, campaign, year, unit_id, computed, decided, reason, legal_basis, recorded_by, recorded_by_name)
SELECT e.id, e.campaign, e.year, $2::uuid, $3, $4, $5, $6, $7::uuid, $8 FROM evaluations e WHERE e.id = $1::uuid
RETURNING id, override_json(standing_overrides)::text

-- name: override_show read ({id}, {override_id}) -> body, version
SELECT override_json(o)::text, NULL FROM standing_overrides o WHERE o.evaluation_id = :id::uuid AND o.id = :override_id::uuid

-- name: override_list read ({id}, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT o.position, override_json(o) AS item FROM standing_overrides o
    WHERE o.evaluation_id = :id::uuid AND (:cursor::text IS NULL OR o.position > (cursor_key(:cursor))[1]::bigint)
    ORDER BY o.position LIMIT :limit::integer + 1)
SELECT p.* FROM evaluations e CROSS JOIN LATERAL
    page_json((SELECT array_agg(item ORDER BY position) FROM page),
              (SELECT array_agg(cursor_of(position::text) ORDER BY position) FROM page), :limit::integer) p
WHERE e.id = :id::uuid

-- name: override_newest
-- The one that counts of each unit: among those of the round, or among those recorded on one evaluation of it.
SELECT DISTINCT ON (o.unit_id) o.unit_id, override_place(o)::text FROM standing_overrides o
WHERE o.campaign = $1 AND o.year = $2::integer AND ($3::uuid IS NULL OR o.evaluation_id = $3::uuid)
ORDER BY o.unit_id, o.position DESC

-- name: override_bars
-- Units of a decision that people keep out, or do not hold for sure any more.
SELECT u.unit_id, unit_label(u.unit_id, today()), o.decided
FROM decisions d JOIN decision_units u ON u.decision_id = d.id CROSS JOIN LATERAL (
    SELECT x.decided FROM standing_overrides x WHERE x.campaign = d.campaign AND x.year = d.year AND x.unit_id = u.unit_id
    ORDER BY x.position DESC LIMIT 1) o
WHERE d.id = $1::uuid AND o.decided <> 'SECURE' ORDER BY u.unit_id
