-- name: webhook_get read ({id}, @key, @operators) -> body, version
SELECT webhook_json(w, :key::uuid)::text, w.version FROM webhooks w WHERE w.id = :id::uuid AND webhook_visible(w, :key::uuid, :operators::boolean)

-- name: webhook_list read (@key, @operators, ?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT w.created_at, w.id, webhook_json(w, :key::uuid) AS item FROM webhooks w
    WHERE webhook_visible(w, :key::uuid, :operators::boolean)
      AND (:cursor::text IS NULL OR (w.created_at, w.id) > ((cursor_key(:cursor))[1]::timestamptz, (cursor_key(:cursor))[2]::uuid))
    ORDER BY w.created_at, w.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY created_at, id) FROM page),
                        (SELECT cursor_of(created_at::text, id::text) FROM (SELECT * FROM page ORDER BY created_at, id OFFSET :limit::integer - 1 LIMIT 1) last),
                        :limit::integer)

-- name: webhook_owner maybe (key) -> webhooks int
-- Callers with a token have no row: nothing would say when their webhook has to end.
SELECT (SELECT count(*) FROM webhooks w WHERE w.owner = k.id) AS webhooks FROM keys k WHERE k.id = :key::uuid FOR NO KEY UPDATE

-- name: webhook_create one (body, owner, secret_key) -> id, version, json, told, generation
INSERT INTO webhooks (owner, url, description, types, campaign, unit_id, secret_key, position)
SELECT :owner::uuid, b.url, b.description, b.types, b.campaign, b.unit_id, :secret_key, least(coalesce(b.after, head.seq), head.seq)
FROM jsonb_to_record(:body::jsonb) AS b(url text, description text, types text[], campaign text, unit_id uuid, after bigint),
     (SELECT coalesce(max(seq), 0) AS seq FROM journal) head
RETURNING id, version, webhook_json(webhooks, :owner::uuid)::text AS json, webhook_json(webhooks, NULL)::text AS told, generation

-- name: webhook_lock one (id, owner, any bool) -> version, told, own bool, generation
-- `told`: as the journal keeps it.
SELECT version, webhook_json(w, NULL)::text AS told, owner = :owner::uuid AS own, generation FROM webhooks w
WHERE id = :id::uuid AND webhook_visible(w, :owner::uuid, :any::boolean) FOR UPDATE

-- name: webhook_change one (id, body, reader) -> webhook_now: version, json, told
-- Whoever changes it wants it tried at once. A webhook that is GONE stays so until it is made ACTIVE again.
UPDATE webhooks w
SET version = version + 1, url = coalesce(b.body ->> 'url', url), state = coalesce(b.body ->> 'state', state),
    description = CASE WHEN b.body ? 'description' THEN b.body ->> 'description' ELSE description END,
    types = CASE WHEN b.body ? 'types' THEN
        (SELECT array_agg(t) FROM jsonb_array_elements_text(nullif(b.body -> 'types', 'null')) t) ELSE types END,
    campaign = CASE WHEN b.body ? 'campaign' THEN b.body ->> 'campaign' ELSE campaign END,
    unit_id = CASE WHEN b.body ? 'unit_id' THEN (b.body ->> 'unit_id')::uuid ELSE unit_id END,
    due_from = now(), slow = false, failures = 0, failing_since = NULL, next_attempt_at = now()
FROM (SELECT :body::jsonb AS body) b
WHERE w.id = :id::uuid RETURNING version, webhook_json(w, :reader::uuid)::text AS json, webhook_json(w, NULL)::text AS told

-- name: webhook_rotate one (id, secret_key, overlap_hours, reader) -> version, json, told, generation
UPDATE webhooks w
SET version = version + 1, generation = generation + 1, secret_key = :secret_key,
    previous_until = CASE WHEN secret_key = :secret_key THEN now() + make_interval(hours => coalesce(:overlap_hours::integer, 24)) END
WHERE w.id = :id::uuid RETURNING version, webhook_json(w, :reader::uuid)::text AS json, webhook_json(w, NULL)::text AS told, generation

-- name: webhook_delete one (id) -> id
DELETE FROM webhooks WHERE id = :id::uuid RETURNING id

-- name: webhook_hurry one (id, reader) -> webhook_now: version, json, told
UPDATE webhooks w SET next_attempt_at = now() WHERE id = :id::uuid RETURNING version, webhook_json(w, :reader::uuid)::text AS json, webhook_json(w, NULL)::text AS told

