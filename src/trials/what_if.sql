-- name: what_if_begin exec () -> trial
-- Until the transaction ends (evaluations_instant).
SELECT set_config('thidua.trial', 'on', true) AS trial

-- name: what_if_snapshot maybe (campaign, year, unit_id, rules_hash) -> unit_id, snapshot
SELECT c.unit_id, unit_snapshot(c.campaign, c.year, c.unit_id,
           (SELECT facts_read FROM criteria_sets WHERE sha256 = :rules_hash LIMIT 1))::text AS snapshot
FROM contestants c
WHERE c.campaign = :campaign AND c.year = :year::integer AND c.unit_id = :unit_id::uuid

-- name: what_if_enter one (document, hash, creator) -> name, version, hash
-- For this transaction, which is rolled back.
INSERT INTO criteria_sets (name, version, document, sha256, valid_from, created_by, published_at)
SELECT 'what-if-' || gen_random_uuid(), 1, :document::jsonb, :hash, date '2000-01-01', :creator, clock_now()
RETURNING name, version, sha256 AS hash

-- name: what_if_changed many (before, after, year) -> unit_id, label, overall_before, overall_after
-- Units whose verdict differs between two evaluations in any way that can be seen. Both were made in this transaction, so that PostgreSQL takes
-- them for next to nothing and would hold each verdict of one against all of the other: OFFSET 0 has it look each up by its unit.
SELECT a.unit_id, unit_label(a.unit_id, make_date(:year::integer, 12, 31)) AS label, a.overall AS overall_before,
       b.overall AS overall_after
FROM verdicts a CROSS JOIN LATERAL (
    SELECT v.overall, v.results FROM verdicts v WHERE v.evaluation_id = :after::uuid AND v.unit_id = a.unit_id OFFSET 0) b
WHERE a.evaluation_id = :before::uuid AND (a.overall <> b.overall OR substring(a.results FROM 33) <> substring(b.results FROM 33))
ORDER BY a.overall = b.overall, a.unit_id LIMIT 201
