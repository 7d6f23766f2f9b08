-- name: journal_seal session () -> sealed int, remaining int, resumed int
-- `resumed`: the number with which the journal of a copy went on; else 0.
SELECT sealed, remaining, coalesce(resumed, 0) AS resumed FROM journal_seal_batch()

-- name: journal_restored session ()
-- Under the sealer's lock, so that a batch under way does not write over it.
WITH held AS MATERIALIZED (SELECT pg_advisory_xact_lock(7468696476)) UPDATE installation SET lineage = '' FROM held

-- name: journal_chain session (after int) -> seq int, hash, row, previous int
-- The chain from a number on, for `thidua verify`. `previous`: which number has to stand before it. `row` is what journal_canonical() makes,
-- written out: whoever may edit the journal may edit that function too, and it would go on showing what stood there before. Nor may one of
-- theirs be called in place of PostgreSQL's, as where it fits the arguments better, or is the cast to text.
SELECT seq, coalesce(encode(hash, 'hex'), '') AS hash,
       pg_catalog.concat(pg_catalog.jsonb_build_array(j.seq, pg_catalog.to_char(j.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || CASE WHEN j.at < '0001-01-01Z' THEN ' BC' ELSE '' END, j.actor_kind, j.actor_key, j.actor_generation,
           j.actor_name, j.actor_roles, j.actor_unit, j.request_id, j.type, j.resource, j.campaign, j.year, j.unit_id,
           j.restricted, j.reason, j.before, j.after), CASE WHEN j.before = 'null' THEN ' before' END,
           CASE WHEN j.after = 'null' THEN ' after' END, CASE WHEN j.actor_roles::text LIKE '[%' THEN ' roles' END) AS row,
       CASE WHEN type <> 'journal.resumed' THEN seq - 1 WHEN before ->> 'seq' ~ '^[0-9]{1,18}$' THEN (before ->> 'seq')::bigint ELSE -1 END AS previous
FROM journal j WHERE seq > :after::bigint ORDER BY seq LIMIT 1000

-- name: journal_counts session (through int) -> unsealed int, numbered int, first_stray int
-- `first_stray`: the lowest number that is none of a chain, or that two rows have.
SELECT count(*) FILTER (WHERE seq IS NULL) AS unsealed, count(*) FILTER (WHERE seq <= :through::bigint) AS numbered,
       (SELECT coalesce(min(s.seq), 0) FROM (SELECT seq FROM journal WHERE seq <= :through::bigint GROUP BY seq HAVING seq < 1 OR count(*) > 1) s) AS first_stray
FROM journal

-- name: journal_end session () -> seq int, hash
SELECT seq, encode(hash, 'hex') AS hash FROM journal WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1

-- name: journal_list read (?after, ?type, ?unit_id, ?campaign, ?year, ?resource, ?limit, ?cursor) -> body, version, next
WITH page AS (
    SELECT j.seq, journal_json(j) AS item FROM journal j
    WHERE j.seq > greatest(journal_place('journal_cursor', (cursor_key(:cursor))[1]), journal_place('journal_after', :after), 0)
      AND (:type::text IS NULL OR j.type = :type)
      AND (:unit_id::uuid IS NULL OR j.unit_id = :unit_id::uuid)
      AND (:campaign::text IS NULL OR j.campaign = :campaign)
      AND (:campaign::text IS NULL OR (SELECT campaign_known('campaign_filter', :campaign)))
      AND (:year::integer IS NULL OR j.year = :year::integer)
      AND (:resource::text IS NULL OR j.resource = :resource)
    ORDER BY CASE WHEN :type::text IS NULL AND :unit_id::uuid IS NULL AND :year::integer IS NULL AND :resource::text IS NULL THEN j.seq END, j.seq NULLS FIRST LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY seq) FROM page),
                        (SELECT cursor_of(seq::text) FROM (SELECT * FROM page ORDER BY seq OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer)

-- name: journal_list_newest read (?after, ?type, ?unit_id, ?campaign, ?year, ?resource, ?limit, ?cursor) -> body, version, next
-- The same from its end. Both bounds are for the index, and `after` is always the lower one.
WITH page AS (
    SELECT j.seq, journal_json(j) AS item FROM journal j
    WHERE j.seq > coalesce(journal_place('journal_after', :after), 0)
      AND j.seq < coalesce(journal_place('journal_cursor', (cursor_key(:cursor))[1]), 9223372036854775807)
      AND (:type::text IS NULL OR j.type = :type)
      AND (:unit_id::uuid IS NULL OR j.unit_id = :unit_id::uuid)
      AND (:campaign::text IS NULL OR j.campaign = :campaign)
      AND (:campaign::text IS NULL OR (SELECT campaign_known('campaign_filter', :campaign)))
      AND (:year::integer IS NULL OR j.year = :year::integer)
      AND (:resource::text IS NULL OR j.resource = :resource)
    ORDER BY CASE WHEN :type::text IS NULL AND :unit_id::uuid IS NULL AND :year::integer IS NULL AND :resource::text IS NULL THEN j.seq END DESC, j.seq DESC NULLS LAST LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY seq DESC) FROM page),
                        (SELECT cursor_of(seq::text) FROM (SELECT * FROM page ORDER BY seq DESC OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer)

-- name: journal_head read () -> body
SELECT json_build_object(
    'seq', coalesce(max(seq), 0),
    'hash', (SELECT encode(hash, 'hex') FROM journal WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1),
    'unsealed', (SELECT count(*) FROM journal WHERE seq IS NULL))::text
FROM journal