-- name: delivery_list read ({id}, @key, @operators, ?state, ?cursor, ?limit) -> body, version, next
-- The newest first.
WITH page AS (
    SELECT d.seq, webhook_delivery_json(d) AS item FROM webhook_deliveries d
    WHERE d.webhook_id = :id::uuid AND (:state::text IS NULL OR d.state = :state)
      AND (:cursor::text IS NULL OR d.seq < (cursor_key(:cursor))[1]::bigint)
    ORDER BY d.seq DESC LIMIT :limit::integer + 1)
SELECT (page_json((SELECT array_agg(item ORDER BY seq DESC) FROM page),
                  (SELECT cursor_of(seq::text) FROM (SELECT * FROM page ORDER BY seq DESC OFFSET :limit::integer - 1 LIMIT 1) last), :limit::integer)).*
FROM webhooks w WHERE w.id = :id::uuid AND webhook_visible(w, :key::uuid, :operators::boolean)

-- name: delivery_lock one (webhook_id, seq) -> state, resend bool, json
SELECT state, resend, webhook_delivery_json(d)::text AS json FROM webhook_deliveries d
WHERE webhook_id = :webhook_id::uuid AND seq = :seq::bigint FOR NO KEY UPDATE

-- name: delivery_resend one (webhook_id, seq) -> json
UPDATE webhook_deliveries d SET state = 'PENDING', resend = true
WHERE webhook_id = :webhook_id::uuid AND seq = :seq::bigint RETURNING webhook_delivery_json(d)::text AS json

-- name: webhook_claim session (instance, lease int, secret_key, most int, most_slow int) ->
--     id, version, url, campaign, unit_id, types, generation int, previous bool, position int, failures int, slow bool, owner_roles, owner_unit
-- Webhooks with something to send. They are this instance's alone until the lease is over; then another instance may claim
-- them, as when this one was killed. The clock may be set back: then timers that were set before are over. Only those whose secrets this instance can derive and whose owner's key is in force.
WITH head AS (SELECT coalesce(max(seq), 0) AS seq FROM journal),
due AS (
    SELECT share.slow, w.* FROM (VALUES (false, :most::integer), (true, :most_slow::integer)) share(slow, most) CROSS JOIN LATERAL (
        SELECT w.id, k.roles, k.unit_id FROM webhooks w JOIN keys k ON k.id = w.owner, head
        WHERE w.slow = share.slow AND w.state = 'ACTIVE' AND w.secret_key = :secret_key
          AND (w.next_attempt_at <= now() OR w.timed_at > now() + interval '2 s')
          AND (w.leased_until IS NULL OR w.leased_until <= now() OR w.timed_at > now() + interval '2 s')
          AND key_in_force(k)
          AND (w.position < head.seq OR EXISTS (SELECT FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.resend))
        ORDER BY w.next_attempt_at, w.id LIMIT share.most FOR NO KEY UPDATE OF w SKIP LOCKED) w)
UPDATE webhooks w SET leased_by = :instance::uuid, leased_until = now() + make_interval(secs => :lease::integer)
FROM due WHERE w.id = due.id
RETURNING w.id, w.version, w.url, w.campaign, w.unit_id, array_to_string(w.types, ' ') AS types, w.generation,
          coalesce(w.previous_until > now(), false) AS previous, w.position, w.failures, due.slow,
          array_to_string(due.roles, ' ') AS owner_roles, due.unit_id AS owner_unit

-- name: webhook_resends session (webhook_id) -> seq int, type, restricted bool, campaign, unit_id, reach, resource, json
-- The first event that is to be sent again, with the columns of event_row.
SELECT seq, 'thidua.' || type AS type, restricted, campaign, j.unit_id, r.reach, resource,
       event_json(j, i.id, unit_label(j.unit_id, today()))::text AS json
FROM journal j CROSS JOIN installation i LEFT JOIN unit_reaches(ARRAY[j.unit_id]) r ON true
WHERE seq = (SELECT min(seq) FROM webhook_deliveries d WHERE d.webhook_id = :webhook_id::uuid AND d.resend)

-- name: webhook_delivered session (id, instance, seq int, status int, lease int, version, slow bool)
-- The position moves with the record of the delivery, and only for the holder of the lease. One row when the next event may
-- follow at once: nobody has changed the webhook meanwhile, and its owner's key is in force.
WITH held AS (
    UPDATE webhooks w
    SET position = greatest(position, :seq::bigint), failures = 0, failing_since = NULL, next_attempt_at = now(), slow = :slow::boolean,
        last_status = :status::integer, last_error = NULL, leased_until = now() + make_interval(secs => :lease::integer)
    WHERE w.id = :id::uuid AND w.leased_by = :instance::uuid RETURNING w.id, w.version, w.state, w.owner),
