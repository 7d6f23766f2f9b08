-- name: board_frame maybe (campaign, year, roles, caller_unit) -> json
-- All but the matrix. What the caller may not read elsewhere is null: the public knows what is handed in and what is published.
SELECT board_json(r, :roles::integer, :caller_unit::uuid)::text AS json
FROM rounds r WHERE r.campaign = :campaign AND r.year = :year::integer

-- name: board_rows many (evaluation_id, campaign, year, offices bool, caller_unit, most) ->
--     unit_id, label, group_name, overall, facts bytes, results bytes
SELECT v.unit_id::text AS unit_id, l.label, c.group_name, v.overall, v.facts, v.results
FROM verdicts v
LEFT JOIN contestants c ON c.campaign = :campaign AND c.year = :year::integer AND c.unit_id = v.unit_id
LEFT JOIN LATERAL unit_named(v.unit_id, make_date(:year::integer, 12, 31)) AS l(label) ON true
WHERE v.evaluation_id = :evaluation_id::uuid AND subtree_visible(v.unit_id, :offices::boolean, :caller_unit::uuid)
ORDER BY l.label, v.unit_id LIMIT :most::bigint
