-- name: rules_published session (hash) -> document, councils
SELECT document::text AS document, (facts_read -> 'councils')::text AS councils FROM criteria_sets WHERE sha256 = :hash AND published_at IS NOT NULL LIMIT 1

-- name: facts_common one (campaign, year) -> registers
SELECT register_common_states(:campaign, :year::integer)::text AS registers

-- name: facts_whole session (beside bool) -> cursor_tuple_fraction, work_mem, enable_seqscan, enable_hashjoin, jit
-- A cursor is planned for its first rows, by three indexes in random order; all rows come five times as fast by reading the
-- tables through and sorting. Where facts are read beside the writing of verdicts, what is sorted is merged with the rest: that costs
-- as much as joining by hashes before it is sorted, but the first rows come in less than half of the time. For this transaction only.
SELECT set_config('cursor_tuple_fraction', '1', true) AS cursor_tuple_fraction, set_config('work_mem', '64MB', true) AS work_mem,
       set_config('enable_seqscan', 'on', true) AS enable_seqscan,
       set_config('enable_hashjoin', CASE WHEN :beside::boolean THEN 'off' ELSE current_setting('enable_hashjoin') END, true) AS enable_hashjoin,
       set_config('jit', 'off', true) AS jit

-- name: facts_opened session () -> enable_seqscan
-- The cursor has its plan. What makes a snapshot for it looks things up again.
SELECT set_config('enable_seqscan', 'off', true) AS enable_seqscan

-- name: facts_lie session (campaign, year) -> in_order bool
-- The packer goes by units. So packed facts may lie in the order in which they are wanted, though PostgreSQL does not see it: what it
-- knows of an index is how its first column lies, in all rounds together. Here units of 64 parts of the round are looked at.
WITH lie AS (
    SELECT (p.ctid::text::point)[0] AS block, lag((p.ctid::text::point)[0]) OVER (ORDER BY part) AS before
    FROM generate_series(0, 252, 4) part
    CROSS JOIN LATERAL (SELECT ctid FROM packed_facts
                        WHERE campaign = :campaign AND year = :year::integer
                          AND unit_id >= (lpad(to_hex(part), 2, '0') || '000000-0000-0000-0000-000000000000')::uuid
                        ORDER BY unit_id LIMIT 1) p)
SELECT coalesce(avg((block >= before)::integer) > 0.9, false) AS in_order FROM lie

-- name: facts_open session (campaign, year, group, layout, rules_hash)
-- Units of the round in order, each with its packed facts, or, where those are not of now, with the snapshot itself: which of
-- both is decided in one snapshot of the database, so no write can come between. A cursor, so that a million units are joined
-- once, and never more than a page of them is in memory. Texts are made of what was sorted, and sorted is what is stored (OFFSET 0).
-- Of a unit with thousands of entries neither is in the page: it comes by facts_alone.
DECLARE round_facts NO SCROLL CURSOR FOR
SELECT x.unit_id::text, CASE WHEN x.packed AND octet_length(x.facts) <= 32768 THEN x.facts END AS facts,
       CASE WHEN x.packed OR unit_is_large(x.unit_id) THEN NULL ELSE unit_snapshot(:campaign, :year::integer, x.unit_id,
           (SELECT facts_read FROM criteria_sets WHERE sha256 = :rules_hash LIMIT 1))::text END AS snapshot,
       coalesce(x.stamp, -1)::text AS stamp, NULL::text AS mark
FROM (SELECT c.unit_id, p.facts, s.stamp, coalesce(p.stamp = s.stamp AND p.layout = decode(:layout, 'hex'), false) AS packed
      FROM contestants c
      LEFT JOIN packed_facts p ON p.campaign = :campaign AND p.year = :year::integer AND p.unit_id = c.unit_id
      LEFT JOIN unit_stamps s ON s.unit_id = c.unit_id
      WHERE c.campaign = :campaign AND c.year = :year::integer AND (:group::text IS NULL OR c.group_name = :group)
      ORDER BY c.unit_id OFFSET 0) x
ORDER BY x.unit_id

-- name: facts_open_in_order session (campaign, year, group, layout, rules_hash)
-- The same where packed facts lie in order: they are read so, and nothing waits until all of them are sorted.
DECLARE round_facts NO SCROLL CURSOR FOR
SELECT x.unit_id::text, CASE WHEN x.packed AND octet_length(x.facts) <= 32768 THEN x.facts END AS facts,
       CASE WHEN x.packed OR unit_is_large(x.unit_id) THEN NULL ELSE unit_snapshot(:campaign, :year::integer, x.unit_id,
           (SELECT facts_read FROM criteria_sets WHERE sha256 = :rules_hash LIMIT 1))::text END AS snapshot,
       coalesce(x.stamp, -1)::text AS stamp, NULL::text AS mark
