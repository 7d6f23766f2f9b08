-- name: what_if_begin
-- Until the transaction ends (evaluations_instant).
SELECT set_config('thidua.trial', $1, true)

-- name: what_if_snapshot
SELECT unit_own_snapshot(c.campaign, c.year, c.unit_id)::text, s.stamp FROM contestants c JOIN unit_stamps s ON s.unit_id = c.unit_id
WHERE c.campaign = $1 AND c.year = $2::integer AND c.unit_id = $3::uuid

-- name: what_if_changed
-- Units whose verdict differs between two evaluations in any way that can be seen.
SELECT a.unit_id, unit_label(a.unit_id, make_date($3::integer, 12, 31)), a.overall, b.overall
FROM verdicts a JOIN verdicts b ON b.unit_id = a.unit_id AND b.evaluation_id = $2::uuid
WHERE a.evaluation_id = $1::uuid AND (a.overall <> b.overall OR substring(a.results FROM 33) <> substring(b.results FROM 33))
ORDER BY a.overall = b.overall, a.unit_id LIMIT 201
