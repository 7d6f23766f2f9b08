-- name: webhook_get read ({id}, @key, @operators) -> body, version
SELECT webhook_json(w)::text, w.version FROM webhooks w WHERE w.id = :id::uuid AND (w.owner = :key::uuid OR :operators::boolean)

-- name: webhook_list read (@key, @operators, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT w.created_at, w.id, webhook_json(w) AS item FROM webhooks w
    WHERE (w.owner = :key::uuid OR :operators::boolean)
      AND (:cursor::text IS NULL OR (w.created_at, w.id) > ((cursor_key(:cursor))[1]::timestamptz, (cursor_key(:cursor))[2]::uuid))
    ORDER BY w.created_at, w.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY created_at, id) FROM page),
                        (SELECT array_agg(cursor_of(created_at::text, id::text) ORDER BY created_at, id) FROM page),
                        :limit::integer)

-- name: webhook_owner
-- Callers with a token have no row: there is nothing that would say when their webhook is to end.
SELECT (SELECT count(*) FROM webhooks w WHERE w.owner = k.id) FROM keys k WHERE k.id = $1::uuid FOR NO KEY UPDATE

-- name: webhook_create
INSERT INTO webhooks (owner, url, description, types, campaign, unit_id, secret_key, position)
SELECT $2::uuid, b.url, b.description, b.types, b.campaign, b.unit_id, $3, least(coalesce(b.after, head.seq), head.seq)
FROM jsonb_to_record($1::jsonb) AS b(url text, description text, types text[], campaign text, unit_id uuid, after bigint),
     (SELECT coalesce(max(seq), 0) AS seq FROM journal) head
RETURNING id, version, webhook_json(webhooks)::text, generation

-- name: webhook_lock
SELECT version, webhook_json(w)::text, owner = $2::uuid, generation FROM webhooks w
WHERE id = $1::uuid AND (owner = $2::uuid OR $3::boolean) FOR UPDATE

-- name: webhook_change
-- Whoever changes it wants it tried at once. What was GONE stays so until it is made ACTIVE again.
UPDATE webhooks w
SET version = version + 1, url = coalesce(b.body ->> 'url', url), state = coalesce(b.body ->> 'state', state),
    description = CASE WHEN b.body ? 'description' THEN b.body ->> 'description' ELSE description END,
    types = CASE WHEN b.body ? 'types' THEN
        (SELECT array_agg(t) FROM jsonb_array_elements_text(nullif(b.body -> 'types', 'null')) t) ELSE types END,
    campaign = CASE WHEN b.body ? 'campaign' THEN b.body ->> 'campaign' ELSE campaign END,
    unit_id = CASE WHEN b.body ? 'unit_id' THEN (b.body ->> 'unit_id')::uuid ELSE unit_id END,
    due_from = now(), failures = 0, failing_since = NULL, next_attempt_at = now()
FROM (SELECT $2::jsonb AS body) b
WHERE w.id = $1::uuid RETURNING version, webhook_json(w)::text

-- name: webhook_rotate
UPDATE webhooks w
SET version = version + 1, generation = generation + 1, secret_key = $2,
    previous_until = CASE WHEN secret_key = $2 THEN now() + make_interval(hours => coalesce($3::integer, 24)) END
WHERE w.id = $1::uuid RETURNING version, webhook_json(w)::text, generation

-- name: webhook_delete
DELETE FROM webhooks WHERE id = $1::uuid RETURNING id

-- name: webhook_hurry
UPDATE webhooks w SET next_attempt_at = now() WHERE id = $1::uuid RETURNING version, webhook_json(w)::text

-- name: delivery_list read ({id}, @key, @operators, ?state, ?cursor, ?limit) -> body, version, next
-- The newest first.
WITH page AS (
    SELECT d.seq, webhook_delivery_json(d) AS item FROM webhook_deliveries d
    WHERE d.webhook_id = :id::uuid AND (:state::text IS NULL OR d.state = :state)
      AND (:cursor::text IS NULL OR d.seq < (cursor_key(:cursor))[1]::bigint)
    ORDER BY d.seq DESC LIMIT :limit::integer + 1)
SELECT (page_json((SELECT array_agg(item ORDER BY seq DESC) FROM page),
                  (SELECT array_agg(cursor_of(seq::text) ORDER BY seq DESC) FROM page), :limit::integer)).*
FROM webhooks w WHERE w.id = :id::uuid AND (w.owner = :key::uuid OR :operators::boolean)

