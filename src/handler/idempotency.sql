-- name: idempotency_claim_new guard (caller, key) -> is_new bool
-- Fails where the key is known: of what travels with it nothing is run, and nothing of it waits for a copy that is still under way.
SELECT (claimed AND (before).status IS NULL) OR refuse('idempotency_key_known') AS is_new FROM idempotency_claim(:caller, :key)

-- name: idempotency_claim_key one (caller, key, fingerprint, roles int, unit) ->
--     claimed, same, visible, status, content_type, etag, location, cache_control, sealed, body bytes
-- Not claimed: a copy of the request is still under way. No status: nothing is kept of it. Not visible: the caller has lost a role since, or acts
-- for another unit, or a unit that the answer is about is no longer below the caller's.
SELECT claimed::text, ((before).fingerprint = decode(:fingerprint, 'hex'))::text AS same,
       ((before).roles & ~:roles::integer = 0 AND (before).unit IS NOT DISTINCT FROM :unit::uuid
        AND NOT EXISTS (SELECT FROM unnest((before).about) u WHERE NOT unit_within(u, :unit::uuid)))::text AS visible, (before).status::text AS status, (before).content_type,
       (before).etag, (before).location, (before).cache_control, (before).sealed::text AS sealed, (before).body
FROM idempotency_claim(:caller, :key)

-- name: idempotency_confirm later ()
-- The answer of before may be seen although PostgreSQL was cut off while it waited for a synchronous standby. The end of a transaction that
-- writes waits until the standby has this, and all before it.
SELECT FROM pg_logical_emit_message(true, 'thidua', '')

-- name: idempotency_keep_answer later (caller, key, fingerprint, roles int, unit, request_id, status int, content_type, etag, location, cache_control, sealed bool, body bytes)
-- What the answer is about stands in the journal, not sealed yet: this transaction has just written it.
INSERT INTO idempotency_answers
    (caller, key, fingerprint, roles, unit, about, expires_at, status, content_type, etag, location, cache_control, sealed, body)
VALUES (:caller, :key, decode(:fingerprint, 'hex'), :roles::integer, :unit::uuid,
        CASE WHEN has_role(:roles::integer, 'unit') AND NOT may_read_restricted(:roles::integer) THEN ARRAY(
            SELECT DISTINCT j.unit_id FROM journal j WHERE j.seq IS NULL AND j.request_id = :request_id AND unit_within(j.unit_id, :unit::uuid)) ELSE '{}' END,
        clock_now() + interval '24 hours', :status::integer, :content_type, :etag, :location, :cache_control, :sealed::boolean, :body)
ON CONFLICT ON CONSTRAINT idempotency_answers_pkey DO UPDATE SET
    fingerprint = excluded.fingerprint, roles = excluded.roles, unit = excluded.unit, about = excluded.about, expires_at = excluded.expires_at, status = excluded.status,
    content_type = excluded.content_type, etag = excluded.etag, location = excluded.location,
    cache_control = excluded.cache_control, sealed = excluded.sealed, body = excluded.body

-- name: idempotency_forget session (most int) -> key
-- Those whose time is over. One row for each that was forgotten.
DELETE FROM idempotency_answers WHERE (caller, key) IN (
    SELECT caller, key FROM idempotency_answers WHERE expires_at <= clock_now() ORDER BY expires_at LIMIT :most::integer FOR NO KEY UPDATE SKIP LOCKED)
RETURNING key