FROM (SELECT c.unit_id, p.facts, s.stamp, coalesce(p.stamp = s.stamp AND p.layout = decode(:layout, 'hex'), false) AS packed
      FROM contestants c
      LEFT JOIN (SELECT * FROM packed_facts WHERE campaign = :campaign AND year = :year::integer ORDER BY unit_id OFFSET 0) p
          ON p.unit_id = c.unit_id
      LEFT JOIN unit_stamps s ON s.unit_id = c.unit_id
      WHERE c.campaign = :campaign AND c.year = :year::integer AND (:group::text IS NULL OR c.group_name = :group)
      ORDER BY c.unit_id OFFSET 0) x
ORDER BY x.unit_id

-- name: facts_page session () -> facts_row: unit_id, facts bytes, snapshot, stamp, mark
FETCH 2000 FROM round_facts

-- name: facts_close session ()
CLOSE round_facts

-- name: facts_of_round session (campaign, year, group, layout, rules_hash) -> facts_row: unit_id, facts bytes, snapshot, stamp, mark
-- The same at once, for a round that is no more than a page: by the key of each, never by reading the stamps of all units through.
-- `mark`: the unit's part of evaluations.facts_mark.
SELECT c.unit_id::text, CASE WHEN now.packed AND octet_length(p.facts) <= 32768 THEN p.facts END AS facts,
       CASE WHEN now.packed OR unit_is_large(c.unit_id) THEN NULL ELSE unit_snapshot(c.campaign, c.year, c.unit_id,
           (SELECT facts_read FROM criteria_sets WHERE sha256 = :rules_hash LIMIT 1))::text END AS snapshot,
       coalesce(s.stamp, -1)::text AS stamp, uuid_hash_extended(c.unit_id, coalesce(s.stamp, -1))::text AS mark
FROM contestants c
LEFT JOIN packed_facts p ON p.campaign = c.campaign AND p.year = c.year AND p.unit_id = c.unit_id
LEFT JOIN LATERAL (SELECT stamp FROM unit_stamps WHERE unit_id = c.unit_id LIMIT 1) s ON true
CROSS JOIN LATERAL (SELECT coalesce(p.stamp = s.stamp AND p.layout = decode(:layout, 'hex'), false) AS packed) now
WHERE c.campaign = :campaign AND c.year = :year::integer AND (:group::text IS NULL OR c.group_name = :group)
ORDER BY c.unit_id

-- name: facts_of_units session (campaign, year, units, group, layout, rules_hash) -> facts_row: unit_id, facts bytes, snapshot, stamp, mark
SELECT c.unit_id::text, CASE WHEN now.packed AND octet_length(p.facts) <= 32768 THEN p.facts END AS facts,
       CASE WHEN now.packed OR unit_is_large(c.unit_id) THEN NULL ELSE unit_snapshot(c.campaign, c.year, c.unit_id,
           (SELECT facts_read FROM criteria_sets WHERE sha256 = :rules_hash LIMIT 1))::text END AS snapshot,
       coalesce(s.stamp, -1)::text AS stamp, uuid_hash_extended(c.unit_id, coalesce(s.stamp, -1))::text AS mark
FROM contestants c
LEFT JOIN packed_facts p ON p.campaign = c.campaign AND p.year = c.year AND p.unit_id = c.unit_id
LEFT JOIN LATERAL (SELECT stamp FROM unit_stamps WHERE unit_id = c.unit_id LIMIT 1) s ON true
CROSS JOIN LATERAL (SELECT coalesce(p.stamp = s.stamp AND p.layout = decode(:layout, 'hex'), false) AS packed) now
WHERE c.campaign = :campaign AND c.year = :year::integer AND (:group::text IS NULL OR c.group_name = :group)
  AND c.unit_id = ANY (ARRAY(SELECT u::uuid FROM jsonb_array_elements_text(:units::jsonb) u))
ORDER BY c.unit_id

-- name: facts_alone session (campaign, year, unit_id, layout, rules_hash) -> facts bytes, snapshot
-- Of one unit that is too large for a page.
SELECT CASE WHEN now.packed THEN p.facts END AS facts,
       CASE WHEN now.packed THEN NULL ELSE unit_snapshot(c.campaign, c.year, c.unit_id,
           (SELECT facts_read FROM criteria_sets WHERE sha256 = :rules_hash LIMIT 1))::text END AS snapshot
