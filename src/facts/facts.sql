-- name: rules_published
SELECT document::text FROM criteria_sets WHERE sha256 = $1 AND published_at IS NOT NULL LIMIT 1

-- name: facts_common
SELECT register_common_states($1, $2::integer)::text

-- name: facts_whole
-- A cursor is planned for its first rows, by three indexes in random order; all rows come five times as fast by reading the
-- tables through and sorting. For this transaction only.
SELECT set_config('cursor_tuple_fraction', '1', true), set_config('work_mem', '64MB', true), set_config('jit', 'off', true)

-- name: facts_open
-- Units of the round in order, each with its packed facts, or, where those are not of now, with the snapshot itself: which of
-- both is decided in one snapshot of the database, so no write can come between. A cursor, so that a million units are joined
-- once, and never more than a page of them is in memory.
DECLARE round_facts NO SCROLL CURSOR FOR
SELECT c.unit_id::text, CASE WHEN now.packed THEN p.facts END,
       CASE WHEN now.packed THEN NULL ELSE unit_own_snapshot(c.campaign, c.year, c.unit_id)::text END
FROM contestants c
LEFT JOIN packed_facts p ON p.campaign = c.campaign AND p.year = c.year AND p.unit_id = c.unit_id
LEFT JOIN unit_stamps s ON s.unit_id = c.unit_id
CROSS JOIN LATERAL (SELECT coalesce(p.stamp = s.stamp AND p.layout = decode($4, 'hex'), false) AS packed) now
WHERE c.campaign = $1 AND c.year = $2::integer AND ($3::text IS NULL OR c.group_name = $3)
ORDER BY c.unit_id

-- name: facts_page binary
FETCH 2000 FROM round_facts

-- name: facts_close
CLOSE round_facts

-- name: facts_of_round binary
-- The same at once, for a round that is no more than a page.
SELECT c.unit_id::text, CASE WHEN now.packed THEN p.facts END,
       CASE WHEN now.packed THEN NULL ELSE unit_own_snapshot(c.campaign, c.year, c.unit_id)::text END
FROM contestants c
LEFT JOIN packed_facts p ON p.campaign = c.campaign AND p.year = c.year AND p.unit_id = c.unit_id
LEFT JOIN unit_stamps s ON s.unit_id = c.unit_id
CROSS JOIN LATERAL (SELECT coalesce(p.stamp = s.stamp AND p.layout = decode($4, 'hex'), false) AS packed) now
WHERE c.campaign = $1 AND c.year = $2::integer AND ($3::text IS NULL OR c.group_name = $3)
ORDER BY c.unit_id

-- name: facts_of_units binary
SELECT c.unit_id::text, CASE WHEN now.packed THEN p.facts END,
       CASE WHEN now.packed THEN NULL ELSE unit_own_snapshot(c.campaign, c.year, c.unit_id)::text END
FROM contestants c
LEFT JOIN packed_facts p ON p.campaign = c.campaign AND p.year = c.year AND p.unit_id = c.unit_id
LEFT JOIN unit_stamps s ON s.unit_id = c.unit_id
CROSS JOIN LATERAL (SELECT coalesce(p.stamp = s.stamp AND p.layout = decode($5, 'hex'), false) AS packed) now
WHERE c.campaign = $1 AND c.year = $2::integer AND ($4::text IS NULL OR c.group_name = $4)
  AND c.unit_id = ANY (ARRAY(SELECT u::uuid FROM jsonb_array_elements_text($3::jsonb) u))
ORDER BY c.unit_id

-- name: facts_claim
-- One packer at a time over all instances.
SELECT pg_try_advisory_xact_lock(7468696477)

-- name: facts_stale
WITH stale AS (SELECT unit_id, stamp FROM unit_stamps WHERE packed <> stamp ORDER BY unit_id LIMIT 50)
SELECT stale.unit_id, stale.stamp, c.campaign, c.year, r.sha256,
       CASE WHEN r.sha256 IS NOT NULL THEN unit_own_snapshot(c.campaign, c.year, c.unit_id)::text END
FROM stale LEFT JOIN contestants c ON c.unit_id = stale.unit_id
LEFT JOIN campaigns k ON k.code = c.campaign
LEFT JOIN criteria_sets r ON r.name = k.criteria_name AND r.version = k.criteria_version AND r.published_at IS NOT NULL
ORDER BY stale.unit_id

-- name: facts_keep
INSERT INTO packed_facts (campaign, year, unit_id, stamp, layout, facts)
VALUES ($1, $2::integer, $3::uuid, $4::bigint, decode($5, 'hex'), $6::bytea)
ON CONFLICT (campaign, year, unit_id) DO UPDATE SET stamp = EXCLUDED.stamp, layout = EXCLUDED.layout, facts = EXCLUDED.facts

-- name: facts_packed
-- Never waits for a writer, whose unit stays to be packed: whoever waited would hold up the writers of its other units.
UPDATE unit_stamps SET packed = $2::bigint
WHERE unit_id = (SELECT unit_id FROM unit_stamps WHERE unit_id = $1::uuid FOR NO KEY UPDATE SKIP LOCKED)
RETURNING unit_id

-- name: facts_left
SELECT count(*) FROM unit_stamps WHERE packed <> stamp

-- name: facts_campaign_rules
SELECT k.code, r.sha256 FROM campaigns k
JOIN criteria_sets r ON r.name = k.criteria_name AND r.version = k.criteria_version AND r.published_at IS NOT NULL

-- name: facts_repack
-- Packed by other declarations, or by those of an earlier schema: shall be looked at again.
UPDATE unit_stamps s SET packed = -1 FROM packed_facts p
WHERE p.campaign = $1 AND p.layout <> decode($2, 'hex') AND s.unit_id = p.unit_id AND s.packed <> -1

-- name: facts_compare
-- Packed facts that count as those of now, beside what they should be.
SELECT p.campaign, p.year, p.unit_id, r.sha256, encode(p.layout, 'hex'), encode(p.facts, 'hex'),
       unit_own_snapshot(p.campaign, p.year, p.unit_id)::text
FROM packed_facts p JOIN unit_stamps s ON s.unit_id = p.unit_id AND s.stamp = p.stamp
JOIN campaigns k ON k.code = p.campaign
JOIN criteria_sets r ON r.name = k.criteria_name AND r.version = k.criteria_version AND r.published_at IS NOT NULL
WHERE (p.campaign, p.year, p.unit_id) > ($1, $2::integer, $3::uuid)
ORDER BY p.campaign, p.year, p.unit_id LIMIT 500
