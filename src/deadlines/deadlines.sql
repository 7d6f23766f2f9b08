-- name: calendar_plan maybe (campaign, year) -> number, title, title_en
SELECT coalesce(plan_number(k.plan), k.campaign) AS number, k.plan #>> '{title,vi}' AS title, k.plan #>> '{title,en}' AS title_en
FROM round_plans k WHERE k.campaign = :campaign AND k.year = :year::integer

-- name: calendar_days many (campaign, year, caller_unit, most) -> uid, kind, clause, due_on, by_instant bool, quote, moved int, moved_at, unit_label
-- The deadlines of the round, then what the caller's own subtree still owes by them. Without a unit: none.
WITH due AS MATERIALIZED (
    SELECT r, d.*, round_path(r.campaign, r.year) AS path FROM rounds r CROSS JOIN LATERAL round_deadlines(r) d
    WHERE r.campaign = :campaign AND r.year = :year::integer AND d.due_on IS NOT NULL
), entries AS (
    SELECT d.path AS resource, NULL::text AS unit_label, d.* FROM due d
    UNION ALL
    (SELECT o.resource, l.label, d.*
     FROM due d CROSS JOIN LATERAL own_obligations(d.r, :caller_unit::uuid) o CROSS JOIN LATERAL (SELECT unit_label(o.unit_id, d.due_on) AS label) l
     WHERE o.kind = d.kind
     ORDER BY l.label, o.resource LIMIT :most::bigint))
SELECT md5(concat_ws(' ', i.id, e.resource, e.kind))::uuid::text AS uid, e.kind, plan_clause((e.r).campaign, (e.r).year, e.clause) AS clause,
       to_char(e.due_on, 'YYYYMMDD') AS due_on, e.by_instant, e.quote, e.moved,
       to_char(e.moved_at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"') AS moved_at, e.unit_label
FROM entries e CROSS JOIN installation i ORDER BY e.unit_label NULLS FIRST, e.place, e.resource

-- name: deadlines_told session (most int) -> told int
SELECT deadlines_tell(:most::integer) AS told
