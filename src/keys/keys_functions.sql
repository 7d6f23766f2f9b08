-- Access keys.

CREATE OR REPLACE FUNCTION key_in_force(k keys) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_now()) $$;
COMMENT ON FUNCTION key_in_force IS 'Neither revoked nor expired: it opens the service, and its webhooks are sent to.';

CREATE OR REPLACE FUNCTION key_json(k keys) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object('id', k.id, 'name', k.name, 'roles', k.roles, 'unit_id', k.unit_id, 'unit_label', unit_label(k.unit_id, today()),
        'created_at', k.created_at, 'created_by', k.created_by, 'expires_at', k.expires_at, 'revoked_at', k.revoked_at,
        'generation', k.generation, 'previous_until', k.previous_until,
        'last_used_at', (SELECT u.last_used_at FROM key_uses u WHERE u.key_id = k.id));
END $$;
COMMENT ON FUNCTION key_json IS 'A key as callers see it: never a secret, nor its hash.';