-- name: delivery_lock
SELECT state, resend, webhook_delivery_json(d)::text FROM webhook_deliveries d
WHERE webhook_id = $1::uuid AND seq = $2::bigint FOR UPDATE

-- name: delivery_resend
UPDATE webhook_deliveries d SET state = 'PENDING', resend = true
WHERE webhook_id = $1::uuid AND seq = $2::bigint RETURNING webhook_delivery_json(d)::text

-- name: webhook_claim
-- Webhooks with something to send, for this instance alone until the lease is over: whoever was killed meanwhile is
-- followed by another. Only those whose secrets this instance can derive, and whose owner's key is in force.
WITH head AS (SELECT coalesce(max(seq), 0) AS seq FROM journal),
due AS (
    SELECT w.id, k.roles, k.unit_id FROM webhooks w JOIN keys k ON k.id = w.owner, head
    WHERE w.state = 'ACTIVE' AND w.secret_key = $3 AND w.next_attempt_at <= now()
      AND (w.leased_until IS NULL OR w.leased_until <= now())
      AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_now())
      AND (w.position < head.seq OR EXISTS (SELECT FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.resend))
    ORDER BY w.next_attempt_at, w.id LIMIT $4::integer FOR UPDATE OF w SKIP LOCKED)
UPDATE webhooks w SET leased_by = $1::uuid, leased_until = now() + make_interval(secs => $2::integer)
FROM due WHERE w.id = due.id
RETURNING w.id, w.version, w.url, w.campaign, w.unit_id, array_to_string(w.types, ' '), w.generation,
          coalesce(w.previous_until > now(), false), w.position, w.failures, array_to_string(due.roles, ' '), due.unit_id

-- name: webhook_resends
SELECT seq, 'thidua.' || type, restricted, campaign, unit_id, unit_reach(unit_id), resource, event_json(j)::text
FROM journal j WHERE seq = (SELECT min(seq) FROM webhook_deliveries d WHERE d.webhook_id = $1::uuid AND d.resend)

-- name: webhook_delivered
-- The position moves with what is recorded, and only for whom holds the lease. One row, when the next event may follow
-- at once: nobody has changed the webhook meanwhile, and its owner's key is in force.
WITH held AS (
    UPDATE webhooks w
    SET position = greatest(position, $3::bigint), failures = 0, failing_since = NULL, next_attempt_at = now(),
        last_status = $4::integer, last_error = NULL, leased_until = now() + make_interval(secs => $5::integer)
    WHERE w.id = $1::uuid AND w.leased_by = $2::uuid RETURNING w.id, w.version, w.state, w.owner),
told AS (
    INSERT INTO webhook_deliveries AS d (webhook_id, seq, state, attempts, first_attempt_at, last_attempt_at, status)
    SELECT held.id, $3::bigint, 'DELIVERED', 1, now(), now(), $4::integer FROM held
    ON CONFLICT (webhook_id, seq) DO UPDATE
    SET state = 'DELIVERED', resend = false, attempts = d.attempts + 1, last_attempt_at = now(), status = $4::integer, error = NULL,
        first_attempt_at = coalesce(d.first_attempt_at, now())),
forgotten AS (
    DELETE FROM webhook_deliveries d USING held
    WHERE d.webhook_id = held.id AND NOT d.resend AND (d.state = 'PENDING' AND d.seq < $3::bigint OR d.state = 'DELIVERED' AND d.seq < (
        SELECT o.seq FROM webhook_deliveries o WHERE o.webhook_id = $1::uuid AND o.state = 'DELIVERED'
        ORDER BY o.seq DESC OFFSET 99 LIMIT 1)))
SELECT FROM held JOIN keys k ON k.id = held.owner
WHERE held.state = 'ACTIVE' AND held.version = $6::bigint
  AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_now())

-- name: webhook_failed
-- Parked, when both the webhook has failed and the event has been due for as long as all pauses together: then the
-- next one has its turn. Else it is tried again after the pause. Column: was it parked?
WITH overdue AS (
    SELECT w.id, greatest(coalesce(w.failing_since, now()), w.due_from, j.at) + make_interval(secs => $7::integer) <= now() AS parked
    FROM webhooks w JOIN journal j ON j.seq = $3::bigint WHERE w.id = $1::uuid AND w.leased_by = $2::uuid FOR UPDATE OF w),
