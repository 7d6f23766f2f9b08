-- name: board_frame maybe (campaign, year, roles, caller_unit) -> json
-- All but the matrix. What the caller may not read elsewhere is null: the public knows what is handed in and what is published.
SELECT board_json(r, :roles::integer, :caller_unit::uuid)::text AS json
FROM rounds r WHERE r.campaign = :campaign AND r.year = :year::integer

-- name: board_rows many (evaluation_id, campaign, year, offices bool, caller_unit, most) ->
--     unit_id, label, group_name, overall, facts bytes, results bytes
-- Who has left the register since has no label kept.
SELECT v.unit_id::text AS unit_id, coalesce(l.label, unit_label(v.unit_id, make_date(:year::integer, 12, 31))) AS label, c.group_name,
       v.overall, v.facts, v.results
FROM verdicts v
LEFT JOIN contestants c ON (c.campaign, c.year, c.unit_id) = (:campaign, :year::integer, v.unit_id)
LEFT JOIN contestant_labels l ON (l.campaign, l.year, l.unit_id) = (:campaign, :year::integer, v.unit_id)
WHERE v.evaluation_id = :evaluation_id::uuid AND subtree_visible(v.unit_id, :offices::boolean, :caller_unit::uuid)
ORDER BY label, v.unit_id LIMIT :most::bigint