told AS (
    INSERT INTO webhook_deliveries AS d (webhook_id, seq, state, attempts, first_attempt_at, last_attempt_at, status)
    SELECT held.id, :seq::bigint, 'DELIVERED', 1, now(), now(), :status::integer FROM held
    ON CONFLICT (webhook_id, seq) DO UPDATE
    SET state = 'DELIVERED', resend = false, attempts = d.attempts + 1, last_attempt_at = now(), status = :status::integer, error = NULL,
        first_attempt_at = coalesce(d.first_attempt_at, now())),
forgotten AS (
    DELETE FROM webhook_deliveries d USING held
    WHERE d.webhook_id = held.id AND NOT d.resend AND (d.state = 'PENDING' AND d.seq < :seq::bigint OR d.state = 'DELIVERED' AND d.seq < (
        SELECT o.seq FROM webhook_deliveries o WHERE o.webhook_id = :id::uuid AND o.state = 'DELIVERED'
        ORDER BY o.seq DESC OFFSET 99 LIMIT 1)))
SELECT FROM held JOIN keys k ON k.id = held.owner
WHERE held.state = 'ACTIVE' AND held.version = :version::bigint
  AND key_in_force(k)

-- name: webhook_failed session (id, instance, seq int, status, error, pause int, pauses int, patience int, lease int, slow bool) -> parked bool
-- An event is parked when both the webhook has failed and the event has been due for as long as all pauses together: then
-- the next one has its turn. Else it is tried again after the pause (milliseconds). It is tried once before and after each pause, also where
-- the clock jumps ahead or nobody was there to try; and what a clock that was set back once noted of the future counts for nothing.
WITH overdue AS (
    SELECT w.id, w.failures >= :pauses::integer AND greatest(
        CASE WHEN w.failing_since <= now() THEN w.failing_since ELSE now() END, CASE WHEN w.due_from <= now() THEN w.due_from END,
        CASE WHEN j.at <= now() THEN j.at END) + make_interval(secs => :patience::integer) <= now() AS parked
    FROM webhooks w JOIN journal j ON j.seq = :seq::bigint WHERE w.id = :id::uuid AND w.leased_by = :instance::uuid FOR NO KEY UPDATE OF w),
held AS (
    UPDATE webhooks w
    SET failures = failures + 1, slow = :slow::boolean,
        failing_since = CASE WHEN failing_since <= now() THEN failing_since ELSE now() END,
        last_status = :status::integer, last_error = :error,
        next_attempt_at = now() + make_interval(secs => :pause::integer / 1000.0),
        leased_until = now() + make_interval(secs => :lease::integer),
        position = CASE WHEN overdue.parked THEN greatest(position, :seq::bigint) ELSE position END
    FROM overdue WHERE w.id = overdue.id),
told AS (
    INSERT INTO webhook_deliveries AS d (webhook_id, seq, state, attempts, first_attempt_at, last_attempt_at, status, error)
    SELECT id, :seq::bigint, CASE WHEN parked THEN 'PARKED' ELSE 'PENDING' END, 1, now(), now(), :status::integer, :error FROM overdue
    ON CONFLICT (webhook_id, seq) DO UPDATE
    SET state = excluded.state, attempts = d.attempts + 1, last_attempt_at = now(), status = :status::integer, error = :error,
        first_attempt_at = coalesce(d.first_attempt_at, now()))
SELECT parked FROM overdue

-- name: webhook_resend_failed session (id, instance, seq int, status, error, slow bool)
-- A resend is one attempt: whoever asked for it sees what became of it.
WITH held AS (UPDATE webhooks w SET slow = :slow::boolean WHERE w.id = :id::uuid AND w.leased_by = :instance::uuid RETURNING w.id)
UPDATE webhook_deliveries d
SET state = 'PARKED', resend = false, attempts = attempts + 1, last_attempt_at = now(), status = :status::integer, error = :error,
    first_attempt_at = coalesce(first_attempt_at, now())
WHERE d.webhook_id = :id::uuid AND d.seq = :seq::bigint AND EXISTS (SELECT FROM held)

-- name: webhook_park session (id, instance, seq int, patience int, error) -> seq
-- An event that came due while the webhook failed, and was overdue before its turn came. One row when it was.
WITH held AS (
    UPDATE webhooks w SET position = greatest(position, :seq::bigint) FROM journal j
    WHERE w.id = :id::uuid AND w.leased_by = :instance::uuid AND j.seq = :seq::bigint
      AND greatest(w.failing_since, CASE WHEN w.due_from <= now() THEN w.due_from END, CASE WHEN j.at <= now() THEN j.at END)
          + make_interval(secs => :patience::integer) <= now() RETURNING w.id)
