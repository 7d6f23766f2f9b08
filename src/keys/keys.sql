-- name: key_find quick
SELECT id, array_to_string(roles, ' '), unit_id, name, floor(extract(epoch FROM
    least(expires_at, CASE WHEN hash <> decode($1, 'hex') THEN previous_until END) - clock_now()))::bigint
FROM keys
WHERE (hash = decode($1, 'hex') OR (previous_hash = decode($1, 'hex') AND previous_until > clock_now()))
  AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_now())

-- name: token_unit quick
SELECT true FROM units WHERE id = $1::uuid

-- name: key_create
INSERT INTO keys (hash, name, roles, unit_id, expires_at, created_by)
SELECT decode($1, 'hex'), name, roles, unit_id,
       CASE WHEN expires_at > clock_now() OR expires_at IS NULL OR refuse('keys_expired_already') THEN expires_at END, $3::uuid
FROM jsonb_to_record($2::jsonb) AS b(name text, roles text[], unit_id uuid, expires_at timestamptz)
RETURNING id, version, key_json(keys)::text

-- name: key_get read ({id}) -> body, version
SELECT key_json(k)::text, k.version FROM keys k WHERE id = :id::uuid

-- name: key_list read (?cursor, ?limit) -> body, version, next
WITH page AS (
    SELECT k.created_at, k.id, key_json(k) AS item FROM keys k
    WHERE :cursor::text IS NULL OR (k.created_at, k.id) > ((cursor_key(:cursor))[1]::timestamptz, (cursor_key(:cursor))[2]::uuid)
    ORDER BY k.created_at, k.id LIMIT :limit::integer + 1)
SELECT * FROM page_json((SELECT array_agg(item ORDER BY created_at, id) FROM page),
                        (SELECT array_agg(cursor_of(created_at::text, id::text) ORDER BY created_at, id) FROM page),
                        :limit::integer)

-- name: key_revoke
UPDATE keys SET revoked_at = coalesce(revoked_at, clock_now()), version = version + 1
WHERE id = $1::uuid RETURNING version, key_json(keys)::text, pg_notify('thidua', 'keys')

-- name: key_lock
SELECT version, key_json(k)::text, k.revoked_at IS NULL FROM keys k WHERE id = $1::uuid FOR UPDATE

-- name: key_used
-- $1: key → milliseconds since. Of several instances the latest use stands; rows are locked in one order, so that none waits in a ring.
WITH held AS (
    SELECT k.id, clock_now() - u.value::bigint * interval '1 millisecond' AS at
    FROM jsonb_each_text($1::jsonb) u JOIN keys k ON k.id = u.key::uuid ORDER BY k.id FOR NO KEY UPDATE OF k)
UPDATE keys k SET last_used_at = held.at FROM held
WHERE k.id = held.id AND (k.last_used_at IS NULL OR k.last_used_at < held.at)

-- name: key_rotate
UPDATE keys SET previous_hash = hash, previous_until = clock_now() + make_interval(hours => coalesce($3::integer, 24)),
                hash = decode($2, 'hex'), version = version + 1
WHERE id = $1::uuid RETURNING version, key_json(keys)::text, pg_notify('thidua', 'keys')
