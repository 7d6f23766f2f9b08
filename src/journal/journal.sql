-- name: journal_append
INSERT INTO journal (actor_key, actor_name, actor_roles, actor_unit, request_id, type, resource, campaign, year, unit_id,
                     restricted, reason, before, after)
VALUES ($1::uuid, $2, string_to_array($3, ' '), $4::uuid, $5, $6, $7, $8, $9::integer, $10::uuid, $11::boolean, $12,
        $13::jsonb, $14::jsonb)

-- name: journal_seal
SELECT sealed, remaining FROM journal_seal_batch()

-- name: journal_chain
-- The chain from a number on, for `thidua verify`.
SELECT seq, encode(hash, 'hex'), journal_canonical(j) FROM journal j WHERE seq > $1::bigint ORDER BY seq LIMIT 1000

-- name: journal_unsealed
SELECT count(*) FROM journal WHERE seq IS NULL

-- name: journal_list read (?after, ?type, ?unit_id, ?campaign, ?year, ?resource, ?limit, ?cursor) -> body, version, next
WITH page AS (
    SELECT j.seq, journal_json(j) AS item FROM journal j
    WHERE j.seq > coalesce((cursor_key(:cursor))[1], :after, '0')::bigint
      AND (:type::text IS NULL OR j.type = :type)
      AND (:unit_id::uuid IS NULL OR j.unit_id = :unit_id::uuid)
      AND (:campaign::text IS NULL OR j.campaign = :campaign)
      AND (:year::integer IS NULL OR j.year = :year::integer)
      AND (:resource::text IS NULL OR j.resource = :resource)
    ORDER BY j.seq LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY seq) FROM page),
                        (SELECT array_agg(cursor_of(seq::text) ORDER BY seq) FROM page), :limit::integer)

-- name: journal_head read () -> body
SELECT json_build_object(
    'seq', coalesce(max(seq), 0),
    'hash', (SELECT encode(hash, 'hex') FROM journal WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1),
    'unsealed', (SELECT count(*) FROM journal WHERE seq IS NULL))::text
FROM journal
