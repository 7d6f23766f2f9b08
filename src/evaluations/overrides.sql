-- name: override_frame one (evaluation_id) -> campaign, year, round_state, clauses
-- The evaluation that is overridden. Its round is held, so that who proposes meanwhile waits.
SELECT e.campaign, e.year, r.state AS round_state, (SELECT k.clauses FROM round_plans k WHERE k.campaign = e.campaign AND k.year = e.year) AS clauses
FROM evaluations e JOIN rounds r ON r.campaign = e.campaign AND r.year = e.year
WHERE e.id = :evaluation_id::uuid FOR NO KEY UPDATE OF r

-- name: override_insert one (evaluation_id, unit_id, form, computed, decided, reason, legal_basis, recorded_by,
--     recorded_by_name) -> id, json
INSERT INTO standing_overrides (evaluation_id, campaign, year, unit_id, form, computed, decided, reason, legal_basis, recorded_by,
                                 recorded_by_name)
SELECT e.id, e.campaign, e.year, :unit_id::uuid, :form, :computed, :decided, :reason, :legal_basis, :recorded_by::uuid, :recorded_by_name
FROM evaluations e WHERE e.id = :evaluation_id::uuid
RETURNING id, override_json(standing_overrides)::text AS json

-- name: override_show read ({id}, {override_id}) -> body, version
SELECT override_json(o)::text, NULL FROM standing_overrides o WHERE o.evaluation_id = :id::uuid AND o.id = :override_id::uuid

-- name: override_list read ({id}, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT o.position, override_json(o) AS item FROM standing_overrides o
    WHERE o.evaluation_id = :id::uuid AND (:cursor::text IS NULL OR o.position > (cursor_key(:cursor))[1]::bigint)
    ORDER BY o.position LIMIT :limit::integer + 1)
SELECT p.* FROM evaluations e CROSS JOIN LATERAL
    page_json((SELECT array_agg(item ORDER BY position) FROM page),
              (SELECT cursor_of(position::text) FROM (SELECT * FROM page ORDER BY position OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer) p
WHERE e.id = :id::uuid

-- name: override_newest many (campaign, year, evaluation_id) -> unit_id, form, decided, place, taken_back bool
-- The one that counts of each unit: among those of the round, or among those recorded on one evaluation of it. What says what was computed
-- takes an earlier one back, whatever is computed later.
SELECT DISTINCT ON (o.unit_id, o.form) o.unit_id, o.form, o.decided, override_place(o)::text AS place, o.decided = o.computed AS taken_back
FROM standing_overrides o
WHERE o.campaign = :campaign AND o.year = :year::integer AND (:evaluation_id::uuid IS NULL OR o.evaluation_id = :evaluation_id::uuid)
ORDER BY o.unit_id, o.form, o.position DESC

-- name: override_bars many (decision_id) -> unit_id, label, form, decided, newest
-- Units of a decision that people keep out, or do not hold for sure any more. `newest`: the evaluation that says whether the place is sure, where
-- their decision was taken back; else null.
SELECT u.unit_id, unit_label(u.unit_id, today()) AS label, u.form, o.decided, CASE WHEN o.decided = o.computed THEN (
    SELECT e.id FROM evaluations e
    WHERE e.campaign = d.campaign AND e.year = d.year AND e.standings IS NOT NULL AND NOT e.warnings @> '[{"code": "PARTIAL"}]'
    ORDER BY e.position DESC LIMIT 1) END AS newest
FROM decisions d JOIN decision_units u ON u.decision_id = d.id CROSS JOIN LATERAL (
    SELECT x.decided, x.computed FROM standing_overrides x WHERE x.campaign = d.campaign AND x.year = d.year AND x.unit_id = u.unit_id
          AND x.form IS NOT DISTINCT FROM u.form
    ORDER BY x.position DESC LIMIT 1) o
WHERE d.id = :decision_id::uuid AND o.decided <> 'SECURE' ORDER BY u.unit_id

-- name: override_stake stake ({id}, @body) -> unit_id, campaign, year
SELECT (:body::jsonb ->> 'unit_id')::uuid AS unit_id, campaign, year FROM evaluations WHERE id = :id::uuid
