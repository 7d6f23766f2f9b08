-- name: board_frame maybe (campaign, year, roles, caller_unit) -> json
-- All but the matrix. What the caller may not read elsewhere is null: the public knows what is handed in and what is published.
SELECT board_json(r, :roles::integer, :caller_unit::uuid)::text AS json
FROM rounds r WHERE r.campaign = :campaign AND r.year = :year::integer

-- name: board_rows many (evaluation_id, campaign, year, offices bool, caller_unit, most) ->
--     unit_id, label, group_name, overall, facts bytes, results bytes
-- The first by name: the register is walked in that order, and for a unit looked up by what is below it. Who has left it since has no label kept:
-- as PostgreSQL does not know how many verdicts there are, it would look each up, so both are held against one another as sets.
WITH below AS MATERIALIZED (
    SELECT units_within(CASE WHEN NOT :offices::boolean THEN :caller_unit::uuid END) AS unit_id
), listed AS MATERIALIZED (
    (SELECT l.unit_id, l.label FROM contestant_labels l
     WHERE :offices::boolean AND l.campaign = :campaign AND l.year = :year::integer
       AND EXISTS (SELECT FROM verdicts v WHERE v.evaluation_id = :evaluation_id::uuid AND v.unit_id = l.unit_id OFFSET 0)
     ORDER BY l.label, l.unit_id LIMIT :most::bigint)
    UNION ALL
    SELECT b.unit_id, coalesce(l.label, unit_label(b.unit_id, make_date(:year::integer, 12, 31)))
    FROM below b
    LEFT JOIN LATERAL (SELECT label FROM contestant_labels
                       WHERE campaign = :campaign AND year = :year::integer AND unit_id = b.unit_id LIMIT 1) l ON true
    WHERE EXISTS (SELECT FROM verdicts v WHERE v.evaluation_id = :evaluation_id::uuid AND v.unit_id = b.unit_id OFFSET 0)
), gone AS MATERIALIZED (
    SELECT left_it.unit_id, unit_label(left_it.unit_id, make_date(:year::integer, 12, 31)) AS label
    FROM (SELECT v.unit_id FROM verdicts v WHERE :offices::boolean AND v.evaluation_id = :evaluation_id::uuid
          EXCEPT SELECT l.unit_id FROM contestant_labels l WHERE :offices::boolean AND l.campaign = :campaign AND l.year = :year::integer) left_it)
SELECT v.unit_id::text AS unit_id, u.label, c.group_name, v.overall, v.facts, v.results
FROM (SELECT * FROM (SELECT * FROM listed UNION ALL SELECT * FROM gone) both_of_them ORDER BY label, unit_id LIMIT :most::bigint) u
CROSS JOIN LATERAL (SELECT * FROM verdicts WHERE evaluation_id = :evaluation_id::uuid AND unit_id = u.unit_id LIMIT 1) v
LEFT JOIN contestants c ON (c.campaign, c.year, c.unit_id) = (:campaign, :year::integer, v.unit_id)
ORDER BY u.label, v.unit_id