FROM contestants c
LEFT JOIN packed_facts p ON p.campaign = c.campaign AND p.year = c.year AND p.unit_id = c.unit_id
LEFT JOIN LATERAL (SELECT stamp FROM unit_stamps WHERE unit_id = c.unit_id LIMIT 1) s ON true
CROSS JOIN LATERAL (SELECT coalesce(p.stamp = s.stamp AND p.layout = decode(:layout, 'hex'), false) AS packed) now
WHERE c.campaign = :campaign AND c.year = :year::integer AND c.unit_id = :unit_id::uuid

-- name: facts_claim session () -> claimed bool
-- One packer at a time over all instances.
SELECT pg_try_advisory_xact_lock(7468696477) AS claimed

-- name: facts_stale session () -> unit_id, stamp, campaign, year, rules_hash, snapshot
-- Of a large unit without its snapshots, which are read one by one (facts_alone).
-- For the rounds of a unit that are not closed: the years behind it become more and more, and whoever evaluates one of them again is served by snapshots.
WITH stale AS (SELECT unit_id, stamp FROM unit_stamps WHERE packed <> stamp ORDER BY unit_id LIMIT 50)
SELECT stale.unit_id, stale.stamp, c.campaign, c.year, r.sha256 AS rules_hash,
       CASE WHEN r.sha256 IS NOT NULL AND NOT unit_is_large(stale.unit_id) THEN unit_snapshot(c.campaign, c.year, c.unit_id, r.facts_read)::text END AS snapshot
FROM stale
LEFT JOIN (contestants c JOIN rounds o ON o.campaign = c.campaign AND o.year = c.year AND o.state <> 'CLOSED') ON c.unit_id = stale.unit_id
LEFT JOIN campaigns k ON k.code = c.campaign
LEFT JOIN criteria_sets r ON r.name = k.criteria_name AND r.version = k.criteria_version AND r.published_at IS NOT NULL
ORDER BY stale.unit_id

-- name: facts_keep session exec (campaign, year, unit_id, stamp, layout, facts bytes)
INSERT INTO packed_facts (campaign, year, unit_id, stamp, layout, facts)
VALUES (:campaign, :year::integer, :unit_id::uuid, :stamp::bigint, decode(:layout, 'hex'), :facts::bytea)
ON CONFLICT (campaign, year, unit_id) DO UPDATE SET stamp = EXCLUDED.stamp, layout = EXCLUDED.layout, facts = EXCLUDED.facts

-- name: facts_packed session (unit_id, stamp) -> unit_id
-- Never waits for a writer, whose unit stays to be packed: whoever waited would hold up the writers of its other units.
UPDATE unit_stamps SET packed = :stamp::bigint
WHERE unit_id = (SELECT unit_id FROM unit_stamps WHERE unit_id = :unit_id::uuid FOR NO KEY UPDATE SKIP LOCKED)
RETURNING unit_id

-- name: facts_left session () -> units int
SELECT count(*) AS units FROM unit_stamps WHERE packed <> stamp

-- name: facts_campaign_rules session () -> campaign, rules_hash
SELECT k.code AS campaign, r.sha256 AS rules_hash FROM campaigns k
JOIN criteria_sets r ON r.name = k.criteria_name AND r.version = k.criteria_version AND r.published_at IS NOT NULL

-- name: facts_repack session (campaign, layout)
-- Facts that other declarations packed, or those of an earlier schema, are to be packed again.
SELECT FROM facts_pack_again(ARRAY(SELECT DISTINCT p.unit_id FROM packed_facts p WHERE p.campaign = :campaign AND p.layout <> decode(:layout, 'hex')))

-- name: facts_compare session (campaign, year, unit_id) -> campaign, year, unit_id, rules_hash, layout, facts bytes, snapshot
-- Packed facts that count as those of now, beside what they should be: 500 of them, or fewer of large units.
SELECT w.campaign, w.year::text, w.unit_id::text, w.rules_hash, encode(w.layout, 'hex') AS layout, w.facts,
       unit_snapshot(w.campaign, w.year, w.unit_id, w.facts_read)::text AS snapshot
FROM (SELECT v.*, sum(octet_length(facts)) OVER (ORDER BY campaign, year, unit_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM (SELECT p.campaign, p.year, p.unit_id, p.layout, p.facts, r.sha256 AS rules_hash, r.facts_read
            FROM packed_facts p JOIN unit_stamps s ON s.unit_id = p.unit_id AND s.stamp = p.stamp
            JOIN campaigns k ON k.code = p.campaign
            JOIN criteria_sets r ON r.name = k.criteria_name AND r.version = k.criteria_version AND r.published_at IS NOT NULL
            WHERE (p.campaign, p.year, p.unit_id) > (:campaign, :year::integer, :unit_id::uuid)
            ORDER BY p.campaign, p.year, p.unit_id LIMIT 500) v) w
WHERE coalesce(w.before, 0) <= 4000000 ORDER BY w.campaign, w.year, w.unit_id
