-- name: key_find quick (hash) -> id, roles, unit_id, name, generation, seconds
-- `seconds` until it expires; NULL: never.
SELECT id, array_to_string(roles, ' ') AS roles, unit_id, name,
    CASE WHEN hash = decode(:hash, 'hex') THEN generation ELSE generation - 1 END AS generation, floor(extract(epoch FROM
    least(expires_at, CASE WHEN hash <> decode(:hash, 'hex') THEN previous_until END) - clock_now()))::bigint AS seconds
FROM keys k
WHERE (hash = decode(:hash, 'hex') OR (previous_hash = decode(:hash, 'hex') AND previous_until > clock_now()))
  AND key_in_force(k)

-- name: token_unit quick (id) -> there bool
SELECT true AS there FROM units WHERE id = :id::uuid

-- name: key_create one session (hash, body, creator) -> id, version, json
INSERT INTO keys (hash, name, roles, unit_id, expires_at, created_by)
SELECT decode(:hash, 'hex'), name, roles, unit_id,
       CASE WHEN expires_at > clock_now() OR expires_at IS NULL OR refuse('keys_expired_already') THEN expires_at END, :creator::uuid
FROM jsonb_to_record(:body::jsonb) AS b(name text, roles text[], unit_id uuid, expires_at timestamptz)
RETURNING id, version, key_json(keys)::text AS json

-- name: key_get read ({id}, @key, @operators) -> body, version
-- Its holder reads it too, to rotate it.
SELECT key_json(k)::text, k.version FROM keys k WHERE id = :id::uuid AND (id = :key::uuid OR :operators::boolean)

-- name: key_list read (?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT k.created_at, k.id, key_json(k) AS item FROM keys k
    WHERE :cursor::text IS NULL OR (k.created_at, k.id) > ((cursor_key(:cursor))[1]::timestamptz, (cursor_key(:cursor))[2]::uuid)
    ORDER BY k.created_at, k.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY created_at, id) FROM page),
                        (SELECT cursor_of(created_at::text, id::text) FROM (SELECT * FROM page ORDER BY created_at, id OFFSET :limit::integer - 1 LIMIT 1) last),
                        :limit::integer)

-- name: key_revoke one (id) -> version, json, notified
UPDATE keys SET revoked_at = clock_now(), version = version + 1
WHERE id = :id::uuid RETURNING version, key_json(keys)::text AS json, pg_notify('thidua', 'keys') AS notified

-- name: key_lock one (id) -> version, json, generation, in_force bool
SELECT version, key_json(k)::text AS json, generation, k.revoked_at IS NULL AS in_force FROM keys k WHERE id = :id::uuid FOR NO KEY UPDATE

-- name: key_used session (uses)
-- `uses`: key → milliseconds since then. Of several instances the latest use stands. Rows are locked in one order, so
-- that no two instances wait for each other.
INSERT INTO key_uses AS u (key_id, last_used_at)
SELECT k.id, clock_now() - used.value::bigint * interval '1 millisecond'
FROM jsonb_each_text(:uses::jsonb) used JOIN keys k ON k.id = used.key::uuid ORDER BY k.id
ON CONFLICT (key_id) DO UPDATE SET last_used_at = excluded.last_used_at WHERE u.last_used_at < excluded.last_used_at

-- name: key_rotate one (id, hash, overlap_hours) -> version, json, notified
-- Without an overlap the secret before it is revoked, also for what is under way (caller_lock).
UPDATE keys SET previous_hash = CASE WHEN :overlap_hours::integer = 0 THEN NULL ELSE hash END,
                previous_until = clock_now() + make_interval(hours => nullif(coalesce(:overlap_hours::integer, 24), 0)),
                hash = decode(:hash, 'hex'), generation = generation + 1, version = version + 1
WHERE id = :id::uuid RETURNING version, key_json(keys)::text AS json, pg_notify('thidua', 'keys') AS notified

-- name: caller_unit_label stream one (@unit) -> label
-- What the caller's unit is called today.
SELECT unit_label(:unit::uuid, today()) AS label
