-- When a key was last used (issue 4.1): who looks after keys sees those that nobody needs any more.

ALTER TABLE keys ADD COLUMN last_used_at timestamptz;
COMMENT ON COLUMN keys.last_used_at IS
    'Written behind by the instances, about once a minute: no act of anybody, so neither version nor journal know of it.';

CREATE OR REPLACE FUNCTION key_json(k keys) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', k.id, 'name', k.name, 'roles', k.roles, 'unit_id', k.unit_id,
        'created_at', k.created_at, 'created_by', k.created_by, 'expires_at', k.expires_at, 'revoked_at', k.revoked_at,
        'previous_until', k.previous_until, 'last_used_at', k.last_used_at)
$$;

-- README and openapi.yaml named a type of events that there never was. Whoever subscribed by them means the one that there is.
UPDATE webhooks SET version = version + 1, types = array_replace(types, 'thidua.decision.publish', 'thidua.decision.published')
WHERE 'thidua.decision.publish' = ANY (types);
