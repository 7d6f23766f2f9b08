-- name: idempotency_claim_key
-- Held to the end of the transaction; a copy of the request that is still under way has it.
SELECT pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 7468696471))

-- name: idempotency_find binary
-- A statement of its own after the claim, so that its snapshot shows what the holder before committed.
SELECT (fingerprint = decode($3, 'hex'))::text, status::text, content_type, etag, location, cache_control, sealed::text, body
FROM idempotency_answers WHERE caller = $1 AND key = $2 AND expires_at > clock_now()

-- name: idempotency_keep_answer
WITH swept AS (
    DELETE FROM idempotency_answers WHERE (caller, key) IN (
        SELECT caller, key FROM idempotency_answers WHERE expires_at <= clock_now() AND (caller, key) <> ($1, $2)
        ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED))
INSERT INTO idempotency_answers
    (caller, key, fingerprint, expires_at, status, content_type, etag, location, cache_control, sealed, body)
VALUES ($1, $2, decode($3, 'hex'), clock_now() + interval '24 hours', $4::integer, $5, $6, $7, $8, $9::boolean, $10)
ON CONFLICT ON CONSTRAINT idempotency_answers_pkey DO UPDATE SET
    fingerprint = excluded.fingerprint, expires_at = excluded.expires_at, status = excluded.status,
    content_type = excluded.content_type, etag = excluded.etag, location = excluded.location,
    cache_control = excluded.cache_control, sealed = excluded.sealed, body = excluded.body