INSERT INTO webhook_deliveries (webhook_id, seq, state, attempts, error)
SELECT id, :seq::bigint, 'PARKED', 0, :error FROM held
ON CONFLICT (webhook_id, seq) DO UPDATE SET state = 'PARKED' RETURNING seq

-- name: webhook_gone session (id, instance, error)
-- The receiver answered 410: nothing more is sent until its owner makes it ACTIVE again. The event is not counted as sent.
WITH gone AS (
    UPDATE webhooks w
    SET state = 'GONE', version = version + 1, last_status = 410, last_error = :error, leased_by = NULL, leased_until = NULL
    WHERE w.id = :id::uuid AND w.leased_by = :instance::uuid AND w.state = 'ACTIVE' RETURNING w.*)
INSERT INTO journal (actor_kind, actor_name, actor_roles, request_id, type, resource, restricted, after)
SELECT 'SERVICE', 'thidua', '{}', 'webhooks', 'webhook.gone', '/v1/webhooks/' || gone.id, false, webhook_json(gone, NULL)::jsonb FROM gone

-- name: webhook_seen session (id, instance, seq int, lease int, version)
-- Nothing is left to do up to this number, including events that were being tried and are not wanted any more. One row when
-- it may go on, as in webhook_delivered. Like an event that was sent, what was looked through was its turn.
WITH held AS (
    UPDATE webhooks w SET position = greatest(position, :seq::bigint), next_attempt_at = greatest(next_attempt_at, now()),
        leased_until = now() + make_interval(secs => :lease::integer)
    WHERE w.id = :id::uuid AND w.leased_by = :instance::uuid RETURNING w.id, w.version, w.state, w.owner),
forgotten AS (
    DELETE FROM webhook_deliveries d USING held
    WHERE d.webhook_id = held.id AND NOT d.resend AND d.state = 'PENDING' AND d.seq <= :seq::bigint)
SELECT FROM held JOIN keys k ON k.id = held.owner
WHERE held.state = 'ACTIVE' AND held.version = :version::bigint
  AND key_in_force(k)

-- name: webhook_release session (id, instance)
UPDATE webhooks SET leased_by = NULL, leased_until = NULL WHERE leased_by = :instance::uuid AND (:id::uuid IS NULL OR id = :id::uuid)

-- name: webhook_forget session (most int) -> seq int
-- Of what was parked a webhook keeps the newest: of a receiver that is always away it would grow for ever. The feed still has
-- the events. One row for each that was forgotten. What somebody else has in hand is left for the next time: several instances forget at once,
-- and who deletes a webhook takes its deliveries in an order of their own.
DELETE FROM webhook_deliveries WHERE (webhook_id, seq) IN (
    SELECT d.webhook_id, d.seq FROM webhooks w CROSS JOIN LATERAL (
        SELECT o.seq FROM webhook_deliveries o WHERE o.webhook_id = w.id AND o.state = 'PARKED' ORDER BY o.seq DESC OFFSET :most::integer LIMIT 1) past
    JOIN webhook_deliveries d ON d.webhook_id = w.id AND d.state = 'PARKED' AND NOT d.resend AND d.seq <= past.seq
    FOR UPDATE OF d SKIP LOCKED)
RETURNING seq

-- name: webhook_gauges session (secret_key) -> parked int, lag int, lag_seconds int, of_other_key int
-- Numbers that a journal.resumed has passed over are no events. What is parked is found by the webhooks, and not among all that was delivered.
WITH slowest AS (
    SELECT min(w.position) AS position FROM webhooks w JOIN keys k ON k.id = w.owner WHERE w.state = 'ACTIVE' AND key_in_force(k))
SELECT (SELECT coalesce(sum(d.parked), 0)::bigint FROM webhooks w CROSS JOIN LATERAL (
           SELECT count(*) AS parked FROM webhook_deliveries WHERE webhook_id = w.id AND state = 'PARKED' OFFSET 0) d) AS parked,
       greatest(coalesce((SELECT max(seq) FROM journal) - (SELECT position FROM slowest), 0)
                - (SELECT coalesce(sum((r.after ->> 'seq')::bigint - (r.before ->> 'seq')::bigint - 1), 0)
                   FROM journal r JOIN slowest s ON r.type = 'journal.resumed' AND r.seq > s.position), 0)::bigint AS lag,
       coalesce((SELECT greatest(extract(epoch FROM clock_now() - j.at), 0)::bigint
                 FROM slowest s, LATERAL (SELECT at FROM journal WHERE seq > s.position ORDER BY seq LIMIT 1) j), 0) AS lag_seconds,
       (SELECT count(*) FROM webhooks WHERE state = 'ACTIVE' AND secret_key <> :secret_key) AS of_other_key