held AS (
    UPDATE webhooks w
    SET failures = failures + 1, failing_since = coalesce(failing_since, now()), last_status = $4::integer, last_error = $5,
        next_attempt_at = now() + make_interval(secs => $6::integer / 1000.0),
        leased_until = now() + make_interval(secs => $8::integer),
        position = CASE WHEN overdue.parked THEN greatest(position, $3::bigint) ELSE position END
    FROM overdue WHERE w.id = overdue.id),
told AS (
    INSERT INTO webhook_deliveries AS d (webhook_id, seq, state, attempts, first_attempt_at, last_attempt_at, status, error)
    SELECT id, $3::bigint, CASE WHEN parked THEN 'PARKED' ELSE 'PENDING' END, 1, now(), now(), $4::integer, $5 FROM overdue
    ON CONFLICT (webhook_id, seq) DO UPDATE
    SET state = excluded.state, attempts = d.attempts + 1, last_attempt_at = now(), status = $4::integer, error = $5,
        first_attempt_at = coalesce(d.first_attempt_at, now()))
SELECT parked FROM overdue

-- name: webhook_resend_failed
-- A resend is one attempt, asked for by somebody who sees what became of it.
WITH held AS (SELECT FROM webhooks w WHERE w.id = $1::uuid AND w.leased_by = $2::uuid FOR UPDATE)
UPDATE webhook_deliveries d
SET state = 'PARKED', resend = false, attempts = attempts + 1, last_attempt_at = now(), status = $4::integer, error = $5,
    first_attempt_at = coalesce(first_attempt_at, now())
WHERE d.webhook_id = $1::uuid AND d.seq = $3::bigint AND EXISTS (SELECT FROM held)

-- name: webhook_park
-- What came due while the webhook failed, and was overdue before its turn came. One row, when it was.
WITH held AS (
    UPDATE webhooks w SET position = greatest(position, $3::bigint) FROM journal j
    WHERE w.id = $1::uuid AND w.leased_by = $2::uuid AND j.seq = $3::bigint
      AND greatest(w.failing_since, w.due_from, j.at) + make_interval(secs => $4::integer) <= now() RETURNING w.id)
INSERT INTO webhook_deliveries (webhook_id, seq, state, attempts, error)
SELECT id, $3::bigint, 'PARKED', 0, $5 FROM held
ON CONFLICT (webhook_id, seq) DO UPDATE SET state = 'PARKED' RETURNING seq

-- name: webhook_gone
-- The receiver answered 410: nothing more is sent until its owner makes it ACTIVE again. The event is not counted as sent.
WITH gone AS (
    UPDATE webhooks w
    SET state = 'GONE', version = version + 1, last_status = 410, last_error = $3, leased_by = NULL, leased_until = NULL
    WHERE w.id = $1::uuid AND w.leased_by = $2::uuid AND w.state = 'ACTIVE' RETURNING w.*)
INSERT INTO journal (actor_name, actor_roles, request_id, type, resource, restricted, after)
SELECT 'thidua', '{}', 'webhooks', 'webhook.gone', '/v1/webhooks/' || gone.id, false, webhook_json(gone)::jsonb FROM gone

-- name: webhook_seen
-- Nothing up to this number is left to do, also of what was being tried and is not wanted any more. One row as above, when
-- it may go on.
WITH held AS (
    UPDATE webhooks w SET position = greatest(position, $3::bigint), leased_until = now() + make_interval(secs => $4::integer)
    WHERE w.id = $1::uuid AND w.leased_by = $2::uuid RETURNING w.id, w.version, w.state, w.owner),
forgotten AS (
    DELETE FROM webhook_deliveries d USING held
    WHERE d.webhook_id = held.id AND NOT d.resend AND d.state = 'PENDING' AND d.seq <= $3::bigint)
SELECT FROM held JOIN keys k ON k.id = held.owner
WHERE held.state = 'ACTIVE' AND held.version = $5::bigint
  AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_now())

-- name: webhook_release
UPDATE webhooks SET leased_by = NULL, leased_until = NULL WHERE leased_by = $2::uuid AND ($1::uuid IS NULL OR id = $1::uuid)

-- name: webhook_gauges
SELECT (SELECT count(*) FROM webhook_deliveries WHERE state = 'PARKED'),
       coalesce((SELECT max(seq) FROM journal) - (
           SELECT min(w.position) FROM webhooks w JOIN keys k ON k.id = w.owner
           WHERE w.state = 'ACTIVE' AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_now())), 0),
       (SELECT count(*) FROM webhooks WHERE state = 'ACTIVE' AND secret_key <> $1)
